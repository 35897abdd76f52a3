"""Models A to D against figures of pySUT, the Austrian tables and the identities of a symmetric table.

The 5 x 5 tables and the coefficients "A_CTC" (commodity technology = model A, and C by industry) and "A_ITC"
(industry technology = model B, and D by industry) are those of github.com/IndEcol/pySUT, pysut/pySUT_UnitTest.py
(S. Pauliuk, G. Majeau-Bettez, 2014): supply and use after `clear_non_diag_supply` and `add_ones_to_diagonal`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.compile.constructs import Model, symmetric_table
from lvshu.core.errors import MethodError

SUPPLY = np.array([[30, 1, 1, 0, 0], [1, 5, 1, 0, 0], [2, 0, 3, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 8.0]])
USE = np.array([[12, 4, 5, 0, 0], [1, 1, 1, 0, 0], [0, 1, 1, 0, 0], [1, 0, 0, 0, 0], [0, 1, 1, 0, 0.0]])
EMISSIONS = np.array([[30, 5, 18, 22.03, 7], [0.4, 0.04, 1, 0.98, 0.8]])

MODEL_A = [
    [0.287015945, 0.742596811, 1.323462415, 0, 0],
    [0.009111617, 0.198177677, 0.264236902, 0, 0],
    [-0.025056948, 0.20501139, 0.273348519, 0, 0],
    [0.034168565, -0.006833713, -0.009111617, 0, 0],
    [-0.025056948, 0.20501139, 0.273348519, 0, 0],
]
MODEL_C = [
    [0.403189066, 0.664009112, 0.851936219, 0, 0],
    [0.031476496, 0.125284738, 0.123006834, 0, 0],
    [-0.048871402, 0.25284738, 0.230068337, 0, 0],
    [0.038448264, -0.04214123, -0.038344723, 0, 0],
    [0, 0.166666667, 0.166666667, 0, 0],
]
MODEL_B = [
    [0.387784091, 0.647186147, 0.645454545, 0.416666667, 0],
    [0.038825758, 0.147186147, 0.112121212, 0.083333333, 0],
    [0.010416667, 0.142857143, 0.1, 0.083333333, 0],
    [0.028409091, 0.004329004, 0.012121212, 0, 0],
    [0.010416667, 0.142857143, 0.1, 0.083333333, 0],
]
MODEL_D = [
    [0.345238095, 0.71547619, 0.87172619, 0, 0],
    [0.033008658, 0.139880952, 0.145089286, 0, 0],
    [0.030844156, 0.144642857, 0.14985119, 0, 0],
    [0.015151515, 0, 0, 0, 0],
    [0, 0.166666667, 0.166666667, 0, 0],
]
INTENSITY_A = [
    [1.10546697, 0.778906606, -1.971457859, 22.03, 0.875],
    [0.013120729, 0.005375854, 0.000501139, 0.98, 0.1],
]
INTENSITY_B = [
    [0.972064394, 1.153679654, 2.163636364, 12.515, 0.875],
    [0.016780303, 0.03030303, 0.104848485, 0.573333333, 0.1],
]


@pytest.mark.parametrize(
    ("model", "printed"), [("A", MODEL_A), ("B", MODEL_B), ("C", MODEL_C), ("D", MODEL_D)]
)
def test_pysut_coefficients(model: Model, printed: list[list[float]]) -> None:
    final = (SUPPLY.sum(axis=1) - USE.sum(axis=1))[:, None]
    found = symmetric_table(SUPPLY, USE, final, EMISSIONS, model)
    np.testing.assert_allclose(found.coefficients, printed, atol=6e-10)


@pytest.mark.parametrize(("model", "printed"), [("A", INTENSITY_A), ("B", INTENSITY_B)])
def test_pysut_emission_intensities(model: Model, printed: list[list[float]]) -> None:
    final = (SUPPLY.sum(axis=1) - USE.sum(axis=1))[:, None]
    found = symmetric_table(SUPPLY, USE, final, EMISSIONS, model)
    np.testing.assert_allclose(found.rows / found.output, printed, atol=6e-10)


def test_negatives_are_listed_with_place_and_size() -> None:
    final = (SUPPLY.sum(axis=1) - USE.sum(axis=1))[:, None]
    found = symmetric_table(SUPPLY, USE, final, EMISSIONS, "A", products=list("abcde"))
    inside = [cell for cell in found.negatives if cell.table == "intermediate"]
    assert {(cell.row, cell.column) for cell in inside} == {(2, 0), (3, 1), (3, 2), (4, 0)}
    assert all(cell.amount == found.intermediate_use[cell.row, cell.column] for cell in inside)
    told = {problem.code: problem for problem in found.problems}["accounts.construct_negatives"]
    assert told.severity == "warning"
    assert "c → a (-0.80)" in told.text("en")
    assert symmetric_table(SUPPLY, USE, final, EMISSIONS, "B").negatives == ()


def _read(shared_data: Path, name: str) -> np.ndarray:
    return np.loadtxt(
        (shared_data / "sut" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:],
        delimiter=",",
        dtype=str,
    )[:, 1:].astype(float)


def test_austria_2010(shared_data: Path) -> None:
    """Statistik Austria 2010, 64 products and industries, two of them without output; use of domestic products."""
    supply = _read(shared_data, "TestSUTs_AUT2010_V")[:, :64]
    domestic = _read(shared_data, "TestSUTs_AUT2010_Ud")
    imported = _read(shared_data, "TestSUTs_AUT2010_Um")
    use, final = domestic[:, :64], domestic[:, 64:]
    output = supply.sum(axis=0)
    value_added = output - use.sum(axis=0) - imported[:, :64].sum(axis=0)
    rows = np.vstack([value_added, imported[:, :64].sum(axis=0)])
    np.testing.assert_allclose(
        domestic.sum(axis=1), supply.sum(axis=1), atol=0.071
    )  # as published, in 1e6 EUR
    for model in ("A", "B", "C", "D"):
        found = symmetric_table(supply, use, final, rows, model)
        np.testing.assert_allclose(found.rows.sum(axis=1), rows.sum(axis=1), rtol=1e-9)
        balance = found.coefficients @ found.output + found.final_use.sum(axis=1)
        np.testing.assert_allclose(balance, found.output, atol=0.15)
        columns = found.intermediate_use.sum(axis=0) + found.rows.sum(axis=0)
        np.testing.assert_allclose(columns, found.output, rtol=1e-8, atol=1e-6)
    told = [problem.code for problem in symmetric_table(supply, use, final, rows, "A").problems]
    assert "accounts.construct_negatives" in told
    assert symmetric_table(supply, use, final, rows, "B").negatives == ()


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    n = draw(st.integers(2, 7))
    supply = np.diag(generator.uniform(50, 100, n)) + generator.uniform(0, 5, (n, n))
    use = generator.uniform(0, 40 / n, (n, n))
    final = (supply.sum(axis=1) - use.sum(axis=1))[:, None] * np.array([0.7, 0.3])
    rows = np.vstack([supply.sum(axis=0) - use.sum(axis=0)])
    return supply, use, final, rows


@settings(max_examples=25, deadline=None)
@given(tables(), st.sampled_from("ABCD"))
def test_identities(given_tables: tuple[np.ndarray, ...], model: Model) -> None:
    supply, use, final, rows = given_tables
    found = symmetric_table(supply, use, final, rows, model)
    q, g = supply.sum(axis=1), supply.sum(axis=0)
    np.testing.assert_allclose(found.output, q if model in "AB" else g)
    np.testing.assert_allclose(
        found.coefficients @ found.output + found.final_use.sum(axis=1), found.output, rtol=1e-10
    )
    np.testing.assert_allclose(
        found.intermediate_use.sum(axis=0) + found.rows.sum(axis=0), found.output, rtol=1e-10
    )
    np.testing.assert_allclose(found.rows.sum(), rows.sum(), rtol=1e-12)
    np.testing.assert_allclose(found.final_use.sum(axis=0), final.sum(axis=0), rtol=1e-12)


def test_a_table_without_secondary_products_is_its_own_symmetric_table() -> None:
    final = np.full((5, 1), 3.0)
    supply = np.diag(USE.sum(axis=1) + 3.0)
    rows = (supply.sum(axis=0) - USE.sum(axis=0))[None]
    for model in ("A", "B", "C", "D"):
        np.testing.assert_allclose(
            symmetric_table(supply, USE, final, rows, model).intermediate_use, USE, atol=1e-12
        )


def test_idle_industry_and_unmade_product_survive() -> None:
    supply = np.zeros((6, 6))
    supply[:5, :5] = SUPPLY
    use, final = np.zeros((6, 6)), np.zeros((6, 1))
    use[:5, :5] = USE
    final[:5, 0] = SUPPLY.sum(axis=1) - USE.sum(axis=1)
    rows = np.zeros((1, 6))
    rows[0, :5] = SUPPLY.sum(axis=0) - USE.sum(axis=0)
    for model in ("A", "B", "C", "D"):
        found = symmetric_table(supply, use, final, rows, model)
        assert np.isfinite(found.coefficients).all()
        assert found.output[5] == 0.0
        np.testing.assert_allclose(
            found.coefficients @ found.output + found.final_use[:, 0], found.output, atol=1e-10
        )
    use[5, 0], rows[0, 5] = 2.0, 1.5
    told = symmetric_table(supply, use, final, rows, "D").problems
    assert any(
        problem.code == "accounts.unmade_product_use" and "6 (2)" in problem.text("en") for problem in told
    )
    told = symmetric_table(supply, use, final, rows, "B").problems
    assert any(
        problem.code == "accounts.idle_industry_inputs" and "1.50" in problem.text("zh") for problem in told
    )


def test_not_square_and_singular_are_answered_in_words() -> None:
    final, rows = np.ones((2, 1)), np.ones((1, 3))
    supply, use = np.array([[3.0, 1, 1], [0, 2, 3]]), np.ones((2, 3))
    with pytest.raises(MethodError) as caught:
        symmetric_table(supply, use, final, rows, "A")
    assert caught.value.code == "accounts.supply_not_square"
    assert "2 products and 3 industries" in caught.value.text("en")
    assert symmetric_table(supply, use, final, rows, "B").coefficients.shape == (2, 2)
    assert symmetric_table(supply, use, final, rows, "D").coefficients.shape == (3, 3)
    twins = np.array([[4.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 5.0]])
    with pytest.raises(MethodError) as caught:
        symmetric_table(
            twins, np.ones((3, 3)), np.ones((3, 1)), rows, "C", industries=["mill", "bakery", "rail"]
        )
    assert caught.value.code == "accounts.supply_singular"
    assert "mill" in caught.value.text("zh")
    assert "rail" not in caught.value.text("en")
    with pytest.raises(MethodError) as caught:
        symmetric_table(supply, np.ones((3, 2)), final, rows, "B")
    assert caught.value.code == "accounts.supply_use_shape"
