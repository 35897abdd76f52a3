"""The steps of the statistics wing: digital economy, platform transactions, flexible employment."""

from __future__ import annotations

from lvshu.engine.query import query
from lvshu.engine.step import Step
from lvshu.statistics import (
    derived_account,
    digital_account,
    digital_district_model,
    digital_prices,
    district_model,
    edit_book,
    employment,
    employment_district,
    employment_month,
    platform_economy,
    platform_months,
    platform_public,
    platforms,
    work_months,
    work_public,
)
from lvshu.statistics.coding.derived import ELDERLY, TECHNOLOGY
from lvshu.statistics.coding.steps import CODING_STEPS
from lvshu.statistics.derived_table import INDUSTRIES
from lvshu.statistics.desk_error.steps import TOTAL_ERROR_STEPS
from lvshu.statistics.digital_month import DIGITAL_MONTH_STEPS
from lvshu.statistics.digital_nowcast import DIGITAL_NOWCAST_STEPS
from lvshu.statistics.disclosure_audit import AUDIT_STEPS
from lvshu.statistics.forms import progress
from lvshu.statistics.indicator_check import INDICATOR_CHECK_STEPS
from lvshu.statistics.indicator_month import INDICATOR_MONTH_STEPS
from lvshu.statistics.keys import (
    CLASSES,
    CODES,
    COEFFICIENTS,
    EDIT_RULES,
    PACKAGE,
    RULES,
    year_number,
    year_text,
)
from lvshu.statistics.nowcast import NOWCAST_STEPS
from lvshu.statistics.protection import PACK as DISCLOSURE
from lvshu.statistics.register.steps import REGISTER_STEPS
from lvshu.statistics.seasonal import SERIES_STEPS

DIGITAL_STEPS = (
    Step(
        name="statistics.digital_survey_class", makes=("digital_survey_class",),
        action=query(PACKAGE, "digital_survey_class"), reads=("business_survey",),
        reads_if_there=("enterprise", "assigned_industry"),
        method="statistics.digital_economy", parameters=year_number,
    ),
    Step(
        name="statistics.digital_industry_mismatch", makes=("digital_industry_mismatch",),
        action=query(PACKAGE, "digital_industry_mismatch"), reads=("business_survey", "enterprise"), packs=(CODES,),
        method="statistics.digital_economy", parameters=year_number,
    ),
    Step(
        name="statistics.digital_economy",
        makes=(
            "digital_economy_account", "digital_economy_account_public", "digital_economy_share",
            "digital_core_replicate", "digital_coding_error", "digital_coding_replicate",
            "digital_economy_district", "digital_division", "digital_division_replicate",
        ),
        action=digital_account.make, reads=("digital_survey_class", "business_survey"),
        reads_if_there=("digital_economy_district_previous", "digital_economy_account_previous",
            "digital_industry_mismatch", "sector_account", "enterprise", "activity_code", "coding_error_sample",
            "enterprise_group", "assigned_industry", "link_quality", "quarantine", "derived_class", "input_column",
        ),
        packs=(CLASSES, CODES, COEFFICIENTS, TECHNOLOGY, ELDERLY, INDUSTRIES, DISCLOSURE),
        method="statistics.digital_economy",
    ),
    Step(
        name="statistics.digital_economy_district_model", makes=("digital_economy_district_model",),
        action=digital_district_model.make, reads=("digital_economy_district", "business_survey"),
        reads_if_there=("enterprise",), packs=(CODES,), method="statistics.digital_district_model",
    ),
)  # fmt: skip

DIGITAL_PRICE_STEPS = (
    Step(
        name="statistics.digital_economy_constant", makes=("digital_economy_constant",),
        action=digital_prices.make_constant,
        reads=("digital_economy_account", "digital_economy_price", "digital_survey_class"),
        reads_if_there=(
            "digital_economy_account_previous", "digital_economy_account_public", "digital_economy_district",
            "digital_economy_district_previous", "digital_economy_share", "digital_economy_revision",
            "business_survey", "enterprise", "assigned_industry", "enterprise_group", "uncertainty",
            "quarantine", "derived_class", "input_column",
        ),
        packs=(CLASSES, CODES, COEFFICIENTS, TECHNOLOGY, ELDERLY, INDUSTRIES, DISCLOSURE),
        method="statistics.digital_constant",
    ),
    Step(
        name="statistics.digital_economy_revision", makes=("digital_economy_revision",),
        action=digital_prices.make_revisions,
        reads=("digital_economy_account", "digital_economy_account_public", "digital_economy_account_previous"),
        method="statistics.digital_constant",
    ),
)  # fmt: skip

DERIVED_STEPS = (
    Step(
        name="statistics.derived_cell", makes=("derived_cell",), action=query(PACKAGE, "derived_cell"),
        reads=("business_survey",), reads_if_there=("enterprise", "assigned_industry"),
        method="statistics.derived_account", parameters=year_number,
    ),
    Step(
        name="statistics.derived_account", makes=("derived_account", "derived_account_public"),
        action=derived_account.make, reads=("derived_cell", "business_survey"),
        reads_if_there=(
            "derived_class", "enterprise", "activity_code", "assigned_industry", "link_quality", "coding_error_sample",
            "enterprise_group", "digital_economy_account_public", "quarantine", "input_column", "digital_survey_class",
            "digital_economy_district", "digital_economy_district_model", "digital_economy_district_previous",
            "digital_economy_account_previous", "digital_economy_share", "digital_economy_constant",
            "digital_economy_revision", "digital_economy_price", "uncertainty",
        ),
        packs=(CLASSES, CODES, COEFFICIENTS, TECHNOLOGY, ELDERLY, INDUSTRIES, DISCLOSURE),
        method="statistics.derived_account",
    ),
)  # fmt: skip

EDITING_STEPS = (
    Step(
        name="statistics.editing",
        makes=(
            "edit_change", "edit_rule_result", "edit_suspicion", "edit_selection", "platform_return_edited",
            "platform_shared_amount",
        ),
        action=edit_book.make, reads_if_there=("platform_return", "business_survey", "edit_decision"),
        packs=(RULES, EDIT_RULES), method="statistics.editing",
    ),
    Step(
        name="statistics.imputation_variance", makes=("imputation_variance",), action=edit_book.tell_variance,
        reads_if_there=("platform_imputation", "platform_month", "business_survey"), packs=(EDIT_RULES,),
        method="statistics.imputation_variance",
    ),
    Step(
        name="statistics.form_progress", makes=("form_progress",), action=progress.make,
        reads=("form_event",), reads_if_there=("form_change", "platform_return"), method="statistics.forms",
    ),
)  # fmt: skip

PLATFORM_STEPS = (
    Step(
        name="statistics.platform_month", makes=("platform_month",), action=query(PACKAGE, "platform_month"),
        reads=("platform_return_edited",), method="statistics.platform_transaction", parameters=year_text,
    ),
    Step(
        name="statistics.platform_return_check", makes=("platform_return_check",),
        action=query(PACKAGE, "platform_return_check"), reads=("platform_return",), packs=(RULES,),
        method="statistics.platform_transaction", parameters=year_text,
    ),
    Step(
        name="statistics.platform_imputation", makes=("platform_imputation",), action=platforms.impute,
        reads=("platform_month",), reads_if_there=("platform_return", "quarantine"), method="statistics.imputation",
    ),
    Step(
        name="statistics.platform_transaction", makes=("platform_transaction",),
        action=query(PACKAGE, "platform_transaction"), reads=("platform_return", "platform_month"),
        reads_if_there=("platform_imputation",), method="statistics.platform_transaction", parameters=year_text,
    ),
    Step(
        name="statistics.platform_months", makes=("platform_transaction_public",), action=platform_months.make,
        reads=("platform_month",), reads_if_there=(
            "platform_return_edited", "platform_imputation", "enterprise_group",
            "platform_transaction_public_previous",
        ),
        packs=(DISCLOSURE,), method="statistics.platform_transaction",
    ),
    Step(
        name="statistics.platform_findings", makes=(), action=platforms.tell, reads=("platform_transaction",),
        reads_if_there=(
            "platform_return_check", "platform_return", "platform_month", "enterprise_group",
            "platform_transaction_public", "platform_imputation", "platform_return_edited",
        ),
        packs=(RULES, DISCLOSURE),
        method="statistics.platform_transaction",
    ),
)  # fmt: skip

PLATFORM_ECONOMY_STEPS = (
    Step(
        name="statistics.platform_flow", makes=("platform_flow",), action=query(PACKAGE, "platform_flow"),
        reads=("platform_settlement",), method="statistics.platform_economy", parameters=platform_economy.place,
    ),
    Step(
        name="statistics.platform_economy", makes=("platform_economy",), action=platform_economy.make,
        reads=("platform_flow", "platform_settlement"),
        reads_if_there=("business_survey", "platform_transaction", "enterprise", "assigned_industry"),
        method="statistics.platform_economy",
    ),
    Step(
        name="statistics.ecommerce_share", makes=("ecommerce_share",), action=platform_economy.make_shares,
        reads=("platform_flow", "category_sale"), reads_if_there=("platform_return",),
        method="statistics.ecommerce_share",
    ),
    Step(
        name="statistics.platform_public",
        makes=("platform_flow_public", "platform_economy_public", "ecommerce_share_public"),
        action=platform_public.make, reads=("platform_settlement", "platform_flow", "platform_economy"),
        reads_if_there=("ecommerce_share", "enterprise_group", "platform_flow_public_previous",
            "platform_economy_public_previous", "ecommerce_share_public_previous",
        ),
        packs=(DISCLOSURE,),
        method="statistics.platform_economy",
    ),
)  # fmt: skip

EMPLOYMENT_STEPS = (
    Step(
        name="statistics.platform_worker", makes=("platform_worker",), action=work_months.make,
        reads=("platform_work_record",), method="statistics.flexible_employment",
    ),
    Step(
        name="statistics.labour_survey_cluster", makes=("labour_survey_cluster",),
        action=query(PACKAGE, "labour_survey_cluster"), reads=("labour_survey",),
        reads_if_there=("platform_work_record", "injury_insurance_record", "self_employment_record"),
        method="statistics.flexible_employment", parameters=year_text,
    ),
    Step(
        name="statistics.flexible_register", makes=("flexible_register",),
        action=query(PACKAGE, "flexible_register"), reads=("labour_survey",),
        reads_if_there=("platform_work_record", "injury_insurance_record", "self_employment_record"),
        method="statistics.flexible_employment", parameters=year_text,
    ),
    Step(
        name="statistics.flexible_register_public", makes=("flexible_register_public",),
        action=query(PACKAGE, "flexible_register_public"), reads=("flexible_register",), packs=(DISCLOSURE,),
        method="statistics.flexible_employment",
    ),
    Step(
        name="statistics.flexible_employment", makes=("flexible_employment", "flexible_employment_replicate"),
        action=employment.make,
        reads=("labour_survey_cluster",),
        reads_if_there=(
            "platform_worker", "labour_reinterview", "labour_survey", "platform_work_record", "flexible_register",
            "flexible_register_public", "injury_insurance_record", "self_employment_record",
        ),
        packs=(DISCLOSURE,), method="statistics.flexible_employment",
    ),
    Step(
        name="statistics.flexible_employment_month", makes=("flexible_employment_month",),
        action=employment_month.make, reads=("labour_survey_cluster",),
        reads_if_there=(
            "platform_worker", "labour_reinterview", "labour_survey", "platform_work_record",
            "flexible_register_public",
        ),
        packs=(DISCLOSURE,), method="statistics.flexible_employment",
    ),
    Step(
        name="statistics.flexible_employment_district", makes=("flexible_employment_district",),
        action=employment_district.make, reads=("labour_survey_cluster",),
        reads_if_there=(
            "platform_worker", "platform_work_record", "enterprise_group", "flexible_employment_district_previous",
            "flexible_employment",
        ),
        packs=(DISCLOSURE,), method="statistics.flexible_employment",
    ),
    Step(
        name="statistics.platform_worker_public", makes=("platform_worker_public",), action=work_public.make,
        reads=("platform_worker",),
        reads_if_there=(
            "platform_work_record", "enterprise_group", "labour_survey_cluster", "flexible_employment_district",
            "flexible_register_public", "platform_worker_public_previous",
        ),
        packs=(DISCLOSURE,), method="statistics.flexible_employment",
    ),
    Step(
        name="statistics.flexible_employment_district_model", makes=("flexible_employment_district_model",),
        action=district_model.make, reads=("flexible_employment_district", "labour_survey_cluster"),
        method="statistics.district_model",
    ),
)  # fmt: skip

STEPS: tuple[Step, ...] = (
    *CODING_STEPS,
    *REGISTER_STEPS,
    *DIGITAL_STEPS,
    *DIGITAL_PRICE_STEPS,
    *DERIVED_STEPS,
    *EDITING_STEPS,
    *PLATFORM_STEPS,
    *PLATFORM_ECONOMY_STEPS,
    *EMPLOYMENT_STEPS,
    *TOTAL_ERROR_STEPS,
    *INDICATOR_MONTH_STEPS,
    *SERIES_STEPS,
    *DIGITAL_MONTH_STEPS,
    *DIGITAL_NOWCAST_STEPS,
    *INDICATOR_CHECK_STEPS,
    *NOWCAST_STEPS,
    *AUDIT_STEPS,
)
