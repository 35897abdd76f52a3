"""Counts and sums with noise, so that whether any one contributor is in the data can hardly be told (OpenDP)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from lvshu.core.errors import ConfigError, MethodError, Problem
from lvshu.statistics.disclosure.structure import Array, Dimension, Structure, key_of, table_structure
from lvshu.statistics.disclosure.table import added_up

LIBRARY = "opendp"


@dataclass(frozen=True)
class Bounds:
    """What one contributor may add at most. A contributor's figure in a cell is cut to low … high.

    cells: innermost cells that one contributor counts in; low, high: of its figure in one cell, in the unit of the
    values (1 and 1 for counts); places: decimals that the figures are rounded to.
    """

    cells: int
    low: Decimal = Decimal(1)
    high: Decimal = Decimal(1)
    places: int = 0

    def __post_init__(self) -> None:
        """Refuse bounds that make no sense.

        Raises:
            MethodError: disclosure.rule_outside.
        """
        problems = []
        if self.cells < 1:
            problems.append(_outside("most_cells", self.cells, ">= 1"))
        if self.low > self.high:
            problems.append(_outside("low, high", f"{self.low}, {self.high}", "low <= high"))
        if not problems and self.sensitivity < 1:
            problems.append(_outside("low, high", f"{self.low}, {self.high}", "not both 0"))
        if problems:
            raise MethodError(*problems)

    def units(self, value: Decimal) -> int:
        """Return a figure cut to the bounds, in units of the last decimal."""
        cut = min(max(value, self.low), self.high)
        return int(cut.scaleb(self.places).to_integral_value(rounding=ROUND_HALF_UP))

    @property
    def sensitivity(self) -> int:
        """Return by how much one contributor changes all innermost cells together, in units of the last decimal."""
        return self.cells * max(abs(self.units(self.low)), abs(self.units(self.high)))


def _outside(name: str, value: object, allowed: str) -> Problem:
    return Problem("disclosure.rule_outside", values={"rule": name, "value": str(value), "allowed": allowed})


@dataclass(frozen=True)
class Noisy:
    """A table with noise. values, deviation: shape (cells,), figures and standard deviation of the noise in them.

    cut: contributors of which something was left out or cut off; it is not private and not for publication.
    """

    structure: Structure
    values: Array
    deviation: Array
    scale: float
    cut: int


def with_noise(
    dimensions: Sequence[Dimension],
    codes: Mapping[str, Sequence[str]],
    value: Sequence[Decimal],
    contributor: Sequence[str],
    bounds: Bounds,
    epsilon: float,
) -> Noisy:
    """Return a table of counts or sums with noise; totals are the sums of the noisy innermost cells.

    The release is epsilon-differentially private towards adding or taking away all records of one contributor, given
    that the dimensions (their codes) are public and were not read off the records. The noise is discrete Laplace, from
    a cryptographic generator: it cannot be repeated.

    Args:
        dimensions: with public codes.
        codes: for each dimension the code of every record, innermost ones only.
        value: of every record; ones for a count of contributors.
        contributor: whose each record is.
        bounds: what one contributor may add.
        epsilon: how much privacy is spent, above zero.

    Raises:
        ConfigError: disclosure.privacy_missing: OpenDP is not installed.
        MethodError: disclosure.rule_outside; disclosure.not_innermost, with the codes.

    Source: Dwork, McSherry, Nissim, Smith, Calibrating noise to sensitivity in private data analysis, TCC (2006);
    the mechanism and its proof of privacy: OpenDP, make_laplace on integers.
    """
    if not 0 < epsilon < float("inf"):
        raise MethodError(_outside("epsilon", epsilon, "> 0"))
    structure = table_structure(dimensions)
    inner = np.asarray((structure.relations > 0).sum(axis=0)).ravel() == 0
    cells = _cells(dimensions, structure, codes, inner)
    true, cut = _bounded(cells, value, contributor, bounds, len(structure.keys))
    noisy, scale = _laplace([int(one) for one in true[inner]], bounds.sensitivity, epsilon)
    values, leaves = np.zeros(len(true)), np.zeros(len(true))
    values[inner], leaves[inner] = noisy, 1.0
    values, leaves = added_up(structure, values), added_up(structure, leaves)
    unit = 10.0**-bounds.places
    return Noisy(structure, values * unit, np.sqrt(2 * leaves) * scale * unit, scale * unit, cut)


def _cells(
    dimensions: Sequence[Dimension],
    structure: Structure,
    codes: Mapping[str, Sequence[str]],
    inner: np.ndarray,
) -> list[int]:
    """Return the number of each record's cell."""
    roots, place = {one.name: one.root for one in dimensions}, structure.place
    found, strange = [], []
    for one in zip(*(codes[dimension.name] for dimension in dimensions), strict=True):
        cell = place.get(key_of(dict(zip(roots, one, strict=True)), roots))
        if cell is None or not inner[cell]:
            strange.append(" / ".join(one))
        else:
            found.append(cell)
    if strange:
        told = list(dict.fromkeys(strange))
        values = {"codes": ", ".join(told[:20]), "count": len(told)}
        raise MethodError(Problem("disclosure.not_innermost", values=values))
    return found


def _bounded(
    cells: Sequence[int], value: Sequence[Decimal], contributor: Sequence[str], bounds: Bounds, size: int
) -> tuple[np.ndarray, int]:
    """Return the sums in units of the last decimal with every contributor within the bounds, and how many were not."""
    held: dict[str, dict[int, Decimal]] = {}
    for cell, amount, who in zip(cells, value, contributor, strict=True):
        own = held.setdefault(who, {})
        own[cell] = own.get(cell, Decimal(0)) + amount
    sums, cut = np.zeros(size, dtype=object), 0
    for who, own in held.items():
        # which cells are kept depends on the contributor alone, and on no order of codes
        kept = sorted(own, key=lambda cell, who=who: hashlib.sha256(f"{who}|{cell}".encode()).digest())  # type: ignore[misc]
        cut += len(kept) > bounds.cells or any(not bounds.low <= one <= bounds.high for one in own.values())
        for cell in kept[: bounds.cells]:
            sums[cell] += bounds.units(own[cell])
    return sums, cut


def _laplace(true: list[int], sensitivity: int, epsilon: float) -> tuple[np.ndarray, float]:
    """Return integers with discrete Laplace noise that spends at most epsilon, and the scale of the noise."""
    dp = library()
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    scale = float(
        dp.binary_search_param(
            lambda one: dp.m.make_laplace(*space, scale=one), d_in=sensitivity, d_out=epsilon
        )
    )
    mechanism = dp.m.make_laplace(*space, scale=scale)
    if mechanism.map(sensitivity) > epsilon:  # never give out more than was asked for
        raise MethodError(_outside("epsilon", epsilon, f">= {mechanism.map(sensitivity)}"))
    return np.array(mechanism(true), dtype=float), scale


def library() -> Any:
    """Return OpenDP.

    Raises:
        ConfigError: disclosure.privacy_missing.
    """
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise ConfigError(Problem("disclosure.privacy_missing", values={"reason": str(error)})) from error
    dp.enable_features("contrib")
    return dp
