"""lvshu register hash: clear identifiers of a csv file replaced by salted hashes, names by Bloom filters too."""

from __future__ import annotations

import csv
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.linkage.persons import hashed, name_filters


def execute(
    *, language: str, as_json: bool, file: Path, to: Path, columns: str, names: str, salt_file: Path
) -> int:
    """Write a copy in which the named columns are hashes. Returns the exit code."""
    output = Output(language, as_json)
    if not salt_file.is_file():
        raise InputError(Problem("statistics.register_no_salt", Where(file=str(salt_file))))
    salt = salt_file.read_text(encoding="utf-8").strip()
    if to == Path() or to.exists():
        raise InputError(Problem("statistics.review_file_there", Where(file=str(to))))
    wanted = [name.strip() for name in columns.split(",") if name.strip()]
    filtered = [name.strip() for name in names.split(",") if name.strip()]
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        rows, there = list(reader), list(reader.fieldnames or ())
    missing = [name for name in (*wanted, *filtered) if name not in there]
    if missing or not (wanted or filtered):
        values = {"columns": missing or ["-"], "there": there}
        raise InputError(Problem("statistics.register_no_column", Where(file=file.name), values))
    for name in filtered:
        for row, found in zip(rows, name_filters([row[name] for row in rows], salt), strict=True):
            row[f"{name}_filter"] = found or ""
    for name in dict.fromkeys((*wanted, *filtered)):
        for row, found in zip(rows, hashed([row[name] for row in rows], salt), strict=True):
            row[name] = found or ""
    with to.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(
            handle, [*there, *(f"{name}_filter" for name in filtered)], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
    output.json({"ok": True, "file": to, "rows": len(rows), "columns": [*wanted, *filtered]})
    output.say(
        output.text("register.hashed", path=to, rows=len(rows), columns=", ".join([*wanted, *filtered]))
    )
    return 0
