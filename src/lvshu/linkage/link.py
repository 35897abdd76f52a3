"""Records linked: blocks laid, the model trained or loaded, pairs scored, probabilities told, one-to-one on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.core.errors import InputError, Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.linkage.blocks import PAIRS_A_RECORD, RECORDS, ROW, SIDE, BlockReport, beyond_keys, lay_blocks
from lvshu.linkage.methods.assignment import components, one_to_one
from lvshu.linkage.methods.evidence import fit_prior, posterior
from lvshu.linkage.model import DICE, Comparison, LinkModel
from lvshu.linkage.splink import Scored, Scorer

if TYPE_CHECKING:
    from lvshu.engine.spark import SparkRunner

WITHIN, BETWEEN, NEW = SCOPES = ("within", "between", "new")
"""Which pairs are looked at: all; those of two sides; those with a record of the new side (side 1), old ones apart."""


@dataclass(frozen=True)
class Links:
    """Pairs with their probabilities. Arrays of shape (pairs,).

    left, right: rows of the records, left < right; key: place of the block key that led to the pair; weight: log2 of
    the likelihood ratio; probability: that both are one unit; evidence: part of the weight that each comparison bears.
    prior: share of true pairs that blocking finds among all pairs. blocks: what became of the keys.
    parameters: the trained model, for the next delivery. left_out: comparisons that had no value to compare.
    count: records. beyond: records that no key looks at, rows, shape (records beyond,).
    """

    left: np.ndarray
    right: np.ndarray
    key: np.ndarray
    weight: np.ndarray
    probability: np.ndarray
    evidence: Mapping[str, np.ndarray]
    prior: float
    blocks: tuple[BlockReport, ...]
    parameters: Mapping[str, Any]
    left_out: tuple[str, ...]
    count: int
    beyond: np.ndarray

    def chosen(self, rows: np.ndarray) -> Links:
        """Return some of the pairs, by place or by mask."""
        return replace(
            self, left=self.left[rows], right=self.right[rows], key=self.key[rows], weight=self.weight[rows],
            probability=self.probability[rows],
            evidence={name: level[rows] for name, level in self.evidence.items()},
        )  # fmt: skip

    def accepted(self, threshold: float, *, single: bool = False) -> Links:
        """Return the pairs that are taken for one unit.

        Args:
            threshold: least probability.
            single: each record at most once, by the assignment with the largest sum of evidence; for two sides that
                have every unit once.
        """
        taken = self.chosen(self.probability >= threshold)
        if not single:
            return taken
        gain = np.maximum(taken.weight - taken.weight.min(initial=0.0), 0.0) + 1.0
        return taken.chosen(one_to_one(taken.left, taken.right, gain))

    def groups(self) -> np.ndarray:
        """Return the unit of each record, shape (count,): records that the pairs join, directly or through others."""
        return components(self.left, self.right, self.count)


def link(
    records: pa.Table,
    model: LinkModel,
    *,
    side: np.ndarray | None = None,
    scope: str = WITHIN,
    parameters: Mapping[str, Any] | None = None,
    seed: int = 20210913,
    pairs_a_record: float = PAIRS_A_RECORD,
    threads: int | None = None,
    memory_limit: str | None = None,
    spark: SparkRunner | None = None,
) -> Links:
    """Return the pairs of records that may be one unit.

    Args:
        records: one row a record, with the columns of the model; a column that is empty throughout is left out.
        model: what is compared and where it is looked.
        side: side of each record (0, 1, …), shape (records,); needed for the scopes between and new.
        scope: one of SCOPES.
        parameters: a trained model (`Links.parameters` of an earlier delivery); trained anew when left out.
        seed: of the random pairs.
        pairs_a_record: pairs that each key may lead to, on the average over all records.
        threads: threads of the engine; all when left out.
        memory_limit: of the engine, such as "4GB".
        spark: where pairs are made, compared and scored; here when left out. Blocks are counted and the model is
            trained here in either case: one takes columns of keys, the other samples.

    Raises:
        InputError: linkage.column_missing: the records lack columns of the model (all of them).
        MethodError: linkage.no_block: no key puts two records together; linkage.untrained: nothing could be learned.
    """
    wanted = [one.column for one in model.comparisons]
    missing = [name for name in dict.fromkeys(wanted) if name not in records.column_names]
    if missing:
        values = {"columns": missing, "model": model.name, "there": records.column_names}
        raise InputError(Problem("linkage.column_missing", values=values))
    told = tuple(
        one if not one.filter or _has_values(records, one.filter) else replace(one, filter="")
        for one in model.comparisons if _has_values(records, one.column)
    )  # fmt: skip
    kept_columns = {one.column for one in told}
    left_out = tuple(one.column for one in model.comparisons if one.column not in kept_columns)
    with DuckDB(threads=threads, memory_limit=memory_limit) as engine:
        _load(engine, records, told, side)
        blocks = lay_blocks(engine, model.keys, pairs_a_record=pairs_a_record, between=scope == BETWEEN)
        beyond = beyond_keys(engine, model.keys)
        scorer = Scorer(engine, model, trained=parameters, comparisons=told)
        if parameters is None:
            scorer.train(seed=seed, between=scope == BETWEEN)
        condition = {BETWEEN: f"l.{SIDE} <> r.{SIDE}", NEW: f"(l.{SIDE} = 1 OR r.{SIDE} = 1)"}.get(scope, "")
        kept = scorer.parameters() if parameters is None else dict(parameters)
        if spark is None:
            scored = _score(scorer, condition)
        else:
            with spark.tables() as tables:
                tables.load_rows(RECORDS, _for_spark(engine.fetch(f"SELECT * FROM {RECORDS}"), told, records))
                scored = _score(Scorer(tables, model, trained=kept, comparisons=told), condition)
    known = _known(records, scored.left, scored.right)
    prior = fit_prior(scored.weight, all_pairs(records.num_rows, side, scope), known=known)
    return Links(
        left=scored.left, right=scored.right, key=scored.key, weight=scored.weight,
        probability=posterior(scored.weight, prior), evidence=scored.evidence, prior=prior, blocks=blocks,
        parameters=kept, left_out=left_out, count=records.num_rows, beyond=beyond,
    )  # fmt: skip


def _score(scorer: Scorer, condition: str) -> Scored:
    scorer.pairs(condition=condition)
    return scorer.score()


def _for_spark(laid: pa.Table, told: tuple[Comparison, ...], records: pa.Table) -> pa.Table:
    """Return the records with their block columns as Spark takes them: Bloom filters as lists of 64 bits."""
    row = laid[ROW].to_numpy()
    for name in _filters(told):
        texts = pc.cast(records[name], pa.string()).take(pa.array(row)).to_pylist()
        words = [
            None if text is None else np.frombuffer(bytes.fromhex(text), dtype=">i8").tolist()
            for text in texts
        ]
        laid = laid.set_column(laid.column_names.index(name), name, pa.array(words, pa.list_(pa.int64())))
    return laid


def _filters(told: tuple[Comparison, ...]) -> list[str]:
    """Return the columns that hold Bloom filters."""
    return [one.column for one in told if one.kind == DICE] + [one.filter for one in told if one.filter]


def _known(records: pa.Table, left: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Return which pairs share a code (column `code`, where there is one): true pairs, from which the prior learns."""
    if "code" not in records.column_names:
        return None
    codes = (
        pc.dictionary_encode(records["code"].combine_chunks())
        .indices.fill_null(-1)
        .to_numpy(zero_copy_only=False)
    )
    return np.asarray((codes[left] >= 0) & (codes[left] == codes[right]))


def _has_values(records: pa.Table, column: str) -> bool:
    return column in records.column_names and records[column].null_count < records.num_rows


def all_pairs(count: int, side: np.ndarray | None, scope: str) -> float:
    """Return how many pairs there are in a scope."""
    whole = count * (count - 1) / 2
    if side is None or scope == WITHIN:
        return whole
    sizes = np.bincount(np.asarray(side)).astype(float)
    if scope == BETWEEN:
        return float(whole - (sizes * (sizes - 1) / 2).sum())
    old = float(sizes[0])
    return whole - old * (old - 1) / 2


def _load(engine: DuckDB, records: pa.Table, told: tuple[Comparison, ...], side: np.ndarray | None) -> None:
    """Make the table `records`; Bloom filters become bits."""
    count = records.num_rows
    number = pa.array(np.arange(count, dtype=np.int64))
    place = pa.array(np.zeros(count, np.int32) if side is None else np.asarray(side, dtype=np.int32))
    table = records.append_column(ROW, number).append_column(SIDE, place)
    filters = _filters(told)
    if not filters:
        engine.load_rows(RECORDS, table)
        return
    for name in filters:
        table = table.set_column(table.column_names.index(name), name, pc.cast(table[name], pa.string()))
    engine.load_rows("records_as_told", table)
    listed = ", ".join(
        f'CAST(unhex("{name}") AS BIT) AS "{name}"' if name in filters else f'"{name}"'
        for name in table.column_names
    )
    engine.execute(f"CREATE OR REPLACE TABLE {RECORDS} AS SELECT {listed} FROM records_as_told")
    engine.drop("records_as_told")
