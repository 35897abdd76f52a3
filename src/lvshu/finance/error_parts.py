"""What makes up the error of a method's financed emissions, part by part, with the naive and the total interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.carry_links import Change
from lvshu.finance.stand_in import StandIn
from lvshu.linkage.false_links import FalseLinks, basis_words

Array = NDArray[np.float64]

SAMPLING, LINKAGE, CODING, INTENSITY, FACTOR, MODEL, PROJECT = DRAWN = (
    "sampling", "linkage", "coding", "intensity", "factor", "model", "project",
)  # fmt: skip
"""Sources that are drawn anew; the others of `PARTS` are told and not drawn."""
NAIVE_SOURCES = frozenset({INTENSITY, FACTOR, MODEL})
"""What an interval covers that takes links, codes, turnover and what stands in for projects as right."""
PARTS = {
    SAMPLING: ("抽样", "sampling"),
    LINKAGE: ("链接", "linkage"),
    CODING: ("编码", "coding"),
    "imputation": ("估补", "imputation"),
    INTENSITY: ("行业强度", "sector intensities"),
    FACTOR: ("能源因子", "fuel factors"),
    MODEL: ("单个借款人", "single borrowers"),
    PROJECT: ("无数据的项目", "projects without data"),
    "report": ("报告与无区间的因子", "reports and factors without an interval"),
    "coverage": ("覆盖", "coverage"),
    "bias": ("剩余偏差", "bias left"),
}
ESTIMATED, NONE, NOT_KNOWN = "estimated", "none", "not_known"
UNIT, TAIL = "tCO2e", 0.025
WAYS = {
    "economic": ("经济活动法", "estimates by revenue"),
    "fallback": ("余额乘行业因子", "estimates by balance"),
}
LEFT_OUT = Query(
    "loan_scope",
    """
    SELECT
      scope.method,
      count(CASE WHEN scope.scope_status = 'in' AND balance.balance_status = 'filled' THEN 1 END) AS filled,
      count(CASE WHEN scope.scope_status = 'unknown' AND coalesce(matched.status, 'unknown') <> 'review' THEN 1 END)
        AS left_out,
      count(CASE WHEN matched.matched_by = 'name' THEN 1 END) AS by_name,
      count(CASE WHEN counted.calculation_method = 'none' THEN 1 END) AS without_estimate
    FROM loan_scope AS scope
    LEFT JOIN loan_average_balance AS balance ON balance.loan_id = scope.loan_id
    LEFT JOIN loan_match AS matched ON matched.loan_id = scope.loan_id
    LEFT JOIN attributed_emission AS counted ON counted.loan_id = scope.loan_id AND counted.method = scope.method
    GROUP BY scope.method
    ORDER BY scope.method
    """,
)


@dataclass(frozen=True)
class Held:
    """How much of a total rests on each source, in tCO2e; `statements` is a count of enterprises."""

    intensity: float
    fuel: float
    fixed: float
    turnover: float
    turnover_known: float
    statements: int


@dataclass(frozen=True)
class Found:
    """A method's total with all that was drawn, in tCO2e.

    Attributes:
        method: of accounting.
        total: as published.
        whole: replicates with every source drawn, shape (r,).
        naive: replicates with links, codes and turnover taken as right, shape (r,).
        naive_error: standard error of those.
        variances: of each source of `DRAWN`, adding up to the joint one.
        bias: what links, codes and projects without data move the total by on average.
        held: how much rests on each source.
        pairs: borrowers with both figures, by way of estimating.
        instead: what stands in for projects without data.
        links: changes by other links; None where no borrower was found by name.
        linked: changes by false links that carry an industry; None where none is that of a linked unit.
        codes: changes by other industries; None where no borrower is estimated by the machine's.
        false: how often links are false; None where nothing tells.
        divisions: with replicates of their intensity, a count.
    """

    method: str
    total: float
    whole: Array
    naive: Array
    naive_error: float
    variances: Mapping[str, float]
    bias: float
    held: Held
    pairs: Mapping[str, int]
    instead: StandIn
    links: Change | None
    linked: Change | None
    codes: Change | None
    false: FalseLinks | None
    divisions: int


@dataclass(frozen=True)
class Standing:
    """What is known of a source: status, how it was found or why there is none, on how many records."""

    status: str
    zh: str
    en: str
    evidence: int | None = None


def write(context: StepContext, one: Found) -> float:
    """Write the parts of a method's error, its two intervals, and the headline's uncertainty.

    Returns:
        The root of the mean squared error, in tCO2e; 0 where no part is known.
    """
    indicator = f"financed_emission_{one.method}"
    rows = context.sql(LEFT_OUT).to_pylist() if context.engine.count("loan_scope") else []
    ledger: Mapping[str, int] = next((row for row in rows if row["method"] == one.method), {})
    standings = _standings(one, ledger)
    squares = {name: one.variances[name] for name in DRAWN if standings[name].status == ESTIMATED}
    if standings["bias"].status == ESTIMATED:
        squares["bias"] = one.bias**2
    whole = sum(squares.values())
    error = float(np.sqrt(whole))
    _write_parts(context, indicator, one, standings, squares)
    ends = {}
    for kind, drawn, spread in (
        ("naive", one.naive, one.naive_error), ("total", one.whole, error if squares else None),
    ):  # fmt: skip
        low, high = np.quantile(drawn, [TAIL, 1 - TAIL])
        ends[kind] = min(float(low), one.total), max(float(high), one.total)
        row = {
            "indicator": indicator, "kind": kind, "value": one.total, "standard_error": spread,
            "low": ends[kind][0], "high": ends[kind][1], "replicates": int(drawn.size), "unit": UNIT,
        }  # fmt: skip
        context.write("financed_emission_interval", {name: [cell] for name, cell in row.items()})
    zh, en = _scope(one, standings, squares)
    context.write_uncertainty(
        indicator, value=one.total, unit=UNIT, replicates=one.whole, standard_error=error, low=ends["total"][0],
        high=ends["total"][1], method="total_error", scope_zh=zh, scope_en=en,
    )  # fmt: skip
    return error


def _write_parts(
    context: StepContext, indicator: str, one: Found, standings: Mapping[str, Standing],
    squares: Mapping[str, float],
) -> None:  # fmt: skip
    whole = sum(squares.values())
    rows: list[dict[str, Any]] = []
    for name in PARTS:
        standing, size = standings[name], None
        if name in squares:
            size = one.bias if name == "bias" else float(np.sqrt(squares[name]))
        share = 100.0 * squares[name] / whole if name in squares and whole > 0 else None
        if name in squares and whole <= 0:
            share = 0.0
        rows.append({
            "indicator": indicator, "part": name, "status": standing.status, "size": size, "share": share,
            "evidence": standing.evidence, "unit": UNIT, "reason_zh": standing.zh, "reason_en": standing.en,
        })  # fmt: skip
    known = bool(squares)
    zh, en = (
        ("已估计各部分之和；标为“不知道”的不在内",
         "sum of the parts that were estimated; those marked “not known” are not in it")
        if known
        else ("没有一部分有依据可估计", "nothing tells how large any part is")
    )  # fmt: skip
    rows.append({
        "indicator": indicator, "part": "total", "status": ESTIMATED if known else NOT_KNOWN,
        "size": float(np.sqrt(whole)) if known else None, "share": 100.0 if known else None,
        "evidence": None, "unit": UNIT, "reason_zh": zh, "reason_en": en,
    })  # fmt: skip
    context.write("financed_emission_error", {name: [row[name] for row in rows] for name in rows[0]})


def _standings(one: Found, ledger: Mapping[str, int]) -> dict[str, Standing]:
    return {
        SAMPLING: _sampling(one.held), LINKAGE: _linkage(one, ledger),
        CODING: _coding(one.codes), "imputation": _imputation(int(ledger.get("filled", 0))),
        INTENSITY: _intensity(one), FACTOR: _factor(one), MODEL: _model(one), PROJECT: _project(one.instead),
        "report": _report(one),
        "coverage": _coverage(int(ledger.get("left_out", 0)) + int(ledger.get("without_estimate", 0))),
        "bias": _bias(one),
    }  # fmt: skip


def _sampling(held: Held) -> Standing:
    aside_zh = "；账户的行业强度来自投入产出表与能源平衡表，不含抽样调查的结果"
    aside_en = (
        "; the accounts' intensities rest on the input-output table and the energy balance: no result of a sample "
        "survey enters them"
    )
    if held.turnover <= 0:
        return Standing(
            NONE, f"没有按资产周转率折算的估算{aside_zh}", f"no estimate rests on an asset turnover{aside_en}"
        )
    if held.turnover_known <= 0:
        return Standing(
            NOT_KNOWN, f"每个大类有财务数据的企业不足两户，周转率的误差看不出{aside_zh}",
            f"fewer than two enterprises with a statement in each division: the error of the turnover cannot be "
            f"seen{aside_en}",
        )  # fmt: skip
    return Standing(
        ESTIMATED, f"有财务数据的企业当作该大类的样本，资产周转率按比率估计、线性化{aside_zh}",
        "enterprises with statements taken as a sample of their division: asset turnover as a ratio estimate, by "
        f"linearisation{aside_en}",
        held.statements,
    )  # fmt: skip


def _linkage(one: Found, ledger: Mapping[str, int]) -> Standing:
    named = _named(one, ledger)
    if one.linked is None:
        return named
    count = one.linked.borrowers
    if one.false is None:
        zh = f"{count} 户借款人的行业是别的来源对链接单位所填，而误链率不知道，误链带来的错误行业不在内"
        en = (
            f"industries of linked units stand for borrowers ({count}); how many links are false is not known, and "
            "what false links carry is not in it"
        )
        status = named.status if named.status == ESTIMATED else NOT_KNOWN
        return Standing(status, f"{named.zh}；{zh}", f"{named.en}; {en}", named.evidence or count)
    words, rate = basis_words(one.false), f"{100 * one.false.rate:.4g}"
    zh = (
        f"{count} 户借款人的行业是别的来源对链接单位所填：逐次按误链率 {rate}%（{words['zh']}）"
        "换成名录中随机一个单位的行业"
    )
    en = (
        f"borrowers whose industry another source states of the linked unit ({count}) have, in each replicate, that of "
        f"a unit of the register at random as often as links are false ({rate} %, by {words['en']})"
    )
    return Standing(ESTIMATED, f"{named.zh}；{zh}", f"{named.en}; {en}", (named.evidence or 0) + count)


def _named(one: Found, ledger: Mapping[str, int]) -> Standing:
    if one.links is not None:
        return Standing(
            ESTIMATED, "按名称匹配或等待复核的借款人，逐次按后验概率抽为某一候选企业，或都不是（则不计）",
            "borrowers matched by name or waiting for review are, in each replicate, one of the candidates by its "
            "posterior, or none of them, and then not counted",
            one.links.borrowers,
        )  # fmt: skip
    if ledger.get("by_name", 0):
        return Standing(
            NONE, "按名称找到的借款人，不论是谁都不在范围内",
            "borrowers found by name are out of scope, whoever they are",
        )  # fmt: skip
    return Standing(
        NONE, "借款人凭信用代码或人工认定，没有概率链接；代码本身写错看不出",
        "borrowers are known by credit code or decided by people: no link by probability; a code that is valid and "
        "another's cannot be seen",
    )  # fmt: skip


def _coding(codes: Change | None) -> Standing:
    aside_zh = (
        "；登记与别的来源所填的代码、贷款投向与人核定的行业按正确处理，其误差没有依据（误链在“链接”部分）"
    )
    aside_en = (
        "; codes that the register or other sources state, stated purposes and industries found by people are taken as "
        "right: nothing tells their error (false links are in the part “linkage”)"
    )
    if codes is None:
        return Standing(
            NONE, f"没有借款人按机器编出的行业估算{aside_zh}",
            f"no borrower is estimated by an industry that the machine found{aside_en}",
        )  # fmt: skip
    if not codes.known:
        return Standing(
            NOT_KNOWN, f"有借款人按机器编出的行业估算，而没有抽查（表 coding_audit）{aside_zh}",
            f"borrowers are estimated by industries that the machine found, and there is no audit (table coding_audit)"
            f"{aside_en}",
            codes.borrowers,
        )  # fmt: skip
    return Standing(
        ESTIMATED, f"按机器编出的行业估算的借款人，逐次按抽查的后验抽取小类及其强度{aside_zh}",
        "borrowers estimated by industries that the machine found are, in each replicate, in a class drawn from the "
        f"posterior of the audit, with its intensity{aside_en}",
        codes.borrowers,
    )  # fmt: skip


def _imputation(filled: int) -> Standing:
    if filled:
        return Standing(
            NOT_KNOWN, "有月末余额缺失而沿用的贷款，其误差没有依据",
            "loans with missing month-ends carried on: nothing tells how far they are off", filled,
        )  # fmt: skip
    return Standing(NONE, "没有估补值进入", "no imputed value enters")


def _intensity(one: Found) -> Standing:
    if one.held.intensity <= 0 and not _moved(one):
        return Standing(NONE, "没有用账户的行业强度", "no intensity of the accounts is used")
    return Standing(
        ESTIMATED, "账户逐次重复的行业强度（能源因子、分配关键）",
        "replicates of the accounts' sector intensities (factors, allocation keys)", one.divisions,
    )  # fmt: skip


def _moved(one: Found) -> bool:
    return any(
        change is not None and bool(change.drawn[:, :-1].any())
        for change in (one.links, one.linked, one.codes)
    )


def _factor(one: Found) -> Standing:
    if one.held.fuel <= 0:
        return Standing(NONE, "没有用有区间的能源因子", "no fuel factor with an interval is used")
    return Standing(ESTIMATED, "燃料因子的 95% 区间", "95 % intervals of fuel factors")


def _model(one: Found) -> Standing:
    if not one.pairs:
        return Standing(NONE, "没有按行业平均的估算", "no estimate by a sector's average")
    if max(one.pairs.values()) < 2:
        return Standing(
            NOT_KNOWN, "有自有数据的不足两户，借款人偏离行业多少看不出",
            "fewer than two with own data: how far borrowers lie from their sector cannot be seen",
        )  # fmt: skip
    return Standing(
        ESTIMATED, "借款人偏离行业平均：由自有数据者的比值抽取",
        "borrowers unlike their sector: drawn from the ratios of those with own data", sum(one.pairs.values()),
    )  # fmt: skip


def _project(instead: StandIn) -> Standing:
    if instead.emission <= 0:
        return Standing(
            NONE,
            "没有以借款人或行业因子代替的项目",
            "no project is counted by its borrower or a sector factor",
        )
    if instead.known <= 0:
        return Standing(
            NOT_KNOWN, "有数据的项目不足两个，代替得对不对看不出",
            "fewer than two projects with data: how far the others lie from what stands in for them cannot be seen",
        )  # fmt: skip
    return Standing(
        ESTIMATED, "没有数据的项目按方法以借款人或行业因子代替：由有数据的项目同样代替一遍，看出偏多少、散多少",
        "projects without data are counted by their borrower or a sector factor, as the method says: projects with "
        "data, counted so, show how far that lies off and how widely",
        sum(instead.projects.values()),
    )  # fmt: skip


def _report(one: Found) -> Standing:
    if one.held.fixed <= 0:
        return Standing(NONE, "没有", "none of it")
    share = f"{100 * one.held.fixed / one.total:.1f}"
    return Standing(
        NOT_KNOWN, f"占总额 {share}% 的部分（企业报告、外购电力与热力、无区间的因子）误差未知，按无误差计入",
        f"{share} % of the total (reports, purchased electricity and heat, factors without an interval) has no known "
        "error and counts as exact",
    )  # fmt: skip


def _coverage(left_out: int) -> Standing:
    if left_out:
        return Standing(
            NOT_KNOWN, "借款人、行业或余额不明的贷款，以及范围内无从估算的贷款，不计，也没有候选",
            "loans of an unknown borrower, industry or balance, and loans in scope that nothing can estimate, are not "
            "counted, and there is no candidate for them",
            left_out,
        )  # fmt: skip
    return Standing(NONE, "每笔贷款都已判定", "every loan is judged")


def _bias(one: Found) -> Standing:
    told = any(change is not None and change.known for change in (one.links, one.linked, one.codes))
    if not told and one.instead.known <= 0:
        return Standing(
            NOT_KNOWN, "没有存疑的链接、误链率、编码抽查，也没有可比的项目，看不出偏差",
            "no link in doubt, no rate of false links, no audit of codes, no projects to compare: nothing tells a bias",
        )  # fmt: skip
    return Standing(
        ESTIMATED, "按链接后验、误链率、编码抽查与有数据的项目的平均改正；公布的总额按方法，不改",
        "average correction by the posterior of links, the rate of false links, the audit of codes and projects with "
        "data; the published total follows the method and is not changed",
    )  # fmt: skip


def _scope(one: Found, standings: Mapping[str, Standing], squares: Mapping[str, float]) -> tuple[str, str]:
    whole = sum(squares.values())
    share = {name: 100 * part / whole if whole > 0 else 0.0 for name, part in squares.items()}
    zh = "均方误差的构成：" + "、".join(f"{PARTS[name][0]}{part:.0f}%" for name, part in share.items())
    en = "parts of the mean squared error: " + ", ".join(
        f"{PARTS[name][1]} {part:.0f}%" for name, part in share.items()
    )
    if not squares:
        zh, en = "误差的各部分都没有可估计的", "no part of the error can be estimated"
    open_ = [name for name, standing in standings.items() if standing.status == NOT_KNOWN]
    if open_:
        zh += "；没有依据、未含：" + "、".join(PARTS[name][0] for name in open_)
        en += "; without evidence and not covered: " + ", ".join(PARTS[name][1] for name in open_)
    fixed = f"{100 * one.held.fixed / one.total if one.total else 0.0:.1f}"
    own_zh, own_en = _told(one.pairs)
    zh += f"；占总额 {fixed}% 的部分（企业报告、外购电力与热力等）误差未知，按无误差计入；"
    zh += f"{own_zh}不含财务数据与贷款台账的误差"
    en += (
        f"; {fixed} % of the total (reports, purchased electricity and heat, …) has no known error and counts as "
        f"exact; {own_en}errors of financial statements and of the ledger are not covered"
    )
    return zh, en


def _told(pairs: Mapping[str, int]) -> tuple[str, str]:
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
