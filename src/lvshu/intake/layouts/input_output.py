"""Input-output tables as they are published: recognised by the names of rows and columns, not by their place.

Understood: competitive tables (imports and inflows in columns of their own) and tables with domestic and imported
products in separate rows; names in Chinese or codes; with or without a code row and a code column; merged headers;
titles, units and notes around the table. Values come out in yuan, one record per cell.
"""

from __future__ import annotations

import re
from decimal import Decimal

from lvshu.core.units import factor, find_unit, parse_header_unit
from lvshu.intake.grid import Grid
from lvshu.intake.layout import LayoutResult
from lvshu.intake.layouts import io_labels as words
from lvshu.intake.layouts import io_signs
from lvshu.intake.layouts.io_reading import Label, Reading, filled, is_data, is_value_column
from lvshu.intake.layouts.published import exact, is_absent, read_heading
from lvshu.intake.text import heading_key

_CHINESE = re.compile("[\u4e00-\u9fff]")
_LOOK_AT_ROWS = 30
_KNOWN_IN_HEADER = 3


class InputOutputLayout:
    """Reads input-output tables into io_cell."""

    name = "input_output"
    makes = ("io_cell",)

    def recognises(self, grid: Grid) -> bool:
        """Return whether the sheet has columns and rows of an input-output table."""
        if _header_row(grid) is None:
            return False
        labels = range(min(5, grid.width))
        keys = {heading_key(grid.text(row, column)) for row in range(grid.height) for column in labels}
        return any(words.ROW_KEYS.get(key) in ("TII", "TVA", "VA001") for key in keys)

    def heading_words(self) -> frozenset[str]:
        """Return none: its headings are names of sectors and products."""
        return frozenset()

    def read(self, grid: Grid, *, year: int, area_code: str, unit: str | None) -> LayoutResult:
        """Return the cells of the table in yuan.

        Args:
            grid: the sheet.
            year: year of the table when its title does not say.
            area_code: area of the table when its title does not say.
            unit: unit symbol of the values when the sheet does not state one, e.g. "1e4 CNY".
        """
        reading = Reading(grid)
        _find_frame(reading)
        if reading.problems:
            return LayoutResult({}, tuple(reading.problems), self.name)
        _label_rows(reading)
        _label_columns(reading)
        heading = read_heading(grid, header_end=reading.first_row)
        symbol = (unit or heading.unit) if heading.units else (heading.unit or unit)
        known = find_unit(symbol) if symbol else None
        if heading.units and unit is None:
            reading.fault("accounts.io_two_units", units=list(heading.units))
        elif heading.unknown_unit and unit is None:
            reading.fault("accounts.io_unknown_unit", unit=heading.unknown_unit)
        elif symbol is None:
            reading.fault("accounts.io_no_unit")
        elif known is None or known.dimension != "money":
            reading.fault("accounts.io_unknown_unit", unit=symbol)
        if reading.problems or symbol is None:
            return LayoutResult({}, tuple(reading.problems), self.name)
        scale = factor(symbol, "CNY")
        if all(label.origin == "total" for label in reading.rows.values()):
            io_signs.settle(reading)
        cells = _cells(reading, scale)
        table_year = heading.year or year
        sectors = len({label.code for label in reading.rows.values() if label.kind == "sector"})
        count = len(cells["value"])
        cells["table_code"] = [f"io_{table_year}_{sectors}"] * count
        cells["year"] = [table_year] * count
        cells["area_code"] = [heading.area_code or area_code] * count
        split = any(label.origin != "total" for label in reading.rows.values())
        variant = "by_origin" if split else "competitive"
        return LayoutResult({"io_cell": cells}, tuple(reading.problems), f"{self.name}.{variant}")


def _header_row(grid: Grid) -> int | None:
    for row in range(min(_LOOK_AT_ROWS, grid.height)):
        codes = {words.COLUMN_KEYS.get(words.label_key(text)) for text in set(grid.row_texts(row))}
        if len(codes - {None}) >= _KNOWN_IN_HEADER and codes & {"TIU", "TFU", "GO"}:
            return row
        below = {words.COLUMN_KEYS.get(words.label_key(text)) for text in set(grid.row_texts(row + 1))}
        if (
            len(codes - {None}) >= 2
            and len((codes | below) - {None}) >= 6
            and (codes | below) & {"TIU", "TFU", "GO"}
        ):
            return row
    return None


def _find_frame(reading: Reading) -> None:
    """Find the header rows, the first row and the first column of figures."""
    grid = reading.grid
    start = _header_row(grid)
    if start is None:
        reading.fault("accounts.io_no_header")
        return
    while start > 0 and any(words.label_key(text) in words.GROUP_KEYS for text in grid.row_texts(start - 1)):
        start -= 1
    first = next(
        (row for row in range(start + 1, grid.height) if is_data(grid, row, words.COLUMN_KEYS)), None
    )
    if first is None:
        reading.fault("accounts.io_no_rows")
        return
    reading.header, reading.first_row = range(start, first), first
    sample = [
        row for row in range(first, min(first + 12, grid.height)) if is_data(grid, row, words.COLUMN_KEYS)
    ]
    reading.first_column = next(
        (column for column in range(grid.width) if is_value_column(grid, column, sample, reading.header)),
        grid.width,
    )


def _label_rows(reading: Reading) -> None:
    grid = reading.grid
    groups = [""] * reading.first_column
    after_total = False
    running = 0
    for row in range(reading.first_row, grid.height):
        texts = [grid.text(row, column) for column in range(reading.first_column)]
        groups = [text or old for text, old in zip(texts, groups, strict=True)]
        if not any(texts) or not any(
            grid.number(row, c) is not None for c in range(reading.first_column, grid.width)
        ):
            continue
        code = words.row_code(texts) or words.row_code(groups[:-1] + texts[-1:])
        origin = (
            _origin(texts)
            or _origin([t for t in groups if heading_key(t) in words.ROW_GROUP_KEYS])
            or "total"
        )
        if code is not None:
            after_total = after_total or code in ("TII", "TVA")
            kind, names = words.ROWS[code]
            name = next(
                (t for t in texts if _CHINESE.search(t) and heading_key(t) in words.ROW_KEYS), names[1]
            )
            reading.rows[row] = Label(code, name, kind, "total")
            continue
        if after_total:
            reading.fault("accounts.io_unknown_row", row, label=" ".join(filter(None, texts)))
            continue
        running += 1
        reading.rows[row] = _sector(texts, running, origin)
    _check_sectors(reading)


def _sector(texts: list[str], running: int, origin: str) -> Label:
    plain = [
        text
        for text in texts
        if text
        and heading_key(text) not in words.ROW_GROUP_KEYS
        and heading_key(text) not in words.ORIGIN_KEYS
    ]
    code = next((text for text in plain if words.CODE.match(text)), None)
    chinese = [text for text in plain if _CHINESE.search(text)]
    name = (chinese or [text for text in plain if text != code] or [code or ""])[-1]
    return Label(code or f"#{running}", name, "sector", origin)


def _origin(texts: list[str]) -> str | None:
    return next(
        (words.ORIGIN_KEYS[key] for text in texts if (key := heading_key(text)) in words.ORIGIN_KEYS), None
    )


def _check_sectors(reading: Reading) -> None:
    """Give codes to sectors without one, pad numeric ones, and refuse a sector that stands twice."""
    sectors = {row: label for row, label in reading.rows.items() if label.kind == "sector"}
    names: dict[str, str] = {}
    width = max((len(label.code) for label in sectors.values() if not label.code.startswith("#")), default=0)
    for row, label in sectors.items():
        key = heading_key(words.chinese_part(label.name))
        code = label.code
        if code.startswith("#"):
            names.setdefault(key, str(len(names) + 1))
            code = names[key].zfill(max(2, len(str(len(sectors)))))
        reading.rows[row] = Label(code.zfill(max(width, 2)), label.name, "sector", label.origin)
    seen: set[tuple[str, str]] = set()
    for row, label in reading.rows.items():
        if (label.code, label.origin) in seen:
            reading.fault("accounts.io_row_twice", row, name=label.name, code=label.code)
        seen.add((label.code, label.origin))
    if not sectors:
        reading.fault("accounts.io_no_rows")


def _label_columns(reading: Reading) -> None:
    grid = reading.grid
    sectors = {label.code: label for label in reading.rows.values() if label.kind == "sector"}
    by_name = {heading_key(words.chinese_part(label.name)): label for label in sectors.values()}
    merged = {row: filled(grid, row) for row in reading.header}
    last = max(
        (row for row in reading.header if any(grid.text(row, c) for c in range(grid.width))), default=0
    )
    for column in range(reading.first_column, grid.width):
        own = [grid.text(row, column) for row in reading.header]
        first = next((place for place, text in enumerate(own) if text), 0)
        groups = [merged[row][column] for row in reading.header[:first]]
        labels = groups + own[first:]
        if not any(own):
            if any(grid.number(row, column) is not None for row in reading.rows):
                reading.fault("accounts.io_unknown_column", reading.first_row, column, label="")
            continue
        code = words.column_code(labels)
        if code is not None:
            kind, names = words.COLUMNS[code]
            reading.columns[column] = Label(code, next(name for name in names if _CHINESE.search(name)), kind)
            continue
        found = _sector_of(own, sectors, by_name)
        if found is None and (stated := _own_unit(groups, own[first:])):
            reading.fault("accounts.io_column_unit", last, column, label=own[-1], unit=stated)
        elif found is None:
            reading.fault(
                "accounts.io_unknown_column", last, column, label=" ".join(dict.fromkeys(filter(None, own)))
            )
        else:
            reading.columns[column] = found
    _settle_kinds(reading)
    _check_columns(reading, sectors)


def _own_unit(groups: list[str], own: list[str]) -> str | None:
    """Return the unit that a known column states for itself, 出口（亿元）; None where that is not what is wrong."""
    parsed = [parse_header_unit(text) for text in own]
    units = [unit for _, unit in parsed if unit]
    is_known = words.column_code([*groups, *(name for name, _ in parsed)]) is not None
    return units[0] if units and is_known else None


def _sector_of(own: list[str], sectors: dict[str, Label], by_name: dict[str, Label]) -> Label | None:
    width = max((len(code) for code in sectors), default=2)
    for text in reversed(own):
        if words.CODE.match(text) and text.zfill(width) in sectors:
            return sectors[text.zfill(width)]
        name = heading_key(words.chinese_part(text))
        if name in by_name:
            return by_name[name]
    return None


def _settle_kinds(reading: Reading) -> None:
    """A subtotal is a total where its parts are there, and a leaf where they are not."""
    present = {label.code for label in reading.columns.values()}
    parts = {"THC": {"FU101", "FU102"}, "TC": {"FU101", "FU102", "THC", "FU103"}, "GCF": {"FU201", "FU202"}}
    for column, label in reading.columns.items():
        if label.code in parts and present & parts[label.code]:
            reading.columns[column] = Label(label.code, label.name, "total")


def _check_columns(reading: Reading, sectors: dict[str, Label]) -> None:
    codes = [label.code for label in reading.columns.values()]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        reading.fault("accounts.io_column_twice", label=code)
    absent = [label.name for code, label in sectors.items() if code not in codes]
    if absent:
        reading.fault("accounts.io_sector_without_column", sectors=absent)
    if "GO" not in codes and not any(label.code == "TI" for label in reading.rows.values()):
        reading.fault("accounts.io_no_output")


def _cells(reading: Reading, factor: Decimal) -> dict[str, list[object]]:
    grid = reading.grid
    names = ("origin", "row_code", "row_name", "row_kind", "column_code", "column_name", "column_kind", "value",
             "row_number", "table_code", "year", "area_code")  # fmt: skip
    cells: dict[str, list[object]] = {name: [] for name in names}
    for row, line in reading.rows.items():
        for column, head in reading.columns.items():
            number = grid.number(row, column)
            if number is None:
                if not is_absent(grid.text(row, column)):
                    reading.fault("accounts.io_not_a_number", row, column, text=grid.text(row, column))
                continue
            if not number.is_finite():
                continue
            for booked, amount in io_signs.booked(line, head, number * reading.signs.get(column, 1)):
                record = (line.origin, line.code, line.name, line.kind, booked.code, booked.name, booked.kind,
                          exact(amount * factor), row + 1)  # fmt: skip
                for name, value in zip(names, record, strict=False):
                    cells[name].append(value)
    return cells


LAYOUT = InputOutputLayout()
