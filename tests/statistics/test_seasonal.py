"""Monthly indicators of the book: the seasons of the sample city are found, faults are told, nothing stops."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.pipeline.packs import load_packs
from lvshu.statistics.desk_months import DESKS
from lvshu.statistics.seasonal import FAN, HOLIDAYS, SERIES_STEPS, fan, make
from lvshu.statistics.series.time_series import TimeSeries, series_of
from lvshu.statistics.series.x13.adjustment import adjust
from tests.statistics.book import SETTINGS, fill, rows_of


def _run(
    engine: DuckDB,
    rows: list[dict[str, Any]],
    policies: list[dict[str, Any]] | None = None,
    desks: dict[str, list[dict[str, Any]]] | None = None,
) -> None:
    from lvshu.catalog.pack_library import PackLibrary

    library = PackLibrary.load(None)
    fill(engine, "indicator_month", rows)
    fill(engine, "seasonal_policy", policies or [])
    for desk in DESKS.values():
        fill(engine, desk.table, (desks or {}).get(desk.table, []))
    made = ("seasonal_series", "seasonal_quality", "seasonal_model", "indicator_fan")
    for table in ("finding", "uncertainty", *made):
        fill(engine, table, [])
    load_packs(engine, library, {HOLIDAYS})
    make(StepContext(step=SERIES_STEPS[0], settings=SETTINGS, packs=library, engine=engine))


def _rows(code: str, values: np.ndarray, *, first: int = 2018, unit: str = "CNY") -> list[dict[str, Any]]:
    return [
        {"indicator_code": code, "month": f"{first + at // 12}-{at % 12 + 1:02d}", "unit": unit,
         "value": None if np.isnan(value) else round(float(value), 6)}
        for at, value in enumerate(values)
    ]  # fmt: skip


def _values(count: int = 72) -> np.ndarray:
    t = np.arange(count)
    noise = np.random.default_rng(4).normal(0, 0.01, count)
    return 1e6 * 1.004**t * np.exp(0.1 * np.cos(2 * np.pi * t / 12) + noise)


def test_raw_and_adjusted_stand_side_by_side(engine: DuckDB) -> None:
    _run(engine, _rows("orders", _values()))
    found = rows_of(engine, "seasonal_series")
    assert len(found) == 72
    for row in found:
        factor = row["seasonal_factor"] * row["calendar_factor"]
        assert float(row["adjusted"]) == pytest.approx(float(row["raw"]) / factor, rel=1e-6)
        assert row["unit"] == "CNY"
    quality = {row["measure"]: row["value"] for row in rows_of(engine, "seasonal_quality")}
    assert quality["q"] < 1
    assert quality["m7"] < 0.5
    assert quality["months"] == 72
    assert rows_of(engine, "finding") == []


def test_one_bad_indicator_is_told_and_the_rest_adjusted(engine: DuckDB) -> None:
    hole = _values()
    hole[30] = np.nan
    mixed = _rows("mixed", _values())
    mixed[3]["unit"] = "person"
    flat = np.full(72, 5.0)
    rows = [
        *_rows("hole", hole),
        *_rows("short", _values(20)),
        *_rows("good", _values()),
        *mixed,
        *_rows("flat", flat),
    ]
    _run(engine, rows)
    assert {row["indicator_code"] for row in rows_of(engine, "seasonal_series")} == {"good"}
    told = {row["record_key"]: row for row in rows_of(engine, "finding")}
    assert {key: row["code"] for key, row in told.items()} == {
        "hole": "statistics.series_gap", "short": "statistics.series_too_short", "mixed": "statistics.series_units",
        "flat": "statistics.series_constant",
    }  # fmt: skip
    assert all(row["severity"] == "warning" for row in told.values())
    assert "2020-07" in told["hole"]["what_en"]


def test_years_without_a_schedule_of_holidays_are_told(engine: DuckDB) -> None:
    _run(engine, _rows("early", _values(), first=2004))
    [told] = rows_of(engine, "finding")
    assert told["code"] == "statistics.holidays_partial"
    assert "2004–2006" in told["what_zh"]


def test_a_series_with_losses_is_adjusted_by_differences(engine: DuckDB) -> None:
    _run(engine, _rows("balance", _values() - 1.1e6))
    found = rows_of(engine, "seasonal_series")
    assert {row["mode"] for row in found} == {"additive"}
    [told] = rows_of(engine, "finding", "code = 'statistics.series_additive'")
    assert told["amount"] == (_values() <= 1.1e6).sum() > 5
    assert told["what_en"].count("-") >= 5 and ", …)" in told["what_en"]
    for row in found:
        parts = row["seasonal_factor"] + row["calendar_factor"]
        assert float(row["adjusted"]) == pytest.approx(float(row["raw"]) - parts, abs=1e-2)


def test_a_series_without_season_is_in_doubt(engine: DuckDB) -> None:
    _run(engine, _rows("flat", 100 + np.random.default_rng(2).normal(0, 1, 72)))
    codes = {row["record_key"] for row in rows_of(engine, "finding")}
    assert "flat|no_seasonality" in codes


def test_the_seasons_of_the_sample_city_are_found(sample_workspace: Path, engine: DuckDB) -> None:
    from lvshu.sample import load_truth

    with (sample_workspace / "inputs" / "monthly_indicator.csv").open(encoding="utf-8-sig") as stream:
        rows = [{**row, "value": float(row["value"])} for row in csv.DictReader(stream)]
    _run(engine, rows)
    truth = load_truth(sample_workspace)["monthly_indicators"]
    assert set(truth) == {"platform_transactions", "digital_value_added", "flexible_employment"}
    for code, true in truth.items():
        found = [row for row in rows_of(engine, "seasonal_series") if row["indicator_code"] == code]
        found.sort(key=lambda row: row["month"])
        assert len(found) == 96
        factors = np.array([row["seasonal_factor"] for row in found])[12:-12].reshape(-1, 12).mean(axis=0)
        assert factors == pytest.approx(true["season"], rel=0.025)
        adjusted = np.array([float(row["adjusted"]) for row in found])
        assert np.abs(adjusted / true["adjusted"] - 1).mean() < 0.012
        raw = np.array([float(row["raw"]) for row in found])
        assert (
            np.abs(adjusted / true["adjusted"] - 1).mean() < 0.5 * np.abs(raw / true["adjusted"] - 1).mean()
        )
    month = truth["platform_transactions"]
    assert len(month["adjusted"]) == 96
    total = load_truth(sample_workspace)["indicators"]["platform_transactions"]["value"]
    by_month = load_truth(sample_workspace)["platform_transactions_by_month"]
    assert sum(by_month) == pytest.approx(total, rel=1e-12)


def test_the_fan_is_the_programs_forecast_with_its_interval(engine: DuckDB) -> None:
    _run(engine, _rows("orders", _values()))
    by_month: dict[str, list[float]] = {}
    for row in sorted(rows_of(engine, "indicator_fan"), key=lambda row: (row["month"], row["quantile"])):
        by_month.setdefault(row["month"], []).append(float(row["value"]))
    assert list(by_month) == [f"2024-{month:02d}" for month in range(1, 13)]
    for cell in by_month.values():
        assert len(cell) == len(FAN) and cell == sorted(set(cell))
    found = adjust(_series())
    quantiles = fan(found)
    np.testing.assert_allclose(quantiles[:, 3], found.forecast[:, 0])
    np.testing.assert_allclose(quantiles[:, [0, -1]], found.forecast[:, 1:], rtol=1e-4)


def _series() -> TimeSeries:
    months = [f"{2018 + at // 12}-{at % 12 + 1:02d}" for at in range(72)]
    return series_of("orders", months, _values().tolist())


def test_a_policy_holds_what_the_run_before_left(engine: DuckDB) -> None:
    values = _values(76)
    values[-1] *= 1.15  # a surprise in the month that is added
    _run(engine, _rows("orders", values[:72]), [{"indicator_code": "orders", "policy": "current"}])
    [first] = rows_of(engine, "seasonal_model")
    assert (first["chosen"], first["last_month"]) == ("automatic", "2023-12")
    before = {row["month"]: float(row["adjusted"]) for row in rows_of(engine, "seasonal_series")}
    for policy, revised in (("current", False), ("partial_concurrent", True)):
        kept = [{"indicator_code": "orders", "policy": policy, "held": first["held"]}]
        _run(engine, _rows("orders", values), kept)
        [again] = rows_of(engine, "seasonal_model")
        assert again["chosen"] == "held"
        after = {row["month"]: float(row["adjusted"]) for row in rows_of(engine, "seasonal_series")}
        assert len(after) == 76
        moved = max(abs(after[month] / value - 1) for month, value in before.items())
        assert (moved > 1e-6) == revised, policy


def test_a_held_model_that_cannot_be_read_is_told(engine: DuckDB) -> None:
    policies = [
        {"indicator_code": "orders", "policy": "fixed", "held": "{not json"},
        {"indicator_code": "nothing", "policy": "fixed"},
    ]
    _run(engine, _rows("orders", _values()), policies)
    assert rows_of(engine, "seasonal_series") == []
    told = {row["code"] for row in rows_of(engine, "finding")}
    assert told == {"statistics.held_unreadable", "statistics.policy_stranger"}


def _transactions(values: np.ndarray, months: range, first: int = 2018) -> list[dict[str, Any]]:
    return [
        {"period_kind": "month", "period": f"{first + at // 12}-{at % 12 + 1:02d}", "region_code": "total",
         "category_code": "total", "trade_kind": "total", "status": "shown", "amount": round(float(values[at]), 2),
         "returns": 5, "returns_imputed": 0}
        for at in months
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("factor", "months", "taken", "code"),
    [
        (1.0, range(60, 72), 72, "statistics.desk_months_taken"),
        (1.3, range(60, 72), 66, "statistics.desk_months_apart"),
        (1.0, range(66, 72), 66, "statistics.desk_months_unlinked"),
    ],
)
def test_the_desk_completes_its_indicator_where_both_agree(
    engine: DuckDB, factor: float, months: range, taken: int, code: str
) -> None:
    values = _values(72)
    given = _rows("platform_transactions", values[:66] / 1e4, unit="1e4 CNY")
    desk = {"platform_transaction_public": _transactions(values * factor, months)}
    _run(engine, given, desks=desk)
    found = {row["month"]: row for row in rows_of(engine, "seasonal_series")}
    assert len(found) == taken
    assert code in {row["code"] for row in rows_of(engine, "finding")}
    if taken == 72:
        assert float(found["2023-12"]["raw"]) == pytest.approx(values[71] / 1e4, rel=1e-6)
        assert found["2023-12"]["unit"] == "1e4 CNY"


def _flexible(values: np.ndarray, months: range, factor: float = 1.0) -> list[dict[str, Any]]:
    return [
        {"month": f"{2018 + at // 12}-{at % 12 + 1:02d}", "definition_code": "corrected_total", "label_zh": "x",
         "label_en": "x", "method": "survey", "status": "estimated", "persons": round(float(values[at]) * factor, 6),
         "low": round(float(values[at]) * 0.5, 6), "high": round(float(values[at]) * 2, 6)}
        for at in months
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("factor", "months", "taken"),
    [(1.0, range(35, 40), 40), (1.05, range(35, 40), 38), (1.0, range(36, 40), 38)],
)
def test_a_survey_completes_its_indicator_by_level_and_not_by_its_wide_interval(
    engine: DuckDB, factor: float, months: range, taken: int
) -> None:
    """Three months in common within 1 %; an interval from half to twice the figure proves nothing."""
    values = _values(40) / 1e3
    given = _rows("flexible_employment", values[:38], unit="person")
    _run(engine, given, desks={"flexible_employment_month": _flexible(values, months, factor)})
    assert len(rows_of(engine, "seasonal_series")) == taken


def test_a_month_left_blank_stays_blank(engine: DuckDB) -> None:
    values = _values(40) / 1e3
    blank = {"indicator_code": "flexible_employment", "unit": "person", "value": None}
    given = [
        *_rows("flexible_employment", values[:38], unit="person"),
        {**blank, "month": "2021-03"},
        {**blank, "month": "2021-04"},
    ]
    _run(engine, given, desks={"flexible_employment_month": _flexible(values, range(34, 40))})
    assert "statistics.desk_months_taken" not in {row["code"] for row in rows_of(engine, "finding")}
