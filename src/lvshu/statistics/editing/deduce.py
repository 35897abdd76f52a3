"""Deductive imputation: values that the rules leave no choice about."""

from __future__ import annotations

import numpy as np

from lvshu.statistics.editing.evaluate import Array, Compiled, Flags
from lvshu.statistics.editing.literals import EQUAL, LESS_EQUAL, Linear

TINY = 1e-9


def _balances(compiled: Compiled) -> tuple[Array, Array, list[str]]:
    """Return coefficients (balances, variables), bounds and rule names of all unconditional balances."""
    matrix, bounds, _ = compiled.coefficients
    rows, names = [], []
    for rule, members in compiled.clauses:
        literal = compiled.literals[members[0]][0]
        if len(members) == 1 and isinstance(literal, Linear) and literal.op == EQUAL:
            rows.append(members[0])
            names.append(rule.name)
    return matrix[rows], bounds[rows], names


def _signs(compiled: Compiled) -> tuple[Flags, Flags]:
    """Return which variables an unconditional rule keeps at or above zero, and at or below it."""
    low = np.zeros(len(compiled.rules.variables), dtype=bool)
    high = low.copy()
    for _, members in compiled.clauses:
        literal = compiled.literals[members[0]][0]
        if len(members) > 1 or not isinstance(literal, Linear) or len(literal.terms) != 1:
            continue
        if literal.op != LESS_EQUAL:
            continue
        name, value = literal.terms[0]
        place = compiled.rules.place[name]
        low[place] |= value < 0 and literal.bound <= 0
        high[place] |= value > 0 and literal.bound <= 0
    return low, high


def deduce(compiled: Compiled, records: Array, change: Flags) -> tuple[Array, list[tuple[int, int, str]]]:
    """Return records with the values filled that follow from balances and signs, and which those are.

    Args:
        compiled: the hard rules.
        records: shape (records, variables), in the unit of each variable.
        change: shape (records, variables), the values to fill.

    Returns:
        Array: shape (records, variables); values that do not follow are NaN where `change` is set.
        list: (record, variable, rules it follows from, by name) of each filled value.

    Source: deductive imputation by balance edits and non-negativity: de Waal, Pannekoek, Scholtus (2011).
    """
    filled = np.where(change, np.nan, records)
    matrix, bounds, names = _balances(compiled)
    made: list[tuple[int, int, str]] = []
    rows = np.flatnonzero(change.any(axis=1))
    if not len(rows) or not len(matrix):
        return filled, made
    low, high = _signs(compiled)
    packed = np.packbits(change[rows], axis=1)
    _, group = np.unique(packed, axis=0, return_inverse=True)
    for number in range(group.max() + 1):
        members = rows[group == number]
        open_ = np.flatnonzero(change[members[0]])
        made += _solve(filled, members, open_, matrix, bounds, names)
        made += _zeros(filled, members, open_, (matrix, bounds, names), (low, high))
    return filled, made


def _solve(
    filled: Array, members: np.ndarray, open_: np.ndarray, matrix: Array, bounds: Array, names: list[str]
) -> list[tuple[int, int, str]]:
    """Reduce the balances of the open variables; a row with one variable left gives its value."""
    known = np.nan_to_num(filled[members], nan=0.0)
    known[:, open_] = 0.0
    combination = np.eye(len(matrix))
    part = matrix[:, open_].copy()
    pivot_of: list[tuple[int, int]] = []
    row = 0
    for column in range(len(open_)):
        candidates = np.flatnonzero(np.abs(part[row:, column]) > TINY)
        if not len(candidates):
            continue
        best = row + int(candidates[np.argmax(np.abs(part[row:, column][candidates]))])
        part[[row, best]], combination[[row, best]] = part[[best, row]], combination[[best, row]]
        combination[row] /= part[row, column]
        part[row] /= part[row, column]
        for other in range(len(part)):
            if other != row and abs(part[other, column]) > TINY:
                combination[other] -= part[other, column] * combination[row]
                part[other] -= part[other, column] * part[row]
        pivot_of.append((row, column))
        row += 1
        if row == len(part):
            break
    made = []
    right = bounds - known @ matrix.T
    for row, column in pivot_of:
        if (np.abs(part[row]) > TINY).sum() != 1:
            continue
        filled[members, open_[column]] = right @ combination[row]
        reason = "+".join(
            name for name, used in zip(names, combination[row], strict=True) if abs(used) > TINY
        )
        made += [(int(member), int(open_[column]), reason) for member in members]
    return made


def _zeros(
    filled: Array, members: np.ndarray, open_: np.ndarray, balances: tuple[Array, Array, list[str]],
    signs: tuple[Flags, Flags],
) -> list[tuple[int, int, str]]:  # fmt: skip
    """Parts that cannot be negative and add up to nothing are nothing each."""
    matrix, bounds, names = balances
    low, high = signs
    made = []
    for row, bound, name in zip(matrix, bounds, names, strict=True):
        parts = [column for column in open_ if abs(row[column]) > TINY]
        if not parts:
            continue
        one_way = {bool(row[c] > 0) if low[c] else bool(row[c] < 0) for c in parts if low[c] or high[c]}
        if len(one_way) != 1 or not all(low[c] != high[c] for c in parts):
            continue
        present = filled[members]
        rest = bound - np.nan_to_num(present, nan=0.0) @ row
        none = np.isnan(present[:, parts]).any(axis=1) & (
            np.abs(rest) <= TINY * np.nanmax(np.abs(present), initial=1.0)
        )
        none &= ~np.isnan(present[:, [c for c in np.flatnonzero(row) if c not in parts]]).any(axis=1)
        for column in parts:
            here = none & np.isnan(present[:, column])
            filled[members[here], column] = 0.0
            made += [(int(member), int(column), name) for member in members[here]]
    return made
