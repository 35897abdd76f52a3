"""Inventories as labelled results, without a run: for the command line and for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lvshu.accounts.book.carbon import GAP_ALLOWED, grid_factor
from lvshu.accounts.book.city_inventory import published
from lvshu.accounts.book.energy import FuelSet, item_name
from lvshu.accounts.book.gpc import CARRIER_NAMES, GpcInputs, GpcLine, gpc_lines
from lvshu.accounts.book.other_emissions import gas_lines, without_factor
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError, Problem
from lvshu.core.origin import Origin

METHODS = {
    "sectoral": (inventory.sectoral_use, "accounts.sectoral_inventory", ("部门法", "sectoral method")),
    "reference": (inventory.reference_use, "accounts.reference_inventory", ("参考法", "reference method")),
}
BUNKERS = {"with": ("含我轮、机在外国加油", "with refuelling abroad"),
           "without": ("不含我轮、机在外国加油", "without refuelling abroad")}  # fmt: skip


def inventory_result(
    balance: EnergyBalance, fuels: FuelSet, packs: PackLibrary, *, method: str = "sectoral",
    bunkers: str = "without", origin: Sequence[Origin] = (),
) -> Result:  # fmt: skip
    """Return the CO2 of energy by line and fuel, tCO2: rows (line, name_zh, name_en), columns (fuel, name_zh, name_en).

    A fuel that burns but has no factor is left out and named in the notes.

    Raises:
        MethodError: accounts.inventory_choice, when method or bunkers is none of those known.
    """
    if method not in METHODS or bunkers not in BUNKERS:
        values = {"method": method, "methods": list(METHODS), "bunkers": bunkers, "choices": list(BUNKERS)}
        raise MethodError(Problem("accounts.inventory_choice", values=values))
    use, card, words = METHODS[method]
    lines = use(balance, own_bunkers=bunkers == "with")
    emissions = inventory.emission(lines, fuels.factor)
    burning = np.flatnonzero(fuels.burns)
    items = [item for item in lines if np.nan_to_num(emissions[item])[burning].any()]
    lost = [k for k in burning if np.isnan(fuels.factor[k]) and any(line[k] for line in lines.values())]
    kept = [k for k in burning if any(np.nan_to_num(emissions[item][k]) for item in items)]
    notes = [_missing_note(fuels, lost)] if lost else []
    return Result(
        "inventory", (f"能源活动二氧化碳（{words[0]}，{BUNKERS[bunkers][0]}）",
                      f"CO2 of energy ({words[1]}, {BUNKERS[bunkers][1]})"),
        Index.of(("line", "name_zh", "name_en"), [(item, *item_name(item, packs)) for item in items]),
        Index.of(("fuel", "fuel_zh", "fuel_en"), [(balance.fuels[k], *fuels.names[k]) for k in kept]),
        np.array([[float(np.nan_to_num(emissions[item][k])) for k in kept] for item in items]).reshape(len(items), -1),
        ("tCO2",), card, tuple(origin), notes=tuple(notes),
    )  # fmt: skip


def _missing_note(fuels: FuelSet, lost: Sequence[Any]) -> tuple[str, str]:
    zh, en = "、".join(fuels.names[k][0] for k in lost), ", ".join(fuels.names[k][1] for k in lost)
    return f"没有因子、未计入：{zh}", f"Without a factor, left out: {en}"


def gpc_result(
    balance: EnergyBalance, fuels: FuelSet, packs: PackLibrary, *, area: str, year: int,
    factor_set: str = "fuel_factors_p", report: str = "AR5", sources: Sequence[Mapping[str, Any]] = (),
    origin: Sequence[Origin] = (),
) -> Result:  # fmt: skip
    """Return the GPC table: a row for each source, columns co2, ch4_and_other, n2o, total.

    Labels of rows are ref, level, scope, notation_key, name_zh and name_en.

    Rows are in tCO2e; gases as equivalents of the report. A source without a figure is NaN and carries its notation
    key in the label; one that counts only a part of its carriers names the part that is NE.

    Args:
        balance: m items by k fuels.
        fuels: its fuels.
        packs: needs the packs of the accounts wing.
        area: six-digit code, for the grid factor.
        year: year of the balance.
        factor_set: id of the fuel factors, for calorific values.
        report: report of the warming potentials.
        sources: records like those of city_source_emission, of this area and year.
        origin: of the balance.
    """
    gases = gas_lines(balance, fuels, packs, factor_set=factor_set, report=report)
    value, words = published(grid_factor(packs, area, year, regional=False), year)
    given = GpcInputs(tuple(gases), value, words, tuple(sources), report)
    lines, problems = gpc_lines(balance, fuels, packs, given)
    potential = {row["gas"]: float(str(row["value"])) for row in packs["gwp"].find(report=report)}
    nothing = float("nan")
    values = []
    for line in lines:
        if line.emission is None:
            values.append([nothing] * 4)
            continue
        n2o = (line.n2o or 0.0) * potential["N2O"]
        co2 = line.co2 or 0.0
        other = line.emission - co2 - n2o
        values.append([co2, other, n2o, line.emission])
    labels = [(line.ref, line.level, str(line.scope), *_gpc_words(line)) for line in lines]
    missing = without_factor(gases, packs)
    problems = [*problems, *([missing[0]] if missing else [])]
    notes = [(problem.what("zh"), problem.what("en")) for problem in problems]
    zh = "ch4_and_other 列为合计减 CO2 与 N2O，含使用者给出的其他气体"
    notes.append(
        (zh, "Column ch4_and_other is the total less CO2 and N2O and holds other gases given by the user")
    )
    return Result(
        "gpc", ("GPC城市温室气体清单", "GPC city inventory"),
        Index.of(("ref", "level", "scope", "notation_key", "name_zh", "name_en"), labels),
        Index.of(("gas",), ["co2", "ch4_and_other", "n2o", "total"]), np.array(values), ("tCO2e",),
        "accounts.gpc_inventory", tuple(origin), notes=tuple(notes),
    )  # fmt: skip


def _gpc_words(line: GpcLine) -> tuple[str, str, str]:
    """Notation key and names of a line; one with a figure for part of its carriers says which part is NE."""
    if line.emission is None or not line.left_out:
        return (line.notation_key or "", *line.name)
    zh = "、".join(CARRIER_NAMES[one][0] for one in line.left_out)
    en = ", ".join(CARRIER_NAMES[one][1] for one in line.left_out)
    return (
        f"NE ({', '.join(line.left_out)})",
        f"{line.name[0]}（不完整：{zh}没有因子，未估算 NE）",
        f"{line.name[1]} (partial: {en} NE, no factor)",
    )


def gap_result(
    balance: EnergyBalance, fuels: FuelSet, packs: PackLibrary, *, bunkers: str = "without",
    origin: Sequence[Origin] = (),
) -> Result:  # fmt: skip
    """Return why the reference method differs from the sectoral one, tCO2: lines by fuel, their sum, the two totals.

    Rows (line, name_zh, name_en), columns (fuel, fuel_zh, fuel_en) with the total last. The lines add up to the gap.

    Raises:
        MethodError: accounts.inventory_choice; accounts.gap_not_explained.
    """
    if bunkers not in BUNKERS:
        values = {"method": "gap", "methods": list(METHODS), "bunkers": bunkers, "choices": list(BUNKERS)}
        raise MethodError(Problem("accounts.inventory_choice", values=values))
    kept = bunkers == "with"
    factor = np.where(fuels.burns, np.nan_to_num(fuels.factor), 0.0)
    lines = {name: line * factor for name, line in inventory.gap_lines(balance).items()}
    totals = {
        name: np.asarray(
            np.sum([line * factor for line in method[0](balance, own_bunkers=kept).values()], axis=0)
        )
        for name, method in METHODS.items()
    }
    gap = totals["reference"] - totals["sectoral"]
    explained = np.sum(list(lines.values()), axis=0)
    size = max(float(np.abs(totals["reference"]).sum()), 1.0)
    if float(np.abs(gap - explained).max(initial=0.0)) > GAP_ALLOWED * size:
        sums = {"gap": float(gap.sum()), "explained": float(explained.sum())}
        raise MethodError(Problem("accounts.gap_not_explained", values=sums))
    rows = {name: line for name, line in lines.items() if line.any()}
    names = [(name, *item_name(name, packs)) for name in rows]
    names += [("gap", "两法之差", "Gap"), ("reference", "参考法", "Reference method"),
              ("sectoral", "部门法", "Sectoral method")]  # fmt: skip
    values_ = np.vstack([*rows.values(), gap, totals["reference"], totals["sectoral"]])
    seen = [k for k in range(len(balance.fuels)) if np.abs(values_[:, k]).any()]
    columns = [(balance.fuels[k], *fuels.names[k]) for k in seen] + [("total", "合计", "Total")]
    share = 100.0 * float(gap.sum()) / (float(totals["sectoral"].sum()) or 1.0)
    note = (f"差额为部门法的 {share:.2f}%。", f"The gap is {share:.2f} % of the sectoral total.")
    words = BUNKERS[bunkers]
    return Result(
        "gap", (f"参考法与部门法之差（{words[0]}）", f"Reference less sectoral method ({words[1]})"),
        Index.of(("line", "name_zh", "name_en"), names), Index.of(("fuel", "fuel_zh", "fuel_en"), columns),
        np.column_stack([values_[:, seen], values_.sum(axis=1)]), ("tCO2",), "accounts.reference_inventory",
        tuple(origin), notes=(note,),
    )  # fmt: skip
