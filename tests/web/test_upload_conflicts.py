"""An upload whose keys are among the inputs already, with other content: told before it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.web.upload_conflicts import told_conflicts

BALANCE = load("loan_balance")


def _filled(amounts: dict[str, int], place: str) -> DuckDB:
    engine = DuckDB()
    engine.create(BALANCE)
    rows = [
        {"loan_id": loan, "institution_id": "B1", "month": "2023-12", "outstanding_amount": amount, "currency": "CNY"}
        for loan, amount in amounts.items()
    ]  # fmt: skip
    names = [
        name for name in BALANCE.column_names if name in rows[0] or name in ("source_file", "source_row")
    ]
    data = {name: [row.get(name, place if name == "source_file" else 1) for row in rows] for name in names}
    engine.append(BALANCE, {name: data.get(name, [None] * len(rows)) for name in BALANCE.column_names})
    return engine


@pytest.fixture
def workspace() -> Iterator[Any]:
    with _filled({"L1": 5, "L2": 7, "L3": 9}, "old.csv") as book:

        @contextmanager
        def opened() -> Iterator[Any]:
            yield SimpleNamespace(engine=book)

        yield SimpleNamespace(runs=SimpleNamespace(current=lambda: "r1"), book=opened)


def test_other_content_under_a_key_of_the_book_is_told_with_the_name_for_corrections(workspace: Any) -> None:
    with _filled({"L1": 6, "L2": 7, "L9": 1}, "new.csv") as engine:
        told = told_conflicts(workspace, engine, BALANCE, Path("new.csv"))
        assert told is not None and told.values["rows"] == 1, "equal rows and new ones put nothing out"
        assert "new.corrected.csv" in told.fix("en") and "new.corrected.csv" in told.fix("zh")
        assert told_conflicts(workspace, engine, BALANCE, Path("new.corrected.csv")) is None
        workspace.runs.current = lambda: None
        assert told_conflicts(workspace, engine, BALANCE, Path("new.csv")) is None


def test_rows_that_are_new_or_equal_are_no_conflict(workspace: Any) -> None:
    with _filled({"L2": 7, "L9": 1}, "new.csv") as engine:
        assert told_conflicts(workspace, engine, BALANCE, Path("new.csv")) is None
