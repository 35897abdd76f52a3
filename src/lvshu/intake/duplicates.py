"""Rows of one key: corrections replace, identical copies collapse, conflicting copies all go to quarantine.

Among the rows of one key, those of the latest delivery of corrections compete; without corrections all
rows compete. Competing rows that say the same leave one (the first by file and row); competing rows that
differ are all refused, as nobody can know which is right. A corrected row also replaces the row that its
columns “来源文件 source_file” and “来源行号 source_row” name, whatever key that row had.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lvshu.contract import TableContract
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.report import InputFile
from lvshu.intake.text import literal, quoted

DOOMED = "intake_doomed"
_PART = re.compile(r"\.\d+(?=\.corrected$)", re.IGNORECASE)


@dataclass(frozen=True)
class Typed:
    """The table into which all files of a contract were typed, and its files, by number from 1."""

    contract: TableContract
    table: str
    files: Sequence[InputFile]


def doom(engine: DuckDB, typed: Typed) -> int:
    """Fill the table `intake_doomed` with the rows that must not be kept beside their faults.

    Its columns: source_file, source_row, code, other_file, other_row (the row that made it so).

    Returns:
        Number of rows doomed.
    """
    engine.execute(f"DROP TABLE IF EXISTS {DOOMED}")
    engine.execute(
        f"CREATE TABLE {DOOMED} "
        "(source_file INTEGER, source_row BIGINT, code VARCHAR, other_file INTEGER, other_row BIGINT)"
    )
    _replaced_by_reference(engine, typed)
    if typed.contract.key:
        _by_key(engine, typed)
    return engine.count(DOOMED)


def _replaced_by_reference(engine: DuckDB, typed: Typed) -> None:
    table = quoted(typed.table)
    if not engine.execute(f"SELECT count(*) FROM {table} WHERE corrects_row IS NOT NULL")[0][0]:
        return
    names = ", ".join(
        f"({number}, {literal(word)})"
        for number, one in enumerate(typed.files, start=1)
        for word in dict.fromkeys((one.name, one.label))
    )
    engine.execute(
        f"""INSERT INTO {DOOMED}
        SELECT old.source_file, old.source_row, 'intake.superseded', max(new.source_file), max(new.source_row)
        FROM {table} AS new
        JOIN (VALUES {names}) AS file(number, name) ON file.name = new.corrects_file
        JOIN {table} AS old ON old.source_file = file.number AND old.source_row = new.corrects_row
        WHERE new.source_file > old.source_file AND (new.marks IS NULL OR new.marks NOT LIKE 'k|%')
        GROUP BY old.source_file, old.source_row"""
    )


def _by_key(engine: DuckDB, typed: Typed) -> None:
    """Doom by key; rows that are already doomed or at fault do not compete."""
    names, table = typed.contract.written_key, quoted(typed.table)
    key = ", ".join(quoted(name) for name in names)
    good = (
        f"SELECT * FROM {table} AS one WHERE (marks IS NULL OR (marks NOT LIKE 'x|%' AND marks NOT LIKE 'k|%')) "
        f"AND NOT EXISTS (SELECT 1 FROM {DOOMED} AS doomed WHERE doomed.source_file = one.source_file "
        "AND doomed.source_row = one.source_row)"
    )
    matched = " AND ".join(f"one.{quoted(name)} IS NOT DISTINCT FROM many.{quoted(name)}" for name in names)
    content = ", ".join(
        f"coalesce(CAST({quoted(name)} AS VARCHAR), chr(0))" for name in typed.contract.column_names
    )
    rank = _delivery_rank(typed)
    engine.execute(
        f"""INSERT INTO {DOOMED}
        WITH good AS ({good}),
        likely AS (SELECT hash({key}) AS hashed FROM good GROUP BY 1 HAVING count(*) > 1),
        many AS (
          SELECT {key} FROM good WHERE hash({key}) IN (SELECT hashed FROM likely) GROUP BY {key} HAVING count(*) > 1
        ),
        rival AS (
          SELECT one.*, {rank} AS delivery, md5(concat_ws(chr(31), {content})) AS content
          FROM good AS one WHERE EXISTS (SELECT 1 FROM many WHERE {matched})
        ),
        ranked AS (SELECT *, max(delivery) OVER (PARTITION BY {key}) AS latest FROM rival),
        compared AS (
          SELECT source_file, source_row, delivery, latest,
            min(CASE WHEN delivery = latest THEN content END) OVER (PARTITION BY {key}) AS least_content,
            max(CASE WHEN delivery = latest THEN content END) OVER (PARTITION BY {key}) AS greatest_content,
            first_value(source_file) OVER best AS first_file,
            first_value(source_row) OVER best AS first_row,
            lead(source_file) OVER best AS next_file,
            lead(source_row) OVER best AS next_row,
            row_number() OVER best AS place
          FROM ranked
          WINDOW best AS (PARTITION BY {key} ORDER BY delivery DESC, source_file, source_row)
        )
        SELECT source_file, source_row,
          CASE WHEN delivery < latest THEN 'intake.superseded'
               WHEN least_content <> greatest_content THEN 'intake.duplicate_conflict'
               ELSE 'intake.duplicate_identical' END,
          CASE WHEN place = 1 THEN next_file ELSE first_file END,
          CASE WHEN place = 1 THEN next_row ELSE first_row END
        FROM compared
        WHERE delivery < latest OR least_content <> greatest_content OR place > 1"""
    )


def replaced_nothing(engine: DuckDB, typed: Typed) -> list[tuple[int, int, int, list[tuple[int, int]]]]:
    """Return, for each file of corrections, its kept rows that took no row's place: they are records that it adds.

    Each as (file, rows, first row, places of rows of the same number under another institution, a few).
    To be called once the doomed rows are known.
    """
    corrections = [number for number, one in enumerate(typed.files, start=1) if one.corrects]
    contract, table = typed.contract, quoted(typed.table)
    if not corrections or not contract.key:
        return []

    def equal(names: Sequence[str]) -> str:
        return " AND ".join(f"old.{quoted(name)} IS NOT DISTINCT FROM one.{quoted(name)}" for name in names)

    added = (
        f"SELECT * FROM {table} AS one WHERE source_file IN ({', '.join(map(str, corrections))}) "
        "AND (marks IS NULL OR (marks NOT LIKE 'x|%' AND marks NOT LIKE 'k|%')) "
        f"AND NOT EXISTS (SELECT 1 FROM {DOOMED} AS doomed WHERE "
        "(doomed.source_file = one.source_file AND doomed.source_row = one.source_row) OR "
        "(doomed.other_file = one.source_file AND doomed.other_row = one.source_row "
        "AND doomed.code = 'intake.superseded')) "
        f"AND NOT EXISTS (SELECT 1 FROM {table} AS old WHERE old.source_file < one.source_file "
        f"AND {equal(contract.written_key)})"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE intake_added AS {added}")
    found = []
    for file, rows, first in engine.execute(
        "SELECT source_file, count(*), min(source_row) FROM intake_added GROUP BY 1 ORDER BY 1"
    ):
        near = engine.execute(
            f"SELECT DISTINCT old.source_file, old.source_row FROM intake_added AS one JOIN {table} AS old "
            f"ON old.source_file < one.source_file AND {equal(contract.key)} "
            f"WHERE one.source_file = {file} AND (old.marks IS NULL OR (old.marks NOT LIKE 'x|%' "
            f"AND old.marks NOT LIKE 'k|%')) AND NOT EXISTS (SELECT 1 FROM {DOOMED} AS doomed WHERE "
            "doomed.source_file = old.source_file AND doomed.source_row = old.source_row) ORDER BY 1, 2 LIMIT 3"
        ) if contract.numbered_within else []  # fmt: skip
        found.append((int(file), int(rows), int(first), [(int(one), int(row)) for one, row in near]))
    engine.execute("DROP TABLE intake_added")
    return found


def _delivery_rank(typed: Typed) -> str:
    """SQL of a row's delivery: 0 for ordinary files, the file's number for corrections (later wins).

    The parts of one rejects file (loan.corrected, loan.2.corrected) are one delivery: what conflicted before still
    does when both parts are fed back with it.
    """
    last: dict[str, int] = {}
    corrections = [(number, one) for number, one in enumerate(typed.files, start=1) if one.corrects]
    for number, one in corrections:
        last[_PART.sub("", one.path.stem)] = number
    ranks = " ".join(
        f"WHEN {number} THEN {last[_PART.sub('', one.path.stem)]}" for number, one in corrections
    )
    return f"CASE source_file {ranks} ELSE 0 END" if ranks else "0"
