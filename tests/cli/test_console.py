"""What the command line prints of many problems: each kind once, with its rows."""

from __future__ import annotations

import pytest

from lvshu.cli.console import SHOWN_PROBLEMS, Output
from lvshu.core.errors import Problem, Where


def _fault(code: str, row: int | None, **values: object) -> Problem:
    return Problem(code, Where(file="queue.csv", row=row, column="decision"), values)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_fault_in_many_rows_is_one_panel_that_names_them(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    many = [_fault("statistics.review_decision", row, found=f"maybe{row % 2}") for row in range(2, 42)]
    Output(language).problems([*many, _fault("statistics.review_day", 7, found="13/13")])
    told = capsys.readouterr().err
    assert told.count("statistics.review_decision") == 1
    assert "statistics.review_day" in told, "a kind of fault is not pushed out by another"
    assert "39" in told and "3, 4, 5" in told and "…" in told
    assert "maybe0" in told and "maybe1" in told, "what differs is told"


def test_problems_without_a_row_are_not_joined_and_those_left_out_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    apart = [_fault("statistics.review_day", None, found=str(at)) for at in range(SHOWN_PROBLEMS + 4)]
    Output("en").problems(apart)
    told = capsys.readouterr().err
    assert told.count("statistics.review_day") == SHOWN_PROBLEMS
    assert "4 more" in told
