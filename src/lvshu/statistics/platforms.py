"""Fills the months that platforms did not report, and tells what their returns leave open."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.disclosure.primary import summarise, unsafe_cells
from lvshu.statistics.keys import RULES, TOTAL, months_of
from lvshu.statistics.methods.imputation import (
    ENOUGH_FREEDOM,
    PRIOR_DEVIATION,
    Growth,
    common_growth,
    impute_month,
)
from lvshu.statistics.places import prefix_of
from lvshu.statistics.platform_months import not_split
from lvshu.statistics.protection import thresholds
from lvshu.statistics.waiting import waiting_rows

Array = NDArray[np.float64]

EXEMPT = 0  # position of the month that needs no return: January

PROVINCE = 2
"""Leading digits of a province's codes."""
REGIONS = Query(
    "platform_transaction",
    "SELECT DISTINCT region_code AS code FROM platform_transaction ORDER BY region_code",
)
MOST = 20

BROKEN = Query(
    "platform_return_check",
    """
    SELECT platform_uscc, month, form, rule, severity, left_amount, right_amount, difference
    FROM platform_return_check
    ORDER BY abs(difference) DESC, platform_uscc, month, form, rule
    """,
)

UNREADABLE = Query(
    "platform_month",
    """
    SELECT count(*) AS returns
    FROM (
      SELECT DISTINCT platform_uscc, month
      FROM platform_return
      WHERE form = 'U201' AND substr(month, 1, 4) = :year
    ) AS filed
    LEFT JOIN platform_month AS known
      ON known.platform_uscc = filed.platform_uscc AND known.month = filed.month
    WHERE known.month IS NULL
    """,
)

TRADE = Query(
    "platform_transaction",
    """
    SELECT trade_kind, status, sum(amount) AS amount
    FROM platform_transaction
    WHERE region_code = 'total' AND category_code = 'total'
    GROUP BY trade_kind, status
    ORDER BY trade_kind, status
    """,
)


def impute(context: StepContext) -> None:
    """Fill `platform_imputation`."""
    months = months_of(context.settings)
    platforms, amounts = amounts_of(context)
    growth = common_growth(amounts)
    made: list[dict[str, Any]] = []
    gaps = gaps_of(amounts)
    for number, month in gaps:
        found = impute_month(amounts[number], month, growth)
        made.append(
            {
                "platform_uscc": platforms[number],
                "month": months[month],
                "amount": found.amount,
                "method": found.method,
                "base_month": None if found.base is None else months[found.base],
                "donors": found.donors,
                "standard_error": found.standard_error,
            }
        )
    if made:
        context.write("platform_imputation", {name: [row[name] for row in made] for name in made[0]})
    _tell_few(context, made, growth)
    exempt = without_exempt(amounts) if EXEMPT not in {month for _, month in gaps} else 0
    _tell_missing(context, made, len(platforms), exempt)
    _tell_empty(
        context, [months[place] for place in np.flatnonzero(np.isnan(amounts).all(axis=0)) if place != EXEMPT]
    )


def amounts_of(context: StepContext) -> tuple[list[str], Array]:
    """Return the platforms, and their transactions by month in CNY, shape (platforms, 12); NaN where not reported."""
    months = months_of(context.settings)
    rows = context.read("platform_month", order=("platform_uscc", "month")).to_pylist()
    platforms = sorted({row["platform_uscc"] for row in rows})
    place = {code: number for number, code in enumerate(platforms)}
    amounts = np.full((len(platforms), len(months)), np.nan)
    for row in rows:
        amounts[place[row["platform_uscc"]], months.index(row["month"])] = float(row["amount"])
    return platforms, amounts


def without_exempt(amounts: Array) -> int:
    """Return how many platforms sent no return of the month that is exempt."""
    return int(np.isnan(amounts[:, EXEMPT]).sum())


def gaps_of(amounts: Array) -> list[tuple[int, int]]:
    """Return (platform, month) of the returns that are due and did not come.

    January is exempt, but where most platforms sent it the year's total has a January, and the others lack it. That it
    takes more than half of them is a convention of lvshu.
    """
    expected = np.array(~np.isnan(amounts).all(axis=0))
    expected[EXEMPT] = 2 * without_exempt(amounts) < len(amounts)
    return [(int(number), int(month)) for number, month in np.argwhere(np.isnan(amounts) & expected)]


def _tell_missing(context: StepContext, made: list[dict[str, Any]], platforms: int, without: int) -> None:
    if made:
        values = {"returns": len(made), "platforms": len({row["platform_uscc"] for row in made})}
        problem = Problem("statistics.return_missing", values=values, severity="warning")
        amount = float(sum(row["amount"] for row in made))
        context.find(problem, table="platform_return", amount=amount, unit="CNY")
    if without:
        problem = Problem(
            "statistics.january_exempt", values={"platforms": without, "of": platforms}, severity="notice"
        )
        context.find(problem, table="platform_return")


def _tell_few(context: StepContext, made: list[dict[str, Any]], growth: Growth) -> None:
    """Tell where the error of imputed months rests on few residuals and so on a prior deviation."""
    if made and growth.prior:
        values = {"freedom": growth.freedom, "deviation": f"{100 * growth.residual_variance**0.5:.0f}",
                  "prior": f"{100 * PRIOR_DEVIATION:.0f}", "enough": ENOUGH_FREEDOM}  # fmt: skip
        problem = Problem("statistics.growth_few", values=values, severity="warning")
        amount = float(sum(row["amount"] for row in made))
        context.find(problem, table="platform_imputation", amount=amount, unit="CNY")


def _tell_empty(context: StepContext, months: list[str]) -> None:
    """Tell of months that no platform reported: nothing says how they moved, so they are not imputed.

    Rows of the table in quarantine may be those of these months: then that is told instead.
    """
    if not months:
        return
    values: dict[str, object] = {"count": len(months), "months": ", ".join(months)}
    code = "statistics.months_without_returns"
    waiting = waiting_rows(context, "platform_return")
    if waiting:
        code = "statistics.months_in_quarantine"
        values["rows"] = waiting
    problem = Problem(code, values=values, severity="warning")
    context.find(problem, table="platform_return", amount=float(len(months)), unit="1")


def tell(context: StepContext) -> None:
    """Tell which rules returns break, and write the uncertainty of the share of third-party trade where it is shown.

    Its bounds tell how much was not split by kind of trade: they are told where that amount may be told.
    """
    _tell_broken(context)
    _tell_unreadable(context)
    _tell_own_part(context)
    rows = context.sql(TRADE).to_pylist()
    amount = {(row["trade_kind"], row["status"]): float(row["amount"]) for row in rows}
    own, other = amount.get(("own", "reported"), 0.0), amount.get(("third_party", "reported"), 0.0)
    everything = max(amount.get(("total", "reported"), 0.0), own + other)
    everything += amount.get(("total", "imputed"), 0.0)
    share = _shown_share(context)
    if own + other <= 0 or share is None:
        return
    open_part = everything - own - other
    low, high = 100 * other / everything, 100 * (other + open_part) / everything
    split = open_part <= 0.01  # to the fen: nothing is left open, and that is no interval
    is_told = not split and _may_tell(context)
    context.write_uncertainty(
        "platform_third_party_share",
        value=share,
        unit="%",
        low=low if is_told else None,
        high=high if is_told else None,
        method="bounds",
        scope_zh="上下限：未分自营与第三方的交易额（含估补）全为自营或全为第三方；这部分由一两家平台构成时不说；不含填报错误",
        scope_en="bounds: amounts not split by kind of trade (imputed ones included) all own sales, or all "
        "third-party; not told where one or two platforms make that part; misreporting is not covered",
    )
    if not split and not is_told:
        context.find(
            Problem("statistics.platform_open_part_hidden", severity="notice"),
            table="platform_transaction_public",
        )


def _shown_share(context: StepContext) -> float | None:
    """Return the share of third-party trade in the public table of the year, in per cent; None where it is hidden."""
    rows = context.read("platform_transaction_public", where="period_kind = 'year'").to_pylist()
    shown = {
        row["trade_kind"]: row["amount"]
        for row in rows
        if row["region_code"] == TOTAL and row["category_code"] == TOTAL and row["amount"] is not None
    }
    if "third_party" not in shown or not shown.get(TOTAL):
        return None
    return float(100 * shown["third_party"] / shown[TOTAL])


def _may_tell(context: StepContext) -> bool:
    """Return whether the amounts that were not split by kind of trade, imputed ones included, are safe as a cell."""
    rules = thresholds(context, "platform")
    top = rules.dominance[0] if rules.dominance else 2
    return not bool(unsafe_cells(summarise([not_split(context)], top), rules).flag[0])


def _tell_broken(context: StepContext) -> None:
    texts = {str(row["rule"]): row for row in context.packs[RULES].rows}
    broken = context.sql(BROKEN).to_pylist()
    for row in broken[:MOST]:
        rule = texts[row["rule"]]
        values = {
            "platform": row["platform_uscc"], "month": row["month"], "form": row["form"],
            "left": plain(row["left_amount"]), "right": plain(row["right_amount"]),
            "rule": {"zh": rule["text_zh"], "en": rule["text_en"]},
        }  # fmt: skip
        problem = Problem("statistics.rule_broken", values=values, severity=row["severity"])
        key = "|".join((row["platform_uscc"], row["form"], row["month"], row["rule"]))
        context.find(problem, table="platform_return", key=key, amount=float(row["difference"]), unit="CNY")
    rest = broken[MOST:]
    if rest:
        problem = Problem("statistics.rules_broken_more", values={"returns": len(rest)}, severity="warning")
        amount = float(sum(abs(row["difference"]) for row in rest))
        context.find(problem, table="platform_return_check", amount=amount, unit="CNY")


def _tell_unreadable(context: StepContext) -> None:
    returns = context.sql(UNREADABLE, year=str(context.settings.year)).to_pylist()[0]["returns"]
    if returns:
        problem = Problem("statistics.return_without_total", values={"returns": returns}, severity="warning")
        context.find(problem, table="platform_return", amount=float(returns), unit="1")


def _tell_own_part(context: StepContext) -> None:
    """Tell a city below the province that form U201 states provinces, in which its own part cannot be told.

    A return that does state the city, or counties of it, tells its part.
    """
    prefix = prefix_of(context.settings)
    if len(prefix) <= PROVINCE or not context.engine.has("platform_transaction"):
        return
    stated = {str(row["code"]) for row in context.sql(REGIONS).to_pylist()}
    provinces = sorted(code for code in stated if len(code.rstrip("0")) <= PROVINCE and code != TOTAL)
    if provinces and not any(code.startswith(prefix) for code in stated):
        values = {"area": context.settings.area, "province": f"{prefix[:PROVINCE]}0000"}
        problem = Problem("statistics.returns_by_province", values=values, severity="notice")
        context.find(problem, table="platform_return")


def plain(value: Decimal) -> str:
    """Return an amount in yuan with thousands separators and at most two decimal places."""
    text = f"{value:,.2f}"
    return text.removesuffix(".00")
