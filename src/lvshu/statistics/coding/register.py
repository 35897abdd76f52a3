"""Fills `activity_code` and `coding_model`: units of the register without a code, coded from their business scope."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.core.origin import sha256_of_text
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.coding.coder import (
    ABSTAINED,
    BACKED_OFF,
    CODED,
    NO_TEXT,
    UNREAD,
    Coder,
    answer,
    candidates,
)
from lvshu.statistics.coding.hierarchy import INDUSTRIES, Hierarchy
from lvshu.statistics.coding.knowledge import title_entries, titles
from lvshu.statistics.coding.methods.linear import LinearSettings
from lvshu.statistics.coding.shares import by_shares
from lvshu.statistics.coding.texts import (
    CHARACTERS,
    LONGEST,
    TERMS,
    Activity,
    Terms,
    activities,
    main_first,
    terms_of,
)
from lvshu.statistics.coding.training import (
    FEWEST,
    Settings,
    different_needed,
    train,
    without_labels,
)
from lvshu.statistics.keys import CODES, MAJORS

MODEL = "business_scope"
PACKS = (INDUSTRIES, TERMS, CHARACTERS)
MOST_LABELLED = 30_000
"""Coded units that a run learns from: more adds little and costs time; train with `lvshu code train` for more."""
LINEAR = LinearSettings(rank=64, epochs=10, rate=0.1)
"""A run learns anew each time, so it takes fewer passes than `lvshu code train`."""
REVIEWED_DECISION = "reviewed"
CANDIDATES = 5
VERSION = "machine_version"
"""Item of `coding_model`: version of the model that saw no reviews, whose codes the audit corrects."""
DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Check characters of GB 32100-2015, by which a large register is thinned without a draw."""

COUNTS = Query(
    "enterprise",
    "SELECT count(*) AS units FROM enterprise WHERE industry_code IS NOT NULL AND business_scope IS NOT NULL",
)
LABELLED = Query(
    "enterprise",
    """
    SELECT
      register.uscc, coalesce(register.industry_code, review.industry_code) AS industry_code, register.business_scope,
      register.industry_code IS NOT NULL AS given
    FROM enterprise AS register
    LEFT JOIN coding_review AS review ON review.uscc = register.uscc
    WHERE register.business_scope IS NOT NULL
      AND (
        (register.industry_code IS NOT NULL AND strpos(:digits, substr(register.uscc, 18, 1)) > 0)
        OR (register.industry_code IS NULL AND review.industry_code IS NOT NULL)
      )
    ORDER BY register.uscc
    """,
)
REVIEWED = Query("coding_review", "SELECT uscc, industry_code FROM coding_review ORDER BY uscc")
SHARES = Query(
    "unit_activity",
    """
    SELECT uscc, activity_number, activity_text, value_added, revenue, employee_count FROM unit_activity
    ORDER BY uscc, activity_number
    """,
)
UNCODED = Query(
    "enterprise",
    "SELECT uscc, business_scope FROM enterprise WHERE industry_code IS NULL ORDER BY uscc",
)


def make(context: StepContext) -> None:
    """Fill `activity_code` and `coding_model`, and tell what could not be coded."""
    waiting = context.sql(UNCODED).to_pylist()
    if not waiting:
        return
    terms = terms_of(context.packs)
    coder = fit(context, terms)
    scopes = [row["business_scope"] for row in waiting]
    found = [activities(text, terms) for text in scopes]
    keys = [row["uscc"] for row in waiting]
    reviewed = dict(
        zip(*(context.sql(REVIEWED)[name].to_pylist() for name in ("uscc", "industry_code")), strict=True)
    )
    listed = {str(row["gbt4754_code"]) for row in context.packs[CODES].rows if str(row["major"]) in MAJORS}
    inside = np.isin(coder.hierarchy.classes, sorted(listed))
    shares = by_shares(coder, context.sql(SHARES).to_pylist(), rule=context.settings.main_activity)
    rows = coded_rows(coder, keys, found, reviewed, inside, shares)
    plain = _apart_from_reviews(context, terms, rows, reviewed)
    version = version_of(coder if plain is None else plain)
    context.write("coding_model", card_rows(MODEL, {**coder.card, VERSION: version}))
    context.write("activity_code", {name: [row[name] for row in rows] for name in rows[0]})
    _write_candidates(context, coder, keys, [row["main_words"] or "" for row in rows])
    _tell(context, rows, scopes)
    different = coder.card["data"].get("different")
    if different is not None and not coder.calibrated:
        values = {
            "different": different,
            "labelled": coder.card["data"]["labelled"],
            "needed": different_needed(Settings().error),
        }
        context.find(
            Problem("coding.not_calibrated", values=values, severity="warning"), table="activity_code"
        )


def _apart_from_reviews(
    context: StepContext, terms: Terms, rows: list[dict[str, Any]], reviewed: Mapping[str, str]
) -> Coder | None:
    """Replace the machine's codes by those of a model that saw no review, where there are reviews; return that model.

    Reviews mend the codes of units that are not audited, and the model learns them: audited units would no longer be
    coded like the others, and a correction by the audit would be biased.
    """
    if not reviewed:
        return None
    plain = fit(context, terms, reviews=False)
    words = list(dict.fromkeys(row["main_words"] or "" for row in rows))
    best = dict(zip(words, answer(plain, words).best.tolist(), strict=True))
    for row in rows:
        place = int(best[row["main_words"] or ""])
        row["machine_code"] = plain.hierarchy.classes[place] if place >= 0 else None
    return plain


def version_of(coder: Coder) -> str:
    """Return a model's version: a letter and eleven characters of a hash of its data, settings and libraries."""
    made = {name: one for name, one in coder.card.items() if name != "measures"}
    return "m" + sha256_of_text(json.dumps(made, sort_keys=True, ensure_ascii=False, default=str))[:11]


def model_version(context: StepContext) -> str | None:
    """Return the version of the model whose codes the audit corrects; None where nothing was coded."""
    rows = context.read("coding_model", columns=("item", "content")).to_pylist()
    return next((row["content"] for row in rows if row["item"] == VERSION), None)


def fit(context: StepContext, terms: Terms, *, reviews: bool = True) -> Coder:
    """Return a coder trained on the coded part of the register; without enough of it, on the titles alone.

    Args:
        context: of the step.
        terms: words of business scopes.
        reviews: whether units that people reviewed are learned from too.
    """
    hierarchy, names = Hierarchy.of_pack(context.packs), titles(context.packs)
    [count] = context.sql(COUNTS)["units"].to_pylist()
    kept = min(len(DIGITS), max(1, round(len(DIGITS) * MOST_LABELLED / max(count, 1))))
    rows = context.sql(LABELLED, digits=DIGITS[:kept]).to_pylist()
    known = set(hierarchy.classes)
    rows = [row for row in rows if row["industry_code"] in known and (reviews or row["given"])]
    words = [main_words(activities(row["business_scope"], terms)) for row in rows]
    entries = title_entries(hierarchy, names)
    if sum(map(bool, words)) < FEWEST:
        if reviews:
            context.find(Problem("coding.no_labels", values={"units": len(rows)}, severity="warning"))
        return without_labels(entries, hierarchy, spelling=terms.spelling)
    settings = Settings(seed=context.settings.seed, linear=LINEAR)
    about = {"source": "enterprise.business_scope, enterprise.industry_code", "main_rule": "first"}
    codes = [row["industry_code"] for row in rows]
    return train(words, codes, hierarchy, settings, entries=entries, spelling=terms.spelling, about=about)


def main_words(found: Iterable[Activity]) -> str:
    """Return the words of the main activity by the rule of the first; empty without any."""
    main = main_first(found)
    return main.words if main is not None else ""


def coded_rows(
    coder: Coder,
    keys: list[str],
    found: list[list[Activity]],
    reviewed: Mapping[str, str],
    inside: NDArray[np.bool_],
    shares: Mapping[str, tuple[str, str, int]],
) -> list[dict[str, Any]]:
    """Return rows of `activity_code`; equal words are coded once.

    Args:
        coder: the model.
        keys: credit codes.
        found: activities of each unit.
        reviewed: credit code -> class found by people.
        inside: classes of the core digital economy, shape (classes,).
        shares: credit code -> words of the main activity by what each earns, the rule, and the activities.
    """
    words = [
        shares[key][0] if key in shares else main_words(one) for key, one in zip(keys, found, strict=True)
    ]
    distinct = list(dict.fromkeys(words))
    place = {text: number for number, text in enumerate(distinct)}
    answers = answer(coder, distinct, inside=inside)
    levels = coder.hierarchy.levels
    rows = []
    for key, own, text in zip(keys, found, words, strict=True):
        at = place[text]
        _, rule, count = shares.get(key, ("", "first", len(own)))
        level, best = int(answers.level[at]), int(answers.best[at])
        row: dict[str, Any] = {
                "uscc": key, "activity_count": count, "main_rule": rule if text else "none",
                "main_words": text or None, "decision": str(answers.decision[at]),
                "code": str(answers.code[at]) or None, "level": levels[level] if level >= 0 else None,
                "probability": _plain(answers.probability[at]) if coder.calibrated else None,
                "best_code": coder.hierarchy.classes[best] if best >= 0 else None,
                "machine_code": coder.hierarchy.classes[best] if best >= 0 else None,
                "best_probability": _plain(answers.best_probability[at]) if coder.calibrated else None,
                "set_size": int(answers.set_size[at]) if answers.set_size[at] >= 0 else None,
                "digital_probability": float(answers.inside[at]) if best >= 0 else None,
            }  # fmt: skip
        if key in reviewed:
            row |= dict.fromkeys(("probability", "best_probability", "set_size", "digital_probability"))
            row |= {"decision": REVIEWED_DECISION, "level": levels[0]}
            row |= {"code": reviewed[key], "best_code": reviewed[key]}
        rows.append(row)
    return rows


def _write_candidates(context: StepContext, coder: Coder, keys: list[str], words: list[str]) -> None:
    distinct = [text for text in dict.fromkeys(words) if text]
    listed = dict(zip(distinct, candidates(coder, distinct, most=CANDIDATES), strict=True))
    rows = [
        (key, rank, code, probability)
        for key, text in zip(keys, words, strict=True)
        for rank, (code, probability) in enumerate(listed.get(text, []), start=1)
    ]
    names = ("uscc", "candidate_rank", "code", "probability")
    if rows:
        context.write("activity_candidate", dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def card_rows(model: str, card: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return a card as rows of `coding_model`."""
    items = dict(_flat("", card))
    return {"model": [model] * len(items), "item": list(items), "content": list(items.values())}


def _flat(prefix: str, content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield (
                f"{prefix}{name}",
                value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
            )


def _tell(context: StepContext, rows: list[dict[str, Any]], scopes: list[str | None]) -> None:
    count = {
        name: sum(row["decision"] == name for row in rows)
        for name in (CODED, BACKED_OFF, ABSTAINED, NO_TEXT, UNREAD, "reviewed")
    }
    values = {"units": len(rows), **count}
    without = count[ABSTAINED] + count[NO_TEXT] + count[UNREAD]
    severity = "warning" if without > len(rows) / 2 else "notice"
    context.find(
        Problem("coding.units_coded", values=values, severity=severity), table="activity_code",
        amount=float(without), unit="1",
    )  # fmt: skip
    long = [len(text) for text in scopes if text and len(text) > LONGEST]
    if long:
        values = {"texts": len(long), "longest": LONGEST, "most": max(long)}
        context.find(Problem("coding.text_cut", values=values, severity="warning"), table="enterprise")
