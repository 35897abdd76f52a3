"""Error values of spreadsheets (#REF!, #DIV/0! …): a cell that holds one is not empty, its value was lost.

The reader of workbooks gives such cells as empty. They are therefore looked up in the sheet itself: in the Office Open
XML formats they are marked t="e" (ECMA-376 part 1, 18.18.11, ST_CellType), in OpenDocument they are formulas that show
an error; for the binary formats see `sheet_errors_binary`. A formula of xlsx that nobody ever computed, as programs
write them without a spreadsheet, has no value either and is given as one of them.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree

from lvshu.intake.sheet_errors_binary import errors_of_xls, errors_of_xlsb, sheets_of_xlsb

ERRORS = frozenset({
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA",
    "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!",
})  # fmt: skip
"""Error values of spreadsheets: those of ECMA-376 part 1, 18.17.3, and those that came with dynamic arrays."""
UNCALCULATED = "#UNCALCULATED!"
"""Stands for a formula without a stored value; no spreadsheet shows it."""
ERROR_PATTERN = "|".join(re.escape(one) for one in sorted({*ERRORS, UNCALCULATED}))
"""Matches the whole of an error value in capitals."""
_LIBRE = re.compile(r"(?:Err:|#ERR)\d{3}!?")
"""Errors that LibreOffice numbers (Err:502)."""
_MARK = re.compile(
    rb"\st\s*=\s*[\"']e[\"']|<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</|</(?:\w+:)?f>\s*</|<(?:\w+:)?f(?:\s[^<>]*)?/>\s*</"
)
"""A cell with an error, an empty value, or a formula with no value behind it."""
_ODS_MARK = re.compile(rb"value-type=[\"']error|>\s*(?:#|Err:)")
_PLACE = re.compile(r"([A-Za-z]+)(\d+)")
_CHUNK = 1 << 20
_KEPT = 256
"""Bytes carried from one piece to the next, so that a mark divided between two is found."""


def is_error(text: str) -> bool:
    """Return whether a cell's text is an error value of a spreadsheet, or stands for a formula never computed."""
    shown = text.strip().upper()
    return shown in ERRORS or shown == UNCALCULATED or _LIBRE.fullmatch(text.strip()) is not None


def error_cells(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the error values of a sheet by zero-based row and column; none for formats other than those of workbooks.

    Args:
        path: a workbook that could be read.
        sheet: its name.
    """
    find = _READERS.get(path.suffix.lower())
    try:
        return {} if find is None else find(path, sheet)
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, struct.error, ElementTree.ParseError):
        # such a workbook was read all the same, by a reader that pardons more
        return {}


def _of_xlsx(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    with zipfile.ZipFile(path) as packed:
        part = _part_of(packed, sheet)
        if not part or not _marked(packed, part):
            return {}
        with packed.open(part) as stream:
            return _errors(stream)


def _of_xlsb(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    with zipfile.ZipFile(path) as packed:
        book = _book_of(packed)
        relation = sheets_of_xlsb(packed.read(book)).get(sheet) if book else None
        if not relation:
            return {}
        return errors_of_xlsb(packed.read(_related(packed, book)[relation][1]))


def _of_xls(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    return errors_of_xls(path.read_bytes(), sheet)


def _of_ods(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the formulas of a sheet that show an error (OpenDocument 1.3 part 3, 9.1.4 table:table-cell)."""
    with zipfile.ZipFile(path) as packed:
        if not _marked(packed, "content.xml", _ODS_MARK):
            return {}
        with packed.open("content.xml") as stream:
            return _errors_of_ods(stream, sheet)


def _errors_of_ods(stream: IO[bytes], sheet: str) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    inside, row, column, rows = False, -1, -1, 1
    for event, one in ElementTree.iterparse(stream, events=("start", "end")):
        name, told = _local(one.tag), {_local(key): value for key, value in one.attrib.items()}
        if name == "table" and event == "start":
            inside, row, rows = told.get("name") == sheet, -1, 1
        elif name == "table-row" and event == "start":
            row, column, rows = row + rows, -1, int(told.get("number-rows-repeated", 1))
        elif name in ("table-cell", "covered-table-cell") and event == "end":
            repeated = int(told.get("number-columns-repeated", 1))
            shown = "".join(one.itertext()).strip()
            if inside and (("formula" in told and is_error(shown)) or _calc_error(one)):
                found |= {(at, column + 1 + step): shown or "#UNKNOWN!"
                          for at in range(row, row + rows) for step in range(repeated)}  # fmt: skip
            column += repeated
        elif name == "table-row":
            one.clear()
    return found


def _calc_error(cell: ElementTree.Element) -> bool:
    """Return whether LibreOffice marked a cell as an error (calcext:value-type, its own beside office:value-type)."""
    return any(value == "error" and _local(name) == "value-type" for name, value in cell.attrib.items())


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


def _book_of(packed: zipfile.ZipFile) -> str:
    return next((path for kind, path in _related(packed, "").values() if kind == "officeDocument"), "")


def _part_of(packed: zipfile.ZipFile, sheet: str) -> str:
    """Return the part of the package that holds a sheet; "" where it is not found."""
    book = _book_of(packed)
    if not book:
        return ""
    parts = _related(packed, book)
    for one in ElementTree.fromstring(packed.read(book)).iter():
        if _local(one.tag) == "sheet" and one.get("name") == sheet:
            link = next((value for name, value in one.attrib.items() if _local(name) == "id"), "")
            return parts.get(link, ("", ""))[1]
    return ""


def _marked(packed: zipfile.ZipFile, part: str, mark: re.Pattern[bytes] = _MARK) -> bool:
    """Return whether any cell of a sheet is marked as an error: most have none and need not be parsed again."""
    rest = b""
    with packed.open(part) as stream:
        while piece := stream.read(_CHUNK):
            if mark.search(rest + piece):
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
        elif name == "c":
            parts = {_local(part.tag): part.text or "" for part in one}
            if one.get("t") == "e":
                found[row, column] = parts.get("v", "")
            elif "f" in parts and not parts.get("v") and one.get("t") != "str" and "is" not in parts:
                found[row, column] = UNCALCULATED
        elif name == "row":
            one.clear()
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number - 1


_READERS: Mapping[str, Callable[[Path, str], dict[tuple[int, int], str]]] = {
    ".xlsx": _of_xlsx, ".xlsm": _of_xlsx, ".xls": _of_xls, ".xlsb": _of_xlsb, ".ods": _of_ods,
}  # fmt: skip
