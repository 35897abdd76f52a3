"""Writes a collection form: a workbook for one client, in both languages, with lists to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from lvshu.core.units import convert, find_unit, unit
from lvshu.finance.workflow.fields import (
    ANY,
    FREE_ROWS,
    IDENTITY,
    MAIN,
    Figures,
    FormField,
    FormFields,
    last_key,
    units_of,
)

GUIDE, FORM, ENERGY, PROCESS, PRODUCT, VALUES = (
    "说明 Guide",
    "填报 Form",
    "能源 Energy",
    "工艺 Processes",
    "产品 Products",
    "取值 Values",
)
CODE, ITEM, ITEM_EN, VALUE, UNIT, EVIDENCE, LAST, HINT = HEADINGS = (
    "代码 code", "项目 item", "Item", "填写 value", "单位 unit", "凭证 evidence", "上年 last year", "填写说明 hint",
)  # fmt: skip
FACTOR, FACTOR_SOURCE = OWN_FACTOR = ("自带因子 factor (tCO2/t)", "因子出处 factor source")
"""Further columns of the sheet of products: the product method takes the factor of the whole product."""
IDENTITY_NAMES = {
    "form_id": ("表单编号（请勿改动）", "Form number (do not change)"),
    "list_id": ("名单", "List"),
    "uscc": ("统一社会信用代码（请勿改动）", "Unified social credit code (do not change)"),
    "project_id": ("项目编号", "Project"),
    "year": ("年度", "Year"),
    "name": ("名称", "Name"),
}
SECTIONS = {
    "contact": ("一、联系人", "1. Contact"), "finance": ("二、财务（合并口径）", "2. Finances (consolidated)"),
    "report": ("三、排放报告", "3. Emission report"), "attachment": ("四、附件", "4. Attachments"),
}  # fmt: skip
ESTIMATE = ("五、不交本表时银行的估算（只读）", "5. The bank's estimate without this form (read only)")
A4, GUIDE_WIDTH, HINT_WIDTH, HINT_FITS, LINE_HEIGHT = 9, 110, 60, 72, 15
LINES = (
    ("本表由银行发给贵单位，用于投融资碳核算。请填“填报”“能源”“工艺”“产品”四页的黄色单元格：“填写”“单位”“凭证”；其余为只读（未设密码），请勿改动。",
     "This form comes from your bank, for the carbon accounting of its financing. Fill in the yellow cells of the "
     "sheets Form, Energy, Processes and Products: value, unit and evidence; the rest is read-only (no password)."),
    ("空白表示不知道，0 表示没有，二者不同。数字只写数字；单位写在“单位”列，可从列表中换。",
     "Blank means not known, 0 means none: they differ. Write numbers only; the unit stands in its own column and may "
     "be changed to another of its list."),
    ("“上年”列是银行已有的上年数，供核对；相差 10 倍以上会被问及，但不会被改动。",
     "The column last year shows what the bank has of last year, for comparison; a difference of ten times and more "
     "is asked about, never corrected."),
    ("经核查或连续监测的排放报告须写明核查机构和凭证（报告名称、编号）；外购绿电须写明绿证或交易凭证。",
     "A verified or monitored report names its verifier and evidence (title, number); purchased green power names its "
     "certificate or contract."),
    ("附件至多 3 个，各不超过 20 MB，与本表放在同一文件夹交回。",
     "Attachments: three at most, 20 MB each, handed back in the same folder as this form."),
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A figure that the bank has, in both languages, with its unit."""

    zh: str
    en: str
    figure: str
    unit: str


@dataclass(frozen=True)
class Asked:
    """What a form is made from: its identity, the fields, last year's figures, the language of its units.

    estimate: what the bank would estimate without the form: name, figure and unit, to be read only.
    """

    identity: Mapping[str, str]
    fields: FormFields
    last: Figures
    language: str = "zh"
    estimate: Sequence[Known] = ()


def unit_word(symbol: str, language: str) -> str:
    """Return a unit as it is written in a form."""
    return unit(symbol).name(language) if symbol else ""


def write_form(path: Path, asked: Asked) -> Path:
    """Return the path of the form that was written.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(
                {"bold": True, "bg_color": "#DCE9E1", "text_wrap": True, "valign": "top"}
            ),
            "section": book.add_format({"bold": True, "font_color": "#1F6F4A"}),
            "fixed": book.add_format({"font_color": "#666666", "valign": "top"}),
            "hint": book.add_format({"font_color": "#666666", "text_wrap": True, "valign": "top"}),
            "cell": book.add_format(
                {
                    "bg_color": "#FFFBE6",
                    "border": 1,
                    "border_color": "#D8D2B8",
                    "locked": False,
                    "valign": "top",
                }
            ),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        sheets = {name: book.add_worksheet(name) for name in (GUIDE, FORM, ENERGY, PROCESS, PRODUCT, VALUES)}
        _write_guide(sheets[GUIDE], asked, styles)
        lists = _write_values(sheets[VALUES], asked, styles)
        writer = _Sheet(asked, styles, lists)
        writer.main(sheets[FORM])
        writer.items(sheets[ENERGY], "energy")
        writer.items(sheets[PROCESS], "process")
        writer.items(sheets[PRODUCT], "product")
        for sheet in sheets.values():
            sheet.protect("", {"format_columns": True, "format_rows": True})
            sheet.set_landscape()
            sheet.set_paper(A4)
            sheet.fit_to_pages(1, 0)
        sheets[FORM].activate()
    return path


def _write_guide(sheet: Any, asked: Asked, styles: Mapping[str, Any]) -> None:
    name = asked.identity.get("name", "")
    sheet.write_string(0, 0, f"投融资碳核算数据收集表 Collection form · {name}", styles["title"])
    for number, pair in enumerate(LINES):
        texts = zip(pair, (f"{number + 1}. ", "   "), ("wrap", "hint"), strict=True)
        for row, (text, head, style) in enumerate(texts, start=2 + 2 * number):
            sheet.set_row(row, height_of(text, GUIDE_WIDTH))
            sheet.write_string(row, 0, f"{head}{text}", styles[style])
    sheet.set_column(0, 0, GUIDE_WIDTH)


def _write_values(sheet: Any, asked: Asked, styles: Mapping[str, Any]) -> dict[str, str]:
    """Write the lists to choose from and return the range of each by name: Chinese names, or codes in English."""
    found = {}
    for place, (name, items) in enumerate(asked.fields.items.items()):
        left = 4 * place
        for offset, text in enumerate((name, "中文", "English")):
            sheet.write_string(0, left + offset, text, styles["head"])
        for row, item in enumerate(items.values(), start=1):
            for offset, text in enumerate((item.code, item.zh, item.en)):
                sheet.write_string(row, left + offset, text)
        column = left + (1 if asked.language == "zh" else 0)
        cells = xlsxwriter.utility.xl_range_abs(1, column, max(1, len(items)), column)
        for offset, width in enumerate((24, 40, 56)):
            sheet.set_column(left + offset, left + offset, width)
        found[name] = f"='{VALUES}'!{cells}"
    return found


class _Sheet:
    """Writes the rows of the sheets that are filled in."""

    def __init__(self, asked: Asked, styles: Mapping[str, Any], lists: Mapping[str, str]) -> None:
        self.asked, self.styles, self.lists = asked, styles, lists

    def _head(self, sheet: Any, row: int, more: Sequence[str] = ()) -> None:
        for column, text in enumerate((*HEADINGS, *more)):
            sheet.write_string(row, column, text, self.styles["head"])
        sheet.freeze_panes(row + 1, 4)
        for column, width in enumerate(
            (26, 28, 34, 22, 14, 28, 18, HINT_WIDTH, 22, 40)[: len(HEADINGS) + len(more)]
        ):
            sheet.set_column(column, column, width)

    def main(self, sheet: Any) -> None:
        """Write identity and the sections that ask one figure or word a row."""
        name = self.asked.identity.get("name", "")
        sheet.write_string(0, 0, f"投融资碳核算数据收集表 Collection form · {name}", self.styles["title"])
        self._head(sheet, 1)
        row = 2
        for code in IDENTITY:
            texts = (code, *IDENTITY_NAMES[code], self.asked.identity.get(code, ""))
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text, self.styles["fixed"])
            row += 1
        for section in (one for one in MAIN if self.asked.fields.of(one)):
            sheet.write_string(row, 1, SECTIONS[section][0], self.styles["section"])
            sheet.write_string(row, 2, SECTIONS[section][1], self.styles["section"])
            row += 1
            for field in self.asked.fields.of(section):
                self._row(sheet, row, field, field.code)
                row += 1
        self._estimate(sheet, row)

    def _estimate(self, sheet: Any, row: int) -> None:
        """Write what the bank would estimate without the form, to be read only: rows without a code."""
        if not self.asked.estimate:
            return
        for column, text in enumerate(ESTIMATE, start=1):
            sheet.write_string(row, column, text, self.styles["section"])
        for place, one in enumerate(self.asked.estimate, start=1):
            for column, text in ((1, one.zh), (2, one.en), (6, f"{one.figure} {one.unit}".strip())):
                sheet.write_string(row + place, column, text, self.styles["fixed"])

    def items(self, sheet: Any, section: str) -> None:
        """Write the rows of fuels, processes or products: the fixed ones, then free ones."""
        own = OWN_FACTOR if section == "product" else ()
        self._head(sheet, 0, own)
        row = 1
        fixed = [field for field in self.asked.fields.of(section) if field.code != ANY]
        for field in fixed:
            self._row(sheet, row, field, field.code)
            row += 1
        free = self.asked.fields.free(section)
        if free is None:
            return
        listed = {field.code for field in fixed}
        more = [code for code in self._known_last(section) if code not in listed]
        for place in range(FREE_ROWS):
            code = more[place] if place < len(more) else ""
            self._row(sheet, row + place, free, code, free=True, told=place == len(more))
            for column in range(len(HEADINGS), len(HEADINGS) + len(own)):
                sheet.write_blank(row + place, column, None, self.styles["cell"])
        area = (row, 0, row + FREE_ROWS - 1, 0)
        sheet.data_validation(
            *area, {"validate": "list", "source": self.lists[section], "error_type": "warning"}
        )

    def _known_last(self, section: str) -> list[str]:
        return [
            code
            for code in self.asked.fields.items[section]
            if last_key(section, code) in self.asked.last and code != "electricity"
        ]

    def _row(
        self, sheet: Any, row: int, field: FormField, code: str, *, free: bool = False, told: bool = True
    ) -> None:
        styles = self.styles
        known = self.asked.fields.items[field.section].get(code) if free else None
        zh, en = (known.zh, known.en) if known else (("", "") if free else (field.zh, field.en))
        cells = [(0, code, "cell" if free else "fixed"), (1, zh, "wrap"), (2, en, "wrap"), (3, "", "cell")]
        last = self.asked.last.get(last_key(field.section, code))
        symbol = field.unit or (last[1] if last else "")
        cells += [
            (4, unit_word(symbol, self.asked.language), "cell"),
            (5, "", "cell"),
            (6, _shown(last, symbol), "fixed"),
        ]
        hint = f"{field.hint_zh} {field.hint_en}".strip() if told and (not free or not code) else ""
        star = "*必填 required. " if field.required else ""
        cells.append((7, star + hint, "hint"))
        sheet.set_row(row, height_of(star + hint, HINT_FITS))
        for column, text, style in cells:
            if text or style == "cell":
                sheet.write(row, column, text, styles[style]) if not text else sheet.write_string(
                    row, column, text, styles[style]
                )
        self._choices(sheet, row, field, symbol)

    def _choices(self, sheet: Any, row: int, field: FormField, symbol: str) -> None:
        if field.choices:
            sheet.data_validation(row, 3, row, 3, {"validate": "list", "source": list(field.choices)})
        elif field.kind == "number":
            limits: dict[str, object] = {
                "validate": "decimal",
                "criteria": ">=",
                "value": -1e15 if field.signed else 0,
            }
            sheet.data_validation(row, 3, row, 3, {**limits, "error_type": "warning"})
        if field.kind == "number":
            known = find_unit(symbol) if symbol else None
            words = _unit_list(known.dimension if known else "", self.asked.language)
            sheet.data_validation(
                row, 4, row, 4, {"validate": "list", "source": words, "error_type": "warning"}
            )


def height_of(text: str, width: int) -> int:
    """Return the height of a row in points whose longest text is wrapped in a column of so many characters."""
    size = sum(2 if ord(mark) > 0x2E80 else 1 for mark in text)
    return LINE_HEIGHT * max(1, -(-size // width))


def _unit_list(dimension: str, language: str) -> Sequence[str]:
    if dimension:
        return [unit_word(symbol, language) for symbol in units_of(dimension)]
    common = ("t", "1e4 t", "m3", "1e4 m3", "1e8 m3", "MWh", "GJ", "tce")
    return [unit_word(symbol, language) for symbol in common]


def _shown(last: tuple[Decimal, str] | None, symbol: str) -> str:
    if last is None:
        return ""
    figure = convert(last[0], last[1], symbol) if symbol and last[1] != symbol else last[0]
    return f"{figure.normalize():f}"
