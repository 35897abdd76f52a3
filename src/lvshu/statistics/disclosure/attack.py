"""What a reader of a table with hidden cells can work out: the feasible interval of each hidden cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.disclosure.primary import Flag
from lvshu.statistics.disclosure.structure import Array, Index, Structure

UP, DOWN = 1, -1
Need = tuple[int, int, float]


@dataclass(frozen=True)
class Knowledge:
    """What everyone knows about each cell beside the table; shape (cells,), in the unit of the values.

    low, high: bounds that hold whatever is published; usually 0 and no upper bound (infinity).
    """

    low: Array
    high: Array

    @classmethod
    def of(cls, values: Array) -> Knowledge:
        """Return the usual knowledge: amounts are not negative; nothing at all in a table where one is."""
        signed = bool((np.asarray(values) < 0).any())
        low = np.full(len(values), -np.inf if signed else 0.0)
        return cls(low, np.full(len(values), np.inf))


@dataclass(frozen=True)
class Reach:
    """How far a cell can be moved without a contradiction, and what holds it back.

    distance: in the unit of the values, infinity where nothing holds it; capacity: shape (cells,), how much each
    cell's hiding contributes to that distance (the dual solution), zero for cells that play no part.
    """

    distance: float
    capacity: Array


class Attacker:
    """A reader who knows the published cells, the sums and the general knowledge, and nothing else.

    Source: Willenborg & de Waal, Elements of Statistical Disclosure Control (2001), on the audit of tables;
    Fischetti & Salazar-González, Management Science 47 (2001), 1008-1027 (the attacker's subproblems).
    """

    def __init__(self, structure: Structure, values: Array, knowledge: Knowledge) -> None:
        """Take the whole table as the bureau knows it.

        Raises:
            MethodError: the table does not add up, so that intervals would mean nothing; the worst sums are told.
        """
        self.structure, self.values = structure, np.asarray(values, dtype=float)
        gaps = structure.gaps(self.values)
        scale = float(np.max(np.abs(self.values), initial=1.0))
        wrong = np.flatnonzero(np.abs(gaps) > 1e-6 * scale)
        if len(wrong):
            worst = wrong[np.argsort(-np.abs(gaps[wrong]))][:5]
            told = "; ".join(f"{self.name_of_total(int(row))}: {gaps[row]:g}" for row in worst)
            raise MethodError(Problem("disclosure.not_additive", values={"count": len(wrong), "worst": told}))
        self.scale = scale
        wide = 1e3 * scale * max(len(self.values), 1)
        self.below = np.minimum(self.values - np.maximum(knowledge.low, self.values - wide), wide)
        self.above = np.minimum(np.minimum(knowledge.high, self.values + wide) - self.values, wide)
        self.wide = wide
        self.columns = structure.relations.tocsc()

    def name_of_total(self, row: int) -> str:
        """Return the name of the total of a relation, for a message."""
        start, end = self.structure.relations.indptr[row : row + 2]
        data = self.structure.relations.data[start:end]
        total = self.structure.relations.indices[start:end][int(np.argmax(data))]
        return cell_name(self.structure, int(total))

    def reach(self, cell: int, direction: int, hidden: Flag) -> Reach:
        """Return how far a hidden cell can move up (1) or down (-1), and the cells that make it possible.

        Args:
            cell: number of the cell.
            direction: UP or DOWN.
            hidden: shape (cells,), which cells are not shown.
        """
        free = np.flatnonzero(hidden)
        place = int(np.searchsorted(free, cell))
        if place >= len(free) or free[place] != cell:
            return Reach(0.0, np.zeros(len(self.values)))
        # every cell is kept in the programme, the shown ones at zero, so that the dual tells what hiding them gives
        touched, rows = self._neighbourhood(cell, hidden)
        matrix = self.structure.relations[rows, :][:, touched]
        shown = ~hidden[touched]
        low = np.where(shown, 0.0, -self.below[touched])
        high = np.where(shown, 0.0, self.above[touched])
        cost = np.zeros(len(touched))
        cost[int(np.searchsorted(touched, cell))] = -float(direction)
        for unit, presolve in ((1.0, True), (self.scale, True), (self.scale, False)):
            # what the solver leaves open in the unit of the table, its ranges being too wide, it finds in a larger one
            found = linprog(
                cost, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]),
                bounds=np.column_stack([low, high]) / unit, method="highs", options={"presolve": presolve},
            )  # fmt: skip
            if found.status == 0:
                break
        if found.status != 0:
            raise MethodError(Problem("disclosure.audit_failed", values={"reason": str(found.message)}))
        distance = float(-found.fun) * unit
        dual = cost - matrix.T @ found.eqlin.marginals
        capacity = np.zeros(len(self.values))
        capacity[touched] = (
            np.maximum(-dual, 0) * self.above[touched] + np.maximum(dual, 0) * self.below[touched]
        )
        return Reach(np.inf if distance >= 0.5 * self.wide else max(distance, 0.0), capacity)

    def doubtful(self, needs: Sequence[Need], hidden: Flag) -> list[Need]:
        """Return the needs that no common movement of the hidden cells has proven: those to look at one by one.

        One linear programme moves all cells at once, each at most by its need; whoever gets there is protected.

        Args:
            needs: cell, direction and distance of each.
            hidden: shape (cells,), which cells are not shown.
        """
        free = np.flatnonzero(hidden)
        matrix = self.structure.relations[:, free]
        matrix = matrix[np.flatnonzero(np.diff(matrix.indptr)), :]
        left = [need for need in needs if hidden[need[0]]]
        never = [need for need in needs if not hidden[need[0]]]
        for direction in (UP, DOWN):
            open_needs = [need for need in left if need[1] == direction]
            while open_needs:
                cells = np.searchsorted(free, [need[0] for need in open_needs])
                goal = np.array([need[2] for need in open_needs])
                low, high, cost = -self.below[free], self.above[free], np.zeros(len(free))
                cost[cells] = -direction / goal
                if direction == UP:
                    high[cells] = np.minimum(high[cells], goal)
                else:
                    low[cells] = np.maximum(low[cells], -goal)
                found = linprog(
                    cost, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]), bounds=np.column_stack([low, high]),
                    method="highs",
                )  # fmt: skip
                if found.status != 0:
                    break
                there = direction * found.x[cells] >= goal - 1e-7 * self.scale
                still = [need for need, good in zip(open_needs, there, strict=True) if not good]
                if len(still) == len(open_needs):
                    break
                open_needs = still
            never += open_needs
        return never

    def _neighbourhood(self, cell: int, hidden: Flag) -> tuple[Index, Index]:
        """Return the cells that stand in a sum with a hidden cell that the given one is tied to, and those sums."""
        relations = self.structure.relations
        columns = self.columns
        seen = {cell}
        queue = [cell]
        rows: set[int] = set()
        while queue:
            one = queue.pop()
            for row in columns.indices[columns.indptr[one] : columns.indptr[one + 1]]:
                if int(row) in rows:
                    continue
                rows.add(int(row))
                for other in relations.indices[relations.indptr[row] : relations.indptr[row + 1]]:
                    if int(other) not in seen:
                        seen.add(int(other))
                        if hidden[other]:
                            queue.append(int(other))
        return np.array(sorted(seen), dtype=np.int64), np.array(sorted(rows), dtype=np.int64)


def cell_name(structure: Structure, cell: int) -> str:
    """Return a cell's name for a message: its codes, or "total"."""
    return ", ".join(f"{name} = {code}" for name, code in structure.keys[cell]) or "total"


def intervals(attacker: Attacker, hidden: Flag) -> tuple[Array, Array]:
    """Return the lowest and highest value a reader must think possible for every cell, shape (cells,) each.

    A shown cell has its value at both ends; an end that nothing bounds is infinite.

    Source: Willenborg & de Waal (2001).
    """
    low, high = attacker.values.copy(), attacker.values.copy()
    for cell in np.flatnonzero(hidden):
        low[cell] -= attacker.reach(int(cell), DOWN, hidden).distance
        high[cell] += attacker.reach(int(cell), UP, hidden).distance
    return low, high
