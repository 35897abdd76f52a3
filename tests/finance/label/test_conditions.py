"""Conditions, evidence and sign-off: nothing is approved by words alone."""

from __future__ import annotations

from datetime import date

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB

from ..book import rows
from .desk import CATALOGUE, desk, loan

TAG = {"green_label": "3.2.1.2", "green_catalogue": CATALOGUE, "purpose_text": "光伏组件生产线建设"}


def _decision(decision: str, loan_id: str, code: str = "3.2.1.2") -> dict[str, object]:
    return {"loan_id": loan_id, "theme": "green", "catalogue": CATALOGUE, "label_code": code, "decision": decision,
            "reviewer": "复核员", "decided_on": date(2023, 1, 9), "note": "见报告"}  # fmt: skip


def _evidence(condition: str, finding: str, loan_id: str) -> dict[str, object]:
    return {"loan_id": loan_id, "theme": "green", "label_code": "3.2.1.2", "condition": condition, "finding": finding,
            "sentence": "组件效率为18.1%。", "document": "检测报告", "page": "3"}  # fmt: skip


def test_conditions_evidence_and_signatures(engine: DuckDB) -> None:
    """One book: evidence without signature, signature, rejection, approval against a must, approval without words."""
    loans = [loan(name, **TAG) for name in ("proven", "bare", "signed", "refused", "against")]
    loans.append(loan("own", purpose_text="设备款", green_label="3.2.2.1", green_catalogue=CATALOGUE))
    evidence = [
        _evidence(name, "met", "proven") for name in ("item_condition", "use_of_funds", "module_efficiency")
    ]
    evidence.append(_evidence("module_efficiency", "not_met", "against"))
    decisions = [
        _decision("approved", "signed"), _decision("rejected", "refused"), _decision("approved", "against"),
        _decision("approved", "own", "3.2.2.1"),
    ]  # fmt: skip
    desk(engine, loans, label_evidence=evidence, label_decision=decisions)
    state = {row["loan_id"]: row for row in rows(engine, "label_status", "reported")}
    assert {name: row["status"] for name, row in state.items()} == {
        "proven": "suspected", "bare": "suspected", "signed": "approved", "refused": "rejected",
        "against": "contradicted", "own": "approved",
    }  # fmt: skip
    assert (state["proven"]["conditions_met"], state["proven"]["conditions_open"]) == (5, 0)
    assert state["signed"]["reviewer"] == "复核员"
    verdict = {
        row["loan_id"]: row["verdict"]
        for row in rows(engine, "label_check", "theme = 'green' AND basis = 'purpose'")
    }
    assert verdict == {
        "proven": "suspected_correct", "bare": "suspected_correct", "signed": "correct", "refused": "excess",
        "against": "correct", "own": "correct",
    }  # fmt: skip
    (told,) = rows(engine, "finding", "code = 'finance.label_approved_against_evidence'")
    assert "复核员" in told["what_zh"]
    where = "loan_id = 'proven' AND label_code = '3.2.1.2'"
    found = {row["condition"]: row for row in rows(engine, "label_condition", where)}
    assert found["module_efficiency"]["sentence"] == "组件效率为18.1%。"
    assert found["purpose_stated"]["sentence"] == TAG["purpose_text"]
    bare = {row["condition"]: row["finding"] for row in rows(engine, "label_condition", "loan_id = 'bare'")}
    assert bare == {
        "standard_in_force": "met", "purpose_stated": "met", "item_condition": "no_evidence",
        "use_of_funds": "no_evidence", "module_efficiency": "no_evidence",
    }  # fmt: skip
    for row in rows(engine, "label_candidate", "found_by <> 'reviewer'"):
        assert row["catalogue"] and row["label_code"] and row["phrase"] and row["sentence"]
        assert 0 < row["score"] <= 1


def test_no_must_without_the_words_of_a_rule() -> None:
    musts = PackLibrary.load(None)["label_conditions"].find(obligation="must")
    assert musts
    assert all(row["quote"] and row["source"] for row in musts)
