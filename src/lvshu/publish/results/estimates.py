"""Estimates as files: csv, json, parquet and xlsx, each with method, settings, number of records and origin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from lvshu import __version__
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.publish.results.estimate_words import coded, setting_lines

ENDINGS = (".csv", ".json", ".parquet", ".xlsx")


@dataclass(frozen=True)
class EstimateReport:
    """Records of one question.

    Attributes:
        name: of the question.
        title: in Chinese and English.
        method: what was done, in Chinese and English.
        settings: what it was done with.
        columns: code to (zh, en), in the order shown.
        records: figures by code.
        origins: files read.
        notes: remarks in Chinese and English.
    """

    name: str
    title: tuple[str, str]
    method: tuple[str, str]
    settings: Mapping[str, Any]
    columns: Mapping[str, tuple[str, str]]
    records: tuple[Mapping[str, Any], ...]
    origins: tuple[Origin, ...]
    notes: tuple[tuple[str, str], ...] = ()

    def about(self) -> dict[str, Any]:
        """Return what goes with the figures as plain data."""
        return {
            "name": self.name,
            "title": dict(zip(("zh", "en"), self.title, strict=True)),
            "method": dict(zip(("zh", "en"), self.method, strict=True)),
            "settings": dict(self.settings),
            "notes": [dict(zip(("zh", "en"), note, strict=True)) for note in self.notes],
            "origin": [one.as_dict() for one in self.origins],
            "version": __version__,
        }

    def plain(self) -> list[dict[str, Any]]:
        """Return the records with absent figures as None."""
        return [{code: _plain(record.get(code)) for code in self.columns} for record in self.records]


def _plain(value: Any) -> Any:
    if isinstance(value, int | float | np.floating | np.integer) and not isinstance(value, bool):
        number = float(value)
        if not np.isfinite(number):
            return None
        return int(value) if isinstance(value, int | np.integer) else number
    return value


def write_estimates(report: EstimateReport, path: Path, *, language: str) -> list[Path]:
    """Write a report to a file in the format its ending names, and return the paths written.

    Raises:
        InputError: statistics.result_format.
        OSError: the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        values = {"ending": ending or "–", "known": ", ".join(ENDINGS)}
        raise InputError(Problem("statistics.result_format", Where(file=str(path)), values))
    path.parent.mkdir(parents=True, exist_ok=True)
    if ending == ".xlsx":
        _workbook(report, path, language)
        return [path]
    if ending == ".json":
        content = {**report.about(), "records": report.plain()}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return [path]
    table = pa.Table.from_pylist(report.plain())
    if ending == ".parquet":
        described = json.dumps(report.about(), ensure_ascii=False)
        pq.write_table(table.replace_schema_metadata({"origin": described}), path, compression="zstd")
        return [path]
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")  # so that a spreadsheet reads Chinese
        pa_csv.write_csv(table, stream)
    beside = path.with_name(f"{path.name}.origin.json")
    beside.write_text(json.dumps(report.about(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [path, beside]


def _workbook(report: EstimateReport, path: Path, language: str) -> None:
    place = 0 if language == "zh" else 1
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    workbook = xlsxwriter.Workbook(str(path), options)
    bold = workbook.add_format({"bold": True, "bg_color": "#E4EEE8"})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    try:
        values = workbook.add_worksheet(("估计", "estimates")[place])
        values.write_row(0, 0, [names[place] for names in report.columns.values()], bold)
        for line, record in enumerate(report.plain(), start=1):
            values.write_row(line, 0, [coded(code, value, language) for code, value in record.items()])
        values.freeze_panes(1, 1)
        values.autofit()
        about = workbook.add_worksheet(("方法与出处", "method and origin")[place])
        for line, pair in enumerate(_about_lines(report, language)):
            about.write_row(line, 0, pair, wrapped)
        about.set_column(0, 0, 36, wrapped)
        about.set_column(1, 1, 90, wrapped)
    finally:
        workbook.close()


def _about_lines(report: EstimateReport, language: str) -> list[tuple[str, str]]:
    """Return what goes with the figures as pairs of a name and a text: method, settings, notes, files, program."""
    place = 0 if language == "zh" else 1
    named = {
        "title": ("题目", "title"), "method": ("方法", "method"), "note": ("说明", "note"), "file": ("文件", "file"),
        "version": ("程序", "program"),
    }  # fmt: skip
    lines = [
        (named["title"][place], report.title[place]),
        (named["method"][place], report.method[place]),
        *setting_lines(report.settings, language),
        *((named["note"][place], note[place]) for note in report.notes),
        *((named["file"][place], f"{one.file} · SHA-256 {one.sha256}") for one in report.origins),
    ]
    return [*lines, (named["version"][place], f"lvshu {__version__}")]
