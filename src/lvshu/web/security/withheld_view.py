"""What of finance is withheld from those who may not see records, and how it is applied to panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lvshu.publish.display import Absence
from lvshu.publish.model import Panel
from lvshu.web.security.loan_views import LoanFigures
from lvshu.web.security.panel_figures import shown_figures

EVERY = "*"
Place = tuple[int, str]
"""Place of a row, key of a column."""


@dataclass(frozen=True)
class FinanceView:
    """What is withheld: figures of the loan book; rows and columns of further panels; findings; headlines."""

    figures: LoanFigures = field(default_factory=LoanFigures)
    rows: Mapping[str, set[tuple[str, str]]] = field(default_factory=dict)
    findings: frozenset[str] = frozenset()
    headlines: frozenset[str] = frozenset()
    methods: tuple[str, ...] = ()

    def judges(self, panel: Panel) -> bool:
        """Return whether a panel is one whose every figure is judged here."""
        return bool(self.methods) and panel.id in JUDGED

    def withheld(self, panel: Panel) -> set[Place]:
        """Return the cells of a panel that are withheld."""
        if panel.table is None or not self.methods:
            return set()
        gone: set[Place] = set()
        for one in shown_figures(panel, self.methods):
            if self.figures.hides(one.measure, one.figure):
                gone |= {(one.place, column) for column in (one.column, *one.with_it)}
        numbers = [column.key for column in panel.table.columns if column.kind == "number"]
        for row_key, column_key in self.rows.get(panel.id, set()):
            for place, row in enumerate(panel.table.rows):
                if row_key in (EVERY, _key(row)):
                    gone |= {(place, column) for column in numbers if column_key in (EVERY, column)}
        return {
            (place, column)
            for place, column in gone
            if column in numbers and panel.table.rows[place].get(column) not in (None, Absence.SUPPRESSED)
        }


def _key(row: Mapping[str, object]) -> str:
    """Return the key of a panel's row; of a gap in the data with its method."""
    return f"{row.get('key')}/{row['by']}" if "by" in row else str(row.get("key"))


JUDGED = frozenset(
    {
        "methods",
        "groups",
        "quality",
        "coverage",
        "capital",
        "finance_gap",
        "matching",
        "label_check",
        "switch",
    }
)
"""Panels that are cuts of the loan book, whose figures and counts are judged together."""
