"""The core digital economy by month: exact sums, the indicator's movement, and reasons where there are no months."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.interp.denton import dentonm

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.statistics.digital_month import DIGITAL_MONTH_STEPS, INDICATOR, TABLE, exact, make
from lvshu.statistics.series.time_series import TimeSeries
from tests.statistics.book import SETTINGS, YEAR, fill, rows_of


def _indicator(first: int, months: int, unit: str = "CNY") -> list[dict[str, Any]]:
    t = np.arange(months)
    values = 1e9 * 1.005**t * (1 + 0.2 * np.cos(2 * np.pi * t / 12))
    return [
        {"indicator_code": INDICATOR, "month": f"{first + at // 12}-{at % 12 + 1:02d}", "unit": unit,
         "value": Decimal(f"{value:.2f}")}
        for at, value in enumerate(values.tolist())
    ]  # fmt: skip


def _public(value: str | None, error: str | None = None, status: str = "shown") -> dict[str, Any]:
    return {
        "code": "core", "level": "core", "name_zh": "x", "name_en": "x", "status": "estimated", "sampled_units": 9,
        "value_status": status, "value_added_full": value and Decimal(value),
        "error_status": "shown" if error else "suppressed", "standard_error": error and Decimal(error),
        "bound_status": "shown", "bound_error_status": "shown", "total_status": "not_known",
    }  # fmt: skip


def _before(year: int, value: str, day: int = 1) -> dict[str, Any]:
    return {
        "year": year,
        "code": "core",
        "released_on": date(YEAR, 5, day),
        "value_added_full": Decimal(value),
    }


def _run(
    engine: DuckDB,
    public: list[dict[str, Any]],
    indicator: list[dict[str, Any]],
    before: list[dict[str, Any]] | None = None,
    seasonal: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    fill(engine, "digital_economy_account_public", public)
    fill(engine, "digital_economy_account_previous", before or [])
    fill(engine, "indicator_month", indicator)
    fill(engine, "seasonal_series", seasonal or [])
    for table in ("finding", "uncertainty", TABLE):
        fill(engine, table, [])
    [step] = DIGITAL_MONTH_STEPS
    make(StepContext(step=step, settings=SETTINGS, packs=PackLibrary.load(None), engine=engine))
    return sorted(rows_of(engine, TABLE), key=lambda row: row["month"])


def test_the_months_of_each_year_add_up_to_its_account_and_agree_with_an_independent_program(
    engine: DuckDB,
) -> None:
    indicator = _indicator(YEAR - 1, 24)
    before = [_before(YEAR - 1, "11000000000.01", 1), _before(YEAR - 1, "12345678901.23", 9)]
    rows = _run(engine, [_public("14000000000.333333", "70000000")], indicator, before)
    sums = {year: sum(row["value_added"] for row in rows if row["month"].startswith(str(year)))
            for year in (YEAR - 1, YEAR)}  # fmt: skip
    assert sums == {YEAR - 1: Decimal("12345678901.230000"), YEAR: Decimal("14000000000.333333")}
    rival = dentonm(
        np.array([float(row["value"]) for row in indicator]),
        np.array([12345678901.23, 14000000000.333333]),
        freq="other",
        k=12,
    )
    assert np.allclose([float(row["value_added"]) for row in rows], rival, rtol=1e-9)
    assert {row["status"] for row in rows} == {"benchmarked"}


def test_the_error_of_the_account_is_carried_and_of_one_year_alone_it_is_proportional(engine: DuckDB) -> None:
    rows = _run(engine, [_public("14000000000", "70000000")], _indicator(YEAR, 12))
    for row in rows:
        assert float(row["standard_error"]) == pytest.approx(float(row["value_added"]) * 0.005, rel=1e-6)
        assert row["ratio"] == pytest.approx(rows[0]["ratio"])
    two = _run(
        engine,
        [_public("14000000000", "70000000")],
        _indicator(YEAR - 1, 24),
        [_before(YEAR - 1, "13000000000")],
    )
    assert [row["standard_error"] is None for row in two] == [True] * 12 + [False] * 12
    assert sum(float(row["standard_error"]) for row in two[12:]) >= 70000000 - 1  # months err together


def test_months_outside_the_accounts_are_extrapolated_by_the_nearest_ratio(engine: DuckDB) -> None:
    rows = _run(engine, [_public("14000000000")], _indicator(YEAR - 1, 30))
    status = [row["status"] for row in rows]
    assert status == ["extrapolated"] * 12 + ["benchmarked"] * 12 + ["extrapolated"] * 6
    assert {round(row["ratio"], 9) for row in rows} == {round(rows[0]["ratio"], 9)}
    assert all(row["standard_error"] is None for row in rows)


def test_an_account_that_is_withheld_holds_no_months_of_its_year(engine: DuckDB) -> None:
    rows = _run(
        engine,
        [_public(None, None, "suppressed")],
        _indicator(YEAR - 1, 24),
        [_before(YEAR - 1, "13000000000")],
    )
    assert [row["status"] for row in rows] == ["benchmarked"] * 12 + ["extrapolated"] * 12
    assert _run(engine, [_public(None, None, "suppressed")], _indicator(YEAR, 12)) == []


def test_without_an_indicator_there_are_no_months_and_that_is_told(engine: DuckDB) -> None:
    assert _run(engine, [_public("14000000000")], []) == []
    assert [row["code"] for row in rows_of(engine, "finding")] == ["statistics.month_no_indicator"]


@pytest.mark.parametrize(
    ("indicator", "code"),
    [
        (_indicator(YEAR, 9), "statistics.month_none_covered"),
        ([{**row, "value": None} if row["month"].endswith("-05") else row for row in _indicator(YEAR, 12)],
         "statistics.series_gap"),
        ([{**row, "value": Decimal(0)} if row["month"].endswith("-05") else row for row in _indicator(YEAR, 12)],
         "statistics.month_not_positive"),
        ([{**row, "unit": "1e4 CNY"} if row["month"].endswith("-05") else row for row in _indicator(YEAR, 12)],
         "statistics.series_units"),
        ([{**row, "unit": "%", "value": Decimal(5)} for row in _indicator(YEAR, 12)],
         "statistics.month_indicator_rate"),
        ([{**row, "value": Decimal(100 * (at % 12 + 1))} for at, row in enumerate(_indicator(YEAR - 1, 24))],
         "statistics.month_indicator_cumulative"),
        ([{**row, "value": Decimal(100 * (at % 12 + 1) - (150 if at == 6 else 0))}  # June's total, revised downwards
          for at, row in enumerate(_indicator(YEAR - 1, 24))],
         "statistics.month_indicator_cumulative"),
    ],
)  # fmt: skip
def test_an_indicator_that_does_not_serve_is_told(
    engine: DuckDB, indicator: list[dict[str, Any]], code: str
) -> None:
    assert _run(engine, [_public("14000000000")], indicator) == []
    assert code in {row["code"] for row in rows_of(engine, "finding")}


def test_a_missing_year_between_accounts_is_told_and_not_bridged(engine: DuckDB) -> None:
    rows = _run(
        engine, [_public("14000000000")], _indicator(YEAR - 2, 36), [_before(YEAR - 2, "12000000000")]
    )
    assert [row["status"] for row in rows[:24]] == ["extrapolated"] * 24
    assert "statistics.month_year_gap" in {row["code"] for row in rows_of(engine, "finding")}


def test_the_adjusted_figure_has_the_factors_of_the_indicator(engine: DuckDB) -> None:
    seasonal = [
        {"indicator_code": INDICATOR, "month": f"{YEAR}-01", "raw": Decimal(100), "adjusted": Decimal(80),
         "seasonal_factor": 1.25, "calendar_factor": 1.0, "mode": "multiplicative", "unit": "CNY"}
    ]  # fmt: skip
    rows = _run(engine, [_public("14000000000")], _indicator(YEAR, 12), seasonal=seasonal)
    assert float(rows[0]["adjusted"]) == pytest.approx(0.8 * float(rows[0]["value_added"]))
    assert rows[1]["adjusted"] is None


@settings(max_examples=60, deadline=None)
@given(
    months=st.lists(st.floats(min_value=-1e12, max_value=1e12), min_size=12, max_size=12),
    account=st.decimals(min_value=-(10**13), max_value=10**13, places=6),
)
def test_rounding_never_loses_a_millionth(months: list[float], account: Decimal) -> None:
    values = exact(TimeSeries("x", "month", YEAR * 12, np.array(months)), {YEAR: account})
    assert sum(values, Decimal(0)) == account
    moved = [abs(float(value) - given) for value, given in zip(values, months, strict=True)]
    assert sum(one > 1e-3 for one in moved) <= 1


def test_a_release_in_another_unit_gives_no_negative_months(engine: DuckDB) -> None:
    assert (
        _run(engine, [_public("14000000000")], _indicator(YEAR - 1, 24), [_before(YEAR - 1, "118000")]) == []
    )
    [told] = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.month_not_positive"]
    assert "negative months" in told["what_en"]


def test_a_year_that_the_indicator_covers_in_part_is_left_out_and_the_others_stay(engine: DuckDB) -> None:
    late = _indicator(YEAR - 1, 24)[4:]
    rows = _run(engine, [_public("14000000000", "70000000")], late, [_before(YEAR - 1, "13000000000")])
    assert [row["status"] for row in rows] == ["extrapolated"] * 8 + ["benchmarked"] * 12
    early = _run(
        engine, [_public("14000000000")], _indicator(YEAR - 1, 22), [_before(YEAR - 1, "13000000000")]
    )
    assert [row["status"] for row in early] == ["benchmarked"] * 12 + ["extrapolated"] * 10
    [told] = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.month_year_uncovered"]
    assert str(YEAR) in told["what_en"]


def test_an_index_is_no_level(engine: DuckDB) -> None:
    rows = [{**row, "unit": "1", "value": Decimal("102.7")} for row in _indicator(YEAR, 12)]
    assert _run(engine, [_public("14000000000")], rows) == []
    assert "statistics.month_indicator_rate" in {row["code"] for row in rows_of(engine, "finding")}


def test_a_wide_gap_between_account_and_indicator_is_a_warning_and_extrapolated_months_have_no_error(
    engine: DuckDB,
) -> None:
    rows = _run(engine, [_public("24000000000", "70000000")], _indicator(YEAR, 18))
    [told] = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.month_discrepancy"]
    assert told["severity"] == "warning"
    assert [row["low"] is None for row in rows] == [False] * 12 + [True] * 6
