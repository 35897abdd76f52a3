"""Parts of a variance that add up to it, none of them below zero."""

from __future__ import annotations

from collections.abc import Mapping


def not_below_zero(parts: Mapping[str, float]) -> dict[str, float]:
    """Return parts of a variance with those below zero at zero, the others scaled so that they add up as before.

    A Shapley part is below zero where drawing a source anew narrows what others do, or by the chance of few
    replicates. A size, the root of a part, then does not exist; what such a source takes away is taken from the others
    in proportion to their parts, so that parts still add up to the joint variance.

    Args:
        parts: of a variance, by source, in the unit squared; together not below zero.

    Returns:
        Parts by source, in the unit squared, with the same sum (zero where that is below zero).

    Source: none; a convention for display. The parts before it: Song, Nelson & Staum (2016), SIAM/ASA Journal on
    Uncertainty Quantification 4.
    """
    whole = max(sum(parts.values()), 0.0)
    kept = {name: max(part, 0.0) for name, part in parts.items()}
    above = sum(kept.values())
    if above == whole or above <= 0.0:
        return kept
    return {name: part * (whole / above) for name, part in kept.items()}
