"""Pairs of register records: those that are not sure, and the random sample that error rates are estimated from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lvshu.core.city_time import city_day
from lvshu.publish.model import Column, number_column
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, joined, same, value_label
from lvshu.statistics.register.desk import MIRROR, SHOWN, answers, judge, queue_rows
from lvshu.statistics.register.returned import DECISIONS, WAITING
from lvshu.web.queues.answer_file import put_rows, rows_by_key
from lvshu.web.queues.case import Case, Decision, Detail, Given, Option, Row
from lvshu.web.words import has_word, word
from lvshu.web.workbench import Workbench

REGISTER = ("link_pair", "link_sample")
FILE_KEY = ("kind", "left_key", "right_key", "reviewer", "reviewed_on")


class Links:
    """Pairs of records, one unit or not: the least certain first, or the sample in an order that tells nothing."""

    other, none = "", ""
    source: tuple[str, ...] = ("link_pair", "link_sample")

    def __init__(self, name: str, *, sampled: bool) -> None:
        self.name = name
        self.sampled = sampled
        told = (
            () if sampled else (number_column("probability", word("reviews.probability"), "%", decimals=1),)
        )
        self.columns = (Column("kind", word("column.kind")), Column("right", word("reviews.right")), *told)

    def cases(self, reader: Reader) -> list[Case]:
        """Return the pairs of a book that wait."""
        if not reader.book.has("link_pair"):
            return []
        rows = queue_rows(reader.book, sample=self.sampled, most=0 if self.sampled else None)  # type: ignore[arg-type]
        return [_case(row) for row in rows]

    def count(self, reader: Reader) -> int:
        """Return how many pairs wait."""
        return len(self.cases(reader))

    def detail(self, reader: Reader, case: Case) -> Detail:
        """Return both records side by side; of the sample neither probability nor grounds."""
        row = case.about
        beside = tuple(
            (
                column_label("enterprise_extract", name),
                _cell(row.get(f"left_{name}")),
                _cell(row.get(f"right_{name}")),
                row.get(f"left_{name}") != row.get(f"right_{name}"),
            )
            for name in SHOWN
            if row.get(f"left_{name}") is not None or row.get(f"right_{name}") is not None
        )
        facts = [(word(f"reviews.{side}"), same(row[f"{side}_key"])) for side in ("left", "right")]
        facts += [
            (word(f"reviews.{name}"), _fields(row[name])) for name in ("agrees", "differs") if row[name]
        ]
        if row["grounds"]:
            facts.append((word("reviews.grounds"), _grounds(row["grounds"])))
            facts.append((word("reviews.probability"), same(f"{row['probability']:.1%}")))
        options = tuple(
            Option(decision, label=value_label("link_review", "decision", decision)) for decision in DECISIONS
        )
        return Detail(tuple(facts), beside, options=options)

    def given(self, workbench: Workbench) -> Mapping[str, Given]:
        """Return the answers that the next run will use."""
        return {
            _key(row["kind"], row["left_key"], row["right_key"], row["draw"] or WAITING): Given(
                row["reviewer"], row["reviewed_on"], row["decision"]
            )
            for row in answers(workbench.workspace)
        }

    def check(self, reader: Reader, case: Case, decision: Decision) -> None:
        """Make sure that an answer can be kept: `judge` looks at it again when it is written."""

    def write(self, workbench: Workbench, case: Case, decision: Decision) -> None:
        """Add an answer to the input file of the next run."""
        row = case.about
        judge(
            workbench.workspace,
            kind=row["kind"],
            left_key=row["left_key"],
            right_key=row["right_key"],
            draw=row["draw"],
            decision=decision.decision,
            reviewer=decision.by,
            reviewed_on=date.fromisoformat(city_day(decision.at)),
            note=decision.note,
        )

    def kept(self, workbench: Workbench) -> dict[str, Row]:
        """Return the answers by pair, reviewer and day."""
        return rows_by_key(workbench.workspace.inputs / MIRROR, FILE_KEY)

    def put(self, workbench: Workbench, rows: Mapping[str, Row | None], by: str) -> None:
        """Put answers back, or take them away."""
        put_rows(workbench.workspace.inputs / MIRROR, FILE_KEY, rows)


def _case(row: Mapping[str, Any]) -> Case:
    title = row.get("left_name") or row["left_key"]
    shown = {
        "kind": value_label("link_review", "kind", row["kind"]),
        "right": row.get("right_name") or row["right_key"],
        "probability": None if row["probability"] is None else 100 * float(row["probability"]),
    }
    return Case(_key(row["kind"], row["left_key"], row["right_key"], row["draw"]), title, shown, row)


def _key(kind: str, left: str, right: str, draw: str) -> str:
    return "/".join((kind, draw, left, right))


def _cell(value: object) -> str:
    return "–" if value is None else str(value)


def _fields(listed: str) -> Text:
    return joined([column_label("person_extract", name) for name in listed.split(", ")])


def _grounds(told: str) -> Text:
    """Return what speaks for and against one unit, `name +weight` each, with the names of what was compared."""

    def name_of(name: str) -> Text:
        for table in ("enterprise_extract", "person_extract"):
            label = column_label(table, name)
            if label.en != name:
                return label
        return word(f"reviews.compared.{name}") if has_word(f"reviews.compared.{name}") else same(name)

    parts = [one.rpartition(" ") for one in told.split(", ")]
    return joined(
        [(name_of(name) + same(f" {weight}")) if name else same(weight) for name, _, weight in parts]
    )
