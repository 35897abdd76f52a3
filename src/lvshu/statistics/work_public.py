"""Fills `platform_worker_public`: the platforms' workers by month and district, protected over all months at once.

The year's table by district shows the mean of the survey's months, and the city is shown by month: cells are hidden so
that none follows from those either. A worker counts in every district in which he worked, so that districts add up to
more than the city; the reader is taken to know their sum, which tells him more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import employment_district
from lvshu.statistics.disclosure.history import Release
from lvshu.statistics.disclosure.primary import (
    Cells,
    Flag,
    Rules,
    Unsafe,
    summarise,
    union_of_cells,
    union_of_records,
    unsafe_cells,
)
from lvshu.statistics.disclosure.structure import Dimension, Key, Structure
from lvshu.statistics.disclosure.table import DraftTable, protect
from lvshu.statistics.employment_district import PLATFORMS, union_of_both
from lvshu.statistics.employment_hidden import hidden_registers
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.protection import (
    SECONDS,
    SHOWN,
    SUPPRESSED,
    groups,
    rules_for,
    tell_problems,
    tell_warnings,
    thresholds,
)

TABLE = "platform_worker_public"
DISTRICT, PERIOD, YEAR = "district", "period", "year"
REGISTER = "register_platform"
Place = tuple[str, str]
"""Month, or `YEAR` for the sum over the survey's months; district, or `TOTAL` for the sum over the districts."""


@dataclass(frozen=True)
class Workers:
    """Workers by month and district, the city's, each once; and the records of each platform (or group) by place.

    surveyed: the survey's months that have workers.
    survey_months: how many months the survey has, with workers or without: another table shows by district the sum over
        `surveyed` divided by this number.
    """

    count: Mapping[Place, int]
    city: Mapping[str, int]
    held: Mapping[Place, Mapping[str, float]]
    surveyed: tuple[str, ...]
    survey_months: int

    @property
    def months(self) -> list[str]:
        """Return the months in order."""
        return sorted({month for month, _ in self.count})

    @property
    def districts(self) -> list[str]:
        """Return the districts in order."""
        return sorted({district for _, district in self.count})


def make(context: StepContext) -> None:
    """Fill `platform_worker_public`; where it cannot be protected, hide every district and tell why."""
    workers = workers_of(context)
    if not workers.count:
        return
    rules = rules_for(context, "person", TABLE)
    draft, unsafe = judged(context, workers, rules)
    try:
        safe = protect(
            draft, rules, cost="value", public=public_of(context, workers, draft), unsafe=unsafe, seconds=SECONDS,
            earlier=releases(context, draft, is_same_year=True),
            last=next(iter(releases(context, draft, is_same_year=False)), None),
        )  # fmt: skip
        hidden = safe.pattern.hidden
        tell_warnings(context, safe, TABLE)
    except MethodError as error:
        tell_problems(context, error, TABLE)
        context.find(Problem("statistics.worker_months_withheld", severity="warning"), table=TABLE)
        hidden = np.ones(len(draft.structure.keys), dtype=bool)
    place = draft.structure.place
    is_city = city_is_shown(context, workers)
    rows = []
    for month in workers.months:
        rows.append(_row(month, TOTAL, workers.city.get(month, 0), is_hidden=not is_city))
        for district in workers.districts:
            is_hidden = bool(hidden[place[key_of_place((month, district))]])
            rows.append(_row(month, district, workers.count.get((month, district), 0), is_hidden=is_hidden))
    context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    gone = sum(row["status"] == SUPPRESSED for row in rows)
    if gone:
        values = {"cells": gone, "of": len(rows), "smallest": rules.minimum_count}
        problem = Problem("statistics.worker_months_suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(gone), unit="1")


def _row(month: str, district: str, workers: int, *, is_hidden: bool) -> dict[str, Any]:
    status = SUPPRESSED if is_hidden else SHOWN
    return {
        "month": month, "district_code": district, "status": status, "workers": None if is_hidden else workers,
    }  # fmt: skip


def workers_of(context: StepContext) -> Workers:
    """Return the workers and what stands behind them."""
    count: dict[Place, int] = {}
    city: dict[str, int] = {}
    for row in context.read("platform_worker", order=("month", "district_code")).to_pylist():
        if row["district_code"] == TOTAL:
            city[row["month"]] = int(row["workers"])
        else:
            count[row["month"], row["district_code"]] = int(row["workers"])
    held: dict[Place, dict[str, float]] = {}
    if count:
        group = groups(context)
        for row in context.sql(PLATFORMS, year=str(context.settings.year)).to_pylist():
            own = held.setdefault((row["month"], row["district_code"]), {})
            who = group.get(row["platform_uscc"], row["platform_uscc"])
            own[who] = own.get(who, 0.0) + row["records"]
    survey = {*context.read("labour_survey_cluster", columns=("month",))["month"].unique().to_pylist()}
    return Workers(count, city, held, tuple(sorted(survey & {month for month, _ in count})), len(survey))


def judged(context: StepContext, workers: Workers, rules: Rules) -> tuple[DraftTable, Unsafe]:
    """Return cells and sums, and which are unsafe, by persons and by platforms.

    The sums over the survey's months are unsafe where the year's table hides them, and need what that table asks.

    Args:
        context: of the step.
        workers: of all months.
        rules: for persons.
    """
    structure = _structure(workers)
    places = [place_of(key) for key in structure.keys]
    values = np.array([float(_over(workers, place, workers.count)) for place in places])
    # the year's table divides by all months of the survey, those without workers too
    per = np.array([workers.survey_months if place[0] == YEAR else 1 for place in places])
    count = np.floor(values / per).astype(np.int64)
    count = np.where((values > 0) & (count == 0), 1, count)
    cells = Cells(values, count, np.zeros((len(values), 2)))
    least = rules.minimum_count or 0
    flag = (count > 0) & (count < least)
    upper = np.where(flag, per * least - values, 0.0)
    of_platforms = thresholds(context, "platform")
    top = max(2, of_platforms.dominance[0] if of_platforms.dominance else 2)
    behind = [_platforms(workers, place) for place in places]
    found = unsafe_cells(summarise(behind, top), of_platforms)
    flag, upper = flag | found.flag, np.maximum(upper, np.where(found.flag, found.upper, 0.0))
    union = union_of_both(union_of_cells(cells), union_of_records(behind, top), of_platforms)
    dimensions = (
        Dimension.flat(DISTRICT, workers.districts, TOTAL),
        Dimension.flat(PERIOD, workers.months, YEAR),
    )
    draft = DraftTable(dimensions, structure, cells, union, is_linked=True)
    return draft, Unsafe(flag, upper, np.minimum(upper, values))


def public_of(context: StepContext, workers: Workers, draft: DraftTable) -> Flag:
    """Return what is public whatever is hidden here: months of the city, districts of the year's table, empty cells."""
    is_city = city_is_shown(context, workers)
    where = f"definition_code = '{REGISTER}' AND status = '{SHOWN}'"
    rows = context.read(employment_district.TABLE, columns=("district_code",), where=where).to_pylist()
    year = {row["district_code"] for row in rows}
    made = []
    for key, count in zip(draft.structure.keys, draft.cells.count.tolist(), strict=True):
        month, district = place_of(key)
        is_sum = district == TOTAL and is_city
        made.append(not count or is_sum or (month == YEAR and district in year))
    return np.array(made, dtype=bool)


def city_is_shown(context: StepContext, workers: Workers) -> bool:
    """Return whether the city's count may be shown by month: none too small, as in `flexible_employment_month`."""
    least = thresholds(context, "person").minimum_count or 0
    return not any(0 < count < least for count in workers.city.values()) and not hidden_registers(context)


def key_of_place(place: Place) -> Key:
    """Return the key of a cell."""
    month, district = place
    pairs = [(DISTRICT, district)] if district != TOTAL else []
    return tuple(pairs + ([(PERIOD, month)] if month != YEAR else []))


def place_of(key: Key) -> Place:
    """Return month and district of a cell."""
    own = dict(key)
    return own.get(PERIOD, YEAR), own.get(DISTRICT, TOTAL)


def _over(workers: Workers, place: Place, amounts: Mapping[Place, float]) -> float:
    return sum(amounts.get(one, 0.0) for one in _inside(workers, place))


def _inside(workers: Workers, place: Place) -> list[Place]:
    """Return the innermost cells of a cell."""
    month, district = place
    return [
        (one, other)
        for one in (workers.surveyed if month == YEAR else (month,))
        for other in (workers.districts if district == TOTAL else (district,))
    ]


def _platforms(workers: Workers, place: Place) -> dict[str, float]:
    found: dict[str, float] = {}
    for inside in _inside(workers, place):
        for who, records in workers.held.get(inside, {}).items():
            found[who] = found.get(who, 0.0) + records
    return found


def _structure(workers: Workers) -> Structure:
    """Return cells and sums: districts to the month, the survey's months to the year's district, both to the year."""
    months, districts = workers.months, workers.districts
    periods = [*months, YEAR] if workers.surveyed else months
    keys = [key_of_place((period, district)) for period in periods for district in (*districts, TOTAL)]
    number = {key: at for at, key in enumerate(keys)}
    sums: list[tuple[Place, list[Place]]] = [
        ((period, TOTAL), [(period, district) for district in districts]) for period in periods
    ]
    if workers.surveyed:
        sums += [
            ((YEAR, district), [(month, district) for month in workers.surveyed])
            for district in (*districts, TOTAL)
        ]
    matrix = np.zeros((len(sums), len(keys)))
    for at, (total, parts) in enumerate(sums):
        matrix[at, number[key_of_place(total)]] = 1.0
        for part in parts:
            matrix[at, number[key_of_place(part)]] = -1.0
    return Structure(tuple(keys), sparse.csr_array(matrix))


def releases(context: StepContext, draft: DraftTable, *, is_same_year: bool) -> Sequence[Release]:
    """Return what was published before: of the year, or the newest of an earlier year, its months as this one's."""
    year = str(context.settings.year)
    where = f"substr(month, 1, 4) {'=' if is_same_year else '<'} '{year}' AND district_code <> '{TOTAL}'"
    rows = context.read(f"{TABLE}_previous", where=where, order=("month", "district_code")).to_pylist()
    if not rows:
        return []
    newest = rows[-1]["month"][:4]
    shown: dict[Key, float] = {}
    hidden: set[Key] = set()
    for row in rows:
        if row["month"][:4] != newest:
            continue
        key = key_of_place((year + row["month"][4:], row["district_code"]))
        if row["status"] == SHOWN and row["workers"] is not None:
            shown[key] = float(row["workers"])
        elif row["status"] == SUPPRESSED:
            hidden.add(key)
    return [Release(f"{TABLE} {newest}", draft.dimensions, shown, frozenset(hidden))]
