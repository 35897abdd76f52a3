"""Other ways to share an emission out: by bilateral trade, by income, between producer and consumer, up and down.

Letters of the textbook, used in this file only:
    S  direct intensity, (m, n), e.g. tCO2 per CNY; M = S L the total one
    A  input coefficients, (n, n), CNY per CNY; A_rr those of region r's own products
    G  Ghosh inverse x^-1 L x, (n, n), CNY per CNY
    Y  final demand by consuming region, (n, r), CNY; Z intermediate use, (n, n), CNY
    v  primary inputs (value added and imports from outside the table), (n,), CNY
    alpha  share of a product's load that its seller passes on to the buyer, (n,), without unit
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.kernel.accounts import check_codes, check_identity, one_hot
from lvshu.accounts.methods.kernel.model import Economy, Kernel
from lvshu.accounts.methods.kernel.replicates import scaled_multipliers
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class BilateralTrade:
    """Emission embodied in bilateral trade, each in the unit of the stressor. Returned by `bilateral_trade`.

    Attributes:
        traded: emission in region a for all its sales to region b, shape (m, r, r); the diagonal is its own final use.
        production: sum over buyers, shape (m, r).
        consumption: own use and what is embodied in purchases from others, shape (m, r).

    Source: Peters (2008), Ecological Economics 65 (EEBT).
    """

    traded: Array
    production: Array
    consumption: Array


class SharedAccount(NamedTuple):
    """An emission shared between producers and final consumers; unit of the stressor. Returned by `shared`.

    Attributes:
        producers: what each sector keeps, shape (m, n).
        consumers: what reaches the final demand of each region, shape (m, r).

    Source: Gallego and Lenzen (2005), Economic Systems Research 17.
    """

    producers: Array
    consumers: Array


def bilateral_trade(kernel: Kernel, intensity: Array, demand: Array, *, blocks: Codes) -> BilateralTrade:
    """Return the emission embodied in bilateral trade, where each region answers for all it sells, to any use.

    Only the region's own table is followed: E^{ab} = S_a (I - A_aa)^-1 (Z_ab 1 + Y_ab) for b != a, and with Y_aa for
    b = a. Imported inputs of exports are not followed, so consumption differs from the multi-regional footprint.

    Args:
        kernel: the economy of n sectors in r regions.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.
        demand: Y, shape (n, r), unit CNY.
        blocks: producing region of each sector, shape (n,), counts from 0.

    Returns:
        Traded emission, and the production and consumption accounts, e.g. in tCO2.

    Raises:
        MethodError: accounts.kernel_identity, accounts.kernel_blocks, and those of the kernel.

    Source: Peters (2008), Ecological Economics 65.
    """
    codes = np.asarray(blocks, dtype=np.int64)
    regions = demand.shape[1]
    check_codes(codes, regions, "blocks")
    bought = kernel.right(kernel.output[:, None] * one_hot(codes, regions))
    traded = np.zeros((len(intensity), regions, regions))
    for region in range(regions):
        members = np.flatnonzero(codes == region)
        if not members.size:
            continue
        sold = bought[members] + demand[members]
        sold[:, region] = demand[members, region]
        own = Kernel(_own_coefficients(kernel, members), np.ones(members.size))
        traded[:, region, :] = own.multipliers(intensity[:, members]) @ sold
    production, consumption = traded.sum(axis=2), traded.sum(axis=1)
    check_identity(consumption, production)
    return BilateralTrade(traded, production, consumption)


def upstream(kernel: Economy, intensity: Array) -> Array:
    """Return the indirect intensity of products: M - S, all that lies up the supply chain.

    Args:
        kernel: the economy of n sectors.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.

    Returns:
        Shape (m, n), same unit.

    Source: Miller and Blair (2009), chapter 10.
    """
    return np.asarray(kernel.multipliers(intensity) - intensity)


def downstream(kernel: Kernel, intensity: Array) -> Array:
    """Return what one unit of a sector's primary input enables in the sectors it sells to: S (G' - I).

    Args:
        kernel: the economy of n sectors.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.

    Returns:
        Shape (m, n), same unit.

    Source: Lenzen and Murray (2010), Ecological Economics 70 (downstream responsibility); Ghosh (1958), Economica 25.
    """
    return np.asarray(kernel.supply_multipliers(intensity) - intensity)


def income_based(kernel: Kernel, intensity: Array, primary: Array) -> Array:
    """Return the emission enabled by the primary inputs of each sector: v_j (G s')_j.

    Args:
        kernel: the economy of n sectors.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.
        primary: v, total output less inputs from sectors with output, shape (n,), unit CNY; what a sector draws from
            one without output (from its stock) is primary input.

    Returns:
        Shape (m, n), e.g. tCO2; its sum over sectors is the direct emission S x.

    Raises:
        MethodError: accounts.kernel_identity, when the sums differ by more than 1e-9 (primary inputs that do not
            complete the columns of the table).

    Source: Marques, Rodrigues, Lenzen and Domingos (2012), Ecological Economics 84.
    """
    found = kernel.supply_multipliers(intensity) * primary
    check_identity(found, intensity * kernel.output)
    return np.asarray(found)


def shared(kernel: Kernel, intensity: Array, demand: Array, passed_on: Array) -> SharedAccount:
    """Return the emission shared between every producer along the chain and the final consumer.

    A product's load h = s + h diag(alpha) A holds what sellers pass on. A producer keeps (1 - alpha) h of all that it
    makes; the final consumer receives alpha h of what is bought. With alpha = 1 this is the consumption-based account,
    with alpha = 0 the production-based one; nothing is lost or counted twice in between.

    Args:
        kernel: the economy of n sectors.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.
        demand: Y, shape (n, r), unit CNY.
        passed_on: alpha, shape (n,), without unit, from 0 to 1; a convention that the user chooses.

    Returns:
        What producers keep, shape (m, n), and what consumers receive, shape (m, r), e.g. in tCO2.

    Raises:
        MethodError: accounts.kernel_share, when a share lies outside 0 to 1; accounts.kernel_identity.

    Source: Gallego and Lenzen (2005), Economic Systems Research 17; Lenzen, Murray, Sack and Wiedmann (2007),
        Ecological Economics 61.
    """
    share = np.asarray(passed_on, dtype=np.float64)
    if share.shape != (kernel.count,) or not ((share >= 0.0) & (share <= 1.0)).all():
        values = {"count": int(np.sum(~((share >= 0.0) & (share <= 1.0)))), "shape": str(share.shape)}
        raise MethodError(Problem("accounts.kernel_share", values=values))
    load = scaled_multipliers(kernel, intensity, share[None, :], np.ones((1, kernel.count)))[0]
    needed = kernel.required_output(demand).sum(axis=1)
    producers = load * ((1.0 - share) * needed)
    consumers = (load * share) @ demand
    check_identity(np.hstack([producers, consumers]), intensity * needed)
    return SharedAccount(np.asarray(producers), np.asarray(consumers))


def _own_coefficients(kernel: Kernel, members: NDArray[np.intp]) -> Array:
    """A_rr of one region, whether its sectors lie together or not."""
    table = kernel.coefficients.table[members][:, members]
    rows = table.toarray() if kernel.coefficients.is_sparse else np.array(table)
    return np.asarray(rows * kernel.coefficients.reciprocal[members])
