"""An energy balance read from a published file, without a workspace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lvshu.accounts.book.energy import FuelSet, build_balance
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.accounts.sources.published import check_file, grids_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.layout import layout

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
        InputError: no energy balance is found, or all that is wrong with it; a negative final use is wrong.
    """
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
