"""Blocks are counted first: one that holds half of all records is split or dropped, and what is lost is told."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from lvshu.core.errors import InputError, MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.linkage.blocks import lay_blocks, limit_of
from lvshu.linkage.link import BETWEEN, NEW, all_pairs, link
from lvshu.linkage.model import BlockKey, Comparison, LinkModel

COUNT = 4_000


def _records(engine: DuckDB, place: list[str | None], year: list[str]) -> None:
    count = len(place)
    engine.load_rows(
        "records",
        pa.table(
            {
                "place": pa.array(place, pa.string()), "year": year,
                "record_row": np.arange(count), "record_side": np.arange(count, dtype=np.int32) % 2,
            }
        ),
    )  # fmt: skip


def test_a_block_of_half_of_all_records_is_split_and_the_rest_stays(engine: DuckDB) -> None:
    place = ["common" if row % 2 else f"p{row // 8}" for row in range(COUNT)]
    _records(engine, place, [str(1940 + row % 60) for row in range(COUNT)])
    (report,) = lay_blocks(engine, [BlockKey("place", "place", split=("year",))], pairs_a_record=20)
    assert report.largest == COUNT // 2
    assert report.pairs_whole == COUNT // 2 * (COUNT // 2 - 1) // 2 + COUNT // 8 * 6
    assert report.split_blocks == 1
    assert report.dropped_records == 0
    assert report.pairs < 20 * COUNT * 2
    assert "block_0" in engine.columns("records")


def test_what_cannot_be_split_is_dropped_and_told(engine: DuckDB) -> None:
    place = ["common" if row % 2 else f"p{row // 8}" for row in range(COUNT)]
    _records(engine, place, ["1999"] * COUNT)
    (report,) = lay_blocks(engine, [BlockKey("place", "place", split=("year",))], pairs_a_record=20)
    assert (report.dropped_blocks, report.dropped_records) == (1, COUNT // 2)
    assert report.pairs == COUNT // 8 * 6


def test_pairs_of_two_sides_are_counted_apart(engine: DuckDB) -> None:
    _records(engine, ["a"] * 6 + [None] * 2, ["1999"] * 8)
    (report,) = lay_blocks(engine, [BlockKey("place", "place")], between=True)
    assert report.pairs == 9
    assert report.records == 6


def test_no_key_that_brings_records_together_is_an_error(engine: DuckDB) -> None:
    _records(engine, [None] * 10, ["1999"] * 10)
    with pytest.raises(MethodError) as caught:
        lay_blocks(engine, [BlockKey("place", "place")])
    assert caught.value.code == "linkage.no_block"


def test_the_limit_follows_from_the_pairs_allowed() -> None:
    sizes, pairs = np.array([2, 3, 1000]), np.array([10, 30, 499_500])
    assert limit_of(sizes, pairs, 10**6) == 1000
    assert limit_of(sizes, pairs, 100) == 50
    assert limit_of(np.array([2, 80, 900]), np.array([5, 3160, 404_550]), 5_000) == 80


def test_missing_columns_are_told_all_at_once() -> None:
    model = LinkModel("m", (Comparison("a"), Comparison("b"), Comparison("c")), (BlockKey("a", "a"),))
    with pytest.raises(InputError) as caught:
        link(pa.table({"a": ["x"]}), model)
    assert caught.value.problems[0].values["columns"] == ["b", "c"]


def test_pairs_that_there_are() -> None:
    side = np.array([0, 0, 0, 1, 1])
    assert all_pairs(5, None, "within") == 10
    assert all_pairs(5, side, BETWEEN) == 6
    assert all_pairs(5, side, NEW) == 7
