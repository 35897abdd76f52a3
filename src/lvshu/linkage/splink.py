"""Splink behind lvshu's own terms: comparisons as its settings, training on sampled pairs, scores of given pairs.

Splink compares, learns by expectation maximisation and scores (Fellegi and Sunter, 1969); which pairs are looked at
is decided before, by counting blocks.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.linkage.blocks import RECORDS, ROW, SIDE, column_of
from lvshu.linkage.model import (
    DATE,
    DICE,
    EXACT,
    HASHED,
    NAME,
    TRADE,
    TYPO,
    WORDS,
    Comparison,
    LinkModel,
)

if TYPE_CHECKING:
    from lvshu.engine.spark import SparkTables

U_PAIRS = 3e5
EM_PAIRS = 2e5
START = 1e-4
LEAST = (
    -12.0
)  # of weights that already tell how rare true pairs are at the start: a likelihood ratio of about 2
PAIRS = "candidate_pairs"
PLACES = 4  # of weights: sums in parallel differ in their last bits, and a run must give the same twice
BOUNDS: Mapping[str, tuple[float, ...]] = {
    NAME: (0.92, 0.8),
    TYPO: (1, 2),
    DATE: (1,),
    DICE: (0.9, 0.8, 0.7),
    HASHED: (0.85, 0.7),
    WORDS: (0.9, 0.5),
}


@dataclass(frozen=True)
class Scored:
    """Pairs and what speaks for them. Arrays of shape (pairs,).

    left, right: rows of records; key: place of the key that led to the pair; weight: log2 of the odds of the evidence,
    without how rare true pairs are; evidence: part of it that each comparison bears, 0 where a value is missing.
    """

    left: np.ndarray
    right: np.ndarray
    key: np.ndarray
    weight: np.ndarray
    evidence: Mapping[str, np.ndarray]


class Scorer:
    """One trained (or loaded) Splink model over the table `records` of an engine (DuckDB or Spark)."""

    def __init__(
        self,
        engine: DuckDB | SparkTables,
        model: LinkModel,
        *,
        trained: Mapping[str, Any] | None = None,
        comparisons: Sequence[Comparison] | None = None,
    ) -> None:
        logging.getLogger("splink").setLevel(logging.ERROR)
        from splink import Linker

        self.engine = engine
        self.model = model
        self.comparisons = tuple(comparisons if comparisons is not None else model.comparisons)
        self._api = _api_of(engine)
        settings: Any = settings_of(self.comparisons, engine.dialect)
        if trained is not None:
            settings = in_dialect(trained, settings, engine.dialect)
        frame = self._api.register(RECORDS)
        self._linker = Linker(frame, settings, log_level=None, validate_settings=False)

    def train(self, *, seed: int, between: bool) -> None:
        """Learn how often pairs agree: by chance from random pairs, truly from the blocks of the training keys.

        Raises:
            MethodError: linkage.untrained: no training block has pairs, or Splink learned nothing from them.
        """
        from splink.internals.exceptions import SplinkException

        sides = f" AND l.{SIDE} <> r.{SIDE}" if between else ""
        names = [key.name for key in self.model.keys]
        try:
            self._linker.training.estimate_u_using_random_sampling(
                max_pairs=U_PAIRS + 1, seed=seed, min_count_per_level=None, num_chunks=1
            )
            for name in self.model.training:
                column = column_of(names.index(name))
                if self._linkable(column):
                    held = " ".join(
                        f"AND l.{one} = r.{one}" for one in self.model.key(name).compared if self._has(one)
                    )
                    self._linker.training.estimate_parameters_using_expectation_maximisation(
                        f"l.{column} = r.{column} {held}{sides}",
                        estimate_without_term_frequencies=True,
                        max_pairs=EM_PAIRS,
                    )
        except (SplinkException, ValueError, ZeroDivisionError) as error:
            raise MethodError(Problem("linkage.untrained", values={"reason": str(error)[:300]})) from error

    def _has(self, column: str) -> bool:
        return any(one.column == column for one in self.comparisons)

    def _linkable(self, column: str) -> bool:
        sql = f"SELECT 1 FROM {RECORDS} WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1 LIMIT 1"
        return bool(self.engine.execute(sql))

    def parameters(self) -> dict[str, Any]:
        """Return the trained settings as plain data, to be loaded for a later delivery."""
        found: dict[str, Any] = self._linker.misc.save_model_to_json()
        return found

    def pairs(self, *, condition: str = "") -> int:
        """Make the table of candidate pairs from the block columns. Returns how many pairs there are.

        Args:
            condition: SQL on l and r (records), on their sides; the record of the lower row is always l.
        """
        extra = f" AND {condition}" if condition else ""
        parts = []
        for place in range(len(self.model.keys)):
            column = column_of(place)
            earlier = "".join(
                f" AND (l.{column_of(one)} = r.{column_of(one)}) IS NOT TRUE" for one in range(place)
            )
            parts.append(
                f"SELECT '{place}' AS match_key, l.{ROW} AS join_key_l, r.{ROW} AS join_key_r "
                f"FROM {RECORDS} AS l JOIN {RECORDS} AS r ON l.{column} = r.{column} AND l.{ROW} < r.{ROW}"
                f"{extra}{earlier}"
            )
        self.engine.keep(PAIRS, " UNION ALL ".join(parts))
        return self.engine.count(PAIRS)

    def score(self, *, weight_above: float = LEAST) -> Scored:
        """Return the pairs of the table of candidates with their weights, those below a bound left out."""
        self._linker.table_management.register_blocked_pairs_for_predict(self._api.register(PAIRS))
        made = self._linker.inference.predict(threshold_match_weight=weight_above, warning_mode="never")
        told = [self._weight_sql(one) for one in self.comparisons]
        listed = ", ".join([f"{ROW}_l", f"{ROW}_r", "match_key", "match_weight", *told])
        found = self.engine.fetch(f"SELECT {listed} FROM {made.physical_name} ORDER BY {ROW}_l, {ROW}_r")
        prior = float(self._linker._settings_obj._probability_two_random_records_match)
        weight = np.round(_numbers(found["match_weight"]) - np.log2(prior / (1 - prior)), PLACES)
        return Scored(
            left=_numbers(found[f"{ROW}_l"]).astype(np.int64), right=_numbers(found[f"{ROW}_r"]).astype(np.int64),
            key=np.array(found["match_key"].to_pylist(), dtype=np.int64) if found.num_rows else np.zeros(0, np.int64),
            weight=weight,
            evidence={
                one.column: _numbers(found[f"evidence_{one.column}"]).astype(np.float32)
                for one in self.comparisons
            },
        )  # fmt: skip

    def _weight_sql(self, one: Comparison) -> str:
        rare = f" + mw_tf_adj_{one.column}" if one.rare else ""
        return f"CAST(mw_{one.column}{rare} AS FLOAT) AS evidence_{one.column}"


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.to_numpy())


def _api_of(engine: DuckDB | SparkTables) -> Any:
    if isinstance(engine, DuckDB):
        from splink import DuckDBAPI

        return DuckDBAPI(engine.native)
    from splink import SparkAPI

    # Splink's jar is not registered: its Jaro similarity is not DuckDB's ("b" and "b" have 0, odd transpositions
    # count by halves), so the session asks DuckDB itself, see SparkTables.
    made: Any = SparkAPI
    return made(
        spark_session=engine.native, break_lineage_method="persist", register_udfs_automatically=False
    )


def in_dialect(trained: Mapping[str, Any], settings: Any, dialect: str) -> dict[str, Any]:
    """Return a trained model for an engine: what was learned stays, the conditions of its levels are the engine's."""
    found = copy.deepcopy(dict(trained))
    if found.get("sql_dialect") == dialect:
        return found
    fresh = settings.create_settings_dict(sql_dialect_str=dialect)
    own = {one["output_column_name"]: one["comparison_levels"] for one in fresh["comparisons"]}
    for one in found["comparisons"]:
        for level, told in zip(one["comparison_levels"], own[one["output_column_name"]], strict=True):
            level["sql_condition"] = told["sql_condition"]
    found["sql_dialect"] = dialect
    return found


def settings_of(comparisons: Sequence[Comparison], dialect: str = "duckdb") -> Any:
    """Return Splink's settings for comparisons; pairs come from outside, so there are no blocking rules."""
    import splink.comparison_library as library
    from splink import SettingsCreator

    made: list[Any] = [
        library.CustomComparison(output_column_name=one.column, comparison_levels=_levels(one, dialect))
        for one in comparisons
    ]
    return SettingsCreator(
        link_type="dedupe_only", comparisons=made, blocking_rules_to_generate_predictions=[],
        probability_two_random_records_match=START, retain_matching_columns=False,
        retain_intermediate_calculation_columns=True, unique_id_column_name=ROW,
    )  # fmt: skip


def _levels(one: Comparison, dialect: str) -> list[Any]:
    import splink.comparison_level_library as levels

    column = one.column
    missing: Any = levels.NullLevel(column)
    if one.one_has:
        absent = f"{column}_l IS NULL OR {column}_r IS NULL"
        both = f"({one.one_has}_l IS NULL) = ({one.one_has}_r IS NULL)"
        missing = levels.CustomLevel(f"{absent} OR {both}", "not compared").configure(is_null_level=True)
    found: list[Any] = [
        missing,
        levels.ExactMatchLevel(column, term_frequency_adjustments=one.rare),
    ]
    bounds = one.bounds or BOUNDS.get(one.kind, ())
    if one.kind == EXACT:
        pass
    elif one.kind == NAME:
        found += [levels.JaroWinklerLevel(column, bound) for bound in bounds]
    elif one.kind == TYPO:
        found += [levels.DamerauLevenshteinLevel(column, int(bound)) for bound in bounds]
    elif one.kind == TRADE:
        both = f"least(length({column}_l), length({column}_r))"
        found += [
            levels.CustomLevel(f"{both} >= 3 AND {one_slip(column, dialect)}", "one slip"),
            levels.CustomLevel(
                f"{both} >= 2 AND (contains({column}_l, {column}_r) OR contains({column}_r, {column}_l))",
                "within",
            ),
        ]
    elif one.kind == DATE:
        found += [levels.DamerauLevenshteinLevel(column, int(bound)) for bound in bounds]
        found.append(levels.CustomLevel(f"substr({column}_l, 1, 4) = substr({column}_r, 1, 4)", "same year"))
    elif one.kind == DICE:
        found += [
            levels.CustomLevel(f"{_dice(column, dialect)} >= {bound}", f"dice {bound}") for bound in bounds
        ]
    elif one.kind == HASHED:
        found += [
            levels.CustomLevel(f"{_dice(one.filter, dialect)} >= {bound}", f"dice {bound}")
            for bound in (bounds if one.filter else ())
        ]
    elif one.kind == WORDS:
        found += [
            levels.CustomLevel(f"{_overlap(column, dialect)} >= {bound}", f"words {bound}")
            for bound in bounds
        ]
    else:
        raise MethodError(Problem("linkage.unknown_kind", values={"column": column, "kind": one.kind}))
    return [*found, levels.ElseLevel()]


def one_slip(column: str, dialect: str) -> str:
    """SQL: two different texts of three characters or more are one character put in, left out, changed or swapped with
    its neighbour apart. DuckDB's own distance counts the bytes of UTF-8, three to a Chinese character."""
    left, right = f"{column}_l", f"{column}_r"
    at = (
        f"substr({left}, 1, i) = substr({right}, 1, i) AND ("
        f"substr({left}, i + 2) = substr({right}, i + 2) OR substr({left}, i + 2) = substr({right}, i + 1) OR "
        f"substr({left}, i + 1) = substr({right}, i + 2) OR ("
        f"substr({left}, i + 1, 2) = reverse(substr({right}, i + 1, 2)) AND "
        f"substr({left}, i + 3) = substr({right}, i + 3)))"
    )
    longest = f"greatest(length({left}), length({right}))"
    near = f"abs(length({left}) - length({right})) <= 1"
    # one slip leaves the first or the last of three characters alone: a cheap test before the dear one
    near += f" AND (substr({left}, 1, 1) = substr({right}, 1, 1) OR right({left}, 1) = right({right}, 1))"
    if dialect == "spark":
        return f"{near} AND exists(sequence(0, {longest} - 1), i -> {at})"
    return f"{near} AND len(list_filter(range(0, {longest}), lambda i: {at})) > 0"


def _dice(column: str, dialect: str) -> str:
    left, right = f"{column}_l", f"{column}_r"
    if dialect == "spark":  # filters are lists of whole numbers of 64 bits
        ones, sum_up = "x -> CAST(bit_count(x) AS INT)", "0, (one, more) -> one + more"
        common = f"aggregate(zip_with({left}, {right}, (x, y) -> CAST(bit_count(x & y) AS INT)), {sum_up})"
        one, two = (f"aggregate(transform({side}, {ones}), {sum_up})" for side in (left, right))
        return f"CAST(2 * {common} AS DOUBLE) / CAST(nullif({one} + {two}, 0) AS DOUBLE)"
    return f"2.0 * bit_count({left} & {right}) / nullif(bit_count({left}) + bit_count({right}), 0)"


def _overlap(column: str, dialect: str) -> str:
    left, right = f"{column}_l", f"{column}_r"
    if dialect == "spark":
        both, least = f"size(array_intersect({left}, {right}))", f"least(size({left}), size({right}))"
        return f"CAST({both} AS DOUBLE) / CAST(nullif({least}, 0) AS DOUBLE)"
    both = f"len(list_intersect({left}, {right}))"
    return f"{both} * 1.0 / nullif(least(len({left}), len({right})), 0)"
