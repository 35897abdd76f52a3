"""The four quantitative indicators of the green-finance evaluation, and their two comparisons.

The scheme's formula from a comparison to points was not obtained; nothing here gives a score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INDICATORS = ("green_share", "market_share", "growth", "risk_share")
QUARTERS_BEFORE = 3
LOWER_IS_BETTER = frozenset({"risk_share"})


@dataclass(frozen=True)
class Balances:
    """Quarter-end balances of institutions, each of shape (institutions, quarters), unit CNY; NaN where not told.

    Taken by `indicators`, from which it Returns nothing by itself. Quarters follow one another without a break.

    Source: 银发〔2021〕142号, quantitative indicators.
    """

    green: NDArray[np.float64]
    business: NDArray[np.float64]
    bad: NDArray[np.float64]


def indicators(balances: Balances) -> Mapping[str, NDArray[np.float64]]:
    """Return the four indicators, each of shape (institutions, quarters), unit percent; NaN where not defined.

    green_share = green / business; market_share = green / green of all institutions told in that quarter;
    growth = green / green four quarters before - 1; risk_share = bad / green. A zero divisor gives NaN.

    Args:
        balances: green, business and bad balances, each of shape (institutions, quarters), unit CNY.

    Source: 银发〔2021〕142号, quantitative indicators (names and ratios after public restatements).
    """
    green = np.asarray(balances.green, dtype=float)
    whole = np.nansum(green, axis=0, keepdims=True)
    before = np.full_like(green, np.nan)
    before[:, 4:] = green[:, :-4]
    return {
        "green_share": _percent(green, balances.business),
        "market_share": _percent(green, np.broadcast_to(whole, green.shape)),
        "growth": _percent(green, before) - 100.0,
        "risk_share": _percent(balances.bad, green),
    }


def own_history(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the three quarters before each quarter, shape (institutions, quarters), unit percent.

    NaN unless all three are there. Whether the scheme counts the quarter itself among the "last three periods" was
    not established; here it is not counted.

    Args:
        values: an indicator, shape (institutions, quarters), unit percent.

    Source: 银发〔2021〕142号, comparison with own history (three periods).
    """
    found = np.full_like(values, np.nan)
    for place in range(QUARTERS_BEFORE, values.shape[1]):
        found[:, place] = values[:, place - QUARTERS_BEFORE : place].mean(axis=1)
    return found


def peers(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the plain mean over the other institutions, shape (institutions, quarters), unit percent.

    NaN for an institution without any peer told in that quarter.

    Args:
        values: an indicator, shape (institutions, quarters), unit percent.

    Source: 银发〔2021〕142号, comparison with peers.
    """
    told = ~np.isnan(values)
    sums, counts = np.nansum(values, axis=0, keepdims=True), told.sum(axis=0, keepdims=True)
    others = counts - told
    rest = sums - np.where(told, values, 0.0)
    return np.where(others > 0, rest / np.maximum(others, 1), np.nan)


def places(values: NDArray[np.float64], indicator: str) -> NDArray[np.int64]:
    """Return the place of each institution, shape (institutions, quarters), a count from 1; 0 where not told.

    Args:
        values: an indicator, shape (institutions, quarters), unit percent.
        indicator: its code; of risk_share the lowest comes first, of all others the highest.

    Source: definition.
    """
    sign = 1.0 if indicator in LOWER_IS_BETTER else -1.0
    ordered = np.where(np.isnan(values), np.inf, sign * values)
    better = (ordered[None, :, :] < ordered[:, None, :]).sum(axis=1)
    return np.where(np.isnan(values), 0, better + 1).astype(np.int64)


def quarters_between(months: Sequence[str]) -> tuple[str, ...]:
    """Return every quarter-end month from the first to the last, so that no quarter is skipped (a count of texts).

    Args:
        months: quarter-end months such as 2023-12, in any order.

    Source: calendar.
    """
    if not months:
        return ()
    first, last = (int(month[:4]) * 4 + int(month[5:7]) // 3 - 1 for month in (min(months), max(months)))
    return tuple(f"{place // 4}-{place % 4 * 3 + 3:02d}" for place in range(first, last + 1))


def _percent(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    divisor = np.where(whole == 0, np.nan, whole)
    return 100.0 * np.asarray(part, dtype=float) / divisor
