"""Earlier releases: a cell that can be worked out from what was shown before cannot be hidden now.

What the guard proves. The reader has the cells shown now, the cells shown by earlier releases, and the sums of each
release by itself: the figures of a release add up to that release's totals, not to those of another. Between releases
the same cell may have been revised. The reader sees by how much the cells shown both times were revised, and supposes
that no hidden innermost cell (one that is no total) was revised by a larger share than some bound: the least that
contradicts nothing published (zero, when nothing forbids it), then each quartile of the revisions seen, up to the
largest. Two readers are tried: one who takes innermost cells that stand in no sum with a revised figure as not
revised, and one who allows the bound for all. For each a linear programme over both times together gives the range of
every unsafe cell. The guard refuses when such a range is narrower than the cell's protection and not wholly beside it.
It proves nothing against a reader who knows from elsewhere which hidden figures were revised, or by how much; and where
an amount may be negative, innermost cells hidden at both times are tied only under the bound of zero.

A release whose figures do not add up as printed is read as rounded at its last printed place. One that does not add up
even so, or contradicts the table now under every bound, and a programme that is not solved, leave the audit unmade:
that is an error, never a pass. Releases by other codes, or of another range, are no revision: see `recoded`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from lvshu.core.errors import Problem
from lvshu.statistics.disclosure.primary import Flag, Unsafe
from lvshu.statistics.disclosure.structure import Array, Dimension, Key, Structure, table_structure


@dataclass(frozen=True)
class Release:
    """A table that was published: its name, its dimensions and the value of every cell that it showed.

    A cell that it hid has no value; `hidden` names those that it marked as hidden.
    """

    name: str
    dimensions: Sequence[Dimension]
    shown: Mapping[Key, float] = field(default_factory=dict)
    hidden: frozenset[Key] = frozenset()


SAME = 1e-6
"""Share of a figure by which two printings of it may differ without a revision."""
PRINTED = 1e-8
"""Share of a figure by which its printing may differ from what adds up."""
SLACK = 1e-6
"""Of the largest figure: what the linear programmes can tell apart."""
QUARTILES = (0.25, 0.5, 0.75, 1.0)
MOST_DOUBLINGS = 20


def must_show(structure: Structure, earlier: Sequence[Release]) -> Flag:
    """Return which cells are public already, shape (cells,): an earlier release shows them."""
    public = {key for release in earlier for key in release.shown}
    return np.array([key in public for key in structure.keys], dtype=bool)


def kept_cost(structure: Structure, cost: Array, last: Release, factor: float = 0.01) -> Array:
    """Return costs that keep the pattern of the last release: what was hidden then costs a small part to hide now.

    Args:
        structure: cells of the table now.
        cost: shape (cells,), what hiding a cell loses.
        last: the last release.
        factor: the part of the cost of a cell that was hidden last time.
    """
    hidden: frozenset[Key] | set[Key] = last.hidden
    if not hidden:  # a release that marks none hid what it does not show
        hidden = {key for key in table_structure(last.dimensions).keys if key not in last.shown}
    return np.array(
        [cost[number] * (factor if key in hidden else 1.0) for number, key in enumerate(structure.keys)],
        dtype=float,
    )


def recomputed(
    dimensions: Sequence[Dimension],
    keys: Sequence[Key],
    values: Array,
    hidden: Flag,
    unsafe: Unsafe,
    earlier: Sequence[Release],
    structure: Structure | None = None,
) -> list[Problem]:
    """Return a problem for every unsafe cell that earlier releases and this table together give away.

    Cells of the same name are one cell at two times. Each release is tried by itself first, so that the message can
    name it, then all of them together. The module's text says exactly what is proven.

    Args:
        dimensions: those of the table now; an earlier release may have others, finer or coarser.
        keys: the cells that `values`, `hidden` and `unsafe` are about.
        values: shape (cells,), the true figures now.
        hidden: shape (cells,), what is to be hidden now.
        unsafe: the unsafe cells and their protection.
        earlier: what was published before.
        structure: cells and sums of all these tables, where dimensions do not tell them.

    Returns:
        Problems, empty when nothing is given away. Errors: what is given away (disclosure.given_away); a release
        whose figures add up under no bound, so that nothing could be tried (disclosure.apart); cells whose programme
        was not solved (disclosure.unaudited). Told as warnings that do not refuse: revisions that were met
        (disclosure.revised), and cells that a release hid and this table shows (disclosure.shown_again).

    Source: Hundepool et al., Statistical Disclosure Control (2012), on linked tables; the tie between two releases by
    a bound on revisions is lvshu's own.
    """
    problems: dict[tuple[str, object], Problem] = {}
    for release in earlier:
        both = _Times(dimensions, keys, values, hidden, [release], structure)
        problems |= _audited(both, keys, unsafe, release.name)
        if both.revisions.size:
            told = {
                "release": release.name,
                "cells": both.revisions.size,
                "largest": f"{100 * both.largest:.3g}",
            }
            problems["revised", release.name] = Problem("disclosure.revised", values=told, severity="warning")
        again = _shown_again(keys, hidden, release)
        if again:
            told = {"release": release.name, "count": len(again), "cells": "; ".join(again[:10])}
            problems["again", release.name] = Problem(
                "disclosure.shown_again", values=told, severity="warning"
            )
    if len(earlier) > 1 and not any(name == "apart" for name, _ in problems):
        names = ", ".join(release.name for release in earlier)
        both = _Times(dimensions, keys, values, hidden, earlier, structure)
        problems = _audited(both, keys, unsafe, names) | problems  # the message of a single release stays
    return list(problems.values())


def _audited(
    times: _Times, keys: Sequence[Key], unsafe: Unsafe, release: str
) -> dict[tuple[str, object], Problem]:
    """Return what the programmes over some times say: cells given away, or why they could not be tried."""
    problems: dict[tuple[str, object], Problem] = {
        ("cell", cell): _problem(keys, cell, release) for cell in times.given_away(unsafe)
    }
    if not all(times.readers):
        problems["apart", release] = Problem("disclosure.apart", values={"release": release})
    if times.unsolved:
        names = [cell_name(keys[cell]) for cell in sorted(times.unsolved)]
        told = {"release": release, "count": len(names), "cells": "; ".join(names[:10])}
        problems["unaudited", release] = Problem("disclosure.unaudited", values=told)
    return problems


def _problem(keys: Sequence[Key], cell: int, release: str) -> Problem:
    return Problem("disclosure.given_away", values={"cell": cell_name(keys[cell]), "release": release})


def cell_name(key: Key) -> str:
    """Return a cell for people: its codes by dimension, or total."""
    return ", ".join(f"{dimension} = {code}" for dimension, code in key) or "total"


def _shown_again(keys: Sequence[Key], hidden: Flag, release: Release) -> list[str]:
    """Return the cells that a release hid and the table now shows: they tell, but for revisions, what it hid."""
    return [cell_name(key) for number, key in enumerate(keys) if key in release.hidden and not hidden[number]]


Ties = tuple[sparse.csr_array, Array]


class _Times:
    """The figures of a table now and at earlier releases, as one linear programme for the reader.

    Variables are all cells now, then all cells at each release. Sums hold at each time; shown figures are known; a
    bound on revisions ties a cell at a release to the same cell now.
    """

    def __init__(
        self,
        dimensions: Sequence[Dimension],
        keys: Sequence[Key],
        values: Array,
        hidden: Flag,
        earlier: Sequence[Release],
        structure: Structure | None,
    ) -> None:
        self.structure = structure or table_structure(
            dimensions, *(release.dimensions for release in earlier)
        )
        place = self.structure.place
        self.size, self.times = len(place), 1 + len(earlier)
        self.number = [place[key] for key in keys]
        printed = [abs(value) for release in earlier for value in release.shown.values()]
        self.scale = max([*printed, float(np.max(np.abs(values), initial=0.0))]) or 1.0
        self.values = np.asarray(values, dtype=float) / self.scale
        self.shown = [
            {self.number[cell]: float(self.values[cell]) for cell in np.flatnonzero(~hidden)},
            *(
                {place[key]: value / self.scale for key, value in release.shown.items() if key in place}
                for release in earlier
            ),
        ]
        self.signed = any(value < 0 for known in self.shown for value in known.values()) or bool(
            (self.values < 0).any()
        )
        self.unsolved: set[int] = set()
        relations = self.structure.relations
        self.sums = sparse.block_diag([relations] * self.times, format="csr")
        self.innermost = np.asarray((relations > 0).sum(axis=0)).ravel() == 0
        self._read([0.0] * self.times)
        if not all(self.readers):
            self._read([0.0, *(half_unit(release.shown.values()) / self.scale for release in earlier)])

    def _read(self, rounding: list[float]) -> None:
        """Take every time's figures as printed with so much rounding, and find the readers."""
        self.rounding = rounding
        now = self.shown[0]
        self.known = [now]
        for half, then in zip(rounding[1:], self.shown[1:], strict=True):
            self.known.append(
                {cell: now[cell] if cell in now and _same(now[cell], value, half) else value
                 for cell, value in then.items()}
            )  # fmt: skip
        self.revisions = self._revisions()
        self.largest = float(self.revisions.max(initial=0.0))
        self.sides = self._sides()
        self.touched = self._touched()
        self.readers = self._readers()

    def _revisions(self) -> Array:
        """Return by what share each figure shown now and then was revised, without those that were not."""
        found = []
        for known in self.known[1:]:
            for cell, then in known.items():
                now = self.known[0].get(cell)
                if now is not None and now != then:
                    found.append(abs(now - then) / (abs(then) or abs(now)))
        return np.array(found, dtype=float)

    def _sides(self) -> Array:
        low = np.full((self.times, self.size), -np.inf if self.signed else 0.0)
        high = np.full((self.times, self.size), np.inf)
        for time, known in enumerate(self.known):
            for cell, value in known.items():
                exact = time == 0 or value == self.known[0].get(cell)
                spread = PRINTED * max(1.0, abs(value)) + (0.0 if exact else self.rounding[time])
                low[time, cell], high[time, cell] = value - spread, value + spread
        return np.column_stack([low.ravel(), high.ravel()])

    def _touched(self) -> Flag:
        """Return which cells stand in a sum with a figure that was revised, shape (cells,)."""
        revised = np.zeros(self.size, dtype=bool)
        for known in self.known[1:]:
            for cell, then in known.items():
                revised[cell] |= self.known[0].get(cell, then) != then
        inside = abs(self.structure.relations)
        return np.asarray(inside.T @ (inside @ revised.astype(float)) > 0)

    def _ties(self, bound: float, *, only_touched: bool) -> Ties:
        """Return rows and right-hand sides: no innermost cell hidden now or then was revised by a larger share."""
        row: list[int] = []
        column: list[int] = []
        value: list[float] = []
        right: list[float] = []
        innermost = [int(cell) for cell in np.flatnonzero(self.innermost)]
        for time, cell in itertools.product(range(1, self.times), innermost):
            then, now = self.known[time].get(cell), self.known[0].get(cell)
            seen = then if then is not None else now
            own = bound if self.touched[cell] or not only_touched else 0.0
            if (then is not None and now is not None) or (seen is None and self.signed and own > 0):
                continue
            for sign in (1.0, -1.0):  # sign * (now - then) <= own * then
                row += [len(right)] * 2
                column += [cell, time * self.size + cell]
                value += [sign, -sign - (own if seen is None else 0.0)]
                right.append(0.0 if seen is None else own * abs(seen) + PRINTED + self.rounding[time])
        ties = sparse.csr_array((value, (row, column)), shape=(len(right), self.size * self.times))
        return ties, np.array(right, dtype=float)

    def _solve(self, ties: Ties, cost: Array) -> float | None:
        """Return the least of a cost, minus infinity where nothing bounds it, None where the bound contradicts.

        The presolve of HiGHS takes some programmes for contradictory whose known figures lie in ranges below its
        tolerance; only what the simplex method itself calls so is believed.
        """
        matrix, right = ties
        for presolve in (True, False):
            found = linprog(
                cost,
                A_ub=matrix if matrix.shape[0] else None, b_ub=right if matrix.shape[0] else None,
                A_eq=self.sums, b_eq=np.zeros(self.sums.shape[0]), bounds=self.sides, method="highs",
                options={"presolve": presolve},
            )  # fmt: skip
            if found.status == 3:
                return -np.inf
            if found.status == 0:
                return float(found.fun)
        return None

    def _readers(self) -> list[list[Ties]]:
        """Return for each reader the ties tried, rising, from the least bound that contradicts nothing."""
        nothing = np.zeros(self.size * self.times)
        seen = np.quantile(self.revisions, QUARTILES) if self.revisions.size else np.zeros(0)
        tried = sorted({0.0, *(float(one) for one in seen)})
        rising = [max(tried[-1], SAME) * 2.0**step for step in range(1, MOST_DOUBLINGS + 1)]
        readers = []
        for only_touched in (True, False) if self.revisions.size else (False,):
            found: list[Ties] = []
            for bound in (*tried, *rising):
                if found and bound > tried[-1]:
                    break
                ties = self._ties(bound, only_touched=only_touched)
                if found or self._solve(ties, nothing) is not None:
                    found.append(ties)
            readers.append(found)
        return readers

    def given_away(self, unsafe: Unsafe) -> list[int]:
        """Return the unsafe cells whose range is too narrow under a bound on revisions that contradicts nothing."""
        cells = [int(cell) for cell in np.flatnonzero(unsafe.flag)]
        return sorted({cell for ties in self.readers for cell in self._narrow(unsafe, cells, ties)})

    def _narrow(self, unsafe: Unsafe, cells: list[int], rising: Sequence[Ties]) -> list[int]:
        found: list[int] = []
        for ties in rising:
            misled = []
            for cell in cells:
                reach = self._range(ties, self.number[cell])
                if reach is None:
                    self.unsolved.add(cell)
                    continue
                low, high = reach
                value = self.values[cell]
                under, over = value - unsafe.lower[cell] / self.scale, value + unsafe.upper[cell] / self.scale
                if low <= under + SLACK and high >= over - SLACK:
                    continue  # ranges only widen as the bound grows
                if high < under - SLACK or low > over + SLACK:
                    misled.append(cell)  # who allows for more may not be
                else:
                    found.append(cell)
            cells = misled
        return found

    def _range(self, ties: Ties, cell: int) -> tuple[float, float] | None:
        """Return the least and the greatest of a cell, None where that was not found out."""
        cost = np.zeros(self.size * self.times)
        cost[cell] = 1.0
        low, high = self._solve(ties, cost), self._solve(ties, -cost)
        return None if low is None or high is None else (low, -high)


def half_unit(values: Iterable[float]) -> float:
    """Return half of the last place in which figures are printed, in their unit: 0.005 of 1.25 and 3.1."""
    exponents = [
        int(Decimal(repr(float(value))).normalize().as_tuple().exponent) for value in values if value
    ]
    return 0.5 * 10.0 ** min(exponents, default=0)


def _same(one: float, other: float, half: float) -> bool:
    return abs(one - other) <= max(SAME * max(abs(one), abs(other)), half)
