"""The steps of the finance wing: from a loan ledger to financed emissions, their quality and their gaps."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.engine.query import Query, query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step
from lvshu.finance import (
    account_steps,
    carry,
    coded_findings,
    disclosure_steps,
    energy_factors,
    findings,
    label_steps,
    link_alternatives,
    year_findings,
)
from lvshu.finance.benefit_steps import BENEFIT_STEPS
from lvshu.finance.flow_steps import FLOW_STEPS
from lvshu.finance.identify_steps import IDENTIFY_STEPS
from lvshu.finance.workflow_steps import WORKFLOW_STEPS

PACKAGE = "lvshu.finance"
METHODS = "finance_methods"
SCORES = "finance_quality_scores"
INDUSTRIES = "finance_scope_industries"
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


ALTERNATIVES_READ = (
    "branch_code_of_name", "enterprise", "project", "industry_group", "formal_list", "correction", "security_position",
    "facilitated_deal", "insurance_policy", "enterprise_finance", "entity_emission", "entity_energy_emission",
    "entity_process_emission", "product_return", "sector_factor_applied", "contradicted_statement", "company_capital",
    "sector_balance_factor", "coded_industry",
)  # fmt: skip
"""What the chain from loans to attributed emissions reads beside the ledger."""


def _year(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year}


def _months(settings: Settings) -> Mapping[str, object]:
    months = {name: f"{settings.year}-{number:02d}" for number, name in enumerate(MONTHS, start=1)}
    return {"year": settings.year, "previous_december": f"{settings.year - 1}-12", **months}


def _methods(settings: Settings) -> Mapping[str, object]:
    return {"methods": "|" + "|".join(settings.finance_methods) + "|"}


def _choice(settings: Settings) -> Mapping[str, object]:
    return {**_methods(settings), "year": settings.year}


def _scope(settings: Settings) -> Mapping[str, object]:
    return {**_methods(settings), "balance_average": settings.balance_average, "year": settings.year}


def _switch(settings: Settings) -> Mapping[str, object]:
    return {**_methods(settings), "base_method": settings.finance_methods[0]}


def _machine(settings: Settings) -> Mapping[str, object]:
    return {"machine_industry": settings.machine_industry}


def _energy(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year, "area": settings.area}


def _sql(table: str) -> Query:
    return query(PACKAGE, table)


LOAN_STEPS = (
    Step(
        name="finance.converted_balance", makes=("converted_balance",), action=_sql("converted_balance"),
        reads=("loan_balance",), reads_if_there=("exchange_rate",), method="finance.currency",
    ),
    Step(
        name="finance.loan_average_balance", makes=("loan_average_balance",), action=_sql("loan_average_balance"),
        reads=("loan",), reads_if_there=("loan_balance", "converted_balance"), method="finance.average_balance",
        parameters=_months,
    ),
    Step(
        name="finance.industry_group", makes=("industry_group",), action=_sql("industry_group"),
        reads=("loan",), reads_if_there=("enterprise", "project"), packs=(INDUSTRIES,), method="finance.scope",
    ),
    Step(
        name="finance.branch_code_of_name", makes=("branch_code_of_name",), action=_sql("branch_code_of_name"),
        reads=("loan",), method="finance.scope",
    ),
    Step(
        name="finance.loan_subject", makes=("loan_subject",), action=_sql("loan_subject"),
        reads=("loan", "loan_average_balance"),
        reads_if_there=("branch_code_of_name", "loan_match", "enterprise", "project"),
        packs=("gbt4754_2017",),
        method="finance.scope",
    ),
    Step(
        name="finance.loan_scope", makes=("loan_scope",), action=_sql("loan_scope"),
        reads=("loan_subject", "loan_average_balance"),
        reads_if_there=("industry_group", "formal_list", "correction"),
        packs=(METHODS, INDUSTRIES), method="finance.scope", parameters=_scope,
    ),
    Step(
        name="finance.contradicted_statement", makes=("contradicted_statement",),
        action=_sql("contradicted_statement"), reads=("loan_subject", "loan_average_balance"),
        reads_if_there=("enterprise_finance", "project"), method="finance.contradiction", parameters=_year,
    ),
)  # fmt: skip

ENTITY_STEPS = (
    Step(
        name="finance.energy_factor_applied", makes=("energy_factor_applied",), action=energy_factors.make,
        reads_if_there=("energy_return", "asset_energy", "enterprise"),
        packs=("fuel_factors_p", "fuel_factors_g", "grid_factors", "shanghai_ets_factors", "heat_factors",
               "coal_equivalent", METHODS),
        method="finance.energy",
    ),
    Step(
        name="finance.entity_energy_emission", makes=("entity_energy_emission",), action=_sql("entity_energy_emission"),
        reads=("energy_return", "energy_factor_applied"), reads_if_there=("enterprise",), method="finance.energy",
        parameters=_energy,
    ),
    Step(
        name="finance.entity_process_emission", makes=("entity_process_emission",),
        action=_sql("entity_process_emission"), reads=("process_return",), packs=("process_factors",),
        method="finance.process", parameters=_year,
    ),
    Step(
        name="finance.sector_factor_applied", makes=("sector_factor_applied",), action=_sql("sector_factor_applied"),
        reads_if_there=("sector_intensity", "sector_emission_factor"), method="finance.entity_emission",
        parameters=_year,
    ),
    Step(
        name="finance.coded_industry", makes=("coded_industry",), action=_sql("coded_industry"),
        reads=("enterprise",), reads_if_there=("activity_code", "assigned_industry"), packs=("gbt4754_2017",),
        method="finance.coded_industry", parameters=_machine,
    ),
    Step(
        name="finance.entity_emission_estimate", makes=("entity_emission_estimate",),
        action=_sql("entity_emission_estimate"),
        reads_if_there=("loan_scope", "loan_subject", "security_position", "facilitated_deal", "insurance_policy",
                        "enterprise", "enterprise_finance", "project", "entity_emission", "entity_energy_emission",
                        "entity_process_emission",
                        "product_return", "sector_factor_applied", "contradicted_statement", "coded_industry"),
        packs=("product_factors", "process_industries"), method="finance.entity_emission", parameters=_year,
    ),
    Step(
        name="finance.entity_emission_choice", makes=("entity_emission_choice",), action=_sql("entity_emission_choice"),
        reads=("entity_emission_estimate",), reads_if_there=("entity_emission",), packs=(SCORES,),
        method="finance.entity_emission", parameters=_choice,
    ),
    Step(
        name="finance.sector_balance_factor", makes=("sector_balance_factor",), action=_sql("sector_balance_factor"),
        reads=("sector_factor_applied",),
        reads_if_there=("enterprise", "enterprise_finance", "contradicted_statement"),
        method="finance.fallback", parameters=_year,
    ),
)  # fmt: skip

RESULT_STEPS = (
    Step(
        name="finance.company_capital", makes=("company_capital",), action=_sql("company_capital"),
        reads=("enterprise_finance",), reads_if_there=("contradicted_statement",), method="finance.attribution",
        parameters=_year,
    ),
    Step(
        name="finance.attributed_emission", makes=("attributed_emission",), action=_sql("attributed_emission"),
        reads=("loan_scope", "loan_subject"),
        reads_if_there=("entity_emission_choice", "entity_emission_estimate", "contradicted_statement",
                        "company_capital", "project", "sector_balance_factor", "coded_industry"),
        packs=(METHODS, SCORES, "finance_attribution"), method="finance.attribution",
    ),
    Step(
        name="finance.project_over_attributed", makes=("project_over_attributed",),
        action=_sql("project_over_attributed"), reads=("attributed_emission",), method="finance.attribution",
    ),
    Step(
        name="finance.financed_emission", makes=("financed_emission",), action=_sql("financed_emission"),
        reads=("attributed_emission",), method="finance.attribution",
    ),
    Step(
        name="finance.loan_coverage", makes=("loan_coverage",), action=_sql("loan_coverage"), reads=("loan_scope",),
        method="finance.scope",
    ),
    Step(
        name="finance.data_quality", makes=("data_quality",), action=_sql("data_quality"),
        reads=("attributed_emission", "entity_emission_choice"), method="finance.data_quality",
    ),
    Step(
        name="finance.data_quality_grade", makes=("data_quality_grade",), action=_sql("data_quality_grade"),
        reads=("data_quality",), packs=(METHODS,), method="finance.data_quality",
    ),
    Step(
        name="finance.method_switch", makes=("method_switch",), action=_sql("method_switch"),
        reads=("attributed_emission",), packs=(METHODS,), method="finance.method_switch", parameters=_switch,
    ),
    Step(
        name="finance.capital_by_carbon_class", makes=("capital_by_carbon_class",),
        action=_sql("capital_by_carbon_class"), reads=("loan_subject", "loan_average_balance"),
        reads_if_there=("industry_group",), method="finance.capital",
    ),
    Step(
        name="finance.uncertain_emission", makes=("uncertain_emission",), action=_sql("uncertain_emission"),
        reads=("attributed_emission",),
        reads_if_there=("entity_emission_estimate", "entity_energy_emission", "entity_process_emission"),
        method="finance.uncertainty",
    ),
    Step(
        name="finance.link_alternative", makes=("link_alternative",), action=link_alternatives.make_alternatives,
        reads=("match_candidate",), reads_if_there=("subject_match", "match_review", "company_code"),
        method="finance.uncertainty",
    ),
    Step(
        name="finance.link_alternative_emission", makes=("link_alternative_emission",),
        action=link_alternatives.make_emissions, reads=("link_alternative",),
        reads_if_there=("loan", "loan_match", "loan_average_balance", "attributed_emission", *ALTERNATIVES_READ),
        packs=(METHODS, SCORES, "finance_attribution", "gbt4754_2017", INDUSTRIES, "product_factors",
               "process_industries"),
        method="finance.uncertainty",
    ),
    Step(
        name="finance.coded_findings", makes=(), action=coded_findings.make, reads=("attributed_emission",),
        reads_if_there=("link_quality", "enterprise"),
        method="finance.coded_industry",
    ),
    Step(
        name="finance.coded_borrower", makes=("coded_borrower",), action=_sql("coded_borrower"),
        reads=("coded_industry", "attributed_emission"),
        reads_if_there=("entity_emission_estimate",), method="finance.uncertainty",
    ),
    Step(
        name="finance.financed_emission_replicate",
        makes=("financed_emission_replicate", "financed_emission_error", "financed_emission_interval",
               "pcaf_portfolio_replicate"),
        action=carry.make,
        reads_if_there=("uncertain_emission", "uncertain_asset_emission", "sector_intensity",
                        "sector_intensity_replicate", "energy_factor_applied",
                        "attributed_emission", "entity_emission_estimate", "sector_balance_factor",
                        "sector_factor_applied", "link_alternative", "link_alternative_emission", "coded_borrower",
                        "coded_industry", "industry_code_replicate", "link_quality", "enterprise", "enterprise_finance",
                        "contradicted_statement", "loan_scope", "loan_average_balance", "loan_match", "loan_subject",
                        "entity_emission_choice", "company_capital"),
        packs=(METHODS,), method="finance.uncertainty",
    ),
    Step(
        name="finance.finance_gap", makes=("finance_gap",), action=_sql("finance_gap"),
        reads=("loan_average_balance",),
        reads_if_there=("loan", "loan_balance", "loan_subject", "loan_scope", "attributed_emission",
                        "entity_emission_choice", "finance_gap_record"),
        method="finance.gap", parameters=_months,
    ),
    Step(
        name="finance.other_years", makes=(), action=year_findings.make, reads=("loan_subject",),
        reads_if_there=("loan_average_balance", *year_findings.TABLES), method="finance.gap",
    ),
    Step(
        name="finance.findings", makes=(), action=findings.make, reads=("loan_scope",),
        reads_if_there=("finance_gap", "finance_gap_record", "attributed_emission", "contradicted_statement",
                        "entity_emission_estimate", "product_return", "sector_intensity", "entity_process_emission",
                        "entity_energy_emission", "entity_emission_choice", "energy_return", "process_return",
                        "energy_factor_applied", "project_over_attributed", "sector_balance_factor",
                        "sector_factor_applied", "sector_emission_factor", "enterprise", "project", "loan",
                        "converted_balance"),
        packs=("product_factors", "process_industries", "process_factors"), method="finance.gap",
    ),
)  # fmt: skip

STEPS: tuple[Step, ...] = (
    *LOAN_STEPS,
    *IDENTIFY_STEPS,
    *ENTITY_STEPS,
    *RESULT_STEPS,
    *account_steps.STEPS,
    *disclosure_steps.STEPS,
    *label_steps.STEPS,
    *WORKFLOW_STEPS,
    *BENEFIT_STEPS,
    *FLOW_STEPS,
)
