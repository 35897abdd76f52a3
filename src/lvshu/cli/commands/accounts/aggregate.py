"""lvshu accounts aggregate: a system of fewer sectors or regions, by a bridge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvshu.accounts.compile.bridge import Bridge
from lvshu.accounts.compile.tables import aggregate
from lvshu.cli.commands.accounts.common import opened, told
from lvshu.cli.commands.accounts.convert import save, told_saved
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    bridge: Path | None,
    level: str,
    folder: Path | None,
    saved: str,
    **reading: Any,
) -> int:
    """Save the aggregated system. Returns the exit code."""
    if bridge is None:
        raise ConfigError(Problem("accounts.bridge_not_given"))
    output = Output(language, as_json)
    system = aggregate(opened(source, **reading), Bridge.read(bridge, level))
    told(output, system.notes)
    save(output, system, folder, saved)
    told_saved(output, system, folder, saved)
    return 0
