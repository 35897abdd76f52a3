"""Platform work records to monthly indicators: workers, each counted once, by month and district, and their hours."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.statistics.work_months import COUNTED

YEAR = 2025
AIM_RECORDS, AIM_SECONDS, AIM_GIGABYTES = 100_000_000, 120, 8
PER_WORKER = 25
WORKERS = """
CREATE TABLE made_worker AS
SELECT i AS worker, sha256(CAST(i AS VARCHAR)) AS worker_hash FROM range({workers}) AS t(i)
"""
RECORDS = """
INSERT INTO platform_work_record (platform_uscc, worker_hash, month, orders, hours, district_code, activity_kind)
SELECT concat('91310000MA1FL', lpad(CAST((hash(n) % 3 + hash(worker) % 7) AS VARCHAR), 5, '0')), worker_hash,
  concat('2025-', lpad(CAST(n % 12 + 1 AS VARCHAR), 2, '0')), hash(worker * 100 + n) % 300,
  CAST(hash(worker * 1000 + n) % 24000 AS DECIMAL(12,2)) / 100,
  CAST(310101 + (hash(worker) + n // 12) % 16 AS VARCHAR), CASE n % 2 WHEN 0 THEN 'delivery' ELSE 'ride_hailing' END
FROM made_worker, range({per_worker}) AS t(n)
"""


def measured(records: int) -> dict[str, Any]:
    """Return wall and CPU seconds and peak memory of the query that makes `platform_worker`, from a book on disk."""
    settings = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=YEAR)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with DuckDB(
            folder / "book.duckdb", threads=2, memory_limit="6GB", scratch=folder / "scratch"
        ) as engine:
            engine.create(load("platform_work_record"))
            engine.execute(WORKERS.format(workers=records // PER_WORKER))
            engine.execute(RECORDS.format(per_worker=PER_WORKER))
            engine.execute("DROP TABLE made_worker")
            engine.execute("CHECKPOINT")
            before, cpu = time.perf_counter(), time.process_time()
            engine.create(load("platform_worker"))
            engine.make(COUNTED, {"year": str(settings.year)}, load("platform_worker"))
            wall, spent = time.perf_counter() - before, time.process_time() - cpu
            count = engine.count("platform_work_record")
            cells = engine.count("platform_worker")
            (workers,) = next(iter(engine.execute(
                "SELECT max(workers) FROM platform_worker WHERE district_code = 'total'"
            )))  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    text = (
        f"{count:,} work records to {cells} cells of month and district (most workers in a month: {workers:,}): wall "
        f"{wall:.1f} s, CPU {spent:.1f} s, peak {peak:.0f} MB, making the records included "
        f"(aim for {AIM_RECORDS:,}: {AIM_SECONDS} s, {AIM_GIGABYTES} GB)"
    )
    return {
        "text": text,
        "wall_seconds": wall,
        "cpu_seconds": spent,
        "peak_memory_mb": peak,
        "records": count,
    }


def whole(folder: Path) -> dict[str, Any]:
    """Return the measure of a hundred million records."""
    return measured(AIM_RECORDS)


def tenth(folder: Path) -> dict[str, Any]:
    """Return the measure of ten million records."""
    return measured(AIM_RECORDS // 10)
