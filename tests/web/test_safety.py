"""Who may come in, from where, with what; and what answers carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from lvshu.core.errors import ConfigError, InputError, StoreError
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.pages import PAGES
from lvshu.web.security.address import client_address, networks
from lvshu.web.state import users
from lvshu.web.state.database import Database
from lvshu.web.state.log import entries
from lvshu.web.state.users import add_user, change_user, log_in, person_of
from tests.web.conftest import HOST, HTML, PASSWORD, token_of


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8765", "", "10.0.0.7:8765", "[::2]:8765"]
)
def test_a_foreign_host_name_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert answer.json()["errors"][0]["code"] == "web.host"


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LOCALHOST"])
def test_this_machine_is_known_by_its_names(client: TestClient, host: str) -> None:
    assert client.get("/home.json", headers={"host": host}).status_code == 200


def test_other_names_are_known_when_named(web_folder: Path, tmp_path: Path) -> None:
    options = WebOptions(
        web_folder, names=("book.city.example",), database=f"sqlite:///{tmp_path / 'a.sqlite'}"
    )
    with TestClient(create_app(options), base_url="http://book.city.example") as named:
        assert named.get("/home.json").status_code == 200


def test_every_answer_carries_safe_headers(client: TestClient) -> None:
    for path in ("/", "/home.json", "/nothing", "/assets/web.js"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert re.search(r"script-src 'nonce-[\w-]{20,}';", policy)
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_scripts_carry_the_nonce_and_nothing_acts_inline(client: TestClient) -> None:
    answer = client.get("/finance?lang=en")
    nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"])[1]  # type: ignore[index]
    scripts = re.findall(r"<script([^>]*)>", answer.text)
    assert len(scripts) == 3
    assert all(f'nonce="{nonce}"' in one or 'type="application/json"' in one for one in scripts)
    assert not re.search(r"<[^>]+\son[a-z]+=", answer.text)
    assert (
        client.get("/finance").headers["content-security-policy"] != answer.headers["content-security-policy"]
    )


def test_beyond_this_machine_there_must_be_a_user(web_folder: Path, tmp_path: Path) -> None:
    options = WebOptions(web_folder, host="0.0.0.0", database=f"sqlite:///{tmp_path / 'b.sqlite'}")
    assert options.needs_login
    with pytest.raises(StoreError) as told:
        create_app(options)
    assert told.value.code == "web.no_user_yet"


def test_nobody_sees_anything_without_a_login(guarded: Callable[[str], TestClient]) -> None:
    nobody = guarded("")
    answer = nobody.get("/sectors?lang=en")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fsectors%3Flang%3Den"
    for path in (
        "/home.json",
        "/data/table.json?name=loan",
        "/explain.json?target=gdp",
        "/sectors.csv",
        "/finance.xlsx",
    ):
        refused = nobody.get(path)
        assert refused.status_code == 401, path
        assert refused.json()["errors"][0]["code"] == "web.login_needed"
    assert nobody.get("/login?lang=en").status_code == 200


def test_a_login_leads_back_and_only_to_ourselves(guarded: Callable[[str], TestClient]) -> None:
    nobody = guarded("")
    elsewhere = ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)")
    for target, where in (("/sectors?lang=en", "/sectors?lang=en"), *((one, "/") for one in elsewhere)):
        answer = nobody.post("/login", data={"name": "the-viewer", "password": PASSWORD, "target": target})
        assert answer.status_code == 303
        assert answer.headers["location"] == where
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        nobody.cookies.clear()


def test_a_viewer_sees_totals_and_no_records(guarded: Callable[[str], TestClient]) -> None:
    viewer, analyst = guarded("viewer"), guarded("analyst")
    assert viewer.get("/finance?lang=en").status_code == 200
    refused = viewer.get("/data/table.json?name=loan")
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["code"] == "web.may_not"
    assert analyst.get("/data/table.json?name=loan").status_code == 200
    loan = analyst.get("/data/table.json?name=loan").json()["panels"][0]["table"]["rows"][0]["loan_id"]
    shown = loan if isinstance(loan, str) else loan["en"]
    answers = [viewer.get(f"/explain.json?target={target}") for target in (shown, "L0000099999")]
    assert [one.status_code for one in answers] == [404, 404]
    told = [one.json()["errors"][0]["en"]["why"] for one in answers]
    assert told[0] == told[1], "whether the book has a record is not told to a viewer"
    assert analyst.get(f"/explain.json?target={shown}").status_code == 200
    explained = viewer.get("/explain.json?target=financed_emission_pcaf_2022")
    assert explained.status_code == 200
    assert shown not in explained.text
    assert "does not include the right" in explained.text


def test_no_page_shows_a_viewer_whose_records_they_are(
    guarded: Callable[[str], TestClient], web_folder: Path
) -> None:
    """Credit codes of the sample begin so; not one of them may stand on a page, or in a twin, of a viewer."""
    with Workspace.open(web_folder).book() as book:
        codes = {row["uscc"] for row in book.rows("enterprise", columns=["uscc"])}
        rows = book.rows("headline", columns=["code", "table_name"])
        targets = list({row["table_name"]: row["code"] for row in rows}.values())
    viewer, seen = guarded("viewer"), 0
    pages = [
        page
        for page in PAGES
        if page.needs == "look" and page.path not in ("/explain", "/explain/number", "/data/table")
    ]
    places = [page.path for page in pages] + [
        f"{page.path if page.path != '/' else '/home'}.json" for page in pages
    ]
    places += [f"/explain.json?target={target}" for target in targets]
    places += ["/finance?view=labels", "/finance?view=rest", "/finance?view=flows", "/sectors?view=rest"]
    for place in places:
        answer = viewer.get(place)
        assert answer.status_code == 200, place
        shown = set(re.findall(r"\b9[123][0-9]{6}[0-9A-Z]{10}\b", answer.text)) & codes
        assert not shown, (place, sorted(shown)[:3])
        seen += 1
    assert seen > 50


def test_a_change_needs_the_token_of_the_page(guarded: Callable[[str], TestClient]) -> None:
    analyst = guarded("analyst")
    refused = analyst.post("/logout", data={"csrf": "guess"})
    assert refused.status_code == 403
    assert token_of(analyst) != token_of(guarded("viewer"))
    elsewhere = analyst.post(
        "/logout", data={"csrf": token_of(analyst)}, headers={"origin": "https://evil.example"}
    )
    assert elsewhere.status_code == 403
    assert elsewhere.json()["errors"][0]["code"] == "web.other_origin"
    crossed = analyst.post(
        "/logout", data={"csrf": token_of(analyst)}, headers={"sec-fetch-site": "cross-site"}
    )
    assert crossed.status_code == 403


def test_guessing_passwords_is_stopped(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'guess.sqlite'}")
    add_user(database, "ana", "viewer", PASSWORD)
    codes = []
    for _ in range(9):
        with pytest.raises(InputError) as told:
            log_in(database, "ana", "wrong", "10.0.0.1")
        codes.append(told.value.code)
    assert codes[:8] == ["web.wrong_login"] * 8
    assert codes[8] == "web.too_many_tries"
    assert log_in(database, "ana", PASSWORD, "10.0.0.2"), "a stranger must not shut the user out"
    with pytest.raises(InputError) as told:
        log_in(database, "ana", PASSWORD, "10.0.0.1")
    assert told.value.code == "web.too_many_tries", (
        "a login from elsewhere must not open the guesser's address"
    )
    for number in range(9):  # one network of a customer, whichever address in it is taken
        with pytest.raises(InputError) as told:
            log_in(database, "ana", "wrong", f"2001:db8:1:2::{number:x}")
    assert told.value.code == "web.too_many_tries"
    assert log_in(database, "ana", PASSWORD, "2001:db8:1:3::1")
    database.close()


def test_many_names_from_one_address_are_slowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=1_000_000.0)
    monkeypatch.setattr(users.time, "time", lambda: clock.now)
    database = Database(f"sqlite:///{tmp_path / 'spray.sqlite'}")
    add_user(database, "ana", "viewer", PASSWORD)

    def tried(name: str, password: str = "wrong", remote: str = "10.0.0.1") -> str:
        try:
            return "in" if log_in(database, name, password, remote) else ""
        except InputError as error:
            return error.code

    assert [tried(f"guess{number}") for number in range(16)] == ["web.wrong_login"] * 16
    assert tried("ana", PASSWORD) == "web.address_waits"
    assert tried("ana", PASSWORD, "10.0.0.2") == "in", "another address is not slowed"
    looked_at = 0
    for second in range(900):  # a quarter of an hour, a try every second
        clock.now += 1.0
        looked_at += tried(f"name{second}") == "web.wrong_login"
    assert 5 <= looked_at <= 30
    clock.now += 61
    assert tried("ana", PASSWORD) == "in", "whoever waits gets in"
    database.close()


def test_tries_at_once_do_not_pass_together(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'burst.sqlite'}")
    add_user(database, "ana", "viewer", PASSWORD)

    def tried(_: int) -> str:
        with pytest.raises(InputError) as told:
            log_in(database, "ana", "wrong", "10.0.0.1")
        return told.value.code

    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(tried, range(48)))
    assert codes.count("web.wrong_login") <= 8
    database.close()


def test_trusted_proxies_may_stand_in_the_settings(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    Workspace.create(folder, area="310000", year=2023)
    with (folder / "lvshu.toml").open("a", encoding="utf-8") as file:
        file.write('trusted_proxies = ["10.0.0.5"]\n')  # [serve] is the last section of a new file
    options = WebOptions(folder, login=True)
    database = Database(options.database_url)
    add_user(database, "ana", "viewer", PASSWORD)
    database.close()
    app = create_app(options)
    form = {"password": "wrong"}
    with TestClient(
        app, base_url=HOST, client=("10.0.0.5", 1), headers=HTML, follow_redirects=False
    ) as browser:
        for number in range(16):
            browser.post(
                "/login", data={"name": f"n{number}", **form}, headers={"x-forwarded-for": "198.51.100.1"}
            )
        told = browser.post("/login", data={"name": "x", **form}, headers={"x-forwarded-for": "198.51.100.1"})
        assert told.status_code == 429 and int(told.headers["retry-after"]) >= 1
        other = browser.post(
            "/login", data={"name": "x", **form}, headers={"x-forwarded-for": "198.51.100.2"}
        )
        assert other.status_code == 401
    named = create_app(WebOptions(folder, login=True, trusted_proxies=("10.0.0.9",)))
    assert named.state.workbench.options.trusted_proxies == ("10.0.0.9",), "the command line comes first"


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.5", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.5", "unknown", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
    ],
)
def test_only_trusted_proxies_say_who_asks(peer: str, forwarded: str, found: str) -> None:
    trusted = networks(["10.0.0.5", "10.1.0.0/16"])
    assert client_address(peer, forwarded, trusted) == found
    assert client_address(peer, forwarded, ()) == peer


def test_behind_a_proxy_each_address_is_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    Workspace.create(folder, area="310000", year=2023)
    options = WebOptions(folder, login=True, trusted_proxies=("10.0.0.5",))
    database = Database(options.database_url)
    add_user(database, "ana", "viewer", PASSWORD)
    database.close()
    app = create_app(options)
    with TestClient(
        app, base_url=HOST, client=("10.0.0.5", 1), headers=HTML, follow_redirects=False
    ) as browser:

        def tried(password: str, forwarded: str) -> int:
            form = {"name": "ana", "password": password}
            return browser.post("/login", data=form, headers={"x-forwarded-for": forwarded}).status_code

        assert [tried("wrong", f"192.0.2.{number}, 198.51.100.1") for number in range(9)] == [401] * 8 + [429]
        assert tried(PASSWORD, "198.51.100.2") == 303
        told = {one["remote"] for one in entries(app.state.workbench.database)}
        assert told == {"198.51.100.1", "198.51.100.2"}
    with pytest.raises(ConfigError) as wrong:
        create_app(WebOptions(folder, login=True, trusted_proxies=("proxy", "10.0.0.0/99")))
    assert [one.code for one in wrong.value.problems] == ["web.trusted_proxy"] * 2


def test_a_session_ends_with_time_with_a_new_password_and_with_the_user(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'sessions.sqlite'}")
    add_user(database, "ana", "analyst", PASSWORD)
    token = log_in(database, "ana", PASSWORD, "")
    assert person_of(database, token, 1.0).role == "analyst"
    assert person_of(database, token, -1.0).role == ""
    again = log_in(database, "ana", PASSWORD, "")
    change_user(database, "ana", password="another long password")
    assert person_of(database, again, 1.0).role == ""
    third = log_in(database, "ana", "another long password", "")
    change_user(database, "ana", disabled=True)
    assert person_of(database, third, 1.0).role == ""
    with pytest.raises(InputError):
        log_in(database, "ana", "another long password", "")
    database.close()


def test_passwords_are_kept_as_argon2_and_tokens_as_digests(tmp_path: Path) -> None:
    place = tmp_path / "kept.sqlite"
    database = Database(f"sqlite:///{place}")
    add_user(database, "ana", "admin", PASSWORD)
    token = log_in(database, "ana", PASSWORD, "")
    with pytest.raises(InputError) as told:
        add_user(database, "no space", "king", "short")
    assert [one.code for one in told.value.problems] == [
        "web.user_name",
        "web.user_role",
        "web.password_length",
    ]
    database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("kept.sqlite*"))
    assert b"$argon2id$" in kept
    assert PASSWORD.encode() not in kept
    assert token.encode() not in kept


def test_who_logs_in_is_on_the_log(guarded: Callable[[str], TestClient]) -> None:
    guarded("admin")
    nobody = guarded("")
    assert (
        nobody.post(
            "/login", data={"name": "the-admin", "password": "wrong password"}, headers=HTML
        ).status_code
        == 401
    )
    workbench = nobody.app.state.workbench  # type: ignore[attr-defined]
    told = [(one["action"], one["target"]) for one in entries(workbench.database)]
    assert ("login", "the-admin") in told
    assert ("refused", "the-admin") in told


def test_a_body_without_bound_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/logout", content=b"x" * (1 << 21), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413
    assert client.get("/assets/..%2f..%2fapp.py").status_code == 404
    assert client.get("/assets/app.py").status_code == 404


def test_a_viewer_sees_the_current_run_alone(guarded: Callable[[str], TestClient], web_folder: Path) -> None:
    """Two runs may differ by one loan: the difference of their totals would be that loan."""
    runs = Workspace.open(web_folder).runs
    earlier, current = runs.ids()[0], runs.current()
    viewer, analyst = guarded("viewer"), guarded("analyst")
    for path in ("/home.json", "/finance/ledger.csv", "/report.pdf"):
        refused = viewer.get(f"{path}?run={earlier}", headers={"accept": "application/json"})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "web.earlier_run")
    assert viewer.get(f"/home.json?run={current}").status_code == 200
    assert viewer.get("/runs/compare.json").status_code == 403
    assert analyst.get(f"/home.json?run={earlier}").status_code == 200
    assert analyst.get("/runs/compare.json").status_code == 200
