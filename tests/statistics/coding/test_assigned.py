"""Classes that stand in for none: people, linked records, the machine; the audit's frame; the error of false links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import query
from lvshu.engine.step import StepContext
from lvshu.linkage.false_links import FalseLinks
from lvshu.pipeline.packs import load_packs
from lvshu.statistics.coding import register
from lvshu.statistics.coding.audit import GROUPS, Draw
from lvshu.statistics.coding.linked import LinkedCodes
from lvshu.statistics.coding.methods.linear import LinearSettings
from lvshu.statistics.coding.methods.misclassification import difference_estimate
from lvshu.statistics.digital_coding import assigned_codes, coding_errors
from lvshu.statistics.digital_domain import Total
from lvshu.statistics.keys import PACKAGE
from lvshu.statistics.steps import STEPS
from tests.statistics.book import SETTINGS, fill, rows_of, run
from tests.statistics.coding.test_register import book, units

DIGITAL = ("6513", "6531")


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train a small model: few classes have texts here."""
    monkeypatch.setattr(register, "LINEAR", LinearSettings(rank=16, epochs=3, rate=0.2))


def _linked(key: str, code: str | None) -> dict[str, Any]:
    """Return a unit of the linked register."""
    return {"kind": "enterprise", "unit_id": f"E{key}", "records": 2, "source_count": 2, "first_source": "market",
            "last_source": "register", "uscc": key, "codes": 1, "industry_code": code, "born_on": date(2020, 5, 1),
            "first_seen_on": date(2023, 12, 31), "last_seen_on": date(2024, 1, 15)}  # fmt: skip


def _rate(
    value: float, basis: str = "model", error: float | None = None, scope: str = "all"
) -> dict[str, Any]:
    return {"kind": "enterprise", "source": "total", "scope": scope, "measure": "false_link_rate", "basis": basis,
            "value": value, "standard_error": error, "judged": 0, "blocking_covered": False}  # fmt: skip


def _coded(key: str, best: str | None, decision: str = "coded") -> dict[str, Any]:
    return {"uscc": key, "activity_count": 1, "main_rule": "first", "decision": decision, "best_code": best,
            "machine_code": "6210"}  # fmt: skip


def test_people_go_before_linked_records_and_these_before_the_machine(engine: DuckDB) -> None:
    named = {"name": "某", "overseas": False}
    listed = [
        {"uscc": f"U{number}", "industry_code": "3120" if number == 1 else None, **named}
        for number in range(1, 8)
    ]
    coded = [
        _coded("U2", "6513", "reviewed"), _coded("U3", "6210"), _coded("U4", "6210"), _coded("U5", "6210"),
        _coded("U6", None, "no_text"), _coded("U7", None, "no_text"),
    ]  # fmt: skip
    linked = {"U1": "6531", "U2": "6531", "U3": "6531", "U4": None, "U5": "65", "U6": "65", "U9": "6531"}
    fill(engine, "enterprise", listed)
    fill(engine, "activity_code", coded)
    fill(engine, "register_unit", [_linked(key, code) for key, code in linked.items()])
    load_packs(engine, PackLibrary.load(None), {"gbt4754_2017"})
    one = query(PACKAGE, "assigned_industry")
    engine.make(one, {}, load("assigned_industry"))
    found = {
        row["uscc"]: (row["industry_code"], row["assigned_by"])
        for row in rows_of(engine, "assigned_industry")
    }
    assert found == {
        "U2": ("6513", "reviewed"), "U3": ("6531", "linked"), "U4": ("6210", "machine"),
        "U5": ("6210", "machine"),  # a division is no class: it does not take the place of the machine's class
        "U6": ("65", "linked"), "U7": (None, "none"),
        "U9": ("6531", "linked"),  # its row of the list waits in quarantine
    }  # fmt: skip
    outside = {row["uscc"] for row in rows_of(engine, "assigned_industry", "linked_class IS NOT NULL")}
    assert outside == {"U2", "U3", "U9"}, "whether a unit is in the audit's frame does not depend on a review"


@pytest.mark.parametrize("table", ["assigned_industry", "digital_survey_class", "derived_cell"])
def test_one_text_serves_both_engines(table: str) -> None:
    one = query(PACKAGE, table)
    texts = {engine: one.rendered({"year": 2023}, engine) for engine in ("duckdb", "spark")}
    for text in texts.values():
        assert ("linked_class" if table == "assigned_industry" else "assigned_industry") in text
    if table != "assigned_industry":
        assert set(one.tables_read) == {"assigned_industry", "business_survey", "enterprise"}


def test_audited_units_that_have_a_linked_code_correct_nothing(engine: DuckDB) -> None:
    """40 of 60 units without a code have that of a linked record; the audit of 30 knew nothing of it."""
    rows, truth = units()
    keys = sorted(truth)
    linked, drawn = set(keys[:40]), keys[::2]
    audit = [
        {"uscc": key, "stratum": "all", "stratum_units": len(truth),
         "industry_code": "6513" if key in linked or at % 5 == 0 else truth[key]}
        for at, key in enumerate(drawn)
    ]  # fmt: skip
    tables = {
        "enterprise": rows, "coding_audit": audit, "link_quality": [_rate(0.001)],
        "register_unit": [_linked(key, truth[key]) for key in sorted(linked)],
    }  # fmt: skip
    book(engine, tables)
    sample = {row["uscc"]: row for row in rows_of(engine, "coding_error_sample")}
    assert {key for key, row in sample.items() if row["in_frame"]} == set(drawn) - linked
    assert {key for key, row in sample.items() if row["linked_code"]} == set(drawn) & linked
    machine = {row["uscc"]: row["machine_code"] for row in rows_of(engine, "activity_code")}
    left = [one for one in audit if one["uscc"] not in linked]
    away = sum((one["industry_code"] in DIGITAL) - (machine[one["uscc"]] in DIGITAL) for one in left)
    found = {row["estimator"]: row for row in rows_of(
        engine, "coded_total", "measure = 'units' AND group_code = 'full'")}  # fmt: skip
    stated = sum(row["industry_code"] in DIGITAL for row in rows) + sum(
        truth[key] in DIGITAL for key in linked
    )
    coded = sum(machine[key] in DIGITAL for key in truth if key not in linked)
    assert float(found["as_coded"]["value"]) == stated + coded
    assert float(found["difference"]["value"]) == pytest.approx(stated + coded + 2 * away)
    assert away, "the audit of the others says something"
    handed = rows_of(engine, "industry_code_replicate", "replicate = 0 AND decision = 'coded'")
    share = {row["true_code"]: row["share"] for row in handed}
    wrong = sum(one["industry_code"] != machine[one["uscc"]] for one in left)
    assert share["as_coded"] == pytest.approx(1 - wrong / len(left)), (
        "linked units say nothing of machine codes"
    )
    [told] = rows_of(engine, "finding", "code = 'coding.assigned'")
    assert "linked unit of another source gives it for 40, the machine for 20" in told["what_en"]
    [told] = rows_of(engine, "finding", "code = 'coding.audit_linked'")
    assert told["severity"] == "warning" and told["amount"] > 0, "people had found other classes"


def _draw(rows: Sequence[dict[str, Any]], strata: dict[str, int]) -> Draw:
    return Draw("", "2023-12", tuple(rows), strata, None)


def test_the_correction_of_what_the_machine_still_codes_is_unbiased() -> None:
    """Of two strata a part has a linked code since; corrections average to the error of the other units alone."""
    random = np.random.default_rng(5)
    population: list[dict[str, Any]] = []
    for stratum, size in (("a", 40), ("b", 15)):
        for _ in range(size):
            linked = random.random() < 0.5
            true, coded = random.choice(GROUPS, 2, p=[0.3, 0.1, 0.6])
            population.append({
                "stratum": stratum, "true_group": str(true), "coded_group": str(coded), "persons": 1,
                "code_known": True, "in_frame": not linked, "linked_code": "6513" if linked else None,
            })  # fmt: skip
    open_ = [row for row in population if row["in_frame"]]
    wanted = [sum((row["true_group"] == g) - (row["coded_group"] == g) for row in open_) for g in GROUPS]
    assert any(wanted)
    sizes = {"a": 40, "b": 15}
    own = {name: [row for row in population if row["stratum"] == name] for name in sizes}
    corrections = []
    for _ in range(4000):
        drawn = [
            own[name][at]
            for name, count in (("a", 12), ("b", 5))
            for at in random.choice(sizes[name], count, False)
        ]
        sample = _draw(drawn, sizes).audit("units", own=True)
        corrections.append(difference_estimate(np.zeros(3), sample, np.zeros((0, len(drawn)))).value)
    error = np.std(corrections, axis=0) / 4000**0.5
    assert np.abs(np.mean(corrections, axis=0) - wanted).max() <= 4 * error.max()


def test_linked_units_carry_the_error_of_false_links_and_none_of_the_audit(engine: DuckDB) -> None:
    """Another source states half of 40 surveyed units without a code; the audit, all wrong, is of the others."""
    rows, truth = units(waiting=80)
    keys = sorted(truth)
    audit = [
        {
            "uscc": key,
            "stratum": "s",
            "stratum_units": 80,
            "industry_code": "6210" if truth[key] in DIGITAL else "6513",
        }
        for key in keys[:40]
    ]
    survey = [
        {"uscc": key, "year": 2023, "stratum": "a", "take_all": False, "weight": 2.0, "value_added": 100.0 + n % 3,
         "district_code": "310115", "industry_code": None if n < 40 else "6513"}
        for n, key in enumerate([*keys[40:], *(row["uscc"] for row in rows[:40])])
    ]  # fmt: skip
    # what the market registry states: digital what the text says is not, and the other way round
    stated = {key: "6210" if truth[key] in DIGITAL else "6513" for key in keys[40:60]}
    extract = [
        {"source": "market", "record_id": f"M{n}", "delivered_on": date(2024, 1, 15), "uscc": key,
         "industry_code": code}
        for n, (key, code) in enumerate(stated.items())
    ]  # fmt: skip
    tables = {
        "enterprise": rows, "coding_audit": audit, "business_survey": survey, "enterprise_extract": extract,
    }  # fmt: skip
    run(engine, tables)
    by_unit = {row["uscc"]: row for row in rows_of(engine, "assigned_industry")}
    assert {key: by_unit[key]["industry_code"] for key in stated} == stated
    value = {row["uscc"]: 2 * row["value_added"] for row in survey}
    [core] = rows_of(engine, "digital_economy_account", "level = 'core'")
    machine = {row["uscc"]: row["machine_code"] for row in rows_of(engine, "activity_code")}
    codes = dict.fromkeys(value, "6513") | {key: machine[key] for key in keys[60:]} | stated
    wanted = sum(amount for key, amount in value.items() if codes[key] in DIGITAL)
    assert float(core["value_added_full"]) == pytest.approx(wanted)
    whole = [
        float(row["value_added"])
        for row in rows_of(engine, "digital_core_replicate", "definition_code = 'whole'")
    ]
    assert np.mean(whole) == pytest.approx(wanted, abs=4 * np.std(whole) / len(whole) ** 0.5)
    [row] = rows_of(engine, "digital_coding_error", "definition_code = 'whole'")
    assert float(row["machine_coded_value"]) == pytest.approx(sum(value[key] for key in keys[60:]))
    assert float(row["linked_value"]) == pytest.approx(sum(value[key] for key in stated))
    assert (row["linked_units"], row["audited"]) == (20, 40)
    assert (row["false_link_rate"], row["link_standard_error"]) == (None, None), (
        "no pair was compared: not known"
    )
    assert rows_of(engine, "finding", "code = 'coding.links_unjudged'")
    [part] = rows_of(
        engine, "total_error", "indicator = 'digital_core_value_added_whole' AND part = 'linkage'"
    )
    assert part["status"] == "not_known"
    [told] = rows_of(engine, "finding", "code = 'statistics.industry_assigned'")
    assert "another source states that of 20" in told["what_en"] and "stands in for 20" in told["what_en"]


def test_false_links_move_a_total_as_often_as_the_rate_says() -> None:
    random = np.random.default_rng(3)
    links = FalseLinks(0.05, 0.01, "clerical", ["6513", "6210", "7320"], np.array([0.2, 0.7, 0.1]))
    codes = ["6513"] * 30 + ["6210"] * 50
    value = random.lognormal(0, 1, 80)
    part = {"6513": 1.0, "6210": 0.0, "7320": 0.25}
    made = LinkedCodes.of(codes, value, links, 40_000, random)
    found = made.error(lambda classes: np.array([part[code] for code in classes]))
    mean = 0.2 + 0.025
    away = mean - np.array([part[code] for code in codes])
    assert found.correction == pytest.approx(0.05 * value @ away)
    assert found.replicates.mean() == pytest.approx(found.correction, abs=4 * found.standard_error / 200)
    assert found.replicates.std() == pytest.approx(found.standard_error, rel=0.03)
    sure = LinkedCodes.of(
        codes, value, FalseLinks(0.0, 0.0, "model", links.classes, links.shares), 10, random
    )
    assert sure.error(lambda classes: np.array([part[code] for code in classes])).standard_error == 0
    unknown = LinkedCodes.of(codes, value, None, 10, random).error(lambda classes: np.ones(len(classes)))
    assert np.isnan(unknown.standard_error) and not unknown.replicates.any()


def test_the_rate_of_false_links_that_people_judged_enters_the_error_of_the_core(engine: DuckDB) -> None:
    """No machine code is left: the error of codes is that of false links, and the audit has nothing to say."""
    survey = [
        {"uscc": f"U{n}", "stratum": "a", "take_all": False, "value_added": 100.0 + n, "weight": 2.0}
        for n in range(40)
    ]
    moments: Any = SimpleNamespace(keys=[("a", False)], raised=np.array([1.5]))
    library = PackLibrary.load(None)
    inputs = ("business_survey", "enterprise", "assigned_industry", "activity_code", "coding_error_sample",
              "link_quality", "digital_coding_error", "digital_coding_replicate", "finding")  # fmt: skip
    listed = [{"uscc": f"V{n}", "name": "某", "overseas": False, "industry_code": "6513" if n < 3 else "6210"}
              for n in range(10)]  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {
        "business_survey": [{**row, "year": 2023, "district_code": "310115"} for row in survey],
        "enterprise": listed,
        "assigned_industry": [{"uscc": row["uscc"], "industry_code": "6513", "assigned_by": "linked",
                               "linked_code": "6513", "linked_class": "6513"} for row in survey],
        "link_quality": [_rate(0.3), _rate(0.02, "clerical", 0.01), _rate(0.01, "clerical", 0.004, "between")],
    }  # fmt: skip
    for table in inputs:
        fill(engine, table, tables.get(table, []))
    step = next(one for one in STEPS if one.name == "statistics.digital_economy")
    context = StepContext(
        step=step, settings=replace(SETTINGS, replicates=4000), packs=library, engine=engine
    )
    codes = assigned_codes(context, moments)
    assert codes is not None and codes.audited is None and not codes.has_machine
    value = np.array([3.0 * row["value_added"] for row in survey])
    total = Total(Decimal(repr(float(value.sum()))), 100.0, 40.0, True)
    found = coding_errors(context, {"whole": total}, {"whole": _digital}, codes)["whole"]
    assert found.correction == pytest.approx(-0.01 * 0.7 * value.sum())
    wanted = (value**2).sum() * (0.01 * 0.7 - (0.01 * 0.7) ** 2) + (0.004 * 0.7 * value.sum()) ** 2
    assert found.link_standard_error**2 == pytest.approx(wanted)
    assert found.replicates.std() == pytest.approx(wanted**0.5, rel=0.1)
    [row] = rows_of(engine, "digital_coding_error")
    assert (row["linked_units"], row["false_link_rate"], row["audited"], row["audit_month"]) == (
        40,
        0.01,
        0,
        None,
    )
    assert float(row["machine_coded_value"]) == 0 and float(row["coding_standard_error"]) == 0
    assert float(row["standard_error"]) ** 2 == pytest.approx(100.0**2 + wanted + found.correction**2)
    [told] = rows_of(engine, "finding", "code = 'coding.core_linked'")
    assert "1 % of links are false by a sample that people judged" in told["what_en"]


def _digital(codes: list[str]) -> np.ndarray:
    return np.array([float(code in DIGITAL) for code in codes])
