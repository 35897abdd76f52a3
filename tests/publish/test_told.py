"""Findings as those see them who may not see records: no message tells of a firm, a loan or a person."""

from __future__ import annotations

import re

import pytest

from lvshu.core.errors import Problem, Where
from lvshu.core.text import LANGUAGES, messages
from lvshu.engine.step import finding_row
from lvshu.pipeline.record import record_problems
from lvshu.publish.panels.making import findings_section
from lvshu.publish.panels.told import ABOUT_UNITS, ANYWHERE, BY_WING, PARTS, general_text, is_told, values_of
from lvshu.publish.reader import Reader
from tests.publish.fake_book import empty_book, fill


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OF_ONE = _names(
    """branch branch_code bond borrower borrowers candidate claim claims client clients company companies
    enterprise enterprises entity example examples fund institution institutions issuer key loan loan_id loans
    outstanding outstanding_amount plan platform platforms position positions project projects record records returns
    reviewer site uscc worker workers"""
)
"""Kinds of values that name a unit, count units or are a value of theirs."""
OF_UNITS = re.compile("企业|客户|借款|贷款|笔|户|平台|项目|人数|名单")
REVIEWED = {
    "accounts.no_enterprises": "area and year alone",
    "accounts.no_carbon_unit": "a unit of measurement",
    "accounts.reader_no_flows": "name of an account of a database",
    "accounts.kaya_population_differs": "population of the area",
    "finance.flow_no_transition": "no value",
    "finance.intensity_of_other_year": "two years",
    "statistics.disclosure_convention": "thresholds of a pack",
    "statistics.district_suppressed": "cells that are not shown, and the threshold",
    "statistics.platform_no_rate": "classes of the standard",
    "statistics.register_without_month": "months",
    "statistics.return_missing": "all platforms together, as the page on platforms tells",
    "statistics.worker_months_suppressed": "cells that are not shown, of how many, and the threshold",
}
"""Messages told with their values though they speak of units, and what these values are."""


def mark(name: str) -> str:
    return f"⟦{name}⟧"


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    """Return what a viewer reads of every message of the catalogue, each as the finding of a run."""
    with empty_book() as book:
        rows = []
        for code in messages():
            values = {name: mark(name) for name in values_of(code)}
            row = finding_row(
                "x", Problem(code, values=values, severity="warning"), table=None, key=mark("key")
            )
            rows.append({name: value[0] for name, value in row.items()})
        fill(book.engine, "finding", rows)
        table = findings_section(Reader(book)).panels[0].table
    assert table is not None
    found: dict[str, str] = {}
    for row in table.rows:
        texts = [row[part] for part in PARTS]
        found[str(row["code"])] = " ".join(
            getattr(text, language) for text in texts for language in LANGUAGES
        )
    return found


def test_every_message_is_shown_and_none_tells_of_a_unit(shown: dict[str, str]) -> None:
    assert shown.keys() == messages().keys()
    open_kinds = {mark(name) for name in ANYWHERE.union(*BY_WING.values())}
    for code, text in shown.items():
        told = set(re.findall("⟦[^⟧]*⟧", text))
        assert not told & {mark(name) for name in OF_ONE} or code == "statistics.return_missing", code
        if told and not code.startswith("intake.") and code != "statistics.return_missing":
            assert told <= open_kinds, code
            assert code not in ABOUT_UNITS


def test_nothing_of_the_pattern_of_a_message_is_left(shown: dict[str, str]) -> None:
    assert not [code for code, text in shown.items() if re.search(r"\{[a-z_]+[:}]", text)]
    assert general_text("finance.unknown_borrower", "what", "finance_gap", None).en == (
        "Method …: the borrowers of … loans (CNY … at year-end) are not in the enterprise register; "
        "they are in the bucket of unknown borrowers"
    )


def test_messages_about_units_that_are_told_whole_are_reviewed_one_by_one() -> None:
    speaks = {
        code for code, entry in messages().items()
        if is_told(code) and values_of(code) and OF_UNITS.search(str(entry["zh"].get("what", "")))
    }  # fmt: skip
    assert speaks <= REVIEWED.keys()


def test_figures_of_the_loan_book_are_left_out_and_those_of_the_city_told() -> None:
    assert not is_told("finance.unknown_borrower", "finance_gap")
    assert not is_told("finance.after_year", "finance_gap")
    assert not is_told("no.such_message")
    assert is_told("accounts.behind_target", "dual_control")
    assert is_told("packs.before_its_date")
    assert not is_told("accounts.reconciled", "enterprise_reconciliation")
    assert not is_told("accounts.behind_target", "loan")


def test_who_may_see_records_reads_in_which_file_a_finding_is_and_others_do_not() -> None:
    codes = ("intake.encoding", "intake.unrecognised_file")
    with empty_book() as book:
        fill(book.engine, "finding", [])
        record_problems(
            book.engine,
            [Problem(code, Where(file=f"{code}.csv", row=3), {}, severity="error") for code in codes],
        )
        whole = findings_section(Reader(book), whole=True).panels[0].table
        public = findings_section(Reader(book)).panels[0].table
    assert whole is not None and public is not None
    assert {row["code"]: row["place"] for row in whole.rows} == {code: f"{code}.csv:3" for code in codes}
    assert "place" in [column.key for column in whole.columns]
    assert "place" not in [column.key for column in public.columns]
