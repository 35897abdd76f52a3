"""Results as files: csv, json and parquet with one record a figure, xlsx as it is read, each with its origin."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from lvshu import __version__
from lvshu.accounts.ledger.result import Result
from lvshu.core.errors import InputError, Problem, Where
from lvshu.publish.results.page import write_page
from lvshu.publish.results.view import level_label
from lvshu.publish.texts import Text, unit_label

_MOST_COLUMNS = 16_000


def about(result: Result) -> dict[str, Any]:
    """Return what goes with the figures of a result: title, units, method, origin, notes, version."""
    return {
        "name": result.name,
        "title": dict(zip(("zh", "en"), result.title, strict=True)),
        "units": sorted(set(result.units)),
        "method": result.method,
        "origin": [origin.as_dict() for origin in result.origin],
        "notes": [dict(zip(("zh", "en"), note, strict=True)) for note in result.notes],
        "version": __version__,
    }


def write_result(results: Sequence[Result], path: Path, *, language: str) -> list[Path]:
    """Write results to a file, in the format that its ending names, and return the paths written.

    Several results go to one file where the format has room for them (xlsx, json, html), else to one file each,
    `name-second.csv`. A csv, and a parquet file, comes with `<file>.origin.json`.

    Args:
        results: what is written.
        path: ends with .csv, .xlsx, .json, .parquet or .html.
        language: of headings (zh or en).

    Raises:
        InputError: accounts.unknown_result_format.
        OSError: the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        values = {"ending": ending or "–", "known": list(FORMATS)}
        raise InputError(Problem("accounts.unknown_result_format", Where(file=str(path)), values))
    path.parent.mkdir(parents=True, exist_ok=True)
    if ending == ".html":
        title = Text(*results[0].title)
        return [write_page(results, path, title=title, language=language)]
    if ending in _WRITERS:
        _WRITERS[ending](results, path, language)
        return [path]
    written = []
    for place, result in enumerate(results):
        one = path if place == 0 else path.with_name(f"{path.stem}-{result.name}{path.suffix}")
        _SINGLE[ending](result, one)
        beside = one.with_name(f"{one.name}.origin.json")
        beside.write_text(json.dumps(about(result), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written += [one, beside]
    return written


def _csv(result: Result, path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")  # so that a spreadsheet reads Chinese
        pa_csv.write_csv(result.to_arrow(), stream)


def _parquet(result: Result, path: Path) -> None:
    table = result.to_arrow()
    described = json.dumps(about(result), ensure_ascii=False)
    pq.write_table(table.replace_schema_metadata({"origin": described}), path, compression="zstd")


def records_of(result: Result) -> list[dict[str, Any]]:
    """Return the figures as records; one that is not a number is null."""
    rows: list[dict[str, Any]] = result.to_arrow().to_pylist()
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _json(results: Sequence[Result], path: Path, language: str) -> None:
    content = [{**about(result), "records": records_of(result)} for result in results]
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _xlsx(results: Sequence[Result], path: Path, language: str) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    workbook = xlsxwriter.Workbook(str(path), options)
    bold = workbook.add_format({"bold": True, "bg_color": "#E4EEE8"})
    soft = workbook.add_format({"font_color": "#5B6761"})
    try:
        for place, result in enumerate(results):
            _sheet(workbook.add_worksheet(_sheet_name(result, place)), result, language, bold, soft)
        origin = workbook.add_worksheet("出处" if language == "zh" else "origin")
        line = 0
        for result in results:
            for key, value in about(result).items():
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                origin.write_row(line, 0, [key, text])
                line += 1
            line += 1
    finally:
        workbook.close()


def _sheet_name(result: Result, place: int) -> str:
    return f"{place + 1} {result.name}"[:31]


def _sheet(sheet: Any, result: Result, language: str, bold: Any, soft: Any) -> None:
    levels = [level_label(level).of(language) for level in result.rows.levels]
    if len(result.columns) > _MOST_COLUMNS:
        raise InputError(Problem("accounts.too_wide", values={"columns": len(result.columns)}))
    unit_head = "单位" if language == "zh" else "Unit"
    sheet.write_row(0, 0, [result.title[0 if language == "zh" else 1]], soft)
    depth = len(result.columns.levels)
    for level in range(depth):
        head = [*levels, unit_head] if level == depth - 1 else [""] * (len(levels) + 1)
        parts = [label[level] for label in result.columns.labels]
        sheet.write_row(1 + level, 0, [*head, *parts], bold)
    for i, label in enumerate(result.rows.labels):
        unit = unit_label(result.unit_of(i)).of(language) or result.unit_of(i)
        figures = [_plain(float(value)) for value in result.values[i]]
        sheet.write_row(1 + depth + i, 0, [*label, unit, *figures])
    sheet.freeze_panes(1 + depth, len(levels) + 1)
    sheet.set_column(0, len(levels), 18)
    sheet.set_column(len(levels) + 1, len(levels) + len(result.columns), 14)


_WRITERS: dict[str, Callable[[Sequence[Result], Path, str], None]] = {".json": _json, ".xlsx": _xlsx}
_SINGLE: dict[str, Callable[[Result, Path], None]] = {".csv": _csv, ".parquet": _parquet}
FORMATS = (".csv", ".html", ".json", ".parquet", ".xlsx")
