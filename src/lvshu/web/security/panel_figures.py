"""Which loans stand behind each figure that the pages on finance show: the panels' cells, the headlines, findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from lvshu.publish.display import Absence
from lvshu.publish.model import Panel
from lvshu.publish.panels.finance_labels import STANDINGS
from lvshu.web.security.loan_book import BALANCE, LOANS, Key, emission_of
from lvshu.web.security.loan_ways import PCAF

Figure = tuple[Key, ...]
"""The loans of one figure: of several keys together."""
Row = Mapping[str, Any]
SCOPES = ("scope1", "scope2", "scope_unsplit", "scope3")


@dataclass(frozen=True)
class Shown:
    """A cell of a panel: where it stands, what it counts of which loans, and the cells of its row that go with it."""

    place: int
    column: str
    measure: str
    figure: Figure
    with_it: tuple[str, ...] = ()


def shown_figures(panel: Panel, methods: Sequence[str]) -> list[Shown]:
    """Return the figures of the loan book that a panel shows, or withholds from everybody; none of other panels."""
    made = _PANELS.get(panel.id)
    if made is None or panel.table is None:
        return []
    columns = {column.key for column in panel.table.columns}
    return [
        one
        for place, row in enumerate(panel.table.rows)
        for one in made(place, row, methods)
        if one.column in columns
        and row.get(one.column) not in (None, Absence.MISSING, Absence.NOT_APPLICABLE)
    ]


def _methods(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    """Exposures are balances at the year's end or their averages: as good as the balance to a reader."""
    figure: Figure = (("status", row["key"], "in"),)
    yield Shown(place, "loans", LOANS, figure)
    yield Shown(place, "estimated", LOANS, (("counted", row["key"], "yes"),))
    yield Shown(place, "exposure", BALANCE, figure, ("intensity",))


def _groups(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    for method in methods:
        yield Shown(place, method, emission_of(method), (("group", method, row["key"]),))


def _quality(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    method = str(row["key"])
    for column in row:
        if f"{column}_loans" in row:
            figure: Figure = (("calculation", method, column),)
            yield Shown(place, column, emission_of(method), figure, (f"{column}_share",))
            yield Shown(place, f"{column}_loans", LOANS, figure)


def _coverage(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    for method in methods:
        figure: Figure = (("coverage", method, row["key"]),)
        yield Shown(place, method, BALANCE, figure)
        yield Shown(place, f"{method}_loans", LOANS, figure)


def _capital(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    figure: Figure = (("class", methods[0], row["key"]),)
    yield Shown(place, "end", BALANCE, figure, ("change", "made_in_year"))
    yield Shown(
        place, "loans", LOANS, figure, ("begin", "change", "made_in_year", "begin_unknown", "end_unknown")
    )


def _gaps(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    figure: Figure = ((f"gap:{row['key']}", row["by"], "yes"),)
    yield Shown(place, "loans", LOANS, figure, ("balance", "emission", "effect"))
    yield Shown(place, "balance", BALANCE, figure)
    if row["by"] in methods:
        yield Shown(place, "emission", emission_of(row["by"]), figure, ("effect",))


def _pcaf(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    derived = ("coverage", "intensity", "score", "score3")
    if row["key"] == "*":  # less the classes that are no loans, this is what is in scope
        whole: Figure = (("status", PCAF, "in"),)
        yield Shown(place, "amount", BALANCE, whole, derived)
        yield Shown(place, "positions", LOANS, whole)
        return
    figure: Figure = (("pcaf", PCAF, row["key"]),)
    yield Shown(place, "amount", BALANCE, figure, derived)
    yield Shown(place, "positions", LOANS, figure, ("amount", "emission", "low", "high", *SCOPES, *derived))
    yield Shown(place, "emission", emission_of(PCAF), figure, ("low", "high", *SCOPES, *derived))


def _matching(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    figure: Figure = tuple(("match", "", f"{status}/{means}") for status, means in row["key"])
    yield Shown(place, "amount", BALANCE, figure, ("share",))
    yield Shown(place, "loans", LOANS, figure)


def _labels(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    for column in row:
        if f"{column}_loans" in row:
            figure: Figure = ((f"label:{row['key']}", "", column),)
            yield Shown(place, column, BALANCE, figure)
            yield Shown(place, f"{column}_loans", LOANS, figure, (column,))


def _transition(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    for column in row:
        if f"{column}_amount" in row:
            figure: Figure = tuple(
                ("transition", "", f"{row['key']}/{'+'.join(several)}")
                for several in _with(column, sorted(STANDINGS))
            )
            yield Shown(place, f"{column}_amount", BALANCE, figure)


def _with(one: str, every: Sequence[str]) -> list[tuple[str, ...]]:
    """Return every choice of some, in order, that has one of them among it."""
    chosen = (some for size in range(1, len(every) + 1) for some in combinations(every, size))
    return [some for some in chosen if one in some]


def _flows(place: int, row: Row, methods: Sequence[str]) -> Iterator[Shown]:
    if not str(row["key"]).endswith("Q4"):
        return
    for column in row:
        if column.endswith("_outstanding_end"):
            yield Shown(place, column, BALANCE, (("flow", "", column.removesuffix("_outstanding_end")),))


_PANELS: dict[str, Callable[[int, Row, Sequence[str]], Iterator[Shown]]] = {
    "methods": _methods,
    "groups": _groups,
    "quality": _quality,
    "coverage": _coverage,
    "capital": _capital,
    "finance_gap": _gaps,
    "pcaf": _pcaf,
    "matching": _matching,
    "label_check": _labels,
    "transition": _transition,
    "flow_matrix": _flows,
}


def headline_figures(methods: Sequence[str]) -> dict[str, tuple[str, Figure]]:
    """Return the headlines that are figures of a part of the loan book: the measure and the loans of each."""
    base = methods[0]
    found: dict[str, tuple[str, Figure]] = {
        "green_loan_balance": (BALANCE, (("class", base, "green"), ("class", base, "high_carbon_green"))),
        "high_carbon_loan_balance": (
            BALANCE,
            (("class", base, "high_carbon"), ("class", base, "high_carbon_green")),
        ),
    }
    for method in methods:
        found[f"loan_coverage_{method}"] = (BALANCE, (("status", method, "in"),))
        found[f"loan_unknown_{method}"] = (BALANCE, (("status", method, "unknown"),))
    return found


FINDINGS: dict[str, tuple[str, tuple[str, ...]]] = {"matching": (BALANCE, ("unknown", "review"))}
"""Panels whose finding tells more than their table: the measure, and the states of matching that it adds up."""
