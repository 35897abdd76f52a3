"""The table monthly_indicator: eight years of months whose seasons and festival effects are known."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from lvshu.sample.context import City
from lvshu.sample.files import write_rows
from lvshu.sample.platform_tables import SEASON

YEARS = 8
FIELDS = ("indicator_code", "month", "value", "unit")
GROWTH = {"platform_transactions": 0.10, "digital_value_added": 0.07, "flexible_employment": 0.03}
"""Growth of the trend a year. A part of the invented city, not a statistic."""
SEASONS = {
    "platform_transactions": SEASON,
    "digital_value_added": (0.94, 0.90, 1.04, 0.98, 0.99, 1.05, 0.97, 0.98, 1.04, 0.98, 1.02, 1.11),
    "flexible_employment": (0.98, 0.96, 0.99, 1.00, 1.01, 1.02, 1.02, 1.01, 1.00, 1.00, 1.01, 1.00),
}
FESTIVAL = {"platform_transactions": 0.0, "digital_value_added": -0.10, "flexible_employment": -0.06}
"""Log effect of the whole week from Spring Festival on, shared among months by its days."""
NOISE = 0.012
UNITS = {"platform_transactions": "CNY", "digital_value_added": "CNY", "flexible_employment": "person"}
# Spring Festival of the years of the sample, as announced in the notices on holidays (pack public_holidays).
FESTIVALS = {
    2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22),
}  # fmt: skip


def write_monthly_indicators(city: City, levels: dict[str, float]) -> None:
    """Write the table, and keep the truth: adjusted figures, seasons and festival effects.

    Args:
        city: the city.
        levels: mean monthly level of each indicator in the city's year, in its unit.
    """
    random = city.streams.generator("monthly_indicator")
    months = [(year, month) for year in range(city.year - YEARS + 1, city.year + 1) for month in range(1, 13)]
    share = np.array([_festival_share(year, month) for year, month in months])
    rows: list[list[object]] = []
    truth: dict[str, Any] = {}
    for code, level in levels.items():
        season = np.array(SEASONS[code])
        season = season / np.exp(np.log(season).mean())
        age = np.arange(len(months)) - (len(months) - 6.5)
        trend = level * (1 + GROWTH[code]) ** (age / 12)
        noise = np.exp(random.normal(0, NOISE, len(months)))
        adjusted = trend * noise
        usual = np.tile(share.reshape(YEARS, 12).mean(axis=0), YEARS)
        values = adjusted * np.tile(season, YEARS) * np.exp(FESTIVAL[code] * (share - usual))
        if code == "platform_transactions":  # the year's returns are the figures of its last months
            adjusted, values = _with_returns(city, adjusted, values, season)
        rows += [
            [code, f"{year}-{month:02d}", f"{value:.0f}", UNITS[code]]
            for (year, month), value in zip(months, values.tolist(), strict=True)
        ]
        truth[code] = {
            "season": season.tolist(), "festival_log_effect": FESTIVAL[code], "trend": trend.tolist(),
            "adjusted": adjusted.tolist(), "first_month": f"{months[0][0]}-01",
        }  # fmt: skip
    city.wrote("monthly_indicator", write_rows(city.inputs / "monthly_indicator.csv", FIELDS, rows))
    city.truth["monthly_indicators"] = truth


def _with_returns(
    city: City, adjusted: np.ndarray, values: np.ndarray, season: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the series with the true monthly totals of the platforms' returns as its last year."""
    returned = np.array(city.truth["platform_transactions_by_month"])
    return (
        np.concatenate([adjusted[:-12], returned / season]),
        np.concatenate([values[:-12], returned]),
    )


def _festival_share(year: int, month: int) -> float:
    """Return the share of the week from Spring Festival on that falls in a month."""
    first = date(year, *FESTIVALS[year])
    return sum((first + timedelta(days=at)).month == month for at in range(7)) / 7
