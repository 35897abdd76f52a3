"""The packs of labels: official counts where they are whole, honest marks where they are not."""

from __future__ import annotations

from collections import Counter

from lvshu.catalog.pack_library import PackLibrary
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
