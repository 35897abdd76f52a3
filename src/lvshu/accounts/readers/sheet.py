"""Blocks of figures in a workbook's sheet: every cell that is no number told by row and column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.intake.grid import Cell, Grid

Array = NDArray[np.float64]
_TOLD = 20


def block(
    grid: Grid, rows: Sequence[int], columns: Sequence[int], problems: list[Problem]
) -> tuple[Array, int]:
    """Return the figures of some rows and columns, shape (rows, columns), and the number of blank cells (read as 0).

    Args:
        grid: the sheet.
        rows: zero-based positions.
        columns: zero-based positions.
        problems: cells that hold something else than a number are added here, at most twenty one by one.
    """
    values = np.zeros((len(rows), len(columns)))
    blanks = 0
    found: list[Problem] = []
    for place, row in enumerate(rows):
        cells = grid.rows[row]
        line = [cells[column] for column in columns]
        if all(type(cell) is float for cell in line):
            values[place] = line  # type: ignore[assignment]
            continue
        for at, cell in enumerate(line):
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                blanks += 1
                continue
            number = _number(grid, row, columns[at], cell)
            if number is None:
                told = {"text": str(cell)[:40], "count": 1}
                found.append(Problem("accounts.reader_not_a_number", grid.where(row, columns[at]), told))
            else:
                values[place, at] = number
    problems += found[:_TOLD]
    if len(found) > _TOLD:
        problems.append(Problem("accounts.reader_more", grid.where(), {"count": len(found) - _TOLD}))
    return values, blanks


def _number(grid: Grid, row: int, column: int, cell: Cell) -> float | None:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell) if np.isfinite(cell) else None
    number = grid.number(row, column)
    return None if number is None or not number.is_finite() else float(number)
