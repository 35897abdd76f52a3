"""What a workbook lets its reader change: cells that are not locked, lists to choose from, protection. From its XML."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Sheet:
    """One sheet: whether it is protected, cells that are not locked (A1 …), and lists by area (A1:A9 -> formula)."""

    protected: bool
    unlocked: frozenset[str]
    lists: dict[str, str]

    def columns(self, row: int) -> set[str]:
        """Return the letters of the columns that are not locked in a row."""
        return {cell.rstrip("0123456789") for cell in self.unlocked if re.sub("[A-Z]", "", cell) == str(row)}


def sheets_of(path: Path) -> dict[str, Sheet]:
    """Return the sheets of a workbook by name."""
    with zipfile.ZipFile(path) as book:
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
        formats = styles.find(f"{_SPACE}cellXfs")
        assert formats is not None
        free = {str(place) for place, one in enumerate(formats) if _unlocked(one)}
        links = {
            one.get("Id"): one.get("Target") for one in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
        }  # fmt: skip
        listed = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_SPACE}sheet")
        return {
            str(one.get("name")): _sheet(book.read(f"xl/{links[one.get(_RELATION)]}"), free) for one in listed
        }  # fmt: skip


def _unlocked(form: ElementTree.Element) -> bool:
    protection = form.find(f"{_SPACE}protection")
    return protection is not None and protection.get("locked") == "0"


def _sheet(text: bytes, free: set[str]) -> Sheet:
    root = ElementTree.fromstring(text)
    cells = frozenset(str(one.get("r")) for one in root.iter(f"{_SPACE}c") if one.get("s") in free)
    lists = {
        str(one.get("sqref")): str(one.findtext(f"{_SPACE}formula1"))
        for one in root.iter(f"{_SPACE}dataValidation") if one.get("type") == "list"
    }  # fmt: skip
    return Sheet(root.find(f"{_SPACE}sheetProtection") is not None, cells, lists)
