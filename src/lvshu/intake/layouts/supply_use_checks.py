"""Whether the rows and columns of a supply or use table add up, told and never repaired."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from lvshu.intake.layouts.io_reading import Reading

ROUNDING = Decimal("0.000001")
TO_BASIC = ("output", "import", "inflow")
TO_PURCHASER = ("total_basic", "trade_margin", "transport_margin", "margin", "net_tax", "tax")
FINAL = ("household_rural", "household_urban", "household", "government", "consumption", "fixed_capital", "inventory",
         "capital_formation", "export", "outflow")  # fmt: skip
MARGINS = ("trade_margin", "transport_margin", "margin")


def tell_imbalances(reading: Reading, part: str) -> None:
    """Note, as warnings, totals that their parts do not make: one for each kind of total, with the largest gap."""
    sums = (
        [("output", ("industry",), 1)] if part == "supply" else [("TIU", ("industry",), 1), ("TFU", FINAL, 1)]
    )
    for total, kinds, _ in sums:
        _compare(reading, total, kinds)
    if part == "supply":
        _compare(reading, "output", ("industry",))
        if _columns(reading, ("total_basic",)):
            _compare(reading, "total_basic", TO_BASIC)
            _compare(reading, "total_purchaser", TO_PURCHASER, less=("subsidy",))
        else:
            _compare(reading, "total_purchaser", (*TO_BASIC, *TO_PURCHASER[1:]), less=("subsidy",))
        _margins_cancel(reading)
    else:
        _compare(reading, "TIU", ("industry",))
        _compare(reading, "TFU", FINAL)
        _compare(reading, "TU", ("TIU", "TFU"))
    _columns_add_up(reading)


def _columns(reading: Reading, wanted: Iterable[str]) -> list[int]:
    return [
        column for column, label in reading.columns.items() if label.kind in wanted or label.code in wanted
    ]


def _sum(reading: Reading, row: int, columns: Iterable[int]) -> Decimal:
    return sum((reading.grid.number(row, column) or Decimal(0) for column in columns), Decimal(0))


def _compare(reading: Reading, total: str, parts: Iterable[str], *, less: Iterable[str] = ()) -> None:
    stated, added, taken = _columns(reading, (total,)), _columns(reading, parts), _columns(reading, less)
    if not stated or not added:
        return
    gaps: dict[str, Decimal] = {}
    for row, label in reading.rows.items():
        if label.kind != "product" or reading.grid.number(row, stated[0]) is None:
            continue
        told = _sum(reading, row, stated[:1])
        # a subsidy is printed positive or negative; either way it makes the price lower
        made = _sum(reading, row, added) - sum((abs(_sum(reading, row, [one])) for one in taken), Decimal(0))
        if abs(told - made) > ROUNDING * max(abs(told), abs(made), Decimal(1)):
            gaps[label.name] = told - made
    _tell(reading, reading.columns[stated[0]].name, gaps)


def _margins_cancel(reading: Reading) -> None:
    """Margins move value from products to trade and transport: over all products they sum to nothing."""
    rows = [row for row, label in reading.rows.items() if label.kind == "product"]
    gaps: dict[str, Decimal] = {}
    for column in _columns(reading, MARGINS):
        amounts = [_sum(reading, row, [column]) for row in rows]
        left, size = sum(amounts, Decimal(0)), sum((abs(amount) for amount in amounts), Decimal(1))
        if abs(left) > ROUNDING * size:
            gaps[reading.columns[column].name] = left
    if gaps:
        worst = max(gaps, key=lambda name: abs(gaps[name]))
        reading.tell("accounts.su_margins", "warning", column=worst, amount=_short(gaps[worst]))


def _columns_add_up(reading: Reading) -> None:
    totals = [row for row, label in reading.rows.items() if label.code in ("TII", "GO")]
    rows = [row for row, label in reading.rows.items() if label.kind == "product"]
    if not totals:
        return
    gaps: dict[str, Decimal] = {}
    for column, label in reading.columns.items():
        stated = reading.grid.number(totals[0], column)
        if stated is None:
            continue
        made = sum((_sum(reading, row, [column]) for row in rows), Decimal(0))
        if abs(stated - made) > ROUNDING * max(abs(stated), abs(made), Decimal(1)):
            gaps[label.name] = stated - made
    _tell(reading, reading.rows[totals[0]].name, gaps)


def _tell(reading: Reading, total: str, gaps: dict[str, Decimal]) -> None:
    if gaps:
        worst = max(gaps, key=lambda name: abs(gaps[name]))
        reading.tell("accounts.su_unbalanced", "warning", total=total, count=len(gaps), name=worst,
                     gap=_short(gaps[worst]))  # fmt: skip


def _short(number: Decimal) -> str:
    return format(number.quantize(Decimal("0.01")), "f")
