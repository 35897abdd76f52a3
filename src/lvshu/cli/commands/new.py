"""lvshu new: a workspace with the sample city, one's own files, or blank templates."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.cli.console import Output
from lvshu.contract import TableContract, all_contracts
from lvshu.core.errors import ConfigError, InputError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.store.config import FILE_NAME
from lvshu.store.workspace import Workspace

TEMPLATES = "templates"
_SCALE = re.compile(r"^(?:1\s*[:：/]\s*)?(\d{1,4})$")


def execute(
    *,
    language: str,
    as_json: bool,
    path: Path,
    sample: bool,
    scale: str,
    seed: int | None,
    area: str,
    year: int | None,
    name: str,
    files: Sequence[Path],
    template: str,
) -> int:
    """Make a workspace, or add files or templates to one. Returns the exit code."""
    output = Output(language, as_json)
    made: dict[str, Any] = {"ok": True, "workspace": str(path), "copied": [], "templates": []}
    templates = _templates_named(template) if template else ()
    divisor = _divisor(scale)
    absent = [file for file in files if not file.is_file()]
    if absent:
        raise InputError(*(Problem("cli.no_such_file", values={"file": file}) for file in absent))
    exists = (path / FILE_NAME).exists()
    if sample and (area or name):
        given = " / ".join(option for option, value in (("--area", area), ("--name", name)) if value)
        raise ConfigError(Problem("cli.sample_is_fixed", values={"given": given}))
    if sample:
        made["sample"] = _sample(output, path, divisor=divisor, seed=seed, year=year)
    elif area or year or name or (files and not exists):
        _empty(path, area=area, year=year, name=name, seed=seed)
    elif not templates and not files:
        raise ConfigError(Problem("cli.new_needs_city", values={"path": path}))
    if sample or (not exists and (path / FILE_NAME).exists()):
        output.say(output.text("new.made", path=path))
        _tell_name(output, Workspace.open(path))
    problems: tuple[Problem, ...] = ()
    if files:
        made["copied"], problems = _copy(output, path / "inputs", files)
    if templates:
        made["templates"] = _write_templates(output, path / TEMPLATES, templates, language)
    made["problems"] = [problem.as_json() for problem in problems]
    made["ok"] = not any(problem.severity == "error" for problem in problems)
    output.json(made)
    if (path / FILE_NAME).exists():
        output.say(output.text("new.next", path=path))
    return 0 if made["ok"] else 1


def _divisor(scale: str) -> int:
    found = _SCALE.match(scale.strip())
    if found is None or int(found[1]) < 1:
        raise ConfigError(Problem("cli.scale", values={"scale": scale}))
    return int(found[1])


def _sample(
    output: Output, path: Path, *, divisor: int, seed: int | None, year: int | None
) -> dict[str, Any]:
    from lvshu import sample

    chosen: dict[str, Any] = {"scale": divisor}
    if seed is not None:
        chosen["seed"] = seed
    if year is not None:
        chosen["year"] = year
    sample.write_city(path, **chosen)
    used = Workspace.open(path).config.estimation.seed if seed is None else seed
    output.say(output.text("new.sample_written", scale=divisor, seed=used))
    return {"scale": f"1:{divisor}", "seed": used}


def _empty(path: Path, *, area: str, year: int | None, name: str, seed: int | None) -> Workspace:
    if not area or year is None:
        raise ConfigError(Problem("cli.new_needs_city", values={"path": path}))
    return Workspace.create(path, name=name, area=area, year=year, seed=seed)


def _tell_name(output: Output, made: Workspace) -> None:
    """Say that the area has no English name, where a code stands for it."""
    city = made.config.city
    if city.area_en.endswith(city.area):
        told = {"area": city.area_zh, "name": city.area_en, "file": FILE_NAME}
        output.say(output.text("new.area_without_english", **told))


def _templates_named(template: str) -> tuple[TableContract, ...]:
    known = {one.name: one for one in all_contracts().values() if one.kind == "input"}
    if template == "all":
        return tuple(known.values())
    labels = {label: one for one in known.values() for label in (one.name, one.zh, one.en)}
    if template not in labels:
        near = difflib.get_close_matches(template, labels, n=5) or sorted(known)
        raise InputError(Problem("cli.no_such_template", values={"table": template, "known": near}))
    return (labels[template],)


def _write_templates(
    output: Output, folder: Path, contracts: Sequence[TableContract], language: str
) -> list[dict[str, str]]:
    from lvshu.intake import write_template

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for contract in contracts:
        place = folder / f"{contract.name}.xlsx"
        write_template(contract, place, language=language)
        output.say(output.text("new.template_written", path=place))
        written.append({"table": contract.name, "file": str(place)})
    return written


def _copy(
    output: Output, inputs: Path, files: Sequence[Path]
) -> tuple[list[dict[str, Any]], tuple[Problem, ...]]:
    """Copy files (each with its mapping file, if it has one) and tell what each was recognised as."""
    from lvshu.intake import discover
    from lvshu.intake.mapping import mapping_path

    inputs.mkdir(parents=True, exist_ok=True)
    clashes = [
        Problem("cli.same_name", Where(file=str(inputs)), {"file": file.name})
        for file in files
        if (inputs / file.name).exists() and sha256_of_file(inputs / file.name) != sha256_of_file(file)
    ]
    if clashes:
        raise InputError(*clashes)
    for file in files:
        shutil.copyfile(file, inputs / file.name)
        if mapping_path(file).is_file():
            shutil.copyfile(mapping_path(file), inputs / mapping_path(file).name)
    found = discover([inputs / file.name for file in files], all_contracts())
    output.problems(found.problems)
    copied = []
    for file in files:
        own = [one for one in found.files if one.name == file.name]
        for one in own:
            recognised = [{"table": table, "layout": one.layout, "sheet": one.sheet} for table in one.tables]
            copied.append({"file": file.name, "recognised": recognised})
            output.say(output.text("new.copied", file=one.label, recognised=_named(output, one)))
        if not own:
            copied.append({"file": file.name, "recognised": []})
            output.say(output.text("new.copied_unknown", file=file.name))
    return copied, found.problems


def _named(output: Output, file: Any) -> str:
    contracts = all_contracts()
    tables = "、".join(f"{contracts[table].label(output.language)} ({table})" for table in file.tables)
    return f"{tables}, {output.text('layout', name=file.layout)}" if file.layout else tables
