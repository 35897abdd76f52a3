"""The clerical queue out and back: what is written, what is taken, what is told."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem
from lvshu.engine.settings import Settings
from lvshu.statistics.coding.queue import (
    AUDIT_FILE,
    REVIEW_FILE,
    _before_a_spreadsheet,
    _month,
    take_queue,
    write_queue,
)

MARK = "校验码"


class Book:
    """A book of a few coded units."""

    settings = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=2023)

    def __init__(self, tables: dict[str, list[dict[str, Any]]]) -> None:
        self.tables = tables

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def has(self, table: str) -> bool:
        return table in self.tables

    def rows(self, table: str, **choice: object) -> list[dict[str, Any]]:
        return self.tables[table]


class Desk:
    """A workspace with that book."""

    library = PackLibrary.load(None)

    def __init__(self, folder: Path) -> None:
        self.inputs = folder
        decisions = ["coded", "abstained", "backed_off", "reviewed"] * 10
        self.coded = [
            {
                "uscc": f"U{number:03d}",
                "decision": decision,
                "main_words": "软件开发",
                "best_code": "6513" if number % 4 == 0 else "6210",
                "machine_code": "6513" if number % 4 == 0 else "6210",
                "digital_probability": (0.9, 0.2, 0.0, 0.0)[number % 4],
            }
            for number, decision in enumerate(decisions)
        ]
        self.units = [
            {"uscc": row["uscc"], "business_scope": "=HYPERLINK(1)；软件开发", "employee_count": None}
            for row in self.coded
        ]
        self.assigned: list[dict[str, Any]] = []
        self.candidates = [{"uscc": "U001", "candidate_rank": 1, "code": "6513", "probability": 0.61}]

    def book(self) -> Book:
        return Book(
            {
                "activity_code": self.coded,
                "enterprise": self.units,
                "activity_candidate": self.candidates,
                "assigned_industry": self.assigned,
            }
        )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def fill(path: Path, answers: dict[str, Sequence[str]]) -> None:
    """Fill in code, reviewer and date of some units of a Chinese queue."""
    rows = read(path)
    for row in rows:
        if row["统一社会信用代码"] in answers:
            row["核定行业代码"], row["复核人"], row["复核日期"] = answers[row["统一社会信用代码"]]
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_units_with_the_code_of_a_linked_unit_are_in_no_audit(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    near = [row["uscc"] for row in desk.coded if row["digital_probability"] == 0.2]
    desk.assigned = [{"uscc": key, "linked_class": "6513"} for key in near]
    write_queue(desk, tmp_path / "q.csv", audit=12)  # type: ignore[arg-type]
    audits = [row for row in read(tmp_path / "q.csv") if row["种类"] == "audit"]
    assert {(row["层"], row["层内单位数"]) for row in audits} == {("in", "10"), ("far", "20")}
    assert {row["抽样框单位数"] for row in audits} == {"30"}
    desk.assigned = [{"uscc": row["uscc"], "linked_class": "6513"} for row in desk.coded]
    with pytest.raises(InputError) as caught:
        write_queue(desk, tmp_path / "none.csv", audit=12)  # type: ignore[arg-type]
    assert caught.value.problems[0].code == "coding.queue_no_frame"
    assert "40 units" in caught.value.problems[0].what("en")


def test_units_with_the_code_of_a_linked_unit_come_last_and_only_where_the_machine_finds_another(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path)
    open_ = [row for row in desk.coded if row["decision"] not in ("coded", "reviewed")]
    same, other = open_[0], open_[1]
    desk.assigned = [
        {"uscc": same["uscc"], "linked_class": same["best_code"]}, {"uscc": other["uscc"], "linked_class": "7320"},
    ]  # fmt: skip
    made = write_queue(desk, tmp_path / "q.csv")  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    assert made.reviews == len(rows) == len(open_) - 1
    assert same["uscc"] not in {row["统一社会信用代码"] for row in rows}
    assert rows[-1]["统一社会信用代码"] == other["uscc"] and rows[-1]["链接单位的代码"].startswith("7320 ")
    assert not any(row["链接单位的代码"] for row in rows[:-1])
    fill(tmp_path / "q.csv", {other["uscc"]: (rows[-1]["链接单位的代码"], "王", "2024-03-01")})
    assert take_queue(desk, [tmp_path / "q.csv"]).reviews == 1  # type: ignore[arg-type]


def test_what_is_not_sure_and_a_random_audit_are_written(tmp_path: Path) -> None:
    made = write_queue(Desk(tmp_path), tmp_path / "q.csv", audit=12)  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    audits = [row for row in rows if row["种类"] == "audit"]
    assert (len(audits), len(rows)) == (made.audits, made.audits + made.reviews)
    assert {(row["层"], row["层内单位数"]) for row in audits} == {("in", "10"), ("near", "10"), ("far", "20")}
    assert len(audits) == 12
    assert len({row["统一社会信用代码"] for row in rows}) == len(rows)
    reviewed = {row["统一社会信用代码"] for row in rows if row["种类"] == "review"}
    assert all(int(key[1:]) % 4 in (1, 2) for key in reviewed)
    assert all(row["经营范围"].startswith("'=") for row in rows)
    again = write_queue(Desk(tmp_path), tmp_path / "again.csv", audit=12)  # type: ignore[arg-type]
    assert again.audits == made.audits
    assert read(tmp_path / "again.csv") == rows


def test_answers_become_inputs_and_audits_stay_apart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    write_queue(desk, tmp_path / "q.csv", audit=12)  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    audit = next(row["统一社会信用代码"] for row in rows if row["种类"] == "audit")
    review = next(row["统一社会信用代码"] for row in rows if row["种类"] == "review")
    fill(tmp_path / "q.csv", {audit: ("6513", "甲", "2024/01/15"), review: ("6210", "乙", "2024-01-16")})
    found = take_queue(desk, [tmp_path / "q.csv"])  # type: ignore[arg-type]
    assert (found.reviews, found.audits, found.open_rows) == (1, 1, len(rows) - 2)
    assert [row["uscc"] for row in read(tmp_path / REVIEW_FILE)] == [review]
    [taken] = read(tmp_path / AUDIT_FILE)
    assert taken["uscc"] == audit
    assert taken["audited_on"] == "2024-01-15"
    assert taken["stratum_units"] in ("10", "20")
    assert (taken["audit_month"], taken["frame_units"], taken["stratum_drawn"]) == ("2023-12", "40", "4")
    assert taken["coded_code"] in ("6513", "6210")
    assert taken["draw"].startswith("d")
    fill(tmp_path / "q.csv", {review: ("5432", "乙", "2024-02-16")})
    take_queue(desk, [tmp_path / "q.csv"])  # type: ignore[arg-type]
    assert [row["industry_code"] for row in read(tmp_path / REVIEW_FILE)] == ["5432"]


def test_all_faults_are_told_at_once_and_nothing_is_taken(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    head = ["种类", "统一社会信用代码", "层", "层内单位数", "核定行业代码", "复核人", "复核日期"]
    with xlsxwriter.Workbook(str(tmp_path / "q.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([
            head,
            ["review", "U001", "", "", "9999", "", "not a day"],
            ["maybe", "U999", "", "", "6513", "甲", "2024-01-15"],
            ["audit", "U002", "", "", "6513", "甲", "2024-01-15"],
            ["review", "U002", "", "", "6210", "甲", "2024-01-15"],
            ["review", "U003", "", "", "6210", "甲", "2099-01-15"],
        ]):  # fmt: skip
            sheet.write_row(number, 0, row)
    with pytest.raises(InputError) as caught:
        take_queue(desk, [tmp_path / "q.xlsx"])  # type: ignore[arg-type]
    assert sorted(problem.code for problem in caught.value.problems) == [
        "coding.label_outside", "coding.queue_day", "coding.queue_future", "coding.queue_kind", "coding.queue_reviewer",
        "coding.queue_stratum", "coding.queue_twice", "coding.queue_unknown_unit",
    ]  # fmt: skip
    assert caught.value.problems[0].where.row == 2
    assert not (tmp_path / REVIEW_FILE).exists()


def test_columns_that_a_queue_lacks_are_named_in_the_language_asked_for(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("uscc,month\nabc,2025-13\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        take_queue(Desk(tmp_path), [tmp_path / "other.csv"])  # type: ignore[arg-type]
    [problem] = told.value.problems
    assert "Industry code found, Reviewer" in problem.what("en") and "核定行业代码、复核人" in problem.what(
        "zh"
    )
    assert "行" not in problem.what("en") and "uscc, month" in problem.what("en")


def test_files_that_cannot_be_written_or_read_are_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "there.csv").write_text("x", encoding="utf-8")
    (tmp_path / "no.xlsx").write_bytes(b"not a workbook")
    wrong = {
        "coding.queue_there": lambda: write_queue(desk, tmp_path / "there.csv"),  # type: ignore[arg-type]
        "coding.queue_ending": lambda: write_queue(desk, tmp_path / "q.pdf"),  # type: ignore[arg-type]
        "coding.queue_columns": lambda: take_queue(desk, [tmp_path / "there.csv"]),  # type: ignore[arg-type]
        "intake.workbook_broken": lambda: take_queue(desk, [tmp_path / "no.xlsx"]),  # type: ignore[arg-type]
        "coding.file_absent": lambda: take_queue(desk, [tmp_path / "absent.csv"]),  # type: ignore[arg-type]
    }
    for code, action in wrong.items():
        with pytest.raises(InputError) as caught:
            action()
        assert caught.value.code == code
    write_queue(desk, tmp_path / "q.csv")  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        take_queue(desk, [tmp_path / "q.csv"])  # type: ignore[arg-type]
    assert caught.value.code == "coding.queue_unanswered"


def test_draws_are_kept_apart_and_must_agree_with_themselves(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for month in ("2023-06", "2023-12"):
        write_queue(desk, tmp_path / f"{month}.csv", audit=12, month=month)  # type: ignore[arg-type]
        rows = read(tmp_path / f"{month}.csv")
        audits = [row["统一社会信用代码"] for row in rows if row["种类"] == "audit"]
        fill(tmp_path / f"{month}.csv", dict.fromkeys(audits, ("6513", "甲", "2024-01-15")))
        take_queue(desk, [tmp_path / f"{month}.csv"])  # type: ignore[arg-type]
    taken = read(tmp_path / AUDIT_FILE)
    assert len(taken) == 24
    assert len({row["draw"] for row in taken}) == 2
    rows = read(tmp_path / "2023-12.csv")
    rows[0]["层内单位数"] = "99"
    unmarked = [{name: cell for name, cell in row.items() if name != MARK} for row in rows]
    for changed, code in ((rows, "coding.queue_changed"), (unmarked, "coding.queue_draw")):
        with pytest.raises(InputError) as caught:
            take_queue(desk, [_saved(tmp_path / "changed.csv", changed)])  # type: ignore[arg-type]
        assert [(one.code, one.where.row) for one in caught.value.problems] == [(code, 2)]
    with pytest.raises(InputError) as caught:
        write_queue(desk, tmp_path / "x.csv", audit=2, month="2023-13")  # type: ignore[arg-type]
    assert caught.value.code == "coding.queue_month"


def test_a_unit_that_was_given_another_stratum_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number, row in enumerate(desk.units):
        row["employee_count"] = 100 + number
    write_queue(desk, tmp_path / "q.csv", audit=37)  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    audits = [row for row in rows if row["种类"] == "audit"]
    fill(tmp_path / "q.csv", {row["统一社会信用代码"]: ("6513", "甲", "2024-01-15") for row in audits})
    take_queue(desk, [tmp_path / "q.csv"])  # type: ignore[arg-type]
    first, second = ([row for row in read(tmp_path / "q.csv") if row["层"] == f"far.{one}"] for one in (1, 2))
    assert first and second, "the group is parted by size"

    def put(name: str, changed: list[dict[str, str]], *, marked: bool) -> list[Problem]:
        rows = [{key: cell for key, cell in row.items() if marked or key != MARK} for row in changed]
        with pytest.raises(InputError) as caught:
            take_queue(desk, [_saved(tmp_path / name, rows)])  # type: ignore[arg-type]
        return list(caught.value.problems)

    whole = [row for row in read(tmp_path / "q.csv") if row["种类"] == "audit"]
    stratum = ("层", "层内单位数", "层内抽取数")
    moved = [
        {**row, **{name: second[0][name] for name in stratum}} if row == first[-1] else row for row in whole
    ]
    assert "coding.queue_too_many" in [one.code for one in put("moved.csv", moved, marked=False)]
    for changed in (moved, [{**row, "层": second[0]["层"]} if row == first[-1] else row for row in whole]):
        [told] = put("moved.csv", changed, marked=True)
        assert (told.code, told.where.column) == ("coding.queue_stratum_changed", "层")
        assert told.where.row == whole.index(first[-1]) + 2
        assert (told.values["was"], told.values["stratum"]) == (first[0]["层"], second[0]["层"])
    other = {first[0]["统一社会信用代码"]: second[0], second[0]["统一社会信用代码"]: first[0]}
    swapped = [
        {**row, **{name: other.get(row["统一社会信用代码"], row)[name] for name in stratum}} for row in whole
    ]
    assert [one.code for one in put("swapped.csv", swapped, marked=False)] == ["coding.queue_moved"]
    assert [one.code for one in put("swapped.csv", swapped, marked=True)] == [
        "coding.queue_stratum_changed"
    ] * 2
    larger = [{**row, "从业人员": "9999"} for row in whole]
    assert [one.code for one in put("larger.csv", larger, marked=True)] == ["coding.queue_changed"] * len(
        whole
    )
    bare = [{**row, MARK: ""} if row == first[-1] else row for row in whole]
    assert [one.code for one in put("bare.csv", bare, marked=True)] == ["coding.queue_changed"]


def test_scopes_sorted_without_their_units_are_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number, row in enumerate(desk.units):
        row["business_scope"] = f"软件开发{number % 7}"
    write_queue(desk, tmp_path / "q.csv", audit=12)  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    fill(tmp_path / "q.csv", {row["统一社会信用代码"]: ("6513", "甲", "2024-01-15") for row in rows[:20]})
    take_queue(desk, [tmp_path / "q.csv"])  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    scopes = sorted(row["经营范围"] for row in rows)
    moved = [{**row, "经营范围": scope} for row, scope in zip(rows, scopes, strict=True)]
    with pytest.raises(InputError) as caught:
        take_queue(desk, [_saved(tmp_path / "moved.csv", moved)])  # type: ignore[arg-type]
    wrong = [place for place in range(20) if moved[place]["经营范围"] != rows[place]["经营范围"]]
    assert {one.code for one in caught.value.problems} == {"coding.queue_of_other_unit"}
    assert [one.where.row for one in caught.value.problems] == [place + 2 for place in wrong]
    rewritten = [{**row, "经营范围": row["经营范围"] + "等"} for row in rows]
    take_queue(desk, [_saved(tmp_path / "note.csv", rewritten)])  # type: ignore[arg-type]


def test_overseas_units_are_not_drawn_and_the_largest_always_are(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number, row in enumerate(desk.units):
        row |= {"employee_count": 5_000 if number == 6 else 10, "overseas": number % 4 == 3}
    write_queue(desk, tmp_path / "q.csv", audit=12)  # type: ignore[arg-type]
    audits = [row for row in read(tmp_path / "q.csv") if row["种类"] == "audit"]
    assert {row["抽样框单位数"] for row in audits} == {"30"}
    assert all(int(row["统一社会信用代码"][1:]) % 4 != 3 for row in audits)
    [large] = [row for row in audits if row["统一社会信用代码"] == "U006"]
    assert (large["层"], large["层内单位数"], large["从业人员"]) == ("far.all", "1", "5000")


def test_a_queue_comes_back_however_a_spreadsheet_saved_it(tmp_path: Path) -> None:
    """Columns reordered and added, headings of the other language, UTF-16 with tabs, zeros dropped, dates rewritten."""
    desk = Desk(tmp_path)
    write_queue(desk, tmp_path / "q.csv")  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    names = [
        "Note of mine",
        "Reviewed on",
        "REVIEWER ",
        "industry_code",
        "层",
        "Units of the stratum",
        "Kind",
        "Credit code",
    ]
    lines = [
        ["", "2024/1/15", "甲", "111", row["层"], row["层内单位数"], "复核", row["统一社会信用代码"]]
        for row in rows[:2]
    ]
    lines.append(["later", "", "", "", "", "", "复核", rows[2]["统一社会信用代码"]])
    with (tmp_path / "back.txt").open("w", encoding="utf-16", newline="") as handle:
        csv.writer(handle, delimiter="\t").writerows([names, *lines])
    found = take_queue(desk, [tmp_path / "back.txt"])  # type: ignore[arg-type]
    assert (found.reviews, found.open_rows, found.restored) == (2, 1, 2)
    assert {row["industry_code"] for row in read(tmp_path / REVIEW_FILE)} == {"0111"}
    assert {row["reviewed_on"] for row in read(tmp_path / REVIEW_FILE)} == {"2024-01-15"}


CODE, KEY = "核定行业代码", "统一社会信用代码"


def _saved(path: Path, rows: list[dict[str, str]], heads: Sequence[str] | None = None) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(heads or list(rows[0]))
        writer.writerows(list(row.values()) for row in rows)
    return path


@pytest.mark.parametrize(
    ("given", "read_as"),
    [("６５１３", "6513"), ("6513.0", "6513"), (" 6513\u3000", "6513"), ("\u200b6513", "6513"), ("'0111", "0111"),
     ("111.0", "0111"), ("0111 稻谷种植 0.61", "0111"), ("0111　稻谷种植", "0111")],
)  # fmt: skip
def test_codes_are_read_as_people_and_spreadsheets_write_them(
    tmp_path: Path, given: str, read_as: str
) -> None:
    desk = Desk(tmp_path)
    for unit in desk.units:
        unit["employee_count"] = 1200
    write_queue(desk, tmp_path / "q.csv", audit=12)  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    for row in rows[:1]:
        row |= {CODE: given, "复核人": "甲", "复核日期": "2024-01-15", KEY: row[KEY].lower() + " ",
                "层内单位数": row["层内单位数"] + ".0", "抽样框单位数": "４0", "从业人员": "1,200"}  # fmt: skip
    for row in rows[1:]:
        row["抽样框单位数"] = row["抽样框单位数"] and "40.00"
    take_queue(desk, [_saved(tmp_path / "b.csv", rows)])  # type: ignore[arg-type]
    [taken] = read(tmp_path / AUDIT_FILE)
    assert (taken["industry_code"], taken["frame_units"], taken["employee_count"]) == (read_as, "40", "1200")
    assert taken["uscc"] == rows[0][KEY].strip().upper() and taken["stratum_units"].isdigit()


@pytest.mark.parametrize("given", ["0111 小麦种植", "6513；6510", "65", "A0111", "01111", "6513或6510"])
def test_what_is_not_one_class_is_refused(tmp_path: Path, given: str) -> None:
    desk = Desk(tmp_path)
    write_queue(desk, tmp_path / "q.csv")  # type: ignore[arg-type]
    rows = read(tmp_path / "q.csv")
    rows[0] |= {CODE: given, "复核人": "甲", "复核日期": "2024-01-15"}
    with pytest.raises(InputError) as caught:
        take_queue(desk, [_saved(tmp_path / "b.csv", rows)])  # type: ignore[arg-type]
    assert [one.code for one in caught.value.problems] == ["coding.label_outside"]


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    write_queue(desk, tmp_path / "q.csv")  # type: ignore[arg-type]
    rows = [{**row, "more": "6513"} for row in read(tmp_path / "q.csv")]
    heads = [*list(rows[0])[:-1], "核定 行业代码"]
    with pytest.raises(InputError) as caught:
        take_queue(desk, [_saved(tmp_path / "b.csv", rows, heads)])  # type: ignore[arg-type]
    assert [one.code for one in caught.value.problems] == ["coding.queue_column_twice"]


def test_two_draws_of_one_month_that_share_units_keep_both_answers(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    files = []
    for number in (12, 24):
        write_queue(desk, tmp_path / f"{number}.csv", audit=number)  # type: ignore[arg-type]
        rows = read(tmp_path / f"{number}.csv")
        for row in rows:
            if row["种类"] == "audit":
                row |= {CODE: "6513", "复核人": "甲", "复核日期": "2024-01-15"}
        files.append(_saved(tmp_path / f"b{number}.csv", rows))
    found = take_queue(desk, files)  # type: ignore[arg-type]
    taken = read(tmp_path / AUDIT_FILE)
    assert (found.audits, len(taken)) == (36, 36)
    assert sorted(sum(row["draw"] == draw for row in taken) for draw in {row["draw"] for row in taken}) == [
        12,
        24,
    ]


@pytest.mark.parametrize("shown", ["9.14103E+17", "914103000000001000", "9.14103000000001E+17"])
def test_codes_that_a_spreadsheet_made_numbers_are_named(shown: str) -> None:
    known = {"914103000000001234", "93000000000000123X", "U001"}
    assert _before_a_spreadsheet(shown, known) == ["914103000000001234"]
    assert _before_a_spreadsheet("9E+17", known) == []
    assert _before_a_spreadsheet("914103000000001234", known) == []


@pytest.mark.parametrize("text", ["2023-12", "2023-12-01", "2023/12/1", "Dec-23"])
def test_a_month_is_read_however_a_spreadsheet_rewrote_it(text: str) -> None:
    assert _month(text) == "2023-12"
