"""Tells the reader of the book what the finance wing had to leave out, fill in or doubt."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance import (
    contradictions,
    currency_findings,
    energy_findings,
    process_findings,
    project_findings,
)

MOST = 20
IMPLAUSIBLE_TIMES = 100

TOLD_APART = frozenset(
    {
        "energy_incomplete",
        "project_over_attributed",
        "figure_suspected",
        "subject_dominates",
        "implausible_emission",
    }
)
"""Gaps whose finding names each record: not told again as a sum."""

NOTICES = frozenset({"turnover_of_all", "one_end_of_assets"})
UNUSED = {"zh": "未采用，不影响总额", "en": "not used, no effect"}
ALL_METHODS = {"zh": "（全部方法）", "en": "(all methods)"}

ABOVE_ONE = Query(
    "attributed_emission",
    """
    SELECT method, subject_kind, subject_id, max(attribution_factor) AS factor, count(*) AS loans,
      sum(emission) AS emission
    FROM attributed_emission
    WHERE attribution_factor > 1
    GROUP BY method, subject_kind, subject_id
    ORDER BY emission DESC, method, subject_kind, subject_id
    LIMIT :most
    """,
)

UNSCORED = Query(
    "attributed_emission",
    """
    SELECT method, count(*) AS loans, sum(emission) AS emission,
      count(CASE WHEN calculation_method = 'fallback' THEN 1 END) AS fallback_loans,
      sum(CASE WHEN calculation_method = 'fallback' THEN emission END) AS fallback_emission
    FROM attributed_emission
    WHERE emission IS NOT NULL
    GROUP BY method
    HAVING count(quality_score) = 0
    ORDER BY method
    """,
)

AGAINST_AVERAGE = Query(
    "attributed_emission",
    """
    SELECT both.method, count(*) AS borrowers, sum(both.own) AS own, sum(both.average) AS average
    FROM (
      SELECT DISTINCT known.method, known.subject_id, known.entity_emission AS own, economic.emission AS average
      FROM attributed_emission AS known
      JOIN entity_emission_estimate AS economic
        ON economic.subject_kind = known.subject_kind AND economic.subject_id = known.subject_id
        AND economic.calculation = 'economic' AND NOT economic.set_aside AND economic.emission > 0
      WHERE known.calculation_method IN ('verified_report', 'unverified_report', 'energy')
    ) AS both
    GROUP BY both.method
    ORDER BY both.method
    """,
)

IMPLAUSIBLE = Query(
    "entity_emission_estimate",
    """
    SELECT report.subject_id, report.calculation, report.emission AS reported, economic.emission AS estimated,
      ratio(report.emission, economic.emission) AS times
    FROM entity_emission_estimate AS report
    JOIN entity_emission_estimate AS economic
      ON economic.subject_kind = report.subject_kind AND economic.subject_id = report.subject_id
      AND economic.calculation = 'economic' AND economic.emission > 0 AND NOT economic.set_aside
    WHERE report.calculation <> 'economic' AND report.emission > 0
      AND (ratio(report.emission, economic.emission) > :times OR ratio(economic.emission, report.emission) > :times)
    ORDER BY reported DESC, subject_id, calculation
    LIMIT :most
    """,
)

IMPLAUSIBLE_EFFECT = Query(
    "finance_gap_record",
    """
    SELECT gap.method, gap.record_id, sum(gap.effect) AS effect, total.emission AS total
    FROM finance_gap_record AS gap
    JOIN (SELECT method, sum(emission) AS emission FROM attributed_emission GROUP BY method) AS total
      ON total.method = gap.method
    WHERE gap.code = 'implausible_emission'
    GROUP BY gap.method, gap.record_id, total.emission
    ORDER BY gap.method, gap.record_id
    """,
)

PROCESS_ONLY = Query(
    "product_return",
    """
    SELECT count(*) AS records
    FROM product_return AS made
    LEFT JOIN pack_product_factors AS factor
      ON factor.product_code = made.product_code AND factor.scope <> 'process'
    WHERE made.year = :year AND factor.product_code IS NULL AND made.factor IS NULL
    """,
)

INTENSITY_YEARS = Query(
    "sector_intensity",
    "SELECT DISTINCT year FROM sector_intensity WHERE year <> :year ORDER BY year",
)


FACTORS_GIVEN = Query(
    "attributed_emission",
    """
    SELECT held.method, count(*) AS loans, sum(held.emission) AS emission
    FROM attributed_emission AS held
    LEFT JOIN entity_emission_estimate AS estimate
      ON estimate.subject_kind = held.subject_kind AND estimate.subject_id = held.subject_id
      AND estimate.calculation = 'economic'
    LEFT JOIN sector_balance_factor AS factor ON factor.gbt4754_division = held.gbt4754_division
    WHERE (held.calculation_method = 'economic' AND estimate.intensity_origin = 'user')
      OR (held.calculation_method = 'fallback' AND factor.origin = 'user')
    GROUP BY held.method
    ORDER BY held.method
    """,
)
GIVEN = Query(
    "sector_factor_applied",
    """
    SELECT applied.code, applied.year, min(applied.source) AS source,
      min(coalesce(given.price_year, given.year)) AS price_year
    FROM sector_factor_applied AS applied
    JOIN sector_emission_factor AS given ON given.class_code = applied.code AND given.year = applied.year
    WHERE applied.origin = 'user'
    GROUP BY applied.code, applied.year
    ORDER BY applied.code
    """,
)


def make(context: StepContext) -> None:
    """Write the findings of the finance wing."""
    _gaps(context)
    contradictions.tell(context)
    process_findings.make(context)
    energy_findings.make(context)
    project_findings.make(context)
    currency_findings.make(context)
    _above_one(context)
    _unscored(context)
    _against_average(context)
    _implausible(context)
    _products(context)
    _other_years(context)
    _factors_given(context)


def _gaps(context: StepContext) -> None:
    for gap in context.read("finance_gap").to_pylist():
        if gap["code"] in TOLD_APART:
            continue
        amount = gap["emission"] if gap["emission"] is not None else gap["outstanding_amount"]
        unit = "tCO2e" if gap["emission"] is not None else "CNY"
        values = {
            "loans": gap["loans"],
            "method": ALL_METHODS if gap["method"] == "*" else gap["method"],
            "year": context.settings.year,
            "outstanding": "-" if gap["outstanding_amount"] is None else f"{gap['outstanding_amount']:,.2f}",
            "emission": "-" if gap["emission"] is None else f"{gap['emission']:,.0f}",
            "effect": "-" if gap["effect"] is None else f"{gap['effect']:+,.0f}",
        }
        severity = "notice" if gap["code"] in NOTICES else "warning"
        context.find(
            Problem(f"finance.{gap['code']}", values=values, severity=severity),
            table="finance_gap",
            key=f"{gap['code']} | {gap['method']}",
            amount=None if amount is None else float(amount),
            unit=None if amount is None else unit,
        )


def _unscored(context: StepContext) -> None:
    for row in context.sql(UNSCORED).to_pylist():
        values = {
            "method": row["method"],
            "loans": row["loans"],
            "emission": f"{row['emission']:,.0f}",
            "fallback_loans": row["fallback_loans"],
            "fallback_emission": f"{row['fallback_emission'] or 0:,.0f}",
        }
        context.find(
            Problem("finance.method_without_scores", values=values, severity="notice"),
            table="data_quality", key=row["method"], amount=float(row["loans"]), unit="1",
        )  # fmt: skip


def _against_average(context: StepContext) -> None:
    for row in context.sql(AGAINST_AVERAGE).to_pylist():
        values = {
            "method": row["method"],
            "borrowers": row["borrowers"],
            "own": f"{row['own']:,.0f}",
            "average": f"{row['average']:,.0f}",
            "times": f"{row['own'] / row['average']:.3f}",
        }
        context.find(
            Problem("finance.own_against_average", values=values, severity="notice"),
            table="entity_emission_estimate", key=row["method"], amount=float(row["own"] / row["average"]), unit="1",
        )  # fmt: skip


def _above_one(context: StepContext) -> None:
    for row in context.sql(ABOVE_ONE, most=MOST).to_pylist():
        values = {
            "subject": row["subject_id"],
            "method": row["method"],
            "factor": f"{row['factor']:.3f}",
            "loans": row["loans"],
            "emission": f"{row['emission']:,.0f}",
        }
        context.find(
            Problem("finance.subject_above_one", values=values, severity="warning"),
            table="attributed_emission", key=row["subject_id"], amount=row["factor"], unit="1",
        )  # fmt: skip


def _implausible(context: StepContext) -> None:
    found = context.sql(IMPLAUSIBLE, times=IMPLAUSIBLE_TIMES, most=MOST).to_pylist()
    effects: dict[str, list[str]] = {}
    for row in context.sql(IMPLAUSIBLE_EFFECT).to_pylist() if found else ():
        told = f"{row['method']} {row['total']:,.0f} → {row['total'] - row['effect']:,.0f} t"
        effects.setdefault(row["record_id"], []).append(told)
    for row in found:
        values = {
            "subject": row["subject_id"], "calculation": row["calculation"], "reported": row["reported"],
            "estimated": row["estimated"], "times": f"{row['times']:.4g}",
            "effects": effects.get(row["subject_id"], UNUSED),
        }  # fmt: skip
        context.find(
            Problem("finance.implausible_emission", values=values, severity="warning"),
            table="entity_emission_estimate", key=row["subject_id"], amount=float(row["reported"]), unit="tCO2e",
        )  # fmt: skip


def _products(context: StepContext) -> None:
    records = context.sql(PROCESS_ONLY, year=context.settings.year).to_pylist()[0]["records"]
    if records:
        context.find(
            Problem("finance.product_without_factor", values={"records": records}, severity="notice"),
            table="product_return", amount=float(records), unit="1",
        )  # fmt: skip


def _other_years(context: StepContext) -> None:
    for row in context.sql(INTENSITY_YEARS, year=context.settings.year).to_pylist():
        values = {"intensity_year": row["year"], "year": context.settings.year}
        context.find(
            Problem("finance.intensity_of_other_year", values=values, severity="warning"),
            table="sector_intensity",
        )


def _factors_given(context: StepContext) -> None:
    """Tell what rests on the user's factors of industries, and which of them are of another year."""
    given = context.sql(GIVEN).to_pylist()
    year = context.settings.year
    other = [
        f"{row['code']} ({row['year']}/{row['price_year']})"
        for row in given
        if row["year"] != year or row["price_year"] != year
    ]
    sources = list(dict.fromkeys(str(row["source"]) for row in given))
    for row in context.sql(FACTORS_GIVEN).to_pylist():
        values = {
            "method": row["method"], "loans": row["loans"], "codes": len(given), "year": year,
            "emission": "-" if row["emission"] is None else f"{row['emission']:,.0f}",
            "sources": sources[:3], "other": other[:MOST] or "-",
        }  # fmt: skip
        context.find(
            Problem("finance.sector_factors_given", values=values, severity="warning" if other else "notice"),
            table="sector_factor_applied", key=row["method"],
            amount=None if row["emission"] is None else float(row["emission"]), unit="tCO2e",
        )  # fmt: skip
