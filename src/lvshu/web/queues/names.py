"""Names of the ledger that wait for a person; answers go to the bank desk and from there to the next run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from lvshu.core.city_time import city_day
from lvshu.core.errors import InputError, Problem
from lvshu.finance.match_desk.review import ACCEPT, NONE, OTHER
from lvshu.finance.match_desk.taking import SETTLING, write_mirror
from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.records import WITHDRAWN, Actor, MatchAnswer
from lvshu.publish.model import Column, in_unit, number_column
from lvshu.publish.panels.base import short_amount
from lvshu.publish.reader import Reader
from lvshu.publish.texts import same, value_label
from lvshu.store.book import equals
from lvshu.web.queues.case import Case, Decision, Detail, Given, Option, Row, differing
from lvshu.web.state.database import now_text
from lvshu.web.words import word
from lvshu.web.workbench import Workbench

MONEY = "1e4 CNY"
WORKBENCH_FILE = "workbench"


class Names:
    """Borrowers' names, the largest balances first."""

    name, other, none = "names", OTHER, NONE
    source: tuple[str, ...] = ("subject_match", "match_subject", "match_candidate")
    columns = (
        number_column("loans", word("column.loans"), "1", decimals=0),
        number_column("balance", word("column.year_end_balance"), MONEY),
        Column("best", word("reviews.best")),
        number_column("probability", word("reviews.probability"), "%", decimals=1),
    )

    def cases(self, reader: Reader) -> list[Case]:
        """Return the names of a book that wait for a person, the largest balances first."""
        book = reader.book
        if not book.has("subject_match"):
            return []
        matches = {
            row["subject_key"]: row
            for row in book.read("subject_match", where="status = 'review'").to_pylist()
        }
        if not matches:
            return []
        candidates: dict[str, list[dict[str, object]]] = {}
        for row in book.read("match_candidate", order=["subject_key", "candidate_rank"]).to_pylist():
            if row["subject_key"] in matches:
                candidates.setdefault(row["subject_key"], []).append(row)
        found = []
        for subject in book.read("match_subject").to_pylist():
            key = subject["subject_key"]
            if key in matches:
                about = {
                    "subject": subject,
                    "match": matches[key],
                    "candidates": candidates.get(key, []),
                    "balance": subject["outstanding_amount"] or Decimal(0),
                }
                best = candidates.get(key, [{}])[0]
                row = {
                    "loans": subject["loans"],
                    "balance": in_unit(subject["outstanding_amount"], "CNY", MONEY),
                    "best": same(best.get("candidate_name") or "–"),
                    "probability": 100 * float(str(best["probability"])) if best else None,
                }
                found.append(Case(key, subject["name"] or "–", row, about))
        return sorted(found, key=lambda one: (-one.about["balance"], one.key))

    def count(self, reader: Reader) -> int:
        """Return how many names wait."""
        return reader.book.count("subject_match", "status = 'review'")

    def detail(self, reader: Reader, case: Case) -> Detail:
        """Return a name with its candidates."""
        subject, match = case.about["subject"], case.about["match"]
        kind = value_label("subject_match", "code_kind", match["code_kind"] or "–")
        facts = (
            (word("column.code"), same(subject["code"] or "–") + same(" ") + kind),
            (word("reviews.why"), value_label("subject_match", "reason", match["reason"])),
            (
                word("column.loans"),
                same(f"{subject['loans']} · ") + short_amount(case.about["balance"], "CNY", MONEY),
            ),
        )
        options = tuple(
            Option(
                ACCEPT,
                row["entity_id"],
                differing(subject["name"] or "", row["candidate_name"] or ""),
                code=row["entity_id"],
                weight=f"{float(row['probability']):.1%}",
            )
            for row in case.about["candidates"]
        )
        return Detail(facts, options=options, asks=word("reviews.other"))

    def given(self, workbench: Workbench) -> Mapping[str, Given]:
        """Return the latest settling answer about each name, whoever gave it and however it came."""
        if not (workbench.workspace.folder / "desk" / "desk.sqlite").is_file():
            return {}
        with open_desk(workbench.workspace) as desk:
            return {
                one.subject_key: Given(
                    one.reviewer, one.reviewed_on, f"{one.decision} {one.company_id or one.other_company_id}"
                )
                for one in desk.repository.match_answers()
                if one.decision in SETTLING
            }

    def check(self, reader: Reader, case: Case, decision: Decision) -> None:
        """Make sure that an answer can be kept.

        Raises:
            InputError: the company is no candidate, or unknown.
        """
        names = [candidate["entity_id"] for candidate in case.about["candidates"]]
        company = decision.chosen
        if decision.decision == ACCEPT and company not in names:
            values = {"company": company[:60], "name": case.title, "known": names or "–"}
            raise InputError(Problem("finance.review_not_a_candidate", values=values))
        known = company and reader.book.has("company_code")
        if decision.decision == OTHER and not (
            known and reader.book.count("company_code", equals("code", company))
        ):
            raise InputError(
                Problem("finance.review_unknown_company", values={"company": company[:60] or "–"})
            )

    def write(self, workbench: Workbench, case: Case, decision: Decision) -> None:
        """Write an answer to the desk and to the input file of the next run."""
        told = (case.key, *(str(value) for value in decision.__dict__.values()))
        answer = MatchAnswer(
            answer_id=0,
            file=WORKBENCH_FILE,
            sha256=hashlib.sha256("|".join(told).encode()).hexdigest(),
            run_id=decision.run_id,
            subject_key=case.key,
            company_id=decision.chosen if decision.decision == ACCEPT else "",
            decision=decision.decision,
            other_company_id=decision.chosen if decision.decision == OTHER else "",
            reviewer=decision.by,
            reviewed_on=city_day(decision.at),
            note=decision.note,
            taken_at=decision.at,
        )
        with open_desk(workbench.workspace, Actor(decision.by, "", "")) as desk:
            with desk.repository.transaction():
                desk.repository.add_match_answer(answer)
            write_mirror(desk)

    def kept(self, workbench: Workbench) -> dict[str, Row]:
        """Return the answers that stand, by name and the digest of the answer."""
        if not (workbench.workspace.folder / "desk" / "desk.sqlite").is_file():
            return {}
        with open_desk(workbench.workspace) as desk:
            return {
                f"{one.subject_key}#{one.sha256}": {"company": one.company_id, "decision": one.decision}
                for one in desk.repository.match_answers()
            }

    def put(self, workbench: Workbench, rows: Mapping[str, Row | None], by: str) -> None:
        """Take answers back: the desk only ever adds, so a withdrawal is added; and write the input file anew."""
        gone = {key for key, row in rows.items() if row is None}
        moment = now_text()
        with open_desk(workbench.workspace, Actor(by, "", "")) as desk:
            told = [
                one for one in desk.repository.match_answers() if f"{one.subject_key}#{one.sha256}" in gone
            ]
            with desk.repository.transaction():
                for one in told:
                    desk.repository.add_match_answer(
                        replace(
                            one,
                            decision=WITHDRAWN,
                            reviewer=by,
                            reviewed_on=city_day(moment),
                            taken_at=moment,
                        )
                    )
            write_mirror(desk)
