"""Error localisation: for each record the lightest set of values to change so that all rules can hold.

Records that fail the same clauses and lack the same values are one problem: candidate sets are taken in the order
of their weight from a mixed integer programme (the failing clauses must be met), and each is tested on all records
of the group at once by the edits that its elimination implies. What that cannot settle is solved alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.evaluate import Array, Compiled, Flags, Tested
from lvshu.statistics.editing.literals import EQUAL, LESS, Linear, Member, Whole
from lvshu.statistics.editing.system import (
    System,
    TooManyRowsError,
    eliminate,
    feasible_point,
    lightest_cover,
)

PASSES, LOCATED, UNSOLVED = 0, 1, 2
MOST_SETS = 120
MOST_CHOICES = 128


@dataclass
class Located:
    """Where the errors are.

    Attributes:
        change: shape (records, variables), the values to change: chosen ones and missing ones.
        chosen: the same without the missing ones.
        solutions: shape (records,), how many optimal sets were found (0 where none is needed).
        weight: shape (records,), weight of the chosen set, dimensionless.
        status: shape (records,), PASSES, LOCATED or UNSOLVED.
        groups: how many distinct problems there were.
        alone: how many records were solved alone.
    """

    change: Flags
    chosen: Flags
    solutions: NDArray[np.int64]
    weight: Array
    status: NDArray[np.int64]
    groups: int = 0
    alone: int = 0


@dataclass
class Localiser:
    """Finds the errors of records under one rule set.

    Attributes:
        compiled: the hard rules.
        most_weight: give up beyond this weight.
        most_solutions: count at most so many optimal sets.
    """

    compiled: Compiled
    most_weight: float = np.inf
    most_solutions: int = 8
    _projected: dict[tuple[object, ...], System | None] = field(default_factory=dict)

    @property
    def weights(self) -> Array:
        """Return the weights of the variables, shape (variables,)."""
        return np.array([variable.weight for variable in self.compiled.rules.variables])

    def locate(self, records: Array, tested: Tested | None = None, suspicion: Array | None = None) -> Located:
        """Return the values to change.

        Args:
            records: shape (records, variables).
            tested: what `compiled.test(records)` returned, if known.
            suspicion: shape (records, variables); of sets of equal weight the one with the greatest sum is taken,
                else the one whose variables stand first. Dimensionless.

        Source: Fellegi and Holt (1976), JASA 71; de Waal, Pannekoek, Scholtus (2011). Whole
            numbers are treated as continuous here; imputation makes them whole.
        """
        tested = self.compiled.test(records) if tested is None else tested
        missing = np.isnan(records)
        found = Located(
            missing.copy(), np.zeros_like(missing), np.zeros(len(records), dtype=np.int64),
            np.zeros(len(records)), np.zeros(len(records), dtype=np.int64),
        )  # fmt: skip
        rows = np.flatnonzero(tested.not_passed)
        if not len(rows):
            return found
        pattern = np.packbits(np.hstack([tested.failed[rows], missing[rows]]), axis=1)
        _, group = np.unique(pattern, axis=0, return_inverse=True)
        order = np.argsort(group, kind="stable")
        ends = np.flatnonzero(np.diff(group[order])) + 1
        for members in np.split(rows[order], ends):
            found.groups += 1
            self._group(records, members, tested.failed[members[0]], missing[members[0]], suspicion, found)
        found.change |= found.chosen
        return found

    def _group(
        self, records: Array, members: NDArray[np.int64], failed: Flags, missing: Flags,
        suspicion: Array | None, found: Located,
    ) -> None:  # fmt: skip
        """Settle all records that fail the same clauses and lack the same values."""
        part = records[members]
        covers = (self.compiled.clause_touches[failed] & ~missing).astype(float)
        weights = np.where(missing, np.inf, self.weights)
        best = np.full(len(members), np.inf)
        score = np.full(len(members), -np.inf)
        cuts: list[Flags] = []
        alone = np.zeros(len(members), dtype=bool)
        while (chosen := lightest_cover(covers, weights, _rows(cuts, len(weights)))) is not None:
            weight = float(self.weights[chosen].sum())
            tied = (np.abs(best - weight) <= 1e-9) & (found.solutions[members] < self.most_solutions)
            waiting = np.flatnonzero(np.isinf(best) | tied)
            if weight > self.most_weight + 1e-9 or not len(waiting):
                break
            answer = None if len(cuts) >= MOST_SETS else self.possible(part[waiting], chosen | missing)
            if answer is None:
                alone = np.asarray(np.isinf(best))
                break
            self._take(found, members, waiting[answer], chosen, weight, best, score, suspicion)
            cuts.append(~chosen & ~missing)
        for place in np.flatnonzero(alone):
            found.alone += 1
            self._alone(records, int(members[place]), failed, missing, suspicion, found)
        rest = np.isinf(best) & ~alone
        found.status[members[rest]] = UNSOLVED

    def _take(
        self, found: Located, members: NDArray[np.int64], good: NDArray[np.int64], chosen: Flags, weight: float,
        best: Array, score: Array, suspicion: Array | None,
    ) -> None:  # fmt: skip
        rows = members[good]
        sums = np.zeros(len(good)) if suspicion is None else suspicion[rows][:, chosen].sum(axis=1)
        better = np.isinf(best[good]) | (sums > score[good] + 1e-12)
        best[good] = np.minimum(best[good], weight)
        score[good] = np.where(better, sums, score[good])
        found.solutions[rows] += int(chosen.any())
        found.status[rows] = LOCATED
        found.weight[rows] = weight
        found.chosen[rows[better]] = chosen

    def possible(self, records: Array, free: Flags) -> Flags | None:
        """Return whether the rules can hold when some variables may take any value; None: too many cases.

        Args:
            records: shape (records, variables).
            free: shape (variables,), bool.

        Returns:
            Flags: shape (records,).
        """
        compiled = self.compiled
        touched = np.asarray(compiled.clause_touches[:, free].any(axis=1))
        holds, _ = compiled.literal_values(np.where(free, np.nan, records))
        result = np.ones(len(records), dtype=bool)
        several: list[int] = []
        singles: list[int] = []
        for number, (_, members) in enumerate(compiled.clauses):
            held = holds[:, list(members)].any(axis=1)
            if not touched[number]:
                result &= held
            elif len(members) == 1:
                singles.append(members[0])
            else:
                several.append(number)
        if not several:
            return self._cases(records, free, singles, [()], result)
        needs = np.column_stack([~holds[:, list(compiled.clauses[n][1])].any(axis=1) for n in several])
        for pattern in np.unique(needs, axis=0):
            here = np.asarray((needs == pattern).all(axis=1))
            wanted = [self._open_literals(several[n], free) for n in np.flatnonzero(pattern)]
            count = 1
            for options in wanted:
                count *= max(1, len(options))
            if count > MOST_CHOICES:
                return None
            done = self._cases(records[here], free, singles, list(product(*wanted)), result[here])
            if done is None:
                return None
            result[here] = done
        return result

    def _open_literals(self, clause: int, free: Flags) -> list[int]:
        return [one for one in self.compiled.clauses[clause][1] if self.compiled.touches[one, free].any()]

    def _cases(
        self, records: Array, free: Flags, singles: list[int], cases: Sequence[tuple[int, ...]], so_far: Flags
    ) -> Flags | None:
        done = np.zeros(len(records), dtype=bool)
        for case in cases:
            literals = tuple(sorted({*singles, *case}))
            system = self._projection(literals, free)
            if isinstance(system, str):
                return None
            if system is not None:
                done |= system.holds(records)
        return done & so_far

    def _projection(self, literals: tuple[int, ...], free: Flags) -> System | str | None:
        """The implied rows; None where the categories' values contradict each other; "big" where there are too many."""
        key = (literals, free.tobytes())
        if key not in self._projected:
            system = self.system(literals)
            try:
                made: System | str | None = (
                    None if system is None else eliminate(system, np.flatnonzero(free).tolist())
                )
            except TooManyRowsError:
                made = "big"
            self._projected[key] = made  # type: ignore[assignment]
        return self._projected[key]

    def system(self, literals: Sequence[int]) -> System | None:
        """Return linear rows of some literals; None where two leave a category no value.

        Args:
            literals: numbers of literals that must all hold.
        """
        matrix, bounds, slack = self.compiled.coefficients
        allowed: dict[str, frozenset[str]] = {}
        rows = []
        bound = bounds.copy()
        for number in literals:
            literal = self.compiled.literals[number][0]
            if isinstance(literal, Member):
                allowed[literal.variable] = allowed.get(literal.variable, literal.values) & literal.values
                continue
            if isinstance(literal, Whole):
                continue
            if literal.op == LESS:
                bound[number] -= self.compiled.rules.precision
            rows.append(number)
        if any(not values for values in allowed.values()):
            return None
        equal = np.array(
            [isinstance(one := self.compiled.literals[n][0], Linear) and one.op == EQUAL for n in rows],
            dtype=bool,
        )
        return System(matrix[rows], bound[rows], slack[rows], equal)

    def cases_of(self, record: Array, free: Flags) -> Iterator[tuple[int, ...]]:
        """Yield sets of literals of which one must hold in full, for one record, nearest to its present values first.

        Args:
            record: shape (variables,), the present or proposed values.
            free: shape (variables,), which may change.
        """
        compiled = self.compiled
        fixed, _ = compiled.literal_values(np.where(free, np.nan, record)[None])
        present, _ = compiled.literal_values(record[None])
        must: list[int] = []
        choices: list[list[int]] = []
        for number, (_, members) in enumerate(compiled.clauses):
            if not compiled.clause_touches[number, free].any():
                if not fixed[0, list(members)].any():
                    return
                continue
            if fixed[0, list(members)].any():
                continue
            options = self._open_literals(number, free)
            options.sort(key=lambda one: not present[0, one])
            if len(options) == 1:
                must += options
            else:
                choices.append(options)
        yield from self._branch(record, free, tuple(must), choices)

    def _branch(
        self, record: Array, free: Flags, must: tuple[int, ...], choices: list[list[int]]
    ) -> Iterator[tuple[int, ...]]:
        """Depth first, leaving a branch as soon as its rows contradict each other."""
        system = self.system(must)
        if system is None or feasible_point(system, record, np.flatnonzero(free).tolist()) is None:
            return
        if not choices:
            yield must
            return
        for one in choices[0]:
            yield from self._branch(record, free, tuple(dict.fromkeys((*must, one))), choices[1:])

    def _feasible(self, record: Array, free: Flags) -> bool:
        return next(self.cases_of(record, free), None) is not None

    def _alone(
        self, records: Array, row: int, failed: Flags, missing: Flags, suspicion: Array | None, found: Located
    ) -> None:
        """Implicit hitting set: covers grow from the contradictions that the solver's proposals run into."""
        record = records[row]
        covers = list(self.compiled.clause_touches[failed] & ~missing)
        weights = np.where(missing, np.inf, self.weights)
        cuts: list[Flags] = []
        best, score = np.inf, -np.inf
        for _ in range(400):
            chosen = lightest_cover(_rows(covers, len(weights)), weights, _rows(cuts, len(weights)))
            if chosen is None:
                break
            weight = float(self.weights[chosen].sum())
            if weight > min(best, self.most_weight) + 1e-9 or found.solutions[row] >= self.most_solutions:
                break
            if self._feasible(record, chosen | missing):
                sums = 0.0 if suspicion is None else float(suspicion[row, chosen].sum())
                if sums > score or np.isinf(best):
                    score, found.chosen[row] = sums, chosen
                best, found.weight[row] = weight, weight
                found.solutions[row] += 1
                found.status[row] = LOCATED
                cuts.append(~chosen & ~missing)
            else:
                covers.append(self._core(record, ~chosen & ~missing))
        if np.isinf(best):
            found.status[row] = UNSOLVED

    def _core(self, record: Array, fixed: Flags) -> Flags:
        """A smallest set of fixed values (no part of it) that contradict the rules: one of them must change."""
        core = fixed.copy()
        for column in np.flatnonzero(fixed):
            tried = core.copy()
            tried[column] = False
            if not self._feasible(record, ~tried):
                core = tried
        return core


def _rows(sets: Sequence[Flags], width: int) -> Array:
    return np.array(sets, dtype=float).reshape(len(sets), width)
