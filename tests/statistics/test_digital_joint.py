"""The digital desk and the derived desk protect together: no reader of both tables comes too near a small group."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.digital_domain import moments_from
from lvshu.statistics.digital_joint import narrow_groups, with_groups
from lvshu.statistics.digital_units import Units
from lvshu.statistics.disclosure.primary import Rules, summarise, union_of_records, unsafe_cells
from lvshu.statistics.disclosure.structure import Dimension, table_structure
from lvshu.statistics.disclosure.table import DraftTable, protect
from lvshu.statistics.keys import MILLION
from tests.statistics.book import YEAR, rows_of, run

SIZES = {"3562": (9, 1.0), "3563": (2, 0.3), "3911": (24, 0.5), "3921": (22, 0.6), "6511": (26, 0.4)}
"""Units of each industry class and the value added of one in million CNY: 3562 is nine units, 97 % of medium 0105."""
NARROW = "3562"


def _survey() -> list[dict[str, Any]]:
    return [
        {"uscc": f"U{code}{number:02d}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 2.0,
         "value_added": Decimal(int(size * 1e6 + 1000 * number)), "revenue": Decimal(10**7), "industry_code": code,
         "district_code": ("310101", "310104")[number % 2]}
        for code, (units, size) in SIZES.items() for number in range(units)
    ]  # fmt: skip


def _own(code: str, *industries: str) -> list[dict[str, Any]]:
    return [
        {"classification": "own", "class_code": code, "class_name": code, "parent_code": "", "industry_code": one,
         "partial": False}
        for one in industries
    ]  # fmt: skip


TABLE = [*_own("A", NARROW, "3911"), *_own("B", "6511")]


def _truth(code: str) -> float:
    return sum(2.0 * float(row["value_added"]) for row in _survey() if row["industry_code"] == code)


def _range(engine: DuckDB, asked: str) -> tuple[float, float]:
    """Return what all shown figures of both desks leave open of an industry class, by an LP over industry classes."""
    codes = list(SIZES)
    place = {code: number for number, code in enumerate(codes)}
    medium = {
        str(row["gbt4754_code"]): str(row["medium"])
        for row in PackLibrary.load()["digital_economy_2021_codes"].rows
    }
    rows, right = [], []
    for row in rows_of(engine, "digital_economy_account_public", "value_status = 'shown'"):
        above = "" if row["code"] == "core" else row["code"]
        inside = [code for code in codes if medium[code].startswith(above)]
        rows.append([float(code in inside) for code in codes])
        right.append(float(row["value_added_full"]))
    for row in rows_of(engine, "derived_account_public", "value_status = 'shown' AND classification = 'own'"):
        inside = [one["industry_code"] for one in TABLE if row["class_code"] in ("total", one["class_code"])]
        rows.append([float(code in inside) for code in codes])
        right.append(float(row["full_value"]))
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(len(codes))
        cost[place[asked]] = sign
        slack = np.full(len(right), 1.0)
        both = np.vstack([rows, np.negative(rows)])
        found = linprog(cost, A_ub=both, b_ub=np.concatenate([np.add(right, slack), slack - right]))
        assert found.status == 0
        ends.append(float(sign * found.fun))
    return ends[0], ends[1]


def test_a_class_that_nearly_is_a_small_derived_group_is_hidden_with_it(engine: DuckDB) -> None:
    """Medium 0105 is safe by itself, but 97 % of it are nine units that a derived class tells apart."""
    run(engine, {"business_survey": _survey(), "derived_class": TABLE})
    status = {row["code"]: row["value_status"] for row in rows_of(engine, "digital_economy_account_public")}
    assert status["0105"] == "suppressed"
    truth = _truth(NARROW)
    low, high = _range(engine, NARROW)
    assert low <= 0.9 * truth
    assert high >= 1.1 * truth
    told = {row["code"] for row in rows_of(engine, "finding")}
    assert "statistics.digital_joint_hidden" in told
    assert not told & {"disclosure.book_gives_away", "disclosure.cannot_protect", "derived.withheld"}
    assert {row["verdict"] for row in rows_of(engine, "disclosure_audit")} == {"safe"}
    account = {row["code"]: row for row in rows_of(engine, "digital_economy_account")}
    for row in rows_of(engine, "digital_economy_account_public", "value_status = 'shown'"):
        assert row["value_added_full"] == account[row["code"]]["value_added_full"]
    assert account["01"]["value_added_full"] == sum(
        row["value_added_full"] or 0
        for code, row in account.items()
        if len(code) == 4 and code.startswith("01")
    )


def test_nothing_more_is_hidden_where_no_derived_class_tells_the_group_apart(engine: DuckDB) -> None:
    table = [*_own("A", NARROW, "3563"), *_own("B", "6511")]
    run(engine, {"business_survey": _survey(), "derived_class": table})
    whole = rows_of(engine, "digital_economy_account_public", "code IN ('0101', '0102', '0105', '0301')")
    assert {row["value_status"] for row in whole} == {"shown"}
    assert not rows_of(engine, "finding", "code LIKE 'statistics.digital_joint%'")


def test_what_was_published_before_cannot_be_hidden_and_is_told(engine: DuckDB) -> None:
    value = Decimal(round(_truth(NARROW) + _truth("3563")))
    before = {"year": YEAR, "code": "0105", "released_on": date(YEAR + 1, 5, 10), "value_added_full": value}
    run(engine, {
        "business_survey": _survey(), "derived_class": TABLE, "digital_economy_account_previous": [before],
    })  # fmt: skip
    [row] = rows_of(engine, "digital_economy_account_public", "code = '0105'")
    assert row["value_status"] == "shown", "the account is not withheld for it"
    [told] = rows_of(engine, "finding", "code = 'statistics.digital_joint_open'")
    assert told["severity"] == "warning" and NARROW in told["what_en"]
    assert rows_of(engine, "finding", "code = 'disclosure.book_gives_away' AND severity = 'error'")


def test_a_derived_class_does_not_tell_what_the_districts_hide(engine: DuckDB) -> None:
    """A major is hidden for a district's sake; a derived class that is that major would tell it by subtraction."""
    sizes = {("310101", "5176"): 3, ("310104", "5176"): 20, ("310101", "3911"): 15, ("310104", "3911"): 16,
             ("310101", "6511"): 14, ("310104", "6511"): 17}  # fmt: skip
    survey = [
        {**_survey()[0], "uscc": f"U{district}{code}{number}", "value_added": Decimal(500_000 + 1000 * number),
         "industry_code": code, "district_code": district}
        for (district, code), units in sizes.items() for number in range(units)
    ]  # fmt: skip
    value = sum(2 * (500_000 + 1000 * number) for number in range(20))
    before = {
        "year": YEAR,
        "district_code": "310104",
        "class_code": "02",
        "status": "shown",
        "value_added": value,
    }
    run(engine, {
        "business_survey": survey, "derived_class": [*_own("A", "5176"), *_own("B", "3911", "6511")],
        "digital_economy_district_previous": [before],
    })  # fmt: skip
    account = {row["code"]: row["value_status"] for row in rows_of(engine, "digital_economy_account_public")}
    assert account["02"] == "suppressed"
    derived = {
        row["class_code"]: row for row in rows_of(engine, "derived_account_public", "classification = 'own'")
    }
    assert derived["A"]["value_status"] == "suppressed"
    assert derived["A"]["full_value"] is None and derived["A"]["low"] is None
    assert "disclosure.book_gives_away" not in {row["code"] for row in rows_of(engine, "finding")}


def test_the_bound_of_starred_classes_is_hidden_for_a_derived_group(engine: DuckDB) -> None:
    """The bound of medium 0106 is safe by itself, but nearly all of it is nine units of one starred class."""
    starred = {"2462": (9, 1.0), "3831": (2, 0.3)}
    survey = _survey() + [
        {**_survey()[0], "uscc": f"S{code}{number}", "value_added": Decimal(int(size * 1e6 + 1000 * number)),
         "industry_code": code}
        for code, (units, size) in starred.items() for number in range(units)
    ]  # fmt: skip
    run(engine, {"business_survey": survey, "derived_class": [*_own("A", "2462", "6511")]})
    [row] = rows_of(engine, "digital_economy_account_public", "code = '0106'")
    assert row["bound_status"] == "suppressed"
    assert {row["verdict"] for row in rows_of(engine, "disclosure_audit")} == {"safe"}


CODES = ("a1", "a2", "a3", "b1", "b2", "c1", "c2")
RULES = Rules(minimum_count=4, p_percent=10.0, range_percent=10.0)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from(CODES), st.integers(1, 400)), min_size=6, max_size=40),
    st.lists(st.frozensets(st.sampled_from(CODES), min_size=1), min_size=1, max_size=3),
)
def test_every_unsafe_group_keeps_its_doubt(
    contributions: list[tuple[str, int]], sets: list[frozenset[str]]
) -> None:
    """With nothing shown of derived classes, each keeps the doubt that the rules ask: the derived desk can hide enough.

    Industry classes a1 to c2 stand in mediums A to C; an independent programme over the industry classes tells what
    the shown mediums and their total leave of every group.
    """
    values = [float(value) for _, value in contributions]
    units = Units(
        np.zeros(len(values), dtype=np.int64), MILLION * np.array(values), [code for code, _ in contributions],
        [""] * len(values), [f"who{number}" for number in range(len(values))],
    )  # fmt: skip
    moments, _ = moments_from([
        {"stratum": "s", "take_all": True, "class_code": code, "units": 1, "answered": 1, "negative": 0, "weight": 1,
         "weight_answered": 1, "weighted_value_added": Decimal(value) * 1_000_000, "weighted_square": value**2}
        for code, value in contributions
    ])  # fmt: skip
    present = sorted({code for code, _ in contributions})
    tree = Dimension.flat("class", ["A", "B", "C"], "core")
    structure = table_structure((tree,))
    held = [
        {who: value for who, value, code in zip(units.who, values, units.class_code, strict=True)
         if not key or key[0][1] == code[0].upper()}
        for key in structure.keys
    ]  # fmt: skip
    draft = DraftTable((tree,), structure, summarise(held, 2), union_of_records(held, 2), is_linked=True)
    cell_of = {code: (("class", code[0].upper()),) for code in CODES}
    groups = narrow_groups(sets, moments, cell_of, units, RULES)
    empty = draft.cells.count == 0
    own = unsafe_cells(draft.cells, RULES)
    if own.flag[0] or not any(count for count in draft.cells.count):
        return  # the total itself may not be shown
    joint = with_groups(draft, own, groups, empty)
    assert not joint.lost, "with all hidden nothing bounds a group"
    costs = np.array(
        [1000.0 if not key else 0.0 if key[0][0] == "sum" else 1.0 for key in joint.draft.structure.keys]
    )
    safe = protect(joint.draft, RULES, costs=costs, public=joint.draft.cells.count == 0, unsafe=joint.unsafe)
    shown = ~safe.pattern.hidden[: len(structure.keys)]
    place = {code: number for number, code in enumerate(present)}
    rows = [
        [float(not key or key[0][1] == code[0].upper()) for code in present]
        for key, is_shown in zip(structure.keys, shown, strict=True) if is_shown
    ]  # fmt: skip
    true = np.zeros(len(present))
    for code, value in contributions:
        true[place[code]] += value
    asked = [one & frozenset(present) for one in sets]
    asked += [
        frozenset(other for other in present if other[0] == code[0] and all((code in s) == (other in s) for s in sets))
        for code in present
    ]  # fmt: skip
    for one in filter(None, asked):
        behind = {
            who: value
            for who, value, code in zip(units.who, values, units.class_code, strict=True)
            if code in one
        }
        found = unsafe_cells(summarise([behind], 2), RULES)
        if not found.flag[0]:
            continue
        cost = np.array([float(code in one) for code in present])
        total = float(cost @ true)
        for sign, need in ((1.0, found.lower[0]), (-1.0, found.upper[0])):
            end = linprog(
                sign * cost,
                A_eq=np.array(rows) if rows else None,
                b_eq=np.array(rows) @ true if rows else None,
            )
            reach = np.inf if end.status == 3 else abs(total - sign * end.fun)
            assert reach >= need - 1e-4 * max(true.sum(), 1.0), (one, shown)


@pytest.mark.parametrize("negative", [False, True])
def test_a_group_of_several_classes_asks_for_doubt_about_their_sum(negative: bool) -> None:
    """A derived class of two whole classes needs doubt about their sum; a negative part leaves nothing bounded."""
    amounts = {"a1": [5.0] * 3, "b1": [5.0] * 3, "b2": [-1.0 if negative else 0.2]}
    contributions = [(code, value) for code, values in amounts.items() for value in values]
    units = Units(
        np.zeros(len(contributions), dtype=np.int64), MILLION * np.array([value for _, value in contributions]),
        [code for code, _ in contributions], [""] * len(contributions), [str(n) for n in range(len(contributions))],
    )  # fmt: skip
    moments, _ = moments_from([
        {"stratum": "s", "take_all": True, "class_code": code, "units": 1, "answered": 1, "negative": value < 0,
         "weight": 1, "weight_answered": 1, "weighted_value_added": Decimal(str(value)) * 1_000_000,
         "weighted_square": value**2}
        for code, value in contributions
    ])  # fmt: skip
    cell_of = {code: (("class", code[0].upper()),) for code in amounts}
    rules = Rules(minimum_count=7, range_percent=10.0)
    groups = narrow_groups([frozenset({"a1", "b1"})], moments, cell_of, units, rules)
    if negative:
        assert not groups
        return
    both = next(one for one in groups if one.name == "a1+b1")
    assert both.touched == {(("class", "A"),), (("class", "B"),)}
    assert both.covered == {(("class", "A"),)}
    assert both.doubt[0] == pytest.approx(3.0 - 0.2)
    assert both.doubt[1] == 0.0  # b1 may be nothing
