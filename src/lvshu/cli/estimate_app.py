"""`lvshu estimate …`: estimates with their errors from the user's own tables, without a run."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

Statistic = StrEnum("Statistic", ["mean", "total", "ratio", "quantile", "share"])
Lonely = StrEnum("Lonely", ["error", "adjust", "average", "certainty"])
Missing = StrEnum("Missing", ["error", "omit"])
Distance = StrEnum("Distance", ["linear", "raking", "logit", "exponential", "hellinger", "entropy"])
Errors = StrEnum("Errors", ["linearised", "jackknife", "bootstrap"])
Criterion = StrEnum("Criterion", ["bic", "aic", "test", "none"])
Method = StrEnum("Method", ["reml", "ml", "moments"])
Scale = StrEnum("Scale", ["none", "log", "arcsin"])
Benchmark = StrEnum("Benchmark", ["ratio", "difference", "mse"])

OPTIONS: dict[str, Option] = {
    "source": Option("", Path),
    "sheet": Option("--sheet", str, ""),
    "statistic": Option("--statistic", Statistic, Statistic["mean"]),
    "value": Option("--value", list[str], None),
    "denominator": Option("--denominator", str, ""),
    "by": Option("--by", str, ""),
    "weight": Option("--weight", str, ""),
    "strata": Option("--strata", list[str], None),
    "cluster": Option("--cluster", list[str], None),
    "population": Option("--population", list[str], None),
    "lonely": Option("--lonely", Lonely, Lonely["error"]),
    "missing": Option("--missing", Missing, Missing["error"]),
    "controls": Option("--controls", Path, None),
    "distance": Option("--distance", Distance, Distance["linear"]),
    "bounds": Option("--bounds", str, ""),
    "ridge": Option("--ridge", bool, False),
    "errors": Option("--errors", Errors, Errors["linearised"]),
    "key": Option("--key", str, ""),
    "lists": Option("--list", list[str], None),
    "count": Option("--count", str, ""),
    "unit": Option("--unit", str, ""),
    "list_column": Option("--list-column", str, ""),
    "stratum": Option("--stratum", str, ""),
    "criterion": Option("--criterion", Criterion, Criterion["bic"]),
    "terms": Option("--term", list[str], None),
    "found": Option("--links-found", float, 1.0, 0.0),
    "found_error": Option("--links-found-error", float, 0.0, 0.0),
    "false": Option("--links-false", float, 0.0, 0.0),
    "false_error": Option("--links-false-error", float, 0.0, 0.0),
    "links_from": Option("--links-from", Path, None),
    "replicates": Option("--replicates", int, 0, 0),
    "seed": Option("--seed", int, 1),
    "area": Option("--area", str),
    "direct": Option("--direct", str),
    "variance": Option("--variance", str, ""),
    "effective": Option("--effective-size", str, ""),
    "covariates": Option("--covariate", list[str], None),
    "method": Option("--method", Method, Method["reml"]),
    "scale": Option("--scale", Scale, Scale["none"]),
    "share": Option("--share", str, ""),
    "published": Option("--published", float, None),
    "published_error": Option("--published-error", float, 0.0, 0.0),
    "benchmark": Option("--benchmark", Benchmark, Benchmark["ratio"]),
    "inside": Option("--inside", str),
    "of": Option("--population-size", float, inspect.Parameter.empty, 0.0),
    "beside": Option("", Path),
    "classes": Option("--class", list[str], None),
    "donors": Option("--donors", int, 5, 1),
    "source_size": Option("--source-size", float, inspect.Parameter.empty, 0.0),
    "source_total": Option("--source-total", float),
    "source_value": Option("--source-value", str, ""),
    "level": Option("--level", float, 0.95, 0.5, most=0.9999),
    "to": Option("--to", list[Path], None, short="-o"),
    "top": Option("--top", int, 40, 1),
}
DESIGN = ("weight", "strata", "cluster", "population", "lonely")
CALIBRATION = ("controls", "distance", "bounds", "ridge")
SHOWING = ("level", "to", "top")
COMMANDS: dict[str, tuple[str, ...]] = {
    "survey": ("source", "sheet", "statistic", "value", "denominator", "by", *DESIGN, "missing", *CALIBRATION,
               "errors", "replicates", "seed", *SHOWING),
    "calibrate": ("source", "sheet", *DESIGN, *CALIBRATION, "key", "to", "top"),
    "population": ("source", "sheet", "lists", "count", "unit", "list_column", "stratum", "criterion", "terms",
                   "found", "found_error", "false", "false_error", "links_from", "replicates", "seed", *SHOWING),
    "integrate": ("source", "inside", "of", "source_size", "source_total", "sheet", "value", "source_value", *DESIGN,
                  "missing", *SHOWING),
    "nonprobability": ("source", "beside", "sheet", "value", "covariates", "classes", *DESIGN, "donors", "replicates",
                       "seed", *SHOWING),
    "areas": ("source", "area", "direct", "sheet", "variance", "effective", "covariates", "method", "scale",
              "share", "published", "published_error", "benchmark", "replicates", "seed", *SHOWING),
}  # fmt: skip


def add_estimate(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `estimate` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "estimate", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
