"""Two figures of a headline side by side, in its display unit, with as many places as show their difference."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lvshu.core.money import half_away
from lvshu.core.units import factor, unit


def in_display_unit(row: Mapping[str, Any], name: str) -> Decimal | None:
    """Return a column of a headline (value, low, high, standard_error) in the headline's display unit."""
    value = row[name]
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact * factor(row["unit"], row["display_unit"] or row["unit"])


def places_for(value: Decimal) -> int:
    """Return how many decimal places show at least four digits of a value."""
    if value == 0:
        return 0
    return min(6, max(0, 3 - value.copy_abs().adjusted()))


def number(value: Decimal | None, places: int) -> str:
    """Return a number with thousands separators, rounded half away from zero; an absent one as a dash."""
    return "–" if value is None else f"{half_away(value, places):,}"


def unit_name(symbol: str, language: str) -> str:
    """Return a unit's name in a language."""
    return unit(symbol).name(language)
