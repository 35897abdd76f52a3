"""Tells whose statements, reports and returns are of other years alone: the book does not use them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

MOST = 20
TABLES = ("enterprise_finance", "entity_emission", "energy_return", "process_return", "product_return")

OTHER_YEARS = Query(
    "loan_subject",
    """
    SELECT given.table_name, given.last_year, given.subject_id, held.loans, held.outstanding
    FROM (
      SELECT table_name, subject_kind, subject_id, max(year) AS last_year,
        max(CASE WHEN year = :year THEN 1 ELSE 0 END) AS of_year
      FROM (
        SELECT 'enterprise_finance' AS table_name, 'entity' AS subject_kind, uscc AS subject_id, year
        FROM enterprise_finance
        UNION ALL
        SELECT 'entity_emission' AS table_name, CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END
          AS subject_kind, coalesce(project_id, uscc) AS subject_id, year
        FROM entity_emission
        UNION ALL
        SELECT 'energy_return' AS table_name, CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END
          AS subject_kind, coalesce(project_id, uscc) AS subject_id, year
        FROM energy_return
        UNION ALL
        SELECT 'process_return' AS table_name, CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END
          AS subject_kind, coalesce(project_id, uscc) AS subject_id, year
        FROM process_return
        UNION ALL
        SELECT 'product_return' AS table_name, CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END
          AS subject_kind, coalesce(project_id, uscc) AS subject_id, year
        FROM product_return
      ) AS row_of
      GROUP BY table_name, subject_kind, subject_id
    ) AS given
    JOIN (
      SELECT subject.subject_kind, subject.subject_id, count(*) AS loans,
        sum(balance.year_end_balance) AS outstanding
      FROM loan_subject AS subject
      LEFT JOIN loan_average_balance AS balance ON balance.loan_id = subject.loan_id
      GROUP BY subject.subject_kind, subject.subject_id
    ) AS held ON held.subject_kind = given.subject_kind AND held.subject_id = given.subject_id
    WHERE given.of_year = 0
    ORDER BY given.table_name, given.last_year, held.outstanding DESC, given.subject_id
    """,
)


def make(context: StepContext) -> None:
    """Write one finding for each table and year, with the clients that have rows of that year and none of the book's.

    A warning where the table has no row of the book's year at all: then the year of the whole file is in doubt.
    """
    year = context.settings.year
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in context.sql(OTHER_YEARS, year=year).to_pylist():
        found[row["table_name"], row["last_year"]].append(row)
    for (table, last), rows in sorted(found.items()):
        outstanding = sum(float(row["outstanding"] or 0) for row in rows)
        named = ", ".join(
            f"{row['subject_id']} ({'-' if row['outstanding'] is None else format(row['outstanding'], ',.2f')})"
            for row in rows[:MOST]
        )
        values = {
            "table": table, "found": last, "year": year, "clients": len(rows),
            "loans": sum(row["loans"] for row in rows), "outstanding": f"{outstanding:,.2f}",
            "named": named + (" …" if len(rows) > MOST else ""),
        }  # fmt: skip
        none = not context.read(table, columns=["year"], where=f"year = {int(year)}").num_rows
        context.find(
            Problem("finance.data_of_other_year", values=values, severity="warning" if none else "notice"),
            table=table, key=f"{table} | {last}", amount=outstanding, unit="CNY",
        )  # fmt: skip
