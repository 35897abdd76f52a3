"""Fills `digital_core_replicate` and `digital_division`: bootstrap replicates of the core, for later chains."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lvshu.core.money import half_away
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.class_code import CLASS_CODE, CLASSED
from lvshu.statistics.digital_domain import Classification, Moments
from lvshu.statistics.keys import CORE, MILLION
from lvshu.statistics.methods.bootstrap import replicate_domain_totals

Array = NDArray[np.float64]

WHOLE, COUNTED = "whole", "counted"
"""Whole classes only; whole classes with the counted part of starred ones."""

UNITS = Query(
    "digital_core_replicate",
    f"""
    SELECT
      survey.stratum, survey.take_all,
      {CLASS_CODE} AS class_code,
      as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE)) AS weighted_value
    FROM business_survey AS survey
    {CLASSED}
    JOIN (
      SELECT DISTINCT gbt4754_code
      FROM pack_digital_economy_2021_codes
      WHERE major IN ('01', '02', '03', '04')
    ) AS listed ON listed.gbt4754_code
      = {CLASS_CODE}
    WHERE survey.year = :year AND survey.value_added IS NOT NULL
    ORDER BY survey.stratum, survey.take_all, class_code, weighted_value
    """,
)


def replicates(
    context: StepContext, moments: Moments, classes: Classification, product: float, *, known: Collection[str]
) -> dict[str, Array]:
    """Fill the table; return the replicates of value added in CNY by definition, shape (replicates,).

    Args:
        context: of the step.
        moments: cells of the survey.
        classes: the classification with its coefficients.
        product: gross domestic product in CNY; 0 where it is not known.
        known: definitions of which the core has a figure; the others have no replicates.
    """
    whole = classes.full(moments.codes, CORE)
    parts = {WHOLE: whole, COUNTED: whole + np.nan_to_num(classes.counted(moments.codes, CORE))}
    parts = {code: part for code, part in parts.items() if code in known}
    count = context.settings.replicates
    by_division = _divisions(moments, whole)
    drawn = _drawn(context, moments, {**parts, **by_division}, count)
    alone = context.generator("digital_core_single_units").standard_normal(count)
    found: dict[str, Array] = {}
    for place, (code, part) in enumerate(parts.items()):
        found[code] = drawn[:, place] * MILLION + alone * moments.lonely_error(part)
        context.write(
            "digital_core_replicate",
            {
                "definition_code": [code] * count,
                "replicate": list(range(1, count + 1)),
                "value_added": [float(each) for each in found[code]],
                "share_of_product": [float(100 * each / product) if product > 0 else None for each in found[code]],
            },
        )  # fmt: skip
    _write_divisions(context, moments, by_division, drawn[:, len(parts) :], alone)
    return found


def _divisions(moments: Moments, whole: Array) -> dict[str, Array]:
    """Return by division of GB/T 4754 the part with which each cell's class counts, shape (cells,)."""
    division = np.array([code[:2] for code in moments.codes])
    return {str(one): whole * (division == one) for one in sorted(set(division[whole > 0].tolist()))}


def _write_divisions(
    context: StepContext, moments: Moments, by_division: dict[str, Array], drawn: Array, alone: Array
) -> None:
    """Fill `digital_division` and its replicates, the same draws as those of the core."""
    count = drawn.shape[0]
    for place, (division, part) in enumerate(by_division.items()):
        total = moments.total(part)
        error = half_away(Decimal(repr(total.standard_error)), 2)
        context.write(
            "digital_division",
            {
                "gbt4754_division": [division],
                "value_added": [half_away(total.value, 2)],
                "standard_error": [error],
            },
        )
        values = drawn[:, place] * MILLION + alone * moments.lonely_error(part)
        context.write(
            "digital_division_replicate",
            {
                "gbt4754_division": [division] * count,
                "replicate": list(range(1, count + 1)),
                "value_added": values.tolist(),
            },
        )


def _drawn(context: StepContext, moments: Moments, parts: dict[str, Array], count: int) -> Array:
    """Return the replicates in million CNY, shape (replicates, definitions)."""
    table = context.sql(UNITS, year=context.settings.year)
    rows = [table.column(name).to_pylist() for name in ("stratum", "take_all", "class_code")]
    place = {key: number for number, key in enumerate(moments.keys)}
    stratum = np.array([place[key] for key in zip(rows[0], rows[1], strict=True)], dtype=np.int64)
    values = np.array([float(each) for each in table.column("weighted_value").to_pylist()])
    values = values * moments.raised[stratum] / MILLION if values.size else values
    weights = np.empty((values.size, len(parts)))
    for column, part in enumerate(parts.values()):
        of_class = dict(zip(moments.codes, part.tolist(), strict=True))
        weights[:, column] = [of_class[code] for code in rows[2]]
    return replicate_domain_totals(
        weights * values[:, None], stratum, moments.count, moments.population, count,
        context.generator("digital_core"),
    )  # fmt: skip
