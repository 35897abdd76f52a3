"""Every query of the project gives the same rows on DuckDB and on Spark, to the last decimal.

The book of the sample city is made on DuckDB; then each query is run again on Spark over the same tables.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.errors import EngineError
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query, queries_of
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext
from lvshu.pipeline.plan import wing_steps
from lvshu.store.workspace import Workspace

pytestmark = [pytest.mark.spark, pytest.mark.slow]

SQL_STEPS = {step.name: step for step in wing_steps() if isinstance(step.action, Query)}
OWN_TABLES = {
    query.table: step
    for wing in ("accounts", "finance", "statistics")
    for query in queries_of(f"lvshu.{wing}")
    for step in wing_steps()
    if query.table in step.makes and not isinstance(step.action, Query)
}
"""Queries that a step written in Python makes, because their parameters depend on the data."""


@pytest.fixture(scope="module")
def on_spark(sample_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DuckDB, Settings]]:
    from lvshu.engine.spark import SparkRunner

    try:
        runner = SparkRunner(master="local[2]")
    except EngineError as error:
        pytest.skip(f"Spark is not installed here: {error.problems[0].fix('en')}")
    workspace = Workspace.open(sample_run)
    folder = tmp_path_factory.mktemp("spark")
    copy = folder / "book.duckdb"
    shutil.copy(workspace.runs.book_path(), copy)
    with DuckDB(copy, scratch=folder / "scratch", runner=runner) as engine:
        yield engine, workspace.settings
    runner.close()


def test_there_are_queries_in_every_wing() -> None:
    assert {name.split(".")[0] for name in SQL_STEPS} == {"accounts", "finance", "statistics"}


@pytest.mark.parametrize("name", sorted(SQL_STEPS))
def test_a_query_gives_the_same_rows(name: str, on_spark: tuple[DuckDB, Settings]) -> None:
    engine, settings = on_spark
    step: Step = SQL_STEPS[name]
    assert isinstance(step.action, Query)
    table = step.action.table
    expected = engine.read(table)
    parameters = dict(step.parameters(settings)) if step.parameters else {}
    engine.make(step.action, parameters, load(table))
    got = engine.read(table)
    assert got.schema.equals(expected.schema)
    assert got.num_rows == expected.num_rows
    for column in expected.column_names:
        assert _differences(expected[column], got[column]) == [], f"{table}.{column}"


@pytest.mark.parametrize("table", sorted(OWN_TABLES))
def test_a_query_within_a_step_gives_the_same_rows(table: str, on_spark: tuple[DuckDB, Settings]) -> None:
    engine, settings = on_spark
    step = OWN_TABLES[table]
    assert not isinstance(step.action, Query)
    expected = engine.read(table)
    step.action(StepContext(step=step, settings=settings, packs=PackLibrary.load(None), engine=engine))
    assert engine.read(table).equals(expected), table


def test_every_query_of_the_project_is_compared() -> None:
    every = {
        query.table for wing in ("accounts", "finance", "statistics") for query in queries_of(f"lvshu.{wing}")
    }
    compared = {step.action.table for step in SQL_STEPS.values() if isinstance(step.action, Query)}
    assert every == compared | set(OWN_TABLES)


def _differences(expected: pa.ChunkedArray, got: pa.ChunkedArray) -> list[tuple[int, object, object]]:
    pairs = zip(expected.to_pylist(), got.to_pylist(), strict=True)
    return [(place, here, there) for place, (here, there) in enumerate(pairs) if here != there][:5]
