"""lvshu estimate survey: totals, means, ratios, quantiles and shares of a sample, with errors of its design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.commands.estimate.common import (
    Sampled,
    deliver,
    grouped,
    limits,
    needed,
    negative_weights,
    picked,
    sampled,
)
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem
from lvshu.publish.results.estimates import EstimateReport
from lvshu.statistics import survey

METHODS = {
    "linearised": ("泰勒线性化", "Taylor linearisation"),
    "jackknife": ("刀切法", "jackknife"),
    "bootstrap": ("Rao–Wu 自助法", "bootstrap of Rao and Wu"),
}
CODES = (
    "statistic",
    "variable",
    "label",
    "value",
    "standard_error",
    "low",
    "high",
    "coefficient_of_variation",
    "n",
)
ENOUGH = 200
FEWEST_REPLICATES = 50
"""Below this the spread of a bootstrap is mostly chance."""


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    sheet: str,
    statistic: str,
    value: Sequence[str] | None,
    denominator: str,
    by: str,
    missing: str,
    errors: str,
    replicates: int,
    seed: int,
    level: float,
    to: Sequence[Path] | None,
    top: int,
    **designed: Any,
) -> int:
    """Estimate, show and write. Returns the exit code."""
    if not value:
        raise needed("--value", statistic)
    if statistic == "ratio" and not denominator:
        raise needed("--denominator", statistic)
    numbers = [*(() if statistic == "share" else value), *([denominator] if denominator else [])]
    labels = [*(value if statistic == "share" else ()), *([by] if by else [])]
    if errors == "bootstrap" and 0 < replicates < FEWEST_REPLICATES:
        given = {"given": replicates, "least": FEWEST_REPLICATES}
        raise ConfigError(Problem("estimate.few_replicates", values=given))
    complete = numbers if missing == "error" else ()
    read = sampled(source, sheet=sheet, numbers=numbers, labels=labels, complete=complete, **designed)
    found: list[dict[str, Any]] = []
    for variable in value:
        for one in _asked(read, statistic, variable, denominator, by, missing):
            if errors != "linearised":
                one = _again(read, one, statistic, variable, denominator, by, errors, replicates, seed)
            found += [
                {**record, "statistic": statistic, "variable": variable} for record in one.records(level)
            ]
    method = METHODS[errors]
    title = ("抽样推算", "Survey estimates")
    settings = {**read.settings, "statistic": statistic, "by": by or None, "missing": missing, "errors": errors,
                "level": level}  # fmt: skip
    if errors == "bootstrap":
        settings |= {"replicates": replicates or ENOUGH, "seed": seed}
    notes = _notes(read, statistic, errors)
    report = EstimateReport(
        "survey", title, method, settings, picked(CODES), tuple(found), read.origins, notes
    )
    return deliver(Output(language, as_json), report, to=to, top=top)


def _notes(read: Sampled, statistic: str, errors: str) -> tuple[tuple[str, str], ...]:
    """Return what is to be said of weights and errors that are easily taken for more than they are."""
    notes = negative_weights(read.calibrated)
    size, records = float(read.before.weights.sum()), read.before.size
    if statistic == "total" and abs(size - records) <= 1e-6 * records:
        notes.append((
            f"权数之和等于记录数（{records}）：这里的总量是样本的合计，不是总体的总量；推算总体须用扩样权数",
            f"The weights sum to the number of records ({records}): this is the total of the sample, not of the "
            "population; for that, weights must say how many units each record stands for",
        ))  # fmt: skip
    if errors != "linearised" and len(read.before.stages) > 1:
        notes.append((
            "重复抽样只重抽第一阶段单位，没有计入以后各阶段的方差；线性化误差计入",
            "Replicates draw the first stage alone and leave out the variance of the later stages, which linearised "
            "errors hold",
        ))  # fmt: skip
    return tuple(notes)


def _asked(
    read: Sampled, statistic: str, variable: str, denominator: str, by: str, missing: str
) -> list[survey.Estimates]:
    design, table = read.design, read.table
    if statistic == "share":
        labels = np.array(table.labels[variable])
        classes = sorted(set(labels.tolist()))
        columns = np.stack([(labels == one).astype(float) for one in classes], axis=1)
        if not by:
            return [survey.mean(design, columns, labels=classes)]
        groups = grouped(table.labels[by])
        return [
            survey.mean(
                design, columns, labels=[f"{group} · {one}" for one in classes], domain=groups == group
            )
            for group in sorted(set(groups.tolist()))
        ]
    values = np.array(table.numbers[variable])
    below = np.array(table.numbers[denominator]) if denominator else None
    if statistic == "quantile":
        if not by:
            return [survey.quantile(design, values, missing=missing)]
        groups = grouped(table.labels[by])
        return [
            _named(survey.quantile(design, values, domain=groups == group, missing=missing), str(group))
            for group in sorted(set(groups.tolist()))
        ]
    if by:
        return [
            survey.by(
                statistic, design, values, grouped(table.labels[by]), denominator=below, missing=missing
            )
        ]
    if statistic == "ratio":
        return [survey.ratio(design, values, below, labels=[""], missing=missing)]
    function: Callable[..., survey.Estimates] = survey.mean if statistic == "mean" else survey.total
    return [function(design, values, labels=[""], missing=missing)]


def _named(found: survey.Estimates, group: str) -> survey.Estimates:
    return replace(found, labels=tuple(f"{group} · {label}" for label in found.labels))


def _again(
    read: Sampled,
    found: survey.Estimates,
    statistic: str,
    variable: str,
    denominator: str,
    by: str,
    errors: str,
    replicates: int,
    seed: int,
) -> survey.Estimates:
    """Return the estimates with the errors of replicates, each calibrated anew where the sample is."""
    known = read.known
    settings = read.settings

    def calibrated(one: survey.Design, to: survey.Controls) -> survey.Design:
        return survey.calibrate(
            one, to, distance=settings["distance"], bounds=limits(settings["bounds"] or ""),
            importance=read.importance,
        ).design  # fmt: skip

    recalibrate = None if known is None else lambda one: calibrated(one, known)
    if errors == "jackknife":
        drawn = survey.jackknife(read.before, recalibrate=recalibrate)
    else:
        generator = np.random.default_rng(seed)
        drawn = survey.bootstrap(read.before, replicates or ENOUGH, generator, recalibrate=recalibrate)

    def again(weights: Any) -> Any:
        moved = Sampled(read.table, read.before.with_weights(weights), read.before, None, None, {}, ())
        parts = _asked(moved, statistic, variable, denominator, by, "omit")
        values = {label: value for one in parts for label, value in zip(one.labels, one.values, strict=True)}
        return [values[label] for label in found.labels]

    covariance = drawn.estimate(again, labels=found.labels).covariance
    if known is not None:
        covariance = covariance + survey.covariance_of_controls(
            known, lambda to: again(calibrated(read.before, to).weights)
        )
    return survey.Estimates(
        found.statistic,
        found.labels,
        found.values,
        covariance,
        found.degrees_of_freedom,
        found.sampled,
    )
