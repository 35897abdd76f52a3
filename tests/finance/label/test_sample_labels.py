"""Labels of the sample city against its truth: what the bank's tags hide is found, and nothing is called approved."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.store.workspace import Workspace

RIGHT = {"correct", "suspected_correct"}
EXPECTED = {
    "correct": RIGHT,
    "missing": {"missing", "suspected_missing"},
    "wrong": {"wrong"},
    "excess": {"excess"},
}


@pytest.fixture(scope="module")
def truth(sample_run: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (sample_run / "truth" / "label.csv").open(encoding="utf-8") as handle:
        return {(row["loan_id"], row["theme"]): row for row in csv.DictReader(handle)}


@pytest.fixture(scope="module")
def checks(sample_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    with DuckDB(Workspace.open(sample_run).runs.book_path(), read_only=True) as book:
        numbers = dict(book.execute("SELECT loan_id, loan_number FROM shared_loan_number"))
        found = {
            table: book.read(table).to_pylist()
            for table in ("label_check", "label_status", "label_candidate", "label_reconciliation")
        }
        for row in (row for rows in found.values() for row in rows if "loan_id" in row):
            row["loan_id"] = numbers[row["loan_id"]]  # the truth names loans as the banks do
        return found


def test_planted_errors_of_codes_are_found(truth: dict, checks: dict) -> None:
    """Themes by industry codes: every planted error is found, for the table decides by the codes alone."""
    for theme in ("digital", "technology"):
        kinds: dict[str, list[bool]] = defaultdict(list)
        for row in checks["label_check"]:
            planted = truth.get((row["loan_id"], theme), {}).get("planted")
            if (
                row["theme"] == theme
                and row["basis"] == "purpose"
                and planted
                and row["verdict"] != "not_checkable"
            ):
                kinds[planted].append(row["verdict"] in EXPECTED[planted])
        assert kinds["correct"] and kinds["excess"]
        for planted in ("correct", "missing"):
            assert sum(kinds[planted]) == len(kinds[planted]), (theme, planted)


def test_green_words_are_precise_and_miss_some(truth: dict, checks: dict) -> None:
    """Candidates from words: most loans they name are green, at most half of what is green escapes them."""
    found = {
        row["loan_id"] for row in checks["label_candidate"]
        if row["theme"] == "green" and row["found_by"] == "purpose_text"
    }  # fmt: skip
    searched = {
        row["loan_id"] for row in checks["label_check"]
        if row["theme"] == "green" and row["basis"] == "purpose" and row["verdict"] != "not_checkable"
    }  # fmt: skip
    green = {loan for (loan, theme), row in truth.items() if theme == "green" and row["true_code"]} & searched
    precision = len(found & green) / len(found)
    recall = len(found & green) / len(green)
    assert precision > 0.8
    assert recall > 0.5


def test_only_signed_labels_are_approved(checks: dict) -> None:
    signed = [row for row in checks["label_status"] if row["reviewer"]]
    approved = [row for row in checks["label_status"] if row["status"] == "approved"]
    assert signed and approved
    assert all(row["reviewer"] and row["reviewed_on"] for row in approved)
    assert all(
        row["status"] in ("suspected", "not_in_force")
        for row in checks["label_status"]
        if not row["reviewer"]
    )


def test_each_group_is_the_whole_book(checks: dict) -> None:
    totals: dict[tuple[str, str], list] = defaultdict(list)
    for row in checks["label_reconciliation"]:
        totals[row["theme"], row["basis"]].append((row["loans"], row["outstanding_amount"] or 0))
    sums = {tuple(map(sum, zip(*rows, strict=True))) for rows in totals.values()}
    assert len(totals) == 8
    assert len(sums) == 1
