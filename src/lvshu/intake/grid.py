"""A sheet as a rectangle of cells: what a layout reader sees of any file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from lvshu.core.errors import Where
from lvshu.intake.text import fold, plain_number

Cell = str | Decimal | float | int | bool | date | datetime | None


def column_letter(index: int) -> str:
    """Return the spreadsheet letter of a zero-based column index: 0 -> A, 26 -> AA."""
    letters = ""
    remaining = index + 1
    while remaining:
        remaining, digit = divmod(remaining - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


@dataclass(frozen=True)
class Grid:
    """One sheet, or one csv file, with every cell at its place.

    Row 0 of `rows` is line 1 of the sheet: leading empty rows and columns are kept, so that a
    position can always be told to the user as the user sees it. All rows have the same length.
    The cells of a merged range all carry the value of its top-left cell.

    Attributes:
        file: file name, as shown to the user.
        sheet: sheet name; None for csv.
        rows: cells, shape (rows, columns); csv cells are str or None.
        encoding: encoding of a text file; None for a workbook.
    """

    file: str
    sheet: str | None
    rows: tuple[tuple[Cell, ...], ...]
    encoding: str | None = None

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return len(self.rows[0]) if self.rows else 0

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a zero-based position; None outside the sheet."""
        if 0 <= row < self.height and 0 <= column < self.width:
            return self.rows[row][column]
        return None

    def text(self, row: int, column: int) -> str:
        """Return the cell as cleaned text (NFKC, one space between words); "" when empty."""
        value = self.cell(row, column)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return fold(str(value))

    def number(self, row: int, column: int) -> Decimal | None:
        """Return the cell as an exact number; None when it holds no number.

        Text such as "1,234.5", full-width digits and (for floats) the shortest decimal that the
        float prints as are understood. None does not tell empty from unreadable: see `is_blank`.
        """
        value = self.cell(row, column)
        if value is None or isinstance(value, bool | date):
            return None
        if isinstance(value, Decimal):
            return value
        if isinstance(value, int):
            return Decimal(value)
        try:
            return Decimal(repr(value) if isinstance(value, float) else plain_number(value))
        except InvalidOperation:
            return None

    def is_blank(self, row: int, column: int) -> bool:
        """Return whether the cell is empty, or holds only spaces."""
        return self.text(row, column) == ""

    def row_texts(self, row: int) -> tuple[str, ...]:
        """Return the cleaned texts of a row, shape (columns,)."""
        return tuple(self.text(row, column) for column in range(self.width))

    def column_texts(self, column: int) -> tuple[str, ...]:
        """Return the cleaned texts of a column, shape (rows,)."""
        return tuple(self.text(row, column) for row in range(self.height))

    def find(self, *texts: str, rows: int = 40) -> Iterator[tuple[int, int]]:
        """Return the positions, row by row, of cells equal to one of the texts.

        Args:
            texts: wanted texts; compared after cleaning, without regard to case and spaces.
            rows: number of rows looked at, from the top.
        """
        wanted = {fold(text).replace(" ", "").casefold() for text in texts}
        for row in range(min(rows, self.height)):
            for column in range(self.width):
                if self.text(row, column).replace(" ", "").casefold() in wanted:
                    yield row, column

    def where(self, row: int | None = None, column: int | None = None) -> Where:
        """Return the place of a zero-based position, as the user sees it (row 1 is the first line)."""
        return Where(
            file=self.file,
            sheet=self.sheet,
            row=None if row is None else row + 1,
            column=None if column is None else column_letter(column),
        )

    @classmethod
    def of(
        cls,
        rows: Sequence[Sequence[Cell]],
        *,
        file: str = "",
        sheet: str | None = None,
        encoding: str | None = None,
    ) -> Grid:
        """Return a grid made of ragged rows: short rows are filled with None."""
        width = max((len(row) for row in rows), default=0)
        filled = tuple(tuple(row) + (None,) * (width - len(row)) for row in rows)
        return cls(file=file, sheet=sheet, rows=filled, encoding=encoding)
