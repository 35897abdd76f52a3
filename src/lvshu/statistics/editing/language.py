"""The language of rules: from text to clauses. A parser of its own; nothing is ever evaluated as a program.

    a + b = c                         balance
    0.6 * turnover <= costs           inequality; also >=, <, >, != and chains 0 <= a <= 10
    costs / turnover in [0.5, 1.1]    ratio; where a filed denominator is zero the rule does not apply
    branch in {"industry", "trade"}   category
    if tax = "VAT" then branch = "industry"
    if employees > 0 and not (status = "closed") then wages > 0 or owners > 0

The words are if, then, and, or, not, in, or 若, 则, 且, 或, 非, 属于 set off by blanks; a name that is not a plain
word stands between backticks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from math import isfinite

from lvshu.statistics.editing.literals import (
    CATEGORY,
    EQUAL,
    LESS,
    LESS_EQUAL,
    Clause,
    Linear,
    Literal,
    Member,
    Variable,
    Whole,
)

MOST_CLAUSES = 200
MOST_CHARACTERS = 4000
MOST_DEPTH = 40
_WORDS = {"若": "if", "如果": "if", "则": "then", "且": "and", "或": "or", "非": "not", "属于": "in"}
_KEYWORDS = {"if", "then", "and", "or", "not", "in"}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|`(?P<quoted>[^`\n]+)`"
    r'|"(?P<text>[^"\n]*)"|(?P<op><=|>=|!=|==|[<>=+\-*/(){}\[\],]))'
)


class RuleSyntaxError(ValueError):
    """A rule cannot be read. `code` names the message, `values` fill it."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values_of = values


@dataclass(frozen=True)
class _Sum:
    """A linear form; with a denominator, a ratio of two."""

    terms: dict[str, float]
    constant: float = 0.0
    below: _Sum | None = None

    @property
    def is_constant(self) -> bool:
        return not self.terms and self.below is None


@dataclass(frozen=True)
class _Tree:
    """A condition: a literal, or several joined by and / or."""

    join: str
    literal: Literal | None = None
    parts: tuple[_Tree, ...] = ()


@dataclass
class _Parser:
    tokens: list[tuple[str, str]]
    variables: Mapping[str, Variable]
    place: int = 0
    depth: int = 0
    unknown: list[str] = field(default_factory=list)
    ratios: list[tuple[_Sum, _Sum]] = field(default_factory=list)

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.place += 1
        return token

    def at(self, value: str) -> bool:
        kind, text = self.peek()
        return kind in ("op", "word") and text == value

    def accept(self, value: str) -> bool:
        if self.at(value):
            self.place += 1
            return True
        return False

    def expect(self, value: str) -> None:
        if not self.accept(value):
            raise RuleSyntaxError("rule_expected", wanted=value, found=self.peek()[1] or "∅")

    def rule(self) -> _Tree:
        if self.accept("if"):
            premise = self.condition()
            self.expect("then")
            tree = _any(_negated(premise, self.variables), self.condition())
        else:
            tree = self.condition()
        if self.peek()[0] != "end":
            raise RuleSyntaxError("rule_expected", wanted="∎", found=self.peek()[1])
        return tree

    def condition(self) -> _Tree:
        tree = self.conjunction()
        while self.accept("or"):
            tree = _any(tree, self.conjunction())
        return tree

    def conjunction(self) -> _Tree:
        tree = self.unit()
        while self.accept("and"):
            tree = _all(tree, self.unit())
        return tree

    def unit(self) -> _Tree:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise RuleSyntaxError("rule_too_long", most=MOST_DEPTH)
        try:
            if self.accept("not"):
                return _negated(self.unit(), self.variables)
            if self.at("("):
                start = self.place
                try:
                    return self.comparison()
                except RuleSyntaxError:
                    self.place = start
                self.expect("(")
                tree = self.condition()
                self.expect(")")
                return tree
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> _Tree:
        kind, name = self.peek()
        if kind == "name" and self.known(name).kind == CATEGORY:
            self.take()
            return self.category(name)
        left = self.sum()
        if self.accept("in"):
            self.expect("[")
            low = self.sum()
            self.expect(",")
            high = self.sum()
            self.expect("]")
            if low.is_constant and high.is_constant and low.constant > high.constant:
                raise RuleSyntaxError("rule_interval", low=f"{low.constant:g}", high=f"{high.constant:g}")
            return _all(_compare(low, "<=", left), _compare(left, "<=", high))
        tree: _Tree | None = None
        while self.peek()[0] == "op" and self.peek()[1] in ("<=", ">=", "<", ">", "=", "==", "!="):
            op = self.take()[1].replace("==", "=")
            right = self.sum()
            one = _compare(left, op, right)
            tree = one if tree is None else _all(tree, one)
            left = right
        if tree is None:
            raise RuleSyntaxError("rule_expected", wanted="<= >= < > = !=", found=self.peek()[1] or "∅")
        return tree

    def category(self, name: str) -> _Tree:
        domain = frozenset(self.variables[name].values)
        if self.accept("in"):
            self.expect("{")
            values = {self.text_value()}
            while self.accept(","):
                values.add(self.text_value())
            self.expect("}")
            return self.member(name, frozenset(values), domain)
        op = self.take()[1].replace("==", "=")
        if op not in ("=", "!="):
            raise RuleSyntaxError("rule_category", variable=name, found=op or "∅")
        values = {self.text_value()}
        chosen = frozenset(values)
        return _negated(self.member(name, chosen, domain), self.variables) if op == "!=" else self.member(
            name, chosen, domain
        )  # fmt: skip

    def member(self, name: str, values: frozenset[str], domain: frozenset[str]) -> _Tree:
        outside = sorted(values - domain)
        if outside:
            raise RuleSyntaxError("rule_value", variable=name, values=outside, known=sorted(domain))
        return _Tree("literal", Member(name, values))

    def text_value(self) -> str:
        kind, text = self.take()
        if kind not in ("text", "number", "name"):
            raise RuleSyntaxError("rule_expected", wanted='"…"', found=text or "∅")
        return text

    def known(self, name: str) -> Variable:
        if name not in self.variables:
            self.unknown.append(name)
            return Variable(name)
        return self.variables[name]

    def sum(self) -> _Sum:
        total = self.term()
        while self.peek()[0] == "op" and self.peek()[1] in "+-" and self.peek()[1]:
            sign = 1.0 if self.take()[1] == "+" else -1.0
            total = _added(total, self.term(), sign)
        return total

    def term(self) -> _Sum:
        found = self.factor()
        while self.at("*") or self.at("/"):
            times = self.take()[1] == "*"
            other = self.factor()
            if not times and not other.is_constant:
                self.ratios.append((found, other))
            found = _times(found, other) if times else _over(found, other)
        return found

    def factor(self) -> _Sum:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise RuleSyntaxError("rule_too_long", most=MOST_DEPTH)
        try:
            if self.accept("-"):
                return _added(_Sum({}), self.factor(), -1.0)
            if self.accept("("):
                found = self.sum()
                self.expect(")")
                return found
            kind, text = self.take()
            if kind == "number":
                return _Sum({}, _finite(float(text)))
            if kind == "name":
                if self.known(text).kind == CATEGORY:
                    raise RuleSyntaxError("rule_category", variable=text, found="+ - * /")
                return _Sum({text: 1.0})
            raise RuleSyntaxError("rule_expected", wanted="name, number", found=text or "∅")
        finally:
            self.depth -= 1


def _finite(value: float) -> float:
    """Return a constant or coefficient; what is beyond the numbers of the machine is no bound."""
    if not isfinite(value):
        raise RuleSyntaxError("rule_infinite")
    return value


def _added(one: _Sum, other: _Sum, sign: float) -> _Sum:
    if one.below or other.below:
        raise RuleSyntaxError("rule_not_linear")
    terms = dict(one.terms)
    for name, value in other.terms.items():
        terms[name] = _finite(terms.get(name, 0.0) + sign * value)
    return _Sum({k: v for k, v in terms.items() if v}, _finite(one.constant + sign * other.constant))


def _scaled(one: _Sum, by: float) -> _Sum:
    _finite(by)
    terms = {name: _finite(value * by) for name, value in one.terms.items() if value * by}
    return _Sum(terms, _finite(one.constant * by))


def _times(one: _Sum, other: _Sum) -> _Sum:
    if one.below or other.below or not (one.is_constant or other.is_constant):
        raise RuleSyntaxError("rule_not_linear")
    return _scaled(other, one.constant) if one.is_constant else _scaled(one, other.constant)


def _over(one: _Sum, other: _Sum) -> _Sum:
    if one.below or other.below:
        raise RuleSyntaxError("rule_not_linear")
    if other.is_constant:
        if other.constant == 0:
            raise RuleSyntaxError("rule_divides_by_zero")
        return _scaled(one, 1 / other.constant)
    return _Sum(one.terms, one.constant, other)


def _compare(left: _Sum, op: str, right: _Sum) -> _Tree:
    if left.below and right.is_constant:
        return _ratio(left, op, right.constant)
    if right.below and left.is_constant:
        turned = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}.get(op, op)
        return _ratio(right, turned, left.constant)
    if left.below or right.below:
        raise RuleSyntaxError("rule_not_linear")
    if op in (">=", ">"):
        return _compare(right, "<=" if op == ">=" else "<", left)
    gap = _added(left, right, -1.0)
    if not gap.terms:
        raise RuleSyntaxError("rule_constant")
    if op == "!=":
        return _any(_compare(left, "<", right), _compare(right, "<", left))
    terms = tuple(sorted(gap.terms.items()))
    return _Tree("literal", Linear(terms, {"<=": LESS_EQUAL, "<": LESS, "=": EQUAL}[op], -gap.constant + 0.0))


def _ratio(ratio: _Sum, op: str, bound: float) -> _Tree:
    """a / b op k: as written where b is positive, turned where negative, not asked where zero."""
    above, below = _Sum(ratio.terms, ratio.constant), ratio.below or _Sum({})
    zero = _Sum({})
    product_ = _scaled(below, bound)
    if op in ("=", "!="):
        return _any(_compare(below, "=", zero), _compare(above, op, product_))
    turned = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}[op]
    return _all(
        _any(_compare(below, "<=", zero), _compare(above, op, product_)),
        _any(_compare(below, ">=", zero), _compare(above, turned, product_)),
    )


def _any(*parts: _Tree) -> _Tree:
    return _Tree("or", parts=parts)


def _all(*parts: _Tree) -> _Tree:
    return _Tree("and", parts=parts)


def _negated(tree: _Tree, variables: Mapping[str, Variable]) -> _Tree:
    if tree.literal is None:
        return _Tree(
            "and" if tree.join == "or" else "or", parts=tuple(_negated(p, variables) for p in tree.parts)
        )
    return _Tree("or", parts=tuple(_Tree("literal", one) for one in negation(tree.literal, variables)))


def negation(literal: Literal, variables: Mapping[str, Variable]) -> tuple[Literal, ...]:
    """Return the literals of which one holds exactly where a literal does not (values within the domain)."""
    if isinstance(literal, Member):
        return (Member(literal.variable, frozenset(variables[literal.variable].values) - literal.values),)
    if isinstance(literal, Whole):
        return ()  # no rule can be written about it
    turned = tuple((name, -value) for name, value in literal.terms)
    if literal.op == LESS_EQUAL:
        return (Linear(turned, LESS, -literal.bound + 0.0),)
    if literal.op == LESS:
        return (Linear(turned, LESS_EQUAL, -literal.bound + 0.0),)
    return (Linear(literal.terms, LESS, literal.bound), Linear(turned, LESS, -literal.bound + 0.0))


def _clauses(tree: _Tree) -> list[Clause]:
    if tree.literal is not None:
        return [(tree.literal,)]
    parts = [_clauses(part) for part in tree.parts]
    if tree.join == "and":
        return [clause for part in parts for clause in part]
    count = 1
    for part in parts:
        count *= len(part)
        if count > MOST_CLAUSES:
            raise RuleSyntaxError("rule_too_long", most=MOST_CLAUSES)
    return [
        tuple(dict.fromkeys(literal for clause in chosen for literal in clause)) for chosen in product(*parts)
    ]


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    text = text.strip().replace("≤", "<=").replace("≥", ">=").replace("≠", "!=").replace("−", "-")
    if len(text) > MOST_CHARACTERS:
        raise RuleSyntaxError("rule_too_long", most=MOST_CHARACTERS)
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise RuleSyntaxError("rule_character", found=text[place:].strip()[:12], at=place + 1)
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "name":
            value = _WORDS.get(value, value)
            kind = "word" if value in _KEYWORDS else "name"
        found.append(("name" if kind == "quoted" else kind, value))
        place = match.end()
    return found


def parse(text: str, variables: Mapping[str, Variable]) -> tuple[Clause, ...]:
    """Return the clauses of a rule, all of which must hold.

    Args:
        text: one rule.
        variables: those it may speak of, by name.

    Raises:
        RuleSyntaxError: it cannot be read, is not linear, or names an unknown variable or value.
    """
    parser = _Parser(_tokens(text), variables)
    tree = parser.rule()
    if parser.unknown:
        raise RuleSyntaxError("rule_unknown", names=sorted(set(parser.unknown)), known=sorted(variables))
    return tuple(dict.fromkeys(_clauses(tree)))


def guards(text: str, variables: Mapping[str, Variable]) -> tuple[tuple[frozenset[str], Clause], ...]:
    """Return for each ratio in a rule the variables below, and the clause that keeps it from being silent.

    The clause says: what is below is not zero, or what is above is zero too. It is asked of imputed values below: a
    zero put there would make the rule hold whatever stands above.

    Args:
        text: one rule that can be read.
        variables: those it may speak of, by name.
    """
    parser = _Parser(_tokens(text), variables)
    parser.rule()
    zero, found = _Sum({}), []
    for above, below in parser.ratios:
        if above.below or below.below:
            continue
        parts = [_compare(below, "!=", zero)]
        if above.terms:
            parts.append(_compare(_Sum(above.terms, above.constant), "=", zero))
        [clause] = _clauses(_any(*parts))
        found.append((frozenset(below.terms), clause))
    return tuple(found)
