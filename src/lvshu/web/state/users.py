"""Users and their sessions: passwords kept as argon2id hashes, session tokens kept as SHA-256 of themselves only."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select, update

from lvshu.core.errors import InputError, Problem
from lvshu.web.security.address import lock_address
from lvshu.web.state import tables
from lvshu.web.state.database import Database, now_text

ROLES = ("viewer", "analyst", "reviewer", "admin")
SHORTEST = 12
LONGEST = 256
TRIES, TRIES_SECONDS = 8, 15 * 60.0
FREE_TRIES, LONGEST_WAIT = 16, 60.0
"""Failures of one address under any names that cost no waiting; the longest wait between two tries after them, seconds.

Each further failure doubles the wait, from one second: one address tries about twenty passwords in a quarter of an
hour, whatever names it takes.
"""
_NAME = re.compile(r"^[\w.@-]{1,64}$")


@dataclass(frozen=True)
class Person:
    """Who asks.

    Attributes:
        name: of the user; "" for nobody.
        role: viewer, analyst, reviewer or admin; "" for nobody.
        csrf: the token that every change must carry.
        is_owner: whoever started the server on this machine, without a login.
    """

    name: str
    role: str
    csrf: str = ""
    is_owner: bool = False

    @property
    def sees_records(self) -> bool:
        """Return whether rows about single persons, firms and loans may be shown."""
        return self.role in ("analyst", "reviewer", "admin")

    @property
    def may_run(self) -> bool:
        """Return whether runs may be started and files uploaded."""
        return self.role in ("analyst", "admin")

    @property
    def may_review(self) -> bool:
        """Return whether decisions may be written."""
        return self.role in ("reviewer", "admin")

    @property
    def may_administer(self) -> bool:
        """Return whether users may be added and the log read."""
        return self.role == "admin"

    def has(self, right: str) -> bool:
        """Return whether a page may be seen that asks for a right: look, records, run, review or administer."""
        rights = {
            "look": bool(self.role),
            "records": self.sees_records,
            "run": self.may_run,
            "review": self.may_review,
            "administer": self.may_administer,
        }
        return rights[right]


NOBODY = Person("", "")


@cache
def hasher() -> PasswordHasher:
    """Return the hasher of passwords: argon2id with the parameters of RFC 9106, low memory."""
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return hasher().hash(secrets.token_hex(16))


def add_user(database: Database, name: str, role: str, password: str) -> None:
    """Add a user.

    Raises:
        InputError: everything that is wrong with the name, the role and the password; or the name is taken.
    """
    problems = []
    if not _NAME.match(name):
        problems.append(Problem("web.user_name", values={"name": name[:80]}))
    if role not in ROLES:
        problems.append(Problem("web.user_role", values={"role": role, "known": list(ROLES)}))
    problems += password_problems(password, name)
    if not problems and find_user(database, name) is not None:
        problems.append(Problem("web.user_taken", values={"name": name}))
    if problems:
        raise InputError(*problems)
    values = {
        "name": name,
        "role": role,
        "password": hasher().hash(password),
        "created_at": now_text(),
        "disabled": False,
    }
    database.add(tables.user, values)


def password_problems(password: str, name: str) -> list[Problem]:
    """Return what is wrong with a password."""
    if not SHORTEST <= len(password) <= LONGEST:
        return [Problem("web.password_length", values={"least": SHORTEST, "most": LONGEST})]
    if name and name.lower() in password.lower():
        return [Problem("web.password_name")]
    return []


def change_user(
    database: Database, name: str, *, role: str = "", password: str = "", disabled: bool | None = None
) -> None:
    """Change a user's role or password, or shut them out; their sessions end.

    Raises:
        InputError: no such user, or a wrong role or password.
    """
    found = find_user(database, name)
    if found is None:
        raise InputError(Problem("web.user_unknown", values={"name": name}))
    problems = password_problems(password, name) if password else []
    if role and role not in ROLES:
        problems.append(Problem("web.user_role", values={"role": role, "known": list(ROLES)}))
    if problems:
        raise InputError(*problems)
    values: dict[str, Any] = {}
    if role:
        values["role"] = role
    if password:
        values["password"] = hasher().hash(password)
    if disabled is not None:
        values["disabled"] = disabled
    with database.writing() as connection:
        if values:
            connection.execute(update(tables.user).where(tables.user.c.name == name).values(**values))
        connection.execute(delete(tables.session).where(tables.session.c.user_id == found["user_id"]))


def find_user(database: Database, name: str) -> dict[str, Any] | None:
    """Return a user's row, or None."""
    rows = database.rows(select(tables.user).where(tables.user.c.name == name))
    return rows[0] if rows else None


def list_users(database: Database) -> list[dict[str, Any]]:
    """Return the users without their passwords."""
    kept = [tables.user.c[name] for name in ("name", "role", "created_at", "disabled")]
    return database.rows(select(*kept).order_by(tables.user.c.name))


def log_in(database: Database, name: str, password: str, remote: str) -> str:
    """Return the token of a new session.

    Failures are counted by name and address together: whoever guesses shuts out nobody but that address, and only
    from that name. Failures of one address under many names slow that address down.

    Raises:
        InputError: wrong name or password (which of them is not told), or too many tries.

    Source: NIST SP 800-63B, section 5.2.2 (rate limiting: increasing waits before the next attempt).
    """
    failed, place = tables.failed_login, lock_address(remote)
    own = _counted(database, name[:64], place)
    found = find_user(database, name)
    right = _is_right(found["password"] if found else _nobodys_hash(), password)
    if found is None or found["disabled"] or not right:
        raise InputError(Problem("web.wrong_login"))
    token, moment = secrets.token_urlsafe(32), time.time()
    with database.writing() as connection:
        connection.execute(
            delete(failed).where(
                failed.c.remote == place, (failed.c.name == name[:64]) | (failed.c.failed_id == own)
            )
        )
        connection.execute(
            insert(tables.session).values(
                token_hash=_digest(token),
                user_id=found["user_id"],
                csrf=secrets.token_urlsafe(24),
                started=moment,
                last_seen=moment,
            )
        )
    return token


def _counted(database: Database, name: str, place: str) -> int:
    """Count a try as a failure before it is looked at, so that many at once do not pass together. Returns its number.

    Raises:
        InputError: the name has failed too often from here; or the address must wait before it tries again.
    """
    failed, moment = tables.failed_login, time.time()
    with database.writing() as connection:
        connection.execute(delete(failed).where(failed.c.at <= moment - TRIES_SECONDS))
        key = connection.execute(
            insert(failed).values(name=name, remote=place, at=moment)
        ).inserted_primary_key
    own = int(key[0]) if key else 0
    others = database.rows(
        select(failed.c.name, failed.c.at).where(failed.c.remote == place, failed.c.failed_id != own)
    )
    problem: Problem | None = None
    if sum(one["name"] == name for one in others) >= TRIES:
        problem = Problem("web.too_many_tries", values={"minutes": int(TRIES_SECONDS // 60)})
    elif len(others) >= FREE_TRIES:
        wait = min(2.0 ** min(len(others) - FREE_TRIES, 10), LONGEST_WAIT)
        left = max(one["at"] for one in others) + wait - moment
        if left > 0:
            problem = Problem("web.address_waits", values={"seconds": int(left) + 1})
    if problem is not None:
        with database.writing() as connection:  # a try that was not looked at is no failure
            connection.execute(delete(failed).where(failed.c.failed_id == own))
        raise InputError(problem)
    return own


def _is_right(kept: str, password: str) -> bool:
    try:
        return hasher().verify(kept, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False


def person_of(database: Database, token: str, hours: float) -> Person:
    """Return whose session a token is; nobody's where it is unknown, too old, or its user is shut out."""
    session, user = tables.session, tables.user
    query = (
        select(session.c.csrf, session.c.last_seen, user.c.name, user.c.role, user.c.disabled)
        .join(user, user.c.user_id == session.c.user_id)
        .where(session.c.token_hash == _digest(token))
    )
    rows = database.rows(query)
    if not rows or rows[0]["disabled"]:
        return NOBODY
    found, moment = rows[0], time.time()
    if moment - found["last_seen"] > hours * 3600:
        log_out(database, token)
        return NOBODY
    if moment - found["last_seen"] > 60:
        with database.writing() as connection:
            connection.execute(
                update(session).where(session.c.token_hash == _digest(token)).values(last_seen=moment)
            )
    return Person(found["name"], found["role"], found["csrf"])


def log_out(database: Database, token: str) -> None:
    """End a session."""
    with database.writing() as connection:
        connection.execute(delete(tables.session).where(tables.session.c.token_hash == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
