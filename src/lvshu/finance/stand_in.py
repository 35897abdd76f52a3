"""Project loans whose project has no data: how far what stands in for it lies from projects that have some.

A method counts such loans with the borrower, or by balance and sector factor. The book's own projects with a report or
energy data, estimated the same way, show what that gets wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.findings import IMPLAUSIBLE_TIMES
from lvshu.finance.methods.stand_in import stand_in_error

Array = NDArray[np.float64]

WAYS = ("borrower", "fallback")
TOLD = {"borrower": "project_by_borrower", "fallback": "project_by_factor"}
PAIRS = Query(
    "attributed_emission",
    """
    SELECT own.subject_id, own.loan_id, own.emission AS own,
      as_quantity(CAST(own.exposure AS DOUBLE) * factor.factor) AS fallback,
      as_quantity(CAST(choice.emission AS DOUBLE) * ratio(own.exposure, CASE
        WHEN method.non_project_denominator = 'average_total_assets'
          THEN CAST(capital.average_total_assets AS DECIMAL(24,3))
        WHEN method.non_project_denominator = 'main_business_revenue'
          THEN CAST(capital.main_business_revenue AS DECIMAL(24,3))
        ELSE CAST(capital.value_or_capital AS DECIMAL(24,3)) END)) AS borrower
    FROM attributed_emission AS own
    JOIN loan_subject AS loan ON loan.loan_id = own.loan_id
    JOIN pack_finance_methods AS method ON method.code = own.method
    LEFT JOIN sector_balance_factor AS factor ON factor.gbt4754_division = own.gbt4754_division
    LEFT JOIN entity_emission_choice AS choice
      ON choice.method = own.method AND choice.subject_kind = 'entity' AND choice.subject_id = loan.uscc
    LEFT JOIN company_capital AS capital ON capital.uscc = loan.uscc
    WHERE own.method = :method AND own.subject_kind = 'project' AND own.emission > 0
      AND own.calculation_method IN ('verified_report', 'unverified_report', 'energy', 'product')
    ORDER BY own.subject_id, own.loan_id
    """,
)
COUNTED = Query(
    "attributed_emission",
    """
    SELECT
      CASE WHEN counted.calculation_method = 'fallback' THEN 'fallback' ELSE 'borrower' END AS way,
      loan.subject_id,
      sum(counted.emission) AS emission
    FROM attributed_emission AS counted
    JOIN loan_subject AS loan ON loan.loan_id = counted.loan_id AND loan.subject_kind = 'project'
    WHERE counted.method = :method AND counted.emission > 0
      AND (counted.subject_kind = 'entity' OR counted.calculation_method = 'fallback')
    GROUP BY CASE WHEN counted.calculation_method = 'fallback' THEN 'fallback' ELSE 'borrower' END, loan.subject_id
    ORDER BY way, loan.subject_id
    """,
)


@dataclass(frozen=True)
class StandIn:
    """What projects with data show of those without, in a method's total.

    Attributes:
        deviation: replicates around the bias, shape (r,), tCO2e.
        bias: what the stand-in lies off on average (to be added to the total), tCO2e.
        emission: counted by stand-in, tCO2e.
        known: of that, what projects with data tell of, tCO2e.
        projects: with data that tell, by way.
    """

    deviation: Array
    bias: float
    emission: float
    known: float
    projects: Mapping[str, int]


def of_method(context: StepContext, method: str) -> StandIn:
    """Return what the stand-ins of a method's project loans without data get wrong."""
    counted = context.sql(COUNTED, method=method).to_pylist()
    pairs = context.sql(PAIRS, method=method).to_pylist() if counted else []
    deviation, bias, known, projects = np.zeros(context.settings.replicates), 0.0, 0.0, {}
    for way in WAYS:
        emission = np.array([float(row["emission"]) for row in counted if row["way"] == way])
        own, other = _by_project(pairs, way)
        if not emission.size or own.size < 2:
            continue
        made = stand_in_error(
            emission, own, other, context.settings.replicates, context.generator(f"stand_in.{method}.{way}")
        )
        bias, deviation = bias + made[0], deviation + made[1]
        _tell(context, method, way, float(emission.sum()), own, other, made[0])
        known += float(emission.sum())
        projects[way] = int(own.size)
    return StandIn(deviation, bias, sum(float(row["emission"]) for row in counted), known, projects)


def _tell(
    context: StepContext, method: str, way: str, emission: float, own: Array, other: Array, bias: float
) -> None:
    """Tell how far projects with data lie from what would stand in for them."""
    if bias == 0:
        return
    values = {
        "method": method, "projects": own.size, "own": f"{own.sum():,.0f}", "other": f"{other.sum():,.0f}",
        "emission": f"{emission:,.0f}", "bias": f"{bias:+,.0f}",
    }  # fmt: skip
    context.find(
        Problem(f"finance.{TOLD[way]}", values=values, severity="notice"),
        table="attributed_emission", key=f"{method} | {way}", amount=bias, unit="tCO2e",
    )  # fmt: skip


def _by_project(rows: list[dict[str, object]], way: str) -> tuple[Array, Array]:
    """Return what each project with data emits in the total and what the stand-in would give, both shape (p,), tCO2e.

    Projects a hundred times off are left out: they are told as implausible, not taken as evidence.
    """
    found: dict[object, list[float]] = {}
    for row in rows:
        if row[way] is not None and float(str(row[way])) > 0:
            both = found.setdefault(row["subject_id"], [0.0, 0.0])
            both[0] += float(str(row["own"]))
            both[1] += float(str(row[way]))
    pairs = np.array(list(found.values())).reshape(-1, 2)
    times = pairs[:, 0] / pairs[:, 1]
    kept = pairs[(times <= IMPLAUSIBLE_TIMES) & (times >= 1 / IMPLAUSIBLE_TIMES)]
    return kept[:, 0], kept[:, 1]
