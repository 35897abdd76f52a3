"""Estimates in their reader's words: names of settings and codes, and figures with the digits that they can bear."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

SIGNIFICANT = 3
"""Digits of the least standard error that are shown; figures beside it have as many decimals."""
NOISE = 1e-12
"""A figure this small beside the others of its row is what rounding left of zero."""
WITH_ERROR = ("value", "naive", "posterior_mean", "low", "high", "standard_error", "direct", "direct_error",
              "benchmarked", "benchmarked_error", "benchmarked_low", "benchmarked_high")  # fmt: skip
"""Columns of one unit, which share their decimals."""
OF_TOTALS = ("wanted", "before", "reached", "gap")
SHARES = ("coefficient_of_variation", "shrinkage")


@cache
def words() -> dict[str, Any]:
    """Return the entries of estimate_words.toml, parsed."""
    place = resources.files("lvshu.publish.results").joinpath("estimate_words.toml")
    return tomllib.loads(place.read_text(encoding="utf-8"))


def coded(kind: str, code: Any, language: str) -> Any:
    """Return what a code means to its reader, such as the code bic of the kind criterion; other values unchanged."""
    entry = words()["value"].get(kind, {}).get(code) if isinstance(code, str) else None
    return entry[language] if entry else code


def setting_lines(settings: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return the settings that were made, each with its name and value in words; those that were not are left out."""
    lines = []
    for key, value in settings.items():
        if value is None or value == "" or (isinstance(value, Sequence) and not len(value)):
            continue
        lines.append((words()["setting"][key][language], _setting(key, value, language)))
    return lines


def _setting(key: str, value: Any, language: str) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][value]
    if isinstance(value, str):
        return str(coded(key, value, language))
    if isinstance(value, Sequence):
        return ("、" if language == "zh" else ", ").join(_setting(key, one, language) for one in value)
    if key == "level":
        return f"{value * 100:.6g}%"
    if key == "replicates" and not value:
        return {"zh": "不做", "en": "none"}[language]
    return number(value)


def number(value: float | int) -> str:
    """Return a figure alone, with six digits or, of one above a million, to the unit."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.6g}"
    return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"


def cells(columns: Sequence[str], records: Sequence[Mapping[str, Any]], language: str) -> list[list[str]]:
    """Return records as texts for people: codes in words, figures with as many decimals as their error can bear.

    Args:
        columns: codes of the columns, in order.
        records: figures and codes; None where there is none.
        language: "zh" or "en".
    """
    family = _decimals(records, WITH_ERROR, by=("standard_error", "direct_error"))
    totals = _decimals(records, OF_TOTALS, by=())
    return [[_cell(code, record, language, family, totals) for code in columns] for record in records]


def _cell(code: str, record: Mapping[str, Any], language: str, family: int, totals: int) -> str:
    value = record.get(code)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(coded(code, value, language))
    size = max((abs(record[one]) for one in ("value", "wanted") if record.get(one)), default=0.0)
    if abs(value) < NOISE * size or (code in SHARES and abs(value) < NOISE):
        value = 0
    if code in SHARES:
        return f"{value * 100:.2f}%"
    if code in WITH_ERROR or code in OF_TOTALS:
        return f"{value:,.{family if code in WITH_ERROR else totals}f}"
    return number(value)


def _decimals(records: Sequence[Mapping[str, Any]], codes: Sequence[str], *, by: Sequence[str]) -> int:
    """Return how many decimals figures of one unit are shown with: three digits of the least error, or of the least.

    Args:
        records: figures.
        codes: columns of that unit.
        by: columns with the errors; where there are none (or all are zero) the least figure decides.
    """
    for columns, digits in ((by, SIGNIFICANT), (codes, SIGNIFICANT + 1)):
        sizes = [
            abs(record[code])
            for record in records
            for code in columns
            if isinstance(record.get(code), int | float) and _is_figure(record, code)
        ]
        if sizes:
            return max(0, min(9, digits - 1 - math.floor(math.log10(min(sizes)))))
    return 0


def _is_figure(record: Mapping[str, Any], code: str) -> bool:
    """Return whether a figure is no zero and no rounding left of one."""
    value = abs(record[code])
    size = max((abs(record[one]) for one in ("value", "wanted") if record.get(one)), default=0.0)
    return math.isfinite(value) and value > NOISE * size
