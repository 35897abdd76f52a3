"""Upload: bring a file, see how its headings are read, correct that, try it, take the rejects back, take it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from lvshu.contract import Column as ContractColumn
from lvshu.contract import TableContract
from lvshu.core.city_time import city_moment
from lvshu.core.errors import LvshuError
from lvshu.core.units import registry
from lvshu.intake.mapping import mapping_path
from lvshu.publish.model import Cell, Column, Panel, TableView, number_column
from lvshu.publish.texts import Text, column_label, same, table_label
from lvshu.web import uploads
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.data import tabs
from lvshu.web.pages.page import Page
from lvshu.web.pages.upload_fields import constants, key_lacking, units_of, values
from lvshu.web.state import tables as kept
from lvshu.web.upload_corrections import corrects
from lvshu.web.upload_draft import Draft, read_draft
from lvshu.web.upload_encoding import encodings_of, only_encoding
from lvshu.web.upload_forms import forms_view
from lvshu.web.upload_memory import Remembered, for_file, remembered
from lvshu.web.upload_same import same_content, told_same
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

MAPPING_SHOWN = 20_000
"""Characters of a mapping file that the page shows."""


class UploadQuery(PageQuery):
    """Which upload, and to which table it goes."""

    token: str = Field(default="", max_length=24, pattern=r"^[0-9a-f]*$", description="of an upload")
    table: str = Field(default="", max_length=64, pattern=r"^[a-z0-9_]*$", description="table to map it to")
    sheet: str = Field(
        default="", max_length=100, pattern=r"^[^\x00-\x1f]*$", description="sheet of a workbook to map"
    )


def build(context: Context, query: UploadQuery) -> PageView:
    """Return the page.

    Raises:
        InputError: there is no such upload.
    """
    workbench = context.workbench
    data: dict[str, Any] = {
        "upload": None,
        "proposed": None,
        "report": None,
        "problems": (),
        "most": workbench.options.upload_bytes // (1 << 20),
        "remembered": None,
        "encodings": None,
        "forms": None,
        "mapping_text": "",
        "tables": [(name, Text(one.zh, one.en)) for name, one in uploads.tables().items()],
    }
    panels: list[Panel] = []
    if query.token:
        about, path = uploads.open_upload(workbench.workspace, query.token)
        taken = uploads.taken_as(workbench.workspace, query.token)
        same = (
            None
            if taken
            else same_content(workbench.workspace, workbench.database, about.sha256, about.bytes)
        )
        data |= {"upload": about, "units": _units(), "same": told_same(same, about.name) if same else None}
        data |= {"taken": taken, "corrects": corrects(workbench.workspace, path.parent)}
        try:
            data["forms"] = None if taken else forms_view(workbench.workspace, path)
            if not taken and data["forms"] is None:
                data |= _screen(context, path, query.table, query.sheet)
        except LvshuError as error:
            data["problems"] = tuple(uploads.bounded(one) for one in error.problems)
        found = data["proposed"]["encoding"] if data["proposed"] else ""
        data["encodings"] = None if taken else encodings_of(path, found)
        report = uploads.last_trial(workbench.workspace, query.token)
        if report is not None and report.get("stale"):
            report = None
        text = uploads.mapping_of(path) if report else ""
        data |= {
            "report": report,
            "mapping_text": text[:MAPPING_SHOWN],
            "mapping_name": mapping_path(path).name,
        }
        panels += _tried(report) if report else []
    panels += _earlier(workbench.database.latest(kept.upload, count=50))
    return PageView(
        "upload",
        word("upload.title"),
        word("upload.lead"),
        tuple(panels),
        template="upload.html.j2",
        data=data,
        crumbs=(Link(word("nav.data"), "/data"),),
        tabs=tabs("/data/upload"),
    )


def _memory(context: Context, path: Path) -> Remembered | None:
    """Return the mapping remembered for a file or one of its sheets, with the row that its headings stand in."""
    for sheet, rows in uploads.heads_of(path).items():
        found = remembered(context.workbench.database, rows)
        if found is not None:
            one, row = found
            said = [path.stem, *(text for line in rows[: row - 1] for text in line)]
            contract = uploads.tables().get(one.draft.table)
            one = one if contract is None else for_file(one, contract, said)
            row = row if one.draft.header_row else 0
            return replace(one, draft=replace(one.draft, header_row=row, sheet=sheet))
    return None


def _screen(context: Context, path: Path, table: str, sheet: str) -> dict[str, Any]:
    """Return what the mapping screen needs: the draft, or what is remembered or recognised, field by field."""
    workbench = context.workbench
    draft = read_draft(path.parent)
    memory = _memory(context, path) if draft is None or only_encoding(draft) else None
    stated = draft if memory is None else memory.draft
    if table or sheet:
        before = stated or Draft()
        wanted = replace(Draft(), table=table or before.table, sheet=sheet or before.sheet)
        if (wanted.table, wanted.sheet) != (before.table, before.sheet):  # other columns, or other headings
            row = before.header_row if wanted.sheet == before.sheet else 0
            stated, memory = replace(wanted, header_row=row, refused=before.refused), None
    proposed = uploads.proposal(path, table, stated)
    stated = stated or Draft()
    report = uploads.last_trial(workbench.workspace, path.parent.name) or {}
    contract = uploads.tables().get(proposed["table"])
    packs = workbench.workspace.library
    return {
        "proposed": proposed,
        "problems": tuple(uploads.bounded(one) for one in proposed["problems"]),
        "columns": [] if contract is None else [_column(one) for one in contract.columns],
        "units_of": {"": ()} | ({} if contract is None else units_of(contract)),
        "faults": stated.problems,
        "key": contract.key[0] if contract is not None and contract.key else "",
        "key_lacking": None if contract is None else key_lacking(contract, proposed),
        "remembered": memory,
        "recalled": [] if memory is None or contract is None else _recalled(memory, contract),
        "constants": [] if contract is None else constants(contract, proposed, stated, packs),
        "values": [] if contract is None else values(contract, stated, report, packs),
    }


def _recalled(memory: Remembered, contract: TableContract) -> list[tuple[Text, Text]]:
    """Return what is remembered besides the headings, and what is not taken over, each with its columns."""

    def named(columns: Iterable[str], texts: Mapping[str, str]) -> Text:
        known = [contract.column(name) for name in columns if name in contract.column_names]
        zh, en = (
            [
                f"{one.label(language)}{f' = {texts[one.name]}' if texts.get(one.name) else ''}"
                for one in known
            ]
            for language in ("zh", "en")
        )
        return Text("、".join(zh), ", ".join(en))

    draft = memory.draft
    values = {name: " / ".join(pairs) for name, pairs in draft.values.items()}
    mapped = [one for one in draft.columns.values() if one]
    parts: tuple[tuple[str, Iterable[str], Mapping[str, str]], ...] = (
        ("columns", mapped, {}), ("units", draft.units, draft.units), ("constants", draft.constants, draft.constants),
        ("values", draft.values, values), ("left", memory.left, memory.left),
    )  # fmt: skip
    return [(word(f"upload.recalled.{part}"), named(names, texts)) for part, names, texts in parts if names]


def _column(one: ContractColumn) -> tuple[str, Text, bool, str]:
    return one.name, Text(one.zh, one.en), one.required, one.unit


def _units() -> dict[str, Text]:
    return {one.symbol: Text(one.zh, one.en) for one in registry().values()}


def _tried(report: dict[str, Any]) -> list[Panel]:
    keys = ("rows_read", "rows_kept", "rows_quarantined")
    rows: tuple[dict[str, Cell], ...] = tuple(
        {"table": table_label(one["table"]), **{key: one[key] for key in keys}} for one in report["tables"]
    )
    columns = (
        Column("table", word("column.table")),
        *(number_column(key, word(f"column.{key}"), "1", decimals=0) for key in keys),
    )
    panels = [
        Panel("tried", word("upload.tried"), table=TableView(columns, rows, ()))
        if rows
        else Panel("tried", word("upload.tried"), empty=word("upload.unread"))
    ]
    if report.get("reasons"):
        panels.append(_reasons(report["reasons"]))
    if report["quarantine"]:
        names = ("row_number", "column_name", "value", "reason", "remedy")
        shown: tuple[dict[str, Cell], ...] = tuple(
            {
                "row_number": str(row["row_number"]),
                "column_name": row["column_name"],
                "value": row["value"],
                "reason": Text(row["reason_zh"] or "", row["reason_en"] or ""),
                "remedy": Text(row["remedy_zh"] or "", row["remedy_en"] or ""),
            }
            for row in report["quarantine"]
        )
        heads = tuple(Column(name, word(f"upload.{name}"), code=name == "column_name") for name in names)
        panels.append(Panel("rejected", word("data.quarantine"), table=TableView(heads, shown, ())))
    return panels


def _reasons(found: list[dict[str, Any]]) -> Panel:
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "column": column_label(row["table_name"], row["column_name"])
            if row["column_name"]
            else same("–"),
            "rows": row["faults"],
            "first": str(row["first_row"]),
            "reason": Text(row["reason_zh"] or "", row["reason_en"] or ""),
            "remedy": Text(row["remedy_zh"] or "", row["remedy_en"] or ""),
        }
        for row in found
    )
    columns = (
        Column("column", word("upload.column_name")),
        number_column("rows", word("column.rows"), "1", decimals=0),
        Column("first", word("upload.first_row")),
        Column("reason", word("upload.first_reason")),
        Column("remedy", word("upload.remedy")),
    )
    return Panel("reasons", word("upload.reasons"), table=TableView(columns, rows, ()))


def _earlier(rows: list[dict[str, Any]]) -> list[Panel]:
    if not rows:
        return []
    keys = ("rows_read", "rows_kept", "rows_quarantined")
    columns = (
        Column("file", word("column.file")),
        Column("kept_as", word("upload.kept_as"), code=True),
        *(number_column(key, word(f"column.{key}"), "1", decimals=0) for key in keys),
        Column("user_name", word("runs.by")),
        Column("at", word("runs.at")),
        Column("sha256", word("column.sha256"), code=True),
    )
    shown = tuple({**row, "sha256": row["sha256"][:12], "at": city_moment(row["at"])} for row in rows)
    return [
        Panel(
            "earlier",
            word("upload.earlier"),
            table=TableView(columns, shown, ()),
        )
    ]


PAGE = Page("/data/upload", "upload_page", build, UploadQuery, needs="run", needs_book=False)
