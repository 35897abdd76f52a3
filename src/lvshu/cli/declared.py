"""Commands declared as data: which options each has, and what each option is. The texts stand in TEXTS.

A group's commands are `lvshu.cli.commands.<group>.<name>`; their `execute` takes the options by these names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from lvshu.core.errors import InputError, Problem

Texts = Callable[[str], str]
WORKSPACE, FOLDER = "--workspace", "workspace_folder"


@dataclass(frozen=True)
class Option:
    """One option or argument: its flag ("" for an argument), kind, default, and limits."""

    flag: str
    kind: Any
    default: Any = inspect.Parameter.empty
    least: float | None = None
    short: str = ""
    most: float | None = None


def one_folder(workspace: Path | None, folder: Path | None) -> Path:
    """Return the workspace that is meant: by --workspace or by its folder as an argument, else the present folder.

    Raises:
        InputError: cli.two_folders, both are given and are not the same.
    """
    if workspace is not None and folder is not None and workspace.resolve() != folder.resolve():
        values = {"workspace": str(workspace), "folder": str(folder)}
        raise InputError(Problem("cli.two_folders", values=values))
    return workspace or folder or Path()


def add_group(
    app: typer.Typer,
    name: str,
    commands: Mapping[str, Sequence[str]],
    options: Mapping[str, Option],
    *,
    classes: tuple[Any, Any],
    language: str,
    t: Texts,
    execute: Callable[..., None],
) -> None:
    """Add a group and its commands to the program.

    Args:
        app: the program.
        name: of the group; its texts are `<name>`, `<name>.<command>` and `<name>.option.<option>`.
        commands: names of each command's options.
        options: what each option is.
        classes: of commands and of groups, whose help speaks the language.
        language: "zh" or "en".
        t: text of a key in that language.
        execute: runs a command's module, named by its first argument, with options.
    """
    command_class, group_class = classes
    group = typer.Typer(
        cls=group_class, help=t(name), no_args_is_help=True, rich_markup_mode="rich",
        options_metavar=t("word.options_metavar"), subcommand_metavar=t("word.command_metavar"),
    )  # fmt: skip
    for command, wanted in commands.items():
        needed = any(
            not options[key].flag and options[key].default is inspect.Parameter.empty for key in wanted
        )
        group.command(
            command, cls=command_class, help=t(f"{name}.{command}"), options_metavar=t("word.options_metavar"),
            no_args_is_help=needed,
        )(_function(name, command, {key: options[key] for key in wanted}, language, t, execute))  # fmt: skip
    app.add_typer(group, name=name)


def _function(
    group: str,
    name: str,
    options: Mapping[str, Option],
    language: str,
    t: Texts,
    execute: Callable[..., None],
) -> Callable[..., None]:
    """Return a function whose signature declares the options of a command, as typer reads them.

    A command that asks for a workspace and has no argument of its own takes the folder as its argument, too, as `run`.
    """

    workspace = next((key for key, option in options.items() if option.flag == WORKSPACE), None)
    takes_folder = workspace is not None and all(option.flag for option in options.values())

    def run(**given: Any) -> None:
        folder = given.pop(FOLDER, None)  # a name that no option of a command has
        if folder is not None and workspace is not None:
            given[workspace] = one_folder(None if given[workspace] == Path() else given[workspace], folder)
        asked = given.pop("lang") or language
        as_json = given.pop("json")
        plain = {key: _plain(value) for key, value in given.items()}
        module = name.replace("-", "_")
        execute(f"{group}.{module}", language=asked, as_json=as_json, **plain)

    parameters = [_parameter(FOLDER, Option("", Path, None), t("workspace"))] if takes_folder else []
    parameters += [_parameter(key, option, t(f"{group}.option.{key}")) for key, option in options.items()]
    lang = typer.Option("--lang", help=t("lang"), show_default=False, metavar="zh|en")
    parameters.append(_keyword("lang", Annotated[str, lang], ""))
    parameters.append(_keyword("json", Annotated[bool, typer.Option("--json", help=t("json"))], False))
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__name__ = name
    return run


def _parameter(name: str, option: Option, text: str) -> inspect.Parameter:
    is_given = option.default is inspect.Parameter.empty
    shown = option.default not in (None, "", False, inspect.Parameter.empty)
    kind = option.kind if is_given or option.default is not None else option.kind | None
    if not option.flag:
        return _keyword(name, Annotated[kind, typer.Argument(help=text, show_default=False)], option.default)
    flags = [option.flag, *([option.short] if option.short else [])]
    declared = typer.Option(
        *flags, help=text, show_default=shown, min=option.least, max=option.most, case_sensitive=False
    )
    return _keyword(name, Annotated[kind, declared], option.default)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default
    )


def _plain(value: Any) -> Any:
    """Return an option's value as commands take it: texts for choices, tuples for lists."""
    if isinstance(value, StrEnum):
        return value.value
    return tuple(value) if isinstance(value, list) else value
