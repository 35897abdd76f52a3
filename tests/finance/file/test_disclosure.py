"""Figures, gaps, the table by asset class and industry, the evaluation indicators."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.contract import load
from lvshu.core.errors import MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import query
from lvshu.finance.disclosure_gaps import OUTLINES, TABLES
from lvshu.finance.evaluation import RULES, scores, what_if
from lvshu.finance.methods.evaluation import (
    Balances,
    indicators,
    own_history,
    peers,
    places,
    quarters_between,
)
from tests.finance.book import LIBRARY, YEAR, fill, rows, run
from tests.finance.file.test_own_operations import record
from tests.finance.random_book import make

LEDGER_STEPS = tuple(f"finance.{name}" for name in (
    "loan_average_balance", "industry_group", "loan_subject", "loan_scope"
))  # fmt: skip
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in (3, 6, 9, 12)]


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    """Return a small book with own operations, a text and a commitment."""
    text = {"institution_id": "BANK1", "report": "jrt0227", "item": "2.1", "text_zh": "董事会每年审议。"}
    commitment = {
        "institution_id": "BANK1", "commitment_id": "C1", "year": YEAR, "asset_class": "business_loan",
        "undrawn_amount": Decimal(5_000_000),
    }  # fmt: skip
    own = [record("paper", 1, "t"), record("premises_natural_gas", 900, "m3")]
    given = {"disclosure_text": [text], "undrawn_commitment": [commitment], "own_operation": own}
    with DuckDB(scratch=tmp_path_factory.mktemp("filed")) as engine:
        yield run(engine, {**make(3).tables, **given})


def quarter(institution: str, month: str, green: float, **more: object) -> dict[str, Any]:
    """Return one row of quarterly data, in CNY."""
    return {
        "institution_id": institution, "month": month, "green_loan_balance": Decimal(str(green)),
        "green_bond_balance": Decimal(0), "business_balance": Decimal(1000), "green_loan_bad": Decimal(1),
        "green_bond_default": None, "institution_name": None, **more,
    }  # fmt: skip


def two_banks() -> list[dict[str, Any]]:
    """Return eight quarters of two banks."""
    return [
        quarter(bank, month, start + 10 * place)
        for bank, start in (("A", 100.0), ("B", 300.0))
        for place, month in enumerate(MONTHS)
    ]


def test_the_four_indicators_by_hand() -> None:
    found = {
        row["indicator"]: row
        for row in scores(two_banks(), LIBRARY[RULES].rows)
        if row["institution_id"] == "A" and row["month"] == "2025-12"
    }
    assert found["green_share"]["indicator_value"] == pytest.approx(17.0)
    assert found["market_share"]["indicator_value"] == pytest.approx(100 * 170 / 540)
    assert found["growth"]["indicator_value"] == pytest.approx(100 * (170 / 130 - 1))
    assert found["risk_share"]["indicator_value"] == pytest.approx(100 / 170)
    assert found["green_share"]["own_mean"] == pytest.approx((14 + 15 + 16) / 3)
    assert found["green_share"]["peer_mean"] == pytest.approx(37.0)
    assert (found["green_share"]["place"], found["risk_share"]["place"]) == (2, 2)
    assert found["growth"]["weight_percent"] == pytest.approx(20.0)


def test_no_score_is_given_while_the_formula_is_not_established(engine: DuckDB) -> None:
    run(engine, {"evaluation_indicator": two_banks()}, only=("finance.evaluation_score",))
    assert {row["score_status"] for row in rows(engine, "evaluation_score")} == {"not_established"}
    assert all(row["score"] is None for row in rows(engine, "evaluation_score"))
    assert len(rows(engine, "finding", "code = 'finance.no_score_formula'")) == 1
    assert LIBRARY[RULES].card.completeness == "partial"


def test_zero_business_and_zero_green_give_no_figure_and_no_error() -> None:
    found = scores([quarter("A", "2025-12", 0, business_balance=Decimal(0))], LIBRARY[RULES].rows)
    assert [row["indicator_value"] for row in found] == [None] * 4


def test_a_quarter_left_out_is_not_skipped_over() -> None:
    assert quarters_between(["2024-03", "2024-12"]) == ("2024-03", "2024-06", "2024-09", "2024-12")
    kept = [row for row in two_banks() if row["month"] != "2025-06"]
    last = [row for row in scores(kept, LIBRARY[RULES].rows) if row["month"] == "2025-12"]
    assert all(row["own_mean"] is None for row in last)


def test_what_if_changes_one_bank_and_says_what_it_cannot_do() -> None:
    before, after = what_if(two_banks(), LIBRARY[RULES].rows, "A", {"green_loan_balance": "+10%"})
    assert after[0]["indicator_value"] == pytest.approx(before[0]["indicator_value"] * 1.1)
    assert after[0]["peer_mean"] == before[0]["peer_mean"]
    with pytest.raises(MethodError) as raised:
        what_if(two_banks(), LIBRARY[RULES].rows, "Z", {"greens": "much"})
    assert [problem.code for problem in raised.value.problems] == [
        "finance.what_if_institution", "finance.what_if_balance", "finance.what_if_change",
    ]  # fmt: skip


def test_a_what_if_below_zero_or_upon_nothing_is_refused() -> None:
    table = two_banks()
    for row in table:
        row["green_bond_balance"] = None
    changes = {"green_loan_balance": "-200%", "green_bond_balance": "+10%", "business_balance": "-1e99"}
    with pytest.raises(MethodError) as raised:
        what_if(table, LIBRARY[RULES].rows, "A", changes)
    assert [problem.code for problem in raised.value.problems] == [
        "finance.what_if_below_zero", "finance.what_if_without_base", "finance.what_if_below_zero",
    ]  # fmt: skip
    for problem in raised.value.problems:
        assert "{" not in problem.text("zh") and "{" not in problem.text("en")
    _, after = what_if(table, LIBRARY[RULES].rows, "A", {"green_bond_balance": "7"})
    assert after[0]["indicator_value"] == pytest.approx(17.7)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.floats(1, 1e6), min_size=6, max_size=6), min_size=2, max_size=5))
def test_shares_sum_to_one_and_peers_leave_the_bank_out(green: list[list[float]]) -> None:
    table = np.array(green)
    found = indicators(Balances(table, table * 2, table * 0.1))
    assert found["market_share"].sum(axis=0) == pytest.approx(100.0)
    assert found["green_share"] == pytest.approx(np.full(table.shape, 50.0))
    share = found["market_share"]
    assert peers(share)[0] == pytest.approx(share[1:].mean(axis=0))
    assert own_history(share)[:, 3] == pytest.approx(share[:, :3].mean(axis=1))
    assert places(share, "market_share").min() == 1


def test_the_matrix_is_the_whole_book_and_its_emission_is_the_total(filed: DuckDB) -> None:
    engine = filed
    apart = sum(row["emission"] or 0 for row in rows(engine, "asset_class_emission"))
    for method in ("bank_2026", "pcaf_2022"):
        matrix = rows(engine, "financed_emission_class", f"method = '{method}'")
        whole = rows(engine, "attributed_emission", f"method = '{method}'")
        scope = rows(engine, "loan_scope", f"method = '{method}'")
        other = apart if method == "pcaf_2022" else 0
        assert (
            sum(row["emission"] or 0 for row in matrix) == sum(row["emission"] or 0 for row in whole) + other
        )
        assert sum(row["gross_exposure"] or 0 for row in matrix) == sum(
            row["outstanding_amount"] or 0 for row in scope
        )
        assert sum(row["loans"] for row in matrix) == len(scope)


def test_figures_are_sums_of_their_tables_and_say_why_they_have_no_interval(filed: DuckDB) -> None:
    engine = filed
    found = {
        (row["institution_id"], row["figure"], row["basis"]): row for row in rows(engine, "disclosure_figure")
    }
    emission = found["*", "financed_emission", "bank_2026"]
    table = rows(engine, "financed_emission", "method = 'bank_2026'")
    assert emission["value"] == sum(row["emission"] for row in table)
    assert emission["low"] is not None
    assert emission["condition"] == "method = 'bank_2026'"
    one = next(
        row for key, row in found.items() if key[1:] == ("financed_emission", "bank_2026") and key[0] != "*"
    )
    assert one["low"] is None
    assert one["interval_en"].startswith("no interval")
    assert found["BANK1", "own_emission_total", "-"]["value"] > 0
    assert found["*", "financed_abatement", "-"]["status"] == "missing"
    assert found["*", "undrawn_amount", "-"]["value"] == 5_000_000


def test_gaps_name_chapter_item_reason_and_what_to_provide(engine: DuckDB) -> None:
    run(engine, {})
    gaps = rows(engine, "disclosure_gap", "report = 'jrt0227' AND institution_id = '*'")
    assert {row["item"].split(".")[0] for row in gaps} >= {
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
    }
    assert all(row["why_zh"] and row["why_en"] and row["provide_zh"] and row["provide_en"] for row in gaps)
    assert [row["position"] for row in sorted(gaps, key=lambda row: row["position"])] == list(
        range(1, len(gaps) + 1)
    )


def test_a_written_text_and_an_input_close_their_gaps(filed: DuckDB) -> None:
    engine = filed
    gaps = {
        (row["report"], row["item"], row["element"])
        for row in rows(engine, "disclosure_gap", "institution_id = 'BANK1'")
    }
    assert ("jrt0227", "2.1", "text") not in gaps
    assert ("jrt0227", "2.2", "text") in gaps
    assert ("issb_s2", "cat15_undrawn", "undrawn_amount") not in gaps
    assert ("jrt0227", "8.1", "electricity") in gaps
    assert ("jrt0227", "8.1", "heating_coal") not in gaps


def test_every_outline_names_figures_and_tables_that_exist() -> None:
    figures = {row["code"] for row in LIBRARY["disclosure_figures"].rows}
    views = {*TABLES, "methodology"}
    for pack in OUTLINES.values():
        for row in LIBRARY[pack].rows:
            if row["kind"] == "figures":
                assert set(str(row["figures"]).split("|")) <= figures, row["code"]
            if row["kind"] == "table":
                assert row["table_view"] in views, row["code"]
    chapters = [row for row in LIBRARY["jrt_0227_2021"].rows if row["level"] == 1]
    assert [str(row["number"]) for row in chapters] == [str(number) for number in range(1, 12)]


# PCAF Part A (2022), chapter 6: shall, should, may. By asset class or by sector: one of the two.
PCAF_WORDS = {
    "required": "general frequency publication unmet coverage coverage_table gases biogenic absolute_12 absolute_3 "
    "phase_in own_emission own_scope3 asset_class recalculation quality_scope3 recent_data",
    "recommended": "periods lifetime removals credits_generated intensity physical quality verification",
    "optional": "sector credits_retired avoided facilitated insured",
}


def test_the_outline_of_pcaf_has_what_its_chapter_6_asks_for() -> None:
    found = {str(row["code"]): row["requirement"] for row in LIBRARY["pcaf_disclosure"].rows}
    for requirement, codes in PCAF_WORDS.items():
        assert {code: found[code] for code in codes.split()} == dict.fromkeys(codes.split(), requirement)
    either = [row for row in LIBRARY["pcaf_disclosure"].rows if row["code"] in ("asset_class", "sector")]
    assert all("须有其一" in str(row["name_zh"]) for row in either)


def test_what_pcaf_asks_of_the_bank_itself_is_a_gap_until_it_is_told(filed: DuckDB) -> None:
    gaps = {
        (row["item"], row["element"]): row["requirement"]
        for row in rows(filed, "disclosure_gap", "report = 'pcaf' AND institution_id = 'BANK1'")
    }
    assert (
        gaps["biogenic", "text"] == gaps["gases", "text"] == gaps["own_emission", "own_scope2"] == "required"
    )
    assert gaps["lifetime", "text"] == "recommended"
    assert ("own_emission", "own_scope1") not in gaps  # BANK1 tells its natural gas


def test_other_asset_classes_join_the_matrix_of_pcaf_once(engine: DuckDB) -> None:
    tables = make(3).tables
    run(engine, tables, only=LEDGER_STEPS)
    for table in ("asset_class_emission", "attributed_emission"):
        fill(engine, table, [])
    engine.make(query("lvshu.finance", "financed_emission_class"), {}, load("financed_emission_class"))
    before = rows(engine, "financed_emission_class", "method = 'pcaf_2022'")
    loan = rows(engine, "loan_scope", "method = 'pcaf_2022'")[0]
    asset_class = rows(engine, "loan", f"loan_id = '{loan['loan_id']}'")[0]["asset_class"]
    shared = {
        "institution_id": loan["institution_id"], "outstanding_amount": Decimal(100), "status": "available",
        "emission": Decimal(7), "scope1": Decimal(7), "quality_score": 4,
    }  # fmt: skip
    fill(engine, "asset_class_emission", [
        {**shared, "asset_class": asset_class, "position_id": loan["loan_id"]},
        {**shared, "asset_class": "sovereign", "position_id": "BOND1"},
    ])  # fmt: skip
    engine.make(query("lvshu.finance", "financed_emission_class"), {}, load("financed_emission_class"))
    after = rows(engine, "financed_emission_class", "method = 'pcaf_2022'")
    assert sum(row["emission"] or 0 for row in after) - sum(row["emission"] or 0 for row in before) == 14
    assert sum(row["loans"] for row in after) == sum(row["loans"] for row in before) + 1
    assert [row["emission"] for row in after if row["asset_class"] == "sovereign"] == [7]
