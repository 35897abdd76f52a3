"""One SQL text: banned constructs are refused, macros mean the same arithmetic, parameters are literals."""

from __future__ import annotations

import gc
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import EngineError
from lvshu.core.money import half_away
from lvshu.engine import dialect
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query

BANNED = {
    "SELECT * FROM a": "select_star",
    "SELECT a.* FROM a": "select_star",
    "SELECT x / y AS z FROM a": "bare_division",
    "SELECT avg(x) AS m FROM a": "sum_of_double",
    "SELECT sum(CAST(x AS DOUBLE)) AS s FROM a": "sum_of_double",
    "SELECT sum(ratio(x, y)) AS s FROM a": "sum_of_double",
    "SELECT median(x) AS m FROM a": "percentile",
    "SELECT quantile_cont(x, 0.5) AS m FROM a": "percentile",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS m FROM a": "percentile",
    "SELECT approx_count_distinct(x) AS n FROM a": "approximate",
    "SELECT CAST(x * y AS INTEGER) AS n FROM a": "float_to_integer",
    "SELECT trim(x) AS t FROM a": "trim",
    "SELECT any_value(x) AS t FROM a": "unordered_value",
    "SELECT first(x) AS t FROM a": "unordered_value",
    "SELECT x FROM a LIMIT 3": "unordered_limit",
    "SELECT now() AS t FROM a": "clock",
    "SELECT current_date AS t FROM a": "clock",
    "SELECT random() AS t FROM a": "clock",
    "SELECT last_day(x) AS t FROM a": "last_day",
    "SELECT x FROM a ASOF JOIN b ON a.t >= b.t": "asof",
    "SELECT lag(x IGNORE NULLS) OVER (ORDER BY y) AS t FROM a": "ignore_nulls",
    "SELECT sum(x) AS s FROM a UNION ALL SELECT sum(y) AS s FROM b": "union_of_totals",
    "PIVOT a ON x USING sum(y)": "one_select",
}


@pytest.mark.parametrize("sql", sorted(BANNED))
def test_banned_constructs_are_refused(sql: str) -> None:
    with pytest.raises(EngineError) as caught:
        dialect.render(sql, {}, "duckdb")
    assert any(BANNED[sql] in problem.code for problem in caught.value.problems)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM a",
        "SELECT x FROM a ORDER BY x LIMIT 3",
        "SELECT sum(as_quantity(ratio(x, y) * 2)) AS s FROM a",
        "SELECT sum(x) AS s, CAST(round(x, 0) AS BIGINT) AS n FROM a GROUP BY round(x, 0)",
    ],
)
def test_what_is_safe_passes(sql: str) -> None:
    for engine in ("duckdb", "spark"):
        assert dialect.render(sql, {}, engine)


def test_steps_become_one_select() -> None:
    query = Query("t", "-- What it is.\n-- step: one\nSELECT x FROM a\n-- step: result\nSELECT x FROM one\n")
    assert query.comment == "What it is."
    assert query.tables_read == ("a",)
    assert [name for name, _ in query.steps] == ["one", "result"]
    with pytest.raises(EngineError):
        _ = Query("t", "-- step: a\nSELECT 1 AS x\n-- step: a\nSELECT 2 AS x").sql


def test_parameters_are_bound_as_literals_and_a_missing_one_is_named() -> None:
    text = dialect.render(
        "SELECT x FROM a WHERE y = :who AND z > :n", {"who": "O'Hara; --", "n": 3}, "duckdb"
    )
    assert "'O''Hara; --'" in text
    with pytest.raises(EngineError, match="who"):
        dialect.render("SELECT x FROM a WHERE y = :who", {"n": 3}, "duckdb")


@settings(max_examples=80, deadline=None)
@given(st.floats(min_value=-8e15, max_value=8e15, allow_nan=False))
def test_a_double_becomes_a_decimal_rounded_half_away(value: float) -> None:
    sql = dialect.render("SELECT as_money(CAST(:x AS DOUBLE)) AS m", {"x": value}, "duckdb")
    with DuckDB() as engine:
        got = engine.execute(sql)[0][0]
    size = abs(value)
    whole = Decimal(int(size))
    expected = whole + half_away(Decimal(int((size - int(size)) * 100 + 0.5)), 0) / 100
    assert got == (-expected if value < 0 else expected)


def test_division_by_zero_is_missing() -> None:
    with DuckDB() as engine:
        sql = dialect.render("SELECT ratio(1, 0) AS a, ratio(3, 4) AS b, ratio(NULL, 4) AS c", {}, "duckdb")
        assert engine.execute(sql) == [(None, 0.75, None)]


def test_sums_over_columns_that_are_doubles_are_found() -> None:
    schema = {"a": {"x": "DOUBLE", "y": "DECIMAL(20,2)"}}
    sql = "WITH b AS (SELECT x AS q, y, ratio(x, y) AS r FROM a) SELECT {} FROM b"
    for total in ("sum(q)", "sum(r)", "sum(CASE WHEN y > 0 THEN q ELSE 0 END)", "sum(q * y)"):
        assert dialect.double_totals(sql.format(f"{total} AS s"), schema), total
    for total in ("sum(y)", "sum(as_quantity(q * 2))", "sum(CASE WHEN y > 0 THEN y ELSE 0 END)", "count(q)"):
        assert not dialect.double_totals(sql.format(f"{total} AS s"), schema), total


def test_the_columns_of_a_query_are_known_without_running_it() -> None:
    sql = "WITH a AS (SELECT 1 AS x) SELECT x AS first, x + 1 AS second FROM a UNION ALL SELECT 1, 2"
    assert dialect.columns_made(sql) == ("first", "second")


def test_rendering_leaves_the_collector_and_the_kept_tree_as_they_were() -> None:
    text = "SELECT as_money(ratio(:a, 3)) AS m"
    before = dialect.prepared(text).sql("duckdb")
    first = dialect.render(text, {"a": 1}, "duckdb")
    assert gc.isenabled()
    with pytest.raises(EngineError, match="a"):
        dialect.render(text, {}, "duckdb")
    assert gc.isenabled()
    assert dialect.prepared(text).sql("duckdb") == before
    assert dialect.render(text, {"a": 2}, "duckdb") == first.replace("CAST(1 AS", "CAST(2 AS")
