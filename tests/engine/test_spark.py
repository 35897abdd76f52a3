"""The macros and the awkward corners of SQL give the same digits on Spark as on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lvshu.contract.table import parse
from lvshu.core.errors import EngineError
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query

pytestmark = [pytest.mark.spark, pytest.mark.slow]

COLUMNS = {
    "row_id": "integer", "ratio_value": "ratio", "quantity_value": "quantity", "money_value": "money",
    "text_value": "text", "total": "quantity",
}  # fmt: skip


def _contract():  # type: ignore[no-untyped-def]
    columns = [
        {"name": name, "type": kind, "unit": "1" if kind in ("ratio", "quantity", "money") else "", "zh": name,
         "en": name, "meaning_zh": name, "meaning_en": name}
        for name, kind in COLUMNS.items()
    ]  # fmt: skip
    table = {
        "name": "corner",
        "kind": "book",
        "zh": "角",
        "en": "corner",
        "meaning_zh": "角",
        "meaning_en": "c",
    }
    return parse({"table": table, "column": columns}, room="toy")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    from lvshu.engine.spark import SparkRunner

    try:
        runner = SparkRunner(master="local[2]")
    except EngineError as error:
        pytest.skip(f"Spark is not installed here: {error.problems[0].fix('en')}")
    yield runner
    runner.close()


QUERY = Query(
    "corner",
    """
-- step: spread
SELECT row_id, x, ratio(x, row_id - 3) AS ratio_value, as_quantity(x) AS quantity_value,
       as_money(x * 1.5) AS money_value,
       CASE WHEN name LIKE '%市%' THEN upper(substr(name, 1, 2)) ELSE lower(name) END AS text_value
FROM given
WHERE row_id <> :without
-- step: result
SELECT row_id, ratio_value, quantity_value, money_value, text_value,
       sum(quantity_value) OVER (PARTITION BY text_value ORDER BY row_id) AS total
FROM spread
""",
)


def test_the_same_query_gives_the_same_digits(spark: object, tmp_path: Path) -> None:
    results = []
    for runner in (None, spark):
        with DuckDB(scratch=tmp_path / f"s{runner is None}", runner=runner) as engine:  # type: ignore[arg-type]
            engine.execute("CREATE TABLE given (row_id BIGINT, x DOUBLE, name VARCHAR)")
            values = [1.0000005, -2.5, 0.1, 1e-7, 123456789012.345678, -0.0000005, 2.0000015, 7e15]
            for number, value in enumerate(values):
                engine.execute("INSERT INTO given VALUES (?, ?, ?)", [number, value, f"上海市Ab{number % 2}"])
            engine.make(QUERY, {"without": 4}, _contract())
            results.append(engine.read("corner").to_pylist())
    assert results[0] == results[1]
    assert len(results[0]) == 7


def test_a_refused_query_carries_its_sql(spark: object, tmp_path: Path) -> None:
    with DuckDB(scratch=tmp_path / "s", runner=spark) as engine:  # type: ignore[arg-type]
        engine.execute("CREATE TABLE given (row_id BIGINT)")
        wrong = Query("corner", "SELECT nothing AS row_id FROM given")
        with pytest.raises(EngineError, match="nothing"):
            engine.make(wrong, {}, _contract())
