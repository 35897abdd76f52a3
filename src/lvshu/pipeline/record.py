"""What a run writes about itself: the tables run, step_run (its last row), headline, pack_used, finding."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from lvshu import __version__
from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.engine.step import finding_row
from lvshu.pipeline import headlines
from lvshu.pipeline.execute import Done

RUN_STEP = "run"
_ENGINE_PACKAGES = {"duckdb": "duckdb", "spark": "pyspark"}


def _append(engine: DuckDB, table: str, row: Mapping[str, Any]) -> None:
    engine.append(load(table), {name: [value] for name, value in row.items()})


def record_headlines(engine: DuckDB, done: Sequence[Done], library: PackLibrary) -> int:
    """Fill the table `headline`. Returns how many headlines there are."""
    cards = {pack: library.card(pack) for pack in library}
    rows = headlines.compute(
        engine,
        headlines.definitions(),
        empty_because={table: one.reason for one in done if one.reason for table in one.task.makes},
        placeholders={
            table: [cards[pack] for pack in one.task.packs if cards[pack].completeness == "placeholder"]
            for one in done
            for table in one.task.makes
        },
        incomplete={pack: card for pack, card in cards.items() if card.completeness != "complete"},
    )
    headlines.write(engine, rows)
    return len(rows)


def record_run(
    engine: DuckDB,
    *,
    run_id: str,
    started: datetime,
    engine_name: str,
    settings: Settings,
    resumed_from: str | None,
) -> None:
    """Write the row of the table `run`."""
    row = {
        "run_id": run_id,
        "started_at": started.isoformat(timespec="seconds"),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "engine": f"{engine_name} {version(_ENGINE_PACKAGES[engine_name])}",
        "settings": json.dumps(settings.as_dict(), ensure_ascii=False, sort_keys=True),
        "synthetic": settings.synthetic,
        "resumed_from": resumed_from,
    }
    _append(engine, "run", row)


def record_run_step(
    engine: DuckDB, *, position: int, content_id: str, headline_rows: int, seconds: float
) -> None:
    """Write the last row of `step_run`: the summing up, whose id covers headlines, reports and settings."""
    engine.execute("DELETE FROM step_run WHERE step = ?", [RUN_STEP])
    row = {
        "position": position,
        "step": RUN_STEP,
        "status": "made",
        "reason_zh": None,
        "reason_en": None,
        "content_id": content_id,
        "makes": json.dumps({headlines.TABLE: headline_rows}),
        "reads": json.dumps({}),
        "method": None,
        "packs": json.dumps([]),
        "settings": None,
        "sql": None,
        "seconds": seconds,
    }
    _append(engine, "step_run", row)


def record_problems(engine: DuckDB, problems: Iterable[Problem]) -> None:
    """Write the problems of the whole run (files, packs, a damaged partial run) to the table `finding`."""
    engine.execute("DELETE FROM finding WHERE step = ?", [RUN_STEP])
    for problem in problems:
        engine.append(load("finding"), finding_row(RUN_STEP, problem, key=problem.where.key() or None))
