"""Regional input coefficients from national ones by location quotients.

Letters of the literature, used in this file only:
    xr, xn  output (or value added, or jobs) of each sector in the region and in the nation, (n,), one unit
    SLQ  (n,); CILQ, RLQ, FLQ, AFLQ  (n, n), row = selling sector i, column = buying sector j; without unit
    lambda  weight for the size of the region; delta  its exponent; without unit
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.compile.wording import figure
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Quotient = Literal["SLQ", "CILQ", "RLQ", "FLQ", "AFLQ"]

USES_DELTA = ("FLQ", "AFLQ")


@dataclass(frozen=True)
class RegionalCoefficients:
    """Coefficients for local products. Returned by `regional_coefficients`.

    Attributes:
        local: coefficients of products made in the region, shape (n, n), CNY per CNY.
        brought_in: the rest of the national coefficients, shape (n, n), CNY per CNY; below 0 only where AFLQ raises a
            local coefficient above the national one.
        quotients: as used, shape (n, n), without unit; before they are cut at 1.
        problems: sectors that a quotient says nothing about.

    Source: Flegg and Tohmo (2013), Regional Studies 47, 703-721.
    """

    local: Array
    brought_in: Array
    quotients: Array
    problems: tuple[Problem, ...]


def simple_quotients(regional: Array, national: Array) -> Array:
    """Return the simple location quotients: a sector's share in the region over its share in the nation.

    Args:
        regional: xr, shape (n,), any unit (output, value added, jobs).
        national: xn, shape (n,), same unit.

    Returns:
        SLQ, shape (n,), without unit; 0 where the region has none of the sector.

    Raises:
        MethodError: accounts.quotient_sizes, when something is negative, the region is larger than the nation, or a
            total is 0.

    Source: Miller and Blair (2009), section 8.2.
    """
    total_region, total_nation = float(regional.sum()), float(national.sum())
    larger = np.flatnonzero(regional > national * (1.0 + 1e-9))
    if (
        len(regional) != len(national)
        or min(regional.min(), national.min()) < 0.0
        or not total_region
        or len(larger)
    ):
        values = {"regional": figure(total_region), "national": figure(total_nation),
                  "places": [str(int(i) + 1) for i in larger[:5]] or ["-"]}  # fmt: skip
        raise MethodError(Problem("accounts.quotient_sizes", values=values))
    share = national / total_nation
    return np.divide(regional / total_region, share, out=np.zeros(len(regional)), where=share != 0.0)


def location_quotients(
    regional: Array, national: Array, method: Quotient, *, delta: float | None = None
) -> Array:
    """Return the quotient of every pair of a selling and a buying sector.

    SLQ_i; CILQ_ij = SLQ_i / SLQ_j; RLQ_ij = SLQ_i / log2(1 + SLQ_j); FLQ_ij = lambda CILQ_ij and lambda SLQ_i on
    the diagonal, lambda = [log2(1 + xr / xn)]^delta; AFLQ_ij = FLQ_ij log2(1 + SLQ_j) where SLQ_j > 1.

    Args:
        regional: xr, shape (n,), any unit.
        national: xn, shape (n,), same unit.
        method: SLQ, CILQ, RLQ, FLQ or AFLQ.
        delta: 0 <= delta < 1, without unit; asked for by FLQ and AFLQ and never assumed. It has to be estimated for
            the region: see the method card for what studies found.

    Returns:
        Quotients, shape (n, n), without unit, not cut at 1; CILQ and RLQ have SLQ_i on the diagonal. The column of a
        sector that the region has none of is 0.

    Raises:
        MethodError: accounts.delta_missing; accounts.delta_range; accounts.quotient_sizes.

    Source: Miller and Blair (2009), section 8.2; Round (1978), Journal of Regional Science 18, 179-194 (RLQ);
        Flegg and Webber (1997), Regional Studies 31, 795-805 (FLQ); Flegg and Webber (2000), Regional Studies 34,
        563-569 (AFLQ).
    """
    if method in USES_DELTA and delta is None:
        raise MethodError(Problem("accounts.delta_missing", values={"method": method}))
    if delta is not None and not 0.0 <= delta < 1.0:
        raise MethodError(Problem("accounts.delta_range", values={"delta": delta}))
    slq = simple_quotients(regional, national)
    n = len(slq)
    if method == "SLQ":
        return np.tile(slq[:, None], n)
    below = np.log2(1.0 + slq) if method == "RLQ" else slq
    found = np.divide(slq[:, None], below, out=np.zeros((n, n)), where=np.tile(below != 0.0, (n, 1)))
    np.fill_diagonal(found, slq)
    if method in USES_DELTA:
        found *= np.log2(1.0 + float(regional.sum()) / float(national.sum())) ** float(delta or 0.0)
    if method == "AFLQ":
        found *= np.where(slq > 1.0, np.log2(1.0 + slq), 1.0)
    return np.asarray(found)


def regional_coefficients(
    coefficients: Array, regional: Array, national: Array, method: Quotient, *, delta: float | None = None
) -> RegionalCoefficients:
    """Return the coefficients of local products: national coefficients times the quotient, cut at 1.

    AFLQ is cut at 1 before its factor for specialised buyers, so a specialised sector may use more of a local
    product than the nation does; that is what the factor is for.

    Args:
        coefficients: national input coefficients, shape (n, n), CNY per CNY; of domestic products, or of all.
        regional: xr, shape (n,), any unit.
        national: xn, shape (n,), same unit.
        method: SLQ, CILQ, RLQ, FLQ or AFLQ.
        delta: see `location_quotients`.

    Returns:
        Local coefficients and what is brought in, shape (n, n) each, CNY per CNY.

    Raises:
        MethodError: see `location_quotients`.

    Source: Miller and Blair (2009), section 8.2; Flegg and Webber (1997, 2000).
    """
    quotients = location_quotients(regional, national, method, delta=delta)
    if method == "AFLQ":
        slq = simple_quotients(regional, national)
        raised = np.where(slq > 1.0, np.log2(1.0 + slq), 1.0)
        factor = np.minimum(quotients / raised, 1.0) * raised
    else:
        factor = np.minimum(quotients, 1.0)
    local = coefficients * factor
    problems = []
    silent = np.flatnonzero(
        (national == 0.0) & ((coefficients != 0.0).any(axis=0) | (coefficients != 0.0).any(axis=1))
    )
    if len(silent):
        values = {"places": [str(int(i) + 1) for i in silent[:5]]}
        problems.append(Problem("accounts.quotient_silent", values=values, severity="warning"))
    return RegionalCoefficients(local, coefficients - local, quotients, tuple(problems))
