"""The published pair of city W (first half of 2023): flexible employment without and with the second frame.

Survey only: 61.42 (10,000 persons), 4.97 % of employment; with the platforms' register: 100.38, 8.13 %. The records
of the city are not public: these are made to match, at one hundredth of its size.
"""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from tests.statistics.book import YEAR, Row, by, mark, run

MONTH = f"{YEAR}-06"
SURVEY_ONLY, CORRECTED, EMPLOYED = 6142.0, 10038.0, 123500.0
REGISTER = 5200
TOLD, UNTOLD = 20, 30  # interviewed workers of the register that named, or did not name, their platform work


def _city() -> dict[str, list[Row]]:
    """Return survey and register: the survey misses most platform workers, and those it has are in the register."""
    outside = CORRECTED - REGISTER
    groups = [
        ("own_account", 60, outside * 0.7),
        ("part_time", 40, outside * 0.3),
        ("platform", TOLD, SURVEY_ONLY - outside),
        ("employee", UNTOLD, 3000.0),
        ("employee", 400, EMPLOYED - SURVEY_ONLY - 3000.0),
        (None, 250, 90000.0),
    ]
    people: list[Row] = []
    listed: list[str] = []
    for form, count, total in groups:
        each = np.full(count, round(total / count, 6))
        each[-1] = round(total - each[:-1].sum(), 6)
        for weight in each:
            name = f"p{len(people)}"
            if form == "platform" or (form == "employee" and count == UNTOLD):
                listed.append(name)
            people.append(_person(name, form, float(weight), len(people) % 40))
    listed += [f"w{number}" for number in range(REGISTER - len(listed))]
    work = [_work(name, "P1") for name in listed] + [_work(name, "P2") for name in listed[::3]]
    return {"labour_survey": people, "platform_work_record": work}


def _person(name: str, form: str | None, weight: float, cluster: int) -> Row:
    return {
        "person_hash": mark(name), "month": MONTH, "stratum": f"S{cluster % 4}", "cluster": f"C{cluster}",
        "weight": weight, "employed": form is not None, "employment_form": form,
        "main_job_platform": form == "platform", "second_job_platform": False, "hours": 40.0 if form else 0.0,
        "district_code": "310115", "age": 35, "sex": "female",
    }  # fmt: skip


def _work(name: str, platform: str) -> Row:
    return {
        "platform_uscc": platform, "worker_hash": mark(name), "month": MONTH, "orders": 40, "hours": 60.0,
        "district_code": "310115", "activity_kind": "delivery",
    }  # fmt: skip


@pytest.fixture
def book(engine: DuckDB) -> DuckDB:
    return run(engine, _city())


def test_the_pair_is_reproduced(book: DuckDB) -> None:
    rows = by(book, "flexible_employment", "definition_code")
    alone, both = rows["survey_flexible"], rows["corrected_total"]
    assert round(float(alone["persons"]) * 100 / 1e4, 2) == 61.42
    assert round(alone["share_of_employment"], 2) == 4.97
    assert round(float(both["persons"]) * 100 / 1e4, 2) == 100.38
    assert round(both["share_of_employment"], 2) == 8.13


def test_both_stand_side_by_side_with_their_errors(book: DuckDB) -> None:
    rows = by(book, "flexible_employment", "definition_code")
    for code in ("survey_flexible", "corrected_total"):
        row = rows[code]
        assert row["standard_error"] > 0 and row["share_standard_error"] > 0
        assert row["low"] < row["persons"] < row["high"]
        assert row["label_zh"] and row["label_en"]
    uncertain = by(book, "uncertainty", "indicator")
    assert {"flexible_employment_survey", "flexible_employment", "flexible_employment_share"} <= set(
        uncertain
    )


def test_nobody_is_counted_twice(book: DuckDB) -> None:
    """A third of the workers are on two platforms, and fifty of them were interviewed."""
    workers = by(book, "platform_worker", "district_code")["total"]
    assert workers["workers"] == REGISTER
    assert workers["accounts"] - workers["several_platforms"] == REGISTER
    rows = by(book, "flexible_employment", "definition_code")
    separate = float(rows["survey_flexible"]["persons"]) + workers["accounts"]
    assert float(rows["corrected_total"]["persons"]) < separate - workers["several_platforms"]


def test_one_denominator_explains_both_published_shares() -> None:
    """Rounded shares leave employment between 1,234.6 and 1,235.4 (10,000 persons); the pair is consistent."""
    low = max(61.42 / 0.04975, 100.38 / 0.08135)
    high = min(61.42 / 0.04965, 100.38 / 0.08125)
    assert low < EMPLOYED / 100 < high
