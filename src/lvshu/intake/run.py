"""All input tables at once: what the pipeline calls when it does not cache table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract
from lvshu.core.errors import Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.intake.discovery import discover
from lvshu.intake.findings import check_references
from lvshu.intake.load import load_table
from lvshu.intake.numbering import numbered_tables
from lvshu.intake.report import IntakeReport, Progress


def load_inputs(
    engine: DuckDB,
    contracts: Mapping[str, TableContract],
    inputs: Path | Sequence[Path],
    *,
    settings: Settings,
    packs: PackLibrary,
    previous: Mapping[tuple[str, str], float] | None = None,
    on_progress: Progress | None = None,
) -> IntakeReport:
    """Return what happened when every input table was made from a folder of files.

    Args:
        engine: the book being written.
        contracts: contracts by name; those of kind "input" are made, empty where no file belongs to them.
        inputs: the inputs folder, or the files.
        settings: area and year of the run.
        packs: the packs whose codes the contracts name.
        previous: (table, column) -> median power of ten in an earlier run.
        on_progress: told of the rows read so far.

    Raises:
        EngineError: the engine failed, or a row was lost.
        PackError: a pack is missing or broken.
    """
    records = {name: one for name, one in contracts.items() if one.kind == "input"}
    discovery = discover(inputs, records)
    problems: list[Problem] = list(discovery.problems)
    reports = []
    first = numbered_tables(records)
    for name in (*first, *(one for one in records if one not in first)):
        contract = records[name]
        report = load_table(
            engine,
            contract,
            discovery.of(name),
            settings=settings,
            packs=packs,
            previous=previous,
            on_progress=on_progress,
        )
        reports.append(report)
        problems += report.problems
    problems += check_references(engine, records)
    return IntakeReport(tuple(reports), tuple(_once(problems)))


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """A layout that makes several tables tells its problems once."""
    kept: list[Problem] = []
    for one in problems:
        if one not in kept:
            kept.append(one)
    return kept
