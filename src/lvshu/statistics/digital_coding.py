"""The error of codes in the core digital economy: of surveyed units whose class neither survey nor list states.

Those that the machine coded carry the error that the audit of codes tells; those that have the class of a linked record
carry that of false links instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.linkage.false_links import basis_words, false_links
from lvshu.statistics.class_code import CLASSED, UNSTATED
from lvshu.statistics.coding.audit import GROUPS, Draw, draw_for, standings, stored_draws
from lvshu.statistics.coding.derived import OUTSIDE
from lvshu.statistics.coding.linked import LinkedCodes, PartOf, tell_unknown
from lvshu.statistics.coding.methods.misclassification import Audit, calibrated_part, replicate_weights
from lvshu.statistics.digital_domain import Moments, Total

Array = NDArray[np.float64]

MACHINE_CODED = Query(
    "digital_coding_error",
    f"""
    SELECT
      survey.stratum, survey.take_all, coalesce(assigned.industry_code, '') AS class_code,
      coalesce(coded.machine_code, '') AS machine_code,
      sum(as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE))) AS weighted_value
    FROM business_survey AS survey
    {CLASSED}
    LEFT JOIN activity_code AS coded ON coded.uscc = survey.uscc
    WHERE survey.year = :year AND survey.value_added IS NOT NULL AND {UNSTATED}
      AND register.uscc IS NOT NULL AND assigned.linked_class IS NULL
      AND coalesce(assigned.assigned_by, 'none') <> 'reviewed'
    GROUP BY
      survey.stratum, survey.take_all, coalesce(assigned.industry_code, ''), coalesce(coded.machine_code, '')
    ORDER BY survey.stratum, survey.take_all, class_code, machine_code
    """,
)
LINKED = Query(
    "digital_coding_error",
    f"""
    SELECT
      survey.stratum, survey.take_all, assigned.industry_code AS class_code,
      as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE)) AS weighted_value
    FROM business_survey AS survey
    {CLASSED}
    WHERE survey.year = :year AND survey.value_added IS NOT NULL AND {UNSTATED}
      AND assigned.assigned_by = 'linked' AND assigned.linked_class IS NOT NULL
    ORDER BY survey.stratum, survey.take_all, class_code, weighted_value, survey.uscc
    """,
)


@dataclass(frozen=True)
class CodingError:
    """By how much codes would change a total, in CNY; standard errors of that (NaN: not known); its replicates.

    standard_error: of machine codes, by the audit; link_standard_error: of classes that false links carry.
    """

    correction: float
    standard_error: float
    replicates: Array
    link_standard_error: float = 0.0

    @property
    def both(self) -> float:
        """Return the standard error of machine codes and links together, in CNY; NaN where neither is known."""
        known = [one for one in (self.standard_error, self.link_standard_error) if np.isfinite(one)]
        return float(np.sqrt(sum(one**2 for one in known))) if known else float("nan")

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
        return CodingError(self.correction * factor, self.standard_error * factor, self.replicates * factor,
                           self.link_standard_error * factor)  # fmt: skip

    def _variance(self, sampling: float) -> float:
        return float(sampling**2 + np.nan_to_num(self.both) ** 2)


def coding_errors(
    context: StepContext,
    totals: Mapping[str, Total],
    parts: Mapping[str, PartOf],
    codes: AssignedCodes | None,
) -> dict[str, CodingError]:
    """Fill `digital_coding_error` and its replicates; return the error by definition, empty where there is none.

    Units that people reviewed carry no coding error. Groups without an audited unit are left as coded, and told.

    Args:
        context: of the step.
        totals: definition -> total as coded.
        parts: definition -> function from class codes to the part of each that counts, shape (classes,); empty where
            the totals are withheld.
        codes: of `assigned_codes`.
    """
    if not parts or codes is None:
        return {}
    found: dict[str, CodingError] = {}
    for name, part_of in parts.items():
        found[name] = one = codes.error(part_of)
        _write(context, name, one, totals[name], codes)
    audited = codes.audited
    unreached = 0.0 if audited is None else codes.unaudited
    if unreached:
        problem = Problem("coding.core_unaudited", values={"value": f"{unreached:,.0f}"}, severity="warning")
        context.find(problem, table="digital_coding_error", amount=unreached, unit="CNY")
    tell_unknown(context, codes.linked)
    _tell(context, found, totals, codes)
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

    @property
    def used(self) -> int:
        """Return how many audited units say what machine codes are worth, a count."""
        return int((self.sample.value > 0).sum())

    def error(self, part_of: PartOf) -> CodingError:
        """Return the error of the total of a domain.

        Args:
            part_of: function from class codes to the part of each that counts, shape (classes,).
        """
        true = part_of([row["true_code"] for row in self.draw.rows])
        as_coded = float((part_of(self.codes) * self.value)[self.reached].sum())
        corrected, error, drawn = calibrated_part(true, self.sample, self.by_group, self.weights)
        # an audit that saw no error does not show that there is none: not known rather than zero
        return CodingError(corrected - as_coded, error if error > 0 else float("nan"), drawn - as_coded)


@dataclass(frozen=True)
class AssignedCodes:
    """Surveyed units whose class neither the survey nor the list states.

    audited: those with a machine's code and their audit, None without either; machine: value added with a machine's
    code, CNY; linked: units with the class of a linked record, their value added in CNY; replicates: count.
    """

    audited: AuditedCodes | None
    machine: float
    linked: LinkedCodes
    has_machine: bool
    replicates: int

    @property
    def unaudited(self) -> float:
        """Return value added with a machine's code of which no audit speaks, in CNY."""
        return (
            self.machine if self.audited is None else float(self.audited.value[~self.audited.reached].sum())
        )

    def error(self, part_of: PartOf) -> CodingError:
        """Return the error of the total of a domain: of machine codes by their audit, of linked ones by false links.

        Args:
            part_of: function from class codes to the part of each that counts, shape (classes,).
        """
        nothing = CodingError(0.0, float("nan") if self.has_machine else 0.0, np.zeros(self.replicates))
        machine = nothing if self.audited is None else self.audited.error(part_of)
        links = self.linked.error(part_of)
        return CodingError(
            machine.correction + links.correction, machine.standard_error, machine.replicates + links.replicates,
            links.standard_error,
        )  # fmt: skip


def assigned_codes(context: StepContext, moments: Moments) -> AssignedCodes | None:
    """Return what is known of machine and linked codes in the survey; None where neither an audit nor a link tells.

    Args:
        context: of the step.
        moments: of the survey, for the factor that units without an answer bear.
    """
    draw = draw_for(stored_draws(context), f"{context.settings.year}-12")
    coded = context.sql(MACHINE_CODED, year=context.settings.year).to_pylist()
    rows = context.sql(LINKED, year=context.settings.year).to_pylist()
    if (draw is None or not coded) and not rows:
        return None
    place = {key: number for number, key in enumerate(moments.keys)}

    def raised(own: Sequence[Mapping[str, Any]]) -> Array:
        return np.array([
            float(row["weighted_value"]) * moments.raised[place[(row["stratum"], row["take_all"])]] for row in own
        ], dtype=float)  # fmt: skip

    value, count = raised(coded), context.settings.replicates
    linked = LinkedCodes.of(
        [row["class_code"] for row in rows], raised(rows), false_links(context) if rows else None, count,
        context.generator("digital_coding_links"),
    )  # fmt: skip
    audited = None if draw is None or not coded else _audited(context, draw, coded, value)
    return AssignedCodes(audited, float(value.sum()), linked, bool(coded), count)


def _audited(
    context: StepContext, draw: Draw, coded: Sequence[Mapping[str, Any]], value: Array
) -> AuditedCodes:
    standing = standings(context)
    group = np.array([GROUPS.index(standing.get(row["machine_code"], OUTSIDE)) for row in coded])
    sample = draw.audit("units")
    seen = np.bincount(sample.coded, weights=sample.value, minlength=len(GROUPS)) > 0
    reached = seen[group]
    by_group = np.bincount(group[reached], weights=value[reached], minlength=len(GROUPS)).astype(float)
    weights = replicate_weights(sample, context.settings.replicates, context.generator("digital_coding"))
    return AuditedCodes(draw, sample, [row["class_code"] for row in coded], value, reached, by_group, weights)


def _write(context: StepContext, name: str, one: CodingError, total: Total, codes: AssignedCodes) -> None:
    sampling, whole = total.standard_error, float(total.value)
    low, high = one.ends(total)
    links, audited = codes.linked.links, codes.audited
    row = {
        "definition_code": name, "value_as_coded": total.value, "machine_coded_value": codes.machine,
        "unaudited_value": codes.unaudited, "linked_value": float(codes.linked.value.sum()),
        "linked_units": len(codes.linked), "false_link_rate": None if links is None else links.rate,
        "correction": one.correction, "corrected_value": whole + one.correction, "sampling_standard_error": sampling,
        "coding_standard_error": _known(one.standard_error),
        "link_standard_error": _known(one.link_standard_error),
        "standard_error": one.spread(sampling), "low": low, "high": high,
        "audited": 0 if audited is None else audited.used,
        "audit_month": None if audited is None else audited.draw.month,
    }  # fmt: skip
    context.write("digital_coding_error", {key: [cell] for key, cell in row.items()})
    count = len(one.replicates)
    columns = {
        "definition_code": [name] * count,
        "replicate": list(range(1, count + 1)),
        "correction": one.replicates.tolist(),
    }
    context.write("digital_coding_replicate", columns)


def _known(error: float) -> float | None:
    return error if np.isfinite(error) else None


def _tell(
    context: StepContext, found: Mapping[str, CodingError], totals: Mapping[str, Total], codes: AssignedCodes
) -> None:
    name, one = next(iter(found.items()))
    links = codes.linked.links
    if links is not None and len(codes.linked):
        told = {
            "units": len(codes.linked), "value": f"{codes.linked.value.sum():,.0f}",
            "rate": f"{100 * links.rate:.4g}", "error": f"{one.link_standard_error:,.0f}", "basis": basis_words(links),
        }  # fmt: skip
        problem = Problem("coding.core_linked", values=told, severity="notice")
        context.find(
            problem, table="digital_coding_error", key=name, amount=one.link_standard_error, unit="CNY"
        )
    known = np.isfinite(one.standard_error)
    if codes.audited is None or (not known and one.correction == 0):
        return
    values = {
        "correction": f"{one.correction:+,.0f}", "corrected": f"{float(totals[name].value) + one.correction:,.0f}",
        "error": f"{one.both:,.0f}" if known else {"zh": "不明", "en": "not known"},
    }  # fmt: skip
    problem = Problem("coding.core_corrected", values=values, severity="notice")
    context.find(problem, table="digital_coding_error", key=name, amount=abs(one.correction), unit="CNY")
