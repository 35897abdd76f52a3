"""Trace one shown number to rows of the book: which rows bear its labels, and which column of them adds up to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations

from lvshu.contract import TableContract
from lvshu.core.errors import LvshuError
from lvshu.core.units import convert
from lvshu.engine.duckdb import quote, text_literal
from lvshu.publish.display import exact
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, contract_of
from lvshu.web.number_parts import NUMBERS, Divided

MOST_ROWS = 300_000
"""Rows up to which a sum is also sought over parts that the labels do not tell apart."""
NEAR = Decimal("1e-12")
"""Relative difference up to which a figure in double precision is the same after a change of unit."""
STATED = "column:"
"""How a contract says that a column of the row states the unit."""
MOST_PARTS = 100
"""Distinct values up to which a column is tried where labels do not tell rows apart."""
BOUNDS = frozenset({"low", "high", "standard_error"})
"""Columns that tell an interval: a figure that is equal by chance is no bound."""
FEW_DIGITS = 4
"""Digits up to which a number is told by chance, too: then the column must bear the shown column's name."""


@dataclass(frozen=True)
class Condition:
    """Rows whose column has a value.

    told: whether the shown row says so, or only the sum. called: what the value is called, empty where it has no name.
    among: values of which the column has one, in place of a single value.
    """

    column: str
    value: str | None
    told: bool = True
    called: Text = field(default=NO_TEXT, compare=False)
    among: tuple[str, ...] = ()

    def sql(self) -> str:
        """Return the condition in SQL."""
        if self.among:
            return f"CAST({quote(self.column)} AS VARCHAR) IN ({', '.join(map(text_literal, self.among))})"
        if self.value is None:
            return f"{quote(self.column)} IS NULL"
        return f"CAST({quote(self.column)} AS VARCHAR) = {text_literal(self.value)}"


@dataclass(frozen=True)
class Trace:
    """Rows of a table that bear the labels of a number.

    column: the one whose value, sum over the rows, is the number; "" where none is. how: value (of the one row), sum,
    count (of the rows), ratio (of its sum and that of `over`, by `without` over more rows), labels (only the labels
    agree), none (no label sets rows apart) or base (a scenario starts from them).
    over: column of the denominator of a ratio. without: column whose condition the denominator's rows need not meet.
    """

    table: str
    conditions: tuple[Condition, ...]
    rows: int
    column: str = ""
    how: str = "labels"
    over: str = ""
    without: str = ""

    @property
    def where(self) -> str | None:
        """Return the rows as a condition in SQL; None for all."""
        return " AND ".join(f"({one.sql()})" for one in self.conditions) or None


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
        texts = _texts(label)
        if key in parts.naming and len(texts) == 1:
            made[key] = Condition(key, next(iter(texts)))
            continue
        order = sorted(parts.values, key=lambda name: name != key)
        for name in order:
            values = parts.values[name]
            hits = [code for code, text in values.items() if code in texts or {text.zh, text.en} & texts]
            if len(hits) == 1 and len(values) > 1 and name not in made:
                made[name] = Condition(name, hits[0], called=values[hits[0]])
                break
    for value in asked:
        for name, values in parts.values.items():
            if value in values and len(values) > 1 and name not in made:
                made[name] = Condition(name, value, called=values[value])
                break
    return list(made.values())


def _texts(label: str | Text) -> set[str]:
    """Return by which texts a label may name a value: its words, or the code that ends it in brackets."""
    texts = {one.strip() for one in ((label.zh, label.en) if isinstance(label, Text) else (str(label),))}
    codes = {found[1] for one in texts if (found := _CODE.search(one))}
    return texts | codes if len(codes) == 1 else texts


_CODE = re.compile(r"[（(]([A-Za-z0-9_.-]+)[)）]$")


def trace(
    reader: Reader,
    table: str,
    parts: Divided,
    conditions: Sequence[Condition],
    value: Decimal,
    unit: str,
    key: str,
    label: Text = NO_TEXT,
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
        label: what that column is called.

    A column is sought whose sum over the rows is the number: over the rows of the labels, then over those of them that
    one or two more columns set apart. A sum that agrees is told as a sum that agrees.
    """
    contract = contract_of(table)
    if contract is None:
        return Trace(table, tuple(conditions), 0)
    columns = list(_columns(contract, reader.book.columns(table), unit))
    conditions, count = _needed(reader, table, conditions, contract)
    base = Trace(table, tuple(conditions), count, how="labels" if conditions else "none")
    few = len(value.normalize().as_tuple().digits) < FEW_DIGITS and count != 1
    for tried in _in_turn(contract, columns, key, label, named_alone=few):
        for extra in _further(parts, conditions) if parts.rows <= MOST_ROWS else ((),):
            found = _agreeing(reader, contract, conditions, (extra, parts), tried, value, unit)
            if found is not None:
                return _the_one_row(reader, contract, parts, found)
    if base.rows and value == base.rows and unit in ("", "1"):
        return Trace(table, base.conditions, base.rows, how="count")
    return base


def based(
    reader: Reader, table: str, conditions: Sequence[Condition], column: str, value: Decimal, unit: str
) -> Trace:
    """Return the trace of rows that a page starts from; value or sum where they are the number already, else base."""
    base = Trace(table, tuple(conditions), reader.book.count(table, where_of(conditions)), column, "base")
    contract = contract_of(table)
    if contract is None or not base.rows:
        return base
    columns = [pair for pair in _columns(contract, reader.book.columns(table), unit) if pair[0] == column]
    found = _agreeing(reader, contract, conditions, ((), Divided({}, (), 0)), columns, value, unit)
    return base if found is None else found


def _in_turn(
    contract: TableContract, columns: Sequence[tuple[str, str]], key: str, label: Text, *, named_alone: bool
) -> list[list[tuple[str, str]]]:
    """Return the columns to try: that of the shown key alone, else those that are called so and then the others.

    Another column may hold the same figure by chance: no answer where the table has the shown one, nor for bounds.
    """
    own = [one for one in columns if one[0] == key]
    if own or key in BOUNDS:
        return [own]
    named = [one for one in columns if _named_so(contract, one[0], key, label)]
    return [named] if named_alone else [named, [one for one in columns if one not in named]]


def _named_so(contract: TableContract, name: str, key: str, label: Text) -> bool:
    """Return whether a column of the book is called as the shown one."""
    return name in key or key in name or contract.column(name).zh == label.zh != ""


def _needed(
    reader: Reader, table: str, conditions: Sequence[Condition], contract: TableContract
) -> tuple[list[Condition], int]:
    """Return the conditions that set rows apart, those on the key first, and how many rows meet them."""
    kept = sorted(conditions, key=lambda one: one.column not in contract.key)
    count = reader.book.count(table, where_of(kept))
    for one in reversed(kept[1:]):
        if one.column in contract.key:
            continue
        fewer = [other for other in kept if other is not one]
        if reader.book.count(table, where_of(fewer)) == count:
            kept = fewer
    return kept, count


def _the_one_row(reader: Reader, contract: TableContract, parts: Divided, found: Trace) -> Trace:
    """Return the trace of a sum narrowed to the one row that makes it, where all others hold nothing or nought."""
    if found.how != "sum":
        return found
    where = " AND ".join(filter(None, (where_of(found.conditions), f"{quote(found.column)} <> 0")))
    keys = [name for name in contract.key if name in reader.book.columns(contract.name)]
    told = ", ".join(f"CAST({quote(name)} AS VARCHAR)" for name in keys)
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT {told} FROM {quote(contract.name)} WHERE {where} LIMIT 2", table=contract.name
    )
    if len(rows) != 1 or not keys:
        return found
    known = {one.column for one in found.conditions}
    more = [
        Condition(name, value, told=False, called=parts.values.get(name, {}).get(value, NO_TEXT))
        for name, value in zip(keys, rows[0], strict=True)
        if name not in known
    ]
    return replace(found, conditions=(*found.conditions, *more), rows=1, how="value")


def where_of(conditions: Sequence[Condition]) -> str | None:
    """Return conditions as SQL; None where there are none."""
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
    free = [
        name for name, values in parts.values.items() if name not in taken and 1 < len(values) <= MOST_PARTS
    ]
    yield ()
    yield from ((name,) for name in free)
    yield from combinations(free[:6], 2)


def _agreeing(
    reader: Reader,
    contract: TableContract,
    conditions: Sequence[Condition],
    further: tuple[Sequence[str], Divided],
    columns: Sequence[tuple[str, str]],
    value: Decimal,
    unit: str,
) -> Trace | None:
    """Return the rows and the column whose sum is the number; scores and rates do not add up: of them one row alone."""
    extra, parts = further
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
    where = where_of(conditions)
    table = contract.name
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT {by + ', ' if by else ''}count(*), {sums} FROM {quote(table)}"
        f"{' WHERE ' + where if where else ''}{' GROUP BY ' + by + ' ORDER BY ' + by if by else ''}",
        table=table,
    )
    for place, (name, own) in enumerate(columns):
        at = len(extra) + 1 + 3 * place
        hits = [
            row for row in rows if _same(row[at], _unit(own, row[at + 1], row[at + 2], unit), value, unit)
        ]
        if len(hits) == 1 and hits[0][len(extra)]:
            row = hits[0]
            count = int(row[len(extra)])
            if count > 1 and not adds_up(contract, name):
                continue
            more = tuple(
                Condition(one, row[number], told=False, called=parts.values[one].get(row[number], NO_TEXT))
                for number, one in enumerate(extra)
            )
            return Trace(table, (*conditions, *more), count, name, "value" if count == 1 else "sum")
    return None


def adds_up(contract: TableContract, name: str) -> bool:
    """Return whether a sum over rows of a column means something: of money, amounts and counts."""
    return contract.column(name).type in ("money", "quantity", "integer") and not _SCORE.search(name)


_SCORE = re.compile(r"score|rank|position|year|share|factor|intensity|standard_error|^low|^high")
"""Names of columns whose sum over rows says nothing."""


def _stating(own: str) -> str:
    """Return the column that states the unit of another, quoted; "" where the unit is fixed."""
    return quote(own.removeprefix(STATED)) if own.startswith(STATED) else ""


def _unit(own: str, least: object, most: object, shown: str) -> str | None:
    """Return the unit of a sum; None where its rows are in several units, which no sum joins.

    A number whose unit the shown row tells in words (shown: "") is in the unit that the book's row states.
    """
    if not own.startswith(STATED):
        return own
    if least is None or least != most:
        return None
    return str(least) if shown else ""


def _same(total: object, own: str | None, value: Decimal, unit: str) -> bool:
    factor = None if own is None or total is None else _factor(own, unit)
    if factor is None:
        return False
    told = exact(total) * factor  # type: ignore[arg-type]
    return abs(told - value) <= NEAR * max(abs(value), abs(told))
