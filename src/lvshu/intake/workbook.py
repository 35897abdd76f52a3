"""Workbooks (xlsx, xls, xlsb, ods): their sheets as grids, merged cells filled, numbers as they print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import python_calamine as calamine

from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.grid import Cell, Grid
from lvshu.intake.sheet_errors import error_cells

MOST_CELLS = 5_000_000
"""A sheet is not made larger than this for the sake of errors that stand far from its figures."""
ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})


def _open(path: Path) -> calamine.CalamineWorkbook:
    """Return the opened workbook, or raise an InputError that says why it cannot be read."""
    where = Where(file=path.name)
    if path.stat().st_size == 0:
        raise InputError(Problem("intake.empty_file", where))
    try:
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError as error:
        raise InputError(Problem("intake.workbook_locked", where)) from error
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError) as error:
        raise InputError(Problem("intake.workbook_broken", where, {"reason": str(error)})) from error
    except PermissionError as error:
        raise InputError(Problem("intake.workbook_in_use", where)) from error


def visible_sheets(path: Path) -> tuple[str, ...]:
    """Return the names of the workbook's visible sheets, in order.

    Raises:
        InputError: the file is empty, protected by a password, broken or in use.
    """
    with _open(path) as book:
        hidden = {
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible != calamine.SheetVisibleEnum.Visible
            or sheet.typ != calamine.SheetTypeEnum.WorkSheet
        }
        return tuple(name for name in book.sheet_names if name not in hidden)


def hidden_sheets(path: Path) -> tuple[str, ...]:
    """Return the names of the workbook's sheets of cells that are hidden, in order.

    Raises:
        InputError: as `visible_sheets`.
    """
    with _open(path) as book:
        return tuple(
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible != calamine.SheetVisibleEnum.Visible
            and sheet.typ == calamine.SheetTypeEnum.WorkSheet
        )


def read_grid(path: Path, sheet: str) -> Grid:
    """Return one sheet with its cells at their places; each merged range is filled with its first cell.

    Error values (#REF!, #DIV/0! …) and formulas that were never computed stand as text: they are not empty.

    Raises:
        InputError: the workbook cannot be read, or has no such sheet.
    """
    with _open(path) as book:
        if sheet not in book.sheet_names:
            raise InputError(
                Problem(
                    "intake.no_sheet", Where(path.name, sheet), {"sheet": sheet, "sheets": book.sheet_names}
                )
            )
        try:
            opened = book.get_sheet_by_name(sheet)
            rows: list[list[Cell]] = [
                [_cell(value) for value in row] for row in opened.to_python(skip_empty_area=False)
            ]
            merged = opened.merged_cell_ranges or []
        except (calamine.CalamineError, calamine.XmlError) as error:
            raise InputError(
                Problem("intake.workbook_broken", Where(path.name, sheet), {"reason": str(error)})
            ) from error
    _put(rows, error_cells(path, sheet))
    for (top, left), (bottom, right) in merged:
        _fill(rows, top, left, bottom, right)
    return Grid.of(rows, file=path.name, sheet=sheet)


def _put(rows: list[list[Cell]], lost: Mapping[tuple[int, int], str]) -> None:
    """Put error values where the reader saw nothing; a last row or column that has nothing else is added."""
    height = max([len(rows), *(row + 1 for row, _ in lost)])
    width = max([*map(len, rows), *(column + 1 for _, column in lost)], default=0)
    if lost and height * width <= MOST_CELLS:
        rows.extend([] for _ in range(height - len(rows)))
        for cells in rows:
            cells.extend([None] * (width - len(cells)))
    for (row, column), text in lost.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text


def _fill(rows: list[list[Cell]], top: int, left: int, bottom: int, right: int) -> None:
    if top >= len(rows) or left >= len(rows[top]):
        return
    value = rows[top][left]
    for row in rows[top : bottom + 1]:
        for column in range(left, min(right + 1, len(row))):
            row[column] = value


DIGITS_KEPT = 10**15
"""From here on a spreadsheet no longer keeps the last digits of a whole number (15 significant ones)."""


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, timedelta | time):
        return str(value)
    if isinstance(value, str | bool | int | float | datetime | date):
        return value
    return str(value)


def cell_text(value: Cell) -> str:
    """Return a cell as the text that is typed later: ISO dates, plain decimals, "" when empty.

    A whole float loses its ".0", as spreadsheets store every number as a float; other floats become the
    shortest decimal that stands for them, without an exponent. A number beyond the 15 digits that spreadsheets keep is
    written as they show it (9.14205003000629E+17): its last digits are not in the file, and none are made up.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if abs(value) >= DIGITS_KEPT:
            return f"{value:.14E}"
        if value.is_integer():
            return str(int(value))
        return format(Decimal(repr(value)), "f") if value == value else ""
    if isinstance(value, int) and abs(value) >= DIGITS_KEPT:
        return f"{value:.14E}"
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
