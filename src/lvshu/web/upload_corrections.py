"""Rejects that come back corrected: what was said of the files their rows came from is said of them, too."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from lvshu.intake.heading import REJECT_HEADINGS, SOURCE_FILE, SOURCE_ROW
from lvshu.intake.inherited import inherited_mapping, sources_of
from lvshu.intake.mapping import FileMapping, mapping_path
from lvshu.intake.sources import Source
from lvshu.intake.text import heading_key
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace
from lvshu.web.options import FOLDER
from lvshu.web.upload_draft import LEFT_OUT, Choice, Draft, write_draft

CORRECTS = "corrects.json"
CORRECTED = ".corrected"


@dataclass(frozen=True)
class Corrects:
    """The files that rows of a delivery of corrections came from: those among the inputs, and those that are not."""

    there: tuple[str, ...]
    missing: tuple[str, ...]


def holds_rejects(source: Source) -> bool:
    """Return whether a file has the columns of a rejects file: where each row came from.

    Raises:
        InputError: the file cannot be read.
    """
    for row in source.head().rows:
        found = {REJECT_HEADINGS.get(heading_key(str(cell))) for cell in row if cell is not None}
        if {SOURCE_FILE, SOURCE_ROW} <= found:
            return True
    return False


def corrected_name(name: str) -> str:
    """Return the name of a file that says that it holds corrections: loan.csv is loan.corrected.csv."""
    stem, _, ending = name.rpartition(".")
    return name if CORRECTED in stem else f"{stem}{CORRECTED}.{ending}"


def inherit(workspace: Workspace, path: Path) -> None:
    """Begin an upload of corrections with the mapping of the files that its rows came from.

    Args:
        workspace: in whose inputs, or else uploads, these files lie.
        path: of the upload.

    Raises:
        InputError: the file or a mapping cannot be read.
    """
    names = sources_of(path)
    write_durably(path.with_name(CORRECTS), json.dumps(names, ensure_ascii=False))
    uploads = workspace.folder / FOLDER / "uploads"
    for name in names:
        tried = [one.parent / name for one in uploads.glob(f"*/{mapping_path(Path(name)).name}")]
        tried.sort(key=lambda one: one.parent.stat().st_mtime, reverse=True)
        for place in (workspace.inputs / name, *tried):
            if mapping_path(place).is_file() and place.is_file() and place.parent != path.parent:
                shutil.copyfile(mapping_path(place), path.with_name(mapping_path(place).name))
                break
    found = inherited_mapping(path, FileMapping())
    if found.file:
        write_draft(path.parent, draft_of(found))


def draft_of(mapping: FileMapping) -> Draft:
    """Return what a mapping file states as it stands on the mapping screen.

    Args:
        mapping: as read; the reasons of values that it leaves out are not in it, so the file that gave it is named.
    """
    signs = {sign: way for way, sign in LEFT_OUT.items()}

    def choice(to: str) -> Choice:
        return Choice(signs[to], mapping.file) if to in signs else Choice(to)

    return Draft(
        table=mapping.table,
        columns=mapping.columns,
        units=mapping.units,
        constants=mapping.constants,
        values={
            name: {theirs: choice(to) for theirs, to in pairs.items()}
            for name, pairs in mapping.values.items()
        },
    )


def corrects(workspace: Workspace, folder: Path) -> Corrects | None:
    """Return of which files an upload corrects rows; None where it is no delivery of corrections.

    Args:
        workspace: whose inputs are looked at.
        folder: of the upload.
    """
    place = folder / CORRECTS
    if not place.is_file():
        return None
    names = json.loads(place.read_text(encoding="utf-8"))
    there = tuple(name for name in names if (workspace.inputs / name).is_file())
    return Corrects(there, tuple(name for name in names if name not in there))
