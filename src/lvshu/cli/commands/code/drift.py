"""lvshu code drift: whether new texts still look like those of calibration."""

from __future__ import annotations

from math import floor, log10
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.code.common import texts_of
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem, Where
from lvshu.statistics.coding.monitor import Drift, drift
from lvshu.statistics.coding.store import load

DECIMALS = 4
"""Of the index of shares, at least."""


def execute(*, language: str, as_json: bool, file: Path, model: Path | None, text: str, scope: bool) -> int:
    """Compare and tell. Returns the exit code: 1 where texts have drifted."""
    output, library = Output(language, as_json), PackLibrary.load(None)
    if model is None:
        raise ConfigError(Problem("coding.name_model"))
    found = drift(load(model), [words for _, words in texts_of(file, text, scope=scope, library=library)])
    signs = {
        "shares": _shares(output, found),
        "confidence": _shifted(output, "confidence", found.confidence_shift),
        "known": _shifted(output, "known", found.known_shift),
    }
    output.json({"ok": not found.signs, "texts": found.texts, "signs": list(found.signs), "index": found.index,
                 "expected": found.expected, "deviation": found.deviation,
                 "confidence_shift": found.confidence_shift, "known_shift": found.known_shift})  # fmt: skip
    for line in signs.values():
        output.say(line)
    if found.signs:
        told = [signs[name] for name in found.signs]
        output.problems(
            [Problem("coding.drifted", Where(file=file.name), {"signs": told}, severity="warning")]
        )
        return 1
    compared = (found.index, found.confidence_shift, found.known_shift)
    output.say(output.text("code.untold" if None in compared else "code.steady"))
    return 0


def _shares(output: Output, found: Drift) -> str:
    """Return the index of shares in words, with two digits of its standard deviation, four decimals at least."""
    if found.index is None or found.expected is None or not found.deviation:
        return output.text("code.drift.few", texts=found.texts)
    places = max(DECIMALS, 1 - floor(log10(found.deviation)))
    told = {"value": found.index, "mean": found.expected, "deviation": found.deviation}
    return output.text("code.drift.shares", **{name: f"{value:.{places}f}" for name, value in told.items()})


def _shifted(output: Output, name: str, shift: float | None) -> str:
    """Return a shift in words; that it cannot be told from the texts there are where it is None."""
    return output.text(f"code.drift.{name}.few" if shift is None else f"code.drift.{name}", value=shift)
