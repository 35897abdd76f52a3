"""Fills the core digital economy by district as a model estimates it from the figures that are published of them.

It takes the published value added and errors of the districts, of the hidden ones what is left of the city's figure,
and how many enterprises there are where: whoever knows what is published and the register of enterprises, which the
law makes public, could make these estimates himself, and no hidden figure is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.core.money import half_away, to_decimal
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics import digital_district, small_area
from lvshu.statistics.keys import CORE, TOTAL

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

TABLE = "digital_economy_district_model"
LEAST_AREAS = 5
OWN, REGRESSION = "model_and_direct", "regression"
MODEL, DIRECT = "model", "direct"
PUBLISHED, SMOOTHED = "published", "smoothed"
REGISTER, SURVEY = "register_core", "survey_all"

SIZES = Query(
    TABLE,
    """
    SELECT district_code, sum(surveyed) AS surveyed, sum(registered) AS registered
    FROM (
      SELECT
        coalesce(survey.district_code, register.district_code, 'unknown') AS district_code,
        as_quantity(CAST(survey.weight AS DOUBLE)) AS surveyed,
        0 AS registered
      FROM business_survey AS survey
      LEFT JOIN enterprise AS register ON register.uscc = survey.uscc
      WHERE survey.year = :year
      UNION ALL
      SELECT
        coalesce(district_code, 'unknown') AS district_code,
        as_quantity(CAST(0 AS DOUBLE)) AS surveyed,
        1 AS registered
      FROM enterprise
      WHERE NOT coalesce(overseas, false) AND industry_code IN (
        SELECT gbt4754_code FROM pack_digital_economy_2021_codes
        WHERE major IN ('01', '02', '03', '04') AND NOT partial
      )
    ) AS counted
    GROUP BY district_code
    ORDER BY district_code
    """,
)


@dataclass(frozen=True)
class Districts:
    """What is known of the districts; arrays of shape (m,).

    codes: of the districts; status: of their figures in `digital_economy_district`; direct: value added, in CNY, NaN
    where not shown; error: its published standard error, in CNY, NaN where not shown; total, total_error: the city's
    figure and its standard error, in CNY, NaN where not shown.
    """

    codes: tuple[str, ...]
    status: tuple[str, ...]
    direct: Array
    error: Array
    total: Decimal | None
    total_error: float

    @property
    def shown(self) -> Flags:
        """Return which districts' figures are shown, shape (m,)."""
        return np.isfinite(self.direct)

    @property
    def left(self) -> float:
        """Return what is left of the city's figure for the districts that are not shown, in CNY; no less than 0."""
        left = float(self.total or 0) - float(self.direct[self.shown].sum())
        return max(left, 0.0) if not self.shown.all() else 0.0

    @property
    def spread(self) -> float:
        """Return variance over value added, common to the districts whose error is not shown, in CNY.

        The larger of the city's and of that of the districts with a published error, on the safe side: districts that
        are mostly surveyed in full make the city's small. NaN where neither has a published error.
        """
        exact = np.isfinite(self.error)
        base, squares = float(self.direct[exact].sum()), float((self.error[exact] ** 2).sum())
        found = [squares / base] if base > 0 else []
        if np.isfinite(self.total_error) and self.total:
            found.append(float(self.total_error**2 / float(self.total)))
        return max(found, default=float("nan"))

    @property
    def direct_error(self) -> Array:
        """Return standard errors of the shown figures, in CNY: the published one, else by the common spread."""
        smoothed = np.sqrt(self.spread * np.where(self.shown, self.direct, np.nan))
        return np.where(np.isfinite(self.error), self.error, smoothed)


def make(context: StepContext) -> None:
    """Fill `digital_economy_district_model`, or tell why the published figures carry no model."""
    where = f"class_code = '{CORE}'"
    rows = context.read(digital_district.TABLE, where=where, order=("district_code",)).to_pylist()
    known = districts(rows)
    counted = {
        row["district_code"]: row for row in context.sql(SIZES, year=context.settings.year).to_pylist()
    }
    if not carries(known):
        values = {
            "areas": int(known.shown.sum()), "least": LEAST_AREAS,
            "negative": int((known.direct[known.shown] <= 0).sum()),
        }  # fmt: skip
        context.find(Problem("statistics.digital_model_none", values=values, severity="notice"), table=TABLE)
        return
    auxiliary, sizes = _sizes(known, counted)
    found = estimate(known, sizes, context.generator(TABLE))
    made = rows_of(known, auxiliary, sizes, found)
    context.write(TABLE, {name: [row[name] for row in made] for name in made[0]})


def districts(rows: Sequence[Mapping[str, Any]]) -> Districts:
    """Return what the published rows of the core tell of the districts and of the city."""
    of_city = next((row for row in rows if row["district_code"] == TOTAL), None)
    own = [row for row in rows if row["district_code"] != TOTAL]

    def figures(name: str) -> Array:
        return np.array([float("nan") if row[name] is None else float(row[name]) for row in own], dtype=float)

    error = None if of_city is None else of_city["standard_error"]
    return Districts(
        tuple(row["district_code"] for row in own), tuple(row["status"] for row in own), figures("value_added"),
        figures("standard_error"), None if of_city is None else of_city["value_added"],
        float("nan") if error is None else float(error),
    )  # fmt: skip


def carries(known: Districts) -> bool:
    """Return whether the published figures carry a model: enough of them, all above zero, with an error and a total."""
    shown = known.direct[known.shown]
    return bool(shown.size >= LEAST_AREAS and (shown > 0).all() and known.total and np.isfinite(known.spread))


def estimate(known: Districts, sizes: Array, generator: np.random.Generator) -> small_area.LogAreas:
    """Return the districts' value added by the model, made to add up to the city's, in CNY.

    Args:
        known: of the districts.
        sizes: shape (m,), enterprises, count.
        generator: of the draws.
    """
    relative = (known.direct_error / known.direct) ** 2
    rest = known.spread / known.left if known.left > 0 else float("nan")
    total = float(known.total or 0)
    return small_area.log_pooled(known.direct, relative, sizes, known.shown, total, rest, generator)


def _sizes(known: Districts, counted: Mapping[str, Mapping[str, Any]]) -> tuple[str, Array]:
    """Return the enterprises by district and whose count it is: the register's of the core's classes, where it has
    some in every district, else all that the survey stands for."""
    rows = [counted[code] for code in known.codes]
    registered = np.array([float(row["registered"]) for row in rows])
    if (registered > 0).all():
        return REGISTER, registered
    return SURVEY, np.array([float(row["surveyed"]) for row in rows])


def rows_of(
    known: Districts, auxiliary: str, sizes: Array, found: small_area.LogAreas
) -> list[dict[str, Any]]:
    """Return the rows of the table; value added adds up to the city's figure to the fen."""
    value = _exact(found.made, half_away(known.total or Decimal(0), 2))
    error = known.direct_error
    made = []
    for at, code in enumerate(known.codes):
        is_shown = bool(known.shown[at])
        better = MODEL if found.errors[at] < error[at] else DIRECT
        basis = PUBLISHED if np.isfinite(known.error[at]) else SMOOTHED
        made.append({
            "district_code": code, "estimator": OWN if is_shown else REGRESSION, "auxiliary": auxiliary,
            "enterprises": float(sizes[at]), "value_added": value[at],
            "standard_error": to_decimal(found.errors[at], 2), "low": to_decimal(found.low[at], 2),
            "high": to_decimal(found.high[at], 2), "before_benchmark": to_decimal(found.estimates[at], 2),
            "direct_weight": float(found.weight[at]), "direct_status": known.status[at],
            "direct_value": to_decimal(known.direct[at], 2) if is_shown else None,
            "direct_error_basis": basis if is_shown else None,
            "direct_error": to_decimal(error[at], 2) if is_shown else None, "better": better if is_shown else None,
        })  # fmt: skip
    return made


def _exact(values: Array, total: Decimal) -> list[Decimal]:
    """Return values in fen that add up to the total: what rounding leaves goes to the largest."""
    made = [to_decimal(value, 2) for value in values.tolist()]
    largest = int(np.argmax(values))
    made[largest] += total - sum(made, Decimal(0))
    return made
