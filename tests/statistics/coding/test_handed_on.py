"""True classes handed on from the audit of machine codes: figures that draw from them cover the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.coding.methods.handed_on import AuditedCodes, draw_true_codes


def _drawn(
    group: NDArray[np.int64], shares: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return a class for each unit in each replicate, shape (r, u)."""
    ends = np.cumsum(shares, axis=2)[:, :, :-1]
    uniform = generator.random((len(shares), group.size))
    return np.asarray((uniform[:, :, None] >= ends[:, group]).sum(axis=2), dtype=np.int64)


def test_intervals_cover_under_wrong_codes_with_the_audit_drawn_anew() -> None:
    """Units, their true classes and the audit are drawn anew each time; the naive figure takes the codes as right."""
    world = np.random.default_rng(11)
    rate = np.array(
        [1.0, 2.0, 4.0, 6.0, 9.0]
    )  # emission of a yuan by class; class 0 is what the machine says
    right = np.array([0.92, 0.6])
    others = np.array([0.4, 0.3, 0.2, 0.1])
    hits, naive, trials = 0, 0, 300
    for trial in range(trials):
        group = (world.random(300) < 0.3).astype(np.int64)
        amount = world.lognormal(0.0, 0.8, 300)
        wrong = world.random(300) > right[group]
        true = np.where(wrong, world.choice(4, 300, p=others) + 1, 0)
        asked = world.choice(300, 80, replace=False)
        audit = AuditedCodes(group[asked], wrong[asked], true[asked] - 1, np.full(80, 300 / 80), 2, 4)
        shares = draw_true_codes(audit, 200, np.random.default_rng([trial, 1]))
        category = _drawn(group, shares[1:], np.random.default_rng([trial, 2]))
        low, high = np.quantile((amount * rate[category]).sum(axis=1), [0.025, 0.975])
        truth, published = float(amount @ rate[true]), float(amount.sum())
        hits += min(low, published) <= truth <= max(high, published)
        naive += abs(truth - published) < 0.1 * published
    assert 0.92 <= hits / trials <= 0.985
    assert (
        naive / trials < 0.05
    )  # a tenth around the published figure, five times what sector intensities err by
