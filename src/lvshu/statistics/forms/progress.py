"""The step of a run on the forms: how far each is, and whether the returns are those that the trail recorded."""

from __future__ import annotations

from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query, query
from lvshu.engine.step import StepContext
from lvshu.statistics.forms.proof import altered

TAKEN = Query(
    "form_progress",
    """
    SELECT own.platform_uscc, own.month, own.form, own.item_code, own.region_code, own.category_code, own.trade_kind,
      own.amount
    FROM platform_return AS own
    JOIN (SELECT DISTINCT platform_uscc, month FROM form_event) AS taken
      ON taken.platform_uscc = own.platform_uscc AND taken.month = own.month
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    """,
)
SHOWN = 3


def make(context: StepContext) -> None:
    """Fill `form_progress`, and tell returns of taken forms whose amounts are not those of the trail."""
    context.make(query("lvshu.statistics", "form_progress"))
    if not context.engine.count("form_event"):
        return
    rows = [_texts(row) for row in context.sql(TAKEN).to_pylist()]
    changes = [_texts(row) for row in context.read("form_change", order=["change_id"]).to_pylist()]
    found = altered(rows, changes, file="platform_return")
    if not found:
        return
    told = [one.values for one in found]
    values = {
        "cells": len(found), "returns": len({(one["platform"], one["month"]) for one in told}),
        "shown": [f"{one['platform']} {one['month']} {one['cell']}: {one['recorded']} → {one['amount']}"
                  for one in told[:SHOWN]],
    }  # fmt: skip
    problem = Problem("statistics.form_amounts_altered", values=values, severity="warning")
    context.find(problem, table="platform_return")


def _texts(row: dict[str, Any]) -> dict[str, str]:
    amounts = ("amount", "old_amount", "new_amount")
    return {
        name: "" if cell is None else f"{cell:.2f}" if name in amounts else str(cell)
        for name, cell in row.items()
    }
