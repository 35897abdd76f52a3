"""Balancing a system to given margins: exact ones by GRAS, uncertain ones by KRAS with a report of conflicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.compile.check import closing_of_system, dense
from lvshu.accounts.compile.compiled import Compiled, compiled, names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.regional import RegionalSystem
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.methods.compile.balancing import gras
from lvshu.accounts.methods.compile.constraints import kras, margin_constraints
from lvshu.accounts.methods.compile.wording import figure
from lvshu.core.errors import InputError, MethodError, Problem, Where
from lvshu.core.units import find_unit
from lvshu.intake.tidy import NUMBER, TEXT, Field, read_tidy

Array = NDArray[np.float64]

NOISE = 1e-12
SUMS_ALLOWED = 1e-6
ERRORS = 3.0
ROW_WORDS, COLUMN_WORDS = ("row", "行"), ("column", "列")
ROW_MARK, COLUMN_MARK = "\x01", "\x02"  # stand before a name until its message is put into a language
MARKED = (("zh", "行 ", "列 "), ("en", "row ", "column "))


@dataclass(frozen=True)
class Margins:
    """Totals of rows and columns of the table [Z Y]; NaN where none is given. Money as in the system.

    Attributes:
        rows, row_error: shape (n,).
        columns, column_error: shape (n + c,): inputs of sectors (without value added), then final uses.
    """

    rows: Array
    row_error: Array
    columns: Array
    column_error: Array


def read_margins(path: Path, system: InputOutputSystem) -> Margins:
    """Return the margins of a small table: axis (row or column), label, value, standard error (may be absent), unit.

    Raises:
        InputError: labels that the table does not have, an axis that is neither, a margin given twice; all at once.
    """
    money = find_unit(system.money_unit)
    symbol = money.symbol if money else ""
    fields = (
        Field("axis", ("方向", "行列", "行或列", "row or column"), TEXT), Field("label", ("标签", "名称"), TEXT),
        Field("value", ("数值", "合计"), NUMBER, unit=symbol),
        Field("standard_error", ("标准误",), NUMBER, optional=True, unit=symbol),
        Field("unit", ("单位",), TEXT, optional=True),
    )  # fmt: skip
    table = read_tidy(path, fields)
    n, c = len(system.industries), len(system.final)
    nothing = np.full(n, np.nan), np.full(n, np.nan), np.full(n + c, np.nan), np.full(n + c, np.nan)
    margins = Margins(*nothing)
    problems = []
    for record, row in zip(table.records, table.rows, strict=True):
        where = Where(file=path.name, row=row)
        axis = str(record["axis"]).strip().casefold()
        if axis not in ROW_WORDS + COLUMN_WORDS:
            problems.append(Problem("accounts.margin_axis", where, {"axis": record["axis"]}))
            continue
        try:
            place = _place(system, axis in ROW_WORDS, str(record["label"]))
        except MethodError as error:
            problems += [Problem(one.code, where, one.values) for one in error.problems]
            continue
        totals, errors = (
            (margins.rows, margins.row_error)
            if axis in ROW_WORDS
            else (margins.columns, margins.column_error)
        )
        if np.isfinite(totals[place]):
            problems.append(Problem("accounts.margin_twice", where, {"label": record["label"]}))
        totals[place] = float(record["value"])
        errors[place] = float(record["standard_error"] or 0.0)
    if problems:
        raise InputError(*problems)
    return margins


def _place(system: InputOutputSystem, is_row: bool, label: str) -> int:
    """The position of a label among rows, or among sectors and final uses; one, not several."""
    indexes: list[tuple[Index, int]] = [(system.industries, 0)]
    if not is_row:
        indexes.append((system.final, len(system.industries)))
    found: list[int] = []
    failure: MethodError | None = None
    for index, offset in indexes:
        try:
            found += [int(place) + offset for place in index.find(label)]
        except MethodError as error:
            failure = failure or error
    if not found and failure is not None:
        raise failure
    if len(found) != 1:
        texts = [(*names_of(system.industries), *names_of(system.final))[place] for place in found]
        raise MethodError(Problem("accounts.label_not_single", values={"label": label, "places": texts}))
    return found[0]


def _worded(problem: Problem) -> Problem:
    """Return a problem whose names of rows and columns stand in each language."""

    def told(value: object) -> object:
        if isinstance(value, (list, tuple)):
            return [told(item) for item in value]
        if not isinstance(value, str) or not (ROW_MARK in value or COLUMN_MARK in value):
            return value
        return {
            language: value.replace(ROW_MARK, row).replace(COLUMN_MARK, column)
            for language, row, column in MARKED
        }

    return replace(problem, values={key: told(value) for key, value in problem.values.items()})


def balance_to(system: InputOutputSystem, margins: Margins) -> tuple[Compiled, Result]:
    """Return the table that meets the margins, and by how much each target was moved.

    With standard errors targets that contradict each other give way by their reliability (KRAS); without, all of
    them are met exactly (GRAS), those not given staying as they are where the given ones allow it.

    Cells of the table that are nothing but the rounding of its arithmetic count as 0, so that no margin is met by
    blowing them up. What the table that was made does not keep (its columns against output) is told.

    Raises:
        MethodError: accounts.margins_contradict; what `gras` and `kras` raise, with the labels.
    """
    n = len(system.industries)
    prior = np.hstack([dense(system.intermediate_use), np.asarray(system.final_demand, dtype=np.float64)])
    names = [*names_of(system.industries), *names_of(system.industries), *names_of(system.final)]
    prior[np.abs(prior) <= NOISE * float(np.abs(prior).max(initial=0.0))] = 0.0
    _check_sums(prior, margins, system.money_unit)
    has_error = np.nansum(margins.row_error) > 0.0 or np.nansum(margins.column_error) > 0.0
    is_whole = np.isfinite(margins.rows).all() and np.isfinite(margins.columns).all()
    if is_whole and not has_error:
        found = gras(prior, margins.rows, margins.columns, names=(names[:n], names[n:]))
        table, told = dense(found.matrix), found.problems
    else:
        targets = np.append(margins.rows, margins.columns)
        errors = np.nan_to_num(np.append(margins.row_error, margins.column_error))
        given = np.flatnonzero(np.isfinite(targets))
        constraints = margin_constraints(*prior.shape)[given]
        shown = [(ROW_MARK if place < n else COLUMN_MARK) + names[place] for place in given]
        try:
            solved = kras(prior.ravel(), constraints, targets[given], errors[given], names=shown)
        except MethodError as error:
            raise MethodError(*map(_worded, error.problems)) from error
        table, told = solved.cells.reshape(prior.shape), tuple(map(_worded, solved.problems))
    wanted = np.append(margins.rows, margins.columns)
    met = np.append(table.sum(axis=1), table.sum(axis=0))
    kept = np.flatnonzero(np.isfinite(wanted))
    before = np.append(prior.sum(axis=1), prior.sum(axis=0))
    labels = [("row" if place < n else "column", names[place]) for place in kept]
    values = np.column_stack([before[kept], wanted[kept], met[kept], met[kept] - wanted[kept]])
    moved = Result("margins", ("边际：原表、目标、达到、移动", "Margins: before, wanted, met, moved"),
                   Index.of(("axis", "label"), labels), Index.of(("measure",), ["before", "wanted", "met", "moved"]),
                   values, (system.money_unit,), "accounts.balancing", (system.origin,))  # fmt: skip
    made = replace(
        system,
        intermediate_use=table[:, :n],
        final_demand=table[:, n:],
        output=table.sum(axis=1),
    )
    if isinstance(made, RegionalSystem):
        made = replace(made, closing=None)
    left = _left_open(made)
    notes = tuple((problem.what("zh"), problem.what("en")) for problem in left)
    return compiled(made, (*told, *left)), replace(moved, notes=(*moved.notes, *notes))


def _check_sums(prior: Array, margins: Margins, unit: str) -> None:
    """Refuse margins no table can meet: all rows, all sectors' columns, and nothing (or less) left for the rest.

    Where every margin of both sides is given the sums must agree, within three standard errors where these are given.
    Where only one side is whole the cells of the other side that are left free must take up the difference with the
    sign that they have.
    """
    row_sum, column_sum = float(np.nansum(margins.rows)), float(np.nansum(margins.columns))
    error = float(np.sqrt(np.nansum(margins.row_error**2) + np.nansum(margins.column_error**2)))
    allowed = max(SUMS_ALLOWED * max(abs(row_sum), abs(column_sum)), ERRORS * error)
    free_rows, free_columns = ~np.isfinite(margins.rows), ~np.isfinite(margins.columns)
    if free_rows.any() and free_columns.any():
        return
    left = row_sum - column_sum if free_columns.any() else column_sum - row_sum
    free = prior[:, free_columns] if free_columns.any() else prior[free_rows]
    usual = float(free.sum())
    is_free = bool(free_rows.any() or free_columns.any())
    if abs(left) <= allowed or (is_free and left * usual > 0.0):
        return
    values = {"row_sum": figure(row_sum), "column_sum": figure(column_sum), "unit": unit,
              "difference": figure(row_sum - column_sum), "usual": figure(usual)}  # fmt: skip
    code = "accounts.margins_leave_nothing" if is_free else "accounts.margins_contradict"
    raise MethodError(Problem(code, values=values))


def _left_open(made: InputOutputSystem) -> tuple[Problem, ...]:
    """Which sectors of the table that was made do not balance, and by how much: one warning, or none."""
    wrong = closing_of_system(made).wrong
    if not wrong:
        return ()
    places = [f"{one.name} ({figure(-one.difference)})" for one in wrong]
    values = {"count": len(wrong), "places": places, "unit": made.money_unit}
    return (Problem("accounts.balanced_table_not_closed", values=values, severity="warning"),)
