"""The examples do what they say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.intake import load_inputs
from lvshu.store.workspace import Workspace


def test_every_headline_adds_up_again_from_its_table(repository: Path, sample_run: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(repository / "examples" / "read_a_book.py"), str(sample_run)],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "co2_sectoral" in done.stdout


def test_the_mapping_file_reads_foreign_headers(
    repository: Path, sample_workspace: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "inputs"
    folder.mkdir()
    shutil.copy(repository / "examples" / "ledger.mapping.toml", folder)
    (folder / "ledger.csv").write_bytes("Facility No.,Month end,Balance\nL1,2023-01,1.5\n".encode("gb18030"))
    workspace = Workspace.open(sample_workspace)
    with DuckDB() as engine:
        load_inputs(
            engine, {"loan_balance": load("loan_balance")}, folder, settings=workspace.settings,
            packs=workspace.library,
        )  # fmt: skip
        rows = engine.execute("SELECT loan_id, month, outstanding_amount FROM loan_balance")
    assert [(loan, month, float(amount)) for loan, month, amount in rows] == [("L1", "2023-01", 15000.0)]
