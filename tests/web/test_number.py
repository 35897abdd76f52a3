"""One number of a page: named by page, table, row and column, checked against its rows, masked as the page is."""

from __future__ import annotations

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
            assert (one["how"] == "value") == (one["rows"] == 1)
    assert checked >= 5


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
                if not one["column"]:
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


def test_labels_set_conditions_only_where_one_value_bears_them() -> None:
    parts = Divided(
        {"kind": {"a": Text("甲", "A"), "b": Text("乙", "B")}, "twice": {"1": Text("甲", "x"), "2": Text("甲", "y")}},
        ("loan_id",), 4,
    )  # fmt: skip
    assert labelled(parts, {"kind": Text("甲", "A")}) == [Condition("kind", "a")]
    assert labelled(parts, {"other": "B"}) == [Condition("kind", "b")]
    assert labelled(parts, {"twice": Text("甲", "甲")}) == [Condition("kind", "a")]
    assert labelled(parts, {"loan_id": "L'1"})[0].sql() == "CAST(\"loan_id\" AS VARCHAR) = 'L''1'"
    assert labelled(parts, {"kind": "nothing"}, asked=["b"]) == [Condition("kind", "b")]
