"""The engine for those who outgrow one machine. The only module that imports pyspark (an extra)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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

    def close(self) -> None:
        """Stop the Spark session."""
        self._session.stop()
