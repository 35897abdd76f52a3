"""Trace one shown number to rows of the book: which rows bear its labels, and which column of them adds up to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from lvshu.contract import TableContract
from lvshu.core.errors import LvshuError
from lvshu.core.units import convert
from lvshu.engine.duckdb import quote, text_literal
from lvshu.publish.display import exact
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, contract_of, period_text, value_label

MOST_ROWS = 300_000
"""Rows up to which a sum is also sought over parts that the labels do not tell apart."""
MOST_VALUES = 400
"""Distinct values up to which a column is one that divides a table, and not one that names its rows."""
NEAR = Decimal("1e-12")
"""Relative difference up to which a figure in double precision is the same after a change of unit."""
NUMBERS = frozenset({"money", "quantity", "ratio", "integer", "number"})
STATED = "column:"
"""How a contract says that a column of the row states the unit."""
_PAIRS = (("name_zh", "name_en"), ("label_zh", "label_en"), ("sector_zh", "sector_en"))


@dataclass(frozen=True)
class Condition:
    """Rows whose column has a value; told: whether the shown row says so, or only the sum."""

    column: str
    value: str | None
    told: bool = True

    def sql(self) -> str:
        """Return the condition in SQL."""
        if self.value is None:
            return f"{quote(self.column)} IS NULL"
        return f"CAST({quote(self.column)} AS VARCHAR) = {text_literal(self.value)}"


@dataclass(frozen=True)
class Trace:
    """Rows of a table that bear the labels of a number.

    column: the one whose value, sum over the rows, is the number; "" where none is. how: value (of the one row), sum,
    count (of the rows) or labels (only the labels agree).
    """

    table: str
    conditions: tuple[Condition, ...]
    rows: int
    column: str = ""
    how: str = "labels"

    @property
    def where(self) -> str | None:
        """Return the rows as a condition in SQL; None for all."""
        return " AND ".join(f"({one.sql()})" for one in self.conditions) or None


@dataclass(frozen=True)
class Divided:
    """The columns that divide a table, each with its values and what they are called; and those that name its rows."""

    values: Mapping[str, Mapping[str | None, Text]]
    naming: tuple[str, ...]
    rows: int


def divided(reader: Reader, table: str) -> Divided:
    """Return the columns that divide a table, each with its values and what they are called."""
    contract = contract_of(table)
    if contract is None:
        return Divided({}, (), 0)
    engine: Any = reader.book.engine  # type: ignore[attr-defined]
    there = reader.book.columns(table)
    names = [
        one.name
        for one in contract.columns
        if one.name in there
        and (one.type not in NUMBERS or one.name in contract.key)
        and not _words(one.name, contract)
    ]
    pair = next((pair for pair in _PAIRS if set(pair) <= set(there)), None)
    own = next((name for name in contract.key if contract.column(name).type in ("code", "text")), None)
    found: dict[str, Mapping[str | None, Text]] = {}
    for name in names:
        shown = f", min({quote(pair[0])}), min({quote(pair[1])})" if pair and name == own else ""
        rows = engine.execute(
            f"SELECT CAST({quote(name)} AS VARCHAR){shown} FROM {quote(table)} GROUP BY 1 ORDER BY 1 "
            f"LIMIT {MOST_VALUES + 1}",
            table=table,
        )
        if len(rows) <= MOST_VALUES:
            found[name] = {
                row[0]: Text(str(row[1] or row[0]), str(row[2] or row[0]))
                if shown
                else _called(contract, name, row[0])
                for row in rows
            }
    naming = tuple(name for name in names if name not in found and name in contract.key)
    return Divided(found, naming, reader.book.count(table))


def _words(name: str, contract: TableContract) -> bool:
    """Return whether a column holds only the words of a code that stands beside it."""
    return name not in contract.key and any(name in pair for pair in _PAIRS)


def _called(contract: TableContract, column: str, value: str | None) -> Text:
    """Return what a value of a column is called."""
    if value is not None and contract.column(column).type == "month":
        return period_text(value)
    return value_label(contract.name, column, value)


def labelled(parts: Divided, labels: Mapping[str, str | Text], asked: Sequence[str] = ()) -> list[Condition]:
    """Return the conditions that the labels of a shown row, and what the page was asked for, set on a table.

    Args:
        parts: the columns that divide the table.
        labels: the words of the row by the key of their column.
        asked: values in the page's address.

    A label that several columns know counts for the column of the same name, else for the first.
    """
    made: dict[str, Condition] = {}
    for key, label in labels.items():
        texts = {label.zh, label.en} if isinstance(label, Text) else {str(label)}
        if key in parts.naming and len(texts) == 1:
            made[key] = Condition(key, next(iter(texts)))
            continue
        order = sorted(parts.values, key=lambda name: name != key)
        for name in order:
            values = parts.values[name]
            hits = [code for code, text in values.items() if code in texts or {text.zh, text.en} & texts]
            if len(hits) == 1 and len(values) > 1 and name not in made:
                made[name] = Condition(name, hits[0])
                break
    for value in asked:
        for name, values in parts.values.items():
            if value in values and len(values) > 1 and name not in made:
                made[name] = Condition(name, value)
                break
    return list(made.values())


def trace(
    reader: Reader,
    table: str,
    parts: Divided,
    conditions: Sequence[Condition],
    value: Decimal,
    unit: str,
    key: str,
) -> Trace:
    """Return which rows of a table a number is of, and how.

    Args:
        reader: the book.
        table: one of those the panel was drawn from.
        parts: the columns that divide it.
        conditions: what the row's labels say.
        value: the number, in its unit.
        unit: symbol of the unit; "" where none.
        key: of the number's column in the panel; a column of that name is tried first.

    A column is sought whose sum over the rows is the number: over the rows of the labels, then over those of them that
    one or two more columns set apart. A sum that agrees is told as a sum that agrees.
    """
    contract = contract_of(table)
    if contract is None:
        return Trace(table, tuple(conditions), 0)
    columns = sorted(_columns(contract, reader.book.columns(table), unit), key=lambda pair: pair[0] != key)
    base = Trace(table, tuple(conditions), reader.book.count(table, _where(conditions)))
    for extra in _further(parts, conditions) if parts.rows <= MOST_ROWS else ((),):
        found = _agreeing(reader, table, conditions, extra, columns, value, unit)
        if found is not None:
            return found
    if base.rows and value == base.rows and unit in ("", "1"):
        return Trace(table, base.conditions, base.rows, how="count")
    return base


def _where(conditions: Sequence[Condition]) -> str | None:
    return " AND ".join(f"({one.sql()})" for one in conditions) or None


def _columns(contract: TableContract, there: Sequence[str], unit: str) -> Iterator[tuple[str, str]]:
    """Yield the columns of figures that can be told in a unit, each with its own unit, or column:… that states it."""
    for one in contract.columns:
        if one.name not in there or one.type not in NUMBERS or one.name in contract.key:
            continue
        if one.unit.startswith(STATED) or _factor(one.unit, unit) is not None:
            yield one.name, one.unit


def _factor(own: str, unit: str) -> Decimal | None:
    """Return what one unit is in another; None where they measure different things."""
    try:
        return convert(Decimal(1), own or "1", unit or "1")
    except LvshuError:
        return None


def _further(parts: Divided, conditions: Sequence[Condition]) -> Iterator[tuple[str, ...]]:
    """Yield the columns by which rows may be set apart further: none, one, two."""
    taken = {one.column for one in conditions}
    free = [name for name, values in parts.values.items() if name not in taken and 1 < len(values) <= 60]
    yield ()
    yield from ((name,) for name in free)
    yield from combinations(free[:6], 2)


def _agreeing(
    reader: Reader,
    table: str,
    conditions: Sequence[Condition],
    extra: Sequence[str],
    columns: Sequence[tuple[str, str]],
    value: Decimal,
    unit: str,
) -> Trace | None:
    """Return the rows and the column whose sum is the number."""
    if not columns or (not value and extra):  # a nought agrees with too much
        return None
    told = [
        (f"min({stated})", f"max({stated})") if (stated := _stating(own)) else ("NULL", "NULL")
        for _, own in columns
    ]
    sums = ", ".join(
        f"sum({quote(name)}), {least}, {most}" for (name, _), (least, most) in zip(columns, told, strict=True)
    )
    by = ", ".join(f"CAST({quote(name)} AS VARCHAR)" for name in extra)
    where = _where(conditions)
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT {by + ', ' if by else ''}count(*), {sums} FROM {quote(table)}"
        f"{' WHERE ' + where if where else ''}{' GROUP BY ' + by + ' ORDER BY ' + by if by else ''}",
        table=table,
    )
    for place, (name, own) in enumerate(columns):
        at = len(extra) + 1 + 3 * place
        hits = [row for row in rows if _same(row[at], _unit(own, row[at + 1], row[at + 2]), value, unit)]
        if len(hits) == 1 and hits[0][len(extra)]:
            row = hits[0]
            more = tuple(Condition(one, row[number], told=False) for number, one in enumerate(extra))
            count = int(row[len(extra)])
            return Trace(table, (*conditions, *more), count, name, "value" if count == 1 else "sum")
    return None


def _stating(own: str) -> str:
    """Return the column that states the unit of another, quoted; "" where the unit is fixed."""
    return quote(own.removeprefix(STATED)) if own.startswith(STATED) else ""


def _unit(own: str, least: object, most: object) -> str | None:
    """Return the unit of a sum; None where its rows are in several units, which no sum joins."""
    if not own.startswith(STATED):
        return own
    return str(least) if least is not None and least == most else None


def _same(total: object, own: str | None, value: Decimal, unit: str) -> bool:
    factor = None if own is None or total is None else _factor(own, unit)
    if factor is None:
        return False
    told = exact(total) * factor  # type: ignore[arg-type]
    return abs(told - value) <= NEAR * max(abs(value), abs(told))
