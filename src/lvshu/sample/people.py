"""Residents, their work and the work records of platforms: drawn in blocks, so that a city of any size streams."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from lvshu.sample.plan import CityPlan
from lvshu.sample.streams import Streams, blocks

REFERENCE_MONTH = 11  # the month the labour survey asks about
FORMS = ("employee", "employer", "own_account", "family_worker", "part_time", "platform")
EMPLOYEE, EMPLOYER, OWN_ACCOUNT, FAMILY_WORKER, PART_TIME, PLATFORM = range(6)
FORM_SHARES = (0.80, 0.03, 0.075, 0.01, 0.04, 0.045)  # design of the sample, not statistics
SECOND_JOB = 0.035
ACTIVE_MAIN, ACTIVE_SECOND = 0.92, 0.55
DISTRICTS_WORKED = 1.5  # in which a worker has orders on one platform in one month, in the mean
SALT = "lvshu-sample-city"


@dataclass(frozen=True)
class Places:
    """Clusters (neighbourhood committees) of residents: district of each, and how common platform work is there.

    size: residents per cluster (the last one may hold fewer); district, effect: shape (clusters,).
    """

    size: int
    residents: int
    district: np.ndarray
    effect: np.ndarray

    def __len__(self) -> int:
        return len(self.district)

    def residents_of(self, clusters: np.ndarray) -> np.ndarray:
        """Return how many residents the clusters have."""
        return np.asarray(np.minimum(self.size, self.residents - clusters * self.size))


def draw_places(plan: CityPlan, streams: Streams, district_weights: np.ndarray) -> Places:
    """Return the clusters of the city, districts in proportion to their residents."""
    size = int(np.clip(round(0.5 * plan.residents**0.5), 40, 2_500))
    clusters = -(-plan.residents // size)
    bounds = np.cumsum(district_weights) / district_weights.sum()
    district = np.searchsorted(bounds, (np.arange(clusters) + 0.5) / clusters, side="right")
    effect = np.exp(streams.generator("cluster").normal(-0.06, 0.35, clusters))
    return Places(
        size=size, residents=plan.residents, district=np.minimum(district, len(bounds) - 1), effect=effect
    )


@dataclass(frozen=True)
class People:
    """A block of residents. Arrays of shape (rows,); active: months with platform work, boolean, shape (rows, 12).

    form: position in FORMS, -1 when not employed; second: has platform work beside the main job.
    """

    number: np.ndarray
    cluster: np.ndarray
    age: np.ndarray
    male: np.ndarray
    form: np.ndarray
    second: np.ndarray
    active: np.ndarray
    hours: np.ndarray

    @property
    def employed(self) -> np.ndarray:
        """Return who is employed."""
        return np.asarray(self.form >= 0)

    def flexible(self) -> np.ndarray:
        """Return who works flexibly in the reference month: own account, part time, or by a platform."""
        by_platform = self.active[:, REFERENCE_MONTH - 1]
        return np.asarray(np.isin(self.form, [OWN_ACCOUNT, PART_TIME, PLATFORM]) | by_platform)


def draw_people(block: int, start: int, stop: int, places: Places, streams: Streams) -> People:
    """Return a block of residents."""
    random = streams.generator("person", block)
    rows = stop - start
    number = np.arange(start, stop)
    cluster = number // places.size
    age = np.interp(random.random(rows), [0, 0.098, 0.766, 1.0], [0, 15, 60, 95]).astype(np.int64)
    chance = np.where((age >= 16) & (age < 60), 0.80, np.where((age >= 60) & (age < 70), 0.15, 0.0))
    employed = random.random(rows) < chance
    effect = places.effect[cluster]
    platform = FORM_SHARES[PLATFORM] * effect
    others = np.array(FORM_SHARES[:PLATFORM])
    bounds = np.cumsum(others) / others.sum()
    form = np.searchsorted(bounds, random.random(rows), side="right")
    form = np.where(random.random(rows) < platform, PLATFORM, np.minimum(form, PART_TIME))
    form = np.where(employed, form, -1)
    second = employed & (form != PLATFORM) & (random.random(rows) < SECOND_JOB * effect)
    likely = np.where(form == PLATFORM, ACTIVE_MAIN, np.where(second, ACTIVE_SECOND, 0.0))
    active = random.random((rows, 12)) < likely[:, None]
    active[:, REFERENCE_MONTH - 1] |= form == PLATFORM
    usual = np.array([42.0, 48.0, 44.0, 40.0, 18.0, 50.0])[np.maximum(form, 0)]
    hours = np.where(employed, np.round(np.clip(usual + random.normal(0, 8, rows), 1, 90), 1), 0.0)
    return People(
        number=number,
        cluster=cluster,
        age=age,
        male=random.random(rows) < 0.518,
        form=form,
        second=second,
        active=active,
        hours=hours,
    )


def person_hashes(numbers: np.ndarray) -> list[str]:
    """Return salted SHA-256 marks of persons, 64 hexadecimal digits; the survey and the platforms use the same."""
    return [hashlib.sha256(f"{SALT}|{number}".encode()).hexdigest() for number in numbers.tolist()]


@dataclass(frozen=True)
class WorkRecords:
    """Work of a block's persons by platform, month and district. Arrays of shape (records,).

    worker: position in `hashes`; orders: count; hours: hours of work in the month.
    """

    hashes: list[str]
    worker: np.ndarray
    platform: np.ndarray
    month: np.ndarray
    district: np.ndarray
    activity: np.ndarray
    orders: np.ndarray
    hours: np.ndarray


def expected_records(plan: CityPlan) -> float:
    """Return how many records a worker has on one platform in one month, so that they come to the plan."""
    adults = 0.535
    main = adults * FORM_SHARES[PLATFORM] * ACTIVE_MAIN * 12 * 1.7
    second = adults * SECOND_JOB * ACTIVE_SECOND * 12 * 1.25
    return max(1.05, plan.work_records / (plan.residents * (main + second)))


def _unfold(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for counts (2, 1) the rows (0, 0, 1) and their places within each row (0, 1, 0)."""
    rows = np.repeat(np.arange(len(counts)), counts)
    return rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)


def _platforms_of(random: np.random.Generator, main: np.ndarray) -> np.ndarray:
    """Return on how many platforms each worker works, 1 to 3."""
    several = 1 + (random.random(len(main)) < np.where(main, 0.5, 0.2))
    return np.asarray(several + (random.random(len(main)) < np.where(main, 0.2, 0.05)))


def draw_work(
    block: int,
    people: People,
    places: Places,
    streams: Streams,
    *,
    platforms: int,
    activities: int,
    spread: float,
) -> WorkRecords:
    """Return the work records of a block's persons.

    Args:
        block: number of the block.
        people: its residents.
        places: clusters.
        streams: random numbers.
        platforms: how many platforms there are to work for.
        activities: how many kinds of activity there are.
        spread: mean number of records per worker, platform and month, at least 1: of districts, at most
            `DISTRICTS_WORKED` in the mean, times kinds of activity.
    """
    random = streams.generator("work", block)
    working = np.flatnonzero(people.active.any(axis=1))
    main = people.form[working] == PLATFORM
    several = _platforms_of(random, main)
    first = random.integers(0, platforms, len(working))
    kind = random.integers(0, activities, len(working))
    worker, month = np.nonzero(people.active[working])
    stretch, place = _unfold(several[worker])
    worker, month = worker[stretch], month[stretch]
    platform = (first[worker] + place * 3) % platforms
    worked = min(spread, DISTRICTS_WORKED)
    districts = np.minimum(1 + random.poisson(worked - 1, len(worker)), 16)
    kinds = np.minimum(1 + random.poisson(spread / worked - 1, len(worker)), activities)
    stretch, place = _unfold(districts * kinds)
    step, more = place // kinds[stretch], place % kinds[stretch]
    home = places.district[people.cluster[working]][worker]
    share = 1.0 / (districts * kinds * several[worker])
    monthly = np.where(main[worker], 190.0, 55.0) * random.lognormal(-0.05, 0.3, len(worker)) * share
    hours = np.maximum(0.5, np.round(monthly[stretch] * random.uniform(0.6, 1.4, len(stretch)), 1))
    return WorkRecords(
        hashes=person_hashes(people.number[working]),
        worker=worker[stretch],
        platform=platform[stretch],
        month=month[stretch],
        district=(home[stretch] + step) % 16,
        activity=(kind[worker][stretch] + more) % activities,
        orders=np.maximum(1, np.round(hours * random.uniform(1.2, 3.4, len(stretch)))).astype(np.int64),
        hours=hours,
    )


def people_blocks(places: Places) -> list[tuple[int, int, int]]:
    """Return the (block, start, stop) ranges of the residents."""
    return list(blocks(places.residents))
