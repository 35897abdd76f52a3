"""Where the money goes: stock and flow by class, exact shifts, intensities, what an institution sees."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lvshu.core.errors import MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.capital_flow import (
    CLASSES,
    add_cells,
    intensity_rows,
    period_rows,
    read_view,
    shift_rows,
    view_of,
)
from lvshu.finance.flow_steps import FLOW_STEPS
from lvshu.finance.methods.capital_flow import mean_intensity, shift_of_mix
from tests.finance.book import ENTERPRISE, LOAN, YEAR, intensities, months, rows, run

NAMES = ("finance.loan_average_balance", "finance.industry_group", "finance.loan_subject",
         *(step.name for step in FLOW_STEPS))  # fmt: skip
AMOUNTS = arrays(
    np.float64, st.tuples(st.integers(1, 5), st.just(4)), elements=st.integers(0, 10**6).map(float)
)


def _loan(name: str, bank: str, code: str, **more: Any) -> dict[str, Any]:
    return (
        LOAN | {"loan_id": name, "institution_id": bank, "purpose_industry_code": code, "uscc": None} | more
    )


def _book() -> dict[str, Any]:
    december = {"month": f"{YEAR - 1}-12"}
    loans = [
        _loan("steel", "A", "3120"),
        _loan("steel-green", "A", "3120", green_label="1.1.2", green_catalogue="green_bond_catalogue_2021"),
        _loan(
            "steel-transition", "B", "3120", green_label="1", green_catalogue="shanghai_transition_catalogue"
        ),
        _loan("metro", "B", "5412", disbursed_on=date(YEAR, 5, 10)),
        _loan("solar", "C", "4416", green_label="3.2.2.2", green_catalogue="green_bond_catalogue_2021"),
        _loan("gap", "A", "5211"),
    ]
    balances = [
        {"loan_id": "steel", "outstanding_amount": Decimal(100)} | december, *months("steel", 80.0),
        {"loan_id": "steel-green", "outstanding_amount": Decimal(10)} | december, *months("steel-green", 40.0),
        {"loan_id": "steel-transition", "outstanding_amount": Decimal(0)} | december,
        *months("steel-transition", 25.0), *months("metro", 60.0, first=5),
        {"loan_id": "solar", "outstanding_amount": Decimal(5)} | december, *months("solar", 5.0),
        *months("gap", [7.0] * 11),
    ]  # fmt: skip
    return {
        "loan": loans,
        "loan_balance": [dict(row) for row in balances],
        **intensities({"31": 2.0, "44": 1.0}),
    }


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with DuckDB(scratch=tmp_path_factory.mktemp("flows")) as engine:
        yield run(engine, _book() | {"enterprise": [dict(ENTERPRISE, uscc="9" * 18)]}, only=NAMES)


def test_every_loan_stands_in_its_class_and_field(book: DuckDB) -> None:
    year = {
        (row["division"], row["carbon_class"]): row
        for row in rows(book, "capital_flow", "period_kind = 'year'")
    }
    assert {key: (row["net_flow"], row["field"]) for key, row in year.items()} == {
        ("31", "high_carbon"): (Decimal(-20), "none"),
        ("31", "low_carbon"): (Decimal(30), "none"),
        ("31", "transition"): (Decimal(25), "none"),
        ("54", "other"): (Decimal(60), "transport"),
        ("44", "low_carbon"): (Decimal(0), "energy"),
        ("52", "other"): (None, "consumption"),
    }
    assert year[("52", "other")]["loans_unknown"] == 1
    assert "finance.flow_unknown" in {row["code"] for row in rows(book, "finding")}


def test_flows_of_months_add_up_to_quarters_and_the_year(book: DuckDB) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(book, "capital_flow", "division <> '52'"):
        sums[row["period_kind"]] += row["net_flow"]
        assert row["net_flow"] == row["inflow"] - row["outflow"]
        assert row["net_flow"] == row["matched_end"] - row["matched_begin"]
    assert sums == {"month": Decimal(95), "quarter": Decimal(95), "year": Decimal(95)}


def test_the_shift_adds_up_to_the_cent_for_each_and_for_all(book: DuckDB) -> None:
    table = rows(book, "capital_flow_shift")
    assert {row["institution_id"] for row in table} == {"A", "B", "C", "*"}
    for row in table:
        assert row["growth"] + row["between_divisions"] + row["within_divisions"] == row["change"]
    steel = {
        row["carbon_class"]: row
        for row in table
        if row["institution_id"] == "A" and row["period_kind"] == "year"
    }
    assert steel["low_carbon"]["share_end"] == pytest.approx(40 / 120)
    assert steel["low_carbon"]["between_share"] == 0.0
    assert steel["low_carbon"]["within_share"] == pytest.approx(40 / 120 - 10 / 110)


def test_what_flows_in_is_compared_with_what_stands(book: DuckDB) -> None:
    row = rows(book, "capital_flow_intensity", "institution_id = '*' AND period_kind = 'year'")[0]
    assert row["stock_begin_intensity"] == pytest.approx((110 * 2 + 5 * 1) / 115 * 1e4)
    assert row["inflow_intensity"] == pytest.approx(2e4)
    assert row["covered"] == pytest.approx((145 + 5) / 210)


def test_an_institution_sees_its_own_and_no_one_elses(book: DuckDB) -> None:
    flows, aggregate = rows(book, "capital_flow"), rows(book, "capital_flow_aggregate")
    view = view_of("A", flows, aggregate)
    assert {row["institution_id"] for row in view["own"]} == {"A"}
    assert len(view["own"]) == sum(row["institution_id"] == "A" for row in flows)
    assert all("institution_id" not in row for row in view["aggregate"])
    assert {row["status"] for row in aggregate} == {"suppressed"}  # each cell is of one or two banks
    assert {row["outstanding_end"] for row in aggregate} == {None}


def _cell(bank: str, division: str, amount: int) -> dict[str, Any]:
    money = dict.fromkeys(
        ("outstanding_begin", "outstanding_end", "net_flow", "inflow", "outflow"), Decimal(amount)
    )
    return {"institution_id": bank, "period_kind": "year", "period": "2025", "division": division,
            "carbon_class": "other", "field": "none", **money}  # fmt: skip


def test_one_hidden_cell_takes_another_with_it() -> None:
    cells = [_cell(bank, division, amount) for bank in "ABC" for division, amount in (("10", 5), ("20", 9))]
    table = {row["division"]: row for row in add_cells([*cells, _cell("A", "30", 99)], 3)}
    assert {name: row["status"] for name, row in table.items()} == {
        "10": "suppressed_second", "20": "shown", "30": "suppressed",
    }  # fmt: skip
    assert table["20"]["outstanding_end"] == 27
    assert table["10"]["institutions"] is None


@given(AMOUNTS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_parts_of_a_shift_sum_to_the_change(begin: np.ndarray, random: Any) -> None:
    end = np.array([[random.choice([0.0, float(random.randint(0, 10**6))]) for _ in line] for line in begin])
    shift = shift_of_mix(begin, end)
    scale = max(begin.sum(), end.sum(), 1.0)
    assert np.abs(shift.growth + shift.between + shift.within - shift.change).max() <= 1e-12 * scale
    if begin.sum() and end.sum():
        rest = shift.share_end - shift.share_begin - shift.between_share - shift.within_share
        assert np.abs(rest).max() <= 1e-12
        back = shift_of_mix(end, begin)
        assert np.abs(back.between + shift.between).max() <= 1e-9 * scale


@given(AMOUNTS)
@settings(max_examples=30, deadline=None)
def test_growth_alone_is_growth_alone(begin: np.ndarray) -> None:
    shift = shift_of_mix(begin, begin * 3)
    assert np.abs(shift.between).max() + np.abs(shift.within).max() <= 1e-9 * max(begin.sum(), 1.0)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["10", "20", "30"]), st.sampled_from(CLASSES),
                          st.integers(0, 10**8), st.integers(0, 10**8)), min_size=1, max_size=8))  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_rows_sum_to_the_cent_under_any_grouping(records: list[tuple[str, str, str, int, int]]) -> None:
    flows = [
        {"institution_id": bank, "period_kind": "year", "period": "2025", "division": division, "carbon_class": name,
         "matched_begin": Decimal(first) / 100, "matched_end": Decimal(last) / 100}
        for bank, division, name, first, last in records
    ]  # fmt: skip
    table = shift_rows(flows)
    whole = {row["carbon_class"]: row for row in table if row["institution_id"] == "*"}
    for row in table:
        assert row["growth"] + row["between_divisions"] + row["within_divisions"] == row["change"]
    for name, row in whole.items():
        parts = [
            one["change"] for one in table if one["institution_id"] != "*" and one["carbon_class"] == name
        ]
        assert sum(parts) == row["change"]
    assert shift_rows(flows[::-1]) == table


def test_intensities_without_any_known_are_not_a_number() -> None:
    mean, covered = mean_intensity(np.array([1.0, 0.0]), np.array([np.nan, 2.0]))
    assert np.isnan(mean)
    assert covered == 0.0
    row = intensity_rows([_cell("A", "99", 0)], {})[0]
    assert row["stock_end_intensity"] is None
    assert row["covered"] is None


def test_periods_cover_the_year_without_a_gap() -> None:
    every = ["2024-12", *(f"2025-{number:02d}" for number in range(1, 13))]
    table = period_rows(2025, every)
    assert len(table) == 17
    for kind in ("month", "quarter", "year"):
        ends = [(row["begin_number"], row["end_number"]) for row in table if row["period_kind"] == kind]
        assert ends[0][0] == 0
        assert ends[-1][1] == 12
        assert all(left[1] == right[0] for left, right in pairwise(ends))


def test_a_ledger_without_last_december_has_a_shorter_year() -> None:
    table = {
        row["period"]: row for row in period_rows(2025, [f"2025-{number:02d}" for number in range(1, 13)])
    }
    assert len(table) == 16
    assert "2025-01" not in table
    assert (table["2025"]["begin_month"], table["2025Q1"]["begin_month"]) == ("2025-01", "2025-01")
    assert period_rows(2025, ["2025-06"]) == []


def test_a_view_of_a_book_leaves_out_the_others(book: DuckDB) -> None:
    view = read_view(book, "B", 3)
    assert {row["institution_id"] for row in view["capital_flow"]} == {"B"}
    assert {row["institution_id"] for row in view["capital_flow_shift"]} == {"B", "*"}
    assert {row["institution_id"] for row in read_view(book, "B", 4)["capital_flow_intensity"]} == {"B"}
    assert view["benefit_share"] == []
    with pytest.raises(MethodError, match="no institution Z"):
        read_view(book, "Z", 3)


def test_a_write_off_is_no_repayment(engine: DuckDB) -> None:
    def apart(loan: str, month: str, kind: str, amount: int) -> dict[str, Any]:
        return {"loan_id": loan, "month": f"{YEAR}-{month}", "kind": kind, "amount": Decimal(amount)}

    movements = [
        apart("steel", "06", "write_off", 15), apart("steel", "07", "valuation", -2),
        apart("steel-green", "02", "transfer_in", 30), apart("gap", "06", "write_off", 7),
        apart("metro", "06", "write_off", 0), {**apart("solar", "06", "write_off", 5), "month": f"{YEAR - 1}-06"},
    ]  # fmt: skip
    run(engine, _book() | {"loan_movement": movements}, only=NAMES)
    table = {
        (row["period"], row["institution_id"], row["division"], row["carbon_class"]): row
        for row in rows(engine, "capital_flow")
    }

    def got(*key: str) -> tuple[Decimal | None, ...]:
        return tuple(table[key][name] for name in ("net_flow", "not_financing", "net_financing"))

    year = str(YEAR)
    assert got(year, "A", "31", "high_carbon") == (-20, -17, -3)
    assert got(year, "A", "31", "low_carbon") == (30, 30, 0)
    assert got(year, "A", "52", "other") == (None, None, None)  # the loan's end is unknown
    assert got(year, "B", "54", "other") == (60, 0, 60)  # zero is stated
    assert got(year, "C", "44", "low_carbon") == (0, None, None)  # only the year before is stated
    assert got(f"{YEAR}-06", "A", "31", "high_carbon")[1] == -15
    assert got(f"{YEAR}Q3", "A", "31", "high_carbon")[1] == -2
    told = [row for row in rows(engine, "finding") if row["code"] == "finance.flow_no_movement"]
    assert len(told) == 1
    assert "C" in told[0]["what_en"]


@pytest.mark.parametrize(("catalogue", "label", "field"), [
    ("green_bond_catalogue_2015", "4.2", "transport"), ("green_bond_catalogue_2015", "5", "energy"),
    ("green_industry_catalogue_2019", "5.2", "transport"), ("green_industry_catalogue_2019", "3.2.1", "energy"),
    ("green_bond_catalogue_2021", "5.5.1.1", "transport"), ("green_finance_catalogue_2025", "9", "consumption"),
    ("green_finance_catalogue_2025", "6", "none"),
])  # fmt: skip
def test_fields_follow_the_item_of_each_catalogue(
    engine: DuckDB, catalogue: str, label: str, field: str
) -> None:
    loan = _loan("one", "A", "3120", green_label=label, green_catalogue=catalogue)
    run(engine, {"loan": [loan], "loan_balance": months("one", 5.0), **intensities({"31": 2.0})}, only=NAMES)
    assert {row["field"] for row in rows(engine, "capital_flow")} == {field}
