"""Layouts: published tables whose shape is not one record a row (matrices, balances).

A layout reader is a module in `lvshu.intake.layouts` with a module-level `LAYOUT` object. The
registry below names the modules; they are imported only when a file has to be recognised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from lvshu.core.errors import Problem
from lvshu.intake.grid import Grid

LAYOUT_MODULES: Mapping[str, str] = {
    "supply_use": "lvshu.intake.layouts.supply_use",
    "input_output": "lvshu.intake.layouts.input_output",
    "energy_balance": "lvshu.intake.layouts.energy_balance",
}


@dataclass(frozen=True)
class LayoutResult:
    """Records that a layout reader took from one sheet.

    Attributes:
        tables: table name -> column name -> values, all columns of a table equally long. Besides
            the contract's columns a table may carry `row_number` (int, 1 = first line of the sheet)
            and `column_name` (str): the place of each value, kept as provenance.
        problems: what was found while reading; an error keeps the sheet out of the book.
        layout: name of the layout, with its variant: "input_output.competitive".
    """

    tables: Mapping[str, Mapping[str, Sequence[object]]]
    problems: tuple[Problem, ...]
    layout: str


class Layout(Protocol):
    """What every layout reader offers."""

    name: str
    makes: tuple[str, ...]

    def recognises(self, grid: Grid) -> bool:
        """Return whether the sheet has this layout; cheap, and never raises on odd sheets."""
        ...

    def heading_words(self) -> frozenset[str]:
        """Return the headings, as compared, that only such a table has; none where any name can stand there."""
        ...

    def read(self, grid: Grid, *, year: int, area_code: str, unit: str | None) -> LayoutResult:
        """Return the sheet's records.

        Args:
            grid: the sheet.
            year: year of the table when the sheet does not say.
            area_code: six-digit area code of the table when the sheet does not say.
            unit: unit symbol of the values when the sheet does not say; None: the layout's own.
        """
        ...


def layout(name: str) -> Layout:
    """Return the layout reader of that name.

    Raises:
        KeyError: no layout has this name.
    """
    module = import_module(LAYOUT_MODULES[name])
    return cast(Layout, module.LAYOUT)


def layouts() -> tuple[Layout, ...]:
    """Return all layout readers, in the order in which they are asked."""
    return tuple(layout(name) for name in LAYOUT_MODULES)


def recognise(grid: Grid) -> Layout | None:
    """Return the layout reader that recognises the sheet, or None."""
    return next((reader for reader in layouts() if reader.recognises(grid)), None)
