"""The core digital economy by district: adds up, hides what is too small, and keeps and minds what was published."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import lvshu
from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from tests.statistics.book import YEAR, rows_of, run

SIZES = {"310101": 14, "310104": 12, "310105": 11, "310106": 3}
"""Sampled units of a whole class (6511) by district: the last is too small to be shown."""


def _survey() -> list[dict[str, Any]]:
    rows = []
    for district, units in SIZES.items():
        for number in range(units):
            rows.append({
                "uscc": f"U{district}{number}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 2.0,
                "value_added": Decimal(1_000_000 + 1_000 * number), "revenue": Decimal(2_000_000),
                "industry_code": "6511", "district_code": district,
            })  # fmt: skip
    rows.append({**rows[0], "uscc": "X", "industry_code": "5212"})  # no digital class
    return rows


def _found(engine: DuckDB) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (row["district_code"], row["class_code"]): row for row in rows_of(engine, "digital_economy_district")
    }


def _released(year: int, district: str, status: str, value: float | None) -> dict[str, Any]:
    return {
        "year": year, "district_code": district, "class_code": "core", "status": status,
        "value_added": None if value is None else Decimal(str(value)),
    }  # fmt: skip


def test_small_cells_are_hidden_with_another_and_the_rest_adds_up(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey()})
    found = _found(engine)
    assert found["310106", "core"]["status"] == "suppressed"
    hidden = [key for key, row in found.items() if row["status"].startswith("suppressed")]
    assert (
        len([one for one in hidden if one[1] == "core"]) >= 2
    )  # not one alone: it would follow from the total
    assert all(found[key]["value_added"] is None and found[key]["low"] is None for key in hidden)
    account = rows_of(engine, "digital_economy_account", "level = 'core'")[0]["value_added_full"]
    total = found["total", "core"]
    assert total["value_added"] == pytest.approx(account)
    shown = sum(
        row["value_added"] for key, row in found.items()
        if key[1] == "core" and key[0] != "total" and row["value_added"] is not None
    )  # fmt: skip
    assert 0 < shown < total["value_added"]
    told = {row["code"] for row in rows_of(engine, "finding")}
    assert "statistics.digital_district_suppressed" in told


def test_cells_nobody_sampled_are_not_zero(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey()})
    empty = [row for key, row in _found(engine).items() if row["status"] == "none_sampled"]
    assert empty and all(row["value_added"] is None for row in empty)


def test_the_pattern_of_the_last_year_is_kept(engine: DuckDB) -> None:
    for other in ("310101", "310104", "310105"):
        last = [
            _released(YEAR - 1, one, "suppressed_secondary" if one == other else "shown", None if one == other else 5e6)
            for one in ("310101", "310104", "310105")
        ]  # fmt: skip
        run(engine, {"business_survey": _survey(), "digital_economy_district_previous": last})
        found = _found(engine)
        assert found[other, "core"]["status"] == "suppressed", other
        assert sum(row["status"] == "shown" for key, row in found.items() if key[1] == "core") == 3


def test_what_an_earlier_table_of_the_year_gives_away_is_withheld(engine: DuckDB) -> None:
    """The earlier table showed the small district's figure: hiding it now hides nothing."""
    value = 2 * sum(1_000_000 + 1_000 * number for number in range(SIZES["310106"]))
    run(
        engine,
        {
            "business_survey": _survey(),
            "digital_economy_district_previous": [_released(YEAR, "310106", "shown", value)],
        },
    )
    assert rows_of(engine, "digital_economy_district") == []
    assert "statistics.district_withheld" in {row["code"] for row in rows_of(engine, "finding")}


def test_an_earlier_table_of_the_year_by_other_districts_is_no_revision(engine: DuckDB) -> None:
    """The small district was one with another before: less that one now it is told exactly."""
    both = 2 * sum(1_000_000 + 1_000 * number for one in ("310106", "310101") for number in range(SIZES[one]))
    before = [_released(YEAR, "310199", "shown", both)]
    run(engine, {"business_survey": _survey(), "digital_economy_district_previous": before})
    assert rows_of(engine, "digital_economy_district") == []
    assert {"disclosure.codes_changed", "disclosure.union_given_away"} <= {
        row["code"] for row in rows_of(engine, "finding")
    }


def _cells(engine: DuckDB, status: str = "status", is_told: str = "suppressed") -> set[tuple[str, str]]:
    return {key for key, row in _found(engine).items() if row[status] == is_told}


def test_a_cell_that_one_unit_makes_is_hidden_however_many_there_are(engine: DuckDB) -> None:
    """District 310105 has eleven units; one of them makes 19/20 of it. A group of two makes 310104 unsafe too."""
    survey = _survey()
    for row in survey:
        if row["uscc"] == "U3101050":
            row["value_added"] = Decimal(200_000_000)
    run(engine, {"business_survey": survey})
    assert ("310105", "core") in _cells(engine)
    even = [
        {**row, "district_code": "310101"} if row["district_code"] == "310106" else row for row in _survey()
    ]
    run(engine, {"business_survey": even})
    assert _cells(engine) == set()
    ten = [f"U310104{number}" for number in range(10)]
    run(engine, {
        "business_survey": even, "enterprise_group": [{"uscc": one, "group_code": "G"} for one in ten],
    })  # fmt: skip
    assert ("310104", "core") in _cells(engine)


def test_errors_that_would_give_a_hidden_figure_away_are_hidden(engine: DuckDB) -> None:
    """With every other error shown, the square of the hidden cells' error would follow from the total's."""
    run(engine, {"business_survey": _survey()})
    found = _found(engine)
    figures, errors = _cells(engine), _cells(engine, "error_status")
    assert figures < errors
    assert all((found[key]["standard_error"] is None) == (key in errors) for key in found if key[1] == "core")
    assert all((found[key]["low"] is None) == (found[key]["standard_error"] is None) for key in found)
    left = _squares("total", found) - sum(
        _squares(one, found) for one in SIZES if found[one, "core"]["standard_error"] is not None
    )
    small = sum((2.0 * (1_000_000 + 1_000 * number)) ** 2 for number in range(SIZES["310106"]))
    assert left >= 2 * small  # the small district's sum of squares may be twice what it is


def _squares(district: str, found: dict[tuple[str, str], dict[str, Any]]) -> float:
    """Return what a reader who knows the design reads off: 41 sampled, weight 2, one stratum."""
    units, row = 1 + sum(SIZES.values()), found[district, "core"]
    variance = float(row["standard_error"]) ** 2
    return variance * (units - 1) / units / (1 - 0.5) + float(row["value_added"]) ** 2 / units


def test_a_class_of_the_whole_area_that_is_unsafe_is_hidden_in_every_table(engine: DuckDB) -> None:
    """The second major rests on three units: neither its figure nor another from which it follows is shown."""
    few = [
        {**_survey()[0], "uscc": f"F{number}", "industry_code": "5178", "value_added": Decimal(3_000_000 + number),
         "district_code": district}
        for number, district in enumerate(("310101", "310104", "310105"))
    ]  # fmt: skip
    run(engine, {"business_survey": [*_survey(), *few]})
    found = _found(engine)
    assert all(found[one, "02"]["status"] == "suppressed" for one in ("total", "310101", "310104", "310105"))
    public = {row["code"]: row for row in rows_of(engine, "digital_economy_account_public")}
    assert public["02"]["value_status"] == "suppressed" and public["02"]["value_added_full"] is None
    assert public["02"]["sampled_units"] is None and public["02"]["standard_error"] is None
    shown = [
        row for row in public.values() if row["level"] == "major" and row["value_added_full"] is not None
    ]
    assert (
        public["core"]["value_added_full"] is None or len(shown) < 1
    )  # the third major and the core tell the second
    whole = {row["code"]: row for row in rows_of(engine, "digital_economy_account")}
    assert float(whole["02"]["value_added_full"]) == pytest.approx(2 * 9_000_003)


def test_the_thresholds_are_told_as_conventions(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey()})
    told = rows_of(engine, "finding", "code = 'statistics.disclosure_convention'")
    assert {row["table_name"] for row in told} == {"digital_economy_account_public", "derived_account_public"}
    assert len(told) == 2


def test_the_bureaus_thresholds_are_taken_and_then_nothing_is_told(engine: DuckDB, tmp_path: Path) -> None:
    """A pack of the workspace with a minimum of three units: the district of three is shown."""
    own = tmp_path / "packs" / "disclosure_rules"
    packaged = PackLibrary.load().card("disclosure_rules")
    shutil.copytree(Path(lvshu.__file__).parent / "catalog" / "packs" / packaged.id, own)
    data = own / "data.csv"
    lines = data.read_text(encoding="utf-8").splitlines()
    rows = [
        lines[0],
        *("enterprise,3,5,1,90,10,bureau,x" if one.startswith("enterprise") else one for one in lines[1:]),
    ]
    data.write_text("\n".join(rows) + "\n", encoding="utf-8")
    run(engine, {"business_survey": _survey()}, packs=tmp_path / "packs")
    assert _cells(engine) == set()
    assert not rows_of(engine, "finding", "code = 'statistics.disclosure_convention'")


def test_a_table_of_the_year_that_was_revised_meanwhile_still_guards(engine: DuckDB) -> None:
    """The small district's figure was shown before, by a hair less; another district was revised."""
    value = 2 * sum(1_000_000 + 1_000 * number for number in range(SIZES["310106"]))
    big = 2 * sum(1_000_000 + 1_000 * number for number in range(SIZES["310101"]))
    before = [
        _released(YEAR, "310106", "shown", value - 50),
        _released(YEAR, "310101", "shown", big + 2_000_000),
    ]
    run(engine, {"business_survey": _survey(), "digital_economy_district_previous": before})
    assert rows_of(engine, "digital_economy_district") == []
