"""Fits weights and probabilities to the answers that people gave, and measures them.

The weights are drawn to those that come with the program, never to an earlier fit: the same answers do not count twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import NameWords
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import sha256_of_text
from lvshu.engine.settings import Settings
from lvshu.finance.identify import decisions_of
from lvshu.finance.match_desk.queue import SUBJECTS
from lvshu.finance.match_desk.review import KINDS, NONE
from lvshu.finance.match_desk.taking import answer_rows
from lvshu.finance.workflow.desk import Desk
from lvshu.linkage.names.calibration import Isotonic
from lvshu.linkage.names.learn import Bars, Judged, Learned, Outcome, learn
from lvshu.linkage.names.matcher import Matcher, Ranked, calibrated
from lvshu.linkage.names.measure import Estimate, ratio_of_sample
from lvshu.linkage.names.romanised import RomanWords
from lvshu.linkage.names.scoring import Weights, plain, strengths
from lvshu.store.book import Book

WEIGHTS, CALIBRATION = "name_match_weights", "name_match_calibration"
LEAST = 10
"""Fewest answered names that are fitted to; lvshu's own convention."""


@dataclass(frozen=True)
class Measures:
    """Precision and recall of what is taken without a look, by names and by year-end balance; mean loss and its error.

    Precision is not known where no name that is taken was answered, recall where some kind of names has no answer.
    loss: minus the logarithm of the probability of what is true, a name; dimensionless, the smaller the better.
    """

    precision: Estimate
    recall: Estimate
    precision_by_amount: Estimate
    loss: float
    loss_error: float
    calibration_error: float


@dataclass(frozen=True)
class Fit:
    """A fit and how well it does.

    Attributes:
        names: names without a settled code in the book, by kind: what the weights in use make of them.
        judged: of these, names that people answered.
        partly: names left out because some of their candidates have no answer.
        before: the weights that come with the program; after: the fitted ones, each name judged by a fit without it.
        gain: mean loss before less after, and its standard error; above zero the fit is better.
        learned: weights and calibration.
    """

    run_id: str
    names: Mapping[str, int]
    judged: Mapping[str, int]
    partly: int
    accepted: int
    before: Measures
    after: Measures
    gain: float
    gain_error: float
    learned: Learned

    @property
    def better(self) -> bool:
        """Return whether the fitted weights predict names left out better than those that come with the program."""
        return self.gain > 0


def fit_answers(desk: Desk) -> Fit:
    """Return weights and calibration fitted to the answers about the current run's ledger, with their measures.

    Raises:
        InputError: no run, or fewer than ten names with an answer.
        MethodError: all answers are the same.
    """
    with desk.book() as book:
        if book is None or not book.count(SUBJECTS) or not book.count("company_name"):
            raise InputError(Problem("finance.match_no_ledger"))
        return _fit(desk, book)


def _fit(desk: Desk, book: Book) -> Fit:
    library, settings = desk.workspace.library, book.settings
    words = NameWords.of(library["name_parts"].rows, library["traditional_characters"].rows)
    roman = RomanWords.of(words, library["name_parts"].rows, library["areas"].rows)
    given = Weights.of(PackLibrary.load(None)[WEIGHTS].rows)
    bars = Bars(settings.match_accept, settings.match_margin)
    names = _open_names(book)
    listed = book.rows("company_name", columns=["entity_id", "name"], order=["entity_id", "name"])
    entities = sorted({row["entity_id"] for row in listed})
    number = {entity: place for place, entity in enumerate(entities)}
    owner = np.array([number[row["entity_id"]] for row in listed])
    weights = Weights.of(library[WEIGHTS].rows)
    matcher = Matcher.of([row["name"] for row in listed], words, weights, company=owner, roman=roman)
    calibration = Isotonic.of(library[CALIBRATION].rows)
    ranked = calibrated(matcher.rank([row["name"] for row in names]), calibration)
    kinds = _kinds(ranked, len(names), settings)
    truth, partly = _truth(desk, book, words, names, ranked, number, settings)
    chosen = np.array([place for place in range(len(names)) if place in truth], dtype=int)
    if len(chosen) < LEAST:
        raise InputError(Problem("finance.match_few_answers", values={"names": len(chosen), "least": LEAST}))
    told = np.array([truth[place] for place in chosen], dtype=int)
    judged = _judged(matcher, given, [names[place]["name"] for place in chosen], told)
    digest = sha256_of_text(str(settings.seed), "match.fit")
    learned = learn(judged, given, bars, np.random.default_rng(int(digest[:32], 16)))
    whole = np.bincount(kinds, minlength=len(KINDS)).astype(float)
    amounts = np.array([float(names[place]["outstanding_amount"]) for place in chosen])
    before, after = (
        _measures(one, told, kinds[chosen], whole, amounts) for one in (learned.before, learned.after)
    )
    gains = learned.before.loss - learned.after.loss
    counted = np.bincount(kinds[chosen], minlength=len(KINDS))
    return Fit(
        run_id=desk.run_id, names=_by_kind(whole), judged=_by_kind(counted), partly=partly,
        accepted=int((told >= 0).sum()), before=before, after=after, gain=float(gains.mean()),
        gain_error=_error(gains), learned=learned,
    )  # fmt: skip


def _open_names(book: Book) -> list[dict[str, Any]]:
    """Return the subjects that names alone decide, or would without a person's answer; each once, with a name."""
    rows = book.engine.execute(
        "SELECT s.subject_key, s.name, s.outstanding_amount FROM match_subject AS s "
        "JOIN subject_match AS m ON m.subject_key = s.subject_key WHERE s.name IS NOT NULL "
        "AND m.matched_by IN ('name', 'none', 'review') AND m.status <> 'natural_person' "
        "AND m.reason <> 'no_name' ORDER BY 1"
    )
    return [dict(zip(("subject_key", "name", "outstanding_amount"), row, strict=True)) for row in rows]


def _kinds(ranked: Ranked, names: int, settings: Settings) -> np.ndarray:
    """Return what candidates make of each name: its place in KINDS, shape (names,)."""
    first, second = ranked.rank == 1, ranked.rank == 2
    best, next_best, sure = np.zeros(names), np.zeros(names), np.zeros(names, dtype=bool)
    best[ranked.query[first]] = ranked.probability[first]
    sure[ranked.query[first]] = ranked.sure[first]
    next_best[ranked.query[second]] = ranked.probability[second]
    next_best = np.where(next_best >= settings.match_seen, next_best, 0.0)
    taken = (best >= settings.match_accept) & (best - next_best >= settings.match_margin) & sure
    unfound = best < settings.match_seen
    return np.where(
        taken, KINDS.index("accepted"), np.where(unfound, KINDS.index("unfound"), KINDS.index("waiting"))
    )


def _truth(
    desk: Desk,
    book: Book,
    words: NameWords,
    names: Sequence[Mapping[str, Any]],
    ranked: Ranked,
    number: Mapping[str, int],
    settings: Settings,
) -> tuple[dict[int, int], int]:
    """Return by row of a name the row of its company (-1: none of them), and how many names are answered in part."""
    known = {str(row["code"]): str(row["entity_id"]) for row in book.rows("company_code")}
    decisions = decisions_of(known, (), _reviews(desk, book), words)
    none = {one.subject_key for one in desk.repository.match_answers() if one.decision == NONE}
    shown: dict[int, set[int]] = {}
    for query, company, chance in zip(ranked.query, ranked.company, ranked.probability, strict=True):
        if chance >= settings.match_seen:
            shown.setdefault(int(query), set()).add(int(company))
    truth, partly = {}, 0
    for place, row in enumerate(names):
        key = row["subject_key"]
        accepted = decisions.accepted.get(key)
        if accepted is not None:
            truth[place] = number.get(accepted[0], -1)
            continue
        rejected = {number[one] for one in decisions.rejected.get(key, {}) if one in number}
        if key in none or (rejected and shown.get(place, set()) <= rejected):
            truth[place] = -1
        elif rejected:
            partly += 1
    return truth, partly


def _reviews(desk: Desk, book: Book) -> list[dict[str, Any]]:
    """Return the reviews of the book and those that were taken since."""
    taken = [{**row, "reviewed_on": date.fromisoformat(row["reviewed_on"])} for row in answer_rows(desk)]
    return [*book.rows("match_review"), *taken]


def _judged(matcher: Matcher, given: Weights, names: Sequence[str], truth: np.ndarray) -> Judged:
    """Return the candidates of judged names, each company once a name: its name that speaks for it most."""
    pairs, rows, kind = matcher.evidence_of(names)
    company = matcher.company[pairs.candidate]
    order = np.lexsort((pairs.candidate, -strengths(rows, kind, given), company, pairs.query))
    query, company, rows, kind = pairs.query[order], company[order], rows[order], kind[order]
    fresh = np.ones(len(query), dtype=bool)
    fresh[1:] = (query[1:] != query[:-1]) | (company[1:] != company[:-1])
    query, company, rows, kind = query[fresh], company[fresh], rows[fresh], kind[fresh]
    return Judged(query, company, rows, kind, plain(rows, kind), truth)


def _measures(
    outcome: Outcome, truth: np.ndarray, kinds: np.ndarray, whole: np.ndarray, amounts: np.ndarray
) -> Measures:
    correct, taken = outcome.correct.astype(float), outcome.taken.astype(float)
    blind = (whole > 0) & (np.bincount(kinds, minlength=len(KINDS)) == 0)
    here = float(not blind[KINDS.index("accepted")])
    everywhere = float(not blind.any())
    return Measures(
        precision=ratio_of_sample(correct * here, taken * here, kinds, whole),
        recall=ratio_of_sample(correct * everywhere, (truth >= 0) * everywhere, kinds, whole),
        precision_by_amount=ratio_of_sample(correct * amounts * here, taken * amounts * here, kinds, whole),
        loss=float(outcome.loss.mean()), loss_error=_error(outcome.loss),
        calibration_error=outcome.calibration_error,
    )  # fmt: skip


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _by_kind(counts: np.ndarray) -> dict[str, int]:
    return {kind: int(counts[place]) for place, kind in enumerate(KINDS)}
