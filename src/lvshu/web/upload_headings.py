"""The headings of an upload as the mapping screen shows them: column proposed, unit read, first cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from lvshu.contract import Column, TableContract
from lvshu.core.errors import Where
from lvshu.core.units import parse_header_unit, registry
from lvshu.intake.grid import Cell
from lvshu.intake.heading import Heading, heading_keys, match_headings, names_of, says_role, unread_bracket
from lvshu.intake.heading_guess import FEWEST, likely_heading
from lvshu.intake.mapping import FileMapping
from lvshu.intake.reading import find_heading
from lvshu.intake.sources import Source
from lvshu.intake.text import nearest, plain_number
from lvshu.publish.texts import Text
from lvshu.web.upload_draft import LONGEST
from lvshu.web.words import word

MOST_HEADINGS = 120
"""Headings that the screen shows; those beyond are read as they are recognised."""
SAMPLE_ROWS = 5
SAMPLE_SIGNS = 60
FIRST_ROWS = 15
LINE_SIGNS = 160


def headings(source: Source, contract: TableContract, mapping: FileMapping) -> dict[str, Any]:
    """Return the headings of a part of a file.

    Args:
        source: the file, or a sheet of it.
        contract: of the table to which it goes.
        mapping: what is stated about it.

    Returns:
        headings: [{text, column, unit (as chosen), long, read, sample}]; read tells in words which unit is read and
        from where, sample is [(cell, its value in the contract's unit or "")]; header_row, from 1; named: whether a
        column of the table is among the headings; more: headings beyond MOST_HEADINGS; first_rows: [(number from 1,
        text)] of the file, to choose the row of the headings from.

    Raises:
        InputError: the file cannot be read.
    """
    rows = source.head().rows
    row = heading_row(rows, contract, mapping)
    place = 0 if row is None else row
    texts = _texts(rows[place]) if rows else []
    above = [text for one in rows[:place] for text in _texts(one) if text]
    matched = match_headings(
        texts, contract, mapping=mapping, above=above, where=Where(file=source.path.name)
    )
    below = [_texts(one) for one in rows[place + 1 : place + 1 + SAMPLE_ROWS]]
    known, stated = names_of(contract), dict(mapping.columns.items())
    taken = {one.column for one in matched.headings if one.column} | set(stated.values())
    found = []
    for index, text in enumerate(texts[:MOST_HEADINGS]):
        heading = matched.headings[index]
        if says_role(text):  # of our own rejects and templates: read without being mapped
            continue
        keys = heading_keys(text) if text and len(text) <= LONGEST else ()
        recognised = heading.column or next((known[key] for key in keys if key in known), "")
        name = stated.get(text, recognised)
        column = contract.column(name) if name in contract.column_names else None
        read = column if column is not None and heading.column == name else None
        times = heading.factor if read is not None else Decimal(1)
        cells = [one[index] if index < len(one) else "" for one in below]
        found.append(
            {
                "text": text,
                "column": name,
                "unit": mapping.units.get(name, ""),
                "long": len(text) > LONGEST,
                "read": None if read is None else _unit_read(heading, read, contract),
                "unread": unread_bracket(text) if read is not None and read.unit and not heading.unit else "",
                "near": None if name or text in stated else _near(text, contract, taken),
                "sample": [(cell[:SAMPLE_SIGNS], _converted(cell, times)) for cell in cells],
            }
        )
    return {
        "headings": found,
        "header_row": place + 1,
        "named": any(one["column"] for one in found),
        "more": max(0, len(texts) - MOST_HEADINGS),
        "first_rows": [(number, _line(one)) for number, one in enumerate(rows[:FIRST_ROWS], start=1)],
    }


def _near(text: str, contract: TableContract, taken: Collection[str]) -> Text | None:
    """Return the name of the column, not given yet, whose name is most like a heading; None where none is."""
    open_columns = [one for one in contract.columns if one.name not in taken]
    words = {word: one for one in open_columns for word in (one.zh, one.en, one.name, *one.other_headings)}
    bare = parse_header_unit(text)[0]
    found = nearest(bare, words) if bare and len(bare) <= LONGEST else ()
    return Text(words[found[0]].zh, words[found[0]].en) if found else None


def heading_row(rows: Sequence[Sequence[Cell]], contract: TableContract, mapping: FileMapping) -> int | None:
    """Return the zero-based row of the headings: as stated, else the one that names columns, else the likely one.

    A title that happens to be the name of a column stands alone in its row, which is no row of headings.

    Args:
        rows: the first of the file.
        contract: of the table to which it goes.
        mapping: what is stated about it.
    """
    row = find_heading(rows, contract, mapping)
    if mapping.header_row is not None:
        return row
    alone = row is not None and len({text for text in _texts(rows[row]) if text.strip()}) < FEWEST
    likely = likely_heading(rows) if row is None or alone else None
    return row if likely is None else likely


def _line(row: Sequence[Cell]) -> str:
    """Return a row of the file as one line, short enough for the page."""
    line = " | ".join(text.strip()[:SAMPLE_SIGNS] for text in _texts(row[:MOST_HEADINGS]))
    return line if len(line) <= LINE_SIGNS else line[:LINE_SIGNS] + "…"


def _texts(row: Sequence[Cell]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in row]


def _unit_read(heading: Heading, column: Column, contract: TableContract) -> Text | None:
    """Return in words which unit is read for a column and from where; None where it has none."""
    if not column.unit or (column.unit == "1" and heading.unit is None):
        return None
    if column.unit.startswith("column:"):
        own = contract.column(column.unit.removeprefix("column:"))
        label = Text(own.zh, own.en)
        if heading.unit is None:
            return word("upload.unit_of_rows", column=label)
        unit, place = _unit(heading.unit), word(f"upload.unit_from.{heading.stated}")
        return word("upload.unit_to_rows", unit=unit, place=place, column=label)
    wanted = _unit(column.unit)
    if heading.unit is None:
        return word("upload.unit_not_stated", unit=wanted)
    values = {"unit": _unit(heading.unit), "place": word(f"upload.unit_from.{heading.stated}")}
    if heading.factor == 1:
        return word("upload.unit_read", **values)
    return word("upload.unit_converted", **values, wanted=wanted, factor=f"{heading.factor.normalize():,f}")


def _unit(symbol: str) -> Text:
    one = registry()[symbol]
    return Text(one.zh, one.en)


def _converted(cell: str, times: Decimal) -> str:
    """Return the number of a cell in the contract's unit; "" where it stands in it, or is no number."""
    if times == 1:
        return ""
    try:
        number = Decimal(plain_number(cell))
        with localcontext() as context:
            context.prec = 40
            return f"{(number * times).normalize():,f}" if number.is_finite() else ""
    except InvalidOperation:
        return ""
