"""Nowcasts of a run: months not delivered yet, measured error, news against the earlier vintage, too little history."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import Step, StepContext
from lvshu.pipeline.headlines import compute, definitions
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.statistics.desk_months import DESKS
from lvshu.statistics.indicator_month import INDICATOR_MONTH_STEPS
from lvshu.statistics.nowcast import LEAST_HISTORY, MOST_AHEAD, REFITTED, TESTED, _backtest_models, make
from lvshu.statistics.nowcast import NOWCAST_STEPS as STEPS
from lvshu.statistics.seasonal import SERIES_STEPS
from lvshu.statistics.series.nowcast.backtest import autoregression
from lvshu.statistics.series.nowcast.model import Fitted, fit
from lvshu.statistics.series.nowcast.panel import Panel, panel_of
from lvshu.statistics.series.time_series import TimeSeries
from lvshu.store.workspace import Workspace
from tests.statistics.book import SETTINGS, by, fill, rows_of

NAMES = ("a", "b", "c")


def _nothing(context: StepContext) -> None:
    """Make the tables of the desks, without rows."""


def _months(count: int, first: int = 2016 * 12) -> list[str]:
    return [f"{place // 12}-{place % 12 + 1:02d}" for place in range(first, first + count)]


def _world(seed: int, count: int) -> np.ndarray:
    """Three indicators that share an autoregressive growth, shape (months, 3)."""
    draw = np.random.default_rng(seed)
    common = np.zeros(count)
    for at in range(1, count):
        common[at] = 0.7 * common[at - 1] + draw.normal(0, 1.5)
    growth = 0.4 + common[:, None] * [1.0, 0.8, 0.6] + draw.normal(0, 0.4, (count, 3))
    return np.asarray(100 * np.exp(growth.cumsum(axis=0) / 100))


def _run(
    engine: DuckDB, levels: np.ndarray, ends: dict[str, int], vintage: Sequence[dict[str, Any]] = ()
) -> None:
    rows = [
        {
            "indicator_code": name, "month": month, "raw": Decimal("1"), "trend": None, "seasonal_factor": 1.0,
            "adjusted": Decimal(f"{levels[at, place]:.6f}"), "calendar_factor": 1.0, "change_on_month": None,
            "mode": "multiplicative", "unit": "CNY",
        }
        for place, name in enumerate(NAMES)
        for at, month in enumerate(_months(ends.get(name, len(levels))))
    ]  # fmt: skip
    fill(engine, "seasonal_series", rows)
    fill(engine, "indicator_vintage", vintage)
    for table in ("finding", "uncertainty", *STEPS[0].makes):
        fill(engine, table, ())
    make(StepContext(step=STEPS[0], settings=SETTINGS, packs=PackLibrary.load(None), engine=engine))


def test_a_month_not_delivered_is_told_by_the_others_with_its_measured_error(engine: DuckDB) -> None:
    levels = _world(1, 121)
    _run(engine, levels, {"a": 120})
    row = by(engine, "nowcast", "indicator_code")["a"]
    assert (row["month"], row["state"], row["known_indicators"]) == ("2026-01", "nowcast", 2)
    assert (row["error_basis"], row["tested_months"]) == ("backtest", 24)
    assert row["rmse"] < 0.75 * row["benchmark_rmse"]
    assert float(row["low"]) < levels[120, 0] < float(row["high"])
    fan = rows_of(engine, "nowcast_fan", "indicator_code = 'a'")
    ordered = sorted(fan, key=lambda one: one["quantile"])
    assert [float(one["value"]) for one in ordered] == sorted(float(one["value"]) for one in fan)
    assert float(ordered[0]["value"]) == pytest.approx(float(row["low"]), rel=1e-6)
    told = by(engine, "uncertainty", "indicator")["nowcast_a"]
    assert (told["method"], told["value"]) == ("nowcast_backtest", float(row["value"]))


def _noisy(seed: int, count: int) -> np.ndarray:
    """Three indicators with nothing in common: trends and noise of the level, shape (months, 3)."""
    draw = np.random.default_rng(seed)
    trend = 0.004 * np.arange(count)[:, None]
    return np.asarray(100 * np.exp(trend + draw.normal(0, 0.012, (count, 3))))


def test_where_the_others_tell_nothing_the_autoregression_is_published(engine: DuckDB) -> None:
    levels = _noisy(7, 97)
    _run(engine, levels, {"a": 96})
    row = by(engine, "nowcast", "indicator_code")["a"]
    assert (row["model"], row["error_basis"]) == ("autoregression", "backtest")
    assert row["rmse"] > row["benchmark_rmse"]
    width = np.log(float(row["high"]) / float(row["low"])) * 100 / (2 * 1.959963984540054)
    assert width == pytest.approx(row["benchmark_rmse"], rel=1e-3)
    growth = 100 * np.diff(np.log(levels[:96, 0]))
    assert row["growth"] == pytest.approx(autoregression(growth, 1), rel=1e-5)
    assert row["news_effect"] is None
    told = rows_of(engine, "finding", "code = 'statistics.nowcast_no_better' AND record_key = 'a'")
    assert len(told) == 1 and "is published" in told[0]["what_en"]


def test_no_model_of_the_backtest_sees_a_month_that_it_is_tested_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def kept(panel: Panel, design: object) -> Fitted:
        seen.append(panel.last)
        return fit(panel, design)  # type: ignore[arg-type]

    series = [TimeSeries(name, "month", 2016 * 12, _world(1, 121)[:, at]) for at, name in enumerate(NAMES)]
    panel = panel_of(series, ["cch"] * 3)
    monkeypatch.setattr("lvshu.statistics.nowcast.fit", kept)
    assert len(_backtest_models(panel)) == 2
    for number, last in enumerate(seen):
        first_tested = panel.last - (TESTED - REFITTED * number + MOST_AHEAD - 1) + 1
        assert last < first_tested


def test_intervals_hold_what_comes_out_later(engine: DuckDB) -> None:
    inside = []
    for seed in range(6):
        levels = _world(100 + seed, 97)
        _run(engine, levels, dict.fromkeys(NAMES, 96))
        rows = by(engine, "nowcast", "indicator_code")
        for place, name in enumerate(NAMES):
            inside.append(float(rows[name]["low"]) <= levels[96, place] <= float(rows[name]["high"]))
    assert len(inside) == 18 and sum(inside) >= 15


def test_what_moved_it_since_the_earlier_vintage_adds_up(engine: DuckDB) -> None:
    """One figure revised, one delivered: the change by the earlier figures, revisions and news add up."""
    levels = _world(2, 110)
    before = [
        {"indicator_code": name, "month": month, "value": Decimal(f"{levels[at, place]:.6f}"), "unit": "CNY"}
        for place, name in enumerate(NAMES)
        for at, month in enumerate(_months(109))
    ]
    before[-1]["value"] += Decimal("1.5")
    _run(engine, levels, {"a": 109}, before)
    row = by(engine, "nowcast", "indicator_code")["a"]
    parts = row["previous_growth"] + row["revision_effect"] + row["news_effect"]
    assert parts == pytest.approx(row["growth"], abs=1e-9)
    assert row["revision_effect"] != 0 and row["news_effect"] != 0
    news = rows_of(engine, "nowcast_news", "indicator_code = 'a'")
    assert {one["source_indicator"] for one in news} == {"b", "c"}
    assert sum(one["impact"] for one in news) == pytest.approx(row["news_effect"], abs=1e-9)


def test_too_little_history_and_an_indicator_alone_are_states_with_their_minimum(engine: DuckDB) -> None:
    levels = _world(3, 60)
    _run(engine, levels, {"a": 36, "b": 36})
    rows = by(engine, "nowcast", "indicator_code")
    assert {name: row["state"] for name, row in rows.items()} == {"a": "short", "b": "short", "c": "alone"}
    assert (rows["a"]["history_months"], rows["a"]["least_months"], rows["a"]["value"]) == (
        36,
        LEAST_HISTORY,
        None,
    )
    codes = {row["code"] for row in rows_of(engine, "finding")}
    assert {"statistics.nowcast_history", "statistics.nowcast_alone"} <= codes
    assert rows_of(engine, "uncertainty") == []


def test_too_little_for_a_backtest_takes_the_models_own_error(engine: DuckDB) -> None:
    _run(engine, _world(4, 45), {"a": 44})
    row = by(engine, "nowcast", "indicator_code")["a"]
    assert (row["error_basis"], row["tested_months"], row["rmse"]) == ("model", 0, None)
    assert float(row["standard_error"]) > 0
    assert load("nowcast").kind == "book"


def _headline(engine: DuckDB, value: str, unit: str) -> dict[str, Any]:
    """Return the headline of a nowcast that stands in a unit, beside its uncertainty in that unit."""
    code = "platform_transactions"
    fill(engine, "nowcast", [
        {"indicator_code": code, "month": "2024-01", "state": "nowcast", "newest": True, "tested_months": 0,
         "value": Decimal(value), "history_months": 72, "least_months": LEAST_HISTORY, "unit": unit},
    ])  # fmt: skip
    fill(engine, "uncertainty", [
        {"indicator": f"nowcast_{code}", "value": float(value), "unit": unit, "standard_error": 1.5,
         "low": float(value) - 3, "high": float(value) + 3, "step": "statistics.nowcast"},
    ])  # fmt: skip
    wanted = [one for one in definitions() if one.code == f"nowcast_{code}"]
    [row] = compute(engine, wanted, empty_because={}, placeholders={}, incomplete={})
    return row


def test_the_headline_of_an_indicator_delivered_in_another_unit_is_converted_with_its_interval(
    engine: DuckDB,
) -> None:
    row = _headline(engine, "144.792641", "1e8 CNY")
    assert (row["value"], row["unit"], row["status"]) == (Decimal("14479264100"), "CNY", "available")
    assert (row["low"], row["high"]) == pytest.approx((14179264100.0, 14779264100.0))
    assert row["standard_error"] == pytest.approx(1.5e8)


def test_an_indicator_in_a_unit_of_another_kind_gives_no_headline_and_stops_nothing(engine: DuckDB) -> None:
    row = _headline(engine, "144.792641", "person")
    assert (row["value"], row["low"], row["status"]) == (None, None, "not_covered")
    assert "person" in row["reason_en"] and "CNY" in row["reason_zh"]


def _deliver(city: Workspace, levels: np.ndarray, ends: dict[str, int]) -> None:
    lines = ["indicator_code,month,value,unit"]
    for place, name in enumerate(NAMES[:2]):
        months = _months(ends.get(name, len(levels)))
        lines += [f"{name},{month},{levels[at, place]:.4f},CNY" for at, month in enumerate(months)]
    (city.inputs / "monthly_indicator.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_run_keeps_the_vintage_and_the_next_tells_what_moved(tmp_path: Path) -> None:
    """The books are the store: news is against the last run before the indicators changed, whatever runs again."""
    city = Workspace.create(tmp_path / "city", area="310000", year=2023)
    desks = Step(name="given.desks", makes=tuple(desk.table for desk in DESKS.values()), action=_nothing)
    levels, asked = _world(5, 50), RunRequest(steps=(desks, *INDICATOR_MONTH_STEPS, *SERIES_STEPS, *STEPS))
    _deliver(city, levels, {"a": 48, "b": 48})
    first = run(city, asked)
    assert run(city, asked).status == "unchanged"
    with city.book() as book:
        assert {row["previous_growth"] for row in book.rows("nowcast")} == {None}
    _deliver(city, levels, {"a": 48, "b": 49})
    second = run(city, asked)
    assert (second.status, run(city, asked).status) == ("made", "unchanged")
    assert second.run_id != first.run_id
    with city.book(first.run_id) as before, city.book() as book:
        known = {
            (row["indicator_code"], row["month"], row["adjusted"]) for row in before.rows("seasonal_series")
        }
        kept = {(row["indicator_code"], row["month"], row["value"]) for row in book.rows("indicator_vintage")}
        assert kept == known
        row = next(row for row in book.rows("nowcast") if row["indicator_code"] == "a")
        assert row["known_indicators"] == 1
        parts = row["previous_growth"] + row["revision_effect"] + row["news_effect"]
        assert parts == pytest.approx(row["growth"], abs=1e-9)
        [news] = [one for one in book.rows("nowcast_news") if one["indicator_code"] == "a"]
        assert (news["source_indicator"], news["source_month"]) == ("b", "2020-01")
