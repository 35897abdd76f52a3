"""What a reader of the matches must know: the unknown, the unsure, codes that are none, contradictory decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.finance.borrower_code import (
    CHECK_CHARACTER,
    LEI,
    OTHER,
    RESIDENT,
    check_character,
    kind_of,
    masked,
    tidy,
)

if TYPE_CHECKING:
    from lvshu.finance.identify import Decisions, Found

SHOWN = 3
FAULTS = {
    CHECK_CHARACTER: "finance.match_bad_code", RESIDENT: "finance.match_resident_id", LEI: "finance.match_lei_unlisted",
    OTHER: "finance.match_other_code",
}  # fmt: skip
REASONS = ("no_name", "not_found", "rejected", "override")


def tell(
    context: StepContext,
    subjects: Sequence[Mapping[str, Any]],
    found: Mapping[str, Found],
    kinds: Mapping[str, str],
    decisions: Decisions,
) -> None:
    """Write the findings of the matching of subjects. `kinds`: what each subject's code is."""
    _bad_codes(context, subjects, kinds)
    for code, told in (
        ("finance.match_override_unknown", decisions.unknown_companies),
        ("finance.match_review_conflict", sorted(set(decisions.conflicts))),
    ):
        if told:
            _find(context, code, "match_review", told[0], len(told), rows=len(told), examples=told[:SHOWN])
    _totals(context, subjects, found)


def _totals(context: StepContext, subjects: Sequence[Mapping[str, Any]], found: Mapping[str, Found]) -> None:
    settings = context.settings
    waiting = [one for one in subjects if found[one["subject_key"]].status == "review" and one["loans"]]
    lost = [one for one in subjects if found[one["subject_key"]].status == "unknown" and one["loans"]]
    if waiting:
        amount = sum(one["outstanding_amount"] for one in waiting)
        _find(
            context, "finance.match_to_review", "loan_match", "review", amount, unit="CNY",
            loans=sum(one["loans"] for one in waiting), outstanding=f"{amount:,}",
            accept=settings.match_accept, margin=settings.match_margin,
        )  # fmt: skip
    if lost:
        amount = sum(one["outstanding_amount"] for one in lost)
        by = {
            reason: sum(one["loans"] for one in lost if found[one["subject_key"]].reason == reason)
            for reason in REASONS
        }
        loans = sum(one["loans"] for one in lost)
        _find(
            context, "finance.match_unknown", "loan_match", "unknown", amount, unit="CNY", loans=loans,
            outstanding=f"{amount:,}", nameless=by["no_name"], not_found=by["not_found"],
            rejected=by["rejected"] + by["override"], faulty=loans - sum(by.values()),
        )  # fmt: skip


def _bad_codes(context: StepContext, subjects: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]) -> None:
    """Tell of codes that are no credit codes of an organisation, by what they are instead."""
    for kind, code in FAULTS.items():
        bad = [
            one for one in subjects if kinds[one["subject_key"]] == kind and one["loans"] and not _known(one)
        ]
        if bad:
            amount = sum(one["outstanding_amount"] for one in bad)
            _find(
                context, code, "loan", masked(bad[0]["code"]), amount, unit="CNY",
                loans=sum(one["loans"] for one in bad), outstanding=f"{amount:,}",
                examples=[_example(one["code"]) for one in bad[:SHOWN]],
            )  # fmt: skip


def _known(one: Mapping[str, Any]) -> bool:
    return one["entity_id"] is not None


def _example(code: str) -> str:
    if kind_of(code) == CHECK_CHARACTER:
        return f"{tidy(code)} ({tidy(code)[:17]}→{check_character(tidy(code))}?)"
    return masked(code)


def _find(
    context: StepContext, code: str, table: str, key: str, amount: Any, *, unit: str = "1", **values: object
) -> None:
    problem = Problem(code, values=values, severity="warning")
    context.find(problem, table=table, key=key, amount=float(amount), unit=unit)
