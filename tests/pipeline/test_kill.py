"""kill -9 at any moment loses nothing: the next run goes on, and its book equals that of an uninterrupted run."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace
from tests.pipeline import toy

CHILD = """
import sys
from pathlib import Path
from tests.pipeline import toy
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.store.workspace import Workspace
toy.install()
toy.DELAY = 0.15
print("ready", flush=True)
run(
    Workspace.open(Path(sys.argv[1])),
    RunRequest(steps=toy.STEPS, listener=lambda event: print(event.step, event.status, flush=True)),
)
print("finished", flush=True)
"""
VOLATILE = {"run", "step_run"}


def content(book: Book) -> dict[str, list[object]]:
    return {
        table: book.read(table).to_pylist()
        for table in book.tables()
        if table not in VOLATILE and book.count(table)
    }


def killed_child(folder: Path, repository: Path, *, after: str, delay: float) -> str:
    """Start a run, kill it some time after it says something, and return what it said."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], cwd=repository, stdout=subprocess.PIPE, text=True
    )
    heard = []
    stream = child.stdout
    if stream is None:
        raise RuntimeError("no output to read")
    for line in stream:
        heard.append(line.strip())
        if re.match(after, line):
            break
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    heard += stream.read().split("\n")
    child.wait()
    stream.close()
    return "\n".join(heard)


@pytest.fixture(scope="module")
def calm_content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """Return what the book of a run holds that nobody disturbs."""
    toy.install()
    try:
        calm = toy.workspace(tmp_path_factory.mktemp("calm"))
        run(calm, RunRequest(steps=toy.STEPS))
        with calm.book() as book:
            return content(book)
    finally:
        toy.uninstall()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize(
    "moment", ["ready", "intake.toy_loan", "toy.sector (made|kept)", "toy.financed started", "toy.draw"]
)
def test_killed_and_gone_on_with(
    tmp_path: Path, repository: Path, calm_content: dict[str, list[object]], moment: str
) -> None:
    city = toy.workspace(tmp_path / "city")
    chance = random.Random(moment)
    for _ in range(2):
        killed_child(city.folder, repository, after=moment, delay=chance.uniform(0, 0.1))
        assert city.runs.current() is None
    partial = city.runs.partials()
    outcome = run(city, RunRequest(steps=toy.STEPS))
    assert city.runs.current() == outcome.run_id
    assert city.runs.partials() == ()
    if moment.startswith("toy."):
        assert partial
        assert outcome.steps["kept"] >= 3
    with city.book() as found:
        assert content(found) == calm_content


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_killed_after_a_correction_keeps_the_old_book(tmp_path: Path, repository: Path) -> None:
    city = toy.workspace(tmp_path / "city")
    first = run(city, RunRequest(steps=toy.STEPS))
    text = toy.FILES["toy_firm.csv"].replace("F1,S1,1.25", "F1,S1,90.25")
    (city.inputs / "toy_firm.csv").write_text(text, encoding="utf-8")
    killed_child(city.folder, repository, after="toy.sector made", delay=0.05)
    assert city.runs.current() == first.run_id
    with city.book() as book:
        assert book.count("toy_firm", "energy = 1.25") == 1
    second = run(Workspace.open(city.folder), RunRequest(steps=toy.STEPS))
    assert second.resumed_from is not None
    assert city.runs.ids() == (first.run_id, second.run_id)
    with city.book() as book:
        assert book.count("toy_firm", "energy = 90.25") == 1
