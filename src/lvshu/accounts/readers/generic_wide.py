"""Wide tables: a matrix with the names of its rows on the left and of its columns on top.

One column and one row of names (sectors of one region), or two of each (region, then sector; a region may be written
once for all its sectors). Title lines may stand above; the unit stands in one of them, or the user gives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from lvshu.accounts.readers.generic_long import ONLY_REGION, TOLD, Flows, Label, near
from lvshu.accounts.readers.generic_names import role_of
from lvshu.core.errors import Problem
from lvshu.core.units import find_unit, parse_header_unit
from lvshu.intake.grid import Grid
from lvshu.intake.text import NOTHING

HEAD = 12
WORDS_OF_UNIT = ("单位", "计量单位", "unit", "units")


@dataclass(frozen=True)
class Frame:
    """Where the figures of a wide table begin, zero-based, and how many lines of names there are (1 or 2)."""

    top: int
    left: int
    levels: int
    title_rows: int


def frame_of(grid: Grid) -> Frame | None:
    """Return where the figures begin, or None where the grid is no matrix with one or two lines of names each way."""
    for row in range(1, min(HEAD, grid.height)):
        numbers = [column for column in range(grid.width) if grid.number(row, column) is not None]
        if len(numbers) < 2 or numbers[0] == 0:
            continue
        left = 1 if grid.is_blank(row, 1) or grid.number(row, 1) is not None else 2
        heads = 0
        while heads < 2 and row - heads - 1 >= 0 and _is_head(grid, row - heads - 1, left):
            heads += 1
        levels = min(left, heads)
        return Frame(row, left, levels, row - levels) if levels == left and levels else None
    return None


def _is_head(grid: Grid, row: int, left: int) -> bool:
    """Whether a row holds names of columns: words from the first figure column on, and more than a title has."""
    words = [column for column in range(left, grid.width) if not grid.is_blank(row, column)]
    return bool(words) and words[0] == left and (len(words) > 1 or grid.width - left == 1)


def wide(grid: Grid, frame: Frame, stated_unit: str | None, problems: list[Problem]) -> tuple[Flows, int]:
    """Return the flows of a wide table and the number of blank cells taken as no flow; faults are told."""
    height = max(
        (row + 1 for row in range(frame.top, grid.height) if not grid.is_blank(row, frame.left - 1)),
        default=frame.top,
    )
    rows = _names(grid, range(frame.top, height), frame, across=False)
    columns = _names(grid, range(frame.left, grid.width), frame, across=True)
    row_places = {label: place for place, label in enumerate(rows) if label[1]}
    industries = [label for label in row_places if label in set(columns)]
    if not industries:
        industries = [label for label in row_places if role_of(label[1]) is None]
    known = set(industries)
    _tell_twice(grid, frame, rows, columns, problems)
    row_kind = [_kind(label, known, ("value_added", "output", "total")) for label in rows]
    column_kind = [_kind(label, known, ("final", "output", "total")) for label in columns]
    _tell_unknown(grid, frame, rows, columns, row_kind, column_kind, industries, problems)
    figures, blanks = _figures(grid, frame, row_kind, column_kind, problems)
    n = len(industries)
    place = {label: number for number, label in enumerate(industries)}
    at = np.array([number for number, kind in enumerate(row_kind) if kind == ""], dtype=np.int64)
    across = np.array([number for number, kind in enumerate(column_kind) if kind == ""], dtype=np.int64)
    order = np.argsort([place[rows[number]] for number in at], kind="stable")
    order_across = np.argsort([place[columns[number]] for number in across], kind="stable")
    at, across = at[order], across[order_across]
    final = np.array([number for number, kind in enumerate(column_kind) if kind == "final"], dtype=np.int64)
    outputs = [number for number, kind in enumerate(column_kind) if kind == "output"]
    square = len(at) == n == len(across)
    added = {
        rows[number][1]: figures[number][across]
        for number, kind in enumerate(row_kind) if kind == "value_added" and square
    }  # fmt: skip
    left_out = [label[1] for label, kind in zip(rows, row_kind, strict=True) if kind == "total"]
    left_out += [label[1] for label, kind in zip(columns, column_kind, strict=True) if kind == "total"]
    found = Flows(
        industries, [columns[number] for number in final],
        figures[np.ix_(at, across)] if square else np.zeros((n, n)),
        figures[np.ix_(at, final)] if square else np.zeros((n, len(final))),
        figures[at, outputs[-1]] if outputs and square else None, added,
        _unit(grid, frame, stated_unit, problems), list(dict.fromkeys(left_out)),
    )  # fmt: skip
    return found, blanks


def _names(grid: Grid, along: range, frame: Frame, *, across: bool) -> list[Label]:
    """Labels of rows or columns; a region written once holds until the next."""
    found, region = [], ""
    for place in along:
        texts = [
            grid.text(frame.top - frame.levels + level, place) if across else grid.text(place, level)
            for level in range(frame.levels)
        ]
        if frame.levels == 2:
            region = texts[0] or region
            found.append((region, texts[1]))
        else:
            found.append((ONLY_REGION, texts[0]))
    return found


def _kind(label: Label, industries: set[Label], roles: Sequence[str]) -> str:
    if label in industries:
        return ""
    role = role_of(label[1])
    return role if role is not None and role in roles else ("blank" if not label[1] else "unknown")


def _tell_unknown(
    grid: Grid, frame: Frame, rows: Sequence[Label], columns: Sequence[Label], row_kind: Sequence[str],
    column_kind: Sequence[str], industries: Sequence[Label], problems: list[Problem],
) -> None:  # fmt: skip
    found: list[Problem] = []
    for number, (label, kind) in enumerate(zip(rows, row_kind, strict=True)):
        if kind == "unknown":
            values = {"label": " / ".join(label), "near": near(label, columns) or ["–"]}
            found.append(Problem("accounts.generic_unknown_label", grid.where(frame.top + number, 0), values))
    for number, (label, kind) in enumerate(zip(columns, column_kind, strict=True)):
        where = grid.where(frame.top - 1, frame.left + number)
        if kind == "unknown" and role_of(label[1]) == "import":
            found.append(Problem("accounts.generic_competitive", where, {"label": " / ".join(label)}))
        elif kind == "unknown":
            values = {"label": " / ".join(label), "near": near(label, industries, "final") or ["–"]}
            found.append(Problem("accounts.generic_unknown_label", where, values))
        elif kind == "blank" and any(
            not grid.is_blank(row, frame.left + number) for row in range(frame.top, grid.height)
        ):
            found.append(Problem("accounts.generic_blank_label", where, {"field": NOTHING}))
    problems += found[:TOLD]
    if len(found) > TOLD:
        problems.append(Problem("accounts.reader_more", grid.where(), {"count": len(found) - TOLD}))


def _tell_twice(
    grid: Grid, frame: Frame, rows: Sequence[Label], columns: Sequence[Label], problems: list[Problem]
) -> None:
    for labels, across in ((rows, False), (columns, True)):
        first: dict[Label, int] = {}
        for number, label in enumerate(labels):
            if not label[1]:
                continue
            if label in first:
                where = (
                    grid.where(frame.top - 1, frame.left + number)
                    if across
                    else grid.where(frame.top + number, 0)
                )
                values = {
                    "label": " / ".join(label),
                    "first": first[label] + 1 + (frame.left if across else frame.top),
                }
                problems.append(Problem("accounts.generic_twice", where, values))
            first.setdefault(label, number)


def _figures(
    grid: Grid, frame: Frame, row_kind: Sequence[str], column_kind: Sequence[str], problems: list[Problem]
) -> tuple[np.ndarray, int]:
    """Figures of all rows and columns that have a meaning; a blank where flows stand is no flow."""
    figures = np.zeros((len(row_kind), len(column_kind)))
    blanks, bad = 0, []
    for row, kind in enumerate(row_kind):
        if kind in ("unknown", "blank", "total"):
            continue
        for column, other in enumerate(column_kind):
            if other in ("unknown", "blank", "total") or (kind != "" and other != ""):
                continue
            number = grid.number(frame.top + row, frame.left + column)
            if isinstance(number, Decimal) and number.is_finite():
                figures[row, column] = float(number)
            elif grid.is_blank(frame.top + row, frame.left + column):
                blanks += 1
            else:
                text = grid.text(frame.top + row, frame.left + column)[:40]
                where = grid.where(frame.top + row, frame.left + column)
                bad.append(Problem("accounts.generic_not_a_number", where, {"text": text}))
    problems += bad[:TOLD]
    if len(bad) > TOLD:
        problems.append(Problem("accounts.reader_more", grid.where(), {"count": len(bad) - TOLD}))
    return figures, blanks


def _unit(grid: Grid, frame: Frame, stated: str | None, problems: list[Problem]) -> str:
    """Unit of money as the title lines or the corner say it, or as stated by the user; never guessed."""
    words: list[str] = []
    for row in range(frame.top):
        last = grid.width if row < frame.title_rows else frame.left
        for column in range(last):
            text = grid.text(row, column)
            name, symbol = parse_header_unit(text)
            head, colon, rest = text.partition(":")
            if symbol is not None:
                words.append(symbol)
            elif colon and head.strip().casefold() in WORDS_OF_UNIT:
                words.append(rest.strip())
            elif name.casefold() in WORDS_OF_UNIT:
                words.append(grid.text(row, column + 1))
    written = words[0] if words else (stated or "")
    unit = find_unit(written) if written else None
    if unit is not None and unit.dimension.startswith("money"):
        return unit.symbol
    code = "accounts.generic_unknown_unit" if written else "accounts.generic_no_unit"
    problems.append(
        Problem(code, grid.where(), {"unit": written, "count": 1} if written else {"count": grid.height})
    )
    return ""
