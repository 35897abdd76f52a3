"""What the title and the notes of a published table say: its unit, year and area."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.han_numerals import arabic_dates
from lvshu.core.money import PLACES, half_away
from lvshu.core.units import find_unit
from lvshu.intake.grid import Grid

_UNIT = re.compile(
    r"(?:单位|计量单位|unit)\s*:?\s*(\d{1,3}(?:[, ]\d{3})+ [a-z]+|[^\s:,;)(]+(?: (?:CNY|yuan|RMB)\b)?)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"((?:19|20)\d{2})\s*年")
ABSENT = frozenset({"", "-", "--", "—", "——", "…", "……", "...", "......", "–", "/", "nan"})


@dataclass(frozen=True)
class Heading:
    """What a sheet says of itself; None where it says nothing.

    Attributes:
        unit: unit symbol of the registry.
        unknown_unit: a stated unit that the registry does not know.
        year: year of the table.
        area_code: six-digit area code.
        units: every unit it states, as it is written, where they are not the same.
    """

    unit: str | None
    unknown_unit: str | None
    year: int | None
    area_code: str | None
    units: tuple[str, ...] = ()


def read_heading(grid: Grid, *, header_end: int) -> Heading:
    """Return what the rows above the data, and the notes, say of unit, year and area.

    Args:
        grid: the sheet.
        header_end: index of the first data row; only texts above it are asked for year and area.
    """
    above = list(_texts(grid, range(min(header_end, grid.height))))
    every = [found.group(1) for text in above for found in _UNIT.finditer(text)]
    stated = every[0] if every else None
    differing = {unit.symbol if (unit := find_unit(text)) else text: text for text in reversed(every)}
    known = find_unit(stated) if stated else None
    years = [int(found.group(1)) for text in above if (found := _YEAR.search(arabic_dates(text)))]
    return Heading(
        unit=known.symbol if known else None,
        unknown_unit=stated if stated and known is None else None,
        year=years[0] if years else None,
        area_code=_area(above),
        units=tuple(reversed(differing.values())) if len(differing) > 1 else (),
    )


def _texts(grid: Grid, rows: Iterable[int]) -> Iterable[str]:
    for row in rows:
        yield from dict.fromkeys(text for text in grid.row_texts(row) if text)


def _area(texts: list[str]) -> str | None:
    """Return the area that a title names: a city before its province (广东省佛山市), a longer name before a shorter."""
    title = " ".join(text for text in texts if "表" in text or "年" in text)
    for names in (prefectures(), provinces()):
        named = [place for place in names if place in title]
        if named:
            return names[max(named, key=len)]
    return None


@cache
def prefectures() -> dict[str, str]:
    """Return the area code of each prefecture by its full name: short ones (朝阳) are other words too."""
    return {
        str(row["name_zh"]): str(row["area_code"])
        for row in PackLibrary.load()["areas"].rows
        if row["level"] == "prefecture" and row["status"] == "current"
    }


@cache
def provinces() -> dict[str, str]:
    """Return the area code of each province by its full and short name, and of the nation."""
    found: dict[str, str] = {}
    for row in PackLibrary.load()["areas"].rows:
        if row["level"] in ("nation", "province") and row["status"] == "current":
            found[str(row["name_zh"])] = str(row["area_code"])
            found[str(row["short_zh"])] = str(row["area_code"])
            if row["level"] == "nation":
                found["中国"] = str(row["area_code"])
    return found


def is_absent(text: str) -> bool:
    """Return whether a cell's text means that there is no figure (empty, a dash or dots)."""
    return text.strip().lower() in ABSENT


def exact(value: Decimal) -> Decimal:
    """Return a value at the six decimal places that quantities have in the book, ties away from zero."""
    return half_away(value, PLACES["quantity"])
