"""One series adjusted by X-13ARIMA-SEATS: what it must be before, and what comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.statistics.series.time_series import PER_YEAR, TimeSeries, label_of, listed
from lvshu.statistics.series.x13.output import Coefficient, SavedTable, coefficients, figures
from lvshu.statistics.series.x13.program import Run, run
from lvshu.statistics.series.x13.quality import Quality, quality_of
from lvshu.statistics.series.x13.specification import FixedModel, Specification, spec_text

Array = NDArray[np.float64]

SHORTEST_YEARS = 3
TABLES = {
    "x11": {"seasonal": "d10", "adjusted": "d11", "trend": "d12", "irregular": "d13", "combined": "d16",
            "calendar": "d18"},
    "seats": {"seasonal": "s10", "adjusted": "s11", "trend": "s12", "irregular": "s13", "combined": "s16"},
    "none": {},
}  # fmt: skip
_EMPTY = np.empty(0)


@dataclass(frozen=True)
class Adjustment:
    """A series with its parts, each of shape (periods,), in the unit of the series or as factors near 1.

    combined: seasonal and calendar together, which `adjusted` is free of. calendar: None where the model has none.
    forecast: of the raw series, shape (forecasts, 3): point, lower and upper end of 95 %. factors_ahead: combined
    factors of the coming periods, shape (forecasts,). selection: whether the orders of the model were given, found by
    an automatic search, held from an earlier one that still fits, or picked from a list where it does not.
    not_positive: the periods of zero or negative figures that ruled logarithms out where they would have been tested.
    """

    raw: TimeSeries
    multiplicative: bool
    parts: Mapping[str, Array]
    forecast: Array
    factors_ahead: Array
    model: str
    transform: str
    coefficients: tuple[Coefficient, ...]
    statistics: Mapping[str, float]
    quality: Quality
    held: Specification
    warnings: tuple[str, ...] = ()
    diagnostics: Mapping[str, str] = field(default_factory=dict, repr=False)
    selection: str = "given"
    not_positive: tuple[str, ...] = ()

    def doubts(self) -> list[tuple[str, float]]:
        """Return what speaks against the adjustment: that of its measures (codes and figures, as `Quality.doubts`),
        and how many zeros or negative figures, a count, ruled the multiplicative model out. Source: as there."""
        found = self.quality.doubts()
        return [*found, ("not_positive", float(len(self.not_positive)))] if self.not_positive else found

    @property
    def adjusted(self) -> Array:
        """Return the seasonally adjusted series."""
        return self.parts["adjusted"]


def not_positive(series: TimeSeries) -> tuple[str, ...]:
    """Return the periods of a series (labels) whose figures are zero or negative: they take no logarithm.

    Source: X-13ARIMA-SEATS Reference Manual, transform (logarithms need positive figures).
    """
    return tuple(label_of(series.kind, series.first + int(at)) for at in np.flatnonzero(series.values <= 0))


def check_series(series: TimeSeries, *, log: bool) -> None:
    """Refuse a series that cannot be adjusted; every reason at once.

    Args:
        series: raw.
        log: whether logarithms are certain to be taken.

    Raises:
        InputError: statistics.series_kind for other than months and quarters, series_gap, series_too_short,
            series_not_positive, series_constant.
    """
    problems: list[Problem] = []
    name = series.name
    if series.kind not in ("month", "quarter"):
        raise InputError(Problem("statistics.series_kind", values={"series": name, "kind": series.kind}))
    missing = np.flatnonzero(~np.isfinite(series.values))
    if missing.size:
        told = listed([label_of(series.kind, series.first + int(at)) for at in missing])
        values = {"series": name, "count": int(missing.size), "periods": told}
        problems.append(Problem("statistics.series_gap", values=values))
    least = SHORTEST_YEARS * PER_YEAR[series.kind]
    if len(series.values) < least:
        detail = f"{len(series.values)} < {least}"
        problems.append(Problem("statistics.series_too_short", values={"series": name, "detail": detail}))
    low = not_positive(series)
    if log and low:
        told = listed(low)
        problems.append(Problem("statistics.series_not_positive", values={"series": name, "detail": told}))
    if not missing.size and len(series.values) and np.ptp(series.values) == 0:
        problems.append(Problem("statistics.series_constant", values={"series": name, "detail": "–"}))
    if problems:
        raise InputError(*problems)


def adjust(series: TimeSeries, specification: Specification | None = None) -> Adjustment:
    """Return a monthly or quarterly series with its seasonal and calendar parts taken out.

    Args:
        series: raw, without gaps, at least three years.
        specification: how; automatic model, outliers and X-11 if not given.

    Raises:
        InputError: as `check_series`.
        MethodError: what the program says.

    Source: X-13ARIMA-SEATS Reference Manual, version 1.1 (U.S. Census Bureau).
    """
    wanted = specification or Specification()
    check_series(series, log=wanted.transform == "log")
    ruled_out = not_positive(series) if wanted.transform == "auto" else ()
    if ruled_out:
        wanted = replace(wanted, transform="none")  # the program would refuse; logarithms are not open to it
    names = TABLES[wanted.method]
    endings = [*names.values(), "fct", "sae", "che", "tre", *wanted.extra_tables]
    needed = [names["adjusted"]] if names else []
    done = run(
        spec_text(series.values, series.start, series.per_year, wanted),
        endings,
        series=series.name,
        needed=needed,
    )
    return replace(_read(series, wanted, done), not_positive=ruled_out)


def _read(series: TimeSeries, wanted: Specification, done: Run) -> Adjustment:
    found = done.diagnostics
    multiplicative = _multiplicative(found, wanted)
    length = len(series.values)
    parts: dict[str, Array] = {}
    ahead = _EMPTY
    for name, ending in TABLES[wanted.method].items():
        if ending in done.tables:
            values = done.tables[ending].values[:, 0]
            parts[name] = values[:length]
            if name == "combined":
                ahead = values[length:]
    if wanted.method == "seats" and {"seasonal", "combined"} <= set(parts):
        # SEATS saves no calendar factors of its own (s18 is the ratio of raw to adjusted): they are what is left.
        both, season = parts["combined"], parts["seasonal"]
        parts["calendar"] = both / season if multiplicative else both - season
    parts.setdefault("calendar", np.full(length, 1.0 if multiplicative else 0.0))
    if "seasonal" in parts:
        parts.setdefault("combined", parts["seasonal"])
        if ahead.size == 0:
            ahead = done.tables[TABLES[wanted.method]["seasonal"]].values[length:, 0]
    forecast = done.tables["fct"].values if "fct" in done.tables else np.empty((0, 3))
    regression = [one for one in coefficients(found) if one.group not in ("AR", "MA")]
    model, held = held_model(done.model, wanted, regression)
    transform = "log" if _logs(found, wanted) else "none"
    return Adjustment(
        series, multiplicative, parts, forecast, ahead, found.get("arimamdl", model).strip(), transform,
        tuple(coefficients(found)), _statistics(found),
        quality_of(found, done.tables, multiplicative=multiplicative),
        replace(held, transform=transform), tuple(one.text for one in done.messages if one.kind != "ERROR"), found,
        "given" if wanted.model else "automatic",
    )  # fmt: skip


def _logs(found: Mapping[str, str], wanted: Specification) -> bool:
    if wanted.transform != "auto":
        return wanted.transform == "log"
    return "log" in found.get("aictrans", found.get("transform", "")).lower()


def _multiplicative(found: Mapping[str, str], wanted: Specification) -> bool:
    told = found.get("finmode") or found.get("samode") or ""
    if told.startswith(("mult", "add", "log", "pseudo")):
        return not told.startswith("add")
    return _logs(found, wanted)


def _statistics(found: Mapping[str, str]) -> dict[str, float]:
    names = ("loglikelihood", "aic", "aicc", "bic", "hq", "variance$mle", "nefobs")
    return {name: figures(found[name])[0] for name in names if figures(found.get(name))}


_VARIABLES = re.compile(r"variables=\((.*?)\n\s*\)", re.DOTALL)
_OWN = re.compile(r"r\d+")
_MODEL = re.compile(r"model=\s*((?:\([^)]*\)\s*\d*)+)")


def held_model(
    text: str, wanted: Specification, regressors: Sequence[Coefficient] = ()
) -> tuple[str, Specification]:
    """Return the model and the specification that holds it: orders, regressors found, coefficients.

    Args:
        text: the model as the program saves it (.mdl); empty where there is none.
        wanted: the specification that was asked for.
        regressors: coefficients of the regression as the diagnostics list them.

    Raises:
        MethodError: statistics.x13_output where the text cannot be read.

    Source: X-13ARIMA-SEATS Reference Manual, the saved table `mdl` of the spec `estimate`.
    """
    found = _MODEL.search(text)
    if not found:
        return "", wanted
    model = re.sub(r"\s+(?=\()", "", found[1]).strip()
    variables = tuple(_VARIABLES.search(text)[1].split()) if _VARIABLES.search(text) else ()  # type: ignore[index]
    every = _numbers(text, "b")
    # The saved coefficients stand in the order of the diagnostics, where a constant or an outlier that was found may
    # come after the user's regressors; read back, built-in ones come first.
    names = [one.name for one in regressors][: len(every)]
    users = {name: value for name, value in zip(names, every, strict=False) if _OWN.fullmatch(name)}
    own = [users.get(f"r{place + 1}") for place in range(len(wanted.regressors))]
    if any(value is None for value in own):  # the test of user regressors dropped them
        own = []
    kept = tuple(replace(one, coefficient=value) for one, value in zip(wanted.regressors, own, strict=False))
    built_in = tuple(
        value for place, value in enumerate(every) if place >= len(names) or not _OWN.fullmatch(names[place])
    )
    fixed = FixedModel(built_in, tuple(_numbers(text, "ar")), tuple(_numbers(text, "ma")))
    held = replace(
        wanted, model=model, variables=variables, tests=(), outliers=(), regressors=kept, fixed=fixed,
        history=False, sliding_spans=False,
    )  # fmt: skip
    return model, held


def _numbers(text: str, name: str) -> list[float]:
    """Return the numbers of `name = ( … )` in a saved model."""
    found = re.search(rf"(?<![a-z]){name}\s*=\(([^)]*)\)", text)
    return figures(found[1]) if found else []


def need(table: SavedTable | None, name: str) -> SavedTable:
    """Return a table that must be there.

    Raises:
        MethodError: statistics.x13_output.
    """
    if table is None:
        raise MethodError(Problem("statistics.x13_output", values={"series": "", "tables": name, "code": 0}))
    return table
