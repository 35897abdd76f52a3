"""The log of who did what: rows are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lvshu.web.state import tables
from lvshu.web.state.database import Database, now_text
from lvshu.web.state.users import Person


def record(
    database: Database,
    person: Person,
    action: str,
    target: str,
    *,
    remote: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a row to the log.

    Args:
        database: of what people write.
        person: who acts.
        action: login, logout, refused, run, cancel, upload, decide, withdraw, sign_off, scenario.
        target: on what.
        remote: from which address.
        detail: what else is to be kept, plain data.
    """
    row = {
        "at": now_text(),
        "user_name": person.name or "–",
        "role": person.role or "–",
        "remote": remote[:64],
        "action": action,
        "target": target[:2000],
        "detail": json.dumps(detail or {}, ensure_ascii=False, sort_keys=True, default=str)[:8000],
    }
    database.add(tables.audit, row)


def entries(database: Database, count: int = 500) -> list[dict[str, Any]]:
    """Return the newest rows of the log."""
    return database.latest(tables.audit, count=count)
