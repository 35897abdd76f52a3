"""95 % intervals over repeated samples of a full population. Longer runs: benchmarks/statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.statistics import survey
from tests.statistics.real import Columns, read_columns

pytestmark = pytest.mark.real_data

TIMES = 500
INSIDE = (0.925, 0.975)
"""93 to 97 % and what 500 samples leave open."""


@pytest.fixture(scope="module")
def schools(shared_data: Path) -> Columns:
    return read_columns(shared_data / "statistics" / "apipop.csv")


def _share(hits: list[bool]) -> float:
    return float(np.mean(hits))


def test_stratified_calibrated_mean(schools: Columns) -> None:
    draw = np.random.default_rng(20)
    score, before, kind = schools.numbers("api00"), schools.numbers("api99"), schools.labels("stype")
    places = {name: np.flatnonzero(kind == name) for name in ("E", "H", "M")}
    hits: dict[str, list[bool]] = {"plain": [], "greg": [], "logit": []}
    for _ in range(TIMES):
        chosen = np.concatenate([draw.choice(of, 50, replace=False) for of in places.values()])
        sizes = np.repeat([of.size for of in places.values()], 50).astype(float)
        design = survey.design(sizes / 50, strata=kind[chosen], population=sizes)
        known = survey.controls(
            {"n": (np.ones(150), score.size), "api99": (before[chosen], float(before.sum()))}
        )
        designs = {
            "plain": design,
            "greg": survey.calibrate(design, known).design,
            "logit": survey.calibrate(design, known, distance="logit", bounds=(0.2, 4)).design,
        }
        for name, one in designs.items():
            low, high = survey.mean(one, score[chosen]).interval()
            hits[name].append(bool(low[0] <= score.mean() <= high[0]))
    assert all(INSIDE[0] <= _share(one) <= INSIDE[1] for one in hits.values()), hits


def test_two_phases(schools: Columns) -> None:
    draw = np.random.default_rng(21)
    score, before, kind = schools.numbers("api00"), schools.numbers("api99"), schools.labels("stype")
    hits: dict[str, list[bool]] = {"expansion": [], "regression": []}
    for _ in range(TIMES):
        sample = draw.choice(score.size, 400, replace=False)
        first = survey.design(np.full(400, score.size / 400), population=np.full(400, score.size))
        chosen = np.zeros(400, dtype=bool)
        for name in ("E", "H", "M"):
            of = np.flatnonzero(kind[sample] == name)
            chosen[draw.choice(of, min(40, of.size), replace=False)] = True
        phases = survey.two_phase(first, chosen, strata=kind[sample])
        known = np.stack([np.ones(400), before[sample]], axis=1)
        for name, auxiliary in (("expansion", None), ("regression", known)):
            found = survey.two_phase_total(phases, score[sample], auxiliary=auxiliary, statistic="mean")
            low, high = found.interval()
            hits[name].append(bool(low[0] <= score.mean() <= high[0]))
    assert all(INSIDE[0] <= _share(one) <= INSIDE[1] for one in hits.values()), {
        name: _share(one) for name, one in hits.items()
    }


def test_change_with_half_of_the_sample_kept(schools: Columns) -> None:
    draw = np.random.default_rng(22)
    now, before = schools.numbers("api00"), schools.numbers("api99")
    size, wanted = now.size, float((now - before).mean())
    hits, naive = [], []
    for _ in range(TIMES):
        order = draw.permutation(size)
        first, second = order[:200], order[100:300]
        designs = [survey.design(np.full(200, size / 200), population=np.full(200, size)) for _ in range(2)]
        found = survey.change(
            "mean", designs[0], before[first], designs[1], now[second], first_units=first, second_units=second
        )
        low, high = found.interval()
        hits.append(bool(low[2] <= wanted <= high[2]))
        apart = 1.96 * np.hypot(*found.standard_errors[:2])
        naive.append(bool(abs(found.values[2] - wanted) <= apart))
    assert INSIDE[0] <= _share(hits) <= INSIDE[1]
    assert _share(naive) > 0.98
