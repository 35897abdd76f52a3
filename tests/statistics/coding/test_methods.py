"""The numbers behind text coding: n-grams, levels, calibration, guarantees, drift."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.statistics.coding.card import _error
from lvshu.statistics.coding.methods.calibration import (
    Curve,
    calibration_error,
    fit_curve,
    fit_temperature,
    on_curve,
)
from lvshu.statistics.coding.methods.conformal import (
    Threshold,
    draws,
    fit_threshold,
    neighbours,
    quantile,
    sets,
)
from lvshu.statistics.coding.methods.drift import (
    mean_shift,
    pooled,
    stability_expected,
    stability_index,
    stability_limit,
)
from lvshu.statistics.coding.methods.levels import added_up, backed_off, main_activity, main_activity_top_down
from lvshu.statistics.coding.methods.linear import LinearSettings, fit_linear, linear_scores, softmax
from lvshu.statistics.coding.methods.ngrams import GramSettings, gram_counts
from lvshu.statistics.coding.methods.retrieval import best_of_class, ranks
from lvshu.statistics.coding.methods.weights import fit_columns, known_share, weighted

WORDS = st.lists(st.text(alphabet="abc软件销", min_size=1, max_size=6), min_size=0, max_size=5)


def plain_grams(text: str, shortest: int, longest: int) -> Counter[str]:
    """Count n-grams one by one: each word with a space on both sides, no n-gram across words or of spaces alone."""
    found: Counter[str] = Counter()
    for word in text.split():
        padded = f" {word} "
        for length in range(shortest, longest + 1):
            for start in range(len(padded) - length + 1):
                gram = padded[start : start + length]
                if gram.strip():
                    found[gram] += 1
    return found


@given(st.lists(WORDS, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_a_plain_count(texts: list[list[str]]) -> None:
    joined = [" ".join(words) for words in texts]
    grams = GramSettings(1, 4, words=False, pairs=False, bits=30)  # so many that no two n-grams share one
    counts = gram_counts(joined, grams)
    for row, text in enumerate(joined):
        wanted = plain_grams(text, 1, 4)
        assert sorted(counts[row].data.tolist()) == sorted(float(count) for count in wanted.values())


def test_words_and_pairs_are_counted_beside_characters() -> None:
    base = gram_counts(["alpha beta alpha"], GramSettings(5, 5, words=False, pairs=False))
    words = gram_counts(["alpha beta alpha"], GramSettings(5, 5, words=True, pairs=False))
    pairs = gram_counts(["alpha beta alpha"], GramSettings(5, 5, words=True, pairs=True))
    assert (words - base).sum() == 3
    assert (pairs - words).sum() == 2


def test_blocks_do_not_change_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"text number {number} 软件 开发" for number in range(50)]
    whole = gram_counts(texts, GramSettings())
    monkeypatch.setattr("lvshu.statistics.coding.methods.ngrams.BLOCK", 100)
    assert (gram_counts(texts, GramSettings()) != whole).nnz == 0


def test_features_have_length_one_and_known_shares_are_told() -> None:
    counts = gram_counts(["software", "软件开发", ""], GramSettings())
    columns = fit_columns(counts[:1])
    features = weighted(counts, columns)
    length = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    assert length == pytest.approx([1.0, 0.0, 0.0])
    known = known_share(counts, columns)
    assert known[:2] == pytest.approx([1.0, 0.0])
    assert np.isnan(known[2])


def test_the_linear_model_learns_what_words_mean() -> None:
    texts = ["软件开发", "软件设计", "餐饮服务", "餐厅服务", "货运", "货物运输"] * 20
    label = np.array([0, 0, 1, 1, 2, 2] * 20)
    counts = gram_counts(texts, GramSettings(1, 3))
    columns = fit_columns(counts)
    model = fit_linear(weighted(counts, columns), label, 4, LinearSettings(rank=8, epochs=8))
    new = weighted(gram_counts(["软件", "餐饮", "运输"], GramSettings(1, 3)), columns)
    probability = softmax(linear_scores(new, model))
    assert probability.argmax(axis=1).tolist() == [0, 1, 2]
    assert probability.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)


@given(st.integers(1, 30), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_levels_add_up(classes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    probability = softmax(random.standard_normal((7, classes)).astype(np.float32))
    above = random.integers(0, 5, classes)
    upper = added_up(probability, above, 5)
    assert upper.sum(axis=1) == pytest.approx(np.ones(7), abs=1e-5)
    for group in range(5):
        assert upper[:, group] == pytest.approx(probability[:, above == group].sum(axis=1), abs=1e-5)


def test_the_finest_sure_level_is_taken_or_none() -> None:
    sure = [np.array([0.9, 0.5, 0.1]), np.array([0.95, 0.85, 0.2]), np.array([0.99, 0.9, 0.3])]
    assert backed_off(sure, (0.8, 0.8, 0.8)).tolist() == [0, 1, -1]


def test_the_main_activity_is_the_single_largest_and_by_isic_from_the_top_down() -> None:
    """ISIC's rule and that of GB/T 4754 differ where the largest activity lies outside the section with most value."""
    path = [("C", "26", "261"), ("C", "27", "271"), ("G", "46", "461")]
    value = np.array([30.0, 28.0, 42.0])
    assert main_activity(value, [one[-1] for one in path]) == 2
    assert main_activity_top_down(value, path) == 0
    assert main_activity_top_down(np.array([10.0, 10.0, 42.0]), path) == 2
    assert main_activity(np.array([20.0, 25.0, 42.0]), ["261", "261", "461"]) == 1
    assert main_activity(np.array([1.0, 1.0]), ["A", "A"]) == 0


def test_temperature_brings_back_scores_that_were_stretched() -> None:
    random = np.random.default_rng(5)
    scores = random.standard_normal((4_000, 6)).astype(np.float32) * 2
    truth = np.array([random.choice(6, p=row / row.sum()) for row in softmax(scores).astype(float)])
    assert fit_temperature(scores * 3, truth) == pytest.approx(3.0, rel=0.08)


def test_the_curve_is_monotone_and_mends_what_is_overstated() -> None:
    random = np.random.default_rng(6)
    given = random.random(6_000)
    right = random.random(6_000) < given**2
    curve = fit_curve(given[:3_000], right[:3_000])
    assert (np.diff(curve.right) >= 0).all()
    assert calibration_error(on_curve(curve, given[3_000:]), right[3_000:]) < 0.03
    assert calibration_error(given[3_000:], right[3_000:]) > 0.1


def test_no_curve_states_certainty() -> None:
    curve = fit_curve(np.linspace(0.5, 1, 40), np.ones(40, dtype=bool))
    assert on_curve(curve, np.array([1.0]))[0] < 1


def test_the_quantile_is_the_textbooks() -> None:
    """n = 9, α = 0.1: the ⌈10 · 0.9⌉ = 9th smallest; n = 8 is too few, and every class is taken."""
    scores = np.arange(9) / 10
    assert quantile(scores, 0.1) == 0.8
    assert quantile(scores[:8], 0.1) == float("inf")


def test_the_places_are_in_the_mean_at_the_one_promised() -> None:
    """n = 12, α = 0.1: place 11.7, the 12th for 0.7 of the texts, else the 11th; 9.0 of n = 9 leaves no choice."""
    scores = np.arange(12) / 10
    assert neighbours(scores, 0.1) == pytest.approx((1.1, 1.0, 0.7))
    assert neighbours(scores[:9], 0.1)[0] == 0.8
    assert neighbours(scores[:9], 0.1)[2] == pytest.approx(1.0)
    assert neighbours(scores[:4], 0.1) == pytest.approx((float("inf"), 0.3, 0.5))  # place 4.5
    assert neighbours(scores[:0], 0.1)[1] == -float("inf")


def test_each_small_group_covers_what_is_promised() -> None:
    """Groups of 10, 12 and 20 texts, each apart over many trainings: rounded up the second would cover 0.923."""
    random = np.random.default_rng(11)
    sizes, covered = np.array([10, 12, 20]), np.zeros((3, 2_000))
    truth = np.repeat(np.arange(3), sizes)
    for turn in range(2_000):
        score = random.random(45)
        stated = np.zeros((45, 4))
        stated[np.arange(45), np.append(truth, [0, 1, 2])] = 1 - score
        stated[:, 3] = 2.0  # the likeliest, so that no set is filled up
        threshold = fit_threshold(stated[:42], truth, 0.1, np.arange(4))
        inside = sets(stated[42:], threshold, random.random(3))
        covered[:, turn] = inside[np.arange(3), np.arange(3)]
    assert covered.mean(axis=1) == pytest.approx(0.9, abs=0.02)


def test_draws_are_even_and_the_same_for_one_text() -> None:
    found = draws([f"text {number}" for number in range(2_000)])
    assert np.array_equal(found[:5], draws([f"text {number}" for number in range(5)]))
    assert found.mean() == pytest.approx(0.5, abs=0.03)
    assert np.histogram(found, 10, (0, 1))[0].min() > 150


def test_no_set_is_empty() -> None:
    probability = np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    none = Threshold(0.5, np.full(3, 0.01), np.full(3, 0.01), np.ones(3), np.full(3, 9), False)
    assert sets(probability, none).tolist() == [[True, False, False], [False, False, True]]


@pytest.mark.parametrize("by_class", [False, True])
def test_sets_cover_as_promised(by_class: bool) -> None:
    """Coverage averaged over draws is within a point of the promise, though the probabilities are badly wrong."""
    random = np.random.default_rng(7)
    group = np.array([0, 0, 1, 1, 2])
    covered, of_rare = [], []
    for _ in range(120):
        scores = random.standard_normal((800, 5)) + np.array([2.0, 1.0, 0.5, 0.0, -0.5])
        true = softmax(scores.astype(np.float32)).astype(float)
        truth = (true.cumsum(axis=1) > random.random((800, 1))).argmax(axis=1)
        stated = softmax((scores * 3).astype(np.float32)).astype(float)
        threshold = fit_threshold(stated[:400], truth[:400], 0.1, group if by_class else None)
        inside = sets(stated[400:], threshold, random.random(400))[np.arange(400), truth[400:]]
        covered.append(inside.mean())
        of_rare.append(inside[truth[400:] == 4].mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=0.01)
    if by_class:
        assert np.mean(of_rare) >= 0.89
    else:
        assert np.mean(of_rare) < 0.89


def test_groups_with_few_texts_share_a_threshold() -> None:
    random = np.random.default_rng(8)
    probability = softmax(random.standard_normal((30, 4)).astype(np.float32)).astype(float)
    truth = np.array([0] * 20 + [1] * 4 + [2] * 6)
    found = fit_threshold(probability, truth, 0.1, np.arange(4))
    assert found.texts.tolist() == [20, 10, 10, 10]
    assert np.isfinite(found.of_class).all()
    few = fit_threshold(probability[:25], truth[:25], 0.1, np.arange(4))  # 4 and 1 are too few even together
    assert few.texts.tolist() == [25, 25, 25, 25]


def test_the_index_keeps_each_class_s_best_entry() -> None:
    scores = np.array([[0.2, 0.9, 0.4]], dtype=np.float32)
    best, entry = best_of_class(scores, np.array([0, 2, 0]), 3)
    assert best[0] == pytest.approx([0.4, -1.0, 0.9])
    assert entry[0].tolist() == [2, -1, 1]
    assert ranks(best, np.array([2])).tolist() == [0]
    assert ranks(np.array([[1.0, 1.0]], dtype=np.float32), np.array([0])).tolist() == [1]


def test_drift_is_near_its_expectation_without_drift_and_far_with_it() -> None:
    random = np.random.default_rng(9)
    then = np.array([0.5, 0.3, 0.2])
    found = [stability_index(then, random.multinomial(500, then) / 500) for _ in range(400)]
    mean, deviation = stability_expected(then, 500)
    assert np.mean(found) == pytest.approx(mean, rel=0.15)
    assert stability_index(then, np.array([0.2, 0.3, 0.5])) > mean + 50 * deviation
    assert abs(mean_shift((0.7, 0.1, 1_000), random.normal(0.7, 0.1, 1_000))) < 3.5
    assert mean_shift((0.7, 0.1, 1_000), random.normal(0.6, 0.1, 1_000)) < -10


def test_nothing_is_sure_below_what_was_calibrated() -> None:
    """Where all calibration texts were easy the lowest point is high: an unlike text is not as sure as that."""
    curve = Curve(np.array([0.4, 0.9]), np.array([0.88, 0.96]))
    assert on_curve(curve, np.array([0.0, 0.02, 0.4, 0.65, 1.0])) == pytest.approx(
        [0, 0.044, 0.88, 0.92, 0.96]
    )


def test_drawing_alone_is_seldom_taken_for_drift() -> None:
    random = np.random.default_rng(21)
    shares = 1 / np.arange(1, 91)
    shares /= shares.sum()
    alarms, seen = 0, 0
    moved = 0.7 * shares + 0.3 * np.roll(shares, 20)
    for _ in range(200):
        then, now, other = (
            random.multinomial(size, share) / size
            for size, share in ((300, shares), (5_000, shares), (5_000, moved))
        )
        for month, drawn in ((now, False), (other, True)):
            old, new = pooled(then, month, (300, 5_000))
            alarm = stability_index(old, new) > stability_limit(old, 283, 4.0)
            seen += alarm and drawn
            alarms += alarm and not drawn
    assert alarms <= 4
    assert seen >= 190
    assert [len(one) for one in pooled(np.array([0.5, 0.5]), np.array([0.5, 0.5]), (4, 4))] == [1, 1]


def test_the_error_of_a_share_is_never_zero() -> None:
    few, many = _error(np.ones(60, dtype=bool)), _error(np.ones(6_000, dtype=bool))
    assert 0.005 < few < 0.02 and 0 < many < 0.0002
    half = np.arange(400) < 200
    assert _error(half) == pytest.approx(np.sqrt(0.25 / 400), rel=0.01)
