"""Testing the rules themselves: which contradict each other, which say nothing that the others do not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from lvshu.core.errors import MethodError, Problem, Where
from lvshu.statistics.editing.evaluate import Compiled
from lvshu.statistics.editing.language import negation
from lvshu.statistics.editing.literals import CATEGORY, Rule, RuleSet
from lvshu.statistics.editing.locate import Localiser

MARGIN = 1e-6


@dataclass(frozen=True)
class Consistency:
    """What the rules are worth together.

    Attributes:
        contradiction: names of rules that no record can obey together, none of which can be left out; empty if none.
        redundant: rules that follow from the others, each with the names of those it follows from.
    """

    contradiction: tuple[str, ...]
    redundant: tuple[tuple[str, tuple[str, ...]], ...]


def consistency_of(rules: RuleSet) -> Consistency:
    """Return whether the hard rules can hold together, and which of them are needless.

    Args:
        rules: a rule set.

    Source: feasibility and redundancy of edits: de Waal, Pannekoek, Scholtus (2011); a minimal
        contradiction by deletion: Chinneck and Dravnieks (1991), ORSA Journal on Computing 3.
    """
    hard = rules.hard
    if not can_hold(rules, hard):
        return Consistency(tuple(rule.name for rule in _minimal(rules, hard)), ())
    redundant = []
    kept = list(hard)
    # the rules that were written last go first, so that bounds of variables stay
    for rule in reversed(hard):
        if rule.name.endswith((".values", ".integer")):
            continue  # the domain of a variable, which every rule about it takes for granted
        others = [one for one in kept if one is not rule]
        if _follows(rules, rule, others):
            redundant.append((rule.name, tuple(one.name for one in _reasons(rules, rule, others))))
            kept = others
    return Consistency((), tuple(reversed(redundant)))


def demand_consistent(rules: RuleSet) -> None:
    """Do nothing where the hard rules can hold together.

    Args:
        rules: a rule set.

    Raises:
        MethodError: they contradict each other; the rules that do are named.

    Source: as `consistency_of`.
    """
    if can_hold(rules, rules.hard):
        return
    guilty = _minimal(rules, rules.hard)
    values = {"rules": [f"{rule.name}: {rule.text}" for rule in guilty]}
    raise MethodError(Problem("editing.rules_contradict", Where(file=rules.file or None), values))


def can_hold(rules: RuleSet, chosen: Sequence[Rule]) -> bool:
    """Return whether some record obeys all of some rules.

    Args:
        rules: their variables.
        chosen: the rules; the domains of categories always count.

    Source: as `consistency_of`.
    """
    compiled = Compiled(rules, tuple(chosen))
    free = np.ones(len(rules.variables), dtype=bool)
    nothing = np.zeros(len(rules.variables))
    for column, variable in enumerate(rules.variables):
        nothing[column] = -9.0 if variable.kind == CATEGORY else 0.0
    return next(Localiser(compiled).cases_of(nothing, free), None) is not None


def _minimal(rules: RuleSet, chosen: Sequence[Rule]) -> tuple[Rule, ...]:
    core = list(chosen)
    for rule in list(core):
        tried = [one for one in core if one is not rule]
        if not can_hold(rules, tried):
            core = tried
    return tuple(core)


def _denials(rules: RuleSet, rule: Rule) -> Iterator[Rule]:
    """Rules of which one can hold together with the others exactly where the rule does not follow."""
    variables = {variable.name: variable for variable in rules.variables}
    for clause in rule.clauses:
        for literals in product(*(negation(one, variables) for one in clause)):
            yield Rule("not", "", tuple((one,) for one in literals))


def _follows(rules: RuleSet, rule: Rule, others: Sequence[Rule]) -> bool:
    fine = replace(rules, precision=MARGIN)
    return not any(can_hold(fine, [*others, denied]) for denied in _denials(rules, rule))


def _reasons(rules: RuleSet, rule: Rule, others: Sequence[Rule]) -> tuple[Rule, ...]:
    needed = list(others)
    for one in list(needed):
        tried = [other for other in needed if other is not one]
        if _follows(rules, rule, tried):
            needed = tried
    return tuple(needed)
