"""Project loans without data: projects with data, counted the same way, show how far their stand-ins lie off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.stand_in import stand_in_error

from .account.steps import account
from .book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, rows

METHOD = "bank_2026"


def test_an_exact_ratio_corrects_exactly_and_leaves_no_error() -> None:
    other = np.array([10.0, 20.0, 40.0])
    bias, deviation = stand_in_error(
        np.array([100.0, 50.0]), other * 0.4, other, 50, np.random.default_rng(1)
    )
    assert bias == pytest.approx(-90.0)
    assert np.abs(deviation).max() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("times", [0.45, 1.0, 1.6])
def test_the_interval_covers_what_stands_behind_the_stand_ins(times: float) -> None:
    """Projects with and without data are drawn anew; the plain figure takes the stand-ins as right."""
    world = np.random.default_rng(7)
    hits, trials = 0, 400
    for trial in range(trials):
        other, emission = world.lognormal(3, 0.8, 40), world.lognormal(3, 0.8, 120)
        own = other * times * world.lognormal(-0.125, 0.5, 40)
        truth = float((emission * times * world.lognormal(-0.125, 0.5, 120)).sum())
        bias, deviation = stand_in_error(emission, own, other, 200, np.random.default_rng([trial, 3]))
        low, high = np.quantile(emission.sum() + bias + deviation, [0.025, 0.975])
        hits += low <= truth <= high
    assert 0.92 <= hits / trials <= 0.985


def _project(number: int) -> dict[str, Any]:
    return {"project_id": f"P{number}", "uscc": "E1", "name": f"示例项目{number}", "industry_code": "3120",
            "total_investment": Decimal(1_000_000_000), "project_equity": Decimal(300_000_000),
            "project_debt": Decimal(700_000_000)}  # fmt: skip


def _report(number: int | None, total: int) -> dict[str, Any]:
    half = Decimal(total) / 2
    return {"uscc": "E1", "year": YEAR, "project_id": None if number is None else f"P{number}", "source": "verified",
            "verifier": "V", "scope1": half, "scope2": half, "total": Decimal(total)}  # fmt: skip


def _book(engine: DuckDB, reported: dict[int, int]) -> DuckDB:
    """Four projects of one borrower, some with a report; the borrower's own report is of 620,000 t."""
    loans = [
        {**LOAN, "loan_id": f"L{number}", "uscc": "E1", "business_type": "project", "product_type": "fixed_asset_loan",
         "project_id": f"P{number}"}
        for number in range(1, 5)
    ]  # fmt: skip
    return account(engine, {
        "loan": loans,
        "loan_balance": [month for number in range(1, 5) for month in months(f"L{number}", 100_000_000)],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "project": [_project(number) for number in range(1, 5)],
        "entity_emission": [_report(None, 620_000), *(_report(one, total) for one, total in reported.items())],
        **intensities({"31": 1e-4}),
    }, "attributed_emission", "financed_emission_error", "financed_emission_interval")  # fmt: skip


def _part(engine: DuckDB, part: str) -> dict[str, Any]:
    [row] = rows(
        engine, "financed_emission_error", f"part = '{part}' AND indicator = 'financed_emission_{METHOD}'"
    )
    return row


def test_projects_with_data_tell_what_counting_the_others_by_the_borrower_gets_wrong(engine: DuckDB) -> None:
    """Own figure 100 million / 1,000 million x 50,000 t; by the borrower 100 / 3,200 x 620,000 t = 19,375 t."""
    _book(engine, {1: 50_000, 2: 50_000})
    counted = {row["loan_id"]: row for row in rows(engine, "attributed_emission", f"method = '{METHOD}'")}
    assert float(counted["L1"]["emission"]) == pytest.approx(5_000)
    assert (
        float(counted["L3"]["emission"]) == pytest.approx(19_375)
        and counted["L3"]["subject_kind"] == "entity"
    )
    part, bias = _part(engine, "project"), _part(engine, "bias")
    assert (part["status"], part["evidence"], part["size"]) == ("estimated", 2, pytest.approx(0.0, abs=1e-6))
    assert bias["size"] == pytest.approx(2 * (5_000 - 19_375))
    [told] = rows(engine, "finding", f"code = 'finance.project_by_borrower' AND record_key LIKE '{METHOD}%'")
    assert told["amount"] == pytest.approx(bias["size"])
    [total] = rows(
        engine, "financed_emission_interval", f"kind = 'total' AND indicator = 'financed_emission_{METHOD}'"
    )
    assert total["low"] <= total["value"] + bias["size"] * 0.99 and total["high"] >= total["value"]


def test_a_total_of_all_classes_has_the_error_of_its_loans_with_the_bias(engine: DuckDB) -> None:
    """Under PCAF the others are counted by balance and sector factor; the book has loans alone."""
    _book(engine, {1: 50_000, 2: 50_000})
    told = {row["indicator"]: row["standard_error"] for row in rows(engine, "uncertainty")}
    loans = told["financed_emission_pcaf_2022"]
    [bias] = rows(
        engine, "financed_emission_error", "part = 'bias' AND indicator = 'financed_emission_pcaf_2022'"
    )
    assert loans >= abs(bias["size"]) > 0
    assert told["financed_emission_pcaf_all"] == pytest.approx(loans)
    assert told["financed_emission_pcaf_loans"] == pytest.approx(loans)


def test_one_project_with_data_tells_nothing_and_with_data_for_all_nothing_stands_in(engine: DuckDB) -> None:
    _book(engine, {1: 50_000})
    assert (_part(engine, "project")["status"], _part(engine, "bias")["status"]) == ("not_known", "not_known")
    with DuckDB() as other:
        _book(other, dict.fromkeys(range(1, 5), 50_000))
        assert _part(other, "project")["status"] == "none"
