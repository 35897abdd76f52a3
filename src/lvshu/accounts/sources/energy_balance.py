"""An energy balance read from a published file, without a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lvshu.accounts.book.energy import FuelSet, build_balance
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.accounts.sources.published import check_file, grids_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.layout import layout


@dataclass(frozen=True)
class BalanceSource:
    """An energy balance with its fuels, year and area; and what its reader had to settle."""

    balance: EnergyBalance
    fuels: FuelSet
    year: int
    area: str
    origin: Origin
    notes: tuple[tuple[str, str], ...]


def read_balance(
    path: Path, packs: PackLibrary, *, year: int, area: str, unit: str | None, factors: str
) -> BalanceSource:
    """Return the energy balance of a published table (csv or workbook).

    Args:
        path: the file, in the layout of the yearbook.
        packs: fuels, items and factors.
        year: of the balance, where its title does not say.
        area: six-digit code, where its title does not say.
        unit: "yearbook" where the figures are in the yearbook's units and the table does not say so.
        factors: id of the pack of emission factors.

    Raises:
        InputError: no energy balance is found, or all that is wrong with it.
    """
    check_file(path)
    reader = layout("energy_balance")
    grid = next((one for one in grids_of(path) if reader.recognises(one)), None)
    if grid is None:
        raise InputError(Problem("accounts.no_energy_balance", Where(file=path.name)))
    found = reader.read(grid, year=year, area_code=area, unit=unit)
    if any(problem.severity == "error" for problem in found.problems):
        raise InputError(*found.problems)
    columns = found.tables["energy_balance_cell"]
    rows = [dict(zip(columns, record, strict=True)) for record in zip(*columns.values(), strict=True)]
    balance, fuels = build_balance(rows, packs, factors)
    origin = Origin(title=path.stem, file=path.name, sha256=sha256_of_file(path))
    notes = tuple((one.what("zh"), one.what("en")) for one in found.problems)
    return BalanceSource(balance, fuels, int(str(rows[0]["year"])), str(rows[0]["area_code"]), origin, notes)
