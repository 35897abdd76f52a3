"""How a row says that it is one of totals, and when a stated total is a sum; needs no database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lvshu.intake.text import fold

TOTALS = (
    "合计",
    "总计",
    "小计",
    "共计",
    "合 计",
    "总 计",
    "小 计",
    "total",
    "grand total",
    "subtotal",
    "sum",
)
"""What the key of a row of totals says (lower case)."""
_EQUAL = Decimal("1e-9")
"""Relative difference up to which two sums are the same: what adding binary fractions in another order leaves."""


def says_total(text: str) -> bool:
    """Return whether a cell says that its row is one of totals (合计, total …)."""
    return fold(text).lower() in TOTALS


def sum_agrees(stated: Decimal, sums: Sequence[Decimal]) -> bool:
    """Return whether a stated total is one of the sums that it may be, but for what adding binary fractions leaves."""
    return any(abs(stated - one) <= _EQUAL * abs(one) for one in sums)
