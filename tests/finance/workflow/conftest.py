"""The small bank: made once, copied for each test; and its desk in the hands of each role."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.formal import lock
from lvshu.finance.workflow.issue import issue_forms
from lvshu.store.workspace import Workspace
from tests.finance.workflow import small

Copy = Callable[[], Workspace]


@pytest.fixture(scope="session")
def bank_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small bank's folder with its book. Do not change it: copy it first."""
    return small.bank(tmp_path_factory.mktemp("bank") / "city").folder


@pytest.fixture(scope="session")
def bank_sent(bank_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy whose list is locked and whose forms are sent. Do not change it: copy it first."""
    folder = tmp_path_factory.mktemp("sent") / "city"
    shutil.copytree(bank_made, folder)
    with open_desk(Workspace.open(folder), small.HEAD) as desk:
        lock(desk, note="年度核算")
        issue_forms(desk)
    return folder


@pytest.fixture
def bank(bank_made: Path, tmp_path: Path) -> Workspace:
    """Return a copy of the small bank with its book and nothing on the desk."""
    shutil.copytree(bank_made, tmp_path / "city")
    return Workspace.open(tmp_path / "city")


@pytest.fixture
def sent(bank_sent: Path, tmp_path: Path) -> Workspace:
    """Return a copy of the small bank whose forms are sent."""
    shutil.copytree(bank_sent, tmp_path / "city")
    return Workspace.open(tmp_path / "city")
