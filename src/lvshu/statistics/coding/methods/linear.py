"""A linear softmax model of low rank on sparse features, trained by mini-batches with adaptive steps.

x: features, sparse, shape (texts, columns), dimensionless.   E: columns to factors, shape (columns, rank).
W: factors to classes, shape (classes, rank).                  b: shape (classes,).
z = (x E) Wᵀ + b: scores (logits), shape (texts, classes), dimensionless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float32]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class LinearSettings:
    """How the model is trained. Returns nothing itself: the settings of `fit_linear`.

    Attributes:
        rank: number of factors, count.
        epochs: passes over the texts, count.
        rate: first step length, falling to zero, dimensionless.
        batch: texts a step, count.
        hidden: share of features left out at random in training, dimensionless.
        seed: of the random numbers.

    Source: Joulin et al. (2017), Bag of Tricks for Efficient Text Classification, EACL (rank, falling rate).
    """

    rank: int = 100
    epochs: int = 15
    rate: float = 0.07
    batch: int = 64
    hidden: float = 0.3
    seed: int = 20210913


@dataclass(frozen=True)
class LinearModel:
    """The fitted model. Returns nothing itself: made by `fit_linear`, used by `linear_scores`.

    Attributes:
        factors: E, shape (columns, rank).
        classes: W, shape (classes, rank).
        constant: b, shape (classes,).

    Source: Joulin et al. (2017), EACL.
    """

    factors: Array
    classes: Array
    constant: Array


def fit_linear(
    features: sparse.csr_matrix,
    label: Index,
    classes: int,
    settings: LinearSettings,
    weight: NDArray[np.float64] | None = None,
) -> LinearModel:
    """Return the model that minimises the weighted multinomial log loss, by stochastic gradients.

    Args:
        features: shape (texts, columns), dimensionless.
        label: number of each text's class, 0 to classes − 1, shape (texts,).
        classes: how many classes there are, count.
        settings: of the training.
        weight: of each text, shape (texts,), dimensionless; one each when left out.

    Returns:
        LinearModel, dimensionless; a class without texts keeps the smallest constant.

    Source: softmax regression of low rank, Joulin et al. (2017); step lengths by Duchi, Hazan, Singer (2011), JMLR 12
        (one accumulator a row).
    """
    random = np.random.default_rng(settings.seed)
    shape = (features.shape[1], settings.rank)
    state = _State(
        factors=(random.standard_normal(shape) * 0.1).astype(np.float32),
        classes=np.zeros((classes, settings.rank), np.float32),
        constant=np.zeros(classes, np.float32),
        seen_factors=np.full(shape[0], 1e-6, np.float32),
        seen_classes=np.full(classes, 1e-6, np.float32),
        seen_constant=np.full(classes, 1e-6, np.float32),
    )
    weights = np.ones(len(label), np.float32) if weight is None else weight.astype(np.float32)
    for epoch in range(settings.epochs):
        order = random.permutation(len(label))
        rate = settings.rate * (1 - epoch / settings.epochs)
        for start in range(0, len(order), settings.batch):
            rows = order[start : start + settings.batch]
            batch = features[rows]
            if settings.hidden:
                kept = random.random(len(batch.data), dtype=np.float32) >= settings.hidden
                batch.data = batch.data * kept / np.float32(1 - settings.hidden)
            state.step(batch, label[rows], weights[rows], rate)
    absent = np.bincount(label, minlength=classes) == 0
    state.constant[absent] = state.constant.min(initial=0.0)
    return LinearModel(state.factors, state.classes, state.constant)


@dataclass
class _State:
    factors: Array
    classes: Array
    constant: Array
    seen_factors: Array
    seen_classes: Array
    seen_constant: Array

    def step(self, batch: sparse.csr_matrix, label: Index, weight: Array, rate: float) -> None:
        """Move all parameters along the gradient of one batch."""
        used, place = np.unique(batch.indices, return_inverse=True)
        local = sparse.csr_matrix((batch.data, place, batch.indptr), shape=(batch.shape[0], len(used)))
        hidden = local @ self.factors[used]
        slope = softmax(hidden @ self.classes.T + self.constant)
        slope[np.arange(len(label)), label] -= 1
        slope *= weight[:, None]
        of_factors = local.T @ (slope @ self.classes)
        of_classes, of_constant = slope.T @ hidden, slope.sum(axis=0)
        self.seen_classes += (of_classes**2).mean(axis=1)
        self.seen_constant += of_constant**2
        self.seen_factors[used] += (of_factors**2).mean(axis=1)
        self.classes -= rate * of_classes / np.sqrt(self.seen_classes)[:, None]
        self.constant -= rate * of_constant / np.sqrt(self.seen_constant)
        self.factors[used] -= rate * of_factors / np.sqrt(self.seen_factors[used])[:, None]


def linear_scores(features: sparse.csr_matrix, model: LinearModel) -> Array:
    """Return scores z, shape (texts, classes), dimensionless.

    Args:
        features: shape (texts, columns).
        model: fitted.

    Source: Joulin et al. (2017), EACL.
    """
    return np.asarray((features @ model.factors) @ model.classes.T + model.constant, dtype=np.float32)


def softmax(scores: Array) -> Array:
    """Return probabilities e^z / Σ e^z of each row, shape as given, dimensionless.

    Args:
        scores: shape (texts, classes).

    Source: Bishop (2006), Pattern Recognition and Machine Learning, equation 4.62.
    """
    value = scores - scores.max(axis=1, keepdims=True)
    np.exp(value, out=value)
    value /= value.sum(axis=1, keepdims=True)
    return np.asarray(value)
