"""Tells which projects' emissions are attributed beyond the whole by the loans of all institutions together."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext

MOST = 20


def make(context: StepContext) -> None:
    """Write one finding for each project, with the institutions' shares and tonnes under each method."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in context.read("project_over_attributed").to_pylist():
        found[row["project_id"]].append(row)
    ordered = sorted(found.items(), key=lambda item: (-_beyond(item[1]), item[0]))
    for project, rows in ordered[:MOST]:
        worst = max(rows, key=lambda row: (row["share_of_all"] or 0.0, row["method"]))
        mine = [row for row in rows if row["method"] == worst["method"]]
        parts = [
            f"{row['institution_id']} {100 * row['share']:.2f} % {row['emission']:,.2f} t"
            for row in sorted(mine, key=lambda row: str(row["institution_id"]))
        ]
        values = {
            "project": project, "method": worst["method"], "share": f"{100 * worst['share_of_all']:.2f}",
            "attributed": f"{worst['emission_of_all']:,.2f}", "whole": f"{worst['project_emission']:,.2f}",
            "institutions": len(mine), "parts": parts, "cost": f"{worst['denominator']:,.2f}",
            "methods": ", ".join(sorted({row["method"] for row in rows})), "projects": len(found),
        }  # fmt: skip
        context.find(
            Problem("finance.project_over_attributed", values=values, severity="error"),
            table="project_over_attributed", key=project, amount=_beyond(rows), unit="tCO2e",
        )  # fmt: skip


def _beyond(rows: list[dict[str, Any]]) -> float:
    """Return the most that is attributed beyond the project's emission under one method, tCO2e."""
    return max(float(row["emission_of_all"] - row["project_emission"]) for row in rows)
