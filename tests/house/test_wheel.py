"""A wheel builds, installs and runs in a fresh environment, with its data files inside."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_wheel_builds_installs_and_runs(repository: Path, tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(repository)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    wheel = next(tmp_path.glob("*.whl"))
    venv.create(tmp_path / "fresh", with_pip=False)
    python = tmp_path / "fresh" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    # The libraries come from this environment: the test is about what the wheel holds, not about downloads.
    import numpy

    site = str(Path(numpy.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": site, "LVSHU_LANG": "en"}
    for words in (["packs", "--json"], ["--help"]):
        ran = subprocess.run(
            [str(python), "-m", "lvshu", *words], capture_output=True, text=True, check=False, env=environment,
            cwd=tmp_path,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
    where = subprocess.run(
        [str(python), "-c", "import lvshu; print(lvshu.__file__)"], capture_output=True, text=True, check=True,
        env=environment, cwd=tmp_path,
    ).stdout  # fmt: skip
    assert str(tmp_path) in where, "the source folder was found before the wheel"
