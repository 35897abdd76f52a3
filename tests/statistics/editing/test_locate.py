"""Error localisation against worked examples, and against trying every set."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.statistics.editing.evaluate import compiled, encode
from lvshu.statistics.editing.locate import LOCATED, PASSES, UNSOLVED, Localiser
from lvshu.statistics.editing.rules import rules_of


def _localiser(variables: dict, *checks: str, **more: object) -> Localiser:
    rules = rules_of(
        {"variables": variables, "rule": [{"name": f"r{n}", "check": c} for n, c in enumerate(checks)]}
    )
    return Localiser(compiled(rules, severity="error"), **more)


def _chosen(localiser: Localiser, columns: dict) -> list[set[str]]:
    records = encode(columns, localiser.compiled.rules)
    found = localiser.locate(records)
    names = [variable.name for variable in localiser.compiled.rules.variables]
    return [{name for name, yes in zip(names, row, strict=True) if yes} for row in found.chosen]


def test_banff_example_one():
    """Records and edits of Banff's Errorloc01 example; sets as Banff 3.1.3 flags them (accept_negative)."""
    localiser = _localiser(
        {"X1": {"weight": 1.5}, "X2": {}}, "X1 >= -5", "X1 <= 15", "X2 >= 30", "X1 + X2 <= 50"
    )
    columns = {"X1": [16, -4, 10, 4, 15, 30, -4], "X2": [49, 49, 40, 49, 51, 70, 29]}
    wanted = [{"X1"}, set(), set(), {"X2"}, {"X2"}, {"X1", "X2"}, {"X2"}]
    assert _chosen(localiser, columns) == wanted
    # Banff rejects R06 when no more than a weight of 2 may change: CARDINALITY EXCEEDED
    localiser.most_weight = 2
    found = localiser.locate(encode(columns, localiser.compiled.rules))
    assert found.status.tolist() == [LOCATED, PASSES, PASSES, LOCATED, LOCATED, UNSOLVED, LOCATED]


def test_banff_example_two():
    """Banff's Errorloc02 example: B has two optimal solutions, of which Banff draws Y."""
    localiser = _localiser({"X": {}, "Y": {}}, "X + Y >= 6", "X <= 4", "Y <= 5")
    records = encode({"X": [3, 2, 4, 5], "Y": [4, 3, 1, 6]}, localiser.compiled.rules)
    found = localiser.locate(records)
    assert found.solutions.tolist() == [0, 2, 1, 2 - 1]
    assert found.chosen[2].tolist() == [False, True]
    assert found.chosen[3].tolist() == [True, True]
    preferred = localiser.locate(records, suspicion=np.array([[0, 0], [0, 1], [0, 0], [0, 0]], dtype=float))
    assert preferred.chosen[1].tolist() == [False, True]


@pytest.mark.parametrize("rule", ["costs >= 0.6 * turnover", "profit <= 0.4 * turnover"])
def test_the_textbook_firm(rule: str):
    """Profit 755, costs 125, turnover 200: profit alone is wrong (de Waal et al. 2011; the errorlocate manual)."""
    localiser = _localiser(
        {"profit": {}, "costs": {}, "turnover": {"minimum": 0}}, "profit + costs = turnover", rule
    )
    assert (
        _chosen(localiser, {"profit": [755, 1e10], "costs": [125, 200], "turnover": [200, 300]})
        == [{"profit"}] * 2
    )


def test_published_examples_of_errorlocate():
    """Examples and tests of the R package errorlocate with one answer."""
    inf = float("inf")
    voted = _localiser({"voted": {"values": ["T", "F"], "weight": 2}, "citizen": {"values": ["T", "F"]}},
                       'if voted = "T" then citizen = "T"')  # fmt: skip
    assert _chosen(voted, {"voted": ["T"], "citizen": ["F"]}) == [{"citizen"}]
    tax = _localiser({"branch": {"values": ["government", "industry"]}, "tax": {"values": ["none", "VAT"]}},
                     'if tax = "VAT" then branch = "industry"')  # fmt: skip
    found = tax.locate(
        encode({"branch": ["government", "industry"], "tax": ["VAT", "VAT"]}, tax.compiled.rules)
    )
    assert found.solutions.tolist() == [2, 0]
    married = _localiser(
        {"married": {"values": ["T", "F"]}, "age": {"weight": 2}}, 'if married = "T" then age >= 17'
    )
    assert _chosen(married, {"married": ["T"], "age": [16]}) == [{"married"}]
    firm = {"profit": {"weight": inf}, "cost": {"minimum": 0}, "turnover": {"minimum": 0, "weight": inf}}
    fixed = _localiser(firm, "profit + cost = turnover", "cost / turnover >= 0.6")
    assert _chosen(fixed, {"profit": [30], "cost": [70], "turnover": [80]}) == [{"cost"}]
    sums = _localiser({"x": {"minimum": 0}, "y": {"minimum": 0}, "z": {"weight": inf}}, "x + y = z")
    assert _chosen(sums, {"x": [10, 6], "y": [None, 6], "z": [5, 5]}) == [{"x"}, {"x", "y"}]
    parts = {name: {} for name in ("y", "yA", "yB", "yC", "yD", "yE")}
    issue = _localiser(
        parts, "y = 60", "yA = 5", "yB = 5", "yC = 5", "yD = 25", "yE = 20", "y = yA + yB + yC + yD + yE"
    )
    row = {"y": [60], "yA": [5], "yB": [5], "yC": [5], "yD": [45], "yE": [0]}
    assert _chosen(issue, row) == [{"yD", "yE"}]
    ratio = _localiser({"x": {}, "y": {}}, "x / y <= 1", "x > 5")
    assert _chosen(ratio, {"x": [4], "y": [10]}) == [{"x"}]
    zero = _localiser({"a": {"weight": 2}, "b": {}}, "if a = 0 then b = 0")
    assert _chosen(zero, {"a": [0], "b": [1]}) == [{"b"}]


def test_a_record_that_no_change_can_mend_is_told():
    localiser = _localiser({"a": {"weight": float("inf")}, "b": {"minimum": 0}}, "a >= 5", "b <= a")
    found = localiser.locate(encode({"a": [1, 6], "b": [0, 7]}, localiser.compiled.rules))
    assert found.status.tolist() == [UNSOLVED, LOCATED]


def test_records_of_one_pattern_are_one_problem():
    localiser = _localiser({name: {"minimum": 0} for name in "abct"}, "a + b + c = t", "a <= 0.8 * t")
    random = np.random.default_rng(4)
    parts = random.uniform(1, 9, (5000, 3))
    records = np.column_stack([parts, parts.sum(axis=1) * 3])
    found = localiser.locate(records)
    assert (found.groups, found.alone) == (1, 0)
    assert (found.weight == 1).all()


def _brute(localiser: Localiser, record: np.ndarray) -> tuple[float, int]:
    missing = np.isnan(record)
    best, count = np.inf, 0
    for size in range(len(record) + 1):
        for columns in itertools.combinations(np.flatnonzero(~missing), size):
            free = missing.copy()
            free[list(columns)] = True
            if next(localiser.cases_of(record, free), None) is None:
                continue
            weight = float(localiser.weights[list(columns)].sum())
            if weight < best - 1e-9:
                best, count = weight, 1
            elif abs(weight - best) < 1e-9:
                count += 1
    return best, count


coefficient = st.integers(-2, 2)
value = st.one_of(st.none(), st.integers(-6, 9))


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[str], list[int], list[list[int | None]]]:
    names = ["a", "b", "c", "d"][: draw(st.integers(2, 4))]
    checks = []
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.lists(coefficient, min_size=len(names), max_size=len(names)).filter(any))
        sums = " + ".join(f"({k}) * {n}".replace("(-", "(0 - ") for k, n in zip(row, names, strict=True) if k)
        check = f"{sums} {draw(st.sampled_from(['<=', '=', '>=', '>']))} {draw(st.integers(0, 8))}"
        if draw(st.booleans()):
            check = f"if {draw(st.sampled_from(names))} >= {draw(st.integers(0, 4))} then {check}"
        checks.append(check)
    weights = draw(st.lists(st.integers(1, 3), min_size=len(names), max_size=len(names)))
    rows = draw(st.lists(st.lists(value, min_size=len(names), max_size=len(names)), min_size=1, max_size=3))
    return checks, weights, rows


@settings(max_examples=25, deadline=None)
@given(problems())
def test_no_lighter_set_exists(problem: tuple[list[str], list[int], list[list[int | None]]]):
    checks, weights, rows = problem
    names = "abcd"[: len(weights)]
    localiser = _localiser(
        {n: {"weight": w} for n, w in zip(names, weights, strict=True)}, *checks, most_solutions=50
    )
    records = np.array([[np.nan if v is None else float(v) for v in row] for row in rows])
    found = localiser.locate(records)
    tested = localiser.compiled.test(records)
    for row, record in enumerate(records):
        best, count = _brute(localiser, record)
        if np.isinf(best):
            assert found.status[row] == UNSOLVED
            continue
        assert found.weight[row] == pytest.approx(best)
        assert found.solutions[row] == (count if best > 0 else 0)
        # the record-by-record search, used where groups do not help, finds the same
        if tested.not_passed[row]:
            alone = localiser.locate(records[[row]])
            localiser._alone(records[[row]], 0, tested.failed[row], np.isnan(record), None, alone)
            assert alone.weight[0] == pytest.approx(best)
