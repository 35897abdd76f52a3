"""The steps of the labels: green, digital, technology and elderly-care, and of transition finance."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.engine.query import Query, query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step
from lvshu.finance import label_findings, labels, transition, transition_units

PACKAGE = "lvshu.finance"
PERIODS = "green_standard_periods"
TRANSITION = "shanghai_transition_catalogue"


def _year(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year}


def _sql(table: str) -> Query:
    return query(PACKAGE, table)


LABEL_STEPS: tuple[Step, ...] = (
    Step(
        name="finance.label_item", makes=("label_item", "label_item_code"), action=labels.make_items, reads=("loan",),
        packs=labels.PACKS, method="finance.label_candidate",
    ),
    Step(
        name="finance.label_text", makes=("label_text",), action=labels.make_texts, reads=("loan",),
        packs=labels.PACKS, method="finance.label_candidate",
    ),
    Step(
        name="finance.label_code_reading", makes=("label_code_reading",), action=_sql("label_code_reading"),
        reads=("loan",), reads_if_there=("enterprise",), packs=("gbt4754_2017", "gbt4754_2011_map"),
        method="finance.label_candidate",
    ),
    Step(
        name="finance.label_standard", makes=("label_standard",), action=_sql("label_standard"), reads=("loan",),
        packs=(PERIODS,), method="finance.label_standard",
    ),
    Step(
        name="finance.label_tag", makes=("label_tag",), action=_sql("label_tag"),
        reads=("loan", "label_item", "label_standard"), reads_if_there=("label_claim",), packs=(PERIODS,),
        method="finance.label_standard",
    ),
    Step(
        name="finance.label_candidate", makes=("label_candidate",), action=_sql("label_candidate"),
        reads=("loan", "label_standard", "label_item_code", "label_code_reading"),
        reads_if_there=("enterprise", "label_tag", "label_text", "label_decision"), packs=("gbt4754_2017",),
        method="finance.label_candidate",
    ),
    Step(
        name="finance.label_check", makes=("label_check",), action=_sql("label_check"),
        reads=("loan", "label_item", "label_standard"),
        reads_if_there=("enterprise", "label_tag", "label_candidate", "label_code_reading", "label_item_code",
                        "label_text", "loan_average_balance"),
        method="finance.label_reconciliation",
    ),
    Step(
        name="finance.label_reconciliation", makes=("label_reconciliation",), action=_sql("label_reconciliation"),
        reads=("label_check",), method="finance.label_reconciliation",
    ),
    Step(
        name="finance.label_condition", makes=("label_condition",), action=_sql("label_condition"), reads=("loan",),
        reads_if_there=("label_tag", "label_candidate", "label_evidence"), packs=("label_conditions",),
        method="finance.label_condition",
    ),
    Step(
        name="finance.label_status", makes=("label_status",), action=_sql("label_status"),
        reads=("loan", "label_condition"),
        reads_if_there=("label_tag", "label_candidate", "label_decision", "loan_average_balance"),
        method="finance.label_condition",
    ),
    Step(
        name="finance.label_findings", makes=(), action=label_findings.make, reads=("label_check",),
        reads_if_there=("label_tag", "label_standard", "label_status", "label_code_reading", "label_item"),
        method="finance.label_reconciliation",
    ),
)  # fmt: skip

TRANSITION_STEPS: tuple[Step, ...] = (
    Step(
        name="finance.transition_unit", makes=("transition_unit",), action=transition_units.make,
        reads=("transition_record",), reads_if_there=("transition_plan", "transition_pricing_term"),
        packs=(TRANSITION,), method="finance.transition_plan",
    ),
    Step(
        name="finance.transition_standing", makes=("transition_standing",), action=_sql("transition_standing"),
        reads=("loan", "enterprise"), reads_if_there=("transition_record", "transition_unit", "loan_average_balance"),
        packs=(TRANSITION,),
        method="finance.transition_standing", parameters=_year,
    ),
    Step(
        name="finance.transition_progress", makes=("transition_progress",), action=_sql("transition_progress"),
        reads=("transition_plan",), reads_if_there=("transition_record", "transition_unit"),
        method="finance.transition_plan",
    ),
    Step(
        name="finance.transition_check", makes=("transition_check",), action=transition.make_checks,
        reads=("transition_plan",), reads_if_there=("transition_record",), packs=(TRANSITION,),
        method="finance.transition_check",
    ),
    Step(
        name="finance.transition_pricing", makes=("transition_pricing",), action=_sql("transition_pricing"),
        reads=("transition_pricing_term",), reads_if_there=("transition_record", "transition_unit"),
        method="finance.transition_plan", parameters=_year,
    ),
    Step(
        name="finance.transition_indicators", makes=(), action=transition_units.tell_indicators,
        reads_if_there=("transition_plan", "transition_record", "transition_pricing_term", "transition_pricing"),
        packs=(TRANSITION,), method="finance.transition_check",
    ),
    Step(
        name="finance.transition_findings", makes=(), action=transition.make_findings,
        reads=("transition_standing",), reads_if_there=("transition_check",), packs=(TRANSITION,),
        method="finance.transition_check",
    ),
)  # fmt: skip

STEPS: tuple[Step, ...] = (*LABEL_STEPS, *TRANSITION_STEPS)
