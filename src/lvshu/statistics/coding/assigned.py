"""Fills `assigned_industry`: which class stands in for units whose row in the list of enterprises states none."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query, query
from lvshu.engine.step import StepContext
from lvshu.statistics.keys import PACKAGE

TABLE = "assigned_industry"
REVIEWED, LINKED, MACHINE, NONE = "reviewed", "linked", "machine", "none"
"""Whence a class comes; in this order one goes before the other."""

COUNTS = Query(
    TABLE,
    """
    SELECT
      count(*) AS units,
      coalesce(sum(CASE WHEN assigned_by = 'reviewed' THEN 1 ELSE 0 END), 0) AS reviewed,
      coalesce(sum(CASE WHEN assigned_by = 'linked' THEN 1 ELSE 0 END), 0) AS linked,
      coalesce(sum(CASE WHEN assigned_by = 'machine' THEN 1 ELSE 0 END), 0) AS machine,
      coalesce(sum(CASE WHEN assigned_by = 'none' THEN 1 ELSE 0 END), 0) AS none,
      coalesce(sum(CASE WHEN linked_code IS NOT NULL AND linked_class IS NULL THEN 1 ELSE 0 END), 0) AS refused
    FROM assigned_industry
    """,
)


def make(context: StepContext) -> None:
    """Fill the table, and tell how many units have their class from which source."""
    if not context.make(query(PACKAGE, TABLE)):
        return
    [row] = context.sql(COUNTS).to_pylist()
    values = {name: int(count) for name, count in row.items()}
    problem = Problem("coding.assigned", values=values, severity="notice")
    context.find(problem, table=TABLE, amount=float(values["units"]), unit="1")
    if values["refused"]:
        problem = Problem("coding.linked_no_class", values={"units": values["refused"]}, severity="warning")
        context.find(problem, table=TABLE, amount=float(values["refused"]), unit="1")
