"""Time series: benchmarking against statsmodels; alone, thousands of series by X-13 and the replay of vintages."""

from __future__ import annotations

import os
import resource
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Benchmark

YEARS = {"small": 40, "full": 100}
SERIES = {"small": 20, "full": 60}
MONTHS = 240
COUNT = 500
AIM_SERIES, AIM_SECONDS = 10_000, 360


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write monthly series and their annual benchmarks, seeded, and return the dimensions."""
    years, count = YEARS[size], SERIES[size]
    random = np.random.default_rng(20220701)
    p = np.exp(np.cumsum(random.normal(0.003, 0.03, (count, 12 * years)), axis=1)) * 100
    b = p.reshape(count, years, 12).sum(axis=2) * np.exp(random.normal(0, 0.03, (count, years)))
    np.savez(folder / "series.npz", p=p, b=b)
    return {"series": count, "years": years}


def agree(ours: Path, rival: Path) -> float:
    """Return the largest relative difference of a benchmarked figure."""
    first, second = np.load(ours / "result.npy"), np.load(rival / "result.npy")
    return float(np.abs(first / second - 1).max())


def made(count: int, months: int = MONTHS) -> list[Any]:
    """Return so many monthly series with seasons, trends and noise of their own."""
    from lvshu.statistics.series.time_series import TimeSeries

    random = np.random.default_rng(20240229)
    t = np.arange(months)
    found = []
    for number in range(count):
        season = np.zeros(months)
        for wave in range(1, 6):
            season += random.normal(0, 0.06 / wave) * np.cos(2 * np.pi * wave * t / 12 + random.uniform(0, 6))
        walk = np.cumsum(random.normal(0.002, 0.006, months))
        values = 100 * np.exp(walk + season + random.normal(0, random.uniform(0.005, 0.03), months))
        found.append(TimeSeries(f"series {number}", "month", 2005 * 12, values))
    return found


def _adjusted(
    *, method: str, model: str, policy: str, count: int, accept_default: bool = False
) -> dict[str, Any]:
    """Adjust many series: with a fixed model, found anew or reviewed; tell wall and CPU seconds and the rate."""
    from lvshu.statistics.series.x13.batch import Task, adjust_many
    from lvshu.statistics.series.x13.specification import Specification

    wanted = Specification(transform="log" if model else "auto", model=model, method=method,
                           outliers=() if model else ("ao", "ls"), tests=() if model else ("td",),
                           accept_default=accept_default)  # fmt: skip
    tasks = [Task(one, wanted, policy) for one in made(count)]
    if policy == "reviewed":  # what a full selection left a year ago, not counted
        tasks = _of_last_year(tasks)
    before = [sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        done = list(adjust_many(tasks, workers=2, journal=Path(place) / "journal.jsonl"))
    wall = time.perf_counter() - start
    after = [sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(after) - sum(before)
    failed = sum(not one.ok for one in done)
    rate = cpu / count
    how = (
        model
        or f"automatic model, td test, outliers{', default accepted' if accept_default else ''}, {policy}"
    )
    searched = sum(one.record["selection"] == "automatic" for one in done if one.ok)
    orders = Counter(one.record["model"] for one in done if one.ok)
    text = (
        f"{count} series of {MONTHS} months, {method}, {how}: wall {wall:.1f} s, CPU {cpu:.1f} s of all processes "
        f"({1000 * rate:.1f} ms a series), failed {failed}, searched {searched}, "
        f"models {dict(orders.most_common(4))}, load {os.getloadavg()[0]:.1f}; "
        f"{AIM_SERIES} series on two free processors: {rate * AIM_SERIES / 2:.0f} s (aim {AIM_SECONDS} s)"
    )
    return {"text": text, "wall_seconds": wall, "cpu_seconds": cpu, "series": count, "failed": failed}


def _of_last_year(tasks: Sequence[Any]) -> list[Any]:
    """Return the tasks with what a full selection without their last year left, which is not part of the measure."""
    from lvshu.statistics.series.x13.adjustment import adjust
    from lvshu.statistics.series.x13.policy import held_of

    before = [replace(one.series, values=one.series.values[:-12]) for one in tasks]
    return [
        replace(task, held=held_of(adjust(series, task.specification)))
        for task, series in zip(tasks, before, strict=True)
    ]


def x11(folder: Path) -> dict[str, Any]:
    """Return the measure of the airline model with X-11."""
    return _adjusted(method="x11", model="(0 1 1)(0 1 1)", policy="concurrent", count=COUNT)


def whole(folder: Path) -> dict[str, Any]:
    """Return the measure of the month's production at the size asked for, every series run."""
    return _adjusted(method="x11", model="(0 1 1)(0 1 1)", policy="concurrent", count=AIM_SERIES)


def seats(folder: Path) -> dict[str, Any]:
    """Return the measure of the airline model with SEATS."""
    return _adjusted(method="seats", model="(0 1 1)(0 1 1)", policy="concurrent", count=COUNT)


def automatic(folder: Path) -> dict[str, Any]:
    """Return the measure of a full automatic run, as it is made once a year."""
    return _adjusted(method="x11", model="", policy="concurrent", count=60)


def accepted(folder: Path) -> dict[str, Any]:
    """Return the measure of an automatic run that takes the airline model where its residuals are white."""
    return _adjusted(method="x11", model="", policy="concurrent", count=60, accept_default=True)


def reviewed(folder: Path) -> dict[str, Any]:
    """Return the measure of the yearly review: last year's models where they still fit, a search elsewhere."""
    return _adjusted(method="x11", model="", policy="reviewed", count=30)


def replay(folder: Path) -> dict[str, Any]:
    """Return the measure of the New York Fed's vintages: nowcast, variance and news of each."""
    from tests.statistics.series import frbny

    from lvshu.statistics.series.nowcast.news import explain
    from lvshu.statistics.series.nowcast.state_space import smooth

    shared = Path(os.environ["LVSHU_SHARED_DATA"])
    model = frbny.model(shared)
    month = 2016 * 12 + 11
    with (
        tempfile.TemporaryDirectory() as place,
        tarfile.open(shared / "statistics" / "frbny" / "vintages_US_2016.tar.xz") as archive,
    ):
        archive.extractall(place, filter="data")
        vintages = Path(place) / "data" / "US"
        names = sorted(path.stem for path in vintages.glob("*.xls") if date.fromisoformat(path.stem))
        panels = [frbny.vintage(shared, vintages, name) for name in names]
    start, cpu = time.perf_counter(), time.process_time()
    told = []
    for panel in panels:
        whole = panel.over(panel.first, max(panel.last, month))
        told.append(smooth(model, whole.values).values[month - panel.first, panel.column("GDPC1")])
    smoothed, spent = time.perf_counter() - start, time.process_time() - cpu
    start, cpu = time.perf_counter(), time.process_time()
    changes = [explain(model, *pair, "GDPC1", month) for pair in pairwise(panels)]
    news, news_cpu = time.perf_counter() - start, time.process_time() - cpu
    releases = sum(len(one.releases) for one in changes)
    text = (
        f"{len(panels)} vintages: nowcast and variances wall {smoothed:.1f} s, CPU {spent:.1f} s; news of {releases} "
        f"releases wall {news:.1f} s, CPU {news_cpu:.1f} s; "
        f"2016Q4 on {names[0]}: {told[0]:.6f}, on {names[-1]}: {told[-1]:.6f}"
    )
    return {"text": text, "vintages": len(panels), "cpu_seconds": spent, "news_cpu_seconds": news_cpu}


BENCHMARK = Benchmark(
    name="series",
    what="monthly series moved to annual benchmarks, Denton-Cholette, proportional",
    rival="statsmodels 0.15 (dentonm)",
    requirements=("statsmodels==0.15.0", "numpy"),
    make_input=make_input,
    agree=agree,
    tolerance=1e-7,
    pin_threads=True,
    alone={
        "x11": x11,
        "whole": whole,
        "seats": seats,
        "automatic": automatic,
        "accepted": accepted,
        "reviewed": reviewed,
        "replay": replay,
    },
)
