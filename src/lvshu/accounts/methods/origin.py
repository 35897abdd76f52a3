"""From a competitive table to a non-competitive one: which use is local, which comes from elsewhere.

A competitive table shows what is used, wherever it was made, and subtracts imports (进口) and inflows (调入) in two
columns. Here each use is split into local, rest of the country and abroad.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOTHING = 1e-9  # yuan; a use below it is none


@dataclass(frozen=True)
class UseByOrigin:
    """Every use of each product by where the product was made.

    Attributes:
        local, rest_of_country, abroad: shape (n, k) each, CNY; k uses in the order given.
        transit: imports and inflows that exceed the region's own use, shape (n,), CNY; they must have left again.
    """

    local: Array
    rest_of_country: Array
    abroad: Array
    transit: Array


def split_by_origin(
    own_use: Array,
    sent_out: Array,
    imports: Array,
    inflows: Array,
    *,
    imports_in_exports: bool = False,
) -> UseByOrigin:
    """Return the uses of each product split by origin, under the proportional import assumption.

    Default: imports and inflows serve the region's own use only; exports and outflows are of local make. Where
    imports and inflows are larger than the own use, the excess can only have left again: it is taken from exports
    and outflows in proportion, and told as `transit`. With `imports_in_exports` every use, exports and
    outflows included, has the same share of imports (re-exports as large as the share of imports).

    Args:
        own_use: shape (n, k), unit CNY: intermediate use and the region's own final use.
        sent_out: shape (n, e), unit CNY: exports and outflows.
        imports: shape (n,), unit CNY, not negative: from abroad.
        inflows: shape (n,), unit CNY, not negative: from the rest of the country.
        imports_in_exports: the switch described above.

    Returns:
        The uses, shape (n, k + e) for each origin, unit CNY, own use first.

    Source: United Nations, Handbook on Supply and Use Tables and Input-Output Tables with Extensions and Applications
        (2018), import proportionality; Miller and Blair (2009), chapter 4 (competitive and non-competitive imports).
    """
    brought = imports + inflows
    own = own_use.sum(axis=1)
    out = sent_out.sum(axis=1)
    base = own + out if imports_in_exports else own
    share = np.clip(_quotient(brought, base), 0.0, 1.0)
    share_out = share if imports_in_exports else np.zeros_like(share)
    transit = brought - share * own - share_out * out
    share_out = share_out + _quotient(transit, out)
    uses = np.hstack([own_use, sent_out])
    shares = np.hstack(
        [np.tile(share[:, None], own_use.shape[1]), np.tile(share_out[:, None], sent_out.shape[1])]
    )
    from_elsewhere = uses * shares
    abroad_part = _quotient(imports, brought)[:, None]
    abroad = from_elsewhere * abroad_part
    return UseByOrigin(uses - from_elsewhere, from_elsewhere - abroad, abroad, transit)


def _quotient(numerator: Array, denominator: Array) -> Array:
    nothing = np.abs(denominator) < NOTHING
    return np.asarray(np.where(nothing, 0.0, numerator / np.where(nothing, 1.0, denominator)))
