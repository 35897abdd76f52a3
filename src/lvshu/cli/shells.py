"""Which shell the completion is for: the one the program was started from, else the person's own ($SHELL)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import shellingham

from lvshu.core.errors import ConfigError, Problem

COMPLETED = ("bash", "zsh", "fish", "powershell", "pwsh")


def shell_in_use() -> str:
    """Return the name of a shell that has a completion, as Typer spells it.

    Raises:
        ConfigError: cli.no_shell, no shell is among the processes above (cron, a container's first process) and $SHELL
            names none; or the one found has no completion.
    """
    try:
        found = str(shellingham.detect_shell()[0])
    except shellingham.ShellDetectionFailure:
        found = Path(os.environ.get("SHELL", "")).name.lower()
    if found in COMPLETED:
        return found
    values = {"found": found or "—", "shells": ", ".join(COMPLETED)}
    raise ConfigError(Problem("cli.no_shell", values=values))


def for_the_shell_in_use(parameter: Any) -> None:
    """Let a completion option of Typer serve the shell in use; Typer itself says `Shell None is not supported`."""
    serve = parameter.callback

    def callback(context: Any, option: Any, value: Any) -> Any:
        asked = value is True and not context.resilient_parsing
        return serve(context, option, shell_in_use() if asked else value)

    parameter.callback = callback
