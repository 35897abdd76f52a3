"""lvshu series disaggregate: a series of long periods broken down by indicators."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lvshu.cli.commands.series.common import COLUMNS, deliver, read, single, sound
from lvshu.cli.console import Output
from lvshu.publish.results.series import SeriesReport, SeriesResult
from lvshu.statistics.series.disaggregate import disaggregate

NORMAL_95 = 1.959963984540054


def execute(
    *,
    language: str,
    as_json: bool,
    low: Path,
    high: Path | None,
    sheet: str,
    series: Sequence[str] | None,
    regression: str,
    conversion: str,
    intercept: bool,
    rho: float,
    truncate: bool,
    kind: str,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Break down, show and write. Returns the exit code."""
    long = read(low, sheet=sheet)
    short = read(high, sheet=sheet, wanted=series) if high is not None else None
    found = disaggregate(
        single(long, low), sound(short) if short else (), kind=kind, method=regression, conversion=conversion,
        intercept=intercept, rho=rho, truncate=truncate,
    )  # fmt: skip
    margin = NORMAL_95 * found.standard_errors
    columns = {
        "value": found.values, "standard_error": found.standard_errors, "low": found.values - margin,
        "high": found.values + margin,
    }  # fmt: skip
    facts = {
        "method": found.method, "rho": found.rho, "log_likelihood": found.log_likelihood, "variance": found.variance,
        "rss": found.rss, "coefficients": [
            {"name": name, "value": float(value), "standard_error": float(error)}
            for name, value, error in zip(found.names, found.coefficients, found.coefficient_errors, strict=True)
        ],
        "periods_before": found.before, "periods_after": found.after,
    }  # fmt: skip
    told = ", ".join(
        f"{name} = {value:.6g} ({error:.3g})"
        for name, value, error in zip(found.names, found.coefficients, found.coefficient_errors, strict=True)
    )
    notes = [(f"{found.method}，ρ = {found.rho:.6f}；{told}", f"{found.method}, ρ = {found.rho:.6f}; {told}")]
    if found.rho < 0:
        notes.append((
            "ρ 为负：相邻时期的残差此高彼低，路径会呈锯齿，标准误也偏大；可改用 --truncate 或 fernandez",
            "ρ is negative: residuals alternate from period to period, so the path may be jagged and the standard "
            "errors large; --truncate or fernandez avoid it",
        ))  # fmt: skip
    if found.before or found.after:
        notes.append(
            (f"前 {found.before} 期、后 {found.after} 期在低频序列之外，是外推",
             f"The first {found.before} and the last {found.after} periods lie outside the long series: extrapolated")
        )  # fmt: skip
    if np.min(found.values) < 0 < np.min(single(long, low).values):
        notes.append(
            ("结果中有负数，而低频序列全为正", "Some values are negative though the long series is positive")
        )
    one = SeriesResult(
        found.series.name, found.series.labels(), columns, {code: COLUMNS[code] for code in columns}, ("value",), facts,
        tuple(notes), ("low", "high"),
    )  # fmt: skip
    origins = (long.origin, *([short.origin] if short else []))
    title = ("时间分解", "Temporal disaggregation")
    report = SeriesReport("disaggregate", title, "statistics.disaggregation", origins, (one,))
    return deliver(Output(language, as_json), report, to=to, top=top)
