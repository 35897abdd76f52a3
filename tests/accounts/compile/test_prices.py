"""Price bases and double deflation: tables worked by hand, and their identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.compile.prices import (
    basic_prices,
    double_deflation,
    margins_by_rate,
    purchasers_prices,
    without_margins,
)
from lvshu.core.errors import MethodError

# goods, trade, transport; used by industry and by households
USE = np.array([[120.0, 240.0], [10.0, 0.0], [5.0, 15.0]])
MARGINS = np.array([[[12.0, 60.0], [0, 0], [0, 0]], [[6.0, 10.0], [0, 0], [0, 0]]])  # trade, transport
SERVICES = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
TAXES = np.array([[2.0, 20.0], [0.0, 0.0], [0.5, 1.0]])


def test_from_purchasers_to_basic_prices_by_hand() -> None:
    producers = without_margins(USE, MARGINS, SERVICES)
    np.testing.assert_allclose(producers.use, [[102.0, 170.0], [22.0, 60.0], [11.0, 25.0]])
    np.testing.assert_allclose(producers.use.sum(axis=0), USE.sum(axis=0))
    basic = basic_prices(USE, MARGINS, SERVICES, TAXES)
    np.testing.assert_allclose(basic.use, [[100.0, 150.0], [22.0, 60.0], [10.5, 24.0]])
    np.testing.assert_allclose(basic.taxes, [2.5, 21.0])
    np.testing.assert_allclose(basic.use.sum(axis=0) + basic.taxes, USE.sum(axis=0))
    np.testing.assert_allclose(purchasers_prices(basic.use, MARGINS, SERVICES, TAXES), USE)
    assert basic.problems == ()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_there_and_back_and_column_sums(seed: int) -> None:
    generator = np.random.default_rng(seed)
    use = generator.uniform(1, 100, (6, 4))
    services = generator.random((2, 6))
    services /= services.sum(axis=1, keepdims=True)
    by_product = use.sum(axis=1) * generator.uniform(0, 0.2, (2, 6))
    margins = margins_by_rate(use, by_product)
    np.testing.assert_allclose(margins.sum(axis=2), by_product)
    taxes = use * generator.uniform(-0.05, 0.2, (6, 1))
    basic = basic_prices(use, margins, services, taxes)
    np.testing.assert_allclose(basic.use.sum(axis=0) + basic.taxes, use.sum(axis=0))
    np.testing.assert_allclose(purchasers_prices(basic.use, margins, services, taxes), use)


def test_valuation_is_refused_in_words() -> None:
    with pytest.raises(MethodError) as caught:
        basic_prices(USE, MARGINS, SERVICES * 0.9, TAXES)
    assert caught.value.code == "accounts.margin_services"
    assert "1 (0.9)" in caught.value.text("en")
    for margins, taxes in ((MARGINS[:, :2], TAXES), (MARGINS, TAXES[:2])):
        with pytest.raises(MethodError) as caught:
            basic_prices(USE, margins, SERVICES, taxes)
        assert caught.value.code == "accounts.valuation_shape"
    told = basic_prices(
        USE, MARGINS * 12.0, SERVICES, TAXES, products=["goods", "trade", "transport"]
    ).problems
    assert told[0].code == "accounts.valuation_negative"
    assert "goods" in told[0].text("zh")
    with pytest.raises(MethodError) as caught:
        margins_by_rate(np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([[5.0, 0.0]]))
    assert caught.value.code == "accounts.margin_without_cells"


def test_double_deflation_by_hand() -> None:
    """Two sectors: output 200 and 300, prices 1.25 and 1.5; inputs as below."""
    use, final = np.array([[20.0, 60.0], [40.0, 30.0]]), np.array([[120.0], [230.0]])
    found = double_deflation(
        use, final, np.array([200.0, 300.0]), np.array([1.25, 1.5]), names=["farm", "mill"]
    )
    np.testing.assert_allclose(found.output, [160.0, 200.0])
    np.testing.assert_allclose(found.value_added, [160 - 16 - 80 / 3, 200 - 48 - 20])
    np.testing.assert_allclose(found.value_added_index, np.array([140.0, 210.0]) / found.value_added)
    np.testing.assert_allclose(found.single_deflated, [112.0, 140.0])
    np.testing.assert_allclose(found.value_added.sum(), found.final_demand.sum())
    assert [problem.code for problem in found.problems] == ["accounts.deflation_difference"]
    assert "252" in found.problems[0].text("en")


def test_negative_real_value_added_is_told_and_kept() -> None:
    use, final = np.array([[0.0, 80.0], [0.0, 0.0]]), np.array([[20.0], [100.0]])
    found = double_deflation(
        use, final, np.array([100.0, 100.0]), np.array([0.5, 1.0]), names=["oil", "chemicals"]
    )
    assert found.value_added[1] == pytest.approx(-60.0)
    told = found.problems[0]
    assert told.code == "accounts.real_value_added_negative"
    assert "chemicals (-60)" in told.text("en")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 5.0))
def test_one_price_for_all_changes_nothing_but_the_unit(seed: int, level: float) -> None:
    generator = np.random.default_rng(seed)
    use, final, imports = (
        generator.uniform(0, 10, (5, 5)),
        generator.uniform(5, 80, (5, 2)),
        generator.uniform(0, 3, (2, 5)),
    )
    output = use.sum(axis=1) + final.sum(axis=1)
    found = double_deflation(
        use, final, output, np.full(5, level), imported_use=imports, import_price_index=np.full(2, level)
    )
    value_added = output - use.sum(axis=0) - imports.sum(axis=0)
    np.testing.assert_allclose(found.value_added, value_added / level, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.single_deflated, value_added / level, rtol=1e-10, atol=1e-10)
    real = found.final_demand.sum() - found.imported_use.sum()
    np.testing.assert_allclose(found.value_added.sum(), real, rtol=1e-10)


def test_prices_are_checked() -> None:
    with pytest.raises(MethodError) as caught:
        double_deflation(np.ones((2, 2)), np.ones((2, 1)), np.ones(2), np.array([1.0, 0.0]), names=["a", "b"])
    assert caught.value.code == "accounts.price_index_wrong"
    assert "b" in caught.value.text("en")
    idle = double_deflation(np.zeros((2, 2)), np.zeros((2, 1)), np.zeros(2), np.array([1.0, 2.0]))
    assert np.isnan(idle.value_added_index).all()
