"""A contract's checks as one SQL pass: each row that fails, with the column and the reason.

The pass runs on DuckDB, over a table that already has the contract's types (text that could not be typed is
the business of intake). Row identity is whatever columns the caller names, usually source_file, source_row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lvshu.contract.table import Column, TableContract

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
RESIDENT_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_ID_CHECKS = "10X98765432"


@dataclass(frozen=True)
class Check:
    """One condition that must not hold: its message code, its column, and the SQL that is true when it fails."""

    code: str
    column: str
    failing: str
    severity: str = "error"
    rule: str = ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def uscc_failing(value: str) -> str:
    """Return SQL that is true where a unified social credit code is wrong.

    Source: GB 32100-2015, section 5 (check character by ISO 7064-like modulus 31, weights 3^(i-1) mod 31).
    """
    digits = " + ".join(
        f"(strpos('{USCC_ALPHABET}', substr({value}, {place}, 1)) - 1) * {weight}"
        for place, weight in enumerate(USCC_WEIGHTS, start=1)
    )
    expected = f"substr('{USCC_ALPHABET}', ((31 - (({digits}) % 31)) % 31) + 1, 1)"
    form = f"regexp_full_match({value}, '[1-9A-GY][1-9][0-9]{{6}}[{USCC_ALPHABET}]{{10}}')"
    return f"(NOT {form} OR {expected} <> substr({value}, 18, 1))"


def resident_id_failing(value: str) -> str:
    """Return SQL that is true where a resident identity number is wrong.

    Source: GB 11643-1999, check character by ISO 7064 MOD 11-2.
    """
    digits = " + ".join(
        f"coalesce(try_cast(substr({value}, {place}, 1) AS INTEGER), 0) * {weight}"
        for place, weight in enumerate(RESIDENT_ID_WEIGHTS, start=1)
    )
    expected = f"substr('{RESIDENT_ID_CHECKS}', (({digits}) % 11) + 1, 1)"
    form = f"regexp_full_match({value}, '[1-9][0-9]{{16}}[0-9X]')"
    birth = f"try_strptime(substr({value}, 7, 8), '%Y%m%d') IS NULL"
    return f"(NOT {form} OR {birth} OR {expected} <> substr({value}, 18, 1))"


_NAMED = {
    "uscc": lambda value: uscc_failing(value),
    "resident_id": lambda value: resident_id_failing(value),
    "hash64": lambda value: f"NOT regexp_full_match({value}, '[0-9a-f]{{64}}')",
}


def _checks_of(column: Column) -> list[Check]:
    name = _quoted(column.name)
    checks: list[Check] = []
    if column.required:
        checks.append(Check("contract.required", column.name, f"{name} IS NULL"))
    if column.type == "month":
        checks.append(
            Check(
                "contract.month", column.name, f"NOT regexp_full_match({name}, '[0-9]{{4}}-(0[1-9]|1[0-2])')"
            )
        )
    if column.check in _NAMED:
        checks.append(Check(f"contract.{column.check}", column.name, _NAMED[column.check](name)))
    if column.minimum:
        checks.append(Check("contract.below_minimum", column.name, f"{name} < {column.minimum}"))
    if column.maximum:
        checks.append(Check("contract.above_maximum", column.name, f"{name} > {column.maximum}"))
    if column.allowed:
        listed = ", ".join(_text(value) for value in column.allowed)
        checks.append(Check("contract.not_allowed", column.name, f"{name} NOT IN ({listed})"))
    if column.codes:
        known = f"SELECT code FROM {_quoted('pack_' + column.codes)}"
        checks.append(Check("contract.unknown_code", column.name, f"{name} NOT IN ({known})"))
    if column.foreign_key:
        table, _, key = column.foreign_key.partition(".")
        there = f"SELECT {_quoted(key)} FROM {_quoted(table)} WHERE {_quoted(key)} IS NOT NULL"
        checks.append(Check("contract.orphan", column.name, f"{name} NOT IN ({there})", "warning"))
    return checks


def row_checks(
    contract: TableContract, *, with_codes: bool = True, with_foreign_keys: bool = True
) -> tuple[Check, ...]:
    """Return every check on single rows, in the order of the columns, then the rules.

    A check on an absent value does not fail (SQL NULL), except `required`.
    """
    checks = [check for column in contract.columns for check in _checks_of(column)]
    checks += [
        Check("contract.rule", "", f"NOT ({rule.sql})", rule.severity, rule.name) for rule in contract.rules
    ]
    return tuple(
        check
        for check in checks
        if (with_codes or check.code != "contract.unknown_code")
        and (with_foreign_keys or check.code != "contract.orphan")
    )


def failures_sql(
    contract: TableContract, source: str, identity: Sequence[str], checks: Sequence[Check]
) -> str:
    """Return a SELECT of one row for each failed check: identity columns, check_number, column value.

    One pass: each row is read once, all its checks are evaluated, and the failed ones are unnested.
    `check_number` is the index in `checks`.
    """
    listed = ", ".join(_quoted(name) for name in identity)
    if not checks:
        return (
            f"SELECT {listed}, NULL::BIGINT AS check_number, NULL::VARCHAR AS value FROM {source} WHERE false"
        )
    entries = ", ".join(
        f"CASE WHEN coalesce({check.failing}, false) THEN {{'check_number': {number}, 'value': "
        + (f"CAST({_quoted(check.column)} AS VARCHAR)" if check.column else "CAST(NULL AS VARCHAR)")
        + "} END"
        for number, check in enumerate(checks)
    )
    return (
        f"WITH checked AS (SELECT {listed}, list_filter([{entries}], lambda entry: entry IS NOT NULL) AS failed "
        f"FROM {source}), unnested AS (SELECT {listed}, unnest(failed) AS failure FROM checked "
        f"WHERE len(failed) > 0) "
        f"SELECT {listed}, failure.check_number AS check_number, failure.value AS value FROM unnested"
    )


def duplicates_sql(contract: TableContract, source: str, identity: Sequence[str]) -> str:
    """Return a SELECT of the rows whose key stands more than once: identity, key_text, place, distinct_rows.

    `place` counts within the key in the order of the identity columns; `distinct_rows` is 1 where all rows of
    the key are alike in every contract column.
    """
    keys = ", ".join(_quoted(name) for name in contract.key)
    listed = ", ".join(_quoted(name) for name in identity)
    values = ", ".join(_quoted(name) for name in contract.column_names)
    shown = ", ".join(f"CAST({_quoted(name)} AS VARCHAR)" for name in contract.key)
    return (
        f"WITH twice AS (SELECT {keys}, count(DISTINCT hash({values})) AS distinct_rows FROM {source} "
        f"GROUP BY {keys} HAVING count(*) > 1) "
        f"SELECT {listed}, concat_ws(' | ', {shown}) AS key_text, "
        f"row_number() OVER (PARTITION BY {keys} ORDER BY {listed}) AS place, distinct_rows "
        f"FROM {source} JOIN twice USING ({keys})"
    )
