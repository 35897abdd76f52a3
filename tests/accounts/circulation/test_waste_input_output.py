"""Waste input-output against brute force, Leontief's special case, and the balance of waste."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.circulation.waste_input_output import (
    WasteModel,
    compare_waste,
    solve_waste,
    treatment_footprint,
    waste_imbalance,
    waste_model,
    waste_multipliers,
    with_allocation,
    with_recycling,
)
from lvshu.core.errors import MethodError

# two goods (energy, steel), two treatments (incineration, landfill), three wastes (garbage, scrap, ash); made up
INPUTS = np.array([[0.10, 0.20, 5.0, 1.0], [0.05, 0.10, 2.0, 3.0]])
WASTE = np.array([[0.02, 0.01, 0.0, 0.0], [0.03, -0.02, 0.0, 0.0], [0.001, 0.002, 0.15, 0.0]])
ALLOCATION = np.array([[0.8, 0.1, 0.0], [0.2, 0.9, 1.0]])
INTENSITY = np.array([[2.0, 1.5, 0.9, 0.1], [0.0, 0.0, 0.0, 1.2]])  # tCO2; m3 of landfill
DEMAND, THROWN = np.array([100.0, 50.0]), np.array([20.0, 4.0, 0.0])


def rounds(
    model: WasteModel, demand: np.ndarray, thrown: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return output, treated and waste, followed round by round as the words of the model say."""
    n, k = model.goods, len(model.allocation)
    output, treated, waste = np.zeros(n), np.zeros(k), np.zeros(len(thrown))
    new_goods, new_waste = demand.copy(), thrown.copy()
    for _ in range(3000):
        sent = np.array(
            [sum(model.allocation[i, j] * new_waste[j] for j in range(len(thrown))) for i in range(k)]
        )
        output, treated, waste = output + new_goods, treated + sent, waste + new_waste
        activity = np.concatenate([new_goods, sent])
        new_goods = np.array([sum(model.inputs[i, j] * activity[j] for j in range(n + k)) for i in range(n)])
        new_waste = np.array(
            [sum(model.waste[i, j] * activity[j] for j in range(n + k)) for i in range(len(thrown))]
        )
        if max(np.abs(new_goods).max(), np.abs(new_waste).max()) < 1e-15:
            break
    return output, treated, waste


def test_against_rounds() -> None:
    model = waste_model(INPUTS, WASTE, ALLOCATION)
    found = solve_waste(model, DEMAND, THROWN)
    for ours, theirs in zip(
        (found.output, found.treated, found.waste), rounds(model, DEMAND, THROWN), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(waste_imbalance(model, found), 0.0, atol=1e-9)
    assert found.problems == ()


def test_leontief_1970_is_the_case_of_one_treatment_for_one_pollutant() -> None:
    """Leontief (1970), Review of Economics and Statistics 52, 262-271: 55 bushels of wheat and 30 yards of cloth need
    100 bushels and 50 yards, which give off 60 grams of the pollutant."""
    goods = np.array([[0.25, 0.40, 0.0], [0.14, 0.12, 0.0]])
    pollution = np.array([[0.50, 0.20, 0.0]])
    found = solve_waste(waste_model(goods, pollution, np.ones((1, 1))), np.array([55.0, 30.0]), np.zeros(1))
    np.testing.assert_allclose(found.output, [100.0, 50.0], rtol=1e-12)
    np.testing.assert_allclose(found.treated, [60.0], rtol=1e-12)
    abated = np.array(
        [[0.25, 0.40, 0.0], [0.14, 0.12, 0.20]]
    )  # the anti-pollution activity takes 0.20 yards per gram
    tolerated = solve_waste(
        waste_model(abated, pollution, np.ones((1, 1))), np.array([55.0, 30.0]), np.array([-30.0])
    )
    system = np.array([[0.75, -0.40, 0.0], [-0.14, 0.88, -0.20], [-0.50, -0.20, 1.0]])
    by_hand = np.linalg.solve(system, [55.0, 30.0, -30.0])
    np.testing.assert_allclose([*tolerated.output, *tolerated.treated], by_hand, rtol=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 5), st.integers(0, 10_000))
def test_waste_generated_is_waste_treated(n: int, k: int, w: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    inputs = generator.random((n, n + k)) * 0.6 / n
    waste = (generator.random((w, n + k)) - 0.2) * 0.2 / w
    allocation = generator.random((k, w))
    allocation /= allocation.sum(axis=0)
    model = waste_model(inputs, waste, allocation)
    demand, thrown = generator.random(n) * 1e6, generator.random(w) * 1e6
    found = solve_waste(model, demand, thrown)
    scale = np.abs(found.waste).sum()
    assert abs(found.treated.sum() - found.waste.sum()) <= 1e-9 * scale
    assert np.abs(waste_imbalance(model, found)).max() <= 1e-9 * scale
    np.testing.assert_allclose(
        found.output, inputs @ np.concatenate([found.output, found.treated]) + demand, rtol=1e-9
    )
    footprint = treatment_footprint(model, demand, thrown)
    np.testing.assert_allclose(footprint.sum(axis=1), found.treated, rtol=1e-8, atol=1e-9 * scale)
    intensity = generator.random((2, n + k))
    by_goods, by_waste = waste_multipliers(model, intensity)
    direct = intensity @ np.concatenate([found.output, found.treated])
    np.testing.assert_allclose(by_goods @ demand + by_waste @ thrown, direct, rtol=1e-9, atol=1e-9 * scale)
    columns = solve_waste(model, np.diag(demand), np.zeros((w, n)))
    alone = solve_waste(model, np.zeros(n), thrown)
    np.testing.assert_allclose(
        columns.output.sum(axis=1) + alone.output, found.output, rtol=1e-9, atol=1e-9 * scale
    )


def test_scrap_from_landfill_to_furnace() -> None:
    before = waste_model(INPUTS, WASTE, ALLOCATION)
    after = with_recycling(before, user=1, waste=1, product=0, used=0.01, displaced=4.0)
    assert after.inputs[0, 1] == pytest.approx(0.16)
    told = compare_waste(before, after, DEMAND, THROWN, INTENSITY)
    changes = told.changes
    assert changes["waste"][1] < 0.0  # less scrap is left over
    assert changes["output"][0] < 0.0  # the primary product is displaced
    assert (changes["stressors"] < 0.0).all()  # less CO2, less landfill
    by_rounds = rounds(after, DEMAND, THROWN)
    np.testing.assert_allclose(told.after.output, by_rounds[0], rtol=1e-12)
    with pytest.raises(MethodError, match="would save"):
        with_recycling(before, user=1, waste=1, product=0, used=0.1, displaced=4.0)


def test_from_landfill_to_incineration() -> None:
    before = waste_model(INPUTS, WASTE, ALLOCATION)
    shares = ALLOCATION.copy()
    shares[:, 0] = [1.0, 0.0]
    told = compare_waste(before, with_allocation(before, shares), DEMAND, THROWN, INTENSITY)
    changes = told.changes
    assert changes["treated"][0] > 0.0 > changes["treated"][1]
    assert changes["stressors"][1] < 0.0
    for model, solution in ((before, told.before), (with_allocation(before, shares), told.after)):
        np.testing.assert_allclose(solution.treated, rounds(model, DEMAND, THROWN)[1], rtol=1e-12)


def test_recycling_more_than_there_is_is_told() -> None:
    hungry = WASTE.copy()
    hungry[1, 1] = -0.5
    found = solve_waste(waste_model(INPUTS, hungry, ALLOCATION), DEMAND, THROWN)
    assert found.waste[1] < 0.0
    (told,) = found.problems
    assert (told.code, told.values["waste"], told.severity) == ("accounts.waste_overused", 2, "warning")


def test_tables_that_cannot_be() -> None:
    shares = np.array([[0.8, 0.1, 0.0], [0.1, 1.0, 1.0]])
    with pytest.raises(MethodError) as failure:
        waste_model(INPUTS, WASTE, shares)
    assert [(one.code, one.values["waste"]) for one in failure.value.problems] == [
        ("accounts.waste_shares", 1), ("accounts.waste_shares", 2),
    ]  # fmt: skip
    with pytest.raises(MethodError, match="do not fit"):
        waste_model(INPUTS[:, :3], WASTE, ALLOCATION)
    endless = WASTE.copy()
    endless[2, 2], shares = 1.0, np.array([[0.8, 0.1, 1.0], [0.2, 0.9, 0.0]])
    with pytest.raises(MethodError, match="no solution"):
        waste_model(np.zeros((2, 4)), endless, shares)
    with pytest.raises(MethodError, match="not below 1"):
        waste_model(INPUTS * 10, WASTE, ALLOCATION)
