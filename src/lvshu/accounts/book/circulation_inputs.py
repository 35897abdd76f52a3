"""Material flows and streams of waste as arrays, from records as the input tables hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.circulation.draws import relative_draws

Array = NDArray[np.float64]
Record = Mapping[str, Any]

TRADE = ("domestic_extraction", "import", "export", "inflow", "outflow")
PROCESSED = ("emission_to_air", "emission_to_water", "dissipative_use", "uncontrolled_waste")
QUANTITIES = (
    "generated",
    "collected",
    "sorted",
    "recycled",
    "used",
    "sent_out",
    "brought_in",
    "landfilled",
    "burned",
)


@dataclass(frozen=True)
class Flows:
    """Material flows of one area and year; k materials.

    Attributes:
        materials: codes, in order of the alphabet.
        quantity: flow -> shape (k,) or (k, r), unit t; a flow that nobody told is zero.
        relative_error: flow -> shape (k,); nan where it is not known.
        told: flows for which there is at least one record.
    """

    materials: tuple[str, ...]
    quantity: Mapping[str, Array]
    relative_error: Mapping[str, Array]
    told: frozenset[str]

    def of(self, flow: str) -> Array:
        """Return a flow by material, shape (k,) or (k, r), unit t."""
        if flow in self.quantity:
            return self.quantity[flow]
        shape = next((values.shape for values in self.quantity.values()), (len(self.materials),))
        return np.zeros(shape)

    def total(self, *flows: str) -> Array:
        """Return the sum of flows over all materials, scalar or shape (r,), unit t."""
        return np.asarray(sum((self.of(flow).sum(axis=0) for flow in flows), np.float64(0.0)))

    @property
    def uncertain(self) -> bool:
        """Return whether any record states its error."""
        return any(not np.isnan(errors).all() for errors in self.relative_error.values())

    def drawn(self, count: int, generator: np.random.Generator) -> Flows:
        """Return the flows with r replicates each, shape (k, r); flows are drawn independently of one another."""
        return replace(self, quantity={
            flow: self.quantity[flow][:, None] * relative_draws(self.relative_error[flow], count, generator)
            for flow in sorted(self.quantity)
        })  # fmt: skip


def flows_of(rows: Sequence[Record]) -> Flows:
    """Return material flows from records of the table material_flow."""
    materials = tuple(sorted({str(row["material"]) for row in rows}))
    place = {code: number for number, code in enumerate(materials)}
    quantity: dict[str, Array] = {}
    variance: dict[str, Array] = {}
    for row in rows:
        flow, k = str(row["flow"]), place[str(row["material"])]
        quantity.setdefault(flow, np.zeros(len(materials)))[k] += float(row["quantity"])
        errors = variance.setdefault(flow, np.zeros(len(materials)))
        errors[k] += (float(row.get("relative_standard_error") or 0.0) * float(row["quantity"])) ** 2
    return Flows(materials, quantity, {
        flow: np.where(values > 0.0, np.sqrt(values) / np.where(quantity[flow] == 0.0, 1.0, quantity[flow]), np.nan)
        for flow, values in variance.items()
    }, frozenset(quantity))  # fmt: skip


@dataclass(frozen=True)
class Streams:
    """Streams of waste of one area and year; k streams.

    Attributes:
        codes, names, kinds: k texts each; names are (zh, en).
        quantity: column -> shape (k,) or (k, r), unit t, defaults filled in.
        price: shape (k,), unit CNY/t; nan where it is not known.
        weight: shape (k,), dimensionless; None where no stream has one.
        relative_error: shape (k,); nan where it is not known.
    """

    codes: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    quantity: Mapping[str, Array]
    price: Array
    weight: Array | None
    relative_error: Array

    def of(self, column: str) -> Array:
        """Return a quantity by stream, shape (k,) or (k, r), unit t."""
        return self.quantity[column]

    def total(self, column: str) -> Array:
        """Return the sum of a quantity over all streams, scalar or shape (r,), unit t."""
        return np.asarray(self.quantity[column].sum(axis=0))

    def amounts(self) -> Array:
        """Return generated, collected, sorted, recycled and used, shape (k, 5), unit t."""
        return np.stack([self.quantity[name] for name in QUANTITIES[:5]], axis=1)

    def of_kind(self, kind: str) -> NDArray[np.bool_]:
        """Return which streams are of a kind, shape (k,)."""
        return np.array([one == kind for one in self.kinds], dtype=bool)

    def drawn(self, count: int, generator: np.random.Generator) -> Streams:
        """Return the streams with r replicates each, shape (k, r).

        What is recovered and what is not are drawn apart, a stream's later stages with what is recovered, so that no
        more is recovered than is generated.
        """
        recovered = relative_draws(self.relative_error, count, generator)
        lost = relative_draws(self.relative_error, count, generator)
        collected = self.quantity["collected"][:, None]
        missed = (self.quantity["generated"] - self.quantity["collected"])[:, None]
        drawn = {name: values[:, None] * recovered for name, values in self.quantity.items()}
        drawn["generated"] = collected * recovered + missed * lost
        drawn |= {name: self.quantity[name][:, None] * lost for name in ("landfilled", "burned")}
        return replace(self, quantity=drawn)


def streams_of(rows: Sequence[Record]) -> Streams:
    """Return streams from records of the table recovered_material; stages left out equal the one before them."""
    ordered = sorted(rows, key=lambda row: str(row["stream"]))
    filled = [_filled(row) for row in ordered]
    weights = np.array([_number(row.get("weight")) for row in ordered])
    return Streams(
        codes=tuple(str(row["stream"]) for row in ordered),
        names=tuple((str(row.get("name_zh") or row["stream"]), str(row.get("name_en") or row["stream"]))
                    for row in ordered),
        kinds=tuple(str(row["kind"]) for row in ordered),
        quantity={name: np.array([one[name] for one in filled], dtype=float) for name in QUANTITIES},
        price=np.array([_number(row.get("price")) for row in ordered], dtype=float),
        weight=None if not len(weights) or np.isnan(weights).all() else np.nan_to_num(weights),
        relative_error=np.array([_number(row.get("relative_standard_error")) for row in ordered], dtype=float),
    )  # fmt: skip


def _number(value: Any) -> float:
    return float("nan") if value is None or value == "" else float(value)


def _filled(row: Record) -> dict[str, float]:
    found = {name: _number(row.get(name)) for name in QUANTITIES}
    for name in ("sent_out", "brought_in", "landfilled", "burned"):
        found[name] = 0.0 if np.isnan(found[name]) else found[name]
    if np.isnan(found["sorted"]):
        found["sorted"] = found["collected"] - found["sent_out"]
    for name, before in (("recycled", "sorted"), ("used", "recycled")):
        found[name] = found[before] if np.isnan(found[name]) else found[name]
    return found
