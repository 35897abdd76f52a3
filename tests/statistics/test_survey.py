"""Estimators of totals, means and ratios: published values of R survey, textbook values, and invariances."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.statistics.methods.capture_recapture import by_listed_share, chapman
from lvshu.statistics.methods.digital import domain_total, share_of_all
from lvshu.statistics.methods.dual_frame import hartley, optimum_weight
from lvshu.statistics.methods.jackknife import jackknife_variance, replicate_totals
from lvshu.statistics.methods.survey import (
    Estimate,
    clustered_variance,
    covariance,
    mean,
    moment_variance,
    ratio,
    total,
)  # fmt: skip


def _columns(path: Path, *names: str) -> list[list[str]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [[row[name] for row in rows] for name in names]


def _numbers(texts: list[str]) -> np.ndarray:
    return np.array([float(text) for text in texts])


def _groups(texts: list[str]) -> np.ndarray:
    return np.unique(np.array(texts), return_inverse=True)[1].astype(np.int64)


def test_stratified_design_of_r_survey(shared_data: Path) -> None:
    """apistrat: svytotal(~enroll) 3687178 (114642); svymean(~api00) 662.29 (9.4089)."""
    path = shared_data / "statistics" / "apistrat.csv"
    kind, weight, fpc, enroll, api = _columns(path, "stype", "pw", "fpc", "enroll", "api00")
    stratum, weights = _groups(kind), _numbers(weight)
    population = np.array([_numbers(fpc)[stratum == number][0] for number in range(3)])
    enrolled = total(_numbers(enroll), weights, stratum, population=population)
    assert enrolled.value == pytest.approx(3687178, abs=0.5)
    assert enrolled.standard_error == pytest.approx(114642, abs=0.5)
    score = mean(_numbers(api), weights, stratum, population=population)
    assert score.value == pytest.approx(662.29, abs=5e-3)
    assert score.standard_error == pytest.approx(9.4089, abs=5e-5)


def test_clustered_design_of_r_survey(shared_data: Path) -> None:
    """apiclus1: svymean(~api00) 644.17 (23.542); svytotal(~enroll) 3404940 (932235)."""
    path = shared_data / "statistics" / "apiclus1.csv"
    district, weight, fpc, enroll, api = _columns(path, "dnum", "pw", "fpc", "enroll", "api00")
    cluster, weights = _groups(district), _numbers(weight)
    stratum, population = np.zeros(cluster.size, dtype=np.int64), _numbers(fpc)[:1]
    score = mean(_numbers(api), weights, stratum, cluster=cluster, population=population)
    assert score.value == pytest.approx(644.17, abs=5e-3)
    assert score.standard_error == pytest.approx(23.542, abs=5e-4)
    enrolled = total(_numbers(enroll), weights, stratum, cluster=cluster, population=population)
    assert enrolled.value == pytest.approx(3404940, abs=0.5)
    assert enrolled.standard_error == pytest.approx(932235, abs=0.5)


def test_moments_of_stratum_and_class_give_the_same_as_records(shared_data: Path) -> None:
    path = shared_data / "statistics" / "apistrat.csv"
    kind, weight, fpc, enroll, award = _columns(path, "stype", "pw", "fpc", "enroll", "awards")
    stratum, weights, values = _groups(kind), _numbers(weight), _numbers(enroll)
    inside = np.array([text == "Yes" for text in award], dtype=float)
    population = np.array([_numbers(fpc)[stratum == number][0] for number in range(3)])
    cells = sorted({(int(h), float(c)) for h, c in zip(stratum, inside, strict=True)})
    expanded = weights * values
    first = np.array([expanded[(stratum == h) & (inside == c)].sum() for h, c in cells])
    second = np.array([(expanded[(stratum == h) & (inside == c)] ** 2).sum() for h, c in cells])
    place = np.array([h for h, _ in cells], dtype=np.int64)
    part = np.array([c for _, c in cells])
    count = np.bincount(stratum).astype(float)
    by_cells = domain_total(part, place, first, second, count, population)
    by_records = total(values * inside, weights, stratum, population=population)
    assert by_cells.value == pytest.approx(by_records.value)
    assert by_cells.standard_error == pytest.approx(by_records.standard_error)
    share = share_of_all(part, place, first, second, count, population)
    direct = ratio(values * inside, values, weights, stratum, population=population)
    assert (share.value, share.standard_error) == pytest.approx((direct.value, direct.standard_error))


def test_take_all_strata_are_certain() -> None:
    assert moment_variance(np.array([4.0]), np.array([4.0]), np.array([10.0]), np.array([30.0])) == 0.0


def test_a_single_unit_takes_the_safe_variance() -> None:
    count, population = np.array([1.0, 3.0]), np.array([5.0, 3.0])
    first, second = np.array([50.0]), np.array([2500.0])
    rest_first, rest_second = 6.0, 14.0
    mean_of_all = 56 / 4
    overall = (2514 - 4 * mean_of_all**2) / 3
    wanted = (1 - 1 / 5) * max((50 - mean_of_all) ** 2, overall)
    found = moment_variance(count, population, np.append(first, rest_first), np.append(second, rest_second))
    assert found == pytest.approx(wanted)
    assert found > 0


SAMPLES = st.integers(2, 5).flatmap(
    lambda strata: st.lists(
        st.tuples(st.integers(0, strata - 1), st.integers(0, 3), st.floats(0, 1e4), st.floats(1, 50)),
        min_size=6, max_size=40,
    )
)  # fmt: skip


def _design(rows: list[tuple[int, int, float, float]]) -> tuple[np.ndarray, ...]:
    stratum = np.unique([row[0] for row in rows], return_inverse=True)[1].astype(np.int64)
    pairs = np.array([row[0] * 10 + row[1] for row in rows])
    cluster = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
    return np.array([row[2] for row in rows]), np.array([row[3] for row in rows]), stratum, cluster


@settings(deadline=None, max_examples=60)
@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_of_records_does_not_matter(rows: list, random) -> None:
    values, weights, stratum, cluster = _design(rows)
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    one = total(values, weights, stratum, cluster=cluster)
    same = total(values[shuffled], weights[shuffled], stratum[shuffled], cluster=cluster[shuffled])
    assert same.value == pytest.approx(one.value)
    assert same.standard_error == pytest.approx(one.standard_error, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(SAMPLES, st.floats(0.01, 1e4))
def test_totals_follow_the_unit(rows: list, factor: float) -> None:
    values, weights, stratum, cluster = _design(rows)
    one = total(values, weights, stratum, cluster=cluster)
    scaled = total(values * factor, weights, stratum, cluster=cluster)
    assert scaled.value == pytest.approx(one.value * factor)
    assert scaled.standard_error == pytest.approx(one.standard_error * factor, rel=1e-6, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(SAMPLES)
def test_domains_add_up_and_covariances_close(rows: list) -> None:
    values, weights, stratum, cluster = _design(rows)
    inside = (np.arange(values.size) % 2).astype(float)
    z_in, z_out = weights * values * inside, weights * values * (1 - inside)
    whole = clustered_variance(z_in + z_out, stratum, cluster)
    parts = clustered_variance(z_in, stratum, cluster) + clustered_variance(z_out, stratum, cluster)
    several = np.bincount(np.unique(np.stack([stratum, cluster]), axis=1)[0]) > 1
    if several.all():
        closed = parts + 2 * covariance(z_in, z_out, stratum, cluster)
        assert closed == pytest.approx(whole, rel=1e-6, abs=1e-3)
    assert (z_in + z_out).sum() == pytest.approx(total(values, weights, stratum).value)


@settings(deadline=None, max_examples=60)
@given(SAMPLES)
def test_splitting_a_census_stratum_changes_nothing(rows: list) -> None:
    values, weights, stratum, _ = _design(rows)
    census = np.full(7, 3.0)
    units = np.concatenate([values, census])
    weight = np.concatenate([weights, np.ones(7)])
    top = int(stratum.max()) + 1
    population = np.concatenate([np.bincount(stratum) * 4.0, [7.0]])
    together = total(units, weight, np.concatenate([stratum, np.full(7, top)]), population=population)
    split = np.concatenate([stratum, np.full(3, top), np.full(4, top + 1)])
    population = np.concatenate([np.bincount(stratum) * 4.0, [3.0, 4.0]])
    apart = total(units, weight, split, population=population)
    assert apart.value == pytest.approx(together.value)
    assert apart.standard_error == pytest.approx(together.standard_error)


@settings(deadline=None, max_examples=60)
@given(SAMPLES)
def test_jackknife_of_a_total_is_the_linearised_variance(rows: list) -> None:
    values, weights, stratum, cluster = _design(rows)
    clusters = int(cluster.max()) + 1
    sums = np.bincount(cluster, weights=weights * values, minlength=clusters)
    place = np.zeros(clusters, dtype=np.int64)
    place[cluster] = stratum
    if (np.bincount(place) < 2).any():
        return
    replicates = replicate_totals(sums[:, None], place)[:, 0]
    found = jackknife_variance(float(sums.sum()), replicates, place)
    assert found == pytest.approx(clustered_variance(weights * values, stratum, cluster), rel=1e-6, abs=1e-3)


def test_jackknife_of_a_ratio_agrees_with_linearisation() -> None:
    random = np.random.default_rng(3)
    cluster = np.repeat(np.arange(120), 8)
    stratum = (cluster // 30).astype(np.int64)
    effect = random.normal(0.1, 0.03, 120)[cluster]
    employed = (random.random(cluster.size) < 0.6).astype(float)
    flexible = employed * (random.random(cluster.size) < effect + 0.1)
    weights = random.uniform(5, 20, cluster.size)
    linear = ratio(flexible, employed, weights, stratum, cluster=cluster)
    sums = np.stack([np.bincount(cluster, weights=weights * x) for x in (flexible, employed)], axis=1)
    place = np.arange(120) // 30
    replicates = replicate_totals(sums, place)
    jackknife = jackknife_variance(linear.value, replicates[:, 0] / replicates[:, 1], place) ** 0.5
    assert jackknife == pytest.approx(linear.standard_error, rel=0.02)


def test_chapman_textbook() -> None:
    """n1 = 200 marked, n2 = 100 caught, m = 20: N = 201·101/21 - 1, Seber's variance."""
    found = chapman(200, 100, 20)
    assert found.value == pytest.approx(201 * 101 / 21 - 1)
    assert found.standard_error**2 == pytest.approx(201 * 101 * 180 * 80 / (21**2 * 22))
    with pytest.raises(MethodError):
        chapman(10, 5, 6)


@settings(deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 10_000), st.data())
def test_chapman_never_falls_below_what_was_seen(first: int, second: int, data) -> None:
    both = data.draw(st.integers(0, min(first, second)))
    found = chapman(first, second, both)
    assert found.value >= first + second - both - 1e-6
    assert chapman(second, first, both).value == pytest.approx(found.value)


def test_listed_share_by_the_delta_method() -> None:
    found = by_listed_share(900.0, Estimate(0.6, 0.03))
    assert found.value == pytest.approx(1500)
    assert found.standard_error == pytest.approx(900 * 0.03 / 0.36)
    assert np.isnan(by_listed_share(900.0, Estimate(0.0, 0.0)).value)


@settings(deadline=None)
@given(st.floats(0.1, 50), st.floats(0.1, 50), st.floats(-0.9, 0.9), st.floats(0, 1))
def test_hartley_at_its_optimum_is_never_worse(
    only: float, overlap: float, correlation: float, other: float
) -> None:
    together = correlation * only * overlap
    frame = hartley(Estimate(100, only), Estimate(200, overlap), Estimate(210, 0), together)
    weight = frame.survey_weight
    assert 0 <= weight <= 1
    assert frame.estimate.value == pytest.approx(100 + weight * 200 + (1 - weight) * 210)
    worse = only**2 + other**2 * overlap**2 + 2 * other * together
    assert frame.estimate.standard_error**2 <= worse + 1e-6


def test_hartley_without_variance_takes_the_register() -> None:
    assert optimum_weight(0.0, 0.0, 0.0) == 0.0
    assert optimum_weight(4.0, 4.0, 0.0) == 0.5
