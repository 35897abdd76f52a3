"""What of flexible employment is withheld since a register holds few persons, in the year's table."""

from __future__ import annotations

from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics.protection import SUPPRESSED, thresholds

REGISTERS = (
    ("injury_insurance", "register_injury_insurance", "in_injury_insurance"),
    ("self_employment", "register_self_employment", "in_self_employment"),
)
"""Registers beside the platforms': code in `flexible_register`, definition, measure of the survey."""
BESIDE = frozenset(code for _, code, _ in REGISTERS)
"""Definitions that are the count of a register other than the platforms'."""
HELD = (*(code for _, code, _ in REGISTERS), "register_any", "corrected_all_registers")
"""Definitions that are a register's count, or that with the survey's persons outside it, beside the platforms' own."""
_FIGURES = (
    "persons", "standard_error", "low", "high", "share_of_employment", "share_standard_error", "full_time_equivalent",
)  # fmt: skip


def hidden_registers(context: StepContext) -> bool:
    """Return whether the count of a register is withheld in some month: the year's mean would tell it."""
    rows = context.read("flexible_register_public", columns=["status"]).to_pylist()
    return any(row["status"] == SUPPRESSED for row in rows)


def without_hidden(context: StepContext, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the year without those that rest on a register withheld in some month, which is told."""
    if not hidden_registers(context):
        return rows
    told = [
        row["definition_code"]
        for row in rows
        if row["definition_code"] in HELD and row["status"] == "estimated"
    ]
    problem = Problem("statistics.registers_withheld", values={"count": len(told)}, severity="notice")
    context.find(problem, table="flexible_employment", amount=float(len(told)), unit="1")
    empty = dict.fromkeys((*_FIGURES, "sampled_persons"))
    return [{**row, **empty, "status": SUPPRESSED} if row["definition_code"] in told else row for row in rows]


def is_small(context: StepContext, workers: float) -> bool:
    """Return whether the platforms' register holds too few persons to be shown, in the mean of the months."""
    return 0 < workers < (thresholds(context, "person").minimum_count or 0)


def without_platforms(context: StepContext, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows without what rests on the platforms' register: each would tell its few persons."""
    small = [row for row in rows if row["method"] != "survey" and row["definition_code"] not in BESIDE]
    values = {"count": len(small), "smallest": thresholds(context, "person").minimum_count}
    problem = Problem("statistics.register_small", values=values, severity="notice")
    context.find(problem, table="flexible_employment", amount=float(len(small)), unit="1")
    empty = dict.fromkeys((*_FIGURES, "sampled_persons"))
    gone = {row["definition_code"] for row in small if row["status"] == "estimated"}
    return [{**row, **empty, "status": SUPPRESSED} if row["definition_code"] in gone else row for row in rows]
