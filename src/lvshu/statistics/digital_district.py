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
from lvshu.statistics.disclosure.structure import Dimension, Key, key_of
from lvshu.statistics.disclosure.table import DraftTable, from_records, hidden_errors, protect
from lvshu.statistics.keys import CORE, MAJORS, MILLION, TOTAL
from lvshu.statistics.methods.survey import Estimate, moment_variance
from lvshu.statistics.protection import (
    SECONDS,
    SHOWN,
    SUPPRESSED,
    groups,
    rules_for,
    tell_problems,
    tell_warnings,
)

Array = NDArray[np.float64]

TABLE = "digital_economy_district"
ROOTS = {"district": TOTAL, "class": CORE}
NONE_SAMPLED = "none_sampled"
UNITS = Query(
    TABLE,
    """
    SELECT
      survey.stratum, survey.take_all, survey.uscc,
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
    ORDER BY survey.stratum, survey.take_all, class_code, district_code, weighted_value, survey.uscc
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
    group = groups(context)
    who = [
        group.get(one, one) for one, one_kept in zip(table["uscc"].to_pylist(), kept, strict=True) if one_kept
    ]
    draft = _draft(district, of_class, value, who)
    margin = np.array(["district" not in dict(key) for key in draft.structure.keys])
    empty = draft.cells.count == 0
    rules = rules_for(context, "enterprise", TABLE)
    try:
        safe = protect(
            draft, rules, earlier=_earlier(context, draft), last=_last(context, draft), public=margin | empty,
            seconds=SECONDS,
        )  # fmt: skip
    except MethodError as error:
        tell_problems(context, error, TABLE)
        context.find(Problem("statistics.district_withheld", severity="warning"), table=TABLE)
        return
    estimates, squares = [], []
    for key in draft.structure.keys:
        own = dict(key)
        inside = np.ones(value.size, dtype=bool)
        if "district" in own:
            inside &= district == own["district"]
        if "class" in own:
            inside &= of_class == own["class"]
        estimates.append(_estimate(moments, stratum[inside], value[inside]))
        squares.append(float(((value[inside] / MILLION) ** 2).sum()))
    hidden = safe.pattern.hidden
    unerring = hidden_errors(draft.structure, np.array(squares), hidden, margin | empty, seconds=SECONDS)
    rows = []
    for number, (key, found) in enumerate(zip(draft.structure.keys, estimates, strict=True)):
        status = NONE_SAMPLED if empty[number] else SUPPRESSED if hidden[number] else SHOWN
        error_status = NONE_SAMPLED if empty[number] else SUPPRESSED if unerring[number] else SHOWN
        own = dict(key)
        rows.append(_row(own.get("district", TOTAL), own.get("class", CORE), status, error_status, found))
    context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    tell_warnings(context, safe, TABLE)
    if hidden.any():
        values = {
            "cells": int(hidden.sum()), "of": len(rows), "primary": int(safe.pattern.primary.sum()),
            "errors": int((unerring & ~hidden & ~empty).sum()),
        }  # fmt: skip
        problem = Problem("statistics.digital_district_suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(hidden.sum()), unit="1")


def _majors(classes: Classification, codes: list[str]) -> list[str | None]:
    """Return the major that each class belongs to in full; None where it does not."""
    known = {
        code: next((major for major in MAJORS if classes.full([code], major)[0]), None) for code in set(codes)
    }
    return [known[code] for code in codes]


def _draft(district: Any, of_class: Any, value: Array, who: list[str]) -> DraftTable:
    """Return the table in million CNY; contributions are weighted, as they stand in the cells."""
    dimensions = (
        Dimension.flat("district", sorted(set(district.tolist())), TOTAL),
        Dimension.flat("class", list(MAJORS), CORE),
    )
    codes = {"district": district.tolist(), "class": of_class.tolist()}
    return from_records(dimensions, codes, value / MILLION, who)


def _earlier(context: StepContext, draft: DraftTable) -> list[Release]:
    """Return what is public of these figures: the account's margins, and tables of the same year."""
    margins = {
        key: float(draft.cells.value[number])
        for number, key in enumerate(draft.structure.keys)
        if "district" not in dict(key)
    }
    found = [Release("digital_economy_account", draft.dimensions, margins)]
    shown, hidden = _published(context, draft, f"year = {context.settings.year}")
    if shown:
        found.append(Release(str(context.settings.year), draft.dimensions, shown, hidden))
    return found


def _last(context: StepContext, draft: DraftTable) -> Release | None:
    """Return the newest table of another year."""
    years = context.read(
        f"{TABLE}_previous", columns=("year",), where=f"year <> {context.settings.year}", order=("year",)
    )["year"].to_pylist()
    if not years:
        return None
    return Release(str(years[-1]), draft.dimensions, *_published(context, draft, f"year = {years[-1]}"))


def _published(
    context: StepContext, draft: DraftTable, where: str
) -> tuple[dict[Key, float], frozenset[Key]]:
    """Return what tables of before showed, in million CNY, and which cells they hid."""
    known = set(draft.structure.keys)
    found, hidden = {}, set()
    rows = context.read(f"{TABLE}_previous", where=where, order=("district_code", "class_code")).to_pylist()
    for row in rows:
        key = key_of({"district": row["district_code"], "class": row["class_code"]}, ROOTS)
        if row["status"] == SHOWN and row["value_added"] is not None and key in known:
            found[key] = float(row["value_added"]) / MILLION
        elif row["status"].startswith(SUPPRESSED):
            hidden.add(key)
    return found, frozenset(hidden)


def _estimate(moments: Moments, stratum: NDArray[np.int64], value: Array) -> Estimate:
    scaled, size = value / MILLION, moments.count.size
    first, second = (
        np.bincount(stratum, weights=part, minlength=size).astype(float) for part in (scaled, scaled**2)
    )
    variance = moment_variance(moments.count, moments.population, first, second)
    return Estimate(float(value.sum()), float(np.sqrt(variance)) * MILLION)


def _row(district: str, of_class: str, status: str, error_status: str, found: Estimate) -> dict[str, Any]:
    def money(name: str, stands: str) -> Decimal | None:
        return half_away(Decimal(repr(getattr(found, name))), 2) if stands == SHOWN else None

    return {
        "district_code": district, "class_code": of_class, "status": status, "value_added": money("value", status),
        "error_status": error_status, "standard_error": money("standard_error", error_status),
        "low": money("low", error_status), "high": money("high", error_status),
    }  # fmt: skip
