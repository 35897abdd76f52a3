"""Rule files: TOML with the variables and the rules, read into a rule set; every fault told at once.

precision = 0.01                       # the least difference that counts
[variables]
turnover = { minimum = 0, weight = 2 }
branch = { values = ["industry", "trade"] }
[[rule]]
name = "balance"
check = "turnover - costs = profit"
tolerance = 0.5                        # of a balance; 0 unless stated
severity = "error"                     # or "warning": told, never repaired
zh = "…"
en = "…"
[cells]                                # further spellings of absence; only what is missing is ever filled
not_applicable = ["免填"]
suppressed = ["C"]
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.text import normalise
from lvshu.statistics.editing.language import RuleSyntaxError, guards, parse
from lvshu.statistics.editing.literals import (
    ABSENT,
    CATEGORY,
    HARD,
    LESS_EQUAL,
    NUMBER,
    SOFT,
    Linear,
    Member,
    Rule,
    RuleSet,
    Variable,
    Whole,
)

_FILE_KEYS = {"precision", "variables", "rule", "cells", "zh", "en", "source"}
_VARIABLE_KEYS = {"minimum", "maximum", "values", "weight", "integer"}
_RULE_KEYS = {"name", "check", "tolerance", "severity", "zh", "en"}


def read_rules(path: Path, *, columns: Sequence[str] | None = None) -> RuleSet:
    """Return the rule set of a file.

    Args:
        path: a TOML file in UTF-8.
        columns: the columns that records have; a variable outside them is a fault.

    Raises:
        InputError: it cannot be read, or has faults (all named, each with its rule).
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        values = {"reason": str(error)}
        raise InputError(Problem("editing.rules_unreadable", Where(file=str(path)), values)) from None
    return rules_of(content, file=str(path), columns=columns)


def variables_of(path: Path) -> tuple[str, ...]:
    """Return the variables that a rule file declares; none where it cannot be read (`read_rules` tells)."""
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("variables", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ()
    return tuple(map(str, stated)) if isinstance(stated, dict) else ()


def rules_of(content: Mapping[str, Any], *, file: str = "", columns: Sequence[str] | None = None) -> RuleSet:
    """Return the rule set that the content of a rule file states.

    Args:
        content: as tomllib gives it.
        file: where it came from, for messages.
        columns: the columns that records have; a variable outside them is a fault.

    Raises:
        InputError: faults (all named, each with its rule).
    """
    problems: list[Problem] = list(_strange(content, _FILE_KEYS, file, "-"))
    precision = content.get("precision", 0.01)
    if not _is_number(precision) or precision <= 0:
        problems.append(_fault(file, "precision", "rule_number", found=precision))
        precision = 0.01
    stated = content.get("variables", {})
    variables: dict[str, Variable] = {}
    bounds: list[Rule] = []
    for name, given in (stated if isinstance(stated, dict) else {}).items():
        variable, own, faults = _variable(str(name), given, file)
        problems += faults
        variables[variable.name] = variable
        bounds += own
    if not variables:
        problems.append(_fault(file, "variables", "rule_no_variables"))
    if columns is not None:
        for name in variables:
            if name not in columns:
                values = {"variable": name, "known": list(columns)[:30]}
                problems.append(Problem("editing.rule_no_column", Where(file=file, column=name), values))
    rules = list(bounds)
    taken = {rule.name for rule in rules}
    listed = content.get("rule", [])
    for number, given in enumerate(listed if isinstance(listed, list) else [], start=1):
        rule, faults = _rule(number, given, variables, file)
        problems += faults
        if rule is not None and rule.name in taken:
            problems.append(_fault(file, rule.name, "rule_twice"))
        elif rule is not None:
            taken.add(rule.name)
            rules.append(rule)
    cells, faults = _cells(content.get("cells", {}), file)
    problems += faults
    if not rules and not problems:
        problems.append(_fault(file, "rule", "rule_none"))
    if problems:
        raise InputError(*problems)
    return RuleSet(tuple(variables.values()), tuple(rules), float(precision), file, cells)


def _cells(given: Any, file: str) -> tuple[tuple[tuple[str, str], ...], list[Problem]]:
    """Return the spellings of absence that a file declares, with what each means."""
    if not isinstance(given, dict):
        return (), [_fault(file, "cells", "rule_shape", found=type(given).__name__)]
    problems = list(_strange(given, set(ABSENT), file, "cells"))
    found: dict[str, str] = {}
    for meaning in ABSENT:
        listed = given.get(meaning, [])
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            problems.append(_fault(file, f"cells.{meaning}", "rule_shape", found=repr(listed)))
            continue
        for one in listed:
            spelling = normalise(one).casefold()
            if found.setdefault(spelling, meaning) != meaning:
                values = {"spelling": one, "first": found[spelling], "second": meaning}
                problems.append(_fault(file, "cells", "rule_cell_twice", **values))
    return tuple(found.items()), problems


def _variable(name: str, given: Any, file: str) -> tuple[Variable, list[Rule], list[Problem]]:
    if not isinstance(given, dict):
        return Variable(name), [], [_fault(file, name, "rule_shape", found=type(given).__name__)]
    problems = list(_strange(given, _VARIABLE_KEYS, file, name))
    weight = given.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not weight > 0:
        problems.append(_fault(file, name, "rule_weight", found=weight))
        weight = 1.0
    values = given.get("values")
    if values is not None:
        return *_category(name, values, float(weight), file), problems
    rules = []
    for key, sign in (("minimum", -1.0), ("maximum", 1.0)):
        bound = given.get(key)
        if bound is None:
            continue
        if not _is_number(bound):
            problems.append(_fault(file, name, "rule_number", found=bound))
            continue
        shown = f"{name} {'>=' if sign < 0 else '<='} {bound:g}"
        literal = Linear(((name, sign),), LESS_EQUAL, sign * float(bound) + 0.0)
        rules.append(Rule(f"{name}.{key}", shown, ((literal,),)))
    integer = given.get("integer", False) is True
    if integer:
        rules.append(Rule(f"{name}.integer", f"{name} whole", ((Whole(name),),)))
    return Variable(name, NUMBER, (), float(weight), integer), rules, problems


def _category(name: str, values: Any, weight: float, file: str) -> tuple[Variable, list[Rule]]:
    listed = tuple(dict.fromkeys(str(value) for value in values)) if isinstance(values, list) else ()
    if not listed:
        raise InputError(_fault(file, name, "rule_shape", found=repr(values)))
    text = f"{name} in {{{', '.join(listed)}}}"
    domain = Rule(f"{name}.values", text, ((Member(name, frozenset(listed)),),))
    return Variable(name, CATEGORY, listed, weight), [domain]


def _rule(
    number: int, given: Any, variables: Mapping[str, Variable], file: str
) -> tuple[Rule | None, list[Problem]]:
    label = f"rule {number}"
    if not isinstance(given, dict):
        return None, [_fault(file, label, "rule_shape", found=type(given).__name__)]
    name = str(given.get("name") or f"r{number}")
    problems = list(_strange(given, _RULE_KEYS, file, name))
    severity = given.get("severity", HARD)
    if severity not in (HARD, SOFT):
        problems.append(_fault(file, name, "rule_severity", found=severity))
    tolerance = given.get("tolerance", 0.0)
    if not _is_number(tolerance) or tolerance < 0:
        problems.append(_fault(file, name, "rule_number", found=tolerance))
        tolerance = 0.0
    text = given.get("check")
    if not isinstance(text, str) or not text.strip():
        return None, [*problems, _fault(file, name, "rule_no_check")]
    try:
        clauses, ratios = parse(text, variables), guards(text, variables)
    except RuleSyntaxError as error:
        return None, [*problems, _fault(file, name, error.code, text=text[:200], **error.values_of)]
    told = {language: str(given.get(language, "")) for language in ("zh", "en")}
    return Rule(name, text, clauses, severity, float(tolerance), **told, ratios=ratios), problems


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _strange(given: Mapping[str, Any], known: set[str], file: str, name: str) -> Iterator[Problem]:
    for key in given:
        if key not in known:
            yield _fault(file, name, "rule_key", key=key, known=sorted(known))


def _fault(file: str, rule: str, code: str, **values: object) -> Problem:
    return Problem(f"editing.{code}", Where(file=file or None), {"rule": rule, **values})
