"""Imputed records obey every edit; every change is logged and can be undone to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from lvshu.statistics.editing.changes import METHODS, same, undo
from lvshu.statistics.editing.deduce import deduce
from lvshu.statistics.editing.donor import impute_from_donors
from lvshu.statistics.editing.evaluate import compiled, encode
from lvshu.statistics.editing.language import guards
from lvshu.statistics.editing.locate import Localiser
from lvshu.statistics.editing.process import Choices, edit, unchanged_elsewhere
from lvshu.statistics.editing.rules import rules_of
from lvshu.statistics.returns_edit import edit_returns, edited_rows

FIRM = rules_of(
    {
        "variables": {
            "turnover": {"minimum": 0, "weight": 2}, "wages": {"minimum": 0}, "goods": {"minimum": 0},
            "costs": {"minimum": 0}, "profit": {}, "staff": {"minimum": 0, "integer": True},
            "kind": {"values": ["firm", "own"]},
        },
        "rule": [
            {"name": "result", "check": "turnover - costs = profit"},
            {"name": "parts", "check": "wages + goods = costs"},
            {"name": "margin", "check": "profit <= 0.5 * turnover"},
            {"name": "loss", "check": "profit >= -0.1 * turnover"},
            {"name": "paid", "check": "if staff > 0 then wages > 0"},
            {"name": "alone", "check": 'if kind = "own" then staff = 0'},
            {"name": "per_head", "check": "turnover / staff <= 10000"},
            {"name": "told", "check": "wages <= 0.9 * costs", "severity": "warning"},
        ],
    }
)  # fmt: skip


def _firms(count: int, seed: int, spoiled: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    turnover = np.round(random.lognormal(6, 1, count), 2)
    costs = np.round(turnover * random.uniform(0.55, 1.05, count), 2)
    wages = np.round(costs * random.uniform(0.1, 0.5, count), 2)
    own = random.random(count) < 0.2
    staff = np.where(own, 0, np.ceil(turnover / 5000) + random.integers(1, 9, count))
    right = np.column_stack(
        [
            turnover,
            wages,
            np.round(costs - wages, 2),
            costs,
            np.round(turnover - costs, 2),
            staff,
            own.astype(float),
        ]
    )
    wrong = right.copy()
    hit = random.random(wrong.shape) < spoiled
    factor = random.choice([0.001, 10, 1000, -1, 3.3, 0], int(hit.sum()))
    wrong[hit] = np.where(random.random(int(hit.sum())) < 0.3, np.nan, wrong[hit] * factor)
    kind = wrong[:, 6]
    wrong[:, 6] = np.where(np.isnan(kind) | np.isin(kind, [0, 1]), kind, -2.0)
    return right, wrong


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.03, 0.15, 0.35]), st.booleans(), st.booleans())
@example(5454, 0.35, False, False)
def test_imputed_data_obey_every_edit_and_undo_restores_them(
    seed: int, spoiled: float, donors: bool, history: bool
):
    right, wrong = _firms(40, seed, spoiled)
    keys = [f"u{number}" for number in range(len(wrong))]
    expected = np.round(right * 1.1, 2) if history else None
    made = edit(FIRM, keys, wrong, Choices(donors=donors, expected=expected, size=0))
    hard = compiled(FIRM, severity="error")
    tested = hard.test(made.records)
    assert not made.unsolved.any()
    assert not tested.failed.any()
    assert not tested.not_passed[~made.without_basis].any()
    assert np.isnan(made.records[made.without_basis]).any(axis=1).all()
    assert not (history and made.without_basis.any())
    assert unchanged_elsewhere(wrong, made.records, made.changes, keys)
    assert all(change.method in METHODS and change.rule for change in made.changes)
    whole = made.records[:, 5]
    assert np.array_equal(whole, np.round(whole), equal_nan=True)
    back, undone = undo(FIRM, keys, made.records, made.changes)
    assert len(undone) == len(made.changes)
    assert all(same(a, b) for a, b in zip(back.ravel().tolist(), wrong.ravel().tolist(), strict=True))


def test_clean_records_are_left_alone_and_warnings_are_only_told():
    right, _ = _firms(50, 3, 0.0)
    right[0] = [100, 76, 4, 80, 20, 1, 0]
    made = edit(FIRM, [str(n) for n in range(50)], right)
    assert made.changes == []
    assert np.array_equal(made.records, right)
    told = [rule.name for rule, _ in made.all_rules.clauses].index("told")
    assert made.after.failed[:, told].sum() >= 1


def test_one_wrong_total_is_deduced_exactly_and_names_its_rules():
    right, _ = _firms(40, 5, 0.0)
    wrong = right.copy()
    wrong[7, 3] *= 1000
    made = edit(FIRM, [f"u{n}" for n in range(40)], wrong)
    [change] = made.changes
    assert (change.record, change.variable, change.method) == ("u7", "costs", "deductive")
    assert set(change.rule.split("+")) == {"result", "parts"}
    assert change.new == right[7, 3]
    assert change.old == wrong[7, 3]


def test_undoing_one_rule_or_record_leaves_the_others():
    _, wrong = _firms(80, 8, 0.1)
    keys = [f"u{n}" for n in range(80)]
    made = edit(FIRM, keys, wrong)
    rule = made.changes[0].rule.split("+")[0]
    back, undone = undo(FIRM, keys, made.records, made.changes, rule=rule)
    assert undone
    assert all(rule in change.rule.split("+") for change in undone)
    left = [change for change in made.changes if change not in undone]
    assert unchanged_elsewhere(wrong, back, left, keys)


def test_undo_refuses_what_was_changed_since_and_undoes_nothing_then():
    _, wrong = _firms(40, 9, 0.1)
    keys = [f"u{n}" for n in range(40)]
    made = edit(FIRM, keys, wrong)
    later = made.records.copy()
    later[keys.index(made.changes[0].record), FIRM.place[made.changes[0].variable]] = 12345
    with pytest.raises(MethodError) as caught:
        undo(FIRM, keys, later, made.changes)
    assert len(caught.value.problems) == 1
    assert made.changes[0].record in caught.value.text("zh")


def test_missing_values_stay_missing_where_asked():
    right, _ = _firms(30, 11, 0.0)
    right[4, 5] = np.nan
    right[6, 4] += 5
    made = edit(FIRM, [str(n) for n in range(30)], right, Choices(fill_missing=False))
    assert np.isnan(made.records[4, 5])
    assert {change.record for change in made.changes} == {"6"}


def test_a_column_that_is_missing_throughout_is_filled_only_as_far_as_rules_give_it():
    right, _ = _firms(30, 12, 0.0)
    right[:, 4] = np.nan
    made = edit(FIRM, [str(n) for n in range(30)], right)
    assert {change.method for change in made.changes} == {"deductive"}
    assert np.allclose(made.records[:, 4], right[:, 0] - right[:, 3])
    right[:, 0] = np.nan
    both = edit(FIRM, [str(n) for n in range(30)], right)
    # no donor has a turnover and no rule gives it: it stays missing, and so does the profit
    assert both.changes == []
    assert both.without_basis.all()
    assert not both.unsolved.any()


def test_parts_of_nothing_are_nothing():
    rules = rules_of({"variables": {"a": {"minimum": 0}, "b": {"minimum": 0}, "t": {}, "u": {}},
                      "rule": [{"name": "s", "check": "a + b = t"}, {"name": "d", "check": "t + u = 10"}]})  # fmt: skip
    records = encode({"a": [None, None], "b": [None, 3], "t": [0, 7], "u": [None, 3]}, rules)
    filled, made = deduce(compiled(rules), records, np.isnan(records))
    assert filled.tolist() == [[0, 0, 0, 10], [4, 3, 7, 3]]
    assert {(row, column): rule for row, column, rule in made} == {
        (0, 0): "s",
        (0, 1): "s",
        (0, 3): "d",
        (1, 0): "s",
    }


def test_donors_are_the_nearest_clean_records_of_the_class():
    rules = rules_of({"variables": {"size": {"minimum": 0}, "staff": {"minimum": 0}},
                      "rule": [{"name": "r", "check": "staff <= size"}]})  # fmt: skip
    records = np.array([[10, 5], [100, 60], [1000, 700], [100, np.nan], [11, np.nan], [95, 99.0]])
    classes = np.array([0, 0, 0, 0, 1, 0])
    change = np.isnan(records)
    made = impute_from_donors(Localiser(compiled(rules)), records, change, size=0, classes=classes)
    assert made.donor.tolist() == [-1, -1, -1, 1, -1, -1]
    assert made.records[3, 1] == pytest.approx(60)
    assert made.solved.tolist() == [False, False, False, True, False, False]
    assert np.isnan(made.records[4, 1])


def test_huge_values_and_no_records_at_all():
    right, _ = _firms(40, 5, 0.0)
    wrong = right * 1e9
    wrong[:, 5:] = right[:, 5:]
    rules = replace(FIRM, rules=tuple(rule for rule in FIRM.rules if rule.name != "per_head"))
    wrong[3, 3] *= 7
    made = edit(rules, [str(n) for n in range(40)], wrong)
    assert [(change.record, change.variable) for change in made.changes] == [("3", "costs")]
    nothing = edit(FIRM, [], np.empty((0, 7)))
    assert nothing.changes == []


def _small(checks: list[str], **variables: dict[str, object]):
    rules = [{"name": f"r{number}", "check": check} for number, check in enumerate(checks)]
    return rules_of({"variables": variables, "rule": rules})


def test_a_wrong_value_without_a_better_one_is_moved_least_from_what_was_filed():
    two = _small(["a + b <= 100", "a - b <= 50", "a >= b"], a={"minimum": 0}, b={"minimum": 0, "weight": 2})
    made = edit(two, ["1", "2", "3"], np.array([[60.0, 5], [200, 3], [40, 20]]), Choices(donors=False))
    assert made.records[:, 0].tolist() == [55, 53, 40]
    assert {change.method for change in made.changes} == {"adjusted"}
    ratio = _small(["t / s <= 100", "t / s >= 10"], t={"minimum": 0}, s={"minimum": 1, "weight": 2})
    assert edit(ratio, ["1"], np.array([[500.0, 1]])).records[0, 0] == 100


def test_what_nobody_knows_stays_missing_and_is_told():
    plain = _small(["a <= b"], a={"minimum": 0}, b={"minimum": 0})
    empty = np.array([[np.nan, 5], [np.nan, 7], [np.nan, np.nan]])
    made = edit(plain, ["1", "2", "3"], empty)
    assert made.changes == []
    assert np.isnan(made.records[:, 0]).all()
    assert made.without_basis.tolist() == [True, True, True]
    assert not made.unsolved.any()
    part = edit(
        _small(["a + b = c"], a={}, b={}, c={}), ["1", "2"], np.array([[np.nan, 2, 5], [np.nan, np.nan, 5.0]])
    )
    assert part.records[0].tolist() == [3, 2, 5]
    assert part.without_basis.tolist() == [False, True]


def test_a_form_above_the_platform_s_total_is_moved_to_it_and_not_to_nothing():
    pack = PackLibrary.load(None)["platform_rules"].rows
    total = "total|total|total"
    cells = {f"U201|transactions|{total}": 1e6, f"U203|transactions|{total}": 1.2e6}
    made = edit_returns({("P", "2024-02"): cells}, pack)
    [change] = made.changes
    assert (change.variable, change.old, change.new) == (f"U203|transactions|{total}", 1.2e6, 1e6)
    other = {
        f"U201|transactions|{total}": 1e6,
        f"U203|transactions|{total}": 8e5,
        f"U203|orders|{total}": 3e5,
    }
    assert edit_returns({("P", "2024-02"): other}, pack).changes == []


def test_a_refused_cell_is_missing_and_does_not_change_its_neighbours():
    """One platform: in one month the goods are not there (refused by intake); the total and the services are right."""
    pack = PackLibrary.load(None)["platform_rules"].rows
    total, goods, services = (
        "U201|transactions|total|" + part for part in ("total|total", "goods|total", "services|total")
    )
    records = {
        ("P", f"2024-0{month}"): {total: 1000.0 * month, goods: 700.0 * month, services: 300.0 * month}
        for month in (2, 3, 4, 5)
    }
    del records["P", "2024-05"][goods]
    made = edit_returns(records, pack)
    [change] = made.changes
    assert (change.record, change.variable, change.new, change.method) == (
        "P|2024-05",
        goods,
        3500.0,
        "deductive",
    )
    assert np.isnan(change.old)
    assert made.values["P", "2024-05"] == {total: 5000.0, goods: 3500.0, services: 1500.0}
    filed = [
        {"platform_uscc": "P", "form": "U201", "month": "2024-05", "item_code": "transactions", "region_code": "total",
         "category_code": part, "trade_kind": "total", "amount": amount}
        for part, amount in (("total", 5000), ("services", 1500))
    ]  # fmt: skip
    rows = edited_rows(filed, made)
    assert [(row["category_code"], float(row["amount"]), row["filed_amount"]) for row in rows] == [
        ("total", 5000.0, 5000), ("services", 1500.0, 1500), ("goods", 3500.0, None),
    ]  # fmt: skip
    alone = edit_returns({("Q", "2024-05"): {total: 10.0, services: 4.0, goods: 6.0}}, pack)
    assert alone.changes == []


PER_HEAD = rules_of({
    "variables": {"costs": {}, "staff": {"minimum": 0}, "kind": {"values": ["firm", "own"]}},
    "rule": [
        {"name": "each", "check": "costs / staff in [1000, 5000]"},
        {"name": "alone", "check": 'if kind = "own" then staff = 0'},
    ],
})  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
@example(1)
def test_a_missing_denominator_is_not_filled_with_a_zero_that_silences_its_ratio(seed: int):
    """Half of the firms that could donate filed no staff, so that no ratio can be; none of them is copied for that."""
    random = np.random.default_rng(seed)
    count = 24
    staff = random.integers(1, 50, count).astype(float)
    costs = np.round(staff * random.uniform(1_200, 4_800, count), 2)
    kind = (np.arange(count) % 8 == 0).astype(float)
    staff[(np.arange(count) % 2 == 0) | (kind == 1)] = 0.0
    lost = np.arange(count) % 4 == 3
    lost[0] = True
    records = np.column_stack([costs, np.where(lost, np.nan, staff), kind])
    done = edit(PER_HEAD, [str(one) for one in range(count)], records, Choices())
    assert np.array_equal(done.records[~lost], records[~lost])  # a filed zero has no ratio, and stays
    made = done.records[lost & (kind == 0)]
    assert not np.isnan(made).any()
    assert (made[:, 1] > 0).all()
    assert ((made[:, 0] >= 1_000 * made[:, 1] - 0.01) & (made[:, 0] <= 5_000 * made[:, 1] + 0.01)).all()
    assert done.records[0, 1] == 0  # a rule says so


def test_the_variables_below_a_ratio_and_what_keeps_it_from_being_silent():
    given = {variable.name: variable for variable in PER_HEAD.variables}
    [(below, clause)] = guards('if kind = "firm" then (costs - 1) / (2 * staff) <= 5', given)
    assert below == {"staff"}
    assert len(clause) == 3  # staff below zero, staff above zero, or costs of one
    assert guards("costs <= 3 * staff", given) == guards("costs / 2 <= staff", given) == ()
