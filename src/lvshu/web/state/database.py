"""The database of what people write: SQLite in the workspace, or PostgreSQL by a URL; every change one transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from lvshu.core.errors import ConfigError, Problem, StoreError
from lvshu.web.state import tables

BUSY_MILLISECONDS = 10_000
DIALECTS = ("sqlite", "postgresql")
LISTED = 500


def now_text() -> str:
    """Return the moment, in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Database:
    """Opened once a server. SQLite writes one after the other; PostgreSQL as many as it likes."""

    def __init__(self, url: str) -> None:
        """Open the database; its tables are made where they are not there yet.

        Raises:
            ConfigError: the URL is none, or of another database.
            StoreError: it cannot be reached, or was written by a newer lvshu.
        """
        try:
            parsed = make_url(url)
            dialect = parsed.get_backend_name()
            if dialect == "postgresql" and parsed.drivername == "postgresql":
                parsed = parsed.set(drivername="postgresql+pg8000")
        except ArgumentError as error:
            raise ConfigError(Problem("web.database_url", values={"known": list(DIALECTS)})) from error
        if dialect not in DIALECTS:
            raise ConfigError(Problem("web.database_url", values={"known": list(DIALECTS)}))
        self.shown = parsed.render_as_string(hide_password=True)
        self.is_sqlite = dialect == "sqlite"
        self._writing = threading.Lock() if self.is_sqlite else None
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        try:
            self.engine = _engine(parsed, self.is_sqlite)
            self._prepare()
        except (SQLAlchemyError, NoSuchModuleError, ImportError) as error:
            raise self._told(error) from error

    def _prepare(self) -> None:
        tables.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            found = connection.execute(select(tables.schema_version.c.version)).scalar()
            if found is None:
                connection.execute(insert(tables.schema_version).values(version=tables.SCHEMA))
        if found is not None and found > tables.SCHEMA:
            values = {"database": self.shown, "found": found, "known": tables.SCHEMA}
            raise StoreError(Problem("web.database_newer", values=values))

    def _told(self, error: Exception) -> StoreError:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0][:300]
        return StoreError(Problem("web.database_failed", values={"database": self.shown, "reason": reason}))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading.

        Raises:
            StoreError: the database refused.
        """
        try:
            with self.engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._told(error) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept whole, or not at all.

        Raises:
            StoreError: the database refused.
        """
        if self._writing is not None:
            self._writing.acquire()
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._told(error) from error
        finally:
            if self._writing is not None:
                self._writing.release()

    def rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        """Return the rows of a query as plain dictionaries."""
        with self.reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def add(self, table: Table, values: Mapping[str, Any]) -> int:
        """Add one row. Returns its number."""
        with self.writing() as connection:
            key = connection.execute(insert(table).values(**values)).inserted_primary_key
        return int(key[0]) if key else 0

    def latest(self, table: Table, *, where: Sequence[Any] = (), count: int = LISTED) -> list[dict[str, Any]]:
        """Return rows of a table, newest first."""
        number = next(iter(table.primary_key.columns))
        return self.rows(select(table).where(*where).order_by(number.desc()).limit(count))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _engine(url: Any, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10)
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
