"""Series in the user's own files: periods down the side, one column a series; or period, series and value in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.cells import MARKERS
from lvshu.intake.grid import Grid, column_letter
from lvshu.intake.plain_table import read_any_grid
from lvshu.intake.text import heading_key

PERIOD = ("period", "date", "time", "month", "quarter", "year", "week", "day", "时期", "日期", "时间", "月份", "月",
          "季度", "年份", "年度", "年", "周", "报告期")  # fmt: skip
SERIES = ("series", "indicator", "name", "序列", "指标", "指标名称", "名称")
VALUE = ("value", "amount", "数值", "值", "金额", "数")
MOST_PROBLEMS = 20


@dataclass
class RawSeries:
    """A series as it stands in a file: labels of periods, values (None where absent), rows as the user counts them.

    problems: values that are no numbers; their periods stand among the labels, with None.
    """

    name: str
    labels: list[str] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class SeriesTable:
    """Everything in a file, and where it comes from."""

    file: str
    series: tuple[RawSeries, ...]
    origin: Origin


def read_series(path: Path, sheet: str = "") -> SeriesTable:
    """Return the series of a csv, xlsx, xls or parquet file.

    Args:
        path: the file; its first row names the columns, the column of periods by a usual word or standing first.
        sheet: of a workbook; the first visible one if empty.

    Raises:
        InputError: statistics.file_absent, statistics.series_file_shape, statistics.series_column_twice (all of them,
            at most 20); what reading the file says. Values that cannot be read are told with their series.
    """
    if not path.is_file():
        raise InputError(Problem("statistics.file_absent", Where(file=str(path)), {"file": path.name}))
    grid = read_any_grid(path, sheet)
    top = next((row for row in range(grid.height) if _filled(grid, row) >= 2), None)
    if top is None or top + 1 >= grid.height:
        raise InputError(Problem("statistics.series_file_shape", Where(file=path.name, sheet=grid.sheet)))
    heads = [grid.text(top, column) for column in range(grid.width)]
    keys = [heading_key(head) for head in heads]
    period, series, value = (_named(keys, words) for words in (PERIOD, SERIES, VALUE))
    if series is not None and value is not None:
        found = _long(grid, top, period if period is not None else 0, series, value)
        problems: list[Problem] = []
    else:
        found, problems = _wide(grid, top, period if period is not None else 0, heads)
    if problems:
        raise InputError(*problems[:MOST_PROBLEMS])
    if not found:
        raise InputError(Problem("statistics.series_file_shape", Where(file=path.name, sheet=grid.sheet)))
    origin = Origin(title=path.name, file=path.name, sha256=sha256_of_file(path))
    return SeriesTable(path.name, tuple(found), origin)


def _filled(grid: Grid, row: int) -> int:
    return sum(bool(grid.text(row, column)) for column in range(grid.width))


def _named(keys: Sequence[str], words: Sequence[str]) -> int | None:
    known = {heading_key(word) for word in words}
    return next((place for place, key in enumerate(keys) if key in known), None)


def _wide(grid: Grid, top: int, period: int, heads: Sequence[str]) -> tuple[list[RawSeries], list[Problem]]:
    columns = [place for place, head in enumerate(heads) if head and place != period]
    found = [RawSeries(heads[place]) for place in columns]
    problems = []
    seen: set[str] = set()
    for one in found:
        if one.name in seen:
            where = Where(grid.file, grid.sheet, top + 1, one.name)
            problems.append(Problem("statistics.series_column_twice", where, {"series": one.name}))
        seen.add(one.name)
    for row in range(top + 1, grid.height):
        label = _label(grid, row, period)
        if not label:
            continue
        for one, column in zip(found, columns, strict=True):
            _take(grid, row, column, one, label)
    return found, problems


def _long(grid: Grid, top: int, period: int, series: int, value: int) -> list[RawSeries]:
    found: dict[str, RawSeries] = {}
    for row in range(top + 1, grid.height):
        label, name = _label(grid, row, period), grid.text(row, series)
        if label and name:
            _take(grid, row, value, found.setdefault(name, RawSeries(name)), label)
    return list(found.values())


def _label(grid: Grid, row: int, column: int) -> str:
    cell = grid.cell(row, column)
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())[:10]  # type: ignore[union-attr]
    return grid.text(row, column)


def _take(grid: Grid, row: int, column: int, one: RawSeries, label: str) -> None:
    text = grid.text(row, column)
    number = grid.number(row, column)
    absent = not text or text.lower() in MARKERS
    if number is None and not absent:
        where = Where(grid.file, grid.sheet, row + 1, f"{column_letter(column)} {one.name}")
        one.problems.append(Problem("statistics.series_value_unreadable", where, {"value": text[:40]}))
    one.labels.append(label)
    one.values.append(None if number is None else float(number))
    one.rows.append(row + 1)
