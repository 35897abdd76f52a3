"""Units that nobody has coded yet: new and small, a business scope and no industry code."""

from __future__ import annotations

import numpy as np

from lvshu.sample.context import City
from lvshu.sample.streams import blocks
from lvshu.sample.units import MICRO

UNCODED = 0.12
"""Share of micro and self-employed units without an industry code in the register: the sample's design."""


def uncoded(city: City) -> np.ndarray:
    """Return which units have no industry code in the register, boolean, shape (units,)."""
    register = city.register
    draw = np.empty(len(register))
    for block, start, stop in blocks(len(register)):
        draw[start:stop] = city.streams.generator("enterprise.uncoded", block).random(stop - start)
    return np.asarray((draw < UNCODED) & (register.size >= MICRO) & ~register.overseas)
