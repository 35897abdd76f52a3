"""lvshu register hash: clear identifiers of a file replaced by salted hashes, names by Bloom filters too."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.contract import Column, load
from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.plain_table import read_any_grid
from lvshu.intake.text import heading_key, says_note
from lvshu.intake.total_words import says_total
from lvshu.linkage.persons import (
    clear_kind,
    hashed,
    is_damaged,
    is_filler,
    is_hash,
    is_word,
    is_wrong_identity,
    name_filters,
    unfit_kind,
)

NAMED = 5
Row = tuple[int, dict[str, str]]


def execute(
    *, language: str, as_json: bool, file: Path, to: Path, columns: str, names: str, salt_file: Path
) -> int:
    """Write a copy in which the named columns are hashes. Returns the exit code."""
    output = Output(language, as_json)
    if not salt_file.is_file():
        raise InputError(Problem("statistics.register_no_salt", Where(file=str(salt_file))))
    salt = salt_file.read_text(encoding="utf-8").strip()
    if to == Path():
        raise InputError(Problem("statistics.register_hash_where"))
    if to.suffix.lower() != ".csv":
        raise InputError(Problem("statistics.register_hash_ending", Where(file=str(to))))
    if to.exists():
        raise InputError(Problem("statistics.review_file_there", Where(file=str(to))))
    if not file.is_file():
        raise InputError(Problem("statistics.review_absent", Where(file=str(file))))
    wanted = [name.strip() for name in columns.split(",") if name.strip()]
    filtered = [name.strip() for name in names.split(",") if name.strip()]
    there, rows, aside = _table(file, [*wanted, *filtered])
    missing = [name for name in (*wanted, *filtered) if name not in there]
    if missing or not (wanted or filtered):
        values = {"columns": missing or ["-"], "there": there}
        raise InputError(Problem("statistics.register_no_column", Where(file=file.name), values))
    hashed_too = tuple(dict.fromkeys((*wanted, *filtered)))
    identifiers = [name for name in wanted if _holds_identifiers(name, [row[name] for _, row in rows])]
    faults, unfit = _faults(rows, hashed_too, identifiers)
    faults = [*_told_aside(aside), *faults]
    nobody = 0
    for name in identifiers:
        for _, row in rows:
            row[name] = "" if is_word(row[name]) else row[name]
    for name in filtered:
        for (_, row), found in zip(rows, name_filters([row[name] for _, row in rows], salt), strict=True):
            row[f"{name}_filter"] = found or ""
    for name in hashed_too:
        for (number, row), found in zip(rows, hashed([row[name] for _, row in rows], salt), strict=True):
            nobody += bool(row[name]) and found is None and (number, name) not in unfit
            row[name] = found or ""
    with to.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(
            handle, [*there, *(f"{name}_filter" for name in filtered)], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(row for _, row in rows)
    left = _clear_left([row for _, row in rows], [name for name in there if name not in (*wanted, *filtered)])
    output.json({"ok": True, "file": to, "rows": len(rows), "columns": [*wanted, *filtered],
                 "without_identifier": nobody, "clear_left": left,
                 "faults": [fault.as_json() for fault in faults]})  # fmt: skip
    output.say(
        output.text("register.hashed", path=to, rows=len(rows), columns=", ".join([*wanted, *filtered]))
    )
    output.problems(faults)
    if nobody:
        output.say(output.text("register.nobody", values=nobody), style="yellow")
    if left:
        output.say(output.text("register.clear_left", columns=", ".join(left), path=to), style="red")
    return 0


def _holds_identifiers(name: str, values: list[str]) -> bool:
    """Return whether a column is one of identifiers or numbers of telephones and not of names.

    By its heading, as the table person_extract knows it; of one that it does not know, more cells have digits than not.
    """
    contract = load("person_extract")
    for column in contract.columns:
        if column.name in contract.hashed and heading_key(name) in _headings(column):
            return column.name != "name_hash"
    filled = [value for value in values if value]
    return 2 * sum(any(map(str.isdigit, value)) for value in filled) > len(filled)


_UNFIT: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("masked", lambda value: unfit_kind(value) == "masked"),
    ("error_value", lambda value: unfit_kind(value) in ("error", "formula")),
)


def _faults(
    rows: list[Row], columns: tuple[str, ...], identifiers: list[str]
) -> tuple[list[Problem], set[tuple[int, str]]]:
    """Return what is wrong with cells before they are hashed, as nobody can see it afterwards, and cells not hashed."""
    found: list[Problem] = []
    unfit: set[tuple[int, str]] = set()
    for name in columns:
        checks = list(_UNFIT)
        if name in identifiers:
            checks += [("lost_digits", is_damaged), ("words", is_word), ("filler", is_filler)]
            checks.append(("wrong_check", is_wrong_identity))
        for kind, is_wrong in checks:
            at = [number for number, row in rows if row[name] and is_wrong(row[name])]
            if at:
                values = {"column": name, "count": len(at), "rows": at[:NAMED]}
                found.append(Problem(f"statistics.register_{kind}", values=values, severity="warning"))
            if kind != "wrong_check":
                unfit |= {(number, name) for number in at}
    return found, unfit


def _told_aside(aside: list[int]) -> list[Problem]:
    if not aside:
        return []
    values = {"count": len(aside), "rows": aside[:NAMED]}
    return [Problem("statistics.register_rows_aside", values=values, severity="notice")]


def _headings(column: Column) -> set[str]:
    return {heading_key(name) for name in (column.name, column.zh, column.en, *column.other_headings)}


def _clear_left(rows: list[dict[str, str]], columns: list[str]) -> list[str]:
    """Return the columns of a hashed file that still hold identifiers in clear, by their values or their heading."""
    contract = load("person_extract")
    headings = {
        heading_key(name)
        for column in contract.columns if column.name in contract.hashed
        for name in (column.zh, *column.other_headings)
    }  # fmt: skip
    return [
        name for name in columns
        if any(clear_kind(row[name]) for row in rows if row[name])
        or (heading_key(name) in headings and any(row[name] and not is_hash(row[name]) for row in rows))
    ]  # fmt: skip


def _table(file: Path, asked: list[str]) -> tuple[list[str], list[Row], list[int]]:
    """Return the headings and rows of a csv (of any known encoding), xlsx or parquet file, as texts.

    The heading is the first row that names most of the columns asked for, under titles; rows of totals and notes are
    set aside.

    Returns:
        list: the headings.
        list: of each row its number as its user sees it, and its cells by heading.
        list: numbers of the rows set aside.
    """
    grid = read_any_grid(file)
    height = range(grid.height)
    scores = [len(set(asked) & set(grid.row_texts(row))) for row in height]
    best = max(scores, default=0)
    first = scores.index(best) if best else next((row for row in height if any(grid.row_texts(row))), None)
    if first is None:
        raise InputError(Problem("intake.empty_file", Where(file=file.name)))
    there = [name for name in grid.row_texts(first) if name]
    places = [column for column, name in enumerate(grid.row_texts(first)) if name]
    rows: list[Row] = []
    aside = []
    for number in range(first + 1, grid.height):
        row = {name: grid.text(number, column) for name, column in zip(there, places, strict=True)}
        filled = [cell for cell in row.values() if cell]
        if not filled:
            continue
        of_total = says_total(filled[0]) or any(says_total(row.get(name, "")) for name in asked)
        if of_total or (len(filled) == 1 and says_note(filled[0])):
            aside.append(number + 1)
        else:
            rows.append((number + 1, row))
    return there, rows, aside
