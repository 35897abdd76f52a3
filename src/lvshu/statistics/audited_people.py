"""All that a run publishes of flexible employment by district, month and register, as constraints on what it hides."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import employment_district, work_public
from lvshu.statistics.disclosure.linked import Published
from lvshu.statistics.disclosure.primary import Rules
from lvshu.statistics.disclosure.table import NEARLY
from lvshu.statistics.employment_district import Definition
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.protection import NONE_SAMPLED, thresholds

ANY = "any"
PERSON = 0.000001
"""Half of the last printed place of persons, and more."""
CITY, MONTHS, REGISTERS = "flexible_employment", "flexible_employment_month", "flexible_register_public"
PLATFORM = "platform"
PERSONS, ONLY, SEVERAL = "persons", "only here", "several"
"""What is counted of a register in a month; of all registers together the persons in several of them."""


def published(context: StepContext) -> list[Published]:
    """Return persons by district for each definition, their errors, and the registers, with what must stay in doubt."""
    rules = thresholds(context, "person")
    found: list[Published] = []
    if context.read(CITY, columns=("definition_code",)).num_rows:
        for definition in employment_district.definitions(context):
            found += _districts(context, definition, rules)
        _tell_small(context, rules)
    found = worker_months(context, found, rules)
    found += _registers(context, rules)
    return found


def _districts(context: StepContext, definition: Definition, rules: Rules) -> list[Published]:
    draft, unsafe = employment_district.judged(context, definition, rules)
    names = [dict(key).get("district", TOTAL) for key in draft.structure.keys]
    persons = Published(f"persons/{definition.code}", unit="person")
    errors = Published(f"squares/{definition.code}", unit="person", root_of=1.0)
    squares = {name: float(definition.squares.get(name, 0.0)) for name in names if name != TOTAL}
    squares[TOTAL] = sum(squares.values())
    for one in (persons, errors):
        one.adds_up(TOTAL, {name: 1.0 for name in names if name != TOTAL})
    for number, name in enumerate(names):
        if unsafe.flag[number] and name != TOTAL:
            value = float(draft.cells.value[number])
            persons.ask(name, value, float(unsafe.upper[number]), float(unsafe.lower[number]))
            if not definition.is_count:
                need = (1 - 2 * NEARLY) * squares[name]
                errors.ask(name, squares[name], need, need)
    total = float(draft.cells.value[names.index(TOTAL)])
    if employment_district.city_is_shown(context, definition.code):
        persons.show(TOTAL, total, f"{CITY} (the reader is taken to know the sum of the districts)", PERSON)
    errors.show(TOTAL, squares[TOTAL], f"{CITY} (standard error)")
    where = f"definition_code = '{definition.code}'"
    for row in context.read(employment_district.TABLE, where=where, order=("district_code",)).to_pylist():
        name = row["district_code"]
        if row["persons"] is not None:
            persons.show(name, float(row["persons"]), employment_district.TABLE, PERSON)
        elif row["status"] == NONE_SAMPLED:
            persons.show(name, 0.0, f"{employment_district.TABLE} (none sampled)")
        if row["standard_error"] is not None:
            errors.show(name, squares[name], f"{employment_district.TABLE} (standard error)")
    for release in employment_district.releases(context, definition.code, draft, is_same_year=True):
        now = dict(zip(names, draft.cells.value.tolist(), strict=True))
        cells = {dict(key).get("district", TOTAL): value for key, value in release.shown.items()}
        if all(np.isclose(value, now.get(name, 0.0), rtol=1e-6) for name, value in cells.items()):
            for name, value in cells.items():
                persons.show(name, value, f"release {release.name}", PERSON)
    return [persons] if definition.is_count else [persons, errors]


def worker_months(context: StepContext, found: list[Published], rules: Rules) -> list[Published]:
    """Return what is public of persons, with the platforms' workers by month and district taken in.

    Their mean over all months of the survey, those without workers too, is the year's figure of a district. Of the city
    the reader is taken to know, by month, the sum of the districts.

    Args:
        context: of the step.
        found: what is public of the year; the register's districts are completed, or begun where they are not there.
        rules: for persons.
    """
    workers = work_public.workers_of(context)
    if not workers.count:
        return found
    magnitude = f"persons/{work_public.REGISTER}"
    one = next((each for each in found if each.magnitude == magnitude), None)
    if one is None:
        one = Published(magnitude, unit="person")
        found = [*found, one]
    draft, unsafe = work_public.judged(context, workers, rules)
    is_city = work_public.city_is_shown(context, workers)
    for month in workers.months:
        one.adds_up(f"{TOTAL} {month}", {f"{district} {month}": 1.0 for district in workers.districts})
    for district in (*workers.districts, TOTAL):
        if workers.surveyed:
            share = 1.0 / workers.survey_months
            one.adds_up(district, {f"{district} {month}": share for month in workers.surveyed})
    for number, key in enumerate(draft.structure.keys):
        month, district = work_public.place_of(key)
        if month == work_public.YEAR:
            continue
        value = float(draft.cells.value[number])
        if district == TOTAL and is_city:
            one.show(
                f"{TOTAL} {month}", value, f"{MONTHS} (the reader is taken to know the sum of the districts)"
            )
        elif district != TOTAL and not value:
            one.show(f"{district} {month}", value, "nobody works there")
        elif district != TOTAL and unsafe.flag[number]:
            one.ask(f"{district} {month}", value, float(unsafe.upper[number]), float(unsafe.lower[number]))
    for table in (work_public.TABLE, f"{work_public.TABLE}_previous"):
        where = f"district_code <> '{TOTAL}' AND substr(month, 1, 4) = '{context.settings.year}'"
        for row in context.read(table, where=where, order=("month", "district_code")).to_pylist():
            place = row["month"], row["district_code"]
            if row["workers"] is not None and float(row["workers"]) == float(workers.count.get(place, 0)):
                one.show(f"{place[1]} {place[0]}", float(row["workers"]), table)
    return found


def _registers(context: StepContext, rules: Rules) -> list[Published]:
    """Return persons by month and by the registers they are in, and the year's means of the registers.

    No table shows how many are in which registers, but sums of them. A reader must think it possible that a small count
    is as large as may be shown; that it is not zero is no secret.
    """
    raw = context.read("flexible_register", order=("month", "register_code")).to_pylist()
    workers = context.read(
        "platform_worker", where=f"district_code = '{TOTAL}'", order=("month",)
    ).to_pylist()
    surveyed = sorted(context.read("labour_survey_cluster", columns=("month",))["month"].unique().to_pylist())
    one, least = Published("registers", unit="person"), rules.minimum_count or 0
    counts = {(row["month"], row["register_code"], PERSONS): row["persons"] for row in raw}
    for row in raw:
        only = SEVERAL if row["register_code"] == ANY else ONLY
        counts[row["month"], row["register_code"], only] = row["only_here"]
    counts |= {(row["month"], PLATFORM, PERSONS): row["workers"] for row in workers}
    for month in sorted({row["month"] for row in raw}):
        _month(one, month, [row["register_code"] for row in raw if row["month"] == month])
    for (month, code, what), value in sorted(counts.items()):
        if 0 < value < least:
            one.ask(_count(month, code, what), value, least - value, 0.0)
    for code in sorted({code for _, code, what in counts if what == PERSONS}):
        there = [month for month in surveyed if (month, code, PERSONS) in counts]
        if there:
            share = 1.0 / len(surveyed)
            one.adds_up(
                _count("year", code, PERSONS), {_count(month, code, PERSONS): share for month in there}
            )
    for row in context.read(REGISTERS, order=("month", "register_code")).to_pylist():
        only = SEVERAL if row["register_code"] == ANY else ONLY
        for name, value in ((PERSONS, row["persons"]), (only, row["only_here"])):
            if value is not None:
                one.show(_count(row["month"], row["register_code"], name), float(value), REGISTERS)
    for table in (CITY, MONTHS):
        for row in context.read(table).to_pylist():
            _listed(one, row.get("month", "year"), row, table)
    return [one] if counts else []


def _count(month: str, code: str, what: str) -> str:
    return f"{month} {code}: {what}"


def _month(one: Published, month: str, codes: list[str]) -> None:
    """Take in how the counts of a month add up from the persons by the registers they are in."""
    there = [code for code in codes if code != ANY]
    groups = [
        "+".join(each) for size in range(1, len(there) + 1) for each in itertools.combinations(there, size)
    ]

    def named(chosen: list[str]) -> dict[str, float]:
        return {f"{month} {each}": 1.0 for each in chosen}

    for code in there:
        one.adds_up(_count(month, code, PERSONS), named([each for each in groups if code in each.split("+")]))
        one.adds_up(_count(month, code, ONLY), named([code]))
    one.adds_up(_count(month, ANY, PERSONS), named(groups))
    one.adds_up(_count(month, ANY, SEVERAL), named([each for each in groups if "+" in each]))


def _listed(one: Published, month: str, row: Mapping[str, Any], table: str) -> None:
    """Take in what a definition tells of the register that it rests on: the count, or the end that stands for it.

    The interval of a corrected figure is lognormal above the register: (persons - x)^2 = (low - x)(high - x).
    """
    code = row["definition_code"].removeprefix("register_")
    persons, low, high = (
        None if row[name] is None else float(row[name]) for name in ("persons", "low", "high")
    )
    if persons is None:
        return
    if row["method"] == "register":
        one.show(_count(month, code, PERSONS), persons, table, PERSON)
        return
    name = _count(month, ANY if code == "corrected_all_registers" else PLATFORM, PERSONS)
    if row["method"] != "survey" and row["standard_error"] is None and low is not None:
        one.show(name, low, f"{table} (lower end of {code})", PERSON)
    elif row["method"] == "register_and_survey" and low is not None and high is not None:
        wide = low + high - 2 * persons
        if wide > 0:
            within = PERSON * (1 + 4 * (persons + high) / wide)
            one.show(name, (low * high - persons**2) / wide, f"{table} (interval of {code})", within)


def _tell_small(context: StepContext, rules: Rules) -> None:
    """Tell which definitions of the whole area rest on too few persons: they are shown all the same."""
    least = rules.minimum_count or 0
    where = f"sampled_persons > 0 AND sampled_persons < {least}"
    rows = context.read(CITY, where=where, order=("definition_code",)).to_pylist()
    if rows:
        values = {"definitions": ", ".join(row["definition_code"] for row in rows), "least": least}
        problem = Problem("disclosure.definitions_small", values=values, severity="warning")
        context.find(problem, table=CITY, amount=float(len(rows)), unit="1")
