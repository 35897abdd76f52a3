"""The steps that say who a borrower is, at which level, and what is held through funds and in other currencies."""

from __future__ import annotations

from lvshu.engine.query import Query, query
from lvshu.engine.step import Step
from lvshu.finance import group_levels, identify, ledger_findings, look_through

PACKAGE = "lvshu.finance"
METHOD = "finance.identify"


def _sql(table: str) -> Query:
    return query(PACKAGE, table)


IDENTIFY_STEPS: tuple[Step, ...] = (
    Step(
        name="finance.company_name", makes=("company_name",), action=_sql("company_name"),
        reads_if_there=("enterprise", "company", "company_alias"), method=METHOD,
    ),
    Step(
        name="finance.company_code", makes=("company_code",), action=_sql("company_code"),
        reads_if_there=("enterprise", "company"), method=METHOD,
    ),
    Step(
        name="finance.group_top", makes=("group_top",), action=group_levels.make, reads=("company_group",),
        reads_if_there=("company_code",), method="finance.group_levels",
    ),
    Step(
        name="finance.match_subject", makes=("match_subject",), action=_sql("match_subject"),
        reads_if_there=("loan", "loan_average_balance", "loan_party", "position", "fund_holding", "company_code"),
        method=METHOD,
    ),
    Step(
        name="finance.subject_match", makes=("subject_match", "match_candidate"), action=identify.make,
        reads=("match_subject",),
        reads_if_there=("company_name", "company_code", "match_override", "match_review"),
        packs=("name_parts", "traditional_characters", "areas", "name_match_weights", "name_match_calibration"),
        method=METHOD,
    ),
    Step(
        name="finance.loan_match", makes=("loan_match",), action=_sql("loan_match"), reads=("loan",),
        reads_if_there=("subject_match", "loan_party", "match_override", "company_code", "group_top",
                        "loan_average_balance"),
        method=METHOD,
    ),
    Step(
        name="finance.match_coverage", makes=("match_coverage",), action=_sql("match_coverage"),
        reads=("loan_match",), method=METHOD,
    ),
    Step(
        name="finance.position_value", makes=("position_value",), action=_sql("position_value"),
        reads=("position",), reads_if_there=("exchange_rate",), method="finance.currency",
    ),
    Step(
        name="finance.look_through", makes=("look_through",), action=_sql("look_through"),
        reads=("position", "position_value"), reads_if_there=("fund_holding", "subject_match"),
        method="finance.look_through",
    ),
    Step(
        name="finance.position_findings", makes=(), action=look_through.make, reads=("position_value",),
        reads_if_there=("position", "look_through", "fund_holding"), method="finance.look_through",
    ),
    Step(
        name="finance.entity_exposure", makes=("entity_exposure",), action=_sql("entity_exposure"),
        reads_if_there=("loan", "loan_match", "look_through", "group_top"), method="finance.look_through",
    ),
    Step(
        name="finance.group_exposure", makes=("group_exposure",), action=_sql("group_exposure"),
        reads_if_there=("loan", "loan_match", "look_through", "group_top", "company_name"),
        method="finance.group_levels",
    ),
    Step(
        name="finance.ledger_findings", makes=(), action=ledger_findings.make, reads=("loan",),
        reads_if_there=("branch_code_of_name", "subject_match", "enterprise", "loan_average_balance", "loan_balance"),
        method="finance.scope",
    ),
)  # fmt: skip
