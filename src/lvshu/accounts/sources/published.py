"""A system of one region from an input-output table of a book, or from a published Chinese table read on the spot.

Local products make the closed table. What comes from the rest of the country and from abroad is kept beside it, use
by use, so that nothing that is bought is lost and nothing local is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from lvshu.accounts.book.closing import closing_of
from lvshu.accounts.book.economy import ROUNDING, Economy, economy_of
from lvshu.accounts.book.table import InputOutputTable, TableChoice, build_table
from lvshu.accounts.compile.check import not_closed
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.regional import COMING_IN, RegionalSystem
from lvshu.accounts.ledger.system import FINAL_LEVELS, INDUSTRY_LEVELS, Extension
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake import delimited, workbook
from lvshu.intake.encoding import scan_text
from lvshu.intake.grid import Grid
from lvshu.intake.layout import layout

LOCAL = "local"
_GOES_TO = {"export": "abroad", "outflow": "rest_of_country"}


def system_of_table(
    table: InputOutputTable,
    *,
    region: str = LOCAL,
    imports_in_exports: bool = False,
    extensions: Mapping[str, Extension] | None = None,
    origin: Origin | None = None,
    notes: tuple[tuple[str, str], ...] = (),
) -> RegionalSystem:
    """Return the system that a table makes, its uses split by where products come from.

    Args:
        table: the table, in yuan.
        region: name of the region in the labels.
        imports_in_exports: whether imports and inflows also enter what is sent out.
        extensions: emissions and the like by sector, in the table's order of sectors.
        origin: where the table was published.
        notes: what its reader had to settle.
    """
    return system_of_economy(
        economy_of(table, imports_in_exports=imports_in_exports), region=region, extensions=extensions,
        origin=origin, notes=notes,
    )  # fmt: skip


def system_of_economy(
    economy: Economy,
    *,
    region: str = LOCAL,
    extensions: Mapping[str, Extension] | None = None,
    origin: Origin | None = None,
    notes: tuple[tuple[str, str], ...] = (),
) -> RegionalSystem:
    """Return the system of a table that is already split by origin.

    Args:
        economy: the table with its uses split.
        region: name of the region in the labels.
        extensions: by sector, in the table's order.
        origin: where the table was published.
        notes: what its reader had to settle.
    """
    table = economy.table
    notes = (*notes, *_transit_note(economy))
    industries = Index.of(INDUSTRY_LEVELS, [(region, name) for name in _names(table)])
    final = Index.of(FINAL_LEVELS, [(_GOES_TO.get(kind, region), kind) for kind in economy.final_kinds])
    primary = {code: row for code, row in table.primary_input.items() if row.any()}
    choice = table.choice
    return RegionalSystem(
        f"{choice.table_code} {choice.area_code}", choice.year, industries, final, economy.intermediate_use[LOCAL],
        economy.final_use[LOCAL], table.output, primary, "CNY", dict(extensions or {}), origin or Origin(),
        notes, {source: economy.intermediate_use[source] for source in COMING_IN},
        {source: economy.final_use[source] for source in COMING_IN}, economy.transit,
    )  # fmt: skip


def _transit_note(economy: Economy) -> tuple[tuple[str, str], ...]:
    """What came in and can only have left again: taken off what is sent out, and told."""
    passing = np.flatnonzero(
        economy.transit > ROUNDING * np.abs(economy.table.imports + economy.table.inflows)
    )
    if not passing.size:
        return ()
    names = [economy.table.sectors[int(place)].name_zh for place in passing]
    amount = f"{float(economy.transit[passing].sum()):,.0f}"
    return ((f"{'、'.join(names)} 的进口与调入超过本地使用，超出的 {amount} 元视为转口，从出口与调出中扣除。",
             f"Imports and inflows of {', '.join(names)} exceed local use; the {amount} yuan beyond it are taken as "
             "re-exports and deducted from what is sent out."),)  # fmt: skip


def _names(table: InputOutputTable) -> list[str]:
    """Return the sectors' names, with the code behind where a name stands twice."""
    names = [sector.name_zh for sector in table.sectors]
    return [
        name if names.count(name) == 1 else f"{name} {sector.code}"
        for name, sector in zip(names, table.sectors, strict=True)
    ]


def read_published(
    path: Path | str,
    *,
    year: int,
    area: str = "000000",
    unit: str | None = None,
    sheet: str | None = None,
    region: str = LOCAL,
    imports_in_exports: bool = False,
    packs: PackLibrary | None = None,
) -> RegionalSystem:
    """Return the system of a published Chinese input-output table (csv or workbook), without a workspace.

    Args:
        path: the file, in the layout in which bureaus publish.
        year: year of the table where its title does not say.
        area: six-digit area code where its title does not say.
        unit: unit symbol of the figures where the sheet does not state one ("1e4 CNY").
        sheet: which sheet of a workbook; None: the first that is an input-output table.
        region: name of the region in the labels.
        imports_in_exports: whether imports and inflows also enter what is sent out.
        packs: packs to take sectors from; None: those of the program.

    Raises:
        InputError: no input-output table is found, or all that is wrong with it.
        MethodError: the table states no output.
    """
    file = Path(path)
    check_file(file)
    reader = layout("input_output")
    grid = next((one for one in grids_of(file, sheet) if reader.recognises(one)), None)
    if grid is None:
        raise InputError(Problem("accounts.reader_no_published_table", Where(file=file.name)))
    found = reader.read(grid, year=year, area_code=area, unit=unit)
    if any(problem.severity == "error" for problem in found.problems):
        raise InputError(*found.problems)
    columns = found.tables["io_cell"]
    names = list(columns)
    rows = [dict(zip(names, record, strict=True)) for record in zip(*columns.values(), strict=True)]
    first = rows[0]
    choice = TableChoice(str(first["table_code"]), int(str(first["year"])), str(first["area_code"]))
    table = build_table(choice, rows, packs or PackLibrary.load(None))
    origin = Origin(title=f"{file.stem} {choice.year}", file=file.name, sha256=sha256_of_file(file))
    closing = closing_of(rows)
    told = (*found.problems, *not_closed(closing))
    notes = tuple((one.what("zh"), one.what("en")) for one in told)
    system = system_of_table(
        table, region=region, imports_in_exports=imports_in_exports, origin=origin, notes=notes
    )
    return replace(system, closing=closing)


def check_file(path: Path) -> None:
    """Refuse what is no file.

    Raises:
        InputError: accounts.reader_not_found; accounts.reader_is_folder.
    """
    if path.is_dir():
        raise InputError(Problem("accounts.reader_is_folder", Where(file=path.name), {"path": str(path)}))
    if not path.is_file():
        raise InputError(Problem("accounts.reader_not_found", Where(file=path.name), {"path": str(path)}))


def grids_of(path: Path, sheet: str | None = None) -> list[Grid]:
    """Return the sheets of a workbook, or the one sheet of a csv.

    Args:
        path: the file.
        sheet: only this sheet; None: all visible ones.

    Raises:
        InputError: the file cannot be read.
    """
    if path.suffix.lower() in workbook.ENDINGS:
        names = [sheet] if sheet is not None else workbook.visible_sheets(path)
        return [workbook.read_grid(path, name) for name in names]
    scan = scan_text(path)
    delimiter = "\t" if path.suffix.lower() in (".tsv", ".txt") else ","
    return [delimited.read_grid(path, encoding=scan.encoding, delimiter=delimiter)]


__all__ = ["RegionalSystem", "check_file", "grids_of", "read_published", "system_of_economy",
           "system_of_table"]  # fmt: skip
