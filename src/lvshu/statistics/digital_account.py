"""Fills the account of the core digital economy and its shares from the survey's moments by stratum and class."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.core.money import half_away
from lvshu.engine.step import StepContext
from lvshu.statistics.keys import CLASSES, CODES, COEFFICIENTS, CORE, MAJORS, MILLION
from lvshu.statistics.methods.digital import domain_total, share_of_all
from lvshu.statistics.methods.survey import Estimate, lonely_strata

Array = NDArray[np.float64]

SCOPE_ZH = "只含抽样误差（含有限总体修正与无回答加权）；不含分类缺码、剥离系数与填报误差"
SCOPE_EN = (
    "sampling error only (finite population and non-response weights included); not the missing codes of the "
    "classification, nor coefficients, nor misreporting"
)


def make(context: StepContext) -> None:
    """Fill `digital_economy_account` and `digital_economy_share`, and write the uncertainty of their headlines."""
    moments = _moments(context)
    classes = _classification(context)
    rows = [_row(moments, classes, raw) for raw in classes.rows]
    context.write("digital_economy_account", {name: [row[name] for row in rows] for name in rows[0]})
    _shares(context, moments, classes)
    core = rows[0]
    if core["value_added_full"] is not None:
        whole, error = float(core["value_added_full"]), core["standard_error"]
        _uncertain(context, "digital_core_value_added_whole", whole, error, "CNY")
    if core["value_added"] is not None:
        error = core["value_added_standard_error"]
        _uncertain(context, "digital_core_value_added", float(core["value_added"]), error, "CNY")
    _tell_partial(context, moments, classes)
    _tell_mismatch(context)


def _moments(context: StepContext) -> Moments:
    cells = context.read("digital_survey_class", order=("stratum", "take_all", "class_code")).to_pylist()
    keys = sorted({(row["stratum"], row["take_all"]) for row in cells})
    place = {key: number for number, key in enumerate(keys)}
    stratum = np.array([place[(row["stratum"], row["take_all"])] for row in cells], dtype=np.int64)
    column = {
        name: np.array([float(row[name]) for row in cells])
        for name in (
            "units", "answered", "weight", "weight_answered", "weighted_value_added", "weighted_square",
        )
    }  # fmt: skip
    size = len(keys)
    count, population, answered = (
        np.bincount(stratum, weights=column[name], minlength=size).astype(float)
        for name in ("answered", "weight", "weight_answered")
    )
    factor = np.divide(population, answered, out=np.zeros(size), where=answered > 0)[stratum]
    exact = [
        row["weighted_value_added"] * (Decimal(1) if each == 1.0 else Decimal(repr(each)))
        for row, each in zip(cells, factor.tolist(), strict=True)
    ]
    _tell_strata(context, keys, count, population, float((column["units"] - column["answered"]).sum()))
    return Moments(
        codes=[row["class_code"] for row in cells],
        units=column["answered"],
        exact=exact,
        stratum=stratum,
        first=factor * column["weighted_value_added"] / MILLION,
        second=factor**2 * column["weighted_square"],
        count=count,
        population=population,
    )


def _tell_strata(
    context: StepContext, keys: list[tuple[str, bool]], count: Array, population: Array, missing: float
) -> None:
    def named(mask: NDArray[np.bool_]) -> str:
        return ", ".join(key[0] for key, there in zip(keys, mask, strict=True) if there)

    lonely, silent = lonely_strata(count, population), count == 0
    if lonely.any():
        values = {"strata": int(lonely.sum()), "names": named(lonely)}
        problem = Problem("statistics.single_unit_stratum", values=values, severity="warning")
        context.find(problem, table="business_survey", amount=float(population[lonely].sum()), unit="1")
    if silent.any():
        problem = Problem("statistics.stratum_silent", values={"names": named(silent)}, severity="warning")
        context.find(problem, table="business_survey", amount=float(population[silent].sum()), unit="1")
    if missing:
        problem = Problem(
            "statistics.value_added_missing", values={"units": int(missing)}, severity="warning"
        )
        context.find(problem, table="business_survey", amount=missing, unit="1")


def _classification(context: StepContext) -> Classification:
    medium_of: dict[str, set[str]] = defaultdict(set)
    starred: set[str] = set()
    whole: set[str] = set()
    for row in context.packs[CODES].rows:
        code = str(row["gbt4754_code"])
        medium_of[code].add(str(row["medium"]))
        (starred if row["partial"] else whole).add(code)
    coefficients: dict[tuple[str, str], float | None] = {}
    for row in context.packs[COEFFICIENTS].rows:
        given = row["coefficient"]
        key = str(row["digital_code"]), str(row["gbt4754_code"])
        coefficients[key] = None if given is None else float(str(given))
    listed = [dict(row) for row in context.packs[CLASSES].rows if row["core"] and row["level"] != "minor"]
    core = {"code": CORE, "level": "core", "name_zh": "数字经济核心产业", "name_en": "Core digital economy"}
    return Classification(dict(medium_of), starred - whole, coefficients, [core, *listed])


def _row(moments: Moments, classes: Classification, raw: dict[str, Any]) -> dict[str, Any]:
    code = str(raw["code"])
    full, upper = classes.full(moments.codes, code), classes.upper(moments.codes, code)
    counted = classes.counted(moments.codes, code)
    whole, bound = moments.total(full), moments.total(upper)
    seen = moments.seen(full) or not classes.has(code, starred=False)
    bound_seen = moments.seen(upper) or not classes.has(code, starred=True)
    known = bound_seen and not bool(np.isnan(counted).any())
    both = moments.total(full + counted) if known and seen else None
    return {
        "code": code,
        "level": raw["level"],
        "name_zh": raw["name_zh"],
        "name_en": raw["name_en"],
        "status": "estimated" if seen and bound_seen else "not_observed",
        "sampled_units": int(moments.units[(full + upper) > 0].sum()),
        "value_added_full": whole.value if seen else None,
        "standard_error": whole.standard_error if seen else None,
        "low": whole.low if seen else None,
        "high": whole.high if seen else None,
        "value_added_partial_counted": moments.total(counted).value if known else None,
        "value_added_partial_upper": bound.value if bound_seen else None,
        "upper_standard_error": bound.standard_error if bound_seen else None,
        "value_added": both.value if both else None,
        "value_added_standard_error": both.standard_error if both else None,
    }


def _shares(context: StepContext, moments: Moments, classes: Classification) -> None:
    part = classes.full(moments.codes, CORE)
    whole, everything = moments.total(part), moments.total(np.ones_like(part))
    found = [("survey", float(everything.value), moments.share(part))]
    produced = context.read("sector_account", columns=("sector_code", "value_added")).to_pylist()
    product = float(sum(row["value_added"] for row in produced))
    if product > 0:
        scale = 100 / product
        share = Estimate(float(whole.value) * scale, whole.standard_error * scale)
        found.append(("gdp", product, share))
        _uncertain(context, "digital_core_share", share.value, share.standard_error, "%")
    rows = [
        {
            "denominator": name, "numerator_value": whole.value, "denominator_value": base,
            "share": share.value, "standard_error": share.standard_error, "low": share.low, "high": share.high,
        }
        for name, base, share in found
        if base > 0
    ]  # fmt: skip
    if rows:
        context.write("digital_economy_share", {name: [row[name] for row in rows] for name in rows[0]})


def _uncertain(context: StepContext, code: str, value: float, error: float, unit: str) -> None:
    zh, en = SCOPE_ZH, SCOPE_EN
    if unit == "%":
        zh, en = zh + "；分母（生产法GDP）按无误差处理", en + "; the denominator, GDP, is taken as exact"
    context.write_uncertainty(
        code, value=value, unit=unit, standard_error=error, method="linearisation", scope_zh=zh, scope_en=en
    )


def _tell_partial(context: StepContext, moments: Moments, classes: Classification) -> None:
    missing = np.isnan(classes.counted(moments.codes, CORE))
    if not missing.any():
        return
    bound = moments.total(missing.astype(float))
    names = sorted({code for code, there in zip(moments.codes, missing, strict=True) if there})
    problem = Problem(
        "statistics.partial_not_counted", values={"classes": ", ".join(names)}, severity="notice"
    )
    context.find(problem, table="digital_economy_account", amount=float(bound.value), unit="CNY")


def _tell_mismatch(context: StepContext) -> None:
    for row in context.read("digital_industry_mismatch", order=("change",)).to_pylist():
        problem = Problem(
            f"statistics.industry_{row['change']}", values={"units": row["units"]}, severity="notice"
        )
        amount = None if row["value_added"] is None else float(row["value_added"])
        context.find(problem, table="business_survey", amount=amount, unit="CNY")
