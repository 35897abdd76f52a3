"""Factors and units that the calculation of environmental benefit takes from packs, each with where it is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from lvshu.catalog.factors import province_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.units import factor as unit_factor
from lvshu.engine.settings import Settings

ELECTRICITY, HEAT, COAL_EQUIVALENT = "electricity", "heat", "tce"
AVERAGE_AREA = {"national_fossil": "100000"}
OWN_UNITS = {ELECTRICITY: "MWh", HEAT: "GJ", COAL_EQUIVALENT: "tce"}
PACKS = (
    "benefit_methods", "benefit_parameters", "benefit_indicators", "benefit_factors", "fuel_factors_p",
    "fuel_factors_g", "coal_equivalent", "grid_factors", "grid_baseline_factors", "avoided_power_choices", "gwp",
    "recycling_savings", "freight_factors",
)  # fmt: skip


@dataclass(frozen=True)
class Factor:
    """A factor and where it is from; of power also its purpose and the year of its edition."""

    value: float
    basis: str
    purpose: str = ""
    year: int | None = None


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

    def avoided_power(self, area: str | None, year: int, group: str) -> Factor | None:
        """Return the factor of power displaced or saved, tCO2/MWh, by the order of the settings' choice.

        Args:
            area: province of the project; None: that of the settings.
            year: of the project; each factor is of the last edition not after it.
            group: wind_solar or other, for the weights of the margins.

        Source: pack avoided_power_choices.
        """
        rows = self.packs["avoided_power_choices"].find(choice=self.settings.avoided_power)
        area = province_of(area or self.settings.area)
        for row in sorted(rows, key=lambda one: int(str(one["place"]))):
            if row["project_group"] not in (group, "all"):
                continue
            purpose = str(row["purpose"])
            if row["operating_weight"] is not None:
                found = self._margin(area, year, purpose, row)
            else:
                found = self._average(AVERAGE_AREA.get(purpose, area), year, purpose)
            if found is not None:
                return found
        return None

    def carbon_inclusion(self, area: str | None, year: int) -> Factor | None:
        """Return the factor that an area's carbon inclusion (碳普惠) sets for distributed solar, tCO2/MWh, or None.

        Source: pack benefit_factors, codes carbon_inclusion_power_<area>.
        """
        code = f"carbon_inclusion_power_{province_of(area or self.settings.area)}"
        rows = self.packs["benefit_factors"].find(code=code)
        if not rows:
            return None
        told = f"benefit_factors {code} ({rows[0]['status']})"
        return Factor(float(str(rows[0]["value"])), told, "carbon_inclusion", year)

    @property
    def asked_of_power(self) -> str:
        """Return the purpose of the factor of power that the settings ask for first."""
        rows = self.packs["avoided_power_choices"].find(choice=self.settings.avoided_power)
        return min(((int(str(row["place"])), str(row["purpose"])) for row in rows), default=(0, ""))[1]

    def _margin(self, area: str, year: int, purpose: str, weight: Mapping[str, object]) -> Factor | None:
        rows = [
            row
            for row in self.packs["grid_baseline_factors"].rows
            if area in str(row["area_codes"]).split("|") and int(str(row["year"])) <= year
        ]
        if not rows:
            return None
        row = max(rows, key=lambda one: int(str(one["year"])))
        parts = [
            (Decimal(str(weight[share])), Decimal(str(row[margin])))
            for share, margin in (("operating_weight", "operating_margin"), ("build_weight", "build_margin"))
        ]
        value = float(sum((share * part for share, part in parts), Decimal(0)))
        told = f"grid_baseline_factors {row['region_zh']} {row['year']} ({purpose}, {row['status']})"
        return Factor(value, told, purpose, int(str(row["year"])))

    def _average(self, area: str, year: int, purpose: str) -> Factor | None:
        rows = [
            row
            for row in self.packs["grid_factors"].find(purpose=purpose, area_code=area)
            if row["status"] != "unverified" and int(str(row["year"])) <= year
        ]
        if not rows:
            return None
        row = max(rows, key=lambda one: int(str(one["year"])))
        value = float(str(row["factor_kilogram_per_kilowatt_hour"]))
        told = f"grid_factors {row['area_zh']} {row['year']} ({purpose}, proxy, {row['status']})"
        return Factor(value, told, purpose, int(str(row["year"])))

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
