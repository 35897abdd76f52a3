"""Fills the public tables of the platform economy: what single platforms did does not follow from them.

The raw tables stay beside them, confidential. The three tables are parts of one: transactions by category, kind of
trade, and place of seller and buyer, and the fees of third-party trade. Their cells are protected together, with
platforms (those of one group as one) as contributors; a fee is never above its transactions, and the reader knows that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from scipy import sparse

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.disclosure.attack import Knowledge
from lvshu.statistics.disclosure.history import Release
from lvshu.statistics.disclosure.primary import Rules, Unsafe, summarise, union_of_records, unsafe_cells
from lvshu.statistics.disclosure.structure import Dimension, Key, Structure, key_of, table_structure
from lvshu.statistics.disclosure.table import DraftTable, SafeTable, cell_costs, protect
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.platform_economy import place, uncertain
from lvshu.statistics.platform_sides import INSIDE, WIDER
from lvshu.statistics.protection import (
    NOT_COVERED,
    SECONDS,
    SHOWN,
    SUPPRESSED,
    groups,
    rules_for,
    tell_problems,
    tell_warnings,
)

FLOW, ECONOMY, SHARE = "platform_flow_public", "platform_economy_public", "ecommerce_share_public"
ALL = "all"
PLACES = (INSIDE, "elsewhere", WIDER)
CORNERS = {(seller, buyer): f"{seller}_{buyer}" for seller in PLACES for buyer in PLACES}
"""Place of seller and buyer, and the code of the two together."""
NARROW = tuple(code for places, code in CORNERS.items() if WIDER not in places)
"""The corners of a book whose settlements state no place that contains the area."""
TREES: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {
        "seller": tuple(code for (seller, _), code in CORNERS.items() if seller == INSIDE),
        "seller_elsewhere": tuple(code for (seller, _), code in CORNERS.items() if seller != INSIDE),
    },
    {
        "buyer": tuple(code for (_, buyer), code in CORNERS.items() if buyer == INSIDE),
        "buyer_elsewhere": tuple(code for (_, buyer), code in CORNERS.items() if buyer != INSIDE),
    },
    {
        "either": tuple(code for places, code in CORNERS.items() if INSIDE in places),
        "": tuple(code for places, code in CORNERS.items() if INSIDE not in places),
    },
)
"""Three ways in which the corners add up to all; codes without a name stand at the top themselves."""
ROOTS = {"category": TOTAL, "kind": TOTAL, "place": ALL, "part": "amount"}
ITEMS = {"transactions": (TOTAL, "amount"), "third_party": ("third_party", "amount"), "own_sales": ("own", "amount"),
         "intermediation_output": ("third_party", "fee")}  # fmt: skip
AMOUNTS = Query(
    FLOW,
    """
    SELECT
      platform_uscc, category_code, trade_kind,
      CASE
        WHEN substr(seller_region, 1, :digits) = :prefix THEN 'inside'
        WHEN seller_region IN (:nation, :province, :city) THEN 'wider'
        ELSE 'elsewhere'
      END AS seller_place,
      CASE
        WHEN substr(buyer_region, 1, :digits) = :prefix THEN 'inside'
        WHEN buyer_region IN (:nation, :province, :city) THEN 'wider'
        ELSE 'elsewhere'
      END AS buyer_place,
      CAST(sum(amount) AS DECIMAL(20,2)) AS amount, CAST(sum(fee) AS DECIMAL(20,2)) AS fee
    FROM platform_settlement
    WHERE year = :year
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    """,
)
Cell = tuple[str, str, str, str]
"""Category, kind of trade, place, and amount or fee."""


def make(context: StepContext) -> None:
    """Fill the three public tables, and the uncertainty of those headlines that may be shown."""
    rules = rules_for(context, "platform", FLOW)
    rows = context.sql(AMOUNTS, **place(context.settings)).to_pylist()
    shares = context.read("ecommerce_share", order=("side", "category_code")).to_pylist()
    hidden = _hidden(context, rows, shares, rules)
    flows = context.read(
        "platform_flow", order=("category_code", "trade_kind", "seller_place", "buyer_place")
    ).to_pylist()
    economy = context.read("platform_economy", order=("side", "item")).to_pylist()
    public = [_economy_row(row, hidden) for row in economy]
    for table, found in (
        (FLOW, [_flow_row(row, hidden) for row in flows]),
        (ECONOMY, public),
        (SHARE, [_share_row(row, hidden) for row in shares]),
    ):
        if found:
            context.write(table, {name: [row[name] for row in found] for name in found[0]})
            _tell(context, table, found)
    for row in public:
        if row["status"] == SHOWN:
            uncertain(context, row)


def _tell(context: StepContext, table: str, found: Sequence[Mapping[str, Any]]) -> None:
    count = sum(row["status"] == SUPPRESSED for row in found)
    if count:
        values = {"cells": count, "of": len(found)}
        problem = Problem("statistics.platform_suppressed", values=values, severity="notice")
        context.find(problem, table=table, amount=float(count), unit="1")


class _Everything:
    """Every cell: what is hidden where the tables cannot be protected."""

    def __contains__(self, cell: object) -> bool:
        return True


def _hidden(
    context: StepContext,
    rows: Sequence[Mapping[str, Any]],
    shares: Sequence[Mapping[str, Any]],
    rules: Rules,
) -> frozenset[Cell] | _Everything:
    """Return the cells that are not shown; where there is no safe pattern, everything, which is told."""
    try:
        safe = protected(
            rows, groups(context), rules, ceilings(shares), earlier=published(context, is_same_year=True),
            last=published(context, is_same_year=False),
        )  # fmt: skip
    except MethodError as error:
        tell_problems(context, error, FLOW)
        context.find(Problem("statistics.platform_withheld", severity="warning"), table=FLOW)
        return _Everything()
    tell_warnings(context, safe, FLOW)
    return hidden_cells(safe)


def ceilings(shares: Iterable[Mapping[str, Any]]) -> dict[Cell, float]:
    """Return what the sales of all channels say of the transactions through platforms: these are not larger."""
    return {
        (row["category_code"], TOTAL, row["side"], "amount"): float(row["all_amount"])
        for row in shares
        if None not in (row["all_amount"], row["platform_amount"])
        and row["all_amount"] >= row["platform_amount"]
    }


def protected(
    rows: Sequence[Mapping[str, Any]],
    group: Mapping[str, str],
    rules: Rules,
    ceiling: Mapping[Cell, float],
    *,
    earlier: Mapping[Cell, float | None] | None = None,
    last: Mapping[Cell, float | None] | None = None,
    seconds: float = SECONDS,
) -> SafeTable:
    """Return the whole table of amounts and fees, protected.

    Args:
        rows: amounts and fees of each platform by category, kind, and place of seller and buyer, in CNY.
        group: group of the platforms that belong to one.
        rules: of confidentiality.
        ceiling: upper bounds that the reader knows, in CNY.
        earlier: what was published of these figures before, in CNY; None where it was hidden.
        last: the same of another year, whose pattern is kept as far as it protects.
        seconds: time for the least-cost search.

    Raises:
        MethodError: no pattern protects every unsafe cell.
    """
    is_below = all(row["fee"] <= row["amount"] for row in rows if row["trade_kind"] == "third_party")
    categories = sorted({row["category_code"] for row in rows})
    structure = structure_of(categories, corners_of(rows), is_below=is_below)
    held: list[dict[str, float]] = [{} for _ in structure.keys]
    at = structure.place
    for row in rows:
        who = group.get(row["platform_uscc"], row["platform_uscc"])
        for cell, amount in _parts(row, is_below=is_below):
            own = held[at[_key(cell)]]
            own[who] = own.get(who, 0.0) + float(amount)
    cells = summarise(held, max(2, rules.dominance[0] if rules.dominance else 2))
    dimensions = tuple(Dimension(name, root, {}) for name, root in ROOTS.items())
    draft = DraftTable(
        dimensions, structure, cells, union_of_records(held, cells.largest.shape[1]), is_linked=True
    )
    found = unsafe_cells(cells, rules)
    is_net = np.array([dict(key).get("part") == "net" for key in structure.keys])
    unsafe = Unsafe(found.flag & ~is_net, found.upper, found.lower)
    high = np.full(len(structure.keys), np.inf)
    for cell, value in ceiling.items():
        if _key(cell) in at:
            high[at[_key(cell)]] = value
    low = np.zeros(len(high)) if (cells.value >= 0).all() else np.full(len(high), -np.inf)
    knowledge = Knowledge(low, high)
    costs = np.where(is_net, 0.0, cell_costs(cells, "value"))  # what is left of an amount is never shown
    return protect(
        draft, rules, costs=costs, public=cells.count == 0, knowledge=knowledge, unsafe=unsafe, seconds=seconds,
        earlier=[_release("earlier", draft, earlier)] if earlier else (),
        last=_release("last", draft, last) if last else None,
    )  # fmt: skip


def _release(name: str, draft: DraftTable, cells: Mapping[Cell, float | None]) -> Release:
    found = {_key(cell): value for cell, value in cells.items()}  # with categories that are no more
    shown = {key: value for key, value in found.items() if value is not None}
    return Release(name, draft.dimensions, shown, frozenset(found) - frozenset(shown))


def published(context: StepContext, *, is_same_year: bool) -> dict[Cell, float | None]:
    """Return what the three tables showed before, None for what they hid: of the year, or the newest of another."""
    sign, year = "=" if is_same_year else "<>", context.settings.year
    found: dict[Cell, float | None] = {}
    for table in (FLOW, ECONOMY, SHARE):
        rows = context.read(f"{table}_previous", where=f"year {sign} {year}", order=("year",)).to_pylist()
        for row in rows:
            if row["year"] == rows[-1]["year"]:
                found |= _cells_of(table, row)
    return found


def _cells_of(table: str, row: Mapping[str, Any]) -> dict[Cell, float | None]:
    """Return the cells of a row of a table that was published."""

    def figure(name: str) -> float | None:
        return float(row[name]) if row["status"] == SHOWN and row[name] is not None else None

    if row["status"] == NOT_COVERED:  # no figure was published, and none was hidden
        return {}
    if table == FLOW:
        where = row["category_code"], row["trade_kind"], CORNERS[row["seller_place"], row["buyer_place"]]
        own: dict[Cell, float | None] = {(*where, "amount"): figure("amount")}
        return own | ({(*where, "fee"): figure("fee")} if row["trade_kind"] == "third_party" else {})
    if table == SHARE:
        return {(row["category_code"], TOTAL, row["side"], "amount"): figure("platform_amount")}
    if row["item"] not in ITEMS:
        return {}
    kind, part = ITEMS[row["item"]]
    return {(TOTAL, kind, row["side"], part): figure("value")}


def corners_of(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the corners that a book's flows may stand in: those of wider places only where it states some."""
    is_wide = any(WIDER in (row["seller_place"], row["buyer_place"]) for row in rows)
    return tuple(CORNERS.values()) if is_wide else NARROW


def structure_of(categories: Sequence[str], corners: Sequence[str], *, is_below: bool) -> Structure:
    """Return the cells and sums of all three tables; where fees are within amounts, the rest of an amount is a cell."""
    category = Dimension.flat("category", categories, TOTAL)
    kind = Dimension.flat("kind", ("own", "third_party"), TOTAL)
    spots = []
    for tree in TREES:
        where = {below: above or ALL for above, parts in tree.items() for below in parts if below in corners}
        spots.append(Dimension("place", ALL, {**where, **{above: ALL for above in tree if above}}))
    amounts = table_structure(*((category, kind, spot) for spot in spots))
    fees = table_structure(*((category, spot) for spot in spots))
    third = (("kind", "third_party"),)
    parts = ("fee", "net") if is_below else ("fee",)
    keys = [*amounts.keys, *(_sorted(*key, *third, ("part", part)) for part in parts for key in fees.keys)]
    blocks = sparse.block_diag([amounts.relations, *([fees.relations] * len(parts))])
    if is_below:
        at = amounts.place
        whole = np.array([at[_sorted(*key, *third)] for key in fees.keys])
        rows = np.arange(len(whole))
        totals = sparse.coo_array((np.ones(len(whole)), (rows, whole)), shape=(len(whole), len(amounts.keys)))
        minus = -sparse.eye_array(len(whole))
        blocks = sparse.vstack([blocks, sparse.hstack([totals, minus, minus])])
    return Structure(tuple(keys), sparse.csr_array(blocks))


def _sorted(*pairs: tuple[str, str]) -> Key:
    return tuple(sorted(pairs))


def _parts(row: Mapping[str, Any], *, is_below: bool) -> Iterable[tuple[Cell, Decimal]]:
    """Return the cells that an amount and its fee stand in."""
    corner = CORNERS[row["seller_place"], row["buyer_place"]]
    above = {
        corner,
        ALL,
        *(name for tree in TREES for name, parts in tree.items() if name and corner in parts),
    }
    figures = [("amount", row["amount"])]
    if row["trade_kind"] == "third_party":
        figures.append(("fee", row["fee"]))
        if is_below:
            figures.append(("net", row["amount"] - row["fee"]))
    for part, value in figures:
        for category in (row["category_code"], TOTAL):
            for where in above:
                for kind in (row["trade_kind"], TOTAL) if part == "amount" else (row["trade_kind"],):
                    yield (category, kind, where, part), value


def _key(cell: Cell) -> Key:
    return key_of(dict(zip(ROOTS, cell, strict=True)), ROOTS)


def hidden_cells(safe: SafeTable) -> frozenset[Cell]:
    """Return the hidden cells of a protected table by category, kind, place and part."""
    found = []
    for number, key in enumerate(safe.draft.structure.keys):
        if safe.pattern.hidden[number]:
            own = dict(key)
            found.append(tuple(own.get(name, root) for name, root in ROOTS.items()))
    return frozenset(found)  # type: ignore[arg-type]


def _flow_row(row: Mapping[str, Any], hidden: frozenset[Cell] | _Everything) -> dict[str, Any]:
    """Return a flow; fees of own sales are no fees of intermediation and stand in no public table.

    Of a flow from or to a wider place nobody knows what is the area's: it has no figure.
    """
    is_wide = WIDER in (row["seller_place"], row["buyer_place"])
    where = row["category_code"], row["trade_kind"], CORNERS[row["seller_place"], row["buyer_place"]]
    is_third = row["trade_kind"] == "third_party"
    is_hidden = (*where, "amount") in hidden or (is_third and (*where, "fee") in hidden)
    return {
        **{name: row[name] for name in ("category_code", "trade_kind", "seller_place", "buyer_place")},
        "status": NOT_COVERED if is_wide else SUPPRESSED if is_hidden else SHOWN,
        "amount": None if is_hidden or is_wide else row["amount"],
        "fee": None if is_hidden or is_wide or not is_third else row["fee"],
    }


def _economy_row(row: Mapping[str, Any], hidden: frozenset[Cell] | _Everything) -> dict[str, Any]:
    def is_gone(item: str, side: str) -> bool:
        kind, part = ITEMS[item]
        return (TOTAL, kind, side, part) in hidden

    if row["value"] is None:
        return {**row, "status": NOT_COVERED}
    item = "intermediation_output" if row["item"] == "intermediation_value_added" else row["item"]
    gone = is_gone(item, row["side"])
    pair = row["item"] == "intermediation_output" and is_gone("third_party", row["side"])
    figures = ("value", "standard_error", "low", "high")
    return {
        "side": row["side"], "item": row["item"], "status": SUPPRESSED if gone else SHOWN,
        **{name: None if gone else row[name] for name in figures},
        "share_of_all": None if gone or is_gone(item, ALL) else row["share_of_all"],
        "rate": None if gone or pair else row["rate"],
    }  # fmt: skip


def _share_row(row: Mapping[str, Any], hidden: frozenset[Cell] | _Everything) -> dict[str, Any]:
    if row["platform_amount"] is None:
        return {**row, "status": NOT_COVERED}
    gone = (row["category_code"], TOTAL, row["side"], "amount") in hidden
    return {
        "side": row["side"], "category_code": row["category_code"], "status": SUPPRESSED if gone else SHOWN,
        "platform_amount": None if gone else row["platform_amount"], "all_amount": row["all_amount"],
        "share": None if gone else row["share"],
    }  # fmt: skip
