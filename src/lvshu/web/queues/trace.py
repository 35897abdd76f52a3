"""What each answer changed where the next run reads it, so that it can be taken back; and who may write there now."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, insert, select

from lvshu.core.errors import StoreError
from lvshu.store.workspace import Workspace
from lvshu.web.queues.case import Row
from lvshu.web.state import tables
from lvshu.web.state.database import Database

Change = tuple[Row | None, Row | None]
PATIENCE, PAUSE = 2.0, 0.05
"""Seconds to wait for another command that writes answers; a run holds the workspace longer, and that is told."""
_WRITING = threading.Lock()


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Let nobody else write to the workspace: answers are read, added to and put in place whole.

    Raises:
        StoreError: a run or another command holds the workspace.
    """
    with _WRITING:
        end = time.monotonic() + PATIENCE
        lock = workspace.lock()
        while True:
            try:
                lock.take()
                break
            except StoreError:
                if time.monotonic() >= end:
                    raise
                time.sleep(PAUSE)
        try:
            yield
        finally:
            lock.give_up()


def changes_of(before: Mapping[str, Row], after: Mapping[str, Row]) -> dict[str, Change]:
    """Return the rows that are others than before, by key: row before, row after."""
    return {
        key: (before.get(key), after.get(key))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    }


def keep_trace(connection: Connection, decision_id: int, changed: Mapping[str, Change]) -> None:
    """Keep what a decision changed."""
    told = json.dumps(changed, ensure_ascii=False, sort_keys=True)
    connection.execute(insert(tables.decision_trace).values(decision_id=decision_id, changed=told))


def traced(database: Database, queue: str, subject: str) -> list[dict[str, Any]]:
    """Return the decisions about a case, withdrawals among them, oldest first, each with what it `changed`.

    `changed` is None of a decision that an older version kept.
    """
    decision, trace = tables.decision, tables.decision_trace
    query = (
        select(decision, trace.c.changed)
        .outerjoin(trace, trace.c.decision_id == decision.c.decision_id)
        .where(decision.c.queue == queue, decision.c.subject == subject)
        .order_by(decision.c.decision_id)
    )
    return [
        {**row, "changed": None if row["changed"] is None else json.loads(row["changed"])}
        for row in database.rows(query)
    ]
