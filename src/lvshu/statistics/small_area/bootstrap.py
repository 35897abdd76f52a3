"""Mean squared errors of area-level models by parametric bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.small_area.fay_herriot import FayHerriot, checked, fay_herriot

Array = NDArray[np.float64]


def bootstrap_area_level(
    model: FayHerriot,
    variances: Any,
    covariates: Any,
    replicates: int,
    generator: np.random.Generator,
    *,
    effects: Callable[[np.random.Generator], Array] | None = None,
    refit: Callable[[Array], Array] | None = None,
    back: Callable[[Array], Array] | None = None,
) -> Array:
    """Return mean squared errors of areas: the model is drawn, fitted and compared with what was drawn.

    Args:
        model: fitted.
        variances: shape (m,), of the direct estimates, in the unit squared.
        covariates: shape (m, p).
        replicates: how many, count.
        generator: source of the draws.
        effects: draws the areas' effects, shape (m,); None for independent normal ones.
        refit: from direct estimates to estimates, shape (m,); None for the same model.
        back: transforms the true value back; None for none.

    Returns:
        Mean squared errors, shape (m,), in the unit squared.

    Source: Butar & Lahiri (2003), Journal of Statistical Planning and Inference 112; Rao & Molina (2015), section
    6.2.4.
    """
    y, psi, x = checked(model.estimates, variances, covariates)
    fitted, spread = x @ model.coefficients, np.sqrt(model.variance)
    again = refit or (lambda drawn: fay_herriot(drawn, psi, x, method=model.method).estimates)
    errors = np.zeros(y.size)
    for _ in range(replicates):
        own = spread * generator.standard_normal(y.size) if effects is None else effects(generator)
        truth = fitted + own
        found = again(truth + np.sqrt(psi) * generator.standard_normal(y.size))
        errors += (found - (truth if back is None else back(truth))) ** 2
    return errors / replicates
