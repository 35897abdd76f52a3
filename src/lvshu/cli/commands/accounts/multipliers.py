"""lvshu accounts multipliers: total intensity of one unit of each final product."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.cli.commands.accounts.common import accounts_of, deliver
from lvshu.cli.console import Output


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    stressor: Sequence[str] | None,
    region: str,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print the multipliers of a source. Returns the exit code."""
    accounts = accounts_of(source, output=Output(language, as_json), **reading)
    result = accounts.multipliers(stressor)
    if region:
        result = result.columns_at(accounts.system.industries.find(region))
    deliver(Output(language, as_json), [result], to=to or (), top=top)
    return 0
