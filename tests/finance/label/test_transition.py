"""Transition finance: standing, checks against false transition, progress, pricing; values that are not loaded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.label_transition import (
    absolute_rise_check,
    base_year_check,
    boundary_check,
    no_change_check,
    spending_check,
)

from ..book import one, rows
from .desk import TRANSITION, desk, loan

UNIT = {"indicator": "co2_per_t", "unit": "tCO2/t"}
STEEL = {"own": {"a": "3120"}, "only": TRANSITION}


def _record(year: int, value: str, **more: Any) -> dict[str, Any]:
    return {"uscc": "U-a", **UNIT, "year": year, "indicator_value": Decimal(value), **more}


def _plan(year: int, value: str, **more: Any) -> dict[str, Any]:
    plan = {"plan_id": "P1", "uscc": "U-a", **UNIT, "year": year, "base_year": 2022}
    return {**plan, "planned_value": Decimal(value), **more}


def test_no_value_is_invented(engine: DuckDB) -> None:
    card = PackLibrary.load(None)["shanghai_transition_catalogue"]
    assert card.card.completeness == "placeholder"
    assert {row["industry"] for row in card.rows} == {"55", "31", "25", "26", "36", "56"}
    assert all(row["entry_value"] is None and row["advanced_value"] is None for row in card.rows)
    desk(engine, [loan("a")], **STEEL, transition_record=[_record(2024, "1.7")])
    assert one(engine, "transition_standing", "industry = '31'")["standing"] == "value_not_loaded"
    (told,) = rows(engine, "finding", "code = 'finance.transition_value_not_loaded'")
    assert "packs/shanghai_transition_catalogue" in told["fix_en"]


STANDINGS = {
    "best": ("1.50", "tCO2/t", "advanced"),
    "good": ("1.80", "tCO2/t", "entry_met"),
    "short": ("1.81", "tCO2/t", "below_entry"),
    "other": ("1.50", "tCO2e", "unit_differs"),
    "none": (None, None, "no_value"),
}


def test_loaded_values_are_compared(engine: DuckDB) -> None:
    listed = {"industry": "31", "name_zh": "钢", "name_en": "steel", "indicator": "co2_per_t", "indicator_zh": "x",
              "indicator_en": "x", "unit": "tCO2/t", "better": "lower", "entry_value": Decimal("1.80"),
              "advanced_value": Decimal("1.50"), "status": "established", "source": "test"}  # fmt: skip
    records = []
    for name, (value, unit, _) in STANDINGS.items():
        if value:
            records += [{**_record(2024, "9"), "uscc": f"U-{name}"}]
            records += [{**_record(2025, value), "uscc": f"U-{name}", "unit": unit}]
    desk(engine, [loan(name) for name in STANDINGS], own=dict.fromkeys(STANDINGS, "3120"), only=TRANSITION,
         transition_record=records, pack_shanghai_transition_catalogue=[listed])  # fmt: skip
    for name, (_, _, standing) in STANDINGS.items():
        row = one(engine, "transition_standing", f"indicator = 'co2_per_t' AND uscc = 'U-{name}'")
        assert (row["standing"], row["outstanding_amount"]) == (standing, Decimal("100.00")), name


def test_base_year_that_is_the_worst_of_all() -> None:
    picked = base_year_check({2020: 1.8, 2021: 1.9, 2022: 2.4, 2023: 1.8}, 2022)
    assert (picked.result, picked.measure) == ("flagged", pytest.approx(2.4 / (5.5 / 3) - 1))
    assert base_year_check({2020: 1.8, 2021: 2.5, 2022: 2.4}, 2022).result == "clear"
    assert base_year_check({2021: 1.8, 2022: 2.4}, 2022).result == "no_evidence"
    assert base_year_check({2020: 3.0, 2021: 2.0, 2022: 1.0}, 2022, lower_is_better=False).result == "flagged"


def test_intensity_down_and_total_up() -> None:
    found = absolute_rise_check({2022: 2.0, 2024: 1.8}, {2022: 1_000.0, 2024: 1_100.0}, 2022)
    assert (found.result, found.measure, found.years) == ("flagged", pytest.approx(0.1), (2022, 2024))
    assert absolute_rise_check({2022: 2.0, 2024: 1.8}, {2022: 1_000.0, 2024: 900.0}, 2022).result == "clear"
    assert absolute_rise_check({2022: 2.0, 2024: 1.8}, {2022: 0.0, 2024: 0.0}, 2022).measure is None
    assert absolute_rise_check({2022: 2.0}, {2022: 1_000.0}, 2022).result == "no_evidence"


def test_spending_boundary_and_no_change() -> None:
    assert spending_check({2023: 100.0, 2024: 100.0}, {2023: 100.0, 2024: 50.0}).measure == 0.75
    assert spending_check({2023: 0.0}, {2023: 0.0}).result == "flagged"
    assert spending_check({2023: 100.0}, {2023: 120.0}).result == "clear"
    assert spending_check({}, {2023: 1.0}).result == "no_evidence"
    assert boundary_check({2022: "一厂、二厂", 2023: "一厂、 二厂"}).result == "clear"
    assert boundary_check({2022: "一厂、二厂", 2023: "一厂"}).result == "flagged"
    assert boundary_check({2022: "一厂"}).result == "no_evidence"
    assert no_change_check({2023: 2.0, 2025: 2.1}, {2022: 2.1}, 2022).result == "flagged"
    assert no_change_check({2025: 1.9}, {2022: 2.0}, 2022).measure == pytest.approx(-0.05)
    assert no_change_check({2025: 1.9}, {}, 2022).result == "no_evidence"


def test_a_plan_with_every_sign_of_false_transition(engine: DuckDB) -> None:
    money = Decimal(100)
    records = [
        _record(2020, "1.8", boundary="一厂、二厂"), _record(2021, "1.8", boundary="一厂、二厂"),
        _record(2022, "2.4", emission=Decimal(1000), boundary="一厂、二厂"),
        _record(2024, "1.9", emission=Decimal(1300), capital_spending=Decimal(20), boundary="一厂"),
    ]  # fmt: skip
    plans = [
        _plan(2024, "2.0", planned_spending=money, boundary="一厂"),
        _plan(2026, "2.4", planned_spending=money),
    ]
    desk(engine, [loan("a")], **STEEL, transition_record=records, transition_plan=plans)
    found = {row["check_code"]: row for row in rows(engine, "transition_check")}
    assert {code: row["result"] for code, row in found.items()} == dict.fromkeys(
        ("base_year", "absolute_rise", "spending", "boundary", "no_change"), "flagged"
    )
    assert found["spending"]["measure"] == pytest.approx(0.2)
    assert len(rows(engine, "finding", "code = 'finance.transition_flagged'")) == 5
    progress = one(engine, "transition_progress", "year = 2024")
    assert (progress["actual_value"], progress["cumulative_spending_share"]) == (Decimal("1.900000"), 0.2)


def test_the_pricing_calendar(engine: DuckDB) -> None:
    def term(year: int, target: str, better: str = "lower", **more: Any) -> dict[str, Any]:
        return {"loan_id": "a", "uscc": "U-a", **UNIT, "test_year": year, "priced_on": date(year + 1, 6, 30),
                "target_value": Decimal(target), "better": better, "margin_if_met": -0.05, "margin_if_missed": 0.1,
                **more}  # fmt: skip

    terms = [term(2023, "1.9"), term(2024, "1.7"), term(2025, "1.6"), term(2022, "1.0", unit="tCO2e")]
    records = [_record(2022, "2.0"), _record(2023, "1.9"), _record(2024, "1.8")]
    desk(engine, [loan("a")], **STEEL, transition_pricing_term=terms, transition_record=records)
    found = {
        row["test_year"]: (row["result"], row["margin_change"]) for row in rows(engine, "transition_pricing")
    }
    assert found == {
        2022: ("unit_differs", None), 2023: ("met", -0.05), 2024: ("missed", 0.1), 2025: ("pending", None),
    }  # fmt: skip


def test_units_of_one_dimension_are_converted_and_others_are_told(engine: DuckDB) -> None:
    name = {"indicator": "energy_per_t"}
    records = [
        _record(2022, "0.52", **name, unit="tce/t"), _record(2023, "560", **name, unit="kgce/t"),
        _record(2024, "0.55", **name, unit="tce/t"), _record(2025, "0.545", **name, unit="tce/t"),
        _record(2021, "1.9", **name, unit="tCO2/t"),
    ]  # fmt: skip
    base = {**name, "base_year": 2023}
    plans = [_plan(2025, "540", **base, unit="kgce/t"), _plan(2030, "0.56", **base, unit="tce/t")]
    terms = [
        {"loan_id": "a", "uscc": "U-a", **name, "unit": unit, "test_year": year, "priced_on": date(2026, 6, 30),
         "target_value": Decimal(target), "better": "lower", "margin_if_met": -0.05, "margin_if_missed": 0.1}
        for year, target, unit in ((2024, "551", "kgce/t"), (2021, "1", "kgce/t"))
    ]  # fmt: skip
    desk(engine, [loan("a")], **STEEL, transition_record=records, transition_plan=plans,
         transition_pricing_term=terms)  # fmt: skip
    found = {row["check_code"]: row for row in rows(engine, "transition_check")}
    assert (found["no_change"]["result"], found["no_change"]["measure"]) == ("flagged", pytest.approx(0.0))
    assert (found["base_year"]["result"], found["base_year"]["measure"]) == (
        "flagged", pytest.approx(560 / (1615 / 3) - 1),
    )  # fmt: skip
    assert one(engine, "transition_progress", "year = 2025")["actual_value"] == Decimal(545)
    priced = {
        row["test_year"]: (row["result"], row["actual_value"]) for row in rows(engine, "transition_pricing")
    }
    assert priced == {2024: ("met", Decimal(550)), 2021: ("unit_differs", None)}
    told = one(engine, "finding", "code = 'finance.transition_plan_unit'")["what_en"]
    assert all(word in told for word in ("P1", "energy_per_t", "tCO2/t", "kgce/t", "2021"))
    assert len(rows(engine, "finding", "code = 'finance.transition_term_unit'")) == 1
    unknown = one(engine, "finding", "code = 'finance.transition_indicator_unknown'")["what_en"]
    assert "“energy_per_t” (1 plan, 5 records, 2 pricing terms)" in unknown
