"""What people do: upload with a mapping, decide, keep scenarios, sign, start runs and stop them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.jobs import Job
from lvshu.web.options import WebOptions, size_text
from tests.web.conftest import HOST, HTML, token_of


def uploaded(browser: TestClient, name: str, content: bytes) -> str:
    answer = browser.post("/data/upload", data={"csrf": token_of(browser)}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("token=")[1].split("&")[0]


LEDGER = "贷款号,机构号,机构简称,借款主体代码,名字,余额单位\nX1,SB01,样本银行,91310105YYY0021T2T,甲公司,1\n"
PLATFORM = "platform,person,when,work_hours\nSHP1,abc,2023-05,12\nSHP1,abd,2023-13,12\n"


def test_a_file_with_wrong_headings_is_mapped_tried_and_taken(own: tuple[TestClient, Path]) -> None:
    browser, folder = own
    contract = json.loads(browser.get("/data/table.json?name=platform_work_record").text)
    columns = [one["key"] for one in contract["panels"][0]["table"]["columns"]]
    first = contract["panels"][0]["table"]["rows"][0]
    names = [name for name in columns if not name.startswith("source_")]
    cells = {
        name: first[name]
        if isinstance(first[name], str)
        else (first[name] or {}).get("en", "")
        if isinstance(first[name], dict)
        else first[name] or ""
        for name in names
    }
    headings = [f"their {name}" for name in names]
    bad = {**cells, "month": "2023-13"}
    text = (
        ",".join(headings)
        + "\n"
        + "\n".join(",".join(str(row[name]) for name in names) for row in (cells, bad))
        + "\n"
    )
    token = uploaded(browser, "work.csv", text.encode())
    shown = browser.get(f"/data/upload?token={token}&table=platform_work_record&lang=en").text
    assert "their month" in shown
    form = {
        "csrf": token_of(browser),
        "token": token,
        "table": "platform_work_record",
        "header_row": "1",
        "heading": headings,
        "column": names,
        "unit": [""] * len(names),
        "lang": "en",
    }
    assert browser.post("/data/upload/try", data=form).status_code == 303
    report = json.loads((folder / "workbench" / "uploads" / token / "report.json").read_text("utf-8"))
    assert [one["table"] for one in report["tables"]] == ["platform_work_record"]
    assert (report["tables"][0]["rows_kept"], report["tables"][0]["rows_quarantined"]) == (1, 1)
    page = browser.get(f"/data/upload?token={token}&table=platform_work_record&lang=en").text
    assert "2023-13" in page
    rejected = browser.get(f"/data/upload/rejects?token={token}&name={report['rejects'][0]}")
    assert rejected.status_code == 200
    assert "their month" in rejected.content.decode("utf-8-sig")
    assert "2023-13" in rejected.content.decode("utf-8-sig")
    before = {path.name for path in (folder / "inputs").iterdir()}
    assert (
        browser.post("/data/upload/take", data={"csrf": token_of(browser), "token": token}).status_code == 303
    )
    new = {path.name for path in (folder / "inputs").iterdir()} - before
    assert new == {"work.csv", "work.mapping.toml"}
    assert "work.csv" in browser.get("/data/upload?lang=en").text


@pytest.mark.parametrize(
    "name",
    ["../../evil.csv", "..\\..\\evil.csv", "/etc/evil.csv", "C:\\evil.csv", "evil\x00.csv", "\u202eevil.csv"],
)
def test_no_upload_leaves_its_folder(own: tuple[TestClient, Path], name: str) -> None:
    browser, folder = own
    outside = set(folder.parent.rglob("*evil*"))
    token = uploaded(browser, name, b"a,b\n1,2\n")
    kept = [
        path.name for path in (folder / "workbench" / "uploads" / token).iterdir() if path.suffix == ".csv"
    ]
    assert len(kept) == 1
    assert "/" not in kept[0] and "\\" not in kept[0] and ".." not in kept[0] and "\x00" not in kept[0]
    made = set(folder.parent.rglob("*evil*")) - outside
    assert all(path.is_relative_to(folder / "workbench" / "uploads" / token) for path in made)


def test_hostile_uploads_are_refused_with_a_reason(own: tuple[TestClient, Path]) -> None:
    browser, folder = own

    def told(name: str, content: bytes) -> tuple[int, str]:
        answer = browser.post(
            "/data/upload",
            data={"csrf": token_of(browser)},
            files={"file": (name, content)},
            headers={"accept": "application/json"},
        )
        return answer.status_code, answer.json()["errors"][0]["code"] if answer.status_code != 303 else ""

    assert told("run.exe", b"MZ") == (400, "intake.ending")
    assert told("page.html", b"<script>") == (400, "intake.ending")
    assert told("empty.csv", b"") == (400, "intake.empty_file")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))
    assert told("bomb.xlsx", bomb.getvalue()) == (400, "web.unpacks_too_large")
    assert not list((folder / "workbench" / "uploads").glob("*/bomb*"))
    token = uploaded(browser, "broken.xlsx", b"PK\x03\x04 not a workbook")
    page = browser.get(f"/data/upload?token={token}&lang=en")
    assert page.status_code == 200
    assert "problem-error" in page.text
    for wrong in ("ffffffffffffffffffffffff", "0" * 24):
        assert browser.get(f"/data/upload?token={wrong}").status_code == 404
    assert browser.get(f"/data/upload/rejects?token={token}&name=../upload.json").status_code == 404


def test_too_large_an_upload_is_refused(web_folder: Path, tmp_path: Path) -> None:
    options = WebOptions(web_folder, upload_bytes=4096, database=f"sqlite:///{tmp_path / 'u.sqlite'}")
    with TestClient(create_app(options), base_url=HOST, headers=HTML) as browser:
        answer = browser.post(
            "/data/upload?lang=en", data={"csrf": token_of(browser)}, files={"file": ("a.csv", b"x" * 9000)}
        )
        assert answer.status_code == 413
        assert "<main" in answer.text and "over the limit of 4 kB; it was not taken" in answer.text
        assert re.search(r"What was sent is 9(\.\d)? kB", answer.text) and "split it by month" in answer.text
        assert answer.headers["content-security-policy"]
        plain = browser.post("/data/upload", content=b"x" * 9000, headers={"accept": "application/json"})
        assert plain.status_code == 413 and plain.json()["errors"][0]["code"] == "web.too_large"
        assert [size_text(one) for one in (200 << 20, 1 << 19, 4096, 7)] == [
            "200 MB",
            "0.5 MB",
            "4 kB",
            "0.1 kB",
        ]


def test_scenarios_and_sign_offs_are_kept(own: tuple[TestClient, Path]) -> None:
    browser, folder = own
    kept = browser.post(
        "/what-if/keep",
        data={
            "csrf": token_of(browser),
            "title": "<b>half the coal</b>",
            "query": "power=50&evil=1&price=100",
        },
    )
    assert kept.status_code == 303
    assert kept.headers["location"] == "/what-if?power=50.0&price=100.0&lang=zh"
    page = browser.get("/what-if?lang=en").text
    assert "&lt;b&gt;half the coal&lt;/b&gt;" in page
    assert "<b>half the coal" not in page
    run = Workspace.open(folder).runs.current()
    form = {"csrf": token_of(browser), "run": run, "statement": "approved", "note": "=1+1"}
    assert browser.post("/runs/sign-off", data=form).status_code == 303
    assert browser.post("/runs/sign-off", data={**form, "run": "20200101-000000-aaaaaa"}).status_code == 404
    text = browser.get("/runs.csv?lang=en").content.decode("utf-8-sig")
    assert "approved" in text
    assert ",'=1+1," in text, "a formula would run in a spreadsheet"


def test_a_run_says_that_it_prepares_and_that_it_stops() -> None:
    job = Job(1, "ana", "en", 0.0, process=None)  # type: ignore[arg-type]
    assert job.snapshot()["phase"] == "preparing"
    job.events.append({"event": "step", "position": 1, "total": 9, "status": "started"})
    assert job.snapshot()["phase"] == "steps"
    job.cancelled_by = "ana"
    assert (job.snapshot()["phase"], job.snapshot()["state"]) == ("stopping", "running")
    job.ended = True
    assert (job.snapshot()["phase"], job.snapshot()["state"]) == (None, "cancelled")
