"""Runs: partial until whole, current by one switch, found again after a kill."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lvshu.core.errors import ConfigError, StoreError
from lvshu.engine.duckdb import DuckDB
from lvshu.store.book import Book
from lvshu.store.runs import BOOK_FILE, Runs
from lvshu.store.workspace import Workspace

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def book_in(folder: Path, value: int = 1) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with DuckDB(folder / BOOK_FILE) as engine:
        engine.execute(
            "CREATE OR REPLACE TABLE t AS SELECT * FROM (VALUES (3, 'c'), (1, 'a'), (2, NULL)) v(n, s)"
        )
        engine.execute(f"CREATE OR REPLACE TABLE one AS SELECT {value} AS value")


def test_from_partial_to_current(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    assert runs.current() is None
    run_id = runs.new_id("abcdef012345", START)
    assert run_id == "20261124-020000-abcdef"
    partial, resumed = runs.begin(run_id)
    assert resumed is None
    book_in(partial)
    assert runs.ids() == ()
    runs.publish(partial)
    assert (runs.ids(), runs.current()) == ((run_id,), run_id)
    assert runs.partials() == ()


def test_ids_grow_even_when_the_clock_goes_back(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    ids = []
    for year in (2026, 2026, 2020):
        run_id = runs.new_id("abcdef012345", START.replace(year=year))
        partial, _ = runs.begin(run_id)
        book_in(partial)
        runs.publish(partial)
        ids.append(run_id)
    assert ids == sorted(set(ids))


def test_a_killed_run_is_gone_on_with(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    book_in(tmp_path / "runs" / ".partial-20260101-000000-aaaaaa", 1)
    book_in(tmp_path / "runs" / ".partial-20260102-000000-bbbbbb", 2)
    (tmp_path / "runs" / ".partial-20260103-000000-cccccc").mkdir()
    partial, resumed = runs.begin("20260104-000000-dddddd")
    assert resumed == "20260102-000000-bbbbbb"
    assert runs.partials() == (partial,)
    with Book.open(partial / BOOK_FILE) as book:
        assert book.rows("one") == [{"value": 2}]


def test_killed_between_whole_and_current(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    book_in(tmp_path / "runs" / "20260101-000000-aaaaaa")
    runs.make_current("20260101-000000-aaaaaa")
    book_in(tmp_path / "runs" / "20260102-000000-bbbbbb")
    assert runs.current() == "20260101-000000-aaaaaa"
    assert runs.recover() == "20260102-000000-bbbbbb"
    assert runs.current() == "20260102-000000-bbbbbb"
    assert runs.recover() is None


def test_a_run_is_found_by_part_of_its_id(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    with pytest.raises(StoreError) as caught:
        runs.path()
    assert caught.value.code == "store.no_run"
    book_in(tmp_path / "runs" / "20260101-000000-aaaaaa")
    book_in(tmp_path / "runs" / "20260102-000000-bbbbbb")
    assert runs.path("aaaaaa").name == "20260101-000000-aaaaaa"
    assert runs.before("20260102-000000-bbbbbb") == "20260101-000000-aaaaaa"
    for wrong in ("202601", "zzz"):
        with pytest.raises(StoreError) as caught:
            runs.path(wrong)
        assert caught.value.code == "store.unknown_run"


def test_reading_a_book(tmp_path: Path) -> None:
    book_in(tmp_path)
    with Book.open(tmp_path / BOOK_FILE) as book, Book.open(tmp_path / BOOK_FILE) as second:
        assert book.tables() == second.tables() == ("one", "t")
        assert book.count("t", "n > 1") == 2
        assert book.count("absent") == 0
        assert book.rows("absent") == []
        assert [row["n"] for row in book.rows("t")] == [1, 2, 3]
        assert book.rows("t", order=["-n"], limit=1, offset=1) == [{"n": 2, "s": None}]
        assert book.read("t", columns=["s"], where="n = 3").to_pylist() == [{"s": "c"}]
        for wrong in ({"columns": ["x"]}, {"order": ["x"]}):
            with pytest.raises(StoreError) as caught:
                book.read("t", **wrong)
            assert caught.value.code == "store.no_column"


def test_not_a_book(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Book.open(tmp_path / BOOK_FILE)
    assert caught.value.code == "store.no_book"
    (tmp_path / BOOK_FILE).write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError) as caught:
        Book.open(tmp_path / BOOK_FILE)
    assert caught.value.code == "store.broken_book"


def test_a_new_workspace(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "city", area="310000", year=2007)
    assert sorted(one.name for one in workspace.folder.iterdir()) == [
        "inputs",
        "lvshu.toml",
        "packs",
        "rejects",
        "runs",
    ]
    assert workspace.config.city.area_zh.startswith("上海")
    with pytest.raises(StoreError) as caught:
        Workspace.create(tmp_path / "city", area="310000", year=2007)
    assert caught.value.code == "store.workspace_exists"
    with pytest.raises(ConfigError) as unknown:
        Workspace.create(tmp_path / "other", area="999999", year=2007)
    assert unknown.value.code == "store.unknown_area"
    assert not (tmp_path / "other").exists()
