"""The Leontief quantity model, by LU factorisation.

Letters of the textbook, used in this file only:
    Z  intermediate use of local products, (n, n), CNY; row = product, column = using sector
    x  total output, (n,), CNY
    A  input coefficients Z x^-1, (n, n), CNY per CNY
    L  Leontief inverse (I - A)^-1, (n, n), CNY per CNY; made only when asked for
    y  final demand, (n,) or (n, c), CNY
    s  direct intensity, (n,) or (n, r), tCO2 (or any unit) per CNY
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning, lu_factor, lu_solve
from scipy.sparse.linalg import ArpackNoConvergence, eigs
from threadpoolctl import ThreadpoolController

from lvshu.accounts.methods.idle import sector_named
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

RESIDUAL_ALLOWED = 1e-10
LARGE = 300
ONE_THREAD_UP_TO = 1000


@dataclass(frozen=True)
class LeontiefModel:
    """An input-output economy ready to be solved.

    Attributes:
        coefficients: A, shape (n, n), CNY per CNY; columns of sectors without output are 0.
        factors: LU factors of I - A and their pivots, as SciPy gives them.
    """

    coefficients: Array
    factors: tuple[Array, NDArray[np.int32]]


def input_coefficients(intermediate_use: Array, output: Array, names: Sequence[str] | None = None) -> Array:
    """Return the input coefficients: use divided by the output of the using sector.

    A sector without output has a column of zeros; it may still be delivered from stock or bought elsewhere.

    Args:
        intermediate_use: shape (n, n), unit CNY; row = product, column = using sector.
        output: shape (n,), unit CNY.
        names: names of the n sectors for messages.

    Returns:
        Coefficients, shape (n, n), unit CNY per CNY.

    Raises:
        MethodError: accounts.use_without_output, when a sector without output uses something.

    Source: Miller and Blair (2009), Input-Output Analysis, 2nd edition, eq. 2.4.
    """
    idle = np.flatnonzero(output == 0.0)
    used = np.abs(intermediate_use[:, idle]).sum(axis=0)
    wrong = [Problem("accounts.use_without_output",
                     values={"sector": sector_named(names, int(i)), "amount": float(amount)})
             for i, amount in zip(idle, used, strict=True) if amount > 0.0]  # fmt: skip
    if wrong:
        raise MethodError(*wrong)
    divisor = output.astype(np.float64)
    divisor[idle] = 1.0
    return np.asarray(intermediate_use / divisor)


def spectral_radius(coefficients: Array) -> float:
    """Return the largest absolute eigenvalue of the input coefficients.

    Args:
        coefficients: shape (n, n), unit CNY per CNY.

    Returns:
        A number without unit; the economy is productive when it is below 1.

    Source: Miller and Blair (2009), section 2.4 (the power series of A).
    """
    n = len(coefficients)
    if n == 0:
        return 0.0
    if n > LARGE:
        try:
            found = eigs(coefficients, k=1, v0=np.ones(n), return_eigenvectors=False)
            return float(np.abs(found).max())
        except ArpackNoConvergence:
            pass  # the full decomposition below always ends
    return float(np.abs(np.linalg.eigvals(coefficients)).max())


def is_productive(model: LeontiefModel) -> bool:
    """Return whether every final demand can be met by an output that is not negative.

    Without negative coefficients this is so exactly when the output for one unit of each product is positive
    everywhere: one solve. With negative ones the spectral radius is asked.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.

    Returns:
        True or False; without unit.

    Source: Hawkins and Simon (1949), Econometrica 17; Miller and Blair (2009), section 2.4.
    """
    if model.coefficients.size == 0:
        return True
    if model.coefficients.min() >= 0.0:
        needed = np.asarray(lu_solve(model.factors, np.ones(len(model.coefficients)), check_finite=False))
        return bool(np.isfinite(needed).all() and needed.min() > 0.0)
    return spectral_radius(model.coefficients) < 1.0


def leontief_model(coefficients: Array) -> LeontiefModel:
    """Return the factorised model of an economy.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.

    Returns:
        The model: A and the LU factors of I - A, shape (n, n) each, without unit.

    Raises:
        MethodError: accounts.not_productive, when some final demand cannot be met.

    Source: Miller and Blair (2009), eq. 2.10; productivity as in Hawkins and Simon (1949).
    """
    matrix = np.empty(coefficients.shape, order="F")
    np.negative(coefficients, out=matrix)
    np.fill_diagonal(matrix, matrix.diagonal() + 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)  # a singular matrix is answered below, in words
        with blas_threads(len(matrix)):
            factors = lu_factor(matrix, overwrite_a=True)
    model = LeontiefModel(coefficients, factors)
    if not is_productive(model):
        radius = round(spectral_radius(coefficients), 6)
        raise MethodError(Problem("accounts.not_productive", values={"radius": radius}))
    return model


def required_output(model: LeontiefModel, final_demand: Array) -> Array:
    """Return the output that a final demand needs, directly and indirectly: x = L y.

    Args:
        model: the factorised economy of n sectors.
        final_demand: y, shape (n,) or (n, c), unit CNY.

    Returns:
        Output, same shape as the demand, unit CNY.

    Raises:
        MethodError: accounts.residual, when (I - A) x = y fails by more than 1e-10 of the largest demand.

    Source: Miller and Blair (2009), eq. 2.11.
    """
    with blas_threads(len(model.coefficients)):
        solution = np.asarray(lu_solve(model.factors, final_demand))
    _check_residual(solution - model.coefficients @ solution - final_demand, final_demand)
    return solution


def total_intensity(model: LeontiefModel, direct_intensity: Array) -> Array:
    """Return the direct and indirect intensity of final products: s L, by one transposed solve.

    Args:
        model: the factorised economy of n sectors.
        direct_intensity: s, shape (n,) or (n, r) for r stressors or replicates, unit e.g. tCO2 per CNY.

    Returns:
        Intensities, same shape and unit as the direct ones.

    Raises:
        MethodError: accounts.residual, when (I - A)' m = s fails by more than 1e-10 of the largest intensity.

    Source: Miller and Blair (2009), chapters 6 and 10 (multipliers, environmental extensions).
    """
    with blas_threads(len(model.coefficients)):
        solution = np.asarray(lu_solve(model.factors, direct_intensity, trans=1))
    _check_residual(solution - model.coefficients.T @ solution - direct_intensity, direct_intensity)
    return solution


def leontief_inverse(model: LeontiefModel) -> Array:
    """Return the Leontief inverse; nothing else in the package needs it.

    Args:
        model: the factorised economy of n sectors.

    Returns:
        L, shape (n, n), unit CNY per CNY.

    Source: Miller and Blair (2009), eq. 2.11.
    """
    return required_output(model, np.eye(len(model.coefficients)))


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Return a context in which matrices are worked on by one thread, a count of 1.

    Source: lvshu's own measurement: on a busy machine two threads wait for each other longer than they work.
    """
    limited: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limited


def blas_threads(size: int) -> AbstractContextManager[object]:
    """Return a context with one BLAS thread for small systems, and the machine's own number for large ones.

    Args:
        size: number of sectors n, a count.

    Returns:
        The context; without unit.

    Source: lvshu's own measurement, as in `one_blas_thread`.
    """
    return one_blas_thread() if size <= ONE_THREAD_UP_TO else nullcontext()


def _check_residual(residual: Array, right_side: Array) -> None:
    size = float(np.abs(right_side).max(initial=0.0))
    worst = float(np.abs(residual).max(initial=0.0))
    if worst > max(RESIDUAL_ALLOWED * size, np.finfo(np.float64).tiny):  # subnormal figures hold few digits
        raise MethodError(Problem("accounts.residual", values={"residual": worst, "size": size}))
