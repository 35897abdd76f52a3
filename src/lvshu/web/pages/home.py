"""Home: the state of the city in a dozen headlines, what changed since the last run, what is not covered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.core.errors import LvshuError
from lvshu.core.text import LANGUAGES
from lvshu.pipeline.compare import Causes, causes_between, reason_of
from lvshu.publish.display import Absence, figure
from lvshu.publish.headlines import WINGS, lines_of, mark_label, mark_sign
from lvshu.publish.model import Column, Panel, TableView, number_column
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, code_label, same, unit_label
from lvshu.web.context import Context, PageQuery
from lvshu.web.months import months_of_headline
from lvshu.web.pages.chapters import chapter
from lvshu.web.pages.page import Page
from lvshu.web.parts import parts_of_headline
from lvshu.web.security.cells import is_closed, protected_cards, small_headlines
from lvshu.web.view import PageView
from lvshu.web.words import word

DOZEN = (
    "gdp",
    "co2_production_based",
    "co2_consumption_based",
    "energy_use",
    "circular_material_use_rate",
    "circulation_loss",
    "financed_emission_bank_2026",
    "green_loan_balance",
    "high_carbon_loan_balance",
    "digital_core_share",
    "platform_transactions",
    "flexible_employment_share",
)
"""The dozen, where the book has them; else the first headlines that have a figure stand in."""
CHANGES = 8


def cards(reader: Reader) -> list[dict[str, Any]]:
    """Return every headline as a card: texts in both languages, figure, interval, mark, parts for a small chart."""
    rows = {row["code"]: row for row in reader.rows("headline")}
    lines = {language: lines_of(reader, language) for language in LANGUAGES}
    made = []
    for zh, en in zip(lines["zh"], lines["en"], strict=True):
        row = rows[zh.code]
        made.append(
            {
                "code": zh.code,
                "wing": zh.wing,
                "label": Text(zh.label, en.label),
                "sentence": Text(zh.sentence, en.sentence),
                "value": Text(zh.value_text, en.value_text),
                "interval": Text(zh.interval_text, en.interval_text),
                "mark": zh.mark,
                "sign": mark_sign(zh.mark),
                "mark_label": mark_label(zh.mark),
                "reason": Text(zh.reason, en.reason),
                "row": row,
                "parts": parts_of_headline(reader, row) if row["value"] is not None else [],
                "months": months_of_headline(reader, zh.code),
            }
        )
    return made


def build(context: Context, query: PageQuery) -> PageView:
    """Return the page."""
    every = protected_cards(context, context.made("cards", cards))
    known = {card["code"]: card for card in every if card["row"]["value"] is not None}
    first = [known[code] for code in DOZEN if code in known]
    for card in known.values():
        if len(first) < len(DOZEN) and card not in first:
            first.append(card)
    groups = [
        {
            "label": code_label("wing", wing),
            "cards": [card for card in every if card["wing"] == wing],
            "shown": sum(card["wing"] == wing for card in known.values()),
        }
        for wing in dict.fromkeys([*WINGS, *(card["wing"] for card in every)])
    ]
    return PageView(
        id="home",
        title=word("home.title"),
        lead=word("lead.headlines"),
        panels=(table_of(every), *chapter(context, "lacking").panels),
        template="home.html.j2",
        data={
            "first": first,
            "groups": [group for group in groups if group["cards"]],
            "uncovered": [card for card in every if card["row"]["value"] is None],
            "changes": _open_changes(context),
            "marks": [
                (mark_sign(one), mark_label(one)) for one in ("interval", "point", "partial", "not_covered")
            ],
        },
        facts={"headlines": [_fact(card) for card in every]},
    )


def _open_changes(context: Context) -> dict[str, Any] | None:
    """Return what changed, as whoever asks may see it.

    The move of a sum over records from one run to the next may be one record: who may not see records, nor earlier
    runs, is not told of it, nor of headlines whose figures are withheld, nor how many there are of them.
    """
    found, hidden = changes(context), small_headlines(context)
    if found is None:
        return None
    if context.person.sees_records:
        return {**found, "rows": found["rows"][:CHANGES]}
    rows = [row for row in found["rows"] if row["code"] not in hidden and not is_closed(row["table"])]
    return {**found, "rows": rows[:CHANGES], "moved": len(rows), "unseen": 0}


def table_of(every: list[dict[str, Any]]) -> Panel:
    """Return all headlines as a table."""
    rows = tuple(
        {
            "label": card["label"],
            "value": Absence.SUPPRESSED
            if card["value"].en == Absence.SUPPRESSED.value
            else card["row"]["value"],
            "unit": unit_label(card["row"]["unit"]),
            "low": card["row"]["low"],
            "high": card["row"]["high"],
            "mark": card["mark_label"],
            "code": card["code"],
        }
        for card in every
    )
    columns = (
        Column("label", word("column.headline")),
        number_column("value", word("column.value"), "", decimals=2),
        Column("unit", word("column.unit")),
        number_column("low", word("column.low"), "", decimals=2),
        number_column("high", word("column.high"), "", decimals=2),
        Column("mark", word("mark")),
        Column("code", word("column.code"), code=True),
    )
    return Panel("headlines", word("headlines"), table=TableView(columns, rows, ("headline",)))


def _fact(card: dict[str, Any]) -> dict[str, Any]:
    row = card["row"]
    kept = (
        "code",
        "wing",
        "value",
        "unit",
        "low",
        "high",
        "coverage",
        "standard_error",
        "status",
        "table_name",
    )
    return {name: row[name] for name in kept} | {"mark": card["mark"], "sentence": card["sentence"]}


def changes(context: Context) -> dict[str, Any] | None:
    """Return what changed in the headlines since the run before; None where there is none, or it cannot be read."""
    workbench = context.workbench
    new = context.run or workbench.shelf.current()
    old = workbench.workspace.runs.before(new) if new else None
    if new is None or old is None:
        return None

    def made(reader: Reader) -> dict[str, Any] | None:
        try:
            with workbench.workspace.book(old) as before:
                earlier = {row["code"]: row for row in before.rows("headline")}
                causes = causes_between(before, reader.book)  # type: ignore[arg-type]
                moved = _moved(earlier, reader.rows("headline"), causes)
                return {"old": old, "new": reader.run["run_id"], **moved}
        except (LvshuError, KeyError):  # a book of an older lvshu may lack what a comparison needs
            return None

    return context.made(("changes", old), made)


def _moved(
    earlier: Mapping[str, Mapping[str, Any]], now: Sequence[Mapping[str, Any]], causes: Causes
) -> dict[str, Any]:
    """Return the headlines that moved, the largest moves first, each with its causes.

    unseen: how many moved by less than their figures show; they stand in the comparison of the runs alone.
    """
    rows, unseen = [], 0
    later = {row["code"]: row for row in now}
    for code in dict.fromkeys([*later, *earlier]):
        before, after = earlier.get(code), later.get(code)
        row = after or before or {}
        was, value = (one["value"] if one else None for one in (before, after))
        if was == value:
            continue
        both = {**row, "old": was, "new": value}
        old, new = amount(both, "old"), amount(both, "new")
        if old == new:
            unseen += 1
            continue
        share, told = move(row["unit"], was, value)
        rows.append(
            {
                "code": row["code"],
                "table": row["table_name"],
                "label": Text(row["label_zh"], row["label_en"]),
                "old": old,
                "new": new,
                "share": share,
                "told": told,
                "gap": gap_told(before, after),
                "why": causes_told(causes.behind(row["table_name"]), 2, causes.label),
            }
        )
    rows.sort(key=lambda one: -abs(one["share"]) if one["share"] is not None else -9.0)
    return {"moved": len(rows) + unseen, "unseen": unseen, "rows": rows}


def move(unit: str, old: Decimal | None, new: Decimal | None) -> tuple[float | None, Text]:
    """Return a move relative to what was, and in words: of a share in percentage points, else in percent."""
    if old is None or new is None:
        return None, NO_TEXT
    share = None if not old else float(new - old) / abs(float(old))
    if unit == "%":
        return share, word("home.points", points=f"{float(new - old):+.2f}")
    return share, NO_TEXT if share is None else same(f"{share:+.2%}")


def causes_told(
    causes: Sequence[Mapping[str, str]], most: int, label: Callable[[str], Mapping[str, str]]
) -> Text:
    """Return what made a headline move: the first causes, and how many more there are; label: what a step is called."""
    told = [
        word(
            f"cause.{one['kind']}", name=Text(**label(one["name"])) if one["kind"] == "code" else one["name"]
        )
        for one in causes[:most]
    ]
    if len(causes) > most:
        told.append(word("cause.more", count=len(causes) - most))
    return Text("；".join(one.zh for one in told), "; ".join(one.en for one in told))


def gap_told(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Text:
    """Return why one of two runs has no figure of a headline, from their rows; empty where both have one.

    before, after: rows of the headline; None where the run does not list it.
    """
    for side, row in (("new", after), ("old", before)):
        if row is None:
            return word(f"home.unlisted.{side}")
        if row["value"] is None:
            reason = reason_of(row)
            told = Text(**reason) if reason else word("home.no_reason")
            return word(f"home.without.{side}", reason=told)
    return NO_TEXT


def amount(row: dict[str, Any], name: str) -> Text:
    """Return a figure of a headline for people; … where there is none."""
    if row[name] is None:
        return Text("…", "…")
    shown = (figure(row[name], row["unit"], one, display_unit=row["display_unit"]).value for one in LANGUAGES)
    return Text(*shown)


PAGE = Page("/", "home", build)
