"""The packs of labels: official counts where they are whole, honest marks where they are not."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from lvshu.catalog.pack_library import PackLibrary
from lvshu.finance.energy_factors import applied_factor
from lvshu.finance.labels import GREEN, items_of

LIBRARY = PackLibrary.load(None)


def test_counts_of_the_older_catalogues() -> None:
    assert Counter(row["level"] for row in LIBRARY["green_bond_catalogue_2015"].rows) == {1: 6, 2: 31}
    assert Counter(row["level"] for row in LIBRARY["green_industry_catalogue_2019"].rows) == {1: 6, 2: 30}


def test_major_classes_of_technology_and_elderly_care() -> None:
    technology = [str(row["code"]) for row in LIBRARY["high_technology_industries"].find(level=2)]
    assert Counter(code[:3] for code in technology) == {"HTP": 6, "HTS": 9}
    elderly = LIBRARY["elderly_care_industries_2020"].rows
    assert [row["code"] for row in elderly] == [f"EC{number:02d}" for number in range(1, 13)]
    assert all(row["gbt4754_code"] is None for row in elderly), (
        "no class counts as whole: the table was not obtained"
    )


def test_no_class_is_both_whole_and_starred() -> None:
    for row in LIBRARY["high_technology_industries"].rows:
        whole, starred = (
            set(str(row[name] or "").split(";")) - {""} for name in ("gbt4754_code", "starred_code")
        )
        assert not whole & starred


def test_only_the_catalogue_of_2021_can_be_searched_by_words() -> None:
    searchable = {item.catalogue for item in items_of(LIBRARY) if item.theme == "green" and item.searchable}
    assert searchable == {"green_bond_catalogue_2021"}


def test_every_term_and_condition_names_an_item_that_exists() -> None:
    known = {(item.catalogue, item.code) for item in items_of(LIBRARY)}
    for row in LIBRARY["label_terms"].rows:
        assert (row["catalogue"], row["code"]) in known, row["term"]
    for row in LIBRARY["label_conditions"].rows:
        assert row["code"] == "*" or (row["catalogue"], row["code"]) in known, row["condition"]


def test_what_is_not_whole_says_so() -> None:
    for pack in (
        *GREEN,
        "green_standard_periods",
        "high_technology_industries",
        "elderly_care_industries_2020",
    ):
        assert LIBRARY.card(pack).completeness == "partial"
    assert LIBRARY.card("shanghai_transition_catalogue").completeness == "placeholder"


# Hydrogen in the catalogue of 2025 spans 26 classes; published descriptions name the 13 of equipment manufacturing.
HYDROGEN = (
    "汽轮机及辅机制造", "气体压缩机械制造", "阀门和旋塞制造", "冶金专用设备制造", "气体、液体分离及纯净设备制造",
    "炼油、化工生产专用设备制造", "新能源车整车制造", "改装汽车制造", "汽车用发动机制造", "其他电池制造", "集装箱制造",
    "金属压力容器制造", "金属船舶制造",
)  # fmt: skip


def test_the_classes_of_hydrogen_equipment_are_classes_and_can_be_listed() -> None:
    classes = {str(row["name_zh"]): str(row["code"]) for row in LIBRARY["gbt4754_2017"].find(level="class")}
    codes = {classes[name] for name in HYDROGEN}
    assert len(codes) == 13 and all(code.isdigit() and len(code) == 4 for code in codes)
    assert {code[:2] for code in codes} == {"33", "34", "35", "36", "37", "38"}
    # The items of the catalogue itself, and with them the other 13 classes, were not obtained: the pack says so.
    card = LIBRARY.card("green_finance_catalogue_2025")
    assert card.completeness == "partial" and "271" in card.completeness_note_en


def test_statuses_say_what_was_seen_and_take_nothing_away() -> None:
    scores = LIBRARY["finance_quality_scores"].find(method="bank_2026")
    assert {row["status"] for row in scores} == {"secondary"}
    assert [int(str(row["score"])) for row in scores] == [1, 2, 2, 3, 4, 5]
    assert {row["status"] for row in LIBRARY["heat_factors"].rows} == {"secondary"}
    heat = applied_factor(
        LIBRARY, fuel_set="fuel_factors_p", purpose="province_average", year=2025, area="320000", fuel="heat",
        unit="GJ", source_kind="none",
    )  # fmt: skip
    assert (heat.factor, heat.status) == (Decimal("0.11"), "default")
    methods = {str(row["code"]): row["status"] for row in LIBRARY["benefit_methods"].rows}
    assert methods["nuclear_power"] == "restated" and methods["carbon_sink"] == "placeholder"
    note = str(LIBRARY.card("green_standard_periods").completeness_note_zh)
    assert "自行选择" in note
