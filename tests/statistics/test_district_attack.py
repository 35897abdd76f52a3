"""A reader of the tables by district and of the city's figures bounds no unsafe cell: values, errors, margins."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.store.workspace import Workspace
from tests.statistics.attacker import need
from tests.statistics.book import YEAR, mark, rows_of, run

DISTRICTS = ("310101", "310104", "310105", "310106", "310107")
CLASSES = {"3911": "01", "5178": "02", "6511": "03"}
RULES = {"least": 10, "p": 10.0, "n": 2, "k": 90.0, "width": 10.0}
WEIGHT = 2.0
CELLS = list(itertools.product(DISTRICTS, sorted(CLASSES.values())))


def _inside(district: str, major: str) -> np.ndarray:
    return np.array(
        [district in ("total", one) and major in ("core", other) for one, other in CELLS], dtype=float
    )


def _bounds(known: list[tuple[np.ndarray, float]], target: np.ndarray) -> tuple[float, float]:
    scale = max(value for _, value in known) or 1.0
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * target, A_eq=np.array([vector for vector, _ in known]),
            b_eq=np.array([value for _, value in known]) / scale,
        )  # fmt: skip
        assert found.status in (0, 3), found.message
        ends.append(np.inf * -sign if found.status == 3 else sign * found.fun * scale)
    return ends[0], ends[1]


def _survey(random: np.random.Generator) -> list[dict[str, Any]]:
    """Return one stratum, every second unit sampled; a few cells small, one of them made by a single unit."""
    rows = []
    for district in DISTRICTS:
        for code in CLASSES:
            size = int(random.choice([0, 2, 11, 14, 20], p=[0.05, 0.15, 0.3, 0.25, 0.25]))
            amounts = np.round(1e6 * random.lognormal(0, 0.4, size))
            if size and random.random() < 0.15:
                amounts[0] *= 200
            rows += [
                {"uscc": f"U{district}{code}{number}", "year": YEAR, "stratum": "s", "take_all": False,
                 "weight": WEIGHT, "value_added": Decimal(int(amount)), "revenue": Decimal(int(2 * amount)),
                 "industry_code": code, "district_code": district}
                for number, amount in enumerate(amounts)
            ]  # fmt: skip
    return rows


def _held(survey: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in survey:
        for district, major in itertools.product(
            (row["district_code"], "total"), (CLASSES[row["industry_code"]], "core")
        ):
            found.setdefault((district, major), {})[row["uscc"]] = WEIGHT * float(row["value_added"])
    return found


def _squares(row: Mapping[str, Any], units: int) -> float:
    """Return the sum of squared contributions that a reader who knows the design reads off a figure and its error."""
    variance = float(row["standard_error"]) ** 2
    return variance * (units - 1) / units / (1 - 1 / WEIGHT) + float(row["value_added"]) ** 2 / units


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1))
@example(14)  # cells without a unit are known to have no error: hiding theirs protects nothing
def test_no_unsafe_cell_of_the_digital_economy_is_bounded(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    survey = _survey(np.random.default_rng(seed))
    with DuckDB(scratch=tmp_path_factory.mktemp("scratch")) as engine:
        run(engine, {"business_survey": survey})
        printed = {
            (row["district_code"], row["class_code"]): row
            for row in rows_of(engine, "digital_economy_district")
        }
        account = {
            row["code"]: row for row in rows_of(engine, "digital_economy_account_public", "level = 'major'")
        }
        codes = {row["code"] for row in rows_of(engine, "finding")}
    if not printed:
        assert "statistics.district_withheld" in codes
        return
    held, values, errors = _held(survey), [], []
    for cell in CELLS:
        row = printed.get(cell)
        if row is None or row["status"] == "none_sampled":
            values.append((_inside(*cell), 0.0))
            errors.append((_inside(*cell), 0.0))
    for cell, row in printed.items():
        if row["value_added"] is not None:
            values.append((_inside(*cell), float(row["value_added"])))
        if row["standard_error"] is not None:
            errors.append((_inside(*cell), _squares(row, len(survey))))
    public = [
        (
            _inside("total", code),
            {"value_added": row["value_added_full"], "standard_error": row["standard_error"]},
        )
        for code, row in account.items()
        if code in CLASSES.values() and row["value_added_full"] is not None
    ]
    values += [(vector, float(row["value_added"])) for vector, row in public]
    margins = [
        (vector, _squares(row, len(survey))) for vector, row in public if row["standard_error"] is not None
    ]
    for cell, parts in held.items():
        wanted, truth = need(parts, **RULES), sum(parts.values())
        if wanted is None or cell[0] == "total":
            continue
        slack = 1e-5 * max(value for _, value in values)
        low, high = _bounds(values, _inside(*cell))
        assert low <= truth - min(wanted, truth) + slack and high >= truth + wanted - slack, cell
    for cell in CELLS:
        if cell in held and printed[cell]["value_added"] is None:
            truth = sum(one**2 for one in held[cell].values())
            slack = 1e-3 * max(value for _, value in errors)
            empty = [(vector, value) for vector, value in errors if not value]
            alone = _bounds(empty, _inside(*cell)) if empty else (0.0, np.inf)
            low, high = _bounds([*errors, *margins], _inside(*cell))
            assert high >= min(2 * truth, alone[1]) - slack and low <= max(0.0, alone[0]) + slack, cell


def _person(name: str, district: str, *, flexible: bool) -> dict[str, Any]:
    return {
        "person_hash": mark(name), "month": f"{YEAR}-06", "stratum": district, "cluster": f"{district}{name[-1]}",
        "weight": 100.0, "employed": True, "employment_form": "own_account" if flexible else "employee",
        "main_job_platform": False, "second_job_platform": False, "hours": 40.0, "district_code": district,
        "age": 30, "sex": "male",
    }  # fmt: skip


@pytest.mark.parametrize(
    "sizes", [(40, 30, 25, 4, 12), (15, 14, 13, 12, 3), (2, 3, 4, 40, 50), (30, 30, 30, 30, 9)]
)
def test_no_district_of_flexible_employment_follows_from_the_city(
    engine: DuckDB, sizes: tuple[int, ...]
) -> None:
    """Survey and register: the city's figure, shown districts and their errors leave small districts in doubt."""
    counted = dict(zip(DISTRICTS, sizes, strict=True))
    persons = [
        _person(f"{district}{n}", district, flexible=n < size)
        for district, size in counted.items()
        for n in range(60)
    ]
    work = [
        {"platform_uscc": "P", "worker_hash": mark(f"w{district}{n}"), "month": f"{YEAR}-06", "orders": 5,
         "hours": 10.0, "district_code": district, "activity_kind": "delivery"}
        for district, size in counted.items() for n in range(size)
    ]  # fmt: skip
    run(engine, {"labour_survey": persons, "platform_work_record": work})
    city = {row["definition_code"]: row for row in rows_of(engine, "flexible_employment")}
    for code, expanded in (("survey_flexible", 100), ("register_platform", 1)):
        rows = {row["district_code"]: row for row in rows_of(engine, TABLE, f"definition_code = '{code}'")}
        known = [(np.ones(len(DISTRICTS)), float(city[code]["persons"]))]
        squares = [(np.ones(len(DISTRICTS)), float(city[code]["standard_error"] or 0) ** 2)]
        for place, district in enumerate(DISTRICTS):
            one = np.eye(len(DISTRICTS))[place]
            if rows[district]["persons"] is not None:
                known.append((one, float(rows[district]["persons"])))
            if rows[district]["standard_error"] is not None:
                squares.append((one, float(rows[district]["standard_error"]) ** 2))
        for place, (district, size) in enumerate(counted.items()):
            one, truth = np.eye(len(DISTRICTS))[place], float(expanded * size)
            if size >= 10:
                continue
            low, high = _bounds(known, one)
            wanted = 10 - size if expanded == 1 else truth / 10
            assert low <= truth - min(wanted, truth) + 1e-6 and high >= truth + wanted - 1e-6, (
                code,
                district,
            )
            if expanded > 1:
                assert rows[district]["standard_error"] is None
                assert _bounds(squares, one)[1] > 0


TABLE = "flexible_employment_district"


@pytest.mark.slow
def test_no_unsafe_cell_of_the_sample_city_is_bounded(sample_run: Path) -> None:
    """All that the book prints of the digital economy by district, and the account's margins beside it."""
    with DuckDB(Workspace.open(sample_run).runs.book_path(), read_only=True) as engine:
        rows = rows_of(engine, "digital_economy_district")
        account = rows_of(engine, "digital_economy_account_public", "level = 'major'")
        held = _held_of_book(engine)
    cells = sorted({(row["district_code"], row["class_code"]) for row in rows if _is_inner(row)})

    def inside(district: str, major: str) -> np.ndarray:
        return np.array(
            [district in ("total", one) and major in ("core", other) for one, other in cells], dtype=float
        )

    known = [
        (inside("total", row["code"]), float(row["value_added_full"]))
        for row in account
        if row["value_added_full"] is not None
    ]
    for row in rows:
        if row["status"] != "suppressed":
            value = 0.0 if row["value_added"] is None else float(row["value_added"])
            known.append((inside(row["district_code"], row["class_code"]), value))
    unsafe = 0
    for row in rows:
        parts = held.get((row["district_code"], row["class_code"]), {})
        wanted, truth = need(parts, **RULES), sum(parts.values())
        if wanted is None or row["district_code"] == "total":
            continue
        unsafe += 1
        slack = 1e-5 * max(value for _, value in known)
        low, high = _bounds(known, inside(row["district_code"], row["class_code"]))
        assert low <= truth - min(wanted, truth) + slack and high >= truth + wanted - slack
    assert unsafe > 20


def _is_inner(row: Mapping[str, Any]) -> bool:
    return row["district_code"] != "total" and row["class_code"] != "core"


def _held_of_book(engine: DuckDB) -> dict[tuple[str, str], dict[str, float]]:
    """Return the weighted contribution of every answering unit, by district and major, with all margins, in CNY."""
    weights = engine.execute(
        "SELECT stratum, take_all, sum(CAST(weight AS DOUBLE)) / sum(CASE WHEN value_added IS NULL THEN 0 ELSE "
        f"CAST(weight AS DOUBLE) END) FROM business_survey WHERE year = {YEAR} GROUP BY 1, 2"
    )
    raised = {(stratum, take_all): factor for stratum, take_all, factor in weights}
    units = engine.execute(
        "SELECT s.stratum, s.take_all, s.uscc, coalesce(s.industry_code, e.industry_code, a.best_code, ''), "
        "coalesce(s.district_code, e.district_code, 'unknown'), "
        "CAST(s.weight AS DOUBLE) * CAST(s.value_added AS DOUBLE) "
        "FROM business_survey s LEFT JOIN enterprise e ON e.uscc = s.uscc LEFT JOIN activity_code a ON a.uscc = s.uscc "
        f"WHERE s.year = {YEAR} AND s.value_added IS NOT NULL"
    )
    codes = PackLibrary.load()["digital_economy_2021_codes"].rows
    starred = {str(row["gbt4754_code"]) for row in codes if row["partial"]}
    major = {str(row["gbt4754_code"]): str(row["major"]) for row in codes if not row["partial"]}
    found: dict[tuple[str, str], dict[str, float]] = {}
    for stratum, take_all, uscc, code, district, value in units:
        if code in starred or major.get(code, "05") > "04":
            continue
        for cell in itertools.product((district, "total"), (major[code], "core")):
            own = found.setdefault(cell, {})
            own[uscc] = own.get(uscc, 0.0) + value * raised[stratum, take_all]
    return found
