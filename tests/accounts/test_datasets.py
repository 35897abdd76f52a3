"""The catalogue of public data sets, and fetching: resumed, checked, put in place in one move. No network."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lvshu.accounts.sources.datasets import DataFile, DataSet, datasets, find
from lvshu.accounts.sources.fetching import Fetched, get
from lvshu.cli.commands.get import execute
from lvshu.core.errors import InputError

CONTENT = bytes(range(256)) * 5000
MD5 = "md5:" + hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
DAY = date(2026, 11, 25)


@dataclass
class Site:
    """What a small server on this machine gives, and what it was asked for."""

    address: str = ""
    stops_after: int | None = None
    ranges: bool = True
    kind: str = "application/zip"
    tag: str = '"one"'
    asked: list[str | None] = field(default_factory=list)
    record: dict[str, object] = field(default_factory=dict)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/record":
                self._send(200, json.dumps(served.record).encode(), "application/json", {})
                return
            if self.path == "/gone":
                self.send_error(404)
                return
            wanted = self.headers.get("Range")
            served.asked.append(wanted)
            found = re.match(r"bytes=(\d+)-", wanted or "")
            same = self.headers.get("If-Range") in (None, served.tag)
            start = int(found[1]) if found and served.ranges and same else 0
            if start >= len(CONTENT):
                self.send_error(416)
                return
            self._send(206 if start else 200, CONTENT[start:], served.kind, {"ETag": served.tag})

        def _send(self, code: int, body: bytes, kind: str, more: dict[str, str]) -> None:
            self.send_response(code)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if served.stops_after is None else body[: served.stops_after])
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def toy(address: str, *, checksum: str = MD5, size: int = 0, record: str = "") -> tuple[DataSet, DataFile]:
    file = DataFile("table.zip", address, size, checksum)
    known = datasets()["owid-co2"]
    return replace(
        known, id="toy", producer="Bureau", licence="CC BY 4.0", files=(file,), record=record
    ), file


def fetch(chosen: tuple[DataSet, DataFile], folder: Path, record: str = "") -> Fetched:
    return get(*chosen, folder, record_address=record, today=DAY)


def refused(chosen: tuple[DataSet, DataFile], folder: Path, code: str, record: str = "") -> str:
    with pytest.raises(InputError) as caught:
        fetch(chosen, folder, record)
    assert caught.value.code == code
    text = caught.value.text("zh") + caught.value.text("en")
    assert "{" not in text
    return text


def test_every_entry_is_whole() -> None:
    every = datasets()
    assert {
        "exiobase-3.8.2",
        "wiod-2016",
        "icio-2025",
        "figaro-2026",
        "eora26",
        "ceads-mrio",
        "nbs-io",
    } <= set(every)
    for one in every.values():
        assert one.access in ("open", "browser", "registration")
        assert all(
            (one.zh, one.en, one.producer, one.licence, one.facts, one.note_zh, one.note_en, one.citation)
        )
        assert one.page.startswith("https://")
        assert one.licence_page.startswith("https://")
        assert bool(one.files) or one.access != "open"
        assert len({file.name for file in one.files}) == len(one.files)
        for file in one.files:
            assert file.address.startswith("https://")
            assert "{" not in file.name + file.address
            assert file.checksum == "" or re.fullmatch(r"md5:[0-9a-f]{32}|sha1:[0-9a-f]{40}", file.checksum)


def test_a_series_of_files_is_written_out() -> None:
    old = datasets()["exiobase-3.8.2"]
    assert len(old.files) == 2 * 28
    chosen, file = find("exiobase-3.8.2:2020_pxp")
    assert (chosen.id, file.name) == ("exiobase-3.8.2", "IOT_2020_pxp.zip")
    assert file.address == "https://zenodo.org/api/records/5589597/files/IOT_2020_pxp.zip/content"
    stated = {file.name: file for file in datasets()["exiobase-3.9.6"].files}["IOT_1995_ixi.zip"]
    assert stated.checksum == "md5:addfa2745c26460afe6d6ebb295a8b77"
    assert stated.size == 462_292_568


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("exiobse", "accounts.get_no_such_dataset"),
        ("eora26", "accounts.get_by_hand"),
        ("wiod-2016", "accounts.get_by_hand"),
        ("owid-co2", "accounts.get_which_file"),
        ("icio-2025:1890", "accounts.get_which_file"),
    ],
)
def test_what_cannot_be_fetched_is_said_in_words(words: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        find(words)
    assert caught.value.code == code
    assert "{" not in caught.value.text("zh") + caught.value.text("en")


def test_fetched_checked_and_its_origin_noted(site: Site, tmp_path: Path) -> None:
    fetched = fetch(toy(f"{site.address}/table"), tmp_path / "data")
    assert fetched.path.read_bytes() == CONTENT
    assert (fetched.size, fetched.verified, fetched.resumed_from) == (len(CONTENT), True, 0)
    noted = json.loads((tmp_path / "data" / "table.zip.origin.json").read_text("utf-8"))
    assert noted["sha256"] == hashlib.sha256(CONTENT).hexdigest() == fetched.origin.sha256
    assert (noted["producer"], noted["licence"], noted["date_accessed"]) == (
        "Bureau",
        "CC BY 4.0",
        "2026-11-25",
    )
    assert noted["url"] == f"{site.address}/table"
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "table.zip",
        "table.zip.origin.json",
    ]
    again = fetch(toy(f"{site.address}/table"), tmp_path / "data")
    assert again.was_there
    assert again.origin == fetched.origin
    assert len(site.asked) == 1


def test_a_broken_transfer_is_resumed(site: Site, tmp_path: Path) -> None:
    site.stops_after = 300_000
    assert "300000" in refused(toy(f"{site.address}/table"), tmp_path, "accounts.get_failed")
    assert not (tmp_path / "table.zip").exists()
    assert (tmp_path / "table.zip.part").stat().st_size == 300_000
    site.stops_after = None
    fetched = fetch(toy(f"{site.address}/table"), tmp_path)
    assert site.asked[-1] == "bytes=300000-"
    assert fetched.resumed_from == 300_000
    assert fetched.path.read_bytes() == CONTENT


@pytest.mark.parametrize("change", ["no ranges", "another version"])
def test_what_cannot_be_resumed_is_fetched_anew(site: Site, tmp_path: Path, change: str) -> None:
    site.stops_after = 300_000
    refused(toy(f"{site.address}/table"), tmp_path, "accounts.get_failed")
    site.stops_after = None
    site.ranges = change != "no ranges"
    site.tag = '"two"' if change == "another version" else site.tag
    fetched = fetch(toy(f"{site.address}/table"), tmp_path)
    assert fetched.resumed_from == 0
    assert fetched.path.read_bytes() == CONTENT


def test_a_whole_part_is_only_checked(site: Site, tmp_path: Path) -> None:
    (tmp_path / "table.zip.part").write_bytes(CONTENT)
    note = {"address": f"{site.address}/table", "mark": site.tag, "total": len(CONTENT)}
    (tmp_path / "table.zip.part.json").write_text(json.dumps(note), encoding="utf-8")
    assert fetch(toy(f"{site.address}/table"), tmp_path).path.read_bytes() == CONTENT


def test_a_damaged_file_is_refused_and_leaves_nothing(site: Site, tmp_path: Path) -> None:
    refused(toy(f"{site.address}/table", checksum="md5:" + "0" * 32), tmp_path, "accounts.get_wrong_checksum")
    refused(toy(f"{site.address}/table", checksum="", size=7), tmp_path, "accounts.get_wrong_size")
    site.kind = "text/html"
    refused(toy(f"{site.address}/table"), tmp_path, "accounts.get_a_page")
    assert list(tmp_path.iterdir()) == []


def test_no_answer_is_told(site: Site, tmp_path: Path) -> None:
    assert "404" in refused(toy(f"{site.address}/gone"), tmp_path, "accounts.get_failed")
    refused(toy("http://127.0.0.1:1/table"), tmp_path, "accounts.get_failed")


@pytest.mark.parametrize("shape", ["list", "entries"])
def test_checksum_and_size_come_from_the_record(site: Site, tmp_path: Path, shape: str) -> None:
    entry = {"key": "table.zip", "checksum": MD5, "size": len(CONTENT)}
    site.record = {"files": [entry] if shape == "list" else {"entries": {"table.zip": entry}}}
    chosen = toy(f"{site.address}/table", checksum="", record="1")
    fetched = fetch(chosen, tmp_path, f"{site.address}/record")
    assert fetched.verified
    assert json.loads((tmp_path / "table.zip.origin.json").read_text("utf-8"))["checksum"] == MD5
    site.record = {"files": []}
    refused(chosen, tmp_path / "a", "accounts.get_no_checksum_there", f"{site.address}/record")
    site.record = {"files": [{"key": "table.zip", "checksum": "md5:1"}]}
    stated = toy(f"{site.address}/table", record="1")
    refused(stated, tmp_path / "b", "accounts.get_wrong_checksum", f"{site.address}/record")
    refused(stated, tmp_path / "c", "accounts.get_a_page", f"{site.address}/table")


def test_another_file_in_the_way_is_kept(tmp_path: Path) -> None:
    (tmp_path / "table.zip").write_bytes(b"mine")
    refused(toy("http://127.0.0.1:1/table"), tmp_path, "accounts.get_in_the_way")
    assert (tmp_path / "table.zip").read_bytes() == b"mine"


def test_from_a_file_address(tmp_path: Path) -> None:
    source = tmp_path / "source.zip"
    source.write_bytes(CONTENT)
    assert fetch(toy(source.as_uri()), tmp_path / "to").path.read_bytes() == CONTENT


@pytest.mark.parametrize("language", ["zh", "en"])
def test_command_lists_and_shows_before_it_fetches(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(language=language, as_json=False, dataset="", to=tmp_path, list_only=True, yes=False) == 0
    assert "exiobase-3.10.2" in capsys.readouterr().out
    given = {"dataset": "exiobase-3.8.2:2020_pxp", "to": tmp_path, "list_only": False, "yes": False}
    assert execute(language=language, as_json=False, **given) == 0
    shown = capsys.readouterr().out
    assert "CC BY-SA 4.0" in shown
    assert "Zenodo 5589597" in shown
    assert execute(language=language, as_json=True, **given) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["fetched"] is False
    assert told["checksum_record"] == "5589597"
    assert list(tmp_path.iterdir()) == []


def test_command_fetches_when_told_to(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = toy(f"{site.address}/table")
    monkeypatch.setattr("lvshu.cli.commands.get.find", lambda words: chosen)
    given = {"dataset": "toy", "to": tmp_path, "list_only": False, "yes": True}
    assert execute(language="en", as_json=True, **given) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["fetched"], told["verified"], told["was_there"]) == (True, True, False)
    assert execute(language="en", as_json=False, **given) == 0
    assert "is there already" in capsys.readouterr().out
