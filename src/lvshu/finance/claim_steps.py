"""The step that checks claims of benefit: unknown names, slips of unit, more than the share, more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.finance.benefit_factors import FactorBook
from lvshu.finance.claims import Bounds, Key, Ledger, Shares, check_claims, near_names

MOST = 20
NAMED = 5
Rows = list[dict[str, Any]]


def write_rows(context: StepContext, table: str, rows: Rows) -> None:
    """Write rows of one shape to a table."""
    if rows:
        context.write(table, {name: [row[name] for row in rows] for name in rows[0]})


def make_claims(context: StepContext) -> None:
    """Make benefit_claim_check and benefit_ledger, and tell what is wrong with claims."""
    pack = context.packs["benefit_indicators"].rows
    units = {str(row["code"]): str(row["unit"]) for row in pack}
    names = {str(row["code"]): (str(row["name_zh"]), str(row["name_en"])) for row in pack}
    book = FactorBook(context.packs, context.settings)
    computed: dict[Key, float] = {}
    for row in sorted(context.read("project_benefit").to_pylist(), key=lambda one: str(one["stage"])):
        if row["quantity"] is not None:  # ex_post comes after ex_ante and takes its place
            computed[(row["project_id"], row["year"], row["indicator"])] = float(row["quantity"])
    bounds = Bounds(book.constant("slip_low").value, book.constant("slip_high").value)
    ledger = check_claims(
        context.read("benefit_claim").to_pylist(), computed, units, bounds, _shares(context)
    )
    write_rows(context, "benefit_claim_check", list(ledger.checks))
    write_rows(context, "benefit_ledger", list(ledger.benefits))
    _tell_unknown(context, ledger, names, units)
    _tell_units(context, ledger)
    _tell_shares(context, ledger)
    _tell_twice(context, ledger)
    _tell_not_computed(context, ledger)


def _shares(context: StepContext) -> Shares:
    """Return the shares of loans by institution, and of bonds by issuer and by bond, used up to each year."""
    of_one: dict[tuple[str, int, str, str], float] = {}
    of_all: dict[tuple[str, int, str], float] = {}
    for row in context.read("benefit_share", where="share IS NOT NULL").to_pylist():
        of_one[(row["project_id"], row["year"], "green_loan", str(row["institution_id"]))] = row["share"]
        of_all[(row["project_id"], row["year"], "green_loan")] = row["share_of_all"]
    investments = {row["project_id"]: row["total_investment"] for row in context.read("project").to_pylist()}
    issuers = {row["bond_id"]: str(row["issuer"]).strip() for row in context.read("green_bond").to_pylist()}
    used: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    year = context.settings.year
    for use in context.read("green_bond_use", where=f"year <= {int(year)}").to_pylist():
        for who in {str(use["bond_id"]), issuers.get(use["bond_id"], str(use["bond_id"])), ""}:
            used[(use["project_id"], who)] += use["amount"]
    for (project, who), amount in used.items():
        investment = investments.get(project)
        if not investment:
            continue
        if who:
            of_one[(project, year, "green_bond", who)] = float(amount / investment)
        else:
            of_all[(project, year, "green_bond")] = float(amount / investment)
    return Shares(of_one, of_all)


def _tell_unknown(
    context: StepContext, ledger: Ledger, names: dict[str, tuple[str, str]], units: dict[str, str]
) -> None:
    for check in [one for one in ledger.checks if one["indicator"] not in units][:MOST]:
        counted = check["counted_as"] if check["counted_as"] in units else None
        values = {
            "claim": check["claim_id"], "project": check["project_id"], "indicator": check["indicator"],
            "quantity": "-" if check["quantity"] is None else f"{check['quantity']:,.2f}", "unit": check["unit"],
            "near": near_names(check["indicator"], names), "counted": {
                "zh": f"按单位只可能是 {counted}，并入其合计" if counted else "不能与任何测算值比较",
                "en": f"by its unit it can only be {counted} and is added to its claims" if counted
                else "it cannot be compared with any calculation",
            },
        }  # fmt: skip
        context.find(Problem("finance.benefit_indicator_unknown", values=values, severity="error"),
                     table="benefit_claim_check", key=check["claim_id"], amount=check["quantity"],
                     unit=check["unit"])  # fmt: skip


def _tell_units(context: StepContext, ledger: Ledger) -> None:
    for check in [one for one in ledger.checks if one["status"] == "unit_slip"][:MOST]:
        values = {"claim": check["claim_id"], "project": check["project_id"], "claimed": f"{check['quantity']:,.2f}",
                  "computed": f"{check['computed']:,.2f}", "unit": check["unit"],
                  "factor": f"{check['suspected_factor']:g}"}  # fmt: skip
        context.find(Problem("finance.benefit_unit_slip", values=values, severity="error"),
                     table="benefit_claim_check", key=check["claim_id"])  # fmt: skip
    refused = [one for one in ledger.checks if one["status"] == "unit_refused"]
    if refused:
        values = {"claims": len(refused), "named": _named(refused)}
        context.find(Problem("finance.benefit_claim_unit", values=values, severity="error"),
                     table="benefit_claim_check", key=refused[0]["claim_id"], amount=float(len(refused)),
                     unit="1")  # fmt: skip


def _tell_shares(context: StepContext, ledger: Ledger) -> None:
    for check in [one for one in ledger.checks if one["status"] == "above_share"][:MOST]:
        values = {"claim": check["claim_id"], "project": check["project_id"], "claimant": check["claimant"],
                  "claimed": f"{check['quantity']:,.2f}", "unit": check["unit"], "share": f"{100 * check['share']:.2f}",
                  "part": f"{check['own_part']:,.2f}", "computed": f"{check['computed']:,.2f}"}  # fmt: skip
        context.find(Problem("finance.benefit_above_share", values=values, severity="warning"),
                     table="benefit_claim_check", key=check["claim_id"],
                     amount=check["quantity"] - check["own_part"], unit=check["unit"])  # fmt: skip


def _tell_twice(context: StepContext, ledger: Ledger) -> None:
    for row in [one for one in ledger.benefits if one["status"] in ("twice", "listed_twice", "above")][:MOST]:
        values = {"project": row["project_id"], "indicator": row["indicator"], "claims": row["claim_ids"],
                  "claimed": f"{row['claimed']:,.2f}", "unit": row["unit"],
                  "computed": "—" if row["computed"] is None else f"{row['computed']:,.2f}"}  # fmt: skip
        context.find(Problem("finance.benefit_claimed_twice", values=values, severity="warning"),
                     table="benefit_ledger", key=row["project_id"], amount=row["excess"],
                     unit=row["unit"])  # fmt: skip


def _tell_not_computed(context: StepContext, ledger: Ledger) -> None:
    silent = [one for one in ledger.checks if one["status"] == "not_computed"]
    if silent:
        values = {"claims": len(silent), "named": _named(silent)}
        context.find(Problem("finance.benefit_claim_not_computed", values=values, severity="warning"),
                     table="benefit_claim_check", key=silent[0]["claim_id"], amount=float(len(silent)),
                     unit="1")  # fmt: skip


def _named(checks: Sequence[dict[str, Any]]) -> str:
    more = " …" if len(checks) > NAMED else ""
    return ", ".join(f"{one['claim_id']} ({one['project_id']}, {one['year']}, {one['indicator']})"
                     for one in checks[:NAMED]) + more  # fmt: skip
