"""The whole of editing for one rule set: test, locate, impute so that the rules hold, log every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem, Where
from lvshu.statistics.editing.adjust import adjust, finish
from lvshu.statistics.editing.changes import ADJUSTED, DEDUCED, DONOR, EXPECTED, Change, same
from lvshu.statistics.editing.consistency import demand_consistent
from lvshu.statistics.editing.deduce import deduce
from lvshu.statistics.editing.donor import impute_from_donors
from lvshu.statistics.editing.evaluate import OUTSIDE, Array, Compiled, Flags, Tested, compiled
from lvshu.statistics.editing.literals import HARD, Rule, RuleSet
from lvshu.statistics.editing.locate import LOCATED, PASSES, UNSOLVED, Localiser, Located
from lvshu.statistics.editing.obvious import SPELLING, Mended, mend_signs
from lvshu.statistics.editing.outliers import suspicion_of


@dataclass(frozen=True)
class Choices:
    """How records are edited.

    Attributes:
        expected: shape (records, variables), anticipated values such as last month's; they choose between equal
            solutions and are proposed before donors. None: none.
        donors: whether donors may be used.
        match: columns that distance between records is measured on; all that stay when empty.
        size: column that scales donated amounts; None: as they are.
        classes: shape (records,), donors come from the same class.
        fill_missing: whether missing values are imputed; else they stay missing.
        most_weight: a record that needs more changed is left to people.
        held: shape (records, variables), values that are absent without being missing (not applicable, suppressed):
            rules are read as if they could be anything that fits, and they stay absent. None: none.
        spelt: shape (records, variables), codes of the categories' values that a text which is none of them equals in
            one writing, NaN elsewhere; they are put in its place before anything else. None: none.
    """

    expected: Array | None = None
    donors: bool = True
    match: tuple[int, ...] = ()
    size: int | None = None
    classes: NDArray[np.int64] | None = None
    fill_missing: bool = True
    most_weight: float = np.inf
    held: Flags | None = None
    spelt: Array | None = None


@dataclass
class Edited:
    """What editing made of records.

    Attributes:
        records: shape (records, variables), in the unit of each variable.
        changes: the log, in order.
        located: where the errors were.
        before, after: tests of all rules, hard and soft.
        unsolved: shape (records,), records that still fail a hard rule; as filed but for the spelling of categories.
        without_basis: shape (records,), records in which missing values stay missing, because neither rules nor
            anticipated values nor donors say what they are.
        all_rules: the rules of `before` and `after`.
        undecided: record -> variable -> value of each way to mend it, where several explain its error equally well;
            such records are unsolved.
    """

    records: Array
    changes: list[Change]
    located: Located
    before: Tested
    after: Tested
    unsolved: Flags
    all_rules: Compiled
    method: NDArray[np.int8] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int8))
    without_basis: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    undecided: dict[int, tuple[dict[str, float], ...]] = field(default_factory=dict)


_CODES = {DEDUCED: 1, EXPECTED: 2, DONOR: 3, ADJUSTED: 4}
_NAMES = {code: name for name, code in _CODES.items()}


def edit(rules: RuleSet, keys: Sequence[str], records: Array, choices: Choices | None = None) -> Edited:
    """Return records that obey every hard rule as far as they can be made to, with each change logged.

    First what is obvious: categories in another writing, signs flipped, amounts in each other's place (`obvious`). Then
    errors are localised, and in this order: values that follow from the rules; anticipated values; donors; each of
    them adjusted by least change where it does not fit; last the filed value itself, moved as little as possible.
    Nothing is put in the place of a missing value of which nobody knows anything. A record that cannot be made to obey
    stays as filed and is told.

    Args:
        rules: a rule set.
        keys: shape (records,), the key of each record.
        records: shape (records, variables), as `encode` gives them.
        choices: how.

    Returns:
        Edited: records in the unit of each variable.

    Raises:
        MethodError: the rules contradict each other.

    Source: sequence of deterministic checking, error localisation and imputation: de Waal, Pannekoek, Scholtus
        (2011); GSDEM (UNECE, 2019).
    """
    choices = choices or Choices()
    demand_consistent(rules)
    hard, every = compiled(rules, severity=HARD), compiled(rules)
    localiser = Localiser(hard, most_weight=choices.most_weight)
    given = hard.test(records)
    held = np.zeros(records.shape, dtype=bool) if choices.held is None else choices.held & np.isnan(records)
    lacking = (np.isnan(records) & ~held).any(axis=1)
    work = np.flatnonzero(given.not_passed | (lacking & choices.fill_missing))
    doubt = None if choices.expected is None else suspicion_of(records[work], choices.expected[work])
    obvious = _obvious(localiser, records, work, choices)
    mended = obvious.records
    part = mended[work]
    tested = hard.test(part) if obvious.rules else Tested(given.failed[work], given.unknown[work])
    located = localiser.locate(part, tested, doubt)
    change = located.change.copy()
    if not choices.fill_missing:
        change = located.chosen.copy()
    open_ways = np.isin(work, list(obvious.undecided))
    change[(located.status == UNSOLVED) | open_ways] = False
    kept = held[work]
    filled, method, reasons, blind = _impute(localiser, mended, work, change, choices, kept)
    # what would fit in their place has shown that the record can obey the rules; it is not written
    filled, change, blind = np.where(kept, np.nan, filled), change & ~kept, blind & ~kept
    final = records.copy()
    final[work] = filled
    unsolved = np.zeros(len(records), dtype=bool)
    bad = _unmended(hard, located, filled, (change, blind, kept), fill_missing=choices.fill_missing)
    bad |= open_ways
    final[work[bad]] = _spelt(records, choices)[work[bad]]
    unsolved[work[bad]] = True
    without_basis = np.zeros(len(records), dtype=bool)
    without_basis[work[blind.any(axis=1) & ~bad]] = True
    _note(located, method, work, obvious, final == mended)
    log = _log(keys, work, records, final, method, reasons, located, hard, given, obvious)
    before = given if every.chosen == hard.chosen else every.test(records)
    after = Tested(before.failed.copy(), before.unknown.copy())
    again = every.test(final[work])
    after.failed[work], after.unknown[work] = again.failed, again.unknown
    return Edited(
        final,
        log,
        _spread(located, work, records),
        before,
        after,
        unsolved,
        every,
        without_basis=without_basis,
        undecided=_named(obvious, rules),
    )


def _named(obvious: Mended, rules: RuleSet) -> dict[int, tuple[dict[str, float], ...]]:
    """Return what is undecided with the names of the variables."""
    names = [variable.name for variable in rules.variables]
    return {
        row: tuple({names[column]: value for column, value in way.items()} for way in ways)
        for row, ways in sorted(obvious.undecided.items())
    }


def _unmended(
    hard: Compiled, located: Located, filled: Array, cells: tuple[Flags, Flags, Flags], *, fill_missing: bool
) -> Flags:
    """Return which records still break a rule, shape (records,); `cells`: changed, without basis, held."""
    change, blind, kept = cells
    still = hard.test(filled)
    bad = np.asarray(
        still.failed.any(axis=1)
        | (located.status == UNSOLVED)
        | (change & np.isnan(filled) & ~blind).any(axis=1)
    )
    if fill_missing:
        bad |= np.asarray(still.unknown.any(axis=1) & ~blind.any(axis=1) & ~kept.any(axis=1))
    return bad


def _obvious(localiser: Localiser, records: Array, work: NDArray[np.int64], choices: Choices) -> Mended:
    """Return all records, those at work with their obvious errors mended."""
    made = _spelt(records, choices)
    other = ~((made == records) | np.isnan(records))
    signs = mend_signs(localiser, made[work], None if choices.expected is None else choices.expected[work])
    made[work] = signs.records
    rules = {(int(work[row]), column): rule for (row, column), rule in signs.rules.items()}
    rules |= {(int(row), int(column)): SPELLING for row, column in np.argwhere(other)}
    solutions = {int(row): 1 for row in np.flatnonzero(other.any(axis=1))}
    solutions |= {int(work[row]): count for row, count in signs.solutions.items()}
    return Mended(made, rules, solutions, {int(work[row]): ways for row, ways in signs.undecided.items()})


def _spelt(records: Array, choices: Choices) -> Array:
    """Return all records with categories in another writing as the rules write them, which no other error touches."""
    spelt = choices.spelt
    return (
        records.copy() if spelt is None else np.where((records == OUTSIDE) & ~np.isnan(spelt), spelt, records)
    )


def _note(
    located: Located, method: NDArray[np.int8], work: NDArray[np.int64], obvious: Mended, stands: Flags
) -> None:
    """Enter what was obvious into the localisation and the methods, as far as it still stands."""
    places = {int(row): place for place, row in enumerate(work)}
    for row, column in obvious.rules:
        place = places[row]
        if stands[row, column]:
            method[place, column] = _CODES[DEDUCED]
            located.change[place, column] = located.chosen[place, column] = True
            located.status[place] = LOCATED if located.status[place] == PASSES else located.status[place]
    for row, count in obvious.solutions.items():
        located.solutions[places[row]] = max(int(located.solutions[places[row]]), count)


def _impute(
    localiser: Localiser,
    records: Array,
    work: NDArray[np.int64],
    change: Flags,
    choices: Choices,
    kept: Flags,
) -> tuple[Array, NDArray[np.int8], dict[tuple[int, int], str], Flags]:
    """Fill what is to be changed. Returns records, methods, the rules of deduced cells, and what stays missing."""
    part = records[work]
    method = np.zeros(part.shape, dtype=np.int8)
    filled, deduced = deduce(localiser.compiled, part, change)
    reasons = {(row, column): rule for row, column, rule in deduced}
    for row, column, _ in deduced:
        method[row, column] = _CODES[DEDUCED]
    open_ = change & np.isnan(filled)
    wanted = np.asarray(open_.any(axis=1))
    # nobody sees what would fit in the place of a held value: it must not draw a filed one further than rules ask
    filed = open_ & ~np.isnan(part)
    aside = np.asarray(kept.any(axis=1) & filed.any(axis=1))
    # a deduced value that breaks another rule is a proposal like the others
    broken = localiser.compiled.test(filled).failed.any(axis=1)
    if choices.expected is not None:
        proposal = np.where(open_, choices.expected[work], filled)
        ready = wanted & ~(np.isnan(proposal) & change).any(axis=1)
        made = adjust(localiser, proposal[ready], open_[ready])
        rows = np.flatnonzero(ready)[made.solved]
        filled[rows] = made.records[made.solved]
        method[rows] = np.where(open_[rows], np.where(made.moved[made.solved], 4, 2), method[rows])
        wanted[rows] = False
    if choices.donors and wanted.any():
        _donate(localiser, records, work, open_, wanted, choices, filled, method)
    back = aside[:, None] & (filed | (open_ & kept))
    filled[back], method[back] = np.nan, 0
    rest = np.flatnonzero(wanted | broken | aside)
    if len(rest):
        proposal = np.where(change[rest] & ~np.isnan(filled[rest]), filled[rest], part[rest])
        made = adjust(localiser, proposal, change[rest])
        rows, known = rest[made.solved], ~np.isnan(proposal[made.solved])
        method[rows] = np.where(change[rows] & (method[rows] == 0) & known, 4, method[rows])
        method[rows] = np.where(made.moved[made.solved] & known, 4, method[rows])
        filled[rows] = np.where(known, made.records[made.solved], np.nan)
    blind = change & np.isnan(filled) & np.isnan(part)
    filled = np.where(change, finish(localiser, filled, change), part)
    return _unsilenced(localiser, filled, change, method), method, reasons, blind


def _unsilenced(localiser: Localiser, filled: Array, change: Flags, method: NDArray[np.int8]) -> Array:
    """Return records in which no value put below a ratio is zero, and the rule silent, unless the other rules force it.

    A zero that was filed there says that there is no ratio to test; one that was put there says nothing.
    """
    rules = localiser.compiled.rules
    found = [
        (below, Rule(f"{rule.name}: not over zero", rule.text, (clause,)))
        for rule in localiser.compiled.chosen
        for below, clause in rule.ratios
    ]
    if not found or not change.any():
        return filled
    made_below = np.column_stack(
        [change[:, [rules.place[name] for name in below]].any(axis=1) for below, _ in found]
    )
    own = compiled(rules.only(tuple(guard for _, guard in found)))
    rows = np.flatnonzero((own.test(filled).failed & made_below).any(axis=1))
    for row in rows.tolist():
        asked = tuple(guard for (_, guard), put in zip(found, made_below[row], strict=True) if put)
        strict = Localiser(compiled(rules.only((*localiser.compiled.chosen, *asked))))
        here = change[[row]] & ~np.isnan(filled[[row]])
        made = adjust(strict, filled[[row]], here)
        if made.solved[0]:
            filled[row] = finish(strict, made.records, here)[0]
            method[row] = np.where(made.moved[0], _CODES[ADJUSTED], method[row])
    return filled


def _donate(
    localiser: Localiser, records: Array, work: NDArray[np.int64], open_: Flags, wanted: Flags, choices: Choices,
    filled: Array, method: NDArray[np.int8],
) -> None:  # fmt: skip
    present = records.copy()
    present[work] = filled
    asked = np.zeros(records.shape, dtype=bool)
    asked[work[wanted]] = open_[wanted]
    passes = np.ones(len(records), dtype=bool)
    passes[work] = False
    made = impute_from_donors(
        localiser,
        present,
        asked,
        match=choices.match,
        size=choices.size,
        classes=choices.classes,
        passes=passes,
    )
    rows = np.flatnonzero(wanted & made.solved[work])
    filled[rows] = made.records[work[rows]]
    method[rows] = np.where(open_[rows], np.where(made.moved[work[rows]], 4, 3), method[rows])
    wanted[rows] = False


def _log(
    keys: Sequence[str], work: NDArray[np.int64], before: Array, after: Array, method: NDArray[np.int8],
    reasons: dict[tuple[int, int], str], located: Located, hard: Compiled, given: Tested,
    obvious: Mended,
) -> list[Change]:  # fmt: skip
    old, new = before[work], after[work]
    changed = ~((old == new) | (np.isnan(old) & np.isnan(new)))
    names = [variable.name for variable in hard.rules.variables]
    log: list[Change] = []
    for row, column in np.argwhere(changed):
        failed = given.failed[work[row]] & hard.clause_touches[:, column]
        broken = dict.fromkeys(hard.clauses[number][0].name for number in np.flatnonzero(failed))
        if not broken and not np.isnan(old[row, column]):
            broken = dict.fromkeys(hard.clauses[n][0].name for n in np.flatnonzero(given.failed[work[row]]))
        name = obvious.rules.get((int(work[row]), int(column)))
        obviously = bool(name) and new[row, column] == obvious.records[work[row], column]
        if name and obviously:
            broken |= {name: None}
        ways = 1 if obviously and name == SPELLING else int(located.solutions[row])
        rule = "+".join(broken) or (
            "missing" if np.isnan(old[row, column]) else reasons.get((row, column), "implied")
        )
        code = int(method[row, column]) or _CODES[ADJUSTED]
        log.append(
            Change(
                len(log) + 1, str(keys[work[row]]), names[column], float(old[row, column]), float(new[row, column]),
                rule, _NAMES[code], ways,
            )
        )  # fmt: skip
    return log


def _spread(located: Located, work: NDArray[np.int64], records: Array) -> Located:
    """The localisation of the records at work, laid out over all records."""
    count = len(records)
    made = Located(
        np.isnan(records), np.zeros(records.shape, dtype=bool), np.zeros(count, dtype=np.int64), np.zeros(count),
        np.zeros(count, dtype=np.int64), located.groups, located.alone,
    )  # fmt: skip
    made.change[work], made.chosen[work] = located.change, located.chosen
    made.solutions[work], made.weight[work], made.status[work] = (
        located.solutions,
        located.weight,
        located.status,
    )
    return made


def told_undecided(
    made: Edited, keys: Sequence[str], before: Array, rows: Mapping[str, int] | None = None, file: str = ""
) -> list[Problem]:
    """Return what is told of records whose error several ways mend equally well: one problem each, with all ways.

    Args:
        made: by `edit`.
        keys: shape (records,).
        before: records as filed, shape (records, variables).
        rows: key -> row of the file, where they come from one.
        file: its name.
    """
    place = made.all_rules.rules.place
    told = []
    for row, ways in made.undecided.items():
        listed = [
            ", ".join(f"{name} {before[row, place[name]]:.15g} → {new:.15g}" for name, new in way.items())
            for way in ways
        ]
        values = {"record": keys[row], "listed": "; ".join(listed)}
        where = Where(file=file, row=rows[keys[row]]) if rows else Where()
        told.append(Problem("editing.several_ways", where, values, severity="warning"))
    return told


def unchanged_elsewhere(before: Array, after: Array, changes: Sequence[Change], keys: Sequence[str]) -> bool:
    """Return whether every difference between two states is in the log: nothing is changed in silence.

    Args:
        before: shape (records, variables).
        after: the same shape and units.
        changes: the log.
        keys: shape (records,).

    Source: §8 of the project's conventions.
    """
    different = sum(
        not same(float(one), float(other)) for one, other in zip(before.ravel(), after.ravel(), strict=True)
    )
    return different == len(changes) and len({(c.record, c.variable) for c in changes}) == len(changes)
