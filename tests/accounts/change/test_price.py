"""Prices, carbon prices and their burden: the textbook economy, identities, brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.leontief import input_coefficients, leontief_model
from lvshu.accounts.methods.price.burden import (
    consumer_price_change,
    gini_index,
    household_burden,
    kakwani_index,
    recycled_equally,
    suits_index,
)
from lvshu.accounts.methods.price.carbon import CarbonPrice, carbon_burden, carbon_cost
from lvshu.accounts.methods.price.model import (
    price_change,
    price_change_with_regulated,
    price_level,
    surplus_change,
)
from lvshu.core.errors import MethodError

# Miller and Blair (2009), chapter 2: two sectors
USE = np.array([[150.0, 500.0], [200.0, 100.0]])
OUTPUT = np.array([1000.0, 2000.0])
A = input_coefficients(USE, OUTPUT)
MODEL = leontief_model(A)


def test_consistent_table_has_prices_of_one() -> None:
    primary = (OUTPUT - USE.sum(axis=0)) / OUTPUT
    np.testing.assert_allclose(primary, [0.65, 0.7])
    np.testing.assert_allclose(price_level(MODEL, primary), [1.0, 1.0], rtol=1e-14)


def test_wage_rise_and_ghosh() -> None:
    # labour is 0.30 of the first sector's cost; wages there rise by 30 %
    change = price_change(MODEL, np.array([0.09, 0.0]))
    inverse = np.linalg.inv(np.eye(2) - A)
    np.testing.assert_allclose(change, 0.09 * inverse[0], rtol=1e-13)
    np.testing.assert_allclose(1 + change, [1.113, 1.030], atol=5e-4)
    # Dietzenbacher (1997): the Ghosh model, read in values, gives the same price changes
    ghosh = np.linalg.inv(np.eye(2) - USE / OUTPUT[:, None])
    new_value = (np.array([650.0, 1400.0]) + np.array([0.09, 0.0]) * OUTPUT) @ ghosh
    np.testing.assert_allclose(new_value / OUTPUT - 1, change, rtol=1e-12)


def test_published_carbon_price() -> None:
    cost = carbon_cost(MODEL, np.array([2.0, 1.0]), CarbonPrice(0.01))
    np.testing.assert_allclose(cost.price_change, [0.02772277, 0.01782178], atol=5e-9)


def test_regulated_price_is_kept_and_the_sector_bears_the_rest() -> None:
    cost = np.array([0.05, 0.02])
    change = price_change_with_regulated(A, cost, [0], np.array([0.01]))
    assert change[0] == 0.01
    assert change[1] == pytest.approx((0.02 + 0.01 * A[0, 1]) / (1 - A[1, 1]))
    surplus = surplus_change(A, cost, change)
    assert surplus[1] == pytest.approx(0.0, abs=1e-15)
    assert surplus[0] < 0
    np.testing.assert_allclose(
        price_change_with_regulated(A, cost, [], np.zeros(0)), price_change(MODEL, cost), rtol=1e-13
    )


SHARES = st.lists(st.integers(0, 100), min_size=4, max_size=4).map(lambda shares: np.array(shares) / 100)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), SHARES, SHARES, st.booleans(), st.integers(0, 500))
def test_everything_raised_is_borne_by_somebody(
    seed: int, exempt: np.ndarray, passed: np.ndarray, rebate: bool, price: int
) -> None:
    generator = np.random.default_rng(seed)
    use = generator.random((4, 4))
    local = 0.5 * use / use.sum(axis=0)
    imported = 0.2 * local[::-1]
    model = leontief_model(local)
    demand, imported_final = generator.random((4, 3)) * 1e9, generator.random((4, 3)) * 1e8
    rules = CarbonPrice(price, exempt, passed, imported, generator.random(4) * 1e-4, rebate)
    intensity = generator.random(4) * 1e-4
    cost = carbon_cost(model, intensity, rules)
    explicit = (passed * (price * intensity * (1 - exempt) + price * rules.import_intensity @ imported)) @ (
        np.linalg.inv(np.eye(4) - local)
    )
    np.testing.assert_allclose(cost.price_change, explicit, rtol=1e-10, atol=1e-15)
    borne = carbon_burden(model, cost, demand, imported_final=imported_final,
                          exports=np.array([False, False, True]), rules=rules)  # fmt: skip
    assert borne.net_revenue == pytest.approx(borne.profits.sum() + borne.buyers.sum(), rel=1e-9, abs=1e-3)
    if rebate:
        assert borne.buyers[2] == 0.0
    output = np.linalg.inv(np.eye(4) - local) @ demand.sum(axis=1)
    np.testing.assert_allclose(borne.revenue_own, price * intensity * (1 - exempt) * output, rtol=1e-10)


def test_no_pass_through_is_borne_by_profits_alone() -> None:
    rules = CarbonPrice(100.0, pass_through=np.zeros(2))
    cost = carbon_cost(MODEL, np.array([2e-4, 1e-4]), rules)
    demand = np.array([[350.0], [1700.0]]) * 1e6
    borne = carbon_burden(MODEL, cost, demand, rules=rules)
    assert not cost.price_change.any()
    assert borne.buyers.sum() == 0.0
    assert borne.profits.sum() == pytest.approx(100.0 * (2e-4 * 1e9 + 1e-4 * 2e9))


def test_wrong_rules_are_answered_in_words() -> None:
    rules = CarbonPrice(-1.0, exempt=np.array([0.5, 30.0]), import_intensity=np.ones(2))
    with pytest.raises(MethodError) as caught:
        carbon_cost(MODEL, np.ones(3), rules)
    assert [problem.code for problem in caught.value.problems] == [
        "accounts.price_shapes", "accounts.carbon_share", "accounts.carbon_price_negative",
        "accounts.carbon_border_half",
    ]  # fmt: skip
    fair = CarbonPrice(1.0, export_rebate=True)
    cost = carbon_cost(MODEL, np.ones(2), fair)
    for demand in (np.ones((2, 1)), np.ones(2)):
        with pytest.raises(MethodError):
            carbon_burden(MODEL, cost, demand, rules=fair)
    with pytest.raises(MethodError):
        price_level(MODEL, np.ones(3))
    with pytest.raises(MethodError):
        price_change_with_regulated(A, np.ones(3), [0], np.ones(1))


INCOME = np.array([20_000.0, 40_000.0, 100_000.0])
PERSONS = np.array([5e6, 8e6, 3e6])


def test_burden_of_household_groups() -> None:
    spending = np.array([[6000.0, 9000.0], [7000.0, 20_000.0], [9000.0, 51_000.0]])
    burden = household_burden(np.array([0.05, 0.01]), spending, PERSONS, INCOME)
    np.testing.assert_allclose(burden.per_head, [390.0, 550.0, 960.0])
    np.testing.assert_allclose(burden.share_of_income, [0.0195, 0.01375, 0.0096])
    np.testing.assert_allclose(burden.share_of_spending, burden.per_head / spending.sum(axis=1))
    np.testing.assert_allclose(burden.by_product.sum(axis=1), burden.per_head)
    assert burden.suits < 0
    assert burden.kakwani < 0
    net = recycled_equally(burden, PERSONS, float(burden.total.sum()))
    assert net[0] < 0 < net[2]
    assert net @ PERSONS == pytest.approx(0.0, abs=1e-3)


def test_progressivity_indices() -> None:
    total = INCOME * PERSONS
    gini = gini_index(total, PERSONS)
    # brute force over pairs of persons: sum |yi - yj| / (2 n^2 mean)
    pairs = np.abs(INCOME[:, None] - INCOME) * PERSONS[:, None] * PERSONS
    assert gini == pytest.approx(pairs.sum() / (2 * PERSONS.sum() ** 2 * (total.sum() / PERSONS.sum())))
    assert suits_index(0.03 * total, total, PERSONS) == pytest.approx(0.0, abs=1e-14)
    assert kakwani_index(0.03 * total, total, PERSONS) == pytest.approx(0.0, abs=1e-14)
    # a poll tax: both are minus the Gini index
    assert suits_index(PERSONS * 100, total, PERSONS) == pytest.approx(-gini)
    assert kakwani_index(PERSONS * 100, total, PERSONS) == pytest.approx(-gini)
    rich = np.array([0.0, 0.0, 1.0])
    assert suits_index(rich, total, PERSONS) == pytest.approx(1 - total[2] / total.sum())
    # the order in which groups are given does not matter
    turned = [2, 0, 1]
    assert suits_index(rich[turned], total[turned], PERSONS[turned]) == pytest.approx(
        suits_index(rich, total, PERSONS)
    )
    assert np.isnan(suits_index(np.zeros(3), total, PERSONS))
    assert np.isnan(kakwani_index(np.zeros(3), total, PERSONS))


def test_groups_without_people_or_income_are_refused() -> None:
    with pytest.raises(MethodError) as caught:
        household_burden(np.ones(2), np.ones((3, 2)), np.array([1.0, 0.0, 2.0]), np.array([1.0, 2.0, -1.0]))
    assert caught.value.problems[0].values["groups"] == [2, 3]
    with pytest.raises(MethodError) as caught:
        household_burden(np.ones(2), np.ones((2, 2)), PERSONS, INCOME)
    assert caught.value.code == "accounts.burden_shapes"
    burden = household_burden(np.ones(2), np.ones((3, 2)), PERSONS, INCOME)
    with pytest.raises(MethodError):
        recycled_equally(burden, np.zeros(3), 1.0)


def test_consumer_prices_of_local_and_imported_products() -> None:
    local, share = np.array([0.04, 0.02]), np.array([0.25, 1.0])
    np.testing.assert_allclose(consumer_price_change(local, np.zeros(2), share), [0.03, 0.0])
    np.testing.assert_allclose(consumer_price_change(local, local, share), local)
    with pytest.raises(MethodError) as caught:
        consumer_price_change(local, local, share * 100)
    assert caught.value.code == "accounts.carbon_share"
