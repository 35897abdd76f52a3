"""EXIOBASE 3 as published: IOT_2011_pxp.zip and its like, in the format that pymrio saves.

Up to 3.8 one folder `satellite` holds all stressors (with `impacts` beside it); from 3.9 there is a folder for each
kind (air_emissions, factor_inputs, water ...). Value added is the rows of primary input in million euro.

Source: Stadler et al. (2018), EXIOBASE 3, Journal of Industrial Ecology 22(3); Zenodo records 5589597 (3.8.2),
14869924 (3.9), 15689391; names of folders and files as listed there.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path, PurePosixPath

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.assemble import ReadOptions, assemble, told
from lvshu.accounts.readers.pymrio_format import METADATA, read_parts
from lvshu.core.errors import Problem
from lvshu.core.origin import Origin

_FILE = re.compile(r"IOT_(?P<year>\d{4})_(?P<system>pxp|ixi)", re.I)


class Exiobase:
    """The reader of EXIOBASE 3, monetary tables."""

    name = "exiobase"
    title = ("EXIOBASE 3（货币表）", "EXIOBASE 3 (monetary tables)")
    needs = (
        "发布的 zip（IOT_年份_pxp.zip 或 ixi）或解压后的文件夹",
        "the published zip (IOT_<year>_pxp.zip or ixi), or its folder",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the path is an EXIOBASE 3 package, by its name, its metadata or its folders."""
        archive = Archive(path)
        if not (path.is_dir() or archive.is_zip):
            return False
        names = archive.names
        leaves = {PurePosixPath(name).name for name in names}
        if not {"Y.txt", "unit.txt"} <= leaves or not leaves & {"Z.txt", "A.txt"}:
            return False
        if _FILE.search(path.name) or any(_FILE.search(name) for name in names[:1]):
            return True
        described = next((name for name in names if PurePosixPath(name).name == METADATA), None)
        return described is not None and b"EXIO" in archive.read(described).upper()

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong with it.
        """
        problems: list[Problem] = []
        parts = read_parts(path, options, problems)
        described = self._metadata(path)
        found = _FILE.search(path.name) or next(
            (match for name in Archive(path).names if (match := _FILE.search(name))), None
        )
        system = str(described.get("system") or (found["system"].lower() if found else ""))
        parts.year = options.year or (int(found["year"]) if found else parts.year)
        version = str(described.get("version") or "").removeprefix("v")
        parts.name = " ".join(
            part for part in ("EXIOBASE", version or "3", system, str(parts.year or "")) if part
        )
        parts.origin = Origin(
            producer="EXIOBASE consortium", title=parts.name, version=version, licence=_licence(version),
            url="https://doi.org/10.5281/zenodo.3583070", file=path.name,
        )  # fmt: skip
        parts.extensions = {
            name: dataclasses.replace(one, origin=parts.origin) for name, one in parts.extensions.items()
        }
        if not parts.value_added:
            parts.notes.append(told("no_value_added"))
        return assemble(parts, options, problems)

    def _metadata(self, path: Path) -> dict[str, object]:
        archive = Archive(path)
        name = next((one for one in archive.names if PurePosixPath(one).name == METADATA), None)
        if name is None:
            return {}
        content = json.loads(archive.read(name).decode("utf-8-sig"))
        return content if isinstance(content, dict) else {}


def _licence(version: str) -> str:
    """Return the licence as published; only that of 3.9 and later was seen, for others it is left open."""
    if re.match(r"3\.(9|1\d)(?!\d)", version):
        return "dual licence; non-commercial use: derivative of CC BY-NC-SA 4.0 (LICENSE.txt of the record)"
    return ""


FORMAT = Exiobase()
