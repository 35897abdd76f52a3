"""The book of one institution: its figures are its own, and nothing of another institution can be read in it."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lvshu import __version__
from lvshu.cli.main import main
from lvshu.contract import load
from lvshu.core.errors import InputError, StoreError
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.evaluation import withheld_from_one
from lvshu.pipeline.institution import (
    FINDING_TEXTS,
    InstitutionBook,
    _refused_are_own,
    institutions_of,
    names_own,
    of_institution,
)
from lvshu.publish.report import render_report
from lvshu.store.book import Book
from lvshu.store.book_version import demand_this_version, differing_columns
from lvshu.store.runs import BOOK_FILE
from lvshu.store.workspace import Workspace
from tests.finance.runs import run_tables
from tests.finance.workflow.small import CEMENT, NAMES, POWER, STEEL
from tests.finance.workflow.test_two_years import SECOND, bank

TABLES = (
    "attributed_emission", "loan_coverage", "capital_by_carbon_class", "capital_flow_shift", "data_quality_grade",
    "group_exposure", "enterprise_carbon_account", "subject_attribution", "finance_gap_record",
    "capital_flow_aggregate",
)  # fmt: skip
OWN, OTHER = "BANK2", "BANK1"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a book of two institutions with a client in common and one each of their own."""
    folder = tmp_path_factory.mktemp("own") / "city"
    clients = {STEEL: (64_000_000, 60_000), POWER: (32_000_000, 5), CEMENT: (16_000_000, 7_000)}
    made = bank(folder, SECOND, clients)
    path = made.inputs / "loan.csv"
    lines = path.read_text("utf-8").splitlines()
    shared = lines[1].replace("L0,", "L9,", 1).replace("BANK1,B1", "BANK2,X1")
    lines = [line.replace("BANK1,B1", "BANK2,X1") if line.startswith("L2,") else line for line in lines]
    path.write_text("\n".join([*lines, shared]) + "\n", "utf-8")
    balances = made.inputs / "loan_balance.csv"
    rows = balances.read_text("utf-8").splitlines()
    more = [
        row.replace("L0,", "L9,", 1).replace("64000000", "8000000") for row in rows if row.startswith("L0,")
    ]
    balances.write_text("\n".join([*rows, *more]) + "\n", "utf-8")
    run_tables(made, TABLES)
    return made


@pytest.fixture(scope="module")
def own(place: Workspace) -> InstitutionBook:
    return of_institution(place.runs.book_path(None), OWN)


def everything(book: Book) -> str:
    tables = [name for name in book.tables() if not name.startswith("pack_")]
    return json.dumps([book.rows(name) for name in tables], default=str, ensure_ascii=False)


def test_nothing_of_another_institution_is_in_it(place: Workspace, own: InstitutionBook) -> None:
    with place.book() as whole:
        assert institutions_of(whole) == (OTHER, OWN)
        before = everything(whole)
    text, page = everything(own.book), render_report(own.book)
    for theirs in (OTHER, POWER, NAMES[POWER], '"L0"', '"L1"', '"B1"'):
        assert theirs in before
        assert theirs not in text
    for theirs in (OTHER, POWER, NAMES[POWER]):
        assert theirs not in page
    for mine in (OWN, STEEL, CEMENT, '"L2"', '"L9"'):
        assert mine in text
    assert own.book.count("capital_flow_shift", "institution_id = '*'") == 0
    assert "enterprise_carbon_account" in own.withheld
    files = {row["file"] for row in own.book.rows("input_file")}
    for step in own.book.rows("step_run"):
        assert not (step["step"].startswith("intake.") and step["sql"]), (
            "the files of all institutions are named there"
        )
    for row in own.book.rows("finding"):
        assert not row["step"].startswith("intake.") or any(name in row["what_zh"] for name in files)


def test_where_a_record_stood_in_a_joint_file_is_not_shown(place: Workspace, own: InstitutionBook) -> None:
    """The row in a file of several institutions tells how many records of the others stand before it."""
    with place.book() as whole:
        assert all(row["source_row"] for row in whole.rows("loan"))
    for table in ("loan", "loan_balance", "enterprise", "entity_emission"):
        rows = own.book.rows(table)
        assert rows and {(row["source_file"], row["source_row"]) for row in rows} == {(None, None)}, table
    assert "loan.csv" not in everything(own.book)


def test_a_finding_that_names_a_file_of_another_is_not_shown() -> None:
    files = ("loan.csv", "loan.bank2.csv", "my-loan.csv")

    def finding(text: str, place: str = "") -> dict[str, str]:
        return {**dict.fromkeys(FINDING_TEXTS, ""), "what_en": text, "record_key": place}

    own = {"loan.bank2.csv"}
    assert names_own(finding("2 rows took no row's place", "loan.bank2.csv:2"), own, files)
    assert not names_own(finding("rows still stand: loan.csv:3", "loan.bank2.csv:2"), own, files)
    assert not names_own(finding("", "my-loan.csv:2"), {"loan.csv"}, files), (
        "a part of a name is not the name"
    )
    assert not names_own(finding("no file"), own, files)


def test_its_headlines_are_sums_over_its_own_rows(place: Workspace, own: InstitutionBook) -> None:
    with place.book() as whole:
        sql = (
            "SELECT sum(emission) FROM attributed_emission WHERE method = 'bank_2026' AND institution_id = ?"
        )
        mine = whole.engine.execute(sql, [OWN])[0][0]
        total = next(
            row["value"] for row in whole.rows("headline") if row["code"] == "financed_emission_bank_2026"
        )
    found = {row["code"]: row for row in own.book.rows("headline")}
    assert found["financed_emission_bank_2026"]["value"] == mine
    assert Decimal(0) < mine < total
    quality = found["data_quality_bank_2026"]
    assert quality["value"] is not None and OWN in quality["query"]
    assert all(row["low"] is None for row in found.values() if row["wing"] == "finance")


def test_the_commands_take_an_institution(
    place: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def answer(*words: object) -> Any:
        capsys.readouterr()
        code = main([*(str(word) for word in words), "-w", str(place.folder), "--institution", OWN, "--json"])
        text = capsys.readouterr().out
        assert code == 0, text
        return json.loads(text)

    headlines = answer("headlines")
    assert any(
        row["code"] == "financed_emission_bank_2026" and row["value"] for row in headlines["headlines"]
    )
    told = answer("explain", "attributed_emission.emission")
    assert {row["institution_id"] for one in told["records"] if one["table"] == "attributed_emission"
            for row in one["rows"]} == {OWN}  # fmt: skip
    answer("export", "--format", "csv", "--table", "attributed_emission", "--table", "loan", "--to", tmp_path)
    answer("export", "--format", "html", "--to", tmp_path)
    for name in ("attributed_emission.csv", "loan.csv", "report.html"):
        text = (tmp_path / name).read_text("utf-8")
        assert OWN in text or name == "report.html"
        assert OTHER not in text and POWER not in text
    assert main(["headlines", "-w", str(place.folder), "--institution", "BANK9"]) == 1
    assert OTHER in capsys.readouterr().err


def test_an_unknown_institution_is_told(place: Workspace) -> None:
    with pytest.raises(InputError) as told:
        of_institution(place.runs.book_path(None), "BANK9")
    assert told.value.code == "finance.no_institution"


def test_few_peers_are_not_shown_to_one_of_them() -> None:
    row = {"institutions": 3, "indicator": "green_share", "indicator_value": 5.0, "own_mean": 4.0,
           "own_difference": 1.0, "peer_mean": 6.0, "peer_difference": -1.0}  # fmt: skip
    few = withheld_from_one(row)
    assert (few["peer_mean"], few["peer_difference"], few["indicator_value"]) == (None, None, 5.0)
    assert withheld_from_one({**row, "indicator": "market_share"})["indicator_value"] is None
    enough = {**row, "institutions": 4, "indicator": "market_share"}
    assert withheld_from_one(enough) == enough


def test_a_book_of_another_version_says_so(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    path = place.runs.book_path(None)
    with Book.open(path) as book:
        demand_this_version(book)
    kept = path.read_bytes()
    try:
        with DuckDB(path) as engine:
            engine.execute("ALTER TABLE loan_coverage DROP COLUMN outstanding_amount")
            engine.checkpoint()
        with Book.open(path) as book:
            assert differing_columns(book) == ("loan_coverage.outstanding_amount",)
            with pytest.raises(StoreError) as told:
                demand_this_version(book)
        assert told.value.code == "store.other_version"
        for words in (["headlines"], ["desk", "candidates"]):
            assert main([*words, "-w", str(place.folder), "--lang", "en"]) == 3
            told_text = " ".join(capsys.readouterr().err.split())
            assert "another version" in told_text and "lvshu run --again" in told_text
            assert told_text.count(__version__) == 1, "the same number is not told as two versions"
    finally:
        path.write_bytes(kept)
    assert path.name == BOOK_FILE


def test_columns_that_may_be_empty_do_not_lock_an_older_book(place: Workspace, tmp_path: Path) -> None:
    older = tmp_path / BOOK_FILE
    shutil.copyfile(place.runs.book_path(None), older)
    with DuckDB(older) as engine:
        for table, column in (("entity_emission", "gases"), ("data_quality", "co2_alone_emission")):
            engine.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        engine.checkpoint()
    kept = older.read_bytes()
    with Book.open(older) as book, Book.open(place.runs.book_path(None)) as now:
        demand_this_version(book)
        reports = book.rows("entity_emission")
        assert reports and all(row["gases"] is None for row in reports)
        assert set(book.columns("entity_emission")) == set(now.columns("entity_emission"))
        assert book.tables() == now.tables()
    own = of_institution(older, "BANK1").book
    assert [row["co2_alone_emission"] for row in own.rows("data_quality", limit=1)] == [None]
    assert older.read_bytes() == kept, "the older book is not changed"


def test_an_own_file_with_an_own_row_refused_is_still_ones_own() -> None:
    rows = [{"institution_id": "BANK1"}, {"institution_id": None}, {"institution_id": "BANK2"}]
    kept = {"table_name": "loan", "file": "a.csv", "sheet": None, "rows_quarantined": 1}
    with DuckDB() as engine:
        engine.create(load("quarantine"))
        for number, row in enumerate(rows, start=1):
            engine.execute(
                "INSERT INTO quarantine (table_name, file, row_number, code, institution_id) "
                "VALUES ('loan', ?, 2, 'x', ?)",
                [f"{number}.csv", row["institution_id"]],
            )
        book = Book(Path("none"), engine)
        told = [_refused_are_own(book, {**kept, "file": f"{number}.csv"}, "BANK1") for number in (1, 2, 3)]
        assert told == [True, False, False]
        assert _refused_are_own(book, {**kept, "rows_quarantined": 0}, "BANK1")


def test_rows_of_its_ledger_in_quarantine_are_told_to_an_institution(
    place: Workspace, tmp_path: Path
) -> None:
    book_path = tmp_path / "book.duckdb"
    shutil.copyfile(place.runs.book_path(None), book_path)
    with DuckDB(book_path) as engine:
        if not engine.has("quarantine"):
            engine.execute(load("quarantine").create_sql())
        for row, institution in enumerate(("BANK1", "BANK2", "BANK2"), start=2):
            engine.execute(
                "INSERT INTO quarantine (table_name, file, row_number, code, institution_id) "
                "VALUES ('loan', 'loan.csv', ?, 'intake.not_a_date', ?)",
                [row, institution],
            )
    for institution, rows in (("BANK1", 1), ("BANK2", 2)):
        own = of_institution(book_path, institution).book
        told = {row["code"]: row for row in own.rows("finding") if row["step"] == "finance.own_book"}
        assert set(told) == {"finance.own_rows_quarantined"}
        assert told["finance.own_rows_quarantined"]["what_en"].startswith(f"{rows} row")
        found = [row for row in own.rows("headline") if row["wing"] == "finance"]
        assert not [row["code"] for row in found if row["status"] == "available"]
