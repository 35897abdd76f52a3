"""Runs the steps of the accounts wing on tables in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from lvshu.accounts.steps import STEPS
from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts, load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.intake.grid import Grid
from lvshu.intake.layouts.energy_balance import LAYOUT as ENERGY
from lvshu.intake.layouts.input_output import LAYOUT as INPUT_OUTPUT

Columns = Mapping[str, Sequence[Any]]


def grid_of_csv(path: Path) -> Grid:
    """Return a csv file as a grid."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return Grid.of([[cell or None for cell in row] for row in csv.reader(file)], file=path.name)


def io_columns(path: Path, *, year: int, area: str) -> Columns:
    """Return io_cell columns of a coded csv in 万元."""
    result = INPUT_OUTPUT.read(grid_of_csv(path), year=year, area_code=area, unit="1e4 CNY")
    assert not result.problems, [problem.text("en") for problem in result.problems]
    return {name: values for name, values in result.tables["io_cell"].items() if name != "row_number"}


def energy_columns(path: Path, *, year: int, area: str) -> Columns:
    """Return energy_balance_cell columns of a coded csv in the yearbook's units."""
    result = ENERGY.read(grid_of_csv(path), year=year, area_code=area, unit="yearbook")
    assert not result.problems, [problem.text("en") for problem in result.problems]
    cells = result.tables["energy_balance_cell"]
    return {name: values for name, values in cells.items() if name != "row_number"}


@contextmanager
def accounts_book(
    area: str, year: int, tables: Mapping[str, Columns], *, replicates: int = 40, seed: int = 20210913
) -> Iterator[DuckDB]:
    """Return a database in which all steps whose tables are there have run."""
    packs = PackLibrary.load()
    settings = Settings(area, area, area, year, replicates=replicates, seed=seed)
    with DuckDB() as engine:
        for name in all_contracts():
            engine.create(load(name))
        for name, columns in tables.items():
            engine.append(load(name), columns)
        for pack in sorted({pack for step in STEPS for pack in step.packs}):
            names = [column.name for column in packs[pack].card.columns]
            engine.load_rows(
                f"pack_{pack}", pa.table({n: [row[n] for row in packs[pack].rows] for n in names})
            )
        for step in STEPS:
            if any(engine.count(table) == 0 for table in step.reads):
                continue
            context = StepContext(step, settings, packs, engine)
            if isinstance(step.action, Query):
                parameters = step.parameters(settings) if step.parameters is not None else {}
                context.make(step.action, **parameters)
            else:
                step.action(context)
        yield engine


def value(engine: DuckDB, sql: str) -> Any:
    """Return the only value of a query."""
    return engine.fetch(sql).column(0).to_pylist()[0]
