"""What the commands of `lvshu accounts` share: reading a source, showing results, writing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.text import Text as RichText

from lvshu.accounts.ask.analysis import Accounts
from lvshu.accounts.compile.check import not_closed
from lvshu.accounts.ledger.regional import RegionalSystem
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.sources.read import read
from lvshu.cli.console import Output
from lvshu.publish.model import TableView
from lvshu.publish.results.files import about, records_of, write_result
from lvshu.publish.results.view import view_of

MOST_JSON = 200_000
HEAD_WIDTH = 16


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


def accounts_of(source: Path, *, output: Output, **reading: Any) -> Accounts:
    """Return the accounts of a source; where the sums of a published table do not hold, that is told first."""
    system = opened(source, **reading)
    if isinstance(system, RegionalSystem) and system.closing is not None:
        output.problems(not_closed(system.closing))
    return Accounts(system)


def noted(results: Sequence[Result], *asked: Accounts) -> list[Result]:
    """Return results whose first one says what their sources have to say, such as emissions that are missing."""
    first, *others = results
    wanted = dict.fromkeys(note for one in asked for note in one.system.notes if note not in first.notes)
    return [replace(first, notes=(*first.notes, *wanted)), *others]


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
    levels = len(result.rows.levels if len(result.rows) >= len(result.columns) else result.columns.levels)
    room = max(2, (output.out.width - 24 * min(levels, 3)) // (HEAD_WIDTH + 2))
    view = view_of(result, rows=top, columns=min(room, 12))
    output.heading(result.title[0 if language == "zh" else 1])
    columns = []
    for column in view.columns:
        unit = column.unit_text.of(language)
        head = folded(column.label.of(language)) if column.kind == "number" else column.label.of(language)
        columns.append(f"{head}\n{unit}" if unit else head)
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


def folded(text: str, width: int = HEAD_WIDTH) -> str:
    """Return a heading in lines that are at most so many columns wide on the screen, three at most."""
    lines, line = [], ""
    for sign in text:
        if cell_len(line + sign) > width:
            at = line.rfind(" ")
            cut = at if at > 0 and sign != " " else len(line)
            lines.append(line[:cut])
            line = line[cut:].lstrip()
        line += sign
    lines.append(line)
    shown = [one.strip() for one in lines if one.strip()]
    return "\n".join(shown if len(shown) <= 3 else [*shown[:2], shown[2] + "…"])


def _cells(view: TableView, language: str) -> list[list[RichText]]:
    return [[RichText(cell.of(language)) for cell in row] for row in view.shown()]


def told(output: Output, notes: Sequence[tuple[str, str]]) -> None:
    """Print sentences that stand beside a result."""
    for zh, en in notes:
        output.say(zh if output.language == "zh" else en, style="dim")
