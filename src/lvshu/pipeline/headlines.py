"""Headlines: each a sum over a table that the reader can open, with the interval of its estimate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from lvshu.catalog.pack_library import PackCard
from lvshu.contract import load
from lvshu.core.errors import EngineError, MethodError, Problem
from lvshu.core.money import half_away, total
from lvshu.core.text import read_catalogue
from lvshu.core.units import convert, factor
from lvshu.engine.duckdb import DuckDB, quote, text_literal

TABLE = "headline"


@dataclass(frozen=True)
class HeadlineDefinition:
    """What a headline is: the sum of `value` over the rows of `table` that meet `where`, maybe over another.

    `unit` is the headline's own; what stands in another unit of the same dimension is converted to it.
    """

    code: str
    wing: str
    zh: str
    en: str
    table: str
    value: str
    unit: str
    where: str = ""
    sentence_zh: str = ""
    sentence_en: str = ""
    display_unit: str = ""
    method: str = ""
    denominator_table: str = ""
    denominator_value: str = ""
    denominator_where: str = ""
    position: int = 0
    partial_packs: tuple[str, ...] = ()
    """Packs whose incompleteness makes this figure incomplete."""
    partial_findings: tuple[str, ...] = ()
    """Findings that make this figure incomplete: a code, or code | key for those of one record alone."""
    empty_zh: str = ""
    """What it means when the table is there and the figure is not, in Chinese."""
    empty_en: str = ""
    empty_findings: tuple[str, ...] = ()
    """Findings that say why this figure is not there: the first of them is the reason."""

    @property
    def sql(self) -> str:
        """Return the SELECT that gives the headline's value (of its numerator, when it is a ratio)."""
        return _sum_sql(self.table, self.value, self.where)

    @property
    def denominator_sql(self) -> str:
        """Return the SELECT that gives the denominator; empty when the headline is no ratio."""
        if not self.denominator_table:
            return ""
        return _sum_sql(self.denominator_table, self.denominator_value, self.denominator_where)

    def label(self, language: str) -> str:
        """Return the headline's name."""
        return self.zh if language == "zh" else self.en


def _sum_sql(table: str, value: str, where: str) -> str:
    stated, what = (
        _unit_column(table, value),
        f"sum({quote(value)}) AS value, count({quote(value)}) AS records",
    )
    condition = f" WHERE {where}" if where else ""
    if not stated:
        return f"SELECT {what} FROM {quote(table)}{condition}"
    return f"SELECT {what}, {quote(stated)} AS unit FROM {quote(table)}{condition} GROUP BY {quote(stated)}"


def _unit_column(table: str, value: str) -> str:
    """Return the column in which each row states the unit of its value; empty where all have the same."""
    stated = load(table).column(value).unit
    return stated.removeprefix("column:") if stated.startswith("column:") else ""


@cache
def definitions() -> tuple[HeadlineDefinition, ...]:
    """Return every headline's definition, wing by wing, in the order of the files.

    Raises:
        EngineError: a definition has an unknown key, or a code comes twice.
    """
    found: list[HeadlineDefinition] = []
    problems = []
    for content in read_catalogue("headlines").values():
        for raw in content.get("headline", ()):
            unknown = sorted(set(raw) - set(HeadlineDefinition.__dataclass_fields__))
            if unknown or raw["code"] in {one.code for one in found}:
                values = {"headline": raw.get("code"), "keys": unknown or ["code"]}
                problems.append(Problem("pipeline.headline_definition", values=values))
                continue
            packs = tuple(raw.get("partial_packs", ()))
            findings = tuple(raw.get("partial_findings", ()))
            lists = {"partial_packs": packs, "partial_findings": findings}
            lists["empty_findings"] = tuple(raw.get("empty_findings", ()))
            found.append(HeadlineDefinition(**{"position": len(found) + 1, **raw, **lists}))
    if problems:
        raise EngineError(*problems)
    return tuple(sorted(found, key=lambda one: one.position))


def compute(
    engine: DuckDB,
    wanted: Iterable[HeadlineDefinition],
    *,
    empty_because: Mapping[str, Problem],
    placeholders: Mapping[str, Sequence[PackCard]],
    incomplete: Mapping[str, PackCard],
) -> list[dict[str, Any]]:
    """Return the rows of the table `headline`.

    Args:
        engine: holds the book.
        wanted: definitions.
        empty_because: table -> why its step was skipped.
        placeholders: table -> packs of its step that are only placeholders.
        incomplete: pack id -> card, of the packs that are not complete.
    """
    rows = []
    told = _findings(engine)
    for one in wanted:
        value, reason = _value(engine, one, empty_because)
        status = "not_covered" if value is None else "available"
        without = [what for code in one.empty_findings for what in told.get(code, ())]
        if value is None and without:
            reason = Problem("pipeline.headline_empty", values={"reason": without[0], "table": one.table})
        lacking = [incomplete[pack] for pack in one.partial_packs if pack in incomplete]
        lacking += [card for card in placeholders.get(one.table, ()) if card not in lacking]
        if value is not None and lacking:
            packs = [{"zh": card.zh, "en": card.en} for card in lacking]
            status, reason = "partial", Problem("pipeline.packs_incomplete", values={"packs": packs})
        upset = [what for code in one.partial_findings for what in told.get(code, ())]
        if value is not None and upset:
            values = {"count": len(upset), "first": upset[0]}
            status, reason = "partial", Problem("pipeline.findings_partial", values=values)
        rows.append(
            {**_described(one), **_uncertainty(engine, one, value), **_standing(status, value, reason)}
        )
    return rows


def _findings(engine: DuckDB) -> dict[str, list[dict[str, str]]]:
    """Code of a finding, and code | key of it -> what each such finding says."""
    found: dict[str, list[dict[str, str]]] = {}
    if engine.has("finding"):
        rows = engine.execute(
            "SELECT code, record_key, what_zh, what_en FROM finding ORDER BY code, record_key, what_en"
        )
        for code, key, zh, en in rows:
            for name in (str(code), f"{code} | {key}"):
                found.setdefault(name, []).append({"zh": str(zh), "en": str(en)})
    return found


def _value(
    engine: DuckDB, one: HeadlineDefinition, empty_because: Mapping[str, Problem]
) -> tuple[Decimal | None, Problem | None]:
    parts: list[Decimal] = []
    # the parts of a ratio are told in the same unit: what the first one stands in, whichever it is
    wanted = "" if one.denominator_table else one.unit
    asked = [
        (one.table, one.value, one.sql),
        (one.denominator_table, one.denominator_value, one.denominator_sql),
    ]
    for table, column, sql in asked:
        if not sql:
            continue
        totals = _totals(engine, one, table, column, sql) if engine.has(table) else {}
        if not totals:
            return None, empty_because.get(table, _empty(one, table))
        wanted = wanted or next(iter(totals))
        try:
            parts.append(total(convert(amount, stated, wanted) for stated, amount in totals.items()))
        except MethodError:  # rows in a unit of another dimension, or of none
            contract = load(table)
            values = {
                "table": {"zh": contract.zh, "en": contract.en},
                "stated": ", ".join(totals),
                "wanted": wanted,
            }
            return None, Problem("pipeline.headline_unit", values=values)
    if len(parts) == 1:
        return half_away(parts[0], 6), None
    if parts[1] == 0:
        return None, Problem("pipeline.zero_denominator", values={"table": one.denominator_table})
    scale = 100 if one.unit == "%" else 1
    return half_away(parts[0] * scale / parts[1], 6), None


def _empty(one: HeadlineDefinition, table: str) -> Problem:
    if one.empty_zh:
        reason = {"zh": one.empty_zh, "en": one.empty_en}
        return Problem("pipeline.headline_empty", values={"reason": reason, "table": table})
    contract = load(table)
    values = {"table": table, "label": {"zh": contract.zh, "en": contract.en}}
    return Problem("pipeline.no_rows", values=values)


def _totals(engine: DuckDB, one: HeadlineDefinition, table: str, column: str, sql: str) -> dict[str, Decimal]:
    """Return the sum of the rows in each unit; none where there is no value."""
    found: dict[str, Decimal] = {}
    contract = load(table).column(column)
    for value, records, *stated in sorted(engine.execute(sql, table=table), key=lambda row: str(row[2:])):
        if value is None:
            continue
        if records > 1 and contract.sql_type == "DOUBLE":
            values = {"headline": one.code, "table": table, "column": column}
            raise EngineError(Problem("pipeline.headline_not_exact", values=values))
        amount = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        found[str(stated[0]) if stated else contract.unit or one.unit] = amount
    return found


def _described(one: HeadlineDefinition) -> dict[str, Any]:
    return {
        "code": one.code,
        "wing": one.wing,
        "position": one.position,
        "label_zh": one.zh,
        "label_en": one.en,
        "sentence_zh": one.sentence_zh or None,
        "sentence_en": one.sentence_en or None,
        "unit": one.unit,
        "display_unit": one.display_unit or one.unit,
        "method": one.method or None,
        "table_name": one.table,
        "filter": one.where or None,
        "query": f"{one.sql}\n-- divided by\n{one.denominator_sql}" if one.denominator_sql else one.sql,
    }


def _uncertainty(engine: DuckDB, one: HeadlineDefinition, value: Decimal | None) -> dict[str, Any]:
    """Return the columns of a headline that its row of `uncertainty` gives, in the headline's unit."""
    names = ("unit", "standard_error", "low", "high", "coverage", "method", "scope_zh", "scope_en")
    rows: Sequence[tuple[Any, ...]] = ()
    if value is not None:
        indicator = text_literal(one.code)
        rows = engine.execute(f"SELECT {', '.join(names)} FROM uncertainty WHERE indicator = {indicator}")
    if len(rows) > 1:
        raise EngineError(Problem("pipeline.two_uncertainties", values={"headline": one.code}))
    found: dict[str, Any] = dict(zip(names, rows[0], strict=True)) if rows else dict.fromkeys(names)
    scale = float(factor(found["unit"], one.unit)) if found["unit"] else 1.0
    scaled = {
        name: None if found[name] is None else found[name] * scale
        for name in ("standard_error", "low", "high")
    }
    return {
        **scaled,
        "coverage": found["coverage"],
        "uncertainty_method": found["method"],
        "uncertainty_scope_zh": found["scope_zh"],
        "uncertainty_scope_en": found["scope_en"],
    }


def _standing(status: str, value: Decimal | None, reason: Problem | None) -> dict[str, Any]:
    return {
        "value": value,
        "status": status,
        "reason_zh": reason.what("zh") if reason else None,
        "reason_en": reason.what("en") if reason else None,
    }


def write(engine: DuckDB, rows: Sequence[Mapping[str, Any]]) -> None:
    """Fill the table `headline`."""
    contract = load(TABLE)
    engine.create(contract, replace=True)
    if rows:
        engine.append(contract, {name: [row.get(name) for row in rows] for name in contract.column_names})
