"""The engine for those who outgrow one machine. The only module that imports pyspark (an extra)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from lvshu.core.errors import EngineError, Problem


class SparkRunner:
    """Runs the project's queries on Apache Spark 4, over parquet files."""

    dialect = "spark"

    def __init__(self, *, master: str = "local[*]", options: Mapping[str, str] | None = None) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise EngineError(Problem("engine.spark_missing")) from None
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder: Any = SparkSession.builder.master(master).appName("lvshu")
        settings = {
            "spark.sql.ansi.enabled": "true",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.decimalOperations.allowPrecisionLoss": "false",
            "spark.sql.shuffle.partitions": "8",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.memory": "2g",
            **(options or {}),
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        self._session: Any = builder.getOrCreate()
        self._session.sparkContext.setLogLevel("ERROR")

    @property
    def native(self) -> Any:
        """Return the session itself, for a library that writes SQL of its own (Splink)."""
        return self._session

    def run(self, sql: str, *, tables: Mapping[str, Path], target: Path) -> None:
        """Write the result of a SELECT in Spark's dialect to the folder `target`, as parquet.

        Raises:
            EngineError: Spark refused the query or failed; the error carries the SQL.
        """
        from pyspark.errors import PySparkException

        try:
            for name, folder in tables.items():
                self._session.read.parquet(str(folder)).createOrReplaceTempView(name)
            self._session.sql(sql).write.mode("overwrite").parquet(str(target))
        except PySparkException as error:
            raise EngineError(
                Problem("engine.failed", values={"table": target.name, "reason": str(error), "sql": sql})
            ) from error

    @contextmanager
    def tables(self) -> Iterator[SparkTables]:
        """Give tables in the session for a while; they are let go afterwards."""
        held = SparkTables(self._session)
        try:
            yield held
        finally:
            held.close()

    def close(self) -> None:
        """Stop the Spark session."""
        self._session.stop()


class SparkTables:
    """Tables of a Spark session under their names, with the functions of texts that DuckDB has and Spark has not.

    `jaro_winkler` and `damerau_levenshtein` ask DuckDB, a batch of rows at a time, so that the two engines mean the
    same by construction; the workers need lvshu for it.
    """

    dialect = "spark"

    def __init__(self, session: Any) -> None:
        try:
            from pyspark.sql.functions import arrow_udf
        except ImportError:
            raise EngineError(
                Problem("engine.spark_old", values={"version": str(session.version), "least": "4.1"})
            ) from None
        self._session = session
        self._kept: list[Any] = []
        session.udf.register("jaro_winkler", arrow_udf(_jaro_winkler, "double"))
        session.udf.register("damerau_levenshtein", arrow_udf(_slips, "double"))

    @property
    def native(self) -> Any:
        """Return the session itself, for a library that writes SQL of its own (Splink)."""
        return self._session

    def load_rows(self, name: str, arrow: pa.Table) -> None:
        """Make a table of Arrow data."""
        self._hold(name, self._session.createDataFrame(arrow))

    def keep(self, name: str, sql: str) -> None:
        """Keep the result of a SELECT as a table, replacing what had its name."""
        self._hold(name, self._session.sql(sql))

    def _hold(self, name: str, frame: Any) -> None:
        kept = frame.persist()
        kept.createOrReplaceTempView(name)
        self._kept.append(kept)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT."""
        return [tuple(row) for row in self._session.sql(sql).collect()]

    def count(self, name: str) -> int:
        """Return how many rows a table has."""
        return int(self._session.table(name).count())

    def fetch(self, sql: str) -> pa.Table:
        """Return the result of a SELECT as Arrow data."""
        return self._session.sql(sql).toArrow()

    def close(self) -> None:
        """Let the tables go, those that a library made beside them too."""
        self._session.catalog.clearCache()
        self._kept.clear()


def _jaro_winkler(left: pa.Array, right: pa.Array) -> pa.Array:
    return _asked("jaro_winkler_similarity", left, right)


def _slips(left: pa.Array, right: pa.Array) -> pa.Array:
    return _asked("damerau_levenshtein", left, right)


def _asked(function: str, left: pa.Array, right: pa.Array) -> pa.Array:
    """Return a function of two columns of texts as DuckDB has it; runs on Spark's workers."""
    from lvshu.engine.duckdb import DuckDB

    with DuckDB(threads=1) as engine:
        engine.load_rows(
            "pairs", pa.table({"place": pa.array(range(len(left)), pa.int64()), "one": left, "two": right})
        )
        found = engine.fetch(
            f"SELECT CAST({function}(one, two) AS DOUBLE) AS value FROM pairs ORDER BY place"
        )
    return found["value"].combine_chunks()
