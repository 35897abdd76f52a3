"""Fills the platform economy recorded net, by seller and by buyer, and the e-commerce share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

from lvshu.core.errors import Problem
from lvshu.core.money import half_away
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.intake.text import nearest
from lvshu.statistics.forms.layout import CATEGORIES
from lvshu.statistics.places import prefix_of, wider
from lvshu.statistics.platform_rate import rate_of_value_added
from lvshu.statistics.platform_sides import SIDES, covered, tell
from lvshu.statistics.survey.estimates import Estimates

Row = Mapping[str, Any]

SCOPE_ZH = (
    "服务费为平台结算的全部之和；误差只来自增加值率（企业调查中互联网平台小类的抽样、未答与缺行业代码），"
    "各层方差取本层与各平台相对离差合并估计的较大者，区间按 t 分布"
)
SCOPE_EN = (
    "fees are a sum over all platforms that settle; the error is that of the rate of value added alone (sampling of "
    "the classes of internet platforms in the business survey, units without answer or code); a stratum's variance is "
    "the larger of its own and that by the pooled relative spread of all platforms, the interval by Student's t"
)
ALONE_ZH = (
    "服务费为平台结算的全部之和；增加值率的误差无从估计："
    "企业调查中可用的互联网平台只有一家，或都在全数调查的层里，而其他层是抽样的"
)
ALONE_EN = (
    "fees are a sum over all platforms that settle; nothing tells the error of the rate of value added: the business "
    "survey has a single internet platform that can be used, or all are in strata surveyed in full while others are "
    "sampled"
)
EXACT_ZH = "平台结算汇总的全部之和，没有抽样；未报平台、隐含在价差中的服务费不含"
EXACT_EN = (
    "a sum over all platforms that settle, nothing is sampled; platforms that do not report and fees hidden in margins "
    "are not covered"
)


def place(settings: Settings) -> Mapping[str, object]:
    """Return the year, the leading digits of the codes in the area and how many they are, and the wider codes.

    Wider codes are of the nation, province and city that contain the area; an empty one is of no place.
    """
    return {
        "year": settings.year,
        "prefix": prefix_of(settings),
        "digits": len(prefix_of(settings)),
        **wider(settings),
    }


SAME = Decimal("0.01")
"""Share up to which two totals are of the same transactions; above it they are told apart (lvshu's convention)."""


FIGURES = ("value", "standard_error", "low", "high", "share_of_all", "rate")


def make(context: StepContext) -> None:
    """Fill `platform_economy`; `platform_public` makes the tables that may be shown of it.

    A side without a record of the area has no figures: a zero would say that there was no trade.
    """
    flows = context.read(
        "platform_flow", order=("category_code", "trade_kind", "seller_place", "buyer_place")
    ).to_pylist()
    rate = rate_of_value_added(context)
    sums = {side: _sums([row for row in flows if inside(row)]) for side, inside in SIDES.items()}
    rows = [row for side, found in sums.items() for row in _rows(side, found, sums["all"], rate)]
    known = covered(flows)
    rows = [row if row["side"] in known else {**row, **dict.fromkeys(FIGURES)} for row in rows]
    context.write("platform_economy", {name: [row[name] for row in rows] for name in rows[0]})
    _tell_fees(context, flows)
    tell(context, flows)
    _tell_kinds(context, flows)


def _tell_kinds(context: StepContext, flows: Sequence[Row]) -> None:
    """Tell where settlements and returns have one total and part it differently into own sales and third parties'.

    Totals that differ may be of other platforms or months; with one total one of the two parts it wrongly.
    """
    if not context.engine.has("platform_transaction"):
        return
    where = "region_code = 'total' AND category_code = 'total' AND trade_kind <> 'total'"
    returned: dict[str, Decimal] = {}
    for row in context.read("platform_transaction", where=where).to_pylist():
        if row["amount"] is not None:
            returned[row["trade_kind"]] = returned.get(row["trade_kind"], Decimal(0)) + row["amount"]
    settled = {"own": _sums(flows)["own_sales"], "third_party": _sums(flows)["third_party"]}
    whole, other = sum(settled.values(), Decimal(0)), sum(returned.values(), Decimal(0))
    apart = abs(settled["own"] - returned.get("own", Decimal(0)))
    if whole and other and abs(whole / other - 1) <= SAME and apart > SAME * whole:
        values = {
            "settled": f"{100 * settled['own'] / whole:.1f}",
            "returned": f"{100 * returned.get('own', Decimal(0)) / other:.1f}",
        }
        problem = Problem("statistics.platform_kinds_apart", values=values, severity="warning")
        context.find(problem, table="platform_settlement", key="own", amount=float(apart), unit="CNY")


def _sums(rows: Sequence[Row]) -> dict[str, Decimal]:
    zero = Decimal(0)
    own = sum((row["amount"] for row in rows if row["trade_kind"] == "own"), zero)
    third = sum((row["amount"] for row in rows if row["trade_kind"] == "third_party"), zero)
    fees = sum((row["fee"] for row in rows if row["trade_kind"] == "third_party"), zero)
    return {
        "transactions": own + third,
        "third_party": third,
        "own_sales": own,
        "intermediation_output": fees,
    }


def _rows(
    side: str, found: Mapping[str, Decimal], everything: Mapping[str, Decimal], rate: Estimates | None
) -> list[dict[str, Any]]:
    rows = [_row(side, item, value, everything[item]) for item, value in found.items()]
    third, fees = found["third_party"], found["intermediation_output"]
    rows[-1]["rate"] = float(100 * fees / third) if third else None
    if rate is not None:
        value = half_away(fees * Decimal(repr(rate.value)), 2)
        made = _row(side, "intermediation_value_added", value, everything["intermediation_output"])
        if isfinite(rate.standard_error):
            [low], [high] = rate.interval()
            made["standard_error"] = float(fees) * rate.standard_error
            made |= {"low": float(fees) * float(low), "high": float(fees) * float(high)}
        made["share_of_all"], made["rate"] = rows[-1]["share_of_all"], 100 * rate.value
        rows.append(made)
    return rows


def _row(side: str, item: str, value: Decimal, whole: Decimal) -> dict[str, Any]:
    share = float(100 * value / whole) if whole else None
    return {
        "side": side, "item": item, "value": value, "standard_error": None, "low": None, "high": None,
        "share_of_all": share, "rate": None,
    }  # fmt: skip


def _tell_fees(context: StepContext, flows: Sequence[Row]) -> None:
    own = sum((row["fee"] for row in flows if row["trade_kind"] == "own"), Decimal(0))
    if own:
        count = sum(bool(row["fee"]) for row in flows if row["trade_kind"] == "own")
        problem = Problem("statistics.platform_own_fee", values={"flows": count}, severity="warning")
        context.find(problem, table="platform_settlement", amount=float(count), unit="1")


def uncertain(context: StepContext, row: Mapping[str, Any]) -> None:
    """Write the uncertainty of the headline that a row is, where it is one.

    A full count has no sampling error, and its other errors are not known: it has no standard error and no interval.
    So too where the rate of value added is that of a full count, or of one unit that stands for others.
    """
    codes = {
        ("seller", "intermediation_output"): "platform_output_by_seller",
        ("buyer", "intermediation_output"): "platform_output_by_buyer",
        ("seller", "intermediation_value_added"): "platform_value_added_by_seller",
    }
    code = codes.get((row["side"], row["item"]))
    if code is None:
        return
    sampled = bool(row["standard_error"])
    alone = row["item"] == "intermediation_value_added" and row["standard_error"] is None
    zh, en = (SCOPE_ZH, SCOPE_EN) if sampled else (ALONE_ZH, ALONE_EN) if alone else (EXACT_ZH, EXACT_EN)
    context.write_uncertainty(
        code, value=float(row["value"]), unit="CNY", standard_error=row["standard_error"] if sampled else None,
        low=row["low"] if sampled else None, high=row["high"] if sampled else None,
        method="linearisation" if sampled or alone else "full_count", scope_zh=zh, scope_en=en,
    )  # fmt: skip


def make_shares(context: StepContext) -> None:
    """Fill `ecommerce_share`: categories and their total, by seller and by buyer.

    The total's denominator is the sales of every category that either table knows, on either side, traded through
    platforms or not; it stays empty where one of them has no sales, and the finding names the category.
    A side without a settlement of the area has no amounts through platforms and no shares.
    """
    flows = context.read("platform_flow").to_pylist()
    sales = {
        (row["side"], row["category_code"]): row["amount"]
        for row in context.read("category_sale", where=f"year = {context.settings.year}").to_pylist()
        if row["category_code"] != "total"
    }
    codes = sorted({row["category_code"] for row in flows} | {code for _, code in sales})
    rows: list[dict[str, Any]] = []
    known = covered(flows)
    for side in ("seller", "buyer"):
        traded = dict.fromkeys(codes, Decimal(0))
        for row in flows:
            if SIDES[side](row):
                traded[row["category_code"]] += row["amount"]
        own = [_share_row(side, code, traded[code], sales.get((side, code))) for code in codes]
        whole = [row["all_amount"] for row in own]
        everything = None if None in whole else sum(whole, Decimal(0))
        own.append(_share_row(side, "total", sum(traded.values(), Decimal(0)), everything))
        rows += own if side in known else [{**row, "platform_amount": None, "share": None} for row in own]
    context.write("ecommerce_share", {name: [row[name] for row in rows] for name in rows[0]})
    _tell_shares(context, rows)
    _tell_categories(context, flows, sales)


def _tell_categories(
    context: StepContext, flows: Sequence[Row], sales: Mapping[tuple[str, str], Decimal]
) -> None:
    """Tell categories that neither the forms nor the returns have, with the amounts under them and what comes near."""
    returned = (
        {row["category_code"] for row in context.read("platform_return", columns=["category_code"]).to_pylist()}
        if context.engine.has("platform_return") else set()
    )  # fmt: skip
    known = {*CATEGORIES, *returned} - {"total"}
    words = {word: code for code, names in CATEGORIES.items() for word in (code, *names)}
    words |= {code: code for code in known}
    amounts: dict[tuple[str, str], Decimal] = {}
    for table, code, amount in (
        *(("platform_settlement", row["category_code"], row["amount"]) for row in flows),
        *(("category_sale", code, amount) for (_, code), amount in sales.items()),
    ):
        if code not in known:
            amounts[table, code] = amounts.get((table, code), Decimal(0)) + (amount or Decimal(0))
    for (table, code), amount in sorted(amounts.items()):
        near = [words[word] for word in nearest(code, words)]
        values = {"code": code[:40], "known": near or sorted(known)[:20], "amount": f"{amount:,.0f}"}
        name = "statistics.category_near" if near else "statistics.category_unknown"
        problem = Problem(name, values=values, severity="warning")
        context.find(problem, table=table, key=code[:40], amount=float(amount), unit="CNY")


def _share_row(side: str, code: str, traded: Decimal, whole: Decimal | None) -> dict[str, Any]:
    share = float(100 * traded / whole) if whole else None
    return {
        "side": side, "category_code": code, "platform_amount": traded, "all_amount": whole, "share": share,
    }  # fmt: skip


def _tell_shares(context: StepContext, rows: Sequence[Row]) -> None:
    over = [row for row in rows if row["share"] is not None and row["share"] > 100]
    for row in over:
        values = {
            "side": {"seller": {"zh": "卖方", "en": "seller"}, "buyer": {"zh": "买方", "en": "buyer"}}[row["side"]],
            "category": row["category_code"],
        }  # fmt: skip
        problem = Problem("statistics.ecommerce_above_all", values=values, severity="warning")
        key = f"{row['side']}|{row['category_code']}"
        context.find(problem, table="ecommerce_share", key=key)  # no amount: it may be a single platform's
    without = sorted({row["category_code"] for row in rows if row["all_amount"] is None} - {"total"})
    if without:
        values = {"categories": ", ".join(without)}
        problem = Problem("statistics.ecommerce_no_sales", values=values, severity="notice")
        context.find(problem, table="category_sale")
