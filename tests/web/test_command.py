"""`lvshu serve` and `lvshu users`: users by command, a server that answers and stops, an address that is taken."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from threading import Timer

import pytest

from lvshu.cli.main import main
from lvshu.store.workspace import Workspace
from tests.web.conftest import PASSWORD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace without a run."""
    Workspace.create(tmp_path / "city", area="310000", year=2023)
    return tmp_path / "city"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, object]]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_users_are_added_changed_and_listed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LVSHU_PASSWORD", PASSWORD)
    assert told(capsys, "users", "add", "ana", "--role", "admin", "-w", str(folder)) == (
        0,
        {"ok": True, "name": "ana", "role": "admin"},
    )
    code, again = told(capsys, "users", "add", "ana", "-w", str(folder))
    assert (code, again["errors"][0]["code"]) == (1, "web.user_taken")  # type: ignore[index]
    assert told(capsys, "users", "change", "ana", "--role", "viewer", "--disable", "-w", str(folder))[0] == 0
    _, found = told(capsys, "users", "list", "-w", str(folder))
    assert [(one["name"], one["role"], one["disabled"]) for one in found["users"]] == [
        ("ana", "viewer", True)
    ]  # type: ignore[attr-defined]
    monkeypatch.setenv("LVSHU_PASSWORD", "short")
    code, weak = told(capsys, "users", "add", "bob", "-w", str(folder))
    assert (code, weak["errors"][0]["code"]) == (1, "web.password_length")  # type: ignore[index]


def test_an_address_that_is_taken_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, found = told(capsys, "serve", str(folder), "--port", str(taken.getsockname()[1]))
    assert (code, found["errors"][0]["code"]) == (3, "web.address_taken")  # type: ignore[index]


def test_beyond_this_machine_a_user_is_demanded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = told(capsys, "serve", str(folder), "--host", "0.0.0.0", "--port", "0")
    assert (code, found["errors"][0]["code"]) == (3, "web.no_user_yet")  # type: ignore[index]


def test_the_server_answers_and_stops(folder: Path) -> None:
    words = [sys.executable, "-m", "lvshu", "serve", str(folder), "--port", "0", "--json", "--no-open"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    killer = Timer(60, process.kill)  # a pipe that stays empty would be read for ever
    killer.start()
    try:
        line = ""
        while not line.rstrip().endswith("}"):
            more = process.stdout.readline() if process.stdout else ""
            assert more, process.stderr.read() if process.stderr else ""
            line += more
        url = str(json.loads(line)["url"])
        base = url.partition("/?")[0]
        with urllib.request.urlopen(f"{base}/runs.json", timeout=60) as answer:
            assert json.loads(answer.read())["ok"] is True
    finally:
        killer.cancel()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode in (0, 130)
