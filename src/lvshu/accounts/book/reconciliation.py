"""Step that sets enterprises against the inventory, sector by sector, and shows what remains unexplained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lvshu.accounts.book.energy import fuel_set
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.book.sectors import sector_replicates
from lvshu.accounts.book.table import InputOutputTable, Sector, load_table
from lvshu.accounts.methods.energy.reconciliation import Reconciliation, reconcile
from lvshu.core.errors import Problem
from lvshu.core.units import find_unit
from lvshu.engine.step import StepContext

NONE = "none"
# one row for each enterprise, fuel and unit: the whole enterprise, this area, this year
RETURNS = """
SELECT r.uscc, e.industry_code, r.fuel_code, r.unit, sum(r.quantity) AS quantity
FROM energy_return AS r
LEFT JOIN enterprise AS e ON e.uscc = r.uscc
WHERE r.year = {year} AND r.project_id IS NULL AND (e.area_code IS NULL OR e.area_code = '{area}')
GROUP BY r.uscc, e.industry_code, r.fuel_code, r.unit
ORDER BY r.uscc, r.fuel_code, r.unit
"""
REPORTS = """
SELECT m.uscc, e.industry_code, max(m.scope1) AS scope1
FROM entity_emission AS m
LEFT JOIN enterprise AS e ON e.uscc = m.uscc
WHERE m.year = {year} AND m.project_id IS NULL AND m.source IN ('verified', 'cems') AND m.scope1 IS NOT NULL
  AND (e.area_code IS NULL OR e.area_code = '{area}')
GROUP BY m.uscc, e.industry_code
ORDER BY m.uscc
"""


@dataclass
class Enterprise:
    """One enterprise: its sector, what it reported (tCO2e) and what its fuel makes (tCO2); None where not given."""

    uscc: str
    sector: str
    report: float | None = None
    fuel: float | None = None

    @property
    def emission(self) -> float:
        """Return the emission that counts: the report, else the fuel."""
        return self.report if self.report is not None else self.fuel or 0.0


@dataclass
class Tally:
    """What the enterprises of one sector add up to."""

    from_returns: float = 0.0
    from_reports: float = 0.0
    enterprises: int = 0
    verified: int = 0

    @property
    def bottom_up(self) -> float:
        """Return both sources together."""
        return self.from_returns + self.from_reports


def reconcile_sectors(context: StepContext) -> None:
    """Make emission_bottom_up and emission_reconciliation; tell every sector whose enterprises exceed the inventory."""
    table = load_table(context)
    asked = {"year": context.settings.year, "area": context.settings.area}
    reports = context.engine.fetch(REPORTS.format(**asked)).to_pylist()
    returns = context.engine.fetch(RETURNS.format(**asked)).to_pylist()
    if not reports and not returns:
        context.find(Problem("accounts.no_enterprises", values=asked, severity="notice"),
                     table="emission_reconciliation")  # fmt: skip
        return
    enterprises = enterprises_of(context, table, reports, returns)
    _write_enterprises(context, enterprises)
    tallies = tally(table, enterprises)
    top = dict.fromkeys(table.codes, 0.0)
    for row in context.read("emission_allocation", columns=["sector_code", "emission"]).to_pylist():
        if row["sector_code"] in top:
            top[row["sector_code"]] += float(row["emission"])
    found = reconcile(np.array([top[code] for code in table.codes]),
                      np.array([tallies[code].bottom_up for code in table.codes]))  # fmt: skip
    _write(context, table, top, tallies, found)
    _tell(context, table, tallies, found)
    replicates = sector_replicates(context, table.codes).sum(axis=0)
    explained = sum(tallies[code].bottom_up for code in table.codes)
    context.write_uncertainty(
        "co2_unexplained", value=float(found.residual.sum()) - tallies[NONE].bottom_up, unit="tCO2",
        replicates=replicates - explained - tallies[NONE].bottom_up, method="monte_carlo",
        scope_zh="含清单的区间（部门分摊、因子与活动数据）；企业数据按已知计。",
        scope_en="Covers the interval of the inventory (allocation, factors, activity); enterprises count as known.",
    )  # fmt: skip


def sector_of_industry(sectors: tuple[Sector, ...], industry: str | None) -> str:
    """Return the code of the sector that covers a class of GB/T 4754-2017, longest code first, else "none"."""
    fitting = [
        (len(code), sector.code)
        for sector in sectors
        for code in (*sector.industry_codes, *sector.divisions)
        if industry and industry.startswith(code)
    ]
    return max(fitting)[1] if fitting else NONE


def enterprises_of(
    context: StepContext,
    table: InputOutputTable,
    reports: list[dict[str, Any]],
    returns: list[dict[str, Any]],
) -> list[Enterprise]:
    """Return each enterprise that has a verified or monitored report or an energy return, in order of its code."""
    cache: dict[str | None, str] = {}
    found: dict[str, Enterprise] = {}

    def enterprise(row: dict[str, Any]) -> Enterprise:
        industry = row["industry_code"]
        if industry not in cache:
            cache[industry] = sector_of_industry(table.sectors, industry)
        return found.setdefault(row["uscc"], Enterprise(row["uscc"], cache[industry]))

    for row in reports:
        enterprise(row).report = float(row["scope1"])
    factors: dict[tuple[str, str], float] = {}
    unusable = set()
    for row in returns:
        key = (row["fuel_code"], row["unit"])
        if key not in factors:
            factors[key] = _factor(context, *key)
        if not np.isfinite(factors[key]):
            unusable.add(row["fuel_code"])
            continue
        one = enterprise(row)
        one.fuel = (one.fuel or 0.0) + float(row["quantity"] or 0.0) * factors[key]
    if unusable:
        context.find(Problem("accounts.return_without_factor", values={"fuels": sorted(unusable)}, severity="notice"),
                     table="energy_return")  # fmt: skip
    return [found[code] for code in sorted(found)]


def tally(table: InputOutputTable, enterprises: list[Enterprise]) -> dict[str, Tally]:
    """Return what enterprises add up to by sector; each has one source, its report first."""
    found = {code: Tally() for code in (*table.codes, NONE)}
    for one in enterprises:
        sums = found[one.sector]
        sums.enterprises += 1
        sums.verified += one.report is not None
        sums.from_reports += one.report or 0.0
        sums.from_returns += one.emission if one.report is None else 0.0
    return found


def _factor(context: StepContext, fuel: str, symbol: str) -> float:
    """Composite factor in tCO2 per unit stated; 0 for electricity and heat (not direct), NaN where there is none."""
    if find_unit(symbol) is None:
        return float("nan")
    known = {str(row["fuel_code"]): bool(row["burns"]) for row in context.packs["energy_fuels"].rows}
    if fuel in known and not known[fuel]:
        return 0.0 if fuel in ("electricity", "heat") else float("nan")
    return float(fuel_set((fuel,), {fuel: symbol}, context.packs, context.settings.fuel_factors).factor[0])


def _write_enterprises(context: StepContext, enterprises: list[Enterprise]) -> None:
    """Write emission_bottom_up, and tell how reports stand beside the fuel of the same enterprises."""
    context.write("emission_bottom_up", {
        "uscc": [one.uscc for one in enterprises], "sector_code": [one.sector for one in enterprises],
        "source": ["return" if one.report is None else "report" for one in enterprises],
        "report_emission": [one.report for one in enterprises], "return_emission": [one.fuel for one in enterprises],
        "emission": [one.emission for one in enterprises],
    })  # fmt: skip
    both = [one for one in enterprises if one.report is not None and one.fuel is not None]
    reported, burned = sum(one.report or 0.0 for one in both), sum(one.fuel or 0.0 for one in both)
    if burned > 0.0:
        values = {"count": len(both), "percent": round(100.0 * (reported - burned) / burned, 2)}
        context.find(Problem("accounts.reports_beside_returns", values=values, severity="notice"),
                     table="emission_bottom_up")  # fmt: skip


def _write(
    context: StepContext, table: InputOutputTable, top: dict[str, float], tallies: dict[str, Tally],
    found: Reconciliation,
) -> None:  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for i, sector in enumerate(table.sectors):
        one = tallies[sector.code]
        coverage = float(found.coverage[i])
        rows.append((sector.code, sector.name_zh, sector.name_en, top[sector.code], one.from_returns,
                     one.from_reports, one.bottom_up, float(found.residual[i]),
                     coverage if np.isfinite(coverage) else None, one.enterprises, one.verified))  # fmt: skip
    one = tallies[NONE]
    if one.enterprises:
        rows.append((NONE, "没有对应部门的企业", "Enterprises without a sector", 0.0, one.from_returns,
                     one.from_reports, one.bottom_up, -one.bottom_up, None, one.enterprises, one.verified))  # fmt: skip
    names = ("sector_code", "name_zh", "name_en", "top_down", "from_returns", "from_reports", "bottom_up", "residual",
             "coverage", "enterprises", "verified")  # fmt: skip
    context.write("emission_reconciliation", {name: [row[i] for row in rows] for i, name in enumerate(names)})


def _tell(
    context: StepContext, table: InputOutputTable, tallies: dict[str, Tally], found: Reconciliation
) -> None:  # fmt: skip
    for i in np.flatnonzero(found.exceeds):
        sector = table.sectors[i]
        name = {"zh": sector.name_zh, "en": sector.name_en or sector.name_zh}
        # no sum of enterprises is told here: a sector may hold one of them, and findings are published
        values = {"sector": name, "count": tallies[sector.code].enterprises}
        context.find(Problem("accounts.bottom_up_exceeds", values=values, severity="warning"),
                     table="emission_reconciliation", key=sector.code)  # fmt: skip
    reports = sum(one.from_reports for one in tallies.values())
    values = {"coverage": round(100.0 * found.total_coverage, 2) if np.isfinite(found.total_coverage) else "–",
              "enterprises": sum(one.enterprises for one in tallies.values()),
              "verified": sum(one.verified for one in tallies.values()), "reports": plain(reports)}  # fmt: skip
    context.find(Problem("accounts.reconciled", values=values, severity="notice"), table="emission_reconciliation",
                 amount=float(found.residual.sum()), unit="tCO2")  # fmt: skip
    if tallies[NONE].enterprises:
        values = {"count": tallies[NONE].enterprises}
        context.find(Problem("accounts.enterprises_without_sector", values=values, severity="warning"),
                     table="emission_reconciliation", key=NONE)  # fmt: skip
