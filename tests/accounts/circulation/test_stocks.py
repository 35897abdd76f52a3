"""Stocks against the published test figures of ODYM, brute force, and their mass balance.

Figures of ODYM are restated from IndEcol/ODYM (MIT), tests/test_dynamic_stock_model.py, state of 2025-07-08; its
authors computed them in a spreadsheet. Pauliuk and Heeren (2020), J. Industrial Ecology 24, 446-458.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.circulation.lifetimes import (
    Lifetime,
    drawn_lifetimes,
    leaving_matrix,
    lifetime,
    survival,
    survival_matrix,
)
from lvshu.accounts.methods.circulation.stocks import (
    by_class,
    cohort_outflow,
    cohort_stock,
    inflow_driven,
    inflow_of_cohorts,
    opening_stock,
    stable_ages,
    stock_driven,
)
from lvshu.core.errors import MethodError

TEN = np.arange(1.0, 11.0)
NORMAL = lifetime("normal", mean=5, deviation=1.5)
STOCK_NORMAL = [
    0.99957094, 2.9953115, 5.96830193, 9.85008113, 14.4793678, 19.60865447, 24.99043368, 30.46342411, 35.95916467,
    41.45873561,
]  # fmt: skip
OUTFLOW_NORMAL = [
    4.29060333e-04, 4.25944090e-03, 2.70095728e-02, 1.18220793e-01, 3.70713330e-01, 8.70713330e-01, 1.61822079,
    2.52700957, 3.50425944, 4.50042906,
]  # fmt: skip
STOCK_WEIBULL = [
    1, 2.367879441, 3.836279069, 5.328499576, 6.825822547, 8.324154666, 9.822673522, 11.321225, 12.8197819, 14.31833966,
]  # fmt: skip
BY_AGE = [7.50, 4, 3, 2, 2, 0.2, 0.2, 0.08, 0.01, 0.01]


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def test_odym_fixed_lifetime() -> None:
    shares = survival_matrix(lifetime("fixed", mean=5), 10)
    account = inflow_driven(shares, TEN[:, None])
    assert account.outflow[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 2, 3, 4, 5]
    assert account.stock[:, 0].tolist() == [1, 3, 6, 10, 15, 20, 25, 30, 35, 40]
    assert account.change[:, 0].tolist() == [1, 2, 3, 4, 5, 5, 5, 5, 5, 5]
    stocks, leaving = cohort_stock(shares, TEN), cohort_outflow(shares, TEN)
    assert stocks[9].tolist() == [0, 0, 0, 0, 0, 6, 7, 8, 9, 10]
    assert stocks[4].tolist() == [1, 2, 3, 4, 5, 0, 0, 0, 0, 0]
    assert np.argwhere(leaving).tolist() == [[5, 0], [6, 1], [7, 2], [8, 3], [9, 4]]
    np.testing.assert_array_equal(stock_driven(shares, account.stock).inflow, TEN[:, None])


def test_odym_lifetime_zero() -> None:
    for nothing_lasts in (lifetime("fixed", mean=0), lifetime("normal", mean=0, deviation=1.5)):
        account = inflow_driven(survival_matrix(nothing_lasts, 10), TEN[:, None])
        assert not account.stock.any()
        assert account.outflow[:, 0].tolist() == TEN.tolist()


def test_odym_normal_lifetime() -> None:
    shares = survival_matrix(NORMAL, 10)
    account = inflow_driven(shares, TEN[:, None])
    np.testing.assert_allclose(account.stock[:, 0], STOCK_NORMAL, atol=5e-9)
    np.testing.assert_allclose(account.outflow[:, 0], OUTFLOW_NORMAL, atol=5e-9)
    last_row = [3.83038057e-03, 4.55002639e-02, 2.73633659e-01, 1.00997015, 2.5, 4.48504477, 6.36152146, 7.81799894,
                8.96552657, 9.99570940]  # fmt: skip
    np.testing.assert_allclose(cohort_stock(shares, TEN)[9], last_row, atol=5e-9)
    leaving = [1.89197514e-02, 1.36922176e-01, 4.83843953e-01, 9.90029850e-01, 1.23753731, 9.67687907e-01,
               4.79227614e-01, 1.51358011e-01, 3.06118821e-02, 4.29060333e-03]  # fmt: skip
    np.testing.assert_allclose(cohort_outflow(shares, TEN)[9], leaving, atol=5e-9)
    found = stock_driven(shares, np.array(STOCK_NORMAL)[:, None])
    np.testing.assert_allclose(found.inflow[:, 0], TEN, atol=5e-8)
    assert found.problems == ()


def test_odym_weibull_lifetime() -> None:
    weibull = lifetime("weibull", shape=1.2, scale=1)
    account = inflow_driven(survival_matrix(weibull, 10), TEN[:, None])
    np.testing.assert_allclose(account.stock[:, 0], STOCK_WEIBULL, atol=5e-9)
    np.testing.assert_allclose(account.outflow[9, 0], 8.501442241, atol=5e-9)
    inflow = inflow_of_cohorts(weibull, column(*BY_AGE))[::-1, 0]
    expected = [11631.1250671964, 1845.6048709861, 2452.0593141014, 1071.0305279511, 198.1868742385, 391.9674590243,
                83.9599583940, 29.8447516023, 10.8731273138, 7.5]  # fmt: skip
    np.testing.assert_allclose(inflow, expected, atol=5e-7)


def test_odym_lognormal_and_folded_normal() -> None:
    inflow = np.zeros((300, 1))
    inflow[:20, 0] = [1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 5, 6, 7, 1, 2, 4, 5, 6, 7, 3]
    lognormal = survival_matrix(lifetime("lognormal", mean=20, deviation=20), 300)
    folded = survival_matrix(lifetime("folded_normal", mean=20, deviation=20), 300)
    assert inflow_driven(lognormal, inflow).stock[60, 0] == pytest.approx(5.8693165260386, abs=1e-9)
    assert inflow_driven(folded, inflow).stock[60, 0] == pytest.approx(6.50049047900083, abs=1e-12)


def test_odym_inflow_of_an_initial_stock() -> None:
    inflow = inflow_of_cohorts(NORMAL, column(*BY_AGE))[::-1, 0]
    expected = [2.61070664, 0.43955789, 0.87708508, 0.79210262, 0.4, 2.67555857, 2.20073139, 3.06983925, 4.01538044,
                7.50321933]  # fmt: skip
    np.testing.assert_allclose(inflow, expected, atol=5e-9)
    again = cohort_stock(survival_matrix(NORMAL, 10), inflow)[-1]
    np.testing.assert_allclose(again, BY_AGE[::-1], rtol=1e-12)


def test_odym_stock_driven_with_an_initial_stock() -> None:
    opening = opening_stock(NORMAL, column(4, 2, 5, 3), 5)
    account = stock_driven(survival_matrix(NORMAL, 5), column(18, 20, 20, 20, 20), opening)
    expected = [4.93639364, 3.87383821, 2.78892598, 3.36324466, 3.66568266]
    np.testing.assert_allclose(account.inflow[:, 0], expected, atol=5e-9)
    left = [0.07510039 + 0.46667297 + 0.5069268 + 2.00085849]
    np.testing.assert_allclose(opening.left[4], left, atol=2e-8)
    left_at_once = [2.46759471 + 4.64972578 + 1.962015 + 3.98638888]
    np.testing.assert_allclose(opening.left[0], left_at_once, atol=2e-8)
    outflow = [5.32405289e-01 + 3.50274224e-01 + 3.79849998e-02 + 1.36111209e-02 + 2.11801070e-03]
    np.testing.assert_allclose(account.outflow[0], outflow, atol=2e-8)
    np.testing.assert_allclose(account.imbalance, 0.0, atol=1e-13)


EIGHT = lifetime("normal", mean=8, deviation=3)
FALLING = [0, 0, 1, 2, 3, 5, 6, 8, 8, 6, 6, 6, 6, 6, 8, 8, 8, 9, 10, 12, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]
NEGATIVE = [
    0, 0, 1.003845108798, 1.009876170898, 1.022946871294, 2.052181974193, 1.098597211758, 2.178632487261,
    0.2864589383765, -1.57838035116, 0.5823071731028, 0.7368688072826, 0.8609818446092, 0.9303172472582, 2.940380920226,
    0.8868056550348, 0.8077321288789, 1.74261978268, 1.72284735601, 2.770808172213, -2.13996861954, 0.9927014953087,
    1.118058099656, 1.211591711403, 1.256322506739, 1.248773108954, 1.197964611415, 1.122904133751, 1.047910488113,
    0.9952110047915,
]  # fmt: skip
CORRECTED = [
    0, 0, 1.003845108797608, 1.009876170898179, 1.022946871293978, 2.052181974192771, 1.09859721175781,
    2.178632487260613, 0.2864589383765391, 0, 0.468909567774503, 0.600148064601485, 0.7138380402455925,
    0.7922474677487478, 2.832866490884595, 0.8262270093751778, 0.7986846781384966, 1.775290769026188, 1.776531605001062,
    2.822224969997677, 0, 0.82099326892646, 0.9183009967181216, 1.007417665416504, 1.076751857993922, 1.119633273700667,
    1.134233884697729, 1.123750382153023, 1.096483322433279, 1.064262457376682,
]  # fmt: skip


def test_odym_negative_inflow_is_reported_or_retired_early() -> None:
    shares = survival_matrix(EIGHT, 30)
    stock = np.array(FALLING, dtype=float)[:, None]
    account = stock_driven(shares, stock)
    np.testing.assert_allclose(account.inflow[:, 0], NEGATIVE, atol=5e-12)
    (told,) = account.problems
    assert told.code == "accounts.stock_negative_inflow"
    assert (told.values["count"], told.values["year"], told.values["product"]) == (2, 10, 1)
    early = stock_driven(shares, stock, early_retirement=True)
    np.testing.assert_allclose(early.inflow[:, 0], CORRECTED, atol=5e-13)
    np.testing.assert_allclose(early.imbalance, 0.0, atol=1e-13)
    assert [problem.code for problem in early.problems] == ["accounts.stock_early"]
    assert early.outflow.min() > -1e-12


def test_odym_negative_inflow_with_an_initial_stock() -> None:
    opening = opening_stock(EIGHT, column(1, 1, 1, 1, 0.4, 0.2, 0.5, 0.5), 22)
    stock = column(8, 6, 6, 6, 6, 6, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 9, 9, 7.1, 8, 8, 8)
    shares = survival_matrix(EIGHT, 22)
    kept = stock_driven(shares, stock, opening).inflow[:7, 0]
    expected = [2.734512232505172, -1.576179715364555, 0.5270786116039677, 0.6253099746885178, 0.7133245646541703,
                0.7808737550728377, -2.193761739572536]  # fmt: skip
    np.testing.assert_allclose(kept, expected, atol=5e-12)
    early = stock_driven(shares, stock, opening, early_retirement=True).inflow[:12, 0]
    corrected = [2.734512232505172, 0, 0.4252614122673855, 0.5118790151618888, 0.5969693316522457, 0.6739530024236163,
                 0, 0.4358419187951329, 0.4372674850950349, 0.4227905939406414, 1.401739961117737,
                 1.38013886282689]  # fmt: skip
    np.testing.assert_allclose(early, corrected, atol=5e-12)


LIFETIMES = [
    lifetime("fixed", mean=7),
    lifetime("normal", mean=9, deviation=3),
    lifetime("folded_normal", mean=9, deviation=3),
    lifetime("truncated_normal", mean=9, deviation=6),
    lifetime("lognormal", mean=12, deviation=4),
    lifetime("gamma", mean=12, deviation=4),
    lifetime("weibull", mean=12, deviation=4),
    lifetime("table", survival=[1, 0.9, 0.5, 0.1]),
]


@pytest.mark.parametrize("one", LIFETIMES, ids=lambda one: one.distribution)
def test_survival_matrix_against_one_age_at_a_time(one: Lifetime) -> None:
    shares = survival_matrix(one, 30, entry_age=0.5)
    for year in range(30):
        for cohort in range(30):
            expected = 0.0 if cohort > year else float(survival(one, np.array([year - cohort + 0.5]))[0])
            assert shares[year, cohort] == pytest.approx(expected, abs=1e-15)
    np.testing.assert_allclose(leaving_matrix(shares).sum(axis=0) + shares[-1], 1.0, rtol=1e-14)
    assert (np.diff(shares, axis=0)[np.tril_indices(29, -1)] <= 1e-15).all()


@pytest.mark.parametrize("one", [one for one in LIFETIMES if one.distribution in ("lognormal", "gamma", "weibull")],
                         ids=lambda one: one.distribution)  # fmt: skip
def test_mean_and_deviation_are_those_of_the_lifetime(one: Lifetime) -> None:
    ages = np.arange(0.0, 400.0, 0.01)
    left = survival(one, ages)
    mean = np.trapezoid(left, ages)
    variance = 2.0 * np.trapezoid(ages * left, ages) - mean**2
    assert mean == pytest.approx(12.0, rel=1e-5)
    assert np.sqrt(variance) == pytest.approx(4.0, rel=1e-4)


def test_lifetimes_by_cohort() -> None:
    means = np.linspace(4, 12, 15)
    shares = survival_matrix(lifetime("normal", mean=means, deviation=2), 15)
    for cohort, mean in enumerate(means):
        own = survival_matrix(lifetime("normal", mean=mean, deviation=2), 15)
        np.testing.assert_allclose(shares[:, cohort], own[:, cohort], rtol=1e-15)
    table = np.tile([[1.0], [0.6], [0.2]], 15)
    np.testing.assert_array_equal(
        survival_matrix(lifetime("table", survival=table), 15),
        survival_matrix(lifetime("table", survival=[1, 0.6, 0.2]), 15),
    )


@settings(max_examples=50, deadline=None)
@given(
    one=st.sampled_from(LIFETIMES),
    inflow=st.lists(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), min_size=2, max_size=25),
    entry_age=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_nothing_is_lost_and_the_two_models_agree(
    one: Lifetime, inflow: list[list[float]], entry_age: float
) -> None:
    flows = np.array(inflow)
    opening = opening_stock(one, np.ones((4, 3)), len(flows), entry_age=entry_age)
    shares = survival_matrix(one, len(flows), entry_age=entry_age)
    account = inflow_driven(shares, flows, opening)
    scale = 1e-13 * (1.0 + flows.sum())
    assert np.abs(account.imbalance).max() <= scale
    assert account.outflow.min() >= -scale
    brute = [[sum(shares[t, c] * flows[c, n] for c in range(t + 1)) + opening.left[t, n] for n in range(3)]
             for t in range(len(flows))]  # fmt: skip
    np.testing.assert_allclose(account.stock, brute, rtol=1e-12, atol=scale)
    if np.diagonal(shares).min() > 0.5:
        back = stock_driven(shares, account.stock, opening)
        np.testing.assert_allclose(back.outflow, account.outflow, rtol=1e-6, atol=1e3 * scale)
        early = stock_driven(shares, account.stock, opening, early_retirement=True)
        np.testing.assert_allclose(early.stock, account.stock, rtol=1e-12)
        assert np.abs(early.imbalance).max() <= scale


def test_classes_are_only_a_grouping() -> None:
    generator = np.random.default_rng(3)
    flows = generator.random((20, 12))
    classes = generator.integers(0, 3, 12)
    shares = [survival_matrix(one, 20, entry_age=0.5) for one in LIFETIMES[1:4]]
    account = by_class(shares, classes, flows)
    again = by_class(shares, classes, account.stock, driven_by="stock")
    for product in range(12):
        single = inflow_driven(shares[classes[product]], flows[:, [product]])
        np.testing.assert_allclose(account.stock[:, [product]], single.stock, rtol=1e-14)
        np.testing.assert_allclose(account.outflow[:, [product]], single.outflow, atol=1e-15)
    np.testing.assert_allclose(again.inflow, flows, rtol=1e-9)


def test_stable_ages_stay_as_they_are() -> None:
    ages = stable_ages(EIGHT, np.array([100.0, 7.0]), 40)
    np.testing.assert_allclose(ages.sum(axis=0), [100.0, 7.0], rtol=1e-14)
    opening = opening_stock(EIGHT, ages, 10)
    steady = stock_driven(survival_matrix(EIGHT, 10), np.tile([100.0, 7.0], (10, 1)), opening)
    np.testing.assert_allclose(steady.inflow[:, 0], steady.inflow[0, 0], rtol=1e-9)
    growing = stable_ages(EIGHT, np.array([1.0]), 40, growth=0.05)
    assert growing[0, 0] / growing[1, 0] > ages[0, 0] / ages[1, 0]


def test_what_outlives_its_lifetime_is_told() -> None:
    opening = opening_stock(lifetime("fixed", mean=3), column(1, 1, 1, 5), 4)
    assert opening.left[:, 0].tolist() == [2, 1, 0, 0]
    (told,) = opening.problems
    assert told.values == {"amount": 5.0, "total": 8.0}


def test_drawn_lifetimes_have_the_error_that_was_asked_for() -> None:
    drawn = drawn_lifetimes(NORMAL, 0.2, 4000, np.random.default_rng(1))
    means = np.array([one.parameters["mean"][0] for one in drawn])
    assert means.mean() == pytest.approx(5.0, rel=0.02)
    assert means.std() == pytest.approx(1.0, rel=0.05)
    np.testing.assert_allclose([one.parameters["deviation"][0] for one in drawn], 0.3 * means)
    table = lifetime("table", survival=[1, 0.5, 0.25])
    (longer,) = drawn_lifetimes(table, 0.0, 1, np.random.default_rng(1))
    np.testing.assert_allclose(survival(longer, np.arange(5.0)), survival(table, np.arange(5.0)))


@pytest.mark.parametrize(
    ("distribution", "parameters", "codes"),
    [
        ("beta", {"mean": 5}, ["accounts.lifetime_unknown"]),
        ("normal", {"mean": 5}, ["accounts.lifetime_parameters"]),
        ("normal", {"mean": -5, "deviation": 0}, ["accounts.lifetime_value"] * 2),
        ("table", {"survival": [1, 0.5, 0.6]}, ["accounts.lifetime_value"]),
        ("gamma", {"mean": [1, 2, 3], "deviation": [1, 2]}, ["accounts.lifetime_parameters"]),
        ("weibull", {"mean": 5, "deviation": 5000}, ["accounts.lifetime_value"]),
    ],
)
def test_lifetimes_that_cannot_be(distribution: str, parameters: dict[str, object], codes: list[str]) -> None:
    with pytest.raises(MethodError) as failure:
        lifetime(distribution, **parameters)  # type: ignore[arg-type]
    assert [problem.code for problem in failure.value.problems] == codes
    assert all(problem.text("zh") and problem.text("en") for problem in failure.value.problems)


def test_stocks_that_cannot_be() -> None:
    shares = survival_matrix(NORMAL, 3)
    with pytest.raises(MethodError, match="different numbers of years"):
        inflow_driven(shares, np.ones((4, 1)))
    with pytest.raises(MethodError, match="negative or missing"):
        stock_driven(shares, column(1, -1, np.nan))
    with pytest.raises(MethodError, match="nothing is left"):
        stock_driven(survival_matrix(lifetime("fixed", mean=0), 3), column(1, 1, 1))
    with pytest.raises(MethodError, match="not between 0 and 1"):
        survival_matrix(NORMAL, 3, entry_age=2.0)
    with pytest.raises(MethodError, match="2 cohorts, but there are 3 years"):
        survival_matrix(lifetime("fixed", mean=[3, 4]), 3)
    with pytest.raises(MethodError, match="outlives"):
        stable_ages(lifetime("fixed", mean=0), np.ones(1), 5)


@settings(max_examples=40, deadline=None)
@given(
    one=st.sampled_from(LIFETIMES[1:7]),
    stock=st.lists(st.lists(st.integers(0, 1000), min_size=2, max_size=2), min_size=2, max_size=20),
)
def test_early_retirement_of_any_stock(one: Lifetime, stock: list[list[int]]) -> None:
    """Whatever the stock does: no inflow below zero, nothing lost, and each product as if it were alone."""
    wanted = np.array(stock, dtype=float)
    opening = opening_stock(one, np.full((5, 2), 20.0), len(wanted))
    shares = survival_matrix(one, len(wanted))
    account = stock_driven(shares, wanted, opening, early_retirement=True)
    assert account.inflow.min() >= 0.0
    assert account.outflow.min() >= -1e-9
    assert np.abs(account.imbalance).max() <= 1e-9
    np.testing.assert_array_equal(account.stock, wanted)
    for product in range(2):
        own = opening_stock(one, np.full((5, 1), 20.0), len(wanted))
        alone = stock_driven(shares, wanted[:, [product]], own, early_retirement=True)
        np.testing.assert_allclose(account.inflow[:, [product]], alone.inflow, rtol=1e-12, atol=1e-9)
