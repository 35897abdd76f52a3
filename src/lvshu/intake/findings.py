"""Warnings of intake as rows of the table `finding`, and references to records that are not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lvshu.contract import Column, TableContract, load
from lvshu.core.errors import Problem, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.text import literal, quoted

REFERENCES = "intake.references"
_SHOWN = 20


def write_findings(engine: DuckDB, step: str, table: str, problems: Iterable[Problem]) -> None:
    """Add a row of `finding` for each warning and notice; errors are in quarantine or kept the file out."""
    contract = load("finding")
    columns: dict[str, list[object]] = {name: [] for name in contract.column_names}
    for one in problems:
        row: dict[str, object] = {
            "step": step,
            "code": one.code,
            "severity": one.severity,
            "table_name": table,
            "record_key": one.where.key() or None,
            "amount": float(str(one.values["rows"])) if "rows" in one.values else None,
            "unit": "1" if "rows" in one.values else None,
            **{
                f"{part}_{language}": getattr(one, part)(language)
                for part in ("what", "why", "fix")
                for language in ("zh", "en")
            },
        }
        for name in contract.column_names:
            columns[name].append(row[name])
    engine.create(contract)
    if columns["step"]:
        engine.append(contract, columns)


def check_references(engine: DuckDB, contracts: Mapping[str, TableContract]) -> tuple[Problem, ...]:
    """Return a warning for each foreign key with values that its table lacks; the rows stay where they are.

    Args:
        engine: the book, with all input tables made.
        contracts: the input tables, by name.
    """
    problems: list[Problem] = []
    engine.create(load("finding"))
    engine.execute(f"DELETE FROM finding WHERE step = {literal(REFERENCES)}")
    for name, contract in contracts.items():
        for column in contract.columns:
            target, _, key = column.foreign_key.partition(".")
            if not key or not engine.has(name) or not engine.has(target):
                continue
            within = contracts[target].numbered_within if target in contracts else ""
            problem = _orphans(engine, contract, column, target, key, within)
            if problem:
                problems.append(problem)
                write_findings(engine, REFERENCES, name, (problem,))
    return tuple(problems)


def _orphans(
    engine: DuckDB, contract: TableContract, given: Column, target: str, key: str, within: str
) -> Problem | None:
    column, where = given.name, f" AND ({given.foreign_key_where})" if given.foreign_key_where else ""
    source = (
        f"FROM {quoted(contract.name)} AS one WHERE one.{quoted(column)} IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {quoted(target)} AS known WHERE known.{quoted(key)} = one.{quoted(column)}){where}"
    )
    rows, values = engine.execute(f"SELECT count(*), count(DISTINCT one.{quoted(column)}) {source}")[0]
    if not rows:
        return None
    shown = f"CAST(one.{quoted(column)} AS VARCHAR)"
    if within and within in contract.column_names:
        shown = f"concat({shown}, ' (' || one.{quoted(within)} || ')')"
    examples = engine.execute(f"SELECT DISTINCT {shown} AS shown {source} ORDER BY shown LIMIT {_SHOWN}")
    return Problem(
        "intake.unknown_reference",
        Where(column=column),
        {
            "table": contract.name,
            "column": column,
            "rows": rows,
            "distinct": values,
            "target": f"{target}.{key}",
            "examples": [row[0] for row in examples],
        },
        "warning",
    )
