"""The error of machine codes in the core digital economy: what the audit says of surveyed units without a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.coding.audit import GROUPS, Draw, draw_for, standings, stored_draws
from lvshu.statistics.coding.derived import OUTSIDE
from lvshu.statistics.coding.methods.misclassification import Audit, calibrated_part, replicate_weights
from lvshu.statistics.digital_domain import Moments, Total

Array = NDArray[np.float64]

MACHINE_CODED = Query(
    "digital_coding_error",
    """
    SELECT
      survey.stratum, survey.take_all, coalesce(coded.best_code, '') AS class_code,
      coalesce(coded.machine_code, '') AS machine_code,
      coalesce(coded.decision = 'reviewed', false) AS reviewed,
      sum(as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE))) AS weighted_value
    FROM business_survey AS survey
    JOIN enterprise AS register ON register.uscc = survey.uscc
    LEFT JOIN activity_code AS coded ON coded.uscc = survey.uscc
    WHERE survey.year = :year AND survey.industry_code IS NULL AND register.industry_code IS NULL
      AND survey.value_added IS NOT NULL
    GROUP BY
      survey.stratum, survey.take_all, coalesce(coded.best_code, ''), coalesce(coded.machine_code, ''),
      coalesce(coded.decision = 'reviewed', false)
    ORDER BY survey.stratum, survey.take_all, class_code, machine_code, reviewed
    """,
)


@dataclass(frozen=True)
class CodingError:
    """By how much codes would change a total, in CNY; the standard error of that (NaN: not known); its replicates."""

    correction: float
    standard_error: float
    replicates: Array

    def spread(self, sampling: float) -> float:
        """Return the root of the mean squared error with that of sampling, in CNY: the correction is left undone."""
        return float(np.sqrt(self._variance(sampling) + self.correction**2))

    def ends(self, total: Total) -> tuple[float, float]:
        """Return the 95 % interval in CNY: around the value as coded and the corrected one, whatever lies between."""
        value, error = float(total.value), float(np.sqrt(self._variance(total.standard_error)))
        low, _ = total.around(min(value, value + self.correction), error)
        _, high = total.around(max(value, value + self.correction), error)
        return low, high

    def scaled(self, factor: float) -> CodingError:
        """Return the error of the total times a factor."""
        return CodingError(self.correction * factor, self.standard_error * factor, self.replicates * factor)

    def _variance(self, sampling: float) -> float:
        return sampling**2 + (self.standard_error**2 if np.isfinite(self.standard_error) else 0.0)


def coding_errors(
    context: StepContext,
    moments: Moments,
    totals: Mapping[str, Total],
    parts: Mapping[str, Callable[[list[str]], Array]],
) -> dict[str, CodingError]:
    """Fill `digital_coding_error` and its replicates; return the error by definition, empty where there is none.

    Units that people reviewed carry no coding error. Groups without an audited unit are left as coded, and told.

    Args:
        context: of the step.
        moments: of the survey, for the factor that units without an answer bear.
        totals: definition -> total as coded.
        parts: definition -> function from class codes to the part of each that counts, shape (classes,); empty where
            the totals are withheld.
    """
    if not parts:
        return {}
    audited = audited_codes(context, moments)
    if audited is None:
        return {}
    found: dict[str, CodingError] = {}
    for name, part_of in parts.items():
        found[name] = one = audited.error(part_of)
        _write(context, name, one, totals[name], audited)
    unreached = float(audited.value[~audited.reached].sum())
    if unreached:
        problem = Problem("coding.core_unaudited", values={"value": f"{unreached:,.0f}"}, severity="warning")
        context.find(problem, table="digital_coding_error", amount=unreached, unit="CNY")
    _tell(context, found, totals)
    return found


@dataclass(frozen=True)
class AuditedCodes:
    """Value added of surveyed units with a machine's code, and the audit that says what such codes are worth.

    draw: the audit; sample: its units; codes, value, reached, shape (cells,): classes as coded, weighted value added in
    CNY, and whether units of the group were audited; by_group: value added reached, shape (groups,), CNY.
    """

    draw: Draw
    sample: Audit
    codes: list[str]
    value: Array
    reached: NDArray[np.bool_]
    by_group: Array
    weights: Array

    def error(self, part_of: Callable[[list[str]], Array]) -> CodingError:
        """Return the error of the total of a domain.

        Args:
            part_of: function from class codes to the part of each that counts, shape (classes,).
        """
        true = part_of([row["true_code"] for row in self.draw.rows])
        as_coded = float((part_of(self.codes) * self.value)[self.reached].sum())
        corrected, error, drawn = calibrated_part(true, self.sample, self.by_group, self.weights)
        # an audit that saw no error does not show that there is none: not known rather than zero
        return CodingError(corrected - as_coded, error if error > 0 else float("nan"), drawn - as_coded)


def audited_codes(context: StepContext, moments: Moments) -> AuditedCodes | None:
    """Return what the audit says of machine codes in the survey; None without an audit or without such codes.

    Args:
        context: of the step.
        moments: of the survey, for the factor that units without an answer bear.
    """
    draw = draw_for(stored_draws(context), f"{context.settings.year}-12")
    coded = [
        row
        for row in context.sql(MACHINE_CODED, year=context.settings.year).to_pylist()
        if not row["reviewed"]
    ]
    if draw is None or not coded:
        return None
    standing = standings(context)
    place = {key: number for number, key in enumerate(moments.keys)}
    value = np.array([
        float(row["weighted_value"]) * moments.raised[place[(row["stratum"], row["take_all"])]] for row in coded
    ])  # fmt: skip
    group = np.array([GROUPS.index(standing.get(row["machine_code"], OUTSIDE)) for row in coded])
    sample = draw.audit("units")
    seen = np.bincount(sample.coded, weights=sample.value, minlength=len(GROUPS)) > 0
    reached = seen[group]
    by_group = np.bincount(group[reached], weights=value[reached], minlength=len(GROUPS)).astype(float)
    weights = replicate_weights(sample, context.settings.replicates, context.generator("digital_coding"))
    return AuditedCodes(draw, sample, [row["class_code"] for row in coded], value, reached, by_group, weights)


def _write(context: StepContext, name: str, one: CodingError, total: Total, audited: AuditedCodes) -> None:
    sampling, whole = total.standard_error, float(total.value)
    low, high = one.ends(total)
    row = {
        "definition_code": name, "value_as_coded": total.value, "machine_coded_value": float(audited.value.sum()),
        "unaudited_value": float(audited.value[~audited.reached].sum()), "correction": one.correction,
        "corrected_value": whole + one.correction, "sampling_standard_error": sampling,
        "coding_standard_error": one.standard_error if np.isfinite(one.standard_error) else None,
        "standard_error": one.spread(sampling), "low": low, "high": high, "audited": len(audited.draw.rows),
        "audit_month": audited.draw.month,
    }  # fmt: skip
    context.write("digital_coding_error", {key: [cell] for key, cell in row.items()})
    count = len(one.replicates)
    columns = {
        "definition_code": [name] * count,
        "replicate": list(range(1, count + 1)),
        "correction": one.replicates.tolist(),
    }
    context.write("digital_coding_replicate", columns)


def _tell(context: StepContext, found: Mapping[str, CodingError], totals: Mapping[str, Total]) -> None:
    name, one = next(iter(found.items()))
    known = np.isfinite(one.standard_error)
    if not known and one.correction == 0:
        return
    values = {
        "correction": f"{one.correction:+,.0f}", "corrected": f"{float(totals[name].value) + one.correction:,.0f}",
        "error": f"{one.standard_error:,.0f}" if known else {"zh": "不明", "en": "not known"},
    }  # fmt: skip
    problem = Problem("coding.core_corrected", values=values, severity="notice")
    context.find(problem, table="digital_coding_error", key=name, amount=abs(one.correction), unit="CNY")
