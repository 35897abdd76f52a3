"""The core digital economy of the year after the last account: from public figures, its error where it was tried."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.statistics.audited_digital import show_months
from lvshu.statistics.disclosure.linked import Published
from lvshu.statistics.disclosure_audit import AUDIT_STEPS
from tests.statistics.book import SETTINGS, YEAR, fill, rows_of, run
from tests.statistics.test_digital_month import _before

TABLE, INDICATOR = "digital_core_nowcast", "digital_value_added"


def _months(first: int, months: int) -> list[dict[str, Any]]:
    """Return a monthly indicator with trend, season and noise."""
    t, noise = np.arange(months), np.random.default_rng(1).normal(0, 0.01, months)
    values = 1e9 * 1.005**t * (1 + 0.2 * np.cos(2 * np.pi * t / 12)) * np.exp(noise)
    return [
        {"indicator_code": INDICATOR, "month": f"{first + at // 12}-{at % 12 + 1:02d}", "unit": "CNY",
         "value": Decimal(f"{value:.2f}")}
        for at, value in enumerate(values.tolist())
    ]  # fmt: skip


def _accounts(indicator: list[dict[str, Any]], years: range) -> list[dict[str, Any]]:
    """Return accounts as released, whose ratio to the indicator moves."""
    made = []
    for at, year in enumerate(years):
        whole = sum(row["value"] for row in indicator if row["month"].startswith(str(year)))
        made.append(_before(year, f"{whole * (Decimal(2) + Decimal(at * at % 5) / 100):.2f}"))
    return made


def _told(engine: DuckDB) -> set[str]:
    return {row["code"] for row in rows_of(engine, "finding") if "core_nowcast" in row["code"]}


def test_a_year_without_a_survey_is_nowcast_from_earlier_accounts_and_its_months(engine: DuckDB) -> None:
    indicator = _months(YEAR - 7, 7 * 12 + 5)
    before = _accounts(indicator, range(YEAR - 6, YEAR))
    run(engine, {"monthly_indicator": indicator, "digital_economy_account_previous": before})
    rows = {row["year"]: row for row in rows_of(engine, TABLE)}
    assert sorted(rows) == list(range(YEAR - 6, YEAR + 1))
    found = rows[YEAR]
    assert (found["state"], found["known_months"], found["error_basis"]) == ("nowcast", 5, "backtest")
    assert found["low"] < found["value_added"] < found["high"]
    assert (found["ratio_tests"], found["months_tests"]) == (4, 4)
    months = rows_of(engine, "digital_core_month")
    own = [row for row in months if row["month"].startswith(str(YEAR))]
    assert [row["status"] for row in own] == ["extrapolated"] * 5
    # the months that are known stand in the year with the same ratio as in the table of months
    assert found["ratio"] == pytest.approx(own[0]["ratio"], rel=1e-9)
    account = rows[YEAR - 1]
    assert account["state"] == "account" and account["error_basis"] is None
    assert account["value_added"] == before[-1]["value_added_full"]
    assert account["ratio_error"] == pytest.approx(
        100 * np.log(float(account["value_added"] / account["told"]))
    )
    [error] = rows_of(engine, "uncertainty", "indicator = 'nowcast_digital_core'")
    assert "not an account" in error["scope_en"] and "不是核算" in error["scope_zh"]
    assert "statistics.core_nowcast_error" not in _told(engine)


def test_from_one_account_there_is_a_figure_whose_error_is_not_known(engine: DuckDB) -> None:
    indicator = _months(YEAR - 4, 60)
    before = _accounts(indicator, range(YEAR - 1, YEAR))
    run(engine, {"monthly_indicator": indicator, "digital_economy_account_previous": before})
    [account, found] = sorted(rows_of(engine, TABLE), key=lambda row: row["year"])
    assert found["ratio"] == pytest.approx(account["ratio"], rel=1e-9)
    assert found["known_months"] == 12 and found["error_basis"] == "not_known"
    assert found["standard_error"] is found["low"] is found["high"] is None
    assert _told(engine) == {"statistics.core_nowcast_error"}
    assert not rows_of(engine, "uncertainty", "indicator = 'nowcast_digital_core'")


def test_without_a_month_of_the_year_it_is_a_forecast(engine: DuckDB) -> None:
    indicator = _months(YEAR - 7, 84)
    before = _accounts(indicator, range(YEAR - 6, YEAR))
    run(engine, {"monthly_indicator": indicator, "digital_economy_account_previous": before})
    [found] = rows_of(engine, TABLE, "state <> 'account'")
    assert (found["year"], found["state"], found["known_months"]) == (YEAR, "forecast", 0)
    assert found["months_error"] > 0.0


def test_months_that_end_before_the_account_are_told(engine: DuckDB) -> None:
    indicator = _months(YEAR - 7, 84)
    before = _accounts(indicator, range(YEAR - 6, YEAR))
    run(engine, {"monthly_indicator": indicator[:-2], "digital_economy_account_previous": before})
    assert not rows_of(engine, TABLE)
    assert _told(engine) == {"statistics.core_nowcast_months"}


def test_history_too_short_for_a_forecast_is_told(engine: DuckDB) -> None:
    indicator = _months(YEAR - 2, 24)
    before = _accounts(indicator, range(YEAR - 2, YEAR))
    run(engine, {"monthly_indicator": indicator, "digital_economy_account_previous": before})
    assert not rows_of(engine, TABLE)
    told = rows_of(engine, "finding", "code = 'statistics.series_too_short'")
    assert TABLE in {row["table_name"] for row in told}


def test_growth_that_tells_as_much_is_told(engine: DuckDB) -> None:
    """Accounts that grow by 6 % every year, whatever the indicator does."""
    indicator = _months(YEAR - 7, 96)
    before = [_before(year, f"{2e10 * 1.06 ** (year - YEAR):.2f}") for year in range(YEAR - 6, YEAR)]
    run(engine, {"monthly_indicator": indicator, "digital_economy_account_previous": before})
    [found] = rows_of(engine, TABLE, "state <> 'account'")
    assert found["carried_error"] < found["ratio_error"]
    assert _told(engine) == {"statistics.core_nowcast_no_better"}


@pytest.mark.parametrize("table", ["digital_core_month", TABLE])
def test_the_audit_of_what_is_published_reads_both_tables(engine: DuckDB, table: str) -> None:
    for one in ("digital_core_month", TABLE):
        fill(engine, one, [])
    if table == TABLE:
        row = {"year": YEAR, "state": "account", "value_added": Decimal(1200), "known_months": 12, "ratio": 1.0,
               "indicator": Decimal(1200), "indicator_unit": "CNY"}  # fmt: skip
        fill(
            engine, TABLE, [row, {**row, "year": YEAR + 1, "state": "forecast", "value_added": Decimal(1300)}]
        )
    else:
        month = {
            "value_added": Decimal(100),
            "indicator": Decimal(100),
            "indicator_unit": "CNY",
            "ratio": 1.0,
        }
        fill(engine, table, [
            {**month, "month": f"{year}-{number:02d}", "status": "benchmarked" if year == YEAR else "extrapolated"}
            for year in (YEAR, YEAR + 1) for number in range(1, 13)
        ])  # fmt: skip
    found = Published("value added")
    [step] = AUDIT_STEPS
    assert table in step.reads_if_there
    show_months(StepContext(step=step, settings=SETTINGS, packs=PackLibrary.load(None), engine=engine), found)
    [(name, low, high)] = found.known()
    assert name == "total/core" and low < 1200 < high and high - low < 0.02


def test_a_withheld_account_is_not_in_the_table(engine: DuckDB) -> None:
    """The survey of the year is one enterprise's: its figure is withheld, and the year is nowcast without it."""
    indicator = _months(YEAR - 7, 96)
    before = _accounts(indicator, range(YEAR - 6, YEAR))
    one = {"uscc": "U1", "year": YEAR, "stratum": "s", "take_all": True, "weight": 1.0, "revenue": Decimal(10**7),
           "value_added": Decimal(123456789), "industry_code": "3911", "district_code": "310101"}  # fmt: skip
    tables = {"monthly_indicator": indicator, "digital_economy_account_previous": before}
    run(engine, {**tables, "business_survey": [one]})
    [public] = rows_of(engine, "digital_economy_account_public", "code = 'core'")
    assert public["value_status"] == "suppressed"
    first = rows_of(engine, TABLE)
    assert [row["state"] for row in sorted(first, key=lambda row: row["year"])][-2:] == ["account", "nowcast"]
    run(engine, {**tables, "business_survey": [{**one, "value_added": Decimal(987654321)}]})
    assert rows_of(engine, TABLE) == first
