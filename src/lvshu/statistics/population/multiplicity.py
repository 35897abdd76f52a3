"""From accounts to persons: a sample of accounts that says how many each person has, or lists that overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.methods.survey import Estimate
from lvshu.statistics.population.lists import Lists
from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import total


def multiplicity(accounts: Design, times: Any, *, domain: Any = None) -> Estimates:
    """Return how many persons stand behind accounts: N = Σ w / M.

    Args:
        accounts: design of a sample of accounts.
        times: shape (n,), accounts (platforms) of the person of each sampled account, count, 1 or more.
        domain: shape (n,), whether a record counts.

    Raises:
        MethodError: a number of accounts that is missing or below one.

    Source: Sirken (1970), JASA 65; Birnbaum & Sirken (1965).
    """
    given = np.asarray(times, dtype=float)
    bad = np.flatnonzero(~(given >= 1.0))
    if bad.size:
        values = {"count": int(bad.size), "first": int(bad[0]) + 1}
        raise MethodError(Problem("population.bad_multiplicity", values=values))
    return total(accounts, 1.0 / given, labels=("persons",), domain=domain)


def listed_multiplicity(lists: Lists) -> Estimate:
    """Return accounts per person among those on any list, with the error of its average over persons.

    Args:
        lists: the counts.

    Returns:
        Estimate, scalars, dimensionless.

    Source: mean of the number of lists a unit is on; simple random variation between persons.
    """
    times = lists.patterns.sum(axis=1).astype(float)
    share = lists.counts / lists.observed
    mean = float(share @ times)
    variance = float(share @ (times - mean) ** 2) / max(lists.observed - 1.0, 1.0)
    return Estimate(mean, float(np.sqrt(variance)))
