"""Borrowers without data: the account of their sector, less those with data, says how far the average is off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.residual import Residual, Sectors, residual_times
from lvshu.finance.methods.uncertainty import carry_spread
from lvshu.finance.residual import Remainder

from .account.steps import account
from .book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows

METHOD = "bank_2026"


def _sectors(**changed: float) -> Sectors:
    values = {"whole": 100.0, "error": 0.0, "own": 60.0, "average": 50.0, "rest": 30.0, "square": 300.0}
    return Sectors(**{name: np.array([value]) for name, value in (values | changed).items()})


@given(st.floats(1.0, 50.0), st.floats(0.1, 99.0), st.floats(0.01, 4.0))
def test_an_exact_account_is_kept_to_the_tonne(average: float, own: float, spread: float) -> None:
    found = residual_times(_sectors(average=average, own=own), spread)
    assert found.times[0] * found.left[0] + own == pytest.approx(100.0)
    assert (found.weight[0], found.error[0], found.serves[0]) == (1.0, 0.0, True)


@given(st.floats(0.0, 1e4), st.floats(0.01, 4.0))
def test_the_worse_the_account_is_known_the_less_it_says(error: float, spread: float) -> None:
    found, better = (
        residual_times(_sectors(error=error), spread),
        residual_times(_sectors(error=error / 2), spread),
    )
    assert 0.8 <= better.times[0] <= found.times[0] <= 1.0
    assert found.error[0] <= np.sqrt(spread * 10.0 / 50.0) + 1e-12  # never worse than without the account


@pytest.mark.parametrize(
    "wrong", [{"average": 0.0, "own": 0.0}, {"rest": 0.0}, {"rest": 51.0}, {"own": 101.0}]
)
def test_where_enterprises_do_not_fit_into_the_account_the_average_stays(wrong: dict[str, float]) -> None:
    found = residual_times(_sectors(**wrong), 0.5)
    assert (found.times[0], found.error[0], found.weight[0], found.serves[0]) == (1.0, 0.0, 0.0, False)


def _sector_total(trial: int, selected: bool) -> tuple[float, float, float, float, float]:
    """Return the truth of ten borrowers in a sector of sixty, ends and middle of the interval, and the plain total."""
    world = np.random.default_rng([trial, 11])
    average = world.lognormal(3, 1, 60)
    emission = average * world.lognormal(-0.125, 0.5, 60)
    average *= emission.sum() / average.sum()
    chance = np.where(emission > np.quantile(emission, 0.6), 0.8, 0.1) if selected else np.full(60, 0.4)
    with_data = world.random(60) < chance
    ratios = (emission / average)[with_data]
    without = np.flatnonzero(~with_data)
    found = residual_times(
        Sectors(*(np.array([value]) for value in (
            average.sum(), 0.0, emission[with_data].sum(), average[with_data].sum(), average[without].sum(),
            (average[without] ** 2).sum(),
        ))), float(np.var(ratios / ratios.mean(), ddof=1)),
    )  # fmt: skip
    lent = world.permutation(without)[:10]
    share = world.uniform(0.1, 0.9, 10)
    remainder = _remainder(found, average[without])
    part, others = remainder.within(np.zeros(10, dtype=np.int64), share * average[lent], average[lent])
    generator = np.random.default_rng([trial, 12])
    corrected = share * average[lent] * found.times[0]
    drawn = corrected.sum() + carry_spread(corrected - part, ratios / ratios.mean(), 400, generator)
    low, high = np.quantile(drawn + others * generator.standard_normal(400), [0.025, 0.975])
    truth = float((share * emission[lent]).sum())
    return truth, low, high, float(corrected.sum()), float(share @ average[lent])


def _remainder(found: Residual, rest: np.ndarray) -> Remainder:
    """A remainder of one sector, the first place, with nothing known of the last."""
    return Remainder({}, found, {}, np.array([rest.sum()]), np.array([(rest**2).sum()]), 0.284)


@pytest.mark.parametrize("selected", [False, True])
def test_those_without_data_are_met_where_the_larger_emitters_report(selected: bool) -> None:
    """Sixty enterprises, of which the larger emitters (or any) report; ten of the others have loans."""
    drawn = np.array([_sector_total(trial, selected) for trial in range(400)])
    truth, low, high, middle, plain = drawn.T
    assert 0.91 <= ((low <= truth) & (truth <= high)).mean() <= 0.99
    assert abs((middle - truth).sum() / truth.sum()) < 0.03
    if selected:
        assert (plain - truth).sum() / truth.sum() > 0.1


CODES = ("E1", "E2", "E3", "E4", "E5")
STATED = (Decimal(90_000), Decimal(110_000), Decimal(100_000))


def _book(engine: DuckDB, output: int, *, with_data: int = 3, year: int = YEAR) -> DuckDB:
    """Five equal borrowers, 68,000 t each by the average; those with data state 100,000 t on average."""
    report = {"year": YEAR, "source": "verified"}
    told = intensities({"31": 1e-4})
    for row in told["sector_intensity"]:
        row.update(year=year, sector_codes="14", standard_error=0.0)
    return account(engine, {
        "loan": [{"loan_id": f"L{code}", "uscc": code, **LOAN} for code in CODES],
        "loan_balance": [row for code in CODES for row in months(f"L{code}", 50_000_000)],
        "enterprise": [{"uscc": code, **ENTERPRISE} for code in CODES],
        "enterprise_finance": [{"uscc": code, **FINANCE} for code in CODES],
        "entity_emission": [
            {**report, "uscc": code, "total": total} for code, total in zip(CODES, STATED[:with_data], strict=False)
        ],
        "sector_account": [_sector(output)],
        **told,
    }, "residual_emission", "financed_emission_error", "financed_emission_interval")  # fmt: skip


def _sector(output: int) -> dict[str, Any]:
    return {"sector_code": "14", "name_zh": "金属冶炼", "name_en": "Metals", "sphere": "production", "output": output,
            "direct_emission": 0.0}  # fmt: skip


def test_the_book_corrects_by_what_the_account_leaves_and_says_so(engine: DuckDB) -> None:
    """Account 1e-4 x 4,000 million = 400,000 t; less 300,000 t leaves 100,000 t where the average gives 196,000 t."""
    _book(engine, 4_000_000_000)
    [sector] = rows(engine, "residual_emission")
    assert (sector["status"], sector["enterprises"], sector["own"], sector["by_average"]) == (
        "used", 3, pytest.approx(300_000), pytest.approx(204_000),
    )  # fmt: skip
    assert sector["times"] == pytest.approx(100 / 196)
    counted = {
        row["loan_id"]: float(row["emission"])
        for row in rows(engine, "attributed_emission", f"method = '{METHOD}'")
    }
    assert counted["LE4"] == counted["LE5"] == pytest.approx(68_000 / 64)  # the total follows the method
    bias = one(
        engine, "financed_emission_error", f"part = 'bias' AND indicator = 'financed_emission_{METHOD}'"
    )
    assert bias["size"] == pytest.approx(2 * 68_000 / 64 * (100 / 196 - 1))
    told = one(engine, "finding", f"code = 'finance.residual_of_accounts' AND record_key = '{METHOD}'")
    assert told["amount"] == pytest.approx(bias["size"]) and "-49.0 %" in told["what_en"]
    total = one(
        engine, "financed_emission_interval", f"kind = 'total' AND indicator = 'financed_emission_{METHOD}'"
    )
    assert total["low"] < total["value"] + bias["size"] < total["value"]


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ({"output": 3_000_000_000}, "exceeds_account"),
        ({"output": 4_000_000_000, "with_data": 2}, "too_few"),
        ({"output": 4_000_000_000, "year": YEAR - 1}, "other_year"),
    ],
)
def test_an_account_that_does_not_serve_changes_nothing(
    engine: DuckDB, case: dict[str, int], status: str
) -> None:
    _book(engine, **case)
    assert one(engine, "residual_emission", "true")["status"] == status
    assert rows(engine, "finding", "code = 'finance.residual_of_accounts'") == []
    assert (
        one(engine, "financed_emission_error", f"part = 'bias' AND indicator = 'financed_emission_{METHOD}'")[
            "status"
        ]
        == "not_known"
    )
