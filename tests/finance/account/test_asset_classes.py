"""Securities, properties, vehicles and sovereign debt: each option on a record, each gap told, parts and whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.pipeline.headlines import definitions

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows
from .steps import account

HOME = {"institution_id": "BANK1", "branch_code": "B1", "year": YEAR}
RETAIL = {**LOAN, "product_type": "other", "borrower_type": "individual", "purpose_industry_code": None}
FACTOR = {"scope2": None, "low_percent": -20.0, "high_percent": 20.0, "source": "test"}


def _factor(kind: str, level: str, code: str, basis: str, scope1: float, **more: Any) -> dict[str, Any]:
    return {
        "asset_kind": kind,
        "level": level,
        "code": code,
        "basis": basis,
        "scope1": scope1,
        **FACTOR,
        **more,
    }


PROPERTY_FACTORS = [
    _factor("property", "label", "A", "m2", 0.02, scope2=0.01),
    _factor("property", "statistics", "flat", "m2", 0.04),
    _factor("property", "building", "*", "building", 6.0),
]
FLAT = {"value_at_origination": Decimal(1_000_000)}
METERED = {"year": YEAR, "fuel_code": "electricity", "quantity": Decimal(10), "unit": "MWh"}
AREA = {"floor_area": Decimal(100)}
DRIVEN = {"value_at_origination": Decimal(200_000), "make_model": "X", "distance": Decimal(10_000)}


def test_each_option_of_a_mortgage(engine: DuckDB) -> None:
    names = ("1a", "1b", "2a", "2b", "3")
    account(engine, {
        "loan": [{"loan_id": name, **RETAIL, "asset_class": "mortgage"} for name in names],
        "loan_balance": [row for name in names for row in months(name, 600_000)],
        "property_finance": [
            {"loan_id": "1a", **FLAT, "energy_label": "A", **AREA}, {"loan_id": "1b", **FLAT},
            {"loan_id": "2a", **FLAT, "energy_label": "A", **AREA},
            {"loan_id": "2b", **FLAT, "building_type": "flat", **AREA}, {"loan_id": "3", **FLAT},
        ],
        "asset_energy": [{"loan_id": "1a", **METERED, "supplier_factor": 0.5}, {"loan_id": "1b", **METERED}],
        "asset_emission_factor": PROPERTY_FACTORS,
    }, "asset_class_emission")  # fmt: skip
    found = {row["position_id"]: row for row in rows(engine, "asset_class_emission")}
    whole = {"1a": ("5", 1), "1b": ("5.849", 2), "2a": ("3", 3), "2b": ("4", 4), "3": ("6", 5)}
    for name, (emission, score) in whole.items():
        row = found[name]
        assert (row["quality_option"], row["quality_score"], row["attribution_factor"]) == (name, score, 0.6)
        assert row["emission"] == Decimal(emission) * Decimal("0.6") == row["scope1"] + row["scope2"]


def test_metered_energy_takes_the_factor_of_its_own_place(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": name, **RETAIL, "asset_class": "mortgage"} for name in ("here", "there")],
        "loan_balance": [*months("here", 1_000_000), *months("there", 1_000_000)],
        "property_finance": [{"loan_id": "here", **FLAT}, {"loan_id": "there", **FLAT}],
        "asset_energy": [{"loan_id": "here", **METERED}, {"loan_id": "there", **METERED, "area_code": "110000"}],
    }, "asset_class_emission")  # fmt: skip
    found = {row["position_id"]: row["emission"] for row in rows(engine, "asset_class_emission")}
    assert found == {"here": Decimal("5.849"), "there": Decimal("5.58")}


def test_each_option_of_a_vehicle(engine: DuckDB) -> None:
    names = ("1a", "1b", "2a", "2b", "3a", "3b")
    account(engine, {
        "loan": [{"loan_id": name, **RETAIL, "asset_class": "motor_vehicle"} for name in names],
        "loan_balance": [row for name in names for row in months(name, 50_000)],
        "vehicle_finance": [
            {"loan_id": "1a", "value_at_origination": Decimal(200_000)},
            {"loan_id": "1b", **DRIVEN, "distance_basis": "actual"},
            {"loan_id": "2a", **DRIVEN, "distance_basis": "local"},
            {"loan_id": "2b", **DRIVEN, "distance_basis": "regional"},
            {"loan_id": "3a", "value_at_origination": Decimal(200_000), "vehicle_type": "car"},
            {"loan_id": "3b", "value_at_origination": Decimal(200_000)},
        ],
        "asset_energy": [
            {"loan_id": "1a", "year": YEAR, "fuel_code": "gasoline", "quantity": Decimal(1), "unit": "t"}
        ],
        "asset_emission_factor": [
            _factor("vehicle", "make_model", "X", "km", 0.0002),
            _factor("vehicle", "vehicle_type", "car", "vehicle", 3.0),
            _factor("vehicle", "average", "*", "vehicle", 4.0),
        ],
    }, "asset_class_emission")  # fmt: skip
    found = {row["position_id"]: row for row in rows(engine, "asset_class_emission")}
    whole = {
        "1a": ("2.9251", 1),
        "1b": ("2", 1),
        "2a": ("2", 2),
        "2b": ("2", 3),
        "3a": ("3", 4),
        "3b": ("4", 5),
    }
    for name, (emission, score) in whole.items():
        assert (found[name]["quality_option"], found[name]["quality_score"]) == (name, score)
        assert abs(found[name]["emission"] - Decimal(emission) / 4) < Decimal("0.000001")


def test_a_vehicle_of_unknown_value_counts_whole_and_missing_data_are_told(engine: DuckDB) -> None:
    account(engine, {
        "loan": [
            {"loan_id": "V1", **RETAIL, "asset_class": "motor_vehicle"},
            {"loan_id": "M1", **RETAIL, "asset_class": "mortgage"},
            {"loan_id": "M2", **RETAIL, "asset_class": "commercial_real_estate"},
        ],
        "loan_balance": months("V1", 50_000) + months("M1", 1) + months("M2", 1),
        "vehicle_finance": [{"loan_id": "V1"}],
        "property_finance": [{"loan_id": "M2"}],
        "asset_emission_factor": [_factor("vehicle", "average", "*", "vehicle", 4.0), PROPERTY_FACTORS[2]],
    }, "pcaf_quality", told=True)  # fmt: skip
    found = {row["position_id"]: row for row in rows(engine, "asset_class_emission")}
    assert (found["V1"]["emission"], found["V1"]["denominator_basis"]) == (Decimal(4), "unknown_value")
    assert (found["M1"]["status"], found["M2"]["status"]) == ("no_emission", "no_value")
    assert found["M1"]["emission"] is None
    told = {row["record_key"] for row in rows(engine, "finding", "code = 'finance.asset_without_data'")}
    assert told == {"mortgage | no_emission", "commercial_real_estate | no_value"}
    [absent] = rows(engine, "finding", "code = 'finance.asset_class_absent'")
    for name in ("business loan", "project finance", "listed equity and bonds", "sovereign debt"):
        assert name in absent["what_en"], "the total over the classes is without them"
    assert "mortgage" not in absent["what_en"]
    [headline] = [one for one in definitions() if one.code == "financed_emission_pcaf_all"]
    assert set(headline.partial_findings) == {"finance.asset_without_data", "finance.asset_class_absent"}
    quality = one(engine, "pcaf_quality", "asset_class = '*' AND institution_id = '*' AND scope = 'scope1_2'")
    assert (quality["outstanding_amount"], quality["outstanding_covered"]) == (
        Decimal(50_002),
        Decimal(50_000),
    )


def _securities() -> dict[str, Any]:
    issuer = {"scope1": Decimal(1000), "scope2": Decimal(100), "scope3": Decimal(5000)}
    evic = {"enterprise_value_including_cash": Decimal(5_000_000_000)}
    return {
        "enterprise": [{"uscc": f"E{k}", **ENTERPRISE} for k in (1, 2, 3)],
        "enterprise_finance": [
            {"uscc": "E1", **FINANCE, **evic},
            {"uscc": "E2", **FINANCE, "total_equity": Decimal(-500_000_000)},
        ],
        "entity_emission": [
            {"uscc": "E1", "year": YEAR, "source": "verified", **issuer},
            {"uscc": "E2", "year": YEAR, "source": "unverified", **issuer},
        ],
        "security_position": [
            {"position_id": "S1", **HOME, "uscc": "E1", "instrument": "listed_equity",
             "outstanding_amount": Decimal(500_000_000)},
            {"position_id": "S2", **HOME, "uscc": "E2", "instrument": "corporate_bond",
             "outstanding_amount": Decimal(150_000_000)},
            {"position_id": "S3", **HOME, "uscc": "E3", "instrument": "corporate_bond",
             "outstanding_amount": Decimal(1_000_000)},
            {"position_id": "S4", **HOME, "uscc": "E9", "instrument": "corporate_bond",
             "outstanding_amount": Decimal(7)},
            {"position_id": "S5", **HOME, "uscc": "E2", "instrument": "unlisted_equity", "share_percent": 20.0},
        ],
        **intensities({"31": 1e-4}),
    }  # fmt: skip


def test_securities_by_evic_and_by_capital_with_negative_equity_as_zero(engine: DuckDB) -> None:
    account(engine, _securities(), "asset_class_emission")
    found = {row["position_id"]: row for row in rows(engine, "asset_class_emission")}
    assert (found["S1"]["denominator_basis"], found["S1"]["emission"], found["S1"]["scope3"]) == (
        "evic", Decimal(110), Decimal(500),
    )  # fmt: skip
    assert (found["S2"]["denominator"], found["S2"]["emission"]) == (1.5e9, Decimal(110))
    assert (found["S1"]["quality_option"], found["S2"]["quality_option"]) == ("1a", "1b")
    assert (found["S3"]["quality_option"], found["S3"]["quality_score"]) == ("3c", 5)
    assert found["S3"]["emission"] > 0
    assert (found["S4"]["status"], found["S4"]["emission"]) == ("unknown_issuer", None)
    assert found["S5"]["outstanding_amount"] == 0  # 20 % of a negative equity is nothing
    assert found["S5"]["asset_class"] == "business_loan"


def test_tables_5_4_and_5_5_from_records_and_nothing_is_netted(engine: DuckDB) -> None:
    figures = {
        "E1": (1000, 100, 5000, 20000, 0, 5000), "E2": (20000, 5000, 30000, 0, 25000, 0),
        "E3": (5000, 0, 10000, 1000, 5000, 500),
    }  # fmt: skip
    names = ("scope1", "scope2", "scope3", "removals", "credits_retired", "credits_generated")
    account(engine, {
        "enterprise": [{"uscc": code, **ENTERPRISE} for code in figures],
        "enterprise_finance": [
            {"uscc": code, "year": YEAR, "enterprise_value_including_cash": Decimal(1000)} for code in figures
        ],
        "entity_emission": [
            {"uscc": code, "year": YEAR, "source": "verified", **dict(zip(names, map(Decimal, row), strict=True))}
            for code, row in figures.items()
        ],
        "security_position": [
            {"position_id": f"S{k}", **HOME, "uscc": f"E{k}", "instrument": "listed_equity",
             "outstanding_amount": Decimal(amount)} for k, amount in ((1, 100), (2, 250), (3, 200))
        ],
    }, "pcaf_portfolio", "attributed_apart_total")  # fmt: skip
    total = one(engine, "pcaf_portfolio", "asset_class = 'listed_equity_bond'")
    assert (total["scope1"], total["scope2"], total["scope3"]) == (6100, 1260, 10000)
    assert total["emission"] == 7360  # neither removals nor credits change it
    apart = {
        row["kind"]: row["quantity"] for row in rows(engine, "attributed_apart_total", "method = 'pcaf_2022'")
    }
    assert apart == {"removals": 2200, "credits_retired": 7250, "credits_generated": 600}


def test_sovereign_debt_by_purchasing_power_scopes_apart(engine: DuckDB) -> None:
    country = {
        "year": YEAR, "cny_per_usd": 7.0, "scope2": Decimal(0), "scope3": Decimal(20_000_000), "option": "1b",
        "source": "test", "scope1_including_land": Decimal(60_000_000),
    }  # fmt: skip
    account(engine, {
        "sovereign_position": [
            {"position_id": "G1", **HOME, "country": "AAA", "outstanding_amount": Decimal(7_000_000)},
            {"position_id": "G2", **HOME, "country": "ZZZ", "outstanding_amount": Decimal(7)},
        ],
        "sovereign_account": [{"country": "AAA", **country, "ppp_gdp": 579_762e6,
                               "scope1_excluding_land": Decimal(61_451_586)}],
    }, "asset_class_emission")  # fmt: skip
    found = one(engine, "asset_class_emission", "position_id = 'G1'")
    assert round(found["emission"]) == 106  # one million dollars
    assert (found["quality_option"], found["quality_score"]) == ("1b", 2)
    assert found["scope1_with_land"] < found["scope1"]
    assert found["scope3"] > 0
    assert one(engine, "asset_class_emission", "position_id = 'G2'")["status"] == "no_emission"


def test_all_classes_add_up_and_each_has_an_interval(engine: DuckDB) -> None:
    tables = _securities()
    account(engine, {
        **tables,
        "loan": [{"loan_id": "L1", "uscc": "E3", **LOAN}, {"loan_id": "M1", **RETAIL, "asset_class": "mortgage"}],
        "loan_balance": months("L1", 50_000_000) + months("M1", 600_000),
        "property_finance": [{"loan_id": "M1", **FLAT, "energy_label": "A", **AREA}],
        "asset_emission_factor": PROPERTY_FACTORS,
    }, "pcaf_quality", "pcaf_portfolio_replicate")  # fmt: skip
    total = sum(row["emission"] or 0 for row in rows(engine, "pcaf_portfolio"))
    loans = sum(row["emission"] or 0 for row in rows(engine, "attributed_emission", "method = 'pcaf_2022'"))
    others = sum(row["emission"] or 0 for row in rows(engine, "asset_class_emission"))
    assert total == loans + others
    assert total == one(
        engine, "pcaf_quality", "asset_class = '*' AND institution_id = '*' AND scope = 'scope1_2'"
    )["emission"]  # fmt: skip
    told = {
        row["indicator"]: row
        for row in rows(engine, "uncertainty", "indicator LIKE 'financed_emission_pcaf_%'")
    }
    whole = told["financed_emission_pcaf_all"]
    assert whole["value"] == pytest.approx(float(total))
    assert whole["low"] < whole["value"] < whole["high"]
    flat = told["financed_emission_pcaf_mortgage"]
    assert flat["low"] < flat["value"] < flat["high"]
    parts = rows(engine, "pcaf_portfolio_replicate")
    for number in (1, 7, 50):
        by_class = {row["asset_class"]: row["emission"] for row in parts if row["replicate"] == number}
        assert by_class.pop("*") == pytest.approx(sum(by_class.values()))


def test_a_new_position_changes_nobody_elses_figure(engine: DuckDB) -> None:
    tables = _securities()
    account(engine, tables, "asset_class_emission")
    before = {row["position_id"]: row for row in rows(engine, "asset_class_emission")}
    more = {"position_id": "S6", **HOME, "uscc": "E1", "instrument": "corporate_bond",
            "outstanding_amount": Decimal(1_000)}  # fmt: skip
    account(
        engine,
        {**tables, "security_position": [more, *reversed(tables["security_position"])]},
        "asset_class_emission",
    )
    after = {row["position_id"]: row for row in rows(engine, "asset_class_emission")}
    assert after.pop("S6")["emission"] > 0
    assert after == before


def test_a_short_position_is_told_and_nets_nothing(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}], "loan_balance": months("L1", 1_000_000),
        "enterprise": [{"uscc": f"E{k}", **ENTERPRISE} for k in (1, 2)],
        "enterprise_finance": [{"uscc": f"E{k}", **FINANCE} for k in (1, 2)],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "unverified", "total": Decimal(2_500)}],
        "security_position": [
            {"position_id": "S1", **HOME, "uscc": "E1", "instrument": "corporate_bond",
             "outstanding_amount": Decimal(100_000_000)},
            {"position_id": "S2", **HOME, "uscc": "E1", "instrument": "corporate_bond",
             "outstanding_amount": Decimal(-5_000_000)},
            {"position_id": "S3", **HOME, "uscc": "E2", "instrument": "corporate_bond",
             "outstanding_amount": Decimal(-5_000_000)},
        ],
    }, "pcaf_portfolio", "financed_emission_class", told=True)  # fmt: skip
    found = {row["position_id"]: row for row in rows(engine, "asset_class_emission")}
    assert [found[name]["status"] for name in ("S1", "S2", "S3")] == ["estimated", "short", "short"]
    assert found["S1"]["emission"] == 100 and found["S2"]["emission"] is None  # 1e8 / 2.5e9 x 2,500 t
    total = one(engine, "pcaf_portfolio", "asset_class = 'listed_equity_bond'")
    assert (total["outstanding_amount"], total["outstanding_estimated"], total["emission"]) == (
        10**8,
        10**8,
        100,
    )
    cell = one(engine, "financed_emission_class", "asset_class = 'listed_equity_bond'")
    assert (cell["gross_exposure"], cell["included_exposure"], cell["short_exposure"]) == (
        10**8,
        10**8,
        -(10**7),
    )
    told = rows(engine, "finding", "code = 'finance.asset_without_data'")
    assert any("-10,000,000.00" in row["what_zh"] and "空头" in row["what_zh"] for row in told)
    assert all("_" not in row["what_zh"] for row in told), "classes are called by their names"
