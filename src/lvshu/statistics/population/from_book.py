"""Linkage error of lists that the register of a run has linked: taken from the run's book, not typed in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.population.link_rates import linkage_error_of_rates
from lvshu.statistics.population.linkage import LinkageError
from lvshu.store.book import Book

BASES = ("whole", "clerical")
"""Rates that rest on judged samples, the better first: of the whole register, of what the run compared."""


def linkage_error_of_book(book: Book, lists: Sequence[str], *, kind: str = "person") -> LinkageError:
    """Return the chances that records are linked rightly and wrongly between lists, dimensionless, with errors.

    Precision and recall are those of all sources together, judged by people (`link_quality`), of pairs between sources
    where these were judged apart from doubles within one; links and units of each
    pair of lists are counted in `register_member`, as linked without answers, which is what the rates are of. The
    chance of a right link is one number for all pairs, as its error is; that of a false one is a matrix.

    Args:
        book: with the register.
        lists: names of the lists, which are sources of the register, in their order.
        kind: enterprise or person.

    Raises:
        MethodError: population.list_not_linked (every list that is no source), population.links_not_judged (no judged
            sample, or one that does not cover what blocking lost), population.bad_link_rates.

    Source: `linkage_error_of_rates`.
    """
    where = f"kind = '{kind}'"
    members = book.rows("register_member", columns=["source", "automatic_group"], where=where)
    groups: dict[str, set[int]] = {}
    for row in members:
        if row["automatic_group"] is not None:
            groups.setdefault(row["source"], set()).add(row["automatic_group"])
    problems = [
        Problem("population.list_not_linked", values={"list": name, "known": sorted(groups) or ["-"]})
        for name in lists if name not in groups
    ]  # fmt: skip
    # of pairs within a source nothing is asked here: rates between sources, where they stand apart, are read last
    told = {
        (row["basis"], row["measure"]): row
        for scope in ("all", "between")
        for row in book.rows("link_quality", where=f"{where} AND source = 'total'")
        if row["value"] is not None and row["blocking_covered"] and row["scope"] == scope
    }
    basis = next((one for one in BASES if (one, "precision") in told and (one, "recall") in told), "")
    if not basis:
        problems.append(Problem("population.links_not_judged"))
    if problems:
        raise MethodError(*problems)
    precision, recall = told[basis, "precision"], told[basis, "recall"]
    false, error = np.zeros((len(lists), len(lists))), np.zeros((len(lists), len(lists)))
    for one in range(len(lists)):
        for two in range(one + 1, len(lists)):
            first, second = groups[lists[one]], groups[lists[two]]
            found = linkage_error_of_rates(
                len(first), len(first & second), precision["value"], recall["value"],
                precision["standard_error"], recall["standard_error"],
            )  # fmt: skip
            false[one, two], error[one, two] = found.false, found.false_error
    return LinkageError(recall["value"], false, recall["standard_error"], error)
