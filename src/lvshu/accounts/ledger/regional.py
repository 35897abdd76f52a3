"""A system of one region, with what it buys from the rest of the country and from abroad kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.closing import Closing
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import InputOutputSystem

Array = NDArray[np.float64]
COMING_IN = ("rest_of_country", "abroad")
_COMES_FROM = {"rest_of_country": ("国内省外流入品的使用", "Use of products from the rest of the country"),
               "abroad": ("进口品的使用", "Use of products from abroad")}  # fmt: skip


@dataclass(frozen=True)
class RegionalSystem(InputOutputSystem):
    """A system of one region with what it buys from elsewhere.

    Attributes:
        coming_in: "rest_of_country" and "abroad" -> intermediate use of their products, shape (n, n), in `money_unit`.
        coming_in_final: the same for final use, shape (n, c).
        transit: what came in and left again, shape (n,), taken off both sides.
        closing: what the sums of the published table say; None for a table that was made or saved here.
    """

    coming_in: Mapping[str, Array] = field(default_factory=dict)
    coming_in_final: Mapping[str, Array] = field(default_factory=dict)
    transit: Array = field(default_factory=lambda: np.zeros(0))
    closing: Closing | None = None

    @property
    def inputs_from_outside(self) -> Array:
        """Return what each sector buys from the rest of the country and from abroad, shape (n,), in `money_unit`."""
        bought = [use.sum(axis=0) for use in self.coming_in.values()]
        return np.asarray(sum(bought, np.zeros(len(self.industries))))

    def use_of(self, source: str) -> Result:
        """Return who uses the products of a source: n products by n sectors and c kinds of final use.

        Raises:
            KeyError: the source is neither "rest_of_country" nor "abroad".
        """
        values = np.hstack([self.coming_in[source], self.coming_in_final[source]])
        columns = Index.of(("region", "user"), [*self.industries.labels, *self.final.labels])
        return Result(
            f"use_from_{source}", _COMES_FROM[source], self.industries, columns, values, (self.money_unit,),
            "accounts.use_by_origin", (self.origin,),
        )  # fmt: skip
