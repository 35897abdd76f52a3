"""All label steps on a loan book of the sample city at 1:100, with the seconds of each step and the truth beside it."""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts, load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.finance.label_steps import LABEL_STEPS
from lvshu.finance.steps import LOAN_STEPS
from lvshu.pipeline.packs import load_packs
from lvshu.sample import write_city

SCALE, YEAR = 100, 2023
BALANCES = ("finance.converted_balance", "finance.loan_average_balance")
STEPS = (*(step for step in LOAN_STEPS if step.name in BALANCES), *LABEL_STEPS)
"""Balances in yuan and their averages, which labels are weighed by, then the steps of labels."""
TABLES = ("loan", "loan_balance", "enterprise", "label_claim", "label_decision", "label_evidence")


def read_inputs(engine: DuckDB, inputs: Path) -> None:
    """Read the input files into tables of their contracts; what cannot be read stays empty."""
    for table in TABLES:
        contract = load(table)
        engine.create(contract, replace=True)
        files = sorted(path for path in inputs.glob(f"{table}*.csv") if "corrected" not in path.name)
        for path in files[:1]:
            _as_utf8(path)
            with path.open(encoding="utf-8") as handle:
                header = next(csv.reader(handle))
            options = pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True
            )
            engine.load_rows(f"raw_{table}", pa_csv.read_csv(path, convert_options=options))
            names = [name for name in header if name in contract.column_names]
            values = ", ".join(f'TRY_CAST("{name}" AS {contract.column(name).sql_type})' for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            engine.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM raw_{table}")


def _as_utf8(path: Path) -> None:
    data = path.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        path.write_text(data.decode("gb18030"), encoding="utf-8")


def run_steps(engine: DuckDB, settings: Settings, library: PackLibrary) -> dict[str, float]:
    """Run the label steps in their order and return the wall seconds of each."""
    seconds: dict[str, float] = {}
    for table in ("finding", *(table for step in STEPS for table in (*step.makes, *step.reads_if_there))):
        if table in all_contracts() and not engine.has(table):
            engine.create(load(table))
    for step in STEPS:
        began = time.perf_counter()
        if isinstance(step.action, Query):
            parameters = dict(step.parameters(settings)) if step.parameters else {}
            engine.make(step.action, parameters, load(step.action.table))
        else:
            step.action(StepContext(step=step, settings=settings, packs=library, engine=engine))
        seconds[step.name] = time.perf_counter() - began
    return seconds


def quality(engine: DuckDB, folder: Path) -> dict[str, str]:
    """Return precision and recall of green words, and what became of the planted errors, by theme."""
    with (folder / "truth" / "label.csv").open(encoding="utf-8") as handle:
        truth = {(row["loan_id"], row["theme"]): row for row in csv.DictReader(handle)}
    checks = engine.execute("SELECT loan_id, theme, verdict FROM label_check WHERE basis = 'purpose'")
    searched = {loan for loan, theme, verdict in checks if theme == "green" and verdict != "not_checkable"}
    words = (
        "SELECT loan_id, label_code FROM label_candidate WHERE theme = 'green' AND found_by = 'purpose_text'"
    )
    found = {(loan, code) for loan, code in engine.execute(words) if loan in searched}
    green = {
        (loan, row["true_code"])
        for (loan, theme), row in truth.items()
        if theme == "green" and row["true_code"]
    }
    green = {pair for pair in green if pair[0] in searched}
    told = {
        "green words, loans": _rates({loan for loan, _ in found}, {loan for loan, _ in green}),
        "green words, loan and item": _rates(found, green),
    }
    for theme in ("green", "digital", "technology", "elderly_care"):
        seen = Counter(
            (truth[loan, theme]["planted"], verdict)
            for loan, one, verdict in checks
            if one == theme and (loan, theme) in truth
        )
        told[f"{theme}, planted -> verdict"] = ", ".join(
            f"{planted} -> {verdict} {count}" for (planted, verdict), count in sorted(seen.items())
        )
    return told


def _rates(found: set[Any], true: set[Any]) -> str:
    both = len(found & true)
    precision, recall = both / len(found), both / len(true)
    return f"precision {precision:.3f} ({both} of {len(found)}), recall {recall:.3f} ({both} of {len(true)})"


def main() -> None:
    """Write the city, run the steps and print what was measured."""
    folder = Path(sys.argv[1]) / "city"
    write_city(folder, scale=SCALE)
    library = PackLibrary.load(None)
    settings = Settings(area="310000", area_zh="样本", area_en="sample", year=YEAR)
    with DuckDB(scratch=Path(sys.argv[1]) / "scratch") as engine:
        read_inputs(engine, folder / "inputs")
        load_packs(engine, library, {pack for step in STEPS for pack in step.packs})
        began, cpu = time.perf_counter(), time.process_time()
        steps = run_steps(engine, settings, library)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        measured = {
            "loans": engine.count("loan"),
            "texts": engine.execute("SELECT count(DISTINCT purpose_text) FROM loan")[0][0],
            "candidates": engine.count("label_candidate"),
            "wall_seconds": wall,
            "cpu_seconds": cpu,
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "steps": steps,
            "quality": quality(engine, folder),
        }
    print(json.dumps(measured, ensure_ascii=False))


if __name__ == "__main__":
    main()
