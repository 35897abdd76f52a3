"""Which database a file is, and its reader. Nothing is fetched from a network.

A reader is a module with a module-level `FORMAT` object; the table below names the modules, and they are imported
only when a file has to be read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Protocol, cast

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.assemble import ReadOptions
from lvshu.accounts.readers.own_format import cached, keep
from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake import workbook

_HERE = "lvshu.accounts.readers"
FORMAT_MODULES: Mapping[str, str] = {
    "lvshu": f"{_HERE}.own_format",
    "exiobase": f"{_HERE}.exiobase",
    "pymrio": f"{_HERE}.pymrio_format",
    "wiod": f"{_HERE}.wiod",
    "figaro": f"{_HERE}.figaro",
    "icio": f"{_HERE}.icio",
    "eora": f"{_HERE}.eora",
    "ceads": f"{_HERE}.ceads",
    "china_io": f"{_HERE}.china_table",
    "generic": f"{_HERE}.generic",
}


class Format(Protocol):
    """What every reader offers.

    Attributes:
        name: its key in the registry.
        title: (zh, en).
        needs: (zh, en): what a user has to give.
    """

    name: str
    title: tuple[str, str]
    needs: tuple[str, str]

    def recognises(self, path: Path) -> bool:
        """Return whether the file or folder has this format; cheap, and never raises on odd files."""
        ...

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong, told at once.
        """
        ...


def reader(name: str) -> Format:
    """Return the reader of a format.

    Raises:
        InputError: accounts.reader_unknown_format, with those there are.
    """
    if name not in names():
        raise InputError(Problem("accounts.reader_unknown_format", values={"format": name, "known": names()}))
    return cast(Format, import_module(FORMAT_MODULES[name]).FORMAT)


def names() -> tuple[str, ...]:
    """Return the names of the formats, in the order in which they are asked."""
    return tuple(name for name, module in FORMAT_MODULES.items() if find_spec(module) is not None)


def formats() -> tuple[Format, ...]:
    """Return all readers, in the order in which they are asked."""
    return tuple(reader(name) for name in names())


def recognise(path: Path | str) -> str | None:
    """Return the name of the format of a file or folder, or None.

    Raises:
        InputError: accounts.reader_not_found, accounts.reader_broken_archive.
    """
    place = Path(path)
    Archive(place).names  # noqa: B018 - tells a missing or broken file in words
    return next((name for name in names() if reader(name).recognises(place)), None)


CORE = (("Z", "A"), ("Y",), ("unit",))
DESCRIBED = ("file_parameters.json", "metadata.json")
SHOWN = 8


def is_package(path: Path) -> bool:
    """Return whether a path is a folder or a zip of files; a workbook, which is a zip inside, is none."""
    if path.is_dir():
        return True
    return Archive(path).is_zip and path.suffix.lower() not in workbook.ENDINGS


def not_recognised(path: Path) -> Problem:
    """Return what a folder or zip of no known format lacks: files of a package, or all that was looked for."""
    names = Archive(path).names
    leaves = {PurePosixPath(name).name for name in names}
    stems = {PurePosixPath(name).stem for name in leaves if name.endswith((".txt", ".parquet", ".csv"))}
    where = Where(file=path.name)
    beside = [*names[:SHOWN], *(["…"] if len(names) > SHOWN else [])] or ["–"]
    if stems & {"Z", "A", "Y"}:
        missing = [" / ".join(f"{one}.txt" for one in group) for group in CORE if not stems & set(group)]
        missing += [] if missing or leaves & set(DESCRIBED) else [" / ".join(DESCRIBED)]
        if missing:
            return Problem("accounts.reader_incomplete", where, {"missing": missing, "beside": beside})
    known = {"zh": "；".join(f"{one.name}：{one.needs[0]}" for one in formats()),
             "en": "; ".join(f"{one.name}: {one.needs[1]}" for one in formats())}  # fmt: skip
    return Problem("accounts.reader_folder_unknown", where,
                   {"path": str(path), "beside": beside, "known": known})  # fmt: skip


def read_system(
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002
    year: int | None = None,
    unit: str | None = None,
    extensions: bool | Collection[str] = True,
    merge_split: bool = False,
    tolerance: float = 1e-3,
    cache: Path | str | None = None,
) -> InputOutputSystem:
    """Return the system that a file or folder of a published database holds.

    Args:
        path: a file, a folder or a zip, as published.
        format: name of the format; None: it is recognised.
        year: which year, where the file holds several or does not say.
        unit: unit symbol of the money figures, where the file does not say ("1e6 USD").
        extensions: True for all, False for none, or the names of those wanted.
        merge_split: add together the parts of an economy that are published apart (ICIO: CN1, CN2 into CHN).
        tolerance: largest relative gap allowed between the uses of a product and its stated output.
        cache: a folder in which the system is kept after the first reading; the next time it is mapped into memory.

    Raises:
        InputError: the file is not recognised, or all that is wrong with it.
    """
    place = Path(path)
    name = format or recognise(place)
    if name is None:
        known = [f"{one.name}: {one.needs[1]}" for one in formats()]
        known_zh = [f"{one.name}：{one.needs[0]}" for one in formats()]
        values = {"known": {"zh": "；".join(known_zh), "en": "; ".join(known)}}
        raise InputError(Problem("accounts.reader_not_recognised", Where(file=place.name), values))
    chosen = reader(name)
    options = ReadOptions(year, unit, extensions, merge_split, tolerance)
    if cache is not None:
        kept = cached(place, name, options, Path(cache))
        if kept is not None:
            return kept
    system = chosen.read(place, options)
    if not system.origin.sha256:
        origin = dataclasses.replace(system.origin, file=place.name, sha256=Archive(place).sha256())
        system = dataclasses.replace(system, origin=origin)
    return system if cache is None else keep(system, place, name, options, Path(cache))
