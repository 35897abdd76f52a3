"""From a company to the one at the top of its group, step by step over direct parents."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

SHOWN = 5

PARENTS = Query(
    "group_top",
    """
    SELECT DISTINCT
      coalesce(child.entity_id, company_group.company_id) AS entity_id,
      coalesce(parent.entity_id, company_group.parent_id) AS parent_id
    FROM company_group
    LEFT JOIN company_code AS child ON child.code = company_group.company_id
    LEFT JOIN company_code AS parent ON parent.code = company_group.parent_id
    ORDER BY entity_id, parent_id
    """,
)


def make(context: StepContext) -> None:
    """Fill `group_top`: every company that has a parent, and the parents at the top."""
    parents: dict[str, str] = {}
    for row in context.sql(PARENTS).to_pylist():
        parents.setdefault(row["entity_id"], row["parent_id"])
    rows = tops(parents)
    names = ("entity_id", "ultimate_parent_id", "steps_up", "circular")
    context.write("group_top", {name: [row[place] for row in rows] for place, name in enumerate(names)})
    circles = sorted(row[0] for row in rows if row[3])
    if circles:
        values = {"examples": circles[:SHOWN]}
        context.find(
            Problem("finance.group_cycle", values=values, severity="warning"),
            table="company_group", key=circles[0], amount=float(len(circles)), unit="1",
        )  # fmt: skip


def tops(parents: Mapping[str, str]) -> list[tuple[str, str, int, bool]]:
    """Return (company, the one at the top, steps to it, whether its parents go in a circle), by company.

    A company in a circle is its own top; one below a circle has the first company of the circle that it reaches.

    Args:
        parents: company -> direct parent.
    """
    rows = []
    for company in sorted({*parents, *parents.values()}):
        seen = [company]
        while (above := parents.get(seen[-1])) is not None and above not in seen:
            seen.append(above)
        circle = parents.get(seen[-1]) if seen[-1] in parents else None
        if circle is None:
            rows.append((company, seen[-1], len(seen) - 1, False))
        else:
            rows.append((company, circle, seen.index(circle), circle == company))
    return rows
