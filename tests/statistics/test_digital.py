"""The core digital economy: the national roll-up, and the account of a small book."""

from __future__ import annotations

from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.pipeline.headlines import compute, definitions
from lvshu.statistics.digital_coding import coding_errors
from lvshu.statistics.methods.digital import roll_up
from tests.statistics.book import YEAR, by, lax_rules, rows_of, run

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


def test_whole_and_starred_classes_stand_apart(engine: DuckDB, tmp_path: Path) -> None:
    run(engine, {"business_survey": SURVEY}, packs=lax_rules(tmp_path))
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


def test_share_of_product_and_of_the_survey(engine: DuckDB, tmp_path: Path) -> None:
    sectors = [
        {"sector_code": "01", "name_zh": "甲", "output": 9e9, "intermediate_input": 2e9, "value_added": 7e9},
        {"sector_code": "02", "name_zh": "乙", "output": 5e9, "intermediate_input": 2e9, "value_added": 3e9},
    ]
    run(engine, {"business_survey": SURVEY, "sector_account": sectors}, packs=lax_rules(tmp_path))
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


def _full_pack(folder: Path, coefficient: str = "0.3123457") -> Path:
    """Write a user's pack with a coefficient for every starred class; return the folder of packs."""
    place = resources.files("lvshu.catalog").joinpath("packs", "digital_partial_coefficients")
    pack = folder / "packs" / "digital_partial_coefficients"
    pack.mkdir(parents=True)
    (pack / "pack.toml").write_text(place.joinpath("pack.toml").read_text("utf-8"), encoding="utf-8")
    data = place.joinpath("data.csv").read_text("utf-8")
    for code in ("040501,4851", "040502,4851", "040503,4851", "040504,4851"):
        data = data.replace(f"{code},,,not", f"{code},0.1,2023,not")
    data = data.replace(",,,not_established", f",{coefficient},2023,established")
    (pack / "data.csv").write_text(data.replace("not_established", "established"), encoding="utf-8")
    return pack.parent


def _sums(account: dict[str, dict], column: str) -> tuple[Decimal, ...]:
    return tuple(
        sum((row[column] or Decimal(0) for row in account.values() if row["level"] == level), Decimal(0))
        for level in ("core", "major", "medium")
    )


@pytest.mark.parametrize("starred", [(), ("7320",), ("2462", "3831", "6429", "4851", "7213", "7320")])
def test_mediums_and_majors_add_up_to_the_core_with_all_coefficients(
    engine: DuckDB, tmp_path: Path, starred: tuple[str, ...]
) -> None:
    rows = [one for one in SURVEY if one["industry_code"] != "7320"]
    rows += [
        _unit(20 + n, "00-small", code, 33333333.33 + n, 3.333333)
        for n, code in enumerate((*starred, "3911"))
    ]
    run(engine, {"business_survey": rows}, packs=_full_pack(tmp_path))
    account = by(engine, "digital_economy_account", "code")
    for column in ("value_added", "value_added_full", "value_added_partial_counted"):
        core, majors, mediums = _sums(account, column)
        assert core == majors == mediums, column
    core_row, factory = account["core"], account["01"]
    assert core_row["value_added"] > 0
    assert factory["value_added"] is not None
    assert factory["status"] == ("estimated" if "2462" in starred else "partly_observed")
    assert (account["02"]["status"], account["02"]["value_added"]) == ("not_observed", None)
    for row in account.values():
        assert (row["value_added"] is None) == (row["status"] == "not_observed"), row["code"]
        assert (row["value_added"] is None) == (row["value_added_standard_error"] is None)


def test_coefficients_above_one_are_scaled_and_told(engine: DuckDB, tmp_path: Path) -> None:
    packs = _full_pack(tmp_path)
    data = packs / "digital_partial_coefficients" / "data.csv"
    data.write_text(data.read_text("utf-8").replace("4851,0.1,", "4851,0.5,"), encoding="utf-8")
    run(engine, {"business_survey": [*SURVEY, _unit(8, "03-large", "4851", 70e6)]}, packs=packs)
    account = by(engine, "digital_economy_account", "code")
    assert float(account["0405"]["value_added_partial_counted"]) == pytest.approx(70e6)
    found = {row["code"]: row for row in rows_of(engine, "finding")}
    assert found["statistics.coefficients_above_one"]["amount"] == pytest.approx(2.0)


def _great_survey(seed: int) -> list[dict]:
    random = np.random.default_rng(seed)
    rows = [_unit(n, "03-large", "6511", float(random.lognormal(20, 1))) for n in range(20)]
    for number in range(900):
        code = str(random.choice(["6511", "3911", "6429", "7320", "3120"]))
        value = float(random.lognormal(16, 1)) if random.random() < 0.95 else None
        rows.append(_unit(100 + number, f"{number % 3}-small", code, value, 2.0 + 5 * (number % 3)))
    return [*rows, _unit(5000, "9-alone", "6511", 5e6, 4.0)]


@pytest.mark.parametrize("seed", [1, 2])
def test_replicates_of_the_core_agree_with_the_linearised_interval(
    engine: DuckDB, tmp_path: Path, seed: int
) -> None:
    """2,000 replicates: their standard deviation is known to about 1.6 %, the ends of the interval to about 4 %."""
    sectors = [{
        "sector_code": "01", "name_zh": "甲", "output": 9e12, "intermediate_input": 2e12, "value_added": 7e12,
    }]  # fmt: skip
    run(
        engine, {"business_survey": _great_survey(seed), "sector_account": sectors},
        packs=_full_pack(tmp_path), replicates=2000,
    )  # fmt: skip
    core = by(engine, "digital_economy_account", "code")["core"]
    rows = rows_of(engine, "digital_core_replicate")
    names = {"whole": ("value_added_full", "standard_error")}
    names["counted"] = ("value_added", "value_added_standard_error")
    assert {row["definition_code"] for row in rows} == set(names)
    for code, (value, error) in names.items():
        drawn = np.array([float(row["value_added"]) for row in rows if row["definition_code"] == code])
        shares = np.array([row["share_of_product"] for row in rows if row["definition_code"] == code])
        estimate, spread = float(core[value]), float(core[error])
        assert drawn.size == 2000
        assert np.std(drawn, ddof=1) == pytest.approx(spread, rel=0.08)
        assert np.mean(drawn) == pytest.approx(estimate, abs=4 * spread / 2000**0.5)
        low, high = np.quantile(drawn, [0.025, 0.975])
        assert low == pytest.approx(estimate - 1.96 * spread, abs=0.25 * spread)
        assert high == pytest.approx(estimate + 1.96 * spread, abs=0.25 * spread)
        assert shares == pytest.approx(100 * drawn / 7e12)
    uncertain = by(engine, "uncertainty", "indicator")
    for code in ("digital_core_value_added_whole", "digital_core_value_added", "digital_core_share"):
        assert uncertain[code]["replicates"] == 2000


def test_a_full_survey_has_replicates_without_spread(engine: DuckDB) -> None:
    run(engine, {"business_survey": SURVEY[:2]})
    rows = rows_of(engine, "digital_core_replicate")
    drawn = {(row["definition_code"], float(row["value_added"])) for row in rows}
    assert drawn == {("whole", 1000e6), ("counted", 1000e6)}
    assert {row["share_of_product"] for row in rows} == {None}


def test_a_core_whose_rows_are_in_quarantine_is_not_zero(engine: DuckDB, tmp_path: Path) -> None:
    """Take-all units without one of the core say that there is none; not while rows of the survey wait."""
    other = [_unit(number, "00-large", "3120", 50e6) for number in range(12)]
    codes = ("digital_core_value_added_whole", "digital_core_share", "digital_core_value_added")
    waiting = [{"table_name": "business_survey", "row_number": 4, "code": "contract.not_a_number"}]
    copies = [{**waiting[0], "code": "intake.duplicate_identical"}]
    product = [{"sector_code": "a", "value_added": 7e12, "year": YEAR}]
    for kept_out, figure in ((copies, 0.0), (waiting, None)):
        tables = {"business_survey": other, "quarantine": kept_out, "sector_account": product}
        run(engine, tables, packs=lax_rules(tmp_path / str(figure)))
        core = by(engine, "digital_economy_account_public", "code")["core"]
        assert (core["value_added_full"], core["standard_error"]) == (figure, figure)
        status = "shown" if figure == 0.0 else "in_quarantine"
        assert (core["value_status"], core["error_status"]) == (status, status)
        told = {row["code"] for row in rows_of(engine, "finding")}
        assert ("statistics.core_in_quarantine" in told) == (figure is None)
        lines = compute(engine, definitions(), empty_because={}, placeholders={}, incomplete={})
        found = {row["code"]: row for row in lines if row["code"] in codes}
        for code in codes[:2]:
            assert found[code]["value"] == figure
        if figure is None:
            assert by(engine, "digital_economy_account", "code")["core"]["status"] == "in_quarantine"
            assert not rows_of(engine, "digital_core_replicate", "definition_code = 'whole'")
            assert not rows_of(engine, "digital_economy_share")
            assert not {*codes} & set(by(engine, "uncertainty", "indicator"))
            for row in found.values():
                assert "1 row" in row["reason_en"] and "隔离" in row["reason_zh"]


def test_units_of_one_name_and_district_are_told(engine: DuckDB) -> None:
    base = {"area_code": "310000", "size_class": "small", "overseas": False}
    names = [
        "东方（上海）科技 有限公司",
        "东方(上海)科技有限公司",
        "东方(上海)科技有限公司",
        "Ab Co",
        "AB CO",
        "独",
    ]
    register = [{"uscc": f"U{n + 1}", "name": name, **base} for n, name in enumerate(names)]
    survey = [{**one, "district_code": "310104" if one["uscc"] == "U3" else "310115"} for one in SURVEY]
    run(engine, {"business_survey": survey, "enterprise": register})
    [found] = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.unit_repeated"]
    assert found["amount"] == pytest.approx(200e6 + 20e6)
    assert "4" in found["what_en"] and "2 names" in found["what_en"]


def test_totals_that_are_withheld_have_no_coding_error() -> None:
    """Where every core total is hidden there is nothing whose codes could be corrected: the run stopped here."""
    nothing: Any = None
    assert coding_errors(nothing, {}, {}, None) == {}
