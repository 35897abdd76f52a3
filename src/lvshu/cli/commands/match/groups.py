"""lvshu match groups: exposures by ultimate parent."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.finance.match_desk.coverage import groups_of

HEADS = ("institution", "parent", "name", "entities", "loans", "loan_amount", "long", "short", "share")


def execute(*, language: str, as_json: bool, institution: str, top: int, workspace: Path) -> int:
    """Print the largest. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk, desk.book() as book:
        if book is None:
            raise InputError(Problem("finance.match_no_ledger"))
        found = groups_of(book, institution, top)
    output.json({"ok": True, "groups": found})
    output.table(
        [output.text(f"match.word.{name}") for name in HEADS],
        [
            (row["institution_id"], row["ultimate_parent_id"], row["name"], row["entities"], row["loans"],
             row["loan_amount"], row["long_amount"], row["short_amount"],
             None if row["gross_share"] is None else f"{row['gross_share']:.2%}")
            for row in found
        ],
        right=(3, 4, 5, 6, 7, 8),
    )  # fmt: skip
    return 0
