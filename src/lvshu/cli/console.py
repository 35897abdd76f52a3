"""Where the command line writes: people's text or one JSON object; errors as what, where, why, remedy."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lvshu.cli.texts import text
from lvshu.core.errors import Problem

SHOWN_PROBLEMS = 20
SHOWN_ROWS = 12
SHOWN_WORDS = 3
PLAIN_WIDTH = 160
"""Width of tables where there is no terminal to ask."""
LEAST_COLUMN = 8
"""Widths of a character that a column of broken text needs so that it can be read: four Chinese characters."""
_IDENTIFIER = re.compile(r"(?=.*\d)[-−]?[0-9A-Za-z][0-9A-Za-z_.,|:/*%\-]{7,}")
_STYLES = {"error": "red", "warning": "yellow", "notice": "cyan"}
_EXACT = re.compile(r'"\\u0000([^"\\]*)\\u0000"')


@dataclass
class Output:
    """One command's output.

    Attributes:
        language: "zh" or "en".
        as_json: print one JSON object to standard output and nothing else there.
    """

    language: str
    as_json: bool = False
    out: Console = field(init=False)
    err: Console = field(init=False)

    def __post_init__(self) -> None:
        plain = not sys.stdout.isatty() and "COLUMNS" not in os.environ
        self.out = Console(file=sys.stdout, highlight=False, width=PLAIN_WIDTH if plain else None)
        self.err = Console(file=sys.stderr, highlight=False)

    def text(self, key: str, **values: object) -> str:
        """Return one of the program's texts in the chosen language."""
        return text(key, self.language, **values)

    def pick(self, row: Mapping[str, Any], name: str) -> str:
        """Return the text `name` of a row in the chosen language (name_zh or name_en, or zh or en)."""
        key = self.language if not name else f"{name}_{self.language}"
        return str(row.get(key) or "")

    def say(self, line: str = "", *, style: str | None = None) -> None:
        """Print a line for people; nothing with --json."""
        if not self.as_json:
            self.out.print(Text(line, style=style or ""), soft_wrap=True)

    def heading(self, line: str) -> None:
        """Print a heading for people."""
        self.say()
        self.say(line, style="bold")

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        right: Sequence[int] = (),
        whole: Sequence[int] = (),
    ) -> None:
        """Print a table for people; a record below the other where identifiers would not fit side by side.

        Identifiers are never broken into lines, so that they can be copied.

        Args:
            columns: headings.
            rows: cells; None is shown as an empty cell.
            right: positions of the columns whose cells stand to the right.
            whole: positions of the columns whose cells are not broken into lines.
        """
        if self.as_json:
            return
        cells = [tuple(cell if isinstance(cell, Text) else Text(shown(cell)) for cell in row) for row in rows]
        kept = {*whole, *_identifiers(cells)}
        headings = list(columns)
        if _least_width(headings, cells, kept) > self.out.width:
            headings = [
                _broken(name, cells, position) if position in kept else name
                for position, name in enumerate(columns)
            ]
            if _least_width(headings, cells, kept) > self.out.width:
                self._listed(columns, cells)
                return
        tallest = max((name.count("\n") for name in headings), default=0)
        headings = ["\n" * (tallest - name.count("\n")) + name for name in headings]
        drawn = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        for position, name in enumerate(headings):
            drawn.add_column(
                Text(name),
                justify="right" if position in right else "left",
                overflow="fold",
                no_wrap=position in kept,
                min_width=_needed(name, cells, position),
            )
        for row in cells:
            drawn.add_row(*row)
        self.out.print(drawn)

    def _listed(self, columns: Sequence[str], cells: Sequence[tuple[Text, ...]]) -> None:
        """Print a table as one block a record, a line a cell; the terminal breaks lines, we do not."""
        colon = "：" if self.language == "zh" else ": "
        for row in cells:
            for name, cell in zip(columns, row, strict=True):
                if cell.plain:
                    self.out.print(Text(f"{name}{colon}", style="dim").append_text(cell), soft_wrap=True)
            self.out.print()

    def json(self, content: Mapping[str, Any]) -> None:
        """Print the one JSON object of --json, at once: `serve` goes on, and who reads a pipe waits for it."""
        if self.as_json:
            sys.stdout.write(as_json(content) + "\n")
            sys.stdout.flush()

    def problems(self, problems: Sequence[Problem]) -> None:
        """Print problems as panels on standard error: what, where, why it matters, remedy.

        One fault in several rows of a column is one panel that names the rows, so that no kind of fault is pushed out
        by many of another.
        """
        if self.as_json:
            return
        alike = _alike(problems)
        for several in alike[:SHOWN_PROBLEMS]:
            self.err.print(self._panel(several[0], several[1:]))
        if len(alike) > SHOWN_PROBLEMS:
            self.err.print(self.text("more", count=sum(map(len, alike[SHOWN_PROBLEMS:]))))

    def findings(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Print rows of the table `finding` for people, one block each: where, what, why it matters, remedy."""
        if self.as_json:
            return
        colon = "：" if self.language == "zh" else ": "
        for row in rows:
            severity = str(row["severity"])
            place = row["record_key"] or row["table_name"] or row["step"]
            head = Text(self.text(severity), style=_STYLES.get(severity, "red"))
            self.out.print(head.append(f" · {place} · {row['code']}", style="dim"))
            body = Text(str(self.pick(row, "what")))
            for part in ("why", "fix"):
                if self.pick(row, part):
                    body.append(f"\n{self.text(part)}{colon}", style="dim").append(str(self.pick(row, part)))
            self.out.print(Padding(body, (0, 0, 0, 2)))

    def _panel(self, problem: Problem, others: Sequence[Problem] = ()) -> Panel:
        body = Text(problem.what(self.language), style="bold")
        parts = (
            ("where", problem.where.text(self.language)),
            ("why", problem.why(self.language)),
            ("fix", problem.fix(self.language)),
        )
        colon = "：" if self.language == "zh" else ": "
        for label, content in parts:
            if content:
                body.append(f"\n{self.text(label)}{colon}", style="dim")
                body.append(content, style="not bold")
            if label == "where" and others:
                body.append(f"\n{self.text('also')}{colon}", style="dim")
                body.append(self._elsewhere(problem, others), style="not bold")
        title = f"{self.text(problem.severity)} · {problem.code}"
        return Panel(body, title=title, title_align="left", border_style=_STYLES.get(problem.severity, "red"))

    def _elsewhere(self, problem: Problem, others: Sequence[Problem]) -> str:
        """Return in which rows the same fault stands, with its own words where they differ, the first of them."""
        rows = [str(one.where.row) for one in others]
        told = ", ".join(rows[:SHOWN_ROWS]) + (", …" if len(rows) > SHOWN_ROWS else "")
        lines = [self.text("also_rows", count=len(others), rows=told)]
        unlike = {one.what(self.language): one.where.row for one in reversed(others)}
        unlike.pop(problem.what(self.language), None)
        for words, row in sorted(unlike.items(), key=lambda item: item[1] or 0)[:SHOWN_WORDS]:
            lines.append(self.text("also_row", row=row, what=words))
        return "\n".join(lines)


def _alike(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Return problems in groups of one fault in one column of one table; each without a row stands alone."""
    groups: dict[object, list[Problem]] = {}
    for at, one in enumerate(problems):
        place = one.where
        key = at if place.row is None else (one.code, one.severity, place.file, place.sheet, place.column)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _identifiers(cells: Sequence[tuple[Text, ...]]) -> set[int]:
    """Return the columns that hold identifiers: long words of letters, digits and signs, and nothing else."""
    found = set()
    for position in range(len(cells[0]) if cells else 0):
        texts = [row[position].plain for row in cells if row[position].plain]
        if texts and all(_IDENTIFIER.fullmatch(one) for one in texts):
            found.add(position)
    return found


def _least_width(columns: Sequence[str], cells: Sequence[tuple[Text, ...]], kept: set[int]) -> int:
    """Return the least width at which the columns that are kept whole stand beside the others, in characters."""
    if not any(position in kept for position in range(len(columns))):
        return 0
    return sum(
        2
        + (
            max([_line(name), *(row[position].cell_len for row in cells)])
            if position in kept
            else _needed(name, cells, position)
        )
        for position, name in enumerate(columns)
    )


def _needed(name: str, cells: Sequence[tuple[Text, ...]], position: int) -> int:
    """Return the least width at which a column of broken text can be read, in widths of a character."""
    return min(LEAST_COLUMN, max([1, _line(name), *(row[position].cell_len for row in cells)]))


def _line(heading: str) -> int:
    """Return the width of a heading's longest line, in widths of a character."""
    return max(Text(line).cell_len for line in heading.split("\n"))


def _broken(heading: str, cells: Sequence[tuple[Text, ...]], position: int) -> str:
    """Return a heading broken between its words into lines no wider than its column's cells, or than its words."""
    words = heading.split(" ")
    width = max([*(row[position].cell_len for row in cells), *(_line(word) for word in words)])
    lines = [words[0]]
    for word in words[1:]:
        if _line(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def shown(cell: object) -> str:
    """Return a table cell as text for people."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{plain(cell):,}"
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.6g}" if abs(cell) < 1e15 else f"{cell:.6g}"
    return str(cell)


def plain(value: Decimal) -> Decimal:
    """Return a decimal without trailing zeros and without an exponent."""
    return Decimal(f"{value.normalize():f}")


def as_json(content: object) -> str:
    """Return content as JSON; decimals are exact numbers, dates ISO texts, paths plain texts."""
    raw = json.dumps(content, ensure_ascii=False, indent=2, default=_plain_value, allow_nan=False)
    return _EXACT.sub(r"\1", raw)


def _plain_value(value: object) -> object:
    if isinstance(value, Decimal):
        return f"\0{plain(value)}\0"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Problem):
        return value.as_json()
    raise TypeError(f"no JSON form for {type(value).__name__}")
