"""Material flows: a case by hand, the identities of the handbook, raw material equivalents against an inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lvshu.accounts.methods.circulation.draws import relative_draws
from lvshu.accounts.methods.circulation.material_flow import (
    material_account,
    physical_balance,
    productivity,
    raw_material_consumption,
    raw_material_equivalents,
)
from lvshu.core.errors import MethodError

TONNES = arrays(np.float64, (5, 4), elements=st.floats(0, 1e9, width=32))


def test_a_city_by_hand() -> None:
    account = material_account(*(np.array([one]) for one in (10.0, 30.0, 5.0, 100.0, 40.0)))
    assert account.direct_input.tolist() == [140.0]
    assert account.consumption.tolist() == [95.0]
    assert account.trade_balance_abroad.tolist() == [25.0]
    assert account.trade_balance_country.tolist() == [60.0]


@settings(max_examples=50, deadline=None)
@given(TONNES)
def test_consumption_is_extraction_and_trade_balance(flows: np.ndarray) -> None:
    account = material_account(*flows)
    np.testing.assert_allclose(account.consumption, flows[0] + account.trade_balance, atol=1e-3)
    np.testing.assert_allclose(account.direct_input - flows[2] - flows[4], account.consumption, atol=1e-3)


def test_a_negative_flow_is_refused_with_its_name() -> None:
    with pytest.raises(MethodError, match="outflow"):
        material_account(*(np.array([one]) for one in (1.0, 1.0, 1.0, 1.0, -2.0)))


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, 5, elements=st.floats(0, 1e9, width=32)))
def test_the_balance_closes_by_additions_to_stock(parts: np.ndarray) -> None:
    balance = physical_balance(*(float(one) for one in parts))
    assert float(balance.inputs) == pytest.approx(float(balance.outputs + balance.net_additions), abs=1e-3)
    assert np.isnan(balance.difference)


def test_the_closure_is_shown_where_it_was_measured() -> None:
    balance = physical_balance(100.0, 20.0, 30.0, 25.0, 15.0, measured_additions=50.0)
    assert (float(balance.net_additions), float(balance.difference)) == (60.0, 10.0)


def test_material_footprint_of_a_closed_economy_is_its_extraction() -> None:
    generator = np.random.default_rng(7)
    flows, final = generator.uniform(0, 10, (4, 4)), generator.uniform(20, 60, 4)
    output = flows.sum(axis=1) + final
    extraction = generator.uniform(0, 100, (2, 4))
    inverse = np.linalg.inv(np.eye(4) - flows / output)
    multipliers = (extraction / output) @ inverse
    exports = final * np.array([0.5, 0.1, 0.0, 0.3])
    sent = raw_material_equivalents(multipliers, exports)
    footprint = raw_material_consumption(extraction.sum(axis=1), np.zeros(2), sent)
    np.testing.assert_allclose(footprint, raw_material_equivalents(multipliers, final - exports), rtol=1e-12)
    np.testing.assert_allclose(footprint + sent, extraction.sum(axis=1), rtol=1e-12)


def test_multipliers_of_other_products_are_refused() -> None:
    with pytest.raises(MethodError, match="3 products"):
        raw_material_equivalents(np.ones((2, 3)), np.ones(4))


def test_productivity() -> None:
    assert float(productivity(43_900e8, 142_150_000.0)) == pytest.approx(30_882.87020752726)
    with pytest.raises(MethodError, match="not positive"):
        productivity(1.0, 0.0)


def test_draws_have_the_stated_error() -> None:
    drawn = relative_draws(np.array([0.1, np.nan]), 200_000, np.random.default_rng(1))
    assert abs(drawn[0].mean() - 1.0) < 1e-3
    assert abs(drawn[0].std() - 0.1) < 1e-3
    assert (drawn[1] == 1.0).all()
