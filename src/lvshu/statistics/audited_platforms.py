"""All that a run publishes of the platform economy, as constraints on what it hides."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lvshu.engine.step import StepContext
from lvshu.statistics import platform_months, platform_public
from lvshu.statistics.disclosure.linked import Published
from lvshu.statistics.disclosure.primary import Rules, summarise, unsafe_cells
from lvshu.statistics.disclosure.structure import Key
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.platform_economy import place
from lvshu.statistics.platform_public import (
    ALL,
    AMOUNTS,
    CORNERS,
    ECONOMY,
    FLOW,
    ITEMS,
    SHARE,
    TREES,
    corners_of,
)
from lvshu.statistics.protection import groups, thresholds

FEN = 0.005
RATIO = 1e-9
"""Share of a figure by which a printed ratio, of full precision, may lead astray."""
SAME = 1e-6
KINDS = {"own": ("own",), "third_party": ("third_party",), TOTAL: ("own", "third_party"), "fee": ("fee",)}
MONTHS = platform_months.TABLE


def published(context: StepContext) -> list[Published]:
    """Return settlements and monthly transactions, with what must stay in doubt of each."""
    rules = thresholds(context, "platform")
    return [*_settled(context, rules), *_months(context, rules)]


def _settled(context: StepContext, rules: Rules) -> list[Published]:
    """Return amounts and fees by category, kind, and place of seller and buyer, in CNY."""
    flows = context.read(FLOW).to_pylist()
    if not flows:
        return []
    rows = context.sql(AMOUNTS, **place(context.settings)).to_pylist()
    group = groups(context)
    signed = any(min(row["amount"], row["fee"]) < 0 for row in rows)
    found = Published("platform_settlement", unit="CNY", signed=signed)
    held: dict[str, dict[str, float]] = {}
    leaves: dict[str, list[str]] = {}
    categories = sorted({row["category_code"] for row in rows})
    corners = corners_of(rows)
    for category, side, kind in itertools.product((TOTAL, *categories), _sides(corners), KINDS):
        name = _name(category, side, kind)
        leaves[name] = [
            _name(one, corner, each)
            for one in (categories if category == TOTAL else [category])
            for corner in _corners(side, corners)
            for each in KINDS[kind]
        ]
        if leaves[name] != [name]:
            found.adds_up(name, dict.fromkeys(leaves[name], 1.0))
    by_leaf: dict[str, dict[str, float]] = {}
    for row in rows:
        corner = CORNERS[row["seller_place"], row["buyer_place"]]
        figures = {row["trade_kind"]: row["amount"]}
        if row["trade_kind"] == "third_party":
            figures["fee"] = row["fee"]
        for kind, amount in figures.items():
            own = by_leaf.setdefault(_name(row["category_code"], corner, kind), {})
            who = group.get(row["platform_uscc"], row["platform_uscc"])
            own[who] = own.get(who, 0.0) + float(amount)
    for name, below in leaves.items():
        held[name] = _together(by_leaf.get(one, {}) for one in below)
    for category, corner in itertools.product(categories, corners):
        if all(row["fee"] <= row["amount"] for row in rows if row["trade_kind"] == "third_party"):
            fee, amount = _name(category, corner, "fee"), _name(category, corner, "third_party")
            found.adds_up(amount, {fee: 1.0, f"{amount} less fee": 1.0})
    _ask(found, held, rules)
    _show_flows(found, flows)
    _show_economy(found, context.read(ECONOMY).to_pylist())
    _show_shares(found, context.read(SHARE).to_pylist())
    for row in context.read("uncertainty", where="indicator LIKE 'platform_output_by_%'").to_pylist():
        side = row["indicator"].rpartition("_")[2]
        found.show(_name(TOTAL, side, "fee"), float(row["value"]), f"headline {row['indicator']}", FEN)
    earlier = platform_public.published(context, is_same_year=True)
    _earlier(
        found,
        {_of_cell(cell): value for cell, value in earlier.items() if value is not None},
        "earlier release",
    )
    return [found]


def _sides(corners: Sequence[str]) -> list[str]:
    return [*corners, *(name for tree in TREES for name in tree if name), ALL]


def _corners(side: str, corners: Sequence[str]) -> list[str]:
    if side in corners:
        return [side]
    if side == ALL:
        return list(corners)
    return [code for code in next(tree[side] for tree in TREES if side in tree) if code in corners]


def _name(category: str, side: str, kind: str) -> str:
    return f"{category}/{side}/{kind}"


def _of_cell(cell: platform_public.Cell) -> str:
    category, kind, side, part = cell
    return _name(category, side, "fee" if part == "fee" else kind)


def _together(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in parts:
        for who, amount in part.items():
            found[who] = found.get(who, 0.0) + amount
    return found


def _ask(found: Published, held: Mapping[str, Mapping[str, float]], rules: Rules) -> None:
    """Ask that every sum which the rules call unsafe stays in doubt; what nobody stands behind is known to be empty."""
    names = list(held)
    cells = summarise([held[name] for name in names], max(2, rules.dominance[0] if rules.dominance else 2))
    unsafe = unsafe_cells(cells, rules)
    for number, name in enumerate(names):
        found.truth[name] = float(cells.value[number])
        if not cells.count[number]:
            found.show(name, 0.0, "no platform")
        elif unsafe.flag[number]:
            found.ask(name, found.truth[name], float(unsafe.upper[number]), float(unsafe.lower[number]))


def _show_flows(found: Published, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        corner = CORNERS[row["seller_place"], row["buyer_place"]]
        for kind, column in ((row["trade_kind"], "amount"), ("fee", "fee")):
            if row[column] is not None and (kind != "fee" or row["trade_kind"] == "third_party"):
                found.show(_name(row["category_code"], corner, kind), float(row[column]), FLOW, FEN)


def _show_economy(found: Published, rows: list[dict[str, Any]]) -> None:
    """Take in values, shares of all, and rates: a rate ties a fee to its transactions, or value added to a fee."""
    known = {(row["side"], row["item"]): row for row in rows}
    for row in rows:
        side, item = row["side"], row["item"]
        if item == "intermediation_value_added":
            if row["value"] is not None and row["rate"]:
                fee = float(row["value"]) / row["rate"] * 100
                found.show(
                    _name(TOTAL, side, "fee"), fee, f"{ECONOMY} (value added and rate)", FEN + RATIO * fee
                )
            continue
        name = _item(side, item)
        if row["value"] is not None:
            found.show(name, float(row["value"]), ECONOMY, FEN)
        everything = known[ALL, item]["value"]
        if row["share_of_all"] is not None and everything is not None:
            amount = row["share_of_all"] / 100 * float(everything)
            found.show(name, amount, f"{ECONOMY} (share of all)", FEN + RATIO * amount)
        if item == "intermediation_output" and row["rate"] is not None:
            whole = max(abs(found.truth.get(name, 0.0)), 1.0)
            found.adds_up(name, {_item(side, "third_party"): row["rate"] / 100}, FEN + RATIO * whole)


def _item(side: str, item: str) -> str:
    kind, part = ITEMS[item]
    return _name(TOTAL, side, "fee" if part == "fee" else kind)


def _show_shares(found: Published, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        name = _name(row["category_code"], row["side"], TOTAL)
        if row["platform_amount"] is not None:
            found.show(name, float(row["platform_amount"]), SHARE, FEN)
        if row["all_amount"] is None:
            continue
        if row["share"] is not None:
            amount = row["share"] / 100 * float(row["all_amount"])
            found.show(name, amount, f"{SHARE} (share)", FEN + RATIO * amount)
        if found.truth.get(name, 0.0) <= float(row["all_amount"]):
            found.bound(name, 0.0, float(row["all_amount"]), f"{SHARE} (all channels)")


def _earlier(found: Published, cells: Mapping[str, float], source: str) -> None:
    """Take in an earlier release that shows the figures as they stand; where one was revised see `history`."""
    now = {name: (low, high) for name, low, high in found.known()}
    both = [(value, *now[name]) for name, value in cells.items() if name in now]
    if all(low - SAME * abs(one) <= one <= high + SAME * abs(one) for one, low, high in both):
        for name, value in cells.items():
            if name in found.truth:
                found.show(name, value, source, max(FEN, SAME * abs(value)))


def _months(context: StepContext, rules: Rules) -> list[Published]:
    """Return transactions by month and division, in CNY, and what was imputed or not split, which no table shows."""
    rows = context.read(MONTHS, order=("period",)).to_pylist()
    if not rows:
        return []
    year = str(context.settings.year)
    months = platform_months.months_of_platforms(context)
    draft = platform_months.draft_of(months, year)
    found = Published("platform_transactions", unit="CNY", signed=bool((draft.cells.value < 0).any()))
    names = [_cut(key, year) for key in draft.structure.keys]
    relations = draft.structure.relations
    for start, end in zip(relations.indptr[:-1], relations.indptr[1:], strict=True):
        cells, signs = relations.indices[start:end], relations.data[start:end]
        parts = {names[int(cell)]: 1.0 for cell in cells[signs < 0]}
        # amounts are printed to the fen: sums of them miss by as many halves
        found.adds_up(names[int(cells[signs > 0][0])], parts, FEN * (1 + len(parts)))
    held = {_cut(platform_months.key_of_place(one, year), year): own for one, own in months.held.items()}
    _ask(found, held, rules)
    _open_parts(context, found, year, rules)
    shown, _ = platform_months.released(rows, year)
    for key, value in shown.items():
        found.show(_cut(key, year), value, MONTHS, FEN)
    for row in context.read("uncertainty", where="indicator = 'platform_transactions'").to_pylist():
        found.show(_cut((), year), float(row["value"]), "headline platform_transactions", 1.0)
    before = platform_months.previous(context, draft, is_same_year=True)
    for release in before:
        _earlier(found, {_cut(key, year): value for key, value in release.shown.items()}, release.name)
    return [found]


def _open_parts(context: StepContext, found: Published, year: str, rules: Rules) -> None:
    """Ask for the imputed part of each total, and for what was not split by kind of trade, where they are unsafe."""
    imputed: dict[str, dict[str, float]] = {}
    group = groups(context)
    for row in context.read("platform_imputation", order=("platform_uscc", "month")).to_pylist():
        who = group.get(row["platform_uscc"], row["platform_uscc"])
        for period in (row["month"], year):
            own = imputed.setdefault(f"{period} imputed", {})
            own[who] = own.get(who, 0.0) + float(row["amount"])
    _ask(found, imputed, rules)
    for name in imputed:
        period = name.partition(" ")[0]
        found.adds_up(f"{period}/{TOTAL}", {name: 1.0, f"{period} reported": 1.0})
    _ask(found, {f"{year} not split": platform_months.not_split(context)}, rules)
    for row in context.read("uncertainty", where="indicator = 'platform_third_party_share'").to_pylist():
        if row["low"] is None or row["high"] is None:
            continue
        width = (row["high"] - row["low"]) / 100
        total = abs(found.truth.get(f"{year}/{TOTAL}", 0.0))
        found.adds_up(f"{year} not split", {f"{year}/{TOTAL}": width}, 1.0 + RATIO * total)


def _cut(key: Key, year: str) -> str:
    own = dict(key)
    return f"{own.get('period', year)}/{own.get('cut', TOTAL)}"
