"""Targets: products of rates, paths, deductions by their rule, sixteen districts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.energy import dual_control as method
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from tests.accounts.book import Columns, accounts_book

YEARS = (2020, 2021, 2022, 2023)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.1, 10.0), min_size=2, max_size=12))
def test_product_of_rates_is_the_quotient_of_the_ends(levels: list[float]) -> None:
    rates = method.annual_reductions(np.array(levels))
    assert method.cumulative_reduction(rates) == pytest.approx(
        1.0 - levels[-1] / levels[0], abs=1e-9, rel=1e-9
    )


def test_rates_are_multiplied_and_not_added() -> None:
    """Five years of 3 % make 14.13 %, not 15 %."""
    assert method.cumulative_reduction(np.full(5, 0.03)) == pytest.approx(0.1412659743, abs=1e-10)


def test_national_decline_of_the_plan() -> None:
    """13.5 % in five years is 2.86 % a year; 7.3 % in three years leaves 3.41 % a year for the last two."""
    assert method.progress(1.0, 1.0, 0.135, 2020, 2025, 2020).needed_rate == pytest.approx(0.02858, abs=1e-5)
    found = method.progress(1 - 0.073, 1.0, 0.135, 2020, 2025, 2023)
    assert found.needed_rate == pytest.approx(1 - np.sqrt(0.865 / 0.927), rel=1e-12)
    assert found.linear == pytest.approx(0.081)
    assert found.light == "behind"


def test_paths_start_at_nothing_and_end_at_the_target() -> None:
    assert method.asked_by(0.14, 2020, 2025, 2020) == (0.0, 0.0)
    assert method.asked_by(0.14, 2020, 2025, 2025) == pytest.approx((0.14, 0.14))
    linear, equal = method.asked_by(0.14, 2020, 2025, 2023)
    assert linear == pytest.approx(0.084)
    assert equal == pytest.approx(1 - 0.86**0.6)
    assert equal > linear


@pytest.mark.parametrize(("level", "year", "light"), [
    (0.91, 2023, "ahead"), (1 - 0.0855, 2023, "between"), (0.95, 2023, "behind"), (0.86, 2025, "met"),
    (0.87, 2025, "behind"), (1.0, 2020, "ahead"),
])  # fmt: skip
def test_the_light_follows_from_the_paths(level: float, year: int, light: str) -> None:
    assert method.progress(level, 1.0, 0.14, 2020, 2025, year).light == light


def test_pace_carried_on() -> None:
    found = method.progress(0.97**3, 1.0, 0.14, 2020, 2025, 2023)
    assert found.forecast == pytest.approx(1 - 0.97**5)
    assert (1 - found.reduction) * (1 - found.needed_rate) ** 2 == pytest.approx(0.86)


def test_interval_of_the_pace() -> None:
    """Three changes of -2, -3 and -4 %: s = 1 %, two years left, variance s^2 x 2 (1 + 2 / 3), t(2) = 4.3027."""
    levels = np.exp(np.cumsum([0.0, -0.02, -0.03, -0.04]))
    low, high = method.forecast_interval(levels, 1.0, 2)
    reach = 4.302652729911275 * 0.01 * np.sqrt(2 * (1 + 2 / 3))
    assert (low, high) == pytest.approx((1 - np.exp(-0.15 + reach), 1 - np.exp(-0.15 - reach)), rel=1e-9)
    assert low < 1 - np.exp(-0.15) < high
    assert np.isnan(method.forecast_interval(levels[:2], 1.0, 2)).all()
    assert np.isnan(method.forecast_interval(levels, 1.0, 0)).all()


def test_faults_are_told() -> None:
    with pytest.raises(MethodError, match="not after the base year"):
        method.asked_by(0.1, 2025, 2020, 2023)
    with pytest.raises(MethodError, match="100 %"):
        method.asked_by(14.0, 2020, 2025, 2023)
    with pytest.raises(MethodError, match="positive base level"):
        method.progress(1.0, 0.0, 0.1, 2020, 2025, 2023)
    with pytest.raises(MethodError, match="negative"):
        method.assessed(np.array([10.0]), {"feedstock": np.array([-1.0])})
    with pytest.raises(MethodError, match="units differ"):
        method.assessed(np.array([10.0]), {"feedstock": np.array([11.0])})


def test_output_of_nothing_has_no_intensity() -> None:
    assert np.isnan(method.intensity(np.array([1.0]), np.array([0.0]))[0])


def test_new_renewables_count_from_2020() -> None:
    added = method.increment_since(np.array([5.0, 8.0, 12.0, 11.0]), YEARS, 2020)
    assert added.tolist() == [0.0, 3.0, 7.0, 6.0]
    assert np.isnan(method.increment_since(np.array([8.0, 12.0]), (2021, 2022), 2020)).all()


def districts() -> list[str]:
    rows = PackLibrary.load()["areas"].rows
    return [str(row["area_code"]) for row in rows if row["parent"] == "310000" and row["status"] == "current"]


def book_of(areas: list[str], **changes: list[float | None]) -> dict[str, Columns]:
    n = len(YEARS)
    one: dict[str, list[float | None]] = {
        "gdp": [1000e8, 1050e8, 1080e8, 1140e8], "energy": [300e4, 305e4, 300e4, 310e4],
        "feedstock": [20e4, 22e4, 21e4, 23e4], "renewable_electricity": [10e4, 13e4, 17e4, 22e4],
        "non_fossil": [40e4, 44e4, 48e4, 55e4], "major_projects": [None] * n,
        "co2": [600e4, 600e4, 580e4, 590e4],
    } | changes  # fmt: skip
    year: Columns = {
        "area_code": [area for area in areas for _ in YEARS], "year": list(YEARS) * len(areas),
        "price_year": [2020] * n * len(areas), "source": ["test"] * n * len(areas),
        **{name: values * len(areas) for name, values in one.items()},
    }  # fmt: skip
    indicators = ("energy_intensity", "fossil_intensity", "co2_intensity", "energy_total")
    rows = [(area, name) for area in areas for name in indicators]
    target: Columns = {
        "area_code": [area for area, _ in rows], "indicator": [name for _, name in rows],
        "base_year": [2020] * len(rows), "target_year": [2025] * len(rows),
        "form": ["ceiling" if name == "energy_total" else "reduction" for _, name in rows],
        "value": [320.0 if name == "energy_total" else 14.0 for _, name in rows],
        "unit": ["1e4 tce" if name == "energy_total" else "%" for _, name in rows], "source": ["test"] * len(rows),
    }  # fmt: skip
    return {"dual_control_year": year, "dual_control_target": target}


def test_sixteen_districts_have_a_ledger_and_a_card() -> None:
    areas = districts()
    assert len(areas) == 16
    with accounts_book("310000", 2023, book_of(areas)) as engine:
        cards = engine.fetch(
            "SELECT * FROM dual_control_scorecard ORDER BY area_code, indicator, year"
        ).to_pylist()
        ledger = engine.fetch("SELECT * FROM dual_control_ledger ORDER BY position").to_pylist()
    assert len(cards) == 16 * 4 * 4
    assert {card["area_zh"] for card in cards} >= {"黄浦区", "浦东新区", "崇明区"}
    total = {row["line_code"]: float(row["energy"] or 0) for row in ledger
             if (row["area_code"], row["indicator"], row["year"]) == ("310115", "energy_total", 2023)}  # fmt: skip
    assert total == {"recorded": 310e4, "feedstock": -23e4, "new_renewable": -12e4, "major_projects": 0.0,
                     "assessed": 275e4}  # fmt: skip
    intensity = [row["line_code"] for row in ledger
                 if (row["area_code"], row["indicator"], row["year"]) ==
                 ("310115", "energy_intensity", 2023)]  # fmt: skip
    assert "new_renewable" not in intensity  # notice no. 1258: it still counts in the assessment of intensity
    card = next(one for one in cards if (one["area_code"], one["indicator"], one["year"])
                == ("310115", "energy_intensity", 2023))  # fmt: skip
    before, now = (
        280e4 / 1000e4,
        287e4 / 1140e4,
    )  # feedstock comes off in the base year too, output is not touched
    assert float(card["level"]) == pytest.approx(now, abs=1e-6)
    assert card["reduction"] == pytest.approx(1 - now / before, rel=1e-9)
    assert card["light"] == "ahead"
    assert card["forecast_low"] < card["forecast"] < card["forecast_high"]
    ceiling = next(one for one in cards if one["indicator"] == "energy_total" and one["year"] == 2023)
    assert ceiling["target"] == pytest.approx(1 - 320 / 280)
    assert ceiling["share_of_target"] is None  # growth is allowed: there is no share of a decline


def test_city_and_districts_are_compared() -> None:
    """Sixteen districts, each as large as the city: their sum is sixteen times its figure, and told."""
    with accounts_book("310000", 2023, book_of([*districts(), "310000"])) as engine:
        rows = engine.fetch("SELECT * FROM finding WHERE code = 'accounts.districts_beside_city'").to_pylist()
    assert {row["record_key"]: row["amount"] for row in rows} == pytest.approx(
        {"gdp": 15 * 1140e8, "energy": 15 * 310e4, "co2": 15 * 590e4}
    )
    assert "1,500%" in rows[0]["what_zh"] or "1500.0%" in rows[0]["what_zh"]


def test_what_is_missing_is_told_and_not_invented() -> None:
    tables = book_of(["310115"], feedstock=[None, 22e4, 21e4, 23e4], co2=[None] * 4)
    with accounts_book("310000", 2023, tables) as engine:
        codes = set(engine.fetch("SELECT code FROM finding").column("code").to_pylist())
        cards = engine.fetch("SELECT DISTINCT indicator FROM dual_control_scorecard").column(0).to_pylist()
    assert {
        "accounts.deduction_not_given",
        "accounts.deduction_in_some_years",
        "accounts.target_without_base",
    } <= codes
    assert "co2_intensity" not in cards


def test_targets_are_not_compared_across_units() -> None:
    tables = book_of(["310115"])
    target = {name: list(values) for name, values in tables["dual_control_target"].items()}
    target["unit"] = ["tce"] * len(target["unit"])
    with (
        pytest.raises(MethodError, match="should be in %"),
        accounts_book("310000", 2023, tables | {"dual_control_target": target}),
    ):
        pass


def test_prices_of_different_years_are_refused() -> None:
    tables = book_of(["310115"])
    year = dict(tables["dual_control_year"]) | {"price_year": [2015, 2020, 2020, 2020]}
    with (
        pytest.raises(MethodError, match="change of prices"),
        accounts_book("310000", 2023, tables | {"dual_control_year": year}),
    ):
        pass
