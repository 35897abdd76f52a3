"""Weights and probabilities fitted to reviews: kept, used by the next run, and told with honest errors."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.main import main
from lvshu.core.errors import InputError, MethodError
from lvshu.finance.match_desk.fitting import fit_answers
from lvshu.finance.match_desk.queue import write_queue
from lvshu.finance.match_desk.taking import take_reviews
from lvshu.finance.workflow.desk import open_desk
from lvshu.linkage.names.calibration import Isotonic, fit_choice, fit_isotonic
from lvshu.linkage.names.learn import Bars, Judged, learn, outcome_of, probabilities
from lvshu.linkage.names.matcher import Ranked, calibrated
from lvshu.linkage.names.measure import ratio_of_sample, wilson
from lvshu.linkage.names.scoring import EVIDENCE, Weights
from lvshu.store.workspace import Workspace
from tests.finance.match_desk import ledger

GIVEN = Weights.of(PackLibrary.load(None)["name_match_weights"].rows)
BARS = Bars(0.9, 0.3)


def test_a_sample_within_classes_gives_the_ratio_and_error_of_the_textbook() -> None:
    numerator = np.array([1.0, 1, 0, 1, 0, 0, 1])
    denominator = np.ones(7)
    stratum = np.array([0, 0, 0, 0, 1, 1, 1])
    whole = np.array([40.0, 300.0, 12.0])
    found = ratio_of_sample(numerator, denominator, stratum, whole)
    weights = whole[stratum] / np.array([4, 4, 4, 4, 3, 3, 3])
    value = (weights @ numerator) / 340
    assert found.value == pytest.approx(value) and found.judged == 7
    residual = (numerator - value) / 340
    variance = 40**2 / 4 * residual[:4].var(ddof=1) + 300**2 / 3 * residual[4:].var(ddof=1)
    assert found.standard_error == pytest.approx(np.sqrt(variance))
    assert 0 <= found.low < found.value < found.high <= 1


def test_what_no_judged_name_tells_is_not_known() -> None:
    nothing = ratio_of_sample(np.zeros(3), np.zeros(3), np.zeros(3, dtype=int), np.array([3.0]))
    assert (nothing.value, nothing.standard_error, nothing.low) == (None, None, None)
    alone = ratio_of_sample(np.ones(1), np.ones(1), np.zeros(1, dtype=int), np.array([9.0]))
    assert alone.value == 1 and alone.standard_error is None and alone.low < 0.3


def test_all_right_is_not_quite_sure() -> None:
    low, high = wilson(1.0, 0.0, 30)
    assert low == pytest.approx(0.8865, abs=1e-4) and high == pytest.approx(
        1
    )  # the interval of Wilson for 30 of 30


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40), st.floats(0, 3))
def test_a_calibration_rises_and_stays_a_probability(pairs: list[tuple[float, bool]], pull: float) -> None:
    scores, truth = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    if truth.all() or not truth.any():
        return
    made = fit_isotonic(scores, truth, pull=pull)
    assert (np.diff(made.levels) >= 0).all() and made.levels.min() >= 0 and made.levels.max() <= 1
    grid = made(np.linspace(0, 1, 50))
    assert (np.diff(grid) >= -1e-12).all()


def test_candidates_of_a_name_add_up_to_one_at_most_after_calibration() -> None:
    ranked = Ranked(np.array([0, 0, 1]), np.array([5, 6, 7]), np.array([1, 2, 1]), np.array([0.5, 0.4, 0.2]),
                    np.ones(3, dtype=bool), np.arange(3))  # fmt: skip
    same = calibrated(ranked, Isotonic(np.array([0.0, 1.0]), np.array([0.0, 1.0])))
    assert same.probability.tolist() == ranked.probability.tolist()
    raised = calibrated(ranked, Isotonic(np.array([0.0, 0.3, 1.0]), np.array([0.0, 0.9, 1.0])))
    assert raised.probability[:2].sum() == pytest.approx(1) and raised.probability[0] > raised.probability[1]


def judged(names: int, seed: int = 3) -> Judged:
    """Return names of two candidates whose truth follows weights that differ from those of the program."""
    random = np.random.default_rng(seed)
    rows = np.zeros((names * 2, len(EVIDENCE)))
    rows[:, 0] = 1
    rows[:, EVIDENCE.index("gram_share")] = random.random(names * 2)
    rows[:, EVIDENCE.index("trade_equal")] = random.integers(0, 2, names * 2)
    true = np.zeros(len(EVIDENCE))
    true[0], true[EVIDENCE.index("gram_share")], true[EVIDENCE.index("trade_equal")] = -4, 2, 6
    odds = np.exp(rows @ true).reshape(names, 2)
    chance = np.concatenate([odds, np.ones((names, 1))], axis=1) / (1 + odds.sum(axis=1, keepdims=True))
    chosen = (chance.cumsum(axis=1) < random.random((names, 1))).sum(axis=1)
    query, company = np.repeat(np.arange(names), 2), np.tile([0, 1], names)
    truth = np.where(chosen < 2, chosen, -1)
    return Judged(query, company, rows, np.ones(names * 2, dtype=bool), np.ones(names * 2, dtype=bool), truth)


def test_a_fit_predicts_names_left_out_better_than_weights_that_are_wrong() -> None:
    found = learn(judged(400), GIVEN, BARS, np.random.default_rng(1))
    assert found.scripts == ("han",) and found.calibration is not None
    assert found.after.loss.mean() < found.before.loss.mean()
    assert found.after.calibration_error < 0.1
    fresh = judged(2_000, seed=9)
    loss = outcome_of(fresh, probabilities(fresh, found.weights), BARS).loss.mean()
    assert loss == pytest.approx(found.after.loss.mean(), abs=0.1)
    assert np.array_equal(found.weights.latin, GIVEN.latin)


def test_few_names_stay_near_the_weights_that_came_with_the_program() -> None:
    few, many = (
        learn(judged(count), GIVEN, BARS, np.random.default_rng(1)).weights.han for count in (12, 1_000)
    )
    assert np.abs(few - GIVEN.han).max() < np.abs(many - GIVEN.han).max()
    assert learn(judged(50), GIVEN, BARS, np.random.default_rng(1)).calibration is None


def test_a_prior_without_evidence_is_returned() -> None:
    rows = np.array([[1.0, 0.0], [1.0, 0.0]])
    prior = np.array([0.0, 3.0])
    fitted = fit_choice(rows, np.array([0, 1]), np.array([1, 0]), prior=prior)
    assert fitted == pytest.approx(prior, abs=1e-6)


def test_one_kind_of_answer_teaches_nothing() -> None:
    one = judged(20)
    with pytest.raises(MethodError):
        learn(Judged(one.query, one.company, one.rows, one.kind, one.sure, np.full(20, -1)), GIVEN, BARS,
              np.random.default_rng(1))  # fmt: skip


def reviewed(place: Workspace, only: int | None = None, sample: int = 100) -> None:
    with open_desk(place) as desk:
        path = write_queue(desk, place.folder / "review.csv", sample=sample).path
        take_reviews(desk, [ledger.answered(path, place.folder / "back.csv", only=only)])


def test_a_fit_is_kept_and_the_next_run_takes_what_waited(
    names: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed(names)
    assert main(["match", "fit", "-w", str(names.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["better"] and told["calibrated"] and told["scripts"] == ["han"] and len(told["packs"]) == 2
    assert told["names"] == {"waiting": 64, "accepted": 20, "unfound": 18} == told["answered"]
    assert told["packaged"]["recall"]["value"] == pytest.approx(20 / 84)
    assert told["fitted"]["recall"]["value"] > 0.9 and told["fitted"]["precision"]["value"] > 0.9
    assert told["fitted"]["precision"]["low"] < 1 and told["gain"]["standard_error"] > 0
    problems = PackLibrary.load(names.user_packs).check()
    assert problems == []
    (names.inputs / "match_review.desk.csv").unlink()
    ledger.run_once(Workspace.open(names.folder))
    truth = dict(ledger.ledger())
    with names.book() as book:
        found = {row["subject_key"]: row["name"] for row in book.rows("match_subject")}
        matches = book.rows("subject_match", where="status = 'matched'")
        used = {row["pack"]: row for row in book.rows("pack_used")}
    assert len(matches) > 80 and all(row["matched_by"] == "name" for row in matches)
    assert all(row["entity_id"] == truth[found[row["subject_key"]]] for row in matches)
    assert "lvshu match fit" in used["name_match_weights"]["source"]
    assert main(["match", "fit", "-w", str(names.folder), "--forget", "--lang", "en"]) == 0
    assert "Set aside" in capsys.readouterr().out
    assert not (names.user_packs / "name_match_weights").exists()
    assert PackLibrary.load(names.user_packs).check() == []


def test_too_few_answers_and_kinds_without_any_are_told(
    names: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_desk(names) as desk, pytest.raises(InputError) as told:
        fit_answers(desk)
    assert told.value.code == "finance.match_few_answers"
    reviewed(names, only=40, sample=0)
    for language, words in (
        ("zh", ("这些类别没有意见", "无从得知", "截距照旧")),
        ("en", ("have no answer", "not known", "the intercept stays")),
    ):  # fmt: skip
        main(["match", "fit", "-w", str(names.folder), "--dry-run", "--lang", language])
        out = capsys.readouterr().out
        assert all(word in out for word in words)
    with open_desk(names) as desk:
        fit = fit_answers(desk)
    assert fit.before.recall.value is None and fit.after.precision.value is None
    assert fit.learned.weights.han[0] == pytest.approx(GIVEN.han[0], abs=1e-6) and not fit.learned.none_known
    assert not (names.user_packs / "name_match_weights").exists()
