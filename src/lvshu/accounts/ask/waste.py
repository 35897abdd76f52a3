"""Waste input-output under its labels: footprints by treatment, scenarios of allocation, disposal by sector."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ask.waste_tables import WasteTables, read_allocation, read_waste_tables
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.circulation.waste_input_output import (
    WasteModel,
    compare_waste,
    solve_waste,
    treatment_footprint,
    waste_model,
    waste_multipliers,
    with_allocation,
)
from lvshu.accounts.readers.waste_input_output import HybridTable
from lvshu.accounts.readers.waste_japan import is_japanese_waste_table, read_japanese_waste_table
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

METHOD = "accounts.waste_input_output"
NO_UNCERTAINTY = (
    "没有给出不确定性；最终需求自身的直接排放在情景间不变，未列入情景表。",
    "No uncertainty is given; what final demand emits itself does not change and is not in the table of a scenario.",
)


@dataclass(frozen=True)
class WasteAccount:
    """A waste input-output economy with its labels; made by `waste_account`.

    Attributes:
        tables: what was given.
        model: the factorised economy.
        final_demand: shape (n, c), in the tables' money unit.
        final_waste: shape (w, c), unit t.
        intensity: direct stressors of goods and treatments, shape (r, n + k), per money and per t.
        problems: warnings, e.g. wastes that are used more than generated.
    """

    tables: WasteTables
    model: WasteModel
    final_demand: Array
    final_waste: Array
    intensity: Array
    problems: tuple[Problem, ...] = ()


def waste_account(path: Path) -> WasteAccount:
    """Return the economy of a folder of tables (see `waste_tables.read_waste_tables`), or of a published workbook.

    Raises:
        InputError: the tables' faults.
        MethodError: as `account_of`.
    """
    if path.is_file() and is_japanese_waste_table(path):
        return account_of(read_japanese_waste_table(path))
    return account_of(read_waste_tables(path))


def account_of(tables: WasteTables) -> WasteAccount:
    """Return the economy of tables that have been read.

    Output of goods is the sum of their sales; a treatment's activity is the waste allocated to it.

    Raises:
        MethodError: accounts.waste_shares, with the name of each waste; accounts.waste_idle, when a sector without
            output buys, discharges or emits something; accounts.not_productive.
    """
    n, k = len(tables.goods), len(tables.treatments)
    net = tables.waste.sum(axis=1)
    activity = np.concatenate([tables.purchases.sum(axis=1), tables.allocation @ net])
    everything = np.vstack([tables.purchases, tables.waste, tables.emissions])[:, : n + k]
    names = (*tables.goods, *tables.treatments)
    idle = [name for name, made, column in zip(names, activity, everything.T, strict=True)
            if made <= 0.0 and np.abs(column).any()]  # fmt: skip
    if idle:
        raise MethodError(Problem("accounts.waste_idle", values={"sectors": idle}))
    divisor = np.where(activity > 0.0, activity, 1.0)
    try:
        model = waste_model(
            tables.purchases[:, : n + k] / divisor, tables.waste[:, : n + k] / divisor, tables.allocation
        )
    except MethodError as failure:
        raise _named(failure, tables) from failure
    account = WasteAccount(
        tables,
        model,
        tables.purchases[:, n + k :],
        tables.waste[:, n + k :],
        tables.emissions[:, : n + k] / divisor,
    )
    solved = solve_waste(model, account.final_demand.sum(axis=1), account.final_waste.sum(axis=1))
    problems = tuple(_renamed(one, tables) for one in solved.problems)
    return WasteAccount(tables, model, account.final_demand, account.final_waste, account.intensity, problems)


def _renamed(problem: Problem, tables: WasteTables) -> Problem:
    place = problem.values.get("waste")
    if not isinstance(place, int):
        return problem
    return Problem(
        problem.code, problem.where, {**problem.values, "waste": tables.wastes[place - 1]}, problem.severity
    )


def _named(failure: MethodError, tables: WasteTables) -> MethodError:
    return MethodError(*[_renamed(one, tables) for one in failure.problems])


def _causes(tables: WasteTables) -> Index:
    return Index.of(("kind", "cause"), [*(("goods", one) for one in tables.goods),
                                        *(("waste", one) for one in tables.wastes)])  # fmt: skip


def waste_by_treatment(account: WasteAccount) -> Result:
    """Return the tonnes each treatment handles on behalf of each product of final demand and of its own waste.

    Rows treatment, columns (kind, cause): products, then wastes thrown away by final demand itself; unit t. A row sums
    to what the treatment handles in all.
    """
    tables = account.tables
    values = treatment_footprint(
        account.model, account.final_demand.sum(axis=1), account.final_waste.sum(axis=1)
    )
    return Result(
        "waste_by_treatment", ("最终需求的废弃物足迹（按处理方式）", "Waste footprint of final demand by treatment"),
        Index.of(("treatment",), tables.treatments), _causes(tables), values, ("t",), METHOD, tables.origin,
        notes=(NO_UNCERTAINTY,),
    )  # fmt: skip


def waste_stressors(account: WasteAccount) -> Result:
    """Return the stressors that final demand causes, waste treatment included, by product and by its own waste.

    Rows stressor, each in its unit; columns (kind, cause), and last what final demand emits itself.
    """
    tables = account.tables
    by_goods, by_waste = waste_multipliers(account.model, account.intensity)
    own = tables.emissions[:, len(tables.goods) + len(tables.treatments) :].sum(axis=1)
    values = np.hstack([by_goods * account.final_demand.sum(axis=1), by_waste * account.final_waste.sum(axis=1),
                        own[:, None]])  # fmt: skip
    columns = Index.of(("kind", "cause"), [*_causes(tables).labels, ("direct", "final demand itself")])
    return Result(
        "waste_stressors",
        ("最终需求引起的排放（含废弃物处理）", "Stressors of final demand, waste treatment included"),
        Index.of(("stressor",), tables.stressors), columns, values, tables.stressor_units or ("1",), METHOD,
        tables.origin, notes=(NO_UNCERTAINTY,),
    )  # fmt: skip


def waste_scenario(account: WasteAccount, allocation: Path) -> Result:
    """Return what another allocation of waste changes, for the same final demand.

    Args:
        account: the economy.
        allocation: table waste, treatment, share, of the wastes whose shares change.

    Returns:
        Rows (kind, name): output of goods, waste treated, net waste, stressors; columns before, after, change.

    Raises:
        InputError: unknown wastes or treatments.
        MethodError: accounts.waste_shares, with the name of each waste.
    """
    tables = account.tables
    try:
        changed = with_allocation(account.model, read_allocation(allocation, tables))
    except MethodError as failure:
        raise _named(failure, tables) from failure
    told = compare_waste(
        account.model,
        changed,
        account.final_demand.sum(axis=1),
        account.final_waste.sum(axis=1),
        account.intensity,
    )
    before = np.concatenate([told.before.output, told.before.treated, told.before.waste, told.stressors[0]])
    after = np.concatenate([told.after.output, told.after.treated, told.after.waste, told.stressors[1]])
    kinds = {
        "output": tables.goods,
        "treated": tables.treatments,
        "waste": tables.wastes,
        "stressor": tables.stressors,
    }
    rows = Index.of(("kind", "name"), [(kind, name) for kind, names in kinds.items() for name in names])
    tonnes = len(tables.treatments) + len(tables.wastes)
    units = (
        *(tables.unit_of_good(place) for place in range(len(tables.goods))),
        *["t"] * tonnes,
        *tables.stressor_units,
    )
    return Result(
        "waste_scenario", ("废弃物去向改变的影响", "What another allocation of waste changes"), rows,
        Index.of(("case",), ["before", "after", "change"]), np.column_stack([before, after, after - before]), units,
        METHOD, tables.origin, notes=(NO_UNCERTAINTY,),
    )  # fmt: skip


def hybrid_waste(table: HybridTable) -> Result:
    """Return generation and disposal of waste by sector, from a hybrid table of solid waste.

    Rows: generated, improperly disposed of, properly handled (unit as printed), share properly handled (1), generated
    per output; columns: sectors, then final demand, for which the last is NaN. Without waste the share is NaN.

    Raises:
        MethodError: accounts.hybrid_no_waste, when it is not a table of solid waste.
    """
    stressors = table.extension.stressors.level("stressor")
    wanted = ("Production, Total", "Improper disposal, Total")
    if any(one not in stressors for one in wanted):
        raise MethodError(Problem("accounts.hybrid_no_waste", values={"found": list(stressors[:6])}))
    flows = np.asarray(table.extension.flows)
    final = table.extension.final_flows
    joined = flows if final is None else np.hstack([flows, final])
    generated, improper = (joined[stressors.index(one)] for one in wanted)
    proper = generated - improper
    output = np.concatenate([table.output, np.full(joined.shape[1] - len(table.output), np.nan)])
    share = np.divide(proper, generated, out=np.full(len(proper), np.nan), where=generated > 0.0)
    intensity = np.divide(generated, output, out=np.full(len(proper), np.nan), where=output > 0.0)
    columns = [*((one, "sector") for one in table.sectors.level("sector")),
               *((one, "final demand") for one in table.final.level("category"))][: joined.shape[1]]  # fmt: skip
    unit = table.extension.units[stressors.index(wanted[0])]
    rows = (
        "generated",
        "improper_disposal",
        "properly_handled",
        "share_properly_handled",
        "generated_per_output",
    )
    return Result(
        "hybrid_waste",
        (f"固体废弃物的产生与处置（{table.year}）", f"Solid waste: generation and disposal, {table.year}"),
        Index.of(("indicator",), rows), Index.of(("name", "kind"), columns),
        np.vstack([generated, improper, proper, share, intensity]),
        (unit, unit, unit, "1", f"{unit}/{table.money_unit}"),
        "accounts.hybrid_waste", (table.extension.origin,),
        notes=(("表中没有部门间投入：均为直接量。", "The table holds no inter-industry flows: all is direct."),),
    )  # fmt: skip
