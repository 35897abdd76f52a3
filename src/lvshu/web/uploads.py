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
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lvshu.contract import TableContract
from lvshu.core.errors import InputError, LvshuError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.engine.duckdb import DuckDB
from lvshu.intake import discover, load_table, write_rejects
from lvshu.intake.discovery import heading_scores
from lvshu.intake.heading import heading_keys, names_of
from lvshu.intake.mapping import FileMapping, mapping_path, read_mapping
from lvshu.intake.reading import find_heading
from lvshu.intake.sources import ENDINGS, Source
from lvshu.pipeline.inputs import input_contracts
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace
from lvshu.web.options import FOLDER, MEGABYTE, size_text

TOKEN = re.compile(r"^[0-9a-f]{24}$")
BLOCK = 1 << 20
UNPACKED_MOST = 2048 * MEGABYTE
UNPACKED_TIMES = 200
SHOWN = 200
ABOUT, REPORT, REJECTS = "upload.json", "report.json", "rejects"
HEAD_ROWS = 40


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
        made = Upload(token, name, by, sha256_of_file(path), size)
        write_durably(folder / ABOUT, json.dumps(asdict(made), ensure_ascii=False))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return made


def _written(path: Path, stream: BinaryIO, most: int) -> int:
    size = 0
    with path.open("wb") as target:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > most:
                raise InputError(Problem("web.too_large", values={"most": size_text(most)}))
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
    if whole > UNPACKED_MOST or whole > max(64 * MEGABYTE, path.stat().st_size * UNPACKED_TIMES):
        raise InputError(
            Problem("web.unpacks_too_large", Where(file=path.name), {"most": size_text(UNPACKED_MOST)})
        )


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


def proposal(path: Path, table: str = "") -> dict[str, Any]:
    """Return what the mapping screen shows: the table proposed, the headings found, the column proposed for each.

    Raises:
        InputError: the file cannot be read.
    """
    contracts = tables()
    found = discover([path], contracts)
    named = [one for one in found.files if one.tables]
    kept = read_mapping(path)
    scores = _scores(path, contracts, kept)
    best = table or (named[0].tables[0] if named else max(scores, key=lambda name: scores[name], default=""))
    layout = named[0].layout if named else ""
    proposed: dict[str, Any] = {
        "table": best if best in contracts else "",
        "layout": layout,
        "headings": [],
        "sample": [],
        "problems": [one for one in found.problems if one.severity == "error"] if not named else [],
    }
    if proposed["table"] and not layout:
        proposed |= _headings(path, contracts[best], kept, named[0] if named else None)
    return proposed


def _source(path: Path, file: Any) -> Source:
    if file is not None:
        return Source(file.path, file.sheet, file.encoding, file.delimiter)
    source = Source(path)
    if source.kind == "text":
        from lvshu.intake.delimited import read_sample
        from lvshu.intake.encoding import scan_text

        scan = scan_text(path)
        return Source(path, "", scan.encoding, read_sample(path, encoding=scan.encoding).delimiter)
    if source.kind == "parquet":
        return source
    from lvshu.intake.workbook import visible_sheets

    return Source(path, visible_sheets(path)[0])


def _scores(path: Path, contracts: Mapping[str, TableContract], mapping: FileMapping) -> dict[str, int]:
    rows = _source(path, None).head().rows[:HEAD_ROWS]
    return heading_scores(rows, contracts, mapping)


def _headings(path: Path, contract: TableContract, mapping: FileMapping, file: Any) -> dict[str, Any]:
    source = _source(path, file)
    rows = source.head().rows
    row = find_heading(rows, contract, mapping)
    place = 0 if row is None else row
    known = names_of(contract)
    texts = ["" if cell is None else str(cell) for cell in rows[place]] if rows else []
    stated = dict(mapping.columns.items())
    headings = []
    for text in texts:
        keys = heading_keys(text) if text else ()
        column = stated.get(text, next((known[key] for key in keys if key in known), ""))
        headings.append({"text": text, "column": column, "unit": mapping.units.get(column, "")})
    sample = [["" if cell is None else str(cell)[:60] for cell in one] for one in rows[place + 1 : place + 6]]
    return {"headings": headings, "sample": sample, "header_row": place + 1}


def write_mapping(
    path: Path, table: str, columns: Mapping[str, str], units: Mapping[str, str], header_row: int | None
) -> None:
    """Write the mapping file beside an upload.

    Args:
        path: the file.
        table: to which it goes.
        columns: their heading -> our column; "" leaves it out.
        units: our column -> unit of the values in the file.
        header_row: row of the headings, from 1; None: found.

    Raises:
        InputError: an unknown table or column.
    """
    contracts = tables()
    if table not in contracts:
        raise InputError(
            Problem(
                "web.no_such_thing", values={"kind": {"zh": "表", "en": "table"}, "name": table[:60] or "–"}
            )
        )
    known = set(contracts[table].column_names)
    wrong = [ours for ours in (*columns.values(), *units) if ours and ours not in known]
    if wrong:
        raise InputError(
            Problem("web.no_such_thing", values={"kind": {"zh": "列", "en": "column"}, "name": wrong[0][:60]})
        )
    lines = [f"table = {_quoted(table)}"]
    lines += [f"header_row = {int(header_row)}"] if header_row else []
    lines += [
        "",
        "[columns]",
        *(f"{_quoted(theirs)} = {_quoted(ours)}" for theirs, ours in columns.items() if theirs),
    ]
    lines += ["", "[units]", *(f"{_quoted(ours)} = {_quoted(unit)}" for ours, unit in units.items() if unit)]
    write_durably(mapping_path(path), "\n".join(lines) + "\n")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


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
            report["tables"].append(
                {
                    "table": name,
                    "rows_read": made.rows_read,
                    "rows_kept": made.rows_kept,
                    "rows_quarantined": made.rows_quarantined,
                }
            )
        if report["tables"] and engine.has("quarantine"):
            rows = engine.read("quarantine", order=["table_name", "row_number"]).to_pylist()
            report["quarantine"] = [
                {key: value for key, value in row.items() if key != "raw_record"} for row in rows[:SHOWN]
            ]
            report["rejects"] = [
                one.name for one in write_rejects(engine, folder / REJECTS, wanted, language=language)
            ]
    report["problems"] = [one.as_json() for one in problems]
    write_durably(folder / REPORT, json.dumps(report, ensure_ascii=False, default=str))
    return report


def last_trial(workspace: Workspace, token: str) -> dict[str, Any] | None:
    """Return the report of the last try of an upload, or None."""
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


def take(workspace: Workspace, token: str) -> tuple[Upload, Path]:
    """Return an upload and where it now lies among the inputs, with its mapping; a file there is never overwritten.

    Raises:
        InputError: it was not tried, or could not be read.
        StoreError: a run goes on.
    """
    about, path = open_upload(workspace, token)
    report = last_trial(workspace, token)
    if report is None or not report["tables"]:
        raise InputError(Problem("web.not_tried", Where(file=about.name)))
    with workspace.lock():
        target = _free(workspace.inputs / path.name)
        shutil.copyfile(path, target)
        if mapping_path(path).is_file():
            shutil.copyfile(mapping_path(path), mapping_path(target))
    return about, target


def _free(wanted: Path) -> Path:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    number, place = 2, wanted
    while place.exists() or mapping_path(place).exists():
        place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        number += 1
    return place
