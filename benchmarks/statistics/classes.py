"""Value added by class and district of sample cities, surveyed again and again: do its intervals hold the truth.

`python -m benchmarks.statistics.classes` tells it by sampled units, with the widths, and of other populations as well.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.sample.context import City, build_city
from lvshu.sample.survey_tables import RESPONSE, neyman_shares, unit_majors
from lvshu.sample.units import MEDIUM, SIZES
from lvshu.statistics.keys import MAJORS
from lvshu.statistics.methods.domain_interval import domain_interval
from lvshu.statistics.methods.domain_variance import Strata, widening
from lvshu.statistics.methods.survey import NORMAL_95, moment_variance

CITIES = ((1000, 12), (200, 5))
"""Scale, and how many cities of it."""
SURVEYS = 40
LEAST_UNITS = 3


@dataclass(frozen=True)
class Frame:
    """A city's units: value added in million CNY, stratum, district, medium of whole classes (empty: none)."""

    value: np.ndarray
    stratum: np.ndarray
    taken: tuple[int, ...]
    district: np.ndarray
    medium: np.ndarray


@dataclass(frozen=True)
class Found:
    """A domain in one survey: its truth, estimate, sampled units and intervals by kind."""

    truth: float
    value: float
    units: int
    ends: dict[str, tuple[float, float]]


THIS, UNITS, NORMAL = "this", "t by the domain's units", "normal"


def hits() -> Iterator[tuple[str, bool]]:
    """Yield by kind of interval whether it holds the truth, for each survey and domain of three units or more."""
    for scale, cities in CITIES:
        where = f"value added by class and district, sample cities 1:{scale}"
        for one in (
            each for seed in range(cities) for each in surveyed(city_frame(scale, seed), seed, SURVEYS)
        ):
            notes = ("", ", normal below zero") if one.ends[NORMAL][0] <= 0.0 else ("",)
            for note in notes:
                for kind, (low, high) in one.ends.items():
                    name = where + note if kind == THIS else f"  the same, {kind} interval ({scale}{note})"
                    yield name, low <= one.truth <= high


def city_frame(scale: int, seed: int) -> Frame:
    """Return the units of a sample city."""
    with tempfile.TemporaryDirectory() as folder:
        packs = PackLibrary.load()
        return _frame(
            build_city(Path(folder), scale=scale, seed=seed, year=2023, on_progress=None, packs=packs)
        )


def surveyed(frame: Frame, seed: int, surveys: int) -> Iterator[Found]:
    """Yield each domain of three sampled units or more in repeated surveys."""
    domains = _domains(frame)
    for survey in range(surveys):
        chosen, weight = _survey(frame, np.random.default_rng([seed, survey]))
        for domain, among in domains:
            yield from _one(frame, chosen, weight, domain, among)


def _frame(city: City) -> Frame:
    register = city.register
    major, partial = unit_majors(city)
    inside = ~register.overseas
    medium = {
        str(row["gbt4754_code"]): str(row["medium"])
        for row in city.packs["digital_economy_2021_codes"].rows
        if row["major"] in MAJORS
    }
    names = np.char.add(np.char.add(major, "-"), np.array(SIZES)[register.size])[inside]
    strata, stratum = np.unique(names, return_inverse=True)
    importance = neyman_shares(
        register.value_added,
        np.char.add(np.char.add(major, "-"), np.array(SIZES)[register.size]),
        inside & (register.size > MEDIUM),
    )
    taken = []
    for number, name in enumerate(strata.tolist()):
        members = np.flatnonzero(stratum == number)
        is_whole = register.size[inside][members[0]] <= MEDIUM
        wanted = max(6, round(city.plan.survey_enterprises * importance.get(name, 0.0)))
        taken.append(members.size if is_whole else min(wanted, members.size))
    codes = np.array([medium.get(code, "") for code in register.classes])[register.industry]
    return Frame(
        register.value_added[inside] / 1e6, stratum, tuple(taken), register.district[inside],
        np.where(partial, "", codes)[inside],
    )  # fmt: skip


def _domains(frame: Frame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return flags of the units of each domain, and of what it is a part of.

    Domains: the core, its majors and mediums, districts, and majors by district.
    """
    core = frame.medium != ""
    every = np.ones_like(core)
    majors = [core & np.char.startswith(frame.medium, one) for one in MAJORS]
    districts = [core & (frame.district == one) for one in np.unique(frame.district)]
    mediums = [frame.medium == one for one in np.unique(frame.medium[core])]
    whole = [(one, every) for one in (core, *majors, *mediums, *districts)]
    return whole + [(one & other, other) for one in districts for other in majors]


def _survey(frame: Frame, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the units that answered, and their weights."""
    chosen, weight = [], []
    for number, taken in enumerate(frame.taken):
        members = np.flatnonzero(frame.stratum == number)
        asked = draw.permutation(members)[:taken]
        answered = asked[draw.random(taken) < RESPONSE] if taken > 8 else asked
        chosen.append(answered)
        weight.append(np.full(answered.size, members.size / answered.size))
    return np.concatenate(chosen), np.concatenate(weight)


def _one(
    frame: Frame, chosen: np.ndarray, weight: np.ndarray, domain: np.ndarray, among: np.ndarray
) -> Iterator[Found]:
    every = weight * frame.value[chosen]
    inside = domain[chosen]
    expanded, units, size = every * inside, int(inside.sum()), len(frame.taken)
    stratum = frame.stratum[chosen]

    def by_stratum(values: np.ndarray) -> np.ndarray:
        return np.bincount(stratum, weights=values, minlength=size).astype(float)

    count, population = np.bincount(stratum, minlength=size), np.bincount(frame.stratum, minlength=size)
    count, population = count.astype(float), population.astype(float)
    first, second = by_stratum(expanded), by_stratum(expanded**2)
    found = float(first.sum())
    error = float(np.sqrt(moment_variance(count, population, first, second)))
    if units < LEAST_UNITS or not error > 0.0 or expanded.max() > 0.8 * found:
        return  # none sampled, known without error, or one unit's
    strata = Strata(count, population, by_stratum(every), by_stratum(every**2), np.ones(size, dtype=bool))
    members, within = by_stratum(inside), by_stratum(among[chosen])
    factor, free = widening(members, (first, second), strata, within=within)
    yield Found(
        float(frame.value[domain].sum()), found, units,
        {
            THIS: domain_interval(found, factor * error, free, is_positive=True),
            UNITS: domain_interval(found, error, units - 1.0, is_positive=True),
            NORMAL: (found - NORMAL_95 * error, found + NORMAL_95 * error),
        },
    )  # fmt: skip


def population(kind: str, seed: int, units: int) -> Frame:
    """Return units whose sizes are lognormal or Pareto, in strata by major and size of the register, or size alone.

    The sample knows the size with an error; the largest 3 % belong to it for certain. 800 others are shared out as in
    the cities, six to a stratum at least.
    """
    draw = np.random.default_rng([seed, units, len(kind)])
    mediums = np.array([f"{major}{place:02d}" for major in MAJORS for place in range(1, 7)] + [""])
    core = draw.dirichlet(np.ones(mediums.size - 1)) * 0.35
    medium = draw.choice(mediums.size, size=units, p=np.append(core, 0.65))
    size = draw.pareto(1.3, units) + 1 if kind.startswith("pareto") else np.exp(draw.normal(0, 1.6, units))
    size = size * np.exp(draw.normal(0, 0.5, mediums.size))[medium]
    value = size * np.exp(draw.normal(0, 0.6, units))
    band = np.digitize(size, np.quantile(size, [0.55, 0.85, 0.97]))
    major = np.array([one[:2] or "00" for one in mediums.tolist()])[medium]
    names = (
        band.astype(str) if kind.endswith("size") else np.char.add(np.char.add(major, "-"), band.astype(str))
    )
    strata, stratum = np.unique(names, return_inverse=True)
    district = draw.choice(12, size=units, p=draw.dirichlet(np.full(12, 2.0)))
    members = [np.flatnonzero(stratum == number) for number in range(strata.size)]
    whole = [name.endswith("3") for name in strata.tolist()]
    spread = [0.0 if all_ else one.size * value[one].std() for one, all_ in zip(members, whole, strict=True)]
    taken = [
        one.size if all_ else min(one.size, max(6, round(800 * part / sum(spread))))
        for one, all_, part in zip(members, whole, spread, strict=True)
    ]
    return Frame(value, stratum, tuple(taken), district, mediums[medium])


BY_UNITS = ((3, 10**9), (3, 5), (6, 10), (11, 30), (31, 10**9))


def told(name: str, found: Sequence[Found]) -> str:
    """Return rows of a table: coverage in per cent and median relative width, of all domains and by sampled units."""
    rows = []
    for kind in (THIS, UNITS, NORMAL):
        cells = []
        for least, most in BY_UNITS:
            some = [one for one in found if least <= one.units <= most]
            held = 100 * np.mean([one.ends[kind][0] <= one.truth <= one.ends[kind][1] for one in some])
            wide = np.median([(one.ends[kind][1] - one.ends[kind][0]) / one.value for one in some])
            cells.append(f"{held:.1f} ({wide:.2f})")
        rows.append(f"| {name if kind == THIS else '… ' + kind} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    """Print how often the intervals hold the truth, and how wide they are, of cities and of other populations."""
    cities = [(1000, range(12)), (200, range(5)), (1000, range(200, 212)), (200, range(200, 212))]
    for scale, seeds in cities:
        found = [one for seed in seeds for one in surveyed(city_frame(scale, seed), seed, SURVEYS)]
        print(told(f"cities 1:{scale}, seeds {seeds.start}-{seeds.stop - 1}", found), flush=True)
    for kind in ("lognormal", "pareto", "lognormal, strata by size", "pareto, strata by size"):
        for units in (4_000, 16_000):
            frames = [population(kind, seed, units) for seed in range(100, 106)]
            found = [one for seed, frame in enumerate(frames) for one in surveyed(frame, seed, 20)]
            print(told(f"{kind}, {units:,} units", found), flush=True)


if __name__ == "__main__":
    main()
