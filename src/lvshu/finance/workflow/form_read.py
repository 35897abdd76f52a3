"""Reads a collection form that came back: its cells by field, and what cannot be read of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lvshu.core.errors import Problem, Where
from lvshu.finance.workflow.fields import ANY, IDENTITY, MAIN, FormFields
from lvshu.finance.workflow.form_write import (
    CODE,
    ENERGY,
    EVIDENCE,
    FACTOR,
    FACTOR_SOURCE,
    FORM,
    HEADINGS,
    ITEM,
    OWN_FACTOR,
    PROCESS,
    PRODUCT,
    UNIT,
    VALUE,
)  # fmt: skip
from lvshu.intake.grid import Grid
from lvshu.intake.layouts.published import is_absent
from lvshu.intake.text import heading_key
from lvshu.intake.workbook import read_grid, visible_sheets

SHEETS = {"main": FORM, "energy": ENERGY, "process": PROCESS, "product": PRODUCT}


@dataclass(frozen=True)
class FormRow:
    """One row of a form: what was filled in, as text, and where.

    Attributes:
        code: the field; for a free row the word that names the fuel, process or product.
        factor, factor_source: of a product, a factor of its own (tCO2/t) and where it is from.
        place: of the value; `unit_place` of the unit, `evidence_place` of the evidence.
    """

    section: str
    code: str
    item: str
    value: str
    unit: str
    evidence: str
    place: Where
    unit_place: Where
    evidence_place: Where
    factor: str = ""
    factor_source: str = ""

    @property
    def blank(self) -> bool:
        """Return whether nothing was filled in."""
        return is_absent(self.value)


@dataclass
class Parsed:
    """A form as it was read.

    Attributes:
        identity: form number, credit code, project, year and name as they stand in the file.
        rows: rows of fields, in the order of the file.
        problems: what could not be read.
    """

    file: str
    identity: dict[str, str] = field(default_factory=dict)
    rows: list[FormRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, section: str) -> dict[str, FormRow]:
        """Return the rows of a section by code."""
        return {row.code: row for row in self.rows if row.section == section}


def read_form(path: Path, fields: FormFields) -> Parsed:
    """Return what a workbook says as a collection form, with the problems of reading it.

    Raises:
        InputError: the file is no workbook, is protected or broken.
    """
    parsed = Parsed(path.name)
    there = {heading_key(name): name for name in visible_sheets(path)}
    for section, name in SHEETS.items():
        found = there.get(heading_key(name))
        if found is None:
            values = {"sheet": name, "found": list(there.values())}
            parsed.problems.append(Problem("finance.desk_form_no_sheet", Where(file=path.name), values))
            continue
        _sheet(parsed, read_grid(path, found), section, fields)
    return parsed


def _sheet(parsed: Parsed, grid: Grid, section: str, fields: FormFields) -> None:
    wanted = {heading_key(name): name for name in (*HEADINGS, *OWN_FACTOR)}
    for top in range(min(grid.height, 10)):
        columns = {wanted[heading_key(text)]: column for column, text in enumerate(grid.row_texts(top))
                   if text and heading_key(text) in wanted}  # fmt: skip
        if CODE in columns:
            break
    else:
        columns, top = {}, 0
    missing = [name for name in (CODE, VALUE, UNIT, EVIDENCE) if name not in columns]
    if missing:
        values = {"sheet": grid.sheet or "", "missing": missing}
        parsed.problems.append(Problem("finance.desk_form_no_heading", grid.where(top), values))
        return
    known = {one.code: one.section for one in fields.of(*MAIN)}
    seen: set[str] = set()
    for row in _rows(grid, top + 1, columns):
        if section == "main":
            if row.code in IDENTITY:
                parsed.identity[row.code] = row.value
                seen.add(row.code)
                continue
            if row.code not in known:
                _unknown(parsed, row)
                continue
            row = FormRow(**{**row.__dict__, "section": known[row.code]})
        else:
            row = FormRow(**{**row.__dict__, "section": section})
        seen.add(row.code)
        parsed.rows.append(row)
    _tell_missing(parsed, grid, section, fields, seen)


def _unknown(parsed: Parsed, row: FormRow) -> None:
    if row.code and not row.blank:
        parsed.problems.append(Problem("finance.desk_form_unknown_row", row.place, {"code": row.code}))


def _rows(grid: Grid, first: int, columns: dict[str, int]) -> Iterator[FormRow]:
    for row in range(first, grid.height):
        texts = {name: grid.text(row, column) for name, column in columns.items()}
        if not texts[CODE] and is_absent(texts[VALUE]):
            continue
        number = grid.number(row, columns[VALUE])
        value = texts[VALUE] if number is None or not number.is_finite() else f"{number:f}"
        yield FormRow(
            section="", code=texts[CODE], item=texts.get(ITEM, ""), value=value, unit=texts[UNIT],
            evidence="" if is_absent(texts[EVIDENCE]) else texts[EVIDENCE],
            place=grid.where(row, columns[VALUE]), unit_place=grid.where(row, columns[UNIT]),
            evidence_place=grid.where(row, columns[EVIDENCE]),
            factor=_filled(texts.get(FACTOR, "")), factor_source=_filled(texts.get(FACTOR_SOURCE, "")),
        )  # fmt: skip


def _filled(text: str) -> str:
    return "" if is_absent(text) else text


def _tell_missing(parsed: Parsed, grid: Grid, section: str, fields: FormFields, seen: set[str]) -> None:
    if section == "main":
        must = [code for code in IDENTITY if code not in seen]
        must += [one.code for one in fields.of(*MAIN) if one.required and one.code not in seen]
        may = [one.code for one in fields.of(*MAIN) if not one.required and one.code not in seen]
    else:
        must = []
        may = [one.code for one in fields.of(section) if one.code not in seen and one.code != ANY]
    where = Where(file=grid.file, sheet=grid.sheet)
    if must:
        parsed.problems.append(Problem("finance.desk_form_rows_missing", where, {"codes": must}))
    if may:
        problem = Problem("finance.desk_form_rows_gone", where, {"codes": may}, severity="warning")
        parsed.problems.append(problem)
