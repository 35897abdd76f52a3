"""The steps of the annual exercise: candidate list, its reconciliation, and how far the collection is."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.core.errors import Problem
from lvshu.engine.query import Query, query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext
from lvshu.finance import identity_doubt

PACKAGE = "lvshu.finance"


def _sql(table: str) -> Query:
    return query(PACKAGE, table)


def _year(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year}


def tell(context: StepContext) -> None:
    """Write as findings: loans that the list does not account for, doubts of identity, and drift since the lock."""
    for row in context.read("candidate_reconciliation", where="loans_difference <> 0").to_pylist():
        context.find(Problem("finance.desk_not_reconciled", values=row), table="candidate_reconciliation")
    identity_doubt.tell(context)
    drift: dict[tuple[str, str], list[str]] = {}
    for row in context.read("formal_list_check", where="status <> 'same'").to_pylist():
        drift.setdefault((row["list_id"], row["status"]), []).append(row["uscc"])
    for (list_id, status), clients in sorted(drift.items()):
        values = {"list": list_id, "count": len(clients), "clients": clients[:5]}
        problem = Problem(f"finance.desk_{status}", values=values, severity="warning")
        context.find(problem, table="formal_list_check", key=list_id)


WORKFLOW_STEPS: tuple[Step, ...] = (
    Step(
        name="finance.candidate_exclusion", makes=("candidate_exclusion",), action=_sql("candidate_exclusion"),
        reads=("loan_scope", "loan_subject"), method="finance.candidate_list",
    ),
    Step(
        name="finance.candidate_branch", makes=("candidate_branch",), action=_sql("candidate_branch"),
        reads=("loan_scope", "loan_subject"), method="finance.candidate_list",
    ),
    Step(
        name="finance.candidate_client", makes=("candidate_client",), action=_sql("candidate_client"),
        reads=("loan",), reads_if_there=("candidate_branch", "candidate_exclusion", "enterprise"),
        method="finance.candidate_list",
    ),
    Step(
        name="finance.candidate_reconciliation", makes=("candidate_reconciliation",),
        action=_sql("candidate_reconciliation"),
        reads=("loan", "loan_average_balance", "loan_scope"),
        reads_if_there=("branch_code_of_name", "candidate_branch", "candidate_exclusion"),
        method="finance.candidate_list",
    ),
    Step(
        name="finance.client_identity_doubt", makes=("client_identity_doubt",), action=identity_doubt.make,
        reads=("loan",), reads_if_there=("enterprise", "company_name", "loan_average_balance", "loan_subject"),
        packs=("areas", "name_parts", "traditional_characters"), method="finance.candidate_list",
    ),
    Step(
        name="finance.formal_list_check", makes=("formal_list_check",), action=_sql("formal_list_check"),
        reads=("formal_list",), reads_if_there=("candidate_client",), method="finance.collection", parameters=_year,
    ),
    Step(
        name="finance.collection_progress", makes=("collection_progress",), action=_sql("collection_progress"),
        reads=("formal_list",), reads_if_there=("client_state", "attributed_emission", "loan_subject"),
        method="finance.collection", parameters=_year,
    ),
    Step(
        name="finance.workflow_findings", makes=(), action=tell, reads=("loan",),
        reads_if_there=("candidate_reconciliation", "client_identity_doubt", "formal_list_check"),
        method="finance.candidate_list",
    ),
)  # fmt: skip
