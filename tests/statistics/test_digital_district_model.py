"""The core digital economy by district by the model: adds up, tells nothing of what is hidden, covers what is true."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB
from lvshu.statistics import digital_district_model, small_area
from tests.statistics.book import YEAR, rows_of, run

TABLE = "digital_economy_district_model"
SIZES = {"310101": 14, "310104": 12, "310105": 11, "310106": 16, "310107": 13, "310109": 18, "310110": 4, "310112": 3,
         "310113": 5}  # fmt: skip
HIDDEN = ("310110", "310112", "310113")


def _survey(
    sizes: dict[str, int] | None = None, swapped: tuple[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return units of a whole class by district; of two districts the first unit's value may be exchanged."""
    rows = [
        {"uscc": f"U{district}{number}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 2.0,
         "value_added": Decimal(1_000_000 + 30_000 * number + 1_000 * at), "revenue": Decimal(2_000_000),
         "industry_code": "6511", "district_code": district}
        for at, (district, units) in enumerate((sizes or SIZES).items()) for number in range(units)
    ]  # fmt: skip
    if swapped:
        one, other = (next(row for row in rows if row["district_code"] == place) for place in swapped)
        one["value_added"], other["value_added"] = other["value_added"], one["value_added"]
    return rows


def _register(districts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"uscc": f"R{district}{number}", "name": "x", "area_code": "310000", "district_code": district,
         "industry_code": "6511"}
        for district, count in districts.items() for number in range(count)
    ]  # fmt: skip


def _by_district(engine: DuckDB, table: str = TABLE) -> dict[str, dict[str, Any]]:
    where = None if table == TABLE else "class_code = 'core'"
    return {row["district_code"]: row for row in rows_of(engine, table, where)}


def test_districts_add_up_to_the_city_to_the_fen_and_stand_beside_the_direct_ones(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey()})
    rows, direct = _by_district(engine), _by_district(engine, "digital_economy_district")
    city = direct.pop("total")
    assert set(rows) == set(direct) == set(SIZES)
    assert sum(row["value_added"] for row in rows.values()) == city["value_added"]
    hidden = {code for code, row in direct.items() if row["status"] == "suppressed"}
    assert set(HIDDEN) <= hidden < set(SIZES)
    for code, row in rows.items():
        assert row["low"] < row["value_added"] < row["high"]
        assert row["direct_status"] == direct[code]["status"]
        assert row["auxiliary"] == "survey_all" and row["enterprises"] == 2 * SIZES[code]
        assert row["estimator"] == ("regression" if code in hidden else "model_and_direct")
        assert row["direct_value"] == direct[code]["value_added"]
        assert (row["better"] is None) == (row["direct_error"] is None) == (code in hidden)
        if code not in hidden:
            assert row["direct_error_basis"] == (
                "published" if direct[code]["error_status"] == "shown" else "smoothed"
            )
            assert (row["better"] == "model") == (row["standard_error"] < row["direct_error"])


def test_the_model_tells_nothing_that_the_published_figures_do_not(engine: DuckDB) -> None:
    """Two hidden districts exchange a unit's value: nothing published changes, nor does the model."""
    run(engine, {"business_survey": _survey()})
    public, first = _by_district(engine, "digital_economy_district"), _by_district(engine)
    run(engine, {"business_survey": _survey(swapped=("310110", "310113"))})
    assert _by_district(engine, "digital_economy_district") == public, (
        "the test exchanges within what is hidden"
    )
    assert _by_district(engine) == first


def test_the_register_of_enterprises_sizes_the_districts_where_it_has_some_in_each(engine: DuckDB) -> None:
    counts = {district: 10 + place for place, district in enumerate(SIZES)}
    run(engine, {"business_survey": _survey(), "enterprise": _register(counts)})
    rows = _by_district(engine)
    assert {code: int(row["enterprises"]) for code, row in rows.items()} == counts
    assert {row["auxiliary"] for row in rows.values()} == {"register_core"}
    left = {
        code: rows[code]["before_benchmark"] / counts[code] for code in rows if rows[code]["better"] is None
    }
    assert max(left.values()) < min(left.values()) * Decimal("1.2")  # hidden ones by their enterprises alone
    run(engine, {"business_survey": _survey(), "enterprise": _register({**counts, "310113": 0})})
    assert {row["auxiliary"] for row in _by_district(engine).values()} == {"survey_all"}


def test_too_few_published_districts_or_one_without_value_added_carry_no_model(engine: DuckDB) -> None:
    few = {district: size if district < "310106" else 3 for district, size in SIZES.items()}
    run(engine, {"business_survey": _survey(few)})
    assert not rows_of(engine, TABLE)
    [told] = rows_of(engine, "finding", "code = 'statistics.digital_model_none'")
    assert "3" in told["what_en"] and "5" in told["why_en"]
    losses = _survey()
    for row in losses:
        if row["district_code"] == "310109":
            row["value_added"] = -row["value_added"]
    run(engine, {"business_survey": losses})
    assert not rows_of(engine, TABLE)


def test_a_shown_figure_without_its_error_has_the_larger_published_ratio_of_variance_to_value_added() -> None:
    def row(district: str, value: str | None, error: str | None) -> dict[str, Any]:
        status = "suppressed" if value is None else "shown"
        return {
            "district_code": district, "status": status, "value_added": None if value is None else Decimal(value),
            "standard_error": None if error is None else Decimal(error),
        }  # fmt: skip

    parts = [row("a", "400", "30"), row("b", "100", None), row("c", None, None)]
    known = digital_district_model.districts([row("total", "900", "60"), *parts])
    assert known.direct_error.tolist() == pytest.approx(
        [30.0, 20.0, np.nan], nan_ok=True
    )  # 60²/900 = 4 per CNY
    assert known.left == pytest.approx(400.0)
    parts[0]["standard_error"] = Decimal(50)
    wider = digital_district_model.districts([row("total", "900", "60"), *parts])
    assert wider.direct_error[1] == pytest.approx(25.0)  # 50²/400 is more than 60²/900
    parts[0]["standard_error"] = Decimal(30)
    of_parts = digital_district_model.districts([row("total", "900", None), *parts])
    assert of_parts.direct_error[1] == pytest.approx(15.0)  # 30²/400 per CNY
    assert not digital_district_model.carries(known), "two districts show nothing of how districts differ"


@settings(max_examples=20, deadline=None)
@given(
    values=st.lists(st.floats(1.0, 1e3), min_size=6, max_size=12),
    hidden=st.integers(0, 3),
    error=st.floats(1e-3, 0.3),
    seed=st.integers(0, 1000),
)
def test_areas_add_up_whatever_is_hidden(values: list[float], hidden: int, error: float, seed: int) -> None:
    total = np.array(values)
    known = np.arange(total.size) >= min(hidden, total.size - 5)
    found = small_area.log_pooled(
        np.where(known, total, np.nan), np.full(total.size, error**2), np.ones(total.size), known,
        float(total.sum()), error**2, np.random.default_rng(seed), draws=2_000,
    )  # fmt: skip
    assert found.made.sum() == pytest.approx(total.sum())
    assert (found.low > 0).all() and (found.low <= found.high).all()
    assert ((found.weight > 0) == known).all()


@pytest.mark.parametrize("between", [0.05, 0.6])
def test_intervals_cover_what_the_model_draws_also_where_only_the_sum_is_known(between: float) -> None:
    """Districts as the model has them, repeatedly: 95 % of all, and of those that are hidden, lie in the intervals."""
    size = np.array([12, 22, 10, 20, 21, 13, 29, 59, 42, 30, 83, 27, 39, 26, 19, 18.0])
    known = ~np.isin(np.arange(16), (0, 2, 5, 14, 15))
    inside: list[list[bool]] = []
    for seed in range(150):
        draw = np.random.default_rng([seed, 7])
        truth = size * np.exp(np.sqrt(between * size.mean() / size) * draw.standard_normal(16))
        spread = 0.01 * size.mean() / size
        direct = truth * np.exp(np.sqrt(spread) * draw.standard_normal(16))
        rest = 0.01 * size.mean() / size[~known].sum()
        left = float(truth[~known].sum() * np.exp(np.sqrt(rest) * draw.standard_normal()))
        whole = float(direct[known].sum()) + left
        found = small_area.log_pooled(
            np.where(known, direct, np.nan), spread, size, known, whole, rest, draw, draws=4_000
        )
        inside.append(((found.low <= truth) & (truth <= found.high)).tolist())
    covered = np.array(inside)
    assert covered[:, known].mean() == pytest.approx(0.95, abs=0.02)
    assert covered[:, ~known].mean() == pytest.approx(0.955, abs=0.025)


def test_where_nothing_is_left_for_areas_without_a_sample_the_level_stands_in() -> None:
    known = np.arange(8) > 0
    direct = np.where(known, 100.0, np.nan)
    found = small_area.log_pooled(
        direct, np.full(8, 1e-4), np.ones(8), known, 700.0, float("nan"), np.random.default_rng(1)
    )
    assert found.estimates[0] == pytest.approx(100.0, rel=0.02)
    assert found.made.sum() == pytest.approx(700.0)
