"""What intake says it did: the files it found, the rows it kept, and the problems it met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lvshu.core.errors import Problem
from lvshu.core.origin import sha256_of_text
from lvshu.intake.mapping import FileMapping

Progress = Callable[[str, str, int], None]
"""Called with (table, file, rows so far) while a table is read."""


@dataclass(frozen=True)
class InputFile:
    """One csv or parquet file, or one sheet of a workbook, and what it was recognised as.

    tables: the tables it goes to: one for records, one or more for a layout.
    layout: name of the layout ("" for records).
    encoding, delimiter: of a text file; "" for the others.
    corrects: whether the file is a delivery of corrections (“.corrected.” or 更正 in its name).
    """

    path: Path
    sheet: str
    tables: tuple[str, ...]
    layout: str
    sha256: str
    size: int
    encoding: str = ""
    delimiter: str = ""
    corrects: bool = False
    mapping: FileMapping = field(default_factory=FileMapping)

    @property
    def name(self) -> str:
        """Return the file's name as shown to the user."""
        return self.path.name

    @property
    def label(self) -> str:
        """Return file and sheet in one text: "ledger.xlsx#Sheet1"."""
        return f"{self.name}#{self.sheet}" if self.sheet else self.name

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that decides what is read: content, sheet, name, role and mapping."""
        return sha256_of_text(
            self.sha256,
            self.sheet,
            self.name,
            *self.tables,
            self.layout,
            self.encoding,
            self.delimiter,
            str(self.corrects),
            self.mapping.text,
        )


@dataclass(frozen=True)
class Discovery:
    """The files of an inputs folder, in the order in which they are read."""

    files: tuple[InputFile, ...]
    problems: tuple[Problem, ...]

    def of(self, table: str) -> tuple[InputFile, ...]:
        """Return the files that go to a table."""
        return tuple(one for one in self.files if table in one.tables)


@dataclass(frozen=True)
class FileReport:
    """Row counts of one file in one table: rows_read = rows_kept + rows_quarantined, always.

    number: the file's number within the table, from 1; `source_file` of the table's rows points to it.
    rows_skipped counts what is no record: empty rows, notes, repeated headings, the rows of a template.
    """

    number: int
    file: InputFile
    rows_read: int
    rows_kept: int
    rows_quarantined: int
    rows_skipped: int


@dataclass(frozen=True)
class TableReport:
    """What happened to one table."""

    table: str
    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...]

    @property
    def rows_read(self) -> int:
        """Return the records read from all files."""
        return sum(one.rows_read for one in self.files)

    @property
    def rows_kept(self) -> int:
        """Return the records that are in the table."""
        return sum(one.rows_kept for one in self.files)

    @property
    def rows_quarantined(self) -> int:
        """Return the records that are in quarantine."""
        return sum(one.rows_quarantined for one in self.files)


@dataclass(frozen=True)
class IntakeReport:
    """What happened to all tables."""

    tables: tuple[TableReport, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that keep a file out, or a row in quarantine."""
        return tuple(one for one in self.problems if one.severity == "error")

    def table(self, name: str) -> TableReport:
        """Return the report of one table.

        Raises:
            KeyError: the table was not asked for.
        """
        for one in self.tables:
            if one.table == name:
                return one
        raise KeyError(name)
