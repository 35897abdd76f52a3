"""Loading one table: every file typed in one SQL pass, then split into kept and quarantined rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract, all_contracts, load
from lvshu.core.errors import EngineError, InputError, Problem, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.intake.cells import LOST_KEPT
from lvshu.intake.delimited import Ragged
from lvshu.intake.duplicates import DOOMED, Typed, doom, replaced_nothing
from lvshu.intake.extras import TABLE as EXTRA
from lvshu.intake.extras import keep_extras, set_aside_extras
from lvshu.intake.findings import write_findings
from lvshu.intake.hints import Hints, invalid_resident_ids
from lvshu.intake.numbering import INSTITUTION, RECORDS, institutions_alike, resolve_numbers, share_numbers
from lvshu.intake.of_place import tables_of_other_places
from lvshu.intake.profile import check_units
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT, Fault, Quarantine, filled
from lvshu.intake.reading import Reading, open_reading
from lvshu.intake.report import FileReport, InputFile, Progress, TableReport
from lvshu.intake.template import example_of
from lvshu.intake.text import literal, quoted
from lvshu.intake.totals import TOTAL, Total, totals_of
from lvshu.intake.typed import Staged, code_table, typed_select, typed_table_sql
from lvshu.intake.unknown_words import unknown_words
from lvshu.intake.whose import whose_refused
from lvshu.intake.wide import PER_ROW

SIDE_TABLES = (
    "quarantine", "input_file", "input_column", "value_status", "column_profile", "finding", EXTRA, RECORDS,
)  # fmt: skip
_SHOWN = 20
_ROWS_LISTED = 20


def load_table(
    engine: DuckDB,
    contract: TableContract,
    files: Sequence[InputFile],
    *,
    settings: Settings,
    packs: PackLibrary,
    previous: Mapping[tuple[str, str], float] | None = None,
    on_progress: Progress | None = None,
) -> TableReport:
    """Return what happened when a table was made anew from its files.

    Makes the table (the contract's columns, then source_file and source_row: the file's number in
    input_file and the row as its user sees it), empty when there is no file; and writes its rows of
    quarantine, input_file, input_column, value_status, column_profile and finding.

    Args:
        engine: the book being written.
        contract: the table's contract.
        files: its files, in reading order; corrections last.
        settings: area and year, for layouts that do not state theirs.
        packs: the packs whose codes the contract names.
        previous: (table, column) -> median power of ten in an earlier run, to notice slips of unit.
        on_progress: told of the rows read so far.

    Raises:
        EngineError: the engine failed, or rows read are not rows kept plus rows quarantined.
        PackError: a pack of the contract is missing or broken.
    """
    loader = _Loader(engine, contract, tuple(files), settings, Hints(packs), on_progress)
    return loader.run(previous or {})


@dataclass
class _Loader:
    engine: DuckDB
    contract: TableContract
    files: tuple[InputFile, ...]
    settings: Settings
    hints: Hints
    on_progress: Progress | None
    problems: list[Problem] = field(default_factory=list)
    readings: dict[int, Reading] = field(default_factory=dict)
    ragged: dict[int, list[Ragged]] = field(default_factory=dict)

    @property
    def typed(self) -> str:
        return f"intake_typed_{self.contract.name}"

    def run(self, previous: Mapping[tuple[str, str], float]) -> TableReport:
        self._clear()
        for statement in typed_table_sql(self.contract, self.typed):
            self.engine.execute(statement, table=self.contract.name)
        code_tables = self._load_codes()
        for number, file in enumerate(self.files, start=1):
            try:
                self._read(number, file)
            except InputError as error:
                self.problems += error.problems
                self.readings.pop(number, None)
                self.engine.execute(f"DELETE FROM {quoted(self.typed)} WHERE source_file = {number}")
        self._check_resident_ids()
        resolve_numbers(self.engine, self.contract, self.typed, all_contracts())
        doom(self.engine, Typed(self.contract, self.typed, self.files))
        self._keep()
        if self.contract.numbered_within:
            always = self.settings.loan_keys == INSTITUTION
            share_numbers(self.engine, self.contract, self.typed, always=always)
            self.problems += institutions_alike(self.engine, self.contract)
        keep_extras(self.engine, self.contract)
        written = self._quarantine()
        reports = self._reports(written)
        self._notices(reports)
        self._side_tables(reports)
        if any(reading.places for reading in self.readings.values()):
            self._show_places()
        for number, reading in self.readings.items():
            if reading.wide is not None:
                self._show_rows(number)
        self.problems += unknown_words(self.engine, self.contract, self.hints.packs)
        self.problems += tables_of_other_places(
            self.engine, self.contract, self.files, self.settings, self.hints.packs
        )
        self.problems += check_units(self.engine, self.contract, self.files, previous)
        for table in (self.typed, DOOMED, *code_tables):
            self.engine.drop(table)
        write_findings(self.engine, f"intake.{self.contract.name}", self.contract.name, self.problems)
        return TableReport(self.contract.name, tuple(reports), tuple(self.problems))

    def _clear(self) -> None:
        """Make the side tables, and forget what an earlier attempt wrote for this table."""
        for name in SIDE_TABLES:
            self.engine.create(load(name))
            condition = f"step = {literal('intake.' + self.contract.name)}"
            if name != "finding":
                condition = f"table_name = {literal(self.contract.name)}"
            self.engine.execute(f"DELETE FROM {quoted(name)} WHERE {condition}")

    def _load_codes(self) -> list[str]:
        made = []
        for column in self.contract.columns:
            if column.codes and code_table(column) not in made:
                codes = pa.table({"code": pa.array(self.hints.codes_of(column), pa.string())})
                self.engine.load_rows(code_table(column), codes)
                made.append(code_table(column))
        return made

    def _read(self, number: int, file: InputFile) -> None:
        reading = open_reading(number, file, self.contract, self.settings)
        self.problems += reading.problems
        self.readings[number] = reading
        self.ragged[number] = []
        staging = f"intake_staging_{self.contract.name}"
        stream = _Stream(self, reading)
        try:
            self.engine.load_batches(staging, stream.reader())
        except EngineError as error:
            raise (stream.failure or error) from error
        staged = Staged(
            staging, number, reading.match, reading.values, example_of(self.contract), bool(reading.layout),
            self.settings.year,
        )  # fmt: skip
        listed = ", ".join(quoted(name) for name in self.contract.column_names)
        self.engine.execute(
            f"INSERT INTO {quoted(self.typed)} ({listed}, source_file, source_row, marks, corrects_file, corrects_row) "
            + typed_select(self.contract, staged),
            table=self.contract.name,
        )
        set_aside_extras(self.engine, staging, reading, self.contract)
        self.problems += reading.told()
        self.engine.drop(staging)

    def _check_resident_ids(self) -> None:
        for column in self.contract.columns:
            if column.check != "resident_id":
                continue
            name, table = quoted(column.name), quoted(self.typed)
            rows = self.engine.execute(
                f"SELECT DISTINCT {name} FROM {table} WHERE {name} IS NOT NULL ORDER BY 1"
            )
            wrong = invalid_resident_ids(str(row[0]) for row in rows)
            if wrong:
                self.engine.load_rows(
                    "intake_refused", pa.table({"value": pa.array(list(wrong), pa.string())})
                )
                mark = literal(f"x|{column.name}|intake.resident_id")
                self.engine.execute(
                    f"UPDATE {table} SET marks = concat_ws(';', {mark}, marks) "
                    f"WHERE (marks IS NULL OR marks NOT LIKE 'k|%') AND {name} IN (SELECT value FROM intake_refused)"
                )
                self.engine.drop("intake_refused")

    @property
    def _good(self) -> str:
        """SQL of the typed rows that are kept, as `one`."""
        return (
            f"FROM {quoted(self.typed)} AS one "
            "WHERE (one.marks IS NULL OR (one.marks NOT LIKE 'x|%' AND one.marks NOT LIKE 'k|%')) "
            f"AND NOT EXISTS (SELECT 1 FROM {DOOMED} AS doomed WHERE doomed.source_file = one.source_file "
            "AND doomed.source_row = one.source_row)"
        )

    @property
    def _single_marks(self) -> str:
        """SQL of the marks of kept rows, one a row: source_file, source_row, mark."""
        return (
            "SELECT source_file, source_row, unnest(string_split(marks, ';')) AS mark "
            f"{self._good} AND one.marks IS NOT NULL"
        )

    def _keep(self) -> None:
        columns = ", ".join(f"{quoted(column.name)} {column.sql_type}" for column in self.contract.columns)
        listed = ", ".join(quoted(name) for name in self.contract.column_names)
        self.engine.drop(self.contract.name)
        self.engine.execute(
            f"CREATE TABLE {quoted(self.contract.name)} ({columns}, source_file INTEGER, source_row BIGINT)"
        )
        self.engine.execute(
            f"INSERT INTO {quoted(self.contract.name)} SELECT {listed}, source_file, source_row {self._good}",
            table=self.contract.name,
        )

    def _show_places(self) -> None:
        """Put the row of the sheet in place of the number of a record that a layout made."""
        records, rows = self._places()
        self.engine.load_rows(
            "intake_places", pa.table({"number": rows[0], "record": records, "row": rows[1]})
        )
        for table in (self.contract.name, "value_status"):
            mine = (
                "TRUE" if table == self.contract.name else f"one.table_name = {literal(self.contract.name)}"
            )
            self.engine.execute(
                f"UPDATE {quoted(table)} AS one SET source_row = place.row FROM intake_places AS place "
                f"WHERE {mine} AND place.number = one.source_file AND place.record = one.source_row"
            )
        self.engine.drop("intake_places")

    def _show_rows(self, number: int) -> None:
        """Put the row of the sheet in place of the number of a record that a wide table made."""
        for table in (self.contract.name, "value_status", EXTRA):
            mine = "" if table == self.contract.name else f" AND table_name = {literal(self.contract.name)}"
            self.engine.execute(
                f"UPDATE {quoted(table)} SET source_row = source_row // {PER_ROW} WHERE source_file = {number}{mine}"
            )

    def _places(self) -> tuple[pa.Array, tuple[pa.Array, pa.Array]]:
        """Return (record, (file number, row)) of every record that a layout made."""
        found = [
            (number, record, row)
            for number, reading in self.readings.items()
            for record, row in enumerate(reading.places, start=1)
        ]
        numbers, records, rows = ([one[index] for one in found] for index in range(3))
        return pa.array(records, pa.int64()), (pa.array(numbers, pa.int32()), pa.array(rows, pa.int64()))

    def _quarantine(self) -> int:
        """Write the quarantined rows; return how many rows that were."""
        written = 0
        faults = {number: self._faults(number) for number in self.readings}
        ragged = [number for number in self.readings if self.ragged[number]]
        if not any(faults.values()) and not ragged:
            return written
        whose = whose_refused(self.engine, self.contract, self.typed, all_contracts(), ragged)
        writer = Quarantine(self.engine, self.contract, self.hints, whose)
        for number, reading in self.readings.items():
            if faults[number]:
                written += writer.write(reading, faults[number], reading.raw([]))
            written += writer.write_ragged(reading, self.ragged[number])
        return written

    def _faults(self, number: int) -> list[Fault]:
        doomed = self.engine.execute(
            f"SELECT source_row, code, other_file, other_row FROM {DOOMED} WHERE source_file = {number} ORDER BY 1"
        )
        found = [
            Fault(
                int(row),
                "",
                str(code),
                f"{self.files[int(file) - 1].label}:{self.readings[int(file)].row(int(other))}",
            )
            for row, code, file, other in doomed
        ]
        gone = {fault.row for fault in found}
        marked = self.engine.execute(
            f"SELECT source_row, marks FROM {quoted(self.typed)} "
            f"WHERE source_file = {number} AND marks LIKE 'x|%' ORDER BY 1"
        )
        for row, marks in marked:
            if int(row) not in gone:
                parts = (mark.split("|") for mark in str(marks).split(";") if mark.startswith("x|"))
                found += [Fault(int(row), column, code) for _, column, code in parts]
        return found

    def _reports(self, written: int) -> list[FileReport]:
        """Return the counts of every file, and make sure that no row was lost."""
        bad = f"(marks LIKE 'x|%' OR (source_file, source_row) IN (SELECT (source_file, source_row) FROM {DOOMED}))"
        skipped = "coalesce(marks LIKE 'k|%', FALSE)"
        rows = self.engine.execute(
            f"SELECT source_file, count(*), count(*) FILTER (WHERE {skipped}), "
            f"count(*) FILTER (WHERE NOT {skipped} AND {bad}) FROM {quoted(self.typed)} GROUP BY 1"
        )
        counted = {int(number): (int(total), int(skip), int(wrong)) for number, total, skip, wrong in rows}
        kept_rows = self.engine.execute(
            f"SELECT source_file, count(*) FROM {quoted(self.contract.name)} GROUP BY 1"
        )
        kept = {int(number): int(count) for number, count in kept_rows}
        reports = []
        for number, file in enumerate(self.files, start=1):
            total, skip, wrong = counted.get(number, (0, 0, 0))
            ragged = len(self.ragged.get(number, [])) if number in self.readings else 0
            reports.append(
                FileReport(number, file, total - skip + ragged, kept.get(number, 0), wrong + ragged, skip)
            )
        self._reconcile(reports, written)
        return reports

    def _reconcile(self, reports: Sequence[FileReport], written: int) -> None:
        lost = [one for one in reports if one.rows_read != one.rows_kept + one.rows_quarantined]
        quarantined = sum(one.rows_quarantined for one in reports)
        if lost or written != quarantined:
            values = {
                "table": self.contract.name,
                "read": sum(one.rows_read for one in reports),
                "kept": sum(one.rows_kept for one in reports),
                "quarantined": f"{written}/{quarantined}",
            }
            raise EngineError(Problem("intake.rows_lost", values=values))

    def _notices(self, reports: Sequence[FileReport]) -> None:
        for one in reports:
            where = Where(one.file.name, one.file.sheet or None)
            if one.number in self.readings and one.rows_read == 0:
                self.problems.append(
                    Problem("intake.no_rows", where, {"table": self.contract.name}, "warning")
                )
        tally = self.engine.execute(
            "SELECT source_file, split_part(mark, '|', 1) AS kind, split_part(mark, '|', 3) AS code, "
            f"split_part(mark, '|', 2) AS named, count(*), min(source_row) FROM ({self._single_marks}) "
            "WHERE mark LIKE 'n|%' OR mark LIKE 'w|%' GROUP BY ALL ORDER BY 1, 2, 3, 4"
        )
        for number, kind, code, column, count, row in tally:
            file = self.files[int(number) - 1]
            where = Where(
                file.name, file.sheet or None, self.readings[int(number)].row(int(row)), column or None
            )
            if kind == "w":
                first = (int(number), int(row))
                self.problems.append(
                    self._rule_warning(str(code).removeprefix("rule:"), where, int(count), first)
                )
            else:
                values: dict[str, object] = {"rows": int(count), "column": column}
                if code == LOST_KEPT:
                    values["listed"] = self._rows_noted(int(number), f"n|{column}|{code}")
                severity = "warning" if code == LOST_KEPT else "notice"
                self.problems.append(Problem(str(code), where, values, severity))
        self._quarantine_summary()
        self._tell_totals()
        self._old_edition()
        self._tell_additions()

    def _rows_noted(self, number: int, mark: str) -> str:
        """Return the rows of a file that bear a mark, as the user counts them; of many the first."""
        found = self.engine.execute(
            f"SELECT source_row FROM ({self._single_marks}) WHERE source_file = {number} AND mark = {literal(mark)} "
            f"ORDER BY source_row LIMIT {_ROWS_LISTED + 1}"
        )
        rows = [str(self.readings[number].row(int(row))) for (row,) in found]
        return ", ".join(rows[:_ROWS_LISTED]) + (" …" if len(rows) > _ROWS_LISTED else "")

    def _tell_totals(self) -> None:
        """Tell of rows of totals, one problem per file: that they are set aside, and how they compare."""
        rows = self.engine.execute(
            f"SELECT source_file, count(*), min(source_row) FROM {quoted(self.typed)} "
            f"WHERE marks LIKE {literal(f'x|%|{TOTAL}%')} GROUP BY 1 ORDER BY 1"
        )
        figures = totals_of(self.engine, self.contract, self.typed) if rows else []
        compared = [one for one in figures if not one.unread]
        for number, count, first in rows:
            own = [one for one in compared if one.file == number]
            wrong = [one for one in own if not one.agrees]
            place = wrong[0].row if wrong else int(first)
            values: dict[str, object] = {"rows": int(count), "table": self.contract.name, "figures": len(own)}
            code = "intake.totals_agree" if own else "intake.totals_unchecked"
            unread = [one for one in figures if one.file == number and one.unread]
            if not own and unread:
                code = "intake.totals_unread"
                values |= {
                    "cells": unread[0].unread,
                    "column": {"zh": unread[0].column.zh, "en": unread[0].column.en},
                }
            if wrong:
                code = "intake.totals_differ"
                values |= {"wrong": len(wrong), **_difference(wrong[0])}
            file = self.files[int(number) - 1]
            where = Where(
                file.name,
                file.sheet or None,
                self.readings[int(number)].row(place),
                wrong[0].column.name if wrong else None,
            )
            self.problems.append(Problem(code, where, values, "warning" if wrong else "notice"))

    def _tell_additions(self) -> None:
        """Tell of corrections that took no row's place: a row whose key was wrong would still count beside them."""
        for number, rows, first, near in replaced_nothing(
            self.engine, Typed(self.contract, self.typed, self.files)
        ):
            file = self.files[number - 1]
            where = Where(file.name, file.sheet or None, self.readings[number].row(first))
            places = [f"{self.files[one - 1].label}:{self.readings[one].row(row)}" for one, row in near]
            values = {"rows": rows, "key": list(self.contract.written_key), "table": self.contract.name}
            code = "intake.correction_beside" if places else "intake.correction_added"
            self.problems.append(
                Problem(code, where, {**values, "others": places}, "warning" if places else "notice")
            )

    def _rule_warning(self, name: str, where: Where, count: int, first: tuple[int, int]) -> Problem:
        """Return what a rule says of all its rows; values that its text names are those of the first row."""
        rule = next(one for one in self.contract.rules if one.name == name)
        texts = (*rule.zh.values(), *rule.en.values())
        named = [one for one in self.contract.column_names if any(f"{{{one}}}" in text for text in texts)]
        record: dict[str, str] = {}
        if named:
            listed = ", ".join(f"CAST({quoted(one)} AS VARCHAR)" for one in named)
            found = self.engine.execute(
                f"SELECT {listed} FROM {quoted(self.typed)} WHERE source_file = {first[0]} AND source_row = {first[1]}"
            )[0]
            record = {one: str(value) for one, value in zip(named, found, strict=True) if value is not None}
        values = {
            "rows": count,
            "what": {
                language: filled(text["what"], record)
                for language, text in (("zh", rule.zh), ("en", rule.en))
            },
            "fix": {
                language: filled(text["fix"], record) for language, text in (("zh", rule.zh), ("en", rule.en))
            },
        }
        return Problem(
            "intake.rule_warning_first" if named else "intake.rule_warning", where, values, "warning"
        )

    def _old_edition(self) -> None:
        """Warn of kept rows whose code means something else in 2011, in files that hold 2011 codes."""
        rows = self.engine.execute(
            "SELECT DISTINCT file, coalesce(sheet, ''), column_name FROM quarantine "
            f"WHERE table_name = {literal(self.contract.name)} AND code = 'intake.code_2011' ORDER BY ALL"
        )
        for file, sheet, column in rows:
            number = next(
                n for n, one in enumerate(self.files, start=1) if (one.name, one.sheet) == (file, sheet)
            )
            reused = pa.table({"code": pa.array(self.hints.reused_codes, pa.string())})
            self.engine.load_rows("intake_reused", reused)
            count = self.engine.execute(
                f"SELECT count(*) FROM {quoted(self.contract.name)} WHERE source_file = {number} "
                f"AND {quoted(str(column))} IN (SELECT code FROM intake_reused)"
            )[0][0]
            self.engine.drop("intake_reused")
            if count:
                values = {"rows": int(count), "column": column}
                where = Where(file, sheet or None, None, column)
                self.problems.append(Problem("intake.code_reused", where, values, "warning"))

    def _quarantine_summary(self) -> None:
        """One problem per file and code, so that a reader of the report sees how many rows and the first."""
        rows = self.engine.execute(
            "SELECT file, sheet, code, column_name, count(DISTINCT row_number), min(row_number), "
            "arg_min(reason_zh, row_number), arg_min(reason_en, row_number), arg_min(remedy_zh, row_number), "
            f"arg_min(remedy_en, row_number) FROM quarantine WHERE table_name = {literal(self.contract.name)} "
            "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        )
        for file, sheet, code, column, count, row, zh, en, fix_zh, fix_en in rows:
            if code == TOTAL:
                continue
            told = "notice" if code in UNRESOLVED_EXCEPT else "error"
            values = {
                "rows": int(count), "table": self.contract.name, "cause": str(code),
                "reason": {"zh": zh, "en": en}, "remedy": {"zh": fix_zh, "en": fix_en},
            }  # fmt: skip
            summary = "intake.rows_set_aside" if told == "notice" else "intake.rows_quarantined"
            self.problems.append(Problem(summary, Where(file, sheet, int(row), column), values, told))

    def _side_tables(self, reports: Sequence[FileReport]) -> None:
        for one in reports:
            reading = self.readings.get(one.number)
            self._append(
                "input_file",
                [(
                    one.number, self.contract.name, one.file.name, one.file.sheet or None, one.file.sha256,
                    one.file.size,
                    one.rows_read, one.rows_kept, one.rows_quarantined, one.file.encoding or None,
                    (reading.layout if reading else one.file.layout) or None,
                )],
                ("file_number", "table_name", "file", "sheet", "sha256", "bytes", "rows_read", "rows_kept",
                 "rows_quarantined", "encoding", "layout"),
            )  # fmt: skip
            if reading:
                self._append("input_column", _column_rows(self.contract, reading))
        self.engine.execute(
            "INSERT INTO value_status (table_name, source_file, source_row, column_name, status, raw_value) "
            f"SELECT {literal(self.contract.name)}, source_file, source_row, split_part(mark, '|', 2), "
            f"split_part(mark, '|', 3), split_part(mark, '|', 4) FROM ({self._single_marks}) WHERE mark LIKE 's|%'"
        )

    def _append(
        self, table: str, rows: Sequence[Sequence[object]], names: Sequence[str] | None = None
    ) -> None:
        if rows:
            contract = load(table)
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.engine.append(contract, dict(zip(names or contract.column_names, columns, strict=True)))


@dataclass
class _Stream:
    """A reading as a RecordBatchReader that counts rows and keeps the InputError that ended it."""

    loader: _Loader
    reading: Reading
    failure: InputError | None = None

    def reader(self) -> pa.RecordBatchReader:
        width = max((heading.index for heading in self.reading.match.headings), default=-1) + 1
        names = ["row_number", *(f"h{index}" for index in range(width))]
        schema = pa.schema([(name, pa.int64() if name == "row_number" else pa.string()) for name in names])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        rows = 0
        try:
            for table in self.reading.clean(self.loader.ragged[self.reading.number]):
                rows += table.num_rows
                yield from table.select(schema.names).cast(schema).combine_chunks().to_batches()
                if self.loader.on_progress:
                    self.loader.on_progress(self.loader.contract.name, self.reading.file.label, rows)
        except InputError as error:
            self.failure = error
            raise


def _difference(total: Total) -> dict[str, object]:
    """Return the values of a text on a total that is not the sum of its rows."""
    return {
        "label": {"zh": total.column.zh, "en": total.column.en},
        "unit": total.column.unit,
        "stated": f"{total.stated:f}",
        "summed": f"{total.summed:f}",
        "difference": f"{total.stated - total.summed:f}",
    }


def _column_rows(contract: TableContract, reading: Reading) -> list[tuple[object, ...]]:
    file = reading.file
    rows: list[tuple[object, ...]] = []
    for heading in reading.match.headings:
        target = contract.column(heading.column).unit if heading.column else ""
        converted = heading.unit if heading.column and heading.unit else target
        rows.append(
            (contract.name, reading.number, file.name, file.sheet or None, heading.column, heading.text,
             heading.letter, converted or None, target or None)
        )  # fmt: skip
    for name, value in reading.match.constants.items():
        rows.append(
            (
                contract.name,
                reading.number,
                file.name,
                file.sheet or None,
                name,
                f"= {value}",
                None,
                None,
                None,
            )
        )
    return rows
