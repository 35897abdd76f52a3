"""Names of accounting methods and groups of industries, from the packs as the run used them."""

from __future__ import annotations

from lvshu.publish.panels.base import named
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label


def method_name(reader: Reader, method: str) -> Text:
    """Return the short name of an accounting method; of one of the user's own, its name in the pack."""
    short = code_label("method", method)
    if short.zh != method:
        return short
    for row in reader.pack_rows("finance_methods", code=method):
        return named(row["name_zh"], row["name_en"], method)
    return short


def group_name(reader: Reader, group: str) -> Text:
    """Return the name of a group of industries, from its pack as the run used it."""
    for row in reader.pack_rows("finance_scope_industries", group_code=group):
        return named(row["name_zh"], row["name_en"], group)
    return code_label("industry_group", group)
