"""Fills the core digital economy by district and major, protected before anyone sees it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.core.money import half_away
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.digital_domain import Classification, Moments
from lvshu.statistics.disclosure.history import Release
from lvshu.statistics.disclosure.primary import Cells, Rules
from lvshu.statistics.disclosure.structure import Dimension, Key, key_of
from lvshu.statistics.disclosure.table import DraftTable, from_cells, protect
from lvshu.statistics.keys import CORE, MAJORS, MILLION, SMALLEST_CELL, TOTAL
from lvshu.statistics.methods.survey import Estimate, moment_variance

Array = NDArray[np.float64]

TABLE = "digital_economy_district"
ROOTS = {"district": TOTAL, "class": CORE}
STATUS = {"shown": "shown", "primary": "suppressed", "secondary": "suppressed_secondary"}
SECONDS = 20.0
UNITS = Query(
    TABLE,
    """
    SELECT
      survey.stratum, survey.take_all,
      coalesce(survey.industry_code, register.industry_code, coded.best_code, '') AS class_code,
      coalesce(survey.district_code, register.district_code, 'unknown') AS district_code,
      as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE)) AS weighted_value
    FROM business_survey AS survey
    LEFT JOIN enterprise AS register ON register.uscc = survey.uscc
    LEFT JOIN activity_code AS coded ON coded.uscc = survey.uscc
    WHERE survey.year = :year AND survey.value_added IS NOT NULL
      AND coalesce(survey.industry_code, register.industry_code, coded.best_code, '') IN (
        SELECT gbt4754_code FROM pack_digital_economy_2021_codes WHERE major IN ('01', '02', '03', '04')
      )
    ORDER BY survey.stratum, survey.take_all, class_code, district_code, weighted_value
    """,
)


def make(context: StepContext, moments: Moments, classes: Classification) -> None:
    """Fill `digital_economy_district`; where it cannot be protected, leave it out and tell why.

    Args:
        context: of the step.
        moments: of the survey: strata and the factor for units without an answer.
        classes: the classification; classes that count in full are taken.
    """
    table = context.sql(UNITS, year=context.settings.year)
    major = _majors(classes, table["class_code"].to_pylist())
    kept = np.array([one is not None for one in major], dtype=bool)
    if not kept.any():
        return
    place = {key: number for number, key in enumerate(moments.keys)}
    keys = zip(table["stratum"].to_pylist(), table["take_all"].to_pylist(), strict=True)
    stratum = np.array([place[key] for key in keys], dtype=np.int64)[kept]
    value = (
        np.array([float(each) for each in table["weighted_value"].to_pylist()])[kept]
        * moments.raised[stratum]
    )
    district = np.array(table["district_code"].to_pylist(), dtype=object)[kept]
    of_class = np.array(major, dtype=object)[kept]
    draft = _draft(district, of_class, value)
    try:
        safe = protect(
            _published_margins(draft), Rules(minimum_count=SMALLEST_CELL), earlier=_earlier(context, draft),
            last=_last(context, draft), seconds=SECONDS,
        )  # fmt: skip
    except MethodError as error:
        for problem in error.problems:
            told = Problem(problem.code, problem.where, problem.values, severity="warning")
            context.find(told, table=TABLE)
        context.find(Problem("statistics.district_withheld", severity="warning"), table=TABLE)
        return
    rows = []
    for number, key in enumerate(draft.structure.keys):
        own = dict(key)
        inside = np.ones(value.size, dtype=bool)
        if "district" in own:
            inside &= district == own["district"]
        if "class" in own:
            inside &= of_class == own["class"]
        status = STATUS[safe.status[number]] if inside.any() else "none_sampled"
        found = _estimate(moments, stratum[inside], value[inside])
        rows.append(_row(own.get("district", TOTAL), own.get("class", CORE), status, found))
    context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    hidden = sum(row["status"].startswith("suppressed") for row in rows)
    if hidden:
        values = {"cells": hidden, "of": len(rows), "smallest": SMALLEST_CELL}
        problem = Problem("statistics.digital_district_suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(hidden), unit="1")


def _majors(classes: Classification, codes: list[str]) -> list[str | None]:
    """Return the major that each class belongs to in full; None where it does not."""
    known = {
        code: next((major for major in MAJORS if classes.full([code], major)[0]), None) for code in set(codes)
    }
    return [known[code] for code in codes]


def _draft(district: Any, of_class: Any, value: Array) -> DraftTable:
    districts = sorted(set(district.tolist()))
    dimensions = (
        Dimension.flat("district", districts, TOTAL),
        Dimension.flat("class", list(MAJORS), CORE),
    )
    pairs = [(one, major) for one in districts for major in MAJORS]
    inside = [(district == one) & (of_class == major) for one, major in pairs]
    return from_cells(
        dimensions,
        {"district": [one for one, _ in pairs], "class": [major for _, major in pairs]},
        np.array([value[chosen].sum() for chosen in inside]) / MILLION,
        [int(chosen.sum()) for chosen in inside],
    )


def _published_margins(draft: DraftTable) -> DraftTable:
    """Return the draft with margins of the whole area safe by themselves: the account shows them already."""
    count = draft.cells.count.copy()
    for number, key in enumerate(draft.structure.keys):
        if "district" not in dict(key) and count[number]:
            count[number] = max(int(count[number]), SMALLEST_CELL)
    cells = Cells(draft.cells.value, count, draft.cells.largest)
    return DraftTable(draft.dimensions, draft.structure, cells, draft.union)


def _earlier(context: StepContext, draft: DraftTable) -> list[Release]:
    """Return what is public of these figures: the account's margins, and tables of the same year."""
    margins = {
        key: float(draft.cells.value[number])
        for number, key in enumerate(draft.structure.keys)
        if "district" not in dict(key)
    }
    found = [Release("digital_economy_account", draft.dimensions, margins)]
    shown = _shown(context, draft, f"year = {context.settings.year}")
    if shown:
        found.append(Release(str(context.settings.year), draft.dimensions, shown))
    return found


def _last(context: StepContext, draft: DraftTable) -> Release | None:
    """Return the newest table of another year."""
    years = context.read(
        f"{TABLE}_previous", columns=("year",), where=f"year <> {context.settings.year}", order=("year",)
    )["year"].to_pylist()
    if not years:
        return None
    return Release(str(years[-1]), draft.dimensions, _shown(context, draft, f"year = {years[-1]}"))


def _shown(context: StepContext, draft: DraftTable, where: str) -> dict[Key, float]:
    known = set(draft.structure.keys)
    found = {}
    rows = context.read(f"{TABLE}_previous", where=where, order=("district_code", "class_code")).to_pylist()
    for row in rows:
        key = key_of({"district": row["district_code"], "class": row["class_code"]}, ROOTS)
        if row["status"] == "shown" and row["value_added"] is not None and key in known:
            found[key] = float(row["value_added"]) / MILLION
    return found


def _estimate(moments: Moments, stratum: NDArray[np.int64], value: Array) -> Estimate:
    scaled, size = value / MILLION, moments.count.size
    first, second = (
        np.bincount(stratum, weights=part, minlength=size).astype(float) for part in (scaled, scaled**2)
    )
    variance = moment_variance(moments.count, moments.population, first, second)
    return Estimate(float(value.sum()), float(np.sqrt(variance)) * MILLION)


def _row(district: str, of_class: str, status: str, found: Estimate) -> dict[str, Any]:
    names = ("value", "standard_error", "low", "high")
    money = [
        half_away(Decimal(repr(getattr(found, name))), 2) if status == "shown" else None for name in names
    ]
    return {
        "district_code": district, "class_code": of_class, "status": status, "value_added": money[0],
        "standard_error": money[1], "low": money[2], "high": money[3],
    }  # fmt: skip
