"""A small book in memory: input tables from plain rows, packs, and the steps of the statistics wing in order."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import lvshu
from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts, load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext
from lvshu.pipeline.packs import load_packs
from lvshu.pipeline.plan import RECEIVED, in_order
from lvshu.statistics.steps import STEPS

Row = Mapping[str, Any]
YEAR = 2023
SETTINGS = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=YEAR)
GIVEN = ("sector_account",)


def fill(engine: DuckDB, table: str, rows: Sequence[Row]) -> None:
    """Write rows to a table of a contract; columns not named are missing."""
    contract = load(table)
    engine.create(contract, replace=True)
    if rows:
        engine.append(contract, {name: [row.get(name) for row in rows] for name in contract.column_names})


@cache
def _packaged() -> PackLibrary:
    return PackLibrary.load(None)


def run(
    engine: DuckDB, tables: Mapping[str, Sequence[Row]], *, packs: Path | None = None, **changed: Any
) -> DuckDB:
    """Fill the input tables, run the steps of the wing in their order, and return the engine with the book."""
    settings = replace(SETTINGS, **changed)
    library = _packaged() if packs is None else PackLibrary.load(packs)
    inputs = {name for name, contract in all_contracts().items() if contract.kind == "input"}
    for table in inputs | {*GIVEN, *RECEIVED, "finding", "uncertainty"}:
        fill(engine, table, tables.get(table, ()))
    load_packs(engine, library, {pack for step in STEPS for pack in step.packs})
    given = Step(name="given.accounts", makes=GIVEN, action=lambda context: None)
    for step in in_order((given, *STEPS)):
        if step.name != given.name:
            _one(engine, step, settings, library)
    return engine


def _one(engine: DuckDB, step: Step, settings: Settings, library: PackLibrary) -> None:
    for table in step.makes:
        engine.create(load(table), replace=True)
    if any(engine.count(table) == 0 for table in step.reads):
        return
    if isinstance(step.action, Query):
        parameters = dict(step.parameters(settings)) if step.parameters else {}
        engine.make(step.action, parameters, load(step.action.table))
    else:
        step.action(StepContext(step=step, settings=settings, packs=library, engine=engine))


def lax_rules(folder: Path) -> Path:
    """Write thresholds into a folder of packs under which the figures of a few units may be shown; return it."""
    own = folder / "disclosure_rules"
    shutil.copytree(Path(lvshu.__file__).parent / "catalog" / "packs" / "disclosure_rules", own)
    data = own / "data.csv"
    head, *rows = data.read_text(encoding="utf-8").splitlines()
    subjects = [row.split(",")[0] for row in rows]
    lines = [head, *(f"{subject},2,,1,99.9,1,bureau,test" for subject in subjects)]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def rows_of(engine: DuckDB, table: str, where: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table of the book."""
    return engine.read(table, where=where).to_pylist()


def by(engine: DuckDB, table: str, column: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a table by one column."""
    return {row[column]: row for row in rows_of(engine, table)}


def mark(person: str) -> str:
    """Return a mark of a person as the contracts want it: 64 hexadecimal digits."""
    return person.encode().hex().rjust(64, "0")
