"""The rules by which a run protects its own tables, and who counts as one contributor."""

from __future__ import annotations

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.step import StepContext
from lvshu.statistics.disclosure.primary import Rules
from lvshu.statistics.disclosure.table import SafeTable

PACK = "disclosure_rules"
GROUPS = "enterprise_group"
SHOWN, SUPPRESSED, NONE_SAMPLED, NOT_COVERED = "shown", "suppressed", "none_sampled", "not_covered"
IN_QUARANTINE = "in_quarantine"
SECONDS = 20.0


def rules_for(context: StepContext, subject: str, table: str) -> Rules:
    """Return the thresholds for a kind of contributor; where they are not the bureau's own, that is told.

    Args:
        context: of the step.
        subject: enterprise, platform or person.
        table: whose cells are judged.
    """
    row = next(row for row in context.packs[PACK].rows if row["subject"] == subject)
    if row["status"] != "bureau":
        label = {
            "enterprise": {"zh": "企业", "en": "enterprises"}, "platform": {"zh": "平台", "en": "platforms"},
            "person": {"zh": "个人", "en": "persons"},
        }[subject]  # fmt: skip
        values = {
            "subject": label, "minimum": row["minimum_count"], "p": _told(row["p_percent"]),
            "n": _told(row["dominance_n"]), "k": _told(row["dominance_k"]), "range": _told(row["range_percent"]),
        }  # fmt: skip
        context.find(
            Problem("statistics.disclosure_convention", values=values, severity="notice"), table=table
        )
    return thresholds(context, subject)


def thresholds(context: StepContext, subject: str) -> Rules:
    """Return the thresholds for a kind of contributor: enterprise, platform or person."""
    row = next(row for row in context.packs[PACK].rows if row["subject"] == subject)
    pair = row["dominance_n"], row["dominance_k"]
    return Rules(
        int(str(row["minimum_count"])),
        _number(row["p_percent"]),
        None if None in pair else (int(str(pair[0])), float(str(pair[1]))),
        _number(row["range_percent"]),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _told(value: object) -> str:
    return "–" if value is None else f"{float(str(value)):g}"


def groups(context: StepContext) -> dict[str, str]:
    """Return the group of each enterprise that belongs to one, by credit code."""
    rows = context.read(GROUPS, columns=("uscc", "group_code"), order=("uscc",)).to_pylist()
    return {row["uscc"]: row["group_code"] for row in rows}


def tell_problems(context: StepContext, error: MethodError, table: str) -> None:
    """Record why a table could not be protected; the run goes on without it."""
    for problem in error.problems:
        context.find(Problem(problem.code, problem.where, problem.values, severity="warning"), table=table)


def tell_warnings(context: StepContext, safe: SafeTable, table: str) -> None:
    """Record what remains to be known about a protected table."""
    for problem in safe.problems:
        context.find(problem, table=table)
