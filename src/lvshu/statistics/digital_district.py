"""Fills the core digital economy by district and major, as protected together with the account of the whole area."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.core.money import half_away
from lvshu.engine.step import StepContext
from lvshu.statistics.digital_domain import Classification, Moments, Total
from lvshu.statistics.digital_units import Units, whole_classes
from lvshu.statistics.keys import CORE, MILLION, TOTAL
from lvshu.statistics.methods.domain_variance import widening
from lvshu.statistics.methods.survey import moment_variance
from lvshu.statistics.protection import SHOWN, SUPPRESSED

if TYPE_CHECKING:
    from lvshu.statistics.digital_public import Hidden

Array = NDArray[np.float64]

TABLE = "digital_economy_district"


def write(
    context: StepContext, moments: Moments, units: Units, classes: Classification, protected: Hidden
) -> None:
    """Fill `digital_economy_district` from the pattern that covers it and the account, and tell what is hidden.

    Args:
        context: of the step.
        moments: of the survey: strata and their sizes.
        units: the sampled units of the core's classes.
        classes: the classification; classes that count in full are taken.
        protected: cells of the account and the districts, with what is hidden.
    """
    of_class = whole_classes(classes, units)
    kept = units.only(np.array([code in of_class for code in units.class_code], dtype=bool))
    district = np.array(kept.district, dtype=object)
    major = np.array([of_class[code][0] for code in kept.class_code], dtype=object)
    rows = []
    for key in protected.draft.structure.keys:
        own = dict(key)
        if len(own.get("class", "")) > 2:
            continue  # a medium stands in the account alone
        inside = np.ones(len(kept), dtype=bool)
        if "district" in own:
            inside &= district == own["district"]
        if "class" in own:
            inside &= major == own["class"]
        within = (
            _by_stratum(moments, kept.stratum[major == own["class"]])
            if {"district", "class"} <= set(own)
            else None
        )
        found = _estimate(moments, kept.stratum[inside], kept.value[inside], within)
        status, of_error = protected.status(key), protected.status(key, of_error=True)
        rows.append(_row(own.get("district", TOTAL), own.get("class", CORE), status, of_error, found))
    context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    _tell(context, rows)


def _tell(context: StepContext, rows: list[dict[str, Any]]) -> None:
    hidden = sum(row["status"] == SUPPRESSED for row in rows)
    if hidden:
        errors = sum(row["error_status"] == SUPPRESSED and row["status"] == SHOWN for row in rows)
        values = {"cells": hidden, "of": len(rows), "errors": errors}
        problem = Problem("statistics.digital_district_suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(hidden), unit="1")


def _by_stratum(moments: Moments, stratum: NDArray[np.int64]) -> Array:
    return np.bincount(stratum, minlength=moments.count.size).astype(float)


def _estimate(moments: Moments, stratum: NDArray[np.int64], value: Array, within: Array | None) -> Total:
    """Return the total of some units; within: units by stratum of what they are a part of, None: all."""
    scaled, size = value / MILLION, moments.count.size
    first, second = (
        np.bincount(stratum, weights=part, minlength=size).astype(float) for part in (scaled, scaled**2)
    )
    variance = moment_variance(moments.count, moments.population, first, second)
    total, error = Decimal(repr(float(value.sum()))), float(np.sqrt(variance)) * MILLION
    widened, free = widening(_by_stratum(moments, stratum), (first, second), moments.whole, within=within)
    return Total(total, error, free, not (value < 0).any(), widened)


def _row(district: str, of_class: str, status: str, error_status: str, found: Total) -> dict[str, Any]:
    def money(name: str, stands: str) -> Decimal | None:
        return half_away(Decimal(str(getattr(found, name))), 2) if stands == SHOWN else None

    return {
        "district_code": district, "class_code": of_class, "status": status, "value_added": money("value", status),
        "error_status": error_status, "standard_error": money("standard_error", error_status),
        "low": money("low", error_status), "high": money("high", error_status),
    }  # fmt: skip
