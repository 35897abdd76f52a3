"""Who stands behind the rows of panels on finance that are no cuts of the loan book: flows, effects, classes, benefits.

Each source is a SELECT of row, column, who and amount: what each contributor adds to a figure of a panel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lvshu.engine.duckdb import text_literal
from lvshu.engine.query import Query, query
from lvshu.finance.flow_steps import flow_parameters
from lvshu.publish.reader import Reader
from lvshu.web.security.loan_book import contributor
from lvshu.web.security.loan_ways import PCAF
from lvshu.web.security.project_sources import bond_benefits, bonds, facility
from lvshu.web.security.sums import Part


def _rows(reader: Reader, sql: str) -> list[Part]:
    found = reader.book.engine.execute(sql, table="loan")  # type: ignore[attr-defined]
    return [(str(row), str(column), str(who), float(amount)) for row, column, who, amount in found if amount]


def _who(reader: Reader) -> str:
    """Return the SELECT of each loan with its borrower group."""
    method = text_literal(reader.settings.finance_methods[0])
    match = "LEFT JOIN loan_match m ON m.loan_id = l.loan_id" if reader.book.has("loan_match") else ""
    return (
        f"SELECT l.loan_id, s.subject_id, l.uscc, {contributor(reader)} AS who FROM loan l "
        f"JOIN loan_scope s ON s.loan_id = l.loan_id AND s.method = {method} {match}"
    )


def _of_subjects(reader: Reader, column: str) -> str:
    """Return the SELECT of each borrower with its group, by a column of `_who`."""
    return f"SELECT {column} AS subject, min(who) AS who FROM ({_who(reader)}) GROUP BY {column}"


def _steps(made: Query, until: str, last: str, parameters: Any) -> str:
    """Return a query of the book up to one of its steps, with another last step."""
    kept: list[str] = []
    for name, text in made.steps:
        kept.append(f"-- step: {name}\n{text}")
        if name == until:
            break
    return Query(made.table, "\n".join([*kept, f"-- step: result\n{last}"])).rendered(parameters, "duckdb")


def switch_effects(reader: Reader) -> list[Part]:
    """Return what each borrower group adds to the effects of another accounting method, tCO2e."""
    methods = reader.settings.finance_methods
    parameters = {"methods": "|" + "|".join(methods) + "|", "base_method": methods[0]}
    sql = _steps(query("lvshu.finance", "method_switch"), "effect",
                 "SELECT effect, method, loan_id, emission FROM effect", parameters)  # fmt: skip
    return _rows(
        reader,
        f"SELECT e.effect, e.method, coalesce(w.who, e.loan_id), sum(e.emission) FROM ({sql}) e "
        f"LEFT JOIN ({_who(reader)}) w ON w.loan_id = e.loan_id GROUP BY ALL ORDER BY ALL",
    )


def flows(reader: Reader) -> list[Part]:
    """Return what each borrower group adds to the flows of a carbon class in a quarter, CNY.

    The row is class/quarter; the columns are inflow, outflow, net_flow and outstanding_end.
    """
    last = (
        "SELECT moved.loan_id, cell.carbon_class, period.period, moved.moved, moved.balance_end FROM moved "
        "JOIN cell ON cell.cell = moved.cell JOIN capital_flow_period AS period "
        "ON period.begin_number = moved.begin_number AND period.end_number = moved.end_number "
        "WHERE period.period_kind = 'quarter'"
    )
    sql = _steps(query("lvshu.finance", "capital_flow"), "moved", last, flow_parameters(reader.settings))
    each = {
        "inflow": "CASE WHEN moved > 0 THEN moved END",
        "outflow": "CASE WHEN moved < 0 THEN -moved END",
        "net_flow": "moved",
        "outstanding_end": "balance_end",
    }
    sums = ", ".join(f"CAST(sum({what}) AS DOUBLE) AS {name}" for name, what in each.items())
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT concat(f.carbon_class, '/', f.period), coalesce(w.who, f.loan_id), {sums} FROM ({sql}) f "
        f"LEFT JOIN ({_who(reader)}) w ON w.loan_id = f.loan_id GROUP BY ALL ORDER BY ALL",
        table="loan",
    )
    return [
        (row[0], name, str(row[1]), float(row[place]))
        for row in rows
        for place, name in enumerate(each, start=2)
        if row[place]
    ]


def capital_changes(reader: Reader) -> list[Part]:
    """Return what each borrower group adds to the begin and the change of a carbon class in the year, CNY."""
    placed = (
        "SELECT b.loan_id, CASE WHEN i.group_code IS NOT NULL AND s.green THEN 'high_carbon_green' "
        "WHEN i.group_code IS NOT NULL THEN 'high_carbon' WHEN s.green THEN 'green' ELSE 'other' END AS class, "
        "b.year_begin_balance AS first, b.year_end_balance - b.year_begin_balance AS change FROM loan_subject s "
        "JOIN loan_average_balance b ON b.loan_id = s.loan_id "
        "LEFT JOIN industry_group i ON i.class_code = s.sector_code AND i.method = '*' "
        "WHERE b.balance_status <> 'after_year'"
    )
    return [
        part
        for column, what in (("begin", "first"), ("change", "change"))
        for part in _rows(
            reader,
            f"SELECT p.class, {text_literal(column)}, coalesce(w.who, p.loan_id), sum(p.{what}) FROM ({placed}) p "
            f"LEFT JOIN ({_who(reader)}) w ON w.loan_id = p.loan_id GROUP BY ALL ORDER BY ALL",
        )
    ]


def gap_effects(reader: Reader) -> list[Part]:
    """Return what each client adds to the effect of a rule for gaps, by code/method, tCO2e."""
    return _rows(
        reader,
        "SELECT concat(g.code, '/', g.method), 'effect', coalesce(w.who, v.who, g.record_id), sum(g.effect) "
        f"FROM finance_gap_record g LEFT JOIN ({_of_subjects(reader, 'subject_id')}) w ON w.subject = g.record_id "
        f"LEFT JOIN ({_who(reader)}) v ON v.loan_id = g.record_id GROUP BY ALL ORDER BY ALL",
    )


def asset_classes(reader: Reader) -> list[Part]:
    """Return what each client adds to PCAF's asset classes: amounts in CNY, emissions in tCO2e."""
    columns = ("outstanding_amount", "scope1", "scope2", "scope_unsplit", "scope3")
    sources = []
    if reader.book.has("attributed_emission") and reader.book.has("loan_subject"):
        sources.append(
            f"SELECT s.asset_class, w.who, {', '.join(f'a.{name}' for name in columns)} FROM attributed_emission a "
            f"JOIN loan_subject s ON s.loan_id = a.loan_id JOIN ({_who(reader)}) w ON w.loan_id = a.loan_id "
            f"WHERE a.method = {text_literal(PCAF)}"
        )
    if reader.book.has("asset_class_emission"):
        sources.append(
            f"SELECT e.asset_class, coalesce(w.who, e.subject_id, e.position_id) AS who, "
            f"{', '.join(f'e.{name}' for name in columns)} FROM asset_class_emission e "
            f"LEFT JOIN ({_of_subjects(reader, 'uscc')}) w ON w.subject = e.subject_id"
        )
    every = " UNION ALL ".join(sources)
    return [
        part
        for name in columns if sources
        for part in _rows(
            reader,
            f"SELECT asset_class, {text_literal(name)}, who, CAST(sum({name}) AS DOUBLE) FROM ({every}) "
            "GROUP BY ALL ORDER BY ALL",
        )
    ]  # fmt: skip


def set_apart(reader: Reader) -> list[Part]:
    """Return what each client adds to removals, credits and avoided emissions, by kind and method, tCO2e."""
    return _rows(
        reader,
        "SELECT a.kind, a.method, coalesce(w.who, e.subject_id, a.position_id), sum(a.quantity) "
        f"FROM attributed_apart a LEFT JOIN ({_who(reader)}) w ON w.loan_id = a.position_id "
        "LEFT JOIN asset_class_emission e ON e.position_id = a.position_id GROUP BY ALL ORDER BY ALL",
    )


def benefits(reader: Reader) -> list[Part]:
    """Return what each project adds to a benefit and to the loans' part of it.

    Rows are indicator/stage, and of greenhouse gases type:project type/stage, with the columns quantity and part.
    """
    shares = "SELECT b.project_id, b.indicator, b.stage, b.quantity FROM benefit_share b WHERE b.status = 'attributed'"
    tables = [
        (
            "quantity",
            "SELECT project_id, indicator, stage, quantity FROM project_benefit WHERE status = 'computed'",
        )
    ]
    if reader.book.has("benefit_share"):
        tables.append(("part", shares))
    types = "SELECT DISTINCT project_id, project_type FROM project_benefit"
    found: list[Part] = []
    for column, sql in tables:
        name = text_literal(column)
        found += _rows(
            reader,
            f"SELECT concat(indicator, '/', stage), {name}, project_id, CAST(sum(quantity) AS DOUBLE) FROM ({sql}) "
            "GROUP BY ALL ORDER BY ALL",
        )
        found += _rows(
            reader,
            f"SELECT concat('type:', t.project_type, '/', b.stage), {name}, b.project_id, "
            f"CAST(sum(b.quantity) AS DOUBLE) FROM ({sql}) b JOIN ({types}) t ON t.project_id = b.project_id "
            "WHERE b.indicator = 'greenhouse_gas' "
            "GROUP BY ALL ORDER BY ALL",
        )
    return found


def plans(reader: Reader) -> list[Part]:
    """Return what each client's transition plans add to the spending of a year, CNY: the largest row of each plan."""
    found: list[Part] = []
    for column in ("planned_spending", "actual_spending"):
        found += _rows(
            reader,
            f"SELECT p.year, {text_literal(column)}, coalesce(w.who, p.uscc), sum(p.spent) FROM (SELECT plan_id, "
            f"min(uscc) AS uscc, year, CAST(max({column}) AS DOUBLE) AS spent FROM transition_progress "
            f"GROUP BY plan_id, year) p LEFT JOIN ({_of_subjects(reader, 'uscc')}) w ON w.subject = p.uscc "
            "GROUP BY ALL ORDER BY ALL",
        )
    return found


SOURCES: dict[str, Callable[[Reader], list[Part]]] = {
    "switch": switch_effects,
    "flow_matrix": flows,
    "capital": capital_changes,
    "finance_gap": gap_effects,
    "pcaf": asset_classes,
    "apart": set_apart,
    "transition_plan": plans,
    "benefit": benefits,
    "facility": facility,
    "green_bond": bonds,
    "green_bond_benefit": bond_benefits,
}
"""What is read for each panel."""


def read_parts(reader: Reader, panels: Iterable[str]) -> dict[str, list[Part]]:
    """Return who stands behind the rows of the panels that are there, by id of the panel."""
    return {name: SOURCES[name](reader) for name in panels if name in SOURCES}


def columns_of(parts: Iterable[Part], column: str) -> list[Part]:
    """Return the parts of one column."""
    return [part for part in parts if part[1] == column]
