# ruff: noqa: E501  (rows of figures read best as rows)
"""A book with plausible figures in every table that the publications show; nothing in it is a statistic."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.store.book import Book
from tests.publish import fake_circulation, fake_energy, fake_finance_more

Rows = Sequence[Mapping[str, Any]]
METHODS = ("bank_2026", "trial_2021", "pcaf_2022")
SECTORS = (
    ("01", "农林牧渔业", "Agriculture, forestry, animal husbandry and fishery", "production", 300e8, 60.0),
    (
        "02",
        "石油、炼焦产品和核燃料加工品",
        "Refined petroleum, coke and nuclear fuel",
        "production",
        2500e8,
        2150.0,
    ),
    ("03", "化学产品", "Chemical products", "production", 6100e8, 1480.0),
    ("04", "金属冶炼和压延加工品", "Smelting and rolling of metals", "production", 3900e8, 2630.0),
    (
        "05",
        "通信设备、计算机和其他电子设备",
        "Communication equipment, computers and other electronics",
        "production",
        12100e8,
        96.0,
    ),
    (
        "06",
        "电力、热力的生产和供应",
        "Production and supply of electricity and heat",
        "production",
        1900e8,
        4920.0,
    ),
    ("07", "建筑", "Construction", "production", 4300e8, 210.0),
    ("08", "批发和零售", "Wholesale and retail trade", "circulation", 11900e8, 240.0),
    ("09", "交通运输、仓储和邮政", "Transport, storage and post", "circulation", 6900e8, 3870.0),
    ("10", "废弃资源和废旧材料回收加工品", "Recovery and processing of waste", "circulation", 60e8, 4.0),
    (
        "11",
        "信息传输、软件和信息技术服务",
        "Information transmission, software and IT services",
        "production",
        9800e8,
        35.0,
    ),
    ("12", "金融", "Finance", "production", 13700e8, 28.0),
    ("13", "房地产", "Real estate", "production", 6100e8, 60.0),
    ("14", "租赁和商务服务", "Leasing and business services", "production", 7600e8, 55.0),
    ("15", "教育", "Education", "production", 2200e8, 40.0),
    ("16", "卫生和社会工作", "Health and social work", "production", 2000e8, 30.0),
    (
        "17",
        "公共管理、社会保障和社会组织",
        "Public administration, social security and organisations",
        "production",
        1700e8,
        22.0,
    ),
)
FUELS = (("raw_coal", "原煤", "Raw coal", 5200.0), ("natural_gas", "天然气", "Natural gas", 2450.0),
         ("coke", "焦炭", "Coke", 1890.0), ("diesel", "柴油", "Diesel", 1730.0), ("kerosene", "煤油", "Kerosene", 1940.0),
         ("gasoline", "汽油", "Gasoline", 1610.0), ("fuel_oil", "燃料油", "Fuel oil", 1330.0),
         ("other_gas", "其他煤气", "Other gas", -310.0))  # fmt: skip
ITEMS = (("thermal_power", "火力发电", "Thermal power", 0.41), ("industry", "工业", "Industry", 0.27),
         ("transport", "交通运输、仓储和邮政业", "Transport, storage and post", 0.22),
         ("households_urban", "城镇居民", "Urban households", 0.06), ("construction", "建筑业", "Construction", 0.04))  # fmt: skip
EMISSION_NOTE = {"uncertainty_scope_zh": "仅含燃料因子与活动水平的误差，不含方法误差。",
                 "uncertainty_scope_en": "Errors of fuel factors and activity data only, none of the method."}  # fmt: skip


def settings(**changes: Any) -> Settings:
    """Return the settings of the fake run."""
    given = {"area": "310000", "area_zh": "上海市", "area_en": "Shanghai", "year": 2023, "synthetic": True}
    return Settings(**{**given, **changes})


def fill(engine: DuckDB, table: str, rows: Rows) -> None:
    """Put rows into a contract's table; a column that a row lacks is missing."""
    contract = load(table)
    engine.create(contract)
    if rows:
        engine.append(contract, {name: [row.get(name) for row in rows] for name in contract.column_names})


def empty_book(given: Settings | None = None) -> Book:
    """Return a book of a run that had no input at all."""
    engine = DuckDB()
    for table in ("headline", "finding", "quarantine", "input_file", "uncertainty", "pack_used"):
        fill(engine, table, [])
    _fill_run(engine, given or settings(synthetic=False))
    fill(engine, "step_run", [
        _step(1, "finance.loan_scope", {"loan_scope": 0}, {"loan": 0}, status="skipped",
              reason=("没有“贷款台账”", "there is no loan ledger")),
    ])  # fmt: skip
    return Book(Path("empty.duckdb"), engine)


def fake_book(given: Settings | None = None) -> Book:
    """Return a book with all wings filled."""
    engine = DuckDB()
    chosen = given or settings()
    _fill_run(engine, chosen)
    _fill_accounts(engine)
    _fill_flows(engine)
    more = fake_finance_more.tables()
    for table, rows in {**fake_circulation.tables(), **fake_energy.tables(), **more}.items():
        fill(engine, table, rows)
    _fill_finance(engine)
    _fill_loan_tables(engine)
    _fill_statistics(engine)
    _fill_making(engine)
    _fill_headlines(engine)
    return Book(Path("fake.duckdb"), engine)


def _fill_run(engine: DuckDB, given: Settings) -> None:
    row = {
        "run_id": "20261124-023000-7f3a", "started_at": "2026-11-24T02:30:00Z", "finished_at": "2026-11-24T02:30:41Z",
        "version": "0.1.0", "python": "3.11.7", "platform": "Linux", "engine": "duckdb 1.5.6",
        "settings": json.dumps(given.as_dict()), "synthetic": given.synthetic,
    }  # fmt: skip
    fill(engine, "run", [row])


def _step(
    position: int, step: str, makes: dict[str, int], reads: dict[str, int], *, status: str = "made", method: str = "",
    packs: Sequence[str] = (), reason: tuple[str, str] = ("", ""),
) -> dict[str, Any]:  # fmt: skip
    return {
        "position": position, "step": step, "status": status, "content_id": f"{position:064x}", "seconds": 0.4,
        "makes": json.dumps(makes), "reads": json.dumps(reads), "method": method or None,
        "packs": json.dumps(list(packs)), "reason_zh": reason[0] or None, "reason_en": reason[1] or None,
    }  # fmt: skip


def _fill_accounts(engine: DuckDB) -> None:
    fill(engine, "sector_account", [
        {"sector_code": code, "name_zh": zh, "name_en": en, "sphere": sphere, "output": output,
         "intermediate_input": output * 0.6, "value_added": output * 0.4, "direct_emission": emission * 1e4,
         "indirect_electricity_emission": output * 2e-6, "energy_tce": emission * 4e3, "standard_error": emission * 310}
        for code, zh, en, sphere, output, emission in SECTORS
    ])  # fmt: skip
    fill(engine, "sector_multiplier", [
        {"sector_code": code, "name_zh": zh, "name_en": en, "direct_intensity": emission * 1e4 / output,
         "total_intensity": 1.9 * emission * 1e4 / output + 2e-6, "output_multiplier": 1.9 + place / 50,
         "standard_error": 0.07 * emission * 1e4 / output}
        for place, (code, zh, en, _, output, emission) in enumerate(SECTORS)
    ])  # fmt: skip
    spheres = [("production", "output", 79000e8, 80.6, "CNY"), ("circulation", "output", 18860e8, 19.4, "CNY"),
               ("production", "value_added", 38400e8, 81.3, "CNY"), ("circulation", "value_added", 8818.66e8, 18.7, "CNY"),
               ("production", "energy", 7800e4, 63.9, "tce"), ("circulation", "energy", 3000e4, 24.6, "tce"),
               ("consumption", "energy", 1400e4, 11.5, "tce"), ("production", "direct_emission", 11816e4, 68.3, "tCO2"),
               ("circulation", "direct_emission", 4114e4, 23.8, "tCO2"), ("consumption", "direct_emission", 1370e4, 7.9, "tCO2"),
               ("consumption", "final_consumption", 25100e8, 100.0, "CNY")]  # fmt: skip
    fill(engine, "sphere_account", [
        {"sphere": sphere, "measure": measure, "value": value, "share": share, "unit": unit}
        for sphere, measure, value, share, unit in spheres
    ])  # fmt: skip
    _fill_inventory(engine)
    lines = (("direct_sectors", "生产部门直接排放", "Direct emission of producing sectors", 15930.0),
             ("direct_households", "居民生活直接排放", "Direct emission of households", 1370.0),
             ("production_based", "生产侧排放合计", "Production-based total", 17300.0),
             ("sent_out_export", "其中：随出口产品出境", "of which embodied in exports", 3820.0),
             ("sent_out_outflow", "其中：随调出产品到国内其他地区", "of which embodied in outflow to the rest of the country", 6120.0),
             ("brought_in_rest_of_country", "本地最终使用引起的国内其他地区排放（本地技术假设）",
              "Emission in the rest of the country for own final use (domestic-technology assumption)", 6900.0),
             ("consumption_based", "消费侧排放合计", "Consumption-based total", 15640.0))  # fmt: skip
    fill(engine, "carbon_account", [
        {"line_code": code, "position": place, "line_zh": zh, "line_en": en, "emission": value * 1e4,
         "standard_error": value * 310, "low": value * 0.94e4, "high": value * 1.065e4}
        for place, (code, zh, en, value) in enumerate(lines, start=1)
    ])  # fmt: skip


def _fill_inventory(engine: DuckDB) -> None:
    rows: list[dict[str, Any]] = []
    for bunkers, times in (("without", 1.0), ("with", 1.06)):
        for item, item_zh, item_en, part in ITEMS:
            rows += [
                {"method": "sectoral", "bunkers": bunkers, "item_code": item, "item_zh": item_zh, "item_en": item_en,
                 "fuel_code": fuel, "fuel_zh": zh, "fuel_en": en, "quantity": size * part * 5e3, "unit": "t",
                 "emission_factor": 1.9, "factor_unit": "tCO2/t", "emission": size * part * times * 1e4, "has_factor": True}
                for fuel, zh, en, size in FUELS
            ]  # fmt: skip
        rows += [
            {"method": "reference", "bunkers": bunkers, "item_code": "available", "item_zh": "可供量", "item_en": "Available",
             "fuel_code": fuel, "fuel_zh": zh, "fuel_en": en, "quantity": size * 5e3, "unit": "t", "emission_factor": 1.9,
             "factor_unit": "tCO2/t", "emission": size * times * 1.03e4, "has_factor": True}
            for fuel, zh, en, size in FUELS
        ]  # fmt: skip
    fill(engine, "carbon_inventory", rows)
    gap = (("non_energy_use", "用作原料、材料", "Non-energy use", 702.0), ("transformation_losses", "加工转换损失", "Transformation losses", 264.0),
           ("distribution_losses", "输配损失", "Distribution losses", 31.0), ("statistical_difference", "平衡差额", "Statistical difference", -402.0),
           ("recovered_gas", "回收利用的二次气体", "Recovered secondary gases", -119.8))  # fmt: skip
    fill(engine, "carbon_gap", [
        {"bunkers": bunkers, "line_code": code, "line_zh": zh, "line_en": en, "role": "gap", "fuel_code": "raw_coal",
         "quantity": size * 5e3, "unit": "t", "emission": size * times * 1e4}
        for bunkers, times in (("without", 1.0), ("with", 1.06)) for code, zh, en, size in gap
    ])  # fmt: skip


def _fill_flows(engine: DuckDB) -> None:
    categories = (("household_urban", 0.24), ("household_rural", 0.02), ("government", 0.07), ("fixed_capital", 0.18),
                  ("inventory", 0.01), ("export", 0.20), ("outflow", 0.28))  # fmt: skip
    fill(engine, "emission_flow", [
        {"sector_code": sector[0], "final_demand_category": category, "emission": sector[5] * part * (1 + place % 3 / 4) * 1e4}
        for place, sector in enumerate(SECTORS) for category, part in categories
    ])  # fmt: skip
    rows = [
        {"final_demand_category": category, "sector_code": sector[0], "emission_origin": origin,
         "emission": sector[5] * part * times * 1e4}
        for sector in SECTORS for category, part in categories
        for origin, times in (("local", 1.0), ("rest_of_country", 0.65), ("abroad", 0.2))
    ]  # fmt: skip
    rows += [{"final_demand_category": f"direct_household_{kind}", "sector_code": "household", "emission_origin": "direct",
              "emission": size * 1e4} for kind, size in (("urban", 1180.0), ("rural", 190.0))]  # fmt: skip
    fill(engine, "footprint", rows)
    fill(engine, "published_comparison", [
        {"code": "gross_domestic_product", "year": 2023, "published": Decimal("47218.66"), "computed": Decimal("47218.66"),
         "difference": Decimal(0), "unit": "1e8 CNY", "difference_percent": 0.0, "source": "上海市统计局：2023年统计公报"},
        {"code": "energy_consumption", "year": 2023, "published": Decimal("12236"), "computed": Decimal("12180.4"),
         "difference": Decimal("-55.6"), "unit": "1e4 tce", "difference_percent": -0.454, "source": "上海市统计局"},
    ])  # fmt: skip
    fill(engine, "io_balance_check", [
        {"table_code": "io_2023", "check_code": check, "origin": "total", "code": code, "name_zh": name, "stated": stated,
         "computed": stated - difference, "difference": difference}
        for check, code, name, stated, difference in (
            ("row_balance", "03", "化学产品", 6100e8, 12.4e8), ("column_balance", "09", "交通运输、仓储和邮政", 6900e8, -0.6e8),
            ("row_balance", "12", "金融", 13700e8, 0.0), ("output_and_input", "04", "金属冶炼和压延加工品", 3900e8, 0.0))
    ])  # fmt: skip
    fill(engine, "energy_balance_check", [
        {"check_code": "fuel_total", "item_code": "industry", "fuel_code": "coal_total", "stated": 4.1e7, "computed": 4.06e7,
         "difference": 4e5, "unit": "t"},
    ])  # fmt: skip


GROUPS = (
    "power",
    "steel",
    "petrochemical",
    "chemical",
    "building_materials",
    "aviation",
    "paper",
    "nonferrous",
)
QUALITY = (("verified_report", 1, 0.31), ("unverified_report", 2, 0.17), ("energy", 2, 0.22), ("product", 3, 0.04),
           ("economic", 4, 0.19), ("fallback", 5, 0.07))  # fmt: skip


def _fill_finance(engine: DuckDB) -> None:
    rows, grades, quality = [], [], []
    for place, method in enumerate(METHODS):
        groups = GROUPS if method == "bank_2026" else (*GROUPS, "other")
        total = (4180.0, 7350.0, 5920.0)[place]
        for rank, group in enumerate(groups):
            emission = total * (2.0 ** -(rank + 1)) * 1e4
            rows.append(
                {"method": method, "institution_id": "B001", "branch_code": "310115", "industry_group": group,
                 "gbt4754_division": f"{20 + rank}", "loans": 40 * (rank + 1), "loans_estimated": 40 * (rank + 1) - rank,
                 "exposure": 310e8 / (rank + 1), "outstanding_amount": 320e8 / (rank + 1), "emission": emission,
                 "scope1": emission * 0.7, "scope2": emission * 0.2, "scope_unsplit": emission * 0.1,
                 "scope3": None if method != "pcaf_2022" else emission * 1.4,
                 "emission_times_score": emission * 2.3, "exposure_times_score": 310e8 * 2.6 / (rank + 1)})  # fmt: skip
        graded = method == "bank_2026"
        grades.append({"method": method, "institution_id": "*", "loans": 1800, "quality_weight": "emission" if graded else "outstanding",
                       "weighted_score": None if method == "trial_2021" else 2.31 + place / 10, "grade": "B" if graded else None})  # fmt: skip
        quality += [
            {"method": method, "institution_id": "B001", "calculation_method": kind, "quality_score": score,
             "loans": round(1800 * part), "exposure": 800e8 * part, "emission": total * part * (1 - place / 40) * 1e4}
            for kind, score, part in QUALITY
        ]  # fmt: skip
    fill(engine, "financed_emission", rows)
    fill(engine, "data_quality_grade", grades)
    fill(engine, "data_quality", quality)


def _fill_loan_tables(engine: DuckDB) -> None:
    effects = (("base_total", 4180.0), ("scope_added", 2890.0), ("scope_removed", -35.0), ("calculation", 0.0),
               ("exposure", 0.0), ("denominator", 315.0), ("other_total", 7350.0))  # fmt: skip
    fill(engine, "method_switch", [
        {"base_method": "bank_2026", "method": method, "industry_group": "power", "effect": effect, "loans": 100,
         "emission": size * (1e4 if method == "trial_2021" else 0.8e4)}
        for method in METHODS[1:] for effect, size in effects
    ])  # fmt: skip
    reasons = (("in", "in_scope", 812.0), ("out", "industry_not_listed", 7430.0), ("out", "small_or_micro", 2290.0),
               ("out", "individual", 1120.0), ("out", "below_minimum_balance", 61.0), ("out", "after_year", 34.0),
               ("unknown", "unknown_borrower", 96.0), ("unknown", "unknown_industry", 12.0))  # fmt: skip
    fill(engine, "loan_coverage", [
        {"method": method, "institution_id": "B001", "branch_code": "310115", "scope_status": status, "reason": reason,
         "loans": round(size * 2), "outstanding_amount": size * 1e8, "exposure": size * 0.95e8}
        for method in METHODS for status, reason, size in reasons
        if method == "bank_2026" or reason != "industry_not_listed"
    ])  # fmt: skip
    fill(engine, "capital_by_carbon_class", [
        {"institution_id": "B001", "carbon_class": code, "industry_group": "other", "green": "green" in code, "loans": loans,
         "outstanding_begin": begin * 1e8, "outstanding_end": end * 1e8, "change": (end - begin) * 1e8,
         "loans_begin_unknown": 0, "loans_end_unknown": 2}
        for code, begin, end, loans in (("high_carbon", 1010.0, 942.0, 610), ("high_carbon_green", 88.0, 131.0, 74),
                                        ("green", 1190.0, 1520.0, 930), ("other", 8900.0, 9262.0, 8100))
    ])  # fmt: skip
    fill(engine, "finance_gap", [
        {"code": code, "method": method, "loans": loans, "outstanding_amount": amount * 1e8, "emission": emission}
        for code, method, loans, amount, emission in (
            ("balance_filled", "*", 214, 61.0, None), ("unknown_borrower", "*", 192, 96.0, None),
            ("attribution_above_one", "bank_2026", 7, 4.2, 18200.0))
    ])  # fmt: skip


def _fill_statistics(engine: DuckDB) -> None:
    majors = (("01", "数字产品制造业", "Manufacture of digital products", 1310.0), ("02", "数字产品服务业", "Trade and repair of digital products", 262.0),
              ("03", "数字技术应用业", "Digital technology", 4980.0), ("04", "数字要素驱动业", "Data-driven activities", 1740.0))  # fmt: skip
    entries = [("core", "core", "数字经济核心产业", "Core digital economy", 8292.0)]
    for code, zh, en, size in majors:
        entries += [
            (code, "major", zh, en, size),
            (f"{code}01", "medium", f"{zh}其一", f"{en}, part one", size * 0.7),
        ]
    fill(engine, "digital_economy_account_public", [
        {"value_status": "shown", "error_status": "shown", "bound_status": "shown", "bound_error_status": "shown",
         "total_status": "not_known", "status": "estimated", "code": code, "level": level, "name_zh": zh, "name_en": en, "sampled_units": round(size / 20),
         "value_added_full": size * 1e8, "standard_error": size * 3.1e6, "low": size * 0.94e8, "high": size * 1.06e8,
         "value_added_partial_counted": None, "value_added_partial_upper": size * 0.3e8, "upper_standard_error": size * 2e6,
         "value_added": None, "value_added_standard_error": None}
        for code, level, zh, en, size in entries
    ])  # fmt: skip
    fill(engine, "digital_economy_share", [
        {"denominator": name, "numerator_value": 8292e8, "denominator_value": whole * 1e8, "share": 829200 / whole,
         "standard_error": 0.3, "low": 829200 / whole - 0.6, "high": 829200 / whole + 0.6}
        for name, whole in (("gdp", 47218.66), ("survey", 46400.0))
    ])  # fmt: skip
    rows = [
        {"month": f"2023-{month:02d}", "region_code": region, "category_code": category, "trade_kind": "total", "status": status,
         "platforms": platforms, "amount": size * (1 + month / 40 + (0.25 if month in (6, 11) else 0)) * 1e8}
        for month in range(2, 13)
        for region, category, status, platforms, size in (("total", "total", "reported", 15, 2870.0),
                                                          ("total", "total", "imputed", 1, 120.0 if month in (5, 8) else 0.0),
                                                          ("310115", "total", "reported", 15, 900.0))
        if size
    ]  # fmt: skip
    fill(engine, "platform_transaction", rows)
    fill(engine, "platform_transaction_public", [
        {"period_kind": "month", "period": f"2023-{month:02d}", "region_code": "total", "category_code": "total",
         "trade_kind": "total", "status": "shown", "returns": 15, "returns_imputed": int(month in (5, 8)),
         "amount": (2870.0 * (1 + month / 40 + (0.25 if month in (6, 11) else 0)) + (120.0 if month in (5, 8) else 0)) * 1e8}
        for month in range(2, 13)
    ])  # fmt: skip
    definitions = (("survey_platform_main", "调查：主业为平台工作", "Survey: platform work as main job", "survey", 41.3, 3.1, 812),
                   ("survey_any", "调查：主业或副业为平台工作", "Survey: platform work as main or second job", "survey", 61.0, 4.0, 1190),
                   ("register", "平台记录：去重后的从业者", "Platform records: workers counted once", "register", 98.4, None, None),
                   ("dual_frame", "双框：调查加平台记录去重", "Dual frame: survey and records, overlap removed", "dual_frame", 112.7, 3.6, 1190),
                   ("flexible", "灵活就业：自营、非全日制与平台", "Flexible: own-account, part-time and platform", "register_and_survey", 187.2, 7.9, 3010))  # fmt: skip
    fill(engine, "flexible_employment", [
        {"definition_code": code, "label_zh": zh, "label_en": en, "method": method, "sampled_persons": sampled, "persons": size * 1e4,
         "standard_error": error and error * 1e4, "low": error and (size - 1.96 * error) * 1e4, "high": error and (size + 1.96 * error) * 1e4,
         "share_of_employment": size / 13.4, "share_standard_error": error and error / 13.4, "full_time_equivalent": size * 0.6e4}
        for code, zh, en, method, size, error, sampled in definitions
    ])  # fmt: skip
    fill(engine, "flexible_employment_district", [
        {"district_code": district, "definition_code": "survey_any", "status": status, "persons": persons,
         "error_status": status, "standard_error": None, "low": None, "high": None}
        for district, status, persons in (("310115", "shown", 142000.0), ("310101", "suppressed", None), ("310112", "shown", 98000.0),
                                          ("310151", "suppressed", None), ("310120", "shown", 0.0))
    ])  # fmt: skip
    seasons = (0.92, 0.80, 0.98, 0.97, 1.03, 1.08, 0.97, 0.98, 1.01, 1.03, 1.20, 1.03)
    fill(engine, "seasonal_series", [
        {"indicator_code": "platform_transactions", "month": f"{2020 + at // 12}-{at % 12 + 1:02d}",
         "raw": 1e11 * 1.006 ** at * seasons[at % 12], "adjusted": 1e11 * 1.006 ** at, "trend": 1e11 * 1.006 ** at,
         "seasonal_factor": seasons[at % 12], "calendar_factor": 1.0, "change_on_month": 0.6 if at else None,
         "mode": "multiplicative", "unit": "CNY"}
        for at in range(48)
    ])  # fmt: skip
    fill(engine, "seasonal_quality", [
        {"indicator_code": "platform_transactions", "measure": measure, "value": value, "model": "(0 1 1)(0 1 1)"}
        for measure, value in (("q", 0.31), ("m7", 0.12))
    ])  # fmt: skip


def _fill_making(engine: DuckDB) -> None:
    fill(engine, "input_file", [
        {"file_number": place, "table_name": table, "file": file, "sheet": sheet, "sha256": f"{place * 7919:064x}", "bytes": 9999,
         "rows_read": read, "rows_kept": read - lost, "rows_quarantined": lost, "encoding": encoding, "layout": layout}
        for place, (table, file, sheet, read, lost, encoding, layout) in enumerate((
            ("io_cell", "io_table.xlsx", "投入产出表", 1218, 0, None, "input_output"),
            ("energy_balance_cell", "energy_balance.csv", None, 402, 0, "GB18030", "energy_balance"),
            ("loan", "loan.csv", None, 10000, 57, "UTF-8", None), ("loan_balance", "loan_balance.csv", None, 98214, 210, "UTF-8", None),
            ("enterprise", "enterprise.csv", None, 3400, 31, "UTF-8", None)), start=1)
    ])  # fmt: skip
    fill(engine, "quarantine", [
        {"table_name": "loan", "file": "loan.csv", "row_number": 2 + place, "column_name": "uscc", "value": "91310000SECRET",
         "code": "contract.uscc", "reason_zh": "校验码不符 91310000SECRET", "reason_en": "check digit 91310000SECRET",
         "remedy_zh": "核对", "remedy_en": "check", "raw_record": "{}"}
        for place in range(57)
    ])  # fmt: skip
    fill(engine, "finding", [
        {"step": "accounts.io_balance", "code": "accounts.io_imbalance", "severity": "warning", "table_name": "io_balance_check",
         "record_key": "03", "amount": 12.4e8, "unit": "CNY", "what_zh": "部门“化学产品”行不平，差 12.4 亿元",
         "what_en": "The row of Chemical products is out by CNY 1.24 billion", "why_zh": "乘数会偏", "why_en": "Multipliers are off",
         "fix_zh": "核对原表", "fix_en": "Check the table"},
        {"step": "finance.scope", "code": "finance.attribution_above_one", "severity": "notice", "table_name": "loan_scope",
         "record_key": "LOAN-SECRET-1", "what_zh": "贷款 LOAN-SECRET-1 归因因子大于 1", "what_en": "Loan LOAN-SECRET-1 above 1",
         "why_zh": "", "why_en": "", "fix_zh": "", "fix_en": ""},
    ])  # fmt: skip
    packs = (("gbt4754_2017", "国民经济行业分类", "Industrial classification", "complete", "", ""),
             ("fuel_factors_p", "燃料排放因子（省级清单指南）", "Fuel factors (provincial inventory guide)", "complete", "", ""),
             ("green_finance_catalogue_2025", "绿色金融支持项目目录（2025年版）", "Green finance catalogue 2025", "partial", "三级条目只有一部分", "Only part of the third level"),
             ("finance_methods", "金融核算方法", "Accounting methods", "partial", "指南原文未取得", "The guide itself was not obtained"),
             ("product_factors", "产品排放因子", "Product factors", "placeholder", "没有可引用的官方表", "No official table to cite"))  # fmt: skip
    fill(engine, "pack_used", [
        {"pack": pack, "zh": zh, "en": en, "issuer": "国家统计局", "document_number": "GB/T 4754-2017", "clause": "表1",
         "effective_from": "2017-10-01", "licence": "facts", "source": "public text", "completeness": state, "note_zh": note_zh,
         "note_en": note_en, "sha256": "ab" * 32, "user_supplied": pack == "product_factors"}
        for pack, zh, en, state, note_zh, note_en in packs
    ])  # fmt: skip
    fill(engine, "step_run", [
        _step(1, "intake.io_cell", {"io_cell": 1218}, {}),
        _step(2, "intake.loan", {"loan": 9943}, {}),
        _step(3, "accounts.carbon_inventory", {"carbon_inventory": 96}, {"energy_balance_cell": 402}, method="accounts.sectoral_inventory", packs=["fuel_factors_p"]),
        _step(4, "accounts.sector_account", {"sector_account": 17, "sector_multiplier": 17}, {"io_cell": 1218, "carbon_inventory": 96}, method="accounts.sector_account", packs=["gbt4754_2017"]),
        _step(5, "finance.financed_emission", {"financed_emission": 26}, {"loan": 9943, "sector_account": 17}, method="finance.attribution", packs=["finance_methods"]),
        _step(6, "statistics.platform_worker", {"platform_worker": 0}, {"platform_work_record": 0}, status="skipped",
              reason=("没有“平台务工记录”", "there are no platform work records")),
    ])  # fmt: skip


def _fill_headlines(engine: DuckDB) -> None:
    for method, size in zip(METHODS, (4180.0, 7350.0, 5920.0), strict=True):
        fill(engine, "uncertainty", [
            {"indicator": f"financed_emission_{method}", "value": size * 1e4, "unit": "tCO2e", "standard_error": size * 700,
             "low": size * 0.87e4, "high": size * 1.15e4, "coverage": 0.95, "replicates": 200, "method": "monte_carlo",
             "scope_zh": "行业强度与燃料因子", "scope_en": "sector intensities and fuel factors", "step": "finance.uncertainty"},
        ])  # fmt: skip
    shared = {"status": "available", "query": 'SELECT sum("value") AS value FROM "sector_account" WHERE 1 < 2', "coverage": 0.95,
              "uncertainty_method": "monte_carlo", **EMISSION_NOTE}  # fmt: skip
    fill(engine, "headline", [
        {**shared, "code": "gdp", "wing": "accounts", "position": 1, "label_zh": "生产法地区生产总值", "label_en": "Gross regional product (production approach)",
         "sentence_zh": "{area}{year}年生产法地区生产总值为{value}", "sentence_en": "The gross regional product of {area} in {year}, by production, is {value}",
         "value": Decimal("4721866000000"), "unit": "CNY", "display_unit": "1e8 CNY", "method": "accounts.sector_account", "table_name": "sector_account",
         "uncertainty_method": None, "uncertainty_scope_zh": None, "uncertainty_scope_en": None},
        {**shared, "code": "co2_sectoral", "wing": "accounts", "position": 2, "label_zh": "能源活动二氧化碳（部门法，不含国际燃料舱）",
         "label_en": "CO2 of energy (sectoral method, without international bunkers)", "sentence_zh": "{area}{year}年能源活动排放二氧化碳{value}",
         "sentence_en": "Energy use in {area} emitted {value} of CO2 in {year}", "value": Decimal("172345678.9"), "standard_error": 4.3e6, "low": 1.64e8,
         "high": 1.81e8, "unit": "tCO2", "display_unit": "1e4 tCO2", "method": "accounts.sectoral_inventory", "table_name": "carbon_inventory"},
        {**shared, "code": "co2_circulation_share", "wing": "accounts", "position": 3, "label_zh": "流通环节占直接排放的比重",
         "label_en": "Share of circulation in direct emissions", "sentence_zh": "流通环节占{area}{year}年直接排放的{value}",
         "sentence_en": "Circulation makes {value} of the direct emissions of {area} in {year}", "value": Decimal("23.8"), "unit": "%", "display_unit": "%",
         "method": "accounts.sphere_account", "table_name": "sphere_account", "low": 21.9, "high": 25.6, "standard_error": 0.94},
        {**shared, "code": "financed_emission_bank_2026", "wing": "finance", "position": 4, "label_zh": "融资排放（2026年银行指南）",
         "label_en": "Financed emissions (the 2026 bank guide)", "sentence_zh": "按2026年银行指南，{area}银行贷款{year}年承担的排放为{value}",
         "sentence_en": "By the 2026 bank guide, bank loans in {area} carried {value} in {year}", "value": Decimal("41800000"), "standard_error": 2.9e6,
         "low": 3.64e7, "high": 4.81e7, "unit": "tCO2e", "display_unit": "1e4 tCO2e", "method": "finance.attribution", "table_name": "financed_emission",
         "status": "partial", "reason_zh": "用到的资料包“金融核算方法”不完整", "reason_en": "The pack Accounting methods is partial"},
        {**shared, "code": "data_quality_bank_2026", "wing": "finance", "position": 5, "label_zh": "加权数据质量分", "label_en": "Weighted data-quality score",
         "sentence_zh": "加权数据质量分为{value}", "sentence_en": "The weighted data-quality score is {value}", "value": Decimal("2.31"), "unit": "1",
         "display_unit": "1", "method": "finance.data_quality", "table_name": "data_quality_grade"},
        {**shared, "code": "platform_workers", "wing": "statistics", "position": 6, "label_zh": "平台从业者", "label_en": "Platform workers",
         "sentence_zh": "平台从业者{value}", "sentence_en": "{value} work on platforms", "value": None, "unit": "person", "display_unit": "1e4 person",
         "status": "not_covered", "reason_zh": "没有“平台务工记录”", "reason_en": "there are no platform work records", "table_name": "platform_worker"},
        {**shared, "code": "flexible", "wing": "statistics", "position": 7, "label_zh": "灵活就业（双框）", "label_en": "Flexible employment (dual frame)",
         "sentence_zh": "{area}{year}年平台从业{value}", "sentence_en": "{value} worked on platforms in {area} in {year}", "value": Decimal("1127000"),
         "standard_error": 36000.0, "low": 1056000.0, "high": 1198000.0, "unit": "person", "display_unit": "1e4 person", "table_name": "flexible_employment"},
    ])  # fmt: skip
