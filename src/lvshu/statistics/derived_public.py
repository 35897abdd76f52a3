"""Value added by derived class as it may be published: all classifications and the digital desk's in one pattern.

Classes of several classifications share industry classes; a difference between two of them may be one enterprise. So
every figure is a sum over the same industry classes, and what the digital desk shows is taken as known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics import audited_digital
from lvshu.statistics.audited_joint import Told, told_of
from lvshu.statistics.class_code import CLASS_CODE, CLASSED
from lvshu.statistics.derived_table import DIGITAL, Derived
from lvshu.statistics.digital_account import classification_of
from lvshu.statistics.digital_domain import Moments, Total
from lvshu.statistics.disclosure.linked import SAFE
from lvshu.statistics.disclosure.primary import Flag, summarise, union_of_records
from lvshu.statistics.disclosure.structure import Dimension, Key, Structure
from lvshu.statistics.disclosure.table import DraftTable, hidden_errors, protect
from lvshu.statistics.keys import MILLION, TOTAL
from lvshu.statistics.protection import (
    NONE_SAMPLED,
    SECONDS,
    SHOWN,
    SUPPRESSED,
    groups,
    rules_for,
    tell_problems,
    tell_warnings,
)

Array = NDArray[np.float64]
Industries = frozenset[str]

TABLE = "derived_account_public"
NAMES = ("classification", "class_code", "parent_code", "depth", "name_zh", "name_en", "basis", "complete")

UNITS = Query(
    TABLE,
    f"""
    SELECT
      survey.stratum, survey.take_all, survey.uscc,
      {CLASS_CODE} AS class_code,
      as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE)) AS weighted_value
    FROM business_survey AS survey
    {CLASSED}
    WHERE survey.year = :year AND survey.value_added IS NOT NULL
    ORDER BY survey.stratum, survey.take_all, class_code, weighted_value, survey.uscc
    """,
)


def make(
    context: StepContext, found: Sequence[Derived], moments: Moments, account: Sequence[Mapping[str, Any]]
) -> None:
    """Fill the public twin: value added of whole classes of the whole area, and what of it is hidden.

    The core digital economy is published by its own desk and stands here for what it shows.

    Args:
        context: of the step.
        found: the classifications.
        moments: of value added in the survey.
        account: rows of `derived_account`.
    """
    wanted = wanted_of(account)
    cells, drawn = drawn_of(context, found, moments, wanted)
    hidden, errors = (flags.copy() for flags in _protected(context, drawn))
    rows = _rows(wanted, cells, drawn, moments, hidden, errors)
    while more := _giving_away(context, told_of(cells, rows, moments)):
        for names, flags in zip(more, (hidden, errors), strict=True):
            for key, own in cells.items():
                if own in drawn.place and "/".join(key) in names:
                    flags[drawn.place[own]] = True
        rows = _rows(wanted, cells, drawn, moments, hidden, errors)
    if rows:
        context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    count = sum(row["value_status"] == SUPPRESSED for row in rows)
    if count:
        values = {"cells": count, "of": len(rows)}
        problem = Problem("derived.suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(count), unit="1")


def _rows(
    wanted: Sequence[Mapping[str, Any]], cells: Mapping[tuple[str, str], Industries], drawn: Drawn, moments: Moments,
    hidden: Flag, errors: Flag,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the rows of the public twin."""
    rows = []
    for row in wanted:
        own = cells.get((row["classification"], row["class_code"]))
        figure, error = (_status(row, own, drawn, flags) for flags in (hidden, errors))
        inside = np.array([code in (own or ()) for code in moments.codes], dtype=float)
        rows.append(_row(row, figure, SUPPRESSED if figure == SUPPRESSED else error, moments.total(inside)))
    return rows


def _giving_away(context: StepContext, told: Sequence[Told]) -> tuple[set[str], set[str]] | None:
    """Return derived classes whose figures, and whose errors, are to be hidden for the sake of the digital desk.

    What the account, its districts, constant prices and earlier releases hide must keep its doubt beside derived
    classes, too. None where it does, or where no derived class takes any of it away.
    """
    if not told:
        return None
    found: tuple[set[str], set[str]] = set(), set()
    before: dict[str, set[str]] = {}
    for public in audited_digital.published(context, told):
        weak = [one for one in public.reached() if one.verdict != SAFE]
        if not weak:
            continue
        if not before:
            alone = audited_digital.published(context, [])
            before = {
                one.magnitude: {each.asked.name for each in one.reached() if each.verdict != SAFE}
                for one in alone
            }
        sources = f"{TABLE}: ", f"{TABLE} (standard error): "
        for one in weak:
            if one.asked.name in before[public.magnitude]:
                continue
            told_by = [
                each.removeprefix(source)
                for each in one.through
                for source in sources
                if each.startswith(source)
            ]
            of_error = public.root_of > 0
            shown = {one.name for one in told if (one.squares if of_error else one.value) is not None}
            found[of_error].update(told_by[:1] or shown)
    return found if any(found) else None


def wanted_of(account: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of the account that the public twin is made of."""
    return [
        row
        for row in account
        if row["district_code"] == TOTAL
        and row["measure"] == "value_added"
        and row["classification"] != DIGITAL
    ]


def drawn_of(
    context: StepContext, found: Sequence[Derived], moments: Moments, wanted: Sequence[Mapping[str, Any]]
) -> tuple[dict[tuple[str, str], Industries], Drawn]:
    """Return the industry classes of each derived class with an estimate, and all figures as sums over groups of them.

    Args:
        context: of the step.
        found: the classifications.
        moments: of value added in the survey.
        wanted: rows of `wanted_of`.
    """
    cells = _cells(found, wanted)
    return cells, _draft(cells.values(), _desk(context), _held(context, moments))


def _cells(
    found: Sequence[Derived], wanted: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], Industries]:
    """Return the industry classes taken whole of each derived class that has an estimate."""
    by_code = {one.code: one for one in found}
    result = {}
    for row in wanted:
        one, code = by_code[row["classification"]], row["class_code"]
        if row["full_value"] is not None:
            result[one.code, code] = frozenset(
                industry for industry, at in one.whole.items() if one.inside(at, code)
            )
    return result


def _desk(context: StepContext) -> dict[Industries, tuple[bool, bool]]:
    """Return the sets of industry classes in the digital desk's account: whether it shows the figure, and the error."""
    classes = classification_of(context, tell=False)
    codes = list(classes.medium_of)
    found: dict[Industries, tuple[bool, bool]] = {}
    for row in context.read("digital_economy_account_public", order=("code",)).to_pylist():
        for status, error_status, parts in (
            ("value_status", "error_status", classes.full),
            ("bound_status", "bound_error_status", classes.upper),
        ):
            part = parts(codes, row["code"])
            own = frozenset(code for code, value in zip(codes, part, strict=True) if value)
            figure, error = found.get(own, (False, False))
            found[own] = figure or row[status] == SHOWN, error or row[error_status] == SHOWN
    return found


def _held(context: StepContext, moments: Moments) -> dict[str, list[tuple[str, float]]]:
    """Return who contributes what (million CNY, weighted and raised) to each industry class."""
    place = {key: number for number, key in enumerate(moments.keys)}
    group = groups(context)
    found: dict[str, list[tuple[str, float]]] = {}
    for row in context.sql(UNITS, year=context.settings.year).to_pylist():
        raised = moments.raised[place[(row["stratum"], row["take_all"])]]
        value = float(row["weighted_value"]) * float(raised) / MILLION
        found.setdefault(row["class_code"], []).append((group.get(row["uscc"], row["uscc"]), value))
    return found


@dataclass(frozen=True)
class Drawn:
    """All figures as sums over groups of industry classes that stand in the same figures.

    place: number of the cell of a set of industry classes; draft: the cells; known, known_errors, squares, shape
    (cells,): the figures and the errors that the digital desk shows, and the sums of squared contributions in million
    CNY squared.
    """

    place: dict[Industries, int]
    draft: DraftTable
    known: Flag
    known_errors: Flag
    squares: Array

    @property
    def public_errors(self) -> Flag:
        """Return the cells whose error is public whatever is done here, shape (cells,)."""
        return np.asarray((self.draft.cells.count == 0) | self.known_errors)


def _draft(
    cells: Iterable[Industries], desk: Mapping[Industries, tuple[bool, bool]],
    held: Mapping[str, list[tuple[str, float]]],
) -> Drawn:  # fmt: skip
    sets = list(dict.fromkeys(one for one in (*cells, *desk) if one))
    membership: dict[tuple[bool, ...], list[str]] = {}
    for industry in sorted({each for one in sets for each in one if each in held}):
        membership.setdefault(tuple(industry in one for one in sets), []).append(industry)
    keys: list[Key] = [(("figure", str(number)),) for number in range(len(sets))]
    keys += [(("atom", "+".join(industries)),) for industries in membership.values()]
    rows = np.zeros((len(sets), len(keys)))
    rows[:, : len(sets)] = np.eye(len(sets))
    behind: list[dict[str, float]] = [{} for _ in keys]
    squares = np.zeros(len(keys))
    for place, (inside, industries) in enumerate(membership.items(), start=len(sets)):
        at = [number for number, is_in in enumerate(inside) if is_in]
        rows[at, place] = -1.0
        for who, value in (each for industry in industries for each in held[industry]):
            for cell in (place, *at):
                behind[cell][who] = behind[cell].get(who, 0.0) + value
                squares[cell] += value**2
    nothing = False, False
    known = np.array([desk.get(one, nothing) for one in sets] + [nothing] * len(membership), dtype=bool)
    draft = DraftTable(
        (Dimension("figure", TOTAL, {}),), Structure(tuple(keys), sparse.csr_array(rows)), summarise(behind, 2),
        union_of_records(behind, 2), is_linked=True,
    )  # fmt: skip
    place_of = {one: number for number, one in enumerate(sets)}
    figures, errors = known.reshape(-1, 2).T
    return Drawn(place_of, draft, figures, errors, squares)


def _protected(context: StepContext, drawn: Drawn) -> tuple[Flag, Flag]:
    """Return which figures and which errors are hidden, shape (cells,); all that are not known where none is safe."""
    draft = drawn.draft
    public = (draft.cells.count == 0) | drawn.known
    costs = np.array([0.0 if dict(key).get("atom") else 1.0 for key in draft.structure.keys])
    rules = rules_for(context, "enterprise", TABLE)
    try:
        safe = protect(draft, rules, costs=costs, public=public, seconds=SECONDS)
        errors = hidden_errors(
            draft.structure, drawn.squares, safe.pattern.hidden, drawn.public_errors, seconds=SECONDS
        )
    except MethodError as error:
        tell_problems(context, error, TABLE)
        context.find(Problem("derived.withheld", severity="warning"), table=TABLE)
        return ~public, ~drawn.public_errors
    tell_warnings(context, safe, TABLE)
    return safe.pattern.hidden, errors


def _status(row: Mapping[str, Any], own: Industries | None, drawn: Drawn, hidden: Flag) -> str:
    if own is None:
        return NONE_SAMPLED if row["status"] == "partly_observed" else str(row["status"])
    number = drawn.place[own]
    if not drawn.draft.cells.count[number]:
        return NONE_SAMPLED
    return SUPPRESSED if hidden[number] else SHOWN


def _row(row: Mapping[str, Any], figure: str, error: str, whole: Total) -> dict[str, Any]:
    """Return a class as published: what is not shown is empty."""
    value, spread = row["full_value"], row["full_standard_error"]
    is_shown = error == SHOWN
    return {
        **{name: row[name] for name in NAMES},
        "value_status": figure, "full_value": value if figure == SHOWN else None,
        "error_status": error, "full_standard_error": spread if is_shown else None,
        "low": whole.low if is_shown else None, "high": whole.high if is_shown else None,
    }  # fmt: skip
