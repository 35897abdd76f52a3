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


def with_rare_errors(
    found: Corrected, audit: Audit, pools: Index, squares: float, random: np.random.Generator,
    *, coded_total: Array | None = None,
) -> Corrected:  # fmt: skip
    """Return an estimate whose error knows that few errors, or none, were seen: at least the pooled variance.

    Where errors are rare the variance of the residuals rests on the few that the draw happened to meet, and is far too
    small when it met none or missed the large units. So the error is at least that of
    V = Σ_h N_h² (1 − n_h/N_h) q · mean_h(x²) / n_h with q = (k + 1/3) / (n + 2/3), k of n audited units of a pool of
    strata wrong in the class, certainty strata left out; if the squares of x are larger in the population than the
    audit tells, V grows in proportion: a large unit outside the sample counts. Replicates are stretched likewise, and
    drawn from the normal distribution where the audit saw no error; those of the classes no longer add up.

    For the calibration estimator of another population each unit stands for t*_h / Σ_S d x of its code h, no stratum
    is certain, and Σ_U x² q̄ is added: which units of that population are wrong is chance too.

    Args:
        found: by `difference_estimate`, or `calibration_estimate`, of this audit.
        audit: the sample.
        pools: number of the pool of each stratum, shape (strata,).
        squares: Σ_U x² of the population, in the unit of x squared.
        random: for replicates of a class without an error seen.
        coded_total: t* of another population, shape (classes,); None: the audit's own population.

    Source: Beta(1/3, 1/3) as neutral prior of a rare share, Kerman (2011), Electronic Journal of Statistics 5; the
        stretching by Σ_U x² is lvshu's, its coverage is simulated in tests/statistics/coding.
    """
    count, size, weight = audit.count, audit.population, audit.weight
    scale = np.ones(len(audit.truth))
    if coded_total is not None:
        base = np.bincount(audit.coded, weights=weight * audit.value, minlength=audit.classes)
        scale = np.divide(coded_total, base, out=np.zeros_like(base), where=base > 0)[audit.coded]
    open_ = (count < size) & (count > 0) if coded_total is None else count > 0
    inside = open_[audit.stratum]
    wrong = np.zeros((len(audit.truth), audit.classes))
    rows = np.arange(len(audit.truth))
    wrong[rows, audit.truth] += 1.0
    wrong[rows, audit.coded] -= 1.0
    wrong = np.abs(wrong) * (audit.value > 0)[:, None]
    square = audit.value**2
    sampled = float((weight * scale * square)[inside].sum())
    rest = squares - float((scale * square)[~inside].sum())
    stretch = max(1.0, rest / sampled) if sampled > 0 else 1.0
    variance = np.zeros(audit.classes)
    for pool in np.unique(pools[open_]):
        own = open_ & (pools == pool)
        members = own[audit.stratum]
        share = (wrong[members].sum(axis=0) + 1 / 3) / (members.sum() + 2 / 3)
        for number in np.flatnonzero(own):
            mean = (square * scale**2)[audit.stratum == number].mean()
            left = max(0.0, 1 - count[number] / size[number])
            variance += size[number] ** 2 * left / count[number] * share * mean * stretch
            if coded_total is not None:
                part = float((weight * scale * square)[audit.stratum == number].sum())
                variance += share * part * stretch
    error = np.fmax(found.standard_error, np.sqrt(variance))
    error = np.where(np.isnan(found.standard_error), np.nan, error)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(found.standard_error > 0, error / found.standard_error, 0.0)
    spread = (found.replicates - found.value) * factor
    unseen = (found.standard_error == 0) & (error > 0)
    spread[:, unseen] = random.standard_normal((len(spread), int(unseen.sum()))) * error[unseen]
    return Corrected(found.value, error, found.value + spread)


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
        A class of which neither the audit nor the total to correct has anything stays at 0.

    Source: Kuha, Skinner (1997), in Survey Measurement and Process Quality, chapter 28, equation 28.8;
        Meertens et al. (2022), section 3 (misclassification estimator).
    """

    table = _table(audit, audit.weight[None, :])[0]
    absent = (table.sum(axis=0) == 0) & (table.sum(axis=1) == 0) & (coded_total == 0)

    def shares_of(table: Array) -> Array:
        return _row_shares(table) + np.diag(absent.astype(float))

    def estimate(table: Array) -> Array:
        return _solved(shares_of(table).T, coded_total)

    value = estimate(table)
    replicates = np.array([estimate(one) for one in _table(audit, weights)]).reshape(-1, audit.classes)
    if not np.isfinite(value).all():
        return Corrected(value, np.full(audit.classes, np.nan), replicates)
    inverse = np.linalg.inv(shares_of(table).T)
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


def error_rates(audit: Audit, *, given: str) -> tuple[Array, Array]:
    """Return rates of codes and their standard errors, each of shape (true, coded), dimensionless; NaN where no base.

    Args:
        audit: the sample.
        given: "coded" for C = Pr(true g | coded h), columns add up to one; "true" for P = Pr(coded h | true g), rows.

    Source: ratio of stratified totals by linearisation, Cochran (1977), sections 5A and 6.
    """
    by_truth = given == "true"
    table = _table(audit, audit.weight[None, :])[0]
    shares = _row_shares(table if by_truth else table.T)
    empty = ~((table if by_truth else table.T).sum(axis=1) > 0)
    shares[empty] = np.nan
    own = audit.truth if by_truth else audit.coded
    score = _score(audit, table, by_truth=by_truth) * (-1.0 if by_truth else 1.0)
    error = np.full_like(shares, np.nan)
    for number in np.flatnonzero(~empty):
        error[number] = np.sqrt(_design_variance(audit, score * (own == number)[:, None]))
    return (shares, error) if by_truth else (shares.T, error.T)


def calibrated_part(
    part_true: Array, audit: Audit, coded_value: Array, weights: Array
) -> tuple[float, float, Array]:
    """Return Σ_h ȳ_h V_h, its standard error over the audit's draw, and replicates, shape (replicates,), unit of V.

    ȳ_h is the mean part of a unit that belongs to a domain among audited units coded h. Where no unit coded h was
    audited the error is NaN, unless V_h is 0.

    Args:
        part_true: shape (audited,), part of each audited unit by its true class, dimensionless, 0 to 1.
        audit: the sample; x is 1, or 0 for units that do not count.
        coded_value: V, shape (classes,), value of machine-coded units by their code, such as value added.
        weights: replicate weights, shape (replicates, audited); may have no rows.

    Source: calibration estimator, Meertens et al. (2022), JSSAM 10, with a part for each unit; ratio means by
        linearisation, Cochran (1977), section 6.
    """
    member = np.eye(audit.classes)[audit.coded] * audit.value[:, None]

    def total(weight: Array) -> Array:
        base, part = weight @ member, (weight * part_true) @ member
        mean = np.divide(part, base, out=np.zeros_like(part), where=base > 0)
        return np.asarray(mean @ coded_value)

    base = audit.weight @ member
    mean = np.divide((audit.weight * part_true) @ member, base, out=np.zeros_like(base), where=base > 0)
    scale = coded_value[audit.coded] / np.where(base[audit.coded] > 0, base[audit.coded], 1.0)
    score = (part_true - mean[audit.coded]) * scale * audit.value
    error = float(np.sqrt(_design_variance(audit, score[:, None])[0]))
    blind = bool(((base <= 0) & (coded_value != 0)).any())
    return float(mean @ coded_value), float("nan") if blind else error, total(weights)


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
