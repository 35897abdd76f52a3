"""How close a book's estimates come to the truth of the sample city: bias and whether the interval covers."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where

Number = float | int | Decimal


@dataclass(frozen=True)
class Score:
    """One estimate beside the truth.

    estimate, truth, low, high: in `unit`; error: estimate less truth; relative_error: unit 1, None when the truth is
    zero; covered: whether the interval holds the truth, None without an interval.
    """

    indicator: str
    unit: str
    estimate: float
    truth: float
    low: float | None
    high: float | None
    error: float
    relative_error: float | None
    covered: bool | None


def load_truth(folder: Path) -> dict[str, Any]:
    """Return the truth of the sample city in a workspace.

    Args:
        folder: the workspace that write_city made.

    Raises:
        InputError: sample.no_truth: the workspace has no truth/truth.json.
    """
    path = folder / "truth" / "truth.json"
    if not path.is_file():
        raise InputError(Problem("sample.no_truth", Where(file=str(path)), {"folder": folder}))
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def score(
    book_tables: Mapping[str, Iterable[Mapping[str, Any]]], truth: Mapping[str, Any]
) -> tuple[Score, ...]:
    """Return a score for every indicator of the book that the truth knows.

    Args:
        book_tables: rows by table: `headline` (code, value, unit, low, high) and, for intervals, `uncertainty`
            (indicator, value, unit, low, high); either may be absent.
        truth: what load_truth returns; its "indicators" give the true values by code, in the same units.

    Returns:
        Scores in the order of the truth's indicators; an indicator that the book does not have is left out.
    """
    estimates: dict[str, Mapping[str, Any]] = {}
    for table, key in (("uncertainty", "indicator"), ("headline", "code")):
        for row in book_tables.get(table, ()):
            if row.get("value") is not None:
                estimates[str(row[key])] = {**estimates.get(str(row[key]), {}), **_stated(row)}
    known: Mapping[str, Mapping[str, Any]] = truth["indicators"]
    return tuple(_score(code, estimates[code], one) for code, one in known.items() if code in estimates)


def summary(scores: Iterable[Score]) -> dict[str, float]:
    """Return the mean absolute relative error (unit 1) and the share of intervals that cover (unit 1)."""
    listed = list(scores)
    errors = [abs(one.relative_error) for one in listed if one.relative_error is not None]
    intervals = [one.covered for one in listed if one.covered is not None]
    return {
        "indicators": float(len(listed)),
        "mean_absolute_relative_error": sum(errors) / len(errors) if errors else 0.0,
        "coverage": sum(intervals) / len(intervals) if intervals else 0.0,
    }


@dataclass(frozen=True)
class LinkScore:
    """How a book's links of one kind compare with the truth.

    pairs, true_pairs, right: pairs of records in one unit of the book, of the truth, of both; precision, recall:
    unit 1, None where there is nothing to divide by.
    """

    kind: str
    pairs: int
    true_pairs: int
    right: int
    precision: float | None
    recall: float | None


def score_links(members: Iterable[Mapping[str, Any]], folder: Path) -> tuple[LinkScore, ...]:
    """Return precision and recall of the links of a book against the truth of the sample city.

    Args:
        members: rows of register_member.
        folder: the workspace that write_city made.

    Raises:
        InputError: sample.no_truth: the workspace has no truth about its extracts.
    """
    rows = list(members)
    return tuple(
        _links_of(kind, column, [row for row in rows if row["kind"] == kind], folder)
        for kind, column in (("enterprise", "unit"), ("person", "person"))
    )


def _links_of(kind: str, column: str, rows: list[Mapping[str, Any]], folder: Path) -> LinkScore:
    path = folder / "truth" / f"{kind}_extract.csv"
    if not path.is_file():
        raise InputError(Problem("sample.no_truth", Where(file=str(path)), {"folder": folder}))
    with path.open(encoding="utf-8", newline="") as handle:
        truth = {f"{row['source']}|{row['record_id']}": row[column] for row in csv.DictReader(handle)}
    with (folder / "truth" / "dirt.csv").open(encoding="utf-8", newline="") as handle:
        second = {
            row["key"]: row["true_value"]
            for row in csv.DictReader(handle)
            if row["table"] == "enterprise" and row["kind"] in ("duplicate_unit", "invalid_uscc")
        }
    unit = {}
    for row in rows:
        key = row["record_key"]
        code = key.partition("|")[2]
        unit[key] = truth[key] if key in truth else second.get(code, code)
    book = Counter(row["unit_id"] for row in rows)
    both = Counter((row["unit_id"], unit[row["record_key"]]) for row in rows)
    pairs, true, right = (
        sum(count * (count - 1) // 2 for count in counted.values())
        for counted in (book, Counter(unit.values()), both)
    )
    return LinkScore(
        kind, pairs, true, right, right / pairs if pairs else None, right / true if true else None
    )


def _stated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("value", "unit", "low", "high") if row.get(name) is not None}


def _score(code: str, estimate: Mapping[str, Any], truth: Mapping[str, Any]) -> Score:
    value, true = float(estimate["value"]), float(truth["value"])
    low = float(estimate["low"]) if "low" in estimate else None
    high = float(estimate["high"]) if "high" in estimate else None
    return Score(
        indicator=code,
        unit=str(estimate.get("unit", truth.get("unit", ""))),
        estimate=value,
        truth=true,
        low=low,
        high=high,
        error=value - true,
        relative_error=(value - true) / true if true else None,
        covered=low <= true <= high if low is not None and high is not None else None,
    )
