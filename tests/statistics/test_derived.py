"""Derived classifications through one engine: the digital desk's numbers, ranges, wrong tables, protection."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.core.money import half_away
from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.derived_table import Derived, Listed, Node, faults
from tests.statistics.book import YEAR, lax_rules, rows_of, run
from tests.statistics.test_digital import _full_pack

VALUES = {"6511": 80.0, "6531": 20.0, "3911": 60.0, "2710": 70.0, "7320": 40.0, "5132": 15.0, "3921": 55.0}


def _survey(seed: int = 1, units: int = 260) -> list[dict[str, Any]]:
    """Return a survey with two take-some strata, districts, and some units without an answer."""
    random = np.random.default_rng(seed)
    codes = list(VALUES)
    rows = []
    for number in range(units):
        code = codes[number % len(codes)]
        large = number % 5 == 0
        value = round(VALUES[code] * 1e6 * (8 if large else 1) * float(random.uniform(0.7, 1.3)), 2)
        rows.append({
            "uscc": f"U{number:04d}", "year": YEAR, "stratum": "large" if large else f"small-{number % 2}",
            "take_all": large, "weight": 1.0 if large else 7.5, "industry_code": code,
            "value_added": None if number % 41 == 7 else value, "revenue": value * 3,
            "district_code": ("310115", "310104", "310101")[number % 3],
        })  # fmt: skip
    return rows


def _class(industry: str, of: str = "A", **more: Any) -> dict[str, Any]:
    return {
        "classification": "本地", "class_code": of, "class_name": f"类{of}", "parent_code": None,
        "industry_code": industry, "partial": False, "coefficient": None, "source": None, **more,
    }  # fmt: skip


def _expanded(code: str) -> float:
    """Return the value added of an industry class in the survey, raised for units without an answer, in CNY."""
    rows, total = _survey(), 0.0
    for stratum in {row["stratum"] for row in rows}:
        own = [row for row in rows if row["stratum"] == stratum]
        answered = [row for row in own if row["value_added"] is not None]
        factor = sum(row["weight"] for row in own) / sum(row["weight"] for row in answered)
        total += factor * sum(
            row["weight"] * row["value_added"] for row in answered if row["industry_code"] == code
        )
    return total


def _fen(value: Decimal | None) -> Decimal | None:
    """Return an amount to the fen; sums of the desk are rounded at the sixth place class by class, those here once."""
    return None if value is None else half_away(value, 2)


def _account(engine: DuckDB, where: str) -> dict[str, dict[str, Any]]:
    return {row["class_code"]: row for row in rows_of(engine, "derived_account", where)}


AREA = "district_code = 'total' AND measure = 'value_added'"


@pytest.mark.parametrize("with_coefficients", [False, True])
def test_the_digital_economy_is_the_desks_to_the_fen(
    engine: DuckDB, tmp_path: Path, with_coefficients: bool
) -> None:
    packs = _full_pack(tmp_path) if with_coefficients else None
    run(engine, {"business_survey": _survey()}, packs=packs)
    found = _account(engine, f"classification = 'digital_economy' AND {AREA}")
    desk = rows_of(engine, "digital_economy_account")
    compared = 0
    for row in desk:
        own = found["total" if row["code"] == "core" else row["code"]]
        if own["status"] == "not_established":  # no industry class is known; the desk adds nothing for it
            assert not row["sampled_units"]
            continue
        if own["status"] == "none_whole":  # the desk writes the known zero of a class without whole classes
            assert not row["value_added_full"] and own["full_value"] is None
            own |= {"full_value": row["value_added_full"], "full_standard_error": row["standard_error"]}
        else:
            assert own["status"] == row["status"], row["code"]
        assert own["sampled_units"] == row["sampled_units"]
        if own["status"] == "not_observed":  # the desk writes the known zero of a class without whole classes
            assert not row["value_added_full"]
            continue
        assert _fen(own["full_value"]) == _fen(row["value_added_full"])
        assert own["full_standard_error"] == row["standard_error"]
        if row["value_added"] is not None:
            assert own["least_value"] == own["most_value"]
            assert _fen(own["least_value"]) == _fen(row["value_added"])
            assert float(own["least_standard_error"]) == pytest.approx(
                float(row["value_added_standard_error"])
            )
            compared += row["value_added"] > 0
        elif row["value_added_full"] is not None and row["value_added_partial_upper"] is not None:
            assert _fen(own["least_value"]) == _fen(row["value_added_full"])
            assert _fen(own["most_value"]) == _fen(row["value_added_full"] + row["value_added_partial_upper"])
            compared += 1
    assert compared >= 3


def test_the_core_of_a_district_has_one_interval_in_both_tables(engine: DuckDB, tmp_path: Path) -> None:
    """A district is a part of all units, in the desk's table and in that of derived classes."""
    without_stars = [
        row for row in _survey(3, 90) if row["industry_code"] in ("6511", "3911", "2710", "5132")
    ]
    run(engine, {"business_survey": without_stars}, packs=lax_rules(tmp_path))
    own = {
        row["district_code"]: row
        for row in rows_of(
            engine, "derived_account",
            "classification = 'digital_economy' AND class_code = 'total' AND measure = 'value_added'",
        )
    }  # fmt: skip
    desk = {
        row["district_code"]: row
        for row in rows_of(engine, "digital_economy_district", "class_code = 'core' AND low IS NOT NULL")
        if row["district_code"] != "total"
    }
    assert desk
    for code, row in desk.items():
        assert float(own[code]["least_value"]) == pytest.approx(float(row["value_added"]))
        assert float(own[code]["total_standard_error"]) == pytest.approx(float(row["standard_error"]))
        for name in ("low", "high"):
            assert float(own[code][name]) == pytest.approx(float(row[name]), rel=1e-6)


def test_districts_add_up_and_measures_have_their_units(engine: DuckDB) -> None:
    rows = _survey()
    run(engine, {"business_survey": rows, "derived_class": [_class("3911"), _class("2710", "B")]})
    all_rows = rows_of(engine, "derived_account", "classification = '本地'")
    for measure in ("value_added", "revenue", "units"):
        for code in ("A", "B", "total"):
            own = [one for one in all_rows if (one["measure"], one["class_code"]) == (measure, code)]
            area = [one for one in own if one["district_code"] == "total"]
            parts = [one for one in own if one["district_code"] != "total"]
            assert len(area) == 1
            assert len(parts) == 3
            assert sum(one["full_value"] for one in parts) == pytest.approx(
                area[0]["full_value"], abs=Decimal(1)
            )
    units = next(
        one
        for one in all_rows
        if (one["measure"], one["class_code"], one["district_code"]) == ("units", "A", "total")
    )
    assert float(units["full_value"]) == sum(row["weight"] for row in rows if row["industry_code"] == "3911")
    n = {name: sum(row["stratum"] == name for row in rows) for name in ("small-0", "small-1")}
    variance = 0.0
    for name, count in n.items():
        share = sum(row["stratum"] == name and row["industry_code"] == "3911" for row in rows) / count
        variance += (1 - 1 / 7.5) * count**2 / (count - 1) * 7.5**2 * share * (1 - share)
    assert float(units["full_standard_error"]) == pytest.approx(variance**0.5, rel=1e-6)
    assert not [one for one in all_rows if one["measure"] == "employees" and one["full_value"] is not None]


def test_a_partial_class_is_a_range_and_never_whole(engine: DuckDB) -> None:
    table = [
        _class("3911"),
        _class("6511*", partial=None),
        _class("6531", "B", partial=True, coefficient=0.25, source="census"),
        _class("7320", "B", partial=True, coefficient=0.5, source="census"),
        _class("7320", "C", partial=True),
    ]
    run(engine, {"business_survey": _survey(), "derived_class": table})
    found = _account(engine, f"classification = '本地' AND {AREA}")
    software, operation, research = (_expanded(code) for code in ("6511", "6531", "7320"))
    assert found["A"]["least_value"] == found["A"]["full_value"]
    assert float(found["A"]["full_value"]) == pytest.approx(_expanded("3911"))
    assert float(found["A"]["most_value"]) == pytest.approx(_expanded("3911") + software)
    assert (found["A"]["status"], found["B"]["status"]) == ("estimated", "none_whole")
    assert (found["B"]["full_value"], found["B"]["full_standard_error"]) == (None, None)
    assert found["B"]["least_value"] == found["B"]["most_value"]
    assert float(found["B"]["least_value"]) == pytest.approx(operation / 4 + research / 2)
    assert found["C"]["least_value"] == 0
    assert float(found["C"]["most_value"]) == pytest.approx(research / 2)
    assert float(found["total"]["most_value"] - found["total"]["least_value"]) == pytest.approx(
        software + research / 2
    )
    assert found["A"]["low"] < found["A"]["least_value"] < found["A"]["most_value"] < found["A"]["high"]
    told = {row["record_key"] for row in rows_of(engine, "finding", "code = 'derived.partial_open'")}
    assert "本地" in told


def test_a_wrong_table_is_told_whole_and_left_out(engine: DuckDB) -> None:
    table = [
        _class("3911"), _class("3911", "B"), _class("9999"), _class("8888"), _class("271"),
        _class("6511", partial=True, coefficient=1.2, source="x"), _class("6531", coefficient=0.4, source="x"),
        _class("7320", partial=True, coefficient=0.7, source="x"),
        _class("7320", "B", partial=True, coefficient=0.6, source="x"),
        _class("5132", partial=True, coefficient=0.1), _class("2710", "D", parent_code="D"),
        _class("2720", "B", class_name="另名"), _class("2730", "total"),
    ]  # fmt: skip
    run(engine, {"business_survey": _survey(), "derived_class": table})
    assert not rows_of(engine, "derived_account", "classification = '本地'")
    told = {
        row["code"]: row
        for row in rows_of(engine, "finding", "record_key = '本地'")
        if row["code"].startswith("derived.")
    }
    kinds = (
        "unknown_industry", "coefficient_range", "whole_with_coefficient", "coefficient_source", "whole_twice",
        "above_one", "two_names", "circle", "reserved",
    )  # fmt: skip
    assert {f"derived.{kind}" for kind in kinds} <= set(told)
    assert all(told[f"derived.{kind}"]["severity"] == "error" for kind in kinds)
    for place in ("A/9999", "A/8888", "A/271"):
        assert place in told["derived.unknown_industry"]["what_zh"]
    assert _account(engine, f"classification = 'high_technology' AND {AREA}")


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([_class("3911"), _class("3911", "B", partial=True)], "whole_and_partial"),
        ([_class("3911", parent_code="B"), _class("6511", "B", parent_code="A")], "circle"),
        ([_class("3911", partial=True, coefficient=-0.1, source="x")], "coefficient_range"),
    ],
)
def test_single_faults(rows: list[dict[str, Any]], kind: str) -> None:
    assert [one.code for one in faults("本地", rows, {"3911", "6511"})] == [f"derived.{kind}"]


def test_what_has_no_table_has_no_figure(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey()})
    rows = rows_of(engine, "derived_account", "classification = 'three_new'")
    assert rows
    assert all(row["full_value"] is None and row["status"] == "not_established" for row in rows)
    table = [_class("3911", classification="三新")]
    run(engine, {"business_survey": _survey(), "derived_class": table})
    found = _account(engine, f"classification = 'three_new' AND {AREA}")
    assert found["A"]["full_value"] > 0
    assert found["A"]["basis"] == "own"


def test_a_star_that_the_column_contradicts_is_told_and_followed(engine: DuckDB) -> None:
    table = [
        _class("3911*", partial=False),
        _class("2710*", "B", partial=None),
        _class("2720", "C", partial=False),
    ]
    run(engine, {"business_survey": _survey(), "derived_class": table})
    [told] = rows_of(engine, "finding", "code = 'derived.star_against_column'")
    assert "A/3911*" in told["what_en"] and "2710" not in told["what_en"] and told["severity"] == "warning"
    assert "1 row of" in told["what_en"] and "A/3911*" in told["what_zh"]
    found = _account(engine, f"classification = '本地' AND {AREA}")
    assert found["A"]["full_value"] is None and found["A"]["most_value"] > 0


def test_the_digital_economy_is_not_for_the_users_table(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey(), "derived_class": [_class("2710", classification="数字经济")]})
    [row] = rows_of(engine, "finding", "code = 'derived.digital_is_a_pack'")
    assert row["severity"] == "error"
    found = _account(engine, f"classification = 'digital_economy' AND {AREA}")
    assert found["total"]["basis"] == "official"


def test_a_difference_of_two_classifications_does_not_tell_one_unit(engine: DuckDB, tmp_path: Path) -> None:
    """Two classes differ by an industry class with one unit: one of them is hidden, though each has many units."""
    lone = {
        "uscc": "LONE", "year": YEAR, "stratum": "large", "take_all": True, "weight": 1.0,
        "industry_code": "2720", "value_added": 90e6, "revenue": 1e8, "district_code": "310115",
    }  # fmt: skip
    table = [
        _class("2710"),
        *(_class(code, classification="另一", of="Z") for code in ("2710", "2720")),
    ]
    run(engine, {"business_survey": [*_survey(), lone], "derived_class": table}, packs=lax_rules(tmp_path))
    public = {
        (row["classification"], row["class_code"]): row for row in rows_of(engine, "derived_account_public")
    }
    statuses = {public["本地", "A"]["value_status"], public["另一", "Z"]["value_status"]}
    assert "suppressed" in statuses
    for row in public.values():
        assert (row["full_value"] is not None) == (row["value_status"] == "shown")
        assert (row["low"] is not None) == (row["error_status"] == "shown")
    assert any(row["value_status"] == "shown" for row in public.values())
    assert not [key for key in public if key[0] == "digital_economy"]


def test_parts_never_exceed_the_class() -> None:
    nodes = {
        "total": Node("total", "", "全部", ""),
        "A": Node("A", "total", "甲", ""),
        "B": Node("B", "total", "乙", ""),
    }
    one = Derived("x", "own", nodes, [Listed("A", "6511", True, 0.4), Listed("B", "6511", True, None)])
    assert one.least(["6511"], "total").tolist() == [0.4]
    assert one.most(["6511"], "total").tolist() == [1.0]
    assert one.most(["6511"], "A").tolist() == [0.4]
    assert one.most(["6511"], "B").tolist() == [pytest.approx(0.6)]
    assert one.full(["6511"], "total").tolist() == [0.0]


def test_a_row_in_quarantine_leaves_the_whole_classification_out(engine: DuckDB) -> None:
    def kept_out(row: int, **cells: str) -> dict[str, Any]:
        return {
            "table_name": "derived_class", "file": "own.csv", "row_number": row, "code": "intake.not_a_number",
            "reason_zh": "…", "reason_en": "…", "remedy_zh": "…", "remedy_en": "…", "raw_record": json.dumps(cells),
        }  # fmt: skip

    headings = [
        {
            "table_name": "derived_class", "file": "own.csv", "header": header, "column_name": name, "unit_from": None,
            "unit_to": None, "status": "used",
        }
        for header, name in (("分类", "classification"), ("类", "class_code"), ("行业", "industry_code"))
    ]  # fmt: skip
    rows = [_class("3911"), {**_class("2710"), "classification": "另一"}]
    lost = [kept_out(4, 分类="另一", 类="B", 行业="7320"), kept_out(2, 分类="本地", 类="A", 行业="")]
    run(
        engine,
        {"business_survey": _survey(), "derived_class": rows, "quarantine": lost, "input_column": headings},
    )
    told = [one for one in rows_of(engine, "finding") if one["code"] == "derived.rows_kept_out"]
    assert [(one["record_key"], one["severity"]) for one in told] == [("另一", "error")]
    kinds = {one["classification"] for one in rows_of(engine, "derived_account")}
    assert "另一" not in kinds and "本地" in kinds  # a row that only names a class takes nothing away


def test_a_class_above_that_differs_by_capitals_is_a_fault() -> None:
    rows = [_class("3911", "A"), _class("6511", "A1", parent_code="a")]
    assert [one.code for one in faults("本地", rows, {"3911", "6511"})] == ["derived.parent_spelt"]


def test_classes_above_without_a_row_are_told(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey(), "derived_class": [_class("3911", "A1", parent_code="99")]})
    told = rows_of(engine, "finding", "code = 'derived.parent_added'")
    assert [row["amount"] for row in told] == [None] and "99" in told[0]["what_en"]
