"""The step that links: fills register_member, link_pair, link_block and link_sample."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from lvshu.core.errors import MethodError, Problem
from lvshu.core.origin import sha256_of_text
from lvshu.engine.spark import SparkRunner
from lvshu.engine.step import StepContext
from lvshu.linkage.enterprises import best_of_variants
from lvshu.linkage.groups import ALONE, CODE, NAME, PREVIOUS, PROBABILITY, REVIEW, Grouped, group_records
from lvshu.linkage.link import NEW, WITHIN, Links, all_pairs, link
from lvshu.statistics.register import keys as bounds
from lvshu.statistics.register.beyond import beyond_of, tell_beyond
from lvshu.statistics.register.full_names import pairs_of_one_name
from lvshu.statistics.register.keys import ENTERPRISE, KINDS, PERSON, PREFIX
from lvshu.statistics.register.records import Records, all_person_records, enterprise_records
from lvshu.statistics.register.sampling import draw_sample
from lvshu.statistics.register.shared_phone import tell_shared_phones
from lvshu.statistics.register.sisters import names_differ, with_sisters

SAMPLED = ["left_key", "right_key", "source", "stratum", "probability", "weight"]
LEAST_PAIRS = 0.5
"""Fewer true pairs than this in all, by the model's own reckoning: it found nothing to go by."""
PARTED = ("branch", "group", "names")
"""Why no probability links a pair, however high: what people decide."""
MARKS = ("representative_hash", "phone_hash", "registered_on")
ABOVE = 1e6
"""Weight above any that evidence reaches."""
_NUMBER = re.compile(r"\d+")
TOLD = {ENTERPRISE: "enterprise_extract", PERSON: "person_extract"}


def make(context: StepContext) -> None:
    """Fill `register_member`, `link_pair`, `link_block` and `link_sample`; a kind without extracts is left out."""
    members = context.read("register_member_previous", order=["kind", "record_key"])
    reviews = context.read("link_review", order=["kind", "left_key", "right_key", "reviewed_on", "reviewer"])
    for kind in KINDS:
        if context.engine.count(TOLD[kind]) == 0:
            continue
        records = enterprise_records(context) if kind == ENTERPRISE else all_person_records(context)
        before = {row["record_key"]: row for row in members.to_pylist() if row["kind"] == kind}
        said = decisions_of(context, kind, reviews.to_pylist())
        _link_kind(context, records, before, said)


def _spark(context: StepContext) -> SparkRunner | None:
    runner = context.engine.runner
    return runner if isinstance(runner, SparkRunner) else None


def decisions_of(context: StepContext, kind: str, rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Return what people decided by pair of records: same or apart. The last answer counts; conflicts are told."""
    found: dict[tuple[str, str], str] = {}
    conflicts = 0
    for row in rows:
        if row["kind"] != kind or row["right_key"] == bounds.NEVER:
            continue
        pair = (min(row["left_key"], row["right_key"]), max(row["left_key"], row["right_key"]))
        conflicts += found.get(pair, row["decision"]) != row["decision"]
        found[pair] = row["decision"]
    if conflicts:
        values = {"kind": _SHOWN[kind], "pairs": conflicts}
        context.find(
            Problem("statistics.register_review_changed", values=values, severity="warning"),
            table="link_review",
        )
    return found


_SHOWN = {ENTERPRISE: {"zh": "企业", "en": "enterprises"}, PERSON: {"zh": "个人", "en": "persons"}}


def _link_kind(
    context: StepContext,
    records: Records,
    before: Mapping[str, Mapping[str, Any]],
    said: Mapping[tuple[str, str], str],
) -> None:
    place = {key: row for row, key in enumerate(records.key)}
    tell_shared_phones(context, records, _SHOWN[records.kind])
    known = np.array([key in before for key in records.key])
    try:
        links = link(
            records.variants, records.model, side=(~known[records.record]).astype(np.int32),
            scope=NEW if known.any() else WITHIN, seed=context.settings.seed, spark=_spark(context),
        )  # fmt: skip
        links = replace(links, probability=with_sisters(links, records))
    except MethodError as error:
        context.find(
            Problem("statistics.register_not_scored", values={"kind": _SHOWN[records.kind], "reason": str(error)},
                    severity="warning"),
            table=TOLD[records.kind],
        )  # fmt: skip
        links = None
    if known.any():
        values = {"kind": _SHOWN[records.kind], "records": int(known.sum())}
        problem = Problem("statistics.register_carried", values=values, severity="notice")
        context.find(problem, table="link_quality", amount=float(known.sum()), unit="1")
    named = pairs_of_one_name(records)
    pairs = _pairs(links, records, named, context.settings.register_accept)
    given = {REVIEW: _rows_of(said, "same", place), PREVIOUS: _previous(before, place), NAME: named}
    grouped = group_records(
        pairs["left"], pairs["right"], pairs["weight"], _likely(pairs), records.code,
        accept=context.settings.register_accept, accept_codes=_accept_codes(context, records.kind),
        given=given, apart=_rows_of(said, "apart", place),
    )  # fmt: skip
    automatic = _automatic(context, records, pairs, grouped, before, said, named)
    if links is not None and links.prior * all_pairs(len(records.key), None, WITHIN) < LEAST_PAIRS:
        values = {"kind": _SHOWN[records.kind], "records": len(records.key)}
        problem = Problem("statistics.register_prior_lost", values=values, severity="warning")
        context.find(problem, table=TOLD[records.kind], amount=float(len(records.key)), unit="1")
    _tell_two_codes(context, records, pairs, grouped)
    _tell_answers(context, records, said, place, grouped)
    _write_blocks(context, records, links)
    beyond = beyond_of(links, records, known)
    tell_beyond(context, records, beyond, _SHOWN[records.kind])
    _write_pairs(context, records, links, pairs, grouped, automatic, said, known, beyond)
    _write_members(context, records, pairs, grouped, automatic, before, beyond)


def _accept_codes(context: StepContext, kind: str) -> float | None:
    """Return from what probability two codes are one unit; never for persons, nor where the setting is 1."""
    least = context.settings.register_accept_codes
    return least if kind == ENTERPRISE and least < 1 else None


def _tell_two_codes(
    context: StepContext, records: Records, pairs: Mapping[str, np.ndarray], grouped: Grouped
) -> None:
    """Tell which units hold two valid codes that nothing but a probability has joined."""
    two = grouped.taken & _two_codes(records, pairs)
    if two.any():
        at = int(np.flatnonzero(two)[0])
        left, right = pairs["left"][at], pairs["right"][at]
        values = {"pairs": int(two.sum()), "left": records.key[left], "right": records.key[right],
                  "first": records.codes[left], "second": records.codes[right],
                  "least": context.settings.register_accept_codes}  # fmt: skip
        problem = Problem("statistics.register_two_codes", values=values, severity="warning")
        context.find(problem, table="register_unit", amount=float(two.sum()), unit="1")
    if grouped.chained.any():
        at = int(np.flatnonzero(grouped.chained)[0])
        values = {"pairs": int(grouped.chained.sum()), "left": records.key[pairs["left"][at]],
                  "right": records.key[pairs["right"][at]]}  # fmt: skip
        problem = Problem("statistics.register_codes_chained", values=values, severity="warning")
        context.find(problem, table="register_unit", amount=float(grouped.chained.sum()), unit="1")


def _two_codes(records: Records, pairs: Mapping[str, np.ndarray]) -> np.ndarray:
    left, right = records.code[pairs["left"]], records.code[pairs["right"]]
    return np.asarray((left >= 0) & (right >= 0) & (left != right))


def _tell_answers(
    context: StepContext, records: Records, said: Mapping[tuple[str, str], str], place: Mapping[str, int],
    grouped: Grouped,
) -> None:  # fmt: skip
    """Tell answers that part records of one code, and answers that contradict each other by way of other records."""
    one, two = _rows_of(said, "apart", place)
    coded = (records.code[one] >= 0) & (records.code[one] == records.code[two])
    if coded.any():
        first = int(np.flatnonzero(coded)[0])
        values = {"kind": _SHOWN[records.kind], "pairs": int(coded.sum()),
                  "left": records.key[one[first]], "right": records.key[two[first]]}  # fmt: skip
        problem = Problem("statistics.register_code_parted", values=values, severity="warning")
        context.find(problem, table="link_review", amount=float(coded.sum()), unit="1")
    one, two = _rows_of(said, "same", place)
    undone = grouped.group[one] != grouped.group[two]
    if undone.any():
        first = int(np.flatnonzero(undone)[0])
        values = {"kind": _SHOWN[records.kind], "pairs": int(undone.sum()),
                  "left": records.key[one[first]], "right": records.key[two[first]]}  # fmt: skip
        problem = Problem("statistics.register_answers_contradict", values=values, severity="warning")
        context.find(problem, table="link_review", amount=float(undone.sum()), unit="1")


def _automatic(
    context: StepContext, records: Records, pairs: Mapping[str, np.ndarray], grouped: Grouped,
    before: Mapping[str, Mapping[str, Any]], said: Mapping[tuple[str, str], str], named: np.ndarray,
) -> Grouped:  # fmt: skip
    """Return the units as they would be without any answer: error rates are those of the automatic links.

    Were the classes of pairs taken after answers, every error that a sample found would leave its class while those
    that nobody judged stay, and the links would look right.
    """
    if not said:
        return grouped
    place = {key: row for row, key in enumerate(records.key)}
    return group_records(
        pairs["left"], pairs["right"], pairs["weight"], _likely(pairs), records.code,
        accept=context.settings.register_accept, accept_codes=_accept_codes(context, records.kind),
        given={PREVIOUS: _previous(before, place), NAME: named}, apart=np.zeros((2, 0), dtype=np.int64),
    )  # fmt: skip


def _pairs(links: Links | None, records: Records, named: np.ndarray, accept: float) -> dict[str, np.ndarray]:
    if links is None:
        empty = np.zeros(0)
        whole = np.zeros(0, dtype=np.int64)
        return {"left": whole, "right": whole, "weight": empty, "probability": empty, "row": whole,
                **{name: np.zeros(0, dtype=bool) for name in (*PARTED, "named")}}  # fmt: skip
    parted = {
        "branch": _differs(links, records, "branch"), "group": _differs(links, records, "group"),
        "names": _two_names(links, records),
    }  # fmt: skip
    # of two names of a record one that may link counts before one that may not, where it is likely enough
    open_to = ~np.any(list(parted.values()), axis=0) & (links.probability >= accept)
    left, right, row = best_of_variants(
        links.left, links.right, np.where(open_to, links.weight + ABOVE, links.weight), records.record
    )
    kept = (links.probability[row] >= bounds.SEEN) | (
        (records.code[left] >= 0) & (records.code[left] == records.code[right])
    )
    kept |= _among(left, right, named, len(records.key))
    left, right, row = left[kept], right[kept], row[kept]
    return {
        "left": left,
        "right": right,
        "weight": links.weight[row],
        "probability": links.probability[row],
        "row": row,
        **{name: flags[row] for name, flags in parted.items()},
        "named": _among(left, right, named, len(records.key)),
    }


def _among(left: np.ndarray, right: np.ndarray, pairs: np.ndarray, count: int) -> np.ndarray:
    listed = np.minimum(pairs[0], pairs[1]) * count + np.maximum(pairs[0], pairs[1])
    return np.isin(np.minimum(left, right) * count + np.maximum(left, right), listed)


def _differs(links: Links, records: Records, part: str) -> np.ndarray:
    """Return which pairs of names differ in a part that different units differ in.

    Args:
        links: pairs of names.
        records: with the parts of names, or without (persons).
        part: branch (a branch and its head office, or two branches) or group (a name with 集团 and one without).
    """
    if part not in records.variants.column_names:
        return np.zeros(len(links.left), dtype=bool)
    told = np.array(records.variants[part].to_pylist(), dtype=object)
    one, two = told[links.left], told[links.right]
    return np.array(
        [a is not None and b is not None and a != b for a, b in zip(one, two, strict=True)], dtype=bool
    )


def _two_names(links: Links, records: Records) -> np.ndarray:
    """Return which pairs of names are of two enterprises as far as the records tell: different trade names with

    - two valid codes, or
    - both names borne elsewhere too, and two days of registration, or
    - no mark in common, and a mark that is against it or both names borne elsewhere too.

    Marks are the representative, the telephone, the day of registration and the address (with one house number). An
    authority keeps only equal trade names of one trade apart, so that sister firms of one trade, district and owner
    differ by a character: what they share does not tell a slip from a second firm. A slip is made once; a name of a
    record with a code, or of two sources, is a name.

    Source: 企业名称登记管理规定 (国务院令第734号, 2020), article 17; the marks asked for are lvshu's own convention.
    """
    if "trade_name" not in records.variants.column_names:
        return np.zeros(len(links.left), dtype=bool)
    told = records.variants["trade_name"].to_pylist()
    differ = names_differ(links, records)
    common, against = np.zeros(len(differ), dtype=bool), np.zeros(len(differ), dtype=bool)
    for mark in MARKS:
        if mark in links.evidence:
            common |= links.evidence[mark] > 0
            against |= links.evidence[mark] < 0
    if "address" in links.evidence:
        common |= (links.evidence["address"] > 0) & _one_house(links, records)
    code = records.code[records.record]
    one_code, two_code = code[links.left], code[links.right]
    codes = (one_code >= 0) & (two_code >= 0) & (one_code != two_code)
    borne = _borne(records, told)
    both = borne[links.left] & borne[links.right]
    day = links.evidence["registered_on"] < 0 if "registered_on" in links.evidence else np.zeros_like(both)
    return np.asarray(differ & (codes | (both & day) | (~common & (against | both))))


def _borne(records: Records, told: list[str | None]) -> np.ndarray:
    """Return which names (trade name and district) a record with a code or records of two sources bear."""
    sources: dict[tuple[str, str | None], set[str]] = {}
    coded: set[tuple[str, str | None]] = set()
    keys = list(zip(told, records.variants["district_code"].to_pylist(), strict=True))
    for (name, district), row in zip(keys, records.record.tolist(), strict=True):
        if name is None:
            continue
        sources.setdefault((name, district), set()).add(records.source[row])
        if records.code[row] >= 0:
            coded.add((name, district))
    return np.array([key in coded or len(sources.get(key, ())) > 1 for key in keys], dtype=bool)  # type: ignore[arg-type]


def _one_house(links: Links, records: Records) -> np.ndarray:
    """Return which pairs of addresses have one house number: the first number of each."""
    first = np.array(
        [
            None if text is None or (found := _NUMBER.search(text)) is None else found.group()
            for text in records.variants["address"].to_pylist()
        ],
        dtype=object,
    )
    return np.asarray(first[links.left] == first[links.right], dtype=bool)


def _likely(pairs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the probabilities that may link: none of a branch or a group and another unit, nor of two trade names with
    no mark in common, which people decide."""
    return np.where(np.any([pairs[name] for name in PARTED], axis=0), 0.0, pairs["probability"])


def _rows_of(said: Mapping[tuple[str, str], str], decision: str, place: Mapping[str, int]) -> np.ndarray:
    found = [
        (place[one], place[two])
        for (one, two), answer in said.items()
        if answer == decision and one in place and two in place
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2).T


def _previous(before: Mapping[str, Mapping[str, Any]], place: Mapping[str, int]) -> np.ndarray:
    """Return pairs that join the records of each earlier unit."""
    first: dict[str, int] = {}
    found = []
    for key, row in before.items():
        if key in place:
            start = first.setdefault(row["unit_id"], place[key])
            if start != place[key]:
                found.append((start, place[key]))
    return np.array(found, dtype=np.int64).reshape(-1, 2).T


def _write_blocks(context: StepContext, records: Records, links: Links | None) -> None:
    if links is None:
        return
    rows = [
        {
            "kind": records.kind, "block_key": one.key, "position": place, "records": one.records,
            "pairs_whole": one.pairs_whole, "largest": one.largest, "block_limit": one.limit,
            "split_blocks": one.split_blocks, "dropped_blocks": one.dropped_blocks,
            "dropped_records": one.dropped_records, "pairs": one.pairs,
        }
        for place, one in enumerate(links.blocks, start=1)
    ]  # fmt: skip
    context.write("link_block", {name: [row[name] for row in rows] for name in rows[0]})
    lost = [row for row in rows if row["dropped_records"]]
    if lost:
        values = {"kind": _SHOWN[records.kind], "keys": [row["block_key"] for row in lost],
                  "records": max(one.dropped_records for one in links.blocks)}  # fmt: skip
        most = float(max(one.dropped_records for one in links.blocks))
        problem = Problem("statistics.register_blocks_dropped", values=values, severity="notice")
        context.find(problem, table="link_block", amount=most, unit="1")


def stratum_of(
    code: np.ndarray, linked: np.ndarray, probability: np.ndarray, named: np.ndarray | None = None
) -> list[str]:
    """Return the class of each pair: by code, by a full name borne once, else by outcome and probability."""
    by_name = np.zeros(len(code), dtype=bool) if named is None else named & linked
    place = np.searchsorted(np.array(bounds.STRATA), probability, side="right")
    names = ["<0.05", "0.05-0.5", "0.5-0.9", "0.9-0.99", ">=0.99"]
    return [
        "linked by code"
        if same
        else "linked by name"
        if name
        else f"{'linked' if taken else 'not linked'} {names[at]}"
        for same, name, taken, at in zip(
            code.tolist(), by_name.tolist(), linked.tolist(), place.tolist(), strict=True
        )
    ]


def _write_pairs(
    context: StepContext, records: Records, links: Links | None, pairs: Mapping[str, np.ndarray], grouped: Grouped,
    automatic: Grouped, said: Mapping[tuple[str, str], str], known: np.ndarray, beyond: np.ndarray,
) -> None:  # fmt: skip
    if links is None or not len(pairs["left"]):
        return
    left, right, accept = pairs["left"], pairs["right"], context.settings.register_accept
    code = (records.code[left] >= 0) & (records.code[left] == records.code[right])
    linked = grouped.group[left] == grouped.group[right]
    alone = automatic.group[left] == automatic.group[right]
    keys = np.array(records.key, dtype=object)
    swap = keys[left] > keys[right]
    one, two = np.where(swap, keys[right], keys[left]), np.where(swap, keys[left], keys[right])
    answers = [said.get(pair) for pair in zip(one.tolist(), two.tolist(), strict=True)]
    low_or_taken = grouped.taken | (pairs["probability"] < accept)
    parted = np.full(len(one), "assignment", dtype=object)
    for name in reversed(PARTED):
        parted[pairs[name]] = name
    decided = np.where(low_or_taken, PROBABILITY, parted).astype(object)
    decided[pairs["named"] & linked] = NAME
    decided[code] = CODE
    decided[[answer in ("same", "apart") for answer in answers]] = REVIEW
    low, high = context.settings.register_review_low, context.settings.register_review_high
    waiting = (pairs["probability"] >= low) & (pairs["probability"] <= high) & ~code
    waiting |= (pairs["probability"] >= accept) & ~linked
    waiting |= grouped.taken & _two_codes(records, pairs)
    waiting &= ~(pairs["named"] & linked)
    table = pa.table({
        "kind": [records.kind] * len(one), "left_key": one.tolist(), "right_key": two.tolist(),
        "source": _sources(one, two), "block_key": [records.model.keys[at].name for at in links.key[pairs["row"]]],
        "weight": pairs["weight"], "probability": pairs["probability"], "linked": linked,
        "decided_by": decided.tolist(),
        "in_review": [bool(wait) and answer is None for wait, answer in zip(waiting, answers, strict=True)],
        "stratum": stratum_of(code, alone & (code | automatic.taken | pairs["named"] | (_likely(pairs) >= accept)),
                              pairs["probability"], pairs["named"]),
        "grounds": _grounds(links, pairs["row"]),
    })  # fmt: skip
    context.write("link_pair", table)
    listed = (
        table.select(SAMPLED).sort_by([("left_key", "ascending"), ("right_key", "ascending")]).to_pylist()
    )
    draw_sample(context, records, listed, automatic.group, known, beyond)


def _sources(one: np.ndarray, two: np.ndarray) -> list[str]:
    """Return the source that a pair counts for: not the register where there is another."""
    return [bounds.pair_source(*pair) for pair in zip(one.tolist(), two.tolist(), strict=True)]


def _grounds(links: Links, rows: np.ndarray) -> list[str]:
    names = list(links.evidence)
    table = np.stack([links.evidence[name][rows] for name in names]) if names else np.zeros((0, len(rows)))
    order = np.argsort(-np.abs(table), axis=0, kind="stable")[:6]
    return [
        ", ".join(f"{names[at]} {table[at, row]:+.1f}" for at in order[:, row] if abs(table[at, row]) >= 0.05)
        for row in range(len(rows))
    ]


def _write_members(
    context: StepContext, records: Records, pairs: Mapping[str, np.ndarray], grouped: Grouped,
    automatic: Grouped, before: Mapping[str, Mapping[str, Any]], beyond: np.ndarray,
) -> None:  # fmt: skip
    units = unit_numbers(records, grouped.group, before)
    best = np.full(len(records.key), -1.0)
    taken = grouped.taken
    for side in ("left", "right"):
        np.maximum.at(best, pairs[side][taken], pairs["probability"][taken])
    by = np.array([ALONE] * len(records.key), dtype=object)
    by[best >= 0] = PROBABILITY
    for name in (NAME, CODE, PREVIOUS, REVIEW):
        by[np.unique(grouped.edges[name])] = name
    two = taken & _two_codes(
        records, pairs
    )  # a code of its own does not say why it is in the unit of another code
    for side in ("left", "right"):
        rows = pairs[side][two]
        by[rows[by[rows] == CODE]] = PROBABILITY
    since = [
        before[key]["valid_from"] if key in before and before[key]["unit_id"] == unit else day
        for key, unit, day in zip(records.key, units, records.since, strict=True)
    ]
    gone = carried(records, units, before)
    if gone:
        columns = {
            "record_key": list(gone), "unit_id": list(gone.values()), "kind": [records.kind] * len(gone),
            "source": [bounds.source_of(key) for key in gone], "code": [None] * len(gone),
            "linked_by": [PREVIOUS] * len(gone), "probability": [None] * len(gone),
            "valid_from": [before[key]["valid_from"] for key in gone], "automatic_group": [None] * len(gone),
            "compared": [None] * len(gone),
        }  # fmt: skip
        context.write("register_member", columns)
    context.write("register_member", {
        "kind": [records.kind] * len(records.key), "record_key": records.key, "unit_id": units,
        "source": records.source, "code": records.codes, "linked_by": by.tolist(),
        "probability": [float(one) if how == PROBABILITY else None for one, how in zip(best, by, strict=True)],
        "valid_from": since, "automatic_group": automatic.group.tolist(),
        "compared": (~beyond).tolist(),
    })  # fmt: skip


def carried(records: Records, units: list[str], before: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return record -> unit of the earlier register's records that no table holds any more: units do not vanish.

    Such a record follows its unit: where the unit's other records went, else its number stays.
    """
    now = dict(zip(records.key, units, strict=True))
    went: dict[str, dict[str, int]] = {}
    for key, row in before.items():
        if key in now:
            votes = went.setdefault(row["unit_id"], {})
            votes[now[key]] = votes.get(now[key], 0) + 1
    return {
        key: min(went[row["unit_id"]], key=lambda unit: (-went[row["unit_id"]][unit], unit))
        if row["unit_id"] in went else row["unit_id"]
        for key, row in sorted(before.items()) if key not in now
    }  # fmt: skip


def unit_numbers(records: Records, group: np.ndarray, before: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the permanent number of each record's unit.

    A unit keeps the number that most of its records had before (of equals the smallest); of two units that claim one
    number the one with more of its records keeps it. A new unit is numbered after its first record.
    """
    votes: dict[int, dict[str, int]] = {}
    first: dict[int, str] = {}
    for key, place in zip(records.key, group.tolist(), strict=True):
        first[place] = min(first.get(place, key), key)
        if key in before:
            own = votes.setdefault(place, {})
            own[before[key]["unit_id"]] = own.get(before[key]["unit_id"], 0) + 1
    claims = sorted(
        (-count, unit, first[place], place) for place, own in votes.items() for unit, count in own.items()
    )
    number: dict[int, str] = {}
    used: set[str] = set()
    for _, unit, _, place in claims:
        if place not in number and unit not in used:
            number[place] = unit
            used.add(unit)
    taken = used | {str(row["unit_id"]) for row in before.values()}
    for place, key in sorted(first.items(), key=lambda one: one[1]):
        if place not in number:
            number[place] = _fresh(records.kind, key, taken)
            taken.add(number[place])
    return [number[place] for place in group.tolist()]


def _fresh(kind: str, key: str, taken: set[str]) -> str:
    for attempt in range(100):
        found = PREFIX[kind] + sha256_of_text(kind, key, str(attempt))[:12]
        if found not in taken:
            return found
    return PREFIX[kind] + sha256_of_text(kind, key, "long")
