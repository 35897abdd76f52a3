"""What a run knows of a client beside a form that came back: last year's figures, and rows that the form leaves.

A row of a form replaces the row of the same key from elsewhere. Rows of other keys (another fuel, electricity without a
source, a report of another source) would stay and be counted as well: they are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lvshu.core.errors import Problem
from lvshu.core.units import convert, unit
from lvshu.finance.workflow.fields import last_years
from lvshu.finance.workflow.form_read import FormRow
from lvshu.finance.workflow.records import client_id, parts_of
from lvshu.store.book import Book

COLUMNS = {
    "energy_return": ("fuel_code", "source_kind"), "process_return": ("process_code",),
    "product_return": ("product_code",), "entity_emission": ("source",),
}  # fmt: skip
CHEAPEST_COAL = 260
"""CNY/t: the lowest end of the price ranges of NDRC 发改价格〔2022〕303号, as in suspected_unit."""
SLIP = Decimal(10) ** 4
"""元 under 万元."""
LARGE = SLIP * Decimal(10).sqrt()
"""10^4.5: figures so many times the client's loans have 5 as the nearest power of ten, as in suspected_unit."""
Keys = dict[str, set[tuple[str, ...]]]
"""By table: the parts of a row's key beside client and year."""
LENT = """
    SELECT loan.uscc, sum(balance.over_tenure) FROM loan
    JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
    WHERE loan.uscc IS NOT NULL AND balance.over_tenure > 0 GROUP BY loan.uscc ORDER BY loan.uscc
    """


@dataclass
class Beside:
    """The figures of a book, read once for each year that is asked for."""

    book: Book | None
    _last: dict[int, dict[str, dict[str, tuple[Decimal, str]]]] = field(default_factory=dict)
    _there: dict[int, dict[str, Keys]] = field(default_factory=dict)
    _lent: dict[str, Decimal] | None = None

    def last(self, client: str, year: int) -> Mapping[str, tuple[Decimal, str]]:
        """Return last year's figures of a client by field code."""
        if year not in self._last:
            self._last[year] = last_years(self.book, year)
        return self._last[year].get(client, {})

    def unlike(self, client: str, content: Mapping[str, Any], rows: Sequence[FormRow]) -> list[Problem]:
        """Return a warning for each figure that fits its unit only after division by ten thousand.

        Assets and revenue are held against the client's loans, which are not told: another institution's may be among
        them. Raw coal is held against what the revenue of the form buys at the cheapest price.

        Args:
            client: the client.
            content: what the form says.
            rows: the rows of the form, for their places.
        """
        finance, places = content["finance"], {row.code: row for row in rows}
        lent = self._loans().get(parts_of(client)[0], Decimal(0))
        told: list[tuple[str, Decimal]] = []
        for name in ("main_business_revenue", "total_assets_begin", "total_assets_end"):
            figure = Decimal(finance.get(name, 0))
            if lent > 0 and figure >= lent * LARGE:
                told.append((name, figure))
        problems = [
            self._slip("desk_form_beyond_loans", places[name], f"{figure:,.2f}", f"{figure / SLIP:,.2f}")
            for name, figure in told
        ]
        revenue = Decimal(finance.get("main_business_revenue", 0))
        for entry in content["energy"]:
            coal = entry["code"] == "raw_coal" and unit(entry["unit"]).dimension == unit("t").dimension
            if coal and revenue > 0 and "raw_coal" in places:
                used = convert(Decimal(entry["quantity"]), entry["unit"], "t")
                if used * CHEAPEST_COAL > revenue:
                    row = places["raw_coal"]
                    problems.append(
                        self._slip("desk_form_beyond_revenue", row, f"{used:,.2f}", f"{used / SLIP:,.2f}")
                    )
        return problems

    @staticmethod
    def _slip(code: str, row: FormRow, figure: str, divided: str) -> Problem:
        values = {
            "field": row.item,
            "typed": row.value,
            "unit": row.unit,
            "figure": figure,
            "divided": divided,
        }
        return Problem(f"finance.{code}", row.unit_place, values, "warning")

    def _loans(self) -> Mapping[str, Decimal]:
        """Return what each client owes in the book: the balances of its loans over their tenure, in CNY."""
        if self._lent is None:
            self._lent = {}
            there = self.book is not None and all(
                self.book.has(name) for name in ("loan", "loan_average_balance")
            )
            for uscc, amount in self.book.engine.execute(LENT) if there and self.book is not None else ():
                self._lent[str(uscc)] = Decimal(amount)
        return self._lent

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
