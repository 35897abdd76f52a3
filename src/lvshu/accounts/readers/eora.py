"""Eora26: Eora26_2010_bp.zip or its folder: matrices without labels, and the labels in files of their own.

T (n x n), FD (n x c), VA (k x n), Q (m x n) and QY (m x c), tab-separated; labels_T, labels_FD, labels_VA, labels_Q
in the same place or in indices.zip beside it: country name, country code, kind, sector. Stressors carry their unit in
brackets. Money is thousands of US dollars. The row and column ROW holds what the tables cannot place.

Source: Lenzen, Kanemoto, Moran, Geschke (2012, 2013), Eora, worldmrio.com, FAQ; its unit was compared with national
accounts in pymrio issue 175 (thousand, not million).
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.assemble import Label, Parts, ReadOptions, assemble, index_of, money_unit, told
from lvshu.accounts.readers.text_table import read_bare_table, read_words
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import Origin

Array = NDArray[np.float64]
_FILE = re.compile(r"Eora26_(?P<year>\d{4})_(?P<price>bp|pp)_T\.txt$")
_UNIT = re.compile(r"\s*\((?P<unit>[^()]*)\)\s*$")


class Eora:
    """The reader of Eora26."""

    name = "eora"
    title = ("Eora26 全球投入产出表", "Eora26 world input-output tables")
    needs = (
        "Eora26_年份_bp.zip（标签可在旁边的 indices.zip），或解压后的文件夹",
        "Eora26_<year>_bp.zip (labels also from indices.zip beside it), or its folder",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the path holds a matrix named like those of Eora26."""
        archive = Archive(path)
        return (path.is_dir() or archive.is_zip) and any(_FILE.search(name) for name in archive.names)

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong with it.
        """
        archive = Archive(path)
        found = {name: match for name in archive.names if (match := _FILE.search(name))}
        fitting = [name for name in found if options.year in (None, int(found[name]["year"]))]
        if len(fitting) != 1:
            values = {
                "year": options.year or "–",
                "years": [match["year"] for match in found.values()] or ["–"],
            }
            code = "accounts.reader_which_year" if fitting else "accounts.reader_no_year"
            raise InputError(Problem(code, archive.where(""), values))
        problems: list[Problem] = []
        parts = _parts(archive, fitting[0], options, problems)
        return assemble(parts, options, problems)


def _labels(archive: Archive, folder: str, name: str, problems: list[Problem]) -> list[list[str]]:
    """Return the lines of a file of labels, from the package or from indices.zip beside it."""
    member = f"{folder}{name}"
    beside = archive.path.parent / "indices.zip"
    if not archive.has(member) and beside.is_file():
        indices = Archive(beside)
        held = next((one for one in indices.names if PurePosixPath(one).name == name), None)
        if held is not None:
            return read_words(indices, held)
    if not archive.has(member):
        problems.append(archive.missing(member))
        return []
    return read_words(archive, member)


def _parts(archive: Archive, member: str, options: ReadOptions, problems: list[Problem]) -> Parts:
    folder, stem = member[: -len(PurePosixPath(member).name)], member.removesuffix("T.txt")
    matched = _FILE.search(member)
    year, price = (int(matched["year"]), matched["price"]) if matched else (options.year, "")
    lines = {
        name: _labels(archive, folder, f"labels_{name}.txt", problems) for name in ("T", "FD", "VA", "Q")
    }
    _check_labels(archive, folder, lines, problems)
    if problems:
        raise InputError(*problems)
    industries: list[Label] = [(line[1], line[3]) for line in lines["T"]]
    final: list[Label] = [(line[1], line[3]) for line in lines["FD"]]
    primary: list[Label] = [(line[1],) for line in lines["VA"]]
    where = archive.where(member)
    use = read_bare_table(archive, member, industries, industries, problems)
    demand = read_bare_table(archive, f"{stem}FD.txt", industries, final, problems)
    added = read_bare_table(archive, f"{stem}VA.txt", primary, industries, problems)
    unit_notes: list[tuple[str, str]] = []
    money = money_unit(["thousand USD"], options.unit, where, problems, unit_notes)
    origin = Origin(
        producer="Eora (worldmrio.com)", title=f"Eora26 {year} {price}", version=price, file=archive.path.name,
        url="https://worldmrio.com/eora26/",
    )  # fmt: skip
    extensions = {}
    if options.wants("Q"):
        one = _stressors(archive, stem, lines["Q"], industries, final, origin, unit_notes, problems)
        extensions = {"Q": one} if one is not None else {}
    if use is None or demand is None or added is None:
        raise InputError(*problems)
    parts = Parts(origin.title, year, where, industries, industries, final, use[0], demand[0], money, origin=origin,
                  extensions=extensions, notes=unit_notes)  # fmt: skip
    parts.value_added = {label[0]: added[0][place] for place, label in enumerate(primary)}
    blanks = use[1] + demand[1] + added[1]
    if blanks:
        parts.notes.append(told("blanks", table="T, FD, VA", count=blanks))
    if any(region.upper() == "ROW" for region, _ in industries):
        parts.notes.append(told("eora_row"))
    return parts


def _check_labels(
    archive: Archive, folder: str, lines: dict[str, list[list[str]]], problems: list[Problem]
) -> None:
    wanted = {"T": 4, "FD": 4, "VA": 2, "Q": 1}
    for name, rows in lines.items():
        short = [number for number, row in enumerate(rows, start=1) if len(row) < wanted[name]]
        if short:
            where = archive.where(f"{folder}labels_{name}.txt", short[0])
            values = {"found": len(rows[short[0] - 1]), "expected": wanted[name]}
            problems.append(Problem("accounts.reader_row_width", where, values))


def _stressors(
    archive: Archive,
    stem: str,
    lines: list[list[str]],
    industries: list[Label],
    final: list[Label],
    origin: Origin,
    notes: list[tuple[str, str]],
    problems: list[Problem],
) -> Extension | None:
    labels: list[Label] = []
    units: list[str] = []
    counts: dict[Label, int] = {}
    for line in lines:
        found = _UNIT.search(line[0])
        label = (_UNIT.sub("", line[0]), line[1] if len(line) > 1 else "")
        counts[label] = counts.get(label, 0) + 1
        labels.append(label if counts[label] == 1 else (label[0], f"{label[1]} ({counts[label]})"))
        units.append(found["unit"] if found else "")
    repeated = sum(count - 1 for count in counts.values())
    if repeated:
        notes.append(told("stressors_numbered", count=repeated))
    if "" in units:
        notes.append(told("stressors_without_unit", count=units.count("")))
    index = index_of(("stressor", "source"), labels, archive.where(f"{stem}Q.txt"), problems)
    flows = read_bare_table(archive, f"{stem}Q.txt", labels, industries, problems)
    final_flows = read_bare_table(archive, f"{stem}QY.txt", labels, final, problems)
    if index is None or flows is None or final_flows is None:
        return None
    return Extension("Q", index, tuple(units), flows[0], final_flows[0], None, origin)


FORMAT = Eora()
