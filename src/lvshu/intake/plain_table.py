"""A table in the user's own file, as it stands: one row of headings, then records. Nothing is mapped to a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.core.units import find_unit
from lvshu.intake.cells import MARKERS
from lvshu.intake.encoding import scan_text
from lvshu.intake.grid import Grid, column_letter
from lvshu.intake.text import heading_key

ENDINGS = {".xlsx": "workbook", ".xls": "workbook", ".xlsm": "workbook", ".parquet": "parquet"}
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class PlainTable:
    """A grid, the number of its heading row, the headings by place, and where it comes from.

    aside: zero-based rows that hold no record, as files of this program have them: that of units below the headings,
    and lines of origin at the end.
    """

    grid: Grid
    top: int
    heads: tuple[str, ...]
    origin: Origin
    aside: frozenset[int] = frozenset()

    @property
    def rows(self) -> list[int]:
        """Return the zero-based numbers of the rows that hold anything below the headings."""
        width = range(self.grid.width)
        return [
            row
            for row in range(self.top + 1, self.grid.height)
            if row not in self.aside and any(self.grid.text(row, column) for column in width)
        ]

    def place(self, name: str) -> int:
        """Return the place of a column by its heading, however spelt (case, width, blanks).

        Raises:
            InputError: intake.no_such_heading, with the headings there are.
        """
        keys = [heading_key(head) for head in self.heads]
        if heading_key(name) in keys:
            return keys.index(heading_key(name))
        where = Where(file=self.grid.file, sheet=self.grid.sheet, row=self.top + 1)
        known = ", ".join(head for head in self.heads if head)
        raise InputError(Problem("intake.no_such_heading", where, {"name": name, "known": known}))

    def texts(self, name: str) -> list[str]:
        """Return the cleaned texts of a column, one for each of `rows`; "" where empty."""
        column = self.place(name)
        return [self.grid.text(row, column) for row in self.rows]

    def numbers(self, name: str) -> list[Decimal | None]:
        """Return the numbers of a column, one for each of `rows`; None where empty or marked as absent.

        Raises:
            InputError: intake.table_not_a_number for every cell that holds something else, at most 20.
        """
        column = self.place(name)
        found: list[Decimal | None] = []
        problems = []
        for row in self.rows:
            number, text = self.grid.number(row, column), self.grid.text(row, column)
            if number is None and text and text.lower() not in MARKERS:
                where = Where(
                    self.grid.file, self.grid.sheet, row + 1, f"{column_letter(column)} {self.heads[column]}"
                )
                problems.append(Problem("intake.table_not_a_number", where, {"value": text[:40]}))
            found.append(number)
        if problems:
            raise InputError(*problems[:MOST_PROBLEMS])
        return found


def read_plain_table(path: Path, sheet: str = "") -> PlainTable:
    """Return the table of a csv, xlsx, xls or parquet file.

    Args:
        path: the file; its headings are the first row with at least one cell filled.
        sheet: of a workbook; the first visible one if empty.

    Raises:
        InputError: intake.plain_file_absent, intake.plain_file_empty, intake.heading_twice; what reading says.
    """
    if not path.is_file():
        raise InputError(Problem("intake.plain_file_absent", Where(file=str(path)), {"file": path.name}))
    grid = read_any_grid(path, sheet)
    width = range(grid.width)
    top = next((row for row in range(grid.height) if any(grid.text(row, column) for column in width)), None)
    where = Where(file=grid.file, sheet=grid.sheet)
    if top is None or top + 1 >= grid.height:
        raise InputError(Problem("intake.plain_file_empty", where, {"file": path.name}))
    heads = tuple(grid.text(top, column) for column in width)
    _refuse_twice(heads, where, top)
    origin = Origin(title=path.name, file=path.name, sha256=sha256_of_file(path))
    return PlainTable(grid, top, heads, origin, _aside(grid, top))


def _aside(grid: Grid, top: int) -> frozenset[int]:
    """Return the row of units below the headings (nothing in it but units), and lines at the end that begin with #."""
    found = set()
    below = [grid.text(top + 1, column) for column in range(grid.width)]
    if any(below) and all(find_unit(text) is not None and not text.isdigit() for text in below if text):
        found.add(top + 1)
    for row in range(grid.height - 1, top + 1, -1):
        texts = [text for column in range(grid.width) if (text := grid.text(row, column))]
        if texts and not texts[0].startswith("#"):
            break
        found.add(row)
    return frozenset(found)


def _refuse_twice(heads: Sequence[str], where: Where, top: int) -> None:
    keys = [heading_key(head) for head in heads if head]
    twice = sorted({head for head in heads if head and keys.count(heading_key(head)) > 1})
    if twice:
        place = Where(where.file, where.sheet, top + 1)
        raise InputError(Problem("intake.heading_twice", place, {"names": ", ".join(twice)}))


def read_any_grid(path: Path, sheet: str = "") -> Grid:
    """Return a csv, xlsx, xls or parquet file as a grid of cells.

    Raises:
        InputError: intake.table_parquet_broken; what the reader of the format says.
    """
    kind = ENDINGS.get(path.suffix.lower(), "text")
    if kind == "workbook":
        from lvshu.intake import workbook

        return workbook.read_grid(path, sheet or workbook.visible_sheets(path)[0])
    if kind == "parquet":
        return _parquet(path)
    from lvshu.intake import delimited

    encoding = scan_text(path).encoding
    sample = delimited.read_sample(path, encoding=encoding)
    return delimited.read_grid(path, encoding=encoding, delimiter=sample.delimiter)


def _parquet(path: Path) -> Grid:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        values = {"file": path.name, "reason": str(error)[:200]}
        raise InputError(Problem("intake.table_parquet_broken", Where(file=path.name), values)) from None
    columns = [table.column(place).to_pylist() for place in range(table.num_columns)]
    rows = [list(table.column_names), *map(list, zip(*columns, strict=True))]
    return Grid.of(rows, file=path.name, sheet=None)
