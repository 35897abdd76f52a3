"""How far single borrowers lie from what their sector's average gives, seen where both are known in this book."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.findings import IMPLAUSIBLE_TIMES
from lvshu.finance.methods.uncertainty import carry_spread, components

Array = NDArray[np.float64]

PAIRS = {
    "economic": Query(
        "attributed_emission",
        """
        SELECT DISTINCT own.subject_kind, own.subject_id, economic.intensity_division AS division,
          ratio(own.entity_emission, economic.emission) AS times
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
        SELECT own.subject_kind, own.subject_id, min(own.gbt4754_division) AS division,
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
    SELECT subject_kind, subject_id, coalesce(min(intensity_division), 'none') AS division, sum(emission) AS emission
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
        emission, division = _columns(context, BY_AVERAGE, "emission", method=method, way=way)
        if not emission.size:
            continue
        times, of = _columns(context, query, "times", method=method)
        kept = (times <= IMPLAUSIBLE_TIMES) & (times >= 1 / IMPLAUSIBLE_TIMES)
        times, of = times[kept], [code for code, keep in zip(of, kept.tolist(), strict=True) if keep]
        pairs[way] = int(times.size)
        single, between = components(times, _places(of))
        total += carry_spread(
            emission, single, context.settings.replicates, context.generator(f"spread.{method}.{way}"),
            group=_places(division), between=between,
        )  # fmt: skip
    return Spread(total, pairs)


def _columns(context: StepContext, query: Query, name: str, **parameters: object) -> tuple[Array, list[str]]:
    """Return the figures of a column, shape (n,), and the division of each."""
    rows = [row for row in context.sql(query, **parameters).to_pylist() if row[name] is not None]
    return np.array([float(row[name]) for row in rows]), [str(row["division"]) for row in rows]


def _places(codes: list[str]) -> NDArray[np.int64]:
    place = {code: number for number, code in enumerate(sorted(set(codes)))}
    return np.array([place[code] for code in codes], dtype=np.int64)
