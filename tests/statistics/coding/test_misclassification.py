"""Totals corrected for wrong codes: unbiased where the raw ones are not, with errors that are right."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.statistics.coding.drawing import draw_audit, group_of
from lvshu.statistics.coding.methods.misclassification import (
    Audit,
    calibration_estimate,
    difference_estimate,
    misclassification_estimate,
    replicate_weights,
    with_rare_errors,
)

NONE = np.zeros((0, 0))


def population(
    size: int = 20_000,
    share: float = 0.0579,
    false_positive: float = 0.01935,
    recall: float = 0.790,
    seed: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return true and coded classes; by default digital units with the errors measured on the British index."""
    random = np.random.default_rng(seed)
    truth = (random.random(size) < share).astype(np.int64)
    hit = np.where(truth == 1, recall, false_positive)
    return truth, (random.random(size) < hit).astype(np.int64)


def audit(
    truth: np.ndarray, coded: np.ndarray, random: np.random.Generator, sizes: tuple[int, int] = (350, 250)
) -> Audit:
    """Return an audit of so many units coded outside and inside, drawn at random in each stratum."""
    chosen = [
        random.choice(np.flatnonzero(coded == number), size, replace=False)
        for number, size in enumerate(sizes)
    ]
    rows = np.concatenate(chosen)
    counts = np.bincount(coded, minlength=2).astype(float)
    return Audit(truth[rows], coded[rows], np.ones(len(rows)), coded[rows], counts, 2)


def test_a_census_audit_gives_the_truth_without_error() -> None:
    truth, coded = population(400)
    counts = np.bincount(coded, minlength=2).astype(float)
    whole = Audit(truth, coded, np.ones(400), coded, counts, 2)
    true = np.bincount(truth, minlength=2)
    for estimate in (difference_estimate, misclassification_estimate, calibration_estimate):
        found = estimate(counts, whole, np.zeros((0, 400)))
        assert found.value == pytest.approx(true)
        assert found.standard_error == pytest.approx([0.0, 0.0], abs=1e-9)


def test_a_worked_example_by_hand() -> None:
    """100 units coded 1 and 900 coded 0; audited 10 and 30 with 7 and 3 truly 1. Difference: 100 + 90 − 30 = 160."""
    truth = np.array([1] * 7 + [0] * 3 + [1] * 3 + [0] * 27)
    coded = np.array([1] * 10 + [0] * 30)
    one = Audit(truth, coded, np.ones(40), 1 - coded, np.array([100.0, 900.0]), 2)
    total = np.array([900.0, 100.0])
    found = difference_estimate(total, one, np.zeros((0, 40)))
    assert found.value == pytest.approx([840.0, 160.0])
    variance = 100**2 * (1 - 0.1) * (10 / 9 * 0.21) / 10 + 900**2 * (1 - 1 / 30) * (30 / 29 * 0.09) / 30
    assert found.standard_error[1] == pytest.approx(np.sqrt(variance))
    calibrated = calibration_estimate(total, one, np.zeros((0, 40)))
    assert calibrated.value == pytest.approx([840.0, 160.0])
    assert calibrated.standard_error[1] == pytest.approx(np.sqrt(variance))
    moved = misclassification_estimate(np.array([800.0, 200.0]), one, np.zeros((0, 40)))
    table = np.array([[810.0, 30.0], [90.0, 70.0]])
    chances = table / table.sum(axis=1, keepdims=True)
    assert moved.value == pytest.approx(np.linalg.solve(chances.T, [800.0, 200.0]))


def test_the_share_as_coded_is_off_by_a_tenth_and_the_corrected_one_is_not() -> None:
    """The figures of the British index: true share 5.79 %, coded 6.40 %."""
    truth, coded = population(seed=2)
    true, raw = float(truth.sum()), float(coded.sum())
    assert raw / true - 1 == pytest.approx(0.105, abs=0.03)
    random = np.random.default_rng(3)
    total = np.bincount(coded, minlength=2).astype(float)
    found = [
        difference_estimate(total, audit(truth, coded, random), NONE.reshape(0, 600)) for _ in range(600)
    ]
    value = np.array([one.value[1] for one in found])
    error = np.array([one.standard_error[1] for one in found])
    assert abs(value.mean() / true - 1) < 0.01
    assert error.mean() == pytest.approx(value.std(ddof=1), rel=0.08)
    covered = (np.abs(value - true) <= 1.96 * error).mean()
    assert covered >= 0.93


@pytest.mark.parametrize("estimate", [misclassification_estimate, calibration_estimate])
def test_errors_without_an_audit_of_the_month(estimate: object) -> None:
    """Each estimator is right when what it takes as lasting lasts, and its delta error is the spread over audits."""
    random = np.random.default_rng(4)
    size = 200_000
    truth, coded = population(size, seed=5)
    share = 0.12 if estimate is misclassification_estimate else 0.0579
    next_truth, next_coded = population(size, share, seed=6)
    total = np.bincount(next_coded, minlength=2).astype(float)
    found = [estimate(total, audit(truth, coded, random), np.zeros((0, 600))) for _ in range(400)]  # type: ignore[operator]
    value = np.array([one.value[1] for one in found])
    error = np.array([one.standard_error[1] for one in found])
    assert abs(value.mean() / next_truth.sum() - 1) < 0.04
    assert np.median(error) == pytest.approx(value.std(ddof=1), rel=0.12)


def test_the_bootstrap_agrees_with_the_delta_method() -> None:
    random = np.random.default_rng(7)
    truth, coded = population(seed=8)
    one = audit(truth, coded, random)
    weights = replicate_weights(one, 1_500, random)
    assert weights.mean(axis=0) == pytest.approx(one.weight, rel=0.2)
    total = np.bincount(coded, minlength=2).astype(float)
    for estimate in (difference_estimate, misclassification_estimate, calibration_estimate):
        found = estimate(total, one, weights)
        assert found.replicates.std(axis=0, ddof=1) == pytest.approx(found.standard_error, rel=0.1)


def test_classes_add_up_to_the_total_as_coded() -> None:
    random = np.random.default_rng(9)
    truth, coded = random.integers(0, 4, 300), random.integers(0, 4, 300)
    stratum = random.integers(0, 3, 300)
    one = Audit(truth, coded, random.random(300), stratum, np.array([500.0, 700.0, 900.0]), 4)
    total = np.array([100.0, 200.0, 300.0, 400.0])
    for estimate in (difference_estimate, misclassification_estimate, calibration_estimate):
        assert estimate(total, one, np.zeros((0, 300))).value.sum() == pytest.approx(1_000.0)


def test_what_cannot_be_told_is_not_told() -> None:
    lonely = Audit(np.array([1]), np.array([0]), np.ones(1), np.array([0]), np.array([50.0]), 2)
    found = difference_estimate(np.array([50.0, 0.0]), lonely, np.zeros((0, 1)))
    assert np.isnan(found.standard_error).all()
    assert np.isnan(misclassification_estimate(np.array([40.0, 10.0]), lonely, np.zeros((0, 1))).value).all()
    never = misclassification_estimate(np.array([40.0, 10.0, 0.0]), three_classes(), np.zeros((0, 40)))
    assert never.value == pytest.approx([*two_classes(), 0.0])
    assert np.isnan(
        misclassification_estimate(np.array([40.0, 9.0, 1.0]), three_classes(), np.zeros((0, 40))).value
    ).all()
    blind = calibration_estimate(np.array([40.0, 10.0]), lonely, np.zeros((0, 1)))
    assert np.isnan(blind.standard_error).all()


def three_classes(classes: int = 3) -> Audit:
    """Return an audit that saw two classes."""
    truth = np.array([1] * 7 + [0] * 3 + [1] * 3 + [0] * 27)
    coded = np.array([1] * 10 + [0] * 30)
    return Audit(truth, coded, np.ones(40), 1 - coded, np.array([100.0, 900.0]), classes)


def two_classes() -> np.ndarray:
    """Return the estimate of that audit with two classes."""
    found = misclassification_estimate(np.array([40.0, 10.0]), three_classes(2), np.zeros((0, 40)))
    return np.asarray(found.value)


def test_an_audit_that_met_no_error_does_not_say_that_there_is_none() -> None:
    random = np.random.default_rng(12)
    truth = np.array([1] * 20 + [0] * 80)
    one = Audit(truth, truth, np.full(100, 2.0), 1 - truth, np.array([20.0, 2_000.0]), 2)
    bare = difference_estimate(np.array([4_000.0, 40.0]), one, replicate_weights(one, 400, random))
    assert bare.standard_error.tolist() == [0.0, 0.0]
    found = with_rare_errors(bare, one, np.array([0, 1]), 4.0 * 2_020, random)
    by_hand = np.sqrt(2_000**2 * (1 - 80 / 2_000) / 80 * 4 * (1 / 3) / (80 + 2 / 3))
    assert found.standard_error == pytest.approx([by_hand, by_hand])
    assert found.replicates.std(axis=0) == pytest.approx(found.standard_error, rel=0.15)
    larger = with_rare_errors(bare, one, np.array([0, 1]), 4.0 * 4_020, random)
    assert larger.standard_error[1] == pytest.approx(by_hand * np.sqrt((4 * 4_020 - 80) / 8_000))


def test_totals_of_unlike_units_are_covered_as_promised() -> None:
    """Persons of log-normal sizes: certainty units, strata of sizes and the pooled error keep 95 % intervals true."""
    random = np.random.default_rng(3)
    size = 4_000
    truth = (random.random(size) < 0.0579).astype(np.int64)
    score = np.where(truth == 1, random.normal(2.2, 2, size), random.normal(-5, 1.6, size))
    chance = 1 / (1 + np.exp(-score))
    coded = (chance > 0.5).astype(np.int64)
    persons = np.round(np.exp(random.normal(2, 1.6, size))) + 1
    keys = [f"{number:04d}" for number in range(size)]
    rows = [
        {"uscc": key, "best_code": "1" if one else "0", "digital_probability": p}
        for key, one, p in zip(keys, coded, chance, strict=True)
    ]
    sizes = dict(zip(keys, persons, strict=True))
    total = float((coded * persons).sum())
    true = float((truth * persons).sum())
    hits = {"units": 0, "persons": 0, "bare": 0}
    repeats = 120
    for seed in range(repeats):
        drawn = draw_audit(rows, sizes, frozenset({"1"}), 300, seed)
        place = np.array([int(key) for key in drawn])
        names = sorted({one.stratum for one in drawn.values()})
        stratum = np.array([names.index(one.stratum) for one in drawn.values()])
        units = np.array(
            [max(o.units for o in drawn.values() if o.stratum == name) for name in names], dtype=float
        )
        pools = np.array([["in", "near", "far"].index(group_of(name)) for name in names])
        for measure, value in (("persons", persons), ("units", np.ones(size))):
            one = Audit(truth[place], coded[place], value[place], stratum, units, 2)
            coded_total = np.array([value.sum() - (coded * value).sum(), (coded * value).sum()])
            bare = difference_estimate(coded_total, one, np.zeros((0, len(place))))
            found = with_rare_errors(bare, one, pools, float((value**2).sum()), random)
            target = float((truth * value).sum())
            hits[measure] += abs(found.value[1] - target) <= 1.96 * found.standard_error[1]
            if measure == "persons":
                hits["bare"] += abs(bare.value[1] - target) <= 1.96 * bare.standard_error[1]
    assert total != true
    assert hits["persons"] / repeats >= 0.93
    assert hits["units"] / repeats >= 0.93
    assert hits["bare"] < hits["persons"]


def test_another_month_is_covered_by_what_codes_meant() -> None:
    """An audit of one population corrects another one with as rare errors and as unlike sizes."""
    random = np.random.default_rng(31)
    repeats, hits, bare = 100, 0, 0
    for _ in range(repeats):
        months = []
        for size in (2_000, 2_500):
            truth, coded = population(size, false_positive=0.004, seed=int(random.integers(1 << 30)))
            months.append((truth, coded, np.round(np.exp(random.normal(2, 1.2, size))) + 1))
        (truth, coded, value), (then, now, persons) = months
        one = audit(truth, coded, random, (200, 60))
        one = Audit(
            one.truth, one.coded, value[_rows_of(one, truth, coded, random)], one.stratum, one.population, 2
        )
        total = np.bincount(now, weights=persons, minlength=2)
        found = calibration_estimate(total, one, np.zeros((0, 260)))
        wide = with_rare_errors(
            found, one, np.array([0, 1]), float((persons**2).sum()), random, coded_total=total
        )
        gap = abs(found.value[1] - float((then * persons).sum()))
        bare += gap <= 1.96 * found.standard_error[1]
        hits += gap <= 1.96 * wide.standard_error[1]
    assert hits / repeats >= 0.93
    assert bare < hits


def _rows_of(one: Audit, truth: np.ndarray, coded: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return units of the same true and coded class for each audited one: their sizes are those of the class."""
    return np.array([
        random.choice(np.flatnonzero((truth == g) & (coded == h)))
        for g, h in zip(one.truth.tolist(), one.coded.tolist(), strict=True)
    ])  # fmt: skip
