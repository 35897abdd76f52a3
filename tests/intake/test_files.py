"""Files: formats, encodings, delimiters, recognition, mapping files, templates, and files that cannot be read."""

from __future__ import annotations

import html
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import xlsxwriter

from lvshu.contract import all_contracts, load
from lvshu.intake import discover, write_template
from lvshu.intake.workbook import read_grid
from tests.intake.conftest import Place, codes, problem

TEXT = "贷款编号,月份,余额,借款人\nL1,2025-01,1,上海某某有限公司\nL2,2025-01,2,“绿色”集团\n"


def write_sheet(
    path: Path,
    rows: list[list[object]],
    *,
    merge: tuple[int, int, int, int] | None = None,
    sheet: str = "Sheet1",
) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row, cells in enumerate(rows):
            for index, cell in enumerate(cells):
                if isinstance(cell, date):
                    page.write_datetime(row, index, cell, day)
                elif cell is not None:
                    page.write(row, index, cell)
        if merge:
            page.merge_range(*merge, rows[merge[0]][merge[1]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(place: Place, encoding: str, delimiter: str) -> None:
    place.put("ledger.csv", TEXT.replace(",", delimiter), encoding)
    report = place.load()
    assert codes(report) == []
    assert place.rows("loan_id, borrower, source_row") == [
        ("L1", "上海某某有限公司", 2),
        ("L2", "“绿色”集团", 3),
    ]
    told = report.table("ledger").files[0].file
    assert told.encoding == ("gb18030" if encoding == "gbk" else encoding)
    assert told.delimiter == delimiter


def test_headings_without_a_unit_are_told_once_with_the_unit_they_are_read_in(place: Place) -> None:
    place.put("ledger.csv", "贷款编号,月份,余额\nL1,2025-01,1\n")
    told = problem(place.load(), "intake.unit_assumed")
    assert told.severity == "notice" and told.values["columns"] == ["余额 (CNY)"]


@pytest.mark.parametrize("text", ["loan_id,month,balance\nL1,2025-01,1\n", "贷款编号,月份,余额（元）\nL1,2025-01,1\n",
                                  "单位：万元,,\n贷款编号,月份,余额\nL1,2025-01,1\n"])  # fmt: skip
def test_units_that_are_stated_or_documented_are_not_told(place: Place, text: str) -> None:
    place.put("ledger.csv", text)
    assert "intake.unit_assumed" not in [one.code for one in place.load().problems]


def test_rows_of_two_encodings_are_told_apart(place: Place) -> None:
    lines = [
        "贷款编号,月份,余额",
        "贷一,2025-01,1",
        "贷二,2025-01,2",
        "L3,2025-01,3",
        "贷四,2025-01,4",
        "贷五,2025-01,5",
    ]
    codecs = ["utf-8", "gb18030", "gb18030", "utf-8", "utf-8", "gb18030"]
    content = b"\n".join(line.encode(codec) for line, codec in zip(lines, codecs, strict=True))
    (place.inputs / "ledger.csv").write_bytes(content)
    found = problem(place.load(), "intake.mixed_encodings")
    assert found.values == {"utf": "1, 5", "utf_count": 2, "gb": "2–3, 6", "gb_count": 3}
    assert found.where.row == 1


def test_a_row_of_utf_8_that_decodes_as_gb18030_is_not_read_as_other_characters(place: Place) -> None:
    rows = [
        "贷款编号,月份,余额,借款人",
        "L1,2025-01,1,上海绿色科技有限公司",
        "L2,2025-01,2,浦东集团股份有限公司",
    ]
    content = b"\n".join(
        line.encode(codec) for line, codec in zip(rows, ("gbk", "gbk", "utf-8"), strict=True)
    )
    content.decode("gb18030")  # nothing but the rows tells
    (place.inputs / "ledger.csv").write_bytes(content + b"\n")
    found = problem(place.load(), "intake.mixed_encodings")
    assert found.values["utf"] == "3"
    assert found.where.row == 3


def test_an_undecodable_byte_is_named(place: Place) -> None:
    place.put("ledger.csv", TEXT.encode() + b"L3,2025-01,3,\xff\xfe\n")
    report = place.load()
    found = problem(report, "intake.encoding")
    assert codes(report) == ["intake.encoding"]
    assert found.where.row == 4
    assert found.values["offset"] == len(TEXT.encode()) + len("L3,2025-01,3,")
    assert "ledger.mapping.toml" in found.text("zh")


def test_another_encoding_that_happens_to_decode_is_refused(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance,borrower\nL1,2025-01,1,Grüße aus Öhringen\n", "latin-1")
    assert codes(place.load()) == ["intake.encoding"]


def test_the_encoding_can_be_stated(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance,borrower\nL1,2025-01,1,Grüße\n", "latin-1")
    place.put("ledger.mapping.toml", 'encoding = "latin-1"')
    assert codes(place.load()) == []
    assert place.rows("borrower") == [("Grüße",)]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"  \n\n"])
def test_an_empty_file(place: Place, content: bytes) -> None:
    place.put("ledger.csv", content)
    report = place.load()
    assert codes(report) == ["intake.empty_file"]
    assert place.engine.count("ledger") == 0


def test_a_heading_without_records(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance\n")
    assert codes(place.load()) == ["intake.no_rows"]


def test_ragged_rows_go_to_quarantine_with_their_text(place: Place) -> None:
    place.put(
        "ledger.csv",
        'loan_id,month,balance\nL1,2025-01,1\nL2,2025-01\nL3,2025-01,1,234\n"L\n4",2025-01,4\nL5,2025-01,5,\n',
    )
    report = place.load()
    assert place.rows("loan_id, source_row") == [("L1", 2), ("L 4", 5), ("L5", 6)]
    assert [(row[1], row[4]) for row in place.refused()] == [
        (3, "intake.ragged_row"),
        (4, "intake.ragged_row"),
    ]
    assert (
        "L3,2025-01,1,234"
        in place.engine.execute("SELECT raw_record FROM quarantine WHERE row_number = 4")[0][0]
    )
    assert report.table("ledger").rows_read == 5


def test_many_ragged_rows_keep_row_numbers(place: Place) -> None:
    lines = ["loan_id,month,balance"]
    lines += [f"L{n},2025-01,{n}" if n % 7 else f"L{n},2025-01" for n in range(2, 3000)]
    place.put("ledger.csv", "\n".join(lines) + "\n")
    place.load()
    assert all(row[0] == f"L{row[1]}" for row in place.rows("loan_id, source_row"))
    assert all(row[1] % 7 == 0 for row in place.refused())


@pytest.mark.parametrize("length", [200_000, 10_000_000])
@pytest.mark.parametrize("row", [3, 90])
def test_a_cell_of_megabytes_keeps_its_row_out_and_no_other(place: Place, length: int, row: int) -> None:
    lines = ["loan_id,month,balance", *(f"L{n},2025-01,{n}" for n in range(2, 120))]
    lines[row - 1] = f"{'长' * length},2025-01,5"
    place.put("ledger.csv", "\n".join(lines) + "\n")
    report = place.load()
    assert [one[1] for one in place.rows("loan_id, source_row")] == [n for n in range(2, 120) if n != row]
    assert [(one[1], one[4]) for one in place.refused()] == [(row, "intake.cell_too_long")]
    ((column, reason, raw),) = place.engine.execute(
        "SELECT column_name, reason_zh, raw_record FROM quarantine"
    )
    assert column == "loan_id"
    assert str(length) in reason
    assert len(raw) < 500
    assert report.table("ledger").rows_read == 118


def test_a_quotation_mark_that_is_not_closed_is_told_with_its_row(place: Place) -> None:
    lines = ["loan_id,month,balance", "L2,2025-01,2", '"L3,2025-01,3', *["L4,2025-01,4"] * 20_000]
    place.put("ledger.csv", "\n".join(lines) + "\n")
    (problem,) = [one for one in place.load().problems if one.code == "intake.csv_broken"]
    assert problem.where.row == 3
    assert "换行" in problem.what("zh")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("ledger.2025-01.csv", "ledger"),
        ("LEDGER_7.csv", "ledger"),
        ("台账_7月.csv", "ledger"),
        ("台账2025.csv", "ledger"),
        ("whatever.csv", "ledger"),
        ("ledgers.csv", "ledger"),
    ],
)
def test_recognition(place: Place, name: str, table: str) -> None:
    place.put(name, TEXT)
    found = discover(place.inputs, place.contracts)
    assert [one.tables for one in found.files] == [(table,)]


def test_a_file_named_after_a_table_is_of_it_where_no_other_fits_better(place: Place) -> None:
    """Balances name currency and month, too; one unknown heading does not make a table of rates one of balances."""
    place.put("exchange_rate.csv", "currency,month,rate\nUSD,2025-12,7.1\n")
    contracts = {name: load(name) for name in ("exchange_rate", "loan_balance")}
    (found,) = discover(place.inputs, contracts).files
    assert found.tables == ("exchange_rate",)


def test_several_files_of_one_table(place: Place) -> None:
    place.put("ledger.2025-01.csv", "loan_id,month,balance\nL1,2025-01,1\n")
    place.put("ledger.2025-02.csv", "月份;贷款编号;余额(万元)\n2025-02;L1;0.0003\n", "gb18030")
    report = place.load()
    assert place.rows("loan_id, month, balance, source_file") == [
        ("L1", "2025-01", Decimal(1), 1),
        ("L1", "2025-02", Decimal(3), 2),
    ]
    listed = place.engine.execute(
        "SELECT file_number, file, rows_read, rows_kept, encoding FROM input_file ORDER BY 1"
    )
    assert listed == [(1, "ledger.2025-01.csv", 1, 1, "utf-8"), (2, "ledger.2025-02.csv", 1, 1, "gb18030")]
    assert codes(report) == ["intake.unit_converted"]


def test_the_same_content_is_read_once(place: Place) -> None:
    place.put("ledger.csv", TEXT)
    place.put("ledger copy.csv", TEXT)
    report = place.load()
    assert codes(report) == ["intake.same_content"]
    assert len(place.rows("loan_id")) == 2


def test_a_file_that_no_table_recognises(place: Place) -> None:
    place.put("odd.csv", "贷款编号,贷款金额,天气\nL1,1,晴\n")
    report = place.load()
    found = problem(report, "intake.unrecognised_file")
    assert codes(report) == ["intake.unrecognised_file"]
    assert "台账（ledger，认出1/13列）" in found.text("zh")
    assert "month" in found.text("en") and "odd.mapping.toml" in found.text("en")


def test_a_missing_required_column_is_told_with_the_likely_heading(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balnce\nL1,2025-01,1\n")
    report = place.load()
    assert codes(report) == ["intake.required_column_missing"]
    assert '"balnce" = "balance"' in report.problems[0].fix("zh")
    assert place.engine.count("ledger") == 0


def test_no_heading(place: Place) -> None:
    place.put("ledger.csv", "L1,2025-01,1\nL2,2025-01,2\n")
    assert codes(place.load()) == ["intake.header_not_found"]


def test_a_heading_twice(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,余额,贷款余额\nL1,2025-01,1,2\n")
    assert codes(place.load()) == ["intake.header_twice"]


def test_a_mapping_file(place: Place) -> None:
    place.put("dump.csv", "说明\nNo;Sum;Abroad;Kind\nL1;1,5;nein;groß\nL2;2;ja;-\n")
    place.put(
        "dump.mapping.toml",
        'table = "ledger"\nheader_row = 2\ndelimiter = ";"\n[columns]\nNo = "loan_id"\nSum = "balance"\n'
        'Abroad = "overseas"\n[units]\nbalance = "1e4 CNY"\n[constants]\nmonth = "2025-03"\n'
        '[values.overseas]\nja = true\nnein = "false"\n[values.Sum]\n"1,5" = "1.5"\n[values.kind]\n"groß" = "large"\n',
    )
    report = place.load()
    assert codes(report, "error") == []
    assert place.rows("loan_id, month, balance, overseas, kind") == [
        ("L1", "2025-03", Decimal(15000), False, "large"),
        ("L2", "2025-03", Decimal(20000), True, None),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("table = ", "intake.mapping_not_toml"),
        ('tabel = "ledger"', "intake.mapping_unknown_key"),
        ('table = "leger"', "intake.mapping_no_table"),
        ("columns = 3", "intake.mapping_wrong_type"),
        ('[columns]\nfoo = "balanse"', "intake.mapping_no_column"),
        ('[units]\nbalance = "furlong"', "units.unknown"),
    ],
)
def test_faulty_mapping_files(place: Place, text: str, code: str) -> None:
    place.put("ledger.csv", "loan_id,month,balance,foo\nL1,2025-01,1,2\n")
    place.put("ledger.mapping.toml", text)
    assert code in codes(place.load(), "error")


def test_a_mapping_file_without_data(place: Place) -> None:
    place.put("ledger.mapping.toml", 'table = "ledger"')
    assert codes(place.load()) == ["intake.mapping_stray"]


def test_a_workbook_with_titles_merged_headings_and_notes(place: Place) -> None:
    path = place.inputs / "台账.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("七月")
        page.merge_range(0, 0, 0, 4, "某银行贷款台账")
        page.write(1, 4, "单位：万元")
        page.merge_range(2, 0, 3, 0, "贷款编号")
        page.merge_range(2, 1, 3, 1, "月份")
        page.merge_range(2, 2, 2, 3, "金额与日期")
        page.write_row(3, 2, ["余额", "发放日期"])
        page.merge_range(2, 4, 3, 4, "行业代码")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(4, 0, ["L1", "2025-01", 1.5, None, "0111"])
        page.write_datetime(4, 3, date(2024, 5, 6), day)
        page.write_row(5, 0, ["L2", "202501", "１，２３４", 45000, 3011])
        page.merge_range(7, 0, 7, 4, "注：本表由分行填报")
    report = place.load()
    assert codes(report, "error") == []
    assert place.rows("loan_id, balance, paid_on, industry, source_row") == [
        ("L1", Decimal(15000), date(2024, 5, 6), "0111", 5),
        ("L2", Decimal(12340000), date(2023, 3, 15), "3011", 6),
    ]
    (file,) = report.table("ledger").files
    assert (file.rows_read, file.rows_skipped) == (2, 2)
    assert place.engine.execute("SELECT sheet, sha256 FROM input_file")[0][0] == "七月"


def test_a_group_of_headings_whose_name_is_a_heading_itself_is_read_by_what_stands_under_it(
    place: Place,
) -> None:
    """“平台” stands over 信用代码 and 名称, and is a name of platform_name by itself."""
    place.contracts = {"platform_return": load("platform_return")}
    heads = ["表号", "月份", "指标", "地区", "类别", "自营或第三方", "金额(万元)"]
    with xlsxwriter.Workbook(str(place.inputs / "platform_return.xlsx")) as book:
        page = book.add_worksheet()
        page.merge_range(0, 0, 0, 1, "平台")
        page.write_row(1, 0, ["信用代码", "名称"])
        for column, head in enumerate(heads, start=2):
            page.merge_range(0, column, 1, column, head)
        page.write_row(
            2,
            0,
            ["91310000MA1FL00030", "甲", "U201", "2025-07", "transactions", "total", "total", "total", 5],
        )
    report = place.load()
    assert place.refused() == [] and codes(report, "error") == []
    assert place.rows("platform_uscc, platform_name, amount", "platform_return") == [
        ("91310000MA1FL00030", "甲", Decimal(50000))
    ]


def test_sheets_named_after_tables(place: Place) -> None:
    with xlsxwriter.Workbook(str(place.inputs / "all.xlsx")) as book:
        for sheet, rows in (
            ("台账", [["loan_id", "month", "balance"], ["L1", "2025-01", 1]]),
            ("firm", [["uscc", "name"], ["91310000MA1FL0003", "甲"]]),
            ("草稿", [["随手", "写"], [1, 2]]),
        ):
            page = book.add_worksheet(sheet)
            for index, row in enumerate(rows):
                page.write_row(index, 0, row)
    report = place.load()
    assert report.table("ledger").rows_kept == 1
    assert report.table("firm").rows_quarantined == 1
    assert "intake.sheet_ignored" in codes(report, "notice")


def test_workbooks_that_cannot_be_read(place: Place) -> None:
    place.put("ledger.xlsx", b"this is no workbook")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("readme.txt", "nothing")
    place.put("ledger.2.xlsx", archive.getvalue())
    place.put("ledger.3.csv", archive.getvalue())
    place.put("notes.docx", b"x")
    report = place.load()
    assert sorted(codes(report)) == [
        "intake.ending", "intake.not_text", "intake.workbook_broken", "intake.workbook_broken",
    ]  # fmt: skip


def test_a_parquet_file(place: Place) -> None:
    table = pa.table(
        {
            "loan_id": ["L1", "L2"],
            "month": pa.array([date(2025, 1, 31), date(2025, 1, 31)]),
            "balance": pa.array([Decimal("1.25"), Decimal("3.00")], pa.decimal128(12, 2)),
            "rate": [0.1, None],
            "overseas": [True, False],
        }
    )
    parquet.write_table(table, place.inputs / "ledger.parquet")
    report = place.load()
    assert codes(report, "error") == []
    assert place.rows("loan_id, month, balance, rate, overseas, source_row") == [
        ("L1", "2025-01", Decimal("1.25"), 0.1, True, 1),
        ("L2", "2025-01", Decimal("3.00"), None, False, 2),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_reads_back(place: Place, language: str) -> None:
    path = write_template(place.contracts["ledger"], place.inputs / "台账_模板.xlsx", language=language)
    report = place.load()
    assert codes(report) == ["intake.no_rows"]
    grid = read_grid(path, "台账" if language == "zh" else "Ledger")
    rows = [list(row) for row in grid.rows]
    rows.append(
        [
            None,
            "L1",
            "2025-01",
            "甲",
            None,
            1.5,
            2,
            0.1,
            3,
            "2025-01-02",
            date(2026, 1, 2),
            "是",
            "large",
            "0111",
        ]
    )
    write_sheet(path, rows, sheet="Ledger")
    report = place.load()
    assert codes(report) == []
    assert place.rows("loan_id, balance, ends_on, source_row") == [
        ("L1", Decimal("1.5"), date(2026, 1, 2), 6)
    ]


def test_a_changed_example_row_is_a_record(place: Place) -> None:
    path = write_template(place.contracts["ledger"], place.inputs / "台账.xlsx")
    rows = [list(row) for row in read_grid(path, "台账").rows]
    rows[4][1] = "REAL-1"
    write_sheet(path, rows, sheet="台账")
    place.load()
    assert place.rows("loan_id") == [("REAL-1",)]


@pytest.mark.parametrize(
    ("encoding", "character"), [("utf-8", "\x07"), ("gb18030", "\x07"), ("gb18030", "\x00")]
)
def test_a_stray_control_character_is_taken_out_and_told(place: Place, encoding: str, character: str) -> None:
    place.put("ledger.csv", TEXT.replace("某某", f"某{character}某"), encoding)
    report = place.load()
    found = problem(report, "intake.controls")
    assert (found.severity, found.where.row) == ("warning", 2)
    assert (found.values["count"], found.values["kinds"]) == (1, f"0x{ord(character):02X}")
    assert place.rows("borrower")[0] == ("上海某某有限公司",)
    assert report.table("ledger").files[0].file.encoding == encoding


def test_a_file_full_of_control_characters_is_no_text(place: Place) -> None:
    place.put("ledger.csv", b"loan_id,month\n".decode().encode("utf-16-le") + b"\x00" * 40)
    assert codes(place.load()) == ["intake.controls_many"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_input_table_has_a_template_in_both_languages(tmp_path: Path, language: str) -> None:
    """Titles hold colons and slashes, which the name of a sheet may not."""
    for name, contract in all_contracts().items():
        path = write_template(contract, tmp_path / f"{name}.xlsx", language=language)
        book = zipfile.ZipFile(path).read("xl/workbook.xml").decode()
        sheet = html.unescape(book.split('<sheet name="')[1].split('"')[0])
        assert 0 < len(sheet) <= 31 and not set(sheet) & set("[]:*?/\\'")
        assert contract.label(language).startswith(sheet[:3])
