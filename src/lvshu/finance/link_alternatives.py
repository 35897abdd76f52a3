"""Whom a borrower that was found by name may be instead, and what the book would then finance.

A name that was matched may be another's (a false link), one that waits for review may be somebody whom the book leaves
out (a missed link). Each alternative is carried through the same queries as the ledger itself.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from lvshu.contract import load
from lvshu.engine.query import Query, query
from lvshu.engine.step import StepContext

PACKAGE = "lvshu.finance"
NO_DIVISION = "none"
"""Stands for a division where an emission rests on no sector intensity."""

POSSIBLE = Query(
    "match_candidate",
    """
-- step: rejected
SELECT DISTINCT review.subject_key, listed.entity_id
FROM match_review AS review
JOIN company_code AS listed ON listed.code = review.company_id
WHERE review.decision = 'reject'
-- step: result
SELECT
  candidate.subject_key,
  candidate.entity_id,
  max(candidate.probability) AS probability,
  max(CASE WHEN rejected.entity_id IS NULL THEN 0 ELSE 1 END) AS is_rejected,
  max(CASE WHEN subject.status = 'matched' AND subject.entity_id = candidate.entity_id THEN 1 ELSE 0 END) AS is_taken
FROM match_candidate AS candidate
JOIN subject_match AS subject
  ON subject.subject_key = candidate.subject_key AND subject.matched_by = 'name'
  AND subject.status IN ('matched', 'review')
LEFT JOIN rejected
  ON rejected.subject_key = candidate.subject_key AND rejected.entity_id = candidate.entity_id
GROUP BY candidate.subject_key, candidate.entity_id
ORDER BY candidate.subject_key, candidate.entity_id
    """,
)
AS_COUNTED = """
SELECT
  counted.method,
  matched.subject_key,
  matched.entity_id,
  coalesce(counted.intensity_division, 'none') AS gbt4754_division,
  count(*) AS loans,
  CAST(sum(coalesce(counted.emission, CAST(0 AS DECIMAL(24,6)))) AS DECIMAL(24,6)) AS emission
FROM attributed_emission AS counted
JOIN loan_match AS matched
  ON matched.loan_id = counted.loan_id AND matched.level = 'direct' AND matched.matched_by = 'name'
JOIN link_alternative AS alternative
  ON alternative.subject_key = matched.subject_key AND alternative.entity_id = matched.entity_id AND alternative.taken
GROUP BY counted.method, matched.subject_key, matched.entity_id, coalesce(counted.intensity_division, 'none')
"""
OTHERS = """
-- step: possible
SELECT
  matched.loan_id AS true_loan_id,
  alternative.subject_key,
  alternative.entity_id,
  concat(matched.loan_id, '#', alternative.entity_id) AS loan_id
FROM link_alternative AS alternative
JOIN loan_match AS matched
  ON matched.subject_key = alternative.subject_key AND matched.level = 'direct' AND matched.matched_by = 'name'
WHERE NOT alternative.taken
-- step: other_loan
SELECT {loan}
FROM loan AS ledger
JOIN possible ON possible.true_loan_id = ledger.loan_id
-- step: other_loan_average_balance
SELECT {loan_average_balance}
FROM loan_average_balance AS ledger
JOIN possible ON possible.true_loan_id = ledger.loan_id
-- step: other_loan_match
SELECT loan_id, 'matched' AS status, 'direct' AS level, 'name' AS matched_by, subject_key, entity_id
FROM possible
"""
OTHERS_RESULT = """
-- step: result
SELECT
  counted.method,
  possible.subject_key,
  possible.entity_id,
  coalesce(counted.intensity_division, 'none') AS gbt4754_division,
  count(*) AS loans,
  CAST(sum(coalesce(counted.emission, CAST(0 AS DECIMAL(24,6)))) AS DECIMAL(24,6)) AS emission
FROM other_attributed_emission AS counted
JOIN possible ON possible.loan_id = counted.loan_id
GROUP BY counted.method, possible.subject_key, possible.entity_id, coalesce(counted.intensity_division, 'none')
"""
CHAIN = (
    "loan_subject", "loan_scope", "entity_emission_estimate", "entity_emission_choice", "attributed_emission",
)  # fmt: skip
LEDGER = ("loan", "loan_average_balance", "loan_match")


def make_alternatives(context: StepContext) -> None:
    """Fill `link_alternative`: the posterior of each possible link, after what reviewers rejected.

    Source: the candidates of a name exclude each other (probabilities add up to one at most); those left after a
    rejection are raised by Bayes' rule.
    """
    found = context.sql(POSSIBLE)
    if not found.num_rows:
        return
    keys = found["subject_key"].combine_chunks().dictionary_encode().indices.to_numpy()
    chance = found["probability"].to_numpy()
    rejected = found["is_rejected"].to_numpy() == 1
    gone = np.bincount(keys, weights=np.where(rejected, chance, 0.0))[keys]
    chance = chance / np.maximum(1.0 - gone, 1e-12)
    total = np.bincount(keys, weights=np.where(rejected, 0.0, chance))[keys]
    chance = chance / np.maximum(total, 1.0)
    kept = pa.array(~rejected)
    context.write("link_alternative", {
        "subject_key": found["subject_key"].filter(kept), "entity_id": found["entity_id"].filter(kept),
        "probability": pa.array(chance).filter(kept), "taken": pa.array(found["is_taken"].to_numpy() == 1).filter(kept),
    })  # fmt: skip


def make_emissions(context: StepContext) -> None:
    """Fill `link_alternative_emission`: what is counted now, and what each other enterprise would make of the loans."""
    if not context.engine.count("link_alternative"):
        return
    found = [context.sql(Query("link_alternative_emission", AS_COUNTED))]
    if context.read("link_alternative", columns=("taken",), where="NOT taken").num_rows:
        found.append(context.sql(other_ledger(), **_parameters(context)))
    for table in found:
        if table.num_rows:
            context.write("link_alternative_emission", {name: table[name] for name in table.column_names})


def _parameters(context: StepContext) -> dict[str, object]:
    """Return the parameters of the queries of the chain."""
    settings = context.settings
    methods = "|" + "|".join(settings.finance_methods) + "|"
    return {"year": settings.year, "methods": methods, "balance_average": settings.balance_average}


def other_ledger() -> Query:
    """Return the chain from loans to attributed emissions, run on a ledger of the alternatives alone.

    Each alternative has a loan number and an institution of its own, so that its customers are those of the name
    alone: other loans of the enterprise do not count toward a least balance of the customer.
    """
    parts = [OTHERS.format(
        loan=_columns("loan"), loan_average_balance=_columns("loan_average_balance")
    ).strip()]  # fmt: skip
    changed = [*LEDGER]
    for name in CHAIN:
        parts.append(f"-- step: other_{name}\n{_renamed(query(PACKAGE, name).sql, changed)}")
        changed.append(name)
    return Query("link_alternative_emission", "\n".join((*parts, OTHERS_RESULT.strip())))


def _columns(table: str) -> str:
    own = {
        "loan_id": "possible.loan_id",
        "institution_id": "concat(ledger.institution_id, '#', possible.loan_id) AS institution_id",
    }
    return ", ".join(own.get(name, f"ledger.{name}") for name in load(table).column_names)


def _renamed(sql: str, tables: list[str]) -> str:
    """Return SQL that reads the alternatives' own table wherever it names one of the tables."""
    listed = "|".join(sorted(tables, key=len, reverse=True))
    return re.sub(
        rf"\b(FROM|JOIN)\s+({listed})\b(?!\.)(\s+AS\s+\w+)?",
        lambda found: f"{found[1]} other_{found[2]}{found[3] or f' AS {found[2]}'}",
        sql,
    )
