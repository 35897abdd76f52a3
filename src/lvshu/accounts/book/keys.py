"""By which key each line of the inventory is spread over the sectors of the table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.table import InputOutputTable
from lvshu.accounts.methods.allocation import shares
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.units import factor as unit_factor

Array = NDArray[np.float64]

POWER_AND_HEAT, REFINING_AND_COKING, GAS, COAL_MINING, OIL_EXTRACTION = "44", "25", "45", "06", "07"
HOUSEHOLDS = {"households_urban": "household_urban", "households_rural": "household_rural",
              "households_unsplit": "household"}  # fmt: skip
# product that supplies a fuel, by division of GB/T 4754; every other fuel is a petroleum product
SUPPLIERS = {
    "raw_coal": COAL_MINING, "cleaned_coal": COAL_MINING, "washed_coal": COAL_MINING, "briquettes": COAL_MINING,
    "crude_oil": OIL_EXTRACTION, "coke_oven_gas": GAS, "other_gas": GAS, "natural_gas": GAS, "heat": POWER_AND_HEAT,
    "electricity": POWER_AND_HEAT,
}  # fmt: skip
# industries that buy the product to convert it (the balance shows that elsewhere) or to sell it on
CONVERTERS = {
    COAL_MINING: (POWER_AND_HEAT, REFINING_AND_COKING, GAS),
    OIL_EXTRACTION: (POWER_AND_HEAT, REFINING_AND_COKING, GAS),
    REFINING_AND_COKING: (POWER_AND_HEAT, GAS),
    GAS: (POWER_AND_HEAT, GAS),
    POWER_AND_HEAT: (POWER_AND_HEAT,),
}
# where the losses of a conversion process belong
PROCESS_DIVISION = {
    "thermal_power": POWER_AND_HEAT, "heat_supply": POWER_AND_HEAT, "coal_washing": COAL_MINING,
    "coking": REFINING_AND_COKING, "refining": REFINING_AND_COKING, "oil_reinput": REFINING_AND_COKING,
    "gas_making": GAS, "coke_reinput": GAS, "lng_liquefaction": GAS, "coal_products": REFINING_AND_COKING,
    "recovery_conversion": POWER_AND_HEAT,
}  # fmt: skip


@dataclass(frozen=True)
class LineShares:
    """Shares of the sectors in one line: by the key in use and by the alternative one, shape (n,) each."""

    used: Array
    alternative: Array
    key: str


class KeyBook:
    """The allocation keys of one table."""

    def __init__(
        self,
        table: InputOutputTable,
        packs: PackLibrary,
        sector_energy: list[dict[str, object]] | None = None,
    ) -> None:
        self.table = table
        self.active = table.output > 0.0
        self._coke = _coke_use(table, packs)
        self._true = _true_use(table, sector_energy or [])

    def members(self, row: str) -> NDArray[np.bool_]:
        """Return which sectors with output stand in a row of the balance, shape (n,)."""
        found = np.array([sector.balance_row == row for sector in self.table.sectors])
        return np.asarray(found & self.active)

    def of_division(self, division: str) -> NDArray[np.bool_]:
        """Return which sectors with output cover a division, shape (n,)."""
        return np.array([division in sector.divisions for sector in self.table.sectors]) & self.active

    def line(self, item: str, fuel: str) -> LineShares:
        """Return the shares of a line of the inventory or of the balance.

        Args:
            item: line code; households are not asked for here.
            fuel: fuel code.
        """
        if item in PROCESS_DIVISION:
            return self._direct(PROCESS_DIVISION[item])
        if item == "loss":
            return self._direct(SUPPLIERS.get(fuel, REFINING_AND_COKING))
        if item == "recovered_gas":
            return self.line("industry", "coke")
        row = {"industry_feedstock": "industry", "bunker_own_abroad": "transport"}.get(item, item)
        return self._spread(row, fuel)

    def _direct(self, division: str) -> LineShares:
        members = self.of_division(division)
        if not members.any():
            members = self.members("industry")
        share, _ = shares(self.table.output, members, self.table.output)
        return LineShares(share, share, "direct")

    def _spread(self, row: str, fuel: str) -> LineShares:
        members, output = self.members(row), self.table.output
        by_output, _ = shares(output, members, output)
        if fuel in self._true:
            share, fell_back = shares(self._true[fuel], members, output)
            if not fell_back:
                return LineShares(share, share, "sector_energy")
        supplier = SUPPLIERS.get(fuel, REFINING_AND_COKING)
        buyers = members.copy()
        if row == "industry":
            for division in CONVERTERS[supplier]:
                buyers &= ~np.array([set(sector.divisions) == {division} for sector in self.table.sectors])
            if fuel == "coke":
                buyers &= ~np.array(
                    [set(sector.divisions) == {REFINING_AND_COKING} for sector in self.table.sectors]
                )
        buyers = buyers if buyers.any() else members
        purchases, own_row = self._purchases(supplier, fuel)
        share, fell_back = shares(purchases, buyers, output)
        if fuel == "coke" and row == "industry" and not own_row:
            by_use, no_use = shares(self._coke, buyers, output)
            if not no_use:
                return LineShares(by_use, share, "coke_coefficient")
        return LineShares(share, by_output, "output" if fell_back else "purchases")

    def _purchases(self, supplier: str, fuel: str) -> tuple[Array, bool]:
        """Return what each sector bought of the supplying product, yuan, and whether coke has a row of its own."""
        rows = np.array([supplier in sector.divisions for sector in self.table.sectors])
        own_row = False
        if supplier == REFINING_AND_COKING:
            coking = np.array([_is_coking(sector.industry_codes) for sector in self.table.sectors])
            own_row = bool(coking.any())
            if own_row:
                rows = coking if fuel in ("coke", "other_coking") else rows & ~coking
        return np.asarray(self.table.total_intermediate_use[rows].sum(axis=0)), own_row


def _is_coking(codes: tuple[str, ...]) -> bool:
    return "252" in codes and "251" not in codes


def _coke_use(table: InputOutputTable, packs: PackLibrary) -> Array:
    """Coke that each sector would use at the nation's coefficients of 2020, yuan; shape (n,)."""
    rows = {str(row["gbt4754_division"]): row for row in packs["coke_use_2020"].rows}
    found = np.zeros(len(table.sectors))
    for index, sector in enumerate(table.sectors):
        known = [rows[division] for division in sector.divisions if division in rows]
        output = sum((Decimal(str(row["output"])) for row in known), Decimal(0))
        used = sum((Decimal(str(row["use_of_coal_products"])) for row in known), Decimal(0))
        found[index] = float(used / output) * table.output[index] if output else 0.0
    return found


def _true_use(table: InputOutputTable, rows: list[dict[str, object]]) -> dict[str, Array]:
    place = {code: index for index, code in enumerate(table.codes)}
    found: dict[str, Array] = {}
    units: dict[str, str] = {}
    for row in rows:
        fuel, sector = str(row["fuel_code"]), str(row["sector_code"])
        if sector not in place:
            continue
        base = units.setdefault(fuel, str(row["unit"]))
        scale = float(unit_factor(str(row["unit"]), base))
        found.setdefault(fuel, np.zeros(len(place)))[place[sector]] += float(str(row["quantity"])) * scale
    return found
