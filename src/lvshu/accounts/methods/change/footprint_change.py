"""The factors of a footprint, ready for structural decomposition: e = s' L y and its refinements.

Letters of the textbook, used in this file only:
    s  direct intensity, (n,), tCO2 (or any unit) per CNY
    A  input coefficients, (n, n), CNY per CNY; L = (I - A)^-1
    y  final demand, (n, c), CNY: n products by c categories
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.change.structural import Evaluate
from lvshu.accounts.methods.leontief import leontief_inverse, leontief_model
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

DETAILS = ("total", "emitter", "product", "category")


@dataclass(frozen=True)
class FootprintYear:
    """One period of a footprint. Both periods stand in one classification and at the prices of one year.

    Attributes:
        intensity: s, shape (n,), unit e.g. tCO2 per CNY.
        coefficients: A, shape (n, n), unit CNY per CNY.
        final_demand: y, shape (n, c), unit CNY.
        population: persons, or None.
        price_year: the year whose prices the money figures stand in, or None where nobody said.

    Source: Miller and Blair (2009), section 13.1.
    """

    intensity: Array
    coefficients: Array
    final_demand: Array
    population: float | None = None
    price_year: int | None = None


@dataclass(frozen=True)
class FootprintFactors:
    """Factors of a footprint in two periods. Returned by `footprint_factors`; give its parts to `shapley`.

    Attributes:
        names: n factors: intensity, technology, and demand as a whole or product_mix, category_mix and demand_level,
            or demand_per_head and population.
        start, end: the factors, shapes as in `evaluate`.
        evaluate: makes the footprint, shape () (total), (n,) (emitter, product) or (c,) (category), unit of s x CNY.
        problems: warnings, e.g. that the price years differ.

    Source: Miller and Blair (2009), section 13.1.
    """

    names: tuple[str, ...]
    start: tuple[Array, ...]
    end: tuple[Array, ...]
    evaluate: Evaluate
    problems: tuple[Problem, ...]


def footprint_factors(
    start: FootprintYear, end: FootprintYear, *, detail: str = "total", demand_parts: bool = True
) -> FootprintFactors:
    """Return the factors of a footprint: intensity, technology, and those of final demand.

    With `demand_parts`, y = product mix x category mix x level; where both years know their population the level is
    demand per head x population. A category that one year does not have takes the other year's product mix, so its
    coming or going is told by the category mix.

    Args:
        start: the first period, arrays of n sectors and c categories, unit CNY and e.g. tCO2 per CNY.
        end: the second period, same shapes.
        detail: "total"; "emitter": by the sector that emits; "product": by the product finally bought; "category".
        demand_parts: whether final demand is split into mix and level.

    Returns:
        The factors; units: mixes none, level and demand per head CNY, population persons.

    Raises:
        MethodError: accounts.decomposition_shapes, accounts.decomposition_detail, accounts.not_productive.

    Source: Miller and Blair (2009), section 13.1; Dietzenbacher and Los (1998).
    """
    if detail not in DETAILS:
        raise MethodError(
            Problem("accounts.decomposition_detail", values={"detail": detail, "known": list(DETAILS)})
        )
    _same_shapes(start, end)
    per_head = start.population is not None and end.population is not None
    names: tuple[str, ...] = ("intensity", "technology")
    sides: list[list[Array]] = [[year.intensity, _inverse(year)] for year in (start, end)]
    if demand_parts:
        names += (
            "product_mix",
            "category_mix",
            *(("demand_per_head", "population") if per_head else ("demand_level",)),
        )
        for side, year, other in zip(sides, (start, end), (end, start), strict=True):
            side += _demand_parts(year, other, per_head)
    else:
        names += ("demand",)
        for side, year in zip(sides, (start, end), strict=True):
            side.append(year.final_demand)

    def evaluate(factors: Sequence[Array]) -> Array:
        intensity, inverse, *rest = factors
        demand = rest[0]
        for part in rest[1:]:
            demand = demand * part
        return _footprint(intensity, inverse, demand, detail)

    return FootprintFactors(names, tuple(sides[0]), tuple(sides[1]), evaluate, price_problems(start, end))


def price_problems(start: FootprintYear, end: FootprintYear) -> tuple[Problem, ...]:
    """Return a warning where the two periods do not stand at the prices of one year.

    Args:
        start: the first period, n sectors, unit CNY.
        end: the second period, n sectors, unit CNY.

    Returns:
        No problem, or one of severity "warning": with prices of two years, inflation is read as technology, demand
        and falling intensity.

    Source: Miller and Blair (2009), section 13.1 (both tables in the prices of one year); Dietzenbacher and Hoen
        (1998), Structural Change and Economic Dynamics 9 (deflation of tables).
    """
    if start.price_year is not None and start.price_year == end.price_year:
        return ()
    return (price_year_problem(start.price_year, end.price_year),)


def price_year_problem(start: int | None, end: int | None) -> Problem:
    """Return the warning about two periods whose price years differ, or that nobody said.

    Args:
        start: price year of the first period; None where it is not known.
        end: of the second.

    Returns:
        A problem of severity warning; no unit.

    Source: as `price_problems`.
    """
    if start is not None and end is not None:
        values: dict[str, object] = {"start": start, "end": end}
        return Problem("accounts.decomposition_prices", values=values, severity="warning")
    if start is None and end is None:
        periods = {"zh": "两期", "en": "either period"}
    elif start is None:
        periods = {"zh": "前一期", "en": "the earlier period"}
    else:
        periods = {"zh": "后一期", "en": "the later period"}
    return Problem(
        "accounts.decomposition_price_year_unknown", values={"periods": periods}, severity="warning"
    )


def technology_parts(
    start: Array, end: Array, groups: Sequence[Sequence[int]], *, by: str = "columns"
) -> list[Array]:
    """Return the change of the Leontief inverse split by groups of columns (or rows) of A that changed.

    L1 - L0 = L1 dA L0 = L0 dA L1; each part takes its own columns of dA in both forms and averages them, so the parts
    sum to the whole change. Give them to `split_term` for the factor "technology".

    Args:
        start: A of the first period, shape (n, n), unit CNY per CNY.
        end: A of the second period, shape (n, n), unit CNY per CNY.
        groups: g lists of sectors, each sector in one of them; e.g. the sectors of each region.
        by: "columns": whose inputs changed; "rows": whose deliveries changed.

    Returns:
        g arrays, shape (n, n), unit CNY per CNY.

    Raises:
        MethodError: accounts.decomposition_groups, when a sector is in no group or in two.

    Source: Miller and Blair (2009), section 13.1.3, eq. 13.12 ff. (dL = L1 dA L0).
    """
    n = len(start)
    counts = np.zeros(n, dtype=np.int64)
    for group in groups:
        np.add.at(counts, np.asarray(group, dtype=np.int64), 1)
    wrong = np.flatnonzero(counts != 1)
    if wrong.size:
        raise MethodError(Problem("accounts.decomposition_groups", values={
            "sectors": [int(i) + 1 for i in wrong[:10]], "count": int(wrong.size)}))  # fmt: skip
    first, last = (leontief_inverse(leontief_model(part)) for part in (start, end))
    change = end - start
    parts = []
    for group in groups:
        own = np.asarray(group, dtype=np.int64)
        if by == "columns":
            part = last @ (change[:, own] @ first[own]) + first @ (change[:, own] @ last[own])
        else:
            part = last[:, own] @ (change[own] @ first) + first[:, own] @ (change[own] @ last)
        parts.append(np.asarray(part / 2.0))
    return parts


def _inverse(year: FootprintYear) -> Array:
    return leontief_inverse(leontief_model(year.coefficients))


def _demand_parts(year: FootprintYear, other: FootprintYear, per_head: bool) -> list[Array]:
    totals, total = year.final_demand.sum(axis=0), year.final_demand.sum()
    other_totals = other.final_demand.sum(axis=0)
    if total == 0.0 or np.any((totals == 0.0) & np.any(year.final_demand != 0.0, axis=0)):
        raise MethodError(Problem("accounts.decomposition_demand", values={"total": float(total)}))
    own = totals != 0.0
    mix = np.where(own, year.final_demand, other.final_demand)
    divisor = np.where(own, totals, other_totals)
    mix = mix / np.where(divisor == 0.0, 1.0, divisor)
    parts = [mix, totals / total]
    if per_head and year.population is not None:
        return [*parts, np.asarray(total / year.population), np.asarray(year.population, dtype=np.float64)]
    return [*parts, np.asarray(total)]


def _footprint(intensity: Array, inverse: Array, demand: Array, detail: str) -> Array:
    if detail == "emitter":
        return np.asarray(intensity * (inverse @ demand.sum(axis=1)))
    multipliers = intensity @ inverse
    if detail == "product":
        return np.asarray(multipliers * demand.sum(axis=1))
    by_category = multipliers @ demand
    return np.asarray(by_category if detail == "category" else by_category.sum())


def _same_shapes(start: FootprintYear, end: FootprintYear) -> None:
    wrong = []
    for name in ("intensity", "coefficients", "final_demand"):
        first, last = np.shape(getattr(start, name)), np.shape(getattr(end, name))
        if first != last:
            wrong.append(Problem("accounts.decomposition_shapes", values={
                "name": name, "start": str(first), "end": str(last), "names": 3}))  # fmt: skip
    if wrong:
        raise MethodError(*wrong)
