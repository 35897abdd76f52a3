"""The desks beside plain loops: what the queries and steps make of random records, counted again one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from tests.statistics.book import YEAR, Row, by, mark, rows_of, run

MONTH = f"{YEAR}-11"
FORMS = ("employee", "employer", "own_account", "family_worker", "part_time", "platform", None)
DISTRICTS = ("310101", "310104", "310115")
SEEDS = (1, 2, 3)


def _people(random: np.random.Generator, persons: int) -> list[Row]:
    people: list[Row] = []
    for number in range(persons):
        cluster = number % 24
        form = FORMS[random.choice(len(FORMS), p=[0.4, 0.03, 0.1, 0.02, 0.06, 0.06, 0.33])]
        people.append({
            "person_hash": mark(f"p{number}"), "month": MONTH, "stratum": f"S{cluster % 3}", "cluster": f"C{cluster}",
            "weight": float(round(random.uniform(2, 30), 3)), "employed": form is not None, "employment_form": form,
            "main_job_platform": form == "platform" and bool(random.random() < 0.8),
            "second_job_platform": form not in (None, "platform") and bool(random.random() < 0.04),
            "hours": float(random.integers(5, 60)) if form else None,
            "district_code": DISTRICTS[int(random.integers(3))], "age": 30, "sex": "male",
        })  # fmt: skip
    return people


def _records(random: np.random.Generator, people: list[Row]) -> list[Row]:
    found: dict[tuple[Any, ...], Row] = {}
    named = [row["person_hash"] for row in people if row["employed"] and random.random() < 0.15]
    for worker in [*named, *(mark(f"w{number}") for number in range(400))]:
        for _ in range(int(random.integers(1, 5))):
            row = {
                "platform_uscc": f"P{random.integers(3)}", "worker_hash": worker,
                "month": f"{YEAR}-{random.choice((10, 11))}", "orders": int(random.integers(0, 4)),
                "hours": float(random.integers(1, 90)), "district_code": DISTRICTS[int(random.integers(3))],
                "activity_kind": str(random.choice(("delivery", "courier"))),
            }  # fmt: skip
            names = ("platform_uscc", "worker_hash", "month", "district_code", "activity_kind")
            found[tuple(row[name] for name in names)] = row
    return list(found.values())


def _register(records: list[Row]) -> set[str]:
    return {row["worker_hash"] for row in records if row["month"] == MONTH and row["orders"] >= 1}


def _belongs(person: Row, register: set[str]) -> dict[str, bool]:
    works, form = person["employed"], person["employment_form"]
    main = works and (person["main_job_platform"] or form == "platform")
    platform = works and (main or person["second_job_platform"])
    inside = person["person_hash"] in register
    flexible = works and (platform or form in ("own_account", "part_time"))
    return {
        "employment": works, "survey_main_job": main, "survey_any_job": platform, "survey_flexible": flexible,
        "survey_in_register": inside, "new": flexible and not inside, "said_and_listed": platform and inside,
        "only": platform and not inside,
    }  # fmt: skip


def _sums(people: list[Row], register: set[str], what: str) -> dict[tuple[str, str], float]:
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for person in people:
        totals[person["stratum"], person["cluster"]] += person["weight"] * _belongs(person, register)[what]
    return totals


def _error(totals: dict[tuple[str, str], float]) -> float:
    strata: dict[str, list[float]] = defaultdict(list)
    for (stratum, _), value in totals.items():
        strata[stratum].append(value)
    parts = [len(one) * float(np.var(one, ddof=1)) for one in strata.values()]
    return float(sum(parts) ** 0.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_register_counted_one_by_one(engine: DuckDB, seed: int) -> None:
    random = np.random.default_rng(seed)
    records = _records(random, _people(random, 600))
    run(engine, {"platform_work_record": records})
    for row in rows_of(engine, "platform_worker"):
        mine = [
            one for one in records
            if one["orders"] >= 1 and one["month"] == row["month"]
            and row["district_code"] in ("total", one["district_code"])
        ]  # fmt: skip
        accounts = {(one["worker_hash"], one["platform_uscc"]) for one in mine}
        workers = {worker for worker, _ in accounts}
        several = [worker for worker in workers if sum(one == worker for one, _ in accounts) > 1]
        assert (row["workers"], row["accounts"], row["several_platforms"]) == (
            len(workers), len(accounts), len(several),
        )  # fmt: skip
        assert float(row["hours"]) == pytest.approx(sum(one["hours"] for one in mine))


@pytest.mark.parametrize("seed", SEEDS)
def test_employment_counted_one_by_one(engine: DuckDB, seed: int) -> None:
    random = np.random.default_rng(seed)
    people = _people(random, 600)
    records = _records(random, people)
    register = _register(records)
    run(engine, {"labour_survey": people, "platform_work_record": records})
    rows = by(engine, "flexible_employment", "definition_code")
    for code in ("employment", "survey_main_job", "survey_any_job", "survey_flexible", "survey_in_register"):
        sums = _sums(people, register, code)
        assert float(rows[code]["persons"]) == pytest.approx(sum(sums.values()), abs=1e-4), code
        assert float(rows[code]["standard_error"]) == pytest.approx(_error(sums), abs=1e-4), code
    assert rows["register_platform"]["persons"] == len(register)
    added = _sums(people, register, "new")
    corrected = rows["corrected_total"]
    assert float(corrected["persons"]) == pytest.approx(len(register) + sum(added.values()), abs=1e-4)
    assert float(corrected["standard_error"]) == pytest.approx(_error(added), abs=1e-4)
    said, both = (
        sum(_sums(people, register, what).values()) for what in ("survey_any_job", "said_and_listed")
    )
    assert float(rows["capture_recapture"]["persons"]) == pytest.approx(len(register) * said / both, abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_weight_of_the_overlap_beats_the_dual_frame(engine: DuckDB, seed: int) -> None:
    random = np.random.default_rng(seed)
    people = _people(random, 600)
    records = _records(random, people)
    register = _register(records)
    run(engine, {"labour_survey": people, "platform_work_record": records})
    found = by(engine, "flexible_employment", "definition_code")["dual_frame"]
    only, overlap = _sums(people, register, "only"), _sums(people, register, "survey_in_register")
    errors = [
        _error({key: only[key] + weight * overlap[key] for key in overlap})
        for weight in np.linspace(0, 1, 201)
    ]
    assert float(found["standard_error"]) <= min(errors) + 1e-4
    assert float(found["standard_error"]) == pytest.approx(min(errors), rel=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_full_time_equivalents_counted_one_by_one(engine: DuckDB, seed: int) -> None:
    random = np.random.default_rng(seed)
    people = _people(random, 300)
    records = _records(random, people)
    register = _register(records)
    run(engine, {"labour_survey": people, "platform_work_record": records})
    rows = by(engine, "flexible_employment", "definition_code")
    for code in ("employment", "survey_flexible"):
        hours = sum(one["weight"] * (one["hours"] or 0) for one in people if _belongs(one, register)[code])
        assert float(rows[code]["full_time_equivalent"]) == pytest.approx(hours / 40, rel=1e-6)
    worked = sum(row["hours"] for row in records if row["month"] == MONTH and row["orders"] >= 1)
    assert float(rows["register_platform"]["full_time_equivalent"]) == pytest.approx(
        worked * 12 / 2080, abs=1e-3
    )


def test_the_order_of_records_changes_nothing(engine: DuckDB) -> None:
    random = np.random.default_rng(4)
    people = _people(random, 200)
    records = _records(random, people)
    run(engine, {"labour_survey": people, "platform_work_record": records})
    once = rows_of(engine, "flexible_employment")
    turned = {"labour_survey": people[::-1], "platform_work_record": records[::-1]}
    run(engine, turned)
    assert rows_of(engine, "flexible_employment") == once


@pytest.mark.parametrize("seed", SEEDS)
def test_replicates_spread_like_the_linearised_error(engine: DuckDB, seed: int) -> None:
    """600 replicates: their standard deviation is known to about 3 %, so 12 % is four times its error."""
    random = np.random.default_rng(seed)
    people = _people(random, 600)
    run(engine, {"labour_survey": people, "platform_work_record": _records(random, people)}, replicates=600)
    rows = by(engine, "flexible_employment", "definition_code")
    drawn: dict[str, list[float]] = defaultdict(list)
    for row in rows_of(engine, "flexible_employment_replicate"):
        drawn[row["definition_code"]].append(float(row["persons"]))
    assert set(drawn) == {"employment", "survey_flexible", "corrected_total"}
    for code, persons in drawn.items():
        assert len(persons) == 600
        error = float(rows[code]["standard_error"])
        assert np.std(persons, ddof=1) == pytest.approx(error, rel=0.12), code
        assert np.mean(persons) == pytest.approx(float(rows[code]["persons"]), abs=4 * error / 600**0.5), code
