"""Texts of the publications, in Chinese and English: the page's own words and the names of coded values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lvshu.contract import TableContract, all_contracts
from lvshu.core.text import LANGUAGES
from lvshu.core.units import registry
from lvshu.core.wording import filled
from lvshu.publish.display import period_label


@dataclass(frozen=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Return the text in a language."""
        return self.zh if language == "zh" else self.en

    def filled(self, **values: object) -> Text:
        """Return the text with its {placeholders} filled; a value may itself be a Text."""
        return Text(*(_fill(self.of(language), values, language) for language in LANGUAGES))

    def __add__(self, other: Text) -> Text:
        return Text(self.zh + other.zh, self.en + other.en)

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


NO_TEXT = Text("", "")


def _fill(template: str, values: Mapping[str, object], language: str) -> str:
    shown = {name: value.of(language) if isinstance(value, Text) else value for name, value in values.items()}
    return filled(template, shown)


def same(text: object) -> Text:
    """Return a text that is the same in both languages, such as a code or a number."""
    return Text(str(text), str(text))


def period_text(text: str) -> Text:
    """Return a period (2025, 2025Q3, 2025-07) as people write it, in both languages."""
    return Text(period_label(text, "zh"), period_label(text, "en"))


def joined(texts: list[Text]) -> Text:
    """Return a list of texts as one: with 、 in Chinese, with commas in English."""
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


@cache
def catalogue() -> dict[str, Any]:
    """Return the texts of labels.toml, parsed."""
    raw = resources.files("lvshu.publish").joinpath("labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(raw)


def ui(key: str, **values: object) -> Text:
    """Return a text of the page by its key.

    Raises:
        KeyError: there is no such text.
    """
    entry = catalogue()["ui"][key]
    text = Text(entry["zh"], entry["en"])
    return text.filled(**values) if values else text


def code_label(domain: str, code: object) -> Text:
    """Return the name of a coded value: from labels.toml, else the code itself."""
    entry = catalogue()["code"].get(domain, {}).get(str(code))
    return same(code) if entry is None else Text(entry["zh"], entry["en"])


def unit_label(symbol: str) -> Text:
    """Return the name of a unit; empty where a figure has none, the symbol itself where it is not registered."""
    one = registry().get(symbol)
    if not symbol or symbol == "1":
        return Text("", "")
    if one is None:
        return same(symbol)
    return same("%") if symbol == "%" else Text(one.zh, one.en)


def contract_of(table: str) -> TableContract | None:
    """Return a table's contract, or None for a table that has none."""
    return all_contracts().get(table)


def table_label(table: str) -> Text:
    """Return the name of a table, from its contract."""
    contract = contract_of(table)
    return same(table) if contract is None else Text(contract.zh, contract.en)


def has_layout(table: str) -> bool:
    """Return whether an input comes in the layout in which it is published, not as a table of records."""
    return table in catalogue()["code"]["input"]


def input_label(table: str) -> Text:
    """Return what people call an input."""
    return code_label("input", table) if has_layout(table) else table_label(table)


def input_file(table: str) -> Text:
    """Return the file that an input comes in."""
    return code_label("input_file", table) if has_layout(table) else same(f"inputs/{table}.csv")


_OF_EVERY_INPUT = {
    "source_file": Text("来源文件", "Source file"),
    "source_row": Text("来源行号", "Source row"),
}
"""Columns that reading adds to every input."""


def column_label(table: str, column: str) -> Text:
    """Return the name of a column, from its table's contract."""
    if column in _OF_EVERY_INPUT:
        return _OF_EVERY_INPUT[column]
    contract = contract_of(table)
    if contract is None or column not in contract.column_names:
        return same(column)
    one = contract.column(column)
    return Text(one.zh, one.en)


def value_label(table: str, column: str, value: object) -> Text:
    """Return the name of a coded value of a column: from the contract's labels, else from labels.toml."""
    contract = contract_of(table)
    if contract is not None and column in contract.column_names:
        one = contract.column(column)
        if value in one.allowed and one.allowed_zh and one.allowed_en:
            index = one.allowed.index(str(value))
            return Text(one.allowed_zh[index], one.allowed_en[index])
    return code_label(column, value)
