"""Populations from lists whose links are partly missed or wrong: any number of lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.methods.survey import Estimate
from lvshu.statistics.population import link_bounds
from lvshu.statistics.population.existence import check_existence, design_matrix
from lvshu.statistics.population.lists import Lists, all_patterns
from lvshu.statistics.population.loglinear import closed, poisson_fit
from lvshu.statistics.population.search import search

Array = NDArray[np.float64]

MOST_STEPS = 200
MOST_LOG = 700.0
"""Largest exponent of a double, rounded down, dimensionless."""


@dataclass(frozen=True)
class LinkageError:
    """How good the links between lists are, from a clerical sample.

    Attributes:
        found: chance that two records of one unit are linked: a number for all pairs of lists, or shape (K, K).
        false: chance that a record of list i, of a unit that is not on list k, is linked to a record of list k: a
            number for every pair (i < k), or shape (K, K).
        found_error: standard error of `found`, of the same form.
        false_error: standard error of `false`, of the same form.

    Source: Ding & Fienberg (1994), Survey Methodology 20; Di Consiglio & Tuoto (2015), Journal of Official
    Statistics 31.
    """

    found: Any
    false: Any = 0.0
    found_error: Any = 0.0
    false_error: Any = 0.0

    def matrices(self, lists: int) -> tuple[Array, Array]:
        """Return `found` and `false` as matrices, shape (K, K).

        Raises:
            MethodError: chances that are none; links of two records of one unit no likelier than false ones.
        """
        found = np.broadcast_to(np.asarray(self.found, dtype=float), (lists, lists)).copy()
        false = np.asarray(self.false, dtype=float)
        wrong = np.triu(np.full((lists, lists), float(false)), 1) if false.ndim == 0 else false.copy()
        bad = [
            f"{option} {rate:g}"
            for option, rates, fit in (
                ("--links-found", found, (found > 0) & (found <= 1)),
                ("--links-false", wrong, (wrong >= 0) & (wrong < 1)),
            )
            for rate in np.unique(rates[~fit])
        ]
        if not bad and not np.allclose(found, found.T):
            one, other = np.argwhere(~np.isclose(found, found.T))[0]
            bad = [f"--links-found {found[one, other]:g} ≠ {found[other, one]:g}"]
        if bad:
            raise MethodError(Problem("population.bad_link_rates", values={"given": "; ".join(bad)}))
        if np.any(np.triu(found <= wrong, 1)):
            raise MethodError(Problem("population.links_no_better"))
        return found, wrong


@dataclass(frozen=True)
class CorrectedPopulation:
    """A population corrected for linkage error.

    Attributes:
        estimate: population and its standard error, count; the rates' own error included.
        naive: size of the same model without correction, count.
        sampling_error: standard error with the rates taken as known, count.
        rates_error: standard error from the rates, count.
        expected: shape (2^K - 1,), units by true combination of lists, count.
        model: terms of the model.
        least: persons that are there for certain, count: the largest list, or all units seen where no link is missed.

    Source: as `fit_with_linkage_error`.
    """

    estimate: Estimate
    naive: float
    sampling_error: float
    rates_error: float
    expected: Array
    model: tuple[frozenset[int], ...]
    least: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the ends of an interval that does not go below `least`, count; `link_bounds.interval`."""
        return link_bounds.interval(self.estimate.value, self.estimate.standard_error, self.least, level)


def corrected_overlap(first: float, second: float, linked: float, error: LinkageError) -> Estimate:
    """Return the population from two lists, links m* with sensitivity α and false-link rate β.

    m = (m* - β n1)/(α - β), N = n1 n2 / m.

    Args:
        first: units of the first list, count.
        second: units of the second list, count.
        linked: links found, count.
        error: rates as numbers.

    Raises:
        MethodError: more links than units, rates that are none, that leave no overlap or more than a list holds.

    Source: Ding & Fienberg (1994); Di Consiglio & Tuoto (2015); variance by the delta method: links found and false
    links as binomial counts, the true overlap with the variance of Seber (1970), Biometrics 26.
    """
    alpha, beta = float(error.found), float(error.false)
    error.matrices(2)
    if not 0 <= linked <= min(first, second):
        values = {"first": first, "second": second, "both": linked}
        raise MethodError(Problem("statistics.overlap_outside_lists", values=values))
    both = (linked - beta * first) / (alpha - beta)
    told = {"lists": "1, 2", "linked": link_bounds.told(linked)}
    if both <= 0:
        left = {"left": link_bounds.told(both)}
        raise MethodError(Problem("population.no_overlap_left", values={**told, **left}))
    if both > min(first, second) * (1.0 + link_bounds.NEAR):
        more = {"asked": link_bounds.told(both), "most": link_bounds.told(min(first, second))}
        raise MethodError(Problem("population.more_links_than_records", values={**told, **more}))
    size = first * second / both
    slope = -size / both
    apart = max(first - both, 0.0)
    links = both * alpha * (1.0 - alpha) + apart * beta * (1.0 - beta)
    drawn = (alpha - beta) ** 2 * both * apart * max(second - both, 0.0) / (first * second)
    variance = (
        (slope / (alpha - beta)) ** 2 * (links + drawn)
        + (slope * both / (alpha - beta)) ** 2 * float(error.found_error) ** 2
        + (slope * (both - first) / (alpha - beta)) ** 2 * float(error.false_error) ** 2
    )
    return Estimate(size, float(np.sqrt(variance)))


def transition_matrix(lists: int, error: LinkageError) -> Array:
    """Return how many linked units of each combination a unit of each true combination becomes on average.

    Pairs of a unit's records are linked independently, and links are closed transitively: a combination g appears
    out of h when the records of g hang together and none of them is linked to the rest of h. A false link moves a
    unit from g to g with list k, and takes one from those on list k alone.

    Args:
        lists: K, count.
        error: rates.

    Returns:
        Matrix, shape (2^K - 1, 2^K - 1), rows observed and columns true combinations, dimensionless.

    Raises:
        MethodError: rates that are none.

    Source: E(y*) = T y, de Wolf, van der Laan & Zult (2019), Journal of Official Statistics 35, for any number of
    lists; chance of a connected graph, Gilbert (1959), Annals of Mathematical Statistics 30.
    """
    chances = _Chances(lists, error)
    size = (1 << lists) - 1
    matrix = np.zeros((size, size))
    for code in range(1, size + 1):
        for part in _parts(code):
            matrix[part - 1, code - 1] = chances.apart(part, code)
    for code in range(1, size + 1):
        for chance, move in chances.false_links(code):
            matrix[:, code - 1] += chance * move
    return matrix


class _Chances:
    """How a unit's records hang together when every pair of them is linked with its own chance."""

    def __init__(self, lists: int, error: LinkageError) -> None:
        self.lists = lists
        found, self.wrong = error.matrices(lists)
        self._log_missed = np.log(np.maximum(1.0 - found, 1e-300))
        self._unlinked: dict[tuple[int, int], float] = {}
        self.connected = np.ones(1 << lists)
        for code in range(1, 1 << lists):
            low = code & -code
            loss = sum(
                self.connected[part] * self.unlinked(part, code ^ part)
                for part in _parts(code)
                if part & low and part != code
            )
            self.connected[code] = 1.0 - loss

    def members(self, code: int) -> list[int]:
        """Return the lists of a combination."""
        return [k for k in range(self.lists) if code >> k & 1]

    def unlinked(self, left: int, right: int) -> float:
        """Return the chance that no record of one combination is linked to one of the other."""
        if not left or not right:
            return 1.0
        key = (left, right) if left < right else (right, left)
        if key not in self._unlinked:
            pairs = np.ix_(self.members(left), self.members(right))
            self._unlinked[key] = float(np.exp(self._log_missed[pairs].sum()))
        return self._unlinked[key]

    def apart(self, part: int, code: int) -> float:
        """Return the chance that records of `part` make one unit of a person with the records of `code`."""
        return float(self.connected[part]) * self.unlinked(part, code ^ part)

    def false_links(self, code: int) -> list[tuple[float, Array]]:
        """Return chances of false links to each other list, and what each does to the units, shape (2^K - 1,)."""
        made = []
        members = self.members(code)
        for other in range(self.lists):
            if code >> other & 1:
                continue
            chance = 1.0 - float(np.prod([1.0 - self.wrong[k, other] for k in members]))
            move = np.zeros((1 << self.lists) - 1)
            move[(code | 1 << other) - 1] += 1.0
            move[code - 1] -= 1.0
            move[(1 << other) - 1] -= 1.0
            made.append((chance, move))
        return made


def _parts(code: int) -> Iterator[int]:
    """Yield the combinations that are part of one, itself first, without the empty one."""
    part = code
    while part:
        yield part
        part = (part - 1) & code


def units_covariance(lists: int, error: LinkageError, persons: Array, population: float) -> Array:
    """Return the covariance of the numbers of linked units, for a population of a fixed size.

    A person whose records are not all linked makes several units, so the numbers are not independent: E(z z') of the
    units z of each true combination, summed over persons, less what the fixed size takes away.

    Args:
        lists: K, count.
        error: rates, taken as known.
        persons: shape (2^K - 1,), expected persons of each true combination, count.
        population: all of them and those on no list, count.

    Returns:
        Covariance, shape (2^K - 1, 2^K - 1), in count squared.

    Source: moments of independent persons, each with a multinomial combination; pairs of components of a random
    graph as in `transition_matrix`.
    """
    chances = _Chances(lists, error)
    size = (1 << lists) - 1
    moments, means = np.zeros((size, size)), np.zeros(size)
    for code in range(1, size + 1):
        if persons[code - 1] <= 0:
            continue
        own, mean = np.zeros((size, size)), np.zeros(size)
        for part in _parts(code):
            mean[part - 1] = own[part - 1, part - 1] = chances.apart(part, code)
            for other in _parts(code ^ part):
                rest = code ^ part ^ other
                both = chances.connected[part] * chances.connected[other] * chances.unlinked(part, other)
                both *= chances.unlinked(part, rest) * chances.unlinked(other, rest)
                own[part - 1, other - 1] += both
        before = mean.copy()
        for chance, move in chances.false_links(code):
            mean = mean + chance * move
            own += chance * (np.outer(move, before) + np.outer(before, move) + np.outer(move, move))
        moments += persons[code - 1] * own
        means += persons[code - 1] * mean
    return np.asarray(moments - np.outer(means, means) / population)


def fit_with_linkage_error(
    lists: Lists, error: LinkageError, terms: Iterable[Iterable[int]] | None = None, *, criterion: str = "bic"
) -> CorrectedPopulation:
    """Return the population by a log-linear model of the true lists, seen through the transition matrix.

    Args:
        lists: the counts after linkage.
        error: rates of the links, with their standard errors.
        terms: of the model; None for a search on the counts moved back by the inverse of the matrix.
        criterion: of that search.

    Raises:
        MethodError: the model has no estimate; rates that are none; rates that leave an overlap below zero or ask for
            more links than the lists hold; a fit whose steps do not settle or run away.

    Source: composite link functions, Thompson & Baker (1981), Applied Statistics 30, on E(y*) = T exp(Xθ); Zult, de
    Wolf, Bakker & van der Heijden (2021), Journal of Official Statistics 37; errors by the delta method, the sampling
    error from `units_covariance`.
    """
    size = len(lists.names)
    matrix = transition_matrix(size, error)
    link_bounds.check_overlaps(lists, matrix)
    if terms is None:
        back = np.maximum(np.linalg.solve(matrix, lists.counts), 0.0)
        terms = search(lists.with_counts(np.round(back)), criterion=criterion).terms
    model = closed(terms, size)
    existence = check_existence(lists, model)
    largest = (one for one in model if not any(one < other for other in model))
    shown = "".join(f"[{','.join(lists.names[k] for k in sorted(one))}]" for one in largest)
    if not (existence.exists and existence.identified):
        raise MethodError(Problem("population.no_estimate", values={"model": shown}))
    columns = design_matrix(all_patterns(size), existence.terms)
    columns[~existence.cells] = 0.0
    naive = poisson_fit(columns[existence.cells], lists.counts[existence.cells])[0]
    found, expected, pull = _composite(matrix, columns, existence.cells, lists.counts, naive)
    fit = _Fit(lists, columns, existence.cells, naive, shown)
    fit.check(found, expected)
    rates = _rates_variance(fit, error, found)
    total = float(expected.sum() + np.exp(found[0]))
    sampling = float(pull @ units_covariance(size, error, expected, total) @ pull)
    estimate = Estimate(total, float(np.sqrt(sampling + rates)))
    plain = lists.observed + float(np.exp(naive[0]))
    links, _ = error.matrices(size)
    least = lists.observed if links.min() == 1.0 else max(lists.listed(k) for k in range(size))
    return CorrectedPopulation(
        estimate, plain, float(np.sqrt(sampling)), float(np.sqrt(rates)), expected, model, least
    )


def _composite(
    matrix: Array, columns: Array, cells: NDArray[np.bool_], counts: Array, start: Array
) -> tuple[Array, Array, Array]:
    """Return coefficients, expected true counts, and how far the population moves with each count."""
    at = start.copy()

    def expected(point: Array) -> tuple[Array, Array]:
        mean = np.where(cells, np.exp(np.clip(columns @ point, -MOST_LOG, MOST_LOG)), 0.0)
        return mean, matrix @ mean

    def fit(seen: Array) -> float:
        return float((counts * np.log(np.maximum(seen, 1e-12)) - seen).sum())

    mean, seen = expected(at)
    for _ in range(MOST_STEPS):
        slopes = matrix @ (mean[:, None] * columns)
        weight = 1.0 / np.maximum(seen, 1e-9)
        information = slopes.T @ (weight[:, None] * slopes)
        move = np.linalg.lstsq(information, slopes.T @ (weight * (counts - seen)), rcond=None)[0]
        step, before = 1.0, fit(seen)
        while step > 1e-6:
            trial_mean, trial_seen = expected(at + step * move)
            if np.all(trial_seen > -1e-9) and fit(trial_seen) >= before - 1e-9 * abs(before):
                break
            step /= 2.0
        at, mean, seen = at + step * move, trial_mean, trial_seen
        if np.abs(step * move).max() < 1e-10:
            break
    else:
        raise MethodError(Problem("population.no_convergence"))
    gradient = columns.T @ mean
    gradient[0] += float(np.exp(np.clip(at[0], -MOST_LOG, MOST_LOG)))
    pull = weight * (slopes @ (np.linalg.pinv(information, hermitian=True) @ gradient))
    return at, mean, pull


@dataclass(frozen=True)
class _Fit:
    """What a corrected fit starts from, and is held against: the plain fit of the same model."""

    lists: Lists
    columns: Array
    cells: NDArray[np.bool_]
    plain: Array
    model: str

    def check(self, point: Array, expected: Array) -> None:
        """Raise MethodError where coefficients ran away; `link_bounds.check_fit`."""
        before = np.append(np.exp(self.columns[self.cells] @ self.plain), np.exp(self.plain[0]))
        hidden = np.exp(np.clip(point[0], -MOST_LOG, MOST_LOG))
        link_bounds.check_fit(self.lists, before, np.append(expected[self.cells], hidden), self.model)


def _rates_variance(fit: _Fit, error: LinkageError, start: Array) -> float:
    """Return the variance of the population from the standard errors of the rates.

    Raises:
        MethodError: population.rates_error_too_wide where rates half a standard error off have no estimate.
    """
    size = len(fit.lists.names)
    variance = 0.0
    for name in ("found", "false"):
        rate, spread = (
            np.asarray(getattr(error, name), float),
            np.asarray(getattr(error, f"{name}_error"), float),
        )
        if not np.any(spread > 0):
            continue
        for place in _places(rate, spread, symmetric=name == "found"):
            ends = []
            for side in (-0.5, 0.5):
                moved = rate.copy()
                for one in place:
                    moved[one] = np.clip(rate[one] + side * spread[one], 0.0, 1.0)
                changed = LinkageError(**{"found": error.found, "false": error.false, name: moved})
                try:
                    matrix = transition_matrix(size, changed)
                    link_bounds.check_overlaps(fit.lists, matrix)
                    point, mean, _ = _composite(matrix, fit.columns, fit.cells, fit.lists.counts, start)
                    fit.check(point, mean)
                except MethodError as refused:
                    wide = Problem(
                        "population.rates_error_too_wide", values={"option": f"--links-{name}-error"}
                    )
                    raise MethodError(wide, *refused.problems) from refused
                ends.append(float(mean.sum() + np.exp(point[0])))
            variance += (ends[1] - ends[0]) ** 2
    return variance


def _places(rate: Array, spread: Array, *, symmetric: bool) -> list[list[tuple[int, ...]]]:
    """Return the cells of a rate that move together."""
    if rate.ndim == 0:
        return [[()]]
    pairs = [
        (i, k) for i in range(rate.shape[0]) for k in range(rate.shape[0]) if i != k and spread[i, k] > 0
    ]
    return [[(i, k), (k, i)] for i, k in pairs if i < k] if symmetric else [[pair] for pair in pairs]
