"""Steps on what final demand causes: footprints, emission flows, production and consumption based accounts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.economy import Economy, load_economy
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.book.sectors import direct_emission, sector_replicates
from lvshu.accounts.book.table import BALANCING_ITEM, OWN_FINAL_USE, SENT_OUT
from lvshu.accounts.methods import footprint as method
from lvshu.accounts.methods.footprint import Footprint
from lvshu.accounts.methods.leontief import required_output, total_intensity
from lvshu.accounts.methods.uncertainty import interval
from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

INVESTMENT = ("fixed_capital", "inventory", "capital_formation")
HOUSEHOLD_CODES = ("household_urban", "household_rural", "household")
SCOPE_ZH = "含排放因子、活动数据与部门分摊指标的不确定性；投入产出系数与进口比例假设视为已知。"
SCOPE_EN = ("Covers emission factors, activity data and the key of allocation to sectors; input-output coefficients "
            "and the proportional import assumption are taken as known.")  # fmt: skip
ELECTRICITY_UNKNOWN = (
    "只含直接排放的误差：净调入电量与电网因子的误差不明，不在其中。",
    "Errors of direct emissions alone: those of the electricity brought in and of the grid factor are not known and "
    "not in it. ",
)


def footprint_of(economy: Economy, emission: Array) -> Footprint:
    """Return the footprints of an economy whose sectors emit `emission`, shape (n,), tCO2."""
    local, technology = economy.local_model(), economy.technology_model()
    output = economy.table.output
    intensity = method.direct_intensity(emission, output, economy.table.sector_names)
    by_product, by_emitter = method.local_footprint(local, intensity, economy.final_use["local"])
    safe = np.where(output == 0.0, 1.0, output)
    brought = {}
    for origin in ("rest_of_country", "abroad"):
        coefficients = np.where(output == 0.0, 0.0, economy.intermediate_use[origin] / safe)
        brought[origin] = method.embodied_in_imports(
            local, technology, intensity, coefficients, economy.final_use["local"], economy.final_use[origin]
        )
    return Footprint(by_product, by_emitter, brought["rest_of_country"], brought["abroad"])


def make_footprints(context: StepContext) -> None:
    """Make footprint, emission_flow and carbon_account, and the intervals of their headlines."""
    economy = load_economy(context)
    codes = economy.table.codes
    emission = direct_emission(context, codes)
    households = direct_emission(context, list(HOUSEHOLD_CODES))
    if emission is None:
        return
    households = np.zeros(len(HOUSEHOLD_CODES)) if households is None else households
    found = footprint_of(economy, emission)
    method.check_identity(found.local, emission)
    _tell_unmade(context, economy)
    _write_footprint(context, economy, found, households)
    flows: dict[str, list[Any]] = {"sector_code": [], "final_demand_category": [], "emission": []}
    for i, j in zip(*np.nonzero(found.by_emitter), strict=True):
        flows["sector_code"].append(codes[i])
        flows["final_demand_category"].append(economy.final_kinds[j])
        flows["emission"].append(float(found.by_emitter[i, j]))
    context.write("emission_flow", flows)
    _write_accounts(context, economy, found, households)


def _tell_unmade(context: StepContext, economy: Economy) -> None:
    """Products that are brought in and not made here carry nothing under the domestic-technology assumption."""
    for index, sector in enumerate(economy.table.sectors):
        brought = sum(float(economy.intermediate_use[origin][index].sum() + economy.final_use[origin][index].sum())
                      for origin in ("rest_of_country", "abroad"))  # fmt: skip
        if economy.table.output[index] == 0.0 and brought > 0.0:
            values = {"name": sector.name_zh, "code": sector.code, "amount": plain(brought)}
            context.find(Problem("accounts.product_not_made_here", values=values, severity="warning"),
                         table="footprint", key=sector.code, amount=brought, unit="CNY")  # fmt: skip


def _write_footprint(context: StepContext, economy: Economy, found: Footprint, households: Array) -> None:
    names = ("final_demand_category", "sector_code", "emission_origin", "emission")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    parts = (("local", found.local), ("rest_of_country", found.rest_of_country), ("abroad", found.abroad))
    for origin, matrix in parts:
        for i, j in zip(*np.nonzero(matrix), strict=True):
            record = (economy.final_kinds[j], economy.table.codes[i], origin, float(matrix[i, j]))
            for column, value in zip(columns.values(), record, strict=True):
                column.append(value)
    for code, value in zip(HOUSEHOLD_CODES, households, strict=True):
        if value != 0.0:
            for column, part in zip(
                columns.values(), (code, "household", "direct", float(value)), strict=True
            ):
                column.append(part)
    context.write("footprint", columns)


LINES = (
    ("direct_sectors", "生产部门直接排放", "Direct emission of producing sectors"),
    ("direct_households", "居民生活直接排放", "Direct emission of households"),
    ("production_based", "生产侧排放合计", "Production-based total"),
    ("sent_out_export", "其中：随出口产品出境", "of which embodied in exports"),
    ("sent_out_outflow", "其中：随调出产品到国内其他地区", "of which embodied in outflow to the rest of the country"),
    ("balancing_item", "其中：误差与未平衡项", "of which error item and imbalances"),
    ("own_final_use_local", "本地最终使用引起的本地排放", "Local emission for the region's own final use"),
    ("brought_in_rest_of_country", "本地最终使用引起的国内其他地区排放（本地技术假设）",
     "Emission in the rest of the country for own final use (domestic-technology assumption)"),
    ("brought_in_abroad", "本地最终使用引起的国外排放（本地技术假设）",
     "Emission abroad for own final use (domestic-technology assumption)"),
    ("consumption_based", "消费侧排放合计", "Consumption-based total"),
    ("brought_in_for_sending_out", "为出口和调出而带入的排放（本地技术假设）",
     "Brought in for exports and outflow (domestic-technology assumption)"),
    ("purchased_electricity", "净调入电力的间接排放", "Indirect emission of purchased electricity"),
    ("direct_and_electricity", "生产侧排放与净调入电力合计", "Production-based total with purchased electricity"),
)  # fmt: skip


def _account(economy: Economy, found: Footprint, households: float) -> dict[str, float]:
    kinds = np.array(economy.final_kinds)
    own = np.isin(kinds, OWN_FINAL_USE)
    out = np.isin(kinds, SENT_OUT)

    def total(matrix: Array, mask: NDArray[np.bool_]) -> float:
        return float(matrix[:, mask].sum())

    lines = {
        "direct_sectors": float(found.by_emitter.sum()), "direct_households": households,
        "sent_out_export": total(found.local, kinds == "export"),
        "sent_out_outflow": total(found.local, kinds == "outflow"),
        "balancing_item": total(found.local, kinds == BALANCING_ITEM),
        "own_final_use_local": total(found.local, own),
        "brought_in_rest_of_country": total(found.rest_of_country, own),
        "brought_in_abroad": total(found.abroad, own),
        "brought_in_for_sending_out": total(found.rest_of_country, out) + total(found.abroad, out),
        "footprint_household": total(found.local, np.isin(kinds, HOUSEHOLD_CODES)) + households,
        "footprint_investment": total(found.local, np.isin(kinds, INVESTMENT)),
    }  # fmt: skip
    lines["production_based"] = lines["direct_sectors"] + households
    lines["consumption_based"] = (lines["own_final_use_local"] + households + lines["brought_in_rest_of_country"]
                                  + lines["brought_in_abroad"])  # fmt: skip
    return lines


def _write_accounts(context: StepContext, economy: Economy, found: Footprint, households: Array) -> None:
    value = _account(economy, found, float(households.sum()))
    drawn = _replicate_accounts(context, economy)
    bought = context.read("purchased_electricity", columns=["emission"]).column(0).to_pylist()
    if bought and bought[0] is not None:
        value["purchased_electricity"] = float(bought[0])
        value["direct_and_electricity"] = value["production_based"] + float(bought[0])
        # neither the quantity brought in nor the grid factor has a stated error: none is claimed for them
        drawn["direct_and_electricity"] = drawn["production_based"] + float(bought[0])
    columns: dict[str, list[Any]] = {name: [] for name in (
        "line_code", "position", "line_zh", "line_en", "emission", "standard_error", "low", "high")}  # fmt: skip
    for position, (code, zh, en) in enumerate(LINES, start=1):
        if code not in value:
            continue
        spread = interval(drawn[code]) if code in drawn else (None, None, None)
        record = (code, position, zh, en, value[code], *spread)
        for column, part in zip(columns.values(), record, strict=True):
            column.append(part)
    context.write("carbon_account", columns)
    for code, replicates in drawn.items():
        _write_interval(context, f"co2_{code}", value[code], replicates, "tCO2",
                        without_electricity=code == "direct_and_electricity")  # fmt: skip
    _write_sphere_shares(context, economy)


def _write_interval(context: StepContext, code: str, value: float, replicates: Array, symbol: str,
                    *, without_electricity: bool = False) -> None:  # fmt: skip
    zh, en = ELECTRICITY_UNKNOWN if without_electricity else ("", "")
    context.write_uncertainty(code, value=value, unit=symbol, replicates=replicates, method="monte_carlo",
                              scope_zh=zh + SCOPE_ZH, scope_en=en + SCOPE_EN)  # fmt: skip


def _write_sphere_shares(context: StepContext, economy: Economy) -> None:
    """Write the intervals of the shares of production, circulation and consumption in direct emissions."""
    codes = economy.table.codes
    every = [*codes, *HOUSEHOLD_CODES]
    value, drawn = direct_emission(context, every), sector_replicates(context, every)
    if value is None:
        return
    of_sectors = [sector.sphere or "" for sector in economy.table.sectors]
    spheres = np.array(of_sectors + ["consumption"] * len(HOUSEHOLD_CODES))
    for sphere in ("production", "circulation", "consumption"):
        mask = spheres == sphere
        shares = 100.0 * drawn[mask].sum(axis=0) / drawn.sum(axis=0)
        share = 100.0 * float(value[mask].sum()) / float(value.sum())
        _write_interval(context, f"co2_{sphere}_share", share, shares, "%")


def _replicate_accounts(context: StepContext, economy: Economy) -> dict[str, Array]:
    """Accounts of each replicate, by the total intensity of each final product: exact, and one solve for all."""
    emission = sector_replicates(context, economy.table.codes)
    households = sector_replicates(context, list(HOUSEHOLD_CODES)).sum(axis=0)
    weights = _line_weights(economy)
    output = economy.table.output
    intensity = method.direct_intensity(emission, output, economy.table.sector_names)
    local = total_intensity(economy.local_model(), intensity)
    elsewhere = total_intensity(economy.technology_model(), intensity)
    lines = {code: part[0] @ local + part[1] @ elsewhere for code, part in weights.items()}
    lines["footprint_household"] = lines["footprint_household"] + households
    lines["direct_sectors"] = emission.sum(axis=0)
    lines["direct_households"] = households
    lines["production_based"] = lines["direct_sectors"] + households
    lines["consumption_based"] = (lines["own_final_use_local"] + households + lines["brought_in_rest_of_country"]
                                  + lines["brought_in_abroad"])  # fmt: skip
    return lines


def _line_weights(economy: Economy) -> dict[str, tuple[Array, Array]]:
    """Purchases behind each line: local products, and products brought in, shape (n,) each, yuan."""
    kinds, output = np.array(economy.final_kinds), economy.table.output
    own, out = np.isin(kinds, OWN_FINAL_USE), np.isin(kinds, SENT_OUT)
    needed = required_output(economy.local_model(), economy.final_use["local"])
    safe = np.where(output == 0.0, 1.0, output)
    brought = {origin: np.where(output == 0.0, 0.0, economy.intermediate_use[origin] / safe) @ needed
               + economy.final_use[origin] for origin in ("rest_of_country", "abroad")}  # fmt: skip
    local, zero = economy.final_use["local"], np.zeros(len(output))

    def of(matrix: Array, mask: NDArray[np.bool_]) -> Array:
        return np.asarray(matrix[:, mask].sum(axis=1))

    return {
        "sent_out_export": (of(local, kinds == "export"), zero),
        "sent_out_outflow": (of(local, kinds == "outflow"), zero),
        "balancing_item": (of(local, kinds == BALANCING_ITEM), zero),
        "own_final_use_local": (of(local, own), zero),
        "brought_in_rest_of_country": (zero, of(brought["rest_of_country"], own)),
        "brought_in_abroad": (zero, of(brought["abroad"], own)),
        "footprint_household": (of(local, np.isin(kinds, HOUSEHOLD_CODES)), zero),
        "footprint_investment": (of(local, np.isin(kinds, INVESTMENT)), zero),
        "brought_in_for_sending_out": (
            zero,
            of(brought["rest_of_country"], out) + of(brought["abroad"], out),
        ),
    }
