"""The search for a model: stepwise by a criterion or by tests, or all hierarchical models of few lists."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
from scipy import stats

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.population.existence import Term, design_matrix
from lvshu.statistics.population.lists import Lists
from lvshu.statistics.population.loglinear import LogLinear, fit_model

CRITERIA = ("bic", "aic", "test")
MOST_MODELS = 4


def search(
    lists: Lists, *, criterion: str = "bic", order: int = 2, threshold: float = 0.02, both_ways: bool = True
) -> LogLinear:
    """Return the model that steps from independent lists lead to.

    Each step adds the term that lowers the criterion most (or, with `both_ways`, drops one), among hierarchical
    models that have an estimate; it stops where none lowers it. With "test" the term with the least p-value is
    added while it is below the threshold.

    Args:
        lists: the counts.
        criterion: "bic", "aic" or "test".
        order: largest number of lists in a term, count.
        threshold: of the p-value for "test", dimensionless.
        both_ways: whether terms may be dropped again.

    Raises:
        MethodError: an unknown criterion; not even independent lists can be estimated.

    Source: Chan, Silverman & Vincent (2021), JASA 116, section 4 (stepwise, one-sided
    Poisson test of a pair's overlap); Silverman, Chan & Vincent (2024), Statistics and Computing 34 (BIC).
    """
    if criterion not in CRITERIA:
        known = ", ".join(CRITERIA)
        raise MethodError(Problem("survey.unknown_choice", values={"given": criterion, "known": known}))
    if criterion == "test":
        return _by_tests(lists, fit_model(lists), threshold)
    return min(
        visited(lists, criterion=criterion, order=order, both_ways=both_ways), key=_score_of(criterion)
    )


def visited(
    lists: Lists, *, criterion: str = "bic", order: int = 2, both_ways: bool = True
) -> list[LogLinear]:
    """Return all models that a search by "bic" or "aic" tries on its way.

    Args:
        lists: the counts.
        criterion: "bic" or "aic".
        order: largest number of lists in a term, count.
        both_ways: whether terms may be dropped again.

    Raises:
        MethodError: not even independent lists can be estimated.

    Source: as `search`.
    """
    score = _score_of(criterion)
    best = fit_model(lists)
    seen = {best.terms: best}
    while True:
        nearby = _neighbours(lists, best, min(order, len(lists.names) - 1), both_ways)
        seen |= {one.terms: one for one in nearby}
        if not nearby or min(map(score, nearby)) >= score(best) - 1e-9:
            return list(seen.values())
        best = min(nearby, key=score)


def all_models(lists: Lists, *, order: int | None = None) -> list[LogLinear]:
    """Return all hierarchical models that have an estimate, by BIC; of four lists or fewer.

    Args:
        lists: the counts.
        order: largest number of lists in a term, count; None for all but the term of every list.

    Raises:
        MethodError: more than four lists, whose models are too many.

    Source: Bishop, Fienberg & Holland (1975), section 6.4.
    """
    size = len(lists.names)
    top = size - 1 if order is None else min(order, size - 1)
    if size > MOST_MODELS and top > 2:
        raise MethodError(Problem("population.too_many_models", values={"lists": size, "most": MOST_MODELS}))
    known = {tuple(fit_model(lists).terms)}
    front: list[frozenset[Term]] = [frozenset(fit_model(lists).terms)]
    found = [fit_model(lists)]
    while front:
        ahead = {
            base | {term}
            for base in front
            for number in range(2, top + 1)
            for term in map(frozenset, combinations(range(size), number))
            if term not in base and _parts_are_in(term, base)
        }
        front = []
        for terms in sorted(ahead, key=lambda one: sorted(map(sorted, one))):
            made = _tried(lists, terms)
            key = tuple(sorted(terms, key=lambda one: (len(one), sorted(one))))
            if key not in known:
                known.add(key)
                front.append(terms)
                if made is not None:
                    found.append(made)
    return sorted(found, key=lambda one: one.bic)


def _parts_are_in(term: Term, base: frozenset[Term]) -> bool:
    return all(frozenset(part) in base for part in combinations(sorted(term), len(term) - 1))


def _tried(lists: Lists, terms: frozenset[Term]) -> LogLinear | None:
    try:
        return fit_model(lists, terms)
    except MethodError as error:
        if error.code.startswith("population."):
            return None
        raise


def _neighbours(lists: Lists, best: LogLinear, order: int, both_ways: bool) -> list[LogLinear]:
    base = frozenset(best.terms)
    candidates = [
        base | {term}
        for number in range(2, order + 1)
        for term in map(frozenset, combinations(range(len(lists.names)), number))
        if term not in base and _parts_are_in(term, base)
    ]
    if both_ways:
        candidates += [base - {term} for term in base if len(term) > 1 and not any(term < o for o in base)]
    made = [_tried(lists, terms) for terms in candidates]
    return [one for one in made if one is not None]


def _score_of(criterion: str) -> Callable[[LogLinear], float]:
    return lambda model: model.bic if criterion == "bic" else model.aic


def _by_tests(lists: Lists, best: LogLinear, threshold: float) -> LogLinear:
    while True:
        base = frozenset(best.terms)
        ranked: list[tuple[float, int, LogLinear]] = []
        for place, pair in enumerate(map(frozenset, combinations(range(len(lists.names)), 2))):
            made = None if pair in base else _tried(lists, base | {pair})
            if made is not None:
                ranked.append((_p_value(lists, best, pair), place, made))
        if not ranked or min(ranked)[0] >= threshold:
            return best
        best = min(ranked)[2]


def _p_value(lists: Lists, model: LogLinear, pair: Term) -> float:
    """Return how likely an overlap as small, or as large, is in a model without the pair's term (one-sided)."""
    inside = lists.patterns[:, sorted(pair)].all(axis=1)
    cells = model.existence.cells & inside
    matrix = design_matrix(lists.patterns[cells], model.existence.terms)
    mean = float(np.exp(matrix @ model.coefficients).sum())
    seen = float(lists.counts[inside].sum())
    return float(min(stats.poisson.cdf(seen, mean), stats.poisson.sf(seen - 1.0, mean)))
