"""Headlines as sentences with their figure, interval and mark: the same text on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lvshu.publish.display import NO_ERROR, Absence, Figure, figure
from lvshu.publish.reader import BookLike, Reader
from lvshu.publish.texts import Text, code_label, ui

WINGS = ("accounts", "finance", "statistics")


@dataclass(frozen=True)
class HeadlineLine:
    """One headline in one language.

    mark: interval (with an interval), point (none stated), partial or not_covered; see mark_label.
    """

    code: str
    wing: str
    label: str
    sentence: str
    value_text: str
    interval_text: str
    mark: str
    status: str
    reason: str


def headline_lines(book: BookLike, language: str) -> list[HeadlineLine]:
    """Return every headline of a book in its order, written for people in a language (zh or en)."""
    return lines_of(Reader(book), language)


def lines_of(reader: Reader, language: str) -> list[HeadlineLine]:
    """Return every headline of a book that is being read."""
    rows = sorted(reader.rows("headline"), key=lambda row: (row["position"] or 0, row["code"]))
    return [_line(row, reader, language) for row in rows]


def _line(row: Mapping[str, Any], reader: Reader, language: str) -> HeadlineLine:
    shown = shown_figure(row, language)
    label = str(row[f"label_{language}"] or row["code"])
    template = row[f"sentence_{language}"] or ui("sentence.plain").of(language)
    value = without_repetition(shown.value, template, language)
    blanks = {"area": reader.area.of(language), "year": reader.settings.year, "value": value, "label": label}
    sentence = template
    for name, word in blanks.items():
        sentence = sentence.replace("{" + name + "}", str(word))
    reason = str(row[f"reason_{language}"] or "")
    if row["value"] is None:
        sentence = ui("sentence.not_covered", label=label, reason=reason or "…").of(language)
    return HeadlineLine(
        code=row["code"],
        wing=row["wing"],
        label=label,
        sentence=sentence,
        value_text=shown.value,
        interval_text=shown.interval,
        mark=mark_of(row),
        status=row["status"],
        reason=reason,
    )


def without_repetition(value: str, template: str, language: str) -> str:
    """Return a figure for a sentence that already names carbon dioxide: 17,200万吨, not 17,200万吨二氧化碳."""
    if language == "zh" and "二氧化碳{value}" in template and value.endswith("二氧化碳"):
        return value.removesuffix("二氧化碳")
    if language == "en" and ("{value} of CO2" in template or "{value} of CO₂" in template):
        return value.removesuffix("tCO₂") + "t" if value.endswith("tCO₂") else value
    return value


def shown_figure(row: Mapping[str, Any], language: str) -> Figure:
    """Return a headline's figure and interval; the sign of a missing figure where there is none."""
    if row["value"] is None:
        return Figure(Absence.MISSING.value, "")
    return figure(
        row["value"],
        row["unit"],
        language,
        display_unit=row["display_unit"],
        standard_error=row["standard_error"],
        low=row["low"],
        high=row["high"],
        coverage=row["coverage"],
    )


def mark_of(row: Mapping[str, Any]) -> str:
    """Return a headline's quality mark."""
    if row["value"] is None:
        return "not_covered"
    if row["status"] == "partial":
        return "partial"
    low, high = row["low"], row["high"]
    if low is None or high is None:
        return "point"
    return "interval" if high - low > 2 * float(NO_ERROR) * abs(float(row["value"])) else "point"


def mark_label(mark: str) -> Text:
    """Return what a mark means."""
    return code_label("mark", mark)


def mark_sign(mark: str) -> str:
    """Return the sign of a mark, for a terminal or a table."""
    return {"interval": "●", "point": "◆", "partial": "◐", "not_covered": "○"}[mark]
