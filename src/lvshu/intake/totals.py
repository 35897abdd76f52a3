"""Rows of totals: set aside, and compared with the rows they total; nobody has to delete them.

A total agrees where it is the sum of the records of its file, as they stand there or as they were kept, or of those
since the total before it (a subtotal). Where the row states another part of the key (the month of a table of months),
only records of the same are summed. Amounts and quantities are compared, other figures are not; and no total is
said to agree with records of which some could not be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lvshu.contract import Column, TableContract
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.duplicates import DOOMED
from lvshu.intake.text import literal, quoted
from lvshu.intake.total_words import sum_agrees

TOTAL = "intake.total_row"
ADDED = ("money", "quantity")
"""Types of columns that are summed."""


@dataclass(frozen=True)
class Total:
    """One figure of a row of totals beside the rows it totals.

    Attributes:
        file: number of the file.
        row: of the row, as typed.
        column: of the figure.
        stated: the figure, in the column's unit.
        summed: sum of all records of the file, as they stand there.
        agrees: whether it is one of the sums that a total may be.
        unread: cells of the column that could not be read, where it agrees without them: nothing is compared then.
    """

    file: int
    row: int
    column: Column
    stated: Decimal
    summed: Decimal
    agrees: bool
    unread: int = 0


def totals_of(engine: DuckDB, contract: TableContract, typed: str) -> list[Total]:
    """Return every figure of the rows of totals of a table, compared with the rows they total.

    Figures that equal the sum of what could be read where some of the rows could not be are marked `unread`.

    Args:
        engine: the book being written, with the doomed rows.
        contract: of the table.
        typed: name of the table of all its rows as typed.
    """
    columns = [one for one in contract.columns if one.type in ADDED]
    marked = f"coalesce(marks LIKE {literal(f'x|%|{TOTAL}%')}, FALSE)"
    if not columns or not engine.execute(f"SELECT 1 FROM {quoted(typed)} WHERE {marked} LIMIT 1"):
        return []
    same = "".join(
        f" AND (total.{quoted(name)} IS NULL OR total.{quoted(name)} = one.{quoted(name)})"
        for name in contract.key[1:]
    )
    again = same.replace("one.", "former.")
    since = (
        f"(SELECT coalesce(max(former.source_row), 0) FROM (SELECT * FROM {quoted(typed)} WHERE {marked}) AS former "
        f"WHERE former.source_file = total.source_file AND former.source_row < total.source_row{again})"
    )
    asked = ", ".join(
        f"any_value(total.{name}), coalesce(sum(one.{name}), 0), coalesce(sum(one.{name}) FILTER (WHERE one.kept), 0), "
        f"coalesce(sum(one.{name}) FILTER (WHERE one.source_row > total.since "
        f"AND one.source_row < total.source_row), 0), count(*) FILTER (WHERE one.{name} IS NULL "
        f"AND contains(one.marks, {literal(f'x|{column.name}|')}))"
        for column in columns
        for name in (quoted(column.name),)
    )
    rows = engine.execute(
        f"WITH total AS (SELECT *, {since} AS since FROM {quoted(typed)} AS total WHERE {marked}), "
        f"one AS (SELECT one.*, coalesce(marks NOT LIKE 'x|%', TRUE) AND NOT EXISTS (SELECT 1 FROM {DOOMED} AS doomed "
        "WHERE doomed.source_file = one.source_file AND doomed.source_row = one.source_row) AS kept "
        f"FROM {quoted(typed)} AS one WHERE coalesce(marks NOT LIKE 'k|%', TRUE) AND NOT {marked} "
        "AND source_file IN (SELECT source_file FROM total)) "
        f"SELECT total.source_file, total.source_row, {asked} FROM total "
        f"LEFT JOIN one ON one.source_file = total.source_file{same} GROUP BY 1, 2 ORDER BY 1, 2"
    )
    found = []
    for file, row, *figures in rows:
        for place, column in enumerate(columns):
            stated, *sums, unread = figures[5 * place : 5 * place + 5]
            if stated is None:
                continue
            total = _compared(int(file), int(row), column, (stated, *sums))
            found.append(replace(total, unread=int(unread)) if total.agrees and unread else total)
    return found


def _compared(file: int, row: int, column: Column, figures: Sequence[object]) -> Total:
    stated, *sums = (Decimal(str(one)) for one in figures)
    return Total(file, row, column, stated, sums[0], sum_agrees(stated, sums))
