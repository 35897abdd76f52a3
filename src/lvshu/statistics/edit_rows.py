"""Which rows of a file are records: blank rows, notes and rows of totals are set aside, as intake does, and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from lvshu.core.errors import Problem, Where
from lvshu.core.text import normalise
from lvshu.intake.text import says_note
from lvshu.intake.total_words import says_total, sum_agrees
from lvshu.statistics.editing.evaluate import Array
from lvshu.statistics.editing.literals import CATEGORY, RuleSet

SHOWN = 10
"""Rows named in one message."""


@dataclass(frozen=True)
class Rows:
    """The rows of a file by what they are, each by its zero-based place below the heading.

    Attributes:
        records: rows to edit.
        blank: rows without any value.
        notes: rows with a note alone.
        totals: rows of totals.
    """

    records: tuple[int, ...]
    blank: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()


def rows_of(columns: Sequence[str], rows: Sequence[Sequence[str]], key: str, rules: RuleSet | None) -> Rows:
    """Return which rows are records, blank, notes and totals.

    A row is one of totals where its key says so, or where it has no key and its first filled cell says so; a
    category that the rules know by such a name is no total.

    Args:
        columns: the heading.
        rows: cells, each row as wide as the heading.
        key: column that names each record; "" where none does.
        rules: of the file; None where only blank rows matter, all others are records then.
    """
    found: dict[str, list[int]] = {"records": [], "blank": [], "notes": [], "totals": []}
    for number, row in enumerate(rows):
        found[_kind(columns, row, key, rules)].append(number)
    return Rows(**{kind: tuple(numbers) for kind, numbers in found.items()})


def _kind(columns: Sequence[str], row: Sequence[str], key: str, rules: RuleSet | None) -> str:
    filled = [place for place, cell in enumerate(row) if cell and normalise(cell)]
    if not filled:
        return "blank"
    if rules is None:
        return "records"
    own = columns.index(key) if key in columns else -1
    place = own if own in filled else filled[0]
    variable = next((one for one in rules.variables if one.name == columns[place]), None)
    known = variable is not None and variable.kind == CATEGORY and row[place] in variable.values
    if says_total(row[place]) and not known:
        return "totals"
    return "notes" if len(filled) == 1 and says_note(row[place]) and not known else "records"


def told_aside(rows: Rows, first: int, file: str) -> list[Problem]:
    """Return what is told of blank rows and notes: how many, and which are the first.

    Args:
        rows: of the file.
        first: row of the first record as its user sees it.
        file: its name.
    """
    told = []
    for kind, numbers in (("blank", rows.blank), ("notes", rows.notes)):
        if numbers:
            shown = ", ".join(str(first + number) for number in numbers[:SHOWN])
            values = {"count": len(numbers), "rows": shown + (", …" if len(numbers) > SHOWN else "")}
            where = Where(file=file, row=first + numbers[0])
            told.append(Problem(f"editing.rows_{kind}", where, values, severity="notice"))
    return told


def told_totals(
    rows: Rows, first: int, file: str, rules: RuleSet, stated: Array, filed: Array, edited: Array
) -> list[Problem]:
    """Return what is told of rows of totals: that they are set aside, and whether their figures are sums of records.

    A total agrees where it is the sum of the records as filed, as edited, or of those filed since the total before
    it (a subtotal). Left out are figures that equal a sum as filed while some of its values could not be read.

    Args:
        rows: of the file.
        first, file: as for `told_aside`.
        rules: of the file.
        stated: shape (rows of totals, variables), NaN where there is no number.
        filed, edited: shape (records, variables), before and after editing.
    """
    told: list[Problem] = []
    number_places = [place for place, one in enumerate(rules.variables) if one.kind != CATEGORY]
    places = np.asarray(rows.records, dtype=np.int64)
    since = -1
    for row, figures in zip(rows.totals, stated, strict=True):
        own = (places > since) & (places < row)
        since = row
        wrong, right = [], 0
        for place in number_places:
            figure = figures[place]
            if np.isnan(figure):
                continue
            sums = [_sum(filed[:, place]), _sum(edited[:, place]), _sum(filed[own, place])]
            agrees = sum_agrees(Decimal(repr(float(figure))), sums)
            if not agrees:
                wrong.append((rules.variables[place].name, figure, sums))
            elif not np.isnan(filed[:, place]).any():
                right += 1
        where = Where(file=file, row=first + row, column=wrong[0][0] if wrong else None)
        values: dict[str, object] = {"right": right, "figures": right + len(wrong), "wrong": len(wrong)}
        code = "editing.total_agrees" if right else "editing.total_unchecked"
        if wrong:
            name, figure, sums = wrong[0]
            code = "editing.total_differs"
            values |= {
                "column": name,
                "stated": f"{figure:.15g}",
                "filed": f"{float(sums[0]):.15g}",
                "edited": f"{float(sums[1]):.15g}",
            }
        told.append(Problem(code, where, values, severity="warning" if wrong else "notice"))
    return told


def _sum(values: Array) -> Decimal:
    return sum((Decimal(repr(float(one))) for one in values if not np.isnan(one)), Decimal(0))
