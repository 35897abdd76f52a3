"""A random small book, and what it must give by a plain loop that was written apart from the queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from .book import ENTERPRISE, LOAN, YEAR, Row, intensities

DIVISIONS = {"31": 2e-4, "30": 3e-4, "44": 5e-4, "62": 1e-5}
CLASSES = ("3120", "3011", "4411", "6210")
LISTED = {"3120", "3011", "4411"}
SCORES = {
    "verified_report": 1,
    "unverified_report": 2,
    "energy": 2,
    "product": 3,
    "economic": 4,
    "fallback": 5,
}
COAL, POWER = 1.9003, 0.5849


@dataclass
class RandomBook:
    """Rows of the input tables."""

    tables: dict[str, list[Any]] = field(default_factory=dict)


def _money(generator: np.random.Generator, low: float, high: float) -> Decimal:
    return Decimal(int(generator.uniform(low, high) * 100)) / 100


def make(seed: int, *, loans: int = 30, enterprises: int = 8) -> RandomBook:
    """Return a book drawn from a seed: figures missing or in a wrong unit, unknown borrowers, loans after the year."""
    g = np.random.default_rng(seed)
    book: dict[str, list[Any]] = {name: [] for name in (
        "enterprise", "enterprise_finance", "entity_emission", "energy_return", "project", "loan", "loan_balance",
    )}  # fmt: skip
    for number in range(enterprises):
        code = f"E{number}"
        book["enterprise"].append({
            "uscc": code, **ENTERPRISE, "industry_code": str(g.choice(CLASSES)), "overseas": bool(g.random() < 0.1),
            "size_class": str(g.choice(["large", "medium", "small"], p=[0.5, 0.3, 0.2])),
        })  # fmt: skip
        if g.random() < 0.85:
            book["enterprise_finance"].append(_finance(g, code))
        if g.random() < 0.4:
            book["entity_emission"].append({
                "uscc": code, "year": YEAR, "source": str(g.choice(["verified", "unverified"])),
                "scope1": _money(g, 10, 9e5), "scope2": _money(g, 10, 9e5) if g.random() < 0.7 else None,
                "scope3": _money(g, 10, 9e5) if g.random() < 0.5 else None,
            })  # fmt: skip
        if g.random() < 0.5:
            base = {"uscc": code, "year": YEAR}
            book["energy_return"].append(
                {**base, "fuel_code": "raw_coal", "quantity": _money(g, 1, 1e5), "unit": "t"}
            )
            book["energy_return"].append(
                {**base, "fuel_code": "electricity", "quantity": _money(g, 1, 1e5), "unit": "MWh"}
            )
    for number in range(3):
        book["project"].append({
            "project_id": f"P{number}", "industry_code": str(g.choice(CLASSES)),
            "total_investment": round(_money(g, 1e7, 1e9) / int(g.choice([1, 1, 10_000])), 2),
            "confirmed": True if g.random() < 0.3 else None,
            "project_equity": _money(g, 1e6, 1e8), "project_debt": _money(g, 1e6, 1e8) if g.random() < 0.7 else None,
        })  # fmt: skip
        if g.random() < 0.7:
            report = {"uscc": "E0", "year": YEAR, "project_id": f"P{number}", "source": "unverified"}
            book["entity_emission"].append({**report, "total": _money(g, 10, 9e5)})
    for number in range(loans):
        _loan(g, book, number, enterprises)
    book.update(intensities(DIVISIONS))
    return RandomBook(book)


def _finance(g: np.random.Generator, code: str) -> Row:
    wanted = ("main_business_revenue", "total_assets_begin", "total_assets_end", "total_debt")
    row: dict[str, Any] = {"uscc": code, "year": YEAR}
    for name in wanted:
        row[name] = _money(g, 1e6, 5e9) if g.random() < 0.9 else None
    row["total_equity"] = _money(g, -1e8, 1e9) if g.random() < 0.9 else None
    row["enterprise_value_including_cash"] = _money(g, 1e7, 5e9) if g.random() < 0.2 else None
    if g.random() < 0.25:  # entered in 10 thousand yuan
        for name in row.keys() - {"uscc", "year"}:
            row[name] = None if row[name] is None else round(row[name] / 10_000, 2)
    row["confirmed"] = [None, False, True][int(g.integers(0, 3))]
    return row


def _loan(g: np.random.Generator, book: dict[str, list[Any]], number: int, enterprises: int) -> None:
    name, project = f"L{number:03d}", g.random() < 0.2
    begun = date(int(g.choice([YEAR - 2, YEAR, YEAR + 1], p=[0.6, 0.35, 0.05])), int(g.integers(1, 13)), 10)
    book["loan"].append({
        "loan_id": name, **LOAN, "branch_code": str(g.choice(["B1", "B2", "B3"])),
        "institution_id": str(g.choice(["BANK1", "BANK2"])), "uscc": f"E{int(g.integers(0, enterprises + 1))}",
        "purpose_industry_code": str(g.choice(CLASSES)) if g.random() < 0.8 else None, "disbursed_on": begun,
        "business_type": "project" if project else "non_project",
        "project_id": f"P{int(g.integers(0, 3))}" if project else None,
        "asset_class": (
            "project_finance" if project else str(g.choice(["business_loan", "commercial_real_estate"], p=[0.9, 0.1]))
        ),
        "green_label": "3.2.2.1" if g.random() < 0.2 else None,
    })  # fmt: skip
    first = begun.month if begun.year == YEAR else 1
    amount = _money(g, 1e5, 5e7)
    if begun.year <= YEAR:
        book["loan_balance"] += [
            {"loan_id": name, "month": f"{YEAR}-{month:02d}", "outstanding_amount": amount}
            for month in range(first, 13)
        ]


def expected(book: RandomBook) -> dict[tuple[str, str], tuple[str, float, int | None]]:
    """Return (loan, method) -> (way, emission, score) of every loan in scope, by plain loops."""
    tables = book.tables
    enterprise = {row["uscc"]: row for row in tables["enterprise"]}
    projects = {row["project_id"]: row for row in tables["project"]}
    average, year_end = _balances(tables)
    doubted = contradicted(book)
    anywhere = {name for name, _ in doubted}
    trusted = {row["uscc"]: row for row in tables["enterprise_finance"] if row["uscc"] not in anywhere}
    found = {}
    for loan in tables["loan"]:
        mine = {name for name, bank in doubted if bank == loan["institution_id"]}
        finance = {row["uscc"]: row for row in tables["enterprise_finance"] if row["uscc"] not in mine}
        known = {
            name: {**row, "total_investment": None, "project_debt": None, "doubted": True}
            if name in mine
            else row
            for name, row in projects.items()
        }
        for method in ("bank_2026", "trial_2021", "pcaf_2022"):
            if not _in_scope(loan, method, tables["loan"], enterprise, projects, average):
                continue
            exposure = year_end[loan["loan_id"]] if method == "pcaf_2022" else average[loan["loan_id"]]
            found[loan["loan_id"], method] = _attribute(
                loan, method, exposure, tables, enterprise, finance, known, trusted
            )
    return found


def contradicted(book: RandomBook) -> set[tuple[str, str]]:
    """Return borrowers and projects with the institution whose loans exceed all they have, unless confirmed."""
    tables = book.tables
    average, year_end = _balances(tables)
    found: set[tuple[str, str]] = set()
    for bank in ("BANK1", "BANK2"):
        here = [
            loan for loan in tables["loan"]
            if loan["institution_id"] == bank and loan["disbursed_on"].year <= YEAR
        ]  # fmt: skip
        for row in tables["enterprise_finance"]:
            mine = [loan["loan_id"] for loan in here if loan["uscc"] == row["uscc"]]
            ends = [row["total_assets_begin"], row["total_assets_end"]]
            known = [float(value) for value in ends if value is not None]
            mean = sum(known) / len(known) if known else None
            last = None if ends[1] is None else float(ends[1])
            if not known and row["total_equity"] is not None and row["total_debt"] is not None:
                last = max(float(row["total_equity"]), 0.0) + float(row["total_debt"])
            if not row["confirmed"] and _exceeds(mine, average, year_end, mean, last):
                found.add((row["uscc"], bank))
        for row in tables["project"]:
            mine = [loan["loan_id"] for loan in here if loan["project_id"] == row["project_id"]]
            total = float(row["total_investment"])
            if not row["confirmed"] and _exceeds(mine, average, year_end, total, total):
                found.add((row["project_id"], bank))
    return found


def _exceeds(
    loans: list[str], average: dict[str, float], year_end: dict[str, float], mean: float | None, last: float | None
) -> bool:  # fmt: skip
    by_mean = mean is not None and sum(average[name] for name in loans) > mean
    return by_mean or (last is not None and sum(year_end[name] for name in loans) > last)


def _balances(tables: dict[str, list[Any]]) -> tuple[dict[str, float], dict[str, float]]:
    average: dict[str, float] = {}
    year_end: dict[str, float] = {}
    for row in tables["loan_balance"]:
        average[row["loan_id"]] = average.get(row["loan_id"], 0.0) + float(row["outstanding_amount"]) / 12
        if row["month"].endswith("-12"):
            year_end[row["loan_id"]] = float(row["outstanding_amount"])
    return {name: round(value + 1e-9, 2) for name, value in average.items()}, year_end


def _sector(loan: Row, loans: list[Row], enterprise: dict[str, Any], projects: dict[str, Any]) -> str | None:
    own = enterprise[loan["uscc"]]["industry_code"]
    if loan["business_type"] == "project":
        return str(projects[loan["project_id"]]["industry_code"])
    same = [
        other["purpose_industry_code"]
        for other in loans
        if other["uscc"] == loan["uscc"] and other["institution_id"] == loan["institution_id"]
        and other["disbursed_on"].year <= YEAR and other["purpose_industry_code"] is not None
    ]  # fmt: skip
    return same[0] if len(set(same)) == 1 else own


def _in_scope(
    loan: Row,
    method: str,
    loans: list[Row],
    enterprise: dict[str, Any],
    projects: dict[str, Any],
    average: dict[str, float],
) -> bool:
    if loan["disbursed_on"].year > YEAR or loan["uscc"] not in enterprise:
        return False
    firm = enterprise[loan["uscc"]]
    if method == "pcaf_2022":
        return loan["asset_class"] in ("business_loan", "project_finance")
    if firm["size_class"] == "small":
        return False
    if method == "bank_2026" and (
        firm["overseas"] or _sector(loan, loans, enterprise, projects) not in LISTED
    ):
        return False
    if loan["business_type"] == "project":
        return True
    customer = sum(
        average[other["loan_id"]]
        for other in loans
        if other["uscc"] == loan["uscc"] and other["institution_id"] == loan["institution_id"]
        and other["business_type"] == "non_project" and other["disbursed_on"].year <= YEAR
    )  # fmt: skip
    return customer >= 5_000_000


def _attribute(
    loan: Row, method: str, exposure: float, tables: dict[str, list[Any]], enterprise: dict[str, Any],
    finance: dict[str, Any], projects: dict[str, Any], trusted: dict[str, Any],
) -> tuple[str, float, int | None]:  # fmt: skip
    project = projects[loan["project_id"]] if loan["business_type"] == "project" else None
    emission, way = _entity(loan, tables, enterprise, finance, project)
    denominator = _denominator(method, finance.get(loan["uscc"], {}), project)
    usable = way and denominator and denominator > 0
    if method == "bank_2026" and project is not None and not usable and not project.get("doubted"):
        emission, way = _entity(loan, tables, enterprise, finance, None)  # counted with the borrower
        denominator = _denominator(method, finance.get(loan["uscc"], {}), None)
    if way and denominator and denominator > 0:
        return way, emission * exposure / denominator, None if method == "trial_2021" else SCORES[way]
    sector = _sector(loan, tables["loan"], enterprise, projects)
    turnover = _turnover(str(sector)[:2], enterprise, trusted)
    if turnover is None:
        return "none", 0.0, None
    factor = DIVISIONS[str(sector)[:2]] * turnover
    return "fallback", exposure * factor, None if method == "trial_2021" else 5


def _entity(
    loan: Row, tables: dict[str, list[Any]], enterprise: dict[str, Any], finance: dict[str, Any], project: Any
) -> tuple[float, str | None]:
    wanted = (loan["project_id"], None) if project is not None else (None, loan["uscc"])
    for source, way in (("verified", "verified_report"), ("unverified", "unverified_report")):
        for row in tables["entity_emission"]:
            of_project = row.get("project_id")
            mine = (
                of_project == wanted[0]
                if project is not None
                else of_project is None and row["uscc"] == wanted[1]
            )
            whole = row.get("total") or (row.get("scope1") is not None and row.get("scope2") is not None)
            if mine and row["source"] == source and whole:
                total = (
                    float(row["total"]) if row.get("total") else float(row["scope1"]) + float(row["scope2"])
                )
                return total, way
    if project is not None:
        return 0.0, None
    used = {
        row["fuel_code"]: float(row["quantity"])
        for row in tables["energy_return"]
        if row["uscc"] == loan["uscc"]
    }
    if used:
        return used["raw_coal"] * COAL + used["electricity"] * POWER, "energy"
    revenue = finance.get(loan["uscc"], {}).get("main_business_revenue")
    if revenue:
        return float(revenue) * DIVISIONS[enterprise[loan["uscc"]]["industry_code"][:2]], "economic"
    return 0.0, None


def _denominator(method: str, money: Any, project: Any) -> float | None:
    if project is not None:
        if method != "pcaf_2022":
            return None if project["total_investment"] is None else float(project["total_investment"])
        return (
            None
            if project["project_debt"] is None
            else float(project["project_equity"] + project["project_debt"])
        )
    if method == "trial_2021":
        return None if money.get("main_business_revenue") is None else float(money["main_business_revenue"])
    begin, end = money.get("total_assets_begin"), money.get("total_assets_end")
    if method == "bank_2026":
        known = [float(value) for value in (begin, end) if value is not None]
        return sum(known) / len(known) if known else None
    if money.get("enterprise_value_including_cash"):
        return float(money["enterprise_value_including_cash"])
    if money.get("total_equity") is not None and money.get("total_debt") is not None:
        return max(float(money["total_equity"]), 0.0) + float(money["total_debt"])
    return None if end is None else float(end)


def _turnover(division: str, enterprise: dict[str, Any], finance: dict[str, Any]) -> float | None:
    whole = [
        (enterprise[code]["industry_code"][:2], float(row["main_business_revenue"]),
         (float(row["total_assets_begin"]) + float(row["total_assets_end"])) / 2)
        for code, row in finance.items()
        if None not in (row["main_business_revenue"], row["total_assets_begin"], row["total_assets_end"])
    ]  # fmt: skip
    own = [row for row in whole if row[0] == division] or whole
    return sum(row[1] for row in own) / sum(row[2] for row in own) if own else None
