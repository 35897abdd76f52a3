"""The table platform_return: monthly returns U201 to U210 of the city's platforms, and their true transactions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lvshu.sample.arrow import text_from_bytes
from lvshu.sample.context import City
from lvshu.sample.files import write_rows, write_sheet
from lvshu.sample.headings import headings
from lvshu.sample.names import unit_names

LARGEST_SHEET = 80_000
TOTAL = "total"
REGIONS = ("310000", "320000", "330000", "340000", "000000")
CATEGORIES = ("goods", "services")
SEASON = (0.92, 0.78, 0.97, 0.95, 1.04, 1.12, 0.96, 0.97, 1.0, 1.03, 1.27, 0.99)
SPECIAL = ("U202", "U203", "U204", "U206", "U208", "U209", "U210")
RIDES = ("ride_hailing", "vehicle_rental", "designated_driving")
PREFERRED = ("6432", "6431", "6434", "5292", "5193", "6450")
FIELDS = (
    "platform_uscc",
    "platform_name",
    "form",
    "month",
    "item_code",
    "region_code",
    "category_code",
    "trade_kind",
    "amount",
)


def choose_platforms(city: City) -> np.ndarray:
    """Return the rows of the units that are platforms, the largest first; internet platform classes come first."""
    register = city.register
    codes = register.industry_codes()
    score = np.zeros(len(register))
    for place, code in enumerate(PREFERRED):
        score = np.where(codes == code, len(PREFERRED) - place, score)
    score = np.where((register.size > 2) | register.overseas, -1.0, score)
    order = np.lexsort((-register.revenue, -score))
    return np.asarray(order[: city.plan.platforms])


def platform_codes(city: City, rows: np.ndarray) -> list[str]:
    """Return the credit codes of platforms."""
    return list(text_from_bytes(city.register.uscc(rows)).to_pylist())


def write_platform_returns(city: City, rows: np.ndarray) -> dict[str, object]:
    """Write platform_return and return the truth: transactions of the year, of them of Shanghai, by kind of trade."""
    random = city.streams.generator("platform")
    total = city.anchors["ecommerce_2019"] * 1e8
    weight = 1 / (np.arange(len(rows)) + 1.5) ** 1.1
    yearly = total * weight / weight.sum()
    season = np.array(SEASON) / sum(SEASON)
    noise = np.exp(random.normal(0, 0.06, (len(rows), 12)))
    monthly = season * noise
    monthly = np.round(yearly[:, None] * monthly / monthly.sum(axis=1, keepdims=True), -2)
    monthly[0, 11] += np.round(total, -2) - monthly.sum()
    region = random.dirichlet([6, 2, 2, 1, 5], len(rows))
    goods = random.beta(4, 2, len(rows))
    own = random.beta(1.5, 5, len(rows))
    spoiled, absent = _wrong_cells(random, len(rows))
    codes, names = platform_codes(city, rows), unit_names(rows, city.register).to_pylist()
    lines: list[list[object]] = []
    truth = {"total": 0.0, "shanghai": 0.0, "own": 0.0, "third_party": 0.0}
    for place in range(len(rows)):
        for month in range(12):
            amount = int(monthly[place, month])
            parts = _parts(amount, region[place], goods[place], own[place])
            truth["total"] += amount
            truth["shanghai"] += parts["region"][0]
            truth["own"] += parts["own"][0]
            truth["third_party"] += parts["own"][1]
            when = f"{city.year}-{month + 1:02d}"
            if place * 12 + month in absent:
                city.dirt.add("platform_return", f"{codes[place]}|U201|{when}", "missing_return", amount)
                continue
            if place * 12 + month in spoiled:
                city.dirt.add(
                    "platform_return", f"{codes[place]}|U201|{when}", "region_sum", parts["region"][1]
                )
                parts["region"][1] = round(parts["region"][1] * 0.9)
            for row in _lines(place, amount, parts):
                lines.append([codes[place], names[place], row[0], when, *row[1:]])
    city.truth["platform_transactions_by_month"] = monthly.sum(axis=0).tolist()
    _write(city, lines)
    return dict(truth)


def _wrong_cells(random: np.random.Generator, platforms: int) -> tuple[set[int], set[int]]:
    """Return the platform-months whose regions do not add up, and those that were never delivered.

    Never those of the largest quarter, whose returns a bureau chases.
    """
    first = platforms // 4 * 12
    wrong = max(2, platforms // 12)
    cells = (first + random.choice(platforms * 12 - first, size=2 * wrong, replace=False)).tolist()
    return set(cells[:wrong]), set(cells[wrong:])


def _parts(amount: int, region: np.ndarray, goods: float, own: float) -> dict[str, list[int]]:
    by_region = [int(amount * share) for share in region[:-1]]
    by_region.append(amount - sum(by_region))
    first, mine = int(amount * goods), int(amount * own)
    return {"region": by_region, "category": [first, amount - first], "own": [mine, amount - mine]}


def _lines(
    place: int, amount: int, parts: dict[str, list[int]]
) -> Iterator[tuple[str, str, str, str, str, int]]:
    yield "U201", "transactions", TOTAL, TOTAL, TOTAL, amount
    for code, part in zip(REGIONS, parts["region"], strict=True):
        yield "U201", "transactions", code, TOTAL, TOTAL, part
    for code, part in zip(CATEGORIES, parts["category"], strict=True):
        yield "U201", "transactions", TOTAL, code, TOTAL, part
    for code, part in zip(("own", "third_party"), parts["own"], strict=True):
        yield "U201", "transactions", TOTAL, TOTAL, code, part
    yield "U207", "operating_revenue", TOTAL, TOTAL, TOTAL, amount // 12
    form = SPECIAL[place % len(SPECIAL)]
    services = parts["category"][1]
    if form == "U202":
        for item, share in zip(RIDES, (0.7, 0.1, 0.05), strict=True):
            yield form, item, TOTAL, TOTAL, TOTAL, int(services * share)
    else:
        yield form, "transactions", TOTAL, TOTAL, TOTAL, int(services * 0.6)


def _write(city: City, lines: list[list[object]]) -> None:
    if len(lines) <= LARGEST_SHEET:
        header = headings("platform_return", FIELDS, ten_thousand_yuan=True)
        body = [[*line[:-1], int(str(line[-1])) / 1e4] for line in lines]
        write_sheet(
            city.inputs / "platform_return.xlsx", "平台报表", [["样本市平台报表（合成数据）"], header, *body]
        )
    else:
        write_rows(city.inputs / "platform_return.csv", FIELDS, lines)
    city.wrote("platform_return", len(lines))
