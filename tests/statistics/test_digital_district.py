"""The core digital economy by district: adds up, hides what is too small, and keeps and minds what was published."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB
from tests.statistics.book import YEAR, rows_of, run

SIZES = {"310101": 14, "310104": 12, "310105": 11, "310106": 3}
"""Sampled units of a whole class (6511) by district: the last is too small to be shown."""


def _survey() -> list[dict[str, Any]]:
    rows = []
    for district, units in SIZES.items():
        for number in range(units):
            rows.append({
                "uscc": f"U{district}{number}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 2.0,
                "value_added": Decimal(1_000_000 + 1_000 * number), "revenue": Decimal(2_000_000),
                "industry_code": "6511", "district_code": district,
            })  # fmt: skip
    rows.append({**rows[0], "uscc": "X", "industry_code": "5212"})  # no digital class
    return rows


def _found(engine: DuckDB) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (row["district_code"], row["class_code"]): row for row in rows_of(engine, "digital_economy_district")
    }


def _released(year: int, district: str, status: str, value: float | None) -> dict[str, Any]:
    return {
        "year": year, "district_code": district, "class_code": "core", "status": status,
        "value_added": None if value is None else Decimal(str(value)),
    }  # fmt: skip


def test_small_cells_are_hidden_with_another_and_the_rest_adds_up(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey()})
    found = _found(engine)
    assert found["310106", "core"]["status"] == "suppressed"
    hidden = [key for key, row in found.items() if row["status"].startswith("suppressed")]
    assert (
        len([one for one in hidden if one[1] == "core"]) >= 2
    )  # not one alone: it would follow from the total
    assert all(found[key]["value_added"] is None and found[key]["low"] is None for key in hidden)
    account = rows_of(engine, "digital_economy_account", "level = 'core'")[0]["value_added_full"]
    total = found["total", "core"]
    assert total["value_added"] == pytest.approx(account)
    shown = sum(
        row["value_added"] for key, row in found.items()
        if key[1] == "core" and key[0] != "total" and row["value_added"] is not None
    )  # fmt: skip
    assert 0 < shown < total["value_added"]
    told = {row["code"] for row in rows_of(engine, "finding")}
    assert "statistics.digital_district_suppressed" in told


def test_cells_nobody_sampled_are_not_zero(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey()})
    empty = [row for key, row in _found(engine).items() if row["status"] == "none_sampled"]
    assert empty and all(row["value_added"] is None for row in empty)


def test_the_pattern_of_the_last_year_is_kept(engine: DuckDB) -> None:
    for other in ("310101", "310104", "310105"):
        last = [
            _released(YEAR - 1, one, "suppressed_secondary" if one == other else "shown", None if one == other else 5e6)
            for one in ("310101", "310104", "310105")
        ]  # fmt: skip
        run(engine, {"business_survey": _survey(), "digital_economy_district_previous": last})
        found = _found(engine)
        assert found[other, "core"]["status"] == "suppressed_secondary", other
        assert sum(row["status"] == "shown" for key, row in found.items() if key[1] == "core") == 3


def test_what_an_earlier_table_of_the_year_gives_away_is_withheld(engine: DuckDB) -> None:
    """The earlier table showed the small district's figure: hiding it now hides nothing."""
    value = 2 * sum(1_000_000 + 1_000 * number for number in range(SIZES["310106"]))
    run(
        engine,
        {
            "business_survey": _survey(),
            "digital_economy_district_previous": [_released(YEAR, "310106", "shown", value)],
        },
    )
    assert rows_of(engine, "digital_economy_district") == []
    assert "statistics.district_withheld" in {row["code"] for row in rows_of(engine, "finding")}
