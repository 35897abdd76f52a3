"""Why a table is empty: what the run told of it as a whole, where it may be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.publish.reader import Reader
from lvshu.publish.texts import same
from lvshu.store.book import Book


@pytest.mark.parametrize(
    ("table", "key", "is_told"),
    [
        ("digital_economy_share", None, True),
        ("digital_economy_share", "row", False),
        ("loan_scope", None, False),
    ],
)
def test_a_finding_on_the_table_itself_is_the_reason(
    tmp_path: Path, table: str, key: str | None, is_told: bool
) -> None:
    with DuckDB(scratch=tmp_path / "scratch") as engine:
        for name in ("finding", "step_run", "input_file"):
            engine.create(load(name), replace=True)
        row = {
            "table_name": table,
            "record_key": key,
            "what_zh": "标准误不发布",
            "what_en": "The error is withheld",
        }
        contract = load("finding")
        engine.append(contract, {name: [row.get(name)] for name in contract.column_names})
        told = Reader(Book(tmp_path / "book.duckdb", engine)).why_empty(table, (), same("x"))
    assert ("标准误不发布" in told.zh) is is_told and ("The error is withheld" in told.en) is is_told
