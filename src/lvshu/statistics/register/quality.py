"""The step that tells precision and recall of the links, by source, with their errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.linkage.methods.clerical import Cell, Lost, Rate, link_rates
from lvshu.statistics.register.keys import (
    ALL,
    BETWEEN,
    KIND_WORDS,
    KINDS,
    NEAREST,
    SURE,
    TOTAL,
    WITHIN,
    pair_scope,
    pair_source,
    source_of,
)
from lvshu.statistics.register.sampling import BEYOND, PAIR, RECORD, classes_of
from lvshu.statistics.register.whole import (
    counts_before,
    counts_now,
    rates_of_all,
    tell_unjudged,
    write_cells,
)

SAME, APART = "same", "apart"
BOTH_ENDS = 2
COLUMNS = ("kind", "source", "left_key", "right_key", "stratum", "linked", "probability", "weight")


def make(context: StepContext) -> None:
    """Fill `link_quality` and `link_error_cell`."""
    reviews = context.read(
        "link_review", order=["kind", "left_key", "right_key", "reviewed_on", "reviewer"]
    ).to_pylist()
    for kind in KINDS:
        where = f"kind = '{kind}'"
        pairs = context.read(
            "link_pair", columns=COLUMNS, where=where, order=["left_key", "right_key"]
        ).to_pylist()
        cells = context.read("link_error_cell_previous", where=where, order=["source", "stratum"]).to_pylist()
        if not pairs and not cells:
            continue
        own = [row for row in reviews if row["kind"] == kind]
        last = {(row["left_key"], row["right_key"]): row["decision"] for row in own}
        answers = {
            (row["left_key"], row["right_key"], row["draw"]): last[(row["left_key"], row["right_key"])]
            for row in own
            if row["draw"] in (PAIR, RECORD)
        }
        columns = ["record_key", "automatic_group", "compared"]
        members = context.read("register_member", columns=columns, where=where).to_pylist()
        group = {
            row["record_key"]: row["automatic_group"] for row in members if row["automatic_group"] is not None
        }
        beyond = {row["record_key"] for row in members if row["compared"] is False}
        old = set(
            context.read("register_member_previous", columns=["record_key"], where=where)[
                "record_key"
            ].to_pylist()
        )
        if cells and not old:
            problem = Problem(
                "statistics.register_cells_unused", values={"kind": KIND_WORDS[kind]}, severity="warning"
            )
            context.find(problem, table="link_error_cell_previous")
        searched = Searched(group, old, beyond, *_unshown(context, where))
        _tell_quality(context, kind, pairs, answers, searched, cells if old else [])


def _days(context: StepContext, kind: str) -> dict[str, date]:
    """Return the latest delivery of each source, and of all under TOTAL."""
    table = context.read(f"{kind}_extract", columns=["source", "delivered_on"])
    latest = table.group_by("source").aggregate([("delivered_on", "max")]).to_pylist()
    found = {row["source"]: row["delivered_on_max"] for row in latest}
    return {**found, TOTAL: max(found.values())} if found else {}


@dataclass(frozen=True)
class Searched:
    """What the search apart from blocking was made in: records with their unit as linked without answers, those of
    an earlier register, those that no key looks at, and of the others drawn how many nothing was shown to and how many
    something was."""

    group: Mapping[str, int]
    old: set[str]
    beyond: set[str]
    bare: int = 0
    shown: int = 0


def _unshown(context: StepContext, where: str) -> tuple[int, int]:
    """Return how many records drawn apart from blocking had no likely record beside them, and how many had one."""
    columns, drawn = ["left_key", "sampled"], f"draw = '{RECORD}' AND stratum = '{RECORD}'"
    rows = context.read("link_sample", columns=columns, where=f"{where} AND {drawn}").to_pylist()
    shown = len({row["left_key"] for row in rows})
    return (int(rows[0]["sampled"]) - shown if rows else 0), shown


def lost_of(
    answers: Mapping[tuple[str, str, str], str], searched: Searched, known: set[tuple[str, str]],
    source: str = TOTAL, scope: str = ALL,
) -> dict[str, Lost]:  # fmt: skip
    """Return what the records drawn apart from blocking show, by class: those a key looks at, and those none does.

    A class of which none was judged is not there. A record that some key looks at and beside which nothing alike was
    found shows no loss; one that no key looks at and that has nothing to be compared by stands for nothing: it is taken
    to lose as much as those of its class that were judged.

    A pair is lost that is no candidate now, not one unit without answers, and in the scope of this linkage: two
    records of an earlier register are not.

    Args:
        answers: decisions by left record, right record and draw.
        searched: records and what is known of them.
        known: pairs that are candidates now: those found apart from blocking earlier are not lost any more.
        source: only lost pairs that count for it, found from its own records: every such pair has an end there.
        scope: only lost pairs within one source, or between two.
    """
    by_record: dict[str, dict[str, int]] = {}
    group, old = searched.group, searched.old
    frame = group if source == TOTAL else {key for key in group if source_of(key) == source}
    for (left, right, draw), decision in answers.items():
        if draw != RECORD or decision not in (SAME, APART) or left not in frame or right not in group:
            continue
        pair = (min(left, right), max(left, right))
        open_to = not (left in old and right in old) and group[left] != group[right] and pair not in known
        lost = decision == SAME and open_to and source in (TOTAL, pair_source(*pair))
        lost = lost and scope in (ALL, pair_scope(*pair))
        # a pair with both ends in the frame can be found from either; from one end alone it stands for two
        own = by_record.setdefault(BEYOND if left in searched.beyond else RECORD, {})
        own[left] = own.get(left, 0) + lost * (1 if right in frame else BOTH_ENDS)
    most = NEAREST * (1 if source == TOTAL else BOTH_ENDS)
    size = {BEYOND: len(searched.beyond.intersection(frame))}
    size[RECORD] = len(frame) - size[BEYOND]
    found = {}
    for stratum, own in sorted(by_record.items()):
        bare = round(searched.bare * len(own) / searched.shown) if stratum == RECORD and searched.shown else 0
        found[stratum] = Lost(size[stratum], (*own.values(), *[0] * bare), ends=BOTH_ENDS, most=most)
    return found


def unseen_pairs(lost: Mapping[str, Lost], searched: Searched, linked: int, source: str = TOTAL) -> float:
    """Return how many pairs of the records that no key looks at the bound takes as lost, where none of them was judged.

    Each may belong to a unit like those that are linked: it is given as many pairs as their records have on the
    average, one at least. More may be lost where its unit is larger; the rate itself, not the bound, goes without them.

    Args:
        lost: what was judged, by class.
        searched: records and what is known of them.
        linked: pairs linked, a count.
        source: whose records count.

    Source: a convention of this project; nothing is known of records that nothing was compared with.
    """
    own = [key for key in searched.beyond if source in (TOTAL, source_of(key))]
    return 0.0 if BEYOND in lost else len(own) * pairs_of_a_record(searched, linked)


def pairs_of_a_record(searched: Searched, linked: int) -> float:
    """Return how many linked pairs a record that is linked has on the average, one at least.

    Args:
        searched: records and what is known of them.
        linked: pairs linked, a count.

    Source: as `unseen_pairs`.
    """
    sizes = Counter(searched.group.values())
    joined = sum(size for size in sizes.values() if size > 1)
    return max(1.0, 2 * linked / joined if joined else 0.0)


def _covers(lost: Mapping[str, Lost], searched: Searched, source: str = TOTAL) -> bool:
    """Return whether records of every class that there is were judged."""
    own = any(source in (TOTAL, source_of(key)) for key in searched.beyond)
    return RECORD in lost and (BEYOND in lost or not own)


def _tell_quality(
    context: StepContext, kind: str, pairs: Sequence[Mapping[str, Any]],
    answers: Mapping[tuple[str, str, str], str], searched: Searched, carried: Sequence[Mapping[str, Any]],
) -> None:  # fmt: skip
    rows: list[dict[str, Any]] = []
    known = {(one["left_key"], one["right_key"]) for one in pairs}
    for source in (TOTAL, *sorted({one["source"] for one in pairs})):
        of_source = [one for one in pairs if source in (TOTAL, one["source"])]
        scopes = scopes_of(of_source)
        if scopes == (WITHIN,) and len(of_source) < len(pairs):
            _tell_within(context, kind, source, of_source)
        for scope in scopes:
            own = [one for one in of_source if scope == scopes[0] or scope == _scope(one)]
            rows += _rows(kind, source, scope, "model", _by_model(own), covered=False)
            cells = cells_of(own, answers)
            if not any(cell.judged for cell in cells):
                continue
            lost = lost_of(answers, searched, known, source, scope)
            unknown = unseen_pairs(lost, searched, _linked(own), source)
            part = "" if scope == scopes[0] else f"|{scope}"
            generator = context.generator(f"{kind}|{source}{part}|rates")
            told = link_rates(cells, list(lost.values()), generator, unseen=unknown)
            covered = _covers(lost, searched, source)
            rows += _rows(kind, source, scope, "clerical", told, covered=covered)
            unseen = sum(cell.size for cell in cells if not cell.judged)
            if source == TOTAL and scope == scopes[0] and unseen:
                values = {"kind": KIND_WORDS[kind], "pairs": unseen}
                context.find(Problem("statistics.register_unjudged_class", values=values, severity="notice"),
                             table="link_quality", amount=float(unseen), unit="1")  # fmt: skip
    lost = lost_of(answers, searched, known)
    each = pairs_of_a_record(searched, _linked(pairs))
    beyond = len(searched.beyond)
    records = {RECORD: len(searched.group) - beyond, BEYOND: beyond}
    now = counts_now(list(classes_of(pairs)), cells_of(pairs, answers), lost, records, _days(context, kind))
    before = counts_before(carried)
    tell_unjudged(context, kind, now, before)
    whole = rates_of_all(now, before, lost, each, context.generator(f"{kind}|whole|rates"))
    if whole is not None:
        rows += _rows(kind, TOTAL, ALL, "whole", whole.rates, covered=whole.covered)
    write_cells(context, kind, [*now, *before])
    if rows:
        context.write("link_quality", {name: [row[name] for row in rows] for name in rows[0]})


def scopes_of(pairs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what rates of these pairs can be of: where all are of one kind that alone, else all and either kind."""
    kinds = {_scope(one) for one in pairs}
    return (ALL, WITHIN, BETWEEN) if len(kinds) > 1 else tuple(kinds)


def _scope(pair: Mapping[str, Any]) -> str:
    return pair_scope(pair["left_key"], pair["right_key"])


def _tell_within(context: StepContext, kind: str, source: str, own: Sequence[Mapping[str, Any]]) -> None:
    """Tell that the rates of a source are those of its own doubles, as all its other pairs count for other sources."""
    values = {"kind": KIND_WORDS[kind], "source": source, "pairs": len(own), "linked": _linked(own)}
    problem = Problem("statistics.register_rates_within", values=values, severity="notice")
    context.find(problem, table="link_quality", amount=float(len(own)), unit="1")


def _linked(pairs: Sequence[Mapping[str, Any]]) -> int:
    return sum(one["stratum"].startswith("linked") for one in pairs)


def cells_of(pairs: Sequence[Mapping[str, Any]], answers: Mapping[tuple[str, str, str], str]) -> list[Cell]:
    """Return the classes of pairs with what people said of those that were drawn. Unsure answers do not count."""
    cells = []
    for (_, stratum), listed in classes_of(pairs).items():
        said = [answers.get((one["left_key"], one["right_key"], PAIR)) for one in listed]
        judged = [one for one in said if one in (SAME, APART)]
        cells.append(Cell(len(listed), stratum.startswith("linked"), len(judged), judged.count(SAME)))
    return cells


def _by_model(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Rate]:
    """Return what the probabilities alone say: no error is known, and nothing of what blocking loses."""
    sure = [1.0 if one["stratum"] in SURE else one["probability"] for one in pairs]
    taken = [one["stratum"].startswith("linked") for one in pairs]
    true = sum(chance for chance, linked in zip(sure, taken, strict=True) if linked)
    linked, whole = sum(taken), sum(sure)
    precision = true / linked if linked else None
    recall = (
        true / whole if linked else None
    )  # doubles that wait for people are no links that could be missed
    return {
        name: Rate(value, None, None, None, 0)
        for name, value in (
            ("precision", precision), ("recall", recall),
            ("false_link_rate", None if precision is None else 1 - precision),
            ("missed_link_rate", None if recall is None else 1 - recall),
        )
    }  # fmt: skip


def _rows(
    kind: str, source: str, scope: str, basis: str, rates: Mapping[str, Rate], *, covered: bool
) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind, "source": source, "scope": scope, "measure": measure, "basis": basis,
            "value": _within(one.value), "standard_error": one.standard_error,
            "low": _within(one.low), "high": _within(one.high),
            "judged": one.judged, "blocking_covered": covered,
        }
        for measure, one in rates.items()
    ]  # fmt: skip


def _within(value: float | None) -> float | None:
    return None if value is None else min(1.0, max(0.0, value))
