"""Names of codes and columns in the language of the output, as contracts and the labels of publications state them."""

from __future__ import annotations

from lvshu.contract import load
from lvshu.publish.texts import code_label, column_label


def names_of(table: str, column: str, language: str) -> dict[str, str]:
    """Return the name of each allowed code of a column in a language."""
    one = load(table).column(column)
    return dict(zip(one.allowed, one.allowed_zh if language == "zh" else one.allowed_en, strict=True))


def label_of(domain: str, code: object, language: str) -> str:
    """Return the name of a code such as a method or a way of calculation; "" for none, else the code itself."""
    return "" if code is None else code_label(domain, code).of(language)


def heading_of(table: str, column: str, language: str) -> str:
    """Return what people call a column of a table."""
    return column_label(table, column).of(language)
