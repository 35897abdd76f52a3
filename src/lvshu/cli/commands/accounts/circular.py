"""lvshu accounts circular: indicators, breaks of the loop, what-if, stocks, waste, cycling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lvshu.accounts.ask import circularity
from lvshu.accounts.ask.cycling import cycling_result
from lvshu.accounts.ask.stocks import scrap_account, stock_accounts
from lvshu.accounts.ask.waste import (
    hybrid_waste,
    waste_account,
    waste_by_treatment,
    waste_scenario,
    waste_stressors,
)
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.readers.waste_input_output import is_hybrid_workbook, read_hybrid_tables
from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.accounts.common import accounts_of, deliver
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem
from lvshu.intake.workbook import ENDINGS

WANTED: Mapping[str, tuple[int, int]] = {
    "indicators": (1, 9), "breaks": (1, 9), "what-if": (1, 9), "stocks": (2, 4), "waste": (1, 2), "cycling": (1, 1),
}  # fmt: skip


def execute(
    *,
    language: str,
    as_json: bool,
    what: str,
    inputs: Sequence[Path] | None,
    recover: Sequence[str] | None,
    driven_by: str,
    replicates: int,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Print a circularity account. Returns the exit code."""
    files = list(inputs or ())
    least, most = WANTED[what]
    if not least <= len(files) <= most:
        values = {"what": what, "needs": _needs(least, most), "count": len(files)}
        raise ConfigError(Problem("accounts.circular_files", values=values))
    output = Output(language, as_json)
    makers: Mapping[str, Callable[[], list[Result]]] = {
        "indicators": lambda: _indicators(files, replicates),
        "breaks": lambda: [
            circularity.break_result(circularity.read_circular(files), PackLibrary.load(None))
        ],
        "what-if": lambda: [_what_if(files, recover or ())],
        "stocks": lambda: _stocks(output, files, driven_by, replicates),
        "waste": lambda: _waste(output, files),
        "cycling": lambda: [cycling_result(accounts_of(files[0], output=output))],
    }
    deliver(output, makers[what](), to=to or (), top=top)
    return 0


def _needs(least: int, most: int) -> dict[str, str]:
    if least == most:
        return {"zh": f" {least} 个输入", "en": "one input" if least == 1 else f"{least} inputs"}
    return {"zh": f" {least} 到 {most} 个输入", "en": f"{least} to {most} inputs"}


def _indicators(files: list[Path], replicates: int) -> list[Result]:
    inputs, packs = circularity.read_circular(files), PackLibrary.load(None)
    found = circularity.indicator_result(inputs, packs, replicates=replicates or 200)
    return [found, circularity.component_result(inputs, packs)]


def _what_if(files: list[Path], recover: Sequence[str]) -> Result:
    inputs = circularity.read_circular(files)
    return circularity.what_if_result(inputs, PackLibrary.load(None), circularity.recover_of(recover) or None)


def _stocks(output: Output, files: list[Path], driven_by: str, replicates: int) -> list[Result]:
    """Series, lifetimes, and, in this order, an opening stock and the material content of what leaves."""
    opening = files[2] if len(files) > 2 else None
    made = stock_accounts(files[0], files[1], driven_by=driven_by, opening=opening, replicates=replicates)
    output.problems(made.problems)
    results = [made.stock, made.inflow, made.outflow]
    return [*results, scrap_account(made.outflow, files[3])] if len(files) > 3 else results


def _waste(output: Output, files: list[Path]) -> list[Result]:
    if files[0].is_file() and files[0].suffix.lower() in ENDINGS and is_hybrid_workbook(files[0]):
        return [hybrid_waste(table) for table in read_hybrid_tables(files[0])]
    account = waste_account(files[0])
    output.problems(account.problems)
    results = [waste_by_treatment(account), waste_stressors(account)]
    return [*results, waste_scenario(account, files[1])] if len(files) > 1 else results
