"""What an estimate that stands in for data gets wrong, seen where the data are known and it is made as well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.finance.methods.joint_error import draw_multipliers, turnover_errors
from lvshu.finance.methods.uncertainty import carry_spread, spread_of

Array = NDArray[np.float64]


def stand_in_error(
    emission: Array, own: Array, other: Array, replicates: int, generator: np.random.Generator
) -> tuple[float, Array]:
    """Return the bias of stand-ins, and replicates of the sum of what they stand for around the sum so corrected.

    The ratio of what is known to its stand-in corrects the sum; the ratio's error, and how single units lie around it,
    are drawn.

    Args:
        emission: of the units without data, by the stand-in, shape (s,), tCO2e.
        own: of the units with data, shape (p,), tCO2e, above 0, p at least 2.
        other: of the same units by the stand-in, shape (p,), tCO2e, above 0.
        replicates: how many draws.
        generator: of the draws.

    Returns:
        To be added to the sum, tCO2e; deviations around the sum so corrected, shape (replicates,), tCO2e.

    Source: ratio estimator, Särndal, Swensson & Wretman (1992), section 5.6; residual bootstrap, Efron and Tibshirani
        (1993), section 9.4.
    """
    times = float(own.sum() / other.sum())
    error = turnover_errors(np.zeros(own.size, dtype=np.int64), own, other, 1)
    around = emission * times
    common = draw_multipliers(error, replicates, generator)[:, 0]
    deviation = around.sum() * (common - 1.0) + carry_spread(
        around, spread_of(own / other), replicates, generator
    )
    return (times - 1.0) * float(emission.sum()), deviation
