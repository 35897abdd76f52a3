"""What is withheld of the figures of the carbon-reduction facility and of green bonds: few projects, or one too large.

Windows of the facility end with the same quarter, so that the difference of two is a figure too; fields add up to the
row. What a bond used before the year is what it used in all less what it used in the year.
"""

from __future__ import annotations

from collections.abc import Sequence

from lvshu.finance.facility import WINDOWS
from lvshu.publish.display import Absence
from lvshu.publish.model import Panel
from lvshu.statistics.disclosure.primary import EXACT, Rules
from lvshu.web.security.project_sources import SINCE
from lvshu.web.security.sums import Cell, Part, closed, held_by, unsafe_figures

AMOUNT, ABATEMENT = "amount", "abatement"
WHOLE_ROW = "*"


def withheld_facility(parts: Sequence[Part], rules: Rules, panel: Panel) -> set[Cell]:
    """Return the figures of the facility to withhold, by institution/window and column of the panel.

    Args:
        parts: of each project, by institution/increment (`project_sources.facility`).
        rules: of the bureau, with the server's least number of projects.
        panel: as those see it who may see records; what it withholds from everybody must not follow either.
    """
    gone: set[Cell] = set()
    for institution in dict.fromkeys(row.split("/")[0] for row, *_ in parts):
        own = [part for part in parts if part[0].split("/")[0] == institution]
        money = [part for part in own if part[1] == AMOUNT]
        gases = [part for part in own if part[1] != AMOUNT]
        of_money = _of_institution(institution, money, rules, panel)
        gone |= of_money | {(row, "rate") for row, _ in of_money}
        gone |= _of_institution(institution, gases, rules, panel)
    return gone


def _of_institution(institution: str, parts: Sequence[Part], rules: Rules, panel: Panel) -> set[Cell]:
    """Return what is withheld of one institution's amounts, or of its abatements by field and in all."""
    windows = [f"{institution}/{one}" for one in WINDOWS]
    increments = [f"{institution}/{one}" for one in SINCE]
    fields = [*dict.fromkeys(column for _, column, _, _ in parts)]
    columns = fields if fields == [AMOUNT] else [*fields, ABATEMENT]
    every = list(parts)
    for place, window in enumerate(windows):
        inside = increments[: place + 1]
        every += [(window, column, who, much) for row, column, who, much in parts if row in inside]
    sums: list[tuple[Cell, list[Cell]]] = []
    if ABATEMENT in columns:
        every += [(row, ABATEMENT, who, much) for row, _, who, much in every]
        sums += [((row, ABATEMENT), [(row, one) for one in fields]) for row in (*windows, *increments)]
    for place, window in enumerate(windows):
        adds = (*windows[max(0, place - 1) : place], increments[place])
        sums += [((window, column), [(row, column) for row in adds]) for column in columns]
    values = {(row, column): 0.0 for row in (*windows, *increments) for column in columns}
    values |= {cell: sum(one.values()) for cell, one in held_by(every).items()}
    unsafe = dict(unsafe_figures(every, rules))
    for row in panel.table.rows if panel.table else ():
        for column in columns:
            cell = (str(row.get("key")), column)
            if cell in values and row.get(column) is Absence.SUPPRESSED:
                unsafe.setdefault(cell, abs(values[cell]) * EXACT)
    return {cell for cell in closed(values, sums, unsafe) if cell[0] in windows}


def withheld_bonds(parts: Sequence[Part], rules: Rules) -> set[Cell]:
    """Return the figures of green bonds to withhold, by bond and column.

    What a bond raised tells what it used where its state says that all is used: its whole row goes.
    """
    used = [(bond, "used_to_date", who, amount) for bond, _, who, amount in parts]
    unsafe = set(unsafe_figures([*parts, *used], rules))
    gone = {(bond, WHOLE_ROW) for bond, column in unsafe if column == "used_to_date"}
    return gone | {(bond, "used_in_year") for bond, column in unsafe if column in ("used_in_year", "earlier")}
