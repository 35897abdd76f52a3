"""The steps on environmental benefit: projects, the loans' share, claims, the facility's disclosure, green bonds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from lvshu.core.errors import Problem
from lvshu.engine.query import Query, query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext
from lvshu.finance.benefit import calculate
from lvshu.finance.benefit_factors import PACKS, Factor, FactorBook
from lvshu.finance.benefit_project import ALL, Benefit, Quantity, indicators_of, read_project
from lvshu.finance.claim_steps import make_claims, write_rows
from lvshu.finance.facility import (
    Style,
    disclosure_rows,
    disclosure_text,
    disclosure_text_in_english,
    figures,
    in_window,
    most_effective,
    quarter_of,
)
from lvshu.finance.green_bond import indicator_rows, proceeds_rows
from lvshu.finance.label_findings import STATES
from lvshu.finance.methods.benefit_claims import suspected_factor

MOST = 20
NAMED = 3
NAMED_LOANS = 10
Rows = list[dict[str, Any]]


def make_benefit(context: StepContext) -> None:
    """Make project_benefit: every indicator of every project, year and stage, with its uncertainty."""
    book = FactorBook(context.packs, context.settings)
    methods = {str(row["code"]): row for row in context.packs["benefit_methods"].rows}
    units = {str(row["code"]): str(row["unit"]) for row in context.packs["benefit_indicators"].rows}
    grouped: dict[tuple[str, int, str], list[dict[str, Any]]] = defaultdict(list)
    others = 0
    for row in context.read("green_project_parameter").to_pylist():
        if row["year"] != context.settings.year:
            others += 1
            continue
        grouped[(row["project_id"], row["year"], row["stage"])].append(row)
    known = {row["project_id"]: row for row in context.read("green_project").to_pylist()}
    rows: Rows = []
    taken: dict[tuple[Factor, int], set[str]] = defaultdict(set)
    for (project_id, year, stage), given in sorted(grouped.items()):
        kind, area = (known.get(project_id, {}).get(name) for name in ("project_type", "area_code"))
        method = methods.get(str(kind))
        place = {"project_id": project_id, "project_type": kind or "unknown", "year": year, "stage": stage}
        if method is None or method["status"] == "placeholder":
            rows.append(_refused(place, method))
            continue
        project, problems = read_project(
            str(kind), year, [_quantity(row) for row in given], book,
            context.generator(f"{project_id}/{year}/{stage}"), area,
        )  # fmt: skip
        for problem in problems:
            told = Problem(problem.code, problem.where, problem.values, "warning")
            context.find(told, table="green_project_parameter", key=project_id)
        wanted = indicators_of(project, str(method["indicators"]).split("|"))
        for benefit in calculate(project, str(method["formula"]), wanted):
            rows.append(place | _row(benefit, units[benefit.indicator]))
            if benefit.power is not None and benefit.power.purpose not in ("given", "carbon_inclusion"):
                taken[(benefit.power, year)].add(project_id)
    write_rows(context, "project_benefit", rows)
    if others:
        values = {"rows": others, "year": context.settings.year}
        context.find(Problem("finance.benefit_other_year", values=values, severity="notice"),
                     table="green_project_parameter")  # fmt: skip
    _tell_refused(context, rows, methods)
    _tell_incomplete(context, rows)
    _tell_power(context, taken, book.asked_of_power)
    _write_total(context, rows)


def _quantity(row: Mapping[str, Any]) -> Quantity:
    error = row["relative_standard_error"]
    return Quantity(row["parameter"], row["item"] or ALL, row["value"], row["unit"], error)


def _refused(place: Mapping[str, Any], method: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        **place, "indicator": "greenhouse_gas", "quantity": None, "unit": "tCO2e", "low": None, "high": None,
        "uncertainty": "not_stated", "status": "refused", "missing": None,
        "basis": str(method["note_zh"]) if method is not None else None,
        "power_factor": None, "power_factor_purpose": None,
    }  # fmt: skip


def _tell_refused(context: StepContext, rows: Rows, methods: Mapping[str, Any]) -> None:
    refused: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["status"] == "refused":
            refused[row["project_type"]].add(row["project_id"])
    for kind, projects in sorted(refused.items()):
        code = "finance.benefit_refused" if kind in methods else "finance.benefit_unknown_type"
        values = {"project_type": kind, "projects": len(projects), "examples": sorted(projects)[:5]}
        context.find(Problem(code, values=values, severity="warning"), table="project_benefit")


def _row(benefit: Benefit, unit: str) -> dict[str, Any]:
    interval = benefit.interval
    low, high = interval if interval else (None, None)
    return {
        "indicator": benefit.indicator, "quantity": float(benefit.values[0]) if benefit.known else None, "unit": unit,
        "low": low, "high": high, "uncertainty": "stated" if interval else "not_stated",
        "status": "computed" if benefit.known else "incomplete",
        "missing": ", ".join(benefit.missing) or None, "basis": "; ".join(benefit.basis) or None,
        "power_factor": None if benefit.power is None else benefit.power.value,
        "power_factor_purpose": None if benefit.power is None else benefit.power.purpose,
    }  # fmt: skip


def _tell_incomplete(context: StepContext, rows: Rows) -> None:
    lacking: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name in str(row["missing"] or "").split(", ") if row["status"] == "incomplete" else ():
            lacking[name].add(row["project_id"])
    for name, projects in sorted(lacking.items()):
        values = {"missing": name, "projects": len(projects), "examples": sorted(projects)[:5]}
        context.find(
            Problem("finance.benefit_incomplete", values=values, severity="warning"), table="project_benefit"
        )
    silent = {
        row["project_id"]
        for row in rows
        if row["status"] == "computed" and row["uncertainty"] == "not_stated"
    }
    if silent:
        values = {"projects": len(silent)}
        context.find(Problem("finance.benefit_no_uncertainty", values=values, severity="notice"),
                     table="project_benefit")  # fmt: skip


def _tell_power(context: StepContext, taken: Mapping[tuple[Factor, int], set[str]], asked: str) -> None:
    """Tell which factors of power were taken that no project states: stand-ins, and editions of another year."""
    for (factor, year), projects in sorted(taken.items(), key=lambda one: one[0][0].basis):
        values = {
            "projects": len(projects), "examples": sorted(projects)[:5], "factor": f"{factor.value:.6g}",
            "basis": factor.basis, "asked": asked, "year": year,
        }  # fmt: skip
        if factor.purpose != asked:
            found = Problem("finance.benefit_power_stand_in", values=values, severity="warning")
        elif factor.year != year:
            found = Problem("finance.benefit_power_year", values=values, severity="notice")
        else:
            continue
        context.find(found, table="project_benefit")


def _write_total(context: StepContext, rows: Rows) -> None:
    """Record that the total avoided has an uncertainty, from the intervals of projects as if independent."""
    mine = [row for row in rows if row["indicator"] == "greenhouse_gas" and row["quantity"] is not None
            and row["year"] == context.settings.year and row["stage"] == "ex_ante"]  # fmt: skip
    errors = [(row["high"] - row["low"]) / (2 * 1.959963984540054) for row in mine if row["low"] is not None]
    if not errors:
        return
    context.write_uncertainty(
        "project_benefit_greenhouse_gas", value=float(sum(row["quantity"] for row in mine)), unit="tCO2e",
        method="monte_carlo", standard_error=float(np.sqrt(np.sum(np.square(errors)))),
        scope_zh="项目各自独立；只含输入注明的误差，不含因子的误差",
        scope_en="projects independent of one another; only errors that inputs state, not those of factors",
    )  # fmt: skip


def _loans_of(context: StepContext) -> dict[tuple[str, str], str]:
    """Return the loans of each project and institution in words, those without a green label named as such."""
    rows = context.read("loan", where="project_id IS NOT NULL", order=["loan_id"]).to_pylist()
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        found[(row["project_id"], str(row["institution_id"]))].append(
            row["loan_id"] if row["green_label"] else f"{row['loan_id']}*"
        )
    return {key: ", ".join(loans[:NAMED_LOANS]) + (" …" if len(loans) > NAMED_LOANS else "")
            for key, loans in found.items()}  # fmt: skip


def _with_loans(share: str, loans: str | None) -> str:
    return f"{share} ({loans})" if loans else share


def _bonded(context: StepContext) -> set[str]:
    """Return the projects that proceeds of bonds are used for, where the step of the bonds runs."""
    if not context.read("green_bond", columns=["bond_id"]).num_rows:
        return set()
    uses = context.read("green_bond_use", where=f"year <= {int(context.settings.year)}")
    return {str(row["project_id"]) for row in uses.to_pylist()}


def tell_shares(context: StepContext) -> None:
    """Tell which projects have more loans than cost (refused) and which have none known.

    Projects that bonds finance too are left to the step of the bonds, which tells all financing in one figure.
    """
    loans = _loans_of(context)
    bonded = _bonded(context)
    for status, code, severity in (
        ("over_investment", "finance.benefit_over_attributed", "error"),
        ("no_investment", "finance.benefit_no_investment", "warning"),
    ):
        rows = context.read("benefit_share", where=f"status = '{status}'").to_pylist()
        seen: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for row in rows:
            if status != "over_investment" or row["project_id"] not in bonded:
                seen[row["project_id"]][row["institution_id"]] = row
        for project in sorted(seen)[:MOST]:
            shares = [
                _with_loans(f"{name} {100 * (row['share'] or 0):.2f} %", loans.get((project, name)))
                for name, row in sorted(seen[project].items())
            ]
            one = next(iter(seen[project].values()))
            values = {"project": project, "share": f"{100 * (one['share_of_all'] or 0):.2f}", "claims": shares,
                      "institutions": len(shares)}  # fmt: skip
            context.find(Problem(code, values=values, severity=severity), table="benefit_share", key=project)


def make_facility(context: StepContext) -> None:
    """Make facility_disclosure and facility_text by institution and quarter, from its first loan on."""
    loans = _with_abatement(context)
    by_institution: dict[str, Rows] = defaultdict(list)
    for loan in loans:
        by_institution[loan["institution_id"]].append(loan)
    table: Rows = []
    texts: Rows = []
    style = Style(most=NAMED)
    for institution, rows in sorted(by_institution.items()):
        first, year = min(quarter_of(row["disbursed_on"]) for row in rows), context.settings.year
        for quarter in [one for one in (1, 2, 3, 4) if first <= (year, one)]:
            table += disclosure_rows(rows, year, quarter)
            inside = [row for row in rows if in_window(row["disbursed_on"], year, quarter, "quarter")]
            windows = {
                window: figures(row for row in rows if in_window(row["disbursed_on"], year, quarter, window))
                for window in ("quarter", "year_to_date", "since_inception")
            }
            name = str(rows[0]["institution_name"])
            texts.append({
                "institution_id": institution, "quarter": f"{year}Q{quarter}",
                "text_zh": disclosure_text(name, year, quarter, windows, style, most_effective(inside, style.most)),
                "text_en": disclosure_text_in_english(name, year, quarter, windows, style),
            })  # fmt: skip
    write_rows(context, "facility_disclosure", table)
    write_rows(context, "facility_text", texts)
    lacking = sum(1 for loan in loans if loan["annual_abatement"] is None)
    if lacking:
        values = {"loans": lacking}
        context.find(Problem("finance.facility_no_abatement", values=values, severity="warning"),
                     table="facility_loan")  # fmt: skip


def _with_abatement(context: StepContext) -> Rows:
    """Return the facility's loans; one without an abatement takes the project's × amount / total investment.

    Loans of all institutions that together exceed a project's investment take none of it; they are told.
    """
    investment = {row["project_id"]: row["total_investment"] for row in context.read("project").to_pylist()}
    benefit: dict[str, Decimal] = {}
    where = f"indicator = 'greenhouse_gas' AND year = {int(context.settings.year)}"
    for row in sorted(
        context.read("project_benefit", where=where).to_pylist(), key=lambda one: str(one["stage"])
    ):
        if row["quantity"] is not None:
            benefit[row["project_id"]] = row["quantity"]
    loans: Rows = context.read("facility_loan", order=["disbursed_on", "facility_loan_id"]).to_pylist()
    beyond = _lent_beyond_cost(context, loans, investment)
    _tell_facility_slips(context, loans, investment, benefit)
    for loan in loans:
        project = loan["project_id"]
        total, gained = investment.get(project), benefit.get(project)
        if loan["annual_abatement"] is None and total and gained is not None and project not in beyond:
            loan["annual_abatement"] = gained * loan["amount"] / total
    return loans


def _tell_facility_slips(
    context: StepContext,
    loans: Rows,
    investment: Mapping[str, Decimal | None],
    benefit: Mapping[str, Decimal],
) -> None:
    """Tell the abatements that loans state and that seem off by a factor between units, carbon for CO2 among them.

    Compared with the loan's part of the project's benefit. What is stated stays in the disclosure: it is the bank's.
    """
    stated, expected = [], []
    for loan in loans:
        total, gained = investment.get(loan["project_id"]), benefit.get(loan["project_id"])
        if loan["annual_abatement"] is not None and total and gained:
            stated.append(loan)
            expected.append(float(gained * loan["amount"] / total))
    if not stated:
        return
    low, high = (
        float(str(context.packs["benefit_factors"].one(code=code)["value"]))
        for code in ("slip_low", "slip_high")
    )
    claimed = np.array([float(loan["annual_abatement"]) for loan in stated])
    factors = suspected_factor(claimed, np.array(expected), low, high)
    found = [
        (loan, known, float(factor))
        for loan, known, factor in zip(stated, expected, factors, strict=True)
        if np.isfinite(factor)
    ]
    for loan, known, factor in found[:MOST]:
        values = {"loan": loan["facility_loan_id"], "project": loan["project_id"],
                  "stated": f"{loan['annual_abatement']:,.2f}", "computed": f"{known:,.2f}", "factor": f"{factor:g}",
                  "loans": len(found)}  # fmt: skip
        context.find(Problem("finance.facility_unit_slip", values=values, severity="error"),
                     table="facility_loan", key=loan["facility_loan_id"])  # fmt: skip


def _lent_beyond_cost(
    context: StepContext, loans: Rows, investments: Mapping[str, Decimal | None]
) -> set[str]:
    """Return projects that the facility's loans of all institutions finance beyond their investment; tell them."""
    parts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for loan in loans:
        parts[loan["project_id"]][str(loan["institution_id"])] += loan["amount"]
    return _beyond(context, parts, investments, "facility_disclosure")


LENT = Query(
    "loan",
    """
    SELECT loan.project_id, loan.institution_id, sum(balance.year_end_balance) AS outstanding_amount
    FROM loan
    JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
    WHERE loan.project_id IS NOT NULL AND balance.year_end_balance IS NOT NULL
      AND loan.asset_class <> 'listed_equity_bond'
    GROUP BY loan.project_id, loan.institution_id
    ORDER BY loan.project_id, loan.institution_id
    """,
)
"""What each institution has lent to each project, whatever the label of the loan."""


def _tell_catalogues(context: StepContext, bonds: Rows) -> None:
    """Tell the bonds whose catalogue was not in force on the day of issue, or is none of the pack."""
    periods = [row for row in context.packs["green_standard_periods"].rows if row["product"] == "bond"]
    known = {str(row["catalogue"]): row for row in periods}
    for bond in sorted(bonds, key=lambda one: str(one["bond_id"])):
        given, issued = bond["catalogue"], bond["issued_on"]
        if given is None:
            continue
        row = known.get(str(given))
        state = "unknown" if row is None else _state(row, issued)
        if state is None:
            continue
        fitting = [
            str(one["catalogue"]) for one in periods if one["default_choice"] and not _state(one, issued)
        ]
        values = {"bond": bond["bond_id"], "issuer": bond["issuer"], "issued": str(issued), "catalogue": given,
                  "state": STATES[state], "applicable": ", ".join(fitting) or "-",
                  "proceeds": f"{bond['proceeds']:,.2f}"}  # fmt: skip
        context.find(Problem("finance.bond_catalogue_not_in_force", values=values, severity="warning"),
                     table="green_bond", key=bond["bond_id"], amount=float(bond["proceeds"]), unit="CNY")  # fmt: skip


def _state(period: Mapping[str, Any], day: date) -> str | None:
    """Return why a catalogue did not hold on a day; None where it did."""
    start, end = period["effective_from"], period["effective_to"]
    if isinstance(start, date) and day < start:
        return "not_yet_in_force"
    return "no_longer_in_force" if isinstance(end, date) and day > end else None


def make_bonds(context: StepContext) -> None:
    """Make green_bond_proceeds and green_bond_indicator, and tell what is used beyond the proceeds."""
    bonds, uses = context.read("green_bond").to_pylist(), context.read("green_bond_use").to_pylist()
    _tell_catalogues(context, bonds)
    year = context.settings.year
    rows = proceeds_rows(bonds, uses, year)
    write_rows(context, "green_bond_proceeds", rows)
    investments = {row["project_id"]: row["total_investment"] for row in context.read("project").to_pylist()}
    benefits = context.read("project_benefit").to_pylist()
    beyond = _financed_beyond_cost(context, uses, investments)
    fitting = {project: None if project in beyond else total for project, total in investments.items()}
    write_rows(context, "green_bond_indicator", indicator_rows(uses, benefits, fitting, year))
    for row in [one for one in rows if one["status"] == "over_used"][:MOST]:
        values = {
            "bond": row["bond_id"],
            "year": row["year"],
            "used": row["used_to_date"],
            "proceeds": row["proceeds"],
        }
        context.find(Problem("finance.bond_over_used", values=values, severity="error"),
                     table="green_bond_proceeds", key=row["bond_id"])  # fmt: skip


def _financed_beyond_cost(
    context: StepContext, uses: Rows, investments: Mapping[str, Decimal | None]
) -> set[str]:
    """Return projects whose bonds, with the loans of all institutions, exceed their investment, and tell them."""
    year = context.settings.year
    parts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for use in [one for one in uses if one["year"] <= year]:
        of_project, bond = parts[use["project_id"]], str(use["bond_id"])
        of_project[bond] = of_project.get(bond, Decimal(0)) + use["amount"]
    for row in context.sql(LENT).to_pylist():
        if row["project_id"] in parts:
            parts[row["project_id"]][str(row["institution_id"])] = row["outstanding_amount"]
    return _beyond(context, parts, investments, "green_bond_indicator", _loans_of(context))


def _beyond(
    context: StepContext,
    parts: Mapping[str, Mapping[str, Decimal]],
    investments: Mapping[str, Decimal | None],
    table: str,
    loans: Mapping[tuple[str, str], str] | None = None,
) -> set[str]:
    """Return projects whose parts by financier exceed their investment, and tell each with its shares."""
    beyond = set()
    for project, money in sorted(parts.items()):
        investment = investments.get(project)
        if not investment or sum(money.values()) <= investment:
            continue
        beyond.add(project)
        shares = [
            _with_loans(f"{who} {100 * part / investment:.2f} %", (loans or {}).get((project, who)))
            for who, part in sorted(money.items())
        ]
        together = f"{100 * sum(money.values()) / investment:.2f}"
        values = {"project": project, "share": together, "claims": shares}
        context.find(Problem("finance.benefit_over_attributed", values=values, severity="error"),
                     table=table, key=project)  # fmt: skip
    return beyond


def _year(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year}


BENEFIT_STEPS: tuple[Step, ...] = (
    Step("finance.project_benefit", ("project_benefit",), make_benefit,
         reads=("green_project", "green_project_parameter"), packs=PACKS, method="finance.benefit"),
    Step("finance.benefit_share", ("benefit_share",), query("lvshu.finance", "benefit_share"),
         reads=("project_benefit", "loan", "loan_average_balance"), reads_if_there=("project",),
         method="finance.benefit_share", parameters=_year),
    Step("finance.benefit_share_findings", (), tell_shares, reads=("benefit_share",),
         reads_if_there=("loan", "green_bond", "green_bond_use"), method="finance.benefit_share"),
    Step("finance.benefit_claims", ("benefit_claim_check", "benefit_ledger"), make_claims, reads=("benefit_claim",),
         reads_if_there=("project_benefit", "benefit_share", "green_bond", "green_bond_use", "project"), packs=PACKS,
         method="finance.benefit_claims"),
    Step("finance.facility", ("facility_disclosure", "facility_text"), make_facility, reads=("facility_loan",),
         reads_if_there=("project", "project_benefit"), packs=("benefit_factors",), method="finance.facility"),
    Step("finance.green_bond", ("green_bond_proceeds", "green_bond_indicator"), make_bonds, reads=("green_bond",),
         reads_if_there=("green_bond_use", "project", "project_benefit", "loan", "loan_average_balance"),
         packs=("green_standard_periods",), method="finance.green_bond"),
)  # fmt: skip
