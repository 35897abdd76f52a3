"""The one SQL pass over a file's rows: text cells in, typed columns and marks out.

A row's `marks` is NULL when there is nothing to say about it; else marks joined by ";", each of
`kind|column|code`: x a fault (the row goes to quarantine), k no record (skipped), n a note, s a status
of absence (`s|column|status|marker`), w a broken rule that only warns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvshu.contract import Column, Rule, TableContract
from lvshu.intake.cells import (
    CellSql,
    Names,
    begins,
    cell_sql,
    decided_sql,
    digits_lost_sql,
    missing_status,
    month_spelt,
    numerals_spelt,
)
from lvshu.intake.heading import SOURCE_FILE, SOURCE_ROW, HeadingMatch
from lvshu.intake.sheet_errors import ERROR_PATTERN
from lvshu.intake.text import NOTE_START, fold, literal, quoted
from lvshu.intake.total_words import TOTALS

TEMPLATE_MARKS = "^(单位|说明|列名|示例|unit|note|name|example)"
EXAMPLE_MARKS = "^(示例|example)"
CODES_PREFIX = "intake_codes_"


@dataclass(frozen=True)
class Staged:
    """A file's rows in the engine, waiting to be typed.

    table: name of the staging table (columns row_number, h0, h1, …).
    number: the file's number within its table.
    texts: heading texts by h-index, to know a heading that is repeated further down.
    example: the contract's template example, as cleaned text by column.
    layout: whether a layout made the records: then none of them is a note, a heading or a total.
    year: of the book, for months written with two digits of the year.
    """

    table: str
    number: int
    match: HeadingMatch
    values: Mapping[str, Mapping[str, str]]
    example: Mapping[str, str]
    layout: bool = False
    year: int | None = None


def code_table(column: Column) -> str:
    """Return the name of the engine table that holds the codes a column may have."""
    return CODES_PREFIX + column.codes.replace(".", "_")


def typed_select(contract: TableContract, staged: Staged, *, judged: bool = True) -> str:
    """Return the SELECT that types a staged file: the contract's columns, source_file, source_row, marks,
    and corrects_file, corrects_row (what the user says a corrected row stands for).

    Args:
        contract: of the table.
        staged: the file's rows.
        judged: whether rows are judged; else `marks` is NULL, and the statement a third as long.
    """
    given = [one for one in contract.columns if _is_given(one, staged) or _is_decided(one, contract, staged)]
    cells = {column.name: _cell(column, staged) for column in given}
    names = list(cells)
    roles = {heading.role: f"h{heading.index}" for heading in staged.match.headings if heading.role}
    first = ",\n  ".join(
        f"{_text(column, contract, staged)} AS {quoted('a_' + column.name)}" for column in given
    )
    absent = ",\n  ".join(_absence(column) for column in given)
    present = ",\n  ".join(
        f"CASE WHEN {quoted('s_' + name)} IS NULL THEN {quoted('a_' + name)} END AS {quoted('r_' + name)}"
        for name in names
    )
    quick = ",\n  ".join(f"{cells[name].quick} AS {quoted('q_' + name)}" for name in names)
    parsed = ",\n  ".join(f"{cells[name].parsed} AS {quoted('v_' + name)}" for name in names)
    values = ",\n  ".join(f"{cells[name].value} AS {quoted(name)}" for name in names)
    empty = [column for column in contract.columns if column not in given]
    nothing = "".join(f", NULL::{column.sql_type} AS {quoted(column.name)}" for column in empty)
    listed = ", ".join(quoted(column.name) for column in contract.columns)
    refers = roles.get(SOURCE_FILE)
    row = f"TRY_CAST({roles[SOURCE_ROW]} AS BIGINT)" if SOURCE_ROW in roles else "NULL::BIGINT"
    return f"""
WITH cell AS (
SELECT row_number, {_skip(staged, roles)} AS skip, {_total(contract, staged)} AS is_total,
  {f"NULLIF({refers}, '')" if refers else "NULL::VARCHAR"} AS corrects_file, {row} AS corrects_row,
  {first}
FROM {quoted(staged.table)}
), judged AS (
SELECT *, {absent} FROM cell
), present AS (
SELECT *, {present} FROM judged
), quick AS (
SELECT *, {quick} FROM present
), parsed AS (
SELECT *, {parsed} FROM quick
), typed AS (
SELECT *, {values}{nothing} FROM parsed
)
SELECT {listed}, {staged.number}::INTEGER AS source_file, row_number AS source_row,
  {_marks(contract, staged, cells, empty) if judged else "NULL::VARCHAR"} AS marks, corrects_file, corrects_row
FROM typed"""


def _is_given(column: Column, staged: Staged) -> bool:
    return column.name in staged.match.by_column or column.name in staged.match.constants


def _is_decided(column: Column, contract: TableContract, staged: Staged) -> bool:
    """Return whether a column that the file does not have is decided by another that it has."""
    by = column.decided_by
    return bool(by) and not _is_given(column, staged) and _is_given(contract.column(by), staged)


def _text(column: Column, contract: TableContract, staged: Staged) -> str:
    """SQL of a column's text: its own, or what the column that decides it says; months and dates in one spelling.

    Two digits are the year of the book only in a month that says which record this is: births are of any year.
    """
    if not _is_decided(column, contract, staged):
        text = _source(column, staged)
        year = staged.year if column.name in contract.key else None
        if column.type == "month":
            return month_spelt(text, year)
        return numerals_spelt(text) if column.type in ("date", "year") else text
    by = contract.column(column.decided_by)
    return decided_sql(column, by, _source(by, staged))


def _source(column: Column, staged: Staged) -> str:
    """SQL of a column's text in the staged file: its cell, the value mapped for it, or a constant."""
    heading = staged.match.by_column.get(column.name)
    constant = staged.match.constants.get(column.name)
    if heading is None:
        return f"NULLIF({literal(constant or '')}, '')"
    cell = f"NULLIF(h{heading.index}, '')"
    if constant is not None:
        cell = f"COALESCE({cell}, {literal(constant)})"
    pairs = staged.values.get(column.name, {})
    if pairs:
        cases = " ".join(
            f"WHEN {literal(fold(theirs))} THEN {literal(ours) if ours else 'NULL'}"
            for theirs, ours in pairs.items()
        )
        return f"CASE COALESCE(h{heading.index}, '') {cases} ELSE {cell} END"
    return cell


def _absence(column: Column) -> str:
    """SQL of s_: the status that a marker of absence stands for; NULL for any other text."""
    raw, status = quoted("a_" + column.name), quoted("s_" + column.name)
    if column.type == "text":
        return f"NULL::VARCHAR AS {status}"
    known = missing_status(raw, of_code=column.type == "code")
    if column.allowed:
        words = dict.fromkeys(
            word.casefold() for word in (*column.allowed, *column.allowed_zh, *column.allowed_en)
        )
        spared = " OR ".join(f"lower({raw}) = {literal(word)}" for word in words)
        known = f"CASE WHEN {spared} THEN NULL ELSE {known} END"
    return f"{known} AS {status}"


def _cell(column: Column, staged: Staged) -> CellSql:
    heading = staged.match.by_column.get(column.name)
    names = Names(*(quoted(prefix + column.name) for prefix in ("r_", "q_", "v_", "")))
    return cell_sql(column, names, times=heading.factor) if heading else cell_sql(column, names)


def _skip(staged: Staged, roles: Mapping[str, str]) -> str:
    """SQL of why a row is no record: blank, note, heading, template; NULL for a record."""
    matched = [heading for heading in staged.match.headings if heading.column]
    every = [f"NULLIF(h{heading.index}, '')" for heading in staged.match.headings if not heading.role]
    if staged.layout or not matched or not every:
        return "NULL"
    filled = f"COALESCE({', '.join(every)})"
    cases = [f"WHEN {filled} IS NULL THEN 'blank'"]
    if len(matched) > 1:
        same = f"greatest({', '.join(every)}) = least({', '.join(every)})"
        note = f"CASE WHEN regexp_matches(lower({filled}), '{NOTE_START}') THEN 'note' END"
        cases.append(f"WHEN {same} THEN {note}")
        repeated = " AND ".join(f"h{one.index} = {literal(fold(one.text))}" for one in matched)
        cases.append(f"WHEN {repeated} THEN 'heading'")
    mark = roles.get("mark")
    if mark:
        own = " AND ".join(
            f"h{one.index} = {literal(fold(staged.example.get(one.column or '', '')))}" for one in matched
        )
        example = f"regexp_matches(lower({mark}), '{EXAMPLE_MARKS}')"
        cases.append(f"WHEN {example} THEN CASE WHEN {own} THEN 'template' END")
        cases.append(f"WHEN regexp_matches(lower({mark}), '{TEMPLATE_MARKS}') THEN 'template'")
    return f"CASE {' '.join(cases)} END"


def _marks(
    contract: TableContract, staged: Staged, cells: Mapping[str, CellSql], empty: Sequence[Column]
) -> str:
    given = [column for column in contract.columns if column.name in cells]
    faults = [fault for column in given for fault in _faults(column, cells[column.name])]
    faults += [
        literal(f"x|{column.name}|intake.required_value_missing") for column in empty if column.required
    ]
    strict_first = sorted(contract.rules, key=lambda rule: rule.severity != "error")
    rules = [_rule_mark(rule) for rule in strict_first]
    notes = [_mark("n", name, cell.note) for name, cell in cells.items()]
    statuses = [
        f"CASE WHEN {quoted('s_' + column.name)} IS NOT NULL THEN {literal(f's|{column.name}|')} "
        f"|| {quoted('s_' + column.name)} || '|' || {quoted('a_' + column.name)} END"
        for column in given
        if column.type != "text"
    ]
    everything = ", ".join([*faults, *rules, *(one for one in notes if one), *statuses]) or "NULL"
    totals = f"WHEN is_total THEN {literal(f'x|{contract.key[0]}|intake.total_row')} " if contract.key else ""
    return (
        f"CASE WHEN skip IS NOT NULL THEN 'k|' || skip || '|' {totals}"
        f"ELSE NULLIF(concat_ws(';', {everything}), '') END"
    )


def _total(contract: TableContract, staged: Staged) -> str:
    """SQL of whether a row is one of totals: its key says so, or has nothing and the first filled cell says so."""
    key = next(
        (one for one in contract.columns if _may_total(one, contract) and _is_given(one, staged)), None
    )
    if staged.layout or key is None:
        return "FALSE"
    cell = _source(key, staged)
    firsts = "".join(sorted({word[0] for word in TOTALS} | {word[0].upper() for word in TOTALS}))
    words = ", ".join(literal(word) for word in TOTALS)
    every = ", ".join(
        f"NULLIF(h{heading.index}, '')" for heading in staged.match.headings if not heading.role
    )
    return (
        f"CASE WHEN {cell} IS NULL THEN coalesce(lower(coalesce({every}, '')) IN ({words}), FALSE) "
        f"ELSE {begins(cell, firsts)} AND lower({cell}) IN ({words}) END"
    )


def _may_total(column: Column, contract: TableContract) -> bool:
    """Whether “total” in a column betrays a row of totals: the first part of the key, free to hold any text."""
    first = contract.key[:1] == (column.name,)
    return first and column.type in ("text", "code") and not column.allowed and column.example not in TOTALS


def _mark(kind: str, column: str, code: str) -> str:
    return "" if code == "NULL" else f"{literal(f'{kind}|{column}|')} || ({code})"


def _faults(column: Column, cell: CellSql) -> list[str]:
    """SQL of every mark of one column: not of its type, missing, out of range, unknown code."""
    value, text = quoted(column.name), quoted("r_" + column.name)
    found = [_mark("x", column.name, cell.fault)]
    if column.required:
        found.append(
            f"CASE WHEN {text} IS NULL THEN {literal(f'x|{column.name}|intake.required_value_missing')} END"
        )
    if column.type in ("text", "code"):
        wrong = f"substr({text}, 1, 1) = '#' AND regexp_full_match(upper({text}), {literal(ERROR_PATTERN)})"
        found.append(f"CASE WHEN {wrong} THEN {literal(f'x|{column.name}|intake.cell_error')} END")
    if column.type == "code" and column.check != "uscc" and not column.wrong_kept:
        lost = digits_lost_sql(text)
        found.append(f"CASE WHEN {lost} THEN {literal(f'x|{column.name}|intake.digits_lost')} END")
    numeric = column.type in ("money", "quantity", "ratio", "integer", "year")
    for bound, sign, code in ((column.minimum, "<", "below_minimum"), (column.maximum, ">", "above_maximum")):
        if bound:
            limit = bound if numeric else literal(bound)
            named = "negative" if code == "below_minimum" and numeric and float(bound) == 0 else code
            found.append(
                f"CASE WHEN {value} {sign} {limit} THEN {literal(f'x|{column.name}|intake.{named}')} END"
            )
    if column.codes:
        known = f"{value} IN (SELECT code FROM {quoted(code_table(column))})"
        found.append(
            f"CASE WHEN {value} IS NOT NULL AND NOT ({known}) "
            f"THEN {literal(f'x|{column.name}|intake.unknown_code')} END"
        )
    return [one for one in found if one]


def _rule_mark(rule: Rule) -> str:
    kind = "x" if rule.severity == "error" else "w"
    return f"CASE WHEN NOT ({rule.sql}) THEN {literal(f'{kind}||rule:{rule.name}')} END"


def typed_table_sql(contract: TableContract, table: str) -> Sequence[str]:
    """Return the statements that make the empty table into which all files of a contract are typed."""
    columns = ", ".join(f"{quoted(column.name)} {column.sql_type}" for column in contract.columns)
    return (
        f"DROP TABLE IF EXISTS {quoted(table)}",
        f"CREATE TABLE {quoted(table)} ({columns}, source_file INTEGER, source_row BIGINT, marks VARCHAR, "
        "corrects_file VARCHAR, corrects_row BIGINT)",
    )
