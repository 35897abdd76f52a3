"""The business survey tested by the rules of the pack, its suspicious values, and missing value added imputed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.changes import Change
from lvshu.statistics.editing.evaluate import compiled, failing_rules
from lvshu.statistics.editing.literals import RuleSet
from lvshu.statistics.editing.model import Modelled, impute_by_ratio
from lvshu.statistics.editing.outliers import LEAST, MINIMUM, robust_z, unit_errors
from lvshu.statistics.editing.process import Choices, edit
from lvshu.statistics.editing.rules import rules_of

TABLE = "business_survey"
COLUMNS = ("value_added", "revenue")
SLIPS = (3, 4, 6, -3, -4, -6)
"""Powers of ten that slips of unit make: thousands, 万, millions."""
FAR = 6.0
INSIDE = 3.0
"""Robust deviations beyond which a form stands out, and within which its slip would have to bring it: conventions."""
LEAST_AWAY = log10(1 + MINIMUM)
"""Least deviation in powers of ten: where ratios are nearly the same a rounding would stand out. A of the test by
Hidiroglou and Berthelot (1986), taken over."""
Row = dict[str, Any]
Array = NDArray[np.float64]


@dataclass
class SurveyEdited:
    """What was found in the survey.

    Attributes:
        rules: those of the pack.
        counts: rule -> [records, failing as filed, failing after].
        changes: proposals for records that break a rule that must hold; the estimates do not use them.
        suspicious: rows of edit_suspicion.
        imputed: value added with missing values filled by the ratio to revenue within strata; None: none missing.
        missing: how many lacked it.
    """

    rules: RuleSet | None = None
    counts: dict[str, list[int]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    suspicious: list[Row] = field(default_factory=list)
    imputed: Modelled | None = None
    missing: int = 0


def rules_of_pack(rows: Iterable[Mapping[str, Any]], table: str, columns: Sequence[str]) -> RuleSet | None:
    """Return the rules of the pack edit_rules about one table, over its columns of numbers; None where it has none.

    Raises:
        InputError: a rule cannot be read (all are named).
    """
    rules = [
        {"name": row["rule"], "check": row["check"], "severity": row["severity"],
         "tolerance": float(row["tolerance"]), "zh": row["text_zh"], "en": row["text_en"]}
        for row in rows
        if row["table_name"] == table
    ]  # fmt: skip
    if not rules:
        return None
    return rules_of({"variables": {name: {} for name in columns}, "rule": rules}, file="edit_rules")


def edit_survey(
    keys: Sequence[str], values: Mapping[str, Array], strata: Sequence[str], weights: Array,
    pack: Iterable[Mapping[str, Any]],
) -> SurveyEdited:  # fmt: skip
    """Return what the rules and detectors say of the survey.

    Args:
        keys: shape (units,), credit code and year.
        values: value_added and revenue, shape (units,) each, in yuan; NaN missing.
        strata: shape (units,).
        weights: shape (units,), of the estimate.
        pack: rows of edit_rules.

    Raises:
        InputError: a rule cannot be read.
        MethodError: the rules contradict each other.
    """
    made = SurveyEdited(rules=rules_of_pack(pack, TABLE, COLUMNS))
    matrix = np.column_stack([values[name] for name in COLUMNS])
    _, classes = np.unique(np.asarray(strata, dtype=str), return_inverse=True)
    labels = classes.astype(np.int64)
    if made.rules is not None:
        _apply(made, made.rules, keys, matrix, labels)
    made.missing = int(np.isnan(matrix[:, 0]).sum())
    if made.missing:
        made.imputed = impute_by_ratio(matrix[:, 0], matrix[:, 1], classes=labels, weights=weights)
    made.suspicious = _suspicious(keys, matrix, labels)
    return made


def _apply(
    made: SurveyEdited, rules: RuleSet, keys: Sequence[str], matrix: Array, labels: NDArray[np.int64]
) -> None:
    ready = compiled(rules)
    tested = ready.test(matrix)
    before = failing_rules(ready, tested)
    after = before
    if rules.hard:
        done = edit(rules, keys, matrix, Choices(classes=labels, match=(1,), size=1, fill_missing=False))
        after, made.changes = failing_rules(ready, done.after), done.changes
    for column, rule in enumerate(ready.chosen):
        known = ~np.isnan(matrix[:, [rules.place[name] for name in rule.variables]]).any(axis=1)
        made.counts[rule.name] = [int(known.sum()), int(before[:, column].sum()), int(after[:, column].sum())]


def _suspicious(keys: Sequence[str], matrix: Array, labels: NDArray[np.int64]) -> list[Row]:
    """Slips of unit of value added against revenue, ratios far out in the stratum, forms wholly in another unit."""
    with np.errstate(divide="ignore", invalid="ignore"):
        usable = (matrix[:, 0] > 0) & (matrix[:, 1] > 0)
        log = np.where(usable, np.log10(np.where(usable, matrix[:, 0] / matrix[:, 1], 1.0)), np.nan)
    centre = np.full(len(log), np.nan)
    for label in np.unique(labels):
        here = (labels == label) & usable
        if here.any():
            centre[labels == label] = np.median(log[here])
    expected = matrix[:, 1] * 10.0 ** np.nan_to_num(centre)
    slips = unit_errors(matrix[:, 0], expected)
    far = robust_z(log - centre, limit=6.0, least=LEAST_AWAY)
    found = []
    for row in np.flatnonzero((slips.factor != 1) | far.outlier).tolist():
        is_slip = slips.factor[row] != 1
        score = 1 + float(0.3 - slips.distance[row]) if is_slip else float(far.score[row])
        found.append(
            {"table_name": TABLE, "record_key": keys[row], "variable": "value_added",
             "detector": "unit_error" if is_slip else "robust_z", "value": float(matrix[row, 0]),
             "expected": float(expected[row]), "unit": "CNY", "score": score,
             "detail": f"× {slips.factor[row]:g}" if is_slip else None}
        )  # fmt: skip
    named = {row["record_key"] for row in found}
    return found + [row for row in _whole_forms(keys, matrix, labels) if row["record_key"] not in named]


def _whole_forms(keys: Sequence[str], matrix: Array, labels: NDArray[np.int64]) -> list[Row]:
    """Forms whose revenue stands far out among its stratum's, with the power of ten that brings it back, if any."""
    revenue = matrix[:, 1]
    usable = revenue > 0
    log = np.where(usable, np.log10(np.where(usable, revenue, 1.0)), np.nan)
    centre = np.full(len(log), np.nan)
    for label in np.unique(labels):
        here = (labels == label) & usable
        if int(here.sum()) >= LEAST:
            centre[labels == label] = np.median(log[here])
    far = robust_z(log - centre, limit=FAR, least=LEAST_AWAY)
    found: list[Row] = []
    for row in np.flatnonzero(far.outlier).tolist():
        away = float(log[row] - centre[row])
        power = min(SLIPS, key=lambda one: abs(away - one))
        is_slip = abs(away - power) <= abs(away) * INSIDE / (FAR * float(far.score[row]))
        found.append(
            {"table_name": TABLE, "record_key": keys[row], "variable": "revenue",
             "detector": "unit_error" if is_slip else "robust_z", "value": float(revenue[row]),
             "expected": float(10.0 ** centre[row]), "unit": "CNY", "score": float(far.score[row]),
             "detail": f"× {10.0**-power:g}" if is_slip else None}
        )  # fmt: skip
    return found
