"""A user's packs: they replace the packaged ones, and a broken one shows all its faults at once, in zh and en."""

from __future__ import annotations

import hashlib
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.catalog.factors import electricity_factor
from lvshu.catalog.pack_library import PACKAGED, PackLibrary
from lvshu.core.errors import PackError
from lvshu.core.text import messages

CARD = """
id = "mine"
kind = "test"
zh = "自备表"
en = "A table of mine"
issuer = "某局"
document_number = "第1号"
clause = "附表"
published = "2024-01-01"
effective_from = "2024-01-01"
effective_to = "2024-12-31"
licence = "own"
source = "own"
completeness = "complete"
key = ["code"]
[[column]]
name = "code"
type = "code"
zh = "代码"
en = "Code"
required = true
pattern = '\\d{3}'
[[column]]
name = "parent"
type = "code"
zh = "上级"
en = "Parent"
references = "code"
[[column]]
name = "value"
type = "decimal"
zh = "数值"
en = "Value"
minimum = "0"
[[column]]
name = "kind"
type = "text"
zh = "类别"
en = "Kind"
allowed = ["a", "b"]
[[column]]
name = "day"
type = "date"
zh = "日期"
en = "Day"
[[column]]
name = "star"
type = "boolean"
zh = "星号"
en = "Star"
[[column]]
name = "industries"
type = "code"
zh = "行业"
en = "Industries"
separator = ";"
references = "gbt4754_2017.code"
"""
HEADER = "code,parent,value,kind,day,star,industries\n"
GOOD = HEADER + "001,,1.50,a,2024-02-29,Y,0111;0112\n002,001,2,b,,否,\n"


def put(folder: Path, data: str = GOOD, card: str = CARD) -> Path:
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "pack.toml").write_text(card, encoding="utf-8")
    (folder / "mine" / "data.csv").write_text(data, encoding="utf-8")
    return folder


def codes_of(folder: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        PackLibrary.load(folder)["mine"]
    for problem in caught.value.problems:
        for language in ("zh", "en"):
            for part in (problem.what(language), problem.why(language), problem.fix(language)):
                assert part and not re.search(r"\{[a-z_]+\}", part.replace("\\d{3}", "")), (
                    problem.code,
                    language,
                    part,
                )
    return sorted(problem.code for problem in caught.value.problems)


def test_good_pack_is_typed_and_hashed(tmp_path):
    pack = PackLibrary.load(put(tmp_path))["mine"]
    first, second = pack.rows
    assert first["value"] == Decimal("1.50") and first["star"] is True and second["star"] is False
    assert str(first["day"]) == "2024-02-29" and second["day"] is None and second["parent"] == "001"
    assert pack.origin == "user"
    assert pack.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert PackLibrary.load(tmp_path).check() == []


def test_bytes_with_mark_and_chinese_headers_are_read(tmp_path):
    data = "\ufeff代码,上级,数值,类别,日期,星号,行业\n001,,1,a,,,\n"
    assert PackLibrary.load(put(tmp_path, data))["mine"].rows[0]["value"] == 1


def test_folder_of_the_same_id_replaces_the_packaged_pack(tmp_path):
    shutil.copytree(PACKAGED / "grid_factors", tmp_path / "grid_factors")
    data = tmp_path / "grid_factors" / "data.csv"
    text = data.read_text(encoding="utf-8").replace("0.5849", "0.6000")
    data.write_text(text, encoding="utf-8")
    library = PackLibrary.load(tmp_path)
    assert library["grid_factors"].origin == "user"
    found = electricity_factor(library, purpose="province_average", area="310000", year=2022)
    assert found.value == Decimal("0.6000")
    assert PackLibrary.load()["grid_factors"].origin == "package"


def test_pair_of_files_replaces_too(tmp_path):
    shutil.copy(PACKAGED / "gwp" / "pack.toml", tmp_path / "gwp.toml")
    shutil.copy(PACKAGED / "gwp" / "data.csv", tmp_path / "gwp.csv")
    assert PackLibrary.load(tmp_path)["gwp"].origin == "user"


def test_data_without_card_is_refused(tmp_path):
    shutil.copy(PACKAGED / "gwp" / "data.csv", tmp_path / "gwp.csv")
    with pytest.raises(PackError) as caught:
        PackLibrary.load(tmp_path)["gwp"]
    assert caught.value.code == "packs.file_absent"


def test_stray_file_is_named(tmp_path):
    (tmp_path / "factors.xlsx").write_bytes(b"PK")
    problems = PackLibrary.load(tmp_path).check()
    assert [(problem.code, problem.severity) for problem in problems] == [("packs.stray_file", "warning")]


def test_absent_folder_is_no_fault(tmp_path):
    assert PackLibrary.load(tmp_path / "packs").ids() == PackLibrary.load().ids()


def test_all_faults_of_the_rows_at_once(tmp_path):
    data = (
        "code,parent,value,kind,day,extra,industries\n"  # star is missing, extra is unknown
        "001,,1,a,2024-01-01,x,0111\n"
        "001,,2,a,,x,\n"  # duplicate key
        "1,,3,a,,x,\n"  # a leading zero was dropped
        "003,999,4,a,,x,\n"  # no such parent
        "004,,1,234.5,a,,x,\n"  # thousands separator: too many cells
        "005,,zwölf,c,2023-02-30,x,\n"  # bad number, not allowed, bad date
        "006,,-1,a,,x,\n"  # below the minimum
        ",,1,a,,x,\n"  # no code
    )
    found = codes_of(put(tmp_path, data))
    assert set(found) == {
        "packs.column_missing",
        "packs.column_unknown",
        "packs.duplicate_key",
        "packs.reference_unknown",
        "packs.row_length",
        "packs.value_missing",
        "packs.value_not_allowed",
        "packs.value_out_of_range",
        "packs.value_pattern",
        "packs.value_type",
    }
    assert found.count("packs.value_type") == 3  # zwölf, 30 February, and a text shifted into the date


def test_places_are_named(tmp_path):
    with pytest.raises(PackError) as caught:
        PackLibrary.load(put(tmp_path, HEADER + "001,,x,a,,,\n"))["mine"]
    where = caught.value.problems[0].where
    assert (where.row, where.column) == (2, "value") and where.file.endswith("data.csv")


def test_all_faults_of_the_card_at_once(tmp_path):
    card = (
        CARD.replace('issuer = "某局"', "")
        .replace('source = "own"', 'source = ""')
        .replace('published = "2024-01-01"', 'published = "2024年1月"')
        .replace('effective_to = "2024-12-31"', 'effective_to = "2023-12-31"')
        .replace('completeness = "complete"', 'completeness = "mostly"')
        .replace('id = "mine"', 'id = "yours"')
        .replace('key = ["code"]', 'key = ["number"]')
        .replace('type = "date"', 'type = "datum"')
        .replace("pattern = '\\d{3}'", "pattern = '['")
    )
    assert codes_of(put(tmp_path, card=card)) == [
        "packs.card_column_pattern",
        "packs.card_column_type",
        "packs.card_completeness",
        "packs.card_date",
        "packs.card_field_missing",
        "packs.card_field_missing",
        "packs.card_id",
        "packs.card_key",
        "packs.dates_reversed",
    ]


def test_an_absent_field_with_a_reason_is_accepted(tmp_path):
    card = CARD.replace('document_number = "第1号"', "").replace(
        'key = ["code"]', 'key = ["code"]\n[absent]\ndocument_number = "内部表，没有文号"'
    )
    pack = PackLibrary.load(put(tmp_path, card=card))["mine"]
    assert pack.card.document_number is None and "没有文号" in pack.card.absent["document_number"]


def test_partial_needs_its_note(tmp_path):
    card = CARD.replace('completeness = "complete"', 'completeness = "partial"')
    assert codes_of(put(tmp_path, card=card)) == ["packs.card_field_missing", "packs.card_field_missing"]


@pytest.mark.parametrize(
    ("data", "code"),
    [("", "packs.empty_file"), (HEADER, "packs.empty_file")],
)
def test_empty_data(tmp_path, data, code):
    assert code in codes_of(put(tmp_path, data))


def test_gb18030_data_is_told_to_be_saved_as_utf8(tmp_path):
    put(tmp_path)
    (tmp_path / "mine" / "data.csv").write_bytes((GOOD + "003,,1,类,,,\n").encode("gb18030"))
    assert codes_of(tmp_path) == ["packs.not_utf8"]


def test_broken_toml(tmp_path):
    assert codes_of(put(tmp_path, card="id = ")) == ["packs.card_not_toml"]


def test_card_without_columns(tmp_path):
    assert codes_of(put(tmp_path, card=CARD.split("[[column]]")[0])) == ["packs.card_no_columns"]


def test_reference_to_another_pack_is_checked(tmp_path):
    folder = put(tmp_path, HEADER + "001,,1,a,,,0111;4444\n")
    problems = PackLibrary.load(folder).check()
    assert [problem.code for problem in problems] == ["packs.reference_unknown"]
    assert "4444" in problems[0].text("zh")


def test_messages_of_the_room_are_whole():
    ours = {code: entry for code, entry in messages().items() if code.startswith("packs.")}
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGED.parent.glob("*.py"))
    assert set(re.findall(r'"(packs\.[a-z_0-9]+)"', sources)) == set(ours)
    for code, entry in ours.items():
        for language in ("zh", "en"):
            assert all(entry[language][part] for part in ("what", "why", "fix")), code
