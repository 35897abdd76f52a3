"""A filing made of a book: its outline filled with figures, tables and own texts; what is left are gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from lvshu.core.city_time import city_day
from lvshu.core.errors import InputError, Problem
from lvshu.finance.disclosure_gaps import METHOD_OF, OUTLINES, TABLES
from lvshu.finance.evaluation import RULES, what_if, withheld_from_one
from lvshu.finance.workflow.quarantined import unread_of
from lvshu.publish.display import Figure, figure
from lvshu.publish.filings.context import ALL, Asked
from lvshu.publish.filings.model import FigureLine, Filing, FilingSection, FilingTable, GapLine
from lvshu.publish.filings.views import view
from lvshu.publish.filings.words import REPORTS, word
from lvshu.publish.model import Column, TableView, number_column
from lvshu.publish.origins import citation, method_card, pack_line
from lvshu.publish.panels.base import named
from lvshu.publish.panels.names import method_name
from lvshu.publish.reader import BookLike, Reader, packaged
from lvshu.publish.texts import NO_TEXT, Text, column_label, same, value_label

FIGURES = "disclosure_figure"
GAPS = "disclosure_gap"
SUSPECTS, ONE_CLIENT = "figure_suspected", "subject_dominates"
Row = Mapping[str, Any]


def build_filing(
    book: BookLike, report: str, institution: str = ALL, *, changes: Mapping[str, str] | None = None
) -> Filing:
    """Return a report of a book for one institution, or for all of them together.

    Args:
        book: an open book.
        report: jrt0227, bank_guide, pcaf, issb_s2 or evaluation.
        institution: its code; * for all.
        changes: of the evaluation only: balances of the last quarter to change (finance.evaluation.what_if).

    Raises:
        InputError: finance.no_report, finance.no_figures (a book of an earlier version), finance.no_institution.
        MethodError: finance.what_if.
    """
    reader = Reader(book)
    _refuse(reader, report, institution)
    asked = Asked(reader, report, institution, _method(reader, report))
    outline = sorted(reader.pack_rows(OUTLINES[report]), key=_place)
    gaps = _gaps(reader, report, institution)
    sections = [_section(asked, item, gaps) for item in outline]
    if changes:
        sections.append(_what_if(asked, changes))
    pack = packaged()[OUTLINES[report]].card
    run = reader.run
    return Filing(
        report=report,
        title=REPORTS[report],
        institution=institution,
        institution_name=_institution_name(reader, institution),
        year=reader.settings.year,
        area=reader.area,
        synthetic=reader.settings.synthetic,
        run=str(run.get("run_id") or ""),
        version=str(run.get("version") or ""),
        made_on=city_day(run.get("finished_at") or run.get("started_at")),
        document=str(pack.document_number or pack.id),
        completeness=pack.completeness,
        note=Text(pack.completeness_note_zh, pack.completeness_note_en),
        sections=tuple(sections),
        methods=_methods(sections),
        citation=citation(reader),
        packs=_packs(reader, report, sections),
    )


def _refuse(reader: Reader, report: str, institution: str) -> None:
    if report not in OUTLINES:
        raise InputError(Problem("finance.no_report", values={"report": report, "known": list(OUTLINES)}))
    rows = reader.rows(FIGURES)
    if not rows:
        raise InputError(Problem("finance.no_figures"))
    known = sorted({str(row["institution_id"]) for row in rows})
    if institution not in known:
        values = {"institution": institution, "known": [one for one in known if one != ALL]}
        raise InputError(Problem("finance.no_institution", values=values))


def _method(reader: Reader, report: str) -> str:
    return METHOD_OF.get(report, reader.settings.finance_methods[0])


def _place(item: Row) -> tuple[int, ...]:
    return tuple(int(part) for part in str(item["number"]).split("."))


def _institution_name(reader: Reader, institution: str) -> Text:
    if institution == ALL:
        return word("all")
    for table in ("own_operation", "evaluation_indicator"):
        for row in reader.rows(table, institution_id=institution):
            if row.get("institution_name"):
                return same(row["institution_name"])
    found = _name_in_ledger(reader, institution)
    return same(found or institution)


def _name_in_ledger(reader: Reader, institution: str) -> str:
    if not reader.book.has("loan") or "'" in institution:
        return ""
    table = reader.book.read(
        "loan",
        columns=("institution_name",),
        where=f"institution_id = '{institution}' AND institution_name IS NOT NULL",
        limit=1,
    )
    rows = table.to_pylist()
    return str(rows[0]["institution_name"]) if rows else ""


def _section(asked: Asked, item: Row, gaps: Mapping[str, list[GapLine]]) -> FilingSection:
    code = str(item["code"])
    section = FilingSection(
        code=code,
        number=str(item["number"]),
        title=named(item["name_zh"], item["name_en"], code),
        level=int(item["level"]),
        clause=str(item["clause"]),
        texts=_texts(asked, code),
        gaps=tuple(gaps.get(code, ())),
    )
    if item["kind"] == "figures":
        return replace(section, figures=tuple(_figures(asked, str(item["figures"] or "").split("|"))))
    if item["kind"] == "table":
        found = view(str(item["table_view"]), asked)
        if found is None:
            return section
        method = asked.reader.method_of(TABLES.get(str(item["table_view"]), ""))
        table = FilingTable(str(item["table_view"]), section.title, found, method)
        return replace(section, tables=(table,))
    return section


def _texts(asked: Asked, item: str) -> tuple[Text, ...]:
    rows = asked.own_row("disclosure_text", report=asked.report, item=item)
    return tuple(
        named(row["text_zh"], row["text_en"], "") for row in rows if row["text_zh"] or row["text_en"]
    )


def _figures(asked: Asked, codes: Sequence[str]) -> list[FigureLine]:
    rows = {
        (row["figure"], row["basis"]): row
        for row in asked.reader.rows(FIGURES, institution_id=asked.institution)
    }
    found = []
    for code in codes:
        row = rows.get((code, asked.method)) or rows.get((code, "-"))
        if row is not None and row["value"] is not None:
            line = _figure(asked.reader, row)
            found.append(replace(line, name=line.name + _doubts(asked, row)))
    return found


def _doubts(asked: Asked, row: Row) -> Text:
    """Return the mark of a sum of financed emissions that rests on figures the gap ledger doubts."""
    if not str(row["table_name"]).startswith("financed_emission") or not str(row["unit"]).startswith("tCO2e"):
        return NO_TEXT
    gaps = [gap for gap in asked.rows("finance_gap_record", method=row["basis"]) if gap["emission"]]
    codes = {gap["code"] for gap in gaps}
    institutions = {one["institution_id"] for one in asked.reader.rows("loan_coverage")} - {ALL}
    of_one = asked.institution != ALL or len(institutions) == 1
    mark = word("of_suspects") if SUSPECTS in codes else NO_TEXT
    waiting = unread_of(
        asked.reader.rows("quarantine"), asked.institution, of_all=asked.institution == ALL
    ).own
    unread = sum(waiting.get(table, 0) for table in ("loan", "loan_balance"))
    mark += word("of_unread", rows=unread) if unread else NO_TEXT
    return mark + word("of_one_client") if of_one and ONE_CLIENT in codes else mark


def _figure(reader: Reader, row: Row) -> FigureLine:
    name = named(row["name_zh"], row["name_en"], row["figure"])
    if row["basis"] != "-":
        method = method_name(reader, row["basis"])
        name = name + Text(f"（{method.zh}）", f" ({method.en})")
    if row["status"] == "partial":
        name = name + word("of_a_part")
    shown = {language: _shown(row, language) for language in ("zh", "en")}
    interval = Text(row["interval_zh"] or "", row["interval_en"] or "")
    if shown["zh"].interval:
        interval = Text(f"{shown['zh'].interval} {interval.zh}", f"{shown['en'].interval} {interval.en}")
    card = _card(str(row["method_card"]))
    return FigureLine(
        code=str(row["figure"]),
        basis=str(row["basis"]),
        name=name,
        value=_plain(row["value"]),
        unit=str(row["unit"]),
        low=_plain(row["low"]),
        high=_plain(row["high"]),
        shown=shown,
        interval=interval,
        method=str(row["method_card"]),
        method_name=card["name"] if card else same(row["method_card"]),
        explain=_explain(row),
    )


def _shown(row: Row, language: str) -> Figure:
    return figure(
        row["value"],
        str(row["unit"]),
        language,
        display_unit=row["display_unit"] or None,
        low=None if row["low"] is None else float(row["low"]),
        high=None if row["high"] is None else float(row["high"]),
    )


@cache
def _card(method: str) -> dict[str, Any] | None:
    return method_card(method)


def _plain(value: Any) -> str | None:
    return None if value is None else format(value, "f")


def _explain(row: Row) -> str:
    where = f' --where "{row["condition"]}"' if row["condition"] else ""
    return f"lvshu explain {row['table_name']}.{row['column_name']}{where}"


def _gaps(reader: Reader, report: str, institution: str) -> dict[str, list[GapLine]]:
    found: dict[str, list[GapLine]] = {}
    rows = sorted(
        reader.rows(GAPS, report=report, institution_id=institution), key=lambda row: row["position"]
    )
    for row in rows:
        line = GapLine(
            item=str(row["item"]),
            element=str(row["element"]),
            name=Text(row["name_zh"], row["name_en"]),
            requirement=value_label(GAPS, "requirement", row["requirement"]),
            reason=str(row["reason"]),
            why=Text(row["why_zh"], row["why_en"]),
            provide=Text(row["provide_zh"] or "", row["provide_en"] or ""),
        )
        found.setdefault(line.item, []).append(line)
    return found


def _methods(sections: Sequence[FilingSection]) -> tuple[dict[str, object], ...]:
    named_by = {line.method for section in sections for line in section.figures}
    named_by |= {table.method for section in sections for table in section.tables if table.method}
    cards = (_card(one) for one in sorted(named_by))
    return tuple(card for card in cards if card is not None)


def _packs(reader: Reader, report: str, sections: Sequence[FilingSection]) -> tuple[dict[str, object], ...]:
    tables = {source for section in sections for one in section.tables for source in one.table.source}
    names = {pack for table in tables for pack in reader.packs_behind(table)} | {OUTLINES[report]}
    return tuple(pack_line(reader, name) for name in sorted(names) if name in reader.packs)


def _what_if(asked: Asked, changes: Mapping[str, str]) -> FilingSection:
    rows = asked.reader.rows("evaluation_indicator")
    rules = asked.reader.pack_rows(RULES)
    before, after = (
        [withheld_from_one(row) for row in side] for side in what_if(rows, rules, asked.institution, changes)
    )
    names = {str(row["code"]): named(row["name_zh"], row["name_en"], row["code"]) for row in rules}
    shown = tuple(
        {
            "indicator": names[old["indicator"]],
            "before": old["indicator_value"],
            "after": new["indicator_value"],
            "own": new["own_difference"],
            "peer": new["peer_difference"],
            "place": new["place"],
        }
        for old, new in zip(before, after, strict=True)
    )
    scores = "evaluation_score"
    columns = (
        Column("indicator", column_label(scores, "indicator")),
        number_column("before", word("before"), "%", decimals=2),
        number_column("after", word("after"), "%", decimals=2),
        number_column("own", column_label(scores, "own_difference"), "%", decimals=2),
        number_column("peer", column_label(scores, "peer_difference"), "%", decimals=2),
        number_column("place", column_label(scores, "place"), "1", decimals=0),
    )
    listed = ", ".join(f"{name} {change}" for name, change in changes.items())
    title = word("what_if", changes=listed)
    table = TableView(columns, shown, ("evaluation_indicator",), note=NO_TEXT)
    return FilingSection(
        code="what_if", number="5", title=title, level=1, clause="",
        tables=(FilingTable("what_if", title, table, "finance.evaluation"),),
    )  # fmt: skip
