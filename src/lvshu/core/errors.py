"""One tree of errors. Each carries problems: what, where, why it matters and how to mend it, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lvshu.core.text import localised, message


@dataclass(frozen=True)
class Where:
    """A place in what the user gave: file, sheet, row (as the user counts, from 1), column."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def text(self, language: str) -> str:
        """Return the place as one line, or an empty text."""
        chinese = language == "zh"
        parts = [
            self.file,
            self.sheet and (f"工作表“{self.sheet}”" if chinese else f"sheet “{self.sheet}”"),
            self.row is not None and (f"第{self.row}行" if chinese else f"row {self.row}"),
            self.column and (f"列“{self.column}”" if chinese else f"column “{self.column}”"),
        ]
        return ("，" if chinese else ", ").join(str(part) for part in parts if part)

    def key(self) -> str:
        """Return the place in a form without words, for tables: file/sheet:row [column]."""
        text = f"{self.file or ''}{'/' + self.sheet if self.sheet else ''}"
        text += f":{self.row}" if self.row is not None else ""
        return f"{text} [{self.column}]".strip() if self.column else text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, by its code in the message catalogue.

    severity: "error" stops or quarantines, "warning" is kept and shown, "notice" is only told.
    """

    code: str
    where: Where = Where()
    values: Mapping[str, object] = field(default_factory=dict)
    severity: str = "error"

    def what(self, language: str) -> str:
        """Return what is wrong."""
        return message(self.code, "what", language, self.values)

    def why(self, language: str) -> str:
        """Return why it matters."""
        return message(self.code, "why", language, self.values)

    def fix(self, language: str) -> str:
        """Return how to mend it."""
        return message(self.code, "fix", language, self.values)

    def text(self, language: str) -> str:
        """Return the whole message: what, where, why, how to mend."""
        chinese = language == "zh"
        labels = ("位置", "影响", "办法") if chinese else ("where", "why it matters", "remedy")
        lines = [self.what(language)]
        for label, part in zip(
            labels, (self.where.text(language), self.why(language), self.fix(language)), strict=True
        ):
            if part:
                lines.append(f"  {label}{'：' if chinese else ': '}{part}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the problem as plain data, the same shape everywhere (CLI --json and files)."""
        place = {
            "file": self.where.file,
            "sheet": self.where.sheet,
            "row": self.where.row,
            "column": self.where.column,
        }
        return {
            "code": self.code,
            "severity": self.severity,
            "where": {key: value for key, value in place.items() if value is not None},
            "values": {key: localised(value, "en") for key, value in self.values.items()},
            "zh": {"what": self.what("zh"), "why": self.why("zh"), "fix": self.fix("zh")},
            "en": {"what": self.what("en"), "why": self.why("en"), "fix": self.fix("en")},
        }


class LvshuError(Exception):
    """The root of the tree. Holds one or more problems, all of those found, not only the first."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems

    @property
    def code(self) -> str:
        """Return the code of the first problem."""
        return self.problems[0].code if self.problems else "unknown"

    def text(self, language: str) -> str:
        """Return all problems as text."""
        return "\n".join(problem.text(language) for problem in self.problems)

    def as_json(self) -> dict[str, Any]:
        """Return all problems as plain data."""
        return {"ok": False, "errors": [problem.as_json() for problem in self.problems]}

    def __str__(self) -> str:
        return self.text("en")


class InputError(LvshuError):
    """What the user gave cannot be read."""


class ContractError(LvshuError):
    """A table does not keep its contract."""


class MethodError(LvshuError):
    """A method cannot be applied to these figures."""


class EngineError(LvshuError):
    """A query failed in the engine, or may not be asked of it."""


class ConfigError(LvshuError):
    """The workspace's settings are wrong."""


class StoreError(LvshuError):
    """A workspace or a run cannot be read, written or locked."""


class PackError(LvshuError):
    """A pack is missing, broken or wrongly used."""
