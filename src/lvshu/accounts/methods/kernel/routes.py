"""Which way a system is solved, and why: by the number of right sides, the size, the density and the memory.

Letters of the textbook, used in this file only:
    n  number of sectors, a count
    k  number of right sides, a count
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lvshu.core.errors import Problem

Way = Literal["lu", "gauss_seidel", "gmres", "woodbury", "preconditioned"]

SMALL = 1000
SECTORS_PER_ROW = 60
GMRES_WITHOUT_MEMORY = 32
MEMORY_KEPT_FREE = 0.85


@dataclass(frozen=True)
class Route:
    """A way to solve, with the reason for it. Returned by `choose` and `Kernel.route`.

    Attributes:
        way: "lu" (one factorisation), "gauss_seidel", "gmres", "woodbury" or "preconditioned".
        reason: a notice of the message catalogue, in words, with its counts.

    Source: lvshu's own measurements (benchmarks/accounts).
    """

    way: Way
    reason: Problem


@dataclass(frozen=True)
class Solved:
    """The record of one solution. Returned by `Kernel.last` and kept in `Kernel.record`.

    Attributes:
        route: the way that gave the solution, with its reason.
        rows: number of right sides, a count.
        iterations: sweeps or passes over the table, a count; 0 for a direct solution.
        residual: the largest residual of a right side, relative to the norms of right side and solution; no unit.
        is_estimated: whether the residual of each right side was estimated by random probes (more than 64 of them).
        left: ways that were tried before and did not settle, in order.

    Source: Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd edition, section 7.1 (backward error).
    """

    route: Route
    rows: int
    iterations: int
    residual: float
    is_estimated: bool
    left: tuple[Way, ...] = ()


def notice(code: str, **values: object) -> Problem:
    """Return a notice of the kernel by its code.

    Args:
        code: of the message catalogue.
        values: counts shown in it.

    Source: lvshu's own bookkeeping; no unit.
    """
    return Problem(code, values=values, severity="notice")


def choose(*, count: int, rows: int, asked: int, has_factors: bool, allowed: int) -> Route:
    """Return the way to solve a number of right sides.

    Args:
        count: sectors n, a count.
        rows: right sides k of this question, a count.
        asked: right sides of all earlier questions, a count.
        has_factors: whether the table is factorised already.
        allowed: bytes that a factorisation may take.

    Returns:
        The route with its reason.

    Source: lvshu's own measurements: an iteration of some eight passes costs as much as the factorisation at
        about n / 60 right sides on one core (benchmarks/accounts).
    """
    few = count // SECTORS_PER_ROW
    needed = 8 * count * count
    if has_factors:
        return Route("lu", notice("accounts.kernel_route_ready", sectors=count, rows=rows))
    if count <= SMALL:
        return Route("lu", notice("accounts.kernel_route_small", sectors=count, rows=rows))
    if needed > allowed:
        values = {"sectors": count, "rows": rows, "needed": needed >> 20, "allowed": allowed >> 20}
        way: Way = "gmres" if rows <= GMRES_WITHOUT_MEMORY else "gauss_seidel"
        return Route(way, notice("accounts.kernel_route_memory", **values))
    if rows + asked > few:
        return Route("lu", notice("accounts.kernel_route_many", sectors=count, rows=rows + asked, few=few))
    return Route("gmres", notice("accounts.kernel_route_few", sectors=count, rows=rows, few=few))


def memory_available() -> int:
    """Return the bytes of memory that can be taken without harm: 85 % of what the system calls available.

    The unit is the byte; where the system tells no such figure, half of the physical memory is taken.

    Source: Linux kernel documentation, proc filesystem, MemAvailable.
    """
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(int(line.split()[1]) * 1024 * MEMORY_KEPT_FREE)
    except OSError:
        pass
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * MEMORY_KEPT_FREE / 2)
    except (AttributeError, ValueError, OSError):
        return 4 << 30
