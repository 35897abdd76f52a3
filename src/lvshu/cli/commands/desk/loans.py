"""lvshu desk loans: loan by loan, with the columns of the bank's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.allowed import label_of, names_of
from lvshu.cli.commands.desk.common import desk_of
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.finance.workflow.candidates import chosen
from lvshu.finance.workflow.loans import loans_of

HEADS = (
    "loan",
    "branch",
    "client",
    "name",
    "scope",
    "reason",
    "exposure",
    "outstanding",
    "calculation",
    "financed",
)


def execute(
    *, language: str, as_json: bool, clients: Sequence[str] | None, method: str, institution: str, branch: str,
    top: int, workspace: Path,
) -> int:  # fmt: skip
    """Print the loans, the largest exposures first. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk, desk.book() as book:
        if book is None or not book.count("candidate_reconciliation"):
            raise InputError(Problem("finance.desk_no_candidates"))
        method, institution = chosen(book, method, institution)
        found = loans_of(book, method, institution, clients=tuple(clients or ()), branch=branch, most=top)
    output.json({"ok": True, "method": method, "institution": institution, "own_columns": list(found.own),
                 "count": found.count, "loans": list(found.rows)})  # fmt: skip
    reasons, states = (names_of("loan_scope", name, language) for name in ("reason", "scope_status"))
    output.table(
        [*(output.text(f"desk.{name}") for name in HEADS), *found.own],
        [
            (row["loan_id"], row["branch_code"], row["client"], row["borrower_name"], states[row["scope_status"]],
             reasons[row["reason"]], row["exposure"], row["outstanding_amount"],
             label_of("calculation", row["calculation_method"], language),
             row["emission"], *(row[name] for name in found.own))
            for row in found.rows
        ],
        right=(6, 7, 9),
    )  # fmt: skip
    if found.count > len(found.rows):
        output.say(output.text("more", count=found.count - len(found.rows)))
    return 0
