"""Clients of the ledger whose identity is in doubt: told once each, under the gravest of their doubts; never merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.core.enterprise_name import EnterpriseName, NameWords, normalise_name, parse_name
from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.borrower_code import RESIDENT, VALID, kind_of
from lvshu.linkage.names.romanised import RomanWords, has_latin, parse_roman, romanised

SEVERAL_CODES, OTHER_NAME, SEVERAL_NAMES = KINDS = (
    "one_name_several_codes", "name_not_of_the_register", "one_code_several_names",
)  # fmt: skip
SEVERITIES = {SEVERAL_CODES: "warning", OTHER_NAME: "warning", SEVERAL_NAMES: "notice"}
SHOWN = 3

NAMED = Query(
    "client_identity_doubt",
    """
    SELECT coalesce(loan.uscc, subject.uscc) AS uscc, loan.borrower_name, min(enterprise.name) AS register_name,
      count(*) AS loans,
      CAST(coalesce(sum(balance.year_end_balance), 0) AS DECIMAL(20,2)) AS outstanding_amount
    FROM loan
    LEFT JOIN loan_subject AS subject ON subject.loan_id = loan.loan_id
    LEFT JOIN enterprise ON enterprise.uscc = coalesce(loan.uscc, subject.uscc)
    LEFT JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
    WHERE coalesce(loan.uscc, subject.uscc) IS NOT NULL
      AND coalesce(loan.borrower_type, 'enterprise') <> 'individual'
    GROUP BY coalesce(loan.uscc, subject.uscc), loan.borrower_name
    ORDER BY uscc, loan.borrower_name
    """,
)
Row = Mapping[str, Any]


def make(context: StepContext) -> None:
    """Fill `client_identity_doubt`."""
    words = NameWords.of(context.packs["name_parts"].rows, context.packs["traditional_characters"].rows)
    others: dict[str, set[str]] = defaultdict(set)
    for row in context.read("company_name", where="kind <> 'register'").to_pylist():
        others[row["entity_id"]].add(one_writing(row["name"], words))
    roman = RomanWords.of(words, context.packs["name_parts"].rows, context.packs["areas"].rows)
    found = doubts(context.sql(NAMED).to_pylist(), words, others, roman)
    if found:
        context.write("client_identity_doubt", {name: [row[name] for row in found] for name in found[0]})


def doubts(
    named: Sequence[Row], words: NameWords, others: Mapping[str, Collection[str]], roman: RomanWords
) -> list[dict[str, Any]]:
    """Return the doubts: kind, subject, first and last value, how many differ, loans and their year-end balance (CNY).

    A code stands under one doubt alone: one name with several codes, else a name that is not the register's (neither
    trade name nor the whole agrees), else several names. Writings of one name are one name; one in pinyin or English
    bears the trade name that it spells.

    Args:
        named: codes (of the ledger, else of the borrower that was found by name) with the ledger's name, the register's
            name, loans and balance.
        others: by code other names that the enterprise is known to bear, normalised.
        roman: the words of names in pinyin and English.
    """
    named = [row for row in named if kind_of(row["uscc"]) != RESIDENT]
    normal = {text: one_writing(text, words) for row in named for text in _names(row)}
    of_name: dict[str, list[Row]] = defaultdict(list)
    of_code: dict[str, list[Row]] = defaultdict(list)
    for row in named:
        of_code[row["uscc"]].append(row)
        known = row["register_name"] or row["borrower_name"]
        if known and (row["register_name"] or kind_of(row["uscc"]) in VALID):
            of_name[normal[known]].append(row)
    told: set[str] = set()
    found = []
    for rows in (one for name, one in sorted(of_name.items()) if name):
        codes = {row["uscc"] for row in rows}
        if len(codes) > 1:
            told |= codes
            shown = min(row["register_name"] or row["borrower_name"] for row in rows)
            found.append(_doubt(SEVERAL_CODES, shown, codes, rows))
    for code, rows in sorted(of_code.items()):
        if code in told:
            continue
        borne = others.get(code, ())
        other = [row for row in rows if _is_other(row, normal, borne, roman)]
        names = {normal[row["borrower_name"]]: row["borrower_name"] for row in rows if row["borrower_name"]}
        if other:
            pair = {str(other[0]["borrower_name"]), str(other[0]["register_name"])}
            found.append(_doubt(OTHER_NAME, code, pair, other))
        elif len(names) > 1:
            found.append(_doubt(SEVERAL_NAMES, code, names.values(), rows))
    return found


def one_writing(text: str, words: NameWords) -> str:
    """Return a name in one writing, its legal form in its common form: 有限责任公司 and 有限公司 are one.

    Source: Company Law of the PRC, on names: a limited liability company states either in its name, a company
    limited by shares 股份有限公司 or 股份公司.

    Args:
        text: the name as written.
        words: the words of names.
    """
    normal = normalise_name(text, words)
    tails = words.form_tails.get(normal[-1:], ())
    tail = next((one for one in tails if one in words.forms and normal.endswith(one)), "")
    return normal.removesuffix(tail) + words.forms[tail] if tail else normal


def _names(row: Row) -> list[str]:
    return [text for text in (row["register_name"], row["borrower_name"]) if text]


def _is_other(row: Row, normal: Mapping[str, str], borne: Collection[str], roman: RomanWords) -> bool:
    mine, theirs = row["borrower_name"], row["register_name"]
    if not mine or not theirs or normal[mine] == normal[theirs] or normal[mine] in borne:
        return False
    one, two = parse_name(mine, roman.names), parse_name(theirs, roman.names)
    return one.trade_name != two.trade_name and not (_spells(mine, two, roman) or _spells(theirs, one, roman))


def _spells(text: str, name: EnterpriseName, roman: RomanWords) -> bool:
    """Return whether a name in pinyin or English spells the trade name of a Chinese one, in whatever reading."""
    spelt = parse_roman(text, roman) if has_latin((text,)) else None
    return spelt is not None and spelt.trade_name in {one.trade_name for one in romanised(name, roman)}


def _doubt(kind: str, subject: str, values: Iterable[str], rows: Sequence[Row]) -> dict[str, Any]:
    ordered = sorted(set(values))
    return {
        "kind": kind, "subject": subject, "first_value": ordered[0], "last_value": ordered[-1],
        "different_values": len(ordered), "loans": sum(int(row["loans"]) for row in rows),
        "outstanding_amount": sum((row["outstanding_amount"] for row in rows), Decimal(0)),
    }  # fmt: skip


def tell(context: StepContext) -> None:
    """Write one finding for each kind of doubt; each client is in one of them."""
    rows = context.read("client_identity_doubt").to_pylist()
    for kind, severity in SEVERITIES.items():
        found = sorted((row for row in rows if row["kind"] == kind), key=_largest_first)
        if not found:
            continue
        amount = sum(row["outstanding_amount"] for row in found)
        shown = [f"{row['subject']}: {row['first_value']} / {row['last_value']}" for row in found[:SHOWN]]
        values = {
            "count": len(found), "loans": sum(row["loans"] for row in found), "shown": shown,
            "outstanding": f"{amount:,}",
        }  # fmt: skip
        context.find(
            Problem(f"finance.desk_{kind}", values=values, severity=severity),
            table="client_identity_doubt", key=kind, amount=float(amount), unit="CNY",
        )  # fmt: skip


def _largest_first(row: Row) -> tuple[Decimal, str]:
    return -row["outstanding_amount"], row["subject"]
