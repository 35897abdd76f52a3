"""The two methods and their gap on small balances that can be computed by hand, and on random ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.inventory import EnergyBalance

ITEMS = (
    "available",
    *inventory.SUPPLY_ITEMS,
    *inventory.HEAT_AND_POWER,
    *inventory.CONVERSION_ITEMS,
    "loss",
    *inventory.FINAL_ITEMS,
    "households",
    "industry_feedstock",
)


def balance(fuels: tuple[str, ...], **rows: list[float]) -> EnergyBalance:
    return EnergyBalance(tuple(rows), fuels, np.array(list(rows.values()), dtype=float))


def total(lines: inventory.Lines, factor: np.ndarray) -> float:
    return float(sum(np.nansum(line) for line in inventory.emission(lines, factor).values()))


def test_by_hand() -> None:
    """100 coal in, 40 to power, 30 coked into 20 coke, 25 burned of which 5 feedstock, 5 left over."""
    example = balance(
        ("raw_coal", "coke"),
        available=[100, 0],
        inflow=[100, 0],
        thermal_power=[-40, 0],
        coking=[-30, 20],
        industry=[25, 20],
        industry_feedstock=[5, 0],
    )
    factor = np.array([2.0, 3.0])
    sectoral = inventory.sectoral_use(example, own_bunkers=True)
    assert total(sectoral, factor) == (40 + 25 - 5) * 2 + 20 * 3
    assert total(inventory.reference_use(example, own_bunkers=True), factor) == (100 - 5) * 2
    gap = inventory.emission(inventory.gap_lines(example), factor)
    assert gap["coking"].sum() == 30 * 2 - 20 * 3
    assert gap["statistical_difference"].sum() == 5 * 2
    assert sum(line.sum() for line in gap.values()) == 190 - 180


def test_bunkers_are_taken_out_of_both_methods() -> None:
    example = balance(("fuel_oil",), available=[10], bunker_own_abroad=[6], inflow=[4], transport=[10])
    for use in (inventory.sectoral_use, inventory.reference_use):
        with_bunkers = total(use(example, own_bunkers=True), np.array([3.0]))
        assert with_bunkers == 30.0
        assert total(use(example, own_bunkers=False), np.array([3.0])) == 12.0


def test_recovered_gas_is_not_counted_twice() -> None:
    example = balance(
        ("coke", "other_gas"), available=[100, 50], inflow=[100, 0], recovery=[0, 50], thermal_power=[0, -50],
        industry=[100, 0],
    )  # fmt: skip
    factor = np.array([3.0, 0.5])
    assert total(inventory.sectoral_use(example, own_bunkers=True), factor) == 300.0
    assert total(inventory.reference_use(example, own_bunkers=True), factor) == 300.0


def test_recovery_inside_conversion_gives_the_same() -> None:
    """Yearbooks since 2010 show recovered energy among conversion."""
    example = balance(
        ("coke", "other_gas"), available=[100, 0], inflow=[100, 0], recovery_conversion=[0, 50],
        thermal_power=[0, -50], industry=[100, 0],
    )  # fmt: skip
    factor = np.array([3.0, 0.5])
    assert total(inventory.sectoral_use(example, own_bunkers=True), factor) == 300.0
    assert total(inventory.reference_use(example, own_bunkers=True), factor) == 300.0
    assert total(inventory.gap_lines(example), factor) == 0.0


def test_supply_that_the_lines_do_not_show() -> None:
    """The table of 2007 lost its row of opening stock: the stated supply is larger than its lines."""
    example = balance(("raw_coal",), available=[90], inflow=[100], closing_stock=[-20], industry=[90])
    lines = inventory.reference_use(example, own_bunkers=True)
    assert lines["supply_not_itemised"].tolist() == [10.0]
    assert total(lines, np.array([2.0])) == 180.0


def test_final_total_that_the_lines_do_not_make() -> None:
    example = balance(("natural_gas",), final_consumption=[5.3], industry=[4.3], transport=[2.7])
    assert inventory.not_itemised(example)["final_not_itemised"][0] == pytest.approx(-1.7)


def test_households_given_as_a_whole() -> None:
    example = balance(("lpg", "natural_gas"), households=[7, 4], households_urban=[5, np.nan])
    final = inventory.final_use(example)
    assert final["households_unsplit"].tolist() == [0.0, 4.0]
    assert final["households_urban"].tolist() == [5.0, 0.0]


def test_quantity_without_factor_is_not_zero() -> None:
    emission = inventory.emission({"industry": np.array([4.0, 0.0])}, np.array([np.nan, np.nan]))
    assert np.isnan(emission["industry"][0])
    assert emission["industry"][1] == 0.0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.floats(0.0, 0.6), st.booleans())
def test_gap_is_the_sum_of_its_lines(seed: int, absent: float, own_bunkers: bool) -> None:
    generator = np.random.default_rng(seed)
    quantity = np.round(generator.normal(0, 100, (len(ITEMS), 4)), 2)
    quantity[generator.random(quantity.shape) < absent] = np.nan
    example = EnergyBalance(ITEMS, ("raw_coal", "coke", "other_gas", "crude_oil"), quantity)
    factor = np.array([1.9, 2.86, 0.00085, 3.02])
    reference = total(inventory.reference_use(example, own_bunkers=own_bunkers), factor)
    sectoral = total(inventory.sectoral_use(example, own_bunkers=own_bunkers), factor)
    assert abs(reference - sectoral - total(inventory.gap_lines(example), factor)) < 1e-6
