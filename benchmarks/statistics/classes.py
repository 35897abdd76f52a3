"""Value added by class and district of sample cities, surveyed again and again: do its intervals hold the truth."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.sample.context import City, build_city
from lvshu.sample.survey_tables import RESPONSE, neyman_shares, unit_majors
from lvshu.sample.units import MEDIUM, SIZES
from lvshu.statistics.keys import MAJORS
from lvshu.statistics.methods.domain_interval import domain_interval
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


def hits() -> Iterator[tuple[str, bool]]:
    """Yield by kind of interval whether it holds the truth, for each survey and domain of three units or more."""
    packs = PackLibrary.load()
    for scale, cities in CITIES:
        for seed in range(cities):
            with tempfile.TemporaryDirectory() as folder:
                city = build_city(
                    Path(folder), scale=scale, seed=seed, year=2023, on_progress=None, packs=packs
                )
            frame = _frame(city)
            domains = _domains(frame)
            for survey in range(SURVEYS):
                chosen, weight = _survey(frame, np.random.default_rng([seed, survey]))
                for domain in domains:
                    yield from _one(frame, chosen, weight, domain, scale)


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


def _domains(frame: Frame) -> list[np.ndarray]:
    """Return flags of the units of each domain: the core, its majors and mediums, and majors by district."""
    core = frame.medium != ""
    majors = [core & np.char.startswith(frame.medium, one) for one in MAJORS]
    districts = [core & (frame.district == one) for one in np.unique(frame.district)]
    mediums = [frame.medium == one for one in np.unique(frame.medium[core])]
    return [core, *majors, *mediums, *districts, *(one & other for one in districts for other in majors)]


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
    frame: Frame, chosen: np.ndarray, weight: np.ndarray, domain: np.ndarray, scale: int
) -> Iterator[tuple[str, bool]]:
    expanded = weight * frame.value[chosen] * domain[chosen]
    units, size = int(domain[chosen].sum()), len(frame.taken)
    stratum = frame.stratum[chosen]
    count = np.bincount(stratum, minlength=size).astype(float)
    population = np.bincount(frame.stratum, minlength=size).astype(float)
    first, second = (np.bincount(stratum, weights=expanded**power, minlength=size) for power in (1, 2))
    found = float(first.sum())
    error = float(np.sqrt(moment_variance(count, population, first, second)))
    if units < LEAST_UNITS or not error > 0.0 or expanded.max() > 0.8 * found:
        return  # none sampled, known without error, or one unit's
    truth = float(frame.value[domain].sum())
    low, high = domain_interval(found, error, units, is_positive=True)
    normal = found - NORMAL_95 * error, found + NORMAL_95 * error
    where = f"value added by class and district, sample cities 1:{scale}"
    for note in ("", ", normal below zero") if normal[0] <= 0.0 else ("",):
        yield where + note, low <= truth <= high
        yield f"  the same, normal interval ({scale}{note})", normal[0] <= truth <= normal[1]
