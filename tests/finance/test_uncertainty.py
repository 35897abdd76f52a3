"""Replicates of the intensities and of the fuel factors reach the total of financed emissions."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.switch import exposure_effect, method_gap
from lvshu.finance.methods.uncertainty import (
    carry_fuel_factors,
    carry_intensities,
    carry_spread,
    components,
    draw_fuel_factors,
    spread_of,
)

from .account.steps import account
from .book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows


def _book(engine: DuckDB, **more: list) -> DuckDB:  # type: ignore[type-arg]
    return account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        **intensities({"31": 1e-4}),
        **more,
    }, "attributed_emission", "financed_emission_replicate")  # fmt: skip


def test_an_economic_estimate_carries_the_replicates_of_its_division(engine: DuckDB) -> None:
    _book(engine)
    total = float(one(engine, "attributed_emission", "method = 'bank_2026'")["emission"])
    drawn = [
        float(row["emission"]) for row in rows(engine, "financed_emission_replicate", "method = 'bank_2026'")
    ]
    assert len(drawn) == 50
    assert min(drawn) == pytest.approx(0.8 * total, rel=1e-9)
    assert max(drawn) == pytest.approx(1.2 * total, rel=1e-9)
    stated = one(engine, "uncertainty", "indicator = 'financed_emission_bank_2026'")
    assert stated["value"] == pytest.approx(total)
    assert 0.8 * total < stated["low"] < total < stated["high"] < 1.2 * total
    assert "0.0 %" in stated["scope_en"]


def test_a_report_has_no_known_error_and_the_scope_says_so(engine: DuckDB) -> None:
    _book(
        engine, entity_emission=[{"uscc": "E1", "year": YEAR, "source": "verified", "total": Decimal(80_000)}]
    )
    stated = one(engine, "uncertainty", "indicator = 'financed_emission_bank_2026'")
    assert stated["low"] == stated["high"] == 1250.0
    assert "100.0%" in stated["scope_zh"]


def test_an_energy_estimate_carries_the_interval_of_its_fuel(engine: DuckDB) -> None:
    _book(engine, energy_return=[
        {"uscc": "E1", "year": YEAR, "fuel_code": "coke", "quantity": Decimal(1000), "unit": "t"},
    ])  # fmt: skip
    stated = one(engine, "uncertainty", "indicator = 'financed_emission_bank_2026'")
    factor = one(engine, "energy_factor_applied", "fuel_code = 'coke'")
    assert factor["low_percent"] == pytest.approx(-10.56, abs=0.05)
    assert stated["low"] < stated["value"] < stated["high"]
    assert stated["standard_error"] / stated["value"] == pytest.approx(0.055, abs=0.02)


def test_the_draws_have_the_width_they_were_given() -> None:
    drawn = draw_fuel_factors(np.array([-10.0]), np.array([20.0]), 40_000, np.random.default_rng(1))[:, 0]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert low == pytest.approx(0.90, abs=0.005)
    assert high == pytest.approx(1.20, abs=0.008)
    assert carry_fuel_factors(np.array([5.0]), np.array([[1.0], [2.0]])).tolist() == [5.0, 10.0]


def test_carrying_is_linear_and_leaves_zero_intensities_alone() -> None:
    replicates = np.array([[2.0, 0.0], [4.0, 9.0]])
    assert carry_intensities(np.array([10.0, 3.0]), np.array([2.0, 0.0]), replicates).tolist() == [13.0, 23.0]


def test_the_gap_of_two_methods_by_hand() -> None:
    nan = float("nan")
    base, other = np.array([10.0, 20.0, nan, 5.0]), np.array([15.0, nan, 7.0, 6.0])
    effect = exposure_effect(np.array([100.0]), np.array([1.0]), np.array([2.0]), np.array([10.0]))
    gap = method_gap(base, other, np.array([True, True, True, False]), np.array([effect[0], 0, 0, 0]))
    assert effect[0] == 10.0
    assert (gap.exposure, gap.denominator, gap.calculation) == (10.0, -5.0, 1.0)
    assert (gap.scope_added, gap.scope_removed) == (7.0, -20.0)
    parts = gap.scope_added + gap.scope_removed + gap.exposure + gap.denominator + gap.calculation
    assert gap.base_total + parts == gap.other_total


def test_the_scopes_of_the_intensities_are_those_that_the_accounts_write() -> None:
    for table in ("sector_intensity", "sector_intensity_replicate"):
        assert {"scope1", "scope1_2"} <= set(load(table).column("scope").allowed)


def test_the_spread_of_borrowers_is_centred_and_narrows_with_their_number() -> None:
    multipliers = spread_of(np.array([0.5, 1.0, 3.0]))
    assert multipliers.mean() == pytest.approx(1.0)
    few = carry_spread(np.full(4, 25.0), multipliers, 20_000, np.random.default_rng(1))
    many = carry_spread(np.full(400, 0.25), multipliers, 2_000, np.random.default_rng(1))
    wanted = 100 * multipliers.std()
    assert few.mean() == pytest.approx(0.0, abs=1.0)
    assert few.std() == pytest.approx(wanted / 2, rel=0.03)
    assert many.std() == pytest.approx(wanted / 20, rel=0.08)
    assert spread_of(np.array([2.0])).size == 0
    assert carry_spread(np.array([7.0]), np.empty(0), 3, np.random.default_rng(1)).tolist() == [0, 0, 0]


def test_borrowers_unlike_their_sector_widen_the_interval(engine: DuckDB) -> None:
    codes = ("E1", "E2", "E3")
    report = {"year": YEAR, "source": "verified"}
    account(engine, {
        "loan": [{"loan_id": f"L{code}", "uscc": code, **LOAN} for code in codes],
        "loan_balance": [row for code in codes for row in months(f"L{code}", 50_000_000)],
        "enterprise": [{"uscc": code, **ENTERPRISE} for code in codes],
        "enterprise_finance": [{"uscc": code, **FINANCE} for code in codes],
        "entity_emission": [{**report, "uscc": "E2", "total": Decimal(34_000)},
                            {**report, "uscc": "E3", "total": Decimal(136_000)}],
        **intensities({"31": 1e-4}),
    }, "financed_emission_replicate", told=True)  # fmt: skip
    stated = one(engine, "uncertainty", "indicator = 'financed_emission_bank_2026'")
    assert stated["value"] == pytest.approx(1062.5 + 531.25 + 2125)
    spread = 1062.5 * (0.6**2 + 0.1166**2) ** 0.5  # 0.4 or 1.6 times; the intensity is off by 11.66 %
    assert stated["standard_error"] == pytest.approx(spread, rel=0.15)
    assert "seen in 2 with own data" in stated["scope_en"]
    told = one(engine, "finding", "code = 'finance.own_against_average' AND record_key = 'bank_2026'")
    assert told["amount"] == pytest.approx(170 / 136)


def test_divisions_and_borrowers_are_told_apart() -> None:
    world = np.random.default_rng(5)
    group = np.repeat(np.arange(200), 6)
    logs = 0.4 * world.standard_normal(200)[group] + 0.7 * world.standard_normal(group.size)
    single, between = components(np.exp(logs), group)
    assert between == pytest.approx(0.4, abs=0.06)
    assert np.log(single).std() == pytest.approx(0.7, abs=0.05) and single.mean() == pytest.approx(1.0)
    assert components(np.exp(logs[:5]), np.arange(5))[1] == 0.0  # one borrower each: not to be told apart
    assert components(np.array([2.0]), np.array([0]))[0].size == 0


def test_intervals_cover_where_borrowers_of_a_division_err_together() -> None:
    """Few divisions hold most of the emission; drawing borrowers one by one gives an interval that is too narrow."""
    world = np.random.default_rng(6)
    hits, alone, trials = 0, 0, 300
    for trial in range(trials):
        seen, group = np.repeat(np.arange(30), 4), np.repeat(np.arange(8), 25)
        times = np.exp(0.4 * world.standard_normal(30)[seen] + 0.6 * world.standard_normal(seen.size))
        emission = world.lognormal(2, 0.7, group.size)
        mean = np.exp((0.4**2 + 0.6**2) / 2)
        true = np.exp(0.4 * world.standard_normal(8)[group] + 0.6 * world.standard_normal(group.size)) / mean
        off = float(emission @ true - emission.sum())
        single, between = components(times, seen)
        drawn = carry_spread(
            emission, single, 300, np.random.default_rng([trial, 1]), group=group, between=between
        )
        low, high = np.quantile(drawn, [0.025, 0.975])
        hits += low <= off <= high
        low, high = np.quantile(
            carry_spread(emission, spread_of(times), 300, np.random.default_rng([trial, 2])), [0.025, 0.975]
        )
        alone += low <= off <= high
    assert hits / trials >= 0.9 and alone / trials <= 0.8, (hits / trials, alone / trials)
