"""Adjustment: proposed values moved as little as possible until the record obeys every rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.evaluate import Array, Flags
from lvshu.statistics.editing.literals import CATEGORY, EQUAL, Linear, Member
from lvshu.statistics.editing.locate import Localiser
from lvshu.statistics.editing.system import feasible_point

MOST_CASES = 64


@dataclass
class Adjusted:
    """Records that obey the rules where `solved`; arrays of shape (records, variables) and (records,).

    Attributes:
        records: in the unit of each variable.
        solved: whether the record obeys every hard rule.
        moved: which proposals had to be moved.
    """

    records: Array
    solved: Flags
    moved: Flags


def adjust(localiser: Localiser, proposed: Array, change: Flags) -> Adjusted:
    """Return proposals moved as little as possible so that every rule holds.

    Proposals that obey the rules stay. A balance over proposals alone is met by moving them in proportion, where
    that is enough; else a linear programme finds the least sum of relative changes.

    Args:
        localiser: of the hard rules.
        proposed: shape (records, variables); in `change` a proposal or NaN, elsewhere the value that stays. A value
            without a proposal begins at 0 and is moved at no cost: what it becomes rests on the rules alone.
        change: shape (records, variables), what may be moved.

    Returns:
        Adjusted: records in the unit of each variable.

    Source: prorating and minimum adjustment to edits: de Waal, Pannekoek, Scholtus (2011).
    """
    records = np.where(change & np.isnan(proposed), 0.0, proposed)
    rows = np.flatnonzero(change.any(axis=1))
    for column, variable in enumerate(localiser.compiled.rules.variables):
        if variable.kind == CATEGORY:
            empty = change[:, column] & np.isnan(proposed[:, column])
            records[empty, column] = np.nan
    start = records.copy()
    _prorate(localiser, records, change, rows)
    records[rows] = rounded(localiser, records[rows], change[rows])
    wrong = localiser.compiled.test(records[rows]).not_passed
    for row in rows[wrong]:
        found = _solve(localiser, start[row], change[row], ~np.isnan(proposed[row]))
        if found is not None:
            records[row] = found
    solved = ~localiser.compiled.test(records).not_passed
    records[~solved] = start[~solved]
    moved = change & ~np.isclose(records, proposed, rtol=0, atol=localiser.compiled.rules.precision / 2)
    return Adjusted(records, solved, moved)


def _prorate(localiser: Localiser, records: Array, change: Flags, rows: NDArray[np.int64]) -> None:
    """Meet each unconditional balance by moving its open parts in proportion to their size, in the order of rules."""
    compiled = localiser.compiled
    matrix, bounds, slack = compiled.coefficients
    done = np.zeros(records.shape, dtype=bool)
    for _, members in compiled.clauses:
        literal = compiled.literals[members[0]][0]
        if len(members) > 1 or not isinstance(literal, Linear) or literal.op != EQUAL:
            continue
        row = matrix[members[0]]
        used = np.flatnonzero(row)
        part = records[np.ix_(rows, used)]
        weighed = part * row[used]
        open_ = change[np.ix_(rows, used)] & ~done[np.ix_(rows, used)]
        gap = bounds[members[0]] - weighed.sum(axis=1)
        size = np.where(open_, weighed, 0.0)
        total = size.sum(axis=1)
        same = (np.where(open_, np.sign(weighed), np.nan) * np.sign(total)[:, None] >= 0) | ~open_
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = 1 + gap / total
        factor = np.where(np.isfinite(factor), factor, -1.0)
        may = (np.abs(gap) > slack[members[0]]) & same.all(axis=1) & (total != 0) & (factor >= 0)
        part = np.where(open_ & may[:, None], part * factor[:, None], part)
        records[np.ix_(rows, used)] = part
        done[np.ix_(rows, used)] |= open_


def rounded(localiser: Localiser, records: Array, change: Flags) -> Array:
    """Return changed numbers rounded to the precision (whole ones to units), the largest part taking the rest.

    Args:
        localiser: of the hard rules.
        records: shape (records, variables), in the unit of each variable.
        change: the same shape, what may be rounded.

    Source: rounding that keeps balances: de Waal, Pannekoek, Scholtus (2011).
    """
    rules = localiser.compiled.rules
    step = np.array([1.0 if variable.integer else rules.precision for variable in rules.variables])
    numeric = np.array([variable.kind != CATEGORY for variable in rules.variables])
    # beyond 2⁵³ steps a number has no digits to be rounded
    fine = change & numeric & (np.abs(records) < 2.0**53 * step)
    made = np.where(fine, np.round(np.where(fine, records, 0.0) / step) * step, records)
    made = np.where(fine, np.round(np.where(fine, made, 0.0), 9), made)
    compiled = localiser.compiled
    matrix, bounds, slack = compiled.coefficients
    balances = [
        members[0]
        for _, members in compiled.clauses
        if len(members) == 1
        and isinstance(one := compiled.literals[members[0]][0], Linear)
        and one.op == EQUAL
    ]
    shared = (np.abs(matrix[balances]) > 0).sum(axis=0)
    for number in balances:
        row = matrix[number]
        used = np.flatnonzero(row)
        gap = bounds[number] - made[:, used] @ row[used]
        open_ = change[:, used]
        off = (np.abs(gap) > slack[number]) & open_.any(axis=1)
        off &= np.abs(gap) <= 2 * len(used) * step[used].max()
        # the rest goes to the largest of the parts that stand in fewest balances
        size = np.abs(made[:, used]) / (1 + np.abs(made[:, used])) - shared[used]
        best = np.argmax(np.where(open_, size, -np.inf), axis=1)
        here = np.flatnonzero(off)
        column = used[best[here]]
        made[here, column] = np.round(made[here, column] + gap[here] / row[column], 9)
    return made


def _solve(localiser: Localiser, proposal: Array, change: Flags, known: Flags) -> Array | None:
    """One record by linear programming, over the ways in which its conditional rules can hold."""
    rules = localiser.compiled.rules
    free = np.flatnonzero(change & np.array([v.kind != CATEGORY for v in rules.variables])).tolist()
    best, least = None, np.inf
    cost = np.where(known, 1 / (np.abs(np.nan_to_num(proposal)) + 1.0), 0.0)
    price = np.column_stack([np.nan_to_num(proposal), cost])
    for count, case in enumerate(localiser.cases_of(proposal, change)):
        if count >= MOST_CASES:
            break
        system = localiser.system(case)
        if system is None:
            continue
        values = feasible_point(system, proposal, free, cost=price)
        if values is None:
            continue
        made = _with_categories(localiser, proposal, change, case)
        made[free] = values
        distance = float((np.abs(values - price[free, 0]) * price[free, 1]).sum())
        distance += float((made != proposal).sum())
        neat = rounded(localiser, made[None], change[None])[0]
        chosen = made if localiser.compiled.test(neat[None]).not_passed.any() else neat
        if distance < least - 1e-12 and not localiser.compiled.test(chosen[None]).not_passed.any():
            best, least = chosen, distance
    return best


def _with_categories(localiser: Localiser, proposal: Array, change: Flags, case: tuple[int, ...]) -> Array:
    """Give changed categories the first value that the case allows, their present one where it may stay."""
    rules = localiser.compiled.rules
    made = proposal.copy()
    for column, variable in enumerate(rules.variables):
        if variable.kind != CATEGORY or not change[column]:
            continue
        allowed = [float(place) for place in range(len(variable.values))]
        for number in case:
            literal = localiser.compiled.literals[number][0]
            if isinstance(literal, Member) and literal.variable == variable.name:
                codes = {float(variable.values.index(value)) for value in literal.values}
                allowed = [code for code in allowed if code in codes]
        if allowed and made[column] not in allowed:
            made[column] = allowed[0]
    return made


def finish(localiser: Localiser, records: Array, change: Flags) -> Array:
    """Return records with changed numbers rounded where the rules allow it, and whole numbers made whole.

    Args:
        localiser: of the hard rules.
        records: shape (records, variables), in the unit of each variable.
        change: the same shape, what may be rounded.

    Returns:
        Array: the same shape; NaN in a changed whole number that cannot be made whole.

    Source: as `rounded`.
    """
    neat = rounded(localiser, records, change)
    passes = ~localiser.compiled.test(neat).not_passed
    made = np.where(passes[:, None], neat, records)
    whole = np.array([variable.integer for variable in localiser.compiled.rules.variables], dtype=bool)
    if not whole.any():
        return made
    broken = change & whole & (np.abs(made - np.round(made)) > 1e-9)
    # what the programme's tolerance leaves beside a whole number is that number, without a sign on zero
    made = np.where(change & whole & ~broken, np.round(made) + 0.0, made)
    rows = np.flatnonzero(broken.any(axis=1))
    if len(rows):
        fixed = np.where(broken[rows], np.round(made[rows]), made[rows])
        again = adjust(localiser, fixed, change[rows] & ~whole)
        made[rows] = np.where(
            again.solved[:, None], again.records, np.where(broken[rows], np.nan, made[rows])
        )
    return made
