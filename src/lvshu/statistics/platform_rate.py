"""The rate of value added of internet platforms in the business survey, which turns fees into value added."""

from __future__ import annotations

import numpy as np

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.class_code import CLASSED, STATED_CODE
from lvshu.statistics.methods.domain_ratio import domain_ratio
from lvshu.statistics.survey.estimates import Estimates

PLATFORM_CLASSES = "643"
"""互联网平台, GB/T 4754-2017 group 643: the units whose rate of value added stands for intermediation."""
RATE = Query(
    "business_survey",
    f"""
    WITH unit AS (
      SELECT
        survey.stratum, survey.take_all, survey.weight, survey.value_added, survey.revenue, survey.uscc,
        {STATED_CODE} AS class_code
      FROM business_survey AS survey
      {CLASSED}
      WHERE survey.year = :year
    )
    SELECT
      stratum, take_all, weight, value_added, revenue,
      CASE WHEN substr(class_code, 1, 3) = :classes THEN 1 ELSE 0 END AS inside,
      CASE
        WHEN value_added IS NULL OR revenue IS NULL THEN 0
        WHEN length(class_code) < 3 AND class_code = substr(:classes, 1, length(class_code)) THEN 0
        ELSE 1
      END AS known
    FROM unit
    ORDER BY stratum, take_all, uscc
    """,
)


def rate_of_value_added(context: StepContext) -> Estimates | None:
    """Return value added over revenue of internet platforms in the survey, dimensionless; None without such a unit.

    Codes are those of the survey, failing them of the register, failing them what people found or other sources give
    the linked unit; none that the machine found, whose error this rate does not hold. A unit without an answer, or
    whose code does not tell whether it is a platform, is taken as missing at random within its stratum: the others
    stand for it, and are a sample though all were surveyed.
    """
    if not context.engine.count("business_survey"):
        return None
    table = context.sql(RATE, year=context.settings.year, classes=PLATFORM_CLASSES)
    keys = list(zip(table["stratum"].to_pylist(), table["take_all"].to_pylist(), strict=True))
    number = {key: at for at, key in enumerate(sorted(set(keys)))}
    stratum = np.array([number[key] for key in keys], dtype=np.int64)
    weight = np.array([float(one) for one in table["weight"].to_pylist()])
    known = np.array(table["known"].to_pylist(), dtype=bool)
    inside = np.array(table["inside"].to_pylist(), dtype=np.int64)[known]
    added, revenue = (
        np.array([0.0 if one is None else float(one) for one in table[name].to_pylist()])[known]
        for name in ("value_added", "revenue")
    )
    if not (inside * revenue).any():
        problem = Problem(
            "statistics.platform_no_rate", values={"classes": PLATFORM_CLASSES}, severity="notice"
        )
        context.find(problem, table="platform_economy")
        return None
    population = np.bincount(stratum, weights=weight, minlength=len(number)).astype(float)
    answered = np.bincount(stratum[known], weights=weight[known], minlength=len(number)).astype(float)
    _tell_unknown(context, number, population, answered, int((~known).sum()))
    raised = weight[known] * (population / np.where(answered > 0, answered, 1.0))[stratum[known]]
    return domain_ratio(added, revenue, inside, raised, stratum[known], population)


def _tell_unknown(
    context: StepContext,
    number: dict[tuple[str, bool], int],
    population: np.ndarray,
    answered: np.ndarray,
    unknown: int,
) -> None:
    """Tell units that cannot be said to be platforms or not, and strata of which nothing is known."""
    if not unknown:
        return
    silent = sorted({key[0] for key, at in number.items() if answered[at] == 0 < population[at]})
    values = {"units": unknown, "classes": PLATFORM_CLASSES}
    problem = Problem("statistics.platform_rate_unknown", values=values, severity="notice")
    context.find(problem, table="business_survey", amount=float(unknown), unit="1")
    if silent:
        problem = Problem(
            "statistics.platform_rate_silent", values={"strata": ", ".join(silent)}, severity="warning"
        )
        context.find(problem, table="business_survey", key="stratum")
