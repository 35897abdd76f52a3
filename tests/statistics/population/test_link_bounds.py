"""Populations corrected for linkage error stay possible: refused with the reason, and never below what is there."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from lvshu.core.errors import MethodError
from lvshu.statistics import population
from lvshu.statistics.population import LinkageError, link_bounds

TWO = {"few": [300, 200, 10], "many": [50, 30, 250]}


def _fit(counts: Any, found: float, false: float = 0.0, terms: Any = (), **errors: float) -> Any:
    size = int(np.log2(len(counts) + 1))
    names = tuple("abc"[:size])
    lists = population.lists_from_counts(names, population.lists.all_patterns(size), np.array(counts, float))
    return population.fit_with_linkage_error(lists, LinkageError(found, false, **errors), terms)


@pytest.mark.parametrize(
    ("counts", "found", "false", "code"),
    [
        ("few", 0.9, 0.05, "population.no_overlap_left"),
        ("many", 0.5, 0.0, "population.more_links_than_records"),
        ("few", 0.03, 0.05, "population.links_no_better"),
    ],
)
def test_rates_that_no_overlap_can_have_made_are_refused(
    counts: str, found: float, false: float, code: str
) -> None:
    alone, other, both = TWO[counts]
    for call in (
        lambda: _fit(TWO[counts], found, false),
        lambda: _fit(TWO[counts], found, false, None),
        lambda: population.corrected_overlap(alone + both, other + both, both, LinkageError(found, false)),
    ):
        with pytest.raises(MethodError) as caught:
            call()
        assert [one.code for one in caught.value.problems] == [code]


def test_three_lists_tell_every_pair_without_an_overlap_and_a_fit_that_runs_away() -> None:
    with pytest.raises(MethodError) as caught:
        _fit([300, 200, 10, 100, 5, 4, 1], 0.9, 0.03)
    assert [(one.code, one.values["lists"]) for one in caught.value.problems] == [
        ("population.no_overlap_left", "a, c"), ("population.no_overlap_left", "b, c"),
    ]  # fmt: skip
    with pytest.raises(MethodError) as caught:
        _fit([20, 20, 40, 20, 40, 40, 200], 0.7, 0.0, [(0, 1), (0, 2), (1, 2)])
    assert [one.code for one in caught.value.problems] == ["population.fit_at_edge"]


def test_rates_known_too_badly_are_refused() -> None:
    with pytest.raises(MethodError) as caught:
        _fit(TWO["few"], 0.9, 0.03, false_error=0.01)
    assert [one.code for one in caught.value.problems] == [
        "population.rates_error_too_wide", "population.no_overlap_left",
    ]  # fmt: skip


def test_no_interval_goes_below_what_is_there() -> None:
    for (name, counts), found, false in product(TWO.items(), (0.9, 0.95, 1.0), (0.0, 0.01, 0.03)):
        alone, other, both = counts
        made = _fit(counts, found, false)
        low, high = made.interval()
        assert made.least == (sum(counts) if found == 1.0 else max(alone, other) + both), name
        assert made.least < low < made.estimate.value < high
    assert made.interval(0.5)[0] > low


def test_the_interval_of_a_large_population_is_nearly_the_normal_one() -> None:
    """Chao's lognormal interval: 1000 seen, 2000 estimated, error 10: C = exp(1.96 · 0.01) = 1.0198."""
    low, high = link_bounds.interval(2000.0, 10.0, 1000.0)
    assert (low, high) == pytest.approx((1980.592, 2019.794), abs=2e-3)
    assert link_bounds.interval(300.0, 5.0, 300.0)[0] == 300.0
