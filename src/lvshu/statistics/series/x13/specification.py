"""The specification of one adjustment, checked word for word, and the .spc text made of it.

Nothing that comes from outside reaches the text unchecked: names of series are never written, regressors are called
r1, r2 …, models and built-in variables must have one of the forms below, and values are numbers.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

TRANSFORMS = ("auto", "log", "none")
METHODS = ("x11", "seats", "none")
OUTLIERS = ("ao", "ls", "tc", "so")
FILTERS = ("x11default", "s3x1", "s3x3", "s3x5", "s3x9", "s3x15", "stable", "msr")
TESTS = ("td", "tdnolpyear", "tdstock", "td1coef", "td1nolpyear", "lom", "loq", "lpyear", "easter", "user")
USER_TYPES = ("user", "holiday", "td", "lom", "ao", "ls", "so", "seasonal", "transitory", "constant", "cycle")
_PART = r"(\d|\[\d{1,2}( \d{1,2})*\])"
_MODEL = re.compile(rf"\({_PART} \d {_PART}\)(\({_PART} \d {_PART}\)\d{{0,2}}){{0,2}}")
_PERIOD = r"\d{4}\.([1-9]|1[0-2]|0[1-9]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_VARIABLE = re.compile(
    rf"(td|tdnolpyear|td1coef|td1nolpyear|lom|loq|lpyear|const|seasonal|easter\[\d{{1,2}}\]|"
    rf"tdstock\[\d{{1,2}}\]|labor\[\d{{1,2}}\]|thank\[-?\d{{1,2}}\]|(ao|ls|tc|so){_PERIOD}|"
    rf"(rp|tl|aos|lss){_PERIOD}-{_PERIOD})",
    re.IGNORECASE,
)
POSITIONAL = (1e-6, 1e15)  # sizes written without an exponent
LINE = 5  # numbers a line
HISTORY_YEARS = 5
WIDTH = 120  # the program takes lines of up to 132 characters


@dataclass(frozen=True)
class Regressor:
    """A regressor of the user's: its kind, and its values over the series and its forecasts, shape (periods,)."""

    values: Array
    kind: str = "holiday"
    coefficient: float | None = None


@dataclass(frozen=True)
class Specification:
    """How a series is adjusted.

    transform: auto, log or none. model: as (0 1 1)(0 1 1), empty for automatic selection. accept_default: of an
    automatic selection, whether the airline model is taken without a search where its residuals pass the test of Ljung
    and Box (the program's own option acceptdefault; the search takes most of the time). variables: built-in
    regressors. tests: those kept only where AICC is better. outliers: kinds searched for; none if empty.
    method: x11, seats or none (model only). fixed: coefficients of `variables`, of AR and MA terms in the order of
    the program's own saved model; they are then not estimated.
    """

    transform: str = "auto"
    model: str = ""
    variables: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    outliers: tuple[str, ...] = ("ao", "ls", "tc")
    regressors: tuple[Regressor, ...] = ()
    method: str = "x11"
    seasonal_filter: str = ""
    trend_filter: int = 0
    forecasts: int = 12
    history: bool = False
    sliding_spans: bool = False
    fixed: FixedModel | None = None
    outlier_span: str = ""
    extra_tables: tuple[str, ...] = field(default=())
    accept_default: bool = False


@dataclass(frozen=True)
class FixedModel:
    """Coefficients that are held: of the variables in order, of the AR and of the MA terms in order."""

    variables: tuple[float, ...] = ()
    ar: tuple[float, ...] = ()
    ma: tuple[float, ...] = ()


def check(specification: Specification) -> None:
    """Refuse what the program does not know.

    Raises:
        MethodError: statistics.x13_option, with every option that is not allowed.
    """
    faults: list[tuple[str, str, str]] = []

    def listed(name: str, value: str, allowed: Sequence[str]) -> None:
        if value not in allowed:
            faults.append((name, value, ", ".join(allowed)))

    listed("transform", specification.transform, TRANSFORMS)
    listed("method", specification.method, METHODS)
    for one in specification.outliers:
        listed("outliers", one, OUTLIERS)
    for one in specification.tests:
        listed("tests", one, TESTS)
    for regressor in specification.regressors:
        listed("regressors", regressor.kind, USER_TYPES)
    if specification.seasonal_filter:
        listed("seasonal_filter", specification.seasonal_filter, FILTERS)
    if specification.model and not _MODEL.fullmatch(specification.model):
        faults.append(("model", specification.model, "(0 1 1)(0 1 1)"))
    for one in specification.variables:
        if not _VARIABLE.fullmatch(one):
            faults.append(("variables", one, "td, easter[8], AO2020.2"))
    if specification.outlier_span and not re.fullmatch(rf"{_PERIOD}", specification.outlier_span):
        faults.append(("outlier_span", specification.outlier_span, "2020.1"))
    for table in specification.extra_tables:
        if not re.fullmatch(r"[a-z][a-z0-9]{1,2}", table):
            faults.append(("extra_tables", table, "d8, e2"))
    if not 0 <= specification.forecasts <= 120:
        faults.append(("forecasts", str(specification.forecasts), "0 … 120"))
    if specification.trend_filter and (
        specification.trend_filter % 2 == 0 or not 3 <= specification.trend_filter <= 101
    ):
        faults.append(("trend_filter", str(specification.trend_filter), "3, 5, … 101"))
    if faults:
        raise MethodError(
            *(Problem("statistics.x13_option", values={"option": a, "value": b[:60], "allowed": c})
              for a, b, c in faults)
        )  # fmt: skip


def spec_text(values: Array, start: tuple[int, int], per_year: int, specification: Specification) -> str:
    """Return the .spc text of a series.

    Args:
        values: shape (periods,), finite.
        start: year and number of the first period.
        per_year: 12 or 4.
        specification: how it is adjusted.

    Raises:
        MethodError: statistics.x13_option; statistics.x13_regressor_length where a regressor does not cover the
            series and its forecasts; statistics.x13_values for values that are not finite.

    Source: X-13ARIMA-SEATS Reference Manual (U.S. Census Bureau), chapters 3 and 7.
    """
    check(specification)
    if not np.isfinite(values).all():
        raise MethodError(
            Problem("statistics.x13_values", values={"count": int((~np.isfinite(values)).sum())})
        )
    parts = [
        f'series{{ title="series" start={_period(start)} period={per_year}\n data=(\n{numbers(values)}\n) }}',
        f"transform{{ function={specification.transform} }}",
        *_regression(len(values), start, specification),
        *_model(specification),
        _forecast(specification),
        *_method(specification, _history_start(len(values), start, per_year)),
    ]
    lines = "\n".join(parts).split("\n")
    return "\n".join(textwrap.fill(line, WIDTH, break_long_words=False) for line in lines) + "\n"


def numbers(values: Sequence[float] | Array) -> str:
    """Return numbers as lines of the specification."""
    told = [number(value) for value in values]
    return "\n".join(" ".join(told[at : at + LINE]) for at in range(0, len(told), LINE))


def number(value: float) -> str:
    """Return a number in as few digits as read back to the same double.

    Without an exponent where possible: the program scales by the exponent in floating point, and the last digits of
    a value such as 1.12e+02 are not those of 112.
    """
    size = abs(float(value))
    if size == 0 or POSITIONAL[0] <= size < POSITIONAL[1]:
        return np.format_float_positional(float(value), trim="-")
    return repr(float(value))


def _period(start: tuple[int, int]) -> str:
    return f"{start[0]}.{start[1]:02d}"


def _regression(length: int, start: tuple[int, int], specification: Specification) -> list[str]:
    fixed = specification.fixed
    lines: list[str] = []
    if specification.variables:
        lines.append(f" variables=({' '.join(specification.variables)})")
    if specification.regressors:
        wanted = length + specification.forecasts
        for place, one in enumerate(specification.regressors):
            if len(one.values) < wanted or not np.isfinite(one.values[:wanted]).all():
                values = {"number": place + 1, "length": len(one.values), "wanted": wanted}
                raise MethodError(Problem("statistics.x13_regressor_length", values=values))
        table = np.column_stack([one.values[:wanted] for one in specification.regressors])
        names = " ".join(f"r{place + 1}" for place in range(table.shape[1]))
        kinds = " ".join(one.kind for one in specification.regressors)
        lines.append(f" user=({names}) usertype=({kinds}) start={_period(start)}")
        lines.append(" data=(\n" + "\n".join(numbers(row) for row in table) + "\n )")
    if specification.tests:
        lines.append(f" aictest=({' '.join(specification.tests)})")
    if fixed is not None and (fixed.variables or specification.regressors):
        held = [*fixed.variables, *(one.coefficient for one in specification.regressors)]
        known = [number(one) + "f" for one in held if one is not None]
        if len(known) == len(held):
            lines.append(f" b=({' '.join(known)})")
    return ["regression{\n" + "\n".join(lines) + "\n}"] if lines else []


def _model(specification: Specification) -> list[str]:
    fixed = specification.fixed
    lines = []
    if specification.outliers:
        span = f" span=({specification.outlier_span}, )" if specification.outlier_span else ""
        lines.append(f"outlier{{ types=({' '.join(specification.outliers)}){span} }}")
    if not specification.model:
        lines.append("automdl{ acceptdefault=yes }" if specification.accept_default else "automdl{ }")
    else:
        held = ""
        if fixed is not None:
            for name, given in (("ar", fixed.ar), ("ma", fixed.ma)):
                if given:
                    held += f" {name}=({' '.join(number(one) + 'f' for one in given)})"
        lines.append(f"arima{{ model={specification.model}{held} }}")
    lines.append("estimate{ save=(est lks mdl) }")
    return lines


def _forecast(specification: Specification) -> str:
    return (
        f"forecast{{ maxlead={specification.forecasts} save=(fct) }}"
        if specification.forecasts
        else ("forecast{ maxlead=0 }")
    )


def _history_start(length: int, start: tuple[int, int], per_year: int) -> str:
    """Return the period from which first and latest estimates are compared: five years in, the last five at most."""
    place = (
        start[0] * per_year + start[1] - 1 + max(HISTORY_YEARS * per_year, length - HISTORY_YEARS * per_year)
    )
    return _period((place // per_year, place % per_year + 1))


def _method(specification: Specification, history_start: str) -> list[str]:
    lines = []
    extra = " ".join(specification.extra_tables)
    if specification.method == "x11":
        seasonal = f" seasonalma={specification.seasonal_filter}" if specification.seasonal_filter else ""
        trend = f" trendma={specification.trend_filter}" if specification.trend_filter else ""
        lines.append(f"x11{{{seasonal}{trend} appendfcst=yes save=(d10 d11 d12 d13 d16 d18 {extra}) }}")
    elif specification.method == "seats":
        lines.append(f"seats{{ appendfcst=yes save=(s10 s11 s12 s13 s16 {extra}) }}")
    if specification.sliding_spans and specification.method != "none":
        lines.append("slidingspans{ }")
    if specification.history and specification.method != "none":
        lines.append(f"history{{ start={history_start} estimates=(sadj sadjchng trend) save=(sae che tre) }}")
    return lines


def without_checks(specification: Specification) -> Specification:
    """Return the same adjustment without its history and sliding spans, which take many adjustments."""
    return replace(specification, history=False, sliding_spans=False)
