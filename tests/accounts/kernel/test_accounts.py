"""Accounts against printed figures, the explicit inverse, and identities."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.kernel import Kernel
from lvshu.accounts.methods.kernel.accounts import (
    changed_consumption,
    check_identity,
    consumption_by_sector,
    imports_by_sector,
    regional_accounts,
    stressor_intensity,
)
from lvshu.accounts.methods.kernel.responsibility import (
    bilateral_trade,
    downstream,
    income_based,
    shared,
    upstream,
)
from lvshu.core.errors import MethodError

from . import published as p
from .tables import Economy, economy

REGIONS = np.array([0, 1])


def _accounts(table: Economy, direct: np.ndarray | None = None):
    kernel = Kernel(table.use, table.output, table.regions)
    intensity = stressor_intensity(table.stressors, table.output)
    codes = np.arange(table.demand.shape[1])
    found = regional_accounts(
        kernel, intensity, table.demand, blocks=table.regions, demand_blocks=codes, direct=direct,
        output=table.output,
    )  # fmt: skip
    return kernel, intensity, found


def test_published_accounts_of_two_regions() -> None:
    kernel = Kernel(p.USE, p.OUTPUT, p.REGION)
    intensity = stressor_intensity(p.STRESSORS, p.OUTPUT)
    found = regional_accounts(
        kernel, intensity, p.DEMAND, blocks=p.REGION, demand_blocks=REGIONS, direct=p.DIRECT, output=p.OUTPUT
    )
    np.testing.assert_allclose(found.multipliers, p.MULTIPLIERS, rtol=1e-14)
    np.testing.assert_allclose(found.production, p.STRESSORS, rtol=1e-14)
    np.testing.assert_allclose(found.exports, p.EXPORTS, rtol=1e-14)
    by_sector = consumption_by_sector(found.multipliers, p.DEMAND, p.SECTOR).reshape(2, 6)
    np.testing.assert_allclose(by_sector, p.CONSUMPTION, rtol=1e-14)
    imports = imports_by_sector(
        kernel, intensity, found.multipliers, p.DEMAND, blocks=p.REGION, sectors=p.SECTOR
    )
    np.testing.assert_allclose(imports.reshape(2, 6), p.IMPORTS, rtol=1e-13)
    np.testing.assert_allclose(found.imports_by_region, p.IMPORTS.reshape(2, 2, 3).sum(axis=2), rtol=1e-13)
    np.testing.assert_allclose(found.exports_by_region, p.EXPORTS.reshape(2, 2, 3).sum(axis=2), rtol=1e-13)
    np.testing.assert_allclose(
        found.consumption_by_region, p.CONSUMPTION.reshape(2, 2, 3).sum(axis=2) + p.DIRECT, rtol=1e-13
    )
    np.testing.assert_allclose(downstream(kernel, intensity), p.DOWNSTREAM, atol=5e-9)
    assert found.told == ()
    assert found.identity < 1e-14


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 7), st.integers(0, 1), st.integers(0, 1))
@settings(max_examples=40, deadline=None)
def test_identities(seed: int, regions: int, sectors: int, idle: int, negative: int) -> None:
    table = economy(seed, regions, sectors, idle=idle, negative=negative)
    direct = np.random.default_rng(seed).random((3, regions))
    _, _, found = _accounts(table, direct)
    scale = np.abs(found.consumption_by_region).sum()
    assert found.identity <= 1e-9
    assert (
        np.abs(found.exports_by_region.sum(axis=1) - found.imports_by_region.sum(axis=1)).max()
        <= 1e-10 * scale
    )
    balance = found.production_by_region + found.imports_by_region - found.exports_by_region
    assert np.abs(balance - found.consumption_by_region).max() <= 1e-10 * scale
    assert np.abs(found.production - table.stressors).max() <= 1e-9 * scale
    by_region = np.stack([found.exports[:, table.regions == r].sum(axis=1) for r in range(regions)], axis=1)
    assert np.abs(by_region - found.exports_by_region).max() <= 1e-10 * scale


def test_bilateral_flows_and_sector_imports_agree_with_the_inverse() -> None:
    table = economy(9, 3, 5, stressors=2)
    kernel, intensity, found = _accounts(table)
    inverse = np.linalg.inv(np.eye(15) - table.coefficients)
    for seller in range(3):
        own = np.where(table.regions == seller, intensity, 0.0)
        np.testing.assert_allclose(found.bilateral[:, seller, :], own @ inverse @ table.demand, rtol=1e-11)
    expected = np.zeros((2, 3, 5))
    for buyer in range(3):
        foreign = np.where(table.regions == buyer, 0.0, intensity) @ inverse
        for sector in range(5):
            rows = table.sectors == sector
            expected[:, buyer, sector] = foreign[:, rows] @ table.demand[rows, buyer]
    for lines in (intensity, np.vstack([intensity] * 4)):  # solved by stressors, and by rows of the inverse
        got = imports_by_sector(
            kernel,
            lines,
            kernel.multipliers(lines),
            table.demand,
            blocks=table.regions,
            sectors=table.sectors,
        )
        np.testing.assert_allclose(got[:2], expected, rtol=1e-10)
    np.testing.assert_allclose(got.sum(axis=2)[:2], found.imports_by_region, rtol=1e-10)


def test_changed_demand_needs_no_solution() -> None:
    table = economy(9, 3, 5)
    direct = np.ones((3, 3))
    kernel, _, found = _accounts(table, direct)
    demand = table.demand.copy()
    demand[:, 1] *= np.linspace(0.5, 2.0, 15)
    solved = len(kernel.record)
    got = changed_consumption(found.multipliers, found.consumption_by_region, table.demand, demand)
    assert len(kernel.record) == solved
    np.testing.assert_allclose(got, found.multipliers @ demand + direct, rtol=1e-12)
    np.testing.assert_array_equal(got[:, [0, 2]], found.consumption_by_region[:, [0, 2]])


def test_regions_need_not_lie_together() -> None:
    table = economy(9, 3, 5)
    order = np.random.default_rng(1).permutation(15)
    mixed = Economy(table.use[np.ix_(order, order)], table.demand[order], table.output[order],
                    table.stressors[:, order], table.regions[order], table.sectors[order])  # fmt: skip
    _, _, first = _accounts(table)
    kernel, intensity, second = _accounts(mixed)
    for name in ("consumption_by_region", "imports_by_region", "bilateral"):
        np.testing.assert_allclose(getattr(first, name), getattr(second, name), rtol=1e-11)
    np.testing.assert_allclose(
        consumption_by_sector(first.multipliers, table.demand, table.sectors),
        consumption_by_sector(second.multipliers, mixed.demand, mixed.sectors),
        rtol=1e-11,
    )
    straight = Kernel(table.use, table.output)
    np.testing.assert_allclose(
        bilateral_trade(kernel, intensity, mixed.demand, blocks=mixed.regions).traded,
        bilateral_trade(straight, intensity[:, np.argsort(order)], table.demand, blocks=table.regions).traded,
        rtol=1e-11,
    )


def test_broken_identity_and_unbalanced_table_are_told() -> None:
    with pytest.raises(MethodError) as caught:
        check_identity(np.array([[1.0, 2.0]]), np.array([[1.0, 2.1]]))
    assert caught.value.code == "accounts.kernel_identity"
    assert "3.1" in caught.value.text("zh")
    table = economy(9, 3, 5)
    _, _, found = _accounts(dataclasses.replace(table, demand=table.demand * 1.01))
    assert [problem.code for problem in found.told] == ["accounts.kernel_output_gap"]
    assert found.told[0].severity == "warning"


def test_bad_codes_and_stressors_are_answered_in_words() -> None:
    table = economy(9, 3, 5)
    kernel = Kernel(table.use, table.output)
    idle = table.output.copy()
    idle[4] = 0.0
    with pytest.raises(MethodError) as caught:
        stressor_intensity(table.stressors, idle)
    assert caught.value.code == "accounts.stressor_without_output"
    for blocks, columns in ((table.regions - 1, np.arange(3)), (table.regions[1:], np.arange(3)),
                            (table.regions, np.arange(2))):  # fmt: skip
        with pytest.raises(MethodError) as caught:
            regional_accounts(kernel, table.stressors, table.demand, blocks=blocks, demand_blocks=columns)
        assert caught.value.code in ("accounts.kernel_blocks", "accounts.kernel_shape")


@given(st.integers(0, 10**6), st.integers(0, 1))
@settings(max_examples=25, deadline=None)
def test_every_sharing_out_adds_up(seed: int, idle: int) -> None:
    table = economy(seed, 3, 4, idle=idle)
    kernel, intensity, found = _accounts(table)
    total = table.stressors.sum(axis=1)
    primary = table.output - table.use[table.output != 0.0].sum(axis=0)
    np.testing.assert_allclose(income_based(kernel, intensity, primary).sum(axis=1), total, rtol=1e-9)
    trade = bilateral_trade(kernel, intensity, table.demand, blocks=table.regions)
    np.testing.assert_allclose(trade.consumption.sum(axis=1), total, rtol=1e-9)
    np.testing.assert_allclose(
        trade.production, found.production_by_region, rtol=1e-9, atol=1e-9 * total.max()
    )
    alpha = np.random.default_rng(seed).random(12)
    middle = shared(kernel, intensity, table.demand, alpha)
    np.testing.assert_allclose(middle.producers.sum(axis=1) + middle.consumers.sum(axis=1), total, rtol=1e-9)
    everything = shared(kernel, intensity, table.demand, np.ones(12))
    np.testing.assert_allclose(
        everything.consumers, found.consumption_by_region, rtol=1e-9, atol=1e-9 * total.max()
    )
    nothing = shared(kernel, intensity, table.demand, np.zeros(12))
    np.testing.assert_allclose(nothing.producers, found.production, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(upstream(kernel, intensity), found.multipliers - intensity, atol=1e-14)


def test_shares_outside_and_wrong_primary_inputs_are_refused() -> None:
    table = economy(3, 2, 4)
    kernel, intensity, _ = _accounts(table)
    with pytest.raises(MethodError) as caught:
        shared(kernel, intensity, table.demand, np.full(8, 1.5))
    assert caught.value.code == "accounts.kernel_share"
    with pytest.raises(MethodError) as caught:
        income_based(kernel, intensity, table.output)
    assert caught.value.code == "accounts.kernel_identity"


def test_trade_by_hand() -> None:
    """Two regions of one sector: what each sells to the other, with its own table alone."""
    kernel = Kernel(np.array([[20.0, 10.0], [5.0, 30.0]]), np.array([100.0, 80.0]))
    trade = bilateral_trade(
        kernel, np.array([[2.0, 1.0]]), np.array([[60.0, 10.0], [15.0, 30.0]]), blocks=REGIONS
    )
    np.testing.assert_allclose(trade.traded[0], [[2.5 * 60, 2.5 * 20], [1.6 * 20, 1.6 * 30]])
    np.testing.assert_allclose(trade.production[0], [200.0, 80.0])


def test_same_as_pymrio_on_its_test_table() -> None:
    pymrio: Any = pytest.importorskip(
        "pymrio", reason="pymrio is a rival program and no part of the environment"
    )
    theirs = pymrio.load_test().calc_all()
    output = theirs.x.to_numpy()[:, 0]
    regions = np.repeat(np.arange(6), 8)
    sectors = np.tile(np.arange(8), 6)
    columns = np.repeat(np.arange(6), theirs.Y.shape[1] // 6)
    kernel = Kernel(theirs.Z.to_numpy(), output, regions)
    for extension in theirs.get_extensions(data=True):
        flows = extension.F.to_numpy()
        direct = extension.F_Y.to_numpy() if extension.F_Y is not None else None
        intensity = stressor_intensity(flows, output)
        found = regional_accounts(kernel, intensity, theirs.Y.to_numpy(), blocks=regions, demand_blocks=columns,
                                  direct=direct, output=output)  # fmt: skip
        demand = theirs.Y.to_numpy() @ np.eye(6)[columns]
        imports = imports_by_sector(
            kernel, intensity, found.multipliers, demand, blocks=regions, sectors=sectors
        )
        for ours, name in (
            (found.multipliers, "M"), (found.production, "D_pba"), (found.exports, "D_exp"),
            (consumption_by_sector(found.multipliers, demand, sectors), "D_cba"), (imports, "D_imp"),
            (found.consumption_by_region, "D_cba_reg"), (found.production_by_region, "D_pba_reg"),
            (found.imports_by_region, "D_imp_reg"), (found.exports_by_region, "D_exp_reg"),
        ):  # fmt: skip
            rival = getattr(extension, name).to_numpy()
            assert np.abs(ours.reshape(rival.shape) - rival).max() <= 1e-10 * np.abs(rival).max(), name
        if extension.name == p.PYMRIO_TEST_EXTENSION:
            assert abs(found.consumption_by_region.sum() - p.PYMRIO_TEST_FOOTPRINT) < 5e-4
            assert abs(found.imports_by_region.sum() - p.PYMRIO_TEST_TRADE) < 5e-4
    assert abs(output.sum() - p.PYMRIO_TEST_OUTPUT) < 5e-4
