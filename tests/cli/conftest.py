"""The command line on the toy city, with reports that cost nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lvshu.cli.commands.export as export_command  # before they are patched: they keep what they import
import lvshu.pipeline.run as pipeline
import lvshu.publish.publications as publications
from lvshu.cli.main import main
from lvshu.store.workspace import Workspace
from tests.pipeline import toy

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def toy_catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the package know the toy's tables and steps, and write small reports."""

    def report(book: object, folder: Path, **more: object) -> Path:
        (folder / "report.html").write_text("<p>toy</p>", encoding="utf-8")
        return folder / "report.html"

    def workbook(book: object, path: Path, **more: object) -> Path:
        path.write_bytes(b"toy")
        return path

    toy.install()
    monkeypatch.setattr(publications, "write_report", report)
    monkeypatch.setattr(publications, "write_workbook", workbook)
    monkeypatch.setattr(export_command, "write_workbook", workbook)
    monkeypatch.setattr(pipeline, "wing_steps", lambda: toy.STEPS)
    for name in ("LVSHU_LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    yield
    toy.uninstall()


@pytest.fixture
def city(tmp_path: Path) -> Workspace:
    """Return a workspace with the toy's inputs."""
    return toy.workspace(tmp_path / "city")


@pytest.fixture
def lvshu_command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs the program and returns exit code, standard output and standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def lvshu_json(lvshu_command: Command) -> Callable[..., tuple[int, Any]]:
    """Return a function that runs the program with --json and returns exit code and the object printed."""

    def command(*arguments: object) -> tuple[int, Any]:
        code, out, _ = lvshu_command(*arguments, "--json")
        return code, json.loads(out)

    return command
