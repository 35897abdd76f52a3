"""Recovery of used materials: rates, and what recovering more of a stream would bring in t, tCO2 and yuan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.circulation.freight import check_share
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


def recovery_rate(collected: Array, generated: Array) -> Array:
    """Return 再生资源回收率 = collected / generated; nan for a stream that generates nothing.

    Args:
        collected: shape (k,) or (k, r), unit t.
        generated: same shape, unit t.

    Returns:
        Rates, same shape, dimensionless.

    Source: 再生资源回收率 = 回收量 / 产生量; 循环经济发展评价指标体系（2017年版）（发改环资〔2016〕2749号）.
    """
    none = generated <= 0.0
    return np.asarray(np.where(none, np.nan, collected / np.where(none, 1.0, generated)))


def unit_saving(primary: Array, secondary: Array) -> Array:
    """Return what a tonne of material saves when it is made from waste.

    Args:
        primary: emission of primary production, shape (k,), unit tCO2e/t; nan where no source gives it.
        secondary: emission of recycling into the same material, shape (k,), unit tCO2e/t; nan likewise.

    Returns:
        primary - secondary, shape (k,), unit tCO2e/t; nan where either is missing.

    Source: substitution of primary production, one for one: ISO 14044:2006, 4.3.4.3 (closed loop allocation).
    """
    return np.asarray(primary - secondary)


@dataclass(frozen=True)
class RecoveryGain:
    """What recovering more brings. Returned by `recover_more`. Each of shape (k,).

    Attributes:
        collected: more collected, unit t.
        returned: more used as secondary input, unit t.
        saving: emission of primary production displaced less that of recycling, unit tCO2e; nan where unknown.
        value: of the secondary material at its price, unit CNY; nan where unknown.

    Source: as `recover_more`.
    """

    collected: Array
    returned: Array
    saving: Array
    value: Array


def recover_more(
    generated: Array, collected: Array, used: Array, points: Array, saving: Array, price: Array
) -> RecoveryGain:
    """Return what raising the recovery rate by x points of what is generated brings.

    What is collected in addition is assumed to come back at the stream's present yield, used / collected: sorting and
    plants work as they do now. A stream that nothing is collected of today has no yield and gains nothing.

    Args:
        generated: shape (k,), unit t.
        collected: today, shape (k,), unit t.
        used: today, as secondary input, shape (k,), unit t.
        points: share of generation recovered in addition, shape (k,), dimensionless, 0 to 1.
        saving: emission saved by a tonne used, shape (k,), unit tCO2e/t; nan where no source gives it.
        price: shape (k,), unit CNY per t; nan where it is not known.

    Returns:
        Tonnes, tCO2e and yuan of each stream.

    Raises:
        MethodError: accounts.share_outside; accounts.recover_too_much, when more would be collected than there is.

    Source: 国发〔2021〕4号, section 3; substitution as in ISO 14044:2006, 4.3.4.3.
    """
    for share in points:
        check_share(float(share))
    more = generated * points
    over = np.flatnonzero(collected + more > generated * (1.0 + 1e-9))
    if over.size:
        raise MethodError(*(
            Problem("accounts.recover_too_much", values={
                "stream": int(i) + 1, "points": float(points[i]) * 100,
                "most": float((generated[i] - collected[i]) / generated[i]) * 100 if generated[i] else 0.0})
            for i in over
        ))  # fmt: skip
    none = collected <= 0.0
    returned = np.asarray(np.where(none, 0.0, more * used / np.where(none, 1.0, collected)))
    return RecoveryGain(np.asarray(more), returned, returned * saving, returned * price)


def substitution_effect(total_intensity: Array, value: float, recycling: int, primary: int) -> float:
    """Return the change of emission when purchases of a value move from a primary product to recycled material.

    Args:
        total_intensity: emission per unit of final demand, m = s (I - A)^-1, shape (n,), unit tCO2 per CNY.
        value: purchases that move, unit CNY.
        recycling: position of the sector 废弃资源综合利用.
        primary: position of the sector that makes the primary material.

    Returns:
        value (m of recycling - m of primary), unit tCO2; negative is a saving.

    Source: Miller and Blair (2009), chapter 10, with a change of final demand of equal value; prices are kept.
    """
    return float(value * (total_intensity[recycling] - total_intensity[primary]))
