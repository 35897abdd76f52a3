"""SDMX files: valid by the schemas of SDMX 3.0, read back by pysdmx digit by digit, in two languages."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.core.errors import ConfigError, InputError
from lvshu.publish.sdmx.structure import identifier
from lvshu.publish.sdmx.write import write_sdmx_table
from lvshu.store.book import Book

pysdmx = pytest.importorskip("pysdmx", reason="the extra sdmx is not installed")


def test_every_public_table_is_valid_and_reads_back_exactly(book: Book, tmp_path: Path) -> None:
    from pysdmx.io import read_sdmx

    from lvshu.publish.reader import Reader
    from lvshu.publish.workbook import publishable

    seen = 0
    for table in publishable(Reader(book))[::3]:
        try:
            structure, plain, data = write_sdmx_table(book, table, tmp_path)
        except InputError as error:
            assert error.code == "sdmx.no_structure"
            continue
        seen += 1
        read_sdmx(structure, validate=True)
        (dataset,) = read_sdmx(data, validate=True).data
        (again,) = read_sdmx(plain, validate=True).data
        assert len(dataset.data) == len(again.data) == book.count(table)
        rows = book.read(table).to_pylist()
        with plain.open(encoding="utf-8", newline="") as stream:
            written = list(csv.DictReader(stream))
        for name in rows[0] if rows else ():
            for row, line in zip(rows, written, strict=True):
                if isinstance(row[name], Decimal):
                    assert Decimal(line[identifier(name)]) == row[name]
                elif row[name] is None and identifier(name) in line:
                    assert line[identifier(name)] == ""
    assert seen > 5


def test_the_data_hold_what_the_structure_defines_and_nothing_else(book: Book, tmp_path: Path) -> None:
    """Neither the schemas nor pysdmx compare the data with their structure: an attribute under another name, and a
    year in place of a boolean, went through both."""
    from lxml import etree

    texts = "{http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure}"
    structure, plain, data = write_sdmx_table(book, "platform_transaction", tmp_path)
    root = etree.parse(structure).getroot()
    kinds = {
        part.get("id"): part.find(f".//{texts}TextFormat")
        for kind in ("Dimension", "TimeDimension", "Measure", "Attribute")
        for part in root.iter(texts + kind)
        if part.get("id")
    }
    booleans = {
        name for name, kind in kinds.items() if kind is not None and kind.get("textType") == "Boolean"
    }
    assert booleans >= {"BOOK_FICTIVE"}
    (whole,) = (one for one in etree.parse(data).getroot().iter() if etree.QName(one).localname == "DataSet")
    shared = {name for name in whole.attrib if not name.startswith("{")} - {"action"}
    assert shared == {"BOOK_SOURCE", "BOOK_RUN", "BOOK_FICTIVE"} <= set(kinds)
    assert whole.get("BOOK_FICTIVE") == "true"
    for one in whole.iter("Obs"):
        assert set(one.attrib) <= set(kinds) - shared
        assert all(one.get(name) in (None, "true", "false") for name in booleans)
    with plain.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert set(lines[0]) - {"STRUCTURE", "STRUCTURE_ID", "ACTION"} == set(kinds)
    assert {line["BOOK_FICTIVE"] for line in lines} == {"true"}


def test_names_stand_in_chinese_and_english(book: Book, tmp_path: Path) -> None:
    structure, *_ = write_sdmx_table(book, "platform_transaction", tmp_path, agency="CN.SH.STATS")
    text = structure.read_text(encoding="utf-8")
    assert '<com:Name xml:lang="zh">平台交易额</com:Name>' in text
    assert '<com:Name xml:lang="en">Platform transactions</com:Name>' in text
    assert 'agencyID="CN.SH.STATS"' in text


def test_hostile_texts_stay_texts(book: Book, tmp_path: Path) -> None:
    """Quotes, ampersands and control characters in a label neither break the message nor change their neighbours."""
    from lxml import etree

    from lvshu.publish.sdmx import messages
    from lvshu.publish.sdmx.structure import Part, TableStructure
    from lvshu.publish.texts import Text

    parts = (Part("KIND", "kind", "dimension", "text", Text("种类", "Kind"), is_required=True),
             Part("TIME_PERIOD", "", "dimension", "time", Text("时期", "Time"), is_required=True),
             Part("AMOUNT", "amount", "measure", "decimal", Text("额", "Amount")))  # fmt: skip
    structure = TableStructure("T", Text("表", "Owners' table"), Text("", ""), parts)
    hostile = "a\"b'c & <d> \\n \x07"
    columns = {"KIND": [hostile], "TIME_PERIOD": ["2025"], "AMOUNT": ["0.10"]}
    root = etree.fromstring(messages.xml_message(structure, "LVSHU", columns, {"SOURCE": hostile}).encode())
    (observation,) = root.iter("Obs")
    assert observation.get("KIND") == hostile.replace("\x07", "\ufffd")
    assert observation.get("AMOUNT") == "0.10"
    assert "Owners’ table" in messages.structure_message(structure, "LVSHU")


def test_what_cannot_be_written_is_told(book: Book, tmp_path: Path) -> None:
    with pytest.raises(InputError) as none:
        write_sdmx_table(book, "run", tmp_path)
    assert none.value.code == "sdmx.no_structure"
    with pytest.raises(ConfigError) as agency:
        write_sdmx_table(book, "platform_transaction", tmp_path, agency="a b")
    assert agency.value.code == "sdmx.bad_agency"
