"""lvshu estimate integrate: a register completed by a sample, and what the register alone is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.commands.estimate.common import deliver, needed, picked, sampled
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
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
    numbers = [variable, inside, *([source_value] if source_value else [])]
    read = sampled(
        source, sheet=sheet, numbers=numbers, labels=[], controls=None, distance="linear", bounds="", ridge=False,
        **designed,
    )  # fmt: skip
    flags = np.array(read.table.numbers[inside])
    bad = np.flatnonzero(~np.isin(flags, (0.0, 1.0)))
    if bad.size:
        where = Where(file=source.name, row=read.table.rows[int(bad[0])], column=inside)
        raise InputError(Problem("estimate.not_a_flag", where, {"column": inside, "count": int(bad.size)}))
    y = np.array(read.table.numbers[variable])
    said = np.array(read.table.numbers[source_value]) if source_value else None
    defect = integration.data_defect(read.design, y, flags, missing=missing)
    parts: list[survey.Estimates] = [survey.total(read.design, y, missing=missing)]
    for method in ("completed", "regression"):
        parts.append(
            integration.integrated_total(
                read.design, y, flags, population=of, source_size=source_size, source_total=source_total,
                source_values=said, method=method,
            )
        )  # fmt: skip
    names = ("sample_alone", "completed", "regression")
    records = tuple(
        {**part.records(level)[0], "method": name, "variable": variable}
        for name, part in zip(names, parts, strict=True)
    )
    settings = {
        **read.settings, "inside": inside, "population": of, "source_size": source_size, "source_total": source_total,
        "source_value": source_value or None, "level": level, "share_in_source": defect.fraction,
        "data_defect_correlation": defect.correlation, "data_defect_correlation_error": defect.correlation_error,
        "bias_of_the_sources_mean": defect.bias, "effective_sample_size": defect.effective_size,
    }  # fmt: skip
    size = "∞" if not np.isfinite(defect.effective_size) else f"{defect.effective_size:,.0f}"
    note = (
        f"登记有 {source_size:,.0f} 个单位；就这个变量的均值而言，只相当于 {size} 个单位的简单随机样本"
        f"（数据缺陷相关系数 {defect.correlation:.4f}，标准误 {defect.correlation_error:.4f}）",
        f"The register holds {source_size:,.0f} units; for the mean of this variable it is worth a simple random "
        f"sample of {size} (data defect correlation {defect.correlation:.4f}, standard error "
        f"{defect.correlation_error:.4f})",
    )
    title = ("登记与样本结合", "Register and sample together")
    method_text = ("Kim–Tam 数据整合", "Data integration of Kim and Tam")
    report = EstimateReport(
        "integrate", title, method_text, settings, picked(CODES), records, read.origins, (note,)
    )
    return deliver(Output(language, as_json), report, to=to, top=top)
