"""Rows of another year than the book's: they enter no estimate, which is told, not passed over."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

QUERIES = {
    "labour_survey": Query(
        "labour_survey",
        """
        SELECT substr(month, 1, 4) AS year, count(*) AS records
        FROM labour_survey
        WHERE substr(month, 1, 4) <> :year
        GROUP BY 1
        ORDER BY 1
        """,
    ),
    "labour_reinterview": Query(
        "labour_reinterview",
        """
        SELECT substr(month, 1, 4) AS year, count(*) AS records
        FROM labour_reinterview
        WHERE substr(month, 1, 4) <> :year
        GROUP BY 1
        ORDER BY 1
        """,
    ),
    "business_survey": Query(
        "business_survey",
        """
        SELECT CAST(year AS VARCHAR) AS year, count(*) AS records
        FROM business_survey
        WHERE CAST(year AS VARCHAR) <> :year
        GROUP BY 1
        ORDER BY 1
        """,
    ),
}


def tell_other_years(context: StepContext, table: str) -> None:
    """Tell how many rows of a table are of other years than the book's, and of which.

    Args:
        context: of the step.
        table: of `QUERIES`.
    """
    found = context.sql(QUERIES[table], year=str(context.settings.year)).to_pylist()
    if found:
        rows = sum(int(row["records"]) for row in found)
        values = {
            "rows": rows, "year": context.settings.year,
            "years": ", ".join(f"{row['year']} ({row['records']})" for row in found),
        }  # fmt: skip
        problem = Problem("statistics.rows_of_other_years", values=values, severity="notice")
        context.find(problem, table=table, amount=float(rows), unit="1")
