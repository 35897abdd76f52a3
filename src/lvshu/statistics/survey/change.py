"""Change between two times from samples that overlap: the covariance comes from the units sampled both times."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import Design, Stage, codes
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import columns_of
from lvshu.statistics.survey.overlap import common_units, overlap_covariance
from lvshu.statistics.survey.variance import covariance, unit_totals

Array = NDArray[np.float64]
Index = NDArray[np.int64]

STATISTICS = ("total", "mean")


def change(
    statistic: str,
    first: Design,
    first_values: Any,
    second: Design,
    second_values: Any,
    *,
    first_units: Any,
    second_units: Any,
    missing: str = "error",
) -> Estimates:
    """Return both levels, the change and the relative change, the overlap of the samples taken into account.

    Units are the first-stage units, matched by their labels, in strata matched by the strata's names; their covariance
    is that of `overlap_covariance`.

    Args:
        statistic: "total" or "mean".
        first: design at the first time.
        first_values: shape (n1,), in the variable's unit.
        second: design at the second time.
        second_values: shape (n2,), in the same unit.
        first_units: shape (n1,), labels of the first-stage units, the same unit with the same label both times.
        second_units: shape (n2,), labels likewise.
        missing: "error" or "omit".

    Returns:
        Estimates labelled first, second, change, relative_change (a share of the first level).

    Raises:
        MethodError: as `columns_of`; an unknown statistic; a first level of zero; labels that several units share.

    Source: Tam (1984), Australian Journal of Statistics 26; Berger & Priam (2016), Journal of the Royal Statistical
    Society A 179.
    """
    if statistic not in STATISTICS:
        known = ", ".join(STATISTICS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": statistic, "known": known}))
    levels, scores, counts = [], [], []
    for sample, values in ((first, first_values), (second, second_values)):
        level, score, count = _linearised(statistic, sample, values, missing)
        levels.append(level)
        scores.append(score)
        counts.append(count)
    if levels[0] == 0.0:
        raise MethodError(Problem("survey.zero_denominator"))
    matrix = np.diag([float(covariance(s, z)[0, 0]) for s, z in zip((first, second), scores, strict=True)])
    together, common = _between(first, scores[0], first_units, second, scores[1], second_units)
    matrix[0, 1] = matrix[1, 0] = together
    growth = levels[1] / levels[0]
    to = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 1.0], [-growth / levels[0], 1.0 / levels[0]]])
    value = np.array([levels[0], levels[1], levels[1] - levels[0], growth - 1.0])
    sampled = np.array([counts[0], counts[1], sum(counts), sum(counts)], dtype=float)
    free = min(first.degrees_of_freedom, second.degrees_of_freedom)
    note = (f"两期共有样本单位 {common} 个", f"{common} sampled units in common")
    labels = ("first", "second", "change", "relative_change")
    return Estimates(statistic, labels, value, to @ matrix @ to.T, free, sampled, None, (note,))


def _linearised(statistic: str, design: Design, values: Any, missing: str) -> tuple[float, Array, int]:
    columns, inside = columns_of(values, design, None, missing)
    weights = np.where(inside, design.weights, 0.0)
    count = int(inside.sum())
    if statistic == "total":
        return float(weights @ columns[:, 0]), (weights * columns[:, 0])[:, None], count
    size = float(weights.sum())
    level = float(weights @ columns[:, 0] / size)
    return level, (weights * (columns[:, 0] - level) / size)[:, None], count


def _between(
    first: Design,
    first_scores: Array,
    first_units: Any,
    second: Design,
    second_scores: Array,
    second_units: Any,
) -> tuple[float, int]:
    """Return the covariance of the two levels, and how many units were sampled both times."""
    early, late = (
        _by_unit(design, scores, units)
        for design, scores, units in (
            (first, first_scores, first_units),
            (second, second_scores, second_units),
        )
    )
    population = {}
    for stratum in early.keys() & late.keys():
        (n1, f1, _), (n2, f2, _) = early[stratum], late[stratum]
        population[stratum] = n1 / f1 if f1 > 0 else (n2 / f2 if f2 > 0 else np.inf)
    before, after = ({name: units for name, (_, _, units) in one.items()} for one in (early, late))
    return overlap_covariance(before, after, population), common_units(before, after)


def _once(stage: Stage, label_of: Index, labels: list[str]) -> None:
    """Refuse labels that several sampled units of one stratum share: they cannot be matched between the times.

    Raises:
        MethodError: such labels.
    """
    pairs = stage.stratum * len(labels) + label_of
    _, first, count = np.unique(pairs, return_index=True, return_counts=True)
    if (count > 1).any():
        again = first[count > 1]
        told = {"count": int(again.size), "label": labels[int(label_of[again[0]])]}
        raise MethodError(Problem("survey.unit_label_shared", values=told))


def _by_unit(design: Design, scores: Array, units: Any) -> dict[str, tuple[float, float, dict[str, float]]]:
    """Return for each stratum its units sampled, sampled fraction, and the expanded value of each unit."""
    left = scores
    for adjustment in reversed(design.adjustments):
        left, _ = adjustment.residuals(left, design.weights)
    stage = design.stages[0]
    sums = unit_totals(stage, left)[:, 0]
    number, labels = codes(np.asarray(units).astype(str))
    label_of = np.zeros(stage.stratum.size, dtype=np.int64)
    label_of[stage.unit] = number
    _once(stage, label_of, labels)
    found: dict[str, tuple[float, float, dict[str, float]]] = {
        name: (float(stage.count[k]), float(stage.fraction[k]), {}) for k, name in enumerate(stage.names)
    }
    for unit, stratum in enumerate(stage.stratum):
        found[stage.names[stratum]][2][labels[label_of[unit]]] = float(sums[unit])
    return found
