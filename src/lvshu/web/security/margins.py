"""Counts of rows that were kept out or changed, for those who may not see records: by kind, not crossed with tables.

Crossed with the table, a small count that one page withholds would follow from another: files tell how many of their
rows were kept out, and the reasons of a table add up to that. Kind by kind over all tables they do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lvshu.publish.model import Cell, Panel
from lvshu.publish.panels.told import general_text
from lvshu.publish.texts import NO_TEXT
from lvshu.web.words import word

MARGINS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "quarantine": ("code", "rows", ("table", "column")),
    "changes": ("kind", "changes", ("table", "rule")),
}
"""Panels whose counts are told kind by kind: the column of kinds, that of counts, and those that go."""
SAID = {"reason": "what", "remedy": "fix"}
"""Columns that tell of a kind, without the table and the column of one of its rows: the part of the message."""


def by_kind(panel: Panel) -> Panel:
    """Return a panel of counts with one row for each kind, over all tables; others as they are."""
    if panel.id not in MARGINS or panel.table is None:
        return panel
    kind, count, gone = MARGINS[panel.id]
    made: dict[Cell, dict[str, Cell]] = {}
    for row in panel.table.rows:
        before = made.get(row[kind])
        own = {name: cell for name, cell in row.items() if name not in gone and not name.startswith("href:")}
        own |= {
            name: general_text(str(row[kind]), part, "", None) for name, part in SAID.items() if name in own
        }
        made[row[kind]] = own if before is None else {**own, count: _sum(before[count], own[count])}
    rows: Sequence[Mapping[str, Cell]] = tuple(made.values())
    columns = tuple(one for one in panel.table.columns if one.key not in gone)
    view = replace(panel.table, columns=columns, rows=tuple(rows))
    return replace(panel, table=view, finding=NO_TEXT, note=word("small.by_kind"))


def _sum(one: Cell, other: Cell) -> Cell:
    return one + other if isinstance(one, int) and isinstance(other, int) else one
