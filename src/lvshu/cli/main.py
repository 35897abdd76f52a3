"""The entry point: choose the language, run the command, turn errors into panels and exit codes.

Exit codes: 0 done; 1 the data have problems; 2 wrong usage or settings; 3 the store or the engine failed;
130 stopped by the user.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from lvshu.core.errors import (
    ConfigError,
    ContractError,
    EngineError,
    InputError,
    LvshuError,
    MethodError,
    PackError,
    Problem,
    StoreError,
)
from lvshu.core.text import LANGUAGES, language_of_environment

DATA, USAGE, MACHINE, CANCELLED = 1, 2, 3, 130
_CODES: tuple[tuple[type[LvshuError], int], ...] = (
    (ConfigError, USAGE),
    (StoreError, MACHINE),
    (EngineError, MACHINE),
    (InputError, DATA),
    (ContractError, DATA),
    (MethodError, DATA),
    (PackError, DATA),
)


def language_of(arguments: Sequence[str]) -> str:
    """Return the language asked for: --lang, else LVSHU_LANG, else the locale, else English."""
    for position, argument in enumerate(arguments):
        found = ""
        if argument == "--lang" and position + 1 < len(arguments):
            found = arguments[position + 1]
        elif argument.startswith("--lang="):
            found = argument.removeprefix("--lang=")
        if found in LANGUAGES:
            return found
    return language_of_environment()


def main(arguments: Sequence[str]) -> int:
    """Return the exit code of the program, run with some arguments."""
    language = language_of(arguments)
    as_json = "--json" in arguments
    from lvshu.cli.app import Stop, build_app
    from lvshu.cli.options import everywhere

    try:
        import typer

        command = typer.main.get_command(build_app(language))
        code = command.main(everywhere(arguments), prog_name="lvshu", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except Stop as stop:
        return stop.code
    except LvshuError as error:
        return _tell(error.problems, language, as_json, _code_of(error))
    except KeyboardInterrupt:
        return CANCELLED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  (the outermost boundary: whatever comes must be told, not thrown)
        from lvshu.cli.options import usage_problem

        usage = usage_problem(error)
        if usage is not None:
            return _tell((usage,), language, as_json, USAGE)
        if type(error).__name__ == "Exit":
            return int(getattr(error, "exit_code", 0))
        return _tell((_unexpected(error),), language, as_json, MACHINE)


def _code_of(error: LvshuError) -> int:
    if error.code == "pipeline.cancelled":
        return CANCELLED
    return next((code for kind, code in _CODES if isinstance(error, kind)), MACHINE)


def _unexpected(error: Exception) -> Problem:
    trace = "".join(traceback.format_exception(error)[-3:]).strip()
    return Problem(
        "cli.unexpected", values={"kind": type(error).__name__, "reason": str(error), "trace": trace}
    )


def _tell(problems: Sequence[Problem], language: str, as_json: bool, code: int) -> int:
    from lvshu.cli.console import Output

    output = Output(language, as_json)
    output.json({"ok": False, "errors": [problem.as_json() for problem in problems]})
    output.problems(problems)
    return code


def run() -> Any:
    """Run the program with the arguments of the process and leave with its exit code."""
    sys.exit(main(sys.argv[1:]))
