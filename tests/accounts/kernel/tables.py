"""Random economies for the tests: productive, of many regions, with zero and negative outputs where wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Economy:
    """A balanced table: x = Z 1 + Y 1."""

    use: NDArray[np.float64]
    demand: NDArray[np.float64]
    output: NDArray[np.float64]
    stressors: NDArray[np.float64]
    regions: NDArray[np.int64]
    sectors: NDArray[np.int64]

    @property
    def coefficients(self) -> NDArray[np.float64]:
        divisor = np.where(self.output == 0.0, 1.0, self.output)
        return self.use / divisor


def economy(
    seed: int,
    regions: int,
    sectors: int,
    *,
    stressors: int = 3,
    idle: int = 0,
    negative: int = 0,
    radius: float = 0.6,
) -> Economy:
    """Return a random economy; column sums lie on both sides of 1, the spectral radius is `radius`."""
    generator = np.random.default_rng(seed)
    count = regions * sectors
    coefficients = generator.lognormal(0.0, 1.5, (count, count)) * (generator.random((count, count)) < 0.4)
    home = np.repeat(np.arange(regions), sectors)
    coefficients *= np.where(home[:, None] == home[None, :], 1.0, 0.1)
    lines = generator.choice(count, idle + negative, replace=False)
    still, below = lines[:idle], lines[idle:]
    coefficients[:, still] = 0.0
    coefficients[:, below] *= -0.05
    size = np.abs(np.linalg.eigvals(coefficients)).max() if count else 1.0
    if size > 0.0:
        coefficients *= radius / size
    output = generator.lognormal(3.0, 1.0, count)
    output[still] = 0.0
    output[below] = -0.01 * output[below]
    net = output - coefficients @ output
    share = generator.dirichlet(np.ones(regions), count)
    demand = net[:, None] * share
    flows = generator.lognormal(0.0, 1.0, (stressors, count))
    flows[:, still] = 0.0
    return Economy(coefficients * output, demand, output, flows, home, np.tile(np.arange(sectors), regions))
