"""Error values of spreadsheets (#REF!, #DIV/0! …): a cell that holds one is not empty, its value was lost.

The reader of workbooks gives such cells as empty. Those of the Office Open XML formats are therefore looked up in the
sheet itself, where they are marked t="e" (ECMA-376 part 1, 18.18.11, ST_CellType).
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree

ERRORS = frozenset({
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA",
    "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!",
})  # fmt: skip
"""Error values of spreadsheets: those of ECMA-376 part 1, 18.17.3, and those that came with dynamic arrays."""
ENDINGS = frozenset({".xlsx", ".xlsm"})
_MARK = re.compile(rb"\st\s*=\s*[\"']e[\"']")
_PLACE = re.compile(r"([A-Za-z]+)(\d+)")
_CHUNK = 1 << 20
_KEPT = 16
"""Bytes carried from one piece to the next, so that a mark divided between two is found."""


def error_cells(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the error values of a sheet by zero-based row and column; none for formats other than xlsx and xlsm.

    Args:
        path: a workbook that could be read.
        sheet: its name.
    """
    if path.suffix.lower() not in ENDINGS:
        return {}
    try:
        with zipfile.ZipFile(path) as packed:
            part = _part_of(packed, sheet)
            if not part or not _marked(packed, part):
                return {}
            with packed.open(part) as stream:
                return _errors(stream)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        # such a workbook was read all the same, by a reader that pardons more
        return {}


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _related(packed: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return the relations of a part: id -> kind, path of the part that is meant ("" stands for the package)."""
    one = PurePosixPath(part or "/")
    rels = str(one.parent / "_rels" / f"{one.name}.rels").lstrip("/")
    found = {}
    for relation in ElementTree.fromstring(packed.read(rels)):
        target = relation.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else str(one.parent / target).lstrip("/")
        found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], whole)
    return found


def _part_of(packed: zipfile.ZipFile, sheet: str) -> str:
    """Return the part of the package that holds a sheet; "" where it is not found."""
    book = next((path for kind, path in _related(packed, "").values() if kind == "officeDocument"), "")
    if not book:
        return ""
    parts = _related(packed, book)
    for one in ElementTree.fromstring(packed.read(book)).iter():
        if _local(one.tag) == "sheet" and one.get("name") == sheet:
            link = next((value for name, value in one.attrib.items() if _local(name) == "id"), "")
            return parts.get(link, ("", ""))[1]
    return ""


def _marked(packed: zipfile.ZipFile, part: str) -> bool:
    """Return whether any cell of a sheet is marked as an error: most have none and need not be parsed again."""
    rest = b""
    with packed.open(part) as stream:
        while piece := stream.read(_CHUNK):
            if _MARK.search(rest + piece):
                return True
            rest = piece[-_KEPT:]
    return False


def _errors(stream: IO[bytes]) -> dict[tuple[int, int], str]:
    found = {}
    row, column = -1, -1
    for event, one in ElementTree.iterparse(stream, events=("start", "end")):
        name = _local(one.tag)
        if name == "row" and event == "start":
            row, column = int(one.get("r", row + 2)) - 1, -1
        elif name == "c" and event == "start":
            place = _PLACE.fullmatch(one.get("r", ""))
            column = _column(place[1]) if place else column + 1
        elif name == "c" and one.get("t") == "e":
            found[row, column] = next((part.text or "" for part in one if _local(part.tag) == "v"), "")
        elif name == "row":
            one.clear()
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number - 1
