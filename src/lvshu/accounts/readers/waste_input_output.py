"""Hybrid input-output tables of Taiwan (DGBAS green national income): solid waste, air, water and energy by sector.

What the sheets hold: output, intermediate inputs and value added of each sector, and what it discharges or uses in
physical units. What they do not hold: who buys from whom. Footprints therefore need a table of intermediate use of the
same sectors (`with_hybrid`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index, check_same
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.grid import Grid
from lvshu.intake.workbook import read_grid, visible_sheets

Array = NDArray[np.float64]

KINDS = {"Solid Waste": "waste", "Air Pollution": "air", "Water Resources": "water", "Energy": "energy"}
MONEY_COLUMNS = ("Total Domestic Output", "Intermediate Inputs", "GDP")
FIRST_PHYSICAL = 5
_TITLE = re.compile(r"Hybrid Input-Output Table\W*(?P<kind>[A-Za-z ]+?)\s*\((?P<sectors>\d+) Sectors\)")
_YEAR = re.compile(r"Year ?(?P<year>\d{4})")
_UNIT = re.compile(r"\((?P<unit>[^()]+)\)")
# Sums of printed figures may differ from a printed total by the rounding of what is added
ROUNDING = 1e-6


@dataclass(frozen=True)
class HybridTable:
    """One published table: money by sector and what goes with it in physical units.

    Attributes:
        year: year of the table.
        sectors: n labels (code, sector) as printed.
        output, intermediate_inputs, value_added: shape (n,), in `money_unit`.
        money_unit: as printed, e.g. "Million NTD".
        extension: flows (m, n) in the units printed; missing cells are NaN; `final_flows` (m, c) likewise.
        final: c labels of the rows of final demand that hold figures.
        stated: printed subtotal of all sectors, shape (m,); NaN where not printed.
        problems: what does not add up, each with its amount; nothing is mended.
    """

    year: int
    sectors: Index
    output: Array
    intermediate_inputs: Array
    value_added: Array
    money_unit: str
    extension: Extension
    final: Index
    stated: Array
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Sheet:
    kind: str
    year: int
    count: int
    stressors: list[str]
    units: list[str]
    money_unit: str
    rows: list[tuple[int, str, str]]  # line, code, label


def is_hybrid_workbook(path: Path) -> bool:
    """Return whether a workbook's first sheet carries the title of these tables."""
    grid = read_grid(path, visible_sheets(path)[0])
    return _TITLE.search(_line(grid, 0)) is not None


def read_hybrid_tables(path: Path) -> tuple[HybridTable, ...]:
    """Return the tables of one workbook, one for each year, oldest first; sheets of one year are put side by side.

    Raises:
        InputError: accounts.hybrid_layout, when a sheet is not laid out as these tables are;
            accounts.hybrid_sectors, when sheets of one year list different sectors.
    """
    origin = Origin(
        producer="DGBAS, Taiwan (行政院主計處)", title="Hybrid Input-Output Table", file=path.name,
        sha256=sha256_of_file(path),
    )  # fmt: skip
    by_year: dict[int, list[HybridTable]] = {}
    for name in visible_sheets(path):
        table = _table(read_grid(path, name), origin)
        by_year.setdefault(table.year, []).append(table)
    return tuple(_side_by_side(by_year[year], path) for year in sorted(by_year))


def with_hybrid(system: InputOutputSystem, table: HybridTable) -> InputOutputSystem:
    """Return a system to which the table's physical flows have been added as an extension.

    Raises:
        MethodError: accounts.labels_differ, when the sectors are not the table's, in its order.
    """
    wanted = Index.of(("sector",), table.sectors.level("sector"))
    own = Index.of(("sector",), system.industries.level("sector"))
    check_same(own, wanted, first_name=system.name, second_name=f"{table.extension.name} {table.year}")
    extension = replace(table.extension, final_flows=None)
    return replace(system, extensions={**system.extensions, extension.name: extension})


def _line(grid: Grid, row: int) -> str:
    return " ".join(dict.fromkeys(grid.text(row, column) for column in range(grid.width))).strip()


def _sheet(grid: Grid) -> _Sheet:
    first, second = _line(grid, 0), _line(grid, 1)
    title, year = _TITLE.search(first), _YEAR.search(second)
    unit_row = next((row for row in range(2, min(12, grid.height)) if "(Million" in grid.text(row, 2)), None)
    head = [grid.text(2, column) for column in (2, 3, 4)]
    kind = KINDS.get(title["kind"].strip()) if title else None
    if not title or not year or unit_row is None or kind is None or tuple(head) != MONEY_COLUMNS:
        values = {"found": [first, second, *head], "columns": list(MONEY_COLUMNS), "kinds": list(KINDS)}
        raise InputError(Problem("accounts.hybrid_layout", Where(grid.file, grid.sheet, 1), values))
    columns = [
        c for c in range(FIRST_PHYSICAL, grid.width) if any(grid.text(r, c) for r in range(2, unit_row + 9))
    ]
    rows = [(row, grid.text(row, 0), grid.text(row, 1)) for row in range(unit_row + 1, grid.height)]
    return _Sheet(
        kind, int(year["year"]), int(title["sectors"]), _names(grid, range(2, unit_row), columns),
        _units(grid, unit_row, columns), _unit(grid.text(unit_row, 2)), rows,
    )  # fmt: skip


def _names(grid: Grid, rows: Iterable[int], columns: Sequence[int]) -> list[str]:
    """Return the name of each column: its headings from top to bottom, those above several columns carried right."""
    levels = list(rows)
    carried = [""] * len(levels)
    names = []
    for column in columns:
        fresh = False  # below a new heading nothing is carried from the left
        for level, row in enumerate(levels):
            text = grid.text(row, column)
            if text and text != carried[level]:
                carried[level], fresh = text, True
            elif fresh:
                carried[level] = text
        names.append(", ".join(dict.fromkeys(part for part in carried if part)))
    return names


def _unit(text: str) -> str:
    found = _UNIT.search(text)
    return found["unit"].strip() if found else text.strip()


def _units(grid: Grid, row: int, columns: Sequence[int]) -> list[str]:
    units, last = [], ""
    for column in columns:
        last = _unit(grid.text(row, column)) or last
        units.append(last)
    return units


def _numbers(grid: Grid, row: int, columns: Iterable[int]) -> list[float]:
    found = [grid.number(row, column) for column in columns]
    return [float("nan") if one is None else float(one) for one in found]


def _table(grid: Grid, origin: Origin) -> HybridTable:
    sheet = _sheet(grid)
    wide = range(FIRST_PHYSICAL, FIRST_PHYSICAL + len(sheet.stressors))
    sectors: dict[str, tuple[str, list[float], list[float]]] = {}
    final: dict[str, list[float]] = {}
    stated = total = [float("nan")] * len(sheet.stressors)
    for row, code, label in sheet.rows:
        if code.isdigit() and int(code) <= sheet.count:
            sectors[f"{int(code):03d}"] = (label, _numbers(grid, row, (2, 3, 4)), _numbers(grid, row, wide))
        elif label == "Subtotal" or (code.startswith("01-") and label == "Intermediate Inputs"):
            stated = _numbers(grid, row, wide)
        elif label.startswith("Total"):
            total = _numbers(grid, row, wide)
        elif (code.isdigit() or (label and not code)) and not np.isnan(_numbers(grid, row, wide)).all():
            final[label] = _numbers(grid, row, wide)
    if len(sectors) != sheet.count:
        values = {
            "found": [f"{len(sectors)} sectors"],
            "columns": [f"{sheet.count} sectors"],
            "kinds": list(KINDS),
        }
        raise InputError(Problem("accounts.hybrid_layout", Where(grid.file, grid.sheet), values))
    money = np.array([one[1] for one in sectors.values()])
    flows = np.array([one[2] for one in sectors.values()]).T
    final_flows = np.array(list(final.values())).T.reshape(len(sheet.stressors), len(final))
    extension = Extension(
        sheet.kind,
        Index.of(("stressor",), sheet.stressors),
        tuple(sheet.units),
        flows,
        final_flows,
        origin=origin,
    )
    problems = _money_gaps(grid, list(sectors), money) + _total_gaps(
        grid, sheet, flows, final_flows, np.array(stated), np.array(total)
    )
    return HybridTable(
        sheet.year, Index.of(("code", "sector"), [(code, one[0]) for code, one in sectors.items()]), money[:, 0],
        money[:, 1], money[:, 2], sheet.money_unit, extension, Index.of(("category",), list(final)), np.array(stated),
        tuple(problems),
    )  # fmt: skip


def _money_gaps(grid: Grid, codes: Sequence[str], money: Array) -> list[Problem]:
    gaps = money[:, 0] - money[:, 1] - money[:, 2]
    return [
        Problem("accounts.hybrid_money", Where(grid.file, grid.sheet), severity="warning",
                values={"sector": codes[place], "output": float(money[place, 0]), "gap": float(gaps[place])})
        for place in np.flatnonzero(np.abs(gaps) > 1.0).tolist()
    ]  # fmt: skip


def _total_gaps(
    grid: Grid, sheet: _Sheet, flows: Array, final_flows: Array, stated: Array, total: Array
) -> list[Problem]:
    """Return one warning for each printed total that is not the sum of what it totals."""
    problems = []
    sums = np.nansum(flows, axis=1)
    every = stated + np.nansum(final_flows, axis=1)
    for printed, summed, word in ((stated, sums, "subtotal"), (total, every, "total")):
        scale = np.maximum(np.abs(printed), 1.0)
        for place in np.flatnonzero(np.abs(summed - printed) > ROUNDING * scale).tolist():
            values = {
                "stressor": sheet.stressors[place], "which": word, "stated": float(printed[place]),
                "sum": float(summed[place]), "missing": int(np.isnan(flows[place]).sum()),
            }  # fmt: skip
            problems.append(
                Problem("accounts.hybrid_total", Where(grid.file, grid.sheet), values, severity="warning")
            )
    return problems


def _side_by_side(tables: Sequence[HybridTable], path: Path) -> HybridTable:
    first = tables[0]
    if len(tables) == 1:
        return first
    if any(one.sectors != first.sectors or one.final != first.final for one in tables):
        values = {"year": first.year, "counts": [len(one.sectors) for one in tables]}
        raise InputError(Problem("accounts.hybrid_sectors", Where(path.name), values))
    parts = [one.extension for one in tables]
    extension = Extension(
        first.extension.name,
        Index.of(("stressor",), [name for part in parts for name in part.stressors.level("stressor")]),
        tuple(unit for part in parts for unit in part.units),
        np.vstack([np.asarray(part.flows) for part in parts]),
        np.vstack([part.final_flows for part in parts if part.final_flows is not None]),
        origin=first.extension.origin,
    )
    return replace(
        first, extension=extension, stated=np.concatenate([one.stated for one in tables]),
        problems=tuple(problem for one in tables for problem in one.problems),
    )  # fmt: skip
