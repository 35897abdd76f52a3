"""Composites to the last digit, oxidation once, the electricity factor by its purpose."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.catalog.factors import (
    FuelFactor,
    apply,
    composite,
    electricity_emission,
    electricity_factor,
    electricity_purposes,
    emission_factor,
    heat_factor,
)
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import PackError

# Published composites: table of conversion and emission coefficients (GB/T 2589-2008 x provincial guidelines).
PUBLISHED = {
    "raw_coal": "1.9003",
    "coke": "2.8604",
    "crude_oil": "3.0202",
    "fuel_oil": "3.1705",
    "gasoline": "2.9251",
    "kerosene": "3.0179",
    "diesel": "3.0959",
    "lpg": "3.1013",
    "refinery_gas": "3.0119",
}
SETS = ("fuel_factors_p", "fuel_factors_g")


@pytest.fixture(scope="module")
def library() -> PackLibrary:
    return PackLibrary.load()


@pytest.mark.parametrize(("fuel", "published"), PUBLISHED.items())
def test_published_composites_are_reproduced_exactly(library, fuel, published):
    assert emission_factor(library["fuel_factors_p"], fuel).emission_factor == Decimal(published)


def test_natural_gas_to_three_places(library):
    factor = emission_factor(library["fuel_factors_p"], "natural_gas")
    assert factor.emission_factor.quantize(Decimal("0.001"), ROUND_HALF_UP) == Decimal("21.622")
    assert composite(Decimal("389.31"), Decimal("15.3"), Decimal("0.99"), places=3) == Decimal("21.622")


@pytest.mark.parametrize("set_name", SETS)
def test_every_composite_is_the_product_of_its_parameters(library, set_name):
    for row in library[set_name].rows:
        if row["emission_factor"] is None:
            assert row["status"] == "placeholder" and row["note"] and row["note_en"]
            continue
        parts = (row["net_calorific_value"], row["carbon_content"], row["oxidation_factor"])
        assert composite(*parts) == row["emission_factor"], row["fuel_code"]
        assert row["low"] < row["emission_factor"] < row["high"]


@pytest.mark.parametrize("set_name", SETS)
def test_each_fuel_of_the_balance_that_burns_has_a_factor_in_both_sets(library, set_name):
    burning = {row["factor_fuel"] for row in library["energy_fuels"].rows if row["burns"]}
    for fuel in burning:
        assert emission_factor(library[set_name], fuel).emission_factor > 0
    assert len(burning) == 17


def test_stand_ins_are_marked_and_explained(library):
    for set_name in SETS:
        for row in library[set_name].rows:
            assert row["source"]
            if row["status"] != "established":
                assert row["note"] and row["note_en"]


def test_second_oxidation_is_refused(library):
    factor = emission_factor(library["fuel_factors_p"], "raw_coal")
    assert apply(Decimal(1000), factor) == Decimal("1900.3000")
    with pytest.raises(PackError) as caught:
        apply(Decimal(1000), factor, oxidation=Decimal("0.93"))
    assert caught.value.code == "packs.double_oxidation"
    assert "1.9003" in caught.value.text("zh") and "0.94" in caught.value.text("zh")
    assert "already includes" in caught.value.text("en")


def test_factor_without_oxidation_needs_it():
    bare = FuelFactor("coal", Decimal("2.0"), "t", False, None, "established", "own test")
    with pytest.raises(PackError, match="does not include oxidation"):
        apply(Decimal(1), bare)
    assert apply(Decimal(1), bare, oxidation=Decimal("0.9")) == Decimal("1.80")


def test_units_of_one_dimension_are_converted_and_others_refused(library):
    factor = emission_factor(library["fuel_factors_p"], "raw_coal")
    assert apply(Decimal(1), factor, unit="1e4 t") == Decimal("19003.0000")
    with pytest.raises(PackError) as caught:
        apply(Decimal(1), factor, unit="m3")
    assert caught.value.code == "packs.wrong_unit"


def test_fuel_without_factor_says_why(library):
    with pytest.raises(PackError) as caught:
        emission_factor(library["fuel_factors_p"], "other_energy")
    assert caught.value.code == "packs.no_factor"


def test_unknown_fuel_is_refused(library):
    with pytest.raises(PackError) as caught:
        emission_factor(library["fuel_factors_p"], "phlogiston")
    assert caught.value.code == "packs.row_not_found"


@given(
    st.decimals("0", "1e6", places=3), st.decimals("0", "1e6", places=3), st.sampled_from(sorted(PUBLISHED))
)
def test_emissions_add_up(first, second, fuel):
    factor = emission_factor(PackLibrary.load()["fuel_factors_p"], fuel)
    assert apply(first, factor) + apply(second, factor) == apply(first + second, factor)


def test_the_factor_follows_the_purpose(library):
    bought, green = Decimal(10_000), Decimal(3_000)
    ets = electricity_emission(
        library, purpose="shanghai_ets", area="310000", year=2023, quantity=bought, green=green
    )
    average = electricity_emission(
        library, purpose="province_average", area="310000", year=2022, quantity=bought, green=green
    )
    assert ets == Decimal("2940")
    assert average == Decimal("5849")


@pytest.mark.parametrize(
    ("purpose", "area", "year", "value"),
    [
        ("province_average", "310000", 2021, "0.5834"),
        ("province_average", "310000", 2022, "0.5849"),
        ("region_average", "grid_east", 2021, "0.5992"),
        ("region_average", "grid_east", 2022, "0.5617"),
        ("national_average", "100000", 2022, "0.5366"),
        ("national_residual", "100000", 2022, "0.5856"),
        ("national_fossil", "100000", 2022, "0.8325"),
        ("shanghai_ets", "310000", 2020, "0.788"),
        ("shanghai_ets", "310000", 2023, "0.42"),
    ],
)
def test_published_electricity_factors(library, purpose, area, year, value):
    found = electricity_factor(library, purpose=purpose, area=area, year=year)
    assert (found.value, found.unit) == (Decimal(value), "kgCO2/kWh")
    assert found.document_number


def test_dates_of_the_ets_notices(library):
    def at(day: str, *, green: bool = False) -> Decimal:
        on = date.fromisoformat(day)
        return electricity_factor(
            library, purpose="shanghai_ets", area="310000", year=on.year, on=on, green=green
        ).value

    assert at("2022-02-10") == Decimal("0.788")
    assert at("2022-02-11") == Decimal("0.42")
    assert at("2023-06-07", green=True) == 0
    with pytest.raises(PackError):
        at("2023-06-06", green=True)
    assert heat_factor(library, on=date(2022, 2, 10)) == Decimal("0.11")
    assert heat_factor(library, on=date(2022, 2, 11)) == Decimal("0.06")


def test_unknown_purpose_lists_the_known_ones(library):
    with pytest.raises(PackError) as caught:
        electricity_factor(library, purpose="shanghai", area="310000", year=2022)
    assert caught.value.code == "packs.unknown_purpose"
    for language in ("zh", "en"):
        for purpose in electricity_purposes(library):
            assert purpose in caught.value.text(language)


def test_an_average_factor_never_counts_green_power_apart(library):
    with pytest.raises(PackError) as caught:
        electricity_factor(library, purpose="province_average", area="310000", year=2022, green=True)
    assert caught.value.code == "packs.green_not_counted"


def test_more_green_than_bought_is_refused(library):
    with pytest.raises(PackError) as caught:
        electricity_emission(
            library,
            purpose="shanghai_ets",
            area="310000",
            year=2023,
            quantity=Decimal(1),
            green=Decimal(2),
        )
    assert caught.value.code == "packs.green_above_total"


def test_a_year_without_factor_is_not_filled_from_another(library):
    with pytest.raises(PackError) as caught:
        electricity_factor(library, purpose="province_average", area="310000", year=2024)
    assert caught.value.code == "packs.row_not_found"
