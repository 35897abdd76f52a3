"""Carries the errors of sector intensities and of fuel factors to the totals of financed emissions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.finance import carry_classes, spread
from lvshu.finance.methods.uncertainty import carry_fuel_factors, carry_intensities, draw_fuel_factors

Array = NDArray[np.float64]

SCOPE = "scope1_2"
WAYS = {
    "economic": ("经济活动法", "estimates by revenue"),
    "fallback": ("余额乘行业因子", "estimates by balance"),
}


def make(context: StepContext) -> None:
    """Fill the replicates of each method's total and of PCAF's asset classes, and write their uncertainty."""
    parts: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in context.read("uncertain_emission", where="emission IS NOT NULL").to_pylist():
        parts[row["method"]][row["source_of_error"]][row["code"]] = float(row["emission"])
    divisions, intensity, replicates = _intensities(context)
    fuels, multipliers = _fuels(context)
    loans: carry_classes.Total | None = None
    for method, sources in sorted(parts.items()):
        by_division, by_fuel = sources.get("division", {}), sources.get("fuel", {})
        known = np.array([by_division.get(code, 0.0) for code in divisions])
        burnt = np.array([by_fuel.get(code, 0.0) for code in fuels])
        fixed = sum(sources.get("not_known", {}).values())
        fixed += sum(value for code, value in by_division.items() if code not in divisions)
        fixed += sum(value for code, value in by_fuel.items() if code not in fuels)
        unlike = spread.of_method(context, method)
        drawn = (
            fixed + carry_intensities(known, intensity, replicates) + carry_fuel_factors(burnt, multipliers)
        )
        drawn = np.maximum(drawn + unlike.deviation, 0.0)
        total = fixed + float(known.sum() + burnt.sum())
        _write(context, method, total, drawn, fixed / total if total else 0.0, unlike.pairs)
        if method == carry_classes.METHOD:
            loans = carry_classes.Total(total, fixed, drawn)
    carry_classes.make(context, loans, divisions, intensity, replicates)


def _intensities(context: StepContext) -> tuple[list[str], Array, Array]:
    """Return divisions with replicates, their intensities (d,) and the replicates (r, d)."""
    count = context.settings.replicates
    point = {
        row["gbt4754_division"]: float(row["intensity_revenue"])
        for row in context.read("sector_intensity", where=f"scope = '{SCOPE}'").to_pylist()
    }
    drawn: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in context.read("sector_intensity_replicate", where=f"scope = '{SCOPE}'").to_pylist():
        drawn[row["gbt4754_division"]].append((int(row["replicate"]), float(row["intensity_revenue"])))
    divisions = sorted(code for code in point if len(drawn[code]) == count)
    replicates = np.zeros((count, len(divisions)))
    for place, code in enumerate(divisions):
        replicates[:, place] = [value for _, value in sorted(drawn[code])]
    return divisions, np.array([point[code] for code in divisions]), replicates


def _fuels(context: StepContext) -> tuple[list[str], Array]:
    """Return the fuels whose factor has an interval, and the multipliers (r, f)."""
    found: dict[str, tuple[float, float]] = {}
    rows = context.read("energy_factor_applied", where="low_percent IS NOT NULL AND high_percent IS NOT NULL")
    for row in rows.to_pylist():
        found[row["fuel_code"]] = (row["low_percent"], row["high_percent"])
    fuels = sorted(found)
    low, high = (np.array([found[code][end] for code in fuels]) for end in (0, 1))
    generator = context.generator("fuel_factors")
    return fuels, draw_fuel_factors(low, high, context.settings.replicates, generator)


def _write(
    context: StepContext, method: str, total: float, drawn: Array, fixed_share: float, pairs: dict[str, int]
) -> None:
    table: dict[str, list[Any]] = {
        "method": [method] * drawn.size,
        "replicate": list(range(1, drawn.size + 1)),
        "emission": [float(value) for value in drawn],
    }
    context.write("financed_emission_replicate", table)
    share = f"{100 * fixed_share:.1f}"
    own_zh, own_en = _told(pairs)
    context.write_uncertainty(
        f"financed_emission_{method}",
        value=total,
        unit="tCO2e",
        replicates=drawn,
        method="replicates",
        scope_zh=(
            f"含行业强度的重复抽样误差与燃料因子的 95% 区间；占总额 {share}% 的部分（企业报告、外购电力与热力等）"
            f"误差未知，按无误差计入；{own_zh}不含资产周转率、财务数据与贷款台账的误差"
        ),
        scope_en=(
            f"covers the replicates of sector intensities and the 95 % intervals of fuel factors; {share} % of the "
            f"total (reports, purchased electricity and heat, …) has no known error and counts as exact; {own_en}"
            "errors of asset turnover, of financial statements and of the ledger are not covered"
        ),
    )


def _told(pairs: dict[str, int]) -> tuple[str, str]:
    """Return what the interval covers of borrowers unlike their sector's average, in both languages."""
    zh, en = [], []
    for way, count in sorted(pairs.items()):
        name_zh, name_en = WAYS[way]
        if count > 1:
            zh.append(f"含{name_zh}估算中单个借款人偏离行业平均的误差（由 {count} 户自有数据者看出）；")
            en.append(f"covers borrowers unlike their sector in {name_en} (seen in {count} with own data); ")
        else:
            zh.append(f"不含{name_zh}估算中单个借款人偏离行业平均的误差（有自有数据的不足两户）；")
            en.append(
                f"does not cover borrowers unlike their sector in {name_en} (fewer than 2 with own data); "
            )
    return "".join(zh), "".join(en)
