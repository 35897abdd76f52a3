"""Structural decomposition against the average over all orders, and its identities."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.book.table import TableChoice, build_table
from lvshu.accounts.methods.change.footprint_change import (
    FootprintYear,
    footprint_factors,
    price_problems,
    technology_parts,
)
from lvshu.accounts.methods.change.structural import polar_average, shapley, split_term
from lvshu.accounts.methods.leontief import input_coefficients
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from tests.accounts.book import io_columns


def _product(factors: Sequence[np.ndarray]) -> np.ndarray:
    total = np.asarray(1.0)
    for factor in factors:
        total = total * factor
    return total


def _all_orders(start: list[np.ndarray], end: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Every order by brute force: the average, and each order's terms."""
    forms = []
    for order in permutations(range(len(start))):
        mixed, terms = list(start), np.zeros(len(start))
        for k in order:
            before = _product(mixed)
            mixed[k] = end[k]
            terms[k] = _product(mixed) - before
        forms.append(terms)
    return np.mean(forms, axis=0), np.asarray(forms)


NUMBERS = st.floats(-10, 10, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4).flatmap(lambda n: st.tuples(*[st.lists(NUMBERS, min_size=n, max_size=n)] * 2)))
def test_shapley_is_the_average_of_all_orders(pair: tuple[list[float], list[float]]) -> None:
    start, end = ([np.asarray(value) for value in side] for side in pair)
    names = [f"factor {k}" for k in range(len(start))]
    change = shapley(start, end, _product, names)
    average, forms = _all_orders(start, end)
    scale = max(1.0, float(np.abs(forms).max()))
    np.testing.assert_allclose(change.terms, average, atol=1e-12 * scale)
    np.testing.assert_allclose(change.low, forms.min(axis=0), atol=1e-12 * scale)
    np.testing.assert_allclose(change.high, forms.max(axis=0), atol=1e-12 * scale)
    np.testing.assert_allclose(change.terms.sum(), change.end - change.start, atol=1e-9 * scale)


def test_two_factors_are_the_textbook_midpoint() -> None:
    # Miller and Blair (2009), eq. 13.7: dx = 1/2 dL (f0 + f1) + 1/2 (L0 + L1) df
    generator = np.random.default_rng(3)
    inverses, demands = generator.random((2, 3, 3)), generator.random((2, 3))
    change = shapley(
        [inverses[0], demands[0]], [inverses[1], demands[1]], lambda f: f[0] @ f[1], ["technology", "demand"]
    )
    dl, df = inverses[1] - inverses[0], demands[1] - demands[0]
    np.testing.assert_allclose(change.term("technology"), dl @ (demands[0] + demands[1]) / 2, rtol=1e-12)
    np.testing.assert_allclose(change.term("demand"), (inverses[0] + inverses[1]) @ df / 2, rtol=1e-12)
    polar = polar_average(
        [inverses[0], demands[0]], [inverses[1], demands[1]], lambda f: f[0] @ f[1], ["technology", "demand"]
    )
    np.testing.assert_allclose(polar.terms, change.terms, rtol=1e-12)


def _years(population: bool = True, n: int = 5, c: int = 3) -> tuple[FootprintYear, FootprintYear]:
    generator = np.random.default_rng(11)
    years = []
    for number, people in enumerate((1e6, 1.2e6)):
        use = generator.random((n, n))
        years.append(
            FootprintYear(
                generator.random(n) * (1.0 - 0.3 * number),
                0.6 * use / use.sum(axis=0),
                generator.random((n, c)) * (1.0 + number),
                people if population else None,
                2020,
            )
        )
    return years[0], years[1]


@pytest.mark.parametrize("detail", ["total", "emitter", "product", "category"])
def test_footprint_of_six_factors(detail: str) -> None:
    first, last = _years()
    made = footprint_factors(first, last, detail=detail)
    assert made.names == (
        "intensity", "technology", "product_mix", "category_mix", "demand_per_head", "population",
    )  # fmt: skip
    assert made.problems == ()
    change = shapley(made.start, made.end, made.evaluate, made.names)
    total = [
        year.intensity @ np.linalg.inv(np.eye(5) - year.coefficients) @ year.final_demand.sum(axis=1)
        for year in (first, last)
    ]
    assert change.start.sum() == pytest.approx(total[0], rel=1e-12)
    assert change.end.sum() == pytest.approx(total[1], rel=1e-12)
    assert change.terms.sum() == pytest.approx(total[1] - total[0], rel=1e-9)
    whole = footprint_factors(first, last, detail="total")
    terms = shapley(whole.start, whole.end, whole.evaluate, whole.names).terms
    np.testing.assert_allclose(change.terms.reshape(6, -1).sum(axis=1), terms, rtol=1e-9)
    assert change.term("population").sum() > 0 > change.term("intensity").sum()


def test_three_factor_footprint_is_dietzenbacher_los() -> None:
    first, last = _years(population=False)
    made = footprint_factors(first, last, demand_parts=False)
    change = shapley(made.start, made.end, made.evaluate, made.names)
    forms = []
    for order in permutations(range(3)):
        mixed, terms = list(made.start), np.zeros(3)
        for k in order:
            before = made.evaluate(mixed)
            mixed[k] = made.end[k]
            terms[k] = made.evaluate(mixed) - before
        forms.append(terms)
    np.testing.assert_allclose(change.terms, np.mean(forms, axis=0), rtol=1e-10)
    assert footprint_factors(first, last).names[-1] == "demand_level"


@pytest.mark.parametrize("by", ["columns", "rows"])
def test_technology_term_splits_by_region(by: str) -> None:
    first, last = _years()
    made = footprint_factors(first, last)
    parts = technology_parts(first.coefficients, last.coefficients, [[0, 1], [2], [3, 4]], by=by)
    np.testing.assert_allclose(np.sum(parts, axis=0), made.end[1] - made.start[1], atol=1e-13)
    terms = split_term(made.start, made.end, made.evaluate, 1, parts)
    whole = shapley(made.start, made.end, made.evaluate, made.names).term("technology")
    assert terms.sum() == pytest.approx(float(whole), rel=1e-9)
    with pytest.raises(MethodError) as caught:
        split_term(made.start, made.end, made.evaluate, 1, parts[:2])
    assert caught.value.code == "accounts.decomposition_parts"
    with pytest.raises(MethodError) as caught:
        technology_parts(first.coefficients, last.coefficients, [[0, 1], [1, 2]])
    assert caught.value.problems[0].values["sectors"] == [2, 4, 5]


def test_region_whose_columns_did_not_change_has_no_term() -> None:
    first, last = _years()
    mixed = first.coefficients.copy()
    mixed[:, :2] = last.coefficients[:, :2]
    parts = technology_parts(first.coefficients, mixed, [[0, 1], [2, 3, 4]])
    assert np.abs(parts[0]).max() > 0
    assert not parts[1].any()


def test_category_that_appears_is_told_by_the_mix() -> None:
    first, last = _years()
    demand = first.final_demand.copy()
    demand[:, 2] = 0.0
    first = FootprintYear(first.intensity, first.coefficients, demand, first.population, 2020)
    made = footprint_factors(first, last, detail="category")
    change = shapley(made.start, made.end, made.evaluate, made.names)
    assert np.isfinite(change.terms).all()
    assert change.start[2] == 0.0
    assert change.term("product_mix")[2] == pytest.approx(0.0, abs=1e-15)
    cancels = demand.copy()
    cancels[:2, 2] = (1.0, -1.0)
    stocks = FootprintYear(first.intensity, first.coefficients, cancels)
    with pytest.raises(MethodError) as caught:
        footprint_factors(stocks, last)
    assert caught.value.code == "accounts.decomposition_demand"


def test_prices_of_two_years_are_told() -> None:
    first, last = _years()
    later = FootprintYear(last.intensity, last.coefficients, last.final_demand, None, 2023)
    told = price_problems(first, later)
    assert told[0].severity == "warning"
    assert "2023" in told[0].text("en")
    assert footprint_factors(first, later).problems == told


def test_wrong_factors_are_answered_in_words() -> None:
    with pytest.raises(MethodError) as caught:
        shapley(
            [np.ones(2), np.asarray(np.nan)], [np.ones(3), np.asarray(1.0)], _product, ["income", "share"]
        )
    assert [problem.code for problem in caught.value.problems] == [
        "accounts.decomposition_shapes",
        "accounts.decomposition_not_finite",
    ]
    with pytest.raises(MethodError) as caught:
        shapley([np.ones(1)] * 17, [np.ones(1)] * 17, _product, [str(k) for k in range(17)])
    assert caught.value.code == "accounts.decomposition_too_many"
    with pytest.raises(MethodError) as caught:
        shapley([], [], _product, [])
    assert caught.value.code == "accounts.decomposition_shapes"
    counter = iter(range(100))
    with pytest.raises(MethodError) as caught:
        polar_average(
            [np.ones(1)] * 2, [np.ones(1)] * 2, lambda factors: np.array([float(next(counter))]), ["a", "b"]
        )
    assert caught.value.code == "accounts.decomposition_residual"
    first, last = _years()
    with pytest.raises(MethodError) as caught:
        footprint_factors(first, last, detail="colour")
    assert caught.value.code == "accounts.decomposition_detail"
    with pytest.raises(MethodError) as caught:
        footprint_factors(first, _years(n=4)[1])
    assert len(caught.value.problems) == 3


def _national(shared_data: Path, year: int) -> FootprintYear:
    columns = io_columns(shared_data / "china_io" / f"china_{year}_42.csv", year=year, area="100000")
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    table = build_table(TableChoice(f"io_{year}_42", year, "100000"), rows, PackLibrary.load())
    use = table.intermediate_use["domestic"]
    # the wage bill as the stressor: it stands in the table itself, so the change is known without the model
    return FootprintYear(
        table.primary_input["VA001"] / table.output, input_coefficients(use, table.output),
        table.final_use["domestic"], None, year,
    )  # fmt: skip


@pytest.mark.real_data
def test_wages_of_the_national_tables_2017_to_2020(shared_data: Path) -> None:
    first, last = _national(shared_data, 2017), _national(shared_data, 2020)
    made = footprint_factors(first, last, detail="emitter")
    assert [problem.code for problem in made.problems] == ["accounts.decomposition_prices"]
    change = shapley(made.start, made.end, made.evaluate, made.names)
    for side, year in ((change.start, first), (change.end, last)):
        output = np.linalg.solve(np.eye(42) - year.coefficients, year.final_demand.sum(axis=1))
        np.testing.assert_allclose(side, year.intensity * output, rtol=1e-10)
    gap = change.terms.sum(axis=0) - (change.end - change.start)
    assert np.abs(gap).max() <= 1e-9 * np.abs(change.end).max()
    groups = [list(range(21)), list(range(21, 42))]
    parts = technology_parts(first.coefficients, last.coefficients, groups)
    split = split_term(made.start, made.end, made.evaluate, 1, parts)
    np.testing.assert_allclose(
        split.sum(axis=0), change.term("technology"), atol=1e-9 * np.abs(change.end).max()
    )
