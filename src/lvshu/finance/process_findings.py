"""Tells which estimates lack the emission of industrial processes, and which processes have no factor."""

from __future__ import annotations

from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.energy_findings import stated_at

MOST = 5

WITHOUT_FACTOR = Query(
    "entity_process_emission",
    """
    SELECT process_code, subject_kind, subject_id, quantity
    FROM entity_process_emission
    WHERE factor_kind = 'none'
    ORDER BY process_code, quantity DESC, subject_kind, subject_id
    """,
)

ENERGY_ALONE = Query(
    "attributed_emission",
    """
    SELECT held.method, rule.weight, held.subject_id, rule.name_zh, rule.name_en, count(*) AS loans,
      sum(held.emission) AS emission
    FROM attributed_emission AS held
    JOIN entity_emission_estimate AS estimate
      ON estimate.subject_kind = held.subject_kind AND estimate.subject_id = held.subject_id
      AND estimate.calculation = 'energy' AND estimate.process_missing
    LEFT JOIN enterprise ON held.subject_kind = 'entity' AND enterprise.uscc = held.subject_id
    LEFT JOIN project ON held.subject_kind = 'project' AND project.project_id = held.subject_id
    JOIN pack_process_industries AS rule ON rule.class_code = coalesce(enterprise.industry_code, project.industry_code)
    WHERE held.calculation_method = 'energy'
    GROUP BY held.method, rule.weight, held.subject_id, rule.name_zh, rule.name_en
    ORDER BY held.method, rule.weight, emission DESC, held.subject_id
    """,
)

WITHOUT_ENERGY = Query(
    "entity_process_emission",
    """
    SELECT made.subject_id, sum(made.emission) AS emission
    FROM entity_process_emission AS made
    LEFT JOIN (SELECT DISTINCT subject_kind, subject_id FROM entity_energy_emission) AS used
      ON used.subject_kind = made.subject_kind AND used.subject_id = made.subject_id
    WHERE used.subject_id IS NULL AND made.emission > 0
    GROUP BY made.subject_kind, made.subject_id
    ORDER BY emission DESC, made.subject_id
    """,
)

NONE_AND_OTHERS = Query(
    "entity_process_emission",
    """
    SELECT made.subject_id, sum(made.emission) AS emission
    FROM entity_process_emission AS made
    JOIN entity_process_emission AS said
      ON said.subject_kind = made.subject_kind AND said.subject_id = made.subject_id AND said.process_code = 'none'
    WHERE made.emission > 0
    GROUP BY made.subject_kind, made.subject_id
    ORDER BY emission DESC, made.subject_id
    """,
)

COUNTED_TWICE = Query(
    "entity_process_emission",
    """
    SELECT both_sides.subject_id, least(both_sides.materials, both_sides.outputs) AS emission
    FROM (
      SELECT made.subject_kind, made.subject_id,
        sum(CASE WHEN pack.basis = 'input' THEN made.emission END) AS materials,
        sum(CASE WHEN pack.basis = 'output' THEN made.emission END) AS outputs
      FROM entity_process_emission AS made
      JOIN pack_process_factors AS pack ON pack.process_code = made.process_code
      WHERE pack.material IN ('carbonate', 'carbon') AND made.emission > 0
      GROUP BY made.subject_kind, made.subject_id, pack.material
    ) AS both_sides
    WHERE both_sides.materials IS NOT NULL AND both_sides.outputs IS NOT NULL
    ORDER BY emission DESC, both_sides.subject_id
    """,
)

OF_CLIENTS = (
    ("finance.process_without_energy", WITHOUT_ENERGY),
    ("finance.process_none_contradicted", NONE_AND_OTHERS),
    ("finance.process_counted_twice", COUNTED_TWICE),
)
"""Findings that name clients and tonnes."""

BY_INTENSITY = Query(
    "attributed_emission",
    """
    SELECT held.method, count(*) AS loans, sum(held.emission) AS emission
    FROM attributed_emission AS held
    JOIN pack_process_industries AS rule ON rule.class_code = held.sector_code AND rule.weight = 'main'
    WHERE held.calculation_method IN ('economic', 'fallback') AND held.emission > 0
    GROUP BY held.method
    ORDER BY held.method
    """,
)


def make(context: StepContext) -> None:
    """Write the findings on process emissions."""
    _without_factor(context)
    for code, query in OF_CLIENTS:
        _of_clients(context, code, query)
    _energy_alone(context)
    for row in context.sql(BY_INTENSITY).to_pylist():
        values = {"method": row["method"], "loans": row["loans"], "emission": f"{row['emission']:,.0f}"}
        context.find(
            Problem("finance.process_not_in_intensity", values=values, severity="notice"),
            table="attributed_emission", key=row["method"], amount=float(row["emission"]), unit="tCO2e",
        )  # fmt: skip


def _without_factor(context: StepContext) -> None:
    """Tell, for each process that has no factor, whose data cannot be converted and where they stand."""
    by_process: dict[str, list[dict[str, Any]]] = {}
    for row in context.sql(WITHOUT_FACTOR).to_pylist():
        by_process.setdefault(row["process_code"], []).append(row)
    places = stated_at(context, "process_return") if by_process else {}
    for process, rows in by_process.items():
        named = []
        for row in rows[:MOST]:
            place = places.get((row["subject_kind"], row["subject_id"], process), "")
            named.append(f"{place}{row['subject_id']} {float(row['quantity']):,.6g} t")
        values = {
            "process": process, "clients": len(rows), "quantity": f"{float(sum(row['quantity'] for row in rows)):,.6g}",
            "named": {"zh": "、".join(named), "en": ", ".join(named)},
        }  # fmt: skip
        context.find(
            Problem("finance.no_process_factor", values=values, severity="warning"),
            table="entity_process_emission", key=process, amount=float(len(rows)), unit="1",
        )  # fmt: skip


def _of_clients(context: StepContext, code: str, query: Query) -> None:
    rows = context.sql(query).to_pylist()
    if not rows:
        return
    emission = sum(float(row["emission"]) for row in rows)
    names = list(dict.fromkeys(row["subject_id"] for row in rows))
    named = {"zh": "、".join(names[:MOST]), "en": ", ".join(names[:MOST])}
    values = {"clients": len(names), "emission": f"{emission:,.0f}", "named": named}
    context.find(
        Problem(code, values=values, severity="warning"),
        table="entity_process_emission", key=names[0], amount=emission, unit="tCO2e",
    )  # fmt: skip


def _energy_alone(context: StepContext) -> None:
    groups: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in context.sql(ENERGY_ALONE).to_pylist():
        groups.setdefault((row["method"], row["weight"]), []).append(row)
    for (method, weight), rows in sorted(groups.items()):
        emission = sum(float(str(row["emission"])) for row in rows)
        named = {
            language: [f"{row['subject_id']} {row[f'name_{language}']}" for row in rows[:MOST]]
            for language in ("zh", "en")
        }
        values = {
            "method": method,
            "clients": len(rows),
            "loans": sum(int(str(row["loans"])) for row in rows),
            "emission": f"{emission:,.0f}",
            "named": {"zh": "、".join(named["zh"]), "en": ", ".join(named["en"])},
        }
        main = weight == "main"
        code = "finance.process_missing" if main else "finance.process_missing_side"
        context.find(
            Problem(code, values=values, severity="warning" if main else "notice"),
            table="entity_emission_estimate", key=method, amount=emission, unit="tCO2e",
        )  # fmt: skip
