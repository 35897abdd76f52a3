"""Obvious errors, mended before others are localised: signs, amounts in each other's place, categories' spellings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from lvshu.core.text import normalise
from lvshu.statistics.editing.evaluate import Array, Compiled, Flags
from lvshu.statistics.editing.literals import EQUAL, Linear
from lvshu.statistics.editing.locate import MOST_SETS, Localiser

SIGN_FLIP, VALUE_SWAP, SPELLING = "sign_flip", "value_swap", "spelling"
AS_EXPECTED = "as_expected"
"""Stands behind a flip or a swap in the log where the other would have mended the record too, and the expected values
(last month's) took the side of this one."""


@dataclass
class Mended:
    """Records with their obvious errors mended.

    Attributes:
        records: shape (records, variables).
        rules: (record, variable) -> SIGN_FLIP, VALUE_SWAP or SPELLING, by which the log names the change.
        solutions: record -> in how many ways of equally few flips and swaps it could be mended.
        undecided: record -> the values after each way, where a flip and a swap mend it equally well and no expected
            value tells which is right: it is as it was, for people to decide.
    """

    records: Array
    rules: dict[tuple[int, int], str] = field(default_factory=dict)
    solutions: dict[int, int] = field(default_factory=dict)
    undecided: dict[int, tuple[dict[int, float], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Balance:
    """An unconditional balance: its clause, and the coefficient of each variable, shape (variables,)."""

    clause: int
    row: Array


@dataclass(frozen=True)
class _Way:
    """Variables whose signs are flipped, or two that are swapped; its weight is that of what it changes."""

    columns: tuple[int, ...]
    rule: str
    weight: float

    def applied(self, records: Array) -> Array:
        made = records.copy()
        columns = list(self.columns)
        made[:, columns] = (
            -records[:, columns] if self.rule == SIGN_FLIP else records[:, columns[::-1]]
        )  # fmt: skip
        return made


def spelt_value(text: str, values: Sequence[str]) -> str | None:
    """Return the one value of a category that a text equals in another writing; None where none does, or several do.

    Full-width forms and surrounding blanks are looked past first; only if that finds none, case and all blanks.

    Args:
        text: as it was filed.
        values: all that are allowed.
    """
    for form in (normalise, _plain):
        found = [value for value in values if form(value) == form(text)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _plain(text: str) -> str:
    return normalise(text).casefold().replace(" ", "")


def mend_signs(localiser: Localiser, records: Array, expected: Array | None = None) -> Mended:
    """Return records in which balances that fail hold again once signs are flipped or two amounts change places.

    A record is mended where every hard rule that it fails holds then, none fails that did not, and what it lacks can
    still be filled so that all hold. The fewest flips are taken, of these the lightest, and no more of them than rules
    fail; where two sets of signs are equally light, nobody knows which is wrong, and the record is left to the
    localisation of errors. Two amounts of opposite sign in a balance that fails are swapped where no flip mends the
    record, and no other swap does. Where one flip and a swap both do, the one that comes nearer to the expected values
    is made; without these the record is undecided.

    Args:
        localiser: of the hard rules.
        records: shape (records, variables).
        expected: values such as last month's, shape (records, variables), NaN where there is none; None: none.

    Returns:
        Mended: a copy; records that no flip or swap mends, and undecided ones, are as they were.

    Source: de Waal, Pannekoek and Scholtus (2011), Handbook of Statistical Data Editing and Imputation, section 2.3;
        Scholtus (2008), Algorithms for correcting some obvious inconsistencies and rounding errors in business survey
        data, Statistics Netherlands, discussion paper 08015. There a flip and a swap weigh the same, as here; that
        expected values decide between them is a convention of this project.
    """
    compiled = localiser.compiled
    made = Mended(records.copy())
    balances = _balances(compiled)
    if not balances:
        return made
    failed = compiled.test(records).failed
    rows = np.flatnonzero(failed[:, [one.clause for one in balances]].any(axis=1))
    if not len(rows):
        return made
    pattern = np.packbits(np.hstack([failed[rows], np.isnan(records[rows])]), axis=1)
    _, group = np.unique(pattern, axis=0, return_inverse=True)
    for number in range(int(group.max()) + 1):
        _group(localiser, balances, rows[group == number], failed, made, expected)
    return made


def _balances(compiled: Compiled) -> list[_Balance]:
    matrix, _, _ = compiled.coefficients
    found = []
    for clause, (_, members) in enumerate(compiled.clauses):
        literal = compiled.literals[members[0]][0]
        if len(members) == 1 and isinstance(literal, Linear) and literal.op == EQUAL:
            found.append(_Balance(clause, matrix[members[0]]))
    return found


def _group(
    localiser: Localiser, balances: list[_Balance], members: NDArray[np.int64], failed: Flags, made: Mended,
    expected: Array | None,
) -> None:  # fmt: skip
    """Mend records that fail the same clauses and lack the same values."""
    here = members
    broken = [one for one in balances if failed[members[0], one.clause]]
    missing = np.isnan(made.records[members[0]])
    weights = localiser.weights
    touched = np.flatnonzero(
        np.any([one.row != 0 for one in broken], axis=0) & ~missing & np.isfinite(weights)
    )
    swaps = list(_swaps(broken, touched.tolist(), weights))
    swapped = np.array([_mends(localiser, made.records[here], one, failed[here]) for one in swaps]).reshape(
        len(swaps), len(here)
    )
    tried = 0
    for size in range(1, min(len(touched), int(failed[members[0]].sum())) + 1):
        ways = [
            _Way(columns, SIGN_FLIP, float(weights[list(columns)].sum()))
            for columns in combinations(touched.tolist(), size)
        ]
        tried += len(ways)
        if tried > MOST_SETS or not len(here):
            break
        fits = np.array([_mends(localiser, made.records[here], one, failed[here]) for one in ways])
        settled = fits.any(axis=0)
        either = settled & swapped.any(axis=0) if size == 1 else np.zeros(len(here), dtype=bool)
        _take(made, here[~either], ways, fits[:, ~either], localiser.most_weight)
        if size == 1:
            _weigh(made, here[either], [*ways, *swaps], np.vstack([fits, swapped])[:, either], expected)
            left = ~settled
            _take(made, here[left], swaps, swapped[:, left], localiser.most_weight)
            settled |= swapped.any(axis=0)
        here, swapped = here[~settled], swapped[:, ~settled]


def _swaps(broken: list[_Balance], touched: list[int], weights: Array) -> Iterator[_Way]:
    """Pairs of amounts of opposite signs in a balance: in each other's place they turn the result round."""
    for one, other in combinations(touched, 2):
        if any(balance.row[one] != 0 and balance.row[one] == -balance.row[other] for balance in broken):
            yield _Way((one, other), VALUE_SWAP, float(weights[one] + weights[other]))


def _mends(localiser: Localiser, records: Array, way: _Way, failed: Flags) -> Flags:
    """Return which records a way mends, shape (records,)."""
    compiled = localiser.compiled
    after = way.applied(records)
    good = ~compiled.test(after).failed.any(axis=1)
    # a zero has no sign, and equal amounts have no order
    good &= (after[:, list(way.columns)] != records[:, list(way.columns)]).all(axis=1)
    missing = np.isnan(records[0])
    if missing.any() and good.any():
        fillable = localiser.possible(after[good], missing)
        good[good] = False if fillable is None else fillable
    return np.asarray(good)


def _weigh(
    made: Mended, here: NDArray[np.int64], ways: list[_Way], fits: Flags, expected: Array | None
) -> None:
    """Mend records that a flip and a swap would mend by the way nearest to the expected values; else leave them."""
    for place, row in enumerate(here.tolist()):
        own = [way for way, fit in zip(ways, fits[:, place], strict=True) if fit]
        columns = sorted({column for way in own for column in way.columns})
        after = [way.applied(made.records[[row]])[0] for way in own]
        if expected is not None and not np.isnan(expected[row, columns]).any():
            far = np.array([np.abs(one[columns] - expected[row, columns]).sum() for one in after])
            if (far == far.min()).sum() == 1:
                _apply(made, row, own[int(far.argmin())], len(own), f"+{AS_EXPECTED}")
                continue
        made.undecided[row] = tuple(
            {column: float(one[column]) for column in way.columns}
            for way, one in zip(own, after, strict=True)
        )


def _apply(made: Mended, row: int, way: _Way, solutions: int, why: str = "") -> None:
    made.records[row] = way.applied(made.records[row][None])[0]
    made.solutions[row] = solutions
    for column in way.columns:
        made.rules[row, column] = way.rule + why


def _take(made: Mended, here: NDArray[np.int64], ways: list[_Way], fits: Flags, most_weight: float) -> None:
    """Apply to each record the lightest way that mends it, where it is one alone."""
    if not ways or not len(here):
        return
    weight = np.where(fits, np.array([one.weight for one in ways])[:, None], np.inf)
    least = weight.min(axis=0)
    least[least > most_weight + 1e-9] = np.inf
    alone = np.isfinite(least) & ((weight <= least + 1e-9).sum(axis=0) == 1)
    chosen = weight.argmin(axis=0)
    for place in np.flatnonzero(alone).tolist():
        _apply(made, int(here[place]), ways[int(chosen[place])], int(fits[:, place].sum()))
