"""lvshu accounts inventory: CO2 of an energy balance by the sectoral or reference method, their gap, the GPC table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lvshu.accounts.ask.inventory import gap_result, gpc_result, inventory_result
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.sources.energy_balance import BalanceSource, read_balance
from lvshu.accounts.sources.read import spelled
from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.accounts.common import deliver
from lvshu.cli.console import Output

NO_AREA = "000000"


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    kind: str,
    bunkers: str,
    factors: str,
    year: int | None,
    area: str,
    unit: str,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Print an inventory of an energy balance. Returns the exit code."""
    packs = PackLibrary.load(None)
    given = read_balance(
        source, packs, year=year or 0, area=area or NO_AREA, unit=spelled(unit or None), factors=factors
    )
    result = _result(given, packs, kind, bunkers, factors)
    result = replace(result, notes=(*given.notes, *result.notes))
    output = Output(language, as_json)
    deliver(output, [result], to=to or (), top=top)
    output.problems(given.warnings)
    return 0


def _result(given: BalanceSource, packs: PackLibrary, kind: str, bunkers: str, factors: str) -> Result:
    origin = (given.origin,)
    if kind == "gpc":
        return gpc_result(given.balance, given.fuels, packs, area=given.area, year=given.year, factor_set=factors,
                          sources=given.sources, origin=origin)  # fmt: skip
    if kind == "gap":
        return gap_result(given.balance, given.fuels, packs, bunkers=bunkers, origin=origin)
    return inventory_result(given.balance, given.fuels, packs, method=kind, bunkers=bunkers, origin=origin)
