"""All that a run publishes of flexible employment by district and register, as constraints on what it hides."""

from __future__ import annotations

import itertools

import numpy as np

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import employment_district
from lvshu.statistics.disclosure.linked import Published
from lvshu.statistics.disclosure.primary import Rules
from lvshu.statistics.disclosure.table import NEARLY
from lvshu.statistics.employment_district import Definition
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.protection import NONE_SAMPLED, thresholds

ANY = "any"
PERSON = 0.000001
"""Half of the last printed place of persons, and more."""
CITY = "flexible_employment"


def published(context: StepContext) -> list[Published]:
    """Return persons by district for each definition, their errors, and the registers, with what must stay in doubt."""
    rules = thresholds(context, "person")
    found: list[Published] = []
    if context.read(CITY, columns=("definition_code",)).num_rows:
        for definition in employment_district.definitions(context):
            found += _districts(context, definition, rules)
        _tell_small(context, rules)
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
        if all(np.isclose(value, now[name], rtol=1e-6) for name, value in cells.items()):
            for name, value in cells.items():
                persons.show(name, value, f"release {release.name}", PERSON)
    return [persons] if definition.is_count else [persons, errors]


def _registers(context: StepContext, rules: Rules) -> list[Published]:
    """Return for each month the persons by the registers they are in: no table shows those, but sums of them.

    A reader must think it possible that a small count is as large as may be shown; that it is not zero is no secret.
    """
    raw = context.read("flexible_register", order=("month", "register_code")).to_pylist()
    public = context.read("flexible_register_public", order=("month", "register_code")).to_pylist()
    least = rules.minimum_count or 0
    found = []
    for month in sorted({row["month"] for row in raw}):
        one = Published(f"registers/{month}", unit="person")
        there = [row["register_code"] for row in raw if row["month"] == month and row["register_code"] != ANY]
        groups = [
            "+".join(each)
            for size in range(1, len(there) + 1)
            for each in itertools.combinations(there, size)
        ]
        sums = {code: [each for each in groups if code in each.split("+")] for code in there}
        several = [each for each in groups if "+" in each]
        for code in there:
            one.adds_up(f"{code}: persons", dict.fromkeys(sums[code], 1.0))
            one.adds_up(f"{code}: only here", {code: 1.0})
        one.adds_up(f"{ANY}: persons", dict.fromkeys(groups, 1.0))
        one.adds_up(f"{ANY}: several", dict.fromkeys(several, 1.0))
        for row in (row for row in raw if row["month"] == month):
            only = "several" if row["register_code"] == ANY else "only here"
            for name, value in (("persons", row["persons"]), (only, row["only_here"])):
                if 0 < value < least:
                    one.ask(f"{row['register_code']}: {name}", value, least - value, 0.0)
        for row in (row for row in public if row["month"] == month):
            only = "several" if row["register_code"] == ANY else "only here"
            for name, value in (("persons", row["persons"]), (only, row["only_here"])):
                if value is not None:
                    one.show(f"{row['register_code']}: {name}", float(value), "flexible_register_public")
        for row in context.read(CITY, where="method = 'register'").to_pylist():
            code = row["definition_code"].removeprefix("register_")
            months = len({each["month"] for each in raw})
            if row["persons"] is not None and months == 1 and code in (*there, ANY):
                one.show(f"{code}: persons", float(row["persons"]), CITY, PERSON)
        found.append(one)
    return found


def _tell_small(context: StepContext, rules: Rules) -> None:
    """Tell which definitions of the whole area rest on too few persons: they are shown all the same."""
    least = rules.minimum_count or 0
    where = f"sampled_persons > 0 AND sampled_persons < {least}"
    rows = context.read(CITY, where=where, order=("definition_code",)).to_pylist()
    if rows:
        values = {"definitions": ", ".join(row["definition_code"] for row in rows), "least": least}
        problem = Problem("disclosure.definitions_small", values=values, severity="warning")
        context.find(problem, table=CITY, amount=float(len(rows)), unit="1")
