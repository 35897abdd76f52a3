"""The quantitative table of own operations: total and per head of each line, from meter, travel and staff data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lvshu.catalog.factors import province_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError, Problem
from lvshu.core.money import half_away
from lvshu.core.units import convert
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.finance.energy_factors import HEAT_AREA, applied_factor

LINES = "jrt_0227_own_operations"
DENSITIES = "fuel_densities"
ALL = "*"
DIRECT = ("tCO2", "tCO2e")
PURPOSE = "province_average"
Row = Mapping[str, Any]


@dataclass
class Amount:
    """A quantity or an emission with its interval, the sites behind it and where its factors are from."""

    value: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    bounded: bool = False
    sites: set[tuple[str, str]] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    without_factor: set[str] = field(default_factory=set)

    def add(self, other: Amount) -> None:
        """Add another amount to this one."""
        self.value, self.low, self.high = (
            getattr(self, name) + getattr(other, name) for name in ("value", "low", "high")
        )
        self.bounded = self.bounded or other.bounded
        self.sites |= other.sites
        self.sources |= other.sources
        self.without_factor |= other.without_factor


@dataclass(frozen=True)
class Factors:
    """What turns a quantity into an emission, for one run."""

    packs: PackLibrary
    settings: Settings

    def emission(self, row: Row, fuel: str) -> Amount | None:
        """Return the emission of one record in tCO2(e); None where no factor applies to it."""
        quantity, unit = Decimal(row["quantity"]), str(row["unit"])
        site = {(str(row["institution_id"]), str(row["site_id"]))}
        if unit in DIRECT:
            return Amount(quantity, quantity, quantity, False, site, {"direct"})
        if row["own_factor"] is not None:
            value = quantity * Decimal(row["own_factor"])
            return Amount(value, value, value, False, site, {str(row["factor_source"] or "own factor")})
        if not fuel or (fuel == "heat" and province_of(self._area(row)) != HEAT_AREA):
            return None
        return self._by_fuel(row, fuel, quantity, unit, site)

    def _area(self, row: Row) -> str:
        return str(row["area_code"] or self.settings.area)

    def _by_fuel(
        self, row: Row, fuel: str, quantity: Decimal, unit: str, site: set[tuple[str, str]]
    ) -> Amount | None:
        spread, sources = (Decimal(1), Decimal(1), Decimal(1)), set()
        if unit == "L":
            density = self.packs[DENSITIES].find(fuel_code=fuel)
            if not density:
                return None
            values = [Decimal(str(density[0][name])) / 1_000_000 for name in ("low", "value", "high")]
            spread, unit = (values[0], values[1], values[2]), "t"
            sources.add(f"{DENSITIES}: {fuel}")
        if fuel == "heat" and unit == "tce":
            quantity, unit = quantity * TONNE_COAL_EQUIVALENT, "GJ"
        found = applied_factor(
            self.packs, fuel_set=self.settings.fuel_factors, purpose=PURPOSE, year=self.settings.year,
            area=self._area(row), fuel=fuel, unit=unit, source_kind="grid",
        )  # fmt: skip
        if found.factor is None:
            return None
        low, high = (
            Decimal(str(1 + (bound or 0) / 100)) for bound in (found.low_percent, found.high_percent)
        )
        value = quantity * found.factor
        bounded = found.low_percent is not None or spread[0] != spread[2]
        return Amount(
            value * spread[1], value * spread[0] * low, value * spread[2] * high, bounded, site,
            {found.source, *sources},
        )  # fmt: skip


TONNE_COAL_EQUIVALENT = Decimal("29.3076")  # GJ per tce: 7,000 kcal/kg of standard coal, GB/T 2589-2020


def make(context: StepContext) -> None:
    """Fill `own_operation_account` for each institution and for all; quantities in a wrong unit are found."""
    year = context.settings.year
    rows = context.read("own_operation", where=f"year = {year}", order=("institution_id", "site_id", "item"))
    found, wrong = account(
        rows.to_pylist(), context.packs[LINES].rows, Factors(context.packs, context.settings)
    )
    names = list(found[0]) if found else []
    context.write("own_operation_account", {name: [row[name] for row in found] for name in names})
    for row in wrong:
        values = {"item": row["item"], "unit": row["unit"], "site": row["site_id"], "wanted": row["wanted"]}
        key = f"{row['institution_id']} | {row['site_id']} | {row['item']}"
        context.find(Problem("finance.own_operation_unit", values=values, severity="warning"),
                     table="own_operation", key=key, amount=float(row["quantity"]), unit=row["unit"])  # fmt: skip
    for row in found:
        if row["per_head_status"] == "zero_staff":
            values = {"institution": row["institution_id"]}
            context.find(Problem("finance.zero_staff", values=values, severity="warning"),
                         table="own_operation_account", key=row["institution_id"])  # fmt: skip
            break


def account(
    rows: Sequence[Row], lines: Iterable[Row], factors: Factors
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of `own_operation_account`, and the records whose unit does not fit their line.

    Args:
        rows: of `own_operation`, one year.
        lines: of the pack jrt_0227_own_operations, consumption before the sums over it.
        factors: turns quantities into emissions.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[str(row["institution_id"])].append(row)
    if not groups:
        return [], []
    found: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    listed = list(lines)
    for institution, own in (*sorted(groups.items()), (ALL, list(rows))):
        made, faulty = _one(institution, own, listed, factors)
        found += made
        wrong += faulty if institution != ALL else []
    return found, wrong


def _one(
    institution: str, rows: Sequence[Row], lines: Sequence[Row], factors: Factors
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    sites = {(str(row["institution_id"]), str(row["site_id"])) for row in rows}
    people = [Decimal(row["quantity"]) for row in rows if row["item"] == "staff"]
    staff = sum(people, Decimal(0)) if people else None
    by_item: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_item[str(row["item"])].append(row)
    emissions: dict[str, Amount] = {}
    lacking: set[str] = set()
    made: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    for line in lines:
        items = _listed(line["items"])
        told = [row for item in items for row in by_item[item]]
        if line["part"] == "consumption":
            amount, faulty = _quantity(told, str(line["unit"]))
            wrong += faulty
            emissions[str(line["line"])] = _emission(told, str(line["fuel_code"] or ""), factors)
        else:
            amount = _emission(told, "", factors)
            for part in _listed(line["sums"]):
                amount.add(emissions.get(part, Amount()))
            emissions[str(line["line"])] = amount
        incomplete = _is_incomplete(line, amount, lacking, sites)
        made.append(_row(institution, line, amount, staff, sites, incomplete))
        if made[-1]["status"] in ("partial", "not_told", "no_factor"):
            lacking.add(str(line["line"]))
    return made, wrong


def _listed(value: object) -> list[str]:
    return [part for part in str(value or "").split("|") if part]


def _quantity(rows: Sequence[Row], unit: str) -> tuple[Amount, list[dict[str, Any]]]:
    total, wrong = Amount(), []
    for row in rows:
        if str(row["unit"]) in DIRECT:
            continue
        try:
            value = _in_unit(row, unit)
        except MethodError:
            wrong.append({**row, "wanted": unit})
            continue
        total.add(Amount(value, value, value, sites={(str(row["institution_id"]), str(row["site_id"]))}))
    return total, wrong


def _in_unit(row: Row, unit: str) -> Decimal:
    quantity, given = Decimal(row["quantity"]), str(row["unit"])
    if unit == "tce" and given in ("GJ", "TJ", "MJ"):
        return convert(quantity, given, "GJ") / TONNE_COAL_EQUIVALENT
    if unit == "t" and given == "m3" and row["item"] == "water":
        return quantity
    return convert(quantity, given, unit)


def _emission(rows: Sequence[Row], fuel: str, factors: Factors) -> Amount:
    total = Amount()
    for row in rows:
        try:
            one = factors.emission(row, fuel)
        except MethodError:
            one = None
        if one is None:
            total.without_factor.add(str(row["item"]))
        else:
            total.add(one)
    return total


def _is_incomplete(line: Row, amount: Amount, lacking: set[str], sites: set[tuple[str, str]]) -> bool:
    """Return whether a line with data lacks some: sites that must have it, a factor, or a line it adds up."""
    if line["part"] == "emission":
        return bool(amount.without_factor or lacking & set(_listed(line["sums"])))
    everywhere = line["line_group"] in ("energy", "resources") and line["optional"] is not True
    return everywhere and len(amount.sites) < len(sites)


def _row(
    institution: str,
    line: Row,
    amount: Amount,
    staff: Decimal | None,
    sites: set[tuple[str, str]],
    incomplete: bool,
) -> dict[str, Any]:
    there = bool(amount.sites)
    quantity = amount.value if there else None
    missing = len(sites) - len(amount.sites)
    per_head = quantity / staff if quantity is not None and staff else None
    if there:
        status = "partial" if incomplete else "available"
    elif amount.without_factor and line["part"] == "emission":
        status = "no_factor"
    else:
        status = "optional" if line["optional"] is True else "not_told"
    bounded = there and amount.bounded
    return {
        "institution_id": institution, "line": line["line"], "position": line["position"], "part": line["part"],
        "quantity": _rounded(quantity), "unit": line["unit"], "staff": _rounded(staff),
        "per_head": _rounded(per_head), "low": _rounded(amount.low if bounded else None),
        "high": _rounded(amount.high if bounded else None),
        "sites": len(amount.sites), "sites_without": missing, "status": status,
        "per_head_status": _per_head_status(quantity, staff),
        "factor_source": "; ".join(sorted(amount.sources)) or None,
    }  # fmt: skip


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else half_away(value, 6)


def _per_head_status(quantity: Decimal | None, staff: Decimal | None) -> str:
    if staff is None:
        return "no_staff"
    if staff == 0:
        return "zero_staff"
    return "available" if quantity is not None else "no_total"
