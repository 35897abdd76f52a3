"""`lvshu series …`: seasonal adjustment, disaggregation, benchmarking, reconciliation, nowcasts of files."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

Method = StrEnum("Method", {"x11": "x11", "seats": "seats", "stl": "stl", "mstl": "mstl"})
Transform = StrEnum("Transform", ["auto", "log", "none"])
Policy = StrEnum(
    "Policy", {"concurrent": "concurrent", "reviewed": "reviewed", "partial_concurrent": "partial_concurrent",
               "fixed": "fixed", "current": "current"}
)  # fmt: skip
Conversion = StrEnum("Conversion", ["sum", "average", "first", "last"])
Regression = StrEnum(
    "Regression", {
        "chow-lin-maxlog": "chow-lin-maxlog", "chow-lin-minrss-quilis": "chow-lin-minrss-quilis",
        "chow-lin-minrss-ecotrim": "chow-lin-minrss-ecotrim", "chow-lin-fixed": "chow-lin-fixed",
        "fernandez": "fernandez", "litterman-maxlog": "litterman-maxlog", "litterman-minrss": "litterman-minrss",
        "litterman-fixed": "litterman-fixed", "ols": "ols",
    },
)  # fmt: skip
Variant = StrEnum("Variant", {"denton-cholette": "denton-cholette", "denton": "denton"})
Criterion = StrEnum("Criterion", ["proportional", "additive"])
Period = StrEnum("Period", ["month", "quarter"])

OPTIONS: dict[str, Option] = {
    "source": Option("", Path),
    "sources": Option("", list[Path]),
    "store": Option("", Path),
    "known": Option("", list[Path], None),
    "low": Option("", Path),
    "high": Option("", Path, None),
    "sheet": Option("--sheet", str, ""),
    "series": Option("--series", list[str], None, short="-s"),
    "way": Option("--method", Method, Method["x11"]),
    "transform": Option("--transform", Transform, Transform["auto"]),
    "model": Option("--model", str, ""),
    "spring_festival": Option("--spring-festival", bool, False),
    "windows": Option("--windows", str, ""),
    "working_days": Option("--working-days", bool, False),
    "trading_days": Option("--trading-days", bool, False),
    "outliers": Option("--outliers/--no-outliers", bool, True),
    "accept_default": Option("--accept-default", bool, False),
    "policy": Option("--policy", Policy, Policy["concurrent"]),
    "held": Option("--held", Path, None),
    "keep": Option("--keep", Path, None),
    "history": Option("--history", bool, False),
    "spans": Option("--sliding-spans", bool, False),
    "total": Option("--total", str, ""),
    "journal": Option("--journal", Path, None),
    "workers": Option("--workers", int, 0, 0),
    "workspace": Option("--workspace", Path, Path(), short="-w"),
    "regression": Option("--method", Regression, Regression["chow-lin-maxlog"]),
    "conversion": Option("--conversion", Conversion, Conversion["sum"]),
    "intercept": Option("--intercept/--no-intercept", bool, True),
    "rho": Option("--rho", float, 0.5),
    "truncate": Option("--truncate", bool, False),
    "kind": Option("--period", Period, Period["quarter"]),
    "variant": Option("--variant", Variant, Variant["denton-cholette"]),
    "criterion": Option("--criterion", Criterion, Criterion["proportional"]),
    "order": Option("--order", int, 1, 0),
    "totals": Option("--totals", Path, None),
    "variances": Option("--variances", Path, None),
    "movement": Option("--keep-movement", bool, False),
    "day": Option("--day", str, ""),
    "since": Option("--since", str, ""),
    "target": Option("--target", str),
    "transformations": Option("--form", list[str], None),
    "ahead": Option("--ahead", int, 2, 0),
    "lags": Option("--lag", list[str], None),
    "quarters": Option("--quarters", int, 12, 1),
    "iterations": Option("--iterations", int, 200, 1),
    "to": Option("--to", list[Path], None, short="-o"),
    "top": Option("--top", int, 14, 1),
}
READING = ("sheet", "series")
SHOWING = ("to", "top")
COMMANDS: dict[str, tuple[str, ...]] = {
    "adjust": ("source", *READING, "way", "transform", "model", "spring_festival", "windows", "working_days",
               "trading_days", "outliers", "accept_default", "policy", "held", "keep", "history", "spans", "total",
               "journal", "workers", "workspace", *SHOWING),
    "disaggregate": ("low", "high", *READING, "regression", "conversion", "intercept", "rho", "truncate", "kind",
                     *SHOWING),
    "benchmark": ("low", "high", *READING, "variant", "criterion", "order", "conversion", "kind", *SHOWING),
    "reconcile": ("source", "low", "sheet", "totals", "variances", "movement", *SHOWING),
    "vintage": ("store", "known", "day"),
    "nowcast": ("sources", "target", "transformations", "ahead", "since", "day", "iterations", *SHOWING),
    "backtest": ("sources", "target", "transformations", "lags", "quarters", "iterations", *SHOWING),
}  # fmt: skip


def add_series(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `series` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "series", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
