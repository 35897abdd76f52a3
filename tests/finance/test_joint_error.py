"""Wrong links move financed emissions: intervals that know them cover, naive ones do not. Machine codes do not."""

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
from lvshu.finance.steps import STEPS

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


def _book_without_a_code(engine: DuckDB, *, purpose: bool, code: str | None = None) -> DuckDB:
    """One borrower whose class the register does not state, one whom it knows, both with statements."""
    own = LOAN if purpose else {key: value for key, value in LOAN.items() if key != "purpose_industry_code"}
    return account(engine, {
        "loan": [{**own, "loan_id": "L1", "uscc": "E1"}, {**LOAN, "loan_id": "L2", "uscc": "E2"}],
        "loan_balance": months("L1", 80_000_000) + months("L2", 60_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE, "industry_code": code}, {"uscc": "E2", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": code, **FINANCE} for code in ("E1", "E2")],
        **intensities({"31": 1e-4, "44": 9e-4}),
    }, "attributed_emission", "financed_emission_error")  # fmt: skip


def test_no_step_of_finance_reads_machine_codes_so_that_wrong_ones_cannot_move_a_total() -> None:
    read = {table for step in STEPS for table in (*step.reads, *step.reads_if_there)}
    assert not read & {"activity_code", "industry_code_replicate", "coding_audit", "coding_review"}


def test_another_method_for_want_of_a_code_is_neither_a_bias_nor_an_error_of_codes(engine: DuckDB) -> None:
    """With the code the borrower would be estimated by revenue: a change of method with no code wrong."""
    pcaf = "pcaf_2022"
    _book_without_a_code(engine, purpose=True)
    [counted] = rows(engine, "attributed_emission", f"method = '{pcaf}' AND loan_id = 'L1'")
    assert counted["calculation_method"] == "fallback"
    coding, bias, coverage = (_part(engine, name, pcaf) for name in ("coding", "bias", "coverage"))
    assert (coding["status"], coding["size"], coding["evidence"]) == ("none", None, 1)
    assert (bias["status"], bias["size"]) == ("not_known", None)
    assert (coverage["status"], coverage["evidence"]) == ("none", None)
    with DuckDB() as other:
        _book_without_a_code(other, purpose=True, code="3120")
        [known] = rows(other, "attributed_emission", f"method = '{pcaf}' AND loan_id = 'L1'")
        assert known["calculation_method"] == "economic" and known["emission"] != counted["emission"]
        assert _part(other, "coding", pcaf)["evidence"] is None


def test_a_loan_in_scope_that_nothing_can_estimate_is_told_as_not_covered(engine: DuckDB) -> None:
    _book_without_a_code(engine, purpose=False)
    [counted] = rows(engine, "attributed_emission", "method = 'pcaf_2022' AND loan_id = 'L1'")
    coverage, coding = (_part(engine, name, "pcaf_2022") for name in ("coverage", "coding"))
    assert (counted["calculation_method"], counted["emission"]) == ("none", None)
    assert (coverage["status"], coverage["evidence"]) == ("not_known", 1)
    assert (coding["status"], coding["evidence"]) == ("none", 1)


def test_draws_are_the_same_on_every_run(engine: DuckDB) -> None:
    _named_book(engine, 0.9)
    first = [row["emission"] for row in rows(engine, "financed_emission_replicate")]
    with DuckDB() as other:
        _named_book(other, 0.9)
        assert [row["emission"] for row in rows(other, "financed_emission_replicate")] == first
    assert len(first) == 150
