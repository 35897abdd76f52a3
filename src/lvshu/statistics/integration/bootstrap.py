"""The error of an estimate from a sample and a source together, both drawn anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.replicates import bootstrap

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def bootstrap_both(
    sample: Design,
    source_size: int,
    estimator: Callable[[Design, Index], float],
    replicates: int,
    generator: np.random.Generator,
) -> Estimates:
    """Return an estimate with its bootstrap error: clusters of the sample and units of the source drawn anew.

    Args:
        sample: the probability sample.
        source_size: units of the source, count.
        estimator: takes the sample with other weights and positions of the source's units, returns a value.
        replicates: how many, count.
        generator: source of the draws.

    Source: Rao & Wu (1988) for the sample; Kim, Park, Chen & Wu (2021), section 3, for the source.
    """
    value = estimator(sample, np.arange(source_size))
    drawn = bootstrap(sample, replicates, generator)
    found = []
    for replicate in range(replicates):
        weights = np.maximum(drawn.weights(replicate), 0.0)
        chosen = generator.integers(0, source_size, source_size)
        found.append(estimator(sample.with_weights(weights), np.asarray(chosen, dtype=np.int64)))
    spread = np.array([[np.var(found, ddof=1)]])
    size = np.array([float(sample.size)])
    return Estimates("bootstrap_both", ("mean",), np.array([value]), spread, sample.degrees_of_freedom, size)
