"""The sample city's material flows, waste, freight and shore power: invented, of a large city's order of magnitude.

Nothing here is a statistic. Generation of waste follows the order of magnitude of a public report on Shanghai in 2018
(construction waste about 81 million t, industrial solid waste about 17 million t); every other figure is made up.
"""

from __future__ import annotations

from lvshu.sample.context import AREA, City
from lvshu.sample.files import write_rows

TEN_THOUSAND = 10_000
SOURCE = "样本市合成数据 / synthetic"

# code, zh, en, category, then 1e4 t of: domestic_extraction, import, export, inflow, outflow; relative standard error
MATERIALS = (
    ("coal", "煤", "Coal", "fossil_energy", 0, 900, 0, 3500, 200, 0.02),
    ("crude_oil", "石油", "Crude oil", "fossil_energy", 50, 2200, 0, 300, 150, 0.02),
    ("natural_gas", "天然气", "Natural gas", "fossil_energy", 0, 500, 0, 250, 0, 0.02),
    ("steel", "钢铁资源", "Steel resources", "metal_ores", 0, 1800, 350, 900, 600, 0.04),
    ("copper", "铜", "Copper", "metal_ores", 0, 60, 0, 40, 35, 0.05),
    ("aluminium", "铝", "Aluminium", "metal_ores", 0, 10, 15, 120, 40, 0.05),
    ("lead", "铅", "Lead", "metal_ores", 0, 0, 0, 10, 2, 0.1),
    ("zinc", "锌", "Zinc", "metal_ores", 0, 5, 0, 12, 2, 0.1),
    ("nickel", "镍", "Nickel", "metal_ores", 0, 4, 0, 1, 1, 0.1),
    ("limestone", "石灰石", "Limestone", "non_metallic_minerals", 0, 0, 0, 3800, 100, 0.08),
    ("sand_and_gravel", "砂石", "Sand and gravel", "non_metallic_minerals", 0, 0, 0, 9000, 0, 0.15),
    ("phosphorus", "磷", "Phosphorus", "non_metallic_minerals", 0, 0, 0, 13, 1, 0.1),
    ("sulphur", "硫", "Sulphur", "non_metallic_minerals", 0, 25, 0, 20, 5, 0.1),
    ("timber", "木材", "Timber", "biomass", 0, 450, 0, 200, 90, 0.08),
    ("grain", "谷物", "Cereals", "biomass", 96, 180, 0, 420, 60, 0.05),
    ("other_biomass", "其他生物质", "Other biomass", "biomass", 260, 150, 0, 500, 0, 0.1),
    ("products", "制成品及其他", "Manufactured products and others", "other", 0, 3000, 4200, 9000, 7600, 0.1),
)  # fmt: skip
FLOWS = ("domestic_extraction", "import", "export", "inflow", "outflow")
# flow, code, zh, en, 1e4 t, relative standard error
OUTPUTS = (
    ("emission_to_air", "to_air", "排向大气", "To air", 23_000, 0.05),
    ("emission_to_water", "to_water", "排向水体", "To water", 30, 0.2),
    ("dissipative_use", "dissipative", "耗散使用", "Dissipative use", 60, 0.3),
    ("balancing_input", "oxygen", "燃烧、呼吸用氧", "Oxygen of combustion and respiration", 17_500, 0.05),
    ("balancing_output", "vapour", "水汽等", "Water vapour and the like", 9_000, 0.1),
    ("stock_addition_measured", "stock", "实测存量净增", "Measured additions to stock", 9_500, 0.1),
)
# stream, zh, en, kind, then 1e4 t of QUANTITIES, price in CNY/t, relative standard error
STREAMS = (
    ("scrap_steel", "废钢铁", "Scrap steel", "renewable", 620, 560, 330, 310, 305, 215, 40, 0, 0, 2700, 0.05),
    ("aluminium", "废铝", "Scrap aluminium", "renewable", 28, 24.5, 11, 10.2, 10.2, 13, 2, 0, 0.8, 14500, 0.06),
    ("scrap_copper", "废铜", "Scrap copper", "renewable", 16, 14.6, 5, 4.9, 4.9, 9.4, 1, 0, 0, 48000, 0.06),
    ("waste_paper", "废纸", "Waste paper", "renewable", 310, 232, 60, 54, 54, 168, 0, 0, 60, 1900, 0.06),
    ("waste_plastics", "废塑料", "Waste plastics", "renewable", 150, 62, 22, 18, 17.5, 38, 0, 6, 74, 4200, 0.1),
    ("waste_glass", "废玻璃", "Waste glass", "renewable", 42, 15, 9, 8.5, 8.5, 5, 0, 8, 15, 320, 0.1),
    ("waste_tyres", "废轮胎", "Waste tyres", "renewable", 22, 17, 6, 5.5, 5.5, 10.5, 0, 0, 2, 900, 0.1),
    ("waste_electronics", "废弃电器电子产品", "Waste electronics", "renewable", 18, 11, 8.5, 7, 6.8, 2, 0, 0, 0, None,
     0.12),
    ("waste_textiles", "废旧纺织品", "Waste textiles", "renewable", 45, 12, 5, 4, 3.8, 6.5, 0, 2, 30, None, 0.15),
    ("food_waste", "厨余垃圾", "Food waste", "organic", 330, 300, 285, 240, 235, 0, 0, 0, 30, None, 0.05),
    ("industrial_slag", "一般工业固体废物", "Industrial solid waste", "industrial", 1900, 1850, 1500, 1490, 1480,
     330, 0, 35, 0, 45, 0.03),
    ("construction_waste", "建筑垃圾", "Construction waste", "construction", 8600, 7950, 7600, 7300, 7150,
     200, 0, 500, 0, 28, 0.1),
    ("straw", "农作物秸秆", "Crop straw", "straw", 130, 126, 126, 125, 125, 0, 0, 0, 1, 320, 0.05),
)  # fmt: skip
QUANTITIES = (
    "generated",
    "collected",
    "sorted",
    "recycled",
    "used",
    "sent_out",
    "brought_in",
    "landfilled",
    "burned",
)
# mode, vehicle, fuel, 1e8 tonne-km, fuel quantity, its unit
FREIGHT = (
    ("road", "heavy_truck", "diesel", 1_100, None, None),
    ("road", "van", "diesel", 25, None, None),
    ("road", "electric_truck", "electricity", 6, 120_000_000, "kWh"),
    ("rail", "freight_train", "diesel", 12, None, None),
    ("inland_water", "barge", "diesel", 160, 128_000, "t"),
    ("coastal", "general_cargo", "fuel_oil", 5_200, None, None),
    ("ocean", "container_ship", "fuel_oil", 14_500, None, None),
    ("ocean", "bulk_carrier", "fuel_oil", 9_800, None, None),
    ("air", "long_haul", "kerosene", 55, None, None),
    ("pipeline", "products_pipeline", "electricity", 90, None, None),
)
FREIGHT_ERROR = 0.05  # relative standard error
# port, kWh, fuel displaced, kg/kWh
SHORE_POWER = (
    ("洋山港区（样本）", 21_000_000, "fuel_oil", 0.21),
    ("外高桥港区（样本）", 14_000_000, "diesel", 0.215),
    ("邮轮港（样本）", 3_000_000, "diesel", 0.215),
)
STATISTICS = (
    ("gdp_constant", 2023, 43_900, "1e8 CNY", 0.005),
    ("main_resource_productivity", 2020, 27_500, "CNY/t", None),
)


def write_circulation(city: City) -> None:
    """Write material_flow, recovered_material, freight, shore_power and circularity_statistic, and their truth."""
    _write(city, "material_flow", ("material", "name_zh", "name_en", "category", "flow", "quantity",
                                   "relative_standard_error"), _material_rows())  # fmt: skip
    header = ("stream", "name_zh", "name_en", "kind", *QUANTITIES, "price", "relative_standard_error")
    _write(city, "recovered_material", header, [
        [*row[:4], *(_tonnes(value) for value in row[4:13]), *row[13:]] for row in STREAMS
    ])  # fmt: skip
    _write(city, "freight", ("mode", "vehicle", "fuel_code", "tonne_km", "fuel_quantity", "fuel_unit",
                             "relative_standard_error"), freight_rows())  # fmt: skip
    _write(city, "shore_power", ("port", "electricity", "fuel_code", "specific_consumption"),
           [list(row) for row in SHORE_POWER])  # fmt: skip
    written = write_rows(
        city.inputs / "circularity_statistic.csv",
        ("code", "year", "value", "unit", "relative_standard_error", "source"), [[*row, SOURCE] for row in STATISTICS],
    )  # fmt: skip
    city.wrote("circularity_statistic", written)
    city.truth["circularity"] = _truth()


def freight_rows() -> list[list[object]]:
    """Return the records of freight: turnover in tonne-km, with an invented error of five percent."""
    return [[*row[:3], row[3] * 100_000_000, *row[4:], FREIGHT_ERROR] for row in FREIGHT]


def _write(city: City, table: str, header: tuple[str, ...], rows: list[list[object]]) -> None:
    names = ("year", "area_code", *header, "source")
    records = [[city.year, AREA, *row, SOURCE] for row in rows]
    city.wrote(table, write_rows(city.inputs / f"{table}.csv", names, records))


def _tonnes(value: float | None) -> object:
    return None if value is None else round(value * TEN_THOUSAND)


def _material_rows() -> list[list[object]]:
    rows: list[list[object]] = []
    for code, zh, en, category, *amounts in MATERIALS:
        error = amounts[-1]
        for flow, amount in zip(FLOWS, amounts[:-1], strict=True):
            if amount:
                rows.append([code, zh, en, category, flow, _tonnes(float(amount)), error])
    for flow, code, zh, en, amount, error in OUTPUTS:
        rows.append([code, zh, en, "other", flow, _tonnes(amount), error])
    return rows


def _truth() -> dict[str, float]:
    """Return true totals, t and percent, added up without the program's own methods."""
    consumption = sum(row[4] + row[5] - row[6] + row[7] - row[8] for row in MATERIALS) * TEN_THOUSAND
    circular = sum(row[7] + row[9] for row in STREAMS) * TEN_THOUSAND
    lost = sum(row[4] - row[8] for row in STREAMS) * TEN_THOUSAND
    return {
        "domestic_material_consumption_t": float(consumption),
        "circular_use_t": float(circular),
        "circular_material_use_rate_percent": 100 * circular / (consumption + circular),
        "circulation_loss_t": float(lost),
    }
