"""True financed emissions of the city: every borrower's true emission, every loan's true balance, no dirt.

Loans to borrowers that no register knows have no true emission and are outside this truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from lvshu.sample.context import City
from lvshu.sample.exposure import Exposure
from lvshu.sample.report_tables import Projects
from lvshu.sample.units import MEDIUM


@dataclass(frozen=True)
class MethodTruth:
    """True result of one method: tCO2e attributed to the loans in scope, their exposure in yuan, their borrowers."""

    emission: float
    exposure: float
    borrowers: int


def financed_emissions(
    city: City, exposure: Exposure, projects: Projects
) -> dict[str, dict[str, MethodTruth]]:
    """Return the truth by method and averaging rule, for the methods of the pack finance_methods.

    Args:
        city: the city.
        exposure: true balances by unit and kind of loan.
        projects: projects with their true part of the owner's emission.
    """
    result: dict[str, dict[str, MethodTruth]] = {}
    for row in city.packs["finance_methods"].rows:
        rules = {
            "year_end": ("year_end",),
            "monthly_average": ("over_12_months", "over_tenure"),
        }[str(row["exposure"])]
        result[str(row["code"])] = {rule: _method(city, exposure, projects, row, rule) for rule in rules}
    return result


def _method(
    city: City, exposure: Exposure, projects: Projects, row: Mapping[str, object], rule: str
) -> MethodTruth:
    register = city.register
    balance: dict[str, np.ndarray] = getattr(exposure, rule)
    inside = np.ones(len(register), dtype=bool)
    if row["industry_filter"]:
        inside &= in_scope_industry(city, str(row["code"]))
    if row["excludes_small_micro"]:
        inside &= register.size <= MEDIUM
    if row["excludes_overseas"]:
        inside &= ~register.overseas
    ordinary = balance["non_project"]
    if row["minimum_balance"] is not None:
        ordinary = exposure.non_project_above(float(str(row["minimum_balance"])), rule)
    ordinary = np.where(inside, ordinary + balance["project_as_non_project"], 0.0)
    emission = city.emission.scope1 + city.emission.scope2
    capital = _denominator(city, str(row["non_project_denominator"]))
    attributed = np.divide(emission * ordinary, capital, out=np.zeros(len(register)), where=capital > 0)
    lent = np.where(inside, balance["project"], 0.0)
    by_project = np.zeros(len(register))
    owners = projects.unit
    by_project[owners] = emission[owners] * projects.emission_share * lent[owners] / projects.investment
    return MethodTruth(
        emission=float(attributed.sum() + by_project.sum()),
        exposure=float(ordinary.sum() + lent.sum()),
        borrowers=int(((ordinary > 0) | (lent > 0)).sum()),
    )


def in_scope_industry(city: City, method: str) -> np.ndarray:
    """Return which units are in an industry that the method covers, boolean, shape (units,)."""
    rows = city.packs["finance_scope_industries"].find(method=method)
    prefixes = tuple(str(row["gbt4754_code"]) for row in rows)
    chosen = np.array([code.startswith(prefixes) for code in city.register.classes])
    return np.asarray(chosen[city.register.industry])


def _denominator(city: City, name: str) -> np.ndarray:
    register = city.register
    if name == "average_total_assets":
        return np.asarray((register.assets_begin + register.assets_end) / 2)
    if name == "main_business_revenue":
        return register.revenue
    capital = register.equity + register.debt
    return np.where(register.enterprise_value > 0, register.enterprise_value, capital)


def as_plain(truth: dict[str, dict[str, MethodTruth]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the truth as plain data for JSON."""
    return {method: {rule: asdict(one) for rule, one in rules.items()} for method, rules in truth.items()}
