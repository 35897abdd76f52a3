"""The queue of industry codes: what waits, in which order, and what a linked unit states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.publish.reader import Reader
from lvshu.store.book import Book
from lvshu.web.queues.codes import Codes


def _fill(engine: DuckDB, table: str, rows: list[dict[str, Any]]) -> None:
    contract = load(table)
    engine.create(contract)
    engine.append(contract, {name: [row.get(name) for row in rows] for name in contract.column_names})


def test_units_with_a_linked_code_wait_last_and_only_where_the_machine_finds_another(
    engine: DuckDB, tmp_path: Path
) -> None:
    coded = [
        {"uscc": key, "activity_count": 1, "main_rule": "first", "decision": decision, "best_code": best,
         "best_probability": probability}
        for key, decision, best, probability in (
            ("U1", "abstained", "6513", 0.3), ("U2", "abstained", "6513", 0.1), ("U3", "backed_off", "6513", 0.2),
            ("U4", "abstained", None, 0.1), ("U5", "coded", "6513", 0.9),
        )
    ]  # fmt: skip
    linked = [
        {
            "uscc": key,
            "industry_code": code,
            "assigned_by": "linked",
            "linked_code": code,
            "linked_class": code,
        }
        for key, code in (("U2", "7320"), ("U3", "6513"), ("U4", "5432"), ("U5", "7320"))
    ]
    _fill(engine, "activity_code", coded)
    _fill(engine, "activity_candidate", [
        {"uscc": "U2", "candidate_rank": rank, "code": code, "probability": share}
        for rank, code, share in ((1, "6513", 0.1), (2, "7320", 0.05))
    ])  # fmt: skip
    _fill(engine, "enterprise", [{"uscc": row["uscc"], "name": row["uscc"]} for row in coded])
    alone = Reader(Book(tmp_path / "alone.duckdb", engine))
    assert [case.key for case in Codes().cases(alone)] == ["U2", "U4", "U3", "U1"] and Codes().count(
        alone
    ) == 4
    _fill(engine, "assigned_industry", linked)
    reader = Reader(Book(tmp_path / "book.duckdb", engine))
    cases = Codes().cases(reader)
    assert [case.key for case in cases] == ["U1", "U2", "U4"] and Codes().count(reader) == 3
    shown = Codes().detail(reader, cases[1])
    assert [one.chosen for one in shown.options] == ["7320", "6513"]
    assert "链接单位" in shown.options[0].label.of("zh") and "linked unit" in shown.options[0].label.of("en")
    assert any("7320" in value.of("en") for _, value in shown.facts)
    assert [one.chosen for one in Codes().detail(reader, cases[0]).options] == ["6513"]
