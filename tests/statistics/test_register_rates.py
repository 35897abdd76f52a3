"""The register's review files as they come back, and error rates of a register that is carried on."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest
import xlsxwriter

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.register.rates import execute
from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.statistics.register.returned import read_answers
from lvshu.statistics.register.steps import REGISTER_STEPS
from lvshu.statistics.register.whole import Counts, rates_of_all
from lvshu.store.workspace import Workspace
from tests.statistics.book import fill

CELL = ("kind", "source", "stratum", "linked", "pairs", "judged", "same")


def _quality(engine: DuckDB, given: dict[str, list[dict[str, Any]]]) -> None:
    """Run the step of link quality on the tables given."""
    step = next(one for one in REGISTER_STEPS if one.name == "statistics.link_quality")
    for table in {*step.reads, *step.reads_if_there, "finding"}:
        fill(engine, table, given.get(table, []))
    for table in step.makes:
        engine.create(load(table), replace=True)
    settings = Settings(area="410300", area_zh="洛阳市", area_en="Luoyang", year=2023)
    step.action(StepContext(step=step, settings=settings, packs=PackLibrary.load(None), engine=engine))  # type: ignore[operator]


def test_a_rate_names_the_pairs_it_is_of(engine: DuckDB) -> None:
    """Doubles within the register are all right, its links with another source often wrong: neither passes for both."""
    ends = {"register": ("register", "register"), "tax": ("register", "tax")}
    pairs = [
        {"kind": "enterprise", "source": source, "left_key": f"{one}|{n:03}", "right_key": f"{two}|{n + 500}",
         "probability": 0.97, "weight": 12.0, "linked": True, "decided_by": "probability", "in_review": False,
         "stratum": "linked 0.9-0.99", "grounds": "x"}
        for source, (one, two) in ends.items() for n in range(100)
    ]  # fmt: skip
    pairs += [
        {**pairs[n], "source": "tax", "left_key": f"tax|{n:03}", "right_key": f"tax|{n + 700}"}
        for n in range(30)
    ]
    said = [
        {"kind": "enterprise", "left_key": one["left_key"], "right_key": one["right_key"],
         "decision": "apart" if one["left_key"][:3] != one["right_key"][:3] and not int(one["left_key"][-3:]) % 3
         else "same",
         "reviewer": "x", "reviewed_on": date(2024, 1, 1), "draw": "pair", "note": None}
        for one in pairs
    ]  # fmt: skip
    members = [
        {"kind": "enterprise", "record_key": key, "source": key.partition("|")[0], "automatic_group": n,
         "unit_id": f"E{n}", "linked_by": "probability", "valid_from": date(2023, 1, 1)}
        for n, key in enumerate(sorted({one[end] for one in pairs for end in ("left_key", "right_key")}))
    ]  # fmt: skip
    _quality(engine, {"link_pair": pairs, "link_review": said, "register_member": members})
    rows = engine.read("link_quality", where="measure = 'precision' AND basis = 'clerical'").to_pylist()
    found = {(row["source"], row["scope"]): row["value"] for row in rows}
    right = sum(n % 3 > 0 for n in range(100))
    assert found == pytest.approx({
        ("register", "within"): 1.0, ("tax", "within"): 1.0, ("tax", "between"): right / 100,
        ("tax", "all"): (right + 30) / 130, ("total", "all"): (right + 130) / 230, ("total", "within"): 1.0,
        ("total", "between"): right / 100,
    })  # fmt: skip
    told = engine.read("finding", where="code = 'statistics.register_rates_within'").to_pylist()
    assert len(told) == 1
    assert "来源 register 的误差率只说它自身的重复记录（100 对，其中链接 100 对）" in told[0]["what_zh"]


def test_rates_of_links_carried_on_come_along(engine: DuckDB) -> None:
    """Earlier counts and those of now make the rates of the whole register, and stand in the counts of the new book."""
    pairs = [
        {"kind": "person", "source": "platform", "left_key": f"a|{n}", "right_key": f"b|{n}", "probability": 0.97,
         "weight": 12.0, "linked": True, "decided_by": "probability", "in_review": False,
         "stratum": "linked 0.9-0.99", "grounds": "x"}
        for n in range(40)
    ]  # fmt: skip
    said = [
        {"kind": "person", "left_key": f"a|{n}", "right_key": f"b|{n}", "decision": "apart" if n == 0 else "same",
         "reviewer": "x", "reviewed_on": date(2024, 1, 1), "draw": "pair", "note": None}
        for n in range(20)
    ]  # fmt: skip
    members = [
        {"kind": "person", "record_key": f"{side}|{n}", "source": side, "automatic_group": n, "unit_id": f"P{n}",
         "linked_by": "probability", "valid_from": date(2023, 1, 1)}
        for side in "ab" for n in range(40)
    ]  # fmt: skip
    old = [
        {"kind": "person", "record_key": f"a|{n}", "unit_id": f"P{n}", "valid_from": date(2023, 1, 1)}
        for n in range(40)
    ]
    cells = [
        dict(zip(CELL, ("person", "tax", "linked >=0.99", True, 160, 40, 36), strict=True)),
        dict(zip(CELL, ("person", "tax", "not linked 0.05-0.5", False, 20, 10, 2), strict=True)),
        dict(zip(CELL, ("person", "total", "record", False, 400, 40, 1), strict=True)),
        dict(zip(CELL, ("person", "tax", "earlier: linked >=0.99", True, 40, 10, 9), strict=True)),
    ]

    def told(carried: bool) -> dict[tuple[str, str], dict[str, Any]]:
        given = {"link_pair": pairs, "link_review": said, "register_member": members,
                 "register_member_previous": old, "link_error_cell_previous": cells if carried else []}  # fmt: skip
        _quality(engine, given)
        rows = engine.read("link_quality", where="source = 'total'").to_pylist()
        return {(row["basis"], row["measure"]): row for row in rows}

    alone, whole = told(False), told(True)
    assert ("whole", "precision") not in alone
    assert alone["clerical", "precision"]["value"] == pytest.approx(0.95)
    assert whole["clerical", "precision"]["value"] == pytest.approx(0.95)
    linked_true = 40 * 0.95 + 160 * 36 / 40 + 40 * 9 / 10
    assert whole["whole", "precision"]["value"] == pytest.approx(linked_true / 240)
    assert whole["whole", "precision"]["judged"] == 20 + 40 + 10
    missed = 20 * 2 / 10 + 400 * (1 / 40) / 2
    assert whole["whole", "recall"]["value"] == pytest.approx(linked_true / (linked_true + missed), abs=0.01)
    assert whole["whole", "recall"]["standard_error"] > 0
    kept = {(row["source"], row["stratum"]): row for row in engine.read("link_error_cell").to_pylist()}
    assert kept["tax", "earlier: linked >=0.99"]["pairs"] == 200
    assert kept["tax", "earlier: linked >=0.99"]["same"] == 45
    assert kept["total", "earlier: record"]["judged"] == 40
    assert kept["platform", "linked 0.9-0.99"]["judged"] == 20


def test_a_delivery_that_nobody_judged_keeps_the_rates_of_the_whole_register_back(engine: DuckDB) -> None:
    """It stands in the counts with none judged, is carried on apart from judged ones, and is told with its pairs."""

    def delivered(
        name: str, answered: int, cells: list[dict[str, Any]], on: date | None = None
    ) -> tuple[list[dict[str, Any]], set[str]]:
        key = ("kind", "source", "left_key", "right_key")
        pairs = [
            {**dict(zip(key, ("person", name, f"{name}|{n}", f"z|{n}"), strict=True)), "probability": 0.97,
             "weight": 12.0, "linked": True, "decided_by": "probability", "in_review": False,
             "stratum": "linked 0.9-0.99", "grounds": "x"}
            for n in range(40)
        ]  # fmt: skip
        said = [
            {**{one: pair[one] for one in ("kind", "left_key", "right_key")}, "decision": "same", "reviewer": "x",
             "reviewed_on": date(2024, 1, 1), "draw": "pair", "note": None}
            for pair in pairs[:answered]
        ]  # fmt: skip
        members = [
            {"kind": "person", "record_key": f"{side}|{n}", "source": side, "automatic_group": n, "unit_id": f"P{n}",
             "linked_by": "probability", "valid_from": date(2023, 1, 1)}
            for side in (name, "z") for n in range(40)
        ]  # fmt: skip
        old = [{"kind": "person", "record_key": f"z|{n}", "unit_id": f"P{n}", "valid_from": date(2023, 1, 1)}
               for n in range(40)]  # fmt: skip
        extract = [{"source": one, "record_id": "1", "delivered_on": day, "id_hash": None, "phone_hash": None}
                   for one, day in ((name, on), (name, date(2022, 1, 1)), ("z", date(2022, 5, 1))) if on]  # fmt: skip
        _quality(engine, {"link_pair": pairs, "link_review": said, "register_member": members,
                          "register_member_previous": old, "link_error_cell_previous": cells,
                          "person_extract": extract})  # fmt: skip
        bases = {row["basis"] for row in engine.read("link_quality").to_pylist()}
        return engine.read("link_error_cell").to_pylist(), bases

    judged = [dict(zip(CELL, ("person", "tax", "linked >=0.99", True, 160, 40, 40), strict=True)),
              dict(zip(CELL, ("person", "total", "record", False, 400, 40, 0), strict=True))]  # fmt: skip
    second, bases = delivered("social", 0, judged)
    assert bases == {"model"}
    [told] = engine.read("finding", where="code LIKE '%whole_withheld%'").to_pylist()
    assert told["code"].endswith("_now") and told["amount"] == 40
    assert "40 pairs of persons compared anew (by source: social 40)" in told["what_en"]
    assert [row["judged"] for row in second if row["stratum"] == "linked 0.9-0.99"] == [0]
    third, bases = delivered("platform", 20, second)
    assert bases == {"model", "clerical"}
    [told] = engine.read("finding", where="code LIKE '%whole_withheld%'").to_pylist()
    assert told["code"].endswith("_earlier") and "social 40" in told["what_en"] and "40 对" in told["what_zh"]
    fourth, bases = delivered("market", 20, third)
    assert bases == {"model", "clerical"}
    assert {row["stratum"]: row["pairs"] for row in fourth if row["source"] == "social"} == {
        "earlier, delivery not judged: linked 0.9-0.99": 40
    }
    _, bases = delivered("market", 20, judged)
    assert bases == {"model", "clerical", "whole"}
    [whole] = engine.read("link_quality", where="basis = 'whole' AND measure = 'recall'").to_pylist()
    assert (
        whole["blocking_covered"] is False
    )  # of this delivery no record drawn apart from blocking was judged

    # each delivery that nobody judged stands by itself, with its day, so that people find the book that compared it
    second, _ = delivered("social", 0, judged, date(2023, 6, 30))
    third, _ = delivered("social", 0, second, date(2023, 12, 31))
    fourth, _ = delivered("market", 20, third, date(2024, 3, 31))
    assert {(row["source"], row["delivered_on"]): row["pairs"] for row in fourth if row["source"] == "social"} == {
        ("social", date(2023, 6, 30)): 40, ("social", date(2023, 12, 31)): 40,
    }  # fmt: skip
    [told] = engine.read("finding", where="code LIKE '%whole_withheld%'").to_pylist()
    assert "social (2023-06-30) 40" in told["what_en"] and "social (2023-12-31) 40" in told["what_en"]


def test_days_of_deliveries_leave_the_rates_as_they_are() -> None:
    now = [Counts("b", "linked 0.9-0.99", True, 40, 20, 19)]
    several = [
        Counts("tax", "earlier: linked >=0.99", True, 160, 40, 36, date(2023, 6, 30)),
        Counts("tax", "earlier: linked >=0.99", True, 40, 10, 9, date(2023, 12, 31)),
        Counts("total", "earlier: record", False, 300, 30, 1, date(2023, 6, 30)),
        Counts("total", "earlier: record", False, 100, 10, 0, date(2023, 12, 31)),
    ]
    one = [
        Counts("tax", "earlier: linked >=0.99", True, 200, 50, 45),
        Counts("total", "earlier: record", False, 400, 40, 1),
    ]
    found = [rates_of_all(now, rows, {}, 1.0, np.random.default_rng(3)) for rows in (several, one)]
    assert found[0] is not None and found[0] == found[1]


class _Book:
    """Stands for a book with counts of links and rates of the model alone."""

    def __init__(self, cells: list[dict[str, Any]]) -> None:
        self.tables = {"link_error_cell": cells, "link_quality": [
            {"kind": "person", "source": "total", "scope": "all", "measure": "precision", "basis": "model",
             "value": 0.73, "standard_error": None, "low": None, "high": None, "judged": 0, "blocking_covered": False}
        ]}  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def has(self, table: str) -> bool:
        return table in self.tables

    def rows(self, table: str, **_: object) -> list[dict[str, Any]]:
        return self.tables[table]


@pytest.mark.parametrize("carried", [True, False])
def test_rates_say_that_earlier_samples_were_judged(
    carried: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a later delivery the screen does not say that there is no sample, but of what nobody judged any."""
    cells = [dict(zip(CELL, ("person", "social", "linked >=0.99", True, 455, 0, 0), strict=True))]
    if carried:
        cells.append(
            dict(zip(CELL, ("person", "tax", "earlier: linked >=0.99", True, 160, 40, 40), strict=True))
        )
    monkeypatch.setattr(Workspace, "open", lambda _: SimpleNamespace(book=lambda: _Book(cells)))
    assert execute(language="en", as_json=False, kind="", workspace=Path()) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert ("No clerical sample" in said) is not carried
    assert (
        "of 455 pairs compared anew (by source: social 455) nobody judged a link; 40 of" in said
    ) is carried


HEADS = ["我的备注", "Right record (leave as it is)", "左记录（勿改）", "Reviewer", "复核日期",
         "意见：same / apart / unsure", "Kind of unit (leave as it is)"]  # fmt: skip
BACK: list[list[Any]] = [
    ["x", "tax|001", "register|914103000000000001", "甲", datetime(2024, 1, 15), "同一单位", "enterprise"],
    ["x", "tax|002", "register|914103000000000002", "甲", datetime(2024, 1, 16), "Apart", "企业"],
    ["x", "tax|003", "register|914103000000000003", "", "", "", "enterprise"],
    ["x", "tax|004", "register|914103000000000004", "甲", "2024/1/17", "不同", ""],
    ["x", "tax|005", "register|914103000000000005", "甲", "2024年1月18日", "不确定", "Enterprise"],
]


@pytest.mark.parametrize("form", ["xlsx", "utf-16 \t", "gb18030 ,", "utf-8-sig ;"])
def test_a_review_file_comes_back_however_it_was_saved(tmp_path: Path, form: str) -> None:
    """Columns in another order and with headings of either language, a column more, rows left open, both languages."""
    path = tmp_path / ("back.xlsx" if form == "xlsx" else "back.csv")
    if form == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy/m/d"})
            for number, row in enumerate([HEADS, *BACK]):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, column, cell, day)
                    else:
                        sheet.write_string(number, column, cell)
    else:
        encoding, delimiter = form.split(" ")
        with path.open("w", encoding=encoding, newline="") as handle:
            csv.writer(handle, delimiter=delimiter).writerows(
                [
                    HEADS,
                    *(
                        [f"{c.year}/{c.month}/{c.day}" if isinstance(c, datetime) else c for c in row]
                        for row in BACK
                    ),
                ]
            )
    known = {("enterprise", key) for row in BACK for key in row[1:3]}
    problems: list[Problem] = []
    found = read_answers(path, known, set(), today=date(2026, 1, 1), problems=problems)
    assert problems == []
    assert [(row["right_key"], row["decision"], row["reviewed_on"], row["kind"]) for row in found] == [
        ("tax|001", "same", "2024-01-15", "enterprise"), ("tax|002", "apart", "2024-01-16", "enterprise"),
        ("tax|004", "apart", "2024-01-17", "enterprise"), ("tax|005", "unsure", "2024-01-18", "enterprise"),
    ]  # fmt: skip
    assert read_answers(path, set(), set(), today=date(2026, 1, 1), problems=problems)
    assert {problem.code for problem in problems} == {"statistics.review_unknown_pair"}
