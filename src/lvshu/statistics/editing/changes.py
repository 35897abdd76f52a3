"""The log of changes: what was changed, from what to what, by which rule and method; and its undoing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.editing.evaluate import OUTSIDE, Array
from lvshu.statistics.editing.literals import CATEGORY, RuleSet

DEDUCED, DONOR, MODEL, EXPECTED, ADJUSTED = "deductive", "donor", "model", "expected", "adjusted"
METHODS = (DEDUCED, DONOR, MODEL, EXPECTED, ADJUSTED)


@dataclass(frozen=True)
class Change:
    """One value changed.

    Attributes:
        number: order of the change in its run, from 1.
        record: key of the record.
        variable: name of the column.
        old, new: values as codes of the record matrix; NaN where missing.
        rule: names of the rules that the record failed or that gave the value, joined by +; "missing" where the
            value was lacking.
        method: one of METHODS.
        solutions: optimal sets of values to change that there were for the record; 0 where none was searched; 1 for a
            spelling, which has no other way whatever else is wrong with the record.
    """

    number: int
    record: str
    variable: str
    old: float
    new: float
    rule: str
    method: str
    solutions: int


def same(one: float, other: float) -> bool:
    """Return whether two values are the same to the last bit, missing equal to missing."""
    return one == other or (math.isnan(one) and math.isnan(other))


def undo(
    rules: RuleSet, keys: Sequence[str], records: Array, changes: Iterable[Change], *,
    rule: str | None = None, record: str | None = None, variable: str | None = None,
) -> tuple[Array, list[Change]]:  # fmt: skip
    """Return records as they were before some changes, and the changes that were undone, last first.

    Args:
        rules: of the run, for the columns.
        keys: shape (records,), the key of each record.
        records: shape (records, variables), as the run left them.
        changes: its log.
        rule: undo only what this rule had a part in.
        record: undo only this record.
        variable: undo only this column.

    Returns:
        Array: shape (records, variables); with all changes undone exactly what the run was given.

    Raises:
        MethodError: a value is no longer what the log says (all such values named); nothing is undone then.
    """
    place = {key: row for row, key in enumerate(keys)}
    made = records.copy()
    undone, problems = [], []
    for change in sorted(changes, key=lambda one: -one.number):
        if rule is not None and rule not in change.rule.split("+"):
            continue
        if record not in (None, change.record) or variable not in (None, change.variable):
            continue
        row, column = place.get(change.record), rules.place.get(change.variable)
        if row is None or column is None or not same(float(made[row, column]), change.new):
            now = "∅" if row is None or column is None else shown(rules, change.variable, made[row, column])
            values = {
                "record": change.record, "variable": change.variable, "now": now,
                "new": shown(rules, change.variable, change.new),
            }  # fmt: skip
            problems.append(Problem("editing.undo_conflict", values=values))
            continue
        made[row, column] = change.old
        undone.append(change)
    if problems:
        raise MethodError(*problems)
    return made, undone


def shown(rules: RuleSet, variable: str, code: float) -> str:
    """Return a value as people read it: a category's text, a number, nothing for a missing one."""
    if np.isnan(code):
        return ""
    one = rules.variables[rules.place[variable]]
    if one.kind == CATEGORY:
        return "?" if code == OUTSIDE else one.values[int(code)]
    return f"{code:.15g}"
