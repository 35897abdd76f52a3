"""Domains of the core digital economy: moments of the survey's cells, the classification, parts that count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.money import half_away
from lvshu.statistics.keys import CORE, MAJORS, MILLION
from lvshu.statistics.methods.digital import domain_total, share_of_all
from lvshu.statistics.methods.domain_interval import domain_interval
from lvshu.statistics.methods.domain_variance import Strata, widening
from lvshu.statistics.methods.survey import Estimate, lonely_strata, moment_variance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Total:
    """A total in CNY: the value exact, its standard error and interval in double precision.

    free: degrees of freedom; is_positive: whether no unit of the domain is negative; widened: by what the error is
    multiplied for the interval.
    """

    value: Decimal
    standard_error: float
    free: float
    is_positive: bool
    widened: float = 1.0

    @property
    def low(self) -> float:
        """Return the lower end of the 95 % interval, in CNY."""
        return self.around(float(self.value), self.standard_error)[0]

    @property
    def high(self) -> float:
        """Return the upper end of the 95 % interval, in CNY."""
        return self.around(float(self.value), self.standard_error)[1]

    def around(self, value: float, standard_error: float) -> tuple[float, float]:
        """Return the 95 % interval around another value with another error, both in CNY, this one's widened."""
        own = self.standard_error**2
        error = float(np.sqrt(max(standard_error**2 - own, 0.0) + self.widened**2 * own))
        return domain_interval(value, error, self.free, is_positive=self.is_positive)

    def scaled(self, factor: float) -> Total:
        """Return the total in another unit, `factor` of it for a yuan; the factor is above 0."""
        value = self.value * Decimal(repr(factor))
        return replace(self, value=value, standard_error=self.standard_error * factor)


@dataclass(frozen=True)
class Moments:
    """Cells of the survey: class codes and units, shape (cells,), and strata counts, shape (strata,).

    keys: the strata; raised: factor of each stratum's weights for units that did not answer; negative: units with a
    negative value, shape (cells,); exact: expanded value added of each cell in CNY; first, second: it and the squares
    in million CNY; whole: these of all cells by stratum; waiting: rows of the survey in quarantine, which are in none
    of these.
    """

    keys: list[tuple[str, bool]]
    codes: list[str]
    units: Array
    negative: Array
    exact: list[Decimal]
    stratum: NDArray[np.int64]
    first: Array
    second: Array
    count: Array
    population: Array
    raised: Array
    whole: Strata
    waiting: int = 0

    def units_of(self, inside: NDArray[np.bool_]) -> Array:
        """Return the units of some cells by stratum, shape (strata,), count."""
        chosen = np.where(inside, self.units, 0.0)
        return np.bincount(self.stratum, weights=chosen, minlength=self.count.size).astype(float)

    def total(self, part: Array, *, within: Array | None = None) -> Total:
        """Return the total of a domain: exact in its value, by the moments in its error.

        Args:
            part: of each cell in the domain, shape (cells,), dimensionless.
            within: units by stratum, shape (strata,), of what the domain is a part of; None: all units of the survey.
        """
        found = domain_total(part, self.stratum, self.first, self.second, self.count, self.population)
        cells = zip(part.tolist(), self.exact, strict=True)
        value = sum((Decimal(repr(each)) * amount for each, amount in cells if each), Decimal(0))
        inside = part > 0
        widened, free = self._widening(part, within)
        return Total(
            half_away(value, 6),
            found.standard_error * MILLION,
            free,
            not self.negative[inside].any(),
            widened,
        )

    def _widening(self, part: Array, within: Array | None) -> tuple[float, float]:
        inside, size = part > 0, self.count.size
        sums = self.first * inside, self.second * inside
        own = part * sums[0], part**2 * sums[1]
        first, second = (np.bincount(self.stratum, weights=one, minlength=size).astype(float) for one in own)
        parts = tuple(
            float(some.sum() / every.sum()) if every.sum() > 0 else 1.0
            for some, every in zip(own, sums, strict=True)
        )
        return widening(
            self.units_of(inside), (first, second), self.whole, within=within, parts=(parts[0], parts[1])
        )

    def only(self, kept: NDArray[np.bool_]) -> Moments:
        """Return the moments of some cells, in the same strata."""
        exact = [one for one, is_kept in zip(self.exact, kept, strict=True) if is_kept]
        codes = [one for one, is_kept in zip(self.codes, kept, strict=True) if is_kept]
        return replace(
            self, codes=codes, units=self.units[kept], negative=self.negative[kept], exact=exact,
            stratum=self.stratum[kept], first=self.first[kept], second=self.second[kept],
        )  # fmt: skip

    def lonely_error(self, part: Array) -> float:
        """Return the part of a domain's standard error that comes from strata with one unit, in CNY."""
        size = self.count.size
        first = np.bincount(self.stratum, weights=part * self.first, minlength=size).astype(float)
        second = np.bincount(self.stratum, weights=part**2 * self.second, minlength=size).astype(float)
        kept = ~lonely_strata(self.count, self.population)
        several = moment_variance(self.count[kept], self.population[kept], first[kept], second[kept])
        variance = moment_variance(self.count, self.population, first, second) - several
        return float(np.sqrt(max(variance, 0.0))) * MILLION

    def seen(self, part: Array) -> bool:
        """Return whether a unit of the domain was sampled, or every unit of every stratum was and none waits."""
        if self.units[part > 0].sum():
            return True
        return not self.waiting and bool((self.count >= self.population * (1 - 1e-9)).all())

    def share(self, part: Array) -> Estimate:
        """Return the share of a domain in all value added, in per cent."""
        found = share_of_all(part, self.stratum, self.first, self.second, self.count, self.population)
        return Estimate(found.value * 100, found.standard_error * 100)


def moments_from(
    cells: Sequence[Mapping[str, Any]], *, scale: float = MILLION, waiting: int = 0
) -> tuple[Moments, float]:
    """Return the moments of cells by stratum and class, and how many units did not answer, a count.

    Args:
        cells: rows with the columns of `digital_survey_class`, in the order of strata and classes.
        scale: in what the values stand whose squares `weighted_square` adds up, in the unit of the values.
        waiting: rows of the survey in quarantine, a count.
    """
    keys = sorted({(row["stratum"], row["take_all"]) for row in cells})
    place = {key: number for number, key in enumerate(keys)}
    stratum = np.array([place[(row["stratum"], row["take_all"])] for row in cells], dtype=np.int64)
    column = {
        name: np.array([float(row[name]) for row in cells])
        for name in (
            "units", "answered", "negative", "weight", "weight_answered", "weighted_value_added", "weighted_square",
        )
    }  # fmt: skip
    size = len(keys)
    count, population, answered = (
        np.bincount(stratum, weights=column[name], minlength=size).astype(float)
        for name in ("answered", "weight", "weight_answered")
    )
    raised = np.divide(population, answered, out=np.zeros(size), where=answered > 0)
    factor = raised[stratum]
    exact = [
        row["weighted_value_added"] * (Decimal(1) if each == 1.0 else Decimal(repr(each)))
        for row, each in zip(cells, factor.tolist(), strict=True)
    ]
    negative, first, second = (
        np.bincount(stratum, weights=one, minlength=size).astype(float)
        for one in (
            column["negative"], factor * column["weighted_value_added"] / MILLION,
            factor**2 * column["weighted_square"] * (scale / MILLION) ** 2,
        )
    )  # fmt: skip
    moments = Moments(
        keys=keys,
        codes=[row["class_code"] for row in cells],
        units=column["answered"],
        negative=column["negative"],
        exact=exact,
        stratum=stratum,
        first=factor * column["weighted_value_added"] / MILLION,
        second=factor**2 * column["weighted_square"] * (scale / MILLION) ** 2,
        count=count,
        population=population,
        raised=raised,
        whole=Strata(count, population, first, second, negative == 0),
        waiting=waiting,
    )
    return moments, float((column["units"] - column["answered"]).sum())


@dataclass(frozen=True)
class Classification:
    """The digital classes of each GB/T 4754 class, and the coefficients of the starred ones.

    A whole class has one medium. A starred class may be a part of several; its coefficients add up to one at most.
    """

    medium_of: dict[str, set[str]]
    starred: set[str]
    coefficients: dict[tuple[str, str], float | None]
    rows: list[dict[str, Any]]

    def full(self, codes: list[str], digital: str) -> Array:
        """Return 1 for whole classes below a digital code, shape (cells,)."""
        return np.array([float(self._below(code, digital) and code not in self.starred) for code in codes])

    def upper(self, codes: list[str], digital: str) -> Array:
        """Return 1 for starred classes below a digital code, shape (cells,)."""
        return np.array([float(self._below(code, digital) and code in self.starred) for code in codes])

    def counted(self, codes: list[str], digital: str) -> Array:
        """Return the counted part of starred classes below a digital code, NaN without a coefficient."""
        return np.array([self._part(code, digital) for code in codes])

    def has(self, digital: str, *, starred: bool) -> bool:
        """Return whether the classification has whole, or starred, classes below a digital code."""
        return any(
            self._below(code, digital) and (code in self.starred) == starred for code in self.medium_of
        )

    @property
    def mediums(self) -> tuple[str, ...]:
        """Return the codes of the mediums of the core."""
        return tuple(str(row["code"]) for row in self.rows if row["level"] == "medium")

    def _below(self, code: str, digital: str) -> bool:
        mediums = self.medium_of.get(code, set())
        return any(_inside(medium, digital) for medium in mediums)

    def _part(self, code: str, digital: str) -> float:
        if code not in self.starred or not self._below(code, digital):
            return 0.0
        found = [
            value
            for (minor, listed), value in self.coefficients.items()
            if listed == code and _inside(minor, digital)
        ]
        known = [value for value in found if value is not None]
        return sum(known) if found and len(known) == len(found) else float("nan")


def _inside(code: str, digital: str) -> bool:
    return code[:2] in MAJORS if digital == CORE else code.startswith(digital)
