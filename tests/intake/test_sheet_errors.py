"""Error values and formulas never computed, in every format of workbook that is read: never taken for empty cells."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from lvshu.contract import load
from lvshu.intake.sheet_errors import UNCALCULATED, error_cells, is_error
from lvshu.intake.workbook import read_grid
from tests.intake.conftest import Place

SHEET = "数据"
EXPECTED = (("id", "x", "y"), ("A", 1, "#DIV/0!"), ("B", "#N/A", None))


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def _label(row: int, column: int, text: str) -> bytes:
    data = text.encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + data)


def _biff(filler: int) -> bytes:
    """Return a BIFF8 book of two sheets; filler: records of no meaning that make it longer."""
    begin, end = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0x07CC, 0, 6), _record(0x000A, b"")
    inner = struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0x07CC, 0, 6)
    error = struct.pack("<HHH", 1, 2, 0) + b"\x02\x00\x07\x00\x00\x00\xff\xff" + b"\x00" * 8
    other = _record(0x0809, inner) + _label(0, 0, "id") + end
    chart = _record(0x0809, inner) + _record(0x0205, struct.pack("<HHHBB", 2, 2, 0, 0x2A, 1)) + end
    cells = [
        _label(0, 0, "id"), _label(0, 1, "x"), _label(0, 2, "y"), _label(1, 0, "A"),
        _record(0x0203, struct.pack("<HHHd", 1, 1, 0, 1.0)), _record(0x0006, error), _label(2, 0, "B"),
        _record(0x0205, struct.pack("<HHHBB", 2, 1, 0, 0x2A, 1)),
    ]  # fmt: skip
    size = _record(0x0200, struct.pack("<IIHHH", 0, 3, 0, 3, 0))
    own = _record(0x0809, inner) + size + b"".join(cells) + chart + end

    def sheet(at: int, name: str) -> bytes:
        return _record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name), 1) + name.encode("utf-16-le"))

    def globals_of(first: int, second: int) -> bytes:
        filled = _record(0x00E1, b"\x00" * 2) * filler
        return _record(0x0809, begin) + filled + sheet(first, "other") + sheet(second, SHEET) + end

    first = len(globals_of(0, 0))
    return globals_of(first, first + len(other)) + other + own


def _compound(stream: bytes) -> bytes:
    """Return a compound file with one stream, among its small streams where it is short."""
    small = len(stream) < 4096
    padded = stream + b"\x00" * (-len(stream) % 512)
    count = len(padded) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *([0xFFFFFFFE] if small else [])]
    at = len(table)
    table += [*range(at + 1, at + count), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))
    assert len(table) == 128

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\x00\x00" if name else b""
        return (text.ljust(64, b"\x00") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
                + b"\x00" * 36 + struct.pack("<IQ", start, size))  # fmt: skip

    root = (at, len(padded)) if small else (0xFFFFFFFE, 0)
    directory = entry("Root Entry", 5, 1, *root) + entry(
        "Workbook", 2, 0xFFFFFFFF, 0 if small else at, len(stream)
    )
    directory += entry("", 0, 0xFFFFFFFF, 0, 0) * 2
    minis = b""
    if small:
        used = -(-len(stream) // 64)
        short = [*range(1, used), 0xFFFFFFFE] + [0xFFFFFFFF] * (128 - used)
        minis = struct.pack("<128I", *short)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\x00" * 10 + struct.pack(
        "<IIIIIIIII", 1, 1, 0, 4096, 2 if small else 0xFFFFFFFE, small, 0xFFFFFFFE, 0, 0
    )
    header += b"\xff\xff\xff\xff" * 108
    return header + struct.pack("<128I", *table) + directory + minis + padded


def _xls(path: Path, filler: int = 0) -> Path:
    path.write_bytes(_compound(_biff(filler)))
    return path


def _xlsb(path: Path) -> Path:
    def record(number: int, data: bytes = b"") -> bytes:
        shown = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
        return shown + bytes([len(data)]) + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cell(column: int, number: int, data: bytes) -> bytes:
        return record(number, struct.pack("<II", column, 0) + data)

    def row(number: int) -> bytes:
        return record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))

    sheet = record(129) + record(148, struct.pack("<IIII", 0, 2, 0, 2)) + record(145)
    sheet += row(0) + b"".join(cell(at, 6, wide(text)) for at, text in enumerate(("id", "x", "y")))
    sheet += row(1) + cell(0, 6, wide("A")) + cell(1, 5, struct.pack("<d", 1.0))
    sheet += cell(2, 11, b"\x07" + struct.pack("<HII", 0, 0, 0))
    sheet += row(2) + cell(0, 6, wide("B")) + cell(1, 3, b"\x2a") + record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide(SHEET))
    book += record(144) + record(132)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        parts.writestr("_rels/.rels", f'<Relationships xmlns="{space}"><Relationship Id="r" '
                       f'Type="{kind}/officeDocument" Target="xl/workbook.bin"/></Relationships>')  # fmt: skip
        parts.writestr("xl/workbook.bin", book)
        parts.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{space}"><Relationship Id="rId1" '
                       f'Type="{kind}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>')  # fmt: skip
        parts.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def _ods(path: Path) -> Path:
    def text(value: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    def error(value: str, formula: str) -> str:
        told = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
        return f'<table:table-cell table:formula="of:={formula}" {told}><text:p>{value}</text:p></table:table-cell>'

    def table(name: str, *rows: str) -> str:
        listed = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        return f'<table:table table:name="{name}">{listed}</table:table>'

    one = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    tables = table("other", text("id") + error("#REF!", "Z1")) + table(
        SHEET, text("id") + text("x") + text("y"), text("A") + one + error("#DIV/0!", "1/0"),
        text("B") + error("#N/A", "NA()") + "<table:table-cell/>",
    )  # fmt: skip
    base = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{base}:{name}:1.0"' for name in ("office", "table", "text"))
    own = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr(
            "content.xml", f"<office:document-content {spaces} {own}>{body}</office:document-content>"
        )
        parts.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{base}:manifest:1.0"/>')
    return path


def _xlsx(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("other").write_formula(0, 0, "=1/0", None, "#DIV/0!")
        page = book.add_worksheet(SHEET)
        page.write_row(0, 0, ["id", "x", "y"])
        page.write_row(1, 0, ["A", 1])
        page.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        page.write(2, 0, "B")
        page.write_formula(2, 1, "=NA()", None, "#N/A")
    return path


FORMATS: dict[str, Callable[[Path], Path]] = {
    "a.xlsx": _xlsx, "short.xls": _xls, "long.xls": lambda path: _xls(path, 1_000), "a.xlsb": _xlsb, "a.ods": _ods,
}  # fmt: skip


@pytest.mark.parametrize("name", list(FORMATS))
def test_error_values_stand_where_they_are(name: str, tmp_path: Path) -> None:
    assert read_grid(FORMATS[name](tmp_path / name), SHEET).rows == EXPECTED


@pytest.mark.parametrize("cut", [0, 600, 1_100, 2_000])
def test_a_cut_file_raises_nothing_but_what_the_reader_says(cut: int, tmp_path: Path) -> None:
    path = _xls(tmp_path / "a.xls")
    path.write_bytes(path.read_bytes()[:cut])
    assert isinstance(error_cells(path, SHEET), dict)


def _uncalculated(path: Path, value: str) -> Path:
    """Write a workbook as programs do that compute nothing: formulas, and no values."""
    _xlsx(path)
    with zipfile.ZipFile(path) as parts:
        files = {name: parts.read(name) for name in parts.namelist()}
    sheet = "xl/worksheets/sheet2.xml"
    cells = f'<c r="D2"><f>B2*2</f>{value}</c></row>'.encode()
    files[sheet] = files[sheet].replace(b"</row>", b"<MARK></row>", 2).replace(b"<MARK></row>", b"</row>", 1)
    files[sheet] = files[sheet].replace(b"<MARK></row>", cells, 1)
    with zipfile.ZipFile(path, "w") as parts:
        for name, content in files.items():
            parts.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", UNCALCULATED),
        ("<v></v>", UNCALCULATED),
        ("<v/>", UNCALCULATED),
        ("<v />", UNCALCULATED),
        ("<v>2</v>", 2),
    ],
)
def test_a_formula_without_a_value_is_not_empty(value: str, read: object, tmp_path: Path) -> None:
    assert read_grid(_uncalculated(tmp_path / "a.xlsx", value), SHEET).cell(1, 3) == read


def test_a_formula_that_gives_an_empty_text_is_empty(tmp_path: Path) -> None:
    path = _uncalculated(tmp_path / "a.xlsx", "<v></v>")
    with zipfile.ZipFile(path) as parts:
        files = {name: parts.read(name) for name in parts.namelist()}
    with zipfile.ZipFile(path, "w") as parts:
        for name, content in files.items():
            parts.writestr(name, content.replace(b'<c r="D2">', b'<c r="D2" t="str">'))
    assert read_grid(path, SHEET).cell(1, 3) is None


@pytest.mark.parametrize(
    ("text", "error"), [("#n/a", True), (" Err:502 ", True), ("#1 楼", False), ("N/A", False)]
)
def test_which_texts_are_errors(text: str, error: bool) -> None:
    assert is_error(text) is error


@pytest.mark.parametrize(
    ("column", "text"), [("balance", "#DIV/0!"), ("balance", UNCALCULATED), ("borrower", "#N/A")]
)
def test_intake_tells_an_error_value_as_such_in_every_column(place: Place, column: str, text: str) -> None:
    row = {"loan_id": "L1", "month": "2025-01", "balance": "1", "borrower": "x"} | {column: text}
    place.put("ledger.csv", f"{','.join(row)}\n{','.join(row.values())}\nL2,2025-01,1,x\n")
    place.load()
    assert place.rows("loan_id") == [("L2",)]
    assert place.refused() == [("ledger.csv", 2, column, text, "intake.cell_error")]


def test_codes_that_a_spreadsheet_stored_as_numbers_are_refused_and_amounts_of_their_size_are_not(
    place: Place,
) -> None:
    """A code of 18 digits in a number cell has 15 of them left; made up ones pass the check by chance, 1 in 31."""
    book = xlsxwriter.Workbook(place.inputs / "ledger.xlsx")
    sheet = book.add_worksheet()
    for at, name in enumerate(("loan_id", "month", "uscc", "balance")):
        sheet.write_string(0, at, name)
    for row, (loan, code, balance) in enumerate((
        ("L1", 914205003000628992.0, 1.5), (914205003000629140.0, "", 1.5), ("L3", "9.14205E+17", 1.5),
        ("L4", "", 1234567890123456.0), ("1E5", "", 2.0),
    ), start=1):  # fmt: skip
        for at, value in enumerate((loan, "2025-01", code, balance)):
            sheet.write(row, at, value)
    book.close()
    place.load()
    assert sorted(place.rows("loan_id, balance")) == [
        ("1E5", Decimal("2.00")),
        ("L4", Decimal("1234567890123460.00")),
    ]
    lost = [(row[1], row[2], row[4]) for row in place.refused()]
    assert lost == [
        (2, "uscc", "intake.digits_lost"), (3, "loan_id", "intake.digits_lost"), (4, "uscc", "intake.digits_lost")
    ]  # fmt: skip


def test_a_code_without_its_last_digits_is_absent_where_wrong_codes_are_kept(place: Place) -> None:
    """Extracts on enterprises are linked by the rest; the digits made up are no code, though they pass the check."""
    place = replace(place, contracts={"enterprise_extract": load("enterprise_extract")})
    book = xlsxwriter.Workbook(place.inputs / "enterprise_extract.xlsx")
    sheet = book.add_worksheet()
    heads = ("source", "record_id", "delivered_on", "uscc", "name")
    for row, (record, code) in enumerate((
        ("record_id", "uscc"), ("T1", 914205003000628992.0), ("T2", "9.14205e+17"), ("T3", "91310000MA1FL00030"),
        ("T4", ""), ("9.1E+17", "91310000MA1FL00031"),
    )):  # fmt: skip
        cells = heads if not row else ("tax", record, "2024-01-15", code, f"示例{row}公司")
        for at, value in enumerate(cells):
            sheet.write(row, at, value)
    book.close()
    place.load()
    assert place.rows("record_id, uscc", "enterprise_extract") == [
        ("T1", None),
        ("T2", None),
        ("T3", "91310000MA1FL00030"),
        ("T4", None),
    ]
    [told] = place.engine.read("finding", where="code LIKE 'intake.digits_lost%'").to_pylist()
    assert (told["severity"], told["amount"]) == ("warning", 2)
    assert "enterprise_extract.xlsx" in told["record_key"] and "行 2, 3）" in told["what_zh"]
    assert [(row[1], row[2], row[4]) for row in place.refused()] == [(6, "record_id", "intake.digits_lost")]


def test_a_row_of_totals_cut_short_is_one_of_totals(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance,borrower\nL1,2025-01,1,x\nL2,2025-01\n合计,885\n")
    place.load()
    assert place.rows("loan_id") == [("L1",)]
    assert sorted(row[4] for row in place.refused()) == ["intake.ragged_row", "intake.total_row"]
