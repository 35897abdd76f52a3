"""Flexible employment by month: the year is the mean of its months, and changes know of the samples' overlap."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.statistics import survey
from lvshu.statistics.employment_month import _change
from lvshu.statistics.methods.survey import clustered_variance
from tests.statistics.book import YEAR, mark, rows_of, run

OCTOBER, NOVEMBER, DECEMBER = (f"{YEAR}-{number}" for number in (10, 11, 12))
SUMS = (
    "employment", "survey_main_job", "survey_any_job", "survey_second_job", "own_account", "part_time",
    "survey_main_flexible", "survey_flexible", "survey_in_register", "register_platform", "corrected_total",
)  # fmt: skip
FORMS = ("employee", "own_account", "part_time", "platform", None)


def _person(
    month: str, stratum: str, cluster: str, number: int, form: str | None, weight: float
) -> dict[str, Any]:
    return {
        "person_hash": mark(f"{stratum}{cluster}-{number}"), "month": month, "stratum": stratum, "cluster": cluster,
        "weight": weight, "employed": form is not None, "employment_form": form,
        "main_job_platform": form == "platform", "second_job_platform": False, "hours": 40.0 if form else 0.0,
        "district_code": "310115", "age": 30, "sex": "female",
    }  # fmt: skip


def _work(month: str, name: str) -> dict[str, Any]:
    return {
        "platform_uscc": "P1", "worker_hash": mark(name), "month": month, "orders": 5, "hours": 52.0,
        "district_code": "310115", "activity_kind": "delivery",
    }  # fmt: skip


def _survey(month: str, clusters: list[str], seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    return [
        _person(month, stratum, cluster, number, FORMS[int(random.integers(len(FORMS)))], 10.0)
        for stratum in ("a", "b")
        for cluster in clusters
        for number in range(6)
    ]


def _register(month: str, workers: int) -> list[dict[str, Any]]:
    return [_work(month, f"aC1-{number}") for number in range(3)] + [
        _work(month, f"z{number}") for number in range(workers)
    ]


def _tables(seed: int = 1, second: list[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    clusters = ["C1", "C2", "C3", "C4"]
    return {
        "labour_survey": [
            *_survey(OCTOBER, clusters, seed),
            *_survey(NOVEMBER, second or clusters, seed + 1),
        ],
        "platform_work_record": [*_register(OCTOBER, 40), *_register(NOVEMBER, 55), *_register(DECEMBER, 60)],
    }


def _months(engine: DuckDB) -> dict[tuple[str, str], dict[str, Any]]:
    rows = rows_of(engine, "flexible_employment_month")
    return {(row["month"], row["definition_code"]): row for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_year_is_the_mean_of_its_surveyed_months(engine: DuckDB, seed: int) -> None:
    run(engine, _tables(seed, second=["C2", "C3", "C4", "C5"]))
    found = _months(engine)
    year = {
        row["definition_code"]: float(row["persons"] or 0) for row in rows_of(engine, "flexible_employment")
    }
    for code in SUMS:
        mean = sum(float(found[month, code]["persons"]) for month in (OCTOBER, NOVEMBER)) / 2
        assert mean == pytest.approx(year[code], abs=1e-5), code


def test_one_month_alone_is_the_year(engine: DuckDB) -> None:
    tables = _tables()
    tables["labour_survey"] = [row for row in tables["labour_survey"] if row["month"] == NOVEMBER]
    run(engine, tables)
    found = _months(engine)
    year = {
        row["definition_code"]: row
        for row in rows_of(engine, "flexible_employment")
        if row["persons"] is not None
    }
    assert {code for month, code in found if month == NOVEMBER} == set(year)
    for code, row in year.items():
        own = found[NOVEMBER, code]
        for name in (
            "persons",
            "standard_error",
            "low",
            "high",
            "share_of_employment",
            "full_time_equivalent",
        ):
            assert own[name] == row[name], (code, name)
        if code != "register_platform":  # October was not surveyed
            assert own["change"] is None
    assert float(found[NOVEMBER, "register_platform"]["change"]) == 15


def test_a_month_without_a_survey_has_the_register_alone_and_says_so(engine: DuckDB) -> None:
    run(engine, _tables())
    found = _months(engine)
    own = {code: row for (month, code), row in found.items() if month == DECEMBER}
    assert set(own) == {"register_platform", "corrected_total"}
    assert own["corrected_total"]["status"] == "not_surveyed" and own["corrected_total"]["persons"] is None
    assert (
        float(own["register_platform"]["persons"]) == 63
        and own["register_platform"]["standard_error"] is None
    )
    [told] = rows_of(engine, "finding", "code = 'statistics.month_not_surveyed'")
    assert DECEMBER in told["what_en"] and NOVEMBER not in told["what_en"]


def test_a_month_without_the_register_says_so(engine: DuckDB) -> None:
    tables = _tables()
    tables["platform_work_record"] = [
        row for row in tables["platform_work_record"] if row["month"] != OCTOBER
    ]
    run(engine, tables)
    found = _months(engine)
    assert found[OCTOBER, "corrected_total"]["status"] == "without_register"
    assert (OCTOBER, "register_platform") not in found and found[OCTOBER, "survey_flexible"][
        "persons"
    ] is not None
    assert found[NOVEMBER, "register_platform"]["change"] is None


def _totals(rows: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row["stratum"], row["cluster"])
        counts = row["employment_form"] in ("own_account", "part_time", "platform")
        found[key] = found.get(key, 0.0) + row["weight"] * counts
    return found


def _variance(totals: dict[tuple[str, str], float]) -> float:
    strata = np.array([0 if key[0] == "a" else 1 for key in totals])
    return clustered_variance(np.array(list(totals.values())), strata, np.arange(len(totals)))


def test_the_same_clusters_twice_have_the_error_of_their_differences(engine: DuckDB) -> None:
    tables = _tables(5)
    clusters = [f"C{number}" for number in range(1, 8)]
    survey = [*_survey(OCTOBER, clusters, 5), *_survey(NOVEMBER, clusters, 6)]
    tables["labour_survey"] = [row for row in survey if row["stratum"] == "a"]
    run(engine, tables)
    first, second = (
        _totals([row for row in tables["labour_survey"] if row["month"] == month])
        for month in (OCTOBER, NOVEMBER)
    )
    row = _months(engine)[NOVEMBER, "survey_flexible"]
    assert float(row["change"]) == pytest.approx(sum(second.values()) - sum(first.values()))
    assert row["common_clusters"] == 7
    differences = {key: second[key] - first[key] for key in first}
    assert float(row["change_standard_error"]) == pytest.approx(np.sqrt(_variance(differences)), rel=1e-6)


def test_other_clusters_have_the_errors_of_both_months(engine: DuckDB) -> None:
    tables = _tables(7, second=["D1", "D2", "D3", "D4"])
    run(engine, tables)
    both = [
        _variance(_totals([row for row in tables["labour_survey"] if row["month"] == month]))
        for month in (OCTOBER, NOVEMBER)
    ]
    row = _months(engine)[NOVEMBER, "survey_flexible"]
    assert row["common_clusters"] == 0
    assert float(row["change_standard_error"]) == pytest.approx(np.sqrt(sum(both)), rel=1e-6)
    low, high = float(row["change_low"]), float(row["change_high"])
    assert low < float(row["change"]) < high


@pytest.mark.parametrize(
    ("strata", "clusters", "kept"), [(1, 3, 2), (2, 3, 2), (4, 3, 2), (17, 3, 2), (3, 8, 6)]
)
def test_changes_of_a_rotating_panel_are_covered(strata: int, clusters: int, kept: int) -> None:
    """Clusters of lasting differences, some of which rotate: 95 % intervals cover, however few clusters there are."""
    random = np.random.default_rng(strata * 100 + clusters)
    held, zero, times = 0, 0, 600
    for _ in range(times):
        lasting = random.normal(100, 20, (strata, 2 * clusters - kept))
        now, then = (lasting + random.normal(step, 8, lasting.shape) for step in (0, 3))
        sides = (range(clusters), range(clusters - kept, 2 * clusters - kept))
        surveys, values = [], []
        for side in sides:
            names = [(f"{one:02d}", f"{cluster:02d}") for one in range(strata) for cluster in side]
            surveys.append(SimpleNamespace(
                cluster_names=names, stratum=np.repeat(np.arange(strata), clusters),
                cluster=np.arange(strata * clusters),
            ))  # fmt: skip
        values = [table[:, list(side)].ravel() for table, side in zip((now, then), sides, strict=True)]
        found = _change(surveys[0], values[0], surveys[1], values[1], 0.0)  # type: ignore[arg-type]
        zero += found["change_standard_error"] == 0.0
        held += found["change_low"] <= 3 * strata * clusters <= found["change_high"]
    assert zero == 0
    assert 0.93 <= held / times <= 1.0
    if strata * (kept - 1) >= 10:
        assert held / times <= 0.985


@pytest.mark.parametrize("kept", [5, 3, 2])
def test_the_change_by_month_is_that_of_the_survey_room(kept: int) -> None:
    """Three strata of five clusters, of different size, some common: one covariance for both desks."""
    random = np.random.default_rng(kept)
    sizes = np.array([20.0, 100.0, 400.0])
    lasting = random.normal(1, 0.2, (3, 10)) * sizes[:, None]
    sides = (np.arange(5), np.arange(5 - kept, 10 - kept))
    tables = [(lasting + random.normal(step, 0.05, lasting.shape) * sizes[:, None])[:, side]
              for step, side in zip((0, 0.3), sides, strict=True)]  # fmt: skip
    stratum, names = (
        np.repeat(np.arange(3), 5),
        [[f"{s}/{c}" for s in range(3) for c in side] for side in sides],
    )
    surveys = [
        SimpleNamespace(
            cluster_names=[(one.split("/")[0], one) for one in own], stratum=stratum, cluster=np.arange(15)
        )
        for own in names
    ]
    values = [table.ravel() for table in tables]
    found = _change(surveys[0], values[0], surveys[1], values[1], 0.0)  # type: ignore[arg-type]
    designs = [survey.design(np.ones(15), strata=stratum) for _ in sides]
    other = survey.change(
        "total", designs[0], values[0], designs[1], values[1], first_units=names[0], second_units=names[1]
    )
    assert found["change"] == pytest.approx(other.values[2])
    assert found["change_standard_error"] == pytest.approx(other.standard_errors[2])
    assert found["common_clusters"] == 3 * kept
    if kept == 5:  # the same sample twice: the error of the differences
        whole = survey.total(designs[0], values[1] - values[0])
        assert found["change_standard_error"] == pytest.approx(whole.standard_errors[0])


def test_one_cluster_tells_no_error_of_a_change() -> None:
    one = SimpleNamespace(
        cluster_names=[("a", "C1")], stratum=np.zeros(1, dtype=int), cluster=np.zeros(1, dtype=int)
    )
    found = _change(one, np.array([30.0]), one, np.array([40.0]), 0.0)  # type: ignore[arg-type]
    assert found["change"] == 10 and found["change_standard_error"] is found["change_low"] is None


def test_a_sample_in_which_nobody_was_found_tells_no_error(engine: DuckDB) -> None:
    tables = _tables()
    for row in tables["labour_survey"]:
        if row["employment_form"] == "part_time":
            row["employment_form"] = "employee"
    run(engine, tables)
    for row in (
        _months(engine)[NOVEMBER, "part_time"],
        *rows_of(engine, "flexible_employment", "definition_code = 'part_time'"),
    ):
        assert float(row["persons"]) == 0 and row["standard_error"] is row["low"] is row["high"] is None
    assert _months(engine)[NOVEMBER, "part_time"]["change_standard_error"] is None


def test_a_register_that_is_too_small_in_one_month_is_withheld_in_all(engine: DuckDB) -> None:
    tables = _tables()
    tables["platform_work_record"] = [
        *_register(OCTOBER, 40),
        *_register(NOVEMBER, 55),
        _work(DECEMBER, "z1"),
    ]
    run(engine, tables)
    found = _months(engine)
    by_register = [
        row for row in found.values() if row["method"] != "survey" and row["status"] != "not_surveyed"
    ]
    assert by_register and all(
        row["status"] == "suppressed" and row["persons"] is None for row in by_register
    )
    assert found[NOVEMBER, "survey_flexible"]["persons"] is not None
    assert "statistics.month_register_small" in {row["code"] for row in rows_of(engine, "finding")}


def test_nobody_outside_the_register_is_no_certainty(engine: DuckDB) -> None:
    tables = _tables()
    people = [row["person_hash"] for row in tables["labour_survey"]]
    tables["platform_work_record"] = [
        {**_work(month, "x"), "worker_hash": who}
        for month in (OCTOBER, NOVEMBER)
        for who in [*sorted(set(people)), *(mark(f"w{number}") for number in range(9 * len(set(people))))]
    ]  # each person met stands for ten
    run(engine, tables)
    row = _months(engine)[NOVEMBER, "corrected_total"]
    assert row["standard_error"] is None and row["high"] > row["low"] == row["persons"]


def _met(month: str, listed: int) -> dict[str, list[dict[str, Any]]]:
    """Return a survey whose platform workers stand for 16,000, nine in ten of them in a register with others beside."""
    random = np.random.default_rng(1)
    persons, work = [], []
    for stratum in ("a", "b"):
        for cluster in range(8):
            for number in range(20):
                form = "platform" if number < 4 else "employee" if number < 14 else None
                persons.append(_person(month, stratum, f"C{cluster}", number, form, 50.0))
                if number < 4 and random.random() < 0.9:
                    work.append(_work(month, f"{stratum}C{cluster}-{number}"))
    work += [_work(month, f"z{number}") for number in range(listed)]
    return {"labour_survey": persons, "platform_work_record": work}


def test_a_month_whose_register_is_short_has_no_interval_though_the_year_agrees(engine: DuckDB) -> None:
    full, few = _met(OCTOBER, 5_500), _met(NOVEMBER, 300)
    run(engine, {name: full[name] + few[name] for name in full})
    [year] = rows_of(engine, "flexible_employment", "definition_code = 'corrected_total'")
    assert year["low"] is not None
    found = {
        row["month"]: row
        for row in rows_of(engine, "flexible_employment_month", "definition_code = 'corrected_total'")
    }
    assert found[OCTOBER]["low"] is not None and found[NOVEMBER]["persons"] is not None
    assert (found[NOVEMBER]["low"], found[NOVEMBER]["high"]) == (None, None)
    assert found[NOVEMBER]["change"] is not None and found[NOVEMBER]["change_low"] is None
    survey = rows_of(engine, "flexible_employment_month", "definition_code = 'survey_in_register'")
    assert survey and all(row["low"] is not None for row in survey)
    [told] = rows_of(engine, "finding", "code = 'statistics.register_month_short'")
    assert told["record_key"] == NOVEMBER and not rows_of(
        engine, "finding", "code = 'statistics.register_short_of_survey'"
    )


def test_where_the_year_is_short_no_change_has_an_interval(engine: DuckDB) -> None:
    first, second = _met(OCTOBER, 300), _met(NOVEMBER, 300)
    run(engine, {name: first[name] + second[name] for name in first})
    rows = rows_of(engine, "flexible_employment_month", "definition_code = 'corrected_total'")
    assert len(rows) == 2
    for row in rows:
        assert row["low"] is None and row["change_low"] is None and row["change_standard_error"] is None
    assert rows_of(engine, "finding", "code = 'statistics.register_short_of_survey'")
