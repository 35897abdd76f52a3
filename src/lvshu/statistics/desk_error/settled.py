"""Total error of what platforms settle and report: sums over all of them, and the sampled rate of value added."""

from __future__ import annotations

import numpy as np

from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.record import ESTIMATED, NONE, NOT_KNOWN, Interval, Standing, Told

OUTPUT = ("platform_output_by_seller", "platform_output_by_buyer")
VALUE_ADDED = "platform_value_added_by_seller"
THIRD_PARTY = "platform_third_party_share"

SUMMED = Standing(NONE, "平台全部之和，没有抽样", "a sum over all platforms: nothing is sampled")
RATE = Standing(
    ESTIMATED,
    "增加值率的抽样误差（企业调查中互联网平台小类，含未答与缺代码的单位），线性化",
    "sampling error of the rate of value added (internet platforms in the business survey, units without answer or "
    "code included), by linearisation",
)
ALONE = Standing(
    NOT_KNOWN,
    "可用的互联网平台只有一家，或都在全数调查的层里而其他层是抽样的：增加值率差多少无从知道",
    "there is a single internet platform that can be used, or all are in strata surveyed in full while others are "
    "sampled: nothing tells how far the rate is off",
)
NO_LINKAGE = Standing(NONE, "按信用代码汇总，没有链接", "added up by credit code: nothing is linked")
PLACES = Standing(
    NOT_KNOWN,
    "买卖双方的地区与经营性质照平台所报；没有抽查",
    "places of sellers and buyers and the kind of trade are as platforms report them: no audit is in the book",
)
NO_IMPUTATION = Standing(
    NOT_KNOWN,
    "缺报的结算不估补，也不知道缺多少",
    "settlements that were not reported are not imputed, and how much they are is not known",
)
BOUNDED = Standing(
    NOT_KNOWN,
    "估补的交易额不分自营与第三方：以上下限计入区间",
    "imputed transactions are not split by kind of trade: bounds in the interval",
)
NOT_BOUNDED = Standing(
    NOT_KNOWN,
    "没有说明上下限：交易额都已分自营与第三方，或者没有分的由一两家平台构成，说出上下限就等于说出它们（运行的发现说明是哪一种）",
    "no bounds are told: either every amount is split by kind of trade, or what is not belongs to one or two "
    "platforms, whom bounds would tell (the findings of the run say where it is so)",
)
NO_COVERAGE = Standing(
    NOT_KNOWN,
    "不结算、不报表的平台与隐含在价差中的服务费不含；没有应报平台的名单",
    "platforms that do not report and fees hidden in margins are left out; no list of platforms that should report is "
    "in the book",
)
NO_MODEL = Standing(NONE, "没有模型", "no model enters")
RATE_MODEL = Standing(
    NOT_KNOWN,
    "以互联网平台小类的增加值率代表中介服务；两者之差没有依据",
    "the rate of value added of internet platforms stands for intermediation: nothing tells how far they differ",
)
NO_BIAS = Standing(NOT_KNOWN, "没有抽查，剩余偏差不知道", "no audit: what bias is left is not known")


def tell(context: StepContext) -> list[Told]:
    """Return the headlines of platform output, its value added and third-party trade that the run has estimated.

    Their own interval is kept: this names which parts it holds, which there are none of, and which nothing tells.
    """
    told = {row["indicator"]: row for row in context.read("uncertainty").to_pylist()}
    made = []
    for code in (*OUTPUT, VALUE_ADDED, THIRD_PARTY):
        row = told.get(code)
        if row is None:
            continue
        sampled = code == VALUE_ADDED and bool(row["standard_error"])
        alone = code == VALUE_ADDED and not sampled and row["method"] == "linearisation"
        bounds = BOUNDED if row["low"] is not None else NOT_BOUNDED
        standings = {
            "sampling": RATE if sampled else ALONE if alone else SUMMED,
            "linkage": NO_LINKAGE,
            "coding": PLACES,
            "imputation": bounds if code == THIRD_PARTY else NO_IMPUTATION,
            "coverage": NO_COVERAGE,
            "model": RATE_MODEL if code == VALUE_ADDED else NO_MODEL,
            "bias": NO_BIAS,
        }
        interval = Interval(row["value"], row["standard_error"], row["low"], row["high"])
        parts = {"sampling": float(row["standard_error"]) ** 2} if sampled else {}
        made.append(Told(code, row["unit"], interval, interval, parts, 0.0, np.zeros(0), standings))
    return made
