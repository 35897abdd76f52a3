"""The steps behind the reports a bank files: own operations, evaluation, figures and gaps."""

from __future__ import annotations

from lvshu.engine.query import query
from lvshu.engine.step import Step
from lvshu.finance import disclosure, disclosure_gaps, evaluation, own_operations

FACTOR_PACKS = (
    "fuel_factors_p", "fuel_factors_g", "grid_factors", "shanghai_ets_factors", own_operations.DENSITIES,
)  # fmt: skip

STEPS: tuple[Step, ...] = (
    Step(
        name="finance.own_operation_account", makes=("own_operation_account",), action=own_operations.make,
        reads=("own_operation",), packs=(own_operations.LINES, *FACTOR_PACKS), method="finance.own_operation",
    ),
    Step(
        name="finance.evaluation_score", makes=("evaluation_score",), action=evaluation.make,
        reads=("evaluation_indicator",), packs=(evaluation.RULES,), method="finance.evaluation",
    ),
    Step(
        name="finance.financed_emission_class", makes=("financed_emission_class",),
        action=query("lvshu.finance", "financed_emission_class"), reads=("loan_scope",),
        reads_if_there=("attributed_emission", "loan", "asset_class_emission"), method="finance.disclosure_matrix",
    ),
    Step(
        name="finance.cell_client", makes=("cell_client",), action=query("lvshu.finance", "cell_client"),
        reads=("loan_scope",), reads_if_there=("loan_subject", "asset_class_emission"),
        method="finance.disclosure_matrix",
    ),
    Step(
        name="finance.disclosure_figure", makes=("disclosure_figure",), action=disclosure.make,
        reads_if_there=("financed_emission", "financed_emission_class", "financed_emission_replicate",
                        "uncertain_asset_emission", "loan_coverage", "data_quality_grade",
                        "capital_by_carbon_class", "own_operation_account", "evaluation_indicator",
                        "undrawn_commitment", "benefit_share", "financed_indicator",
                        "attributed_apart_total"),
        packs=(disclosure.FIGURES,), method="finance.disclosure_figure",
    ),
    Step(
        name="finance.disclosure_gap", makes=("disclosure_gap",), action=disclosure_gaps.make,
        reads=("disclosure_figure",),
        reads_if_there=("disclosure_text", "own_operation_account", "evaluation_score", "financed_emission",
                        "financed_emission_class", "loan_coverage", "data_quality", "capital_by_carbon_class",
                        "finance_gap", "facility_disclosure", "physical_intensity", "scope3_phase_in",
                        "facilitated_emission", "insured_emission"),
        packs=(*disclosure_gaps.OUTLINES.values(), own_operations.LINES, evaluation.RULES),
        method="finance.disclosure_gap",
    ),
)  # fmt: skip
