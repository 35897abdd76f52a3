"""Small cells of the finance chapter: sums over few loans, projects or institutions are not shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lvshu.publish.display import Absence, Value
from lvshu.publish.reader import Reader

RULE = "minimum_institutions"


def least(reader: Reader) -> int:
    """Return how many units a shown cell must have at least, as the pack benefit_factors says."""
    for row in reader.pack_rows("benefit_factors", code=RULE):
        return int(Decimal(str(row["value"])))
    return 1


def hidden(counts: Sequence[int], minimum: int) -> frozenset[int]:
    """Return the places of cells not to be shown, so that none follows from the sum of the others.

    Args:
        counts: how many units each part of one whole has; an empty part hides nothing.
        minimum: how many units a shown part has at least.
    """
    found = {place for place, count in enumerate(counts) if 0 < count < minimum}
    others = sorted(
        (place for place, count in enumerate(counts) if count >= minimum), key=lambda place: (counts[place], place)
    )  # fmt: skip
    while found and others and (len(found) == 1 or sum(counts[place] for place in found) < minimum):
        found.add(others.pop(0))
    return frozenset(found)


def shown(value: Value, place: int, secret: frozenset[int]) -> Value:
    """Return a figure, or the sign of a suppressed one where its place is secret."""
    return Absence.SUPPRESSED if place in secret and value is not None else value
