"""Who a borrower is: by override, review or code, else by name. Nothing is dropped: what is not found is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from stdnum.cn import uscc as credit_code

from lvshu.core.enterprise_name import NameWords, normalise_name, parse_name
from lvshu.engine.step import StepContext
from lvshu.finance.identify_findings import tell
from lvshu.finance.matching.blocking import worth_a_look
from lvshu.finance.matching.matcher import Matcher, Ranked
from lvshu.finance.matching.scoring import Weights

COLUMNS = (
    "subject_key",
    "status",
    "matched_by",
    "reason",
    "entity_id",
    "probability",
    "margin",
    "code_valid",
    "reviewer",
)


class Found(NamedTuple):
    """What was found for a subject."""

    status: str
    matched_by: str
    reason: str
    entity_id: str | None = None
    probability: float | None = None
    margin: float | None = None
    reviewer: str | None = None


@dataclass
class Decisions:
    """What people decided: overrides by name and by code, reviews by subject. Conflicts are told.

    accepted: subject -> (entity, reviewer); rejected: subject -> entities that it is not, with the reviewer.
    """

    names: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    codes: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    rejected: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown_companies: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def make(context: StepContext) -> None:
    """Fill `subject_match` and `match_candidate`, and tell what is not sure, not valid or contradictory."""
    subjects = context.read("match_subject", order=["subject_key"]).to_pylist()
    words = NameWords.of(context.packs["name_parts"].rows, context.packs["traditional_characters"].rows)
    decisions = read_decisions(context, words)
    found: dict[str, Found] = {}
    valid: dict[str, bool | None] = {}
    open_subjects = []
    for one in subjects:
        key = one["subject_key"]
        valid[key] = _code_valid(one["code"], one["entity_id"])
        known = _settled(one, decisions, words)
        if known is None:
            open_subjects.append(one)
        else:
            found[key] = known
    found |= _by_name(context, open_subjects, decisions, words)
    keys = [one["subject_key"] for one in subjects]
    columns = dict(zip(Found._fields, zip(*(found[key] for key in keys), strict=True), strict=False))
    context.write("subject_match", {
        name: keys if name == "subject_key" else [valid[key] for key in keys] if name == "code_valid"
        else list(columns.get(name, ()))
        for name in COLUMNS
    })  # fmt: skip
    tell(context, subjects, found, valid, decisions, words)


def read_decisions(context: StepContext, words: NameWords) -> Decisions:
    """Return overrides and reviews. The latest review counts, on one day that of the last reviewer by name."""
    known = dict(zip(*(column.to_pylist() for column in context.read("company_code").columns), strict=True))
    made = Decisions()
    for row in context.read("match_override", order=["subject_kind", "subject"]).to_pylist():
        entity = known.get(row["company_id"]) if row["company_id"] else None
        if row["company_id"] and entity is None:
            made.unknown_companies.append(f"{row['subject']} → {row['company_id']}")
            continue
        if row["subject_kind"] == "name":
            made.names[normalise_name(row["subject"], words)] = (entity, row["reviewer"])
        elif row["subject_kind"] == "code":
            made.codes[row["subject"].strip().upper()] = (entity, row["reviewer"])
    for row in context.read(
        "match_review", order=["reviewed_on", "reviewer", "subject_key", "company_id"]
    ).to_pylist():
        _take_review(made, row, known)
    return made


def _take_review(made: Decisions, row: Mapping[str, str], known: Mapping[str, str]) -> None:
    key = row["subject_key"]
    chosen = row["other_company_id"] if row["decision"] == "other" else row["company_id"]
    entity = known.get(chosen)
    if entity is None:
        made.unknown_companies.append(f"{key} → {chosen}")
        return
    before = made.accepted.get(key)
    if row["decision"] == "reject":
        made.rejected.setdefault(key, {})[entity] = row["reviewer"]
        if before and before[0] == entity:
            made.conflicts.append(key)
            del made.accepted[key]
        return
    if (before and before[0] != entity) or entity in made.rejected.get(key, {}):
        made.conflicts.append(key)
    made.rejected.get(key, {}).pop(entity, None)
    if row["decision"] == "other" and row["company_id"] in known:
        made.rejected.setdefault(key, {})[known[row["company_id"]]] = row["reviewer"]
    made.accepted[key] = (entity, row["reviewer"])


def _code_valid(code: str | None, entity: str | None) -> bool | None:
    if not code:
        return None
    return entity is not None or bool(credit_code.is_valid(code))


def _settled(one: Mapping[str, str], decisions: Decisions, words: NameWords) -> Found | None:
    """Return what is settled without matching names: natural persons, overrides, reviews, codes, no name at all."""
    if one["natural_person"]:
        return Found("natural_person", "none", "natural_person")
    code, name = (one["code"] or "").strip().upper(), one["name"] or ""
    override = decisions.codes.get(code) if code else None
    if override is None and name and decisions.names:
        override = decisions.names.get(normalise_name(name, words))
    if override is not None:
        status = "matched" if override[0] else "unknown"
        return Found(status, "override", "override", override[0], reviewer=override[1])
    accepted = decisions.accepted.get(one["subject_key"])
    if accepted is not None:
        return Found("matched", "review", "accepted", accepted[0], reviewer=accepted[1])
    if one["entity_id"] and one["entity_id"] not in decisions.rejected.get(one["subject_key"], {}):
        return Found("matched", "code", "code", one["entity_id"])
    if not normalise_name(name, words):
        return Found("unknown", "none", "no_name")
    return None


def _by_name(
    context: StepContext, subjects: list[dict[str, str]], decisions: Decisions, words: NameWords
) -> dict[str, Found]:
    """Return the matches by name of subjects, and write their candidates."""
    not_found = {one["subject_key"]: Found("unknown", "none", "not_found") for one in subjects}
    if not subjects:
        return {}
    listed = context.read("company_name", columns=["entity_id", "name"], order=["entity_id", "name"])
    asked = [one["name"] for one in subjects]
    plain = [parse_name(name, words).full for name in asked]
    kept = worth_a_look(listed["name"].to_pylist(), [*asked, *plain])
    listed = listed.take(pa.array(np.flatnonzero(kept)))
    if listed.num_rows == 0:
        return not_found
    coded = listed["entity_id"].combine_chunks().dictionary_encode()
    entities, names = coded.dictionary.to_pylist(), listed["name"].to_pylist()
    weights = Weights.of(context.packs["name_match_weights"].rows)
    matcher = Matcher.of(names, words, weights, company=coded.indices.to_numpy())
    ranked = matcher.rank(asked)
    _write_candidates(context, ranked, subjects, entities, names)
    return not_found | _judged(context, ranked, subjects, entities, decisions)


def _write_candidates(
    context: StepContext,
    ranked: Ranked,
    subjects: list[dict[str, str]],
    entities: list[str],
    names: list[str],
) -> None:
    seen = ranked.probability >= context.settings.match_seen
    rows = np.flatnonzero(seen)
    context.write(
        "match_candidate",
        {
            "subject_key": [subjects[one]["subject_key"] for one in ranked.query[rows]],
            "candidate_rank": ranked.rank[rows].tolist(),
            "entity_id": [entities[one] for one in ranked.company[rows]],
            "candidate_name": [names[one] for one in ranked.name[rows]],
            "probability": ranked.probability[rows].tolist(),
            "plain": ranked.sure[rows].tolist(),
        },
    )


def _judged(
    context: StepContext,
    ranked: Ranked,
    subjects: list[dict[str, str]],
    entities: list[str],
    decisions: Decisions,
) -> dict[str, Found]:
    """Return what the candidates make of each subject, those rejected by a reviewer left out."""
    settings = context.settings
    found: dict[str, Found] = {}
    best: dict[str, list[tuple[float, str, bool]]] = {}
    for query, company, probability, sure in zip(
        ranked.query.tolist(),
        ranked.company.tolist(),
        ranked.probability.tolist(),
        ranked.sure.tolist(),
        strict=True,
    ):
        key = subjects[query]["subject_key"]
        if entities[company] in decisions.rejected.get(key, {}):
            found.setdefault(key, Found("unknown", "review", "rejected"))
        elif probability >= settings.match_seen:
            best.setdefault(key, []).append((probability, entities[company], sure))
    for key, listed in best.items():
        first = listed[0]
        margin = first[0] - (listed[1][0] if len(listed) > 1 else 0.0)
        rejected = key in decisions.rejected
        taken = (
            first[0] >= settings.match_accept
            and margin >= settings.match_margin
            and first[2]
            and not rejected
        )
        reason = (
            "name"
            if taken
            else _why_not(first, margin, settings.match_accept, settings.match_margin, rejected)
        )
        found[key] = Found("matched" if taken else "review", "name", reason, first[1], first[0], margin)
    return found


def _why_not(
    first: tuple[float, str, bool], margin: float, accept: float, apart: float, rejected: bool
) -> str:
    if rejected:
        return "other_candidate"
    if margin < apart:
        return "several_alike"
    return "not_plain" if first[0] >= accept and not first[2] else "not_sure"
