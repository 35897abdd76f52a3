"""The largest parts of a headline: its own sum, by the first column of its table that tells its rows apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from lvshu.contract import TableContract
from lvshu.engine.duckdb import quote
from lvshu.pipeline.headlines import HeadlineDefinition, definitions
from lvshu.publish.panels.base import named
from lvshu.publish.reader import Reader, names_records
from lvshu.publish.texts import Text, contract_of, value_label

SHOWN = 5
MOST_KINDS = 400
_NAMES = (("name_zh", "name_en"), ("label_zh", "label_en"), ("sector_zh", "sector_en"))


@cache
def _by_code() -> dict[str, HeadlineDefinition]:
    return {one.code: one for one in definitions()}


def parts_of_headline(reader: Reader, row: Mapping[str, Any]) -> list[tuple[Text, float]]:
    """Return (name, share of the whole) of the largest parts of a headline; none where it has no positive parts.

    A headline over records, a ratio, or a table with one row has no parts to show.
    """
    one = _by_code().get(str(row["code"]))
    if one is None or one.denominator_table or not reader.book.has(one.table) or names_records(one.table):
        return []
    contract = contract_of(one.table)
    if contract is None or one.value not in contract.column_names:
        return []
    for column in _candidates(contract, one):
        found = _grouped(reader, one, contract, column)
        if found:
            return found
    return []


def _candidates(contract: TableContract, one: HeadlineDefinition) -> list[str]:
    keys = [name for name in contract.key if contract.column(name).type in ("code", "text", "month")]
    return [name for name in keys if f"{name} =" not in one.where]


def _grouped(
    reader: Reader, one: HeadlineDefinition, contract: TableContract, column: str
) -> list[tuple[Text, float]]:
    names = next((pair for pair in _NAMES if set(pair) <= set(contract.column_names)), None)
    shown = [f"min({quote(name)})" for name in names or ()]
    condition = f" WHERE {one.where}" if one.where else ""
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT {', '.join([quote(column), f'sum({quote(one.value)})', *shown])} FROM {quote(one.table)}{condition} "
        f"GROUP BY {quote(column)} ORDER BY 2 DESC NULLS LAST, 1 LIMIT {MOST_KINDS + 1}",
        table=one.table,
    )
    rows = [row for row in rows if row[1] is not None]
    if not 1 < len(rows) <= MOST_KINDS or any(row[1] < 0 for row in rows):
        return []
    whole = float(sum(row[1] for row in rows))
    if whole <= 0:
        return []
    known = {} if names else _names_of_codes(reader, column)
    if not names and not known and all(_is_bare(one.table, column, row[0]) for row in rows[:SHOWN]):
        return []  # codes alone tell nobody anything
    return [
        (
            named(row[2], row[3], row[0])
            if names
            else known.get(str(row[0])) or value_label(one.table, column, row[0]),
            float(row[1]) / whole,
        )
        for row in rows[:SHOWN]
    ]


def _is_bare(table: str, column: str, code: object) -> bool:
    return value_label(table, column, code).en == str(code)


def _names_of_codes(reader: Reader, column: str) -> dict[str, Text]:
    """Return the names of the codes of a column that other tables of the book name; empty where none does."""
    if column == "sector_code":
        return {
            str(row[column]): named(row["name_zh"], row["name_en"], row[column])
            for row in reader.rows("sector_account")
        }
    return {}
