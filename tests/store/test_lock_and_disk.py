"""One writer at a time; a dead one leaves no lock; a full disk is told with its remedy."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lvshu.core.errors import EngineError, Problem, StoreError
from lvshu.store import disk
from lvshu.store.lock import WorkspaceLock

HOLDER = """
import sys, time
from pathlib import Path
from lvshu.store.lock import WorkspaceLock
with WorkspaceLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_at_once(tmp_path: Path) -> None:
    with WorkspaceLock(tmp_path / "lock"):
        with pytest.raises(StoreError) as caught:
            WorkspaceLock(tmp_path / "lock").take()
        problem = caught.value.problems[0]
        assert problem.code == "store.locked"
        assert problem.values["pid"] == os.getpid()
    with WorkspaceLock(tmp_path / "lock") as again:
        assert again.stale_owner is None


def test_a_killed_owner_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"held"
    with pytest.raises(StoreError):
        WorkspaceLock(path).take()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with WorkspaceLock(path) as lock:
        assert lock.stale_owner is not None
        assert lock.stale_owner["pid"] == holder.pid


def test_another_host_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(json.dumps({"pid": 1, "host": "somewhere-else", "started": "2026-01-01T00:00:00+00:00"}))
    with pytest.raises(StoreError) as caught:
        WorkspaceLock(path).take()
    assert caught.value.code == "store.locked_elsewhere"
    assert "somewhere-else" in caught.value.text("zh")


def test_too_small_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))  # type: ignore[attr-defined]
    with pytest.raises(StoreError) as caught:
        disk.require_space(tmp_path, 10)
    assert caught.value.code == "store.disk_too_small"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        EngineError(Problem("engine.failed", values={"reason": "IO Error: write: No space left on device"})),
        EngineError(Problem("engine.disk_full", values={"reason": "Could not write file"})),
    ],
)
def test_a_full_disk_is_told(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(StoreError) as caught, disk.told_when_full(tmp_path):
        raise error
    assert caught.value.code == "store.disk_full"


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), disk.told_when_full(tmp_path):
        raise PermissionError("no")


def test_write_durably_replaces_whole(tmp_path: Path) -> None:
    path = tmp_path / "current"
    disk.write_durably(path, "a\n")
    disk.write_durably(path, "b\n")
    assert path.read_text() == "b\n"
    assert [one.name for one in tmp_path.iterdir()] == ["current"]
