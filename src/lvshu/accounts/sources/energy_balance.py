"""An energy balance read from a published file, without a workspace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.accounts.book.energy import FuelSet, build_balance, item_name
from lvshu.accounts.book.files_read import NONE
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.accounts.sources.published import check_file, grids_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.layout import layout
from lvshu.store.book import equals
from lvshu.store.workspace import Workspace

WORKSPACE_FILE = "lvshu.toml"
NEGATIVE_USE = "accounts.energy_negative_final"
FAR = 0.01
"""How far lines of final use may be off their stated total, relative to it, before it is told."""


@dataclass(frozen=True)
class BalanceSource:
    """An energy balance with its fuels, year and area; what its reader had to settle, and what looks wrong."""

    balance: EnergyBalance
    fuels: FuelSet
    year: int
    area: str
    origin: Origin
    notes: tuple[tuple[str, str], ...]
    warnings: tuple[Problem, ...] = ()
    sources: tuple[dict[str, Any], ...] = ()


def read_balance(
    path: Path, packs: PackLibrary, *, year: int, area: str, unit: str | None, factors: str
) -> BalanceSource:
    """Return the energy balance of a published table (csv or workbook).

    Args:
        path: the file, in the layout of the yearbook; or a workspace, whose current book is read.
        packs: fuels, items and factors.
        year: of the balance, where its title does not say.
        area: six-digit code, where its title does not say.
        unit: "yearbook" where the figures are in the yearbook's units and the table does not say so.
        factors: id of the pack of emission factors.

    Raises:
        InputError: no energy balance is found, or all that is wrong with it; a negative final use is wrong.
    """
    if (path / WORKSPACE_FILE).is_file():
        return _of_workspace(path, packs, year, area, factors)
    check_file(path)
    reader = layout("energy_balance")
    grid = next((one for one in grids_of(path) if reader.recognises(one)), None)
    if grid is None:
        raise InputError(Problem("accounts.no_energy_balance", Where(file=path.name)))
    found = reader.read(grid, year=year, area_code=area, unit=unit)
    problems = [replace(one, severity="error") if one.code == NEGATIVE_USE else one for one in found.problems]
    if any(problem.severity == "error" for problem in problems):
        raise InputError(*problems)
    columns = found.tables["energy_balance_cell"]
    rows = [dict(zip(columns, record, strict=True)) for record in zip(*columns.values(), strict=True)]
    balance, fuels = build_balance(rows, packs, factors)
    origin = Origin(title=path.stem, file=path.name, sha256=sha256_of_file(path))
    warnings = _off_total(balance, fuels, path.name)
    notes = tuple((one.what("zh"), one.what("en")) for one in (*found.problems, *warnings))
    return BalanceSource(
        balance, fuels, int(str(rows[0]["year"])), str(rows[0]["area_code"]), origin, notes, warnings
    )


def _of_workspace(path: Path, packs: PackLibrary, year: int, area: str, factors: str) -> BalanceSource:
    """The balance of a workspace's current book: of its area and year, or of the area and year asked for."""
    with Workspace.open(path).book() as book:
        settings = book.settings
        asked, place = year or int(settings.year), area if area.strip("0") else str(settings.area)
        rows = book.rows("energy_balance_cell", where=equals("area_code", place))
        years = [int(row["year"]) for row in rows if int(row["year"]) <= asked]
        if not years:
            read = book.rows("input_file", where=equals("table_name", "energy_balance_cell"))
            files = [str(row["file"]) for row in read]
            values = {"area": place, "year": asked, "files": files or NONE}
            raise InputError(Problem("accounts.no_balance_for_area", Where(file=str(path)), values))
        chosen = max(years)
        sources = tuple(
            row
            for row in book.rows("city_source_emission", where=equals("area_code", place))
            if int(row["year"]) == chosen
        )
        origin = Origin(
            producer="lvshu", title=f"{place} {chosen}", version=str(book.run["run_id"]), file=str(path)
        )
    balance, fuels = build_balance([row for row in rows if int(row["year"]) == chosen], packs, factors)
    negative = _negative(balance, fuels, packs, path.name)
    if negative:
        raise InputError(*negative)
    warnings = _off_total(balance, fuels, path.name)
    notes = tuple((one.what("zh"), one.what("en")) for one in warnings)
    return BalanceSource(balance, fuels, chosen, place, origin, notes, warnings, sources)


def _negative(balance: EnergyBalance, fuels: FuelSet, packs: PackLibrary, file: str) -> list[Problem]:
    """A problem for each fuel whose final use is negative."""
    found = []
    for item, line in inventory.final_use(balance).items():
        zh, en = item_name(item, packs)
        for k in np.flatnonzero(line < 0.0):
            values = {"item": {"zh": zh, "en": en}, "fuel": {"zh": fuels.names[k][0], "en": fuels.names[k][1]},
                      "quantity": plain(float(line[k])), "unit": fuels.units[k]}  # fmt: skip
            found.append(Problem(NEGATIVE_USE, Where(file=file), values))
    return found


def _off_total(balance: EnergyBalance, fuels: FuelSet, file: str) -> tuple[Problem, ...]:
    """What lines of final use make far from the stated total, a warning for each fuel."""
    stated = balance.row("final_consumption")
    beyond = inventory.not_itemised(balance)["final_not_itemised"]
    found = []
    for k in np.flatnonzero(np.abs(beyond) > FAR * np.maximum(np.abs(stated), np.abs(stated - beyond))):
        share = 100.0 * abs(float(beyond[k])) / abs(float(stated[k])) if stated[k] else 100.0
        values = {"fuel": {"zh": fuels.names[k][0], "en": fuels.names[k][1]}, "unit": fuels.units[k],
                  "stated": plain(float(stated[k])), "computed": plain(float(stated[k] - beyond[k])),
                  "percent": f"{share:.1f}"}  # fmt: skip
        found.append(Problem("accounts.energy_final_total", Where(file=file), values, "warning"))
    return tuple(found)
