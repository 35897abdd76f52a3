"""Where the money goes: periods, the shift of the mix, carbon intensity, and what each institution may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from lvshu.core.errors import MethodError, Problem
from lvshu.core.money import half_away, to_decimal
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.capital_flow import mean_intensity, shift_of_mix

CLASSES = ("high_carbon", "transition", "low_carbon", "other")
CELL = ("period_kind", "period", "division", "carbon_class", "field")
MONEY = ("outstanding_begin", "outstanding_end", "net_flow", "inflow", "outflow")
EVERY = "*"
AGGREGATE = "capital_flow_aggregate"
VIEWS = (
    "capital_flow", "capital_flow_shift", "capital_flow_intensity", "benefit_share", "facility_disclosure",
    "facility_text",
)  # fmt: skip
SHOWN, SUPPRESSED, SECOND = "shown", "suppressed", "suppressed_second"
PER_TEN_THOUSAND = 1e4
Rows = list[dict[str, Any]]
Record = Mapping[str, Any]


def period_rows(year: int, known: Iterable[str]) -> Rows:
    """Return the year's months, quarters and the year, with the month-ends of begin and end.

    A period that begins or ends at a month-end of which the ledger has no record at all is cut to those it has: the
    year of a ledger without last December runs from the end of January. A period of which nothing is left is left out.

    Args:
        year: the reporting year.
        known: months for which the ledger has any record, YYYY-MM.
    """
    month = [f"{year - 1}-12", *(f"{year}-{number:02d}" for number in range(1, 13))]
    there = set(known)
    numbers = [number for number, name in enumerate(month) if name in there]
    spans = [("month", month[number], number - 1, number) for number in range(1, 13)]
    spans += [("quarter", f"{year}Q{number}", 3 * number - 3, 3 * number) for number in range(1, 5)]
    spans.append(("year", str(year), 0, 12))
    rows: Rows = []
    for kind, period, begin, end in spans:
        inside = [number for number in numbers if begin <= number <= end]
        if len(inside) < 2:
            continue
        first, last = inside[0], inside[-1]
        rows.append({"period_kind": kind, "period": period, "begin_number": first, "end_number": last,
                     "begin_month": month[first], "end_month": month[last]})  # fmt: skip
    return rows


def add_cells(rows: Iterable[Record], minimum: int) -> Rows:
    """Return all institutions' cells added up, those of too few institutions suppressed.

    A cell is suppressed when fewer than `minimum` institutions stand in it. Where that leaves exactly one cell of a
    period and class unshown, the smallest shown one is suppressed too, so that subtraction from a total gives neither.

    Args:
        rows: of the table capital_flow.
        minimum: least number of institutions in a shown cell.
    """
    cells: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for row in rows:
        cells[tuple(row[name] for name in CELL)].append(row)
    added: Rows = []
    for key in sorted(cells):
        members = cells[key]
        institutions = len({row["institution_id"] for row in members})
        cell: dict[str, Any] = dict(zip(CELL, key, strict=True))
        cell |= {name: _sum(row[name] for row in members) for name in MONEY}
        cell |= {"institutions": institutions, "status": SHOWN if institutions >= minimum else SUPPRESSED}
        added.append(cell)
    for group in _grouped(added, ("period_kind", "period", "carbon_class")).values():
        hidden = [cell for cell in group if cell["status"] != SHOWN]
        shown = [cell for cell in group if cell["status"] == SHOWN]
        if len(hidden) == 1 and shown:
            smallest = min(shown, key=lambda cell: (cell["outstanding_end"] or Decimal(0), cell["division"]))
            smallest["status"] = SECOND
    for cell in added:
        if cell["status"] != SHOWN:
            cell |= dict.fromkeys((*MONEY, "institutions"))
    return added


def view_of(institution: str, flows: Iterable[Record], aggregate: Iterable[Record]) -> dict[str, Rows]:
    """Return what one institution may see: its own rows, and the aggregate as published.

    Args:
        institution: its code; rows of any other are left out.
        flows: rows of a table with institution_id (capital_flow, capital_flow_shift, capital_flow_intensity).
        aggregate: rows of capital_flow_aggregate, already suppressed.
    """
    own = [dict(row) for row in flows if row["institution_id"] == institution]
    return {"own": own, "aggregate": [dict(row) for row in aggregate]}


def read_view(engine: DuckDB, institution: str, minimum: int) -> dict[str, Rows]:
    """Return the tables of a book as one institution may see them.

    Its own rows of flows, shifts, intensities, shares of benefits and disclosures; the aggregate with suppression;
    shifts and intensities of all together only where at least `minimum` institutions stand behind them.

    Args:
        engine: with the book.
        institution: its code.
        minimum: least number of institutions behind a figure for all.

    Raises:
        MethodError: finance.flow_no_institution, the book has no such institution.
    """
    there = {name for name in (*VIEWS, AGGREGATE) if engine.has(name)}
    flows = engine.read("capital_flow").to_pylist() if "capital_flow" in there else []
    known = sorted({str(row["institution_id"]) for row in flows})
    if institution not in known:
        values = {"institution": institution, "known": known[:20]}
        raise MethodError(Problem("finance.flow_no_institution", values=values))
    found: dict[str, Rows] = {}
    for table in VIEWS:
        rows = engine.read(table).to_pylist() if table in there else []
        of_all = {EVERY} if len(known) >= minimum else set()
        found[table] = [row for row in rows if row["institution_id"] in {institution} | of_all]
    found[AGGREGATE] = engine.read(AGGREGATE).to_pylist() if AGGREGATE in there else []
    return found


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def _grouped(rows: Iterable[dict[str, Any]], names: Sequence[str]) -> dict[tuple[Any, ...], Rows]:
    found: dict[tuple[Any, ...], Rows] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def shift_rows(matched: Iterable[Record]) -> Rows:
    """Return the rows of capital_flow_shift, for each institution and for all together.

    Args:
        matched: institution_id, period_kind, period, division, carbon_class, matched_begin and matched_end (balances
            of loans with both ends known, CNY).
    """
    rows: Rows = []
    for (institution, kind, period), members in sorted(_by_institution(matched).items()):
        first, last = (_exact(members, name) for name in ("matched_begin", "matched_end"))
        divisions = sorted({division for division, _ in first})
        begin, end = (
            np.array([[float(sums[(division, name)]) for name in CLASSES] for division in divisions])
            for sums in (first, last)
        )
        shift = shift_of_mix(begin, end)
        for number, name in enumerate(CLASSES):
            before = sum((first[(division, name)] for division in divisions), Decimal(0))
            after = sum((last[(division, name)] for division in divisions), Decimal(0))
            if not before and not after:
                continue
            growth, between = (to_decimal(float(part[number]), 2) for part in (shift.growth, shift.between))
            rows.append({
                "institution_id": institution, "period_kind": kind, "period": period, "carbon_class": name,
                "outstanding_begin": before, "outstanding_end": after, "change": after - before, "growth": growth,
                "between_divisions": between,
                "within_divisions": half_away(after - before - growth - between, 2),
                "share_begin": _plain(shift.share_begin[number]), "share_end": _plain(shift.share_end[number]),
                "between_share": _plain(shift.between_share[number]),
                "within_share": _plain(shift.within_share[number]),
            })  # fmt: skip
    return rows


def _exact(rows: Iterable[Record], name: str) -> dict[tuple[str, str], Decimal]:
    """Return sums by division and class, exact, so that the order of rows changes nothing."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[(str(row["division"]), str(row["carbon_class"]))] += row[name] or Decimal(0)
    return sums


def _by_institution(rows: Iterable[Record]) -> dict[tuple[str, str, str], list[Record]]:
    found: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for row in rows:
        for institution in (str(row["institution_id"]), EVERY):
            found[(institution, str(row["period_kind"]), str(row["period"]))].append(row)
    return found


def _plain(value: float) -> float | None:
    return None if not np.isfinite(value) else float(value)


def intensity_rows(flows: Iterable[Record], intensity: Mapping[str, float]) -> Rows:
    """Return the rows of capital_flow_intensity: stock, inflow and outflow weighted by the intensity of divisions.

    Args:
        flows: rows of capital_flow.
        intensity: division -> tCO2/CNY of revenue.
    """
    rows: Rows = []
    for (institution, kind, period), members in sorted(_by_institution(flows).items()):
        divisions = sorted({str(row["division"]) for row in members})
        known = np.array([intensity.get(division, np.nan) for division in divisions])
        means: dict[str, float | None] = {}
        covered = float("nan")
        for name in ("outstanding_begin", "outstanding_end", "inflow", "outflow"):
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for row in members:
                sums[str(row["division"])] += row[name] or Decimal(0)
            amount = np.array([float(sums[division]) for division in divisions])
            mean, share = mean_intensity(amount, known)
            means[name] = _plain(mean * PER_TEN_THOUSAND)
            covered = share if name == "outstanding_end" else covered
        rows.append({
            "institution_id": institution, "period_kind": kind, "period": period,
            "stock_begin_intensity": means["outstanding_begin"], "stock_end_intensity": means["outstanding_end"],
            "inflow_intensity": means["inflow"], "outflow_intensity": means["outflow"], "covered": _plain(covered),
        })  # fmt: skip
    return rows
