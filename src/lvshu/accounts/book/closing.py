"""Do the rows, columns and totals of a table add up? Every sum that a list of io_cell records states is checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import sqrt
from typing import Any

from lvshu.accounts.ledger.closing import Closing, SumCheck

ROUNDING = Decimal("0.000001")
DEVIATIONS = 3.0
LINES = ("sector", "value_added")
HOUSEHOLD = ("household_rural", "household_urban", "household")
CONSUMPTION = (*HOUSEHOLD, "government", "consumption")
CAPITAL = ("fixed_capital", "inventory", "capital_formation")
FINAL = (*CONSUMPTION, *CAPITAL, "export", "outflow")
SUBTRACTED = ("import", "inflow")
PARTS_OF: Mapping[str, tuple[str, ...]] = {
    "TIU": ("sector",),
    "THC": HOUSEHOLD,
    "TC": CONSUMPTION,
    "GCF": CAPITAL,
    "TFU": FINAL,
}

Cells = Mapping[str, Mapping[str, Any]]


def closing_of(records: Iterable[Mapping[str, Any]]) -> Closing:
    """Return the checks of a table's sums; a sum that the table does not state is not checked.

    Rows: intermediate and final use, less imports and inflows, with the error column, make output. Columns: inputs
    and value added (its parts, or its total where no parts stand) make total input. Output is total input. Stated
    totals of rows and columns are the sums of their parts.

    A difference is rounding up to one part in a million, or up to three standard deviations of the sum of so many
    figures rounded to the last place that the table prints.

    Args:
        records: cells of one table, yuan.

    Source: National Bureau of Statistics of China, 中国投入产出表: 中间使用+最终使用-进口-调入+其他=总产出;
        中间投入+增加值=总投入.
    """
    given = list(records)
    rows: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    columns: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in given:
        rows[one["origin"], one["row_code"]][one["column_code"]] = one
        columns[one["column_code"]].append(one)
    place = _last_place(given)
    checks: list[SumCheck] = []
    for (origin, code), cells in rows.items():
        checks += _of_row(cells, columns, is_output=origin != "import", code=code, place=place)
    for cells_down in columns.values():
        checks += _of_column(cells_down, place)
    return Closing(tuple(checks))


def _of_row(
    cells: Cells, columns: Mapping[str, list[Mapping[str, Any]]], *, is_output: bool, code: str, place: float
) -> list[SumCheck]:
    first = next(iter(cells.values()))
    name, is_sector = str(first["row_name"]), first["row_kind"] == "sector"
    checks = []
    if is_sector:
        used = [one for one in cells.values() if one["column_kind"] not in ("total", "output")]
        made = sum(
            (-one["value"] if one["column_kind"] in SUBTRACTED else one["value"] for one in used), Decimal(0)
        )
        output = cells["GO"]["value"] if "GO" in cells else None
        inputs = _stated(columns.get(code, ()), "TI") if is_output else None
        stated = inputs if output is None else output
        if stated is not None:
            checks.append(_check("row_balance", name, stated, made, len(used), place))
        if output is not None and inputs is not None:
            checks.append(_check("output_and_input", name, output, inputs, 1, place))
    for total, kinds in PARTS_OF.items():
        cell = cells.get(total)
        parts = [one["value"] for one in cells.values() if one["column_kind"] in kinds]
        if cell is None or cell["column_kind"] != "total" or not parts:
            continue
        label = f"{name} / {cell['column_name']}"
        checks.append(_check("row_total", label, cell["value"], sum(parts, Decimal(0)), len(parts), place))
    return checks


def _of_column(cells: list[Mapping[str, Any]], place: float) -> list[SumCheck]:
    name, kind = str(cells[0]["column_name"]), cells[0]["column_kind"]
    sectors = [one["value"] for one in cells if one["row_kind"] == "sector"]
    parts = [one["value"] for one in cells if one["row_kind"] == "value_added"]
    added, inputs, within = _stated(cells, "TVA"), _stated(cells, "TI"), _stated(cells, "TII")
    checks = []
    known = parts or ([] if added is None else [added])
    if kind == "sector" and inputs is not None and known:
        made = sum(sectors + known, Decimal(0))
        checks.append(_check("column_balance", name, inputs, made, len(sectors) + len(known), place))
    for code, stated, values in (("TII", within, sectors), ("TVA", added, parts)):
        if stated is not None and values and (code == "TII" or kind in ("sector", "total")):
            total = next(str(one["row_name"]) for one in cells if one["row_code"] == code)
            made = sum(values, Decimal(0))
            checks.append(_check("column_total", f"{name} / {total}", stated, made, len(values), place))
    return checks


def _stated(cells: Iterable[Mapping[str, Any]], code: str) -> Decimal | None:
    return next((one["value"] for one in cells if one["row_code"] == code), None)


def _check(check: str, name: str, stated: Decimal, made: Decimal, parts: int, place: float) -> SumCheck:
    size = max(abs(stated), abs(made)) * ROUNDING
    # a figure rounded to a place is off by place / sqrt(12), one standard deviation; the total is rounded as well
    spread = DEVIATIONS * place * sqrt((parts + 1) / 12.0)
    return SumCheck(check, name, float(stated), float(made), max(float(size), spread))


def _last_place(records: list[Mapping[str, Any]]) -> float:
    """The unit of the last digit that any figure of the table has; 0 where all are 0."""
    exponents = [int(one["value"].normalize().as_tuple().exponent) for one in records if one["value"]]
    return float(Decimal(1).scaleb(min(exponents))) if exponents else 0.0
