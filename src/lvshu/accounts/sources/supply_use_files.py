"""Supply and use tables read from published files, and the input-output table made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lvshu.accounts.compile.compiled import Compiled, compiled
from lvshu.accounts.compile.supply_use import SupplyUse, from_supply_use
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import FINAL_LEVELS, INDUSTRY_LEVELS
from lvshu.accounts.sources.published import LOCAL, check_file, grids_of
from lvshu.accounts.sources.supply_use import build_supply_use
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.layout import layout

PART_NAMES = {
    "supply": {"zh": "供给表", "en": "a supply table"},
    "use": {"zh": "使用表", "en": "a use table"},
}


def symmetric_of(
    paths: Sequence[Path], model: Literal["A", "B", "C", "D"], *, year: int, area: str, unit: str | None
) -> Compiled:
    """Return the symmetric table of published supply and use tables (sheets of one workbook, or files).

    Imports and inflows leave as a negative final use, margins and taxes on products likewise, so that the table is
    closed at the prices of the use table; whatever does not balance is told.

    Args:
        paths: the files.
        model: construct, A to D.
        year: of the tables, where they do not say.
        area: six-digit code, where they do not say.
        unit: of the figures, where they do not say.

    Raises:
        InputError: no supply or no use table among the sheets, or all that is wrong with them.
        MethodError: accounts.supply_not_square, accounts.supply_singular (models A and C).
    """
    reader = layout("supply_use")
    records: list[dict[str, Any]] = []
    problems: list[Problem] = []
    understood: set[str] = set()
    for path in paths:
        check_file(path)
        for grid in grids_of(path):
            if reader.recognises(grid):
                understood.add(path.name)
                found = reader.read(grid, year=year, area_code=area, unit=unit)
                problems += found.problems
                columns = found.tables.get("supply_use_cell", {})
                names = list(columns)
                records += [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if any(problem.severity == "error" for problem in problems):
        raise InputError(*problems)
    parts = {str(record["part"]) for record in records}
    if parts != {"supply", "use"}:
        others = [path.name for path in paths if path.name not in understood]
        values = {"found": _in_words(parts), "others": others or ["–"]}
        raise InputError(Problem("accounts.supply_use_incomplete", Where(file=paths[0].name), values))
    origin = Origin(title=" + ".join(path.stem for path in paths), file=", ".join(path.name for path in paths),
                    sha256=sha256_of_file(paths[0]))  # fmt: skip
    given = build_supply_use(records)
    closing = {"import": -given.imports, "inflow": -given.inflows}
    if given.price_basis != "basic":
        closing |= {kind: -amount for kind, amount in given.valuation.items()}
    kept = {name: column for name, column in closing.items() if column.any()}
    final = np.column_stack([given.final_use, *kept.values()]) if kept else given.final_use
    kinds = [*given.final_kinds, *kept]
    products = Index.of(INDUSTRY_LEVELS, [(LOCAL, name) for name in _single(given.product_names)])
    tables = SupplyUse(
        origin.title, int(records[0]["year"]), products,
        Index.of(INDUSTRY_LEVELS, [(LOCAL, name) for name in _single(given.industry_names)]),
        Index.of(FINAL_LEVELS, [(LOCAL, kind) for kind in kinds]), given.supply, given.use, final,
        dict(zip(given.row_codes, given.rows, strict=True)), "CNY", {}, origin,
    )  # fmt: skip
    made = from_supply_use(tables, model)
    return compiled(made.system, (*given.problems, *made.findings))


def _in_words(parts: set[str]) -> dict[str, str]:
    """The tables that were recognised, in both languages."""
    return {
        language: sign.join(PART_NAMES[part][language] for part in sorted(parts)) or none
        for language, sign, none in (("zh", "、", "一张也没有"), ("en", ", ", "none"))
    }


def _single(names: Sequence[str]) -> list[str]:
    """Names, with a number behind one that stands twice."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
