"""lvshu accounts extract: what is lost without a sector."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.ask.structure import extract
from lvshu.cli.commands.accounts.common import accounts_of, deliver, noted
from lvshu.cli.console import Output


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    stressor: Sequence[str] | None,
    way: str,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print the losses of every extraction. Returns the exit code."""
    accounts = accounts_of(source, output=Output(language, as_json), **reading)
    results = noted([extract(accounts, stressor, way=way)], accounts)
    deliver(Output(language, as_json), results, to=to or (), top=top)
    return 0
