"""Review files out and back: what is asked, how they come back wrong, and what the next run makes of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lvshu.cli.main import main
from lvshu.core.errors import InputError
from lvshu.finance.match_desk.coverage import coverage_of, groups_of
from lvshu.finance.match_desk.queue import write_queue
from lvshu.finance.match_desk.review import COLUMNS, OPEN
from lvshu.finance.match_desk.taking import MIRROR, take_reviews
from lvshu.finance.workflow.desk import open_desk
from lvshu.store.workspace import Workspace
from tests.finance.match_desk import ledger
from tests.finance.sheets import sheets_of

COLUMN = {name: place for place, (name, _, _) in enumerate(COLUMNS)}


def queue(place: Workspace, name: str = "review.csv", sample: int = 0) -> Path:
    with open_desk(place) as desk:
        return write_queue(desk, place.folder / name, sample=sample).path


def changed(path: Path, change: Callable[[list[list[str]]], None]) -> Path:
    """Return a copy of a csv review file whose rows (without the heading) a function changes."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    change(rows)
    target = path.with_name(f"changed_{path.name}")
    with target.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([heading, *rows])
    return target


def answer(row: list[str], decision: str, **cells: str) -> None:
    for name, value in {"decision": decision, "reviewer": "甲", "reviewed_on": "2026-01-05", **cells}.items():
        row[COLUMN[name]] = value


def refused(place: Workspace, path: Path) -> list[Any]:
    with open_desk(place) as desk:
        with pytest.raises(InputError) as told:
            take_reviews(desk, [path])
        assert desk.repository.match_answers() == []
    assert not (place.inputs / MIRROR).exists()
    for problem in told.value.problems:
        assert "{" not in problem.text("zh") and "{" not in problem.text("en")
    return list(told.value.problems)


def test_coverage_adds_up_to_the_ledger_and_keeps_the_unknown(names: Workspace) -> None:
    with names.book() as book:
        found = coverage_of(book, "BANK1", 5)
        groups = groups_of(book, most=1_000)
        with pytest.raises(InputError) as told:
            coverage_of(book, "BANK9")
    assert told.value.code == "finance.desk_unknown_choice"
    every = ledger.ledger()
    assert (
        found.loans
        == len(every)
        == sum(line.loans for line in found.lines)
        == sum(t.loans for t in found.totals)
    )
    assert found.outstanding_amount == sum(1000 + place for place in range(len(every)))
    unknown = next(line for line in found.totals if line.status == "unknown")
    assert unknown.loans == sum(1 for _, truth in every if truth is None)
    assert sum(line.outstanding_share for line in found.lines) == pytest.approx(1)
    assert (
        len(found.largest) == 5
        and found.largest[0]["outstanding_amount"] >= found.largest[-1]["outstanding_amount"]
    )
    assert sum(row["loans"] for row in groups) == len(every)


def test_the_queue_asks_all_that_wait_and_a_sample_of_the_rest(names: Workspace) -> None:
    with open_desk(names) as desk:
        made = write_queue(desk, names.folder / "review.xlsx", sample=7, language="en")
        assert made.all_names == {"waiting": 64, "accepted": 20, "unfound": 18}
        assert made.names == {"waiting": 64, "accepted": 7, "unfound": 7}
        with pytest.raises(InputError) as told:
            write_queue(desk, names.folder / "review.xlsx")
        assert told.value.code == "finance.review_file_there"
        again = write_queue(desk, names.folder / "again.csv", sample=7)
        assert again.rows == made.rows


def test_answers_are_kept_used_by_the_next_run_and_not_asked_again(names: Workspace) -> None:
    path = ledger.answered(queue(names), names.folder / "back.csv")
    with open_desk(names) as desk:
        done = take_reviews(desk, [path])
        assert done.answers["accept"] == 64 and done.names == 64
        assert take_reviews(desk, [path]).same == ("back.csv",)
        with pytest.raises(InputError) as told:
            write_queue(desk, names.folder / "more.csv")
        assert told.value.code == "finance.review_nothing"
    ledger.run_once(names)
    truth = dict(ledger.ledger())
    with names.book() as book:
        found = {row["name"]: row for row in book.rows("match_subject")}
        matches = {row["subject_key"]: row for row in book.rows("subject_match")}
    for name, subject in found.items():
        match = matches[subject["subject_key"]]
        assert (match["entity_id"] if match["status"] == "matched" else None) == truth[name], name
    assert (
        sum(match["matched_by"] == "review" and match["reviewer"] == "甲" for match in matches.values()) == 64
    )


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_kept(names: Workspace) -> None:
    def spoil(rows: list[list[str]]) -> None:
        other = rows[20][COLUMN["company_id"]]
        answer(rows[0], "maybe")
        answer(rows[1], "accept", reviewer="")
        answer(rows[2], "other")
        answer(rows[3], "other", other_company_id="91310000MA1FL00030")
        answer(rows[4], "accept", reviewed_on="2999-01-01")
        answer(rows[5], "accept", subject_key="|没有这个对象")
        answer(rows[6], "accept", company_id=other)
        answer(rows[7], "accept", name="别的名称", outstanding_amount="1.00")
        answer(rows[8], "accept", run_id="20200101-000000-aaaaaa")
        rows.append([*rows[9]])
        answer(rows[9], "accept")
        answer(rows[-1], "reject")
        rows.append([*rows[10]])
        answer(rows[10], "accept")
        answer(rows[-1], "none")

    problems = refused(names, changed(queue(names), spoil))
    assert sorted(problem.code.removeprefix("finance.review_") for problem in problems) == sorted([
        "decision", "unsigned", "other", "unknown_company", "future", "unknown_subject", "not_a_candidate",
        "changed_cell", "changed_cell", "run_gone", "yes_and_no", "two_yes",
    ])  # fmt: skip
    places = {problem.code: problem.where for problem in problems}
    assert (places["finance.review_not_a_candidate"].row, places["finance.review_not_a_candidate"].column) == (
        8, "company_id",
    )  # fmt: skip


def test_two_companies_for_one_loan_are_refused(names: Workspace) -> None:
    register = [code for code, _ in ledger.companies()]

    def twice(rows: list[list[str]]) -> None:
        rows.append([*rows[0]])
        answer(rows[0], "accept")
        taken = rows[0][COLUMN["company_id"]]
        answer(rows[-1], "other", other_company_id=next(code for code in register if code != taken))

    (problem,) = refused(names, changed(queue(names), twice))
    assert problem.code == "finance.review_two_yes" and len(problem.values["answers"]) == 2


def test_one_column_sorted_alone_is_noticed(names: Workspace) -> None:
    def sort_one(rows: list[list[str]]) -> None:
        codes = sorted(row[COLUMN["company_id"]] for row in rows)
        for row, code in zip(rows, codes, strict=True):
            answer(row, "accept", company_id=code)

    problems = refused(names, changed(queue(names), sort_one))
    assert {problem.code for problem in problems} == {"finance.review_not_a_candidate"}
    assert len(problems) > 50


def test_a_changed_mind_is_told_and_both_answers_stay(names: Workspace) -> None:
    path = queue(names)
    first = changed(path, lambda rows: answer(rows[0], "accept"))
    with open_desk(names) as desk:
        take_reviews(desk, [first])
        second = changed(path, lambda rows: answer(rows[0], "none", reviewer="乙", reviewed_on="2026-01-06"))
        (told,) = take_reviews(desk, [second]).told
        assert told.code == "finance.review_changes" and "乙" in told.text("zh")
        assert [one.decision for one in desk.repository.match_answers()] == ["accept", "none"]
    mirror = (names.inputs / MIRROR).read_text("utf-8").splitlines()
    assert len(mirror) == 3 and sum(",reject," in line for line in mirror) == 1
    ledger.run_once(names)
    with names.book() as book:
        (match,) = book.rows("subject_match", where="matched_by = 'review'")
        assert (match["status"], match["reason"]) == ("unknown", "rejected")
        assert book.rows("finding", where="code = 'finance.match_review_conflict'")


def test_names_that_nothing_was_found_for_may_be_told(names: Workspace) -> None:
    code = ledger.companies()[0][0]

    def tell(rows: list[list[str]]) -> None:
        unfound = [row for row in rows if row[COLUMN["kind"]] == "unfound"]
        answer(unfound[0], "other", other_company_id=code)
        answer(unfound[1], "none")
        answer(unfound[2], "accept")

    path = changed(queue(names, sample=100), tell)
    (problem,) = refused(names, path)
    assert problem.code == "finance.review_no_candidate"
    good = changed(
        path, lambda rows: [answer(row, "") for row in rows if row[COLUMN["decision"]] == "accept"] and None
    )
    with open_desk(names) as desk:
        take_reviews(desk, [good])
    ledger.run_once(names)
    with names.book() as book:
        (match,) = book.rows("subject_match", where="matched_by = 'review'")
    assert match["entity_id"] == code


def test_only_the_open_columns_can_be_written_in_the_workbook(names: Workspace) -> None:
    sheet = sheets_of(queue(names, "review.xlsx"))["复核 review"]
    assert sheet.protected
    letters = {chr(ord("A") + COLUMN[name]) for name in OPEN}
    assert sheet.columns(2) == letters and sheet.columns(65) == letters and sheet.columns(1) == set()
    (area,) = sheet.lists
    assert area == "I2:I65" and sheet.lists[area] == '"accept,reject,other,none"'


def test_the_command_line_in_both_languages(names: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    def command(*words: object) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["match", *(str(word) for word in words)])
        return code, "".join(capsys.readouterr())

    where = ("-w", names.folder)
    code, told = command("status", *where, "--json")
    answer_json = json.loads(told)
    assert code == 0 and answer_json["loans"] == len(ledger.ledger()) and answer_json["weights"]["source"]
    for language, word in (("zh", "查无此名"), ("en", "nobody of this name")):
        code, told = command("status", *where, "--lang", language)
        assert code == 0 and word in told
    code, told = command("queue", names.folder / "review.csv", *where, "--lang", "en")
    assert code == 0 and "64 of 64" in told
    path = ledger.answered(names.folder / "review.csv", names.folder / "back.csv")
    code, told = command("take", path, *where, "--json")
    assert code == 0 and json.loads(told)["answers"]["accept"] == 64
    code, told = command("groups", *where, "--top", "3", "--json")
    assert code == 0 and len(json.loads(told)["groups"]) == 3
    code, told = command("take", names.folder / "absent.csv", *where, "--lang", "zh")
    assert code == 1 and "finance.desk_file_absent" in told
