"""Brings last year's results into this year's workspace: attributions for the split of the change, and accounts.

What is written says of which run it is. A later carry replaces an earlier one whole; what people put in by hand is
never touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.engine.settings import Settings
from lvshu.finance.workflow.mirror import csv_text
from lvshu.intake.discovery import named_table
from lvshu.store.book import Book
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace

SOURCES = {
    "subject_attribution": "subject_attribution_previous",
    "enterprise_carbon_account": "enterprise_carbon_account_previous",
}  # fmt: skip
"""By table of last year's book: the input table of this year."""
KEYS = {
    "subject_attribution": ("method", "institution_id", "subject_kind", "subject_id", "gbt4754_division"),
    "enterprise_carbon_account": ("uscc", "year"),
}  # fmt: skip
COMPARED = ("balance_average", "gwp", "fuel_factors", "area")


@dataclass(frozen=True)
class Carried:
    """What was brought into a workspace.

    Attributes:
        source_run: the run it is of; source_year: its reporting year.
        year: the reporting year it is for.
        rows: rows of each input table.
        files: the files that were written or left as they were.
        told: differences between the two years' settings that the comparison does not see.
    """

    source: Path
    source_run: str
    source_year: int
    year: int
    rows: Mapping[str, int]
    files: tuple[str, ...]
    told: tuple[Problem, ...]


def carry(place: Workspace, source: Workspace, run_id: str = "") -> Carried:
    """Return what was brought from a workspace of last year (or an earlier run of the same one).

    Args:
        place: this year's workspace.
        source: where last year's book is; may be the same workspace.
        run_id: the run to take; the newest of the year before this one where none is named.

    Raises:
        InputError: no book of the year before, or of another year; the inputs hold such a table by hand already.
        OSError: a file cannot be written.
    """
    year = place.config.city.year
    by_hand = _by_hand(place)
    if by_hand:
        raise InputError(*(Problem("finance.carry_by_hand", Where(file=str(path))) for path in by_hand))
    wanted = source.runs.path(run_id).name if run_id else _newest(source, year - 1)
    with source.book(wanted) as book:
        settings = book.settings
        if settings.year != year - 1:
            values = {"run": wanted, "found": settings.year, "wanted": year - 1, "year": year}
            raise InputError(Problem("finance.carry_other_year", values=values))
        tables = {target: _rows(book, table, wanted) for table, target in SOURCES.items()}
    if not any(tables.values()):
        raise InputError(Problem("finance.carry_nothing", values={"run": wanted}))
    files = []
    for table, rows in tables.items():
        path = place.inputs / f"{table}.carried.csv"
        if rows:
            place.inputs.mkdir(parents=True, exist_ok=True)
            write_durably(path, csv_text(table, rows))
            files.append(path.name)
        elif path.exists():
            path.unlink()
    counts = {table: len(rows) for table, rows in tables.items()}
    told = _unlike(settings, place.settings)
    return Carried(source.folder, wanted, settings.year, year, counts, tuple(files), tuple(told))


def _by_hand(place: Workspace) -> list[Path]:
    """Return input files of the tables that were not written by this command."""
    contracts = _contracts()
    return [
        path
        for path in sorted(place.inputs.glob("*"))
        if path.is_file()
        and named_table(path.stem, contracts) in SOURCES.values()
        and ".carried" not in path.name
    ]


def _contracts() -> dict[str, Any]:
    from lvshu.contract import all_contracts

    return {name: contract for name, contract in all_contracts().items() if contract.kind == "input"}


def _newest(source: Workspace, year: int) -> str:
    years: dict[str, int] = {}
    for run_id in reversed(source.runs.ids()):
        with source.book(run_id) as book:
            years[run_id] = book.settings.year
        if years[run_id] == year:
            return run_id
    values = {"folder": source.folder, "wanted": year, "known": sorted(set(years.values())) or "–"}
    raise InputError(Problem("finance.carry_no_year", values=values))


def _rows(book: Book, table: str, run_id: str) -> list[dict[str, Any]]:
    """Return the rows of a table of last year's book with their source; accounts keep the run that they are of."""
    if not book.has(table):
        return []
    keys = KEYS[table]
    about = {"source_run": run_id, "source_year": book.settings.year}
    return [
        {**row, **about, "source_run": row.get("source_run") or run_id}
        for row in book.rows(table, order=keys)
    ]


def _unlike(before: Settings, now: Settings) -> Sequence[Problem]:
    """Return warnings about settings in which the two years differ: the split would take them for real changes."""
    told = []
    for name in COMPARED:
        mine, theirs = getattr(now, name), getattr(before, name)
        if mine != theirs:
            values = {"setting": name, "before": theirs, "now": mine}
            told.append(Problem("finance.carry_unlike", values=values, severity="warning"))
    missing = [name for name in now.finance_methods if name not in before.finance_methods]
    if missing:
        told.append(Problem("finance.carry_without_method", values={"methods": missing}, severity="warning"))
    return told
