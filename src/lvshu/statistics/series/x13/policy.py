"""Which parts of an adjustment are found anew when months are added, and which are held: the revision policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.series.time_series import TimeSeries, label_of
from lvshu.statistics.series.x13.adjustment import Adjustment, adjust, not_positive
from lvshu.statistics.series.x13.quality import Quality
from lvshu.statistics.series.x13.specification import FixedModel, Specification

Array = NDArray[np.float64]

POLICIES = ("current", "fixed", "partial_concurrent", "reviewed", "concurrent")
"""What a new month changes.

current: nothing of the past; the forecast factors of the last full adjustment are applied.
fixed: seasonal factors anew; model, outliers and all coefficients held.
partial_concurrent: seasonal factors and coefficients anew; model, calendar regressors and past outliers held; outliers
    are looked for only in the months added.
reviewed: as concurrent, but the orders of the model and the transformation are held where they still fit
    (`still_fits`); else the first of `PICKED` that fits; else a full search: the review of a year, at a small part of
    its time.
concurrent: everything anew.
"""
_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Held:
    """What is kept of a full adjustment: its specification, the last period it saw, and its combined factors.

    factors: of the series and of the periods ahead, from `first` on, shape (periods,).
    """

    specification: Specification
    kind: str
    first: int
    last: int
    factors: Array
    multiplicative: bool

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        one = self.specification
        fixed = one.fixed or FixedModel()
        return {
            "kind": self.kind, "first": self.first, "last": self.last, "multiplicative": self.multiplicative,
            "factors": [float(each) for each in self.factors],
            "transform": one.transform, "model": one.model, "variables": list(one.variables), "method": one.method,
            "seasonal_filter": one.seasonal_filter, "trend_filter": one.trend_filter, "forecasts": one.forecasts,
            "regressors": [each.coefficient for each in one.regressors],
            "fixed": {"variables": list(fixed.variables), "ar": list(fixed.ar), "ma": list(fixed.ma)},
        }  # fmt: skip


def held_of(adjustment: Adjustment) -> Held:
    """Return what of an adjustment may be held."""
    raw = adjustment.raw
    factors = np.concatenate([adjustment.parts["combined"], adjustment.factors_ahead])
    return Held(adjustment.held, raw.kind, raw.first, raw.last, factors, adjustment.multiplicative)


def held_from(kept: Mapping[str, Any], wanted: Specification) -> Held:
    """Return what was held from plain data, with the regressors of the present specification.

    Raises:
        MethodError: statistics.held_unreadable.
    """
    try:
        told = kept["regressors"]
        regressors = tuple(
            replace(one, coefficient=value) for one, value in zip(wanted.regressors, told, strict=bool(told))
        )
        fixed = FixedModel(*(tuple(kept["fixed"][name]) for name in ("variables", "ar", "ma")))
        specification = replace(
            wanted, transform=kept["transform"], model=kept["model"], variables=tuple(kept["variables"]),
            method=kept["method"], seasonal_filter=kept["seasonal_filter"], trend_filter=kept["trend_filter"],
            forecasts=kept["forecasts"], regressors=regressors, fixed=fixed, tests=(), outliers=(),
        )  # fmt: skip
        factors = np.array(kept["factors"], dtype=float)
        return Held(
            specification,
            kept["kind"],
            int(kept["first"]),
            int(kept["last"]),
            factors,
            bool(kept["multiplicative"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MethodError(
            Problem("statistics.held_unreadable", values={"detail": str(error)[:200]})
        ) from None


def update(series: TimeSeries, wanted: Specification, held: Held | None, policy: str) -> Adjustment:
    """Return the adjustment of a series that has grown, by a policy.

    Args:
        series: raw, with the new periods.
        wanted: the full specification; its regressors cover the new periods and forecasts.
        held: what the last full adjustment left; None the first time, when everything is found anew.
        policy: one of `POLICIES`.

    Raises:
        MethodError: statistics.policy_unknown; statistics.policy_expired where the held factors do not reach the
            series' end; what `adjust` says.

    Source: ESS Guidelines on Seasonal Adjustment (Eurostat, 2024), chapter on revision policies.
    """
    if policy not in POLICIES:
        values = {"policy": policy[:40], "known": ", ".join(POLICIES)}
        raise MethodError(Problem("statistics.policy_unknown", values=values))
    found = _updated(series, wanted, held, policy)
    if (
        wanted.transform == "auto" and not found.multiplicative
    ):  # a held model no longer says why it is additive
        return replace(found, not_positive=not_positive(series))
    return found


def _updated(series: TimeSeries, wanted: Specification, held: Held | None, policy: str) -> Adjustment:
    if held is None or policy == "concurrent":
        return adjust(series, wanted)
    if policy == "current":
        return _apply(series, held)
    if policy == "reviewed":
        return _reviewed(series, wanted, held)
    own = held.specification
    regressors = own.regressors and tuple(
        replace(new, coefficient=old.coefficient)
        for new, old in zip(wanted.regressors, own.regressors, strict=True)
    )
    own = replace(
        own, regressors=regressors, history=wanted.history, sliding_spans=wanted.sliding_spans,
        forecasts=wanted.forecasts,
    )  # fmt: skip
    if policy == "partial_concurrent":
        own = replace(own, fixed=None)
        if series.last > held.last and wanted.outliers:
            own = replace(own, outliers=wanted.outliers, outlier_span=_period(series, held.last + 1))
    return adjust(series, own)


PICKED = ("(0 1 1)(0 1 1)", "(0 1 2)(0 1 1)", "(2 1 0)(0 1 1)", "(0 2 2)(0 1 1)", "(2 1 2)(0 1 1)")
"""Models that are tried in their order where the held one no longer fits, before a full search: those of X-11-ARIMA/88
(Dagum 1988), with the same test of residuals; also the program's own list for `pickmdl`."""
OF_THE_MODEL = "seasonality_left"
"""The doubt about an adjustment that speaks against its model."""
_OUTLIER = re.compile(r"(ao|ls|tc|so|rp|tl|aos|lss)\d{4}\.", re.IGNORECASE)


def still_fits(adjustment: Adjustment) -> bool:
    """Return whether an adjustment by a held model may stand: residuals that pass Ljung and Box's test at 5 percent, as
    the program demands of a model that it chooses, and no seasonality left. Doubts of the series itself (Q, M7, spans)
    are told as ever; another model would not take them away.

    Source: X-13ARIMA-SEATS Reference Manual, automdl (ljungboxlimit 0.95); ESS Guidelines on Seasonal Adjustment
    (2024), on revision policies: models are held between reviews and identified anew where diagnostics fail.
    """
    seasonal = any(code == OF_THE_MODEL for code, _ in adjustment.quality.doubts())
    return adjustment.quality.autocorrelated is False and not seasonal


def _reviewed(series: TimeSeries, wanted: Specification, held: Held) -> Adjustment:
    """Return the adjustment with the orders held, regressors tested and outliers looked for anew; else by a listed
    model that fits; else a full one."""
    tested = {one.split("[")[0] for one in wanted.tests}
    variables = tuple(
        one for one in held.specification.variables
        if not _OUTLIER.match(one) and one.split("[")[0].lower() not in tested
    )  # fmt: skip
    own = replace(
        wanted, model=held.specification.model, transform=held.specification.transform,
        variables=tuple(dict.fromkeys((*wanted.variables, *variables))), fixed=None,
    )  # fmt: skip
    for model in dict.fromkeys((own.model, *PICKED)) if own.model else ():
        try:
            found = adjust(series, replace(own, model=model))
        except MethodError:  # a candidate that cannot be estimated is none
            continue
        if still_fits(found):
            return replace(found, selection="held" if model == own.model else "picked")
    return adjust(series, wanted)


def _period(series: TimeSeries, place: int) -> str:
    year, number = divmod(place, series.per_year)
    return f"{year}.{_SHORT[number].lower()}" if series.kind == "month" else f"{year}.{number + 1}"


def _apply(series: TimeSeries, held: Held) -> Adjustment:
    """Return the series by held factors: nothing of the past is revised but for revised raw figures."""
    reach = held.first + len(held.factors) - 1
    if series.last > reach or series.first < held.first or series.kind != held.kind:
        values = {"series": series.name, "last": label_of(held.kind, reach)}
        raise MethodError(Problem("statistics.policy_expired", values=values))
    begin = series.first - held.first
    factors = held.factors[begin : begin + len(series.values)]
    adjusted = series.values / factors if held.multiplicative else series.values - factors
    return Adjustment(
        series, held.multiplicative, {"adjusted": adjusted, "combined": factors}, np.empty((0, 3)),
        held.factors[begin + len(series.values) :], held.specification.model, held.specification.transform, (), {},
        Quality(), held.specification,
    )  # fmt: skip
