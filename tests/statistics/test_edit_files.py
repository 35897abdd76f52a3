"""`lvshu edit`: files edited by rule files, undone cell by cell; decisions; hostile cells."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from lvshu.cli.main import main
from lvshu.core.errors import InputError, MethodError
from lvshu.statistics.edit_decisions import FILE, decide
from lvshu.statistics.edit_files import (
    edit_file,
    number_of,
    read_log,
    undo_file,
    write_log,
)
from lvshu.statistics.edit_table import read_table, write_table
from lvshu.statistics.editing.process import Choices, edit
from lvshu.statistics.editing.rules import read_rules
from lvshu.store.workspace import Workspace

RULES = """
[variables]
turnover = { minimum = 0, weight = 2 }
costs = { minimum = 0 }
profit = {}
branch = { values = ["industry", "trade"] }
[[rule]]
name = "result"
check = "turnover - costs = profit"
zh = "收入减成本等于利润"
en = "turnover less costs is profit"
[[rule]]
name = "margin"
check = "profit <= 0.6 * turnover"
[[rule]]
name = "needless"
check = "profit <= 0.9 * turnover"
"""
ROWS = [
    ["id", "turnover", "costs", "profit", "branch", "note"],
    ["A", "1,000.00", "600", "400", "industry", "as it is"],
    ["B", "200", "125", "755", "trade", "profit is wrong"],
    ["C", "100", "", "40", "trade", "=HYPERLINK(\"x\")"],
    ["D", "100", "=1+1", "50", "industry", "'; DROP TABLE x; --"],
    ["E", "90", "60", "30", "<script>", "\x07"],
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    data, rules = tmp_path / "data.csv", tmp_path / "rules.toml"
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(ROWS)
    rules.write_text(RULES, encoding="utf-8")
    return data, rules


def test_a_file_is_edited_and_undone_to_the_last_character(files: tuple[Path, Path], tmp_path: Path) -> None:
    data, rules = files
    made = edit_file(data, rules, key="id")
    cells = {(row["record"], row["variable"]): (row["old"], row["new"]) for row in made.log}
    assert cells[("B", "profit")] == ("755", "75")
    assert cells[("C", "costs")] == ("", "60")
    assert cells[("D", "costs")] == ("=1+1", "50")
    assert cells[("E", "branch")][0] == "<script>"
    assert len(cells) == 4
    assert [problem.where.row for problem in made.told] == [5]
    assert made.unsolved == []
    edited, log = tmp_path / "edited.csv", tmp_path / "log.csv"
    write_table(made.table, edited)
    write_log(made.log, log)
    again = edit_file(edited, rules, key="id")
    assert again.log == []
    back = undo_file(read_table(edited), read_log(log), key="id")
    write_table(back.table, edited)
    assert (back.count, back.before) == (4, 0)
    assert edited.read_bytes() == data.read_bytes()


def test_commands_edit_undo_and_test_rules(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, rules = files
    to, log, back = (tmp_path / name for name in ("out.csv", "log.csv", "back.csv"))
    run = ["edit", "run", data, "--rules", rules, "--to", to, "--log", log, "--key", "id"]
    for language in ("zh", "en"):
        assert main([*map(str, run), "--lang", language]) == 0
        assert "755" in capsys.readouterr().out
        kept = log.read_bytes()
        assert main([*map(str, run), "--lang", language]) != 0
        assert "editing.file_there" in capsys.readouterr().err
        assert log.read_bytes() == kept
        to.unlink()
        log.unlink()
    assert main([*map(str, run), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["record"] for row in told["changes"]] == ["B", "C", "D", "E"]
    only = ["edit", "undo", to, "--log", log, "--to", back, "--key", "id", "--rule", "margin"]
    assert main([*map(str, only), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["undone"] == 1
    assert main(["edit", "rules", str(rules), "--data", str(data), "--json"]) == 0
    needless = json.loads(capsys.readouterr().out)["needless"]
    assert "margin" in {row["rule"]: row["follows_from"] for row in needless}["needless"]
    rules.write_text(RULES + '[[rule]]\nname = "no"\ncheck = "profit > turnover"\n', encoding="utf-8")
    assert main(["edit", "rules", str(rules), "--json"]) != 0
    assert "no: profit > turnover" in capsys.readouterr().out


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_files_with_other_separators_come_back_with_them(
    files: tuple[Path, Path], tmp_path: Path, delimiter: str
) -> None:
    data, rules = files
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n", delimiter=delimiter).writerows(ROWS)
    made = edit_file(data, rules, key="id")
    assert len(made.log) == 4
    write_table(made.table, tmp_path / "edited.csv")
    back = undo_file(read_table(tmp_path / "edited.csv"), made.log, key="id").table
    write_table(back, tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_bytes() == data.read_bytes()


@pytest.mark.parametrize("end", ["", "\r\n"])
def test_marks_and_ends_of_lines_of_a_spreadsheet_come_back(tmp_path: Path, end: str) -> None:
    data, file, out, back = (tmp_path / name for name in ("d.csv", "r.toml", "e.csv", "b.csv"))
    lines = ("id,revenue,costs,profit,branch", "A,100,80,,Trade ", "", '"B, C",90,70,20,trade')
    data.write_bytes("\ufeff".encode() + ("\r\n".join(lines) + end).encode())
    file.write_text(SIGNS, encoding="utf-8")
    made = edit_file(data, file, key="id")
    assert made.log
    write_table(made.table, out)
    assert out.read_bytes() == data.read_bytes().replace(b",,Trade ", b",20,trade")
    write_table(undo_file(read_table(out), made.log, key="id").table, back)
    assert back.read_bytes() == data.read_bytes()


def test_undo_of_what_the_log_does_not_have_names_what_it_has(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    data, rules = files
    made = edit_file(data, rules, key="id")
    with pytest.raises(InputError) as caught:
        undo_file(made.table, made.log, key="id", rule="margins", record="Z")
    assert [problem.code for problem in caught.value.problems] == ["editing.undo_unknown"] * 2
    assert caught.value.problems[0].values["known"][0] == "margin", "what comes near stands first"
    assert set(caught.value.problems[0].values["known"]) > {"margin"}, "and the others behind it"
    assert "B, C, D, E" in caught.value.text("en")
    with pytest.raises(InputError) as none:
        undo_file(made.table, made.log, key="id", rule="margin", record="C")
    assert none.value.code == "editing.undo_nothing"


def test_only_what_is_missing_is_filled(tmp_path: Path) -> None:
    data, rules = tmp_path / "data.csv", tmp_path / "rules.toml"
    rules.write_text(RULES + '[cells]\nsuppressed = ["C"]\n', encoding="utf-8")
    rows = [ROWS[0], ["A", "100", "60", "40", "trade", ""]]
    absent = {"": "60", "-": "60", "缺失": "60", "不适用": "不适用", "/": "/", "x": "x", "C": "C", "…": "…"}
    rows += [[f"R{number}", "100", cell, "40", "trade", ""] for number, cell in enumerate(absent)]
    rows += [["BAD", "100", "x", "140", "trade", ""], ["BRANCH", "100", "60", "40", "不适用", ""]]
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    made = edit_file(data, rules, key="id")
    edited = {row[0]: row for row in made.table.rows}
    assert [edited[f"R{number}"][2] for number in range(len(absent))] == list(absent.values())
    assert edited["BRANCH"][4] == "不适用"
    assert edited["BAD"][2] == "x", "a suppressed value stays so where the record has an error elsewhere"
    assert float(edited["BAD"][3]) <= 60
    assert made.unsolved == []
    assert made.without_basis == []
    told = {
        (problem.where.column, problem.values["meaning"]["en"]): problem.values["count"]
        for problem in made.told
    }
    assert told[("costs", "not applicable")] == 2
    assert told[("costs", "suppressed")] == 3
    assert told[("branch", "not applicable")] == 1
    rules.write_text(RULES + '[cells]\nmissing = ["x"]\nsuppressed = ["X"]\nhidden = []\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        edit_file(data, rules, key="id")
    assert {problem.code for problem in caught.value.problems} == {
        "editing.rule_cell_twice",
        "editing.rule_key",
    }


def test_what_nobody_sees_draws_no_filed_value(tmp_path: Path) -> None:
    """Beside a cell that is not told, a filed value is moved as little as the rules ask, whatever donors have there."""
    data, rules = tmp_path / "data.csv", tmp_path / "rules.toml"
    rules.write_text(
        "[variables]\na = { minimum = 0 }\nb = { minimum = 0 }\ntotal = { minimum = 0, weight = 9 }\n"
        'kind = { values = ["x", "y"] }\n'
        '[[rule]]\nname = "sum"\ncheck = "a + b = total"\n'
        '[[rule]]\nname = "some"\ncheck = \'if kind = "x" then a > 0\'\n',
        encoding="utf-8",
    )
    lines = [f"G{number},40,60,100,x" for number in range(5)]
    lines += ["LITTLE,…,100,100,x", "LARGE,*,130,100,x", "CASE,40,60,100,X"]
    data.write_text("\n".join(["id,a,b,total,kind", *lines]), encoding="utf-8")
    made = edit_file(data, rules, key="id")
    edited = {row[0]: row[1:] for row in made.table.rows}
    assert edited["LITTLE"] == ["…", "99.99", "100", "x"]
    assert edited["LARGE"] == ["*", "99.99", "100", "x"]
    assert edited["CASE"] == ["40", "60", "100", "x"], "a category in capitals is no suppressed one"
    assert made.unsolved == []


def test_undo_refuses_a_cell_that_was_changed_since(files: tuple[Path, Path]) -> None:
    data, rules = files
    made = edit_file(data, rules, key="id")
    made.table.rows[1][3] = "76"
    with pytest.raises(MethodError, match="76"):
        undo_file(made.table, made.log, key="id")


def test_what_was_taken_back_before_is_no_conflict(files: tuple[Path, Path]) -> None:
    data, rules = files
    made = edit_file(data, rules, key="id")
    first = undo_file(made.table, made.log, key="id", record="B")
    assert (first.count, first.before) == (1, 0)
    rest = undo_file(first.table, made.log, key="id")
    assert (rest.count, rest.before) == (3, 1)
    assert rest.table.rows == ROWS[1:]


def test_undo_without_the_key_of_the_log_names_the_column(files: tuple[Path, Path]) -> None:
    data, rules = files
    made = edit_file(data, rules, key="id")
    with pytest.raises(InputError) as caught:
        undo_file(made.table, made.log)
    (problem,) = caught.value.problems
    assert problem.code == "editing.undo_no_record"
    assert (problem.values["columns"], problem.values["count"]) == ("id", 4)


def test_undo_by_row_of_a_log_of_numbered_records_names_the_column(files: tuple[Path, Path]) -> None:
    data, rules = files
    text = data.read_text(encoding="utf-8")
    for number, name in enumerate("ABCDE", start=1):
        text = text.replace(f"\n{name},", f"\n{number + 1},")
    lines = text.splitlines()
    data.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")
    made = edit_file(data, rules, key="id")
    with pytest.raises(InputError) as caught:
        undo_file(made.table, made.log)
    assert [one.code for one in caught.value.problems] == ["editing.undo_no_record"]
    assert undo_file(made.table, made.log, key="id").table.rows == read_table(data).rows


def test_undo_passes_over_blank_rows_and_totals(tmp_path: Path, files: tuple[Path, Path]) -> None:
    data, rules = files
    text = data.read_text(encoding="utf-8") + "小计,1,1,,,\n,,,,,\n,,,,,\n小计,1,1,,,\n"
    data.write_text(text, encoding="utf-8")
    made = edit_file(data, rules, key="id")
    assert len(made.log) == 4
    assert undo_file(made.table, made.log, key="id").table.rows == read_table(data).rows


def test_bad_files_are_told(tmp_path: Path, files: tuple[Path, Path]) -> None:
    data, rules = files
    for text, code in (
        ("", "editing.file_empty"), ("a,a\n1,2\n", "editing.file_column_twice"),
        ("a,b\n1,2,x\n", "editing.row_too_long"),
    ):  # fmt: skip
        bad = tmp_path / "bad.csv"
        bad.write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read_table(bad)
        assert caught.value.code in (code, "intake.empty_file", "intake.empty")
    with data.open("a", encoding="utf-8") as file:
        file.write("A,1,1,0,trade,\n")
    with pytest.raises(InputError) as twice:
        edit_file(data, rules, key="id")
    assert twice.value.code == "editing.file_key_twice"
    with pytest.raises(InputError) as log:
        read_log(data)
    assert log.value.code == "editing.log_unreadable"


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234.5", 1234.5), ("１２", 12.0), ("-3e2", -300.0), ("1e999", None), ("=1", None), ("12a", None), ("1,2", None),
     ("", "blank"), ("—", "blank"), ("9" * 300, None), ("inf", None), ("nan", None), (".", None)],
)  # fmt: skip
def test_numbers_in_cells(cell: str, number: object) -> None:
    found = number_of(cell)
    assert (found != found) if number == "blank" else found == number


def test_decisions_are_added_and_used_by_the_next_run(
    sample_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    folder = tmp_path / "city"
    shutil.copytree(sample_run, folder)
    workspace = Workspace.open(folder)
    with workspace.book() as book:
        change = book.rows("edit_change", limit=1)[0]
    place = {"record": change["record_key"], "variable": change["variable"]}
    with pytest.raises(InputError) as never:
        decide(workspace, **place, decision="withdraw", user="王某")
    assert never.value.code == "editing.decision_none"
    first = decide(workspace, **place, decision="keep_filed", user="王某", note="平台确认")
    second = decide(workspace, **place, decision="withdraw", user="王某")
    assert (first["decision_id"], second["decision_id"]) == ("1", "2")
    lines = (folder / "inputs" / FILE).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    with pytest.raises(InputError) as nobody:
        decide(workspace, **place, decision="withdraw", user=" ")
    assert nobody.value.code == "editing.decision_nobody"
    with pytest.raises(InputError) as unknown:
        decide(workspace, record="X|2023-01'", variable="a|b|c|d|e", decision="withdraw", user="x")
    assert unknown.value.code == "editing.decision_unknown"
    assert main(["edit", "show", "-w", str(folder), "--json"]) == 0
    monkeypatch.setenv("COLUMNS", "60")
    capsys.readouterr()
    assert main(["edit", "show", "-w", str(folder), "--lang", "zh"]) == 0
    assert place["record"] in capsys.readouterr().out, "identifiers stay whole however narrow the window is"
    with pytest.raises(InputError, match=place["variable"].split("|")[0]) as twice:
        decide(workspace, **place, decision="withdraw", user="王某")
    assert twice.value.code == "editing.decision_none"
    asked = ["edit", "set", place["record"], place["variable"], "-5", "--user", "x", "-w", str(folder)]
    capsys.readouterr()
    assert main([*asked, "--json"]) != 0
    assert "editing.decision_value" in capsys.readouterr().out, "a negative number is a value, not an option"
    assert main([*asked, "--usr", "y", "--json"]) != 0
    assert "cli.no_such_option" in capsys.readouterr().out
    (folder / "inputs" / FILE).write_text("broken\n", encoding="utf-8")
    with pytest.raises(InputError) as broken:
        decide(workspace, **place, decision="withdraw", user="x")
    assert broken.value.code == "editing.decisions_broken"


SIGNS = """
[variables]
revenue = { minimum = 0, weight = 2 }
costs = { minimum = 0 }
profit = {}
branch = { values = ["industry", "trade"] }
[[rule]]
name = "result"
check = "revenue - costs = profit"
"""


def _edited(tmp_path: Path, rules: str, *lines: str) -> list[tuple[str, ...]]:
    data, file = tmp_path / "data.csv", tmp_path / "rules.toml"
    data.write_text("\n".join(("id,revenue,costs,profit,branch", *lines)) + "\n", encoding="utf-8")
    file.write_text(rules, encoding="utf-8")
    made = edit_file(data, file, key="id")
    assert made.unsolved == []
    return [
        tuple(row[name] for name in ("record", "variable", "old", "new", "rule", "method", "solutions"))
        for row in made.log
    ]


def test_a_sign_that_mends_the_record_is_flipped_before_another_value_is_changed(tmp_path: Path) -> None:
    rules = SIGNS.replace("profit = {}", "profit = { minimum = -100 }")
    log = _edited(
        tmp_path, rules, "A,300,80,-220,trade", "B,100,80,20,trade", "C,-100,80,20,trade", "D,100,80,21,trade"
    )
    assert log[0] == ("A", "profit", "-220", "220", "profit.minimum+result+sign_flip", "deductive", "1")
    assert log[1] == ("C", "revenue", "-100", "100", "revenue.minimum+result+sign_flip", "deductive", "1")
    assert [row[0] for row in log] == ["A", "C", "D"]
    assert "sign_flip" not in log[2][4]


def test_amounts_are_swapped_only_where_the_rules_single_that_out(tmp_path: Path) -> None:
    rules = SIGNS.replace("profit = {}", "profit = { minimum = 0 }")
    assert _edited(tmp_path, rules, "A,80,100,20,trade") == [
        ("A", "revenue", "80", "100", "result+value_swap", "deductive", "1"),
        ("A", "costs", "100", "80", "result+value_swap", "deductive", "1"),
    ]


def test_a_table_is_written_with_rows_as_long_as_they_were(tmp_path: Path) -> None:
    text = "名录,,\nid,revenue,costs,profit,branch,\nA,100,80,-20,trade,\nB,1\n\nC,3,1,2,,\n"
    (tmp_path / "data.csv").write_text(text, encoding="utf-8")
    table = read_table(tmp_path / "data.csv")
    write_table(table, tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_text(encoding="utf-8") == text
    write_table(table.only([0, 1]), tmp_path / "part.csv")
    assert (tmp_path / "part.csv").read_text(encoding="utf-8").splitlines()[-1] == "B,1"


def test_a_flip_and_a_swap_that_explain_a_fault_equally_are_left_to_people(tmp_path: Path) -> None:
    """The unit earned 20, or it lost 20 and revenue and costs are in each other's place."""
    data, file = tmp_path / "data.csv", tmp_path / "rules.toml"
    data.write_text(
        "id,revenue,costs,profit,branch\nA,100,80,20,trade\nB,100,80,-20,trade\n", encoding="utf-8"
    )
    file.write_text(SIGNS, encoding="utf-8")
    made = edit_file(data, file, key="id")
    assert (made.unsolved, made.undecided, made.log) == ([], ["B"], []), "it is told once, with its ways"
    [told] = made.told
    assert (told.code, told.where.row) == ("editing.several_ways", 3)
    assert told.values["listed"] == "profit -20 → 20; revenue 100 → 80, costs 80 → 100"


def test_a_spelling_is_mended_also_where_the_rest_of_the_record_is_left(tmp_path: Path) -> None:
    data, file = tmp_path / "data.csv", tmp_path / "rules.toml"
    data.write_text("id,revenue,costs,profit,branch\nA,100,80,-20,Trade \n", encoding="utf-8")
    file.write_text(SIGNS, encoding="utf-8")
    made = edit_file(data, file, key="id")
    [row] = made.log
    assert (row["variable"], row["old"], row["new"], row["rule"]) == (
        "branch",
        "Trade ",
        "trade",
        "branch.values+spelling",
    )
    assert row["solutions"] == "1", "the two ways are those of the sum"
    assert made.undecided == ["A"]


@pytest.mark.parametrize(("before", "rule", "changed"), [((95, 77, 18), "sign_flip", {"profit"}),
                                                         ((81, 103, -22), "value_swap", {"revenue", "costs"}),
                                                         ((90, 90, 0), "", set())])  # fmt: skip
def test_last_month_decides_between_a_flip_and_a_swap(
    tmp_path: Path, before: tuple[float, ...], rule: str, changed: set[str]
) -> None:
    (tmp_path / "rules.toml").write_text(SIGNS.replace('branch = { values = ["industry", "trade"] }', ""))
    rules = read_rules(tmp_path / "rules.toml", columns=["revenue", "costs", "profit"])
    choices = Choices(expected=np.array([before], dtype=float), donors=False)
    made = edit(rules, ["A"], np.array([[100.0, 80.0, -20.0]]), choices)
    assert {one.variable for one in made.changes} == changed
    assert all(one.rule == f"result+{rule}+as_expected" and one.solutions == 2 for one in made.changes)
    assert bool(made.unsolved[0]) is not bool(changed)


def test_signs_that_nobody_can_tell_apart_are_left_to_localisation(tmp_path: Path) -> None:
    rules = SIGNS.replace("{ minimum = 0, weight = 2 }", "{}").replace("{ minimum = 0 }", "{}")
    rules = rules.replace("revenue - costs = profit", "revenue + costs + profit = 0")
    # 20, 20 and 0 add up to nothing with either of the first two flipped
    assert all("sign_flip" not in row[4] for row in _edited(tmp_path, rules, "A,20,20,0,trade"))


def test_a_category_in_another_writing_is_that_category(tmp_path: Path) -> None:
    log = _edited(
        tmp_path, SIGNS, "A,100,80,20,Trade", "B,100,80,20,industry ", "C,100,80,20,ｔｒａｄｅ",
        "D,100,80,20,IN DUSTRY", "E,100,80,20,trade",
    )  # fmt: skip
    assert log == [
        ("A", "branch", "Trade", "trade", "branch.values+spelling", "deductive", "1"),
        ("B", "branch", "industry ", "industry", "branch.values+spelling", "deductive", "1"),
        ("C", "branch", "ｔｒａｄｅ", "trade", "branch.values+spelling", "deductive", "1"),
        ("D", "branch", "IN DUSTRY", "industry", "branch.values+spelling", "deductive", "1"),
    ]
    two = SIGNS.replace('"industry", "trade"', '"trade", "TRADE"')
    assert all("spelling" not in row[4] for row in _edited(tmp_path, two, "A,100,80,20,Trade"))


def test_titles_above_the_heading_stay_and_the_heading_is_found(tmp_path: Path) -> None:
    data, file = tmp_path / "data.csv", tmp_path / "rules.toml"
    file.write_text(SIGNS, encoding="utf-8")
    text = "宜昌市企业调查\n单位：万元,,2023\nid;x,revenue,costs,profit,branch\nA,-100,80,20,trade\n"
    data.write_text(text, encoding="utf-8")
    made = edit_file(data, file)
    assert [(row["record"], row["new"]) for row in made.log] == [("4", "100")]
    write_table(made.table, tmp_path / "out.csv")
    back = undo_file(read_table(tmp_path / "out.csv", ["profit"]), made.log)
    write_table(back.table, tmp_path / "back.csv")
    assert (tmp_path / "back.csv").read_text(encoding="utf-8") == text


def test_faults_of_one_kind_are_told_once_with_their_rows(tmp_path: Path) -> None:
    data, file = tmp_path / "data.csv", tmp_path / "rules.toml"
    file.write_text(SIGNS, encoding="utf-8")
    lines = [f"{row},100,#REF!,20,trade" for row in range(8)] + [
        f"{row},100,80,12人,trade" for row in range(8, 10)
    ]
    data.write_text("\n".join(("id,revenue,costs,profit,branch", *lines)), encoding="utf-8")
    told = [
        (one.code, one.where.column, one.values["count"], one.values["rows"])
        for one in edit_file(data, file).told
    ]
    assert told == [
        ("editing.cell_error", "costs", 8, "2, 3, 4, 5, 6, …"), ("editing.cell_no_number", "profit", 2, "10, 11"),
    ]  # fmt: skip
    data.write_text("id,revenue,costs,profit,branch\n" + "1,2,3,4,trade,x\n" * 30, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        edit_file(data, file)
    assert [one.values["count"] for one in fault.value.problems] == [30]
