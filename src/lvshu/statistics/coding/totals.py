"""Fills `coded_total` and its replicates: core digital units and persons, corrected for wrong codes by the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.coding.derived import FULL, OUTSIDE, PARTIAL
from lvshu.statistics.coding.methods.misclassification import (
    Audit,
    Corrected,
    calibration_estimate,
    difference_estimate,
    misclassification_estimate,
    replicate_weights,
)
from lvshu.statistics.keys import CODES, MAJORS

Array = NDArray[np.float64]
GROUPS = (FULL, PARTIAL, OUTSIDE)
MEASURES = {"units": "1", "persons": "person"}
ESTIMATORS = {
    "difference": difference_estimate,
    "misclassification": misclassification_estimate,
    "calibration": calibration_estimate,
}
PUBLISHED = "difference"
HEADLINES = {"units": "digital_units_share", "persons": "digital_persons_share"}
SCOPE_ZH = "只含编码差错及其抽查的抽样误差；不含名录已有代码的差错、重复登记、分类缺码"
SCOPE_EN = (
    "wrong machine codes and the draw of their audit only; not wrong codes in the register, double registrations, nor "
    "the missing codes of the classification"
)

UNITS = Query(
    "enterprise",
    """
    SELECT
      register.industry_code IS NOT NULL AS given, coalesce(register.industry_code, coded.best_code) AS class_code,
      count(*) AS units, coalesce(sum(register.employee_count), 0) AS persons
    FROM enterprise AS register
    LEFT JOIN activity_code AS coded ON coded.uscc = register.uscc
    WHERE register.overseas IS NULL OR NOT register.overseas
    GROUP BY register.industry_code IS NOT NULL, coalesce(register.industry_code, coded.best_code)
    ORDER BY given, class_code
    """,
)
AUDITED = Query(
    "coding_audit",
    """
    SELECT
      audit.stratum, audit.stratum_units, audit.industry_code AS true_code, coded.best_code AS coded_code,
      coalesce(register.employee_count, 0) AS persons
    FROM coding_audit AS audit
    JOIN enterprise AS register ON register.uscc = audit.uscc
    JOIN activity_code AS coded ON coded.uscc = audit.uscc
    WHERE register.overseas IS NULL OR NOT register.overseas
    ORDER BY audit.stratum, audit.uscc
    """,
)


@dataclass(frozen=True)
class _Counts:
    """Totals by group, shape (groups,): of units with a code in the register, and of the others as coded."""

    given: Array
    coded: Array


def make(context: StepContext) -> None:
    """Fill both tables and write the uncertainty of the published shares."""
    standing = _standings(context)
    counts = _counts(context, standing)
    rows = context.sql(AUDITED).to_pylist()
    listed = context.read("coding_audit", columns=("uscc",)).num_rows
    if len(rows) < listed:
        values = {"units": listed - len(rows), "of": listed}
        context.find(Problem("coding.audit_outside", values=values, severity="warning"), table="coding_audit")
    written: list[dict[str, Any]] = []
    for measure, unit in MEASURES.items():
        one = counts[measure]
        whole = float(one.given.sum() + one.coded.sum())
        written += [
            _row(measure, unit, "as_coded", g, one, one.coded, None, whole, 0) for g in range(len(GROUPS))
        ]
        if not one.coded.sum():  # every unit has a code: there is nothing to correct
            written += [
                _row(measure, unit, PUBLISHED, g, one, one.coded, None, whole, 0) for g in range(len(GROUPS))
            ]
        if not rows or not one.coded.sum():
            continue
        audit = _audit(rows, standing, measure)
        weights = replicate_weights(
            audit, context.settings.replicates, context.generator(f"coding_audit.{measure}")
        )
        for name, estimate in ESTIMATORS.items():
            found = estimate(one.coded, audit, weights)
            written += [
                _row(measure, unit, name, g, one, found.value, found.standard_error, whole, len(rows))
                for g in range(len(GROUPS))
            ]
            if name == PUBLISHED and whole > 0:
                _publish(context, measure, unit, one, found, whole)
    context.write("coded_total", {name: [row[name] for row in written] for name in written[0]})


def _standings(context: StepContext) -> dict[str, int]:
    """Return class -> group: whole where an item of the core takes it whole, else partial where one is starred."""
    found: dict[str, int] = {}
    for row in context.packs[CODES].rows:
        if str(row["major"]) in MAJORS:
            code = str(row["gbt4754_code"])
            place = GROUPS.index(PARTIAL if row["partial"] else FULL)
            found[code] = min(place, found.get(code, place))
    return found


def _counts(context: StepContext, standing: dict[str, int]) -> dict[str, _Counts]:
    outside = GROUPS.index(OUTSIDE)
    totals = {measure: np.zeros((2, len(GROUPS))) for measure in MEASURES}
    for row in context.sql(UNITS).to_pylist():
        group = standing.get(row["class_code"] or "", outside)
        for measure in MEASURES:
            totals[measure][0 if row["given"] else 1, group] += float(row[measure])
    return {measure: _Counts(both[0], both[1]) for measure, both in totals.items()}


def _audit(rows: list[dict[str, Any]], standing: dict[str, int], measure: str) -> Audit:
    outside = GROUPS.index(OUTSIDE)
    strata = sorted({row["stratum"] for row in rows})
    place = {name: number for number, name in enumerate(strata)}
    units = np.zeros(len(strata))
    for row in rows:
        units[place[row["stratum"]]] = float(row["stratum_units"])
    return Audit(
        truth=np.array([standing.get(row["true_code"], outside) for row in rows], dtype=np.int64),
        coded=np.array([standing.get(row["coded_code"] or "", outside) for row in rows], dtype=np.int64),
        value=np.array([1.0 if measure == "units" else float(row["persons"]) for row in rows]),
        stratum=np.array([place[row["stratum"]] for row in rows], dtype=np.int64),
        population=units,
        classes=len(GROUPS),
    )


def _row(
    measure: str, unit: str, estimator: str, group: int, counts: _Counts, value: Array, error: Array | None,
    whole: float, audited: int,
) -> dict[str, Any]:  # fmt: skip
    open_, known = float(value[group]), bool(np.isfinite(value[group]))
    # an audit that saw no error of a group does not show that there is none: no standard error rather than zero
    spread = None if error is None or not error[group] > 0 else float(error[group])
    total = counts.given[group] + open_
    return {
        "measure": measure, "group_code": GROUPS[group], "estimator": estimator,
        "register_total": float(counts.given[group]), "uncoded_total": open_ if known else None,
        "value": total if known else None, "standard_error": spread,
        "share": 100 * total / whole if known and whole > 0 else None,
        "share_standard_error": 100 * spread / whole if spread is not None and whole > 0 else None,
        "audited": audited, "unit": unit,
    }  # fmt: skip


def _publish(
    context: StepContext, measure: str, unit: str, counts: _Counts, found: Corrected, whole: float
) -> None:
    drawn = counts.given + found.replicates
    columns: dict[str, list[Any]] = {
        name: [] for name in ("measure", "group_code", "replicate", "value", "unit")
    }
    for group, code in enumerate(GROUPS):
        for number, value in enumerate(drawn[:, group].tolist(), start=1):
            for name, cell in zip(columns, (measure, code, number, value, unit), strict=True):
                columns[name].append(cell)
    context.write("coded_total_replicate", columns)
    share = 100 * (counts.given[0] + found.value[0]) / whole
    error = 100 * float(found.standard_error[0]) / whole
    if np.isfinite(error) and error > 0:
        context.write_uncertainty(
            HEADLINES[measure], value=float(share), unit="%", standard_error=error,
            low=max(0.0, float(share) - 1.959963984540054 * error),
            high=float(share) + 1.959963984540054 * error, replicates=100 * drawn[:, 0] / whole,
            method="audit_difference", scope_zh=SCOPE_ZH, scope_en=SCOPE_EN,
        )  # fmt: skip
