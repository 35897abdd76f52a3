"""Fills flexible employment under every definition, from the survey, the platforms' register, and both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import employment_reach
from lvshu.statistics.desk_error.reinterview import (
    Checked,
    checked,
    tell_open_cells,
)
from lvshu.statistics.employment_hidden import REGISTERS, is_small, without_hidden, without_platforms
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.methods.bootstrap import replicate_totals
from lvshu.statistics.methods.capture_recapture import (
    by_listed_share,
    chapman,
    effective_sample,
    least_listed_share,
)
from lvshu.statistics.methods.dual_frame import hartley
from lvshu.statistics.methods.survey import Estimate, clustered_variance, count_interval, covariance
from lvshu.statistics.other_years import tell_other_years
from lvshu.statistics.places import tell_outside

Array = NDArray[np.float64]

WEEK = 40.0
SURVEY = (
    ("employment", "employed", "就业人数（调查）", "Employment (survey)"),
    ("survey_main_job", "main_platform", "主业为平台工作（调查）", "Platform work as main job (survey)"),
    ("survey_any_job", "any_platform", "主业或副业为平台工作（调查）", "Platform work in any job (survey)"),
    ("survey_second_job", "second_platform", "仅副业为平台工作（调查）",
     "Platform work beside another main job (survey)"),
    ("own_account", "own_account", "自营劳动者（调查）", "Own-account workers (survey)"),
    ("part_time", "part_time", "非全日制（调查）", "Part-time workers (survey)"),
    ("survey_main_flexible", "main_flexible", "灵活就业，只看主业（调查）",
     "Flexible employment, main job only (survey)"),
    ("survey_flexible", "flexible", "灵活就业：自营、非全日制、平台（调查）",
     "Flexible employment: own account, part time, platform (survey)"),
    ("survey_in_register", "in_register", "平台登记中的人（由调查推算）",
     "Persons in the platforms' register (by the survey)"),
)  # fmt: skip
LABELS = {
    "register_platform": ("平台登记去重人数", "Platform workers, each counted once (register)"),
    "dual_frame": ("平台从业者（双框）", "Platform workers (dual frame)"),
    "dual_frame_as_linked": (
        "平台从业者（双框，未改正链接与答复差错）",
        "Platform workers (dual frame, links and answers as they are)",
    ),
    "capture_recapture": ("平台从业者（捕获再捕获）", "Platform workers (capture and recapture)"),
    "chapman": ("平台从业者（查普曼式，有效样本量）", "Platform workers (Chapman, effective sample size)"),
    "register_injury_insurance": (
        "职业伤害保障参保去重人数",
        "Insured against occupational injury, each counted once (register)",
    ),
    "register_self_employment": (
        "个体经营者登记去重人数（无雇工）",
        "Self-employed operators without employees, each counted once (register)",
    ),
    "survey_in_injury_insurance": (
        "职业伤害保障参保的人（由调查推算）",
        "Persons insured against occupational injury (by the survey)",
    ),
    "survey_in_self_employment": (
        "个体经营者登记中的人（由调查推算）",
        "Persons in the register of self-employed operators (by the survey)",
    ),
    "register_any": ("三种登记任一，去重人数", "In any of the three registers, each counted once"),
    "corrected_all_registers": (
        "灵活就业（全部已有登记修正后，未改正链接与答复差错）",
        "Flexible employment (corrected by all registers delivered, links and answers as they are)",
    ),
    "corrected_total": ("灵活就业（登记修正后）", "Flexible employment (corrected by the register)"),
    "corrected_as_linked": (
        "灵活就业（登记修正后，未改正链接与答复差错）",
        "Flexible employment (corrected by the register, links and answers as they are)",
    ),
}
NOT_DELIVERED = "not_delivered"


@dataclass(frozen=True)
class Survey:
    """The survey by cell of cluster and district: expanded persons and hours of each measure, mean of its months.

    Arrays of shape (cells,): persons interviewed, weighted persons, weighted weekly hours. cluster_names: stratum and
    cluster of each cell, by which clusters of two months are known to be the same.
    """

    months: tuple[str, ...]
    stratum: NDArray[np.int64]
    cluster: NDArray[np.int64]
    cluster_names: list[tuple[str, str]]
    district: list[str]
    sampled: dict[str, Array]
    weighted: dict[str, Array]
    hours: dict[str, Array]

    def estimate(self, measure: str, inside: Array | None = None) -> Estimate:
        """Return the total of a measure, in persons, maybe of a part of the cells."""
        values = self.weighted[measure] if inside is None else self.weighted[measure] * inside
        variance = clustered_variance(values, self.stratum, self.cluster)
        return Estimate(float(values.sum()), float(np.sqrt(variance)))

    def cells(self) -> Array:
        """Return expanded persons by what they said and whether they are linked, shape (cells, 4), in persons."""
        flexible, outside = self.weighted["flexible"], self.weighted["flexible_not_in_register"]
        linked = self.weighted["in_register"]
        other_linked = linked - (flexible - outside)
        columns = (
            flexible - outside,
            outside,
            other_linked,
            self.weighted["persons"] - flexible - other_linked,
        )
        return np.stack(columns, axis=1)

    def platform_cells(self) -> Array:
        """Return expanded persons by whether they said platform work and whether they are linked, shape (cells, 4)."""
        both, only = self.weighted["any_platform_in_register"], self.weighted["any_platform_not_in_register"]
        linked = self.weighted["in_register"]
        silent = linked - both
        return np.stack((both, only, silent, self.weighted["persons"] - both - only - silent), axis=1)

    def expected(self, again: Checked | None) -> Estimate:
        """Return how many persons the platforms' register should hold, links corrected by re-interviews."""
        return employment_reach.expected(self.cells(), self.stratum, self.cluster, again)

    def reach(self, workers: float, again: Checked | None) -> str:
        """Return where a platforms' register of so many workers lies by the survey: `employment_reach.reach`."""
        return employment_reach.reach(self.expected(again), workers)

    def share(self, values: Array, fixed: float) -> Estimate:
        """Return (fixed + total of values) over employment, in per cent."""
        base = float(self.weighted["employed"].sum())
        if base == 0:
            return Estimate(float("nan"), float("nan"))
        ratio = (fixed + float(values.sum())) / base
        residual = (values - ratio * self.weighted["employed"]) / base
        variance = clustered_variance(residual, self.stratum, self.cluster)
        return Estimate(100 * ratio, 100 * float(np.sqrt(variance)))


def read_survey(context: StepContext) -> Survey:
    """Return the survey's cells of the whole year, mean of its months; a cluster of several months is one cluster."""
    return _survey_of(cluster_rows(context))


def cluster_rows(context: StepContext) -> list[dict[str, Any]]:
    """Return the rows of `labour_survey_cluster` in a fixed order."""
    order = ("stratum", "cluster", "district_code", "month", "measure")
    found: list[dict[str, Any]] = context.read("labour_survey_cluster", order=order).to_pylist()
    return found


def survey_by_month(rows: Sequence[Mapping[str, Any]]) -> dict[str, Survey]:
    """Return the survey of each month by itself, months in order.

    Args:
        rows: of `cluster_rows`.
    """
    apart: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        apart.setdefault(str(row["month"]), []).append(row)
    return {month: _survey_of(apart[month]) for month in sorted(apart)}


def _survey_of(rows: Sequence[Mapping[str, Any]]) -> Survey:
    months = tuple(sorted({row["month"] for row in rows}))
    strata = {name: number for number, name in enumerate(sorted({row["stratum"] for row in rows}))}
    clusters = {
        key: number for number, key in enumerate(sorted({(row["stratum"], row["cluster"]) for row in rows}))
    }
    cells: dict[tuple[str, str, str], int] = {}
    for row in rows:
        cells.setdefault((row["stratum"], row["cluster"], row["district_code"]), len(cells))
    tables: tuple[dict[str, Array], dict[str, Array], dict[str, Array]] = ({}, {}, {})
    for row in rows:
        place = cells[(row["stratum"], row["cluster"], row["district_code"])]
        for table, name, scale in zip(
            tables, ("persons", "weighted", "weighted_hours"), (1, len(months), len(months)), strict=True
        ):
            column = table.setdefault(row["measure"], np.zeros(len(cells)))
            column[place] += float(row[name]) / scale
    return Survey(
        months=months,
        stratum=np.array([strata[key[0]] for key in cells], dtype=np.int64),
        cluster=np.array([clusters[key[:2]] for key in cells], dtype=np.int64),
        cluster_names=[key[:2] for key in cells],
        district=[key[2] for key in cells],
        sampled=tables[0],
        weighted=tables[1],
        hours=tables[2],
    )


def make(context: StepContext) -> None:
    """Fill `flexible_employment` and its replicates; the error of its headlines is told by `statistics.total_error`."""
    survey = read_survey(context)
    register = _register(context, survey.months)
    found_again = None if register is None else checked(context)
    about_platform = None if register is None else checked(context, tell=False, about="platform")
    rows = definition_rows(survey, register, found_again, about_platform)
    if found_again is not None:
        tell_open_cells(context, found_again, survey.cells().sum(axis=0))
    rows += _other_registers(context, survey, register is not None)
    rows = without_hidden(context, rows)
    withheld = register is not None and is_small(context, register[0])
    if withheld:
        rows = without_platforms(context, rows)
    if register is not None and not withheld:
        if survey.reach(register[0], found_again) == employment_reach.SHORT:
            rows = employment_reach.without_ends(rows)
        employment_reach.tell(context, survey.expected(found_again), register[0])
    context.write("flexible_employment", {name: [row[name] for row in rows] for name in rows[0]})
    _replicates(context, survey, register[0] if register and not withheld else None, found_again)
    _tell_strata(context, survey)
    for table in ("labour_survey", "labour_reinterview"):
        tell_other_years(context, table)
    for table in (
        "labour_survey",
        "platform_work_record",
        "injury_insurance_record",
        "self_employment_record",
    ):
        tell_outside(context, table)


def definition_rows(
    survey: Survey,
    register: tuple[float, float] | None,
    again: Checked | None,
    about_platform: Checked | None,
) -> list[dict[str, Any]]:
    """Return every definition of a survey, and with the platforms' register where it is there.

    Args:
        survey: of a month, or the mean of several.
        register: workers and full-time equivalents in the register over the same months.
        again: what re-interviews say of flexible employment.
        about_platform: what they say of platform work.
    """
    rows = [_survey_row(survey, *definition) for definition in SURVEY]
    return rows if register is None else [*rows, *_combined_rows(survey, *register, again, about_platform)]


def _survey_row(survey: Survey, code: str, measure: str, zh: str, en: str) -> dict[str, Any]:
    share = survey.share(survey.weighted[measure], 0.0)
    full_time = float(survey.hours[measure].sum()) / WEEK
    row = _row(code, (zh, en), "survey", survey.estimate(measure), share, full_time)
    return {**row, "sampled_persons": int(survey.sampled[measure].sum())}


def _row(
    code: str, label: tuple[str, str], method: str, found: Estimate, share: Estimate, full_time: float | None,
    *, least: float = 0.0,
) -> dict[str, Any]:  # fmt: skip
    """Return a row; of persons in a register no error is known: it is empty, not zero;
    their share has the error of employment.

    A sample that did not vary tells no error, least of all none. The interval begins above the persons known to be
    there, `least`.
    """
    is_counted = method == "register"
    is_known = not is_counted and found.standard_error > 0.0
    low, high = count_interval(found, least=least) if is_known else (None, None)
    return {
        "definition_code": code,
        "label_zh": label[0],
        "label_en": label[1],
        "method": method,
        "status": "estimated",
        "sampled_persons": None,
        "persons": found.value,
        "standard_error": found.standard_error if is_known else None,
        "low": low,
        "high": high,
        "share_of_employment": share.value,
        "share_standard_error": share.standard_error if is_known or is_counted else None,
        "full_time_equivalent": full_time,
    }


def _register(context: StepContext, months: tuple[str, ...]) -> tuple[float, float] | None:
    """Return workers and full-time equivalents, mean of the survey's months; None where a month is missing."""
    rows = context.read("platform_worker", where=f"district_code = '{TOTAL}'", order=("month",)).to_pylist()
    by_month = {row["month"]: row for row in rows}
    absent = [month for month in months if month not in by_month]
    if absent:
        values = {"months": ", ".join(absent)}
        problem = Problem("statistics.register_without_month", values=values, severity="warning")
        context.find(problem, table="platform_work_record")
        return None
    workers = sum(float(by_month[month]["workers"]) for month in months) / len(months)
    full_time = sum(float(by_month[month]["full_time_equivalent"]) for month in months) / len(months)
    return workers, full_time


def _combined_rows(
    survey: Survey, workers: float, full_time: float, again: Checked | None, about_platform: Checked | None
) -> list[dict[str, Any]]:
    counted = Estimate(workers, 0.0)
    rows = [
        _row("register_platform", LABELS["register_platform"], "register", counted,
             survey.share(0 * survey.weighted["employed"], workers), full_time),
        _dual_frame(survey, workers, "dual_frame", about_platform),
    ]  # fmt: skip
    if about_platform is not None:
        rows.append(_dual_frame(survey, workers, "dual_frame_as_linked", None))
    rows += _recaptured(survey, workers)
    rows = [_bounded(survey, row, workers) if row["method"] != "register" else row for row in rows]
    as_linked = _corrected(survey, workers, full_time, "corrected_total", None)
    if again is None:
        return [*rows, as_linked]
    label = LABELS["corrected_as_linked"]
    as_linked |= {"definition_code": "corrected_as_linked", "label_zh": label[0], "label_en": label[1]}
    return [*rows, as_linked, _corrected(survey, workers, full_time, "corrected_total", again)]


def _other_registers(context: StepContext, survey: Survey, platforms: bool) -> list[dict[str, Any]]:
    """Return the definitions by injury insurance and the register of operators, and by all registers together.

    A register that was not delivered keeps its row, without figures. Persons in a register count whether they worked
    in the month or not: what the survey finds of them stands beside.
    """
    found = context.read("flexible_register", order=("register_code", "month")).to_pylist()
    persons: dict[str, list[float]] = {}
    for row in found:
        persons.setdefault(row["register_code"], []).append(float(row["persons"]))
    rows, delivered = [], []
    for code, definition, measure in REGISTERS:
        by_survey = f"survey_{measure}"
        if len(persons.get(code, ())) < len(survey.months):
            rows += [_not_delivered(definition, "register"), _not_delivered(by_survey, "survey")]
            continue
        delivered.append(code)
        counted = sum(persons[code]) / len(survey.months)
        share = survey.share(0 * survey.weighted["employed"], counted)
        rows.append(_row(definition, LABELS[definition], "register", Estimate(counted, 0.0), share, None))
        rows.append(_survey_row(survey, by_survey, measure, *LABELS[by_survey]))
    if not delivered or not platforms:
        return [
            *rows, _not_delivered("register_any", "register"),
            _not_delivered("corrected_all_registers", "register_and_survey"),
        ]  # fmt: skip
    listed = sum(persons["any"]) / len(survey.months)
    share = survey.share(0 * survey.weighted["employed"], listed)
    rows.append(_row("register_any", LABELS["register_any"], "register", Estimate(listed, 0.0), share, None))
    outside = survey.weighted["flexible_not_in_any_register"]
    variance = clustered_variance(outside, survey.stratum, survey.cluster)
    total = Estimate(listed + float(outside.sum()), float(np.sqrt(variance)))
    code = "corrected_all_registers"
    row = _row(
        code, LABELS[code], "register_and_survey", total, survey.share(outside, listed), None, least=listed
    )
    sampled = int(survey.sampled["flexible_not_in_any_register"].sum())
    return [*rows, _at_least(survey, {**row, "sampled_persons": sampled}, listed, "flexible", sampled)]


def _not_delivered(code: str, method: str) -> dict[str, Any]:
    unknown = Estimate(0.0, 0.0)
    empty = dict.fromkeys(
        ("persons", "standard_error", "low", "high", "share_of_employment", "share_standard_error")
    )
    return {**_row(code, LABELS[code], method, unknown, unknown, None), **empty, "status": NOT_DELIVERED}


def _dual_frame(survey: Survey, workers: float, code: str, again: Checked | None) -> dict[str, Any]:
    """Return platform workers by the dual frame, links and answers corrected where there are re-interviews.

    The error is that of sampling, as in `_corrected`.
    """
    only, overlap = survey.weighted["any_platform_not_in_register"], survey.weighted["in_register"]
    if again is not None:
        cells = survey.platform_cells()
        only = cells @ ((1.0 - again.register_share) * again.flexible_share)
        overlap = cells @ again.register_share
    found = [
        Estimate(float(one.sum()), float(np.sqrt(clustered_variance(one, survey.stratum, survey.cluster))))
        for one in (only, overlap)
    ]
    together = covariance(only, overlap, survey.stratum, survey.cluster)
    frame = hartley(found[0], found[1], Estimate(workers, 0.0), together)
    weight = frame.survey_weight
    share = survey.share(only + weight * overlap, (1 - weight) * workers)
    row = _row(code, LABELS[code], "dual_frame", frame.estimate, share, None)
    if again is not None and float(only.sum()) <= 0.0:  # the visits found nobody outside
        return {**row, **_NO_ERROR, "low": workers}
    return row


def _corrected(
    survey: Survey, workers: float, full_time: float, code: str, again: Checked | None
) -> dict[str, Any]:
    """Return the register and the flexibly employed outside it, by the re-interviews where there are any.

    The error is that of sampling, with the shares of the re-interviews taken as known; the total error stands in
    `total_error`. Hours of those outside grow with their number. Where nobody was found outside, no error is known.
    """
    added = "flexible_not_in_register"
    values, hours = survey.weighted[added], float(survey.hours[added].sum())
    if again is not None:
        as_linked = float(values.sum())
        values = outside(survey, again)
        hours *= float(values.sum()) / as_linked if as_linked > 0 else 1.0
    variance = clustered_variance(values, survey.stratum, survey.cluster)
    corrected = Estimate(workers + float(values.sum()), float(np.sqrt(variance)))
    row = _row(
        code, LABELS[code], "register_and_survey", corrected, survey.share(values, workers),
        full_time + hours / WEEK, least=workers,
    )  # fmt: skip
    sampled = int(survey.sampled[added].sum())
    row["sampled_persons"] = sampled
    if again is not None and float(values.sum()) <= 0.0:  # the visits found nobody outside
        return {**row, **_NO_ERROR, "low": workers}
    return _at_least(survey, row, workers, "flexible", sampled) if again is None else row


def outside(survey: Survey, again: Checked) -> Array:
    """Return the flexibly employed outside the register by the re-interviews, shape (cells,), in persons."""
    return np.asarray(survey.cells() @ ((1.0 - again.register_share) * again.flexible_share))


_NO_ERROR = dict.fromkeys(("standard_error", "low", "high", "share_standard_error"))


def _bounded(survey: Survey, row: dict[str, Any], workers: float) -> dict[str, Any]:
    """Return the row with a one-sided interval where the survey saw no platform worker outside the register."""
    outside = int(survey.sampled["any_platform_not_in_register"].sum())
    return _at_least(survey, row, workers, "any_platform", outside)


def _at_least(
    survey: Survey, row: dict[str, Any], listed: float, measure: str, outside: int
) -> dict[str, Any]:
    """Return the row with a one-sided interval where none of a measure's sampled persons was outside a register.

    All of the n persons met were listed, so that the listed share is no less than its lower bound; the register may
    hold others besides, which keeps the upper end on the safe side. n is the sampled number, or the effective one by
    the variation of the estimate.
    """
    if outside > 0:
        return row
    said = survey.estimate(measure)
    persons = float(survey.sampled[measure].sum())
    if said.standard_error > 0:
        persons = min(persons, (said.value / said.standard_error) ** 2)
    least = least_listed_share(persons)
    return {**row, **_NO_ERROR, "low": listed, "high": listed / least if least > 0 else None}


def _recaptured(survey: Survey, workers: float) -> list[dict[str, Any]]:
    said, both = survey.weighted["any_platform"], survey.weighted["any_platform_in_register"]
    base = float(said.sum())
    if base == 0 or float(both.sum()) == 0:
        return []
    share = float(both.sum()) / base
    residual = (both - share * said) / base
    error = float(np.sqrt(clustered_variance(residual, survey.stratum, survey.cluster)))
    found = by_listed_share(workers, Estimate(share, error))
    effect = -found.value / share * residual
    employed = survey.weighted["employed"]
    of_employed = found.value / float(employed.sum())
    linear = (effect - of_employed * employed) / float(employed.sum())
    linear_error = float(np.sqrt(clustered_variance(linear, survey.stratum, survey.cluster)))
    ratio = Estimate(100 * of_employed, 100 * linear_error)
    row = _row("capture_recapture", LABELS["capture_recapture"], "capture_recapture", found, ratio, None)
    rows = [row, *_chapman(survey, workers, Estimate(share, error))]
    return [{**row, "sampled_persons": int(survey.sampled["any_platform"].sum())} for row in rows]


def _chapman(survey: Survey, workers: float, share: Estimate) -> list[dict[str, Any]]:
    """Return Chapman's row, the survey taken as a second list of its effective size.

    There is none where the overlap would exceed the register. The error of its
    share of employment takes the errors of persons and of employment as independent.
    """
    sampled = float(survey.sampled["any_platform"].sum()) / len(survey.months)
    size = effective_sample(share, sampled)
    if share.value * size > workers:
        return []
    found = chapman(workers, size, share.value * size)
    employed = survey.estimate("employed")
    ratio = found.value / employed.value
    error = float(np.hypot(found.standard_error, ratio * employed.standard_error)) / employed.value
    of_employed = Estimate(100 * ratio, 100 * error)
    return [_row("chapman", LABELS["chapman"], "chapman", found, of_employed, None)]


def _replicates(context: StepContext, survey: Survey, workers: float | None, again: Checked | None) -> None:
    """Fill `flexible_employment_replicate`: sampling replicates of definitions, in persons.

    Each definition is drawn as its row is estimated; the shares of the re-interviews are taken as known. One of which
    the sample met nobody has none: they would all be alike, as if there were no error.
    """
    carried = {"employment": survey.weighted["employed"], "survey_flexible": survey.weighted["flexible"]}
    if workers is not None:
        as_linked = survey.weighted["flexible_not_in_register"]
        carried["corrected_total"] = as_linked if again is None else outside(survey, again)
        carried |= {} if again is None else {"corrected_as_linked": as_linked}
    carried = {code: one for code, one in carried.items() if one.any()}
    if not carried:
        return
    clusters = int(survey.cluster.max()) + 1
    sums = np.stack(
        [np.bincount(survey.cluster, weights=one, minlength=clusters) for one in carried.values()], axis=1
    ).astype(float)
    place = np.zeros(clusters, dtype=np.int64)
    place[survey.cluster] = survey.stratum
    count = context.settings.replicates
    drawn = replicate_totals(sums, place, count, context.generator("clusters"))
    found = {
        code: drawn[:, k] + (workers or 0.0) * code.startswith("corrected") for k, code in enumerate(carried)
    }
    for code, persons in found.items():
        context.write(
            "flexible_employment_replicate",
            {
                "definition_code": [code] * count,
                "replicate": list(range(1, count + 1)),
                "persons": [float(each) for each in persons],
            },
        )


def _tell_strata(context: StepContext, survey: Survey) -> None:
    pairs = set(zip(survey.stratum.tolist(), survey.cluster.tolist(), strict=True))
    count = np.bincount([stratum for stratum, _ in sorted(pairs)])
    alone = int((count == 1).sum())
    if alone:
        problem = Problem("statistics.single_cluster_stratum", values={"strata": alone}, severity="warning")
        context.find(problem, table="labour_survey", amount=float(alone), unit="1")
