"""What the commands of `lvshu series` share: reading the user's series, showing results, writing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.intake.series_table import MOST_PROBLEMS, read_series
from lvshu.publish.results.series import SeriesReport, write_report
from lvshu.statistics.series.time_series import TimeSeries, series_of

NAMED = 30
COLUMNS: dict[str, tuple[str, str]] = {
    "raw": ("原值", "Raw"),
    "adjusted": ("季节调整后", "Seasonally adjusted"),
    "seasonal": ("季节因素", "Seasonal"),
    "calendar": ("日历因素", "Calendar"),
    "trend": ("趋势", "Trend"),
    "irregular": ("不规则", "Irregular"),
    "combined": ("季节与日历因素", "Seasonal and calendar"),
    "remainder": ("余项", "Remainder"),
    "indirect": ("间接调整（分项之和）", "Indirect (sum of parts)"),
    "consistent": ("与合计一致", "Consistent with the total"),
    "value": ("值", "Value"),
    "standard_error": ("标准误", "Standard error"),
    "low": ("下限（95%）", "Low (95 %)"),
    "high": ("上限（95%）", "High (95 %)"),
    "preliminary": ("初值", "Preliminary"),
    "ratio": ("比例或差额", "Ratio or difference"),
    "reconciled": ("调和后", "Reconciled"),
    "moved": ("移动（标准误的倍数）", "Moved, in standard errors"),
}


@dataclass(frozen=True)
class Read:
    """Series of a file that could be read, the problems of those that could not, and the file."""

    series: tuple[TimeSeries, ...]
    problems: tuple[Problem, ...]
    origin: Origin


def read(path: Path, *, sheet: str = "", wanted: Sequence[str] | None = None, gaps: bool = False) -> Read:
    """Return the series of a file, those of the names wanted; each one's problems are its own.

    Raises:
        InputError: what reading the file says; statistics.series_not_there.
    """
    table = read_series(path, sheet)
    names = [one.name for one in table.series]
    unknown = [name for name in wanted or () if name not in names]
    if unknown:
        raise InputError(
            *(Problem("statistics.series_not_there", Where(file=path.name),
                      {"series": name, "known": ", ".join(names[:NAMED])}) for name in unknown)
        )  # fmt: skip
    found: list[TimeSeries] = []
    problems: list[Problem] = []
    for one in table.series:
        if wanted and one.name not in wanted:
            continue
        problems += one.problems[:MOST_PROBLEMS]
        try:
            # a value that cannot be read is told as such, not a second time as a gap
            may = gaps or bool(one.problems)
            made = series_of(
                one.name, one.labels, one.values, file=path.name, rows=one.rows, gaps_allowed=may
            )
        except InputError as error:
            problems += error.problems
        else:
            if not one.problems:
                found.append(made)
    return Read(tuple(found), tuple(problems), table.origin)


def sound(told: Read) -> tuple[TimeSeries, ...]:
    """Return the series, or raise the problems of those that cannot be read."""
    if told.problems:
        raise InputError(*told.problems)
    return told.series


def single(told: Read, path: Path) -> TimeSeries:
    """Return the one series of a file.

    Raises:
        InputError: statistics.series_several, or the problems of reading it.
    """
    found = sound(told)
    if len(found) != 1:
        values = {"count": len(found), "known": ", ".join(one.name for one in found[:NAMED])}
        raise InputError(Problem("statistics.series_several", Where(file=path.name), values))
    return found[0]


def pairs(texts: Sequence[str] | None) -> dict[str, str]:
    """Return name=value texts as a mapping; commas separate several.

    Raises:
        InputError: statistics.pairs_form.
    """
    found = {}
    for text in texts or ():
        for part in text.split(","):
            name, sign, value = part.rpartition("=")
            if not sign or not name.strip() or not value.strip():
                raise InputError(Problem("statistics.pairs_form", values={"text": part[:60]}))
            found[name.strip()] = value.strip()
    return found


def whole(text: str) -> int:
    """Return a whole number.

    Raises:
        InputError: statistics.pairs_form.
    """
    if not text.lstrip("-").isdigit():
        raise InputError(Problem("statistics.pairs_form", values={"text": text[:60]}))
    return int(text)


def deliver(
    output: Output,
    report: SeriesReport,
    *,
    to: Sequence[Path] | None,
    top: int,
    problems: Sequence[Problem] = (),
    extra: dict[str, Any] | None = None,
) -> int:
    """Show a report on the screen or as JSON, write it to the files asked for. Returns the exit code.

    Without a figure no file is written: an empty one would pass for a result.
    """
    there = to or () if report.series else ()
    written = [path for place in there for path in write_report(report, place, language=output.language)]
    output.json(
        {"ok": not problems, **report.about(), "series": report.facts(), "records": report.records(), "files": written,
         "errors": [one.as_json() for one in problems], **(extra or {})}
    )  # fmt: skip
    if not output.as_json:
        _show(output, report, top)
        for path in written:
            output.say(output.text("export.written", path=path))
    output.problems(problems)
    return 1 if problems else 0


def _show(output: Output, report: SeriesReport, top: int) -> None:
    place = 0 if output.language == "zh" else 1
    for one in report.series:
        output.heading(f"{report.title[place]}{'：' if place == 0 else ': '}{one.name}")
        first = max(0, len(one.labels) - top)
        output.table(
            [output.text("series.period"), *(one.names[code][place] for code in one.columns)],
            [
                (one.labels[at], *(None if values[at] != values[at] else float(values[at])
                                   for values in one.columns.values()))
                for at in range(first, len(one.labels))
            ],
            right=tuple(range(1, len(one.columns) + 1)),
        )  # fmt: skip
        for note in one.notes:
            output.say(note[place], style="dim")
    for note in report.notes:
        output.say(note[place], style="dim")
