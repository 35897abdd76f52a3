"""The check of solutions: exact for a few right sides, by random probes for many; one wrong number is seen."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.accounts.methods.kernel import Kernel
from lvshu.accounts.methods.kernel.residual import column_residual, row_residual

from .tables import economy

TABLE = economy(8, 3, 20)


@pytest.mark.parametrize("rows", [5, 200])
@pytest.mark.parametrize("error", [1e-3, 1e-9])
def test_one_wrong_number_among_many_is_seen(rows: int, error: float) -> None:
    kernel = Kernel(TABLE.use, TABLE.output)
    given = np.random.default_rng(1).random((rows, 60))
    solution = kernel.multipliers(given)
    assert row_residual(kernel.left, kernel.right, given, solution)[0] < 1e-15
    wrong = solution.copy()
    wrong[3, 7] *= 1.0 + error
    exact = np.linalg.norm((wrong - kernel.left(wrong) - given)[3])
    exact /= np.linalg.norm(given[3]) + np.linalg.norm(wrong[3])
    for found, estimated in (
        row_residual(kernel.left, kernel.right, given, wrong),
        column_residual(
            lambda part: kernel.right(part.T).T, lambda part: kernel.left(part.T).T, given.T, wrong.T
        ),
    ):
        assert estimated is (rows > 64)
        assert 0.4 * exact < found < 2.0 * exact


def test_inverse_is_made_from_the_factors_and_checked() -> None:
    kernel = Kernel(TABLE.use, TABLE.output)
    found = kernel.inverse()
    np.testing.assert_allclose(found, np.linalg.inv(np.eye(60) - TABLE.coefficients), rtol=1e-10, atol=1e-14)
    assert found.flags.c_contiguous
    assert kernel.last is not None
    assert kernel.last.rows == 60
    intensity = np.ones((2, 60))
    np.testing.assert_allclose(kernel.multipliers(intensity), intensity @ found, rtol=1e-12)
