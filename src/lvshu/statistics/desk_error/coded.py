"""Total error of the shares of coded units and persons: the audit of machine codes is their only source."""

from __future__ import annotations

import numpy as np

from lvshu.core.variance_parts import not_below_zero
from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.record import ESTIMATED, NONE, NOT_KNOWN, Interval, Standing, Told

HEADLINES = {"units": "digital_units_share", "persons": "digital_persons_share"}
NO_SAMPLING = Standing(NONE, "名录全数，没有抽样", "all units of the register: nothing is sampled")
LINKAGE = Standing(
    ESTIMATED, "疑似重复登记按概率计，类别不明的单位按名录的构成计，代码来自链接单位的按误链率；漏关联另见链接质量",
    "likely double registrations count by their probability, units of unknown class as the register is composed, "
    "classes of linked units by the rate of false links; missed links are told by the quality of the links",
)  # fmt: skip
NO_LINKAGE = Standing(
    NONE, "没有待核对的重复登记，没有类别不明的单位，也没有存疑的链接带来代码；漏关联另见链接质量",
    "no double registration waits for a reviewer, no unit's class is unknown and none rests on a doubtful link; missed "
    "links are told by the quality of the links",
)  # fmt: skip
NO_CODING = Standing(NONE, "没有合计依靠机器编码", "no total rests on a machine's code")
NO_IMPUTATION = Standing(NONE, "没有估补值进入", "no imputed value enters")
NO_MODEL = Standing(NONE, "差值估计不依赖模型", "the difference estimator rests on no model")
OTHER_MONTH = Standing(
    NOT_KNOWN, "抽查是别的月份或别的总体的：以编码的含义不变为前提，未量化",
    "the audit is of another month or population: rests on codes meaning what they meant, which is not measured",
)  # fmt: skip
NO_COVERAGE = Standing(
    NOT_KNOWN, "任何来源都没有的单位不含；没有名录覆盖的核查",
    "units that no source delivered are left out; no check of the register's coverage is in the book",
)  # fmt: skip
NO_BIAS = Standing(NONE, "已按抽查改正", "corrected by the audit")


def tell(context: StepContext) -> list[Told]:
    """Return the published shares whose audit tells an error, with the as-coded share as the naive one."""
    rows = [
        row
        for row in context.read("coded_total", order=("measure", "group_code", "estimator")).to_pylist()
        if row["group_code"] == "full"
    ]
    made = []
    for measure, indicator in HEADLINES.items():
        own = [row for row in rows if row["measure"] == measure]
        published = next((row for row in own if row["published"]), None)
        [told] = context.read("uncertainty", where=f"indicator = '{indicator}'").to_pylist() or [None]
        if published is None or told is None or told["standard_error"] is None or not published["share"]:
            continue
        scale = float(published["share"]) / float(published["value"])
        where = f"measure = '{measure}' AND group_code = 'full'"
        drawn = context.read("coded_total_replicate", columns=("value",), where=where, order=("replicate",))
        values = np.array([float(one) for one in drawn["value"].to_pylist()]) * scale
        error = float(told["standard_error"])
        naive = float(next(row["share"] for row in own if row["estimator"] == "as_coded"))
        coding = Standing(
            ESTIMATED, "编码抽查的设计误差，含有限总体修正", "design error of the audit, finite population included",
            published["audited"],
        ) if published["audited"] else NO_CODING  # fmt: skip
        of_frame = float(published["share_frame_standard_error"] or 0.0)
        standings = {
            "sampling": NO_SAMPLING, "linkage": LINKAGE if of_frame else NO_LINKAGE, "coding": coding,
            "imputation": NO_IMPUTATION,
            "coverage": NO_COVERAGE,
            "model": NO_MODEL if published["estimator"] == "difference" else OTHER_MONTH,
            "bias": NO_BIAS if published["audited"] else NO_CODING,
        }  # fmt: skip
        total = Interval(told["value"], error, told["low"], told["high"], values.size)
        plain, squares = Interval(naive, 0.0, naive, naive), {}
        if published["audited"]:
            squares["coding"] = error**2 - of_frame**2
        if of_frame:
            squares["linkage"] = of_frame**2
        parts = not_below_zero(squares)
        made.append(Told(indicator, "%", plain, total, parts, 0.0, values, standings))
    return made
