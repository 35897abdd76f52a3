"""How a number of a scenario is made: the levers that act on it, and the rows of the book that they move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lvshu.publish.texts import Text, joined, same, value_label
from lvshu.web.number_trace import Condition
from lvshu.web.scenario import GROUPS, Answer, Economy, Levers
from lvshu.web.view import Base, Origin
from lvshu.web.words import word

DEMAND = ("household", "government", "investment", "export", "outflow", "moved")
ACTS: Mapping[str, tuple[str, ...]] = {
    "output": DEMAND,
    "value_added": DEMAND,
    "energy": DEMAND,
    "emission": (*DEMAND, "power"),
    "electricity": (*DEMAND, "grid"),
    "avoided": ("recovery",),
    "revenue": (*DEMAND, "power", "price"),
    "profits": (*DEMAND, "power", "price", "pass_through"),
    "price": ("power", "price", "pass_through"),
    "cost": (*DEMAND, "power", "price", "pass_through"),
}
"""Levers that act on each measure: what the model's equations have in them."""
TAKEN: Mapping[str, tuple[str, str]] = {
    "output": ("sector_account", "output"),
    "value_added": ("sector_account", "value_added"),
    "energy": ("sector_account", "energy_tce"),
    "emission": ("sector_account", "direct_emission"),
    "electricity": ("sector_account", "indirect_electricity_emission"),
    "avoided": ("circulation_break", "saving_forgone"),
    "revenue": ("sector_account", "direct_emission"),
    "profits": ("sector_account", "direct_emission"),
    "price": ("sector_account", "direct_emission"),
    "cost": ("sector_account", "direct_emission"),
}
"""Table and column of the book that each measure starts from."""
NEEDS_PRICE = ("revenue", "profits", "price", "cost")
SECTOR_COLUMNS = {
    "emission": ("emission", True),
    "scenario": ("emission", False),
    "difference": ("emission", False),
    "output": ("output", False),
    "price": ("price", False),
}
"""Columns of the panel of sectors: the measure, and whether it is the baseline's."""
FULL = 100.0
"""Pass-through where nothing is moved, percent: the whole cost goes into prices."""
NAMED = 5
"""Sectors that are named where a lever moves many."""


@dataclass(frozen=True)
class Scenario:
    """What the numbers of the page are made of.

    Attributes:
        economy: as the book has it.
        baseline: without a lever.
        found: under the levers.
        levers: that count.
        names: of sectors.
        measures: of the panel of totals, top to bottom.
        order: places of the sectors in the panel of sectors, top to bottom.
        buyers: places of the categories of final demand in the panel of the carbon price, top to bottom.
        own: rows of what final demand itself emits.
    """

    economy: Economy
    baseline: Answer
    found: Answer
    levers: Levers
    names: Mapping[str, Text]
    measures: Sequence[str]
    order: Sequence[int]
    buyers: Sequence[int]
    own: Base | None = None

    def state(self) -> tuple[tuple[Text, Text], ...]:
        """Return the scenario in words: the levers that are moved and where they stand, or that none is."""
        levers = self.levers
        moved = [name for name in DEMAND if levers.demand.get(name) or (name == "moved" and levers.moved)]
        moved += [name for name in ("power", "grid", "recovery", "price") if getattr(levers, name)]
        moved += ["pass_through"] if levers.pass_through != FULL else []
        told = joined([self._told(name) for name in moved]) if moved else word("what_if.no_lever")
        return ((word("what_if.scenario"), told),)

    def origin(self, panel: str, place: int, column: str) -> Origin | None:
        """Return how a number of the page is made; None where it has none of these panels."""
        if panel == "answers":
            return self._of(self.measures[place], column == "was", None)
        if panel == "by_sector" and column in SECTOR_COLUMNS:
            measure, is_baseline = SECTOR_COLUMNS[column]
            return self._of(measure, is_baseline, self.order[place])
        if panel == "burden":
            is_buyer = place < len(self.buyers)
            category = self.economy.categories[self.buyers[place]] if is_buyer else ""
            return self._of("cost" if is_buyer else "profits", False, None, category)
        return None

    def _of(self, measure: str, is_baseline: bool, sector: int | None, category: str = "") -> Origin:
        acting = [] if is_baseline else self._acting(measure, sector)
        moved = None if sector is not None or is_baseline else self._moved(measure)
        bases = [self._base(measure, sector, moved)]
        if (
            measure == "emission"
            and sector is None
            and self.own is not None
            and (not moved or "household" in acting)
        ):
            bases.append(self.own)
        bases += [one for name in acting for one in self._lever_rows(name, measure) if one not in bases]
        if category:
            bases += [self._demand((category,))]
        key = "baseline" if is_baseline else "levers_act" if acting else "unmoved"
        facts = (
            [(word("what_if.origin.levers"), joined([self._told(name) for name in acting]))] if acting else []
        )
        return Origin(word(f"what_if.origin.{key}"), tuple(facts), tuple(bases))

    def _acting(self, measure: str, sector: int | None) -> list[str]:
        """Return the levers that are set and act on a measure, of one sector or of all."""
        levers = self.levers
        if measure in NEEDS_PRICE and not levers.price:
            return []
        is_set = {
            **{name: bool(levers.demand.get(name)) for name in GROUPS},
            "power": bool(levers.power),
            "grid": bool(levers.grid),
            "recovery": bool(levers.recovery),
            "price": bool(levers.price),
            "pass_through": levers.pass_through != FULL and bool(levers.price),
            "moved": bool(levers.moved),
        }
        acting = [name for name in ACTS[measure] if is_set[name]]
        if measure == "emission" and sector is not None and sector not in self.economy.power:
            acting = [name for name in acting if name != "power"]
        return acting

    def _moved(self, measure: str) -> list[int] | None:
        """Return the places of the sectors whose own figure the levers move; None where it is made of them all."""
        if measure not in ("output", "emission"):
            return None
        pair = [(getattr(one, measure)) for one in (self.baseline, self.found)]
        places = np.flatnonzero(~np.isclose(pair[0], pair[1], rtol=1e-12, atol=0.0))
        return [int(one) for one in places] if 0 < len(places) < len(self.economy.codes) else None

    def _base(self, measure: str, sector: int | None, moved: Sequence[int] | None) -> Base:
        table, column = TAKEN[measure]
        if sector is not None:
            return Base(table, (self._sectors((sector,)),), column)
        return Base(table, (self._sectors(moved),) if moved else (), column)

    def _sectors(self, places: Sequence[int], column: str = "sector_code") -> Condition:
        """Return the rows of some sectors as a condition that names them."""
        codes = [self.economy.codes[place] for place in places]
        named = [same(f"{code} ") + self.names.get(code, same("")) for code in codes[:NAMED]]
        told = joined(named)
        if len(codes) > NAMED:
            told = told + word("what_if.origin.more", sectors=len(codes) - NAMED)
        return Condition(column, None, called=told, among=tuple(codes))

    def _demand(self, categories: Sequence[str]) -> Base:
        told = joined([value_label("footprint", "final_demand_category", one) for one in categories])
        return Base(
            "io_cell", (Condition("column_kind", None, called=told, among=tuple(categories)),), "value"
        )

    def _lever_rows(self, name: str, measure: str) -> list[Base]:
        """Return the rows that a lever moves."""
        if name in GROUPS:
            there = [one for one in self.economy.categories if one in GROUPS[name]]
            return [self._demand(there)] if there else []
        if name == "moved":
            codes = (self.levers.moved_from, self.levers.moved_to)
            pair = self._sectors([self.economy.codes.index(one) for one in codes], "row_code")
            capital = self._demand(("fixed_capital",))
            return [Base("io_cell", (*capital.conditions, pair), "value")]
        if name == "power":
            return [Base("sector_account", (self._sectors(self.economy.power),), "direct_emission")]
        return []

    def _told(self, name: str) -> Text:
        """Return a lever and where it stands, in words."""
        if name == "moved":
            pair = [self.names.get(one, same(one)) for one in (self.levers.moved_from, self.levers.moved_to)]
            return word(
                "what_if.origin.moved",
                amount=f"{self.levers.moved / 1e8:,.10g}",
                source=pair[0],
                target=pair[1],
            )
        value = self.levers.demand[name] if name in GROUPS else getattr(self.levers, name)
        sign = "+" if name in GROUPS and value > 0 else ""
        unit = word(f"what_if.unit.{'price' if name == 'price' else 'percent'}")
        between = Text("", " " if name == "price" else "")
        return word(f"what_if.{name}") + same(f" {sign}{value:,.10g}") + between + unit
