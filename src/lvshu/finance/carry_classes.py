"""Carries errors to PCAF's other asset classes and to the total of all classes, replicate by replicate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.finance.methods.uncertainty import carry_fuel_factors, carry_intensities, draw_fuel_factors

Array = NDArray[np.float64]
METHOD = "pcaf_2022"
LOANS = "loans"


@dataclass(frozen=True)
class Total:
    """A total, the part of it whose error is not known, and its replicates, shape (r,); all in tCO2e.

    beyond: what its mean squared error has beyond the variance of the replicates (a bias that is left), tCO2e squared.
    """

    value: float
    fixed: float
    drawn: Array
    beyond: float = 0.0

    @property
    def error(self) -> float:
        """Return the root of the mean squared error, in tCO2e."""
        return float(np.sqrt(max(self.drawn.var(ddof=1) + self.beyond, 0.0)))


def make(
    context: StepContext, loans: Total | None, divisions: list[str], intensity: Array, replicates: Array
) -> None:
    """Fill `pcaf_portfolio_replicate` and write the uncertainty of PCAF's total over all classes.

    The replicates of sector intensities are those of the loans, so what is common to all classes stays common.
    """
    found = {} if loans is None else {LOANS: loans}
    rows = context.read("uncertain_asset_emission", where="emission IS NOT NULL").to_pylist()
    multipliers = _factor_draws(context, rows)
    for asset_class in sorted({str(row["asset_class"]) for row in rows}):
        own = [row for row in rows if row["asset_class"] == asset_class]
        found[asset_class] = _one(
            own, divisions, intensity, replicates, multipliers, context.settings.replicates
        )
    if not found:
        return
    whole = Total(
        sum(part.value for part in found.values()), sum(part.fixed for part in found.values()),
        np.sum([part.drawn for part in found.values()], axis=0), sum(part.beyond for part in found.values()),
    )  # fmt: skip
    for asset_class, part in (*found.items(), ("*", whole)):
        context.write("pcaf_portfolio_replicate", {
            "asset_class": [asset_class] * part.drawn.size,
            "replicate": list(range(1, part.drawn.size + 1)),
            "emission": [float(value) for value in part.drawn],
        })  # fmt: skip
        _tell(context, asset_class, part)


def _factor_draws(context: StepContext, rows: list[dict[str, object]]) -> dict[str, Array]:
    """Return multipliers (r,) of each asset factor that has an interval; one factor errs alike everywhere."""
    known = sorted({
        (str(row["code"]), float(str(row["low_percent"])), float(str(row["high_percent"])))
        for row in rows if row["source_of_error"] == "factor"
    })  # fmt: skip
    low, high = (np.array([one[end] for one in known], dtype=float) for end in (1, 2))
    generator = context.generator("asset_factors")
    drawn = draw_fuel_factors(low, high, context.settings.replicates, generator)
    return {one[0]: drawn[:, place] for place, one in enumerate(known)}


def _one(
    rows: list[dict[str, object]],
    divisions: list[str],
    intensity: Array,
    replicates: Array,
    multipliers: dict[str, Array],
    count: int,
) -> Total:
    by_division = dict.fromkeys(divisions, 0.0)
    fixed, by_factor, draws = 0.0, [], []
    for row in rows:
        code, emission = str(row["code"]), float(str(row["emission"]))
        if row["source_of_error"] == "division" and code in by_division:
            by_division[code] += emission
        elif row["source_of_error"] == "factor":
            by_factor.append(emission)
            draws.append(multipliers[code])
        else:
            fixed += emission
    known = np.array([by_division[code] for code in divisions])
    drawn = fixed + (carry_intensities(known, intensity, replicates) if divisions else np.zeros(count))
    if by_factor:
        drawn = drawn + carry_fuel_factors(np.array(by_factor), np.array(draws).T)
    return Total(fixed + float(known.sum()) + sum(by_factor), fixed, np.asarray(drawn))


def _tell(context: StepContext, asset_class: str, part: Total) -> None:
    share = f"{100 * part.fixed / part.value:.1f}" if part.value else "0.0"
    low, high = np.quantile(part.drawn, [0.025, 0.975])
    context.write_uncertainty(
        "financed_emission_pcaf_all" if asset_class == "*" else f"financed_emission_pcaf_{asset_class}",
        value=part.value,
        unit="tCO2e",
        replicates=part.drawn,
        standard_error=part.error,
        low=min(float(low), part.value),
        high=max(float(high), part.value),
        method="replicates",
        scope_zh=(
            f"含行业强度的重复抽样误差与使用者给出区间的房产、车辆因子；占 {share}% 的部分（报告、能耗、国家账户、"
            "无区间的因子）误差未知，按无误差计入；贷款另含链接、编码、周转率、单个借款人与无数据项目的误差及其偏差，标准误为均方误差的根"
            "（表 financed_emission_error）；不含分母与金额的误差"
        ),
        scope_en=(
            f"covers the replicates of sector intensities and asset factors with an interval of the user; {share} % "
            "(reports, energy, countries, factors without an interval) has no known error and counts as exact; "
            "of loans also errors of links, codes, turnover, single borrowers and projects without data, with their "
            "bias, so that the standard error is the root of the mean squared error (table financed_emission_error); "
            "errors of denominators and amounts are not covered"
        ),
    )
