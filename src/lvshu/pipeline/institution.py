"""The book of one institution: of a book that many institutions stand in, what one of them may see.

Made in memory for the reader, the file is not changed. A table is shown, by the first of these that holds:

1. its rows name the institution: the institution's own rows, without those of all together;
2. its rows name a loan, or a form's list: those of the institution's loans and lists;
3. its rows are about single clients or projects and hold no sum over institutions: those of its borrowers and projects;
4. it rests on no record of any institution: whole;
5. otherwise it is left empty and told: a total of all institutions, less one's own, is the others'.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract, all_contracts, load
from lvshu.core.errors import InputError, Problem
from lvshu.engine.duckdb import DuckDB, quote, text_literal
from lvshu.engine.step import finding_row
from lvshu.finance.evaluation import withheld_from_one
from lvshu.finance.workflow.quarantined import COLUMNS as QUARANTINED
from lvshu.finance.workflow.quarantined import Unread, problems_of, unread_of
from lvshu.intake.numbering import RECORDS, SHARED
from lvshu.pipeline.headlines import HeadlineDefinition, compute, definitions, write
from lvshu.pipeline.lineage import Lineage
from lvshu.store.book import Book, equals
from lvshu.store.older_columns import read_absent_as_empty

ROOM = "finance"
SCORES = "evaluation_score"
GENERAL = frozenset({"exchange_rate", "asset_emission_factor", "sovereign_account", "sector_emission_factor"})
"""Inputs of the finance wing that are about no institution's client."""
CLIENTS = frozenset(
    {
        "enterprise", "enterprise_finance", "energy_return", "process_return", "product_return", "entity_emission",
        "company_capital", "transition_plan", "transition_record", "transition_progress", "transition_check",
    }
)  # fmt: skip
SUBJECTS = frozenset(
    {
        "entity_emission_choice",
        "entity_emission_estimate",
        "entity_energy_emission",
        "entity_process_emission",
    }
)
PROJECTS = frozenset({"project", "green_project", "green_project_parameter", "project_benefit"})
FORMS = frozenset({"collection_return", "collection_attachment"})
MADE_HERE = frozenset({"headline", "finding", "step_run", "uncertainty", "input_file"})
ALWAYS = frozenset({"run", "pack_used", "capital_flow_aggregate"})
"""Shown whole; the aggregate of flows has its small cells suppressed already."""
NUMBERS = frozenset(
    {
        "loan_id",
        "position_id",
        "record_id",
        "record_key",
        "subject_id",
        "subject",
        "first_client",
        "last_client",
    }
)
"""Columns in which the number of a loan may stand."""
RECORD_NUMBERS = (NUMBERS - {"loan_id", "subject"}) | {"facility_loan_id", "deal_id", "policy_id"}
"""Columns in which the number of a position, a deal, a policy or a loan under a facility may stand."""
BLANKED = {
    "company_capital": ("set_aside",),
    "contradicted_statement": ("institutions",),
    "entity_emission_estimate": ("set_aside",),
    "benefit_share": ("share_of_all",),
    "project_over_attributed": ("share_of_all", "institutions", "emission_of_all"),
}
"""Columns of an institution's own rows that sum up, or rest on, the records of all institutions."""
FINDING_TEXTS = ("what_zh", "what_en", "why_zh", "why_en", "fix_zh", "fix_en")
EXTRA = "input_extra"
EMPTY = frozenset({"quarantine", "input_column", "value_status", "column_profile"})


@dataclass(frozen=True)
class InstitutionBook:
    """The opened book of one institution.

    Attributes:
        book: read as any book.
        institution: its code.
        withheld: tables that have rows in the whole book and are left empty here, because they are of all institutions.
    """

    book: Book
    institution: str
    withheld: tuple[str, ...]


def institutions_of(book: Book) -> tuple[str, ...]:
    """Return the institutions that a book has loans or positions of, sorted."""
    found: set[str] = set()
    for table in ("loan", "position", "security_position", "sovereign_position", "own_operation",
                  "evaluation_indicator", "facilitated_deal", "insurance_policy"):  # fmt: skip
        if "institution_id" in book.columns(table):
            sql = f"SELECT DISTINCT institution_id FROM {quote(table)} WHERE institution_id IS NOT NULL"
            found |= {str(row[0]) for row in book.engine.execute(sql)}
    return tuple(sorted(found))


def of_institution(path: Path, institution: str) -> InstitutionBook:
    """Return the book of one institution, made in memory from the book in a file.

    Args:
        path: the file of the whole book.
        institution: its code.

    Raises:
        StoreError: no such file, or not a book.
        InputError: finance.no_institution.
    """
    with Book.open(path) as whole:
        known = institutions_of(whole)
        if institution not in known:
            values = {"institution": institution, "known": list(known) or "–"}
            raise InputError(Problem("finance.no_institution", values=values))
        maker = _Maker(whole, institution)
        conditions = {table: maker.condition(table) for table in whole.tables()}
        shared = maker.shared
        withheld = tuple(
            table for table, condition in conditions.items()
            if condition is None and table not in MADE_HERE and whole.count(table)
        )  # fmt: skip
        told = _told(whole, conditions, shared, institution)
        unread = unread_of(whole.rows("quarantine", columns=QUARANTINED), institution)
        resting = {
            table: maker.lineage.upstream(table)
            for table in {row["table_name"] for row in whole.rows("headline")}
        }
        before = whole.rows("headline", order=["position"])
    engine = DuckDB()
    engine.execute("ATTACH ':memory:' AS book")
    engine.execute(f"ATTACH {text_literal(str(path))} AS whole (READ_ONLY)")
    engine.execute("USE book")
    for table, condition in conditions.items():
        blank = [f"NULL AS {quote(name)}" for name in BLANKED.get(table, ())]
        columns = f"* REPLACE ({', '.join(blank)})" if blank else "*"
        engine.execute(
            f"CREATE TABLE {quote(table)} AS SELECT {columns} FROM whole.{quote(table)} "
            f"WHERE {condition if condition is not None else 'FALSE'}"
        )
    engine.execute("DETACH whole")
    _write_own_numbers(engine)
    _withhold_places(engine, {(row["table_name"], row["file_number"]) for row in told["input_file"]})
    _withhold_peers(engine)
    for table, rows in told.items():
        contract = load(table)
        if engine.has(table) and rows:
            engine.append(contract, {name: [row.get(name) for row in rows] for name in contract.column_names})
    _count_again(engine)
    _tell_unread(engine, unread, institution)
    rows = _headlines(engine, before, institution, withheld)
    write(engine, [_without_unread(row, unread, institution, resting) for row in rows])
    read_absent_as_empty(engine)
    return InstitutionBook(Book(path, engine), institution, withheld)


def _write_own_numbers(engine: DuckDB) -> None:
    """Write the institution's records under its own numbers, which nobody else uses in its own book."""
    lists = (
        (SHARED, "loan_id", "loan_number", NUMBERS),
        (RECORDS, "record_id", "record_number", RECORD_NUMBERS),
    )
    for shared, key, number, columns in lists:
        if not engine.has(shared) or not engine.count(shared):
            continue
        for table in engine.tables():
            for column in columns & set(engine.columns(table)) if table not in (SHARED, RECORDS) else ():
                engine.execute(
                    f"UPDATE {quote(table)} AS one SET {quote(column)} = shared.{number} FROM {shared} AS shared "
                    f"WHERE shared.{key} = one.{quote(column)}",
                    table=table,
                )
        engine.execute(f"DELETE FROM {shared}")


def _withhold_places(engine: DuckDB, own: Collection[tuple[str, int]]) -> None:
    """Leave out where a record stood in a file that others' records stand in too: the row tells how many they are.

    Args:
        engine: the book of the institution.
        own: tables and numbers of the files that hold its records alone, or records of no institution.
    """
    for table in engine.tables():
        columns = engine.columns(table)
        places = [name for name in ("source_row", "source_file") if name in columns]
        if "source_file" not in places:
            continue
        named = "table_name" if "table_name" in columns else text_literal(table)
        kept = (
            ", ".join(f"({text_literal(name)}, {int(number)})" for name, number in sorted(own)) or "('', -1)"
        )
        engine.execute(
            f"UPDATE {quote(table)} SET {', '.join(f'{quote(name)} = NULL' for name in places)} "
            f"WHERE ({named}, source_file) NOT IN ({kept})",
            table=table,
        )


def _tell_unread(engine: DuckDB, unread: Unread, institution: str) -> None:
    """Tell the institution its own rows in quarantine."""
    for problem in problems_of(unread, institution) if engine.has("finding") else ():
        key = problem.code.partition(".")[2]
        engine.append(load("finding"), finding_row("finance.own_book", problem, table="quarantine", key=key))


def _without_unread(
    row: dict[str, Any], unread: Unread, institution: str, resting: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """Return a headline as partial where rows of the institution's own, of a table it rests on, are not in it.

    Rows that may be anybody's are told apart: they leave the headline as it is.
    """
    mine = {table: rows for table, rows in unread.own.items() if table in resting.get(row["table_name"], ())}
    told = next(iter(problems_of(Unread(mine), institution)), None)
    if told is None or row["wing"] != ROOM or row["status"] not in ("available", "partial"):
        return row
    zh, en = (
        sign.join(one for one in (told.what(language), row[f"reason_{language}"]) if one)
        for language, sign in (("zh", "；"), ("en", "; "))
    )
    return {**row, "status": "partial", "reason_zh": zh, "reason_en": en}


def names_loans(contract: TableContract) -> bool:
    """Return whether the rows of an input name a loan: whose they are is then told by the loan."""
    return any(column.foreign_key == "loan.loan_id" for column in contract.columns)


class _Maker:
    """Which rows of each table an institution may see."""

    def __init__(self, book: Book, institution: str) -> None:
        self.book = book
        self.own = f"institution_id = {text_literal(institution)}"
        self.contracts: Mapping[str, TableContract] = all_contracts()
        self.lineage = Lineage(book)
        self.shared = frozenset(table for table in book.tables() if self._is_shared(table))

    def _is_shared(self, table: str) -> bool:
        """Return whether a table rests on no record of an institution and on no confidential record of anyone."""
        return not any(self._is_private_input(name) for name in self.lineage.upstream(table))

    def _is_private_input(self, table: str) -> bool:
        contract = self.contracts.get(table)
        if contract is None or contract.kind != "input":
            return False
        return (contract.room == ROOM or contract.confidential) and table not in GENERAL

    def condition(self, table: str) -> str | None:
        """Return the SQL condition on the rows that are shown; None: none is."""
        if table in ALWAYS or table.startswith("pack_"):
            return "TRUE"
        if table in MADE_HERE or table in EMPTY:
            return None
        if table == EXTRA:
            return " OR ".join(
                f"(table_name = '{name}' AND {_within('record_key', selects)})"
                for name, selects in (("loan", self._ids("loan", "loan_id")), ("enterprise", self._clients),
                                      ("project", self._projects))
            )  # fmt: skip
        contract, columns = self.contracts.get(table), self.book.columns(table)
        if contract is None:
            return None
        if "institution_id" in columns and not names_loans(contract):
            return self.own
        named = self._by_name(table, columns)
        if named is not None:
            return named
        return "TRUE" if table in self.shared and not contract.confidential else None

    def _by_name(self, table: str, columns: tuple[str, ...]) -> str | None:
        if "loan_id" in columns:
            return _within("loan_id", self._ids("loan", "loan_id"))
        if "position_id" in columns:
            return _within("position_id", self._ids("position", "position_id"))
        if "list_id" in columns:
            return _within("list_id", self._ids("formal_list", "list_id"))
        if table in FORMS:
            lists = _within("list_id", self._ids("formal_list", "list_id"))
            forms = f"SELECT form_id FROM whole.collection_form WHERE {lists}"
            return _within("form_id", [forms] if self.book.has("collection_form") else [])
        if table in PROJECTS:
            return _within("project_id", self._projects)
        if table in CLIENTS:
            return _within("uscc", self._clients)
        if table in SUBJECTS:
            return _within("subject_id", [*self._clients, *self._projects])
        return None

    def _ids(self, table: str, column: str) -> list[str]:
        """Return the SELECT of the institution's own values of a column, where the book has it."""
        columns = self.book.columns(table)
        if column not in columns or "institution_id" not in columns:
            return []
        return [f"SELECT {column} FROM whole.{quote(table)} WHERE {self.own} AND {column} IS NOT NULL"]

    @property
    def _clients(self) -> list[str]:
        pairs = (
            ("loan_subject", "uscc"),
            ("candidate_client", "uscc"),
            ("subject_attribution", "subject_id"),
        )
        return [sql for pair in pairs for sql in self._ids(*pair)]

    @property
    def _projects(self) -> list[str]:
        pairs = (("loan", "project_id"), ("benefit_share", "project_id"), ("facility_loan", "project_id"))
        return [sql for pair in pairs for sql in self._ids(*pair)]


def _within(column: str, selects: list[str]) -> str:
    return f"{column} IN ({' UNION ALL '.join(selects)})" if selects else "FALSE"


def _told(
    book: Book, conditions: Mapping[str, str | None], shared: frozenset[str], institution: str
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the tables about the run that speak of nobody else's records."""
    steps = book.rows("step_run", order=["position"])
    public = {row["step"] for row in steps if _touched(row) and _touched(row) <= shared}
    files = [row for row in book.rows("input_file") if _only_own(book, row, conditions, institution)]
    names = {str(row["file"]) for row in files}
    every = {str(row["file"]) for row in book.rows("input_file")}
    told = [row for row in book.rows("finding") if row["step"] in public]
    return {
        "step_run": [{**row, "sql": None} if _of_files(row["step"]) else row for row in steps],
        "uncertainty": [row for row in book.rows("uncertainty") if row["step"] in public],
        "finding": [row for row in told if not _of_files(row["step"]) or names_own(row, names, every)],
        "input_file": files,
    }


def _of_files(step: str) -> bool:
    """Return whether a step speaks of files: what it did names those of every institution."""
    return step.partition(".")[0] in ("intake", "run")


def names_own(finding: Mapping[str, Any], own: Collection[str], every: Collection[str]) -> bool:
    """Return whether a finding names files of this institution and no other's.

    Args:
        finding: a row of `finding`, of a step that speaks of files.
        own: names of the files that hold records of the institution alone, or of none.
        every: names of all files of the book.
    """
    text = " ".join(str(finding[name] or "") for name in (*FINDING_TEXTS, "record_key"))
    named = {name for name in every if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text)}
    return bool(named) and named <= set(own)


def _touched(step: Mapping[str, Any]) -> set[str]:
    """Return the tables that a step makes and reads."""
    return {*json.loads(step["makes"] or "{}"), *json.loads(step["reads"] or "{}")}


def _only_own(
    book: Book, file: Mapping[str, Any], conditions: Mapping[str, str | None], institution: str
) -> bool:
    """Return whether a file holds rows of this institution alone, refused ones too (or is about no institution)."""
    table, condition = str(file["table_name"]), conditions.get(str(file["table_name"]))
    if condition is None or "source_file" not in book.columns(table):
        return False
    if condition == "TRUE":
        return True
    mine = condition.replace("FROM whole.", "FROM ")
    number = f"source_file = {int(file['file_number'])}"
    return bool(file["rows_kept"]) and _refused_are_own(book, file, institution) and (
        book.count(table, f"{number} AND ({mine})") == book.count(table, number)
    )  # fmt: skip


def _refused_are_own(book: Book, file: Mapping[str, Any], institution: str) -> bool:
    """Return whether every row of a file that was refused is known to be the institution's."""
    if not file["rows_quarantined"]:
        return True
    if "institution_id" not in book.columns("quarantine"):
        return False
    rows = " AND ".join(equals(name, file[name]) for name in ("table_name", "file", "sheet"))
    own = f"{rows} AND {equals('institution_id', institution)}"
    return 0 < book.count("quarantine", rows) == book.count("quarantine", own)


def _withhold_peers(engine: DuckDB) -> None:
    """Leave out of the scores what would show a peer: means of too few, and shares of a total of too few."""
    if not engine.has(SCORES):
        return
    rows = [withheld_from_one(row) for row in engine.read(SCORES).to_pylist()]
    if rows:
        engine.execute(f"DELETE FROM {SCORES}")
        engine.append(load(SCORES), {name: [row[name] for row in rows] for name in load(SCORES).column_names})


def _count_again(engine: DuckDB) -> None:
    """State the rows of this book, not of the whole one, in the record of the steps."""
    if not engine.has("step_run"):
        return
    there = set(engine.tables())
    for step, makes, reads in engine.execute("SELECT step, makes, reads FROM step_run ORDER BY position"):
        counted = [
            json.dumps(
                {
                    name: engine.count(name) if name in there else None if number is None else 0
                    for name, number in json.loads(text or "{}").items()
                }
            )
            for text in (makes, reads)
        ]
        engine.execute("UPDATE step_run SET makes = ?, reads = ? WHERE step = ?", [*counted, step])


def _headlines(
    engine: DuckDB, before: list[dict[str, Any]], institution: str, withheld: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the headlines computed anew from this institution's rows; those of all institutions are not covered."""
    earlier = {row["code"]: row for row in before}
    library = PackLibrary.load(None)
    used = engine.execute("SELECT pack FROM pack_used WHERE completeness <> 'complete'")
    incomplete = {str(name): library[str(name)].card for (name,) in used if str(name) in library}
    reason = {table: Problem("pipeline.of_all_institutions", values={"table": table}) for table in withheld}
    wanted = list(_own_definitions(earlier, institution))
    rows = compute(engine, wanted, empty_because=reason, placeholders={}, incomplete=incomplete)
    return [_standing(row, earlier[row["code"]], withheld) for row in rows]


def _own_definitions(known: Mapping[str, Any], institution: str) -> Iterator[HeadlineDefinition]:
    mine = f"institution_id = {text_literal(institution)}"
    for one in definitions():
        if one.code in known:
            where, below = (
                text.replace("institution_id = '*'", mine) for text in (one.where, one.denominator_where)
            )
            yield replace(one, where=where, denominator_where=below)


def _standing(row: dict[str, Any], earlier: Mapping[str, Any], withheld: tuple[str, ...]) -> dict[str, Any]:
    """Return a headline with the reason of the whole book where it was not covered, or not whole, there either."""
    if row["value"] is None and earlier["value"] is None and row["table_name"] not in withheld:
        return {**row, "reason_zh": earlier["reason_zh"], "reason_en": earlier["reason_en"]}
    if row["status"] == "available" and earlier["status"] == "partial":
        told = Problem("pipeline.institution_partial")
        return {**row, "status": "partial", "reason_zh": told.what("zh"), "reason_en": told.what("en")}
    return row
