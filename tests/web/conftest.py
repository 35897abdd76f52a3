"""A workbench on the sample book, and people of every role."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed: pip install 'lvshu[web]'")

with warnings.catch_warnings():  # starlette would rather have httpx2; httpx is what the tests install
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.publish.publications import MODULES
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.state.database import Database
from lvshu.web.state.users import ROLES, add_user

HOST = "http://127.0.0.1:8765"
PASSWORD = "correct horse battery"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="session")
def web_folder(sample_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sample workspace with its book, for the pages to write beside."""
    folder = tmp_path_factory.mktemp("web") / "city"
    shutil.copytree(sample_run, folder)
    run(
        Workspace.open(folder), RunRequest(finisher_modules=MODULES)
    )  # a second run, as the page would ask for it
    return folder


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


def token_of(browser: TestClient) -> str:
    """Return the token that a page of this browser carries."""
    text = browser.get("/?lang=en").text
    return text.split('"csrf":"')[1].split('"')[0]
