"""One writer at a time on a workspace. The operating system holds the lock, so a killed run frees it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from lvshu.core.errors import Problem, StoreError, Where

_FAR_BYTE = 1 << 30


class WorkspaceLock:
    """A lock file with the owner's process, host and start in it.

    The file stays when the lock is given up; what counts is the lock that the system keeps on it, which ends with
    the process, however it ends. An owner on another host is believed, as not every network file system tells.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stale_owner: Mapping[str, Any] | None = None
        self._stream: IO[str] | None = None

    def __enter__(self) -> WorkspaceLock:
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_up()

    def take(self) -> None:
        """Take the lock. `stale_owner` then tells of a run that ended without giving it up.

        Raises:
            StoreError: another run holds it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        stream = self.path.open("a+", encoding="utf-8")
        if not _lock(stream):
            stream.close()
            raise StoreError(self._problem("store.locked", self._owner()))
        owner = self._owner()
        if owner and owner.get("host") not in (None, socket.gethostname()):
            _unlock(stream)
            stream.close()
            raise StoreError(self._problem("store.locked_elsewhere", owner))
        self.stale_owner = owner
        self._stream = stream
        self._write({"pid": os.getpid(), "host": socket.gethostname(), "started": _now()})

    def give_up(self) -> None:
        """Give the lock up; nothing happens when it is not held."""
        if self._stream is None:
            return
        self._stream.seek(0)
        self._stream.truncate()
        _unlock(self._stream)
        self._stream.close()
        self._stream = None

    def _write(self, owner: Mapping[str, Any]) -> None:
        if self._stream is None:
            return
        self._stream.seek(0)
        self._stream.truncate()
        self._stream.write(json.dumps(owner))
        self._stream.flush()

    def _owner(self) -> Mapping[str, Any] | None:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8") or "null")
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _problem(self, code: str, owner: Mapping[str, Any] | None) -> Problem:
        known = owner or {}
        values = {name: known.get(name, "?") for name in ("pid", "host", "started")}
        return Problem(code, Where(file=str(self.path)), values)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if os.name == "nt":
    import msvcrt

    def _lock(stream: IO[str]) -> bool:
        os.lseek(stream.fileno(), _FAR_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def _unlock(stream: IO[str]) -> None:
        os.lseek(stream.fileno(), _FAR_BYTE, os.SEEK_SET)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:
    import fcntl

    def _lock(stream: IO[str]) -> bool:
        try:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(stream: IO[str]) -> None:
        fcntl.flock(stream.fileno(), fcntl.LOCK_UN)
