"""Units whose industry the coder is not sure of; answers are taken by the next run, and learned from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lvshu.core.city_time import city_day
from lvshu.core.errors import InputError, Problem
from lvshu.publish.model import Column, number_column
from lvshu.publish.panels.base import named
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, same, value_label
from lvshu.statistics.coding.queue import REVIEW_FILE, keep_review, kept_reviews
from lvshu.web.queues.answer_file import put_rows, rows_by_key
from lvshu.web.queues.case import Case, Decision, Detail, Given, Option, Row, any_of
from lvshu.web.words import word
from lvshu.web.workbench import Workbench

WAITS = "decision NOT IN ('coded', 'reviewed')"
LINKED = """
    EXISTS (
      SELECT 1 FROM assigned_industry AS assigned
      WHERE assigned.uscc = activity_code.uscc AND assigned.linked_class IS NOT NULL
    )
"""
AGREED = """
    EXISTS (
      SELECT 1 FROM assigned_industry AS assigned
      WHERE assigned.uscc = activity_code.uscc AND assigned.linked_class = activity_code.best_code
    )
"""
MOST = 2000
SCOPE = 600
CLASSES = "gbt4754_2017"
ACCEPT, OTHER = "accept", "other"
FILE_KEY = ("uscc",)


class Codes:
    """Units without a sure class, the least sure first; at most so many at a time.

    Those whose class another source states of the linked unit come last; where the machine's likeliest is the same,
    nothing is left to decide.
    """

    name, other, none = "codes", OTHER, ""
    source: tuple[str, ...] = ("activity_code", "activity_candidate", "assigned_industry")
    columns = (
        Column("decision", word("column.state_of_code")),
        Column("words", word("reviews.words")),
        Column("best", word("reviews.best")),
        number_column("probability", word("reviews.probability"), "%", decimals=1),
    )

    def cases(self, reader: Reader) -> list[Case]:
        """Return the units of a book whose class is not sure."""
        book = reader.book
        if not book.has("activity_code"):
            return []
        rows: list[dict[str, Any]] = []
        for where in _waits(reader):
            rows += book.read(
                "activity_code", where=where, order=["best_probability", "uscc"], limit=MOST - len(rows)
            ).to_pylist()
        linked = _linked(reader, {row["uscc"] for row in rows})
        units = {
            one["uscc"]: one
            for one in book.read(
                "enterprise",
                columns=["uscc", "name", "business_scope"],
                where=any_of("uscc", {row["uscc"] for row in rows}),
            ).to_pylist()
        }
        best = {row["best_code"] for row in rows if row["best_code"]}
        names = {one["code"]: class_name(one) for one in reader.pack_rows(CLASSES) if one["code"] in best}
        return [_case(names, row, units.get(row["uscc"], {}), linked.get(row["uscc"])) for row in rows]

    def count(self, reader: Reader) -> int:
        """Return how many units wait."""
        return sum(reader.book.count("activity_code", where) for where in _waits(reader))

    def detail(self, reader: Reader, case: Case) -> Detail:
        """Return a unit's business scope and the classes that it may belong to."""
        row, unit = case.about["row"], case.about["unit"]
        facts = [
            (word("column.code"), same(row["uscc"])),
            (word("reviews.scope"), same((unit.get("business_scope") or "–")[:SCOPE])),
            (word("reviews.words"), same(row["main_words"] or "–")),
            (word("column.state_of_code"), value_label("activity_code", "decision", row["decision"])),
        ]
        if row["code"]:
            facts.append((word("reviews.backed_off"), class_text(reader, row["code"])))
        found = reader.book.read(
            "activity_candidate", where=any_of("uscc", {row["uscc"]}), order=["candidate_rank"]
        ).to_pylist()
        listed = {one["code"]: float(one["probability"]) for one in found}
        if row["best_code"]:
            listed.pop(row["best_code"], None)
            listed = {row["best_code"]: float(row["best_probability"] or 0), **listed}
        options = [
            Option(ACCEPT, code, label=class_text(reader, code), weight=f"{share:.1%}")
            for code, share in listed.items()
        ]
        linked = case.about["linked"]
        if linked:
            facts.append((word("reviews.linked"), class_text(reader, linked)))
            rest = [one for one in options if one.chosen != linked]
            label = class_text(reader, linked) + same(" · ") + word("reviews.linked")
            options = [Option(ACCEPT, linked, label=label), *rest]
        return Detail(tuple(facts), options=tuple(options), asks=word("reviews.other_class"))

    def given(self, workbench: Workbench) -> Mapping[str, Given]:
        """Return the answers that the next run will use."""
        return {
            row["uscc"]: Given(row["reviewer"], row["reviewed_on"], row["industry_code"])
            for row in kept_reviews(workbench.workspace)
        }

    def check(self, reader: Reader, case: Case, decision: Decision) -> None:
        """Make sure that the class is one of the classification.

        Raises:
            InputError: coding.label_outside.
        """
        known = reader.pack_rows(CLASSES, code=decision.chosen, level="class")
        if not known:
            raise InputError(Problem("coding.label_outside", values={"label": decision.chosen[:40] or "–"}))

    def write(self, workbench: Workbench, case: Case, decision: Decision) -> None:
        """Put an answer into the input file of the next run, in the place of an earlier one."""
        keep_review(
            workbench.workspace,
            uscc=case.key,
            industry_code=decision.chosen,
            reviewer=decision.by,
            reviewed_on=date.fromisoformat(city_day(decision.at)),
        )

    def kept(self, workbench: Workbench) -> dict[str, Row]:
        """Return the answers by unit."""
        return rows_by_key(workbench.workspace.inputs / REVIEW_FILE, FILE_KEY)

    def put(self, workbench: Workbench, rows: Mapping[str, Row | None], by: str) -> None:
        """Put answers back, or take them away."""
        put_rows(workbench.workspace.inputs / REVIEW_FILE, FILE_KEY, rows)


def class_name(row: Mapping[str, Any]) -> Text:
    """Return the name of a row of the classification, with its code."""
    return named(row["name_zh"], row["name_en"], row["code"]) + same(f" ({row['code']})")


def class_text(reader: Reader, code: str) -> Text:
    """Return the name of a class, division or section, with its code."""
    found = reader.pack_rows(CLASSES, code=code)
    return class_name(found[0]) if found else same(code)


def _waits(reader: Reader) -> tuple[str, ...]:
    """Return the conditions of what waits: what rests on the machine, then what a linked unit states otherwise."""
    if not reader.book.has("assigned_industry"):
        return (WAITS,)
    return f"{WAITS} AND NOT {LINKED}", f"{WAITS} AND {LINKED} AND NOT {AGREED}"


def _linked(reader: Reader, units: set[str]) -> dict[str, str]:
    """Return the class that another source states of each linked unit among these."""
    if not reader.book.has("assigned_industry"):
        return {}
    rows = reader.book.read(
        "assigned_industry",
        columns=["uscc", "linked_class"],
        where=f"linked_class IS NOT NULL AND {any_of('uscc', units)}",
    ).to_pylist()
    return {row["uscc"]: row["linked_class"] for row in rows}


def _case(
    names: Mapping[str, Text], row: Mapping[str, Any], unit: Mapping[str, Any], linked: str | None
) -> Case:
    shown = {
        "decision": value_label("activity_code", "decision", row["decision"]),
        "words": row["main_words"] or "–",
        "best": names.get(row["best_code"], same("–")),
        "probability": None if row["best_probability"] is None else 100 * float(row["best_probability"]),
    }
    return Case(
        row["uscc"], unit.get("name") or row["uscc"], shown, {"row": row, "unit": unit, "linked": linked}
    )
