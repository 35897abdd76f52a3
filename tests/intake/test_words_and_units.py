"""Words that people write for allowed values, pack names and units; what is not known is told with what comes near."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts, load
from lvshu.core.units import convert, find_unit, parse_header_unit
from lvshu.intake.cells import allowed_words
from lvshu.intake.litter import is_litter
from lvshu.intake.pack_words import words_of
from tests.intake.conftest import Place, codes, problem

WORDS = {
    ("loan", "borrower_type"): {"自然人": "individual", "企业法人": "enterprise"},
    ("loan", "business_type"): {"非项目": "non_project", "项目": "project"},
    ("loan", "asset_class"): {
        "商业贷款": "business_loan",
        "企业贷款": "business_loan",
        "机动车": "motor_vehicle",
    },
    ("loan", "product_type"): {"贴现": "bill_discount", "流贷": "working_capital_loan"},
    ("label_decision", "decision"): {"同意": "approved", "驳回": "rejected"},
    ("entity_emission", "source"): {"经核查": "verified", "已核查": "verified", "CEMS": "cems"},
}


@pytest.mark.parametrize(("table", "column"), sorted(WORDS))
def test_allowed_values_have_the_words_that_banks_use(table: str, column: str) -> None:
    known = allowed_words(load(table).column(column))
    for word, value in WORDS[table, column].items():
        assert known[word.casefold()] == value


def test_a_name_is_known_without_its_note_and_never_means_two_rows() -> None:
    rows = [
        {"code": "a", "name_zh": "水泥熟料（产量）", "name_en": "Clinker (output)"},
        {"code": "b", "name_zh": "电解铝（预焙槽）", "name_en": "Aluminium, prebake"},
        {"code": "c", "name_zh": "电解铝（自焙槽）", "name_en": "Aluminium, Søderberg"},
    ]
    found = words_of(rows, "code")
    assert found["水泥熟料"] == found["clinker"] == found["a"] == "a"
    assert "电解铝" not in found and found["电解铝(预焙槽)"] == "b"


def test_units_of_intensity_are_exact() -> None:
    assert convert(Decimal(550), "kgce/t", "tce/t") == Decimal("0.55")
    assert convert(Decimal(1), "tce/t", "kgce/t") == 1000
    assert convert(Decimal(800), "kgCO2/t", "tCO2/t") == Decimal("0.8")
    assert convert(Decimal(1), "GJ/t", "MJ/t") == 1000
    for word, symbol in (
        ("千克标准煤/吨", "kgce/t"),
        ("度/吨", "kWh/t"),
        ("kgce/t", "kgce/t"),
        ("吨标煤/吨", "tce/t"),
    ):
        assert find_unit(word).symbol == symbol  # type: ignore[union-attr]


@pytest.fixture
def bank(place: Place) -> Place:
    """Return the place with some real tables and the packaged packs."""
    place.contracts = {
        name: load(name) for name in ("transition_record", "process_return", "entity_emission")
    }
    place.packs = PackLibrary.load()
    return place


def test_a_transition_record_is_read_in_its_usual_units(bank: Place) -> None:
    bank.put(
        "transition_record.csv",
        "uscc,indicator,year,indicator_value,unit\n91310000MA1FL00030,comparable_energy,2025,545,kgce/t\n",
    )
    assert "intake.unknown_unit" not in codes(bank.load())
    assert bank.rows("unit", "transition_record") == [("kgce/t",)]


def test_a_name_of_a_process_is_read_and_an_unknown_one_is_told_at_once(bank: Place) -> None:
    head = "uscc,year,process_code,quantity [t]\n91310000MA1FL00030,2025,"
    bank.put("process_return.csv", f"{head}水泥熟料,400000\n")
    assert codes(bank.load()) == []
    assert bank.rows("process_code", "process_return") == [("clinker",)]
    bank.put("process_return.csv", f"{head}熟料,5\n")
    told = problem(bank.load(), "intake.unknown_word")
    assert "水泥熟料" in told.what("zh") and "clinker" in told.what("zh") and told.severity == "warning"
    bank.put("process_return.csv", f"{head}old_clinker,5\n")
    told = problem(bank.load(), "intake.unknown_word")
    assert "clinker" in told.what("en") and "clinker clinker" not in told.what("en")


def test_a_credit_code_in_small_or_wide_letters_is_the_same_code(bank: Place) -> None:
    wide = "".join(chr(ord(mark) + 0xFEE0) for mark in "91310000MA1FL00030".lower())
    bank.put("process_return.csv", f"uscc,year,process_code,quantity [t]\n{wide},2025,clinker,1\n")
    bank.load()
    assert bank.rows("uscc", "process_return") == [("91310000MA1FL00030",)]


def test_tonnes_in_a_cell_are_not_told_to_be_money(bank: Place) -> None:
    bank.put(
        "process_return.csv", "uscc,year,process_code,quantity [t]\n91310000MA1FL00030,2025,clinker,462万吨\n"
    )
    bank.load()
    remedy = bank.engine.execute("SELECT remedy_zh FROM quarantine")[0][0]
    assert "万吨" in remedy and "万元" not in remedy


def test_tonnes_of_emission_are_of_carbon_dioxide_in_a_heading_and_above_it(bank: Place) -> None:
    code = "91310000MA1FL00030"
    bank.put(
        "entity_emission.a.csv", f"uscc,year,source,范围一（万吨）,范围二（吨）\n{code},2025,verified,6,7\n"
    )
    bank.put("entity_emission.b.csv", f"单位：万吨,,,\nuscc,year,source,范围一\n{code},2024,verified,5\n")
    bank.load()
    found = bank.engine.execute("SELECT year, scope1, scope2 FROM entity_emission ORDER BY year")
    assert found == [(2024, Decimal(50_000), None), (2025, Decimal(60_000), Decimal(7))]


def test_a_missing_column_suggests_no_heading_that_is_not_like_it(bank: Place) -> None:
    bank.put("process_return.csv", "uscc,法人,process_code,quantity [t]\n91310000MA1FL00030,某厂,clinker,1\n")
    told = problem(bank.load(), "intake.required_column_absent")
    assert "是否就是" not in told.what("zh") and "“法人”" not in told.fix("zh")


def test_what_programs_leave_behind_is_no_input() -> None:
    for name in ("~$贷款.xlsx", "Thumbs.db", "desktop.ini", ".DS_Store", "a.tmp"):
        assert is_litter(Path(name))
    assert not is_litter(Path("贷款台账.xlsx"))


def test_a_unit_of_a_monthly_indicator_is_read_by_its_name_and_an_unknown_one_is_told_with_its_row(
    place: Place,
) -> None:
    place.contracts = {"monthly_indicator": load("monthly_indicator")}
    head = "indicator_code,month,value,unit\nplatform_transactions,2023-01,12.5,"
    place.put("monthly_indicator.csv", f"{head}亿元\nflexible_employment,2023-01,3,万人次元\n")
    report = place.load()
    assert place.rows("value, unit", "monthly_indicator") == [(Decimal("12.5"), "1e8 CNY")]
    assert [row[:3] for row in place.refused()] == [("monthly_indicator.csv", 3, "unit")]
    assert "万人次元" in problem(report, "intake.unknown_unit").what("zh")


def test_every_unit_that_rows_of_an_input_state_is_checked() -> None:
    """A unit that nobody knows must stop at its row; in the book it would stop what reads it."""
    loose = [
        f"{contract.name}.{stated.name}"
        for contract in all_contracts().values()
        if contract.kind == "input"
        for column in contract.columns
        if column.unit.startswith("column:")
        for stated in (contract.column(column.unit.removeprefix("column:")),)
        if stated.check != "unit" and not stated.allowed
    ]
    assert loose == []


def test_forms_filed_in_thousands_of_yuan_are_read(place: Place) -> None:
    """The forms of enterprises (一套表) state money in 千元."""
    place.contracts = {"monthly_indicator": load("monthly_indicator")}
    place.put("monthly_indicator.csv", "indicator_code,month,value,unit\nx,2023-01,12.5,千元\n")
    assert codes(place.load()) == [] and place.rows("unit", "monthly_indicator") == [("1e3 CNY",)]
    assert parse_header_unit("金额(千元)") == ("金额", "1e3 CNY")
    assert convert(Decimal(7), "1e3 CNY", "1e4 CNY") == Decimal("0.7")
