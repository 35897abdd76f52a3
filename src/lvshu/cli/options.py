"""Arguments before they are parsed, and what the parser complains of, as problems in both languages."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from lvshu.core.errors import Problem

COMMANDS = (
    "new", "run", "check", "explain", "packs", "compare", "export", "headlines", "runs", "get", "file", "accounts",
    "code", "desk", "match", "register", "serve", "users", "series", "estimate", "disclose",
    "edit", "forms",
)  # fmt: skip
GROUPS = (
    "accounts",
    "code",
    "desk",
    "match",
    "register",
    "users",
    "series",
    "estimate",
    "disclose",
    "edit",
    "forms",
)


def everywhere(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with --lang and --json, where they stand before the command, moved behind it."""
    found: list[str] = []
    moved: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument in COMMANDS:
            if argument in GROUPS:
                found.append(argument)
                asked, waiting = _apart(waiting)
                if not waiting or waiting[0].startswith("-"):
                    return [*found, *waiting]
                argument, moved = waiting.pop(0), [*moved, *asked]
            return [*found, argument, *moved, *waiting]
        if argument == "--json" or argument.startswith("--lang="):
            moved.append(argument)
        elif argument == "--lang" and waiting:
            moved += [argument, waiting.pop(0)]
        else:
            found.append(argument)
    # a language alone is no command: the help, as without arguments
    return [] if not found and "--json" not in moved else [*moved, *found]


def _apart(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return --lang and --json that directly follow the name of a group, and the rest; a group takes neither."""
    asked: list[str] = []
    waiting = list(arguments)
    while waiting and (waiting[0] in ("--json", "--lang") or waiting[0].startswith("--lang=")):
        asked.append(waiting.pop(0))
        if asked[-1] == "--lang" and waiting:
            asked.append(waiting.pop(0))
    return asked, waiting


def usage_problem(error: Exception) -> Problem | None:
    """Return the problem that an error of the option parser states; None for any other error."""
    if not hasattr(error, "format_message"):
        return None
    command = _command_of(error)
    values: dict[str, object] = {"command": command, "reason": error.format_message()}
    name = type(error).__name__
    if name == "NoArgsIsHelpError":
        return None
    if name == "NoSuchOption":
        near = list(getattr(error, "possibilities", None) or [])
        values |= {"option": getattr(error, "option_name", "?"), "near": near}
        return Problem("cli.no_such_option_near" if near else "cli.no_such_option", values=values)
    if name == "MissingParameter":
        return Problem("cli.missing", values={**values, "parameter": _parameter(error)})
    if name == "BadParameter":
        return Problem("cli.bad_value", values={**values, "parameter": _parameter(error)})
    wanted = _unknown_command(error)
    if wanted is not None:
        near = difflib.get_close_matches(wanted, COMMANDS, n=2)
        return Problem("cli.no_such_command", values={"name": wanted, "near": near or list(COMMANDS)})
    surplus = _surplus(error)
    if surplus:
        return Problem("cli.surplus", values={**values, "folder": surplus})
    return Problem("cli.usage", values=values)


def _surplus(error: Any) -> str:
    """Return the argument that a command with an option for its workspace has no room for."""
    context = getattr(error, "ctx", None)
    message = str(getattr(error, "message", ""))
    parameters = getattr(getattr(context, "command", None), "params", ())
    takes = any("--workspace" in one.opts for one in parameters) and all(
        one.name != "workspace_folder" for one in parameters
    )
    if "unexpected extra argument" not in message or not takes:
        return ""
    given = message[message.rfind("(") + 1 : message.rfind(")")]
    return given.split()[-1] if given else ""


def _command_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return str(context.command_path) if context is not None else "lvshu"


def _parameter(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "param_hint", None) or "?")
    options = [name for name in parameter.opts if name.startswith("-")]
    return options[0] if options else str(parameter.name).upper()


def _unknown_command(error: Any) -> str | None:
    context = getattr(error, "ctx", None)
    message = str(getattr(error, "message", ""))
    if context is None or context.parent is not None or not message.startswith("No such command"):
        return None
    return message.split("'")[1] if message.count("'") >= 2 else message
