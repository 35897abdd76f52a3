"""Total error of platform transactions: the common growth and how far single platforms stray, drawn anew at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.origin import sha256_of_text
from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.record import (
    ESTIMATED,
    NONE,
    NOT_KNOWN,
    Interval,
    Standing,
    Told,
    told,
)
from lvshu.statistics.methods.imputation import Growth, Imputed, common_growth, impute_month
from lvshu.statistics.platforms import EXEMPT, amounts_of, gaps_of, without_exempt
from lvshu.statistics.total_error import ErrorSource, TotalError, joint_error

Array = NDArray[np.float64]

TRANSACTIONS = "platform_transactions"
NO_SAMPLING = Standing(NONE, "平台全部上报，没有抽样", "all platforms report: nothing is sampled")
NO_LINKAGE = Standing(NONE, "按信用代码汇总，没有链接", "added up by credit code: nothing is linked")
NO_COVERAGE = Standing(
    NOT_KNOWN, "从不报表的平台与平台外交易不含；没有应报平台的名单",
    "platforms that never report and trade off the platform are left out; no list of platforms that should report is "
    "in the book",
)  # fmt: skip
NO_CODING = Standing(
    NONE, "总额不按行业或品类，没有编码", "the total is not by industry or category: nothing is coded"
)
ASIDE = (
    "区间另含报表内部不一致（合计与分项之差）；同一订单经多个平台的重复不含",
    "the interval also holds what returns leave open within themselves (total against parts); one order counted on "
    "several platforms is not told apart",
)


def joint(
    amounts: Array, gaps: Sequence[tuple[int, int]], replicates: int, generator: np.random.Generator
) -> TotalError:
    """Return the total of all platforms and months with gaps imputed, and its error, in the unit of the amounts.

    The error is that of the prediction which is published, the common growth from the month before: it was measured
    on the months that were reported. Other ways of imputing have errors of their own, which are not in it.

    Args:
        amounts: by platform and month, shape (platforms, months), in one unit of money; NaN where not reported.
        gaps: (platform, month) to impute.
        replicates: count.
        generator: of the draws.

    Source: ratio imputation as `common_growth`; imputation: a lognormal residual of each platform's growth, months
    passed from the same base sharing their steps; model: the common growth, drawn with the donors' variance, and
    that variance itself, by its scaled inverse chi-squared distribution (Rubin 1987, chapter 5), with the prior of
    `methods.imputation.shrunk` where it rests on few residuals.
    """
    known = float(np.nansum(amounts))
    growth = common_growth(amounts)
    rows = {platform: row for row, platform in enumerate(sorted({platform for platform, _ in gaps}))}
    made = [
        _gap(impute_month(amounts[platform], month, growth), rows[platform], growth, amounts[platform])
        for platform, month in gaps
    ]

    months = amounts.shape[1]
    root = _root(growth, months)

    def model(random: np.random.Generator) -> tuple[float, Array]:
        freedom = growth.degrees
        scale = freedom / float(random.chisquare(freedom)) if freedom else 1.0
        return scale, np.asarray(root @ random.standard_normal(months))

    def residuals(random: np.random.Generator) -> tuple[Array, Array]:
        shape = (len(rows), months)
        return random.standard_normal(shape) @ root.T, random.standard_normal(shape)

    def estimate(given: Mapping[str, Any]) -> float:
        (scale, common), single = given["model"], given["imputation"]
        return known + sum(_drawn(gap, scale, common, single) for gap in made)

    sources = [ErrorSource("imputation", None, residuals), ErrorSource("model", (1.0, None), model)]
    return joint_error(estimate, sources, replicates, generator, interval="percentile")


def joint_of(context: StepContext, amounts: Array, gaps: Sequence[tuple[int, int]]) -> TotalError:
    """Return `joint` with the run's replicates and draws, the same in every step that asks.

    Args:
        context: of a step.
        amounts: as `joint`, in CNY.
        gaps: as `joint`.
    """
    digest = sha256_of_text(str(context.settings.seed), "platform transactions, imputed months")
    generator = np.random.default_rng(int(digest[:32], 16))
    return joint(amounts, gaps, context.settings.replicates, generator)


def _root(growth: Growth, months: int) -> Array:
    """Return a root of the covariance of one platform's log deviations from the common growth, shape (months, months).

    From the variances v of growth over one month, two months, …: Cov(d_s - d_0, d_t - d_0) = (v_s + v_t - v_|s-t|)/2.
    """
    variances = np.array([0.0, *(growth.variance(steps) for steps in range(1, months))])
    place = np.arange(months)
    covariance = (variances[:, None] + variances[None, :] - variances[np.abs(place[:, None] - place)]) / 2
    if not np.isfinite(covariance).all():
        return np.zeros((months, months))
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))


@dataclass(frozen=True)
class _Gap:
    """An imputed month: row of its platform among those with gaps, variance of its log error, the common growth's part.

    The variance is that of a platform of factor 1, and wild the platform's own factor; of the own mean where no month
    was moved.
    """

    made: Imputed
    row: int
    variance: float
    common: float
    wild: float = 1.0


def _gap(made: Imputed, row: int, growth: Growth, series: Array) -> _Gap:
    if made.base is None:
        variance = float(np.log1p((made.standard_error / made.amount) ** 2)) if made.amount > 0 else 0.0
        return _Gap(made, row, variance, 0.0)
    variance = growth.variance(abs(made.month - made.base))
    common = growth.mean_concentration(made.base, made.month)
    return _Gap(made, row, variance, common, growth.wildness(series))


def _drawn(gap: _Gap, scale: float, common: Array | None, single: tuple[Array, Array] | None) -> float:
    """Return an imputed amount with its lognormal errors, of mean one; those that are None are not let loose."""
    month, base, amount = gap.made.month, gap.made.base, gap.made.amount
    if base is None:
        if single is None:
            return amount
        return amount * _factor(float(np.sqrt(gap.variance) * single[1][gap.row, month]), gap.variance)
    variance = scale * gap.variance
    if single is not None:
        path = single[0][gap.row]
        error = float(np.sqrt(scale * gap.wild) * (path[month] - path[base]))
        amount *= _factor(error, gap.wild * variance)
    if common is not None:
        error = float(np.sqrt(scale * gap.common) * (common[month] - common[base]))
        amount *= _factor(error, gap.common * variance)
    return amount


def _factor(error: float, variance: float) -> float:
    """Return a lognormal factor of mean one from a normal error of its logarithm."""
    return float(np.exp(error - variance / 2))


def is_shown(context: StepContext) -> bool:
    """Return whether the year's total is published: what is hidden has no published error."""
    where = (
        "period_kind = 'year' AND region_code = 'total' AND category_code = 'total' AND trade_kind = 'total'"
    )
    rows = context.read("platform_transaction_public", where=where).to_pylist()
    return bool(rows) and rows[0]["amount"] is not None


def tell(context: StepContext) -> Told:
    """Return platform transactions with their error.

    Without gaps nothing is imputed and no part of the error is known but what returns leave open within themselves,
    which bounds it (no interval where they agree: coverage and misreporting are not known to be none); where no
    platform tells how far single ones stray from the common growth, the error is not known and the interval is as
    wide as what was imputed.
    """
    rows = context.read("platform_month", order=("platform_uscc", "month")).to_pylist()
    imputed = context.read("platform_imputation", columns=("amount", "standard_error"), order=("amount",))
    made = float(sum(imputed["amount"].to_pylist()))
    value, lowest, highest = (
        float(sum(row[name] for row in rows)) + made for name in ("amount", "lowest", "highest")
    )
    naive = Interval(value, 0.0, lowest, highest)
    _, amounts = amounts_of(context)
    gaps = gaps_of(amounts)
    known = all(one is not None and isfinite(one) for one in imputed["standard_error"].to_pylist())
    january = 0 if EXEMPT in {month for _, month in gaps} else without_exempt(amounts)
    coverage = _coverage(january, len(amounts))
    standings = _standings(len(gaps), known, highest > lowest, common_growth(amounts).freedom, coverage)
    if not gaps or not known:
        return Told(
            TRANSACTIONS, "CNY", naive, Interval(value, None if gaps else 0.0, lowest - made, highest + made),
            {}, 0.0, np.zeros(0), standings, ASIDE,
            "imputation_and_inconsistency",
        )  # fmt: skip
    found = joint_of(context, amounts, gaps)
    low, high = found.low - (value - lowest), found.high + (highest - value)
    at = TotalError(value, found.mse, found.parts, 0.0, low, high, found.replicates, found.failed)
    return told(TRANSACTIONS, "CNY", naive, at, standings, published=value, aside=ASIDE)


def _coverage(without: int, platforms: int) -> Standing:
    """Return the standing of coverage; where some platforms sent January, which is exempt, also of those without."""
    if not 0 < without < platforms:
        return NO_COVERAGE
    return Standing(
        NOT_KNOWN, f"{NO_COVERAGE.zh}；一月免报，{platforms} 个平台中 {without} 个没有一月，其一月的交易不在合计里",
        f"{NO_COVERAGE.en}; January is exempt: the trade in January of {without} of {platforms} platforms is not in "
        "the total",
        without,
    )  # fmt: skip


def _standings(
    gaps: int, known: bool, open_: bool, freedom: int, coverage: Standing = NO_COVERAGE
) -> dict[str, Standing]:
    if not gaps:
        nothing = Standing(NONE, "没有缺报", "no return is missing")
        imputation = model = nothing
    elif not known:
        unknown = Standing(
            NOT_KNOWN, "没有平台可看出单个平台偏离共同环比多远；区间宽到全部估补额",
            "no platform tells how far single ones stray from the common growth; the interval is as wide as all that "
            "was imputed", gaps,
        )  # fmt: skip
        imputation = model = unknown
    else:
        imputation = Standing(
            ESTIMATED, "单个平台偏离共同环比的对数正态残差，由已报月份按间隔月数量得；随平台大小而不同时（检验）按大小",
            "lognormal residual of a single platform around the common growth, measured on reported months by their "
            "distance, and by the platform's size where a test finds that it matters", gaps,
        )  # fmt: skip
        model = Standing(
            ESTIMATED, "共同环比与残差方差由供给平台估计，其误差；证据为自由度",
            "the common growth and the variance of residuals are estimated from donors: their error; the count is "
            "degrees of freedom", freedom,
        )  # fmt: skip
    bias = (
        Standing(
            NOT_KNOWN, "报表内部有不一致，孰对孰错不知道：以上下限计入区间",
            "some returns do not agree within themselves and which part is right is not known: bounds in the interval",
        )
        if open_
        else Standing(NONE, "报表内部一致", "returns agree within themselves")
    )  # fmt: skip
    return {
        "sampling": NO_SAMPLING, "linkage": NO_LINKAGE, "coding": NO_CODING, "imputation": imputation,
        "coverage": coverage,
        "model": model, "bias": bias,
    }  # fmt: skip
