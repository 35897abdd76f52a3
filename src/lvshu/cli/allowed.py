"""Names of the codes of a table's column, in both languages, as its contract states them."""

from __future__ import annotations

from lvshu.contract import load


def names_of(table: str, column: str, language: str) -> dict[str, str]:
    """Return the name of each allowed code of a column in a language."""
    one = load(table).column(column)
    return dict(zip(one.allowed, one.allowed_zh if language == "zh" else one.allowed_en, strict=True))
