"""How far single borrowers lie from what their sector's average gives, seen where both are known in this book."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.findings import IMPLAUSIBLE_TIMES
from lvshu.finance.methods.uncertainty import carry_spread, spread_of

Array = NDArray[np.float64]

PAIRS = {
    "economic": Query(
        "attributed_emission",
        """
        SELECT DISTINCT own.subject_kind, own.subject_id, ratio(own.entity_emission, economic.emission) AS times
        FROM attributed_emission AS own
        JOIN entity_emission_estimate AS economic
          ON economic.subject_kind = own.subject_kind AND economic.subject_id = own.subject_id
          AND economic.calculation = 'economic' AND NOT economic.set_aside AND economic.emission > 0
        LEFT JOIN coded_industry AS coded
          ON own.subject_kind = 'entity' AND coded.uscc = own.subject_id AND coded.found_by = 'machine'
        WHERE coded.uscc IS NULL AND own.method = :method AND own.entity_emission > 0
          AND own.calculation_method IN ('verified_report', 'unverified_report', 'energy')
        ORDER BY own.subject_kind, own.subject_id
        """,
    ),
    "fallback": Query(
        "attributed_emission",
        """
        SELECT own.subject_kind, own.subject_id,
          ratio(sum(own.emission), sum(as_quantity(CAST(own.exposure AS DOUBLE) * factor.factor))) AS times
        FROM attributed_emission AS own
        JOIN sector_balance_factor AS factor ON factor.gbt4754_division = own.gbt4754_division
        WHERE own.method = :method AND own.subject_kind = 'entity' AND own.emission > 0 AND own.exposure > 0
          AND factor.factor > 0
          AND own.calculation_method IN ('verified_report', 'unverified_report', 'energy')
        GROUP BY own.subject_kind, own.subject_id
        ORDER BY own.subject_kind, own.subject_id
        """,
    ),
}
BY_AVERAGE = Query(
    "attributed_emission",
    """
    SELECT subject_kind, subject_id, sum(emission) AS emission
    FROM attributed_emission
    WHERE method = :method AND subject_kind = 'entity' AND calculation_method = :way AND emission > 0
    GROUP BY subject_kind, subject_id
    ORDER BY subject_kind, subject_id
    """,
)


@dataclass(frozen=True)
class Spread:
    """What the differences between borrowers and their sector's average do to a method's total.

    deviation: replicates, shape (r,), tCO2e; pairs: borrowers with both figures, by way of estimating.
    """

    deviation: Array
    pairs: dict[str, int]


def of_method(context: StepContext, method: str) -> Spread:
    """Return the deviations of a method's total that come from borrowers unlike their sector's average."""
    total = np.zeros(context.settings.replicates)
    pairs: dict[str, int] = {}
    for way, query in PAIRS.items():
        emission = _column(context, BY_AVERAGE, "emission", method=method, way=way)
        if not emission.size:
            continue
        times = _column(context, query, "times", method=method)
        plausible = times[(times <= IMPLAUSIBLE_TIMES) & (times >= 1 / IMPLAUSIBLE_TIMES)]
        pairs[way] = int(plausible.size)
        generator = context.generator(f"spread.{method}.{way}")
        total += carry_spread(emission, spread_of(plausible), context.settings.replicates, generator)
    return Spread(total, pairs)


def _column(context: StepContext, query: Query, name: str, **parameters: object) -> Array:
    values = context.sql(query, **parameters).column(name).to_pylist()
    return np.array([float(value) for value in values if value is not None])
