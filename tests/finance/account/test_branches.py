"""A branch by its code here and by its name there is one branch, where the ledger itself says so."""

from __future__ import annotations

from typing import Any

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, FINANCE, LOAN, intensities, months, one, rows
from .steps import account

TOLD = ("finance.ledger_findings",)


def _book(*branches: dict[str, Any]) -> dict[str, list[Any]]:
    loans = [{**LOAN, "loan_id": f"L{place}", "uscc": "E1", "branch_code": None, "branch_name": None, **branch}
             for place, branch in enumerate(branches)]  # fmt: skip
    return {
        "loan": loans,
        "loan_balance": [row for loan in loans for row in months(loan["loan_id"], 32_000_000)],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        **intensities({"31": 1e-4}),
    }


def _branches(engine: DuckDB) -> dict[str, str]:
    return {row["loan_id"]: row["branch_code"] for row in rows(engine, "loan_subject")}


BOTH = {"branch_code": "B01", "branch_name": "浦东支行"}
NAME = {"branch_name": "浦东支行"}


def test_a_name_goes_with_the_code_beside_it(engine: DuckDB) -> None:
    in_code = {"branch_code": "浦东支行"}
    account(engine, _book(BOTH, NAME, in_code), "candidate_reconciliation", "financed_emission", also=TOLD)
    assert set(_branches(engine).values()) == {"B01"}
    listed = rows(engine, "candidate_reconciliation", "method = 'bank_2026'")
    assert [(row["branch_code"], row["loans_in_book"]) for row in listed] == [("B01", 3)]
    told = one(engine, "finding", "code = 'finance.branch_joined'")
    assert (
        told["severity"] == "notice" and "浦东支行 = B01" in told["what_zh"] and "2 loans" in told["what_en"]
    )


def test_a_name_beside_two_codes_is_not_guessed(engine: DuckDB) -> None:
    account(engine, _book(BOTH, {**BOTH, "branch_code": "B02"}, NAME), "loan_subject", also=TOLD)
    assert set(_branches(engine).values()) == {"B01", "B02", "浦东支行"}
    assert one(engine, "finding", "code = 'finance.branch_of_several_codes'")["severity"] == "warning"


def test_codes_and_names_that_never_meet_are_told(engine: DuckDB) -> None:
    account(engine, _book({"branch_code": "B01"}, NAME), "loan_subject", also=TOLD)
    assert set(_branches(engine).values()) == {"B01", "浦东支行"}
    assert "(1 code)" in one(engine, "finding", "code = 'finance.branch_apart'")["what_en"]


def test_names_alone_and_codes_alone_are_nothing_to_tell(engine: DuckDB) -> None:
    account(engine, _book(NAME, {"branch_name": "徐汇支行"}), "loan_subject", also=TOLD)
    assert not rows(engine, "finding", "code LIKE 'finance.branch_%'")
