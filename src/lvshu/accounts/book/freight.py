"""Steps on circulation: what freight emits, what moving it to rail or water would change, what shore power saves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.carbon import grid_factor, tell_other_year
from lvshu.accounts.book.energy import fuel_set, named_in
from lvshu.accounts.book.materials import SCOPE_EN, SCOPE_ZH, read_here, tell_no_records
from lvshu.accounts.methods.circulation.draws import relative_draws
from lvshu.accounts.methods.circulation.freight import (
    freight_emission,
    modal_shift,
    modal_split,
    shore_power_saving,
)
from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.core.units import factor as unit_factor
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

SHIFT = 0.10  # of road freight: the what-if that the book shows
SHIFT_FROM = "road"
SHIFT_TO = ("rail", "inland_water", "coastal")


def _transport_name(context: StepContext, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a kind of transport is called: its mode, and its vehicle as the pack names it, else by its code."""
    column = load("freight").column("mode")
    place = column.allowed.index(row["mode"])
    known = {one["vehicle"]: one for one in context.packs["freight_factors"].rows}
    vehicle = named_in(known.get(row["vehicle"]), str(row["vehicle"]))
    modes = {"zh": column.allowed_zh[place], "en": str(row["mode"]).replace("_", " ")}
    return {language: f"{mode}/{vehicle[language]}" for language, mode in modes.items()}


def make_freight(context: StepContext) -> None:
    """Make freight_account and freight_shift, and tell what has no factor."""
    rows = read_here(context, "freight")
    if not rows:
        tell_no_records(context, "freight")
        return
    tonne_km = np.array([float(row["tonne_km"]) for row in rows])
    fuel, fuel_factor, fuel_source = _by_fuel(context, rows)
    transport, transport_source = _by_transport(context, rows)
    emission = freight_emission(tonne_km, transport, fuel, fuel_factor)
    by_fuel = ~np.isnan(fuel * fuel_factor)
    basis = np.where(by_fuel, "fuel", np.where(np.isnan(transport), "none", "tonne_km"))
    idle = tonne_km == 0.0
    intensity = np.where(idle, np.nan, emission * 1e3 / np.where(idle, 1.0, tonne_km))
    lacking = [
        _transport_name(context, row) for row, value in zip(rows, emission, strict=True) if np.isnan(value)
    ]
    if lacking:
        context.find(Problem("accounts.freight_no_factor", values={"rows": lacking}, severity="warning"),
                     table="freight_account")  # fmt: skip
    context.write("freight_account", {
        "mode": [row["mode"] for row in rows], "vehicle": [row["vehicle"] for row in rows],
        "fuel_code": [row["fuel_code"] for row in rows], "tonne_km": tonne_km.tolist(),
        "share": (modal_split(tonne_km) * 100).tolist(), "emission": _plain(emission), "intensity": _plain(intensity),
        "basis": basis.tolist(),
        "factor_source": [one if used else other for one, other, used in zip(fuel_source, transport_source, by_fuel,
                                                                             strict=True)],
    })  # fmt: skip
    _write_shift(context, rows, tonne_km, emission)
    _write_uncertainty(context, rows, emission)


def _write_uncertainty(context: StepContext, rows: list[dict[str, Any]], emission: Array) -> None:
    stated = np.array([
        np.nan if row["relative_standard_error"] is None else float(row["relative_standard_error"]) for row in rows
    ])  # fmt: skip
    known = np.nan_to_num(emission)
    if np.isnan(stated).all():
        return
    drawn = relative_draws(stated, context.settings.replicates, context.generator("freight"))
    context.write_uncertainty("freight_emission", value=float(known.sum()), unit="tCO2", method="monte_carlo",
                              scope_zh=SCOPE_ZH, scope_en=SCOPE_EN, replicates=known @ drawn)  # fmt: skip


def _plain(values: Array) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _by_fuel(context: StepContext, rows: list[dict[str, Any]]) -> tuple[Array, Array, list[str | None]]:
    """Return fuel, its factor in tCO2 per unit of it, and where the factor is from; nan where one is missing."""
    name = context.settings.fuel_factors
    grid = grid_factor(context.packs, context.settings.area, context.settings.year, regional=False)
    quantity, factor = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    source: list[str | None] = [None] * len(rows)
    for place, row in enumerate(rows):
        if row["fuel_quantity"] is None or row["fuel_unit"] is None:
            continue
        quantity[place] = float(row["fuel_quantity"])
        code, unit = str(row["fuel_code"]), str(row["fuel_unit"])
        if code == "electricity":
            if grid is not None:
                factor[place] = float(str(grid["factor_kilogram_per_kilowatt_hour"])) / 1e3
                source[place] = f"grid_factors {grid['area_zh']} {grid['year']} ({grid['status']})"
            continue
        factor[place] = fuel_set((code,), {code: unit}, context.packs, name).factor[0]
        source[place] = name
    if grid is not None and any(text and text.startswith("grid") for text in source):
        tell_other_year(context, grid, context.settings.year)
    return quantity, factor, source


def _by_transport(context: StepContext, rows: list[dict[str, Any]]) -> tuple[Array, list[str | None]]:
    """Return factors in tCO2 per tonne-km, and where they are from; the user's own before those of the pack."""
    known: dict[tuple[str, ...], Mapping[str, Any]] = {
        (str(row["mode"]), str(row["vehicle"]), str(row["fuel_code"])): row
        for row in context.packs["freight_factors"].rows
    }
    factor = np.full(len(rows), np.nan)
    source: list[str | None] = [None] * len(rows)
    for place, row in enumerate(rows):
        pack = known.get((row["mode"], row["vehicle"], row["fuel_code"]))
        if row["factor"] is not None:
            factor[place], source[place] = float(row["factor"]) / 1e3, row["source"] or "freight.factor"
        elif pack is not None:
            factor[place], source[place] = float(str(pack["factor"])) / 1e3, str(pack["source"])
    return factor, source


def _write_shift(context: StepContext, rows: list[dict[str, Any]], tonne_km: Array, emission: Array) -> None:
    modes = np.array([row["mode"] for row in rows])
    there = ~np.isnan(emission) & (tonne_km > 0.0)

    def intensity(mode: str) -> float | None:
        member = there & (modes == mode)
        return float(emission[member].sum() / tonne_km[member].sum()) if member.any() else None

    road = intensity(SHIFT_FROM)
    columns: dict[str, list[Any]] = {name: [] for name in (
        "mode_from", "mode_to", "share", "tonne_km", "emission_before", "emission_after", "change")}  # fmt: skip
    for mode in SHIFT_TO:
        other = intensity(mode)
        if road is None or other is None:
            continue
        total = float(tonne_km[there & (modes == SHIFT_FROM)].sum())
        shift = modal_shift(total, SHIFT, road, other)
        record = (
            SHIFT_FROM,
            mode,
            SHIFT * 100,
            shift.moved,
            shift.emission_before,
            shift.emission_after,
            shift.change,
        )
        for column, part in zip(columns.values(), record, strict=True):
            column.append(part)
    context.write("freight_shift", columns)


def make_shore_power(context: StepContext) -> None:
    """Make shore_power_account: the fuel that shore power displaced and its CO2, less that of the grid."""
    rows = read_here(context, "shore_power")
    if not rows:
        tell_no_records(context, "shore_power")
        return
    grid = grid_factor(context.packs, context.settings.area, context.settings.year, regional=False)
    if grid is None:
        context.find(Problem("accounts.shore_power_no_grid", values={"year": context.settings.year},
                             severity="warning"), table="shore_power_account")  # fmt: skip
    else:
        tell_other_year(context, grid, context.settings.year)
    factors = np.array([
        fuel_set((str(row["fuel_code"]),), {str(row["fuel_code"]): "t"}, context.packs,
                 context.settings.fuel_factors).factor[0]
        for row in rows
    ])  # fmt: skip
    scale = float(unit_factor("kgCO2/kWh", "tCO2/MWh"))
    rate = np.nan if grid is None else float(str(grid["factor_kilogram_per_kilowatt_hour"])) * scale
    saved = shore_power_saving(
        np.array([float(row["electricity"]) for row in rows]),
        np.array([float(row["specific_consumption"]) for row in rows]), factors, rate,
    )  # fmt: skip
    context.write("shore_power_account", {
        "port": [row["port"] for row in rows], "fuel_code": [row["fuel_code"] for row in rows],
        "electricity": [row["electricity"] for row in rows], "fuel": _plain(saved.fuel),
        "avoided": _plain(saved.avoided), "grid_emission": _plain(saved.grid), "net": _plain(saved.net),
        "grid_factor_year": [None if grid is None else grid["year"]] * len(rows),
    })  # fmt: skip
