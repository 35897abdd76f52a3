"""One number of a page: named by page, table, row and column, checked against its rows, masked as the page is."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lvshu.core.units import convert
from lvshu.publish.display import exact
from lvshu.publish.texts import Text
from lvshu.web.number_trace import Condition, Divided, labelled
from lvshu.web.security.cells import is_closed

Guarded = Any


def asked(client: TestClient, at: str, table: str, row: int, column: str, **more: str) -> Any:
    """Return what is told of a number, as JSON."""
    query = {"at": at, "table": table, "row": row, "column": column, "lang": "en", **more}
    return client.get("/explain/number.json", params=query)


def traces(answer: Any) -> list[dict[str, Any]]:
    """Return the traces of an answer."""
    return list(answer.json()["facts"]["traces"])


def figures(client: TestClient, path: str) -> list[tuple[str, int, str, Any, str]]:
    """Return (panel, row, column, value, unit) of the first figures of each panel of a page; figures are texts."""
    found = []
    for panel in client.get(f"{'/home' if path == '/' else path}.json?lang=en").json()["panels"]:
        table = panel["table"]
        if table is None:
            continue
        units = {one["key"]: one["unit"] or "" for one in table["columns"] if one["kind"] == "number"}
        numbers = [
            (panel["id"], place, key, row[key], units[key])
            for place, row in enumerate(table["rows"])
            for key in row
            if key in units and row[key] is not None
        ]
        found += numbers[:3]
    return found


@pytest.mark.parametrize("path", ["/sectors", "/finance", "/statistics"])
def test_numbers_are_checked_against_the_rows_they_are_made_from(client: TestClient, path: str) -> None:
    checked = 0
    for panel, row, column, _, _ in figures(client, path):
        answer = asked(client, path, panel, row, column)
        if answer.status_code == 404:  # a column that is no figure
            continue
        assert answer.status_code == 200, (panel, column, answer.text)
        for one in traces(answer):
            if not one["column"]:
                continue
            checked += 1
            assert one["rows"] >= 1
            assert one["how"] == "ratio" or (one["how"] == "value") == (one["rows"] == 1)
    assert checked >= 5


@pytest.mark.parametrize(
    ("at", "table", "column", "made"),
    [
        ("/finance", "methods", "intensity", ("ratio", "emission", "exposure", "")),
        ("/finance", "quality", "energy_share", ("ratio", "emission", "emission", "calculation_method")),
        ("/finance?view=flows", "flow_matrix", "other_outstanding_end", ("sum", "outstanding_end", "", "")),
        (
            "/finance?view=flows",
            "flow_intensity",
            "stock_end_intensity",
            ("value", "stock_end_intensity", "", ""),
        ),
    ],
)
def test_ratios_and_flows_have_their_formula(
    client: TestClient, at: str, table: str, column: str, made: tuple[str, ...]
) -> None:
    answer = asked(client, at, table, 0, column)
    assert answer.status_code == 200, answer.text
    first = traces(answer)[0]
    assert tuple(first[name] for name in ("how", "column", "over", "without")) == made
    if made[0] != "ratio":
        return
    facts = answer.json()["facts"]
    where = first["where"]
    with client.app.state.workbench.shelf.reading(None) as reader:  # type: ignore[attr-defined]
        rest = " AND ".join(part for part in where.split(" AND ") if not made[3] or made[3] not in part)
        [[top]] = reader.book.engine.execute(f"SELECT sum({made[1]}) FROM {first['table']} WHERE {where}")
        [[whole]] = reader.book.engine.execute(f"SELECT sum({made[2]}) FROM {first['table']} WHERE {rest}")
    told = convert(Decimal(facts["value"]), facts["unit"], "tCO2e/CNY" if not made[3] else "1")
    assert float(told) == pytest.approx(float(top) / float(whole), rel=1e-9)
    page = client.get(
        "/explain/number", params={"at": at, "table": table, "row": 0, "column": column, "lang": "en"}
    ).text
    assert "÷" in page and "is no plain sum" not in page


def test_a_sum_that_is_told_is_the_number(client: TestClient) -> None:
    book: Any = None
    agreed = 0
    shelf = client.app.state.workbench.shelf  # type: ignore[attr-defined]
    for panel, row, column, value, unit in figures(client, "/sectors"):
        answer = asked(client, "/sectors", panel, row, column)
        if answer.status_code == 404:
            continue
        with shelf.reading(None) as reader:
            book = reader.book
            for one in traces(answer):
                if not one["column"] or one["how"] == "ratio":
                    continue
                where = f" WHERE {one['where']}" if one["where"] else ""
                total = book.engine.execute(f'SELECT sum("{one["column"]}") FROM "{one["table"]}"{where}')[0][
                    0
                ]
                own = reader_unit(one["table"], one["column"])
                if own.startswith("column:"):
                    continue
                told_value = convert(exact(total), own or "1", unit or "1")
                assert abs(told_value - Decimal(str(value))) <= Decimal("1e-9") * max(
                    abs(told_value), Decimal(1)
                )
                agreed += 1
    assert agreed >= 3


def reader_unit(table: str, column: str) -> str:
    """Return the unit that the contract states."""
    from lvshu.publish.texts import contract_of

    contract = contract_of(table)
    assert contract is not None
    return contract.column(column).unit


def test_a_row_that_moved_is_found_by_its_words(client: TestClient) -> None:
    panel, row, column, _, _ = figures(client, "/sectors")[0]
    page = client.get("/sectors.json?lang=en").json()
    table = next(one["table"] for one in page["panels"] if one["id"] == panel)
    first = table["columns"][0]["key"]
    words = table["rows"][row][first]
    words = words["en"] if isinstance(words, dict) else str(words)
    moved = asked(client, "/sectors", panel, row + 1, column, label=words).json()
    assert moved["facts"]["value"] == asked(client, "/sectors", panel, row, column).json()["facts"]["value"]
    assert asked(client, "/sectors", panel, row, column, label="no such row").status_code == 404


@pytest.mark.parametrize(
    ("at", "table", "column"),
    [
        ("/nowhere", "x", "y"),
        ("/explain/number", "x", "y"),
        ("/sectors", "no-such", "y"),
        ("/sectors?view=%zz", "a", "b"),
    ],
)
def test_what_is_not_there_is_told(client: TestClient, at: str, table: str, column: str) -> None:
    answer = asked(client, at, table, 0, column)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "web.no_such_number"


def test_a_viewer_learns_no_row_and_no_count_of_a_closed_table(guarded: Guarded) -> None:
    viewer = guarded("viewer")
    seen = withheld = 0
    for path in ("/finance", "/finance/ledger"):
        for panel in viewer.get(f"{path}.json?lang=en").json()["panels"]:
            for row, cells in enumerate(panel["table"]["rows"] if panel["table"] else []):
                for column in list(cells)[:4] if row < 4 else ():
                    answer = asked(viewer, path, panel["id"], row, column)
                    if answer.status_code != 200:
                        continue
                    seen += 1
                    assert not [one for one in traces(answer) if is_closed(one["table"])]
                    if answer.json()["facts"]["value"] is None:
                        withheld += 1
                        assert traces(answer) == []
                    for one in answer.json()["panels"]:
                        if one["id"].startswith("rows-") and is_closed(one["id"].split("-", 2)[2]):
                            assert one["table"] is None
    assert seen
    assert viewer.get(
        "/explain/number.json?at=/data/quarantine&table=rows&row=0&column=row_number"
    ).status_code in (403, 404)
    assert asked(viewer, "/reviews", "queue", 0, "balance").status_code == 403


SCENARIO = "/what-if?power=10&household=7"
"""Its values, 10 and 7, are codes of sectors, too."""


def test_a_number_of_a_scenario_names_its_levers_and_its_own_base_rows(client: TestClient) -> None:
    page = client.get("/what-if.json?power=10&household=7&lang=en").json()
    panel = next(one for one in page["panels"] if one["id"] == "by_sector")
    shelf = client.app.state.workbench.shelf  # type: ignore[attr-defined]
    with shelf.reading(None) as reader:
        codes = {row["name_en"]: row["sector_code"] for row in reader.rows("sector_account")}
    for place, row in enumerate(panel["table"]["rows"][:12]):
        name = row["sector"]["en"]
        for column in ("scenario", "difference", "output"):
            answer = asked(client, SCENARIO, "by_sector", place, column)
            own = next(one for one in traces(answer) if one["table"] == "sector_account")
            assert f"'{codes[name]}'" in own["where"] and own["rows"] == 1, (name, own)
    query = {"at": SCENARIO, "table": "by_sector", "row": 0, "column": "scenario", "lang": "en"}
    told = client.get("/explain/number", params=query).text
    assert "Households’ demand +7%" in told and "power’s CO₂ per output 10%" in told
    demand = next(
        one for one in traces(asked(client, SCENARIO, "answers", 2, "now")) if one["table"] == "io_cell"
    )
    assert "household_urban" in demand["where"] and "government" not in demand["where"]
    query = {"at": "/what-if?recovery=10", "table": "answers", "row": 2, "column": "now", "lang": "en"}
    assert "No lever acts on it" in client.get("/explain/number", params=query).text


def test_the_value_of_one_row_is_told_as_such(client: TestClient) -> None:
    """A figure whose unit stands in the row is compared as it is; of a sum that one row makes, that row is named."""
    headline = traces(asked(client, "/", "headlines", 0, "value"))
    assert [(one["table"], one["how"], one["column"]) for one in headline] == [("headline", "value", "value")]
    for row in (0, 1):
        for one in traces(asked(client, "/loop", "circularity", row, "value")):
            assert (one["how"], one["rows"]) == ("value", 1)
    shelf = client.app.state.workbench.shelf  # type: ignore[attr-defined]
    seen = 0
    for path in ("/finance", "/sectors", "/loop"):
        for panel, row, column, _, _ in figures(client, path):
            answer = asked(client, path, panel, row, column)
            for one in traces(answer) if answer.status_code == 200 else ():
                if one["how"] != "sum":
                    continue
                seen += 1
                with shelf.reading(None) as reader:
                    where = f'{one["where"] or "TRUE"} AND "{one["column"]}" <> 0'
                    found = reader.book.engine.execute(f'SELECT count(*) FROM "{one["table"]}" WHERE {where}')
                assert found[0][0] != 1, (path, panel, column, one)
    assert seen >= 3


def test_conditions_are_named_in_the_language_of_the_page(client: TestClient) -> None:
    said = 0
    for path in ("/sectors", "/loop", "/finance"):
        for panel, row, column, _, _ in figures(client, path):
            answer = asked(client, path, panel, row, column)
            if answer.status_code != 200:
                continue
            for one in answer.json()["panels"]:
                if one["id"] != "traces":
                    continue
                for line in one["table"]["rows"]:
                    told = line["rows_of"]["en"] if isinstance(line["rows_of"], dict) else line["rows_of"]
                    said += 1
                    assert not re.search("[\u4e00-\u9fff]", told), (path, panel, told)
                    assert "_" not in told.replace("tCO_2", ""), (path, panel, told)
    assert said >= 20
    sector = asked(client, "/sectors", "multipliers", 0, "total").json()
    told = next(one for one in sector["panels"] if one["id"] == "traces")["table"]["rows"][0]["rows_of"]["en"]
    assert re.fullmatch(r"Sector code = \d\d [A-Z][\w ,-]+", told), told


def test_a_code_in_brackets_names_the_row_and_scores_are_not_added_up(client: TestClient) -> None:
    page = client.get("/finance/ledger.json?lang=en").json()
    rows = next(one for one in page["panels"] if one["id"] == "ledger")["table"]["rows"]
    for place, row in enumerate(rows[:8]):
        label = next(one for one in row.values() if isinstance(one, (dict, str)))
        code = re.search(r"\(([A-Z0-9]+)\)$", label["en"] if isinstance(label, dict) else label)
        if code is None:
            continue
        for column in ("borrowers", "loans"):
            for one in traces(asked(client, "/finance/ledger", "ledger", place, column)):
                assert "score" not in one["column"]
                assert code[1] in (one["where"] or code[1]), one


def test_labels_set_conditions_only_where_one_value_bears_them() -> None:
    parts = Divided(
        {"kind": {"a": Text("甲", "A"), "b": Text("乙", "B")}, "twice": {"1": Text("甲", "x"), "2": Text("甲", "y")}},
        ("loan_id",), 4,
    )  # fmt: skip
    assert labelled(parts, {"kind": Text("甲", "A")}) == [Condition("kind", "a")]
    assert labelled(parts, {"other": "B"}) == [Condition("kind", "b")]
    assert labelled(parts, {"twice": Text("甲", "甲")}) == [Condition("kind", "a")]
    assert labelled(parts, {"loan_id": "L'1"})[0].sql() == "CAST(\"loan_id\" AS VARCHAR) = 'L''1'"
    assert labelled(parts, {"kind": Text("某行 (b)", "Some bank (b)")}) == [Condition("kind", "b")]
    assert labelled(parts, {"kind": "nothing"}, asked=["b"]) == [Condition("kind", "b")]


def test_a_figure_that_is_equal_by_chance_is_no_explanation(client: TestClient) -> None:
    """Another year, method or column may hold the same figure: the shown column and the page's method bind."""

    def traces(at: str, table: str, row: int, column: str) -> list[dict[str, Any]]:
        answer = client.get(
            "/explain/number.json", params={"at": at, "table": table, "row": row, "column": column}
        )
        assert answer.status_code == 200, answer.text
        return list(answer.json()["facts"]["traces"])

    told = [one for one in traces("/finance/ledger", "ledger", 0, "balance") if one["column"]]
    assert {(one["table"], one["column"]) for one in told} == {("loan_scope", "outstanding_amount")}
    assert all("'bank_2026'" in one["where"] for one in told), (
        "the page's method, though its address names none"
    )
    bonds = [one for one in traces("/finance?view=rest", "green_bond", 0, "used_in_year") if one["column"]]
    assert {one["column"] for one in bonds} == {"used_in_year"}
    for row in range(4):
        columns = {one["column"] for one in traces("/finance?view=rest", "pcaf", row, "high")}
        assert columns <= {"", "high"}, "a bound is no emission"
