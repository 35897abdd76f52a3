"""Totals by class corrected for wrong codes: from an audit of this month's codes, or from the matrix of an earlier one.

g: true class, h: class coded.                N: units, n: units audited, count.
d: design weight of an audited unit (N / n in its stratum).   x: value of a unit (1 for counts), in a unit of measure.
K_gh = Σ_S d x 1(true g, coded h).            P_gh = K_gh / Σ_h K_gh = Pr(coded h | true g), dimensionless.
C_hg = K_gh / Σ_g K_gh = Pr(true g | coded h), dimensionless.     t*_h = Σ_U x 1(coded h): totals as coded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Audit:
    """A probability sample whose true classes were found by people. Returns nothing itself.

    Attributes:
        truth: number of the true class, shape (audited,).
        coded: number of the class as coded, shape (audited,).
        value: x, shape (audited,), in the unit of the totals.
        stratum: number of the stratum, shape (audited,).
        population: units of each stratum, shape (strata,), count.
        classes: how many classes there are, count.

    Source: stratified simple random sampling without replacement, Cochran (1977), chapter 5.
    """

    truth: Index
    coded: Index
    value: Array
    stratum: Index
    population: Array
    classes: int

    @property
    def count(self) -> Array:
        """Return the units audited in each stratum, shape (strata,), count."""
        return np.bincount(self.stratum, minlength=len(self.population)).astype(float)

    @property
    def weight(self) -> Array:
        """Return d = N / n of each audited unit, shape (audited,), dimensionless."""
        return np.asarray((self.population / np.maximum(self.count, 1.0))[self.stratum])


@dataclass(frozen=True)
class Corrected:
    """Corrected totals. Returns nothing itself.

    Attributes:
        value: shape (classes,), in the unit of the totals.
        standard_error: same shape and unit; NaN where it cannot be told.
        replicates: shape (replicates, classes), same unit, for later chains to carry.

    Source: this module's estimators.
    """

    value: Array
    standard_error: Array
    replicates: Array


def difference_estimate(coded_total: Array, audit: Audit, weights: Array) -> Corrected:
    """Return t̂_g = t*_g + Σ_S d x (1(true g) − 1(coded g)), unbiased over the draw of the audit, in the unit of x.

    The error is the design's, V = Σ_h N_h² (1 − n_h/N_h) s²_h / n_h of the residuals; a stratum with one audited unit
    makes it NaN. Totals by class add up to the total as coded.

    Args:
        coded_total: t*, shape (classes,), unit of x.
        audit: of this population.
        weights: replicate weights of `replicate_weights`, shape (replicates, audited); may have no rows.

    Source: difference estimator, Särndal, Swensson, Wretman (1992), Model Assisted Survey Sampling, section 6.3; equal
        to prediction-powered inference for means, Angelopoulos et al. (2023), Science 382.
    """
    residual = np.zeros((len(audit.truth), audit.classes))
    rows = np.arange(len(audit.truth))
    residual[rows, audit.truth] += audit.value
    residual[rows, audit.coded] -= audit.value
    value = coded_total + audit.weight @ residual
    variance = np.zeros(audit.classes)
    for number, (size, count) in enumerate(zip(audit.population, audit.count, strict=True)):
        inside = residual[audit.stratum == number]
        if count >= size or not size:
            continue
        if count < 2:
            variance += np.nan
            continue
        variance += size**2 * (1 - count / size) * inside.var(axis=0, ddof=1) / count
    return Corrected(value, np.sqrt(variance), coded_total + weights @ residual)


def misclassification_estimate(coded_total: Array, audit: Audit, weights: Array) -> Corrected:
    """Return t̂ = (P̂ᵀ)⁻¹ t*: right for another month when the chances of each error stay though the shares move.

    Values may leave 0 to the whole: that says the matrix is nearly singular or has changed. The error is that of P̂
    by the delta method, V = M (Σ_g t̂_g² V(P̂_g)) Mᵀ, M = (P̂ᵀ)⁻¹, with V(P̂_g) from the audit's strata.

    Args:
        coded_total: t* of the month to correct, shape (classes,), unit of x.
        audit: of this or an earlier month.
        weights: replicate weights, shape (replicates, audited); may have no rows.

    Returns:
        Corrected, shape (classes,), unit of x; NaN where a class was not seen in the audit or the matrix is singular.

    Source: Kuha, Skinner (1997), in Survey Measurement and Process Quality, chapter 28, equation 28.8;
        Meertens et al. (2022), section 3 (misclassification estimator).
    """

    def estimate(table: Array) -> Array:
        shares = _row_shares(table)
        return _solved(shares.T, coded_total)

    table = _table(audit, audit.weight[None, :])[0]
    value = estimate(table)
    replicates = np.array([estimate(one) for one in _table(audit, weights)]).reshape(-1, audit.classes)
    if not np.isfinite(value).all():
        return Corrected(value, np.full(audit.classes, np.nan), replicates)
    inverse = np.linalg.inv(_row_shares(table).T)
    slope = _score(audit, table, by_truth=True) * value[audit.truth][:, None]
    return Corrected(value, np.sqrt(_design_variance(audit, slope @ inverse.T)), replicates)


def calibration_estimate(coded_total: Array, audit: Audit, weights: Array) -> Corrected:
    """Return t̂_g = Σ_h Ĉ_hg t*_h: right for another month while what a code means stays; steadier than the matrix's.

    The error is that of Ĉ by the delta method, from the audit's strata. A code without an audited unit keeps its
    total, and its error is not known (NaN) where that total is not zero.

    Args:
        coded_total: t* of the month to correct, shape (classes,), unit of x.
        audit: of this or an earlier month.
        weights: replicate weights, shape (replicates, audited); may have no rows.

    Source: Tenenbein (1970), JASA 65; Meertens et al. (2022), section 3 (calibration estimator); unit of x.
    """

    def estimate(table: Array) -> Array:
        by_code = _row_shares(table.T)
        blind = ~(table.sum(axis=0) > 0)
        by_code[blind] = np.eye(audit.classes)[blind]
        return by_code.T @ coded_total

    table = _table(audit, audit.weight[None, :])[0]
    replicates = np.array([estimate(one) for one in _table(audit, weights)]).reshape(-1, audit.classes)
    slope = _score(audit, table, by_truth=False) * coded_total[audit.coded][:, None]
    error = np.sqrt(_design_variance(audit, slope))
    blind = ~(table.sum(axis=0) > 0) & (coded_total != 0)
    return Corrected(estimate(table), np.where(blind.any(), np.nan, error), replicates)


def replicate_weights(audit: Audit, replicates: int, random: np.random.Generator) -> Array:
    """Return rescaled bootstrap weights, shape (replicates, audited), dimensionless.

    Args:
        audit: the sample.
        replicates: count.
        random: generator.

    Source: Rao, Wu (1988), JASA 83, with n_h − 1 drawn and the finite population correction; a stratum with one unit
        does not vary.
    """
    result = np.tile(audit.weight, (replicates, 1))
    for number, size in enumerate(audit.population):
        inside = np.flatnonzero(audit.stratum == number)
        count = len(inside)
        if count < 2 or not size:
            continue
        drawn = random.multinomial(count - 1, np.full(count, 1 / count), size=replicates)
        scale = np.sqrt(max(0.0, 1 - count / size))
        result[:, inside] *= 1 + scale * (drawn * count / (count - 1) - 1)
    return result


def _table(audit: Audit, weights: Array) -> Array:
    """Return K, shape (replicates, true, coded), unit of x."""
    cell = audit.truth * audit.classes + audit.coded
    shape = (len(weights), audit.classes, audit.classes)
    counts = [
        np.bincount(cell, weights=one * audit.value, minlength=audit.classes**2).astype(float)
        for one in weights
    ]
    return np.array(counts).reshape(shape)


def _row_shares(table: Array) -> Array:
    total = table.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(table, total, out=np.zeros_like(table), where=total > 0))


def _solved(matrix: Array, right: Array) -> Array:
    if np.linalg.cond(matrix) > 1e8:
        return np.full(len(right), np.nan)
    return np.asarray(np.linalg.solve(matrix, right))


def _score(audit: Audit, table: Array, *, by_truth: bool) -> Array:
    """Return each unit's x (1(other class) − share) / base, the linearised residual of its row of shares."""
    if by_truth:
        base, own, other, shares = table.sum(axis=1), audit.truth, audit.coded, _row_shares(table)
        sign = -1.0
    else:
        base, own, other, shares = table.sum(axis=0), audit.coded, audit.truth, _row_shares(table.T)
        sign = 1.0
    hit = np.zeros((len(own), audit.classes))
    hit[np.arange(len(own)), other] = 1.0
    scale = audit.value / np.where(base[own] > 0, base[own], 1.0)
    return np.asarray(sign * scale[:, None] * (hit - shares[own]))


def _design_variance(audit: Audit, score: Array) -> Array:
    """Return Σ_h N_h² (1 − n_h/N_h) s²_h / n_h of linearised residuals, shape (classes,)."""
    variance = np.zeros(score.shape[1])
    for number, (size, count) in enumerate(zip(audit.population, audit.count, strict=True)):
        if count >= size or not size:
            continue
        inside = score[audit.stratum == number]
        variance += np.nan if count < 2 else size**2 * (1 - count / size) * inside.var(axis=0, ddof=1) / count
    return variance
