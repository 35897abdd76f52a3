"""Random repetitions of figures whose relative standard error is stated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def relative_draws(relative_error: Array, count: int, generator: np.random.Generator) -> Array:
    """Return random factors around 1 with the stated relative standard errors: lognormal, never negative.

    Args:
        relative_error: standard error / figure, shape (k,), dimensionless; nan where it is not known, which draws 1.
        count: number of replicates r.
        generator: random numbers.

    Returns:
        Factors, shape (k, r), dimensionless, of expectation 1.

    Source: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.3.2 (approach 2, Monte Carlo) and 3.2.2.4
        (lognormal for quantities that cannot be negative).
    """
    variance = np.log1p(np.square(np.nan_to_num(relative_error)))[:, None]
    normal = generator.standard_normal((len(relative_error), count))
    return np.asarray(np.exp(np.sqrt(variance) * normal - variance / 2.0))
