"""How much a big but partial data source knows (Meng), and a source completed by a sample (Kim and Tam)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.calibration import calibrate
from lvshu.statistics.survey.controls import controls
from lvshu.statistics.survey.design import Design, numbers
from lvshu.statistics.survey.design import flags as truth
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import columns_of, mean, total
from lvshu.statistics.survey.variance import covariance

Array = NDArray[np.float64]

METHODS = ("completed", "regression")


@dataclass(frozen=True)
class DataDefect:
    """The quality of a big data source for the mean of a variable, as a sample sees it.

    Attributes:
        fraction: share f of the population in the source, dimensionless.
        correlation: data defect correlation ρ of being in the source and the variable, dimensionless.
        correlation_error: standard error of ρ, dimensionless.
        spread: standard deviation σ of the variable, in its unit.
        bias: of the source's mean against the population's, ρ √((1 - f)/f) σ, in that unit.
        effective_size: simple random sample with the same mean squared error, count; infinity without a defect.

    Source: Meng (2018), Annals of Applied Statistics 12, equations 2.3 and 3.5.
    """

    fraction: float
    correlation: float
    correlation_error: float
    spread: float
    bias: float
    effective_size: float


def effective_size(fraction: float, correlation: float) -> float:
    """Return the size of the simple random sample that errs as much as a big data source: f / ((1 - f) ρ²), count.

    Args:
        fraction: share f of the population in the source, dimensionless, above 0.
        correlation: data defect correlation ρ, dimensionless.

    Raises:
        MethodError: a share that is none.

    Source: Meng (2018), equation 3.5, with the leading term.
    """
    if not 0.0 < fraction <= 1.0:
        raise MethodError(Problem("integration.bad_fraction", values={"given": fraction}))
    below = (1.0 - fraction) * correlation**2
    return fraction / below if below > 0.0 else float("inf")


def data_defect(
    sample: Design,
    values: Any,
    inside: Any,
    *,
    population: float,
    source_size: float,
    source_total: float,
    missing: str = "error",
) -> DataDefect:
    """Return the data defect of a source for a variable, with a probability sample that knows who is in the source.

    The share f and the source's mean are known; the sample tells the mean of those outside, hence the population's as
    `integrated_total` completes it, and how the variable varies inside and outside.

    Args:
        sample: the probability sample.
        values: shape (n,), in the variable's unit.
        inside: shape (n,), whether the unit is in the source.
        population: units N, count.
        source_size: units of the source, count.
        source_total: total of the variable in the source, in its unit.
        missing: "error" or "omit".

    Raises:
        MethodError: values missing; a source of nobody, or of everybody, or so in the sample; a variable that does not
            vary.

    Source: Meng (2018): bias = mean of the source less that of the population = ρ √((1 - f)/f) σ; the correlation's
    error by linearisation of the sample's moments inside and outside.
    """
    flags = truth(inside)
    columns, kept = columns_of(np.asarray(values, float), sample, None, missing)
    fraction = source_size / population
    weights = np.where(kept, sample.weights, 0.0)
    if not 0.0 < fraction < 1.0:
        raise MethodError(Problem("integration.bad_fraction", values={"given": fraction}))
    # Counted and not weighed: sums of the same weights in another order differ in the last digit.
    known, of_source = int(np.count_nonzero(weights)), int(np.count_nonzero(weights[flags]))
    if of_source in (0, known):
        values = {"units": known, "share": f"{fraction:.1%}"}
        code = "integration.nobody_inside" if of_source == 0 else "integration.nobody_outside"
        raise MethodError(Problem(code, values=values))
    y = columns[:, 0]
    means, spreads, scores = [], [], []
    for group in (flags, ~flags):
        own = np.where(group, weights, 0.0) / float(weights @ group)
        means.append(float(own @ y))
        spreads.append(float(own @ (y - means[-1]) ** 2))
        scores.append((own * (y - means[-1]), own * ((y - means[-1]) ** 2 - spreads[-1])))
    apart = source_total / source_size - means[1]
    spread = fraction * spreads[0] + (1.0 - fraction) * spreads[1] + fraction * (1.0 - fraction) * apart**2
    if spread <= 0.0:
        raise MethodError(Problem("integration.no_spread"))
    sigma, width = float(np.sqrt(spread)), float(np.sqrt(fraction * (1.0 - fraction)))
    rho = width * apart / sigma
    # ρ by the mean outside, and by the variances inside and outside; that of the mean inside is known.
    slope = -width / sigma * (1.0 - width**2 * apart**2 / spread)
    half = -rho / (2.0 * spread)
    influence = slope * scores[1][0] + half * fraction * scores[0][1] + half * (1.0 - fraction) * scores[1][1]
    error = float(np.sqrt(max(covariance(sample, influence)[0, 0], 0.0)))
    return DataDefect(fraction, rho, error, sigma, (1.0 - fraction) * apart, effective_size(fraction, rho))


def integrated_total(
    sample: Design,
    values: Any,
    inside: Any,
    *,
    population: float,
    source_size: float,
    source_total: float,
    source_values: Any = None,
    auxiliary: dict[str, tuple[Any, float]] | None = None,
    method: str = "regression",
) -> Estimates:
    """Return the total of a variable from a big data source and a sample that knows who is in it.

    "completed" adds to the source's total the sample's mean of those outside it times their number; "regression"
    calibrates the sample to the source (how many outside, how many inside, the source's total) and takes the
    sample's own values, so that errors of measurement in the source do no harm.

    Args:
        sample: the probability sample.
        values: shape (n,), the sample's own values, in the variable's unit.
        inside: shape (n,), whether the unit is in the source.
        population: units N, count.
        source_size: units of the source, count.
        source_total: total of the variable in the source, in its unit.
        source_values: shape (n,), what the source says of the sample's units inside it; None for `values`.
        auxiliary: further controls for "regression".
        method: "completed" or "regression".

    Raises:
        MethodError: a source larger than the population; nobody of the sample outside it; what `calibrate` raises.

    Source: Kim & Tam (2021), International Statistical Review 89: PDI (equation 5) and RegDI (section 4).
    """
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    if not 0 < source_size <= population:
        raise MethodError(Problem("integration.bad_fraction", values={"given": source_size / population}))
    y, flags = numbers(values), truth(inside)
    others = population - source_size
    if method == "completed":
        if others == 0:
            nothing = np.zeros((1, 1))
            return Estimates("completed", ("total",), np.array([source_total]), nothing, np.inf, np.zeros(1))
        apart = mean(sample, np.where(flags, 0.0, y), domain=~flags)
        value = source_total + others * apart.values
        spread = others**2 * apart.covariance
        return Estimates("completed", ("total",), value, spread, apart.degrees_of_freedom, apart.sampled)
    said = y if source_values is None else np.asarray(source_values, dtype=float)
    known_totals = {
        "outside": (~flags, others),
        "inside": (flags, source_size),
        "inside_values": (np.where(flags, said, 0.0), source_total),
        **(auxiliary or {}),
    }
    found = total(calibrate(sample, controls(known_totals)).design, y, labels=("total",))
    return Estimates(
        "regression", found.labels, found.values, found.covariance, found.degrees_of_freedom, found.sampled
    )
