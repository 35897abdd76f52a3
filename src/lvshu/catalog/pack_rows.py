"""The rows of a pack: reading its CSV into typed values, and every check that a row can fail."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lvshu.catalog.pack_card import PackCard, PackColumn
from lvshu.core.errors import Problem, Where

Value = str | int | bool | Decimal | date | None
Row = Mapping[str, Value]
Fault = tuple[str, Mapping[str, object]]

_TRUE = {"true", "1", "y", "yes", "是"}
_FALSE = {"false", "0", "n", "no", "否"}


def read_rows(data: bytes, card: PackCard, path: Path) -> tuple[list[dict[str, Value]], list[Problem]]:
    """Return the typed rows of a pack's CSV and every problem found in them.

    Args:
        data: the file's bytes, UTF-8 (a byte order mark is allowed).
        card: the pack's card, whose columns give types and checks.
        path: the file, for messages.

    Returns:
        Rows in the file's order, one dict of typed values per row; and all problems.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [Problem("packs.not_utf8", Where(file=str(path)), {"position": error.start})]
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    if not any(cell.strip() for cell in header):
        return [], [Problem("packs.empty_file", Where(file=str(path)))]
    positions, problems = _positions(header, card, path)
    rows: list[dict[str, Value]] = []
    lines: list[int] = []
    for record in reader:
        if not any(cell.strip() for cell in record):
            continue
        line = reader.line_num
        if len(record) != len(header):
            where = Where(file=str(path), row=line)
            problems.append(
                Problem("packs.row_length", where, {"cells": len(record), "columns": len(header)})
            )
        row, row_problems = _row(record, positions, card, path, line)
        problems += row_problems
        rows.append(row)
        lines.append(line)
    if not rows:
        problems.append(Problem("packs.empty_file", Where(file=str(path))))
    problems += _key_problems(rows, lines, card, positions, path)
    problems += _own_reference_problems(rows, lines, card, path)
    problems += _period_problems(rows, lines, path)
    return rows, problems


def _positions(header: Sequence[str], card: PackCard, path: Path) -> tuple[dict[str, int], list[Problem]]:
    names: dict[str, str] = {}
    for column in card.columns:
        for label in (column.name, column.zh, column.en):
            names.setdefault(label.strip().lower(), column.name)
    positions: dict[str, int] = {}
    unknown = []
    for index, cell in enumerate(header):
        name = names.get(cell.strip().lower())
        if name is None or name in positions:
            unknown.append(cell.strip() or f"#{index + 1}")
        else:
            positions[name] = index
    where = Where(file=str(path), row=1)
    listed = ", ".join(column.name for column in card.columns)
    problems = []
    missing = [column.name for column in card.columns if column.name not in positions]
    if missing:
        problems.append(
            Problem("packs.column_missing", where, {"columns": ", ".join(missing), "expected": listed})
        )
    if unknown:
        problems.append(
            Problem("packs.column_unknown", where, {"columns": ", ".join(unknown), "expected": listed})
        )
    return positions, problems


def _row(
    record: Sequence[str], positions: Mapping[str, int], card: PackCard, path: Path, line: int
) -> tuple[dict[str, Value], list[Problem]]:
    row: dict[str, Value] = {}
    problems = []
    for column in card.columns:
        position = positions.get(column.name)
        if position is None:
            row[column.name] = None
            continue
        text = record[position].strip() if position < len(record) else ""
        value, found = _cell(text, column)
        row[column.name] = value
        if found:
            where = Where(file=str(path), row=line, column=column.name)
            problems += [Problem(code, where, values) for code, values in found]
    return row, problems


def _cell(text: str, column: PackColumn) -> tuple[Value, list[Fault]]:
    """Return a cell's value and its faults, as message code and values."""
    if not text:
        return None, [("packs.value_missing", {"column": column.name})] if column.required else []
    try:
        value = _typed(text, column)
    except ValueError:
        return None, [("packs.value_type", {"value": text, "type": column.type})]
    return value, _value_faults(text, value, column)


def _typed(text: str, column: PackColumn) -> Value:
    """Return the text as a value of the column's type; ValueError when it is not one."""
    kind = column.type
    if kind == "decimal":
        try:
            value = Decimal(text)
        except InvalidOperation as error:
            raise ValueError(text) from error
        if not value.is_finite():
            raise ValueError(text)
        return value
    if kind in ("integer", "year"):
        if kind == "year" and not re.fullmatch(r"(1[89]|2[01])\d\d", text):
            raise ValueError(text)
        return int(text)
    if kind == "boolean":
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise ValueError(text)
    if kind == "date":
        return date.fromisoformat(text)
    return text


def _value_faults(text: str, value: Value, column: PackColumn) -> list[Fault]:
    faults: list[Fault] = []
    if column.pattern or column.allowed:
        for item in [part.strip() for part in text.split(column.separator)] if column.separator else [text]:
            if column.pattern and not re.fullmatch(column.pattern, item):
                faults.append(("packs.value_pattern", {"value": item, "pattern": column.pattern}))
            if column.allowed and item not in column.allowed:
                values = {"value": item, "allowed": ", ".join(column.allowed)}
                faults.append(("packs.value_not_allowed", values))
    if isinstance(value, Decimal | int) and _out_of_range(value, column):
        limits = {"value": text, "minimum": column.minimum or "−∞", "maximum": column.maximum or "+∞"}
        faults.append(("packs.value_out_of_range", limits))
    return faults


def _out_of_range(value: Decimal | int, column: PackColumn) -> bool:
    low, high = column.minimum, column.maximum
    return (low is not None and value < Decimal(low)) or (high is not None and value > Decimal(high))


def _key_problems(
    rows: Sequence[Row], lines: Sequence[int], card: PackCard, positions: Mapping[str, int], path: Path
) -> Iterable[Problem]:
    if not card.key or any(name not in positions for name in card.key):
        return
    first_line: dict[tuple[Value, ...], int] = {}
    for row, line in zip(rows, lines, strict=True):
        key = tuple(row[name] for name in card.key)
        earlier = first_line.setdefault(key, line)
        if earlier != line:
            shown = " + ".join("" if part is None else str(part) for part in key)
            where = Where(file=str(path), row=line, column=", ".join(card.key))
            yield Problem("packs.duplicate_key", where, {"key": shown, "first": earlier})


def _own_reference_problems(
    rows: Sequence[Row], lines: Sequence[int], card: PackCard, path: Path
) -> Iterable[Problem]:
    for column in card.columns:
        if column.references is None or "." in column.references:
            continue
        known = {row.get(column.references) for row in rows}
        for row, line in zip(rows, lines, strict=True):
            for item in items_of(row[column.name], column):
                if item not in known:
                    where = Where(file=str(path), row=line, column=column.name)
                    yield Problem(
                        "packs.reference_unknown", where, {"value": item, "target": column.references}
                    )


def items_of(value: Value, column: PackColumn) -> list[str]:
    """Return the items of a cell: none when blank, several when the column has a separator."""
    if value is None:
        return []
    text = str(value)
    return [part.strip() for part in text.split(column.separator)] if column.separator else [text]


def _period_problems(rows: Sequence[Row], lines: Sequence[int], path: Path) -> Iterable[Problem]:
    for row, line in zip(rows, lines, strict=True):
        start, end = row.get("effective_from"), row.get("effective_to")
        if isinstance(start, date) and isinstance(end, date) and end < start:
            where = Where(file=str(path), row=line, column="effective_to")
            yield Problem("packs.dates_reversed", where, {"start": start, "end": end})
