"""Quantiles with Woodruff's intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import columns_of
from lvshu.statistics.survey.variance import covariance

Array = NDArray[np.float64]


def quantile(
    design: Design,
    values: Any,
    chances: Sequence[float] = (0.25, 0.5, 0.75),
    *,
    domain: Any = None,
    missing: str = "error",
    level: float = 0.95,
) -> Estimates:
    """Return quantiles: the least value whose weighted share of records at or below it reaches the chance.

    The standard error is the length of Woodruff's interval over twice the factor of Student's t. The covariance
    has only its diagonal. Intervals are Woodruff's own, not symmetric around the quantile.

    Args:
        design: of the sample.
        values: shape (n,), in the variable's unit.
        chances: shares between 0 and 1, dimensionless.
        domain: shape (n,), whether a record belongs to it.
        missing: "error" or "omit".
        level: of Woodruff's interval behind the standard error, dimensionless.

    Raises:
        MethodError: as `columns_of`; a chance outside 0 and 1.

    Source: Woodruff (1952), JASA 47; the rule of the quantile and of the interval as in R package survey 4.1,
    svyquantile(qrule = "math", interval.type = "mean").
    """
    outside = [chance for chance in chances if not 0.0 <= chance <= 1.0]
    if outside:
        raise MethodError(Problem("survey.bad_share", values={"given": outside[0]}))
    columns, inside = columns_of(values, design, domain, missing)
    weights = np.where(inside, design.weights, 0.0)
    order = np.argsort(columns[:, 0], kind="stable")
    order = order[weights[order] != 0.0]
    ranked, share = columns[order, 0], np.cumsum(weights[order])
    share /= share[-1]
    # Negative weights, which a linear calibration may leave, make the shares fall back: a share is reached where it is
    # reached for the first time.
    reached = np.maximum.accumulate(share)
    size = float(weights.sum())
    factor = float(stats.t.ppf(0.5 + level / 2.0, max(design.degrees_of_freedom, 1.0)))

    def at(chance: float) -> float:
        place = int(np.searchsorted(reached, chance - 1e-12, side="left"))
        return float(ranked[min(max(place, 0), ranked.size - 1)])

    found = np.array([at(chance) for chance in chances])
    parts, spreads = np.zeros(found.size), np.zeros(found.size)
    for place, value in enumerate(found):
        below = np.where(inside, columns[:, 0] <= value, False).astype(float)
        parts[place] = float(weights @ below / size)
        scores = weights * (below - parts[place]) / size
        spreads[place] = float(np.sqrt(covariance(design, scores)[0, 0]))

    def ends(wanted: float) -> tuple[Array, Array]:
        width = float(stats.t.ppf(0.5 + wanted / 2.0, max(design.degrees_of_freedom, 1.0)))
        low, high = parts - width * spreads, parts + width * spreads
        return (
            np.array([at(max(one, 0.0)) for one in low.tolist()]),
            np.array([at(min(one, 1.0)) for one in high.tolist()]),
        )

    low, high = ends(level)
    labels = tuple(f"q{100 * chance:g}" for chance in chances)
    sampled = np.full(found.size, float(inside.sum()))
    return Estimates(
        "quantile", labels, found, np.diag(np.square((high - low) / (2.0 * factor))), design.degrees_of_freedom,
        sampled, ends=ends,
    )  # fmt: skip
