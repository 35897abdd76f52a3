# ruff: noqa: E501  (rows of figures read best as rows)
"""Plausible figures of the bank desk's further tables; nothing in it is a statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

Rows = Sequence[Mapping[str, Any]]
BANKS = ("B1", "B2", "B3", "B4")
QUARTERS = ("2023Q1", "2023Q2", "2023Q3", "2023Q4")


def match_coverage() -> Rows:
    """Return matched loans, natural persons, and two small kinds of open ones."""
    kinds = (("matched", "code", "code", 5800, 78e11), ("matched", "name", "name", 40, 2e11), ("natural_person", "none", "natural_person", 4200, 33e11),
             ("review", "name", "several_alike", 2, 3e8), ("unknown", "none", "not_found", 26, 4e10))  # fmt: skip
    return [{"status": status, "matched_by": means, "level": "direct", "reason": reason, "loans": loans, "outstanding_amount": money}
            for status, means, reason, loans, money in kinds]  # fmt: skip


def label_reconciliation() -> Rows:
    """Return every verdict for two themes; one excess label stands alone."""
    verdicts = (("correct", 1200, 5e12), ("suspected_correct", 60, 3e11), ("suspected_missing", 20, 2e10), ("missing", 5, 4e9),
                ("wrong", 6, 3e9), ("excess", 1, 9e8), ("not_checkable", 900, 3e12))  # fmt: skip
    return [{"institution_id": "B1", "theme": theme, "basis": basis, "verdict": verdict, "loans": loans, "outstanding_amount": money,
             "share_of_loans": 0.1, "share_of_amount": 0.1, "loans_with_words": 1, "amount_with_words": money}
            for theme in ("green", "digital") for basis in ("purpose", "borrower") for verdict, loans, money in verdicts]  # fmt: skip


def transition_standing() -> Rows:
    """Return enterprises of two industries of the catalogue, one standing held by one enterprise alone."""
    kinds = (
        ("25", "advanced", 4),
        ("25", "entry_met", 5),
        ("25", "below_entry", 1),
        ("31", "value_not_loaded", 9),
    )
    return [{"uscc": f"SECRET{industry}{standing}{place}", "industry": industry, "indicator": "energy", "year": 2023, "indicator_value": 80,
             "unit": "%", "entry_value": 90, "advanced_value": 70, "standing": standing, "outstanding_amount": 3e9 + place}
            for industry, standing, count in kinds for place in range(count)]  # fmt: skip


def evaluation_score() -> Rows:
    """Return two indicators of four institutions, without a score."""
    return [{"institution_id": bank, "month": "2023-12", "indicator": indicator, "indicator_value": 10 + place, "own_mean": 9 + place,
             "own_difference": 1, "peer_mean": 11, "peer_difference": place - 1, "place": 4 - place, "institutions": 4,
             "weight_percent": 25, "score": None, "score_status": "not_established"}
            for indicator in ("green_share", "risk_share") for place, bank in enumerate(BANKS)]  # fmt: skip


def pcaf_quality() -> Rows:
    """Return four classes and their total, one class not estimated."""
    classes = (("business_loan", 72e5, 72e11, 3.8), ("project_finance", 6e5, 6e11, 5.0), ("listed_equity_bond", 9e5, 2e11, 2.1),
               ("mortgage", None, 26e11, None), ("*", 87e5, 106e11, 3.7))  # fmt: skip
    return [{"asset_class": one, "institution_id": "*", "scope": scope, "outstanding_amount": money,
             "outstanding_covered": emission and money, "emission": emission and emission * (1 if scope == "scope1_2" else 0.4),
             "coverage": emission and 1.0, "weighted_score": score, "intensity": emission and 10.5}
            for one, emission, money, score in classes for scope in ("scope1_2", "scope3")]  # fmt: skip


def pcaf_portfolio() -> Rows:
    """Return positions of the four classes."""
    classes = (
        ("business_loan", 5184, 72e5),
        ("project_finance", 631, 6e5),
        ("listed_equity_bond", 12, 9e5),
        ("mortgage", 3300, None),
    )
    return [{"asset_class": one, "institution_id": "B1", "branch_code": "none", "gbt4754_division": "none", "positions": positions,
             "positions_estimated": positions if emission else 0, "outstanding_amount": 1e11, "emission": emission,
             "scope1": emission and emission * 0.75, "scope2": emission and emission * 0.25, "scope3": emission and emission * 0.4}
            for one, positions, emission in classes]  # fmt: skip


def financed_emission_change() -> Rows:
    """Return effects that take the total before to the total now, for two methods."""
    effects = (("previous_total", 6e7), ("exposure", 5e6), ("mix", -2e6), ("denominator", -1e6), ("intensity", -4e6), ("activity", 3e6),
               ("calculation", 1e6), ("entry", 2e6), ("exit", -3e6), ("total", 6.1e7))  # fmt: skip
    return [{"method": method, "institution_id": "B1", "gbt4754_division": "25", "effect": effect, "subjects": 20, "emission": value}
            for method in ("bank_2026", "pcaf_2022") for effect, value in effects]  # fmt: skip


def capital_flow() -> Rows:
    """Return flows of four institutions; transition loans are of one alone."""
    kinds = (
        ("high_carbon", BANKS, -2e9),
        ("low_carbon", BANKS, 8e9),
        ("other", BANKS, 3e9),
        ("transition", BANKS[:1], 1e9),
    )
    periods = [("quarter", one) for one in QUARTERS] + [("year", "2023")]
    return [{"institution_id": bank, "period_kind": kind, "period": period, "division": "25", "carbon_class": one, "field": "none",
             "outstanding_begin": 1e11, "outstanding_end": 1e11 + net, "net_flow": net, "inflow": abs(net) + 1e9,
             "outflow": 1e9 if net > 0 else abs(net) + 2e9, "matched_begin": 1e11, "matched_end": 1e11 + net, "loans": 40, "loans_unknown": 0}
            for kind, period in periods for one, banks, net in kinds for bank in banks]  # fmt: skip


def capital_flow_period() -> Rows:
    """Return periods whose first quarter, and year, begin at the end of January: the ledger knows nothing before."""
    ends = [
        ("quarter", one, begin, begin + 2 + (begin > 1))
        for one, begin in zip(QUARTERS, (1, 3, 6, 9), strict=True)
    ]
    return [{"period_kind": kind, "period": period, "begin_number": begin, "end_number": end,
             "begin_month": f"2023-{begin:02}", "end_month": f"2023-{end:02}"}
            for kind, period, begin, end in (*ends, ("year", "2023", 1, 12))]  # fmt: skip


def capital_flow_shift() -> Rows:
    """Return growth, between and within for each class of the year."""
    kinds = (
        ("high_carbon", -8e9, 0.3, 0.27),
        ("low_carbon", 32e9, 0.3, 0.36),
        ("other", 12e9, 0.37, 0.35),
        ("transition", 1e9, 0.03, 0.02),
    )
    return [{"institution_id": "*", "period_kind": "year", "period": "2023", "carbon_class": one, "outstanding_begin": 4e11,
             "outstanding_end": 4e11 + change, "change": change, "growth": 9e9, "between_divisions": change - 12e9, "within_divisions": 3e9,
             "share_begin": begin, "share_end": end, "between_share": 0.01, "within_share": 0.01}
            for one, change, begin, end in kinds]  # fmt: skip


def capital_flow_intensity() -> Rows:
    """Return intensities of four quarters and the year."""
    periods = [("quarter", one) for one in QUARTERS] + [("year", "2023")]
    return [{"institution_id": "*", "period_kind": kind, "period": period, "stock_begin_intensity": 0.25, "stock_end_intensity": 0.26,
             "inflow_intensity": 0.16, "outflow_intensity": 0.28, "covered": 0.7} for kind, period in periods]  # fmt: skip


def project_benefit() -> Rows:
    """Return projects of four types: one refused, one alone in its type, one without an interval."""
    kinds = (("wind_power", 5, "computed", 4e4, True), ("electricity_saving", 4, "computed", 1e4, False),
             ("urban_rail", 3, "refused", None, False), ("biogas_use", 1, "computed", 2e3, True))  # fmt: skip
    return [{"project_id": f"SECRET-{kind}-{place}", "project_type": kind, "year": 2023, "stage": "ex_ante", "indicator": "greenhouse_gas",
             "quantity": value, "unit": "tCO2e", "low": value * 0.9 if stated and value else None, "high": value * 1.1 if stated and value else None,
             "uncertainty": "stated" if stated else "not_stated", "status": status, "missing": None, "basis": None, "power_factor": None, "power_factor_purpose": None}
            for kind, count, status, value, stated in kinds for place in range(count)]  # fmt: skip


def benefit_share() -> Rows:
    """Return the loans' part of each calculated project, one lent more than its investment."""
    return [{"project_id": row["project_id"], "institution_id": "B1", "year": 2023, "stage": "ex_ante", "indicator": "greenhouse_gas",
             "outstanding_amount": 1e8, "total_investment": 5e8, "share": 0.2, "share_of_all": 0.2, "project_quantity": row["quantity"],
             "quantity": None if place == 0 else row["quantity"] * 0.2, "unit": "tCO2e",
             "status": "over_investment" if place == 0 else "attributed"}
            for place, row in enumerate(project_benefit()) if row["status"] == "computed"]  # fmt: skip


def benefit_claim_check() -> Rows:
    """Return claims that hold, one above the calculation, one above its share, and one with a doubtful unit."""
    claims = (
        ("green_loan", "within"),
        ("green_loan", "above"),
        ("green_loan", "above_share"),
        ("green_bond", "within"),
        ("carbon_inclusion", "unit_slip"),
    )
    return [{"claim_id": f"SECRET-{place}", "project_id": "SECRET-1", "year": 2023, "indicator": "greenhouse_gas", "channel": channel,
             "claimant": "SECRET", "quantity": 1e4, "computed": 1e4, "unit": "tCO2e", "times": 1.0, "suspected_factor": None, "status": status}
            for place, (channel, status) in enumerate(claims)]  # fmt: skip


def benefit_ledger() -> Rows:
    """Return one benefit claimed once and one claimed twice."""
    return [{"project_id": f"SECRET-{status}", "year": 2023, "indicator": "greenhouse_gas", "computed": 1e4, "claimed": 2e4, "excess": 1e4,
             "unit": "tCO2e", "claims": 2, "channels": 2, "claim_ids": "SECRET", "status": status} for status in ("once", "twice")]  # fmt: skip


def facility_disclosure() -> Rows:
    """Return two institutions, one with too few projects to be shown."""
    fields = ("clean_energy", "energy_saving", "carbon_reduction_technology", "all")
    return [{"institution_id": bank, "institution_name": "银行", "quarter": "2023Q4", "window": window, "field": field,
             "projects": projects * (3 if field == "all" else 1), "amount": Decimal(9_000_000_00) * projects, "weighted_rate": 3.4,
             "annual_abatement": Decimal(41_000) * projects, "loans_without_abatement": 0}
            for bank, projects in (("B1", 4), ("B2", 0)) for window in ("quarter", "since_inception") for field in fields] + [
            {"institution_id": "B3", "institution_name": "银行", "quarter": "2023Q3", "window": "quarter", "field": "all", "projects": 1,
             "amount": 77_000_000, "weighted_rate": 3.0, "annual_abatement": 77, "loans_without_abatement": 0}]  # fmt: skip


def green_bond_proceeds() -> Rows:
    """Return one bond used in full, one in part."""
    return [{"bond_id": bond, "year": 2023, "proceeds": 3e9, "used_in_year": 1e9, "used_to_date": used, "unused": 3e9 - used,
             "share_used": used / 3e9, "projects": 4, "status": status}
            for bond, used, status in (("G1", 3e9, "fully_used"), ("G2", 2e9, "partly_used"))]  # fmt: skip


def green_bond_indicator() -> Rows:
    """Return two indicators, one of a single project."""
    return [{"bond_id": "G1", "year": 2023, "stage": "ex_ante", "indicator": indicator, "quantity": 8464, "unit": unit, "projects": projects,
             "projects_without": 1, "catalogue_codes": "1.1"} for indicator, unit, projects in (("greenhouse_gas", "tCO2e", 4), ("cod", "t", 1))]  # fmt: skip


def attributed_apart_total() -> Rows:
    """Return three kinds by one method at two institutions; credits retired are of a single position."""
    kinds = (("removals", 4, 5e5), ("credits_retired", 1, 1e5), ("avoided", 6, 3e6))
    return [{"method": "bank_2026", "institution_id": bank, "branch_code": "none", "kind": kind, "positions": count if bank == BANKS[0] else 0,
             "quantity": value if bank == BANKS[0] else None} for kind, count, value in kinds for bank in BANKS[:2]]  # fmt: skip


def transition_progress() -> Rows:
    """Return five plans with two indicators in one year, and one plan alone in the next."""
    return [{"plan_id": f"SECRET-T{place}", "uscc": f"SECRET-U{place}", "indicator": indicator, "year": year, "planned_value": 80.0,
             "actual_value": 81.0 if year == 2023 else None, "unit": "%", "planned_spending": 2e8,
             "actual_spending": 1e8 if year == 2023 else None, "cumulative_spending_share": 0.5}
            for year, count in ((2023, 5), (2024, 1)) for place in range(count) for indicator in ("energy", "carbon")]  # fmt: skip


def transition_pricing() -> Rows:
    """Return tests of one year: four met, three missed."""
    return [{"loan_id": f"SECRET-L{place}", "uscc": f"SECRET-U{place}", "indicator": "energy", "test_year": 2023, "priced_on": None,
             "target_value": 80.0, "actual_value": 79.0, "unit": "%", "result": "met" if place < 4 else "missed", "margin_change": -0.05}
            for place in range(7)]  # fmt: skip


def tables() -> dict[str, Rows]:
    """Rows by table."""
    made = (match_coverage, label_reconciliation, transition_standing, evaluation_score, pcaf_quality, pcaf_portfolio,
            financed_emission_change, capital_flow, capital_flow_period, capital_flow_shift, capital_flow_intensity, project_benefit, benefit_share,
            benefit_claim_check, benefit_ledger, facility_disclosure, green_bond_proceeds, green_bond_indicator,
            attributed_apart_total, transition_progress, transition_pricing)  # fmt: skip
    return {one.__name__: one() for one in made}
