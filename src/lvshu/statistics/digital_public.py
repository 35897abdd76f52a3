"""The core digital economy as it may be published: the account and its districts, protected together.

One pattern covers the whole classes by core, major and medium and by district and major; the starred classes have one
of their own; both look after the derived classes that are published later (`digital_joint`). Errors are hidden where
they would tell. The account itself stays beside its public twin, confidential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import digital_district
from lvshu.statistics.digital_domain import Classification, Moments
from lvshu.statistics.digital_joint import SUM, Group, Joint, groups_of, tell_groups, with_groups
from lvshu.statistics.digital_units import Units, starred_classes, units_of, whole_classes
from lvshu.statistics.disclosure.attack import UP, Attacker, Knowledge
from lvshu.statistics.disclosure.history import Release, must_show
from lvshu.statistics.disclosure.primary import Flag, Rules, summarise, union_of_records, unsafe_cells
from lvshu.statistics.disclosure.structure import Dimension, Key, Structure, key_of, table_structure
from lvshu.statistics.disclosure.table import NEARLY, DraftTable, added_up, hidden_errors, protect
from lvshu.statistics.keys import CORE, MAJORS, MILLION, TOTAL
from lvshu.statistics.protection import (
    IN_QUARANTINE,
    NONE_SAMPLED,
    SECONDS,
    SHOWN,
    SUPPRESSED,
    rules_for,
    tell_problems,
    tell_warnings,
)

Array = NDArray[np.float64]

NOT_KNOWN = "not_known"
TABLE, DISTRICTS = "digital_economy_account_public", "digital_economy_district"
ROOTS = {"district": TOTAL, "class": CORE}
LEVEL_COST = {CORE: 1000.0, "major": 5.0, "medium": 1.0}
"""What hiding a figure of the whole area loses, in cells of a district: headlines stay as long as they are safe."""


@dataclass(frozen=True)
class Hidden:
    """A protected table: its draft, and which of its figures and of their errors are not shown, shape (cells,)."""

    draft: DraftTable
    figures: Flag
    errors: Flag

    def status(self, key: Key, *, of_error: bool = False) -> str:
        """Return whether a figure (or its error) is shown; a cell that is not there has no unit."""
        number = self.draft.structure.place.get(key)
        if number is None or not self.draft.cells.count[number]:
            return NONE_SAMPLED
        return SUPPRESSED if (self.errors if of_error else self.figures)[number] else SHOWN


def make(
    context: StepContext, moments: Moments, classes: Classification, account: Sequence[Mapping[str, Any]]
) -> frozenset[str]:
    """Fill the public account and `digital_economy_district`; return which columns of the core are shown.

    Args:
        context: of the step.
        moments: of the survey.
        classes: the classification.
        account: rows of `digital_economy_account`, the core first.
    """
    units = units_of(context, moments)
    rules = rules_for(context, "enterprise", TABLE)
    groups = groups_of(context, moments, units, classes, rules)
    whole = _whole(context, units, classes, rules, [one for one in groups if not one.is_starred])
    starred = _starred(context, units, classes, rules, [one for one in groups if one.is_starred])
    rows = [_row(row, whole, starred, waits=moments.waiting > 0) for row in account]
    context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    hidden = sum(row["value_status"] == SUPPRESSED or row["bound_status"] == SUPPRESSED for row in rows)
    if hidden:
        values = {"cells": hidden, "of": len(rows)}
        problem = Problem("statistics.digital_account_suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(hidden), unit="1")
    if any("district" in dict(key) for key in whole.draft.structure.keys):
        digital_district.write(context, moments, units, classes, whole)
    return frozenset(name for name, value in rows[0].items() if value is not None)


def draft_of(units: Units, classes: Classification, *, by_district: bool = True) -> tuple[DraftTable, Array]:
    """Return the whole classes of the account, with districts or without, in million CNY; and sums of squares.

    Args:
        units: the sampled units, of all classes of the core.
        classes: the classification.
        by_district: whether the table by district and major is part of it.

    Returns:
        The draft and, shape (cells,), the sum of squared contributions of each cell in its unit squared.
    """
    of_class = whole_classes(classes, units)
    kept = units.only(np.array([code in of_class for code in units.class_code], dtype=bool))
    tree = Dimension("class", CORE, {**dict.fromkeys(MAJORS, CORE), **{m: m[:2] for m in classes.mediums}})
    tables: list[tuple[Dimension, ...]] = [(tree,)]
    if by_district and len(kept):
        district = Dimension.flat("district", sorted(set(kept.district)), TOTAL)
        tables.append((district, Dimension.flat("class", MAJORS, CORE)))
    structure = table_structure(*tables)
    known = set(structure.keys)

    def keys_of(number: int) -> list[Key]:
        major, medium = of_class[kept.class_code[number]]
        cells = [(TOTAL, CORE), (TOTAL, major), (TOTAL, medium), (kept.district[number], CORE),
                 (kept.district[number], major)]  # fmt: skip
        keys = [key_of(dict(zip(ROOTS, cell, strict=True)), ROOTS) for cell in cells]
        return [key for key in keys if key in known]

    return _drafted(structure, kept, tables[-1], keys_of)


def bound_draft(units: Units, classes: Classification) -> tuple[DraftTable, Array]:
    """Return the starred classes by core, major and medium, in million CNY; and sums of squares. See `draft_of`.

    A starred class may be a part of several mediums and counts once in their major: the cells are sums over groups of
    classes with the same mediums, which stand in the structure as cells that no table shows.
    """
    of_class = starred_classes(classes, units)
    kept = units.only(np.array([code in of_class for code in units.class_code], dtype=bool))
    atoms = sorted({tuple(sorted(mediums)) for mediums in of_class.values()})
    tops = [CORE, *MAJORS, *classes.mediums]
    keys: list[Key] = [key_of({"class": code}, ROOTS) for code in tops]
    keys += [(("atom", "+".join(atom)),) for atom in atoms]
    rows = np.zeros((len(tops), len(keys)))
    for number, code in enumerate(tops):
        rows[number, number] = 1.0
        for place, atom in enumerate(atoms):
            if code == CORE or any(medium.startswith(code) for medium in atom):
                rows[number, len(tops) + place] = -1.0
    structure = Structure(tuple(keys), sparse.csr_array(rows))

    def keys_of(number: int) -> list[Key]:
        atom = tuple(sorted(of_class[kept.class_code[number]]))
        above = {CORE, *atom, *(medium[:2] for medium in atom)}
        return [key_of({"class": code}, ROOTS) for code in sorted(above)] + [(("atom", "+".join(atom)),)]

    return _drafted(structure, kept, (Dimension("class", CORE, {}),), keys_of)


def _drafted(
    structure: Structure, kept: Units, dimensions: Sequence[Dimension], keys_of: Any
) -> tuple[DraftTable, Array]:
    behind = kept.held(keys_of, MILLION)
    held = [behind.get(key, {}) for key in structure.keys]
    place, squares = structure.place, np.zeros(len(structure.keys))
    for number, value in enumerate(kept.value.tolist()):
        for key in keys_of(number):
            squares[place[key]] += (value / MILLION) ** 2
    cells = summarise(held, 2)
    union = union_of_records(held, 2)
    return DraftTable(tuple(dimensions), structure, cells, union, is_linked=True), squares


def _whole(
    context: StepContext, units: Units, classes: Classification, rules: Rules, groups: Sequence[Group]
) -> Hidden:
    """Return the whole classes protected: with the districts, else without them, else all hidden, which is told."""
    draft, squares = draft_of(units, classes)
    found = _protected(context, draft, squares, rules, groups)
    if found is None:
        context.find(Problem("statistics.district_withheld", severity="warning"), table=DISTRICTS)
        draft, squares = draft_of(units, classes, by_district=False)
        found = _protected(context, draft, squares, rules, groups)
    return found or _nothing(context, draft)


def _starred(
    context: StepContext, units: Units, classes: Classification, rules: Rules, groups: Sequence[Group]
) -> Hidden:
    draft, squares = bound_draft(units, classes)
    return _protected(context, draft, squares, rules, groups) or _nothing(context, draft)


def _nothing(context: StepContext, draft: DraftTable) -> Hidden:
    context.find(Problem("statistics.digital_account_withheld", severity="warning"), table=TABLE)
    everything = draft.cells.count > 0
    return Hidden(draft, everything, everything)


def _protected(
    context: StepContext, draft: DraftTable, squares: Array, rules: Rules, groups: Sequence[Group]
) -> Hidden | None:
    """Return a protected table; None where there is no safe pattern, which is told.

    Groups of industry classes that derived classes make are protected with it, as far as that can be; the rest is told.
    """
    empty = draft.cells.count == 0
    is_bound = any(dict(key).get("atom") for key in draft.structure.keys)
    earlier = [] if is_bound else _earlier(context, draft)
    last = None if is_bound else _last(context, draft)
    own = unsafe_cells(draft.cells, rules)
    try:
        joint = with_groups(draft, own, groups, empty | must_show(draft.structure, earlier))
    except MethodError:  # which groups can be protected is not known: none is, which is told
        joint = Joint(draft, own, tuple(groups))
    trials = [joint, Joint(draft, own, tuple(groups))] if len(joint.lost) < len(groups) else [joint]
    for trial in trials:
        try:
            safe = protect(
                trial.draft, rules, costs=_costs(trial.draft.structure), public=trial.draft.cells.count == 0,
                seconds=SECONDS, earlier=earlier, last=last, unsafe=trial.unsafe,
            )  # fmt: skip
            hidden, primary = safe.pattern.hidden[: len(empty)], safe.pattern.primary[: len(empty)] & own.flag
            errors = _hidden_errors(draft.structure, squares, hidden, primary, empty)
        except MethodError as error:
            if trial is trials[-1]:
                tell_problems(context, error, TABLE)
            continue
        tell_warnings(context, safe, TABLE)
        tell_groups(context, TABLE, own, groups, trial.lost, draft)
        return Hidden(draft, hidden, errors)
    return None


def _hidden_errors(structure: Structure, squares: Array, hidden: Flag, primary: Flag, empty: Flag) -> Flag:
    """Return which errors are not shown; that of the core is while every unsafe figure's error keeps its doubt."""
    core = np.array([not key for key in structure.keys]) & ~hidden
    found = hidden_errors(structure, squares, hidden, empty | core, seconds=SECONDS)
    added = added_up(structure, squares)
    attacker = Attacker(structure, added, Knowledge.of(added))
    if core.any() and any(
        attacker.reach(int(cell), UP, found).distance < (1 - 2 * NEARLY) * added[cell]
        for cell in np.flatnonzero(primary)
    ):
        return hidden_errors(structure, squares, hidden, empty, seconds=SECONDS)
    return found


def _costs(structure: Structure) -> Array:
    found = []
    for key in structure.keys:
        own = dict(key)
        level = CORE if not own else "major" if len(own.get("class", "")) == 2 else "medium"
        found.append(0.0 if {"atom", SUM} & set(own) else 1.0 if "district" in own else LEVEL_COST[level])
    return np.array(found)


def _earlier(context: StepContext, draft: DraftTable) -> list[Release]:
    """Return what was published of these figures before: tables by district of the year, releases of the account."""
    found = []
    for name, shown, hidden in published(context):
        classes = {dict(key).get("class", CORE) for key in draft.structure.keys}
        kept = {
            key: value / MILLION for key, value in shown.items() if dict(key).get("class", CORE) in classes
        }
        gone = {key for key in hidden if dict(key).get("class", CORE) in classes}
        if kept:  # with districts that are no more
            found.append(Release(name, draft.dimensions, kept, frozenset(gone)))
    return found


def published(context: StepContext) -> list[tuple[str, dict[Key, float], frozenset[Key]]]:
    """Return what earlier releases of the same year showed and hid: name, figures in CNY by cell, hidden cells."""
    year = context.settings.year
    found = []
    shown, hidden = _districts_of(context, f"year = {year}")
    if shown:
        found.append((f"{DISTRICTS} {year}", shown, hidden))
    rows = context.read(
        "digital_economy_account_previous", where=f"year = {year}", order=("released_on", "code")
    ).to_pylist()
    for day in dict.fromkeys(row["released_on"] for row in rows):
        figures = {
            key_of({"district": TOTAL, "class": row["code"]}, ROOTS): float(row["value_added_full"])
            for row in rows
            if row["released_on"] == day
        }
        found.append((f"digital_economy_account {day}", figures, frozenset()))
    return found


def _last(context: StepContext, draft: DraftTable) -> Release | None:
    """Return the newest table by district of another year."""
    years = context.read(
        f"{DISTRICTS}_previous", columns=("year",), where=f"year <> {context.settings.year}", order=("year",)
    )["year"].to_pylist()
    if not years:
        return None
    return Release(str(years[-1]), draft.dimensions, *_districts_of(context, f"year = {years[-1]}"))


def _districts_of(context: StepContext, where: str) -> tuple[dict[Key, float], frozenset[Key]]:
    found, hidden = {}, set()
    rows = context.read(
        f"{DISTRICTS}_previous", where=where, order=("district_code", "class_code")
    ).to_pylist()
    for row in rows:
        key = key_of({"district": row["district_code"], "class": row["class_code"]}, ROOTS)
        if row["status"] == SHOWN and row["value_added"] is not None:
            found[key] = float(row["value_added"])
        elif row["status"].startswith(SUPPRESSED):
            hidden.add(key)
    return found, frozenset(hidden)


def _row(row: Mapping[str, Any], whole: Hidden, starred: Hidden, *, waits: bool) -> dict[str, Any]:
    """Return a class of the public account; waits: whether rows of the survey are in quarantine.

    The counted part of starred classes is a multiple of their bound class by class: it is shown only where the class
    has none of them, or where no bound at all is hidden. So is value added as a whole, and its error.
    """
    key = key_of({"class": row["code"]}, ROOTS)
    value, error = whole.status(key), whole.status(key, of_error=True)
    bound, bound_error = starred.status(key), starred.status(key, of_error=True)
    if row["value_added_full"] is not None and value == NONE_SAMPLED:
        value = error = (
            SHOWN  # a class without whole classes, or a take-all stratum without such a unit: known zero
        )
    if row["value_added_partial_upper"] is not None and bound == NONE_SAMPLED:
        bound = bound_error = SHOWN
    if waits:  # the units that are missing may be among the rows that wait
        value, error, bound, bound_error = (
            IN_QUARANTINE if one == NONE_SAMPLED else one for one in (value, error, bound, bound_error)
        )
    has_starred = bool(row["value_added_partial_upper"] or row["value_added_partial_counted"])
    counted = _worst(bound, SUPPRESSED if has_starred and starred.figures.any() else SHOWN)
    added = SUPPRESSED if SUPPRESSED in (value, counted) else SHOWN
    of_all = SUPPRESSED if has_starred and (starred.figures.any() or starred.errors.any()) else SHOWN
    added_error = SUPPRESSED if SUPPRESSED in (added, error, of_all) else SHOWN

    def figure(name: str, status: str) -> Any:
        return row[name] if status == SHOWN else None

    return {
        **{name: row[name] for name in ("code", "level", "name_zh", "name_en", "status")},
        "sampled_units": None if SUPPRESSED in (value, bound) else row["sampled_units"],
        "value_status": value, "value_added_full": figure("value_added_full", value),
        "error_status": error, **{name: figure(name, error) for name in ("standard_error", "low", "high")},
        "value_added_partial_counted": figure("value_added_partial_counted", counted),
        "bound_status": bound, "value_added_partial_upper": figure("value_added_partial_upper", bound),
        "bound_error_status": bound_error, "upper_standard_error": figure("upper_standard_error", bound_error),
        "total_status": NOT_KNOWN if row["value_added"] is None else added,
        "value_added": figure("value_added", added),
        "value_added_standard_error": figure("value_added_standard_error", added_error),
    }  # fmt: skip


def _worst(one: str, other: str) -> str:
    return SUPPRESSED if SUPPRESSED in (one, other) else one
