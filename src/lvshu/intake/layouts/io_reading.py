"""A sheet of an input-output table while it is read: what each row and column was found to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from lvshu.core.errors import Problem
from lvshu.intake.grid import Grid


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
