"""Fills `flexible_employment_month`: every definition month by month, and how it changed with an error of its own.

Each month is estimated as the year is; the year is the mean of its surveyed months in every definition that is a sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.reinterview import Checked, checked
from lvshu.statistics.employment import (
    LABELS,
    SURVEY,
    Survey,
    cluster_rows,
    definition_rows,
    outside,
    survey_by_month,
)
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.methods.survey import NORMAL_95, clustered_variance
from lvshu.statistics.survey.change import change
from lvshu.statistics.survey.design import Design, design

Array = NDArray[np.float64]

TABLE = "flexible_employment_month"
ESTIMATED, NOT_SURVEYED, WITHOUT_REGISTER = "estimated", "not_surveyed", "without_register"
REGISTER, HEADLINE, AS_LINKED = "register_platform", "corrected_total", "corrected_as_linked"
FIGURES = (
    "sampled_persons", "persons", "standard_error", "low", "high", "share_of_employment", "share_standard_error",
    "full_time_equivalent",
)  # fmt: skip
CHANGES = ("change", "change_standard_error", "change_low", "change_high", "common_clusters")


def make(context: StepContext) -> None:
    """Fill the table for the months that were surveyed or in the platforms' register, and tell which were not."""
    surveys = survey_by_month(cluster_rows(context))
    register = _register(context)
    again = checked(context, tell=False) if register else None
    about_platform = checked(context, tell=False, about="platform") if register else None
    rows: list[dict[str, Any]] = []
    for month in sorted({*surveys, *register}):
        survey = surveys.get(month)
        own = _only_register(register[month]) if survey is None else definition_rows(
            survey, register.get(month), again, about_platform
        )  # fmt: skip
        if survey is not None and month not in register and register:
            own.append(_absent(HEADLINE, "register_and_survey", WITHOUT_REGISTER))
        before = _before(month)
        moved = _changes(surveys.get(before), survey, register.get(before), register.get(month), again)
        nothing = dict.fromkeys(CHANGES)
        rows += [{**row, "month": month, **moved.get(row["definition_code"], nothing)} for row in own]
    names = ("month", "definition_code", "label_zh", "label_en", "method", "status", *FIGURES, *CHANGES)
    context.write(TABLE, {name: [row[name] for row in rows] for name in names})
    months = [f"{context.settings.year}-{number:02d}" for number in range(1, 13)]
    absent = [month for month in months if month not in surveys]
    if absent:
        values = {"surveyed": len(surveys), "count": len(absent), "months": ", ".join(absent)}
        problem = Problem("statistics.month_not_surveyed", values=values, severity="notice")
        context.find(problem, table=TABLE, key="labour_survey")


def _register(context: StepContext) -> dict[str, tuple[float, float]]:
    """Return workers and full-time equivalents in the platforms' register by month."""
    rows = context.read("platform_worker", where=f"district_code = '{TOTAL}'", order=("month",)).to_pylist()
    return {row["month"]: (float(row["workers"]), float(row["full_time_equivalent"])) for row in rows}


def _only_register(counted: tuple[float, float]) -> list[dict[str, Any]]:
    """Return the rows of a month without a survey: the register's count, and the headline that it cannot have."""
    row = _absent(REGISTER, "register", ESTIMATED)
    return [
        {**row, "persons": counted[0], "full_time_equivalent": counted[1]},
        _absent(HEADLINE, "register_and_survey", NOT_SURVEYED),
    ]


def _absent(code: str, method: str, status: str) -> dict[str, Any]:
    label = LABELS[code]
    return {
        "definition_code": code, "label_zh": label[0], "label_en": label[1], "method": method, "status": status,
        **dict.fromkeys(FIGURES),
    }  # fmt: skip


def _before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"


def _changes(
    first: Survey | None,
    second: Survey | None,
    listed_first: tuple[float, float] | None,
    listed_second: tuple[float, float] | None,
    again: Checked | None,
) -> dict[str, dict[str, Any]]:
    """Return the change from the month before by definition, of those that are sums; the overlap of samples counts.

    A register is counted, so that its change has no error of sampling; it moves the headline as it is.
    """
    found: dict[str, dict[str, Any]] = {}
    counted = listed_second[0] - listed_first[0] if listed_first and listed_second else None
    if counted is not None:
        found[REGISTER] = {**dict.fromkeys(CHANGES), "change": counted}
    if first is None or second is None:
        return found
    designs = _design(first), _design(second)
    for code, measure, _, _ in SURVEY:
        found[code] = _change(designs, first, first.weighted[measure], second, second.weighted[measure], 0.0)
    if counted is None:
        return found
    added = first.weighted["flexible_not_in_register"], second.weighted["flexible_not_in_register"]
    linked = _change(designs, first, added[0], second, added[1], counted)
    if again is None:
        return {**found, HEADLINE: linked}
    headline = _change(designs, first, outside(first, again), second, outside(second, again), counted)
    return {**found, AS_LINKED: linked, HEADLINE: headline}


def _design(survey: Survey) -> Design:
    """Return the design of a month's cells, as far as the clusters of two months have to do with each other."""
    strata, clusters = zip(*survey.cluster_names, strict=True)
    return design(
        np.ones(len(strata)), strata=np.array(strata), clusters=np.array(clusters), lonely="certainty"
    )


def _change(
    designs: tuple[Design, Design], first: Survey, before: Array, second: Survey, after: Array, counted: float
) -> dict[str, Any]:
    """Return a change with its error and the clusters that were in both samples.

    The variances are those of the levels; a stratum with fewer than two clusters in common adds no covariance.
    """
    moved = float(after.sum() - before.sum()) + counted
    units = [np.array(["\x1f".join(name) for name in one.cluster_names]) for one in (first, second)]
    common = len(set(units[0].tolist()) & set(units[1].tolist()))
    if not before.any():  # nobody was found the month before: that sample tells no error
        return {**dict.fromkeys(CHANGES), "change": moved, "common_clusters": common}
    found = change(
        "total", designs[0], before, designs[1], after, first_units=units[0], second_units=units[1]
    )
    levels = sum(
        clustered_variance(values, survey.stratum, survey.cluster)
        for survey, values in ((first, before), (second, after))
    )
    error = float(np.sqrt(max(levels - 2.0 * float(found.covariance[0, 1]), 0.0)))
    return {
        "change": moved, "change_standard_error": error, "change_low": moved - NORMAL_95 * error,
        "change_high": moved + NORMAL_95 * error, "common_clusters": common,
    }  # fmt: skip
