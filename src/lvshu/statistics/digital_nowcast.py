"""Fills `digital_core_nowcast`: the core digital economy of the first year without an account, and how well it is told.

It takes the accounts as published and the monthly indicator alone, so that it tells nothing of what is withheld.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import LvshuError, Problem
from lvshu.core.money import half_away
from lvshu.engine.step import Step, StepContext
from lvshu.statistics.digital_month import INDICATOR, accounts_of, consecutive, indicator_of
from lvshu.statistics.keys import CORE
from lvshu.statistics.seasonal import AHEAD, HOLIDAYS, specification
from lvshu.statistics.series.calendar.regressors import Schedule, schedule_of
from lvshu.statistics.series.nowcast.account import (
    LEAST_ACCOUNTS,
    LEAST_TESTS,
    YEAR,
    AccountNowcast,
    Forecast,
    Steps,
    nowcast_account,
)
from lvshu.statistics.series.time_series import TimeSeries, label_of
from lvshu.statistics.series.x13.adjustment import adjust

Array = NDArray[np.float64]

TABLE = "digital_core_nowcast"
ACCOUNT, NOWCAST, AHEAD_OF_ALL = "account", "nowcast", "forecast"
MEASURED, UNKNOWN = "backtest", "not_known"
DIGITS = 6
SCOPE = (
    "现时预测，不是核算。误差由以前各年照样重作而得：比率一步试了{ratio}年，未到月份一步试了{months}年；含核算的抽样误差，"
    "不含指标以后的修订、以前核算的修订",
    "A nowcast, not an account. The error is that of the same steps made anew for years now known: the ratio in "
    "{ratio} years, the months to come in {months}; sampling errors of the accounts are in it, revisions to come of "
    "the indicator and of the accounts are not",
)


def make(context: StepContext) -> None:
    """Fill the table, or tell why there is no nowcast."""
    errors: dict[int, float] = {}
    accounts = accounts_of(context, errors)
    rows = context.read(
        "indicator_month", where=f"indicator_code = '{INDICATOR}'", order=("month",)
    ).to_pylist()
    if not accounts or not rows:
        return  # told by the step of the months
    newest = max(accounts)
    try:
        indicator = indicator_of(rows)
        years = [
            year
            for year in sorted(accounts)
            if indicator.first <= YEAR * year and YEAR * year + YEAR - 1 <= indicator.last
        ]
        if newest not in years:
            values = {
                "year": newest + 1, "account": newest, "series": INDICATOR,
                "last": label_of("month", indicator.last),
            }  # fmt: skip
            problem = Problem("statistics.core_nowcast_months", values=values, severity="notice")
            context.find(problem, table=TABLE, key=INDICATOR)
            return
        years = consecutive(years)
        low = TimeSeries(CORE, "year", years[0], np.array([float(accounts[year]) for year in years]))
        if (low.values <= 0).any():
            return  # told by the step of the months
        ahead = airline(schedule_of(context.packs[HOLIDAYS].rows))
        found = nowcast_account(
            low, indicator, ahead, sampling=errors.get(newest, 0.0) / float(low.values[-1])
        )
    except LvshuError as error:
        for one in error.problems:
            context.find(
                Problem(one.code, one.where, one.values, severity="notice"), table=TABLE, key=INDICATOR
            )
        return
    kept = {year: accounts[year] for year in years}
    made = [*account_rows(kept, found, indicator, rows[0]["unit"]), _row(found, kept, rows[0]["unit"])]
    context.write(TABLE, {name: [row[name] for row in made] for name in made[0]})
    _tell(context, found)


def airline(schedule: Schedule) -> Forecast:
    """Return forecasts of a monthly series by the model of its seasonal adjustment: airline, festival, working days.

    Args:
        schedule: of public holidays.

    Source: X-13ARIMA-SEATS Reference Manual, version 1.1, section 7.7 (forecast).
    """

    def ahead(series: TimeSeries, months: int) -> Array:
        wanted, _ = specification(series, schedule)
        wanted = replace(wanted, method="none", forecasts=AHEAD, sliding_spans=False, history=False)
        return np.asarray(adjust(series, wanted).forecast[:months, 0])

    return ahead


def account_rows(
    accounts: dict[int, Decimal], found: AccountNowcast, indicator: TimeSeries, unit: str
) -> list[dict[str, Any]]:
    """Return a row for each account, with what the steps would have told of it; empty where they were not tried."""
    steps = {one.year: one for one in found.tests}
    made = []
    for year, account in accounts.items():
        own = steps.get(year, Steps(year, float("nan"), float("nan"), float("nan")))
        whole = float(indicator.between(YEAR * year, YEAR * year + YEAR - 1).values.sum())
        made.append({
            **_blank(year, ACCOUNT, unit), "value_added": half_away(account, DIGITS),
            "growth": _growth(account, accounts.get(year - 1)), "indicator": _decimal(whole),
            "ratio": float(account) / whole, "known_months": YEAR,
            "told": None if np.isnan(own.told) else _decimal(own.told),
            "ratio_error": _percent(own.ratio), "carried_error": _percent(own.carried),
        })  # fmt: skip
    return made


def _row(found: AccountNowcast, accounts: dict[int, Decimal], unit: str) -> dict[str, Any]:
    low, high = found.interval()
    is_known = np.isfinite(found.standard_error)
    value = _decimal(found.value)
    return {
        **_blank(found.year, NOWCAST if found.known else AHEAD_OF_ALL, unit), "value_added": value,
        "growth": _growth(value, accounts[found.year - 1]), "indicator": _decimal(found.indicator),
        "ratio": found.value / found.indicator, "known_months": found.known,
        "standard_error": _decimal(found.value * found.standard_error) if is_known else None,
        "low": _decimal(low) if is_known else None, "high": _decimal(high) if is_known else None,
        "error_basis": MEASURED if is_known else UNKNOWN,
        "ratio_error": _percent(found.ratio_error), "months_error": _percent(found.months_error),
        "carried_error": _percent(found.carried_error),
        "ratio_tests": found.ratio_tests, "months_tests": len(found.months),
    }  # fmt: skip


def _blank(year: int, state: str, unit: str) -> dict[str, Any]:
    empty = dict.fromkeys((
        "standard_error", "low", "high", "error_basis", "told", "ratio_error", "months_error", "carried_error",
        "ratio_tests", "months_tests",
    ))  # fmt: skip
    return {"year": year, "state": state, "indicator_unit": unit, **empty}


def _tell(context: StepContext, found: AccountNowcast) -> None:
    """Record the error; tell where it is not known, and where last year's growth would have done as well."""
    if not np.isfinite(found.standard_error):
        values: dict[str, object] = {
            "year": found.year, "ratio": found.ratio_tests, "months": len(found.months), "least": LEAST_TESTS,
            "accounts": LEAST_TESTS + LEAST_ACCOUNTS,
        }  # fmt: skip
        problem = Problem("statistics.core_nowcast_error", values=values, severity="notice")
        context.find(problem, table=TABLE, key=f"{found.year}")
        return
    low, high = found.interval()
    scope_zh, scope_en = (text.format(ratio=found.ratio_tests, months=len(found.months)) for text in SCOPE)
    context.write_uncertainty(
        "nowcast_digital_core", value=found.value, unit="CNY", standard_error=found.value * found.standard_error,
        low=low, high=high, method="nowcast_backtest", scope_zh=scope_zh, scope_en=scope_en,
    )  # fmt: skip
    if found.carried_error <= found.standard_error:
        values = {
            "year": found.year, "error": f"{100 * found.standard_error:.2f}",
            "plain": f"{100 * found.carried_error:.2f}", "tests": found.ratio_tests,
        }  # fmt: skip
        problem = Problem("statistics.core_nowcast_no_better", values=values, severity="notice")
        context.find(problem, table=TABLE, key=f"{found.year}", amount=100 * found.standard_error, unit="%")


def _growth(now: Decimal, before: Decimal | None) -> float | None:
    return None if before is None else float(100 * (now / before - 1))


def _percent(value: float) -> float | None:
    return 100 * value if np.isfinite(value) else None


def _decimal(value: float) -> Decimal:
    return half_away(Decimal(repr(float(value))), DIGITS)


DIGITAL_NOWCAST_STEPS = (
    Step(
        name="statistics.digital_core_nowcast", makes=(TABLE,), action=make, reads=("indicator_month",),
        reads_if_there=("digital_economy_account_public", "digital_economy_account_previous"), packs=(HOLIDAYS,),
        method="statistics.digital_core_nowcast",
    ),
)  # fmt: skip
