"""Hierarchical log-linear models of overlapping lists, and the number that is on none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.methods.survey import NORMAL_95
from lvshu.statistics.population.existence import Existence, Term, check_existence, design_matrix
from lvshu.statistics.population.lists import Lists

Array = NDArray[np.float64]

MOST_STEPS = 100


@dataclass(frozen=True)
class LogLinear:
    """A fitted model.

    Attributes:
        terms: sets of lists whose overlap depends on more than the single lists, the lists themselves among them.
        size: estimated population, count.
        standard_error: of it, count.
        low: lower end of the 95 % interval of what is expected, as SparseMSE prints it, count; the number itself varies
            more, see `profile_interval`.
        high: its upper end, count.
        coefficients: shape (1 + fitted terms,), the first one is the logarithm of the number on no list.
        covariance: of the coefficients.
        log_likelihood: of the Poisson counts.
        parameters: estimated parameters, those at minus infinity included, count.
        observed: units on any list, count.
        existence: what the check before the fit found.

    Source: Bishop, Fienberg & Holland (1975), chapter 6; variance e^u + e^2u V(u), Cormack & Jupp (1991), Biometrika
    78, and R package Rcapture; interval n + exp(u ± 1.96 se(u)), Chan, Silverman & Vincent (2021).
    """

    terms: tuple[Term, ...]
    size: float
    standard_error: float
    low: float
    high: float
    coefficients: Array
    covariance: Array
    log_likelihood: float
    parameters: int
    observed: float
    existence: Existence

    @property
    def aic(self) -> float:
        """Return Akaike's criterion."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Return the Bayesian criterion, by the logarithm of the observed units."""
        return float(np.log(self.observed)) * self.parameters - 2.0 * self.log_likelihood

    def name(self, names: Sequence[str]) -> str:
        """Return the model as its largest terms, such as [LA,NG][PF]."""
        top = [term for term in self.terms if not any(term < other for other in self.terms)]
        return "".join(f"[{','.join(names[k] for k in sorted(term))}]" for term in sorted(top, key=sorted))


def closed(terms: Iterable[Iterable[int]], lists: int) -> tuple[Term, ...]:
    """Return the hierarchical model of some terms: with all single lists and all parts of each term.

    Args:
        terms: sets of lists.
        lists: K, count.

    Source: Bishop, Fienberg & Holland (1975), section 2.4.
    """
    found = {frozenset([k]) for k in range(lists)}
    for term in terms:
        members = sorted(term)
        for code in range(1, 1 << len(members)):
            found.add(frozenset(m for place, m in enumerate(members) if code >> place & 1))
    return tuple(sorted(found, key=lambda one: (len(one), sorted(one))))


def fit_model(lists: Lists, terms: Iterable[Iterable[int]] = ()) -> LogLinear:
    """Return a fitted hierarchical model; without terms that of independent lists.

    Args:
        lists: the counts.
        terms: sets of lists (numbers from 0) that overlap otherwise than by chance.

    Raises:
        MethodError: the model has no estimate, or more than one.

    Source: as `LogLinear` and `check_existence`.
    """
    size = len(lists.names)
    wanted = closed(terms, size)
    if any(len(term) == size for term in wanted):
        raise MethodError(Problem("population.all_lists_term"))
    existence = check_existence(lists, wanted)
    shown = "".join(f"[{','.join(lists.names[k] for k in sorted(t))}]" for t in wanted if len(t) > 1)
    if not existence.exists:
        raise MethodError(Problem("population.no_estimate", values={"model": shown}))
    if not existence.identified:
        raise MethodError(Problem("population.not_identified", values={"model": shown}))
    matrix = design_matrix(lists.patterns[existence.cells], existence.terms)
    counts = lists.counts[existence.cells]
    coefficients, covariance, likelihood = poisson_fit(matrix, counts)
    hidden, spread = float(np.exp(coefficients[0])), float(covariance[0, 0])
    half = NORMAL_95 * np.sqrt(spread)
    observed, error = lists.observed, float(np.sqrt(hidden + hidden**2 * spread))
    low, high = (observed + hidden * float(np.exp(side * half)) for side in (-1.0, 1.0))
    return LogLinear(
        wanted, observed + hidden, error, low, high, coefficients, covariance, likelihood, 1 + len(wanted),
        observed, existence,
    )  # fmt: skip


def poisson_fit(matrix: Array, counts: Array, offset: Array | None = None) -> tuple[Array, Array, float]:
    """Return coefficients, their covariance and the log-likelihood of a Poisson regression with a log link.

    Args:
        matrix: shape (cells, p), of full rank.
        counts: shape (cells,), count.
        offset: shape (cells,), added to the linear predictor.

    Raises:
        MethodError: the steps do not settle.

    Source: McCullagh & Nelder, Generalized Linear Models (1989), section 2.5 (iterated weighted least squares).
    """
    shift = np.zeros(counts.size) if offset is None else offset
    mean = counts + 0.5
    predictor = np.log(mean)
    last = -np.inf
    for _ in range(MOST_STEPS):
        working = predictor - shift + (counts - mean) / mean
        root = np.sqrt(mean)
        coefficients = np.linalg.lstsq(matrix * root[:, None], working * root, rcond=None)[0]
        predictor = np.clip(matrix @ coefficients + shift, -700.0, 700.0)
        mean = np.exp(predictor)
        likelihood = float((counts * predictor - mean).sum())
        if abs(likelihood - last) < 1e-12 * (abs(likelihood) + 1.0):
            break
        last = likelihood
    else:
        raise MethodError(Problem("population.no_convergence"))
    working = predictor - shift + (counts - mean) / mean
    root = np.sqrt(mean)
    coefficients = np.linalg.lstsq(matrix * root[:, None], working * root, rcond=None)[0]
    predictor = matrix @ coefficients + shift
    mean = np.exp(predictor)
    covariance = np.linalg.pinv(matrix.T @ (mean[:, None] * matrix), hermitian=True)
    likelihood = float((counts * predictor - mean - gammaln(counts + 1.0)).sum())
    return np.asarray(coefficients), np.asarray(covariance), likelihood
