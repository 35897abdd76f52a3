"""The error of classes that come from a linked record: a false link carries the class of another unit.

q: chance that a link is false, dimensionless.  v: value of a unit, in a unit of measure.  p(c): part of class c that
counts in a domain, 0 to 1.  What a false link carries: `lvshu.linkage.false_links`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.linkage.false_links import FalseLinks
from lvshu.statistics.coding.assigned import TABLE

Array = NDArray[np.float64]
Index = NDArray[np.int64]
PartOf = Callable[[list[str]], Array]


@dataclass(frozen=True)
class LinkError:
    """By how much false links would change a total, its standard error, replicates of it; in the total's unit."""

    correction: float
    standard_error: float
    replicates: Array


@dataclass(frozen=True)
class LinkedCodes:
    """Units whose class comes from a linked record.

    classes: all classes that can occur, those that false links carry first; of_unit: number of each unit's class,
    value: its value, shape (units,); links: None where no rate of false links is known; drawn: false links of the
    replicates, as (replicate, unit, class), shape (false, 3); replicates: how many, count.
    """

    classes: list[str]
    of_unit: Index
    value: Array
    links: FalseLinks | None
    drawn: Index
    replicates: int

    @classmethod
    def of(
        cls, codes: Sequence[str], value: Array, links: FalseLinks | None, replicates: int,
        random: np.random.Generator,
    ) -> LinkedCodes:  # fmt: skip
        """Return the units with false links drawn for replicates.

        Args:
            codes: class of each unit.
            value: of each unit, shape (units,), in a unit of measure.
            links: how often links are false.
            replicates: count.
            random: generator.
        """
        carried = [] if links is None else links.classes
        classes = list(dict.fromkeys([*carried, *codes]))
        place = {code: number for number, code in enumerate(classes)}
        of_unit = np.array([place[code] for code in codes], dtype=np.int64)
        drawn = np.zeros((0, 3), dtype=np.int64)
        if links is not None and len(codes):
            count = random.binomial(len(codes), links.drawn(replicates, random))
            at = np.repeat(np.arange(replicates), count)
            unit = np.concatenate([
                random.choice(len(codes), one, replace=False) if one else np.zeros(0, dtype=np.int64) for one in count
            ])  # fmt: skip
            drawn = np.column_stack([at, unit, random.choice(len(carried), len(at), p=links.shares)])
        return cls(classes, of_unit, value, links, drawn.astype(np.int64), replicates)

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self.of_unit)

    def scaled(self, value: Array) -> LinkedCodes:
        """Return the same units, with the same false links drawn, with other values, shape (units,)."""
        return LinkedCodes(self.classes, self.of_unit, value, self.links, self.drawn, self.replicates)

    def error(self, part_of: PartOf) -> LinkError:
        """Return the error of the total of a domain with its replicates, in the unit of the values.

        Args:
            part_of: function from class codes to the part of each that counts, shape (classes,).
        """
        correction, standard_error = self.moments(part_of)
        part = part_of(self.classes)
        at, unit, to = self.drawn.T
        steps = self.value[unit] * (part[to] - part[self.of_unit[unit]])
        drawn = np.bincount(at, weights=steps, minlength=self.replicates).astype(float)
        return LinkError(correction, standard_error, drawn)

    def moments(self, part_of: PartOf) -> tuple[float, float]:
        """Return by how much false links would change the total of a domain, and its standard error, in its unit.

        The correction is q Σ v (p̄ − p), left undone; the variance Σ v² (q E(p′ − p)² − q² (p̄ − p)²), p′ the part of the
        class that a false link carries and p̄ its mean, and the variance of q times (Σ v (p̄ − p))². Without a rate the
        error is not known (NaN).

        Args:
            part_of: function from class codes to the part of each that counts, shape (classes,).

        Source: moments of a mixture; the part by class as in `calibrated_part`.
        """
        if not len(self) or self.links is None:
            return 0.0, float("nan") if len(self) else 0.0
        part, q = part_of(self.classes), self.links.rate
        carried, own = part[: len(self.links.shares)], part[self.of_unit]
        mean, square = float(self.links.shares @ carried), float(self.links.shares @ carried**2)
        away = mean - own
        spread = q * (square - 2 * own * mean + own**2) - (q * away) ** 2
        moved = float(self.value @ away)
        variance = float(self.value**2 @ np.maximum(spread, 0.0)) + (self.links.rate_error * moved) ** 2
        return q * moved, float(np.sqrt(variance))


def tell_unknown(context: StepContext, linked: LinkedCodes) -> None:
    """Tell that classes rest on links of which nothing tells how many are false."""
    if len(linked) and linked.links is None:
        problem = Problem("coding.links_unjudged", values={"units": len(linked)}, severity="warning")
        context.find(problem, table=TABLE, amount=float(len(linked)), unit="1")
