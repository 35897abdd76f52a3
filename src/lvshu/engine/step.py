"""Steps: what a wing does, declared as data; and the context in which a step runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.core.origin import sha256_of_text
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings

COVERAGE = 0.95


@dataclass(frozen=True)
class Step:
    """One step of a run: the tables it makes, those it reads, the packs and the method behind it.

    A step is skipped, with the reason told, when a table in `reads` is absent or empty; its own tables
    then exist and are empty. Tables in `reads_if_there` always exist, maybe empty.
    """

    name: str
    makes: tuple[str, ...]
    action: Query | Callable[[StepContext], None]
    reads: tuple[str, ...] = ()
    reads_if_there: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    method: str = ""
    parameters: Callable[[Settings], Mapping[str, object]] | None = None


@dataclass
class StepContext:
    """What a step may touch. Everything it writes is checked against the contract of the table."""

    step: Step
    settings: Settings
    packs: PackLibrary
    engine: DuckDB
    rows_made: dict[str, int] = field(default_factory=dict)

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        order: Sequence[str] | None = None,
    ) -> pa.Table:
        """Return rows of a table as Arrow, in a total order."""
        return self.engine.read(table, columns=columns, where=where, order=order)

    def sql(self, query: Query, **parameters: object) -> pa.Table:
        """Return the result of a query as Arrow (order it in the query where order matters)."""
        return self.engine.fetch(query.rendered(parameters, "duckdb"), table=query.table)

    def make(self, query: Query, **parameters: object) -> int:
        """Fill the query's table with its result. Returns its number of rows."""
        rows = self.engine.make(query, parameters, load(query.table))
        self.rows_made[query.table] = rows
        return rows

    def write(self, table: str, columns: Mapping[str, Sequence[Any]] | pa.Table) -> int:
        """Add rows to a table. Returns how many were added."""
        added = self.engine.append(load(table), columns)
        self.rows_made[table] = self.rows_made.get(table, 0) + added
        return added

    def find(
        self,
        problem: Problem,
        *,
        table: str | None = None,
        key: str | None = None,
        amount: float | None = None,
        unit: str | None = None,
    ) -> None:
        """Record something the reader of the book must know (an imbalance, a gap), as a row of `finding`."""
        self.write(
            "finding", finding_row(self.step.name, problem, table=table, key=key, amount=amount, unit=unit)
        )

    def write_uncertainty(
        self,
        indicator: str,
        *,
        value: float,
        unit: str,
        method: str,
        scope_zh: str,
        scope_en: str,
        replicates: np.ndarray | None = None,
        standard_error: float | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        """Record the uncertainty of an indicator, from replicates or from a standard error.

        Args:
            indicator: code of the headline or estimate it belongs to.
            value: point estimate, in `unit`.
            unit: a symbol of the unit registry.
            method: how the uncertainty was computed, a short code.
            scope_zh: which sources of error it covers and which not, in Chinese.
            scope_en: the same in English.
            replicates: shape (replicates,), in `unit`.
            standard_error: in `unit`; computed from replicates when absent.
            low: lower end of the interval, in `unit`; else from replicates, else normal.
            high: upper end of the interval, in `unit`.
        """
        count = 0
        if replicates is not None:
            drawn = np.asarray(replicates, dtype=float)
            count = int(drawn.size)
            standard_error = float(drawn.std(ddof=1)) if standard_error is None else standard_error
            tail = (1 - COVERAGE) / 2
            ends = np.quantile(drawn, [tail, 1 - tail])
            low = float(ends[0]) if low is None else low
            high = float(ends[1]) if high is None else high
        if standard_error is not None and math.isfinite(standard_error):
            low = value - 1.959963984540054 * standard_error if low is None else low
            high = value + 1.959963984540054 * standard_error if high is None else high
        row = {
            "indicator": indicator,
            "value": value,
            "unit": unit,
            "standard_error": standard_error,
            "low": low,
            "high": high,
            "coverage": COVERAGE,
            "replicates": count,
            "method": method,
            "scope_zh": scope_zh,
            "scope_en": scope_en,
            "step": self.step.name,
        }
        self.write("uncertainty", {name: [item] for name, item in row.items()})

    def generator(self, name: str) -> np.random.Generator:
        """Return a random generator seeded by the run's seed and a name: the same on every run."""
        digest = sha256_of_text(str(self.settings.seed), self.step.name, name)
        return np.random.default_rng(int(digest[:32], 16))


def finding_row(
    step: str,
    problem: Problem,
    *,
    table: str | None = None,
    key: str | None = None,
    amount: float | None = None,
    unit: str | None = None,
) -> dict[str, list[Any]]:
    """Return a problem as one row of the table `finding`."""
    row: dict[str, Any] = {
        "step": step,
        "code": problem.code,
        "severity": problem.severity,
        "table_name": table,
        "record_key": key,
        "amount": amount,
        "unit": unit,
    }
    for part in ("what", "why", "fix"):
        for language in ("zh", "en"):
            row[f"{part}_{language}"] = getattr(problem, part)(language)
    return {name: [item] for name, item in row.items()}
