"""Steps that hand the accounts on: emission intensities by division, and the comparison with published figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.sectors import sector_replicates
from lvshu.accounts.book.table import InputOutputTable, load_table
from lvshu.core.errors import Problem
from lvshu.core.money import half_away
from lvshu.core.units import convert, unit
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

DIRECT, WITH_ELECTRICITY = "scope1", "scope1_2"


def make_intensities(context: StepContext) -> None:
    """Make sector_intensity and its replicates: emission per yuan of output by division of GB/T 4754-2017."""
    table = load_table(context)
    rows = {row["sector_code"]: row for row in context.read("sector_account").to_pylist()}
    direct = _column(table, rows, "direct_emission")
    if direct is None:
        return
    scopes = {DIRECT: np.zeros(len(table.sectors))}
    electricity = _column(table, rows, "indirect_electricity_emission")
    if electricity is None:
        values = {"year": table.choice.year, "area": table.choice.area_code}
        context.find(
            Problem("accounts.no_scope_two", values=values, severity="warning"), table="sector_intensity"
        )
    else:
        scopes[WITH_ELECTRICITY] = electricity
    replicates = sector_replicates(context, table.codes)
    divisions = sorted({division for sector in table.sectors for division in sector.divisions})
    if not divisions:
        return
    _write(context, table, divisions, direct, replicates, scopes)


def _column(table: InputOutputTable, rows: dict[str, dict[str, Any]], name: str) -> Array | None:
    values = [rows[code][name] for code in table.codes]
    return None if any(value is None for value in values) else np.array([float(value) for value in values])


def _write(
    context: StepContext, table: InputOutputTable, divisions: list[str], direct: Array, replicates: Array,
    scopes: dict[str, Array],
) -> None:  # fmt: skip
    columns: dict[str, list[Any]] = {name: [] for name in (
        "gbt4754_division", "scope", "intensity_revenue", "intensity_assets", "standard_error", "year", "sector_codes",
        "source")}  # fmt: skip
    drawn: dict[str, list[Any]] = {
        "gbt4754_division": [],
        "scope": [],
        "replicate": [],
        "intensity_revenue": [],
    }
    for scope, added in scopes.items():
        for division in divisions:
            members = np.array([division in sector.divisions for sector in table.sectors])
            output = float(table.output[members].sum())
            if output <= 0.0:
                continue
            value = float((direct + added)[members].sum()) / output
            spread = (replicates[members].sum(axis=0) + added[members].sum()) / output
            record = (division, scope, value, None, float(spread.std(ddof=1)), table.choice.year,
                      ";".join(sector.code for sector in table.sectors if division in sector.divisions),
                      f"{table.choice.table_code} {table.choice.area_code}")  # fmt: skip
            for column, part in zip(columns.values(), record, strict=True):
                column.append(part)
            drawn["gbt4754_division"] += [division] * len(spread)
            drawn["scope"] += [scope] * len(spread)
            drawn["replicate"] += list(range(1, len(spread) + 1))
            drawn["intensity_revenue"] += spread.tolist()
    context.write("sector_intensity", columns)
    context.write("sector_intensity_replicate", drawn)


def compare(context: StepContext) -> None:
    """Make published_comparison: each published figure against the one of this book."""
    columns: dict[str, list[Any]] = {name: [] for name in (
        "code", "year", "published", "computed", "difference", "unit", "difference_percent", "source")}  # fmt: skip
    for row in context.read("published_total", order=["code", "year"]).to_pylist():
        found = _computed(context, row["code"], row["year"])
        computed = None
        if found is not None and unit(found[1]).dimension == unit(row["unit"]).dimension:
            computed = half_away(convert(found[0], found[1], row["unit"]), 6)
        difference = None if computed is None else computed - row["value"]
        share = float(difference / row["value"]) * 100.0 if difference is not None and row["value"] else None
        record = (
            row["code"],
            row["year"],
            row["value"],
            computed,
            difference,
            row["unit"],
            share,
            row["source"],
        )
        for column, part in zip(columns.values(), record, strict=True):
            column.append(part)
        _tell(context, row, computed, difference, share)
    context.write("published_comparison", columns)


def _tell(
    context: StepContext,
    row: dict[str, Any],
    computed: Decimal | None,
    difference: Decimal | None,
    share: float | None,
) -> None:
    values = {"code": row["code"], "published": row["value"], "unit": row["unit"], "source": row["source"]}
    if computed is None:
        context.find(Problem("accounts.published_without_own", values=values, severity="notice"),
                     table="published_comparison", key=row["code"])  # fmt: skip
    elif difference:
        values |= {"computed": computed, "difference": difference, "percent": round(share or 0.0, 4)}
        context.find(Problem("accounts.published_differs", values=values, severity="notice"), key=row["code"],
                     table="published_comparison", amount=float(difference), unit=row["unit"])  # fmt: skip


def _computed(context: StepContext, code: str, year: int) -> tuple[Decimal, str] | None:
    """Return this book's figure for a published one, with its unit; None where the book has none of that year."""
    tables = {
        "gross_domestic_product": ("sector_account", "value_added", "", "CNY"),
        "total_output": ("sector_account", "output", "", "CNY"),
        "energy_consumption": ("energy_use", "energy_tce", "", "tce"),
        "co2_energy": ("carbon_inventory", "emission", "method = 'sectoral' AND bunkers = 'without'", "tCO2"),
    }
    table, column, where, symbol = tables[code]
    if year != context.settings.year:
        return None
    rows = context.read(table, columns=[column], where=where or None).column(column).to_pylist()
    values = [value for value in rows if value is not None]
    return (sum(values, Decimal(0)), symbol) if values else None
