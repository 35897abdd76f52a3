"""The loop of a city: flows from production through circulation and use to recovery and back, layer by layer.

Values are decimals, so that a node that closes closes to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.circulation_inputs import PROCESSED, Flows, Streams
from lvshu.accounts.book.materials import load_flows
from lvshu.accounts.book.recycling import load_streams, losses_of
from lvshu.accounts.book.table import BALANCING_ITEM, OWN_FINAL_USE
from lvshu.accounts.methods.circulation.breaks import PLACES
from lvshu.engine.step import StepContext

SMALLEST = Decimal("0.000001")
IN_PLANT = ("at_sorting", "at_recycling", "unsold")
FROM_PRODUCTION = ("industrial", "construction")  # kinds of waste that production makes; use makes the others
ORIGINS = {"abroad": "from_abroad", "rest_of_country": "from_country"}
SENT = {"export": "to_abroad", "outflow": "to_country", BALANCING_ITEM: "balancing_item"}


@dataclass
class Layer:
    """The flows of one layer, gross in each direction; what sums to less than zero is a flow the other way round."""

    name: str
    unit: str
    flows: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def add(self, source: str, target: str, value: object) -> None:
        """Add a flow, rounded to the smallest figure that the table keeps."""
        exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))  # type: ignore[arg-type]
        amount = exact.quantize(SMALLEST, rounding=ROUND_HALF_UP)
        if source != target:
            self.flows[source, target] = self.flows.get((source, target), Decimal(0)) + amount

    def left(self, node: str) -> Decimal:
        """Return what enters a node and does not leave it."""
        signs = ((1 if target == node else 0) - (1 if source == node else 0) for source, target in self.flows)
        return sum((sign * value for sign, value in zip(signs, self.flows.values(), strict=True)), Decimal(0))

    def close(self, node: str, edge: str) -> None:
        """Send what is left in a node to an edge of the account (or bring from there what it lacks)."""
        self.add(node, edge, self.left(node))

    def rows(self) -> Iterator[tuple[str, str, str, Decimal, str]]:
        """Return layer, source, target, value and unit of every flow, in the order of the nodes' codes."""
        gross: dict[tuple[str, str], Decimal] = {}
        for (source, target), value in self.flows.items():
            ends = (source, target) if value > 0 else (target, source)
            gross[ends] = gross.get(ends, Decimal(0)) + abs(value)
        for ends, value in sorted(gross.items()):
            if value:
                yield self.name, *ends, value, self.unit


def material_layer(flows: Flows, streams: Streams | None) -> Layer:
    """Return the layer of materials, in t; additions to stock close the use of them."""
    layer = Layer("material", "t")
    for source, flow in (
        ("extraction", "domestic_extraction"),
        ("from_abroad", "import"),
        ("from_country", "inflow"),
    ):
        layer.add(source, "production", flows.total(flow))
    if streams is not None:
        layer.add("secondary_from_outside", "recovery", streams.total("brought_in"))
        layer.add("recovery", "production", streams.total("used") + streams.total("brought_in"))
        layer.add("use", "recovery", streams.total("generated"))
        for target, amount in _fates(losses_of(streams)).items():
            layer.add("recovery", target, amount)
        layer.close("recovery", "loss_in_plants")
    layer.add("production", "to_abroad", flows.total("export"))
    layer.add("production", "to_country", flows.total("outflow"))
    layer.close("production", "circulation")
    layer.close("circulation", "use")
    layer.add("balancing_input", "use", flows.total("balancing_input"))
    layer.add("use", "nature", flows.total(*PROCESSED))
    layer.add("use", "balancing_output", flows.total("balancing_output"))
    layer.close("use", "stock")
    return layer


def _fates(losses: NDArray[np.float64]) -> dict[str, float]:
    """Return losses by where they go, t; those within sorting and plants are left to close the node."""
    found = {
        fate: float(losses[:, place].sum()) for place, (fate, _) in enumerate(PLACES) if fate not in IN_PLANT
    }
    return {"recycled_elsewhere" if fate == "sent_out" else fate: amount for fate, amount in found.items()}


def waste_layer(streams: Streams) -> Layer:
    """Return the layer of waste, in t, with collection, sorting and plants apart."""
    layer = Layer("waste", "t")
    losses = losses_of(streams)
    place = {fate: number for number, (fate, _) in enumerate(PLACES)}
    for i, kind in enumerate(streams.kinds):
        source = "production" if kind in FROM_PRODUCTION else "use"
        layer.add(source, "generated", streams.of("generated")[i])
    for fate in ("landfilled", "burned", "unknown"):
        layer.add("generated", fate, losses[:, place[fate]].sum())
    layer.close("generated", "collection")
    layer.add("collection", "recycled_elsewhere", losses[:, place["sent_out"]].sum())
    layer.close("collection", "sorting")
    layer.add("sorting", "loss_in_plants", losses[:, place["at_sorting"]].sum())
    layer.close("sorting", "recycling")
    layer.add("secondary_from_outside", "recycling", streams.total("brought_in"))
    layer.add(
        "recycling",
        "loss_in_plants",
        losses[:, place["at_recycling"]].sum() + losses[:, place["unsold"]].sum(),
    )
    layer.close("recycling", "secondary_use")
    return layer


def money_layer(uses: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> Layer:
    """Return the layer of money, in CNY: local sales and purchases between spheres, from outside, and to final use."""
    sphere = {row["sector_code"]: row["sphere"] or "unassigned" for row in accounts}
    layer = Layer("money", "CNY")
    for row in accounts:
        layer.add("value_added", sphere[row["sector_code"]], row["value_added"] or Decimal(0))
    for row in uses:
        kind, value = row["column_kind"], row["value"]
        source = sphere[row["row_code"]] if row["origin"] == "local" else ORIGINS[row["origin"]]
        if kind == "sector":
            layer.add(source, sphere[row["column_code"]], value)
        else:
            layer.add(source, "use" if kind in OWN_FINAL_USE else SENT[kind], value)
    for name in sorted(set(sphere.values())):
        layer.close(name, "imbalance")
    return layer


def carbon_layer(
    flows: list[dict[str, Any]], direct: list[dict[str, Any]], accounts: list[dict[str, Any]]
) -> Layer:
    """Return the layer of CO2, in tCO2: burned in each sphere, and embodied in what it delivers."""
    sphere = {row["sector_code"]: row["sphere"] or "unassigned" for row in accounts}
    layer = Layer("co2", "tCO2")
    for row in flows:
        name, kind = sphere[row["sector_code"]], row["final_demand_category"]
        layer.add(name, "use" if kind in OWN_FINAL_USE else SENT[kind], row["emission"])
    for name in sorted(set(sphere.values())):
        layer.add("fuel_burned", name, -layer.left(name))
    for row in direct:
        layer.add("fuel_burned", "use", row["emission"])
    return layer


def energy_layer(uses: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> Layer:
    """Return the layer of energy, in tce: what each sphere uses; it ends there, as heat."""
    sphere = {row["sector_code"]: row["sphere"] or "unassigned" for row in accounts}
    layer = Layer("energy", "tce")
    for row in uses:
        layer.add("energy_supply", sphere.get(row["sector_code"], "use"), row["energy_tce"] or Decimal(0))
    return layer


def make_loop(context: StepContext) -> None:
    """Make loop_flow from every layer whose tables have rows."""
    layers = []
    flows, streams = load_flows(context), load_streams(context)
    if flows is not None:
        layers.append(material_layer(flows, streams))
    if streams is not None:
        layers.append(waste_layer(streams))
    columns = ["sector_code", "sphere", "value_added"]
    accounts = context.read("sector_account", columns=columns).to_pylist()
    if accounts:
        uses = context.read("use_by_origin").to_pylist()
        if uses:
            layers.append(money_layer(uses, accounts))
        emitted = context.read("emission_flow").to_pylist()
        if emitted:
            direct = context.read("footprint", where="emission_origin = 'direct'").to_pylist()
            layers.append(carbon_layer(emitted, direct, accounts))
        energy = context.read("energy_use", columns=["sector_code", "energy_tce"]).to_pylist()
        if energy:
            layers.append(energy_layer(energy, accounts))
    rows = [row for layer in layers for row in layer.rows()]
    names = ("layer", "source_node", "target_node", "value", "unit")
    context.write("loop_flow", {name: [row[place] for row in rows] for place, name in enumerate(names)})
