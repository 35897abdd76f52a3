"""The usual sources of error: clusters, the clerical sample of links, the audit of codes, donors, models."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import Design, codes
from lvshu.statistics.survey.replicates import bootstrap
from lvshu.statistics.total_error.joint import ErrorSource

Array = NDArray[np.float64]
Index = NDArray[np.int64]

NEUTRAL = 1 / 3
"""Kerman's neutral prior: a class in which an audit saw no error is not certain to have none."""


def sampling(sample: Design, *, name: str = "sampling") -> ErrorSource:
    """Return the sampling error of a design: the value is its weights, shape (n,), dimensionless.

    Args:
        sample: the design; calibrated weights are not calibrated anew, do that in the estimator.
        name: of the source.

    Source: Rao & Wu (1988), JASA 83; Rao, Wu & Yue (1992), Survey Methodology 18.
    """

    def draw(generator: np.random.Generator) -> Array:
        return bootstrap(sample, 2, generator).weights(0)

    return ErrorSource(name, sample.weights, draw)


def link_rates(
    *, found: tuple[float, float], false: tuple[float, float] = (0.0, 0.0), name: str = "linkage"
) -> ErrorSource:
    """Return the error of link rates from a clerical sample: the value is (sensitivity, false-link rate).

    Args:
        found: true links that were found, and true links in the sample, count.
        false: records without a true link that were linked, and such records in the sample, count; (0, 0): the rate
            is taken as zero.
        name: of the source.

    Raises:
        MethodError: more found than there are; an empty clerical sample.

    Source: Ding & Fienberg (1994); draws from Jeffreys' posterior Beta(x + 1/2, n - x + 1/2), Brown, Cai & DasGupta
    (2001), Statistical Science 16.
    """
    pairs = (found, false)
    if any(x < 0 or x > n for x, n in pairs) or found[1] <= 0:
        raise MethodError(Problem("total_error.bad_clerical_sample"))
    point = (found[0] / found[1], false[0] / false[1] if false[1] else 0.0)

    def draw(generator: np.random.Generator) -> tuple[float, float]:
        alpha, beta = (float(generator.beta(x + 0.5, n - x + 0.5)) if n else 0.0 for x, n in pairs)
        return alpha, beta

    return ErrorSource(name, point, draw)


def coding(
    stated: Any, true: Any, *, weights: Any = None, strata: Any = None, name: str = "coding"
) -> ErrorSource:
    """Return the error of codes from an audit: the value is the matrix of true by stated classes.

    Cell (g, h) is the share of true class g among those stated as h; its rows and columns are the classes in order.
    Draws come from the posterior of each column, so that a class in which the audit saw no wrong code is not certain
    to have none: with rare errors they are not centred on the matrix, and `joint_error` takes their quantiles as they
    are. A class that the audit knows as true only has no column of its own: it counts as right and does not vary.

    Args:
        stated: shape (n,), classes of the audited records as coded.
        true: shape (n,), their true classes.
        weights: shape (n,), audit weights, dimensionless; None for equal ones.
        strata: shape (n,), strata that the audit was drawn in; None for the stated classes.
        name: of the source.

    Raises:
        MethodError: lengths differ, weights that are none, or an audit without records.

    Source: Meertens et al. (2022), Journal of Survey Statistics and Methodology 10 (calibration probabilities); draws
    from Dirichlet(n p + a), a = 1/3 (Kerman 2011, Electronic Journal of Statistics 5) and no more than 1 over the
    number of classes (Berger, Bernardo & Sun 2015, Bayesian Analysis 10); n the effective number of records, Kish
    (1992), Journal of Official Statistics 8, and by the strata where they leave less (Korn & Graubard 1998, Survey
    Methodology 24).
    """
    both = np.concatenate([np.asarray(stated).astype(str), np.asarray(true).astype(str)])
    n = both.size // 2
    weight = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    lengths = {np.asarray(stated).size, np.asarray(true).size, weight.size}
    lengths |= set() if strata is None else {np.asarray(strata).size}
    if not n or lengths != {n} or not np.all(np.isfinite(weight) & (weight > 0)):
        raise MethodError(Problem("total_error.bad_audit"))
    number, classes = codes(both)
    said, is_true, size = number[:n], number[n:], len(classes)
    group = None if strata is None else codes(strata)[0]
    point, count = np.eye(size), np.zeros(size)
    for one in np.unique(said):
        inside = said == one
        point[:, one] = np.bincount(is_true[inside], weights=weight[inside], minlength=size)
        point[:, one] /= weight[inside].sum()
        count[one] = _effective_count(is_true, np.where(inside, weight, 0.0), group, point[:, one])
    known, prior = np.flatnonzero(count > 0), min(NEUTRAL, 1.0 / size)

    def draw(generator: np.random.Generator) -> Array:
        made = point.copy()
        for one in known:
            made[:, one] = generator.dirichlet(count[one] * point[:, one] + prior)
        return made

    return ErrorSource(name, point, draw, centred=False)


def _effective_count(is_true: Index, weight: Array, group: Index | None, shares: Array) -> float:
    """Return how many equally weighted records tell as much of the shares of a stated class."""
    kish = float(weight.sum() ** 2 / (weight**2).sum())
    if group is None:
        return kish
    score = weight[:, None] * (np.eye(shares.size)[is_true] - shares) / weight.sum()
    variance = 0.0
    for one in np.unique(group):
        inside = score[group == one]
        drawn = inside.shape[0]
        middle = inside.mean(axis=0) if drawn > 1 else 0.0
        variance += drawn / max(drawn - 1, 1) * float(((inside - middle) ** 2).sum())
    return min(kish, float((shares * (1.0 - shares)).sum()) / variance) if variance > 0 else kish


def corrected_shares(stated: Any, matrix: Array) -> Array:
    """Return totals by true class from totals by stated class, shape (classes,), in their unit.

    Args:
        stated: shape (classes,), totals by stated class, in one unit.
        matrix: shape (classes, classes), true by stated, dimensionless.

    Source: Meertens et al. (2022), calibration estimator Σ_h Pr(true g | stated h) p_h.
    """
    return np.asarray(matrix @ np.asarray(stated, dtype=float))


def imputation(values: Any, donors: Any, *, cells: Any = None, name: str = "imputation") -> ErrorSource:
    """Return the error of hot-deck imputation: the value is the variable with gaps filled, shape (n,).

    The estimate itself takes the mean of the donors of the cell; a draw first draws the donors anew, then one of
    them for each gap.

    Args:
        values: shape (n,), in the variable's unit; NaN where missing.
        donors: shape (n,), whether a record may give its value.
        cells: shape (n,), classes within which values are given; None for one.
        name: of the source.

    Raises:
        MethodError: a cell with gaps and no donor.

    Source: approximate Bayesian bootstrap, Rubin & Schenker (1986), JASA 81.
    """
    y = np.asarray(values, dtype=float)
    gaps = ~np.isfinite(y)
    gives = np.asarray(donors, dtype=bool) & ~gaps
    cell = np.zeros(y.size, dtype=np.int64) if cells is None else codes(cells)[0]
    pools = {int(one): y[gives & (cell == one)] for one in np.unique(cell[gaps])}
    empty = [one for one, pool in pools.items() if pool.size == 0]
    if empty:
        raise MethodError(Problem("total_error.no_donors", values={"cells": len(empty)}))
    filled = y.copy()
    for one, pool in pools.items():
        filled[gaps & (cell == one)] = pool.mean()

    def draw(generator: np.random.Generator) -> Array:
        made = y.copy()
        for one, pool in pools.items():
            inside = gaps & (cell == one)
            made[inside] = generator.choice(generator.choice(pool, pool.size), int(inside.sum()))
        return made

    return ErrorSource(name, filled, draw)


def alternatives(
    models: Sequence[Any], weights: Sequence[float] | None = None, *, chosen: int = 0, name: str = "model"
) -> ErrorSource:
    """Return the error of choosing a model: the value is one of the alternatives.

    Args:
        models: the alternatives.
        weights: how likely each is, such as exp(-BIC/2), dimensionless; None for equal ones.
        chosen: position of the one that the estimate is made with.
        name: of the source.

    Raises:
        MethodError: no alternatives, or weights that are none.

    Source: Buckland, Burnham & Augustin (1997), Biometrics 53.
    """
    chances = np.ones(len(models)) if weights is None else np.asarray(weights, dtype=float)
    if not len(models) or chances.size != len(models) or np.any(chances < 0) or chances.sum() <= 0:
        raise MethodError(Problem("total_error.bad_alternatives"))
    chances = chances / chances.sum()

    def draw(generator: np.random.Generator) -> Any:
        return models[int(generator.choice(len(models), p=chances))]

    return ErrorSource(name, models[chosen], draw)


def known_figure(value: float, standard_error: float, *, name: str) -> ErrorSource:
    """Return a figure from elsewhere with its standard error, drawn from a normal distribution.

    Args:
        value: in its unit.
        standard_error: in that unit.
        name: of the source.

    Raises:
        MethodError: a standard error that is none.

    Source: the normal approximation of a published estimate.
    """
    if not standard_error >= 0:
        raise MethodError(Problem("total_error.bad_sources", values={"names": name}))
    return ErrorSource(name, value, lambda generator: float(generator.normal(value, standard_error)))


def audited_shares(hits: Any, judged: Any, stated: Any, *, name: str) -> ErrorSource:
    """Return shares by class from an audit: the value has shape (classes,), dimensionless.

    A class of which nothing was judged keeps its stated share and does not vary: tell it beside the estimate.

    Args:
        hits: shape (classes,), judged records that have the property; an effective count where weights differ.
        judged: shape (classes,), records judged, likewise.
        stated: shape (classes,), shares taken where nothing was judged, dimensionless.
        name: of the source.

    Raises:
        MethodError: more hits than records judged.

    Source: Meertens et al. (2022), calibration probabilities; draws from Beta(x + 1/3, n - x + 1/3), Kerman (2011),
    Electronic Journal of Statistics 5; effective counts, Kish (1992), Journal of Official Statistics 8.
    """
    x, n, base = (np.asarray(one, dtype=float) for one in (hits, judged, stated))
    if np.any(x < 0) or np.any(x > n * (1 + 1e-9)):
        raise MethodError(Problem("total_error.bad_audit"))
    x, known = np.minimum(x, n), n > 0
    point = np.where(known, x / np.where(known, n, 1.0), base)

    def draw(generator: np.random.Generator) -> Array:
        return np.where(known, generator.beta(x + NEUTRAL, n - x + NEUTRAL), base)

    return ErrorSource(name, point, draw, centred=False)


def ready(point: Any, replicates: Any, *, name: str = "sampling") -> ErrorSource:
    """Return a source whose draws were made before, such as the replicates of a whole survey.

    Args:
        point: what the estimate itself is made with.
        replicates: shape (replicates, …), one draw a row, taken in their order and from the first again after the last.
        name: of the source.

    Raises:
        MethodError: no replicates.

    Source: the method that made the replicates.
    """
    rows = list(replicates)
    if not rows:
        raise MethodError(Problem("total_error.bad_sources", values={"names": name}))
    turn = cycle(rows)
    return ErrorSource(name, point, lambda generator: next(turn))
