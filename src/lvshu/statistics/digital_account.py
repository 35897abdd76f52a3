"""Fills the account of the core digital economy and its shares from the survey's moments by stratum and class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import digital_public
from lvshu.statistics.digital_coding import AssignedCodes, CodingError, assigned_codes, coding_errors
from lvshu.statistics.digital_domain import Classification, Moments, Total, moments_from
from lvshu.statistics.digital_findings import (
    tell_assigned,
    tell_mismatch,
    tell_partial,
    tell_repeated,
    tell_scaled,
    tell_strata,
    tell_waiting,
)
from lvshu.statistics.digital_replicates import COUNTED, WHOLE, replicates
from lvshu.statistics.keys import CLASSES, CODES, COEFFICIENTS, CORE, MAJORS
from lvshu.statistics.methods.survey import Estimate
from lvshu.statistics.other_years import tell_other_years
from lvshu.statistics.places import tell_outside
from lvshu.statistics.protection import IN_QUARANTINE
from lvshu.statistics.waiting import waiting_rows

Array = NDArray[np.float64]

SCOPE_ZH = "只含抽样误差（含有限总体修正与无回答加权）；不含分类缺码、剥离系数、编码与填报误差"
SCOPE_EN = (
    "sampling error only (finite population and non-response weights included); not the missing codes of the "
    "classification, nor coefficients, nor wrong codes or misreporting"
)
AUDIT_ZH, AUDIT_EN = "机器编码的误差（由编码抽查）", "that of machine codes (by the audit)"
LINKS_ZH, LINKS_EN = "误链带来的错码", "that of classes which a false link carries"
UNAUDITED_ZH, UNAUDITED_EN = "机器编码的误差（没有抽查）、", "wrong machine codes (there is no audit), "


@dataclass(frozen=True)
class Scope:
    """What an error covers and what not, in Chinese and English, and the code of how it was computed."""

    zh: str
    en: str
    method: str


def scope_of(codes: AssignedCodes | None) -> Scope:
    """Return what the error of the core covers.

    Args:
        codes: of `assigned_codes`.
    """
    if codes is None:
        return Scope(SCOPE_ZH, SCOPE_EN, "linearisation")
    has_links = len(codes.linked) > 0 and codes.linked.links is not None
    parts = [(AUDIT_ZH, AUDIT_EN)] * (codes.audited is not None) + [(LINKS_ZH, LINKS_EN)] * has_links
    is_open = codes.audited is None and codes.has_machine
    zh = "含抽样误差（含有限总体修正与无回答加权）" + "".join(f"、{one}" for one, _ in parts)
    en = "sampling error (finite population and non-response weights included)"
    en += "".join(f" and {one}" for _, one in parts)
    return Scope(
        f"{zh}；不含{UNAUDITED_ZH if is_open else ''}分类缺码、剥离系数、填报误差与名录自身及别的来源所填的错码",
        f"{en}; not {UNAUDITED_EN if is_open else ''}the missing codes of the classification, nor coefficients, "
        "misreporting, nor wrong codes that the register or another source states",
        "linearisation_and_audit" if codes.audited is not None else "linearisation_and_links",
    )


def make(context: StepContext) -> None:
    """Fill the account, its public twin, shares and replicates, and tell what is open.

    What the twin hides of the core stands in no share, interval or replicate either.
    """
    moments = moments_of(context)
    classes = classification_of(context)
    below = {code: _exact(moments, classes, code) for code in classes.mediums}
    rows = [_row(moments, classes, raw, below) for raw in classes.rows]
    context.write("digital_economy_account", {name: [row[name] for row in rows] for name in rows[0]})
    shown = digital_public.make(context, moments, classes, rows)
    core = {name: value if name in shown else None for name, value in rows[0].items()}
    product = _product(context)
    columns = {WHOLE: "value_added_full", COUNTED: "value_added"}
    known = {code for code, name in columns.items() if rows[0][name] is not None}
    drawn = replicates(context, moments, classes, product, known=known)
    totals: dict[str, Total] = {}
    if core["value_added_full"] is not None and core["standard_error"] is not None:
        totals[WHOLE] = replace(_of(moments, classes, WHOLE), value=core["value_added_full"])
    if core["value_added"] is not None and core["value_added_standard_error"] is not None:
        totals[COUNTED] = replace(_of(moments, classes, COUNTED), value=core["value_added"])
    codes = assigned_codes(context, moments) if totals else None
    errors = coding_errors(context, totals, _parts(classes, totals), codes)
    scope = scope_of(codes)
    if WHOLE in totals:
        _shares(context, moments, classes, totals[WHOLE], product, drawn[WHOLE], errors.get(WHOLE), scope)
        _uncertain(
            context,
            "digital_core_value_added_whole",
            totals[WHOLE],
            "CNY",
            drawn[WHOLE],
            errors.get(WHOLE),
            scope,
        )
    elif core["value_added_full"] is not None and rows[0]["standard_error"] is not None:
        context.find(
            Problem("statistics.digital_error_hidden", severity="notice"), table="digital_economy_share"
        )
    if COUNTED in totals:
        _uncertain(
            context,
            "digital_core_value_added",
            totals[COUNTED],
            "CNY",
            drawn[COUNTED],
            errors.get(COUNTED),
            scope,
        )
    tell_partial(context, moments, classes)
    tell_waiting(context, moments, classes)
    tell_mismatch(context)
    tell_assigned(context)
    tell_repeated(context)
    tell_outside(context, "business_survey")
    tell_other_years(context, "business_survey")


def _parts(classes: Classification, wanted: Iterable[str]) -> dict[str, Callable[[list[str]], Array]]:
    """Return by definition the part of each class that counts; where no coefficient is known a starred class adds 0."""

    def counted(codes: list[str]) -> Array:
        return classes.full(codes, CORE) + np.nan_to_num(classes.counted(codes, CORE))

    known = {WHOLE: lambda codes: classes.full(codes, CORE), COUNTED: counted}
    return {name: known[name] for name in wanted}


def _of(moments: Moments, classes: Classification, definition: str) -> Total:
    return moments.total(_parts(classes, [definition])[definition](moments.codes))


def _product(context: StepContext) -> float:
    produced = context.read("sector_account", columns=("sector_code", "value_added")).to_pylist()
    return float(sum(row["value_added"] for row in produced))


def moments_of(context: StepContext, *, tell: bool = True) -> Moments:
    """Return the moments of the survey's cells.

    Args:
        context: of the step, with `digital_survey_class`.
        tell: whether strata with one unit or without answers are told; by the step that makes the account.
    """
    cells = context.read("digital_survey_class", order=("stratum", "take_all", "class_code")).to_pylist()
    moments, missing = moments_from(cells, waiting=waiting_rows(context, "business_survey"))
    if tell:
        tell_strata(context, moments.keys, moments.count, moments.population, missing)
    return moments


def classification_of(context: StepContext, *, tell: bool = True) -> Classification:
    """Return the classification with its coefficients.

    Args:
        context: of the step, with the packs of classes, codes and coefficients.
        tell: whether coefficients that were scaled to one are told; by the step that makes the account.
    """
    listed: dict[bool, dict[str, set[str]]] = {True: defaultdict(set), False: defaultdict(set)}
    for row in context.packs[CODES].rows:
        listed[bool(row["partial"])][str(row["gbt4754_code"])].add(str(row["medium"]))
    whole = {code: {min(mediums)} for code, mediums in listed[False].items()}
    coefficients: dict[tuple[str, str], float | None] = {}
    for row in context.packs[COEFFICIENTS].rows:
        given = row["coefficient"]
        key = str(row["digital_code"]), str(row["gbt4754_code"])
        coefficients[key] = None if given is None else float(str(given))
    rows = [dict(row) for row in context.packs[CLASSES].rows if row["core"] and row["level"] != "minor"]
    core = {"code": CORE, "level": "core", "name_zh": "数字经济核心产业", "name_en": "Core digital economy"}
    starred = set(listed[True]) - set(whole)
    known = _at_most_one(context, coefficients, tell=tell)
    return Classification({**listed[True], **whole}, starred, known, [core, *rows])


def _at_most_one(
    context: StepContext, coefficients: dict[tuple[str, str], float | None], *, tell: bool
) -> dict[tuple[str, str], float | None]:
    """Return the coefficients; where those of one class within the core exceed one in all, scaled to one and told."""
    sums: dict[str, float] = defaultdict(float)
    for (minor, code), value in coefficients.items():
        if minor[:2] in MAJORS and value is not None:
            sums[code] += value
    over = {code: total for code, total in sums.items() if total > 1 + 1e-9}
    if tell:
        tell_scaled(context, over)
    return {
        key: None if value is None else value / over.get(key[1], 1.0) for key, value in coefficients.items()
    }


def _exact(moments: Moments, classes: Classification, code: str) -> tuple[Decimal, Decimal]:
    """Return the value of whole classes and of the counted part of a medium, in CNY to six places."""
    full, counted = classes.full(moments.codes, code), classes.counted(moments.codes, code)
    return moments.total(full).value, moments.total(np.nan_to_num(counted)).value


def _row(
    moments: Moments, classes: Classification, raw: dict[str, Any], below: dict[str, tuple[Decimal, Decimal]]
) -> dict[str, Any]:
    """Return a class of the account. Values are sums over mediums, where what was not observed adds nothing."""
    code = str(raw["code"])
    full, upper = classes.full(moments.codes, code), classes.upper(moments.codes, code)
    counted = np.where(moments.units > 0, classes.counted(moments.codes, code), 0.0)
    inside = [value for medium, value in below.items() if code == CORE or medium.startswith(code)]
    zero = Decimal(0)
    whole_value, part_value = sum((w for w, _ in inside), zero), sum((p for _, p in inside), zero)
    whole, bound = moments.total(full), moments.total(upper)
    has_whole, has_starred = classes.has(code, starred=False), classes.has(code, starred=True)
    seen = moments.seen(full) or not has_whole
    bound_seen = moments.seen(upper) or not has_starred
    observed = (has_whole and seen) or (has_starred and bound_seen)
    known = not bool(np.isnan(counted).any())
    both = moments.total(full + counted) if known and observed else None
    everything = "estimated" if seen and bound_seen else "partly_observed"
    return {
        "code": code,
        "level": raw["level"],
        "name_zh": raw["name_zh"],
        "name_en": raw["name_en"],
        "status": everything if observed else IN_QUARANTINE if moments.waiting else "not_observed",
        "sampled_units": int(moments.units[(full + upper) > 0].sum()),
        "value_added_full": whole_value if seen else None,
        "standard_error": whole.standard_error if seen else None,
        "low": whole.low if seen else None,
        "high": whole.high if seen else None,
        "value_added_partial_counted": part_value if known and bound_seen else None,
        "value_added_partial_upper": bound.value if bound_seen else None,
        "upper_standard_error": bound.standard_error if bound_seen else None,
        "value_added": whole_value + part_value if both else None,
        "value_added_standard_error": both.standard_error if both else None,
    }


def _shares(
    context: StepContext,
    moments: Moments,
    classes: Classification,
    whole: Total,
    product: float,
    drawn: Array,
    coding: CodingError | None,
    scope: Scope,
) -> None:
    part = classes.full(moments.codes, CORE)
    everything = moments.total(np.ones_like(part))
    found: list[tuple[str, float, Total | Estimate]] = [
        ("survey", float(everything.value), moments.share(part))
    ]
    if product > 0:
        scale = 100 / product
        share = whole.scaled(scale)
        found.append(("gdp", product, share))
        scaled = coding and coding.scaled(scale)
        _uncertain(context, "digital_core_share", share, "%", drawn * scale, scaled, scope)
    rows = [
        {
            "denominator": name, "numerator_value": whole.value, "denominator_value": base,
            "share": float(share.value), "standard_error": share.standard_error, "low": share.low, "high": share.high,
        }
        for name, base, share in found
        if base > 0
    ]  # fmt: skip
    if rows:
        context.write("digital_economy_share", {name: [row[name] for row in rows] for name in rows[0]})


def _uncertain(
    context: StepContext,
    code: str,
    found: Total,
    unit: str,
    drawn: Array,
    coding: CodingError | None,
    scope: Scope,
) -> None:
    """Write the linearised error, with that of machine codes and of links where it is known; replicates are counted.

    The value is as coded; where the audit would correct it, the error is the root of the mean squared error and the
    interval reaches from the value's side to that of the corrected one.
    """
    error, low, high = found.standard_error, found.low, found.high
    zh, en = scope.zh, scope.en
    if coding is not None:
        (low, high), error = coding.ends(found), coding.spread(error)
        drawn = drawn + coding.replicates
    if unit == "%":
        zh, en = zh + "；分母（生产法GDP）按无误差处理", en + "; the denominator, GDP, is taken as exact"
    context.write_uncertainty(
        code, value=float(found.value), unit=unit, standard_error=error, low=low, high=high, replicates=drawn,
        method=scope.method, scope_zh=zh, scope_en=en,
    )  # fmt: skip
