"""The clerical sample: pairs by class of weight, and records drawn apart from blocking with those nearest to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lvshu.engine.step import StepContext
from lvshu.linkage.methods.clerical import allocate
from lvshu.statistics.register.keys import DRAWN_BEYOND, NEAREST, SURE
from lvshu.statistics.register.nearest import nearest, value_numbers
from lvshu.statistics.register.records import Records

PAIR, RECORD = "pair", "record"
BEYOND = "beyond keys: record"
"""Class of the records that no key looks at."""


def draw_sample(
    context: StepContext,
    records: Records,
    pairs: Sequence[Mapping[str, Any]],
    group: np.ndarray,
    old: np.ndarray,
    beyond: np.ndarray,
) -> None:
    """Add the sample of one kind to `link_sample`.

    Args:
        context: of the step that makes it.
        records: records of the kind.
        pairs: its rows of link_pair.
        group: unit of each record as linked without answers, shape (records,).
        old: records of an earlier register, which are not compared with each other again, shape (records,).
        beyond: records that no key looks at, shape (records,).
    """
    _draw_pairs(context, records.kind, pairs)
    _draw_records(context, records, pairs, group, old, beyond)


def classes_of(pairs: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Return pairs by source and class, in order."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in pairs:
        found.setdefault((one["source"], one["stratum"]), []).append(one)
    return dict(sorted(found.items()))


def _draw_pairs(context: StepContext, kind: str, pairs: Sequence[Mapping[str, Any]]) -> None:
    cells = classes_of(pairs)
    sizes = np.array([len(listed) for listed in cells.values()])
    # the probability says nothing of links by code or name, which do not rest on it: they get the least of a class
    spread = np.array([
        0.0 if stratum in SURE
        else float(np.sqrt(np.mean([one["probability"] * (1 - one["probability"]) for one in listed])))
        for (_, stratum), listed in cells.items()
    ])  # fmt: skip
    wanted = allocate(sizes, spread, context.settings.register_sample_pairs)
    rows: list[dict[str, Any]] = []
    for ((source, stratum), listed), take in zip(cells.items(), wanted.tolist(), strict=True):
        random = context.generator(f"{kind}|{source}|{stratum}")
        chosen = np.sort(random.permutation(len(listed))[:take])
        rows += [
            {
                "kind": kind, "left_key": listed[at]["left_key"], "right_key": listed[at]["right_key"], "draw": PAIR,
                "stratum": stratum, "source": source, "population": len(listed), "sampled": take,
                "weight": listed[at]["weight"],
            }
            for at in chosen.tolist()
        ]  # fmt: skip
    context.write("link_sample", {name: [row[name] for row in rows] for name in rows[0]})


def _draw_records(
    context: StepContext,
    records: Records,
    pairs: Sequence[Mapping[str, Any]],
    group: np.ndarray,
    old: np.ndarray,
    beyond: np.ndarray,
) -> None:
    """Draw records apart from blocking, with the records nearest to each that were never compared with it.

    Records that are one unit already are not lost, by whatever way they came together; nor do two records of an
    earlier register count, whose links are those of that register. Records
    that no key looks at are a class of their own.
    """
    kind = records.kind
    first = np.unique(records.record, return_index=True)[1]
    table = records.variants.take(first)
    columns = [one.column for one in records.model.comparisons]
    random = context.generator(f"{kind}|records")
    classes = {
        RECORD: random.permutation(np.flatnonzero(~beyond))[: context.settings.register_sample_records],
        BEYOND: random.permutation(np.flatnonzero(beyond))[:DRAWN_BEYOND],
    }
    chosen = np.sort(np.concatenate(list(classes.values())))
    place = {key: row for row, key in enumerate(records.key)}
    known: dict[int, set[int]] = {int(row): set() for row in chosen}
    for one in pairs:
        left, right = place.get(one["left_key"], -1), place.get(one["right_key"], -1)
        for row, other in ((left, right), (right, left)):
            if row in known:
                known[row].add(other)
    earlier = set(np.flatnonzero(old).tolist())
    for row in known:
        known[row] |= set(np.flatnonzero(group == group[row]).tolist()) - {row}
        if old[row]:
            known[row] |= earlier - {row}
    found = nearest(
        value_numbers(table, columns), chosen, exclude=[known[int(row)] for row in chosen], most=NEAREST
    )
    rows = [
        {
            "kind": kind, "left_key": records.key[int(row)], "right_key": records.key[other], "draw": RECORD,
            "stratum": stratum, "source": records.source[int(row)],
            "population": int((beyond if stratum == BEYOND else ~beyond).sum()),
            "sampled": len(classes[stratum]), "weight": None,
        }
        for row, others in zip(chosen, found, strict=True)
        for stratum in [BEYOND if beyond[row] else RECORD]
        for other in others
    ]  # fmt: skip
    if rows:
        context.write("link_sample", {name: [row[name] for row in rows] for name in rows[0]})
