"""The loan book as those see it who work out what a shown figure says of one borrower: loans cut by every page at once.

Each page cuts the book in its own way (institution, industry, label, scope, gap, …), some by accounting method. Loans
that no page tells apart are one kind. A figure of a page is a sum over kinds; who stands behind it are borrower groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from lvshu.engine.duckdb import text_literal
from lvshu.publish.reader import Reader
from lvshu.statistics.disclosure.structure import Array, Index

CODES = {
    "institution": "l.institution_id",
    "product": "l.product_type",
    "industry": "coalesce(substr(coalesce(l.purpose_industry_code, s.sector_code), 1, 2), "
    "CASE WHEN l.borrower_type = 'individual' THEN 'individual' END)",
    "group": "s.industry_group",
    "label": "CASE WHEN l.green_label IS NULL OR l.green_label = '' THEN NULL ELSE l.green_catalogue END",
    "quality": "CAST(a.quality_score AS VARCHAR)",
    "status": "s.scope_status",
    "coverage": "concat(s.scope_status, '/', s.reason)",
    "class": "CASE WHEN s.reason = 'after_year' THEN NULL WHEN i.group_code IS NOT NULL AND s.green "
    "THEN 'high_carbon_green' WHEN i.group_code IS NOT NULL THEN 'high_carbon' WHEN s.green THEN 'green' "
    "ELSE 'other' END",
}
"""What the pages of the loan book divide it by; each code as SQL over the tables of `loans_from`."""
EVERY = "*"
"""The code of the loan book as a whole."""
BALANCE, LOANS = "balance", "loans"
View = tuple[str, str]
"""What it is divided by, and the accounting method."""
Group = str | None
Key = tuple[str, str, Group]
"""A way of dividing, an accounting method, a code: the loans of one figure."""


def loans_from(reader: Reader, method: str) -> str:
    """Return the tables behind the loan book of a method, as SQL (ledger, scope, emissions, borrowers, lists)."""
    chosen = text_literal(method)
    return (
        "FROM loan l JOIN loan_scope s ON s.loan_id = l.loan_id AND s.method = " + chosen
        + " LEFT JOIN (SELECT loan_id, sum(emission) AS emission, max(quality_score) AS quality_score "
        "FROM attributed_emission WHERE method = " + chosen + " GROUP BY loan_id) a ON a.loan_id = l.loan_id"
        + (" LEFT JOIN loan_match m ON m.loan_id = l.loan_id" if reader.book.has("loan_match") else "")
        + " LEFT JOIN industry_group i ON i.class_code = s.sector_code AND i.method = '*'"
    )  # fmt: skip


def contributor(reader: Reader) -> str:
    """Return who a loan's contributor is, as SQL: the group of its borrower, else the borrower, else the loan.

    Loans to persons whose ledger names no one (all under one general name) count one by one.
    """
    names = ["m.ultimate_parent_id", "m.entity_id"] if reader.book.has("loan_match") else []
    return f"coalesce({', '.join([*names, 's.subject_id', 'l.uscc', 'l.loan_id'])})"


def emission_of(method: str) -> str:
    """Return the name of the measure: emissions by an accounting method."""
    return f"emission:{method}"


@dataclass(frozen=True)
class LoanBook:
    """The loan book by kinds of loans.

    kinds: of each key the numbers of its kinds. held: of each measure a matrix of shape (kinds, borrower groups), what
    each group adds to each kind: CNY, tCO2e, loans. parts: of each view the keys that add up to the whole book.
    """

    kinds: Mapping[Key, Index]
    held: Mapping[str, sparse.csr_array]
    parts: Mapping[View, tuple[Key, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many kinds there are."""
        return int(next(iter(self.held.values())).shape[0])

    def counted(self, measure: str, keys: Sequence[Key]) -> Index:
        """Return the kinds of several keys together in which a measure has something."""
        found = [self.kinds[key] for key in keys if key in self.kinds]
        kinds = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found]))
        return np.asarray(kinds[np.diff(self.held[measure].indptr)[kinds] > 0], dtype=np.int64)


def read_loan_book(reader: Reader, more: Mapping[View, str] | None = None) -> LoanBook:
    """Return the loan book of a run.

    Args:
        reader: of a book with a loan ledger and its scope.
        more: further ways of dividing it: SELECT of loan_id and code by view; loans that it lacks have no code.
    """
    methods = list(reader.settings.finance_methods)
    columns: dict[View, pa.Array] = {}
    measures: dict[str, Array] = {}
    who: pa.Array | None = None
    for method in methods:
        found = _fetch(
            reader,
            f"SELECT {contributor(reader)} AS who, CAST(s.outstanding_amount AS DOUBLE) AS balance, "
            "CAST(a.emission AS DOUBLE) AS emission, "
            + ", ".join(f"{code} AS c_{way}" for way, code in CODES.items())
            + f" {loans_from(reader, method)} ORDER BY l.loan_id",
        )
        who = found["who"] if who is None else who
        measures.setdefault(BALANCE, _numbers(found["balance"]))
        measures[emission_of(method)] = _numbers(found["emission"])
        columns |= {(way, method): found[f"c_{way}"] for way in CODES}
    if who is None:
        return LoanBook({}, {LOANS: sparse.csr_array((0, 0))})
    measures[LOANS] = np.ones(len(who))
    for view, sql in (more or {}).items():
        inner = f"SELECT loan_id, min(code) AS code FROM ({sql}) GROUP BY loan_id"
        found = _fetch(
            reader,
            "SELECT x.code AS code FROM loan l JOIN loan_scope s ON s.loan_id = l.loan_id AND s.method = "
            f"{text_literal(methods[0])} LEFT JOIN ({inner}) x ON x.loan_id = l.loan_id ORDER BY l.loan_id",
        )
        columns[view] = found["code"]
    return _cut(columns, measures, _codes(who)[0])


def _fetch(reader: Reader, sql: str) -> pa.Table:
    found: pa.Table = reader.book.engine.fetch(sql, table="loan")  # type: ignore[attr-defined]
    return found


def _numbers(column: pa.ChunkedArray) -> Array:
    return np.asarray(np.nan_to_num(np.asarray(column.to_numpy(), dtype=float)), dtype=float)


def _codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[Group]]:
    """Return the number of each value and the values; missing is a value like others."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(coded.indices.to_numpy(), dtype=np.int64), coded.dictionary.to_pylist()


def _cut(columns: Mapping[View, pa.ChunkedArray], measures: Mapping[str, Array], who: Index) -> LoanBook:
    coded = {view: _codes(column) for view, column in columns.items()}
    kind = np.zeros(len(who), dtype=np.int64)
    for numbers, values in coded.values():
        kind = np.unique(kind * len(values) + numbers, return_inverse=True)[1]
    count = int(kind.max(initial=-1)) + 1
    first = np.zeros(count, dtype=np.int64)
    first[kind[::-1]] = np.arange(len(kind))[::-1]  # one loan of each kind tells the codes of all
    kinds: dict[Key, Index] = {(EVERY, "", None): np.arange(count)}
    parts: dict[View, tuple[Key, ...]] = {}
    for (way, method), (numbers, values) in coded.items():
        for number, code in enumerate(values):
            kinds[(way, method, code)] = np.flatnonzero(numbers[first] == number)
        parts[(way, method)] = tuple((way, method, code) for code in values)
    groups = int(who.max(initial=-1)) + 1
    held = {
        name: sparse.csr_array((value, (kind, who)), shape=(count, groups))
        for name, value in measures.items()
    }
    for matrix in held.values():
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    return LoanBook(kinds, held, parts)
