"""Nowcasts: the replays of the New York Fed, statsmodels' smoothed prediction, the vintage store, the backtest."""

from __future__ import annotations

import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lvshu.core.errors import InputError, LvshuError, MethodError, StoreError
from lvshu.statistics.series.nowcast.backtest import METHODS, autoregression, available, backtest
from lvshu.statistics.series.nowcast.model import Design, fit, nowcast
from lvshu.statistics.series.nowcast.news import explain
from lvshu.statistics.series.nowcast.panel import Panel, panel_of, place_month, transformed
from lvshu.statistics.series.nowcast.state_space import smooth
from lvshu.statistics.series.nowcast.vintages import INDEX, VintageStore
from lvshu.statistics.series.time_series import TimeSeries
from tests.statistics.series import frbny

Q4 = 2016 * 12 + 11


@pytest.fixture(scope="module")
def vintages(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return frbny.unpacked(shared_data, tmp_path_factory.mktemp("frbny"))


def made_panel(months: int = 120, seed: int = 5) -> Panel:
    """Return six monthly series and a quarterly one that load on one factor."""
    random = np.random.default_rng(seed)
    factor = np.zeros(months)
    for at in range(1, months):
        factor[at] = 0.8 * factor[at - 1] + random.normal()
    monthly = factor[:, None] * random.uniform(0.5, 1.5, 6) + random.normal(0, 0.7, (months, 6))
    weights = np.array([1, 2, 3, 2, 1]) / 3
    quarter = np.convolve(factor, weights)[:months] + random.normal(0, 0.3, months)
    first = 2014 * 12
    slow = np.where((first + np.arange(months)) % 3 == 2, quarter, np.nan)
    slow[:4] = np.nan
    names = (*(f"m{number}" for number in range(6)), "gdp")
    return Panel(names, first, np.column_stack([monthly, slow]), np.array([False] * 6 + [True]))


def test_the_replays_are_those_published(shared_data: Path, vintages: Path) -> None:
    model = frbny.model(shared_data)

    def told(name: str, month: int) -> float:
        panel = frbny.vintage(shared_data, vintages, name)
        whole = panel.over(panel.first, max(panel.last, month))
        found = smooth(model, whole.values, variances=False)
        return float(found.values[month - panel.first, panel.column("GDPC1")])

    assert round(told("2016-11-30", Q4), 6) == 2.804712
    assert round(told("2016-12-23", Q4), 6) == 2.414363
    assert [round(told("2016-06-29", 2016 * 12 + third), 6) for third in (5, 8, 11)] == [
        2.358316,
        2.359960,
        2.144229,
    ]


def test_news_and_revisions_are_those_published(shared_data: Path, vintages: Path) -> None:
    old, new = (frbny.vintage(shared_data, vintages, name) for name in ("2016-11-30", "2016-12-23"))
    found = explain(frbny.model(shared_data), old, new, "GDPC1", Q4)
    assert round(found.revisions, 5) == 0.10666
    assert round(found.news, 5) == -0.49701
    assert sum(one.impact for one in found.releases) == pytest.approx(found.news, abs=1e-9)
    assert len(found.releases) == 23
    assert all(one.month >= "2016-09" for one in found.releases)


def test_the_smoothed_information_set_is_used() -> None:
    from statsmodels.tsa.statespace.dynamic_factor_mq import DynamicFactorMQ

    panel = made_panel()
    values = panel.values.copy()
    values[-1, 6] = np.nan
    hidden = Panel(panel.names, panel.first, values, panel.quarterly)
    found = fit(hidden, Design(iterations=25))
    ours = nowcast(found.model, hidden, "gdp", [hidden.last])[0]
    import pandas as pd

    index = pd.period_range("2014-01", periods=120, freq="M")
    monthly = pd.DataFrame(values[:, :6], index=index, columns=list("abcdef"))
    slow = pd.Series(values[2::3, 6], index=pd.period_range("2014Q1", periods=40, freq="Q"), name="g")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = DynamicFactorMQ(monthly, endog_quarterly=slow, factor_orders=1).fit(disp=False, maxiter=25)
    told = theirs.get_prediction(information_set="smoothed").predicted_mean["g"].iloc[-1]
    assert ours.value == pytest.approx(float(told), rel=1e-9)
    assert ours.period == "2023Q4"
    ahead = theirs.predict()["g"].iloc[-1]  # one step ahead: the quarter's last month never moves it
    moved = values.copy()
    moved[-1, :6] += 3
    again = nowcast(
        found.model, Panel(panel.names, panel.first, moved, panel.quarterly), "gdp", [panel.last]
    )[0]
    assert abs(again.value - ours.value) > 0.3
    assert abs(float(ahead) - float(told)) > 1e-6


def test_intervals_hold_the_outcome_as_often_as_they_say() -> None:
    panel = made_panel(months=360, seed=8)
    found = fit(panel, Design(iterations=30))
    inside, many = 0, range(panel.first + 122, panel.last, 3)
    for month in many:
        now = available(panel, month - 1, [0] * 6 + [1])
        told = nowcast(found.model, now, "gdp", [month])[0]
        low, high = told.intervals[0.9]
        inside += low <= panel.values[month - panel.first, 6] <= high
        assert low < told.value < high
    assert 0.82 <= inside / len(many) <= 0.97
    points = np.linspace(told.value - 8 * told.standard_error, told.value + 8 * told.standard_error, 4001)
    assert np.trapezoid(told.density(points), points) == pytest.approx(1, abs=1e-6)
    known = nowcast(found.model, panel, "gdp", [panel.first + 122])[0]
    assert known.known
    assert known.standard_error == 0


def test_the_backtest_knows_only_what_was_known() -> None:
    panel = made_panel(months=150)
    quarters = [panel.first + 101 + 3 * number for number in range(12)]
    lags = [1] * 6 + [2]
    found = backtest(panel, "gdp", lags, quarters, design=Design(iterations=15), every=12)
    rmse = found.rmse()
    assert set(rmse) == set(METHODS)
    assert rmse["factor"][-1] < rmse["factor"][0]
    assert rmse["factor"][2] < 0.8 * rmse["autoregression"][2]
    later = panel.values.copy()
    later[quarters[0] - panel.first + 1 :] = 99.0  # what comes after the last nowcast of the first quarter
    outcome = quarters[0] - panel.first
    again = backtest(
        Panel(panel.names, panel.first, later, panel.quarterly), "gdp", lags, quarters[:1],
        ahead=(2, 1, 0), design=Design(iterations=15), every=12,
    )  # fmt: skip
    assert np.isfinite(panel.values[outcome, 6])
    for name in METHODS:
        assert again.errors[name][0] == pytest.approx(found.errors[name][0, :3], abs=1e-9)
    with pytest.raises(MethodError) as caught:
        backtest(panel, "m0", lags, quarters)
    assert caught.value.code == "statistics.nowcast_quarterly"


def test_an_autoregression_finds_its_coefficient() -> None:
    random = np.random.default_rng(2)
    y = np.zeros(4000)
    for at in range(1, 4000):
        y[at] = 1 + 0.6 * y[at - 1] + random.normal(0, 0.1)
    assert autoregression(y, 1) == pytest.approx(1 + 0.6 * y[-1], abs=0.05)
    assert autoregression(y, 60) == pytest.approx(2.5, abs=0.05)


def test_vintages_only_grow(tmp_path: Path) -> None:
    store = VintageStore(tmp_path / "store")
    first = TimeSeries("sales", "month", 2024 * 12, np.array([1.0, 2.0, np.nan, 4.0]))
    gdp = TimeSeries("gdp", "quarter", 2023 * 4, np.array([5.0, 6.0]))
    with pytest.raises(StoreError) as caught:
        store.read(date(2024, 5, 1))
    assert caught.value.code == "statistics.vintage_none"
    store.add(date(2024, 5, 10), [first, gdp])
    later = TimeSeries("sales", "month", 2024 * 12, np.array([1.0, 2.5, 3.0, 4.0, 5.0]))
    made = store.add(date(2024, 6, 10), [later, gdp])
    assert (made.revised, made.added, made.rows) == (1, 2, 7)
    for day in (date(2024, 6, 10), date(2024, 6, 9), date(2024, 5, 10), date(2020, 1, 1)):
        with pytest.raises(StoreError) as caught:
            store.add(day, [later])
        assert caught.value.code == "statistics.vintage_old"
        assert "2024-06-10" in caught.value.text("zh")
        assert "2024-06-10" in caught.value.problems[0].fix("en")
    seen = {one.name: one for one in store.read(date(2024, 6, 9))}
    assert np.array_equal(seen["sales"].values, first.values, equal_nan=True)
    assert seen["gdp"].kind == "quarter"
    with pytest.raises(StoreError) as caught:
        store.add(date(2024, 7, 1), [TimeSeries("x", "month", 5, np.array([np.nan]))])
    assert caught.value.code == "statistics.vintage_empty"
    (store.folder / "2024-06-10.parquet").write_bytes(b"other")
    with pytest.raises(StoreError) as caught:
        store.read(date(2024, 7, 1))
    assert caught.value.code == "statistics.vintage_changed"
    (store.folder / INDEX).write_text("{", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        store.vintages()
    assert caught.value.code == "statistics.vintage_index"


def test_panels_and_their_faults() -> None:
    month = TimeSeries("a", "month", 2020 * 12, np.arange(1.0, 41.0))
    quarter = TimeSeries("b", "quarter", 2020 * 4, np.arange(1.0, 14.0) ** 2)
    found = panel_of([month, quarter], ["chg", "pca"])
    assert np.isnan(found.values[0, 0])
    assert found.values[5, 1] == pytest.approx(100 * (4.0**4 - 1))
    assert np.isnan(found.values[4, 1])
    assert place_month("2016Q4") == place_month("2016-12") == Q4
    with pytest.raises(InputError):
        place_month("soon")
    with pytest.raises(MethodError):
        transformed(month.values, "square", 1)
    with pytest.raises(InputError) as caught:
        panel_of([month, month, TimeSeries("d", "day", 5, month.values)])
    assert [one.code for one in caught.value.problems] == [
        "statistics.nowcast_kind",
        "statistics.nowcast_names",
    ]
    with pytest.raises(LvshuError) as error:
        fit(Panel(("a", "b"), 0, np.ones((20, 2)), np.array([False, True])))
    assert [one.code for one in error.value.problems] == [
        "statistics.nowcast_short",
        "statistics.nowcast_thin",
        "statistics.nowcast_thin",
    ]


@pytest.mark.parametrize("how", ["pch", "pca", "cch", "log"])
def test_forms_that_zeros_have_none_of_are_refused_by_period(how: str) -> None:
    """They became missing values, and the month after a zero was lost unseen."""
    values = np.linspace(50.0, 60.0, 40)
    values[10] = 0.0
    series = TimeSeries("sales", "month", 2020 * 12, values)
    with pytest.raises(InputError) as caught:
        panel_of([series], [how])
    (problem,) = caught.value.problems
    assert problem.code == "statistics.nowcast_form_undefined"
    assert ("2020-11" in problem.values["periods"]) == (how in ("cch", "log"))  # the zero itself
    assert ("2020-12" in problem.values["periods"]) == (how != "log")  # the month after it
    assert np.isfinite(panel_of([series], ["chg"]).values[1:]).all()
    values[10] = np.nan
    assert np.isnan(panel_of([series], [how]).values[10, 0])  # not known is no fault
