"""Table contracts as data: catalog/contracts/<room>/<table>.toml becomes a TableContract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lvshu.core.errors import ContractError, Problem, Where
from lvshu.core.text import read_catalogue
from lvshu.core.units import registry

SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "date": "DATE",
    "month": "VARCHAR",
    "year": "INTEGER",
    "integer": "BIGINT",
    "money": "DECIMAL(20,2)",
    "quantity": "DECIMAL(24,6)",
    "ratio": "DOUBLE",
    "boolean": "BOOLEAN",
}
NUMERIC_WITH_UNIT = frozenset({"money", "quantity", "ratio"})
HASH_CHECKS = ("hash64", "hash128")
"""Salted hashes and Bloom filters, by their hexadecimal digits."""
NAMED_CHECKS = frozenset({"uscc", "resident_id", "hash64", "hash128", "unit", "impersonal"})
_TABLE_KEYS = frozenset(
    {
        "name",
        "kind",
        "zh",
        "en",
        "meaning_zh",
        "meaning_en",
        "key",
        "confidential",
        "aliases",
        "numbered_within",
    }
)


@dataclass(frozen=True)
class Column:
    """One column: its type, unit, meaning and checks. `unit` is a symbol of the registry, or a column name.

    A unit written as "column:unit" says that each row states its own unit in that column. `words` is a pack whose
    rows' names (name_zh, name_en, aliases) may stand for their code, the pack's first key. `required_column` says that
    a file must have the column though its cells may be blank: a blank is then missing, and not an unread heading.
    `allowed_words` are further words for allowed values, each as "word=value".
    `decided_by` names the column whose value decides this one, by the pairs of `decided` ("their value=value"), in a
    file that does not have this column; a value without a pair decides nothing.
    `stand_ins` are headings that name the column only where no other heading of the file does.
    `foreign_key_where` is the SQL condition of the rows in which the column refers to another table; all when empty.
    `many_values` says that a text column has nearly as many values as rows (numbers of loans, codes of companies): the
    book keeps it compressed as it comes, and does not look for repeated values first, which costs twice the time.
    `wrong_kept` says that a record whose value is wrong is kept all the same: a code that lost digits in a spreadsheet
    is then read as absent, with a warning, and the row is not refused.
    `may_lack` says that a book of an older version may lack the column: it is read as empty (store.older_columns).
    """

    name: str
    type: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    unit: str = ""
    required: bool = False
    required_column: bool = False
    aliases: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    check: str = ""
    codes: str = ""
    foreign_key: str = ""
    foreign_key_where: str = ""
    minimum: str = ""
    maximum: str = ""
    plausible_minimum: str = ""
    plausible_maximum: str = ""
    words: str = ""
    allowed: tuple[str, ...] = ()
    allowed_zh: tuple[str, ...] = ()
    allowed_en: tuple[str, ...] = ()
    allowed_words: tuple[str, ...] = ()
    decided_by: str = ""
    decided: tuple[str, ...] = ()
    example: str = ""
    many_values: bool = False
    wrong_kept: bool = False
    may_lack: bool = False

    @property
    def sql_type(self) -> str:
        """Return the column's type in both engines."""
        return SQL_TYPES[self.type]

    @property
    def in_every_file(self) -> bool:
        """Return whether a file without this column is not read."""
        return self.required or self.required_column

    @property
    def other_headings(self) -> tuple[str, ...]:
        """Return every further heading under which the column is known."""
        return self.aliases + self.stand_ins

    def label(self, language: str) -> str:
        """Return the column's name for people."""
        return self.zh if language == "zh" else self.en

    def meaning(self, language: str) -> str:
        """Return what the column holds."""
        return self.meaning_zh if language == "zh" else self.meaning_en


@dataclass(frozen=True)
class Rule:
    """A condition on one row, in SQL common to both engines; it must not be false."""

    name: str
    sql: str
    severity: str
    zh: Mapping[str, str] = field(default_factory=dict)
    en: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableContract:
    """What a table holds: one per table, the source of its columns, checks, template and docs page.

    `numbered_within` names the column within which the key of an input table is unique as its users write it: each
    institution numbers its own loans. Intake makes the key unique in the book (see intake.numbering).
    """

    name: str
    kind: str
    room: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    confidential: bool = False
    aliases: tuple[str, ...] = ()
    numbered_within: str = ""

    @property
    def written_key(self) -> tuple[str, ...]:
        """Return the columns that tell the rows of users' files apart."""
        return (*((self.numbered_within,) if self.numbered_within else ()), *self.key)

    @property
    def impersonal(self) -> frozenset[str]:
        """Return the columns out of which identity and mobile numbers of persons are taken."""
        return frozenset(column.name for column in self.columns if column.check == "impersonal")

    @property
    def hashed(self) -> frozenset[str]:
        """Return the columns that hold salted hashes; a table with any keeps nothing that may be clear text."""
        return frozenset(column.name for column in self.columns if column.check in HASH_CHECKS)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return one column.

        Raises:
            ContractError: the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(
            Problem(
                "contract.unknown_column",
                values={"table": self.name, "column": name, "columns": list(self.column_names)},
            )
        )

    def label(self, language: str) -> str:
        """Return the table's name for people."""
        return self.zh if language == "zh" else self.en

    def meaning(self, language: str) -> str:
        """Return what the table holds."""
        return self.meaning_zh if language == "zh" else self.meaning_en

    def create_sql(self) -> str:
        """Return the CREATE TABLE statement of an empty table of this contract."""
        columns = ", ".join(
            f'"{column.name}" {column.sql_type}{" USING COMPRESSION zstd" if column.many_values else ""}'
            for column in self.columns
        )
        return f'CREATE TABLE IF NOT EXISTS "{self.name}" ({columns})'

    def cast_sql(self, source: str) -> str:
        """Return a SELECT that brings a source with the same column names to the contract's types."""
        columns = ", ".join(
            f'CAST("{column.name}" AS {column.sql_type}) AS "{column.name}"' for column in self.columns
        )
        return f"SELECT {columns} FROM {source}"


def _localised(table: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in table.items()}


def _column(raw: Mapping[str, Any]) -> Column:
    known = set(Column.__dataclass_fields__)
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()
    }
    unknown = set(values) - known
    if unknown:
        raise ContractError(
            Problem("contract.unknown_field", values={"column": raw.get("name"), "fields": sorted(unknown)})
        )
    return Column(**values)


def parse(raw: Mapping[str, Any], *, room: str) -> TableContract:
    """Return the contract that a parsed TOML file states.

    Raises:
        ContractError: lists everything that is wrong with it.
    """
    table = raw["table"]
    problems: list[Problem] = [
        Problem("contract.unknown_field", values={"column": table.get("name"), "fields": [name]})
        for name in sorted(set(table) - _TABLE_KEYS)
    ]
    columns = tuple(_column(column) for column in raw.get("column", ()))
    rules = tuple(
        Rule(
            rule["name"],
            rule["sql"],
            rule.get("severity", "error"),
            _localised(rule["zh"]),
            _localised(rule["en"]),
        )
        for rule in raw.get("rule", ())
    )
    contract = TableContract(
        name=table["name"],
        kind=table["kind"],
        room=room,
        zh=table["zh"],
        en=table["en"],
        meaning_zh=table["meaning_zh"],
        meaning_en=table["meaning_en"],
        key=tuple(table.get("key", ())),
        columns=columns,
        rules=rules,
        confidential=bool(table.get("confidential", False)),
        aliases=tuple(table.get("aliases", ())),
        numbered_within=str(table.get("numbered_within", "")),
    )
    problems.extend(_faults(contract))
    if problems:
        raise ContractError(*problems)
    return contract


def _faults(contract: TableContract) -> list[Problem]:
    faults: list[Problem] = []

    def fault(code: str, **values: object) -> None:
        faults.append(Problem(code, Where(file=contract.name), {"table": contract.name, **values}))

    names = contract.column_names
    if len(set(names)) != len(names):
        fault("contract.column_twice", columns=sorted({name for name in names if names.count(name) > 1}))
    for name in contract.written_key:
        if name not in names:
            fault("contract.unknown_column", column=name, columns=list(names))
    for column in contract.columns:
        if column.type not in SQL_TYPES:
            fault("contract.unknown_type", column=column.name, type=column.type, types=sorted(SQL_TYPES))
        if column.many_values and SQL_TYPES.get(column.type) != "VARCHAR":
            texts = sorted(name for name, kind in SQL_TYPES.items() if kind == "VARCHAR")
            fault(
                "contract.unknown_type", column=f"{column.name} (many_values)", type=column.type, types=texts
            )
        if column.type in NUMERIC_WITH_UNIT and not column.unit:
            fault("contract.no_unit", column=column.name)
        if column.unit.startswith("column:"):
            if column.unit.removeprefix("column:") not in names:
                fault("contract.unknown_column", column=column.unit, columns=list(names))
        elif column.unit and column.unit not in registry():
            fault("units.unknown", column=column.name, unit=column.unit)
        if column.decided_by and column.decided_by not in names:
            fault("contract.unknown_column", column=column.decided_by, columns=list(names))
        for pair in (*column.allowed_words, *column.decided):
            word, _, value = pair.partition("=")
            if not word or value not in column.allowed:
                fault(
                    "contract.unknown_column", column=f"{column.name}: {pair}", columns=list(column.allowed)
                )
        if column.check and column.check not in NAMED_CHECKS:
            fault("contract.unknown_check", column=column.name, check=column.check)
    return faults


@cache
def all_contracts() -> dict[str, TableContract]:
    """Return every contract of the package, by table name.

    Raises:
        ContractError: a contract is wrong, or two have the same table name.
    """
    found: dict[str, TableContract] = {}
    for path, raw in read_catalogue("contracts").items():
        contract = parse(raw, room=path.split("/")[0])
        if contract.name in found:
            raise ContractError(Problem("contract.table_twice", values={"table": contract.name}))
        found[contract.name] = contract
    return found


def load(name: str) -> TableContract:
    """Return the contract of one table.

    Raises:
        ContractError: no table has this name.
    """
    contracts = all_contracts()
    if name not in contracts:
        raise ContractError(
            Problem("contract.unknown_table", values={"table": name, "tables": sorted(contracts)})
        )
    return contracts[name]
