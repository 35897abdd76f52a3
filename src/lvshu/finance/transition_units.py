"""Units and names of transition indicators: what converts into what, and which names the catalogue does not have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.core.errors import MethodError, Problem
from lvshu.core.units import factor as unit_factor
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.claims import near_names

CATALOGUE = "shanghai_transition_catalogue"
NOT_LOADED = "not_loaded"
"""Indicator of the rows that stand for values not obtained."""
MOST = 20
SHOWN = 5

PAIRS = Query(
    "transition_unit",
    """
    SELECT DISTINCT record.indicator, record.unit, wanted.unit AS wanted_unit
    FROM transition_record AS record
    JOIN (
      SELECT indicator, unit FROM transition_plan
      UNION ALL
      SELECT indicator, unit FROM transition_pricing_term
      UNION ALL
      SELECT indicator, unit FROM pack_shanghai_transition_catalogue WHERE unit IS NOT NULL
    ) AS wanted ON wanted.indicator = record.indicator
    ORDER BY record.indicator, record.unit, wanted.unit
    """,
)
USED = Query(
    "transition_record",
    """
    SELECT indicator, sum(plans) AS plans, sum(records) AS records, sum(terms) AS terms
    FROM (
      SELECT indicator, count(DISTINCT plan_id) AS plans, 0 AS records, 0 AS terms
      FROM transition_plan GROUP BY indicator
      UNION ALL
      SELECT indicator, 0 AS plans, count(*) AS records, 0 AS terms FROM transition_record GROUP BY indicator
      UNION ALL
      SELECT indicator, 0 AS plans, 0 AS records, count(*) AS terms FROM transition_pricing_term GROUP BY indicator
    ) AS used
    GROUP BY indicator
    ORDER BY indicator
    """,
)


def multiplier(unit: str, wanted: str) -> Decimal | None:
    """Return by what a value in a unit is multiplied to stand in the unit wanted, None for another dimension."""
    try:
        return Decimal(1) if unit == wanted else unit_factor(unit, wanted)
    except MethodError:
        return None


def make(context: StepContext) -> None:
    """Fill `transition_unit`: every unit of a record of an indicator against every unit wanted of it."""
    rows: list[dict[str, Any]] = []
    for pair in context.sql(PAIRS).to_pylist():
        scale = multiplier(pair["unit"], pair["wanted_unit"])
        rows.append({**pair, "multiplier": None if scale is None else float(scale)})
    if rows:
        context.write("transition_unit", {name: [row[name] for row in rows] for name in rows[0]})


def tell_indicators(context: StepContext) -> None:
    """Tell indicators that the catalogue does not have, and terms whose value is in a unit of another dimension."""
    listed = [row for row in context.packs[CATALOGUE].rows if row["indicator"] != NOT_LOADED]
    names = {str(row["indicator"]): (str(row["indicator_zh"]), str(row["indicator_en"])) for row in listed}
    for row in [one for one in context.sql(USED).to_pylist() if one["indicator"] not in names][:MOST]:
        near = near_names(row["indicator"], names)
        values = {
            "indicator": row["indicator"], "plans": int(row["plans"]), "records": int(row["records"]),
            "terms": int(row["terms"]), "near": near or {
                "zh": "目录的指标未载入", "en": "the catalogue's indicators are not loaded",
            },
        }  # fmt: skip
        context.find(
            Problem("finance.transition_indicator_unknown", values=values, severity="notice"),
            table="transition_plan", key=row["indicator"], amount=float(row["plans"]), unit="1",
        )  # fmt: skip
    terms = context.read(
        "transition_pricing", where="result = 'unit_differs'", order=["loan_id", "test_year"]
    )
    if terms.num_rows:
        named = [f"{row['loan_id']} ({row['indicator']}, {row['test_year']})" for row in terms.to_pylist()]
        values = {"terms": terms.num_rows, "named": named[:SHOWN]}
        context.find(
            Problem("finance.transition_term_unit", values=values, severity="warning"),
            table="transition_pricing", key=named[0], amount=float(terms.num_rows), unit="1",
        )  # fmt: skip
