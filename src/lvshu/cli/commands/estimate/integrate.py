"""lvshu estimate integrate: a register completed by a sample, and what the register alone is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.cli.commands.estimate.common import deliver, needed, picked, sampled
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.cells import FALSE, TRUE
from lvshu.intake.columns import ColumnTable
from lvshu.publish.results.estimates import EstimateReport
from lvshu.statistics import integration, survey

CODES = ("method", "variable", "value", "standard_error", "low", "high", "coefficient_of_variation", "n")


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    sheet: str,
    value: Sequence[str] | None,
    inside: str,
    of: float,
    source_size: float,
    source_total: float,
    source_value: str,
    missing: str,
    level: float,
    to: Sequence[Path] | None,
    top: int,
    **designed: Any,
) -> int:
    """Estimate, show and write. Returns the exit code."""
    if not value or len(value) > 1:
        raise needed("--value", "integrate")
    variable = value[0]
    numbers = [variable, *([source_value] if source_value else [])]
    read = sampled(
        source, sheet=sheet, numbers=numbers, labels=[inside], controls=None, distance="linear", bounds="", ridge=False,
        complete=[variable] if missing == "error" else (), **designed,
    )  # fmt: skip
    flags = _flags(read.table, source, inside)
    y = np.array(read.table.numbers[variable])
    said = np.array(read.table.numbers[source_value]) if source_value else None
    kept = np.isfinite(y) if said is None else np.isfinite(y) & (np.isfinite(said) | (flags == 0.0))
    if missing == "error" and not kept.all():
        where = Where(source.name, None, read.table.rows[int(np.flatnonzero(~kept)[0])], source_value)
        told = {"column": source_value, "count": int((~kept).sum())}
        raise InputError(Problem("estimate.value_missing", where, told))
    known: dict[str, Any] = {"population": of, "source_size": source_size, "source_total": source_total}
    defect = integration.data_defect(read.design, y, flags, missing=missing, **known)
    parts: list[survey.Estimates] = [survey.total(read.design, y, missing=missing)]
    # Those that did not answer weigh nothing and stay in the design, as outside a domain.
    answered = read.design.with_weights(np.where(kept, read.design.weights, 0.0))
    y, said = np.where(kept, y, 0.0), None if said is None else np.where(kept, said, 0.0)
    for method in ("completed", "regression"):
        parts.append(
            integration.integrated_total(answered, y, flags, source_values=said, method=method, **known)
        )
    counted = {"n": int(kept.sum())}
    names = ("sample_alone", "completed", "regression")
    records = tuple(
        {
            **part.records(level)[0],
            "method": name,
            "variable": variable,
            **(counted if name == "regression" else {}),
        }
        for name, part in zip(names, parts, strict=True)
    )
    settings = {
        **read.settings, "inside": inside, "population_size": of, "source_size": source_size,
        "source_total": source_total,
        "source_value": source_value or None, "level": level, "share_in_source": defect.fraction,
        "data_defect_correlation": defect.correlation, "data_defect_correlation_error": defect.correlation_error,
        "bias_of_the_sources_mean": defect.bias, "effective_sample_size": defect.effective_size,
    }  # fmt: skip
    told_inside = (y if said is None else said) if kept.all() else None
    notes = (
        _worth(defect, source_size),
        *_against(read.design, flags, told_inside, of, source_size, source_total, level),
    )
    title = ("登记与样本结合", "Register and sample together")
    method_text = ("Kim–Tam 数据整合", "Data integration of Kim and Tam")
    report = EstimateReport(
        "integrate", title, method_text, settings, picked(CODES), records, read.origins, notes
    )
    return deliver(Output(language, as_json), report, to=to, top=top)


def _flags(table: ColumnTable, source: Path, column: str) -> NDArray[np.float64]:
    """Return which records stand in the register, shape (n,), 0 or 1; yes and no are said as in the workspace.

    Raises:
        InputError: estimate.not_a_flag.
    """
    words = [one.strip().lower().removesuffix(".0") for one in table.labels[column]]
    bad = [row for row, word in zip(table.rows, words, strict=True) if word not in (*TRUE, *FALSE)]
    if bad:
        where = Where(file=source.name, row=bad[0], column=column)
        raise InputError(Problem("estimate.not_a_flag", where, {"column": column, "count": len(bad)}))
    return np.array([1.0 if word in TRUE else 0.0 for word in words])


def _worth(defect: integration.DataDefect, source_size: float) -> tuple[str, str]:
    """Return how large a random sample the register is worth for the mean of the variable, in both languages."""
    size = "∞" if not np.isfinite(defect.effective_size) else f"{defect.effective_size:,.0f}"
    return (
        f"登记有 {source_size:,.0f} 个单位；就这个变量的均值而言，只相当于 {size} 个单位的简单随机样本"
        f"（数据缺陷相关系数 {defect.correlation:.4f}，标准误 {defect.correlation_error:.4f}）",
        f"The register holds {source_size:,.0f} units; for the mean of this variable it is worth a simple random "
        f"sample of {size} (data defect correlation {defect.correlation:.4f}, standard error "
        f"{defect.correlation_error:.4f})",
    )


def _against(
    sample: survey.Design,
    flags: Any,
    said: Any,
    of: float,
    source_size: float,
    source_total: float,
    level: float,
) -> list[tuple[str, str]]:
    """Return a note for each given figure that lies outside the sample's own interval for it."""
    ones = np.ones(sample.size)
    figures = [
        ("总体单位数", "the units of the population", ones, of),
        ("登记的单位数", "the units of the register", flags, source_size),
    ]
    if said is not None:
        figures.append(
            ("变量在登记中的总量", "the total of the variable in the register", flags * said, source_total)
        )
    notes = []
    for zh, en, values, given in figures:
        found = survey.total(sample, values)
        low, high = (float(end[0]) for end in found.interval(level))
        if not low - 1e-6 * abs(given) <= given <= high + 1e-6 * abs(given):
            notes.append((
                f"与样本不符：{zh}给定 {given:,.6g}，样本推算为 {found.value:,.6g}"
                f"（{level:.0%} 区间 {low:,.6g} 至 {high:,.6g}）；请核对口径",
                f"The sample disagrees on {en}: given {given:,.6g}, by the sample {found.value:,.6g} "
                f"({level:.0%} interval {low:,.6g} to {high:,.6g}); check that both mean the same",
            ))  # fmt: skip
    return notes
