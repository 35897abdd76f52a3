"""Rates from a clerical sample: exact where all is judged, and intervals that cover in repeated samples."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.linkage.methods.clerical import Cell, Lost, allocate, link_rates

SIZES = np.array([6_000, 900, 250, 400, 5_000])
TRUE = np.array([5_985, 880, 190, 70, 25])
LINKED = (True, True, True, False, False)
RECORDS, LOST = 12_000, 60
SAMPLES = 200  # the long run is benchmarks/records/coverage.py


def test_a_census_gives_the_truth_without_error() -> None:
    cells = [Cell(int(n), linked, int(n), int(t)) for n, t, linked in zip(SIZES, TRUE, LINKED, strict=True)]
    told = link_rates(cells, None, np.random.default_rng(1))
    true, linked, missed = TRUE[:3].sum(), SIZES[:3].sum(), TRUE[3:].sum()
    assert told["precision"].value == pytest.approx(true / linked)
    assert told["recall"].value == pytest.approx(true / (true + missed))
    assert told["false_link_rate"].value == pytest.approx(1 - true / linked)
    assert told["precision"].standard_error == pytest.approx(0)
    assert told["precision"].low == pytest.approx(true / linked)


def test_nothing_judged_gives_nothing() -> None:
    told = link_rates([Cell(10, True, 0, 0)], None, np.random.default_rng(1))
    assert told["precision"].value is None
    assert told["recall"].value is None


def test_a_sample_without_errors_is_not_certain() -> None:
    told = link_rates([Cell(10_000, True, 50, 50)], None, np.random.default_rng(1))
    assert told["precision"].value == 1
    assert told["precision"].low is not None and told["precision"].low < 0.97
    assert told["precision"].standard_error is not None and told["precision"].standard_error > 0


def test_the_loss_of_blocking_lowers_recall() -> None:
    cells = [Cell(100, True, 100, 100)]
    told = link_rates(cells, Lost(1_000, (1, 1, *[0] * 98)), np.random.default_rng(1))
    assert told["recall"].value == pytest.approx(100 / (100 + 10))


def test_allocation_takes_a_few_of_each_class_and_more_of_the_doubtful() -> None:
    taken = allocate(np.array([5, 10_000, 1_000]), np.array([0.5, 0.0, 0.5]), 200)
    assert taken[0] == 5
    assert taken[2] > 80
    assert (taken[1:] >= 12).all()


def covered(samples: int, seed: int) -> tuple[float, float]:
    """Return how often the 95 % intervals of precision and recall hold the truth over repeated samples."""
    random = np.random.default_rng(seed)
    precision = TRUE[:3].sum() / SIZES[:3].sum()
    recall = TRUE[:3].sum() / (TRUE.sum() + LOST)
    spread = np.sqrt(TRUE / SIZES * (1 - TRUE / SIZES))
    wanted = allocate(SIZES, spread, 300)
    held = np.zeros(2)
    for _ in range(samples):
        drawn = random.hypergeometric(TRUE, SIZES - TRUE, wanted)
        found = int(random.hypergeometric(2 * LOST, RECORDS - 2 * LOST, 400))
        cells = [
            Cell(int(n), linked, int(take), int(true))
            for n, linked, take, true in zip(SIZES, LINKED, wanted, drawn, strict=True)
        ]
        told = link_rates(cells, Lost(RECORDS, (1,) * found + (0,) * (400 - found)), random)
        for place, (name, truth) in enumerate((("precision", precision), ("recall", recall))):
            low, high = told[name].low, told[name].high
            assert low is not None and high is not None
            held[place] += low <= truth <= high
    return float(held[0] / samples), float(held[1] / samples)


def test_intervals_cover_the_truth_in_repeated_samples() -> None:
    precision, recall = covered(SAMPLES, 11)
    assert precision >= 0.93
    assert recall >= 0.93


def test_lost_pairs_in_clusters_have_the_variance_of_their_counts() -> None:
    """A dropped block loses three pairs a record at once: 60 records drawn, as a run draws them."""
    random = np.random.default_rng(5)
    records, clustered = 3_000, 90  # records with three lost pairs each
    counts = np.zeros(records, dtype=np.int64)
    counts[:clustered] = 3
    lost_pairs = counts.sum() / 2
    recall = 2_000 / (2_000 + lost_pairs)
    held, values, errors = 0, [], []
    for _ in range(400):
        drawn = tuple(random.choice(counts, 60, replace=False).tolist())
        told = link_rates([Cell(2_000, True, 2_000, 2_000)], Lost(records, drawn, most=3), random)["recall"]
        assert told.low is not None and told.high is not None and told.value is not None
        held += told.low <= recall <= told.high
        values.append(told.value)
        errors.append(told.standard_error)
    assert held / 400 >= 0.93
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.35)


def test_many_classes_without_an_error_add_none_to_the_better_bound() -> None:
    """Errors in two of ten large classes, a few judged of each: unseen errors of the others must not hide the truth."""
    random = np.random.default_rng(3)
    size, false, judged = 1_500, [80, 60, *[0] * 8], 25
    truth = 1 - sum(false) / (size * len(false))
    hit = 0
    for _ in range(150):
        wrong = [int(random.hypergeometric(one, size - one, judged)) for one in false]
        cells = [Cell(size, True, judged, judged - one) for one in wrong]
        told = link_rates(cells, None, random)["precision"]
        hit += told.low is not None and told.high is not None and told.low <= truth <= told.high
    assert hit >= 140


def test_a_share_s_error_is_none_above_one_half() -> None:
    """Few linked pairs beside many records without a loss: linearised, the error of recall came out above one."""
    told = link_rates([Cell(44, True, 20, 20)], Lost(2_998, (0,) * 60, most=3), np.random.default_rng(3))[
        "recall"
    ]
    assert told.value == 1.0
    assert told.standard_error is not None
    assert told.low is not None
    assert 0.0 < told.standard_error < 0.5
    assert told.standard_error < 1 - told.low


def test_pairs_of_which_no_sample_tells_are_in_the_worse_bound_alone() -> None:
    cells = [Cell(900, True, 100, 98), Cell(200, False, 50, 5)]
    plain = link_rates(cells, None, np.random.default_rng(1))["missed_link_rate"]
    told = link_rates(cells, None, np.random.default_rng(1), unseen=90.0)
    missed = told["missed_link_rate"]
    assert (missed.value, missed.low) == (plain.value, plain.low)
    assert plain.high is not None and missed.high is not None and missed.high > plain.high + 0.05
    assert told["precision"] == link_rates(cells, None, np.random.default_rng(1))["precision"]


def test_two_classes_of_records_are_estimated_apart() -> None:
    """Of ten records in a thousand that no key looks at all lose one pair: a sample of all would see few of them."""
    cells = [Cell(2_000, True, 2_000, 2_000)]
    both = [Lost(990, (0,) * 60, most=3), Lost(10, (2,) * 10, most=3)]
    told = link_rates(cells, both, np.random.default_rng(2))["missed_link_rate"]
    assert told.value == pytest.approx(10 / 2_010)
    assert told.low is not None and told.high is not None and told.low <= told.value <= told.high
