"""Numbers as people read them in findings."""

from __future__ import annotations

from decimal import Decimal


def plain(value: Decimal | float) -> str:
    """Return a number with thousands separators and at most two decimal places, e.g. 976,300 or -44.38.

    Values below 0.01 keep three significant digits, so that a small difference is never shown as 0.
    """
    number = Decimal(str(value)) if not isinstance(value, Decimal) else value
    if number and abs(number) < Decimal("0.01"):
        return f"{number:.3g}"
    text = f"{number:,.2f}"
    return text[:-3] if text.endswith(".00") else text
