"""Green bonds after issue: how much of the proceeds is used, and the yearly benefit that they carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.core.money import half_away


def proceeds_rows(
    bonds: Sequence[Mapping[str, Any]], uses: Sequence[Mapping[str, Any]], year: int
) -> list[dict[str, Any]]:
    """Return the rows of green_bond_proceeds: for each bond, each year with a use up to the given one, and that year.

    Args:
        bonds: records of green_bond.
        uses: records of green_bond_use.
        year: the reporting year.
    """
    by_bond: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for use in uses:
        if use["year"] <= year:
            by_bond[str(use["bond_id"])].append(use)
    rows = []
    for bond in sorted(bonds, key=lambda one: str(one["bond_id"])):
        mine = by_bond[str(bond["bond_id"])]
        if bond["issued_on"].year > year:
            continue
        for one in sorted({int(use["year"]) for use in mine} | {year}):
            rows.append(_proceeds(bond, mine, one))
    return rows


def _proceeds(bond: Mapping[str, Any], uses: Sequence[Mapping[str, Any]], year: int) -> dict[str, Any]:
    now = sum((use["amount"] for use in uses if use["year"] == year), Decimal(0))
    until = [use for use in uses if use["year"] <= year]
    used = sum((use["amount"] for use in until), Decimal(0))
    raised = bond["proceeds"]
    status = "over_used" if used > raised else "fully_used" if used == raised else "partly_used"
    return {
        "bond_id": bond["bond_id"], "year": year, "proceeds": raised, "used_in_year": now, "used_to_date": used,
        "unused": raised - used, "share_used": float(used / raised) if raised else None,
        "projects": len({use["project_id"] for use in until}), "status": status,
    }  # fmt: skip


def indicator_rows(
    uses: Sequence[Mapping[str, Any]],
    benefits: Sequence[Mapping[str, Any]],
    investments: Mapping[str, Decimal | None],
    year: int,
) -> list[dict[str, Any]]:
    """Return the rows of green_bond_indicator: Σ benefit of the project × used to date / its total investment.

    A project without a calculation or an investment, or with more money of one bond than its investment, is counted
    as not covered and adds nothing.

    Args:
        uses: records of green_bond_use.
        benefits: rows of project_benefit of the year.
        investments: project -> total investment in CNY.
        year: the reporting year.
    """
    used: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    codes: dict[str, set[str]] = defaultdict(set)
    for use in uses:
        if use["year"] <= year:
            used[str(use["bond_id"])][str(use["project_id"])] += use["amount"]
            if use["catalogue_code"]:
                codes[str(use["bond_id"])].add(str(use["catalogue_code"]))
    rows = []
    for bond in sorted(used):
        of_bond = [row for row in benefits if row["project_id"] in used[bond] and row["year"] == year]
        for stage, indicator, unit in sorted(
            {(row["stage"], row["indicator"], row["unit"]) for row in of_bond}
        ):
            total, counted = Decimal(0), 0
            for row in of_bond:
                investment = investments.get(str(row["project_id"]))
                spent = used[bond][str(row["project_id"])]
                mine = (row["stage"], row["indicator"]) == (stage, indicator)
                if not mine or row["quantity"] is None or not investment or spent > investment:
                    continue
                total += row["quantity"] * spent / investment
                counted += 1
            rows.append({
                "bond_id": bond, "year": year, "stage": stage, "indicator": indicator,
                "quantity": half_away(total, 6) if counted else None, "unit": unit, "projects": counted,
                "projects_without": len(used[bond]) - counted, "catalogue_codes": ", ".join(sorted(codes[bond])),
            })  # fmt: skip
    return rows
