# ruff: noqa: E501  (rows of figures read best as rows)
"""Plausible figures of circulation and circularity for the fake book; nothing in it is a statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]
INTERVAL = {"standard_error": 1.2, "low": 28.1, "high": 32.9}
FLOWS = (
    ("material", "t", (("extraction", "production", 4e6), ("from_country", "production", 3e8), ("production", "circulation", 3.2e8), ("circulation", "use", 3.2e8), ("use", "recovery", 1.2e8), ("recovery", "production", 9e7), ("recovery", "landfilled", 2.1e7), ("recovery", "recycled_elsewhere", 1e7), ("secondary_from_outside", "recovery", 1e6), ("use", "stock", 3.05e8))),
    ("waste", "t", (("use", "generated", 1.2e8), ("generated", "collection", 1.1e8), ("generated", "landfilled", 1e7), ("collection", "sorting", 1.1e8))),
    ("money", "CNY", (("value_added", "production", 4e12), ("production", "use", 3e12), ("production", "to_abroad", 1e12))),
    ("co2", "tCO2", (("fuel_burned", "production", 1.8e8), ("production", "use", 1e8), ("production", "to_country", 8e7))),
)  # fmt: skip


def tables() -> dict[str, Rows]:
    """Rows by table."""
    return {
        "circularity_indicator": [
            {"indicator": "circular_material_use_rate", "position": 1, "name_zh": "循环材料使用率", "name_en": "Circular material use rate", "value": 30.5, "unit": "%", **INTERVAL, "note_zh": "U /（DMC + U）", "note_en": "U / (DMC + U)"},
            {"indicator": "renewable_recovery_rate", "position": 2, "name_zh": "再生资源回收率", "name_en": "Recovery rate", "value": 75.8, "unit": "%", "note_zh": "回收量 / 产生量", "note_en": "Collected / generated"},
            {"indicator": "main_resource_productivity", "position": 3, "name_zh": "主要资源产出率", "name_en": "Productivity of main resources", "value": 30_882.0, "unit": "CNY/t", "note_zh": "", "note_en": ""},
        ],
        "circularity_target": [
            {"plan": "circular_targets_national", "indicator": "straw_use_rate", "name_zh": "农作物秸秆综合利用率", "name_en": "Use of crop straw", "target_year": 2025, "target": 86, "target_unit": "%", "form": "level_at_least", "required": 86, "actual": 96.2, "gap": 10.2, "met": True, "unit": "%", "status": "established", "source": "发改环资〔2021〕969号"},
            {"plan": "shanghai_targets", "indicator": "main_waste_recycling_rate", "name_zh": "主要废弃物循环利用率", "name_en": "Recycling rate of main wastes", "target_year": 2025, "target": 92, "target_unit": "%", "form": "level", "required": 92, "actual": 85.2, "gap": -6.8, "met": False, "unit": "%", "status": "approximate", "source": "plan"},
            {"plan": "circular_targets_national", "indicator": "scrap_steel_used", "name_zh": "废钢利用量", "name_en": "Scrap steel used", "target_year": 2025, "target": 320_000_000, "target_unit": "t", "form": "level", "required": 320_000_000, "unit": "t", "status": "established", "source": "plan"},
        ],
        "loop_flow": [
            {"layer": layer, "source_node": source, "target_node": target, "value": size, "unit": unit}
            for layer, unit, flows in FLOWS for source, target, size in flows
        ],
        "loop_check": [{"layer": "material", "node": "circulation", "inflow": 3.2e8, "outflow": 3.2e8, "difference": 0, "unit": "t"}],
        "circulation_break": [
            {"rank": 1, "stream": "waste_paper", "name_zh": "废纸", "name_en": "Waste paper", "stage": "collection", "fate": "sent_out", "loss": 1.68e6, "value": 3.2e9, "share": 73.0},
            {"rank": 2, "stream": "waste_paper", "name_zh": "废纸", "name_en": "Waste paper", "stage": "generation", "fate": "burned", "loss": 6e5, "value": 1.1e9, "saving_forgone": 1.3e5, "share": 26.0},
            {"rank": 3, "stream": "straw", "name_zh": "秸秆", "name_en": "Straw", "stage": "generation", "fate": "unknown", "loss": 3e4, "share": 1.0},
        ],
        "recovery_gain": [
            {"stream": "waste_paper", "name_zh": "废纸", "name_en": "Waste paper", "points": 10, "collected": 3.1e5, "returned": 7.2e4, "saving": 1.6e4, "value": 1.4e8, "table_effect": -666.0},
            {"stream": "straw", "name_zh": "秸秆", "name_en": "Straw", "points": 3.1, "collected": 4e4, "returned": 4e4},
        ],
        "material_balance": [
            {"line_code": "direct_input", "position": 1, "side": "input", "line_zh": "直接物质投入", "line_en": "Direct material input", "quantity": 3.8e8, "standard_error": 1.8e7},
            {"line_code": "exports", "position": 3, "side": "output", "line_zh": "出口", "line_en": "Exports", "quantity": 4.5e7},
            {"line_code": "net_additions", "position": 10, "side": "balance", "line_zh": "存量净增（余项）", "line_en": "Net additions", "quantity": 3.35e8},
        ],
        "freight_account": [
            {"mode": "road", "vehicle": "heavy_truck", "fuel_code": "diesel", "tonne_km": 1.1e11, "share": 7.0, "emission": 1.1e7, "intensity": 0.10012, "basis": "tonne_km", "factor_source": "UK 2025"},
            {"mode": "ocean", "vehicle": "container_ship", "fuel_code": "fuel_oil", "tonne_km": 1.45e12, "share": 93.0, "emission": 2.3e7, "intensity": 0.01592, "basis": "tonne_km", "factor_source": "UK 2025"},
        ],
        "freight_shift": [{"mode_from": "road", "mode_to": "rail", "share": 10, "tonne_km": 1.1e10, "emission_before": 1.1e6, "emission_after": 3e5, "change": -8e5}],
    }  # fmt: skip
