"""Testing records: every clause of every rule on a matrix of records at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.literals import (
    CATEGORY,
    EQUAL,
    LESS,
    Linear,
    Literal,
    Member,
    Rule,
    RuleSet,
    Whole,
)

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
OUTSIDE = -2.0
"""Code of a category's value that is not in its domain. Missing is NaN, for numbers and categories."""
ROUNDED = 1e-9
"""What imputed values are rounded to (`adjust`), and whole numbers are told by."""
GUARD = 4e-15
"""Rounding of a sum of doubles, relative to the largest value of the record: never a fault."""
CHUNK = 100_000


def encode(columns: Mapping[str, Sequence[object] | NDArray[np.generic]], rules: RuleSet) -> Array:
    """Return records as a matrix of the rule set's variables; a category becomes the place of its value.

    Args:
        columns: variable -> values, all of one length (records,); numbers in their own unit, None or NaN missing;
            categories as texts.
        rules: the rule set.

    Returns:
        Array: shape (records, variables); NaN missing, OUTSIDE for a text that is no value of the category.
    """
    made = []
    for variable in rules.variables:
        given = columns[variable.name]
        if variable.kind == CATEGORY:
            codes = {value: float(place) for place, value in enumerate(variable.values)}
            made.append(
                np.array([np.nan if v is None else codes.get(str(v), OUTSIDE) for v in given], dtype=float)
            )
        elif isinstance(given, np.ndarray):
            made.append(np.asarray(given, dtype=float))
        else:
            made.append(np.array([np.nan if v is None else float(str(v)) for v in given], dtype=float))
    return np.column_stack(made) if made else np.empty((0, 0))


@dataclass(frozen=True)
class Tested:
    """What a test of records found; arrays of shape (records, clauses).

    Attributes:
        failed: no literal of the clause holds.
        unknown: none holds, but one rests on a missing value.
    """

    failed: Flags
    unknown: Flags

    @property
    def not_passed(self) -> Flags:
        """Return which records fail a clause or leave one open, shape (records,)."""
        return np.asarray(self.failed.any(axis=1) | self.unknown.any(axis=1))


@dataclass(frozen=True)
class Compiled:
    """A rule set as matrices. `clauses` lists (rule, clause) in order; literals are numbered once each."""

    rules: RuleSet
    chosen: tuple[Rule, ...]

    @cached_property
    def clauses(self) -> tuple[tuple[Rule, tuple[int, ...]], ...]:
        """Return each clause with its rule and the numbers of its literals."""
        return tuple(
            (rule, tuple(self._number[(one, self._slack(rule, one, len(clause)))] for one in clause))
            for rule in self.chosen
            for clause in rule.clauses
        )

    @cached_property
    def literals(self) -> tuple[tuple[Literal, float], ...]:
        """Return each literal with its tolerance."""
        return tuple(self._number)

    @cached_property
    def _number(self) -> dict[tuple[Literal, float], int]:
        found: dict[tuple[Literal, float], int] = {}
        for rule in self.chosen:
            for clause in rule.clauses:
                for one in clause:
                    found.setdefault((one, self._slack(rule, one, len(clause))), len(found))
        return found

    @staticmethod
    def _slack(rule: Rule, literal: Literal, literals: int) -> float:
        if not isinstance(literal, Linear) or literal.op == LESS:
            return 0.0
        return rule.tolerance if literals == 1 or literal.op == EQUAL else 0.0

    @cached_property
    def touches(self) -> Flags:
        """Return which variables each literal speaks of, shape (literals, variables)."""
        place = self.rules.place
        found = np.zeros((len(self.literals), len(self.rules.variables)), dtype=bool)
        for number, (literal, _) in enumerate(self.literals):
            found[number, [place[name] for name in literal.variables]] = True
        return found

    @cached_property
    def clause_touches(self) -> Flags:
        """Return which variables each clause speaks of, shape (clauses, variables)."""
        found = np.zeros((len(self.clauses), len(self.rules.variables)), dtype=bool)
        for number, (_, members) in enumerate(self.clauses):
            found[number] = self.touches[list(members)].any(axis=0)
        return found

    @cached_property
    def coefficients(self) -> tuple[Array, Array, Array]:
        """Return coefficients (literals, variables), bounds and tolerances (literals,); zero rows for categories."""
        place = self.rules.place
        matrix = np.zeros((len(self.literals), len(self.rules.variables)))
        bounds, slack = np.zeros(len(self.literals)), np.zeros(len(self.literals))
        for number, (literal, tolerance) in enumerate(self.literals):
            if isinstance(literal, Linear):
                for name, value in literal.terms:
                    matrix[number, place[name]] = value
                bounds[number], slack[number] = literal.bound, tolerance
        return matrix, bounds, slack

    def literal_values(self, records: Array) -> tuple[Flags, Flags]:
        """Return which literals hold and which rest on missing values, shape (records, literals) each.

        Args:
            records: shape (records, variables), as `encode` gives them.
        """
        matrix, bounds, slack = self.coefficients
        missing = np.isnan(records)
        some = bool(missing.any())
        known = np.where(missing, 0.0, records) if some else records
        with np.errstate(over="ignore", invalid="ignore"):
            gap = known @ matrix.T - bounds
            reach = np.abs(known) @ np.abs(matrix).T
            # a difference of larger values of the record is off zero by their rounding; a huge value elsewhere must
            # not loosen the literal by more than records are rounded to
            others = GUARD * np.abs(known).max(axis=1, initial=0.0)[:, None] * np.abs(matrix).sum(axis=1)
        # a value too large to add to is left to the comparison, without an allowance; NaN compares as not holding
        own = np.where(np.isfinite(reach), GUARD * (reach + np.abs(bounds)), 0.0)
        allowed = slack + own + np.minimum(others, ROUNDED)
        holds = np.empty(gap.shape, dtype=bool)
        for number, (literal, _) in enumerate(self.literals):
            if isinstance(literal, Member):
                values = self.rules.variables[self.rules.place[literal.variable]].values
                codes = [float(values.index(value)) for value in sorted(literal.values)]
                holds[:, number] = np.isin(known[:, self.rules.place[literal.variable]], codes)
            elif isinstance(literal, Whole):
                stated = known[:, self.rules.place[literal.variable]]
                holds[:, number] = np.abs(stated - np.round(stated)) <= ROUNDED
            elif literal.op == EQUAL:
                holds[:, number] = np.abs(gap[:, number]) <= allowed[:, number]
            elif literal.op == LESS:
                holds[:, number] = gap[:, number] < slack[number] - allowed[:, number]
            else:
                holds[:, number] = gap[:, number] <= allowed[:, number]
        unknown = np.zeros(gap.shape, dtype=bool)
        if some:
            unknown = (missing.astype(np.float32) @ self.touches.T.astype(np.float32)) > 0
            holds &= ~unknown
        return holds, unknown

    def test(self, records: Array) -> Tested:
        """Return which clauses fail on which records.

        Args:
            records: shape (records, variables), as `encode` gives them.
        """
        failed = np.zeros((len(records), len(self.clauses)), dtype=bool)
        unknown = np.zeros_like(failed)
        for start in range(0, len(records), CHUNK):
            part = slice(start, start + CHUNK)
            holds, open_ = self.literal_values(records[part])
            any_open = bool(open_.any())
            for number, (_, members) in enumerate(self.clauses):
                one = list(members)
                held = holds[:, one[0]] if len(one) == 1 else holds[:, one].any(axis=1)
                rests = open_[:, one].any(axis=1) if any_open else np.False_
                failed[part, number] = ~held & ~rests
                unknown[part, number] = ~held & rests
        return Tested(failed, unknown)


def compiled(rules: RuleSet, *, severity: str | None = None) -> Compiled:
    """Return a rule set made ready for testing: all rules, or those of one severity."""
    return Compiled(rules, tuple(rule for rule in rules.rules if severity in (None, rule.severity)))


def failing_rules(compiled_rules: Compiled, tested: Tested) -> Flags:
    """Return which rules fail on which records, shape (records, rules): a rule fails where a clause does.

    Args:
        compiled_rules: the rules in their order.
        tested: what `Compiled.test` returned.
    """
    names = [rule.name for rule in compiled_rules.chosen]
    found = np.zeros((len(tested.failed), len(names)), dtype=bool)
    for number, (rule, _) in enumerate(compiled_rules.clauses):
        found[:, names.index(rule.name)] |= tested.failed[:, number]
    return found
