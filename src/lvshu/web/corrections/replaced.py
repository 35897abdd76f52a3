"""Rows of files that another row stands for: replaced by a corrected delivery, or identical copies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pyarrow as pa
from sqlalchemy import select

from lvshu.contract import TableContract
from lvshu.core.city_time import city_moment
from lvshu.core.errors import Problem
from lvshu.core.units import factor
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.heading import Heading, HeadingMatch
from lvshu.intake.personal import HIDDEN
from lvshu.intake.quarantine import raw_record
from lvshu.intake.sources import cleaned
from lvshu.intake.text import literal
from lvshu.intake.typed import Staged, typed_select
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, column_label, contract_of, same
from lvshu.web.context import Context
from lvshu.web.corrections.change import Change, Chosen, Tally, counted, shortened, told
from lvshu.web.state import tables as kept
from lvshu.web.words import word

CONSTANT = "= "
ROWS_KEPT = 200
"""Rows that a page shows are kept as they were typed; those of a download are not."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Replaced:
    """Quarantined rows of one code of intake: what stood in them beside what stands in their place."""

    kind: str
    code: str
    of_book: bool = True

    def tally(self, context: Context, reader: Reader) -> list[Tally]:
        """Return how many rows there are, by table."""
        if not reader.book.has("quarantine"):
            return []
        sql = (
            f"SELECT table_name, code, count(*) FROM quarantine WHERE code = {literal(self.code)} "
            "GROUP BY 1, 2 ORDER BY 1"
        )
        return counted(reader, self.kind, sql, "quarantine")

    def rows(self, context: Context, reader: Reader, chosen: Chosen, limit: int, offset: int) -> list[Change]:
        """Return the values of some rows that are others now; one line for a row in which none is."""
        read = partial(self._of_book, chosen=chosen, limit=limit, offset=offset)
        if limit <= ROWS_KEPT:  # a book never changes: rows that a page shows are typed once
            files = context.made(("corrections", self.kind, chosen.table, chosen.rule, limit, offset), read)
        else:
            files = read(reader)
        return [change for one in files for change in self._changes(context, one)]

    def _of_book(self, reader: Reader, *, chosen: Chosen, limit: int, offset: int) -> tuple[_File, ...]:
        """Return some rows with what stands in their place, file after file."""
        where = f"code = {literal(self.code)} AND {chosen.conditions(table='table_name', rule='code')}"
        rows = reader.book.read(
            "quarantine",
            columns=["table_name", "file", "sheet", "row_number", "code", "reason_en", "raw_record"],
            where=where,
            order=["table_name", "file", "row_number"],
            limit=limit,
            offset=offset,
        ).to_pylist()
        groups: dict[tuple[str, str, str], list[Row]] = {}
        for row in rows:
            groups.setdefault((row["table_name"], row["file"], row["sheet"] or ""), []).append(row)
        found: list[_File] = []
        with DuckDB() as scratch:
            for (table, file, sheet), group in groups.items():
                contract = contract_of(table)
                if contract is not None:
                    before = _before(reader, scratch, contract, file, sheet, group)
                    places = [_other(row) for row in group]
                    after = _after(reader, contract, places)
                    found.append(_File(contract, tuple(zip(group, before, places, strict=True)), after))
        return tuple(found)

    def _changes(self, context: Context, read: _File) -> list[Change]:
        """Return the changes of rows of one file."""
        contract, after = read.contract, read.after
        uploads = _uploads(context, {file for _, _, (file, _, _) in read.rows})
        found: list[Change] = []
        for row, raw, (file, label, number) in read.rows:
            new = after.get((label, number))
            key = "|".join(
                shortened(_plain(raw.typed.get(name), raw.texts.get(name))) for name in contract.written_key
            )
            by, when = uploads.get(file, ("", ""))
            who = word("corrections.by_file", file=shortened(label), row=number)
            whole = Change(
                kind=self.kind,
                table=contract.name,
                rule=self.code,
                key=key,
                column=NO_TEXT,
                before=word("corrections.whole_row"),
                after=word("corrections.copy" if self.kind == "copy" else "corrections.not_kept"),
                who=who + same(f" · {by}") if by else who,
                when=when,
                back=word(f"corrections.back.{self.kind}", file=shortened(file)),
                note=f"{row['file']}{'#' + row['sheet'] if row['sheet'] else ''}:{row['row_number']}",
                place=("/data/quarantine", {"table": contract.name, "code": self.code}),
            )
            if self.kind == "copy" or new is None:
                found.append(whole)
                continue
            lines = _differing(contract, raw, new)
            if not lines:
                found.append(replace(whole, after=word("corrections.no_value")))
            found += [_value(contract, name, whole, raw, new) for name in lines]
        return found


@dataclass(frozen=True)
class _Raw:
    """A row as it came: its values typed as the table's contract says, and the texts of its cells, by column."""

    typed: Row
    texts: Mapping[str, str]


@dataclass(frozen=True)
class _File:
    """Rows of one file, each with its cells and the place that stands for it; rows of the book by (label, number)."""

    contract: TableContract
    rows: tuple[tuple[Row, _Raw, tuple[str, str, int]], ...]
    after: Mapping[tuple[str, int], Row]


def _value(contract: TableContract, name: str, whole: Change, raw: _Raw, new: Row) -> Change:
    """Return the line of one value of a row that was replaced."""
    text, old, unit = raw.texts.get(name, ""), raw.typed.get(name), contract.column(name).unit
    return replace(
        whole,
        column=column_label(contract.name, name),
        before=told(contract.name, name, old) if old is not None or not text else shortened(text),
        after=told(contract.name, name, new.get(name)),
        unit="" if unit.startswith("column:") else unit,
    )


def _plain(value: object, text: str | None) -> str:
    return str(value) if value is not None else text or "–"


def _differing(contract: TableContract, old: _Raw, new: Row) -> list[str]:
    """Return the columns whose values are others; numbers of records that intake made unique are the same."""
    found = []
    for name in contract.column_names:
        was, now, text = old.typed.get(name), new.get(name), old.texts.get(name, "")
        if text == HIDDEN or was == now:
            continue
        if isinstance(was, str) and isinstance(now, str) and now.endswith(f":{was}"):
            continue
        if was is None and text and str(now) == text:
            continue
        found.append(name)
    return found


def _other(row: Row) -> tuple[str, str, int]:
    """Return (file, file with its sheet, row) that stands for a row, out of the reason that quarantine gives."""
    begin, end = Problem(row["code"], values={"other": "\0"}).what("en").split("\0")
    text = str(row["reason_en"] or "").removeprefix(begin)
    text = text.removesuffix(end) if end else text
    label, _, number = text.rpartition(":")
    return label.partition("#")[0], label, int(number) if number.isdecimal() else 0


def _uploads(context: Context, files: set[str]) -> dict[str, tuple[str, str]]:
    """Return who put files among the inputs on the workbench, and when, by the name of the file."""
    table = kept.upload
    rows = context.workbench.database.rows(
        select(table.c.kept_as, table.c.user_name, table.c.at).where(table.c.kept_as.in_(sorted(files)))
    )
    return {row["kept_as"]: (row["user_name"], city_moment(row["at"])) for row in rows}


def _headings(
    reader: Reader, table: str, file: str, sheet: str | None
) -> tuple[tuple[Heading, ...], dict[str, str]]:
    """Return the headings of a file as they were read, and the constants of its mapping file."""
    rows = reader.book.read(
        "input_column",
        where=f"table_name = {literal(table)} AND file = {literal(file)} "
        f"AND sheet IS NOT DISTINCT FROM {literal(sheet) if sheet else 'NULL'}",
    ).to_pylist()
    headings, constants = [], {}
    for row in rows:
        if row["letter"] is None:
            constants[row["column_name"]] = str(row["header"]).removeprefix(CONSTANT)
            continue
        converted = row["unit_from"] and row["unit_to"] and row["unit_from"] != row["unit_to"]
        made = Heading(_index(row["letter"]), row["header"] or "", row["column_name"])
        if converted:
            made = replace(made, unit=row["unit_from"], factor=factor(row["unit_from"], row["unit_to"]))
        headings.append(made)
    return tuple(sorted(headings, key=lambda one: one.index)), constants


def _index(letter: str) -> int:
    number = 0
    for sign in letter:
        number = number * 26 + ord(sign) - 64
    return number - 1


def _before(
    reader: Reader,
    scratch: DuckDB,
    contract: TableContract,
    file: str,
    sheet: str | None,
    rows: Sequence[Row],
) -> list[_Raw]:
    """Return rows as they came, typed by the SQL that types every file (codes and ranges are not judged again)."""
    headings, constants = _headings(reader, contract.name, file, sheet)
    match = HeadingMatch(headings, constants, ())
    named: dict[str, int] = json.loads(raw_record(match, {f"h{one.index}": one.index for one in headings}))
    records: list[dict[str, Any]] = [json.loads(row["raw_record"] or "{}") for row in rows]
    cells: dict[str, list[Any]] = {"row_number": list(range(1, len(rows) + 1))}
    for name, index in named.items():
        cells[f"h{index}"] = [str(one.get(name) if one.get(name) is not None else "") for one in records]
    staged = cleaned(
        pa.table(
            {
                key: pa.array(one, pa.int64() if key == "row_number" else pa.string())
                for key, one in cells.items()
            }
        )
    )
    texts = staged.to_pylist()
    plain = replace(
        contract,
        columns=tuple(replace(one, codes="", minimum="", maximum="") for one in contract.columns),
        rules=(),
    )
    scratch.drop("came")
    scratch.load_rows("came", staged)
    select = typed_select(plain, Staged("came", 1, match, {}, {}, layout=True), judged=False)
    typed = scratch.fetch(f"SELECT * FROM ({select}) ORDER BY source_row").to_pylist()
    return [
        _Raw(
            {name: one[name] for name in contract.column_names},
            {
                column: text[f"h{heading.index}"] or constants.get(column, "")
                for column, heading in match.by_column.items()
                if f"h{heading.index}" in text
            },
        )
        for one, text in zip(typed, texts, strict=True)
    ]


def _after(
    reader: Reader, contract: TableContract, places: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, int], Row]:
    """Return the rows of the book that stand at places of files; those alone at their place."""
    if not reader.book.has(contract.name) or "source_row" not in reader.book.columns(contract.name):
        return {}
    wanted = ", ".join(
        f"({literal(label)}, {number})" for label, number in {(one, row) for _, one, row in places}
    )
    names = ", ".join(
        f'one."{name}"' for name in contract.column_names if name in reader.book.columns(contract.name)
    )
    rows = reader.book.engine.fetch(  # type: ignore[attr-defined]
        f"SELECT place.label AS place_label, place.number AS place_number, {names} "
        f"FROM (VALUES {wanted}) AS place(label, number) "
        f"JOIN input_file AS file ON file.table_name = {literal(contract.name)} "
        "AND concat_ws('#', file.file, file.sheet) = place.label "
        f'JOIN "{contract.name}" AS one ON one.source_file = file.file_number AND one.source_row = place.number',
        table=contract.name,
    ).to_pylist()
    found: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        found.setdefault((row.pop("place_label"), int(row.pop("place_number"))), []).append(row)
    return {place: several[0] for place, several in found.items() if len(several) == 1}
