"""What a population corrected for linkage error can be: overlaps within the lists, a fit that settles, an interval."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.population.lists import Lists

Array = NDArray[np.float64]

NEAR = 1e-9
"""Share of a list within which an overlap counts as at its bound: rounding of the inverse, dimensionless."""
FEWEST = 1e-6
"""Expected persons below which a part of the model has run away, count; as the ends of profile intervals."""
FALL = 1e3
"""Times by which a combination's persons fall from the plain fit to count as run away, dimensionless."""
MOST = 1e6
"""Times the units seen above which the number on no list has run away, dimensionless; as for profile intervals."""


def told(count: float) -> float:
    """Return a count as messages show it: to one decimal, and without decimals where it has none.

    Args:
        count: any number of persons, count.

    Returns:
        The count, a scalar.

    Source: none; display.
    """
    shown = round(float(count), 1)
    return int(shown) if shown.is_integer() else shown


def check_overlaps(lists: Lists, matrix: Array) -> None:
    """Refuse link rates that no overlap of the lists can have made.

    Args:
        lists: counts after linkage.
        matrix: `transition_matrix` of the rates.

    Returns:
        Nothing.

    Raises:
        MethodError: for every pair of lists whose overlap, moved back by the inverse of the matrix, is below zero (of
            two lists: not above it) or larger than the shorter list.

    Source: E(y*) = T y, de Wolf, van der Laan & Zult (2019), Journal of Official Statistics 35; for two lists the
    same as Ding & Fienberg (1994).
    """
    back = lists.with_counts(np.asarray(np.linalg.solve(matrix, lists.counts), dtype=np.float64))
    problems = []
    for first, second in combinations(range(len(lists.names)), 2):
        overlap, most = back.overlap(first, second), min(lists.listed(first), lists.listed(second))
        names = f"{lists.names[first]}, {lists.names[second]}"
        linked, near = told(lists.overlap(first, second)), NEAR * most
        if overlap < -near or (len(lists.names) == 2 and overlap <= near):
            values = {"lists": names, "linked": linked, "left": told(overlap)}
            problems.append(Problem("population.no_overlap_left", values=values))
        elif overlap > most + near:
            values = {"lists": names, "linked": linked, "asked": told(overlap), "most": told(most)}
            problems.append(Problem("population.more_links_than_records", values=values))
    if problems:
        raise MethodError(*problems)


def check_fit(lists: Lists, plain: Array, found: Array, model: str) -> None:
    """Refuse a fit whose coefficients ran away, and a population that is smaller than a list.

    Args:
        lists: counts after linkage.
        plain: shape (cells,), persons of each combination and on no list that the fit without correction expects.
        found: shape (cells,), the same of the corrected fit, count.
        model: its name.

    Returns:
        Nothing.

    Raises:
        MethodError: population.fit_at_edge: no persons left in a combination where the plain fit has some, no end to
            those on no list, or fewer persons than on the largest list.

    Source: an estimate exists only where no expected count goes to zero, Fienberg & Rinaldo (2012), Annals of
    Statistics 40.
    """
    largest = max(lists.listed(k) for k in range(len(lists.names)))
    gone = (found < FEWEST) & (plain > FEWEST * FALL)
    endless = not np.isfinite(found).all() or float(found[-1]) > MOST * lists.observed
    if endless or gone.any() or float(found.sum()) < largest * (1.0 - NEAR):
        raise MethodError(Problem("population.fit_at_edge", values={"model": model}))


def interval(value: float, standard_error: float, least: float, level: float = 0.95) -> tuple[float, float]:
    """Return an interval of a population that cannot be smaller than what is known to be there.

    The number beyond `least` is taken as lognormal, so that the lower end never lies below it.

    Args:
        value: the population, count.
        standard_error: of it, count.
        least: persons that are there for certain, count.
        level: of the interval, dimensionless.

    Returns:
        Lower and upper end, count.

    Source: Chao (1987), Biometrics 43.
    """
    z = float(stats.norm.ppf(0.5 + level / 2.0))
    beyond = value - least
    if beyond <= NEAR * value:
        return least, value + z * standard_error
    factor = float(np.exp(z * np.sqrt(np.log1p((standard_error / beyond) ** 2))))
    return least + beyond / factor, least + beyond * factor
