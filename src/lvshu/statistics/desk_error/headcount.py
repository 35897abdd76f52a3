"""Total error of platform workers (dual frame) and of flexible employment by the survey alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.employment import (
    NO_COVERAGE,
    NO_IMPUTATION,
    NO_REINTERVIEW_EN,
    NO_REINTERVIEW_ZH,
    bound,
    row_interval,
)
from lvshu.statistics.desk_error.record import ESTIMATED, NONE, NOT_KNOWN, Standing, Told, told
from lvshu.statistics.desk_error.reinterview import (
    STATED_FLEXIBLE,
    STATED_LINKED,
    Checked,
    outside_register,
)
from lvshu.statistics.methods.bootstrap import replicate_totals
from lvshu.statistics.methods.dual_frame import hartley
from lvshu.statistics.methods.survey import Estimate, clustered_variance, covariance
from lvshu.statistics.total_error import ErrorSource, TotalError, audited_shares, joint_error, ready

Array = NDArray[np.float64]
Row = Mapping[str, Any]

WORKERS, SURVEY = "platform_workers", "flexible_employment_survey"
NO_LINK = Standing(NONE, "只凭调查，没有链接", "the survey alone: nothing is linked")
NO_MODEL = Standing(NONE, "调查加权合计，没有模型", "a weighted total of the survey: no model")
FRAME_MODEL = Standing(
    NONE,
    "两框合并的权数由两个估计的方差定出，按已知；捕获再捕获与查普曼式的结果并列在表 flexible_employment",
    "the weight of the two frames follows from the variances and is taken as known; capture and recapture and "
    "Chapman stand beside it in table flexible_employment",
)
SURVEY_COVERAGE = Standing(
    NOT_KNOWN,
    "调查框之外的人与不应答按权数代表；没有覆盖核查",
    "persons outside the frame and those who did not answer are stood for by weights; no check of the coverage",
)
LEFT = Standing(
    ESTIMATED,
    "复核改正后的值减去公布值：公布值照原样，区间为改正后的",
    "value corrected by the re-interviews less the published one: the figure is published as it is, the interval is "
    "that of the corrected one",
)
CORRECTED = Standing(
    NONE, "已按复核改正，没有留下已知偏差", "corrected by the re-interviews: no known bias is left"
)
UNKNOWN = Standing(NOT_KNOWN, NO_REINTERVIEW_ZH, NO_REINTERVIEW_EN)


def joint_workers(
    cells: Array, stratum: NDArray[np.int64], workers: float, again: Checked | None, replicates: int,
    generator: np.random.Generator,
) -> TotalError:  # fmt: skip
    """Return platform workers by the dual frame with their total error, in persons.

    Args:
        cells: expanded persons by cluster and by said platform work × linked, shape (clusters, 4), in persons.
        stratum: of each cluster, shape (clusters,), number from 0.
        workers: in the platforms' register, in persons.
        again: what re-interviews found about platform work; None: links and answers as they are.
        replicates: count.
        generator: of the draws.

    The lower end supposes nobody outside the register in cells where the visits found nobody: zero of n is consistent
    with none at all, while the posterior's mean of such a cell, times all persons in it, lifts even its low quantiles
    above the truth where the register is nearly complete.

    Source: Hartley (1962) with the published estimate's weight; link and answer by calibration probabilities as
    `employment.joint`; lower bound of zero hits, Clopper & Pearson (1934), Biometrika 26.
    """
    weight = _weight(cells, stratum, workers, again)
    drawn = replicate_totals(cells, stratum, replicates, generator)
    sources = [ready(cells.sum(axis=0), drawn)]
    if again is not None:
        sources += [
            audited_shares(again.in_register, again.judged, STATED_LINKED, name="linkage"),
            audited_shares(again.outside_flexible, again.outside, STATED_FLEXIBLE, name="coding"),
        ]

    def estimate(given: Mapping[str, Any]) -> float:
        totals, linked = given["sampling"], given.get("linkage", STATED_LINKED)
        only = outside_register(totals, linked, given.get("coding", STATED_FLEXIBLE))
        return only + weight * float(totals @ linked) + (1.0 - weight) * workers

    found = joint_error(estimate, sources, replicates, generator, interval="percentile")
    if again is None:
        return found
    sources = [ready(cells.sum(axis=0), drawn), sources[1], _evident(sources[2], again)]
    least = joint_error(estimate, sources, replicates, generator, interval="percentile", parts="none")
    return replace(found, low=min(found.low, least.low))


def _evident(coding: ErrorSource, again: Checked) -> ErrorSource:
    """Return the shares of platform workers outside the register as none where no visit found one."""
    found = again.outside_flexible > 0

    def draw(generator: np.random.Generator) -> Array:
        return np.where(found, coding.draw(generator), 0.0)

    return ErrorSource(coding.name, np.where(found, coding.point, 0.0), draw, centred=False)


def _weight(cells: Array, stratum: NDArray[np.int64], workers: float, again: Checked | None) -> float:
    cluster = np.arange(len(cells))
    linked = STATED_LINKED if again is None else again.register_share
    said = STATED_FLEXIBLE if again is None else again.flexible_share
    only, overlap = cells @ ((1.0 - linked) * said), cells @ linked
    alone, both = (
        Estimate(float(one.sum()), float(np.sqrt(clustered_variance(one, stratum, cluster))))
        for one in (only, overlap)
    )
    together = covariance(only, overlap, stratum, cluster)
    return hartley(alone, both, Estimate(workers, 0.0), together).survey_weight


def joint_survey(
    cells: Array,
    stratum: NDArray[np.int64],
    again: Checked | None,
    replicates: int,
    generator: np.random.Generator,
) -> TotalError:
    """Return flexible employment by the survey alone with its total error, in persons.

    Args:
        cells: expanded persons by cluster and by said flexible × linked, shape (clusters, 4), in persons.
        stratum: of each cluster, shape (clusters,), number from 0.
        again: what re-interviews found about flexible employment; None: answers as they are.
        replicates: count.
        generator: of the draws.

    Source: calibration probabilities as `employment.joint`.
    """
    sources: list[ErrorSource] = [
        ready(cells.sum(axis=0), replicate_totals(cells, stratum, replicates, generator))
    ]
    if again is not None and again.flexible is not None:
        sources.append(audited_shares(again.flexible, again.judged, STATED_FLEXIBLE, name="coding"))
    return joint_error(
        lambda given: float(given["sampling"] @ given.get("coding", STATED_FLEXIBLE)), sources, replicates, generator,
        interval="percentile",
    )  # fmt: skip


def tell(
    context: StepContext, cells: Mapping[str, Array], stratum: NDArray[np.int64], workers: float | None,
    again: Mapping[str, Checked | None], rows: Mapping[str, Row],
) -> list[Told]:  # fmt: skip
    """Return both headlines with their error; platform workers only where the book has the register.

    Args:
        context: of the step.
        cells: by what they are about, "flexible" and "platform", as `joint_survey` and `joint_workers`.
        stratum: as `joint_workers`.
        workers: as `joint_workers`; None without a register.
        again: by what they are about.
        rows: of flexible_employment by definition.
    """
    count, generator = context.settings.replicates, context.generator("headcount")
    sampling = Standing(ESTIMATED, "群的自助法", "bootstrap of clusters", len(stratum))
    alone = rows["survey_flexible"]
    value = float(alone["persons"])
    found = joint_survey(cells["flexible"], stratum, again["flexible"], count, generator)
    standings = {
        "sampling": sampling, "linkage": NO_LINK, "coding": _answers(again["flexible"]), "imputation": NO_IMPUTATION,
        "coverage": SURVEY_COVERAGE, "model": NO_MODEL, "bias": LEFT if again["flexible"] else UNKNOWN,
    }  # fmt: skip
    naive = row_interval(alone)
    made = [told(SURVEY, "person", naive, _rounded(found, value), standings, published=value)]
    if workers is not None and "dual_frame" in rows:
        made.append(_workers(context, cells["platform"], stratum, workers, again["platform"], rows))
    return made


def _workers(
    context: StepContext,
    cells: Array,
    stratum: NDArray[np.int64],
    workers: float,
    again: Checked | None,
    rows: Mapping[str, Row],
) -> Told:
    value = float(rows["dual_frame"]["persons"])
    row = rows.get("dual_frame_as_linked", rows["dual_frame"])
    naive = row_interval(row)
    seen = again is not None or naive.standard_error is not None
    linkage = UNKNOWN if again is None else Standing(
        ESTIMATED, "复核时逐人在平台登记中查找", "re-interviewed persons searched for in the register", again.persons
    )  # fmt: skip
    sampling = Standing(ESTIMATED, "群的自助法", "bootstrap of clusters", len(stratum))
    standings = {
        "sampling": sampling, "linkage": linkage, "coding": _answers(again),
        "imputation": NO_IMPUTATION, "coverage": NO_COVERAGE, "model": FRAME_MODEL,
        "bias": UNKNOWN if again is None else CORRECTED,
    }  # fmt: skip
    if not seen:  # nobody outside the register was met: only a bound is known
        return bound(WORKERS, "person", naive, standings)
    found = joint_workers(
        cells, stratum, workers, again, context.settings.replicates, context.generator("platform_workers")
    )
    return told(WORKERS, "person", naive, _rounded(found, value), standings, published=value)


def _answers(again: Checked | None) -> Standing:
    if again is None:
        return UNKNOWN
    return Standing(
        ESTIMATED, "复核认定与调查答复相比，按格", "what the re-interview found against the answer, by cell",
        again.persons,
    )  # fmt: skip


def _rounded(found: TotalError, published: float) -> TotalError:
    """Return the joint estimate as published, where the two differ by rounding alone."""
    if abs(found.value - published) > 1e-6 * max(abs(published), 1.0):
        return found
    return TotalError(
        published, found.mse, found.parts, found.bias, found.low, found.high, found.replicates, found.failed
    )
