"""lvshu code drift: whether new texts still look like those of calibration."""

from __future__ import annotations

from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.code.common import texts_of
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem, Where
from lvshu.statistics.coding.monitor import drift
from lvshu.statistics.coding.store import load


def execute(*, language: str, as_json: bool, file: Path, model: Path | None, text: str, scope: bool) -> int:
    """Compare and tell. Returns the exit code: 1 where texts have drifted."""
    output, library = Output(language, as_json), PackLibrary.load(None)
    if model is None:
        raise ConfigError(Problem("coding.name_model"))
    found = drift(load(model), [words for _, words in texts_of(file, text, scope=scope, library=library)])
    values = {"value": found.index, "mean": found.expected, "deviation": found.deviation}
    signs = {
        "shares": output.text("code.drift.shares", **values),
        "confidence": output.text("code.drift.confidence", value=found.confidence_shift),
        "known": output.text("code.drift.known", value=found.known_shift),
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
    output.say(output.text("code.steady"))
    return 0
