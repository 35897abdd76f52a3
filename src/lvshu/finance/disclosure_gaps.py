"""What each report still lacks: its outline held against the figures, tables and texts of the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

OUTLINES = {
    "jrt0227": "jrt_0227_2021",
    "bank_guide": "bank_guide_report",
    "pcaf": "pcaf_disclosure",
    "issb_s2": "issb_s2_metrics",
    "evaluation": "green_finance_evaluation_report",
}
METHOD_OF = {"bank_guide": "bank_2026", "pcaf": "pcaf_2022", "issb_s2": "pcaf_2022"}
TABLES = {
    "capital": "capital_by_carbon_class",
    "by_group": "financed_emission",
    "by_branch": "financed_emission",
    "by_division": "financed_emission_class",
    "by_class": "financed_emission_class",
    "matrix": "financed_emission_class",
    "coverage": "loan_coverage",
    "exclusions": "loan_coverage",
    "quality": "data_quality",
    "calculation": "data_quality",
    "methods": "financed_emission",
    "finance_gap": "finance_gap",
    "own_consumption": "own_operation_account",
    "own_emission": "own_operation_account",
    "own_factors": "own_operation_account",
    "evaluation": "evaluation_score",
    "evaluation_history": "evaluation_score",
    "facility": "facility_disclosure",
    "physical": "physical_intensity",
    "phase_in": "scope3_phase_in",
    "facilitated": "facilitated_emission",
    "insured": "insured_emission",
}
PARTS = {"own_consumption": "consumption", "own_emission": "emission"}
ALL = "*"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Book:
    """What the gaps are judged by.

    figures: (institution, figure) -> bases with a value. own: lines of `own_operation_account` by institution.
    tables: institutions that have rows in each table. texts: (institution, report, item) that are written.
    lines: rules of the own-operations lines. formula: whether scores can be given.
    """

    figures: Mapping[tuple[str, str], frozenset[str]]
    names: Mapping[str, tuple[str, str]]
    own: Mapping[str, Sequence[Row]]
    tables: Mapping[str, frozenset[str]]
    texts: frozenset[tuple[str, str, str]]
    lines: Mapping[str, Row]
    formula: bool


def make(context: StepContext) -> None:
    """Fill `disclosure_gap` for every report, institution and for all."""
    book = _book(context)
    institutions = sorted({name for name, _ in book.figures} | set(book.own) | {ALL})
    rows = [
        gap
        for report, pack in OUTLINES.items()
        for institution in institutions
        for gap in gaps(report, institution, context.packs[pack].rows, book)
    ]
    if rows:
        context.write("disclosure_gap", {name: [row[name] for row in rows] for name in rows[0]})


def gaps(report: str, institution: str, outline: Sequence[Row], book: Book) -> list[dict[str, Any]]:
    """Return the gaps of one report of one institution, in the order of its outline."""
    found: list[dict[str, Any]] = []
    for item in outline:
        kind = item["kind"]
        if (institution, report, str(item["code"])) in book.texts:
            continue
        if kind == "narrative":
            code = "no_formula" if report == "evaluation" and item["code"] == "score" else "text"
            if code == "text" or not book.formula:
                found.append(_gap(report, institution, item, "text", code, _name(item)))
        elif kind == "figures":
            found += _figures(report, institution, item, book)
        elif kind == "table":
            found += _table(report, institution, item, book)
    for position, gap in enumerate(found, start=1):
        gap["position"] = position
    return found


def _name(row: Row) -> tuple[str, str]:
    return str(row["name_zh"]), str(row["name_en"])


def _figures(report: str, institution: str, item: Row, book: Book) -> list[dict[str, Any]]:
    found = []
    wanted = METHOD_OF.get(report)
    for code in str(item["figures"] or "").split("|"):
        bases = book.figures.get((institution, code), frozenset())
        if not bases or (wanted and "-" not in bases and wanted not in bases):
            found.append(
                _gap(report, institution, item, code, "no_figure", book.names.get(code, (code, code)))
            )
    return found


def _table(report: str, institution: str, item: Row, book: Book) -> list[dict[str, Any]]:
    view = str(item["table_view"])
    table = TABLES.get(view)
    if table is None:
        return []
    there = book.tables.get(table, frozenset())
    if table == "finance_gap" and there:
        return []
    if institution not in there and not (institution == ALL and there):
        return [_gap(report, institution, item, view, "no_table", _name(item))]
    part = PARTS.get(view)
    if part is None:
        return []
    return [
        _gap(report, institution, item, str(row["line"]), reason, _name(book.lines[str(row["line"])]))
        for row in book.own.get(institution, ())
        if row["part"] == part
        for reason in _line_reasons(row)
    ]


def _line_reasons(row: Row) -> list[str]:
    if row["status"] in ("not_told", "no_factor", "partial"):
        return [str(row["status"])]
    if row["status"] == "available" and row["per_head_status"] in ("no_staff", "zero_staff"):
        return [str(row["per_head_status"])]
    return []


def _gap(
    report: str, institution: str, item: Row, element: str, reason: str, name: tuple[str, str]
) -> dict[str, Any]:
    why = Problem(f"finance.gap_{reason}", values={"name": {"zh": name[0], "en": name[1]}}, severity="notice")
    provide = [str(item[f"provide_{language}"] or "") or why.fix(language) for language in ("zh", "en")]
    if reason in ("not_told", "no_factor", "partial", "no_staff", "zero_staff", "no_formula"):
        provide = [why.fix("zh"), why.fix("en")]
    return {
        "report": report, "institution_id": institution, "item": item["code"], "element": element, "position": 0,
        "requirement": item["requirement"], "reason": reason, "name_zh": name[0], "name_en": name[1],
        "why_zh": why.what("zh"), "why_en": why.what("en"), "provide_zh": provide[0], "provide_en": provide[1],
    }  # fmt: skip


def _book(context: StepContext) -> Book:
    figures: dict[tuple[str, str], set[str]] = {}
    names: dict[str, tuple[str, str]] = {}
    for row in context.read("disclosure_figure").to_pylist():
        there = figures.setdefault((row["institution_id"], row["figure"]), set())
        names[row["figure"]] = _name(row)
        if row["status"] != "missing":
            there.add(row["basis"])
    own: dict[str, list[Row]] = {}
    for row in context.read("own_operation_account", order=("institution_id", "position")).to_pylist():
        own.setdefault(row["institution_id"], []).append(row)
    known = (*context.step.reads, *context.step.reads_if_there)
    tables = {
        table: frozenset(_institutions(context, table)) if table in known else frozenset()
        for table in sorted(set(TABLES.values()))
    }
    texts = context.read("disclosure_text").to_pylist()
    rules = context.packs["green_finance_evaluation"].rows
    return Book(
        figures={key: frozenset(value) for key, value in figures.items()},
        names=names,
        own=own,
        tables=tables,
        texts=frozenset(
            (row["institution_id"], row["report"], row["item"])
            for row in texts
            if row["text_zh"] or row["text_en"]
        ),
        lines={str(row["line"]): row for row in context.packs["jrt_0227_own_operations"].rows},
        formula=all(row["score_rule"] for row in rules),
    )


def _institutions(context: StepContext, table: str) -> set[str]:
    if table == "finance_gap":
        text = "SELECT DISTINCT method AS institution_id FROM finance_gap ORDER BY institution_id"
        return (
            {ALL} if context.sql(Query("disclosure_gap", text)).num_rows else set()
        )  # of the whole book only
    text = f"SELECT DISTINCT institution_id FROM {table} ORDER BY institution_id"
    return {str(row["institution_id"]) for row in context.sql(Query("disclosure_gap", text)).to_pylist()}
