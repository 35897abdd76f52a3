"""lvshu accounts footprint: footprints, and the accounts of production, consumption, trade and income."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.ask.analysis import Accounts
from lvshu.accounts.ask.brought_in import brought_in
from lvshu.accounts.ledger.result import Result
from lvshu.cli.commands.accounts.common import accounts_of, deliver
from lvshu.cli.console import Output

Make = Callable[[Accounts, Sequence[str] | None], Result]
OTHERS: Mapping[str, Make] = {
    "production": lambda accounts, words: accounts.production(words),
    "exports": lambda accounts, words: accounts.exports(words),
    "imports": lambda accounts, words: accounts.imports(words),
    "balance": lambda accounts, words: accounts.balance(words),
    "bilateral": lambda accounts, words: accounts.bilateral(words),
    "income": lambda accounts, words: accounts.income(words),
}


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    stressor: Sequence[str] | None,
    account: str,
    by: str,
    region: str,
    final: str,
    table_error: float,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print an account of a source. Returns the exit code."""
    output = Output(language, as_json)
    accounts = accounts_of(source, output=output, **reading)
    if account == "consumption":
        result = accounts.footprint(stressor, by=by, region=region, final=final, table_error=table_error)
    else:
        result = OTHERS[account](accounts, stressor)
    results = [result]
    elsewhere = (
        brought_in(accounts, stressor, region=region, final=final) if account == "consumption" else None
    )
    if elsewhere is not None:
        results.append(elsewhere)
    if len(result.rows) == 1 and account == "consumption":
        several = len(accounts.system.regions) > 1 and not (region or final)
        results.append(
            accounts.bilateral(stressor) if several else accounts.flows(stressor, region=region, final=final)
        )
    deliver(output, results, to=to or (), top=top)
    return 0
