"""What holds a system together, with labels: supply-chain paths, hypothetical extraction, linkages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ask.analysis import Accounts, Words
from lvshu.accounts.ask.selection import Stressors
from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.kernel.accounts import stressor_intensity
from lvshu.accounts.methods.structure.extraction import Extraction, extraction
from lvshu.accounts.methods.structure.inverse import inverse_diagonal
from lvshu.accounts.methods.structure.linkages import KINDS, key_sectors, linkages, normalised
from lvshu.accounts.methods.structure.paths import (
    PathLimits,
    StructuralPaths,
    production_layers,
    structural_paths,
)
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

LAYERS = 8
ARROW = " ← "
TOLD = (
    "足迹 {footprint}，所列路径占 {listed}%；未列出的路径没有一条超过 {largest}。未列之和：剪去的分支 {pruned}，"
    "低于截断的节点 {passed}，更深处 {deeper}。",
    "Of a footprint of {footprint} the paths listed make {listed} %; no path that is not listed exceeds {largest}. "
    "Not listed: branches left out {pruned}, nodes below the cut {passed}, deeper {deeper}.",
)


def paths(
    accounts: Accounts,
    words: Words = None,
    *,
    region: str = "",
    final: str = "",
    sectors: Sequence[str] = (),
    cut: float = 0.001,
    depth: int | None = None,
    most: int | None = None,
) -> tuple[Result, Result]:
    """Return the supply-chain paths of a footprint and its layers, for one stressor.

    Args:
        accounts: of n sectors.
        words: one stressor.
        region: only the final demand of this region.
        final: only this kind of final demand.
        sectors: only these final products, e.g. "Shanghai/construction".
        cut: smallest contribution listed, as a share of the footprint; no path above it is lost.
        depth: largest number of purchases behind the final one; None for no limit.
        most: how many of the largest paths; None for all above the cut.

    Returns:
        The paths, shape (3, p): contribution, share of the footprint (%), the whole branch behind the path; and the
        layers, shape (1, 10): by the number of purchases behind the final one, the rest last.

    Raises:
        MethodError: accounts.one_stressor_wanted, accounts.no_such_label, and those of the method.
    """
    chosen = accounts.stressors(words)
    accounts.one(chosen)
    demand = _demand(accounts, region, final, sectors)
    intensity = stressor_intensity(
        chosen.flows, accounts.system.output, names_of(accounts.system.industries)
    )[0]
    total = accounts.kernel.multipliers(intensity)
    use, output = accounts.system.intermediate_use, accounts.system.output
    limits = PathLimits(cut_share=cut, maximum_depth=depth, maximum_paths=most)
    found = structural_paths(use, intensity, total, demand, limits, output=output)
    layers = production_layers(use, intensity, total, demand, LAYERS, output=output)
    return _paths_result(accounts, chosen, found), _layers_result(accounts, chosen, layers)


def _demand(accounts: Accounts, region: str, final: str, sectors: Sequence[str]) -> Array:
    columns = accounts.demand_columns(region, final)
    demand: Array = np.asarray(accounts.system.final_demand[:, columns], dtype=np.float64).sum(axis=1)
    if not sectors:
        return demand
    kept = np.zeros(len(demand), dtype=bool)
    for words in sectors:
        kept[accounts.system.industries.find(words)] = True
    return np.asarray(np.where(kept, demand, 0.0))


def _names(accounts: Accounts) -> list[str]:
    """Return the name of every sector, with its region where there are several."""
    industries = accounts.system.industries
    if len(accounts.system.regions) == 1:
        return list(industries.level("sector"))
    return [industries.text(place) for place in range(len(industries))]


def _paths_result(accounts: Accounts, chosen: Stressors, found: StructuralPaths) -> Result:
    names = _names(accounts)
    labels = [ARROW.join(names[place] for place in path) for path in found.paths()]
    direct = found.direct[found.order]
    share = 100.0 * direct / found.footprint if found.footprint else np.zeros_like(direct)
    values = np.vstack([direct, share, found.subtree[found.order]])
    unit = chosen.units[0]
    told = {"footprint": f"{found.footprint:,.6g}", "listed": f"{100.0 * found.coverage:.1f}",
            "largest": f"{found.largest_unlisted:,.4g}", "pruned": f"{found.pruned:,.4g}",
            "passed": f"{found.passed:,.4g}", "deeper": f"{found.beyond_depth:,.4g}"}  # fmt: skip
    notes = ((TOLD[0].format(**told), TOLD[1].format(**told)),)
    rows = Index.of(("measure",), ["contribution", "share", "branch"])
    title = ("结构路径（最终产品 ← 供应商）", "Structural paths (final product ← supplier)")
    return Result("paths", title, rows, Index.of(("path",), labels), values, (unit, "%", unit),
                  "accounts.paths", accounts.origins(chosen), notes=notes)  # fmt: skip


def _layers_result(accounts: Accounts, chosen: Stressors, layers: Array) -> Result:
    labels = [str(depth) for depth in range(len(layers) - 1)] + ["deeper"]
    title = ("按供应链层次的足迹", "Footprint by layer of the supply chain")
    return Result("layers", title, Index.of(("stressor",), [" / ".join(chosen.index.labels[0])]),
                  Index.of(("layer",), labels), layers[None, :], chosen.units, "accounts.paths",
                  accounts.origins(chosen))  # fmt: skip


def extract(accounts: Accounts, words: Words = None, *, way: str = "complete") -> Result:
    """Return what would be lost without each sector, for all n at once.

    Args:
        accounts: of n sectors.
        words: stressors, m of them; those of the system where None; output is always told.
        way: "complete", "backward" (it buys nothing here) or "forward" (it sells to final demand only).

    Returns:
        Losses, shape (2 + 2 m, n): output in money and in percent of the total; each stressor in its unit and percent.

    Raises:
        MethodError: accounts.no_such_way, and those of the method.
    """
    if way not in ("complete", "backward", "forward"):
        raise MethodError(Problem("accounts.no_such_way", values={"way": way}))
    system = accounts.system
    chosen = accounts.stressors(words) if system.extensions or words else None
    demand = system.final_demand.sum(axis=1)
    diagonal = inverse_diagonal(accounts.leontief)
    intensity = (
        None
        if chosen is None
        else stressor_intensity(chosen.flows, system.output, names_of(system.industries)).T
    )
    output = extraction(accounts.leontief, demand, None, way, diagonal=diagonal)  # type: ignore[arg-type]
    rows, units, values = ["output", "output_share"], [system.money_unit, "%"], [output.total]
    values.append(_percent(output.total, float(system.output.sum())))
    if chosen is not None:
        lost: Extraction = extraction(accounts.leontief, demand, intensity, way, diagonal=diagonal)  # type: ignore[arg-type]
        for place, label in enumerate(chosen.index.labels):
            name = " / ".join(label)
            rows += [name, f"{name} %"]
            units += [chosen.units[place], "%"]
            values += [lost.total[:, place], _percent(lost.total[:, place], float(chosen.flows[place].sum()))]
    title = ("假设提取：没有该部门时的损失", "Hypothetical extraction: loss without the sector")
    origin = (system.origin,) if chosen is None else accounts.origins(chosen)
    return Result("extraction", title, Index.of(("measure",), rows), system.industries, np.vstack(values),
                  tuple(units), "accounts.extraction", origin)  # fmt: skip


def _percent(part: Array, whole: float) -> Array:
    return np.asarray(100.0 * part / whole if whole else np.zeros_like(part))


def linkage_table(accounts: Accounts) -> tuple[Result, tuple[str, ...]]:
    """Return the linkages of every sector, and the class of each.

    Args:
        accounts: of n sectors.

    Returns:
        Shape (7, n): direct and total backward and forward linkages, sensitivity, and the two normalised ones (no
        unit); and n classes: independent, forward, backward, key.
    """
    found = linkages(accounts.leontief, accounts.system.output)
    backward, forward = normalised(found.backward_total), normalised(found.forward_total)
    rows = ["backward_direct", "backward_total", "forward_direct", "forward_total", "sensitivity",
            "backward_normalised", "forward_normalised"]  # fmt: skip
    values = np.vstack([found.backward_direct, found.backward_total, found.forward_direct, found.forward_total,
                        found.sensitivity, backward, forward])  # fmt: skip
    kinds = key_sectors(backward, forward)
    names = _names(accounts)
    key = [names[place] for place in np.flatnonzero(kinds == 3)]
    told = (f"关键部门（前后向都高于平均）：{'、'.join(key[:12]) or '无'}。",
            f"Key sectors (both linkages above the mean): {', '.join(key[:12]) or 'none'}.")  # fmt: skip
    result = Result("linkages", ("产业关联", "Linkages"), Index.of(("measure",), rows), accounts.system.industries,
                    values, ("1",), "accounts.linkages", (accounts.system.origin,), notes=(told,))  # fmt: skip
    return result, tuple(KINDS[kind] for kind in kinds)
