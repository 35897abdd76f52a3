"""Small cells are withheld from those who may not see records: on every page, in every twin, and behind them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lvshu.contract import all_contracts
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, TableView, number_column
from lvshu.publish.texts import same
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.pages import PAGES
from lvshu.web.security.cells import COUNTS, IN_OWN_ORDER, is_closed, protect, protected_cards, without_order
from lvshu.web.security.withheld_view import FinanceView
from lvshu.web.state.database import Database
from lvshu.web.state.users import add_user
from lvshu.web.twins import page_csv
from lvshu.web.view import PageView
from tests.web.conftest import HOST, HTML, PASSWORD

LEAST = 30
MORE = (
    "/finance?view=labels", "/finance?view=rest", "/finance?view=flows", "/sectors?view=rest",
    "/sectors?view=districts", "/sectors?view=peers", "/sectors?view=targets", "/sectors?view=inventory",
    "/finance/ledger?by=industry", "/finance/ledger?by=product", "/finance/ledger?by=group",
)  # fmt: skip


def panel(name: str, columns: dict[str, list[Any]], totals: frozenset[int] = frozenset()) -> Panel:
    heads = tuple(
        Column(key, same(key)) if key in ("what", "code") else number_column(key, same(key), "1")
        for key in columns
    )
    rows = tuple(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return Panel(name, same(name), same("finding"), table=TableView(heads, rows, (), totals))


def withheld(found: Panel) -> set[tuple[int, str]]:
    assert found.table is not None
    return {
        (place, key)
        for place, row in enumerate(found.table.rows)
        for key, cell in row.items()
        if cell is Absence.SUPPRESSED
    }


def test_a_small_row_goes_with_its_smallest_sister_and_the_total_stays() -> None:
    made = panel(
        "x",
        {"what": ["a", "b", "c", "all"], "loans": [2, 9, 5, 16], "value": [1.0, 2.0, 3.0, 6.0]},
        frozenset({3}),
    )
    found = protect(made, 3)
    assert withheld(found) == {(0, "loans"), (0, "value"), (2, "loans"), (2, "value")}
    assert not found.finding
    assert "2" in found.note.en
    assert protect(panel("x", {"what": ["a", "b"], "loans": [3, 0], "value": [1.0, 0.0]}), 3).finding


def test_two_small_rows_protect_each_other() -> None:
    made = panel("x", {"what": ["a", "b", "c"], "units": [1, 2, 9], "value": [1.0, 2.0, 3.0]})
    assert {place for place, _ in withheld(protect(made, 3))} == {0, 1}


def test_each_count_guards_its_own_figures() -> None:
    made = panel(
        "x",
        {"what": ["a", "b"], "one_loans": [1, 8], "one": [1.0, 2.0], "one_share": [3.0, 4.0], "two_loans": [9, 9],
         "two": [5.0, 6.0]},
    )  # fmt: skip
    hidden = withheld(protect(made, 3))
    assert {key for _, key in hidden} == {"one_loans", "one", "one_share"}
    assert {place for place, _ in hidden} == {0, 1}


def test_in_a_tree_the_figure_above_goes_where_there_is_no_sister() -> None:
    made = panel(
        "digital",
        {"code": ["01", "0101", "02", "0201", "0202", "03"], "units": [2, 2, 20, 10, 10, 30],
         "value": [1.0, 1.0, 5.0, 2.0, 3.0, 9.0]},
    )  # fmt: skip
    assert {place for place, _ in withheld(protect(made, 3))} == {0, 1, 2}


@pytest.fixture(scope="module")
def strict(
    web_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], TestClient]]:
    """Return browsers of a viewer and an analyst on a server that withholds figures of fewer than 30 units."""
    url = f"sqlite:///{tmp_path_factory.mktemp('strict') / 'users.sqlite'}"
    database = Database(url)
    for role in ("viewer", "analyst"):
        add_user(database, f"the-{role}", role, PASSWORD)
    database.close()
    app = create_app(WebOptions(web_folder, database=url, login=True, least_units=LEAST))
    browsers = {}
    with TestClient(app, base_url=HOST):
        for role in ("viewer", "analyst"):
            browsers[role] = TestClient(app, base_url=HOST, headers=HTML, follow_redirects=False)
            browsers[role].post("/login", data={"name": f"the-{role}", "password": PASSWORD})
        yield browsers.__getitem__


def twin(place: str, form: str) -> str:
    path, _, query = place.partition("?")
    return f"{'/home' if path == '/' else path}.{form}?{query}"


def small(content: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Return panel, row and count of what is shown though it counts fewer units than it must."""
    found = []
    for one in content["panels"]:
        counts = [
            column["key"]
            for column in (one["table"] or {"columns": []})["columns"]
            if column["key"] in COUNTS or column["key"].endswith("_loans")
        ]
        for place, row in enumerate(one["table"]["rows"] if one["table"] else ()):
            found += [
                (one["id"], place, key)
                for key in counts
                if isinstance(row[key], (int, float, str)) and 0 < float(row[key]) < LEAST
            ]
    return found


def bracketed(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Return panel and column of what is withheld between figures that stand in order: its neighbours bound it."""
    found = []
    for one in content["panels"]:
        rows = one["table"]["rows"][:-1] if one["table"] and one["id"] not in IN_OWN_ORDER else []
        for key in {key for row in rows for key, cell in row.items() if cell == {"absent": "suppressed"}}:
            cells = [None if isinstance(row[key], dict) else row[key] for row in rows]
            shown = [float(cell) for cell in cells if isinstance(cell, (int, float, str))]
            falls = sorted(shown, reverse=True) == shown and len(set(shown)) > 2
            last = max((place for place, cell in enumerate(cells) if cell is not None), default=0)
            if falls and any(rows[place][key] == {"absent": "suppressed"} for place in range(last)):
                found.append((one["id"], key))
    return found


def test_rows_in_order_of_a_figure_put_what_is_withheld_last() -> None:
    columns = (Column("what", same("-")), number_column("amount", same("-"), "CNY"))
    gone = Absence.SUPPRESSED
    amounts = (("a", 9), ("z", gone), ("b", 5), ("c", gone), ("d", 1))
    rows = tuple({"what": name, "amount": amount} for name, amount in (*amounts, ("all", 20)))
    view = TableView(columns, rows, (), frozenset({5}))
    seen = without_order("any", view, {1, 3})
    assert [row["what"] for row in seen.rows] == ["a", "b", "d", "c", "z", "all"]
    other = replace(view, rows=(rows[2], rows[0], *rows[1:2], *rows[3:]))
    assert without_order("any", other, {2, 3}) == other, "in no order nothing is bracketed"


def test_a_viewer_is_shown_no_small_cell_on_any_page_or_twin(strict: Callable[[str], TestClient]) -> None:
    viewer, analyst = strict("viewer"), strict("analyst")
    places = [
        page.path
        for page in PAGES
        if page.needs == "look" and page.path not in ("/explain", "/explain/number", "/data/table")
    ]
    hits = 0
    for place in (*places, *MORE):
        answer = viewer.get(twin(place, "json"))
        assert answer.status_code == 200, place
        content = answer.json()
        assert small(content) == [], place
        marked = {
            one["id"]: sum(
                cell == {"absent": "suppressed"} for row in one["table"]["rows"] for cell in row.values()
            )
            for one in content["panels"]
            if one["table"]
        }
        changed = [name for name, count in marked.items() if count]
        hits += len(changed)
        assert bracketed(content) == [], place
        for name in changed[:1]:
            rows = list(csv.reader(io.StringIO(viewer.get(twin(place, "csv") + f"&panel={name}").text)))
            assert sum(cell == "***" for row in rows for cell in row) == marked[name], (place, name)
            if name == "headlines":  # cards on the page, a table in the twins only
                continue
            html = viewer.get(f"{place}{'&' if '?' in place else '?'}lang=en").text
            shown = html.split(f'id="{name}" data-panel')[1].split("</article>")[0]
            assert shown.count("***") >= marked[name]
            assert (
                'role="img"' not in shown
                or place.startswith("/finance/ledger")
                or name == "district_flexible"
            )
    assert hits >= 3, "the sample no longer has what this test is about"
    assert small(analyst.get("/finance.json").json()), "whoever may see records sees the figures"


def test_a_viewer_is_led_to_no_table_that_is_closed(strict: Callable[[str], TestClient]) -> None:
    there = {"viewer": set(), "analyst": set()}
    for name, found in there.items():
        for page in ("/", "/sectors", "/statistics?view=months", "/finance"):
            found |= set(
                re.findall(r"/data/table\?[^\"#]*name=(\w+)", strict(name).get(page, headers=HTML).text)
            )
    assert there["viewer"] and not any(is_closed(table) for table in there["viewer"])
    assert any(is_closed(table) for table in there["analyst"]), "who may see records is led there"


def test_rows_behind_a_figure_are_closed_to_a_viewer(strict: Callable[[str], TestClient]) -> None:
    viewer, analyst = strict("viewer"), strict("analyst")
    for table in (
        "financed_emission",
        "digital_economy_account",
        "uncertain_emission",
        "capital_flow_aggregate",
    ):
        assert is_closed(table)
        refused = viewer.get(f"/data/table.json?name={table}")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "web.may_not")
        rows = [
            one
            for one in viewer.get(f"/explain.json?target={table}").json()["panels"]
            if one["id"].startswith("rows-")
        ]
        assert all(one["table"] is None for one in rows if one["id"].endswith(f"-{table}")), table
    assert analyst.get("/data/table.json?name=financed_emission").status_code == 200
    for table in (
        "platform_flow", "platform_economy", "ecommerce_share", "platform_transaction", "flexible_register",
        "coded_total", "coded_total_month", "pcaf_portfolio_replicate", "sector_balance_factor",
        "disclosure_audit", "digital_coding_error", "digital_core_replicate", "shore_power", "shore_power_account",
    ):  # fmt: skip
        assert viewer.get(f"/data/table.json?name={table}").status_code == 403  # of single platforms
        assert analyst.get(f"/data/table.json?name={table}").status_code == 200
    public = (
        "platform_flow_public", "platform_economy_public", "ecommerce_share_public", "platform_transaction_public",
        "flexible_register_public",
    )  # fmt: skip
    for table in ("sector_account", "carbon_inventory", "flexible_employment_district", *public):
        assert viewer.get(f"/data/table.json?name={table}").status_code == 200


def test_no_table_that_is_open_to_a_viewer_tells_of_a_single_firm_or_loan(
    strict: Callable[[str], TestClient], web_folder: Path
) -> None:
    with Workspace.open(web_folder).book() as book:
        firms = book.rows("enterprise", columns=["uscc", "name"])
        secret = {row["uscc"] for row in firms} | {row["name"] for row in firms if len(row["name"] or "") > 6}
        secret |= {row["loan_id"] for row in book.rows("loan", columns=["loan_id"])}
        seen = [name for name in book.tables() if name in all_contracts() and not is_closed(name)]
        wrong = {
            name: sorted(told)[:2]
            for name in seen
            if (told := secret & {word for row in book.rows(name) for word in words_of(row)})
        }
    assert len(seen) > 50
    assert not wrong
    viewer = strict("viewer")
    for place in ("/data/table.json?name=finding", "/data/table.csv?name=finding&all=true"):
        assert viewer.get(place).status_code == 403
    explained = viewer.get("/explain.json?target=finding").json()["panels"]
    assert all(one["table"] is None for one in explained if one["id"].startswith("rows-"))


def words_of(row: dict[str, Any]) -> list[str]:
    """Return the words of a row's texts: signs that may stand in codes and names, without what is between."""
    texts = [value for value in row.values() if isinstance(value, str)]
    return [word for text in texts for word in re.split(r"[\s,;:，；：、“”()（）|/]+", text)]


def test_the_report_of_a_viewer_is_another_file(strict: Callable[[str], TestClient]) -> None:
    pytest.importorskip("typst", reason="the extra `web` is not installed: pip install 'lvshu[web]'")
    one, two = (strict(role).get("/report.pdf?lang=en") for role in ("viewer", "analyst"))
    assert one.content.startswith(b"%PDF") and two.content.startswith(b"%PDF")
    assert one.content != two.content


def test_files_say_what_their_totals_cover() -> None:
    made = panel(
        "x", {"what": ["a", "b", "c", "all"], "value": [1.0, Absence.SUPPRESSED, None, 6.0]}, frozenset({3})
    )
    view = PageView("page", same("title"), panels=(replace(made, note=same("of 9 loans 7 have a balance")),))
    told = [
        line
        for line in page_csv(view, "en", same("cite")).decode("utf-8-sig").splitlines()
        if line[:1] == "#"
    ]
    assert told[1:] == [
        "# Rows that the totals cover: value 1 of 3 shown, 1 withheld (but in the total).",
        "# of 9 loans 7 have a balance",
        "# cite",
    ]
    assert (
        "合计所涵盖的行：value 3行中列出1行，另1行隐去（已含在合计中）。"
        in page_csv(view, "zh", same("引")).decode()
    )


def test_a_single_row_goes_with_its_total() -> None:
    single = protect(
        panel("x", {"what": ["a", "all"], "loans": [1, 1], "value": [5.0, 5.0]}, frozenset({1})), 3
    )
    assert {place for place, _ in withheld(single)} == {0, 1}


def test_headlines_about_too_few_units_are_withheld(strict: Callable[[str], TestClient]) -> None:
    viewer, analyst = strict("viewer"), strict("analyst")
    told = {one["code"]: one["value"] for one in viewer.get("/home.json").json()["facts"]["headlines"]}
    whole = {one["code"]: one["value"] for one in analyst.get("/home.json").json()["facts"]["headlines"]}
    hidden = [code for code, value in whole.items() if value is not None and told[code] is None]
    assert hidden, "the sample no longer has what this test is about"
    assert all(told[code] == whole[code] for code in whole if code not in hidden)
    assert viewer.get(f"/explain.json?target={hidden[0]}").status_code == 403
    assert viewer.get("/data/table.json?name=headline").status_code == 403
    for place in ("/finance/ledger?lang=en", "/finance/ledger.json"):
        assert "/finance/loans?" not in viewer.get(place).text
    assert "/finance/loans?" in analyst.get("/finance/ledger?lang=en").text


def test_the_imputed_month_of_one_platform_does_not_follow_from_the_sum() -> None:
    made = panel(
        "platform",
        {"what": ["Feb", "Mar", "Apr"], "reported": [7.0, 5.0, 8.0], "imputed": [None, 2.0, None],
         "all": [7.0, 7.0, 8.0], "platforms": [16, 16, 16], "imputed_platforms": [0, 1, 0]},
    )  # fmt: skip
    assert withheld(protect(made, 3)) == {(1, "imputed"), (1, "imputed_platforms"), (1, "reported")}


def test_how_many_returns_were_imputed_is_shown_as_in_the_published_table() -> None:
    """The number tells how good a total is, and no figure rests on it alone: the total’s own platforms guard it."""
    made = panel(
        "platform", {"what": ["1", "2"], "all": [7.0, 8.0], "platforms": [16, 17], "returns_imputed": [1, 0]}
    )
    assert not withheld(protect(made, 3))
    contract = all_contracts()["platform_transaction_public"]
    assert "returns_imputed" in contract.column_names and not is_closed(contract.name)


def test_parts_of_a_headline_over_closed_rows_are_not_for_viewers() -> None:
    cards = [
        {"code": table, "row": {"table_name": table}, "parts": [(same("a"), 0.9), (same("b"), 0.1)]}
        for table in ("pcaf_portfolio", "sector_account")
    ]

    def asked(sees_records: bool) -> dict[str, int]:
        context: Any = SimpleNamespace(
            person=SimpleNamespace(sees_records=sees_records),
            run="",
            workbench=SimpleNamespace(
                options=SimpleNamespace(least_units=3),
                made=lambda run, key, make: SimpleNamespace(
                    view=FinanceView(headlines=frozenset({"withheld"}))
                ),
            ),
            made=lambda key, make: frozenset(),
        )
        return {card["code"]: len(card["parts"]) for card in protected_cards(context, cards)}

    assert asked(True) == {"pcaf_portfolio": 2, "sector_account": 2}
    assert asked(False) == {"pcaf_portfolio": 0, "sector_account": 2}
