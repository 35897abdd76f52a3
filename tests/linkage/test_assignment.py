"""One-to-one is the best assignment, not a greedy one; components number themselves by their first record."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.linkage.methods import assignment
from lvshu.linkage.methods.assignment import components, one_to_one
from lvshu.linkage.methods.evidence import fit_prior, posterior

PAIRS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 20)),
    max_size=7,
    unique_by=lambda one: one[:2],
)


def _best(pairs: list[tuple[int, int, int]]) -> int:
    found = 0
    for size in range(len(pairs) + 1):
        for chosen in combinations(pairs, size):
            if len({one[0] for one in chosen}) == len({one[1] for one in chosen}) == size:
                found = max(found, sum(one[2] for one in chosen))
    return found


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_no_other_choice_is_worth_more(pairs: list[tuple[int, int, int]]) -> None:
    left, right, gain = (np.array([one[part] for one in pairs], dtype=np.int64) for part in range(3))
    for dense in (400, 0):
        limit, assignment.DENSE = assignment.DENSE, dense
        kept = one_to_one(left, right, gain.astype(float))
        assignment.DENSE = limit
        assert len(set(left[kept])) == len(set(right[kept])) == int(kept.sum())
        assert int(gain[kept].sum()) == _best(pairs)


def test_the_greedy_choice_is_not_taken() -> None:
    left, right = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert one_to_one(left, right, np.array([10.0, 9.0, 8.0])).tolist() == [False, True, True]


def test_components_are_numbered_by_their_first_record() -> None:
    assert components(np.array([3, 1]), np.array([4, 3]), 6).tolist() == [0, 1, 2, 1, 1, 3]


def test_the_share_of_true_pairs_is_found_again() -> None:
    random = np.random.default_rng(1)
    true = random.random(20_000) < 0.2
    weight = np.where(true, random.normal(8, 2, 20_000), random.normal(-8, 2, 20_000))
    exact = np.log2(np.exp(-((weight - 8) ** 2) / 8) / np.exp(-((weight + 8) ** 2) / 8))
    share = fit_prior(exact, 1e6)
    assert abs(share * 1e6 - true.sum()) < 20
    assert abs(posterior(exact, 0.2).sum() - true.sum()) < 20
