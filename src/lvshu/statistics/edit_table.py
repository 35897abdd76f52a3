"""Files of records as texts: read with the heading that stands in them, written with rows as long as they were."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.text import normalise
from lvshu.intake.encoding import scan_text
from lvshu.intake.heading_guess import FEWEST, ROWS
from lvshu.intake.text import heading_key
from lvshu.intake.workbook import ENDINGS, cell_text, read_grid, visible_sheets

FIRST_ROWS = 5
"""Rows, and values, that a message about many cells names."""


@dataclass
class Table:
    """A file of records as texts.

    Attributes:
        file: its name.
        columns: the heading.
        rows: cells, each row as wide as the heading.
        first: row of the first record as its user sees it.
        delimiter: what stands between cells; a comma for a workbook, which is written as csv.
        places: of each row, its place below the heading in the file; () where every row of the file is there.
        above: rows above the heading, such as titles.
        wide: cells that each row of the file had, which may be fewer; () where all are as wide as the heading.
        marked: whether the file begins with the mark of UTF-8 by which spreadsheets know it.
        ending: what ends a line.
        ended: whether the last line has that end, too.
    """

    file: str
    columns: list[str]
    rows: list[list[str]]
    first: int = 2
    delimiter: str = ","
    places: tuple[int, ...] = ()
    above: tuple[tuple[str, ...], ...] = ()
    wide: tuple[int, ...] = ()
    marked: bool = False
    ending: str = "\n"
    ended: bool = True

    def row_number(self, place: int) -> int:
        """Return the row of a record as its user sees it."""
        return self.first + (self.places[place] if self.places else place)

    def only(self, places: Sequence[int]) -> Table:
        """Return a table of some of the rows, which keep their numbers."""
        return replace(
            self,
            rows=[self.rows[place] for place in places],
            places=tuple(places),
            wide=tuple(self.wide[place] for place in places) if self.wide else (),
        )

    def column(self, name: str) -> list[str]:
        """Return the cells of a column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def read_table(path: Path, known: Sequence[str] = ()) -> Table:
    """Return the records of a csv or a workbook's first sheet, with the heading that stands in it, under titles too.

    Args:
        path: the file.
        known: columns that it should have; the heading is the first row that names most of them, as in intake. Where
            none does, it is the first row with two texts or more, as a title stands alone.

    Raises:
        InputError: it cannot be read, has no heading, names a column twice, or rows have more cells than the heading.
    """
    if not path.is_file():
        raise InputError(Problem("editing.no_file", Where(file=str(path))))
    delimiter, text, marked = ",", "", False
    if path.suffix.lower() in ENDINGS:
        sheets = visible_sheets(path)
        grid = read_grid(path, sheets[0])
        rows = [[cell_text(cell) for cell in row] for row in grid.rows]
    else:
        scanned = scan_text(path)
        csv.field_size_limit(max(csv.field_size_limit(), 64 * 1024 * 1024))
        content = path.read_bytes()
        text, marked = content.decode(scanned.encoding, errors="strict"), content.startswith(codecs.BOM_UTF8)
        text = text.removeprefix("\ufeff")
        lines = [line for line in text.splitlines()[:ROWS] if line.strip()]
        delimiter = max(",;\t", key=lambda one: max((line.count(one) for line in lines), default=0))
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    top = _heading_row(rows, known)
    if top is None:
        raise InputError(Problem("editing.file_empty", Where(file=path.name)))
    columns = [normalise(cell) for cell in rows[top]]
    twice = sorted({name for name in columns if columns.count(name) > 1 and name})
    if twice:
        raise InputError(Problem("editing.file_column_twice", Where(file=path.name), {"columns": twice}))
    width = len(columns)
    longer = [number for number, row in enumerate(rows[top + 1 :], start=top + 2) if any(row[width:])]
    if longer:
        values = {"columns": width, "heading": top + 1, **counted(longer)}
        raise InputError(Problem("editing.row_too_long", Where(file=path.name, row=longer[0]), values))
    body = [(row + [""] * width)[:width] for row in rows[top + 1 :]]
    above, wide = tuple(map(tuple, rows[:top])), tuple(map(len, rows[top + 1 :]))
    ending = "\r\n" if "\r\n" in text else "\n"
    return Table(
        path.name, columns, body, top + 2, delimiter, above=above, wide=wide, marked=marked, ending=ending,
        ended=not text or text.endswith("\n"),
    )  # fmt: skip


def _heading_row(rows: Sequence[Sequence[str]], known: Sequence[str]) -> int | None:
    """Return the zero-based row of the heading; None where nothing is filled."""
    names = {heading_key(name) for name in known}
    texts = [[normalise(cell) for cell in row if cell.strip()] for row in rows[:ROWS]]
    scores = [len(names & set(map(heading_key, row))) for row in texts]
    best = max(scores, default=0)
    if best:
        return scores.index(best)
    likely = next((number for number, row in enumerate(texts) if len(row) >= FEWEST), None)
    if likely is not None:
        return likely
    return next((number for number, row in enumerate(rows) if any(cell.strip() for cell in row)), None)


def counted(rows: Sequence[int]) -> dict[str, object]:
    """Return how many rows a fault stands in, and the first of them as text."""
    shown = ", ".join(map(str, rows[:FIRST_ROWS])) + (", …" if len(rows) > FIRST_ROWS else "")
    return {"count": len(rows), "rows": shown}


def write_table(table: Table, path: Path) -> None:
    """Write records as csv in UTF-8, with the titles that stood above the heading, rows and ends of lines as they were.

    Raises:
        OSError: the file cannot be written.
    """
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator=table.ending, delimiter=table.delimiter)
    writer.writerows(table.above)
    writer.writerow(table.columns)
    widths = table.wide or (len(table.columns),) * len(table.rows)
    for row, wide in zip(table.rows, widths, strict=True):
        filled = max((at for at, cell in enumerate(row, start=1) if cell), default=0)
        writer.writerow(row[: max(filled, wide)])
    text = made.getvalue() if table.ended else made.getvalue().removesuffix(table.ending)
    path.write_bytes(text.encode("utf-8-sig" if table.marked else "utf-8"))
