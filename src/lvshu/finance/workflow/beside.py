"""What a run knows of a client beside a form that came back: last year's figures, and rows that the form leaves.

A row of a form replaces the row of the same key from elsewhere. Rows of other keys (another fuel, electricity without a
source, a report of another source) would stay and be counted as well: they are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lvshu.core.errors import Problem
from lvshu.finance.workflow.fields import last_years
from lvshu.finance.workflow.records import client_id
from lvshu.store.book import Book

COLUMNS = {
    "energy_return": ("fuel_code", "source_kind"), "process_return": ("process_code",),
    "product_return": ("product_code",), "entity_emission": ("source",),
}  # fmt: skip
Keys = dict[str, set[tuple[str, ...]]]
"""By table: the parts of a row's key beside client and year."""


@dataclass
class Beside:
    """The figures of a book, read once for each year that is asked for."""

    book: Book | None
    _last: dict[int, dict[str, dict[str, tuple[Decimal, str]]]] = field(default_factory=dict)
    _there: dict[int, dict[str, Keys]] = field(default_factory=dict)

    def last(self, client: str, year: int) -> Mapping[str, tuple[Decimal, str]]:
        """Return last year's figures of a client by field code."""
        if year not in self._last:
            self._last[year] = last_years(self.book, year)
        return self._last[year].get(client, {})

    def left_standing(
        self, client: str, year: int, content: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> list[Problem]:
        """Return a warning for each table that has rows of the client which the form does not replace.

        Args:
            client: the client.
            year: the year of the form.
            content: what the form says.
            before: the version before, whose rows go with it.
        """
        there = self._of_year(year).get(client, {})
        own, earlier = keys_of(content), keys_of(before or {})
        problems = []
        for table, keys in sorted(there.items()):
            rest = keys - own[table] - earlier[table]
            if own[table] and rest:
                shown = sorted(" ".join(part for part in key if part) for key in rest)
                values = {"client": client, "table": table, "rows": shown}
                problems.append(Problem("finance.desk_form_beside", values=values, severity="warning"))
        return problems

    def _of_year(self, year: int) -> dict[str, Keys]:
        if year not in self._there:
            found: dict[str, Keys] = {}
            for table, columns in COLUMNS.items() if self.book is not None else ():
                for row in self.book.rows(table, where=f"year = {year}") if self.book is not None else ():
                    own = found.setdefault(client_id(row["uscc"], row["project_id"]), {})
                    own.setdefault(table, set()).add(tuple(str(row[name] or "") for name in columns))
            self._there[year] = found
        return self._there[year]


def keys_of(content: Mapping[str, Any]) -> Keys:
    """Return the keys of the rows that a version of a form puts into the input tables."""
    source = dict(content.get("report") or {}).get("source")
    return {
        "energy_return": {(one["code"], one.get("source_kind") or "") for one in content.get("energy") or ()},
        "process_return": {(one["code"],) for one in content.get("process") or ()},
        "product_return": {(one["code"],) for one in content.get("product") or ()},
        "entity_emission": {(source,)} if source else set(),
    }
