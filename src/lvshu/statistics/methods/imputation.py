"""Imputation of months that a unit did not report, from the growth of the units that did."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.methods.size_variance import SizeVariance, size_variance, sizes

Array = NDArray[np.float64]
Index = NDArray[np.int64]

OWN_MEAN, FORWARD, BACKWARD = "own_mean", "growth_forward", "growth_backward"
PRIOR_DEVIATION = 0.25
"""Standard deviation of log growth over a month around the common growth before anything is seen, dimensionless: with
`PRIOR_FREEDOM` it says 0.14 to 0.93 with 95 percent. lvshu's convention: no published figure for platforms is known."""
PRIOR_FREEDOM = 3.0
"""Degrees of freedom that it weighs as much as where nothing is seen; they fall to none at ENOUGH_FREEDOM."""
ENOUGH_FREEDOM = 10


@dataclass(frozen=True)
class Growth:
    """Growth from each month to the next as `common_growth` returns it; arrays of shape (months - 1,).

    Attributes:
        ratio: of totals, dimensionless; NaN without donors.
        donors: units that report both months, count.
        concentration: Σ w² m of the donors' shares w in the total and factors m of their variances, dimensionless: what
            part of the variance of a unit of factor 1 the common growth has itself.
        variances: of log growth over 1, 2, … months around the common growth, of a unit of factor 1, dimensionless; NaN
            where no month has two donors so far apart.
        freedom: degrees of freedom of the first of them, count.
        prior: degrees of freedom that the prior deviation weighs as much as, dimensionless; 0 where enough was seen.
        by_size: how a unit's variance depends on its size; all factors are 1 where it does not.

    Source: see `common_growth`.
    """

    ratio: Array
    donors: Index
    concentration: Array
    variances: Array
    freedom: int
    by_size: SizeVariance = field(default_factory=SizeVariance)
    prior: float = 0.0

    @property
    def degrees(self) -> float:
        """Return the degrees of freedom of the variances, those of the prior included, dimensionless."""
        return self.freedom + self.prior

    def wildness(self, series: Array) -> float:
        """Return the factor of a unit's variance by its size, dimensionless.

        Args:
            series: shape (months,), the unit's amounts; NaN where not reported.
        """
        return float(self.by_size.factor(sizes(series)))

    @property
    def residual_variance(self) -> float:
        """Return the variance of log growth over one month around the common growth, dimensionless."""
        return float(self.variances[0]) if self.variances.size else float("nan")

    def variance(self, steps: int) -> float:
        """Return the variance of log growth over so many months around the common growth, dimensionless.

        Where deviations from the common growth pass, as noise of single months does, it hardly grows with the months;
        where they stay, it grows with each. Which it is, is measured; months farther apart than any two donors'
        figures add as much as the first.
        """
        known = np.flatnonzero(np.isfinite(self.variances[:steps]))
        last = int(known[-1]) if known.size else -1
        measured = float(self.variances[last]) if known.size else 0.0
        return measured + (steps - 1 - last) * self.residual_variance if last + 1 < steps else measured

    def mean_concentration(self, base: int, month: int) -> float:
        """Return the mean concentration of the steps between two months, dimensionless."""
        return float(self.concentration[min(base, month) : max(base, month)].mean())


@dataclass(frozen=True)
class Imputed:
    """One imputed month as `impute_month` returns it; amounts in the unit of the series.

    Attributes:
        amount: of the month.
        standard_error: of its prediction.
        method: of `FORWARD`, `BACKWARD`, `OWN_MEAN`.
        base: position of the month it was moved from; None for the own mean.
        donors: least number of donors of the steps, count.
        month: position of the imputed month.

    Source: see `impute_month`.
    """

    amount: float
    standard_error: float
    method: str
    base: int | None
    donors: int
    month: int


def common_growth(amounts: Array) -> Growth:
    """Return the growth of the units that report both months, and how far single units stray from it.

    Args:
        amounts: shape (units, months), in one unit of money; NaN where not reported.

    Returns:
        Growth: arrays of shape (months - 1,), see there. The sum of squares of residuals of units with variances m s²
        around a growth weighted by shares w is s²(Σ m (1 - 2w) + n Σ w² m), with equal ones s²(n - 2 + n Σ w²): that
        is the divisor.

    Source: ratio imputation, de Waal, Pannekoek, Scholtus, Handbook of Statistical Data Editing and Imputation
    (2011), chapter 7; residuals of log growth pooled over months, by length of the step; few of them shrunk: `shrunk`.
    """
    before, after = amounts[:, :-1], amounts[:, 1:]
    both = (before > 0) & (after > 0)
    donors = both.sum(axis=0)
    base = np.where(both, before, 0.0).sum(axis=0)
    moved = np.where(both, after, 0.0).sum(axis=0)
    ratio = np.divide(moved, base, out=np.full(base.shape, np.nan), where=base > 0)
    share = np.divide(np.where(both, before, 0.0), base, out=np.zeros(both.shape), where=base > 0)
    steps = ratio.size
    size = sizes(amounts)
    usable = both & (donors > 1) & (ratio > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals = np.where(usable, np.log(after) - np.log(before) - np.log(ratio), np.nan)
    by_size = size_variance(residuals, share, size)
    wild = by_size.factor(size)
    variances = np.array([_strayed(amounts, ratio, apart, wild) for apart in range(1, steps + 1)])
    freedom = int((donors[donors > 1] - 1).sum())
    concentration = (share**2 * wild[:, None]).sum(axis=0)
    variances, prior = shrunk(variances, freedom)
    return Growth(ratio, donors.astype(np.int64), concentration, variances, freedom, by_size, prior)


def shrunk(variances: Array, freedom: int) -> tuple[Array, float]:
    """Return variances drawn towards the prior where they rest on few residuals, and the prior's degrees of freedom.

    Two platforms seen over two months tell the variance with one degree of freedom: its t interval of the logarithm is
    12.7 standard deviations wide, a factor of a hundred between its ends. The prior weighs PRIOR_FREEDOM (1 - f / 10)
    with f degrees seen, so that it enters below 10 alone and nothing jumps. Each span has the prior of its own length,
    a month's variance times its months (growth of different months taken as independent); scaling all spans by what
    the first month became would multiply them without bound where its donors happen to move alike.

    Args:
        variances: of log growth over 1, 2, … months, dimensionless, as measured.
        freedom: degrees of freedom of the first; with none nothing is known and nothing is made up.

    Source: scaled inverse chi-squared prior, Gelman et al. (2013), Bayesian Data Analysis, section 2.6; its weight and
        size are lvshu's convention, the coverage is simulated in tests/statistics/test_few_platforms.py.
    """
    if not 0 < freedom < ENOUGH_FREEDOM or not variances.size or not np.isfinite(variances[0]):
        return variances, 0.0
    prior = PRIOR_FREEDOM * (1 - freedom / ENOUGH_FREEDOM)
    months = np.arange(1, variances.size + 1)
    return (freedom * variances + prior * months * PRIOR_DEVIATION**2) / (freedom + prior), prior


def _strayed(amounts: Array, ratio: Array, apart: int, wild: Array) -> float:
    """Return the variance of log growth over months so far apart around the chain of the common growth.

    It is that of a unit of factor 1; `wild` are the factors of the units, shape (units,).
    """
    before, after = amounts[:, :-apart], amounts[:, apart:]
    both = (before > 0) & (after > 0)
    chain = np.array([ratio[at : at + apart].prod() for at in range(before.shape[1])])
    count = both.sum(axis=0)
    usable = (count > 1) & (chain > 0)
    if not usable.any():
        return float("nan")
    both = both[:, usable]
    total = np.where(both, before[:, usable], 0.0)
    share = total / total.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(after[:, usable]) - np.log(before[:, usable]) - np.log(chain[usable])
    m = np.where(both, wild[:, None], 0.0)
    drawn = (m * (1 - 2 * share)).sum(axis=0) + count[usable] * (m * share**2).sum(axis=0)
    freedom = float(drawn.sum())
    return float((np.where(both, logs, 0.0) ** 2).sum() / freedom)


def impute_month(series: Array, month: int, growth: Growth) -> Imputed:
    """Return an amount for a month that a unit did not report.

    The last month reported before it is moved forward by the common growth; else the first after it is moved
    back; where the growth of a step is not known, the unit's own mean is taken.

    Args:
        series: shape (months,), the unit's amounts, in one unit of money; NaN where not reported, at least one known.
        month: position of the month to impute.
        growth: common growth between the months.

    Returns:
        Imputed: amount and standard error (scalars, unit of the series; NaN where it cannot be known), method,
        position of the base month, least number of donors of the steps.

    Source: as `common_growth`; error of prediction amount·√(exp(v (m + Σ w² m)) - 1) of a lognormal growth over the
    months: the unit's own straying v m, and the common growth's v Σ w² m; of the own mean, s·√(1 + 1/n).
    """
    known = np.flatnonzero(~np.isnan(series))
    earlier, later = known[known < month], known[known > month]
    bases = [(int(earlier[-1]), 1.0, FORWARD)] if earlier.size else []
    bases += [(int(later[0]), -1.0, BACKWARD)] if later.size else []
    for base, power, method in bases:
        steps = slice(min(base, month), max(base, month))
        chain = growth.ratio[steps]
        if np.all(chain > 0):
            amount = float(series[base] * np.prod(chain**power))
            variance = growth.variance(chain.size) * (
                growth.wildness(series) + growth.mean_concentration(base, month)
            )
            error = amount * float(np.sqrt(np.expm1(variance)))
            return Imputed(amount, error, method, base, int(growth.donors[steps].min()), month)
    spread = float(series[known].std(ddof=1)) if known.size > 1 else float("nan")
    error = spread * float(np.sqrt(1.0 + 1.0 / known.size))
    return Imputed(float(series[known].mean()), error, OWN_MEAN, None, 0, month)
