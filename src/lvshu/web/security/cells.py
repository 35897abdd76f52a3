"""Small cells, for those who may not see records: what is withheld on every page, in every twin and in the report.

A figure about fewer units than the server's least number is withheld. Where that leaves one withheld figure alone
among figures that add up, the next smallest is withheld with it, so that it does not follow from the total; where it
has no sister, the figure above it goes too. A panel in which something is withheld has no chart and no finding.
Figures of finance are judged together, by borrower group, over all pages (finance_view).
Source: the threshold rule and its complement, Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from lvshu.pipeline.headlines import HeadlineDefinition, definitions
from lvshu.publish.display import Absence
from lvshu.publish.model import Cell, Panel, TableView
from lvshu.publish.reader import Reader, is_confidential, names_records
from lvshu.publish.texts import NO_TEXT, Text, contract_of
from lvshu.web.context import Context
from lvshu.web.security.finance_view import finance_view
from lvshu.web.security.margins import by_kind
from lvshu.web.security.withheld_view import FinanceView
from lvshu.web.view import PageView
from lvshu.web.words import word

OF_ONE = frozenset({"institution_id", "branch_code", "bond_id", "entity_id", "platform_id"})
"""Key columns that name one institution, branch, bond or firm: rows of such a table are about firms."""
FIGURES = frozenset({
    "headline", "uncertainty", "uncertain_emission", "uncertain_asset_emission", "financed_emission_error",
    "financed_emission_interval", "financed_emission_replicate",
})  # fmt: skip
"""Tables of figures that may rest on few units; pages show those that may be seen."""
BY_MEASURE = frozenset({"coded_total", "coded_total_month", "coded_total_replicate", "coding_error_rate"})
"""Tables whose rows count units under a code of the column `measure`: one unit's persons stand beside its count."""
OF_FEW = frozenset(
    {"pcaf_portfolio_replicate", "sector_balance_factor", "shore_power", "shore_power_account"}
)
"""Tables that may tell of few clients or firms and count none: draws whose mean is the figure, ratios of a division's
firms, ports with one operator."""
OF_FILES = frozenset({"column_profile"})
"""Tables of medians of a file's columns: of a file with one row or two they are a single firm's figures."""
OF_RECORDS = frozenset({"record_key", "raw_record", "source_row"})
"""Columns by which a row tells of a single record, in words or by its place in a file."""
COUNTS = (
    "borrowers", "loans", "positions", "projects", "platforms", "bonds", "plans", "claims", "units", "sampled",
    "sampled_units", "sampled_persons", "value_not_loaded", "institutions", "changes",
)  # fmt: skip
"""Columns that count the units a row rests on, the closest to a unit first."""
KEPT_OUT = "rows"
"""Column that counts rows that were kept out, which are records."""
OPEN = frozenset({"inputs", "findings", "tables", "packs", "headlines", "ledger", "not_covered"})
"""Panels that count rows of files or findings, or (the loan book) withhold by themselves."""
UNITS = frozenset(COUNTS) | {"changed_values", "imputed_values"}
"""Columns that count units in tables of the book; institutions are not the units that a loan is about."""
OF_FINANCE = frozenset(
    {
        "methods", "groups", "quality", "switch", "coverage", "capital", "finance_gap", "pcaf", "matching",
        "label_check", "transition", "flow_matrix", "flow_shift", "flow_intensity", "apart",
        "transition_plan", "benefit", "benefit_indicators", "facility", "green_bond", "green_bond_benefit",
    }
)  # fmt: skip
"""Panels that are judged together, over all pages."""
ONE_FINDING = frozenset({"label_check", "transition"})
"""Panels whose finding adds up cells of their table."""
ERRORS = "financed_error"
"""Panel whose rows are headlines of finance: a row goes with its headline."""
OWN_COUNTS = ("_loans", "_platforms")
SPLIT: dict[str, tuple[tuple[str, ...], ...]] = {"platform": (("reported", "imputed"),)}
"""Panels with columns that are the parts of another column, row by row."""
IN_OWN_ORDER = frozenset({"methods", "quality", "switch", "flow_matrix", "flow_shift", "label_check"})
"""Panels whose rows are methods, classes or themes in an order of their own: a row's place tells nothing."""
Above = Callable[[Mapping[str, Cell]], str]
PARENTS: dict[str, tuple[str, Above]] = {"digital": ("code", lambda row: str(row["code"])[:-2])}
"""Panels whose rows stand in a tree: the column with a row's code, and the code of the row above it."""


def is_closed(table: str) -> bool:
    """Return whether rows of a table are for those only who may see records.

    They name persons, firms, loans or institutions, or tell of single records (findings); or they count the units that
    they rest on: such figures stand on the pages, where small cells are withheld, while row by row the complement
    could be asked for.
    """
    contract = contract_of(table)
    if is_confidential(table) or table in FIGURES | BY_MEASURE | OF_FEW | OF_FILES:
        return True
    return contract is not None and bool(
        OF_ONE & set(contract.key) or (UNITS | OF_RECORDS) & set(contract.column_names)
    )


def protected(context: Context, view: PageView) -> PageView:
    """Return a page as whoever asks may see it."""
    if context.person.sees_records or not view.panels:
        return view
    panels = protected_panels(context, view.panels)
    return view if panels == view.panels else replace(view, panels=panels)


def protected_panels(context: Context, panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Return panels as those see them who may not see records."""
    least = context.workbench.options.least_units
    panels = [_of_seen_headlines(context, panel) if panel.id == ERRORS else panel for panel in panels]
    finance = seen_finance(context) if any(panel.id in OF_FINANCE for panel in panels) else FinanceView()
    return tuple(protect(panel, least, finance if panel.id in OF_FINANCE else None) for panel in panels)


def _of_seen_headlines(context: Context, panel: Panel) -> Panel:
    """Return a panel whose rows are headlines without those that are withheld."""
    hidden = small_headlines(context)
    if panel.table is None or not any(row.get("key") in hidden for row in panel.table.rows):
        return panel
    seen = tuple(row for row in panel.table.rows if row.get("key") not in hidden)
    return replace(panel, table=replace(panel.table, rows=seen) if seen else None, finding=NO_TEXT)


def seen_finance(context: Context) -> FinanceView:
    """Return what of finance is withheld from whoever asks; nothing where records may be seen."""
    return FinanceView() if context.person.sees_records else finance_view(context.workbench, context.run)


def small_headlines(context: Context) -> frozenset[str]:
    """Return the headlines that rest on fewer units than may be shown; none where records may be seen."""
    if context.person.sees_records:
        return frozenset()
    least = context.workbench.options.least_units

    def made(reader: Reader) -> frozenset[str]:
        return frozenset(
            one.code for one in definitions() if 0 < (_units_of_headline(reader, one) or 0) < least
        )

    return context.made(("small headlines", least), made) | seen_finance(context).headlines


def _units_of_headline(reader: Reader, one: HeadlineDefinition) -> float | None:
    """Return how many units a headline's rows rest on: by their count, else one a record; None where none is told."""
    contract = contract_of(one.table)
    if contract is None or not reader.book.has(one.table):
        return None
    columns = reader.book.columns(one.table)
    counted = next((name for name in COUNTS if name in columns), None)
    if counted is None and not names_records(one.table):
        return None
    conditions = [part for part in (one.where, f"{one.value} IS NOT NULL") if part]
    what = f"sum({counted})" if counted else "count(*)"
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT {what} FROM {one.table} WHERE " + " AND ".join(f"({part})" for part in conditions),
        table=one.table,
    )
    return None if rows[0][0] is None else float(rows[0][0])


def protected_cards(context: Context, cards: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return headlines as whoever asks may see them: those about too few units without their figures.

    Parts are groups of rows of the headline's table: where its rows are closed, a part may rest on one unit.
    """
    if context.person.sees_records:
        return list(cards)
    hidden = small_headlines(context)
    gone = {"value": None, "low": None, "high": None, "standard_error": None}
    mark = Text(Absence.SUPPRESSED.value, Absence.SUPPRESSED.value)
    return [
        {**card, "parts": [] if is_closed(card["row"]["table_name"]) else card["parts"]}
        if card["code"] not in hidden
        else {
            **card,
            "value": mark,
            "interval": NO_TEXT,
            "sentence": card["label"],
            "reason": word("small.headline"),
            "parts": [],
            "row": {**card["row"], **gone},
        }
        for card in cards
    ]


def protect(panel: Panel, least: int, finance: FinanceView | None = None) -> Panel:
    """Return a panel without its small cells.

    Args:
        panel: with or without a table.
        least: a figure about fewer units than this, and more than none, is withheld.
        finance: what is withheld of finance, where the panel is about it.
    """
    panel = by_kind(panel)
    view = panel.table
    if view is None or panel.id in OPEN:
        return panel
    hidden = finance.withheld(panel) if finance is not None else set()
    if finance is None or not finance.judges(panel):
        hidden |= withheld_cells(panel.id, view, least)
    if not hidden:
        told = finance is not None and (panel.id in finance.findings or _is_marked(panel, view))
        return replace(panel, finding=NO_TEXT) if told else panel
    rows = tuple(
        {name: Absence.SUPPRESSED if (place, name) in hidden else cell for name, cell in row.items()}
        for place, row in enumerate(view.rows)
    )
    note = word("small.hidden", count=len({place for place, _ in hidden}), least=least)
    note = note if not panel.note else note + word("small.and") + panel.note
    seen = without_order(panel.id, replace(view, rows=rows), {place for place, _ in hidden})
    return replace(panel, table=seen, chart=None, finding=NO_TEXT, note=note)


def without_order(name: str, view: TableView, hidden: set[int]) -> TableView:
    """Return a table in which the place of a row tells nothing of a figure that is withheld in it.

    Rows that stand in order of a figure would bracket a withheld one between its neighbours: those with one then stand
    last, by their name. Rows of a tree, and tables in another order, stay as they are.
    """
    free = [place for place in range(len(view.rows)) if place not in view.totals]
    label = next((column.key for column in view.columns if column.kind != "number"), "")
    names = [str(view.rows[place].get(label)) for place in free]
    numbers = [column.key for column in view.columns if column.kind == "number"]
    falls = any(
        any(view.rows[place].get(key) is Absence.SUPPRESSED for place in hidden) and _falls(view, free, key)
        for key in numbers
    )
    if (
        name in PARENTS
        or name in IN_OWN_ORDER
        or not falls
        or names == sorted(names)
        or view.totals - {len(view.rows) - 1}
    ):
        return view
    last = sorted(
        (place for place in free if place in hidden), key=lambda place: str(view.rows[place].get(label))
    )
    order = [place for place in free if place not in hidden] + last + sorted(view.totals)
    return replace(view, rows=tuple(view.rows[place] for place in order))


def _falls(view: TableView, places: Sequence[int], key: str) -> bool:
    """Return whether the figures of a column that are shown fall from row to row: the largest first."""
    shown = [number for place in places if (number := _number(view.rows[place].get(key))) is not None]
    return bool(shown) and shown[0] > shown[-1] and all(one >= other for one, other in pairwise(shown))


def _is_marked(panel: Panel, view: TableView) -> bool:
    """Return whether a panel of finance withholds figures from everybody, so that its finding may tell of them."""
    return panel.id in ONE_FINDING and any(
        cell is Absence.SUPPRESSED for row in view.rows for cell in row.values()
    )


def withheld_cells(name: str, view: TableView, least: int) -> set[tuple[int, str]]:
    """Return the cells that are withheld: place of the row, key of the column."""
    hidden: set[tuple[int, str]] = set()
    for count, guarded in guards(view).items():
        counted = [_number(row.get(count)) for row in view.rows]
        for place in small_rows(name, view, counted, least):
            hidden |= {(place, column) for column in (count, *guarded)}
    for parts in SPLIT.get(name, ()):  # with one part and the sum the other would follow
        for place in {place for place, key in hidden if key in parts}:
            hidden |= {(place, key) for key in parts if view.rows[place].get(key) is not None}
    return hidden


def guards(view: TableView) -> dict[str, tuple[str, ...]]:
    """Return the columns that count units, each with the columns of figures that rest on them.

    `<what>_loans` (or `_platforms`) counts for `<what>` and `<what>_…`; a plain count for every figure that has no
    count of its own.
    """
    numbers = [column.key for column in view.columns if column.kind == "number"]
    own = {key: key.removesuffix(end) for end in OWN_COUNTS for key in numbers if key.endswith(end)}
    found = {
        key: tuple(
            other for other in numbers if other != key and (other == stem or other.startswith(f"{stem}_"))
        )
        for key, stem in own.items()
    }
    taken = {one for key, columns in found.items() for one in (key, *columns)}
    counts = (*COUNTS, KEPT_OUT) if view.source == ("quarantine",) else COUNTS
    plain = next((key for key in counts if key in numbers and key not in taken), None)
    if plain is not None:
        found[plain] = tuple(key for key in numbers if key != plain and key not in taken)
    return found


def small_rows(name: str, view: TableView, counted: Sequence[float | None], least: int) -> set[int]:
    """Return the places of rows that rest on too few units, with those that must go with them."""
    small = {place for place, count in enumerate(counted) if count is not None and 0 < count < least}
    if not small:
        return small
    groups = _groups(name, view)
    while True:
        more: set[int] = set()
        for above, places in groups.items():
            held = small & set(places)
            if held and (len(held) == 1 or sum(counted[place] or 0 for place in held) < least):
                others = [place for place in places if place not in small and counted[place]]
                if others:
                    more.add(min(others, key=lambda place: (counted[place] or 0, place)))
                else:  # without a sister the figure above, or the total, is the withheld one itself
                    more |= ({above} if above is not None else set(view.totals)) - small
        if not more:
            return small
        small |= more


def _groups(name: str, view: TableView) -> dict[int | None, list[int]]:
    """Return the rows that add up, by the place of the row that they add up to; None: a total that is known."""
    parts = [place for place in range(len(view.rows)) if place not in view.totals]
    if name not in PARENTS:
        return {None: parts}
    column, above = PARENTS[name]
    places = {str(view.rows[place][column]): place for place in parts}
    groups: dict[int | None, list[int]] = {}
    for place in parts:
        groups.setdefault(places.get(above(view.rows[place])), []).append(place)
    return groups


def _number(cell: Cell) -> float | None:
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        return float(cell)
    return None
