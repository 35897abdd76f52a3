"""Which clients' handed-in figures the current run has: head office confirms what was calculated."""

from __future__ import annotations

from lvshu.finance.workflow.desk import Desk
from lvshu.finance.workflow.mirror import returns_in_use


def calculated(desk: Desk, list_id: str) -> set[str]:
    """Return the clients of a list whose version in use is the one that the current run has."""
    used = {
        client: (back.form_id, back.version)
        for (client, _), (one, _, back) in returns_in_use(desk, desk.lists()).items()
        if one.list_id == list_id
    }
    with desk.book() as book:
        rows = book.rows("collection_return", columns=["form_id", "version"], where="in_use") if book else []
    held = {(str(row["form_id"]), int(row["version"])) for row in rows}
    return {client for client, version in used.items() if version in held}
