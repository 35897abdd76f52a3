"""The marimo example: what a notebook takes from the book is what the page says."""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from fastapi.testclient import TestClient


@pytest.fixture
def page_figures(repository: Path, monkeypatch: pytest.MonkeyPatch, client: TestClient) -> ModuleType:
    """Return the module of the example, asking this test's own server."""
    monkeypatch.syspath_prepend(str(repository / "examples"))
    sys.modules.pop("page_figures", None)
    found = importlib.import_module("page_figures")
    monkeypatch.setattr(found, "page", lambda _, path: client.get(path).json())
    return found


def test_notebook_and_page_agree_to_the_last_digit(page_figures: ModuleType, web_folder: Path) -> None:
    content = page_figures.page("", "/home.json")
    headlines = page_figures.headlines(web_folder, content)
    sectors = page_figures.sectors(web_folder, page_figures.page("", "/sectors.json"))
    assert len(headlines) > 40
    assert len(sectors) > 60
    assert page_figures.differing(headlines + sectors) == []
    changed = copy.deepcopy(content)
    told = next(one for one in changed["facts"]["headlines"] if one["code"] == "gdp")
    told["value"] = f"{told['value']}1"
    assert page_figures.differing(page_figures.headlines(web_folder, changed)) == ["gdp"]


def test_the_notebook_runs(
    repository: Path, page_figures: ModuleType, web_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(
        "marimo", reason="marimo is not installed: pip install marimo (it is needed for this only)"
    )
    monkeypatch.setenv("LVSHU_FOLDER", str(web_folder))
    spec = importlib.util.spec_from_file_location("notebook", repository / "examples" / "notebook.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _, defined = module.app.run()
    assert len(defined["headlines"]) > 40
    assert len(defined["sectors"]) > 60
