"""What divides a table of the book: its columns with few values, and what each value is called in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lvshu.contract import TableContract
from lvshu.engine.duckdb import quote
from lvshu.publish.panels.base import area_name, named
from lvshu.publish.panels.names import group_name, method_name
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, contract_of, period_text, same, value_label

NUMBERS = frozenset({"money", "quantity", "ratio", "integer", "number"})
MOST_VALUES = 400
"""Distinct values up to which a column is one that divides a table, and not one that names its rows."""
LONGEST = 60
"""Signs up to which a text is a name; longer ones are notes and sources, which divide nothing."""
CLASSES = {
    "gbt4754_division": "gbt4754_2017",
    "intensity_division": "gbt4754_2017",
    "activity_code": "gbt4754_2017",
    "class_code": "digital_economy_2021",
}
"""Columns of codes of a classification, and the pack that names them."""
DOMAINS = {
    "source_node": "loop_node",
    "target_node": "loop_node",
    "fate": "loop_fate",
    "stage": "loop_stage",
    "gap": "finance_gap",
    "plan": "target_plan",
    "vehicle": "freight_vehicle",
    "mode": "freight_mode",
    "fuel": "freight_fuel",
    "calculation_method": "calculation",
    "part": "error_part",
    "side": "platform_side",
    "item": "platform_item",
}
"""Columns whose codes are named under another word of the labels."""


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
    there = reader.book.columns(table)
    pairs = [(name, f"{name[:-2]}en") for name in there if name.endswith("zh") and f"{name[:-2]}en" in there]
    worded = {name for pair in pairs for name in pair}
    names = [
        one.name
        for one in contract.columns
        if one.name in there
        and (one.type not in NUMBERS or one.name in contract.key)
        and one.name not in worded
    ]
    found: dict[str, Mapping[str | None, Text]] = {}
    for name in names:
        values = _values(reader, contract, name, pairs if name in contract.key else [])
        if values is not None:
            found[name] = values
    for zh, en in pairs:
        words = _words(reader, table, zh, en)
        if words is not None:
            found[zh] = words
    naming = tuple(name for name in names if name not in found and name in contract.key)
    return Divided(found, naming, reader.book.count(table))


def _values(
    reader: Reader, contract: TableContract, name: str, pairs: list[tuple[str, str]]
) -> Mapping[str | None, Text] | None:
    """Return the values of a column and what they are called; None where there are too many, or long texts."""
    engine: Any = reader.book.engine  # type: ignore[attr-defined]
    pair = next((one for one in pairs if one[0].startswith(("name", "label", "sector", "line"))), None)
    shown = "".join(f", {one}({quote(side)})" for side in pair for one in ("min", "max")) if pair else ""
    rows = engine.execute(
        f"SELECT CAST({quote(name)} AS VARCHAR){shown} FROM {quote(contract.name)} GROUP BY 1 ORDER BY 1 "
        f"LIMIT {MOST_VALUES + 1}",
        table=contract.name,
    )
    is_long = any(row[0] and len(row[0]) > LONGEST for row in rows)
    if len(rows) > MOST_VALUES or (is_long and name not in contract.key):
        return None
    if pair and all(row[1] == row[2] for row in rows) and len({row[1] for row in rows}) > 1:
        return {row[0]: Text(str(row[1] or row[0]), str(row[3] or row[0])) for row in rows}
    known = _names(reader, name)
    return {row[0]: known.get(row[0] or "") or called(reader, contract, name, row[0]) for row in rows}


def _words(reader: Reader, table: str, zh: str, en: str) -> Mapping[str | None, Text] | None:
    """Return the values of a column of words in Chinese with those in English; None where they are notes."""
    engine: Any = reader.book.engine  # type: ignore[attr-defined]
    rows = engine.execute(
        f"SELECT CAST({quote(zh)} AS VARCHAR), min({quote(en)}) FROM {quote(table)} GROUP BY 1 ORDER BY 1 "
        f"LIMIT {MOST_VALUES + 1}",
        table=table,
    )
    if len(rows) > MOST_VALUES or any(row[0] and len(row[0]) > LONGEST for row in rows):
        return None
    return {row[0]: Text(str(row[0] or "–"), str(row[1] or row[0] or "–")) for row in rows}


def _names(reader: Reader, column: str) -> Mapping[str, Text]:
    """Return the names of the codes of a column that other tables of the book name: sectors, headlines."""
    if column == "sector_code":
        rows = reader.rows("sector_account")
        return {row["sector_code"]: named(row["name_zh"], row["name_en"], row["sector_code"]) for row in rows}
    if column == "indicator":
        return {
            row["code"]: named(row["label_zh"], row["label_en"], row["code"])
            for row in reader.rows("headline")
        }
    return {}


def called(reader: Reader, contract: TableContract, column: str, value: str | None) -> Text:
    """Return what a value of a column is called; the value itself where it has no name."""
    if value is None:
        return same("–")
    if contract.column(column).type == "month":
        return period_text(value)
    if column in ("district_code", "area_code", "region_code") and value.isdigit():
        return area_name(reader, value)
    if column in CLASSES:
        rows = reader.pack_rows(CLASSES[column], code=value)
        return named(rows[0]["name_zh"], rows[0]["name_en"], value) if rows else same(value)
    if column == "method" and value_label(contract.name, column, value) == same(value):
        return method_name(reader, value)
    if column == "industry_group":
        return group_name(reader, value)
    text = value_label(contract.name, column, value)
    domains = (DOMAINS.get(column, ""), contract.name)
    named_so = (code_label(one, value) for one in domains if text == same(value))
    return next((one for one in named_so if one != same(value)), text)
