"""The review file of links: csv or xlsx, with what a reviewer needs and nothing that leads."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.spreadsheet import harmless

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("decision", "意见：same / apart / unsure", "Decision: same / apart / unsure"),
    ("reviewer", "复核人", "Reviewer"),
    ("reviewed_on", "复核日期", "Reviewed on"),
    ("note", "备注", "Note"),
    ("left_name", "左：名称", "Left: name"),
    ("right_name", "右：名称", "Right: name"),
    ("left_uscc", "左：统一社会信用代码", "Left: credit code"),
    ("right_uscc", "右：统一社会信用代码", "Right: credit code"),
    ("left_address", "左：地址", "Left: address"),
    ("right_address", "右：地址", "Right: address"),
    ("left_district_code", "左：区", "Left: district"),
    ("right_district_code", "右：区", "Right: district"),
    ("left_industry_code", "左：行业", "Left: class"),
    ("right_industry_code", "右：行业", "Right: class"),
    ("left_registered_on", "左：成立日期", "Left: registered"),
    ("right_registered_on", "右：成立日期", "Right: registered"),
    ("left_birth_month", "左：出生月份", "Left: month of birth"),
    ("right_birth_month", "右：出生月份", "Right: month of birth"),
    ("left_sex", "左：性别", "Left: sex"),
    ("right_sex", "右：性别", "Right: sex"),
    ("agrees", "相同的散列与属性", "Hashes and attributes that agree"),
    ("differs", "不同的散列与属性", "Hashes and attributes that differ"),
    ("probability", "概率（样本不给）", "Probability (not of the sample)"),
    ("grounds", "依据（样本不给）", "Grounds (not of the sample)"),
    ("kind", "单位种类（勿改）", "Kind of unit (leave as it is)"),
    ("left_key", "左记录（勿改）", "Left record (leave as it is)"),
    ("right_key", "右记录（勿改）", "Right record (leave as it is)"),
    ("draw", "抽取方式（勿改）", "Draw (leave as it is)"),
)
ALSO = {
    "decision": ("意见", "判定", "结论", "判断", "Decision", "Answer"),
    "reviewer": ("审核人", "Reviewed by"),
    "reviewed_on": ("审核日期", "日期", "Date", "Reviewed"),
    "note": ("说明", "Notes", "Remark"),
    "kind": ("单位种类", "种类", "Kind of unit", "Kind"),
    "left_key": ("左记录", "Left record", "Left"),
    "right_key": ("右记录", "Right record", "Right"),
    "draw": ("抽取方式", "Draw"),
}
"""Headings that people shorten ours to."""
OPEN = ("decision", "reviewer", "reviewed_on", "note")
WORDS = {
    "同一单位": "same", "同一": "same", "是": "same", "不是": "apart", "不是同一单位": "apart", "否": "apart",
    "同一个单位": "same", "不是同一个单位": "apart", "不同单位": "apart", "一样": "same", "不一样": "apart",
    "相同": "same", "不同": "apart", "不是同一": "apart", "不确定": "unsure", "不清楚": "unsure",
    "yes": "same", "no": "apart", "different": "apart", "not sure": "unsure",
    "看不出": "unsure", "one unit": "same", "same unit": "same", "not one unit": "apart", "cannot be told": "unsure",
}  # fmt: skip
KIND_WORDS = {
    "企业": "enterprise", "enterprises": "enterprise", "个人": "person", "persons": "person", "人员": "person",
}  # fmt: skip
"""Kinds of unit as people may have put them; left out, the records' own kind counts."""
GUIDE = (
    ("每行是两条记录。same：同一单位；apart：不是；unsure：看不出。只填黄色的四列。",
     "A row is two records. same: one unit; apart: not one; unsure: cannot be told. Fill in the four yellow columns."),
    ("draw 为 waiting 的是把握不大的；pair 与 record 是随机样本，用来估计误链率与漏链率，请全部判定，不要挑着填。",
     "waiting: pairs that are not sure. pair and record: a random sample that error rates are estimated from; judge "
     "all of it, not a choice."),
    ("分支机构与其总部、集团内的不同法人是不同单位。",
     "A branch and its head office, or two legal persons of a group, are different units."),
    ("个人只有出生月份、性别、区和相同的散列；判不了的按左右记录号到各自来源查原记录。",
     "Of persons there are month of birth, sex, district and which hashes agree; where that does not decide, look the "
     "records up at their sources by the numbers on the left and on the right."),
    ("填好后：lvshu register take 文件名。错处会一次说完。",
     "When done: lvshu register take FILE. All that is wrong is told at once."),
)  # fmt: skip


def write_sheet(path: Path, rows: Sequence[Mapping[str, Any]], *, language: str = "zh") -> None:
    """Write the review file. The ending of the path decides: .csv or .xlsx.

    Texts that a spreadsheet would take for a formula are written so that it does not.

    Raises:
        InputError: statistics.review_ending.
    """
    heading = [zh if language == "zh" else en for _, zh, en in COLUMNS]
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(heading)
            writer.writerows([harmless(_text(row.get(name))) for name, _, _ in COLUMNS] for row in rows)
    elif path.suffix.lower() == ".xlsx":
        _write_book(path, heading, rows)
    else:
        raise InputError(
            Problem("statistics.review_ending", Where(file=path.name), {"ending": path.suffix or "-"})
        )


def _text(cell: object) -> str:
    return "" if cell is None else f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _write_book(path: Path, heading: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        page, guide = book.add_worksheet("复核 review"), book.add_worksheet("说明 guide")
        head = book.add_format({"bold": True, "bg_color": "#DCE9E1", "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        cell = book.add_format({"num_format": "@", "bg_color": "#FFFBE6", "border": 1, "locked": False})
        page.write_row(0, 0, heading, head)
        page.set_row(0, 46)
        page.freeze_panes(1, len(OPEN))
        page.set_column(0, 3, 13)
        page.set_column(4, 5, 34)
        page.set_column(6, len(COLUMNS) - 1, 20)
        for place, row in enumerate(rows, start=1):
            for column, (name, _, _) in enumerate(COLUMNS):
                shown = _text(row.get(name))
                page.write_string(place, column, shown, cell if name in OPEN else text)
        if rows:
            page.data_validation(
                1, 0, len(rows), 0, {"validate": "list", "source": ["same", "apart", "unsure"]}
            )
            page.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
        page.protect("", {"autofilter": True, "format_columns": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        guide.set_column(0, 0, 110)
        for place, (zh, en) in enumerate(GUIDE):
            guide.write_string(2 * place, 0, f"{place + 1}. {zh}", wrap)
            guide.write_string(2 * place + 1, 0, f"   {en}", wrap)
