"""What people write, on SQLite and on PostgreSQL alike: whole or not at all, by many at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select

from lvshu.core.errors import ConfigError, StoreError
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.state import tables
from lvshu.web.state.database import Database
from lvshu.web.state.log import entries, record
from lvshu.web.state.users import NOBODY, add_user, find_user, list_users, log_in, log_out, person_of
from tests.web import postgres
from tests.web.conftest import HOST, HTML, PASSWORD, first_case, token_of


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a PostgreSQL server; skip where there is none."""
    yield from postgres.serve(tmp_path_factory.mktemp("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.sqlite'}"
    found: str = request.getfixturevalue("server")
    database = Database(found)
    tables.metadata.drop_all(database.engine)
    database.close()
    return found


def test_users_sessions_and_the_log(url: str) -> None:
    database = Database(url)
    add_user(database, "安娜", "reviewer", PASSWORD)
    token = log_in(database, "安娜", PASSWORD, "127.0.0.1")
    person = person_of(database, token, 1.0)
    assert (person.name, person.role, person.may_review, person.may_run) == ("安娜", "reviewer", True, False)
    log_out(database, token)
    assert person_of(database, token, 1.0) == NOBODY
    for number in range(3):
        record(database, person, "decide", f"名称{number}", detail={"number": number})
    assert [one["target"] for one in entries(database)] == ["名称2", "名称1", "名称0"]
    database.close()
    again = Database(url)  # what was written is there when the server starts anew
    assert [one["name"] for one in list_users(again)] == ["安娜"]
    again.close()


def test_a_broken_change_leaves_nothing_behind(url: str) -> None:
    database = Database(url)
    add_user(database, "ana", "viewer", PASSWORD)
    with pytest.raises(StoreError), database.writing() as connection:
        row = {"title": "kept?", "query": "", "run_id": "", "user_name": "ana", "at": ""}
        connection.execute(insert(tables.scenario).values(**row))
        user = {"name": "ana", "role": "viewer", "password": "x", "created_at": "", "disabled": False}
        connection.execute(insert(tables.user).values(**user))  # the name is taken
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(tables.scenario)).scalar() == 0
    assert find_user(database, "ana") is not None
    database.close()


def test_many_write_at_once(url: str) -> None:
    database = Database(url)

    def write(number: int) -> None:
        record(database, NOBODY, "login", str(number))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(write, range(120)))
    assert sorted(int(one["target"]) for one in entries(database)) == list(range(120))
    database.close()


def test_the_workbench_runs_on_it(url: str, web_folder: Path) -> None:
    database = Database(url)
    add_user(database, "head", "admin", PASSWORD)
    database.close()
    app = create_app(WebOptions(web_folder, database=url, login=True))
    with TestClient(app, base_url=HOST, headers=HTML, follow_redirects=False) as browser:
        assert browser.post("/login", data={"name": "head", "password": PASSWORD}).status_code == 303
        kept = browser.post(
            "/what-if/keep", data={"csrf": token_of(browser), "title": "情景一", "query": "price=100"}
        )
        assert kept.status_code == 303
        assert "情景一" in browser.get("/what-if?lang=zh").text


def test_of_two_reviewers_who_answer_at_once_one_is_told_so(
    url: str, web_folder: Path, tmp_path: Path
) -> None:
    """Two servers, one workspace, one database: one answer is kept, whole, and the other reviewer learns of it."""
    folder = tmp_path / "city"
    shutil.copytree(web_folder, folder, ignore=shutil.ignore_patterns("workbench"))
    database = Database(url)
    for name in ("ana", "bo"):
        add_user(database, name, "reviewer", PASSWORD)
    with ExitStack() as stack:
        people = []
        for name in ("ana", "bo"):
            app = create_app(WebOptions(folder, database=url, login=True))
            person = stack.enter_context(TestClient(app, base_url=HOST, headers=HTML, follow_redirects=False))
            assert person.post("/login", data={"name": name, "password": PASSWORD}).status_code == 303
            people.append(person)
        subject, options = first_case(people[0], "labels")
        forms = [
            seen_form(person, subject, option) for person, option in zip(people, options[:2], strict=True)
        ]
        ready = Barrier(2)

        def post(place: int) -> int:
            ready.wait()
            told = people[place].post(
                "/reviews/decide", data=forms[place], headers={"accept": "application/json"}
            )
            return int(told.status_code)

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(post, range(2)))
        assert sorted(found) == [303, 409]
        kept = database.rows(select(tables.decision).where(tables.decision.c.subject == subject))
        assert [one["user_name"] for one in kept] == [("ana", "bo")[found.index(303)]]
        assert kept[0]["decision"] == options[found.index(303)][0]
    database.close()


def seen_form(browser: TestClient, subject: str, option: tuple[str, str]) -> dict[str, str]:
    page = browser.get(f"/reviews?queue=labels&subject={subject}&lang=en").text
    hidden = r'<input type="hidden" name="(\w+)" value="([^"]*)"'
    names = dict(re.findall(hidden, page.split('id="review"')[1]))
    return {**names, "decision": option[0], "chosen": option[1]}


def test_a_wrong_url_is_told_without_its_password(tmp_path: Path) -> None:
    for wrong in ("mysql://u:secret@h/d", "not a url"):
        with pytest.raises(ConfigError) as told:
            Database(wrong)
        assert "secret" not in told.value.text("en")
    with pytest.raises(StoreError) as failed:
        Database("postgresql+pg8000://u:secret@127.0.0.1:1/none")
    assert failed.value.code == "web.database_failed"
    assert "secret" not in failed.value.text("en")
