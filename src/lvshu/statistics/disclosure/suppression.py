"""Secondary suppression: which further cells to hide so that no unsafe cell can be worked out, at least cost."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.disclosure.attack import DOWN, UP, Attacker, Knowledge, Need, cell_name
from lvshu.statistics.disclosure.primary import Flag, Rules, Union, Unsafe, unsafe_cells
from lvshu.statistics.disclosure.structure import Array, Structure

SLACK = 1e-6
MOST_CUTS = 60  # of one round; the next round looks at the rest


@dataclass(frozen=True)
class Pattern:
    """Which cells are hidden.

    hidden, primary: shape (cells,); cost: what the pattern costs, in the unit of the costs given; bound: no pattern
    can cost less than this; optimal: whether the cost has been proven least; unions: how often the union of hidden
    cells was itself unsafe and a further cell had to be hidden; rounds: how many programmes were solved.
    """

    hidden: Flag
    primary: Flag
    cost: float
    bound: float
    optimal: bool
    unions: int
    rounds: int


@dataclass
class _Search:
    attacker: Attacker
    unsafe: Unsafe
    cost: Array
    fixed_shown: Flag
    union: Union | None
    rules: Rules | None
    exempt: Flag
    unpublished: Flag
    unions: int = 0
    rounds: int = 0


def suppress(
    structure: Structure,
    values: Array,
    unsafe: Unsafe,
    *,
    cost: Array | None = None,
    knowledge: Knowledge | None = None,
    must_show: Flag | None = None,
    union: Union | None = None,
    rules: Rules | None = None,
    exempt: Flag | None = None,
    unpublished: Flag | None = None,
    seconds: float = 60.0,
) -> Pattern:
    """Return a pattern that protects every unsafe cell against exact and interval disclosure.

    The pattern of least cost is sought by cutting planes: a master programme over hidden / shown, and for each
    unsafe cell the reader's linear programme, whose dual gives the next cut. When the time is over, or the table is
    too large for it, cells are hidden one unsafe cell after the other by linear programmes, and those that turn out
    not to be needed are shown again; the lower bound reached tells how far from the least that may be.

    Args:
        structure: cells and relations.
        values: shape (cells,), the true figures.
        unsafe: the unsafe cells and their protection.
        cost: shape (cells,), what hiding a cell loses; 1 for each cell when left out. Lower it for cells hidden in
            the last release to keep the pattern from month to month.
        knowledge: what everyone knows beside the table; amounts of zero or more when left out.
        must_show: shape (cells,), cells that are public already and cannot be hidden.
        union: gives several cells as one (`union_of_records`, `union_of_cells`); with `rules` the hidden cells of
            each sum are checked together too, for their sum can be worked out exactly.
        rules: the rules the union is checked by.
        exempt: shape (cells,), totals that are unsafe and public all the same: what they say of their hidden parts
            together cannot be helped.
        unpublished: shape (cells,), cells that no table shows, such as the innermost ones that several tables cut in
            different ways; they are hidden at no cost, and where one is unsafe it must not follow from what is shown.
        seconds: time for the least-cost search.

    Raises:
        MethodError: the table does not add up; or an unsafe cell cannot be protected, since it or what it would need
            is public already; all such cells are told.

    Source: Fischetti & Salazar-González, Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47 (2001), 1008-1027; Kelly, Golden, Assad, Cell suppression, Networks 22 (1992),
    397-417 (one cell after the other); Hundepool et al. (2012) (singletons and unions).
    """
    attacker = Attacker(structure, values, knowledge or Knowledge.of(values))
    shown = np.zeros(len(values), dtype=bool) if must_show is None else must_show.copy()
    _refuse_public(structure, unsafe, shown)
    search = _Search(
        attacker, unsafe, np.ones(len(values)) if cost is None else cost.astype(float), shown, union, rules,
        np.zeros(len(values), dtype=bool) if exempt is None else exempt,
        np.zeros(len(values), dtype=bool) if unpublished is None else unpublished,
    )  # fmt: skip
    search.cost[search.unpublished] = 0.0
    _refuse_impossible(search)
    if not unsafe.flag.any():
        return Pattern(search.unpublished.copy(), unsafe.flag.copy(), 0.0, 0.0, True, 0, 0)
    hidden, bound = _least_cost(search, seconds)
    optimal = hidden is not None
    if hidden is None:
        hidden = _one_after_another(search)
        hidden = _show_again(search, hidden, seconds)
    cost_of = float(search.cost[hidden].sum())
    return Pattern(
        hidden,
        unsafe.flag.copy(),
        cost_of,
        cost_of if optimal else bound,
        optimal,
        search.unions,
        search.rounds,
    )


def _refuse_public(structure: Structure, unsafe: Unsafe, shown: Flag) -> None:
    problems = [
        Problem("disclosure.public_already", values={"cell": cell_name(structure, int(cell))})
        for cell in np.flatnonzero(unsafe.flag & shown)
    ]
    if problems:
        raise MethodError(*problems)


def _refuse_impossible(search: _Search) -> None:
    """Refuse cells that stay in reach even when everything that may be hidden is hidden."""
    everything = ~search.fixed_shown
    problems = []
    for cell, direction, need in search.attacker.doubtful(_needs(search.unsafe), everything):
        if search.attacker.reach(cell, direction, everything).distance < need - _slack(search):
            name = cell_name(search.attacker.structure, cell)
            problems.append(Problem("disclosure.cannot_protect", values={"cell": name}))
    if problems:
        raise MethodError(*{problem.values["cell"]: problem for problem in problems}.values())


def _needs(unsafe: Unsafe) -> list[Need]:
    cells = np.flatnonzero(unsafe.flag)
    up = [(int(cell), UP, float(unsafe.upper[cell])) for cell in cells if unsafe.upper[cell] > 0]
    down = [(int(cell), DOWN, float(unsafe.lower[cell])) for cell in cells if unsafe.lower[cell] > 0]
    return up + down


def _slack(search: _Search) -> float:
    return SLACK * search.attacker.scale


def _weak_cells(search: _Search, hidden: Flag, most: int = MOST_CUTS) -> list[Array]:
    """Return a cut for needs that a pattern leaves open: the share of each need that each cell's hiding can give."""
    cuts: list[Array] = []
    for cell, direction, need in search.attacker.doubtful(_needs(search.unsafe), hidden):
        if len(cuts) >= most:
            break
        reach = search.attacker.reach(cell, direction, hidden)
        if reach.distance < need - _slack(search):
            cuts.append(np.minimum(reach.capacity, need) / need)
    return cuts


def _unsafe_unions(search: _Search, hidden: Flag) -> list[tuple[list[int], list[int]]]:
    """Return relations whose hidden cells together are an unsafe cell: the hidden ones and those still shown.

    The sum of the hidden parts of a total that is shown (or of a hidden total with its shown parts) is known to
    everyone, so it must be safe as if it were a cell.
    """
    if search.union is None or search.rules is None:
        return []
    relations = search.attacker.structure.relations
    found = []
    for row in range(relations.shape[0]):
        start, end = relations.indptr[row : row + 2]
        cells, signs = relations.indices[start:end], relations.data[start:end]
        inside = [int(cell) for cell in cells if hidden[cell]]
        totals = cells[signs > 0]
        if len(inside) < 2 or hidden[totals].any() or search.exempt[totals].any():
            continue
        if search.unpublished[inside].all():  # what they make together is a shown cell, judged as such
            continue
        if unsafe_cells(search.union(inside), search.rules).flag[0]:
            found.append((inside, [int(cell) for cell in cells if not hidden[cell]]))
    return found


def _least_cost(search: _Search, seconds: float) -> tuple[Flag | None, float]:
    """Return the pattern of least cost, or None when time is over, and the best lower bound."""
    count = len(search.cost)
    low = (search.unsafe.flag | search.unpublished).astype(float)
    high = np.where(search.fixed_shown, 0.0, 1.0)
    rows, bounds = _lonely_cells(search.attacker.structure, search.unpublished)
    until = time.monotonic() + seconds
    bound = float(search.cost[search.unsafe.flag].sum())  # what is unpublished costs nothing
    while (left := until - time.monotonic()) > 0:
        search.rounds += 1
        found = milp(
            search.cost + 1e-9, integrality=np.ones(count), bounds=Bounds(low, high),
            constraints=LinearConstraint(sparse.vstack(rows).tocsr(), np.concatenate(bounds), np.inf),
            options={"time_limit": left},
        )  # fmt: skip
        if found.x is None or found.status != 0:
            return None, bound
        bound = max(bound, float(found.fun) - 1e-9 * count)
        hidden = found.x > 0.5
        cuts = _weak_cells(search, hidden)
        unions = _unsafe_unions(search, hidden) if not cuts else []
        if not cuts and not unions:
            return hidden, bound
        for share in cuts:
            rows.append(sparse.csr_array(share[None, :]))
            bounds.append(np.array([1.0 - SLACK]))
        for inside, outside in unions:
            search.unions += 1
            row = np.zeros(count)
            row[inside], row[outside] = -1.0, 1.0
            rows.append(sparse.csr_array(row[None, :]))
            bounds.append(np.array([1.0 - len(inside)]))
    return None, bound


def _lonely_cells(structure: Structure, unpublished: Flag) -> tuple[list[sparse.csr_array], list[Array]]:
    """Return the rows that forbid a hidden cell to be the only one of a sum: x_j <= sum of the others."""
    relations = structure.relations
    row, column, value, number = [], [], [], 0
    for start, end in zip(relations.indptr[:-1], relations.indptr[1:], strict=True):
        cells = relations.indices[start:end]
        if unpublished[cells].sum() > 1:  # none of them is ever alone
            continue
        for cell in cells:
            row += [number] * len(cells)
            column += list(cells)
            value += [-1.0 if other == cell else 1.0 for other in cells]
            number += 1
    matrix = sparse.csr_array((value, (row, column)), shape=(number, relations.shape[1]))
    return [matrix], [np.zeros(number)]


def _one_after_another(search: _Search) -> Flag:
    """Hide, for each unsafe cell in turn (the largest need first), the cheapest cells that let it move enough."""
    attacker = search.attacker
    relations, count = attacker.structure.relations, len(search.cost)
    hidden = search.unsafe.flag | search.unpublished
    both = sparse.hstack([relations, -relations]).tocsr()
    todo = attacker.doubtful(_needs(search.unsafe), hidden)
    for cell, direction, need in sorted(todo, key=lambda one: -one[2]):
        if attacker.reach(cell, direction, hidden).distance >= need - _slack(search):
            continue
        price = np.where(hidden, 0.0, search.cost) / max(need, SLACK)
        up, down = attacker.above.copy(), attacker.below.copy()
        up[search.fixed_shown], down[search.fixed_shown] = 0.0, 0.0
        # the cell itself moves by its need, in its direction
        bounds = np.column_stack([np.zeros(2 * count), np.concatenate([up, down])])
        mine, other = (cell, count + cell) if direction == UP else (count + cell, cell)
        bounds[mine], bounds[other] = (need, need), (0.0, 0.0)
        found = linprog(
            np.concatenate([price, price]),
            A_eq=both,
            b_eq=np.zeros(relations.shape[0]),
            bounds=bounds,
            method="highs",
        )
        search.rounds += 1
        if found.status == 0:
            moved = found.x[:count] + found.x[count:]
            hidden |= moved > _slack(search)
    return _safe_unions(search, hidden)


def _safe_unions(search: _Search, hidden: Flag) -> Flag:
    while unions := _unsafe_unions(search, hidden):
        for inside, outside in unions:
            free = [cell for cell in outside if not search.fixed_shown[cell] and not hidden[cell]]
            if not free or not all(hidden[cell] for cell in inside):
                names = ", ".join(cell_name(search.attacker.structure, cell) for cell in inside)
                raise MethodError(Problem("disclosure.cannot_protect", values={"cell": names}))
            search.unions += 1
            hidden[min(free, key=lambda cell: (search.cost[cell], cell))] = True
        hidden = _close(search, hidden)
    return hidden


def _close(search: _Search, hidden: Flag) -> Flag:
    """Hide a second cell wherever a sum has one hidden cell only, until there is none."""
    relations = search.attacker.structure.relations
    again = True
    while again:
        again = False
        for start, end in zip(relations.indptr[:-1], relations.indptr[1:], strict=True):
            cells = relations.indices[start:end]
            if hidden[cells].sum() == 1:
                free = [int(cell) for cell in cells if not hidden[cell] and not search.fixed_shown[cell]]
                if free:
                    hidden[min(free, key=lambda cell: (search.cost[cell], cell))] = True
                    again = True
    return hidden


def _show_again(search: _Search, hidden: Flag, seconds: float) -> Flag:
    """Show cells again, the dearest first, wherever the pattern stays safe without hiding them, until time is over."""
    until = time.monotonic() + seconds
    spare = np.flatnonzero(hidden & ~search.unsafe.flag & ~search.unpublished)
    for cell in spare[np.argsort(-search.cost[spare], kind="stable")]:
        if time.monotonic() > until:
            break
        trial = hidden.copy()
        trial[cell] = False
        if not _weak_cells(search, trial, 1) and not _unsafe_unions(search, trial):
            hidden = trial
    return hidden
