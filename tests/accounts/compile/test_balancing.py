"""RAS, GRAS and SUT-RAS against printed figures, another solver and their identities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import minimize

from lvshu.accounts.methods.compile.balancing import gras, ras
from lvshu.accounts.methods.compile.constraints import kras, margin_constraints
from lvshu.accounts.methods.compile.feasibility import not_reached
from lvshu.accounts.methods.compile.newton import newton_multipliers
from lvshu.accounts.methods.compile.supply_use import sut_ras
from lvshu.core.errors import MethodError

# the example of the R package riot 0.0.0.9 (O. Reiter), function doGRAS, after Temurshoev, Miller, Bouwmeester (2013)
RIOT = np.array([[7.0, 3, 5, -3], [2, 9, 8, 0], [-2, 0, 2, 0]])
RIOT_ROWS, RIOT_COLUMNS = np.array([15.0, 26, -1]), np.array([9.0, 16, 17, -2])
RIOT_PRINTED = [
    [8.42434, 3.37524, 5.20042, -2.0],
    [3.00100, 12.62476, 10.37424, 0.0],
    [-2.42534, 0.0, 1.42534, 0.0],
]


def test_gras_printed_example() -> None:
    found = gras(RIOT, RIOT_ROWS, RIOT_COLUMNS)
    np.testing.assert_allclose(found.matrix, RIOT_PRINTED, atol=5.1e-6)
    thin = gras(sparse.csr_array(RIOT), RIOT_ROWS, RIOT_COLUMNS)
    assert sparse.issparse(thin.matrix)
    np.testing.assert_allclose(thin.matrix.toarray(), found.matrix, atol=1e-12)


def test_ras_is_the_entropy_minimum() -> None:
    """Miller and Blair (2009), section 7.4.2 (data as in the GAMS library, model IOBALANCE): against SLSQP."""
    coefficients = np.array([[0.120, 0.100, 0.049], [0.210, 0.247, 0.265], [0.026, 0.249, 0.145]])
    prior = coefficients * np.array([421.0, 284.0, 283.0])
    target = np.array([[98.0, 72, 75], [65, 8, 63], [88, 27, 44]])
    rows, columns = target.sum(axis=1), target.sum(axis=0)
    found = ras(prior, rows, columns)
    meets = margin_constraints(3, 3).toarray()[:-1]
    totals = np.concatenate([rows, columns])[:-1]
    start = np.outer(rows, columns).ravel() / rows.sum()
    other = minimize(
        lambda x: float((x * np.log(x / (np.e * prior.ravel()))).sum()), start,
        jac=lambda x: np.log(x / prior.ravel()), method="SLSQP", bounds=[(1e-6, None)] * 9,
        constraints={"type": "eq", "fun": lambda x: meets @ x - totals, "jac": lambda x: meets},
        options={"ftol": 1e-13, "maxiter": 500},
    )  # fmt: skip
    np.testing.assert_allclose(np.asarray(found.matrix).ravel(), other.x, rtol=1e-5)
    np.testing.assert_allclose(
        found.row_factor[:, None] * prior * found.column_factor, found.matrix, rtol=1e-12
    )


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A prior and the totals of another table with the same signs: always solvable."""
    generator = np.random.default_rng(draw(st.integers(0, 100_000)))
    n, k = draw(st.integers(2, 7)), draw(st.integers(2, 7))
    prior = generator.uniform(1, 100, (n, k)) * (generator.random((n, k)) < 0.8)
    prior *= np.where(generator.random((n, k)) < 0.15, -1.0, 1.0)
    other = prior * generator.uniform(0.5, 2.0, (n, k))
    return prior, other.sum(axis=1), other.sum(axis=0)


@settings(max_examples=50, deadline=None)
@given(problems())
def test_gras_meets_margins_and_keeps_signs(problem: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    prior, rows, columns = problem
    found = np.asarray(gras(prior, rows, columns).matrix)
    scale = max(np.abs(rows).max(), np.abs(columns).max())
    np.testing.assert_allclose(found.sum(axis=1), rows, atol=1e-9 * scale)
    np.testing.assert_allclose(found.sum(axis=0), columns, atol=1e-9 * scale)
    assert (np.sign(found) * np.sign(prior) >= 0.0).all()
    assert (found[prior == 0.0] == 0.0).all()


@settings(max_examples=25, deadline=None)
@given(problems())
def test_kras_is_gras_for_margins(problem: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    prior, rows, columns = problem
    found = kras(
        prior.ravel(), margin_constraints(*prior.shape), np.concatenate([rows, columns]), tolerance=1e-11
    )
    expected = np.asarray(gras(prior, rows, columns, tolerance=1e-12).matrix).ravel()
    np.testing.assert_allclose(found.cells, expected, atol=1e-6 * np.abs(prior).max())
    assert found.problems == ()


def test_zero_totals() -> None:
    prior = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [0.0, 1.0, 0.0]])
    found = np.asarray(gras(prior, np.array([0.0, 10.0, 0.0]), np.array([4.0, 0.0, 6.0])).matrix)
    np.testing.assert_allclose(found, [[0, 0, 0], [4, 0, 6], [0, 0, 0]], atol=1e-12)
    both = np.asarray(
        gras(np.array([[2.0, -1.0], [3.0, 4.0]]), np.array([0.0, 8.0]), np.array([4.0, 4.0])).matrix
    )
    np.testing.assert_allclose(both.sum(axis=1), [0.0, 8.0], atol=1e-9)


def test_totals_that_differ_are_told_or_scaled() -> None:
    prior = np.ones((2, 2))
    with pytest.raises(MethodError) as caught:
        ras(prior, np.array([3.0, 4.0]), np.array([5.0, 3.0]))
    assert caught.value.code == "accounts.margins_disagree"
    assert "7" in caught.value.text("en")
    assert "-1" in caught.value.text("zh")
    found = ras(prior, np.array([3.0, 4.0]), np.array([5.0, 3.0]), reconcile="columns")
    np.testing.assert_allclose(np.asarray(found.matrix).sum(axis=0), [4.375, 2.625])
    assert found.problems[0].code == "accounts.margins_reconciled"
    assert "column totals" in found.problems[0].text("en")


def test_totals_that_differ_by_rounding_are_met() -> None:
    generator = np.random.default_rng(4)
    prior = generator.uniform(1, 9, (40, 30))
    other = prior * generator.uniform(0.5, 2.0, prior.shape)
    rows, columns = other.sum(axis=1), other.sum(axis=0) * (1.0 + 5e-10)
    found = gras(prior, rows, columns)
    np.testing.assert_allclose(np.asarray(found.matrix).sum(axis=1), rows, rtol=1e-8)
    np.testing.assert_allclose(np.asarray(found.matrix).sum(axis=0), columns, rtol=1e-8)


def test_impossible_totals_are_answered_in_words() -> None:
    names = (["coal", "power"], ["steel", "homes"])
    with pytest.raises(MethodError) as caught:
        gras(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([2.0, 3.0]), np.array([2.0, 3.0]), names=names)
    assert caught.value.code == "accounts.margin_without_cells"
    assert "coal (2)" in caught.value.text("en")
    with pytest.raises(MethodError) as caught:
        gras(np.array([[1.0, 2.0], [1.0, 1.0]]), np.array([-1.0, 3.0]), np.array([1.0, 1.0]), names=names)
    assert caught.value.code == "accounts.margin_of_other_sign"
    with pytest.raises(MethodError) as caught:
        ras(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([5.0, 1.0]), np.array([2.0, 4.0]), names=names)
    assert caught.value.code == "accounts.margins_impossible"
    assert "row coal: 5 → 2" in caught.value.text("en")
    assert "列 homes：4 → 1" in caught.value.text("zh")
    with pytest.raises(MethodError) as caught:
        ras(np.array([[1.0, -1.0]]), np.array([1.0]), np.array([1.0, 0.0]), names=(None, ["steel", "homes"]))
    assert caught.value.code == "accounts.ras_negative"
    with pytest.raises(MethodError) as caught:
        ras(np.ones((2, 2)), np.array([1.0, np.nan]), np.ones(2))
    assert caught.value.code == "accounts.totals_not_finite"
    with pytest.raises(MethodError) as caught:
        ras(np.ones((2, 2)), np.ones(3), np.ones(2))
    assert caught.value.code == "accounts.totals_shape"
    with pytest.raises(MethodError) as caught:
        gras(RIOT, RIOT_ROWS, RIOT_COLUMNS, most_rounds=2)
    assert caught.value.code == "accounts.balance_not_reached"


def test_totals_near_the_edge_of_the_possible() -> None:
    """Cells that have to be (nearly) 0: scaling in turns would need tens of thousands of rounds."""
    prior = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    for distance in (1e-1, 1e-3, 1e-5):
        rows, columns = np.array([40.0 - distance, 60.0 + distance]), np.array([10.0, 30.0, 60.0])
        found = ras(prior, rows, columns)
        np.testing.assert_allclose(found.matrix, [[10.0 - distance, 30, 0], [distance, 0, 60]], atol=1e-7)
        assert found.rounds <= 100
    error = not_reached(prior, np.array([40.0, 60.0]), np.array([10.0, 30.0, 60.0]), 300, 0.1, (None, None))
    assert error.code == "accounts.margins_at_the_edge"
    assert "2 → 1" in error.text("en")


@settings(max_examples=20, deadline=None)
@given(problems())
def test_newton_steps_reach_the_same_table(problem: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    prior, rows, columns = problem
    start = (np.ones(len(rows)), np.ones(len(columns)))
    scale = max(np.abs(rows).max(), np.abs(columns).max())
    positive, negative = np.maximum(prior, 0.0), np.maximum(-prior, 0.0)
    found = newton_multipliers(positive, negative, rows, columns, start, 1e-9 * scale)
    assert found is not None
    cells = found[0][:, None] * positive * found[1] - negative / (found[0][:, None] * found[1])
    np.testing.assert_allclose(cells, np.asarray(gras(prior, rows, columns).matrix), atol=1e-6 * scale)


def _austria(shared_data: Path, name: str) -> np.ndarray:
    lines = (shared_data / "sut" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
    return np.array([[float(cell) for cell in line.split(",")[1:]] for line in lines])


def test_sut_ras_austria(shared_data: Path) -> None:
    """Austria 2010 to 2011: the totals that riot's own test asks for, and the same tables from KRAS."""
    supply, domestic, imported = (
        _austria(shared_data, f"TestSUTs_AUT2010_{name}") for name in ("V", "Ud", "Um")
    )
    imports = _austria(shared_data, "TestSUTs_AUT2010_m0")[:, 0]
    output, use_totals = (_austria(shared_data, f"TestNA_AUT2011_{name}")[:, 0] for name in ("xbar", "ubar"))
    total_imports = float(_austria(shared_data, "TestNA_AUT2011_M")[0, 0])
    found = sut_ras(
        supply, domestic, imported, imports, output=output, use_totals=use_totals, total_imports=total_imports
    )
    np.testing.assert_allclose(found.supply.sum(axis=0), output, atol=1e-4)
    np.testing.assert_allclose((found.domestic_use + found.imported_use).sum(axis=0), use_totals, atol=1e-4)
    assert found.imports.sum() == pytest.approx(total_imports, abs=1e-4)
    np.testing.assert_allclose(found.supply.sum(axis=1), found.domestic_use.sum(axis=1), atol=1e-3)
    np.testing.assert_allclose(found.imports, found.imported_use.sum(axis=1), atol=1e-3)
    assert (np.sign(found.domestic_use) * np.sign(domestic) >= 0.0).all()
    constraints, targets = _supply_use_constraints(
        supply.shape[1], *domestic.shape, output, use_totals, total_imports
    )
    prior = np.concatenate([supply.ravel(), domestic.ravel(), imported.ravel(), imports])
    other = kras(prior, constraints, targets)
    cells = [found.supply.ravel(), found.domestic_use.ravel(), found.imported_use.ravel(), found.imports]
    np.testing.assert_allclose(other.cells, np.concatenate(cells), atol=1e-3)


def _supply_use_constraints(
    i: int, c: int, k: int, output: np.ndarray, use_totals: np.ndarray, total_imports: float
) -> tuple[sparse.csr_array, np.ndarray]:
    rows, columns = (
        (lambda size: sparse.kron(sparse.eye_array(c), np.ones((1, size)))),
        (lambda size: sparse.kron(np.ones((1, c)), sparse.eye_array(size))),
    )
    empty = lambda a, b: sparse.csr_array((a, b))  # noqa: E731
    blocks = [
        [-rows(i), rows(k), empty(c, c * k), empty(c, c)],
        [empty(c, c * i), empty(c, c * k), rows(k), -sparse.eye_array(c)],
        [empty(k, c * i), columns(k), columns(k), empty(k, c)],
        [columns(i), empty(i, c * k), empty(i, c * k), empty(i, c)],
        [empty(1, c * i), empty(1, c * k), empty(1, c * k), sparse.csr_array(np.ones((1, c)))],
    ]
    targets = np.concatenate([np.zeros(2 * c), use_totals, output, [total_imports]])
    return sparse.csr_array(sparse.block_array(blocks)), targets


def test_sut_ras_refuses_totals_that_do_not_close() -> None:
    supply, use, none = (
        np.array([[8.0, 0.0], [1.0, 5.0]]),
        np.array([[3.0, 5.0], [2.0, 4.0]]),
        np.zeros((2, 2)),
    )
    with pytest.raises(MethodError) as caught:
        sut_ras(
            supply,
            use,
            none,
            np.zeros(2),
            output=np.array([9.0, 5]),
            use_totals=np.array([6.0, 9]),
            total_imports=0,
        )
    assert caught.value.code == "accounts.supply_use_totals"
    assert "by -1" in caught.value.text("en")
