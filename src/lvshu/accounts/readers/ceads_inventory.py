"""CEADs emission inventories of provinces or cities: one sheet each, 47 sectors by fuels and process, Mt CO2.

Sheets are named after the province and the year (Shanghai2019); NOTE holds the description. Line 1 names the sources
(Raw Coal ... Natural Gas, Scope 2 Heat, Scope 2 Electricity, Other Energy, Process, Scope 1 Total; in later editions
with underscores), line 2 the unit, line 4 the total (Total Consumption or TotalEmissions), then 45 sectors of
production, Urban and Rural households. Scope 2 stands beside and is no part of the Scope 1 total.

Source: Shan et al. (2018), Scientific Data 5, 170201; Shan et al. (2020), Scientific Data 7, 54; Guan et al. (2021),
Earth's Future 9; the workbooks of 1997 to 2019.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.readers.sheet import block
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.grid import Grid
from lvshu.intake.workbook import read_grid, visible_sheets

Array = NDArray[np.float64]
TOTAL_ROWS = frozenset({"total consumption", "totalemissions", "total emissions"})
TOTAL_SOURCE = "Scope 1 Total"
HOUSEHOLDS = ("Urban", "Rural")
_SHEET = re.compile(r"^(?P<region>.+?)\s*(?P<year>(?:19|20)\d\d)$")
_SPELLINGS = {"CleanedCoal": "Cleaned Coal"}


@dataclass(frozen=True)
class EmissionInventory:
    """Emissions of regions by sector and source.

    Attributes:
        year: of the inventory; None where sheets do not say.
        regions: p names.
        sectors: s names, the 45 of production, then Urban and Rural.
        sources: f names: fuels, Other Energy, Process.
        emissions: Scope 1, shape (p, s, f), in `unit`.
        indirect: emissions of purchased heat and electricity, shape (p, s, 2); beside, not within, Scope 1.
        unit: as published, e.g. "Mt CO2".
        origin: where it was published.
        findings: totals that are not the sum of their parts, as warnings.
    """

    year: int | None
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    sources: tuple[str, ...]
    emissions: Array
    indirect: Array
    unit: str
    origin: Origin
    findings: tuple[Problem, ...] = ()

    def of_region(self, region: str) -> Array:
        """Return the Scope 1 emissions of a region, shape (s, f)."""
        found: Array = self.emissions[self.regions.index(region)]
        return found


@dataclass(frozen=True)
class _Sheet:
    sectors: tuple[str, ...]
    sources: tuple[str, ...]
    values: Array
    indirect: Array
    unit: str
    findings: tuple[Problem, ...]


def read_inventory(path: Path | str, *, tolerance: float = 1e-6) -> EmissionInventory:
    """Return the inventory that a CEADs workbook holds.

    Args:
        path: the workbook.
        tolerance: largest relative gap between a stated total and the sum of its parts that is not told.

    Raises:
        InputError: no sheet of this layout, sheets with other sectors or sources, or cells that are no number.
    """
    file = Path(path)
    problems: list[Problem] = []
    sheets: dict[str, _Sheet] = {}
    years: set[int] = set()
    for name in visible_sheets(file):
        matched = _SHEET.match(name)
        grid = read_grid(file, name)
        if not _is_inventory(grid):
            continue
        if matched:
            years.add(int(matched["year"]))
        sheets[matched["region"] if matched else name] = _read(grid, tolerance, problems)
    if not sheets:
        raise InputError(Problem("accounts.reader_no_inventory", Where(file=file.name)))
    first = next(iter(sheets.values()))
    for region, sheet in sheets.items():
        if (sheet.sectors, sheet.sources, sheet.unit) != (first.sectors, first.sources, first.unit):
            odd = sorted({*sheet.sectors, *sheet.sources} ^ {*first.sectors, *first.sources})[:8] or [
                sheet.unit
            ]
            where = Where(file=file.name, sheet=region)
            problems.append(Problem("accounts.reader_inventory_differs", where, {"odd": odd}))
    if problems:
        raise InputError(*problems)
    year = years.pop() if len(years) == 1 else None
    origin = Origin(
        producer="CEADs", title=f"Emission inventories {year or ''}".strip(), file=file.name,
        url="https://www.ceads.net", sha256=sha256_of_file(file),
    )  # fmt: skip
    return EmissionInventory(
        year, tuple(sheets), first.sectors, first.sources, np.stack([one.values for one in sheets.values()]),
        np.stack([one.indirect for one in sheets.values()]), first.unit, origin,
        tuple(finding for one in sheets.values() for finding in one.findings),
    )  # fmt: skip


def _source(text: str) -> str:
    words = text.replace("_", " ").strip()
    return _SPELLINGS.get(words, words)


def _is_inventory(grid: Grid) -> bool:
    return "Raw Coal" in {_source(grid.text(0, column)) for column in range(grid.width)}


def _read(grid: Grid, tolerance: float, problems: list[Problem]) -> _Sheet:
    names = {column: _source(grid.text(0, column)) for column in range(1, grid.width)}
    direct = [column for column, name in names.items() if name and not name.startswith("Scope")]
    indirect = [column for column, name in names.items() if name.startswith("Scope 2")]
    total = [column for column, name in names.items() if name == TOTAL_SOURCE]
    written = [row for row in range(2, grid.height) if grid.text(row, 0)]
    totals = [row for row in written if grid.text(row, 0).lower() in TOTAL_ROWS]
    rows = [row for row in written if row not in totals]
    values, _ = block(grid, rows, direct, problems)
    other, _ = block(grid, rows, indirect, problems)
    findings: list[Problem] = []
    if total:
        stated = block(grid, rows, total, problems)[0][:, 0]
        findings += _gaps(grid, rows, stated, values.sum(axis=1), tolerance)
    if totals:
        stated = block(grid, totals[:1], direct, problems)[0][0]
        findings += _column_gaps(grid, totals[0], direct, (stated, values.sum(axis=0)), tolerance)
    units = sorted({grid.text(1, column) for column in direct} - {""})
    if len(units) != 1:
        problems.append(Problem("accounts.reader_inventory_units", grid.where(1), {"units": units or ["–"]}))
    sectors = tuple(grid.text(row, 0) for row in rows)
    sources = tuple(names[column] for column in direct)
    return _Sheet(sectors, sources, values, other, units[0] if units else "", tuple(findings))


def _gaps(grid: Grid, rows: list[int], stated: Array, summed: Array, tolerance: float) -> list[Problem]:
    scale = np.maximum(np.abs(stated), np.abs(summed).mean())
    return [
        Problem(
            "accounts.reader_inventory_total", grid.where(rows[place], 0),
            {"name": grid.text(rows[place], 0), "stated": f"{stated[place]:.6g}", "summed": f"{summed[place]:.6g}"},
            severity="warning",
        )
        for place in np.flatnonzero(np.abs(stated - summed) > tolerance * scale)
    ]  # fmt: skip


def _column_gaps(
    grid: Grid, row: int, columns: list[int], totals: tuple[Array, Array], tolerance: float
) -> list[Problem]:
    stated, summed = totals
    scale = np.maximum(np.abs(stated), np.abs(summed).mean())
    return [
        Problem(
            "accounts.reader_inventory_total", grid.where(row, columns[place]),
            {
                "name": _source(grid.text(0, columns[place])), "stated": f"{stated[place]:.6g}",
                "summed": f"{summed[place]:.6g}",
            },
            severity="warning",
        )
        for place in np.flatnonzero(np.abs(stated - summed) > tolerance * scale)
    ]  # fmt: skip
