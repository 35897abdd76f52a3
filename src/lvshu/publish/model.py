"""What a publication is made of: tables with units, charts drawn from them, panels, sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from lvshu.core.units import convert
from lvshu.publish.display import Absence, Value, cell_text, decimals_of, exact
from lvshu.publish.texts import NO_TEXT, Text, same, unit_label

Kind = Literal["text", "number", "mark"]
Cell = Text | str | Value | bool


@dataclass(frozen=True)
class Column:
    """One column of a shown table. `unit` is the unit of its figures as shown, a symbol of the registry.

    link: it only holds words to click on a page; twins leave it out.
    """

    key: str
    label: Text
    kind: Kind = "text"
    unit: str = ""
    decimals: int | None = None
    code: bool = False
    link: bool = False

    @property
    def unit_text(self) -> Text:
        """Return the unit's name; empty where there is none."""
        return unit_label(self.unit)


@dataclass(frozen=True)
class TableView:
    """A table as it is shown: rows hold, by column key, a Text, a plain text, or a figure in the column's unit.

    total: keys of rows (by position) that are totals. source: the tables of the book it was drawn from.
    filed: the same table as files hold it, where the page writes figures into words; None: as it is shown.
    """

    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Cell], ...]
    source: tuple[str, ...]
    totals: frozenset[int] = frozenset()
    note: Text = NO_TEXT
    left_out: int = 0
    filed: TableView | None = None

    def values(self, key: str) -> list[Value]:
        """Return the figures of one column, top to bottom."""
        return [row.get(key) for row in self.rows]  # type: ignore[misc]

    def places(self) -> dict[str, int]:
        """Return how many decimals each column of figures is shown with."""
        return {
            column.key: _places_of(column, self.values(column.key))
            for column in self.columns
            if column.kind == "number"
        }

    def coverage(self) -> dict[str, tuple[int, int, int]]:
        """Return, for each column of figures with a total, (rows with a figure, rows withheld, rows in all).

        Only columns in which a row has no figure are told; rows to which it does not apply are not counted.
        """
        told: dict[str, tuple[int, int, int]] = {}
        for column in self.columns if self.totals else ():
            values = self.values(column.key)
            if column.kind != "number" or not any(_is_figure(values[place]) for place in self.totals):
                continue
            parts = [one for place, one in enumerate(values) if place not in self.totals]
            counted = [one for one in parts if one is not Absence.NOT_APPLICABLE]
            figures = sum(_is_figure(one) for one in counted)
            if figures < len(counted):
                withheld = sum(one is Absence.SUPPRESSED for one in counted)
                told[column.key] = (figures, withheld, len(counted))
        return told

    def shown(self) -> list[list[Text]]:
        """Return the cells as texts, row by row."""
        places = self.places()
        return [[_shown(row.get(column.key), column, places) for column in self.columns] for row in self.rows]


def _places_of(column: Column, values: list[Value]) -> int:
    """Return the decimals of a column: as it states, but of a scaled unit (1e8 CNY) enough for small figures, too.

    A column in 100 million yuan whose largest figure is 0.3 would be left with one digit.
    """
    if column.decimals is None:
        return decimals_of(values)
    sizes = [abs(exact(value)) for value in values if value is not None and not isinstance(value, Absence)]
    is_small = column.unit.startswith("1e") and 0 < max(sizes, default=Decimal(0)) < _LEAST_OF_THREE_DIGITS
    return max(column.decimals, decimals_of(values)) if is_small else column.decimals


_LEAST_OF_THREE_DIGITS = 10
"""From this size on a figure with one decimal has three digits that mean something."""


def _is_figure(value: Value) -> bool:
    return value is not None and not isinstance(value, Absence)


def _shown(cell: Cell, column: Column, places: Mapping[str, int]) -> Text:
    if column.kind == "number" and not isinstance(cell, (Text, str)):
        return same(cell_text(cell, places[column.key]))
    if cell is None:
        return same(Absence.MISSING.value)
    if isinstance(cell, Absence):
        return same(cell.value)
    if isinstance(cell, bool):
        return Text("是", "yes") if cell else Text("否", "no")
    if isinstance(cell, Decimal):  # a figure among words: exact, its thousands apart
        number = f"{cell:,f}"
        return same(number.rstrip("0").rstrip(".") if "." in number else number)
    return cell if isinstance(cell, Text) else same(cell)


@dataclass(frozen=True)
class Chart:
    """A chart: its data and layout (as plotly takes them) in both languages, and what it shows in words."""

    zh: Mapping[str, Any]
    en: Mapping[str, Any]
    height: int
    words: Text

    def of(self, language: str) -> Mapping[str, Any]:
        """Return the figure in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Panel:
    """A finding, its chart, its table; or the reason why it is empty.

    missing: the input tables whose absence is the reason. told: the panels that are told as one, where several lack
    the same inputs.
    """

    id: str
    title: Text
    finding: Text = NO_TEXT
    chart: Chart | None = None
    table: TableView | None = None
    empty: Text | None = None
    missing: tuple[str, ...] = ()
    method: str = ""
    note: Text = NO_TEXT
    half: bool = False
    told: tuple[Panel, ...] = ()


@dataclass(frozen=True)
class Section:
    """A chapter of the page."""

    id: str
    title: Text
    lead: Text
    panels: tuple[Panel, ...] = ()
    extra: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def in_unit(value: object, source: str, target: str) -> Decimal | None:
    """Return a figure of the book in another unit, exactly; a missing one stays missing.

    Raises:
        MethodError: a unit is unknown, or the two have different dimensions.
    """
    if value is None:
        return None
    return convert(exact(value), source, target)  # type: ignore[arg-type]


def number_column(key: str, label: Text, unit: str, *, decimals: int | None = None) -> Column:
    """Return a column of figures."""
    return Column(key, label, "number", unit, decimals)


def total(values: Sequence[Value]) -> Decimal | None:
    """Return the exact sum of the figures that are there; None where none is."""
    there = [exact(value) for value in values if value is not None and not isinstance(value, Absence)]
    return sum(there, Decimal(0)) if there else None
