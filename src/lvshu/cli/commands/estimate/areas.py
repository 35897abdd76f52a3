"""lvshu estimate areas: districts by Fay and Herriot's model, benchmarked to a published figure if asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.cli.commands.estimate.area_range import within_scale
from lvshu.cli.commands.estimate.common import deliver, empty_cells, needed, picked
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.wording import filled
from lvshu.intake.columns import LABEL, NUMBER, ColumnTable, read_columns
from lvshu.publish.results.estimates import EstimateReport
from lvshu.statistics import small_area

REPLICATES = 400
"""Bootstrap replicates of the benchmarked estimates' errors where none are asked for."""
CODES = ("area", "direct", "direct_error", "value", "standard_error", "low", "high", "shrinkage")


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    sheet: str,
    area: str,
    direct: str,
    variance: str,
    effective: str,
    covariates: Sequence[str] | None,
    method: str,
    scale: str,
    share: str,
    published: float | None,
    published_error: float,
    benchmark: str,
    replicates: int,
    seed: int,
    level: float,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Estimate, show and write. Returns the exit code."""
    spread = effective if scale == "arcsin" else variance
    if not spread:
        raise needed("--effective-size" if scale == "arcsin" else "--variance", "areas")
    if published is not None and not share:
        raise needed("--share", "--published")
    wanted = dict.fromkeys([direct, spread, *(covariates or ()), *([share] if share else [])], NUMBER)
    table = read_columns(source, {**wanted, f"={area}" if area in wanted else area: LABEL}, sheet=sheet)
    columns = {name: np.array(values) for name, values in table.numbers.items()}
    sampled = ~(np.isnan(columns[direct]) & np.isnan(columns[spread]))
    _once(table, source, area, (direct, spread), sampled)
    terms = np.column_stack([np.ones(len(table.rows)), *(columns[name] for name in covariates or ())])
    inside, spreads = columns[direct][sampled], columns[spread][sampled]
    model, *parts = _fitted(inside, spreads, terms[sampled], scale, method, replicates, seed, level)
    others = _unsampled(model, terms[~sampled], scale, level)
    values, errors, low, high = (_both(sampled, own, other) for own, other in zip(parts, others, strict=True))
    shrinkage = _both(sampled, model.shrinkage, np.zeros(int((~sampled).sum())))
    made = _of_posterior(model, terms, sampled) if scale == "none" else {}
    apart = max(abs(made["posterior_mean"] - values) / errors) if made else None
    if published is not None:
        made["benchmarked"] = small_area.benchmark(
            values, columns[share], published, method=benchmark, mse=errors**2
        )
        within_scale(values, made["benchmarked"], table.labels[area], published, scale, source)
    if published is not None and scale == "none":
        made |= _errors_of_benchmarked(
            made["benchmarked"], (low, high, values, errors), model=model, variances=spreads, covariates=terms,
            sampled=sampled, shares=columns[share], replicates=replicates or REPLICATES,
            generator=np.random.default_rng([seed, 1]), method=benchmark, published_error=published_error,
        )  # fmt: skip
    figures = {
        **_direct(columns, direct, spread, scale, sampled), "value": values, "standard_error": errors, "low": low,
        "high": high, "shrinkage": shrinkage, **made,
    }  # fmt: skip
    records = [
        {"area": name, **{column: found[at] for column, found in figures.items()}}
        for at, name in enumerate(table.labels[area])
    ]
    shown = picked([*CODES, *made])
    settings = {
        "covariates": list(covariates or ()), "method": method, "scale": scale, "areas": len(records),
        **_of_model(model), "replicates": replicates, "seed": seed if replicates or made else None,
        **_of_benchmark(published, published_error, benchmark, replicates if "benchmarked_error" in made else None),
    }  # fmt: skip
    told = ("Fay–Herriot 区域模型", "Fay–Herriot area-level model")
    bare = int(np.isin(inside, (0.0, 1.0)).sum()) if scale == "arcsin" else 0
    notes = (*_told(model, int((~sampled).sum())), *_of_intervals(method, bare, apart))
    if published is not None:
        notes = (_sum_told(values, columns[share], published), _error_told(scale, published_error), *notes)
    title = ("小区域估计", "Small areas")
    report = EstimateReport("areas", title, told, settings, shown, tuple(records), (table.origin,), notes)
    return deliver(Output(language, as_json), report, to=to, top=top)


def _direct(
    columns: Mapping[str, Any], direct: str, spread: str, scale: str, sampled: NDArray[np.bool_]
) -> dict[str, list[float | None]]:
    """Return the direct estimates and their errors by area, None where an area has no sample.

    Where all, or none, of a sample has what is counted, p (1 - p) / n is zero and no error: None too.
    """
    variance = columns[spread]
    if scale == "arcsin":
        variance = columns[direct] * (1.0 - columns[direct]) / columns[spread]
    known = sampled & ((variance > 0.0) | (scale != "arcsin"))
    given = {"direct": (columns[direct], sampled), "direct_error": (np.sqrt(variance), known)}
    return {
        name: [one if there else None for one, there in zip(found, shown, strict=True)]
        for name, (found, shown) in given.items()
    }


def _of_model(model: small_area.FayHerriot) -> dict[str, Any]:
    return {
        "variance_of_effects": model.variance,
        "coefficients": [float(one) for one in model.coefficients],
        "log_likelihood": model.log_likelihood,
        "aic": model.aic,
    }


def _of_benchmark(
    published: float | None, error: float, benchmark: str, replicates: int | None
) -> dict[str, Any]:
    """Return the settings of benchmarking; replicates: None where the benchmarked estimates have no error."""
    return {
        "published": published,
        "published_error": None if published is None else error,
        "benchmark": None if published is None else benchmark,
        "replicates_of_benchmarked": None if replicates is None else replicates or REPLICATES,
    }


def _once(
    table: ColumnTable, source: Path, area: str, of_sample: Sequence[str], sampled: NDArray[np.bool_]
) -> None:
    """Refuse areas that stand there twice, and empty cells but both `of_sample` of an area without a sample.

    Raises:
        InputError: all of them at once, with their rows.
    """
    always = [name for name in table.numbers if name not in of_sample]
    own = np.flatnonzero(sampled).tolist()
    kept = replace(
        table, rows=tuple(table.rows[at] for at in own),
        numbers={name: [table.numbers[name][at] for at in own] for name in of_sample},
    )  # fmt: skip
    code = "estimate.area_cell_missing"
    problems = empty_cells(table, source, always, code) + empty_cells(kept, source, of_sample, code)
    precision = of_sample[1]
    for row, value in zip(kept.rows, kept.numbers[precision], strict=True):
        if value <= 0:
            where = Where(source.name, None, row, precision)
            problems.append(
                Problem("estimate.area_precision", where, {"column": precision, "value": f"{value:g}"})
            )
    seen: dict[str, int] = {}
    for row, name in zip(table.rows, table.labels[area], strict=True):
        if name in seen:
            where = Where(source.name, None, row, area)
            problems.append(Problem("estimate.area_twice", where, {"area": name, "first": seen[name]}))
        seen.setdefault(name, row)
    if problems:
        raise InputError(*problems)


def _unsampled(
    model: small_area.FayHerriot, terms: Any, scale: str, level: float
) -> tuple[Any, Any, Any, Any]:
    """Return estimates, errors and ends of intervals of the areas without a sample."""
    if not len(terms):
        return (np.zeros(0),) * 4
    values, mse, low, high = small_area.predict_transformed(model, terms, scale, level=level)
    return values, np.sqrt(mse), low, high


def _both(sampled: NDArray[np.bool_], own: Any, others: Any) -> Any:
    """Return figures of areas with and without a sample in the order of the table."""
    made = np.empty(sampled.size)
    made[sampled], made[~sampled] = own, others
    return made


def _told(model: small_area.FayHerriot, without_sample: int) -> tuple[tuple[str, str], ...]:
    """Return what a reader must know of the model: areas without a sample, no variance between areas."""
    notes = []
    if without_sample:
        notes.append((
            f"{without_sample} 个区域没有样本（直接估计与其精度都为空）：只用回归推算，误差不经自助法",
            filled(
                "{count:# area has|# areas have} no sample (neither a direct estimate nor its precision): estimated by "
                "the regression alone, {count:its error|their errors} without a bootstrap",
                {"count": without_sample},
            ),
        ))  # fmt: skip
    if model.variance == 0.0:
        notes.append((
            "区域间方差估计为零：结果完全来自回归，请检查协变量与直接估计的方差",
            "The variance between areas is estimated as zero: all comes from the regression; check the covariates and "
            "the variances of the direct estimates",
        ))  # fmt: skip
    return tuple(notes)


def _of_posterior(
    model: small_area.FayHerriot, terms: Any, sampled: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Return by area the mean of the distribution whose quantiles are the ends of the interval."""
    own = small_area.area_posterior(*model.fitted_to).estimates
    others = small_area.area_posterior(*model.fitted_to, terms[~sampled]).estimates
    return {"posterior_mean": _both(sampled, own, others)}


def _of_intervals(method: str, bare: int, apart: float | None) -> tuple[tuple[str, str], ...]:
    """Return what a reader must know of errors and intervals: rates of 0 or 1, and what the method does not reach.

    apart: the most by which estimates and means of the intervals' distribution differ, in standard errors; None where
    those means are not given.
    """
    notes = []
    if apart is not None:
        notes.append((
            "估计值只用区域间方差的一个估计值，区间对其所有可能值取平均，估计值因此可能偏离区间中部；"
            f"后验均值是区间所属分布的均值（与估计值最多相差 {apart:.2f} 个标准误）",
            "Estimates take one value of the variance between areas, intervals average over all of them, so an "
            "estimate may stand off the middle of its interval; the posterior mean is that of the interval's own "
            f"distribution (at most {apart:.2f} standard errors from the estimate)",
        ))  # fmt: skip
    if bare:
        notes.append((
            f"{bare} 个区域的直接估计为 0 或 1：p(1 − p)/n 为零，不是它的误差，"
            "直接标准误空缺；模型在反正弦尺度上用 1/(4n)",
            filled(
                "{count:# area has|# areas have} a direct estimate of 0 or 1: p(1 − p)/n is zero there and no error, "
                "so {count:its|their} direct standard error is left open; the model takes 1/(4n) on the arcsine scale",
                {"count": bare},
            ),
        ))  # fmt: skip
    if method != "reml":
        notes.append((
            f"估计值与标准误按 --method {method}；区间对区域间方差的所有可能值取平均（限制似然），不用某一个估计值，"
            "因此与其他方法的区间相同",
            f"Estimates and standard errors are by --method {method}; the interval averages over all values of the "
            "variance between areas (restricted likelihood) and takes no single estimate of it, so it is the same by "
            "every method",
        ))  # fmt: skip
    return tuple(notes)


def _sum_told(values: Any, shares: Any, published: float) -> tuple[str, str]:
    """Return what the areas added up to before they were benchmarked, and to what their shares add up."""
    now, whole = float(shares @ values), float(shares.sum())
    zh = f"校准前按份额加总为 {now:.6g}，公布数为 {published:.6g}；份额之和为 {whole:.6g}"
    en = (
        f"Before benchmarking the areas add up to {now:.6g} by their shares, published is {published:.6g}; the shares "
        f"sum to {whole:.6g}"
    )
    if abs(whole - 1.0) > 1e-6 and not np.all(shares == 1.0):
        zh += "。均值与比率的份额之和应为 1，总量的份额应都为 1，请核对"
        en += ". Shares sum to 1 for means and rates, and are all 1 for totals: check them"
    return zh, en


def _errors_of_benchmarked(
    benchmarked: Any, before: tuple[Any, Any, Any, Any], **given: Any
) -> dict[str, Any]:
    """Return errors and intervals of areas that add up to the published figure.

    before: ends of the intervals, values and errors before; given: see `bootstrap_benchmarked`.
    """
    error = np.sqrt(small_area.bootstrap_benchmarked(**given))
    low, high = small_area.moved_intervals(*before, benchmarked, error)
    return {"benchmarked_error": error, "benchmarked_low": low, "benchmarked_high": high}


def _error_told(scale: str, published_error: float) -> tuple[str, str]:
    """Return whose error stands in which column."""
    if scale != "none":
        return (
            "标准误与区间属于校准前的估计值；变换过的模型没有校准后的误差",
            "Standard error and interval belong to the estimate before benchmarking; under a transformation there is "
            "no error of the benchmarked one",
        )
    exact = published_error == 0.0
    return (
        "标准误与区间属于校准前的估计值；校准后的误差由参数自助法得出"
        + ("，公布数当作没有误差（--published-error 可给出）" if exact else ""),
        "Standard error and interval belong to the estimate before benchmarking; those of the benchmarked one are by "
        "parametric bootstrap"
        + (", the published figure taken as exact (see --published-error)" if exact else ""),
    )


def _fitted(
    direct: Any, spread: Any, terms: Any, scale: str, method: str, replicates: int, seed: int, level: float
) -> tuple[small_area.FayHerriot, Any, Any, Any, Any]:
    """Return the model, estimates, errors and ends of intervals."""
    generator = np.random.default_rng(seed)
    if scale != "none":
        work = small_area.log_fay_herriot if scale == "log" else small_area.arcsin_fay_herriot
        moved = work(
            direct, spread, terms, method=method, replicates=replicates, generator=generator, level=level
        )
        return moved.model, moved.estimates, np.sqrt(moved.mse), moved.low, moved.high
    model = small_area.fay_herriot(direct, spread, terms, method=method)
    mse = model.mse
    if replicates:
        mse = small_area.bootstrap_area_level(model, spread, terms, replicates, generator)
    return model, model.estimates, np.sqrt(mse), *small_area.area_intervals(model, level=level)
