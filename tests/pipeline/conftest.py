"""The toy city, for every test of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lvshu.store.workspace import Workspace
from tests.pipeline import toy


@pytest.fixture(autouse=True)
def toy_catalogue() -> Iterator[None]:
    """Let the package know the toy's tables."""
    toy.install()
    yield
    toy.uninstall()


@pytest.fixture
def city(tmp_path: Path) -> Workspace:
    """Return a workspace with the toy's inputs."""
    return toy.workspace(tmp_path / "city")
