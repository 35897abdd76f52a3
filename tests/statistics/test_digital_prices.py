"""Constant prices of the digital economy add up, growth is over what was published, revisions are logged."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.digital_prices import constant_values
from tests.statistics.book import YEAR, by, lax_rules, rows_of, run
from tests.statistics.test_digital import SURVEY


def _price(code: str, index: float, base: int = YEAR - 1) -> dict[str, Any]:
    return {"year": YEAR, "code": code, "base_year": base, "price_index": index, "source": "test"}


def _release(year: int, code: str, day: int, value: str) -> dict[str, Any]:
    released = date(YEAR, 5, day)
    return {"year": year, "code": code, "released_on": released, "value_added_full": Decimal(value)}


def test_parts_with_indices_add_up_and_a_missing_index_leaves_the_sum_out() -> None:
    current = {
        "core": Decimal(360), "01": Decimal(200), "0101": Decimal(120), "0102": Decimal(80), "02": Decimal(160),
    }  # fmt: skip
    found = constant_values(current, {"0101": Decimal(120), "0102": Decimal(80), "02": Decimal(100)})
    assert found["01"] == (Decimal(200), "parts")
    assert found["core"] == (Decimal(360), "parts")
    less = constant_values(current, {"0101": Decimal(120), "02": Decimal(100), "01": Decimal(100)})
    assert set(less) == {"0101", "02"}
    assert constant_values(current, {"core": Decimal(90)}) == {"core": (Decimal(400), "own")}


def test_growth_is_over_the_last_release_of_the_year_before(engine: DuckDB, tmp_path: Path) -> None:
    before = [_release(YEAR - 1, "core", 10, "900000000"), _release(YEAR - 1, "core", 20, "1000000000")]
    tables = {
        "business_survey": SURVEY,
        "digital_economy_price": [_price("core", 105.0)],
        "digital_economy_account_previous": before,
    }
    run(engine, tables, packs=lax_rules(tmp_path))
    core = by(engine, "digital_economy_constant", "code")["core"]
    account = by(engine, "digital_economy_account", "code")["core"]
    constant = float(account["value_added_full"]) / 1.05
    assert float(core["constant_value"]) == pytest.approx(constant)
    assert core["implied_index"] == pytest.approx(105)
    assert core["volume_growth"] == pytest.approx(100 * (constant / 1e9 - 1))
    relative = float(account["standard_error"]) / float(account["value_added_full"])
    assert float(core["standard_error"]) == pytest.approx(constant * relative)


def _unit(number: int, code: str, value: float) -> dict[str, Any]:
    return {
        "uscc": f"U{number}", "year": YEAR, "stratum": "00-small", "take_all": False, "weight": 5.0,
        "value_added": value, "industry_code": code, "district_code": "310115",
    }  # fmt: skip


def test_the_error_of_a_sum_is_that_of_its_parts_each_by_its_own_index(
    engine: DuckDB, tmp_path: Path
) -> None:
    """A cheap class is nearly certain, a dear one is not: scaled by the mean deflator the error would be wrong."""
    values = [
        ("6511", 100e6),
        ("6511", 101e6),
        ("6511", 99e6),
        ("6431", 10e6),
        ("6431", 90e6),
        ("6431", 30e6),
    ]
    survey = [_unit(number, code, value) for number, (code, value) in enumerate(values)]
    prices = [_price("03", 200.0), _price("04", 50.0)]
    run(engine, {"business_survey": survey, "digital_economy_price": prices}, packs=lax_rules(tmp_path))
    rows = by(engine, "digital_economy_constant", "code")
    account = by(engine, "digital_economy_account", "code")
    own = {"6511": 0.5, "6431": 2.0}
    summed = {row["code"] for row in rows.values() if row["basis"] == "parts"}
    assert {"core"} <= summed
    z = 5 * np.array([own[code] * value for code, value in values])
    wanted = ((1 - 6 / 30) * 6 / 5 * ((z - z.mean()) ** 2).sum()) ** 0.5
    assert float(rows["core"]["standard_error"]) == pytest.approx(wanted, rel=1e-6)
    scaled = float(account["core"]["standard_error"]) / float(account["core"]["value_added_full"])
    assert float(rows["core"]["constant_value"]) * scaled < 0.8 * wanted


def test_bases_that_differ_make_no_table(engine: DuckDB) -> None:
    run(
        engine,
        {
            "business_survey": SURVEY,
            "digital_economy_price": [_price("01", 101.0), _price("04", 99.0, YEAR - 3)],
        },
    )
    assert rows_of(engine, "digital_economy_constant") == []
    assert "statistics.price_bases_differ" in {row["code"] for row in rows_of(engine, "finding")}


def test_each_release_of_the_year_is_compared(engine: DuckDB, tmp_path: Path) -> None:
    tables = {"business_survey": SURVEY}
    run(engine, tables)
    now = by(engine, "digital_economy_account", "code")["core"]["value_added_full"]
    released = [_release(YEAR, "core", 10, str(now - 100)), _release(YEAR, "core", 20, str(now - 40))]
    run(engine, {**tables, "digital_economy_account_previous": released}, packs=lax_rules(tmp_path))
    rows = rows_of(engine, "digital_economy_revision")
    assert [float(row["revision"]) for row in rows] == [100, 40]
    [told] = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.digital_revised"]
    assert told["amount"] == 40
