"""Decisions about edits: added to `inputs/edit_decision.csv`, never changed; the next run takes them first."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.statistics.returns_edit import WITHDRAW
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace

FILE = "edit_decision.lvshu.csv"
COLUMNS = (
    "decision_id", "table_name", "record_key", "variable", "decision", "value", "decided_by", "decided_at", "note",
)  # fmt: skip
TABLES = ("platform_return",)
_HEADINGS = tuple("value [CNY]" if name == "value" else name for name in COLUMNS)


def decide(
    workspace: Workspace, *, record: str, variable: str, decision: str, value: Decimal | None = None, user: str,
    note: str = "", now: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return the decision that was added.

    Args:
        workspace: whose next run it concerns.
        record: key of the record as edit_change names it, such as a platform's code and a month joined by |.
        variable: as edit_change names it.
        decision: keep_filed, set or withdraw.
        value: in yuan, where the decision is set.
        user: who decides.
        note: why.
        now: the time; the clock's when None.

    Raises:
        InputError: nobody is named, the record or variable was not filed, there is no decision to withdraw, or the
            file of decisions is broken.
    """
    if not user.strip():
        raise InputError(Problem("editing.decision_nobody"))
    _demand_filed(workspace, record, variable)
    path = workspace.inputs / FILE
    with workspace.lock():
        rows = _rows(workspace)
        if decision == WITHDRAW:
            _demand_decided(rows, record, variable)
        row = {
            "decision_id": str(len(rows) + 1), "table_name": TABLES[0], "record_key": record, "variable": variable,
            "decision": decision, "value": "" if value is None else str(value), "decided_by": user.strip(),
            "decided_at": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"), "note": note,
        }  # fmt: skip
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_HEADINGS)
        writer.writerows([[one[name] for name in COLUMNS] for one in [*rows, row]])
        write_durably(path, stream.getvalue())
    return row


def _demand_decided(rows: list[dict[str, str]], record: str, variable: str) -> None:
    """Make sure that a decision about a value stands."""
    standing: dict[tuple[str, str], str] = {}
    for row in rows:
        place = (row["record_key"], row["variable"])
        if row["decision"] == WITHDRAW:
            standing.pop(place, None)
        else:
            standing[place] = row["decision_id"]
    if (record, variable) not in standing:
        listed = [" ".join(place) for place in standing][:20]
        values = {"record": record, "variable": variable, "standing": listed or ["–"], "count": len(standing)}
        raise InputError(Problem("editing.decision_none", values=values))


def _rows(workspace: Workspace) -> list[dict[str, str]]:
    path = workspace.inputs / FILE
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            given = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        given = []
    if not given or tuple(given[0]) != _HEADINGS or any(len(row) != len(COLUMNS) for row in given):
        raise InputError(Problem("editing.decisions_broken", Where(file=str(path))))
    return [dict(zip(COLUMNS, row, strict=True)) for row in given[1:]]


def _demand_filed(workspace: Workspace, record: str, variable: str) -> None:
    parts, cell = record.split("|"), variable.split("|")
    if len(parts) == 2 and len(cell) == 5:
        names = ("form", "item_code", "region_code", "category_code", "trade_kind")
        wanted = dict(zip(("platform_uscc", "month", *names), (*parts, *cell), strict=True))
        with workspace.book() as book:
            if book.has("platform_return_edited"):
                rows = book.rows("platform_return_edited", where=_where(wanted), limit=1)
                if rows:
                    return
    values = {"record": record, "variable": variable}
    raise InputError(Problem("editing.decision_unknown", values=values))


def _where(wanted: dict[str, str]) -> str:
    return " AND ".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in wanted.items())
