"""Results over periods as files: csv, json, parquet, xlsx, and a page with a line chart; each says its method."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
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
from lvshu.publish import plots
from lvshu.publish.model import Column, Panel, TableView, number_column
from lvshu.publish.results.page import render_panels
from lvshu.publish.texts import NO_TEXT, Text, same

ENDINGS = (".csv", ".json", ".parquet", ".xlsx", ".html")
_MOST_CHARTS = 60


@dataclass(frozen=True)
class SeriesResult:
    """Figures of one series over periods.

    columns: by code, values over the labels (NaN where absent). names: of the columns, (zh, en). drawn: codes of the
    columns in the chart, the second of a pair faint; interval: codes of its two ends. facts: measures told beside it.
    """

    name: str
    labels: Sequence[str]
    columns: Mapping[str, Any]
    names: Mapping[str, tuple[str, str]]
    drawn: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()
    interval: tuple[str, str] | None = None


@dataclass(frozen=True)
class SeriesReport:
    """Results of one question: title (zh, en), method card, origins, series."""

    name: str
    title: tuple[str, str]
    method: str
    origins: tuple[Origin, ...]
    series: tuple[SeriesResult, ...]
    notes: tuple[tuple[str, str], ...] = ()

    def about(self) -> dict[str, Any]:
        """Return what goes with the figures as plain data."""
        return {
            "name": self.name, "title": dict(zip(("zh", "en"), self.title, strict=True)), "method": self.method,
            "origin": [one.as_dict() for one in self.origins],
            "notes": [dict(zip(("zh", "en"), note, strict=True)) for note in self.notes], "version": __version__,
        }  # fmt: skip

    def records(self) -> list[dict[str, Any]]:
        """Return one record a series and period."""
        return [
            {"series": one.name, "period": label,
             **{code: _plain(values[at]) for code, values in one.columns.items()}}
            for one in self.series for at, label in enumerate(one.labels)
        ]  # fmt: skip

    def facts(self) -> list[dict[str, Any]]:
        """Return the measures and notes of each series."""
        return [
            {"series": one.name, **one.facts,
             "notes": [dict(zip(("zh", "en"), note, strict=True)) for note in one.notes]}
            for one in self.series
        ]  # fmt: skip


def _plain(value: float) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None


def write_report(report: SeriesReport, path: Path, *, language: str) -> list[Path]:
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
    if ending == ".html":
        path.write_text(_page(report, language), encoding="utf-8")
        return [path]
    if ending == ".xlsx":
        _workbook(report, path, language)
        return [path]
    whole = {**report.about(), "series": report.facts()}
    if ending == ".json":
        content = {**whole, "records": report.records()}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return [path]
    table = pa.Table.from_pylist(report.records())
    if ending == ".parquet":
        described = json.dumps(whole, ensure_ascii=False)
        pq.write_table(table.replace_schema_metadata({"origin": described}), path, compression="zstd")
        return [path]
    with path.open("wb") as stream:
        stream.write(b"\xef\xbb\xbf")  # so that a spreadsheet reads Chinese
        pa_csv.write_csv(table, stream)
    beside = path.with_name(f"{path.name}.origin.json")
    beside.write_text(json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [path, beside]


def _workbook(report: SeriesReport, path: Path, language: str) -> None:
    place = 0 if language == "zh" else 1
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    workbook = xlsxwriter.Workbook(str(path), options)
    bold = workbook.add_format({"bold": True, "bg_color": "#E4EEE8"})
    heads = ("序列", "时期") if place == 0 else ("Series", "Period")
    try:
        names: dict[str, tuple[str, str]] = {}
        for one in report.series:
            names.update(one.names)
        values = workbook.add_worksheet(("数值", "values")[place])
        values.write_row(0, 0, [*heads, *(names[code][place] for code in names)], bold)
        for line, record in enumerate(report.records(), start=1):
            values.write_row(
                line, 0, [record["series"], record["period"], *(record.get(code) for code in names)]
            )
        values.freeze_panes(1, 2)
        facts = workbook.add_worksheet(("质量与说明", "quality and notes")[place])
        line = 0
        for told in report.facts():
            for key, value in told.items():
                facts.write_row(line, 0, [told["series"], key, _cell(value)])
                line += 1
        origin = workbook.add_worksheet(("出处", "origin")[place])
        for line, (key, value) in enumerate(report.about().items()):
            origin.write_row(line, 0, [key, _cell(value)])
    finally:
        workbook.close()


def _cell(value: object) -> object:
    if isinstance(value, (int, float, str)) or value is None:
        return value
    return json.dumps(value, ensure_ascii=False)


def panel_of_series(one: SeriesResult, title: Text, *, method: str, place: int = 0) -> Panel:
    """Return a series as a panel with its line chart and table."""
    columns = (
        Column("period", Text("时期", "Period")),
        *(number_column(code, Text(*one.names[code]), "") for code in one.columns),
    )
    rows = tuple(
        {"period": same(label), **{code: _decimal(values[at]) for code, values in one.columns.items()}}
        for at, label in enumerate(one.labels)
    )
    view = TableView(columns, rows, ())
    low, high = one.interval or ("", "")
    drawn = [
        plots.Series(code, low=low if at == 0 else "", high=high if at == 0 else "", thin=at > 0)
        for at, code in enumerate(one.drawn)
    ]
    chart = plots.lines_over_time(view, "period", drawn, title)
    note = Text(
        "；".join(zh.rstrip("。") for zh, _ in one.notes), "; ".join(en.rstrip(".") for _, en in one.notes)
    )
    return Panel(f"series-{place}", title, NO_TEXT, chart, view, method=method, note=note)


def _decimal(value: float) -> Decimal | None:
    return Decimal(repr(float(value))) if np.isfinite(value) else None


def _page(report: SeriesReport, language: str) -> str:
    panels = [
        panel_of_series(one, Text(f"{report.title[0]}：{one.name}", f"{report.title[1]}: {one.name}"),
                        method=report.method, place=place)
        for place, one in enumerate(report.series[:_MOST_CHARTS])
    ]  # fmt: skip
    return render_panels(
        panels, list(dict.fromkeys(report.origins)), [report.method], title=Text(*report.title), language=language,
        name=report.name,
    )  # fmt: skip
