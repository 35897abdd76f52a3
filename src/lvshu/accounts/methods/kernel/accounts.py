"""Production, consumption and trade accounts of many regions, from a kernel, without the inverse.

Letters of the textbook, used in this file only:
    S  direct intensity, (m, n), e.g. tCO2 per CNY; M = S L the total one, (m, n)
    Y  final demand by consuming region, (n, r), CNY
    Q  output needed by each region's final demand, L Y, (n, r), CNY
    F_Y  direct emission of final demand itself (households), (m, r), e.g. tCO2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.idle import sector_named
from lvshu.accounts.methods.kernel.model import Economy
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

IDENTITY_ALLOWED = 1e-9
OUTPUT_GAP_TOLD = 1e-6
STRIPE_BYTES = 32 << 20


@dataclass(frozen=True)
class RegionalAccounts:
    """The accounts of r regions and m stressors; each in the unit of the stressor. Returned by `regional_accounts`.

    Attributes:
        multipliers: M, shape (m, n), unit per CNY.
        production: emission of producing sectors, S Q 1, shape (m, n).
        production_by_region: production and final demand's own emission by region, shape (m, r).
        consumption_by_region: consumption-based, M Y + F_Y, shape (m, r).
        exports: emission of each producing sector for final demand of other regions, shape (m, n).
        exports_by_region: the same by producing region, shape (m, r).
        imports_by_region: emission elsewhere for a region's final demand, shape (m, r).
        output_by_demand: Q, shape (n, r), unit CNY.
        intensity: S as given, shape (m, n), unit per CNY.
        blocks: producing region of each sector, shape (n,).
        identity: relative difference of the sums of consumption- and production-based accounts, without unit.
        told: warnings, e.g. where the demand does not need the stated output.

    Source: Miller and Blair (2009), chapters 3 and 10; Peters (2008), Ecological Economics 65; Kanemoto et al. (2012),
        Environmental Science & Technology 46.
    """

    multipliers: Array
    production: Array
    production_by_region: Array
    consumption_by_region: Array
    exports: Array
    exports_by_region: Array
    imports_by_region: Array
    output_by_demand: Array
    intensity: Array
    blocks: Codes
    identity: float
    told: tuple[Problem, ...] = field(default=())

    @property
    def bilateral(self) -> Array:
        """Return E^{ab}, emission in region a for final demand of region b, without F_Y, shape (m, r, r); made anew."""
        return bilateral_flows(
            self.intensity, self.output_by_demand, self.blocks, self.imports_by_region.shape[1]
        )


def stressor_intensity(stressors: Array, output: Array, names: Sequence[str] | None = None) -> Array:
    """Return stressors per unit of output, 0 for a sector without output.

    Args:
        stressors: F, shape (m, n), any unit.
        output: x, shape (n,), unit CNY; may be negative.
        names: names of the n sectors for messages.

    Returns:
        S, shape (m, n), unit per CNY.

    Raises:
        MethodError: accounts.kernel_shape; accounts.stressor_without_output, one for each sector.

    Source: Miller and Blair (2009), chapter 10 (direct impact coefficients).
    """
    if stressors.ndim != 2 or stressors.shape[1] != len(output):
        values = {"name": "stressors", "shape": str(stressors.shape), "wanted": f"(m, {len(output)})"}
        raise MethodError(Problem("accounts.kernel_shape", values=values))
    idle = np.flatnonzero(output == 0.0)
    amount = np.abs(stressors[:, idle]).sum(axis=0)
    wrong = [Problem("accounts.stressor_without_output",
                     values={"sector": sector_named(names, int(i)), "amount": float(a)})
             for i, a in zip(idle, amount, strict=True) if a > 0.0]  # fmt: skip
    if wrong:
        raise MethodError(*wrong)
    reciprocal = np.zeros(len(output))
    np.divide(1.0, output, out=reciprocal, where=output != 0.0)
    return np.asarray(stressors * reciprocal)


def demand_by_region(final_demand: Array, demand_blocks: Codes, regions: int) -> Array:
    """Return final demand summed over the categories of each region.

    Args:
        final_demand: shape (n, c), unit CNY.
        demand_blocks: region of each column, shape (c,), counts from 0.
        regions: number of regions r, a count.

    Returns:
        Y, shape (n, r), unit CNY.

    Raises:
        MethodError: accounts.kernel_shape, accounts.kernel_blocks.

    Source: Miller and Blair (2009), chapter 3 (multiregional final demand).
    """
    codes = np.asarray(demand_blocks, dtype=np.int64)
    if final_demand.ndim != 2 or codes.shape != (final_demand.shape[1],):
        values = {
            "name": "demand blocks",
            "shape": str(codes.shape),
            "wanted": f"({final_demand.shape[-1]},)",
        }
        raise MethodError(Problem("accounts.kernel_shape", values=values))
    check_codes(codes, regions, "demand blocks")
    return np.asarray(final_demand @ one_hot(codes, regions))


def regional_accounts(
    kernel: Economy,
    intensity: Array,
    final_demand: Array,
    *,
    blocks: Codes,
    demand_blocks: Codes,
    direct: Array | None = None,
    output: Array | None = None,
) -> RegionalAccounts:
    """Return the accounts of all regions: production, consumption, exports, imports and bilateral flows.

    Args:
        kernel: the economy of n sectors in r regions.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.
        final_demand: shape (n, c), unit CNY; row = product and its region of origin.
        blocks: producing region of each sector, shape (n,), counts from 0 to r - 1.
        demand_blocks: consuming region of each column of demand, shape (c,), counts from 0 to r - 1.
        direct: F_Y, emission of final demand itself, shape (m, c), e.g. tCO2; or None.
        output: the stated output, shape (n,), unit CNY, to compare with the one that demand needs; or None.

    Returns:
        The accounts, e.g. in tCO2.

    Raises:
        MethodError: accounts.kernel_identity, when the sums of consumption- and production-based accounts differ by
            more than 1e-9; accounts.kernel_shape, accounts.kernel_blocks, and those of the kernel.

    Source: D_pba = S x + F_Y, D_cba = M Y + F_Y, D_exp^r = S_r sum_{c != r} x_r^c,
        D_imp^r = sum_{i not in r} S_i x_i^r: Peters (2008); Kanemoto et al. (2012).
    """
    codes = np.asarray(blocks, dtype=np.int64)
    regions = 1 + int(max(codes.max(initial=-1), np.max(demand_blocks, initial=-1)))
    check_codes(codes, regions, "blocks")
    if codes.shape != (kernel.count,):
        values = {"name": "blocks", "shape": str(codes.shape), "wanted": f"({kernel.count},)"}
        raise MethodError(Problem("accounts.kernel_shape", values=values))
    demand = demand_by_region(final_demand, demand_blocks, regions)
    multipliers = kernel.multipliers(intensity)
    needed = kernel.required_output(demand)
    total = needed.sum(axis=1)
    foreign = total - needed[np.arange(kernel.count), codes]
    households = np.zeros((len(intensity), regions))
    if direct is not None:
        households = np.asarray(direct @ one_hot(np.asarray(demand_blocks, dtype=np.int64), regions))
    consumption = multipliers @ demand + households
    production = intensity * total
    by_region = _by_region(production, codes, regions) + households
    exports = intensity * foreign
    elsewhere = needed.copy()
    elsewhere[np.arange(kernel.count), codes] = 0.0
    return RegionalAccounts(
        multipliers=multipliers,
        production=production,
        production_by_region=by_region,
        consumption_by_region=consumption,
        exports=exports,
        exports_by_region=_by_region(exports, codes, regions),
        imports_by_region=intensity @ elsewhere,
        output_by_demand=needed,
        intensity=intensity,
        blocks=codes,
        identity=check_identity(consumption, by_region),
        told=_output_gap(total, output),
    )


def bilateral_flows(intensity: Array, output_by_demand: Array, blocks: Codes, regions: int) -> Array:
    """Return the emission in each producing region for the final demand of each consuming region.

    Args:
        intensity: S, shape (m, n), e.g. tCO2 per CNY.
        output_by_demand: Q = L Y, shape (n, r), unit CNY.
        blocks: producing region of each sector, shape (n,), counts from 0.
        regions: number of regions r, a count.

    Returns:
        E^{ab} = S_a Q_a^b, shape (m, r, r), e.g. tCO2.

    Source: Kanemoto et al. (2012), Environmental Science & Technology 46 (footprints by origin and consumer).
    """
    found = np.zeros((len(intensity), regions, output_by_demand.shape[1]))
    for region in range(regions):
        part = _members(blocks, region)
        found[:, region, :] = intensity[:, part] @ output_by_demand[part]
    return found


def consumption_by_sector(multipliers: Array, demand: Array, sectors: Codes) -> Array:
    """Return the consumption-based account by consuming region and product bought, whatever its origin.

    Args:
        multipliers: M, shape (m, n), e.g. tCO2 per CNY.
        demand: Y, shape (n, r), unit CNY.
        sectors: sector of each row, shape (n,), counts from 0 to t - 1.

    Returns:
        Shape (m, r, t), e.g. tCO2; its sum over t is M Y.

    Source: Miller and Blair (2009), chapter 3; as the sector account D_cba of pymrio (Stadler 2021, Journal of Open
        Research Software 9).
    """
    count = 1 + int(np.max(sectors, initial=-1))
    found = np.zeros((len(multipliers), demand.shape[1], count))
    order = np.argsort(sectors, kind="stable")
    edges = np.searchsorted(sectors[order], np.arange(count + 1))
    for sector in range(count):
        rows = order[edges[sector] : edges[sector + 1]]
        found[:, :, sector] = multipliers[:, _as_slice(rows)] @ demand[_as_slice(rows)]
    return found


def changed_consumption(multipliers: Array, consumption: Array, before: Array, after: Array) -> Array:
    """Return the consumption-based account after final demand changed: only regions that changed are made anew.

    Nothing is solved: multipliers do not depend on final demand.

    Args:
        multipliers: M, shape (m, n), e.g. tCO2 per CNY.
        consumption: the account of the demand before, shape (m, r), e.g. tCO2.
        before: final demand by region, shape (n, r), unit CNY.
        after: the changed one, shape (n, r), unit CNY.

    Returns:
        Shape (m, r), e.g. tCO2; direct emission of final demand is kept as it was.

    Source: D_cba = M Y + F_Y: Miller and Blair (2009), chapter 10.
    """
    moved = np.flatnonzero((before != after).any(axis=0))
    found = consumption.copy()
    found[:, moved] += multipliers @ (after[:, moved] - before[:, moved])
    return found


def imports_by_sector(
    kernel: Economy, intensity: Array, multipliers: Array, demand: Array, *, blocks: Codes, sectors: Codes
) -> Array:
    """Return emission elsewhere for a region's final demand, by product bought; made only on request.

    The domestic part needs S_r L for each region r: where regions times stressors are fewer than sectors these rows are
    solved, else the rows of L of one region at a time. L as a whole is never held.

    Args:
        kernel: the economy of n sectors.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.
        multipliers: M, shape (m, n), same unit.
        demand: Y, shape (n, r), unit CNY.
        blocks: producing region of each sector, shape (n,), counts from 0.
        sectors: sector of each row, shape (n,), counts from 0 to t - 1.

    Returns:
        Shape (m, r, t), e.g. tCO2.

    Source: D_imp of Stadler (2021), Journal of Open Research Software 9; Kanemoto et al. (2012).
    """
    found = consumption_by_sector(multipliers, demand, sectors)
    stressors, regions = len(intensity), demand.shape[1]
    for region in range(regions):
        members = np.flatnonzero(blocks == region)
        if not members.size:
            continue
        if stressors <= members.size:
            own = np.zeros_like(intensity)
            own[:, members] = intensity[:, members]
            domestic = kernel.multipliers(own)
        else:
            unit = np.zeros((members.size, kernel.count))
            unit[np.arange(members.size), members] = 1.0
            domestic = intensity[:, members] @ kernel.multipliers(unit)
        found[:, region, :] -= consumption_by_sector(domestic, demand[:, [region]], sectors)[:, 0, :]
    return found


def check_identity(consumption: Array, production: Array) -> float:
    """Return the largest relative difference of the sums of two accounts over all regions.

    Args:
        consumption: shape (m, r), any unit.
        production: shape (m, r), same unit.

    Returns:
        The difference relative to the sum of absolute values, without unit.

    Raises:
        MethodError: accounts.kernel_identity, one for each stressor above 1e-9 (the first ten).

    Source: S L Y 1 = S x for x = L Y 1: Miller and Blair (2009), chapter 10.
    """
    first, second = consumption.sum(axis=1), production.sum(axis=1)
    size = np.maximum(np.abs(consumption).sum(axis=1), np.abs(production).sum(axis=1))
    difference = np.abs(first - second) / np.where(size > 0.0, size, 1.0)
    wrong = np.flatnonzero(~(difference <= IDENTITY_ALLOWED))
    if wrong.size:
        raise MethodError(*(Problem("accounts.kernel_identity", values={
            "stressor": int(i) + 1, "consumption": float(first[i]), "production": float(second[i]),
            "relative": float(difference[i])}) for i in wrong[:10]))  # fmt: skip
    return float(difference.max(initial=0.0))


def one_hot(codes: Codes, count: int) -> Array:
    """Return the matrix that sums over codes, shape (k, count), without unit.

    Args:
        codes: shape (k,), counts from 0.
        count: number of codes.

    Source: Miller and Blair (2009), chapter 4 (aggregation matrix).
    """
    found = np.zeros((len(codes), count))
    found[np.arange(len(codes)), codes] = 1.0
    return found


def check_codes(codes: Codes, count: int, name: str) -> None:
    """Return nothing where codes are counts from 0 to `count` - 1.

    Args:
        codes: shape (k,), counts.
        count: number of regions.
        name: what the codes are of, for the message.

    Raises:
        MethodError: accounts.kernel_blocks.

    Source: lvshu's own bookkeeping.
    """
    if codes.size and not (codes.min() >= 0 and codes.max() < count):
        values = {"name": name, "least": int(codes.min()), "most": int(codes.max()), "count": count}
        raise MethodError(Problem("accounts.kernel_blocks", values=values))


def _by_region(account: Array, codes: Codes, regions: int) -> Array:
    found = np.zeros((len(account), regions))
    for region in range(regions):
        found[:, region] = account[:, _members(codes, region)].sum(axis=1)
    return found


def _members(codes: Codes, region: int) -> NDArray[np.intp] | slice:
    return _as_slice(np.flatnonzero(codes == region))


def _as_slice(members: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """Evenly spaced members as a slice: a view instead of a copy."""
    if members.size < 2:
        return members
    step = int(members[1] - members[0])
    if step > 0 and (np.diff(members) == step).all():
        return slice(int(members[0]), int(members[-1]) + 1, step)
    return members


def _output_gap(needed: Array, output: Array | None) -> tuple[Problem, ...]:
    if output is None:
        return ()
    gap = float(np.abs(needed - output).max(initial=0.0)) / (float(np.abs(output).max(initial=0.0)) or 1.0)
    if gap <= OUTPUT_GAP_TOLD:
        return ()
    return (Problem("accounts.kernel_output_gap", values={"relative": gap}, severity="warning"),)
