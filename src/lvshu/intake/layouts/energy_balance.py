"""Regional energy balances as the yearbook prints them: items down, fuels across, each fuel in its own unit.

Rows are recognised by their names, with or without numbering; 回收能 and 其他 by the section they stand in. Columns by
the fuel's name or code. Units are read from the header rows, from the title, or are given. Values come out in the
canonical unit of their dimension (t, m3, kWh, GJ, tce), with the signs of the published table.

Tables in physical quantity (实物量) and in standard coal (标准量) are told apart by the units of their fuels. In a
standard one electricity counts by its heat (当量值) or by the coal rate of thermal power (等价值): by heat it is turned
into kWh, by the coal rate it stays in tce, because the rate is not in the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import Problem
from lvshu.core.units import factor, find_unit, parse_header_unit, unit
from lvshu.intake.grid import Grid
from lvshu.intake.layout import LayoutResult
from lvshu.intake.layouts.published import exact, is_absent, read_heading
from lvshu.intake.text import fold, heading_key

YEARBOOK = "yearbook"
CALORIFIC, COAL_RATE, UNSTATED = "calorific", "coal_rate", "unstated"
ELECTRICITY = "electricity"
CANONICAL = {"mass": "t", "volume": "m3", "electricity": "kWh", "heat": "GJ", "coal_equivalent": "tce"}

_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]+\s*[、.．,]|[(（][一二三四五六七八九十\d]+[)）]|\d+\s*[、.．,)]|#|其中\s*[::]?)\s*"
)
_SIGNS = re.compile(r"[(（]\s*[-+−－＋、,]+\s*[)）]")
_LOOK_AT_ROWS = 30
_FUELS_IN_HEADER = 3
# rows of other editions of the yearbook: opening and closing stocks stand in those before 2006 and after 2007,
# recovered energy among conversion since 2010, and subtotals of the three industries in many provincial ones
_MORE_ITEMS = {"年初库存量": "opening_stock", "年末库存量": "closing_stock", "年初库存": "opening_stock",
               "年末库存": "closing_stock"}  # fmt: skip
_MORE_NAMES = {"opening_stock": "年初库存量", "closing_stock": "年末库存量", "recovery_conversion": "回收能"}
_GRAND_TOTALS = (
    "能源合计",
    "合计",
    "总计",
    "能源总计",
    "能源消费合计",
)  # columns that add all fuels, in standard coal only
_BASES = ((CALORIFIC, re.compile("当量|电热")), (COAL_RATE, re.compile("等价|发电煤耗")))
_BASIS_WORDS = re.compile(
    r"[(（][^()（）]*(?:当量|等价|发电煤耗)[^()（）]*[)）]|电热当量(?:计算)?法?|当量值?|等价值?|发电煤耗(?:计算)?法?"
)
_FINAL = ("final_consumption", "agriculture", "industry", "industry_feedstock", "construction", "transport",
          "trade_catering", "other", "households", "households_urban", "households_rural")  # fmt: skip
_SUBTOTALS = ("第一产业", "第二产业", "第三产业", "运输和输配损失")


@dataclass(frozen=True)
class Fuel:
    """A column: the fuel, its name and its published unit."""

    code: str
    name: str
    unit: str | None


@dataclass
class Reading:
    """A balance while it is read."""

    grid: Grid
    header: int = 0
    label_column: int = 0
    first_row: int = 0
    fuels: dict[int, Fuel] = field(default_factory=dict)
    basis: str = ""
    problems: list[Problem] = field(default_factory=list)

    def fault(self, code: str, row: int | None = None, column: int | None = None, **values: object) -> None:
        """Note an error at a place of the sheet."""
        self.problems.append(Problem(code, self.grid.where(row, column), values))

    def tell(
        self, code: str, severity: str, row: int | None = None, column: int | None = None, **values: object
    ) -> None:
        """Note what does not stop the reading: a warning or a notice."""
        self.problems.append(Problem(code, self.grid.where(row, column), values, severity))


class EnergyBalanceLayout:
    """Reads regional energy balances into energy_balance_cell."""

    name = "energy_balance"
    makes = ("energy_balance_cell",)

    def recognises(self, grid: Grid) -> bool:
        """Return whether the sheet has fuels across and the sections of a balance down."""
        header = _header_row(grid)
        if header is None:
            return False
        column = _label_column(grid, header)
        found = {_item(grid.text(row, column), "") for row in range(header, grid.height)}
        return len(found & {"available", "transformation", "final_consumption", "total_consumption"}) >= 2

    def heading_words(self) -> frozenset[str]:
        """Return the names of the fuels."""
        return frozenset(fuel_words())

    def read(self, grid: Grid, *, year: int, area_code: str, unit: str | None) -> LayoutResult:
        """Return the cells of the balance in canonical units.

        Args:
            grid: the sheet.
            year: year of the balance when its title does not say.
            area_code: area of the balance when its title does not say.
            unit: "yearbook" when the sheet shows no units and its figures stand in those of the China Energy
                Statistical Yearbook; or one unit for all columns.
        """
        reading = Reading(grid)
        header = _header_row(grid)
        if header is None:
            reading.fault("accounts.energy_no_header")
            return LayoutResult({}, tuple(reading.problems), self.name)
        reading.header, reading.label_column = header, _label_column(grid, header)
        reading.first_row = next(
            (
                row
                for row in range(header + 1, grid.height)
                if _item(grid.text(row, reading.label_column), "")
            ),
            grid.height,
        )
        heading = read_heading(grid, header_end=reading.first_row)
        _label_columns(reading, heading.unit, unit)
        _settle_basis(reading)
        cells = _cells(reading)
        count = len(cells["quantity"])
        cells["year"] = [heading.year or year] * count
        cells["area_code"] = [heading.area_code or area_code] * count
        if not count and not reading.problems:
            reading.fault("accounts.energy_no_rows")
        coded = grid.text(header, reading.label_column).casefold() == "item"
        variant = f"standard_{reading.basis}" if reading.basis else "coded" if coded else "published"
        return LayoutResult({"energy_balance_cell": cells}, tuple(reading.problems), f"{self.name}.{variant}")


@cache
def fuel_words() -> Mapping[str, str]:
    """Return the fuel code of every accepted column heading, by its key."""
    found: dict[str, str] = {}
    for row in PackLibrary.load()["energy_fuels"].rows:
        names = [row["fuel_code"], row["name_zh"], row["name_en"], *str(row["aliases"] or "").split("|")]
        found |= {heading_key(str(name)): str(row["fuel_code"]) for name in names if name}
    return found


@cache
def item_words() -> Mapping[str, str]:
    """Return the item code of every accepted row label, by its key; labels bare of numbering and signs."""
    found = {heading_key(name): code for name, code in _MORE_ITEMS.items()}
    for row in PackLibrary.load()["energy_balance_items"].rows:
        names = [row["item_code"], row["name_zh"], row["published_label"], row["name_en"]]
        for name in [*names, *str(row["aliases"] or "").split("|")]:
            if name:
                found.setdefault(heading_key(bare(str(name))), str(row["item_code"]))
    return found


@cache
def item_names() -> Mapping[str, str]:
    """Return the Chinese name of each item by its code."""
    packed = {
        str(row["item_code"]): str(row["name_zh"]) for row in PackLibrary.load()["energy_balance_items"].rows
    }
    return {**_MORE_NAMES, **packed}


def bare(label: str) -> str:
    """Return a row label without numbering, "of which" marks and signs in brackets."""
    text, before = fold(label), ""
    while text != before:
        before, text = text, _NUMBERING.sub("", text).strip()
    return _SIGNS.sub("", text).strip()


def _item(label: str, section: str) -> str | None:
    code = item_words().get(heading_key(bare(label)))
    if code == "recovery" and section == "transformation":
        return "recovery_conversion"
    return code


def _fuel(text: str) -> str | None:
    for name in (parse_header_unit(text)[0], text, _BASIS_WORDS.sub("", text)):
        found = fuel_words().get(heading_key(name))
        if found:
            return found
    return None


def _basis(text: str) -> str:
    """How a text says that electricity is counted in standard coal; "" where it says nothing or both."""
    found = [basis for basis, words in _BASES if words.search(text)]
    return found[0] if len(found) == 1 else ""


def _settle_basis(reading: Reading) -> None:
    """Find whether the table stands in standard coal, and by which rule its electricity does."""
    known = {
        str(row["fuel_code"]): str(row["published_unit"]) for row in PackLibrary.load()["energy_fuels"].rows
    }
    turned = [fuel for fuel in reading.fuels.values() if fuel.unit is not None
              and unit(fuel.unit).dimension == "coal_equivalent"
              and unit(known[fuel.code]).dimension != "coal_equivalent"]  # fmt: skip
    if not turned:
        return
    grid = reading.grid
    own = [
        grid.text(reading.header, column)
        for column, fuel in reading.fuels.items()
        if fuel.code == ELECTRICITY
    ]
    above = [text for row in range(reading.first_row) for text in dict.fromkeys(grid.row_texts(row))]
    said = [_basis(text) for text in own] + [_basis(" ".join(text for text in above if _fuel(text) is None))]
    reading.basis = next((basis for basis in said if basis), UNSTATED)
    if any(fuel.code == ELECTRICITY for fuel in turned) and reading.basis != CALORIFIC:
        reading.tell("accounts.energy_electricity_basis", "warning", basis=_basis_name(reading.basis))


def _basis_name(basis: str) -> dict[str, str]:
    names = {CALORIFIC: ("当量值", "by its heat"), COAL_RATE: ("等价值", "by the coal rate of thermal power")}
    zh, en = names.get(basis, ("未说明", "not stated"))
    return {"zh": zh, "en": en}


def _header_row(grid: Grid) -> int | None:
    for row in range(min(_LOOK_AT_ROWS, grid.height)):
        if len({_fuel(text) for text in grid.row_texts(row)} - {None}) >= _FUELS_IN_HEADER:
            return row
    return None


def _label_column(grid: Grid, header: int) -> int:
    def hits(column: int) -> int:
        return sum(_item(grid.text(row, column), "") is not None for row in range(header + 1, grid.height))

    first = next((c for c in range(grid.width) if _fuel(grid.text(header, c))), grid.width)
    return max(range(max(first, 1)), key=hits)


def _label_columns(reading: Reading, title_unit: str | None, given: str | None) -> None:
    """Name the fuels and find the unit of each: own header cell, row below it, title, what was given."""
    grid = reading.grid
    known = PackLibrary.load()["energy_fuels"].rows
    published = {str(row["fuel_code"]): str(row["published_unit"]) for row in known}
    names = {str(row["fuel_code"]): str(row["name_zh"]) for row in known}
    without: list[str] = []
    seen: set[str] = set()
    for column in range(reading.label_column + 1, grid.width):
        text = grid.text(reading.header, column)
        code = _fuel(text)
        if code is None:
            bare_text = heading_key(_BASIS_WORDS.sub("", parse_header_unit(text)[0]))
            if bare_text in _GRAND_TOTALS:
                continue
            if any(grid.number(row, column) is not None for row in range(reading.first_row, grid.height)):
                reading.fault("accounts.energy_unknown_fuel", reading.header, column, label=text)
            continue
        if code in seen:
            if not _other_basis(reading, column, code):
                reading.fault("accounts.energy_fuel_twice", reading.header, column, label=text)
                continue
            if _basis(text) != CALORIFIC:
                continue
            reading.fuels = {place: fuel for place, fuel in reading.fuels.items() if fuel.code != code}
        seen.add(code)
        stated = _stated_unit(reading, column) or title_unit
        symbol = stated or (published[code] if given == YEARBOOK else given)
        name = names[code]
        reading.fuels[column] = Fuel(code, name, symbol)
        if symbol is None:
            without.append(name)
        elif unit(symbol).dimension not in (unit(published[code]).dimension, "coal_equivalent"):
            reading.fault("accounts.energy_wrong_unit", reading.header, column, fuel=name, unit=symbol,
                          expected=published[code])  # fmt: skip
    if without:
        reading.fault("accounts.energy_no_unit", reading.header, None, fuels=without)


def _other_basis(reading: Reading, column: int, code: str) -> bool:
    """Whether electricity stands twice, by its heat and by the coal rate: the one by heat is taken."""
    texts = [
        reading.grid.text(reading.header, place) for place, fuel in reading.fuels.items() if fuel.code == code
    ]
    texts.append(reading.grid.text(reading.header, column))
    return code == ELECTRICITY and {_basis(text) for text in texts} == {CALORIFIC, COAL_RATE}


def _stated_unit(reading: Reading, column: int) -> str | None:
    grid = reading.grid
    symbol = parse_header_unit(grid.text(reading.header, column))[1]
    for row in range(reading.header + 1, reading.first_row):
        text = grid.text(row, column).strip("()（）[] ")
        found = find_unit(text) if text else None
        symbol = symbol or (found.symbol if found else None)
    return symbol


def _cells(reading: Reading) -> dict[str, list[object]]:
    grid = reading.grid
    names = ("item_code", "item_name", "fuel_code", "fuel_name", "quantity", "unit", "row_number")
    cells: dict[str, list[object]] = {name: [] for name in (*names, "year", "area_code")}
    section, seen = "", set[str]()
    for row in range(reading.first_row, grid.height):
        label = grid.text(row, reading.label_column)
        code = _item(label, section)
        if code is None:
            filled = any(grid.number(row, column) is not None for column in reading.fuels)
            if filled and bare(label) not in _SUBTOTALS:
                reading.fault("accounts.energy_unknown_item", row, reading.label_column, label=label)
            continue
        if code in ("available", "transformation", "loss", "final_consumption", "balance_difference"):
            section = code
        if code in seen:
            reading.fault("accounts.energy_item_twice", row, reading.label_column, label=label)
            continue
        seen.add(code)
        for column, fuel in reading.fuels.items():
            value = _value(reading, row, column)
            if value is None or fuel.unit is None:
                continue
            if code in _FINAL and value < 0:
                reading.tell("accounts.energy_negative_final", "warning", row, column, item=item_names()[code],
                             fuel=fuel.name, quantity=format(value, "f"), unit=fuel.unit)  # fmt: skip
            quantity, target = _booked(reading, fuel, value)
            record = (code, item_names()[code], fuel.code, fuel.name, exact(quantity), target, row + 1)
            for name, part in zip(names, record, strict=True):
                cells[name].append(part)
    return cells


def _booked(reading: Reading, fuel: Fuel, value: Decimal) -> tuple[Decimal, str]:
    """Return a quantity in the unit of the book: electricity by heat in kWh, everything else in its own dimension."""
    stated = fuel.unit or ""
    target = canonical(stated)
    quantity = value * factor(stated, target)
    if fuel.code != ELECTRICITY or target != "tce" or reading.basis != CALORIFIC:
        return quantity, target
    row = next(row for row in PackLibrary.load()["coal_equivalent"].rows if row["fuel_code"] == ELECTRICITY)
    return quantity / Decimal(str(row["coefficient"])) * factor(str(row["quantity_unit"]), "kWh"), "kWh"


def _value(reading: Reading, row: int, column: int) -> Decimal | None:
    number = reading.grid.number(row, column)
    if number is None and not is_absent(reading.grid.text(row, column)):
        reading.fault("accounts.energy_not_a_number", row, column, text=reading.grid.text(row, column))
    return number if number is not None and number.is_finite() else None


def canonical(symbol: str) -> str:
    """Return the unit in which quantities of a published unit stand in the book: t, m3, kWh, GJ or tce."""
    return CANONICAL.get(unit(symbol).dimension, symbol)


LAYOUT = EnergyBalanceLayout()
