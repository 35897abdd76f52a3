"""Slips of unit: a column, or a row, that stands 10⁴ or 10⁸ off what it is compared with (吨/万吨, 元/万元/亿元).

A column is described by the median of the logarithm of its absolute non-zero values, in tenths of a power
of ten: exact, the same on every run, and one grouped count in the engine. A distance is called a slip when
it is closer to 4 (or 8) powers of ten than to one power less or more; at least ten values must be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lvshu.contract import Column, TableContract, load
from lvshu.core.errors import Problem, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.report import InputFile
from lvshu.intake.text import quoted

MINIMUM_VALUES = 10
SLIPS = (4, 8)
_SHOWN = 20
_MAGNITUDE = "CAST(floor(log10(abs(CAST({value} AS DOUBLE))) * 10) AS INTEGER)"


def slip(distance: float) -> int | None:
    """Return the power of ten (4 or 8, with sign) that a distance in powers of ten stands for, or None."""
    for power in SLIPS:
        if power - 0.5 <= abs(distance) <= power + 0.5:
            return power if distance > 0 else -power
    return None


def _measured(contract: TableContract) -> list[Column]:
    return [
        column
        for column in contract.columns
        if column.type in ("money", "quantity") and not column.unit.startswith("column:")
    ]


def magnitudes(engine: DuckDB, table: str, column: str) -> dict[int, tuple[int, float]]:
    """Return, by source_file, how many non-zero values a column has and their median power of ten."""
    value = quoted(column)
    rows = engine.execute(
        f"SELECT source_file, {_MAGNITUDE.format(value=value)} AS tenth, count(*) FROM {quoted(table)} "
        f"WHERE {value} <> 0 GROUP BY 1, 2 ORDER BY 1, 2"
    )
    tallies: dict[int, list[tuple[int, int]]] = {}
    for number, tenth, count in rows:
        tallies.setdefault(int(number), []).append((int(tenth), int(count)))
    return {number: (sum(n for _, n in tally), _median(tally) / 10) for number, tally in tallies.items()}


def _median(tally: Sequence[tuple[int, int]]) -> int:
    half, seen = sum(count for _, count in tally) / 2, 0
    for tenth, count in tally:
        seen += count
        if seen >= half:
            return tenth
    return tally[-1][0]


def check_units(
    engine: DuckDB,
    contract: TableContract,
    files: Sequence[InputFile],
    previous: Mapping[tuple[str, str], float],
) -> tuple[Problem, ...]:
    """Write the table's column_profile and return a warning for each suspected slip of unit.

    Args:
        engine: engine with the finished table.
        contract: its contract.
        files: its files, by number from 1.
        previous: (table, column) -> median power of ten in an earlier run.
    """
    problems: list[Problem] = []
    profile: list[tuple[object, ...]] = []
    for column in _measured(contract):
        found = magnitudes(engine, contract.name, column.name)
        medians = {number: median for number, (count, median) in found.items() if count >= MINIMUM_VALUES}
        for number, (count, median) in sorted(found.items()):
            profile.append(
                (contract.name, number, files[number - 1].label, column.name, column.unit, count, median)
            )
        problems += _between_files(contract, column, medians, files)
        problems += _against_previous(contract, column, medians, files, previous)
        problems += _plausible(engine, contract, column)
        problems += _along_key(engine, contract, column)
    if profile:
        names = load("column_profile").column_names
        columns = zip(names, (list(one) for one in zip(*profile, strict=True)), strict=True)
        engine.append(load("column_profile"), dict(columns))
    return tuple(problems)


def _slip_problem(
    code: str, contract: TableContract, column: Column, where: Where, power: int, **values: object
) -> Problem:
    shown = {"table": contract.name, "label": {"zh": column.zh, "en": column.en}, "unit": column.unit}
    return Problem(code, where, {**shown, "power": abs(power), **values}, "warning")


def _between_files(
    contract: TableContract, column: Column, medians: Mapping[int, float], files: Sequence[InputFile]
) -> list[Problem]:
    problems = []
    for number, median in medians.items():
        others = sorted(value for other, value in medians.items() if other != number)
        if not others:
            continue
        power = slip(median - others[len(others) // 2])
        if power and (len(others) > 1 or power < 0):
            file = files[number - 1]
            where = Where(file.name, file.sheet or None, None, column.name)
            problems.append(
                _slip_problem("intake.unit_slip_file", contract, column, where, power, others=len(others))
            )
    return problems


def _against_previous(
    contract: TableContract,
    column: Column,
    medians: Mapping[int, float],
    files: Sequence[InputFile],
    previous: Mapping[tuple[str, str], float],
) -> list[Problem]:
    before = previous.get((contract.name, column.name))
    problems = []
    for number, median in medians.items() if before is not None else ():
        power = slip(median - (before or 0.0))
        if power:
            file = files[number - 1]
            where = Where(file.name, file.sheet or None, None, column.name)
            problems.append(_slip_problem("intake.unit_slip_previous", contract, column, where, power))
    return problems


def _plausible(engine: DuckDB, contract: TableContract, column: Column) -> list[Problem]:
    value = quoted(column.name)
    tests = [
        f"{value} {sign} {bound}"
        for sign, bound in (("<", column.plausible_minimum), (">", column.plausible_maximum))
        if bound
    ]
    if not tests:
        return []
    where_sql = " OR ".join(tests)
    count = engine.execute(f"SELECT count(*) FROM {quoted(contract.name)} WHERE {where_sql}")[0][0]
    if not count:
        return []
    values = {
        "rows": count,
        "minimum": column.plausible_minimum or "−∞",
        "maximum": column.plausible_maximum or "+∞",
        "examples": _examples(engine, contract, column, where_sql),
    }
    return [_slip_problem("intake.implausible", contract, column, Where(column=column.name), 4, **values)]


def _examples(engine: DuckDB, contract: TableContract, column: Column, where_sql: str) -> list[str]:
    keys = contract.key or (column.name,)
    shown = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in (*keys, column.name))
    rows = engine.execute(
        f"SELECT concat_ws(' ', {shown}) AS shown FROM {quoted(contract.name)} WHERE {where_sql} "
        f"ORDER BY shown LIMIT {_SHOWN}"
    )
    return [str(row[0]) for row in rows]


def _along_key(engine: DuckDB, contract: TableContract, column: Column) -> list[Problem]:
    """Warn where one record's value jumps by about 10⁴ from one period to the next."""
    times = [name for name in contract.key if contract.column(name).type in ("month", "year", "date")]
    entity = [name for name in contract.key if name not in times]
    if len(times) != 1 or not entity:
        return []
    table, value, keys = (
        quoted(contract.name),
        quoted(column.name),
        ", ".join(quoted(name) for name in entity),
    )
    period = quoted(times[0])
    size = f"log10(abs(CAST({value} AS DOUBLE)))"
    jump = " OR ".join(f"abs(distance) BETWEEN {power - 0.1} AND {power + 0.1}" for power in SLIPS)
    rows = engine.execute(
        f"""WITH wide AS (
          SELECT hash({keys}) AS hashed FROM {table} WHERE {value} <> 0
          GROUP BY 1 HAVING max({size}) - min({size}) >= 3.5
        ), step AS (
          SELECT {keys}, {period} AS period,
            {size} - lag({size}) OVER (PARTITION BY {keys} ORDER BY {period}) AS distance
          FROM {table} AS one WHERE {value} <> 0 AND hash({keys}) IN (SELECT hashed FROM wide)
        )
        SELECT concat_ws(' ', {keys}, CAST(period AS VARCHAR)) AS shown FROM step WHERE {jump} ORDER BY shown"""
    )
    if not rows:
        return []
    values = {"rows": len(rows), "examples": [str(row[0]) for row in rows[:_SHOWN]]}
    return [_slip_problem("intake.unit_slip_row", contract, column, Where(column=column.name), 4, **values)]
