"""The quality report: every part there, figures of the book's own record, no single record in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import cast

import pyarrow as pa
import pytest

from lvshu.contract import all_contracts
from lvshu.publish.panels.making import _kind_of_finding
from lvshu.publish.quality import PROTECTED, _document, _imputation, quality_report, write_quality
from lvshu.publish.quality_concepts import ANSWERS, concepts
from lvshu.publish.reader import BookLike, Reader
from lvshu.publish.texts import Text
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace


@pytest.fixture(scope="module")
def book(sample_run: Path) -> Book:
    return Book.open(Workspace.open(sample_run).runs.book_path())


def test_parts_come_from_the_record(book: BookLike) -> None:
    parts = {part.id: part for part in quality_report(book).panels}
    headlines = book.read("headline").to_pylist()
    presented, sources = parts["presented"].table, parts["sources"].table
    assert presented is not None and len(presented.rows) == len(headlines)
    assert sources is not None
    files = book.read("input_file").to_pylist()
    assert sum(int(str(row["read"])) for row in sources.rows) == sum(one["rows_read"] for one in files)
    quarantine = parts["quarantine"].table
    assert quarantine is not None
    assert sum(int(str(row["rows"])) for row in quarantine.rows) == book.count("quarantine")
    missing = parts["missing"].table
    assert missing is not None
    without = [row for row in headlines if row["value"] is None or row["status"] == "partial"]
    assert len(missing.rows) >= len(without)
    assert parts["total_error"].table is not None


def test_the_chapter_on_confidentiality_reads_every_status_of_every_protected_table(book: BookLike) -> None:
    for name, contract in all_contracts().items():
        hiding = {one.name for one in contract.columns if "suppressed" in one.allowed}
        if hiding and contract.kind == "book" and not contract.confidential and name != "value_status":
            assert set(PROTECTED.get(name, ())) == hiding, name
    part = {part.id: part for part in quality_report(book).panels}["confidentiality"]
    assert part.table is not None
    told = {(row["item"].en, row["what"].en, row["status"].en): row["cells"] for row in part.table.rows}  # type: ignore[union-attr]
    account = "digital_economy_account_public"
    contract = all_contracts()[account]
    found = Counter(row["value_status"] for row in book.read(account).to_pylist())
    assert found["suppressed"]
    assert "estimated" not in {status for item, _, status in told if item == contract.en}
    label = contract.column("value_status").en
    assert told[contract.en, label, "suppressed"] == found["suppressed"]
    assert told[contract.en, label, "shown"] == found["shown"]
    assert all_contracts()["flexible_employment_month"].en in {item for item, _, _ in told}
    assert sum(cells for (_, what, _), cells in told.items() if what == "Verdict") == book.count(
        "disclosure_audit"
    )


def test_imputed_values_that_no_estimate_uses_are_not_counted_as_used() -> None:
    class Records:
        def rows(self, table: str) -> list[dict[str, object]]:
            assert table == "imputation_variance"
            common = {"source_table": "platform_imputation", "method": "growth", "imputed_values": 3}
            return [
                {**common, "indicator": "platform_transactions", "enters_estimate": True},
                {**common, "indicator": "digital_core_value_added_whole", "enters_estimate": False},
            ]

        def count(self, table: str) -> int:
            return 0

    part = _imputation(cast(Reader, Records()))
    assert part.table is not None and "for 2 estimates, of which 1 use" in part.finding.en
    assert [cast(Text, row["enters"]).en for row in part.table.rows] == ["used", "not used"]


def test_documents_of_packs_are_named_in_both_languages() -> None:
    found = _document({"issuer": "国家统计局", "document_number": None, "clause": "表1 / table 1"})
    assert found == Text("国家统计局 表1", "National Bureau of Statistics table 1")


def test_headings_and_counts_on_records_are_told_and_values_of_records_are_not() -> None:
    """A unit that was converted and returns that are missing name no record; a wrong value does."""

    class Book:
        def read(self, table: str, where: str, limit: int) -> pa.Table:
            text = "91310000MA1FL0000X 3" if "wrong" in where else "heading in 1e4 CNY"
            return pa.table(
                {f"{part}_{end}": [text] for part in ("what", "why", "fix") for end in ("zh", "en")}
            )

    class Records:
        book = Book()

    def told(code: str, table: str) -> str:
        group = {"severity": "notice", "code": code, "table_name": table, "count_all": 1}
        [row] = _kind_of_finding(cast(Reader, Records()), group, whole=False)
        assert row["place"] is None, "a place may be a record's key"
        return cast(Text, row["what"]).en

    assert told("intake.unit_converted", "platform_return") == "heading in 1e4 CNY"
    assert told("statistics.return_missing", "platform_transaction") == "heading in 1e4 CNY"
    assert "heading" not in told("intake.not_a_number", "platform_return")
    assert "91310000MA1FL0000X" not in told("wrong", "area")


def test_no_single_record_is_told(book: BookLike, tmp_path: Path) -> None:
    for language in ("zh", "en"):
        text, data = write_quality(book, tmp_path, language=language)
        told = text.read_text(encoding="utf-8")
        for row in book.read("quarantine").to_pylist():
            if row["value"] and len(row["value"]) > 8:
                assert row["value"] not in told
        for row in book.read("enterprise", limit=200).to_pylist():
            assert row["uscc"] not in told and row["name"] not in told
    parsed = json.loads(data.read_text(encoding="utf-8"))
    assert [part["title"]["zh"] and part["title"]["en"] for part in parsed["parts"]]
    assert not re.findall(r"\{[a-z_]+\}", told)  # every placeholder of a label is filled


def test_parts_name_the_concepts_of_sims_and_the_rest_is_for_the_bureau(
    book: BookLike, tmp_path: Path
) -> None:
    write_quality(book, tmp_path, language="en")
    report = json.loads((tmp_path / "quality.json").read_text(encoding="utf-8"))
    of = {part["id"]: [(one["number"], one["id"]) for one in part["concepts"]] for part in report["parts"]}
    assert of["sources"] == [("S.18.1", "SOURCE_TYPE")] and of["timeliness"][0] == ("S.14.1", "TIMELINESS")
    assert of["seasonal"][0] == ("S.18.6.1", "SEASONAL_ADJ") and of["not_in_the_log"] == []
    assert (
        "SIMS 2.0: S.7.2 CONF_DATA_TR Confidentiality - data treatment"
        in (tmp_path / "quality.md").read_text()
    )
    (last,) = [part for part in report["parts"] if part["id"] == "concepts"]
    where = {row[1]["en"]: row[3]["en"] for row in last["rows"]}
    assert where["USER_NEEDS"] == where["INST_MAN_LA_OA"] == "for the bureau to write"
    assert where["SOURCE_TYPE"] != "for the bureau to write" and "STAT_PROCESS" not in where


def test_every_answer_is_a_concept_of_the_pack_and_every_parent_is_there() -> None:
    known = concepts()
    assert len(known) == 83 and sum(row["sources"] == 2 for row in known.values()) == 74
    assert {one for several in ANSWERS.values() for one in several} <= set(known)
    for row in known.values():
        parent = row["parent"]
        assert not parent or str(row["number"]).rpartition(".")[0] == known[str(parent)]["number"]
