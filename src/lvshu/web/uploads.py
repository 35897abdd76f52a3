"""Files that people bring: kept apart, mapped to a table, tried, and only then put among the inputs.

A try reads the one file into a database in memory: rows kept, rows quarantined with reasons, and the rejects file.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract
from lvshu.core.errors import InputError, LvshuError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.engine.duckdb import DuckDB
from lvshu.intake import discover, load_table, write_rejects
from lvshu.intake.delimited import read_sample
from lvshu.intake.discovery import TEMPLATE_SHEETS
from lvshu.intake.encoding import scan_text
from lvshu.intake.heading import heading_keys, names_of
from lvshu.intake.likely_table import likely_tables
from lvshu.intake.mapping import FileMapping, mapping_path, read_mapping
from lvshu.intake.personal import HIDDEN
from lvshu.intake.reading import find_heading
from lvshu.intake.report import InputFile
from lvshu.intake.sources import ENDINGS, Source
from lvshu.intake.text import literal
from lvshu.intake.wide import months_of, wide_form
from lvshu.intake.workbook import visible_sheets
from lvshu.pipeline.inputs import input_contracts
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace
from lvshu.web.options import FOLDER, MEGABYTE, size_text, too_large
from lvshu.web.upload_conflicts import told_conflicts
from lvshu.web.upload_corrections import corrected_name, holds_rejects, inherit
from lvshu.web.upload_draft import LONGEST, REPORT, Draft, begin_again, faults, mapping_text, one_key_for_all
from lvshu.web.upload_headings import headings

TOKEN = re.compile(r"^[0-9a-f]{24}$")
BLOCK = 1 << 20
UNPACKED_MOST = 2048 * MEGABYTE
UNPACKED_TIMES = 200
SHOWN = 200
ABOUT, REJECTS, TAKEN = "upload.json", "rejects", "taken.json"
HEAD_ROWS = 40
MOST_SHEETS = 8
"""Sheets of a workbook whose headings are compared with those that are remembered."""
MOST_VALUES, MOST_VALUES_OF_COLUMN = 150, 40
"""Values that the screen asks about, in all and of one column: a form holds at most 1,000 fields."""
CURED_BY_TABLE = ("intake.unrecognised_file",)
"""Faults of a file that are gone once a person says to which table it belongs."""
MOST_SIGNS = 400
"""Characters that a page shows of a cell or a reason; the rejects file holds all of it."""
UNKNOWN = (
    "intake.not_allowed", "intake.not_a_boolean", "intake.unknown_code", "intake.code_2011", "intake.code_spelt",
    "intake.unknown_unit", "intake.not_a_date", "intake.not_a_month", "intake.not_a_year",
)  # fmt: skip
"""Reasons of values that may mean something which the contract writes otherwise (2024年, 今年, 上月, 不详)."""
WORDS_ALONE = ("intake.not_a_number",)
"""Reasons of values that may do so where they have no digit: other figures are mended in the file."""


@dataclass(frozen=True)
class Upload:
    """A file that was brought.

    Attributes:
        token: under which it is kept.
        name: as its owner called it, made safe.
        by: who brought it.
        sha256: of its content.
        bytes: its size.
    """

    token: str
    name: str
    by: str
    sha256: str
    bytes: int


def folder_of(workspace: Workspace, token: str) -> Path:
    """Return the folder of an upload.

    Raises:
        InputError: there is none under this token.
    """
    place = workspace.folder / FOLDER / "uploads" / token
    if not TOKEN.match(token) or not (place / ABOUT).is_file():
        raise InputError(
            Problem(
                "web.no_such_thing", values={"kind": {"zh": "上传的文件", "en": "upload"}, "name": token[:40]}
            )
        )
    return place


def safe_name(given: str) -> str:
    """Return a file's name without path, control signs and what file systems refuse; its ending in lower case.

    Raises:
        InputError: another ending than those that are read.
    """
    plain = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2])
    kept = "".join(sign if sign.isalnum() or sign in "._- ()（）" else "_" for sign in plain).strip(" .")
    stem, _, ending = kept.rpartition(".")
    ending = f".{ending.lower()}"
    if not stem or ending not in ENDINGS:
        raise InputError(
            Problem("intake.ending", Where(file=plain[:100] or "–"), {"endings": sorted(ENDINGS)})
        )
    return f"{stem[:80].strip(' .') or 'file'}{ending}"


def receive(workspace: Workspace, given: str, stream: BinaryIO, *, by: str, most: int) -> Upload:
    """Return a file that was taken in, kept apart from the inputs.

    Raises:
        InputError: it is empty, too large, of another ending, or unpacks to far more than it is.
    """
    name = safe_name(given)
    token = secrets.token_hex(12)
    folder = workspace.folder / FOLDER / "uploads" / token
    folder.mkdir(parents=True)
    path = folder / name
    try:
        size = _written(path, stream, most)
        if not size:
            raise InputError(Problem("intake.empty_file", Where(file=name)))
        _check_unpacked(path)
        path, corrections = _named(workspace, path)
        made = Upload(token, path.name, by, sha256_of_file(path), size)
        if corrections:
            inherit(workspace, path)
        write_durably(folder / ABOUT, json.dumps(asdict(made), ensure_ascii=False))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return made


def _named(workspace: Workspace, path: Path) -> tuple[Path, bool]:
    """Return an upload under the name that it will have among the inputs, and whether it holds corrected rejects.

    Rejects name the file that their rows came from; corrections are known by their name.
    """
    try:
        corrections = holds_rejects(_of_found(path, (), ""))
    except InputError:  # told on the mapping screen
        corrections = False
    name = corrected_name(path.name) if corrections else path.name
    return path.rename(path.with_name(_free(workspace.inputs / name).name)), corrections


def _written(path: Path, stream: BinaryIO, most: int) -> int:
    size = 0
    with path.open("wb") as target:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > most:
                raise InputError(too_large(most))
            target.write(block)
    return size


def _check_unpacked(path: Path) -> None:
    """Refuse a workbook that unpacks to far more than a workbook does."""
    if not zipfile.is_zipfile(path) or path.suffix == ".parquet":
        return
    try:
        with zipfile.ZipFile(path) as packed:
            whole = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile as error:
        raise InputError(
            Problem("intake.workbook_broken", Where(file=path.name), {"reason": str(error)})
        ) from error
    most = min(UNPACKED_MOST, max(64 * MEGABYTE, path.stat().st_size * UNPACKED_TIMES))
    if whole > most:
        values = {"given": size_text(whole), "most": size_text(most)}
        raise InputError(Problem("web.unpacks_too_large", Where(file=path.name), values))


def open_upload(workspace: Workspace, token: str) -> tuple[Upload, Path]:
    """Return an upload and the path of its file.

    Raises:
        InputError: there is none under this token.
    """
    folder = folder_of(workspace, token)
    about = Upload(**json.loads((folder / ABOUT).read_text(encoding="utf-8")))
    return about, folder / about.name


def tables() -> dict[str, TableContract]:
    """Return the contracts of the tables that a file can be mapped to, by name."""
    return dict(sorted(input_contracts().items()))


def proposal(path: Path, table: str = "", draft: Draft | None = None) -> dict[str, Any]:
    """Return what the mapping screen shows: the table proposed, the headings found, the column proposed for each.

    Args:
        path: of the upload.
        table: to which it goes; empty: the one that is recognised.
        draft: what was stated about it, or is remembered.

    Raises:
        InputError: the file cannot be read.
    """
    contracts = tables()
    found = discover([path], contracts)
    named = [one for one in found.files if one.tables]
    stated = read_mapping(path) if draft is None else _stated(draft)
    source = _of_found(path, named, "" if draft is None else draft.sheet)
    best = chosen = table or (draft.table if draft is not None else "")
    if not best and named:
        best = next((one.tables[0] for one in named if one.sheet == source.sheet), named[0].tables[0])
    if not best:
        rows = source.head().rows[:HEAD_ROWS]
        likely = likely_tables(rows, (path.stem, source.sheet), contracts, stated)
        best = next((one.table for one in likely if one.named and one.named + one.alike > 1), "")
        best = "" if likely and likely[0].layout else best
    layout = named[0].layout if named else ""
    proposed: dict[str, Any] = {
        "table": best if best in contracts else "",
        "layout": layout,
        "headings": [],
        "sample": [],
        "sheet": source.sheet,
        "encoding": source.encoding,
        "sheets": sheets_of(path),
        "problems": [
            one
            for one in found.problems
            if one.severity == "error" and not (chosen and one.code in CURED_BY_TABLE)
        ]
        if not named
        else [],
    }
    if proposed["table"] and not layout:
        proposed |= headings(source, contracts[best], stated)
    return proposed


def _stated(draft: Draft) -> FileMapping:
    return FileMapping(
        table=draft.table,
        sheet=draft.sheet,
        columns=draft.columns,
        units=draft.units,
        constants=draft.constants,
        header_row=draft.header_row or None,
    )


def sheets_of(path: Path) -> list[str]:
    """Return the visible sheets of a workbook, without those of our own templates that explain; none of other files.

    Raises:
        InputError: the file cannot be read.
    """
    if Source(path).kind != "workbook":
        return []
    sheets = list(visible_sheets(path))
    return [one for one in sheets if one not in TEMPLATE_SHEETS] or sheets


def head_of(path: Path, sheet: str = "") -> list[list[str]]:
    """Return the first rows of a file, or of a sheet of it, as texts.

    Raises:
        InputError: the file cannot be read.
    """
    named = [one for one in discover([path], tables()).files if one.tables]
    return _texts(_of_found(path, named, sheet))


def heads_of(path: Path) -> dict[str, list[list[str]]]:
    """Return the first rows of each sheet of a workbook; of another file under the name "".

    Raises:
        InputError: the file cannot be read.
    """
    return {sheet: _texts(Source(path, sheet)) for sheet in sheets_of(path)[:MOST_SHEETS]} or {
        "": head_of(path)
    }


def _texts(source: Source) -> list[list[str]]:
    return [["" if cell is None else str(cell) for cell in row] for row in source.head().rows]


def _of_found(path: Path, named: Sequence[InputFile], sheet: str) -> Source:
    """Return the part of a file that is mapped: the sheet asked for, else the one recognised, else the first."""
    sheets = sheets_of(path)
    wanted = sheet if sheet in sheets else ""
    for one in named:
        if wanted in ("", one.sheet) and (not sheets or one.sheet in sheets):
            return Source(one.path, one.sheet, one.encoding, one.delimiter)
    source = Source(path, wanted or (sheets[0] if sheets else ""))
    if source.kind != "text":
        return source
    scan = scan_text(path, encoding=read_mapping(path).encoding or None)
    return Source(path, "", scan.encoding, read_sample(path, encoding=scan.encoding).delimiter)


def judge(path: Path, draft: Draft, packs: PackLibrary) -> dict[str, Problem]:
    """Return what is wrong with a draft, by field of the form.

    Raises:
        InputError: an unknown table or column, or the file cannot be read.
    """
    contracts = tables()
    if draft.table not in contracts:
        kind, name = {"zh": "表", "en": "table"}, draft.table[:60] or "–"
        raise InputError(Problem("web.no_such_thing", values={"kind": kind, "name": name}))
    contract = contracts[draft.table]
    used = (*draft.columns.values(), *draft.units, *draft.values, *draft.constants)
    wrong = [ours for ours in used if ours and ours not in contract.column_names]
    if wrong:
        kind = {"zh": "列", "en": "column"}
        raise InputError(Problem("web.no_such_thing", values={"kind": kind, "name": wrong[0][:60]}))
    rows = head_of(path, draft.sheet)
    found = faults(draft, contract, packs, rows=len(rows))
    if "header_row" in found:
        return found
    place = find_heading(rows, contract, _stated(draft)) or 0
    known, texts = names_of(contract), rows[place] if rows else []
    form = wide_form(contract)
    if form is not None and months_of(texts, known, form, _stated(draft)):
        return found  # months side by side give columns that no heading names: reading tells what is missing
    given = set(draft.columns.values()) | set(draft.constants)
    for text in texts:
        if text not in draft.columns and len(text) <= LONGEST:
            given |= {known[key] for key in heading_keys(text) if key in known} if text else set()
    for column in contract.columns:
        if column.in_every_file and column.name not in given and column.decided_by not in given - {""}:
            label = {"zh": column.zh, "en": column.en}
            alone = contract.key == (column.name,)
            field, code = (
                ("key", "web.mapping_key_required") if alone else ("constant", "web.mapping_required")
            )
            found.setdefault(f"{field}:{column.name}", Problem(code, values={"label": label}))
    below = [row for row in rows[place + 1 :] if any(text.strip() for text in row)]
    return found | (one_key_for_all(draft, contract) if len(below) > 1 else {})


def state_mapping(workspace: Workspace, token: str, draft: Draft, *, language: str) -> dict[str, Problem]:
    """Keep what is stated about an upload; where nothing is wrong with it, read the file by it, apart from the inputs.

    Returns:
        What is wrong, by field; nothing where the file was read (its report then is that of `last_trial`).

    Raises:
        InputError: no such upload, an unknown table or column, or the file cannot be read.
    """
    _, path = open_upload(workspace, token)
    found = judge(path, draft, workspace.library)
    told = {name: problem.as_json() for name, problem in found.items()}
    draft = begin_again(path, replace(draft, problems=told), keep=True)
    if found:
        return found
    several = len(visible_sheets(path)) > 1 if sheets_of(path) else False
    write_durably(mapping_path(path), mapping_text(draft if several else replace(draft, sheet="")))
    trial(workspace, token, language=language)
    return found


def headings_of(path: Path, draft: Draft) -> list[str]:
    """Return the headings of an upload, as they were found under its mapping.

    Raises:
        InputError: the file cannot be read.
    """
    rows = head_of(path, draft.sheet)
    place = find_heading(rows, tables()[draft.table], _stated(draft))
    return rows[place or 0] if rows else []


def mapping_of(path: Path) -> str:
    """Return the mapping file that was written for an upload; "" where there is none."""
    place = mapping_path(path)
    return place.read_text(encoding="utf-8") if place.is_file() else ""


def trial(workspace: Workspace, token: str, *, language: str) -> dict[str, Any]:
    """Return what would happen to an upload among the inputs; nothing is changed there.

    Returns:
        tables: [{table, rows_read, rows_kept, rows_quarantined}], problems: as JSON, quarantine: the first rows of it,
        rejects: names of the rejects files.

    Raises:
        InputError: there is no such upload.
    """
    _, path = open_upload(workspace, token)
    folder = path.parent
    contracts = tables()
    found = discover([path], contracts)
    report: dict[str, Any] = {"tables": [], "quarantine": [], "rejects": []}
    problems = list(found.problems)
    shutil.rmtree(folder / REJECTS, ignore_errors=True)
    wanted = {name: contracts[name] for one in found.files for name in one.tables}
    with DuckDB() as engine:
        for name, contract in wanted.items():
            try:
                made = load_table(
                    engine, contract, found.of(name), settings=workspace.settings, packs=workspace.library
                )
            except LvshuError as error:
                problems += error.problems
                continue
            problems += made.problems
            conflict = told_conflicts(workspace, engine, contract, path)
            problems += [conflict] if conflict is not None else []
            report["tables"].append(
                {
                    "table": name,
                    "rows_read": made.rows_read,
                    "rows_kept": made.rows_kept,
                    "rows_quarantined": made.rows_quarantined,
                }
            )
        if report["tables"] and engine.has("quarantine"):
            report |= _kept_out(engine)
            report["rejects"] = [
                one.name for one in write_rejects(engine, folder / REJECTS, wanted, language=language)
            ]
    report["problems"] = [bounded(one).as_json() for one in problems]
    write_durably(folder / REPORT, json.dumps(report, ensure_ascii=False, default=str))
    return report


def _kept_out(engine: DuckDB) -> dict[str, Any]:
    """Return of the rows kept out: the first, how many by reason, and values that the contract does not know."""
    rows = engine.fetch(
        "SELECT * EXCLUDE (raw_record) FROM quarantine ORDER BY table_name, row_number, column_name, code "
        f"LIMIT {SHOWN}"
    ).to_pylist()
    reasons = engine.fetch(
        "SELECT table_name, column_name, code, count(*) AS faults, min(row_number) AS first_row, "
        "arg_min(reason_zh, row_number) AS reason_zh, arg_min(reason_en, row_number) AS reason_en, "
        "arg_min(remedy_zh, row_number) AS remedy_zh, arg_min(remedy_en, row_number) AS remedy_en "
        f"FROM quarantine GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT {SHOWN}"
    ).to_pylist()
    listed, words = (", ".join(literal(code) for code in codes) for codes in (UNKNOWN, WORDS_ALONE))
    unknown = engine.fetch(
        "SELECT table_name, column_name, value, count(*) AS faults, min(remedy_zh) AS remedy_zh, "
        "min(remedy_en) AS remedy_en FROM quarantine "
        f"WHERE (code IN ({listed}) OR code IN ({words}) AND NOT regexp_matches(value, '[0-9０-９]')) "
        f"AND value IS NOT NULL AND value <> {literal(HIDDEN)} "
        f"AND length(value) <= {LONGEST} GROUP BY 1, 2, 3 ORDER BY 1, 2, 4 DESC, 3"
    ).to_pylist()
    kept: list[dict[str, Any]] = []
    more: dict[str, int] = {}
    for one in unknown:
        own = sum(row["column_name"] == one["column_name"] for row in kept)
        if own < MOST_VALUES_OF_COLUMN and len(kept) < MOST_VALUES:
            kept.append({name: _bounded(cell) for name, cell in one.items()})
        else:
            more[one["column_name"]] = more.get(one["column_name"], 0) + 1
    return {
        "quarantine": [{name: _bounded(cell) for name, cell in row.items()} for row in rows],
        "reasons": [{name: _bounded(cell) for name, cell in row.items()} for row in reasons],
        "unknown": kept,
        "unknown_more": more,
    }


def bounded(problem: Problem) -> Problem:
    """Return a problem whose values are short enough for a page: a heading can be as long as its file."""

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: short(one) for name, one in value.items()}
        return [short(one) for one in value] if isinstance(value, (list, tuple)) else _bounded(value)

    where = replace(problem.where, column=_bounded(problem.where.column))
    return replace(problem, where=where, values={name: short(one) for name, one in problem.values.items()})


def _bounded(cell: Any) -> Any:
    return cell[:MOST_SIGNS] + "…" if isinstance(cell, str) and len(cell) > MOST_SIGNS else cell


def last_trial(workspace: Workspace, token: str) -> dict[str, Any] | None:
    """Return the report of the last try of an upload, or None; one that is `stale` only asks about values."""
    place = folder_of(workspace, token) / REPORT
    found: dict[str, Any] | None = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None
    return found


def rejects_file(workspace: Workspace, token: str, name: str) -> Path:
    """Return a rejects file of an upload.

    Raises:
        InputError: there is none of this name.
    """
    folder = folder_of(workspace, token) / REJECTS
    known = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    if name not in known:
        raise InputError(
            Problem(
                "web.no_such_thing",
                values={"kind": {"zh": "退回文件", "en": "rejects file"}, "name": name[:60]},
            )
        )
    return known[name]


def take(workspace: Workspace, token: str, *, instead: str = "") -> tuple[Upload, Path]:
    """Return an upload and where it now lies among the inputs, with its mapping; a file there is never overwritten.

    Args:
        workspace: into whose inputs it goes.
        token: of the upload.
        instead: name of the input of the same content whose mapping this one takes the place of; "" for none.

    Raises:
        InputError: it was not tried, or could not be read.
        StoreError: a run goes on.
    """
    about, path = open_upload(workspace, token)
    report = last_trial(workspace, token)
    if report is None or not report["tables"]:
        raise InputError(Problem("web.not_tried", Where(file=about.name)))
    with workspace.lock():
        target = workspace.inputs / instead if instead else _free(workspace.inputs / path.name)
        if not instead:
            shutil.copyfile(path, target)
        else:
            mapping_path(target).unlink(missing_ok=True)
        if mapping_path(path).is_file():
            shutil.copyfile(mapping_path(path), mapping_path(target))
    write_durably(path.with_name(TAKEN), json.dumps({"kept_as": target.name}, ensure_ascii=False))
    return about, target


def taken_as(workspace: Workspace, token: str) -> str:
    """Return under which name an upload lies among the inputs; "" where it was not put there.

    Raises:
        InputError: there is no such upload.
    """
    place = folder_of(workspace, token) / TAKEN
    return str(json.loads(place.read_text(encoding="utf-8"))["kept_as"]) if place.is_file() else ""


def _free(wanted: Path) -> Path:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    number, place = 2, wanted
    while place.exists() or mapping_path(place).exists():
        place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        number += 1
    return place
