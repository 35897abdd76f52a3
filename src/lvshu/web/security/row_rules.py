"""What is withheld of panels on finance that are no cuts of the loan book: flows, effects, classes, benefits, plans.

A figure is unsafe as those of the loan book are (loan_views); of figures that may be negative the sizes of the parts
are judged. Where rows add up to a total that a page shows, further ones are withheld, as
`lvshu.statistics.disclosure` works out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lvshu.publish.display import Absence
from lvshu.publish.model import Panel
from lvshu.statistics.disclosure.primary import EXACT, Rules
from lvshu.web.security.loan_book import BALANCE, emission_of
from lvshu.web.security.loan_views import MEAN, LoanFigures
from lvshu.web.security.loan_ways import PCAF
from lvshu.web.security.project_rules import withheld_bonds, withheld_facility
from lvshu.web.security.row_sources import columns_of
from lvshu.web.security.sums import Cell, Part, closed, held_by, unsafe_figures

TOTAL = "*"
SCOPES = ("scope1", "scope2", "scope_unsplit")
FLOWS = ("inflow", "outflow", "net_flow", "outstanding_end")
Withheld = dict[str, set[Cell]]


def _with_totals(parts: Sequence[Part]) -> tuple[dict[Cell, float], list[tuple[Cell, list[Cell]]]]:
    """Return the figures of rows and columns with all their totals, and the sums between them."""
    values = {cell: sum(one.values()) for cell, one in held_by(parts).items()}
    rows, columns = ([*dict.fromkeys(cell[side] for cell in values)] for side in (0, 1))
    for row in rows:
        for column in columns:
            values.setdefault((row, column), 0.0)
    sums: list[tuple[Cell, list[Cell]]] = []
    for column in columns:
        sums.append(((TOTAL, column), [(row, column) for row in rows]))
    for row in (*rows, TOTAL):
        sums.append(((row, TOTAL), [(row, column) for column in columns]))
    for whole, inner in sums:
        values[whole] = sum(values[cell] for cell in inner)
    return values, sums


def withheld_rows(
    sources: Mapping[str, Sequence[Part]],
    rules: Rules,
    figures: LoanFigures,
    panels: Mapping[str, Panel],
    methods: Sequence[str],
) -> Withheld:
    """Return the figures that are withheld, by panel: key of the row, key of the column.

    Args:
        sources: who stands behind the rows of panels, by id.
        rules: of the bureau, with the server's least number of borrower groups.
        figures: what is withheld of the loan book.
        panels: of the page on finance, by id.
        methods: accounting methods of the run.
    """
    found: Withheld = {}
    if "switch" in sources:
        found["switch"] = _switch(sources["switch"], rules, figures, methods)
    if "flow_matrix" in sources:
        found["flow_matrix"] = _flows(sources["flow_matrix"], rules, figures, panels["flow_matrix"])
        if found["flow_matrix"]:
            found["flow_shift"] = {(TOTAL, TOTAL)}
    if MEAN in figures.means:
        found["flow_intensity"] = {(TOTAL, MEAN)}
    if "capital" in sources:
        found["capital"] = _capital(sources["capital"], rules, bool(found.get("flow_matrix")))
    if "pcaf" in sources:
        found["pcaf"] = _asset_classes(sources["pcaf"], rules, figures)
    for name in ("finance_gap", "apart", "transition_plan"):
        if name in sources:
            found[name] = set(unsafe_figures(sources[name], rules))
    if "benefit" in sources:
        found |= _benefits(sources["benefit"], replace(rules, minimum_count=2))
    if "facility" in sources:
        found["facility"] = withheld_facility(sources["facility"], rules, panels["facility"])
    if "green_bond" in sources:
        found["green_bond"] = withheld_bonds(sources["green_bond"], rules)
    if "green_bond_benefit" in sources:
        found["green_bond_benefit"] = set(unsafe_figures(sources["green_bond_benefit"], rules))
    return found


def _switch(parts: Sequence[Part], rules: Rules, figures: LoanFigures, methods: Sequence[str]) -> set[Cell]:
    """Return the effects to withhold; the totals of both methods stand on other pages too."""
    gone: set[Cell] = set()
    ends = ("base_total", "other_total")
    for method in methods[1:]:
        own = columns_of(parts, method)
        values = {cell: sum(one.values()) for cell, one in held_by(own).items()}
        steps = [cell for cell in values if cell[0] not in ends]
        unsafe = {cell: need for cell, need in unsafe_figures(own, rules).items() if cell in steps}
        for effect, way, counted in (
            ("scope_added", "added", method),
            ("scope_removed", "removed", methods[0]),
        ):
            figure = ((way, method, "yes"),)
            if (effect, method) in values and figures.hides(emission_of(counted), figure):
                unsafe.setdefault((effect, method), abs(values[(effect, method)]) * EXACT)
        whole = ("all_steps", method)
        values = {whole: sum(values[cell] for cell in steps), **{cell: values[cell] for cell in steps}}
        gone |= closed(values, [(whole, steps)], unsafe, signed=set(values), shown={whole})
    return gone


def _flows(parts: Sequence[Part], rules: Rules, figures: LoanFigures, panel: Panel) -> set[Cell]:
    """Return the flows to withhold, by quarter and column of the panel: net = in - out = end - end before."""
    values = {cell: sum(one.values()) for cell, one in held_by(parts).items()}
    unsafe = unsafe_figures(parts, rules)
    rows = {str(row["key"]): row for row in (panel.table.rows if panel.table else ())}
    sums: list[tuple[Cell, list[Cell]]] = []
    for one in dict.fromkeys(row.split("/")[0] for row, _ in values):
        before: Cell | None = None
        for period in sorted(rows):
            own = {name: (f"{one}/{period}", name) for name in FLOWS}
            for name, cell in own.items():
                values.setdefault(cell, 0.0)
                if rows[period].get(f"{one}_{name}") is Absence.SUPPRESSED:
                    unsafe.setdefault(cell, abs(values[cell]) * EXACT)
            sums.append((own["inflow"], [own["net_flow"], own["outflow"]]))
            if (
                before is not None
            ):  # balances that one end lacks are in no flow: the reader takes the sum as exact
                values[own["outstanding_end"]] = values[before] + values[own["net_flow"]]
                sums.append((own["outstanding_end"], [before, own["net_flow"]]))
            before = own["outstanding_end"]
        if before is not None and figures.hides(BALANCE, (("flow", "", one),)):
            unsafe.setdefault(before, abs(values[before]) * EXACT)
    signed = {cell for cell in values if cell[1] == "net_flow"}
    gone = closed(values, sums, unsafe, signed=signed)
    return {(row.split("/")[1], f"{row.split('/')[0]}_{column}") for row, column in gone}


def _capital(parts: Sequence[Part], rules: Rules, flows_withheld: bool) -> set[Cell]:
    """Return the begin and change of classes that are withheld: the end being known, each gives the other."""
    unsafe = {row for row, _ in unsafe_figures(parts, rules)}
    if flows_withheld:  # the flows of the year are the change, by classes nearly the same
        unsafe.add(TOTAL)
    return {(row, column) for row in unsafe for column in ("begin", "change", "made_in_year")}


def _asset_classes(parts: Sequence[Part], rules: Rules, figures: LoanFigures) -> set[Cell]:
    """Return the figures of asset classes to withhold: those of scopes add up both ways, amounts to their total."""
    gone: set[Cell] = set()
    for columns in (("outstanding_amount",), SCOPES, ("scope3",)):
        own = [part for part in parts if part[1] in columns]
        if not own:
            continue
        values, sums = _with_totals(own)
        unsafe = unsafe_figures([*own, *((row, TOTAL, who, amount) for row, _, who, amount in own)], rules)
        measure = {"outstanding_amount": BALANCE, "scope1": emission_of(PCAF)}.get(columns[0], "")
        for row in {row for row, _ in values} - {TOTAL}:
            if measure and figures.hides(measure, (("pcaf", PCAF, row),)):
                unsafe.setdefault((row, TOTAL), abs(values[(row, TOTAL)]) * EXACT)
        found = closed(values, sums, unsafe)
        gone |= {(row, _column(columns, column)) for row, column in found}
    derived = ("coverage", "intensity", "score", "score3")
    for row in {row for row, column in gone if column in ("amount", "emission")}:
        gone |= {(row, column) for column in (*derived, "low", "high")}
    return gone


def _column(columns: Sequence[str], column: str) -> str:
    """Return the column of the panel: of amounts there is one alone, of scopes their sum is the emission."""
    if columns == SCOPES:
        return "emission" if column == TOTAL else column
    return "amount" if columns == ("outstanding_amount",) else "scope3"


def _benefits(parts: Sequence[Part], rules: Rules) -> Withheld:
    """Return the benefits to withhold: types of projects add up to the row of greenhouse gases."""
    unsafe = unsafe_figures(parts, rules)
    values = {cell: sum(one.values()) for cell, one in held_by(parts).items()}
    is_type = {cell: cell[0].startswith("type:") for cell in values}
    rows = {cell[0] for cell in unsafe if not is_type[cell]}
    found: Withheld = {"benefit_indicators": {(row, TOTAL) for row in rows}, "benefit": set()}
    for stage in {cell[0].split("/")[1] for cell in values}:
        whole = (f"greenhouse_gas/{stage}", "quantity")
        types = [
            cell for cell in values
            if is_type[cell] and cell[1] == "quantity" and cell[0].endswith(f"/{stage}")
        ]  # fmt: skip
        if not types:
            continue
        values[whole] = sum(values[cell] for cell in types)
        own = {cell: need for cell, need in unsafe.items() if cell in types}
        for row, column in unsafe:  # where the loans' part is unsafe, the whole goes with it
            if column == "part" and (row, "quantity") in types:
                own.setdefault((row, "quantity"), values[(row, "quantity")] * EXACT)
        gone = closed({cell: values[cell] for cell in (whole, *types)}, [(whole, types)], own, shown={whole})
        found["benefit"] |= {(row.removeprefix("type:").split("/")[0], TOTAL) for row, _ in gone}
    return found
