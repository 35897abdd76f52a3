"""The ledger of names, run once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lvshu.store.workspace import Workspace
from tests.finance.match_desk import ledger


@pytest.fixture(scope="session")
def names_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ledger's folder with its first book. Do not change it: copy it first."""
    place = ledger.workspace(tmp_path_factory.mktemp("names") / "city")
    ledger.run_once(place)
    return place.folder


@pytest.fixture
def names(names_run: Path, tmp_path: Path) -> Workspace:
    """Return a copy of the ledger with its first book."""
    shutil.copytree(names_run, tmp_path / "city")
    return Workspace.open(tmp_path / "city")
