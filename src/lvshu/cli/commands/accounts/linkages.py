"""lvshu accounts linkages: backward and forward linkages, and key sectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.ask.structure import linkage_table
from lvshu.cli.commands.accounts.common import accounts_of, deliver
from lvshu.cli.console import Output


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    region: str,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print the linkages of a source. Returns the exit code."""
    accounts = accounts_of(source, output=Output(language, as_json), **reading)
    result, _ = linkage_table(accounts)
    if region:
        result = result.columns_at(accounts.system.industries.find(region))
    deliver(Output(language, as_json), [result], to=to or (), top=top)
    return 0
