"""A query: a chain of named SQL steps that becomes one SELECT."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lvshu.core.errors import EngineError, Problem
from lvshu.engine import dialect

_STEP = re.compile(r"^--\s*step:\s*(?P<name>[a-z][a-z0-9_]*)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """SQL that makes one table. `source` is the text as written, `sql` the one SELECT it becomes."""

    table: str
    source: str

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """Return the named steps as (name, SELECT); a text without steps is one named result."""
        marks = list(_STEP.finditer(self.source))
        if not marks:
            return (("result", self.source.strip().rstrip(";")),)
        ends = [mark.start() for mark in marks[1:]] + [len(self.source)]
        return tuple(
            (mark["name"], self.source[mark.end() : end].strip().rstrip(";"))
            for mark, end in zip(marks, ends, strict=True)
        )

    @property
    def sql(self) -> str:
        """Return the steps as one WITH statement.

        Raises:
            EngineError: two steps have the same name.
        """
        steps = self.steps
        names = [name for name, _ in steps]
        if len(set(names)) != len(names):
            raise EngineError(Problem("engine.step_twice", values={"table": self.table, "steps": names}))
        if len(steps) == 1:
            return steps[0][1]
        chain = ",\n".join(f"{name} AS (\n{text}\n)" for name, text in steps[:-1])
        return f"WITH {chain}\n{steps[-1][1]}"

    @property
    def comment(self) -> str:
        """Return what the file says about itself in its leading comment lines."""
        lines = []
        for line in self.source.splitlines():
            if not line.startswith("--") or _STEP.match(line):
                break
            lines.append(line.removeprefix("--").strip())
        return "\n".join(lines)

    def rendered(self, parameters: Mapping[str, object], engine: str) -> str:
        """Return the SQL for an engine, with parameters bound and macros expanded.

        Raises:
            EngineError: invalid SQL, a banned construct, a missing parameter, or no translation.
        """
        return dialect.render(self.sql, parameters, engine)

    @property
    def columns_made(self) -> tuple[str, ...]:
        """Return the names of the columns of the result, in order."""
        return dialect.columns_made(self.sql)

    @property
    def tables_read(self) -> tuple[str, ...]:
        """Return the tables that the query reads."""
        return dialect.tables_read(self.sql)


@cache
def query(package: str, table: str) -> Query:
    """Return the query kept in <package>/queries/<table>.sql.

    Raises:
        EngineError: there is no such file.
    """
    place = resources.files(package).joinpath("queries", f"{table}.sql")
    try:
        return Query(table, place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EngineError(Problem("engine.no_query", values={"package": package, "table": table})) from None


def queries_of(package: str) -> list[Query]:
    """Return every query of a package, sorted by table name."""
    folder = resources.files(package).joinpath("queries")
    if not folder.is_dir():
        return []
    names = sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [query(package, name) for name in names]
