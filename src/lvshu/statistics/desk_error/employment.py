"""Total error of flexible employment: clusters and re-interviews drawn anew at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.record import (
    ESTIMATED,
    NONE,
    NOT_KNOWN,
    Interval,
    Standing,
    Told,
    told,
)
from lvshu.statistics.desk_error.reinterview import (
    STATED_FLEXIBLE,
    STATED_LINKED,
    Checked,
    outside_register,
)
from lvshu.statistics.methods.bootstrap import replicate_totals
from lvshu.statistics.methods.survey import Estimate
from lvshu.statistics.total_error import ErrorSource, TotalError, audited_shares, joint_error, ready

Array = NDArray[np.float64]

PERSONS, SHARE = "flexible_employment", "flexible_employment_share"
NO_REINTERVIEW_ZH = "没有复核访问（表 labour_reinterview）：链接与答复照原样，差错不知道"
NO_REINTERVIEW_EN = (
    "no re-interviews (table labour_reinterview): links and answers as they are, their error unknown"
)
SAMPLING = Standing(ESTIMATED, "群的自助法", "bootstrap of clusters")
NOBODY_OUTSIDE = Standing(
    NOT_KNOWN,
    "样本没有遇到登记以外的人：误差不知道，并非为零；只知登记为下限，上限由见到零人的比例界限得出",
    "the sample met nobody outside the register: the error is not known, which is not zero; the register is the lower "
    "end, the upper one follows from the bound of a share of which none was seen",
)
BOUND = "bound_without_outsiders"
NO_IMPUTATION = Standing(NONE, "没有估补值进入这个数", "no imputed value enters this figure")
NO_COVERAGE = Standing(
    NOT_KNOWN,
    "登记按全数：一人以两种标识出现、非本地居民、不报数的平台，以及调查框之外的人，都没有依据",
    "the register is taken as counted: one person under two marks, workers living elsewhere, platforms that send no "
    "records, and persons outside the survey's frame: nothing tells how many",
)
NO_MODEL = Standing(
    NONE,
    "登记计数加调查总量，没有模型可选",
    "a count of the register and a total of the survey: no model was chosen",
)


def joint(
    cluster_cells: Array, stratum: NDArray[np.int64], employed: Array, workers: float, again: Checked | None,
    replicates: int, generator: np.random.Generator,
) -> dict[str, TotalError]:  # fmt: skip
    """Return persons and their share of employment in per cent, each with its total error.

    Args:
        cluster_cells: expanded persons by cluster and cell of `CELLS`, shape (clusters, 4), in persons.
        stratum: of each cluster, shape (clusters,), number from 0.
        employed: expanded employed persons by cluster, shape (clusters,), in persons.
        workers: in the platforms' register, in persons.
        again: what re-interviews found; None: links and answers as they are.
        replicates: count.
        generator: of the draws.

    Source: MSE of Biemer & Lyberg (2003) by a joint bootstrap over clusters (Rao, Wu & Yue 1992) and over the
    re-interviews (calibration probabilities, Meertens et al. 2022).
    """
    columns = np.column_stack([cluster_cells, employed])
    drawn = replicate_totals(columns, stratum, replicates, generator)
    found = {}
    for name, share in ((PERSONS, False), (SHARE, True)):
        sources = [ready(columns.sum(axis=0), drawn), *_reviewed(again)]
        found[name] = joint_error(
            _estimator(workers, share=share), sources, replicates, generator, interval="percentile"
        )
    return found


def _reviewed(again: Checked | None) -> list[ErrorSource]:
    if again is None:
        return []
    return [
        audited_shares(again.in_register, again.judged, STATED_LINKED, name="linkage"),
        audited_shares(again.outside_flexible, again.outside, STATED_FLEXIBLE, name="coding"),
    ]


def _estimator(workers: float, *, share: bool) -> Callable[[Mapping[str, Any]], float]:
    def estimate(given: Mapping[str, Any]) -> float:
        totals = given["sampling"]
        outside = outside_register(
            totals[:4], given.get("linkage", STATED_LINKED), given.get("coding", STATED_FLEXIBLE)
        )
        persons = workers + outside
        return 100.0 * persons / float(totals[4]) if share else persons

    return estimate


def tell(
    context: StepContext, cluster_cells: Array, stratum: NDArray[np.int64], employed: Array, workers: float,
    again: Checked | None, rows: Mapping[str, Mapping[str, Any]],
) -> list[Told]:  # fmt: skip
    """Return both headlines with their error.

    Args:
        context: of the step.
        cluster_cells: as `joint`.
        stratum: as `joint`.
        employed: as `joint`.
        workers: as `joint`.
        again: as `joint`.
        rows: of flexible_employment by definition.
    """
    plain = rows.get("corrected_as_linked", rows["corrected_total"])
    if again is None and plain["standard_error"] is None:
        return [
            bound(PERSONS, "person", row_interval(plain), _standings(again, len(stratum))),
            bound(
                SHARE, "%", Interval(float(plain["share_of_employment"]), None, None, None),
                _standings(again, len(stratum)),
            ),
        ]  # fmt: skip
    found = joint(
        cluster_cells, stratum, employed, workers, again, context.settings.replicates,
        context.generator("flexible_employment"),
    )  # fmt: skip
    standings = _standings(again, len(stratum))
    share, error = (plain[name] for name in ("share_of_employment", "share_standard_error"))
    of_share = Interval(float(share), None, None, None) if error is None else Interval.normal(
        Estimate(float(share), float(error))
    )  # fmt: skip
    made = []
    for name, naive, value, unit in (
        (PERSONS, row_interval(plain), "persons", "person"),
        (SHARE, of_share, "share_of_employment", "%"),
    ):
        published = float(rows["corrected_total"][value])
        one = _at(found[name], published)
        made.append(told(name, unit, naive, one, standings, published=published))
    return made


def row_interval(row: Mapping[str, Any]) -> Interval:
    """Return persons with the ends that a row of flexible_employment has; None where no error is known."""
    error, low, high = (
        None if row[name] is None else float(row[name]) for name in ("standard_error", "low", "high")
    )
    return Interval(float(row["persons"]), error, low, high)


def bound(indicator: str, unit: str, naive: Interval, standings: Mapping[str, Standing]) -> Told:
    """Return a headline of which nobody outside the register was met: its ends are all that is known.

    Args:
        indicator: code of the headline.
        unit: of the interval.
        naive: as in the headline's table.
        standings: of the other parts.
    """
    known = {
        **standings,
        **{name: NOBODY_OUTSIDE for name in ("sampling", "linkage", "coding", "bias")
           if standings[name].status == ESTIMATED},
    }  # fmt: skip
    return Told(indicator, unit, naive, naive, {}, 0.0, np.zeros(0), known, method=BOUND)


def _at(found: TotalError, published: float) -> TotalError:
    """Return the joint estimate as published, where the two differ by rounding alone."""
    if abs(found.value - published) > 1e-6 * max(abs(published), 1.0):
        return found
    return TotalError(
        published, found.mse, found.parts, found.bias, found.low, found.high, found.replicates, found.failed
    )


def _standings(again: Checked | None, clusters: int) -> dict[str, Standing]:
    sampling = Standing(ESTIMATED, SAMPLING.zh, SAMPLING.en, clusters)
    if again is None:
        unknown = Standing(NOT_KNOWN, NO_REINTERVIEW_ZH, NO_REINTERVIEW_EN)
        linkage = coding = bias = unknown
    else:
        linkage = Standing(
            ESTIMATED, "复核时逐人在平台登记中查找；按所述情形分四格改正",
            "re-interviewed persons searched for in the register; corrected by four cells of what was stated",
            again.persons,
        )  # fmt: skip
        coding = Standing(
            ESTIMATED, "复核认定的就业形式与调查答复相比；按格改正",
            "form of employment as found against the answer; corrected by cell", round(float(again.outside.sum())),
        )  # fmt: skip
        bias = Standing(
            NONE, "已按复核改正，没有留下已知偏差", "corrected by the re-interviews: no known bias is left"
        )
    return {
        "sampling": sampling, "linkage": linkage, "coding": coding, "imputation": NO_IMPUTATION,
        "coverage": NO_COVERAGE,
        "model": NO_MODEL, "bias": bias,
    }  # fmt: skip
