"""World Input-Output Database, releases 2013 (wiot09_row_sep12.xlsx) and 2016 (WIOT2014_Nov16_ROW.xlsb).

One sheet. Lines 3 to 6 from column E: code, name, country and WIOD number of each column; columns A to D of each row
the same. Countries' industries are c1, c2 ...; final demand is c37 to c42 (2013) or CONS_h, CONS_np, CONS_g, GFCF,
INVEN (2016). Below: totals (r60, r69; II_fob, GO), taxes, adjustments and value added; the last column is output.
Figures are millions of US dollars. A folder AIR_... beside a table of 2013 gives the extension AIR.

Source: Timmer et al. (2015), Review of International Economics 23; the workbooks of both releases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.assemble import Label, Parts, ReadOptions, assemble, money_unit, told
from lvshu.accounts.readers.sheet import block
from lvshu.accounts.readers.wiod_air import air_folder, read_air
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import Origin
from lvshu.intake.grid import Grid
from lvshu.intake.workbook import read_grid, visible_sheets

Array = NDArray[np.float64]
CODE, NAME, REGION, NUMBER = 2, 3, 4, 5
FIRST_ROW, FIRST_COLUMN = 6, 4
FINAL_2016 = frozenset({"CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN"})
FINAL_2013 = frozenset({"c37", "c38", "c39", "c41", "c42"})
TOTALS = frozenset({"r60", "r69", "II_fob", "GO"})
OUTPUTS = frozenset({"r69", "GO"})
_FILE = re.compile(r"wiot(?P<year>\d{4}|\d{2})_.*\.xls[xb]$", re.I)


@dataclass(frozen=True)
class _Axis:
    """What each row or column is: zero-based positions in the sheet."""

    industries: list[int]
    labels: list[Label]
    final: list[int]
    categories: list[Label]


class Wiod:
    """The reader of WIOD world input-output tables."""

    name = "wiod"
    title = (
        "世界投入产出数据库 WIOD（2013、2016 版）",
        "World Input-Output Database WIOD (2013, 2016 releases)",
    )
    needs = (
        "一年的工作簿（wiot09_row_sep12.xlsx 或 WIOT2014_Nov16_ROW.xlsb），或含它们的文件夹加年份",
        "the workbook of a year (wiot09_row_sep12.xlsx or WIOT2014_Nov16_ROW.xlsb), or their folder with a year",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the file, or a file of the folder, is named like a WIOD workbook."""
        return bool(_files(path))

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong with the table.
        """
        file = _choose(path, options.year)
        grid = read_grid(file, visible_sheets(file)[0])
        problems: list[Problem] = []
        parts = parts_of(grid, file, options, problems)
        folder = air_folder(file)
        if folder is not None and parts.year is not None and options.wants("AIR"):
            air = read_air(folder, parts.year, parts.rows, parts.final, problems, parts.notes)
            parts.extensions = {} if air is None else {air.name: air}
        return assemble(parts, options, problems)


def _files(path: Path) -> list[Path]:
    candidates = sorted(path.iterdir()) if path.is_dir() else [path]
    return [one for one in candidates if _FILE.match(one.name) and one.is_file()]


def _year(name: str) -> int | None:
    found = _FILE.match(name)
    if found is None:
        return None
    digits = found["year"]
    return int(digits) if len(digits) == 4 else (1900 if int(digits) > 50 else 2000) + int(digits)


def _choose(path: Path, year: int | None) -> Path:
    if path.is_file():
        return path
    files = _files(path)
    fitting = [one for one in files if year is None or _year(one.name) == year]
    if len(fitting) == 1:
        return fitting[0]
    values = {"year": year or "–", "years": [str(_year(one.name)) for one in files] or ["–"]}
    code = "accounts.reader_which_year" if fitting else "accounts.reader_no_year"
    raise InputError(Problem(code, Archive(path).where(""), values))


def parts_of(grid: Grid, file: Path, options: ReadOptions, problems: list[Problem]) -> Parts:
    """Return what a WIOD sheet holds.

    Args:
        grid: the sheet.
        file: the workbook, for its name.
        options: what the user said of it.
        problems: faults are added here.

    Raises:
        InputError: the sheet has not this layout.
    """
    across = _columns(grid)
    down = _rows(grid)
    where = grid.where()
    for kind, places in (
        ("industries", across.industries),
        ("final", across.final),
        ("rows", down.industries),
    ):
        if not places:
            problems.append(Problem("accounts.reader_no_columns", where, {"kind": kind}))
    if problems:
        raise InputError(*problems)
    use, blank_use = block(grid, down.industries, across.industries, problems)
    demand, blank_demand = block(grid, down.industries, across.final, problems)
    output = _output(grid, down, problems)
    title = " ".join(grid.text(row, 0) for row in range(FIRST_ROW))
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", f"{title} {grid.sheet or ''}")
    year = options.year or (int(years[0]) if years else _year(file.name))
    release = "2016" if any(category in FINAL_2016 for _, category in across.categories) else "2013"
    parts = Parts(
        f"WIOD {release} {year or ''}".strip(), year, where, down.labels, across.labels, across.categories, use, demand,
        "", output,
    )  # fmt: skip
    written = re.search(r"\((millions? of [^)]*)\)", title)
    parts.money_unit = money_unit(
        [written[1] if written else "millions of US$"], options.unit, where, problems, parts.notes
    )
    parts.value_added = _primary(grid, across, problems)
    parts.origin = Origin(
        producer="WIOD, University of Groningen", title=parts.name, version=f"{release} release", file=file.name,
        licence="CC BY 4.0" if release == "2016" else "",
        url="https://doi.org/10.34894/PJ2M1C" if release == "2016" else "https://www.wiod.org",
    )  # fmt: skip
    if blank_use + blank_demand:
        parts.notes.append(told("blanks", table=grid.sheet or file.name, count=blank_use + blank_demand))
    if "previous" in title.lower():
        parts.notes.append(told("previous_year_prices"))
    return parts


def _columns(grid: Grid) -> _Axis:
    found = _Axis([], [], [], [])
    for column in range(FIRST_COLUMN, grid.width):
        code, region, number = (grid.text(row, column) for row in (CODE, REGION, NUMBER))
        if not region or region == "TOT":
            continue
        if code in FINAL_2016 or (number in FINAL_2013 and not code):
            found.final.append(column)
            found.categories.append((region, code or number))
        else:
            found.industries.append(column)
            found.labels.append((region, code or number))
    return found


def _rows(grid: Grid) -> _Axis:
    found = _Axis([], [], [], [])
    for row in range(FIRST_ROW, grid.height):
        code, region, number = (grid.text(row, column) for column in (0, 2, 3))
        if region and region != "TOT" and (code or number):
            found.industries.append(row)
            found.labels.append((region, code or number))
    return found


def _output(grid: Grid, down: _Axis, problems: list[Problem]) -> Array | None:
    """Return the output column, shape (n,), or None: the last one that has a heading without a country."""
    for column in range(grid.width - 1, FIRST_COLUMN, -1):
        region, words = (
            grid.text(REGION, column),
            f"{grid.text(CODE, column)} {grid.text(NAME, column)}".lower(),
        )
        if region in ("", "TOT") and ("output" in words or words.startswith("go")):
            return block(grid, down.industries, [column], problems)[0][:, 0]
    return None


def _primary(grid: Grid, across: _Axis, problems: list[Problem]) -> dict[str, Array]:
    """Return the rows of taxes, adjustments and value added under the industries, by code or name."""
    found: dict[str, Array] = {}
    for row in range(FIRST_ROW, grid.height):
        code, name, region, number = (grid.text(row, column) for column in range(4))
        if region not in ("", "TOT") or not (name or code) or {code, number} & TOTALS:
            continue
        found[name or code] = block(grid, [row], across.industries, problems)[0][0]
    return found


FORMAT = Wiod()
