"""Reports a bank files: structure of the document, the twin equals the tables, gaps, sheets, words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, MethodError
from lvshu.core.text import LANGUAGES
from lvshu.finance.disclosure_gaps import OUTLINES
from lvshu.publish.filings import REPORTS, Filing, build_filing, write_filing
from lvshu.publish.filings.twin import as_data
from lvshu.publish.filings.views import LEAST_CLIENTS, VIEWS, _large_enough
from lvshu.publish.filings.words import WORDS
from lvshu.publish.texts import value_label
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace

BANK = "SB01"


@pytest.fixture(scope="module")
def sample(sample_run: Path) -> Iterator[Book]:
    """Return the book of the sample city."""
    with Workspace.open(sample_run).book(None) as book:
        yield book


@pytest.fixture(scope="module")
def written(sample: Book, tmp_path_factory: pytest.TempPathFactory) -> tuple[Filing, list[Path]]:
    """Return the environmental report of one bank with its files."""
    return write_filing(sample, "jrt0227", tmp_path_factory.mktemp("filings"), institution=BANK)


def _headings(path: Path) -> list[str]:
    return [one.text for one in Document(str(path)).paragraphs if one.style.name.startswith("Heading")]


def test_the_document_has_the_eleven_chapters_and_its_annexes(written: tuple[Filing, list[Path]]) -> None:
    path = written[1][0]
    first = [one.text for one in Document(str(path)).paragraphs if one.style.name == "Heading 1"]
    assert [text.split()[0] for text in first[:11]] == [str(number) for number in range(1, 12)]
    assert [text.split()[0] for text in first[11:]] == ["附录一", "附录二", "附录三"]
    assert "8.4.1  温室气体排放" in _headings(path)


def test_word_names_chinese_fonts_and_the_synthetic_mark_stands_on_every_page(
    written: tuple[Filing, list[Path]],
) -> None:
    document = Document(str(written[1][0]))
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia") == "仿宋"
    assert "合成数据" in document.sections[0].header.paragraphs[0].text
    assert any("合成数据" in one.text for one in document.paragraphs)


def test_the_tables_of_the_document_are_those_of_the_filing(written: tuple[Filing, list[Path]]) -> None:
    filing, paths = written
    tables = Document(str(paths[0])).tables
    heads = [[cell.text.split("\n")[0] for cell in table.rows[0].cells] for table in tables]
    for one in filing.tables:
        assert [column.label.zh for column in one.table.columns] in heads, one.view
    own = next(one for one in filing.tables if one.view == "own_emission")
    shown = next(
        table for table in tables if [cell.text for cell in table.columns[0].cells][1:2] == ["办公场所燃料"]
    )
    assert [[cell.text for cell in row.cells] for row in shown.rows][1:] == [
        [cell.zh for cell in row] for row in own.table.shown()
    ]


def test_the_twin_holds_the_same_figures_exactly(written: tuple[Filing, list[Path]], sample: Book) -> None:
    filing, paths = written
    data = json.loads(paths[1].read_text(encoding="utf-8"))
    assert data == json.loads(json.dumps(as_data(filing)))
    figures = {one["code"]: one for section in data["sections"] for one in section["figures"]}
    rows = sample.rows("financed_emission", where=f"institution_id = '{BANK}' AND method = 'bank_2026'")
    assert Decimal(figures["financed_emission"]["value"]) == sum(row["emission"] for row in rows)
    table = next(
        one for section in data["sections"] for one in section["tables"] if one["view"] == "own_consumption"
    )
    account = sample.rows(
        "own_operation_account", where=f"institution_id = '{BANK}' AND part = 'consumption'"
    )
    by_place = sorted(account, key=lambda row: row["position"])
    assert [
        None if isinstance(row["quantity"], dict) else Decimal(row["quantity"]) for row in table["rows"]
    ] == [row["quantity"] for row in by_place]


def test_every_figure_has_unit_method_and_a_command_that_traces_it(sample: Book) -> None:
    for report in REPORTS:
        filing = build_filing(sample, report)
        for line in (one for section in filing.sections for one in section.figures):
            assert line.unit
            assert line.method in {card["id"] for card in filing.methods}
            assert line.explain.startswith("lvshu explain ")
            assert line.interval.zh
            assert line.interval.en


def test_the_trace_of_a_figure_leads_to_the_figure(sample: Book) -> None:
    from lvshu.pipeline.explain import explain

    filing = build_filing(sample, "bank_guide", BANK)
    line = next(
        one for section in filing.sections for one in section.figures if one.code == "financed_emission"
    )
    target, _, where = line.explain.removeprefix("lvshu explain ").partition(" --where ")
    found = explain(sample, target, where=where.strip('"'))
    assert Decimal(str(found.definition["total"])) == Decimal(str(line.value))


def test_gaps_stand_in_the_document_and_say_what_to_provide(written: tuple[Filing, list[Path]]) -> None:
    filing, paths = written
    assert {gap.element for gap in filing.gaps} >= {"text", "scope3_travel", "paper"}
    annex = next(one for one in Document(str(paths[0])).tables if one.rows[0].cells[1].text == "缺什么")
    texts = [cell.text for cell in annex.columns[3].cells]
    assert all(gap.why.zh in texts for gap in filing.gaps)
    assert all(gap.provide.zh and gap.provide.en for gap in filing.gaps)


def test_the_sheets_hold_the_own_operations_total_and_per_head(written: tuple[Filing, list[Path]]) -> None:
    book = CalamineWorkbook.from_path(str(written[1][2]))
    name = next(one for one in book.sheet_names if "温室气体" in one)
    rows = book.get_sheet_by_name(name).to_python()
    assert "合成数据" in rows[0][0]
    assert rows[1][:4] == ["项目", "单位", "总量", "人均"]
    total = next(row for row in rows if row[0] == "排放合计")
    assert total[2] > total[3] > 0


def test_every_report_in_both_languages_and_for_all_institutions(sample: Book, tmp_path: Path) -> None:
    wanted = [(report, LANGUAGES[place % 2]) for place, report in enumerate(OUTLINES)] + [("jrt0227", "en")]
    for report, language in wanted:
        _, paths = write_filing(sample, report, tmp_path, language=language, forms=("docx",))
        text = "\n".join(one.text for one in Document(str(paths[0])).paragraphs)
        assert REPORTS[report].of(language) in text
        assert "{" not in text


def test_small_industries_are_joined_and_nothing_is_lost(sample: Book) -> None:
    filing = build_filing(sample, "issb_s2", BANK)
    table = next(one.table for one in filing.tables if one.view == "matrix")
    *rows, total = table.rows
    assert sum(row["emission"] or 0 for row in rows) == total["emission"]
    assert sum(row["loans"] for row in rows) == total["loans"]
    where = f"institution_id = '{BANK}'"
    subjects = {row["loan_id"]: row for row in sample.rows("loan_subject", where=where)}
    behind: dict[str, set[str]] = {}
    for row in sample.rows("loan_scope", where=f"{where} AND method = 'pcaf_2022'"):
        one = subjects[row["loan_id"]]
        if one["asset_class"] == "business_loan" and row["sector_code"]:
            client = one["uscc"] or row["subject_id"] or row["loan_id"]
            behind.setdefault(row["sector_code"][:2], set()).add(client)
    label = value_label("financed_emission_class", "asset_class", "business_loan").en
    alone = {row["name"].en.split(" ")[0] for row in rows if row["class"].en == label} & set(behind)
    assert alone and all(len(behind[division]) >= LEAST_CLIENTS for division in alone)
    small = {division for division, clients in behind.items() if len(clients) < LEAST_CLIENTS}
    assert not small & alone


def test_one_client_with_many_loans_is_not_shown_alone() -> None:
    def cell(clients: int, first: str, last: str) -> dict[str, Any]:
        return {"clients": clients, "first_client": first, "last_client": last}

    groups = {
        ("31",): [{"loans": 50}],
        ("26",): [{"loans": 40}],
        ("44",): [{"loans": 3}],
        ("45",): [{"loans": 3}],
    }
    cells = {("31",): [cell(1, "A", "A")], ("26",): [cell(1, "A", "A"), cell(2, "A", "B")],
             ("44",): [cell(3, "C", "E")],
             ("45",): [cell(1, "F", "F"), cell(1, "G", "G"), cell(1, "H", "H")]}  # fmt: skip
    kept, others = _large_enough(groups, cells)
    # 31 and 26 together are two clients, A and B: 44, the next, joins them
    assert set(kept) == {("45",)}
    assert sum(row["loans"] for row in others) == 93
    assert _large_enough(groups, {}) == (
        {},
        [row for key in (("44",), ("45",), ("26",), ("31",)) for row in groups[key]],
    )


def test_a_filing_of_one_institution_names_no_other(sample: Book, tmp_path: Path) -> None:
    others = {str(row["institution_id"]) for row in sample.rows("loan", columns=["institution_id"])} - {BANK}
    assert len(others) > 3
    for report in OUTLINES:
        _, files = write_filing(sample, report, tmp_path, institution=BANK, forms=("json",))
        text = files[0].read_text(encoding="utf-8")
        assert f'"{BANK}"' in text
        assert not {one for one in others if one in text}, report


def test_what_if_is_shown_beside_the_present(sample: Book) -> None:
    filing = build_filing(sample, "evaluation", BANK, changes={"green_loan_balance": "+10%"})
    rows = next(one.table.rows for one in filing.tables if one.view == "what_if")
    assert rows[0]["after"] > rows[0]["before"]
    with pytest.raises(MethodError):
        build_filing(sample, "evaluation", BANK, changes={"green": "+10%"})


def test_an_unknown_report_institution_and_an_old_book_are_told(sample: Book, bare_book: Book) -> None:
    for report, owner, code in (("gri", "*", "no_report"), ("pcaf", "NOBODY", "no_institution")):
        with pytest.raises(InputError) as raised:
            build_filing(sample, report, owner)
        assert raised.value.code == f"finance.{code}"
    with pytest.raises(InputError) as raised:
        build_filing(bare_book, "pcaf")
    assert raised.value.code == "finance.no_figures"


def test_a_staff_of_zero_is_told_in_words(sample: Book) -> None:
    from lvshu.publish.filings import own_views
    from lvshu.publish.filings.context import Asked
    from lvshu.publish.reader import Reader

    reader = Reader(sample)
    rows = [
        {**row, "staff": Decimal(0), "per_head": None, "per_head_status": "zero_staff"}
        for row in reader.rows("own_operation_account")
    ]
    reader._kept["own_operation_account"] = rows
    table = own_views.account(Asked(reader, "jrt0227", BANK, "bank_2026"), "emission")
    assert table is not None
    assert "员工数为零" in table.note.zh
    assert "staff is zero" in table.note.en
    assert {cell.zh for row in table.shown() for cell in row[3:4]} <= {"…", "–"}


@pytest.mark.parametrize("report", ["jrt0227", "bank_guide", "pcaf"])
def test_suspected_figures_stand_in_the_gaps_and_mark_the_total(sample: Book, report: str) -> None:
    from lvshu.publish.filings.build import _figures, _method
    from lvshu.publish.filings.context import Asked
    from lvshu.publish.filings.views import view
    from lvshu.publish.reader import Reader

    reader = Reader(sample)
    method = _method(reader, report)
    others = [row for row in reader.rows("finance_gap_record") if row["code"] != "figure_suspected"]
    doubt = {**others[0], "method": method, "code": "figure_suspected", "institution_id": BANK, "loans": 3,
             "outstanding_amount": Decimal(5), "emission": Decimal(7_000_000), "effect": None}  # fmt: skip
    figures = {row["figure"]: row["unit"] for row in reader.rows("disclosure_figure", institution_id=BANK)
               if row["table_name"].startswith("financed_emission") and row["basis"] == method}  # fmt: skip
    totals = [code for code, unit in figures.items() if unit == "tCO2e"]
    assert totals
    for rows, marked in (([*others, doubt], True), (others, False)):
        reader._kept["finance_gap_record"] = rows
        asked = Asked(reader, report, BANK, method)
        lines = _figures(asked, totals)
        assert lines and all(("含存疑数据" in line.name.zh) is marked for line in lines)
        table = view("finance_gap", asked)
        listed = [row["code"].en for row in table.rows] if table else []
        assert any("Figure suspected" in name for name in listed) is marked


def test_words_have_both_languages_and_views_are_all_reachable() -> None:
    assert all(text.zh and text.en for text in (*WORDS.values(), *REPORTS.values()))
    library = PackLibrary.load(None)
    used = {
        row["table_view"] for pack in OUTLINES.values() for row in library[pack].rows if row["table_view"]
    }
    assert used == set(VIEWS)


def test_choices_of_a_method_are_told_in_words() -> None:
    from lvshu.publish.filings.views import METHODS
    from lvshu.publish.reader import packaged
    from lvshu.publish.texts import code_label

    coded = (
        "exposure",
        "balance_average",
        "non_project_denominator",
        "project_denominator",
        "quality_weight",
        "confidence",
    )
    for row in packaged()[METHODS].rows:
        for name in coded:
            if row[name]:
                told = code_label("method_choice", row[name])
                assert told.zh != row[name] and told.en != row[name] and "_" not in told.en
