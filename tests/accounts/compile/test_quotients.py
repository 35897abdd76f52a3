"""Location quotients against a hand-made region and against loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.compile.quotients import (
    location_quotients,
    regional_coefficients,
    simple_quotients,
)
from lvshu.core.errors import MethodError

# value added of a region and its nation as in the examples of the R package UtilMio (F. Parra, 2018), function AFLQ
REGION = np.array([170.0, 2227, 403, 821, 4896, 2484])
NATION = np.array([24019.0, 129248, 36320, 63521, 484087, 216831])


def by_loops(region: np.ndarray, nation: np.ndarray, method: str, delta: float) -> list[list[float]]:
    """The formulas of the papers, cell by cell."""
    xr, xn, n = float(sum(region)), float(sum(nation)), len(region)
    slq = [(region[i] / xr) / (nation[i] / xn) for i in range(n)]
    weight = math.log2(1.0 + xr / xn) ** delta
    found = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            if method == "SLQ":
                value = slq[i]
            elif method == "RLQ":
                value = slq[i] if i == j else slq[i] / math.log2(1.0 + slq[j])
            else:
                value = slq[i] if i == j else slq[i] / slq[j]
            if method in ("FLQ", "AFLQ"):
                value *= weight
            if method == "AFLQ" and slq[j] > 1.0:
                value *= math.log2(1.0 + slq[j])
            found[i][j] = value
    return found


@pytest.mark.parametrize("method", ["SLQ", "CILQ", "RLQ", "FLQ", "AFLQ"])
def test_quotients_cell_by_cell(method: str) -> None:
    found = location_quotients(REGION, NATION, method, delta=0.25)
    np.testing.assert_allclose(found, by_loops(REGION, NATION, method, 0.25), rtol=1e-13)


def test_a_region_worked_by_hand() -> None:
    """Shares 1/2, 1/4, 1/4 in a tenth of a nation with thirds: SLQ 1.5, 0.75, 0.75; log2(1.1)^0.3 = 0.560 8."""
    region, nation = np.array([50.0, 25.0, 25.0]), np.array([1000.0, 1000.0, 1000.0]) / 3.0
    np.testing.assert_allclose(simple_quotients(region, nation), [1.5, 0.75, 0.75])
    weight = (math.log(1.1) / math.log(2.0)) ** 0.3
    found = location_quotients(region, nation, "FLQ", delta=0.3)
    np.testing.assert_allclose(
        found, weight * np.array([[1.5, 2.0, 2.0], [0.5, 0.75, 1.0], [0.5, 1.0, 0.75]])
    )
    coefficients = np.full((3, 3), 0.2)
    local = regional_coefficients(coefficients, region, nation, "SLQ")
    np.testing.assert_allclose(local.local, [[0.2] * 3, [0.15] * 3, [0.15] * 3])
    np.testing.assert_allclose(local.local + local.brought_in, coefficients)
    raised = regional_coefficients(coefficients, region, nation, "AFLQ", delta=0.3)
    expected = 0.2 * min(1.0, weight * 1.5) * math.log2(2.5)
    assert raised.local[0, 0] == pytest.approx(expected)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["SLQ", "CILQ", "RLQ", "FLQ"]))
def test_local_coefficients_never_exceed_national_ones(seed: int, method: str) -> None:
    generator = np.random.default_rng(seed)
    nation = generator.uniform(10, 100, 6)
    region = nation * generator.uniform(0.0, 0.5, 6) * (generator.random(6) < 0.8)
    region[0] += 1.0
    coefficients = generator.uniform(0, 0.15, (6, 6))
    found = regional_coefficients(coefficients, region, nation, method, delta=0.2)
    assert (found.local <= coefficients + 1e-15).all()
    assert (found.local[region == 0.0] == 0.0).all()
    assert np.isfinite(found.quotients).all()


def test_a_larger_delta_leaves_less_local() -> None:
    coefficients = np.full((6, 6), 0.1)
    sums = [regional_coefficients(coefficients, REGION, NATION, "FLQ", delta=delta).local.sum()
            for delta in (0.0, 0.1, 0.2, 0.3)]  # fmt: skip
    assert sums == sorted(sums, reverse=True)
    cilq = regional_coefficients(coefficients, REGION, NATION, "CILQ").local.sum()
    assert sums[0] == pytest.approx(cilq)


def test_delta_is_asked_for_and_sizes_are_checked() -> None:
    with pytest.raises(MethodError) as caught:
        location_quotients(REGION, NATION, "FLQ")
    assert caught.value.code == "accounts.delta_missing"
    with pytest.raises(MethodError) as caught:
        location_quotients(REGION, NATION, "AFLQ", delta=1.0)
    assert caught.value.code == "accounts.delta_range"
    with pytest.raises(MethodError) as caught:
        simple_quotients(NATION, REGION)
    assert caught.value.code == "accounts.quotient_sizes"
    nation, region = np.array([5.0, 0.0]), np.array([1.0, 0.0])
    told = regional_coefficients(np.full((2, 2), 0.1), region, nation, "SLQ").problems
    assert told[0].code == "accounts.quotient_silent"
