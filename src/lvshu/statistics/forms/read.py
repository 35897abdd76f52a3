"""Reads a workbook of forms that came back: who and when, the amounts by cell, and every fault of reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.han_numerals import arabic_dates
from lvshu.intake.grid import Grid, column_letter
from lvshu.intake.text import fold, heading_key
from lvshu.intake.workbook import cell_text, hidden_sheets, read_grid, visible_sheets
from lvshu.statistics.edit_files import number_of
from lvshu.statistics.forms.layout import COVER, IDENTITY
from lvshu.statistics.forms.write import AMOUNT, FIRST, HEADS

_MONTH = re.compile(r"(\d{4})[-年./](0?[1-9]|1[0-2])(?:月份?)?(-01)?")
_CODE = re.compile(r"U2\d\d\|[^|]+\|[^|]+\|[^|]+\|[^|]+")
_NUMBER = re.compile(r"U2\d\d(?!\d)")
MOST_FAULTS = 200
LIMIT = 10.0**18
"""Yuan from which an amount does not fit the type of money in a book, DECIMAL(20,2)."""


@dataclass
class Returned:
    """A workbook of forms as it was read.

    Attributes:
        file: its name.
        identity: of IDENTITY, as filled in; the month as YYYY-MM where it can be read.
        amounts: code of a cell -> amount in yuan.
        places: code of a cell -> where it stands.
        sheets: forms whose sheet is there.
        problems: what could not be read.
    """

    file: str
    identity: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, float] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_forms(path: Path, forms: Mapping[str, Mapping[str, Any]]) -> Returned:
    """Return what a workbook says as forms of a platform and month.

    Args:
        path: a workbook.
        forms: known forms by number.

    Raises:
        InputError: there is no such file, or it is no workbook, is protected or broken.
    """
    if not path.is_file():
        raise InputError(Problem("editing.no_file", Where(file=str(path))))
    found = Returned(path.name)
    there = {heading_key(name): name for name in visible_sheets(path)}
    cover = there.get(heading_key(COVER))
    if cover is None:
        found.problems.append(Problem("forms.no_cover", Where(file=path.name)))
    else:
        _identity(found, read_grid(path, cover), cover)
    for name in there.values():
        form = name.strip().upper()
        if form in forms:
            found.sheets.append(form)
            _amounts(found, read_grid(path, name), name, form)
        elif name != cover:
            _stranger(found, read_grid(path, name), name, forms)
    for name in hidden_sheets(path):
        _hidden(found, read_grid(path, name), name, forms)
    return found


def _hidden(found: Returned, grid: Grid, sheet: str, forms: Mapping[str, Mapping[str, Any]]) -> None:
    """Tell of a hidden sheet that holds amounts of a form: they would be lost."""
    beside = Returned(found.file)
    form = sheet.strip().upper()
    if form in forms:
        _amounts(beside, grid, sheet, form)
    if beside.amounts:
        values = {"form": form, "amounts": len(beside.amounts)}
        found.problems.append(Problem("forms.hidden_sheet", Where(file=found.file, sheet=sheet), values))


def _stranger(found: Returned, grid: Grid, sheet: str, forms: Mapping[str, Mapping[str, Any]]) -> None:
    """Tell of a sheet that is no form by its name and yet bears a form's number or codes: its amounts would be lost."""
    named = _NUMBER.search(sheet.upper())
    codes = [code for row in grid.rows if row and _CODE.fullmatch(code := cell_text(row[0]).strip())]
    form = codes[0].split("|")[0] if codes else ""
    if named and (not form or named[0] not in forms):
        form = named[0]
    if form:
        code = "forms.renamed_sheet" if form in forms else "forms.unknown_form"
        values = {"form": form, "sheet": sheet, "known": sorted(forms)}
        found.problems.append(Problem(code, Where(file=found.file, sheet=sheet), values))


def _identity(found: Returned, grid: Grid, sheet: str) -> None:
    for row in grid.rows:
        texts = [cell_text(cell).strip() for cell in row[: AMOUNT + 1]]
        if len(texts) > AMOUNT and texts[0] in IDENTITY:
            found.identity[texts[0]] = texts[AMOUNT]
    if "platform_uscc" in found.identity:
        found.identity["platform_uscc"] = fold(found.identity["platform_uscc"]).upper()
    if "month" in found.identity:
        found.identity["month"] = month_of(found.identity["month"])


def month_of(text: str) -> str:
    """Return a month as YYYY-MM however people and spreadsheets write it; the text itself where it is none."""
    month = arabic_dates(fold(text))
    match = _MONTH.match(month)
    if match and month[match.end() :].strip() in ("", "00:00:00"):
        return f"{match[1]}-{int(match[2]):02d}"
    return text


def _amounts(found: Returned, grid: Grid, sheet: str, form: str) -> None:
    heading = _heading(grid)
    heads = (
        [heading_key(cell_text(cell)) for cell in grid.rows[heading - 1]] if heading <= len(grid.rows) else []
    )
    if heading_key(HEADS[AMOUNT]) not in heads:
        shown = ", ".join(cell_text(cell).strip() for cell in grid.rows[heading - 1] if cell) if heads else ""
        values = {"heading": HEADS[AMOUNT], "found": shown[:200] or "–", "form": form}
        found.problems.append(Problem("forms.no_amounts", Where(found.file, sheet, heading), values))
        return
    column = heads.index(heading_key(HEADS[AMOUNT]))
    for number, row in enumerate(grid.rows, start=1):
        code = cell_text(row[0]).strip() if row else ""
        if number <= heading:
            continue
        where = Where(found.file, sheet, number, column_letter(column))
        text = cell_text(row[column]) if len(row) > column else ""
        amount = number_of(text)
        if len(found.problems) >= MOST_FAULTS:
            return
        if not _CODE.fullmatch(code):
            if text and amount == amount:
                values = {"code": code[:60] or "∅", "value": text[:40], "form": form}
                found.problems.append(Problem("forms.no_code", where, values))
        elif not code.startswith(f"{form}|"):
            found.problems.append(Problem("forms.other_form", where, {"code": code, "form": form}))
        elif amount is None:
            found.problems.append(Problem("forms.no_number", where, {"code": code, "value": text[:40]}))
        elif amount != amount:
            continue  # blank: nothing of this kind
        elif amount < 0:
            found.problems.append(Problem("forms.negative", where, {"code": code, "value": text[:40]}))
        elif amount >= LIMIT:
            found.problems.append(Problem("forms.too_large", where, {"code": code, "value": text[:40]}))
        elif code in found.amounts:
            found.problems.append(Problem("forms.cell_twice", where, {"code": code}))
        else:
            found.amounts[code] = amount
            found.places[code] = where


def _heading(grid: Grid) -> int:
    """Return the row of the heading, counted from 1: above it stand the name, the month and the total of U201."""
    head = heading_key(HEADS[0])
    for number, row in enumerate(grid.rows, start=1):
        first = cell_text(row[0]) if row else ""
        if heading_key(first) == head:
            return number
        if _CODE.fullmatch(first.strip()):
            return number - 1
    return FIRST
