"""How many loans each unit has and what it owes in all, so that all loans together come to the published balance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvshu.sample.plan import CityPlan
from lvshu.sample.streams import Streams, blocks
from lvshu.sample.units import LARGE, MEDIUM, MICRO, SELF_EMPLOYED, SMALL, Register

PERSON_SHARE_OF_LOANS = 0.42
PERSON_SHARE_OF_BALANCE = 0.30
LOANS_OF_BORROWER = {LARGE: 14.0, MEDIUM: 7.0, SMALL: 2.5, MICRO: 0.5, SELF_EMPLOYED: 0.3}
MOST_OF_ASSETS = 0.5
FINANCE_SECTOR = 22
LATE = 0.004  # loans paid out after the year; like loans repaid in it they have no balance at its end
ENDED = 0.03
FALLING = 0.82  # each further loan of a borrower is this part of the one before


@dataclass(frozen=True)
class Lending:
    """What is fixed before the loans are drawn: how many loans each unit has and how much it owes in all.

    first: number of the unit's first loan, shape (units + 1,); owed: yuan at the year's end, shape (units,).
    loans: number of all loans; business: loans of units; unknown: loans to borrowers not in the register.
    """

    year: int
    loans: int
    business: int
    unknown: int
    first: np.ndarray
    owed: np.ndarray
    person_total: float
    unknown_total: float
    person_weight: float


def plan_lending(plan: CityPlan, register: Register, streams: Streams, balance: float) -> Lending:
    """Return how many loans each unit has and what it owes.

    Args:
        plan: counts of the city.
        register: units.
        streams: random numbers.
        balance: balance of all loans at the year's end, in yuan.
    """
    units = len(register)
    persons = round(plan.loans * PERSON_SHARE_OF_LOANS)
    unknown = max(6, plan.loans // 400)
    wanted = plan.loans - persons - unknown
    rate = np.array([LOANS_OF_BORROWER[size] for size in range(5)])[register.size]
    rate = np.where(register.sector == FINANCE_SECTOR, 0.15 * rate, rate)
    rate *= wanted / rate.sum()
    count = np.empty(units, dtype=np.int64)
    leverage = np.empty(units)
    for block, start, stop in blocks(units):
        random = streams.generator("lending.unit", block)
        count[start:stop] = random.poisson(rate[start:stop])
        leverage[start:stop] = random.beta(2.0, 3.0, stop - start)
    raw = np.where(count > 0, leverage * register.assets_end, 0.0)
    ceiling = np.minimum(MOST_OF_ASSETS * register.assets_end, register.debt * 0.95)
    person_total = balance * PERSON_SHARE_OF_BALANCE
    unknown_total = balance * 0.004
    target = balance - person_total - unknown_total
    lost = LATE + ENDED
    first = (1 - FALLING) / (1 - FALLING ** np.maximum(count, 1))
    owed = _within_ceiling(raw, ceiling, target)
    later = float((owed * (1 - first)).sum()) / target
    owed = _within_ceiling(raw, ceiling, target / (1 - lost * later))
    person_total /= 1 - lost
    business = int(count.sum())
    weight = _person_weight(business + unknown, business + unknown + persons, streams)
    return Lending(
        year=plan.year,
        loans=business + unknown + persons,
        business=business,
        unknown=unknown,
        first=np.concatenate([[0], np.cumsum(count)]),
        owed=owed,
        person_total=person_total,
        unknown_total=unknown_total,
        person_weight=weight,
    )


def _within_ceiling(raw: np.ndarray, ceiling: np.ndarray, target: float) -> np.ndarray:
    """Return raw amounts in proportion, none above its ceiling, adding up to the target (yuan)."""
    factor = target / raw.sum()
    owed = np.minimum(raw * factor, ceiling)
    for _ in range(60):
        gap = target - owed.sum()
        open_sum = raw[raw * factor < ceiling].sum()
        if abs(gap) < 1.0 or open_sum == 0:
            break
        factor += gap / open_sum
        owed = np.minimum(raw * factor, ceiling)
    return np.asarray(owed)


def _person_weight(start: int, stop: int, streams: Streams) -> float:
    total = 0.0
    for block, first, last in blocks(stop):
        if last > start:
            drawn = streams.generator("loan.person", block).lognormal(0.0, 0.6, last - first)
            total += float(drawn[max(0, start - first) :].sum())
    return total
