"""The ratio of a small domain: what its variance holds, and how often its interval holds the truth."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.statistics.methods.domain_ratio import domain_ratio
from lvshu.statistics.methods.survey import ratio


def test_the_value_is_the_ratio_of_weighted_totals_and_the_error_no_smaller_than_by_linearisation() -> None:
    random = np.random.default_rng(3)
    inside = (random.random(40) < 0.4).astype(np.int64)
    revenue = random.lognormal(0.0, 1.0, 40)
    added = revenue * random.uniform(0.3, 0.7, 40)
    weights, stratum = np.repeat([4.0, 1.5], 20), np.repeat([0, 1], 20)
    population = np.array([80.0, 30.0])
    found = domain_ratio(added, revenue, inside, weights, stratum, population)
    plain = ratio(added * inside, revenue * inside, weights, stratum, population=population)
    assert found.value == pytest.approx(plain.value)
    assert found.standard_error >= plain.standard_error * (1 - 1e-12)
    assert 1 <= found.degrees_of_freedom <= inside.sum()


def test_units_all_observed_have_no_error_and_one_unit_alone_has_none_that_is_known() -> None:
    added, revenue = np.array([3.0, 5.0, 9.0]), np.array([10.0, 10.0, 10.0])
    stratum = np.array([0, 0, 1])
    inside = np.array([1, 1, 0])
    every = domain_ratio(added, revenue, inside, np.array([1.0, 1.0, 1.0]), stratum, np.array([2.0, 1.0]))
    assert (every.value, every.standard_error) == (pytest.approx(0.4), 0.0)
    beside = domain_ratio(added, revenue, inside, np.array([1.0, 1.0, 9.0]), stratum, np.array([2.0, 9.0]))
    assert beside.value == pytest.approx(0.4) and np.isnan(beside.standard_error), (
        "a stratum may hold unseen ones"
    )
    alone = domain_ratio(
        added, revenue, np.array([1, 0, 0]), np.array([2.0, 2.0, 9.0]), stratum, np.array([4.0, 9.0])
    )
    assert alone.value == pytest.approx(0.3) and np.isnan(alone.standard_error)
    dormant = domain_ratio(
        np.array([3.0, 0.0, 9.0]), np.array([10.0, 0.0, 10.0]), inside, np.array([2.0, 2.0, 9.0]), stratum,
        np.array([4.0, 9.0]),
    )  # fmt: skip
    assert dormant.value == pytest.approx(0.3) and np.isnan(dormant.standard_error), "a unit of two zeros"


def test_the_interval_of_a_dozen_skewed_units_holds_the_truth_where_the_normal_one_does_not() -> None:
    random = np.random.default_rng(11)
    population, drawn, of_domain = 60, 15, 28
    stratum, weights = np.zeros(drawn, dtype=np.int64), np.full(drawn, population / drawn)
    size = np.array([float(population)])
    held, normal, tries = 0, 0, 1500
    for _ in range(tries):
        inside = np.zeros(population, dtype=np.int64)
        inside[:of_domain] = 1
        revenue = random.lognormal(0.0, 1.2, population)
        added = revenue * random.beta(5.0, 5.0, population)
        truth = added[:of_domain].sum() / revenue[:of_domain].sum()
        chosen = random.permutation(population)[:drawn]
        if inside[chosen].sum() < 2:
            continue
        found = domain_ratio(added[chosen], revenue[chosen], inside[chosen], weights, stratum, size)
        plain = ratio(
            added[chosen] * inside[chosen],
            revenue[chosen] * inside[chosen],
            weights,
            stratum,
            population=size,
        )
        [low], [high] = found.interval()
        held += low <= truth <= high
        normal += plain.low <= truth <= plain.high
    assert held / tries > 0.93
    assert normal / tries < 0.90
