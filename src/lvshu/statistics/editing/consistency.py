"""Testing the rules themselves: which contradict each other, which say nothing that the others do not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from lvshu.core.errors import MethodError, Problem, Where
from lvshu.statistics.editing.evaluate import Compiled
from lvshu.statistics.editing.language import negation
from lvshu.statistics.editing.literals import CATEGORY, Member, Rule, RuleSet, Whole
from lvshu.statistics.editing.locate import Localiser

MARGIN = 1e-6
MOST_SETS = 20
MOST_TRIED = 400
MOST_NODES = 10_000
"""Of the search for whole numbers; beyond it rules are held to agree."""


@dataclass(frozen=True)
class Consistency:
    """What the rules are worth together.

    Attributes:
        contradictions: each smallest set of rules that no record can obey together, as their names: without any one
            of them the rest of the set agrees. Sets may share rules.
        complete: whether these are all such sets, or the search stopped at MOST_SETS.
        redundant: rules that follow from the others, each with the names of those it follows from.
        impossible: values of categories that no record can bear, each with the names of a smallest set of rules that
            exclude it: its variable, the value, the names.
    """

    contradictions: tuple[tuple[str, ...], ...]
    redundant: tuple[tuple[str, tuple[str, ...]], ...]
    complete: bool = True
    impossible: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


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
    return Consistency((), tuple(reversed(redundant)), impossible=tuple(_impossible(rules, hard)))


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


def impossible_values(rules: RuleSet, found: Consistency) -> list[Problem]:
    """Return a warning for each value of a category that no record can bear.

    Args:
        rules: the rule set.
        found: what `consistency_of` returned for it.
    """
    texts = {rule.name: rule.text for rule in rules.rules}
    where = Where(file=rules.file or None)
    return [
        Problem("editing.rule_value_impossible", where, severity="warning",
                values={"variable": variable, "value": value, "rules": [f"{name}: {texts[name]}" for name in names]})
        for variable, value, names in found.impossible
    ]  # fmt: skip


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
    localiser = Localiser(compiled)
    return any(_in_whole_numbers(compiled, localiser, case) for case in localiser.cases_of(nothing, free))


def _in_whole_numbers(compiled: Compiled, localiser: Localiser, case: Sequence[int]) -> bool:
    """Return whether literals that hold in fractions hold with whole numbers too, where some are asked for."""
    place = compiled.rules.place
    asked = [one for number in case if isinstance(one := compiled.literals[number][0], Whole)]
    system = localiser.system(case)
    if not asked or system is None or not len(system.bound):
        return True
    whole = np.zeros(len(place))
    whole[[place[one.variable] for one in asked]] = 1
    upper = system.bound + system.slack
    lower = np.where(system.equal, system.bound - system.slack, -np.inf)
    found = milp(
        np.zeros(len(place)), integrality=whole, bounds=Bounds(-np.inf, np.inf),
        constraints=LinearConstraint(system.matrix, lower, upper), options={"node_limit": MOST_NODES},
    )  # fmt: skip
    return bool(found.status != 2)  # 2: infeasible; a search that stopped proves nothing


def _impossible(rules: RuleSet, hard: Sequence[Rule]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Give values that no record can bear. Values that no rule tells apart are tested once."""
    for variable in rules.variables:
        if variable.kind != CATEGORY:
            continue
        told = [
            literal.values for rule in hard for clause in rule.clauses for literal in clause
            if isinstance(literal, Member) and literal.variable == variable.name
        ]  # fmt: skip
        reasons: dict[tuple[bool, ...], tuple[str, ...]] = {}
        for value in variable.values:
            alike = tuple(value in values for values in told)
            if alike not in reasons:
                bears = Rule("bears", "", ((Member(variable.name, frozenset({value})),),))
                core = () if can_hold(rules, [*hard, bears]) else _minimal(rules, [bears, *hard], keep=bears)
                reasons[alike] = tuple(rule.name for rule in core if rule is not bears)
            if reasons[alike]:
                yield variable.name, value, reasons[alike]


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


def _minimal(rules: RuleSet, chosen: Sequence[Rule], keep: Rule | None = None) -> tuple[Rule, ...]:
    core = list(chosen)
    for rule in list(core):
        if rule is keep:
            continue
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
