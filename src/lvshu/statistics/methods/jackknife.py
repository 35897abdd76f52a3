"""Delete-a-cluster jackknife of stratified samples: replicates of totals and the variance they give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def replicate_totals(cluster_totals: Array, stratum: Index) -> Array:
    """Return the totals with one cluster left out at a time, the others of its stratum scaled up.

    A stratum with one cluster gives no replicate change: its row equals the full total.

    Args:
        cluster_totals: shape (clusters, variables), expanded totals of the clusters, in the variables' units.
        stratum: shape (clusters,), number of the stratum of each cluster, from 0.

    Returns:
        Replicates, shape (clusters, variables), in the variables' units.

    Source: JKn, Wolter, Introduction to Variance Estimation (2007), section 4.5.
    """
    count = np.bincount(stratum).astype(float)[stratum]
    sums = np.zeros((int(stratum.max()) + 1, cluster_totals.shape[1]))
    np.add.at(sums, stratum, cluster_totals)
    own = sums[stratum]
    factor = np.where(count > 1, count / np.where(count > 1, count - 1, 1.0), 1.0)[:, None]
    kept = np.where((count > 1)[:, None], factor * (own - cluster_totals), own)
    return np.asarray(cluster_totals.sum(axis=0) - own + kept)


def jackknife_variance(estimate: float, replicates: Array, stratum: Index) -> float:
    """Return the variance of an estimate from its replicates.

    Args:
        estimate: full-sample estimate, in its unit.
        replicates: shape (clusters,), the estimate without each cluster, in its unit.
        stratum: shape (clusters,), number of the stratum of each cluster, from 0.

    Returns:
        Variance, a scalar in the unit squared.

    Source: Wolter (2007), section 4.5 (stratified sampling), with deviations from the full-sample estimate.
    """
    count = np.bincount(stratum).astype(float)[stratum]
    return float(((count - 1.0) / count * (replicates - estimate) ** 2).sum())
