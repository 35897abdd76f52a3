"""A multi-regional table from a national one and what is known of its regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.compile.check import dense
from lvshu.accounts.compile.compiled import Compiled, compiled, names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import (
    FINAL_LEVELS,
    INDUSTRY_LEVELS,
    STRESSOR_LEVELS,
    Extension,
    InputOutputSystem,
)
from lvshu.accounts.methods.compile.regional import (
    balance_regions,
    bilateral_flows,
    gravity_prior,
    multiregional_table,
    net_of_transit,
)
from lvshu.accounts.methods.compile.wording import figure
from lvshu.accounts.methods.leontief import input_coefficients
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RegionalFacts:
    """What is known of each region: r regions, n sectors of the national table, money in its unit.

    The regions together are the nation: add one for the rest of the country, so that outflows and inflows of each
    product sum to the same.

    Attributes:
        regions: r names.
        output, value_added: shape (r, n).
        exports, imports: abroad, shape (r, n).
        outflows, inflows: 调出 and 调入, to and from the other regions, shape (r, n).
        final_use: own final use whatever its origin, exports left out, shape (r, n, c); a first estimate.
        final_names: c names.
        distance: shape (r, r), above 0 off the diagonal, any unit.
        decay: exponent of distance, one number or shape (n,); given with its source.
        decay_source: where the exponent comes from.
    """

    regions: tuple[str, ...]
    output: Array
    value_added: Array
    exports: Array
    imports: Array
    outflows: Array
    inflows: Array
    final_use: Array
    final_names: tuple[str, ...]
    distance: Array
    decay: float | Array
    decay_source: str


def regionalise(national: InputOutputSystem, facts: RegionalFacts) -> Compiled:
    """Return the table of all regions: national coefficients, regional outputs, flows by gravity, every margin met.

    Each region's uses start from national coefficients times its output and are brought to its supply (GRAS), so
    that output, value added, exports, imports, outflows and inflows are all met. Exports are a final category of
    their own, imported inputs a row of `value_added` ("imports"), and imports by product an extension ("imports").

    Args:
        national: one region; Z is use of all products, domestic and imported (a competitive table).
        facts: what is known of the regions.

    Raises:
        MethodError: accounts.regional_shape; accounts.flows_unequal; accounts.distance_wrong;
            accounts.region_without_final_use; accounts.local_supply_negative; what `gras` raises.
    """
    n, r = len(national.industries), len(facts.regions)
    _check(facts, n)
    sectors, regions = names_of(national.industries), list(facts.regions)
    coefficients = input_coefficients(dense(national.intermediate_use), national.output)
    exports, imports, outflows, inflows, transit = net_of_transit(
        facts.output, facts.exports, facts.imports, facts.outflows, facts.inflows
    )
    told = _transit(transit, regions, sectors)
    balanced = balance_regions(
        coefficients[None] * facts.output[:, None, :], facts.final_use,
        facts.output + imports + inflows - exports - outflows, facts.output - facts.value_added,
        products=sectors, regions=regions,
    )  # fmt: skip
    prior = gravity_prior(outflows.T, inflows.T, facts.distance, facts.decay)
    flows = bilateral_flows(outflows.T, inflows.T, prior, products=sectors, regions=regions)
    made = multiregional_table(
        balanced.intermediate_use, balanced.final_use, facts.output, exports, imports, flows.flows,
        products=sectors, regions=regions,
    )  # fmt: skip
    final_labels = [(region, name) for region in regions for name in facts.final_names]
    final_labels += [(region, "exports") for region in regions]
    sent = np.zeros((r * n, r))
    sent[np.arange(r * n), np.repeat(np.arange(r), n)] = made.exports
    brought = Extension(
        "imports", Index.of(STRESSOR_LEVELS, sectors), (national.money_unit,) * n, made.imported_use,
        np.hstack([made.imported_final, np.zeros((n, r))]), origin=national.origin,
    )  # fmt: skip
    system = InputOutputSystem(
        f"{national.name}, {r} regions", national.year,
        Index.product(INDUSTRY_LEVELS, regions, sectors), Index.of(FINAL_LEVELS, final_labels),
        made.intermediate_use, np.hstack([made.final_demand, sent]), made.output,
        {"value_added": facts.value_added.ravel(), "imports": made.imported_use.sum(axis=0)},
        national.money_unit, {"imports": brought}, national.origin, national.notes,
    )  # fmt: skip
    decay = {"decay": f"{float(np.mean(facts.decay)):.4g}", "source": facts.decay_source,
             "moved": f"{100.0 * float(flows.moved.max(initial=0.0)):.3g}"}  # fmt: skip
    gravity = Problem("accounts.gravity_used", values=decay, severity="notice")
    return compiled(system, (*told, *balanced.problems, gravity))


def _check(facts: RegionalFacts, n: int) -> None:
    r, c = len(facts.regions), len(facts.final_names)
    wrong: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = []
    for name in ("output", "value_added", "exports", "imports", "outflows", "inflows"):
        shape = np.shape(getattr(facts, name))
        if shape != (r, n):
            wrong.append((name, shape, (r, n)))
    if facts.final_use.shape != (r, n, c):
        wrong.append(("final_use", facts.final_use.shape, (r, n, c)))
    if wrong:
        raise MethodError(
            *(
                Problem(
                    "accounts.table_shape", values={"part": name, "has": _times(has), "needs": _times(needs)}
                )
                for name, has, needs in wrong
            )
        )


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape)


def _transit(transit: Array, regions: list[str], sectors: list[str]) -> tuple[Problem, ...]:
    places = sorted(zip(*np.nonzero(transit > 0.0), strict=True), key=lambda at: -float(transit[at]))
    if not places:
        return ()
    values = {
        "count": len(places), "amount": figure(float(transit.sum())),
        "places": [f"{regions[int(s)]} / {sectors[int(i)]} ({figure(float(transit[s, i]))})" for s, i in places[:5]],
    }  # fmt: skip
    return (Problem("accounts.transit_netted", values=values, severity="warning"),)
