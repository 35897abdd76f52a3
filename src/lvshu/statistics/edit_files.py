"""Editing a file of records by a file of rules, with a log beside it that undoes it cell by cell."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from lvshu.core.errors import InputError, MethodError, Problem, Where
from lvshu.core.text import normalise
from lvshu.intake.cells import MARKERS
from lvshu.intake.sheet_errors import is_error
from lvshu.intake.text import NOTHING
from lvshu.statistics.edit_rows import rows_of, told_aside, told_totals
from lvshu.statistics.edit_table import FIRST_ROWS, Table, counted, read_table
from lvshu.statistics.editing.changes import shown
from lvshu.statistics.editing.evaluate import Array, Flags, encode, failing_rules
from lvshu.statistics.editing.literals import CATEGORY, RuleSet
from lvshu.statistics.editing.obvious import spelt_value
from lvshu.statistics.editing.process import Choices, edit, told_undecided
from lvshu.statistics.editing.rules import read_rules, variables_of

LOG_COLUMNS = ("number", "record", "variable", "old", "new", "rule", "method", "solutions")
LONGEST = 200
MOST_FAULTS = 200
HELD = {"not_applicable", "suppressed", "below_unit"}
"""What a cell may say instead of a value without lacking one: it is never filled."""
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d{1,3})?")


@dataclass
class FileEdited:
    """What editing made of a file.

    Attributes:
        table: with the edited cells.
        log: a row of LOG_COLUMNS for each changed cell, texts as they stood and stand.
        rules: rule -> [records, failing before, failing after, values changed because of it].
        unsolved: keys of records that still break a rule, apart from undecided ones.
        undecided: keys of records that several ways mend equally well.
        without_basis: keys of records in which values stay missing because nothing says what they are.
        told: rows set aside (blank, notes, totals), cells that could not be read as numbers (taken as missing).
        several: records that could be mended in more than one equally light way.
    """

    table: Table
    log: list[dict[str, str]] = field(default_factory=list)
    rules: dict[str, list[int]] = field(default_factory=dict)
    unsolved: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    without_basis: list[str] = field(default_factory=list)
    told: list[Problem] = field(default_factory=list)
    several: int = 0


def keys_of(table: Table, key: str) -> list[str]:
    """Return the key of each record: of a column, or the row's number where none is named.

    Raises:
        InputError: no such column, or two records of one key (the first ones are named).
    """
    if not key:
        return [str(table.row_number(number)) for number in range(len(table.rows))]
    if key not in table.columns:
        values = {"key": key[:40], "known": table.columns[:30]}
        raise InputError(Problem("editing.no_key_column", Where(file=table.file), values))
    keys = table.column(key)
    seen: dict[str, int] = {}
    twice = []
    for number, one in enumerate(keys):
        if one in seen:
            twice.append(f"{one[:40]} ({table.row_number(seen[one])}, {table.row_number(number)})")
        seen.setdefault(one, number)
    if twice:
        told: dict[str, object] = {"keys": twice[:10], "count": len(twice)}
        raise InputError(Problem("editing.file_key_twice", Where(file=table.file, column=key), told))
    return keys


def spellings_of(rules: RuleSet) -> dict[str, str]:
    """Return the spellings of absence, lower case, each with what it means: those of intake and the rule file's own."""
    return {**{normalise(one).casefold(): meaning for one, meaning in MARKERS.items()}, **dict(rules.cells)}


def spelt_of(table: Table, rules: RuleSet) -> Array:
    """Return codes of the values that texts of categories equal in another writing (case, blanks, full width).

    Returns:
        Array: shape (records, variables); NaN where a text is a value as it stands, equals none, or equals several.
    """
    found = np.full((len(table.rows), len(rules.variables)), np.nan)
    for place, variable in enumerate(rules.variables):
        if variable.kind != CATEGORY or variable.name not in table.columns:
            continue
        known: dict[str, float] = {}
        for row, cell in enumerate(table.column(variable.name)):
            if cell not in known:
                value = None if len(cell) > LONGEST else spelt_value(cell, variable.values)
                known[cell] = np.nan if value in (None, cell) else float(variable.values.index(str(value)))
            found[row, place] = known[cell]
    return found


def matrix_of(table: Table, rules: RuleSet) -> tuple[Array, Flags, list[Problem]]:
    """Return the variables of the rules as a record matrix, which values are absent without being missing, and what is
    told: cells that are no numbers (taken as missing), and how many say that they are not applicable or suppressed.

    Raises:
        InputError: a variable of the rules is no column (all are named).
    """
    absent = [one.name for one in rules.variables if one.name not in table.columns]
    if absent:
        raise InputError(
            *(
                Problem(
                    "editing.rule_no_column",
                    Where(file=table.file),
                    {"variable": n, "known": table.columns[:30]},
                )
                for n in absent
            )
        )
    problems: list[Problem] = []
    columns: dict[str, Sequence[object] | Array] = {}
    spellings = spellings_of(rules)
    held = np.zeros((len(table.rows), len(rules.variables)), dtype=bool)
    for place, variable in enumerate(rules.variables):
        cells = table.column(variable.name)
        absent_as = [_absent(cell, spellings, variable.values) for cell in cells]
        held[:, place] = [meaning in HELD for meaning in absent_as]
        problems += _told_held(table, variable.name, absent_as)
        if variable.kind == CATEGORY:
            problems += _told_errors(table, variable.name, cells, absent_as)
            columns[variable.name] = [
                None if absent else cell for cell, absent in zip(cells, absent_as, strict=True)
            ]
            continue
        numbers = np.full(len(cells), np.nan)
        wrong: dict[str, list[int]] = {}
        for row, cell in enumerate(cells):
            if absent_as[row]:
                continue
            found = number_of(cell)
            if found is None:
                code = "editing.cell_error" if _is_error(cell) else "editing.cell_no_number"
                wrong.setdefault(code, []).append(row)
            else:
                numbers[row] = found
        problems += [_told_cells(table, variable.name, code, rows) for code, rows in wrong.items()]
        columns[variable.name] = numbers
    return encode(columns, rules), held, problems


def _absent(cell: str, spellings: Mapping[str, str], values: Sequence[str]) -> str:
    """Return what a cell without a value says (missing, not_applicable, …); nothing where it has one."""
    if len(cell) > LONGEST:
        return ""
    text = normalise(cell)
    if not text:
        return "missing"
    # X beside a category x is that category miswritten, not what X says elsewhere
    if text.casefold() in {normalise(value).casefold() for value in values}:
        return ""
    return spellings.get(text.casefold(), "")


def _is_error(cell: str) -> bool:
    return len(cell) <= LONGEST and is_error(normalise(cell))


def _told_errors(
    table: Table, variable: str, cells: Sequence[str], absent_as: Sequence[str]
) -> list[Problem]:
    """Return what is told of error values of a spreadsheet in a column of categories."""
    rows = [row for row, cell in enumerate(cells) if not absent_as[row] and _is_error(cell)]
    return [_told_cells(table, variable, "editing.cell_error", rows)] if rows else []


def _told_cells(table: Table, variable: str, code: str, rows: Sequence[int]) -> Problem:
    """Return one message for all cells of a column with one kind of fault: what they hold, and the first rows."""
    held = list(dict.fromkeys(_short(table.column(variable)[row]) for row in rows))
    shown = ", ".join(held[:FIRST_ROWS]) + (", …" if len(held) > FIRST_ROWS else "")
    numbers = [table.row_number(row) for row in rows]
    where = Where(file=table.file, row=numbers[0], column=variable)
    return Problem(code, where, {"value": shown, **counted(numbers)}, severity="warning")


def _told_held(table: Table, variable: str, absent_as: Sequence[str]) -> list[Problem]:
    found = []
    for meaning in sorted(HELD & set(absent_as)):
        first = absent_as.index(meaning)
        where = Where(file=table.file, row=table.row_number(first), column=variable)
        values = {"count": absent_as.count(meaning), "meaning": _MEANT[meaning]}
        found.append(Problem("editing.cells_held", where, values, severity="notice"))
    return found


_MEANT = {
    "not_applicable": {"zh": "不适用", "en": "not applicable"},
    "suppressed": {"zh": "不公开", "en": "suppressed"},
    "below_unit": {"zh": "小于最小单位", "en": "less than the smallest unit"},
}


def number_of(cell: str) -> float | None:
    """Return the number of a cell, NaN for a blank one; None where it is text."""
    if len(cell) > LONGEST:
        return None
    text = normalise(cell)
    if not text or MARKERS.get(text.casefold()) == "missing":
        return float("nan")
    if not _NUMBER.fullmatch(text) or not any(letter.isdigit() for letter in text):
        return None
    found = float(text.replace(",", ""))
    return found if np.isfinite(found) else None


def _short(cell: str) -> str:
    plain = "".join(letter if letter.isprintable() else "�" for letter in cell[:60])
    return plain + ("…" if len(cell) > 60 else "")


def edit_file(
    path: Path, rules_path: Path, *, key: str = "", fill_missing: bool = True, donors: bool = True
) -> FileEdited:
    """Return a file edited by rules.

    Args:
        path: csv or workbook of records.
        rules_path: the rule file.
        key: column that names each record; the row's number when empty.
        fill_missing: whether missing values are imputed.
        donors: whether values of similar records may be taken.

    Raises:
        InputError: a file cannot be read, the rules have faults, or two records bear one key.
        MethodError: the rules contradict each other.
    """
    table = read_table(path, [key, *variables_of(rules_path)])
    rules = read_rules(rules_path, columns=table.columns)
    rows = rows_of(table.columns, table.rows, key, rules)
    filed = table.only(rows.records)
    keys = keys_of(filed, key)
    records, held, problems = matrix_of(filed, rules)
    spelt = spelt_of(filed, rules)
    made = edit(
        rules, keys, records, Choices(fill_missing=fill_missing, donors=donors, held=held, spelt=spelt)
    )
    before, after = failing_rules(made.all_rules, made.before), failing_rules(made.all_rules, made.after)
    result = FileEdited(replace(table, rows=[list(row) for row in table.rows]))
    place = dict(zip(keys, rows.records, strict=True))
    for change in made.changes:
        row, column = place[change.record], table.columns.index(change.variable)
        new = shown(rules, change.variable, change.new)
        result.log.append(
            {"number": str(change.number), "record": change.record, "variable": change.variable,
             "old": table.rows[row][column], "new": new, "rule": change.rule, "method": change.method,
             "solutions": str(change.solutions)}
        )  # fmt: skip
        result.table.rows[row][column] = new
    for number, rule in enumerate(made.all_rules.chosen):
        mine = sum(rule.name in change.rule.split("+") for change in made.changes)
        result.rules[rule.name] = [len(keys), int(before[:, number].sum()), int(after[:, number].sum()), mine]
    result.without_basis = [keys[row] for row in np.flatnonzero(made.without_basis).tolist()]
    result.undecided = [keys[row] for row in made.undecided]
    result.unsolved = [keys[row] for row in np.flatnonzero(made.unsolved) if row not in made.undecided]
    aside = told_aside(rows, table.first, table.file)
    if rows.totals:
        stated, _, _ = matrix_of(table.only(rows.totals), rules)
        aside += told_totals(rows, table.first, table.file, rules, stated, records, made.records)
    places = {keys[row]: table.first + rows.records[row] for row in made.undecided}
    aside += told_undecided(made, keys, records, places, table.file)
    result.told = [*aside, *problems][:MOST_FAULTS]
    result.several = int((made.located.solutions > 1).sum())
    return result


def refuse_overwriting(*paths: Path) -> None:
    """Return nothing where none of the files to write is there and none is named twice.

    Raises:
        InputError: editing.file_there, for each that is.
    """
    seen: set[Path] = set()
    problems = []
    for path in paths:
        if path.exists() or path.resolve() in seen:
            problems.append(Problem("editing.file_there", Where(file=str(path))))
        seen.add(path.resolve())
    if problems:
        raise InputError(*problems)


def write_log(log: Sequence[Mapping[str, str]], path: Path) -> None:
    """Write the log as csv in UTF-8.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, LOG_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(log)


def read_log(path: Path) -> list[dict[str, str]]:
    """Return a log of changes.

    Raises:
        InputError: it is no log.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            if tuple(reader.fieldnames or ()) != LOG_COLUMNS or not all(
                row["number"].isdigit() for row in rows
            ):
                raise InputError(Problem("editing.log_unreadable", Where(file=str(path))))
    except (OSError, UnicodeDecodeError, csv.Error, AttributeError):
        raise InputError(Problem("editing.log_unreadable", Where(file=str(path)))) from None
    return rows


@dataclass
class Undone:
    """A file with changes taken back.

    Attributes:
        table: its records.
        count: cells that were set back.
        before: cells that held what was filed already.
    """

    table: Table
    count: int = 0
    before: int = 0


def _demand_logged(log: Sequence[Mapping[str, str]], asked: Mapping[str, str]) -> None:
    there = {
        "rule": {name for change in log for name in change["rule"].split("+")},
        "record": {change["record"] for change in log},
        "variable": {change["variable"] for change in log},
    }
    problems = []
    for kind, name in asked.items():
        if name and name not in there[kind]:
            known = sorted(there[kind])
            near = get_close_matches(name, known, 3)
            listed = [*near, *(one for one in known if one not in near)][:20]
            values = {"kind": _ASKED[kind], "name": _short(name), "known": listed, "count": len(known)}
            problems.append(Problem("editing.undo_unknown", values=values))
    if problems:
        raise InputError(*problems)
    if any(asked.values()) and not any(
        (not asked["rule"] or asked["rule"] in change["rule"].split("+"))
        and asked["record"] in ("", change["record"])
        and asked["variable"] in ("", change["variable"])
        for change in log
    ):
        values = {"asked": [f"{kind} {name}" for kind, name in asked.items() if name]}
        raise InputError(Problem("editing.undo_nothing", values=values))


_ASKED = {
    "rule": {"zh": "规则", "en": "rule"}, "record": {"zh": "记录", "en": "record"},
    "variable": {"zh": "变量", "en": "variable"},
}  # fmt: skip


def undo_file(
    table: Table, log: Sequence[Mapping[str, str]], *, key: str = "", rule: str = "", record: str = "",
    variable: str = "",
) -> Undone:  # fmt: skip
    """Return records with changes taken back: every cell again as it stood, to the last character.

    A cell that already holds what was filed counts as taken back before.

    Args:
        table: as editing left it.
        log: of the editing.
        key: as for `edit_file`.
        rule, record, variable: take back only these; all when empty.

    Raises:
        InputError: as `keys_of`; a rule, record or variable that the log does not have (those it has are named), or
            that it has, but never together; records of the log that the file does not have under this key.
        MethodError: a cell is no longer what the log says (all are named); nothing is taken back then.
    """
    _demand_logged(log, {"rule": rule, "record": record, "variable": variable})
    wanted = [
        change
        for change in sorted(log, key=lambda one: -int(one["number"]))
        if (not rule or rule in change["rule"].split("+"))
        and record in ("", change["record"])
        and variable in ("", change["variable"])
    ]
    named = {change["record"] for change in wanted}
    place = _places_of(table, key, named)
    _demand_found(table, wanted, place, key)
    made, problems = _taken_back(table, wanted, place)
    if problems:
        others = [] if key else _holders(table, named)
        fitting = [one for one in others if not _taken_back(table, wanted, _places_of(table, one, named))[1]]
        if fitting:
            raise InputError(_no_record(table, sorted(named), key, fitting))
        raise MethodError(*problems)
    return made


def _taken_back(
    table: Table, wanted: Sequence[Mapping[str, str]], place: Mapping[str, int]
) -> tuple[Undone, list[Problem]]:
    """Return a file with changes taken back, and the cells that are no longer what the log says."""
    made = Undone(replace(table, rows=[list(row) for row in table.rows]))
    problems = []
    for change in wanted:
        row, column = place[change["record"]], table.columns.index(change["variable"])
        now = made.table.rows[row][column]
        if now == change["new"]:
            made.table.rows[row][column] = change["old"]
            made.count += 1
        elif now == change["old"]:
            made.before += 1
        else:
            values = {**{name: change[name] for name in ("record", "variable", "new")}, "now": _short(now)}
            where = Where(file=table.file, row=table.row_number(row), column=change["variable"])
            problems.append(Problem("editing.undo_conflict", where, values))
    return made, problems


def _places_of(table: Table, key: str, named: set[str]) -> dict[str, int]:
    """Return the row of each record: blank rows are none, and of others only those named must have one key each."""
    rows = rows_of(table.columns, table.rows, key, None).records
    if key in table.columns:
        at = table.columns.index(key)
        rows = tuple(row for row in rows if table.rows[row][at] in named)
    return dict(zip(keys_of(table.only(rows), key), rows, strict=True))


def _holders(table: Table, records: set[str]) -> list[str]:
    """Return the columns that hold every one of some keys, each in one row."""
    found = []
    for column in table.columns:
        cells = table.column(column)
        if column and records <= set(cells) and len(set(cells) & records) == sum(c in records for c in cells):
            found.append(column)
    return found


def _no_record(table: Table, lost: Sequence[str], key: str, holders: Sequence[str]) -> Problem:
    shown = ", ".join(_short(one) for one in lost[:10])
    values: dict[str, object] = {
        "count": len(lost),
        "records": shown + (", …" if len(lost) > 10 else ""),
        "key": key or _BY_ROW,
        "columns": ", ".join(holders[:5]) or NOTHING,
    }
    return Problem("editing.undo_no_record", Where(file=table.file), values)


def _demand_found(
    table: Table, wanted: Sequence[Mapping[str, str]], place: Mapping[str, int], key: str
) -> None:
    """Raise where records or variables of the log are not in the file: one error each, not one for every change."""
    problems = []
    lost = list(dict.fromkeys(change["record"] for change in wanted if change["record"] not in place))
    if lost:
        holders = [one for one in _holders(table, {change["record"] for change in wanted}) if one != key]
        problems.append(_no_record(table, lost, key, holders))
    absent = sorted({change["variable"] for change in wanted} - set(table.columns))
    for name in absent:
        values = {"variable": name, "known": table.columns[:30]}
        problems.append(Problem("editing.undo_no_column", Where(file=table.file), values))
    if problems:
        raise InputError(*problems)


_BY_ROW = {"zh": "行号", "en": "the number of the row"}
