"""A quality report of a run, written from its own log: what came in, what was done, how sure it is, what is missing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lvshu.publish.display import period_label
from lvshu.publish.headlines import lines_of
from lvshu.publish.model import Column, Section, TableView, number_column
from lvshu.publish.model import Panel as Part
from lvshu.publish.origins import used_methods
from lvshu.publish.panels import total_error
from lvshu.publish.panels.base import named
from lvshu.publish.panels.told import general_text, is_told
from lvshu.publish.quality_concepts import concepts_line, concepts_of, concepts_part
from lvshu.publish.reader import BookLike, Reader
from lvshu.publish.texts import Text, code_label, contract_of, same, table_label, ui, value_label
from lvshu.publish.translated import translated

SHOWN_FINDINGS = 40
Rows = Sequence[dict[str, Any]]


def quality_report(book: BookLike) -> Section:
    """Return the report as parts with a sentence and, where there is something to list, a table.

    The headings are lvshu's own; each names the concepts of the European SIMS 2.0 that it answers. Everything in it is
    read from the book; what a log cannot know (users' needs, cost and burden, the legal mandate) is named at the
    end for the bureau to write.
    """
    reader = Reader(book)
    parts = (
        _run(reader), _presented(reader), _sources(reader), _quarantine(reader), _methods(reader), _packs(reader),
        *total_error.panels(reader), _accuracy(reader), _links(reader), _imputation(reader), _seasonal(reader),
        _coherence(reader), _confidentiality(reader), _timeliness(reader), _missing(reader), _findings(reader),
        Part("not_in_the_log", ui("quality.not_in_the_log"), ui("quality.not_in_the_log_text")),
    )  # fmt: skip
    parts = (*parts, concepts_part(parts))
    lead = ui("quality.lead_synthetic" if reader.settings.synthetic else "quality.lead")
    return Section("quality", ui("quality.title", area=reader.area, year=reader.settings.year), lead, parts)


def write_quality(book: BookLike, folder: Path, *, language: str) -> list[Path]:
    """Write quality.md in a language and quality.json in both. Returns the files.

    Args:
        book: the run.
        folder: that exists.
        language: of the text, zh or en.
    """
    report = quality_report(book)
    text, data = folder / "quality.md", folder / "quality.json"
    text.write_text(_markdown(report, language), encoding="utf-8")
    data.write_text(json.dumps(_plain(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [text, data]


def _part(
    identifier: str, columns: Sequence[Column], rows: Rows, source: Sequence[str], **values: object
) -> Part:
    title = ui(f"quality.{identifier}")
    if not rows:
        return Part(identifier, title, empty=ui(f"quality.{identifier}_none", **values))
    view = TableView(tuple(columns), tuple(rows), tuple(source))
    return Part(identifier, title, ui(f"quality.{identifier}_text", count=len(rows), **values), None, view)


def _run(reader: Reader) -> Part:
    run = reader.run
    rows = [
        {"item": ui(f"quality.run_{name}"), "value": str(run[name])}
        for name in ("run_id", "finished_at", "version", "python", "engine")
        if run.get(name) is not None
    ]
    return _part("run", _two(), rows, ("run",))


def _two() -> tuple[Column, Column]:
    return Column("item", ui("column.platform_item")), Column("value", ui("column.value"))


def _presented(reader: Reader) -> Part:
    lines = {language: lines_of(reader, language) for language in ("zh", "en")}
    rows = [
        {
            "item": Text(zh.label, en.label),
            "value": Text(zh.value_text, en.value_text),
            "interval": Text(zh.interval_text, en.interval_text),
            "status": code_label("mark", zh.mark),
        }
        for zh, en in zip(lines["zh"], lines["en"], strict=True)
    ]
    columns = (
        *_two(),
        Column("interval", ui("column.total_interval")),
        Column("status", ui("quality.column_status")),
    )
    return _part("presented", columns, rows, ("headline",))


def _sources(reader: Reader) -> Part:
    by_table: dict[str, dict[str, Any]] = {}
    for one in reader.rows("input_file"):
        row = by_table.setdefault(one["table_name"], {"files": 0, "read": 0, "kept": 0})
        row["files"] += 1
        row["read"] += one["rows_read"] or 0
        row["kept"] += one["rows_kept"] or 0
    rows = [
        {
            "item": table_label(table), **row,
            "lost": None if not row["read"] else 100 * (row["read"] - row["kept"]) / row["read"],
        }
        for table, row in sorted(by_table.items())
    ]  # fmt: skip
    columns = (
        Column("item", ui("quality.column_source")),
        number_column("files", ui("quality.column_files"), "1", decimals=0),
        number_column("read", ui("quality.column_read"), "1", decimals=0),
        number_column("kept", ui("quality.column_kept"), "1", decimals=0),
        number_column("lost", ui("quality.column_lost"), "%", decimals=2),
    )
    return _part("sources", columns, rows, ("input_file",))


def _quarantine(reader: Reader) -> Part:
    counted = Counter(
        (row["table_name"], row["column_name"] or "–", row["code"]) for row in reader.rows("quarantine")
    )
    rows = [
        {"item": table_label(table), "column": column, "rows": count, "code": code}
        for (table, column, code), count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    ]
    columns = (
        Column("item", ui("quality.column_source")),
        Column("column", ui("quality.column_column")),
        number_column("rows", ui("quality.column_rows"), "1", decimals=0),
        Column("code", ui("quality.column_code"), code=True),
    )
    return _part("quarantine", columns, rows, ("quarantine",))


def _methods(reader: Reader) -> Part:
    rows = [
        {"item": card["name"], "source": card["source"], "limits": card["limits"]}
        for card in used_methods(reader)
    ]
    columns = (
        Column("item", ui("method")),
        Column("source", ui("quality.column_reference")),
        Column("limits", ui("quality.column_limits")),
    )
    return _part("methods", columns, rows, ("step_run",))


def _document(row: Mapping[str, Any]) -> Text:
    """Return issuer, number and clause of a pack's document, each in both languages where it is translated."""
    parts = [translated(row[name]) for name in ("issuer", "document_number", "clause") if row.get(name)]
    return Text(" ".join(part.zh for part in parts), " ".join(part.en for part in parts))


def _packs(reader: Reader) -> Part:
    rows = [
        {
            "item": named(row["zh"], row["en"], row["pack"]),
            "document": _document(row),
            "state": code_label("completeness", row["completeness"] or ""),
        }
        for row in sorted(reader.rows("pack_used"), key=lambda row: row["pack"])
    ]
    columns = (
        Column("item", ui("quality.column_pack")),
        Column("document", ui("quality.column_reference")),
        Column("state", ui("quality.column_status")),
    )
    return _part("packs", columns, rows, ("pack_used",))


def _accuracy(reader: Reader) -> Part:
    rows = []
    for row in sorted(reader.rows("headline"), key=lambda row: row["position"] or 0):
        value, error = row["value"], row["standard_error"]
        if value is None or row["uncertainty_method"] is None:
            continue
        relative = None if error is None or not value else 100 * abs(error / float(value))
        rows.append(
            {
                "item": named(row["label_zh"], row["label_en"], row["code"]),
                "relative": relative,
                "way": code_label("uncertainty_method", row["uncertainty_method"]),
                "scope": named(row["uncertainty_scope_zh"], row["uncertainty_scope_en"], "…"),
            }
        )
    columns = (
        Column("item", ui("column.headline")),
        number_column("relative", ui("quality.column_relative"), "%", decimals=2),
        Column("way", ui("method")),
        Column("scope", ui("quality.column_scope")),
    )
    without = sum(
        row["value"] is not None and row["uncertainty_method"] is None for row in reader.rows("headline")
    )
    return _part("accuracy", columns, rows, ("headline", "uncertainty"), without=without)


def _links(reader: Reader) -> Part:
    rows = [
        {
            "item": f"{row['kind']} / {row['source']}", "scope": code_label("link_scope", row["scope"]),
            "measure": row["measure"], "basis": row["basis"],
            "value": row["value"], "error": row["standard_error"], "judged": row["judged"],
        }
        for row in reader.rows("link_quality")
        if row["measure"] in ("precision", "recall") and row["source"] == "total"
    ]  # fmt: skip
    columns = (
        Column("item", ui("quality.column_source")),
        Column("scope", ui("quality.column_pairs")),
        Column("measure", ui("quality.column_measure")),
        Column("basis", ui("quality.column_basis")),
        number_column("value", ui("column.value"), "1", decimals=4),
        number_column("error", ui("column.standard_error"), "1", decimals=4),
        number_column("judged", ui("quality.column_judged"), "1", decimals=0),
    )
    return _part("links", columns, rows, ("link_quality",))


def _imputation(reader: Reader) -> Part:
    rows = [
        {
            "item": row["indicator"], "table": table_label(row["source_table"]), "way": row["method"],
            "values": row["imputed_values"],
            "enters": ui("quality.enters" if row["enters_estimate"] else "quality.enters_not"),
        }
        for row in reader.rows("imputation_variance")
    ]  # fmt: skip
    entering = sum(bool(row["enters_estimate"]) for row in reader.rows("imputation_variance"))
    columns = (
        Column("item", ui("column.headline")),
        Column("table", ui("quality.column_source")),
        Column("way", ui("method")),
        number_column("values", ui("quality.column_rows"), "1", decimals=0),
        Column("enters", ui("quality.column_enters")),
    )
    return _part(
        "imputation",
        columns,
        rows,
        ("imputation_variance",),
        edits=reader.count("edit_change"),
        entering=entering,
    )


def _seasonal(reader: Reader) -> Part:
    wanted = ("q", "m7", "qs_adjusted", "revision_mean_absolute")
    found = {(row["indicator_code"], row["measure"]): row for row in reader.rows("seasonal_quality")}
    rows = [
        {
            "item": code_label("monthly_indicator", code),
            **{name: found[code, name]["value"] if (code, name) in found else None for name in wanted},
            "model": next(row["model"] for key, row in found.items() if key[0] == code),
        }
        for code in sorted({code for code, _ in found})
    ]
    columns = (
        Column("item", ui("quality.column_series")),
        Column("model", ui("quality.column_model")),
        *(number_column(name, ui(f"quality.column_{name}"), "1", decimals=3) for name in wanted),
    )
    return _part("seasonal", columns, rows, ("seasonal_quality",))


def _coherence(reader: Reader) -> Part:
    rows = [
        {"item": table_label(table), "rows": reader.count(table)}
        for table in (
            "published_comparison",
            "io_balance_check",
            "energy_balance_check",
            "platform_return_check",
        )
        if reader.count(table)
    ]
    columns = (
        Column("item", ui("quality.column_check")),
        number_column("rows", ui("quality.column_rows"), "1", decimals=0),
    )
    return _part("coherence", columns, rows, [str(row["item"]) for row in rows])


PROTECTED: Mapping[str, tuple[str, ...]] = {
    "flexible_employment": ("status",),
    "flexible_employment_month": ("status",),
    "flexible_employment_district": ("status", "error_status"),
    "platform_worker_public": ("status",),
    "flexible_register_public": ("status", "only_status"),
    "digital_economy_account_public": (
        "value_status", "error_status", "bound_status", "bound_error_status", "total_status",
    ),
    "digital_economy_district": ("status", "error_status"),
    "digital_economy_district_model": ("direct_status",),
    "digital_economy_constant": ("status",),
    "digital_economy_revision": ("status",),
    "derived_account_public": ("value_status", "error_status"),
    "platform_transaction_public": ("status",),
    "platform_flow_public": ("status",),
    "platform_economy_public": ("status",),
    "ecommerce_share_public": ("status",),
    "coded_total": ("split_status",),
    "capital_flow_aggregate": ("status",),
}  # fmt: skip
"""Published tables that hide figures, each with the columns that say so."""
AUDIT = "disclosure_audit"


def _confidentiality(reader: Reader) -> Part:
    """Return cells by table, column of status and status; and of the attack on all tables how many figures it tried."""
    rows = []
    asked = ((table, column) for table, columns in PROTECTED.items() for column in columns)
    for table, column in (*asked, (AUDIT, "verdict")):
        counted = Counter(row[column] for row in reader.rows(table))
        contract = contract_of(table)
        what = same(column) if contract is None else named(
            contract.column(column).zh, contract.column(column).en, column
        )  # fmt: skip
        for status, count in sorted(counted.items()):
            label = value_label(table, column, status)
            rows.append({"item": table_label(table), "what": what, "status": label, "cells": count})
    columns = (
        Column("item", ui("quality.column_source")),
        Column("what", ui("quality.column_what")),
        Column("status", ui("quality.column_status")),
        number_column("cells", ui("quality.column_cells"), "1", decimals=0),
    )
    source = [table for table in (*PROTECTED, AUDIT) if reader.count(table)]
    return _part("confidentiality", columns, rows, source)


def _timeliness(reader: Reader) -> Part:
    finished = str(reader.run.get("finished_at") or reader.run.get("started_at") or "")[:10]
    days = (date.fromisoformat(finished) - date(reader.settings.year, 12, 31)).days if finished else None
    rows: list[dict[str, Any]] = [
        {"item": ui("quality.reference_period"), "value": _year(reader.settings.year)},
        {"item": ui("quality.made_on"), "value": finished or "…"},
        {"item": ui("quality.days_after"), "value": "…" if days is None else str(days)},
    ]
    return _part("timeliness", _two(), rows, ("run",))


def _year(year: int) -> Text:
    return Text(period_label(str(year), "zh"), period_label(str(year), "en"))


def _missing(reader: Reader) -> Part:
    rows: list[dict[str, Any]] = [
        {
            "item": named(row["label_zh"], row["label_en"], row["code"]),
            "reason": named(row["reason_zh"], row["reason_en"], "…"),
        }
        for row in sorted(reader.rows("headline"), key=lambda row: row["position"] or 0)
        if row["value"] is None or row["status"] == "partial"
    ]
    rows += [
        {"item": same(step.name), "reason": step.reason}
        for step in reader.steps.values()
        if step.status == "skipped"
    ]
    columns = Column("item", ui("column.headline")), Column("reason", ui("quality.column_reason"))
    return _part("missing", columns, rows, ("headline", "step_run"))


def _findings(reader: Reader) -> Part:
    found: dict[str, dict[str, Any]] = {}
    for row in reader.rows("finding"):
        kept = found.setdefault(
            row["code"],
            {
                "rows": 0,
                "severity": row["severity"],
                "item": named(row["why_zh"], row["why_en"], row["code"])
                if is_told(row["code"], row["table_name"] or "")
                else general_text(row["code"], "why", row["table_name"] or "", None),
            },
        )
        kept["rows"] += 1
    order = {"error": 0, "warning": 1, "notice": 2}
    rows = [
        {
            "code": code,
            "severity": code_label("severity", one["severity"]),
            "rows": one["rows"],
            "item": one["item"],
        }
        for code, one in sorted(
            found.items(), key=lambda pair: (order.get(pair[1]["severity"], 3), -pair[1]["rows"], pair[0])
        )
    ]
    columns = (
        Column("code", ui("quality.column_code"), code=True),
        Column("severity", ui("quality.column_severity")),
        number_column("rows", ui("quality.column_rows"), "1", decimals=0),
        Column("item", ui("quality.column_reason")),
    )
    return _part("findings", columns, rows[:SHOWN_FINDINGS], ("finding",), kinds=len(rows))


def _markdown(report: Section, language: str) -> str:
    lines = [f"# {report.title.of(language)}", "", report.lead.of(language), ""]
    for number, part in enumerate(report.panels, start=1):
        lines += [f"## {number}. {part.title.of(language)}", ""]
        concepts = concepts_line(part.id, language)
        lines += [concepts, ""] if concepts else []
        lines += [(part.empty or part.finding).of(language), ""]
        if part.table is not None:
            heads = [_head(column, language) for column in part.table.columns]
            lines += [_line(heads), _line(["---"] * len(heads))]
            lines += [_line([cell.of(language) for cell in row]) for row in part.table.shown()]
            lines.append("")
            if part.table.note:
                lines += [part.table.note.of(language), ""]
    return "\n".join(lines)


def _head(column: Column, language: str) -> str:
    unit = column.unit_text.of(language)
    if not unit:
        return column.label.of(language)
    return column.label.of(language) + (f"（{unit}）" if language == "zh" else f" ({unit})")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _plain(report: Section) -> dict[str, Any]:
    parts = []
    for part in report.panels:
        text = part.empty or part.finding
        one: dict[str, Any] = {"id": part.id, "title": _both(part.title), "text": _both(text)}
        one["concepts"] = concepts_of(part.id)
        if part.table is not None:
            one["source"] = list(part.table.source)
            one["columns"] = [
                {"key": column.key, "label": _both(column.label), "unit": column.unit}
                for column in part.table.columns
            ]
            one["rows"] = [[_both(cell) for cell in row] for row in part.table.shown()]
        parts.append(one)
    return {"title": _both(report.title), "lead": _both(report.lead), "parts": parts}


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
