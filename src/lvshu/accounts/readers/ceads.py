"""CEADs multi-regional tables of China's provinces (2012, 2015, 2017, 2018, 2020): 31 provinces, 42 sectors, xlsx.

A sheet named Table, Table_2017, Table_2018 or Table_2018_English Version. Line 1 is a title; then come lines with
the provinces (written once for each block), the sectors' names and their codes 01 to 42; columns A to C hold the same
for the rows. After the sectors follow: total intermediate use, final use FU101, FU102, FU103, FU201, FU202 of each
province, EX (export), TFU, ERR (errors), GO (output). Below: IM (imported inputs), TII, VA001 to VA004, TVA, TI,
and in some editions a row of emissions, CO2 (Mt). Chinese and English sheets have the same places.

Source: China's provincial multi-regional input-output database for 2018 and 2020, Scientific Data (2025), data
10.6084/m9.figshare.29927291; places and codes as in the workbooks of 2015 to 2020.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.assemble import Label, Note, Parts, ReadOptions, assemble, money_unit, told
from lvshu.accounts.readers.sheet import block
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import Origin
from lvshu.core.units import find_unit
from lvshu.intake.grid import Grid
from lvshu.intake.workbook import ENDINGS, read_grid, visible_sheets

Array = NDArray[np.float64]
EXPORTS, ERRORS, OUTPUT, IMPORTS = "EX", "ERR", "GO", "IM"
FINAL_CODES = ("FU101", "FU102", "FU103", "FU201", "FU202")
PRIMARY_CODES = (IMPORTS, "VA001", "VA002", "VA003", "VA004")
ABROAD = "ROW"
PUBLISHED_UNIT = "1e4 CNY"
_SHEET = re.compile(r"^Table(?:[_ ](?P<year>\d{4}))?(?P<english>_English Version)?\s*$", re.I)
_CODE = re.compile(r"^\d{1,2}$")
_UNIT = re.compile(r"(?:单位|unit)\s*[:：]\s*([^)）,，;；]+)", re.I)
_CO2 = re.compile(r"^CO2\s*\((?P<unit>[^)]+)\)", re.I)
_TOP = 12


@dataclass(frozen=True)
class _Places:
    """Zero-based positions of what the sheet holds."""

    header: int
    rows: list[int]
    row_labels: list[Label]
    columns: list[int]
    column_labels: list[Label]
    final: list[int]
    categories: list[Label]
    coded_columns: dict[str, int]
    coded_rows: dict[str, int]


class Ceads:
    """The reader of CEADs provincial MRIO tables."""

    name = "ceads"
    title = ("CEADs 中国省级多区域投入产出表", "CEADs multi-regional tables of China's provinces")
    needs = (
        "一年的工作簿（MRIO 2018.xlsx 等，含 Table_年份 工作表）",
        "the workbook of a year (MRIO 2018.xlsx and its like, with a sheet Table_<year>)",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the workbook has a sheet named like a CEADs table that carries codes of final use."""
        if not path.is_file() or path.suffix.lower() not in ENDINGS:
            return False
        try:
            sheets = [name for name in visible_sheets(path) if _SHEET.match(name)]
        except InputError:
            return False
        return bool(sheets)

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong with the table.
        """
        grid = read_grid(path, _choose(path, options.year))
        problems: list[Problem] = []
        parts = parts_of(grid, path, options, problems)
        return assemble(parts, options, problems)


def _choose(path: Path, year: int | None) -> str:
    """Return the sheet to read: of the year wanted, the Chinese one where there are two languages."""
    found = {name: match for name in visible_sheets(path) if (match := _SHEET.match(name))}
    fitting = [name for name in found if year is None or found[name]["year"] in (None, str(year))]
    years = {found[name]["year"] for name in fitting}
    if len(years) != 1:
        values = {"year": year or "–", "years": list(found) or ["–"]}
        code = "accounts.reader_which_year" if fitting else "accounts.reader_no_year"
        raise InputError(Problem(code, Archive(path).where(path.name), values))
    return min(fitting, key=lambda name: bool(found[name]["english"]))


def parts_of(grid: Grid, path: Path, options: ReadOptions, problems: list[Problem]) -> Parts:
    """Return what a CEADs sheet holds.

    Args:
        grid: the sheet.
        path: the workbook, for its name.
        options: what the user said of it.
        problems: faults are added here.

    Raises:
        InputError: the sheet has not this layout.
    """
    places = _places(grid, problems)
    if places is None:
        raise InputError(*problems)
    where = grid.where()
    notes: list[Note] = []
    use, blanks = block(grid, places.rows, places.columns, problems)
    demand, more = block(grid, places.rows, places.final, problems)
    categories = list(places.categories)
    for code in (EXPORTS, ERRORS):
        if code in places.coded_columns:
            extra, left = block(grid, places.rows, [places.coded_columns[code]], problems)
            demand, more = np.hstack([demand, extra]), more + left
            categories.append((ABROAD if code == EXPORTS else "ERR", code))
    output = None
    if OUTPUT in places.coded_columns:
        output = block(grid, places.rows, [places.coded_columns[OUTPUT]], problems)[0][:, 0]
    matched = _SHEET.match(grid.sheet or "")
    stated = (matched["year"] if matched else None) or next(
        iter(re.findall(r"(?<!\d)20\d\d(?!\d)", f"{grid.text(0, 0)} {path.stem}")), None
    )
    year = options.year or (int(stated) if stated else None)
    unit = money_unit(_units(grid, year, notes), options.unit, where, problems, notes)
    parts = Parts(
        f"CEADs MRIO {year or ''}".strip(), year, where, places.row_labels, places.column_labels, categories,
        use, demand, unit, output, notes=notes,
    )  # fmt: skip
    parts.value_added = {
        code: block(grid, [places.coded_rows[code]], places.columns, problems)[0][0]
        for code in PRIMARY_CODES
        if code in places.coded_rows
    }
    parts.origin = Origin(
        producer="CEADs",
        title=parts.name,
        file=path.name,
        url="https://www.ceads.net/data/input_output_tables/",
    )
    if options.wants("co2"):
        parts.extensions = _emissions(grid, places, parts.origin, problems)
    if blanks + more:
        notes.append(told("blanks", table=grid.sheet or "", count=blanks + more))
    if IMPORTS in places.coded_rows:
        notes.append(told("ceads_imports"))
    return parts


def _filled(grid: Grid, cells: list[str]) -> list[str]:
    """Return labels with those of merged or once-written blocks repeated."""
    found, current = [], ""
    for cell in cells:
        current = cell or current
        found.append(current)
    return found


def _places(grid: Grid, problems: list[Problem]) -> _Places | None:
    """Find the header by its line of codes: sector numbers followed by codes of final use."""
    header = next(
        (
            row
            for row in range(min(_TOP, grid.height))
            if set(FINAL_CODES) & {grid.text(row, column).upper() for column in range(3, grid.width)}
        ),
        None,
    )
    if header is None or header < 2:
        problems.append(Problem("accounts.reader_no_header", grid.where(1), {"cells": grid.width}))
        return None
    codes = [grid.text(header, column).upper() for column in range(grid.width)]
    names = [grid.text(header - 1, column) for column in range(grid.width)]
    regions = _filled(grid, [grid.text(header - 2, column) for column in range(grid.width)])
    columns = [column for column in range(3, grid.width) if _CODE.match(codes[column])]
    final = [column for column in range(3, grid.width) if codes[column] in FINAL_CODES]
    down = [grid.text(row, 2).upper() for row in range(grid.height)]
    down_regions = _filled(grid, [grid.text(row, 0) if row > header else "" for row in range(grid.height)])
    rows = [row for row in range(header + 1, grid.height) if _CODE.match(down[row])]
    for kind, found in (("industries", columns), ("final", final), ("rows", rows)):
        if not found:
            problems.append(Problem("accounts.reader_no_columns", grid.where(header), {"kind": kind}))
    return _Places(
        header, rows, [(down_regions[row], grid.text(row, 1)) for row in rows],
        columns, [(regions[column], names[column]) for column in columns],
        final, [(regions[column], codes[column]) for column in final],
        {code: column for column, code in enumerate(codes) if code in (EXPORTS, ERRORS, OUTPUT)},
        {code: row for row, code in enumerate(down) if code in PRIMARY_CODES},
    )  # fmt: skip


def _units(grid: Grid, year: int | None, notes: list[Note]) -> list[str]:
    """Return the unit that the top of the sheet states; the 2018 and 2020 editions are in 10 thousand yuan."""
    for row in range(min(_TOP, grid.height)):
        for column in range(min(8, grid.width)):
            found = _UNIT.search(grid.text(row, column))
            if found and find_unit(found[1].strip()):
                return [found[1].strip()]
    if year in (2018, 2020):
        notes.append(told("unit_of_publisher", unit=PUBLISHED_UNIT))
        return [PUBLISHED_UNIT]
    return []


def _emissions(grid: Grid, places: _Places, origin: Origin, problems: list[Problem]) -> dict[str, Extension]:
    for row in range(places.rows[-1] + 1, grid.height):
        found = _CO2.match(grid.text(row, 1)) or _CO2.match(grid.text(row, 0))
        if found:
            flows, _ = block(grid, [row], places.columns, problems)
            index = Index.of(("stressor",), ["CO2"])
            return {"co2": Extension("co2", index, (found["unit"],), flows, None, None, origin)}
    return {}


FORMAT = Ceads()
