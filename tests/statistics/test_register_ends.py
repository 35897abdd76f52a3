"""When a unit ends: by a record that says so, unless a later one lives; the undated list speaks for neither."""

from __future__ import annotations

from datetime import date
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.register import events
from lvshu.statistics.register.steps import REGISTER_STEPS
from tests.statistics.book import SETTINGS, fill, rows_of

END = date(2023, 9, 15)


def _extract(source: str, record: str, delivered: date, ceased: date | None = None) -> dict[str, Any]:
    return {
        "source": source,
        "record_id": record,
        "delivered_on": delivered,
        "name": record,
        "ceased_on": ceased,
    }


def _member(unit: str, source: str, record: str) -> dict[str, Any]:
    return {
        "kind": "enterprise", "record_key": f"{source}|{record}", "unit_id": unit, "source": source, "code": None,
        "valid_from": date(2023, 1, 31), "by": "code", "compared": True,
    }  # fmt: skip


def _ended(engine: DuckDB) -> dict[str, date | None]:
    """Return the day on which each unit ended, of four units that a market register says ended."""
    early, late = date(2023, 6, 30), date(2023, 12, 31)
    fill(engine, "enterprise", [{"uscc": "B", "name": "B"}])
    fill(engine, "enterprise_extract", [
        *(_extract("market", one, late, END) for one in ("a", "b", "c", "d")),
        _extract("tax", "c", early), _extract("tax", "d", late),
    ])  # fmt: skip
    fill(engine, "register_member", [
        *(_member(one.upper(), "market", one) for one in ("a", "b", "c", "d")),
        _member("B", "register", "B"), _member("C", "tax", "c"), _member("D", "tax", "d"),
    ])  # fmt: skip
    for table in ("person_extract", "unit_event", "register_member_previous", "register_unit", "register_event",
                  "finding", "uncertainty"):  # fmt: skip
        fill(engine, table, [])
    unit = next(one for one in REGISTER_STEPS if one.name == "statistics.register_unit")
    assert isinstance(unit.action, Query)
    engine.make(unit.action, {}, load("register_unit"))
    return {row["unit_id"]: row["ended_on"] for row in rows_of(engine, "register_unit")}


def test_lists_and_older_deliveries_do_not_keep_a_closed_unit_alive(engine: DuckDB) -> None:
    assert _ended(engine) == {"A": END, "B": END, "C": END, "D": None}


def test_ended_units_that_are_listed_and_ends_that_are_contradicted_are_told(engine: DuckDB) -> None:
    _ended(engine)
    step = next(one for one in REGISTER_STEPS if one.name == "statistics.register_event")
    events.make(StepContext(step=step, settings=SETTINGS, packs=PackLibrary.load(None), engine=engine))
    told = {row["code"]: float(row["amount"]) for row in rows_of(engine, "finding")}
    assert told == {"statistics.register_listed_ended": 1, "statistics.register_end_open": 1}
    assert {row["unit_id"] for row in rows_of(engine, "register_event") if row["event"] == "end"} == {
        "A",
        "B",
        "C",
    }


def test_record_numbers_that_lost_their_zeros_are_told(engine: DuckDB) -> None:
    _ended(engine)
    early, late = date(2023, 6, 30), date(2023, 12, 31)
    fill(engine, "enterprise_extract", [
        *(_extract("market", f"000{number}", early) for number in range(1, 6)),
        *(_extract("market", str(number), late) for number in range(1, 6)),
        *(_extract("tax", f"00{number}", day) for number in range(1, 4) for day in (early, late)),
    ])  # fmt: skip
    step = next(one for one in REGISTER_STEPS if one.name == "statistics.register_event")
    events.make(StepContext(step=step, settings=SETTINGS, packs=PackLibrary.load(None), engine=engine))
    told = [
        row for row in rows_of(engine, "finding") if row["code"] == "statistics.register_numbers_shortened"
    ]
    assert [(row["record_key"], float(row["amount"])) for row in told] == [("market", 5.0)]
