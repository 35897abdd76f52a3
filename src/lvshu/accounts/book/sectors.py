"""Steps that bring energy and emissions to the sectors of the table: allocation, sector accounts, multipliers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.carbon import grid_factor, tell_other_year
from lvshu.accounts.book.economy import load_economy
from lvshu.accounts.book.energy import FuelSet, load_balance
from lvshu.accounts.book.keys import HOUSEHOLDS, PROCESS_DIVISION, KeyBook
from lvshu.accounts.book.table import InputOutputTable, load_table
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.allocation import mixed_emission
from lvshu.accounts.methods.footprint import direct_intensity
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.accounts.methods.leontief import total_intensity
from lvshu.accounts.methods.uncertainty import key_mixture
from lvshu.core.errors import MethodError, Problem
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]


def allocate(context: StepContext) -> None:
    """Make emission_allocation and energy_use: the balance spread over sectors and households."""
    table = load_table(context)
    balance, fuels, _ = load_balance(context)
    given = context.read("sector_energy", where=f"year = {context.settings.year}").to_pylist()
    keys = KeyBook(table, context.packs, given)
    _tell_true_use(context, table, given, balance)
    _write_allocation(context, keys, balance, fuels)
    _write_energy_use(context, keys, balance, fuels)


def _tell_true_use(
    context: StepContext, table: InputOutputTable, given: list[dict[str, Any]], balance: EnergyBalance
) -> None:
    unknown = sorted({row["sector_code"] for row in given} - set(table.codes))
    if unknown:
        context.find(Problem("accounts.sector_energy_unknown", values={"sectors": unknown}, severity="warning"),
                     table="sector_energy")  # fmt: skip
    strange = sorted({row["fuel_code"] for row in given} - set(balance.fuels))
    if strange:
        context.find(Problem("accounts.sector_energy_fuel", values={"fuels": strange}, severity="warning"),
                     table="sector_energy")  # fmt: skip


def _write_allocation(context: StepContext, keys: KeyBook, balance: EnergyBalance, fuels: FuelSet) -> None:
    emissions = inventory.emission(inventory.sectoral_use(balance, own_bunkers=True), fuels.factor)
    names = ("sector_code", "item_code", "fuel_code", "key_used", "share", "alternative_share", "emission")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    wanted, unplaced = 0.0, 0.0

    def add(*record: object) -> None:
        for name, value in zip(names, record, strict=True):
            columns[name].append(value)

    for item, line in emissions.items():
        for k in np.flatnonzero(np.nan_to_num(line) * fuels.burns):
            fuel, amount = balance.fuels[k], float(line[k])
            wanted += amount
            if item in HOUSEHOLDS:
                add(HOUSEHOLDS[item], item, fuel, "direct", 1.0, 1.0, amount)
                continue
            found = keys.line(item, fuel)
            if not found.used.any():
                context.find(Problem("accounts.line_without_sector", values={"item": item, "fuel": fuel}),
                             table="emission_allocation", key=f"{item}/{fuel}", amount=amount, unit="tCO2")  # fmt: skip
                unplaced += amount
                continue
            for i in np.flatnonzero((found.used != 0.0) | (found.alternative != 0.0)):
                add(keys.table.codes[i], item, fuel, found.key, float(found.used[i]), float(found.alternative[i]),
                    amount * float(found.used[i]))  # fmt: skip
    check_allocation(sum(columns["emission"]), wanted, unplaced)
    _tell_lost(context, "accounts.inventory_not_allocated", "emission_allocation", unplaced, wanted, "tCO2")
    context.write("emission_allocation", columns)


def _tell_lost(context: StepContext, code: str, table: str, lost: float, whole: float, unit: str) -> None:
    """Record what share of a whole falls to no sector, where any does; headlines that rest on it are partial."""
    if abs(lost) > 1e-9 * max(abs(whole), 1.0):
        share = f"{100.0 * lost / whole:.1f}" if whole else "…"
        told = {"amount": f"{lost:,.0f}", "whole": f"{whole:,.0f}", "share": share}
        context.find(Problem(code, values=told, severity="warning"), table=table, amount=lost, unit=unit)


def _tell_unbridged(context: StepContext, table: InputOutputTable) -> None:
    missing = np.array([not sector.balance_row for sector in table.sectors])
    names = [sector.name_zh for sector in table.sectors if not sector.balance_row]
    lost, whole = float(table.output[missing].sum()), float(table.output.sum())
    if names:
        values = {"sectors": names, "count": len(names), "all": len(table.sectors),
                  "share": f"{100.0 * lost / whole:.1f}" if whole else "…"}  # fmt: skip
        problem = Problem("accounts.sector_not_bridged", values=values, severity="warning")
        context.find(problem, table="sector_account", amount=lost, unit="CNY")


def check_allocation(allocated: float, inventory_total: float, unplaced: float) -> None:
    """Check that sectors and households add up to the inventory, less what no sector takes (told as a finding).

    Args:
        allocated: sum over sectors and households, tCO2.
        inventory_total: sum of the inventory's lines, tCO2.
        unplaced: lines for which the table has no sector, tCO2.

    Raises:
        MethodError: accounts.allocation_differs.
    """
    if abs(allocated + unplaced - inventory_total) > 1e-9 * max(abs(inventory_total), 1.0):
        values = {"allocated": allocated, "inventory": inventory_total, "unplaced": unplaced}
        raise MethodError(Problem("accounts.allocation_differs", values=values))


def _write_energy_use(context: StepContext, keys: KeyBook, balance: EnergyBalance, fuels: FuelSet) -> None:
    lines = [("final", item, line) for item, line in inventory.final_use(balance).items()]
    lines += [("conversion", item, -balance.row(item)) for item in PROCESS_DIVISION]
    lines += [("loss", "loss", balance.row("loss"))]
    totals: dict[tuple[str, str, str], float] = {}
    for purpose, item, line in lines:
        for k in np.flatnonzero(line):
            fuel, amount = balance.fuels[k], float(line[k])
            if item in HOUSEHOLDS:
                spread = {HOUSEHOLDS[item]: 1.0}
            else:
                used = keys.line(item, fuel).used
                spread = {keys.table.codes[i]: float(used[i]) for i in np.flatnonzero(used)}
            for code, share in spread.items():
                key = (code, fuel, purpose)
                totals[key] = totals.get(key, 0.0) + amount * share
    place = {fuel: k for k, fuel in enumerate(balance.fuels)}
    coal = np.nan_to_num(fuels.coal_equivalent)
    whole = sum(float(np.asarray(line) @ coal) for _, _, line in lines)
    placed = sum(quantity * float(coal[place[fuel]]) for (_, fuel, _), quantity in totals.items())
    _tell_lost(context, "accounts.energy_not_allocated", "energy_use", whole - placed, whole, "tce")
    tce = [quantity * fuels.coal_equivalent[place[fuel]] for (_, fuel, _), quantity in totals.items()]
    context.write("energy_use", {
        "sector_code": [code for code, _, _ in totals], "fuel_code": [fuel for _, fuel, _ in totals],
        "purpose": [purpose for *_, purpose in totals], "quantity": list(totals.values()),
        "unit": [fuels.units[place[fuel]] for _, fuel, _ in totals],
        "energy_tce": [float(value) if np.isfinite(value) else None for value in tce],
    })  # fmt: skip
    for k in np.flatnonzero(np.isnan(fuels.coal_equivalent)):
        values = {"fuel": {"zh": fuels.names[k][0], "en": fuels.names[k][1]}}
        context.find(
            Problem("accounts.no_coal_equivalent", values=values, severity="warning"), key=balance.fuels[k]
        )


def sector_replicates(context: StepContext, codes: list[str]) -> Array:
    """Return replicates of the direct emission of sectors (or household codes), shape (n, r), tCO2.

    Each replicate takes its emission lines from carbon_inventory_replicate and lies between the key in use and the
    alternative one, by a triangular weight.
    """
    count = context.settings.replicates
    drawn: dict[tuple[str, str], Array] = {}
    columns = ["item_code", "fuel_code", "replicate", "emission"]
    for row in context.read("carbon_inventory_replicate", columns=columns).to_pylist():
        line = drawn.setdefault((row["item_code"], row["fuel_code"]), np.zeros(count))
        line[row["replicate"] - 1] = float(row["emission"])
    place = {code: index for index, code in enumerate(codes)}
    first, second = np.zeros((len(codes), count)), np.zeros((len(codes), count))
    columns = ["sector_code", "item_code", "fuel_code", "share", "alternative_share"]
    for row in context.read("emission_allocation", columns=columns).to_pylist():
        if row["sector_code"] in place:
            line = drawn[(row["item_code"], row["fuel_code"])]
            first[place[row["sector_code"]]] += row["share"] * line
            second[place[row["sector_code"]]] += row["alternative_share"] * line
    generator = np.random.default_rng([context.settings.seed, 4754])
    return mixed_emission(first, second, key_mixture(count, generator))


def direct_emission(context: StepContext, codes: list[str]) -> Array | None:
    """Return the direct emission allocated to sectors (or household codes), shape (n,), tCO2.

    None where nothing is allocated to any of them: what reaches no sector (none is bridged) is unknown there, not zero.
    """
    rows = context.read("emission_allocation", columns=["sector_code", "emission"]).to_pylist()
    place = {code: index for index, code in enumerate(codes)}
    found = np.zeros(len(codes))
    reached = [row for row in rows if row["sector_code"] in place]
    for row in reached:
        found[place[row["sector_code"]]] += float(row["emission"])
    return found if reached else None


def make_accounts(context: StepContext) -> None:
    """Make sector_account: output, value added, emissions, electricity and energy of each sector."""
    table = load_table(context)
    _tell_unbridged(context, table)
    n = len(table.sectors)
    emission = direct_emission(context, table.codes)
    replicates = sector_replicates(context, table.codes) if emission is not None else None
    energy, electricity = _energy_of(context, table.codes)
    factor = grid_factor(context.packs, table.choice.area_code, table.choice.year, regional=False)
    if factor is not None and electricity is not None:
        tell_other_year(context, factor, table.choice.year)
    indirect = None
    if factor is not None and electricity is not None:
        indirect = electricity * float(factor["factor_kilogram_per_kilowatt_hour"]) / 1000.0
    names = {"VA001": "compensation_of_employees", "VA002": "net_taxes", "VA003": "depreciation",
             "VA004": "operating_surplus"}  # fmt: skip
    context.write("sector_account", {
        **_sector_columns(table), "sphere": [sector.sphere for sector in table.sectors],
        "output": table.output.tolist(),
        "intermediate_input": table.total_intermediate_use.sum(axis=0).tolist(),
        **{name: _listed(table.primary_input.get(code), n) for code, name in names.items()},
        "value_added": table.value_added.tolist(), "direct_emission": _listed(emission, n),
        "indirect_electricity_emission": _listed(indirect, n), "electricity": _listed(electricity, n),
        "energy_tce": _listed(energy, n),
        "standard_error": _listed(None if replicates is None else replicates.std(axis=1, ddof=1), n),
        "low": _listed(None if replicates is None else np.quantile(replicates, 0.025, axis=1), n),
        "high": _listed(None if replicates is None else np.quantile(replicates, 0.975, axis=1), n),
    })  # fmt: skip


def _sector_columns(table: InputOutputTable) -> Mapping[str, list[Any]]:
    return {"sector_code": table.codes, "name_zh": [sector.name_zh for sector in table.sectors],
            "name_en": [sector.name_en for sector in table.sectors]}  # fmt: skip


def _listed(values: Array | None, count: int) -> list[float | None]:
    return [None] * count if values is None else [float(value) for value in values]


def _energy_of(context: StepContext, codes: list[str]) -> tuple[Array | None, Array | None]:
    """Energy in tce and final electricity in kWh by sector; None where no line of the balance reaches one of them."""
    place = {code: index for index, code in enumerate(codes)}
    rows = [row for row in context.read("energy_use").to_pylist() if row["sector_code"] in place]
    if not rows:
        return None, None
    energy, electricity = np.zeros(len(codes)), np.zeros(len(codes))
    for row in rows:
        i = place[row["sector_code"]]
        energy[i] += float(row["energy_tce"] or 0)
        if row["fuel_code"] == "electricity" and row["purpose"] == "final":
            electricity[i] += float(row["quantity"])
    return energy, electricity


def make_multipliers(context: StepContext) -> None:
    """Make sector_multiplier: direct and total intensities, output multipliers."""
    economy = load_economy(context)
    table, model = economy.table, economy.local_model()
    n = len(table.sectors)
    emission = direct_emission(context, table.codes)
    direct = total = error = None
    if emission is not None:
        direct = direct_intensity(emission, table.output, table.sector_names)
        total = total_intensity(model, direct)
        drawn = total_intensity(
            model, direct_intensity(sector_replicates(context, table.codes), table.output)
        )
        error = drawn.std(axis=1, ddof=1)
    context.write("sector_multiplier", {
        **_sector_columns(table), "direct_intensity": _listed(direct, n), "total_intensity": _listed(total, n),
        "output_multiplier": total_intensity(model, np.ones(n)).tolist(), "standard_error": _listed(error, n),
    })  # fmt: skip
