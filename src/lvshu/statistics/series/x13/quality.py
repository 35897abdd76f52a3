"""Measures of how good an adjustment is: M1 to M11 and Q, QS, stable seasonality, sliding spans, revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from lvshu.statistics.series.x13.output import SavedTable, figure, figures

SPANS = {"adjusted": "s2.d.per", "seasonal": "s2.a.per", "change": "s2.e.per"}
LIMITS = {"seasonal": 15.0, "change": 35.0}
"""Most percent of months whose spans differ by more than 3 percent (Findley, Monsell, Shulman and Pugh 1990)."""


@dataclass(frozen=True)
class Quality:
    """Measures of one adjustment; NaN where the method has none.

    m: M1 to M11, each acceptable below 1. q, q2: their weighted mean, with and without M2. qs_*: statistic and
    p-value of seasonality at the seasonal lags. f_stable: F of stable seasonality (table D8), f_moving: of moving
    seasonality. spans: percent of months whose estimates over sliding spans differ too much. revisions: mean and
    largest absolute revision between the first and the latest estimate, percent for a multiplicative adjustment.
    ljung_box: Q and p-value of the residuals at the longest lag (24 months, 8 quarters), which the program tells only
    where p < 0.05; NaN elsewhere. autocorrelated: whether it is below 0.05; None where the residuals were not tested.
    """

    m: tuple[float, ...] = ()
    q: float = float("nan")
    q2: float = float("nan")
    identifiable: str = ""
    f_stable: float = float("nan")
    f_moving: float = float("nan")
    qs_original: tuple[float, float] = (float("nan"), float("nan"))
    qs_adjusted: tuple[float, float] = (float("nan"), float("nan"))
    qs_irregular: tuple[float, float] = (float("nan"), float("nan"))
    residual_seasonal_peaks: bool = False
    residual_calendar_peaks: bool = False
    normality: float = float("nan")
    ljung_box: tuple[float, float] = (float("nan"), float("nan"))
    autocorrelated: bool | None = None
    spans: Mapping[str, float] = field(default_factory=dict)
    revisions: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return the measures as plain data; what is not there is None."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    def doubts(self) -> list[tuple[str, float]]:
        """Return what speaks against the adjustment: a short code and the figure.

        q and m7 above 1; seasonality left (QS of the adjusted series, p < 0.01); none in the original (by QS and, with
        X-11, by the combined test); spans beyond the limits.

        Source: X-13ARIMA-SEATS Reference Manual; Lothian and Morry (1978) for M and Q; Findley and others (1990).
        """
        found: list[tuple[str, float]] = []
        if self.q > 1:
            found.append(("q_above_one", self.q))
        if len(self.m) > 6 and self.m[6] > 1:
            found.append(("seasonality_not_identifiable", self.m[6]))
        if self.qs_adjusted[1] < 0.01:
            found.append(("seasonality_left", self.qs_adjusted[0]))
        if self.qs_original[1] > 0.05 and self.identifiable != "yes":
            found.append(("no_seasonality", self.qs_original[0]))
        found += [
            (f"unstable_{name}", self.spans[name])
            for name, limit in LIMITS.items() if self.spans.get(name, 0.0) > limit
        ]  # fmt: skip
        return found


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def quality_of(found: dict[str, str], tables: Mapping[str, SavedTable], *, multiplicative: bool) -> Quality:
    """Return the measures that a run left.

    Args:
        found: diagnostics.
        tables: saved tables; `sae` holds first and latest estimates.
        multiplicative: whether revisions are told in percent.

    Source: X-13ARIMA-SEATS Reference Manual, tables F3, D8, sliding spans and history.
    """
    m = tuple(figure(found, f"f3.m{number:02d}") for number in range(1, 12))
    peaks = [found.get(f"{group}.{kind}.dom", "no") for group in ("spcsa", "spcirr") for kind in ("s", "t")]
    return Quality(
        m=() if np.isnan(m).all() else m,
        q=figure(found, "f3.q"),
        q2=figure(found, "f3.qm2"),
        identifiable=found.get("f2.idseasonal", ""),
        f_stable=figure(found, "f2.fsd8"),
        f_moving=figure(found, "f2.msf"),
        qs_original=_pair(found, "qsori"),
        qs_adjusted=_pair(found, "qssadj"),
        qs_irregular=_pair(found, "qsirr"),
        residual_seasonal_peaks=any(told != "no" for told in peaks[0::2]),
        residual_calendar_peaks=any(told != "no" for told in peaks[1::2]),
        normality=figure(found, "kurtosis"),
        ljung_box=_box(found),
        autocorrelated=f"lbq${_longest(found):02d}" in found if "nlbq" in found else None,
        spans={name: figure(found, key, 2) for name, key in SPANS.items() if key in found},
        revisions=_revisions(tables.get("sae"), multiplicative),
    )  # fmt: skip


def _pair(found: dict[str, str], name: str) -> tuple[float, float]:
    return figure(found, name, 0), figure(found, name, 1)


def _longest(found: dict[str, str]) -> int:
    """Return the longest lag at which the program tests residuals: two years."""
    per_year = figure(found, "freq")
    return 24 if np.isnan(per_year) else 2 * int(per_year)


def _box(found: dict[str, str]) -> tuple[float, float]:
    """Return Ljung and Box's Q of the longest lag and its p-value; NaN where the program tells none."""
    told = found.get(f"lbq${_longest(found):02d}")
    if told is None:
        return float("nan"), float("nan")
    numbers = figures(told)
    return numbers[0], numbers[-1]


def _revisions(table: SavedTable | None, multiplicative: bool) -> dict[str, float]:
    if table is None or table.values.size == 0:
        return {}
    first, latest = table.values[:, 0], table.values[:, 1]
    change = latest - first
    if multiplicative:
        change = 100.0 * change / first
    return {
        "mean_absolute": float(np.abs(change).mean()),
        "largest_absolute": float(np.abs(change).max()),
        "mean": float(change.mean()),
        "periods": float(len(change)),
    }
