"""Firms of one owner: what they share does not tell a slip in a name from a second firm; records with codes do.

The model takes comparisons as independent. Among pairs of two firms they are not: an owner's firms share
representative, telephone and address and bear names that differ by a character, so that evidence counted thrice is one
fact. Pairs whose records both have a valid code are known to be one unit or two, and tell how often such a likeness is
which.
"""

from __future__ import annotations

import numpy as np

from lvshu.linkage.link import Links
from lvshu.statistics.register.records import Records

PRIOR = 2.0
"""Pairs that the model's own probability weighs as much as."""
LIKELY = 0.5
"""From here on the model holds a pair for one unit rather than two: such pairs are compared with each other."""
OWNER = ("representative_hash", "phone_hash", "address")


def owner_marks(links: Links) -> np.ndarray:
    """Return how many marks of an owner speak for each pair (representative, telephone, address), shape (pairs,)."""
    found = np.zeros(len(links.left), dtype=np.int64)
    for mark in OWNER:
        if mark in links.evidence:
            found += links.evidence[mark] > 0
    return found


def names_differ(links: Links, records: Records) -> np.ndarray:
    """Return which pairs of names have two trade names, boolean, shape (pairs,): in characters, or where one is written
    in Latin letters in pinyin."""
    names = records.variants["trade_name"].to_pylist()
    spelt = "trade_pinyin" in records.variants.column_names
    pinyin = records.variants["trade_pinyin"].to_pylist() if spelt else [None] * len(names)
    return np.array(
        [
            names[one] != names[two]
            if names[one] is not None and names[two] is not None
            else (names[one] is None) != (names[two] is None)
            and pinyin[one] is not None and pinyin[two] is not None and pinyin[one] != pinyin[two]
            for one, two in zip(links.left.tolist(), links.right.tolist(), strict=True)
        ],
        dtype=bool,
    )  # fmt: skip


def with_sisters(links: Links, records: Records) -> np.ndarray:
    """Return probabilities of pairs, those of two trade names no higher than such pairs with codes tell.

    Among pairs that the model holds for one unit though their trade names differ, with marks of an owner in common or
    without any, T of the T + F with two valid codes are one unit. A pair of them without two codes is one with
    probability (T + 2 p) / (T + F + 2) at most, p being the model's, which weighs as much as two pairs (as a uniform
    prior does): where no such pair is known that is p itself, and with many it is their share. It rests on codes
    missing at random among such pairs.

    Args:
        links: pairs of names, as the model has them.
        records: with codes.

    Returns:
        Probabilities, shape (pairs,), dimensionless.

    Source: share of a class with a beta prior around the model's own value: Gelman et al. (2013), Bayesian Data
        Analysis, section 2.4; dependence of comparisons: Winkler (1993), Improved Decision Rules in the
        Fellegi-Sunter Model of Record Linkage.
    """
    told = links.probability.astype(float).copy()
    if "trade_name" not in records.variants.column_names or not len(told):
        return told
    differ = names_differ(links, records)
    code = records.code[records.record]
    first, second = code[links.left], code[links.right]
    known = (first >= 0) & (second >= 0)
    marks = owner_marks(links)
    likely = told >= LIKELY
    for shared in (marks == 0, marks > 0):
        of_class = differ & likely & shared
        judged = of_class & known
        same = int((judged & (first == second)).sum())
        open_ = of_class & ~known
        told[open_] = np.minimum(told[open_], (same + PRIOR * told[open_]) / (int(judged.sum()) + PRIOR))
    return told
