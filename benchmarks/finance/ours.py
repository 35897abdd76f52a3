"""lvshu's side: the whole account of one method, from the ledger to totals and grades."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.finance import book
from benchmarks.harness import script_main
from lvshu.engine.duckdb import DuckDB


def _prepare(source: Path) -> DuckDB:
    engine = DuckDB(threads=2, scratch=source / "scratch")
    book.make(engine, json.loads((source / "size.json").read_text())["loans"])
    book.prepare(engine)
    return engine


def _work(engine: DuckDB) -> DuckDB:
    book.account(engine, ("bank_2026",))
    return engine


def _save(engine: DuckDB, folder: Path) -> None:
    rows = engine.execute("SELECT branch_code, sum(emission) FROM financed_emission GROUP BY 1 ORDER BY 1")
    (folder / "branches.json").write_text(json.dumps({code: float(value) for code, value in rows}))


if __name__ == "__main__":
    script_main(_prepare, _work, _save)
