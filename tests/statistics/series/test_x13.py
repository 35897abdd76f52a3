"""X-13ARIMA-SEATS: the printed figures of the airline series, what is refused, policies, many series."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvshu.core.errors import InputError, LvshuError, MethodError
from lvshu.statistics.series.calendar.regressors import spring_festival_regressors
from lvshu.statistics.series.time_series import TimeSeries, series_of
from lvshu.statistics.series.x13.adjustment import adjust
from lvshu.statistics.series.x13.aggregate import compare, consistent, seasonality_test
from lvshu.statistics.series.x13.batch import Task, adjust_many
from lvshu.statistics.series.x13.output import diagnostics, messages, saved_table
from lvshu.statistics.series.x13.policy import held_from, held_of, still_fits, update
from lvshu.statistics.series.x13.specification import Regressor, Specification, spec_text
from tests.statistics.series.known import airline, made_series

AIRLINE = Specification(transform="log", model="(0 1 1)(0 1 1)", outliers=())


def test_the_airline_model_is_that_of_the_program(shared_data: Path) -> None:
    found = adjust(airline(shared_data), AIRLINE)
    theta, seasonal = found.coefficients
    assert theta.value == 0.40180794878596
    assert seasonal.value == 0.55694564337114
    assert (round(theta.standard_error, 7), round(seasonal.standard_error, 7)) == (0.0788697, 0.0762554)
    assert found.statistics["loglikelihood"] == 244.696486812804
    assert found.statistics["aic"] == 987.195554981389
    assert found.statistics["variance$mle"] == pytest.approx(0.0013480973, abs=5e-11)
    folder = shared_data / "statistics" / "x13_airline"
    for ending, name in (("d10", "seasonal"), ("d11", "adjusted"), ("d12", "trend"), ("d13", "irregular")):
        printed = saved_table((folder / f"air.{ending}").read_text(encoding="ascii")).values[:, 0]
        assert np.array_equal(found.parts[name], printed), ending
    assert found.quality.m[0] == 0.039
    assert found.quality.q == 0.26
    assert found.quality.q2 == 0.29
    assert len(found.quality.m) == 11
    assert found.quality.qs_original[0] == 167.64858
    assert seasonality_test(found.raw.values, 12)[0] == pytest.approx(167.64858, abs=6e-6)


def test_seats_parts_are_those_of_the_program(shared_data: Path) -> None:
    found = adjust(airline(shared_data), replace(AIRLINE, method="seats"))
    folder = shared_data / "statistics" / "x13_airline"
    for ending, name in (("s10", "seasonal"), ("s11", "adjusted"), ("s12", "trend")):
        printed = saved_table((folder / f"airseats.{ending}").read_text(encoding="ascii")).values[:, 0]
        assert np.array_equal(found.parts[name], printed), ending


@pytest.mark.parametrize("transform", ["log", "none"])
def test_calendar_factors_of_seats_are_those_of_the_regression(shared_data: Path, transform: str) -> None:
    """SEATS saves none of its own: what it calls s18 is raw over adjusted. The regression before it is that of X-11."""
    for variables in ((), ("td",)):
        wanted = replace(AIRLINE, transform=transform, variables=variables)
        plain = adjust(airline(shared_data), wanted).parts["calendar"]
        found = adjust(airline(shared_data), replace(wanted, method="seats"))
        np.testing.assert_allclose(found.parts["calendar"], plain, rtol=1e-9, atol=1e-9)
        season, both = found.parts["seasonal"], found.parts["combined"]
        again = season * plain if transform == "log" else season + plain
        np.testing.assert_allclose(again, both, rtol=1e-9, atol=1e-7)


def test_the_automatic_run_finds_what_the_program_finds(shared_data: Path) -> None:
    wanted = Specification(tests=("td", "easter"), method="seats")
    found = adjust(airline(shared_data), wanted)
    folder = shared_data / "statistics" / "x13_airline"
    printed = saved_table((folder / "auto.s11").read_text(encoding="ascii")).values[:, 0]
    assert found.adjusted == pytest.approx(printed, rel=1e-6)
    assert found.model == "(0 1 1)(0 1 1)"
    assert found.transform == "log"
    assert found.held.variables == ("td1coef", "easter[1]", "ao1951.May")
    told = diagnostics((folder / "auto.udg").read_text(encoding="latin-1"))
    assert told["aictest.trans.aicc.nolog"] == "0.102119194610079E+04"
    held = adjust(found.raw, found.held)
    assert held.adjusted == pytest.approx(found.adjusted, rel=1e-9)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "(0 1 1)} series{file='/etc/passwd'"),
        ("variables", ("td)} x11{",)),
        ("seasonal_filter", "s3x3 save=(d11)"),
        ("outlier_span", "2020.1)} check{"),
        ("extra_tables", ("d8) print=all",)),
        ("transform", "log} x11{"),
        ("tests", ("td }",)),
    ],
)
def test_nothing_unknown_reaches_the_specification(field: str, value: object) -> None:
    with pytest.raises(MethodError) as caught:
        spec_text(np.ones(36), (2020, 1), 12, replace(AIRLINE, **{field: value}))  # type: ignore[arg-type]
    assert caught.value.code == "statistics.x13_option"


def test_names_of_series_are_not_written() -> None:
    series = replace(made_series(), name='"} series{ file="x" # \n')
    text = spec_text(series.values, series.start, 12, AIRLINE)
    assert "file" not in text
    assert max(len(line) for line in text.splitlines()) <= 132
    assert adjust(series, AIRLINE).model == "(0 1 1)(0 1 1)"


def test_bad_series_are_told_apart() -> None:
    months = [f"2020-{number:02d}" for number in range(1, 13)]
    cases = {
        "statistics.series_gap": (months[:3] + months[5:], 10),
        "statistics.series_period_twice": ([*months, months[0]], 13),
        "statistics.series_mixed_periods": ([*months, "2021Q1"], 13),
        "statistics.series_period_unreadable": ([*months, "一月"], 13),
    }
    for code, (labels, count) in cases.items():
        with pytest.raises(InputError) as caught:
            series_of("x", labels, [1.0 + number for number in range(count)])
        assert caught.value.code == code
    weeks = [f"2019年第{number}周" for number in range(1, 41)]
    with pytest.raises(InputError) as caught:
        series_of("x", weeks, [1.0] * 40)
    assert [problem.code for problem in caught.value.problems] == ["statistics.series_periods_unreadable"]
    assert "40 periods" in caught.value.text("en") and "2019年第5周" in caught.value.text("zh")
    with pytest.raises(InputError) as caught:
        series_of("x", months, [None] * 12)
    assert caught.value.code == "statistics.series_empty"
    whole = made_series()
    zero = replace(whole, values=np.where(np.arange(120) == 7, 0.0, whole.values))
    with pytest.raises(InputError) as caught:
        adjust(zero, AIRLINE)
    assert caught.value.code == "statistics.series_not_positive"
    assert "2014-08" in caught.value.text("zh")
    assert not adjust(zero, Specification(model="(0 1 1)(0 1 1)", outliers=())).multiplicative
    with pytest.raises(InputError) as caught:
        adjust(replace(whole, values=whole.values[:30]), AIRLINE)
    assert caught.value.code == "statistics.series_too_short"
    hole = replace(whole, values=np.where(np.arange(120) == 50, np.nan, whole.values))
    with pytest.raises(InputError) as caught:
        adjust(replace(hole, values=hole.values[40:70]), AIRLINE)
    assert [problem.code for problem in caught.value.problems] == [
        "statistics.series_gap",
        "statistics.series_too_short",
    ]
    with pytest.raises(InputError) as caught:
        adjust(TimeSeries("w", "week", 100, whole.values), AIRLINE)
    assert caught.value.code == "statistics.series_kind"
    with pytest.raises(LvshuError) as error:
        adjust(replace(whole, values=np.arange(1.0, 61.0)))
    assert error.value.code == "statistics.series_constant"


def test_regressors_cover_forecasts_and_are_held() -> None:
    series = made_series(noise=0.005)
    step = np.zeros(132)
    step[::7] = 1.0
    with pytest.raises(MethodError) as caught:
        adjust(series, replace(AIRLINE, regressors=(Regressor(step[:120]),)))
    assert caught.value.code == "statistics.x13_regressor_length"
    bent = replace(series, values=series.values * np.exp(0.2 * step[:120]))
    found = adjust(bent, replace(AIRLINE, regressors=(Regressor(step),)))
    assert found.coefficients[0].value == pytest.approx(0.2, abs=0.01)
    assert found.held.regressors[0].coefficient == pytest.approx(found.coefficients[0].value, rel=1e-8)
    assert found.parts["calendar"].std() > 0.03


@pytest.mark.parametrize("model", ["", "(0 1 1)(0 1 1)"])
def test_held_coefficients_stand_by_their_own_regressors(model: str) -> None:
    series = made_series(noise=0.01)
    windows = spring_festival_regressors("month", series.first, 132)
    values = series.values.copy()
    values[40] *= 1.3
    values[80:] *= 1.25
    wanted = Specification(
        transform="log",
        model=model,
        variables=("td",),
        regressors=tuple(Regressor(one) for one in windows.values()),
    )
    found = adjust(replace(series, values=values), wanted)
    named = {one.name: one.value for one in found.coefficients}
    for place, one in enumerate(found.held.regressors):
        assert one.coefficient == pytest.approx(named[f"r{place + 1}"], rel=1e-8)
    assert {"AO2017.May", "LS2020.Sep"} <= set(named)
    # the program ends its estimation at a tolerance of 1e-5; regressors that changed places differ by 1e-2
    assert adjust(found.raw, found.held).adjusted == pytest.approx(found.adjusted, rel=5e-5)


def test_messages_of_the_page_are_lines() -> None:
    page = "<html><style>p{x:ERROR:}</style><body><pre> ERROR:&nbsp; Too\n   bad.\n\n WARNING: Take care.\n</pre>"
    told = messages(page)
    assert [(one.kind, one.text) for one in told] == [("ERROR", "Too bad."), ("WARNING", "Take care.")]


def test_a_review_holds_a_model_that_fits_and_searches_where_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = made_series(noise=0.02)
    before = whole.upto(whole.last - 12)
    wanted = Specification(transform="auto", outliers=("ao",), tests=("td",), accept_default=True)
    held = held_of(adjust(before, replace(wanted, model="(0 1 1)(0 1 1)", transform="log")))
    kept = update(whole, wanted, held, "reviewed")
    assert (kept.selection, kept.model) == ("held", "(0 1 1)(0 1 1)") and still_fits(kept)
    assert kept.transform == held.specification.transform
    poor = replace(held, specification=replace(held.specification, model="(0 1 0)(0 1 0)"))
    assert not still_fits(adjust(whole, replace(wanted, model="(0 1 0)(0 1 0)")))
    picked = update(whole, wanted, poor, "reviewed")
    assert (picked.selection, picked.model) == ("picked", "(0 1 1)(0 1 1)") and still_fits(picked)
    monkeypatch.setattr("lvshu.statistics.series.x13.policy.PICKED", ())
    found = update(whole, wanted, poor, "reviewed")
    assert found.selection == "automatic" and found.model != "(0 1 0)(0 1 0)"
    assert np.array_equal(found.adjusted, adjust(whole, wanted).adjusted)


def test_a_review_looks_for_outliers_of_the_whole_series_anew() -> None:
    whole = made_series(noise=0.02)
    values = whole.values.copy()
    values[30] *= 1.5
    marked = replace(whole, values=values)
    wanted = Specification(transform="log", outliers=("ao",), accept_default=True)
    held = held_of(adjust(marked, replace(wanted, model="(0 1 1)(0 1 1)")))
    assert any(one.lower().startswith("ao") for one in held.specification.variables)
    revised = update(whole, wanted, held, "reviewed")  # the figure was corrected: its outlier goes
    assert not [one for one in revised.coefficients if one.name.lower().startswith("ao")]
    assert revised.selection == "held"


def test_policies_hold_what_they_promise() -> None:
    whole = made_series(noise=0.02)
    before = whole.upto(whole.last - 3)
    wanted = Specification(model="(0 1 1)(0 1 1)", transform="log", outliers=("ao",))
    first = adjust(before, wanted)
    kept = json.loads(json.dumps(held_of(first).as_dict()))
    held = held_from(kept, wanted)
    current = update(whole, wanted, held, "current")
    assert current.adjusted[:-3] == pytest.approx(first.adjusted, rel=1e-12)
    fixed = update(whole, wanted, held, "fixed")
    assert fixed.held.fixed is not None
    assert fixed.held.fixed.ma == pytest.approx(first.held.fixed.ma, rel=1e-9)  # type: ignore[union-attr]
    assert fixed.adjusted[:-3] == pytest.approx(first.adjusted, rel=0.02)
    assert not np.allclose(fixed.adjusted[:-3], first.adjusted, rtol=1e-9)
    partial = update(whole, wanted, held, "partial_concurrent")
    assert partial.model == first.model
    assert partial.held.fixed != first.held.fixed
    concurrent = update(whole, wanted, held, "concurrent")
    assert np.array_equal(concurrent.adjusted, adjust(whole, wanted).adjusted)
    with pytest.raises(MethodError) as caught:
        update(made_series(years=14), wanted, held, "current")
    assert caught.value.code == "statistics.policy_expired"
    with pytest.raises(MethodError) as caught:
        update(whole, wanted, held, "sometimes")
    assert caught.value.code == "statistics.policy_unknown"


def test_history_and_sliding_spans_are_measured() -> None:
    found = adjust(made_series(years=12, noise=0.02), replace(AIRLINE, history=True, sliding_spans=True))
    assert found.quality.revisions["periods"] == 59
    assert 0 < found.quality.revisions["mean_absolute"] < 3
    assert set(found.quality.spans) >= {"seasonal", "change"}
    short = adjust(made_series(years=7), replace(AIRLINE, sliding_spans=True))
    assert any("sliding spans" in warning for warning in short.warnings)
    assert json.loads(json.dumps(found.quality.as_dict()))["m"][6] == found.quality.m[6]


def test_one_bad_series_does_not_stop_the_rest_and_work_is_resumed(tmp_path: Path) -> None:
    bad = TimeSeries("bad", "month", 2014 * 12, np.full(120, 7.0))
    tasks = [Task(made_series(f"s{number}", seed=number), AIRLINE) for number in range(9)]
    tasks.insert(4, Task(bad, AIRLINE))
    journal = tmp_path / "journal.jsonl"
    first = {one.name: one for one in adjust_many(tasks, workers=1, journal=journal)}
    assert [name for name, one in first.items() if not one.ok] == ["bad"]
    assert first["bad"].problems[0].code == "statistics.series_constant"
    lines = journal.read_bytes()
    assert lines.count(b"\n") == 9
    journal.write_bytes(lines[: len(lines) - 40])  # a stop in the middle of the last line
    again = {one.name: one for one in adjust_many(tasks, workers=1, journal=journal)}
    assert sum(one.from_journal for one in again.values()) == 8
    assert {name: one.record for name, one in again.items()} == {
        name: one.record for name, one in first.items()
    }
    assert journal.read_bytes().count(b"\n") == 9
    changed = [replace(tasks[0], series=replace(tasks[0].series, values=tasks[0].series.values * 2))]
    assert not next(adjust_many(changed, workers=1, journal=journal)).from_journal


def test_many_processes_give_what_one_gives() -> None:
    tasks = [Task(made_series(f"s{number}", seed=number), AIRLINE) for number in range(18)]
    one = {done.name: done.record for done in adjust_many(tasks, workers=1)}
    two = {done.name: done.record for done in adjust_many(tasks, workers=2)}
    assert one == two


class Deadly(str):
    """A policy that kills the process which unpickles it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (3,)


def test_a_worker_that_is_killed_loses_no_series() -> None:
    tasks = [Task(made_series(f"s{number}", years=5, seed=number), AIRLINE) for number in range(40)]
    tasks[10] = replace(tasks[10], policy=Deadly("concurrent"))
    done = list(adjust_many(tasks, workers=2))
    assert sorted(one.name for one in done) == sorted(task.series.name for task in tasks)
    assert all(one.ok for one in done)


def test_parts_are_made_to_add_up() -> None:
    parts = [made_series(f"p{number}", seed=number, noise=0.03) for number in range(3)]
    total = TimeSeries("total", "month", 2014 * 12, np.sum([one.values for one in parts], axis=0))
    direct, adjusted = adjust(total, AIRLINE), [adjust(one, AIRLINE) for one in parts]
    found = compare(direct, adjusted)
    assert np.abs(found.difference).max() < 3
    assert found.smoother in ("direct", "indirect")
    assert max(found.qs[0][0], found.qs[1][0]) < 6
    assert consistent(direct, adjusted).sum(axis=0) == pytest.approx(direct.adjusted, rel=1e-12)
    with pytest.raises(InputError) as caught:
        compare(direct, adjusted[:2])
    assert caught.value.code == "statistics.parts_differ"
    assert (
        " less than the total" in caught.value.text("en")
        and "-" not in caught.value.problems[0].values["difference"]
    )
    assert "少" in caught.value.text("zh")
    with pytest.raises(InputError) as caught:
        compare(adjusted[0], adjusted)
    assert " more than the total" in caught.value.text("en") and "多" in caught.value.text("zh")
