"""The panels of the bank desk: sums only, small cells not shown, no part of a hidden one in a sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.publish.display import Absence
from lvshu.publish.model import Panel, in_unit
from lvshu.publish.panels import finance
from lvshu.publish.panels.base import MONEY
from lvshu.publish.panels.finance_cells import hidden
from lvshu.publish.panels.loans import _capital_row
from lvshu.publish.reader import Reader
from lvshu.store.book import Book


@pytest.fixture(scope="module")
def panels(book: Book) -> dict[str, Panel]:
    return {panel.id: panel for panel in finance.section(Reader(book)).panels}


def _cells(panel: Panel, name: str, key: str) -> dict[str, object]:
    assert panel.table is not None
    return {row[name].en: row[key] for row in panel.table.rows}  # type: ignore[union-attr]


def test_every_sentence_is_filled(panels: dict[str, Panel]) -> None:
    for panel in panels.values():
        assert panel.finding.zh
        assert "{" not in panel.finding.zh + panel.finding.en + panel.note.zh + panel.note.en, panel.id


def test_small_kinds_of_match_are_taken_together(panels: dict[str, Panel]) -> None:
    loans = _cells(panels["matching"], "name", "loans")
    assert loans["to be reviewed (name), unknown"] == 28
    assert sum(loans.values()) == 5800 + 40 + 4200 + 28  # type: ignore[arg-type]


def test_a_label_verdict_of_one_loan_is_not_shown_nor_to_be_worked_out(panels: dict[str, Panel]) -> None:
    table = panels["label_check"].table
    assert table is not None
    for row in table.rows:
        assert row["excess"] is Absence.SUPPRESSED
        assert row["missing"] is Absence.SUPPRESSED
        assert row["wrong"] == Decimal(30)


def test_a_class_of_one_institution_is_not_shown_nor_told(panels: dict[str, Panel]) -> None:
    table = panels["flow_matrix"].table
    assert table is not None
    for row in table.rows:
        assert row["transition_net_flow"] is Absence.SUPPRESSED
        assert row["high_carbon_net_flow"] is Absence.SUPPRESSED
        assert row["low_carbon_net_flow"] == Decimal(320)
    assert "high-carbon ***" in panels["flow_matrix"].finding.en
    assert _cells(panels["flow_shift"], "class", "change")["transition"] is Absence.SUPPRESSED


def test_the_effects_of_the_year_lead_from_total_to_total(panels: dict[str, Panel]) -> None:
    steps = list(_cells(panels["emission_change"], "effect", "bank_2026").values())
    assert sum(steps[:-1]) == steps[-1]  # type: ignore[arg-type]


def test_a_type_of_one_project_is_hidden_with_another_that_has_a_figure(panels: dict[str, Panel]) -> None:
    found = _cells(panels["benefit"], "name", "quantity")
    assert found["Use of biogas"] is Absence.SUPPRESSED
    assert found["Electricity saving"] is Absence.SUPPRESSED
    assert found["Wind power"] == Decimal(20)
    assert found["Urban rail"] is None


def test_intervals_of_projects_add_up_as_independent(panels: dict[str, Panel]) -> None:
    low, high = (_cells(panels["benefit"], "name", key)["Wind power"] for key in ("low", "high"))
    assert isinstance(low, Decimal)
    assert isinstance(high, Decimal)
    assert float(high - low) == pytest.approx(2 * 0.4 * 5**0.5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=8))
def test_hidden_cells_hold_enough_units_or_are_all_there_is(counts: list[int]) -> None:
    found = hidden(counts, 3)
    assert all(place in found for place, count in enumerate(counts) if 0 < count < 3)
    rest = [count for place, count in enumerate(counts) if place not in found and count]
    assert not found or not rest or (len(found) > 1 and sum(counts[place] for place in found) >= 3)


def test_what_stands_apart_is_shown_and_few_positions_are_not(panels: dict[str, Panel]) -> None:
    panel = panels["apart"]
    figures = _cells(panel, "kind", "bank_2026")
    assert figures["removals"] == Decimal(50)
    assert figures["avoided emissions"] == Decimal(300)
    assert figures["credits retired"] is Absence.SUPPRESSED
    assert "taken off" in panel.finding.en


def test_a_plan_counts_its_spending_once_and_a_plan_alone_is_not_shown(panels: dict[str, Panel]) -> None:
    table = panels["transition_plan"].table
    assert table is not None
    now, then = table.rows
    assert (now["year"], now["plans"], now["met"], now["missed"], now["pending"]) == ("2023", 5, 4, 3, 0)
    assert now["planned_spending"] == 2 * now["actual_spending"] == in_unit(Decimal(10) ** 9, "CNY", MONEY)
    assert {then[name] for name in ("plans", "planned_spending", "actual_spending")} == {Absence.SUPPRESSED}
    assert "50.0%" in panels["transition_plan"].finding.en


def test_a_quarter_that_begins_late_says_so(panels: dict[str, Panel]) -> None:
    for name in ("flow_matrix", "flow_intensity"):
        table = panels[name].table
        assert table is not None
        periods = [row["period"].en for row in table.rows]  # type: ignore[union-attr]
        assert periods[:2] == ["2023 Q1 (from the end of 2023-01)", "2023 Q2"]
        assert "not a whole quarter or year" in panels[name].note.en
    assert "2023 Q1 (from the end of 2023-01)" in panels["flow_matrix"].finding.en
    assert "2023 (from the end of 2023-01)" in panels["flow_shift"].finding.en


def test_every_claim_is_in_a_column_and_those_above_their_share_are_doubtful(
    panels: dict[str, Panel],
) -> None:
    panel = panels["benefit_claims"]
    assert panel.table is not None
    for row in panel.table.rows:
        parts = [value for key, value in row.items() if key not in ("channel", "claims")]
        assert sum(parts) == row["claims"]  # type: ignore[arg-type]
    assert panel.finding.en.startswith("3 of 5 claims")


def test_no_change_is_told_of_a_class_whose_begin_is_unknown() -> None:
    known = {
        "loans": 9,
        "outstanding_begin": Decimal(10**8),
        "outstanding_end": Decimal(3 * 10**8),
        "change": Decimal(2 * 10**8),
        "loans_begin_unknown": 0,
        "loans_end_unknown": 0,
    }
    late = {**known, "outstanding_begin": Decimal(0), "loans_begin_unknown": 5}
    assert _capital_row("green", [known])["change"] == Decimal(2)
    assert _capital_row("green", [known])["made_in_year"] is None
    assert _capital_row("green", [late])["change"] is None
    assert _capital_row("green", [late])["made_in_year"] == Decimal(2)
