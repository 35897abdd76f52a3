"""What holds whatever the numbers: calibrated totals, sums of domains, replicates, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.statistics import survey
from lvshu.statistics.survey.replicates import balanced_signs

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=15, deadline=None)


class _Sample:
    def __init__(self, seed: int, clustered: bool = True) -> None:
        self.draw = np.random.default_rng(seed)
        n = int(self.draw.integers(60, 200))
        self.stratum = self.draw.integers(0, 3, n)
        self.cluster = np.arange(n) // 4 if clustered else np.arange(n)
        self.stratum = self.stratum[self.cluster]
        self.kind = self.draw.integers(0, 4, n)
        self.x = self.draw.gamma(3.0, 2.0, n)
        self.y = 3.0 * self.x + self.draw.normal(0, 2, n) + self.kind
        self.weights = self.draw.uniform(1.0, 9.0, n)
        self.design = survey.design(self.weights, strata=self.stratum, clusters=self.cluster, lonely="adjust")

    def controls(self) -> survey.Controls:
        factor = self.draw.uniform(0.9, 1.1, self.x.size)
        return survey.controls(
            {
                "count": (np.ones(self.x.size), float((self.weights * factor).sum())),
                "x": (self.x, float((self.weights * factor) @ self.x)),
            }
        )


@FEW
@given(SEEDS, st.sampled_from(["linear", "raking", "logit", "exponential", "hellinger", "entropy"]))
def test_calibrated_weights_give_the_totals(seed: int, distance: str) -> None:
    sample = _Sample(seed)
    bounds = (0.4, 2.5) if distance in ("logit", "exponential") else None
    known = sample.controls()
    made = survey.calibrate(sample.design, known, distance=distance, bounds=bounds)
    reached = survey.total(made.design, np.stack([np.ones(sample.x.size), sample.x], axis=1))
    np.testing.assert_allclose(reached.values, known.totals, rtol=1e-9)
    assert np.all(reached.standard_errors < 1e-6 * known.totals)
    if bounds:
        assert made.factors.min() >= 0.4 and made.factors.max() <= 2.5


@FEW
@given(SEEDS)
def test_bounds_cut_what_is_linear_and_raked(seed: int) -> None:
    sample = _Sample(seed)
    known = sample.controls()
    for distance in ("linear", "raking"):
        made = survey.calibrate(sample.design, known, distance=distance, bounds=(0.85, 1.3))
        np.testing.assert_allclose(made.gaps, 0.0, atol=1e-6)
        assert made.factors.min() >= 0.85 and made.factors.max() <= 1.3


@FEW
@given(SEEDS)
def test_ridge_lies_between_no_calibration_and_an_exact_one(seed: int) -> None:
    sample = _Sample(seed)
    known = sample.controls()
    before = known.totals - known.sums(sample.weights)
    gaps = []
    for importance in (1e-12, 1e-6, 1e-2, np.inf):
        made = survey.calibrate(sample.design, known, importance=importance)
        gaps.append(float(np.linalg.norm(made.gaps)))  # what the ridge weighs, equally for both
    assert gaps[0] <= np.linalg.norm(before) * (1 + 1e-6)
    assert gaps[-1] < 1e-6 and gaps[-1] <= gaps[2] <= gaps[1] <= gaps[0] + 1e-9


def test_a_ridge_with_bounds_gives_way_however_much_it_is_wanted() -> None:
    """What must hold can be met, so there is an answer: the soft total comes as near as the bounds let it."""
    sample = _Sample(4)
    known = survey.controls(
        {
            "count": (np.ones(sample.x.size), 1.05 * float(sample.weights.sum())),
            "x": (sample.x, 9.0 * float(sample.weights @ sample.x)),
        }
    )
    gaps = []
    for distance in ("linear", "raking", "logit"):
        for importance in (1e-4, 1e-2, 1.0):
            made = survey.calibrate(
                sample.design, known, distance=distance, bounds=(0.5, 2.0), importance=[np.inf, importance]
            )
            assert (
                abs(made.gaps[0]) < 1e-6
                and made.factors.min() >= 0.5 - 1e-9
                and made.factors.max() <= 2 + 1e-9
            )
            gaps.append(abs(made.gaps[1]))
    assert max(gaps[2::3]) - min(gaps[2::3]) < 1e-4 * min(gaps)
    too_much = survey.Controls(known.names, known.rows, None, known.totals * np.array([3.0, 1.0]))
    with pytest.raises(MethodError) as told:
        survey.calibrate(
            sample.design, too_much, distance="logit", bounds=(0.5, 2.0), importance=[np.inf, 1.0]
        )
    assert [one.values["control"] for one in told.value.problems] == ["count"]


@FEW
@given(SEEDS)
def test_domains_sum_to_the_total(seed: int) -> None:
    sample = _Sample(seed)
    for design in (sample.design, survey.calibrate(sample.design, sample.controls()).design):
        parts = survey.by("total", design, sample.y, sample.kind)
        whole = survey.total(design, sample.y)
        summed = parts.contrast(np.ones(parts.values.size).tolist())
        np.testing.assert_allclose(summed.values, whole.values)
        np.testing.assert_allclose(summed.standard_errors, whole.standard_errors)


@FEW
@given(SEEDS)
def test_jackknife_of_a_total_is_its_linearised_variance(seed: int) -> None:
    sample = _Sample(seed)
    exact = survey.design(sample.weights, strata=sample.stratum, clusters=sample.cluster, lonely="certainty")
    drawn = survey.jackknife(exact).totals(sample.y)
    np.testing.assert_allclose(drawn.standard_errors, survey.total(exact, sample.y).standard_errors)


@FEW
@given(SEEDS, st.floats(0.0, 0.7))
def test_half_samples_of_a_total_give_the_linearised_variance(seed: int, rho: float) -> None:
    draw = np.random.default_rng(seed)
    strata = np.repeat(np.arange(7), 2)
    y, weights = draw.normal(10, 3, 14), draw.uniform(1, 5, 14)
    design = survey.design(weights, strata=strata)
    wanted = survey.total(design, y).standard_errors
    for drawn in (survey.brr(design), survey.fay(design, rho)):
        np.testing.assert_allclose(drawn.totals(y).standard_errors, wanted)


@pytest.mark.parametrize("strata", [1, 3, 4, 7, 8, 10, 11, 19, 24, 31, 40])
def test_signs_of_half_samples_are_orthogonal_and_balanced(strata: int) -> None:
    signs = balanced_signs(strata)
    order = signs.shape[1]
    assert strata < order <= strata + 8
    np.testing.assert_array_equal(signs @ signs.T, order * np.eye(strata))
    np.testing.assert_array_equal(signs.sum(axis=1), 0)


def test_bootstrap_nears_the_linearised_variance() -> None:
    sample = _Sample(4)
    exact = survey.design(sample.weights, strata=sample.stratum, clusters=sample.cluster, lonely="certainty")
    drawn = survey.bootstrap(exact, 4000, np.random.default_rng(1)).totals(sample.y)
    assert abs(drawn.standard_error / survey.total(exact, sample.y).standard_error - 1) < 0.05


def test_replicates_recalibrate() -> None:
    sample = _Sample(9)
    known = sample.controls()
    plain = survey.design(sample.weights, clusters=sample.cluster)
    drawn = survey.jackknife(plain, recalibrate=lambda one: survey.calibrate(one, known).design)
    found = drawn.totals(np.stack([sample.x, sample.y], axis=1))
    assert found.standard_errors[0] < 1e-6 * found.values[0]
    linear = survey.total(survey.calibrate(plain, known).design, sample.y)
    assert abs(found.standard_errors[1] / linear.standard_error - 1) < 0.1


def test_estimated_controls_add_their_error() -> None:
    sample = _Sample(11)
    known = sample.controls()
    exact = survey.total(survey.calibrate(sample.design, known).design, sample.x)
    errors = np.array([4.0, 30.0])
    soft = survey.estimated_controls(known, errors**2)
    found = survey.total(survey.calibrate(sample.design, soft).design, np.stack([sample.x, sample.y], axis=1))
    assert exact.standard_error < 1e-6 and abs(found.standard_errors[0] - 30.0) < 1e-6
    assert (
        found.standard_errors[1]
        > survey.total(survey.calibrate(sample.design, known).design, sample.y).standard_error
    )


def test_replicates_of_estimated_controls_add_their_error() -> None:
    sample = _Sample(11)
    soft = survey.estimated_controls(sample.controls(), np.array([[16.0, 60.0], [60.0, 900.0]]))

    def total_of(known: survey.Controls) -> float:
        return survey.total(survey.calibrate(sample.design, known).design, sample.y).value

    exact = survey.Controls(soft.names, soft.rows, soft.cell, soft.totals)
    with_error, without = (
        survey.total(survey.calibrate(sample.design, known).design, sample.y).covariance[0, 0]
        for known in (soft, exact)
    )
    found = survey.covariance_of_controls(soft, total_of)
    np.testing.assert_allclose(found[0, 0], with_error - without, rtol=1e-8)
    assert not survey.covariance_of_controls(exact, total_of).any()


def test_what_replicates_cannot_do_is_told() -> None:
    strata = np.array(["a", "a", "b", "b", "lonely"])
    for policy in ("adjust", "average"):
        sample = survey.design(np.ones(5), strata=strata, lonely=policy)
        for made in (survey.jackknife, lambda one: survey.bootstrap(one, 10, np.random.default_rng(1))):
            with pytest.raises(MethodError) as told:
                made(sample)
            assert told.value.code == "survey.lonely_replicates" and "lonely" in told.value.text("zh")
    x = np.array([1.0, 1, 1, 9])
    plain = survey.design(np.full(4, 10.0))
    known = survey.controls({"count": (np.ones(4), 40.0), "x": (x, 150.0)})
    drawn = survey.jackknife(plain, recalibrate=lambda one: survey.calibrate(one, known).design)
    with pytest.raises(MethodError) as told:
        drawn.totals(x)
    assert told.value.code == "survey.replicate_not_calibrated" and "4" in told.value.text("en")


def test_a_second_stage_adds_its_variance() -> None:
    draw = np.random.default_rng(2)
    primary, secondary = np.repeat(np.arange(6), 10), np.tile(np.repeat(np.arange(5), 2), 6)
    y = draw.normal(5, 1, 60) + primary
    weights, first, second = np.full(60, 20.0), np.full(60, 30), np.full(60, 10)
    one = survey.design(weights, clusters=primary, population=first)
    two = survey.design(weights, clusters=[primary, secondary], population=[first, second])
    inner = sum(
        (6 / 30)
        * (1 - 5 / 10)
        * 5
        / 4
        * ((t := 20 * y[primary == p].reshape(5, 2).sum(axis=1)) - t.mean())
        @ (t - t.mean())
        for p in range(6)
    )
    got = survey.total(two, y).covariance[0, 0] - survey.total(one, y).covariance[0, 0]
    np.testing.assert_allclose(got, inner)


def test_single_units_by_policy() -> None:
    strata, y = np.array(["a", "a", "b", "b", "lonely"]), np.array([1.0, 3, 2, 6, 9])
    with pytest.raises(MethodError) as told:
        survey.design(np.ones(5), strata=strata, population=np.full(5, 10))
    assert told.value.code == "survey.lonely_unit" and "lonely" in told.value.text("zh")
    found = {
        policy: survey.total(
            survey.design(np.ones(5), strata=strata, population=np.full(5, 10), lonely=policy), y
        )
        for policy in ("certainty", "average", "adjust")
    }
    others = 0.8 * 2 * (2.0 + 8.0)
    np.testing.assert_allclose(found["certainty"].covariance[0, 0], others)
    np.testing.assert_allclose(found["average"].covariance[0, 0], others * 3 / 2)
    np.testing.assert_allclose(found["adjust"].covariance[0, 0], others + 0.9 * (9 - 4.2) ** 2)


def test_what_cannot_be_calibrated_is_named_with_its_gap() -> None:
    sample = _Sample(3)
    known = survey.controls({"count": (np.ones(sample.x.size), 500.0), "x": (sample.x, 1e9)})
    with pytest.raises(MethodError) as told:
        survey.calibrate(sample.design, known, distance="logit", bounds=(0.3, 3.0))
    assert {problem.code for problem in told.value.problems} == {"survey.control_unmet"}
    assert "“x”" in told.value.text("en")
    repeated = survey.controls({"x": (sample.x, 100.0), "again": (sample.x, 120.0)})
    with pytest.raises(MethodError) as told:
        survey.calibrate(sample.design, repeated)
    assert "20" in told.value.text("en")


def test_faults_of_a_design_are_told_together() -> None:
    with pytest.raises(MethodError) as told:
        survey.design([1.0, -2.0, 3.0], strata=["a", "b"], population=[5, 5, 5])
    assert {problem.code for problem in told.value.problems} == {"survey.bad_weight", "survey.length_differs"}
    with pytest.raises(MethodError) as told:
        survey.design([1.0, 1.0, 1.0], population=[2, 2, 2])
    assert told.value.code == "survey.population_too_small"
    with pytest.raises(MethodError) as told:
        survey.mean(survey.design([1.0, 1.0, 1.0]), [1.0, np.nan, 2.0])
    assert told.value.code == "survey.values_missing"
    assert survey.mean(survey.design([1.0, 1.0, 1.0]), [1.0, np.nan, 2.0], missing="omit").value == 1.5


def test_margins_that_do_not_fit_are_told_together() -> None:
    with pytest.raises(MethodError) as told:
        survey.margins({"a": (["x", "y"], {"x": 5, "z": 2}), "b": (["u", "u"], {"u": 9})})
    assert [problem.code for problem in told.value.problems] == [
        "survey.label_without_total",
        "survey.total_without_record",
        "survey.margins_differ",
    ]


def test_two_phases_reduce_to_one() -> None:
    sample = _Sample(8, clustered=False)
    n = sample.y.size
    first = survey.design(sample.weights, population=np.full(n, 5 * n))
    everyone = survey.two_phase_total(survey.two_phase(first, np.ones(n, bool), strata=sample.kind), sample.y)
    plain = survey.total(first, sample.y)
    np.testing.assert_allclose(everyone.values, plain.values)
    np.testing.assert_allclose(everyone.standard_errors, plain.standard_errors)
    census = survey.design(np.ones(n), population=np.full(n, n))
    chosen = sample.draw.permutation(n) < n // 2
    found = survey.two_phase_total(survey.two_phase(census, chosen), sample.y)
    direct = survey.design(np.full(chosen.sum(), n / chosen.sum()), population=np.full(chosen.sum(), n))
    np.testing.assert_allclose(found.standard_errors, survey.total(direct, sample.y[chosen]).standard_errors)


def test_the_same_sample_twice_has_the_error_of_the_difference() -> None:
    sample = _Sample(6)
    later = 1.1 * sample.y + sample.draw.normal(0, 1, sample.y.size)
    exact = survey.design(sample.weights, strata=sample.stratum, clusters=sample.cluster, lonely="certainty")
    units = [f"{s}/{c}" for s, c in zip(sample.stratum, sample.cluster, strict=True)]
    found = survey.change("total", exact, sample.y, exact, later, first_units=units, second_units=units)
    np.testing.assert_allclose(found.standard_errors[2], survey.total(exact, later - sample.y).standard_error)
    strangers = [f"new {unit}" for unit in units]
    apart = survey.change("total", exact, sample.y, exact, later, first_units=units, second_units=strangers)
    assert apart.standard_errors[2] > found.standard_errors[2]


def test_dual_frames_agree_where_both_are_censuses() -> None:
    draw = np.random.default_rng(5)
    y, in_a, in_b = draw.gamma(2, 3, 900), np.arange(900) < 700, np.arange(900) >= 400
    both = in_a & in_b
    frames = []
    for inside, size in ((in_a, 700), (in_b, 500)):
        chosen = np.flatnonzero(inside)[draw.permutation(size)[:200]]
        design = survey.design(np.full(200, size / 200), population=np.full(200, size))
        frames.append(survey.FrameSample(design, y[chosen], both[chosen], size))
    for method in ("hartley", "fuller_burmeister", "pseudo_likelihood"):
        found = survey.dual_frame(*frames, method=method).estimates
        assert abs(found.values[0] - y.sum()) < 4 * found.standard_errors[0]
        assert abs(found.values[1] - 900) < 4 * found.standard_errors[1] + 1e-6
        assert found.standard_errors[0] < 0.1 * y.sum()


def test_logistic_regression_has_zero_scores() -> None:
    sample = _Sample(12)
    terms = np.stack([np.ones(sample.x.size), sample.x], axis=1)
    flag = (sample.y > np.median(sample.y)).astype(float)
    noisy = np.where(sample.draw.random(flag.size) < 0.2, 1 - flag, flag)
    found = survey.logistic_regression(sample.design, noisy, terms)
    chance = 1 / (1 + np.exp(-terms @ found.values))
    np.testing.assert_allclose(terms.T @ (sample.weights * (noisy - chance)), 0.0, atol=1e-6)
    separated = (sample.x > np.median(sample.x)).astype(float)
    with pytest.raises(MethodError):
        survey.logistic_regression(sample.design, separated, terms)


def test_what_would_be_taken_for_something_else_is_refused() -> None:
    """Missing labels became a stratum, texts and missing flags counted as true, shared labels lost units."""
    weights, y = np.full(8, 5.0), np.arange(8.0)
    plain = survey.design(weights)
    texts, gaps = np.array(["0", "1"] * 4), np.array([1, 0, np.nan, 1, 1, 0, 0, 1.0])
    pairs = np.arange(8) // 2
    asked = {
        "survey.label_missing": [
            lambda: survey.design(weights, strata=np.array(["a", "a", None, None, "b", "b", "c", "c"], object)),
            lambda: survey.design(weights, clusters=gaps),
            lambda: survey.by("mean", plain, y, gaps),
        ],
        "survey.no_flag": [
            lambda: survey.mean(plain, y, domain=texts),
            lambda: survey.mean(plain, y, domain=gaps),
            lambda: survey.two_phase(plain, texts),
            lambda: survey.FrameSample(plain, y, y % 3).totals(),
        ],
        "survey.no_numbers": [
            lambda: survey.mean(plain, np.array(["many"] * 8)), lambda: survey.design(["much"] * 8),
        ],
        "survey.values_missing": [lambda: survey.FrameSample(plain, gaps, y % 2).totals()],
        "survey.unit_label_shared": [
            lambda: survey.change("mean", plain, y, plain, y + 1, first_units=pairs, second_units=pairs)
        ],
        "survey.bad_share": [
            lambda: survey.quantile(plain, y, (1.5,)), lambda: survey.mean(plain, y).interval(95),
        ],
    }  # fmt: skip
    for code, calls in asked.items():
        for call in calls:
            with pytest.raises(MethodError) as told:
                call()
            assert told.value.code == code
    assert survey.mean(plain, y, domain=y % 2).value == survey.mean(plain, y, domain=y % 2 == 1).value
    same = survey.change("mean", plain, y, plain, y + 1, first_units=np.arange(8), second_units=np.arange(8))
    assert same.standard_errors[2] == pytest.approx(0.0, abs=1e-7)


def test_few_common_units_never_take_a_changes_error_away() -> None:
    """Three units a time, two of them common: their own covariance alone may exceed what both variances allow."""
    random = np.random.default_rng(5)
    for _ in range(200):
        lasting = random.normal(100, 20, 4)
        first, second = (lasting[at] + random.normal(0, 4, 3) for at in (slice(0, 3), slice(1, 4)))
        designs = [survey.design(np.ones(3), strata=np.zeros(3)) for _ in range(2)]
        found = survey.change(
            "total",
            designs[0],
            first,
            designs[1],
            second,
            first_units=["a", "b", "c"],
            second_units=["b", "c", "d"],
        )
        assert np.linalg.eigvalsh(found.covariance[:2, :2]).min() > 0
        assert found.standard_errors[2] > 0
