"""Whether the places of records are in the area of the workspace: a book of one city fed with another's files."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext

NATION = "100000"
MOST_NAMED = 5
COLUMN = "district_code"
_DIGITS = 6


def prefix_of(settings: Settings) -> str:
    """Return the leading digits of all codes in the area: none for the nation, two for a province, four for a city."""
    return _prefix(settings.area)


def _prefix(code: str) -> str:
    if code == NATION:
        return ""
    prefix = code.rstrip("0")
    return prefix + "0" * (len(prefix) % 2)


def holds(code: str, settings: Settings) -> bool:
    """Return whether a code is of a place that contains the area and more: 420000 and 100000 hold 420100.

    000000 is no place: it stands for an unknown one.
    """
    prefix, wider = prefix_of(settings), _prefix(code)
    return bool(code == NATION or wider) and prefix.startswith(wider) and len(wider) < len(prefix)


def wider(settings: Settings) -> dict[str, str]:
    """Return the codes of the nation, province and city that contain the area and more; empty where none does."""
    prefix = prefix_of(settings)
    codes = {
        "nation": NATION,
        "province": prefix[:2].ljust(_DIGITS, "0"),
        "city": prefix[:4].ljust(_DIGITS, "0"),
    }
    return {level: code if holds(code, settings) else "" for level, code in codes.items()}


def tell_outside(context: StepContext, table: str) -> None:
    """Tell how many records state a district that is not in the area; they are counted all the same.

    Only six-digit codes are judged: what a bureau names in its own way says nothing of where it is. Regions of trade in
    the returns of platforms are not: the form asks for those of the whole country.

    Args:
        context: of a step that reads the table.
        table: an input table.
    """
    if not context.engine.has(table) or not context.engine.count(table):
        return
    source = f"SELECT {COLUMN} AS code, count(*) AS records FROM {table} GROUP BY {COLUMN} ORDER BY {COLUMN}"
    rows = context.sql(Query(table, source)).to_pylist()
    prefix = prefix_of(context.settings)
    stated = {
        str(row["code"]): int(row["records"])
        for row in rows
        if row["code"] is not None and len(row["code"]) == _DIGITS and row["code"].isdigit()
    }
    outside = {code: count for code, count in stated.items() if not code.startswith(prefix)}
    if not outside:
        return
    count = sum(outside.values())
    largest = sorted(outside, key=lambda code: (-outside[code], code))[:MOST_NAMED]
    values = {
        "table": table,
        "column": COLUMN,
        "records": count,
        "percent": f"{100 * count / sum(int(row['records']) for row in rows):.3g}",
        "codes": ", ".join(largest),
        "area": context.settings.area,
    }
    problem = Problem("statistics.places_outside", values=values, severity="warning")
    context.find(problem, table=table, amount=float(count), unit="1")
