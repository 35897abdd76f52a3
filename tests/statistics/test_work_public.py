"""Platform workers by month and district: few persons and single platforms are hidden, nor does another table tell."""

from __future__ import annotations

from typing import Any

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.statistics.disclosure_audit import AUDIT_STEPS, make
from tests.statistics.book import SETTINGS, YEAR, mark, rows_of, run
from tests.statistics.test_employment import SURVEY

TABLE = "platform_worker_public"
MONTHS = tuple(f"{YEAR}-{number:02d}" for number in (9, 10, 11))
SIZES = {"310101": 60, "310104": 40, "310105": 30, "310106": 20}


def _work(sizes: dict[tuple[str, str], int], platforms: int = 4) -> list[dict[str, Any]]:
    """Return work records: so many workers in each month and district, their platforms in turn."""
    return [
        {"worker_hash": mark(f"{district}{number}"), "month": month, "platform_uscc": f"P{number % platforms}",
         "district_code": district, "orders": 5, "hours": 20.0, "income": None}
        for (month, district), size in sizes.items() for number in range(size)
    ]  # fmt: skip


def _sizes(**changed: int) -> dict[tuple[str, str], int]:
    return {
        (month, district): changed.get(f"d{district}_{month[5:]}", size)
        for month in MONTHS for district, size in SIZES.items()
    }  # fmt: skip


def _shown(engine: DuckDB) -> dict[tuple[str, str], int | None]:
    return {(row["month"], row["district_code"]): row["workers"] for row in rows_of(engine, TABLE)}


def _safe(engine: DuckDB) -> None:
    """The run's own attack over all that it publishes gives no cell away, and it asked for those of the months."""
    rows = rows_of(engine, "disclosure_audit", "magnitude = 'persons/register_platform'")
    assert {row["verdict"] for row in rows} == {"safe"}
    assert any(row["cell"].endswith(MONTHS[0]) for row in rows)


def test_districts_by_month_are_shown_where_they_hold_persons_and_platforms_enough(engine: DuckDB) -> None:
    run(engine, {"labour_survey": SURVEY, "platform_work_record": _work(_sizes())})
    found = _shown(engine)
    assert all(found[month, district] == size for month in MONTHS for district, size in SIZES.items())
    assert {found[month, "total"] for month in MONTHS} == {150}


def test_a_small_cell_does_not_follow_from_the_city_nor_from_the_year(engine: DuckDB) -> None:
    work = _work(_sizes(d310106_09=4))
    run(engine, {"labour_survey": SURVEY, "platform_work_record": work})
    found = _shown(engine)
    hidden = {place for place, workers in found.items() if workers is None}
    assert (MONTHS[0], "310106") in hidden
    assert (
        len({district for month, district in hidden if month == MONTHS[0]}) >= 2
    )  # else the city's less the others
    _safe(engine)
    assert rows_of(engine, "finding", "code = 'statistics.worker_months_suppressed'")


def test_the_mean_of_the_survey_s_months_tells_no_hidden_month(engine: DuckDB) -> None:
    """The year's table shows the mean of the surveyed months by district: all of them but one would give it away."""
    surveyed = [{**row, "month": month} for month in MONTHS for row in SURVEY]
    work = _work(_sizes(d310106_09=4))
    run(engine, {"labour_survey": surveyed, "platform_work_record": work})
    year = {
        row["district_code"]: row["status"]
        for row in rows_of(engine, "flexible_employment_district", "definition_code = 'register_platform'")
    }
    assert year["310106"] == "shown"
    hidden = {place for place, workers in _shown(engine).items() if workers is None}
    for district in {district for _, district in hidden}:
        months = {month for month, other in hidden if other == district}
        assert len(months) >= 2 or year[district] == "suppressed"
    _safe(engine)


@pytest.mark.parametrize(
    ("smallest", "asked"),
    [((4, 20), {"310106", f"310106 {MONTHS[0]}"}), ((12, 12), {"310106"}), ((20, 20), set())],
    ids=["a small month", "a small mean, 24 / 3", "none small"],
)
def test_a_survey_month_without_work_records_counts_in_the_mean(
    engine: DuckDB, smallest: tuple[int, int], asked: set[str]
) -> None:
    """The year's table divides by all months of the survey: so do this table and the attack."""
    surveyed = [{**row, "month": month} for month in MONTHS for row in SURVEY]
    sizes = {place: size for place, size in _sizes().items() if place[0] != MONTHS[2]}
    sizes |= dict(zip([(month, "310106") for month in MONTHS[:2]], smallest, strict=True))
    run(engine, {"labour_survey": surveyed, "platform_work_record": _work(sizes)})
    year = {
        row["district_code"]: row["persons"]
        for row in rows_of(engine, "flexible_employment_district", "definition_code = 'register_platform'")
    }
    assert year["310101"] is not None and float(year["310101"]) == pytest.approx(120 / 3)
    found = _shown(engine)
    assert (
        (year["310106"] is None) == any(found[month, "310106"] is None for month in MONTHS[:2]) == bool(asked)
    )
    rows = rows_of(engine, "disclosure_audit", "magnitude = 'persons/register_platform'")
    assert {row["cell"]: row["verdict"] for row in rows} == dict.fromkeys(asked, "safe")
    assert not rows_of(engine, "finding", "code = 'disclosure.book_gives_away'")


def test_workers_of_one_platform_are_hidden(engine: DuckDB) -> None:
    sizes = _sizes()
    alone = {(month, district): size for (month, district), size in sizes.items() if district == "310105"}
    others = {place: size for place, size in sizes.items() if place not in alone}
    run(
        engine,
        {"labour_survey": SURVEY, "platform_work_record": [*_work(others), *_work(alone, platforms=1)]},
    )
    found = _shown(engine)
    assert all(found[month, "310105"] is None for month in MONTHS)
    _safe(engine)


def test_without_a_survey_there_are_months_and_districts_all_the_same(engine: DuckDB) -> None:
    run(engine, {"platform_work_record": _work(_sizes(d310106_09=4))})
    found = _shown(engine)
    assert found[MONTHS[1], "310101"] == 60 and found[MONTHS[0], "310106"] is None
    _safe(engine)


@pytest.mark.parametrize("workers", [4, None])
def test_what_was_shown_before_is_held_against_the_new_table(engine: DuckDB, workers: int | None) -> None:
    status = "suppressed" if workers is None else "shown"
    before = {"month": MONTHS[0], "district_code": "310106", "status": status, "workers": workers}
    tables = {"labour_survey": SURVEY, "platform_work_record": _work(_sizes(d310106_09=4))}
    run(engine, {**tables, f"{TABLE}_previous": [before]})
    found = _shown(engine)
    assert found[MONTHS[0], "310106"] is None
    withheld = {row["code"] for row in rows_of(engine, "finding")} & {"statistics.worker_months_withheld"}
    assert bool(withheld) == (workers is not None)


@pytest.mark.parametrize(
    ("before", "hidden"),
    [
        ({YEAR - 1: "310101"}, "310101"),
        ({YEAR - 1: "310101", YEAR + 1: "310104"}, "310101"),
        ({YEAR + 1: "310104"}, "310105"),
    ],
)
def test_the_pattern_of_the_newest_earlier_year_is_kept_not_a_later_one_s(
    engine: DuckDB, before: dict[int, str], hidden: str
) -> None:
    """Without a release of an earlier year the smallest other district is hidden."""
    rows = [
        {"month": f"{year}-09", "district_code": code, "status": "suppressed", "workers": None}
        for year, district in before.items() for code in (district, "310106")
    ]  # fmt: skip
    work = _work(_sizes(d310106_09=4))
    run(engine, {"labour_survey": SURVEY, "platform_work_record": work, f"{TABLE}_previous": rows})
    found = _shown(engine)
    assert {place for place, workers in found.items() if workers is None} == {
        (MONTHS[0], hidden), (MONTHS[0], "310106")
    }  # fmt: skip


def test_a_pattern_put_aside_is_found_by_the_attack(engine: DuckDB) -> None:
    run(engine, {"labour_survey": SURVEY, "platform_work_record": _work(_sizes(d310106_09=4))})
    for district, size in SIZES.items():
        if district != "310106":
            engine.execute(
                f"UPDATE {TABLE} SET workers = {size}, status = 'shown' "
                f"WHERE month = '{MONTHS[0]}' AND district_code = '{district}'"
            )
    engine.execute("DELETE FROM disclosure_audit")
    make(StepContext(step=AUDIT_STEPS[0], settings=SETTINGS, packs=PackLibrary.load(None), engine=engine))
    rows = rows_of(
        engine, "disclosure_audit", "magnitude = 'persons/register_platform' AND verdict <> 'safe'"
    )
    assert {row["cell"] for row in rows} == {f"310106 {MONTHS[0]}"}
