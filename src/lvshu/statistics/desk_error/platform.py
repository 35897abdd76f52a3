"""Total error of platform transactions: donors, residual growth and the way of imputing drawn anew at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from lvshu.statistics.methods.imputation import BACKWARD, FORWARD, common_growth, impute_month
from lvshu.statistics.platforms import amounts_of, gaps_of
from lvshu.statistics.total_error import ErrorSource, TotalError, alternatives, joint_error

Array = NDArray[np.float64]

TRANSACTIONS = "platform_transactions"
WAYS: tuple[tuple[str, ...], ...] = ((FORWARD, BACKWARD), (BACKWARD, FORWARD), ())
"""Ways of imputing, equally likely: the growth after the month before, after the month behind, the own mean."""
NO_SAMPLING = Standing(NONE, "平台全部上报，没有抽样", "all platforms report: nothing is sampled")
NO_LINKAGE = Standing(NONE, "按信用代码汇总，没有链接", "added up by credit code: nothing is linked")
NO_CODING = Standing(
    NONE, "总额不按行业或品类，没有编码", "the total is not by industry or category: nothing is coded"
)
ASIDE = (
    "区间另含报表内部不一致（合计与分项之差）；同一订单经多个平台的重复、未报平台与线下交易不含",
    "the interval also holds what returns leave open within themselves (total against parts); one order counted on "
    "several platforms, platforms that never report and trade off the platform are not covered",
)


def joint(
    amounts: Array, gaps: Sequence[tuple[int, int]], replicates: int, generator: np.random.Generator
) -> TotalError:
    """Return the total of all platforms and months with gaps imputed, and its error, in the unit of the amounts.

    Args:
        amounts: by platform and month, shape (platforms, months), in one unit of money; NaN where not reported.
        gaps: (platform, month) to impute.
        replicates: count.
        generator: of the draws.

    Source: ratio imputation as `common_growth`; donors drawn with replacement (Shao & Sitter 1996, JASA 91), a
    lognormal residual for each platform, ways of imputing as alternatives (Buckland, Burnham & Augustin 1997).
    """
    known = float(np.nansum(amounts))
    platforms = amounts.shape[0]
    everyone = (np.arange(platforms), np.zeros(platforms))

    def redrawn(random: np.random.Generator) -> tuple[NDArray[np.int64], Array]:
        donors = np.asarray(random.integers(0, platforms, platforms), dtype=np.int64)
        return donors, np.asarray(random.standard_normal(platforms))

    def estimate(given: Mapping[str, Any]) -> float:
        donors, residual = given["imputation"]
        growth = common_growth(amounts[donors])
        total = known
        for platform, month in gaps:
            made = impute_month(amounts[platform], month, growth, given["model"])
            spread = made.standard_error if np.isfinite(made.standard_error) else 0.0
            total += max(made.amount + spread * float(residual[platform]), 0.0)
        return total

    sources = [
        ErrorSource("imputation", everyone, redrawn),
        alternatives(WAYS, name="model"),
    ]
    return joint_error(estimate, sources, replicates, generator, interval="percentile")


def tell(context: StepContext) -> Told:
    """Return platform transactions with their error.

    Without gaps nothing is imputed and the error is zero but for what returns leave open within themselves; where no
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
    standings = _standings(len(gaps), known, highest > lowest)
    if not gaps or not known:
        return Told(
            TRANSACTIONS, "CNY", naive, Interval(value, None if gaps else 0.0, lowest - made, highest + made),
            {}, 0.0, np.zeros(0), standings, ASIDE,
            "imputation_and_inconsistency",
        )  # fmt: skip
    found = joint(amounts, gaps, context.settings.replicates, context.generator("platform"))
    low, high = found.low - (value - lowest), found.high + (highest - value)
    at = TotalError(value, found.mse, found.parts, 0.0, low, high, found.replicates, found.failed)
    return told(TRANSACTIONS, "CNY", naive, at, standings, published=value, aside=ASIDE)


def _standings(gaps: int, known: bool, open_: bool) -> dict[str, Standing]:
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
            ESTIMATED, "供给环比的平台有放回重抽，各平台加对数正态残差",
            "platforms that give the growth drawn with replacement, a lognormal residual for each platform", gaps,
        )  # fmt: skip
        model = Standing(
            ESTIMATED, "三种估补方式等可能：由前月推、由后月推、自身均值",
            "three ways of imputing, equally likely: from the month before, from the month behind, the own mean",
            len(WAYS),
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
        "model": model, "bias": bias,
    }  # fmt: skip
