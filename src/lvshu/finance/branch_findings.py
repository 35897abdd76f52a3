"""Branches that a ledger gives now by code and now by name: what was brought together, and what could not be."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

APART = Query(
    "loan",
    """
    SELECT own.institution_id,
      count(DISTINCT CASE WHEN own.branch_name IS NULL THEN own.branch_code END) AS codes,
      count(CASE WHEN own.branch_name IS NULL THEN 1 END) AS coded,
      count(DISTINCT CASE WHEN own.branch_code IS NULL THEN own.branch_name END) AS names,
      count(CASE WHEN own.branch_code IS NULL THEN 1 END) AS named
    FROM loan AS own
    LEFT JOIN (SELECT DISTINCT institution_id, branch_name FROM branch_code_of_name) AS joined
      ON joined.institution_id = own.institution_id
      AND joined.branch_name = coalesce(own.branch_code, own.branch_name)
    LEFT JOIN (
      SELECT DISTINCT institution_id, branch_code FROM loan WHERE branch_code <> branch_name
    ) AS explained ON explained.institution_id = own.institution_id AND explained.branch_code = own.branch_code
    WHERE (own.branch_code IS NULL OR own.branch_name IS NULL)
      AND coalesce(own.branch_code, own.branch_name) IS NOT NULL
      AND joined.branch_name IS NULL AND explained.branch_code IS NULL
    GROUP BY own.institution_id
    ORDER BY own.institution_id
    """,
)
SHOWN = 3


def make(context: StepContext) -> None:
    """Write the findings on branches of each institution: joined by name, of several codes, and left apart."""
    by_institution: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in context.read("branch_code_of_name").to_pylist():
        by_institution[row["institution_id"]].append(row)
    for institution, rows in sorted(by_institution.items()):
        rows.sort(key=lambda row: (-row["loans"], row["branch_name"]))
        _tell(
            context,
            institution,
            "finance.branch_joined",
            "notice",
            [row for row in rows if row["branch_code"]],
        )
        several = [row for row in rows if row["branch_code"] is None]
        _tell(context, institution, "finance.branch_of_several_codes", "warning", several)
    for row in context.sql(APART).to_pylist():
        if row["coded"] and row["named"]:
            values = {name: row[name] for name in ("codes", "coded", "names", "named")}
            context.find(
                Problem(
                    "finance.branch_apart", values={"institution": row["institution_id"], **values}, severity="warning"
                ),
                table="loan", key=row["institution_id"],
            )  # fmt: skip


def _tell(
    context: StepContext, institution: str, code: str, severity: str, rows: list[dict[str, Any]]
) -> None:
    if not rows:
        return
    examples = [f"{row['branch_name']} = {row['branch_code']}" if row["branch_code"] else row["branch_name"]
                for row in rows[:SHOWN]]  # fmt: skip
    values = {"institution": institution, "names": len(rows), "loans": sum(row["loans"] for row in rows),
              "examples": examples}  # fmt: skip
    context.find(
        Problem(code, values=values, severity=severity), table="branch_code_of_name", key=institution
    )


__all__ = ["make"]
