"""lvshu accounts compile: an input-output table made of supply and use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.sources.read import spelled
from lvshu.accounts.sources.supply_use_files import symmetric_of
from lvshu.cli.commands.accounts.common import deliver
from lvshu.cli.commands.accounts.convert import save
from lvshu.cli.console import Output


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    second: Path | None,
    construct: Any,
    year: int | None,
    area: str,
    unit: str,
    folder: Path | None,
    saved: str,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Print the totals of the table that was made, and save it. Returns the exit code."""
    output = Output(language, as_json)
    paths = [source, *([second] if second else [])]
    made = symmetric_of(paths, construct, year=year or 0, area=area or "000000", unit=spelled(unit or None))
    if folder is not None:
        save(output, made.system, folder, saved)
    deliver(output, [_totals(made.system)], to=to or (), top=top)
    output.problems(made.findings)
    return 0


def _totals(system: InputOutputSystem) -> Result:
    """Return output, inputs, value added and final use of each sector, shape (4, n)."""
    use = system.intermediate_use
    added = sum((np.asarray(row) for row in system.value_added.values()), np.zeros(len(system.output)))
    values = np.vstack(
        [system.output, np.asarray(use.sum(axis=0)).ravel(), added, system.final_demand.sum(axis=1)]
    )
    rows = Index.of(("measure",), ["output", "intermediate_input", "value_added", "final_use"])
    return Result("table", ("编制的投入产出表", "The table that was made"), rows, system.industries, values,
                  (system.money_unit,), "accounts.supply_use", (system.origin,), notes=system.notes)  # fmt: skip
