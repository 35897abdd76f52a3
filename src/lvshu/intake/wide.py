"""Wide tables, one column a month, read as the records they hold: key, month, value.

Any table of records has such a form whose key holds a month and that has one amount which every file must have. Each
filled cell under a month is one record; an empty cell says nothing and is none. Of a file that is another table as
well (a ledger with its balances beside it) that table is read from the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from lvshu.contract import Column, TableContract
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.han_numerals import arabic_dates
from lvshu.core.units import parse_header_unit
from lvshu.intake.mapping import FileMapping
from lvshu.intake.text import fold, heading_key

LEAST = 2
"""So many month headings make a table wide: a single date in a heading may be anything."""
PER_ROW = 1000
"""Records are numbered row x 1000 + place of the month, so that each has a number of its own."""
_YEARS = r"(?P<year>(?:19|20)\d{2})"
_MONTHS = r"(?P<month>0?[1-9]|1[0-2])"
_DATE = re.compile(
    rf"{_YEARS}\s*年\s*{_MONTHS}\s*月(?:\s*\d{{1,2}}\s*日)?"
    rf"|{_YEARS.replace('year', 'year2')}[-/.]{_MONTHS.replace('month', 'month2')}"
    r"(?:[-/.]\d{1,2})?(?!\d)(?:\s*00:00:00)?"
    rf"|(?<!\d){_YEARS.replace('year', 'year3')}(?P<month3>0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)"
)
_FILLING = re.compile(
    r"^[\s_:,、\-]*(?:末|底|月末|期末|month-end|end)?[\s_:,、\-()（）]*|[\s_:,、\-()（）]+$", re.IGNORECASE
)
ANY_AMOUNT = frozenset(
    {
        "余额",
        "期末余额",
        "月末余额",
        "贷款余额",
        "本金余额",
        "本金",
        "金额",
        "balance",
        "outstandingamount",
        "amount",
    }
)
"""Words beside a month in a heading of a file that belongs to a wide table as well."""
_AMOUNTS = frozenset({"money", "quantity"})


@dataclass(frozen=True)
class WideForm:
    """What a contract's wide form has: the columns that stay, that of the month and that of the value."""

    stays: tuple[str, ...]
    month: Column
    value: Column


@dataclass
class Unpivoting:
    """How one file is unpivoted, and what came of it.

    Attributes:
        months: place of each month's column, with its month (YYYY-MM), in the order of the file.
        width: columns of the file.
        rows, records, blanks: of the last reading: rows with a value, records made of them, empty cells.
    """

    months: tuple[tuple[int, str], ...]
    width: int
    rows: int = field(default=0)
    records: int = field(default=0)
    blanks: int = field(default=0)

    def read(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Return the records of batches of rows: the file's cells, then the month and its value."""
        self.rows = self.records = self.blanks = 0
        for table in tables:
            filled = pa.array([False] * table.num_rows)
            for place, (index, month) in enumerate(self.months):
                cells = table.column(f"h{index}").combine_chunks()
                there = pc.not_equal(pc.utf8_trim_whitespace(pc.fill_null(cells, "")), "")
                filled = pc.or_(filled, there)
                made = self._of_month(table.filter(there), place, index, month)
                self.records += made.num_rows
                self.blanks += table.num_rows - made.num_rows
                if made.num_rows:
                    yield made
            count = pc.sum(filled).as_py() or 0
            self.rows += count
            self.blanks -= (table.num_rows - count) * len(self.months)

    def _of_month(self, table: pa.Table, place: int, index: int, month: str) -> pa.Table:
        numbers = pc.add(pc.multiply(table.column("row_number"), PER_ROW), place)
        empty = pa.array([""] * table.num_rows, pa.string())
        wide = {one for one, _ in self.months}
        columns = {"row_number": numbers}
        columns |= {f"h{one}": empty if one in wide else table.column(f"h{one}") for one in range(self.width)}
        columns[f"h{self.width}"] = pa.array([month] * table.num_rows, pa.string())
        columns[f"h{self.width + 1}"] = table.column(f"h{index}")
        return pa.table(columns)


def wide_form(contract: TableContract) -> WideForm | None:
    """Return a contract's wide form, or None: no month in its key, or not exactly one amount that must be there."""
    months = [column for column in contract.columns if column.type == "month" and column.name in contract.key]
    values = [one for one in contract.columns if one.in_every_file and one.type in _AMOUNTS]
    if len(months) != 1 or len(values) != 1:
        return None
    stays = tuple(
        column.name for column in contract.columns
        if (column.name in contract.key or column.in_every_file) and column not in (months[0], values[0])
    )  # fmt: skip
    return WideForm(stays, months[0], values[0])


def month_of(text: str, value_names: frozenset[str]) -> tuple[str, str | None] | None:
    """Return (YYYY-MM, unit symbol) of a heading that is a month, alone or with the name of the value; else None.

    Args:
        text: the heading: 2025年1月, 202501, 2025-01, 2025/1, 2025-01-31余额(万元), 二〇二五年十二月末余额 ….
        value_names: headings of the value, as compared (heading_key).
    """
    name, symbol = parse_header_unit(fold(text))
    name = arabic_dates(name)
    found = _DATE.search(name)
    if found is None:
        return None
    parts = found.groupdict()
    year = parts["year"] or parts["year2"] or parts["year3"]
    month = parts["month"] or parts["month2"] or parts["month3"]
    rests = [_FILLING.sub("", part) for part in (name[: found.start()], name[found.end() :])]
    rest = "".join(part for part in rests if part)
    if rest and heading_key(rest) not in value_names:
        return None
    return f"{int(year)}-{int(month):02d}", symbol


def names_of_value(known: Mapping[str, str], form: WideForm) -> frozenset[str]:
    """Return the headings, as compared, that name the value of a wide form."""
    return frozenset(key for key, column in known.items() if column == form.value.name)


def months_of(
    texts: Sequence[str], known: Mapping[str, str], form: WideForm, mapping: FileMapping | None = None
) -> dict[int, tuple[str, str | None]]:
    """Return the places of month headings, with month and unit; none where fewer than two, or a month column is there.

    Args:
        texts: the headings.
        known: names_of the contract.
        form: its wide form.
        mapping: the user's: a heading that is mapped is no month.
    """
    mapped = {heading_key(theirs) for theirs in (mapping.columns if mapping else ())}
    if any(known.get(heading_key(fold(text))) == form.month.name for text in texts if text):
        return {}
    values = names_of_value(known, form)
    found = {
        place: month
        for place, text in enumerate(texts)
        if text and heading_key(fold(text)) not in mapped and (month := month_of(text, values)) is not None
    }
    return found if len(found) >= LEAST else {}


def unpivoted_headings(
    texts: Sequence[str], months: Mapping[int, tuple[str, str | None]], form: WideForm, where: Where
) -> list[str]:
    """Return the headings of the records: months blanked, then one of the month and one of the value with its unit.

    Raises:
        InputError: intake.wide_twice (two columns of one month), intake.wide_units (months in different units).
    """
    seen: dict[str, list[str]] = {}
    for place, (month, _) in months.items():
        seen.setdefault(month, []).append(fold(texts[place]))
    problems = [
        Problem("intake.wide_twice", where, {"month": month, "headings": headings})
        for month, headings in seen.items() if len(headings) > 1
    ]  # fmt: skip
    units = sorted({symbol or "–" for _, symbol in months.values()})
    if len(units) > 1:
        problems.append(Problem("intake.wide_units", where, {"units": units}))
    if problems:
        raise InputError(*problems)
    symbol = next(iter(months.values()))[1]
    value = f"{form.value.zh}[{symbol}]" if symbol else form.value.zh
    kept = ["" if place in months else text for place, text in enumerate(texts)]
    return [*kept, form.month.zh, value]


def told(
    way: Unpivoting, texts: Sequence[str], contract: TableContract, form: WideForm, where: Where
) -> Problem:
    """Return the notice of how a wide file was read, with its counts: rows x months = records + empty cells."""
    first, last = (way.months[place] for place in (0, -1))
    values = {
        "table": contract.name,
        "month": {"zh": form.month.zh, "en": form.month.en},
        "value": {"zh": form.value.zh, "en": form.value.en},
        "first": f"{fold(texts[first[0]])} → {first[1]}",
        "last": f"{fold(texts[last[0]])} → {last[1]}",
        "months": len(way.months),
        "rows": way.rows,
        "cells": way.rows * len(way.months),
        "records": way.records,
        "blanks": way.blanks,
    }
    return Problem("intake.wide_read", where, values, "notice")
