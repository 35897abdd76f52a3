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
MOST_SETS = 20
MOST_TRIED = 400


@dataclass(frozen=True)
class Consistency:
    """What the rules are worth together.

    Attributes:
        contradictions: each smallest set of rules that no record can obey together, as their names: without any one
            of them the rest of the set agrees. Sets may share rules.
        complete: whether these are all such sets, or the search stopped at MOST_SETS.
        redundant: rules that follow from the others, each with the names of those it follows from.
    """

    contradictions: tuple[tuple[str, ...], ...]
    redundant: tuple[tuple[str, tuple[str, ...]], ...]
    complete: bool = True


def consistency_of(rules: RuleSet) -> Consistency:
    """Return whether the hard rules can hold together, and which of them are needless.

    Args:
        rules: a rule set.

    Source: feasibility and redundancy of edits: de Waal, Pannekoek, Scholtus (2011); a minimal
        contradiction by deletion: Chinneck and Dravnieks (1991), ORSA Journal on Computing 3; all of them by the
        tree of their hitting sets: Reiter (1987), Artificial Intelligence 32.
    """
    hard = rules.hard
    sets, complete = _contradictions(rules, hard)
    if sets:
        return Consistency(tuple(tuple(rule.name for rule in one) for one in sets), (), complete)
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
        MethodError: they contradict each other; each smallest set of rules that do is a problem of its own.

    Source: as `consistency_of`.
    """
    sets, complete = _contradictions(rules, rules.hard)
    if sets:
        raise MethodError(*_problems(rules, sets, complete))


def refusals(rules: RuleSet, found: Consistency) -> list[Problem]:
    """Return a problem for each contradiction that was found, and one where there may be more.

    Args:
        rules: the rule set.
        found: what `consistency_of` returned for it.
    """
    named = {rule.name: rule for rule in rules.rules}
    return _problems(
        rules, [tuple(named[name] for name in one) for one in found.contradictions], found.complete
    )


def _problems(rules: RuleSet, sets: Sequence[Sequence[Rule]], complete: bool) -> list[Problem]:
    where = Where(file=rules.file or None)
    found = [
        Problem("editing.rules_contradict", where, {"rules": [f"{rule.name}: {rule.text}" for rule in one]})
        for one in sets
    ]
    if not complete:
        found.append(Problem("editing.rules_contradict_more", where, {"most": MOST_SETS}))
    return found


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


def _contradictions(rules: RuleSet, chosen: Sequence[Rule]) -> tuple[list[tuple[Rule, ...]], bool]:
    """Return the smallest sets of rules that cannot hold together, and whether these are all.

    A node of the tree is a set of rules left out; where the rest still contradict each other, the contradiction's
    rules are left out in turn. A set that no found one is part of is left whole by some node, so none is passed over.
    """
    found: list[tuple[Rule, ...]] = []
    waiting: list[frozenset[int]] = [frozenset()]
    seen = set(waiting)
    tried = 0
    while waiting:
        out = waiting.pop(0)
        core = next((one for one in found if not any(id(rule) in out for rule in one)), None)
        if core is None:
            tried += 1
            if tried > MOST_TRIED or len(found) >= MOST_SETS:
                return found, False
            rest = [rule for rule in chosen if id(rule) not in out]
            if can_hold(rules, rest):
                continue
            core = _minimal(rules, rest)
            found.append(core)
        for rule in core:
            more = out | {id(rule)}
            if more not in seen:
                seen.add(more)
                waiting.append(more)
    return found, True


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
