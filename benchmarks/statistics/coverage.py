"""95 % intervals over repeated samples: how often they hold the truth. Needs apipop (LVSHU_SHARED_DATA)."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.statistics import classes
from lvshu.sample.people import (
    EMPLOYEE,
    OWN_ACCOUNT,
    PART_TIME,
    PLATFORM,
    draw_people,
    draw_places,
    people_blocks,
)
from lvshu.sample.plan import CityPlan
from lvshu.sample.streams import Streams
from lvshu.statistics import population, small_area, survey, total_error
from lvshu.statistics.desk_error.employment import PERSONS, joint
from lvshu.statistics.desk_error.platform import joint as joint_platform
from lvshu.statistics.desk_error.reinterview import Checked
from lvshu.statistics.population.linkage import LinkageError

TIMES = 4_000
FEW = 1_000
Hit = tuple[str, bool]


def run(output: Path) -> dict[str, Any]:
    """Return the coverage of each estimator, and what it took."""
    began = time.process_time()
    hits: dict[str, list[bool]] = {}
    place = os.environ.get("LVSHU_SHARED_DATA")
    if place:
        with (Path(place) / "statistics" / "apipop.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        schools = {name: np.array([float(row[name]) for row in rows]) for name in ("api00", "api99")}
        schools |= {name: np.array([row[name] for row in rows]) for name in ("stype", "dnum")}
        for source, times in ((_stratified, TIMES), (_clustered, TIMES), (_phases, TIMES), (_change, TIMES)):
            _collect(hits, source(schools, np.random.default_rng(1), times))
    for alone in (_frames, _linkage, _areas, _chain, _desk, _platforms):
        _collect(hits, alone(np.random.default_rng(2)))
    _collect(hits, classes.hits())
    lines = [f"coverage of 95 % intervals, cpu {time.process_time() - began:.0f} s"]
    for name, one in hits.items():
        lines.append(f"  {name:<66} {100 * np.mean(one):5.1f} %  ({len(one)} samples)")
    return {
        "name": "statistics", "size": "coverage", "coverage": {k: float(np.mean(v)) for k, v in hits.items()},
        "text": "\n".join(lines),
    }  # fmt: skip


def _collect(hits: dict[str, list[bool]], found: Iterator[Hit]) -> None:
    for name, inside in found:
        hits.setdefault(name, []).append(inside)


def _inside(found: survey.Estimates, truth: float, place: int = 0) -> bool:
    low, high = found.interval()
    return bool(low[place] <= truth <= high[place])


def _stratified(schools: Mapping[str, Any], draw: np.random.Generator, times: int) -> Iterator[Hit]:
    score, before, kind = schools["api00"], schools["api99"], schools["stype"]
    places = {name: np.flatnonzero(kind == name) for name in ("E", "H", "M")}
    sizes = np.repeat([of.size for of in places.values()], 50).astype(float)
    median = float(np.sort(score)[(score.size - 1) // 2])
    for _ in range(times):
        chosen = np.concatenate([draw.choice(of, 50, replace=False) for of in places.values()])
        y, x = score[chosen], before[chosen]
        design = survey.design(sizes / 50, strata=kind[chosen], population=sizes)
        known = survey.controls({"n": (np.ones(150), score.size), "x": (x, float(before.sum()))})
        yield "stratified mean", _inside(survey.mean(design, y), score.mean())
        yield "median (Woodruff's own interval)", _inside(survey.quantile(design, y, [0.5]), median)
        for distance, bounds in (
            ("linear", None),
            ("raking", None),
            ("logit", (0.2, 4.0)),
            ("linear", (0.2, 4.0)),
        ):
            made = survey.calibrate(design, known, distance=distance, bounds=bounds).design
            name = f"mean calibrated on api99, {distance}{' bounded' if bounds else ''}"
            yield name, _inside(survey.mean(made, y), score.mean())
        domain = survey.mean(design, y, domain=y > 0)
        yield "domain mean", _inside(domain, score.mean())
        ratio = survey.ratio(design, y, x)
        yield "ratio", _inside(ratio, float(score.sum() / before.sum()))


def _clustered(schools: Mapping[str, Any], draw: np.random.Generator, times: int) -> Iterator[Hit]:
    score, district = schools["api00"], schools["dnum"]
    labels = np.unique(district)
    members = {name: np.flatnonzero(district == name) for name in labels}
    for _ in range(times):
        chosen = draw.choice(labels, 80, replace=False)
        places = np.concatenate([members[name] for name in chosen])
        design = survey.design(
            np.full(places.size, labels.size / 80), clusters=district[places],
            population=np.full(places.size, labels.size),
        )  # fmt: skip
        yield (
            "mean of 80 districts in full (skewed clusters)",
            _inside(survey.mean(design, score[places]), score.mean()),
        )


def _phases(schools: Mapping[str, Any], draw: np.random.Generator, times: int) -> Iterator[Hit]:
    score, before, kind = schools["api00"], schools["api99"], schools["stype"]
    for _ in range(times):
        sample = draw.choice(score.size, 400, replace=False)
        first = survey.design(np.full(400, score.size / 400), population=np.full(400, score.size))
        chosen = np.zeros(400, dtype=bool)
        for name in ("E", "H", "M"):
            of = np.flatnonzero(kind[sample] == name)
            chosen[draw.choice(of, min(40, of.size), replace=False)] = True
        phases = survey.two_phase(first, chosen, strata=kind[sample])
        known = np.stack([np.ones(400), before[sample]], axis=1)
        for name, auxiliary in (("two phases, double expansion", None), ("two phases, regression", known)):
            found = survey.two_phase_total(phases, score[sample], auxiliary=auxiliary, statistic="mean")
            yield name, _inside(found, score.mean())


def _change(schools: Mapping[str, Any], draw: np.random.Generator, times: int) -> Iterator[Hit]:
    now, before = schools["api00"], schools["api99"]
    size, wanted = now.size, float((now - before).mean())
    for _ in range(times):
        order = draw.permutation(size)
        first, second = order[:200], order[100:300]
        designs = [survey.design(np.full(200, size / 200), population=np.full(200, size)) for _ in range(2)]
        found = survey.change(
            "mean", designs[0], before[first], designs[1], now[second], first_units=first, second_units=second
        )
        yield "change, half of the sample kept", _inside(found, wanted, 2)
        apart = 1.959964 * np.hypot(*found.standard_errors[:2])
        yield "  the same, overlap ignored", bool(abs(found.values[2] - wanted) <= apart)


def _frames(draw: np.random.Generator) -> Iterator[Hit]:
    """Two frames of a population that overlap, a sample from each."""
    size = 20_000
    y, in_a = draw.gamma(2.0, 3.0, size), np.arange(size) < 14_000
    in_b = np.arange(size) >= 8_000
    for _ in range(FEW):
        frames = []
        for inside, count in ((in_a, 400), (in_b, 300)):
            places = np.flatnonzero(inside)
            chosen = draw.choice(places, count, replace=False)
            design = survey.design(
                np.full(count, places.size / count), population=np.full(count, places.size)
            )
            frames.append(survey.FrameSample(design, y[chosen], (in_a & in_b)[chosen], float(places.size)))
        for method in ("hartley", "fuller_burmeister", "pseudo_likelihood"):
            found = survey.dual_frame(*frames, method=method).estimates
            yield f"two frames, {method}", _inside(found, float(y.sum()))


def _linkage(draw: np.random.Generator) -> Iterator[Hit]:
    size, chances, missed = 50_000, np.array([0.30, 0.25, 0.20]), 0.05
    patterns = population.lists.all_patterns(3)
    true = np.prod(np.where(patterns, chances, 1 - chances), axis=1)
    for _ in range(FEW):
        counts = draw.multinomial(size, np.append(true, 1 - true.sum()))[:-1].astype(float)
        seen = population.Lists(("a", "b", "c"), patterns, _split(counts, missed, draw))
        checked = draw.binomial(1_000, 1 - missed) / 1_000
        error = LinkageError(checked, 0.0, float(np.sqrt(checked * (1 - checked) / 1_000)))
        found = population.fit_with_linkage_error(seen, error, ())
        low, high = found.interval()
        yield "three lists, 5 % links missed, corrected", low <= size <= high
        plain = population.fit_model(seen)
        yield "  the same, not corrected", plain.low <= size <= plain.high


def _split(counts: Any, missed: float, draw: np.random.Generator) -> Any:
    """Return counts of three lists after independent misses of pairs of links."""
    matrix = population.transition_matrix(3, LinkageError(1.0 - missed))
    seen = np.zeros(counts.size)
    for code, count in enumerate(counts.astype(int)):
        if code + 1 != 7:
            lost = 1.0 - matrix[code, code]
            broken = draw.binomial(count, lost) if lost > 0 else 0
            seen[code] += count - broken
            for k in range(3):
                if (code + 1) >> k & 1 and lost > 0:
                    seen[(1 << k) - 1] += broken
            continue
        pairs = draw.random((count, 3)) >= missed
        links = pairs.sum(axis=1)
        seen[6] += (links >= 2).sum()
        for column, (pair, alone) in enumerate((((0, 1), 2), ((0, 2), 1), ((1, 2), 0))):
            only = ((links == 1) & pairs[:, column]).sum()
            seen[(1 << pair[0] | 1 << pair[1]) - 1] += only
            seen[(1 << alone) - 1] += only
        for k in range(3):
            seen[(1 << k) - 1] += (links == 0).sum()
    return seen


AREAS = ((0.64, 0.1, 1.0), (0.2, 0.1, 1.0), (2.5, 0.1, 1.0))
"""Variance between areas, least and largest sampling variance."""


def _areas(draw: np.random.Generator) -> Iterator[Hit]:
    """Sixteen areas with a sample and four without, over the variance between areas."""
    for between, least, most in AREAS:
        for _ in range(FEW // 2):
            terms = np.column_stack([np.ones(20), draw.uniform(0, 2, 20)])
            psi, own, others = draw.uniform(least, most, 16), terms[:16], terms[16:]
            truth = terms @ [5.0, 2.0] + draw.normal(0, np.sqrt(between), 20)
            y = truth[:16] + np.sqrt(psi) * draw.standard_normal(16)
            found = small_area.fay_herriot(y, psi, own)
            low, high = small_area.area_intervals(found)
            name = f"sixteen areas, Fay-Herriot, variance between areas {between:g}"
            for inside in ((low <= truth[:16]) & (truth[:16] <= high)).tolist():
                yield name, inside
            half = 1.959964 * np.sqrt(found.mse)
            for inside in (np.abs(found.estimates - truth[:16]) <= half).tolist():
                yield f"  the same, estimate and root of its mean squared error ({between:g})", inside
            low, high = small_area.predicted_intervals(found, others)
            for inside in ((low <= truth[16:]) & (truth[16:] <= high)).tolist():
                yield f"areas without a sample, variance between areas {between:g}", inside
            value, mse = small_area.predict_area_level(found, others)
            for inside in (np.abs(value - truth[16:]) <= 1.959964 * np.sqrt(mse)).tolist():
                yield f"  the same, estimate and root of its mean squared error ({between:g}, none)", inside


def _chain(draw: np.random.Generator) -> Iterator[Hit]:
    """Platform workers by register and survey, links and codes with error."""
    level = draw.beta(6, 30, 400)
    works = draw.random((400, 80)) < level[:, None]
    listed = works & (draw.random(works.shape) < 0.7)
    truth, register = float(works.sum()), float(listed.sum())
    for _ in range(FEW):
        chosen = draw.choice(400, 60, replace=False)
        mine, inside = works[chosen], listed[chosen]
        extra = mine.mean() * 0.12 / 0.88 / (1 - mine.mean())
        coded = (mine | (draw.random(mine.shape) < extra)).ravel()
        linked = np.where(inside, draw.random(mine.shape) < 0.86, draw.random(mine.shape) < 0.012).ravel()
        design = survey.design(
            np.full(mine.size, 400 / 60), clusters=np.repeat(chosen, 80), population=np.full(mine.size, 400)
        )
        audited = draw.choice(np.flatnonzero(coded), 200, replace=False)
        right = int(mine.ravel()[audited].sum())
        sources = [
            total_error.sampling(design),
            total_error.link_rates(
                found=(int(draw.binomial(150, 0.86)), 150), false=(int(draw.binomial(500, 0.012)), 500)
            ),
            total_error.coding(np.full(200, "worker"), ["worker"] * right + ["other"] * (200 - right)),
        ]  # fmt: skip
        work = _workers(register, coded, linked)
        found = total_error.joint_error(work, sources, 200, draw, parts="single")
        yield "platform workers, total error (sampling, linkage, coding)", found.low <= truth <= found.high
        alone = 1.959964 * np.sqrt(found.parts["sampling"])
        yield "  the same estimate, sampling error alone", bool(abs(found.value - truth) <= alone)
        plain = survey.ratio(design, (coded & linked).astype(float), coded.astype(float))
        naive = register / plain.value
        wide = 1.959964 * naive * plain.standard_error / plain.value
        yield "  neither links nor codes corrected", bool(abs(naive - truth) <= wide)


def _workers(register: float, coded: Any, linked: Any) -> Callable[[Mapping[str, Any]], float]:
    def estimate(given: Mapping[str, Any]) -> float:
        weights, (alpha, beta) = given["sampling"], given["linkage"]
        share = float(weights @ (coded & linked) / (weights @ coded))
        return register * float(given["coding"][-1, -1]) * (alpha - beta) / (share - beta)

    return estimate


DESK_TIMES = 500
DESK_CLUSTERS, DESK_PERSONS = 120, 20


def _desk(draw: np.random.Generator) -> Iterator[Hit]:
    """Flexible employment of the sample city (1:500): surveys of it repeated, links and answers with error.

    One person in twelve is written down under a wrong mark; silence and wrong answers are those of the sample city.
    """
    plan, streams = CityPlan(500, 2023), Streams(20210913)
    places = draw_places(plan, streams, np.ones(16))
    blocks = [
        draw_people(number, start, stop, places, streams) for number, start, stop in people_blocks(places)
    ]
    cluster, form = (np.concatenate([getattr(one, name) for one in blocks]) for name in ("cluster", "form"))
    active = np.concatenate([one.active[:, 10] for one in blocks])
    adult = np.concatenate([one.age >= 16 for one in blocks])
    flexible = np.isin(form, [OWN_ACCOUNT, PART_TIME, PLATFORM]) | active
    truth, register = float(flexible.sum()), float(active.sum())
    members = [np.flatnonzero((cluster == one) & adult) for one in range(len(places))]
    for _ in range(DESK_TIMES):
        chosen = draw.choice(len(places), DESK_CLUSTERS, replace=False)
        asked = [draw.permutation(members[one])[:DESK_PERSONS] for one in chosen]
        persons = np.concatenate(asked)
        unit = np.repeat(np.arange(DESK_CLUSTERS), [one.size for one in asked])
        weight = np.concatenate(
            [np.full(one.size, members[c].size / one.size) for c, one in zip(chosen, asked, strict=True)]
        )
        weight = weight * len(places) / DESK_CLUSTERS
        linked = active[persons] & (draw.random(persons.size) >= 1 / 12)
        told = form[persons].copy()
        wrong = draw.random(persons.size)
        told[(told == OWN_ACCOUNT) & (wrong < 0.06)] = EMPLOYEE
        told[(form[persons] == EMPLOYEE) & (wrong < 0.01)] = PART_TIME
        second = active[persons] & (form[persons] != PLATFORM) & (draw.random(persons.size) >= 0.45)
        stated = np.isin(told, [OWN_ACCOUNT, PART_TIME, PLATFORM]) | second
        cell = np.where(stated, 0, 2) + np.where(linked, 0, 1)
        kinds = [
            np.bincount(unit, weights=weight * (cell == place), minlength=DESK_CLUSTERS).astype(float)
            for place in range(4)
        ]
        cells = np.stack(kinds, axis=1)
        works = weight * (form[persons] >= 0)
        employed = np.bincount(unit, weights=works, minlength=DESK_CLUSTERS).astype(float)
        visited = [
            draw.permutation(np.flatnonzero(cell == place))[: 400 if place == 3 else 80] for place in range(4)
        ]
        judged = np.array([one.size for one in visited], dtype=float)
        inside = np.array([active[persons[one]].sum() for one in visited], dtype=float)
        outside = np.array([(flexible & ~active)[persons[one]].sum() for one in visited], dtype=float)
        again = Checked(int(judged.sum()), judged, inside, judged - inside, outside)
        stratum = np.zeros(DESK_CLUSTERS, dtype=np.int64)
        total = joint(cells, stratum, employed, register, again, 200, draw)[PERSONS]
        plain = joint(cells, stratum, employed, register, None, 200, draw)[PERSONS]
        yield "flexible employment in a run, total error", bool(total.low <= truth <= total.high)
        alone = 1.959964 * np.sqrt(total.parts["sampling"])
        yield "  corrected, sampling error alone", bool(abs(total.value - truth) <= alone)
        wide = 1.959964 * plain.standard_error
        yield "  neither links nor answers corrected", bool(abs(plain.value - truth) <= wide)


SEASON = (0.92, 0.78, 0.97, 0.95, 1.04, 1.12, 0.96, 0.97, 1.0, 1.03, 1.27, 0.99)


def _platforms(draw: np.random.Generator) -> Iterator[Hit]:
    """Yearly transactions of platforms with missing months: deviations that pass, that stay, small platforms wilder."""
    for law in ("passing", "staying", "small ones wilder"):
        for count, gaps in ((12, 1), (40, 1), (40, 4)):
            for _ in range(FEW):
                true = _returns(law, count, draw)
                chosen = draw.choice(np.arange(count // 4 * 12, count * 12), gaps, replace=False)
                missing = sorted({(int(one) // 12, max(int(one) % 12, 1)) for one in chosen})
                seen = true.copy()
                for place in missing:
                    seen[place] = np.nan
                found = joint_platform(seen, missing, 200, draw)
                name = f"{count} platforms, {gaps} missing, deviations {law}"
                yield name, bool(found.low <= true.sum() <= found.high)


def _returns(law: str, count: int, draw: np.random.Generator) -> Any:
    sizes = 1_000 / (np.arange(count) + 1.5) ** 1.1
    spread = 0.03 + 0.09 * np.arange(count) / count if law == "small ones wilder" else np.full(count, 0.06)
    shocks = draw.normal(0, 1, (count, 12)) * spread[:, None]
    return sizes[:, None] * np.array(SEASON) * np.exp(shocks.cumsum(axis=1) if law == "staying" else shocks)
