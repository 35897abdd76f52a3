"""From the weight of evidence to a probability: how rare true pairs are is learned from the scored pairs."""

from __future__ import annotations

import numpy as np

STEPS = 200


def posterior(weight: np.ndarray, prior: float) -> np.ndarray:
    """Return the probability that each pair is a true one, shape (pairs,), dimensionless.

    Args:
        weight: log2 of the likelihood ratio of the evidence, shape (pairs,).
        prior: share of true pairs among all, dimensionless.

    Source: Fellegi and Sunter (1969); P = prior R / (prior R + 1 - prior), R = 2^weight.
    """
    logit = np.clip(np.asarray(weight, dtype=float) * np.log(2) + np.log(prior / (1 - prior)), -700, 700)
    return np.asarray(1 / (1 + np.exp(-logit)))


def fit_prior(
    weight: np.ndarray, total: float, *, start: float = 1e-4, known: np.ndarray | None = None
) -> float:
    """Return the share of true pairs among all pairs, dimensionless, that the scored pairs speak for.

    Pairs that were not scored count as false ones; the share is therefore one of pairs that blocking finds.

    Args:
        weight: log2 of the likelihood ratio of each scored pair, shape (pairs,).
        total: number of all pairs that there are, a count.
        start: where to begin, dimensionless.
        known: whether a scored pair is known to be a true one, shape (pairs,), such as by an equal code.

    Source: expectation maximisation of the mixing share with known densities, Dempster, Laird and Rubin (1977).
    """
    if not len(weight) or total <= 0:
        return start
    share = start
    for _ in range(STEPS):
        chances = posterior(weight, share)
        fresh = float((chances if known is None else np.where(known, 1.0, chances)).sum()) / total
        fresh = min(max(fresh, 1e-15), 0.5)
        if abs(fresh - share) <= 1e-9 * fresh:
            break
        share = fresh
    return share
