"""lvshu register as-at: the units that lived on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lvshu.cli.commands.register.kinds import kind_asked
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.core.period import day_of
from lvshu.statistics.register.desk import as_at
from lvshu.statistics.register.keys import ENTERPRISE
from lvshu.store.workspace import Workspace

HEADS = ("unit_id", "uscc", "name", "district_code", "industry_code", "born_on", "ended_on", "records")


def execute(
    *, language: str, as_json: bool, day: str, kind: str, known_on: str, top: int, workspace: Path
) -> int:
    """Print how many there were, and the first of them. Returns the exit code."""
    output = Output(language, as_json)
    asked = kind_asked(kind, otherwise=ENTERPRISE)
    known = _day(known_on) if known_on else None
    with Workspace.open(workspace).book() as book:
        if not book.count("register_unit"):
            raise InputError(Problem("statistics.review_no_register"))
        found = as_at(book, _day(day), kind=asked, known_on=known)
    output.json({"ok": True, "day": day, "kind": asked, "units": len(found), "rows": found})
    output.say(
        output.text("register.lived", units=len(found), day=day, kind=output.text(f"register.kind.{asked}"))
    )
    output.table(
        [output.text(f"register.word.{name}") for name in HEADS],
        [[row[name] for name in HEADS] for row in found[:top]],
        right=(7,),
    )
    return 0


def _day(text: str) -> date:
    found = day_of(text)
    if found is None:
        raise InputError(Problem("statistics.register_day", values={"found": text}))
    return found
