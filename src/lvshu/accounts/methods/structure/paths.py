"""Structural path analysis with exact bounds: no path above the cut is lost, and what is not listed is stated.

A branch of the supply-chain tree is left only when everything that hangs on it together is below the cut, not when
its own node is: a clean service that buys power made from coal keeps its dirty suppliers.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY;  s direct and m total intensity, (n,), e.g. tCO2 per CNY
    y  final demand, (n,), CNY;  w amount bought of a product along a path: y a a ..., CNY
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.structure.branches import Array, Branches, Matrix, Places, branches
from lvshu.core.errors import MethodError, Problem

SLACK = 1e-12
AROUND = 1e-7
STEP = 4.0
NODES_ALLOWED = 20_000_000


@dataclass(frozen=True)
class PathLimits:
    """How far to look; returned as it is by nothing, given to `structural_paths`.

    Attributes:
        cut_off: smallest contribution that has to be listed, unit of the footprint; 0 for none.
        cut_share: the same as a share of the footprint, without unit; the larger of both counts.
        maximum_paths: how many of the largest paths are wanted, a count; None for all above the cut.
        maximum_depth: largest number of purchases behind the final one, a count; None for no limit.
        nodes_allowed: how many nodes may be kept in memory, a count (about 60 bytes each).

    Source: Defourny and Thorbecke (1984), Economic Journal 94; Lenzen (2007), Structural path analysis of ecosystem
        networks, Ecological Modelling 200.
    """

    cut_off: float = 0.0
    cut_share: float = 0.0
    maximum_paths: int | None = None
    maximum_depth: int | None = None
    nodes_allowed: int = NODES_ALLOWED


@dataclass(frozen=True)
class StructuralPaths:
    """The paths of a footprint; returned by `structural_paths`. footprint = listed + passed + pruned + beyond_depth.

    Attributes:
        parent: for each node reached, the position of the node that buys it, -1 for final demand; shape (k,).
        sector: product of each node, shape (k,), a position.
        depth: number of purchases behind the final one, shape (k,), a count.
        amount: bought along the path, shape (k,), unit CNY.
        direct: contribution of each node itself, shape (k,), unit of the footprint.
        subtree: contribution of the node with all that hangs on it, shape (k,), same unit.
        order: positions of the nodes listed, the largest contribution first, shape (p,).
        footprint: s L y, unit e.g. tCO2.
        listed: sum over the paths listed, same unit.
        passed: sum over the nodes reached and not listed (own contribution below the cut, or beyond the number
            wanted), same unit; passed_count of them.
        pruned: sum over the branches left out because all of each is below the cut, same unit; no branch is larger
            than `cut`, and pruned_count nodes have such branches.
        beyond_depth: sum over what lies deeper than the depth allowed, same unit.
        cut: the cut in use, same unit.
        largest_unlisted: no path that is not listed contributes more than this, within the depth allowed, same unit.

    Source: Defourny and Thorbecke (1984); Lenzen (2007); bounds by the total intensity of the branch.
    """

    parent: Places
    sector: Places
    depth: Places
    amount: Array
    direct: Array
    subtree: Array
    order: Places
    footprint: float
    listed: float
    passed: float
    passed_count: int
    pruned: float
    pruned_count: int
    beyond_depth: float
    cut: float
    largest_unlisted: float

    @property
    def coverage(self) -> float:
        """Return the share of the footprint that the listed paths make up, without unit; 0 for no footprint.

        Source: Lenzen (2007), coverage of the paths extracted.
        """
        return self.listed / self.footprint if self.footprint else 0.0

    @property
    def not_listed(self) -> float:
        """Return the footprint less the listed paths, unit of the footprint: passed + pruned + beyond_depth.

        Source: the identity of the tree, this program's.
        """
        return self.passed + self.pruned + self.beyond_depth

    def path(self, node: int) -> tuple[int, ...]:
        """Return the positions from the final product to the emitter, a tuple without unit.

        Args:
            node: position of a node, e.g. one of `order`.

        Source: Defourny and Thorbecke (1984).
        """
        found: list[int] = []
        while node >= 0:
            found.append(int(self.sector[node]))
            node = int(self.parent[node])
        return tuple(reversed(found))

    def paths(self) -> list[tuple[int, ...]]:
        """Return the listed paths, the largest first, p tuples of positions without unit.

        Source: Defourny and Thorbecke (1984).
        """
        return [self.path(int(node)) for node in self.order]


class _Tree:
    """The nodes reached so far. For each, how many inputs were walked and how much the next one may carry."""

    def __init__(self, given: Branches, limits: PathLimits) -> None:
        self.given, self.limits = given, limits
        self.behind = given.bound - np.abs(given.direct) + AROUND * given.bound
        self.parent, self.sector, self.depth = (np.zeros(0, dtype=np.int64) for _ in range(3))
        self.walked = np.zeros(0, dtype=np.int64)
        self.amount, self.waiting = np.zeros(0), np.zeros(0)

    def add(self, parent: Places, sector: Places, depth: Places, amount: Array) -> None:
        """Take new nodes in; what hangs on each is bounded without reading its column."""
        count = len(self.sector) + len(sector)
        if count > self.limits.nodes_allowed:
            raise MethodError(
                Problem(
                    "accounts.paths_too_many", values={"nodes": self.limits.nodes_allowed, "found": count}
                )
            )
        deepest = self.limits.maximum_depth
        open_ended = np.ones(len(sector), dtype=bool) if deepest is None else depth < deepest
        self.waiting = np.concatenate([self.waiting, np.abs(amount) * self.behind[sector] * open_ended])
        self.parent = np.concatenate([self.parent, parent])
        self.sector = np.concatenate([self.sector, sector])
        self.depth = np.concatenate([self.depth, depth])
        self.amount = np.concatenate([self.amount, amount])
        self.walked = np.concatenate([self.walked, np.zeros(len(sector), dtype=np.int64)])

    def grow(self, threshold: float) -> None:
        """Walk every branch that may carry the threshold, wave after wave."""
        while True:
            ready = np.flatnonzero(self.waiting >= threshold)
            if not ready.size:
                return
            parent, sector, amount = self._expand(ready, threshold)
            self.add(parent, sector, self.depth[parent] + 1, amount)

    def _expand(self, nodes: Places, threshold: float) -> tuple[Places, Places, Array]:
        """Walk the next inputs of all nodes given; the inputs of a sector fall, so each time a stretch of them."""
        given, sectors, size = self.given, self.sector[nodes], np.abs(self.amount[nodes])
        given.need(sectors, threshold / size)
        first = given.start[sectors] + self.walked[nodes]
        until = given.until(sectors, first, threshold / size)
        count = until - first
        self.walked[nodes] += count
        more = until < given.end[sectors]
        following = given.dropped[sectors]
        following[more] = given.input_bound[until[more]]
        self.waiting[nodes] = np.minimum(following * size, np.nextafter(threshold, 0.0))
        owner = np.repeat(np.arange(len(nodes)), count)
        place = np.arange(len(owner)) + np.repeat(until - np.cumsum(count), count)
        return (
            nodes[owner], given.input_sector[place], self.amount[nodes][owner] * given.input_coefficient[place]
        )  # fmt: skip

    def left_behind(self) -> tuple[Array, NDArray[np.bool_]]:
        """Return for each node the sum over the branches not walked, and whether the depth is why."""
        given, bought = self.given, self.parent >= 0
        subtree = self.amount * given.total[self.sector]
        behind = self.amount * (given.total - given.direct)[self.sector]
        walked = np.bincount(self.parent[bought], subtree[bought], minlength=len(subtree))
        deepest = self.limits.maximum_depth
        too_deep = np.zeros(len(behind), dtype=bool) if deepest is None else self.depth >= deepest
        return behind - walked, too_deep


def structural_paths(
    coefficients: Matrix,
    direct_intensity: Array,
    total_intensity: Array,
    final_demand: Array,
    limits: PathLimits,
    *,
    output: Array | None = None,
) -> StructuralPaths:
    """Return the supply-chain paths of a footprint, none above the cut lost, with the exact sum of what is not listed.

    One product: a final demand with one entry. A whole country: its final demand. With a number of paths wanted the
    tree is walked best-first, by falling thresholds, until no branch left can hold a larger path than those found.

    Args:
        coefficients: A, shape (n, n), dense, memory-mapped or CSR, unit CNY per CNY; or Z in CNY where the output is
            given: then only the columns that paths lead to are read and divided.
        direct_intensity: s, shape (n,), unit e.g. tCO2 per CNY.
        total_intensity: m = s L, shape (n,), same unit.
        final_demand: y, shape (n,), unit CNY.
        limits: the cut, the number of paths or the depth wanted, without unit but for the cut.
        output: x, shape (n,), unit CNY, or None where coefficients are given.

    Returns:
        The paths, k nodes reached and p listed; unit of the footprint.

    Raises:
        MethodError: accounts.paths_need_a_limit, when neither a cut nor a number is given; accounts.structure_shapes;
            accounts.structure_not_finite; accounts.intensity_not_total, when m is not s L;
            accounts.paths_without_bound; accounts.paths_too_many.

    Source: Defourny and Thorbecke (1984), Economic Journal 94; Lenzen (2007), Ecological Modelling 200; pruning by the
        total intensity of the branch.
    """
    _check(coefficients, direct_intensity, total_intensity, final_demand, output)
    given = branches(coefficients, direct_intensity, total_intensity, output)
    footprint = float(total_intensity @ final_demand)
    roots = np.abs(final_demand) * given.bound
    cut = max(limits.cut_off, limits.cut_share * abs(footprint))
    _check_limits(limits, cut, float(roots.max(initial=0.0)))
    tree = _Tree(given, limits)
    threshold = _search(tree, final_demand, roots, cut * (1.0 - SLACK))
    return _stated(tree, final_demand, roots, cut, threshold, footprint)


def _search(tree: _Tree, final_demand: Array, roots: Array, floor: float) -> float:
    """Grow the tree until nothing wanted can be missing; return the last threshold."""
    wanted = tree.limits.maximum_paths
    entered = np.zeros(len(roots), dtype=bool)
    threshold = floor if wanted is None else max(float(roots.max(initial=0.0)), floor)
    while threshold > 0.0:
        new = np.flatnonzero((roots >= threshold) & ~entered)
        entered[new] = True
        none = np.zeros(len(new), dtype=np.int64)
        tree.add(none - 1, new, none, final_demand[new])
        tree.grow(threshold)
        if wanted is None or threshold <= floor:
            break
        direct = np.abs(tree.amount * tree.given.direct[tree.sector])
        if int((direct >= threshold).sum()) >= wanted:
            break
        left = max(float(tree.waiting.max(initial=0.0)), float(roots[~entered].max(initial=0.0)))
        threshold = max(min(threshold / STEP, left), floor)
    return threshold


def _stated(
    tree: _Tree, final_demand: Array, roots: Array, cut: float, threshold: float, footprint: float
) -> StructuralPaths:
    given = tree.given
    direct = tree.amount * given.direct[tree.sector]
    size = np.abs(direct)
    worth = np.flatnonzero((size > 0.0) & (size >= cut * (1.0 - SLACK)))
    order = worth[np.argsort(-size[worth], kind="stable")][: tree.limits.maximum_paths]
    passed = np.ones(len(direct), dtype=bool)
    passed[order] = False
    left, too_deep = tree.left_behind()
    outside = np.ones(len(roots), dtype=bool)
    outside[tree.sector[tree.depth == 0]] = False
    outside &= roots > 0.0
    unwalked = (tree.waiting > 0.0) & ~too_deep
    return StructuralPaths(
        parent=tree.parent, sector=tree.sector, depth=tree.depth, amount=tree.amount, direct=direct,
        subtree=tree.amount * given.total[tree.sector], order=order, footprint=footprint,
        listed=float(direct[order].sum()), passed=float(direct[passed].sum()),
        passed_count=int((size[passed] > 0.0).sum()),
        pruned=float(left[~too_deep].sum() + (final_demand * given.total)[outside].sum()),
        pruned_count=int(unwalked.sum() + outside.sum()), beyond_depth=float(left[too_deep].sum()), cut=cut,
        largest_unlisted=max(
            float(size[passed].max(initial=0.0)), float(tree.waiting.max(initial=0.0)),
            float(roots[outside].max(initial=0.0)),
        ),
    )  # fmt: skip


def production_layers(
    coefficients: Matrix,
    direct_intensity: Array,
    total_intensity: Array,
    final_demand: Array,
    depth: int,
    *,
    output: Array | None = None,
) -> Array:
    """Return the footprint by the number of purchases behind the final one, with the rest last.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY; or Z in CNY where the output is given.
        direct_intensity: s, shape (n,), unit e.g. tCO2 per CNY.
        total_intensity: m = s L, shape (n,), same unit.
        final_demand: y, shape (n,), unit CNY.
        depth: number of the last layer told apart, without unit.
        output: x, shape (n,), unit CNY, or None.

    Returns:
        s y, s A y, ... s A^depth y, and what lies deeper, shape (depth + 2,), unit of the footprint.

    Raises:
        MethodError: accounts.structure_shapes, accounts.structure_not_finite.

    Source: Lenzen (2007), production layer decomposition; Miller and Blair (2009), section 2.4.
    """
    _check(coefficients, direct_intensity, total_intensity, final_demand, output)
    layers, bought = np.zeros(depth + 2), final_demand.astype(np.float64)
    divisor = 1.0 if output is None else np.where(output == 0.0, np.inf, output)
    for layer in range(depth + 1):
        layers[layer] = direct_intensity @ bought
        bought = np.asarray(coefficients @ (bought / divisor))
    layers[-1] = total_intensity @ bought
    return layers


def _check(matrix: Matrix, direct: Array, total: Array, demand: Array, output: Array | None) -> None:
    n = matrix.shape[0]
    shapes = {"coefficients": matrix.shape, "direct_intensity": direct.shape, "total_intensity": total.shape,
              "final_demand": demand.shape, **({} if output is None else {"output": output.shape})}  # fmt: skip
    wrong = [Problem("accounts.structure_shapes", values={"name": name, "shape": list(shape), "sectors": n})
             for name, shape in shapes.items() if shape != ((n, n) if name == "coefficients" else (n,))]  # fmt: skip
    vectors = {"direct_intensity": direct, "total_intensity": total, "final_demand": demand,
               **({} if output is None else {"output": output})}  # fmt: skip
    for name, figures in vectors.items():
        if not np.isfinite(figures).all():
            bad = np.flatnonzero(~np.isfinite(figures))
            values = {"name": name, "count": len(bad), "sector": int(bad[0]) + 1}
            wrong.append(Problem("accounts.structure_not_finite", values=values))
    if wrong:
        raise MethodError(*wrong)


def _check_limits(limits: PathLimits, cut: float, largest: float) -> None:
    numbers = [
        limits.cut_off,
        limits.cut_share,
        *(limit for limit in (limits.maximum_depth,) if limit is not None),
    ]
    refused = min(numbers) < 0.0 or (limits.maximum_paths is not None and limits.maximum_paths < 1)
    if refused or (largest > 0.0 and cut == 0.0 and limits.maximum_paths is None):
        values = {"cut_off": limits.cut_off, "cut_share": limits.cut_share, "largest": largest}
        raise MethodError(Problem("accounts.paths_need_a_limit", values=values))
