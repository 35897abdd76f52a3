"""Rates of the whole register: counts of judged links that go from delivery to delivery, and what nobody judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.linkage.methods.clerical import Cell, Lost, Rate, link_rates
from lvshu.statistics.register.keys import KIND_WORDS, NEAREST, TOTAL
from lvshu.statistics.register.sampling import BEYOND, RECORD

EARLIER = "earlier: "
"""Stands before a class that an earlier run compared and of which people judged some."""
OPEN = "earlier, class not judged: "
"""... of which nobody judged any, in a delivery of which some links were judged."""
NOBODY = "earlier, delivery not judged: "
"""... in a delivery of which nobody judged a link. Never added to judged classes: those tell nothing of it."""
PREFIXES = (EARLIER, OPEN, NOBODY)


@dataclass(frozen=True)
class Counts:
    """A class of pairs, or of records drawn apart from blocking, with what people judged of it: a row of
    `link_error_cell` of one kind. `pairs` are the records of a class of records; `delivered_on` is the latest delivery
    of the source that the run of these counts had, None where it is not known or there was none."""

    source: str
    stratum: str
    linked: bool
    pairs: int
    judged: int
    same: int
    delivered_on: date | None = None

    @property
    def of_records(self) -> bool:
        """Return whether it counts records, not pairs."""
        return self.stratum.endswith(RECORD)


@dataclass(frozen=True)
class Whole:
    """Rates of the whole register, and whether they hold what blocking lost in every delivery."""

    rates: Mapping[str, Rate]
    covered: bool


def was_judged(rows: Sequence[Counts]) -> bool:
    """Return whether people judged a delivery: some of its links, or where it linked nothing some of its pairs."""
    pairs = [row for row in rows if not row.of_records]
    links = [row for row in pairs if row.linked]
    return any(row.judged for row in links or pairs)


def counts_of(row: Mapping[str, Any]) -> Counts:
    """Return a row of `link_error_cell`."""
    return Counts(
        row["source"], row["stratum"], bool(row["linked"]), int(row["pairs"]), int(row["judged"]), int(row["same"]),
        row.get("delivered_on"),
    )  # fmt: skip


def counts_now(
    classes: Sequence[tuple[str, str]], cells: Sequence[Cell], lost: Mapping[str, Lost], records: Mapping[str, int],
    days: Mapping[str, date],
) -> list[Counts]:  # fmt: skip
    """Return what this run compared, classes that nobody judged among them; nothing where it compared nothing.

    Args:
        classes: source and class of each cell.
        cells: pairs by class, in the same order.
        lost: what the judged records drawn apart from blocking show, by class.
        records: how many there are of each class of records, counts.
        days: latest delivery of each source, and of all under TOTAL.
    """
    if not cells:
        return []
    found = [
        Counts(source, stratum, cell.linked, cell.size, cell.judged, cell.true, days.get(source))
        for (source, stratum), cell in zip(classes, cells, strict=True)
    ]
    for stratum, count in records.items():
        own = lost.get(stratum)
        if own is not None:
            found.append(Counts(TOTAL, stratum, False, own.records, own.judged, own.found, days.get(TOTAL)))
        elif count:
            found.append(Counts(TOTAL, stratum, False, count, 0, 0, days.get(TOTAL)))
    return found


def counts_before(carried: Sequence[Mapping[str, Any]]) -> list[Counts]:
    """Return the counts of earlier runs, by source, class, whether judged and delivery.

    Args:
        carried: rows of `link_error_cell_previous` of one kind.
    """
    rows = [counts_of(row) for row in carried]
    unjudged = OPEN if was_judged([row for row in rows if not row.stratum.startswith(PREFIXES)]) else NOBODY
    return _summed(
        row if row.stratum.startswith(PREFIXES)
        else replace(row, stratum=(EARLIER if row.judged else unjudged) + row.stratum)
        for row in rows
    )  # fmt: skip


def _summed(rows: Iterable[Counts]) -> list[Counts]:
    """Return the counts of each class and delivery as one."""
    summed: dict[tuple[str, str, bool, date | None], Counts] = {}
    for row in rows:
        key = (row.source, row.stratum, row.linked, row.delivered_on)
        so_far = summed.get(key)
        summed[key] = row if so_far is None else replace(
            row, pairs=row.pairs + so_far.pairs, judged=row.judged + so_far.judged, same=row.same + so_far.same
        )  # fmt: skip
    return list(summed.values())


def rates_of_all(
    now: Sequence[Counts], before: Sequence[Counts], lost: Mapping[str, Lost], each: float,
    generator: np.random.Generator,
) -> Whole | None:  # fmt: skip
    """Return the rates of the whole register: of pairs compared now and of those that earlier runs compared.

    None where nothing was carried on, or a delivery is in it of which nobody judged a link: it would be taken for what
    others were.

    Args:
        now: of this run.
        before: of earlier runs.
        lost: what the judged records of this run show, by class.
        each: pairs that a record may have lost that no key looks at and of whose class none was judged, at most.
        generator: of the draws.
    """
    if not before or (now and not was_judged(now)) or any(row.stratum.startswith(NOBODY) for row in before):
        return None
    before = _summed(replace(row, delivered_on=None) for row in before)
    rows = [*now, *before]
    cells = [Cell(row.pairs, row.linked, row.judged, row.same) for row in rows if not row.of_records]
    searched = [_loss(row) for row in before if row.of_records and row.judged] + list(lost.values())
    unseen = each * sum(row.pairs for row in rows if row.stratum.endswith(BEYOND) and not row.judged)
    found = link_rates(cells, searched, generator, unseen=unseen)
    of_records = [row for row in rows if row.of_records]
    covered = any(row.of_records for row in before) and all(row.judged for row in of_records)
    return Whole(found, covered and (not now or RECORD in lost))


def _loss(row: Counts) -> Lost:
    """Return what an earlier sample of records found: pairs as evenly over its records as they go."""
    each, more = divmod(row.same, row.judged)
    return Lost(row.pairs, (*[each + 1] * more, *[each] * (row.judged - more)), most=NEAREST)


def withheld(rows: Sequence[Counts]) -> dict[str, Any] | None:
    """Return why a book tells no rates of the whole register; None where nothing is carried on or all was judged.

    Args:
        rows: of `link_error_cell` of the book, of one kind.

    Returns:
        now: pairs compared in its run if nobody judged a link of them, else 0; earlier: pairs of earlier deliveries of
        which nobody judged a link; judged: pairs of other earlier deliveries that people judged; now_sources and
        earlier_sources: the former two by source.
    """
    before = [row for row in rows if row.stratum.startswith(PREFIXES)]
    now = [row for row in rows if not row.stratum.startswith(PREFIXES)]
    missing = [row for row in before if row.stratum.startswith(NOBODY)]
    if not before or (was_judged(now) and not missing) or not (now or missing):
        return None
    recent = [] if was_judged(now) else now
    return {
        "now": _pairs(recent), "now_sources": _by_source(recent), "earlier": _pairs(missing),
        "earlier_sources": _by_source(missing),
        "judged": sum(row.judged for row in before if not row.of_records),
    }  # fmt: skip


def _pairs(rows: Sequence[Counts]) -> int:
    return sum(row.pairs for row in rows if not row.of_records)


def _by_source(rows: Sequence[Counts]) -> list[str]:
    """Return the pairs of each source, the most first, with the day of its delivery where that is known."""
    counted: Counter[str] = Counter()
    for row in rows:
        if not row.of_records:
            named = (
                row.source if row.delivered_on is None else f"{row.source} ({row.delivered_on.isoformat()})"
            )
            counted[named] += row.pairs
    return [f"{source} {pairs}" for source, pairs in counted.most_common()]


def tell_unjudged(context: StepContext, kind: str, now: Sequence[Counts], before: Sequence[Counts]) -> None:
    """Tell why there are no rates of the whole register, or which earlier classes they are without."""
    told, named = withheld([*now, *before]), {"kind": KIND_WORDS[kind]}
    for part in ("now", "earlier") if told else ():
        if told and told[part]:
            values = {
                **named,
                "pairs": told[part],
                "sources": told[f"{part}_sources"],
                "judged": told["judged"],
            }
            problem = Problem(f"statistics.register_whole_withheld_{part}", values=values, severity="warning")
            context.find(problem, table="link_quality", amount=float(told[part]), unit="1")
    left_out = [row for row in before if row.stratum.startswith(OPEN)]
    pairs = _pairs(left_out)
    if pairs:
        values = {**named, "pairs": pairs, "sources": _by_source(left_out)}
        problem = Problem("statistics.register_unjudged_earlier", values=values, severity="notice")
        context.find(problem, table="link_quality", amount=float(pairs), unit="1")


def write_cells(context: StepContext, kind: str, rows: Sequence[Counts]) -> None:
    """Fill `link_error_cell` with the counts behind the rates, those of earlier runs and those nobody judged among
    them."""
    if rows:
        made: dict[str, list[Any]] = {"kind": [kind] * len(rows)}
        for name in ("source", "stratum", "linked", "pairs", "judged", "same", "delivered_on"):
            made[name] = [getattr(row, name) for row in rows]
        context.write("link_error_cell", made)
