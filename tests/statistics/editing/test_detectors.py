"""Outliers, slips of unit, selective editing, model imputation and its variance, and detectors."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.statistics.editing.detectors import (
    benford,
    copied_records,
    copied_series,
    implausible_totals,
    shared_amounts,
)
from lvshu.statistics.editing.model import impute_by_ratio, impute_by_regression, proportional_change
from lvshu.statistics.editing.outliers import hidiroglou_berthelot, quartile, robust_z, unit_errors
from lvshu.statistics.editing.selective import select
from lvshu.statistics.editing.variance import combine

CURRENT = np.array(
    [18.7, 63.5, 171.5, 322.6, 88.0, 230.4, 17.7, 30.4, 74.7, 37.0, 98.8, 17.4, 35.8, 12.2, 90.7, 57.1, 80.5, 0,
     89.9, 32.5, 306.2, 40.0, 88.3, 188.2]
)  # fmt: skip
PREVIOUS = np.array(
    [20.4, 68.8, 164.4, 315.2, 74.8, 38.4, 22.1, 24.6, 74.5, 29.5, 77.6, 86.9, 36.8, 11.8, 95.6, 65.1, 68.3, 47.4,
     71.4, 35.8, 302.4, 38.6, 82.2, 211.7]
)  # fmt: skip


def test_hidiroglou_berthelot_agrees_with_banff():
    """Effects and bounds that Banff 3.1.3 printed for these figures (historic, exponent 0.5, MII 4, MEI 2.5)."""
    wide = hidiroglou_berthelot(CURRENT, PREVIOUS, exponent=0.5, width=4)
    assert np.flatnonzero(wide.outlier).tolist() == [5, 11]
    assert wide.tested == 23
    assert (wide.low, wide.high) == (
        pytest.approx(-3.080692842936657, rel=1e-12),
        pytest.approx(5.44029, abs=5e-6),
    )
    assert wide.effect[5] == pytest.approx(73.80556088391994, rel=1e-12)
    assert wide.effect[11] == pytest.approx(-38.327507496406206, rel=1e-12)
    narrow = hidiroglou_berthelot(CURRENT, PREVIOUS, exponent=0.5, width=2.5)
    assert np.flatnonzero(narrow.outlier).tolist() == [5, 11, 23]
    assert narrow.low == pytest.approx(-1.9254330268354105, rel=1e-12)
    assert narrow.effect[23] == pytest.approx(-2.2010505627455315, rel=1e-12)
    assert np.isnan(wide.effect[17])
    assert wide.score[5] > wide.score[11] > 1


def test_ratios_of_zero_negative_and_missing_values_are_not_tested():
    current = np.append(CURRENT, [-5, 10, np.nan, 10, np.inf])
    previous = np.append(PREVIOUS, [5, -10, 10, np.nan, 1])
    found = hidiroglou_berthelot(current, previous)
    assert found.tested == 23
    assert not found.outlier[24:].any()
    assert np.isnan(found.effect[24:]).all()
    few = hidiroglou_berthelot(CURRENT[:9], PREVIOUS[:9])
    assert not few.outlier.any()
    everything_missing = hidiroglou_berthelot(np.full(20, np.nan), np.full(20, np.nan))
    assert everything_missing.tested == 0


def test_ratios_that_are_nearly_the_same_have_no_outlier_but_a_real_one():
    """Rounding to cents moves ratios by less than a millionth; A = 0.05 of the published test keeps nothing of that."""
    random = np.random.default_rng(8)
    previous = np.round(random.lognormal(12, 1, 60), 2)
    current = np.round(previous * 1.05, 2)
    assert not hidiroglou_berthelot(current, previous).outlier.any()
    exact, base = np.full(60, 105.0), np.full(60, 100.0)
    exact[[3, 7, 9]] = 105.01, 108.0, 125.0
    found = hidiroglou_berthelot(exact, base)
    assert np.flatnonzero(found.outlier).tolist() == [9]
    assert np.isfinite(found.score).all(), "scores go into the choice of returns to look at"
    assert found.score[9] == pytest.approx((125 / 105 - 1) / 0.05)


def test_a_deviation_below_the_least_is_no_outlier_however_alike_the_others_are():
    values = np.full(40, 2.0) + np.linspace(0, 1e-9, 40)
    values[[4, 8]] = 2.01, 2.3
    assert np.flatnonzero(robust_z(values).outlier).tolist() == [4, 8]
    found = robust_z(values, least=0.02)
    assert np.flatnonzero(found.outlier).tolist() == [8]
    assert found.score[4] == pytest.approx(0.5, rel=1e-6)
    assert robust_z(np.full(12, 3.0)).score.tolist() == [0.0] * 12


def test_quartiles_average_where_the_place_is_whole():
    assert quartile(np.array([1.0, 2, 3, 4]), 0.25) == 1.5
    assert quartile(np.array([1.0, 2, 3, 4, 5]), 0.5) == 3


def test_robust_z_is_the_modified_z_score():
    values = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3, np.nan])
    found = robust_z(values)
    # median 2.45, median absolute deviation 0.15 (worked by hand): 0.6745 (8.2 - 2.45) / 0.15 = 25.86
    median = float(np.median(values[:10]))
    deviation = float(np.median(np.abs(values[:10] - median)))
    assert found.effect[8] == pytest.approx(0.6744897501960817 * (8.2 - median) / deviation)
    assert np.flatnonzero(found.outlier).tolist() == [8, 9]
    same = robust_z(np.array([5.0] * 19 + [9.0]))
    assert np.flatnonzero(same.outlier).tolist() == [19]


def test_slips_of_thousands_and_ten_thousands_are_told_apart():
    random = np.random.default_rng(2)
    reference = random.lognormal(10, 2, 200)
    values = reference * random.lognormal(0.05, 0.15, 200)
    values[3] /= 1e4
    values[7] *= 1e3
    values[9] /= 1e3
    values[11] *= 40
    values[13] = 0
    values[15] = -values[15]
    found = unit_errors(values, reference)
    assert {row: found.factor[row] for row in np.flatnonzero(found.factor != 1)} == {3: 1e4, 7: 1e-3, 9: 1e3}


def test_selective_editing_states_what_it_leaves():
    values = np.array([100.0, 200, 300, 4000, np.nan])
    expected = np.array([100.0, 210, 300, 1000, 50])
    found = select(values, expected, threshold=0.01)
    total = expected.sum()
    assert found.score == pytest.approx([0, 10 / total, 0, 3000 / total, 50 / total])
    assert found.rank.tolist() == [4, 3, 5, 1, 2]
    assert found.selected.tolist() == [False, False, False, True, True]
    assert found.cost == pytest.approx(10 / total)
    assert found.looked_at == 2
    everything = select(values, expected, threshold=0)
    assert everything.cost == 0
    nothing = select(expected, expected)
    assert (nothing.looked_at, nothing.cost) == (0, 0)


def test_benford_knows_its_law_and_its_limits():
    powers = benford(2.0 ** np.arange(1, 400))
    assert powers.verdict == "close"
    assert powers.p_value > 0.99
    assert powers.counts.sum() == 399
    assert benford(np.arange(100, 999, dtype=float)).verdict == "not_applicable"
    invented = benford(
        np.random.default_rng(1).uniform(1, 10, 3000) * 10.0 ** np.random.default_rng(2).integers(0, 5, 3000)
    )
    assert invented.verdict == "nonconforming"
    assert invented.p_value < 1e-6
    assert benford(np.array([0, np.nan])).verdict == "not_applicable"
    assert benford(np.array([1000.0, 1e-3, 9.99])).counts.tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 1]


def test_copied_series_are_found_with_their_factor():
    random = np.random.default_rng(6)
    series = np.round(random.lognormal(5, 0.3, (6, 12)), 2)
    series[4, 2:9] = series[1, 2:9] * 2
    series[5, 6:12] = series[5, 0:6]
    series[0] = 7.0
    found = copied_series(series)
    assert [(c.series, c.other, c.start, c.other_start, c.length, c.factor) for c in found] == [
        (4, 1, 2, 2, 7, pytest.approx(2)), (5, 5, 6, 0, 6, pytest.approx(1)),
    ]  # fmt: skip
    assert copied_series(np.full((3, 12), np.nan)) == []
    series[2, 3:8] = 1_092_397.54
    series[3, 3:8] = 5_000_000.0
    [carried] = [one for one in copied_series(series) if one.series == 2]
    assert (carried.other, carried.start, carried.other_start, carried.length, carried.factor) == (
        2,
        4,
        3,
        4,
        1.0,
    )
    assert not [one for one in copied_series(series) if one.series == 3]


def _honest(owners: int, months: int, cells: int, seed: int) -> tuple[np.ndarray, list[str]]:
    random = np.random.default_rng(seed)
    values = np.round(random.lognormal(9, 2, (months, owners, cells)), 2)
    return values.reshape(-1, cells), [f"P{owner:03d}" for owner in range(owners)] * months


@pytest.mark.parametrize(
    ("other", "factor", "cells"),
    [
        (3, 1, 8),
        (13, 1, 8),
        (14, 1, 8),
        (14, 10, 8),
        (14, 1e4, 8),
        (14, 0.01, 8),
        (3, 1, 5),
        (14, 1, 5),
        (3, 10, 4),
    ],
    ids=[
        "own last",
        "own before",
        "another's",
        "times ten",
        "unit",
        "hundredth",
        "5 of 8",
        "another's 5 of 8",
        "half",
    ],
)
def test_a_return_copied_whole_or_in_part_is_found(other: int, factor: float, cells: int):
    """Ten platforms, three months of eight cells; the third month of platform 3 copies an earlier return."""
    values, owners = _honest(10, 3, 8, 1)
    values[23, :cells] = values[other, :cells] * factor
    [found] = copied_records(values, owners)
    assert (found.row, found.other, found.cells, found.of) == (23, other, cells, 8)
    assert found.factor == pytest.approx(factor)


def test_honest_returns_are_not_called_copies():
    values, owners = _honest(400, 12, 8, 2)
    assert copied_records(values, owners) == []
    rough = np.round(values, -3)  # figures filed in thousands agree by chance here and there
    assert copied_records(rough, owners) == []
    assert copied_records(np.full((5, 3), np.nan), list("AABBC")) == []
    few, names = _honest(10, 3, 8, 3)
    few[23, :3] = few[3, :3]
    assert copied_records(few, names) == []  # three cells of eight may stand still
    flat = np.tile([5_000_000.0, 120_000.0, 0.0], (6, 1))
    assert copied_records(flat, list("AABBCC")) == []


def test_totals_that_cannot_be():
    parts = np.array([[5, 5, 5], [10000, 20000, 30000], [1, 2, 9], [1.5, 2.5, np.nan], [3, 4, 5]])
    found = implausible_totals(parts, np.array([15.0, 60000, 8, 4, 12]))
    assert [(one.row, one.reason) for one in found] == [
        (0, "equal_parts"),
        (1, "round_parts"),
        (2, "total_below_part"),
    ]


def test_the_same_amounts_on_two_platforms_are_told():
    values = np.array([[123456, 77, 5000], [123456, 77, 5000], [9, 77, 5000], [123456, 77, 1]], dtype=float)
    assert shared_amounts(values, ["A", "B", "C", "A"]) == [(0, 1, (0, 1)), (1, 3, (0, 1))]


def test_ratio_imputation_and_its_error_against_repeated_samples():
    random = np.random.default_rng(0)
    x = random.lognormal(3, 0.8, 400)
    errors, variances = [], []
    for _ in range(300):
        y = 2 * x + random.normal(0, np.sqrt(4 * x))
        seen = np.where(random.random(400) < 0.3, np.nan, y)
        made = impute_by_ratio(seen, x)
        errors.append(float(made.values.sum() - y.sum()))
        variances.append(made.standard_error**2)
    assert np.mean(errors) == pytest.approx(0, abs=3 * np.std(errors) / np.sqrt(300))
    assert np.mean(variances) == pytest.approx(np.var(errors), rel=0.25)


def test_ratio_imputation_needs_respondents_and_positive_auxiliaries():
    made = impute_by_ratio(np.array([1.0, 2, np.nan, np.nan, 3]), np.array([1.0, 2, -4, 4, 3]))
    assert np.isnan(made.values[2])
    assert made.values[3] == 4
    assert made.respondents.tolist() == [0, 0, 0, 3, 0]
    few = impute_by_ratio(np.array([1.0, np.nan]), np.array([1.0, 2.0]))
    assert np.isnan(few.values[1])
    nothing = impute_by_ratio(np.full(5, np.nan), np.ones(5))
    assert np.isnan(nothing.values).all()


def test_regression_imputation_agrees_with_least_squares():
    random = np.random.default_rng(3)
    x = random.normal(size=(50, 2))
    y = 1 + x @ [2.0, -1.0] + random.normal(0, 0.1, 50)
    seen = y.copy()
    seen[:10] = np.nan
    made = impute_by_regression(seen, x)
    design = np.column_stack([np.ones(40), x[10:]])
    beta = np.linalg.lstsq(design, y[10:], rcond=None)[0]
    assert made.values[:10] == pytest.approx(np.column_stack([np.ones(10), x[:10]]) @ beta)
    assert made.standard_error == pytest.approx(0.1 * np.sqrt(10), rel=0.6)


def test_rubin_combines_as_worked_by_hand():
    """Estimates 10, 12, 11 with variances 4, 5, 3: Q 11, W 4, B 1, T 4 + 4/3, df 2·(1 + 3)² = 32."""
    found = combine(np.array([10.0, 12, 11]), np.array([4.0, 5, 3]))
    assert (found.estimate, found.within, found.between) == (11, 4, 1)
    assert found.total == pytest.approx(4 + 4 / 3)
    assert found.degrees_of_freedom == pytest.approx(32)
    assert found.imputation_error == pytest.approx(np.sqrt(4 / 3))
    with pytest.raises(ValueError, match="two imputations"):
        combine(np.array([1.0]), np.array([1.0]))


def test_multiple_imputation_covers_the_total():
    random = np.random.default_rng(7)
    x = random.lognormal(3, 0.6, 300)
    covered = 0
    for _ in range(60):
        y = 3 * x + random.normal(0, np.sqrt(9 * x))
        seen = np.where(random.random(300) < 0.3, np.nan, y)
        totals = np.array([impute_by_ratio(seen, x, random=random).values.sum() for _ in range(20)])
        found = combine(totals, np.zeros(20))
        covered += abs(found.estimate - y.sum()) <= 2.1 * found.standard_error
    assert covered >= 52  # of 60; 95 % are 57, three standard errors below are 52


def test_the_share_of_a_total_that_is_imputed():
    assert proportional_change(np.array([1.0, 3]), np.array([False, True])) == 0.75
    assert np.isnan(proportional_change(np.array([0.0]), np.array([True])))


def test_figures_that_follow_benford_are_seldom_called_wrong_however_few():
    random = np.random.default_rng(11)
    for size in (110, 200, 500, 1000):
        found = [benford(10 ** random.uniform(0, 5, size)) for _ in range(300)]
        assert np.mean([one.verdict == "nonconforming" for one in found]) <= 0.03
    assert "within_chance" in {benford(10 ** random.uniform(0, 5, 150)).verdict for _ in range(20)}
    uniform = [benford(random.uniform(1, 10, 150) * 10.0 ** random.integers(0, 5, 150)) for _ in range(50)]
    assert np.mean([one.verdict == "nonconforming" for one in uniform]) > 0.9
    assert benford(10 ** random.uniform(0, 5, 109)).verdict == "not_applicable"
