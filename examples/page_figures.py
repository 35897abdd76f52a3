"""The figures of a page and the same figures taken from the book itself, side by side.

Used by notebook.py (marimo). Plain functions: `page` asks a server of `lvshu serve` for the JSON twin of a page,
`headlines` and `sectors` put what it says beside the book, `differing` names what is not the same.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from lvshu.core.units import convert
from lvshu.store.workspace import Workspace

SECTOR_COLUMNS = {"direct": "direct_emission", "value_added": "value_added", "output": "output"}
"""Columns of the page's table of sectors, and the columns of the book's table sector_account."""
UNITS = {"direct": "tCO2", "value_added": "CNY", "output": "CNY"}


def page(address: str, path: str) -> dict[str, Any]:
    """Return the JSON twin of a page, such as /home.json; address as `lvshu serve` prints it."""
    place = Request(address.rstrip("/") + path, headers={"Accept": "application/json"})
    with urlopen(place, timeout=60) as answer:  # the address is the reader's own server
        found: dict[str, Any] = json.load(answer)
    return found


def headlines(folder: Path, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every headline with its figure in the book and on the page; content: of /home.json."""
    told = {one["code"]: one["value"] for one in content["facts"]["headlines"]}
    with Workspace.open(folder).book(content["run"]) as book:
        rows = book.rows("headline")
    return [_beside(row["code"], row["value"], told.get(row["code"])) for row in rows]


def sectors(folder: Path, content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return figures of every sector in the book and on the page; content: of /sectors.json."""
    table = next(one["table"] for one in content["panels"] if one["id"] == "sectors")
    units = {one["key"]: one["unit"] for one in table["columns"]}
    told = {_plain(row["code"]): row for row in table["rows"]}
    with Workspace.open(folder).book(content["run"]) as book:
        rows = book.rows("sector_account")
    found = []
    for row in rows:
        for shown, kept in SECTOR_COLUMNS.items():
            value = row[kept]
            figure = None if value is None else convert(Decimal(str(value)), UNITS[shown], units[shown])
            found.append(
                _beside(f"{row['sector_code']} {kept}", figure, told[row["sector_code"]][shown])
            )
    return found


def differing(rows: list[dict[str, Any]]) -> list[str]:
    """Return the names of figures that are not the same."""
    return [row["figure"] for row in rows if not row["same"]]


def _beside(name: str, in_book: Decimal | None, on_page: object) -> dict[str, Any]:
    shown = None if on_page is None else Decimal(str(on_page))
    return {"figure": name, "book": in_book, "page": shown, "same": in_book == shown}


def _plain(cell: object) -> str:
    return str(cell["zh"]) if isinstance(cell, dict) else str(cell)
