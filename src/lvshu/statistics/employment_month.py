"""Fills `flexible_employment_month`: every definition month by month, and how it changed with an error of its own.

Each month is estimated as the year is; the year is the mean of its surveyed months in every definition that is a sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

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
    read_survey,
    survey_by_month,
)
from lvshu.statistics.employment_hidden import hidden_registers
from lvshu.statistics.employment_reach import RESTING, SHORT, without_ends
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.methods.survey import clustered_variance
from lvshu.statistics.protection import SUPPRESSED, thresholds
from lvshu.statistics.survey.overlap import common_units, overlap_covariance

Array = NDArray[np.float64]

TABLE = "flexible_employment_month"
ESTIMATED, NOT_SURVEYED, WITHOUT_REGISTER = "estimated", "not_surveyed", "without_register"
REGISTER, HEADLINE, AS_LINKED = "register_platform", "corrected_total", "corrected_as_linked"
FIGURES = (
    "sampled_persons", "persons", "standard_error", "low", "high", "share_of_employment", "share_standard_error",
    "full_time_equivalent",
)  # fmt: skip
VARIED = 1e-12
"""Share of both months' variances below which that of their difference is rounding alone."""
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
    rows = _without_intervals(rows, _short(context, surveys, register, again))
    rows = _withheld(context, rows, register)
    names = ("month", "definition_code", "label_zh", "label_en", "method", "status", *FIGURES, *CHANGES)
    context.write(TABLE, {name: [row[name] for row in rows] for name in names})
    months = [f"{context.settings.year}-{number:02d}" for number in range(1, 13)]
    absent = [month for month in months if month not in surveys]
    if absent:
        values = {"surveyed": len(surveys), "count": len(absent), "months": ", ".join(absent)}
        problem = Problem("statistics.month_not_surveyed", values=values, severity="notice")
        context.find(problem, table=TABLE, key="labour_survey")


def _short(
    context: StepContext,
    surveys: Mapping[str, Survey],
    register: Mapping[str, tuple[float, float]],
    again: Checked | None,
) -> frozenset[str]:
    """Return the months whose register falls short of the survey, each by itself, or all where the year's mean does.

    A month that is short in a year that is not is told; small registers are neither judged nor told of.
    """
    if not register or not surveys:
        return frozenset()
    year = read_survey(context)
    if all(month in register for month in year.months):
        workers = sum(register[month][0] for month in year.months) / len(year.months)
        if year.reach(workers, again) == SHORT:
            return frozenset({*surveys, *register})
    both = {month: survey for month, survey in surveys.items() if month in register}
    found = {month for month, survey in both.items() if survey.reach(register[month][0], again) == SHORT}
    if _small(context, register):
        return frozenset(found)
    for month in sorted(found):
        expected = both[month].expected(again)
        values = {
            "month": month, "workers": round(register[month][0]), "low": round(expected.low),
            "high": round(expected.high),
        }  # fmt: skip
        context.find(
            Problem("statistics.register_month_short", values=values, severity="warning"), table=TABLE, key=month,
            amount=register[month][0] - expected.value, unit="person",
        )  # fmt: skip
    return frozenset(found)


def _small(context: StepContext, register: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return the months for which what rests on the register is withheld; they are all once one of them is."""
    least = thresholds(context, "person").minimum_count
    small = sorted(month for month, (workers, _) in register.items() if least and 0 < workers < least)
    if not small and hidden_registers(context):  # withheld beside the other registers
        small = sorted(register)
    return small


def _without_intervals(rows: list[dict[str, Any]], short: frozenset[str]) -> list[dict[str, Any]]:
    """Return the rows without intervals of what rests on a register that is short, in its month or the one before."""
    found = []
    for row in rows:
        if row["month"] in short:
            [row] = without_ends([row])
        if row["definition_code"] in RESTING and short & {row["month"], _before(row["month"])}:
            row = {**row, "change_standard_error": None, "change_low": None, "change_high": None}
        found.append(row)
    return found


def _withheld(
    context: StepContext, rows: list[dict[str, Any]], register: Mapping[str, tuple[float, float]]
) -> list[dict[str, Any]]:
    """Return the rows without what rests on a register that is too small to be shown in some month.

    It is withheld in all months, as the year's mean and the other months would give one of them away.
    """
    small = _small(context, register)
    if not small:
        return rows
    least = thresholds(context, "person").minimum_count
    values = {"months": ", ".join(small), "count": len(small), "smallest": least}
    context.find(Problem("statistics.month_register_small", values=values, severity="notice"), table=TABLE)
    hidden = dict.fromkeys((*FIGURES, *CHANGES))
    return [
        {**row, **hidden, "status": SUPPRESSED}
        if row["method"] != "survey" and row["status"] == ESTIMATED
        else row
        for row in rows
    ]


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
    for code, measure, _, _ in SURVEY:
        found[code] = _change(first, first.weighted[measure], second, second.weighted[measure], 0.0)
    if counted is None:
        return found
    added = first.weighted["flexible_not_in_register"], second.weighted["flexible_not_in_register"]
    linked = _change(first, added[0], second, added[1], counted)
    if again is None:
        return {**found, HEADLINE: linked}
    headline = _change(first, outside(first, again), second, outside(second, again), counted)
    return {**found, AS_LINKED: linked, HEADLINE: headline}


def _change(first: Survey, before: Array, second: Survey, after: Array, counted: float) -> dict[str, Any]:
    """Return a change with its error, its interval by Student's t, and the clusters that were in both samples."""
    moved = float(after.sum() - before.sum()) + counted
    early, late = _by_stratum(first, before), _by_stratum(second, after)
    common = common_units(early, late)
    if not before.any() or not after.any():  # a month in which nobody was found tells no error
        return {**dict.fromkeys(CHANGES), "change": moved, "common_clusters": common}
    levels = sum(
        clustered_variance(values, survey.stratum, survey.cluster)
        for survey, values in ((first, before), (second, after))
    )
    variance = levels - 2.0 * overlap_covariance(early, late)
    error = float(np.sqrt(max(variance, 0.0)))
    free = min(sum(max(len(own) - 1, 0) for own in one.values()) for one in (early, late))
    if (
        not free or variance <= VARIED * levels
    ):  # one cluster, or all moved alike: that tells no error, least of all none
        return {**dict.fromkeys(CHANGES), "change": moved, "common_clusters": common}
    wide = float(student.ppf(0.975, free))
    return {
        "change": moved, "change_standard_error": error, "change_low": moved - wide * error,
        "change_high": moved + wide * error, "common_clusters": common,
    }  # fmt: skip


def _by_stratum(survey: Survey, values: Array) -> dict[str, dict[str, float]]:
    """Return the expanded persons of each cluster, by stratum."""
    found: dict[str, dict[str, float]] = {}
    for (stratum, cluster), value in zip(survey.cluster_names, values.tolist(), strict=True):
        own = found.setdefault(stratum, {})
        own[cluster] = own.get(cluster, 0.0) + value
    return found
