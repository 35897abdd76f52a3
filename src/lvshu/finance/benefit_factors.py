"""Factors and units that the calculation of environmental benefit takes from packs, each with where it is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.units import factor as unit_factor
from lvshu.engine.settings import Settings

ELECTRICITY, HEAT, COAL_EQUIVALENT = "electricity", "heat", "tce"
OWN_UNITS = {ELECTRICITY: "MWh", HEAT: "GJ", COAL_EQUIVALENT: "tce"}
PACKS = (
    "benefit_methods", "benefit_parameters", "benefit_indicators", "benefit_factors", "fuel_factors_p",
    "fuel_factors_g", "coal_equivalent", "grid_factors", "gwp", "recycling_savings", "freight_factors",
)  # fmt: skip


@dataclass(frozen=True)
class Factor:
    """A factor and where it is from."""

    value: float
    basis: str


@dataclass(frozen=True)
class FactorBook:
    """The packs as lookups: each returns None where there is no factor."""

    packs: PackLibrary
    settings: Settings

    def unit_of_energy(self, carrier: str) -> str | None:
        """Return the unit in which a carrier of energy is counted."""
        if carrier in OWN_UNITS:
            return OWN_UNITS[carrier]
        row = self._fuel(carrier)
        return None if row is None else str(row["quantity_unit"])

    def emission_of_fuel(self, carrier: str) -> Factor | None:
        """Return tCO2 per unit of a fuel."""
        row = self._fuel(carrier)
        if row is None or not isinstance(row["emission_factor"], Decimal):
            return None
        return Factor(float(row["emission_factor"]), f"{self.settings.fuel_factors} {carrier}")

    def coal_of_fuel(self, carrier: str) -> Factor | None:
        """Return tce per unit of a fuel, or per GJ of heat."""
        if carrier == COAL_EQUIVALENT:
            return Factor(1.0, "")
        if carrier == HEAT:
            return self.constant("heat_coal_equivalent")
        unit = self.unit_of_energy(carrier)
        rows = self.packs["coal_equivalent"].find(fuel_code=carrier)
        if unit is None or len(rows) != 1 or not isinstance(rows[0]["coefficient"], Decimal):
            return None
        scale = unit_factor(unit, str(rows[0]["quantity_unit"]))
        return Factor(float(rows[0]["coefficient"] * scale), f"coal_equivalent {carrier}")

    def emission_of_heat(self, fuel: str) -> Factor | None:
        """Return tCO2 per GJ of a fuel's heat."""
        row, factor = self._fuel(fuel), self.emission_of_fuel(fuel)
        if row is None or factor is None or not isinstance(row["net_calorific_value"], Decimal):
            return None
        return Factor(factor.value / float(row["net_calorific_value"]), factor.basis)

    def heat_of(self, fuel: str) -> Factor | None:
        """Return GJ per unit of a fuel."""
        row = self._fuel(fuel)
        if row is None or not isinstance(row["net_calorific_value"], Decimal):
            return None
        return Factor(float(row["net_calorific_value"]), f"{self.settings.fuel_factors} {fuel}")

    def grid(self, area: str | None, year: int) -> Factor | None:
        """Return a province's average factor of a year or the last before it, tCO2/MWh: a stand-in where no baseline
        factor is given. Without a province it is that of the settings."""
        rows = self.packs["grid_factors"].find(
            purpose="province_average", status="established", area_code=area or self.settings.area
        )
        fitting = [row for row in rows if int(str(row["year"])) <= year]
        if not fitting:
            return None
        row = max(fitting, key=lambda one: int(str(one["year"])))
        value = float(str(row["factor_kilogram_per_kilowatt_hour"]))
        return Factor(value, f"grid_factors {row['area_zh']} {row['year']} (province_average, proxy)")

    def supply_rate(self, year: int) -> Factor | None:
        """Return the national coal rate of thermal supply in the year before, gce/kWh, where the pack has it."""
        for row in self.packs["benefit_factors"].find(code="thermal_supply_rate"):
            if row["year"] == year - 1:
                return Factor(float(str(row["value"])), f"benefit_factors thermal_supply_rate {year - 1}")
        return None

    def constant(self, code: str) -> Factor:
        """Return a factor of the pack benefit_factors that has no year."""
        row = self.packs["benefit_factors"].one(code=code)
        return Factor(float(str(row["value"])), f"benefit_factors {code}")

    def methane_potential(self, *, fossil: bool) -> Factor:
        """Return the GWP of methane in the report of the settings; for fossil methane that of unnamed origin, as
        ACM0008 takes it, because its burning is taken off apart."""
        report, pack = self.settings.gwp, self.packs["gwp"]
        for gas in ("CH4",) if fossil else ("CH4_non_fossil", "CH4"):
            rows = pack.find(gas=gas, report=report)
            if rows:
                break
        return Factor(float(str(rows[0]["value"])), f"gwp {gas} {report}")

    def recycling(self, stream: str) -> tuple[Factor, Factor] | None:
        """Return the factors of primary production and of recycling, tCO2e/t."""
        rows = self.packs["recycling_savings"].find(stream=stream)
        if not rows:
            return None
        basis = f"recycling_savings {stream} ({rows[0]['status']})"
        return Factor(float(str(rows[0]["primary"])), basis), Factor(float(str(rows[0]["secondary"])), basis)

    def freight(self, way: str) -> Factor | None:
        """Return tCO2 per tonne-km of a mode and vehicle, written mode/vehicle."""
        mode, _, vehicle = way.partition("/")
        rows = self.packs["freight_factors"].find(mode=mode, vehicle=vehicle)
        if not rows or not isinstance(rows[0]["factor"], Decimal):
            return None
        return Factor(float(rows[0]["factor"]) / 1e3, f"freight_factors {way} (proxy)")

    def _fuel(self, carrier: str) -> Mapping[str, object] | None:
        rows = self.packs[self.settings.fuel_factors].find(fuel_code=carrier)
        return rows[0] if len(rows) == 1 else None
