"""The tables platform_settlement and category_sale: who sells to whom through platforms, for what fee."""

from __future__ import annotations

import numpy as np

from lvshu.sample.context import City
from lvshu.sample.files import write_rows
from lvshu.sample.platform_tables import CATEGORIES, REGIONS, platform_codes

FIELDS = (
    "platform_uscc", "year", "category_code", "trade_kind", "seller_region", "buyer_region", "amount", "fee",
)  # fmt: skip
SALE_FIELDS = ("year", "side", "category_code", "amount")
CLASSES = "643"


def write_settlements(city: City, rows: np.ndarray) -> None:
    """Write platform_settlement and category_sale, and keep the truth of fees by seller and by buyer.

    Args:
        city: being written.
        rows: units that are platforms, the largest first.
    """
    random = city.streams.generator("settlement")
    total = city.anchors["ecommerce_2019"] * 1e8
    weight = 1 / (np.arange(len(rows)) + 1.5) ** 1.1
    yearly = total * weight / weight.sum()
    lines: list[list[object]] = []
    truth = {"seller": 0, "buyer": 0, "all": 0}
    traded = {(side, category): 0 for side in ("seller", "buyer") for category in CATEGORIES}
    area = REGIONS[0]
    for code, amount in zip(platform_codes(city, rows), yearly.tolist(), strict=True):
        goods, own, rate = random.beta(4, 2), random.beta(1.5, 5), random.uniform(0.02, 0.12)
        seller, buyer = random.dirichlet([6, 2, 2, 1, 5]), random.dirichlet([4, 2, 2, 1, 6])
        for category, of_category in zip(CATEGORIES, (goods, 1 - goods), strict=True):
            for kind, of_kind in (("own", own), ("third_party", 1 - own)):
                for place, seller_region in enumerate(REGIONS):
                    for other, buyer_region in enumerate(REGIONS):
                        part = int(amount * of_category * of_kind * seller[place] * buyer[other])
                        fee = int(part * rate) if kind == "third_party" else 0
                        lines.append([
                            code, city.year, category, kind, seller_region, buyer_region, f"{part}.00", f"{fee}.00",
                        ])  # fmt: skip
                        inside = {"seller": seller_region == area, "buyer": buyer_region == area}
                        truth["all"] += fee
                        for side, there in inside.items():
                            truth[side] += fee * there
                            traded[side, category] += part * there
    city.wrote("platform_settlement", write_rows(city.inputs / "platform_settlement.csv", FIELDS, lines))
    sales = [
        [city.year, side, category, f"{int(amount / random.uniform(0.2, 0.5))}.00"]
        for (side, category), amount in traded.items()
    ]
    city.wrote("category_sale", write_rows(city.inputs / "category_sale.csv", SALE_FIELDS, sales))
    city.truth["platform_fees_yuan"] = {**truth, "value_added_rate": _value_added_rate(city)}


def _value_added_rate(city: City) -> float:
    """Return value added over revenue of all internet platforms of the city, dimensionless."""
    register = city.register
    inside = np.char.startswith(register.industry_codes().astype(str), CLASSES) & ~register.overseas
    revenue = float(register.revenue[inside].sum())
    return float(register.value_added[inside].sum()) / revenue if revenue else 0.0
