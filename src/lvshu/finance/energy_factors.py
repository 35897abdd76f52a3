"""The emission factor that this run applies to each fuel, unit and area found in the energy returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lvshu.catalog.factors import electricity_factor, emission_factor, heat_factor, province_of
from lvshu.catalog.pack_library import Pack, PackLibrary
from lvshu.core.errors import MethodError, PackError, Problem
from lvshu.core.units import factor as unit_factor
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

HEAT_AREA = "310000"
"""Where the factor of purchased heat is that of Shanghai's emission trading; elsewhere see the pack heat_factors."""
NATION = "100000"

KINDS = Query(
    "energy_factor_applied",
    """
    SELECT area_code, fuel_code, unit, source_kind, count(*) AS returns
    FROM (
      SELECT
        coalesce(enterprise.area_code, :area) AS area_code,
        energy.fuel_code,
        energy.unit,
        coalesce(energy.source_kind, 'none') AS source_kind
      FROM energy_return AS energy
      LEFT JOIN enterprise ON enterprise.uscc = energy.uscc
      WHERE energy.year = :year
      UNION ALL
      SELECT coalesce(area_code, CAST(:area AS VARCHAR)) AS area_code, fuel_code, unit, 'none' AS source_kind
      FROM asset_energy
      WHERE year = :year AND supplier_factor IS NULL
    ) AS used
    GROUP BY area_code, fuel_code, unit, source_kind
    ORDER BY area_code, fuel_code, unit, source_kind
    """,
)


@dataclass(frozen=True)
class AppliedFactor:
    """A factor in tCO2 per unit of the return, its scope and 95 % interval in percent, or why there is none.

    year: that a grid factor is for, None for other factors.
    """

    scope: str | None
    factor: Decimal | None
    low_percent: float | None
    high_percent: float | None
    status: str
    source: str
    year: int | None = None


def make(context: StepContext) -> None:
    """Fill `energy_factor_applied`; every fuel or unit without a factor becomes a finding."""
    year, area = context.settings.year, context.settings.area
    purpose = _electricity_purpose(context.packs, context.settings.finance_methods)
    columns: dict[str, list[object]] = {
        name: []
        for name in ("area_code", "fuel_code", "unit", "source_kind", "scope", "factor", "coal_equivalent",
                     "low_percent", "high_percent", "status", "factor_year", "source")
    }  # fmt: skip
    for kind in context.sql(KINDS, year=year, area=area).to_pylist():
        found = applied_factor(
            context.packs, fuel_set=context.settings.fuel_factors, purpose=purpose, year=year,
            area=kind["area_code"], fuel=kind["fuel_code"], unit=kind["unit"], source_kind=kind["source_kind"],
        )  # fmt: skip
        for name in ("area_code", "fuel_code", "unit", "source_kind"):
            columns[name].append(kind[name])
        columns["scope"].append(found.scope)
        columns["factor"].append(None if found.factor is None else float(found.factor))
        columns["coal_equivalent"].append(coal_equivalent(context.packs, kind["fuel_code"], kind["unit"]))
        columns["low_percent"].append(found.low_percent)
        columns["high_percent"].append(found.high_percent)
        columns["status"].append(found.status)
        columns["factor_year"].append(found.year)
        columns["source"].append(found.source)
        if found.factor is None:
            _tell(context, kind, found)
    context.write("energy_factor_applied", columns)


def applied_factor(
    library: PackLibrary,
    *,
    fuel_set: str,
    purpose: str,
    year: int,
    area: str,
    fuel: str,
    unit: str,
    source_kind: str,
) -> AppliedFactor:
    """Return the factor for one kind of energy use, per unit of the return.

    Args:
        library: the packs.
        fuel_set: pack of fuel factors, one set and never two mixed.
        purpose: purpose of the electricity factor.
        year: reporting year; the latest electricity factor published for a year up to it applies.
        area: area of the user; heat outside Shanghai takes the row of its province in heat_factors, else the nation's.
        fuel: fuel code.
        unit: unit of the return.
        source_kind: of electricity; "none" for other fuels.
    """
    try:
        if fuel == "electricity":
            return _electricity(library, purpose, year, area, unit, source_kind)
        if fuel == "heat":
            if province_of(area) != HEAT_AREA:
                return _heat(library["heat_factors"], area, unit)
            value = heat_factor(library, on=date(year, 12, 31)) * unit_factor(unit, "GJ")
            return AppliedFactor("scope2", value, None, None, "ok", "shanghai_ets_factors: heat")
        return _fuel(library, fuel_set, fuel, unit)
    except MethodError:
        return AppliedFactor(None, None, None, None, "wrong_unit", unit)
    except PackError as error:
        return AppliedFactor(None, None, None, None, "no_factor", error.code)


def coal_equivalent(library: PackLibrary, fuel: str, unit: str) -> float | None:
    """Return the tonnes of coal equivalent per unit of the return, or None where the pack has no coefficient for it."""
    rows = library["coal_equivalent"].find(fuel_code=fuel)
    if len(rows) != 1 or not isinstance(rows[0]["coefficient"], Decimal):
        return None
    try:
        return float(rows[0]["coefficient"] * unit_factor(unit, str(rows[0]["quantity_unit"])))
    except MethodError:
        return None


def _fuel(library: PackLibrary, fuel_set: str, fuel: str, unit: str) -> AppliedFactor:
    pack = library[fuel_set]
    found = emission_factor(pack, fuel)
    per_unit = found.emission_factor * unit_factor(unit, found.quantity_unit)
    if not found.factor_includes_oxidation:
        if found.oxidation_factor is None:
            return AppliedFactor(None, None, None, None, "no_factor", f"{fuel_set}: {fuel}: oxidation")
        per_unit *= found.oxidation_factor
    row = pack.one(fuel_code=fuel)
    low, high = (_relative(row[name], found.emission_factor) for name in ("low", "high"))
    return AppliedFactor("scope1", per_unit, low, high, "ok", f"{fuel_set}: {fuel}")


def _relative(bound: object, value: Decimal) -> float | None:
    return float((bound / value - 1) * 100) if isinstance(bound, Decimal) and value else None


def _heat(pack: Pack, area: str, unit: str) -> AppliedFactor:
    """Return the factor of purchased heat of an area, its province or the nation, the nearest that has one."""
    for place in dict.fromkeys((area, province_of(area), NATION)):
        for row in pack.find(area_code=place):
            if row["status"] == "not_established":
                continue
            value = Decimal(str(row["factor"])) * unit_factor(unit, str(row["unit"]).split("/")[1])
            status = "default" if row["kind"] == "default" else "ok"
            return AppliedFactor(
                "scope2", value, None, None, status, f"heat_factors: {place}: {row['factor']} {row['unit']}"
            )
    return AppliedFactor(None, None, None, None, "no_factor", f"heat_factors: {area}")


def _electricity(
    library: PackLibrary, purpose: str, year: int, area: str, unit: str, source_kind: str
) -> AppliedFactor:
    to_kilowatt_hour = unit_factor(unit, "kWh")
    if source_kind == "self":
        return AppliedFactor("scope2", Decimal(0), None, None, "ok", "own generation: its fuel is counted")
    pack = library["grid_factors"]
    if not pack.find(area_code=area, purpose=purpose):
        area = province_of(area)
    years = sorted(
        int(str(row["year"]))
        for row in pack.find(area_code=area, purpose=purpose)
        if row["status"] != "unverified" and int(str(row["year"])) <= year
    )
    if not years:
        return AppliedFactor(
            None, None, None, None, "no_factor", f"grid_factors: {area}: {purpose}: <= {year}"
        )
    found = electricity_factor(library, purpose=purpose, area=area, year=years[-1])
    value = found.value * to_kilowatt_hour / Decimal(1000)
    status = "ok" if years[-1] == year else "older_year"
    source = f"grid_factors: {area}: {purpose}: {years[-1]}"
    return AppliedFactor("scope2", value, None, None, status, source, years[-1])


def _electricity_purpose(library: PackLibrary, methods: tuple[str, ...]) -> str:
    """Return the one purpose of electricity factors that the accounting methods share.

    Raises:
        PackError: the methods want different purposes; an entity's emission is estimated once for all of them.
    """
    rows = [row for row in library["finance_methods"].rows if row["code"] in methods]
    wanted = sorted({str(row["electricity_purpose"]) for row in rows})
    if len(wanted) != 1:
        raise PackError(
            Problem("finance.electricity_purposes", values={"purposes": ", ".join(wanted) or "-"})
        )
    return wanted[0]


def _tell(context: StepContext, kind: dict[str, object], found: AppliedFactor) -> None:
    code = "finance.wrong_energy_unit" if found.status == "wrong_unit" else "finance.no_energy_factor"
    values = {
        "fuel": kind["fuel_code"], "unit": kind["unit"], "area": kind["area_code"], "returns": kind["returns"],
        "source": found.source,
    }  # fmt: skip
    problem = Problem(code, values=values, severity="warning")
    key = f"{kind['area_code']} | {kind['fuel_code']} | {kind['unit']} | {kind['source_kind']}"
    context.find(
        problem, table="energy_factor_applied", key=key, amount=float(str(kind["returns"])), unit="1"
    )
