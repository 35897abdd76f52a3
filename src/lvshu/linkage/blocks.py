"""Blocks counted before anything is compared: those too large are split, or dropped with what is lost told.

A key is as good as its largest block: one common postcode, or one placeholder, can hold most of the pairs. The limit
on the size of a block follows from the number of pairs that may be compared, not from a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.duckdb import DuckDB, quote
from lvshu.linkage.model import BlockKey

RECORDS, SIDE, ROW = "records", "record_side", "record_row"
PAIRS_A_RECORD = 10.0
SMALLEST_LIMIT = 50


@dataclass(frozen=True)
class BlockReport:
    """What became of one key.

    key: its name. records: records with the key. pairs_whole: pairs it would have led to. limit: largest block kept.
    largest: its largest block before. split_blocks: blocks made finer. dropped_blocks: blocks that
    stayed too large and are not looked at. dropped_records: records that left the key, in those blocks or for want of
    the finer value. pairs: pairs that it leads to.
    """

    key: str
    records: int
    pairs_whole: int
    largest: int
    limit: int
    split_blocks: int
    dropped_blocks: int
    dropped_records: int
    pairs: int


def column_of(place: int) -> str:
    """Return the column that holds the values of the key at a place of the model."""
    return f"block_{place}"


def lay_blocks(
    engine: DuckDB, keys: Sequence[BlockKey], *, pairs_a_record: float = PAIRS_A_RECORD, between: bool = False
) -> tuple[BlockReport, ...]:
    """Add a column for each key to the table `records` and return what became of the keys.

    Args:
        engine: has the table records with record_row, record_side and the columns that keys name.
        keys: in the order of their worth; a pair found by an earlier one is not found again.
        pairs_a_record: pairs that each key may lead to, on the average over all records.
        between: whether only pairs of two sides count.

    Raises:
        MethodError: linkage.no_block: no key puts two records together.
    """
    count = engine.count(RECORDS)
    total = int(max(1.0, pairs_a_record * count))
    reports = []
    columns = ", ".join(f"{key.sql} AS {column_of(place)}" for place, key in enumerate(keys))
    splits = ", ".join(
        f"{sql} AS {column_of(place)}_{step}"
        for place, key in enumerate(keys)
        for step, sql in enumerate(key.split)
    )
    listed = ", ".join([quote(ROW), quote(SIDE), columns, *([splits] if splits else [])])
    engine.execute(f"CREATE OR REPLACE TEMP TABLE block_values AS SELECT {listed} FROM {RECORDS}")
    for place, key in enumerate(keys):
        reports.append(_lay(engine, place, key, total, between))
    laid = ", ".join(f"v.{column_of(place)}" for place in range(len(keys)))
    own = ", ".join(f"r.{quote(name)}" for name in engine.columns(RECORDS))
    engine.execute(
        f"CREATE OR REPLACE TABLE {RECORDS} AS SELECT {own}, {laid} FROM {RECORDS} AS r "
        f"JOIN block_values AS v ON r.{ROW} = v.{ROW}"
    )
    engine.execute("DROP TABLE block_values")
    if count > 1 and not any(report.pairs for report in reports):
        raise MethodError(Problem("linkage.no_block", values={"keys": [key.name for key in keys]}))
    return tuple(reports)


def beyond_keys(engine: DuckDB, keys: Sequence[BlockKey]) -> np.ndarray:
    """Return the records that no key looks at, rows, shape (records,): every key is missing, or its block was dropped.

    Args:
        engine: with the table records as `lay_blocks` leaves it.
        keys: the same as there.
    """
    empty = " AND ".join(f"{column_of(place)} IS NULL" for place in range(len(keys)))
    found = engine.fetch(f"SELECT {ROW} FROM {RECORDS} WHERE {empty} ORDER BY {ROW}")
    return np.asarray(found[ROW].to_numpy(), dtype=np.int64)


def _lay(engine: DuckDB, place: int, key: BlockKey, total: int, between: bool) -> BlockReport:
    column = column_of(place)
    sizes, _, pairs = _sizes(engine, column, between)
    records = _with_key(engine, column)
    whole, largest = int(pairs.sum()), int(sizes.max(initial=0))
    limit = limit_of(sizes, pairs, total)
    split = dropped = 0
    for step in range(len(key.split)):
        if limit >= sizes.max(initial=0):
            break
        split += _refine(engine, column, f"{column}_{step}", limit)
        sizes, _, pairs = _sizes(engine, column, between)
        limit = limit_of(sizes, pairs, total)
    if limit < sizes.max(initial=0):
        dropped = _drop(engine, column, limit)
        _, _, pairs = _sizes(engine, column, between)
    lost = records - _with_key(engine, column) if split or dropped else 0
    return BlockReport(key.name, records, whole, largest, limit, split, dropped, lost, int(pairs.sum()))


def _with_key(engine: DuckDB, column: str) -> int:
    return int(engine.execute(f"SELECT count({column}) FROM block_values")[0][0])


def limit_of(sizes: np.ndarray, pairs: np.ndarray, total: int) -> int:
    """Return the largest size of block such that all blocks up to it lead to at most `total` pairs.

    Args:
        sizes: sizes of blocks, shape (sizes,), rising.
        pairs: pairs that all blocks of each size lead to, shape (sizes,).
        total: pairs allowed.
    """
    if not len(sizes):
        return SMALLEST_LIMIT
    within = np.flatnonzero(np.cumsum(pairs) <= total)
    if len(within) == len(sizes):
        return int(sizes[-1])
    return max(SMALLEST_LIMIT, int(sizes[within[-1]]) if len(within) else 0)


def _sizes(engine: DuckDB, column: str, between: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sizes of blocks of two or more, how many blocks have each, and the pairs they lead to."""
    product = "n * (n - 1) // 2"
    if between:
        product = "(n * n - squares) // 2"
    found = engine.fetch(
        f"SELECT n, count(*) AS blocks, CAST(sum({product}) AS BIGINT) AS pairs FROM ("
        f"SELECT block, CAST(sum(m) AS BIGINT) AS n, CAST(sum(m * m) AS BIGINT) AS squares FROM ("
        f"SELECT {column} AS block, {SIDE}, count(*) AS m FROM block_values WHERE {column} IS NOT NULL "
        f"GROUP BY {column}, {SIDE}) GROUP BY block) WHERE n > 1 GROUP BY n ORDER BY n"
    )
    return (
        found["n"].to_numpy().astype(np.int64),
        found["blocks"].to_numpy().astype(np.int64),
        found["pairs"].to_numpy().astype(np.int64),
    )


def _refine(engine: DuckDB, column: str, finer: str, limit: int) -> int:
    """Add a finer value to the key of blocks that are too large; where that is missing the record leaves the key."""
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE block_large AS SELECT {column} AS block FROM block_values "
        f"WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > {limit}"
    )
    large = engine.count("block_large")
    if large:
        engine.execute(
            f"UPDATE block_values SET {column} = {column} || '|' || CAST({finer} AS VARCHAR) "
            f"WHERE {column} IN (SELECT block FROM block_large)"
        )
    return large


def _drop(engine: DuckDB, column: str, limit: int) -> int:
    """Take the records of blocks that are still too large out of the key. Returns how many blocks."""
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE block_large AS SELECT {column} AS block FROM block_values "
        f"WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > {limit}"
    )
    blocks = engine.count("block_large")
    if blocks:
        engine.execute(
            f"UPDATE block_values SET {column} = NULL WHERE {column} IN (SELECT block FROM block_large)"
        )
    engine.execute("DROP TABLE block_large")
    return blocks
