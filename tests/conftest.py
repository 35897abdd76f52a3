"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from lvshu.engine.duckdb import DuckDB
from tests.made_once import made_once

ROOT = Path(__file__).resolve().parent.parent

if "PYTEST_XDIST_WORKER" in os.environ:  # a worker is told the width of a terminal that it does not have
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)

settings.register_profile("untimed", deadline=None)  # a busy machine is no defect
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("LVSHU_TESTS") == "repeatable" else "untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that take long, as tests/slow.txt names them."""
    lines = (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").splitlines()
    named = tuple(line for line in lines if line and not line.startswith("#"))
    for item in items:
        if item.nodeid.startswith(named):
            item.add_marker("slow")


def _real_tables() -> Path | None:
    named = os.environ.get("LVSHU_SHARED_DATA")
    for place in (Path(named) if named else None, ROOT.parent / "shared" / "data"):
        if place is not None and (place / "china_io").is_dir():
            return place
    return None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder with the official tables; skip where it is not there."""
    place = _real_tables()
    if place is None:
        pytest.skip(
            "the official tables are not here: set LVSHU_SHARED_DATA to the folder that holds china_io and "
            "china_energy (they are not part of the repository, for licence reasons)"
        )
    return place


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDB]:
    """Return an empty database in memory."""
    with DuckDB(scratch=tmp_path / "scratch") as database:
        yield database


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; skip where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("no Chromium on this machine: install it (Debian: apt install chromium fonts-noto-cjk)")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def sample_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the sample city at 1:5000, not yet run. Do not change it: copy it first."""
    from lvshu.sample import write_city

    def make(folder: Path) -> Path:
        write_city(folder, scale=5000)
        return folder

    return made_once(tmp_path_factory, "sample", make)


@pytest.fixture(scope="session")
def sample_run(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sample workspace whose book has been made. Do not change it: copy it first."""
    from lvshu.pipeline.run import run
    from lvshu.store.workspace import Workspace

    def make(folder: Path) -> Path:
        shutil.copytree(sample_workspace, folder)
        run(Workspace.open(folder))
        return folder

    return made_once(tmp_path_factory, "sample-run", make)
