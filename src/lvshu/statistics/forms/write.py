"""Writes the forms of a platform and month as one workbook: facts once, sums and rules checked while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from lvshu.catalog.pack_library import PackLibrary
from lvshu.statistics.forms.layout import COVER, IDENTITY, Cell, cells_of, forms_of

FIRST = 5
"""Row of the first cell, counted from 0."""
AMOUNT = 3
HEADS = ("代码 Code", "指标", "Item", "金额（元） Amount (CNY)", "上月 Last month", "核对 Check")
_NOTE = (
    "金额填元，空着表示没有这项；0 表示为零。第六列随填随核。此表只列已查明的指标，以国家统计局下发的报表为准。",
    "Amounts in yuan; leave blank what does not apply, 0 is none. The sixth column checks while you type. Only items "
    "that are established are listed; the forms issued by the National Bureau of Statistics prevail.",
)


@dataclass(frozen=True)
class Known:
    """What is known of a platform and month before its form is filled in.

    Attributes:
        identity: of IDENTITY, what is known.
        regions: codes of the regions it reports; None: all provinces.
        amounts: code of a cell -> amount already filed for the month, in yuan.
        last: code of a cell -> amount of the month before.
    """

    identity: Mapping[str, str] = field(default_factory=dict)
    regions: Sequence[str] | None = None
    amounts: Mapping[str, float] = field(default_factory=dict)
    last: Mapping[str, float] = field(default_factory=dict)


def write_forms(path: Path, library: PackLibrary, *, known: Known | None = None) -> list[str]:
    """Return the numbers of the forms that were written, as sheets of one workbook behind a cover.

    Name, code and month stand on the cover once; each sheet shows them and the total of U201 by formula. The seven
    rules between forms and the three sums of U201 are formulas beside the amounts.

    Args:
        path: the .xlsx file.
        library: packs platform_forms and areas.
        known: what is filled in already.

    Raises:
        OSError: the file cannot be written.
    """
    known = known or Known()
    forms = forms_of(library)
    with xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_formulas": False}) as book:
        styles = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#1f6f54", "font_color": "#ffffff", "border": 1}
            ),
            "note": book.add_format({"font_color": "#6b7280", "text_wrap": True, "valign": "top"}),
            "title": book.add_format({"bold": True, "font_size": 14}),
            "fill": book.add_format({"bg_color": "#fff8e1", "border": 1, "num_format": "#,##0.00"}),
            "text": book.add_format({"bg_color": "#fff8e1", "border": 1, "num_format": "@"}),
            "seen": book.add_format({"font_color": "#6b7280", "num_format": "#,##0.00"}),
        }
        _cover(book.add_worksheet(COVER), styles, known)
        for form, row in forms.items():
            _form(book.add_worksheet(form), form, row, cells_of(form, library, known.regions), known, styles)
    return list(forms)


def _cover(sheet: Any, styles: Mapping[str, Any], known: Known) -> None:
    sheet.write_string(
        0, 0, "互联网经济统计报表 Statistical returns of the internet economy", styles["title"]
    )
    for column, head in enumerate(("代码 Code", "项目", "Item", "填写 Value")):
        sheet.write_string(2, column, head, styles["head"])
    for row, (name, (zh, en)) in enumerate(IDENTITY.items(), start=3):
        for column, text in enumerate((name, zh, en)):
            sheet.write_string(row, column, text)
        sheet.write_string(row, AMOUNT, known.identity.get(name, ""), styles["text"])
    for place, note in enumerate(_NOTE):
        sheet.merge_range(9 + place, 0, 9 + place, AMOUNT, note, styles["note"])
        sheet.set_row(9 + place, 48)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 3, 36)


def _form(
    sheet: Any,
    form: str,
    row: Mapping[str, Any],
    cells: Sequence[Cell],
    known: Known,
    styles: Mapping[str, Any],
) -> None:
    title = " ".join(str(part) for part in (form, row["title_zh"], row["title_en"]) if part)
    if not row["title_zh"]:
        title += "（表名未查明 title not established）"
    sheet.write_string(0, 0, title, styles["title"])
    for place, name in enumerate(("platform_name", "month")):
        value = known.identity.get(name, "")
        sheet.write_formula(
            1, place * 2, f"='{COVER}'!D{list(IDENTITY).index(name) + 4}&\"\"", styles["seen"], value
        )
    if form != "U201":
        total = known.amounts.get("U201|transactions|total|total|total", 0)
        sheet.write_string(2, 2, "U201 平台交易额 Platform transactions", styles["seen"])
        sheet.write_formula(2, AMOUNT, f"='U201'!D{FIRST + 1}", styles["seen"], total)
    for column, head in enumerate(HEADS):
        sheet.write_string(FIRST - 1, column, head, styles["head"])
    for number, cell in enumerate(cells, start=FIRST):
        for column, text in enumerate((cell.code, cell.zh, cell.en)):
            sheet.write_string(number, column, text)
        amount, before = known.amounts.get(cell.code), known.last.get(cell.code)
        if amount is None:
            sheet.write_blank(number, AMOUNT, None, styles["fill"])
        else:
            sheet.write_number(number, AMOUNT, amount, styles["fill"])
        if before is not None:
            sheet.write_number(number, AMOUNT + 1, before, styles["seen"])
    last = FIRST + len(cells) - 1
    sheet.data_validation(
        FIRST, AMOUNT, last, AMOUNT,
        {"validate": "decimal", "criteria": ">=", "value": 0, "error_title": "金额 Amount",
         "error_message": "填不小于零的数，单位元。 A number of yuan, not below zero."},
    )  # fmt: skip
    _checks(sheet, form, cells)
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 2, 28)
    sheet.set_column(3, 5, 22)
    sheet.freeze_panes(FIRST, 3)


def _checks(sheet: Any, form: str, cells: Sequence[Cell]) -> None:
    """Formulas beside the amounts: sums of U201, and no form above U201."""
    if form == "U207":
        return
    if form != "U201":
        parts = f"SUM(D{FIRST + 1}:D{FIRST + len(cells)})"
        sheet.write_formula(FIRST, 5, f'=IF({parts}<=D3,"✓","✗ > U201")', None, "✓")
        return
    groups = {
        "Σ 地区 regions": [n for n, cell in enumerate(cells) if cell.region != "total"],
        "Σ 类别 categories": [n for n, cell in enumerate(cells) if cell.category != "total"],
        "Σ 经营方式 trade": [n for n, cell in enumerate(cells) if cell.kind != "total"],
    }
    for label, places in groups.items():
        if not places:
            continue
        area = f"D{FIRST + 1 + places[0]}:D{FIRST + 1 + places[-1]}"
        off = f"ABS(SUM({area})-D{FIRST + 1})"
        formula = f'=IF(COUNT({area})=0,"",IF({off}<={0.01 * len(places)},"✓ {label}","✗ {label}"))'
        sheet.write_formula(FIRST + places[0], 5, formula, None, "")
