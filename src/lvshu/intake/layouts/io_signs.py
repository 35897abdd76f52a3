"""Signs of imports, inflows and net columns: read from the row balance of the table, never from a habit.

total output = intermediate use + own final use + exports + outflows - imports - inflows + error. Some tables print
imports and inflows negative (the national table of 1997 in the China Statistical Yearbook does), some subtract the
error, some give one net column. Which it is, the rows themselves say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

from lvshu.intake.layouts.io_labels import COLUMNS
from lvshu.intake.layouts.io_reading import Label, Reading

ADDED = ("sector", "household_rural", "household_urban", "household", "government", "consumption", "fixed_capital",
         "inventory", "capital_formation", "export", "outflow", "net_outflow", "net_export")  # fmt: skip
SUBTRACTED = ("import", "inflow", "net_inflow")
IN_DOUBT = ("import", "inflow", "other", "net_inflow")
NET = {"net_outflow": ("OF", "IF", 1), "net_inflow": ("OF", "IF", -1), "net_export": ("EX", "IM", 1)}
GROSS = {"net_outflow": ("IF", "OF"), "net_inflow": ("OF", "IF"), "net_export": ("IM", "EX")}
CLEARLY = Decimal("0.1")
ROUNDING = Decimal("0.000001")


def settle(reading: Reading) -> None:
    """Find the sign of each column that comes in, and name net columns that are gross ones in truth."""
    _settle_net(reading)
    doubtful = [column for column, label in reading.columns.items() if label.kind in IN_DOUBT]
    rows = [row for row, label in reading.rows.items() if label.kind == "sector"]
    if not any(label.kind == "output" for label in reading.columns.values()) or not rows:
        return
    known = _known(reading, rows)
    values = {column: [_number(reading, row, column) for row in rows] for column in doubtful}
    doubtful = [column for column in doubtful if any(values[column])]
    left = {
        signs: _imbalance(known, [(reading.columns[column].kind, values[column], sign)
                                  for column, sign in zip(doubtful, signs, strict=True)])
        for signs in product((1, -1), repeat=len(doubtful))
    }  # fmt: skip
    usual = (1,) * len(doubtful)
    best = min(left, key=lambda signs: (left[signs], signs.count(-1)))
    size = sum((abs(number) for number in known), Decimal(1))
    if best != usual and left[usual] > ROUNDING * size and left[best] <= CLEARLY * left[usual]:
        for column, sign in zip(doubtful, best, strict=True):
            reading.signs[column] = sign
        turned = [column for column in doubtful if reading.signs[column] == -1]
        names = [reading.columns[column].name for column in turned]
        reading.tell("accounts.io_sign_turned", "notice", columns=names, count=len(rows),
                     before=_short(left[usual]), after=_short(left[best]))  # fmt: skip
    elif left[usual] > ROUNDING * size:
        negative = [column for column in doubtful
                    if reading.columns[column].kind in ("import", "inflow") and sum(values[column]) < 0]  # fmt: skip
        if negative:
            names = [reading.columns[column].name for column in negative]
            reading.tell("accounts.io_sign_unclear", "warning", columns=names, gap=_short(left[usual]))


def booked(line: Label, head: Label, number: Decimal) -> Iterator[tuple[Label, Decimal]]:
    """Return the columns of the book in which a cell stands: its own, or out and in for a net column.

    A net figure of a total row is left out: it is not the sum of the positive and negative parts.
    """
    if head.kind not in NET:
        yield head, number
        return
    if line.kind != "sector":
        return
    out, into, sign = NET[head.kind]
    net = number * sign
    for code, amount in ((out, max(net, Decimal(0))), (into, max(-net, Decimal(0)))):
        kind, names = COLUMNS[code]
        yield (
            replace(head, code=code, name=next(name for name in names if not name.isascii()), kind=kind),
            amount,
        )


def _settle_net(reading: Reading) -> None:
    """A net column beside its counterpart is a gross one; alone it is split by sign, and that is told."""
    codes = {label.code for label in reading.columns.values()}
    for column, label in list(reading.columns.items()):
        if label.kind not in NET:
            continue
        beside, meant = GROSS[label.kind]
        if meant in codes:
            reading.fault("accounts.io_column_twice", label=label.name)
        elif beside in codes:
            kind, names = COLUMNS[meant]
            name = next(one for one in names if not one.isascii())
            reading.columns[column] = Label(meant, name, kind)
            reading.tell("accounts.io_net_is_gross", "notice", column=label.name, read_as=name)
        else:
            reading.tell("accounts.io_net_column", "warning", column=label.name)


def _known(reading: Reading, rows: list[int]) -> list[Decimal]:
    """What the columns whose signs are sure leave of the output, for each row."""
    left = []
    for row in rows:
        total = Decimal(0)
        for column, label in reading.columns.items():
            if label.kind in ADDED:
                total += _number(reading, row, column)
            elif label.kind == "output":
                total -= _number(reading, row, column)
        left.append(total)
    return left


def _imbalance(known: list[Decimal], columns: list[tuple[str, list[Decimal], int]]) -> Decimal:
    worst = Decimal(0)
    for place, total in enumerate(known):
        for kind, values, sign in columns:
            part = values[place] * sign
            total = total - part if kind in SUBTRACTED else total + part
        worst += abs(total)
    return worst


def _number(reading: Reading, row: int, column: int) -> Decimal:
    number = reading.grid.number(row, column)
    return number if number is not None and number.is_finite() else Decimal(0)


def _short(number: Decimal) -> str:
    return format(number.quantize(Decimal("0.01")), "f")
