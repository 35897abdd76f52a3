"""Shift of the mix of capital between classes: growth of the total, between divisions and within them, exactly.

Letters: w (n,) weight of a division in all capital, l (n,) share of a class within a division, both dimensionless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """The change of each class in parts that sum to it. Returned by `shift_of_mix`; k classes.

    Attributes:
        change, growth, between, within: shape (k,), unit CNY; change = growth + between + within.
        share_begin, share_end: shape (k,), dimensionless; nan where there is no capital.
        between_share, within_share: shape (k,), dimensionless; they sum to the change of the share.

    Source: shift-share analysis, midpoint (Marshall-Edgeworth) weights.
    """

    change: Array
    growth: Array
    between: Array
    within: Array
    share_begin: Array
    share_end: Array
    between_share: Array
    within_share: Array


def shift_of_mix(begin: Array, end: Array) -> Shift:
    """Return the change of each class as growth of the total, shift between divisions and shift within them.

    With T the total, L the share of a class, w the weight of a division and l the share of the class within it:
    change = mean(L)·ΔT + mean(T)·ΔL, and ΔL = Σ mean(l)·Δw + Σ mean(w)·Δl. A division that has no capital at one end
    takes its mix from the other, so that its coming or going counts as between. Where the total is zero at one end
    the mix is that of the other and all change is growth.

    Args:
        begin: capital by division and class, shape (n, k), unit CNY, not negative.
        end: the same at the end, shape (n, k), unit CNY.

    Returns:
        The parts by class, unit CNY.

    Source: Sun (1998), Energy Economics 20, a complete decomposition model (jointly created changes shared equally:
        for two factors, midpoint weights); exact by construction.
    """
    total_begin, total_end = float(begin.sum()), float(end.sum())
    change = end.sum(axis=0) - begin.sum(axis=0)
    w0, l0 = _weights(begin, total_begin)
    w1, l1 = _weights(end, total_end)
    if total_begin == 0.0 or total_end == 0.0:
        w0, l0, w1, l1 = (w1, l1, w1, l1) if total_begin == 0.0 else (w0, l0, w0, l0)
    here, there = w0 > 0.0, w1 > 0.0
    l0, l1 = np.where(here[:, None], l0, l1), np.where(there[:, None], l1, l0)
    between = ((l0 + l1) / 2.0 * (w1 - w0)[:, None]).sum(axis=0)
    within = ((w0 + w1)[:, None] / 2.0 * (l1 - l0)).sum(axis=0)
    share_begin, share_end = (w0[:, None] * l0).sum(axis=0), (w1[:, None] * l1).sum(axis=0)
    middle = (total_begin + total_end) / 2.0
    return Shift(
        change=change,
        growth=(share_begin + share_end) / 2.0 * (total_end - total_begin),
        between=middle * between,
        within=middle * within,
        share_begin=share_begin if total_begin else np.full(len(change), np.nan),
        share_end=share_end if total_end else np.full(len(change), np.nan),
        between_share=between,
        within_share=within,
    )


def _weights(capital: Array, total: float) -> tuple[Array, Array]:
    division = capital.sum(axis=1)
    inside = capital / np.where(division == 0.0, 1.0, division)[:, None]
    return division / (total if total else 1.0), inside


def mean_intensity(amount: Array, intensity: Array) -> tuple[float, float]:
    """Return the mean intensity weighted by amounts, and the share of amounts whose intensity is known.

    Args:
        amount: by division, shape (n,), unit CNY, not negative.
        intensity: by division, shape (n,), unit tCO2/CNY; nan where it is not known.

    Returns:
        Mean intensity in tCO2/CNY over divisions with a known one (nan where there is none), and the share covered,
        dimensionless (nan where all amounts are zero).

    Source: weighted average carbon intensity (PCAF Standard Part A, 2022, section 6), here with sector intensities.
    """
    known = np.isfinite(intensity)
    covered, total = float(amount[known].sum()), float(amount.sum())
    mean = float(amount[known] @ intensity[known]) / covered if covered > 0.0 else float("nan")
    return mean, covered / total if total > 0.0 else float("nan")
