"""Editing in a run: returns are edited by the pack's rules, every change is a row, decisions come first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.publish.reader import is_confidential
from lvshu.statistics.returns_detect import selection, suspicions
from lvshu.statistics.returns_edit import TOTAL_CELL, edit_returns, records_of
from lvshu.statistics.survey_edit import edit_survey
from tests.statistics.book import YEAR, by, rows_of, run
from tests.statistics.test_platforms import MONTHS, _line, _return

REGION = "U201|transactions|310000|total|total"


def _year(platform: str, level: float) -> list[dict[str, Any]]:
    return [row for n, month in enumerate(MONTHS, start=1) for row in _return(platform, month, level * n)]


def _spoil(rows: list[dict[str, Any]], month: str, **where: str) -> list[dict[str, Any]]:
    changed = []
    for row in rows:
        hit = row["month"] == month and all(row[name] == value for name, value in where.items())
        changed.append({**row, "amount": row["amount"] * 0.9} if hit else row)
    return changed


def test_the_wrong_region_is_found_and_put_right(engine: DuckDB) -> None:
    rows = _spoil(_year("A", 1000.0), MONTHS[4], region_code="310000")
    run(engine, {"platform_return": rows + _year("B", 500.0)})
    [change] = rows_of(engine, "edit_change")
    assert (change["record_key"], change["variable"]) == (f"A|{MONTHS[4]}", REGION)
    assert (float(change["filed_value"]), float(change["edited_value"])) == (2250.0, 2500.0)
    assert (change["rule"], change["method"], change["status"]) == ("region_sum", "deductive", "applied")
    # either region mends the sum: the one that strays from the platform's other months is taken
    assert change["solutions"] == 2
    edited = rows_of(engine, "platform_return_edited", f"month = '{MONTHS[4]}' AND region_code = '310000'")
    assert {(row["platform_uscc"], float(row["amount"]), float(row["filed_amount"])) for row in edited} == {
        ("A", 2500.0, 2250.0), ("B", 1250.0, 1250.0),
    }  # fmt: skip
    result = by(engine, "edit_rule_result", "rule")["region_sum"]
    assert (result["records"], result["failed_before"], result["failed_after"]) == (24, 1, 0)
    assert (result["changed_values"], float(result["changed_amount"])) == (1, 250.0)
    region = rows_of(engine, "platform_transaction", f"month = '{MONTHS[4]}' AND region_code = '310000'")
    assert [float(row["amount"]) for row in region] == [3750.0]
    assert "statistics.edit_changed" in {row["code"] for row in rows_of(engine, "finding")}


def test_what_people_decide_comes_before_any_rule(engine: DuckDB) -> None:
    rows = _spoil(_year("A", 1000.0), MONTHS[4], region_code="310000")
    decision = {
        "table_name": "platform_return", "record_key": f"A|{MONTHS[4]}", "variable": REGION, "value": None,
        "decided_by": "somebody", "decided_at": "2024-01-05T08:00:00Z", "note": None,
    }  # fmt: skip
    other = {**decision, "variable": "U201|transactions|000000|total|total"}
    decided = [
        {**decision, "decision_id": 1, "decision": "keep_filed"},
        {**other, "decision_id": 2, "decision": "set", "value": 1},
        {**other, "decision_id": 3, "decision": "withdraw"},
    ]
    run(engine, {"platform_return": rows, "edit_decision": decided})
    [change] = rows_of(engine, "edit_change")
    assert change["variable"] == "U201|transactions|000000|total|total"
    assert float(change["edited_value"]) == 2750.0
    decided.append({**decision, "decision_id": 4, "decision": "set", "value": 2600})
    with DuckDB() as second:
        run(second, {"platform_return": rows, "edit_decision": decided})
        changes = {row["variable"]: row for row in rows_of(second, "edit_change")}
        assert changes[REGION]["method"] == "decided"
        assert float(changes[REGION]["edited_value"]) == 2600.0
        assert float(changes["U201|transactions|000000|total|total"]["edited_value"]) == 2400.0


def test_a_form_above_the_total_comes_down_to_its_usual_share(engine: DuckDB) -> None:
    rows = _year("A", 1000.0)
    rows += [
        _line("A", month, 100.0 * n * (50 if n == 6 else 1), form="U209") for n, month in enumerate(MONTHS, 1)
    ]
    run(engine, {"platform_return": rows})
    [change] = rows_of(engine, "edit_change")
    assert change["variable"] == "U209|transactions|total|total|total"
    assert (float(change["filed_value"]), float(change["edited_value"])) == (30000.0, 600.0)
    assert (change["method"], change["rule"]) == ("expected", "u209_le_u201")


def test_a_wrong_total_is_put_right_from_its_parts(engine: DuckDB) -> None:
    rows = [
        {**row, "amount": row["amount"] * 10}
        if row["month"] == MONTHS[2]
        and row["region_code"] == row["category_code"] == row["trade_kind"] == "total"
        else row
        for row in _year("A", 1000.0)
    ]
    run(engine, {"platform_return": rows})
    [change] = rows_of(engine, "edit_change")
    assert (change["variable"], float(change["edited_value"])) == (TOTAL_CELL, 3000.0)
    month = by(engine, "platform_month", "month")[MONTHS[2]]
    assert (float(month["amount"]), float(month["lowest"]), float(month["highest"])) == (
        3000.0,
        3000.0,
        30000.0,
    )


def test_what_is_settled_or_was_not_filed_does_not_widen_the_interval(engine: DuckDB) -> None:
    rows = _year("A", 1000.0)
    for row in rows:
        parts = (row["region_code"], row["category_code"], row["trade_kind"])
        if row["month"] == MONTHS[2] and parts == ("total",) * 3:
            row["amount"] *= 10
    refused = [row for row in rows if (row["month"], row["category_code"]) != (MONTHS[5], "goods")]
    decision = {
        "decision_id": 1, "decision": "set", "table_name": "platform_return", "record_key": f"A|{MONTHS[2]}",
        "variable": TOTAL_CELL, "value": 3000.0, "decided_by": "somebody", "decided_at": "2024-01-05T08:00:00Z",
    }  # fmt: skip
    run(engine, {"platform_return": refused, "edit_decision": [decision]})
    month = by(engine, "platform_month", "month")
    for place, amount in ((2, 3000.0), (5, 6000.0)):
        row = month[MONTHS[place]]
        assert [float(row[name]) for name in ("amount", "lowest", "highest")] == [amount] * 3
    [filled] = rows_of(engine, "platform_return_edited", "filed_amount IS NULL")
    assert (filled["category_code"], float(filled["amount"]), filled["method"]) == (
        "goods",
        1500.0,
        "deductive",
    )


def test_hostile_names_in_codes_do_no_harm() -> None:
    rows = _return("A", MONTHS[2], 1000.0)
    rows += [
        {**rows[1], "region_code": "'; DROP TABLE x; --", "amount": 5.0},
        {**rows[1], "region_code": "{0}", "amount": 7.0},
    ]
    made = edit_returns(records_of(rows), [
        {"rule": "region_sum", "form": "U201", "against": "U201", "test": "regions_sum_to_total", "severity": "error",
         "text_zh": "x", "text_en": "x"}])  # fmt: skip
    assert len(made.changes) == 1


def test_suspicious_returns_are_listed_and_never_changed(engine: DuckDB) -> None:
    random = np.random.default_rng(1)
    rows: list[dict[str, Any]] = []
    for number in range(14):
        for n, month in enumerate(MONTHS):
            level = round(float(1e6 * (number + 1) * random.lognormal(0, 0.05)), 2)
            level = level / 1e4 if (number, n) == (3, 6) else level
            rows.append(_line(f"P{number:02d}", month, round(level, 2)))
    still = next(row for row in rows if (row["platform_uscc"], row["month"]) == ("P07", MONTHS[4]))
    rows = [
        {**row, "amount": still["amount"]}
        if (row["platform_uscc"], row["month"]) == ("P07", MONTHS[5])
        else row
        for row in rows
    ]
    twin = [{**row, "platform_uscc": "Q"} for row in rows if row["platform_uscc"] == "P05"]
    run(engine, {"platform_return": rows + twin})
    found = {(row["detector"], row["record_key"]) for row in rows_of(engine, "edit_suspicion")}
    assert ("unit_error", f"P03|{MONTHS[6]}") in found
    assert ("hidiroglou_berthelot", f"P03|{MONTHS[6]}") in found
    assert ("copied_series", f"Q|{MONTHS[0]}") in found
    assert {key for detector, key in found if detector == "copied_return"} == {
        f"P07|{MONTHS[5]}", *(f"Q|{month}" for month in MONTHS),
    }  # fmt: skip
    assert rows_of(engine, "edit_change") == []
    chosen = rows_of(engine, "edit_selection", "selected")
    assert f"P03|{MONTHS[7]}" in {row["record_key"] for row in chosen}
    assert all(row["left_share"] <= 0.01 for row in rows_of(engine, "edit_selection", "rank >= 100"))
    codes = {row["code"] for row in rows_of(engine, "finding")}
    assert {"statistics.edit_suspicions", "statistics.edit_selected"} <= codes
    [told] = rows_of(engine, "finding", "code = 'statistics.edit_suspicions'")
    assert "疑似单位错 1" in told["what_zh"] and "slip of unit 1" in told["what_en"]


def test_amounts_that_two_platforms_share_are_flagged(engine: DuckDB) -> None:
    rows = (
        _return("A", MONTHS[2], 12345.68)
        + _return("B", MONTHS[2], 12345.68)
        + _return("C", MONTHS[2], 777.76)
    )
    run(engine, {"platform_return": rows})
    [pair] = rows_of(engine, "platform_shared_amount")
    assert (pair["platform_uscc"], pair["other_uscc"], pair["cells"]) == ("A", "B", 7)
    assert float(pair["amount"]) == 12345.68


def test_an_amount_far_beyond_any_slip_of_unit_is_suspected() -> None:
    """10¹⁵ yuan where a month usually has 10⁶ is no slip of a unit, and outweighs the whole city."""
    cell = "U201|transactions|total|total|total"
    usual = {("P1", month): {cell: 1.1e6} for month in MONTHS[:5]}
    found = suspicions({**usual, ("P1", MONTHS[5]): {cell: 1e15}}, MONTHS[:6])
    [row] = [row for row in found if row["detector"] == "far_off"]
    assert (row["record_key"], row["value"], row["expected"]) == (f"P1|{MONTHS[5]}", 1e15, 1.1e6)
    assert not [row for row in suspicions(usual, MONTHS[:5]) if row["detector"] == "far_off"]


def test_nothing_is_suspected_of_no_returns() -> None:
    assert suspicions({}, MONTHS) == []
    assert selection({}, MONTHS) == ([], None)


def test_figures_filed_in_ten_thousands_of_yuan_are_not_suspected_for_their_zeros() -> None:
    """P files in whole 万元, Q in yuan; each has one month that is round in what it files in."""

    def cells(unit: float, *parts: int) -> dict[str, float]:
        regions = {f"U201|transactions|r{n}|total|total": part * unit for n, part in enumerate(parts)}
        return {TOTAL_CELL: sum(parts) * unit, **regions}

    even = (120_000, 450_000, 30_000)
    records = {
        (platform, month): cells(unit, *(even if at == 2 else (12_345 + at, 45_678, 9_877)))
        for platform, unit in (("P", 1e4), ("Q", 1.0))
        for at, month in enumerate(MONTHS[:4])
    }
    found = [row for row in suspicions(records, MONTHS) if row["detector"] == "implausible_total"]
    assert [row["record_key"] for row in found] == [f"P|{MONTHS[2]}", f"Q|{MONTHS[2]}"]
    assert {row["detail"] for row in found} == {
        "各部分与合计都以零结尾 / all parts and the total end in zeros"
    }


def test_the_survey_is_tested_and_missing_value_added_has_its_error(engine: DuckDB) -> None:
    random = np.random.default_rng(2)
    units = []
    for number in range(60):
        revenue = round(float(random.lognormal(12, 1)), 2)
        units.append(
            {"uscc": f"U{number:02d}", "year": YEAR, "stratum": "a", "take_all": False, "weight": 3,
             "revenue": revenue, "value_added": round(revenue * random.uniform(0.25, 0.35), 2), "industry_code": "6510"}
        )  # fmt: skip
    units[4]["value_added"] *= 1e4
    units[7]["value_added"] = None
    units[9]["value_added"] = units[9]["revenue"] * 1.2
    run(engine, {"business_survey": units})
    results = by(engine, "edit_rule_result", "rule")
    assert results["value_added_within_revenue"]["failed_before"] == 2
    assert results["value_added_within_revenue"]["failed_after"] == 2
    assert results["value_added_within_revenue"]["records"] == 59
    found = {(row["detector"], row["record_key"]): row for row in rows_of(engine, "edit_suspicion")}
    assert found[("unit_error", f"U04|{YEAR}")]["detail"] == "× 0.0001"
    [variance] = rows_of(engine, "imputation_variance")
    assert (variance["source_table"], variance["imputed_values"], variance["enters_estimate"]) == (
        "business_survey", 1, False,
    )  # fmt: skip
    assert float(variance["standard_error"]) > 0
    assert is_confidential(
        "imputation_variance"
    )  # the one imputed amount is the firm's revenue by a public share
    assert rows_of(engine, "edit_change") == []


def test_rules_of_a_bureau_that_must_hold_make_proposals() -> None:
    rule = {"rule": "within", "table_name": "business_survey", "check": "value_added <= revenue", "severity": "error",
            "tolerance": 0, "text_zh": "x", "text_en": "x"}  # fmt: skip
    values = {
        "value_added": np.array([5.0, 20, 3] + [4.0] * 20),
        "revenue": np.array([10.0, 9, 8] + [11.0] * 20),
    }
    made = edit_survey([str(n) for n in range(23)], values, ["a"] * 23, np.ones(23), [rule])
    [change] = made.changes
    assert change.record == "1"
    assert made.counts == {"within": [23, 1, 0]}


def test_a_survey_form_wholly_in_another_unit_is_suspected() -> None:
    random = np.random.default_rng(4)
    revenue = np.round(random.lognormal(16, 0.6, 60), 2)
    values = {"revenue": revenue.copy(), "value_added": np.round(revenue * random.uniform(0.2, 0.4, 60), 2)}
    for column in values.values():
        column[7] *= 1000
        column[11] /= 10_000
    made = edit_survey([str(n) for n in range(60)], values, ["a"] * 60, np.ones(60), [])
    found = {row["record_key"]: row for row in made.suspicious}
    assert set(found) == {"7", "11"}
    assert {row["detector"] for row in made.suspicious} == {"unit_error"}
    assert (found["7"]["detail"], found["11"]["detail"]) == ("× 0.001", "× 10000")


def test_imputed_months_carry_their_error(engine: DuckDB) -> None:
    rows = _year("A", 1000.0) + _year("B", 3000.0) + [r for r in _year("C", 500.0) if r["month"] != MONTHS[5]]
    run(engine, {"platform_return": rows})
    [row] = rows_of(engine, "imputation_variance")
    assert (row["indicator"], row["imputed_values"], float(row["imputed_amount"])) == (
        "platform_transactions", 1, pytest.approx(3000.0),
    )  # fmt: skip
    assert row["enters_estimate"]


def test_the_error_of_imputed_months_is_that_of_the_total(engine: DuckDB) -> None:
    """Two months of one platform and one of another: no sum of single errors, but the error that the total carries."""
    random = np.random.default_rng(3)
    rows = [
        row
        for name, size in (("A", 1000.0), ("B", 3000.0), ("C", 500.0), ("D", 2000.0), ("E", 1500.0))
        for n, month in enumerate(MONTHS, start=1)
        for row in _return(name, month, round(size * n * float(random.lognormal(0, 0.1))))
        if (name, month) not in (("C", MONTHS[5]), ("C", MONTHS[6]), ("D", MONTHS[8]))
    ]
    run(engine, {"platform_return": rows})
    [row] = rows_of(engine, "imputation_variance")
    single = [float(one["standard_error"]) for one in rows_of(engine, "platform_imputation")]
    assert row["imputations"] > 0
    where = "indicator = 'platform_transactions' AND part = 'imputation'"
    [part] = rows_of(engine, "total_error", where)
    [model] = rows_of(engine, "total_error", where.replace("imputation", "model"))
    both = float(np.hypot(part["size"], model["size"]))  # of the same draws, so to the last digit
    assert float(row["standard_error"]) == pytest.approx(both, rel=1e-6)
    assert 0.5 * np.hypot.reduce(single) < float(row["standard_error"]) < 2 * sum(single)
    told = {
        one["kind"]: one
        for one in rows_of(engine, "total_error_interval", "indicator = 'platform_transactions'")
    }
    total = max(float(one["standard_error"]) for one in told.values() if one["standard_error"] is not None)
    assert float(row["standard_error"]) == pytest.approx(total, rel=0.15)
