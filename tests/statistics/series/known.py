"""Reading the published series and results that tests compare with."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from lvshu.statistics.series.time_series import TimeSeries, series_of


def airline(shared: Path) -> TimeSeries:
    """Return the airline passengers of 1949 to 1960."""
    with (shared / "statistics" / "x13_airline" / "airline.csv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))[1:]
    return series_of("airline", [row[0][:7] for row in rows], [float(row[1]) for row in rows])


def swiss(shared: Path, name: str, kind: str, first: int) -> TimeSeries:
    """Return a series of the Swiss pharmaceutical industry."""
    with (shared / "statistics" / f"swisspharma_{name}.csv").open(encoding="utf-8") as stream:
        values = [float(row[1]) for row in list(csv.reader(stream))[1:]]
    return TimeSeries(name, kind, first, np.array(values))


def made_series(name: str = "made", years: int = 10, *, seed: int = 3, noise: float = 0.01) -> TimeSeries:
    """Return a monthly series from 2014 on with a known season, trend and noise."""
    random = np.random.default_rng(seed)
    month = np.arange(12 * years)
    season = np.exp(0.15 * np.cos(2 * np.pi * month / 12) + 0.05 * np.sin(4 * np.pi * month / 12))
    return TimeSeries(
        name, "month", 2014 * 12, 100 * 1.005**month * season * np.exp(random.normal(0, noise, len(month)))
    )
