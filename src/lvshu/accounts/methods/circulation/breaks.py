"""Where a loop breaks: what each stream loses between generation and use as an input again, in t, yuan and tCO2e.

Stages: generated -> collected -> sorted -> recycled -> used as secondary input. What is collected and sent out of the
area to be recycled elsewhere leaves the loop at sorting; it is a loss of this loop, not of the material.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

STAGES = ("generation", "collection", "sorting", "recycling")
ALLOWED = 1e-9


@dataclass(frozen=True)
class StreamLosses:
    """Losses of k streams by the place where they leave the loop. Returned by `stream_losses`. Shape (k,), unit t.

    Attributes:
        landfilled, burned: not collected for recycling, with a known fate.
        unknown: not collected, fate unknown.
        sent_out: collected, recycled elsewhere.
        at_sorting: collected, kept, not sorted out as usable.
        at_recycling: sorted and lost in the plant.
        unsold: recycled and not used as an input.

    Source: mass balance of each stage; stages after Graedel et al. (2011), Journal of Industrial Ecology 15(3).
    """

    landfilled: Array
    burned: Array
    unknown: Array
    sent_out: Array
    at_sorting: Array
    at_recycling: Array
    unsold: Array

    def table(self) -> Array:
        """Return all losses, shape (k, 7), unit t, in the order of the attributes."""
        parts = (self.landfilled, self.burned, self.unknown, self.sent_out, self.at_sorting, self.at_recycling,
                 self.unsold)  # fmt: skip
        return np.stack(parts, axis=1)


# the columns of StreamLosses.table(): (fate, stage it happens after)
PLACES = (
    ("landfilled", "generation"), ("burned", "generation"), ("unknown", "generation"),
    ("sent_out", "collection"), ("at_sorting", "collection"), ("at_recycling", "sorting"),
    ("unsold", "recycling"),
)  # fmt: skip


def stream_losses(amounts: Array, landfilled: Array, burned: Array, sent_out: Array) -> StreamLosses:
    """Return where each stream loses what it does not return; the losses add up to generated - used.

    Args:
        amounts: generated, collected, sorted, recycled, used as secondary input, shape (k, 5), unit t; of the area's
            own waste, without what is brought in.
        landfilled: of what was not collected for recycling, shape (k,), unit t.
        burned: of what was not collected for recycling, shape (k,), unit t.
        sent_out: of what was collected, shape (k,), unit t.

    Returns:
        The losses, shape (k,) each, unit t; every one of them non-negative.

    Raises:
        MethodError: accounts.stage_grows, for each stage at which a stream has more than before it.

    Source: mass balance; stages after Graedel et al. (2011), Journal of Industrial Ecology 15(3).
    """
    generated, collected, sorted_out, recycled, used = amounts.T
    losses = StreamLosses(
        landfilled, burned, generated - collected - landfilled - burned, sent_out,
        collected - sent_out - sorted_out, sorted_out - recycled, recycled - used,
    )  # fmt: skip
    table = losses.table()
    tolerance = ALLOWED * np.maximum(generated, 1.0)
    problems = [
        Problem("accounts.stage_grows", values={
            "stream": int(row) + 1, "place": PLACES[column][0], "amount": float(-table[row, column])})
        for row, column in zip(*np.nonzero(table < -tolerance[:, None]), strict=True)
    ]  # fmt: skip
    if problems:
        raise MethodError(*problems)
    return StreamLosses(*np.maximum(table, 0.0).T)


def break_list(losses: Array, price: Array, saving: Array) -> tuple[Array, Array, NDArray[np.int64]]:
    """Return what the losses are worth and would save, and their rank by mass.

    Args:
        losses: shape (k, s), unit t.
        price: of the secondary material, shape (k,), unit CNY per t; nan where it is not known.
        saving: emission that a tonne used again saves (primary production less recycling), shape (k,), unit tCO2e/t;
            nan where no source gives it.

    Returns:
        Value, shape (k, s), unit CNY; emission forgone, shape (k, s), unit tCO2e; both nan where the rate is not
        known; rank of each loss, shape (k, s), count from 1, largest mass first, ties by position.

    Source: valuation of a flow at a unit rate; rank is an order, no method.
    """
    order = np.argsort(-losses, axis=None, kind="stable")
    rank = np.empty(losses.size, dtype=np.int64)
    rank[order] = np.arange(1, losses.size + 1)
    return losses * price[:, None], losses * saving[:, None], rank.reshape(losses.shape)
