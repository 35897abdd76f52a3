"""From precision and recall of links, as a register tells them, to the chances that corrections for linkage need.

n: records of the first list, count.   L: links between the lists, count.   p, r: precision and recall, dimensionless.
m: records of the first list whose unit is on the second, count.
α: chance that such a record is linked to its own.   β: chance that a record whose unit is not there is linked.
"""

from __future__ import annotations

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.population.linkage import LinkageError


def linkage_error_of_rates(
    records: float, links: float, precision: float, recall: float,
    precision_error: float = 0.0, recall_error: float = 0.0,
) -> LinkageError:  # fmt: skip
    """Return α = r and β = L(1 − p) / (n − m), m = L p / r, with standard errors, dimensionless.

    A register's false-link rate is 1 − p, the share of links that are false; β is the share of records without a
    partner that were given one. Taking one for the other corrects too much: with few links among many records β is
    the smaller by far.

    Args:
        records: n, of the list that comes first; count.
        links: L, between the two lists; count.
        precision: p, of these links.
        recall: r, of these links, what blocking loses included.
        precision_error: standard error of p.
        recall_error: standard error of r.

    Raises:
        MethodError: population.bad_link_rates: p or r is not above 0 and up to 1, or the links tell more partners than
            there are records.

    Source: Ding & Fienberg (1994), Survey Methodology 20, for α and β; standard errors by linearisation.
    """
    given = f"p = {precision:g}, r = {recall:g}, L = {links:g}, n = {records:g}"
    if not (0 < precision <= 1 and 0 < recall <= 1 and links >= 0):
        raise MethodError(Problem("population.bad_link_rates", values={"given": given}))
    partners = links * precision / recall
    alone = records - partners
    if alone <= 0:
        raise MethodError(Problem("population.bad_link_rates", values={"given": given}))
    wrong = links * (1 - precision)
    by_precision = -links / alone + wrong * (links / recall) / alone**2
    by_recall = -wrong * (links * precision / recall**2) / alone**2
    error = ((by_precision * precision_error) ** 2 + (by_recall * recall_error) ** 2) ** 0.5
    return LinkageError(recall, wrong / alone, recall_error, error)
