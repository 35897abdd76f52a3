"""The quick estimate: factors of both sets, sums since January, change on year, the benchmark."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.energy import quick_estimate as method
from lvshu.core.errors import MethodError
from tests.accounts.book import Columns, accounts_book

OLD, NEW = np.array([2.66, 1.73, 1.56]), np.array([2.64, 2.08, 1.63])


def test_both_sets_by_hand() -> None:
    energy = np.array([[100.0, 50.0, 10.0]])
    assert method.estimate(energy, OLD)[0] == pytest.approx(266 + 86.5 + 15.6)
    assert method.estimate(energy, NEW)[0] == pytest.approx(264 + 104 + 16.3)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_the_benchmark_year_adds_up_to_the_inventory(seed: int) -> None:
    generator = np.random.default_rng(seed)
    energy = generator.uniform(0, 100, (24, 3))
    raw = np.array([method.estimate(energy, OLD), method.estimate(energy, NEW)])
    inventory = float(generator.uniform(1e3, 1e5))
    ratio = np.array([method.benchmark_ratio(inventory, one[:12]) for one in raw])
    found = method.calibrate(raw, ratio, 0.02)
    assert found.value[:12].sum() == pytest.approx(inventory, rel=1e-9)
    assert (found.standard_error >= 0.02 * found.value * (1 - 1e-12)).all()


def test_error_is_that_of_the_inventory_where_the_mix_did_not_move() -> None:
    energy = np.tile([100.0, 50.0, 10.0], (12, 1))
    raw = np.array([method.estimate(energy, OLD), method.estimate(energy, NEW)])
    ratio = np.array([method.benchmark_ratio(5000.0, one) for one in raw])
    found = method.calibrate(raw, ratio, 0.03)
    assert found.standard_error == pytest.approx(0.03 * found.value)


def test_a_year_that_is_not_whole_is_no_benchmark() -> None:
    with pytest.raises(MethodError, match="less than twelve months"):
        method.benchmark_ratio(1.0, np.ones(11))


def test_change_on_nothing_is_missing() -> None:
    assert np.isnan(method.change_on_year(3.0, 0.0))
    assert np.isnan(method.change_on_year(3.0, float("nan")))


def months(area: str = "310000", drop: str = "") -> dict[str, Columns]:
    rows = [(f"{year}-{month:02d}", fuel, amount * (1.0 if year == 2022 else 1.1))
            for year in (2022, 2023) for month in range(1, 13)
            for fuel, amount in (("coal", 100.0), ("oil", 50.0), ("gas", 10.0))
            if f"{year}-{month:02d}/{fuel}" != drop]  # fmt: skip
    return {"energy_month": {"area_code": [area] * len(rows), "month": [row[0] for row in rows],
                             "fuel_group": [row[1] for row in rows], "energy": [row[2] for row in rows],
                             "source": ["test"] * len(rows)}}  # fmt: skip


def test_months_sums_and_changes_in_the_book() -> None:
    with accounts_book("310000", 2023, months()) as engine:
        rows = engine.fetch("SELECT * FROM quick_estimate ORDER BY factor_set, month").to_pylist()
        codes = set(engine.fetch("SELECT code FROM finding").column("code").to_pylist())
    assert {row["factor_set"] for row in rows} == {"older_notices", "target_assessment"}
    june = next(row for row in rows if row["factor_set"] == "older_notices" and row["month"] == "2023-06")
    assert float(june["emission"]) == pytest.approx(1.1 * 368.1)
    assert float(june["cumulative"]) == pytest.approx(6 * 1.1 * 368.1)
    assert june["change"] == pytest.approx(0.1)
    assert june["cumulative_change"] == pytest.approx(0.1)
    assert june["ratio"] is None
    assert {"accounts.not_calibrated", "accounts.quick_factors_restated"} <= codes


def test_a_month_without_oil_is_not_taken_as_zero() -> None:
    with accounts_book("310000", 2023, months(drop="2023-03/oil")) as engine:
        rows = engine.fetch(
            "SELECT * FROM quick_estimate WHERE factor_set = 'older_notices' ORDER BY month"
        ).to_pylist()
        codes = set(engine.fetch("SELECT code FROM finding").column("code").to_pylist())
    by_month = {row["month"]: row for row in rows}
    assert by_month["2023-03"]["emission"] is None
    assert by_month["2023-04"]["emission"] is not None
    assert by_month["2023-04"]["cumulative"] is None
    assert "accounts.month_not_whole" in codes
