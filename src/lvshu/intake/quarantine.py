"""The quarantine: every record that was not kept, with its place, its raw text, the reason and the remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from lvshu.contract import TableContract, load
from lvshu.core.errors import Problem
from lvshu.core.units import find_unit, parse_header_unit, registry
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.delimited import LONGEST_CELL, Ragged
from lvshu.intake.heading import HeadingMatch
from lvshu.intake.hints import Hints, close_units, uscc_fault
from lvshu.intake.numbering import OF_ANOTHER, OF_SEVERAL, UNNAMED, meant_by, users_of
from lvshu.intake.personal import HIDDEN, impersonal
from lvshu.intake.reading import Reading
from lvshu.intake.sheet_errors import is_error
from lvshu.intake.text import NOTHING, fold, has_lost_digits
from lvshu.intake.whose import WITHIN, Refused, Whose

UNRESOLVED_EXCEPT = frozenset({"intake.superseded", "intake.duplicate_identical", "intake.total_row"})
"""Codes of quarantined rows that need no correction: another row stands for them, or they are totals."""
_COLUMNS = (
    "table_name", "file", "sheet", "row_number", "column_name", "value", "code",
    "reason_zh", "reason_en", "remedy_zh", "remedy_en", "raw_record", "institution_id", "attributed_by", "may_be_of",
)  # fmt: skip
_NAMES_SHOWN = 12
_HASH = re.compile("[0-9a-f]{64}|[0-9a-f]{128}")
ENTERPRISES = "enterprise_extract"
"""The table with hashes whose rows are on enterprises: their cells may be shown."""
_NUMBER_BEFORE = re.compile(r"^[+-]?[\d,.]+ ?")


@dataclass(frozen=True)
class Fault:
    """One reason why one row was not kept.

    other: the row that made it a duplicate. unit: in which the file's column is read, where that is not the contract's.
    """

    row: int
    column: str
    code: str
    other: str = ""
    unit: str = ""


@dataclass
class Quarantine:
    """Writes the quarantined rows of one table."""

    engine: DuckDB
    contract: TableContract
    hints: Hints
    whose: Refused
    _texts: dict[tuple[str, str, str, str, str], tuple[str, str, str, str, str]] = field(default_factory=dict)

    def write(self, reading: Reading, faults: Sequence[Fault], batches: Iterator[pa.Table]) -> int:
        """Write the faulty rows of a file, in the order of the file; return how many rows that were.

        Args:
            reading: the file, with its headings.
            faults: its faults, by row.
            batches: its raw records (`row_number`, h0, h1, …), read again.
        """
        written = 0
        by_row: dict[int, list[Fault]] = {}
        for fault in faults:
            by_row.setdefault(fault.row, []).append(fault)
        wanted = pa.array(sorted(by_row), pa.int64())
        for batch in batches if by_row else ():
            chosen = batch.filter(pc.is_in(batch.column("row_number"), value_set=wanted))
            records: list[tuple[object, ...]] = []
            for row in chosen.to_pylist():
                records += self._records(reading, row, by_row[row["row_number"]])
            self._append(records)
            written += chosen.num_rows
        return written

    def _records(
        self, reading: Reading, row: Mapping[str, object], faults: Sequence[Fault]
    ) -> Iterator[tuple[object, ...]]:
        file, match = reading.file, reading.match
        by_column = match.by_column
        if self.contract.hashed or self.contract.impersonal:
            row = _without_clear(match, row, self.contract, {fault.column for fault in faults})
        raw = raw_record(match, row)
        for fault in faults:
            heading = by_column.get(fault.column)
            value = str(row[f"h{heading.index}"]) if heading else match.constants.get(fault.column, "")
            if not fault.column and not fault.code.startswith("rule:"):
                value = ""
            shown = {column: str(row[f"h{one.index}"]) for column, one in by_column.items()}
            named = fault
            if fault.code == OF_ANOTHER:
                written = shown.get(WITHIN) or match.constants.get(WITHIN, "")
                named = replace(fault, other=fold(written))
            elif fault.code == "intake.number_with_unit" and heading and heading.unit:
                named = replace(fault, unit=heading.unit)
            code, *texts = self._told(named, fold(value), shown)
            yield (
                self.contract.name, file.name, file.sheet or None, reading.row(fault.row), fault.column or None,
                value or None, code, *texts, raw, *_told_of(self.whose.of((reading.number, fault.row))),
            )  # fmt: skip

    def write_ragged(self, reading: Reading, ragged: Sequence[Ragged]) -> int:
        """Write the records whose number of cells is not that of the heading; return how many they are."""
        records = []
        file = reading.file
        whose = _told_of(self.whose.untyped(reading.number, reading.match.constants.get(WITHIN, "")))
        for one in ragged:
            heading = _heading_at(reading, one.place) if one.length else None
            values: dict[str, object] = {"cells": one.cells, "expected": one.expected}
            problem = Problem("intake.ragged_row", values=values)
            if one.length:
                values = {"length": one.length, "most": LONGEST_CELL, "heading": heading or ""}
                problem = Problem("intake.cell_too_long", values=values)
            text = HIDDEN if self.contract.hashed else one.text
            if self.contract.impersonal:  # which cell is which cannot be told in such a row
                text = impersonal(text)
            raw = json.dumps({"": text}, ensure_ascii=False)
            texts = (problem.what("zh"), problem.what("en"), problem.fix("zh"), problem.fix("en"))
            records.append(
                (
                    self.contract.name,
                    file.name,
                    file.sheet or None,
                    one.row,
                    heading,
                    None,
                    problem.code,
                    *texts,
                    raw,
                    *whose,
                )
            )
        self._append(records)
        return len(records)

    def _append(self, records: Sequence[Sequence[object]]) -> None:
        if records:
            columns = dict(
                zip(_COLUMNS, (list(column) for column in zip(*records, strict=True)), strict=True)
            )
            self.engine.append(load("quarantine"), columns)

    def _told(self, fault: Fault, value: str, record: Mapping[str, str]) -> tuple[str, str, str, str, str]:
        """Return (code, reason zh, reason en, remedy zh, remedy en) of a fault; kept for equal faults."""
        if fault.code.startswith("rule:"):
            return self._rule(fault.code.removeprefix("rule:"), record)
        key = (fault.code, fault.column, value, fault.other, fault.unit)
        if key not in self._texts:
            if len(self._texts) > 100_000:
                self._texts.clear()
            problem = self.problem_of(fault, value)
            self._texts[key] = (
                problem.code, problem.what("zh"), problem.what("en"), problem.fix("zh"), problem.fix("en"),
            )  # fmt: skip
        return self._texts[key]

    def _rule(self, name: str, record: Mapping[str, str]) -> tuple[str, str, str, str, str]:
        rule = next(one for one in self.contract.rules if one.name == name)
        texts = [
            filled(text, record)
            for text in (rule.zh["what"], rule.en["what"], rule.zh["fix"], rule.en["fix"])
        ]
        return (f"rule.{self.contract.name}.{name}", texts[0], texts[1], texts[2], texts[3])

    def problem_of(self, fault: Fault, value: str) -> Problem:
        """Return what is wrong with a value of a column, and what can be done."""
        values: dict[str, object] = {"value": value, "column": fault.column, "other": fault.other}
        code = "intake.person_as_uscc" if fault.code == "intake.uscc" and value == HIDDEN else fault.code
        code = "intake.cell_error" if is_error(value) else code
        code = "intake.digits_lost" if code == "intake.uscc" and has_lost_digits(value) else code
        if fault.column:
            column = self.contract.column(fault.column)
            values |= {
                "label": {"zh": column.zh, "en": column.en},
                "unit": fault.unit or column.unit,
                "minimum": column.minimum,
                "maximum": column.maximum,
                "allowed": _allowed(column.allowed, column.allowed_zh, column.allowed_en),
            }
            if code == "intake.unknown_code":
                code, more = self.hints.unknown_code(column, value)
                values |= more
            elif code == "intake.number_with_unit" and column.unit.startswith("column:"):
                code = "intake.not_a_number"  # its unit stands in a column of its own, not in the heading
            elif code == "intake.number_with_unit":
                values["stated"] = _unit_for_heading(value, fault.unit or column.unit)
            elif code == "intake.uscc":
                values["fault"] = uscc_fault(value)
            elif code in (OF_SEVERAL, OF_ANOTHER):
                values |= self._users(value, fault.other)
            elif code == "intake.unknown_unit":
                values["nearest"] = list(close_units(value)) or NOTHING
        return Problem(code, values=values)

    def _users(self, number: str, written: str) -> dict[str, object]:
        """Return who uses a number of a loan, and what cures a row that does not say whose it means."""
        users = users_of(self.engine, number)
        meant = meant_by(self.engine, written, users) if written else []
        cure = {"zh": "", "en": ""}
        if UNNAMED in users:
            cure = {
                "zh": "台账中有一行用这个号而没有写机构（?），先补上那一行的机构代码。",
                "en": "A row of the ledger that uses this number names no institution (?): fill that in first. ",
            }
        if meant:
            cure = {"zh": f"多半是 {'、'.join(meant)}。", "en": f"Most likely it is {', '.join(meant)}. "}
        return {"institutions": users, "cure": cure}


def _heading_at(reading: Reading, place: int) -> str:
    """Return what a column of a file is: the column of the contract, or its own heading."""
    heading = next((one for one in reading.match.headings if one.index == place), None)
    return (heading.column or fold(heading.text)) if heading else ""


def _told_of(whose: Whose) -> tuple[str | None, str | None, str | None]:
    """Return the cells of quarantine that say whose a row is."""
    return whose.institution or None, whose.by or None, whose.may_be_of or None


def _without_clear(
    match: HeadingMatch, row: Mapping[str, object], contract: TableContract, faulty: set[str]
) -> dict[str, object]:
    """Return a row without what may be an identifier in clear.

    Those are identity and mobile numbers wherever they stand; in a table with hashes also hashes that are none, and
    columns nobody knows. In a table on persons no faulty cell is shown: where cells have shifted a name stands there.
    """
    hidden = {f"h{heading.index}" for heading in match.unknown} if contract.hashed else set()
    persons = bool(contract.hashed) and contract.name != ENTERPRISES
    for name, heading in match.by_column.items():
        place = f"h{heading.index}"
        cell = fold(str(row[place] or ""))
        shifted = persons and name in faulty and (name not in contract.key or not cell.isascii())
        no_hash = name in contract.hashed and not _HASH.fullmatch(cell)
        if no_hash or shifted or (name not in contract.hashed and impersonal(cell) == HIDDEN):
            hidden.add(place)
    return {name: HIDDEN if name in hidden and value else value for name, value in row.items()}


def _unit_for_heading(value: str, wanted: str) -> dict[str, str]:
    """Return the unit written in a cell, where it can be one of its column; else the column's own."""
    own = registry().get(wanted)
    written = find_unit(_NUMBER_BEFORE.sub("", value))
    one = written if written is not None and own is not None and written.dimension == own.dimension else own
    return {"zh": one.zh, "en": one.symbol} if one is not None else {"zh": wanted, "en": wanted}


def _allowed(values: Sequence[str], zh: Sequence[str], en: Sequence[str]) -> dict[str, str]:
    def shown(labels: Sequence[str], comma: str) -> str:
        listed = [
            f"{value}（{label}）" if label else value for value, label in zip(values, labels, strict=False)
        ] or list(values)
        more = "…" if len(listed) > _NAMES_SHOWN else ""
        return comma.join(listed[:_NAMES_SHOWN]) + more

    return {"zh": shown(zh, "、"), "en": shown((), ", ")}


def filled(text: str, record: Mapping[str, str]) -> str:
    """Return the text of a rule with the values of a record in place of the columns that it names."""
    for name, value in record.items():
        text = text.replace("{" + name + "}", value)
    return text


def raw_record(match: HeadingMatch, row: Mapping[str, object]) -> str:
    """Return a row as it stood, as JSON: heading -> cell (a repeated heading gets its column letter).

    A unit that stands elsewhere (in a line above, in the mapping file) goes into the heading: the row alone would
    otherwise be read in another unit when it is corrected and fed back.
    """
    record: dict[str, object] = {}
    for heading in match.headings:
        name = heading.text or heading.letter
        if heading.unit and heading.factor != 1 and parse_header_unit(heading.text)[1] != heading.unit:
            name = f"{name} [{heading.unit}]"
        record[name if name not in record else f"{name} [{heading.letter}]"] = row[f"h{heading.index}"]
    return json.dumps(record, ensure_ascii=False)
