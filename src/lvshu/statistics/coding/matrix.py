"""Error rates of codes as the last run stored them, and the audit as a file that another month or year takes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.store.workspace import Workspace

FIELDS = {
    "uscc": "uscc", "stratum": "stratum", "stratum_units": "stratum_units", "industry_code": "true_code",
    "audited_on": "audited_on", "audit_month": "audit_month", "draw": "draw", "stratum_drawn": "stratum_drawn",
    "frame_units": "frame_units", "model_version": "model_version", "coded_code": "coded_code",
    "employee_count": "persons",
}  # fmt: skip
"""Columns of the input table `coding_audit`, and of `coding_error_sample` that they are written from."""


def rates(workspace: Workspace, month: str = "") -> list[dict[str, Any]]:
    """Return rows of `coding_error_rate` of the last run, of a month or of all; none without an audit.

    Args:
        workspace: with a run.
        month: YYYY-MM, or empty.
    """
    return _rows(workspace, "coding_error_rate", month)


def write_audit(workspace: Workspace, path: Path, month: str = "") -> int:
    """Return how many units were written: the audits of the last run as an input file `coding_audit`, UTF-8 csv.

    The file carries the codes of the machine, the month and the model, so that the book of a later month or year takes
    its error rates from it though the units may have left the register.

    Args:
        workspace: with a run.
        path: must not exist.
        month: YYYY-MM of the audit, or empty for all.

    Raises:
        InputError: coding.queue_there, coding.no_audit.
    """
    if path.exists():
        raise InputError(Problem("coding.queue_there", Where(file=str(path))))
    rows = _rows(workspace, "coding_error_sample", month)
    if not rows:
        raise InputError(Problem("coding.no_audit"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(FIELDS)
        writer.writerows(["" if row[name] is None else row[name] for name in FIELDS.values()] for row in rows)
    return len(rows)


def _rows(workspace: Workspace, table: str, month: str) -> list[dict[str, Any]]:
    with workspace.book() as book:
        rows = book.rows(table) if book.has(table) else []
    keys = ("audit_month", "draw", "measure", "given", "coded_group", "true_group", "stratum", "uscc")
    rows = [row for row in rows if month in ("", row["audit_month"])]
    return sorted(rows, key=lambda row: tuple(str(row.get(name, "")) for name in keys))
