"""The joint bootstrap: every source of error drawn anew at once, and what each of them adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.core.variance_parts import not_below_zero
from lvshu.statistics.methods.survey import NORMAL_95

Array = NDArray[np.float64]
Estimator = Callable[[Mapping[str, Any]], float]

PARTS = ("shapley", "single", "none")
INTERVALS = ("bias_corrected", "percentile")
MOST_SOURCES = 6
TOGETHER = "together"


@dataclass(frozen=True)
class ErrorSource:
    """Something that an estimate depends on and that is known with error.

    Attributes:
        name: of the source: sampling, linkage, coding, imputation, model, or another.
        point: what the estimate itself is made with, of any shape.
        draw: makes another one, as likely as the data allow.
        centred: whether draws scatter about the point; those from the posterior of rare errors do not.

    Source: as `joint_error`.
    """

    name: str
    point: Any
    draw: Callable[[np.random.Generator], Any]
    centred: bool = True


@dataclass(frozen=True)
class TotalError:
    """An estimate with its total error.

    Attributes:
        value: the estimate, in its unit.
        mse: mean squared error, the sum of the parts and of the squared bias, in the unit squared.
        parts: variance of each source, in the unit squared; they add up to the joint variance. With "single" the
            entry "together" is what sources do to each other.
        bias: bias that is left in the estimate, in its unit.
        low: lower end of the interval, in the unit.
        high: upper end of the interval, in the unit.
        replicates: shape (replicates,), all sources drawn at once, in the unit.
        failed: replicates in which the estimator gave no number, count.

    Source: as `joint_error`.
    """

    value: float
    mse: float
    parts: Mapping[str, float]
    bias: float
    low: float
    high: float
    replicates: Array
    failed: int

    @property
    def standard_error(self) -> float:
        """Return the root of the mean squared error, in the estimate's unit."""
        return float(np.sqrt(self.mse))

    @property
    def shares(self) -> dict[str, float]:
        """Return the share of each part and of the squared bias in the mean squared error, dimensionless."""
        whole = self.mse if self.mse > 0 else 1.0
        return {**{name: part / whole for name, part in self.parts.items()}, "bias": self.bias**2 / whole}


def joint_error(
    estimator: Estimator,
    sources: Sequence[ErrorSource],
    replicates: int,
    generator: np.random.Generator,
    *,
    bias: float = 0.0,
    parts: str = "shapley",
    level: float = 0.95,
    interval: str | None = None,
) -> TotalError:
    """Return an estimate with the error of everything that it depends on.

    The joint variance is that of the estimate with all sources drawn anew at once; sources are independent. With
    "shapley" the estimate is also made with every subset of them drawn, and a source's part is its average addition
    over the orders in which they can be let loose: the parts add up to the joint variance exactly; a part below zero
    counts as zero and the others are scaled (`not_below_zero`). "single" draws one at a time, cheaper, and shows what
    is left as "together", which may be below zero.

    The interval is the bias-corrected percentile interval of the joint replicates; where a bias is left, it is
    widened by it on both sides. Where draws come from a posterior that is not centred on the point, as after an
    audit that saw no error, "percentile" takes their quantiles as they are, with the estimate inside.

    Args:
        estimator: takes one value for each source, by name, returns the estimate.
        sources: of error, with different names, at most six for "shapley".
        replicates: how many, count.
        generator: source of the draws.
        bias: that is left in the estimate, in its unit, from an audit or a comparison; of unknown sign.
        parts: "shapley", "single" or "none".
        level: of the interval, dimensionless.
        interval: "bias_corrected" or "percentile"; None for "percentile" where a source is not centred.

    Raises:
        MethodError: names that repeat; too many sources for their parts; an unknown choice; an estimate that is no
            number, at the point or in most replicates.

    Source: MSE = V_sampling + V_linkage + V_coding + V_imputation + V_model + bias², Biemer & Lyberg, Introduction to
    Survey Quality (2003), chapter 2; bias-corrected percentile, Efron & Tibshirani (1993), section 14.3; Shapley
    parts of a variance, Song, Nelson & Staum (2016), SIAM/ASA Journal on Uncertainty Quantification 4.
    """
    names = [one.name for one in sources]
    if interval is None:
        interval = INTERVALS[0 if all(one.centred for one in sources) else 1]
    _check(names, parts, replicates, interval)
    point = {one.name: one.point for one in sources}
    value = float(estimator(point))
    if not np.isfinite(value):
        raise MethodError(Problem("total_error.no_estimate"))
    drawn = [[one.draw(generator) for _ in range(replicates)] for one in sources]

    def run(chosen: tuple[int, ...]) -> Array:
        made = np.full(replicates, np.nan)
        for replicate in range(replicates):
            given = {**point, **{names[k]: drawn[k][replicate] for k in chosen}}
            try:
                made[replicate] = float(estimator(given))
            except MethodError:
                continue
        return made

    whole = run(tuple(range(len(sources))))
    good = whole[np.isfinite(whole)]
    if good.size < max(replicates / 2, 2):
        values = {"failed": replicates - good.size, "replicates": replicates}
        raise MethodError(Problem("total_error.replicates_failed", values=values))
    variance = float(good.var(ddof=1))
    found = _parts(names, variance, run, parts)
    low, high = (_interval if interval == INTERVALS[0] else _percentiles)(value, good, level)
    return TotalError(
        value,
        variance + bias**2,
        found,
        bias,
        low - abs(bias),
        high + abs(bias),
        good,
        replicates - good.size,
    )


def _check(names: Sequence[str], parts: str, replicates: int, interval: str) -> None:
    problems = []
    if len(set(names)) < len(names) or not names or replicates < 2:
        problems.append(Problem("total_error.bad_sources", values={"names": ", ".join(names)}))
    for given, choices in ((parts, PARTS), (interval, INTERVALS)):
        if given not in choices:
            known = ", ".join(choices)
            problems.append(Problem("survey.unknown_choice", values={"given": given, "known": known}))
    if parts == "shapley" and len(names) > MOST_SOURCES:
        values = {"sources": len(names), "most": MOST_SOURCES}
        problems.append(Problem("total_error.too_many_sources", values=values))
    if problems:
        raise MethodError(*problems)


def _parts(
    names: Sequence[str], variance: float, run: Callable[[tuple[int, ...]], Array], parts: str
) -> dict[str, float]:
    count = len(names)
    if parts == "none":
        return {}
    if count == 1:
        return {names[0]: variance}

    def spread(chosen: tuple[int, ...]) -> float:
        made = run(chosen)
        return float(np.nanvar(made, ddof=1))

    if parts == "single":
        alone = {name: spread((k,)) for k, name in enumerate(names)}
        return {**alone, TOGETHER: variance - sum(alone.values())}
    by_set = {(): 0.0, tuple(range(count)): variance}
    for size in range(1, count):
        by_set |= {chosen: spread(chosen) for chosen in combinations(range(count), size)}
    found = {}
    for k, name in enumerate(names):
        part = 0.0
        for chosen, base in by_set.items():
            if k in chosen:
                continue
            weight = factorial(len(chosen)) * factorial(count - len(chosen) - 1) / factorial(count)
            part += weight * (by_set[tuple(sorted((*chosen, k)))] - base)
        found[name] = part
    return not_below_zero(found)


def _interval(value: float, drawn: Array, level: float) -> tuple[float, float]:
    from scipy import stats

    share = float((drawn < value).mean() + 0.5 * (drawn == value).mean())
    shift = float(stats.norm.ppf(np.clip(share, 0.5 / drawn.size, 1.0 - 0.5 / drawn.size)))
    width = NORMAL_95 if level == 0.95 else float(stats.norm.ppf(0.5 + level / 2.0))
    low, high = (
        float(np.quantile(drawn, stats.norm.cdf(2.0 * shift + side * width))) for side in (-1.0, 1.0)
    )
    return low, high


def _percentiles(value: float, drawn: Array, level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return min(float(low), value), max(float(high), value)
