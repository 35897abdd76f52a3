"""Loans are numbered by each institution on its own: how the book tells the loans of several institutions apart.

A loan is known by its institution and the number that this gave it. In a book of one institution the number is the
loan's key. In a book of several the key of every loan is institution:number, whether or not another uses the number:
it does not depend on who else is in the book. `shared_loan_number` lists key, institution and number. A setting keeps
the long keys in a book of one institution, too (`[ledger] loan_keys`).

Rows of other tables that name a loan are brought to its key when they are read: by their column institution_id;
without it where the number is one institution's. What is written as institution:number is understood in every book, so
that answers written in another run stay. Rows whose loan cannot be told go to quarantine.

Positions, deals, policies and loans under a facility are numbered in the same way; no other input names them, and they
are listed in `shared_record_number`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvshu.contract import Column, TableContract, load
from lvshu.core.errors import Problem, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.duplicates import DOOMED
from lvshu.intake.text import literal, quoted

LEDGER = "loan"
SHARED = "shared_loan_number"
RECORDS = "shared_record_number"
INSTITUTION = "institution"
"""The setting `loan_keys` by which the keys of a book of one institution name it, too."""
OF_SEVERAL = "intake.number_of_several"
OF_ANOTHER = "intake.number_of_another"
_NAME = "institution_name"
_NAMED = " OR list_contains(other.names, one.code)"
_CLIENTS = frozenset(
    {"uscc", "borrower_name", "company_code", "company_name", "issuer_name", "project_id", "country"}
)
UNNAMED = "?"
"""Stands for the institution of a row of the ledger that names none, where people read the list."""


@dataclass(frozen=True)
class _Reference:
    """A column that names a record of a numbered table, and the column that says within what it is numbered."""

    column: Column
    target: str
    within: str


def numbered_tables(contracts: Mapping[str, TableContract]) -> tuple[str, ...]:
    """Return the tables whose keys are numbered within a column: they are read before those that name them."""
    return tuple(name for name, contract in contracts.items() if contract.numbered_within)


def tables_named(contract: TableContract, contracts: Mapping[str, TableContract]) -> tuple[str, ...]:
    """Return the numbered tables whose records a table names."""
    return tuple(dict.fromkeys(one.target for one in _references(contract, contracts)))


def loan_reference(contract: TableContract, contracts: Mapping[str, TableContract]) -> str:
    """Return the column by which rows of a table name a loan; "" where none does."""
    return next((one.column.name for one in _references(contract, contracts) if one.target == LEDGER), "")


def list_of(contract: TableContract) -> str:
    """Return the table that lists a contract's shared numbers and that nothing else adds to; "" where there is none."""
    return SHARED if contract.name == LEDGER else ""


def key_of(within: str, number: str) -> str:
    """Return the SQL of the key of a record in a book of several institutions.

    The first colon ends the institution, in which a colon is written as %3A: no two records have one key, whatever
    their numbers look like.

    Args:
        within: SQL of the institution; NULL for a row that names none.
        number: SQL of the number that it gave.
    """
    plain = f"replace(replace(coalesce({within}, ''), '%', '%25'), ':', '%3A')"
    return f"concat({plain}, ':', {number})"


def share_numbers(engine: DuckDB, contract: TableContract, typed: str, *, always: bool = False) -> None:
    """List the records of a table of several institutions, and write the kept ones under the book's keys.

    Rows in quarantine count as users of their number, unless a correction replaced them: whose a balance of that
    number is cannot be told until they are mended.

    Args:
        engine: the book being written; it has the table itself, the doomed rows and the list of records.
        contract: of the table, numbered within a column.
        typed: name of the table of all rows as typed.
        always: write the keys of several institutions for one alone, too.
    """
    if list_of(contract):
        engine.create(load(SHARED), replace=True)
    number, within, table = quoted(contract.key[0]), quoted(contract.numbered_within), quoted(contract.name)
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE intake_numbers AS SELECT DISTINCT {within} AS named, {number} AS number "
        f"FROM {quoted(typed)} AS one WHERE {number} IS NOT NULL "
        "AND (marks IS NULL OR (marks NOT LIKE 'k|%' AND marks NOT LIKE '%|intake.total_row%')) "
        f"AND NOT EXISTS (SELECT 1 FROM {DOOMED} AS doomed WHERE doomed.source_file = one.source_file "
        "AND doomed.source_row = one.source_row AND doomed.code = 'intake.superseded')"
    )
    if always or engine.execute("SELECT count(DISTINCT named) > 1 FROM intake_numbers")[0][0]:
        engine.execute(f"UPDATE {table} SET {number} = {key_of(within, number)}")
        made = key_of("named", "number")
        if list_of(contract):
            engine.execute(
                f"INSERT INTO {SHARED} (loan_id, institution_id, loan_number) "
                f"SELECT {made}, named, number FROM intake_numbers"
            )
        else:
            engine.execute(
                f"INSERT INTO {RECORDS} (table_name, record_id, institution_id, record_number) "
                f"SELECT {literal(contract.name)}, {made}, named, number FROM intake_numbers"
            )
    engine.execute("DROP TABLE intake_numbers")


def resolve_numbers(
    engine: DuckDB, contract: TableContract, typed: str, contracts: Mapping[str, TableContract]
) -> None:
    """Bring the numbers by which typed rows name loans to the keys of the book; mark rows whose loan cannot be told.

    Args:
        engine: the book being written; where it has no ledger, nothing is done.
        contract: of the table that is read.
        typed: name of the table of its rows as typed.
        contracts: every contract, by name.
    """
    for one in _references(contract, contracts):
        if engine.has(SHARED) and engine.has(one.target):
            _resolve(engine, typed, one)


def _resolve(engine: DuckDB, typed: str, one: _Reference) -> None:
    table, number, within = quoted(typed), quoted(one.column.name), quoted(one.within)
    stated = engine.execute(f"SELECT count({within}) FROM {table}")[0][0]
    mine = "(one.marks IS NULL OR one.marks NOT LIKE 'k|%')"
    if one.column.foreign_key_where:
        mine += f" AND ({one.column.foreign_key_where})"

    def mark(code: str, condition: str) -> None:
        told = literal(f"x|{one.column.name}|{code}")
        engine.execute(
            f"UPDATE {table} AS one SET marks = concat_ws(';', {told}, one.marks) WHERE {mine} AND {condition}"
        )

    if not engine.count(SHARED):
        _shorten(engine, table, number, mine, one)
        if stated:
            target = load(one.target)
            mark(
                OF_ANOTHER,
                f"EXISTS (SELECT 1 FROM {quoted(one.target)} AS known WHERE "
                f"known.{quoted(target.key[0])} = one.{number} "
                f"AND known.{quoted(target.numbered_within)} <> one.{within})",
            )
        return
    # A row without institution: by the number where it is one institution's, or by a key that stands in its place.
    if engine.execute(f"SELECT count(*) > count({within}) FROM {table}")[0][0]:
        engine.execute(
            "CREATE OR REPLACE TEMP TABLE intake_names AS SELECT name, min(loan_id) AS loan_id, count(*) AS loans "
            f"FROM (SELECT loan_number AS name, loan_id FROM {SHARED} UNION SELECT loan_id, loan_id FROM {SHARED}) "
            "GROUP BY name"
        )
        mark(
            OF_SEVERAL,
            f"one.{within} IS NULL AND one.{number} IN (SELECT name FROM intake_names WHERE loans > 1)",
        )
        engine.execute(
            f"UPDATE {table} AS one SET {number} = known.loan_id FROM intake_names AS known WHERE {mine} "
            f"AND one.{within} IS NULL AND known.loans = 1 AND known.name = one.{number}"
        )
        engine.execute("DROP TABLE intake_names")
    if stated:
        engine.execute(
            f"UPDATE {table} AS one SET {number} = shared.loan_id FROM {SHARED} AS shared WHERE {mine} "
            f"AND shared.loan_number = one.{number} AND shared.institution_id = one.{within}"
        )
        mark(
            OF_ANOTHER,
            f"one.{within} IS NOT NULL AND (one.{number} IN (SELECT loan_number FROM {SHARED}) "
            f"OR one.{number} IN (SELECT loan_id FROM {SHARED})) "
            f"AND NOT EXISTS (SELECT 1 FROM {SHARED} AS own WHERE own.loan_id = one.{number} "
            f"AND own.institution_id = one.{within})",
        )


def _shorten(engine: DuckDB, table: str, number: str, mine: str, one: _Reference) -> None:
    """Bring keys of a book of several institutions, in rows of a book of one, to the number that is the key there."""
    target = load(one.target)
    key, within = f"known.{quoted(target.key[0])}", f"known.{quoted(target.numbered_within)}"
    if engine.execute(f"SELECT count(*) FROM {table} WHERE contains({number}, ':')")[0][0]:
        engine.execute(
            f"UPDATE {table} AS one SET {number} = {key} FROM {quoted(one.target)} AS known WHERE {mine} "
            f"AND {key_of(within, key)} = one.{number} "
            f"AND one.{number} NOT IN (SELECT {quoted(target.key[0])} FROM {quoted(one.target)})"
        )


def users_of(engine: DuckDB, number: str) -> list[str]:
    """Return the institutions whose ledger has a loan of a number, sorted; "?" for one that is not named."""
    rows = engine.execute(
        f"SELECT coalesce(institution_id, {literal(UNNAMED)}) FROM {SHARED} "
        f"WHERE loan_number = {literal(number)} OR loan_id = {literal(number)} "
        f"UNION SELECT institution_id FROM loan WHERE loan_id = {literal(number)} ORDER BY 1"
    )
    return [str(row[0]) for row in rows]


def meant_by(engine: DuckDB, written: str, users: Sequence[str]) -> list[str]:
    """Return which of some institutions is most likely meant by what stands in place of its code.

    Args:
        engine: the book with its ledger.
        written: the name of an institution, or its code in other letters of the same alphabet.
        users: the codes that may be meant.
    """
    named = engine.execute(
        f"SELECT DISTINCT institution_id FROM {LEDGER} WHERE institution_name = {literal(written)}"
    )
    codes = {str(row[0]) for row in named}
    return [one for one in users if one in codes or one.casefold() == written.casefold()]


def institutions_alike(engine: DuckDB, contract: TableContract) -> list[Problem]:
    """Return warnings of codes that look like two spellings of one institution: its records would count twice.

    They do where one code is the name that rows of another give, or differs from it by upper and lower case alone; and
    where records of one number agree in every column that both fill in, a client and an amount among them.

    Args:
        engine: the book with the table and the lists of shared numbers.
        contract: of the table, numbered within a column.
    """
    within, table = quoted(contract.numbered_within), quoted(contract.name)
    alias = f"lower(one.code) = lower(other.code){_NAMED if _NAME in contract.column_names else ''}"
    names = f", list(DISTINCT {_NAME}) AS names" if _NAME in contract.column_names else ""
    pairs = engine.execute(
        f"WITH every AS (SELECT {within} AS code{names} FROM {table} WHERE {within} IS NOT NULL GROUP BY 1) "
        f"SELECT one.code, other.code FROM every AS one JOIN every AS other ON one.code <> other.code AND ({alias}) "
        "ORDER BY 1, 2"
    )
    spelt = {tuple(sorted(map(str, pair))) for pair in pairs}
    found = [
        Problem("intake.institution_spelt", Where(column=contract.numbered_within),
                {"table": contract.name, "code": one, "other": other}, "warning")
        for one, other in sorted(spelt)
    ]  # fmt: skip
    for one, other, rows, examples in _records_alike(engine, contract):
        values = {"table": contract.name, "code": one, "other": other, "rows": rows, "examples": examples}
        found.append(
            Problem("intake.institutions_alike", Where(column=contract.numbered_within), values, "warning")
        )
    return found


def _records_alike(engine: DuckDB, contract: TableContract) -> list[tuple[str, str, int, list[str]]]:
    """Return pairs of institutions that have the same records under the same numbers: how many, and some numbers."""
    shared, key, number, mine = SHARED, "loan_id", "loan_number", ""
    if not list_of(contract):
        shared, key, number = RECORDS, "record_id", "record_number"
        mine = f" AND a.table_name = {literal(contract.name)} AND b.table_name = {literal(contract.name)}"
    if not engine.has(shared) or not engine.count(shared):
        return []
    apart = {contract.key[0], contract.numbered_within, _NAME, "branch_code", "branch_name"}
    columns = [one for one in contract.columns if one.name not in apart]
    clients = [one.name for one in columns if one.name in _CLIENTS]
    amounts = [one.name for one in columns if one.type in ("money", "quantity")]

    def some(names: Sequence[str]) -> str:
        return " OR ".join(f"one.{quoted(name)} = other.{quoted(name)}" for name in names) or "FALSE"

    same = " AND ".join(
        f"coalesce(one.{quoted(column.name)} = other.{quoted(column.name)}, TRUE)" for column in columns
    )
    rows = engine.execute(
        f"SELECT a.institution_id, b.institution_id, count(*), list(DISTINCT a.{number} ORDER BY a.{number})[1:3] "
        f"FROM {shared} AS a JOIN {shared} AS b ON b.{number} = a.{number} "
        f"AND a.institution_id < b.institution_id{mine} "
        f"JOIN {quoted(contract.name)} AS one ON one.{quoted(contract.key[0])} = a.{key} "
        f"JOIN {quoted(contract.name)} AS other ON other.{quoted(contract.key[0])} = b.{key} "
        f"WHERE ({some(clients)}) AND ({some(amounts)}) AND {same} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
    )
    return [(str(one), str(other), int(count), [*examples]) for one, other, count, examples in rows]


def _references(contract: TableContract, contracts: Mapping[str, TableContract]) -> tuple[_Reference, ...]:
    found = []
    for column in contract.columns:
        target = contracts.get(column.foreign_key.partition(".")[0])
        if contract.kind == "input" and target is not None and target.numbered_within:
            found.append(_Reference(column, target.name, target.numbered_within))
    return tuple(found)
