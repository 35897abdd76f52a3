"""Explain a figure of a book: definition, method, packs, query, inputs, row counts, records, uncertainty."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from lvshu.contract import TableContract, all_contracts
from lvshu.core.errors import EngineError, InputError, Problem
from lvshu.engine.duckdb import text_literal
from lvshu.intake.numbering import LEDGER, RECORDS, SHARED
from lvshu.pipeline.cards import method_card
from lvshu.pipeline.headlines import definitions
from lvshu.pipeline.lineage import Lineage, StepRecord
from lvshu.store.book import Book, equals
from lvshu.store.own_columns import KEYS, ride_along

SAMPLE_ROWS = 5
OWN_UNIT = "column:"
"""How a contract says that each row states its unit, and in which column."""


@dataclass(frozen=True)
class Records:
    """Some rows of a table, with what their columns mean.

    largest_by: the column by which they are the largest; None where they are the first by key.
    record: whose trail they are of, where several records bear the number that was asked; else "".
    """

    table: str
    zh: str
    en: str
    rows_in_all: int
    columns: list[dict[str, str]]
    rows: list[dict[str, Any]]
    largest_by: str | None = None
    record: str = ""


@dataclass(frozen=True)
class Explanation:
    """Where a figure comes from, as plain data.

    kind: headline, table or record. tables: what it rests on, nearest first, each with its step and row count.
    records: of a headline or table, the largest rows of it and of each input (the first by key where a table has no
    amount); of a record, its trail.
    """

    kind: str
    target: str
    run: dict[str, Any]
    definition: dict[str, Any]
    method: dict[str, Any] | None = None
    uncertainty: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    packs: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    records: list[Records] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as plain data."""
        return asdict(self)


def explain(book: Book, target: str, *, where: str | None = None, rows: int = SAMPLE_ROWS) -> Explanation:
    """Return where a figure, a table or a record comes from.

    Args:
        book: an open book.
        target: code of a headline; a table; table.column; or the key of an input record (a loan's id). A number that
            several institutions gave shows the records of all of them, each with its own key.
        where: for a table, which rows (a SQL condition).
        rows: how many records to show of each table.

    Raises:
        InputError: there is nothing of that name, or the condition cannot be used.
    """
    headlines = book.rows("headline", where=f"code = {text_literal(target)}")
    if headlines:
        return _explain_headline(book, headlines[0], rows)
    table, _, column = target.partition(".")
    if book.has(table) and table in all_contracts():
        return _explain_table(book, table, column or None, where, rows)
    for name in (target, *_keys_of(book, target)):
        trail = _trail(book, name, rows)
        if trail:
            return _explain_record(book, name, trail)
    several = _numbered(book, target)
    trails = [replace(one, record=key) for key in several for one in _trail(book, key, rows)]
    if trails:
        return _explain_record(book, target, trails, several)
    raise InputError(
        Problem("pipeline.unknown_target", values={"target": target, "near": _near(book, target)})
    )


def _keys_of(book: Book, number: str) -> list[str]:
    """Return the key of the record that an institution numbers so; none where several do.

    In the book of one institution, which has its numbers as they are, institution:number is that number.
    """
    found = _numbered(book, number)
    if found:
        return found if len(found) == 1 else []
    institution, _, own = number.partition(":")
    if not own or not book.has(LEDGER):
        return []
    lenders = {str(row["institution_id"]) for row in book.rows(LEDGER, columns=["institution_id"])}
    return [own] if {one.replace(":", "%3A") for one in lenders} == {institution} else []


def _numbered(book: Book, number: str) -> list[str]:
    """Return the keys of the records to which their institutions gave a number."""
    lists = ((SHARED, "loan_id", "loan_number"), (RECORDS, "record_id", "record_number"))
    found = [
        str(row[key])
        for shared, key, own in lists
        if book.has(shared)
        for row in book.rows(shared, where=equals(own, number), order=[key])
    ]
    return list(dict.fromkeys(found))


def _near(book: Book, target: str) -> list[str]:
    own = target.rpartition(":")[2]
    if own != target and own and _trail(book, own, 1):
        return [own]
    return near_names(book, target)


def is_public_name(book: Book, target: str) -> bool:
    """Return whether a target is a headline, a table or a column of one, and not (maybe) a record."""
    return target.partition(".")[0] in _public_names(book)


def near_names(book: Book, target: str) -> list[str]:
    """Return headlines and tables with names close to one."""
    names = _public_names(book)
    return difflib.get_close_matches(target, names, n=4, cutoff=0.4) or names[:4]


def _public_names(book: Book) -> list[str]:
    headlines = [row["code"] for row in book.rows("headline", columns=["code"])]
    return headlines + [table for table in book.tables() if table in all_contracts()]


def _explain_headline(book: Book, headline: dict[str, Any], rows: int) -> Explanation:
    table = headline["table_name"]
    summed = next((one.value for one in definitions() if one.code == headline["code"]), None)
    records = [_largest(book, table, headline["filter"], rows, by=summed)] if book.has(table) else []
    return _assembled(
        book,
        kind="headline",
        target=headline["code"],
        definition=headline,
        table=table,
        method=headline["method"],
        indicator=headline["code"],
        records=records,
        rows=rows,
    )


def _explain_table(book: Book, table: str, column: str | None, where: str | None, rows: int) -> Explanation:
    contract = all_contracts()[table]
    definition: dict[str, Any] = {
        "table": table,
        "zh": contract.zh,
        "en": contract.en,
        "meaning_zh": contract.meaning_zh,
        "meaning_en": contract.meaning_en,
        "filter": where,
        "rows": _counted(book, table, where),
    }
    if column is not None:
        one = contract.column(column)
        definition["column"] = {
            "name": column,
            "zh": one.zh,
            "en": one.en,
            "meaning_zh": one.meaning_zh,
            "meaning_en": one.meaning_en,
            "unit": one.unit,
        }
        if one.type in ("money", "quantity"):
            definition["total"], definition["column"]["unit"] = _total(book, table, column, where, one.unit)
    step = Lineage(book).maker.get(table)
    return _assembled(
        book,
        kind="table",
        target=table if column is None else f"{table}.{column}",
        definition=definition,
        table=table,
        method=step.method if step else None,
        indicator=None,
        records=[_largest(book, table, where, rows)],
        rows=rows,
    )


def _explain_record(
    book: Book, target: str, trail: list[Records], several: Sequence[str] = ()
) -> Explanation:
    tables = list(dict.fromkeys(one.table for one in trail))
    return Explanation(
        kind="record",
        target=target,
        run=book.run,
        definition={"record": target, "tables": tables} | ({"records": list(several)} if several else {}),
        findings=[
            row
            for key in several or [target]
            for row in book.rows("finding", where=equals("record_key", key))
        ],
        inputs=[row for one in tables for row in _files(book, [one])],
        records=trail,
    )


def _assembled(
    book: Book,
    *,
    kind: str,
    target: str,
    definition: dict[str, Any],
    table: str,
    method: str | None,
    indicator: str | None,
    records: list[Records],
    rows: int,
) -> Explanation:
    lineage = Lineage(book)
    steps = lineage.steps_behind(table)
    inputs = lineage.inputs_behind(table)
    packs = sorted({pack for step in steps for pack in step.packs})
    return Explanation(
        kind=kind,
        target=target,
        run=book.run,
        definition=definition,
        method=method_card(method),
        uncertainty=_uncertainty(book, indicator, steps),
        tables=[_table_entry(book, lineage, name) for name in lineage.upstream(table)],
        inputs=_files(book, inputs),
        packs=[row for row in book.rows("pack_used", order=["pack"]) if row["pack"] in packs],
        findings=_findings(book, steps),
        records=records + [_largest(book, name, None, rows) for name in inputs if name != table],
    )


def _table_entry(book: Book, lineage: Lineage, table: str) -> dict[str, Any]:
    contract = all_contracts().get(table)
    step = lineage.maker.get(table)
    return {
        "table": table,
        "zh": contract.zh if contract else table,
        "en": contract.en if contract else table,
        "kind": contract.kind if contract else "",
        "rows": book.count(table),
        "step": step.name if step else None,
        "status": step.status if step else None,
        "reason_zh": step.reason_zh if step else None,
        "reason_en": step.reason_en if step else None,
        "content_id": step.content_id if step else None,
        "method": step.method if step else None,
        "packs": list(step.packs) if step else [],
        "reads": list(step.reads) if step else [],
        "sql": step.code if step else None,
    }


def _uncertainty(book: Book, indicator: str | None, steps: Sequence[StepRecord]) -> list[dict[str, Any]]:
    """The indicator's own row first, then the parts that the steps behind it wrote."""
    names = {step.name for step in steps}
    rows = book.rows("uncertainty", order=["indicator"])
    own = [row for row in rows if row["indicator"] == indicator]
    return own + [row for row in rows if row["indicator"] != indicator and row["step"] in names]


def _findings(book: Book, steps: Sequence[StepRecord]) -> list[dict[str, Any]]:
    names = {step.name for step in steps}
    return [
        row for row in book.rows("finding", order=["severity", "step"], limit=1000) if row["step"] in names
    ]


def _files(book: Book, tables: Sequence[str]) -> list[dict[str, Any]]:
    rows = book.rows("input_file", order=["table_name", "file"])
    return [row for row in rows if row["table_name"] in tables]


def described(contract: TableContract, names: Sequence[str]) -> list[dict[str, str]]:
    """Return name, labels, unit and type of columns; those that no contract knows by their names alone."""
    known = {column.name: column for column in contract.columns}
    return [
        {
            "name": name,
            "zh": known[name].zh if name in known else name,
            "en": known[name].en if name in known else name,
            "unit": known[name].unit if name in known else "",
            "type": known[name].type if name in known else "",
        }
        for name in names
    ]


def _largest(book: Book, table: str, where: str | None, rows: int, *, by: str | None = None) -> Records:
    """Return the rows with the largest amounts (by default the first money or quantity); without one, by their key."""
    contract = all_contracts()[table]
    amounts = [column.name for column in contract.columns if column.type in ("money", "quantity")]
    amount = by if by in contract.column_names else next(iter(amounts), None)
    order = [*([f"-{amount}"] if amount else []), *(name for name in contract.key if name != amount)]
    count = _counted(book, table, where)
    found = book.rows(table, where=where, order=order, limit=rows)
    columns = described(contract, book.columns(table))
    return Records(table, contract.zh, contract.en, count, columns, found, amount)


def _counted(book: Book, table: str, where: str | None) -> int:
    try:
        return book.count(table, where)
    except EngineError as error:
        values = {
            "where": where,
            "table": table,
            "reason": error.problems[0].values.get("reason", ""),
            "columns": list(book.columns(table)),
        }
        raise InputError(Problem("pipeline.bad_condition", values=values)) from None


def _total(book: Book, table: str, column: str, where: str | None, unit: str) -> tuple[Any, str]:
    """Return the sum of a column and its unit; (None, "") where its rows state several units, which do not add up."""
    condition = f" WHERE {where}" if where else ""
    if not unit.startswith(OWN_UNIT):
        what = f'SELECT sum("{column}") FROM "{table}"{condition}'
        return book.engine.execute(what, table=table)[0][0], unit
    stated = unit.removeprefix(OWN_UNIT)
    found = book.engine.execute(
        f'SELECT sum("{column}"), min("{stated}"), count(DISTINCT "{stated}") FROM "{table}"{condition}',
        table=table,
    )[0]
    return (found[0], str(found[1])) if found[2] == 1 else (None, "")


def _trail(book: Book, key: str, rows: int) -> list[Records]:
    """Return the rows of every table that carry the key of an input record."""
    contracts = all_contracts()
    names = [
        contract.key[0]
        for contract in contracts.values()
        if contract.kind == "input"
        and len(contract.key) == 1
        and contract.column(contract.key[0]).type in ("code", "text")
        and book.has(contract.name)
        and book.count(contract.name, equals(contract.key[0], key))
    ]
    found = []
    ride_along(book, [table for table in KEYS if book.has(table) and KEYS[table] in names])
    for name in dict.fromkeys(names):
        for table, contract in contracts.items():
            if name in contract.column_names and book.has(table):
                count = book.count(table, equals(name, key))
                if count:
                    some = book.rows(
                        table, where=equals(name, key), order=list(contract.key), limit=max(rows, 12)
                    )
                    described_columns = described(contract, book.columns(table))
                    found.append(Records(table, contract.zh, contract.en, count, described_columns, some))
    return sorted(found, key=lambda one: (contracts[one.table].kind != "input", one.table))
