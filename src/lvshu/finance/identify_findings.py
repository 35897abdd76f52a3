"""What a reader of the matches must know: the unknown, the unsure, invalid codes, one name under two codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lvshu.core.enterprise_name import NameWords, normalise_name, parse_name
from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

if TYPE_CHECKING:
    from lvshu.finance.identify import Decisions, Found

SHOWN = 3
MOST = 20

DIFFERING = Query(
    "match_subject",
    """
    SELECT match_subject.subject_key, match_subject.name, match_subject.code, match_subject.loans,
      min(company_name.name) AS register_name
    FROM match_subject
    JOIN company_name ON company_name.entity_id = match_subject.entity_id
    LEFT JOIN company_name AS same
      ON same.entity_id = match_subject.entity_id AND same.name = match_subject.name
    WHERE match_subject.name IS NOT NULL AND same.name IS NULL AND company_name.kind <> 'alias'
    GROUP BY match_subject.subject_key, match_subject.name, match_subject.code, match_subject.loans
    ORDER BY match_subject.subject_key
    """,
)


def tell(
    context: StepContext,
    subjects: Sequence[Mapping[str, Any]],
    found: Mapping[str, Found],
    valid: Mapping[str, bool | None],
    decisions: Decisions,
    words: NameWords,
) -> None:
    """Write the findings of the matching of subjects."""
    _bad_codes(context, subjects, valid)
    _two_codes(context, subjects, valid, words)
    _differing(context, words)
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
            for reason in ("no_name", "not_found")
        }
        loans = sum(one["loans"] for one in lost)
        _find(
            context, "finance.match_unknown", "loan_match", "unknown", amount, unit="CNY", loans=loans,
            outstanding=f"{amount:,}", nameless=by["no_name"], not_found=by["not_found"],
            rejected=loans - sum(by.values()),
        )  # fmt: skip


def _bad_codes(
    context: StepContext, subjects: Sequence[Mapping[str, Any]], valid: Mapping[str, bool | None]
) -> None:
    bad = [one for one in subjects if valid[one["subject_key"]] is False and one["loans"]]
    if bad:
        _find(
            context, "finance.match_bad_code", "loan", bad[0]["code"], sum(one["loans"] for one in bad),
            loans=sum(one["loans"] for one in bad), examples=[one["code"] for one in bad[:SHOWN]],
        )  # fmt: skip


def _two_codes(
    context: StepContext,
    subjects: Sequence[Mapping[str, Any]],
    valid: Mapping[str, bool | None],
    words: NameWords,
) -> None:
    by_name: dict[str, set[str]] = {}
    for one in subjects:
        if (
            one["name"]
            and one["code"]
            and valid[one["subject_key"]]
            and one["loans"]
            and not one["natural_person"]
        ):
            by_name.setdefault(normalise_name(one["name"], words), set()).add(one["code"])
    several = sorted((-len(codes), name) for name, codes in by_name.items() if len(codes) > 1)
    for count, name in several[:MOST]:
        examples = sorted(by_name[name])[:SHOWN]
        _find(
            context,
            "finance.match_two_codes",
            "loan",
            name,
            -count,
            name=name,
            codes=-count,
            examples=examples,
        )


def _differing(context: StepContext, words: NameWords) -> None:
    """Tell of codes whose enterprise has another name: neither trade name nor the whole agrees."""
    other = []
    for row in context.sql(DIFFERING).to_pylist():
        mine, theirs = parse_name(row["name"], words), parse_name(row["register_name"], words)
        if mine.trade_name != theirs.trade_name and row["loans"]:
            other.append(row)
    if other:
        examples = [f"{row['code']}: {row['name']} / {row['register_name']}" for row in other[:SHOWN]]
        loans = sum(row["loans"] for row in other)
        _find(
            context,
            "finance.match_name_differs",
            "loan",
            other[0]["code"],
            loans,
            loans=loans,
            examples=examples,
        )


def _find(
    context: StepContext, code: str, table: str, key: str, amount: Any, *, unit: str = "1", **values: object
) -> None:
    problem = Problem(code, values=values, severity="warning")
    context.find(problem, table=table, key=key, amount=float(amount), unit=unit)
