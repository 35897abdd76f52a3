"""lvshu accounts convert: a system saved in the format of lvshu or of pymrio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers import save_system
from lvshu.accounts.readers.pymrio_save import write_pymrio
from lvshu.cli.commands.accounts.common import opened
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem


def execute(
    *, language: str, as_json: bool, source: Path, folder: Path | None, saved: str, **reading: Any
) -> int:
    """Save a source as a system. Returns the exit code."""
    output = Output(language, as_json)
    system = opened(source, **reading)
    save(output, system, folder, saved)
    told_saved(output, system, folder, saved)
    return 0


def save(output: Output, system: InputOutputSystem, folder: Path | None, saved: str) -> None:
    """Save a system in a folder and say so to people."""
    if folder is None:
        raise ConfigError(Problem("accounts.folder_missing"))
    if saved == "lvshu":
        save_system(system, folder)
    else:
        write_pymrio(system, folder, table_format="parquet" if saved == "pymrio-parquet" else "txt")
    output.say(output.text("export.written", path=folder))


def told_saved(output: Output, system: InputOutputSystem, folder: Path | None, saved: str) -> None:
    """Print the one JSON object of a command that only saves."""
    output.json({"ok": True, "folder": folder, "format": saved, "industries": len(system.industries)})
