"""The returns of platforms: out as a workbook, back through the rules, into the workspace with their trail."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.main import main
from lvshu.contract import all_contracts
from lvshu.core.errors import InputError, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.run import load_inputs
from lvshu.intake.workbook import read_grid, visible_sheets
from lvshu.statistics.forms.check import LETTERS, _unknown, check_forms, valid_uscc
from lvshu.statistics.forms.ledger import (
    CHANGES,
    EVENTS,
    RETURNS,
    filed,
    move,
    refuse_rivals,
    take_forms,
    trail_of,
    untrue,
)
from lvshu.statistics.forms.write import write_forms
from lvshu.store.workspace import Workspace
from tests.statistics.book import rows_of, run

LIBRARY = PackLibrary.load()
PLATFORM = "91310000MA1FL00030"
GOOD = {
    "U201|transactions|total|total|total": 1000.0,
    "U201|transactions|310000|total|total": 600.5,
    "U201|transactions|320000|total|total": 399.5,
    "U201|transactions|total|goods|total": 700.0,
    "U201|transactions|total|services|total": 300.0,
    "U201|transactions|total|total|own": 100.0,
    "U201|transactions|total|total|third_party": 900.0,
    "U202|ride_hailing|total|total|total": 200.0,
    "U202|vehicle_rental|total|total|total": 50.0,
    "U203|transactions|total|total|total": 10.0,
    "U207|operating_revenue|total|total|total": 80.0,
}


def _filled(
    path: Path, amounts: dict[str, object], rename: dict[str, str] | None = None, **identity: str
) -> Path:
    """Fill a template in as a person would: its cells as they stand, with what they wrote in column D."""
    blank = path.with_name(f"blank-{path.name}")
    write_forms(blank, LIBRARY)
    stated = {
        "platform_uscc": PLATFORM,
        "platform_name": "样平台",
        "month": "2023-02",
        "filled_by": "李某",
        **identity,
    }
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        for name in visible_sheets(blank):
            sheet = book.add_worksheet((rename or {}).get(name, name))
            for number, row in enumerate(read_grid(blank, name).rows):
                cells = list(row)
                cells += [None] * (6 - len(cells))
                code = str(cells[0])
                if code in stated or code in amounts:
                    cells[3] = stated.get(code, amounts.get(code))
                for column, cell in enumerate(cells):
                    if isinstance(cell, (int, float)):
                        sheet.write_number(number, column, cell)
                    elif cell is not None:
                        sheet.write_string(number, column, str(cell))
    return path


def _cells(path: Path, sheet: str) -> dict[str, list[object]]:
    return {str(row[0]): list(row) for row in read_grid(path, sheet).rows if row and row[0] is not None}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "city", area="310000", year=2023)


def _codes(path: Path, **more: object) -> list[str]:
    return [problem.code.removeprefix("forms.") for problem in check_forms(path, LIBRARY, **more).problems]


def test_a_good_form_passes_every_rule(tmp_path: Path) -> None:
    found = check_forms(_filled(tmp_path / "a.xlsx", GOOD), LIBRARY)
    assert found.problems == ()
    assert found.returned.amounts == GOOD
    # three sums, and U202 and U203 against U201
    assert found.rules == 5
    assert found.returned.sheets == ["U201", "U202", "U203", "U204", "U206", "U207", "U208", "U209", "U210"]


@pytest.mark.parametrize("form", ["U202", "U203", "U204", "U206", "U208", "U209", "U210"])
def test_each_of_the_seven_rules_between_forms(tmp_path: Path, form: str) -> None:
    item = "ride_hailing" if form == "U202" else "transactions"
    amounts = {**GOOD, f"{form}|{item}|total|total|total": 1000.01}
    [problem] = check_forms(_filled(tmp_path / "a.xlsx", amounts), LIBRARY).problems
    assert problem.code == "forms.rule_broken"
    assert problem.where.sheet == form
    assert form in problem.what("zh")
    assert "1,000.00" in problem.what("en")
    assert "U201" in problem.why("en")


@pytest.mark.parametrize("cell", ["310000|total|total", "total|goods|total", "total|total|own"])
def test_each_of_the_three_sums(tmp_path: Path, cell: str) -> None:
    code = f"U201|transactions|{cell}"
    [problem] = check_forms(_filled(tmp_path / "a.xlsx", {**GOOD, code: GOOD[code] + 40}), LIBRARY).problems
    assert "40.00" in problem.what("zh")
    cents = check_forms(_filled(tmp_path / "b.xlsx", {**GOOD, code: GOOD[code] + 0.01}), LIBRARY)
    assert cents.problems == ()


def test_everything_wrong_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    amounts = {
        **GOOD, "U201|transactions|310000|total|total": "=1+1", "U201|transactions|total|goods|total": -5,
        "U203|transactions|total|total|total": "'; DROP TABLE x; --", "U207|operating_revenue|total|total|total": None,
    }  # fmt: skip
    identity = {"platform_uscc": "91310000MA1FL00033", "month": "二月", "filled_by": ""}
    path = _filled(tmp_path / "a.xlsx", amounts, {"U204": "U205"}, **identity)
    found = check_forms(path, LIBRARY)
    codes = [problem.code.removeprefix("forms.") for problem in found.problems]
    assert codes.count("no_number") == 2
    assert "no_number" in codes and "negative" in codes and "unknown_form" in codes
    assert {"uscc", "month", "mandatory", "nobody", "rule_broken"} <= set(codes)
    places = [problem.where for problem in found.problems if problem.code == "forms.no_number"]
    assert [(place.sheet, place.column) for place in places] == [("U201", "D"), ("U203", "D")]
    assert all(problem.text(language) for problem in found.problems for language in ("zh", "en"))
    other = tmp_path / "other.xlsx"
    with xlsxwriter.Workbook(str(other)) as empty:
        empty.add_worksheet("x")
    assert "no_cover" in _codes(other)
    with pytest.raises(InputError):
        check_forms(tmp_path / "none.xlsx", LIBRARY)


def test_months_as_people_write_them(tmp_path: Path) -> None:
    for number, text in enumerate(("2023-02", "2023年2月", "2023.2", "2023/02")):
        found = check_forms(_filled(tmp_path / f"{number}.xlsx", GOOD, month=text), LIBRARY)
        assert found.returned.identity["month"] == "2023-02", text
    assert _codes(_filled(tmp_path / "j.xlsx", GOOD, month="2023-01")) == ["january"]


def test_credit_codes() -> None:
    assert valid_uscc(PLATFORM)
    assert not valid_uscc("91310000MA1FL00032")
    assert not valid_uscc(PLATFORM[:17])
    letters = "91A10000MA1FL0003"
    assert not any(valid_uscc(letters + check) for check in LETTERS)
    assert not valid_uscc("91310000MA1FL0003I")


def test_slips_of_unit_are_told_against_earlier_months(tmp_path: Path) -> None:
    earlier = {
        (PLATFORM, f"2022-{n:02d}"): {"U201|transactions|total|total|total": 1.0e7} for n in range(2, 8)
    }
    assert _codes(_filled(tmp_path / "a.xlsx", GOOD), earlier=earlier) == ["unit_slip"]
    far = {record: {cell: value * 1e6 for cell, value in cells.items()} for record, cells in earlier.items()}
    assert _codes(_filled(tmp_path / "b.xlsx", GOOD), earlier=far) == ["far_off"]


def test_forms_are_taken_with_their_trail_and_prefill_the_next_month(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = _filled(tmp_path / "feb.xlsx", GOOD)
    made = take_forms(workspace, path, user="王某")
    assert (made.event["from_state"], made.event["to_state"], made.event["values_changed"]) == (
        "none",
        "received",
        "11",
    )
    assert take_forms(workspace, path, user="王某").same
    changed = {**GOOD, "U203|transactions|total|total|total": 12.0}
    del changed["U202|vehicle_rental|total|total|total"]
    again = take_forms(workspace, _filled(tmp_path / "feb2.xlsx", changed), user="赵某", note="更正")
    assert {(row["cell"], row["old_amount"], row["new_amount"]) for row in again.changes} == {
        ("U202|vehicle_rental|total|total|total", "50.00", ""),
        ("U203|transactions|total|total|total", "10.00", "12.00"),
    }  # fmt: skip
    assert filed(workspace)[(PLATFORM, "2023-02")] == changed
    bad = take_forms(
        workspace,
        _filled(tmp_path / "bad.xlsx", {**GOOD, "U203|transactions|total|total|total": 9e9}),
        user="x",
    )
    assert not bad.checked.ok
    assert bad.event == {}
    accepted = move(workspace, PLATFORM, "2023-02", "accepted", user="李某")
    assert accepted["from_state"] == "received"
    move(workspace, PLATFORM, "2023-02", "locked", user="李某")
    with pytest.raises(InputError) as locked:
        take_forms(workspace, path, user="王某")
    assert locked.value.code == "forms.locked"
    for wanted, note, code in (("returned", "", "no_such_move"), ("accepted", " ", "no_reason")):
        with pytest.raises(InputError) as caught:
            move(workspace, PLATFORM, "2023-02", wanted, user="李某", note=note)
        assert caught.value.code == f"forms.{code}"
    events, changes = trail_of(workspace)
    assert [event["to_state"] for event in events] == ["received", "received", "accepted", "locked"]
    assert len(changes) == 13
    march = tmp_path / "mar.xlsx"
    arguments = [
        "forms",
        "template",
        str(march),
        "--platform",
        PLATFORM,
        "--month",
        "2023-03",
        "-w",
        str(workspace.folder),
    ]
    assert main([*arguments, "--json"]) == 0
    cover = {code: row[3] for code, row in _cells(march, "封面 Cover").items() if len(row) > 3}
    assert (cover["platform_uscc"], cover["platform_name"], cover["month"]) == (PLATFORM, "样平台", "2023-03")
    sheet = _cells(march, "U201")
    assert sheet["U201|transactions|310000|total|total"][3:5] == [None, 600.5]
    assert "U201|transactions|110000|total|total" not in sheet


def test_a_changed_trail_is_noticed(workspace: Workspace, tmp_path: Path) -> None:
    take_forms(workspace, _filled(tmp_path / "a.xlsx", GOOD), user="王某")
    place = workspace.inputs / EVENTS
    place.write_text(place.read_text(encoding="utf-8").replace("王某", "别人"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        trail_of(workspace)
    assert caught.value.code == "forms.chain_broken"
    (workspace.inputs / RETURNS).write_text("x\n", encoding="utf-8")
    with pytest.raises(InputError) as broken:
        filed(workspace)
    assert broken.value.code == "forms.trail_broken"
    with pytest.raises(InputError) as nobody:
        take_forms(workspace, tmp_path / "a.xlsx", user=" ")
    assert nobody.value.code == "forms.no_user"


@pytest.mark.parametrize("name", [RETURNS, CHANGES])
def test_an_amount_altered_beside_the_trail_is_noticed(
    workspace: Workspace, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _filled(tmp_path / "a.xlsx", GOOD)
    take_forms(workspace, path, user="王某")
    assert untrue(workspace) == []
    place = workspace.inputs / name
    place.write_text(place.read_text(encoding="utf-8").replace("600.50", "999.50"), encoding="utf-8")
    if name == CHANGES:
        with pytest.raises(InputError) as caught:
            trail_of(workspace)
        assert caught.value.code == "forms.chain_broken"
        return
    assert main(["forms", "trail", "-w", str(workspace.folder), "--lang", "en"]) == 1
    assert "999.50" in capsys.readouterr().err
    with pytest.raises(InputError) as caught:
        move(workspace, PLATFORM, "2023-02", "accepted", user="李某")
    [told] = caught.value.problems
    assert (told.code, told.values["amount"], told.values["recorded"]) == (
        "forms.amount_altered",
        "999.50",
        "600.50",
    )
    assert told.where.row
    again = take_forms(workspace, path, user="王某", note="改回")
    assert (again.same, again.changes) == (False, [])
    assert untrue(workspace) == []
    assert filed(workspace)[(PLATFORM, "2023-02")] == GOOD


def test_a_locked_month_that_was_altered_is_unlocked_and_put_right(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = _filled(tmp_path / "a.xlsx", GOOD)
    take_forms(workspace, path, user="王某")
    for state in ("accepted", "locked"):
        move(workspace, PLATFORM, "2023-02", state, user="李某")
    place = workspace.inputs / RETURNS
    place.write_text(place.read_text(encoding="utf-8").replace("600.50", "999.50"), encoding="utf-8")
    assert len(untrue(workspace, platform=PLATFORM)) == 1
    assert untrue(workspace, platform=PLATFORM, month="2023-02")
    move(workspace, PLATFORM, "2023-02", "accepted", user="李某", note="改回")
    take_forms(workspace, path, user="王某")
    for state in ("accepted", "locked"):
        move(workspace, PLATFORM, "2023-02", state, user="李某")
    assert untrue(workspace) == []


def test_a_step_that_was_broken_off_leaves_the_trail_whole(workspace: Workspace, tmp_path: Path) -> None:
    path = _filled(tmp_path / "a.xlsx", GOOD)
    take_forms(workspace, path, user="王某")
    for name in (EVENTS, RETURNS):
        (workspace.inputs / name).unlink()
    assert len(take_forms(workspace, path, user="王某").changes) == len(GOOD)
    assert len(trail_of(workspace)[1]) == len(GOOD)


def test_amounts_shared_with_another_platform_are_told_at_once(workspace: Workspace, tmp_path: Path) -> None:
    amounts = {code: amount * 1.5 for code, amount in GOOD.items()}
    take_forms(workspace, _filled(tmp_path / "a.xlsx", amounts), user="王某")
    other = {"platform_uscc": "91310000MA1FL00043"}
    taken = take_forms(workspace, _filled(tmp_path / "b.xlsx", amounts, **other), user="王某")
    assert taken.event["warnings"] == "1"
    [told] = taken.checked.problems
    assert (told.code, told.values["other"], told.values["cells"]) == ("forms.shared_amounts", PLATFORM, 7)
    assert told.values["amount"] == "1,500.00"
    march = take_forms(
        workspace, _filled(tmp_path / "c.xlsx", amounts, month="2023-03", **other), user="王某"
    )
    assert march.checked.problems == ()


def test_parts_of_a_cent_are_no_change(workspace: Workspace, tmp_path: Path) -> None:
    amounts = {**GOOD, "U203|transactions|total|total|total": 10.004}
    take_forms(workspace, _filled(tmp_path / "a.xlsx", amounts), user="王某")
    more = {**amounts, "U207|operating_revenue|total|total|total": -0.0}
    again = take_forms(workspace, _filled(tmp_path / "b.xlsx", more), user="王某")
    assert [(row["old_amount"], row["new_amount"]) for row in again.changes] == [("80.00", "0.00")]


def test_amounts_beyond_the_type_of_money_are_refused(tmp_path: Path) -> None:
    amounts = {**GOOD, "U203|transactions|total|total|total": 1e18}
    [told] = check_forms(_filled(tmp_path / "a.xlsx", amounts), LIBRARY).problems
    assert (told.code, told.where.sheet, told.severity) == ("forms.too_large", "U203", "error")


def test_a_form_is_moved_however_its_code_month_and_state_are_written(
    workspace: Workspace, tmp_path: Path
) -> None:
    take_forms(workspace, _filled(tmp_path / "a.xlsx", GOOD), user="王某")
    event = move(workspace, f" {PLATFORM.lower()}", "2023年2月", "Accepted", user="李某")
    assert (event["platform_uscc"], event["month"], event["to_state"]) == (PLATFORM, "2023-02", "accepted")
    for uscc, month, known in (
        (PLATFORM, "2023-03", ["2023-02"]),
        ("91310000MA1FL00033", "2023-02", [PLATFORM]),
    ):
        with pytest.raises(InputError) as caught:
            move(workspace, uscc, month, "locked", user="李某")
        assert (caught.value.code, caught.value.problems[0].values["known"]) == ("forms.not_taken_yet", known)
    assert main(["forms", "trail", "--month", "2023-07", "-w", str(workspace.folder)]) == 1
    assert main(["forms", "trail", "--month", "2023-2", "-w", str(workspace.folder)]) == 0


def test_what_was_taken_is_read_by_a_run(workspace: Workspace, tmp_path: Path, engine: DuckDB) -> None:
    take_forms(workspace, _filled(tmp_path / "a.xlsx", GOOD), user="王某")
    move(workspace, PLATFORM, "2023-02", "accepted", user="李某")
    wanted = ("platform_return", "form_event", "form_change", "edit_decision")
    contracts = {name: all_contracts()[name] for name in wanted}
    decision = "decision_id,table_name,record_key,variable,decision,value [CNY],decided_by,decided_at,note\n"
    decision += "1,platform_return,a|2023-02,b,keep_filed,,x,2023-03-05T00:00:00Z,\n"
    (workspace.inputs / "edit_decision.lvshu.csv").write_text(decision, encoding="utf-8")
    report = load_inputs(
        engine, contracts, workspace.inputs, settings=workspace.settings, packs=workspace.library
    )
    assert [problem.text("en") for problem in report.problems if problem.severity == "error"] == []
    assert engine.count("quarantine") == 0
    returns = engine.read("platform_return").to_pylist()
    assert sum(float(row["amount"]) for row in returns) == sum(GOOD.values())
    events = engine.read("form_event").to_pylist()
    assert len(events) == 2
    assert engine.count("form_change") == 11
    assert engine.count("edit_decision") == 1
    changes = engine.read("form_change").to_pylist()
    with DuckDB() as book:
        run(book, {"form_event": events, "form_change": changes, "platform_return": returns})
        codes = [row["code"] for row in rows_of(book, "finding")]
        assert "statistics.form_amounts_altered" not in codes
        [row] = rows_of(book, "form_progress")
        assert (row["state"], row["user"], row["submissions"], row["values_changed"]) == (
            "accepted",
            "李某",
            1,
            11,
        )


def test_a_run_tells_amounts_that_are_not_those_of_the_trail() -> None:
    own = {"platform_uscc": PLATFORM, "month": "2023-02"}
    event = {**own, "event_id": 1, "from_state": "none", "to_state": "received", "at": "2023-03-05T00:00:00Z",
             "user": "王某", "values_stated": 2, "values_changed": 2}  # fmt: skip
    parts = {"form": "U201", "item_code": "transactions", "category_code": "total", "trade_kind": "total"}
    cells = {"total": 1000, "310000": 1000}
    returns = [
        {**own, **parts, "region_code": region, "platform_name": "样平台", "amount": Decimal(amount)}
        for region, amount in cells.items()
    ]
    changes = [
        {**own, "change_id": number, "event_id": 1, "cell": f"U201|transactions|{region}|total|total",
         "old_amount": None, "new_amount": Decimal(amount)}
        for number, (region, amount) in enumerate({"total": 1000, "310000": 600, "320000": 400}.items(), start=1)
    ]  # fmt: skip
    with DuckDB() as book:
        run(book, {"form_event": [event], "form_change": changes, "platform_return": returns})
        [told] = [row for row in rows_of(book, "finding") if row["code"] == "statistics.form_amounts_altered"]
    assert told["severity"] == "warning"
    assert "310000|total|total: 600.00 → 1000.00" in told["what_zh"]
    assert "2 amounts of 1 form" in told["what_en"]


def test_commands_in_both_languages(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = _filled(tmp_path / "a.xlsx", GOOD), tmp_path / "b.xlsx"
    _filled(bad, {**GOOD, "U201|transactions|total|goods|total": 1.0})
    where = ["-w", str(workspace.folder)]
    for language in ("zh", "en"):
        assert main(["forms", "check", str(good), "--lang", language]) == 0
        assert main(["forms", "check", str(good), str(bad), *where, "--lang", language]) == 1
        assert "U201" in "".join(capsys.readouterr())
    assert main(["forms", "take", str(bad), *where, "--user", "x", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False
    assert main(["forms", "take", str(good), *where, "--user", "x", "--lang", "en"]) == 0
    assert main(["forms", "take", str(good), *where, "--user", "x", "--lang", "zh"]) == 0
    assert (
        main(["forms", "move", PLATFORM, "2023-02", "accepted", *where, "--user", "x", "--lang", "zh"]) == 0
    )
    assert main(["forms", "trail", *where, "--lang", "zh"]) == 0
    assert "通过" in capsys.readouterr().out
    assert main(["forms", "template", str(tmp_path / "c.csv"), "--json"]) != 0


def test_a_template_is_refused_for_all_that_its_return_would_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "t.xlsx"
    wrong = ["--platform", PLATFORM[:-1] + ("0" if PLATFORM[-1] != "0" else "1"), "--month", "2023-13"]
    assert main(["forms", "template", str(tmp_path / "t.csv"), *wrong, "--lang", "en"]) != 0
    told = capsys.readouterr().err
    assert all(code in told for code in ("forms.not_xlsx", "forms.uscc", "forms.month"))
    assert (
        main(["forms", "template", str(to), "--platform", "91ABC", "--month", "2023-01", "--lang", "en"]) != 0
    )
    told = capsys.readouterr().err
    assert all(code in told for code in ("forms.uscc", "forms.january")), "one fault hides no other"
    january = ["--platform", PLATFORM, "--month", "2023-01"]
    assert main(["forms", "template", str(to), *january, "--json"]) == 0
    assert [one["code"] for one in json.loads(capsys.readouterr().out)["problems"]] == ["forms.january"]


def test_a_check_needs_no_database(tmp_path: Path) -> None:
    """Live: a form is checked in a fraction of the time that opening a database takes; no engine is imported for it."""
    import subprocess
    import sys

    path = _filled(tmp_path / "a.xlsx", GOOD)
    code = (
        "import sys; from pathlib import Path; from lvshu.catalog.pack_library import PackLibrary;"
        "from lvshu.statistics.forms.check import check_forms;"
        f"assert check_forms(Path({str(path)!r}), PackLibrary.load()).ok; print('duckdb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_amount_whose_code_is_damaged_is_told_and_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _filled(path, GOOD)
    changed = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(str(changed)) as book:
        for name in visible_sheets(path):
            renamed = {"U202": "U202 互联网出行"}.get(name, name)
            sheet = book.add_worksheet(renamed)
            for number, row in enumerate(read_grid(path, name).rows):
                for column, cell in enumerate(row):
                    if column == 0 and str(cell).startswith("U203|"):
                        cell = "U203|transactions|total|total"
                    if cell is not None:
                        sheet.write(number, column, cell)
    found = check_forms(changed, LIBRARY)
    told = {problem.code.removeprefix("forms."): problem for problem in found.problems}
    assert not found.ok
    assert told["no_code"].where.sheet == "U203"
    assert told["no_code"].values["value"] == "10"
    assert told["renamed_sheet"].where.sheet == "U202 互联网出行"
    assert told["renamed_sheet"].values["form"] == "U202"


def _rewritten(
    path: Path, to: Path, *, without: int | None = None, heading: str = "", hide: str = ""
) -> Path:
    """Write a workbook again: its forms without a column, with another heading of amounts, with a hidden sheet."""
    with xlsxwriter.Workbook(str(to)) as book:
        for name in visible_sheets(path):
            sheet = book.add_worksheet(name)
            if name == hide:
                sheet.hide()
            for number, row in enumerate(read_grid(path, name).rows):
                cells = [heading if heading and str(cell).startswith("金额") else cell for cell in row]
                if name in ("U201", "U202", "U203", "U207") and without is not None:
                    del cells[without]
                sheet.write_row(number, 0, cells)
    return to


def test_amounts_are_found_by_their_heading_and_never_taken_from_another_column(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Where the English column is deleted, last month's amounts come to stand where this month's did."""
    take_forms(workspace, _filled(tmp_path / "feb.xlsx", GOOD), user="王某")
    path = _filled(
        tmp_path / "mar.xlsx", {code: amount * 2 for code, amount in GOOD.items()}, month="2023-03"
    )
    deleted = check_forms(_rewritten(path, tmp_path / "a.xlsx", without=2), LIBRARY)
    assert deleted.ok and deleted.returned.amounts == {code: amount * 2 for code, amount in GOOD.items()}
    assert deleted.returned.places["U203|transactions|total|total|total"].column == "C"
    for changed in ({"without": 3}, {"heading": "金额（万元）"}):
        assert set(_codes(_rewritten(path, tmp_path / "b.xlsx", **changed))) >= {"no_amounts"}  # type: ignore[arg-type]
        (tmp_path / "b.xlsx").unlink()


def test_amounts_on_a_hidden_sheet_are_told(tmp_path: Path) -> None:
    path = _filled(tmp_path / "a.xlsx", GOOD)
    [told] = check_forms(_rewritten(path, tmp_path / "b.xlsx", hide="U202"), LIBRARY).problems
    assert (told.code, told.where.sheet, told.values["amounts"]) == ("forms.hidden_sheet", "U202", 2)
    assert check_forms(_rewritten(path, tmp_path / "c.xlsx", hide="U204"), LIBRARY).ok


def test_an_accepted_form_stays_accepted_where_its_file_is_taken_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = _filled(tmp_path / "a.xlsx", GOOD, platform_uscc=f" {PLATFORM.lower()} ")
    assert take_forms(workspace, path, user="王某").event["platform_uscc"] == PLATFORM
    move(workspace, PLATFORM, "2023-02", "accepted", user="李某")
    assert take_forms(workspace, path, user="王某").same
    assert trail_of(workspace)[0][-1]["to_state"] == "accepted"
    move(workspace, PLATFORM, "2023-02", "returned", user="李某", note="核实")
    assert not take_forms(workspace, path, user="王某").same


def test_two_workbooks_of_one_platform_and_month_are_not_taken_at_once(tmp_path: Path) -> None:
    one = _filled(tmp_path / "a.xlsx", GOOD)
    other = _filled(tmp_path / "b.xlsx", {**GOOD, "U203|transactions|total|total|total": 11.0})
    later = _filled(tmp_path / "c.xlsx", GOOD, month="2023-03")
    refuse_rivals([one, one, later], LIBRARY)
    with pytest.raises(InputError) as caught:
        refuse_rivals([one, later, other], LIBRARY)
    assert [(problem.code, problem.where.file) for problem in caught.value.problems] == [
        ("forms.rivals", "b.xlsx")
    ]


@pytest.mark.parametrize(
    ("month", "code"),
    [("2025-13", "forms.month"), ("2025-00", "forms.month"), ("2199-06", "forms.month_to_come")],
)
def test_a_month_that_is_none_or_still_to_come_is_refused(tmp_path: Path, month: str, code: str) -> None:
    found = check_forms(_filled(tmp_path / "m.xlsx", dict(GOOD), month=month), LIBRARY)
    assert not found.ok
    assert code in {problem.code for problem in found.problems}
    assert (
        main(["forms", "template", str(tmp_path / "t.xlsx"), "--platform", PLATFORM, "--month", month]) != 0
    )
    assert not (tmp_path / "t.xlsx").exists()

    regional = found.returned.places["U201|transactions|310000|total|total"]
    found.returned.places["U201|nosuch|total|total|total"] = regional
    path = _filled(tmp_path / "u.xlsx", dict(GOOD), rename={})
    found = check_forms(path, LIBRARY)
    found.returned.places["U201|nosuch|total|total|total"] = found.returned.places[
        "U201|transactions|310000|total|total"
    ]
    found.returned.places["U201|transactions|990000|total|total"] = Where(file="u.xlsx")
    told = list(_unknown(found.returned, LIBRARY))
    assert [problem.values["part"] for problem in told] == ["nosuch", "990000"]
    assert list(_unknown(check_forms(path, LIBRARY).returned, LIBRARY)) == []
