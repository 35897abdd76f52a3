"""`lvshu disclose` on a user's own files: what is written, what is refused, and that hidden figures stay hidden."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import xlsxwriter

from lvshu.cli.main import main

RECORDS = [
    ("a", "x", "P1", 50), ("a", "y", "P1", 40), ("a", "z", "P2", 30), ("a", "z", "P3", 30), ("a", "z", "P4", 28),
    ("b", "x", "P2", 30), ("b", "x", "P3", 31), ("b", "x", "P5", 33), ("b", "y", "P2", 35), ("b", "y", "P4", 36),
    ("b", "y", "P6", 30), ("b", "z", "P1", 20), ("b", "z", "P2", 22), ("b", "z", "P3", 25),
]  # fmt: skip
DIMENSIONS = ["-d", "地区", "-d", "类别"]
READING = [*DIMENSIONS, "--value", "金额", "--contributor", "平台"]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "平台.csv"
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([("地区", "类别", "平台", "金额"), *RECORDS])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_published_file_holds_no_hidden_figure(records: Path, tmp_path: Path, capsys) -> None:
    public, internal = tmp_path / "公布.csv", tmp_path / "内部.csv"
    rules = ["--minimum-count", "3", "--p-percent", "10"]
    code = main(["disclose", "protect", str(records), *READING, *rules, "-o", str(public), "--internal", str(internal),
                 "--lang", "zh"])  # fmt: skip
    assert code == 0
    told = capsys.readouterr().out
    assert "***" in told
    assert "代价已证明最小" in told
    shown = {(row["地区"], row["类别"]): row["金额"] for row in read(public)}
    assert {row["状态"] for row in read(public)} == {"公布", "隐去"}
    assert shown["a", "x"] == shown["a", "y"] == ""
    assert shown["total", "total"] == "440"
    inside = {(row["地区"], row["类别"]): row for row in read(internal)}
    assert inside["a", "x"]["status"] == "primary"
    assert float(inside["a", "x"]["low"]) < 50 < float(inside["a", "x"]["high"])
    origin = json.loads((tmp_path / "公布.csv.origin.json").read_text(encoding="utf-8"))
    assert origin["rules"] == {
        "minimum_count": 3,
        "p_percent": 10.0,
        "dominance": None,
        "range_percent": None,
    }
    assert origin["source"]["file"] == records.name
    again = main(["disclose", "audit", str(internal), *DIMENSIONS, "--value", "value", "--count", "contributors",
                  "--minimum-count", "3"])  # fmt: skip
    assert again == 0


def test_an_earlier_release_that_gives_a_cell_away_is_refused(records: Path, tmp_path: Path, capsys) -> None:
    earlier = tmp_path / "上月.csv"
    earlier.write_text("地区,类别,value,status\na,x,50,shown\n", encoding="utf-8")
    code = main(["disclose", "protect", str(records), *READING, "--minimum-count", "3", "--earlier", str(earlier),
                 "--lang", "zh"])  # fmt: skip
    assert code == 1
    assert "此前已公布" in capsys.readouterr().err


@pytest.mark.parametrize("with_hidden", [True, False])
def test_a_coarser_table_after_a_finer_one_is_refused(tmp_path: Path, capsys, *, with_hidden: bool) -> None:
    """The finer table hid b-y (one platform) and its totals; the total of y, shown now, gives it by subtraction."""
    path = tmp_path / "金额.csv"
    rows = [
        (region, kind, firm, 10 * number + len(kind + region))
        for number, firm in enumerate(("P1", "P2", "P3", "P4"), start=1)
        for region in "abc" for kind in "xy" if (region, kind) != ("b", "y") or firm == "P1"
    ]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("地区", "类别", "平台", "金额(万元)"), *rows])
    words = ["--value", "金额(万元)", "--contributor", "平台", "--minimum-count", "2", "--lang", "zh"]
    finer = tmp_path / "细表.csv"
    base = ["disclose", "protect", str(path)]
    lines = ["地区,类别,金额(万元),状态"]
    for region in ("total", "a", "b", "c"):
        for kind in ("total", "x", "y"):
            amount = sum(row[3] for row in rows if region in ("total", row[0]) and kind in ("total", row[1]))
            is_hidden = region in ("b", "total") and kind in ("y", "total")
            if with_hidden or not is_hidden:
                lines.append(
                    f"{region},{kind},{'' if is_hidden else amount},{'隐去' if is_hidden else '公布'}"
                )
    finer.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert main([*base, *DIMENSIONS, *words, "--earlier", str(finer), "--last", str(finer)]) == 0
    capsys.readouterr()
    coarser = tmp_path / "粗表.csv"
    by_kind = [*base, "-d", "类别", *words, "--earlier", str(finer), "-o", str(coarser)]
    assert main(by_kind) == 1
    told = capsys.readouterr()
    assert "disclosure.given_away" in told.err and "b" in told.err
    assert "推不出来" not in told.out and not coarser.exists()
    cells = tmp_path / "单元.csv"
    cells.write_text("类别,金额(万元),数\nx,200,4\ny,150,4\n", encoding="utf-8")
    assert main(["disclose", "protect", str(cells), "-d", "类别", "--value", "金额(万元)", "--count", "数",
                 "--minimum-count", "2", "--earlier", str(finer)]) == 1  # fmt: skip
    assert "disclosure.finer_unknown" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("地区,类别,value\na,z,88\nb,z,67\nc,x,5\ntotal,total,445\n", None),  # a region that is no more
        (
            "地区,类别,value\nc,x,5\ntotal,total,440\n",
            "disclosure.codes_changed",
        ),  # what was c stands elsewhere
        ("地区,类别,value\na,z,88\nb,z,67\nc,x,5\ntotal,x,144\n", "disclosure.codes_changed"),
        ("地区,类别,value\nb,z,67\nb,z,1\n", "disclosure.cell_twice"),
        ("地区,类别,价\nb,z,67\n", "disclosure.release_columns"),
        ("地区,类别,value\ntotal,z,1\na,z,88\nb,z,67\n", "disclosure.apart"),
    ],
)
def test_an_audit_that_could_not_be_made_is_no_pass(
    records: Path, tmp_path: Path, text: str, told: str | None, capsys
) -> None:
    earlier, public = tmp_path / "以前.csv", tmp_path / "公布.csv"
    earlier.write_text(text, encoding="utf-8")
    code = main(["disclose", "protect", str(records), *READING, "--minimum-count", "3", "--earlier", str(earlier),
                 "-o", str(public), "--lang", "zh"])  # fmt: skip
    said = capsys.readouterr()
    if told is None:
        assert code == 0 and public.exists()
        return
    assert code == 1 and told in said.err
    assert "推不出来" not in said.out and not public.exists()


def test_levels_without_a_parent_add_up_to_the_total(records: Path, tmp_path: Path) -> None:
    levels, public = tmp_path / "层次.csv", tmp_path / "公布.csv"
    levels.write_text("代码,上级\nx,甲\ny,甲\n甲,\nz,\n", encoding="utf-8")
    assert main(["disclose", "protect", str(records), *READING, "--minimum-count", "2", "--levels", f"类别={levels}",
                 "-o", str(public)]) == 0  # fmt: skip
    assert {row["类别"] for row in read(public)} == {"total", "甲", "x", "y", "z"}


def test_an_audit_finds_what_subtraction_gives(records: Path, tmp_path: Path) -> None:
    careless = tmp_path / "careless.csv"
    rows = [("a", "x", 2, 2), ("a", "y", 30, 30), ("b", "x", 20, 20), ("b", "y", 40, 40)]
    lines = [",".join(map(str, (*row, "suppressed" if row[3] < 3 else "shown"))) for row in rows]
    careless.write_text("\n".join(["r,k,value,n,status", *lines, ""]), encoding="utf-8")
    arguments = ["disclose", "audit", str(careless), "-d", "r", "-d", "k", "--value", "value", "--count", "n",
                 "--minimum-count", "3", "-o", str(tmp_path / "audit.json")]  # fmt: skip
    assert main(arguments) == 1
    (found,) = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["records"]
    assert (found["low"], found["high"], found["given_away"]) == (2, 2, True)


def test_figures_keep_every_decimal(tmp_path: Path) -> None:
    path, public = tmp_path / "money.csv", tmp_path / "public.csv"
    cells = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    lines = [f"{r},{k},{1234567890 + n}.12,9" for n, (r, k) in enumerate(cells)]
    path.write_text("\n".join(["r,k,v,n", *lines, ""]), encoding="utf-8")
    assert main(["disclose", "protect", str(path), "-d", "r", "-d", "k", "--value", "v", "--count", "n",
                 "--minimum-count", "3", "-o", str(public)]) == 0  # fmt: skip
    assert {(row["r"], row["k"]): row["v"] for row in read(public)}["total", "total"] == "4938271566.48"


def test_cells_given_twice_are_told_with_all_their_rows(tmp_path: Path, capsys) -> None:
    path = tmp_path / "twice.csv"
    cells = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("a", "y"), ("b", "x"), ("a", "y")]
    path.write_text("\n".join(["r,k,v,n", *(f"{r},{k},5,9" for r, k in cells), ""]), encoding="utf-8")
    words = ["disclose", "protect", str(path), "-d", "r", "-d", "k", "--value", "v", "--count", "n",
             "--minimum-count", "3"]  # fmt: skip
    for language, told in (
        ("zh", ("a / y”给了 3 次：第 3、6、8 行", "b / x”给了 2 次：第 4、7 行")),
        ("en", ("a / y” is given 3 times, in rows 3, 6, 8", "b / x” is given 2 times")),
    ):  # fmt: skip
        assert main([*words, "--lang", language]) == 1
        text = " ".join(capsys.readouterr().err.split())
        assert all(one in text for one in told) and "twice.csv" in text


def test_rounding_adds_up(records: Path, tmp_path: Path) -> None:
    path = tmp_path / "rounded.xlsx"
    assert main(["disclose", "round", str(records), *READING, "--base", "10", "-o", str(path)]) == 0
    assert path.stat().st_size > 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--minimum-count", "3", "--value", "金"], "intake.no_such_heading"),
        ([], "disclosure.no_rule"),
        (["--dominance", "one"], "disclosure.option_form"),
        (["--minimum-count", "3", "--levels", "地区"], "disclosure.option_form"),
        (["--minimum-count", "3", "-o", "out.doc"], "disclosure.unknown_format"),
    ],
)
def test_wrong_words_are_told(records: Path, more: list[str], told: str, capsys) -> None:
    code = main(["disclose", "protect", str(records), *DIMENSIONS, *more, "--lang", "en"])
    assert code in (1, 2)
    assert told in capsys.readouterr().err


def test_totals_and_blanks_among_records_are_told_with_their_rows(tmp_path: Path, capsys) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("r,k,v\na,x,1\n合计,x,1\n,x,1\na,x,\na,x,many\n", encoding="utf-8")
    base = ["disclose", "protect", str(path), "-d", "r", "-d", "k", "--minimum-count", "3", "--lang", "en"]
    assert main(base) == 1
    assert "row 4" in capsys.readouterr().err
    path.write_text("r,k,v\na,x,1\n合计,x,1\n", encoding="utf-8")
    assert main(base) == 1
    assert "disclosure.total_among_records" in capsys.readouterr().err
    path.write_text("r,k,v\na,x,\nb,x,many\n", encoding="utf-8")
    assert main([*base, "--value", "v"]) == 1
    assert "many" in capsys.readouterr().err


def test_a_count_that_is_none_is_told_with_its_row(tmp_path: Path, capsys) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("r,k,v,n\na,x,1,2.5\na,y,1,-1\n", encoding="utf-8")
    code = main(["disclose", "protect", str(path), "-d", "r", "-d", "k", "--value", "v", "--count", "n",
                 "--minimum-count", "3", "--lang", "en"])  # fmt: skip
    told = capsys.readouterr().err
    assert code == 1
    assert told.count("disclosure.count_wrong") == 1, "one panel for both rows"
    assert "row 2" in told and "row 3" in told


RULES = ["--minimum-count", "3", "--p-percent", "10"]


def _shown(path: Path) -> dict[tuple[str, str], str]:
    return {(row["地区"], row["类别"]): row["金额"] for row in read(path)}


def test_a_wished_cell_stays_shown_and_an_impossible_wish_is_refused(
    records: Path, tmp_path: Path, capsys
) -> None:
    plain, kept, inside = (tmp_path / f"{name}.csv" for name in ("plain", "kept", "inside"))
    assert (
        main(
            [
                "disclose",
                "protect",
                str(records),
                *READING,
                *RULES,
                "-o",
                str(plain),
                "--internal",
                str(inside),
            ]
        )
        == 0
    )
    gone = next(cell for cell, value in _shown(plain).items() if not value and cell[0] == "b")
    wish = f"地区={gone[0]},类别={gone[1]}"
    capsys.readouterr()
    code = main(
        [
            "disclose",
            "protect",
            str(records),
            *READING,
            *RULES,
            "-o",
            str(kept),
            "--keep",
            wish,
            "--lang",
            "en",
        ]
    )
    told = capsys.readouterr()
    assert (code, _shown(kept)[gone] != "") == (0, True), told
    assert "1 cell that must stay shown is shown" in told.out
    secret = next(row for row in read(inside) if row["status"] == "primary")
    capsys.readouterr()
    wish = f"地区={secret['地区']},类别={secret['类别']}"
    assert main(["disclose", "protect", str(records), *READING, *RULES, "--keep", wish, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "disclosure.wish_unsafe"
    everything = [text for cell in ("地区=a", "地区=b", "类别=x", "类别=y", "类别=z", "地区=b,类别=x", "地区=b,类别=y",
                                    "地区=b,类别=z", "地区=a,类别=z") for text in ("--keep", cell)]  # fmt: skip
    assert main(["disclose", "protect", str(records), *READING, *RULES, *everything, "--json"]) == 1
    refused = json.loads(capsys.readouterr().out)["errors"]
    assert {one["code"] for one in refused} == {"disclosure.wish_impossible"}
    assert main(["disclose", "protect", str(records), *READING, *RULES, "--keep", "地区=q", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "disclosure.no_such_cell"


def test_a_weight_moves_the_pattern_and_is_told(records: Path, tmp_path: Path, capsys) -> None:
    plain, weighed = tmp_path / "plain.csv", tmp_path / "weighed.csv"
    assert main(["disclose", "protect", str(records), *READING, *RULES, "-o", str(plain)]) == 0
    gone = [cell for cell, value in _shown(plain).items() if not value and cell[0] == "b"]
    weights = tmp_path / "weights.csv"
    weights.write_text("地区,类别,weight\n" + "".join(f"{a},{b},50\n" for a, b in gone), encoding="utf-8")
    capsys.readouterr()
    assert main(["disclose", "protect", str(records), *READING, *RULES, "-o", str(weighed), "--weights", str(weights),
                 "--lang", "en"]) == 0  # fmt: skip
    assert f"Of {len(gone)} cells with more weight 0 are hidden" in capsys.readouterr().out
    assert all(_shown(weighed)[cell] for cell in gone)
    weights.write_text("地区,类别,weight\na,x,0\n", encoding="utf-8")
    assert (
        main(["disclose", "protect", str(records), *READING, *RULES, "--weights", str(weights), "--json"])
        == 1
    )
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "disclosure.weight_wrong"


def _cells(path: Path, change: float = 0.0) -> Path:
    """Write the table as lvshu exports one: a row of units below the headings, a line of origin at the end."""
    sums: dict[tuple[str, str], float] = {}
    for area, kind, _, amount in RECORDS:
        for cell in ((area, kind), (area, "total"), ("total", kind), ("total", "total")):
            sums[cell] = sums.get(cell, 0) + amount
    rows = [[*cell, value + (change if cell == ("a", "x") else 0)] for cell, value in sums.items()]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([["地区", "类别", "金额"], ["", "", "元"], *rows])
        stream.write("# 平台交易额 (platform_transaction) · lvshu\r\n")
    return path


def test_an_export_of_ours_is_read_and_judged_by_the_records_behind_it(
    records: Path, tmp_path: Path, capsys
) -> None:
    exported, from_cells, from_records = (
        _cells(tmp_path / "export.csv"),
        tmp_path / "c.csv",
        tmp_path / "r.csv",
    )
    assert main(["disclose", "protect", str(records), *READING, *RULES, "-o", str(from_records)]) == 0
    code = main(["disclose", "protect", str(exported), *READING, "--contributions", str(records), *RULES, "-o",
                 str(from_cells)])  # fmt: skip
    assert (code, _shown(from_cells)) == (0, _shown(from_records))
    capsys.readouterr()
    wrong = _cells(tmp_path / "wrong.csv", change=3.0)
    assert (
        main(["disclose", "protect", str(wrong), *READING, "--contributions", str(records), *RULES, "--json"])
        == 1
    )
    [told] = json.loads(capsys.readouterr().out)["errors"]
    assert told["code"] == "disclosure.contributions_differ" and "a / x" in json.dumps(
        told, ensure_ascii=False
    )


def test_a_workbook_with_units_and_largest_contributions_is_read(tmp_path: Path, capsys) -> None:
    path, public = tmp_path / "export.xlsx", tmp_path / "public.csv"
    heads = ["地区", "类别", "金额", "单位数", "最大", "次大"]
    rows = [
        ("a", "x", 100, 12, 95, 3),
        ("a", "y", 90, 12, 20, 18),
        ("b", "x", 80, 12, 18, 15),
        ("b", "y", 70, 12, 15, 9),
    ]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("表")
        for number, row in enumerate([heads, ["", "", "元", "", "元", "元"], *rows]):
            sheet.write_row(number, 0, row)
    reading = ["--value", "金额", "--count", "单位数", "--largest", "最大", "--largest", "次大"]
    code = main(
        ["disclose", "protect", str(path), *DIMENSIONS, *reading, "--p-percent", "10", "-o", str(public)]
    )
    assert code == 0, capsys.readouterr()
    assert _shown(public)["a", "x"] == ""


@pytest.mark.slow
def test_an_attack_on_a_run_says_what_is_left_of_hidden_figures(
    sample_run: Path, tmp_path: Path, capsys
) -> None:
    inside = tmp_path / "attack.csv"
    assert main(["disclose", "attack", str(sample_run), "-o", str(inside), "--lang", "en"]) == 0
    assert "all tables together leave them in doubt" in capsys.readouterr().out
    rows = read(inside)
    assert {row["verdict"] for row in rows} == {"safe"}
    assert {"digital_value_added", "platform_transactions"} <= {row["magnitude"] for row in rows}
