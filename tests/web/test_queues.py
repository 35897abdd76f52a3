"""Review queues: each answer is kept, written back, and used by the run that is started from the page."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.workflow.desk import open_desk
from lvshu.intake import load_inputs
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.jobs import Job
from lvshu.web.options import WebOptions
from lvshu.web.queues import QUEUES
from tests.web.conftest import USED, Reviewed, answer, first_case, token_of


def code_of(told: object) -> tuple[int, str]:
    return told.status_code, told.json()["errors"][0]["code"]  # type: ignore[attr-defined]


def test_answers_are_used_by_the_next_run(reviewed: Reviewed, client: TestClient) -> None:
    kept = reviewed.kept
    assert set(reviewed.before) == set(QUEUES)
    assert set(kept) == {name for name in USED if reviewed.before[name]}
    assert reviewed.left == {name: count - (name in kept) for name, count in reviewed.before.items()}
    assert "labels" in kept, "the sample no longer has what this test is about"
    with Workspace.open(reviewed.folder).book() as book:
        bank, loan, theme, catalogue, label = kept["labels"][0].split("/")
        found = book.rows("label_status", where=f"loan_id = '{bank}:{loan}' AND label_code = '{label}'")
        states = [one["status"] for one in found if (one["theme"], one["catalogue"]) == (theme, catalogue)]
        assert states == ["approved"]
    if "names" in kept:
        with open_desk(Workspace.open(reviewed.folder)) as desk:
            assert [one.subject_key for one in desk.repository.match_answers()] == [kept["names"][0]]
    after = client.get("/reviews.json").json()["facts"]["queues"]
    assert after["labels"] == reviewed.before["labels"] - 1


def test_a_run_started_from_the_page_is_followed_and_stands_alone(
    reviewed: Reviewed, client: TestClient
) -> None:
    assert reviewed.refused in (409, 303)
    assert reviewed.state["state"] == "done", reviewed.state
    assert reviewed.streamed["state"] == "done"
    assert client.get("/home.json").json()["run"] == Workspace.open(reviewed.folder).runs.current()
    assert len(Workspace.open(reviewed.folder).runs.ids()) == 2


def test_the_page_on_runs_tells_how_a_run_started_there_ended(reviewed: Reviewed) -> None:
    outcome = reviewed.state["outcome"]
    assert isinstance(outcome, dict)
    for status, text in reviewed.after.values():
        assert status == 200
        assert outcome["run"] in text
        assert text.count('<div class="problem">') == min(5, len(outcome["problems"]))


def test_findings_of_a_run_come_without_values_for_who_may_not_see_records() -> None:
    found = {"code": "intake.uscc", "severity": "warning", "where": {"row": 2}, "values": {"cell": "secret"}}
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as process:
        events = [{"event": "outcome", "run": "r", "problems": [found]}]
        job = Job(1, "ana", "zh", 0.0, process, events, ended=True)
    assert "secret" in json.dumps(job.snapshot())
    closed = job.snapshot(whole=False)
    assert "secret" not in json.dumps(closed)
    assert closed["outcome"]["problems"] == [{"code": "intake.uscc"}]


def test_a_run_is_stopped_the_book_stays_and_the_next_run_goes_on_from_it(reviewed: Reviewed) -> None:
    assert reviewed.read == 200, "a run must not hold up a reader"
    assert reviewed.stopped["state"] == "cancelled"
    assert reviewed.stayed
    outcome = reviewed.state["outcome"]
    assert isinstance(outcome, dict)
    assert outcome["resumed_from"]


def test_answers_on_links_and_codes_are_read_by_intake(own: tuple[TestClient, Path]) -> None:
    browser, folder = own
    kept = {}
    for queue in ("links", "sample", "codes"):
        subject, options = first_case(browser, queue)
        decision, chosen = options[0] if options else ("other", "6513")
        assert answer(browser, queue, subject, decision, chosen).status_code == 303
        kept[queue] = (subject, chosen)
    workspace, apart = Workspace.open(folder), folder / "apart"
    apart.mkdir()
    for name in ("link_review.desk.csv", "coding_review.taken.csv"):
        shutil.copy(workspace.inputs / name, apart)
    with DuckDB() as engine:
        tables = {name: load(name) for name in ("link_review", "coding_review")}
        load_inputs(engine, tables, apart, settings=workspace.settings, packs=workspace.library)
        links = engine.execute("SELECT left_key, right_key, decision, draw FROM link_review ORDER BY draw")
        codes = engine.execute("SELECT uscc, industry_code FROM coding_review")
    told = [kept[queue][0].split("/", 3) for queue in ("links", "sample")]
    draws = {("" if draw == "waiting" else draw, left, right) for _, draw, left, right in told}
    assert {(draw or "", left, right) for left, right, decision, draw in links if decision == "same"} == draws
    assert codes == [kept["codes"]]


def test_what_is_no_candidate_or_unknown_is_refused(own: tuple[TestClient, Path]) -> None:
    browser, folder = own
    queues = browser.get("/reviews.json").json()["facts"]["queues"]
    before = (folder / "inputs" / "label_decision.desk.csv").read_text("utf-8")
    if queues["names"]:
        subject, _ = first_case(browser, "names")
        told = answer(browser, "names", subject, "accept", "91310000000000000X")
        assert code_of(told) == (400, "finance.review_not_a_candidate")
        assert code_of(answer(browser, "names", subject, "other", "x")) == (
            400,
            "finance.review_unknown_company",
        )
    if queues["codes"]:
        subject, _ = first_case(browser, "codes")
        assert code_of(answer(browser, "codes", subject, "other", "65")) == (400, "coding.label_outside")
    subject, _ = first_case(browser, "labels")
    assert code_of(answer(browser, "labels", subject, "other", "9.9.9")) == (400, "web.no_such_label")
    for queue in ("names", "links", "codes", "labels"):
        if queues[queue]:
            subject, _ = first_case(browser, queue)
            assert code_of(answer(browser, queue, subject, "perhaps")) == (400, "web.no_such_answer")
            assert code_of(answer(browser, queue, "nobody", "skip")) == (404, "web.no_such_thing")
    assert (folder / "inputs" / "label_decision.desk.csv").read_text("utf-8") == before
    assert browser.get("/reviews.json").json()["facts"]["queues"] == queues


def test_the_industry_of_a_loan_is_called_by_its_name(client: TestClient) -> None:
    first_case(client, "labels")
    for language, label in (("en", "Purpose industry"), ("zh", "投向行业代码")):
        page = client.get(f"/reviews?queue=labels&lang={language}").text
        told = re.search(rf"<dt>{label}[^<]*</dt><dd>([^<]+)</dd>", page)
        assert told is not None, label
        assert told[1] == "–" or re.fullmatch(r".*[^\d\s()（）].*\(\w+\)", told[1]), told[1]


@pytest.mark.parametrize(("queue", "typed"), [("labels", "9.9.9"), ("names", 'x"y'), ("codes", "65")])
def test_a_refused_code_stays_in_its_field(own: tuple[TestClient, Path], queue: str, typed: str) -> None:
    browser, _ = own
    if not browser.get("/reviews.json").json()["facts"]["queues"][queue]:
        pytest.skip(f"no case of the queue {queue} waits in the sample at this scale")
    subject, _ = first_case(browser, queue)
    run = browser.get("/reviews.json").json()["run"]
    form = {"csrf": token_of(browser), "queue": queue, "subject": subject, "decision": "other", "run": run}
    for language in ("zh", "en"):
        page = browser.post(
            "/reviews/decide",
            data={**form, "chosen": typed, "note": "seen in the register", "lang": language},
        )
        assert page.status_code == 400
        field = re.search(r'<input name="other"[^>]*>', page.text)[0]  # type: ignore[index]
        assert f'value="{html.escape(typed)}"' in field.replace("&#34;", "&quot;")
        assert (
            'aria-invalid="true"' in field and 'aria-describedby="refused"' in field and "autofocus" in field
        )
        assert 'value="seen in the register"' in page.text
        told = re.search(r'id="refused" role="alert">(.*?)</p>', page.text)[1]  # type: ignore[index]
        assert bool(re.search("[一-鿿]", told)) == (language == "zh")
        assert f'name="subject" value="{html.escape(subject)}"' in page.text
        other = "en" if language == "zh" else "zh"
        assert f"/reviews?lang={other}&amp;queue={queue}" in page.text or queue == "names"


def test_another_label_in_its_place_rejects_the_one_at_hand(own: tuple[TestClient, Path]) -> None:
    browser, folder = own
    subject, _ = first_case(browser, "labels")
    bank, loan, theme, catalogue, label = subject.split("/")
    with Workspace.open(folder).book() as book:
        taken = {row["label_code"] for row in book.rows("label_status", where=f"loan_id = '{bank}:{loan}'")}
        items = book.rows("label_item", where=f"theme = '{theme}' AND catalogue = '{catalogue}'")
        other = next(row["label_code"] for row in items if row["label_code"] not in taken)
    assert answer(browser, "labels", subject, "other", other).status_code == 303  # type: ignore[attr-defined]
    lines = (folder / "inputs" / "label_decision.desk.csv").read_text("utf-8").splitlines()
    found = {tuple(line.split(",")[:6]) for line in lines[1:]}
    assert found >= {
        (bank, loan, theme, catalogue, label, "rejected"),
        (bank, loan, theme, catalogue, other, "approved"),
    }


def test_the_sample_shows_neither_probability_nor_grounds(client: TestClient) -> None:
    page = client.get("/reviews?queue=sample&lang=en").text
    assert 'id="review"' in page
    assert "Grounds (weights)" not in page
    assert "Probability" not in page
    waiting = client.get("/reviews?queue=links&lang=en").text
    assert "Grounds (weights)" in waiting or 'id="review"' not in waiting


def test_who_may_not_decide_sees_no_buttons_and_is_refused(guarded: Callable[[str], TestClient]) -> None:
    analyst = guarded("analyst")
    page = analyst.get("/reviews?queue=labels&lang=en").text
    assert 'id="review"' not in page
    assert "Your role may look, not decide" in page
    assert guarded("viewer").get("/reviews.json?queue=codes").status_code == 403
    told = answer(analyst, "labels", "x", "approved")
    assert code_of(told) == (403, "web.may_not")


def test_a_skipped_case_waits_behind_the_others(web_folder: Path, tmp_path: Path) -> None:
    app = create_app(WebOptions(web_folder, database=f"sqlite:///{tmp_path / 'skips.sqlite'}"))
    with TestClient(app, base_url="http://127.0.0.1:8765", follow_redirects=False) as browser:
        browser.headers["accept"] = "text/html"
        subject, _ = first_case(browser, "labels")
        assert answer(browser, "labels", subject, "skip").status_code == 303  # type: ignore[attr-defined]
        assert first_case(browser, "labels")[0] != subject
        rows = browser.get("/reviews.json?queue=labels").json()["panels"][0]["table"]["rows"]
        assert rows[0]["state"]["en"] == "skipped"
