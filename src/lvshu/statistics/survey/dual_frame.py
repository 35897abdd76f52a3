"""Two samples from two overlapping frames: Hartley, Fuller-Burmeister, pseudo maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import Design, flags
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import columns_of
from lvshu.statistics.survey.variance import covariance

Array = NDArray[np.float64]
Estimator = Callable[[Array], float]

METHODS = ("hartley", "fuller_burmeister", "pseudo_likelihood")


@dataclass(frozen=True)
class FrameSample:
    """A sample from one frame.

    Attributes:
        design: of the sample.
        values: shape (n,), in the variable's unit.
        overlap: shape (n,), whether a record also stands in the other frame.
        frame_size: records of the frame, count; needed for the pseudo-likelihood.

    Source: Hartley (1962), Proc. Social Statistics Section ASA.
    """

    design: Design
    values: Any
    overlap: Any
    frame_size: float | None = None

    def totals(self) -> tuple[Array, Array]:
        """Return totals of (outside, overlap) as counts and values, shape (4,), and their covariance, shape (4, 4).

        Raises:
            MethodError: as `columns_of`; an overlap that is not told by truth values.
        """
        value, _ = columns_of(self.values, self.design, None, "error")
        both, value = flags(self.overlap).astype(float), value[:, 0]
        columns = np.stack([1.0 - both, both, (1.0 - both) * value, both * value], axis=1)
        scores = self.design.weights[:, None] * columns
        return scores.sum(axis=0), covariance(self.design, scores)


@dataclass(frozen=True)
class DualFrameEstimate:
    """The total of the union of two frames.

    Attributes:
        estimates: total (in the variable's unit) and size of the union (count).
        method: one of `METHODS`.
        share: weight of the first sample in the overlap, dimensionless.

    Source: as `dual_frame`.
    """

    estimates: Estimates
    method: str
    share: float


def dual_frame(first: FrameSample, second: FrameSample, *, method: str = "hartley") -> DualFrameEstimate:
    """Return the total over the union of two frames, in the variable's unit, from independent samples of each.

    Args:
        first: sample of frame A.
        second: sample of frame B.
        method: "hartley" (share with least variance of this total), "fuller_burmeister" (also uses that both
            samples estimate the same overlap size), "pseudo_likelihood" (needs both frame sizes; one set of weights
            for all variables).

    Raises:
        MethodError: an unknown method; frame sizes that are missing; no record of the overlap in a sample.

    Source: Hartley (1962); Fuller & Burmeister (1972); Skinner & Rao (1996), JASA 91; variance by linearisation with
    the estimated shares held fixed, Lohr & Rao (2000), JASA 95.
    """
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    a, va = first.totals()
    b, vb = second.totals()
    if a[1] == 0.0 or b[1] == 0.0:
        raise MethodError(Problem("survey.frames_do_not_overlap"))
    point = np.concatenate([a, b])
    matrix = np.zeros((8, 8))
    matrix[:4, :4], matrix[4:, 4:] = va, vb
    if method == "pseudo_likelihood":
        share, functions = _pseudo_likelihood(first, second, point, matrix)
    else:
        share, functions = _optimal(point, matrix, sizes=method == "fuller_burmeister")
    slopes = np.stack([_gradient(function, point) for function in functions])
    value = np.array([function(point) for function in functions])
    free = first.design.degrees_of_freedom + second.design.degrees_of_freedom
    sampled = np.full(2, float(first.design.size + second.design.size))
    labels = ("total", "size")
    found = Estimates("dual_frame", labels, value, slopes @ matrix @ slopes.T, free, sampled)
    return DualFrameEstimate(found, method, share)


def _optimal(point: Array, matrix: Array, *, sizes: bool) -> tuple[float, list[Estimator]]:
    """Return the optimum share and the two linear estimators (total and size)."""
    size_gap = np.array([0.0, 1, 0, 0, 0, -1, 0, 0])
    value_gap = np.array([0.0, 0, 0, 1, 0, 0, 0, -1])
    whole_value = np.array([0.0, 0, 1, 0, 0, 0, 1, 1])
    whole_size = np.array([1.0, 0, 0, 0, 1, 1, 0, 0])
    shares, functions = [], []
    for whole, gap in ((whole_value, value_gap), (whole_size, size_gap)):
        gaps = np.stack([value_gap, size_gap]) if sizes and gap is value_gap else gap[None, :]
        spread = gaps @ matrix @ gaps.T
        best = -np.linalg.pinv(spread) @ (gaps @ matrix @ whole)
        along = whole + best @ gaps
        shares.append(float(best[0]))
        functions.append(_linear(along))
    return shares[0], functions


def _linear(along: Array) -> Estimator:
    return lambda point: float(along @ point)


def _pseudo_likelihood(
    first: FrameSample, second: FrameSample, point: Array, matrix: Array
) -> tuple[float, list[Estimator]]:
    """Return the share that is best for the overlap's size, and Skinner and Rao's estimators."""
    if first.frame_size is None or second.frame_size is None:
        raise MethodError(Problem("survey.frame_size_needed"))
    n_a, n_b = float(first.frame_size), float(second.frame_size)
    both = 0.5 * (point[1] + point[5])
    only_a, only_b = max(n_a - both, 0.0), max(n_b - both, 0.0)
    upper, lower = only_a * n_b * matrix[5, 5], only_b * n_a * matrix[1, 1]
    share = float(upper / (upper + lower)) if upper + lower > 0 else 0.5

    def overlap(at: Array) -> float:
        square = share / n_b + (1.0 - share) / n_a
        line = 1.0 + share * at[1] / n_b + (1.0 - share) * at[5] / n_a
        rest = share * at[1] + (1.0 - share) * at[5]
        return float((line - np.sqrt(max(line**2 - 4.0 * square * rest, 0.0))) / (2.0 * square))

    def total(at: Array) -> float:
        size = overlap(at)
        mixed = share * at[1] + (1.0 - share) * at[5]
        within = size / mixed * (share * at[3] + (1.0 - share) * at[7])
        outside_a = (n_a - size) * at[2] / at[0] if at[0] else 0.0
        outside_b = (n_b - size) * at[6] / at[4] if at[4] else 0.0
        return float(outside_a + outside_b + within)

    return share, [total, lambda at: n_a + n_b - overlap(at)]


def _gradient(function: Estimator, point: Array) -> Array:
    slopes = np.zeros(point.size)
    for place, value in enumerate(point):
        step = 1e-5 * max(abs(value), 1.0)
        up, down = point.copy(), point.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = (function(up) - function(down)) / (2.0 * step)
    return slopes
