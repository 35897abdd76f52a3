"""lvshu accounts paths: the supply chains that emissions come along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.ask.structure import paths
from lvshu.cli.commands.accounts.common import accounts_of, deliver, noted
from lvshu.cli.console import Output


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    stressor: Sequence[str] | None,
    region: str,
    final: str,
    sector: Sequence[str] | None,
    cut: float,
    depth: int | None,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print the structural paths of a footprint. Returns the exit code."""
    accounts = accounts_of(source, output=Output(language, as_json), **reading)
    results = paths(
        accounts, stressor, region=region, final=final, sectors=sector or (), cut=cut, depth=depth
    )
    deliver(Output(language, as_json), noted(results, accounts), to=to or (), top=top)
    return 0
