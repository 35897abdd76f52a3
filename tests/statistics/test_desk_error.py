"""Total error of the desks' headlines: corrected by re-interviews, parts that add up, coverage of repeated samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.desk_error.employment import PERSONS, SHARE, joint
from lvshu.statistics.desk_error.headcount import SURVEY, WORKERS, joint_workers
from lvshu.statistics.desk_error.platform import joint as joint_platform
from lvshu.statistics.desk_error.reinterview import CELLS, Checked, outside_register
from tests.statistics.book import YEAR, by, mark, rows_of, run

MONTH = f"{YEAR}-11"


def _person(name: str, cluster: str, form: str | None, **more: object) -> dict[str, Any]:
    return {
        "person_hash": mark(name), "month": MONTH, "stratum": "310115", "cluster": cluster, "weight": 10.0,
        "employed": form is not None, "employment_form": form, "main_job_platform": form == "platform",
        "second_job_platform": False, "hours": 40.0 if form else 0.0, "district_code": "310115", "age": 30,
        "sex": "female", **more,
    }  # fmt: skip


def _work(name: str) -> dict[str, Any]:
    return {
        "platform_uscc": "P1", "worker_hash": mark(name), "month": MONTH, "orders": 5, "hours": 52.0,
        "district_code": "310115", "activity_kind": "delivery",
    }  # fmt: skip


def _again(name: str, stratum: str, persons: int, form: str | None, *, inside: bool) -> dict[str, Any]:
    return {
        "person_hash": mark(name), "month": MONTH, "stratum": stratum, "stratum_persons": persons,
        "employed": form is not None, "employment_form": form, "main_job_platform": form == "platform",
        "second_job_platform": False, "in_platform_register": inside,
    }  # fmt: skip


def _city() -> dict[str, list[dict[str, Any]]]:
    """Forty persons in six clusters: ten platform workers, eight linked; six own-account; employees."""
    survey, works = [], []
    for number in range(40):
        name, cluster = f"p{number}", f"C{number * number % 11}"
        form = "platform" if number < 10 else "own_account" if number < 16 else "employee"
        survey.append(_person(name, cluster, form))
        if number < 8:
            works.append(_work(name))
    return {"labour_survey": survey, "platform_work_record": works + [_work(f"z{n}") for n in range(92)]}


REVIEWED = [
    *(_again(f"p{n}", "linked", 8, "platform", inside=True) for n in (0, 3, 5)),
    *(_again(f"p{n}", "flexible", 8, "platform", inside=True) for n in (8, 9)),  # links that were missed
    *(_again(f"p{n}", "flexible", 8, "own_account", inside=False) for n in (10, 11)),
    _again("p20", "other", 24, "part_time", inside=False),  # a wrong answer
    *(_again(f"p{n}", "other", 24, "employee", inside=False) for n in (17, 25, 30)),
]


def test_reinterviews_correct_links_and_answers(engine: DuckDB) -> None:
    """Of 80 flexible outside the register half are in it; of 240 others a quarter is flexible: 40 + 60 outside."""
    run(engine, {**_city(), "labour_reinterview": REVIEWED})
    rows = by(engine, "flexible_employment", "definition_code")
    assert float(rows["corrected_as_linked"]["persons"]) == 100 + 80
    assert float(rows["corrected_total"]["persons"]) == pytest.approx(100 + 40 + 60)
    parts = {row["part"]: row for row in rows_of(engine, "total_error", f"indicator = '{PERSONS}'")}
    assert {name: row["status"] for name, row in parts.items()} == {
        "sampling": "estimated", "linkage": "estimated", "coding": "estimated", "imputation": "none",
        "coverage": "not_known", "model": "none", "bias": "none", "total": "estimated",
    }  # fmt: skip
    told = [parts[name]["share"] for name in ("sampling", "linkage", "coding")]
    assert sum(told) == pytest.approx(100)
    assert parts["linkage"]["share"] > 5 and parts["coding"]["share"] > 5
    ends = {row["kind"]: row for row in rows_of(engine, "total_error_interval", f"indicator = '{PERSONS}'")}
    naive, total = ends["naive"], ends["total"]
    assert naive["value"] == 180 and total["value"] == pytest.approx(200)
    assert total["high"] - total["low"] > naive["high"] - naive["low"]
    uncertain = by(engine, "uncertainty", "indicator")[PERSONS]
    assert uncertain["method"] == "total_error"
    assert (uncertain["low"], uncertain["high"]) == (total["low"], total["high"])
    assert "linkage" in uncertain["scope_en"] and "链接" in uncertain["scope_zh"]
    drawn = [row["value"] for row in rows_of(engine, "total_error_replicate", f"indicator = '{PERSONS}'")]
    assert len(drawn) == 200
    assert np.std(drawn, ddof=1) == pytest.approx(total["standard_error"])
    for code in ("corrected_total", "corrected_as_linked"):
        again = rows_of(engine, "flexible_employment_replicate", f"definition_code = '{code}'")
        made = [float(row["persons"]) for row in again]
        assert np.mean(made) == pytest.approx(float(rows[code]["persons"]), abs=4)  # 20 apart
        assert np.std(made, ddof=1) == pytest.approx(float(rows[code]["standard_error"]), rel=0.2)


def test_platform_workers_and_the_survey_alone_have_parts_too(engine: DuckDB) -> None:
    """Two links were missed, so the dual frame as linked counts persons twice; the corrected one does not."""
    run(engine, {**_city(), "labour_reinterview": REVIEWED})
    parts = {row["part"]: row for row in rows_of(engine, "total_error", f"indicator = '{WORKERS}'")}
    assert {name: row["status"] for name, row in parts.items()} == {
        "sampling": "estimated", "linkage": "estimated", "coding": "estimated", "imputation": "none",
        "coverage": "not_known", "model": "none", "bias": "none", "total": "estimated",
    }  # fmt: skip
    told = by(engine, "uncertainty", "indicator")[WORKERS]
    rows = by(engine, "flexible_employment", "definition_code")
    assert float(rows["dual_frame"]["persons"]) < float(rows["dual_frame_as_linked"]["persons"])
    assert (told["method"], told["value"]) == (
        "total_error",
        pytest.approx(float(rows["dual_frame"]["persons"])),
    )
    assert (
        rows["dual_frame"]["standard_error"] is None
    )  # both visited were in the register: sampling alone is silent
    assert told["standard_error"] > 0 and told["high"] > told["value"]
    ends = {row["kind"]: row for row in rows_of(engine, "total_error_interval", f"indicator = '{WORKERS}'")}
    assert ends["naive"]["value"] == pytest.approx(float(rows["dual_frame_as_linked"]["persons"]))
    assert "coverage" in told["scope_en"]
    alone = {row["part"]: row for row in rows_of(engine, "total_error", f"indicator = '{SURVEY}'")}
    assert (alone["linkage"]["status"], alone["coding"]["status"]) == ("none", "estimated")
    stated = {"linked": 80, "flexible": 80, "other": 240}
    assert alone["bias"]["size"] == pytest.approx(stated["other"] / 4)


def test_platform_workers_cover_where_links_and_answers_err() -> None:
    """Repeated surveys: one link in eight missed, one platform worker in ten denies it; sampling alone fails."""
    draw = np.random.default_rng(12)
    clusters, size = 240, 60
    level = draw.beta(6, 20, clusters)
    works = draw.random((clusters, size)) < level[:, None]
    listed = works & (draw.random(works.shape) < 0.8)
    truth, register = float(works.sum()), float(listed.sum())
    hits = {"naive": 0, "total": 0}
    times = 120
    for _ in range(times):
        chosen = np.sort(draw.choice(clusters, 60, replace=False))
        mine, inside = works[chosen], listed[chosen]
        linked = inside & (draw.random(inside.shape) >= 0.125)
        stated = mine & (draw.random(mine.shape) >= 0.1)
        cell = np.where(stated, 0, 2) + np.where(linked, 0, 1)
        cells = np.stack([(cell == place).sum(axis=1) * 4.0 for place in range(4)], axis=1)
        checked = [
            draw.permutation(np.flatnonzero((cell == place).ravel()))[:200] for place in range(len(CELLS))
        ]
        judged = np.array([len(one) for one in checked], dtype=float)
        found = np.array([inside.ravel()[one].sum() for one in checked], dtype=float)
        outside = np.array([(mine & ~inside).ravel()[one].sum() for one in checked], dtype=float)
        again = Checked(int(judged.sum()), judged, found, judged - found, outside)
        stratum = np.zeros(60, dtype=np.int64)
        total = joint_workers(cells, stratum, register, again, 200, draw)
        plain = joint_workers(cells, stratum, register, None, 200, draw)
        hits["total"] += total.low <= truth <= total.high
        hits["naive"] += plain.low <= truth <= plain.high
    assert hits["total"] / times >= 0.9
    assert hits["naive"] / times < 0.7


def test_the_lower_end_does_not_lie_above_the_truth_where_the_register_is_nearly_complete() -> None:
    """The register misses two of some seven hundred: one link in 25 missed, half of those not linked visited again.

    Cells in which the visits found nobody outside the register must not lift the lower end above the truth.
    """
    draw = np.random.default_rng(14)
    clusters, size = 300, 60
    level = draw.beta(6, 140, clusters)
    works = draw.random((clusters, size)) < level[:, None]
    listed = works.copy()
    listed[np.unravel_index(draw.choice(np.flatnonzero(works), 2, replace=False), works.shape)] = False
    truth, register = float(works.sum()), float(listed.sum())
    above = below = 0
    times = 150
    for _ in range(times):
        chosen = np.sort(draw.choice(clusters, 60, replace=False))
        mine, inside = works[chosen, :20], listed[chosen, :20]
        linked = inside & (draw.random(inside.shape) >= 0.04)
        stated = mine & (draw.random(mine.shape) >= 0.25)
        cell = np.where(stated, 0, 2) + np.where(linked, 0, 1)
        cells = np.stack([(cell == place).sum(axis=1) * 15.0 for place in range(4)], axis=1)
        places = [draw.permutation(np.flatnonzero((cell == place).ravel())) for place in range(len(CELLS))]
        checked = [one[: 400 if place == 3 else one.size // 2] for place, one in enumerate(places)]
        judged = np.array([len(one) for one in checked], dtype=float)
        found = np.array([inside.ravel()[one].sum() for one in checked], dtype=float)
        outside = np.array([(mine & ~inside).ravel()[one].sum() for one in checked], dtype=float)
        again = Checked(int(judged.sum()), judged, found, judged - found, outside)
        total = joint_workers(cells, np.zeros(60, dtype=np.int64), register, again, 200, draw)
        above += total.low > truth
        below += total.high < truth
    assert above / times <= 0.04 and below / times <= 0.04


def test_without_reinterviews_the_interval_is_that_of_sampling_and_says_so(engine: DuckDB) -> None:
    run(engine, _city())
    rows = by(engine, "flexible_employment", "definition_code")
    assert "corrected_as_linked" not in rows
    parts = {row["part"]: row["status"] for row in rows_of(engine, "total_error", f"indicator = '{SHARE}'")}
    assert (parts["linkage"], parts["coding"], parts["bias"]) == ("not_known",) * 3
    uncertain = by(engine, "uncertainty", "indicator")[PERSONS]
    assert uncertain["standard_error"] == pytest.approx(float(rows["corrected_total"]["standard_error"]))
    assert "未含：链接、编码" in uncertain["scope_zh"]


def test_a_reinterview_of_nobody_in_the_survey_is_told_and_not_used(engine: DuckDB) -> None:
    strangers = [_again("nobody", "linked", 8, "platform", inside=True)]
    run(engine, {**_city(), "labour_reinterview": strangers})
    codes = {row["code"] for row in rows_of(engine, "finding")}
    assert "statistics.reinterview_stranger" in codes
    assert "corrected_as_linked" not in by(engine, "flexible_employment", "definition_code")


def test_cells_nobody_visited_stay_as_they_are_and_are_told(engine: DuckDB) -> None:
    run(engine, {**_city(), "labour_reinterview": REVIEWED[:7]})
    assert (
        float(by(engine, "flexible_employment", "definition_code")["corrected_total"]["persons"]) == 100 + 40
    )
    [blind] = [
        row for row in rows_of(engine, "finding") if row["code"] == "statistics.reinterview_blind_cell"
    ]
    assert blind["amount"] == 240


def test_the_total_interval_covers_where_the_naive_one_fails() -> None:
    """Repeated surveys of one city: one link in eight missed, one own-account worker in twelve told as employee."""
    draw = np.random.default_rng(11)
    clusters, size = 240, 60
    level = draw.beta(4, 20, clusters)
    works = draw.random((clusters, size)) < level[:, None]
    other = ~works & (draw.random(works.shape) < 0.12)
    truth = float((works | other).sum())
    hits = {"naive": 0, "total": 0}
    times = 120
    for _ in range(times):
        chosen = np.sort(draw.choice(clusters, 60, replace=False))
        inside, own = works[chosen], other[chosen]
        linked = inside & (draw.random(inside.shape) >= 0.125)
        stated = inside | (own & (draw.random(own.shape) >= 1 / 12))
        cell = np.where(stated, 0, 2) + np.where(linked, 0, 1)
        weight = clusters / 60
        cells = np.stack([(cell == place).sum(axis=1).astype(float) for place in range(4)], axis=1) * weight
        flexible = inside | own
        checked = [
            draw.permutation(np.flatnonzero((cell == place).ravel()))[:90] for place in range(len(CELLS))
        ]
        judged = np.array([len(one) for one in checked], dtype=float)
        found = np.array([inside.ravel()[one].sum() for one in checked], dtype=float)
        outside_flexible = np.array([(flexible & ~inside).ravel()[one].sum() for one in checked], dtype=float)
        again = Checked(int(judged.sum()), judged, found, judged - found, outside_flexible)
        stratum = np.zeros(60, dtype=np.int64)
        employed = np.full(60, size * weight)
        register = float(works.sum())
        total = joint(cells, stratum, employed, register, again, 200, draw)[PERSONS]
        plain = joint(cells, stratum, employed, register, None, 200, draw)[PERSONS]
        hits["total"] += total.low <= truth <= total.high
        hits["naive"] += plain.low <= truth <= plain.high
        assert total.value == pytest.approx(
            register + outside_register(cells.sum(axis=0), again.register_share, again.flexible_share)
        )
    assert hits["total"] / times >= 0.9
    assert hits["naive"] / times < 0.85


def test_imputed_months_carry_single_platforms_and_the_common_growth() -> None:
    draw = np.random.default_rng(3)
    growth = np.exp(draw.normal(0.02, 0.08, (24, 12)))
    true = 100 * np.cumprod(growth, axis=1)
    seen = true.copy()
    gaps = [(2, 5), (2, 6), (9, 8), (17, 3)]
    for place in gaps:
        seen[place] = np.nan
    found = joint_platform(seen, gaps, 200, np.random.default_rng(4))
    assert set(found.parts) == {"imputation", "model"}
    assert sum(found.parts.values()) == pytest.approx(found.mse)
    assert found.low <= true.sum() <= found.high
    assert found.parts["imputation"] > 0 and found.parts["model"] > 0


SEASON = np.array((0.92, 0.78, 0.97, 0.95, 1.04, 1.12, 0.96, 0.97, 1.0, 1.03, 1.27, 0.99))


@pytest.mark.parametrize("law", ["noise", "walk"])
def test_one_missing_month_is_told_neither_too_wide_nor_too_narrow(law: str) -> None:
    """Sizes by rank and a season, as in the sample city; deviations that pass (noise) or that stay (walk)."""
    draw = np.random.default_rng(7)
    size = (np.arange(40) + 1.5)[:, None] ** -1.1 * 1000
    hits, squares, told = 0, [], []
    times = 200
    for _ in range(times):
        shocks = draw.normal(0, 0.06, (40, 12))
        true = size * SEASON * np.exp(shocks if law == "noise" else shocks.cumsum(axis=1))
        place = int(draw.integers(10, 40)), int(draw.integers(1, 12))
        seen = true.copy()
        seen[place] = np.nan
        found = joint_platform(seen, [place], 100, draw)
        hits += found.low <= true.sum() <= found.high
        squares.append((found.value - true.sum()) ** 2)
        told.append(found.mse)
    assert 0.91 <= hits / times <= 0.98
    assert 0.75 < np.mean(told) / np.mean(squares) < 1.35


def test_months_missing_in_a_row_share_their_deviation_only_where_it_stays() -> None:
    """Three months in a row from one base: with passing noise their errors are half shared, not the same."""
    draw = np.random.default_rng(8)
    size = (np.arange(40) + 1.5)[:, None] ** -1.1 * 1000
    squares, told = [], []
    for _ in range(120):
        true = size * SEASON * np.exp(draw.normal(0, 0.06, (40, 12)))
        platform, month = int(draw.integers(10, 40)), int(draw.integers(1, 9))
        gaps = [(platform, month + at) for at in range(3)]
        seen = true.copy()
        for place in gaps:
            seen[place] = np.nan
        found = joint_platform(seen, gaps, 100, draw)
        squares.append((found.value - true.sum()) ** 2)
        told.append(found.mse)
    assert 0.75 < np.mean(told) / np.mean(squares) < 1.5


def test_an_own_mean_is_drawn_above_zero_with_its_mean_and_error() -> None:
    """A platform alone has no growth to follow: its own mean, with a lognormal error of that size."""
    seen = np.full((1, 12), np.nan)
    seen[0, [0, 3, 6]] = [10.0, 400.0, 20.0]
    gaps = [(0, 1)]
    found = joint_platform(seen, gaps, 4000, np.random.default_rng(9))
    drawn = found.replicates - np.nansum(seen)
    assert drawn.min() > 0
    spread = np.array([10.0, 400.0, 20.0]).std(ddof=1) * np.sqrt(4 / 3)
    assert found.value - np.nansum(seen) == pytest.approx(430 / 3)
    assert np.log1p((spread / (430 / 3)) ** 2) == pytest.approx(np.log(drawn).var(), rel=0.08)
