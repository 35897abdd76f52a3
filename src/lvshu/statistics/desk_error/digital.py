"""Total error of the core digital economy: sampling, machine codes and false links, from what their steps told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.class_code import CLASSED, UNSTATED
from lvshu.statistics.desk_error.record import (
    ESTIMATED,
    NONE,
    NOT_KNOWN,
    Interval,
    Standing,
    Told,
)
from lvshu.statistics.methods.survey import Estimate

Array = NDArray[np.float64]

VALUE, SHARE = "digital_core_value_added_whole", "digital_core_share"
WHOLE = "whole"
ASSIGNED = Query(
    "business_survey",
    f"""
    SELECT
      coalesce(sum(CASE WHEN assigned.assigned_by = 'linked' THEN 1 ELSE 0 END), 0) AS linked,
      coalesce(sum(CASE WHEN coalesce(assigned.assigned_by, 'none') IN ('machine', 'none') THEN 1 ELSE 0 END), 0)
        AS machine
    FROM business_survey AS survey
    {CLASSED}
    WHERE survey.year = :year AND survey.value_added IS NOT NULL AND {UNSTATED}
    """,
)
"""Sampled units that have their class by a link, and those that have it from the machine or have none."""
NO_LINKAGE = Standing(
    NONE, "行业由调查填报；缺的凭信用代码从名录取，代码经校验，无概率链接",
    "the survey states the class; where it does not, the register's is taken by credit code, which is checked: no link "
    "by probability",
)  # fmt: skip
NO_IMPUTATION = Standing(
    NONE, "未答单位由同层上调权数代表，其误差在抽样中；估补值不进入",
    "units that did not answer are stood for by weights of their stratum, which is in the sampling error; no imputed "
    "value enters",
)  # fmt: skip
NO_COVERAGE = Standing(
    NOT_KNOWN, "抽样框之外的单位不含；没有框的覆盖核查",
    "units outside the sampling frame are left out; no check of the frame's coverage is in the book",
)  # fmt: skip
NO_MODEL = Standing(
    NONE, "带星号小类不在内，没有系数或模型", "starred classes are left out: no coefficient or model enters"
)


def tell(context: StepContext) -> list[Told]:
    """Return value added of whole classes and its share of product with their error; empty without them."""
    [core] = context.read("digital_economy_account_public", where="level = 'core'").to_pylist() or [None]
    if core is None or core["value_added_full"] is None or core["standard_error"] is None:
        return []  # not observed, or not published
    [whole] = context.read("digital_economy_account", where="level = 'core'").to_pylist()
    value, error = float(core["value_added_full"]), float(core["standard_error"])
    coding = context.read("digital_coding_error", where=f"definition_code = '{WHOLE}'").to_pylist()
    drawn = _replicates(context, "digital_core_replicate", "value_added")
    if coding:
        drawn = drawn + _replicates(context, "digital_coding_replicate", "correction")
    [assigned] = context.sql(ASSIGNED, year=context.settings.year).to_pylist()
    counts = {name: int(number) for name, number in assigned.items()}
    standings = _standings(coding[0] if coding else None, counts, int(whole["sampled_units"]))
    made = [_told(VALUE, "CNY", value, error, coding[0] if coding else None, drawn, standings, 1.0)]
    shares = context.read("digital_economy_share", where="denominator = 'gdp'").to_pylist()
    if shares:
        scale = float(shares[0]["share"]) / value if value else 0.0
        made.append(_told(SHARE, "%", value, error, coding[0] if coding else None, drawn, standings, scale))
    return made


def _replicates(context: StepContext, table: str, column: str) -> Array:
    where = f"definition_code = '{WHOLE}'"
    rows = context.read(table, columns=(column,), where=where, order=("replicate",))
    return np.array([float(one) for one in rows[column].to_pylist()])


def _told(
    code: str, unit: str, value: float, error: float, coding: Mapping[str, Any] | None, drawn: Array,
    standings: Mapping[str, Standing], scale: float,
) -> Told:  # fmt: skip
    naive = Interval.normal(Estimate(value * scale, error * scale))
    parts, bias, total = {"sampling": (error * scale) ** 2}, 0.0, naive
    if coding is not None:
        spread = coding["coding_standard_error"]
        if coding["audited"] and spread is not None:
            parts["coding"] = (float(spread) * scale) ** 2
        if coding["linked_units"] and coding["link_standard_error"] is not None:
            parts["linkage"] = (float(coding["link_standard_error"]) * scale) ** 2
        bias = float(coding["correction"]) * scale
        whole, low, high = (float(coding[name]) * scale for name in ("standard_error", "low", "high"))
        total = Interval(value * scale, whole, low, high, drawn.size)
    return Told(code, unit, naive, total, parts, bias, drawn * scale, standings)


def _standings(
    coding: Mapping[str, Any] | None, assigned: Mapping[str, int], units: int
) -> dict[str, Standing]:
    without = assigned["machine"]
    sampling = Standing(
        ESTIMATED, "层内单位的抽样，线性化，含有限总体修正；样本数为核心小类内单位",
        "sampling of units within strata, by linearisation, finite population included; the count is of core units",
        units,
    )  # fmt: skip
    if coding is not None and coding["audited"]:
        audited = int(coding["audited"])
        seen = coding["coding_standard_error"] is not None
        machine = Standing(
            ESTIMATED if seen else NOT_KNOWN,
            f"编码抽查（按码校准）；{without}个样本单位由机器编码" if seen else "抽查没有看到差错，误差大小不知道",
            f"audit of machine codes (calibration by code); a machine coded {without} sampled units"
            if seen
            else "the audit saw no wrong code: how large the error is is not known",
            audited,
        )  # fmt: skip
        bias = Standing(
            ESTIMATED, "抽查改正后的值减去公布值：账户照编码公布，不逐类改正",
            "value corrected by the audit less the published one: the account by class is published as coded", audited,
        )  # fmt: skip
    elif without:
        zh = f"{without}个样本单位由机器编码，而没有抽查（表 coding_audit）"
        en = f"a machine coded {without} sampled units and there is no audit (table coding_audit)"
        machine = bias = Standing(NOT_KNOWN, zh, en, without)
    else:
        machine = Standing(
            NONE,
            "每个样本单位的行业都由人或别的来源填报",
            "people or sources stated the class of every sampled unit",
        )
        bias = Standing(NONE, "没有机器编码", "no machine codes")
    if coding is not None and not coding["audited"] and not without:
        bias = Standing(
            ESTIMATED, "误链平均会使合计改多少：公布的照链接单位的代码",
            "what false links would change the total by on the average: published by the codes of linked units",
            assigned["linked"],
        )  # fmt: skip
    return {
        "sampling": sampling, "linkage": _linkage(coding, assigned["linked"]), "coding": machine,
        "imputation": NO_IMPUTATION, "coverage": NO_COVERAGE,
        "model": NO_MODEL, "bias": bias,
    }  # fmt: skip


def _linkage(coding: Mapping[str, Any] | None, linked: int) -> Standing:
    if not linked:
        return NO_LINKAGE
    if coding is None or coding["link_standard_error"] is None:
        return Standing(
            NOT_KNOWN, f"{linked}个样本单位的行业来自链接单位，误链率不知道",
            f"linked units of other sources gave the class of {linked} sampled units; how many links are false is not "
            "known",
            linked,
        )  # fmt: skip
    return Standing(
        ESTIMATED, f"{linked}个样本单位的行业来自链接单位；误链带来别的单位的代码，按名录的误链率",
        f"linked units of other sources gave the class of {linked} sampled units; a false link carries that of another "
        "unit, by the register's rate of false links",
        linked,
    )  # fmt: skip
