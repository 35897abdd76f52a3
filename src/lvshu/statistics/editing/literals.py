"""What a rule is made of: literals over numbers and categories, clauses (one literal must hold), rules, rule sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

NUMBER, CATEGORY = "number", "category"
HARD, SOFT = "error", "warning"
ABSENT = MISSING, NOT_APPLICABLE, SUPPRESSED = "missing", "not_applicable", "suppressed"
LESS_EQUAL, LESS, EQUAL = "<=", "<", "="


@dataclass(frozen=True)
class Variable:
    """A column that rules speak of.

    Attributes:
        name: of the column.
        kind: number or category.
        values: of a category, all that are allowed.
        weight: reliability; the greater, the later the value is changed. Positive; inf: never.
        integer: whether a number is whole.
    """

    name: str
    kind: str = NUMBER
    values: tuple[str, ...] = ()
    weight: float = 1.0
    integer: bool = False


@dataclass(frozen=True)
class Linear:
    """Σ coefficient · variable, compared with a bound: <=, < or =."""

    terms: tuple[tuple[str, float], ...]
    op: str
    bound: float

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names of the variables."""
        return tuple(name for name, _ in self.terms)


@dataclass(frozen=True)
class Member:
    """A category's value is one of these."""

    variable: str
    values: frozenset[str]

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the name of the variable."""
        return (self.variable,)


@dataclass(frozen=True)
class Whole:
    """A number is whole."""

    variable: str

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the name of the variable."""
        return (self.variable,)


Literal = Linear | Member | Whole
Clause = tuple[Literal, ...]


@dataclass(frozen=True)
class Rule:
    """One edit: all its clauses must hold; a clause holds where one of its literals does.

    Attributes:
        name: by which it is named in logs.
        text: as written.
        clauses: its conjunctive normal form.
        severity: error (records are changed to obey) or warning (only told).
        tolerance: by how much both sides of a balance may differ, in the unit of the variables.
        zh, en: what it says.
        ratios: of each ratio the variables below, and the clause that keeps it from being silent (`language.guards`).
    """

    name: str
    text: str
    clauses: tuple[Clause, ...]
    severity: str = HARD
    tolerance: float = 0.0
    zh: str = ""
    en: str = ""
    ratios: tuple[tuple[frozenset[str], Clause], ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names of the variables, each once, in order of appearance."""
        return tuple(
            dict.fromkeys(name for clause in self.clauses for literal in clause for name in literal.variables)
        )

    def told(self, language: str) -> str:
        """Return what the rule says in a language, or its text."""
        return (self.zh if language == "zh" else self.en) or self.text


@dataclass(frozen=True)
class RuleSet:
    """Variables and the rules over them.

    Attributes:
        variables: in the order of the columns of every record matrix.
        rules: named once each.
        precision: the least difference that counts, in the unit of the variables; `<` means less by this much.
        file: where they were read.
        cells: spellings of absence that the file declares, each with what it means (one of ABSENT).
    """

    variables: tuple[Variable, ...]
    rules: tuple[Rule, ...]
    precision: float = 0.01
    file: str = field(default="", compare=False)
    cells: tuple[tuple[str, str], ...] = ()

    @cached_property
    def place(self) -> dict[str, int]:
        """Return the column of each variable."""
        return {variable.name: column for column, variable in enumerate(self.variables)}

    @property
    def hard(self) -> tuple[Rule, ...]:
        """Return the rules that records must obey."""
        return tuple(rule for rule in self.rules if rule.severity == HARD)

    def only(self, rules: tuple[Rule, ...]) -> RuleSet:
        """Return the same variables with other rules."""
        return RuleSet(self.variables, rules, self.precision, self.file, self.cells)
