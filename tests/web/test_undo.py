"""Decisions are taken back, the last and earlier ones; the log keeps both; a second reviewer's answer is not lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.records import Actor, MatchAnswer
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.queues import trace
from lvshu.web.queues.names import Names
from lvshu.web.state.database import Database
from lvshu.web.state.log import entries
from lvshu.web.state.users import add_user
from tests.web.conftest import HOST, HTML, PASSWORD, answer, first_case, token_of

FILES = {
    "links": "link_review.desk.csv",
    "codes": "coding_review.taken.csv",
    "labels": "label_decision.desk.csv",
}


@pytest.fixture
def city(own: tuple[TestClient, Path], tmp_path: Path) -> Iterator[tuple[Path, dict[str, TestClient]]]:
    """Return a workspace that may be changed, and browsers of two reviewers and an administrator."""
    _, folder = own
    url = f"sqlite:///{tmp_path / 'people.sqlite'}"
    database = Database(url)
    roles = {"ana": "reviewer", "bo": "reviewer", "chief": "admin"}
    for name, role in roles.items():
        add_user(database, name, role, PASSWORD)
    database.close()
    app = create_app(WebOptions(folder, database=url, login=True))
    browsers = {}
    with TestClient(app, base_url=HOST):
        for name in roles:
            browsers[name] = TestClient(app, base_url=HOST, headers=HTML, follow_redirects=False)
            assert browsers[name].post("/login", data={"name": name, "password": PASSWORD}).status_code == 303
        yield folder, browsers


def decided(browser: TestClient, queue: str) -> list[dict[str, Any]]:
    """Return the decisions of a queue as the JSON twin tells them."""
    panels = browser.get(f"/reviews.json?queue={queue}").json()["panels"]
    return next((one["table"]["rows"] for one in panels if one["id"] == "decided"), [])


def numbers(browser: TestClient, queue: str) -> list[int]:
    """Return the numbers of the decisions that a page offers to withdraw, the newest first."""
    text = browser.get(f"/reviews?queue={queue}&lang=en").text.split('id="decided"')[1]
    return [int(one) for one in re.findall(r'name="decision" value="(\d+)"', text)]


def withdraw(browser: TestClient, number: int) -> Any:
    form = {"csrf": token_of(browser), "decision": str(number)}
    return browser.post("/reviews/withdraw", data=form, headers={"accept": "application/json"})


def code(told: Any) -> tuple[int, str]:
    return told.status_code, told.json()["errors"][0]["code"]


@pytest.mark.parametrize("queue", ["links", "codes", "labels"])
def test_a_decision_is_taken_back_and_the_log_keeps_both(
    city: tuple[Path, dict[str, TestClient]], queue: str
) -> None:
    folder, people = city
    ana, bo, chief = people["ana"], people["bo"], people["chief"]
    path = folder / "inputs" / FILES[queue]

    def rows() -> list[str]:
        return sorted(path.read_text("utf-8").splitlines()[1:]) if path.exists() else []

    before = rows()
    subject, options = first_case(ana, queue)
    waiting = ana.get("/reviews.json").json()["facts"]["queues"][queue]
    first, second = (*options, ("other", "6513"))[:2]
    assert answer(ana, queue, subject, *first).status_code == 303
    alone = rows()
    assert alone != before
    assert ana.get("/reviews.json").json()["facts"]["queues"][queue] == waiting - 1
    assert code(withdraw(bo, 1)) == (403, "web.not_yours")
    assert answer(bo, queue, subject, *second).status_code == 303
    both = rows()
    assert withdraw(ana, 1).status_code == 303  # an earlier one: what was answered after it stays
    left = {line for line in rows() if line not in before}
    assert left and left <= set(both)
    assert not any(",ana," in line for line in left)
    assert withdraw(chief, 2).status_code == 303
    assert rows() == before
    assert ana.get("/reviews.json").json()["facts"]["queues"][queue] == waiting
    assert code(withdraw(ana, 1)) == (409, "web.withdrawn_already")
    told = decided(ana, queue)
    assert [one["by"] for one in told] == ["bo", "ana"]
    assert all("withdrawn by" in one["state"]["en"] for one in told)
    log = [(one["user_name"], one["action"]) for one in entries(ana.app.state.workbench.database)]  # type: ignore[attr-defined]
    assert [one for one in log if one[1] in ("decide", "withdraw")] == [
        ("chief", "withdraw"), ("ana", "withdraw"), ("bo", "decide"), ("ana", "decide"),
    ]  # fmt: skip
    assert answer(ana, queue, subject, *first).status_code == 303
    assert rows() == alone, "the same answer may be given again"


def test_the_last_decision_is_one_key_away(city: tuple[Path, dict[str, TestClient]]) -> None:
    _, people = city
    ana = people["ana"]
    subject, options = first_case(ana, "labels")
    assert 'id="undo"' not in ana.get("/reviews?queue=labels&lang=en").text
    answer(ana, "labels", subject, *options[0])
    page = ana.get("/reviews?queue=labels&lang=en").text
    assert 'id="undo"' in page and 'aria-keyshortcuts="u"' in page
    assert 'id="undo"' not in people["bo"].get("/reviews?queue=labels&lang=en").text
    answer(ana, "labels", first_case(ana, "labels")[0], "skip")
    skip = numbers(ana, "labels")[0]
    assert withdraw(ana, skip).status_code == 303
    rows = ana.get("/reviews.json?queue=labels").json()["panels"][0]["table"]["rows"]
    assert all(one["state"]["en"] != "skipped" for one in rows)


def test_an_answer_given_meanwhile_is_not_put_aside_unseen(city: tuple[Path, dict[str, TestClient]]) -> None:
    _, people = city
    ana, bo = people["ana"], people["bo"]
    subject, options = first_case(ana, "labels")

    def form(browser: TestClient) -> dict[str, str]:
        page = browser.get(f"/reviews?queue=labels&subject={subject}&lang=en").text
        names = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.split('id="review"')[1])
        return {**dict(names), "decision": options[0][0], "chosen": options[0][1]}

    anas, bos = form(ana), form(bo)
    as_json = {"accept": "application/json"}
    assert ana.post("/reviews/decide", data=anas, headers=as_json).status_code == 303
    assert code(bo.post("/reviews/decide", data=bos, headers=as_json)) == (409, "web.answered_meanwhile")
    assert len(decided(ana, "labels")) == 1
    assert bo.post("/reviews/decide", data=form(bo), headers=as_json).status_code == 303, "having seen it"
    assert [one["state"]["en"] for one in decided(bo, "labels")] == ["stands", "followed by a later one"]


def test_what_was_changed_by_other_means_is_not_put_back(city: tuple[Path, dict[str, TestClient]]) -> None:
    folder, people = city
    ana = people["ana"]
    subject, options = first_case(ana, "labels")
    answer(ana, "labels", subject, *options[0])
    path = folder / "inputs" / FILES["labels"]
    changed = path.read_text("utf-8").replace(",ana,", ",somebody,")
    path.write_text(changed, "utf-8")
    assert code(withdraw(ana, 1)) == (409, "web.answer_changed")
    assert path.read_text("utf-8") == changed


def test_answers_wait_while_a_run_holds_the_workspace(
    city: tuple[Path, dict[str, TestClient]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, people = city
    monkeypatch.setattr(trace, "PATIENCE", 0.1)
    subject, options = first_case(people["ana"], "links")
    path = folder / "inputs" / FILES["links"]
    before = path.read_bytes() if path.exists() else b""
    with Workspace.open(folder).lock():
        assert code(answer(people["ana"], "links", subject, *options[0])) == (409, "store.locked")
        assert (path.read_bytes() if path.exists() else b"") == before
        assert decided(people["ana"], "links") == []
    assert answer(people["ana"], "links", subject, *options[0]).status_code == 303


def test_an_answer_about_a_name_is_withdrawn_on_the_desk(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "city", area="310000", year=2023)
    one = MatchAnswer(
        0, "workbench", "digest 1", "run", "name|A", "company 1", "accept", "", "ana", "2024-01-05", "", "t1"
    )  # fmt: skip
    two = replace(one, sha256="digest 2", company_id="company 2", reviewer="bo")
    with open_desk(workspace, Actor("ana", "", "")) as desk, desk.repository.transaction():
        for answered in (one, two):
            desk.repository.add_match_answer(answered)
    bench: Any = SimpleNamespace(workspace=workspace)
    before = Names().kept(bench)
    Names().put(bench, {"name|A#digest 2": None}, "chief")
    assert Names().kept(bench) == {"name|A#digest 1": before["name|A#digest 1"]}
    assert Names().given(bench)["name|A"].by == "ana"
    with open_desk(workspace) as desk:
        log = [(row.decision, row.reviewer) for row in desk.repository.match_answer_log()]
        desk.repository.add_match_answer(two)
        again = [row.sha256 for row in desk.repository.match_answers()]
    assert log == [("accept", "ana"), ("accept", "bo"), ("withdrawn", "chief")]
    assert again == ["digest 1", "digest 2"], "the same answer may be given again"
    mirror = (workspace.inputs / "match_review.desk.csv").read_text("utf-8")
    assert "company 1" in mirror and "company 2" not in mirror
