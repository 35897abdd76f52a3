"""Investment, scrap and displacement: balances, figures by hand, and the whole chain to output."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.circulation.lifetimes import lifetime, survival_matrix
from lvshu.accounts.methods.circulation.stock_link import (
    Substitution,
    capital_formation,
    coefficients_over_time,
    displace,
    scrap,
)
from lvshu.accounts.methods.circulation.stocks import stock_driven
from lvshu.accounts.methods.leontief import leontief_model, required_output
from lvshu.core.errors import MethodError

# ore, steel mill, scrap dealer, machines
COEFFICIENTS = np.array([
    [0.0, 0.4, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.3],
    [0.0, 0.1, 0.0, 0.0],
    [0.1, 0.1, 0.2, 0.1],
])  # fmt: skip
OUTPUT = np.array([400.0, 1000.0, 100.0, 2000.0])
STEEL = Substitution(
    primary=0, secondary=2, primary_price=100.0, secondary_price=80.0, displacement=1.0, users=(1,)
)


def test_investment_is_expansion_and_replacement() -> None:
    shares = survival_matrix(lifetime("fixed", mean=2), 4)
    account = stock_driven(shares, np.array([[10.0, 1.0], [20.0, 2.0], [20.0, 3.0], [15.0, 3.0]]))
    matrix = np.array([[1.0, 5.0], [0.5, 0.0], [0.0, 2.0]])
    made = capital_formation(matrix, account)
    np.testing.assert_allclose(made.total, account.inflow @ matrix.T, atol=1e-12)
    assert made.expansion[3, 0] == pytest.approx(-5.0)  # five fewer of the first asset
    with pytest.raises(MethodError, match="do not fit"):
        capital_formation(matrix[:, :1], account)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 1000))
def test_no_material_is_lost_on_the_way_to_scrap(years: int, assets: int, materials: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    outflow, content = generator.random((years, assets)) * 1e6, generator.random((assets, materials))
    found = scrap(outflow, content, generator.random((assets, materials)), generator.random(materials))
    np.testing.assert_allclose(
        found.uncollected + found.lost + found.secondary, found.end_of_life, rtol=1e-12
    )
    assert min(found.uncollected.min(), found.lost.min(), found.secondary.min()) >= -1e-9


def test_shares_beyond_one() -> None:
    with pytest.raises(MethodError) as failure:
        scrap(np.ones((1, 1)), np.ones((1, 1)), np.array([[90.0]]), np.array([-0.1]))
    assert [problem.code for problem in failure.value.problems] == ["accounts.link_share"] * 2


def test_a_tonne_of_scrap_by_hand() -> None:
    """The mill buys ore for 400 CNY (4 t at 100) and scrap for 100; one more tonne of scrap at 80 saves 100 of ore."""
    found = displace(COEFFICIENTS, OUTPUT, np.array([1.0]), [STEEL])
    assert found.coefficients[0, 1] * OUTPUT[1] == pytest.approx(300.0)
    assert found.coefficients[2, 1] * OUTPUT[1] == pytest.approx(180.0)
    assert (found.used[0], found.unused[0], found.saved[0]) == (1.0, 0.0, 1.0)
    assert found.cost_change[1] * OUTPUT[1] == pytest.approx(-20.0)
    np.testing.assert_array_equal(
        np.delete(found.coefficients, 1, axis=1), np.delete(COEFFICIENTS, 1, axis=1)
    )


def test_no_more_is_displaced_than_is_used() -> None:
    found = displace(COEFFICIENTS, OUTPUT, np.array([6.0]), [STEEL])
    assert found.coefficients[0, 1] == pytest.approx(0.0, abs=1e-15)
    assert (found.used[0], found.unused[0]) == (pytest.approx(4.0), pytest.approx(2.0))
    less = displace(
        COEFFICIENTS, OUTPUT, np.array([-3.0]), [STEEL]
    )  # there are only 100 / 80 t of scrap to give up
    assert less.used[0] == pytest.approx(-1.25)
    assert less.unused[0] == pytest.approx(-1.75)
    assert less.coefficients[0, 1] * OUTPUT[1] == pytest.approx(525.0)


def test_there_and_back() -> None:
    half = Substitution(0, 2, 100.0, 80.0, displacement=0.5)
    more = displace(COEFFICIENTS, OUTPUT, np.array([2.0]), [half])
    assert more.saved[0] == pytest.approx(1.0)
    back = displace(
        more.coefficients, OUTPUT, np.array([-2.0]), [Substitution(0, 2, 100.0, 80.0, 0.5, users=(1,))]
    )
    np.testing.assert_allclose(back.coefficients, COEFFICIENTS, rtol=1e-12, atol=1e-15)
    with pytest.raises(MethodError, match="not positive"):
        displace(COEFFICIENTS, OUTPUT, np.array([2.0]), [Substitution(0, 2, 0.0, 80.0)])


def test_from_stock_to_ore() -> None:
    """Machines retire, their scrap displaces ore: ever less ore for the same final demand."""
    account = stock_driven(survival_matrix(lifetime("normal", mean=3, deviation=1), 6), np.full((6, 1), 10.0))
    recovered = scrap(account.outflow, np.array([[0.5]]), np.array([[0.9]]), np.array([0.95])).secondary
    tables = coefficients_over_time(COEFFICIENTS, np.tile(OUTPUT, (6, 1)), recovered - recovered[0], [STEEL])
    demand = np.array([0.0, 100.0, 0.0, 1000.0])
    ore = [required_output(leontief_model(one.coefficients), demand)[0] for one in tables]
    np.testing.assert_array_equal(tables[0].coefficients, COEFFICIENTS)
    order = np.argsort(recovered[:, 0])
    assert (np.diff(np.array(ore)[order]) < 0.0).all()
