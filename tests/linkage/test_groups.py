"""Which records are one unit: what people said holds by every path, codes and probabilities after it."""

from __future__ import annotations

import numpy as np

from lvshu.linkage.groups import CODE, PREVIOUS, PROBABILITY, REVIEW, Grouped, group_records

NONE = np.zeros((2, 0), dtype=np.int64)


def grouped(
    pairs: list[tuple[int, int, float]], codes: list[int], *, apart: list[tuple[int, int]] = [],  # noqa: B006
    same: list[tuple[int, int]] = [], previous: list[tuple[int, int]] = [],  # noqa: B006
) -> Grouped:  # fmt: skip
    """Return the units of pairs (left, right, weight), all of probability 0.95."""
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))

    def rows(listed: list[tuple[int, int]]) -> np.ndarray:
        return np.array(listed, dtype=np.int64).reshape(-1, 2).T

    return group_records(
        left, right, np.array([pair[2] for pair in pairs], dtype=float), np.full(len(pairs), 0.95),
        np.array(codes, dtype=np.int64), accept=0.5, accept_codes=0.9,
        given={REVIEW: rows(same), PREVIOUS: rows(previous)}, apart=rows(apart),
    )  # fmt: skip


def test_apart_holds_though_both_hang_on_a_third_record() -> None:
    """0 and 1 are each linked to 2; said apart, the weaker link goes."""
    pairs = [(0, 1, 5.0), (0, 2, 9.0), (1, 2, 7.0)]
    assert len(set(grouped(pairs, [-1, -1, -1]).group.tolist())) == 1
    found = grouped(pairs, [-1, -1, -1], apart=[(0, 1)])
    assert found.group[0] == found.group[2] != found.group[1]
    assert found.taken.tolist() == [False, True, False]


def test_apart_holds_for_records_of_one_code_and_keeps_the_others_together() -> None:
    """Of four records with one code the middle one of the chain is said to be another unit."""
    found = grouped([], [7, 7, 7, 7], apart=[(1, 0), (1, 2), (1, 3)])
    assert found.group[0] == found.group[2] == found.group[3] != found.group[1]
    assert found.edges[CODE].shape[1] == 3


def test_apart_comes_before_an_earlier_register_and_before_same() -> None:
    found = grouped([(0, 1, 9.0)], [-1, -1, -1], apart=[(0, 2)], same=[(0, 1), (1, 2)], previous=[(0, 2)])
    assert found.group[0] == found.group[1] != found.group[2]
    assert found.edges[PREVIOUS].shape[1] == 0
    assert found.edges[REVIEW].tolist() == [[0], [1]]


def test_units_without_an_apart_pair_stay_as_they_are() -> None:
    pairs = [(0, 1, 5.0), (1, 2, 5.0), (3, 4, 5.0), (3, 5, 6.0), (4, 5, 7.0)]
    before = grouped(pairs, [-1] * 6)
    after = grouped(pairs, [-1] * 6, apart=[(3, 4)])
    assert after.group[:3].tolist() == before.group[:3].tolist()
    assert after.group[4] == after.group[5] != after.group[3]
    assert after.edges[PROBABILITY].shape[1] == before.edges[PROBABILITY].shape[1] - 2


def test_no_path_joins_what_was_said_apart() -> None:
    random = np.random.default_rng(3)
    for _ in range(60):
        count = 14
        pairs = sorted(
            {(min(a, b), max(a, b)) for a, b in random.integers(0, count, (30, 2)).tolist() if a != b}
        )
        weights = random.random(len(pairs)) * 10
        codes = np.where(random.random(count) < 0.3, random.integers(0, 3, count), -1)
        apart = [pairs[at] for at in random.choice(len(pairs), 4, replace=False)]
        found = grouped([(*pair, float(w)) for pair, w in zip(pairs, weights, strict=True)], codes.tolist(),
                        apart=apart)  # fmt: skip
        assert all(found.group[a] != found.group[b] for a, b in apart)
        joined = np.concatenate(list(found.edges.values()), axis=1)
        assert (found.group[joined[0]] == found.group[joined[1]]).all()


def test_a_borrowed_code_does_not_join_codes_that_are_nothing_alike() -> None:
    """Records 3 to 5 bear the code of 0 and look like 1 and 2, whose codes are their own."""
    found = grouped([(1, 3, 9.0), (2, 4, 9.0)], [7, 8, 9, 7, 7])
    assert found.chained.tolist() == [True, True] and not found.taken.any()
    assert len({found.group[0], found.group[1], found.group[2]}) == 3


def test_codes_that_all_resemble_each_other_join() -> None:
    found = grouped([(0, 1, 9.0), (1, 2, 9.0), (0, 2, 9.0), (3, 4, 9.0)], [7, 8, 9, 5, 6])
    assert found.taken.all() and not found.chained.any()
    assert found.group[0] == found.group[1] == found.group[2] != found.group[3] == found.group[4]
