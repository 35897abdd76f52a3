"""Every packaged pack: complete card, clean data, official counts, a source for every fact."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from lvshu.catalog import pack_library as library_module
from lvshu.catalog.pack_card import JUSTIFIABLE_TEXTS
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import PackError
from lvshu.core.units import registry

LIBRARY = PackLibrary.load()
EXPECTED = {
    "areas",
    "coal_equivalent",
    "digital_economy_2021",
    "digital_economy_2021_codes",
    "energy_balance_items",
    "energy_fuels",
    "finance_attribution",
    "finance_methods",
    "finance_quality_scores",
    "finance_scope_industries",
    "fuel_factors_g",
    "fuel_factors_p",
    "gbt4754_2011_map",
    "gbt4754_2017",
    "green_bond_catalogue_2021",
    "green_finance_catalogue_2025",
    "grid_factors",
    "gwp",
    "io_sector_bridge",
    "ipcc_uncertainty",
    "platform_forms",
    "platform_rules",
    "product_factors",
    "shanghai_ets_factors",
    "shanghai_targets",
}


def test_all_packs_are_here_and_clean():
    assert set(LIBRARY) >= EXPECTED
    assert [problem.text("en") for problem in LIBRARY.check()] == []


@pytest.mark.parametrize("pack_id", LIBRARY.ids())
def test_card_is_complete(pack_id):
    card = LIBRARY.card(pack_id)
    for name in JUSTIFIABLE_TEXTS:
        assert getattr(card, name) is not None or card.absent[name], name
    if card.completeness != "complete":
        assert card.completeness_note_zh and card.completeness_note_en
    assert all(column.zh and column.en for column in card.columns)


@pytest.mark.parametrize("pack_id", LIBRARY.ids())
def test_every_row_has_a_source_or_its_card_has_one(pack_id):
    pack = LIBRARY[pack_id]
    names = {column.name for column in pack.card.columns}
    if "source" in names:
        assert all(row["source"] for row in pack.rows)
    else:
        assert pack.card.source


@pytest.mark.parametrize("pack_id", LIBRARY.ids())
def test_units_are_in_the_registry(pack_id):
    pack = LIBRARY[pack_id]
    known = registry()
    for column in pack.card.columns:
        assert column.unit is None or column.unit in known, (column.name, column.unit)
        if column.type == "unit":
            assert {value for value in pack.column(column.name) if value is not None} <= set(known)


def test_a_pack_is_read_when_asked_for_and_once(monkeypatch):
    read = []
    real = library_module.read_rows
    monkeypatch.setattr(
        library_module, "read_rows", lambda data, card, path: read.append(card.id) or real(data, card, path)
    )
    fresh = PackLibrary.load()
    assert read == []
    fresh.card("gbt4754_2017")
    assert read == []
    assert fresh["gwp"] is fresh["gwp"]
    assert read == ["gwp"]


def test_gbt4754_2017_counts_and_tree():
    rows = LIBRARY["gbt4754_2017"].rows
    assert Counter(row["level"] for row in rows) == {
        "section": 20,
        "division": 97,
        "group": 473,
        "class": 1381,
    }
    by_code = {row["code"]: row for row in rows}
    for row in rows:
        code, parent = row["code"], row["parent"]
        if row["level"] == "section":
            assert parent is None
        else:
            assert by_code[parent]["section"] == row["section"]
            assert len(code) == 2 or parent == code[:-1]
        assert row["level"] not in ("section", "division") or row["name_en"]
    assert by_code["061"]["name_zh"] == by_code["0610"]["name_zh"] == "烟煤和无烟煤开采洗选"
    assert by_code["3741"]["name_zh"] == "飞机制造" and by_code["374"]["name_zh"] == "航空、航天器及设备制造"
    assert not {"1322", "5415", "7250", "9416"} & set(by_code)
    groups_with_classes = {row["parent"] for row in rows if row["level"] == "class"}
    assert groups_with_classes == {row["code"] for row in rows if row["level"] == "group"}


@pytest.mark.real_data
def test_gbt4754_2017_agrees_with_the_public_table(shared_data):
    path = shared_data / "statistics" / "gbt4754_2017_with_notes.csv"
    with path.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    by_code = {row["code"]: row["name_zh"] for row in LIBRARY["gbt4754_2017"].rows}
    differing = [
        row["code"]
        for row in table
        if row["name"].strip().replace("(", "（").replace(")", "）") != by_code.get(row["code"])
    ]
    assert differing == ["374"]  # the table has 3741 under the code 374


def test_2011_map_covers_the_edition_and_tells_what_became_of_each_code():
    rows = LIBRARY["gbt4754_2011_map"].rows
    assert len({row["code_2011"] for row in rows}) == 1094
    current = {row["code"] for row in LIBRARY["gbt4754_2017"].rows}
    for row in rows:
        assert row["code_exists_in_2017"] == (row["code_2011"] in current)
        assert row["relation"] not in ("same", "retitled", "code_reused") or row["code_exists_in_2017"]
    became = {
        code: {row["code_2017"] for row in rows if row["code_2011"] == code}
        for code in ("3919", "6420", "7240", "3922", "3971", "5990", "6713")
    }
    assert became["3919"] == {"3914", "3915", "3919"}
    assert became["6420"] == {"6421", "6422", "6429"}
    assert became["7240"] == {"7251", "7259"}
    assert became["3922"] == {"3922"}
    # components are not the electron tubes that bear their old code now
    assert became["3971"] == {"3981", "3983", "3984", "3985", "3989"}
    assert {"5920", "5960", "5990"} <= became["5990"]
    assert became["6713"] == {"6720", "6731", "6732", "6739"}


def test_every_division_is_in_one_sector_of_each_42_sector_table():
    divisions = {row["code"] for row in LIBRARY["gbt4754_2017"].rows if row["level"] == "division"}
    for vintage in ("cn42_2007", "cn42_2017", "sample28_2023"):
        rows = LIBRARY["io_sector_bridge"].find(vintage=vintage)
        mapped = [code for row in rows for code in row["gbt4754_divisions"].split(";")]
        assert len(mapped) == len(set(mapped))
        assert set(mapped) == divisions - {"97"}
        assert len(rows) == (28 if vintage.startswith("sample") else 42)
        circulation = {row["sector_code"] for row in rows if row["sphere"] == "circulation"}
        assert circulation and len(circulation) < 6


def test_153_sectors_cover_every_class_once():
    classes = [
        row["code"]
        for row in LIBRARY["gbt4754_2017"].rows
        if row["level"] == "class" and row["code"] != "9700"
    ]
    rows = LIBRARY["io_sector_bridge"].find(vintage="cn153_2020")
    prefixes = [code for row in rows for code in row["gbt4754_codes"].split(";")]
    assert len(rows) == 153
    for code in classes:
        assert sum(code.startswith(prefix) for prefix in prefixes) == 1, code


@pytest.mark.real_data
def test_sector_names_are_those_of_the_published_tables(shared_data):
    for vintage, file, name, code in (
        ("cn42_2007", "io2007_Shanghai.csv", 1, 0),
        ("cn42_2017", "china_2017_42.csv", 2, 0),
        ("cn42_2017", "china_2020_42.csv", 2, 0),
        ("cn153_2020", "china_2020_153.csv", 2, 0),
    ):
        with (shared_data / "china_io" / file).open(encoding="utf-8") as handle:
            table = {row[code]: row[name] for row in csv.reader(handle) if row[code].isdigit()}
        for row in LIBRARY["io_sector_bridge"].find(vintage=vintage):
            known = {row["name_zh"], *(row["aliases"] or "").split("|")}
            assert table[row["sector_code"]] in known, (vintage, row["sector_code"])


@pytest.mark.real_data
def test_energy_items_and_fuels_are_those_of_the_published_balance(shared_data):
    with (shared_data / "china_energy" / "ebt2007_09_Shanghai.csv").open(encoding="utf-8") as file:
        table = list(csv.reader(file))
    items = [row for row in LIBRARY["energy_balance_items"].rows if row["in_2007_layout"]]
    assert [row["published_label"] for row in items] == [row[0] for row in table[1:]]
    assert len(items) == 33
    fuels = LIBRARY["energy_fuels"].rows
    assert [row["fuel_code"] for row in fuels] == table[0][1:]
    with (shared_data / "china_energy" / "units.csv").open(encoding="utf-8") as file:
        units = {row["fuel"]: row["unit"] for row in csv.DictReader(file)}
    assert {row["fuel_code"]: row["published_unit"] for row in fuels} == units


def test_counts_of_the_catalogues():
    digital = Counter(row["level"] for row in LIBRARY["digital_economy_2021"].rows)
    assert digital == {"major": 5, "medium": 32, "minor": 156}
    codes = LIBRARY["digital_economy_2021_codes"].rows
    assert len({row["gbt4754_code"] for row in codes}) == 121  # officially 126: five are missing
    assert {row["gbt4754_code"] for row in codes if row["partial"]} == {
        "2462",
        "3831",
        "4851",
        "6429",
        "7213",
        "7320",
    }
    bonds = Counter(row["level"] for row in LIBRARY["green_bond_catalogue_2021"].rows)
    assert bonds == {1: 6, 2: 25, 3: 47, 4: 203}
    assert len(LIBRARY["green_finance_catalogue_2025"].rows) == 9
    for name in ("digital_economy_2021", "green_bond_catalogue_2021", "green_finance_catalogue_2025"):
        assert LIBRARY[name].card.completeness == "partial"


def test_grid_factors_cover_thirty_provinces_in_both_years():
    rows = LIBRARY["grid_factors"].rows
    for year in (2021, 2022):
        found = Counter(row["purpose"] for row in rows if row["year"] == year)
        assert found == {
            "province_average": 30,
            "region_average": 7,
            "national_average": 1,
            "national_residual": 1,
            "national_fossil": 1,
        }
    latest = Counter(row["purpose"] for row in rows if row["year"] == 2023)
    assert latest == {
        "region_average": 7,
        "national_average": 1,
        "national_residual": 1,
        "national_fossil": 1,
    }


def test_regional_factors_of_2023_agree_with_the_changes_that_were_announced():
    rows = LIBRARY["grid_factors"].rows
    value = {
        (row["area_code"], row["year"]): row["factor_kilogram_per_kilowatt_hour"]
        for row in rows
        if row["purpose"] in ("region_average", "national_average")
    }
    announced = {
        "100000": "-1.1",
        "grid_north": "-6.1",
        "grid_northeast": "-8.0",
        "grid_east": "-2.1",
        "grid_central": "-2.3",
        "grid_northwest": "-5.4",
        "grid_south": "4.5",
        "grid_southwest": "9.0",
    }
    for area, percent in announced.items():
        change = (value[area, 2023] / value[area, 2022] - 1) * 100
        assert abs(change - Decimal(percent)) < Decimal("0.06")


def test_gwp_by_report():
    pack = LIBRARY["gwp"]
    values = {(row["gas"], row["report"]): row["value"] for row in pack.rows}
    assert [values["CH4", report] for report in ("SAR", "AR4", "AR5")] == [21, 25, 28]
    assert [values["N2O", report] for report in ("SAR", "AR4", "AR5", "AR6")] == [310, 298, 265, 273]
    assert values["CH4_fossil", "AR6"] == Decimal("29.8") and values["CH4_non_fossil", "AR6"] == Decimal(
        "27.0"
    )


def test_coal_equivalents_agree_with_calorific_values():
    for row in LIBRARY["coal_equivalent"].rows:
        heat = row["net_calorific_value"]
        if heat is not None and row["fuel_code"] not in ("coke_oven_gas", "electricity"):
            implied = heat / Decimal("29.3076")
            # the yearbook rounds the coefficient from kilocalories: 0.13 % apart
            assert abs(implied / row["coefficient"] - 1) < Decimal("0.002"), row["fuel_code"]


def test_areas_of_shanghai():
    rows = LIBRARY["areas"].rows
    districts = [row for row in rows if row["parent"] == "310000" and row["status"] == "current"]
    assert len(districts) == 16
    assert LIBRARY["areas"].one(area_code="310230")["successor"] == "310151"
    assert LIBRARY["areas"].one(area_code="310108")["successor"] == "310106"
    assert sum(row["level"] == "province" for row in rows) == 34


def test_finance_methods_as_data():
    methods = {row["code"]: row for row in LIBRARY["finance_methods"].rows}
    assert methods["bank_2026"]["non_project_denominator"] == "average_total_assets"
    assert methods["trial_2021"]["non_project_denominator"] == "main_business_revenue"
    assert methods["pcaf_2022"]["non_project_denominator"] == "evic_or_equity_plus_debt"
    assert methods["bank_2026"]["minimum_balance"] == 5_000_000
    assert len(LIBRARY["finance_scope_industries"].find(method="bank_2026")) == 22
    scores = LIBRARY["finance_quality_scores"].find(method="bank_2026")
    assert [row["score"] for row in scores] == [1, 2, 2, 3, 4, 5]


def test_the_catalogue_follows_the_date():
    def catalogue(day: str) -> str:
        return LIBRARY.for_purpose("green_catalogue", "green_label", date.fromisoformat(day)).card.id

    assert catalogue("2025-09-30") == "green_bond_catalogue_2021"
    assert catalogue("2025-10-01") == "green_finance_catalogue_2025"
    with pytest.raises(PackError) as caught:
        catalogue("2020-01-01")
    assert caught.value.code == "packs.none_in_force"
    with pytest.raises(PackError) as caught:
        LIBRARY.for_purpose("green_catalogue", "lending", date(2025, 1, 1))
    assert caught.value.code == "packs.unknown_purpose" and "green_label" in caught.value.text("en")


def test_a_pack_past_its_date_warns():
    pack = LIBRARY["green_bond_catalogue_2021"]
    assert pack.on(date(2025, 9, 30)) is None
    warning = pack.on(date(2025, 10, 1))
    assert (warning.code, warning.severity) == ("packs.past_its_date", "warning")
    assert "2025-09-30" in warning.text("zh") and "2025-09-30" in warning.text("en")
    assert pack.on(date(2021, 6, 30)).code == "packs.before_its_date"
    assert "packs.past_its_date" in {problem.code for problem in LIBRARY.on(date(2026, 1, 1))}


def test_unknown_pack_lists_the_known_ones():
    with pytest.raises(PackError) as caught:
        LIBRARY["nace_2"]
    assert caught.value.code == "packs.unknown_pack" and "gbt4754_2017" in caught.value.text("zh")


def test_occupations_are_a_tree_with_the_marks_announced():
    rows = {row["code"]: row for row in LIBRARY["occupations_2022"].rows}
    assert all(row["parent"] in rows for row in rows.values() if row["parent"])
    assert all(code.startswith(row["parent"]) for code, row in rows.items() if row["parent"])
    levels = [row["level"] for row in rows.values()]
    assert [levels.count(one) for one in ("major_group", "sub_major_group", "minor_group", "occupation")] == [
        8, 79, 450, 1_641,
    ]  # fmt: skip
    assert sum(row["green"] is True for row in rows.values()) == 134  # as announced on 28 September 2022
    assert sum(row["green"] is True and row["digital"] is True for row in rows.values()) == 23
    assert rows["4-02-07-10"]["parent"] == "4-02-07"
