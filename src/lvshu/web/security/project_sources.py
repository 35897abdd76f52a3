"""Which project stands behind the figures of the carbon-reduction facility and of green bonds, and with how much."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from lvshu.engine.duckdb import text_literal
from lvshu.finance.facility import WINDOWS, in_window
from lvshu.finance.green_bond import indicator_rows
from lvshu.publish.reader import Reader
from lvshu.web.security.sums import Part

SINCE = ("in_quarter", "earlier_in_year", "earlier_years")
"""What each window adds to the one before it: the windows end with the same quarter."""


def _beyond(reader: Reader, table: str) -> frozenset[str]:
    """Return the projects that are financed beyond their investment, which the run left out and told."""
    found = reader.book.read("finding", where=f"table_name = {text_literal(table)}").to_pylist()
    return frozenset(
        str(row["record_key"]) for row in found if row["code"] == "finance.benefit_over_attributed"
    )


def _read(reader: Reader, table: str, where: str | None = None) -> list[dict[str, Any]]:
    if not reader.book.has(table):
        return []
    rows: list[dict[str, Any]] = reader.book.read(table, where=where).to_pylist()
    return rows


def _investments(reader: Reader, beyond: Iterable[str]) -> dict[str, Decimal | None]:
    left_out = frozenset(beyond)
    return {
        row["project_id"]: None if row["project_id"] in left_out else row["total_investment"]
        for row in _read(reader, "project")
    }


def facility(reader: Reader) -> list[Part]:
    """Return what each project adds to an institution's loans under the facility, by the window it is in first.

    Rows are institution/increment (SINCE); the columns are `amount` in CNY and, in tCO2e a year, each field.
    """
    latest: dict[str, str] = {}
    for row in reader.rows("facility_disclosure"):
        latest[row["institution_id"]] = max(row["quarter"], latest.get(row["institution_id"], ""))
    gained: dict[str, Decimal] = {}
    where = f"indicator = 'greenhouse_gas' AND year = {int(reader.settings.year)} AND quantity IS NOT NULL"
    for row in sorted(_read(reader, "project_benefit", where), key=lambda one: str(one["stage"])):
        gained[row["project_id"]] = row["quantity"]
    investments = _investments(reader, _beyond(reader, "facility_disclosure"))
    found: list[Part] = []
    for loan in _read(reader, "facility_loan"):
        institution, project = str(loan["institution_id"]), str(loan["project_id"])
        increment = _increment(loan["disbursed_on"], latest.get(institution, ""))
        if increment is None:
            continue
        row_key = f"{institution}/{increment}"
        found.append((row_key, "amount", project, float(loan["amount"])))
        abatement, total = loan["annual_abatement"], investments.get(project)
        if abatement is None and total and project in gained:
            abatement = gained[project] * loan["amount"] / total
        if abatement:
            found.append((row_key, str(loan["field"]), project, float(abatement)))
    return found


def _increment(day: date, quarter: str) -> str | None:
    """Return by which window a loan comes in first; None where it is later than the quarter."""
    if not quarter:
        return None
    year, number = int(quarter[:4]), int(quarter[5:])
    for window, increment in zip(WINDOWS, SINCE, strict=True):
        if in_window(day, year, number, window):
            return increment
    return None


def bonds(reader: Reader) -> list[Part]:
    """Return what each project took of a green bond: in the year shown (`used_in_year`) and before (`earlier`), CNY."""
    years = [row["year"] for row in reader.rows("green_bond_proceeds")]
    found: list[Part] = []
    for use in _read(reader, "green_bond_use"):
        if years and use["year"] <= max(years):
            column = "used_in_year" if use["year"] == max(years) else "earlier"
            found.append((str(use["bond_id"]), column, str(use["project_id"]), float(use["amount"])))
    return found


def bond_benefits(reader: Reader) -> list[Part]:
    """Return what each project adds to the benefits that fall to green bonds, by indicator/stage, in their units."""
    years = [row["year"] for row in reader.rows("green_bond_indicator")]
    if not years:
        return []
    investments = _investments(reader, _beyond(reader, "green_bond_indicator"))
    uses: dict[str, list[dict[str, Any]]] = {}
    for use in _read(reader, "green_bond_use"):
        uses.setdefault(str(use["project_id"]), []).append(use)
    benefits: dict[str, list[dict[str, Any]]] = {}
    for row in _read(reader, "project_benefit"):
        benefits.setdefault(str(row["project_id"]), []).append(row)
    return [
        (f"{row['indicator']}/{row['stage']}", "quantity", project, float(row["quantity"]))
        for project, own in uses.items()
        for row in indicator_rows(own, benefits.get(project, []), investments, max(years))
        if row["quantity"]
    ]
