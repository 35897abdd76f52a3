"""Derive the sample city's macro tables from the official 2007 tables of Shanghai that the user has.

Usage: python tools/sample/derive_macro.py INPUT_OUTPUT_CSV ENERGY_BALANCE_CSV [--out FOLDER]

INPUT_OUTPUT_CSV    input-output table of Shanghai 2007, 42 sectors, 1e4 yuan (Shanghai Municipal Bureau of Statistics)
ENERGY_BALANCE_CSV  energy balance of Shanghai 2007, physical units (China Energy Statistical Yearbook 2008)

The official tables are not shipped. What is shipped is aggregated, moved to the sample year and rounded:

1. 42 sectors become the 28 of sample/data/sectors.csv.
2. Value added: GDP of 2023, split over the three industries as in the first three quarters of 2023, within the
   second and third industries as in the first half of 2022 (the newest published split that was seen), within
   industry (mining, manufacturing, utilities) and within the services that are not published as in 2007.
3. Output keeps the ratio of value added to output of 2007; intermediate use keeps the technical coefficients of 2007.
4. Local final demand (consumption, capital formation) grows with nominal GDP. Imports and inflow keep their share of
   local use of 2007. Exports and outflow, in their proportion of 2007, close the row; a negative remainder becomes
   inflow. Sectors without trade in 2007 close with their final demand.
5. Every cell is rounded to a million yuan; operating surplus closes the columns and outflow (or inflow, or final
   demand) the rows, so that the rounded table balances exactly and value added equals the published GDP exactly.
6. Energy: every cell is multiplied by total energy consumption of 2020 (1.11e8 tce, the newest total that was seen)
   over energy available in 2007 (in tce); rounded; totals and the balance difference are computed again from the
   rounded cells, and the change of stocks closes the supply rows (in the official table they do not add up to
   the energy available). Empty fuels and items are left out, briquettes join raw coal, urban and rural households
   are one row.
7. Energy by sector (the truth that the sample city follows): industry's final consumption of coal, petroleum products,
   gas, heat and electricity follows the sectors' purchases from the 2007 sectors that sell them; coke and coking and
   other gas go to metal smelting; fuel input of thermal power and heat supply to the power sector.
"""

from __future__ import annotations

import argparse
import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).resolve().parents[2] / "src" / "lvshu"
DATA = SOURCE / "sample" / "data"
ANCHORS = SOURCE / "catalog" / "packs" / "sample_anchors" / "data.csv"
ROUNDING = 100  # 1e4 yuan: cells are whole millions of yuan
LOCAL_FINAL = ("FU101_rural", "FU102_urban", "GOV", "GFCF", "INV")
VALUE_ADDED = ("VA001_labour", "VA002_nettax", "VA003_depr", "VA004_surplus")
GBT2589 = {
    "raw_coal": 0.7143, "cleaned_coal": 0.9, "washed_coal": 0.2857, "briquettes": 0.6, "coke": 0.9714,
    "coke_oven_gas": 5.929, "other_gas": 1.786, "crude_oil": 1.4286, "gasoline": 1.4714, "kerosene": 1.4714,
    "diesel": 1.4571, "fuel_oil": 1.4286, "lpg": 1.7143, "refinery_gas": 1.5714, "natural_gas": 13.3,
    "other_petroleum": 1.4286, "other_coking": 1.3, "heat": 0.03412, "electricity": 1.229, "other_energy": 1.0,
}  # fmt: skip  # 1e4 tce per published unit (1e4 t, 1e8 m3, 1e10 kJ, 1e8 kWh); only the total matters here


def read_table(path: Path) -> tuple[list[str], list[str], dict[tuple[str, str], float]]:
    """Return the row labels, the column labels and the cells of a table with labels in its first row and column."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))
    header = [cell.strip() for cell in rows[0]]
    labels = [row[0].strip() for row in rows[1:]]
    cells = {
        (row[0].strip(), column): float(value) if value.strip() else 0.0
        for row in rows[1:]
        for column, value in zip(header[1:], row[1:], strict=False)
        if column != "name"
    }
    return labels, header[1:], cells


def read_anchors() -> dict[str, float]:
    """Return the cited figures by code."""
    with ANCHORS.open(encoding="utf-8", newline="") as handle:
        return {row["code"]: float(row["value"]) for row in csv.DictReader(handle)}


def read_sectors() -> list[dict[str, str]]:
    """Return the 28 sectors of the sample with the 2007 sectors that each holds."""
    with (DATA / "sectors.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def value_added_target(anchors: dict[str, float], groups: list[str], base: np.ndarray) -> np.ndarray:
    """Return value added by sector, 1e4 yuan, from the published shares; `base` splits what is not published."""
    gdp = anchors["gdp_2023"] * 1e4
    three = np.array(
        [anchors[f"value_added_{name}_2023q1q3"] for name in ("primary", "secondary", "tertiary")]
    )
    primary, secondary, tertiary = gdp * three / three.sum()
    half = {key: anchors[f"value_added_{key}_2022h1"] for key in (
        "manufacturing", "construction", "trade", "transport", "catering", "information", "finance",
        "real_estate", "business_services")}  # fmt: skip
    published = sum(value for key, value in half.items() if key not in ("manufacturing", "construction"))
    half["other"] = anchors["value_added_total_2022h1"] - anchors["value_added_primary_2022h1"] - published
    half["other"] -= half["manufacturing"] + half["construction"]
    totals = {"primary": primary}
    for keys, total in (
        (("manufacturing", "construction"), secondary),
        (tuple(key for key in half if key not in ("manufacturing", "construction")), tertiary),
    ):
        weight = sum(half[key] for key in keys)
        totals.update({key: total * half[key] / weight for key in keys})
    label = np.array(groups)
    target = np.zeros(len(groups))
    for group, total in totals.items():
        inside = label == group
        target[inside] = total * base[inside] / base[inside].sum()
    return target


def round_to_total(values: np.ndarray, total: int, step: int) -> np.ndarray:
    """Return multiples of `step` nearest to `values` that add up to `total` (largest remainders)."""
    units = values / step
    floor = np.floor(units)
    missing = round(total / step - floor.sum())
    order = np.argsort(-(units - floor), kind="stable")
    floor[order[:missing]] += 1
    return (floor * step).astype(np.int64)


def rounded(values: np.ndarray) -> np.ndarray:
    """Return values rounded to the table's step, as integers."""
    return (np.sign(values) * np.floor(np.abs(values) / ROUNDING + 0.5) * ROUNDING).astype(np.int64)


def derive_input_output(path: Path, anchors: dict[str, float]) -> dict[str, np.ndarray]:
    """Return the moved, rounded, exactly balanced table as integer arrays in 1e4 yuan."""
    _, _, cells = read_table(path)
    sectors = read_sectors()
    old = [sector["sectors_2007"].split() for sector in sectors]

    def add(rows: list[str], columns: list[str]) -> float:
        return sum(cells[(row, column)] for row in rows for column in columns)

    intermediate = np.array([[add(i, j) for j in old] for i in old])
    final = {name: np.array([add(i, [name]) for i in old]) for name in (*LOCAL_FINAL, "EXPORT", "OUTFLOW")}
    supply = {name: np.array([add(i, [name]) for i in old]) for name in ("IMPORT", "INFLOW")}
    added = {name: np.array([add([name], j) for j in old]) for name in VALUE_ADDED}
    value_added = sum(added.values())
    target = value_added_target(anchors, [sector["group"] for sector in sectors], value_added)
    target = round_to_total(target, round(anchors["gdp_2023"] * 1e4), ROUNDING)
    growth = target / value_added
    result = {"intermediate": rounded(intermediate * growth)}
    for name in VALUE_ADDED[:3]:
        result[name] = rounded(added[name] * growth)
    result["VA004_surplus"] = target - sum(result[name] for name in VALUE_ADDED[:3])
    new_output = result["intermediate"].sum(axis=0) + target
    nominal = anchors["gdp_2023"] / (value_added.sum() / 1e4)
    local = {name: final[name] * nominal for name in LOCAL_FINAL}
    local_2007 = intermediate.sum(axis=1) + sum(final[name] for name in LOCAL_FINAL)
    result.update(
        _close_rows(result["intermediate"].sum(axis=1), new_output, local, final, supply, local_2007)
    )
    result["output"] = new_output
    return result


def _close_rows(
    use: np.ndarray,
    output: np.ndarray,
    local: dict[str, np.ndarray],
    final: dict[str, np.ndarray],
    supply: dict[str, np.ndarray],
    local_2007: np.ndarray,
) -> dict[str, np.ndarray]:
    outside = {"EXPORT", "OUTFLOW"}
    traded = sum(final[name] for name in outside) + sum(supply.values()) > 0
    demand = sum(local.values())
    stretch = np.where(traded, 1.0, (output - use) / np.where(traded, 1.0, demand))
    result = {name: rounded(values * stretch) for name, values in local.items()}
    untraded_gap = np.where(traded, 0, output - use - sum(result.values()))
    biggest = np.argmax(np.abs(np.array([result[name] for name in local])), axis=0)
    for position, name in enumerate(local):
        result[name] = result[name] + np.where(biggest == position, untraded_gap, 0)
    local_use = use + sum(result.values())
    for name in ("IMPORT", "INFLOW"):
        result[name] = rounded(local_use * supply[name] / local_2007)
    remainder = output + result["IMPORT"] + result["INFLOW"] - local_use
    shortage = np.where(remainder < 0, -remainder, 0)
    result["INFLOW"] = result["INFLOW"] + shortage
    remainder = remainder + shortage
    sold = final["EXPORT"] + final["OUTFLOW"]
    share = np.divide(final["EXPORT"], sold, out=np.zeros_like(sold), where=sold > 0)
    result["EXPORT"] = rounded(remainder * share)
    result["OUTFLOW"] = remainder - result["EXPORT"]
    return result


def write_input_output(table: dict[str, np.ndarray], folder: Path) -> None:
    """Write io_2023.csv: one row per sector and value-added item, 1e4 yuan."""
    sectors = read_sectors()
    codes = [sector["sector_code"] for sector in sectors]
    finals = [*LOCAL_FINAL, "EXPORT", "OUTFLOW", "IMPORT", "INFLOW"]
    with (folder / "io_2023.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["code", *codes, *finals, "output"])
        for i, code in enumerate(codes):
            cells = [*table["intermediate"][i], *(table[name][i] for name in finals), table["output"][i]]
            writer.writerow([code, *(int(cell) for cell in cells)])
        for name in VALUE_ADDED:
            writer.writerow([name, *(int(cell) for cell in table[name]), *[""] * (len(finals) + 1)])


def derive_energy(
    path: Path, anchors: dict[str, float]
) -> tuple[list[str], list[str], dict[tuple[str, str], Decimal]]:
    """Return items, fuels and cells of the moved balance, in the published units, recomputed after rounding."""
    items, fuels, cells = read_table(path)
    total = "六.消费量合计"
    base = sum(
        cells[("一.可供本地区消费的能源量", fuel)] * GBT2589[fuel] for fuel in fuels if fuel in GBT2589
    )
    factor = anchors["energy_2020"] * 1e4 / base
    for item in items:
        cells[(item, "raw_coal")] += cells[(item, "briquettes")]
    dropped = {"城镇", "乡村", "3.洗选煤", "7.煤制品加工", "#焦炭再投入量(-)", "#用作原料、材料"}
    kept_items = [item for item in items if item not in dropped]
    coal = ["raw_coal", "cleaned_coal"]
    petroleum = [
        "crude_oil",
        "gasoline",
        "kerosene",
        "diesel",
        "fuel_oil",
        "lpg",
        "refinery_gas",
        "other_petroleum",
    ]
    kept = [fuel for fuel in fuels if fuel not in ("washed_coal", "briquettes")]
    places = {"natural_gas": 2, "coke_oven_gas": 2, "other_gas": 1}
    moved: dict[tuple[str, str], Decimal] = {}
    for item in kept_items:
        for fuel in kept:
            if fuel in ("coal_total", "petroleum_total"):
                continue
            step = Decimal(1).scaleb(-places.get(fuel, 1))
            moved[(item, fuel)] = Decimal(cells[(item, fuel)] * factor).quantize(step, ROUND_HALF_UP)
    _add_up(moved, kept_items, kept, coal, petroleum, total)
    return kept_items, kept, moved


def _add_up(
    moved: dict[tuple[str, str], Decimal],
    items: list[str],
    fuels: list[str],
    coal: list[str],
    petroleum: list[str],
    total: str,
) -> None:
    start = {prefix: items.index(next(i for i in items if i.startswith(prefix))) for prefix in "一二三四五六"}
    singles = [fuel for fuel in fuels if fuel not in ("coal_total", "petroleum_total")]
    for fuel in singles:
        stock = next(i for i in items if i.startswith("9.库存"))
        supplied = [i for i in items[start["一"] + 1 : start["二"]] if i != stock]
        moved[(stock, fuel)] = moved[(items[0], fuel)] - sum((moved[(i, fuel)] for i in supplied), Decimal(0))
        for head, following in (("二", "三"), ("四", "五")):
            parts = items[start[head] + 1 : start[following]]
            moved[(items[start[head]], fuel)] = sum((moved[(part, fuel)] for part in parts), Decimal(0))
        available, transformed, loss, final = (moved[(items[start[h]], fuel)] for h in "一二三四")
        moved[(items[start["五"]], fuel)] = available + transformed - loss - final
        inputs = sum(
            (min(moved[(part, fuel)], Decimal(0)) for part in items[start["二"] + 1 : start["三"]]),
            Decimal(0),
        )
        moved[(total, fuel)] = final + loss - inputs
    for item in items:
        moved[(item, "coal_total")] = sum((moved[(item, fuel)] for fuel in coal), Decimal(0))
        moved[(item, "petroleum_total")] = sum((moved[(item, fuel)] for fuel in petroleum), Decimal(0))


def write_energy(
    items: list[str], fuels: list[str], moved: dict[tuple[str, str], Decimal], folder: Path
) -> None:
    """Write energy_balance_2023.csv in the published order of rows and columns."""
    with (folder / "energy_balance_2023.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["item", *fuels])
        for item in items:
            writer.writerow([item, *(_plain(moved[(item, fuel)]) for fuel in fuels)])


def _plain(value: Decimal) -> str:
    return "" if value == 0 else format(value.normalize(), "f")


SELLERS_2007 = {
    "raw_coal": ["02"], "cleaned_coal": ["02"], "gasoline": ["11"], "kerosene": ["11"], "diesel": ["11"],
    "fuel_oil": ["11"], "lpg": ["11"], "refinery_gas": ["11"], "other_petroleum": ["11"],
    "natural_gas": ["24"], "heat": ["23"], "electricity": ["23"], "crude_oil": ["03"],
}  # fmt: skip
UTILITIES = ("23", "24", "25")
TO_SMELTING = ("coke", "coke_oven_gas", "other_gas", "other_coking")
TO_REFINING = ("refinery_gas", "other_petroleum")


def sector_energy(
    path: Path, items: list[str], fuels: list[str], moved: dict[tuple[str, str], Decimal]
) -> list[tuple[str, str, str, Decimal]]:
    """Return rows (sector, use, fuel, quantity): final consumption by sector, and fuel input of power and heat."""
    _, _, cells = read_table(path)
    sectors = read_sectors()
    by_item = {"1.农": "primary", "2.工": "manufacturing", "3.建": "construction", "4.交": "transport"}
    rows: list[tuple[str, str, str, Decimal]] = []
    for item in items[items.index(next(i for i in items if i.startswith("四"))) + 1 :]:
        prefix = item[:3]
        if prefix in by_item:
            inside = [sector for sector in sectors if sector["group"] == by_item[prefix]]
        elif prefix == "5.批":
            inside = [sector for sector in sectors if sector["group"] in ("trade", "catering")]
        elif prefix == "7.其":
            taken = (*by_item.values(), "trade", "catering")
            inside = [sector for sector in sectors if sector["group"] not in taken]
        else:
            continue
        for fuel in fuels:
            quantity = moved[(item, fuel)]
            if fuel in ("coal_total", "petroleum_total") or quantity == 0:
                continue
            weights = _weights(inside, fuel, cells, industry=prefix == "2.工")
            rows += [(s["sector_code"], "final", fuel, q) for s, q in _split(inside, quantity, weights)]
    power = next(sector["sector_code"] for sector in sectors if "23" in sector["sectors_2007"].split())
    for item in ("1.火力发电", "2.供热"):
        for fuel in fuels:
            quantity = moved.get((item, fuel), Decimal(0))
            if fuel not in ("coal_total", "petroleum_total", "heat", "electricity") and quantity < 0:
                rows.append((power, "thermal_power" if item[0] == "1" else "heat_supply", fuel, -quantity))
    return rows


def _weights(
    inside: list[dict[str, str]], fuel: str, cells: dict[tuple[str, str], float], *, industry: bool
) -> np.ndarray:
    if industry and fuel in TO_SMELTING:
        return np.array([1.0 if "14" in sector["sectors_2007"].split() else 0.0 for sector in inside])
    if industry and fuel in TO_REFINING:
        return np.array(
            [1.0 if {"11", "12"} & set(sector["sectors_2007"].split()) else 0.0 for sector in inside]
        )
    sellers = SELLERS_2007.get(fuel, ["11", "23", "24"])
    excluded = set() if fuel in ("electricity", "heat") else set(UTILITIES)
    if fuel in ("gasoline", "kerosene", "diesel", "lpg"):
        excluded |= {"11", "12"}  # what refining and chemicals buy from refining is feedstock
    weights = np.array(
        [
            sum(
                cells[(seller, buyer)]
                for seller in sellers
                for buyer in sector["sectors_2007"].split()
                if buyer not in excluded
            )
            for sector in inside
        ]
    )
    return weights if weights.sum() > 0 else np.ones(len(inside))


def _split(
    inside: list[dict[str, str]], quantity: Decimal, weights: np.ndarray
) -> list[tuple[dict[str, str], Decimal]]:
    step = Decimal("0.001")
    whole = int((quantity / step).to_integral_value())
    parts = round_to_total(weights / weights.sum() * abs(whole), abs(whole), 1)
    sign = 1 if whole >= 0 else -1
    return [
        (sector, Decimal(int(part) * sign) * step) for sector, part in zip(inside, parts, strict=True) if part
    ]


def write_sector_energy(rows: list[tuple[str, str, str, Decimal]], folder: Path) -> None:
    """Write sector_energy_2023.csv: sector, use, fuel, quantity in the fuel's published unit."""
    with (folder / "sector_energy_2023.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["sector_code", "use", "fuel_code", "quantity"])
        writer.writerows([(sector, use, fuel, _plain(quantity)) for sector, use, fuel, quantity in rows])


def main() -> None:
    """Read the two official files and write the derived tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input_output", type=Path)
    parser.add_argument("energy_balance", type=Path)
    parser.add_argument("--out", type=Path, default=DATA)
    options = parser.parse_args()
    anchors = read_anchors()
    write_input_output(derive_input_output(options.input_output, anchors), options.out)
    items, fuels, moved = derive_energy(options.energy_balance, anchors)
    write_energy(items, fuels, moved, options.out)
    write_sector_energy(sector_energy(options.input_output, items, fuels, moved), options.out)


if __name__ == "__main__":
    main()
