"""What was changed of what came in: rows replaced, values edited, answers; rows for some, masked counts for viewers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.intake import load_inputs
from lvshu.intake.typed import typed_select
from lvshu.pipeline.inputs import input_contracts
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.corrections import Chosen
from lvshu.web.corrections import replaced as module_of_replaced
from lvshu.web.corrections.change import Change
from lvshu.web.corrections.replaced import Replaced
from lvshu.web.options import WebOptions
from lvshu.web.state.database import Database
from lvshu.web.state.users import add_user
from tests.web.conftest import HOST, HTML, PASSWORD, Reviewed

PAGE = "/data/corrections"


def lines(browser: TestClient, query: str) -> list[dict[str, Any]]:
    """Return the single changes of a page."""
    answer = browser.get(f"{PAGE}.json?{query}")
    assert answer.status_code == 200, answer.text[:500]
    panel = next(one for one in answer.json()["panels"] if one["id"] == "changed")
    return panel["table"]["rows"] if panel["table"] else []


def rows_of(path: Path, key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {tuple(row[name] for name in key): row for row in csv.DictReader(stream)}


def test_a_replaced_row_tells_what_stood_before_and_after(client: TestClient, web_folder: Path) -> None:
    key = ("loan_id", "month")
    old, new = (rows_of(web_folder / "inputs" / f"loan_balance{one}.csv", key) for one in ("", ".corrected"))
    found = {one["key"]: one for one in lines(client, "kind=replaced&table=loan_balance")}
    assert set(found) == {"|".join(one) for one in new} and found
    for one, row in new.items():
        told = found["|".join(one)]
        assert (
            float(told["before"]) == float(old[one]["outstanding_amount"]) != float(row["outstanding_amount"])
        )
        assert float(told["after"]) == float(row["outstanding_amount"])
        assert told["column"]["en"] == "Outstanding amount" and told["unit"]["en"] == "CNY"
        assert (
            "loan_balance.corrected.csv" in told["who"]["en"]
            and "loan_balance.corrected.csv" in told["back"]["zh"]
        )
        assert told["note"].startswith("loan_balance.csv:")


def test_replaced_rows_are_typed_once_for_a_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    typed: list[bool] = []

    def counted(*given: Any, judged: bool = True) -> str:
        typed.append(judged)
        return typed_select(*given, judged=judged)

    monkeypatch.setattr(module_of_replaced, "typed_select", counted)
    query = "kind=replaced&table=loan_balance&rule=intake.superseded"
    first, second = lines(client, query), lines(client, query)
    assert first == second and first
    assert typed == [False]  # values are read, nothing is judged, and that once


def test_values_changed_by_editing_name_the_rule_and_the_way_back(
    client: TestClient, web_folder: Path
) -> None:
    with Workspace.open(web_folder).book() as book:
        made = {
            (one["record_key"], one["variable"]): one
            for one in book.rows("edit_change", where="method <> 'decided' AND status = 'applied'")
        }
    found = lines(client, "kind=edited")
    assert {(one["key"], one["column"]["en"]) for one in found} == set(made) and found
    for one in found:
        row = made[(one["key"], one["column"]["en"])]
        assert float(one["before"]) == float(row["filed_value"]) and float(one["after"]) == float(
            row["edited_value"]
        )
        assert row["rule"] in one["rule"]["zh"] and one["when"].endswith("+08:00")
        assert f"lvshu edit keep '{one['key']}' '{one['column']['en']}'" in one["back"]["en"]


def test_answers_of_the_pages_tell_what_the_next_run_reads(client: TestClient, reviewed: Reviewed) -> None:
    found = {one["key"]: one for one in lines(client, "kind=answer")}
    assert reviewed.kept and {subject for subject, _ in reviewed.kept.values()} <= set(found)
    for subject, chosen in reviewed.kept.values():
        assert chosen in found[subject]["after"]["en"] or "decision=" in found[subject]["after"]["en"]
        assert "Reviews" in found[subject]["back"]["en"] and found[subject]["when"].endswith("+08:00")
    page = client.get(f"{PAGE}?kind=answer&lang=en").text
    assert "/reviews?lang=en&amp;queue=" in page
    assert lines(client, "kind=review&table=label_decision"), "the run read answers on labels, too"


def test_changes_are_chosen_in_the_address_and_shown_a_page_at_a_time(client: TestClient) -> None:
    everything = lines(client, "")
    counts = client.get(f"{PAGE}.json").json()["panels"][0]["table"]["rows"]
    assert {one["kind"]["en"] for one in counts} >= {
        "Row replaced by a correction",
        "Value edited",
        "Identical copy",
    }
    none = next(one for one in counts if one["kind"]["en"] == "Identical copy")
    assert none["changes"] == 0 and none["why"]["zh"].startswith("没有")
    assert len(everything) >= sum(one["changes"] for one in counts)
    assert {one["kind"]["en"] for one in lines(client, "kind=edited")} == {"Value edited"}
    assert lines(client, "kind=edited&rule=no-such-rule") == []
    told = client.get(f"{PAGE}?kind=edited&rule=%3Cscript%3Ealert(1)%3C/script%3E&lang=en").text
    assert "No change meets these conditions" in told and "<script>alert(1)" not in told
    beyond = client.get(f"{PAGE}.json?page=900").json()["panels"][1]
    assert beyond["table"] is None and beyond["empty"]["en"]
    assert client.get(f"{PAGE}?kind=other", headers={"accept": "application/json"}).status_code == 422
    whole = client.get(f"{PAGE}.csv?lang=en&all=true&panel=changed").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(whole)))) >= len(everything)


@pytest.fixture(scope="module")
def strict(
    web_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], TestClient]]:
    """Return browsers of a viewer and an analyst on a server that withholds counts of fewer than 30."""
    url = f"sqlite:///{tmp_path_factory.mktemp('strict') / 'users.sqlite'}"
    database = Database(url)
    for role in ("viewer", "analyst"):
        add_user(database, f"the-{role}", role, PASSWORD)
    database.close()
    app = create_app(WebOptions(web_folder, database=url, login=True, least_units=30))
    browsers = {}
    with TestClient(app, base_url=HOST):
        for role in ("viewer", "analyst"):
            browsers[role] = TestClient(app, base_url=HOST, headers=HTML, follow_redirects=False)
            browsers[role].post("/login", data={"name": f"the-{role}", "password": PASSWORD})
        yield browsers.__getitem__


def test_a_viewer_sees_masked_counts_and_no_row(strict: Callable[[str], TestClient]) -> None:
    viewer, analyst = strict("viewer"), strict("analyst")
    rows = lines(analyst, "")
    keys = {one["key"] for one in rows}
    assert len(keys) > 5
    for form in ("", ".json", ".csv"):
        answer = viewer.get(f"{PAGE}{form}?lang=en&all=true")
        assert answer.status_code == 200
        assert not [one for one in keys if one in answer.text]
        assert "91310" not in answer.text and "corrected.csv" not in answer.text
    content = viewer.get(f"{PAGE}.json").json()
    shown = [one["changes"] for one in content["panels"][0]["table"]["rows"]]
    assert {"absent": "suppressed"} in shown
    assert not [one for one in shown if isinstance(one, int) and 0 < one < 30]
    assert content["panels"][0]["finding"]["en"] == "", "the sum of counts that are withheld is not told"
    assert content["panels"][1]["table"] is None and "single records" in content["panels"][1]["empty"]["en"]
    whole = analyst.get(f"{PAGE}.json").json()["panels"][0]["table"]["rows"]
    assert [one for one in whole if isinstance(one["changes"], int) and 0 < one["changes"] < 30]


def test_a_withheld_count_follows_from_no_other_page(strict: Callable[[str], TestClient]) -> None:
    """By table, a few replaced rows would stand in quarantine, or follow from a file's rows and its other reasons."""
    viewer, analyst = strict("viewer"), strict("analyst")
    by_table = analyst.get("/data/quarantine.json").json()["panels"][0]["table"]["rows"]
    assert [one for one in by_table if 0 < one["rows"] < 30], "there is something to withhold"
    panel = viewer.get("/data/quarantine.json").json()["panels"][0]
    assert [one["key"] for one in panel["table"]["columns"]] == ["rows", "reason", "remedy", "code"]
    shown = {one["code"]: one["rows"] for one in panel["table"]["rows"]}
    whole: dict[str, int] = {}
    for one in by_table:
        whole[one["code"]] = whole.get(one["code"], 0) + one["rows"]
    assert set(shown) == set(whole)
    for code, count in shown.items():
        assert count in (whole[code], {"absent": "suppressed"})
        assert count == {"absent": "suppressed"} or count >= 30
    hidden = [code for code, count in shown.items() if count == {"absent": "suppressed"}]
    assert len(hidden) != 1 and sum(whole[code] for code in hidden) >= (30 if hidden else 0)
    assert panel["finding"]["en"] == ""
    changes = viewer.get(f"{PAGE}.json").json()["panels"][0]["table"]
    assert [one["key"] for one in changes["columns"]] == ["kind", "changes", "why"]
    names = {one["table"]["en"] for one in by_table}
    page = viewer.get(f"{PAGE}?lang=en").text.partition("<main")[2].partition("</main>")[0]
    assert not [name for name in names if name in page], "not even the choices tell in which tables"


def test_lines_and_changes_are_both_told_and_figures_have_thousands(client: TestClient) -> None:
    content = client.get(f"{PAGE}.json?kind=replaced&table=enterprise_finance").json()["panels"][1]
    page = client.get(f"{PAGE}?kind=replaced&table=enterprise_finance&lang=en").text
    rows = content["table"]["rows"]
    count = len({one["note"] for one in rows})
    assert len(rows) > count
    assert f"Single changes: {count} ({count} on this page, in {len(rows)} lines)" in page
    largest = max(int(float(one["after"])) for one in rows)
    assert (
        largest > 10_000 and f"{largest:,}" in page and str(largest) not in page.replace(f"{largest:,}", "")
    )


def replaced(tmp_path: Path, files: dict[str, str], kind: str = "replaced") -> list[Change]:
    """Return the changes of an own inputs folder."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    database = Database(f"sqlite:///{tmp_path / 'state.sqlite'}")
    code = "intake.superseded" if kind == "replaced" else "intake.duplicate_identical"
    with DuckDB(scratch=tmp_path / "scratch") as engine:
        settings = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=2023)
        load_inputs(engine, input_contracts(), folder, settings=settings, packs=PackLibrary.load(None))
        reader = Reader(Book(tmp_path / "book.duckdb", engine))
        context: Any = SimpleNamespace(
            workbench=SimpleNamespace(database=database), made=lambda key, make: make(reader)
        )
        found = Replaced(kind, code)
        assert sum(one.changes for one in found.tally(context, reader)) > 0
        made = found.rows(context, reader, Chosen(), 100, 0)
    database.close()
    return made


HEAD = "loan_id,month,outstanding_amount\n"


def test_values_before_are_read_in_the_unit_of_their_file(tmp_path: Path) -> None:
    made = replaced(
        tmp_path,
        {
            "loan_balance.csv": "借据编号,月份,贷款余额（万元）\nL1,2023-04,12.5\nL2,2023-05,7\n",
            "loan_balance.corrected.csv": HEAD + "L1,2023-04,130000\nL2,2023-05,70000\n",
        },
    )
    assert [(one.key, one.before, one.after, one.unit) for one in made if one.unit] == [
        ("L1|2023-04", Decimal(125_000), Decimal(130_000), "CNY")
    ]
    same = next(one for one in made if one.key == "L2|2023-05")
    assert same.after == Text("取代它的行各值相同", "no value of the row in its place differs")


def test_a_correction_that_is_itself_corrected_is_told(tmp_path: Path) -> None:
    made = replaced(
        tmp_path,
        {
            "loan_balance.csv": HEAD + "L1,2023-04,1\n",
            "loan_balance.1.corrected.csv": HEAD + "L1,2023-04,2\n",
            "loan_balance.z.corrected.csv": HEAD + "L1,2023-04,3\n",
        },
    )
    assert len(made) == 2
    assert {one.after for one in made} == {Decimal(3)} and {one.before for one in made} == {
        Decimal(1),
        Decimal(2),
    }


def test_hostile_and_long_values_are_text_and_bounded(tmp_path: Path) -> None:
    head = "loan_id,institution_id,uscc,borrower_name,business_type,product_type,purpose_text,currency,disbursed_on\n"
    row = "L1,SB01,91310105YYY0021T2T,甲公司,non_project,working_capital_loan,{0},CNY,2023-01-05\n"
    hostile = '"<img src=x onerror=alert(1)>' + "长" * 100_000 + '"'
    made = replaced(
        tmp_path, {"loan.csv": head + row.format(hostile), "loan.corrected.csv": head + row.format("=1+1")}
    )
    told = next(one for one in made if one.after == Text("=1+1", "=1+1"))
    assert isinstance(told.before, Text) and told.before.zh.startswith("<img") and len(told.before.zh) < 300


def test_identical_copies_are_told_with_the_row_that_stays(tmp_path: Path) -> None:
    made = replaced(tmp_path, {"loan_balance.csv": HEAD + "L1,2023-04,1\nL1,2023-04,1\n"}, kind="copy")
    assert (
        len(made) == 1 and re.search(r"loan_balance\.csv.*2", made[0].who.en) and made[0].note.endswith(":3")
    )
