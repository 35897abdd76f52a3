"""Running totals of monthly indicators as single months: exact, told where they give none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.statistics.indicator_month import INDICATOR_MONTH_STEPS, make, single_months
from tests.statistics.book import SETTINGS, fill, rows_of

CODE = "retail"


def _rows(
    values: dict[str, str | None], kind: str | None = "year_to_date", **more: Any
) -> list[dict[str, Any]]:
    return [
        {"indicator_code": CODE, "month": month, "value": None if value is None else Decimal(value), "unit": "CNY",
         "accumulation": kind, **more}
        for month, value in values.items()
    ]  # fmt: skip


def _made(engine: DuckDB, rows: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    fill(engine, "monthly_indicator", rows)
    fill(engine, "indicator_month", ())
    fill(engine, "finding", ())
    make(StepContext(step=INDICATOR_MONTH_STEPS[0], settings=SETTINGS, packs={}, engine=engine))  # type: ignore[arg-type]
    months = {row["month"]: row["value"] for row in rows_of(engine, "indicator_month")}
    return months, {row["code"].split(".")[1]: row for row in rows_of(engine, "finding")}


def test_a_running_total_less_the_one_before(engine: DuckDB) -> None:
    months, told = _made(engine, _rows({"2023-01": "1.5", "2023-02": "4", "2023-03": "3.25", "2024-01": "2"}))
    assert months == {"2023-01": Decimal("1.5"), "2023-02": Decimal("2.5"), "2023-03": Decimal("-0.75"),
                      "2024-01": Decimal("2")}  # fmt: skip
    assert set(told) == {"accumulated_falls"} and "2023-03" in told["accumulated_falls"]["what_en"]


def test_a_total_that_is_not_there_leaves_its_month_and_the_next_unknown(engine: DuckDB) -> None:
    months, told = _made(engine, _rows({"2023-02": "4", "2023-03": "9", "2023-05": "15", "2023-06": None}))
    assert months == {"2023-02": None, "2023-03": Decimal(5), "2023-05": None, "2023-06": None}
    assert told["accumulated_gap"]["amount"] == 2


def test_january_and_february_are_even_only_where_that_is_said(engine: DuckDB) -> None:
    months, told = _made(engine, _rows({"2023-02": "4.000001", "2023-03": "9"}, "year_to_date_even"))
    assert sum(value for month, value in months.items() if month < "2023-03") == Decimal("4.000001")
    assert abs(months["2023-01"] - months["2023-02"]) <= Decimal("0.000001")
    assert set(told) == {"accumulated_half"}
    months, told = _made(engine, _rows({"2023-01": "1", "2023-02": "4"}, "year_to_date_even"))
    assert months == {"2023-01": Decimal(1), "2023-02": Decimal(3)} and not told, "January is known"
    months, told = _made(
        engine, [*_rows({"2023-02": "4"}, "year_to_date_even"), *_rows({"2023-03": "9"}, "year_to_date")]
    )
    assert months == {"2023-01": Decimal(2), "2023-02": Decimal(2), "2023-03": Decimal(5)}, "said of one row"
    assert set(told) == {"accumulated_half"}


def test_single_months_stand_as_delivered(engine: DuckDB) -> None:
    months, told = _made(engine, [*_rows({"2023-01": "3"}, "month"), *_rows({"2023-02": "2"}, None)])
    assert months == {"2023-01": Decimal(3), "2023-02": Decimal(2)} and not told


def test_single_months_beside_running_totals_stay_and_carry_them_on(engine: DuckDB) -> None:
    """January and February come as one, then single months, and the half year's total again."""
    rows = [
        *_rows({"2023-02": "10"}, "year_to_date_even"), *_rows({"2023-03": "4", "2023-04": "5"}, "month"),
        *_rows({"2023-05": "25"}), *_rows({"2023-07": "1"}, "month"), *_rows({"2023-08": "40"}),
    ]  # fmt: skip
    months, told = _made(engine, rows)
    assert months == {
        "2023-01": Decimal(5), "2023-02": Decimal(5), "2023-03": Decimal(4), "2023-04": Decimal(5),
        "2023-05": Decimal(6), "2023-07": Decimal(1), "2023-08": None,
    }  # fmt: skip
    assert set(told) == {"accumulated_half", "accumulated_gap"} and told["accumulated_gap"]["amount"] == 1


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (_rows({"2023-01": "3", "2023-02": "4"}, unit="CNY/t"), "accumulated_rate"),
        (_rows({"2023-01": "3", "2023-02": "4"}, unit="%"), "accumulated_rate"),
    ],
)
def test_what_cannot_be_subtracted_is_told(engine: DuckDB, rows: list[dict[str, Any]], code: str) -> None:
    months, told = _made(engine, rows)
    assert set(months.values()) == {None} and set(told) == {code}


@given(st.lists(st.decimals(0, 10**9, places=6), min_size=12, max_size=12), st.booleans(), st.booleans())
def test_single_months_add_up_to_the_running_totals(
    values: list[Decimal], halved: bool, january: bool
) -> None:
    running = {f"2023-{at + 1:02d}": str(sum(values[: at + 1], Decimal(0))) for at in range(12)}
    if halved and not january:
        del running["2023-01"]
    found = single_months(_rows(running), halved=halved)
    assert sum((row["value"] for row in found), Decimal(0)) == Decimal(running["2023-12"])
    assert [row["month"] for row in found] == [f"2023-{at:02d}" for at in range(1, 13)]
