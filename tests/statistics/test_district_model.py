"""Flexible employment by district by the model: adds up, tells nothing of what is hidden, beats direct estimates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvshu.engine.duckdb import DuckDB
from lvshu.sample.people import draw_people, draw_places, people_blocks
from lvshu.sample.plan import CityPlan
from lvshu.sample.streams import Streams
from lvshu.statistics import district_model
from lvshu.statistics.employment import Survey
from tests.statistics.book import YEAR, mark, rows_of, run

TABLE = "flexible_employment_district_model"
Array = NDArray[np.float64]
SIZES = {"310101": 40, "310104": 36, "310105": 44, "310106": 50, "310107": 38, "310109": 42, "310110": 12, "310112": 14,
         "310113": 13}  # fmt: skip
FLEXIBLE = {"310101": 12, "310104": 15, "310105": 11, "310106": 20, "310107": 13, "310109": 12, "310110": 3,
            "310112": 5, "310113": 4}  # fmt: skip


def _city(flexible: dict[str, int]) -> dict[str, list[dict[str, Any]]]:
    """Return interviews of nine districts, the first of each cluster's persons flexible."""
    persons = [
        {"person_hash": mark(f"{district}{n}"), "month": f"{YEAR}-11", "stratum": district, "weight": 10.0,
         "cluster": f"{district}C{n % 4}", "employed": True, "main_job_platform": False, "second_job_platform": False,
         "employment_form": "own_account" if n < flexible[district] else "employee", "hours": 40.0,
         "district_code": district, "age": 30, "sex": "male"}
        for district, size in SIZES.items() for n in range(size)
    ]  # fmt: skip
    return {"labour_survey": persons}


def test_districts_by_the_model_add_up_to_the_city_and_stand_beside_the_direct_ones(engine: DuckDB) -> None:
    run(engine, _city(FLEXIBLE))
    rows = {row["district_code"]: row for row in rows_of(engine, TABLE)}
    [city] = rows_of(engine, "flexible_employment", "definition_code = 'survey_flexible'")
    direct = {
        row["district_code"]: row
        for row in rows_of(engine, "flexible_employment_district", "definition_code = 'survey_flexible'")
    }
    assert set(rows) == set(direct) == set(SIZES)
    assert sum(row["persons"] for row in rows.values()) == pytest.approx(float(city["persons"]))
    hidden = {code for code, row in direct.items() if row["status"] == "suppressed"}
    assert {"310110", "310112", "310113"} <= hidden < set(SIZES)
    for code, row in rows.items():
        assert row["low"] < row["persons"] < row["high"]
        assert row["estimator"] == ("regression" if code in hidden else "model_and_direct")
        assert (row["direct_persons"] is None) == (row["direct_smoothed_error"] is None) == (code in hidden)
        assert (row["better"] is None) == (code in hidden)
        if code not in hidden:
            assert row["direct_persons"] == direct[code]["persons"]
            assert (row["better"] == "model") == (row["standard_error"] < row["direct_smoothed_error"])


def test_the_model_tells_nothing_that_the_published_figures_do_not(engine: DuckDB) -> None:
    """Flexible persons change places between the hidden districts: nothing published changes, nor does the model."""
    run(engine, _city(FLEXIBLE))
    public, first = rows_of(engine, "flexible_employment_district"), rows_of(engine, TABLE)
    run(engine, _city({**FLEXIBLE, "310110": 4, "310112": 5, "310113": 3}))
    again, second = rows_of(engine, "flexible_employment_district"), rows_of(engine, TABLE)
    assert public == again, "the test swaps within what is hidden"
    assert first == second


def test_too_few_published_districts_carry_no_model(engine: DuckDB) -> None:
    few = {district: FLEXIBLE[district] if district < "310106" else 2 for district in SIZES}
    run(engine, _city(few))
    assert not rows_of(engine, TABLE)
    [told] = rows_of(engine, "finding", "code = 'statistics.district_model_none'")
    assert "3" in told["what_en"] and "5" in told["why_en"]


RATE = np.array([0.30, 0.31, 0.29, 0.33, 0.35, 0.32, 0.36, 0.34, 0.02])
STEEP = np.array([0.10, 0.13, 0.07, 0.19, 0.25, 0.16, 0.28, 0.22, 0.0])
"""Shares of which a straight line in the register's rate is below zero at the last; ADDED: at none."""
ADDED = 0.1 + 0.5 * RATE + 0.001 * np.array([1, -1, 1, -1, 1, -1, 1, -1, 0])


def _nine(share: Array, effective: Array) -> district_model.Districts:
    """Return nine districts of a thousand adults, all with a published estimate."""
    size, shown = np.full(9, 1000.0), np.ones(9, dtype=bool)
    return district_model.Districts(
        tuple(f"{place}" for place in range(9)), shown, shown, share * size, size, np.zeros(9), effective,
        np.full(9, 10.0), np.full(9, 3e-4), float((share * size).sum()),
    )  # fmt: skip


@pytest.mark.parametrize(("share", "auxiliary"), [(STEEP, "none"), (ADDED, "register_platform")])
def test_a_line_that_leaves_what_shares_can_be_is_not_taken(share: Array, auxiliary: str) -> None:
    register = {f"{place}": 1000.0 * rate for place, rate in enumerate(RATE)}
    known = _nine(share, np.full(9, 400.0))
    found = district_model.estimate(known, 1.2, register, 20, np.random.default_rng(1))
    assert found.auxiliary == auxiliary
    assert ((found.low <= found.persons) & (found.persons <= found.high)).all() and found.persons.min() > 0.0


def test_the_figure_of_a_well_known_district_is_of_the_distribution_of_its_interval() -> None:
    """Eight districts that are hardly known and one that is, apart from them: no variance between them is found."""
    share = np.append(0.3 + 0.03 * np.array([1, -1, 0.5, -0.5, 1, -1, 0.2, -0.2]), 0.34)
    known = _nine(share, np.append(np.full(8, 60.0), 1500.0))
    found = district_model.estimate(known, 1.5, {}, 20, np.random.default_rng(1))
    off = np.abs(found.persons - (found.low + found.high) / 2) / (found.high - found.low)
    assert off[-1] < 0.02 and off.max() < 0.08
    assert found.weight[-1] > 0.2  # the one value of the variance that fits best, zero, gives it none


RESIDENTS = np.array([66, 111, 69, 98, 124, 76, 124, 265, 224, 183, 568, 82, 191, 127, 114, 64.0])
"""Of the sixteen districts in 2020, in 10 thousand persons, rounded: the sizes alone matter here."""
LEAST = 10


class _People:
    """Residents of the sample city (1:500), and repeated surveys of them, twenty persons in each sampled cluster."""

    def __init__(self, seed: int) -> None:
        plan, streams = CityPlan(500, 2023), Streams(seed)
        self.places = draw_places(plan, streams, RESIDENTS)
        blocks = [draw_people(*block, self.places, streams) for block in people_blocks(self.places)]
        self.cluster = np.concatenate([one.cluster for one in blocks])
        self.adult = np.concatenate([one.age >= 16 for one in blocks])
        self.flexible = self.adult & np.concatenate([one.flexible() for one in blocks])
        self.truth = np.bincount(self.places.district[self.cluster], weights=self.flexible, minlength=16)
        self.wanted = plan.survey_persons // 20

    def survey(self, draw: np.random.Generator) -> Survey:
        district = self.places.district
        rows: list[tuple[int, str, int, float, int, float]] = []
        for code in range(16):
            inside = np.flatnonzero(district == code)
            take = max(3, round(self.wanted * inside.size / len(self.places)))
            for one in draw.choice(inside, take, replace=False):
                members = np.flatnonzero(self.cluster == one)
                asked = draw.permutation(members)[:20]
                asked = asked[self.adult[asked]]
                weight = inside.size / take * members.size / 20
                hits = int(self.flexible[asked].sum())
                rows.append((code, f"{code:02d}", asked.size, asked.size * weight, hits, hits * weight))
        stratum, names, persons, adults, found, flexible = zip(*rows, strict=True)
        return Survey(
            ("2023-11",), np.array(stratum), np.arange(len(rows)),
            [(name, str(place)) for place, name in enumerate(names)], list(names),
            {"persons": np.array(persons, float), "flexible": np.array(found, float)},
            {"persons": np.array(adults), "flexible": np.array(flexible)}, {},
        )  # fmt: skip


def _published(survey: Survey) -> dict[str, dict[str, Any]]:
    """Return direct estimates, those on fewer than ten persons hidden."""
    rows = {}
    for code in sorted(set(survey.district)):
        inside = np.array([float(one == code) for one in survey.district])
        few = 0 < float((survey.sampled["flexible"] * inside).sum()) < LEAST
        status = "suppressed" if few else "shown"
        value = survey.estimate("flexible", inside).value
        rows[code] = {"status": status, "error_status": status, "persons": None if few else value}
    return rows


@pytest.mark.slow
def test_the_model_covers_the_truth_of_the_sample_city_and_is_nearer_to_it_than_direct_estimates() -> None:
    inside, model, direct, told = [], [], [], []
    for seed in range(6):
        people = _People(seed)
        for repeat in range(4):
            draw = np.random.default_rng([seed, repeat])
            survey = people.survey(draw)
            known = district_model.districts(survey, _published(survey))
            effect = district_model.design_effect(known)
            assert effect is not None
            found = district_model.estimate(known, effect, {}, 40, draw)
            truth = people.truth
            assert found.persons.sum() == pytest.approx(known.total)
            inside += ((found.low <= truth) & (truth <= found.high)).tolist()
            model += ((found.persons - truth) / truth).tolist()
            told += (found.error / truth).tolist()
            flexible = np.array([
                survey.estimate("flexible", np.array([float(one == code) for one in survey.district])).value
                for code in known.codes
            ])  # fmt: skip
            direct += ((flexible - truth) / truth).tolist()
    assert np.mean(inside) >= 0.94
    assert np.mean(np.square(model)) < 0.5 * np.mean(np.square(direct))
    # the sample's districts hardly differ, which eleven of them cannot prove: errors are told on the safe side
    assert 0.9 < np.mean(np.square(told)) / np.mean(np.square(model)) < 4.0
