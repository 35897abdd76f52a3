"""Financed emissions of a loan book by month-ends: lvshu's queries against pandas applied row by row."""

from __future__ import annotations

import json
import resource
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.finance import book
from benchmarks.harness import Benchmark
from lvshu.engine.duckdb import DuckDB

LOANS = {"small": 100_000, "full": 1_000_000}
READ = {
    "loan": "loan_id, institution_id, branch_code, uscc",
    "loan_balance": "loan_id, month, CAST(outstanding_amount AS DOUBLE) AS outstanding_amount",
    "enterprise": "uscc, industry_code, size_class",
    "enterprise_finance": "uscc, CAST(main_business_revenue AS DOUBLE) AS main_business_revenue, "
    "CAST(total_assets_begin AS DOUBLE) AS total_assets_begin, CAST(total_assets_end AS DOUBLE) AS total_assets_end",
    "entity_emission": "uscc, CAST(scope1 + scope2 AS DOUBLE) AS reported",
}
THREE = ("bank_2026", "trial_2021", "pcaf_2022")


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write the book that both sides read, and return its sizes."""
    with DuckDB(threads=2, scratch=folder / "made") as engine:
        sizes = book.make(engine, LOANS[size])
        for table, columns in READ.items():
            engine.execute(
                f"COPY (SELECT {columns} FROM {table}) TO '{folder / table}.parquet' (FORMAT parquet)"
            )
    (folder / "size.json").write_text(json.dumps(sizes))
    return dict(sizes)


def agree(ours: Path, rival: Path) -> float:
    """Return the largest relative difference of a branch's financed emission."""
    first, second = (json.loads((place / "branches.json").read_text()) for place in (ours, rival))
    if set(first) != set(second):
        return float("inf")
    return max(abs(first[name] - second[name]) / abs(second[name]) for name in second)


def _alone(loans: int, methods: tuple[str, ...], on_disk: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "book.duckdb" if on_disk else None
        with DuckDB(path, threads=2, memory_limit="6GB", scratch=folder / "scratch") as engine:
            sizes = book.make(engine, loans)
            book.prepare(engine)
            spent = book.account(engine, methods)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = (sum(one[place] for one in spent.values()) for place in (0, 1))
    lines = [f"finance alone: {sizes}, methods {', '.join(methods)}"]
    lines += [f"  {step:<34} wall {one[0]:7.2f} s  cpu {one[1]:7.2f} s" for step, one in spent.items()]
    lines.append(
        f"  all                                wall {wall:7.2f} s  cpu {cpu:7.2f} s  peak {peak:.0f} MB"
    )
    return {
        "text": "\n".join(lines),
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "peak_memory_mb": peak,
        **sizes,
    }


BENCHMARK = Benchmark(
    name="finance",
    what="month-end balances to financed emissions by loan, branch and sector (bank guide 2026)",
    rival="pandas 2.3, a function applied to each row",
    requirements=("pandas==2.3.3", "pyarrow==21.0.0", "numpy==2.2.6"),
    make_input=make_input,
    agree=agree,
    tolerance=1e-8,
    repetitions=1,
    alone={
        "million": lambda folder: _alone(1_000_000, ("bank_2026",), False),
        "million-three-methods": lambda folder: _alone(1_000_000, THREE, False),
        "ten-million": lambda folder: _alone(10_000_000, ("bank_2026",), True),
    },
)
