"""Stated abatements with a slip of unit, and shares of one project across banks that never come to more than all."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.claims import refuse_over_attribution
from tests.finance.book import LOAN, YEAR, months, rows, run

WHOLE = Decimal(462)  # 1 MW x 1,100 h x 0.42 t/MWh


def solar(project: str = "P1") -> dict[str, Any]:
    given = (("electricity_supplied", "1100", "MWh"), ("baseline_factor", "0.42", "tCO2/MWh"))
    return {
        "project": [{"project_id": project, "total_investment": Decimal(1000)}],
        "green_project": [{"project_id": project, "project_type": "distributed_solar"}],
        "green_project_parameter": [
            {"project_id": project, "year": YEAR, "stage": "ex_ante", "item": "all", "parameter": name,
             "value": Decimal(value), "unit": unit} for name, value, unit in given
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("stated", "factor"), [
    ("231", None),  # half of the investment, half of 462 t
    ("2310000", "10000"),  # 462 t printed as 4.62 million t
    ("231000", "1000"),
    ("0.0231", "0.0001"),  # given in 10 thousand t
    ("63", "0.272727"),  # carbon for carbon dioxide: 231 x 12/44
    ("847", "3.66667"),
    ("300", None),
])  # fmt: skip
def test_a_stated_abatement_off_by_a_factor_between_units_is_told(
    engine: DuckDB, stated: str, factor: str | None
) -> None:
    loan = {"facility_loan_id": "F1", "institution_id": "B1", "institution_name": "示例银行", "project_id": "P1",
            "field": "clean_energy", "disbursed_on": date(YEAR, 5, 1), "amount": Decimal(500), "rate": 3.0,
            "annual_abatement": Decimal(stated)}  # fmt: skip
    run(engine, solar() | {"facility_loan": [loan]}, only=("finance.project_benefit", "finance.facility"))
    told = [row for row in rows(engine, "finding") if row["code"] == "finance.facility_unit_slip"]
    assert [row["record_key"] for row in told] == ([] if factor is None else ["F1"])
    if factor is not None:
        assert told[0]["severity"] == "error"
        assert f"about {factor} times" in told[0]["what_en"]
    whole = {row["annual_abatement"] for row in rows(engine, "facility_disclosure", "field = 'all'")}
    assert Decimal(stated) in whole


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 700)), min_size=1, max_size=6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_banks_together_never_carry_more_than_the_whole(
    tmp_path_factory: pytest.TempPathFactory, lent: list[tuple[str, int]]
) -> None:
    loans = [
        LOAN | {"loan_id": f"L{place}", "institution_id": bank, "project_id": "P1", "business_type": "project",
                "uscc": None} for place, (bank, _) in enumerate(lent)
    ]  # fmt: skip
    balances = [row for place, (_, money) in enumerate(lent) for row in months(f"L{place}", float(money))]
    with DuckDB(scratch=tmp_path_factory.mktemp("banks")) as engine:
        run(engine, solar() | {"loan": loans, "loan_balance": balances},
            only=("finance.loan_average_balance", "finance.project_benefit", "finance.benefit_share",
                  "finance.benefit_share_findings"))  # fmt: skip
        table = rows(engine, "benefit_share", "indicator = 'greenhouse_gas'")
        told = {row["code"] for row in rows(engine, "finding")}
    by_bank: dict[str, int] = defaultdict(int)
    for bank, money in lent:
        by_bank[bank] += money
    together = sum(by_bank.values())
    assert {row["institution_id"] for row in table} == set(by_bank)
    if together > 1000:
        assert {(row["status"], row["quantity"]) for row in table} == {("over_investment", None)}
        assert "finance.benefit_over_attributed" in told
    else:
        carried = {row["institution_id"]: float(row["quantity"]) for row in table}
        assert carried == pytest.approx(
            {bank: 462 * money / 1000 for bank, money in by_bank.items()}, abs=1e-5
        )
        assert sum(carried.values()) <= float(WHOLE) + 1e-5
        assert "finance.benefit_over_attributed" not in told


@given(st.lists(st.tuples(st.sampled_from(["P1", "P2"]), st.integers(0, 10_000)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_shares_above_the_whole_are_refused_and_only_those(parts: list[tuple[str, int]]) -> None:
    shares = [
        {"project_id": project, "institution_id": f"B{place}", "share": Decimal(part) / 10_000}
        for place, (project, part) in enumerate(parts)
    ]
    beyond = [
        project
        for project in ("P1", "P2")
        if sum((row["share"] for row in shares if row["project_id"] == project), Decimal(0)) > 1
    ]
    if not beyond:
        refuse_over_attribution(shares)
        return
    with pytest.raises(MethodError) as error:
        refuse_over_attribution(shares)
    assert [problem.values["project"] for problem in error.value.problems] == beyond
