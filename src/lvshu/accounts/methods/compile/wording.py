"""Names and numbers for the findings of the compiling methods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import SupportsInt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHOWN = 5


def name_of(names: Sequence[str] | None, place: SupportsInt) -> str:
    """Return what a row or column is called: its name, or its position counted from 1.

    Args:
        names: n texts, or None; dimensionless.
        place: position, counted from 0.

    Returns:
        One text.

    Source: conventions of the house, errors name what they are about.
    """
    position = int(place)
    return str(names[position]) if names is not None else str(position + 1)


def figure(number: float) -> str:
    """Return a number as people read it: thousands separators, six significant digits at most.

    Args:
        number: any unit.

    Returns:
        One text.

    Source: conventions of the house.
    """
    if number != 0.0 and abs(number) < 0.01:
        return f"{number:.3g}"
    text = f"{number:,.2f}"
    return text[:-3] if text.endswith(".00") else text


def largest(names: Sequence[str] | None, places: Iterable[int], amounts: Array) -> list[str]:
    """Return the rows with the largest amounts, each with its amount: "coal (12.5)".

    Args:
        names: n texts, or None.
        places: positions to choose from.
        amounts: shape (n,), any unit.

    Returns:
        At most five texts, the largest amount first.

    Source: conventions of the house.
    """
    chosen = sorted(places, key=lambda place: -abs(float(amounts[place])))[:SHOWN]
    return [f"{name_of(names, place)} ({figure(float(amounts[place]))})" for place in chosen]
