"""Air emission accounts of WIOD 2013: a folder AIR_... beside the table, one workbook for each country.

A workbook has one sheet for each year. Line 1 names the substances from column C; column B holds the industry
(secAtB, sec15t16 ...), secTOT and FC_HH (households). CO2 is in Gg, all else in tonnes.

Source: WIOD environmental accounts, 2013 release; places, codes and units as in the workbooks of May 2012.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension
from lvshu.accounts.readers.assemble import Label, Note, told
from lvshu.accounts.readers.sheet import block
from lvshu.core.errors import Problem, Where
from lvshu.core.origin import Origin
from lvshu.intake.grid import Grid
from lvshu.intake.workbook import read_grid, visible_sheets

Array = NDArray[np.float64]
UNITS = {"CO2": "Gg"}
OTHER_UNIT = "t"
HOUSEHOLDS, HOUSEHOLD_CATEGORY = "FC_HH", "c37"
_SAME_COUNTRY = {"ROM": "ROU"}


def air_folder(table: Path) -> Path | None:
    """Return the folder of air emission accounts beside a table, or None."""
    return next((one for one in sorted(table.parent.glob("AIR_*")) if one.is_dir()), None)


def read_air(
    folder: Path,
    year: int,
    industries: Sequence[Label],
    final: Sequence[Label],
    problems: list[Problem],
    notes: list[Note],
) -> Extension | None:
    """Return the emissions of all countries, or None where faults were added to the problems.

    Args:
        folder: the folder with a workbook for each country.
        year: which sheet.
        industries: labels (country, industry code) of the table, n.
        final: labels (country, category) of the table, c.
        problems: a missing workbook or sheet, other substances, cells that are no number.
        notes: blank cells read as no emission.
    """
    files = {file.name.split("_")[0].upper(): file for file in sorted(folder.glob("*_AIR_*.xls*"))}
    rows = {label: place for place, label in enumerate(industries)}
    columns = {label: place for place, label in enumerate(final)}
    substances: list[str] = []
    flows, final_flows, blanks = np.zeros((0, len(rows))), np.zeros((0, len(columns))), 0
    for country in dict.fromkeys(label[0] for label in industries):
        grid = _sheet(files, country, year, folder, problems)
        if grid is None:
            continue
        heads = [column for column in range(2, grid.width) if grid.text(0, column)]
        names = [grid.text(0, column) for column in heads]
        if not substances:
            substances = names
            flows, final_flows = (np.zeros((len(names), one.shape[1])) for one in (flows, final_flows))
        if names != substances:
            values = {"odd": sorted(set(names) ^ set(substances)) or names}
            problems.append(Problem("accounts.reader_inventory_differs", grid.where(0), values))
            continue
        places = {
            grid.text(row, 1).removeprefix("sec"): row for row in range(1, grid.height) if grid.text(row, 1)
        }
        wanted = [label for label in industries if label[0] == country]
        missing = [label[1] for label in wanted if label[1] not in places]
        if missing:
            problems.append(Problem("accounts.reader_no_columns", grid.where(), {"kind": ", ".join(missing)}))
            continue
        found, empty = block(grid, [places[label[1]] for label in wanted], heads, problems)
        blanks += empty
        flows[:, [rows[label] for label in wanted]] = found.T
        if HOUSEHOLDS in places and (country, HOUSEHOLD_CATEGORY) in columns:
            own, empty = block(grid, [places[HOUSEHOLDS]], heads, problems)
            blanks += empty
            final_flows[:, columns[country, HOUSEHOLD_CATEGORY]] = own[0]
    if problems or not substances:
        return None
    if blanks:
        notes.append(told("blanks", table=folder.name, count=blanks))
    origin = Origin(
        producer="WIOD", title=f"Air emission accounts {year}", version="2013 release", file=folder.name
    )
    units = tuple(UNITS.get(name.upper(), OTHER_UNIT) for name in substances)
    return Extension("AIR", Index.of(("stressor",), substances), units, flows, final_flows, None, origin)


def _sheet(
    files: dict[str, Path], country: str, year: int, folder: Path, problems: list[Problem]
) -> Grid | None:
    code = _SAME_COUNTRY.get(country.upper(), country.upper())
    file = files.get(code)
    if file is None:
        name = f"{code}_AIR_….xls"
        values = {"name": name, "beside": [one.name for one in files.values()][:12] or ["–"]}
        problems.append(Problem("accounts.reader_file_missing", Where(file=f"{folder.name}/{name}"), values))
        return None
    sheets = visible_sheets(file)
    if str(year) not in sheets:
        known = {"year": year, "years": list(sheets)}
        problems.append(Problem("accounts.reader_no_year", Where(file=file.name), known))
        return None
    return read_grid(file, str(year))
