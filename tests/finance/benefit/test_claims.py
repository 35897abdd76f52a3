"""Claims: a benefit once, slips of unit; green bonds: proceeds and indicators."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.benefit_steps import BENEFIT_STEPS
from lvshu.finance.claims import Bounds, check_claims
from lvshu.finance.green_bond import indicator_rows, proceeds_rows
from lvshu.finance.methods.benefit_claims import suspected_factor
from tests.finance.book import LOAN, YEAR, months, one, rows, run

BOUNDS = Bounds(0.5, 2.0)
UNITS = {"greenhouse_gas": "tCO2e", "cod": "t"}


def claim(name: str, quantity: float | str, unit: str = "tCO2e", *, channel: str = "green_loan", project: str = "P1",
          indicator: str = "greenhouse_gas") -> dict[str, Any]:  # fmt: skip
    return {"claim_id": name, "project_id": project, "year": YEAR, "indicator": indicator, "channel": channel,
            "claimant": "甲", "quantity": Decimal(str(quantity)), "unit": unit}  # fmt: skip


def test_462_tonnes_claimed_as_4_62_million_is_a_slip_of_unit() -> None:
    ledger = check_claims(
        [claim("C1", 462, "1e4 tCO2"), claim("C2", "0.0462", "1e4 tCO2e")],
        {("P1", YEAR, "greenhouse_gas"): 462.0}, UNITS, BOUNDS,
    )  # fmt: skip
    first, second = ledger.checks
    assert (first["status"], first["suspected_factor"], first["quantity"]) == ("unit_slip", 1e4, 4_620_000.0)
    assert second["status"] == "within"
    assert ledger.benefits[0]["claimed"] == pytest.approx(462.0)  # the slip does not count
    assert ledger.benefits[0]["status"] == "not_comparable"


def test_tonnes_of_a_benefit_that_can_only_be_carbon_dioxide_are_its_tonnes() -> None:
    claims = [claim("Q0", 36_000, "t"), claim("Q1", "3.6", "1e4 t"), claim("Q2", 72_000)]
    ledger = check_claims(claims, {("P1", YEAR, "greenhouse_gas"): 72_000.0}, UNITS, BOUNDS)
    assert [(row["status"], row["quantity"], row["unit"]) for row in ledger.checks] == [
        ("within", 36_000.0, "tCO2e"), ("within", 36_000.0, "tCO2e"), ("within", 72_000.0, "tCO2e"),
    ]  # fmt: skip
    assert (ledger.benefits[0]["status"], ledger.benefits[0]["claimed"]) == ("twice", 144_000.0)


def test_what_cannot_be_compared_is_never_claimed_once() -> None:
    computed = {("P1", YEAR, "greenhouse_gas"): 72_000.0}
    claims = [claim("Q0", 36_000, "MWh"), claim("Q1", 36_000, "MWh"), claim("Q2", 72_000)]
    row = check_claims(claims, computed, UNITS, BOUNDS).benefits[0]
    assert (row["status"], row["claimed"], row["claims"]) == ("not_comparable", 72_000.0, 3)
    assert check_claims(claims[2:], computed, UNITS, BOUNDS).benefits[0]["status"] == "once"
    both = [claim("Q3", 1), *claims]
    assert check_claims(both, computed, UNITS, BOUNDS).benefits[0]["status"] == "twice"


@pytest.mark.parametrize(("times", "factor"), [
    (1e3, 1e3), (9.4e3, 1e4), (1e-4, 1e-4), (1.2e8, 1e8), (1.0, None), (3.0, None), (30.0, None), (0.02, None),
    (3.667, 44 / 12), (0.2727, 12 / 44), (3.7, None),
])  # fmt: skip
def test_only_ratios_near_a_factor_between_units_are_suspected(times: float, factor: float | None) -> None:
    got = suspected_factor(np.array([5.0 * times]), np.array([5.0]), 0.5, 2.0)[0]
    assert got == pytest.approx(factor) if factor else np.isnan(got)


def test_nothing_is_suspected_without_a_calculation() -> None:
    assert np.isnan(suspected_factor(np.array([5.0, 5.0]), np.array([0.0, np.nan]), 0.5, 2.0)).all()


def test_a_benefit_claimed_by_loan_bond_and_market_is_listed_with_the_excess() -> None:
    claims = [claim("C1", 60), claim("C2", 40, channel="green_bond"), claim("C3", 100, channel="ets")]
    row = check_claims(claims, {("P1", YEAR, "greenhouse_gas"): 100.0}, UNITS, BOUNDS).benefits[0]
    assert (row["status"], row["excess"], row["channels"], row["claim_ids"]) == (
        "twice",
        100.0,
        3,
        "C1, C2, C3",
    )
    row = check_claims(claims[:2], {("P1", YEAR, "greenhouse_gas"): 100.0}, UNITS, BOUNDS).benefits[0]
    assert (row["status"], row["excess"]) == ("once", 0.0)


def test_without_a_calculation_several_titles_are_listed_and_foreign_units_refused() -> None:
    claims = [claim("C1", 60), claim("C2", 40, channel="certificate"), claim("C3", 4, "kWh")]
    ledger = check_claims(claims, {}, UNITS, BOUNDS)
    assert ledger.benefits[0]["status"] == "listed_twice"
    assert [check["status"] for check in ledger.checks] == ["not_computed", "not_computed", "unit_refused"]


@given(st.lists(st.tuples(st.sampled_from(["green_loan", "green_bond", "ets"]), st.integers(0, 200)), min_size=1,
                max_size=6), st.integers(1, 300))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_the_order_of_claims_changes_nothing(parts: list[tuple[str, int]], known: int) -> None:
    claims = [claim(f"C{place}", amount, channel=channel) for place, (channel, amount) in enumerate(parts)]
    computed = {("P1", YEAR, "greenhouse_gas"): float(known)}
    there = check_claims(claims, computed, UNITS, BOUNDS).benefits
    back = check_claims(claims[::-1], computed, UNITS, BOUNDS).benefits
    assert there == back
    assert there[0]["excess"] == max(there[0]["claimed"] - known, 0.0)


def test_claims_in_a_run_are_told(engine: DuckDB) -> None:
    parameters = {"project_id": "P1", "year": YEAR, "stage": "ex_ante", "item": "all"}
    tables: dict[str, Any] = {
        "green_project": [{"project_id": "P1", "project_type": "distributed_solar"}],
        "green_project_parameter": [
            parameters | {"parameter": "electricity_supplied", "value": Decimal(1100), "unit": "MWh"},
            parameters | {"parameter": "baseline_factor", "value": Decimal("0.42"), "unit": "tCO2/MWh"},
        ],
        "benefit_claim": [claim("C1", 462), claim("C2", 462, channel="carbon_inclusion"), claim("C3", 462, "1e4 tCO2")],
        "green_bond": [{"bond_id": "G1", "name": "绿债", "issuer": "甲", "issued_on": date(YEAR, 1, 1),
                        "proceeds": Decimal(100)}],
        "green_bond_use": [{"bond_id": "G1", "project_id": "P1", "year": YEAR, "amount": Decimal(120)}],
        "project": [{"project_id": "P1", "total_investment": Decimal(240)}],
    }  # fmt: skip
    run(engine, tables, only=[step.name for step in BENEFIT_STEPS])
    told = {row["code"]: row for row in rows(engine, "finding")}
    assert "10000" in told["finance.benefit_unit_slip"]["what_zh"]
    assert told["finance.benefit_claimed_twice"]["amount"] == 462
    assert "finance.bond_over_used" in told
    assert [
        row["quantity"] for row in rows(engine, "green_bond_indicator", "indicator = 'greenhouse_gas'")
    ] == [231]


def test_proceeds_are_followed_year_by_year() -> None:
    bonds = [{"bond_id": "G1", "issued_on": date(2023, 5, 1), "proceeds": Decimal(100)},
             {"bond_id": "G2", "issued_on": date(2026, 5, 1), "proceeds": Decimal(100)}]  # fmt: skip
    uses = [{"bond_id": "G1", "project_id": "P1", "year": 2023, "amount": Decimal(30), "catalogue_code": "3.2.2.2"},
            {"bond_id": "G1", "project_id": "P2", "year": 2024, "amount": Decimal(70),
             "catalogue_code": None}]  # fmt: skip
    table = proceeds_rows(bonds, uses, 2025)
    assert [(row["year"], row["used_in_year"], row["unused"], row["status"]) for row in table] == [
        (2023, 30, 70, "partly_used"), (2024, 70, 0, "fully_used"), (2025, 0, 0, "fully_used"),
    ]  # fmt: skip


def test_a_bond_carries_its_part_and_counts_what_it_cannot() -> None:
    uses = [{"bond_id": "G1", "project_id": name, "year": 2025, "amount": Decimal(50), "catalogue_code": "3.2.2.2"}
            for name in ("P1", "P2", "P3")]  # fmt: skip
    benefits = [
        {
            "project_id": name,
            "year": 2025,
            "stage": "ex_post",
            "indicator": "cod",
            "unit": "t",
            "quantity": amount,
        }
        for name, amount in (("P1", Decimal(8)), ("P2", None), ("P3", Decimal(9)))
    ]
    table = indicator_rows(uses, benefits, {"P1": Decimal(200), "P2": Decimal(200), "P3": Decimal(10)}, 2025)
    assert [(row["quantity"], row["projects"], row["projects_without"]) for row in table] == [
        (Decimal(2), 1, 2)
    ]


def _solar(*claims: dict[str, Any]) -> dict[str, Any]:
    """A project of 462 t; bank AA lends 3/8 of its cost."""
    parameters = {"project_id": "P1", "year": YEAR, "stage": "ex_ante", "item": "all"}
    loan = {**LOAN, "loan_id": "L1", "uscc": "E1", "institution_id": "AA", "project_id": "P1",
            "business_type": "project"}  # fmt: skip
    return {
        "green_project": [{"project_id": "P1", "project_type": "distributed_solar"}],
        "green_project_parameter": [
            parameters | {"parameter": "electricity_supplied", "value": Decimal(1100), "unit": "MWh"},
            parameters | {"parameter": "baseline_factor", "value": Decimal("0.42"), "unit": "tCO2/MWh"},
        ],
        "project": [{"project_id": "P1", "total_investment": Decimal(800)}],
        "loan": [loan],
        "loan_balance": months("L1", 300),
        "green_bond": [{"bond_id": "G1", "name": "绿债", "issuer": "乙公司", "issued_on": date(YEAR, 1, 1),
                        "proceeds": Decimal(200)}],
        "green_bond_use": [{"bond_id": "G1", "project_id": "P1", "year": YEAR, "amount": Decimal(200)}],
        "benefit_claim": list(claims),
    }  # fmt: skip


STEPS = ["finance.loan_average_balance", *(step.name for step in BENEFIT_STEPS)]


def test_an_unknown_indicator_is_told_with_near_names_and_counted_by_its_unit(engine: DuckDB) -> None:
    other = claim("C2", 400, channel="ccer", indicator="温室气体减排量")
    run(engine, _solar(claim("C1", 150) | {"claimant": "AA"}, other), only=STEPS)
    told = {row["code"]: row for row in rows(engine, "finding")}
    assert told["finance.benefit_indicator_unknown"]["severity"] == "error"
    assert "greenhouse_gas 二氧化碳（当量）减排量" in told["finance.benefit_indicator_unknown"]["what_zh"]
    ledger = rows(engine, "benefit_ledger")
    assert [(row["indicator"], row["claimed"], row["status"]) for row in ledger] == [
        ("greenhouse_gas", 550, "twice")
    ]
    assert told["finance.benefit_claimed_twice"]["amount"] == 88  # 550 - 462
    statuses = {row["claim_id"]: row["status"] for row in rows(engine, "benefit_claim_check")}
    assert statuses == {"C1": "within", "C2": "unknown_indicator"}


def test_a_unit_of_many_indicators_is_not_guessed() -> None:
    ledger = check_claims(
        [claim("C1", 5, "t", indicator="粉尘")], {}, {**UNITS, "sulphur_dioxide": "t"}, BOUNDS
    )
    assert ledger.checks[0]["status"] == "unknown_indicator" and ledger.checks[0]["counted_as"] == "粉尘"


def test_a_claim_above_the_own_share_is_told(engine: DuckDB) -> None:
    run(engine, _solar(
        claim("C1", "173.25") | {"claimant": "AA"},  # 3/8 of 462
        claim("C2", 174) | {"claimant": "AA"},
        claim("C3", 174) | {"claimant": "某银行"},  # not known by its code: the share of all loans
        claim("C4", 116, channel="green_bond") | {"claimant": "乙公司"},  # 2/8 of 462 = 115.5
        claim("C5", 115, channel="green_bond") | {"claimant": "G1"},
        claim("C6", 400, channel="ccer"),
    ), only=STEPS)  # fmt: skip
    checks = {row["claim_id"]: row for row in rows(engine, "benefit_claim_check")}
    assert {name: row["status"] for name, row in checks.items()} == {
        "C1": "within", "C2": "above_share", "C3": "above_share", "C4": "above_share", "C5": "within", "C6": "within",
    }  # fmt: skip
    assert (checks["C2"]["share"], checks["C2"]["own_part"]) == (0.375, Decimal("173.25"))
    told = {row["record_key"]: row for row in rows(engine, "finding", "code = 'finance.benefit_above_share'")}
    assert set(told) == {"C2", "C3", "C4"} and told["C4"]["amount"] == 0.5


def test_claims_without_a_calculation_or_of_another_dimension_are_told(engine: DuckDB) -> None:
    run(engine, _solar(claim("C1", 10, project="P9"), claim("C2", 10, "kWh")), only=STEPS)
    told = {row["code"]: row for row in rows(engine, "finding")}
    assert "C1 (P9" in told["finance.benefit_claim_not_computed"]["what_zh"]
    assert "C2" in told["finance.benefit_claim_unit"]["what_en"]


def test_bonds_by_a_catalogue_not_in_force_are_told(engine: DuckDB) -> None:
    def bond(name: str, day: date, catalogue: str | None) -> dict[str, Any]:
        return {"bond_id": name, "name": name, "issuer": "甲", "issued_on": day, "proceeds": Decimal(100),
                "catalogue": catalogue}  # fmt: skip

    bonds = [
        bond("G1", date(2025, 6, 1), "green_bond_catalogue_2015"),
        bond("G2", date(2025, 6, 1), "green_bond_catalogue_2021"),
        bond("G3", date(2025, 6, 1), "green_finance_catalogue_2025"), bond("G4", date(2025, 6, 1), "my_own"),
        bond("G5", date(2025, 6, 1), None), bond("G6", date(2021, 6, 30), "green_bond_catalogue_2015"),
    ]  # fmt: skip
    run(engine, {"green_bond": bonds}, only=["finance.green_bond"])
    told = {
        row["record_key"]: row
        for row in rows(engine, "finding", "code = 'finance.bond_catalogue_not_in_force'")
    }
    assert set(told) == {"G1", "G3", "G4"}
    assert "已经失效" in told["G1"]["what_zh"] and "green_bond_catalogue_2021" in told["G1"]["what_zh"]
    assert "not yet in force" in told["G3"]["what_en"] and "does not exist here" in told["G4"]["what_en"]


def test_what_is_financed_beyond_the_cost_lists_the_unlabelled_loans(engine: DuckDB) -> None:
    tables = _solar()
    tables["loan"] = [
        tables["loan"][0] | {"green_label": None},
        tables["loan"][0] | {"loan_id": "L2", "green_label": "3.2.2.2", "green_catalogue": "x"},
    ]
    tables["loan_balance"] = [*months("L1", 900), *months("L2", 200)]
    run(engine, tables, only=STEPS)  # with a benefit of the project: one finding, one figure
    (told,) = rows(engine, "finding", "code = 'finance.benefit_over_attributed'")
    assert "162.50" in told["what_zh"] and "G1 25.00 %" in told["what_zh"]


def test_financing_without_a_benefit_is_told_too(engine: DuckDB) -> None:
    tables = _solar()
    tables["loan"] = [
        tables["loan"][0] | {"green_label": None},
        tables["loan"][0] | {"loan_id": "L2", "green_label": "3.2.2.2", "green_catalogue": "x"},
    ]
    tables["loan_balance"] = [*months("L1", 500), *months("L2", 200)]
    tables.pop("green_project")  # without a benefit the loans count all the same
    run(engine, tables, only=STEPS)
    told = one(engine, "finding", "code = 'finance.benefit_over_attributed'")
    assert (
        "112.50" in told["what_zh"]
        and "AA 87.50 % (L1*, L2)" in told["what_zh"]
        and "G1 25.00 %" in told["what_zh"]
    )
