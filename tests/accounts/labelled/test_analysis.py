"""Accounts of labelled systems: the textbook, identities, groupings that agree, choosing by words, errors in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.ask.analysis import GROUPINGS, Accounts
from lvshu.accounts.ask.selection import choose, names_of
from lvshu.core.errors import MethodError
from tests.accounts.labelled.systems import random_system, textbook


def test_textbook_multipliers_and_footprint() -> None:
    accounts = Accounts(textbook())
    inverse = accounts.inverse().to_numpy()
    np.testing.assert_allclose(inverse, [[1.25412541, 0.330033], [0.2640264, 1.12211221]], rtol=1e-6)
    multipliers = accounts.multipliers("labour")
    assert multipliers.units == ("person/CNY",)
    np.testing.assert_allclose(multipliers.to_numpy()[0], np.array([0.3, 0.25]) @ inverse, rtol=1e-12)
    footprint = accounts.footprint("labour")
    np.testing.assert_allclose(footprint.to_numpy(), [[0.3 * 1000 + 0.25 * 2000]], rtol=1e-12)
    assert footprint.rows.labels == (("labour",),)
    assert footprint.origin[0].title == "Miller and Blair"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_consumption_production_and_trade_agree(seed: int, idle: bool) -> None:
    system = random_system(seed, idle=idle)
    accounts = Accounts(system)
    production, consumption = accounts.production().values, accounts.consumption().values
    np.testing.assert_allclose(consumption.sum(axis=1), production.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(accounts.balance().values, production - consumption, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(
        accounts.exports().values.sum(axis=1), accounts.imports().values.sum(axis=1), rtol=1e-9
    )
    flows = accounts.bilateral("gas 0").values
    np.testing.assert_allclose(
        flows.sum() - np.trace(flows), accounts.exports("gas 0").values.sum(), rtol=1e-9
    )
    income = accounts.income("gas 0").values
    np.testing.assert_allclose(income.sum(), system.extensions["air"].flows[0].sum(), rtol=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_every_grouping_has_the_same_total(seed: int) -> None:
    system = random_system(seed)
    accounts = Accounts(system)
    own = system.extensions["air"].final_flows
    assert own is not None
    whole = accounts.footprint().values.sum(axis=1)
    for grouping in GROUPINGS:
        found = accounts.footprint(by=grouping).values.sum(axis=1)
        missing = own.sum(axis=1) if grouping in ("sector", "product", "emitter") else 0.0
        np.testing.assert_allclose(found + missing, whole, rtol=1e-9)
    part = accounts.footprint(region="r1", final="government", by="category")
    assert part.columns.labels == (("r1", "government"),)
    np.testing.assert_allclose(part.values[:, 0], accounts.footprint(by="category").values[:, 3], rtol=1e-9)


def test_direct_emission_of_final_demand_is_told_where_it_is_left_out() -> None:
    accounts = Accounts(random_system(1))
    assert any("Without what final demand" in note[1] for note in accounts.footprint(by="product").notes)
    assert not any("Without" in note[1] for note in accounts.footprint(by="region").notes)


def test_standard_errors_agree_with_replicates() -> None:
    system = random_system(5, error=True)
    accounts = Accounts(system)
    found = accounts.footprint("gas 0", by="category")
    assert found.standard_error is not None
    flows = system.extensions["air"].flows
    draws = np.random.default_rng(1).normal(1.0, 0.1, (4000, flows.shape[1])) * np.asarray(flows)[0]
    replicates = accounts.footprint_replicates("gas 0", draws)
    np.testing.assert_allclose(replicates.std(axis=0, ddof=1), found.standard_error[0], rtol=0.06)
    np.testing.assert_allclose(replicates.mean(axis=0), found.values[0], rtol=0.02)


@pytest.mark.parametrize("by", ["product", "emitter"])
def test_standard_errors_by_product_and_emitter_agree_with_replicates(by: str) -> None:
    system = random_system(6, error=True)
    accounts = Accounts(system)
    found = accounts.footprint("gas 0", by=by)
    assert found.standard_error is not None
    flows = np.asarray(system.extensions["air"].flows)[0]
    draws = np.random.default_rng(2).normal(1.0, 0.1, (4000, 12)) * flows / system.output
    bought = system.final_demand.sum(axis=1)
    inverse = accounts.inverse().values
    drawn = draws @ inverse * bought if by == "product" else draws * (inverse @ bought)
    np.testing.assert_allclose(drawn.std(axis=0, ddof=1), found.standard_error[0], rtol=0.06)


def test_an_error_that_is_not_stated_never_counts_as_none() -> None:
    system = random_system(5, error=True)
    air = system.extensions["air"]
    partly = np.array(air.standard_error)
    partly[0, 3] = np.nan
    accounts = Accounts(replace(system, extensions={"air": replace(air, standard_error=partly)}))
    found = accounts.footprint()
    assert found.standard_error is not None
    assert np.isnan(found.standard_error[0]).all()
    assert np.isfinite(found.standard_error[1]).all()
    assert any("gas 0" in note[1] and "not every flow" in note[1] for note in found.notes)
    assert accounts.footprint("gas 0").standard_error is None
    by_product = accounts.footprint("gas 1", by="sector")
    assert by_product.standard_error is None
    assert any("No standard error" in note[1] for note in by_product.notes)


def test_the_error_of_what_final_demand_emits_is_carried() -> None:
    system = random_system(5, error=True)
    air = system.extensions["air"]
    error = np.zeros_like(air.final_flows)
    error[0, 2] = 1000.0
    with_it = Accounts(replace(system, extensions={"air": replace(air, final_error=error)})).footprint(
        "gas 0"
    )
    without = Accounts(system).footprint("gas 0")
    assert with_it.standard_error is not None and without.standard_error is not None
    np.testing.assert_allclose(
        with_it.standard_error[0, 1], np.hypot(without.standard_error[0, 1], 1000.0), rtol=1e-9
    )
    np.testing.assert_allclose(
        with_it.standard_error[0, [0, 2]], without.standard_error[0, [0, 2]], rtol=1e-12
    )


def test_the_error_of_the_table_is_added_and_said() -> None:
    accounts = Accounts(random_system(5))
    plain, with_error = accounts.footprint("gas 0"), accounts.footprint("gas 0", table_error=0.1)
    assert plain.standard_error is None
    assert with_error.standard_error is not None
    assert (with_error.standard_error > 0.0).all()
    assert any("intermediate use" in note[1] for note in with_error.notes)


def test_a_table_that_does_not_balance_is_told_in_every_result() -> None:
    system = random_system(2)
    object.__setattr__(system, "output", system.output * 1.01)
    assert any("output" in note[1] for note in Accounts(system).multipliers("gas 0").notes)


def test_choosing_stressors() -> None:
    system = random_system(3)
    assert choose(system, "gas*").index.labels == (("gas 0",), ("gas 1",))
    assert choose(system, "GAS 1").units == ("kg",)
    assert choose(system).flows.shape == (2, 12)
    both = choose(system, ["gas 0", "value_added"])
    assert both.index.levels == ("extension", "stressor")
    assert both.units == ("tCO2", "1e6 EUR")
    assert "value_added" in names_of(system)
    with pytest.raises(MethodError) as caught:
        choose(system, ["gas 7", "methane"])
    assert len(caught.value.problems) == 2
    assert "gas 0" in caught.value.text("en")


def test_value_added_of_the_world_is_its_final_demand() -> None:
    system = random_system(4)
    found = Accounts(system).footprint("value_added", by="category").values[0]
    np.testing.assert_allclose(found, system.final_demand.sum(axis=0), rtol=1e-9)


def test_questions_that_cannot_be_answered() -> None:
    accounts = Accounts(random_system(3))
    for ask, code in (
        (lambda: accounts.footprint(by="colour"), "accounts.no_such_grouping"),
        (lambda: accounts.bilateral(), "accounts.one_stressor_wanted"),
        (lambda: accounts.footprint(region="r9"), "accounts.no_such_label"),
    ):
        with pytest.raises(MethodError) as caught:
            ask()
        assert caught.value.code == code
        assert caught.value.problems[0].fix("zh")
