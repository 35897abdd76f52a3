"""A sheet of an input-output table while it is read: what each row and column was found to be."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from lvshu.core.errors import Problem
from lvshu.intake.grid import Grid
from lvshu.intake.layouts import io_labels as words
from lvshu.intake.layouts.published import is_absent
from lvshu.intake.text import heading_key

_CHINESE = re.compile("[\u4e00-\u9fff]")
_KNOWN_IN_HEADER = 3
_CODE_HEADS = frozenset(
    heading_key(text)
    for text in (
        "代码",
        "编码",
        "编号",
        "序号",
        "部门代码",
        "行业代码",
        "产品代码",
        "产业代码",
        "code",
        "sector code",
    )
)


@dataclass(frozen=True)
class Label:
    """What a row or a column is: its code, name and kind; and, for a row, the origin of its products."""

    code: str
    name: str
    kind: str
    origin: str = "total"


@dataclass
class Reading:
    """A sheet while it is read."""

    grid: Grid
    header: range = range(0)
    first_row: int = 0
    first_column: int = 0
    columns: dict[int, Label] = field(default_factory=dict)
    rows: dict[int, Label] = field(default_factory=dict)
    signs: dict[int, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def fault(
        self, problem: str, row: int | None = None, column: int | None = None, **values: object
    ) -> None:
        """Note an error, by its code, at a place of the sheet."""
        self.problems.append(Problem(problem, self.grid.where(row, column), values))

    def tell(self, problem: str, severity: str, **values: object) -> None:
        """Note what does not stop the reading: a warning or a notice."""
        self.problems.append(Problem(problem, self.grid.where(), values, severity))


def numbers_of(grid: Grid, row: int) -> list[Decimal]:
    """Return the figures of a row, from left to right."""
    return [number for column in range(grid.width) if (number := grid.number(row, column)) is not None]


def is_data(grid: Grid, row: int, known: Container[str]) -> bool:
    """Return whether a row has figures that are not the running numbers of a code row.

    Args:
        grid: the sheet.
        row: place of the row.
        known: keys of the columns that a header names; a row with three of them is a header.
    """
    if sum(words.label_key(text) in known for text in grid.row_texts(row)) >= _KNOWN_IN_HEADER:
        return False
    numbers = numbers_of(grid, row)
    return len(numbers) >= 2 and not is_running(numbers[:8])


def is_running(numbers: Sequence[Decimal]) -> bool:
    """Return whether these are running numbers 1, 2, 3 ...: the codes of sectors, not their figures."""
    return (
        len(numbers) > 2
        and numbers[0] == 1
        and all(after - before == 1 for before, after in pairwise(numbers))
    )


def is_value_column(grid: Grid, column: int, rows: Sequence[int], header: range) -> bool:
    """Return whether a column holds figures in most of the sample rows, or dashes under a name."""
    if any(heading_key(grid.text(row, column)) in _CODE_HEADS for row in header):
        return False
    numbers = [grid.number(row, column) for row in rows]
    filled = [number for number in numbers if number is not None]
    others = [grid.text(row, column) for row, number in zip(rows, numbers, strict=True) if number is None]
    if is_running(filled) and not any(text and is_absent(text) for text in others):
        return False
    if len(filled) * 2 >= len(numbers):
        return True
    only_dashes = all(is_absent(grid.text(row, column)) for row in rows)
    head = [grid.text(row, column) for row in header]
    return (
        only_dashes
        and any(head)
        and any(words.CODE.match(text) or _CHINESE.search(text) for text in head[-1:])
    )


def filled(grid: Grid, row: int) -> list[str]:
    """Return the texts of a row, each kept until the next one: what a merged header cell spans."""
    texts, current = [], ""
    for column in range(grid.width):
        current = grid.text(row, column) or current
        texts.append(current)
    return texts
