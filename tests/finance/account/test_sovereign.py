"""Sovereign debt on records: the published examples of PCAF 5.7, consumption emission and that per head."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB

from ..book import YEAR, one, rows, run
from .steps import account

TOLD = {"year": YEAR, "cny_per_usd": 7.0, "option": "1b", "source": "test"}
NONE = {"scope2": Decimal(0), "scope3": Decimal(0), "exported": Decimal(0)}
# Table 5-21: production in Mt, PPP-adjusted GDP in million USD, in the printed order of their ratio.
RANKED = (
    ("CHN", 11_535, 23_487_798), ("AUS", 433, 1_324_171), ("CAN", 585, 1_898_870), ("KOR", 652, 2_209_424),
    ("IND", 2_597, 9_560_220), ("USA", 5_107, 21_433_226), ("JPN", 1_154, 5_345_808), ("THA", 275, 1_342_165),
    ("IDN", 626, 3_338_144), ("MEX", 485, 2_608_650), ("BEL", 104, 628_371), ("FIN", 43, 285_024),
    ("NLD", 156, 1_031_484), ("DEU", 703, 4_644_166), ("BRA", 478, 3_229_055), ("AUT", 72, 520_804),
    ("ESP", 259, 1_988_355), ("PRT", 48, 378_124), ("ITA", 332, 2_677_118), ("GBR", 365, 3_240_511),
    ("FRA", 315, 3_320_559), ("SGP", 53, 579_763), ("IRL", 37, 430_334), ("SWE", 45, 565_620), ("CHE", 39, 602_641),
)  # fmt: skip
# Table 5-23: production over PPP-adjusted GDP, times 1,000.
PRINTED = {"CHN": 0.49, "USA": 0.24, "IND": 0.27, "JPN": 0.22, "DEU": 0.15, "IDN": 0.19, "FRA": 0.09}
# Table 5-24: consumption in Mt, in the printed order per head; people in millions, round figures of 2019 (not PCAF's).
CONSUMED = (
    ("USA", 5_767, 328), ("JPN", 1_312, 126), ("DEU", 862, 83), ("FRA", 442, 67), ("CHN", 8_960, 1_400),
    ("IDN", 591, 270), ("IND", 2_355, 1_366),
)  # fmt: skip


def measure(engine: DuckDB, accounts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the measures of countries by their code."""
    run(
        engine,
        {"sovereign_account": [{**TOLD, **row} for row in accounts]},
        only=("finance.sovereign_measure",),
    )
    return {str(row["country"]): row for row in rows(engine, "sovereign_measure")}


def test_singapore_and_hong_kong_on_records(engine: DuckDB) -> None:
    million = Decimal(7_000_000)  # a million dollars
    countries = {"SGP": (61_451_586, 579_762e6, 106), "HKG": (42_654_105, 469_182e6, 91)}
    accounts = [
        {**TOLD, **NONE, "country": country, "scope1_excluding_land": Decimal(emission), "ppp_gdp": gdp}
        for country, (emission, gdp, _) in countries.items()
    ]
    account(engine, {
        "sovereign_account": accounts,
        "sovereign_position": [
            {"position_id": country, "institution_id": "BANK1", "year": YEAR, "country": country,
             "outstanding_amount": million} for country in countries
        ],
    }, "asset_class_emission", "sovereign_measure")  # fmt: skip
    for country, (_, _, printed) in countries.items():
        held = one(engine, "asset_class_emission", f"position_id = '{country}'")
        assert round(held["emission"]) == printed
        found = one(engine, "sovereign_measure", f"country = '{country}'")
        assert found["production_intensity"] == pytest.approx(float(held["emission"]), abs=1e-6)


def test_ranks_and_intensities_of_production(engine: DuckDB) -> None:
    found = measure(engine, [
        {"country": country, "scope1_excluding_land": Decimal(emission) * 10**6, "ppp_gdp": gdp * 1e6}
        for country, emission, gdp in RANKED
    ])  # fmt: skip
    order = sorted(found, key=lambda country: -found[country]["production_intensity"])
    printed = [country for country, _, _ in RANKED]
    assert order[:11] + order[14:] == printed[:11] + printed[14:]
    assert set(order[11:14]) == set(
        printed[11:14]
    )  # these three lie within the rounding of the printed megatonnes
    assert {
        country: round(found[country]["production_intensity"] / 1000, 2) for country in PRINTED
    } == PRINTED


def test_land_use_stands_beside_as_printed(engine: DuckDB) -> None:
    table = {"NLD": ("191029.65", "186394.47"), "CAN": ("736886.99", "728475.89"), "FIN": ("48071.9", "56281.8"),
             "AUT": ("73500.8", "78627.6")}  # fmt: skip
    found = measure(engine, [
        {"country": country, "ppp_gdp": 1e9, "scope1_including_land": Decimal(land) * 1000,
         "scope1_excluding_land": Decimal(without) * 1000} for country, (land, without) in table.items()
    ])  # fmt: skip
    for country, (land, without) in table.items():  # kt over a GDP of 1e9 USD: t per million USD
        assert found[country]["production_intensity_with_land"] == pytest.approx(float(land), rel=1e-12)
        assert found[country]["production_intensity"] == pytest.approx(float(without), rel=1e-12)


def test_consumption_and_its_rank_per_head(engine: DuckDB) -> None:
    made = {country: emission for country, emission, _ in RANKED}
    found = measure(engine, [
        {"country": country, "scope1_excluding_land": Decimal(made[country]) * 10**6, "scope2": Decimal(10**6),
         "scope3": Decimal(max(consumed - made[country], 0)) * 10**6, "population": Decimal(people) * 10**6,
         "exported": Decimal(max(made[country] - consumed, 0) + 1) * 10**6} for country, consumed, people in CONSUMED
    ])  # fmt: skip
    assert {country: row["consumption_emission"] / 10**6 for country, row in found.items()} == {
        country: consumed for country, consumed, _ in CONSUMED
    }
    assert sorted(found, key=lambda country: -found[country]["consumption_per_head"]) == [
        country for country, _, _ in CONSUMED
    ]
    assert found["USA"]["consumption_per_head"] == pytest.approx(5_767 / 328)


@pytest.mark.parametrize("missing", ["scope1", "scope2", "scope3", "exported", "population"])
def test_what_is_missing_is_no_zero(engine: DuckDB, missing: str) -> None:
    whole = {**NONE, "scope1_excluding_land": Decimal(10), "population": Decimal(2)}
    whole[{"scope1": "scope1_excluding_land"}.get(missing, missing)] = None  # type: ignore[assignment]
    row = measure(engine, [{"country": "AAA", **whole}])["AAA"]
    assert row["consumption_status"] == f"no_{missing}"
    assert row["consumption_per_head"] is None
    assert row["consumption_emission"] == (Decimal(10) if missing == "population" else None)
