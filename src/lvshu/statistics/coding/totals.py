"""Fills `coded_total`, its months and replicates: core digital units and persons, corrected for wrong codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.coding.audit import GROUPS, MEASURES, Draw, draw_for, standings, stored_draws
from lvshu.statistics.coding.derived import OUTSIDE
from lvshu.statistics.coding.frame import Frame, frame_of
from lvshu.statistics.coding.methods.misclassification import (
    Corrected,
    calibration_estimate,
    difference_estimate,
    misclassification_estimate,
    replicate_weights,
    with_rare_errors,
)
from lvshu.statistics.coding.register import model_version
from lvshu.statistics.keys import months_of
from lvshu.statistics.protection import SHOWN, SUPPRESSED, thresholds

Array = NDArray[np.float64]
AS_CODED, DIFFERENCE, MISCLASSIFICATION, CALIBRATION = (
    "as_coded",
    "difference",
    "misclassification",
    "calibration",
)
ESTIMATORS = {
    DIFFERENCE: difference_estimate,
    MISCLASSIFICATION: misclassification_estimate,
    CALIBRATION: calibration_estimate,
}
HEADLINES = {"units": "digital_units_share", "persons": "digital_persons_share"}
METHODS = {DIFFERENCE: "audit_difference", CALIBRATION: "audit_calibration"}
NOTHING_CODED = "linked_register"
"""Method of the published error where no total rests on a machine's code."""
NORMAL_95 = 1.959963984540054
UNCOVERED = 0.05
"""Share of the units without a code by which those that an audit stands for may differ from them: our convention."""
UNLIKELY = 3.0
"""Standard errors of the number of units that an audit stands for beyond which it is not the draw's chance."""
SCOPE_ZH = (
    "只含编码差错及其抽查的抽样误差，以及疑似重复登记、类别不明单位和误链带来的错码的误差；"
    "不含名录与别的来源所填代码的差错、各来源都没有的单位、分类缺码"
)
SCOPE_EN = (
    "wrong machine codes and the draw of their audit, and the chance of likely double registrations, of units whose "
    "class is not known and of classes that a false link carries; not wrong codes that the register or another "
    "source states, units that no source knows, nor the missing codes of the classification"
)

UNITS = Query(
    "enterprise",
    """
    SELECT
      register.industry_code IS NOT NULL OR assigned.linked_class IS NOT NULL AS given,
      coalesce(register.overseas, false) AS overseas,
      coalesce(register.industry_code, assigned.industry_code) AS class_code,
      coalesce(register.industry_code, assigned.linked_class, coded.machine_code) AS machine_code,
      extract(YEAR FROM register.registered_on) AS born_year, extract(MONTH FROM register.registered_on) AS born_month,
      count(*) AS units, coalesce(sum(register.employee_count), 0) AS persons,
      coalesce(sum(register.employee_count * register.employee_count), 0) AS persons_squared
    FROM enterprise AS register
    LEFT JOIN activity_code AS coded ON coded.uscc = register.uscc
    LEFT JOIN assigned_industry AS assigned ON assigned.uscc = register.uscc
    GROUP BY
      register.industry_code IS NOT NULL OR assigned.linked_class IS NOT NULL, coalesce(register.overseas, false),
      coalesce(register.industry_code, assigned.industry_code),
      coalesce(register.industry_code, assigned.linked_class, coded.machine_code),
      extract(YEAR FROM register.registered_on), extract(MONTH FROM register.registered_on)
    ORDER BY given, overseas, class_code, machine_code, born_year, born_month
    """,
)
UNAUDITED = Query(
    "enterprise",
    """
    SELECT register.employee_count AS persons, count(*) AS units
    FROM enterprise AS register
    JOIN activity_code AS coded ON coded.uscc = register.uscc
    LEFT JOIN assigned_industry AS assigned ON assigned.uscc = register.uscc
    LEFT JOIN coding_error_sample AS audited
      ON audited.uscc = register.uscc AND audited.audit_month = :month AND audited.draw = :draw
    WHERE (register.overseas IS NULL OR NOT register.overseas) AND audited.uscc IS NULL
      AND assigned.linked_class IS NULL AND register.employee_count IS NOT NULL
    GROUP BY register.employee_count
    ORDER BY persons DESC
    """,
)


@dataclass(frozen=True)
class _Counts:
    """Totals by group, shape (groups,): of units with a code, their own or a linked one's, of the others as coded
    (reviews included), and as the machine coded them apart from reviews; of the units without a code their number and
    Σ x²; mean squared errors of the totals and of the share of the first group (in its square) that the frame's
    doubtful units and false links make."""

    given: Array
    coded: Array
    machine: Array
    uncoded: int
    squares: float
    frame: Array
    frame_share: Array

    @property
    def whole(self) -> float:
        return float(self.given.sum() + self.coded.sum())


@dataclass(frozen=True)
class _Serves:
    """What serves a period: the audit, whether it covers its own population and that of the period."""

    audit: Draw | None
    whole: bool = False
    covers: bool = False

    def published(self, counts: _Counts, period: str) -> str:
        """Return the estimator that is published; without uncoded units there is nothing to correct."""
        if not counts.coded.sum():
            return DIFFERENCE
        if self.audit is None or not self.whole:
            return ""
        return DIFFERENCE if self.audit.month.startswith(period) and self.covers else CALIBRATION


def make(context: StepContext) -> None:
    """Fill the three tables and write the uncertainty of the published shares.

    The frame is the linked register's: see `frame_of`. A total is of the year's end, the months are those of the year.
    Where the audit is of the year (of the month) and stands for the units without a code, the difference estimator
    is published; else what an audit of another time says codes mean, the calibration estimator. An audit that
    leaves out a part of its own population, such as a stratum without answers, corrects nothing: its figures stand
    without a standard error and unpublished.
    """
    standing = standings(context)
    frame = frame_of(context, standing)
    cells, drawn = _cells(context, standing, frame), stored_draws(context)
    year, yearly, monthly = str(context.settings.year), [], []
    weights = {
        (one.key, measure): replicate_weights(
            one.audit(measure), context.settings.replicates,
            context.generator(f"coding_audit.{measure}.{one.month}.{one.name}"),
        )
        for one in drawn for measure in MEASURES
    }  # fmt: skip
    whole = {one.key: _is_whole(context, cells, frame, one) for one in drawn}
    _tell_several(context, drawn, whole)
    for measure in MEASURES:
        one = _counts(cells, frame, measure, "")
        serves = _serves(drawn, whole, one, f"{year}-12")
        published = serves.published(one, year)
        for name, found in _estimates(context, one, measure, serves, weights).items():
            yearly += _rows(measure, name, one, found, serves.audit, published=name == published)
            if name != published or one.whole <= 0:
                continue
            rests = bool(one.coded.sum())
            if serves.audit is not None or not rests:
                method = METHODS[name] if rests else NOTHING_CODED
                _publish(context, measure, one, found, frame, method, serves.audit if rests else None)
            if serves.audit is not None and rests and measure == "persons":
                _tell_large(context, serves.audit, found)
        if serves.audit is not None and serves.whole and one.coded.sum():
            _tell_apart(context, measure, one, serves, weights)
            if measure == "units":
                _tell_serving(context, one, serves, year)
        for month in months_of(context.settings):
            then = _counts(cells, frame, measure, month)
            serves = _serves(drawn, whole, then, month)
            published = serves.published(then, month)
            for name, found in _estimates(context, then, measure, serves, weights).items():
                rows = _rows(measure, name, then, found, serves.audit, published=name == published)
                monthly += [{"month": month, **row} for row in rows]
    is_split_hidden = _is_split_hidden(context, _counts(cells, frame, "units", ""))
    yearly = [_as_shown(row, is_split_hidden=is_split_hidden) for row in yearly]
    context.write("coded_total", {name: [row[name] for row in yearly] for name in yearly[0]})
    context.write("coded_total_month", {name: [row[name] for row in monthly] for name in monthly[0]})


def _is_split_hidden(context: StepContext, units: _Counts) -> bool:
    """Return whether a group has too few units with a code, or without, by the rules for enterprises; tell it."""
    least = thresholds(context, "enterprise").minimum_count or 0
    hidden = any(0 < count < least for count in (*units.given, *units.coded))
    if hidden:
        problem = Problem("coding.parts_hidden", values={"least": least}, severity="notice")
        context.find(problem, table="coded_total")
    return hidden


def _as_shown(row: dict[str, Any], *, is_split_hidden: bool) -> dict[str, Any]:
    split = ("register_total", "uncoded_total") if is_split_hidden else ()
    return {**row, **dict.fromkeys(split), "split_status": SUPPRESSED if is_split_hidden else SHOWN}


def _serves(
    drawn: Sequence[Draw], whole: Mapping[tuple[str, str], bool], counts: _Counts, month: str
) -> _Serves:
    audit = draw_for([one for one in drawn if whole[one.key]] or drawn, month)
    if audit is None:
        return _Serves(None)
    stands, error = _stands_for(audit)
    gap = abs(stands - counts.uncoded)
    allowed = max(UNCOVERED * counts.uncoded, UNLIKELY * error if np.isfinite(error) else 0.0)
    return _Serves(audit, whole[audit.key], gap <= allowed)


def _tell_several(context: StepContext, drawn: Sequence[Draw], whole: Mapping[tuple[str, str], bool]) -> None:
    """Tell months with several draws: one of them serves, and the answers of the others stand aside."""
    for month in sorted({one.month for one in drawn}):
        own = [one for one in drawn if one.month == month]
        serves = draw_for([one for one in own if whole[one.key]] or own, month)
        if len(own) < 2 or serves is None:
            continue
        aside = [f"{one.name or '–'} {len(one.rows)}" for one in own if one.key != serves.key]
        values = {"month": month, "draw": serves.name or "–", "answers": len(serves.rows), "aside": aside}
        context.find(Problem("coding.audit_several", values=values, severity="notice"), table="coding_audit",
                     key=month, amount=float(len(own) - 1), unit="1")  # fmt: skip


def _stands_for(audit: Draw) -> tuple[float, float]:
    """Return how many units without a code an audit stands for today, and the standard error of that, counts."""
    sample = audit.audit("units", own=True)
    total, variance = 0.0, 0.0
    for number, (size, count) in enumerate(zip(sample.population, sample.count, strict=True)):
        own = sample.value[sample.stratum == number]
        total += float(size * own.mean())
        if 1 < count < size:
            variance += float(size**2 * (1 - count / size) * own.var(ddof=1) / count)
    return total, float(np.sqrt(variance))


def _is_whole(context: StepContext, cells: Sequence[Mapping[str, Any]], frame: Frame, one: Draw) -> bool:
    """Return whether the strata of an audit hold all units that had no code when it was drawn; tell where not.

    The units of its frame are stated by the draw, or else are those without a code that were registered by its month.
    """
    held = sum(one.strata.values())
    units = one.frame or _counts(cells, frame, "units", one.month).uncoded
    if held >= (units if one.frame else (1 - UNCOVERED) * units):
        return True
    values = {"month": one.month, "frame": held, "units": units, "strata": ", ".join(one.strata)}
    context.find(Problem("coding.audit_uncovered", values=values, severity="warning"),
                 table="coding_audit", key=one.month, amount=float(units - held), unit="1")  # fmt: skip
    return False


def _estimates(
    context: StepContext, counts: _Counts, measure: str, serves: _Serves,
    weights: Mapping[tuple[tuple[str, str], str], Array],
) -> dict[str, Corrected]:  # fmt: skip
    """Return the estimates of the uncoded part by their names, as coded first."""
    unknown = np.full(len(GROUPS), np.nan)
    bare = Corrected(counts.coded, unknown, np.zeros((0, len(GROUPS))))
    found = {AS_CODED: bare}
    if not counts.coded.sum():
        zeros = np.zeros((context.settings.replicates, len(GROUPS)))
        return {**found, DIFFERENCE: Corrected(counts.coded, np.zeros(len(GROUPS)), zeros)}
    audit = serves.audit
    if audit is None:
        return found
    drawn = weights[(audit.key, measure)]
    for name, estimate in ESTIMATORS.items():
        sample = audit.audit(measure, own=name == DIFFERENCE)
        one = estimate(counts.machine, sample, drawn)
        if name in METHODS:
            random = context.generator(f"coding_audit.rare.{name}.{measure}.{audit.month}.{audit.name}")
            other = None if name == DIFFERENCE else counts.machine
            one = with_rare_errors(one, sample, audit.pools(), counts.squares, random, coded_total=other)
        found[name] = one if serves.whole else Corrected(one.value, unknown, one.replicates)
    return found


def _cells(context: StepContext, standing: Mapping[str, str], frame: Frame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [*context.sql(UNITS).to_pylist(), *map(dict, frame.cells)]
    for row in rows:
        for name in ("class_code", "machine_code"):
            row[f"{name}_group"] = GROUPS.index(standing.get(row[name] or "", OUTSIDE))
        born = row["born_year"]
        row["born"] = "" if born is None else f"{int(born):04d}-{int(row['born_month']):02d}"
    return rows


def _counts(cells: Sequence[Mapping[str, Any]], frame: Frame, measure: str, month: str) -> _Counts:
    """Return the totals of the units registered by the end of a month; of all units for no month.

    The number of units without a code is that of rows, doubles among them: audits are drawn from rows.
    """
    totals, uncoded, squares = np.zeros((3, len(GROUPS))), 0, 0.0
    for row in cells:
        if month and row["born"] > month:
            continue
        if row["overseas"]:
            continue
        if not row["given"] and row["units"] > 0:
            uncoded += int(row["units"])
            squares += float(row["units" if measure == "units" else "persons_squared"])
        value = float(row[measure])
        totals[0 if row["given"] else 1, row["class_code_group"]] += value
        totals[2, row["machine_code_group"]] += 0.0 if row["given"] else value
    given = totals[0] + frame.missing_group(measure, month)
    whole = float(given.sum() + totals[1].sum())
    one = np.eye(len(GROUPS))
    shares = (given + totals[1]) / whole if whole > 0 else np.zeros(len(GROUPS))
    variance = np.array([frame.variance(measure, month, one[group]) for group in range(len(GROUPS))])
    of_share = np.array([
        frame.variance(measure, month, one[group] - shares[group]) / whole**2 if whole > 0 else 0.0
        for group in range(len(GROUPS))
    ])  # fmt: skip
    return _Counts(given, totals[1], totals[2], uncoded, squares, variance, of_share)


def _rows(
    measure: str, estimator: str, counts: _Counts, found: Corrected, audit: Draw | None, *, published: bool
) -> list[dict[str, Any]]:
    rows = []
    corrected = estimator != AS_CODED and audit is not None and bool(counts.coded.sum())
    for group, code in enumerate(GROUPS):
        open_, error = float(found.value[group]), float(found.standard_error[group])
        known = bool(np.isfinite(open_))
        # an audit that saw no error of a group does not show that there is none: no standard error rather than zero
        is_known = error > 0 or not counts.coded.sum()
        spread = (float(np.hypot(error, np.sqrt(counts.frame[group]))) or None) if is_known else None
        of_frame = float(counts.frame_share[group])
        of_share = (
            float(np.sqrt((error / counts.whole) ** 2 + of_frame)) if spread and counts.whole > 0 else None
        )
        total = counts.given[group] + open_
        rows.append({
            "measure": measure, "group_code": code, "estimator": estimator, "published": published,
            "register_total": float(counts.given[group]), "uncoded_total": open_ if known else None,
            "value": total if known else None, "standard_error": spread,
            "share": 100 * total / counts.whole if known and counts.whole > 0 else None,
            "share_standard_error": None if of_share is None else 100 * of_share,
            "share_frame_standard_error": None if of_share is None else 100 * float(np.sqrt(of_frame)),
            "audited": len(audit.rows) if corrected and audit is not None else 0,
            "audit_month": audit.month if corrected and audit is not None else None, "unit": MEASURES[measure],
        })  # fmt: skip
    return rows


def _publish(
    context: StepContext,
    measure: str,
    counts: _Counts,
    found: Corrected,
    frame: Frame,
    method: str,
    audit: Draw | None,
) -> None:
    random = context.generator(f"frame.{measure}")
    deviation = frame.draws(measure, len(found.replicates), random)
    whole, drawn = counts.whole, counts.given + found.replicates + deviation
    columns: dict[str, list[Any]] = {
        name: [] for name in ("measure", "group_code", "replicate", "value", "unit")
    }
    for group, code in enumerate(GROUPS):
        for number, value in enumerate(drawn[:, group].tolist(), start=1):
            cells = (measure, code, number, value, MEASURES[measure])
            for name, cell in zip(columns, cells, strict=True):
                columns[name].append(cell)
    context.write("coded_total_replicate", columns)
    share = 100 * (counts.given[0] + found.value[0]) / whole
    error = 100 * float(np.sqrt((found.standard_error[0] / whole) ** 2 + counts.frame_share[0]))
    if np.isfinite(error) and error > 0:
        low, high = _within_known(context, measure, counts, frame, audit, float(share), NORMAL_95 * error)
        context.write_uncertainty(
            HEADLINES[measure], value=float(share), unit="%", standard_error=error,
            low=low, high=high,
            replicates=100 * drawn[:, 0] / (whole + deviation.sum(axis=1)), method=method,
            scope_zh=SCOPE_ZH, scope_en=SCOPE_EN,
        )  # fmt: skip


def _within_known(
    context: StepContext,
    measure: str,
    counts: _Counts,
    frame: Frame,
    audit: Draw | None,
    share: float,
    width: float,
) -> tuple[float, float]:
    """Return the interval of the published share within what is certain, in per cent; tell where that bounds it.

    Certain are the units of the register with a code of its own (such codes are taken as right) and those that the
    audit found, each in its group: no population in which the share lies outside is possible, so that cutting the
    interval there loses no coverage. The published share is not moved; one below what is certain is told, and the
    interval then begins at it.

    Source: a confidence set keeps its coverage when it is cut to the parameter space: Lehmann, Romano (2005), Testing
        Statistical Hypotheses, section 3.5.
    """
    held = np.zeros(len(GROUPS))
    if audit is not None:
        sample = audit.audit(measure, own=True)
        held = np.bincount(sample.truth, weights=sample.value, minlength=len(GROUPS)).astype(float)
    doubtful = frame.missing_group(measure, "") + frame.linked_total(measure)
    certain = 100 * (counts.given - doubtful + held) / counts.whole
    least, most = float(certain[0]), 100.0 - float(certain[1:].sum())
    low, high = max(share - width, least), min(share + width, most)
    if low > share - width or high < share + width:
        names = {"units": {"zh": "单位", "en": "units"}, "persons": {"zh": "从业人员", "en": "persons"}}
        values = {"measure": names[measure], "least": f"{least:.3f}", "most": f"{most:.3f}", "share": f"{share:.3f}",
                  "low": f"{max(share - width, 0.0):.3f}", "high": f"{share + width:.3f}"}  # fmt: skip
        is_outside = not least <= share <= most
        code = "coding.share_outside_known" if is_outside else "coding.interval_bounded"
        problem = Problem(code, values=values, severity="warning" if is_outside else "notice")
        context.find(problem, table="coded_total", key=measure, amount=least, unit="%")
    return min(low, share), max(high, share)


def _tell_apart(
    context: StepContext, measure: str, counts: _Counts, serves: _Serves,
    weights: Mapping[tuple[tuple[str, str], str], Array],
) -> None:  # fmt: skip
    """Tell where the two estimators for months without an audit say different things beyond their common error."""
    found = _estimates(context, counts, measure, serves, weights)
    by_matrix, by_code = found[MISCLASSIFICATION], found[CALIBRATION]
    gap = float(by_matrix.value[0] - by_code.value[0])
    drawn = (by_matrix.replicates - by_code.replicates)[:, 0]
    drawn = drawn[np.isfinite(drawn)]
    error = float(drawn.std(ddof=1)) if drawn.size > 1 else float("nan")
    if np.isfinite(gap) and error > 0 and abs(gap) > NORMAL_95 * error:
        values = {"measure": {"zh": "单位" if measure == "units" else "从业人员", "en": measure},
                  "matrix": f"{by_matrix.value[0]:,.0f}", "codes": f"{by_code.value[0]:,.0f}"}  # fmt: skip
        problem = Problem("coding.estimators_apart", values=values, severity="notice")
        context.find(problem, table="coded_total", key=measure, amount=abs(gap), unit=MEASURES[measure])


def _tell_large(context: StepContext, audit: Draw, found: Corrected) -> None:
    """Tell of units outside the audit each of which, wrongly coded, would move the total out of its interval."""
    width = NORMAL_95 * float(found.standard_error[0])
    if not np.isfinite(width):
        return
    rows = context.sql(UNAUDITED, month=audit.month, draw=audit.name).to_pylist()
    large = [row for row in rows if float(row["persons"]) > width]
    if large:
        units = sum(int(row["units"]) for row in large)
        values = {"units": units, "persons": f"{int(large[0]['persons']):,}", "width": f"{width:,.0f}"}
        context.find(Problem("coding.large_unaudited", values=values, severity="warning"), table="coded_total",
                     key="persons", amount=float(large[0]["persons"]), unit="person")  # fmt: skip


def _tell_serving(context: StepContext, counts: _Counts, serves: _Serves, year: str) -> None:
    """Tell where the audit is of another year or population than the total, and of another model's codes."""
    audit = serves.audit
    if audit is None:
        return
    size = float(len(audit.rows))
    if not audit.month.startswith(year):
        values: dict[str, Any] = {"month": audit.month, "year": year}
        context.find(Problem("coding.audit_of_another_year", values=values, severity="warning"),
                     table="coded_total", key=audit.month, amount=size, unit="1")  # fmt: skip
    elif not serves.covers:
        values = {
            "month": audit.month,
            "stands": f"{_stands_for(audit)[0]:,.0f}",
            "units": f"{counts.uncoded:,}",
        }
        context.find(Problem("coding.audit_of_another_population", values=values, severity="warning"),
                     table="coded_total", key=audit.month, amount=size, unit="1")  # fmt: skip
    version = model_version(context)
    other = [row for row in audit.rows if row["code_known"] and not row["in_frame"] and row["linked_code"] is None
             and row["model_version"] != version]  # fmt: skip
    if other:
        values = {"month": audit.month, "units": len(other), "of": len(audit.rows)}
        context.find(Problem("coding.audit_of_another_model", values=values, severity="notice"),
                     table="coding_error_sample", key=audit.month, amount=float(len(other)), unit="1")  # fmt: skip
