"""How long things last: survival functions and the matrix that says what is left of each year's inflow.

Letters of the textbook, used in this file only:
    S  survival matrix, (T, T), without unit; row = year, column = year of entry (cohort); zero above the diagonal
    t  age in years at the end of a year, (T,)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import gammaincc, gammaln, log_ndtr, ndtr

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

# what each distribution is given by; "mean"/"deviation" are those of the lifetime itself, unless said otherwise below
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "fixed": ("mean",),
    "normal": ("mean", "deviation"),
    "folded_normal": ("mean", "deviation"),
    "truncated_normal": ("mean", "deviation"),
    "lognormal": ("mean", "deviation"),
    "gamma": ("mean", "deviation"),
    "weibull": ("shape", "scale"),
    "table": ("survival",),
}


@dataclass(frozen=True)
class Lifetime:
    """The distribution of a lifetime; made and checked by `lifetime`. Returned by it.

    Attributes:
        distribution: a key of `PARAMETERS`.
        parameters: name -> shape (1,) where all cohorts share it, or (T,) one for each cohort; years (shape of a
            Weibull and survival: without unit). "survival" has shape (ages,) or (ages, T): the share left at age
            0, 1, 2, … years, 0 beyond.

    Source: Pauliuk and Heeren (2020), ODYM, J. Industrial Ecology 24, 446-458.
    """

    distribution: str
    parameters: Mapping[str, Array] = field(default_factory=dict)


def lifetime(distribution: str, **parameters: ArrayLike) -> Lifetime:
    """Return a lifetime whose parameters have been checked.

    Conventions, where textbooks differ:
        fixed: all is there while its age is below the mean, all gone after; a mean of 3.5 survives ages 0 to 3.
        normal: not truncated; what the bell has below age 0 leaves in the year of entry (so does ODYM). Mean 0: all
            leaves in the year of entry.
        folded_normal: mean and deviation are those before folding.
        truncated_normal: the bell above age 0, scaled to 1; mean and deviation are those before truncation.
        lognormal, gamma: mean and deviation of the lifetime itself. (ODYM's lognormal has them inverted in the
            formula and agrees only where mean = deviation.)
        weibull: shape and scale, or mean and deviation, which are solved for them.
        table: survival at age 0, 1, 2, … as given; it must lie in [0, 1] and never rise.

    Args:
        distribution: fixed, normal, folded_normal, truncated_normal, lognormal, gamma, weibull or table.
        parameters: a number or shape (T,), one for each cohort; unit years (shape, survival: without unit).

    Returns:
        The lifetime.

    Raises:
        MethodError: accounts.lifetime_unknown, accounts.lifetime_parameters, accounts.lifetime_value; all at once.

    Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, vol. 1; conventions of
        Pauliuk and Heeren (2020), ODYM, dynamic_stock_model.compute_sf.
    """
    if distribution not in PARAMETERS:
        values = {"distribution": distribution, "known": list(PARAMETERS)}
        raise MethodError(Problem("accounts.lifetime_unknown", values=values))
    found = {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in parameters.items()}
    wanted = PARAMETERS[distribution]
    by_moments = distribution == "weibull" and set(found) == {"mean", "deviation"}
    if set(found) != set(wanted) and not by_moments:
        values = {"distribution": distribution, "wanted": list(wanted), "given": sorted(found)}
        raise MethodError(Problem("accounts.lifetime_parameters", values=values))
    problems = [problem for name, value in found.items() for problem in _faults(distribution, name, value)]
    sizes = {name: value.shape[-1] for name, value in found.items() if name != "survival" and len(value) > 1}
    if len(set(sizes.values())) > 1:
        values = {"distribution": distribution, "wanted": list(sizes), "given": list(sizes.values())}
        problems.append(Problem("accounts.lifetime_parameters", values=values))
    if problems:
        raise MethodError(*problems)
    return Lifetime(distribution, weibull_of_moments(**found) if by_moments else found)


def _faults(distribution: str, name: str, value: Array) -> list[Problem]:
    zero_is_meant = name == "mean" and distribution in (
        "fixed",
        "normal",
        "folded_normal",
        "truncated_normal",
    )
    low = value < 0.0 if zero_is_meant or name == "survival" else value <= 0.0
    wrong = ~np.isfinite(value) | low
    if name == "survival":
        rises = np.zeros_like(value, dtype=bool)
        rises[1:] = np.diff(value, axis=0) > 0.0
        wrong |= rises | (value > 1.0)
    if not wrong.any():
        return []
    values = {
        "distribution": distribution,
        "parameter": name,
        "value": float(value[wrong][0]),
        "count": int(wrong.sum()),
    }
    return [Problem("accounts.lifetime_value", values=values)]


def weibull_of_moments(mean: Array, deviation: Array) -> dict[str, Array]:
    """Return the shape and scale of the Weibull distribution that has a mean and a standard deviation.

    Args:
        mean: shape (1,) or (T,), unit years.
        deviation: shape (1,) or (T,), unit years.

    Returns:
        {"shape": (k,), without unit, "scale": (k,), years}.

    Raises:
        MethodError: accounts.lifetime_value, where the deviation is above 100 times or below 1/1000 of the mean.

    Source: (deviation / mean)^2 = G(1 + 2/k) / G(1 + 1/k)^2 - 1 with the gamma function G; Johnson, Kotz and
        Balakrishnan (1994), chapter 21.
    """
    mean, deviation = np.broadcast_arrays(mean, deviation)
    shapes = np.empty(mean.shape)
    for place, (centre, spread) in enumerate(zip(mean, deviation, strict=True)):
        ratio = np.log1p((spread / centre) ** 2)
        if not 1e-3 <= spread / centre <= 100.0:
            values = {"distribution": "weibull", "parameter": "deviation", "value": float(spread), "count": 1}
            raise MethodError(Problem("accounts.lifetime_value", values=values))

        def gap(k: float, ratio: float = ratio) -> float:
            return float(gammaln(1.0 + 2.0 / k) - 2.0 * gammaln(1.0 + 1.0 / k) - ratio)

        shapes[place] = brentq(gap, 0.05, 5000.0, xtol=1e-13, rtol=1e-14)
    return {"shape": shapes, "scale": mean / np.exp(gammaln(1.0 + 1.0 / shapes))}


def survival(distribution: Lifetime, ages: Array) -> Array:
    """Return the share that is still there at given ages.

    Args:
        distribution: the lifetime.
        ages: shape (a,) or (a, T), unit years, not negative; the last axis holds cohorts where parameters differ
            by cohort.

    Returns:
        Shares in [0, 1], shape of `ages` broadcast with the parameters, without unit.

    Source: survival functions in Johnson, Kotz and Balakrishnan (1994); mean 0 means nothing survives, as in
        Pauliuk and Heeren (2020).
    """
    known = distribution.parameters
    kind = distribution.distribution
    if kind == "table":
        return _survival_of_table(known["survival"], ages)
    if kind == "weibull":
        return np.asarray(np.exp(-((ages / known["scale"]) ** known["shape"])))
    mean = known["mean"]
    if kind == "fixed":
        return (ages < mean).astype(np.float64)
    deviation = known["deviation"]
    if kind == "gamma":
        return np.asarray(gammaincc((mean / deviation) ** 2, ages * mean / deviation**2))
    if kind == "lognormal":
        spread = np.sqrt(np.log1p((deviation / mean) ** 2))
        with np.errstate(divide="ignore"):  # age 0: the logarithm is minus infinity, and all survives
            standard = (np.log(ages) - np.log(mean) + spread**2 / 2.0) / spread
        return np.asarray(ndtr(-standard))
    left = ndtr((mean - ages) / deviation)
    if kind == "folded_normal":
        left = left + ndtr((-mean - ages) / deviation)
    elif kind == "truncated_normal":
        left = np.exp(log_ndtr((mean - ages) / deviation) - log_ndtr(mean / deviation))
    return np.asarray(np.where(mean == 0.0, 0.0, left)) if kind == "normal" else np.asarray(left)


def _survival_of_table(table: Array, ages: Array) -> Array:
    """Return tabulated survival, straight between whole ages, 0 beyond the table."""
    columns = table.reshape(len(table), -1)
    padded = np.vstack([columns, np.zeros((2, columns.shape[1]))])
    whole = np.minimum(np.floor(ages).astype(np.int64), len(table))
    part = np.where(ages > len(table), 0.0, ages - whole)
    if columns.shape[1] == 1:
        first, second = padded[whole, 0], padded[whole + 1, 0]
    else:
        cohort = np.broadcast_to(np.arange(columns.shape[1]), ages.shape)
        first, second = padded[whole, cohort], padded[whole + 1, cohort]
    return np.asarray(first + (second - first) * part)


def survival_matrix(distribution: Lifetime, years: int, *, entry_age: float = 0.0) -> Array:
    """Return which share of each year's inflow is left at the end of each year.

    One matrix serves every product of a lifetime class.

    Args:
        distribution: the lifetime; a parameter by cohort has shape (years,).
        years: T, a count.
        entry_age: age at the end of the year of entry, in years: 0 where all comes at the year's end (ODYM), 0.5 where
            it comes in the middle (flodym's default), 1 where it comes at its beginning.

    Returns:
        S, shape (T, T), without unit; row = year, column = cohort; zero above the diagonal.

    Raises:
        MethodError: accounts.lifetime_cohorts, when a parameter has neither one value nor one for each cohort;
            accounts.lifetime_entry, when the age at entry is not between 0 and 1.

    Source: Pauliuk and Heeren (2020), J. Industrial Ecology 24, 446-458; Müller (2006), Ecological Economics 59,
        142-156.
    """
    if not 0.0 <= entry_age <= 1.0:
        raise MethodError(Problem("accounts.lifetime_entry", values={"age": entry_age}))
    sizes = {value.shape[-1] if name != "survival" else value.reshape(len(value), -1).shape[1]
             for name, value in distribution.parameters.items()}  # fmt: skip
    if sizes - {1, years}:
        values = {"count": max(sizes - {1, years}), "years": years}
        raise MethodError(Problem("accounts.lifetime_cohorts", values=values))
    age = np.arange(years)[:, None] - np.arange(years)[None, :]
    if sizes == {1}:
        line = survival(distribution, np.arange(years, dtype=np.float64) + entry_age)
        return np.where(age >= 0, line[np.maximum(age, 0)], 0.0)
    return np.where(age >= 0, survival(distribution, np.maximum(age, 0) + entry_age), 0.0)


def leaving_matrix(survival_shares: Array) -> Array:
    """Return which share of each year's inflow leaves in each year.

    Args:
        survival_shares: S, shape (T, T), without unit.

    Returns:
        Shares, shape (T, T), without unit; each column sums to 1 minus what is left in the last year.

    Source: Pauliuk and Heeren (2020), ODYM, compute_outflow_pdf: 1 - S on the diagonal, the yearly loss of S below.
    """
    leaving = -np.diff(survival_shares, axis=0, prepend=0.0)
    leaving[np.diag_indices(len(leaving))] += 1.0
    return np.asarray(leaving)


def drawn_lifetimes(
    distribution: Lifetime, relative_error: float, count: int, generator: np.random.Generator
) -> tuple[Lifetime, ...]:
    """Return lifetimes that differ as far as the mean is uncertain.

    All lengths of time (mean, deviation, scale; the ages of a table) are multiplied by one factor: lognormal, mean 1,
    standard deviation `relative_error`.

    Args:
        distribution: the lifetime.
        relative_error: standard error of the mean lifetime over the mean, without unit.
        count: number of replicates.
        generator: seeded source of random numbers.

    Returns:
        `count` lifetimes.

    Raises:
        MethodError: accounts.lifetime_value, when the relative error is negative.

    Source: replicates as in JCGM 101:2008 (GUM, supplement 1), section 6.
    """
    if not relative_error >= 0.0:
        values = {"distribution": distribution.distribution, "parameter": "relative_error", "value": relative_error,
                  "count": 1}  # fmt: skip
        raise MethodError(Problem("accounts.lifetime_value", values=values))
    spread = np.sqrt(np.log1p(relative_error**2))
    factors = np.exp(generator.standard_normal(count) * spread - spread**2 / 2.0)
    return tuple(_stretched(distribution, float(factor)) for factor in factors)


def _stretched(distribution: Lifetime, factor: float) -> Lifetime:
    known = distribution.parameters
    if distribution.distribution != "table":
        return Lifetime(distribution.distribution, {
            name: value if name == "shape" else value * factor for name, value in known.items()
        })  # fmt: skip
    ages = np.arange(int(np.ceil(len(known["survival"]) * factor)) + 1) / factor
    table = known["survival"].reshape(len(known["survival"]), -1)
    columns = [_survival_of_table(table[:, [place]], ages) for place in range(table.shape[1])]
    return Lifetime(
        "table", {"survival": np.stack(columns, axis=1).reshape(len(ages), *known["survival"].shape[1:])}
    )
