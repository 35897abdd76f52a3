"""Stocks in use: from inflow to stock and outflow, or from the stock that is wanted to the inflow that it takes.

Letters of the textbook, used in this file only:
    S  survival matrix, (T, T), without unit; row = year, column = cohort (lifetimes.py)
    N  number of products that share a lifetime; flows and stocks are (T, N), so that a class is one product of matrices
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtrsm

from lvshu.accounts.methods.circulation.lifetimes import Lifetime, leaving_matrix, survival
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

BLOCKS = 6


@dataclass(frozen=True)
class StockAccount:
    """Flows and stocks of N products over T years. Returned by `inflow_driven` and `stock_driven`.

    Attributes:
        inflow: shape (T, N), unit of the product per year.
        outflow: shape (T, N), unit of the product per year.
        stock: at the end of each year, shape (T, N), unit of the product.
        opening: stock at the end of the year before the first, shape (N,), unit of the product.
        problems: notices and warnings about it, e.g. negative inflows.

    Source: mass balance, inflow - outflow = change of stock; Müller (2006), Ecological Economics 59, 142-156.
    """

    inflow: Array
    outflow: Array
    stock: Array
    opening: Array
    problems: tuple[Problem, ...] = ()

    @property
    def change(self) -> Array:
        """Return the change of stock of each year, shape (T, N), unit of the product."""
        return np.diff(self.stock, axis=0, prepend=self.opening[None, :])

    @property
    def imbalance(self) -> Array:
        """Return inflow - outflow - change, shape (T, N), unit of the product; zero but for rounding."""
        return np.asarray(self.inflow - self.outflow - self.change)


@dataclass(frozen=True)
class OpeningStock:
    """What is left, year by year, of the stock there was before the first year. Returned by `opening_stock`.

    Attributes:
        by_age: shape (ages, N), unit of the product.
        left: at the end of each year, shape (T, N), unit of the product.
        problems: warning where the lifetime says that a cohort cannot be there any more.

    Source: Pauliuk and Heeren (2020), ODYM, compute_stock_driven_model_initialstock.
    """

    by_age: Array
    left: Array
    problems: tuple[Problem, ...] = ()

    @property
    def total(self) -> Array:
        """Return the stock at the end of the year before the first, shape (N,), unit of the product."""
        return np.asarray(self.by_age.sum(axis=0))


def opening_stock(
    distribution: Lifetime, by_age: Array, years: int, *, entry_age: float = 0.0
) -> OpeningStock:
    """Return how a stock of known ages declines.

    A cohort that the lifetime has wholly retired leaves in the first year, with a warning.

    Args:
        distribution: lifetime shared by all cohorts.
        by_age: shape (ages, N), unit of the product, at the end of the year before the first; row 0 came in that
            year, row 1 the year before, …
        years: T, a count.
        entry_age: age at the end of the year of entry, unit years.

    Returns:
        The declining stock, shape (T, N), unit of the product.

    Raises:
        MethodError: accounts.stock_negative, when a cohort is negative.

    Source: share left = S(age + t) / S(age), Pauliuk and Heeren (2020), ODYM, compute_evolution_initialstock.
    """
    _refuse_negative(by_age)
    now = survival(distribution, np.arange(len(by_age), dtype=np.float64) + entry_age)
    later = survival(distribution, np.arange(1, len(by_age) + years, dtype=np.float64) + entry_age)
    windows = (
        np.lib.stride_tricks.sliding_window_view(later, len(by_age)) if len(by_age) else np.zeros((years, 0))
    )
    shares = np.divide(windows, now, out=np.zeros((years, len(by_age))), where=now > 0.0)
    over = by_age[now == 0.0]
    problems: tuple[Problem, ...] = ()
    if over.any():
        values = {"amount": float(f"{over.sum():.6g}"), "total": float(f"{by_age.sum():.6g}")}
        problems = (Problem("accounts.stock_outlived", values=values, severity="warning"),)
    return OpeningStock(by_age, shares @ by_age, problems)


def stable_ages(
    distribution: Lifetime, total: Array, ages: int, *, growth: float = 0.0, entry_age: float = 0.0
) -> Array:
    """Return a stock by age where only its total is known: that of an inflow that has grown at a constant rate.

    This is an assumption; name it where the result is shown.

    Args:
        distribution: the lifetime.
        total: shape (N,), unit of the product.
        ages: how many cohorts to keep, a count; long enough for the lifetime.
        growth: past growth of the inflow per year, without unit (0.03 = 3 %).
        entry_age: age at the end of the year of entry, unit years.

    Returns:
        Stock by age, shape (ages, N), unit of the product; sums to `total`.

    Raises:
        MethodError: accounts.stock_no_age, when nothing survives the year of entry.

    Source: stable population, share of age a proportional to S(a) (1 + growth)^-a; Keyfitz and Caswell (2005),
        Applied Mathematical Demography, 3rd edition, chapter 5.
    """
    weights = survival(distribution, np.arange(ages, dtype=np.float64) + entry_age) * (
        1.0 + growth
    ) ** -np.arange(ages)
    if not weights.sum() > 0.0:
        raise MethodError(
            Problem("accounts.stock_no_age", values={"distribution": distribution.distribution})
        )
    return np.outer(weights / weights.sum(), total)


def inflow_of_cohorts(distribution: Lifetime, by_age: Array, *, entry_age: float = 0.0) -> Array:
    """Return the past inflow of which a stock of known ages is what is left.

    Args:
        distribution: the lifetime.
        by_age: shape (ages, N), unit of the product; row 0 came in the last year.
        entry_age: age at the end of the year of entry, unit years.

    Returns:
        Inflow, shape (ages, N), unit of the product per year, in the order of `by_age`; 0 where nothing can survive.

    Source: Pauliuk and Heeren (2020), ODYM, compute_i_from_s.
    """
    now = survival(distribution, np.arange(len(by_age), dtype=np.float64) + entry_age)[:, None]
    return np.divide(by_age, now, out=np.zeros(by_age.shape), where=now > 0.0)


def inflow_driven(shares: Array, inflow: Array, opening: OpeningStock | None = None) -> StockAccount:
    """Return stock and outflow of products whose inflow is known.

    Args:
        shares: S, shape (T, T), without unit, of the lifetime that the N products share.
        inflow: shape (T, N), unit of the product per year.
        opening: what there was before, or None where there was nothing.

    Returns:
        The account; every array of shape (T, N), unit of the product.

    Raises:
        MethodError: accounts.stock_years, when the arrays have different numbers of years.

    Source: stock(t) = sum over cohorts of S(t, c) inflow(c), Müller (2006); Pauliuk and Heeren (2020).
    """
    _same_years(shares, inflow, opening)
    stock, outflow = np.empty((2, *inflow.shape))  # one block of memory: large pages, fewer faults
    _lower_product(shares, inflow, stock)
    _lower_product(leaving_matrix(shares), inflow, outflow)
    return _with_opening(StockAccount(inflow, outflow, stock, np.zeros(inflow.shape[1])), opening)


def stock_driven(
    shares: Array, stock: Array, opening: OpeningStock | None = None, *, early_retirement: bool = False
) -> StockAccount:
    """Return inflow and outflow of products whose stock is known.

    Where the stock falls faster than things wear out, the balance asks for a negative inflow. It is kept and reported;
    or, with `early_retirement`, the inflow is zero and every cohort loses the same share before its time.

    Args:
        shares: S, shape (T, T), without unit.
        stock: total at the end of each year, shape (T, N), unit of the product.
        opening: what there was before, or None where there was nothing.
        early_retirement: ODYM's NegativeInflowCorrect.

    Returns:
        The account; every array of shape (T, N), unit of the product; `problems` names negative inflows or what was
        retired early.

    Raises:
        MethodError: accounts.stock_years; accounts.stock_negative; accounts.stock_no_inflow, when nothing survives the
            year of entry, so that no inflow can make a stock.

    Source: lower triangular system S inflow = stock, Müller (2006), Pauliuk and Heeren (2020); early retirement:
        ODYM compute_stock_driven_model(NegativeInflowCorrect=True).
    """
    _same_years(shares, stock, opening)
    _refuse_negative(stock)
    if not (np.diagonal(shares) > 0.0).all():
        years = np.flatnonzero(np.diagonal(shares) <= 0.0) + 1
        raise MethodError(Problem("accounts.stock_no_inflow", values={"years": years[:5].tolist()}))
    if early_retirement:
        return _retired_early(shares, stock, opening)
    inflow, outflow = np.empty((2, *stock.shape))
    np.subtract(stock, 0.0 if opening is None else opening.left, out=inflow)
    solved = dtrsm(1.0, np.ascontiguousarray(shares).T, inflow.T, side=1, lower=0, overwrite_b=1)
    inflow = np.asarray(solved.T)
    _lower_product(leaving_matrix(shares), inflow, outflow)
    account = StockAccount(
        inflow, outflow, np.asarray(stock), np.zeros(stock.shape[1]), _negative_inflow(inflow, stock)
    )
    return account if opening is None else replace(_with_opening(account, opening), stock=stock)


def _lower_product(matrix: Array, flows: Array, made: Array) -> None:
    """Write the product of a lower triangular matrix with flows, in blocks of rows that skip what is zero."""
    for rows in np.array_split(np.arange(len(matrix)), min(BLOCKS, len(matrix))):
        top, end = int(rows[0]), int(rows[-1]) + 1
        np.matmul(matrix[top:end, :end], flows[:end], out=made[top:end])


def _retired_early(shares: Array, stock: Array, opening: OpeningStock | None) -> StockAccount:
    years, products = stock.shape
    left_of_old = np.zeros_like(stock) if opening is None else opening.left
    old = np.ones(products)  # which share of the opening stock has not been retired before its time
    cohorts, inflow, retired = np.zeros_like(stock), np.zeros_like(stock), 0.0
    for year in range(years):
        there = shares[year, :year] @ cohorts[:year] + old * left_of_old[year]
        gap = stock[year] - there
        rising = gap >= 0.0
        inflow[year] = np.where(rising, gap / shares[year, year], 0.0)
        kept = np.where(rising, 1.0, stock[year] / np.where(there == 0.0, 1.0, there))
        retired += float((there * (1.0 - kept)).sum())
        cohorts[:year] *= kept
        old *= kept
        cohorts[year] = inflow[year]
    total = np.zeros(products) if opening is None else opening.total
    outflow = inflow - np.diff(stock, axis=0, prepend=total[None, :])
    problems = () if opening is None else opening.problems
    if retired > 0.0:
        problems += (
            Problem("accounts.stock_early", values={"amount": float(f"{retired:.6g}")}, severity="notice"),
        )
    return StockAccount(inflow, outflow, stock, total, problems)


def _negative_inflow(inflow: Array, stock: Array) -> tuple[Problem, ...]:
    least = -1e-12 * stock.max(axis=0, initial=0.0)
    if (inflow.min(axis=0, initial=0.0) >= least).all():
        return ()
    wrong = inflow < least
    year, product = (int(place[0]) + 1 for place in np.nonzero(wrong))
    values = {"count": int(wrong.sum()), "products": int(wrong.any(axis=0).sum()), "year": year, "product": product,
              "amount": float(f"{inflow[wrong].min():.6g}")}  # fmt: skip
    return (Problem("accounts.stock_negative_inflow", values=values, severity="warning"),)


def by_class(
    shares: Sequence[Array], classes: NDArray[np.int64], flows: Array, *, driven_by: str = "inflow",
    early_retirement: bool = False,
) -> StockAccount:  # fmt: skip
    """Return the account of products of several lifetime classes, without opening stock.

    Args:
        shares: one S of shape (T, T), without unit, for each class.
        classes: class of each product, shape (N,), without unit.
        flows: inflow per year or stock, shape (T, N), unit of the product.
        driven_by: "inflow" or "stock": what `flows` is.
        early_retirement: as in `stock_driven`.

    Returns:
        The account in the order of the products; every array of shape (T, N), unit of the product.

    Raises:
        MethodError: as `inflow_driven` and `stock_driven`.

    Source: Pauliuk and Heeren (2020); grouping changes no figure.
    """
    parts = [np.empty(flows.shape) for _ in range(3)]
    problems: tuple[Problem, ...] = ()
    for place, matrix in enumerate(shares):
        chosen = np.flatnonzero(classes == place)
        if not len(chosen):
            continue
        own = np.ascontiguousarray(flows[:, chosen])
        account = (inflow_driven(matrix, own) if driven_by == "inflow"
                   else stock_driven(matrix, own, early_retirement=early_retirement))  # fmt: skip
        for part, made in zip(parts, (account.inflow, account.outflow, account.stock), strict=True):
            part[:, chosen] = made
        problems += account.problems
    return StockAccount(parts[0], parts[1], parts[2], np.zeros(flows.shape[1]), problems)


def cohort_stock(shares: Array, inflow: Array) -> Array:
    """Return the stock of each year by year of entry, for one product.

    Args:
        shares: S, shape (T, T), without unit.
        inflow: shape (T,), unit of the product per year.

    Returns:
        Shape (T, T), unit of the product; row = year, column = cohort.

    Source: Pauliuk and Heeren (2020), ODYM, compute_s_c_inflow_driven.
    """
    return np.asarray(shares * inflow)


def cohort_outflow(shares: Array, inflow: Array) -> Array:
    """Return the outflow of each year by year of entry, for one product.

    Args:
        shares: S, shape (T, T), without unit.
        inflow: shape (T,), unit of the product per year.

    Returns:
        Shape (T, T), unit of the product per year; row = year, column = cohort.

    Source: Pauliuk and Heeren (2020), ODYM, compute_o_c_from_s_c.
    """
    return np.asarray(leaving_matrix(shares) * inflow)


def _with_opening(account: StockAccount, opening: OpeningStock | None) -> StockAccount:
    if opening is None:
        return account
    worn = -np.diff(opening.left, axis=0, prepend=opening.total[None, :])
    return StockAccount(
        account.inflow, account.outflow + worn, account.stock + opening.left, opening.total,
        account.problems + opening.problems,
    )  # fmt: skip


def _same_years(shares: Array, flows: Array, opening: OpeningStock | None) -> None:
    lengths = {"survival": len(shares), "series": len(flows)} | (
        {} if opening is None else {"opening": len(opening.left)}
    )
    if len(set(lengths.values())) > 1:
        raise MethodError(Problem("accounts.stock_years", values={"lengths": lengths}))


def _refuse_negative(amounts: Array) -> None:
    if amounts.size and not amounts.min() >= 0.0:  # NaN is not either
        wrong = ~(amounts >= 0.0)
        row, column = (int(place[0]) + 1 for place in np.nonzero(wrong))
        values = {
            "count": int(wrong.sum()),
            "row": row,
            "product": column,
            "amount": float(amounts[wrong][0]),
        }
        raise MethodError(Problem("accounts.stock_negative", values=values))
