"""What the true class of a machine-coded unit is, with the error of the audit that tells it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.total_error.sources import NEUTRAL

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class AuditedCodes:
    """An audit of machine codes: which were wrong, and which classes the units are truly in.

    Attributes:
        group: of each unit by how sure the machine was, shape (n,), from 0; -1 where that is not known.
        wrong: whether the code is not the true one, shape (n,).
        true_class: place of the true class, shape (n,), from 0; -1 where it is not one of the classes.
        weight: units that each stands for, shape (n,), above 0.
        groups: how many groups.
        classes: how many classes wrong codes can turn out to be.

    Source: as `draw_true_codes`.
    """

    group: Index
    wrong: NDArray[np.bool_]
    true_class: Index
    weight: Array
    groups: int
    classes: int


def draw_true_codes(audit: AuditedCodes, replicates: int, generator: np.random.Generator) -> Array:
    """Return what the true class of a unit is, by how sure the machine was: the audit itself, then draws.

    The share of right codes is that of the unit's group, of all groups where the group was not audited. Where the
    code is wrong, the true class is one of those that audited units with a wrong code were found in; of all audited
    units where no wrong code was seen. A class that equals the machine's own is then no error: the caller sees both.

    Args:
        audit: of machine codes.
        replicates: how many draws.
        generator: of the draws.

    Returns:
        Shares, shape (replicates + 1, groups, classes + 1), dimensionless, adding up to 1: first "as coded".

    Source: share of right codes from Beta(n p + 1/3, n (1 - p) + 1/3), Kerman (2011), Electronic Journal of
        Statistics 5, n the effective number of units (Σw)²/Σw², Kish (1992), Journal of Official Statistics 8;
        classes by the Bayesian bootstrap, Rubin (1981), Annals of Statistics 9.
    """
    right = np.empty((replicates + 1, audit.groups))
    for group in range(audit.groups):
        inside = audit.group == group
        inside = inside if inside.any() else np.ones(audit.group.size, dtype=bool)
        weight = audit.weight[inside]
        share = float(weight[~audit.wrong[inside]].sum() / weight.sum())
        count = float(weight.sum() ** 2 / (weight**2).sum())
        right[0, group] = share
        right[1:, group] = generator.beta(count * share + NEUTRAL, count * (1 - share) + NEUTRAL, replicates)
    donor = np.flatnonzero(audit.true_class >= 0 if not audit.wrong.any() else audit.wrong)
    mass = np.vstack([np.ones(donor.size), generator.standard_exponential((replicates, donor.size))])
    mass = mass * audit.weight[donor]
    others = np.zeros((replicates + 1, audit.classes))
    for place in range(audit.classes):
        others[:, place] = mass[:, audit.true_class[donor] == place].sum(axis=1)
    others /= others.sum(axis=1, keepdims=True)
    made = np.empty((replicates + 1, audit.groups, audit.classes + 1))
    made[:, :, 0] = right
    made[:, :, 1:] = (1.0 - right)[:, :, None] * others[:, None, :]
    return made
