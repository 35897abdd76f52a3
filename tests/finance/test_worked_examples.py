"""The worked examples of the guides, to the last digit, from ledger rows to the attributed tonne."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from lvshu.catalog import factors
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import PackError
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.attribution import attributed_emission, average_total_assets
from lvshu.finance.methods.quality import grade, weighted_score

from .account.steps import account
from .book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows

ONE = {"uscc": "E1", **ENTERPRISE}
LIMITS = (1.5, 2.0, 3.0, 4.0)


def test_one_client_by_assets_and_by_revenue(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [ONE],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "verifier": "V",
                             "scope1": Decimal(60_000), "scope2": Decimal(20_000)}],
    }, "attributed_emission")  # fmt: skip
    bank = one(engine, "attributed_emission", "method = 'bank_2026'")
    trial = one(engine, "attributed_emission", "method = 'trial_2021'")
    pcaf = one(engine, "attributed_emission", "method = 'pcaf_2022'")
    assert bank["emission"] == Decimal("1250.000000")
    assert (bank["scope1"], bank["scope2"]) == (Decimal("937.500000"), Decimal("312.500000"))
    assert round(trial["emission"], 2) == Decimal("5882.35")
    assert pcaf["emission"] == Decimal("1600.000000")  # 80,000 x 5,000 / (100,000 + 150,000)
    assert [row["quality_score"] for row in (bank, trial, pcaf)] == [1, None, 1]
    assert bank["exposure_rule"] == "over_12_months"
    assert pcaf["exposure_rule"] == "year_end"


def test_the_pure_formulas_of_the_same_example() -> None:
    assets = average_total_assets(np.array([3.0e9]), np.array([3.4e9]))
    assert attributed_emission(np.array([80_000.0]), np.array([5.0e7]), assets)[0] == 1250.0
    assert (
        round(attributed_emission(np.array([8.0e4]), np.array([5.0e7]), np.array([6.8e8]))[0], 2) == 5882.35
    )


def test_weighted_score_and_grade() -> None:
    score = weighted_score(np.array([1.0, 4.0, 5.0]), np.array([100.0, 50.0, 50.0]))
    assert score == 2.75
    assert grade(score, LIMITS) == "B"
    given = {1.0: "A", 1.5: "A", 1.51: "B+", 2.0: "B+", 2.01: "B", 3.0: "B", 3.01: "B-", 4.0: "B-", 4.01: "C"}
    assert {value: grade(value, LIMITS) for value in given} == given
    assert grade(float("nan"), LIMITS) is None
    assert grade(2.0, ()) is None


def test_pcaf_box_8_weighted_by_outstanding() -> None:
    outstanding = np.array([522_425.0, 187_449, 82_778, 108_997, 67_556, 54_762])
    scores = np.array([3.0, 5, 1, 1, 2, 5])
    assert round(weighted_score(scores, outstanding), 2) == 3.03
    assert round(weighted_score(scores[:2], outstanding[:2]), 2) == 3.53


def test_weighted_score_of_a_book_from_records(engine: DuckDB) -> None:
    """100 t by a verified report, 50 t by revenue, 50 t by the fallback: 2.75, grade B."""
    assets = {"total_assets_begin": Decimal(100_000_000), "total_assets_end": Decimal(100_000_000)}
    account(engine, {
        "loan": [{"loan_id": f"L{k}", "uscc": f"E{k}", **LOAN} for k in (1, 2, 3)],
        "loan_balance": [row for k in (1, 2, 3) for row in months(f"L{k}", 10_000_000)],
        "enterprise": [{"uscc": f"E{k}", **ENTERPRISE} for k in (1, 2, 3)],
        "enterprise_finance": [
            {"uscc": "E1", "year": YEAR, **assets},
            {"uscc": "E2", "year": YEAR, "main_business_revenue": Decimal(50_000_000), **assets},
        ],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "total": Decimal(1000)}],
        **intensities({"31": 1e-5}),
    }, "attributed_emission", "data_quality_grade")  # fmt: skip
    emission = {
        row["loan_id"]: row["emission"] for row in rows(engine, "attributed_emission", "method = 'bank_2026'")
    }
    assert emission == {"L1": Decimal(100), "L2": Decimal(50), "L3": Decimal(50)}
    ways = {
        row["loan_id"]: row["calculation_method"]
        for row in rows(engine, "attributed_emission", "method = 'bank_2026'")
    }
    assert ways == {"L1": "verified_report", "L2": "economic", "L3": "fallback"}
    graded = one(engine, "data_quality_grade", "method = 'bank_2026' AND institution_id = '*'")
    assert (graded["weighted_score"], graded["grade"]) == (Decimal("2.750000"), "B")
    pcaf = one(engine, "data_quality_grade", "method = 'pcaf_2022' AND institution_id = '*'")
    assert (pcaf["quality_weight"], pcaf["grade"]) == ("outstanding", None)
    assert rows(engine, "data_quality_grade", "method = 'trial_2021'") == []


def test_a_project_by_total_investment_and_by_capital(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN, "business_type": "project", "project_id": "P1",
                  "product_type": "project_loan", "asset_class": "project_finance"}],
        "loan_balance": months("L1", 100_000_000),
        "enterprise": [ONE],
        "project": [{"project_id": "P1", "uscc": "E1", "industry_code": "4411",
                     "total_investment": Decimal(400_000_000), "project_equity": Decimal(100_000_000),
                     "project_debt": Decimal(150_000_000)}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "project_id": "P1", "source": "unverified",
                             "scope1": Decimal(1000), "scope2": Decimal(0)},
                            {"uscc": "E1", "year": YEAR, "source": "cems", "scope1": Decimal(9_000_000)}],
    }, "attributed_emission")  # fmt: skip
    bank = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (bank["emission"], bank["quality_score"], bank["industry_group"]) == (Decimal(250), 2, "power")
    assert one(engine, "attributed_emission", "method = 'pcaf_2022'")["emission"] == Decimal(400)


def test_energy_method_follows_purpose_and_converts_units(engine: DuckDB) -> None:
    """1,000 t raw coal x 1.9003 + 20 1e4 m3 gas x 21.6219 + 10,000 MWh x 0.5849; own generation adds nothing."""
    base = {"uscc": "E1", "year": YEAR}
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [ONE],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "energy_return": [
            {**base, "fuel_code": "raw_coal", "quantity": Decimal("0.1"), "unit": "1e4 t"},
            {**base, "fuel_code": "natural_gas", "quantity": Decimal(200_000), "unit": "m3"},
            {**base, "fuel_code": "electricity", "quantity": Decimal(7_000), "unit": "MWh", "source_kind": "grid"},
            {**base, "fuel_code": "electricity", "quantity": Decimal(300), "unit": "1e4 kWh",
             "source_kind": "green_interprovincial"},
            {**base, "fuel_code": "electricity", "quantity": Decimal(5_000), "unit": "MWh", "source_kind": "self"},
        ],
    }, "entity_emission_estimate", "attributed_emission")  # fmt: skip
    estimate = one(engine, "entity_emission_estimate", "calculation = 'energy'")
    assert estimate["scope1"] == Decimal("2332.738000")
    assert estimate["scope2"] == Decimal("5849.000000")
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["quality_score"] == 2


def test_the_factor_follows_the_purpose() -> None:
    library = PackLibrary.load(None)
    common = {"area": "310000", "quantity": Decimal(10_000), "green": Decimal(3_000)}
    ets = factors.electricity_emission(
        library, purpose="shanghai_ets", year=2023, on=date(2023, 12, 31), **common
    )
    average = factors.electricity_emission(library, purpose="province_average", year=2022, **common)
    assert (ets, average) == (Decimal(2940), Decimal(5849))


def test_a_second_oxidation_is_refused() -> None:
    coal = factors.emission_factor(PackLibrary.load(None)["fuel_factors_p"], "raw_coal")
    with pytest.raises(PackError) as refused:
        factors.apply(Decimal(1), coal, Decimal("0.93"))
    assert refused.value.code == "packs.double_oxidation"
