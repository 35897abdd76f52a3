"""The reconciliation of the candidate list tells the loans of the ledger that sit in quarantine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lvshu.cli.main import main
from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.workflow.candidates import reconciliation_of
from lvshu.store.workspace import BOOK_FILE, Workspace
from tests.finance.workflow import small

Row = tuple[str, int, str, str]
"""Table, row, code and institution of a quarantined row."""
ROWS: Sequence[Row] = (
    ("loan", 2, "intake.unknown_code", "BANK1"), ("loan", 2, "intake.not_a_date", "BANK1"),
    ("loan", 5, "intake.duplicate_conflict", "BANK1"), ("loan", 6, "intake.superseded", "BANK1"),
    ("loan", 7, "intake.duplicate_identical", "BANK1"), ("loan", 8, "intake.not_a_date", "BANK2"),
    ("loan_balance", 3, "intake.negative", ""), ("loan", 9, "intake.required_value_missing", ""),
    ("loan", 11, "intake.total_row", "BANK1"), ("loan", 12, "intake.total_row", ""),
)  # fmt: skip


def _put(place: Workspace, rows: Sequence[Row]) -> None:
    """Put rows into the quarantine of the book."""
    columns = {
        "table_name": [row[0] for row in rows], "file": ["loan.csv"] * len(rows),
        "row_number": [row[1] for row in rows],
        "code": [row[2] for row in rows],
        "institution_id": [row[3] for row in rows],
        "may_be_of": ["" if row[3] else "*" for row in rows],
    }  # fmt: skip
    with DuckDB(place.runs.folder / small.FIRST_RUN / BOOK_FILE) as engine:
        engine.execute(load("quarantine").create_sql())
        names = ", ".join(columns)
        for row in zip(*columns.values(), strict=True):
            values = ", ".join(str(one) if isinstance(one, int) else f"'{one}'" for one in row)
            engine.execute(f"INSERT INTO quarantine ({names}) VALUES ({values})")


def test_rows_in_quarantine_are_counted_once_each(bank: Workspace) -> None:
    _put(bank, ROWS)
    with bank.book() as book:
        sums = reconciliation_of(book, "bank_2026", "BANK1")
    assert sums["loans_in_book"] == len(small.LOANS) and sums["loans_difference"] == 0
    assert (sums["loans_quarantined"], sums["loans_quarantined_unnamed"]) == (3, 0)
    assert sums["loans_in_ledger"] == len(small.LOANS) + 3


def test_of_several_institutions_each_has_its_own(bank: Workspace) -> None:
    _put(bank, ROWS)
    with DuckDB(bank.runs.folder / small.FIRST_RUN / BOOK_FILE) as engine:
        engine.execute("UPDATE loan SET institution_id = 'BANK2' WHERE loan_id = 'L9'")
    with bank.book() as book:
        sums = reconciliation_of(book, "bank_2026", "BANK1")
        other = reconciliation_of(book, "bank_2026", "BANK2")
    assert (sums["loans_quarantined"], sums["loans_quarantined_unnamed"]) == (2, 1)
    assert (other["loans_quarantined"], other["loans_quarantined_unnamed"]) == (1, 1)


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh", "台账 13 行 = 10 笔读入 + 3 行隔离"),
     ("en", "13 rows in the ledger = 10 loans read + 3 rows in quarantine")],
)  # fmt: skip
def test_candidates_and_lock_say_so(
    bank: Workspace, capsys: pytest.CaptureFixture[str], language: str, told: str
) -> None:
    place = ("-w", str(bank.folder), "--lang", language)
    assert main(["desk", "candidates", *place]) == 0
    quiet = " ".join(capsys.readouterr().out.split())
    assert "10 loans read" in quiet or "读入的 10 笔" in quiet
    assert "quarantine" not in quiet and "隔离" not in quiet
    _put(bank, ROWS)
    for command in (["candidates"], ["lock", "--user", "王总", "--role", "head_office"]):
        assert main(["desk", *command, *place]) == 0
        assert told in " ".join(capsys.readouterr().out.split())
