"""The audit of codes as data: draws by month, the sample with the machine's codes, rates of error with their errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.coding.derived import FULL, OUTSIDE, PARTIAL
from lvshu.statistics.coding.drawing import group_of
from lvshu.statistics.coding.methods.misclassification import Audit, error_rates
from lvshu.statistics.keys import CODES, MAJORS

Array = NDArray[np.float64]
GROUPS = (FULL, PARTIAL, OUTSIDE)
MEASURES = {"units": "1", "persons": "person"}

AUDITED = Query(
    "coding_audit",
    """
    SELECT
      audit.uscc, coalesce(audit.draw, '') AS draw, audit.audit_month, audit.model_version, audit.stratum,
      audit.stratum_units, audit.stratum_drawn, audit.frame_units, audit.audited_on, audit.industry_code AS true_code,
      audit.coded_code AS drawn_code, audit.employee_count AS drawn_persons, register.uscc IS NOT NULL AS listed,
      coalesce(register.overseas, false) AS overseas, coded.uscc IS NOT NULL AS waiting, coded.machine_code,
      register.employee_count, assigned.linked_class AS linked_code
    FROM coding_audit AS audit
    LEFT JOIN enterprise AS register ON register.uscc = audit.uscc
    LEFT JOIN activity_code AS coded ON coded.uscc = audit.uscc
    LEFT JOIN assigned_industry AS assigned ON assigned.uscc = audit.uscc
    ORDER BY draw, audit.stratum, audit.uscc
    """,
)


@dataclass(frozen=True)
class Draw:
    """One audit: its name, the month of its frame, its units, the units and draws of each stratum, its frame.

    Attributes:
        name: empty where the audit names no draw.
        month: YYYY-MM.
        rows: of `coding_error_sample`.
        strata: stratum -> units without a code when it was drawn.
        frame: units of all strata when it was drawn; None where that is not stated.
    """

    name: str
    month: str
    rows: tuple[Mapping[str, Any], ...]
    strata: Mapping[str, int]
    frame: int | None

    @property
    def key(self) -> tuple[str, str]:
        """Return month and name, in order of time."""
        return self.month, self.name

    def audit(self, measure: str, *, own: bool = False, linked: bool = False) -> Audit:
        """Return the sample with the groups of the core digital economy as classes; x is 1, or persons.

        Units whose class is by now that of a linked record carry no machine code that a total rests on: they count with
        x = 0, and weights remain those of the draw. How many of a stratum are such the audit does not tell: with N/n
        kept and x = 0 the sum over those that remain is unbiased, with N/n' of the n' that remain it would not be.

        Args:
            measure: "units" or "persons".
            own: for the population of the audit itself: all units that have left it since count with x = 0. Otherwise
                beside linked ones those alone of which the machine's code is not known.
            linked: take linked units in all the same: for what the machine's codes are worth, not for a total.

        Source: domain estimation, Särndal, Swensson, Wretman (1992), sections 5.8 and 10.3.
        """
        place = {name: number for number, name in enumerate(self.strata)}
        kept = np.array([
            bool(row["in_frame"] if own else row["code_known"] and (linked or row["linked_code"] is None))
            for row in self.rows
        ])  # fmt: skip
        value = np.array([1.0 if measure == "units" else float(row["persons"]) for row in self.rows])
        return Audit(
            truth=np.array([GROUPS.index(row["true_group"]) for row in self.rows], dtype=np.int64),
            coded=np.array([GROUPS.index(row["coded_group"]) for row in self.rows], dtype=np.int64),
            value=np.where(kept, value, 0.0),
            stratum=np.array([place[row["stratum"]] for row in self.rows], dtype=np.int64),
            population=np.array(list(self.strata.values()), dtype=float),
            classes=len(GROUPS),
        )

    def pools(self) -> NDArray[np.int64]:
        """Return a number for each stratum, equal where strata differ by the size of units alone, shape (strata,)."""
        groups = [group_of(name) for name in self.strata]
        return np.array([groups.index(one) for one in groups], dtype=np.int64)

    def left(self) -> int:
        """Return how many audited units have left the population since, a count."""
        return sum(not row["in_frame"] for row in self.rows)

    def linked(self) -> tuple[int, int]:
        """Return how many audited units have the class of a linked record, and of how many people found another."""
        own = [row for row in self.rows if row["linked_code"] is not None]
        return len(own), sum(row["linked_code"] != row["true_code"] for row in own)


def standings(context: StepContext) -> dict[str, str]:
    """Return class -> group: whole where an item of the core takes it whole, else partial where one is starred."""
    found: dict[str, str] = {}
    for row in context.packs[CODES].rows:
        if str(row["major"]) in MAJORS:
            code = str(row["gbt4754_code"])
            group = PARTIAL if row["partial"] else FULL
            found[code] = min(group, found.get(code, group), key=GROUPS.index)
    return found


def make(context: StepContext) -> None:
    """Fill `coding_error_sample` and `coding_error_rate`, and tell what of the audit cannot be used."""
    standing = standings(context)
    rows = context.sql(AUDITED).to_pylist()
    if not rows:
        return
    for row in rows:
        coded = row["listed"] and row["waiting"] and not row["overseas"]
        row["in_frame"] = coded and row["linked_code"] is None
        row["code_known"] = coded or (row["drawn_code"] is not None and not row["overseas"])
        row["coded_code"] = row["machine_code"] if row["waiting"] else row["drawn_code"]
        row["persons"] = next((n for n in (row["employee_count"], row["drawn_persons"]) if n is not None), 0)
        for side in ("true", "coded"):
            row[f"{side}_group"] = standing.get(row[f"{side}_code"] or "", OUTSIDE)
    drawn = _draws(rows, f"{context.settings.year}-12")
    sample = [_sample_row(one, row) for one in drawn for row in one.rows]
    context.write("coding_error_sample", {name: [row[name] for row in sample] for name in sample[0]})
    rates = [
        row
        for one in drawn
        for measure in MEASURES
        for row in _rate_rows(one, measure, one.audit(measure, linked=True))
    ]
    if rates:
        context.write("coding_error_rate", {name: [row[name] for row in rates] for name in rates[0]})
    _tell(context, drawn)


def _draws(rows: Sequence[dict[str, Any]], last: str) -> list[Draw]:
    """Return the audits in order of time; rows that name neither draw nor month are one, of their last finding."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["draw"], row["audit_month"] or ""), []).append(row)
    found = []
    for (name, month), own in groups.items():
        days = [row["audited_on"] for row in own if row["audited_on"] is not None]
        counts = Counter(row["stratum"] for row in own)
        sizes = {
            stratum: max(count, *(int(row["stratum_units"]) for row in own if row["stratum"] == stratum))
            for stratum, count in sorted(counts.items())
        }
        frames = [int(row["frame_units"]) for row in own if row["frame_units"] is not None]
        when = month or (f"{max(days):%Y-%m}" if days else last)
        ordered = tuple(sorted(own, key=lambda row: (row["stratum"], row["uscc"])))
        found.append(Draw(name, when, ordered, sizes, max(frames) if frames else None))
    return sorted(found, key=lambda one: one.key)


def _sample_row(one: Draw, row: Mapping[str, Any]) -> dict[str, Any]:
    audited = sum(other["stratum"] == row["stratum"] for other in one.rows)
    size = one.strata[row["stratum"]]
    kept = ("uscc", "stratum", "coded_code", "true_code", "coded_group", "true_group", "persons", "in_frame",
            "code_known", "linked_code", "model_version", "stratum_drawn", "audited_on")  # fmt: skip
    return {
        "audit_month": one.month, "draw": one.name, **{name: row[name] for name in kept}, "stratum_units": size,
        "weight": size / audited, "frame_units": one.frame,
    }  # fmt: skip


def _rate_rows(one: Draw, measure: str, audit: Audit) -> list[dict[str, Any]]:
    rows = []
    used = audit.value > 0
    for given in ("coded", "true"):
        rate, error = error_rates(audit, given=given)
        base = audit.coded if given == "coded" else audit.truth
        for g, true in enumerate(GROUPS):
            for h, coded in enumerate(GROUPS):
                seen = int((used & (base == (h if given == "coded" else g))).sum())
                if seen:
                    spread = float(error[g, h])
                    rows.append({
                        "audit_month": one.month, "draw": one.name, "measure": measure, "given": given,
                        "coded_group": coded, "true_group": true, "rate": float(rate[g, h]),
                        "standard_error": spread if np.isfinite(spread) and spread > 0 else None, "audited": seen,
                    })  # fmt: skip
    return rows


def _tell(context: StepContext, drawn: Sequence[Draw]) -> None:
    for one in drawn:
        left = one.left()
        if left:
            values = {"units": left, "of": len(one.rows), "month": one.month}
            _find(context, "coding.audit_left", one, values, left, severity="notice")
        linked, other = one.linked()
        if linked:
            values = {"units": linked, "other": other, "month": one.month}
            _find(
                context, "coding.audit_linked", one, values, other, severity="warning" if other else "notice"
            )
        counts = Counter(row["stratum"] for row in one.rows)
        for stratum, counted in sorted(counts.items()):
            own = [row for row in one.rows if row["stratum"] == stratum]
            sizes = {int(row["stratum_units"]) for row in own}
            if len(sizes) > 1 or max(sizes) < counted:
                values = {"stratum": stratum, "month": one.month, "units": counted,
                          "sizes": ", ".join(map(str, sorted(sizes)))}  # fmt: skip
                _find(context, "coding.audit_strata", one, values, counted)
        asked = {
            row["stratum"]: int(row["stratum_drawn"]) for row in one.rows if row["stratum_drawn"] is not None
        }
        missing = {name: count - counts[name] for name, count in asked.items() if count > counts[name]}
        if missing:
            values = {"month": one.month, "units": sum(missing.values()), "of": sum(asked.values()),
                      "strata": ", ".join(f"{name} {count}" for name, count in sorted(missing.items()))}  # fmt: skip
            _find(context, "coding.audit_unanswered", one, values, sum(missing.values()))


def _find(
    context: StepContext, code: str, one: Draw, values: Mapping[str, Any], amount: int, *, severity: str = "warning"
) -> None:  # fmt: skip
    problem = Problem(code, values=values, severity=severity)
    context.find(problem, table="coding_audit", key=one.month, amount=float(amount), unit="1")


def stored_draws(context: StepContext) -> list[Draw]:
    """Return the audits of `coding_error_sample`, in order of time."""
    rows = context.read("coding_error_sample", order=("audit_month", "draw", "stratum", "uscc")).to_pylist()
    found = []
    for month, name in sorted({(row["audit_month"], row["draw"]) for row in rows}):
        own = tuple(row for row in rows if (row["audit_month"], row["draw"]) == (month, name))
        frame = own[0]["frame_units"]
        strata = {row["stratum"]: int(row["stratum_units"]) for row in own}
        found.append(Draw(name, month, own, strata, None if frame is None else int(frame)))
    return found


def draw_for(drawn: Sequence[Draw], month: str) -> Draw | None:
    """Return the audit that serves a month: its own, else the last before it, else the first after it.

    Of several audits of one month the largest serves.
    """
    before = {one.month for one in drawn if one.month <= month}
    months = before or {one.month for one in drawn}
    if not months:
        return None
    chosen = max(months) if before else min(months)
    return max((one for one in drawn if one.month == chosen), key=lambda one: (len(one.rows), one.name))
