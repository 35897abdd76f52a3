"""What the commands of `lvshu accounts` share: reading a source, showing results, writing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text as RichText

from lvshu.accounts.analysis import Accounts
from lvshu.accounts.result import Result
from lvshu.accounts.source import read
from lvshu.accounts.system import InputOutputSystem
from lvshu.cli.console import Output
from lvshu.publish.model import TableView
from lvshu.publish.results.files import about, records_of, write_result
from lvshu.publish.results.view import view_of

MOST_JSON = 200_000


def opened(
    source: Path,
    *,
    form: str = "",
    year: int | None = None,
    area: str = "",
    unit: str = "",
    emissions: Path | None = None,
) -> InputOutputSystem:
    """Return the system that a source holds, with further stressors where they are given."""
    return read(source, format=form or None, year=year, area=area, unit=unit or None, emissions=emissions)


def accounts_of(source: Path, **reading: Any) -> Accounts:
    """Return the accounts of a source."""
    return Accounts(opened(source, **reading))


def deliver(output: Output, results: Sequence[Result], *, to: Sequence[Path], top: int) -> None:
    """Show results on the screen or as JSON, and write them to the files asked for."""
    written = [path for place in to for path in write_result(results, place, language=output.language)]
    output.json({"ok": True, "results": [_json(result) for result in results], "files": written})
    if output.as_json:
        return
    for result in results:
        show(output, result, top)
    for path in written:
        output.say(output.text("export.written", path=path))


def _json(result: Result) -> Mapping[str, Any]:
    if result.values.size <= MOST_JSON:
        return {**about(result), "records": records_of(result)}
    note = f"{result.values.size} figures: written to files only (--to)"
    return {**about(result), "records": [], "left_out": note}


def show(output: Output, result: Result, top: int) -> None:
    """Print a result: title, table of its largest rows with units, notes, where the data come from."""
    language = output.language
    view = view_of(result, rows=top, columns=6 if output.out.width >= 110 else 3)
    output.heading(result.title[0 if language == "zh" else 1])
    columns = []
    for column in view.columns:
        unit = column.unit_text.of(language)
        columns.append(f"{column.label.of(language)}\n{unit}" if unit else column.label.of(language))
    figures = [place for place, column in enumerate(view.columns) if column.kind == "number"]
    output.table(columns, _cells(view, language), right=figures, whole=figures)
    if view.note:
        output.say(view.note.of(language), style="dim")
    for note in result.notes:
        output.say(note[0 if language == "zh" else 1], style="dim")
    for origin in result.origin:
        named = " · ".join(part for part in (origin.producer, origin.title, origin.version) if part)
        shown = " · ".join(part for part in (named, origin.file, origin.sha256[:12]) if part)
        output.say(f"{output.text('source')}{'：' if language == 'zh' else ': '}{shown}", style="dim")


def _cells(view: TableView, language: str) -> list[list[RichText]]:
    return [[RichText(cell.of(language)) for cell in row] for row in view.shown()]


def told(output: Output, notes: Sequence[tuple[str, str]]) -> None:
    """Print sentences that stand beside a result."""
    for zh, en in notes:
        output.say(zh if output.language == "zh" else en, style="dim")
