"""Fills flexible employment by district, protected together with the city's figures that other tables show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.disclosure.history import Release
from lvshu.statistics.disclosure.primary import (
    Cells,
    Rules,
    Union,
    Unsafe,
    summarise,
    union_of_cells,
    union_of_records,
    unsafe_cells,
)
from lvshu.statistics.disclosure.structure import Dimension, Key, Structure, table_structure
from lvshu.statistics.disclosure.table import DraftTable, hidden_errors, protect
from lvshu.statistics.employment import Survey, read_survey
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.methods.survey import Estimate, count_interval
from lvshu.statistics.protection import (
    NONE_SAMPLED,
    SECONDS,
    SHOWN,
    SUPPRESSED,
    groups,
    rules_for,
    tell_problems,
    tell_warnings,
    thresholds,
)

TABLE = "flexible_employment_district"
PLATFORMS = Query(
    TABLE,
    """
    SELECT month, district_code, platform_uscc, CAST(count(*) AS BIGINT) AS records
    FROM platform_work_record
    WHERE orders >= 1 AND substr(month, 1, 4) = :year
    GROUP BY month, district_code, platform_uscc
    ORDER BY month, district_code, platform_uscc
    """,
)
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Definition:
    """One definition by district: estimates, persons behind each, and sums of squares of the clusters' parts.

    platforms: of each district the work records of each platform (or group of platforms), mean of the months; None
    where no platforms stand behind the figures.
    """

    code: str
    estimates: Mapping[str, Estimate]
    persons: Mapping[str, float]
    squares: Mapping[str, float]
    is_count: bool
    platforms: Mapping[str, Mapping[str, float]] | None = None


def make(context: StepContext) -> None:
    """Fill `flexible_employment_district`: no district's figure follows from the city's and the other districts'."""
    rules = rules_for(context, "person", TABLE)
    rows: list[dict[str, Any]] = []
    for definition in definitions(context):
        rows += _protected(context, definition, rules)
    if rows:
        context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    hidden = sum(row["status"] == SUPPRESSED for row in rows)
    if hidden:
        values = {"cells": hidden, "smallest": rules.minimum_count}
        problem = Problem("statistics.district_suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(hidden), unit="1")


def definitions(context: StepContext) -> list[Definition]:
    """Return the definitions that have figures by district, with what stands behind each."""
    survey = read_survey(context)
    return [one for one in (_survey(survey), _register(context, survey.months)) if one.estimates]


def judged(context: StepContext, definition: Definition, rules: Rules) -> tuple[DraftTable, Unsafe]:
    """Return the districts of a definition and their sum, and which are unsafe, by persons and by platforms.

    Args:
        context: of the step.
        definition: one of `definitions`.
        rules: for persons.
    """
    draft = _draft(definition)
    unsafe = unsafe_cells(draft.cells, rules)
    if definition.is_count and rules.minimum_count is not None:
        reach = np.where(unsafe.flag, rules.minimum_count - draft.cells.value, 0.0)
        upper = np.maximum(unsafe.upper, reach)
        unsafe = Unsafe(unsafe.flag, upper, np.minimum(upper, draft.cells.value))
    if definition.platforms is not None:
        draft, unsafe = _of_platforms(context, draft, unsafe, definition.platforms)
    return draft, unsafe


def city_is_shown(context: StepContext, code: str) -> bool:
    """Return whether `flexible_employment` shows the whole area's figure of a definition."""
    rows = context.read(
        "flexible_employment", columns=("persons",), where=f"definition_code = '{code}'"
    ).to_pylist()
    return any(row["persons"] is not None for row in rows)


def _survey(survey: Survey) -> Definition:
    estimates, persons, squares = {}, {}, {}
    for district in sorted(set(survey.district)):
        inside = np.array([float(code == district) for code in survey.district])
        estimates[district] = survey.estimate("flexible", inside)
        persons[district] = float((survey.sampled["flexible"] * inside).sum())
        squares[district] = float(((survey.weighted["flexible"] * inside) ** 2).sum())
    return Definition("survey_flexible", estimates, persons, squares, is_count=False)


def _register(context: StepContext, months: tuple[str, ...]) -> Definition:
    """Return the register's workers by district, mean of the survey's months."""
    rows = context.read(
        "platform_worker", where=f"district_code <> '{TOTAL}'", order=("district_code", "month")
    )
    workers: dict[str, float] = {}
    for row in rows.to_pylist():
        if row["month"] in months:
            share = row["workers"] / len(months)
            workers[row["district_code"]] = workers.get(row["district_code"], 0.0) + share
    estimates = {district: Estimate(count, 0.0) for district, count in sorted(workers.items())}
    held: dict[str, dict[str, float]] = {}
    if workers:
        group = groups(context)
        for row in context.sql(PLATFORMS, year=str(context.settings.year)).to_pylist():
            if row["month"] in months:
                own = held.setdefault(row["district_code"], {})
                who = group.get(row["platform_uscc"], row["platform_uscc"])
                own[who] = own.get(who, 0.0) + row["records"] / len(months)
    return Definition("register_platform", estimates, workers, dict.fromkeys(workers, 0.0), True, held)


def _protected(context: StepContext, definition: Definition, rules: Rules) -> list[dict[str, Any]]:
    draft, unsafe = judged(context, definition, rules)
    place = {dict(key).get("district", TOTAL): number for number, key in enumerate(draft.structure.keys)}
    public = draft.cells.count == 0
    public[place[TOTAL]] |= city_is_shown(context, definition.code)
    try:
        safe = protect(
            draft, rules, cost="value", public=public, unsafe=unsafe, seconds=SECONDS,
            earlier=releases(context, definition.code, draft, is_same_year=True),
            last=next(iter(releases(context, definition.code, draft, is_same_year=False)), None),
        )  # fmt: skip
        hidden = safe.pattern.hidden
        tell_warnings(context, safe, TABLE)
    except MethodError as error:
        tell_problems(context, error, TABLE)
        values = {"definition": definition.code}
        context.find(
            Problem("statistics.definition_withheld", values=values, severity="warning"), table=TABLE
        )
        hidden = ~public
    squares = np.array(
        [definition.squares.get(dict(key).get("district", ""), 0.0) for key in draft.structure.keys]
    )
    unerring = hidden if definition.is_count else hidden_errors(draft.structure, squares, hidden, public)
    rows = []
    for district, found in definition.estimates.items():
        number = place[district]
        status = SUPPRESSED if hidden[number] else SHOWN
        error_status = SUPPRESSED if unerring[number] else SHOWN
        if not draft.cells.count[number]:
            status = error_status = NONE_SAMPLED
        rows.append(_row(district, definition, status, error_status, found))
    return rows


def _of_platforms(
    context: StepContext, draft: DraftTable, unsafe: Unsafe, held: Mapping[str, Mapping[str, float]]
) -> tuple[DraftTable, Unsafe]:
    """Return the table and its unsafe cells, judged by the platforms behind them too: one's workers are its secret."""
    rules = thresholds(context, "platform")
    top = max(2, rules.dominance[0] if rules.dominance else 2)
    by_cell = _by_cell(draft.structure, held)
    cells = summarise(by_cell, top)
    found = unsafe_cells(cells, rules)
    upper = np.maximum(unsafe.upper, np.where(found.flag, found.upper, 0.0))
    both = Unsafe(unsafe.flag | found.flag, upper, np.minimum(upper, draft.cells.value))
    return replace(draft, union=union_of_both(draft.union, union_of_records(by_cell, top), rules)), both


def _by_cell(structure: Structure, held: Mapping[str, Mapping[str, float]]) -> list[dict[str, float]]:
    found = []
    for key in structure.keys:
        own: dict[str, float] = {}
        for district in [dict(key)["district"]] if key else list(held):
            for who, records in held.get(district, {}).items():
                own[who] = own.get(who, 0.0) + records
        found.append(own)
    return found


def union_of_both(of_persons: Union, of_platforms: Union, rules: Rules) -> Union:
    """Return cells together as persons; where they are unsafe by their platforms, as of one person: unsafe too.

    Args:
        of_persons: cells together, by persons.
        of_platforms: the same cells together, by platforms.
        rules: for platforms.
    """

    def together(cells: Sequence[int]) -> Cells:
        persons = of_persons(cells)
        is_unsafe = bool(unsafe_cells(of_platforms(cells), rules).flag[0])
        return replace(persons, count=np.minimum(persons.count, 1)) if is_unsafe else persons

    return together


def releases(context: StepContext, code: str, draft: DraftTable, *, is_same_year: bool) -> list[Release]:
    """Return what was published before of a definition: of the year, or the newest of another year."""
    year = context.settings.year
    where = f"definition_code = '{code}' AND year {'=' if is_same_year else '<>'} {year}"
    rows = context.read(f"{TABLE}_previous", where=where, order=("year", "district_code")).to_pylist()
    if not rows:
        return []
    newest = rows[-1]["year"]
    shown: dict[Key, float] = {}
    hidden: set[Key] = set()
    for row in rows:
        key: Key = () if row["district_code"] == TOTAL else (("district", row["district_code"]),)
        if row["year"] != newest:
            continue
        if row["status"] == SHOWN and row["persons"] is not None:
            shown[key] = float(row["persons"])
        elif row["status"].startswith(SUPPRESSED):
            hidden.add(key)
    return [Release(str(newest), draft.dimensions, shown, frozenset(hidden))]


def _draft(definition: Definition) -> DraftTable:
    """Return the districts and their sum.

    Persons of the register who work in two districts make the city's figure smaller than the sum; the reader is taken
    to know the sum, which tells him more.
    """
    dimensions = (Dimension.flat("district", definition.estimates, TOTAL),)
    structure = table_structure(dimensions)
    values, count = np.zeros(len(structure.keys)), np.zeros(len(structure.keys), dtype=np.int64)
    for number, key in enumerate(structure.keys):
        inside = [dict(key)["district"]] if key else list(definition.estimates)
        values[number] = sum(definition.estimates[one].value for one in inside)
        count[number] = int(np.ceil(sum(definition.persons[one] for one in inside))) if inside else 0
        if definition.is_count:  # a mean of months: 9.5 persons are fewer than ten
            count[number] = int(np.floor(values[number])) or int(values[number] > 0)
    cells = Cells(values, count, np.zeros((len(values), 2)))
    return DraftTable(dimensions, structure, cells, union_of_cells(cells))


def _row(
    district: str, definition: Definition, status: str, error_status: str, found: Estimate
) -> dict[str, Any]:
    """Return a row; a count of a register has no standard error: none of its errors is known, and it is not zero;
    nor does a district of which the clusters do not vary."""
    is_told = error_status == SHOWN and not definition.is_count and found.standard_error > 0.0
    low, high = count_interval(found) if is_told else (None, None)
    return {
        "district_code": district,
        "definition_code": definition.code,
        "status": status,
        "persons": found.value if status == SHOWN else None,
        "error_status": error_status,
        "standard_error": found.standard_error if is_told else None,
        "low": low,
        "high": high,
    }
