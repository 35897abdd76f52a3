"""Steps on recovered materials: rates by stream, the breaks of the loop, and what recovering more would bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.circulation_inputs import Streams, streams_of
from lvshu.accounts.book.materials import SCOPE_EN, SCOPE_ZH, read_here, tell_no_records
from lvshu.accounts.book.table import load_table
from lvshu.accounts.methods.circulation.breaks import PLACES, break_list, stream_losses
from lvshu.accounts.methods.circulation.recovery import (
    RecoveryGain,
    recover_more,
    recovery_rate,
    substitution_effect,
    unit_saving,
)
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError, Problem
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

POINTS = 0.10  # of what is generated: the what-if that the book shows
RECYCLING_DIVISION = "42"  # GB/T 4754-2017: 废弃资源综合利用业
ELSEWHERE = "sent_out"


def load_streams(context: StepContext) -> Streams | None:
    """Return the run's streams of waste; None where there is no record of its year and area."""
    rows = read_here(context, "recovered_material")
    return streams_of(rows) if rows else None


def savings_of(streams: Streams, packs: PackLibrary) -> Array:
    """Return what a tonne of each stream saves, shape (k,), unit tCO2e/t; nan where no source gives it."""
    known = {str(row["stream"]): row for row in packs["recycling_savings"].rows}
    rates = np.array([
        [float(str(known[code][name])) if code in known else np.nan for name in ("primary", "secondary")]
        for code in streams.codes
    ]).reshape(len(streams.codes), 2)  # fmt: skip
    return unit_saving(rates[:, 0], rates[:, 1])


def losses_of(streams: Streams) -> Array:
    """Return the losses of each stream by place, shape (k, 7), unit t, columns as PLACES.

    Raises:
        MethodError: accounts.stream_grows, naming each stream that has more at a stage than before it.
    """
    try:
        found = stream_losses(streams.amounts(), streams.of("landfilled"), streams.of("burned"),
                              streams.of("sent_out"))  # fmt: skip
    except MethodError as error:
        raise MethodError(*(
            Problem("accounts.stream_grows", values={
                "stream": dict(zip(("zh", "en"), streams.names[int(str(one.values["stream"])) - 1], strict=True)),
                "place": one.values["place"], "amount": one.values["amount"]})
            for one in error.problems
        )) from error  # fmt: skip
    return found.table()


def forgone(losses: Array, price: Array, saving: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return value, saving forgone and rank of losses; what is recycled elsewhere forgoes no saving."""
    value, emission, rank = break_list(losses, price, saving)
    emission[:, [fate == ELSEWHERE for fate, _ in PLACES]] = np.nan
    return value, emission, rank


def gain_of(streams: Streams, points: float, saving: Array) -> tuple[Array, RecoveryGain]:
    """Return how many points are left to recover of each stream, at most `points`, and what they bring."""
    generated, collected = streams.of("generated"), streams.of("collected")
    room = 1.0 - recovery_rate(collected, generated)
    used = np.clip(np.nan_to_num(room), 0.0, points)
    return used, recover_more(generated, collected, streams.of("used"), used, saving, streams.price)


def make_recovery(context: StepContext) -> None:
    """Make recovery_account, circulation_break and recovery_gain."""
    streams = load_streams(context)
    if streams is None:
        tell_no_records(context, "recovered_material")
        return
    saving = savings_of(streams, context.packs)
    _tell_unknown(context, streams, saving)
    _write_account(context, streams, saving)
    _write_breaks(context, streams, saving)
    _write_gain(context, streams, saving)
    _write_uncertainty(context, streams, saving)


def totals_lost(streams: Streams, saving: Array) -> tuple[Array, Array]:
    """Return all losses, t, and the saving that they forgo, tCO2e, scalars or shape (r,); unknown savings left out."""
    lost = np.asarray(streams.total("generated") - streams.total("used"))
    kept = streams.of("generated") - streams.of("used") - streams.of("sent_out")
    return lost, np.asarray(np.tensordot(np.nan_to_num(saving), kept, axes=1))


def _write_uncertainty(context: StepContext, streams: Streams, saving: Array) -> None:
    if np.isnan(streams.relative_error).all():
        return
    drawn = streams.drawn(context.settings.replicates, context.generator("recovered_material"))
    for code, unit, value, replicates in zip(
        ("circulation_loss", "circulation_saving_forgone"), ("t", "tCO2e"), totals_lost(streams, saving),
        totals_lost(drawn, saving), strict=True,
    ):  # fmt: skip
        context.write_uncertainty(code, value=float(value), unit=unit, method="monte_carlo", scope_zh=SCOPE_ZH,
                                  scope_en=SCOPE_EN, replicates=replicates)  # fmt: skip


def _tell_unknown(context: StepContext, streams: Streams, saving: Array) -> None:
    for code, missing in (("accounts.stream_no_saving", np.isnan(saving)),
                          ("accounts.stream_no_price", np.isnan(streams.price))):  # fmt: skip
        names = [streams.names[i] for i in np.flatnonzero(missing)]
        if names:
            values = {
                "streams": {"zh": "、".join(zh for zh, _ in names), "en": ", ".join(en for _, en in names)}
            }
            context.find(Problem(code, values=values, severity="warning"), table="circulation_break")


def known(value: float) -> float | None:
    """Return a figure, None where it is not known."""
    return None if np.isnan(value) else float(value)


def _write_account(context: StepContext, streams: Streams, saving: Array) -> None:
    generated = streams.of("generated")
    rates = recovery_rate(streams.of("collected"), generated) * 100
    returned = recovery_rate(streams.of("used"), generated) * 100
    columns: dict[str, Sequence[Any]] = {
        "stream": streams.codes, "name_zh": [zh for zh, _ in streams.names],
        "name_en": [en for _, en in streams.names], "kind": streams.kinds,
    }  # fmt: skip
    for name in ("generated", "collected", "recycled", "used", "sent_out", "brought_in"):
        columns[name] = streams.of(name).tolist()
    for name, values in (("recovery_rate", rates), ("return_rate", returned), ("saving", saving),
                         ("price", streams.price)):  # fmt: skip
        columns[name] = [known(value) for value in values]
    context.write("recovery_account", columns)


def _write_breaks(context: StepContext, streams: Streams, saving: Array) -> None:
    losses = losses_of(streams)
    value, emission, rank = forgone(losses, streams.price, saving)
    total = float(losses.sum())
    rows = [
        (int(rank[i, j]), streams.codes[i], *streams.names[i], PLACES[j][1], PLACES[j][0], float(losses[i, j]),
         known(value[i, j]), known(emission[i, j]), float(losses[i, j]) / total * 100)
        for i, j in zip(*np.nonzero(losses > 0.0), strict=True)
    ]  # fmt: skip
    names = (
        "rank",
        "stream",
        "name_zh",
        "name_en",
        "stage",
        "fate",
        "loss",
        "value",
        "saving_forgone",
        "share",
    )
    rows.sort(key=lambda row: row[0])
    context.write(
        "circulation_break", {name: [row[place] for row in rows] for place, name in enumerate(names)}
    )


def _write_gain(context: StepContext, streams: Streams, saving: Array) -> None:
    points, gain = gain_of(streams, POINTS, saving)
    effects = _table_effects(context, streams, gain.value)
    context.write("recovery_gain", {
        "stream": streams.codes, "name_zh": [zh for zh, _ in streams.names],
        "name_en": [en for _, en in streams.names], "points": (points * 100).tolist(),
        "collected": gain.collected.tolist(), "returned": gain.returned.tolist(),
        "saving": [known(value) for value in gain.saving], "value": [known(value) for value in gain.value],
        "table_effect": effects,
    })  # fmt: skip


def _table_effects(context: StepContext, streams: Streams, value: Array) -> list[float | None]:
    """Return the change of total emission by the table, unit tCO2, where it has the sectors; else None."""
    none: list[float | None] = [None] * len(streams.codes)
    rows = context.read("sector_multiplier", columns=["sector_code", "total_intensity"]).to_pylist()
    intensity = {
        row["sector_code"]: row["total_intensity"] for row in rows if row["total_intensity"] is not None
    }
    if not intensity:
        return none
    sectors = load_table(context).sectors
    place = {division: i for i, sector in enumerate(sectors) for division in sector.divisions}
    vector = np.array([intensity.get(sector.code, np.nan) for sector in sectors])
    primary = {str(row["stream"]): str(row["primary_division"] or "")
               for row in context.packs["recycling_savings"].rows}  # fmt: skip
    recycling = place.get(RECYCLING_DIVISION)
    for i, code in enumerate(streams.codes):
        other = place.get(primary.get(code, ""))
        if recycling is not None and other is not None and not np.isnan(value[i]):
            none[i] = known(substitution_effect(vector, float(value[i]), recycling, other))
    return none
