"""The emission of the core digital economy: an estimate of the statistics handed on with its replicates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.core.money import half_away
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

ESTIMATE = "digital_core_value_added_whole"
SCOPES = ("scope1", "scope1_2")
HEADLINE = {"scope1_2": "co2_digital_core"}
SCOPE_ZH = (
    "含统计的总误差（抽样、机器编码；其余来源见表 total_error）与排放强度的误差，逐次相乘；"
    "以部门平均的单位增加值排放代表其中的数字经济单位，两者之差没有依据；净调入电力按无误差"
)
SCOPE_EN = (
    "total error of the statistics (sampling, machine codes; for other sources see table total_error) and the error of "
    "emission intensities, multiplied replicate by replicate; a sector's average emission per value added stands for "
    "its digital units, and nothing tells how far they differ; purchased electricity is taken as exact"
)


def make_digital_emission(context: StepContext) -> None:
    """Fill `digital_emission` and its replicates, and write the headlines' uncertainty."""
    value = {
        row["gbt4754_division"]: float(row["value_added"])
        for row in context.read("digital_division").to_pylist()
    }
    drawn = _statistics(context, value)
    ratio = _output_per_value_added(context)
    for scope in SCOPES:
        found = _intensities(context, scope)
        divisions = [one for one in sorted(value) if one in found and one in ratio and one in drawn]
        if not divisions:
            continue
        _scope(context, scope, divisions, value, drawn, {one: ratio[one] for one in divisions}, found)


def _scope(
    context: StepContext, scope: str, divisions: list[str], value: dict[str, float], drawn: dict[str, Array],
    ratio: dict[str, float], found: dict[str, tuple[float, Array]],
) -> None:  # fmt: skip
    point = np.array([value[one] for one in divisions])
    rate = np.array([found[one][0] * ratio[one] for one in divisions])
    estimates = np.array([drawn[one] for one in divisions])
    rates = np.array([found[one][1] * ratio[one] for one in divisions])
    both = (estimates * rates).sum(axis=0)
    emission = float(point @ rate)
    low, high = np.quantile(both, [0.025, 0.975])
    outside = sum(value.values()) - float(point.sum())
    row: dict[str, Any] = {
        "scope": scope, "value_added": _money(point.sum()), "left_out": _money(max(outside, 0.0)),
        "emission": _quantity(emission), "standard_error": _quantity(both.std(ddof=1)),
        "low": _quantity(min(low, emission)), "high": _quantity(max(high, emission)),
        "statistics_error": _quantity((estimates * rate[:, None]).sum(axis=0).std(ddof=1)),
        "accounts_error": _quantity((point[:, None] * rates).sum(axis=0).std(ddof=1)),
        "intensity": emission / float(point.sum()),
    }  # fmt: skip
    context.write("digital_emission", {name: [cell] for name, cell in row.items()})
    context.write(
        "digital_emission_replicate",
        {"scope": [scope] * both.size, "replicate": list(range(1, both.size + 1)), "emission": both.tolist()},
    )
    if scope in HEADLINE:
        context.write_uncertainty(
        HEADLINE[scope], value=emission, unit="tCO2", replicates=both, low=float(row["low"]), high=float(row["high"]),
        method="replicates", scope_zh=SCOPE_ZH, scope_en=SCOPE_EN,
    )  # fmt: skip
    if outside > 0 and scope == SCOPES[0]:
        named = ", ".join(one for one in sorted(value) if one not in divisions)
        problem = Problem("accounts.digital_without_sector", values={"divisions": named}, severity="warning")
        context.find(problem, table="digital_emission", amount=outside, unit="CNY")


def _statistics(context: StepContext, value: dict[str, float]) -> dict[str, Array]:
    """Return replicates of value added by division, shape (replicates,), CNY, of the statistics' total error.

    The draws by division are those of sampling; each replicate is scaled so that its divisions add up to the
    replicate of the total error of the core, which holds machine codes too.
    """
    rows = context.read("digital_division_replicate", order=("gbt4754_division", "replicate")).to_pylist()
    drawn: dict[str, list[float]] = {one: [] for one in value}
    for row in rows:
        drawn[row["gbt4754_division"]].append(float(row["value_added"]))
    found = {one: np.array(values) for one, values in drawn.items() if values}
    where = f"indicator = '{ESTIMATE}'"
    whole = context.read("total_error_replicate", columns=("value",), where=where, order=("replicate",))
    total = np.array([float(one) for one in whole["value"].to_pylist()])
    sums = sum(found.values(), np.zeros(1))
    if total.size != np.size(sums) or not (np.asarray(sums) > 0).all():
        return found
    return {one: values * (total / sums) for one, values in found.items()}


def _output_per_value_added(context: StepContext) -> dict[str, float]:
    """Return output over value added of the sectors that a division lies in, dimensionless."""
    sectors = {row["sector_code"]: row for row in context.read("sector_account").to_pylist()}
    made = {}
    for row in context.read("sector_intensity", where="scope = 'scope1'").to_pylist():
        members = [sectors[code] for code in row["sector_codes"].split(";") if code in sectors]
        added = sum(float(one["value_added"]) for one in members)
        if added > 0:
            made[row["gbt4754_division"]] = sum(float(one["output"]) for one in members) / added
    return made


def _intensities(context: StepContext, scope: str) -> dict[str, tuple[float, Array]]:
    """Return emission per output by division, tCO2/CNY, with its replicates, shape (replicates,)."""
    where = f"scope = '{scope}'"
    point = {
        row["gbt4754_division"]: float(row["intensity_revenue"])
        for row in context.read("sector_intensity", where=where).to_pylist()
    }
    drawn: dict[str, list[float]] = {one: [] for one in point}
    order = ("gbt4754_division", "replicate")
    for row in context.read("sector_intensity_replicate", where=where, order=order).to_pylist():
        drawn[row["gbt4754_division"]].append(float(row["intensity_revenue"]))
    return {one: (value, np.array(drawn[one])) for one, value in point.items() if drawn[one]}


def _money(value: float) -> Decimal:
    return half_away(Decimal(repr(float(value))), 2)


def _quantity(value: float) -> Decimal:
    return half_away(Decimal(repr(float(value))), 6)
