"""The format in which pymrio saves a system: a folder or zip of text or parquet files with file_parameters.json.

EXIOBASE 3 is published in it. pickle files are not opened: unpickling runs whatever code the file holds.

Source: Stadler (2021), Pymrio, Journal of Open Research Software 9(1), 8; the files that its `save_all` writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import FINAL_LEVELS, INDUSTRY_LEVELS, Extension, InputOutputSystem
from lvshu.accounts.readers.archive import Archive, join
from lvshu.accounts.readers.assemble import (
    Note,
    Parts,
    ReadOptions,
    assemble,
    check_stressor_units,
    index_of,
    money_unit,
    order_of,
    told,
)
from lvshu.accounts.readers.parquet_table import read_parquet_table, read_parquet_words
from lvshu.accounts.readers.text_table import Label, Shape, TextTable, read_text_table, read_words
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import Origin
from lvshu.core.units import find_unit

Array = NDArray[np.float64]
PARAMETERS = "file_parameters.json"
METADATA = "metadata.json"
_PARQUET = frozenset({".parquet", ".parq", ".par"})
_PICKLE = frozenset({".pkl", ".pickle"})
_READ = frozenset({"Z", "A", "Y", "x", "unit", "F", "F_Y", "FY", "F_hh"})
_USUAL = {
    name: {"name": f"{name}.txt", "nr_index_col": "2", "nr_header": "1" if name in ("x", "unit") else "2"}
    for name in ("Z", "A", "Y", "x", "unit")
}
_USUAL_EXTENSION = {
    name: {"name": f"{name}.txt", "nr_index_col": "1", "nr_header": "1" if name == "unit" else "2"}
    for name in ("F", "F_Y", "F_hh", "unit")
}
PRIMARY_FOLDERS = ("factor_inputs", "satellite")


@dataclass(frozen=True)
class Saved:
    """One folder of the format: where it is and which files it holds.

    Attributes:
        archive: the whole.
        folder: path of the folder in it, "" for its root.
        files: key (Z, Y, F, unit ...) -> file name and numbers of label columns and header rows.
    """

    archive: Archive
    folder: str
    files: Mapping[str, Mapping[str, Any]]

    def member(self, key: str) -> str:
        """Return the member that holds a table."""
        return join(self.folder, str(self.files[key]["name"]))

    def table(self, key: str, problems: list[Problem]) -> TextTable | None:
        """Return a table, or None where faults were added to the problems."""
        name = self.member(key)
        ending = PurePosixPath(name).suffix.lower()
        if ending in _PICKLE:
            problems.append(Problem("accounts.reader_pickle", self.archive.where(name)))
            return None
        if ending in _PARQUET:
            return read_parquet_table(self.archive, name, problems)
        entry = self.files[key]
        return read_text_table(
            self.archive, name, Shape(int(entry["nr_index_col"]), int(entry["nr_header"])), problems
        )

    def units(self, problems: list[Problem]) -> dict[Label, str]:
        """Return the table of units: the label of a row -> unit."""
        if "unit" not in self.files:
            return {}
        name = self.member("unit")
        if not self.archive.has(name):
            problems.append(self.archive.missing(name))
            return {}
        ending = PurePosixPath(name).suffix.lower()
        if ending in _PICKLE:
            problems.append(Problem("accounts.reader_pickle", self.archive.where(name)))
            return {}
        if ending in _PARQUET:
            return read_parquet_words(self.archive, name, problems)
        rows = read_words(self.archive, name)[1:]
        return {tuple(row[:-1]): row[-1] for row in rows if len(row) > 1}


def find_root(archive: Archive, problems: list[Problem]) -> str | None:
    """Return the folder in which the system's own tables lie, or None where there is none or more than one."""
    described = [name for name in archive.names if PurePosixPath(name).name == PARAMETERS]
    roots = [name for name in described if _json(archive, name, problems).get("systemtype") == "IOSystem"]
    found = [name.rpartition("/")[0] for name in roots]
    if not found:
        found = [
            name.rpartition("/")[0]
            for name in archive.names
            if PurePosixPath(name).name in ("Z.txt", "A.txt")
            and archive.has(join(name.rpartition("/")[0], "Y.txt"))
        ]
        found = list(dict.fromkeys(found))
    if len(found) == 1:
        return found[0]
    code = "accounts.reader_several_systems" if found else "accounts.reader_no_system"
    problems.append(Problem(code, archive.where(""), {"found": found, "wanted": PARAMETERS}))
    return None


def _json(archive: Archive, name: str, problems: list[Problem]) -> dict[str, Any]:
    if not archive.has(name):
        return {}
    try:
        content = json.loads(archive.read(name).decode("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem("accounts.reader_unreadable", archive.where(name), {"reason": str(error)}))
        return {}
    return content if isinstance(content, dict) else {}


def _saved(archive: Archive, folder: str, usual: Mapping[str, Any], problems: list[Problem]) -> Saved:
    content = _json(archive, join(folder, PARAMETERS), problems)
    files = content.get("files") or {
        key: entry for key, entry in usual.items() if archive.has(join(folder, entry["name"]))
    }
    return Saved(archive, folder, files)


def read_parts(path: Path, options: ReadOptions, problems: list[Problem]) -> Parts:
    """Return what a saved system holds, unchecked but for its units and the labels of its extensions.

    Args:
        path: folder or zip file.
        options: what the user said of it.
        problems: faults are added here.

    Raises:
        InputError: there is no system, or its core cannot be read; with all that is wrong.
    """
    archive = Archive(path)
    root = find_root(archive, problems)
    if root is None:
        raise InputError(*problems)
    core = _saved(archive, root, _USUAL, problems)
    metadata = _json(archive, join(root, METADATA), problems)
    notes: list[Note] = []
    for key in ("Y",) if "Z" in core.files or "A" in core.files else ("Z", "Y"):
        if key not in core.files:
            problems.append(archive.missing(join(root, f"{key}.txt")))
    tables = {key: core.table(key, problems) for key in _core_keys(core)}
    where = archive.where("")
    words = core.units(problems)
    unit = money_unit(words.values(), options.unit, where, problems, notes)
    use, final = tables.get("Z") or tables.get("A"), tables.get("Y")
    if use is None or final is None:
        _extensions(archive, root, None, None, unit, options, problems, notes)
        raise InputError(*problems)
    industries = index_of(INDUSTRY_LEVELS, use.columns, where, problems)
    categories = index_of(FINAL_LEVELS, final.columns, where, problems)
    given = index_of(INDUSTRY_LEVELS, use.rows, where, problems)
    if industries is None or categories is None or given is None:
        raise InputError(*problems)
    demand = _aligned(final, given, "Y", archive.where(core.member("Y")), problems)
    stated = tables.get("x")
    output = (
        None if stated is None else _aligned(stated, given, "x", archive.where(core.member("x")), problems)
    )
    if demand is None:
        demand = np.zeros((len(given), len(categories)))
    vector = None if output is None else output[:, 0]
    matrix = use.values
    if "Z" not in tables:
        matrix, vector = _flows(use.values, demand, vector, notes)
    extensions, primary = _extensions(archive, root, given, categories, unit, options, problems, notes)
    _tell_blanks(tables, notes)
    left = sorted(key for key in core.files if key not in _READ)
    if left:
        notes.append(told("left_out", names=left))
    title, year = _title(metadata, path, options)
    origin = Origin(title=title, version=str(metadata.get("version") or ""), file=path.name)
    return Parts(title, year, where, use.rows, use.columns, final.columns, matrix, demand, unit, vector, primary,
                 extensions, origin, notes)  # fmt: skip


def _core_keys(core: Saved) -> list[str]:
    wanted = ["Z" if "Z" in core.files else "A", "Y", "x"]
    return [key for key in wanted if key in core.files]


def _title(metadata: Mapping[str, Any], path: Path, options: ReadOptions) -> tuple[str, int | None]:
    name = str(metadata.get("name") or path.stem)
    texts = (name, str(metadata.get("description") or ""), path.name)
    years = [found[0] for text in texts if (found := re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text))]
    return name, options.year or (int(years[0]) if years else None)


def _tell_blanks(tables: Mapping[str, TextTable | None], notes: list[Note]) -> None:
    for key, table in tables.items():
        if table is not None and table.blanks:
            notes.append(told("blanks", table=key, count=table.blanks))


def _aligned(table: TextTable, rows: Index, name: str, where: Any, problems: list[Problem]) -> Array | None:
    if table.rows == rows.labels:
        return table.values
    given = index_of(rows.levels, table.rows, where, problems)
    order = None if given is None else order_of(rows, given, ("Z", name), where, problems)
    return None if order is None else table.values[order]


def _flows(
    coefficients: Array, demand: Array, output: Array | None, notes: list[Note]
) -> tuple[Array, Array]:
    """Return Z and x where only the coefficients are published: Z = A x, x = (I - A)^-1 Y."""
    if output is None:
        output = np.linalg.solve(np.eye(len(coefficients)) - coefficients, demand.sum(axis=1))
    notes.append(told("from_coefficients"))
    return coefficients * output, output


def _extensions(
    archive: Archive,
    root: str,
    industries: Index | None,
    categories: Index | None,
    money: str,
    options: ReadOptions,
    problems: list[Problem],
    notes: list[Note],
) -> tuple[dict[str, Extension], dict[str, Array]]:
    """Return the extensions wanted, and value added from those that hold primary inputs."""
    found: dict[str, Extension] = {}
    primary: dict[str, Array] = {}
    for folder in archive.folders(root):
        saved = _saved(archive, join(root, folder), _USUAL_EXTENSION, problems)
        wanted = options.wants(folder)
        if "F" not in saved.files or not (wanted or folder == PRIMARY_FOLDERS[0]):
            if wanted and saved.files:
                notes.append(told("no_flows", name=folder))
            continue
        one = _extension(saved, folder, industries, categories, money, problems)
        if one is None:
            continue
        if folder in PRIMARY_FOLDERS or one.stressors.levels[0] == "inputtype":
            for place, label in enumerate(one.stressors.labels):
                unit = find_unit(one.units[place])
                if unit is not None and unit.symbol == money:
                    primary[" / ".join(label)] = np.asarray(one.flows)[place]
        if wanted:
            found[folder] = one
    return found, primary


def _extension(
    saved: Saved,
    folder: str,
    industries: Index | None,
    categories: Index | None,
    money: str,
    problems: list[Problem],
) -> Extension | None:
    flows = saved.table("F", problems)
    final_key = next((key for key in ("F_Y", "FY", "F_hh") if key in saved.files), None)
    final = saved.table(final_key, problems) if final_key else None
    units = saved.units(problems)
    if flows is None:
        return None
    where = saved.archive.where(saved.member("F"))
    parts = len(flows.rows[0])
    usual = ("stressor", "compartment", "source", "category", "detail")[:parts]
    levels = tuple(name or usual[place] for place, name in enumerate(flows.row_names))
    stressors = index_of(levels, flows.rows, where, problems)
    if stressors is None:
        return None
    unit_where = saved.archive.where(saved.member("unit")) if "unit" in saved.files else where
    primary = folder in PRIMARY_FOLDERS or levels[0] == "inputtype"
    written = check_stressor_units(stressors, units, money if primary else "", unit_where, problems)
    values = _columns(flows, industries, "F", where, problems)
    final_values = None
    if final is not None and final_key is not None:
        final_where = saved.archive.where(saved.member(final_key))
        turned = _columns(final, categories, final_key, final_where, problems)
        given = index_of(levels, final.rows, final_where, problems)
        order = None if given is None else order_of(stressors, given, ("F", final_key), final_where, problems)
        final_values = None if turned is None or order is None else turned[order]
    if values is None:
        return None
    return Extension(folder, stressors, written, values, final_values)


def _columns(
    table: TextTable, wanted: Index | None, name: str, where: Any, problems: list[Problem]
) -> Array | None:
    if wanted is None or table.columns == wanted.labels:
        return table.values
    given = index_of(wanted.levels, table.columns, where, problems)
    against = "Y" if wanted.levels == FINAL_LEVELS else "Z"
    order = None if given is None else order_of(wanted, given, (against, name), where, problems)
    return None if order is None else table.values[:, order]


class PymrioFormat:
    """The reader of systems saved by pymrio."""

    name = "pymrio"
    title = ("pymrio 保存的格式", "saved by pymrio")
    needs = (
        "一个文件夹或 zip，含 file_parameters.json、Z（或 A）与 Y；txt 或 parquet，不读 pickle",
        "a folder or zip with file_parameters.json, Z (or A) and Y; txt or parquet, never pickle",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the path holds such a system."""
        archive = Archive(path)
        if not (path.is_dir() or archive.is_zip):
            return False
        names = {PurePosixPath(name).name for name in archive.names}
        return (PARAMETERS in names or METADATA in names) and any(
            name.split(".")[0] in ("Z", "A") for name in names
        )

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong with it.
        """
        problems: list[Problem] = []
        parts = read_parts(path, options, problems)
        return assemble(parts, options, problems)


FORMAT = PymrioFormat()
__all__ = ["FORMAT", "PymrioFormat", "Saved", "find_root", "read_parts"]
