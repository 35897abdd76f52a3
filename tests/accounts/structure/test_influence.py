"""Fields of influence against the inverse after a change that was really made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.leontief import leontief_inverse
from lvshu.accounts.methods.structure.influence import (
    changed_inverse,
    influence,
    most_influential,
    tolerable_change,
)  # fmt: skip
from lvshu.accounts.methods.structure.inverse import inverse_summary
from lvshu.core.errors import MethodError
from tests.accounts.structure.test_extraction import economy


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 7))
def test_influence_is_the_norm_of_a_small_change(seed: int, n: int) -> None:
    model, _, _ = economy(seed, n)
    inverse, found, small = leontief_inverse(model), influence(inverse_summary(model)), 1e-6
    for i in range(n):
        for j in range(n):
            moved = model.coefficients.copy()
            moved[i, j] += small
            after = np.linalg.inv(np.eye(n) - moved)
            assert found[i, j] == pytest.approx((((after - inverse) / small) ** 2).sum(), rel=1e-3)
            np.testing.assert_allclose(changed_inverse(inverse, i, j, small), after, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("count", [1, 5, 200])
def test_the_largest_without_the_whole_matrix(count: int) -> None:
    model, _, _ = economy(9, 12)
    summary = inverse_summary(model)
    found, whole = most_influential(summary, count), influence(summary)
    np.testing.assert_allclose(found.influence, np.sort(whole.ravel())[::-1][:count])
    np.testing.assert_allclose(whole[found.product, found.user], found.influence)
    there = most_influential(summary, count, model.coefficients)
    assert (model.coefficients[there.product, there.user] != 0.0).all()
    assert len(there.product) == min(count, np.count_nonzero(model.coefficients))


def test_a_tolerable_change_moves_one_output_to_the_limit_and_none_beyond() -> None:
    model, demand, _ = economy(4, 6)
    inverse, limit = leontief_inverse(model), 0.01
    output = inverse @ demand
    allowed = tolerable_change(model.coefficients, inverse, output, limit)
    for i, j in zip(*np.nonzero(model.coefficients), strict=True):
        after = changed_inverse(inverse, int(i), int(j), float(allowed[i, j] * model.coefficients[i, j]))
        moved = (after @ demand) / output - 1.0
        assert moved.max() == pytest.approx(limit, rel=1e-9)
    assert np.isinf(allowed[model.coefficients == 0.0]).all()


def test_too_large_a_change_is_refused() -> None:
    model, _, _ = economy(4, 6)
    with pytest.raises(MethodError) as caught:
        changed_inverse(leontief_inverse(model), 0, 0, 5.0)
    assert caught.value.code == "accounts.change_too_large"
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
