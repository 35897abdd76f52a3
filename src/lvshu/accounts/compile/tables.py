"""Making tables with names: from supply and use, aggregated, split, balanced, at constant prices.

Every function returns a system of its own; nothing is changed in place, value added and totals stay unless the
function is asked to move them, and whatever had to be settled comes back as findings and stands in the notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.compile.bridge import Bridge
from lvshu.accounts.compile.check import check_system, dense
from lvshu.accounts.compile.compiled import Compiled, compiled, names_of
from lvshu.accounts.compile.regions import RegionalFacts, regionalise
from lvshu.accounts.compile.supply_use import SupplyUse, from_supply_use
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.regional import RegionalSystem
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.accounts.methods.compile.aggregation import aggregate_table, carried_error
from lvshu.accounts.methods.compile.balancing import gras
from lvshu.accounts.methods.compile.disaggregation import split_sector
from lvshu.accounts.methods.compile.prices import double_deflation
from lvshu.accounts.methods.compile.wording import figure
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

__all__ = [
    "Bridge",
    "Compiled",
    "RegionalFacts",
    "SupplyUse",
    "aggregate",
    "balance",
    "balance_result",
    "check_system",
    "deflate",
    "disaggregate",
    "from_supply_use",
    "regionalise",
]


def aggregate(system: InputOutputSystem, bridge: Bridge) -> InputOutputSystem:
    """Return the table of fewer sectors or regions; totals, value added and extensions keep their sums.

    Standard errors of extensions are added as independent ones. What the bridge names and the table lacks stands in
    the notes.

    Raises:
        MethodError: accounts.bridge_unmatched, with every sector that goes nowhere; accounts.bridge_weights;
            accounts.bridge_negative; accounts.no_such_level.
    """
    table, industries, told = bridge.table(system.industries)
    names = list(system.value_added)
    rows = np.vstack(
        [np.zeros((0, len(system.industries))), *(system.value_added[name][None] for name in names)]
    )
    found = aggregate_table(system.intermediate_use, system.final_demand, system.output, rows, table)
    final, columns = system.final, sparse.csr_array(sparse.eye_array(len(system.final)))
    if bridge.level in system.final.levels:
        columns, final, _ = bridge.table(system.final)
    extensions = {}
    for name, extension in system.extensions.items():
        error = extension.standard_error
        burnt = extension.final_flows
        flows = extension.flows @ table
        extensions[name] = replace(
            extension, flows=sparse.csr_array(flows) if sparse.issparse(flows) else np.asarray(flows),
            final_flows=None if burnt is None else np.asarray(burnt @ columns),
            standard_error=None if error is None else carried_error(error, dense(extension.flows), table),
            final_error=None if extension.final_error is None or burnt is None
            else carried_error(extension.final_error, burnt, columns),
        )  # fmt: skip
    made = replace(
        system, industries=industries, final=final, intermediate_use=found.intermediate_use,
        final_demand=np.asarray(found.final_demand @ columns), output=found.output,
        value_added={name: found.rows[place] for place, name in enumerate(names)}, extensions=extensions,
    )  # fmt: skip
    if isinstance(made, RegionalSystem):
        brought = made.coming_in.items(), made.coming_in_final.items()
        made = replace(
            made, coming_in={source: np.asarray(table.T @ dense(use) @ table) for source, use in brought[0]},
            coming_in_final={source: np.asarray(table.T @ dense(use) @ columns) for source, use in brought[1]},
            transit=np.asarray(table.T @ made.transit) if made.transit.size else made.transit,
            closing=None,
        )  # fmt: skip
    return compiled(made, told).system


def disaggregate(
    system: InputOutputSystem,
    sector: str,
    parts: Mapping[str, float],
    *,
    sales_proxy: Array | None = None,
    input_proxy: Array | None = None,
    own_proxy: Array | None = None,
    extension_shares: Mapping[str, Array] | None = None,
) -> Compiled:
    """Return the table with one sector in parts that add up to it.

    Args:
        system: the table.
        sector: words for one label, "region/sector", or a sector name that stands once.
        parts: name of each part -> its share in output; k parts.
        sales_proxy: shape (k, n + c): who buys from each part; None = like the whole.
        input_proxy: shape (n + w, k), w rows of value added: what each part uses; None = like the whole.
        own_proxy: shape (k, k): sales of the parts to each other.
        extension_shares: extension -> shape (k,) or (m, k): share of each part in its flows; others by output.

    Raises:
        MethodError: accounts.no_such_label; accounts.label_not_single; accounts.split_weights; what `gras` raises.
    """
    found = system.industries.find(sector)
    if len(found) != 1:
        places = [system.industries.text(int(place)) for place in found[:5]]
        raise MethodError(Problem("accounts.label_not_single", values={"label": sector, "places": places}))
    at, k, c = int(found[0]), len(parts), len(system.final)
    use, names = dense(system.intermediate_use), list(system.value_added)
    rows = np.vstack([np.zeros((0, len(use))), *(system.value_added[name][None] for name in names)])
    row_rest = system.output - use.sum(axis=1) - system.final_demand.sum(axis=1)
    column_rest = system.output - use.sum(axis=0) - rows.sum(axis=0)
    weights = np.array(list(parts.values()))
    split = split_sector(
        use, np.hstack([system.final_demand, row_rest[:, None]]), system.output, np.vstack([rows, column_rest[None]]),
        at, weights, own_proxy=own_proxy, part_names=list(parts),
        sales_proxy=None if sales_proxy is None else np.hstack([sales_proxy, np.zeros((k, 1))]),
        input_proxy=None if input_proxy is None else np.vstack([input_proxy, np.zeros((1, k))]),
    )  # fmt: skip
    region = system.industries.labels[at][0]
    labels = [
        *system.industries.labels[:at],
        *((region, part) for part in parts),
        *system.industries.labels[at + 1 :],
    ]
    shares = extension_shares or {}
    made = replace(
        system, industries=Index.of(system.industries.levels, labels), intermediate_use=split.intermediate_use,
        final_demand=split.final_demand[:, :c], output=split.output,
        value_added={name: split.rows[place] for place, name in enumerate(names)},
        extensions={name: _split_extension(extension, at, shares.get(name, weights))
                    for name, extension in system.extensions.items()},
    )  # fmt: skip
    alike = sales_proxy is None and input_proxy is None
    values = {"sector": sector, "parts": list(parts)}
    told = (Problem("accounts.parts_alike", values=values, severity="notice"),) if alike else ()
    return compiled(made, told)


def _split_extension(extension: Extension, at: int, shares: Array) -> Extension:
    """Flows of the sector in parts; its standard error with them, as far as it is known."""
    share = np.broadcast_to(
        np.asarray(shares, dtype=np.float64), (len(extension.stressors), np.shape(shares)[-1])
    )

    def parted(flows: Array) -> Array:
        return np.hstack([flows[:, :at], flows[:, at : at + 1] * share, flows[:, at + 1 :]])

    error = extension.standard_error
    return replace(
        extension,
        flows=parted(dense(extension.flows)),
        standard_error=None if error is None else parted(error),
    )


def balance(
    system: InputOutputSystem,
    *,
    output: Array | None = None,
    final_totals: Array | None = None,
    tolerance: float = 1e-10,
) -> Compiled:
    """Return the table whose rows add up to output and whose inputs are output less value added.

    Value added stays as it is. Final uses meet `final_totals`, or move together by one factor that closes the table.

    Args:
        system: a table with value added.
        output: shape (n,), `money_unit`; None = that of the table.
        final_totals: shape (c,), `money_unit`.
        tolerance: largest gap, relative to the largest total.

    Raises:
        MethodError: accounts.no_value_added; accounts.region_without_final_use; what `gras` raises.
    """
    if not system.value_added:
        raise MethodError(Problem("accounts.no_value_added"))
    x = system.output if output is None else np.asarray(output, dtype=np.float64)
    inputs = x - np.sum([np.asarray(row) for row in system.value_added.values()], axis=0)
    columns = system.final_demand.sum(axis=0) if final_totals is None else np.asarray(final_totals)
    if final_totals is None:
        left, whole = float(x.sum() - inputs.sum()), float(columns.sum())
        if whole == 0.0 or left / whole < 0.0:
            values = {"region": system.name, "left": figure(left), "estimate": figure(whole)}
            raise MethodError(Problem("accounts.region_without_final_use", values=values))
        columns = columns * (left / whole)
    n = len(x)
    prior = np.hstack([dense(system.intermediate_use), system.final_demand])
    names = (names_of(system.industries), [*names_of(system.industries), *names_of(system.final)])
    found = gras(prior, x, np.concatenate([inputs, columns]), tolerance=tolerance, names=names)
    table = dense(found.matrix)
    moved, size = float(np.abs(table - prior).sum()), float(np.abs(prior).sum())
    values = {"moved": figure(moved), "share": f"{100.0 * moved / size if size else 0.0:.3g}",
              "unit": system.money_unit, "rounds": str(found.rounds)}  # fmt: skip
    told = Problem("accounts.table_balanced", values=values, severity="notice")
    use = table[:, :n]
    made = replace(
        system, intermediate_use=sparse.csr_array(use) if sparse.issparse(system.intermediate_use) else use,
        final_demand=table[:, n:], output=x,
    )  # fmt: skip
    return compiled(made, (*found.problems, told))


def balance_result(
    prior: Result, rows: Array, columns: Array, *, reconcile: Literal["rows", "columns"] | None = None
) -> tuple[Result, tuple[Problem, ...]]:
    """Return a labelled matrix brought to row and column totals by GRAS, and what had to be settled.

    Raises:
        MethodError: what `gras` raises, with the labels.
    """
    found = gras(
        prior.values,
        rows,
        columns,
        reconcile=reconcile,
        names=(names_of(prior.rows), names_of(prior.columns)),
    )
    made = replace(prior, values=dense(found.matrix), method="accounts.balancing", standard_error=None)
    return made, found.problems


def deflate(
    system: InputOutputSystem,
    price_index: Mapping[str, float] | Array,
    *,
    imports: Mapping[str, float] | None = None,
    base: str = "",
) -> Compiled:
    """Return the table at prices of the base year, with value added as deflated output less deflated inputs.

    The parts of value added have no price of their own: they are replaced by one row, "value_added".

    Args:
        system: the table at current prices.
        price_index: shape (n,), 1 = base year; or sector name (or "region/sector") -> index, for every sector.
        imports: name of a row of `value_added` that holds imported inputs -> its price index; it stays a row.
        base: name of the base year, for the unit of notes.

    Raises:
        MethodError: accounts.price_index_wrong; accounts.price_index_missing; accounts.no_such_row.
    """
    price = _prices(system.industries, price_index)
    rows = dict(imports or {})
    missing = [name for name in rows if name not in system.value_added]
    if missing:
        raise MethodError(
            Problem(
                "accounts.no_such_row", values={"rows": missing, "found": list(system.value_added) or ["-"]}
            )
        )
    found = double_deflation(
        dense(system.intermediate_use), system.final_demand, system.output, price, names=names_of(system.industries),
        imported_use=np.vstack([np.zeros((0, len(price))), *(system.value_added[name][None] for name in rows)]),
        import_price_index=np.array(list(rows.values()), dtype=np.float64),
    )  # fmt: skip
    brought = {name: found.imported_use[place] for place, name in enumerate(rows)}
    made = replace(
        system, name=f"{system.name} ({base})" if base else system.name, intermediate_use=found.intermediate_use,
        final_demand=found.final_demand, output=found.output, value_added={**brought, "value_added": found.value_added},
    )  # fmt: skip
    return compiled(made, found.problems)


def _prices(industries: Index, given: Mapping[str, float] | Array) -> Array:
    if not isinstance(given, Mapping):
        return np.asarray(given, dtype=np.float64)
    keys: Sequence[tuple[str, str]] = [("/".join(label), label[-1]) for label in industries.labels]
    missing = [whole for whole, last in keys if whole not in given and last not in given]
    if missing:
        values = {"count": len(missing), "places": missing[:20]}
        raise MethodError(Problem("accounts.price_index_missing", values=values))
    return np.array([given.get(whole, given.get(last, np.nan)) for whole, last in keys], dtype=np.float64)
