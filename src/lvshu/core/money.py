"""Decimal rounding: half away from zero, as statistics are rounded (GB/T 8170 for the tie of a 5)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext

PLACES = {"money": 2, "quantity": 6}


def half_away(value: Decimal | int | str, places: int) -> Decimal:
    """Return value rounded to a number of decimal places, ties away from zero.

    Raises:
        decimal.InvalidOperation: the text is not a number.
    """
    with localcontext() as context:
        context.prec = 60
        return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def to_decimal(value: float, places: int) -> Decimal:
    """Return a float as a Decimal rounded half away from zero; its shortest text is what is rounded."""
    return half_away(Decimal(repr(float(value))), places)


def total(values: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of decimals."""
    with localcontext() as context:
        context.prec = 60
        return sum(values, Decimal(0))
