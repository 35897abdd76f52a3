"""Tells which clients' energy emissions lack a line or a process without a factor, and which rest on defaults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

MOST = 5
STATED = {"energy_return": "fuel_code", "process_return": "process_code"}
"""By table of what clients state of their energy: the column that says which line it is."""

CLIENTS = Query(
    "attributed_emission",
    """
    SELECT held.method, held.subject_kind, held.subject_id, count(*) AS loans,
      sum(held.outstanding_amount) AS outstanding, sum(held.emission) AS emission
    FROM attributed_emission AS held
    JOIN entity_emission_choice AS choice
      ON choice.method = held.method AND choice.subject_kind = held.subject_kind
      AND choice.subject_id = held.subject_id AND choice.incomplete
    WHERE held.calculation_method = 'energy'
    GROUP BY held.method, held.subject_kind, held.subject_id
    ORDER BY held.method, outstanding DESC, held.subject_id
    """,
)

LOST = Query(
    "attributed_emission",
    """
    SELECT held.method, held.subject_kind, held.subject_id, held.calculation_method, count(*) AS loans,
      sum(held.outstanding_amount) AS outstanding
    FROM attributed_emission AS held
    JOIN (
      SELECT subject_kind, subject_id FROM entity_energy_emission WHERE emission IS NULL
      UNION
      SELECT made.subject_kind, made.subject_id FROM entity_process_emission AS made
      JOIN entity_energy_emission AS used
        ON used.subject_kind = made.subject_kind AND used.subject_id = made.subject_id
      WHERE made.emission IS NULL
    ) AS gap ON gap.subject_kind = held.subject_kind AND gap.subject_id = held.subject_id
    WHERE held.calculation_method NOT IN ('verified_report', 'unverified_report', 'energy')
    GROUP BY held.method, held.subject_kind, held.subject_id, held.calculation_method
    ORDER BY held.method, outstanding DESC, held.subject_id
    """,
)

LINES = Query(
    "entity_energy_emission",
    """
    SELECT subject_kind, subject_id, 'energy_return' AS stated_in, fuel_code AS code, quantity, unit
    FROM entity_energy_emission
    WHERE emission IS NULL
    UNION ALL
    SELECT subject_kind, subject_id, 'process_return' AS stated_in, process_code AS code, quantity, 't' AS unit
    FROM entity_process_emission
    WHERE emission IS NULL
    ORDER BY subject_kind, subject_id, stated_in, code
    """,
)

BY_DEFAULT = Query(
    "attributed_emission",
    """
    SELECT held.method, held.subject_id, sum(held.emission) AS emission, max(heat.emission) AS heat,
      max(heat.source) AS source
    FROM attributed_emission AS held
    JOIN (
      SELECT made.subject_kind, made.subject_id, sum(made.emission) AS emission, max(applied.source) AS source
      FROM entity_energy_emission AS made
      JOIN energy_factor_applied AS applied
        ON applied.area_code = made.area_code AND applied.fuel_code = made.fuel_code AND applied.unit = made.unit
        AND applied.source_kind = made.source_kind AND applied.status = 'default'
      WHERE made.emission > 0
      GROUP BY made.subject_kind, made.subject_id
    ) AS heat ON heat.subject_kind = held.subject_kind AND heat.subject_id = held.subject_id
    WHERE held.calculation_method = 'energy'
    GROUP BY held.method, held.subject_id
    ORDER BY held.method, heat DESC, held.subject_id
    """,
)

OLDER = Query(
    "entity_energy_emission",
    """
    SELECT applied.factor_year, made.subject_id, made.subject_kind, min(made.area_code) AS area,
      sum(made.emission) AS emission
    FROM entity_energy_emission AS made
    JOIN energy_factor_applied AS applied
      ON applied.area_code = made.area_code AND applied.fuel_code = made.fuel_code AND applied.unit = made.unit
      AND applied.source_kind = made.source_kind AND applied.status = 'older_year'
    JOIN (
      SELECT DISTINCT subject_kind, subject_id FROM attributed_emission WHERE calculation_method = 'energy'
    ) AS held ON held.subject_kind = made.subject_kind AND held.subject_id = made.subject_id
    GROUP BY applied.factor_year, made.subject_kind, made.subject_id
    ORDER BY applied.factor_year, emission DESC, made.subject_kind, made.subject_id
    """,
)

PLACES = """
    SELECT CASE WHEN given.project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
      coalesce(given.project_id, given.uscc) AS subject_id, given.{code} AS code, file.file, given.source_row
    FROM {table} AS given
    JOIN input_file AS file ON file.file_number = given.source_file AND file.table_name = '{table}'
    WHERE given.year = :year
    ORDER BY subject_kind, subject_id, code, file.file, given.source_row
    """

Subject = tuple[str, str]


def make(context: StepContext) -> None:
    """Write the findings on lines without a factor, on power by an older factor and on heat by default."""
    lines = _lines(context)
    if lines:
        _tell(context, "finance.energy_incomplete", context.sql(CLIENTS).to_pylist(), lines)
        _tell(context, "finance.energy_set_aside", context.sql(LOST).to_pylist(), lines)
    _tell_older(context)
    by_method: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in context.sql(BY_DEFAULT).to_pylist():
        by_method[row["method"]].append(row)
    for method, rows in sorted(by_method.items()):
        heat = sum(float(row["heat"]) for row in rows)
        values = {
            "method": method, "clients": len(rows), "heat": f"{heat:,.0f}", "source": rows[0]["source"],
            "named": _joined([f"{row['subject_id']} {row['heat']:,.0f} t" for row in rows[:MOST]]),
        }  # fmt: skip
        context.find(
            Problem("finance.heat_by_default", values=values, severity="warning"),
            table="entity_energy_emission", key=method, amount=heat, unit="tCO2e",
        )  # fmt: skip


def _tell_older(context: StepContext) -> None:
    """Tell, for each year of the grid factors taken in place of the book's, the clients and the emission on it."""
    by_year: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in context.sql(OLDER).to_pylist():
        by_year[row["factor_year"]].append(row)
    for factor_year, rows in sorted(by_year.items()):
        emission = sum(float(row["emission"] or 0) for row in rows)
        values = {
            "year": context.settings.year, "factor_year": factor_year, "clients": len(rows),
            "emission": f"{emission:,.0f}", "areas": sorted({row["area"] for row in rows})[:MOST],
            "named": _joined([f"{row['subject_id']} {row['emission'] or 0:,.0f} t" for row in rows[:MOST]]),
        }  # fmt: skip
        context.find(
            Problem("finance.power_factor_year", values=values, severity="notice"),
            table="energy_factor_applied", key=str(factor_year), amount=emission, unit="tCO2e",
        )  # fmt: skip


def _tell(
    context: StepContext, code: str, rows: Sequence[Mapping[str, Any]], lines: Mapping[Subject, Sequence[str]]
) -> None:
    by_method: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_method[row["method"]].append(row)
    for method, mine in sorted(by_method.items()):
        outstanding = sum(float(row["outstanding"] or 0) for row in mine)
        named: dict[str, list[str]] = {"zh": [], "en": []}
        for row in mine[:MOST]:
            told = "; ".join(lines.get((row["subject_kind"], row["subject_id"]), ()))
            balance = "-" if row["outstanding"] is None else f"{row['outstanding']:,.2f}"
            named["zh"].append(f"{row['subject_id']}（{told}；余额 {balance} 元）")
            named["en"].append(f"{row['subject_id']} ({told}; balance CNY {balance})")
        values = {
            "method": method, "clients": len(mine), "loans": sum(int(row["loans"]) for row in mine),
            "outstanding": f"{outstanding:,.2f}",
            "named": {"zh": "；".join(named["zh"]), "en": "; ".join(named["en"])},
        }  # fmt: skip
        context.find(
            Problem(code, values=values, severity="warning"),
            table="entity_energy_emission", key=method, amount=outstanding, unit="CNY",
        )  # fmt: skip


def _lines(context: StepContext) -> dict[Subject, list[str]]:
    """Return what each client or project stated and has no factor, with its file and row where known."""
    places = {table: stated_at(context, table) for table in STATED}
    found: dict[Subject, list[str]] = defaultdict(list)
    for row in context.sql(LINES).to_pylist():
        subject = (row["subject_kind"], row["subject_id"])
        place = places[row["stated_in"]].get((*subject, row["code"]), "")
        found[subject].append(f"{place}{row['code']} {float(row['quantity']):,.6g} {row['unit']}")
    return found


def stated_at(context: StepContext, table: str) -> dict[tuple[str, str, str], str]:
    """Return where a line of a client's energy data was first stated, as "file:row "; empty in a book without files.

    Args:
        context: of a step that reads the table.
        table: energy_return or process_return.

    Returns:
        (kind of subject, subject, code of the line) -> place.
    """
    places: dict[tuple[str, str, str], str] = {}
    if "source_file" in context.engine.columns(table) and context.engine.has("input_file"):
        query = Query(table, PLACES.format(table=table, code=STATED[table]))
        for row in context.sql(query, year=context.settings.year).to_pylist():
            key = (row["subject_kind"], row["subject_id"], row["code"])
            places.setdefault(key, f"{row['file']}:{row['source_row']} ")
    return places


def _joined(parts: Sequence[str]) -> dict[str, str]:
    return {"zh": "、".join(parts), "en": ", ".join(parts)}
