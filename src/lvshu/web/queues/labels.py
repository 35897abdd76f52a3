"""Labels of loans that nobody has signed for: approved, rejected, or another label of the catalogue in its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from lvshu.core.city_time import city_day
from lvshu.core.errors import InputError, Problem
from lvshu.engine.duckdb import text_literal
from lvshu.finance.label_answers import APPROVED, FILE, REJECTED, LabelAnswer, keep_answers, kept_answers
from lvshu.publish.model import Column, in_unit, number_column
from lvshu.publish.panels.base import named, short_amount
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, same, value_label
from lvshu.store.book import equals
from lvshu.web.queues.answer_file import put_rows, rows_by_key
from lvshu.web.queues.case import Case, Decision, Detail, Given, Option, Row
from lvshu.web.queues.codes import class_text
from lvshu.web.words import word
from lvshu.web.workbench import Workbench

MONEY = "1e4 CNY"
WAITS = "status = 'suspected'"
MOST = 1000
OTHER = "other"
FILE_KEY = ("institution_id", "loan_id", "theme", "catalogue", "label_code")
KEY = ("loan_id", "theme", "catalogue", "label_code")


class Labels:
    """Suspected labels, the largest balances first; at most so many at a time."""

    name, other, none = "labels", OTHER, ""
    source: tuple[str, ...] = ("label_status", "label_condition", "label_candidate")
    columns = (
        Column("theme", word("reviews.theme")),
        Column("label", word("reviews.label")),
        number_column("balance", word("column.year_end_balance"), MONEY),
        number_column("met", word("reviews.met"), "1", decimals=0),
        number_column("not_met", word("reviews.not_met"), "1", decimals=0),
        number_column("unproven", word("reviews.no_evidence"), "1", decimals=0),
    )

    def cases(self, reader: Reader) -> list[Case]:
        """Return the suspected labels of a book."""
        if not reader.book.has("label_status"):
            return []
        rows = reader.book.read(
            "label_status", where=WAITS, order=["-outstanding_amount", *KEY], limit=MOST
        ).to_pylist()
        names = {
            (one["theme"], one["catalogue"], one["label_code"]): named(
                one["name_zh"], one["name_en"], one["label_code"]
            )
            for one in reader.rows("label_item")
        }
        numbers = _own_numbers(reader, {str(one["loan_id"]) for one in rows})
        return [_case(names, {**row, "number": numbers.get(row["loan_id"], row["loan_id"])}) for row in rows]

    def count(self, reader: Reader) -> int:
        """Return how many labels are suspected."""
        return reader.book.count("label_status", WAITS)

    def detail(self, reader: Reader, case: Case) -> Detail:
        """Return a label with its loan, the conditions and what speaks for it."""
        row = case.about
        loan = reader.book.read("loan", where=equals("loan_id", row["loan_id"]), limit=1).to_pylist()[0]
        facts = (
            (word("ledger.loan"), same(row["loan_id"])),
            (word("ledger.borrower"), same(loan["borrower_name"] or "–")),
            (column_label("loan", "purpose_text"), same(loan["purpose_text"] or "–")),
            (
                column_label("loan", "purpose_industry_code"),
                class_text(reader, loan["purpose_industry_code"])
                if loan["purpose_industry_code"]
                else same("–"),
            ),
            (
                word("column.year_end_balance"),
                short_amount(row["outstanding_amount"] or Decimal(0), "CNY", "1e8 CNY"),
            ),
            (word("reviews.label"), row["label"]),
            (column_label("label_status", "catalogue"), _catalogue(reader, row["catalogue"])),
            (word("reviews.came"), word("reviews.reported" if row["reported"] else "reviews.found")),
        )
        here = " AND ".join(equals(name, row[name]) for name in KEY)
        evidence = []
        for one in reader.book.read("label_condition", where=here, order=["condition"]).to_pylist():
            told = _condition(reader, one)
            finding = value_label("label_condition", "finding", one["finding"])
            must = value_label("label_condition", "obligation", one["obligation"])
            evidence.append(
                (finding + same(" · ") + told + same(" (") + must + same(")"), one["sentence"] or "")
            )
        for one in reader.book.read("label_candidate", where=here, order=["basis", "found_by"]).to_pylist():
            by = value_label("label_candidate", "found_by", one["found_by"])
            evidence.append((by + same(f"{word('colon').zh}{one['phrase'] or ''}"), one["sentence"] or ""))
        options = tuple(
            Option(one, label=value_label("label_decision", "decision", one)) for one in (APPROVED, REJECTED)
        )
        return Detail(facts, evidence=tuple(evidence), options=options, asks=word("reviews.other_label"))

    def given(self, workbench: Workbench) -> Mapping[str, Given]:
        """Return the answers that the next run will use."""
        return {
            "/".join(one.key): Given(one.reviewer, one.decided_on, one.decision)
            for one in kept_answers(workbench.workspace)
        }

    def check(self, reader: Reader, case: Case, decision: Decision) -> None:
        """Make sure that another label is one of the same catalogue, and not signed for already.

        Raises:
            InputError: web.no_such_label, web.label_signed.
        """
        if decision.decision != OTHER:
            return
        row, code = case.about, decision.chosen
        values = {"label": code[:40] or "–", "catalogue": row["catalogue"]}
        if not reader.rows("label_item", theme=row["theme"], catalogue=row["catalogue"], label_code=code):
            raise InputError(Problem("web.no_such_label", values=values))
        wanted = {**row, "label_code": code}
        if reader.book.count("label_decision", " AND ".join(equals(name, wanted[name]) for name in KEY)):
            raise InputError(Problem("web.label_signed", values={**values, "loan": row["loan_id"]}))

    def write(self, workbench: Workbench, case: Case, decision: Decision) -> None:
        """Write an answer to the input file of the next run; naming another label rejects the one at hand."""
        row = case.about
        codes = {row["label_code"]: decision.decision}
        if decision.decision == OTHER:
            codes = {row["label_code"]: REJECTED, decision.chosen: APPROVED}
        on = city_day(decision.at)
        keep_answers(
            workbench.workspace,
            [
                LabelAnswer(
                    row["institution_id"] or "",
                    row["number"],
                    row["theme"],
                    row["catalogue"],
                    code,
                    one,
                    decision.by,
                    on,
                    decision.note,
                )
                for code, one in codes.items()
            ],
            number_in_book=row["loan_id"],
        )

    def kept(self, workbench: Workbench) -> dict[str, Row]:
        """Return the answers by institution, loan, theme, catalogue and label."""
        return rows_by_key(workbench.workspace.inputs / FILE, FILE_KEY)

    def put(self, workbench: Workbench, rows: Mapping[str, Row | None], by: str) -> None:
        """Put answers back, or take them away."""
        put_rows(workbench.workspace.inputs / FILE, FILE_KEY, rows)


def _own_numbers(reader: Reader, loans: Collection[str]) -> dict[str, str]:
    """Return the numbers that their institutions gave some loans, by key in the book, where they differ from it."""
    if not loans or not reader.book.has("shared_loan_number"):
        return {}
    wanted = ", ".join(text_literal(one) for one in sorted(loans))
    found = reader.book.read("shared_loan_number", where=f"loan_id IN ({wanted})").to_pylist()
    return {one["loan_id"]: one["loan_number"] for one in found}


def _case(names: Mapping[tuple[str, str, str], Text], row: Mapping[str, Any]) -> Case:
    name = names.get((row["theme"], row["catalogue"], row["label_code"]), same(""))
    shown = {
        "theme": value_label("label_decision", "theme", row["theme"]),
        "label": name + same(f" ({row['label_code']})"),
        "balance": in_unit(row["outstanding_amount"], "CNY", MONEY),
        "met": row["conditions_met"],
        "not_met": row["conditions_not_met"],
        "unproven": row["conditions_open"],
    }
    key = (row["institution_id"] or "", row["number"], row["theme"], row["catalogue"], row["label_code"])
    return Case("/".join(key), row["loan_id"], shown, {**row, "label": shown["label"]})


def _condition(reader: Reader, row: Mapping[str, Any]) -> Text:
    """Return what a condition says, of this catalogue or of every one."""
    rows = reader.pack_rows("label_conditions", condition=row["condition"])
    fit = [
        one
        for one in rows
        if one["theme"] in ("*", row["theme"]) and one["catalogue"] in ("*", row["catalogue"])
    ]
    return named(fit[0]["zh"], fit[0]["en"], row["condition"]) if fit else same(row["condition"])


def _catalogue(reader: Reader, pack: str) -> Text:
    card = reader.packs.get(pack, {})
    return named(card.get("zh"), card.get("en"), pack)
