"""One error figure of a whole chain: sampling, linkage, coding, imputation, model and bias, with its parts.

from lvshu.statistics import total_error

sources = [
    total_error.sampling(sample),                            # clusters drawn anew
    total_error.link_rates(found=(264, 300), false=(4, 400)),  # the clerical sample drawn anew
    total_error.coding(stated, true),                        # the audit sample drawn anew
]
total_error.joint_error(estimator, sources, 1000, generator)   # MSE = parts + bias², and replicates
"""

from lvshu.statistics.total_error.joint import ErrorSource, TotalError, joint_error
from lvshu.statistics.total_error.sources import (
    alternatives,
    audited_shares,
    coding,
    corrected_shares,
    imputation,
    known_figure,
    link_rates,
    ready,
    sampling,
)

__all__ = [
    "ErrorSource",
    "TotalError",
    "alternatives",
    "audited_shares",
    "coding",
    "corrected_shares",
    "imputation",
    "joint_error",
    "known_figure",
    "link_rates",
    "ready",
    "sampling",
]
