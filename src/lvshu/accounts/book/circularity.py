"""Steps on circularity: the indicators with their intervals and components, and how they stand to their targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.circularity_figures import COMPONENTS, NAMES, PERCENT, Indicator, indicators_of
from lvshu.accounts.book.circulation_inputs import Flows, Streams
from lvshu.accounts.book.economy import load_economy
from lvshu.accounts.book.materials import SCOPE_EN, SCOPE_ZH, load_flows
from lvshu.accounts.book.recycling import load_streams
from lvshu.accounts.methods.circulation.circularity import target_progress
from lvshu.accounts.methods.circulation.cycling import cycling
from lvshu.accounts.methods.circulation.draws import relative_draws
from lvshu.accounts.methods.uncertainty import interval
from lvshu.core.errors import Problem
from lvshu.core.units import factor as unit_factor
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

PLANS = ("circular_targets_national", "shanghai_targets")
SHANGHAI = "31"
WEIGHTED = "main_waste_recycling_rate"
# what the municipal plan calls the same indicator
ALIASES = {
    "resource_productivity": "main_resource_productivity",
    "waste_recycling_rate": WEIGHTED,
}


def make_indicators(context: StepContext) -> None:
    """Make circularity_indicator and circularity_component, and the intervals of the headlines."""
    flows, streams = load_flows(context), load_streams(context)
    product, error = _product(context, flows is not None)
    listed = frozenset(context.read("main_resource_use", columns=["material"]).column(0).to_pylist())
    found, problems = indicators_of(flows, streams, product, listed)
    for problem in problems:
        context.find(problem, table="circularity_indicator")
    if streams is not None and streams.weight is None:
        context.find(
            Problem("accounts.waste_weights_missing", severity="notice"), table="circularity_indicator"
        )
    drawn = _replicates(context, flows, streams, product, error, listed)
    _write(context, [*found, *_finn(context)], drawn)


def _product(context: StepContext, needed: bool) -> tuple[Array | None, float]:
    """Return GDP at constant prices in CNY and its relative error; at current prices, and told, where there is none."""
    year = context.settings.year
    rows = context.read("circularity_statistic", where=f"code = 'gdp_constant' AND year = {year}").to_pylist()
    if rows:
        scale = float(unit_factor(str(rows[0]["unit"]), "CNY"))
        return np.asarray(float(rows[0]["value"]) * scale), float(rows[0]["relative_standard_error"] or 0.0)
    added = [
        row for row in context.read("sector_account", columns=["value_added"]).column(0).to_pylist() if row
    ]
    if not added:
        return None, 0.0
    if needed:
        context.find(Problem("accounts.product_at_current_prices", values={"year": year}, severity="warning"),
                     table="circularity_indicator")  # fmt: skip
    return np.asarray(float(sum(added))), 0.0


def _replicates(
    context: StepContext, flows: Flows | None, streams: Streams | None, product: Array | None, error: float,
    listed: frozenset[str],
) -> dict[str, Array]:  # fmt: skip
    stated = (flows is not None and flows.uncertain) or (
        streams is not None and not np.isnan(streams.relative_error).all()
    )
    if not stated and not error:
        return {}
    count = context.settings.replicates
    drawn, _ = indicators_of(
        None if flows is None else flows.drawn(count, context.generator("material_flow")),
        None if streams is None else streams.drawn(count, context.generator("recovered_material")),
        None if product is None
        else product * relative_draws(np.array([error]), count, context.generator("product"))[0],
        listed,
    )  # fmt: skip
    return {one.code: np.broadcast_to(one.value, (count,)) for one in drawn}


def _finn(context: StepContext) -> list[Indicator]:
    if not context.read("use_by_origin", columns=["origin"]).num_rows:
        return []
    economy = load_economy(context)
    found = cycling(economy.intermediate_use["local"], economy.table.output)
    return [Indicator("finn_cycling_index", np.asarray(found.index * PERCENT), "%", ())]


def _write(context: StepContext, found: Sequence[Indicator], drawn: dict[str, Array]) -> None:
    names = ("indicator", "position", "name_zh", "name_en", "value", "unit", "standard_error", "low", "high",
             "note_zh", "note_en")  # fmt: skip
    columns: dict[str, list[Any]] = {name: [] for name in names}
    parts: dict[str, list[Any]] = {name: [] for name in (
        "indicator", "component", "name_zh", "name_en", "role", "sign", "value", "unit")}  # fmt: skip
    for position, one in enumerate(found, start=1):
        zh, en, note_zh, note_en = NAMES[one.code]
        errors = interval(drawn[one.code]) if one.code in drawn else (None, None, None)
        record = (one.code, position, zh, en, float(one.value), one.unit, *errors, note_zh, note_en)
        for column, part in zip(columns.values(), record, strict=True):
            column.append(part)
        for component in one.components:
            named = COMPONENTS[component.code]
            figure = (component.role, component.sign, float(component.value), component.unit)
            piece = (one.code, component.code, *named, *figure)
            for column, cell in zip(parts.values(), piece, strict=True):
                column.append(cell)
        if one.code in drawn:
            context.write_uncertainty(one.code, value=float(one.value), unit=one.unit, method="monte_carlo",
                                      scope_zh=SCOPE_ZH, scope_en=SCOPE_EN, replicates=drawn[one.code])  # fmt: skip
    context.write("circularity_indicator", columns)
    context.write("circularity_component", parts)


def make_targets(context: StepContext) -> None:
    """Make circularity_target: every target of the plans, with the figure it requires and the one of this book."""
    rows = context.read("circularity_indicator", columns=["indicator", "value", "unit"]).to_pylist()
    actual = {row["indicator"]: row for row in rows}
    bases = {(row["code"], row["year"]): row for row in context.read("circularity_statistic").to_pylist()}
    streams = load_streams(context)
    unjudged = {WEIGHTED} if streams is None or streams.weight is None else set()
    names = ("plan", "indicator", "name_zh", "name_en", "target_year", "target", "target_unit", "form", "required",
             "actual", "gap", "met", "unit", "status", "source")  # fmt: skip
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for plan in PLANS:
        if plan == "shanghai_targets" and not context.settings.area.startswith(SHANGHAI):
            continue
        for row in context.packs[plan].rows:
            code = ALIASES.get(str(row["indicator"]), str(row["indicator"]))
            if plan == "shanghai_targets" and code not in NAMES:
                continue
            base = bases.get((code, row["base_year"]))
            record = _target(plan, code, row, actual.get(code), base, judged=code not in unjudged)
            for column, part in zip(columns.values(), record, strict=True):
                column.append(part)
    context.write("circularity_target", columns)


def _target(
    plan: str,
    code: str,
    row: Any,
    actual: dict[str, Any] | None,
    base: dict[str, Any] | None,
    *,
    judged: bool,
) -> tuple[Any, ...]:
    """One target; whether it is met is not said of a rate whose official weights nobody gave."""
    target, form = float(row["target_value"]), str(row["form"])
    value = None if actual is None else float(actual["value"])
    relative = form in ("reduction", "increase")
    required: float | None = None if relative else target
    if relative and base is not None and actual is not None:
        scale = float(unit_factor(str(base["unit"]), str(actual["unit"])))
        required, _ = target_progress(
            float(base["value"]) * scale, float(actual["value"]), target / PERCENT, form
        )
    comparable = required is not None and value is not None
    gap = value - required if comparable and value is not None and required is not None else None
    met = None if gap is None or not judged else bool(gap <= 0.0 if form == "reduction" else gap >= 0.0)
    names = NAMES[code][:2] if code in NAMES else (row["name_zh"], row["name_en"])
    return (plan, code, *names, row["target_year"], target, row["unit"], form, required, value,
            gap, met, _unit(row, actual, relative), row["status"], row["source"])  # fmt: skip


def _unit(row: Any, actual: dict[str, Any] | None, relative: bool) -> str:
    """Return the unit of required, actual and gap; the target itself is in percent where it is a change."""
    return str(actual["unit"]) if relative and actual is not None else str(row["unit"])
