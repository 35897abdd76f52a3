"""The published national totals of the core digital economy, to the unit, from units of a survey to the account.

Source: National Bureau of Statistics, fifth economic census (2023); 2024 from a secondary source, whose majors add up
to 140,890. Another source gives 140,891 as the total; which of them was published could not be looked up. Either fits
the majors: four figures rounded to a unit and their rounded total may differ by two.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from tests.statistics.book import YEAR, Row, by, run

YI = 10**8
PUBLISHED = {
    2023: ({"01": 43135, "02": 4037, "03": 55636, "04": 24747}, 127555),
    2024: ({"01": 48145, "02": 4298, "03": 61928, "04": 26519}, 140890),
}
OTHER_TOTAL_2024 = 140891
SHARES_2023 = {"01": 33.8, "02": 3.2, "03": 43.6, "04": 19.4}


def _whole_classes() -> dict[str, list[str]]:
    """Return the GB/T 4754 classes of each major that count in full and in no other class."""
    rows = PackLibrary.load(None)["digital_economy_2021_codes"].rows
    listed: dict[str, list[str]] = {}
    seen = [str(row["gbt4754_code"]) for row in rows]
    for row in rows:
        code = str(row["gbt4754_code"])
        if not row["partial"] and seen.count(code) == 1:
            listed.setdefault(str(row["major"]), []).append(code)
    return listed


def _units(majors: dict[str, int]) -> list[Row]:
    """Return one unit for each class; the values of a major's classes add up to its published value."""
    units: list[Row] = []
    for major, value in majors.items():
        codes = _whole_classes()[major]
        share = value * YI // len(codes)
        amounts = [share] * (len(codes) - 1) + [value * YI - share * (len(codes) - 1)]
        for code, amount in zip(codes, amounts, strict=True):
            units.append({
                "uscc": f"{major}{code}", "year": YEAR, "stratum": f"{major}-large", "take_all": True,
                "weight": Decimal(1), "value_added": Decimal(amount), "revenue": Decimal(amount),
                "industry_code": code, "district_code": "310115",
            })  # fmt: skip
    return units


def test_the_other_total_told_for_2024_differs_from_the_sum_of_its_majors_by_rounding_alone() -> None:
    majors, added_up = PUBLISHED[2024]
    assert sum(majors.values()) == added_up
    assert abs(OTHER_TOTAL_2024 - added_up) <= (len(majors) + 1) / 2


@pytest.mark.parametrize("year", sorted(PUBLISHED))
def test_components_give_the_published_total_to_the_unit(engine: DuckDB, year: int) -> None:
    majors, total = PUBLISHED[year]
    assert sum(majors.values()) == total
    run(engine, {"business_survey": _units(majors)})
    account = by(engine, "digital_economy_account", "code")
    assert account["core"]["value_added_full"] == total * YI
    assert {code: account[code]["value_added_full"] for code in majors} == {
        code: value * YI for code, value in majors.items()
    }
    assert account["core"]["standard_error"] == 0
    assert account["core"]["low"] == account["core"]["high"] == total * YI


def test_mediums_add_up_to_majors_and_majors_to_the_core(engine: DuckDB) -> None:
    run(engine, {"business_survey": _units(PUBLISHED[2023][0])})
    account = by(engine, "digital_economy_account", "code")
    for major in SHARES_2023:
        mediums = [row for code, row in account.items() if len(code) == 4 and code.startswith(major)]
        assert sum(row["value_added_full"] for row in mediums) == account[major]["value_added_full"]
    assert (
        sum(account[major]["value_added_full"] for major in SHARES_2023)
        == account["core"]["value_added_full"]
    )


def test_shares_as_published(engine: DuckDB) -> None:
    run(engine, {"business_survey": _units(PUBLISHED[2023][0])})
    account = by(engine, "digital_economy_account", "code")
    core = account["core"]["value_added_full"]
    found = {major: float(round(100 * account[major]["value_added_full"] / core, 1)) for major in SHARES_2023}
    assert found == SHARES_2023
