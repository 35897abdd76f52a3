"""What wrong links of borrowers change in financed emissions, replicate by replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.finance.methods.joint_error import draw_links

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """What drawing links anew changes in a method's total.

    Attributes:
        drawn: shape (replicates, divisions + 1), tCO2e; the last column rests on no sector intensity.
        mean: shape (divisions + 1,), tCO2e, the average over the posterior: the bias that is left in the total.
        borrowers: how many it rests on.
        known: whether anything tells how often what was taken is wrong.
    """

    drawn: Array
    mean: Array
    borrowers: int
    known: bool = True

    def __add__(self, other: Change) -> Change:
        """Return both changes together; it is known how often what was taken is wrong where it is of either."""
        return Change(
            self.drawn + other.drawn, self.mean + other.mean, self.borrowers + other.borrowers,
            self.known or other.known,
        )  # fmt: skip


def of_links(context: StepContext, methods: Sequence[str], divisions: list[str]) -> dict[str, Change]:
    """Return the changes by other links of borrowers found by name; methods without any are left out."""
    order = ("subject_key", "entity_id")
    listed = context.read("link_alternative", order=order)
    if not listed.num_rows:
        return {}
    keys = listed["subject_key"].to_pylist()
    number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    subject = np.array([number[key] for key in keys], dtype=np.int64)
    alternative = {
        pair: place for place, pair in enumerate(zip(keys, listed["entity_id"].to_pylist(), strict=True))
    }
    place_of = {code: place for place, code in enumerate(divisions)}
    rows: dict[str, tuple[list[int], list[int], list[float]]] = {one: ([], [], []) for one in methods}
    for row in context.read(
        "link_alternative_emission", order=("method", *order, "gbt4754_division")
    ).to_pylist():
        if row["method"] in rows:
            pair, division, emission = rows[row["method"]]
            pair.append(alternative[row["subject_key"], row["entity_id"]])
            division.append(place_of.get(row["gbt4754_division"], len(divisions)))
            emission.append(float(row["emission"]))
    there = [one for one in methods if rows[one][0]]
    arrays = [
        (
            np.array(rows[one][0], dtype=np.int64),
            np.array(rows[one][1], dtype=np.int64),
            np.array(rows[one][2]),
        )
        for one in there
    ]
    chance, taken = listed["probability"].to_numpy(), np.array(listed["taken"].to_pylist(), dtype=bool)
    made = draw_links(
        subject,
        chance,
        taken,
        arrays,
        len(divisions) + 1,
        context.settings.replicates,
        context.generator("links"),
    )
    return {
        one: Change(drawn, mean, len(np.unique(subject[pairs])))
        for one, (drawn, mean), (pairs, _, _) in zip(there, made, arrays, strict=True)
    }
