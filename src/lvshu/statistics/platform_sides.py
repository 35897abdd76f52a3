"""On which sides settlements have a record of the area: without one the figures of a side are unknown, not zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.places import MOST_NAMED, holds

Row = Mapping[str, Any]

INSIDE = "inside"
WIDER = "wider"
"""A place that contains the area and more."""
SIDES: dict[str, Callable[[Row], bool]] = {
    "seller": lambda row: bool(row["seller_place"] == INSIDE),
    "buyer": lambda row: bool(row["buyer_place"] == INSIDE),
    "either": lambda row: INSIDE in (row["seller_place"], row["buyer_place"]),
    "all": lambda row: True,
}
LABELS = {"seller": {"zh": "卖方", "en": "seller"}, "buyer": {"zh": "买方", "en": "buyer"}}
REGIONS = Query(
    "platform_settlement",
    """
    SELECT seller_region AS seller, buyer_region AS buyer, count(*) AS records
    FROM platform_settlement
    WHERE year = :year
    GROUP BY seller_region, buyer_region
    ORDER BY seller_region, buyer_region
    """,
)


def covered(flows: Sequence[Row]) -> frozenset[str]:
    """Return the sides whose figures are known: with a record of the area, for `either` one on each side."""
    found = {side for side in LABELS if any(SIDES[side](row) for row in flows)}
    return frozenset({*found, "all", *(("either",) if len(found) == len(LABELS) else ())})


def tell(context: StepContext, flows: Sequence[Row]) -> None:
    """Tell sides without a record of the area, and records whose code holds more than the area.

    Of a settlement of the province nothing says which part is the city's: it is of a wider place,
    neither inside nor elsewhere.
    """
    if not flows:
        return
    known = covered(flows)
    rows = context.sql(REGIONS, year=context.settings.year).to_pylist()
    for side, label in LABELS.items():
        wider: dict[str, int] = {}
        for row in rows:
            if holds(row[side], context.settings):
                wider[row[side]] = wider.get(row[side], 0) + int(row["records"])
        if side in known and not wider:
            continue
        codes = sorted(wider, key=lambda code: (-wider[code], code))[:MOST_NAMED]
        values = {
            "side": label, "area": context.settings.area, "codes": ", ".join(codes), "records": sum(wider.values()),
        }  # fmt: skip
        code = "some_wider" if side in known else "only_wider" if wider else "none_inside"
        problem = Problem(f"statistics.platform_{code}", values=values, severity="warning")
        context.find(problem, table="platform_settlement", key=side)
