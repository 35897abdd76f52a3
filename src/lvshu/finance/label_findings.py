"""Tells what labels cannot be trusted: catalogues not in force, retired codes, approvals against the evidence."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

MOST = 12  # codes named in a finding; all of them stand in the table

STATES = {
    "not_yet_in_force": {"zh": "当时尚未施行", "en": "was not yet in force"},
    "no_longer_in_force": {"zh": "当时已经失效", "en": "was no longer in force"},
    "unknown": {
        "zh": "在本库中不存在，或不适用于该产品",
        "en": "does not exist here, or is not for this product",
    },
}

OUT_OF_FORCE = Query(
    "label_tag",
    """
    SELECT tag.catalogue, tag.catalogue_status, count(*) AS labels, sum(balance.year_end_balance) AS amount,
      min(tag.loan_id) AS example, min(standard.catalogue) AS applicable
    FROM label_tag AS tag
    LEFT JOIN label_standard AS standard ON standard.loan_id = tag.loan_id
    LEFT JOIN loan_average_balance AS balance ON balance.loan_id = tag.loan_id
    WHERE tag.catalogue_status IN ('not_yet_in_force', 'no_longer_in_force', 'unknown')
    GROUP BY tag.catalogue, tag.catalogue_status
    ORDER BY labels DESC, tag.catalogue, tag.catalogue_status
    """,
)

UNKNOWN_LABELS = Query(
    "label_tag",
    """
    SELECT theme, catalogue, label_code, count(*) AS loans
    FROM label_tag
    WHERE NOT code_known AND catalogue_status IN ('accepted', 'not_named')
    GROUP BY theme, catalogue, label_code
    ORDER BY loans DESC, theme, catalogue, label_code
    LIMIT 20
    """,
)

READINGS = Query(
    "label_code_reading",
    """
    SELECT given_code, reading, min(class_code) AS first_class, count(DISTINCT class_code) AS classes
    FROM label_code_reading
    WHERE reading IN ('retired', 'retired_split', 'above_class', 'unknown')
    GROUP BY given_code, reading
    ORDER BY reading, given_code
    """,
)

UNSEARCHABLE = Query(
    "label_check",
    """
    SELECT standard.catalogue, count(*) AS loans, sum(done.outstanding_amount) AS amount
    FROM label_check AS done
    JOIN label_standard AS standard ON standard.loan_id = done.loan_id
    JOIN (SELECT DISTINCT catalogue FROM label_item WHERE NOT searchable) AS coarse
      ON coarse.catalogue = standard.catalogue
    WHERE done.theme = 'green' AND done.basis = 'purpose' AND done.verdict = 'not_checkable'
    GROUP BY standard.catalogue
    ORDER BY standard.catalogue
    """,
)

CONTRADICTED = Query(
    "label_status",
    """
    SELECT loan_id, theme, label_code, reviewer, conditions_not_met, outstanding_amount
    FROM label_status
    WHERE status = 'contradicted'
    ORDER BY outstanding_amount DESC, loan_id, theme, label_code
    LIMIT 20
    """,
)

UNDATED = Query(
    "label_standard",
    """
    SELECT reason, count(*) AS loans
    FROM label_standard
    WHERE reason = 'approval_unknown'
    GROUP BY reason
    ORDER BY reason
    """,
)


def make(context: StepContext) -> None:
    """Write the findings about labels."""
    _out_of_force(context)
    _unknown_labels(context)
    _readings(context)
    _unsearchable(context)
    _contradicted(context)
    for row in context.sql(UNDATED).to_pylist():
        context.find(
            Problem("finance.label_approval_unknown", values={"loans": row["loans"]}, severity="notice"),
            table="label_standard", amount=float(row["loans"]), unit="1",
        )  # fmt: skip


def _out_of_force(context: StepContext) -> None:
    for row in context.sql(OUT_OF_FORCE).to_pylist():
        values = {
            "catalogue": row["catalogue"], "state": STATES[row["catalogue_status"]], "labels": row["labels"],
            "amount": _money(row["amount"]), "example": row["example"], "applicable": row["applicable"] or "-",
        }  # fmt: skip
        context.find(
            Problem("finance.label_catalogue_not_in_force", values=values, severity="warning"),
            table="label_tag", key=f"{row['catalogue']} | {row['catalogue_status']}", amount=_number(row["amount"]),
            unit="CNY",
        )  # fmt: skip


def _unknown_labels(context: StepContext) -> None:
    for row in context.sql(UNKNOWN_LABELS).to_pylist():
        context.find(
            Problem("finance.label_code_unknown", values=row, severity="warning"),
            table="label_tag", key=f"{row['catalogue']} | {row['label_code']}", amount=float(row["loans"]), unit="1",
        )  # fmt: skip


def _readings(context: StepContext) -> None:
    """One finding for each kind of code that is no class of 2017, with how many there are and the first of them."""
    found: dict[str, list[str]] = {}
    for row in context.sql(READINGS).to_pylist():
        successor = "" if row["first_class"] is None else f"→{row['first_class']}"
        more = f"+{row['classes'] - 1}" if row["classes"] > 1 else ""
        found.setdefault(row["reading"], []).append(f"{row['given_code']}{successor}{more}")
    for reading, codes in found.items():
        values = {"count": len(codes), "codes": ", ".join(codes[:MOST]) + (" …" if len(codes) > MOST else "")}
        context.find(
            Problem(f"finance.label_industry_{reading}", values=values, severity="warning"),
            table="label_code_reading", key=reading, amount=float(len(codes)), unit="1",
        )  # fmt: skip


def _unsearchable(context: StepContext) -> None:
    for row in context.sql(UNSEARCHABLE).to_pylist():
        values = {"catalogue": row["catalogue"], "loans": row["loans"], "amount": _money(row["amount"])}
        context.find(
            Problem("finance.label_catalogue_too_coarse", values=values, severity="warning"),
            table="label_check", key=row["catalogue"], amount=_number(row["amount"]), unit="CNY",
        )  # fmt: skip


def _contradicted(context: StepContext) -> None:
    for row in context.sql(CONTRADICTED).to_pylist():
        values = {**row, "outstanding_amount": _money(row["outstanding_amount"])}
        context.find(
            Problem("finance.label_approved_against_evidence", values=values, severity="warning"),
            table="label_status", key=row["loan_id"], amount=_number(row["outstanding_amount"]), unit="CNY",
        )  # fmt: skip


def _money(amount: object) -> str:
    return "-" if amount is None else f"{amount:,.2f}"


def _number(amount: object) -> float | None:
    return None if amount is None else float(str(amount))
