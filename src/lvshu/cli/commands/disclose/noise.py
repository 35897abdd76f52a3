"""lvshu disclose noise: counts or sums with noise, within a privacy budget."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from lvshu.cli.commands.disclose.common import (
    TOTALS,
    figures_of,
    number_text,
    public_levels,
    refuse_blank,
    say_rows,
    write,
)
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem
from lvshu.intake.plain_table import read_plain_table
from lvshu.statistics.disclosure.budget import spend
from lvshu.statistics.disclosure.privacy import LIBRARY, Bounds, with_noise
from lvshu.statistics.disclosure.table import dimension_of, key_text


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    sheet: str,
    dimensions: Sequence[str],
    value: str,
    contributor: str,
    levels: Sequence[str] | None,
    epsilon: float,
    most_cells: int,
    low: str,
    high: str,
    ledger: Path,
    budget: float | None,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Print and write the table with noise. Returns the exit code."""
    output = Output(language, as_json)
    table = read_plain_table(source, sheet)
    parents = public_levels(levels, dimensions)
    if not contributor:
        raise ConfigError(Problem("disclosure.contributor_needed"))
    codes = {name: table.texts(name) for name in dimensions}
    who = table.texts(contributor)
    refuse_blank(table, {**codes, contributor: who})
    made = [dimension_of(name, codes[name], parents[name], TOTALS) for name in dimensions]
    bounds = _bounds(value, most_cells, low, high)
    amounts = [Decimal(1)] * len(who)
    if value:
        amounts = figures_of(table, value)
    else:  # a contributor counts once in a cell however many records it has there
        pairs = dict.fromkeys(zip(*codes.values(), who, strict=True))
        who = [pair[-1] for pair in pairs]
        codes = {name: [pair[place] for pair in pairs] for place, name in enumerate(dimensions)}
        amounts = [Decimal(1)] * len(who)
    noisy = with_noise(made, codes, amounts, who, bounds, epsilon)
    what = {
        "source": table.origin.as_dict(), "dimensions": list(dimensions), "contributor": contributor,
        "value": value or "count", "most_cells": most_cells, "low": str(bounds.low), "high": str(bounds.high),
        "mechanism": "discrete Laplace, OpenDP make_laplace", "towards": "all records of one contributor",
    }  # fmt: skip
    spent, whole = spend(ledger, epsilon, what, budget)  # before anything is shown or written
    heads = [*dimensions, "value", "noise_deviation"]
    rows = [
        [
            *key_text(key, made),
            number_text(noisy.values[n], bounds.places),
            number_text(noisy.deviation[n], 3),
        ]
        for n, key in enumerate(noisy.structure.keys)
    ]
    about = {**what, "epsilon": epsilon, "noise_scale": noisy.scale, "library": _version()}
    del about["source"]  # the hash of the records would tell whether a guess of them is right
    for path in to or ():
        write(path, heads, rows, about)
    output.heading(output.text("disclose.noise_title"))
    shown = [*dimensions, output.text("disclose.column.value"), output.text("disclose.column.deviation")]
    say_rows(output, shown, rows, top, (len(dimensions), len(dimensions) + 1))
    output.say(
        output.text("disclose.noise_spent", epsilon=f"{epsilon:g}", spent=f"{spent:f}", budget=f"{whole:f}")
    )
    output.say(output.text("disclose.noise_cut", count=noisy.cut))
    for path in to or ():
        output.say(output.text("disclose.written", path=path))
    output.json(
        {"ok": True, "epsilon": epsilon, "spent": f"{spent:f}", "budget": f"{whole:f}", "scale": noisy.scale,
         "records": [dict(zip(heads, row, strict=True)) for row in rows], "files": list(to or ())}
    )  # fmt: skip
    return 0


def _bounds(value: str, most_cells: int, low: str, high: str) -> Bounds:
    if not value:
        return Bounds(most_cells)
    if not low or not high:
        raise ConfigError(Problem("disclosure.bounds_needed"))
    try:
        ends = Decimal(low), Decimal(high)
    except ArithmeticError:
        values = {"text": f"{low} {high}", "form": "--low 0 --high 5000"}
        raise ConfigError(Problem("disclosure.option_form", values=values)) from None
    places = max(0, *(-int(str(end.as_tuple().exponent)) for end in ends))
    return Bounds(most_cells, *ends, places)


def _version() -> str:
    from importlib.metadata import version

    return f"{LIBRARY} {version(LIBRARY)}"
