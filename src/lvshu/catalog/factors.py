"""Emission factors: the composite of a fuel, oxidation once only, electricity by its purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from lvshu.catalog.pack_library import Pack, PackLibrary, Row
from lvshu.core.errors import MethodError, PackError, Problem
from lvshu.core.units import convert

CARBON_TO_CARBON_DIOXIDE = (Decimal(44), Decimal(12))
TERAJOULE_PER_GIGAJOULE = Decimal("0.001")

ETS_PURPOSE = "shanghai_ets"


@dataclass(frozen=True)
class FuelFactor:
    """A fuel's emission factor: tCO2 per quantity_unit; oxidation, if included, must not be applied again."""

    fuel_code: str
    emission_factor: Decimal
    quantity_unit: str
    factor_includes_oxidation: bool
    oxidation_factor: Decimal | None
    status: str
    source: str


@dataclass(frozen=True)
class ElectricityFactor:
    """An electricity factor for one purpose, area and time, in kgCO2/kWh, with its source."""

    purpose: str
    area_code: str
    value: Decimal
    unit: str
    pack: str
    document_number: str
    counts_green_apart: bool


def composite(
    net_calorific_value: Decimal, carbon_content: Decimal, oxidation_factor: Decimal, *, places: int = 4
) -> Decimal:
    """Return the composite factor NCV x CC x OF x 44/12, rounded half away from zero.

    Args:
        net_calorific_value: GJ per quantity unit (t, or 1e4 m3 at standard conditions).
        carbon_content: tC/TJ.
        oxidation_factor: share of carbon that oxidises, 0 to 1.
        places: decimal places of the result.

    Returns:
        tCO2 per quantity unit, scalar.

    Source: Provincial GHG inventory guidelines (NDRC, 2011, no. 1041), energy activities, sectoral approach.
    """
    mass, carbon = CARBON_TO_CARBON_DIOXIDE
    exact = net_calorific_value * carbon_content * TERAJOULE_PER_GIGAJOULE * oxidation_factor * mass / carbon
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def emission_factor(pack: Pack, fuel_code: str) -> FuelFactor:
    """Return a fuel's factor from one named factor set.

    Args:
        pack: fuel_factors_p or fuel_factors_g, or a user's set of the same columns.
        fuel_code: code of the fuel.

    Raises:
        PackError: the set has no such fuel (packs.row_not_found) or no factor for it (packs.no_factor).
    """
    row = pack.one(fuel_code=fuel_code)
    factor, oxidation = row["emission_factor"], row["oxidation_factor"]
    if not isinstance(factor, Decimal):
        values = {"pack": pack.card.id, "fuel": fuel_code, "reason": row["note"] or row["status"]}
        raise PackError(Problem("packs.no_factor", values=values))
    return FuelFactor(
        fuel_code=fuel_code,
        emission_factor=factor,
        quantity_unit=str(row["quantity_unit"]),
        factor_includes_oxidation=row["factor_includes_oxidation"] is True,
        oxidation_factor=oxidation if isinstance(oxidation, Decimal) else None,
        status=str(row["status"]),
        source=str(row["source"]),
    )


def apply(
    quantity: Decimal, factor: FuelFactor, oxidation: Decimal | None = None, *, unit: str | None = None
) -> Decimal:
    """Return the emission of a quantity of fuel, in tCO2. Oxidation counts exactly once.

    Args:
        quantity: amount burnt, in `unit`.
        factor: the fuel's factor.
        oxidation: oxidation rate (0 to 1), only for a factor that does not include it.
        unit: unit of the quantity; the factor's own when left out. Units of one dimension are converted.

    Returns:
        tCO2, exact decimal.

    Raises:
        PackError: packs.double_oxidation, packs.oxidation_needed, packs.wrong_unit (another dimension).
    """
    if factor.factor_includes_oxidation and oxidation is not None:
        raise PackError(_oxidation_problem("packs.double_oxidation", factor, oxidation))
    if not factor.factor_includes_oxidation and oxidation is None:
        raise PackError(_oxidation_problem("packs.oxidation_needed", factor, oxidation))
    amount = quantity
    if unit is not None and unit != factor.quantity_unit:
        try:
            amount = convert(quantity, unit, factor.quantity_unit)
        except MethodError as error:
            values = {"fuel": factor.fuel_code, "expected": factor.quantity_unit, "given": unit}
            raise PackError(Problem("packs.wrong_unit", values=values)) from error
    emission = amount * factor.emission_factor
    return emission if oxidation is None else emission * oxidation


def _oxidation_problem(code: str, factor: FuelFactor, given: Decimal | None) -> Problem:
    values = {
        "fuel": factor.fuel_code,
        "factor": factor.emission_factor,
        "included": factor.oxidation_factor if factor.oxidation_factor is not None else "-",
        "given": given if given is not None else "-",
    }
    return Problem(code, values=values)


def electricity_purposes(library: PackLibrary) -> tuple[str, ...]:
    """Return the purposes for which an electricity factor is known."""
    grid = {str(purpose) for purpose in library["grid_factors"].column("purpose")}
    return (ETS_PURPOSE, *sorted(grid))


def electricity_factor(
    library: PackLibrary,
    *,
    purpose: str,
    area: str,
    year: int,
    green: bool = False,
    on: date | None = None,
) -> ElectricityFactor:
    """Return the electricity factor that a purpose prescribes. It follows the purpose, not the area's name.

    Args:
        library: the packs.
        purpose: "shanghai_ets", "province_average", "region_average", "national_average",
            "national_residual", "national_fossil".
        area: code of the area, e.g. "310000"; of a regional grid, e.g. "grid_east"; "100000" for the nation.
        year: year of the factor, as published; for the ETS the year of consumption.
        green: for green power bought by inter-provincial trade; only some purposes count it apart.
        on: day of the accounting work, which decides the ETS notice in force (by that of 2022 data of earlier
            years too are recomputed with the new values); the last day of the year when left out.

    Returns:
        The factor, in kgCO2/kWh, scalar.

    Raises:
        PackError: packs.unknown_purpose (with the known ones); packs.row_not_found; packs.green_not_counted.
    """
    known = electricity_purposes(library)
    if purpose not in known:
        values = {"kind": "electricity factor", "purpose": purpose, "known": ", ".join(known)}
        raise PackError(Problem("packs.unknown_purpose", values=values))
    if purpose == ETS_PURPOSE:
        return _ets_factor(library["shanghai_ets_factors"], area, on or date(year, 12, 31), green=green)
    if green:
        raise PackError(
            Problem("packs.green_not_counted", values={"purpose": purpose, "allowed": ETS_PURPOSE})
        )
    pack = library["grid_factors"]
    listed = bool(pack.find(area_code=area, year=year, purpose=purpose))
    row = pack.one(area_code=area if listed else province_of(area), year=year, purpose=purpose)
    return _as_factor(row, pack="grid_factors", purpose=purpose, counts_green_apart=False)


def province_of(area: str) -> str:
    """Return the code of the province that an area is in; a code that is not of six digits as it is.

    Source: GB/T 2260: the first two digits are the province.
    """
    return f"{area[:2]}0000" if len(area) == 6 and area.isdigit() else area


def electricity_emission(
    library: PackLibrary,
    *,
    purpose: str,
    area: str,
    year: int,
    quantity: Decimal,
    unit: str = "MWh",
    green: Decimal = Decimal(0),
    on: date | None = None,
) -> Decimal:
    """Return the emission of purchased electricity for one purpose.

    Args:
        library: the packs.
        purpose: see electricity_factor.
        area: code of the area.
        year: year of the factor.
        quantity: all purchased electricity, in `unit`, green power included.
        unit: unit of both quantities.
        green: part bought as inter-provincial green power. The ETS counts it at its own factor; an average
            factor is location-based and counts it like the rest.
        on: see electricity_factor.

    Returns:
        tCO2, exact decimal.

    Raises:
        PackError: packs.green_above_total, and those of electricity_factor.
    """
    if green > quantity:
        values = {"green": f"{green} {unit}", "quantity": f"{quantity} {unit}"}
        raise PackError(Problem("packs.green_above_total", values=values))
    factor = electricity_factor(library, purpose=purpose, area=area, year=year, on=on)
    apart = green if factor.counts_green_apart else Decimal(0)
    emission = convert(quantity - apart, unit, "MWh") * factor.value
    if apart:
        green_factor = electricity_factor(library, purpose=purpose, area=area, year=year, green=True, on=on)
        emission += convert(apart, unit, "MWh") * green_factor.value
    return emission


def heat_factor(library: PackLibrary, *, on: date) -> Decimal:
    """Return the Shanghai ETS factor of purchased heat in force on a day.

    Returns:
        tCO2/GJ, scalar.

    Raises:
        PackError: packs.row_not_found.
    """
    row = _in_force(library["shanghai_ets_factors"], "heat", on)
    return _decimal(row["factor"])


def _ets_factor(pack: Pack, area: str, on: date, *, green: bool) -> ElectricityFactor:
    if area != "310000":
        asked = f"area_code={area}, purpose={ETS_PURPOSE}"
        raise PackError(
            Problem("packs.row_not_found", values={"pack": pack.card.id, "asked": asked, "count": 0})
        )
    row = _in_force(pack, "electricity_green_interprovincial" if green else "electricity", on)
    return _as_factor(row, pack=pack.card.id, purpose=ETS_PURPOSE, counts_green_apart=True)


def _in_force(pack: Pack, item: str, on: date) -> Row:
    for row in pack.find(item=item):
        start, end = row["effective_from"], row["effective_to"]
        started = not isinstance(start, date) or start <= on
        if started and (not isinstance(end, date) or on <= end):
            return row
    asked = f"item={item}, on={on}"
    raise PackError(Problem("packs.row_not_found", values={"pack": pack.card.id, "asked": asked, "count": 0}))


def _as_factor(row: Row, *, pack: str, purpose: str, counts_green_apart: bool) -> ElectricityFactor:
    return ElectricityFactor(
        purpose=purpose,
        area_code=str(row["area_code"]),
        value=_decimal(row["factor_kilogram_per_kilowatt_hour"]),
        unit="kgCO2/kWh",
        pack=pack,
        document_number=str(row["document_number"]),
        counts_green_apart=counts_green_apart,
    )


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
