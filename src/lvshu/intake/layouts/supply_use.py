"""Supply and use tables as they are published: products down, industries across, one sheet each.

A supply table says which industry made each product, what came in, and how basic prices become purchasers' prices; a
make table (产出表, industries down) is read as a supply table. A use table says who used each product and how the
output of industries divides. Values come out in yuan, one record per cell, products down in all of them.
"""

from __future__ import annotations

from decimal import Decimal

from lvshu.core.units import factor, find_unit
from lvshu.intake.grid import Grid
from lvshu.intake.layout import LayoutResult
from lvshu.intake.layouts import io_labels, supply_use_checks
from lvshu.intake.layouts import supply_use_labels as words
from lvshu.intake.layouts.io_reading import Label, Reading, filled, is_data, is_value_column
from lvshu.intake.layouts.published import exact, is_absent, read_heading

_LOOK_AT_ROWS = 30


class SupplyUseLayout:
    """Reads supply tables and use tables into supply_use_cell."""

    name = "supply_use"
    makes = ("supply_use_cell",)

    def recognises(self, grid: Grid) -> bool:
        """Return whether the sheet calls itself a supply, use or make table and has the columns of one."""
        return _header_row(grid) is not None and words.names_supply_use(_title(grid), grid.file)

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
        part = _part(reading)
        make = part == "supply" and words.MAKE_TITLE.search(_title(grid)) is not None
        _label_columns(reading, part)
        _label_rows(reading, part)
        heading = read_heading(grid, header_end=reading.first_row)
        symbol = (unit or heading.unit) if heading.units else (heading.unit or unit)
        known = find_unit(symbol) if symbol else None
        if heading.units and unit is None:
            reading.fault("accounts.io_two_units", units=list(heading.units))
        elif symbol is None and heading.unknown_unit is None:
            reading.fault("accounts.io_no_unit")
        elif known is None or known.dimension != "money":
            reading.fault("accounts.io_unknown_unit", unit=heading.unknown_unit or symbol)
        if symbol is None or any(problem.severity == "error" for problem in reading.problems):
            return LayoutResult({}, tuple(reading.problems), self.name)
        cells = _cells(reading, part, factor(symbol, "CNY"), transposed=make)
        supply_use_checks.tell_imbalances(reading, part)
        count, table_year = len(cells["value"]), heading.year or year
        products = len({code for code, kind in zip(cells["row_code"], cells["row_kind"], strict=True)
                        if kind == "product"})  # fmt: skip
        cells["table_code"] = [f"su_{table_year}_{products}"] * count
        cells["year"] = [table_year] * count
        cells["area_code"] = [heading.area_code or area_code] * count
        cells["price_basis"] = [words.price_basis(_title(grid))] * count
        variant = "make" if make else part
        return LayoutResult({"supply_use_cell": cells}, tuple(reading.problems), f"{self.name}.{variant}")


def _title(grid: Grid) -> str:
    """Texts that name the table: the rows above the header, and the sheet."""
    header = _header_row(grid)
    above = [text for row in range(header or 0) for text in dict.fromkeys(grid.row_texts(row)) if text]
    return " ".join([*above, grid.sheet or ""])


def _header_row(grid: Grid) -> int | None:
    for row in range(min(_LOOK_AT_ROWS, grid.height)):
        texts = set(grid.row_texts(row)) | set(grid.row_texts(row + 1))
        supply = {words.SUPPLY_KEYS.get(words.label_key(text)) for text in texts} - {None}
        use = {words.USE_KEYS.get(words.label_key(text)) for text in texts} - {None}
        if len([text for text in grid.row_texts(row) if text]) < 3:
            continue
        if ("QO" in supply and len(supply) >= 1) or (len(use) >= 3 and use & {"TIU", "TFU", "TU"}):
            return row
    return None


def _find_frame(reading: Reading) -> None:
    grid = reading.grid
    start = _header_row(grid)
    if start is None:
        reading.fault("accounts.su_no_header")
        return
    rows = [row for row in range(start + 1, grid.height) if is_data(grid, row, words.KNOWN)]
    if not rows:
        reading.fault("accounts.io_no_rows")
        return
    reading.header, reading.first_row = range(start, rows[0]), rows[0]
    reading.first_column = next(
        (column for column in range(grid.width) if is_value_column(grid, column, rows[:12], reading.header)),
        grid.width,
    )


def _part(reading: Reading) -> str:
    keys = {words.label_key(text) for row in reading.header for text in reading.grid.row_texts(row)}
    uses = {words.USE_KEYS.get(key) for key in keys}
    return "use" if uses & {"TIU", "TFU", "TU"} else "supply"


def _label_columns(reading: Reading, part: str) -> None:
    """Name the columns: industries stand before the first column that is none."""
    grid = reading.grid
    merged = {row: filled(grid, row) for row in reading.header}
    seen: dict[str, int] = {}
    after, running = False, 0
    for column in range(reading.first_column, grid.width):
        own = [grid.text(row, column) for row in reading.header]
        filled_in = any(grid.number(row, column) is not None for row in range(reading.first_row, grid.height))
        if not any(own):
            if filled_in:
                reading.fault("accounts.io_unknown_column", reading.first_row, column, label="")
            continue
        first = next(place for place, text in enumerate(own) if text)
        labels = [merged[row][column] for row in reading.header[:first]] + own[first:]
        code = words.supply_column(labels) if part == "supply" else words.use_column(labels)
        if code is not None:
            after = True
            kind = words.SUPPLY[code][0] if part == "supply" else words.use_kind(code)
            reading.columns[column] = Label(code, own[first] if len(own) == 1 else _last(own), kind)
        elif after:
            reading.fault("accounts.io_unknown_column", reading.header[-1], column, label=_last(own))
            continue
        else:
            running += 1
            reading.columns[column] = _named(own, running, "industry")
        label = reading.columns[column].code
        if label in seen:
            reading.fault("accounts.io_column_twice", label=label)
        seen[label] = column
    _settle_subtotals(reading)


def _settle_subtotals(reading: Reading) -> None:
    present = {label.code for label in reading.columns.values()}
    parts = {"THC": {"FU101", "FU102"}, "TC": {"FU101", "FU102", "THC", "FU103"}, "GCF": {"FU201", "FU202"},
             "MAR": {"TRM", "TPM"}, "TLS": {"TAX", "SUB"}}  # fmt: skip
    for column, label in reading.columns.items():
        if label.code in parts and present & parts[label.code]:
            reading.columns[column] = Label(label.code, label.name, "total")


def _label_rows(reading: Reading, part: str) -> None:
    grid = reading.grid
    running, after = 0, False
    seen: set[str] = set()
    for row in range(reading.first_row, grid.height):
        texts = [grid.text(row, column) for column in range(reading.first_column)]
        if not any(texts) or not any(grid.number(row, column) is not None for column in reading.columns):
            continue
        code = io_labels.row_code(texts)
        if code is not None and part == "use":
            kind, names = io_labels.ROWS[code]
            reading.rows[row] = Label(code, names[1], kind)
            after = True
        elif words.row_total(texts):
            reading.rows[row] = Label("GO", _last(texts), "total")
            after = True
        elif after:
            reading.fault("accounts.io_unknown_row", row, label=" ".join(filter(None, texts)))
            continue
        else:
            running += 1
            reading.rows[row] = _named(texts, running, "product")
        label = reading.rows[row].code
        if label in seen:
            reading.fault("accounts.io_row_twice", row, name=reading.rows[row].name, code=label)
        seen.add(label)


def _named(texts: list[str], running: int, kind: str) -> Label:
    plain = [text for text in texts if text and words.label_key(text) not in words.SIDE_KEYS
             and words.label_key(text) not in io_labels.GROUP_KEYS | io_labels.ROW_GROUP_KEYS]  # fmt: skip
    code = next((text for text in plain if words.CODE.match(text)), None)
    names = [text for text in plain if text != code]
    return Label(code or str(running).zfill(3), names[-1] if names else code or str(running), kind)


def _last(texts: list[str]) -> str:
    return next((text for text in reversed(texts) if text), "")


def _cells(reading: Reading, part: str, scale: Decimal, *, transposed: bool) -> dict[str, list[object]]:
    grid = reading.grid
    names = ("part", "row_code", "row_name", "row_kind", "column_code", "column_name", "column_kind", "value",
             "row_number", "table_code", "year", "area_code", "price_basis")  # fmt: skip
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
            down, across = (_turned(head, line)) if transposed else (line, head)
            record = (part, down.code, down.name, down.kind, across.code, across.name, across.kind,
                      exact(number * scale), row + 1)  # fmt: skip
            for name, value in zip(names, record, strict=False):
                cells[name].append(value)
    return cells


def _turned(head: Label, line: Label) -> tuple[Label, Label]:
    """The row and column of a make table's cell in a supply table: products down, industries across."""
    down = (
        Label(head.code, head.name, "product") if head.kind == "industry" else Label("GO", head.name, "total")
    )
    across = (
        Label(line.code, line.name, "industry")
        if line.kind == "product"
        else Label("QO", line.name, "output")
    )
    return down, across


LAYOUT = SupplyUseLayout()
