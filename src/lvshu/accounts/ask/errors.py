"""Standard errors of footprints: what is stated is carried, what is not stated is said; nothing counts as exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ask.selection import Stressors
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.methods.kernel.accounts import demand_by_region, one_hot
from lvshu.accounts.methods.kernel.model import Kernel
from lvshu.accounts.methods.kernel.uncertainty import footprint_error, multiplier_error

Array = NDArray[np.float64]
Places = NDArray[np.int64]

WITH_TABLE = ("region", "category")


def is_wanted(chosen: Stressors, table_error: float) -> bool:
    """Return whether any error is stated: of a stressor, of what final demand emits itself, or of the table."""
    return chosen.standard_error is not None or chosen.final_error is not None or table_error > 0.0


def fully_stated(chosen: Stressors, columns: Places, *, with_final: bool) -> NDArray[np.bool_]:
    """Return which stressors state the error of every flow that is not zero, shape (m,)."""
    known = _stated(chosen.flows, chosen.standard_error)
    if with_final:
        error = None if chosen.final_error is None else chosen.final_error[:, columns]
        known &= _stated(chosen.final_flows[:, columns], error)
    return known


def _stated(flows: Array, error: Array | None) -> NDArray[np.bool_]:
    told = np.zeros_like(flows, dtype=bool) if error is None else np.isfinite(error)
    return np.asarray((told | (flows == 0.0)).all(axis=1))


def with_errors(
    result: Result,
    chosen: Stressors,
    system: InputOutputSystem,
    kernel: Kernel,
    *,
    columns: Places,
    regions: Places,
    by: str,
    table_error: float,
) -> Result:
    """Return a footprint with its standard errors, in closed form for independent errors of cells, and what they cover.

    A stressor has an error only where all of its flows state theirs; else it has none, or that of the table alone.

    Args:
        result: a footprint by `by`, shape (m, k).
        chosen: its m stressors.
        system: n sectors, c columns of final demand.
        kernel: its economy.
        columns: the columns of final demand counted, shape (d,).
        regions: region of each of them, shape (d,).
        by: region, category, product, emitter or sector.
        table_error: relative standard error of the cells of intermediate use, without unit.
    """
    known = fully_stated(chosen, columns, with_final=by in WITH_TABLE)
    stated = (
        np.zeros_like(chosen.flows) if chosen.standard_error is None else np.nan_to_num(chosen.standard_error)
    )
    stated = np.where(known[:, None], stated, 0.0)
    demand = np.asarray(system.final_demand[:, columns], dtype=np.float64)
    covers_table = table_error > 0.0 and by in WITH_TABLE
    if by in WITH_TABLE:
        error = _of_demand(chosen, stated, kernel, demand, columns, regions, by, table_error)
        error = np.where(known[:, None] | covers_table, error, np.nan)
    elif by == "sector" or not known.any():
        error = np.full(result.values.shape, np.nan)
    else:
        intensity = np.divide(
            stated, np.abs(system.output), out=np.zeros_like(stated), where=system.output != 0.0
        )
        bought = demand.sum(axis=1)
        of_product = multiplier_error(kernel, intensity) * np.abs(bought) if by == "product" else None
        error = intensity * np.abs(kernel.required_output(bought)) if of_product is None else of_product
        error = np.where(known[:, None], error, np.nan)
    notes = _notes(chosen, known, by, covers_table, table_error > 0.0)
    if not np.isfinite(error).any():
        return replace(result, notes=(*result.notes, *notes))
    return replace(result, standard_error=error, notes=(*result.notes, *notes))


def _of_demand(
    chosen: Stressors, stated: Array, kernel: Kernel, demand: Array, columns: Places, regions: Places, by: str,
    table_error: float,
) -> Array:  # fmt: skip
    final = np.zeros((len(chosen.flows), len(columns)))
    if chosen.final_error is not None:
        final = np.nan_to_num(chosen.final_error[:, columns]) ** 2
    if by == "region":
        kept = np.unique(regions)
        demand = demand_by_region(demand, regions, int(kept.max()) + 1)[:, kept]
        final = (final @ one_hot(regions, int(kept.max()) + 1))[:, kept]
    found = footprint_error(
        kernel, chosen.flows, demand, stressor_error=stated, table_error=table_error or None
    )
    return np.asarray(np.sqrt(found.total**2 + final))


def _notes(
    chosen: Stressors, known: NDArray[np.bool_], by: str, covers_table: bool, table_asked: bool
) -> list[tuple[str, str]]:
    names = [" / ".join(label) for label in chosen.index.labels]
    with_error = [name for name, there in zip(names, known, strict=True) if there] if by != "sector" else []
    without = [name for name in names if name not in with_error]
    covered_zh = [
        *([f"项目（{'、'.join(with_error[:6])}）"] if with_error else []),
        *(["中间使用"] if covers_table else []),
    ]
    covered_en = [*([f"stressors ({', '.join(with_error[:6])})"] if with_error else []),
                  *(["intermediate use"] if covers_table else [])]  # fmt: skip
    notes = []
    if covered_zh:
        notes.append(("标准误含：" + "、".join(covered_zh) + "；各格的误差视为独立，最终使用视为已知。",
                      "Standard errors cover " + ", ".join(covered_en)
                      + "; errors of cells are independent, final demand is taken as known."))  # fmt: skip
    if by == "sector":
        notes.append(("按地区与产品列出时没有标准误；请按地区、类别、产品或排放部门列出。",
                      "No standard error by region and product; ask by region, category or product."))  # fmt: skip
    elif without and (chosen.standard_error is not None or chosen.final_error is not None):
        shown_zh, shown_en = "、".join(without[:6]), ", ".join(without[:6])
        notes.append((f"{shown_zh} 不是每个流量都给出标准误，因此不计其误差。",
                      f"{shown_en}: not every flow states its standard error, so none of it is counted."))  # fmt: skip
    if table_asked and not covers_table:
        notes.append(("中间使用的误差只传到按地区、按类别的足迹。",
                      "Errors of intermediate use reach footprints by region and by category only."))  # fmt: skip
    return notes
