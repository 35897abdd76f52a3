"""lvshu desk candidates: the candidate list of the current run, and every reason for exclusion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvshu.cli.allowed import names_of
from lvshu.cli.commands.desk.common import desk_of, record
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.finance.workflow.candidates import chosen, clients_of, exclusions_of, reconciliation_of


def execute(
    *, language: str, as_json: bool, method: str, institution: str, branch: str, top: int, workspace: Path
) -> int:
    """Print the list. Returns 1 where it does not add up with the ledger."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk, desk.book() as book:
        if book is None or not book.count("candidate_reconciliation"):
            raise InputError(Problem("finance.desk_no_candidates"))
        method, institution = chosen(book, method, institution)
        clients = [
            one
            for one in clients_of(book, method, institution)
            if not branch or branch in {str(row["branch"]) for row in one.branches}
        ]
        exclusions = exclusions_of(book, method, institution)
        sums = reconciliation_of(book, method, institution)
    output.json(
        {"ok": not sums["loans_difference"], "method": method, "institution": institution,
         "clients": [record(one) for one in clients], "exclusions": exclusions, "reconciliation": sums}
    )  # fmt: skip
    heads = ("code", "name", "industry", "lead", "count", "exposure", "outstanding")
    output.table(
        [output.text(f"desk.{name}") for name in heads],
        [
            (
                one.client,
                one.name,
                one.industry_group,
                one.lead_branch,
                one.loans,
                one.exposure,
                one.outstanding,
            )
            for one in clients[:top]
        ],
        right=(4, 5, 6),
    )
    if len(clients) > top:
        output.say(output.text("more", count=len(clients) - top))
    output.heading(output.text("desk.excluded"))
    names = names_of("loan_scope", "reason", language)
    output.table(
        [output.text(f"desk.{name}") for name in ("reason", "clients", "count", "exposure", "outstanding")],
        [
            (
                names[row["reason"]],
                row["clients"],
                row["loans"],
                row["exposure"],
                row["outstanding_amount"],
            )
            for row in exclusions
        ],
        right=(1, 2, 3, 4),
    )
    output.say()
    tell_quarantined(output, sums)
    output.say(output.text("desk.reconciled", **sums))
    return 1 if sums["loans_difference"] else 0


def tell_quarantined(output: Output, sums: Mapping[str, Any]) -> None:
    """Say how many rows of the ledger are in quarantine, where there are any."""
    if sums["loans_quarantined"]:
        output.say(output.text("desk.quarantined", **sums))
    if sums["loans_quarantined_unnamed"]:
        output.say(output.text("desk.quarantined_unnamed", count=sums["loans_quarantined_unnamed"]))
