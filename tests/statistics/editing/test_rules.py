"""Rule files: what can be written, what is refused with its reason, which rules contradict or repeat each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.core.errors import InputError, MethodError
from lvshu.statistics.editing.consistency import (
    consistency_of,
    demand_consistent,
    impossible_values,
    refusals,
)
from lvshu.statistics.editing.evaluate import compiled, encode, failing_rules
from lvshu.statistics.editing.literals import Linear, Member
from lvshu.statistics.editing.process import edit
from lvshu.statistics.editing.rules import read_rules, rules_of


def _rules(variables: dict, *checks: str, **more: object):
    return rules_of(
        {
            "variables": variables,
            "rule": [{"name": f"r{n}", "check": c} for n, c in enumerate(checks)],
            **more,
        }
    )


def _fails(rules, **columns: list) -> list[list[str]]:
    made = compiled(rules)
    found = failing_rules(made, made.test(encode(columns, rules)))
    return [[rule.name for rule, bad in zip(made.chosen, row, strict=True) if bad] for row in found]


def test_a_balance_is_one_linear_clause():
    rules = _rules({"a": {}, "b": {}, "c": {}}, "2 * (a + b) - c / 4 = 7 - a")
    assert rules.rules[0].clauses == ((Linear((("a", 3.0), ("b", 2.0), ("c", -0.25)), "=", 7.0),),)


def test_a_condition_becomes_clauses():
    rules = _rules(
        {"a": {}, "s": {"values": ["x", "y", "z"]}}, 'if s in {x, "y"} and a > 0 then a >= 5 and a <= 9'
    )
    assert rules.rules[1].clauses == (
        (Member("s", frozenset("z")), Linear((("a", 1.0),), "<=", 0.0), Linear((("a", -1.0),), "<=", -5.0)),
        (Member("s", frozenset("z")), Linear((("a", 1.0),), "<=", 0.0), Linear((("a", 1.0),), "<=", 9.0)),
    )


def test_chinese_words_and_names_and_quoted_columns():
    rules = _rules({"营业收入": {}, "税金 合计": {}}, "若 营业收入 > 0 则 `税金 合计` <= 0.5 * 营业收入")
    assert _fails(rules, **{"营业收入": [10, 10, -1], "税金 合计": [6, 5, 9]}) == [["r0"], [], []]


def test_ratios_of_zero_and_negative_denominators():
    rules = _rules({"a": {}, "b": {}}, "a / b in [0.5, 2]")
    given = {"a": [3, 3, 3, -3, 3, 1], "b": [1, 2, 0, -2, -2, 4]}
    # 3 too high, 1.5 within, no ratio at all, -3/-2 = 1.5 within, -1.5 below, 0.25 below
    assert _fails(rules, **given) == [["r0"], [], [], [], ["r0"], ["r0"]]


def test_missing_is_neither_right_nor_wrong_and_zero_is_a_value():
    rules = _rules({"a": {}, "b": {}}, "if a > 0 then b > 0", "a + b = 0")
    made = compiled(rules)
    tested = made.test(encode({"a": [None, None, 0, 5], "b": [0, 1, None, 0]}, rules))
    assert tested.failed.tolist() == [[False, False], [False, False], [False, False], [True, True]]
    assert tested.unknown.tolist() == [[True, True], [False, True], [False, True], [False, False]]


def test_tolerance_is_of_the_balance_and_sums_of_cents_do_not_fail():
    rules = rules_of({"variables": {"a": {}, "b": {}, "t": {}},
                      "rule": [{"name": "s", "check": "a + b = t", "tolerance": 0.5}]})  # fmt: skip
    assert _fails(rules, a=[1, 1], b=[1, 1], t=[2.5, 2.51]) == [[], ["s"]]
    exact = _rules({"a": {}, "b": {}, "t": {}}, "a + b = t")
    assert _fails(exact, a=[0.1, 1e12 + 0.1], b=[0.2, 0.2], t=[0.3, 1e12 + 0.3]) == [[], []]


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ("a + b", "rule_expected"), ("a * b = 1", "rule_not_linear"), ("a / b = a", "rule_not_linear"),
        ("a / 0 = 1", "rule_divides_by_zero"), ("1 = 1", "rule_constant"), ("z = 1", "rule_unknown"),
        ("a = 1; b = 2", "rule_character"), ("s = 'x'", "rule_character"), ('s = "q"', "rule_value"),
        ("s + 1 = 2", "rule_category"), ("a = s", "rule_category"), ("if a > 0 then", "rule_expected"),
        ("__import__('os').system('true') = 1", "rule_character"), ("a = 1)", "rule_expected"),
        ("(" * 500 + "a" + ")" * 500 + " = 1", "rule_too_long"), ("a = " + "1+" * 3000 + "1", "rule_too_long"),
        ("a <= 1e400", "rule_infinite"), ("a <= 1e300 * 1e300", "rule_infinite"), ("a / 1e-320 < b", "rule_infinite"),
        ("a / b in [1000, 10]", "rule_interval"), ("a in [2, -2]", "rule_interval"),
        (" or ".join(f"(a > {n} and b > {n})" for n in range(9)), "rule_too_long"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_and_never_run(check: str, code: str):
    with pytest.raises(InputError) as caught:
        _rules({"a": {}, "b": {}, "s": {"values": ["x"]}}, check)
    assert caught.value.code == f"editing.{code}"
    assert all(problem.text(language) for problem in caught.value.problems for language in ("zh", "en"))


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path):
    path = tmp_path / "rules.toml"
    path.write_text(
        'precision = -1\nsurprise = 1\n[variables]\na = { weight = 0 }\nb = { minimum = "x", maxmum = 3 }\n'
        '[[rule]]\nname = "one"\ncheck = "a = c"\n[[rule]]\nname = "two"\n'
        '[[rule]]\nname = "three"\ncheck = "a = 1"\ntolerance = -1\nseverity = "fatal"\n'
        '[[rule]]\nname = "three"\ncheck = "a = 1"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_rules(path, columns=["a"])
    codes = sorted(problem.code.removeprefix("editing.") for problem in caught.value.problems)
    assert codes == sorted(
        ["rule_key", "rule_number", "rule_weight", "rule_number", "rule_key", "rule_no_column", "rule_unknown",
         "rule_no_check", "rule_number", "rule_severity", "rule_twice"]
    )  # fmt: skip
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"\xff\xfe[[")
    with pytest.raises(InputError) as unreadable:
        read_rules(broken)
    assert unreadable.value.code == "editing.rules_unreadable"


def test_contradicting_rules_are_named_and_no_others():
    rules = _rules(
        {"a": {"minimum": 0}, "b": {"minimum": 0}, "c": {}},
        "a + b = c", "c <= 10", "a >= 8", "a - b <= 100", "b >= 2.5",
    )  # fmt: skip
    found = consistency_of(rules)
    assert [set(one) for one in found.contradictions] == [{"r0", "r1", "r2", "r4"}]
    assert found.complete
    with pytest.raises(MethodError) as caught:
        demand_consistent(rules)
    assert "r4: b >= 2.5" in caught.value.text("en")
    assert "r3" not in caught.value.text("zh")


def test_contradictions_through_conditions_and_categories():
    rules = _rules(
        {"a": {}, "s": {"values": ["x", "y"]}}, 'if s = "x" then a > 5', 'if s = "y" then a > 7', "a <= 5"
    )
    assert [set(one) for one in consistency_of(rules).contradictions] == [{"r0", "r1", "r2"}]


@pytest.mark.parametrize(
    ("checks", "wanted"),
    [
        (["2 * n = 3"], [{"n.integer", "r0"}]),
        (["n > 2", "n < 3", "m >= 0"], [{"n.integer", "r0", "r1"}]),
        (["2 * n + 4 * m = 5", "n >= 0"], [{"n.integer", "m.integer", "r0"}]),
        (["2 * n + 3 * m = 5", "n - m > 1"], []),
        (["2 * n = a", "a = 3.5"], [{"n.integer", "r0", "r1"}]),
    ],
)
def test_rules_that_hold_in_fractions_alone_contradict_whole_numbers(
    checks: list[str], wanted: list[set[str]]
):
    rules = _rules({"n": {"integer": True}, "m": {"integer": True}, "a": {}}, *checks)
    assert [set(one) for one in consistency_of(rules).contradictions] == wanted


def test_values_that_no_record_can_bear_are_named_with_their_rules():
    rules = _rules(
        {"a": {"minimum": 0}, "s": {"values": ["x", "y", "z", "w"]}},
        'if s = "x" then a > 10', 'if s = "x" then a < 5', 's != "w"', 'if s = "y" then a > 3', "a <= 100",
    )  # fmt: skip
    found = consistency_of(rules)
    assert found.contradictions == ()
    assert [(one[0], one[1], set(one[2])) for one in found.impossible] == [
        ("s", "x", {"r0", "r1"}),
        ("s", "w", {"r2"}),
    ]
    [first, second] = impossible_values(rules, found)
    assert (first.code, first.severity) == ("editing.rule_value_impossible", "warning")
    assert "r1: if s" in first.text("zh") and "w" in second.what("en")


def test_a_huge_value_neither_passes_nor_loosens_other_rules():
    rules = _rules({"a": {}, "b": {}, "c": {}, "d": {}}, "a - b = c", "a / b in [1, 10000]", "d >= 5")
    ready = compiled(rules)
    records = np.array([[1e308, 80.0, 20.0, 4.0], [100.0, 80.0, 20.0, 1e308], [1e17, 80.0, 20.0, 4.9],
                        [100.0, 80.0, 20.0, 6.0]])  # fmt: skip
    failing = failing_rules(ready, ready.test(records))
    assert failing.tolist() == [
        [True, True, True],
        [False, False, False],
        [True, True, True],
        [False, False, False],
    ]


def test_what_rounding_leaves_of_larger_values_breaks_no_rule():
    """724.65624 - 724.56 - 0.09624 is 5e-14 off zero in doubles, of whichever sign the processor adds up to."""
    rules = _rules({"costs": {}, "rest": {}}, "rest >= 0", "if rest > 0 then costs <= 0")
    ready = compiled(rules)
    records = np.array([[724.65624, -5e-14], [724.65624, 5e-14], [724.65624, -1e-8], [1e30, -2e-9]])
    failing = failing_rules(ready, ready.test(records))
    assert failing.tolist() == [[False, False], [False, False], [True, False], [True, False]]


def test_a_huge_value_is_located_without_an_overflow():
    variables: dict = {"a": {"minimum": 0, "weight": 2}, "b": {}, "c": {}}
    rules = _rules(variables, "a - b = c", "a / b in [0.001, 10000]", "b <= 1000", "c <= 1000")
    made = edit(rules, ["one", "two"], np.array([[1e308, 80.0, 20.0], [100.0, 80.0, 20.0]]))
    assert made.records.tolist() == [[100.0, 80.0, 20.0], [100.0, 80.0, 20.0]]


def test_all_contradictions_are_told_each_with_no_rule_too_many():
    rules = _rules(
        {"a": {"minimum": 0}, "b": {}, "s": {"values": ["x", "y"]}},
        "a <= -1", "b >= 5", "b <= 4", "b <= 3", 's = "x"', 's = "y"', "b <= 100",
    )  # fmt: skip
    found = consistency_of(rules)
    wanted = [{"a.minimum", "r0"}, {"r1", "r2"}, {"r1", "r3"}, {"r4", "r5"}]
    assert sorted(map(sorted, found.contradictions)) == sorted(map(sorted, wanted))
    assert found.complete
    with pytest.raises(MethodError) as caught:
        demand_consistent(rules)
    assert len(caught.value.problems) == 4


def test_a_search_that_stopped_says_so():
    texts = [f"a >= {n}" for n in range(10, 15)] + [f"a <= {n}" for n in range(5)]
    found = consistency_of(_rules({"a": {}}, *texts))
    assert len(found.contradictions) == 20
    assert not found.complete
    codes = [problem.code for problem in refusals(_rules({"a": {}}, *texts), found)]
    assert codes == ["editing.rules_contradict"] * 20 + ["editing.rules_contradict_more"]


def test_rules_that_follow_from_others_are_named_with_their_reasons():
    rules = _rules(
        {"a": {"minimum": 0}, "b": {}, "c": {}}, "a + b = c", "b >= 1", "c >= 1", "if c > 5 then c >= a"
    )
    assert dict(consistency_of(rules).redundant) == {
        "r2": ("a.minimum", "r0", "r1"),
        "r3": ("r0", "r1"),
    }


def test_the_rules_of_the_hens_hold_together():
    """The edits of Banff's example of VerifyEdits; its 'fail' edit is written as the inequality that must hold."""
    names = ("HEN_LT20", "HEN_GE20", "HEN_OTH", "HEN_TOT", "EGG_LAID", "EGG_SOLD", "EGG_VALU")
    rules = _rules(
        {name: {"minimum": 0} for name in names},
        "HEN_LT20 + HEN_GE20 + HEN_OTH = HEN_TOT", "2 * EGG_LAID <= HEN_GE20", "HEN_GE20 <= 4 * EGG_LAID",
        "EGG_SOLD <= EGG_LAID", "EGG_VALU <= 2.75 * EGG_SOLD", "0.9 * EGG_SOLD <= EGG_VALU", "HEN_GE20 <= 300000",
    )  # fmt: skip
    found = consistency_of(rules)
    assert found.contradictions == ()
    # sales above zero follow from the value's being between two multiples of them, and so on up the chain
    assert {name for name, _ in found.redundant} <= {f"{name}.minimum" for name in names}


def test_values_outside_a_domain_fail_it():
    rules = _rules({"s": {"values": ["x", "y"]}}, 's != "q"'.replace("q", "x"))
    assert _fails(rules, s=["x", "y", "'; DROP TABLE loan; --", None]) == [["r0"], [], ["s.values", "r0"], []]
    assert np.isnan(encode({"s": [None]}, rules)[0, 0])
