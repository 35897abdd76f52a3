"""What the figures on statistics are: each headline's definition, and the methods behind them."""

from __future__ import annotations

from typing import Any

from lvshu.pipeline.headlines import definitions
from lvshu.publish.model import Column, Panel, TableView
from lvshu.publish.origins import method_card, used_methods
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, same, table_label
from lvshu.web.words import word

WING = "statistics"


def definition_panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the headlines on statistics with what each is, and the methods that this book used for statistics."""
    return (_headlines(reader), _methods(reader))


def _headlines(reader: Reader) -> Panel:
    known = {row["code"]: row for row in reader.rows("headline") if row["wing"] == WING}
    rows: list[dict[str, Any]] = []
    for one in definitions():
        if one.code not in known:
            continue
        card = method_card(known[one.code]["method"] or "")
        rows.append(
            {
                "label": Text(known[one.code]["label_zh"], known[one.code]["label_en"]),
                "href:label": ("/explain", {"target": one.code}),
                "value": _of(one.table, one.value),
                "where": same(one.where),
                "share_of": _of(one.denominator_table, one.denominator_value)
                if one.denominator_table
                else same(""),
                "method": card["name"] if card else same(""),
                "code": one.code,
            }
        )
    columns = (
        Column("label", word("column.headline")),
        Column("value", word("definitions.value")),
        Column("share_of", word("definitions.share_of")),
        Column("method", word("method")),
        Column("where", word("definitions.where")),
        Column("code", word("column.code"), code=True),
    )
    title = word("definitions.title")
    if not rows:
        return Panel("definitions", title, empty=word("definitions.empty"))
    view = TableView(columns, tuple(rows), ("headline",))
    return Panel("definitions", title, word("definitions.finding", count=len(rows)), None, view)


def _of(table: str, column: str) -> Text:
    """Return a column and the table it stands in, by their names."""
    first, second = column_label(table, column), table_label(table)
    return Text(f"{second.zh}：{first.zh}", f"{second.en}: {first.en}")


def _methods(reader: Reader) -> Panel:
    title = word("definitions.methods")
    cards = [card for card in used_methods(reader) if card["id"].startswith(f"{WING}.")]
    if not cards:
        return Panel("statistics_methods", title, empty=word("empty.methods"))
    keys = ("name", "formula", "clause", "source", "limits")
    columns = (
        Column("name", word("method")),
        *(Column(key, word(key)) for key in keys[1:]),
        Column("id", word("column.code"), code=True),
    )
    rows = tuple({**{key: card[key] for key in keys}, "id": card["id"]} for card in cards)
    return Panel("statistics_methods", title, table=TableView(columns, rows, ()))
