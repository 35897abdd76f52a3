"""A shown ratio as the quotient it is: of two sums over the rows that bear its labels, or of a part in its whole.

A quotient is told where one pair of columns alone gives the number, to the precision of figures in double precision:
two columns of the same rows, or one column over the rows and over those without one of their conditions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lvshu.contract import TableContract
from lvshu.core.errors import LvshuError
from lvshu.core.units import unit as unit_of
from lvshu.engine.duckdb import quote
from lvshu.publish.display import exact
from lvshu.publish.reader import Reader
from lvshu.web.number_trace import FEW_DIGITS, NEAR, STATED, Condition, Trace, adds_up, where_of

ADDED = frozenset({"money", "quantity", "integer"})


@dataclass(frozen=True)
class _Sum:
    column: str
    factor: Decimal
    total: Decimal
    left_out: str = ""
    """Column of the condition that its rows need not meet."""


def as_ratio(
    reader: Reader,
    contract: TableContract,
    base: Trace,
    value: Decimal,
    unit: str,
    shown: Collection[str] = (),
) -> Trace | None:
    """Return the trace of a number that is the quotient of two sums; None where none, or more than one, gives it.

    Args:
        reader: the book.
        contract: of the trace's table.
        base: rows that bear the labels of the number.
        value: the number, in its unit.
        unit: symbol of the unit; "" where none.
        shown: keys of the columns beside it: of several quotients the one of two of these is meant.
    """
    if not base.conditions or not base.rows or len(value.normalize().as_tuple().digits) < FEW_DIGITS:
        return None
    try:
        wanted = value * unit_of(unit or "1").factor
    except LvshuError:
        return None
    tops = _sums(reader, contract, base.conditions)
    wholes = [
        one
        for condition in base.conditions
        for one in _sums(
            reader, contract, [other for other in base.conditions if other is not condition], condition.column
        )
    ]
    found = [pair for pair in _pairs(tops, wholes) if _gives(*pair, wanted)]
    if len(found) > 1:
        found = [pair for pair in found if {pair[0].column, pair[1].column} <= set(shown)]
    if len(found) != 1:
        return None
    top, bottom = found[0]
    return replace(base, column=top.column, over=bottom.column, without=bottom.left_out, how="ratio")


def _pairs(tops: Sequence[_Sum], wholes: Sequence[_Sum]) -> Iterator[tuple[_Sum, _Sum]]:
    for top in tops:
        yield from ((top, bottom) for bottom in tops if bottom.column != top.column)
        yield from (
            (top, whole) for whole in wholes if whole.column == top.column and whole.total != top.total
        )


def _gives(top: _Sum, bottom: _Sum, wanted: Decimal) -> bool:
    made = top.total * top.factor / (bottom.total * bottom.factor)
    return abs(made - wanted) <= NEAR * max(abs(made), abs(wanted))


def _sums(
    reader: Reader, contract: TableContract, conditions: Sequence[Condition], left_out: str = ""
) -> list[_Sum]:
    """Return the sums over rows of the columns that add up and have one unit; those of nought are left out."""
    there = reader.book.columns(contract.name)
    columns = [
        one
        for one in contract.columns
        if one.name in there
        and one.type in ADDED
        and one.name not in contract.key
        and not one.unit.startswith(STATED)
        and adds_up(contract, one.name)
    ]
    if not columns:
        return []
    where = where_of(conditions)
    [row] = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT {', '.join(f'sum({quote(one.name)})' for one in columns)} FROM {quote(contract.name)}"
        f"{' WHERE ' + where if where else ''}",
        table=contract.name,
    )
    return [
        _Sum(one.name, unit_of(one.unit or "1").factor, exact(total), left_out)
        for one, total in zip(columns, row, strict=True)
        if total
    ]
