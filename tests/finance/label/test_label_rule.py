"""A ledger that answers “no” under green label has no green loan for it."""

from __future__ import annotations

import pytest

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB


@pytest.mark.parametrize(
    ("label", "passes"),
    [
        (None, True),
        ("4.1.2", True),
        ("是", True),
        ("否", False),
        ("无", False),
        ("No", False),
        ("非绿色", False),
    ],
)
def test_no_is_no_label(engine: DuckDB, label: str | None, passes: bool) -> None:
    rule = next(one for one in load("loan").rules if one.name == "label_is_no_answer")
    assert rule.severity == "error"
    given = "NULL" if label is None else f"'{label}'"
    assert engine.execute(f"SELECT {rule.sql} FROM (SELECT {given} AS green_label)") == [(passes,)]
