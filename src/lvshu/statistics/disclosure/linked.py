"""One attack over everything that is public: all published figures as linear constraints, and what they leave open.

A magnitude (value added, transactions, persons, a sum of squares) has figures that nobody published and figures that
some table shows. Every table, total, twin, error and earlier release that speaks of that magnitude adds sums between
figures and known values; one linear programme per hidden figure and side then gives what a reader must think possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from lvshu.statistics.disclosure.structure import Array

SLACK = 1e-6
"""Of the largest figure: what the linear programmes can tell apart."""
PRINTED = 1e-9
"""Share of the largest figure by which shown figures may miss their sums without being refused."""
MOST_NAMED = 6
SAFE, GIVEN_AWAY, PUBLIC, UNSOLVED = "safe", "given_away", "public", "unsolved"


@dataclass(frozen=True)
class Asked:
    """A figure that must stay in doubt: its true value, and how far above and below it a reader must think possible.

    All in the unit of the magnitude.
    """

    name: str
    value: float
    upper: float
    lower: float


@dataclass(frozen=True)
class Reached:
    """What a reader makes of a figure that must stay in doubt.

    low, high: the feasible interval, in the unit of the magnitude, infinite where nothing bounds it; verdict: safe,
    given_away (narrower than asked), public (a table shows it), unsolved (nothing could be proven); through: the
    published figures that hold the narrow end, the strongest first.
    """

    asked: Asked
    low: float
    high: float
    verdict: str
    through: tuple[str, ...]


class Published:
    """All that is public of one magnitude: figures by name, sums between them, and shown values."""

    def __init__(
        self, magnitude: str, *, unit: str = "1", root_of: float = 0.0, signed: bool = False
    ) -> None:
        """Start with nothing known.

        Args:
            magnitude: its name, for messages.
            unit: of the figures; of sums of squares that of their roots.
            root_of: for sums of squares what their roots are multiplied by to stand in the unit; zero for others.
            signed: whether figures may be negative; else every figure is zero or more, and the reader knows that.
        """
        self.magnitude, self.unit, self.root_of = magnitude, unit, root_of
        self.signed = signed
        self._place: dict[str, int] = {}
        self._sums: dict[tuple[tuple[int, float], ...], float] = {}
        self._low: dict[int, tuple[float, str]] = {}
        self._high: dict[int, tuple[float, str]] = {}
        self._shown: dict[int, str] = {}
        self.asked: dict[str, Asked] = {}
        self.truth: dict[str, float] = {}
        self.clashes: list[str] = []

    def _number(self, name: str) -> int:
        return self._place.setdefault(name, len(self._place))

    def adds_up(self, total: str, parts: Mapping[str, float], within: float = 0.0) -> None:
        """Take in that a figure is the weighted sum of others, to within a distance in the unit of the magnitude."""
        terms = {self._number(total): 1.0}
        for name, weight in parts.items():
            place = self._number(name)
            terms[place] = terms.get(place, 0.0) - weight
        row = tuple(sorted((place, weight) for place, weight in terms.items() if weight))
        if row:
            self._sums[row] = min(within, self._sums.get(row, within))

    def show(self, name: str, value: float, source: str, within: float = 0.0) -> None:
        """Take in that a table shows a figure, to within half a unit of its last printed place."""
        self._shown.setdefault(self._number(name), f"{source}: {name}")
        self.bound(name, value - within, value + within, source)

    def bound(self, name: str, low: float, high: float, source: str) -> None:
        """Take in that a figure lies between two ends; the narrowest of all that is said counts."""
        place, told = self._number(name), f"{source}: {name}"
        if low > self._low.get(place, (-np.inf, ""))[0]:
            self._low[place] = (low, told)
        if high < self._high.get(place, (np.inf, ""))[0]:
            self._high[place] = (high, told)

    def known(self) -> list[tuple[str, float, float]]:
        """Return the figures that a table shows, with the ends between which they lie, in the magnitude's unit."""
        none = (-np.inf, ""), (np.inf, "")
        return [
            (name, self._low.get(place, none[0])[0], self._high.get(place, none[1])[0])
            for name, place in self._place.items()
            if place in self._shown
        ]

    def ask(self, name: str, value: float, upper: float, lower: float) -> None:
        """Ask for a figure that it stays in doubt: in its true value's unit, how far above and below."""
        self._number(name)
        self.asked[name] = Asked(name, value, upper, lower)

    def reached(self) -> list[Reached]:
        """Return what a reader makes of every figure asked for, in the order of asking.

        Source: Willenborg & de Waal, Elements of Statistical Disclosure Control (2001), on the audit of tables;
        Hundepool et al., Statistical Disclosure Control (2012), on linked tables.
        """
        if not self.asked:
            return []
        reader = _Reader(self)
        return [reader.reach(one) for one in self.asked.values()]


class _Reader:
    """The linear programme of one magnitude, solved once for each side of each figure."""

    def __init__(self, public: Published) -> None:
        self.public = public
        self.size = len(public._place)
        ends = [abs(value) for known in (public._low, public._high) for value, _ in known.values()]
        ends += [abs(one.value) for one in public.asked.values()]
        self.scale = max((end for end in ends if np.isfinite(end)), default=1.0) or 1.0
        self.low = np.full(self.size, -np.inf if public.signed else 0.0)
        self.high = np.full(self.size, np.inf)
        self.told: dict[tuple[int, int], str] = {}
        for side, known, ends_of in ((0, public._low, self.low), (1, public._high, self.high)):
            for place, (value, source) in known.items():
                ends_of[place] = value / self.scale
                self.told[place, side] = source
        crossed = np.flatnonzero(self.low > self.high)
        public.clashes += [self.told.get((int(place), 0), "") for place in crossed
                           if self.low[place] - self.high[place] > SLACK]  # fmt: skip
        middle = (self.low[crossed] + self.high[crossed]) / 2
        self.low[crossed], self.high[crossed] = middle, middle
        self.matrix, self.within = self._matrix()
        # sums of printed figures miss by rounding: what the programme cannot tell apart is allowed
        self.within = np.maximum(self.within / self.scale, PRINTED)

    def _matrix(self) -> tuple[sparse.csr_array, Array]:
        row, column, value = [], [], []
        for number, terms in enumerate(self.public._sums):
            for place, weight in terms:
                row.append(number)
                column.append(place)
                value.append(weight)
        shape = len(self.public._sums), self.size
        within = np.array(list(self.public._sums.values()), dtype=float)
        return sparse.csr_array((value, (row, column)), shape=shape), within

    def _solve(self, place: int, sign: float) -> tuple[float | None, Array]:
        """Return the least (sign 1) or the greatest (-1) of a figure, and what each bound is worth at that end."""
        cost = np.zeros(self.size)
        cost[place] = sign
        both = sparse.vstack([self.matrix, -self.matrix]) if self.matrix.shape[0] else None
        right = np.concatenate([self.within, self.within]) if both is not None else None
        for presolve in (True, False):  # its presolve calls programmes with narrow ranges contradictory
            found = linprog(
                cost, A_ub=both, b_ub=right, bounds=np.column_stack([self.low, self.high]), method="highs",
                options={"presolve": presolve},
            )  # fmt: skip
            if found.status == 3:
                return -np.inf * sign, np.zeros((2, self.size))
            if found.status == 0:
                worth = np.abs(np.stack([found.lower.marginals, found.upper.marginals]))
                return float(sign * found.fun), worth
        return None, np.zeros((2, self.size))

    def reach(self, asked: Asked) -> Reached:
        place = self.public._place[asked.name]
        shown = self.public._shown.get(place)
        if shown is not None and (asked.upper > 0 or asked.lower > 0):
            value = float(self.low[place] * self.scale)
            return Reached(asked, value, value, PUBLIC, (shown,))
        (low, below), (high, above) = self._solve(place, 1.0), self._solve(place, -1.0)
        if low is None or high is None:
            return Reached(asked, -np.inf, np.inf, UNSOLVED, ())
        value, slack = asked.value / self.scale, SLACK
        under, over = value - asked.lower / self.scale, value + asked.upper / self.scale
        through: tuple[str, ...] = ()
        if low > under + slack:
            through += self._named(below, place)
        if high < over - slack:
            through += tuple(one for one in self._named(above, place) if one not in through)
        verdict = GIVEN_AWAY if through or low > under + slack or high < over - slack else SAFE
        return Reached(asked, low * self.scale, high * self.scale, verdict, through)

    def _named(self, worth: Array, own: int) -> tuple[str, ...]:
        order = np.argsort(-worth, axis=None, kind="stable")
        found: list[str] = []
        for flat in order:
            side, place = divmod(int(flat), self.size)
            if worth[side, place] <= 1e-9 or len(found) >= MOST_NAMED:
                break
            told = self.told.get((place, side))
            if told is not None and place != own and told not in found:
                found.append(told)
        return tuple(found)
