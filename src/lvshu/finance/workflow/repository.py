"""The desk's database: plain SQL behind one class, so that another database can stand in its place.

Lists, forms, returns, changes and corrections are only ever added to (triggers refuse anything else). Everything that
one command writes is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lvshu.core.errors import Problem, StoreError, Where
from lvshu.finance.workflow.migrations import MIGRATIONS
from lvshu.finance.workflow.records import (
    WITHDRAWN,
    Change,
    Client,
    Correction,
    Form,
    FormalList,
    MatchAnswer,
    Return,
    State,
    as_text,
)  # fmt: skip

WAIT_SECONDS = 10.0


class Repository:
    """The database in one file. Use as a context manager, or close it."""

    def __init__(self, path: Path) -> None:
        """Open the database, made and brought to the present version where needed.

        Raises:
            StoreError: no database, one of a newer lvshu, or one that another program holds.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            self.connection.execute("PRAGMA foreign_keys = ON")
            self.connection.execute("PRAGMA synchronous = FULL")
            self._migrate()
        except sqlite3.Error as error:
            self.connection.close()
            raise self._told(error) from error
        except StoreError:
            self.connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that the block writes one step: whole, or not at all.

        Raises:
            StoreError: another command is writing, or the database refused.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._told(error) from error

    def _told(self, error: sqlite3.Error) -> StoreError:
        busy = "locked" in str(error) or "busy" in str(error)
        code = "finance.desk_busy" if busy else "finance.desk_database"
        return StoreError(Problem(code, Where(file=str(self.path)), {"reason": str(error)}))

    def _migrate(self) -> None:
        have = int(self.connection.execute("PRAGMA user_version").fetchone()[0])
        if have > len(MIGRATIONS):
            values = {"have": have, "known": len(MIGRATIONS)}
            raise StoreError(Problem("finance.desk_newer", Where(file=str(self.path)), values))
        for number, script in enumerate(MIGRATIONS[have:], start=have + 1):
            self.connection.executescript(
                f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
            )

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, values).fetchall()

    def _add(self, table: str, values: Sequence[object]) -> None:
        places = ", ".join("?" for _ in values)
        self.connection.execute(f"INSERT INTO {table} VALUES ({places})", values)

    # -- lists -----------------------------------------------------------------------------------

    def lists(self) -> list[FormalList]:
        """Return the locked lists without their clients, oldest first."""
        rows = self._rows("SELECT * FROM formal_list ORDER BY locked_at, list_id")
        return [FormalList(*row) for row in rows]

    def kept_clients(self, list_id: str) -> dict[str, str]:
        """Return the kept text of each client of a list, as it was locked."""
        return dict(
            self._rows(
                "SELECT client, content FROM formal_list_client WHERE list_id = ? ORDER BY client", [list_id]
            )
        )

    def kept_exclusions(self, list_id: str) -> list[str]:
        """Return the kept texts of what a list left out when it was locked, in order."""
        found = self._rows(
            "SELECT content FROM formal_list_exclusion WHERE list_id = ? ORDER BY position", [list_id]
        )
        return [row[0] for row in found]

    def add_list(self, one: FormalList, clients: Sequence[Client], exclusions: Sequence[str]) -> FormalList:
        """Return the list as it was written, with its hash."""
        kept = {client.client: as_text(client.content()) for client in clients}
        hashed = one.hashed(kept, exclusions)
        self._add("formal_list", [one.list_id, one.method, one.year, one.institution_id, one.run_id, one.locked_at,
                                  one.locked_by, one.role, one.note, hashed])  # fmt: skip
        for name, text in kept.items():
            self._add("formal_list_client", [one.list_id, name, text])
        for position, text in enumerate(exclusions):
            self._add("formal_list_exclusion", [one.list_id, position, text])
        return FormalList(**{**one.__dict__, "list_hash": hashed, "clients": {c.client: c for c in clients}})

    # -- states ----------------------------------------------------------------------------------

    def states(self, list_id: str) -> dict[str, State]:
        """Return where each client of a list is now."""
        rows = self._rows(
            "SELECT client, state, branch_code, since, user_name, role FROM client_state WHERE list_id = ? "
            "ORDER BY client",
            [list_id],
        )
        return {row[0]: State(*row) for row in rows}

    def changes(self, list_id: str | None = None, client: str | None = None) -> list[Change]:
        """Return the log of states, oldest first; of one list, of one client."""
        wanted = [("list_id", list_id), ("client", client)]
        given = [(name, value) for name, value in wanted if value is not None]
        where = " AND ".join(f"{name} = ?" for name, _ in given) or "1 = 1"
        rows = self._rows(
            f"SELECT * FROM state_change WHERE {where} ORDER BY change_id", [value for _, value in given]
        )
        return [Change(*row) for row in rows]

    def move(self, list_id: str, client: str, state: str, branch: str, *, by: tuple[str, str], at: str,
             note: str, before: str) -> None:  # fmt: skip
        """Set a client's state and add a row to the log, chained to the row before.

        Args:
            list_id: the list.
            client: the client.
            state: the new state.
            branch: the branch in whose hands it is.
            by: user and role.
            at: when, ISO 8601.
            note: reason or note.
            before: the state that it had.
        """
        last = self._rows("SELECT change_id, chain_hash FROM state_change ORDER BY change_id DESC LIMIT 1")
        number, chain = last[0] if last else (0, "")
        change = Change(int(number) + 1, list_id, client, branch, before, state, at, *by, note)
        self._add("state_change", [change.change_id, list_id, client, branch, before, state, at, *by, note,
                                   change.chained(str(chain))])  # fmt: skip
        self.connection.execute(
            "INSERT INTO client_state VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (list_id, client) DO UPDATE SET "
            "state = excluded.state, branch_code = excluded.branch_code, since = excluded.since, "
            "user_name = excluded.user_name, role = excluded.role",
            [list_id, client, state, branch, at, *by],
        )

    def state(self, list_id: str, client: str) -> State | None:
        """Return where one client of a list is now; None where it never was on it."""
        rows = self._rows(
            "SELECT client, state, branch_code, since, user_name, role FROM client_state "
            "WHERE list_id = ? AND client = ?",
            [list_id, client],
        )
        return State(*rows[0]) if rows else None

    # -- forms and returns -----------------------------------------------------------------------

    def forms(self, client: str | None = None) -> list[Form]:
        """Return the forms that were issued, oldest first; of one client."""
        where, values = ("WHERE client = ?", [client]) if client else ("", [])
        return [
            Form(*row) for row in self._rows(f"SELECT * FROM collection_form {where} ORDER BY rowid", values)
        ]

    def form(self, form_id: str) -> Form | None:
        """Return a form that was issued, or None."""
        rows = self._rows("SELECT * FROM collection_form WHERE form_id = ?", [form_id])
        return Form(*rows[0]) if rows else None

    def add_form(self, form: Form) -> None:
        """Keep that a form was issued."""
        self._add("collection_form", list(form.__dict__.values()))

    def returns(self, form_id: str | None = None) -> list[Return]:
        """Return the versions that came back, oldest first; of one form."""
        where, values = ("WHERE form_id = ?", [form_id]) if form_id else ("", [])
        rows = self._rows(f"SELECT * FROM collection_return {where} ORDER BY rowid", values)
        return [
            Return(
                row[0],
                row[1],
                row[2],
                json.loads(row[3]),
                json.loads(row[4]),
                row[5],
                row[6],
                row[7],
                row[8],
                row[9],
            )
            for row in rows
        ]

    def add_return(self, one: Return) -> None:
        """Keep a version that came back."""
        self._add("collection_return", [one.form_id, one.version, one.status, as_text(list(one.problems)),
                                        as_text(one.content), one.taken_at, one.taken_by, one.role, one.file,
                                        one.sha256])  # fmt: skip

    # -- corrections -----------------------------------------------------------------------------

    def corrections(self, list_id: str | None = None) -> list[Correction]:
        """Return the corrections, oldest first, each with the first run that holds it."""
        where, values = ("WHERE c.list_id = ?", [list_id]) if list_id else ("", [])
        rows = self._rows(
            "SELECT c.correction_id, c.list_id, c.client, c.kind, c.reason, c.before_text, c.after_text, c.moment, "
            "c.user_name, c.role, c.run_before, coalesce(r.run_id, '') FROM correction AS c "
            f"LEFT JOIN correction_run AS r ON r.correction_id = c.correction_id {where} ORDER BY c.correction_id",
            values,
        )
        return [Correction(*row) for row in rows]

    def add_correction(self, one: Correction) -> int:
        """Return the number of a correction that was kept; the record's own number does not count."""
        last = self._rows("SELECT coalesce(max(correction_id), 0) FROM correction")[0][0]
        number = int(last) + 1
        self._add("correction", [number, one.list_id, one.client, one.kind, one.reason, one.before, one.after,
                                 one.moment, one.user, one.role, one.run_before])  # fmt: skip
        return number

    def link_correction(self, correction_id: int, run_id: str) -> None:
        """Keep which run was the first to hold a correction."""
        self._add("correction_run", [correction_id, run_id])

    # -- reviews of matches ----------------------------------------------------------------------

    def match_answers(self) -> list[MatchAnswer]:
        """Return the answers about names of the ledger that stand, oldest first; those taken back do not."""
        standing: dict[tuple[str, str], list[MatchAnswer]] = {}
        for one in self.match_answer_log():
            key = (one.sha256, one.subject_key)
            if one.decision == WITHDRAWN:
                standing.pop(key, None)
            else:
                standing.setdefault(key, []).append(one)
        return sorted((one for kept in standing.values() for one in kept), key=lambda one: one.answer_id)

    def match_answer_log(self) -> list[MatchAnswer]:
        """Return all that was ever answered about a name of the ledger, withdrawals included, oldest first."""
        return [MatchAnswer(*row) for row in self._rows("SELECT * FROM match_answer ORDER BY answer_id")]

    def add_match_answer(self, one: MatchAnswer) -> None:
        """Keep an answer; the record's own number does not count."""
        last = self._rows("SELECT coalesce(max(answer_id), 0) FROM match_answer")[0][0]
        self._add("match_answer", [int(last) + 1, *list(one.__dict__.values())[1:]])
