"""lvshu estimate calibrate: new weights that give the known totals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.cli.commands.estimate.common import deliver, needed, negative_weights, picked, sampled
from lvshu.cli.console import Output
from lvshu.publish.results.estimates import EstimateReport, write_estimates

CODES = ("control", "wanted", "before", "reached", "gap")


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    sheet: str,
    key: str,
    to: Sequence[Path] | None,
    top: int,
    **designed: Any,
) -> int:
    """Calibrate, show how the totals are met, and write the weights. Returns the exit code."""
    if designed["controls"] is None:
        raise needed("--controls", "calibrate")
    read = sampled(source, sheet=sheet, numbers=[], labels=[key] if key else [], **designed)
    made, known = read.calibrated, read.known
    assert made is not None and known is not None  # noqa: S101  (controls were given)
    before = known.sums(read.before.weights)
    records = tuple(
        {
            "control": name,
            "wanted": float(total),
            "before": float(old),
            "reached": float(new),
            "gap": float(gap),
        }
        for name, total, old, new, gap in zip(
            known.names, known.totals, before, made.reached, made.gaps, strict=True
        )
    )
    settings = {
        **read.settings, "steps": made.steps, "least_factor": float(made.factors.min()),
        "largest_factor": float(made.factors.max()),
    }  # fmt: skip
    method = ("校准（Deville–Särndal）", "Calibration (Deville–Särndal)")
    title = ("校准后的权数", "Calibrated weights")
    notes = tuple(negative_weights(made))
    report = EstimateReport("calibrate", title, method, settings, picked(CODES), records, read.origins, notes)
    weights = tuple(
        {
            "row": row,
            **({key: read.table.labels[key][at]} if key else {}),
            "weight": float(new),
            "factor": float(factor),
        }
        for at, (row, new, factor) in enumerate(
            zip(read.table.rows, made.design.weights, made.factors, strict=True)
        )
    )
    columns = {
        "row": ("行", "row"), **({key: (key, key)} if key else {}), "weight": ("权数", "weight"),
        "factor": ("调整倍数", "factor"),
    }  # fmt: skip
    whole = EstimateReport("weights", title, method, settings, columns, weights, read.origins)
    output = Output(language, as_json)
    written = [path for place in to or () for path in write_estimates(whole, place, language=language)]
    deliver(output, report, to=None, top=top, extra={"files": written})
    for path in written:
        output.say(output.text("export.written", path=path))
    return 0
