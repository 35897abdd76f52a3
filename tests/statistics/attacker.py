"""A reader of the public tables of the platform economy, apart from the program: all that is printed, in one LP."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

PLACES = ("inside", "elsewhere")
CORNERS = tuple(itertools.product(PLACES, PLACES))
SIDES = {
    "seller": lambda corner: corner[0] == "inside", "buyer": lambda corner: corner[1] == "inside",
    "either": lambda corner: "inside" in corner, "all": lambda corner: True,
    **{f"{seller}_{buyer}": (lambda corner, one=(seller, buyer): corner == one) for seller, buyer in CORNERS},
}  # fmt: skip
Row = Mapping[str, Any]


class Reader:
    """Knows the printed flows, sums and shares, that nothing is negative, and that fees are within their amounts."""

    def __init__(self, flows: Sequence[Row], economy: Sequence[Row], shares: Sequence[Row]) -> None:
        self.categories = sorted({row["category_code"] for row in flows})
        self.leaves = [
            (category, corner, what)
            for category in self.categories
            for corner in CORNERS
            for what in ("own", "third_party", "fee")
        ]
        self.rows: list[np.ndarray] = []
        self.right: list[float] = []
        self.ceilings: list[tuple[np.ndarray, float]] = []
        for row in flows:
            corner = row["seller_place"], row["buyer_place"]
            self._know([(row["category_code"], corner, row["trade_kind"])], row["amount"])
            if row["trade_kind"] == "third_party":
                self._know([(row["category_code"], corner, "fee")], row["fee"])
        printed = {
            (row["category_code"], (row["seller_place"], row["buyer_place"]), row["trade_kind"])
            for row in flows
        }
        for category, corner, kind in self.leaves:
            if (category, corner, kind if kind != "fee" else "third_party") not in printed:
                self._know([(category, corner, kind)], 0)  # no row: no platform
        items = {"transactions": ("own", "third_party"), "third_party": ("third_party",), "own_sales": ("own",),
                 "intermediation_output": ("fee",)}  # fmt: skip
        every = {row["item"]: row["value"] for row in economy if row["side"] == "all"}
        for row in economy:
            if row["item"] in items:
                cells = self.cells(self.categories, SIDES[row["side"]], items[row["item"]])
                self._know(cells, row["value"])
                if row["share_of_all"] is not None and every[row["item"]] is not None:
                    self._know(cells, row["share_of_all"] / 100 * float(every[row["item"]]))
        for row in shares:
            wanted = self.categories if row["category_code"] == "total" else [row["category_code"]]
            cells = self.cells(wanted, SIDES[row["side"]], ("own", "third_party"))
            self._know(cells, row["platform_amount"])
            if row["share"] is not None and row["all_amount"] is not None:
                self._know(cells, row["share"] / 100 * float(row["all_amount"]))
            if row["all_amount"] is not None:
                self.ceilings.append((self._vector(cells), float(row["all_amount"])))
        fees = [(category, corner) for category in self.categories for corner in CORNERS]
        self.within = np.array(
            [self._vector([(*one, "fee")]) - self._vector([(*one, "third_party")]) for one in fees]
        )

    def cells(self, categories: Iterable[str], inside: Any, whats: Iterable[str]) -> list[Any]:
        return [
            (category, corner, what)
            for category in categories if category in self.categories
            for corner in CORNERS if inside(corner)
            for what in whats
        ]  # fmt: skip

    def _vector(self, cells: Iterable[Any]) -> np.ndarray:
        found = np.zeros(len(self.leaves))
        for cell in cells:
            if cell in self.leaves:
                found[self.leaves.index(cell)] = 1.0
        return found

    def _know(self, cells: Iterable[Any], value: Any) -> None:
        if value is not None:
            self.rows.append(self._vector(cells))
            self.right.append(float(value))

    def bounds(self, cells: Iterable[Any], truth: float) -> tuple[float, float]:
        """Return the least and the greatest value of a sum of cells that agrees with all that is printed."""
        cost, scale = self._vector(cells), max([truth, *self.right]) or 1.0
        ends = []
        ceilings = [(vector, limit) for vector, limit in self.ceilings]
        above = np.vstack([self.within, *(vector[None, :] for vector, _ in ceilings)])
        limits = np.array([1e-9] * len(self.within) + [limit / scale + 1e-9 for _, limit in ceilings])
        for sign in (1.0, -1.0):
            found = linprog(
                sign * cost, A_eq=np.array(self.rows) if self.rows else None,
                b_eq=np.array(self.right) / scale if self.rows else None, A_ub=above, b_ub=limits, method="highs",
            )  # fmt: skip
            assert found.status in (0, 3), found.message
            ends.append(-np.inf if found.status == 3 else sign * found.fun * scale)
        return ends[0], abs(ends[1])


def contributions(settled: Sequence[Row], group: Mapping[str, str], area: str) -> dict[Any, dict[str, float]]:
    """Return of every sum of the tables who makes it, by category, side or corner, and what."""
    found: dict[Any, dict[str, float]] = {}
    for row in settled:
        corner = tuple(
            "inside" if row[one].startswith(area) else "elsewhere"
            for one in ("seller_region", "buyer_region")
        )
        who = group.get(row["platform_uscc"], row["platform_uscc"])
        figures = {(row["trade_kind"],): row["amount"], ("own", "third_party"): row["amount"]}
        if row["trade_kind"] == "third_party":
            figures["fee",] = row["fee"]
        for side, inside in SIDES.items():
            if inside(corner):
                for category in (row["category_code"], "total"):
                    for what, amount in figures.items():
                        held = found.setdefault((category, side, what), {})
                        held[who] = held.get(who, 0.0) + float(amount)
    return found


def need(held: Mapping[str, float], *, least: int, p: float, n: int, k: float, width: float) -> float | None:
    """Return the doubt that a sum needs, None where it is safe: the rules, written apart from the program."""
    parts = sorted((one for one in held.values() if one), reverse=True)
    total, needs = sum(parts), []
    if not parts:
        return None
    if len(parts) < least:
        needs.append(width / 100 * total)
    second = parts[1] if len(parts) > 1 else 0.0
    lack = p / 100 * parts[0] - (total - parts[0] - second)
    if lack > 1e-9 * total:
        needs.append(lack)
    lack = 100 / k * sum(parts[:n]) - total
    if lack > 1e-9 * total:
        needs.append(lack)
    return max(needs) if needs else None
