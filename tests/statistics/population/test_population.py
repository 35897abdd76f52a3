"""Sizes of populations beside published numbers, with links that are missed, and where there is no estimate."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.statistics import population, survey
from lvshu.statistics.population.linkage import LinkageError


def _read(path: Path) -> population.Lists:
    with path.open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    return population.lists_from_counts(
        head[:-1], [[int(cell) for cell in row[:-1]] for row in rows], [float(row[-1]) for row in rows]
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "independent", "stepwise"),
    [
        ("mse_UKdat_5.csv", (13444.13, 11985.17, 15133.43), (11312.990, 9884.403, 13027.397)),
        ("mse_UKdat.csv", (12214.00, 10988.80, 13621.26), (11417.991, 9977.283, 13145.657)),
    ],
)
def test_uk_lists(
    shared_data: Path, file: str, independent: tuple[float, ...], stepwise: tuple[float, ...]
) -> None:
    """SparseMSE 2.0.1: main effects, and stepwise by Poisson tests at 0.02."""
    lists = _read(shared_data / "statistics" / file)
    assert lists.observed == 2744
    plain = population.fit_model(lists)
    np.testing.assert_allclose((plain.size, plain.low, plain.high), independent, atol=0.0051)
    found = population.search(lists, criterion="test")
    np.testing.assert_allclose((found.size, found.low, found.high), stepwise, atol=0.00051)


@pytest.mark.real_data
def test_hiv_in_rome(shared_data: Path) -> None:
    """Rcapture 1.4-4."""
    lists = _read(shared_data / "statistics" / "rcapture_HIV.csv")
    found = population.heterogeneity_model(lists, "equal")
    np.testing.assert_allclose((found.value, found.standard_error), (11576.70, 946.07), atol=0.0051)
    assert abs(population.heterogeneity_model(lists, "chao").value - 12145.15) < 0.0051
    assert abs(population.heterogeneity_model(lists, "darroch").value - 20984.63) < 0.0051
    pairs = population.fit_model(lists, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)])
    assert abs(pairs.size - 14430.43) < 0.0051
    three = population.fit_model(lists, [(1, 2, 3), (0, 1)])
    np.testing.assert_allclose((three.size, three.standard_error), (14869.50, 2665.57), atol=0.0051)
    best = population.search(lists, criterion="bic")
    profile = population.profile_interval(lists, best)
    assert profile.low < best.size < profile.high and profile.high - best.size > best.size - profile.low
    average = population.average_models(lists)
    assert average.standard_error > best.standard_error
    assert sum(weight for _, weight in average.models) == pytest.approx(1.0)
    drawn = population.bootstrap(lists, 60, np.random.default_rng(1))
    assert drawn.low < drawn.size < drawn.high and drawn.drawn.size + drawn.failed == 60


def test_profile_intervals_are_those_of_rcapture() -> None:
    """R package Rcapture 1.4-4, closedpCI.t on these counts of four lists."""
    counts = {
        "1000": 526,
        "0100": 317,
        "1100": 189,
        "0010": 429,
        "1010": 215,
        "0110": 111,
        "1110": 92,
        "0001": 206,
        "1001": 105,
        "0101": 69,
        "1101": 48,
        "0011": 95,
        "1011": 60,
        "0111": 31,
        "1111": 37,
    }
    lists = population.lists_from_counts(
        tuple("ABCD"), [[int(one) for one in key] for key in counts], list(counts.values())
    )
    for terms, size, error, ends in (
        ((), 3397.068, 51.81545, (3298.421, 3501.641)),
        (([0, 1], [2, 3]), 3510.938, 66.96558, (3384.758, 3647.527)),
    ):
        model = population.fit_model(lists, terms)
        found = population.profile_interval(lists, model)
        assert (model.size, model.standard_error) == pytest.approx((size, error), rel=1e-6)
        assert (found.low, found.high) == pytest.approx(ends, abs=6e-4)
    average = population.average_models(lists, [population.fit_model(lists)])
    drawn = population.bootstrap(
        lists, 200, np.random.default_rng(1), estimator=lambda one: population.fit_model(one).size
    )
    for other in (average, drawn):
        assert other.high - other.low == pytest.approx(203.22, rel=0.15)
        assert other.standard_error == pytest.approx(51.8, rel=0.15)


def test_profile_intervals_hold_the_number_itself_where_nearly_all_are_listed() -> None:
    """The expected number on no list alone held it in 45 of 100."""
    draw = np.random.default_rng(3)
    patterns = population.lists.all_patterns(3)
    chances = np.prod(np.where(patterns, (0.85, 0.8, 0.8), (0.15, 0.2, 0.2)), axis=1)
    covered = 0
    for _ in range(60):
        counts = draw.multinomial(2000, np.append(chances, 1 - chances.sum()))[:-1].astype(float)
        lists = population.Lists(("a", "b", "c"), patterns, counts)
        found = population.profile_interval(lists, population.fit_model(lists))
        covered += found.low <= 2000 <= found.high
    assert covered >= 52


def test_two_lists_are_lincoln_and_petersen() -> None:
    lists = population.lists_from_counts(("a", "b"), [[1, 0], [0, 1], [1, 1]], [140, 90, 60])
    assert population.fit_model(lists).size == pytest.approx(200 * 150 / 60)


def test_records_make_the_same_lists_as_counts() -> None:
    lists = population.lists_from_records(["p", "q", "q", "r", "r", "r"], ["b", "a", "b", "a", "b", "b"])
    assert lists.names == ("a", "b") and lists.observed == 3
    assert (lists.listed(0), lists.listed(1), lists.overlap(0, 1)) == (2, 3, 2)
    assert population.listed_multiplicity(lists).value == pytest.approx(5 / 3)


def test_existence_is_checked_by_the_linear_programme() -> None:
    """The pattern of zeros of Fienberg & Rinaldo: all sufficient totals positive, yet no estimate."""
    patterns = population.lists.all_patterns(3)
    zeros = {
        (1, 1, 1): 0.0,
        (0, 0, 1): 5.0,
        (0, 1, 0): 6.0,
        (1, 0, 0): 7.0,
        (1, 1, 0): 0.0,
        (1, 0, 1): 4.0,
        (0, 1, 1): 3.0,
    }
    counts = np.array([zeros[tuple(map(int, row))] for row in patterns])
    lists = population.Lists(("a", "b", "c"), patterns, counts)
    sparse = population.fit_model(lists, [(0, 1)])
    assert sparse.existence.at_zero == (frozenset({0, 1}),)
    # with a-b, a-c and b-c all possible and the cell of all three empty, the extended model has no finite total
    with pytest.raises(MethodError) as told:
        population.fit_model(lists, [(0, 1), (0, 2), (1, 2)])
    assert told.value.code in ("population.no_estimate", "population.not_identified")


def test_bad_lists_are_told() -> None:
    def code(names: tuple[str, ...], patterns: list[list[int]], counts: list[float]) -> str:
        with pytest.raises(MethodError) as told:
            population.lists_from_counts(names, patterns, counts)
        return told.value.code

    assert code(("a", "b"), [[1, 0], [0, 1]], [5, 6]) == "population.list_without_overlap"
    assert code(("a", "b"), [[1, 0], [0, 0], [1, 1]], [5, 6, 1]) == "population.on_no_list"
    assert code(("a", "b"), [[1, 2], [0, 1]], [5, 6]) == "population.bad_pattern"
    assert code(("a",), [[1]], [5]) == "population.number_of_lists"


def test_multiplicity_counts_persons_once() -> None:
    times = np.array([1, 1, 2, 2, 3, 3, 3])
    design = survey.design(np.ones(7), population=np.full(7, 7))
    assert population.multiplicity(design, times).value == pytest.approx(4.0)
    with pytest.raises(MethodError):
        population.multiplicity(design, [1, 0, 2, 2, 3, 3, 3])


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.floats(0.6, 1.0))
def test_missed_links_keep_the_records_of_each_list(lists: int, found: float) -> None:
    matrix = population.transition_matrix(lists, LinkageError(found))
    records = population.lists.all_patterns(lists).astype(float)
    np.testing.assert_allclose(matrix.T @ records, records, atol=1e-12)
    false = population.transition_matrix(lists, LinkageError(found, 0.02))
    np.testing.assert_allclose(false.T @ records, records, atol=1e-12)


def test_two_lists_with_link_errors_follow_ding_and_fienberg() -> None:
    truth = np.array([4000.0, 2500.0, 1500.0])
    lists = population.Lists(("a", "b"), population.lists.all_patterns(2), truth)
    error = LinkageError(0.92, 0.01, 0.02, 0.005)
    seen = lists.with_counts(population.transition_matrix(2, error) @ truth)
    formula = population.corrected_overlap(seen.listed(0), seen.listed(1), seen.overlap(0, 1), error)
    found = population.fit_with_linkage_error(seen, error, ())
    assert formula.value == pytest.approx(5500 * 4000 / 1500)
    assert found.estimate.value == pytest.approx(formula.value, rel=1e-8)
    assert found.rates_error == pytest.approx(
        np.hypot(*(formula.value * x / (0.92 - 0.01) for x in (0.02, 0.005 * (5500 - 1500) / 1500))),
        rel=0.02,
    )


@pytest.mark.parametrize("error", [LinkageError(0.9), LinkageError(0.9, 0.02), LinkageError(1.0)])
def test_two_ways_to_the_sampling_error_of_two_lists_agree(error: LinkageError) -> None:
    """Moments of persons, and the formula with a hypergeometric overlap; without error both are Seber's."""
    truth = 5000 * np.array([0.8 * 0.3, 0.2 * 0.7, 0.8 * 0.7])
    lists = population.Lists(("a", "b"), population.lists.all_patterns(2), truth)
    seen = lists.with_counts(population.transition_matrix(2, error) @ truth)
    formula = population.corrected_overlap(seen.listed(0), seen.listed(1), seen.overlap(0, 1), error)
    found = population.fit_with_linkage_error(seen, error, ())
    assert found.sampling_error == pytest.approx(formula.standard_error, rel=1e-8)
    if error.found == 1.0:
        assert formula.standard_error**2 == pytest.approx(4000 * 3500 * 1200 * 700 / 2800**3)


@pytest.mark.parametrize("chance", [0.6, 0.9])
def test_the_sampling_error_of_three_lists_is_the_spread_of_simulations(chance: float) -> None:
    """A person in several pieces makes several units at once; near a full count that is nearly all there is."""
    draw = np.random.default_rng(7)
    size, patterns = 5_000, population.lists.all_patterns(3)
    true = np.prod(np.where(patterns, chance, 1 - chance), axis=1)
    found = []
    for _ in range(60):
        counts = draw.multinomial(size, np.append(true, 1 - true.sum()))[:-1].astype(float)
        seen = population.Lists(("a", "b", "c"), patterns, _linked(counts, 0.1, draw))
        made = population.fit_with_linkage_error(seen, LinkageError(0.9), ())
        found.append((made.estimate.value, made.sampling_error))
    values, errors = np.array(found).T
    assert abs(errors.mean() / values.std(ddof=1) - 1) < 0.25


@pytest.mark.parametrize("missed", [0.01, 0.05, 0.10])
def test_three_lists_with_missed_links_are_put_right(missed: float) -> None:
    """Ten simulations: what is not corrected is too large, what is corrected is not."""
    draw = np.random.default_rng(int(missed * 100))
    size, chances = 50_000, np.array([0.30, 0.25, 0.20])
    error = LinkageError(1.0 - missed)
    patterns = population.lists.all_patterns(3)
    true = np.prod(np.where(patterns, chances, 1 - chances), axis=1)
    naive, corrected, covered = [], [], []
    for _ in range(10):
        counts = draw.multinomial(size, np.append(true, 1 - true.sum()))[:-1].astype(float)
        seen = population.Lists(("a", "b", "c"), patterns, _linked(counts, missed, draw))
        found = population.fit_with_linkage_error(seen, error, ())
        naive.append(found.naive / size)
        corrected.append(found.estimate.value / size)
        covered.append(found.estimate.low <= size <= found.estimate.high)
    assert np.mean(naive) > 1 + 0.8 * missed
    assert abs(np.mean(corrected) - 1) < 0.006
    assert np.sum(covered) >= 8


def _linked(counts: np.ndarray, missed: float, draw: np.random.Generator) -> np.ndarray:
    """Split units by missed links, person by person."""
    seen = np.zeros(counts.size)
    for code, count in enumerate(counts.astype(int), start=1):
        members = [k for k in range(3) if code >> k & 1]
        if len(members) == 1:
            seen[code - 1] += count
        elif len(members) == 2:
            lost = draw.binomial(count, missed)
            seen[code - 1] += count - lost
            for k in members:
                seen[(1 << k) - 1] += lost
        else:
            pairs = draw.random((count, 3)) >= missed  # 01, 02, 12
            together = pairs.sum(axis=1) >= 2
            seen[code - 1] += together.sum()
            for column, (pair, alone) in enumerate((((0, 1), 2), ((0, 2), 1), ((1, 2), 0))):
                only = (pairs.sum(axis=1) == 1) & pairs[:, column]
                seen[(1 << pair[0] | 1 << pair[1]) - 1] += only.sum()
                seen[(1 << alone) - 1] += only.sum()
            none = (pairs.sum(axis=1) == 0).sum()
            for k in range(3):
                seen[(1 << k) - 1] += none
    return seen


def test_strata_add_up() -> None:
    parts = {}
    for name, counts in (("east", [140, 90, 60]), ("west", [40, 30, 20])):
        lists = population.lists_from_counts(("a", "b"), [[1, 0], [0, 1], [1, 1]], counts)
        parts[name] = population.fit_model(lists)
    found = population.sum_of_strata(parts, 380)
    assert found.size == pytest.approx(sum(part.size for part in parts.values()))
    assert found.standard_error == pytest.approx(np.hypot(*(part.standard_error for part in parts.values())))
    assert 380 < found.low < found.size < found.high


def test_chances_of_links_come_from_precision_and_recall() -> None:
    """Lists of 6,000 and 5,000 in 20,000, α = 0.95, β = 0.003: 1,438.5 links, of which 0.94 % are false."""
    links = 0.95 * 1_500 + 0.003 * 4_500
    precision = 0.95 * 1_500 / links
    found = population.linkage_error_of_rates(6_000, links, precision, 0.95, 0.001, 0.01)
    assert (found.found, found.false) == pytest.approx((0.95, 0.003))
    overlap = population.corrected_overlap(6_000, 5_000, links, found)
    assert overlap.value == pytest.approx(20_000, rel=1e-6)
    step = 1e-6
    slopes = [
        (population.linkage_error_of_rates(6_000, links, precision + one, 0.95 + two).false - found.false)
        / step
        for one, two in ((step, 0.0), (0.0, step))
    ]
    assert found.false_error == pytest.approx(np.hypot(slopes[0] * 0.001, slopes[1] * 0.01), rel=1e-3)
    with pytest.raises(MethodError):
        population.linkage_error_of_rates(1_000, 1_438.5, precision, 0.95)
