"""Checks of a transition plan against false transition, on plain figures. No threshold is used where none is known.

Source: the four signs of false transition asked of Shanghai's transition finance catalogue (2023) as a linked
indicator: base year chosen, intensity down while the total rises, spending against plan, scope. The rules by which
each is told are this project's own and stated at each function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

CLEAR, FLAGGED, NO_EVIDENCE = "clear", "flagged", "no_evidence"
FEWEST_YEARS = 3


@dataclass(frozen=True)
class Check:
    """Result of one check. Returned by every check here; measure is dimensionless, None where there is no evidence.

    years: the years whose figures decided, shape (n,).

    Source: this module's header.
    """

    result: str
    measure: float | None
    years: tuple[int, ...]


def base_year_check(values: Mapping[int, float], base_year: int, *, lower_is_better: bool = True) -> Check:
    """Return whether the base year is the worst of all recorded years, which makes any plan look good.

    Args:
        values: indicator by year, count n, unit of the indicator.
        base_year: the plan's base year.
        lower_is_better: which way is better.

    Returns:
        Flagged where the base year is strictly worse than every other year, of three years at least; measure = base
        value / mean of the other years − 1 (dimensionless).

    Source:
        Own rule: rank, not a threshold.
    """
    others = [value for year, value in values.items() if year != base_year]
    if base_year not in values or len(others) < FEWEST_YEARS - 1:
        return Check(NO_EVIDENCE, None, tuple(sorted(values)))
    base, mean = values[base_year], float(np.mean(others))
    worst = all(base > value if lower_is_better else base < value for value in others)
    measure = base / mean - 1 if mean else None
    return Check(FLAGGED if worst else CLEAR, measure, tuple(sorted(values)))


def absolute_rise_check(
    values: Mapping[int, float],
    emissions: Mapping[int, float],
    base_year: int,
    *,
    lower_is_better: bool = True,
) -> Check:
    """Return whether the indicator got better since the base year while total emission rose.

    Args:
        values: indicator by year, count n, unit of the indicator.
        emissions: total emission by year, unit tCO2.
        base_year: the plan's base year.
        lower_is_better: which way is better.

    Returns:
        Flagged where the indicator is better and emission higher in the latest year that has both; measure = change
        of emission, dimensionless (0.1 is ten percent more).

    Source:
        This module's header.
    """
    both = sorted(year for year in values if year in emissions and year > base_year)
    if not both or base_year not in values or base_year not in emissions:
        return Check(NO_EVIDENCE, None, tuple(both))
    last = both[-1]
    change = values[last] - values[base_year]
    better = change < 0 if lower_is_better else change > 0
    rise = emissions[last] - emissions[base_year]
    measure = rise / emissions[base_year] if emissions[base_year] else None
    return Check(FLAGGED if better and rise > 0 else CLEAR, measure, (base_year, last))


def spending_check(planned: Mapping[int, float], actual: Mapping[int, float]) -> Check:
    """Return whether less was spent on the transition than planned, over the years that have both figures.

    Args:
        planned: planned spending by year, unit CNY.
        actual: actual spending by year, unit CNY.

    Returns:
        Flagged where actual is below plan or nothing was planned; measure = actual / planned, dimensionless.

    Source:
        Own rule: any shortfall is shown, with its size; what is small is for the reader to judge.
    """
    years = sorted(year for year in planned if year in actual)
    if not years:
        return Check(NO_EVIDENCE, None, ())
    wanted, done = sum(planned[year] for year in years), sum(actual[year] for year in years)
    if wanted <= 0:
        return Check(FLAGGED, None, tuple(years))
    return Check(FLAGGED if done < wanted else CLEAR, done / wanted, tuple(years))


def boundary_check(boundaries: Mapping[int, str]) -> Check:
    """Return whether the boundary (sites, scopes, sources) is the same in all years.

    Args:
        boundaries: the boundary in words by year, count n; plan and record together.

    Returns:
        Flagged where the words differ; measure = how many different boundaries there are, a count.

    Source:
        This module's header; words are compared without blanks, not understood.
    """
    if len(boundaries) < 2:
        return Check(NO_EVIDENCE, None, tuple(sorted(boundaries)))
    different = len({"".join(text.split()) for text in boundaries.values()})
    return Check(FLAGGED if different > 1 else CLEAR, float(different), tuple(sorted(boundaries)))


def no_change_check(
    planned: Mapping[int, float], values: Mapping[int, float], base_year: int, *, lower_is_better: bool = True
) -> Check:
    """Return whether the plan improves the indicator at all over its base year.

    Args:
        planned: planned indicator by year, unit of the indicator.
        values: recorded indicator by year, same unit.
        base_year: the plan's base year.
        lower_is_better: which way is better.

    Returns:
        Flagged where the last planned value is not better than that of the base year; measure = planned change,
        dimensionless.

    Source:
        This module's header.
    """
    base = values.get(base_year, planned.get(base_year))
    later = sorted(year for year in planned if year > base_year)
    if base is None or not later:
        return Check(NO_EVIDENCE, None, tuple(later))
    change = planned[later[-1]] - base
    better = change < 0 if lower_is_better else change > 0
    return Check(CLEAR if better else FLAGGED, change / base if base else None, (base_year, later[-1]))
