"""The waste input-output table of Japan (Nakamura, WIO2000 version 0.06b), as a workbook of one sheet for each part.

Sheets: ZYeconomy (goods by goods, treatments, final demand), ZYwaste (rows "Wo …" generated, "Wi …" used), Allocation
(treatment by waste), F (primary inputs and emissions), Units. The workbook is the edition of the course Advanced
Environmental Input-Output Analysis (CML, Leiden) of the table at http://www.f.waseda.jp/nakashin/WIO.html; its use is
free, with the site and the version named.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ask.waste_tables import WasteTables
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.workbook import ENDINGS, read_grid, visible_sheets

Array = NDArray[np.float64]

SHEETS = ("ZYeconomy", "ZYwaste", "Allocation", "F", "Units")
GENERATED, USED = "Wo ", "Wi "
MONEY = "Million yen"


def is_japanese_waste_table(path: Path) -> bool:
    """Return whether a workbook has the sheets of such a table."""
    return path.suffix.lower() in ENDINGS and set(SHEETS) <= set(visible_sheets(path))


def read_japanese_waste_table(path: Path) -> WasteTables:
    """Return the table: goods, treatments, wastes and the stressors that are not money.

    Raises:
        InputError: accounts.wio_layout, with every label that one sheet has and another lacks.
    """
    names, economy = {}, {}
    for sheet in SHEETS[:4]:
        names[sheet], economy[sheet] = _sheet(path, sheet)
    goods, columns = names["ZYeconomy"]
    treatments, wastes = names["Allocation"]
    rows = {label: place for place, label in enumerate(names["ZYwaste"][0])}
    lacking = [label for sheet in ("ZYwaste", "F") for label in columns if label not in names[sheet][1]]
    lacking += [label for label in (*goods, *treatments) if label not in columns]
    lacking += [
        f"{word}{waste}" for word in (GENERATED, USED) for waste in wastes if f"{word}{waste}" not in rows
    ]
    if lacking:
        values = {"labels": lacking[:10], "count": len(lacking)}
        raise InputError(Problem("accounts.wio_layout", Where(path.name), values))
    units = _units(path)
    final = tuple(label for label in columns if label not in goods and label not in treatments)
    order = [columns.index(label) for label in (*goods, *treatments, *final)]
    waste_columns = [names["ZYwaste"][1].index(columns[place]) for place in order]
    generated, used = ([rows[f"{word}{waste}"] for waste in wastes] for word in (GENERATED, USED))
    whole = economy["ZYwaste"][:, waste_columns]
    kept = [place for place, label in enumerate(names["F"][0]) if units.get(label, MONEY) != MONEY]
    stressors = tuple(names["F"][0][place] for place in kept)
    emission_columns = [names["F"][1].index(columns[place]) for place in order]
    return WasteTables(
        goods, treatments, wastes, final, stressors, economy["ZYeconomy"][:, order], whole[generated] - whole[used],
        economy["Allocation"], economy["F"][np.ix_(kept, emission_columns)], MONEY,
        tuple(units[label] for label in stressors),
        (Origin("S. Nakamura, Waseda University", "Waste input-output table for Japan 2000", "0.06b",
                url="http://www.f.waseda.jp/nakashin/WIO.html", file=path.name, sha256=sha256_of_file(path)),),
        tuple(units.get(label, MONEY) for label in goods),
    )  # fmt: skip


def _sheet(path: Path, sheet: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], Array]:
    """Return the labels of rows and columns, and the figures; blank cells are 0, as in the edition."""
    grid = read_grid(path, sheet)
    columns = tuple(grid.text(0, column) for column in range(1, grid.width))
    labels = tuple(grid.text(row, 0) for row in range(1, grid.height))
    rows = [
        [grid.number(row, column) or 0 for column in range(1, grid.width)] for row in range(1, grid.height)
    ]
    return (labels, columns), np.array(rows, dtype=np.float64)


def _units(path: Path) -> dict[str, str]:
    grid = read_grid(path, "Units")
    heads = [grid.text(0, column) for column in range(grid.width)]
    if not {"unit", "name"} <= set(heads):
        raise InputError(
            Problem("accounts.wio_layout", Where(path.name, "Units"), {"labels": heads, "count": 1})
        )
    unit, name = heads.index("unit"), heads.index("name")
    return {grid.text(row, name): grid.text(row, unit) for row in range(1, grid.height)}
