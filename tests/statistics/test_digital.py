"""The core digital economy: the national roll-up, and the account of a small book."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from lvshu.catalog.library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.methods.digital import roll_up
from tests.statistics.book import YEAR, by, rows_of, run

NATIONAL = {
    2023: ({"03": 55636.0, "01": 43135.0, "04": 24747.0, "02": 4037.0}, 127555.0),
    2024: ({"03": 61928.0, "01": 48145.0, "04": 26519.0, "02": 4298.0}, 140890.0),
}  # 1e8 CNY, National Bureau of Statistics


def _parents() -> dict[str, str]:
    rows = PackLibrary.load(None)["digital_economy_2021"].rows
    return {str(row["code"]): str(row["parent"] or "") for row in rows}


@pytest.mark.parametrize("year", sorted(NATIONAL))
def test_national_totals_through_the_classification(year: int) -> None:
    majors, wanted = NATIONAL[year]
    parents = _parents()
    minors: dict[str, float] = {}
    for major, value in majors.items():
        below = [code for code in parents if len(code) == 6 and code.startswith(major)]
        parts = np.arange(1.0, len(below) + 1)
        minors |= dict(zip(below, value * parts / parts.sum(), strict=True))
    found = roll_up(minors, parents)
    assert found["core"] == pytest.approx(wanted)
    assert {code: found[code] for code in majors} == pytest.approx(majors)


def _unit(
    number: int, stratum: str, code: str, value: float | None, weight: float = 1.0, **more: object
) -> dict:
    return {
        "uscc": f"U{number}", "year": YEAR, "stratum": stratum, "take_all": weight == 1.0, "weight": weight,
        "value_added": value, "revenue": value, "industry_code": code, "district_code": "310115", **more,
    }  # fmt: skip


SURVEY = [
    _unit(1, "03-large", "6511", 800e6),
    _unit(2, "03-large", "6531", 200e6),
    _unit(3, "00-small", "6511", 10e6, 5.0),
    _unit(4, "00-small", "3120", 30e6, 5.0),
    _unit(5, "00-small", "3120", 20e6, 5.0),
    _unit(6, "00-small", "7320", 40e6, 5.0),
    _unit(7, "00-small", "6511", 999e9, 5.0, year=YEAR - 1),
]


def test_whole_and_starred_classes_stand_apart(engine: DuckDB) -> None:
    run(engine, {"business_survey": SURVEY})
    account = by(engine, "digital_economy_account", "code")
    assert len(account) == 1 + len([1 for c in _parents() if len(c) == 2 and c < "05"]) + len(
        [1 for c in _parents() if len(c) == 4 and c < "05"]
    )
    core = account["core"]
    assert float(core["value_added_full"]) == pytest.approx(1050e6)
    assert float(core["value_added_partial_upper"]) == pytest.approx(200e6)
    assert core["value_added"] is None
    z = np.array([50e6, 0, 0, 0])
    wanted = (1 - 4 / 20) * 4 / 3 * ((z - z.mean()) ** 2).sum()
    assert float(core["standard_error"]) ** 2 == pytest.approx(wanted, rel=1e-6)
    assert float(account["03"]["value_added_full"]) == pytest.approx(1050e6)
    assert (account["01"]["status"], account["01"]["value_added_full"]) == ("not_observed", None)
    assert (account["0406"]["status"], account["0406"]["value_added_full"]) == ("not_observed", 0)
    codes = {row["code"]: row for row in rows_of(engine, "finding")}
    assert codes["statistics.partial_not_counted"]["amount"] == pytest.approx(200e6)
    uncertain = by(engine, "uncertainty", "indicator")
    assert uncertain["digital_core_value_added_whole"]["standard_error"] == pytest.approx(wanted**0.5)
    assert "digital_core_value_added" not in uncertain


def test_share_of_product_and_of_the_survey(engine: DuckDB) -> None:
    sectors = [
        {"sector_code": "01", "name_zh": "甲", "output": 9e9, "intermediate_input": 2e9, "value_added": 7e9},
        {"sector_code": "02", "name_zh": "乙", "output": 5e9, "intermediate_input": 2e9, "value_added": 3e9},
    ]
    run(engine, {"business_survey": SURVEY, "sector_account": sectors})
    shares = by(engine, "digital_economy_share", "denominator")
    assert shares["gdp"]["share"] == pytest.approx(100 * 1050e6 / 10e9)
    everything = 1000e6 + 5 * 100e6
    assert shares["survey"]["share"] == pytest.approx(100 * 1050e6 / everything)
    z = 5 * np.array([10e6, 30e6, 20e6, 40e6])
    inside = np.array([1.0, 0, 0, 0])
    residual = z * (inside - 1050e6 / everything) / everything
    wanted = 100 * ((1 - 4 / 20) * 4 / 3 * ((residual - residual.mean()) ** 2).sum()) ** 0.5
    assert shares["survey"]["standard_error"] == pytest.approx(wanted, rel=1e-6)
    assert by(engine, "uncertainty", "indicator")["digital_core_share"]["value"] == pytest.approx(10.5)


def test_a_users_coefficients_are_counted(engine: DuckDB, tmp_path: Path) -> None:
    folder = tmp_path / "packs" / "digital_partial_coefficients"
    folder.mkdir(parents=True)
    place = resources.files("lvshu.catalog").joinpath("packs", "digital_partial_coefficients")
    card = place.joinpath("pack.toml").read_text(encoding="utf-8")
    data = place.joinpath("data.csv").read_text(encoding="utf-8")
    (folder / "pack.toml").write_text(card, encoding="utf-8")
    (folder / "data.csv").write_text(
        data.replace("040703,7320,,,not_established", "040703,7320,0.25,2023,established"),
        encoding="utf-8",
    )
    run(engine, {"business_survey": SURVEY}, packs=tmp_path / "packs")
    core = by(engine, "digital_economy_account", "code")["core"]
    assert float(core["value_added_partial_counted"]) == pytest.approx(50e6)
    assert float(core["value_added"]) == pytest.approx(1100e6)
    z = np.array([50e6, 0, 0, 50e6])
    wanted = (1 - 4 / 20) * 4 / 3 * ((z - z.mean()) ** 2).sum()
    assert float(core["value_added_standard_error"]) ** 2 == pytest.approx(wanted, rel=1e-6)


def test_unanswered_units_are_represented_and_told(engine: DuckDB) -> None:
    rows = [*SURVEY, _unit(8, "00-small", "6511", None, 5.0), _unit(9, "09-small", "6511", None, 3.0)]
    run(engine, {"business_survey": rows})
    core = by(engine, "digital_economy_account", "code")["core"]
    assert float(core["value_added_full"]) == pytest.approx(1000e6 + 50e6 * 25 / 20)
    found = {row["code"]: row for row in rows_of(engine, "finding")}
    assert found["statistics.value_added_missing"]["amount"] == 2
    assert found["statistics.stratum_silent"]["amount"] == 3


def test_one_unit_in_a_sampled_stratum_is_told(engine: DuckDB) -> None:
    run(engine, {"business_survey": [*SURVEY, _unit(8, "04-micro", "6431", 6e6, 9.0)]})
    found = {row["code"]: row for row in rows_of(engine, "finding")}
    assert found["statistics.single_unit_stratum"]["amount"] == 9
    assert float(by(engine, "digital_economy_account", "code")["04"]["standard_error"]) > 0


def test_industries_that_differ_from_the_register_are_told(engine: DuckDB) -> None:
    base = {"name": "某", "area_code": "310000", "size_class": "small", "overseas": False}
    register = [
        {"uscc": "U1", "industry_code": "3120", **base},
        {"uscc": "U2", "industry_code": "6531", **base},
        {"uscc": "U4", "industry_code": "6511", **base},
        {"uscc": "U5", "industry_code": "3130", **base},
    ]
    run(engine, {"business_survey": SURVEY, "enterprise": register})
    found = {row["change"]: row["units"] for row in rows_of(engine, "digital_industry_mismatch")}
    assert found == {"into_digital": 1, "out_of_digital": 1, "same_status": 1, "not_in_register": 2}
    assert sum(row["code"].startswith("statistics.industry_") for row in rows_of(engine, "finding")) == 4


def test_great_values_keep_their_squares(engine: DuckDB) -> None:
    rows = [_unit(n, "03-large", "6511", 9e12 + n, 1.5, take_all=True) for n in range(40)]
    run(engine, {"business_survey": rows})
    core = by(engine, "digital_economy_account", "code")["core"]
    assert float(core["value_added_full"]) == pytest.approx(40 * 1.5 * 9e12)
