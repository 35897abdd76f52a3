"""The steps of PCAF's other asset classes and of what is told about a book's financed emissions as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.engine.query import Query, query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step
from lvshu.finance import account_findings, change
from lvshu.finance.findings import IMPLAUSIBLE_TIMES
from lvshu.finance.workflow.beside import CHEAPEST_COAL

PACKAGE = "lvshu.finance"
OPTIONS = "pcaf_options"


def _year(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year}


def _place(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year, "area": settings.area}


def _report_year(settings: Settings) -> Mapping[str, object]:
    """Return the year in which the report on the book's year is published: the next one."""
    return {"report_year": settings.year + 1}


def _base(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year, "base_method": settings.finance_methods[0]}


# Emission of what a yuan buys of the cheapest coal: 260 CNY/t at 5500 kcal/kg, the lowest end of the price ranges of
# NDRC 发改价格〔2022〕303号 of February 2022, as the press restates it (western Inner Mongolia, at the mine);
# 4.1868 kJ/kcal; 0.0946 tCO2/GJ, IPCC 2006 vol. 2 table 1.4, other bituminous coal. 83.8 t per 1e4 CNY.
COAL_PER_YUAN = 5500 * 4.1868 / 1000 / CHEAPEST_COAL * 0.0946


def _two_years(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year, "previous_year": settings.year - 1}


def _slips(settings: Settings) -> Mapping[str, object]:
    return {**_two_years(settings), "coal_per_yuan": repr(COAL_PER_YUAN)}


def _implausible(settings: Settings) -> Mapping[str, object]:
    return {"times": IMPLAUSIBLE_TIMES}


def _sql(table: str) -> Query:
    return query(PACKAGE, table)


CLASS_STEPS = (
    Step(
        name="finance.asset_emission_estimate", makes=("asset_emission_estimate",),
        action=_sql("asset_emission_estimate"), reads=("loan",),
        reads_if_there=("property_finance", "vehicle_finance", "asset_energy", "asset_emission_factor",
                        "energy_factor_applied"),
        packs=(OPTIONS,), method="finance.pcaf_classes", parameters=_place,
    ),
    Step(
        name="finance.asset_class_emission", makes=("asset_class_emission",), action=_sql("asset_class_emission"),
        reads_if_there=("loan", "branch_code_of_name", "loan_average_balance", "security_position",
                        "sovereign_position", "sovereign_account", "property_finance", "vehicle_finance",
                        "asset_emission_estimate", "enterprise", "company_capital",
                        "entity_emission_choice", "sector_balance_factor"),
        packs=(OPTIONS,), method="finance.pcaf_classes", parameters=_year,
    ),
    Step(
        name="finance.sovereign_measure", makes=("sovereign_measure",), action=_sql("sovereign_measure"),
        reads=("sovereign_account",), method="finance.pcaf_classes", parameters=_year,
    ),
    Step(
        name="finance.pcaf_portfolio", makes=("pcaf_portfolio",), action=_sql("pcaf_portfolio"),
        reads_if_there=("attributed_emission", "loan_subject", "asset_class_emission"), packs=("pcaf_editions",),
        method="finance.pcaf_classes",
    ),
    Step(
        name="finance.pcaf_quality", makes=("pcaf_quality",), action=_sql("pcaf_quality"), reads=("pcaf_portfolio",),
        method="finance.pcaf_quality",
    ),
    Step(
        name="finance.uncertain_asset_emission", makes=("uncertain_asset_emission",),
        action=_sql("uncertain_asset_emission"), reads=("asset_class_emission",), method="finance.uncertainty",
    ),
)  # fmt: skip

PART_STEPS = (
    Step(
        name="finance.facilitated_emission", makes=("facilitated_emission",), action=_sql("facilitated_emission"),
        reads=("facilitated_deal",),
        reads_if_there=("enterprise", "company_capital", "entity_emission_choice"),
        packs=("pcaf_weights",), method="finance.pcaf_parts", parameters=_year,
    ),
    Step(
        name="finance.insured_emission", makes=("insured_emission",), action=_sql("insured_emission"),
        reads=("insurance_policy",), reads_if_there=("enterprise", "enterprise_finance", "entity_emission_choice"),
        method="finance.pcaf_parts", parameters=_year,
    ),
    Step(
        name="finance.physical_intensity", makes=("physical_intensity",), action=_sql("physical_intensity"),
        reads=("attributed_emission",), reads_if_there=("product_return", "asset_class_emission", "property_finance"),
        method="finance.physical_intensity", parameters=_year,
    ),
    Step(
        name="finance.scope3_phase_in", makes=("scope3_phase_in",), action=_sql("scope3_phase_in"),
        reads=("attributed_emission",), packs=("pcaf_scope3_phase_in",), method="finance.scope3_phase_in",
        parameters=_report_year,
    ),
)  # fmt: skip

BOOK_STEPS = (
    Step(
        name="finance.attributed_apart", makes=("attributed_apart",), action=_sql("attributed_apart"),
        reads=("entity_emission",), reads_if_there=("attributed_emission", "asset_class_emission"),
        method="finance.apart", parameters=_year,
    ),
    Step(
        name="finance.attributed_apart_total", makes=("attributed_apart_total",),
        action=_sql("attributed_apart_total"), reads=("attributed_apart",), method="finance.apart",
    ),
    Step(
        name="finance.financed_indicator", makes=("financed_indicator",), action=_sql("financed_indicator"),
        reads=("attributed_emission",), reads_if_there=("enterprise_finance",), method="finance.indicator",
        parameters=_year,
    ),
    Step(
        name="finance.subject_attribution", makes=("subject_attribution",), action=_sql("subject_attribution"),
        reads=("attributed_emission",), reads_if_there=("enterprise_finance",), method="finance.change",
        parameters=_year,
    ),
    Step(
        name="finance.subject_change", makes=("subject_change", "value_adjustment"), action=change.make,
        reads=("subject_attribution", "subject_attribution_previous"), method="finance.change",
    ),
    Step(
        name="finance.financed_emission_change", makes=("financed_emission_change",),
        action=_sql("financed_emission_change"), reads=("subject_change",), method="finance.change",
    ),
    Step(
        name="finance.enterprise_carbon_account", makes=("enterprise_carbon_account",),
        action=_sql("enterprise_carbon_account"),
        reads_if_there=("entity_emission", "entity_emission_choice", "entity_energy_emission", "attributed_emission",
                        "enterprise", "enterprise_finance", "formal_list", "client_state",
                        "enterprise_carbon_account_previous"),
        method="finance.carbon_account", parameters=_base,
    ),
    Step(
        name="finance.finance_gap_record", makes=("finance_gap_record",), action=_sql("finance_gap_record"),
        reads_if_there=("loan_scope", "loan_average_balance", "attributed_emission", "entity_emission_choice",
                        "entity_emission_estimate", "project_over_attributed", "suspected_unit",
                        "entity_process_emission", "loan_subject"),
        method="finance.gap", parameters=_implausible,
    ),
    Step(
        name="finance.suspected_unit", makes=("suspected_unit",), action=_sql("suspected_unit"),
        reads_if_there=("loan", "branch_code_of_name", "loan_average_balance", "entity_emission",
                        "entity_emission_estimate", "process_return", "entity_process_emission",
                        "entity_energy_emission", "enterprise_finance", "enterprise", "sector_balance_factor",
                        "project"),
        method="finance.suspected_unit", parameters=_slips,
    ),
    Step(
        name="finance.account_findings", makes=(), action=account_findings.make,
        reads_if_there=("asset_class_emission", "pcaf_portfolio", "suspected_unit", "loan", "enterprise", "project",
                        "entity_emission", "attributed_emission", "enterprise_finance", "energy_return"),
        packs=("gbt4754_2017", "gbt4754_2011_map"), method="finance.suspected_unit",
    ),
)  # fmt: skip

STEPS: tuple[Step, ...] = (*CLASS_STEPS, *PART_STEPS, *BOOK_STEPS)
