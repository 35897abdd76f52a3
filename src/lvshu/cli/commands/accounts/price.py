"""lvshu accounts price: how a carbon price reaches products and households."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.ask.carbon_price import price_effects
from lvshu.cli.commands.accounts.common import accounts_of, deliver, noted
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    stressor: Sequence[str] | None,
    region: str,
    carbon_price: float | None,
    pass_through: float,
    exempt: Sequence[str] | None,
    border: bool,
    households: Path | None,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print the effects of a carbon price. Returns the exit code."""
    if carbon_price is None:
        raise ConfigError(Problem("accounts.price_missing"))
    accounts = accounts_of(source, output=Output(language, as_json), **reading)
    results = price_effects(
        accounts, carbon_price, stressor,
        region=region, pass_through=pass_through,
        exempt=exempt or (), border=border, households=households,
    )  # fmt: skip
    deliver(Output(language, as_json), noted(results, accounts), to=to or (), top=top)
    return 0
