"""Findings of the digital economy's survey: strata, missing values, coefficients, industries, repeated units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.class_code import CLASSED, UNSTATED
from lvshu.statistics.digital_domain import Classification, Moments
from lvshu.statistics.keys import CORE
from lvshu.statistics.methods.survey import lonely_strata

Array = NDArray[np.float64]

REPEATED = Query(
    "business_survey",
    """
    WITH named AS (
      SELECT
        survey.uscc, survey.value_added, survey.district_code,
        replace(replace(replace(replace(lower(register.name), ' ', ''), '　', ''), '（', '('), '）', ')') AS plain_name
      FROM business_survey AS survey
      JOIN enterprise AS register ON register.uscc = survey.uscc
      WHERE survey.year = :year
    ),
    repeated AS (
      SELECT
        plain_name, district_code, count(*) AS units,
        coalesce(sum(value_added), 0) - coalesce(max(value_added), 0) AS surplus
      FROM named
      WHERE plain_name <> ''
      GROUP BY plain_name, district_code
      HAVING count(*) > 1
    )
    SELECT count(*) AS names, coalesce(sum(units), 0) AS units, coalesce(sum(surplus), 0) AS surplus
    FROM repeated
    """,
)


ASSIGNED = Query(
    "business_survey",
    f"""
    SELECT
      count(*) AS units,
      sum(CASE WHEN assigned.assigned_by = 'reviewed' THEN 1 ELSE 0 END) AS reviewed,
      sum(CASE WHEN assigned.assigned_by = 'linked' THEN 1 ELSE 0 END) AS linked,
      sum(CASE WHEN assigned.assigned_by = 'machine' THEN 1 ELSE 0 END) AS machine,
      sum(CASE WHEN assigned.assigned_by = 'machine' AND coded.decision = 'coded' THEN 1 ELSE 0 END) AS sure,
      sum(CASE WHEN assigned.industry_code IS NULL THEN 1 ELSE 0 END) AS unknown,
      sum(as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE))) AS value_added
    FROM business_survey AS survey
    {CLASSED}
    LEFT JOIN activity_code AS coded ON coded.uscc = survey.uscc
    WHERE survey.year = :year AND {UNSTATED}
    """,
)


def tell_assigned(context: StepContext) -> None:
    """Tell of how many surveyed units people, linked records or the machine give the industry, and of how many none."""
    [found] = context.sql(ASSIGNED, year=context.settings.year).to_pylist()
    if not found["units"]:
        return
    names = ("units", "reviewed", "linked", "machine", "sure", "unknown")
    values = {name: int(found[name] or 0) for name in names}
    severity = "warning" if values["machine"] or values["unknown"] else "notice"
    problem = Problem("statistics.industry_assigned", values=values, severity=severity)
    context.find(problem, table="business_survey", amount=float(found["value_added"] or 0), unit="CNY")


def tell_strata(
    context: StepContext, keys: list[tuple[str, bool]], count: Array, population: Array, missing: float
) -> None:
    """Tell which strata have one unit or no answer, and how many units did not answer."""

    def named(mask: NDArray[np.bool_]) -> str:
        return ", ".join(key[0] for key, there in zip(keys, mask, strict=True) if there)

    lonely, silent = lonely_strata(count, population), count == 0
    if lonely.any():
        values = {"strata": int(lonely.sum()), "names": named(lonely)}
        problem = Problem("statistics.single_unit_stratum", values=values, severity="warning")
        context.find(problem, table="business_survey", amount=float(population[lonely].sum()), unit="1")
    if silent.any():
        problem = Problem("statistics.stratum_silent", values={"names": named(silent)}, severity="warning")
        context.find(problem, table="business_survey", amount=float(population[silent].sum()), unit="1")
    if missing:
        problem = Problem(
            "statistics.value_added_missing", values={"units": int(missing)}, severity="warning"
        )
        context.find(problem, table="business_survey", amount=missing, unit="1")


def tell_partial(context: StepContext, moments: Moments, classes: Classification) -> None:
    """Tell which starred classes observed have no coefficient."""
    missing = np.isnan(classes.counted(moments.codes, CORE))
    if not missing.any():
        return
    bound = moments.total(missing.astype(float))
    names = sorted({code for code, there in zip(moments.codes, missing, strict=True) if there})
    problem = Problem(
        "statistics.partial_not_counted", values={"classes": ", ".join(names)}, severity="notice"
    )
    context.find(problem, table="digital_economy_account", amount=float(bound.value), unit="CNY")


def tell_waiting(context: StepContext, moments: Moments, classes: Classification) -> None:
    """Tell where no row of the core was kept while rows of the survey wait in quarantine: it is not known, not zero."""
    if not moments.waiting or moments.units[classes.full(moments.codes, CORE) > 0].sum():
        return
    problem = Problem("statistics.core_in_quarantine", values={"rows": moments.waiting}, severity="warning")
    context.find(problem, table="business_survey", amount=float(moments.waiting), unit="1")


def tell_mismatch(context: StepContext) -> None:
    """Tell how many units state another industry than the register."""
    for row in context.read("digital_industry_mismatch", order=("change",)).to_pylist():
        problem = Problem(
            f"statistics.industry_{row['change']}", values={"units": row["units"]}, severity="notice"
        )
        amount = None if row["value_added"] is None else float(row["value_added"])
        context.find(problem, table="business_survey", amount=amount, unit="CNY")


def tell_scaled(context: StepContext, classes: dict[str, float]) -> None:
    """Tell which starred classes have coefficients above one in all, with their sums."""
    for code, total in sorted(classes.items()):
        values = {"code": code, "total": f"{total:.4g}"}
        problem = Problem("statistics.coefficients_above_one", values=values, severity="warning")
        context.find(problem, table="digital_economy_account", key=code, amount=total, unit="1")


def tell_repeated(context: StepContext) -> None:
    """Tell how many surveyed units share name and district under different credit codes.

    The amount is their unweighted value added less the largest of each name. A credit code is in the survey once
    a year: its key sees to that.
    """
    [found] = context.sql(REPEATED, year=context.settings.year).to_pylist()
    if found["names"]:
        values = {"names": int(found["names"]), "units": int(found["units"])}
        problem = Problem("statistics.unit_repeated", values=values, severity="notice")
        context.find(problem, table="business_survey", amount=float(found["surplus"]), unit="CNY")
