"""Step part: what the accounts leave, sector by sector, for borrowers without data after those with data.

Who reports is no sample: the larger the emission, the likelier a report. So a sector's average is too high (or too low)
for the others, and the account says by how much. The published total follows its method and is not changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.findings import IMPLAUSIBLE_TIMES
from lvshu.finance.methods.residual import Residual, Sectors, residual_times
from lvshu.finance.methods.uncertainty import spread_of

Array = NDArray[np.float64]
Index = NDArray[np.int64]

BETWEEN_CODES = ";"
SERVES, TOO_FEW, EXCEEDS, OTHER_YEAR = "used", "too_few", "exceeds_account", "other_year"
LEAST_WITH_DATA = 3
"""Fewer enterprises with data would be told by the published correction what each of them stated (least_units)."""
ACCOUNT = Query(
    "sector_intensity",
    """
    SELECT gbt4754_division, sector_codes, year, intensity_revenue, standard_error
    FROM sector_intensity
    WHERE scope = 'scope1_2'
    ORDER BY gbt4754_division
    """,
)
OUTPUT = Query("sector_account", "SELECT sector_code, output FROM sector_account ORDER BY sector_code")
ENTERPRISES = Query(
    "entity_emission_estimate",
    """
    SELECT economic.subject_id, economic.intensity_division AS division, economic.emission AS average,
      own.emission AS own, coded.uscc IS NOT NULL AS by_machine
    FROM entity_emission_estimate AS economic
    LEFT JOIN entity_emission_choice AS own
      ON own.method = 'pcaf_2022' AND own.subject_kind = economic.subject_kind
      AND own.subject_id = economic.subject_id AND own.emission > 0 AND NOT own.incomplete
      AND own.calculation_method IN ('verified_report', 'unverified_report', 'energy')
    LEFT JOIN coded_industry AS coded ON coded.uscc = economic.subject_id AND coded.found_by = 'machine'
    WHERE economic.subject_kind = 'entity' AND economic.calculation = 'economic' AND NOT economic.set_aside
      AND economic.intensity_origin = 'accounts' AND economic.emission > 0
    ORDER BY economic.subject_id
    """,
)


@dataclass(frozen=True)
class Remainder:
    """What the accounts leave for enterprises without data.

    The last of the s places is for what belongs to no sector of the accounts: nothing is known of it.

    Attributes:
        place: of the sector of each division.
        found: of each sector.
        average: of each enterprise without data, by its code, what its sector's average gives, tCO2e.
        rest: of such enterprises in the book by sector, shape (s,), tCO2e.
        square: sums of their squares, shape (s,), tCO2e squared.
        spread: variance of an enterprise's emission per emission by the average, dimensionless.
    """

    place: dict[str, int]
    found: Residual
    average: dict[str, float]
    rest: Array
    square: Array
    spread: float

    def places(self, divisions: list[str]) -> Index:
        """Return the place of each division's sector, shape (n,)."""
        return np.array([self.place.get(code, self.rest.size - 1) for code in divisions], dtype=np.int64)

    def within(self, place: Index, emission: Array, average: Array) -> tuple[Array, float]:
        """Return how much less borrowers stray because their sector's remainder is known.

        What one enterprise emits more of a known remainder, the others emit less of.

        Args:
            place: of each borrower's sector, shape (b,).
            emission: of the borrowers in a total, by the sector's average, shape (b,), tCO2e.
            average: of the same enterprises as a whole, shape (b,), tCO2e; 0 where it is not known.

        Returns:
            To be taken off each borrower's part of the total before it strays, shape (b,), tCO2e; standard deviation
            of what the other enterprises of the sectors add, tCO2e.

        Source: residual of a ratio estimator in a finite population, Särndal, Swensson & Wretman (1992), section 5.6.
        """
        found, size = self.found, self.rest.size
        held = np.bincount(place, weights=emission, minlength=size).astype(
            float
        )  # of no borrower a count of integers
        part = found.weight * found.times * _ratio(held, found.left)
        unknown = _ratio(self.square, self.rest) * (found.left - self.rest)
        others = self.square - np.bincount(place, weights=average**2, minlength=size) + unknown
        return part[place] * average, float(np.sqrt(self.spread * (part**2 * np.maximum(others, 0.0)).sum()))


def of_book(context: StepContext) -> Remainder:
    """Return what the accounts leave, and write it by sector."""
    account = context.sql(ACCOUNT).to_pylist()
    output = {row["sector_code"]: float(row["output"]) for row in context.sql(OUTPUT).to_pylist()}
    names = _whole_sectors([row["sector_codes"] for row in account], output)
    nowhere, numbers = len(names), {name: number for number, name in enumerate(names)}
    place = {row["gbt4754_division"]: numbers.get(row["sector_codes"], nowhere) for row in account}
    whole, error, own, average, rest, square, year, count = np.zeros((8, nowhere + 1))
    for row in account:
        if (number := place[row["gbt4754_division"]]) < nowhere:
            produced = sum(output[code] for code in names[number].split(BETWEEN_CODES))
            whole[number] = float(row["intensity_revenue"]) * produced
            error[number] = float(row["standard_error"] or 0.0) * produced
            year[number] = int(row["year"])
    without: dict[str, float] = {}
    ratios: list[float] = []
    for row in context.sql(ENTERPRISES).to_pylist():
        number, by_average = place.get(row["division"], nowhere), float(row["average"])
        if _tells(row, by_average):
            count[number] += 1
            own[number] += float(row["own"])
            average[number] += by_average
            ratios.append(float(row["own"]) / by_average)
        elif row["own"] is None:
            without[row["subject_id"]] = by_average
            rest[number] += by_average
            square[number] += by_average**2
    spread = float(np.var(spread_of(np.array(ratios)), ddof=1)) if len(ratios) > 1 else 0.0
    status = np.select(
        [year != context.settings.year, count < LEAST_WITH_DATA], [OTHER_YEAR, TOO_FEW], SERVES
    )
    asked = np.where(status == SERVES, whole, 0.0)
    found = residual_times(Sectors(asked, error, own, average, rest, square), spread)
    status = np.where((status == SERVES) & ~found.serves, EXCEEDS, status)
    columns = {
        "sector_codes": names, "enterprises": count.astype(int).tolist(), "emission": whole.tolist(),
        "own": own.tolist(), "by_average": average.tolist(), "rest_by_average": rest.tolist(),
        "weight": found.weight.tolist(), "times": found.times.tolist(), "standard_error": found.error.tolist(),
        "status": status.tolist(),
    }  # fmt: skip
    context.write("residual_emission", {name: values[:nowhere] for name, values in columns.items()})
    return Remainder(place, found, without, rest, square, spread)


def _ratio(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def tell(context: StepContext, method: str, by_average: float, change: float) -> None:
    """Tell what the accounts leave for a method's borrowers without data, beside their sectors' average."""
    if by_average <= 0:
        return
    values = {
        "method": method, "emission": f"{by_average:,.0f}", "bias": f"{change:+,.0f}",
        "percent": f"{100 * change / by_average:+.1f}",
    }  # fmt: skip
    context.find(
        Problem("finance.residual_of_accounts", values=values, severity="notice"),
        table="attributed_emission", key=method, amount=change, unit="tCO2e",
    )  # fmt: skip


def _tells(row: dict[str, Any], average: float) -> bool:
    """Return whether an enterprise's own figure can be set beside its sector's average."""
    if row["own"] is None or row["by_machine"]:
        return False
    return bool(1 / IMPLAUSIBLE_TIMES <= float(row["own"]) / average <= IMPLAUSIBLE_TIMES)


def _whole_sectors(codes: list[str], output: dict[str, float]) -> list[str]:
    """Return the sectors, or sets of them, that no other set shares and whose output is known, in order."""
    sets = sorted(set(codes))
    used = Counter(code for one in sets for code in one.split(BETWEEN_CODES))
    return [
        one for one in sets if all(used[code] == 1 and code in output for code in one.split(BETWEEN_CODES))
    ]
