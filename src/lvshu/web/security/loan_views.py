"""Which figures of the loan book are withheld from those who may not see records, over all pages together.

A figure is unsafe when fewer borrower groups stand behind it than the server's least number, or when it breaks the
rules of the pack `disclosure_rules` (dominance, p %) where the run has that pack; so is the difference of two figures
of which one is part of the other. Withheld are unsafe figures, each by itself (a balance may stay where only the
emission is unsafe), and others with them, so that nobody who reads every page and knows which kinds of loans there are
comes nearer to an unsafe one than the rules allow. Which others is worked out by `lvshu.statistics.disclosure`.

Source: Hundepool et al., Statistical Disclosure Control (2012), sensitivity rules and linked tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lvshu.publish.display import Absence
from lvshu.publish.model import Panel
from lvshu.publish.reader import Reader
from lvshu.statistics.disclosure.primary import Rules
from lvshu.statistics.disclosure.structure import Array, Index
from lvshu.web.security.figure_table import FigureTable
from lvshu.web.security.loan_book import (
    BALANCE,
    EVERY,
    LOANS,
    Group,
    LoanBook,
    View,
    emission_of,
    read_loan_book,
)
from lvshu.web.security.loan_ways import further_ways
from lvshu.web.security.panel_figures import FINDINGS, Figure, headline_figures, shown_figures

PACK, SUBJECT = "disclosure_rules", "enterprise"
LEDGER_WAYS = ("institution", "product", "industry", "group", "label", "quality", "status")
"""What the page of the loan book divides it by."""
WHOLE: Figure = ((EVERY, "", None),)
OF_THE_WHOLE, OF_A_HEADLINE = 1000.0, 10.0
"""What withholding a total or a headline loses, as against 1 for a figure of one page."""
OF_A_GONE = 0.01
"""What is lost where the page withholds the figure from everybody: it must not follow either."""
MEAN = "stock_end_intensity"
"""A mean of balances that pages show: weighted by the intensity of the loans' divisions."""
NOTHING: frozenset[Figure] = frozenset()


@dataclass(frozen=True)
class LoanFigures:
    """What is withheld of the loan book.

    hidden: figures by measure; means: means that are withheld; views: ways of dividing that the book can tell;
    findings: what the findings of panels tell beyond their tables.
    """

    hidden: Mapping[str, frozenset[Figure]] = field(default_factory=dict)
    means: frozenset[str] = frozenset()
    views: frozenset[View] = frozenset()
    findings: Mapping[str, tuple[str, Figure]] = field(default_factory=dict)

    def hides(self, measure: str, figure: Figure) -> bool:
        """Return whether a figure is withheld; one of whose loans nothing is known is."""
        if figure in self.hidden.get(measure, NOTHING):
            return True
        return bool(self.hidden) and figure != WHOLE and any(key[:2] not in self.views for key in figure)

    def groups(self, measure: str, way: str, method: str) -> frozenset[Group]:
        """Return the codes whose figures are withheld where the loan book is divided in one way."""
        found = self.hidden.get(measure, NOTHING)
        return frozenset(one[0][2] for one in found if len(one) == 1 and one[0][:2] == (way, method))


def rules_of(reader: Reader, least: int) -> Rules:
    """Return the rules of the run's pack for enterprises, with the server's least number of borrower groups."""
    rows = reader.pack_rows(PACK, subject=SUBJECT)
    minimum = max(least, 2)
    if not rows:
        return Rules(minimum_count=minimum)
    row = rows[0]
    pair = row.get("dominance_n"), row.get("dominance_k")
    return Rules(
        minimum_count=minimum,
        p_percent=_number(row.get("p_percent")),
        dominance=None if None in pair else (int(str(pair[0])), float(str(pair[1]))),
        range_percent=_number(row.get("range_percent")),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


@dataclass(frozen=True)
class ShownFigures:
    """What is shown of a loan book: its figures by measure, each with what withholding it loses; means; the rules."""

    book: LoanBook
    rules: Rules
    costs: Mapping[str, Mapping[Figure, float]]
    means: Mapping[str, Array]

    @classmethod
    def read(cls, reader: Reader, least: int, panels: Sequence[Panel] = ()) -> ShownFigures:
        """Return what is shown of a run's loan book.

        Args:
            reader: of a book with a loan ledger and its scope.
            least: a figure of fewer borrower groups is withheld.
            panels: of the page on finance, as those see them who may see records.
        """
        book = read_loan_book(reader, further_ways(reader))
        costs = _costs(book, reader.settings.finance_methods, panels)
        return cls(book, rules_of(reader, least), costs, _intensity(reader, book))

    def withheld(self) -> LoanFigures:
        """Return what is withheld of it; takes seconds, and reads nothing."""
        hidden, lost = {}, frozenset[str]()
        for measure, figures in self.costs.items():
            weights = self.means if measure == BALANCE else {}
            hidden[measure], gone = hidden_of(self.book, measure, figures, self.rules, weights)
            lost |= gone
        findings = {panel: finding_figure(self.book, panel) for panel in FINDINGS}
        return LoanFigures(hidden, lost, frozenset(self.book.parts), findings)


def finding_of(figures: LoanFigures) -> frozenset[str]:
    """Return the panels whose finding is withheld."""
    return frozenset(
        panel
        for panel, (measure, figure) in figures.findings.items()
        if figure and figures.hides(measure, figure)
    )


def _costs(book: LoanBook, methods: Sequence[str], panels: Sequence[Panel]) -> dict[str, dict[Figure, float]]:
    """Return the figures that are shown by measure, each with what withholding it loses."""
    found: dict[str, dict[Figure, float]] = {
        BALANCE: {}, LOANS: {}, **{emission_of(method): {} for method in methods}
    }  # fmt: skip

    def add(measure: str, figure: Figure, cost: float = 1.0) -> None:
        found[measure][figure] = found[measure].get(figure, 0.0) + cost

    for (way, method), keys in book.parts.items():
        for key in keys if way in LEDGER_WAYS else ():
            for measure in (BALANCE, LOANS, emission_of(method)):
                add(measure, (key,))
        if way in ("added", "removed"):
            add(emission_of(method if way == "added" else methods[0]), ((way, method, "yes"),))
    for panel in panels:
        for one in shown_figures(panel, methods):
            is_gone = panel.table is not None and (
                panel.table.rows[one.place].get(one.column) is Absence.SUPPRESSED
            )
            add(one.measure, one.figure, OF_A_GONE if is_gone else 1.0)
    for measure, figure in headline_figures(methods).values():
        add(measure, figure, OF_A_HEADLINE)
    for measure, figure in (finding_figure(book, panel) for panel in FINDINGS):
        add(measure, figure)
    return found


def finding_figure(book: LoanBook, panel: str) -> tuple[str, Figure]:
    """Return the figure that the finding of a panel tells."""
    measure, states = FINDINGS[panel]
    keys = [key for key in book.parts.get(("match", ""), ()) if str(key[2]).split("/")[0] in states]
    return measure, tuple(keys)


def _intensity(reader: Reader, book: LoanBook) -> dict[str, Array]:
    """Return the weight of each kind of loans in the mean intensity of the stock; none where it is not shown."""
    if not reader.count("capital_flow_intensity"):
        return {}
    known = {
        str(row["gbt4754_division"]): float(row["intensity_revenue"])
        for row in reader.rows("sector_intensity", scope="scope1_2")
        if row["intensity_revenue"] is not None
    }
    weights = np.zeros(len(book.kinds[WHOLE[0]]))
    for key in book.parts.get(("division", ""), ()):
        weights[book.kinds[key]] = known.get(str(key[2]), 0.0)
    return {MEAN: weights} if weights.any() else {}


def hidden_of(
    book: LoanBook,
    measure: str,
    figures: Mapping[Figure, float],
    rules: Rules,
    means: Mapping[str, Array] | None = None,
) -> tuple[frozenset[Figure], frozenset[str]]:
    """Return which figures and which means of one measure are withheld.

    Args:
        book: the loan book by kinds.
        measure: a measure of the book; of counts of loans only the least number of groups is asked for.
        figures: what is shown, and what withholding it costs. The whole book is always among them.
        rules: of the bureau, with the server's least number.
        means: weights of the kinds in means that are shown, shape (kinds,) each.
    """
    if measure == LOANS:
        rules = Rules(minimum_count=rules.minimum_count, range_percent=rules.range_percent)
    means = means or {}
    loans: list[Index] = [book.counted(measure, WHOLE)]
    cost = [OF_THE_WHOLE]
    place: dict[Figure, int] = {WHOLE: 0}
    seen = {loans[0].tobytes(): 0}
    for figure, price in figures.items():
        kinds = book.counted(measure, figure)
        if not len(kinds):
            continue
        number = seen.setdefault(kinds.tobytes(), len(loans))
        if number == len(loans):
            loans.append(kinds)
            cost.append(0.0)
        cost[number] += price
        place[figure] = number
    if not len(loans[0]):
        return NOTHING, frozenset()
    weights = np.array(list(means.values())).reshape(len(means), book.count)
    table = FigureTable.of(book, measure, loans, [*cost, *([1.0] * len(means))], weights)
    withheld = table.withheld(rules)
    gone = frozenset(name for number, name in enumerate(means, start=len(loans)) if withheld[number])
    return frozenset(figure for figure, number in place.items() if withheld[number]), gone
