"""lvshu register hash: clear identifiers of a file replaced by salted hashes, names by Bloom filters too."""

from __future__ import annotations

import csv
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.contract import load
from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.plain_table import read_any_grid
from lvshu.intake.text import heading_key
from lvshu.linkage.persons import clear_kind, hashed, is_damaged, is_hash, is_wrong_identity, name_filters

NAMED = 5


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
    there, rows = _table(file)
    missing = [name for name in (*wanted, *filtered) if name not in there]
    if missing or not (wanted or filtered):
        values = {"columns": missing or ["-"], "there": there}
        raise InputError(Problem("statistics.register_no_column", Where(file=file.name), values))
    faults = _faults(rows, wanted)
    nobody = 0
    for name in filtered:
        for row, found in zip(rows, name_filters([row[name] for row in rows], salt), strict=True):
            row[f"{name}_filter"] = found or ""
    for name in dict.fromkeys((*wanted, *filtered)):
        for row, found in zip(rows, hashed([row[name] for row in rows], salt), strict=True):
            nobody += bool(row[name]) and found is None and not is_damaged(row[name])
            row[name] = found or ""
    with to.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(
            handle, [*there, *(f"{name}_filter" for name in filtered)], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
    left = _clear_left(rows, [name for name in there if name not in (*wanted, *filtered)])
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


def _faults(rows: list[dict[str, str]], columns: list[str]) -> list[Problem]:
    """Return what is wrong with numbers before they are hashed, as nobody can see it afterwards."""
    found = []
    for name in columns:
        for code, is_wrong in (
            ("statistics.register_lost_digits", is_damaged),
            ("statistics.register_wrong_check", is_wrong_identity),
        ):
            at = [place for place, row in enumerate(rows, start=2) if row[name] and is_wrong(row[name])]
            if at:
                values = {"column": name, "count": len(at), "rows": at[:NAMED]}
                found.append(Problem(code, values=values, severity="warning"))
    return found


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


def _table(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the headings and rows of a csv (of any known encoding), xlsx or parquet file, as texts."""
    grid = read_any_grid(file)
    first = next((row for row in range(grid.height) if any(grid.row_texts(row))), None)
    if first is None:
        raise InputError(Problem("intake.empty_file", Where(file=file.name)))
    there = [name for name in grid.row_texts(first) if name]
    places = [column for column, name in enumerate(grid.row_texts(first)) if name]
    rows = [
        {name: grid.text(row, column) for name, column in zip(there, places, strict=True)}
        for row in range(first + 1, grid.height)
    ]
    return there, [row for row in rows if any(row.values())]
