# ruff: noqa: E501  (rows of figures read best as rows)
"""Plausible figures of energy and CO2 beyond the inventory; nothing in it is a statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]


def city_emission() -> Rows:
    """Return direct, indirect, total and induced lines."""
    lines = (("direct_industry", "direct", "工业", "Industry", 9.0e7), ("direct_transport", "direct", "交通", "Transport", 4.6e7),
             ("electricity", "indirect", "净调入电力", "Net inflow of electricity", 1.7e7), ("total", "total", "合计", "Total", 1.53e8),
             ("induced_country", "induced", "国内其他地区", "Rest of the country", 2.6e8), ("heat", "indirect", "热力", "Heat", None))  # fmt: skip
    return [{"line_code": code, "position": place, "kind": kind, "line_zh": zh, "line_en": en, "emission": value,
             "note_zh": "说明", "note_en": "Note"} for place, (code, kind, zh, en, value) in enumerate(lines, 1)]  # fmt: skip


def gpc_inventory() -> Rows:
    """Return a source for each sector and scope, one not estimated."""
    lines = (("I.1.1", "stationary_energy", 1, "BASIC", 9.5e6, None), ("I.1.2", "stationary_energy", 2, "BASIC", 9.4e6, None),
             ("I.4.4", "stationary_energy", 1, "territorial", 6.4e7, None), ("II.1.1", "transportation", 1, "BASIC", 7.2e6, None),
             ("III.1.1", "waste", 1, "BASIC", None, "NE"))  # fmt: skip
    return [{"gpc_ref": ref, "position": place, "sector": sector, "name_zh": f"排放源{ref}", "name_en": f"Source {ref}",
             "scope": scope, "level": level, "co2": value, "ch4": None, "n2o": None, "emission": value,
             "notation_key": key, "gases": "CO2", "note_zh": "说明", "note_en": "Note"}
            for place, (ref, sector, scope, level, value, key) in enumerate(lines, 1)]  # fmt: skip


def dual_control_scorecard() -> Rows:
    """Return two areas, one behind."""
    return [{"area_code": code, "area_zh": name, "indicator": "co2_intensity", "year": 2023, "base_year": 2020,
             "target_year": 2025, "level": 0.41, "base_level": 0.45, "unit": "tCO2/1e4 CNY", "annual_reduction": 0.03,
             "reduction": done, "target": 0.18, "linear_path": 0.108, "annualised_path": 0.112, "share_of_target": done / 0.18,
             "gap": done - 0.112, "gap_amount": 4.9e6, "amount_unit": "tCO2", "needed_rate": 0.05, "forecast": 0.14,
             "forecast_low": 0.12, "forecast_high": 0.16, "light": light}
            for code, name, done, light in (("310000", "上海市", 0.09, "behind"), ("310101", "黄浦区", 0.13, "ahead"))]  # fmt: skip


def quick_estimate() -> Rows:
    """Return three months by two sets of factors and calibrated."""
    return [{"area_code": "310000", "month": f"2023-0{month}", "factor_set": one, "last_year": True, "emission": 1.7e7 + month,
             "cumulative": 1.7e7 * month, "change": 0.03, "cumulative_change": 0.02, "ratio": 1.0, "benchmark_year": 2023,
             "standard_error": None, "cumulative_standard_error": None}
            for one in ("calibrated", "target_assessment", "older_notices") for month in (1, 2, 3)]  # fmt: skip


def tables() -> dict[str, Rows]:
    """Rows by table."""
    made = (city_emission, gpc_inventory, dual_control_scorecard, quick_estimate)
    return {one.__name__: one() for one in made}
