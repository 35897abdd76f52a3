"""The register of the sample city: one row of numbers per unit, drawn block by block, scaled to the accounts.

Within each sector, units' revenue adds up to the sector's output and their value added to the sector's value added.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.sample.macro import Macro
from lvshu.sample.plan import COMPANY_SHARE, CityPlan
from lvshu.sample.streams import Streams, blocks
from lvshu.sample.uscc import make_uscc

SIZES = ("large", "medium", "small", "micro", "self_employed")
LARGE, MEDIUM, SMALL, MICRO, SELF_EMPLOYED = range(5)
# Design of the sample (not statistics): units per thousand by sector, in the order of data/sectors.csv.
UNITS_PER_THOUSAND = (20, 1, 12, 20, 25, 1, 12, 6, 3, 18, 22, 6, 12, 12, 2, 2, 1, 60, 45, 90, 340, 50, 8, 30, 125, 90,
                      50, 30)  # fmt: skip
ASSETS_TO_REVENUE = {"16": 2.4, "18": 1.3, "19": 1.8, "23": 8.0, "24": 4.5, "27": 2.5}
SELF_EMPLOYED_SECTORS = {"01": 0.5, "19": 0.25, "21": 0.25, "22": 0.45, "27": 0.45}
SMALLEST_SECTOR = 24  # units that every sector has at the smallest scale
SERIAL_STEP = 48_271  # prime to 31, so that serials never meet


@dataclass(frozen=True)
class Register:
    """Columns of the city's units. Money in yuan; arrays of shape (units,).

    Overseas units come last; they take no part in the sectors' totals.
    """

    sector: np.ndarray
    industry: np.ndarray  # position in `classes`
    classes: tuple[str, ...]
    class_names: tuple[str, ...]
    district: np.ndarray  # position in `districts`
    districts: tuple[str, ...]
    size: np.ndarray
    overseas: np.ndarray
    revenue: np.ndarray
    value_added: np.ndarray
    assets_begin: np.ndarray
    assets_end: np.ndarray
    equity: np.ndarray
    debt: np.ndarray
    enterprise_value: np.ndarray  # 0 where the unit is not listed
    employees: np.ndarray
    registered_on: np.ndarray  # days since 1970
    intensity: np.ndarray  # relative emission per yuan of revenue

    def __len__(self) -> int:
        return len(self.sector)

    def uscc(self, rows: np.ndarray) -> np.ndarray:
        """Return credit codes of the given rows as ASCII codes, uint8, shape (rows, 18)."""
        serials = (rows.astype(np.int64) * SERIAL_STEP + 1_979) % 31**5
        areas = np.array([int(code) for code in self.districts])[self.district[rows]]
        return make_uscc(serials, areas, np.where(self.size[rows] == SELF_EMPLOYED, 2, 1))

    def industry_codes(self) -> np.ndarray:
        """Return the industry code of every unit, as text, shape (units,)."""
        return np.asarray(np.array(self.classes)[self.industry])


@dataclass(frozen=True)
class IndustryMix:
    """Classes that a unit of each sector may have, with the weight of the draw and of emission."""

    classes: tuple[str, ...]
    names: tuple[str, ...]
    sector: np.ndarray
    draw: np.ndarray
    emission: np.ndarray


def industry_mix(macro: Macro, packs: PackLibrary) -> IndustryMix:
    """Return the classes of GB/T 4754-2017 with their sector and the sample's weights."""
    text = resources.files("lvshu.sample").joinpath("data", "industry_mix.csv").read_text(encoding="utf-8")
    weights = {row["code"]: row for row in csv.DictReader(text.splitlines())}
    by_division = macro.sector_of_division()
    listed = [
        (str(row["code"]), str(row["name_zh"]))
        for row in packs["gbt4754_2017"].rows
        if len(str(row["code"])) == 4 and str(row["code"]).isdigit() and str(row["code"])[:2] in by_division
    ]
    codes = tuple(code for code, _ in listed)
    return IndustryMix(
        classes=codes,
        names=tuple(name for _, name in listed),
        sector=np.array([by_division[code[:2]] for code in codes]),
        draw=np.array([float(weights[code]["draw_weight"]) if code in weights else 0.6 for code in codes]),
        emission=np.array(
            [float(weights[code]["emission_weight"]) if code in weights else 0.5 for code in codes]
        ),
    )


def units_by_sector(units: int) -> np.ndarray:
    """Return how many units each sector has, shape (28,), adding up to about `units` with a least number each."""
    shares = np.array(UNITS_PER_THOUSAND) / sum(UNITS_PER_THOUSAND)
    return np.asarray(np.maximum(np.round(shares * units).astype(np.int64), SMALLEST_SECTOR))


def _sectors(plan: CityPlan) -> tuple[np.ndarray, np.ndarray]:
    """Return each unit's sector and whether it is overseas; overseas units come last."""
    counts = units_by_sector(plan.units)
    abroad = max(8, int(counts.sum()) // 2_000)
    resident = np.repeat(np.arange(len(counts)), counts)
    sector = np.concatenate([resident, np.resize([6, 10, 13, 18, 20, 22], abroad)]).astype(np.int8)
    return sector, np.arange(len(sector)) >= len(resident)


def draw_register(
    plan: CityPlan, macro: Macro, packs: PackLibrary, streams: Streams, districts: dict[str, float]
) -> Register:
    """Return the register of units.

    Args:
        plan: counts of the city.
        macro: accounts whose sector totals the units follow.
        packs: library with gbt4754_2017.
        streams: random numbers.
        districts: code -> residents, the weights of the draw of the place.
    """
    mix = industry_mix(macro, packs)
    sector, overseas = _sectors(plan)
    raw = _draw(len(sector), sector, mix, streams, np.array(list(districts.values())), plan)
    person = _self_employed(sector, raw["u_self"], overseas, macro)
    weight = raw["size"] * np.where(person, 0.01, 1.0)
    revenue = _share_out(weight, sector, macro.output * 1e4, overseas)
    added = _share_out(weight * raw["margin"], sector, macro.value_added.sum(axis=0) * 1e4, overseas)
    size = _size_classes(revenue, sector, person)
    assets = revenue * raw["assets"]
    equity = assets * (0.22 + 0.4 * raw["equity"])
    debt = (assets - equity) * (0.45 + 0.45 * raw["debt"])
    listed = (size == LARGE) & (raw["u_listed"] < 0.2) & ~overseas
    employees = revenue / (1.0e6 * np.array([_revenue_per_head(s.code) for s in macro.sectors])[sector])
    return Register(
        sector=sector,
        industry=raw["industry"].astype(np.int32),
        classes=mix.classes,
        class_names=mix.names,
        district=raw["district"].astype(np.int8),
        districts=tuple(districts),
        size=size,
        overseas=overseas,
        revenue=revenue,
        value_added=added,
        assets_begin=assets * (0.86 + 0.16 * raw["growth"]),
        assets_end=assets,
        equity=equity,
        debt=debt,
        enterprise_value=np.where(listed, equity * (0.8 + 2.4 * raw["growth"]) + debt, 0.0),
        employees=np.maximum(1, np.round(employees * (0.6 + 0.8 * raw["debt"]))).astype(np.int64),
        registered_on=(7_300 + 12_300 * raw["age"] ** 0.6).astype(np.int32),
        intensity=mix.emission[raw["industry"].astype(np.int64)] * raw["efficiency"],
    )


def _draw(
    total: int, sector: np.ndarray, mix: IndustryMix, streams: Streams, people: np.ndarray, plan: CityPlan
) -> dict[str, np.ndarray]:
    spread = 1.5 + 0.25 * np.clip(np.log10(plan.units / 3_400), 0, 3)
    ratio = np.array(
        [ASSETS_TO_REVENUE.get(f"{number + 1:02d}", 1.15) for number in range(len(UNITS_PER_THOUSAND))]
    )
    order = np.argsort(mix.sector, kind="stable")
    cumulative = np.cumsum(mix.draw[order])
    first = np.searchsorted(mix.sector[order], np.arange(len(ratio)), side="left")
    last = np.searchsorted(mix.sector[order], np.arange(len(ratio)), side="right")
    below = np.concatenate([[0.0], cumulative])
    columns: dict[str, np.ndarray] = {}
    for block, start, stop in blocks(total):
        random = streams.generator("unit", block)
        rows = stop - start
        here = sector[start:stop].astype(np.int64)
        at = below[first[here]] + random.random(rows) * (below[last[here]] - below[first[here]])
        drawn = {
            "industry": order[np.minimum(np.searchsorted(cumulative, at, side="right"), last[here] - 1)],
            "district": np.searchsorted(np.cumsum(people) / people.sum(), random.random(rows), side="right"),
            "size": np.exp(random.normal(0.0, spread, rows)),
            "margin": np.exp(random.normal(0.0, 0.25, rows)),
            "assets": ratio[here] * np.exp(random.normal(0.0, 0.35, rows)),
            "efficiency": np.exp(random.normal(0.0, 0.3, rows)),
        }
        for name in ("equity", "debt", "growth", "age", "u_self", "u_listed"):
            drawn[name] = random.random(rows)
        for name, values in drawn.items():
            columns.setdefault(name, np.empty(total, dtype=values.dtype))[start:stop] = values
    return columns


def _self_employed(sector: np.ndarray, uniform: np.ndarray, overseas: np.ndarray, macro: Macro) -> np.ndarray:
    likely = np.array([SELF_EMPLOYED_SECTORS.get(s.code, 0.02) for s in macro.sectors])[sector]
    expected = likely[~overseas].mean()
    return np.asarray((uniform < likely * (1 - COMPANY_SHARE) / expected) & ~overseas)


def _share_out(
    weight: np.ndarray, sector: np.ndarray, totals: np.ndarray, overseas: np.ndarray
) -> np.ndarray:
    inside = np.where(overseas, 0.0, weight)
    sums = np.bincount(sector, weights=inside, minlength=len(totals))
    return np.asarray(np.round(weight * (totals / sums)[sector]))


def _size_classes(revenue: np.ndarray, sector: np.ndarray, person: np.ndarray) -> np.ndarray:
    rank = np.lexsort((-revenue, person, sector))
    starts = np.searchsorted(sector[rank], np.arange(sector.max() + 1))
    place = np.empty(len(rank), dtype=np.int64)
    place[rank] = np.arange(len(rank)) - starts[sector[rank]]
    count = np.bincount(sector)[sector]
    size = np.full(len(rank), MICRO, dtype=np.int8)
    size[place < np.maximum(18, 0.20 * count)] = SMALL
    size[place < np.maximum(10, 0.035 * count)] = MEDIUM
    size[place < np.maximum(4, 0.006 * count)] = LARGE
    size[person] = SELF_EMPLOYED
    return size


def _revenue_per_head(code: str) -> float:
    """Return revenue per employee in million yuan, a design figure by kind of sector."""
    if code in ("06", "16", "23"):
        return 3.0
    return {"21": 1.6, "14": 1.2, "09": 1.6, "07": 1.5, "24": 1.5}.get(code, 0.75)
