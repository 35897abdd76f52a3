"""Who a borrower is: by override, review or code, else by name. Nothing is dropped: what is not found is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.core.enterprise_name import NameWords, normalise_name, parse_name
from lvshu.engine.step import StepContext
from lvshu.finance.borrower_code import CHECK_CHARACTER, LEI, OTHER, RESIDENT, SELF_EMPLOYED, VALID, kind_of
from lvshu.finance.identify_findings import tell
from lvshu.linkage.names.blocking import worth_a_look
from lvshu.linkage.names.by_sound import worth_hearing
from lvshu.linkage.names.calibration import Isotonic
from lvshu.linkage.names.matcher import Matcher, Ranked, calibrated
from lvshu.linkage.names.romanised import RomanWords, has_latin
from lvshu.linkage.names.scoring import Weights

COLUMNS = (
    "subject_key",
    "status",
    "matched_by",
    "reason",
    "entity_id",
    "probability",
    "margin",
    "code_valid",
    "code_kind",
    "reviewer",
)
UNFOUND = {
    CHECK_CHARACTER: "code_check_character", OTHER: "code_other", LEI: "lei_unlisted",
    SELF_EMPLOYED: "self_employed_unlisted",
}  # fmt: skip
"""Why a borrower is unknown whose name leads nowhere, by what its code is; else the name is not found."""


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
    everyone = context.read("match_subject", order=["subject_key"])
    words = NameWords.of(context.packs["name_parts"].rows, context.packs["traditional_characters"].rows)
    decisions = read_decisions(context, words)
    subjects = _write_plain(context, everyone, decisions).to_pylist()
    found: dict[str, Found] = {}
    kinds = {one["subject_key"]: kind_of(one["code"]) for one in subjects}
    open_subjects = []
    for one in subjects:
        key = one["subject_key"]
        settled = _settled(one, kinds[key], decisions, words)
        if settled is None:
            open_subjects.append(one)
        else:
            found[key] = settled
    found |= _by_name(context, open_subjects, decisions, words)
    for key, one in found.items():
        if (one.status, one.reason) == ("unknown", "not_found") and kinds[key] in UNFOUND:
            found[key] = one._replace(reason=UNFOUND[kinds[key]])
    keys = [one["subject_key"] for one in subjects]
    columns = dict(zip(Found._fields, zip(*(found[key] for key in keys), strict=True), strict=False))
    made = {
        "subject_key": keys, "code_kind": [kinds[key] or None for key in keys],
        "code_valid": [_code_valid(kinds[one["subject_key"]], one["entity_id"]) for one in subjects],
    }  # fmt: skip
    if subjects:
        context.write(
            "subject_match", {name: made.get(name) or list(columns.get(name, ())) for name in COLUMNS}
        )
    tell(context, subjects, found, kinds, decisions)


def _write_plain(context: StepContext, everyone: pa.Table, decisions: Decisions) -> pa.Table:
    """Write the subjects whose code a company bears, and return the others.

    Where people decided anything everyone is returned: a decision goes before the code. Nothing is told of a plain
    subject, so it need not be looked at one by one.
    """
    if decisions.names or decisions.codes or decisions.accepted or decisions.rejected:
        return everyone
    by_code = pc.and_(pc.is_valid(everyone["entity_id"]), pc.invert(everyone["natural_person"]))
    plain, others = everyone.filter(by_code), everyone.filter(pc.invert(by_code))
    count = plain.num_rows
    if count:
        known = Found("matched", "code", "code")._asdict()
        made: dict[str, Any] = {
            name: pa.repeat(pa.scalar(known.get(name), pa.string()), count) for name in COLUMNS
        }
        made |= {"probability": pa.nulls(count, pa.float64()), "margin": pa.nulls(count, pa.float64())}
        made |= {"subject_key": plain["subject_key"], "entity_id": plain["entity_id"]}
        kinds = [kind_of(code) or None for code in plain["code"].to_pylist()]
        made |= {"code_kind": kinds, "code_valid": [None if kind is None else True for kind in kinds]}
        context.write("subject_match", made)
    return others


def read_decisions(context: StepContext, words: NameWords) -> Decisions:
    """Return overrides and reviews of a run."""
    overrides, reviews = (context.read(table).to_pylist() for table in ("match_override", "match_review"))
    if not overrides and not reviews:
        return Decisions()
    known = dict(zip(*(column.to_pylist() for column in context.read("company_code").columns), strict=True))
    return decisions_of(known, overrides, reviews, words)


def decisions_of(
    known: Mapping[str, str],
    overrides: Iterable[Mapping[str, Any]],
    reviews: Iterable[Mapping[str, Any]],
    words: NameWords,
) -> Decisions:
    """Return what people decided. The latest review counts, on one day that of the last reviewer by name.

    Args:
        known: entities by code (company_code).
        overrides: rows of match_override.
        reviews: rows of match_review.
        words: the words of names.
    """
    made = Decisions()
    for row in sorted(overrides, key=lambda one: (one["subject_kind"], one["subject"])):
        entity = known.get(row["company_id"]) if row["company_id"] else None
        if row["company_id"] and entity is None:
            made.unknown_companies.append(f"{row['subject']} → {row['company_id']}")
            continue
        if row["subject_kind"] == "name":
            made.names[normalise_name(row["subject"], words)] = (entity, row["reviewer"])
        elif row["subject_kind"] == "code":
            made.codes[row["subject"].strip().upper()] = (entity, row["reviewer"])
    for row in sorted(reviews, key=_by_day):
        _take_review(made, row, known)
    return made


def _by_day(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["reviewed_on"], row["reviewer"], row["subject_key"], row["company_id"]


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


def _code_valid(kind: str, entity: str | None) -> bool | None:
    return None if not kind else entity is not None or kind in VALID


def _settled(one: Mapping[str, str], kind: str, decisions: Decisions, words: NameWords) -> Found | None:
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
    if kind == RESIDENT:
        return Found("natural_person", "code", "resident_id")
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
    roman = _roman(context, words, [*asked, *listed["name"].to_pylist()])
    kept = worth_a_look(listed["name"].to_pylist(), [*asked, *plain])
    if roman is not None and not kept.all():
        kept |= worth_hearing(listed["name"].to_pylist(), asked, roman)
    listed = listed.take(pa.array(np.flatnonzero(kept)))
    if listed.num_rows == 0:
        return not_found
    coded = listed["entity_id"].combine_chunks().dictionary_encode()
    entities, names = coded.dictionary.to_pylist(), listed["name"].to_pylist()
    weights = Weights.of(context.packs["name_match_weights"].rows)
    matcher = Matcher.of(names, words, weights, company=coded.indices.to_numpy(), roman=roman)
    calibration = Isotonic.of(context.packs["name_match_calibration"].rows)
    ranked = calibrated(matcher.rank(asked), calibration)
    _write_candidates(context, ranked, subjects, entities, names)
    return not_found | _judged(context, ranked, subjects, entities, decisions)


def _roman(context: StepContext, words: NameWords, names: list[str]) -> RomanWords | None:
    """Return the words of names in pinyin and English where there are such names: reading characters takes a while."""
    if not has_latin(names):
        return None
    return RomanWords.of(words, context.packs["name_parts"].rows, context.packs["areas"].rows)


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
