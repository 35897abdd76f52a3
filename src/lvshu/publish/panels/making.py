"""Chapters on how the book was made: what came in, what was kept out and why, packs, steps, findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from lvshu.publish.model import Column, Panel, Section, TableView, number_column
from lvshu.publish.origins import document_text
from lvshu.publish.panels.base import grouped, named
from lvshu.publish.panels.told import general_text, is_told, names_nobody
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, column_label, same, table_label, ui
from lvshu.publish.translated import translated

SHOWN = 80
EXAMPLES = 12
PLACES = 3
_SEVERITIES = ("error", "warning", "notice")


def data_section(reader: Reader) -> Section:
    """Return the chapter on the records that came in."""
    return Section("data", ui("section.data"), ui("lead.data"), (_inputs(reader), _quarantine(reader)))


def _inputs(reader: Reader) -> Panel:
    files = sorted(reader.rows("input_file"), key=lambda row: (row["table_name"], row["file_number"]))
    title = ui("panel.inputs")
    if not files:
        return Panel("inputs", title, empty=ui("empty.inputs"))
    rows = [
        {
            "table": table_label(row["table_name"]),
            "file": row["file"] if not row["sheet"] else f"{row['file']} · {row['sheet']}",
            "read": row["rows_read"],
            "kept": row["rows_kept"],
            "quarantined": row["rows_quarantined"],
            "sha256": row["sha256"][:12],
            "layout": row["layout"] or row["encoding"],
        }
        for row in files
    ]
    columns = (
        Column("table", ui("column.table")),
        Column("file", ui("column.file")),
        number_column("read", ui("column.rows_read"), "1", decimals=0),
        number_column("kept", ui("column.rows_kept"), "1", decimals=0),
        number_column("quarantined", ui("column.rows_quarantined"), "1", decimals=0),
        Column("layout", ui("column.layout")),
        Column("sha256", ui("column.sha256"), code=True),
    )
    sums = {
        key: sum(row[name] or 0 for row in files)
        for key, name in (("read", "rows_read"), ("kept", "rows_kept"), ("quarantined", "rows_quarantined"))
    }
    closes = sums["read"] == sums["kept"] + sums["quarantined"]
    finding = ui(
        "finding.inputs" if closes else "finding.inputs_open",
        files=len(files),
        **{key: f"{value:,}" for key, value in sums.items()},
    )
    return Panel("inputs", title, finding, None, TableView(columns, tuple(rows), ("input_file",)))


def _quarantine(reader: Reader) -> Panel:
    title = ui("panel.quarantine")
    count = reader.count("quarantine")
    if not count:
        return Panel("quarantine", title, empty=ui("empty.quarantine"))
    keys = ["table_name", "column_name", "code"]
    found: pa.Table = reader.book.read("quarantine", columns=keys)
    counted = found.group_by(keys).aggregate([([], "count_all")]).to_pylist()
    counted.sort(
        key=lambda row: (-row["count_all"], str(row["table_name"]), str(row["column_name"]), row["code"])
    )
    rows = [
        {
            "table": table_label(row["table_name"]),
            "column": column_label(row["table_name"], row["column_name"]) if row["column_name"] else None,
            "rows": row["count_all"],
            "reason": general_text(row["code"], "what", row["table_name"], row["column_name"]),
            "remedy": general_text(row["code"], "fix", row["table_name"], row["column_name"]),
            "code": row["code"],
        }
        for row in counted[:SHOWN]
    ]
    columns = (
        Column("table", ui("column.table")),
        Column("column", ui("column.column")),
        number_column("rows", ui("column.rows"), "1", decimals=0),
        Column("reason", ui("column.reason")),
        Column("remedy", ui("column.remedy")),
        Column("code", ui("column.code"), code=True),
    )
    finding = ui("finding.quarantine", rows=f"{count:,}", kinds=len(counted))
    view = TableView(columns, tuple(rows), ("quarantine",), left_out=max(0, len(counted) - SHOWN))
    return Panel("quarantine", title, finding, None, view, note=ui("note.quarantine"))


def packs_section(reader: Reader) -> Section:
    """Return the chapter on the packs: how whole they are, where they come from."""
    order = {"placeholder": 0, "partial": 1, "complete": 2}
    packs = sorted(reader.packs.values(), key=lambda row: (order.get(row["completeness"], 3), row["pack"]))
    title = ui("panel.packs")
    if not packs:
        return Section(
            "packs", ui("section.packs"), ui("lead.packs"), (Panel("packs", title, empty=ui("empty.packs")),)
        )
    rows = [
        {
            "name": named(row["zh"], row["en"], row["pack"]),
            "completeness": _completeness(row),
            "note": named(row["note_zh"], row["note_en"], "") if row["note_zh"] or row["note_en"] else None,
            "issuer": translated(row["issuer"]) or None,
            "document": document_text(row) or None,
            "force": f"{row['effective_from'] or '…'} – {row['effective_to'] or ''}".strip(),
            "licence": translated(row["licence"]) or None,
            "source": translated(row["source"]) or None,
            "pack": row["pack"],
            "sha256": (row["sha256"] or "")[:12],
        }
        for row in packs
    ]
    columns = (
        Column("name", ui("column.pack")),
        Column("completeness", ui("column.completeness"), "mark"),
        Column("note", ui("column.missing")),
        Column("issuer", ui("column.issuer")),
        Column("document", ui("column.document")),
        Column("force", ui("column.force"), code=True),
        Column("source", ui("column.source")),
        Column("licence", ui("column.licence")),
        Column("pack", ui("column.code"), code=True),
        Column("sha256", ui("column.sha256"), code=True),
    )
    states = Counter(row["completeness"] for row in packs)
    finding = ui("finding.packs", count=len(packs), **{state: states.get(state, 0) for state in order})
    panel = Panel("packs", title, finding, None, TableView(columns, tuple(rows), ("pack_used",)))
    return Section("packs", ui("section.packs"), ui("lead.packs"), (panel,))


def _completeness(row: Mapping[str, Any]) -> Text:
    label = code_label("completeness", row["completeness"])
    return label + ui("suffix.user_supplied") if row["user_supplied"] else label


def coverage_section(reader: Reader, empty: Sequence[Panel]) -> Section:
    """Return the chapter on what is not covered: headlines without a figure, steps not made, empty panels."""
    rows: list[dict[str, Any]] = [
        {
            "what": named(row["label_zh"], row["label_en"], row["code"]),
            "kind": ui("kind.headline"),
            "state": code_label("status", row["status"]),
            "why": named(row["reason_zh"], row["reason_en"], "…"),
        }
        for row in sorted(reader.rows("headline"), key=lambda row: row["position"] or 0)
        if row["status"] != "available"
    ]
    rows += [
        {
            "what": joined_tables(step.makes) or same(step.name),
            "kind": ui("kind.step"),
            "state": code_label("status", "skipped"),
            "why": step.reason or same("…"),
        }
        for step in reader.steps.values()
        if step.status == "skipped"
    ]
    rows += [
        {
            "what": panel.title,
            "kind": ui("kind.panel"),
            "state": code_label("status", "empty"),
            "why": panel.empty,
        }
        for panel in empty
    ]
    title = ui("panel.not_covered")
    section = Section("coverage", ui("section.coverage"), ui("lead.coverage"))
    if not rows:
        panels: tuple[Panel, ...] = (Panel("not_covered", title, empty=ui("empty.not_covered")),)
    else:
        columns = (
            Column("what", ui("column.what")),
            Column("kind", ui("column.kind")),
            Column("state", ui("column.state"), "mark"),
            Column("why", ui("column.why")),
        )
        view = TableView(columns, tuple(rows), ("headline", "step_run"))
        panels = (Panel("not_covered", title, ui("finding.not_covered", count=len(rows)), None, view),)
    return Section(section.id, section.title, section.lead, panels)


def joined_tables(tables: Mapping[str, int]) -> Text:
    """Return the names of tables as one text."""
    labels = [table_label(table) for table in tables]
    return Text("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


def findings_section(reader: Reader, *, whole: bool = False) -> Section:
    """Return the chapter on findings: grouped by kind, imbalances named; values about persons and firms are not told.

    whole: whether findings about records are told with their values, for readers who may see records.
    """
    title = ui("panel.findings")
    count = reader.count("finding")
    if not count:
        panel = Panel("findings", title, empty=ui("empty.findings"))
        return Section("findings", ui("section.findings"), ui("lead.findings"), (panel,))
    rows: list[dict[str, Any]] = []
    keys = ["severity", "code", "table_name"]
    found: pa.Table = reader.book.read("finding", columns=keys)
    for group in found.group_by(keys).aggregate([([], "count_all")]).to_pylist():
        rows += _kind_of_finding(reader, group, whole)
    rows.sort(key=lambda row: (_SEVERITIES.index(row["severity"]), row["code"]))
    shown = [{**row, "severity": code_label("severity", row["severity"])} for row in rows]
    columns = (
        Column("severity", ui("column.severity"), "mark"),
        Column("what", ui("column.finding")),
        *((Column("place", ui("column.place"), code=True),) if whole else ()),
        Column("why", ui("column.matters")),
        Column("fix", ui("column.remedy")),
        number_column("rows", ui("column.times"), "1", decimals=0),
        Column("table", ui("column.table")),
        Column("code", ui("column.code"), code=True),
    )
    kinds = Counter(row["severity"] for row in rows)
    finding = ui("finding.findings", count=f"{count:,}", **{one: kinds.get(one, 0) for one in _SEVERITIES})
    view = TableView(columns, tuple(shown), ("finding",))
    note = ui("note.findings_whole" if whole else "note.findings")
    panel = Panel("findings", title, finding, None, view, note=note)
    return Section("findings", ui("section.findings"), ui("lead.findings"), (panel,))


def _kind_of_finding(reader: Reader, group: Mapping[str, Any], whole: bool = False) -> list[dict[str, Any]]:
    """Return the rows of one kind of finding: each by itself when few and public, else one for all.

    whole: also those about records, in full; of many of a kind the first, and how many more there are.
    """
    table, code, count = group["table_name"] or "", group["code"], group["count_all"]
    base = {"severity": group["severity"], "code": code, "table": table_label(table) if table else None}
    public = whole or is_told(code, table)
    if public and (whole or count <= EXAMPLES):
        where = f"code = '{code}' AND severity = '{group['severity']}'"
        where += f" AND table_name = '{table}'" if table else " AND table_name IS NULL"
        own = reader.book.read("finding", where=where, limit=EXAMPLES).to_pylist()
        public = whole or names_nobody(*(row[f"what_{language}"] for row in own for language in ("zh", "en")))
    if public and count > EXAMPLES and whole:
        texts = {
            part: named(own[0][f"{part}_zh"], own[0][f"{part}_en"], "…") for part in ("what", "why", "fix")
        }
        texts["what"] += ui("finding.alike", more=f"{count - 1:,}")
        return [{**base, "rows": count, **texts, "place": _places(own[:1], count)}]
    if public and count <= EXAMPLES:
        alike = grouped(own, "what_zh", "what_en")
        return [
            {
                **base,
                "rows": len(same_text),
                "place": _places(same_text, len(same_text)) if whole else None,
                **{
                    part: named(same_text[0][f"{part}_zh"], same_text[0][f"{part}_en"], "…")
                    for part in ("what", "why", "fix")
                },
            }
            for same_text in alike.values()
        ]
    texts = {part: general_text(code, part, table, None) for part in ("what", "why", "fix")}
    return [{**base, "rows": count, "place": None, **texts}]


def _places(rows: Sequence[Mapping[str, Any]], count: int) -> str | None:
    """Return where findings of one text are: file and row, or the record; the first few, and … for more."""
    keys = list(dict.fromkeys(str(row["record_key"]) for row in rows if row["record_key"]))[:PLACES]
    return ("; ".join(keys) + (" …" if count > len(keys) else "")) if keys else None
