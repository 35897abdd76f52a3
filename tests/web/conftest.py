"""A workbench on the sample book, and people of every role."""

from __future__ import annotations

import csv
import json
import re
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argon2 import PasswordHasher

pytest.importorskip("fastapi", reason="the extra `web` is not installed: pip install 'lvshu[web]'")

with warnings.catch_warnings():  # starlette would rather have httpx2; httpx is what the tests install
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

from lvshu.sample.uscc import make_uscc
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.state import users
from lvshu.web.state.database import Database
from lvshu.web.state.users import ROLES, add_user
from tests.made_once import made_once
from tests.web.upload_screen import Screen

USED = ("names", "labels")
"""Queues whose answers the run uses that the tests wait for; those of the register would link it anew."""
HOST = "http://127.0.0.1:8765"
PASSWORD = "correct horse battery"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hash passwords by argon2id with the least of memory and time: the tests hash many."""
    patch = pytest.MonkeyPatch()
    made = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(users, "hasher", lambda: made)
    yield
    patch.undo()


@dataclass(frozen=True)
class Reviewed:
    """A workspace in which a case of each queue was answered from the page, and the run that was started after it.

    Attributes:
        folder: of the workspace.
        before: cases that waited in the first run, by queue.
        left: cases that waited after the answers.
        kept: queue -> key of the case that was answered, what was chosen.
        read: status of a page while the first run went on.
        stopped: how far that run was when it was told to stop.
        stayed: whether readers still saw the book before it, and what it had finished was kept.
        refused: status of a third run that was asked for while the second went on.
        state: how far the run was when it ended.
        streamed: last event of its progress.
        after: status and text of the page on runs after it, by language.
    """

    folder: Path
    before: dict[str, int]
    left: dict[str, int]
    kept: dict[str, tuple[str, str]]
    read: int
    stopped: dict[str, object]
    stayed: bool
    refused: int
    state: dict[str, object]
    streamed: dict[str, object]
    after: dict[str, tuple[int, str]]


@pytest.fixture(scope="session")
def reviewed(sample_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """Return a copy of the sample workspace with a second run, which used answers given on the page."""
    made = made_once(tmp_path_factory, "web", lambda folder: _reviewed(sample_run, folder))
    own = tmp_path_factory.mktemp("reviewed") / "city"  # tests write beside the runs
    shutil.copytree(made.folder, own)
    return replace(made, folder=own)


def _reviewed(sample_run: Path, folder: Path) -> Reviewed:
    shutil.copytree(sample_run, folder)
    kept: dict[str, tuple[str, str]] = {}
    with TestClient(
        create_app(WebOptions(folder)), base_url=HOST, headers=HTML, follow_redirects=False
    ) as browser:
        before = browser.get("/reviews.json").json()["facts"]["queues"]
        for queue in USED:
            if before[queue]:
                subject, options = first_case(browser, queue)
                decision, chosen = options[0] if options else ("other", "6513")
                told = answer(browser, queue, subject, decision, chosen)
                kept |= {queue: (subject, chosen)} if told.status_code == 303 else {}
        _sister_firms(folder)
        left = browser.get("/reviews.json").json()["facts"]["queues"]
        form = {"csrf": token_of(browser)}
        first = Workspace.open(folder).runs.current()
        browser.post("/runs/start", data=form)
        until(browser, lambda one: one["position"] >= 1 or one["state"] != "running")
        read = browser.get("/?lang=en").status_code
        browser.post("/runs/cancel", data=form)
        stopped = until(browser, lambda one: one["state"] != "running")
        runs = Workspace.open(folder).runs
        stayed = runs.current() == first and bool(runs.partials())
        browser.post("/runs/start", data=form)
        refused = browser.post("/runs/start", data=form, headers={"accept": "application/json"}).status_code
        state = until(browser, lambda one: one["state"] != "running")
        with browser.stream("GET", "/runs/progress") as stream:
            line = next(line for line in stream.iter_lines() if line.startswith("data:"))
        pages = {language: browser.get(f"/runs?lang={language}") for language in ("zh", "en")}
        after = {language: (page.status_code, page.text) for language, page in pages.items()}
    streamed = json.loads(line.removeprefix("data:"))
    return Reviewed(folder, before, left, kept, read, stopped, stayed, refused, state, streamed, after)


def _sister_firms(folder: Path, count: int = 24) -> None:
    """Deliver firms named one character beside registered ones, with their people and codes of their own.

    Only people can tell whether such two are one, so their pairs wait in the queue of links: so many that the
    sample does not take them all.
    """
    path = folder / "inputs" / "enterprise_extract.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heads, *rows = csv.reader(stream)
    at = {head: place for place, head in enumerate(heads)}
    with path.open("a", encoding="utf-8", newline="") as stream:
        codes = make_uscc(
            np.arange(900_000, 900_000 + count), np.full(count, 310_115), np.ones(count, np.uint8)
        )
        for number, (row, code) in enumerate(zip(rows, codes, strict=False)):
            name = row[at["name"]]
            row[at["name"]] = f"{name[:5]}{'淼' if name[5] != '淼' else '皋'}{name[6:]}"
            row[at["source"]], row[at["record_id"]] = "tax", f"SISTER{number}"
            row[at["uscc"]] = code.tobytes().decode("ascii")
            csv.writer(stream).writerow(row)


@pytest.fixture(scope="session")
def web_folder(reviewed: Reviewed) -> Path:
    """Return a workspace with two runs, for the pages to write beside."""
    return reviewed.folder


@pytest.fixture(scope="session")
def client(web_folder: Path) -> Iterator[TestClient]:
    """Return a browser on this machine, without a login."""
    with TestClient(create_app(WebOptions(web_folder)), base_url=HOST, headers=HTML) as browser:
        yield browser


@pytest.fixture(scope="session")
def guarded(
    web_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], TestClient]]:
    """Return browsers of people who are logged in, by role; "" for nobody."""
    url = f"sqlite:///{tmp_path_factory.mktemp('state') / 'users.sqlite'}"
    database = Database(url)
    for role in ROLES:
        add_user(database, f"the-{role}", role, PASSWORD)
    database.close()
    app = create_app(WebOptions(web_folder, database=url, login=True))
    browsers: dict[str, TestClient] = {}

    def of(role: str) -> TestClient:
        if role not in browsers:
            browser = TestClient(app, base_url=HOST, headers=HTML, follow_redirects=False)
            if role:
                answer = browser.post("/login", data={"name": f"the-{role}", "password": PASSWORD})
                assert answer.status_code == 303, answer.text
            browsers[role] = browser
        return browsers[role]

    with TestClient(app, base_url=HOST):
        yield of


@pytest.fixture
def own(web_folder: Path, tmp_path: Path) -> Iterator[tuple[TestClient, Path]]:
    """Return a browser on a workspace that may be changed, and its folder."""
    folder = tmp_path / "city"
    shutil.copytree(web_folder, folder, ignore=shutil.ignore_patterns("workbench"))
    with TestClient(
        create_app(WebOptions(folder)), base_url=HOST, headers=HTML, follow_redirects=False
    ) as browser:
        yield browser, folder


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    """Return the upload page of a workspace without a run."""
    folder = tmp_path / "city"
    Workspace.create(folder, area="310000", year=2023)
    with TestClient(
        create_app(WebOptions(folder)), base_url=HOST, headers=HTML, follow_redirects=False
    ) as browser:
        yield Screen(browser, folder)


def token_of(browser: TestClient) -> str:
    """Return the token that a page of this browser carries."""
    text = browser.get("/?lang=en").text
    return text.split('"csrf":"')[1].split('"')[0]


def first_case(browser: TestClient, queue: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the key of the case that is shown and its options: decision, what is chosen."""
    page = browser.get(f"/reviews?queue={queue}&lang=en").text
    if 'name="subject"' not in page:
        pytest.skip(f"no case of the queue {queue} waits in the sample at this scale")
    subject = re.search(r'name="subject" value="([^"]+)"', page)[1]  # type: ignore[index]
    options = re.findall(r'class="second candidate" data-decision="(\w+)" data-chosen="([^"]*)"', page)
    return subject, options


def answer(browser: TestClient, queue: str, subject: str, decision: str, chosen: str = "") -> Any:
    run = browser.get("/reviews.json").json()["run"]
    form = {
        "csrf": token_of(browser),
        "queue": queue,
        "subject": subject,
        "decision": decision,
        "chosen": chosen,
        "run": run,
    }
    return browser.post("/reviews/decide", data=form, headers={"accept": "application/json"})


def until(
    browser: TestClient, met: Callable[[dict[str, object]], object], seconds: float = 300.0
) -> dict[str, object]:
    """Return the state of the run that was started here, once it is as asked for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state: dict[str, object] = browser.get("/runs/progress.json").json()
        if met(state):
            return state
        time.sleep(0.2)
    raise AssertionError("the run did not come to that state")
