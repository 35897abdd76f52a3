"""From a figure down to its records; and what changed between two runs, and why."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.core.errors import EngineError, InputError
from lvshu.core.origin import sha256_of_file
from lvshu.engine.query import Query
from lvshu.engine.step import Step, StepContext
from lvshu.pipeline.check import check
from lvshu.pipeline.compare import Causes, compare
from lvshu.pipeline.explain import explain
from lvshu.pipeline.lineage import Lineage
from lvshu.pipeline.plan import in_order
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.store.workspace import Workspace
from tests.pipeline import toy


def test_explain_a_headline(city: Workspace) -> None:
    run(city, RunRequest(steps=toy.STEPS))
    with city.book() as book:
        found = explain(book, "toy_total")
    assert found.kind == "headline"
    assert found.method is not None
    assert found.method["id"] == "toy.total"
    assert [one["table"] for one in found.tables] == ["toy_sector", "toy_firm"]
    assert [one["rows"] for one in found.tables] == [3, 30]
    assert "SUM" in found.tables[0]["sql"].upper()
    assert [one["sha256"] for one in found.inputs] == [sha256_of_file(city.inputs / "toy_firm.csv")]
    assert [one["pack"] for one in found.packs] == ["shanghai_ets_factors"]
    assert found.uncertainty[0]["indicator"] == "toy_total"
    assert [(one.table, one.rows_in_all, len(one.rows)) for one in found.records] == [
        ("toy_sector", 3, 3),
        ("toy_firm", 30, 5),
    ]
    largest = [row["emission"] for row in found.records[0].rows]
    assert largest == sorted(largest, reverse=True)
    assert [one.largest_by for one in found.records] == ["emission", "energy"]
    of_input = [row["energy"] for row in found.records[1].rows]
    assert of_input == sorted(of_input, reverse=True), "the records behind a figure are told as the largest"
    assert found.as_json()["records"][0]["columns"][1]["unit"] == "tCO2"


def test_explain_what_is_missing(city: Workspace) -> None:
    run(city, RunRequest(steps=toy.STEPS))
    with city.book() as book:
        found = explain(book, "toy_missing")
    assert found.definition["status"] == "not_covered"
    assert found.tables[0]["status"] == "skipped"
    assert found.inputs == []


def test_explain_a_cell_and_a_record(city: Workspace) -> None:
    run(city, RunRequest(steps=toy.STEPS))
    with city.book() as book:
        cell = explain(book, "toy_sector.emission", where="sector = 'S1'")
        assert cell.definition["total"] == sum(
            Decimal(n) + Decimal("0.25") for n in range(1, 31) if n % 3 == 1
        )
        assert cell.definition["rows"] == 1
        record = explain(book, "L7")
        assert [(one.table, one.rows_in_all) for one in record.records] == [
            ("toy_loan", 1),
            ("toy_financed", 1),
        ]
        with pytest.raises(InputError) as caught:
            explain(book, "toy_totl")
        assert "toy_total" in caught.value.problems[0].fix("zh")
        with pytest.raises(InputError) as caught:
            explain(book, "toy_sector", where="no_such = 1")
        assert caught.value.code == "pipeline.bad_condition"


def test_compare_tells_what_and_why(city: Workspace) -> None:
    first = run(city, RunRequest(steps=toy.STEPS))
    text = (
        toy.FILES["toy_firm.csv"].replace("F3,S0,3.25", "F3,S0,4.25").replace("F30,S0,30.25\n", "F31,S0,1\n")
    )
    (city.inputs / "toy_firm.csv").write_text(text, encoding="utf-8")
    second = run(city, RunRequest(steps=toy.STEPS))
    with city.book(first.run_id) as old, city.book(second.run_id) as new:
        found = compare(old, new)
        same = compare(new, new)
    assert same.same
    assert not found.same
    assert [(one["table"], one["file"], one["change"]) for one in found.inputs] == [
        ("toy_firm", "toy_firm.csv", "changed")
    ]
    assert (found.settings, found.packs, found.code, found.about) == ([], [], [], [])
    records = found.records[0]
    assert (records["added"], records["removed"], records["changed"]) == (1, 1, 1)
    assert records["sample"] == [
        {"key": {"firm_id": "F3"}, "column": "energy", "old": Decimal("3.25"), "new": Decimal("4.25")}
    ]
    assert [one["key"] for one in records["added_sample"]] == [{"firm_id": "F31"}]
    assert records["added_sample"][0]["values"]["energy"] == Decimal("1")
    assert [one["key"] for one in records["removed_sample"]] == [{"firm_id": "F30"}]
    assert records["removed_sample"][0]["values"]["energy"] == Decimal("30.25")
    rows = {row["code"]: row for row in found.headlines}
    assert rows["toy_total"]["difference"] == Decimal("1") - Decimal("30.25") + 1
    assert rows["toy_total"]["causes"] == [{"kind": "input", "name": "toy_firm: toy_firm.csv"}]
    assert rows["toy_missing"]["changed"] is False


def test_compare_tells_code_and_settings_apart(city: Workspace) -> None:
    first = run(city, RunRequest(steps=toy.STEPS))
    doubled = Query("toy_sector", toy.SECTOR.source.replace("sum(energy)", "sum(energy * 2)"))
    steps = [Step("toy.sector", ("toy_sector",), doubled, reads=("toy_firm",), method="toy.total")]
    steps += [step for step in toy.STEPS if step.name != "toy.sector"]
    second = run(city, RunRequest(steps=steps))
    path = city.folder / "lvshu.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("20210913", "7"), encoding="utf-8")
    third = run(Workspace.open(city.folder), RunRequest(steps=steps))
    with city.book(first.run_id) as one, city.book(second.run_id) as two, city.book(third.run_id) as three:
        by_code, by_setting = compare(one, two), compare(two, three)
    assert by_code.code == ["toy.sector"]
    assert {"kind": "code", "name": "toy.sector"} in by_code.headlines[0]["causes"]
    assert [(row["key"], row["old"], row["new"]) for row in by_setting.settings] == [("seed", 20210913, 7)]
    assert by_setting.code == []
    with city.book(third.run_id) as three:
        lineage = Lineage(three)
        causes = Causes(lineage, by_setting.settings, [], [], [], [])
        assert causes.behind("toy_draw") == [{"kind": "setting", "name": "seed"}]
        assert causes.behind("toy_sector") == [], "a setting that no step on the way reads is no cause"
        assert (lineage.steps["toy.sector"].status, lineage.steps["toy.sector"].settings) == (
            "taken_over",
            set(),
        )
        assert lineage.steps["toy.draw"].settings == {"replicates", "seed"}


def test_check_lists_everything_and_writes_nothing(city: Workspace) -> None:
    (city.inputs / "toy_loan.csv").write_text(
        "loan_id,firm_id,amount\nL1,F1,1\nL1,F1,2\nL2,,3\n", encoding="utf-8"
    )
    (city.inputs / "unknown.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (city.inputs / "empty.csv").write_bytes(b"")
    report = check(city)
    assert not report.ok
    assert {problem.where.file for problem in report.problems} >= {"unknown.csv", "empty.csv"}
    assert report.rows_quarantined == len({row["row_number"] for row in report.quarantine}) > 0
    assert {one["table"] for one in report.tables} == {"toy_firm", "toy_loan"}
    assert city.runs.ids() == ()
    assert list(city.rejects.iterdir()) == []


def test_check_counts_rows_that_corrections_replace_as_set_aside(city: Workspace) -> None:
    """Copies of another row need no correction: they are no error, and not listed with what waits for one."""
    path = city.inputs / "toy_loan.csv"
    path.write_text("loan_id,firm_id,amount\nL1,F1,1\nL1,F1,1\n", encoding="utf-8")
    report = check(city)
    [table] = [one for one in report.tables if one["table"] == "toy_loan"]
    assert [table[f"rows_{name}"] for name in ("read", "kept", "quarantined", "set_aside")] == [2, 1, 0, 1]
    assert (report.rows_quarantined, report.rows_set_aside, report.quarantine) == (0, 1, [])
    assert report.ok
    path.write_text("loan_id,firm_id,amount\nL1,F1,1\nL1,F1,1\nL2,,3\n", encoding="utf-8")
    report = check(city)
    assert (report.rows_quarantined, report.rows_set_aside) == (1, 1)
    assert {row["row_number"] for row in report.quarantine} == {4} and not report.ok


def test_check_of_a_clean_workspace(city: Workspace) -> None:
    report = check(city)
    assert report.rows_quarantined == 0
    assert [row for row in report.findings if row["severity"] == "error"] == []


def nothing(context: StepContext) -> None:
    """Do nothing."""


def test_plans_that_cannot_run() -> None:
    circle = (
        Step("a", ("toy_sector",), nothing, reads=("toy_draw",)),
        Step("b", ("toy_draw",), nothing, reads=("toy_sector",)),
    )
    with pytest.raises(EngineError) as caught:
        in_order(circle)
    assert caught.value.code == "pipeline.cycle"
    wrong = (
        Step("a", ("toy_sector",), nothing, reads=("toy_frm",)),
        Step("a", ("toy_sector", "toy_unheard"), nothing),
    )
    with pytest.raises(EngineError) as caught:
        in_order(wrong)
    assert caught.value.code == "pipeline.made_twice"
    with pytest.raises(EngineError) as caught:
        in_order((wrong[0], Step("a", ("toy_unheard",), nothing)))
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"pipeline.step_twice", "pipeline.unknown_table", "pipeline.no_contract"}


def test_order_is_derived_and_stable(tmp_path: Path) -> None:
    assert [step.name for step in in_order(toy.STEPS)] == [
        "toy.sector",
        "toy.financed",
        "toy.draw",
        "toy.nothing",
    ]
