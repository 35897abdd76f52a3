"""The table of the Global Protocol for Community-Scale Inventories, from the energy balance and what the user gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lvshu.accounts.book.energy import FuelSet
from lvshu.accounts.book.other_emissions import GasLine, potential
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.energy.carriers import heat_factor
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import Problem

CARRIERS = {"electricity": "kWh", "heat": "GJ"}
CARRIER_NAMES = {"electricity": ("电力", "electricity"), "heat": ("热力", "heat")}
# sub-sectors whose use the balance shows only within another one
INCLUDED = {
    "I.4.1": "I.3.1", "I.4.2": "I.3.2", "I.4.3": "I.3.3", "I.6.1": "I.2.1", "I.6.2": "I.2.2", "I.6.3": "I.2.3",
    "II.2.1": "II.1.1", "II.2.2": "II.1.2", "II.3.1": "II.3.3", "II.3.2": "II.1.2", "II.4.1": "II.4.3",
    "II.4.2": "II.1.2", "II.5.1": "II.1.1", "II.5.2": "II.1.2",
}  # fmt: skip


@dataclass
class GpcLine:
    """One source of the table; emission in tCO2e, None with a notation key where there is no figure."""

    ref: str
    position: int
    sector: str
    scope: int
    level: str
    name: tuple[str, str]
    co2: float | None = None
    ch4: float | None = None
    n2o: float | None = None
    emission: float | None = None
    notation_key: str | None = None
    gases: tuple[str, ...] = ()
    notes: list[tuple[str, str]] = field(default_factory=list)
    cells: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Carriers that are used here and have no factor: NE, so that a figure beside them is partial."""

    def add(self, gas: str, amount: float, equivalent: float) -> None:
        """Add an emission: amount in t of the gas (or tCO2e for CO2e), equivalent in tCO2e."""
        if gas == "CO2":
            self.co2 = (self.co2 or 0.0) + amount
        elif gas.startswith("CH4"):
            self.ch4 = (self.ch4 or 0.0) + amount
        elif gas == "N2O":
            self.n2o = (self.n2o or 0.0) + amount
        self.emission = (self.emission or 0.0) + equivalent
        self.gases = tuple(dict.fromkeys((*self.gases, gas)))

    def note(self, zh: str, en: str) -> None:
        """Add a sentence once."""
        if (zh, en) not in self.notes:
            self.notes.append((zh, en))


@dataclass(frozen=True)
class GpcInputs:
    """What the table is made of besides the balance.

    Attributes:
        gases: methane and nitrous oxide of combustion.
        grid_factor: kgCO2/kWh of the electricity used, or None.
        grid_words: (zh, en), where the factor comes from or why there is none.
        sources: records of city_source_emission.
        report: report of the warming potentials, e.g. AR5.
    """

    gases: tuple[GasLine, ...]
    grid_factor: float | None
    grid_words: tuple[str, str]
    sources: tuple[Mapping[str, Any], ...] = ()
    report: str = "AR5"


def empty_lines(packs: PackLibrary) -> dict[str, GpcLine]:
    """Return all sources without figures, by number."""
    return {
        str(row["gpc_ref"]): GpcLine(
            str(row["gpc_ref"]), int(str(row["position"])), str(row["sector"]), int(str(row["scope"])),
            str(row["level"]), (str(row["name_zh"]), str(row["name_en"])),
        )
        for row in packs["gpc_reference"].rows
    }  # fmt: skip


def gpc_lines(
    balance: EnergyBalance, fuels: FuelSet, packs: PackLibrary, given: GpcInputs
) -> tuple[list[GpcLine], list[Problem]]:
    """Return the table in its order and what has to be told.

    Direct emissions leave out refuelling abroad. Fuel of transport stands where the pack gpc_balance_map puts it.
    """
    lines = empty_lines(packs)
    places = {(row["item_code"], row["fuel_code"] or ""): row for row in packs["gpc_balance_map"].rows}
    _add_fuel(lines, places, balance, fuels, given)
    problems = _add_carriers(lines, places, balance, fuels, given)
    problems += _add_sources(lines, packs, given)
    for line in lines.values():
        _close(line)
    return sorted(lines.values(), key=lambda line: line.position), problems


def _place(places: Mapping[tuple[Any, Any], Any], item: str, fuel: str) -> Any:
    return places.get((item, fuel), places.get((item, "")))


def _ref(row: Mapping[str, Any]) -> str:
    use = row["use"]
    if use == "generation":
        return str(row["gpc_ref"])
    return f"{row['gpc_ref']}.{3 if use == 'across' else 1}"


def _add_fuel(
    lines: dict[str, GpcLine], places: Mapping[tuple[Any, Any], Any], balance: EnergyBalance, fuels: FuelSet,
    given: GpcInputs,
) -> None:  # fmt: skip
    emissions = inventory.emission(inventory.sectoral_use(balance, own_bunkers=False), fuels.factor)
    for item, emission in emissions.items():
        for k in np.flatnonzero(np.nan_to_num(emission) * fuels.burns):
            row = _place(places, item, balance.fuels[k])
            if row is None:
                continue
            line = lines[_ref(row)]
            line.add("CO2", float(emission[k]), float(emission[k]))
            line.note(str(row["note_zh"]), str(row["note_en"]))
            line.cells.append((item, balance.fuels[k]))
    for gas in given.gases:
        row = _place(places, gas.item, gas.fuel)
        if row is None or gas.emission is None or gas.equivalent is None:
            continue
        lines[_ref(row)].add(gas.gas, gas.emission, gas.equivalent)


def _add_carriers(
    lines: dict[str, GpcLine], places: Mapping[tuple[Any, Any], Any], balance: EnergyBalance, fuels: FuelSet,
    given: GpcInputs,
) -> list[Problem]:  # fmt: skip
    use = inventory.final_use(balance)
    factors = {"electricity": given.grid_factor, "heat": own_heat_factor(balance, fuels)}
    words = {
        "electricity": given.grid_words,
        "heat": ("用热按本市供热的平均因子", "Heat at the average factor of the city’s own heat supply"),
    }
    absent = dict.fromkeys(CARRIERS, 0.0)
    for carrier in CARRIERS:
        if carrier not in balance.fuels:
            continue
        k = balance.fuels.index(carrier)
        total = float(sum(line[k] for line in use.values()))
        loss = float(balance.row("loss")[k])
        for item, line in use.items():
            row = _place(places, item, carrier)
            if row is None or line[k] == 0.0:
                continue
            used, lost = lines[f"{row['gpc_ref']}.2"], lines.get(f"{row['gpc_ref']}.3")
            factor = factors[carrier]
            if factor is None:
                absent[carrier] += float(line[k])
                used.left_out = list(dict.fromkeys((*used.left_out, carrier)))
                zh, en = CARRIER_NAMES[carrier]
                used.note(f"{zh}未估算（NE）：没有因子，本行不完整",
                          f"{en} is not estimated (NE): it has no factor, so this line is partial")  # fmt: skip
                continue
            amount = float(line[k]) * factor / 1000.0
            used.add("CO2", amount, amount)
            used.note(*words[carrier])
            if lost is not None and loss and total:
                part = amount * loss / total
                lost.add("CO2", part, part)
                lost.note("输配损失按终端用量分摊", "Losses are spread by final use")
    return [
        Problem("accounts.gpc_carrier_left_out", severity="warning",
                values={"carrier": dict(zip(("zh", "en"), CARRIER_NAMES[carrier], strict=True)),
                        "quantity": round(amount, 2), "unit": CARRIERS[carrier]})
        for carrier, amount in absent.items() if amount
    ]  # fmt: skip


def own_heat_factor(balance: EnergyBalance, fuels: FuelSet) -> float | None:
    """Return the average factor of the heat that the region's heat supply makes, kgCO2/GJ; None where it makes none."""
    if "heat" not in balance.fuels:
        return None
    burned = np.maximum(-balance.row("heat_supply"), 0.0) * fuels.burns
    emission = float(np.nansum(burned * np.nan_to_num(fuels.factor)))
    found = heat_factor(emission, float(max(balance.row("heat_supply")[balance.fuels.index("heat")], 0.0)))
    return found if np.isfinite(found) else None


def _add_sources(lines: dict[str, GpcLine], packs: PackLibrary, given: GpcInputs) -> list[Problem]:
    problems: list[Problem] = []
    for ref in dict.fromkeys(str(row["gpc_ref"]) for row in given.sources):
        rows = [row for row in given.sources if row["gpc_ref"] == ref]
        if ref not in lines:
            problems.append(Problem("accounts.gpc_unknown", values={"ref": ref}, severity="warning"))
            continue
        if lines[ref].emission is not None and any(row["emission"] is not None for row in rows):
            values = {"ref": ref, "balance": round(lines[ref].emission or 0.0, 2)}
            problems.append(Problem("accounts.gpc_replaced", values=values, severity="notice"))
            lines[ref] = replace(
                lines[ref],
                co2=None,
                ch4=None,
                n2o=None,
                emission=None,
                gases=(),
                notes=[],
                cells=[],
                left_out=[],
            )
        for row in rows:
            problems += _add_source(lines[ref], row, packs, given.report)
    return problems


def _add_source(line: GpcLine, row: Mapping[str, Any], packs: PackLibrary, report: str) -> list[Problem]:
    gas, amount = str(row["gas"]), row["emission"]
    line.note(str(row["source"]), str(row["source"]))
    if amount is None:
        line.notation_key = row["notation_key"]
        return []
    if gas == "CO2e":
        line.add(gas, float(amount), float(amount))
        return []
    if not packs["gwp"].find(gas=gas, report=report):
        values = {"ref": line.ref, "gas": gas, "report": report, "amount": float(amount)}
        return [Problem("accounts.gpc_gas_unknown", values=values, severity="warning")]
    line.add(gas, float(amount), float(amount) * potential(packs, gas, report))
    return []


def _close(line: GpcLine) -> None:
    """Give a notation key, with its reason, to a source without a figure."""
    if line.emission is not None:
        line.notation_key = None
        return
    if line.notation_key is not None:
        return
    if line.ref in INCLUDED:
        line.notation_key = "IE"
        other = INCLUDED[line.ref]
        line.note(f"平衡表不单列，含在 {other}", f"Not told apart in the balance, included in {other}")
        return
    line.notation_key = "NE"
    if not line.notes:
        line.note(
            "能源平衡表没有这一源，也没有给出数据", "Not in the energy balance, and no figure was given"
        )
