"""Controlled rounding: additive, to a neighbour, and no further than needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.statistics.disclosure.rounding import controlled_rounding
from lvshu.statistics.disclosure.structure import Dimension, table_structure


def whole(shape: tuple[int, ...], inner: list[int]):
    dimensions = [
        Dimension.flat(f"d{n}", [f"{n}{code}" for code in range(size)]) for n, size in enumerate(shape)
    ]
    structure = table_structure(dimensions)
    table = np.array(inner, dtype=float).reshape(shape)
    values = np.zeros(len(structure.keys))
    for number, key in enumerate(structure.keys):
        codes = dict(key)
        index = tuple(int(codes[f"d{n}"][1:]) if f"d{n}" in codes else slice(None) for n in range(len(shape)))
        values[number] = table[index].sum()
    return structure, values


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=12, max_size=12), st.sampled_from([3, 5, 10]))
def test_two_way_tables_round_to_neighbours_and_add_up(inner: list[int], base: int) -> None:
    """Cox (1987): a two-way table always has a zero-restricted controlled rounding."""
    structure, values = whole((3, 4), inner)
    rounded = controlled_rounding(structure, values, base)
    assert rounded.steps == 0
    assert np.all(np.abs(structure.gaps(rounded.values)) < 1e-9)
    assert np.all(np.abs(rounded.values - values) < base)
    assert np.all(np.abs(rounded.values / base - np.round(rounded.values / base)) < 1e-9)
    assert rounded.distance == pytest.approx(np.abs(rounded.values - values).sum())


def test_three_way_tables_may_have_to_go_further() -> None:
    structure, values = whole((2, 2, 2), [1, 0, 0, 1, 0, 1, 1, 0])
    rounded = controlled_rounding(structure, values, 2)
    assert np.all(np.abs(structure.gaps(rounded.values)) < 1e-9)


def test_a_base_of_nothing_is_refused() -> None:
    structure, values = whole((2, 2), [1, 2, 3, 4])
    with pytest.raises(MethodError):
        controlled_rounding(structure, values, 0)
