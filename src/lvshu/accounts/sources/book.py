"""The input-output system that a workspace's book holds, with the emissions and energy of its sectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.table import InputOutputTable, TableChoice, build_table
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension
from lvshu.accounts.sources.published import RegionalSystem, system_of_table
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace

Array = NDArray[np.float64]

MEASURES = (("direct_emission", "CO2", "tCO2"), ("energy_tce", "energy", "tce"))


def read_book(folder: Path, run_id: str | None = None) -> RegionalSystem:
    """Return the system of the current book of a workspace, or of another of its runs.

    Its extension `book` has the CO2 of sectors (with what households emit themselves) and their energy use, as far as
    the book has them.

    Raises:
        ConfigError, StoreError: no workspace, or no book yet.
        InputError: accounts.book_without_table.
    """
    workspace = Workspace.open(folder)
    with workspace.book(run_id) as book:
        settings = book.settings
        rows = book.rows("io_cell", where=f"area_code = '{settings.area}' AND year <= {int(settings.year)}")
        if not rows:
            raise InputError(Problem("accounts.book_without_table", Where(file=str(folder))))
        choice = _choice(rows)
        chosen = [row for row in rows if _choice_of(row) == choice]
        table = build_table(choice, chosen, workspace.library)
        origin = Origin(producer="lvshu", title=f"{settings.area_zh} {choice.year}", version=str(book.run["run_id"]),
                        file=str(folder))  # fmt: skip
        system = system_of_table(table, region=settings.area_zh, imports_in_exports=settings.imports_in_exports,
                                 origin=origin, notes=_notes(book))  # fmt: skip
        extension = _extension(book, table, system, origin)
    if extension is not None:
        object.__setattr__(system, "extensions", {extension.name: extension})
    return system


def _choice_of(row: dict[str, Any]) -> TableChoice:
    return TableChoice(row["table_code"], row["year"], row["area_code"])


def _choice(rows: list[dict[str, Any]]) -> TableChoice:
    """The same choice as a run's: the latest year, then the most sectors."""
    sectors: dict[TableChoice, set[str]] = {}
    for row in rows:
        if row["row_kind"] == "sector":
            sectors.setdefault(_choice_of(row), set()).add(row["row_code"])
    return max(sectors, key=lambda one: (one.year, len(sectors[one]), one.table_code))


def _notes(book: Book) -> tuple[tuple[str, str], ...]:
    if not book.settings.synthetic:
        return ()
    return (
        ("合成数据：不代表任何真实的城市或企业。", "Synthetic data: they stand for no real city or firm."),
    )


def _extension(
    book: Book, table: InputOutputTable, system: RegionalSystem, origin: Origin
) -> Extension | None:
    """CO2 and energy by sector; households' own emission stands with the final demand of households."""
    accounts = {row["sector_code"]: row for row in book.rows("sector_account")}
    known = [(column, name, unit) for column, name, unit in MEASURES
             if any(row.get(column) is not None for row in accounts.values())]  # fmt: skip
    if not known:
        return None
    flows = np.array([[float(accounts[code][column] or 0.0) if code in accounts else 0.0 for code in table.codes]
                      for column, _, _ in known])  # fmt: skip
    final = np.zeros((len(known), len(system.final)))
    categories = list(system.final.level("category"))
    if known[0][1] == "CO2":
        for row in book.rows("footprint", where="emission_origin = 'direct'"):
            if row["final_demand_category"] in categories:
                final[0, categories.index(row["final_demand_category"])] += float(row["emission"])
    names = Index.of(("stressor",), [name for _, name, _ in known])
    return Extension("book", names, tuple(unit for *_, unit in known), flows, final, None, origin)
