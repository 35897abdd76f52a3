"""The file of decisions on labels that the workbench keeps: nobody's sign-off is lost when another one is added."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from lvshu.finance.label_answers import FILE, LabelAnswer, keep_answers, kept_answers
from lvshu.store.workspace import Workspace

FIRST = LabelAnswer("BANK1", "0002", "green", "catalogue", "3.2.2", "approved", "周", "2025-12-01")
SECOND = replace(FIRST, institution_id="BANK2", decision="rejected")
NEXT = replace(FIRST, loan_id="0001")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "city", area="310000", year=2025, synthetic=True)


def test_sign_offs_on_equal_numbers_of_two_institutions_both_stay(workspace: Workspace) -> None:
    keep_answers(workspace, [FIRST, SECOND])
    keep_answers(workspace, [NEXT])
    assert kept_answers(workspace) == [NEXT, FIRST, SECOND]


def test_columns_that_people_added_stay_and_a_file_saved_by_a_spreadsheet_is_read(
    workspace: Workspace,
) -> None:
    keep_answers(workspace, [FIRST])
    path = workspace.inputs / FILE
    heading, row = path.read_text("utf-8").splitlines()
    path.write_text(f"{heading},档案号\n{row},A-7\n", "utf-8-sig")
    keep_answers(workspace, [NEXT])
    with path.open(encoding="utf-8", newline="") as stream:
        kept = [(one["institution_id"], one["loan_id"], one["档案号"]) for one in csv.DictReader(stream)]
    assert kept == [("BANK1", "0001", ""), ("BANK1", "0002", "A-7")]


@pytest.mark.parametrize("number", ["0002", "BANK1:0002"])
def test_a_new_answer_replaces_one_about_the_same_loan_that_names_no_institution(
    workspace: Workspace, number: str
) -> None:
    keep_answers(workspace, [replace(FIRST, institution_id="", loan_id=number), NEXT])
    changed = replace(FIRST, decision="rejected")
    keep_answers(workspace, [changed], number_in_book=number)
    assert kept_answers(workspace) == [NEXT, changed]
