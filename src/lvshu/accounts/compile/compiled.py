"""A table that was made here, with what had to be settled on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.core.errors import Problem


@dataclass(frozen=True)
class Compiled:
    """A table and its findings.

    Attributes:
        system: the table; its notes carry the findings in words.
        findings: warnings and notices, none of them an error.
    """

    system: InputOutputSystem
    findings: tuple[Problem, ...] = ()


def compiled(system: InputOutputSystem, findings: tuple[Problem, ...]) -> Compiled:
    """Return the table with its findings, each also as a note in both languages."""
    notes = tuple((problem.what("zh"), problem.what("en")) for problem in findings)
    return Compiled(replace(system, notes=(*system.notes, *notes)), findings)


def names_of(index: Index) -> list[str]:
    """Return the labels as texts: the last part alone where all of them share one region."""
    alone = len(index.levels) > 1 and len({label[:-1] for label in index.labels}) == 1
    return [label[-1] if alone else " / ".join(label) for label in index.labels]
