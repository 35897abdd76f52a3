"""Whether the amounts of the forms are those that the trail recorded, and the recorded ones those of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lvshu.core.errors import Problem, Where

Rows = Sequence[Mapping[str, str]]
CELL = ("form", "item_code", "region_code", "category_code", "trade_kind")


def recorded(changes: Iterable[Mapping[str, str]], uscc: str, month: str) -> dict[str, str]:
    """Return the amounts that the trail ends at: code of a cell -> amount in yuan as written; what went out is absent.

    Args:
        changes: rows of form_change, oldest first.
        uscc: the platform.
        month: YYYY-MM.
    """
    found: dict[str, str] = {}
    for row in changes:
        if (row["platform_uscc"], row["month"]) == (uscc, month):
            found.pop(row["cell"], None)
            if row["new_amount"]:
                found[row["cell"]] = row["new_amount"]
    return found


def altered(rows: Rows, changes: Rows, *, file: str, only: tuple[str, str] | None = None) -> list[Problem]:
    """Return a problem for each amount that is not the one the trail recorded: changed, added or taken out beside it.

    Args:
        rows: of the file of returns, in its order.
        changes: rows of form_change, oldest first.
        file: name of the file of returns.
        only: platform and month to be looked at; all when None.
    """
    filed: dict[tuple[str, str], dict[str, tuple[str, int]]] = {}
    for number, row in enumerate(rows, start=2):
        cell = "|".join(row[name] for name in CELL)
        filed.setdefault((row["platform_uscc"], row["month"]), {})[cell] = (row["amount"], number)
    records = {*filed, *((row["platform_uscc"], row["month"]) for row in changes)}
    problems = []
    for uscc, month in sorted(records if only is None else records & {only}):
        mine, theirs = filed.get((uscc, month), {}), recorded(changes, uscc, month)
        for cell in sorted({*mine, *theirs}):
            amount, number = mine.get(cell, ("", 0))
            if amount != theirs.get(cell, ""):
                values = {"platform": uscc, "month": month, "cell": cell, "amount": amount or "–",
                          "recorded": theirs.get(cell) or "–"}  # fmt: skip
                where = Where(file=file, row=number or None)
                problems.append(Problem("forms.amount_altered", where, values))
    return problems
