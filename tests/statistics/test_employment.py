"""Flexible employment: survey, register, and both with the overlap removed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.pipeline.headlines import compute, definitions
from lvshu.statistics import employment_reach
from lvshu.statistics.desk_error.reinterview import Checked
from lvshu.statistics.methods.jackknife import jackknife_variance, replicate_totals
from lvshu.statistics.methods.survey import Estimate, clustered_variance, count_interval
from tests.statistics.book import YEAR, by, lax_rules, mark, rows_of, run

MONTH = f"{YEAR}-11"
EARLIER = f"{YEAR}-10"


def _person(name: str, cluster: str, form: str | None, **more: object) -> dict:
    return {
        "person_hash": mark(name), "month": MONTH, "stratum": "310115", "cluster": cluster, "weight": 10.0,
        "employed": form is not None, "employment_form": form, "main_job_platform": form == "platform",
        "second_job_platform": False, "hours": 40.0 if form else 0.0, "district_code": "310115", "age": 30,
        "sex": "female", **more,
    }  # fmt: skip


def _work(name: str, platform: str = "P1", **more: object) -> dict:
    return {
        "platform_uscc": platform, "worker_hash": mark(name), "month": MONTH, "orders": 5, "hours": 52.0,
        "district_code": "310115", "activity_kind": "delivery", **more,
    }  # fmt: skip


SURVEY = [
    _person("a", "C1", "employee"),
    _person("b", "C1", "own_account"),
    _person("c", "C1", "platform"),
    _person("d", "C2", "employee", second_job_platform=True),
    _person("e", "C2", "own_account"),
    _person("f", "C2", None),
    _person("g", "C3", "part_time"),
    _person("h", "C3", "employee"),
    _person("i", "C3", "platform"),
]
# c is in the register on two platforms; e works by a platform and did not say so; i is not registered
WORK = [
    _work("c"), _work("c", "P2"), _work("d"), _work("e"), _work("x", orders=0), _work("y"),
    *(_work(f"z{number}") for number in range(30)),
]  # fmt: skip


def test_a_month_that_a_platform_left_out_is_told(engine: DuckDB) -> None:
    """P1 lacks two months between others; P2 began late and P3 ended early, and P4's gap is of another year."""
    months = {"P1": ("2022-12", "2023-01", "2023-04"), "P2": ("2023-03", "2023-04"), "P3": ("2023-01",),
              "P4": ("2022-10", "2022-12", "2023-01")}  # fmt: skip
    work = [
        _work(f"{platform}{n}", platform, month=month, orders=0 if n == 0 else 5)
        for platform, own in months.items() for month in own for n in range(1 + int(month[-1:]))
    ]  # fmt: skip
    run(engine, {"platform_work_record": work})
    [told] = engine.read("finding", where="code = 'statistics.platform_left_out_month'").to_pylist()
    assert (told["record_key"], told["table_name"]) == ("P1", "platform_work_record")
    assert "2023-02, 2023-03" in told["what_en"]
    assert "(1 record with orders in 2023-01, 4 records with orders in 2023-04)" in told["what_en"]


def test_the_register_counts_each_person_once(engine: DuckDB) -> None:
    run(engine, {"platform_work_record": [*WORK, _work("c", district_code="310101")]})
    workers = by(engine, "platform_worker", "district_code")
    assert workers["total"]["workers"] == 34
    assert workers["total"]["accounts"] == 35
    assert workers["total"]["several_platforms"] == 1
    assert workers["310101"]["workers"] == 1
    assert float(workers["total"]["full_time_equivalent"]) == pytest.approx(
        36 * 52 / (40 * 52 / 12), abs=1e-5
    )


def test_definitions_stand_side_by_side(engine: DuckDB) -> None:
    run(engine, {"labour_survey": SURVEY, "platform_work_record": WORK})
    found = {
        code: float(row["persons"])
        for code, row in by(engine, "flexible_employment", "definition_code").items()
        if row["status"] == "estimated"
    }
    assert found["employment"] == 80
    assert found["survey_main_job"] == 20
    assert found["survey_any_job"] == 30
    assert found["survey_second_job"] == 10
    assert found["own_account"] == 20
    assert found["part_time"] == 10
    assert found["survey_main_flexible"] == 50
    assert found["survey_flexible"] == 60
    assert found["survey_in_register"] == 30
    assert found["register_platform"] == 34
    assert found["corrected_total"] == 34 + 30  # register, and b, g, i who are not in it
    assert found["capture_recapture"] == pytest.approx(34 / (20 / 30))
    assert 30 <= found["dual_frame"] - 10 <= 34  # i, and the register or the survey's count of it


OTHERS = [f"z{number}" for number in range(27)]
"""Workers whom the sample did not meet: with three who were met, as many as the survey expects in the register."""


def test_overlap_is_not_counted_twice(engine: DuckDB, tmp_path: Path) -> None:
    run(
        engine,
        {"labour_survey": SURVEY, "platform_work_record": [_work(name) for name in ("c", "i", "d", *OTHERS)]},
        packs=lax_rules(tmp_path),
    )
    found = {
        code: float(row["persons"])
        for code, row in by(engine, "flexible_employment", "definition_code").items()
        if row["status"] == "estimated"
    }
    assert found["corrected_total"] == 30 + 30  # b, e, g besides the register
    assert found["capture_recapture"] == pytest.approx(30)
    rows = by(engine, "flexible_employment", "definition_code")
    row = rows["dual_frame"]
    for code in ("dual_frame", "capture_recapture", "chapman"):
        assert (rows[code]["standard_error"], rows[code]["share_standard_error"]) == (None, None), code
    assert (float(row["low"]), float(row["high"])) == pytest.approx((30, 30 / 0.025 ** (1 / 3)))
    assert by(engine, "uncertainty", "indicator")["platform_workers"]["method"] == "bound_without_outsiders"


def test_an_error_that_is_not_known_is_not_zero(engine: DuckDB) -> None:
    """The sample meets nobody outside the register: n of n persons listed leave 0.025^(1/n) of the share possible."""
    work = [_work(name) for name in "bcdegi"] + [_work(f"z{number}") for number in range(54)]
    run(engine, {"labour_survey": SURVEY, "platform_work_record": work})
    row = by(engine, "flexible_employment", "definition_code")["corrected_total"]
    assert (float(row["persons"]), row["sampled_persons"]) == (60, 0)
    assert row["standard_error"] is row["share_standard_error"] is None
    assert (float(row["low"]), float(row["high"])) == pytest.approx((60, 60 / 0.025 ** (1 / 6)))
    uncertain = by(engine, "uncertainty", "indicator")
    for code in ("flexible_employment", "flexible_employment_share"):
        told = uncertain[code]
        assert (told["standard_error"], told["method"]) == (None, "bound_without_outsiders")
        parts = {row["part"]: row for row in rows_of(engine, "total_error", f"indicator = '{code}'")}
        assert (parts["sampling"]["status"], parts["sampling"]["size"]) == ("not_known", None)
        assert (parts["total"]["status"], parts["total"]["share"]) == ("not_known", None)
    assert uncertain["flexible_employment"]["high"] == pytest.approx(float(row["high"]))
    drawn = {row["definition_code"] for row in rows_of(engine, "flexible_employment_replicate")}
    assert drawn == {"employment", "survey_flexible"}  # replicates without spread would say: no error


@pytest.mark.parametrize("seed", [3, 4])
def test_ends_of_counts_stay_above_what_was_counted(engine: DuckDB, seed: int) -> None:
    random = np.random.default_rng(seed)
    survey = [
        _person(f"p{n}", f"C{n % 12}", "own_account" if random.random() < 0.03 else "employee")
        for n in range(120)
    ]
    run(engine, {"labour_survey": survey, "platform_work_record": [_work(f"z{n}") for n in range(50)]})
    for table in ("flexible_employment", "flexible_employment_month", "flexible_employment_district"):
        for row in rows_of(engine, table, "standard_error IS NOT NULL"):
            assert 0 < row["low"] < row["persons"] < row["high"], (table, row["definition_code"])
    row = by(engine, "flexible_employment", "definition_code")["corrected_total"]
    over = np.array([float(row[name]) - 50 for name in ("low", "persons", "high")])
    assert over[1] ** 2 == pytest.approx(over[0] * over[2]) and over[0] > 0
    assert np.log(over[2] / over[1]) / 1.959963984540054 == pytest.approx(
        np.sqrt(np.log1p((float(row["standard_error"]) / over[1]) ** 2)), rel=1e-6
    )


def test_intervals_of_rare_persons_cover_no_worse_than_normal_ones() -> None:
    """Totals of 30 clusters in which few persons count: the normal interval is below zero and misses above."""
    draw = np.random.default_rng(21)
    level = draw.gamma(0.4, 0.5, 4000)
    held = {"normal": 0, "count": 0}
    above = {"normal": 0, "count": 0}
    times = below_zero = 0
    for _ in range(2000):
        values = draw.poisson(draw.choice(level, 30)) * 10.0
        if not values.any():
            continue
        times += 1
        error = float(np.sqrt(clustered_variance(values, np.zeros(30, dtype=np.int64), np.arange(30))))
        found = Estimate(float(values.sum()), error)
        truth = 300.0 * float(level.mean())
        for name, (low, high) in (("normal", (found.low, found.high)), ("count", count_interval(found))):
            assert low is not None and high is not None
            held[name] += low <= truth <= high
            above[name] += truth > high
        below_zero += found.low < 0
    assert below_zero > 0
    assert held["count"] / times >= max(0.92, held["normal"] / times)
    assert above["count"] < above["normal"]


def test_without_the_month_in_the_register_nothing_is_corrected(engine: DuckDB) -> None:
    work = [{**row, "month": f"{YEAR}-10"} for row in WORK]
    run(engine, {"labour_survey": SURVEY, "platform_work_record": work})
    assert "corrected_total" not in by(engine, "flexible_employment", "definition_code")
    assert "statistics.register_without_month" in {row["code"] for row in rows_of(engine, "finding")}


def test_the_pair_of_city_w(engine: DuckDB) -> None:
    """Survey only 61.42 and 4.97 %; corrected 100.38 and 8.13 % (10,000 persons): a book at 1:1000 built to match."""
    survey, employed, corrected, register = 614.2, 12353.0, 1003.8, 600
    persons = []
    for number in range(100):
        cluster = f"C{number % 20}"
        outside = (corrected - register) / 50
        linked = (survey - (corrected - register)) / 10
        rest = (employed - survey) / 40
        if number < 50:
            persons.append(_person(f"o{number}", cluster, "own_account", weight=round(outside, 6)))
        elif number < 60:
            persons.append(_person(f"r{number - 50}", cluster, "platform", weight=round(linked, 6)))
        else:
            persons.append(_person(f"e{number}", cluster, "employee", weight=round(rest, 6)))
    run(engine, {"labour_survey": persons, "platform_work_record": [_work(f"r{n}") for n in range(register)]})
    rows = by(engine, "flexible_employment", "definition_code")
    alone, both = rows["survey_flexible"], rows["corrected_total"]
    assert float(alone["persons"]) == pytest.approx(614.2, abs=0.01)
    assert round(alone["share_of_employment"], 2) == 4.97
    assert float(both["persons"]) == pytest.approx(1003.8, abs=0.01)
    assert round(both["share_of_employment"], 2) == 8.13


def test_intervals_agree_with_the_jackknife(engine: DuckDB) -> None:
    random = np.random.default_rng(11)
    forms = ["employee", "own_account", "part_time", "platform", None]
    persons, work = [], []
    for number in range(1200):
        cluster = number // 15
        form = forms[random.choice(5, p=[0.45, 0.08, 0.05, 0.07, 0.35])]
        stratum = f"31010{cluster % 4}"
        person = _person(f"p{number}", f"C{cluster}", form, stratum=stratum, district_code=stratum)
        persons.append({**person, "weight": 5.0 + cluster % 7})
        if form and (form == "platform" or random.random() < 0.05):
            work.append(_work(f"p{number}"))
    work += [_work(f"q{number}") for number in range(830)]  # as many as the survey expects
    run(engine, {"labour_survey": persons, "platform_work_record": work})
    rows = by(engine, "flexible_employment", "definition_code")
    cells = rows_of(engine, "labour_survey_cluster")
    clusters = sorted({(row["stratum"], row["cluster"]) for row in cells})
    stratum = np.unique([key[0] for key in clusters], return_inverse=True)[1].astype(np.int64)
    sums = np.zeros((len(clusters), 2))
    for row in cells:
        place = clusters.index((row["stratum"], row["cluster"]))
        sums[place, 0] += float(row["weighted"]) * (row["measure"] == "flexible_not_in_register")
        sums[place, 1] += float(row["weighted"]) * (row["measure"] == "employed")
    register = float(rows["register_platform"]["persons"])
    replicates = replicate_totals(sums, stratum)
    total = register + replicates[:, 0]
    corrected = rows["corrected_total"]
    error = jackknife_variance(float(corrected["persons"]), total, stratum) ** 0.5
    assert error == pytest.approx(float(corrected["standard_error"]), rel=1e-4)
    share = 100 * total / replicates[:, 1]
    error = jackknife_variance(corrected["share_of_employment"], share, stratum) ** 0.5
    assert error == pytest.approx(corrected["share_standard_error"], rel=0.03)
    uncertain = by(engine, "uncertainty", "indicator")
    assert uncertain["flexible_employment"]["standard_error"] == pytest.approx(
        float(corrected["standard_error"])
    )
    assert uncertain["flexible_employment_share"]["unit"] == "%"
    assert uncertain["flexible_employment"]["replicates"] == 200
    drawn = [
        float(row["persons"])
        for row in rows_of(engine, "flexible_employment_replicate", "definition_code = 'corrected_total'")
    ]
    assert np.mean(drawn) == pytest.approx(float(corrected["persons"]), rel=0.02)
    assert np.std(drawn, ddof=1) == pytest.approx(float(corrected["standard_error"]), rel=0.2)


def test_small_districts_are_not_shown_nor_can_be_worked_out(engine: DuckDB) -> None:
    persons = []
    for district, size in (("310101", 25), ("310104", 18), ("310105", 4)):
        persons += [
            _person(
                f"{district}{n}",
                f"{district}C{n % 5}",
                "own_account",
                stratum=district,
                district_code=district,
            )
            for n in range(size)
        ]
    persons.append(_person("n", "310106C1", "employee", stratum="310106", district_code="310106"))
    work = [_work(f"w{n}", f"P{n % 4}", district_code="310101") for n in range(12)] + [
        _work("v", district_code="310104")
    ]
    run(engine, {"labour_survey": persons, "platform_work_record": work})
    rows = rows_of(engine, "flexible_employment_district")
    status = {(row["definition_code"], row["district_code"]): row["status"] for row in rows}
    assert status["survey_flexible", "310101"] == "shown"
    assert (
        status["survey_flexible", "310104"] == "suppressed"
    )  # else 310105 would follow from the city's figure
    assert status["survey_flexible", "310105"] == "suppressed"
    assert status["survey_flexible", "310106"] == "none_sampled"
    assert status["register_platform", "310104"] == "suppressed"
    assert status["register_platform", "310101"] == "suppressed"  # the city's thirteen less twelve is one
    assert all((row["persons"] is None) == (row["status"] != "shown") for row in rows)


def test_a_district_that_was_shown_before_cannot_be_hidden_now(engine: DuckDB) -> None:
    work = [
        _work(f"w{d}{n}", f"P{n % 4}", district_code=d)
        for d, many in (("310101", 30), ("310104", 20), ("310105", 4))
        for n in range(many)
    ]
    before = {
        "year": YEAR,
        "definition_code": "register_platform",
        "status": "shown",
        "district_code": "310105",
        "persons": 4.0,
    }
    tables = {"labour_survey": SURVEY, "platform_work_record": work}
    run(engine, tables)
    first = {row["district_code"]: row["status"] for row in _of_register(engine)}
    assert first == {"310101": "shown", "310104": "suppressed", "310105": "suppressed"}
    run(engine, {**tables, "flexible_employment_district_previous": [before]})
    assert {row["status"] for row in _of_register(engine)} == {"suppressed"}
    assert "statistics.definition_withheld" in {row["code"] for row in rows_of(engine, "finding")}


@pytest.mark.parametrize(
    ("grouped", "hidden"), [(False, {"310105", "310104"}), (True, {"310101", "310104", "310105"})]
)
def test_workers_of_one_platform_in_a_district_are_not_shown(
    engine: DuckDB, *, grouped: bool, hidden: set[str]
) -> None:
    """310105 is served by P1 alone, with many workers; 310101 by four platforms, which may belong to one group."""
    work = [
        _work(f"w{d}{n}", f"P{n % platforms + 1}", district_code=d)
        for d, many, platforms in (("310101", 80, 4), ("310104", 60, 4), ("310105", 40, 1))
        for n in range(many)
    ]
    group = [{"uscc": f"P{n}", "group_code": "G"} for n in (1, 2, 3, 4)] if grouped else []
    run(engine, {"labour_survey": SURVEY, "platform_work_record": work, "enterprise_group": group})
    assert {row["district_code"] for row in _of_register(engine) if row["status"] == "suppressed"} == hidden
    assert any(
        "platform" in row["what_en"]
        for row in rows_of(engine, "finding", "code = 'statistics.district_suppressed'")
    )


def _of_register(engine: DuckDB) -> list[dict]:
    return rows_of(engine, "flexible_employment_district", "definition_code = 'register_platform'")


def test_a_persons_months_are_one_cluster_and_an_average(engine: DuckDB) -> None:
    twice = SURVEY + [{**row, "month": f"{YEAR}-10"} for row in SURVEY]
    work = WORK + [{**row, "month": f"{YEAR}-10"} for row in WORK]
    run(engine, {"labour_survey": SURVEY, "platform_work_record": WORK})
    once = by(engine, "flexible_employment", "definition_code")
    run(engine, {"labour_survey": twice, "platform_work_record": work})
    again = by(engine, "flexible_employment", "definition_code")
    for code, row in once.items():
        if row["status"] == "not_delivered":
            assert again[code]["persons"] is None
            continue
        assert float(again[code]["persons"]) == pytest.approx(float(row["persons"])), code
        errors = (again[code]["standard_error"], row["standard_error"])
        assert (errors[0] is None) == (errors[1] is None), code
        if errors[0] is None:  # a register, or clusters that do not vary
            assert row["method"] != "register_and_survey"
            continue
        assert float(errors[0]) == pytest.approx(float(errors[1])), code


RESTING = ("flexible_employment", "flexible_employment_share", "platform_workers")


def _reached(engine: DuckDB, packs: Path, weight: float, others: int) -> dict[str, dict[str, Any]]:
    """Run a survey that met 13 workers of a register with others besides, and return the headlines of employment."""
    survey = [
        _person(f"p{n}", f"C{n % 10}", "platform" if n < 16 else "own_account" if n < 27 else "employee",
                weight=weight) for n in range(60)
    ]  # fmt: skip
    work = [*(_work(f"p{n}") for n in range(13)), *(_work(f"z{n}") for n in range(others))]
    run(engine, {"labour_survey": survey, "platform_work_record": work}, packs=lax_rules(packs))
    wanted = [one for one in definitions() if one.code in (*RESTING, "flexible_employment_survey")]
    return {
        row["code"]: row for row in compute(engine, wanted, empty_because={}, placeholders={}, incomplete={})
    }


def test_a_register_short_of_the_survey_makes_partial_headlines_without_an_interval(
    engine: DuckDB, tmp_path: Path
) -> None:
    """The survey met 13 · 400 persons in a register of 18: the reader is led to the figure by the survey alone."""
    headlines = _reached(engine, tmp_path, 400.0, 5)
    [found] = rows_of(engine, "finding", "code LIKE 'statistics.register%survey'")
    assert found["code"] == "statistics.register_short_of_survey"
    assert "use the figure by the survey alone" in found["what_en"] and "只凭调查" in found["what_zh"]
    alone = headlines.pop("flexible_employment_survey")
    assert alone["status"] == "available" and alone["low"] < alone["value"] < alone["high"]
    told = by(engine, "uncertainty", "indicator")
    assert set(headlines) == set(RESTING)
    for code, row in headlines.items():
        assert row["value"] is not None and row["status"] == "partial" and "survey alone" in row["reason_en"]
        assert row["standard_error"] is row["low"] is row["high"] is None
        assert "survey alone" in row["uncertainty_scope_en"] and told[code]["method"] == "contradicted"
        parts = rows_of(engine, "total_error", f"indicator = '{code}'")
        assert {part["status"] for part in parts} <= {"none", "not_known"}
        assert all(
            row["low"] is None for row in rows_of(engine, "total_error_interval", f"indicator = '{code}'")
        )
        assert not rows_of(engine, "total_error_replicate", f"indicator = '{code}'")
    for table in ("flexible_employment", "flexible_employment_month"):
        rows = by(engine, table, "definition_code")
        for code in ("corrected_total", "dual_frame"):
            assert rows[code]["persons"] and rows[code]["low"] is rows[code]["high"] is None
        assert rows["survey_flexible"]["low"] < rows["survey_flexible"]["persons"]


def test_a_register_beyond_the_survey_makes_partial_headlines_and_says_when_they_hold(
    engine: DuckDB, tmp_path: Path
) -> None:
    headlines = _reached(engine, tmp_path, 10.0, 900)
    [found] = rows_of(engine, "finding", "code LIKE 'statistics.register%survey'")
    assert found["code"] == "statistics.register_outside_survey" and found["amount"] == 913 - 130
    assert headlines.pop("flexible_employment_survey")["status"] == "available"
    for row in headlines.values():
        assert row["status"] == "partial" and "hold only if" in row["reason_en"]
        assert "holds only if" in row["uncertainty_scope_en"] and row["low"] < row["value"] < row["high"]


def test_a_register_within_the_survey_leaves_headlines_as_they_are(engine: DuckDB, tmp_path: Path) -> None:
    headlines = _reached(engine, tmp_path, 10.0, 117)
    assert not rows_of(engine, "finding", "code LIKE 'statistics.register%survey'")
    assert {row["status"] for row in headlines.values()} == {"available"}


def test_links_that_reinterviews_found_missing_are_no_contradiction() -> None:
    """A tenth of the linked were missed: the register of 1000 is what the corrected survey expects."""
    cells = np.tile(np.array([[80.0, 40.0, 10.0, 370.0]]), (10, 1))
    stratum, cluster = np.zeros(10, dtype=np.int64), np.arange(10)
    cells *= 1 + 0.01 * (np.arange(10)[:, None] - 4.5)
    judged = np.array([50.0, 40.0, 10.0, 40.0])
    again = Checked(140, judged, np.array([50.0, 10.0, 10.0, 0.0]), judged, judged)
    naive = employment_reach.expected(cells, stratum, cluster, None)
    corrected = employment_reach.expected(cells, stratum, cluster, again)
    assert naive.value == pytest.approx(900) and corrected.value == pytest.approx(1000)
    assert corrected.standard_error > naive.standard_error
    assert employment_reach.reach(naive, 1000) == "beyond"
    assert employment_reach.reach(corrected, 1000) == "within"
    assert employment_reach.reach(naive, 800) == "short"


def test_rows_of_other_years_are_told(engine: DuckDB) -> None:
    old = [{**row, "month": f"{YEAR - 1}-11"} for row in SURVEY[:2]]
    units = [
        {"uscc": f"U{year}", "year": year, "stratum": "s", "take_all": True, "weight": 1.0, "value_added": 1e6,
         "revenue": 1e6, "industry_code": "6511", "district_code": "310115"}
        for year in (YEAR, YEAR - 2)
    ]  # fmt: skip
    run(engine, {"labour_survey": [*SURVEY, *old], "business_survey": units})
    found = rows_of(engine, "finding", "code = 'statistics.rows_of_other_years'")
    assert {row["table_name"]: row["amount"] for row in found} == {
        "labour_survey": 2.0,
        "business_survey": 1.0,
    }
    assert any(
        f"2 rows are not of {YEAR}" in row["what_en"] and f"{YEAR - 1} (2)" in row["what_en"] for row in found
    )
    run(engine, {"labour_survey": SURVEY})
    assert not rows_of(engine, "finding", "code = 'statistics.rows_of_other_years'")


def test_survey_alone_gives_what_a_survey_can(engine: DuckDB) -> None:
    run(engine, {"labour_survey": SURVEY})
    assert "corrected_total" not in by(engine, "flexible_employment", "definition_code")
    assert "flexible_employment_survey" in by(engine, "uncertainty", "indicator")


def test_chapman_takes_the_survey_at_its_effective_size(engine: DuckDB) -> None:
    random = np.random.default_rng(17)
    persons, work = [], []
    for number in range(1500):
        form = "platform" if random.random() < 0.3 else "employee"
        persons.append(
            {**_person(f"p{number}", f"C{number % 60}", form), "weight": float(random.uniform(5, 40))}
        )
        if form == "platform" and random.random() < 0.6:
            work.append(_work(f"p{number}"))
    work += [_work(f"q{number}") for number in range(6000)]
    run(engine, {"labour_survey": persons, "platform_work_record": work})
    rows = by(engine, "flexible_employment", "definition_code")
    chapman, ratio = rows["chapman"], rows["capture_recapture"]
    workers = float(rows["register_platform"]["persons"])
    share, error = workers / float(ratio["persons"]), 0.0
    error = share * float(ratio["standard_error"]) / float(ratio["persons"])
    size = min(float(ratio["sampled_persons"]), share * (1 - share) / error**2)
    both = share * size
    value = (workers + 1) * (size + 1) / (both + 1) - 1
    seber = (workers + 1) * (size + 1) * (workers - both) * (size - both) / ((both + 1) ** 2 * (both + 2))
    assert float(chapman["persons"]) == pytest.approx(value, rel=1e-6)
    assert float(chapman["standard_error"]) == pytest.approx(seber**0.5, rel=1e-6)
    assert float(chapman["persons"]) == pytest.approx(float(ratio["persons"]), rel=0.01)
    assert size < ratio["sampled_persons"]
    assert float(chapman["standard_error"]) == pytest.approx(float(ratio["standard_error"]), rel=0.05)


def test_a_standard_error_of_persons_and_of_the_share_go_together(engine: DuckDB) -> None:
    for work in (WORK, [_work("c"), _work("i"), _work("d")]):
        run(engine, {"labour_survey": SURVEY, "platform_work_record": work})
        for row in rows_of(engine, "flexible_employment"):
            if (
                row["method"] == "register" and row["persons"] is not None
            ):  # the share has that of employment alone
                assert row["standard_error"] is None and row["share_standard_error"] > 0
                continue
            assert (row["standard_error"] is None) == (row["share_standard_error"] is None), row[
                "definition_code"
            ]


def _city_of_registers() -> dict[str, list[dict[str, Any]]]:
    """Twelve persons in four clusters, weight ten; registers that overlap with the survey and with each other."""
    forms = ["platform"] * 3 + ["own_account"] * 3 + ["part_time"] + ["employee"] * 5
    survey = [
        {
            "person_hash": mark(f"p{number}"), "month": MONTH, "stratum": "310115", "cluster": f"C{number % 4}",
            "weight": 10.0, "employed": True, "employment_form": form, "main_job_platform": form == "platform",
            "second_job_platform": False, "hours": 40.0, "district_code": "310115", "age": 30, "sex": "male",
        }
        for number, form in enumerate(forms)
    ]  # fmt: skip
    works = [
        {
            "platform_uscc": platform, "worker_hash": mark(name), "month": MONTH, "orders": 9, "hours": 50.0,
            "district_code": "310115", "activity_kind": "delivery",
        }
        for name, platform in (("p0", "P1"), ("p0", "P2"), ("z0", "P1"), ("z1", "P1"))
    ]  # fmt: skip
    insured = [
        {"platform_uscc": platform, "person_hash": mark(name), "month": month}
        for name, platform, month in (
            ("p0", "P1", MONTH), ("p1", "P1", MONTH), ("p1", "P2", MONTH), ("z2", "P1", MONTH), ("z3", "P1", EARLIER),
        )
    ]  # fmt: skip
    shops = [
        {
            "registration_number": f"S{number}", "person_hash": mark(name), "registered_on": first, "closed_on": last,
            "employees": hired,
        }
        for number, (name, first, last, hired) in enumerate(
            (
                ("p3", date(YEAR - 2, 1, 1), None, None), ("p3", date(YEAR - 1, 1, 1), None, 0),
                ("p4", date(YEAR - 2, 1, 1), date(YEAR, 2, 1), 0), ("z0", date(YEAR - 2, 1, 1), None, 0),
                ("z9", date(YEAR - 2, 1, 1), None, 3), ("z8", date(YEAR + 1, 1, 1), None, 0),
            )
        )
    ]  # fmt: skip
    return {
        "labour_survey": survey, "platform_work_record": works, "injury_insurance_record": insured,
        "self_employment_record": shops,
    }  # fmt: skip


def test_three_registers_count_each_person_once_and_stand_beside_the_survey(
    engine: DuckDB, tmp_path: Path
) -> None:
    run(engine, _city_of_registers(), packs=lax_rules(tmp_path / "packs"))
    counted = {
        row["register_code"]: (row["persons"], row["only_here"])
        for row in rows_of(engine, "flexible_register")
    }
    assert counted == {
        "platform": (3, 1), "injury_insurance": (3, 2), "self_employment": (2, 1), "any": (6, 2),
    }  # fmt: skip
    rows = by(engine, "flexible_employment", "definition_code")
    assert float(rows["register_injury_insurance"]["persons"]) == 3
    assert float(rows["register_self_employment"]["persons"]) == 2
    assert float(rows["survey_in_injury_insurance"]["persons"]) == 20
    assert float(rows["survey_in_self_employment"]["persons"]) == 10
    assert float(rows["register_any"]["persons"]) == 6
    # outside every register, of the flexible: p2, p4 (closed), p5 and p6
    assert float(rows["corrected_all_registers"]["persons"]) == 6 + 40
    assert rows["corrected_all_registers"]["sampled_persons"] == 4
    assert {row["status"] for row in rows.values()} == {"estimated"}


def test_a_register_that_is_withheld_in_a_month_has_no_figure_of_the_year(engine: DuckDB) -> None:
    tables = _city_of_registers()
    more = [{**tables["platform_work_record"][0], "worker_hash": mark(f"y{number}")} for number in range(20)]
    run(engine, {**tables, "platform_work_record": [*tables["platform_work_record"], *more]})
    rows = by(engine, "flexible_employment", "definition_code")
    for code in (
        "register_injury_insurance",
        "register_self_employment",
        "register_any",
        "corrected_all_registers",
    ):
        assert rows[code]["status"] == "suppressed" and rows[code]["persons"] is None
    assert rows["corrected_total"]["persons"] is not None
    assert rows_of(engine, "finding", "code = 'statistics.registers_withheld'")


def test_registers_that_were_not_delivered_keep_their_rows(engine: DuckDB, tmp_path: Path) -> None:
    tables = _city_of_registers()
    del tables["self_employment_record"], tables["injury_insurance_record"]
    lax = lax_rules(tmp_path / "packs")
    run(engine, tables, packs=lax)
    rows = by(engine, "flexible_employment", "definition_code")
    absent = {code for code, row in rows.items() if row["status"] == "not_delivered"}
    assert absent == {
        "register_injury_insurance", "register_self_employment", "survey_in_injury_insurance",
        "survey_in_self_employment", "register_any", "corrected_all_registers",
    }  # fmt: skip
    assert {rows[code]["persons"] for code in absent} == {None}
    assert rows["corrected_total"]["persons"] is not None
    more = {**tables, "self_employment_record": _city_of_registers()["self_employment_record"]}
    run(engine, more, packs=lax)
    rows = by(engine, "flexible_employment", "definition_code")
    assert rows["register_injury_insurance"]["status"] == "not_delivered"
    assert rows["register_any"]["status"] == "suppressed"  # 3 + 2 - 4: one person is in both
    [either] = rows_of(engine, "flexible_register", "register_code = 'any'")
    assert either["persons"] == 4  # p0, z0, z1 and p3
    assert rows["register_self_employment"]["status"] == "suppressed"
