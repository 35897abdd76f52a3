"""Fills flexible employment by district as a model estimates it from the figures that are published of the districts.

A model that used the direct estimates which are hidden would give them away: estimate, error, regression and direct
estimate are tied by equations. It takes the shown ones, of the hidden ones what is left of the city's figure, and of
interviews only how many persons live where: whoever knows what is published could make these estimates himself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import employment_district, small_area
from lvshu.statistics.employment import Survey, read_survey
from lvshu.statistics.methods.survey import clustered_variance
from lvshu.statistics.protection import NONE_SAMPLED, SHOWN

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

TABLE = "flexible_employment_district_model"
DEFINITION, MEASURE, REGISTER = "survey_flexible", "flexible", "register_platform"
LEAST_AREAS = 5
NO_AUXILIARY = "none"
OWN, REGRESSION = "model_and_direct", "regression"
MODEL, DIRECT = "model", "direct"


@dataclass(frozen=True)
class Districts:
    """What is known of the districts; arrays of shape (m,).

    codes: of the districts; shown: whether the direct figure is published (none sampled counts as shown); exact:
    whether its error is, too; persons: the direct figure, in persons, NaN where hidden; size, size_variance: adults,
    by the survey, in persons and squared; effective: Kish's number of interviewed persons; clusters: count; variance:
    of the share where `exact`, dimensionless; total: the city's figure, in persons.
    """

    codes: tuple[str, ...]
    shown: Flags
    exact: Flags
    persons: Array
    size: Array
    size_variance: Array
    effective: Array
    clusters: Array
    variance: Array
    total: float

    @property
    def share(self) -> Array:
        """Return direct shares, shape (m,), dimensionless; of the hidden ones the share of what is left of the city."""
        left = self.total - float(self.persons[self.shown].sum())
        hidden = float(self.size[~self.shown].sum())
        return np.where(self.shown, self.persons / self.size, left / hidden if hidden else np.nan)


@dataclass(frozen=True)
class Estimates:
    """Estimates of the districts; arrays of shape (m,), in persons but for the weights of the direct estimates.

    auxiliary: "none" or the definition whose figures by district the regression took.
    """

    before: Array
    persons: Array
    error: Array
    low: Array
    high: Array
    weight: Array
    smoothed: Array
    auxiliary: str


def make(context: StepContext) -> None:
    """Fill `flexible_employment_district_model`, or tell why the published figures carry no model."""
    survey = read_survey(context)
    rows = context.read(employment_district.TABLE, order=("district_code",)).to_pylist()
    known = districts(
        survey, {row["district_code"]: row for row in rows if row["definition_code"] == DEFINITION}
    )
    register = {row["district_code"]: row["persons"] for row in rows if row["definition_code"] == REGISTER}
    effect = design_effect(known)
    share = known.total / float(known.size.sum()) if known.codes else 0.0
    if int(known.shown.sum()) < LEAST_AREAS or effect is None or not 0.0 < share < 1.0:
        values = {"areas": int(known.shown.sum()), "errors": int(known.exact.sum()), "least": LEAST_AREAS}
        problem = Problem("statistics.district_model_none", values=values, severity="notice")
        context.find(problem, table=TABLE)
        return
    found = estimate(known, effect, register, context.settings.replicates, context.generator(TABLE))
    made = [_row(known, found, at) for at in range(len(known.codes))]
    context.write(TABLE, {name: [row[name] for row in made] for name in made[0]})


def districts(survey: Survey, published: dict[str, dict[str, Any]]) -> Districts:
    """Return what the published rows and the number of interviews tell of the districts."""
    codes = tuple(sorted(published))
    persons, flexible = survey.weighted["persons"], survey.weighted[MEASURE]
    counted = survey.sampled["persons"]
    place = np.array(survey.district, dtype=object)
    rows = [published[code] for code in codes]
    empty = np.array([row["status"] == NONE_SAMPLED for row in rows], dtype=bool)
    shown = np.array([row["status"] == SHOWN for row in rows], dtype=bool) | empty
    exact = np.array([row["error_status"] == SHOWN for row in rows], dtype=bool)
    made: dict[str, list[float]] = {
        name: [] for name in ("size", "spread", "effective", "clusters", "variance")
    }
    for code, is_exact in zip(codes, exact, strict=True):
        inside = (place == code).astype(float)
        own, count = persons * inside, counted * inside
        total = float(own.sum())
        made["size"].append(total)
        made["spread"].append(clustered_variance(own, survey.stratum, survey.cluster))
        made["effective"].append(total**2 / float((own[count > 0] ** 2 / count[count > 0]).sum()))
        made["clusters"].append(float(np.unique(survey.cluster[count > 0]).size))
        left = (flexible - float((flexible * inside).sum()) / total * persons) * inside / total
        made["variance"].append(
            clustered_variance(left, survey.stratum, survey.cluster) if is_exact else float("nan")
        )
    direct = [
        0.0 if none else float("nan" if row["persons"] is None else row["persons"])
        for none, row in zip(empty, rows, strict=True)
    ]
    columns = {name: np.array(values, dtype=float) for name, values in made.items()}
    return Districts(
        codes, shown, exact, np.array(direct, dtype=float), columns["size"], columns["spread"],
        columns["effective"], columns["clusters"], columns["variance"], survey.estimate(MEASURE).value,
    )  # fmt: skip


def design_effect(known: Districts) -> float | None:
    """Return how much larger variances are than those of simple samples, pooled; None where no error is published.

    One district's own estimated variance rests on a few clusters and would make its weight in the model a matter of
    chance; each counts by its clusters less one.
    """
    freedom = np.where(known.exact, np.maximum(known.clusters - 1.0, 0.0), 0.0)
    share = known.total / float(known.size.sum()) if known.codes else 0.0
    simple = share * (1.0 - share)
    if not freedom.sum() > 0 or not simple > 0:
        return None
    own = np.where(freedom > 0, known.variance * known.effective / simple, 0.0)
    made = float(freedom @ own / freedom.sum())
    return made if made > 0 else None


def smoothed_variances(known: Districts, effect: float) -> Array:
    """Return variances of the direct shares by a function of the persons interviewed, shape (m,), dimensionless."""
    share = known.total / float(known.size.sum())
    return np.asarray(effect * share * (1.0 - share) / known.effective)


def estimate(
    known: Districts, effect: float, register: dict[str, Any], replicates: int, generator: np.random.Generator
) -> Estimates:
    """Return the districts' figures by the model, made to add up to the city's.

    Args:
        known: of the districts.
        effect: design effect, dimensionless.
        register: published workers of the register by district, in persons; None where hidden.
        replicates: of the bootstrap, count.
        generator: of its draws.
    """
    psi, size, share = smoothed_variances(known, effect), known.size, known.share
    columns, names = _candidates(known, register)

    best = small_area.pooled_choice(share, psi, columns, size, known.shown) if len(columns) > 1 else 0
    found = small_area.pooled_fay_herriot(share, psi, columns[best], size, known.shown)
    if best and not ((found.estimates >= 0.0) & (found.estimates <= 1.0)).all():
        columns, best = columns[:1], 0  # a straight line in the register left what shares can be
        found = small_area.pooled_fay_herriot(share, psi, columns[best], size, known.shown)
    mse = small_area.bootstrap_pooled(found, psi, columns, best, size, known.shown, replicates, generator)
    made = small_area.benchmark(found.estimates, size, known.total)
    error = np.sqrt(size**2 * mse + made**2 * known.size_variance)
    low, high = small_area.pooled_intervals(found, columns[best], known.shown)
    moved = small_area.moved_intervals(
        size * low, size * high, size * found.estimates,
        size * np.sqrt(found.mse), size * made, error,
    )  # fmt: skip
    smoothed = np.sqrt(size**2 * psi + share**2 * known.size_variance)
    return Estimates(
        size * found.estimates, size * made, error, np.maximum(moved[0], 0.0), np.minimum(moved[1], size),
        found.shrinkage, smoothed, names[best],
    )  # fmt: skip


def _candidates(known: Districts, register: dict[str, Any]) -> tuple[tuple[Array, ...], tuple[str, ...]]:
    """Return the columns that a regression may have, and the names of what they add."""
    ones = np.ones((len(known.codes), 1))
    counts = [register.get(code) for code in known.codes]
    if any(one is None for one in counts) or int(known.shown.sum()) <= LEAST_AREAS:
        return (ones,), (NO_AUXILIARY,)
    rate = np.array([float(one) for one in counts if one is not None]) / known.size
    if np.ptp(rate) < 1e-9 * float(rate.max()):
        return (ones,), (NO_AUXILIARY,)
    return (ones, np.column_stack([ones, rate])), (NO_AUXILIARY, REGISTER)


def _row(known: Districts, found: Estimates, at: int) -> dict[str, Any]:
    is_shown = bool(known.shown[at])
    better = MODEL if found.error[at] < found.smoothed[at] else DIRECT
    return {
        "district_code": known.codes[at],
        "definition_code": DEFINITION,
        "estimator": OWN if is_shown else REGRESSION,
        "auxiliary": found.auxiliary,
        "persons": float(found.persons[at]),
        "standard_error": float(found.error[at]),
        "low": float(found.low[at]),
        "high": float(found.high[at]),
        "before_benchmark": float(found.before[at]),
        "direct_weight": float(found.weight[at]),
        "direct_persons": float(known.persons[at]) if is_shown else None,
        "direct_smoothed_error": float(found.smoothed[at]) if is_shown else None,
        "better": better if is_shown else None,
    }
