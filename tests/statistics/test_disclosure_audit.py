"""The run attacks its own publication: what it protects passes, and a table that is put back gives figures away."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.statistics.disclosure_audit import AUDIT_STEPS, make
from lvshu.store.workspace import Workspace
from tests.statistics.book import SETTINGS, YEAR, mark, rows_of, run
from tests.statistics.test_platforms import _year

SIZES = {("310101", "3911"): 14, ("310104", "3911"): 12, ("310105", "3911"): 3, ("310106", "3911"): 20,
         ("310101", "6511"): 15, ("310104", "6511"): 16, ("310105", "6531"): 13, ("310106", "6311"): 4}  # fmt: skip


def _survey(seed: int = 3) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    return [
        {"uscc": f"U{district}{code}{number}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 2.0,
         "value_added": Decimal(int(1e6 * random.lognormal(0, 0.3))), "revenue": Decimal(10**7),
         "industry_code": code, "district_code": district}
        for (district, code), size in SIZES.items() for number in range(size)
    ]  # fmt: skip


def _price(code: str, index: float) -> dict[str, Any]:
    return {"year": YEAR, "code": code, "base_year": YEAR - 1, "price_index": index, "source": "test"}


def _book(engine: DuckDB, **more: Any) -> None:
    mediums = [
        str(row["code"])
        for row in PackLibrary.load()["digital_economy_2021"].rows
        if row["level"] == "medium"
    ]
    prices = [_price(code, 90.0 + 3 * place) for place, code in enumerate(mediums)]
    returns = [row for one in "ABCDE" for row in _year(one, 1000.0)] + _year("F", 900.0, absent=(1, 6))
    tables = {
        "business_survey": _survey(),
        "digital_economy_price": prices,
        "platform_return": returns,
        **more,
    }
    run(engine, tables)


def _again(engine: DuckDB) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Audit anew, after a table was changed; return the figures that are not safe, and what is told."""
    engine.execute("DELETE FROM disclosure_audit")
    engine.execute("DELETE FROM finding")
    library = PackLibrary.load(None)
    make(StepContext(step=AUDIT_STEPS[0], settings=SETTINGS, packs=library, engine=engine))
    return (
        rows_of(engine, "disclosure_audit", "verdict <> 'safe'"),
        rows_of(engine, "finding", "code = 'disclosure.book_gives_away'"),
    )


def test_a_run_passes_its_own_audit(engine: DuckDB) -> None:
    _book(engine)
    rows = rows_of(engine, "disclosure_audit")
    assert {row["magnitude"] for row in rows} == {
        "digital_value_added", "digital_error_squares", "platform_transactions", "derived_value_added",
        "derived_error_squares",
    }  # fmt: skip
    assert {row["verdict"] for row in rows} == {"safe"}
    assert not rows_of(engine, "finding", "code = 'disclosure.book_gives_away'")
    shown = rows_of(
        engine, "digital_economy_account_public", "level = 'medium' AND value_added_full IS NOT NULL"
    )
    assert shown, "something is published all the same"


def test_a_medium_of_the_account_that_is_put_back_gives_districts_away(engine: DuckDB) -> None:
    _book(engine)
    [hidden, *_] = rows_of(engine, "digital_economy_account_public", "value_status = 'suppressed'")
    engine.execute(
        "UPDATE digital_economy_account_public SET value_status = 'shown', value_added_full = (SELECT value_added_full "
        f"FROM digital_economy_account WHERE code = '{hidden['code']}') WHERE code = '{hidden['code']}'"
    )
    weak, told = _again(engine)
    assert weak and {row["severity"] for row in told} == {"error"}
    assert {row["magnitude"] for row in weak} == {"digital_value_added", "derived_value_added"}


def test_an_interval_tells_its_figure_whatever_its_scale(engine: DuckDB) -> None:
    """The ends of a hidden figure's interval are put back: their product is its square."""
    _book(engine)
    public = {row["code"]: row for row in rows_of(engine, "digital_economy_account_public")}
    one = next(
        row
        for row in rows_of(engine, "digital_economy_account", "level = 'medium' AND standard_error > 0")
        if public[row["code"]]["value_status"] == "suppressed"
    )
    middle = (float(one["low"]) + float(one["high"])) / 2
    assert middle > 1.001 * float(one["value_added_full"])  # the middle of the ends would tell another figure
    engine.execute(
        f"UPDATE digital_economy_account_public SET low = {one['low']}, high = {one['high']} "
        f"WHERE code = '{one['code']}'"
    )
    weak, _ = _again(engine)
    told = {row["cell"]: row for row in weak if row["magnitude"] == "digital_value_added"}
    assert told[f"total/{one['code']}"]["verdict"] == "public"  # a table tells it as it is
    assert "interval" in told[f"total/{one['code']}"]["through"]


def test_constant_prices_do_not_give_away_what_current_prices_hide(engine: DuckDB) -> None:
    """The sum of a major at constant prices is a second equation over its mediums: shown, it would tell them."""
    _book(engine)
    rows = {row["code"]: row for row in rows_of(engine, "digital_economy_constant")}
    public = {row["code"]: row for row in rows_of(engine, "digital_economy_account_public")}
    below = [
        code for code in public if code.startswith("03") and public[code]["value_status"] == "suppressed"
    ]
    assert below, "the survey has a medium of few units"
    assert rows["03"]["status"] == "suppressed" and rows["03"]["constant_value"] is None
    assert all(row["status"] == "suppressed" for code, row in rows.items() if code in below)


def test_the_imputed_figure_of_one_platform_follows_from_bounds_and_is_found(engine: DuckDB) -> None:
    _book(engine)
    [share] = rows_of(engine, "uncertainty", "indicator = 'platform_third_party_share'")
    assert (share["low"], share["high"]) == (None, None)
    whole = sum(float(row["amount"]) for row in rows_of(
        engine, "platform_transaction", "region_code = 'total' AND category_code = 'total' AND trade_kind = 'total'"
    ))  # fmt: skip
    made = sum(float(row["amount"]) for row in rows_of(engine, "platform_imputation"))
    low, high = 70.0, 70.0 + 100 * made / whole
    engine.execute(
        f"UPDATE uncertainty SET low = {low}, high = {high} WHERE indicator = 'platform_third_party_share'"
    )
    weak, _ = _again(engine)
    assert [(row["cell"], row["verdict"]) for row in weak] == [(f"{YEAR} not split", "given_away")]
    assert float(weak[0]["low"]) == pytest.approx(made, rel=1e-3)


def test_an_unsafe_figure_of_an_earlier_release_is_found(engine: DuckDB) -> None:
    """A release of the account that shows the few units of a medium: the audit names it."""
    _book(engine)
    hidden = next(
        row for row in rows_of(engine, "disclosure_audit", "magnitude = 'digital_value_added'")
        if row["cell"].startswith("total/")
    )  # fmt: skip
    code = hidden["cell"].removeprefix("total/")
    engine.execute(
        f"INSERT INTO digital_economy_account_previous (year, code, released_on, value_added_full) VALUES ({YEAR}, "
        f"'{code}', DATE '{YEAR}-05-10', {hidden['value']:.2f})"
    )
    weak, _ = _again(engine)
    assert f"total/{code}" in {row["cell"] for row in weak}
    assert any("digital_economy_account 2" in row["through"] for row in weak)


def test_derived_classes_and_the_model_of_districts_are_part_of_the_attack(engine: DuckDB) -> None:
    """A derived class, or a district beside the model, that is put back gives away what the tables hide."""
    table = [
        {
            "classification": "own",
            "class_code": code,
            "parent_code": "",
            "industry_code": industry,
            "partial": False,
        }
        for code, industry in (("A", "6311"), ("B", "6511"), ("B", "3911"))
    ]
    _book(engine, derived_class=table)
    [hidden, *_] = rows_of(
        engine, "derived_account_public", "value_status = 'suppressed' AND class_code = 'A'"
    )
    own = " AND ".join(f"{name} = '{hidden[name]}'" for name in ("classification", "class_code"))
    engine.execute(
        "UPDATE derived_account_public SET full_value = (SELECT full_value FROM derived_account "
        f"WHERE {own} AND district_code = 'total' AND measure = 'value_added') WHERE {own}"
    )
    weak, _ = _again(engine)
    assert {row["magnitude"] for row in weak} == {"derived_value_added", "digital_value_added"}
    assert any("derived_account_public" in row["through"] for row in weak)
    few = [
        {**row, "uscc": f"few{number}", "district_code": "310107"} for number, row in enumerate(_survey()[:2])
    ]
    _book(engine, business_survey=[*_survey(), *few])
    asked = rows_of(engine, "disclosure_audit", "magnitude = 'digital_value_added'")
    one = next(row for row in asked if row["cell"] == "310107/core")
    district = one["cell"].removesuffix("/core")
    engine.execute("DELETE FROM digital_economy_district_model")
    engine.execute(
        "INSERT INTO digital_economy_district_model (district_code, direct_value, value_added) VALUES "
        f"('{district}', {one['value']:.2f}, "
        "(SELECT value_added_full FROM digital_economy_account WHERE code = 'core'))"
    )
    weak, _ = _again(engine)
    assert one["cell"] in {row["cell"] for row in weak}
    assert any("digital_economy_district_model" in row["through"] for row in weak)


@pytest.mark.slow
def test_the_sample_city_gives_nothing_away(sample_run: Path) -> None:
    with DuckDB(Workspace.open(sample_run).runs.book_path(), read_only=True) as engine:
        rows = rows_of(engine, "disclosure_audit")
        registers = rows_of(engine, "flexible_register", "only_here > 0 AND only_here < 10")
        public = rows_of(engine, "flexible_register_public")
    assert len(rows) > 100 and {row["verdict"] for row in rows} == {"safe"}
    assert registers and all(row["only_here"] is None for row in public)


OCTOBER, NOVEMBER, DECEMBER = (f"{YEAR}-{number}" for number in (10, 11, 12))


def _people(workers: dict[str, int]) -> dict[str, list[dict[str, Any]]]:
    """A survey of three months, all alike, and a register of that many workers in each."""
    survey = [
        {
            "person_hash": mark(f"p{number}"), "month": month, "stratum": "310115", "cluster": f"C{number % 5}",
            "weight": 10.0, "employed": True, "employment_form": "own_account" if number % 7 < 3 else "employee",
            "main_job_platform": False, "second_job_platform": False, "hours": 40.0, "district_code": "310115",
            "age": 30, "sex": "male",
        }
        for month in workers for number in range(40)
    ]  # fmt: skip
    works = [
        {
            "platform_uscc": f"P{number % 6}", "worker_hash": mark(f"z{number}"), "month": month, "orders": 9,
            "hours": 50.0, "district_code": "310115", "activity_kind": "delivery",
        }
        for month, count in workers.items() for number in range(count)
    ]  # fmt: skip
    return {"labour_survey": survey, "platform_work_record": works}


def test_a_withheld_month_does_not_follow_from_the_year_and_the_other_months(engine: DuckDB) -> None:
    run(engine, _people({OCTOBER: 40, NOVEMBER: 55, DECEMBER: 4}))
    asked = rows_of(engine, "disclosure_audit", "magnitude = 'registers'")
    assert f"{DECEMBER} platform: persons" in {row["cell"] for row in asked}
    assert {row["verdict"] for row in asked} == {"safe"}
    [year] = rows_of(engine, "flexible_employment", "definition_code = 'register_platform'")
    assert float(year["persons"]) == 33  # the mean stays: no month is shown beside it
    assert {row["status"] for row in rows_of(engine, "flexible_register_public")} == {"suppressed"}
    by_register = rows_of(engine, "flexible_employment_month", "method <> 'survey'")
    assert {row["status"] for row in by_register} == {"suppressed"}
    columns = {"flexible_register_public": "register_code", "flexible_employment_month": "definition_code"}
    for table, column in columns.items():
        for month, workers in ((OCTOBER, 40), (NOVEMBER, 55)):
            code = "platform" if column == "register_code" else "register_platform"
            engine.execute(
                f"UPDATE {table} SET persons = {workers} WHERE month = '{month}' AND {column} = '{code}'"
            )
        weak, told = _again(engine)
        assert {row["cell"] for row in weak} >= {f"{DECEMBER} platform: persons"}, table
        assert told and table in weak[0]["through"]
        engine.execute(f"UPDATE {table} SET persons = NULL")


@pytest.mark.parametrize("figure", ["interval", "one-sided"])
def test_an_interval_that_begins_at_the_register_tells_it(engine: DuckDB, figure: str) -> None:
    run(engine, _people({OCTOBER: 40, NOVEMBER: 55, DECEMBER: 4}))
    outside = 150.0
    low, high, error = (
        (4.0, 9.0, "NULL") if figure == "one-sided" else (4 + outside / 1.5, 4 + outside * 1.5, "30")
    )
    engine.execute(
        f"UPDATE flexible_employment_month SET persons = {4 + outside}, low = {low}, high = {high}, "
        f"standard_error = {error} WHERE month = '{DECEMBER}' AND definition_code = 'corrected_total'"
    )
    weak, _ = _again(engine)
    assert f"{DECEMBER} platform: persons" in {row["cell"] for row in weak}
    assert any("flexible_employment_month" in row["through"] for row in weak)


def test_a_year_of_few_registered_workers_is_withheld_with_all_that_rests_on_it(engine: DuckDB) -> None:
    run(engine, _people({OCTOBER: 4, NOVEMBER: 5, DECEMBER: 6}))
    rows = rows_of(engine, "flexible_employment", "method <> 'survey' AND status <> 'not_delivered'")
    assert rows and {(row["status"], row["persons"], row["low"]) for row in rows} == {
        ("suppressed", None, None)
    }
    assert not rows_of(engine, "flexible_employment_replicate", "definition_code LIKE 'corrected%'")
    assert {row["indicator"] for row in rows_of(engine, "uncertainty")} == {"flexible_employment_survey"}
    assert {row["verdict"] for row in rows_of(engine, "disclosure_audit")} == {"safe"}
    assert "statistics.register_small" in {row["code"] for row in rows_of(engine, "finding")}
