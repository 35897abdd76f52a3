"""The review file goes out and comes back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from lvshu.core.errors import InputError
from lvshu.finance.match_desk.review import COLUMNS, read_review, review_rows, write_review

SUBJECTS = [
    {
        "subject_key": "|华能国际",
        "name": "华能国际",
        "code": None,
        "loans": 2,
        "outstanding_amount": Decimal(5),
    },
    {
        "subject_key": "|=cmd",
        "name": "=cmd|' /C calc'!A0",
        "code": None,
        "loans": 1,
        "outstanding_amount": Decimal(9),
    },
    {"subject_key": "|定了", "name": "定了", "code": None, "loans": 1, "outstanding_amount": Decimal(1)},
]
MATCHES = [
    {"subject_key": "|华能国际", "status": "review", "reason": "not_sure"},
    {"subject_key": "|=cmd", "status": "review", "reason": "not_plain"},
    {"subject_key": "|定了", "status": "matched", "reason": "name"},
]
CANDIDATES = [
    {"subject_key": key, "candidate_rank": rank, "entity_id": entity, "candidate_name": name, "probability": chance}
    for key, rank, entity, name, chance in (
        ("|华能国际", 1, "E1", "华能国际电力股份有限公司", 0.69),
        ("|华能国际", 2, "E2", "华电国际电力股份有限公司", 0.12),
        ("|=cmd", 1, "E3", "某公司", 0.5), ("|定了", 1, "E4", "定了公司", 0.99),
    )
]  # fmt: skip


def _answered(
    path: Path, rows: list[dict[str, object]], answers: dict[str, dict[str, object]], language: str
) -> None:
    write_review(
        path, [{**row, **answers.get(str(row["company_id"]), {})} for row in rows], language=language
    )


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_out_and_in(tmp_path, ending, language):
    rows = review_rows(SUBJECTS, MATCHES, CANDIDATES)
    assert [row["company_id"] for row in rows] == ["E3", "E1", "E2"]
    signed = {"reviewer": "甲", "reviewed_on": "2026-01-05"}
    path = tmp_path / f"review.{ending}"
    _answered(
        path, rows, {"E1": {"decision": "accept", **signed}, "E3": {"decision": "否决", **signed}}, language
    )
    answers = {answer["company_id"]: answer for answer in read_review(path)}
    assert set(answers) == {"E1", "E3"}
    assert answers["E1"]["decision"] == "accept"
    assert answers["E3"]["decision"] == "reject"
    assert answers["E1"]["subject_key"] == "|华能国际"
    assert answers["E1"]["reviewed_on"] == date(2026, 1, 5)


def test_formulas_are_texts(tmp_path):
    rows = review_rows(SUBJECTS, MATCHES, CANDIDATES)
    write_review(tmp_path / "review.csv", rows)
    assert "\n=cmd" not in (tmp_path / "review.csv").read_text(encoding="utf-8-sig").replace(",", "\n")
    write_review(tmp_path / "review.xlsx", rows)
    sheet = CalamineWorkbook.from_path(tmp_path / "review.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[1][[name for name, _, _ in COLUMNS].index("name")] == "=cmd|' /C calc'!A0"


def test_every_fault_of_the_answers_is_told(tmp_path):
    rows = review_rows(SUBJECTS, MATCHES, CANDIDATES)
    answers = {
        "E1": {"decision": "maybe", "reviewer": "甲", "reviewed_on": "2026-01-05"},
        "E2": {"decision": "other", "reviewer": "甲", "reviewed_on": "2026-01-05"},
        "E3": {"decision": "accept", "reviewed_on": "last week"},
    }
    _answered(tmp_path / "review.csv", rows, answers, "zh")
    with pytest.raises(InputError) as caught:
        read_review(tmp_path / "review.csv")
    assert sorted(problem.code for problem in caught.value.problems) == [
        "finance.review_decision", "finance.review_other", "finance.review_unsigned",
    ]  # fmt: skip
    with pytest.raises(InputError):
        write_review(tmp_path / "review.pdf", rows)
