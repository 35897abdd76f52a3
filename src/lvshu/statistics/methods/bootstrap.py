"""Bootstrap of stratified samples of clusters: replicates of totals that later chains can carry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def replicate_totals(
    cluster_totals: Array, stratum: Index, replicates: int, generator: np.random.Generator
) -> Array:
    """Return totals of resampled clusters: n_h - 1 of the n_h clusters of each stratum, drawn with replacement.

    A stratum with one cluster stays as it is.

    Args:
        cluster_totals: shape (clusters, variables), expanded totals of the clusters, in the variables' units.
        stratum: shape (clusters,), number of the stratum of each cluster, from 0.
        replicates: how many, count.
        generator: source of the draws.

    Returns:
        Replicates, shape (replicates, variables), in the variables' units.

    Source: Rao & Wu (1988), JASA 83; Rao, Wu & Yue (1992), Survey Methodology 18: factor n_h/(n_h - 1) times the
    number of times a cluster was drawn.
    """
    totals = np.zeros((replicates, cluster_totals.shape[1]))
    for number in range(int(stratum.max()) + 1):
        inside = cluster_totals[stratum == number]
        size = inside.shape[0]
        if size < 2:
            totals += inside.sum(axis=0)
            continue
        drawn = generator.multinomial(size - 1, np.full(size, 1.0 / size), size=replicates)
        totals += (drawn * (size / (size - 1.0))) @ inside
    return totals


def replicate_domain_totals(
    values: Array,
    stratum: Index,
    count: Array,
    population: Array,
    replicates: int,
    generator: np.random.Generator,
) -> Array:
    """Return totals of resampled units of a stratified sample, with the finite population correction.

    Only the units of the domain are given; the others of a stratum are drawn as one lump of zeros, which is the
    same draw. A stratum with one unit, or surveyed in full, stays as it is.

    Args:
        values: shape (units, variables), expanded values of the units of the domain, in the variables' units.
        stratum: shape (units,), number of the stratum of each unit, from 0.
        count: shape (strata,), all sampled units n_h of the stratum, count.
        population: shape (strata,), units N_h of the stratum, count.
        replicates: how many, count.
        generator: source of the draws.

    Returns:
        Replicates, shape (replicates, variables), in the variables' units.

    Source: Rao & Wu (1988), JASA 83, section 2.2: n_h - 1 units drawn with replacement, deviations scaled by
    √(1 - n_h/N_h).
    """
    totals = np.tile(values.sum(axis=0), (replicates, 1))
    for number in np.unique(stratum):
        size = int(count[number])
        rest = 1.0 - min(size / max(float(population[number]), 1e-300), 1.0)
        if size < 2 or rest <= 0.0:
            continue
        inside = values[stratum == number]
        chances = np.full(inside.shape[0] + 1, 1.0 / size)
        chances[-1] = max(1.0 - inside.shape[0] / size, 0.0)
        drawn = generator.multinomial(size - 1, chances, size=replicates)[:, :-1]
        totals += np.sqrt(rest) * (drawn * (size / (size - 1.0)) - 1.0) @ inside
    return totals
