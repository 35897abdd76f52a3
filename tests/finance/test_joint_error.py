"""Wrong links and wrong machine codes move financed emissions: intervals that know them cover, naive ones do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.joint_error import (
    JointVariance,
    draw_links,
    draw_multipliers,
    shapley_parts,
    turnover_errors,
)

from .account.steps import account
from .book import ENTERPRISE, FINANCE, LOAN, fill, intensities, months, one, rows

REPLICATES = 400
METHOD = "bank_2026"


def test_parts_add_up_to_the_variance_and_that_to_what_the_draws_show() -> None:
    generator = np.random.default_rng(3)
    times = 1 + 0.2 * generator.standard_normal((20_000, 3))
    moved = {name: scale * generator.standard_normal((20_000, 3)) for name, scale in (("a", 4.0), ("b", 2.0))}
    apart = {"c": 5.0 * generator.standard_normal(20_000)}
    held = np.array([10.0, 20.0, 5.0])
    variance = JointVariance("i", held, times, moved, apart).by_set()
    parts = shapley_parts(("i", "a", "b", "c"), variance)
    drawn = ((held + moved["a"] + moved["b"]) * times).sum(axis=1) + apart["c"]
    assert sum(parts.values()) == pytest.approx(variance(frozenset("iabc")))
    assert sum(parts.values()) == pytest.approx(drawn.var(), rel=0.03)
    assert variance(frozenset("a")) == pytest.approx(3 * 16, rel=0.03)
    assert variance(frozenset("i")) == pytest.approx(0.04 * (held**2).sum(), rel=0.03)
    assert parts["c"] == pytest.approx(25, rel=0.03)


def test_a_source_without_error_has_a_part_of_zero() -> None:
    times = np.random.default_rng(1).normal(1.0, 0.1, (50, 2))
    moved = {"linkage": np.zeros((50, 2))}
    variance = JointVariance("i", np.array([3.0, 4.0]), times, moved, {"c": np.zeros(50)}).by_set()
    parts = shapley_parts(("i", "linkage", "c"), variance)
    assert parts["linkage"] == parts["c"] == pytest.approx(0.0, abs=1e-12)
    assert parts["i"] > 0


def test_a_part_below_zero_is_none_and_the_others_add_up_to_the_variance() -> None:
    """The multiplier's mean of 0.5 quarters what links add: its own part would be below zero."""
    generator = np.random.default_rng(2)
    times = 0.5 + 0.01 * generator.standard_normal((500, 1))
    moved = {"linkage": generator.standard_normal((500, 1))}
    variance = JointVariance("i", np.array([0.1]), times, moved, {}).by_set()
    parts = shapley_parts(("i", "linkage"), variance)
    assert variance(frozenset("i")) + variance(frozenset(("i", "linkage"))) < variance(frozenset(["linkage"]))
    assert parts == {"i": 0.0, "linkage": pytest.approx(variance(frozenset(("i", "linkage"))))}


def test_a_sure_link_never_moves_and_one_in_doubt_is_somebody_else_as_often_as_said() -> None:
    subject = np.array([0, 1, 1])
    chance, taken = np.array([1.0, 0.7, 0.2]), np.array([True, True, False])
    everything = (np.array([0, 1, 2]), np.array([0, 0, 1]), np.array([50.0, 10.0, 100.0]))
    [(drawn, mean)] = draw_links(subject, chance, taken, [everything], 2, 20_000, np.random.default_rng(5))
    assert mean.tolist() == pytest.approx([-3.0, 20.0])
    assert drawn.mean(axis=0).tolist() == pytest.approx([-3.0, 20.0], abs=0.7)
    assert set(map(tuple, drawn.tolist())) == {(0.0, 0.0), (-10.0, 100.0), (-10.0, 0.0)}
    [(sure, _)] = draw_links(subject[:1], chance[:1], taken[:1], [(np.array([0]), np.array([0]), np.array([9.0]))], 1,
                             50, np.random.default_rng(1))  # fmt: skip
    assert not sure.any()


def test_turnover_errors_by_hand() -> None:
    group = np.array([0, 0, 1])
    errors = turnover_errors(group, np.array([10.0, 30.0, 5.0]), np.array([20.0, 20.0, 9.0]), 2)
    assert errors[0] == pytest.approx(np.sqrt((100 + 100) * 2) / 40)  # the rate is 1, both are 10 off
    assert np.isnan(errors[1])
    drawn = draw_multipliers(errors, 40_000, np.random.default_rng(2))
    assert drawn[:, 0].mean() == pytest.approx(1.0, abs=0.01)
    assert drawn[:, 0].std() == pytest.approx(errors[0], rel=0.03)
    assert (drawn[:, 1] == 1.0).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_intervals_cover_under_wrong_links_where_the_naive_one_fails(seed: int) -> None:
    """The truth of each name is drawn from its posterior; what is counted is the likeliest candidate."""
    world = np.random.default_rng(seed)
    names = 150
    first = world.uniform(0.9, 0.99, names)  # all of them are accepted by the match desk
    other = (1 - first) * 0.7
    subject = np.repeat(np.arange(names), 2)
    chance = np.column_stack([first, other]).ravel()
    taken = np.tile([True, False], names)
    emission = world.lognormal(3.0, 1.0, 2 * names)
    emission[1::2] *= 3  # those that are easily confused are larger
    row = (np.arange(2 * names), np.zeros(2 * names, dtype=np.int64), emission)
    [(drawn, mean)] = draw_links(
        subject, chance, taken, [row], 1, REPLICATES, np.random.default_rng([seed, 7])
    )
    published = emission[::2].sum()
    low, high = np.quantile(published + drawn[:, 0], [0.025, 0.975])
    pick = world.random((2_000, names))
    truth = np.where(pick < first, emission[::2], np.where(pick < first + other, emission[1::2], 0.0)).sum(
        axis=1
    )
    covered = ((truth >= min(low, published)) & (truth <= max(high, published))).mean()
    assert 0.92 <= covered <= 0.98
    assert (truth == published).mean() < 0.01  # an interval that takes links as right has no width here
    assert mean.sum() == pytest.approx((truth - published).mean(), abs=4 * truth.std() / np.sqrt(2_000))


def _named_book(engine: DuckDB, chance: float, *, override: str | None = None, **more: list) -> DuckDB:  # type: ignore[type-arg]
    """Two enterprises of near names; a loan that names one of them, matched to E1 with a probability."""
    tables = {
        "loan": [{**LOAN, "loan_id": "L1", "borrower_name": "甲厂"}, {**LOAN, "loan_id": "L2", "uscc": "E2"}],
        "loan_balance": months("L1", 80_000_000) + months("L2", 60_000_000),
        "enterprise": [{"uscc": code, **ENTERPRISE} for code in ("E1", "E2")],
        "enterprise_finance": [{"uscc": "E1", **FINANCE},
                               {"uscc": "E2", **FINANCE, "main_business_revenue": Decimal(90_000_000)}],
        **intensities({"31": 1e-4}),
        **more,
    }  # fmt: skip
    taken = override or "E1"
    fill(engine, "subject_match", [
        {"subject_key": "|甲厂", "status": "matched", "matched_by": "override" if override else "name",
         "reason": "override" if override else "name", "entity_id": taken, "probability": chance},
        {"subject_key": "E2|", "status": "matched", "matched_by": "code", "reason": "code", "entity_id": "E2"},
    ])  # fmt: skip
    fill(engine, "match_candidate", [
        {"subject_key": "|甲厂", "candidate_rank": place, "entity_id": code, "candidate_name": code,
         "probability": value, "plain": True}
        for place, (code, value) in enumerate((("E1", chance), ("E2", (1 - chance) * 0.5)), start=1)
    ])  # fmt: skip
    return account(engine, tables, "attributed_emission", "financed_emission_error",
                   without=("finance.subject_match",))  # fmt: skip


def _part(engine: DuckDB, part: str, method: str = METHOD) -> dict:  # type: ignore[type-arg]
    return one(
        engine, "financed_emission_error", f"indicator = 'financed_emission_{method}' AND part = '{part}'"
    )


def test_the_loans_of_another_link_are_what_the_book_would_make_of_them(engine: DuckDB) -> None:
    _named_book(engine, 0.95)
    found = {
        (row["method"], row["entity_id"]): row["emission"]
        for row in rows(engine, "link_alternative_emission")
    }
    counted = {
        row["method"]: row["emission"] for row in rows(engine, "attributed_emission", "loan_id = 'L1'")
    }
    assert {method: found[method, "E1"] for method in counted} == counted
    with DuckDB() as other:
        _named_book(other, 0.95, override="E2")
        forced = {
            row["method"]: row["emission"] for row in rows(other, "attributed_emission", "loan_id = 'L1'")
        }
        assert rows(other, "link_alternative") == []
        assert _part(other, "linkage")["status"] == "none"
    assert forced and {method: found[method, "E2"] for method in forced} == forced
    assert forced[METHOD] != counted[METHOD]


def test_a_link_in_doubt_widens_the_interval_and_leaves_the_total_alone(engine: DuckDB) -> None:
    _named_book(engine, 0.9)
    total = sum(row["emission"] for row in rows(engine, "attributed_emission", f"method = '{METHOD}'"))
    linkage, bias, whole = (_part(engine, name) for name in ("linkage", "bias", "total"))
    kinds = {
        row["kind"]: row for row in rows(engine, "financed_emission_interval", f"indicator LIKE '%{METHOD}'")
    }
    told = one(engine, "uncertainty", f"indicator = 'financed_emission_{METHOD}'")
    own = {row["entity_id"]: float(row["emission"])
           for row in rows(engine, "link_alternative_emission", f"method = '{METHOD}'")}  # fmt: skip
    assert told["value"] == pytest.approx(float(total)) and kinds["total"]["value"] == told["value"]
    assert linkage["status"] == "estimated" and linkage["evidence"] == 1
    spread = np.sqrt(0.9 * own["E1"] ** 2 + 0.05 * own["E2"] ** 2 - (0.9 * own["E1"] + 0.05 * own["E2"]) ** 2)
    assert linkage["size"] == pytest.approx(spread, rel=0.35)  # 50 draws
    assert bias["size"] == pytest.approx(-0.1 * own["E1"] + 0.05 * own["E2"])
    assert kinds["total"]["low"] < kinds["naive"]["low"]
    parts = [row for row in rows(engine, "financed_emission_error", f"indicator LIKE '%{METHOD}'")
             if row["part"] != "total" and row["size"] is not None]  # fmt: skip
    assert sum(row["size"] ** 2 for row in parts) == pytest.approx(whole["size"] ** 2)
    assert sum(row["share"] for row in parts) == pytest.approx(100.0)
    assert "linkage" in told["scope_en"] and "链接" in told["scope_zh"]


def test_a_candidate_that_a_reviewer_rejected_is_none_any_more(engine: DuckDB) -> None:
    _named_book(engine, 0.8, company_code=[], match_review=[
        {"subject_key": "|甲厂", "company_id": "E2", "decision": "reject", "reviewer": "王",
         "reviewed_on": date(2025, 3, 1)},
    ])  # fmt: skip
    [only] = rows(engine, "link_alternative")
    assert only["entity_id"] == "E1" and only["taken"]
    assert only["probability"] == pytest.approx(0.8 / 0.9)


PCAF = "pcaf_2022"
ATTRIBUTED = 80_000_000 / 2_500_000_000 * 680_000_000
"""Revenue attributed to the loan of E1 under PCAF: exposure over equity and debt, times revenue."""


def _book_without_a_code(
    engine: DuckDB,
    *,
    purpose: bool = True,
    statement: bool = True,
    code: str | None = None,
    found: dict[str, str] | None = None,
    shares: dict[str, list[float]] | None = None,
    linked: str | None = None,
    false: float | None = None,
    **changed: object,
) -> DuckDB:
    """E1, whose class the register does not state (perhaps the machine, people or a linked unit), and E2 with one."""
    own = LOAN if purpose else {key: value for key, value in LOAN.items() if key != "purpose_industry_code"}
    replicates = [
        {"replicate": number, "decision": "coded", "true_code": true, "share": share}
        for true, listed in (shares or {}).items() for number, share in enumerate(listed)
    ]  # fmt: skip
    coded = {"uscc": "E1", "activity_count": 1, "main_rule": "first", **(found or {})}
    return account(engine, {
        "loan": [{**own, "loan_id": "L1", "uscc": "E1"}, {**LOAN, "loan_id": "L2", "uscc": "E2"}],
        "loan_balance": months("L1", 80_000_000) + months("L2", 60_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE, "industry_code": code}, {"uscc": "E2", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": each, **FINANCE} for each in (("E1", "E2") if statement else ("E2",))],
        "activity_code": [coded] if found else [],
        "industry_code_replicate": replicates,
        "assigned_industry": [_assigned(linked)] if linked else [],
        "link_quality": [] if false is None else [{
            "kind": "enterprise", "basis": "clerical", "scope": "between", "source": "total",
            "measure": "false_link_rate", "value": false, "standard_error": 0.0,
        }],
        **intensities({"31": 1e-4, "44": 9e-4}),
    }, "attributed_emission", "financed_emission_error", "coded_borrower", also=("finance.coded_findings",),
        **changed)  # fmt: skip


def _assigned(code: str) -> dict[str, str | None]:
    return {"uscc": "E1", "industry_code": code, "assigned_by": "linked", "linked_code": code,
            "linked_class": code if len(code) == 4 else None}  # fmt: skip


CODED = {"decision": "coded", "code": "3120", "level": "class", "best_code": "3120", "machine_code": "3120"}


def _first(engine: DuckDB) -> dict:  # type: ignore[type-arg]
    [counted] = rows(engine, "attributed_emission", f"method = '{PCAF}' AND loan_id = 'L1'")
    return counted


def test_a_borrower_without_a_code_is_estimated_as_with_it_where_the_machine_found_the_same(
    engine: DuckDB,
) -> None:
    _book_without_a_code(engine, found=CODED)
    with DuckDB() as other:
        _book_without_a_code(other, code="3120")
        by_register = _first(other)
    by_machine = _first(engine)
    assert by_machine["calculation_method"] == by_register["calculation_method"] == "economic"
    assert by_machine["emission"] == by_register["emission"]
    assert (by_machine["industry_found_by"], by_register["industry_found_by"]) == ("machine", None)
    [told] = [
        row
        for row in rows(engine, "finding")
        if row["code"] == "finance.machine_industry" and row["record_key"] == PCAF
    ]
    assert told["amount"] == pytest.approx(float(by_machine["emission"]))


def test_without_a_code_and_without_the_machine_a_loan_is_estimated_by_its_purpose(engine: DuckDB) -> None:
    _book_without_a_code(engine, found=CODED, machine_industry=False)
    assert _first(engine)["calculation_method"] == "fallback" and not rows(engine, "coded_borrower")
    coding, bias = _part(engine, "coding", PCAF), _part(engine, "bias", PCAF)
    assert (coding["status"], coding["size"], bias["status"]) == ("none", None, "not_known")
    with DuckDB() as other:  # what people found stays
        _book_without_a_code(other, found={**CODED, "decision": "reviewed"}, machine_industry=False)
        assert (_first(other)["calculation_method"], _first(other)["industry_found_by"]) == (
            "economic",
            "reviewed",
        )
        assert _part(other, "coding", PCAF)["status"] == "none"


@pytest.mark.parametrize("found", [
    {"decision": "abstained", "best_code": "3120", "machine_code": "3120"},
    {"decision": "backed_off", "code": "C", "level": "section", "best_code": "3120", "machine_code": "3120"},
])  # fmt: skip
def test_what_the_machine_is_not_sure_of_to_the_division_is_not_used(
    engine: DuckDB, found: dict[str, str]
) -> None:
    _book_without_a_code(engine, found=found)
    assert _first(engine)["calculation_method"] == "fallback" and not rows(engine, "coded_borrower")


def test_a_loan_without_purpose_and_statement_takes_the_balance_factor_of_the_machine_s_division(
    engine: DuckDB,
) -> None:
    _book_without_a_code(engine, purpose=False, statement=False, found=CODED)
    counted = _first(engine)
    assert (counted["calculation_method"], counted["intensity_division"]) == ("fallback", "31")
    assert counted["industry_found_by"] == "machine" and counted["gbt4754_division"] is None
    [held] = rows(engine, "coded_borrower", f"method = '{PCAF}'")
    assert (held["basis"], float(held["amount"])) == ("exposure", 80_000_000)
    assert held["emission"] == counted["emission"]


def test_wrong_codes_draw_another_intensity_and_move_the_total_by_the_audit(engine: DuckDB) -> None:
    _book_without_a_code(engine, found=CODED, shares={"as_coded": [0.7] * 51, "4411": [0.3] * 51})
    [held] = rows(engine, "coded_borrower", f"method = '{PCAF}'")
    assert (held["basis"], float(held["amount"])) == ("revenue", pytest.approx(ATTRIBUTED, rel=1e-9))
    moved = ATTRIBUTED * (9e-4 - 1e-4)
    coding, bias = _part(engine, "coding", PCAF), _part(engine, "bias", PCAF)
    assert (coding["status"], coding["evidence"]) == ("estimated", 1)
    assert coding["size"] == pytest.approx(moved * np.sqrt(0.21), rel=0.3)
    assert bias["size"] == pytest.approx(0.3 * moved)


def test_a_perfect_machine_has_neither_bias_nor_error_and_without_an_audit_nothing_is_known(
    engine: DuckDB,
) -> None:
    _book_without_a_code(engine, found=CODED)
    assert (_part(engine, "coding", PCAF)["status"], _part(engine, "coding", PCAF)["size"]) == (
        "not_known",
        None,
    )
    with DuckDB() as other:
        _book_without_a_code(other, found=CODED, shares={"as_coded": [1.0] * 51})
        for name in ("coding", "bias"):
            part = _part(other, name, PCAF)
            assert (part["status"], part["size"]) == ("estimated", pytest.approx(0.0, abs=1e-6))


def test_the_class_of_a_linked_unit_goes_before_the_machine_s_and_after_people_s(engine: DuckDB) -> None:
    _book_without_a_code(
        engine, found=CODED, linked="4411", shares={"as_coded": [0.5] * 51, "4412": [0.5] * 51}
    )
    with DuckDB() as other:
        _book_without_a_code(other, code="4411")
        by_register = _first(other)
    counted = _first(engine)
    assert (counted["industry_found_by"], counted["emission"]) == ("linked", by_register["emission"])
    [kept] = rows(engine, "coded_industry")
    assert (kept["industry_code"], kept["likeliest_code"], kept["decision"]) == ("4411", "4411", "linked")
    [held] = rows(engine, "coded_borrower", f"method = '{PCAF}'")
    assert (held["found_by"], held["emission"]) == ("linked", counted["emission"])
    assert _part(engine, "coding", PCAF)["status"] == "none"  # the audit speaks of the machine's codes alone
    told = {row["code"] for row in rows(engine, "finding")}
    assert "finance.linked_industry" in told and "finance.machine_industry" not in told
    with DuckDB() as other:
        _book_without_a_code(other, found={**CODED, "decision": "reviewed"}, linked="4411")
        assert _first(other)["industry_found_by"] == "reviewed"


def test_without_the_machine_a_linked_class_stays_and_a_linked_division_stands_behind_the_machine(
    engine: DuckDB,
) -> None:
    _book_without_a_code(engine, linked="4411", machine_industry=False)
    assert (_first(engine)["calculation_method"], _first(engine)["industry_found_by"]) == (
        "economic",
        "linked",
    )
    for linked, machine, expected in (
        ("44", True, ("3120", "machine")), ("44", False, ("44", "linked")), ("99X", False, None),
    ):  # fmt: skip
        with DuckDB() as other:
            _book_without_a_code(other, found=CODED, linked=linked, machine_industry=machine)
            found = [(row["industry_code"], row["found_by"]) for row in rows(other, "coded_industry")]
            assert found == ([] if expected is None else [expected])


def test_false_links_carry_the_class_of_another_unit_and_count_under_linkage(engine: DuckDB) -> None:
    _book_without_a_code(
        engine, linked="4411", false=0.3
    )  # the list has E2 alone: a false link carries its class
    moved = ATTRIBUTED * (9e-4 - 1e-4)
    linkage, bias = _part(engine, "linkage", PCAF), _part(engine, "bias", PCAF)
    assert (linkage["status"], linkage["evidence"]) == ("estimated", 1)
    assert linkage["size"] == pytest.approx(moved * np.sqrt(0.21), rel=0.3)
    assert bias["size"] == pytest.approx(-0.3 * moved)
    assert "30" in linkage["reason_en"] and "人工判定" in linkage["reason_zh"]
    with DuckDB() as other:
        _book_without_a_code(other, linked="4411")
        linkage, bias = _part(other, "linkage", PCAF), _part(other, "bias", PCAF)
    assert (linkage["status"], linkage["size"], bias["status"]) == ("not_known", None, "not_known")


def test_a_loan_in_scope_that_nothing_can_estimate_is_told_as_not_covered(engine: DuckDB) -> None:
    _book_without_a_code(engine, purpose=False)
    coverage, coding = (_part(engine, name, PCAF) for name in ("coverage", "coding"))
    assert (_first(engine)["calculation_method"], _first(engine)["emission"]) == ("none", None)
    assert (coverage["status"], coverage["evidence"]) == ("not_known", 1)
    assert coding["status"] == "none"


def test_draws_are_the_same_on_every_run(engine: DuckDB) -> None:
    _named_book(engine, 0.9)
    first = [row["emission"] for row in rows(engine, "financed_emission_replicate")]
    with DuckDB() as other:
        _named_book(other, 0.9)
        assert [row["emission"] for row in rows(other, "financed_emission_replicate")] == first
    assert len(first) == 150
