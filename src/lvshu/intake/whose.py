"""Whose a refused row is: the institution of its record, as far as it can be established, and who else it may be of.

By the first of these that holds:

1. the row names the institution (its column, or the constant of its mapping file), by code or by the name that the
   ledger gives it; an institution that no ledger knows, beside a loan number that is another's, says nothing;
2. its loan number is used by one institution alone;
3. every other row of its file is of one institution;
4. of the institutions that use its number one alone lacks such a row: the others have theirs, with the same key.

What none of them settles may be of those that use the number and lack such a row; of a row whose number says nothing,
of anyone. Nobody's figure is doubted for it: it is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lvshu.contract import TableContract
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.duplicates import DOOMED
from lvshu.intake.numbering import LEDGER, OF_ANOTHER, SHARED, loan_reference
from lvshu.intake.text import literal, quoted

WITHIN = "institution_id"
"""The column in which rows say whose loan they mean."""
ANYONE = "*"
STATED, NUMBER, FILE, REMAINING = "stated", "number", "file", "remaining"
Place = tuple[int, int]
"""Number of the file, and row in it."""


@dataclass(frozen=True)
class Whose:
    """What is known of a refused row's institution.

    Attributes:
        institution: its code; "" where it cannot be established.
        by: what established it: stated, number, file or remaining; "" for nothing.
        others: where it cannot be: the institutions that it may be of, ANYONE alone for all; empty where every user of
            its number has such a row already.
    """

    institution: str = ""
    by: str = ""
    others: tuple[str, ...] = ()

    @property
    def may_be_of(self) -> str:
        """Return the institutions that it may be of, as they stand in quarantine."""
        return "|".join(self.others)


NOBODYS = Whose()
"""Of a table that no institution hands in."""


@dataclass(frozen=True)
class Refused:
    """Whose the refused rows of one table are, by place; a row that was not typed goes by its file alone."""

    rows: Mapping[Place, Whose]
    files: Mapping[int, str]
    of_institutions: bool

    def of(self, place: Place) -> Whose:
        """Return whose the row at a place is."""
        return self.rows.get(place, NOBODYS)

    def untyped(self, file: int, constant: str) -> Whose:
        """Return whose a row is that could not be split into cells: of the file's institution, else of anyone."""
        if not self.of_institutions:
            return NOBODYS
        if constant:
            return Whose(constant, STATED)
        return Whose(self.files[file], FILE) if file in self.files else Whose(others=(ANYONE,))


def whose_refused(
    engine: DuckDB,
    contract: TableContract,
    typed: str,
    contracts: Mapping[str, TableContract],
    also: Iterable[int] = (),
) -> Refused:
    """Return whose the refused rows of a table are.

    Args:
        engine: the book being written, with the table as it was kept, the doomed rows and the ledger, if there is one.
        contract: of the table.
        typed: name of the table of all its rows as typed.
        contracts: every contract, by name.
        also: numbers of files of which rows could not be split into cells.
    """
    if WITHIN not in contract.column_names:
        return Refused({}, {}, False)
    reading = _Reading(engine, contract, typed, loan_reference(contract, contracts))
    rows = reading.bad()
    open_rows = {place: one for place, one in rows.items() if not one.institution}
    files = reading.files({place[0] for place in open_rows} | set(also)) if open_rows or also else {}
    if open_rows:
        users = reading.users()
        for place in open_rows:
            rows[place] = _settled(users.get(place), files.get(place[0], ""))
    return Refused(rows, files, True)


def _settled(users: Sequence[tuple[str, bool]] | None, file: str) -> Whose:
    """Return whose a row is that does not say so, by the users of its number (and whether they have such a row)."""
    if users is None:
        return Whose(file, FILE) if file else Whose(others=(ANYONE,))
    if len(users) == 1:
        return Whose(users[0][0], NUMBER)
    lacking = sorted(one for one, has in users if not has)
    if file in lacking:
        return Whose(file, FILE)
    if len(lacking) == 1 and not file:
        return Whose(lacking[0], REMAINING)
    return Whose(others=tuple(lacking))


@dataclass(frozen=True)
class _Reading:
    engine: DuckDB
    contract: TableContract
    typed: str
    number: str
    """The column that names a loan of the ledger; "" where none does."""

    @property
    def _bad(self) -> str:
        """SQL of the refused rows, as `one`."""
        return (
            f"{quoted(self.typed)} AS one WHERE (one.marks LIKE 'x|%' OR EXISTS (SELECT 1 FROM {DOOMED} AS doomed "
            "WHERE doomed.source_file = one.source_file AND doomed.source_row = one.source_row))"
        )

    @property
    def _ledger(self) -> bool:
        return bool(self.number) and self.engine.has(LEDGER) and self.engine.has(SHARED)

    def bad(self) -> dict[Place, Whose]:
        """Return the refused rows, those that name their institution settled."""
        another = f"coalesce(one.marks LIKE {literal(f'%{OF_ANOTHER}%')}, FALSE)"
        rows = self.engine.execute(
            f"SELECT one.source_file, one.source_row, one.{quoted(WITHIN)}, {another} FROM {self._bad}"
        )
        meant = self._meant({str(stated) for *_, stated, _ in rows if stated is not None})
        found = {}
        for file, row, stated, of_another in rows:
            named = meant.get(str(stated), "" if of_another else str(stated)) if stated is not None else ""
            found[int(file), int(row)] = Whose(named, STATED) if named else Whose()
        return found

    def _meant(self, stated: Iterable[str]) -> dict[str, str]:
        """Return the institution of the ledger that is meant by what is stated: its code, other letters, its name."""
        if not self.engine.has(LEDGER):
            return {}
        rows = self.engine.execute(f"SELECT DISTINCT {WITHIN}, institution_name FROM {LEDGER}")
        codes = {str(code) for code, _ in rows}
        spelt: dict[str, set[str]] = {}
        for code, name in rows:
            for word in (str(code).casefold(), str(name or "").casefold()):
                spelt.setdefault(word, set()).add(str(code))
        found = {}
        for one in stated:
            near = spelt.get(one.casefold(), set())
            if one in codes or len(near) == 1:
                found[one] = one if one in codes else next(iter(near))
        return found

    @property
    def _lenders(self) -> str:
        """SQL of every loan: key in the book, institution, what names it (its own number; its key)."""
        shared = f"FROM {SHARED} WHERE {WITHIN} IS NOT NULL"
        return (
            f"SELECT loan_id AS key, {WITHIN} AS lender, loan_number AS number {shared} "
            f"UNION SELECT loan_id, {WITHIN}, loan_id {shared} "
            f"UNION SELECT loan_id, {WITHIN}, loan_id FROM {LEDGER}"
        )

    def files(self, numbers: set[int]) -> dict[int, str]:
        """Return the files all of whose kept rows are of one institution, with it."""
        listed = ", ".join(map(str, sorted(numbers))) or "-1"
        lender = f"kept.{quoted(WITHIN)}"
        joined = ""
        if self._ledger:
            lender = f"coalesce({lender}, lent.lender)"
            joined = (
                f" LEFT JOIN (SELECT key, min(lender) AS lender FROM ({self._lenders}) GROUP BY key) AS lent "
                f"ON lent.key = kept.{quoted(self.number)}"
            )
        rows = self.engine.execute(
            f"SELECT kept.source_file, min({lender}) FROM {quoted(self.contract.name)} AS kept{joined} "
            f"WHERE kept.source_file IN ({listed}) GROUP BY 1 "
            f"HAVING count({lender}) = count(*) AND min({lender}) = max({lender})"
        )
        return {int(file): str(one) for file, one in rows}

    def users(self) -> dict[Place, list[tuple[str, bool]]]:
        """Return, for refused rows that name a loan by a number, who uses it and whether they have such a row."""
        if not self._ledger:
            return {}
        rest = [name for name in self.contract.key if name not in (self.number, WITHIN)]
        same = "".join(f" AND kept.{quoted(name)} = one.{quoted(name)}" for name in rest)
        has = "FALSE"
        if self.number in self.contract.key:
            has = (
                f"EXISTS (SELECT 1 FROM {quoted(self.contract.name)} AS kept "
                f"WHERE kept.{quoted(self.number)} = lent.key{same})"
            )
        rows = self.engine.execute(
            f"SELECT one.source_file, one.source_row, lent.lender, bool_or({has}) "
            f"FROM {quoted(self.typed)} AS one JOIN ({self._lenders}) AS lent "
            f"ON lent.number = one.{quoted(self.number)} "
            f"WHERE {self._bad.partition(' WHERE ')[2]} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        found: dict[Place, list[tuple[str, bool]]] = {}
        for file, row, lender, has_row in rows:
            found.setdefault((int(file), int(row)), []).append((str(lender), bool(has_row)))
        return found
